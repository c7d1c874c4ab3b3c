// The state graph: boxes and curves at the places that the report decided.
const Graph = (() => {
  const draw = (name, attributes, text) => {
    const element = document.createElementNS("http:" + "//www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  // A triangle at the end of a curve, in the direction from its last control point.
  function head([, , [bx, by], [x, y]]) {
    const length = Math.hypot(x - bx, y - by) || 1, dx = (x - bx) / length, dy = (y - by) / length;
    const corner = side => (x - 9 * dx + side * 4 * dy).toFixed(1) + " " + (y - 9 * dy - side * 4 * dx).toFixed(1);
    return "M" + x + " " + y + "L" + corner(1) + "L" + corner(-1) + "Z";
  }
  const curve = ([a, b, c, d]) => "M" + a.join(" ") + "C" + [b, c, d].map(point => point.join(" ")).join(",");

  function edge(one, from, to) {
    const whole = draw("g", { class: one.forward ? "edge" : "edge back" });
    const anchor = one.from === one.to ? "start" : "middle";
    whole.append(draw("title", {}, from + " to " + to + ": " + one.label), draw("path", { class: "curve", d: curve(one.route) }),
      draw("path", { class: "head", d: head(one.route) }), draw("text", { x: one.at[0], y: one.at[1] + 4, "text-anchor": anchor }, one.label));
    return whole;
  }
  function node(one, number, choose) {
    const whole = draw("g", { class: one.initial ? "node initial" : "node", role: "button", tabindex: "-1", "aria-label": one.lines.join(", ") + (one.initial ? ", initial" : "") });
    whole.append(draw("rect", { x: one.x, y: one.y, width: one.w, height: one.h, rx: 5 }));
    one.lines.forEach((line, index) => whole.append(draw("text", { class: index === 0 ? "number" : "", x: one.x + 9, y: one.y + 17 + index * 15 }, line)));
    whole.append(draw("text", { class: "order", x: one.x + one.w - 8, y: one.y + 17, "text-anchor": "end" }, ""));
    whole.addEventListener("click", () => choose(number));
    return whole;
  }

  // The picture, and what its keys do. `chosen` is called with the number of the state that was chosen.
  function show(picture, label, chosen) {
    const svg = draw("svg", { class: picture.edges.length > 60 ? "graph busy" : "graph", viewBox: "0 0 " + picture.width + " " + picture.height, width: picture.width, height: picture.height, role: "group", "aria-label": label });
    const edges = picture.edges.map(one => edge(one, "state " + (one.from + 1), "state " + (one.to + 1)));
    const nodes = picture.nodes.map((one, number) => node(one, number, choose));
    svg.append(...edges, ...nodes);
    let current = 0;
    function choose(number, quietly) {
      current = number;
      nodes.forEach((one, other) => {
        one.classList.toggle("current", other === number);
        one.setAttribute("tabindex", other === number ? "0" : "-1");
        if (other === number) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
      });
      edges.forEach((one, index) => {
        const { from } = picture.edges[index];
        one.classList.toggle("leaving", from === number);
      });
      if (!quietly) { nodes[number].focus({ preventScroll: true }); nodes[number].scrollIntoView({ block: "nearest", inline: "nearest" }); }
      chosen(number);
    }
    function mark(path) {
      nodes.forEach((one, number) => {
        const places = path ? path.nodes.flatMap((node, index) => node === number ? [index + 1] : []) : [];
        one.classList.toggle("path", places.length > 0);
        one.querySelector(".order").textContent = places.length ? "▸" + places.join(", ") : "";
      });
      edges.forEach((one, index) => one.classList.toggle("path", Boolean(path) && path.edges.includes(index)));
    }
    // Down follows a step, up goes back, left and right stay in the layer; where nothing leads, the nearest box does.
    function neighbour(key) {
      const at = picture.nodes[current], middle = one => one.x + one.w / 2;
      const near = candidates => candidates.sort((a, b) => Math.abs(middle(picture.nodes[a]) - middle(at)) - Math.abs(middle(picture.nodes[b]) - middle(at)))[0];
      const layer = number => picture.nodes.flatMap((one, index) => one.layer === number ? [index] : []);
      if (key === "ArrowDown" || key === "ArrowUp") {
        const wanted = at.layer + (key === "ArrowDown" ? 1 : -1);
        const linked = picture.edges.flatMap(one => key === "ArrowDown" ? (one.from === current ? [one.to] : []) : (one.to === current ? [one.from] : [])).filter(one => picture.nodes[one].layer === wanted);
        return near(linked.length ? linked : layer(wanted));
      }
      if (key === "ArrowLeft" || key === "ArrowRight") {
        const beside = layer(at.layer).filter(one => key === "ArrowRight" ? picture.nodes[one].x > at.x : picture.nodes[one].x < at.x);
        return near(beside);
      }
      if (key === "Home") return 0;
      if (key === "End") return nodes.length - 1;
      return undefined;
    }
    return { svg, choose, mark, neighbour, at: () => current };
  }
  return { show };
})();
