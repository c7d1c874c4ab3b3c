//! The page: what it holds, and what a browser makes of it.
//!
//! The second test needs a browser ([`crate::browser`]) and is skipped where there is none.

use crate::browser::Browser;
use crate::fixture;
use report::{PastRun, PastVerdict, RunReport, html};
use verdict::{ActionFigures, Explored, Strength};

fn report() -> RunReport {
    let action = |name: &str, generated| ActionFigures {
        name: name.to_owned(),
        place: Some(fixture::place("Pool.tla", 20, 1)),
        head: None,
        generated,
        distinct: generated / 2,
    };
    let explored = Explored {
        evaluator: "interpreter".to_owned(),
        not_compiled: None,
        generated: 7_981,
        distinct: Some(1_992),
        queue: 0,
        depth: 23,
        initial: 1,
        behaviors: None,
        seed: None,
        initial_complete: true,
        complete: true,
        ended_by_specification: false,
        outdegree: None,
        collision_bound: 0.0,
        init: None,
        actions: vec![action("Acquire", 600), action("Flush", 0)],
        temporal_parts: 0,
        coverage: None,
        graph: Some(Box::new(verdict::StateGraph::NotDrawn {
            reason: "more than 120 states".to_owned(),
            command: "interlock tla check Pool.tla --config Pool.cfg --dump Pool.dot".to_owned(),
        })),
    };
    let small = Explored { graph: Some(Box::new(graph())), complete: false, distinct: Some(4), ..explored.clone() };
    let verdict = |strength, is_met| PastVerdict {
        property: "SP.MutualExclusion".to_owned(),
        model: "Pool".to_owned(),
        strength,
        is_met,
    };
    let past = |run, verdict| PastRun {
        run,
        started_unix_ms: 1_700_000_000_000,
        wall_s: 1.5,
        states: Some(9.0),
        verdicts: vec![verdict],
    };
    RunReport {
        explorations: vec![("Pool".to_owned(), explored), ("Event".to_owned(), small)],
        scaling: vec![(1, 1000.0), (2, 1900.0), (4, 2400.0)],
        history: vec![past(2, verdict(Strength::Refuted, false)), past(3, verdict(Strength::Exhausted, true))],
        ..fixture::everything()
    }
}

/// The states of the fixture's behavior and one beside them; the behavior goes back from its last state to the second.
fn graph() -> verdict::StateGraph {
    let behavior = fixture::counterexample(verdict::trace::Ending::BackTo(1)).trace;
    let mut values: Vec<_> = behavior.steps.iter().map(|step| step.state.clone()).collect();
    let mut beside = values[1].clone();
    beside[1].1 = verdict::TraceValue::Set(Vec::new());
    values.insert(1, beside);
    let states =
        values.into_iter().enumerate().map(|(index, values)| verdict::GraphState { initial: index == 0, values });
    let step = |from, to, action: &str| verdict::GraphStep { from, to, action: action.to_owned() };
    let steps = vec![
        step(0, 1, "Flush"),
        step(0, 2, "Acquire"),
        step(1, 2, "Acquire"),
        step(2, 2, "Wait"),
        step(2, 3, "Acquire"),
        step(3, 2, "Release"),
    ];
    verdict::StateGraph::Drawn { states: states.collect(), steps }
}

#[test]
fn the_page_is_one_file_that_asks_for_nothing() {
    let mut report = report();
    report.title = "</script><script>alert(1)</script>".to_owned();
    report.warnings = vec!["</script><img src=x>".to_owned()];
    let page = html::write_html(&report);
    assert_eq!(page.matches("</script>").count(), 2, "the data and the script, and no other element ends there");
    assert!(!page.contains("<img"), "text of a run is never markup");
    assert!(page.contains("default-src 'none'"));
    for part in ["http://", "https://", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML", "@@DATA"] {
        assert!(!page.contains(part), "{part}");
    }
}

