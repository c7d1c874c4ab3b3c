//! Findings are told with actions, places and changes.

mod common;

use common::Graph;
use tla_explore::{Options, Outcome, TransitionSystem, explore, tell_finding};
use tla_syntax::source::Span;
use verdict::event::NoEvents;
use verdict::trace::Ending;
use verdict::{Change, Place};

fn place(span: Span) -> Place {
    let (file, module) = ("T.tla".to_owned(), "T".to_owned());
    Place { file, module, line: 1, column: span.start + 1, end_line: 1, end_column: span.end }
}

#[test]
fn a_finding_is_told_step_by_step() {
    let mut graph = Graph::plain(&[0], &[&[1], &[2], &[]]);
    graph.nodes[2].broken = vec![0];
    let Outcome::Found { findings, .. } = explore(&graph, &Options::default(), &NoEvents).outcome else { panic!() };
    let told = tell_finding(&mut graph.worker(), &findings[0], &place).unwrap();
    let steps = &told.trace.steps;
    assert_eq!(told.trace.ending, Ending::Finite);
    let actions: Vec<_> = steps.iter().map(|step| step.action.as_str()).collect();
    assert_eq!(actions, ["Initial predicate", "A1", "A2"]);
    assert!(steps[0].place.is_none() && steps[0].changes.is_empty());
    assert_eq!(steps[1].place.as_ref().unwrap().line, 1);
    let change = Change { path: "node".to_owned(), before: "1".to_owned(), after: "2".to_owned() };
    assert_eq!(steps[2].changes, [change]);
}

#[test]
fn a_trace_that_is_no_behavior_is_not_told() {
    let graph = Graph::plain(&[0], &[&[1], &[2], &[]]);
    let trace = [common::words(0).to_vec(), common::words(2).to_vec()];
    assert!(tla_explore::tell_trace(&mut graph.worker(), &trace, &place).is_err());
}
