//! Traces in ITF, and back.

use crate::fixture;
use report::itf::{TraceMeta, read_trace, write_trace};
use verdict::trace::Ending;
use verdict::{Step, Trace, TraceValue};

fn meta() -> TraceMeta {
    TraceMeta {
        source: "Pool.tla".to_owned(),
        config: Some("Pool.cfg".to_owned()),
        search_path: vec!["lib".to_owned()],
        invariants: vec!["x # 1".to_owned()],
        inductive: None,
        constants: vec!["N=3".to_owned()],
        model: "Pool".to_owned(),
        property: "SP.MutualExclusion".to_owned(),
        name_in_input: "MutualExclusion".to_owned(),
        exit_code: 12,
    }
}

fn trace_of(value: TraceValue) -> Trace {
    let state = vec![("x".to_owned(), value)];
    let step =
        Step { action: "Init".to_owned(), bindings: Vec::new(), place: None, state, changes: Vec::new(), alias: None };
    Trace { steps: vec![step], ending: Ending::Finite, closing: None }
}

fn there_and_back(value: TraceValue) -> TraceValue {
    let text = write_trace(&trace_of(value), &meta(), "0.1.0");
    let (trace, _) = read_trace(&text).expect("our own trace");
    trace.steps[0].state[0].1.clone()
}

fn int(digits: &str) -> TraceValue {
    TraceValue::Int(digits.to_owned())
}

#[test]
fn a_trace_file() {
    insta::assert_snapshot!(write_trace(&fixture::counterexample(Ending::BackTo(1)).trace, &meta(), "0.1.0"));
}

#[test]
fn what_is_written_is_read_back() {
    let mut trace = fixture::counterexample(Ending::Stuttering).trace;
    let text = write_trace(&trace, &meta(), "0.1.0");
    // Changes are derived from states and not kept; an interval comes back as the set that it is.
    for step in &mut trace.steps {
        step.changes.clear();
        let TraceValue::Tuple(log) = &mut step.state[2].1 else { panic!("the log is a tuple") };
        log[1] = TraceValue::Set(vec![int("1"), int("2"), int("3")]);
    }
    assert_eq!(read_trace(&text), Ok((trace, meta())));
}

#[test]
fn every_kind_of_value_survives() {
    let string = |text: &str| TraceValue::String(text.to_owned());
    let values = [
        TraceValue::Bool(false),
        int("-123456789012345678901234567890"),
        string("#bigint"),
        TraceValue::Set(Vec::new()),
        TraceValue::Tuple(vec![TraceValue::Tuple(Vec::new())]),
        TraceValue::Record(vec![("b".to_owned(), int("1")), ("a".to_owned(), int("2"))]),
        TraceValue::Function(vec![(TraceValue::Tuple(vec![int("1"), int("2")]), string("x"))]),
        TraceValue::Symbolic("Nat".to_owned()),
    ];
    for value in values {
        assert_eq!(there_and_back(value.clone()), value);
    }
}

#[test]
fn a_model_value_is_not_taken_for_the_string_of_the_same_name() {
    let model_value = TraceValue::ModelValue("t1".to_owned());
    let both = TraceValue::Tuple(vec![model_value.clone(), TraceValue::String("t1".to_owned())]);
    assert_eq!(there_and_back(both.clone()), both);
    assert_eq!(there_and_back(model_value.clone()), model_value);
}

#[test]
fn an_interval_that_is_too_long_is_kept_in_words() {
    let long = TraceValue::Interval("0".to_owned(), "99999999999999999999".to_owned());
    assert_eq!(there_and_back(long), TraceValue::Symbolic("0..99999999999999999999".to_owned()));
    let empty = TraceValue::Interval("2".to_owned(), "1".to_owned());
    assert_eq!(there_and_back(empty), TraceValue::Set(Vec::new()));
}

#[test]
fn what_is_no_trace_is_told_with_its_place() {
    let cases = [
        ("", "EOF while parsing"),
        ("{}", "missing field `vars`"),
        (r#"{"vars":["x"],"states":[{}]}"#, "state 1: variable x has no value"),
        (r#"{"vars":["x"],"states":[{"x":1.5}]}"#, "state 1: variable x: 1.5 is not an integer"),
        (r##"{"vars":["x"],"states":[{"x":{"#bigint":"1a"}}]}"##, "`#bigint` with \"1a\" is not a value"),
        (r##"{"vars":["x"],"states":[{"x":{"#map":[[1]]}}]}"##, "[1] is not a pair"),
        (r#"{"vars":[],"states":[],"loop":3}"#, "`loop` is 3, but there are 0 states"),
    ];
    for (text, message) in cases {
        let error = read_trace(text).expect_err(text).to_string();
        assert!(error.contains(message), "{error}");
    }
    let deep = format!("{{\"vars\":[\"x\"],\"states\":[{{\"x\":{}{}}}]}}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(read_trace(&deep).is_err(), "a nesting that would end the stack is refused");
}
