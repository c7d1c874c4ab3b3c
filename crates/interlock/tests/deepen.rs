//! `tla check --search dfid`: the verdicts of a breadth-first search, and what it does not do.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Exit code and report.
fn check(arguments: &[&str]) -> (i32, Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tlc");
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    let output =
        command.args(["tla", "check", "--json"]).args(arguments).current_dir(folder).output().expect("the program");
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap_or(-1), report)
}

#[test]
fn verdicts_and_counts_are_those_of_breadth_first() {
    for config in ["Slots", "Careless", "Step", "Initial", "InitInv"] {
        let arguments = ["Slots", "--config", config];
        let spec = if config == "InitInv" { "Count" } else { "Slots" };
        let arguments = [spec, arguments[1], arguments[2]];
        let (exit, broad) = check(&arguments);
        let (deep_exit, deep) = check(&[&arguments[..], &["--search", "dfid"]].concat());
        assert_eq!(deep_exit, exit, "{config}: {deep:#}");
        if exit == 0 {
            for field in ["generated", "distinct", "depth"] {
                assert_eq!(deep[field], broad[field], "{config} {field}");
            }
        }
    }
}

#[test]
fn what_it_does_not_do_is_said() {
    // A temporal property needs the graph.
    let (exit, report) = check(&["Slots", "--config", "Alive", "--search", "dfid"]);
    assert_eq!(exit, 20, "{report:#}");
    assert!(report.to_string().contains("a depth-first search keeps no graph"), "{report:#}");
    for flags in [["--store", "exact"], ["--engine", "compile"], ["--checkpoint", "nowhere"]] {
        let (exit, report) = check(&[&["Slots", "--search", "dfid"][..], &flags].concat());
        assert_eq!(exit, 151, "{report:#}");
        assert!(report.to_string().contains("in a depth-first search"), "{report:#}");
    }
}
