//! Specifications of our own whose temporal properties have known answers: a waiting line with and without starvation,
//! termination detection, leader election, a lock that needs strong fairness, a refinement that fails in its temporal
//! part alone. Each is checked with one, two and four workers, which must give the same report, and every behavior that
//! refutes is replayed once more from its trace file.
//!
//! The second half are small models for which TLC is, or was, known to answer wrongly.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn interlock(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(arguments)
        .env_remove("TLA_LIBRARY")
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

/// A model in a folder of its own.
struct Model {
    folder: tempfile::TempDir,
    module: String,
    flags: Vec<&'static str>,
}

/// What a run reports: the exit code, each property's name and verdict, and the behaviors.
#[derive(Debug, PartialEq)]
struct Report {
    exit: i32,
    verdicts: Vec<(String, String)>,
    counts: [u64; 3],
    counterexamples: Value,
}

impl Model {
    /// One of the modules beside this file.
    fn of_file(module: &str, config: &str) -> Self {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/liveness");
        let folder = tempfile::tempdir().expect("a folder");
        for entry in std::fs::read_dir(specs).expect("the specifications") {
            let path: PathBuf = entry.expect("an entry").path();
            let name = path.file_name().expect("a name");
            std::fs::copy(&path, folder.path().join(name)).expect("a copy");
        }
        std::fs::write(folder.path().join("Model.cfg"), config).expect("a configuration");
        Self { folder, module: format!("{module}.tla"), flags: Vec::new() }
    }

    /// A module with the given body.
    fn of_text(body: &str, config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let text = format!("---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets, TLC\n{body}\n====\n");
        std::fs::write(folder.path().join("T.tla"), text).expect("a module");
        std::fs::write(folder.path().join("Model.cfg"), config).expect("a configuration");
        Self { folder, module: "T.tla".to_owned(), flags: Vec::new() }
    }

    fn with(mut self, flag: &'static str) -> Self {
        self.flags.push(flag);
        self
    }

    fn run(&self, workers: &str) -> Report {
        let mut arguments = vec!["tla", "check", &self.module, "--config", "Model.cfg", "--json", "--workers", workers];
        arguments.extend(["--itf", "trace.itf.json"]);
        arguments.extend(&self.flags);
        let output = interlock(&arguments, self.folder.path());
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let properties = report["properties"].as_array().expect("properties").iter();
        Report {
            exit: output.status.code().expect("an exit code"),
            verdicts: properties.map(|one| (word(&one["name"]), word(&one["verdict"]))).collect(),
            counts: ["generated", "distinct", "depth"].map(|name| report[name].as_u64().unwrap_or_default()),
            counterexamples: report["counterexamples"].clone(),
        }
    }

    /// The report, which is the same for every number of workers and whose behaviors can be replayed.
    fn report(&self) -> Report {
        let report = self.run("1");
        for name in ["trace.itf.json", "trace-2.itf.json"] {
            if self.folder.path().join(name).exists() {
                let replayed = interlock(&["replay", name], self.folder.path());
                let text = String::from_utf8_lossy(&replayed.stdout);
                assert_eq!(replayed.status.code(), Some(0), "{name}: {text}");
            }
        }
        for workers in ["2", "4"] {
            assert_eq!(self.run(workers), report, "{workers} workers");
        }
        report
    }

    /// The verdict on each property by its name, the model's other obligations left out.
    fn verdicts(&self, names: &[&str]) -> Vec<String> {
        let report = self.report();
        let verdict = |name: &&str| {
            let found = report.verdicts.iter().find(|(known, _)| known == name);
            found.map_or_else(|| format!("no property {name}"), |(_, verdict)| verdict.clone())
        };
        names.iter().map(verdict).collect()
    }
}

/// The verdicts on the properties of a module beside this file under a specification.
fn verdicts(module: &str, constants: &str, specification: &str, properties: &[&str]) -> Vec<String> {
    let config = format!(
        "{constants}\nSPECIFICATION {specification}\nPROPERTIES {}\nCHECK_DEADLOCK FALSE\n",
        properties.join(" ")
    );
    Model::of_file(module, &config).with("--continue").verdicts(properties)
}

