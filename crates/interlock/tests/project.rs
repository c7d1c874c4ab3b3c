//! `interlock check` from end to end, on a project with a model that holds and a broken variant.

mod copied;

use copied::{command, project};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("the program")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, arguments);
    let value = serde_json::from_slice(&output.stdout);
    value.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn change(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replace(from, to)).expect("the file");
}

#[test]
fn every_obligation_gets_its_verdict() {
    let folder = project();
    let output = run(folder.path(), &["check"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with('✓'))
        .map(|line| line.split_whitespace().take(3).collect())
        .collect();
    let expected: [&[&str]; 5] = [
        &["✓", "Exhausted", "TypeOK"],
        &["✓", "Exhausted", "S.MutualExclusion"],
        &["✓", "Exhausted", "OneAtATime"],
        &["✓", "Exhausted", "S.DeadlockFree"],
        &["✓", "Exhausted", "every"],
    ];
    assert_eq!(rows[..5], expected);
    assert_eq!(rows[5], ["✓", "Refuted", "S.MutualExclusion"]);
    assert!(text.contains("All 6 obligations met, the weakest Exhausted."), "{text}");
    assert!(text.contains("gap: S.Eventually (no model speaks about it)"), "{text}");
    assert!(output.stderr.is_empty(), "a short run is silent: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_gap_counts_under_strict() {
    let folder = project();
    assert_eq!(run(folder.path(), &["check", "--strict"]).status.code(), Some(20));
}

#[test]
fn the_report_for_programs_says_the_same() {
    let folder = project();
    let report = json(folder.path(), &["check", "--json"]);
    assert_eq!(report["exit_code"], 0);
    assert_eq!(report["verdict"], "exhausted");
    assert_eq!(report["summary"]["refuted_as_expected"], 1);
    let properties = report["properties"].as_array().expect("properties");
    assert_eq!(properties.len(), 6);
    assert_eq!(properties[1]["detail"]["distinct"], 7);
    assert_eq!(properties[1]["detail"]["constants"]["Careless"], "FALSE");
    let inputs: Vec<&str> =
        properties[1]["inputs"].as_array().expect("inputs").iter().filter_map(|file| file["path"].as_str()).collect();
    assert_eq!(inputs, ["Slots.tla", "Slots.cfg"]);
    assert_eq!(report["counterexamples"][0]["steps"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_run_is_recorded_and_its_refutation_can_be_replayed() {
    let folder = project();
    run(folder.path(), &["check"]);
    let runs = folder.path().join(".interlock/runs/1");
    let header: Value =
        serde_json::from_str(&fs::read_to_string(runs.join("run.json")).expect("run.json")).expect("JSON");
    assert_eq!(header["exit_code"], 0);
    let inputs: Vec<&str> =
        header["inputs"].as_array().expect("inputs").iter().filter_map(|file| file["path"].as_str()).collect();
    assert_eq!(inputs, ["Careless.cfg", "Slots.cfg", "Slots.tla", "interlock.toml"]);
    assert_eq!(fs::read_to_string(runs.join("evidence.ndjson")).expect("evidence").lines().count(), 6);

    let trace = ".interlock/runs/1/traces/Slots_careless-MutualExclusion.itf.json";
    let replay = run(folder.path(), &["replay", trace]);
    assert_eq!(replay.status.code(), Some(0), "{}", stdout(&replay));
    assert!(stdout(&replay).contains("Replayed: this is a behavior of Slots.tla, and it violates MutualExclusion."));

    change(folder.path(), "Slots.tla", "s \\in free \\/ Careless", "s \\in free");
    let replay = run(folder.path(), &["replay", trace]);
    assert_eq!(replay.status.code(), Some(20), "{}", stdout(&replay));
    assert!(stdout(&replay).contains("Not replayed at state 3"), "{}", stdout(&replay));
}

#[test]
fn a_broken_variant_that_is_not_broken_is_noticed() {
    let folder = project();
    change(folder.path(), "Careless.cfg", "TRUE", "FALSE");
    let output = run(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(22));
    assert!(stdout(&output).contains("should be violated"), "{}", stdout(&output));
}

#[test]
fn a_model_that_breaks_is_told_in_full() {
    let folder = project();
    change(folder.path(), "Slots.cfg", "FALSE", "TRUE");
    let output = run(folder.path(), &["check"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(12), "{text}");
    for part in
        ["S.MutualExclusion is violated in Slots", "Take(t = t2, s = 1)", "False in state 3", "interlock replay "]
    {
        assert!(text.contains(part), "`{part}` is missing in\n{text}");
    }
}

#[test]
fn an_action_that_never_fires_makes_a_model_vacuous() {
    let folder = project();
    change(folder.path(), "Slots.tla", "slot[t] # None\n    /\\ free'", "slot[t] # None /\\ FALSE\n    /\\ free'");
    let output = run(folder.path(), &["check", "--model", "Slots/"]);
    assert_eq!(output.status.code(), Some(0), "the broken variant does not need it: {}", stdout(&output));
    let output = run(folder.path(), &["check"]);
    // With nobody giving a slot back there is a deadlock, which weighs more; the vacuous verdict stands beside it.
    assert_eq!(output.status.code(), Some(11), "{}", stdout(&output));
    assert!(stdout(&output).contains("1 action never fired: Give"), "{}", stdout(&output));
}

#[test]
fn a_name_that_the_configuration_does_not_check_is_an_error() {
    let folder = project();
    change(folder.path(), "interlock.toml", "Deadlock = \"S.DeadlockFree\"", "MutualExclusoin = \"S.DeadlockFree\"");
    let output = run(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(151));
    assert!(stdout(&output).contains("checks no INVARIANT or PROPERTY `MutualExclusoin`"), "{}", stdout(&output));
}

#[test]
fn a_part_of_the_project_is_counted_as_a_suppression() {
    let folder = project();
    let report = json(folder.path(), &["check", "--json", "--model", "careless"]);
    assert_eq!(report["suppressions"][0], "only 1 of 2 models were run (--model)");
    let output = run(folder.path(), &["check", "--model", "nothing"]);
    assert_eq!(output.status.code(), Some(151));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaint.contains("the models are Slots, Slots/careless"), "{complaint}");
}

#[test]
fn two_runs_at_once_are_recorded_apart() {
    let folder = project();
    let runs: Vec<_> = (0..2).map(|_| command(folder.path(), &["check", "--quiet"]).spawn().expect("a run")).collect();
    for mut run in runs {
        assert!(run.wait().expect("an end").success());
    }
    for number in ["1", "2"] {
        assert!(folder.path().join(".interlock/runs").join(number).join("run.json").is_file(), "run {number}");
    }
}

#[test]
fn the_trace_of_a_single_check_can_be_written_and_replayed() {
    let folder = project();
    let output = run(folder.path(), &["tla", "check", "Slots", "--config", "Careless", "--itf", "out.itf.json"]);
    assert_eq!(output.status.code(), Some(12));
    assert!(stdout(&output).contains("interlock replay out.itf.json"), "{}", stdout(&output));
    assert_eq!(run(folder.path(), &["replay", "out.itf.json"]).status.code(), Some(0));
}

#[test]
fn the_verdict_does_not_depend_on_the_number_of_workers_or_the_store() {
    let folder = project();
    let of = |arguments: &[&str]| {
        let mut all = vec!["tla", "check", "Slots", "--config", "Careless", "--json"];
        all.extend(arguments);
        let report = json(folder.path(), &all);
        (report["generated"].clone(), report["distinct"].clone(), report["counterexamples"].clone())
    };
    let one = of(&["--workers", "1"]);
    assert_eq!(one, of(&["--workers", "4"]));
    assert_eq!(one, of(&["--workers", "2", "--store", "fingerprint"]));
}

/// Ctrl-C stops a run, which reports what it has.
#[cfg(unix)]
#[test]
fn an_interrupted_run_reports_what_it_has() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let folder = project();
    let module = "---- MODULE Endless ----\nEXTENDS Naturals\nVARIABLES x, y\nInit == x = 0 /\\ y = 0\n\
                  Next == x' = x + 1 /\\ y' \\in 0..x\nSmall == x < 1000000\n====\n";
    fs::write(folder.path().join("Endless.tla"), module).expect("the module");
    fs::write(folder.path().join("Endless.cfg"), "INIT Init\nNEXT Next\nINVARIANT Small\n").expect("the configuration");
    let mut run = command(folder.path(), &["tla", "check", "Endless", "--json", "--workers", "1"]);
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    std::thread::sleep(Duration::from_millis(700));
    let interrupted = Instant::now();
    let sent = Command::new("kill").args(["-INT", &run.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    let output = run.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(interrupted.elapsed() < Duration::from_secs(10), "it stops soon");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["properties"][0]["verdict"], "bounded");
    assert_eq!(report["properties"][0]["remarks"][0], "interrupted by the user before the end");
}

/// The data in a page.
fn page_data(path: &Path) -> Value {
    let page = fs::read_to_string(path).expect("the page");
    let data = page.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("data");
    serde_json::from_str(data).expect("JSON")
}

#[test]
fn the_page_draws_small_graphs_marks_the_behavior_and_says_how_to_have_large_ones() {
    let folder = project();
    run(folder.path(), &["check", "--html", "page.html"]);
    let data = page_data(&folder.path().join("page.html"));
    let graph = |data: &Value, model: &str| {
        let graphs = data["graphs"].as_array().expect("graphs").iter();
        graphs.clone().find(|graph| graph["model"] == model).cloned().expect("the graph")
    };
    assert_eq!(graph(&data, "Slots")["picture"]["nodes"].as_array().map(Vec::len), Some(7));
    let broken = graph(&data, "Slots/careless");
    let path = &broken["picture"]["paths"][0];
    assert_eq!(path["nodes"].as_array().map(Vec::len), Some(3), "{path}");
    assert_eq!(path["edges"].as_array().map(Vec::len), Some(2), "{path}");
    run(folder.path(), &["show", "1", "--html", "again.html"]);
    assert_eq!(page_data(&folder.path().join("again.html"))["graphs"], data["graphs"], "the ledger keeps it");

    let output = run(
        folder.path(),
        &[
            "tla",
            "check",
            "Slots.tla",
            "--const",
            "Slots={1,2,3,4}",
            "--const",
            "Threads={1,2,3,4}",
            "--html",
            "large.html",
        ],
    );
    let large = &page_data(&folder.path().join("large.html"))["graphs"][0];
    assert!(large["picture"].is_null(), "{}", stdout(&output));
    let dump = large["dump"].as_str().expect("a command");
    assert!(dump.ends_with("--dump Slots.dot") && dump.contains("Slots={1,2,3,4}"), "{dump}");
    let words: Vec<&str> = dump.split(' ').skip(1).map(|word| word.trim_matches('\'')).collect();
    run(folder.path(), &words);
    let states =
        fs::read_to_string(folder.path().join("Slots.dot")).expect("the graph").matches(" [label=\"/\\").count();
    assert_eq!(states as u64, large["distinct"].as_u64().expect("a number"));
}
