"use strict";
// Arranges the data of the run. Text is only ever set as text.
const data = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "click") element.addEventListener("click", value);
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
  return element;
}
const link = (view, text) => make("a", { href: "#" + view.map(encodeURIComponent).join("/") }, text);
const table = (attributes, heads, rows) =>
  make("table", attributes, make("thead", {}, make("tr", {}, heads.map(head => make("th", { scope: "col" }, head)))), make("tbody", {}, rows));
const grouped = number => number === null || number === undefined ? "" : String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const seconds = number => number === null || number === undefined ? "" : number.toFixed(2) + " s";
const expectation = one => one.expected === "violated" ? "must be violated" : "holds";

function header() {
  const top = document.getElementById("top");
  top.append(
    make("h1", {}, data.title),
    make("p", { class: "headline" }, data.headline),
    data.promise ? make("p", { class: "promise" }, data.promise) : null || "",
    make("ul", { class: "counts" }, data.counts.map(([name, number]) => make("li", {}, grouped(number) + " " + name))),
    make("p", { class: "faint" }, "Interlock " + data.version + ", interlock " + data.command + ", exit code " + data.exitCode +
      (data.recordedIn ? ", recorded in " + data.recordedIn : "")),
    make("nav", { "aria-label": "Sections" }, link([], "Strength"), link(["coverage"], "Coverage"), data.graphs.length ? link(["graph"], "State graphs") : null, link(["timing"], "Timing"), link(["rest"], "Gaps and suppressions")));
}

function row(one) {
  return make("tr", { class: one.weight },
    make("td", { class: "strength" }, one.strength),
    make("td", {}, link(["property", one.property], one.property)),
    make("td", {}, one.model),
    make("td", {}, expectation(one)),
    make("td", { class: "wide" }, one.detail + " ", one.counterexample === null ? "" : link(["behavior", one.counterexample], "behavior")));
}

function strength() {
  const body = make("tbody");
  const fill = text => {
    const wanted = one => [one.property, one.model, one.strength, one.detail].join(" ").toLowerCase().includes(text.toLowerCase());
    body.replaceChildren(...data.obligations.filter(wanted).map(row));
  };
  const search = make("input", { type: "search", placeholder: "Filter by property, model, verdict", "aria-label": "Filter" });
  search.addEventListener("input", () => fill(search.value));
  fill("");
  const heads = ["Verdict", "Property", "Model", "Expected", ""].map(head => make("th", { scope: "col" }, head));
  main.append(make("h2", {}, "Strength, weakest first"), search,
    make("table", { class: "stack", id: "strength" }, make("thead", {}, make("tr", {}, heads)), body));
}

function property(id) {
  const known = data.properties.find(one => one.id === id);
  main.append(make("h2", {}, id), known ? make("p", {}, known.statement + " (" + known.kind + ")") : "");
  for (const one of data.obligations.filter(one => one.property === id)) {
    main.append(make("section", { class: "card " + one.weight },
      make("h3", {}, make("span", { class: "strength" }, one.strength), " in " + one.model + ", " + expectation(one)),
      make("p", {}, one.detail, one.counterexample === null ? "" : make("span", {}, " ", link(["behavior", one.counterexample], "Step through the behavior"))),
      make("p", { class: "promise" }, one.promise),
      one.remedy ? make("p", {}, "Remedy: " + one.remedy) : "",
      one.place ? make("p", { class: "place" }, one.name + " at " + one.place) : "",
      one.constants.length ? make("p", {}, "Instance: ", make("code", {}, one.constants.join(", "))) : "",
      one.remarks.map(text => make("p", {}, "Note: " + text)),
      one.findings.map(finding => make("div", { class: "found" }, make("strong", {}, finding.title), make("p", {}, finding.message),
        make("p", { class: "place" }, finding.place), finding.related.map(text => make("p", { class: "place" }, text)), finding.fix ? make("p", {}, "Remedy: " + finding.fix) : "")),
      make("details", {}, make("summary", {}, "Inputs and tools"),
        one.inputs.map(input => make("p", { class: "place" }, input.path + " " + input.hash)),
        Object.entries(one.tools).map(([name, version]) => make("p", { class: "place" }, name + ": " + version)))));
  }
  if (data.history.length) {
    main.append(make("h3", {}, "Over the runs"), table({}, ["Run", "Started (UTC)", "Verdicts"], data.history.map(past => {
      const found = past.verdicts.filter(([name]) => name === id);
      const words = found.map(([, model, word, met]) => (met ? "✓ " : "✗ ") + word + " in " + model);
      return make("tr", {}, make("td", {}, String(past.run)), make("td", {}, past.started), make("td", {}, words.join("; ") || "not checked"));
    })));
  }
}

let steering = null;

