//! The stream of events and the state graph for programs, as `docs/events.md` and `docs/cli.md` describe them.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn interlock(arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tlc");
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["tla"]).args(arguments).current_dir(folder).env_remove("TLA_LIBRARY").output().expect("the program")
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

#[test]
fn a_stream_begins_with_hello_ends_with_the_result_and_has_every_line() {
    for (arguments, code) in [
        (vec!["check", "Slots", "--events", "-"], 0),
        (vec!["check", "Slots", "--config", "Careless", "--events", "-"], 12),
        (vec!["simulate", "Slots", "--num", "3", "--seed", "1", "--events", "-"], 0),
        (vec!["check", "Sem", "--events", "-"], 150),
    ] {
        let output = interlock(&arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let events = lines(&String::from_utf8(output.stdout).expect("UTF-8"));
        for (event, number) in events.iter().zip(1..) {
            assert_eq!(event["seq"], number, "{event}");
        }
        let (first, last) = (&events[0], &events[events.len() - 1]);
        assert_eq!(
            (&first["event"], &first["format"], &first["version"]),
            (&"hello".into(), &"interlock-events".into(), &1.into())
        );
        assert_eq!((&last["event"], &last["exit_code"]), (&"result".into(), &code.into()));
        assert_eq!(last["report"]["format"], "interlock-report");
        assert!(!output.stderr.is_empty(), "the report for people goes to stderr");
    }
}

#[test]
fn what_a_search_counted_is_told() {
    let output = interlock(&["check", "Slots", "--events", "-"]);
    let events = lines(&String::from_utf8(output.stdout).expect("UTF-8"));
    let explored = events.iter().find(|event| event["event"] == "explored").expect("an event about the search");
    assert_eq!((&explored["generated"], &explored["distinct"], &explored["depth"]), (&17.into(), &7.into(), &3.into()));
    let take = explored["actions"].as_array().and_then(|all| all.iter().find(|action| action["name"] == "Take"));
    assert_eq!(take.map(|take| (take["generated"].as_u64(), take["distinct"].as_u64())), Some((Some(8), Some(6))));
}

#[test]
fn every_kind_of_event_is_on_the_page() {
    let page = include_str!("../../../docs/events.md");
    for kind in ["hello", "started", "progress", "printed", "warning", "suppressed", "explored", "result"] {
        assert!(page.contains(&format!("| `{kind}` |")), "docs/events.md lacks {kind}");
    }
}

#[test]
fn a_graph_has_all_states_and_steps() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let path = place.path().join("graph.jsonl");
    let output = interlock(&["check", "Slots", "--quiet", "--workers", "2", "--dump", path.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(0));
    let parts = lines(&std::fs::read_to_string(&path).expect("the graph"));
    let count = |kind: &str| parts.iter().filter(|part| part["kind"] == kind).count();
    assert_eq!((count("graph"), count("state"), count("step")), (1, 7, 16));
    assert_eq!(parts.iter().filter(|part| part["initial"] == true).count(), 1);
}