/// What a reader does, and what is written down: one line for each, in an element that the page itself has not.
const READER: &str = r##"
const seen = [];
addEventListener("securitypolicyviolation", event => seen.push("violation " + event.violatedDirective));
addEventListener("error", event => seen.push("error " + event.message));
const pause = () => new Promise(done => setTimeout(done, 20));
const press = key => document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const state = () => document.querySelector(".state h3").textContent;
(async () => {
  const first = document.querySelector("#strength tbody tr");
  seen.push("first row " + first.querySelector("td").textContent);
  seen.push("rows " + document.querySelectorAll("#strength tbody tr").length);
  const filter = document.querySelector("input[type=search]");
  filter.value = "AL.Ghost"; filter.dispatchEvent(new Event("input"));
  seen.push("filtered " + document.querySelectorAll("#strength tbody tr").length);
  location.hash = "behavior/0"; await pause();
  seen.push("lanes " + [...document.querySelectorAll(".lane")].map(lane => lane.textContent).join(" "));
  seen.push(state());
  press("ArrowRight"); press("ArrowDown"); seen.push(state());
  press("ArrowRight"); seen.push(state());
  press("ArrowLeft"); seen.push(state() + ", changed " + [...document.querySelectorAll(".state .changed td:first-child")].map(cell => cell.textContent).join(" "));
  press("Home"); seen.push(state());
  const ask = text => {
    const field = document.querySelector("#expression");
    field.value = text; field.dispatchEvent(new Event("input"));
    seen.push([...document.querySelectorAll("#answers td:last-child, #answers > p")].map(cell => cell.textContent).join("; "));
  };
  ask("pc[t1]"); ask("\\E t \\in DOMAIN pc : pc[t] = \"owns\" /\\ free' # free"); ask("Cardinality(free) + Len(log)");
  ask("log[1].at = none"); ask("Holds(t1)"); ask("pc = free"); ask("1 +");
  document.querySelectorAll(".jump").length || seen.push("no value, no jump");
  ask("free"); document.querySelectorAll(".jump")[1].click(); seen.push(state());
  const field = document.querySelector("#expression");
  field.focus(); field.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })); seen.push("typing does not step: " + state());
  press("Escape"); await pause();
  seen.push("table again " + document.querySelectorAll("#strength").length);
  location.hash = "property/SP.MutualExclusion"; await pause();
  seen.push("cards " + document.querySelectorAll(".card").length);
  location.hash = "coverage"; await pause();
  seen.push("never fired " + document.querySelectorAll(".never").length);
  location.hash = "timing"; await pause();
  seen.push("plots " + document.querySelectorAll("figure.plot svg").length + ", bars " + document.querySelectorAll("rect.share").length);
  const dots = [...document.querySelectorAll("figure.plot")][0].querySelectorAll("circle");
  seen.push("by threads " + [...dots].map(dot => dot.textContent).join("; "));
  seen.push("runs " + [...document.querySelectorAll("main table")].at(-1).querySelectorAll("tbody tr").length);
  location.hash = "graph"; await pause();
  seen.push([...document.querySelectorAll("main tbody tr")].map(row => row.textContent).join(" | "));
  location.hash = "graph/Event"; await pause();
  const at = () => document.querySelector(".node.current .number").textContent;
  const places = () => [...document.querySelectorAll(".node")].map(node => node.querySelector(".order").textContent).join(" ");
  seen.push("nodes " + document.querySelectorAll(".node").length + ", edges " + document.querySelectorAll(".edge").length + ", on the path " + document.querySelectorAll(".node.path").length + " and " + document.querySelectorAll(".edge.path").length);
  seen.push("labels " + [...document.querySelectorAll(".edge text")].map(text => text.textContent).join(" ") + ", places " + places());
  seen.push(at() + ", " + state() + ", " + document.querySelector(".state tbody").textContent);
  press("n"); press("n"); seen.push(at() + " " + [...document.querySelectorAll(".steps .jump")].map(step => step.textContent).join("; "));
  press("p"); seen.push(at()); press("ArrowUp"); seen.push(at()); press("ArrowDown"); seen.push(at());
  press("ArrowLeft"); seen.push(at()); press("End"); seen.push(at()); press("Home"); seen.push(at());
  document.querySelectorAll(".node")[1].dispatchEvent(new MouseEvent("click")); seen.push(at() + ", focus on " + document.activeElement.getAttribute("aria-label").split(",")[0]);
  document.querySelector(".choice").click(); seen.push("unmarked " + document.querySelectorAll(".path").length);
  const boxes = [...document.querySelectorAll(".node")].map(node => [node.querySelector("rect").getBoundingClientRect(), ...[...node.querySelectorAll("text")].map(text => text.getBoundingClientRect())]);
  seen.push("texts outside of their boxes " + boxes.flatMap(([box, ...texts]) => texts.filter(text => text.width && (text.right > box.right || text.left < box.left || text.bottom > box.bottom))).length);
  seen.push("wider than the window " + (document.documentElement.scrollWidth > innerWidth));
  seen.push("requests " + performance.getEntriesByType("resource").length);
  const out = document.createElement("pre"); out.id = "seen"; out.textContent = "SEEN\n" + seen.join("\n") + "\nEND"; document.body.append(out);
})();
"##;

#[test]
fn a_browser_shows_table_lanes_and_steps_and_sends_nothing() {
    let Some(browser) = Browser::find() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = html::write_html(&report());
    for width in [390, 820, 1400] {
        let expected = "first row Failed\nrows 12\nfiltered 1\nlanes no thread t1 t2\nState 1 of 3\nState 3 of 3\n\
            State 3 of 3\nState 2 of 3, changed pc free\nState 1 of 3\n\
            \"idle\"; \"owns\"; \"owns\"\nFALSE; TRUE; there is no next state\n5; 4; 3\nTRUE; TRUE; TRUE\n\
            Holds is not known here: the page has no definitions\n\
            (t1 :> \"idle\" @@ t2 :> \"idle\") and {1, 2} cannot be compared; \
            (t1 :> \"owns\" @@ t2 :> \"idle\") and {2} cannot be compared; \
            (t1 :> \"owns\" @@ t2 :> \"owns\") and {} cannot be compared\nsomething is missing at the end\nno value, no jump\n{1, 2}; {2}; {}\nState 2 of 3\n\
            typing does not step: State 2 of 3\ntable again 1\ncards 2\nnever fired 2\nplots 4, bars 2\n\
            by threads 1 thread: 1000 operations/s; 2 threads: 1900 operations/s; 4 threads: 2400 operations/s\nruns 2\n\
            Pool1,992not drawn: more than 120 states. To have it in a file: interlock tla check Pool.tla --config Pool.cfg --dump Pool.dot | \
            Event44 states and 6 edges drawn; the search ended before all states were expanded\n\
            nodes 4, edges 6, on the path 3 and 3\nlabels Flush Acquire Acquire Wait Acquire Release, places ▸1  ▸2 ▸3\n\
            state 1, State 1, initial, pc(t1 :> \"idle\" @@ t2 :> \"idle\")free{1, 2}log<<[op |-> \"init\", at |-> none], 1..3, TRUE>>\n\
            state 4 Release → state 3; Acquire ← state 3\nstate 3\nstate 1\nstate 3\nstate 2\nstate 4\nstate 1\n\
            state 2, focus on state 2\nunmarked 0\ntexts outside of their boxes 0\n\
            wider than the window false\nrequests 0";
        assert_eq!(browser.read(&page, READER, folder.path(), width), expected, "at a width of {width}");
    }
}