function behavior(index) {
  const one = data.counterexamples[index];
  const lanes = ["no thread", ...one.lanes];
  main.append(make("h2", {}, one.property + " is violated in " + one.model + (one.expected ? ", as expected" : "")));
  const list = make("div", { class: "lanes", role: "list" });
  list.style.gridTemplateColumns = "repeat(" + lanes.length + ", minmax(0, 1fr))";
  lanes.forEach((name, column) => {
    const cell = make("div", { class: "lane" }, name);
    cell.style.gridColumn = column + 1;
    cell.style.gridRow = 1;
    list.append(cell);
  });
  const buttons = one.steps.map((step, number) => {
    const column = step.lane === null ? 0 : step.lane + 1;
    const button = make("button", { class: "step", type: "button", click: () => select(number) },
      make("span", { class: "thread" }, step.lane === null ? "" : lanes[column]),
      make("strong", {}, (number + 1) + ". " + step.action),
      step.changes.map(([path, before, after]) => make("span", { class: "change" },
        path + ": " + (before === "" ? "new " : before + " → ") + (after === "" ? "gone" : after))));
    const cell = make("div", { role: "listitem" }, button);
    cell.style.gridColumn = column + 1;
    cell.style.gridRow = number + 2;
    list.append(cell);
    return button;
  });
  const state = make("aside", { class: "state card", "aria-live": "polite", "aria-label": "State" });
  let current = 0;
  function select(number) {
    current = Math.max(0, Math.min(one.steps.length - 1, number));
    buttons.forEach((button, other) => other === current ? button.setAttribute("aria-current", "step") : button.removeAttribute("aria-current"));
    const step = one.steps[current];
    const touches = name => step.changes.some(([path]) => path === name || path.startsWith(name + "[") || path.startsWith(name + "."));
    state.replaceChildren(
      make("h3", {}, "State " + (current + 1) + " of " + one.steps.length),
      make("p", {}, step.action, " ", make("span", { class: "place" }, step.place || "")),
      table({}, ["Variable", "Value"], step.state.map(([name, value]) => make("tr", touches(name) ? { class: "changed" } : {},
        make("td", { class: "value" }, name), make("td", { class: "value" }, value)))));
    buttons[current].scrollIntoView({ block: "nearest" });
    watch();
  }
  const context = Expression.contextOf(one.steps, at => at + 1 < one.steps.length ? at + 1 : one.next);
  const asked = make("input", { type: "text", id: "expression", spellcheck: "false", autocomplete: "off", placeholder: "pc[w1] = \"sleep\" => mask' # {}" });
  const answers = make("div", { id: "answers", "aria-live": "polite" });
  function watch() {
    answers.replaceChildren();
    if (!asked.value.trim()) return;
    let node;
    try { node = Expression.parse(asked.value); } catch (problem) { answers.append(make("p", { class: "problem" }, problem.message)); return; }
    let before = null;
    answers.append(table({}, ["State", "Value"], one.steps.map((_, number) => {
      let text, known = true;
      try { text = Expression.show(Expression.evaluate(node, context, number)); } catch (problem) { text = problem.message; known = false; }
      const line = make("tr", { class: [number === current ? "current" : "", known && before !== null && text !== before ? "changed" : ""].join(" ") },
        make("td", { class: "figure" }, make("button", { type: "button", class: "jump", "aria-label": "Go to state " + (number + 1), click: () => select(number) }, String(number + 1))),
        make("td", { class: known ? "value" : "problem" }, text));
      before = known ? text : null;
      return line;
    })));
  }
  asked.addEventListener("input", watch);
  steering = event => {
    const moves = { ArrowRight: current + 1, ArrowDown: current + 1, ArrowLeft: current - 1, ArrowUp: current - 1, Home: 0, End: one.steps.length - 1 };
    if (event.key === "Escape") location.hash = "";
    else if (event.key in moves) { select(moves[event.key]); event.preventDefault(); }
  };
  const steer = (text, move) => make("button", { type: "button", click: () => select(move()) }, text);
  main.append(
    make("p", { class: "steering" }, steer("← Back", () => current - 1), steer("Next →", () => current + 1)),
    make("p", { class: "keys" }, "Arrow keys step, Home and End jump, Escape goes back to the table."),
    make("div", { class: "trace" }, make("div", {}, list, one.ending ? make("p", {}, "… " + one.ending) : ""), state));
  if (one.false.length) {
    main.append(make("h3", {}, "What is false"));
    for (const part of one.false) {
      main.append(make("div", { class: "card" }, make("code", {}, part.text),
        make("p", { class: "place" }, part.place + (part.bindings.length ? ", for " + part.bindings.join(", ") : "")),
        part.values.map(([text, value]) => make("p", { class: "value" }, text + " = " + value))));
    }
  }
  main.append(make("h3", {}, make("label", { for: "expression" }, "An expression in every state")),
    make("p", { class: "keys" }, "Variables, model values that occur, and the operators of TLA+ that need no definition; x' is the value in the next state. Nothing that is shown elsewhere rests on it."),
    asked, answers);
  if (pictured(one.model)) main.append(make("p", {}, link(["graph", one.model, String(index)], "The behavior in the state graph")));
  if (one.replay) main.append(make("p", {}, "To replay it: ", make("code", {}, one.replay)));
  select(0);
}