#[test]
fn a_waiting_line_starves_nobody_and_a_free_for_all_does() {
    let properties = ["NoStarvation", "SomebodyEnters", "EverybodyEnters"];
    let line = "CONSTANTS Visitors = {a, b, c} Fair = TRUE";
    assert_eq!(verdicts("Turnstile", line, "Spec", &properties), ["exhausted", "exhausted", "refuted"]);
    assert_eq!(verdicts("Turnstile", line, "Unfair", &properties), ["refuted", "refuted", "refuted"]);
    let crowd = "CONSTANTS Visitors = {a, b, c} Fair = FALSE";
    assert_eq!(verdicts("Turnstile", crowd, "Spec", &properties), ["refuted", "exhausted", "refuted"]);
    assert_eq!(verdicts("Turnstile", crowd, "StrongSpec", &properties), ["exhausted", "exhausted", "refuted"]);
}

#[test]
fn termination_is_detected_if_the_token_moves() {
    let properties = ["Safe", "Live", "Stable", "Ends", "Fate"];
    let expected = ["exhausted", "exhausted", "exhausted", "refuted", "exhausted"];
    assert_eq!(verdicts("Quiet", "CONSTANT N = 3", "Spec", &properties), expected);
    let lazy = ["exhausted", "refuted", "exhausted", "refuted", "refuted"];
    assert_eq!(verdicts("Quiet", "CONSTANT N = 3", "Lazy", &properties), lazy);
}

#[test]
fn a_leader_is_elected_unless_names_are_lost() {
    let properties = ["Elected", "Stays", "Greatest"];
    let tight = "CONSTANTS Ring = <<3, 1, 4, 2>> Leaky = FALSE";
    assert_eq!(verdicts("Crown", tight, "Spec", &properties), ["exhausted", "exhausted", "exhausted"]);
    let leaky = "CONSTANTS Ring = <<3, 1, 4, 2>> Leaky = TRUE";
    assert_eq!(verdicts("Crown", leaky, "Spec", &properties), ["refuted", "exhausted", "refuted"]);
}

#[test]
fn a_lock_that_is_free_now_and_then_needs_strong_fairness() {
    let properties = ["Inside", "StrongAsProperty", "WeakAsProperty"];
    assert_eq!(verdicts("Door", "", "WeakSpec", &properties), ["refuted", "refuted", "exhausted"]);
    assert_eq!(verdicts("Door", "", "StrongSpec", &properties), ["exhausted", "exhausted", "exhausted"]);
}

#[test]
fn a_refinement_may_fail_in_its_temporal_part_alone() {
    assert_eq!(verdicts("Digits", "", "Spec", &["Refines", "RefinesWrong"]), ["exhausted", "exhausted"]);
    assert_eq!(verdicts("Digits", "", "Steady", &["Refines"]), ["exhausted"]);
    let shaken = Model::of_file("Digits", "SPECIFICATION Shaken\nPROPERTY Refines\n").report();
    assert_eq!(shaken.exit, 13);
    assert_eq!(shaken.counterexamples[0]["ending"]["back_to"], 0, "the lower digit falls back for ever");
    // The other way round it fails in a step, which needs no infinite behavior.
    let wrong = Model::of_file("Digits", "SPECIFICATION Shaken\nPROPERTY RefinesWrong\n").report();
    assert_eq!((wrong.exit, &wrong.counterexamples[0]["ending"]), (13, &Value::from("finite")));
}

#[test]
fn many_conditions_of_strong_fairness_cost_no_normal_form() {
    let constants = "CONSTANT Directions = 1..26";
    assert_eq!(verdicts("Many", constants, "Spec", &["All"]), ["exhausted"]);
    assert_eq!(verdicts("Many", constants, "Spared", &["All"]), ["refuted"]);
}
