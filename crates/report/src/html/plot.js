// Plots over the runs, drawn as SVG: a line for one figure, and the obligations of each run by strength.
const Plot = (() => {
  const WIDTH = 640, HEIGHT = 160, LEFT = 64, BOTTOM = 24, TOP = 10, RIGHT = 12;
  const STRENGTHS = ["Failed", "Refuted", "Vacuous", "Declined", "Assumed", "Tested", "Bounded", "Exhausted", "Proved", "Expected"];
  const word = strength => strength === "Expected" ? "Refuted as expected" : strength;
  const draw = (name, attributes, text) => {
    const element = document.createElementNS("http:" + "//www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const across = (index, count) => LEFT + (count === 1 ? 0.5 : index / (count - 1)) * (WIDTH - LEFT - RIGHT);
  const short = number => number >= 1e6 ? (number / 1e6).toFixed(1) + " M" : number >= 1e4 ? (number / 1e3).toFixed(0) + " k" : number >= 10 || Number.isInteger(number) ? number.toFixed(0) : number.toFixed(2);

  function frame(title, runs, most) {
    const picture = draw("svg", { viewBox: "0 0 " + WIDTH + " " + HEIGHT, role: "img", "aria-label": title + ", runs " + runs[0] + " to " + runs.at(-1) });
    picture.append(draw("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }),
      draw("line", { class: "axis", x1: LEFT, x2: LEFT, y1: TOP, y2: HEIGHT - BOTTOM }),
      draw("text", { x: LEFT - 6, y: TOP + 8, "text-anchor": "end" }, short(most)),
      draw("text", { x: LEFT - 6, y: HEIGHT - BOTTOM, "text-anchor": "end" }, "0"),
      draw("text", { x: LEFT, y: HEIGHT - 6 }, "run " + runs[0]),
      draw("text", { x: WIDTH - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, "run " + runs.at(-1)));
    return picture;
  }
  const figure = (title, picture, ...more) => {
    const whole = document.createElement("figure"), caption = document.createElement("figcaption");
    whole.className = "plot";
    caption.textContent = title;
    whole.append(caption, picture, ...more);
    return whole;
  };

  // Runs without the figure leave a hole in the line.
  function lines(title, runs, figures) {
    const known = figures.filter(number => number !== null && number !== undefined);
    const most = Math.max(...known, 0) || 1;
    const down = number => HEIGHT - BOTTOM - number / most * (HEIGHT - BOTTOM - TOP);
    const picture = frame(title, runs, most);
    let path = "", pen = "M";
    figures.forEach((number, index) => {
      if (number === null || number === undefined) { pen = "M"; return; }
      path += pen + across(index, runs.length).toFixed(1) + " " + down(number).toFixed(1);
      pen = "L";
      const dot = draw("circle", { class: "dot", cx: across(index, runs.length).toFixed(1), cy: down(number).toFixed(1), r: 3 });
      dot.append(draw("title", {}, "run " + runs[index] + ": " + short(number)));
      picture.append(dot);
    });
    picture.append(draw("path", { class: "line", d: path }));
    return figure(title, picture);
  }

  function shares(title, runs, strengths) {
    const most = Math.max(...strengths.map(all => all.length), 1);
    const picture = frame(title, runs, most);
    const room = (WIDTH - LEFT - RIGHT) / runs.length, bar = Math.max(1, Math.min(48, room * 0.8));
    const present = STRENGTHS.filter(strength => strengths.some(all => all.includes(strength)));
    strengths.forEach((all, index) => {
      let below = HEIGHT - BOTTOM;
      for (const strength of present) {
        const count = all.filter(one => one === strength).length, height = count / most * (HEIGHT - BOTTOM - TOP);
        if (!count) continue;
        below -= height;
        const part = draw("rect", { class: "share " + strength, x: (LEFT + room * (index + 0.5) - bar / 2).toFixed(1), y: below.toFixed(1), width: bar.toFixed(1), height: height.toFixed(1) });
        part.append(draw("title", {}, "run " + runs[index] + ": " + count + " " + word(strength)));
        picture.append(part);
      }
    });
    const legend = document.createElement("div");
    legend.className = "legend";
    for (const strength of present) {
      const entry = document.createElement("span"), swatch = document.createElement("span");
      swatch.className = "swatch " + strength;
      entry.append(swatch, word(strength));
      legend.append(entry);
    }
    return figure(title, picture, legend);
  }
  // Throughput over threads, both from zero, with the line on which each thread adds what the first one had.
  function scaling(title, points) {
    const threads = Math.max(...points.map(([count]) => count)), most = Math.max(...points.map(([, rate]) => rate), 1e-9) * 1.15;
    const x = count => LEFT + count / threads * (WIDTH - LEFT - RIGHT - 40), y = rate => HEIGHT - BOTTOM - rate / most * (HEIGHT - BOTTOM - TOP);
    const picture = draw("svg", { viewBox: "0 0 " + WIDTH + " " + HEIGHT, role: "img", "aria-label": title + ", " + points.map(([count, rate]) => count + ": " + short(rate)).join(", ") });
    picture.append(draw("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }),
      draw("line", { class: "axis", x1: LEFT, x2: LEFT, y1: TOP, y2: HEIGHT - BOTTOM }),
      draw("text", { x: LEFT - 6, y: TOP + 8, "text-anchor": "end" }, short(most)),
      draw("text", { x: LEFT - 6, y: HEIGHT - BOTTOM, "text-anchor": "end" }, "0"));
    const [first, rate] = points[0], end = Math.min(threads, most / rate * first);
    picture.append(draw("line", { class: "ideal", x1: LEFT, y1: HEIGHT - BOTTOM, x2: x(end).toFixed(1), y2: y(rate / first * end).toFixed(1) }),
      draw("path", { class: "line", d: points.map(([count, rate], index) => (index ? "L" : "M") + x(count).toFixed(1) + " " + y(rate).toFixed(1)).join("") }));
    for (const [count, rate] of points) {
      const dot = draw("circle", { class: "dot", cx: x(count).toFixed(1), cy: y(rate).toFixed(1), r: 3 });
      dot.append(draw("title", {}, count + (count === 1 ? " thread: " : " threads: ") + short(rate) + " operations/s"));
      picture.append(dot, draw("text", { x: x(count).toFixed(1), y: HEIGHT - 6, "text-anchor": "middle" }, String(count)));
    }
    return figure(title, picture);
  }
  return { lines, shares, scaling };
})();