function coverage() {
  main.append(make("h2", {}, "Coverage by action"));
  if (!data.coverage.length) main.append(make("p", {}, "No search of this run counted its actions."));
  for (const model of data.coverage) {
    const most = Math.max(1, ...model.actions.map(action => action.generated));
    const bar = action => {
      const line = make("span", { class: "bar" });
      line.style.width = (100 * action.generated / most) + "%";
      return line;
    };
    main.append(make("h3", {}, model.model),
      make("p", { class: "faint" }, grouped(model.distinct) + " distinct states, " + grouped(model.generated) + " generated, depth " + model.depth +
        ", by " + model.evaluator + (model.complete ? "" : "; the search ended before all states were expanded")),
      table({}, ["Action", "Generated", "New", ""], model.actions.map(action => make("tr", {},
        make("td", {}, action.name, " ", make("span", { class: "place" }, action.place || "")),
        make("td", { class: "figure" }, action.generated === 0 ? make("span", { class: "never" }, "never fired") : grouped(action.generated)),
        make("td", { class: "figure" }, grouped(action.distinct)),
        make("td", { style: null, width: "30%" }, bar(action))))));
  }
}

const pictured = model => data.graphs.find(one => one.model === model && one.picture);

function graphs() {
  main.append(make("h2", {}, "State graphs"));
  main.append(table({}, ["Model", "Distinct states", ""], data.graphs.map(one => make("tr", {},
    make("td", {}, one.picture ? link(["graph", one.model], one.model) : one.model),
    make("td", { class: "figure" }, grouped(one.distinct)),
    make("td", { class: "wide" }, one.picture ? one.picture.nodes.length + " states and " + one.picture.edges.length + " edges drawn" + (one.complete ? "" : "; the search ended before all states were expanded")
      : make("span", {}, "not drawn: " + one.reason + ". To have it in a file: ", make("code", {}, one.dump)))))));
}

function graph(model, wanted) {
  const one = pictured(model), picture = one.picture;
  main.append(make("h2", {}, "State graph of " + model),
    make("p", { class: "faint" }, picture.nodes.length + " states, layer by layer from the initial ones; an edge stands for all steps between two states" +
      (one.complete ? "." : ". The search ended before all states were expanded, so states at the end may have steps that are not shown.")));
  const panel = make("aside", { class: "state card", "aria-live": "polite", "aria-label": "State" });
  const steps = (title, edges, end) => edges.length ? [make("h4", {}, title), make("ul", { class: "steps" }, edges.map(edge =>
    make("li", {}, make("button", { type: "button", class: "jump", click: () => view.choose(edge[end]) }, edge.label + (end === "to" ? " → " : " ← ") + "state " + (edge[end] + 1)))))] : [];
  let path = null, place = 0;
  const view = Graph.show(picture, "State graph of " + model, number => {
    const node = picture.nodes[number];
    panel.replaceChildren(make("h3", {}, "State " + (number + 1) + (node.initial ? ", initial" : "")),
      table({}, ["Variable", "Value"], node.state.map(([name, value]) => make("tr", {}, make("td", { class: "value" }, name), make("td", { class: "value" }, value)))),
      ...steps("Steps from here", picture.edges.filter(edge => edge.from === number), "to"),
      ...steps("Steps to here", picture.edges.filter(edge => edge.to === number && edge.from !== number), "from"));
  });
  const choices = picture.paths.map(candidate => {
    const behavior = data.counterexamples[candidate.counterexample];
    return make("button", { type: "button", class: "choice", "aria-pressed": "false", click: () => take(path === candidate ? null : candidate) }, behavior.property);
  });
  const told = make("p", { class: "keys", "aria-live": "polite" });
  function take(candidate) {
    path = candidate;
    place = 0;
    view.mark(path);
    choices.forEach((button, index) => button.setAttribute("aria-pressed", String(picture.paths[index] === path)));
    along(0);
  }
  function along(move) {
    if (!path) { told.textContent = ""; return; }
    place = Math.max(0, Math.min(path.nodes.length - 1, place + move));
    const node = path.nodes[place], missing = path.nodes.filter(one => one === null).length;
    told.replaceChildren("Step " + (place + 1) + " of " + path.nodes.length + " of the behavior" + (node === null ? ", a state that is not in the picture" : "") +
      (missing ? "; " + missing + " of its states are not in the picture (a symmetry or a view may stand behind that)" : "") + ". ", link(["behavior", String(path.counterexample)], "Its lanes"));
    if (node !== null) view.choose(node);
  }
  const steer = (text, move) => make("button", { type: "button", click: () => along(move) }, text);
  if (choices.length) main.append(make("p", { class: "steering" }, "Behaviors that break ", choices), make("p", { class: "steering" }, steer("← Back", -1), steer("Next →", 1)), told);
  main.append(make("p", { class: "keys" }, "Arrow keys go from state to state, Home and End to the first and last" + (choices.length ? ", p and n along the marked behavior" : "") + ", Escape back to the table."),
    make("div", { class: "trace graphs" }, make("div", { class: "canvas", tabindex: "0", role: "region", "aria-label": "Picture, scrolls" }, view.svg), panel));
  steering = event => {
    if (event.key === "Escape") location.hash = "";
    else if ((event.key === "n" || event.key === "p") && path) along(event.key === "n" ? 1 : -1);
    else {
      const next = view.neighbour(event.key);
      if (next === undefined) return;
      view.choose(next);
      event.preventDefault();
    }
  };
  view.choose(0, true);
  const first = picture.paths.find(candidate => String(candidate.counterexample) === wanted) || picture.paths[0];
  if (first) { take(first); scrollTo(0, 0); }
}

