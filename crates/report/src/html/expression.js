// Expressions over the states of a behavior: the part of TLA+ that needs no definitions. Nothing rests on what is said
// here; verdicts come from the engines. A name that is neither a variable of the state, nor bound, nor a model value that
// the behavior shows is an error and never guessed. Values of states are read with the same parser, as they are printed.
const Expression = (() => {
  class Problem extends Error {}
  const fail = text => { throw new Problem(text); };

  // Values: {k: "int", v: BigInt}, {k: "bool"}, {k: "str"}, {k: "model"}, {k: "set", m: key → value},
  // {k: "fun", m: key → [argument, value]}. Sequences, tuples and records are functions. Equal values have equal keys.
  const int = v => ({ k: "int", v: BigInt(v) }), bool = v => ({ k: "bool", v }), str = v => ({ k: "str", v });
  const key = value => {
    if (value.k === "set") return "{" + [...value.m.keys()].sort().join(",") + "}";
    if (value.k === "fun") return "(" + [...value.m].map(([name, pair]) => name + ":" + key(pair[1])).sort().join(",") + ")";
    return value.k + JSON.stringify(String(value.v));
  };
  const set = values => ({ k: "set", m: new Map(values.map(value => [key(value), value])) });
  const fun = pairs => ({ k: "fun", m: new Map(pairs.map(pair => [key(pair[0]), pair])) });
  const sequence = values => fun(values.map((value, index) => [int(index + 1), value]));
  const want = (value, kind) => value.k === kind ? value : fail("expected " + { int: "a number", bool: "TRUE or FALSE", set: "a set", fun: "a function, sequence or record" }[kind] + ", not " + show(value));
  const elements = value => [...want(value, "set").m.values()];
  const length = value => {
    const size = want(value, "fun").m.size;
    for (let index = 1; index <= size; index++) if (!value.m.has(key(int(index)))) fail(show(value) + " is no sequence");
    return size;
  };
  const item = (value, index) => value.m.get(key(int(index)))[1];

  const order = (a, b) => a.k === "int" && b.k === "int" ? (a.v < b.v ? -1 : a.v > b.v ? 1 : 0) : key(a) < key(b) ? -1 : 1;
  function show(value) {
    if (value.k === "bool") return value.v ? "TRUE" : "FALSE";
    if (value.k === "str") return JSON.stringify(value.v);
    if (value.k === "set") return "{" + [...value.m.values()].sort(order).map(show).join(", ") + "}";
    if (value.k !== "fun") return String(value.v);
    const pairs = [...value.m.values()].sort((a, b) => order(a[0], b[0]));
    if (pairs.every(([argument], index) => argument.k === "int" && argument.v === BigInt(index + 1))) return "<<" + pairs.map(pair => show(pair[1])).join(", ") + ">>";
    if (pairs.every(([argument]) => argument.k === "str")) return "[" + pairs.map(([argument, result]) => argument.v + " |-> " + show(result)).join(", ") + "]";
    return "(" + pairs.map(([argument, result]) => show(argument) + " :> " + show(result)).join(" @@ ") + ")";
  }

  const SIGNS = ["<=>", "|->", "=>", "<=", "=<", ">=", "/\\", "\\/", "..", "@@", ":>", "<<", ">>", "/=", "(", ")", "[", "]", "{", "}", ",", ":", "=", "#", "<", ">", "+", "-", "*", "%", "~", "'", "."];
  function scan(text) {
    const tokens = [];
    let at = 0;
    while (at < text.length) {
      const rest = text.slice(at);
      const blank = /^\s+/.exec(rest);
      if (blank) { at += blank[0].length; continue; }
      const found = /^"(?:[^"\\]|\\.)*"/.exec(rest) || /^[0-9]+/.exec(rest) || /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest) || (!rest.startsWith("\\/") && /^\\[A-Za-z]*/.exec(rest));
      const sign = found ? found[0] : SIGNS.find(one => rest.startsWith(one)) || fail("cannot read " + rest[0]);
      tokens.push(sign);
      at += sign.length;
    }
    return tokens;
  }

  // Binary operators: binding strength, and whether they associate to the left.
  const BINARY = {
    "=>": [1], "<=>": [2], "\\/": [3, true], "/\\": [3, true], "=": [5], "#": [5], "/=": [5], "<": [5], "<=": [5], "=<": [5], ">": [5], ">=": [5],
    "\\leq": [5], "\\geq": [5], "\\in": [5], "\\notin": [5], "\\subseteq": [5], "@@": [6, true], ":>": [7], "\\": [8], "\\cup": [8, true], "\\union": [8, true], "\\cap": [8, true], "\\intersect": [8, true],
    "..": [9], "+": [10, true], "-": [11, true], "%": [10], "\\div": [13], "*": [13, true],
  };
  const CALLS = { Cardinality: 1, Len: 1, Head: 1, Tail: 1, Append: 2 };

  function parse(text) {
    const tokens = scan(text);
    let at = 0;
    const peek = () => tokens[at];
    const take = wanted => peek() === wanted ? tokens[at++] : fail("expected " + wanted + (peek() === undefined ? " at the end" : ", not " + peek()));
    const accept = wanted => peek() === wanted && (at++, true);
    const name = () => /^[A-Za-z_]/.test(peek() || "") ? tokens[at++] : fail("expected a name");
    const list = end => {
      const all = [];
      if (!accept(end)) { do all.push(expression(0)); while (accept(",")); take(end); }
      return all;
    };
    const bounds = () => {
      const all = [];
      do {
        const names = [name()];
        while (accept(",")) names.push(name());
        take("\\in");
        const from = expression(6);
        names.forEach(one => all.push([one, from]));
      } while (accept(","));
      return all;
    };
    function expression(least) {
      accept("/\\") || accept("\\/");
      let left = postfix(prefix());
      let last = null;
      while (BINARY[peek()] && BINARY[peek()][0] >= least) {
        const operator = tokens[at++];
        const [strength, associates] = BINARY[operator];
        if (last !== null && BINARY[last][0] === strength && (last !== operator || !associates)) fail("parentheses are needed between " + last + " and " + operator);
        left = { op: operator, args: [left, expression(strength + 1)] };
        last = operator;
      }
      return left;
    }
    function prefix() {
      const token = tokens[at++];
      if (token === undefined) fail("something is missing at the end");
      if (/^[0-9]/.test(token)) return { value: int(token) };
      if (token[0] === "\"") return { value: str(token.slice(1, -1).replace(/\\(.)/g, (_, c) => ({ n: "\n", t: "\t", r: "\r", f: "\f" })[c] || c)) };
      if (token === "TRUE" || token === "FALSE") return { value: bool(token === "TRUE") };
      if (token === "~" || token === "\\lnot") return { op: "~", args: [expression(4)] };
      if (token === "-") return { op: "negate", args: [expression(12)] };
      if (token === "DOMAIN") return { op: token, args: [expression(9)] };
      if (token === "UNION" || token === "SUBSET") return { op: token, args: [expression(8)] };
      if (token === "(") { const inner = expression(0); take(")"); return inner; }
      if (token === "<<") return { op: "<<>>", args: list(">>") };
      if (token === "\\A" || token === "\\E") { const over = bounds(); take(":"); return { op: token, bounds: over, body: expression(0) }; }
      if (token === "IF") { const test = expression(0); take("THEN"); const then = expression(0); take("ELSE"); return { op: "IF", args: [test, then, expression(0)] }; }
      if (token === "{") return braces();
      if (token === "[") return brackets();
      if (/^[A-Za-z_]/.test(token)) {
        if (!accept("(")) return { name: token };
        if (!(token in CALLS)) fail(token + " is not known here: the page has no definitions");
        const args = list(")");
        return args.length === CALLS[token] ? { op: token, args } : fail(token + " takes " + CALLS[token]);
      }
      return fail("cannot read " + token);
    }
    function braces() {
      if (accept("}")) return { op: "{}", args: [] };
      if (/^[A-Za-z_]/.test(peek() || "") && tokens[at + 1] === "\\in") {
        const start = at;
        const over = bounds();
        if (accept(":")) { const body = expression(0); take("}"); return over.length === 1 ? { op: "filter", bounds: over, body } : fail("one variable is expected"); }
        at = start;
      }
      const first = expression(0);
      if (accept(":")) { const over = bounds(); take("}"); return { op: "map", bounds: over, body: first }; }
      const args = [first];
      while (accept(",")) args.push(expression(0));
      take("}");
      return { op: "{}", args };
    }
    function brackets() {
      if (tokens[at + 1] === "|->") {
        const args = [];
        do { const field = name(); take("|->"); args.push([{ value: str(field) }, expression(0)]); } while (accept(","));
        take("]");
        return { op: "record", pairs: args };
      }
      const over = bounds();
      take("|->");
      const body = expression(0);
      take("]");
      return over.length === 1 ? { op: "function", bounds: over, body } : fail("one variable is expected");
    }
    function postfix(inner) {
      for (;;) {
        if (accept("[")) { const args = list("]"); inner = { op: "apply", args: [inner, args.length === 1 ? args[0] : { op: "<<>>", args }] }; }
        else if (accept(".")) inner = { op: "apply", args: [inner, { value: str(name()) }] };
        else if (accept("'")) inner = { op: "'", args: [inner] };
        else return inner;
      }
    }
    const whole = expression(0);
    return peek() === undefined ? whole : fail("cannot read " + peek());
  }

  // `context`: {states: [name → value], next: index → index or null, models: Set}.
  function evaluate(node, context, index) {
    let steps = 0;
    const truth = (node, at, bound) => want(run(node, at, bound), "bool").v;
    const each = (bounds, at, bound, visit) => {
      if (!bounds.length) return visit(bound);
      const [[name, from], ...rest] = bounds;
      for (const value of elements(run(from, at, bound))) if (each(rest, at, { ...bound, [name]: value }, visit)) return true;
      return false;
    };
    function run(node, at, bound) {
      if (++steps > 200000) fail("too much for this page");
      if (node.value) return node.value;
      if (node.name) {
        if (Object.hasOwn(bound, node.name)) return bound[node.name];
        if (context.states[at].has(node.name)) return context.states[at].get(node.name);
        if (context.models.has(node.name)) return { k: "model", v: node.name };
        fail(node.name + " is not known here: the page has variables and no definitions");
      }
      const value = number => run(node.args[number], at, bound);
      const whole = number => want(value(number), "int").v;
      switch (node.op) {
        case "~": return bool(!truth(node.args[0], at, bound));
        case "negate": return int(-whole(0));
        case "/\\": return bool(truth(node.args[0], at, bound) && truth(node.args[1], at, bound));
        case "\\/": return bool(truth(node.args[0], at, bound) || truth(node.args[1], at, bound));
        case "=>": return bool(!truth(node.args[0], at, bound) || truth(node.args[1], at, bound));
        case "<=>": return bool(truth(node.args[0], at, bound) === truth(node.args[1], at, bound));
        case "=": case "#": case "/=": {
          const [a, b] = [value(0), value(1)];
          if (a.k !== b.k && a.k !== "model" && b.k !== "model") fail(show(a) + " and " + show(b) + " cannot be compared");
          return bool((key(a) === key(b)) === (node.op === "="));
        }
        case "<": return bool(whole(0) < whole(1));
        case "<=": case "=<": case "\\leq": return bool(whole(0) <= whole(1));
        case ">": return bool(whole(0) > whole(1));
        case ">=": case "\\geq": return bool(whole(0) >= whole(1));
        case "+": return int(whole(0) + whole(1));
        case "-": return int(whole(0) - whole(1));
        case "*": return int(whole(0) * whole(1));
        case "\\div": case "%": {
          const [a, b] = [whole(0), whole(1)];
          if (b === 0n || (node.op === "%" && b < 0n)) fail("no result for " + b);
          const rest = a % b, below = rest !== 0n && (rest < 0n) !== (b < 0n);
          return int(node.op === "%" ? (below ? rest + b : rest) : a / b - (below ? 1n : 0n));
        }
        case "..": {
          const [low, high] = [whole(0), whole(1)], all = [];
          if (high - low > 100000n) fail("too much for this page");
          for (let number = low; number <= high; number++) all.push(int(number));
          return set(all);
        }
        case "\\in": return bool(want(value(1), "set").m.has(key(value(0))));
        case "\\notin": return bool(!want(value(1), "set").m.has(key(value(0))));
        case "\\subseteq": { const larger = want(value(1), "set").m; return bool([...want(value(0), "set").m.keys()].every(one => larger.has(one))); }
        case "\\cup": case "\\union": return set([...elements(value(0)), ...elements(value(1))]);
        case "\\cap": case "\\intersect": { const other = want(value(1), "set").m; return set(elements(value(0)).filter(one => other.has(key(one)))); }
        case "\\": { const other = want(value(1), "set").m; return set(elements(value(0)).filter(one => !other.has(key(one)))); }
        case "UNION": return set(elements(value(0)).flatMap(elements));
        case "SUBSET": {
          const all = elements(value(0));
          if (all.length > 12) fail("too much for this page");
          return set(Array.from({ length: 1 << all.length }, (_, bits) => set(all.filter((_, place) => bits >> place & 1))));
        }
        case "DOMAIN": return set([...want(value(0), "fun").m.values()].map(pair => pair[0]));
        case ":>": return fun([[value(0), value(1)]]);
        case "@@": { const [first, second] = [want(value(0), "fun"), want(value(1), "fun")]; return fun([...second.m.values(), ...first.m.values()]); }
        case "Cardinality": return int(elements(value(0)).length);
        case "Len": return int(length(value(0)));
        case "Head": { const all = value(0); return length(all) ? item(all, 1) : fail("an empty sequence has no head"); }
        case "Tail": { const all = value(0), size = length(all); return size ? sequence(Array.from({ length: size - 1 }, (_, place) => item(all, place + 2))) : fail("an empty sequence has no tail"); }
        case "Append": { const all = value(0), size = length(all); return sequence([...Array.from({ length: size }, (_, place) => item(all, place + 1)), value(1)]); }
        case "IF": return truth(node.args[0], at, bound) ? value(1) : value(2);
        case "{}": return set(node.args.map(one => run(one, at, bound)));
        case "<<>>": return sequence(node.args.map(one => run(one, at, bound)));
        case "record": return fun(node.pairs.map(pair => pair.map(one => run(one, at, bound))));
        case "apply": { const all = want(value(0), "fun"), argument = value(1), pair = all.m.get(key(argument)); return pair ? pair[1] : fail(show(argument) + " is not in the domain"); }
        case "'": { const next = context.next(at); return next === null ? fail("there is no next state") : run(node.args[0], next, bound); }
        case "\\A": return bool(!each(node.bounds, at, bound, inner => !truth(node.body, at, inner)));
        case "\\E": return bool(each(node.bounds, at, bound, inner => truth(node.body, at, inner)));
        case "filter": case "map": case "function": {
          const all = [];
          each(node.bounds, at, bound, inner => { all.push([inner[node.bounds[0][0]], run(node.body, at, inner)]); return false; });
          if (node.op === "function") return fun(all);
          return set(node.op === "map" ? all.map(pair => pair[1]) : all.filter(pair => want(pair[1], "bool").v).map(pair => pair[0]));
        }
        default: return fail("cannot evaluate " + node.op);
      }
    }
    return run(node, index, {});
  }

  // What a behavior shows: its states as values, and every model value in them. A value that cannot be read stays unknown.
  function contextOf(steps, next) {
    const models = new Set();
    const collect = node => {
      if (node.name) models.add(node.name);
      for (const part of [...(node.args || []), ...(node.pairs || []).flat()]) collect(part);
    };
    const parsed = steps.map(step => step.state.map(([name, text]) => {
      try { const node = parse(text); collect(node); return [name, node]; } catch { return [name, null]; }
    }));
    const states = parsed.map(() => new Map());
    const context = { states, models, next };
    parsed.forEach((variables, index) => {
      const values = variables.flatMap(([name, node]) => { try { return node ? [[name, evaluate(node, { states: [new Map()], models, next }, 0)]] : []; } catch { return []; } });
      values.forEach(([name, value]) => states[index].set(name, value));
    });
    return context;
  }

  return { parse, evaluate, contextOf, show, key };
})();