function timing() {
  const models = new Map();
  data.obligations.forEach(one => { if (one.seconds !== null && one.seconds !== undefined) models.set(one.model, one.seconds); });
  const all = [...models].sort((a, b) => b[1] - a[1]);
  const most = Math.max(0.001, ...all.map(([, time]) => time));
  main.append(make("h2", {}, "Timing"), make("p", { class: "faint" }, "The whole run took " + seconds(data.seconds) + "; by model:"),
    table({}, ["Model", "Time", ""], all.map(([model, time]) => {
      const bar = make("span", { class: "bar" });
      bar.style.width = (100 * time / most) + "%";
      return make("tr", {}, make("td", {}, model), make("td", { class: "figure" }, seconds(time)), make("td", { width: "50%" }, bar));
    })));
  if (data.scaling.length) {
    main.append(make("h3", {}, "Throughput by threads"),
      Plot.scaling("Operations per second over threads; dashed, as many times the first as there are threads", data.scaling),
      table({}, ["Threads", "Operations/s", "Times the first"], data.scaling.map(([threads, rate]) => make("tr", {},
        make("td", {}, String(threads)), make("td", { class: "figure" }, Math.round(rate).toLocaleString("en")),
        make("td", { class: "figure" }, (rate / Math.max(data.scaling[0][1], 1e-9)).toFixed(2))))));
  }
  if (data.history.length > 1) {
    const runs = data.history.map(past => past.run);
    main.append(make("h3", {}, "Over the runs"),
      Plot.lines("Time in seconds", runs, data.history.map(past => past.seconds)),
      Plot.lines("Distinct states", runs, data.history.map(past => past.states)),
      Plot.shares("Obligations by strength, weakest below", runs, data.history.map(past => past.verdicts.map(one => one[2] === "Refuted" && one[3] ? "Expected" : one[2]))),
      table({}, ["Run", "Started (UTC)", "Time", "Met"], data.history.map(past => make("tr", {},
      make("td", {}, String(past.run)), make("td", {}, past.started), make("td", { class: "figure" }, seconds(past.seconds)),
      make("td", {}, past.verdicts.filter(one => one[3]).length + " of " + past.verdicts.length)))));
  }
}

function rest() {
  const list = (title, lines) => main.append(make("h2", {}, title + " (" + lines.length + ")"), make("ul", {}, lines.map(text => make("li", {}, text))));
  list("Properties without evidence", data.gaps.map(gap => gap.property + ": " + gap.statement + " (" + gap.reason + ")"));
  list("Suppressions", data.suppressions);
  list("Warnings", data.warnings);
}

function show() {
  const [view, argument, more] = location.hash.slice(1).split("/").map(decodeURIComponent);
  main.replaceChildren();
  steering = null;
  if (view === "property") property(argument);
  else if (view === "behavior" && data.counterexamples[argument]) behavior(argument);
  else if (view === "coverage") coverage();
  else if (view === "graph") pictured(argument) ? graph(argument, more) : graphs();
  else if (view === "timing") timing();
  else if (view === "rest") rest();
  else strength();
}
addEventListener("hashchange", () => { show(); scrollTo(0, 0); main.focus({ preventScroll: true }); });
addEventListener("keydown", event => {
  const typing = event.target instanceof HTMLInputElement;
  if (steering && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) steering(event);
});
header();
show();
