//! `interlock stress` as a user has it: exit codes, what is told, commands as workloads.

use serde_json::Value;
use std::process::{Command, Output};

fn stress(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.arg("stress").args(arguments).env("NO_COLOR", "1").env("COLUMNS", "100").output().expect("the program")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn nothing_found_is_tested_with_its_counts() {
    let output = stress(&["matmul", "add", "--threads", "3", "--operations", "30", "--seed", "5", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let object = json(&output);
    let obligation = &object["properties"][0];
    assert_eq!(obligation["verdict"], "tested");
    assert_eq!(obligation["figures"]["operations"].as_f64(), Some(180.0));
    assert_eq!(obligation["detail"]["seed"], 5);
    let run = &object["stress"]["runs"][0];
    assert_eq!((&run["errors"], &run["threads"]), (&Value::from(0), &Value::from(3)));
    assert!(run["noise_used"]["yields"].as_u64().is_some_and(|yields| yields > 0), "{run}");
}

#[test]
fn a_broken_runtime_is_refuted_and_the_command_that_repeats_it_is_told() {
    let output = stress(&["--threads", "4", "--operations", "300", "--seed", "3", "--defect", "RecycleOnFirst"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(12), "{told}");
    for part in ["Refuted", "--defect RecycleOnFirst", "--seed 3", "error: "] {
        assert!(told.contains(part), "`{part}` is missing in\n{told}");
    }
}

#[test]
fn all_scenarios_are_made_and_the_throughput_is_plotted() {
    let output = stress(&["--threads", "4", "--operations", "60", "--scenario", "all", "--seed", "2", "--scaling"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    for part in
        ["6 tested", "children were forked", "throughput by threads", "after the warm-up", "memory was taken away"]
    {
        assert!(told.contains(part), "`{part}` is missing in\n{told}");
    }
}

#[test]
fn a_command_is_asked_and_judged() {
    let hello = r#"echo '{"event":"hello","protocol":1,"threads":2,"device":"somewhere"}';"#;
    let kernel = |errors| {
        format!(
            r#" echo '{{"event":"kernel","kernel":"add","operations":6,"errors":{errors},"p50_us":1,"p99_us":2}}'; echo '{{"event":"done","operations":6,"errors":{errors},"wall_s":1}}'"#
        )
    };
    let run =
        |script: &str| stress(&["add", "--threads", "2", "--operations", "3", "--seed", "1", "--command", script]);
    let output = run(&format!("{hello}{}", kernel(0)));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("somewhere"), "{}", text(&output));
    assert_eq!(run(&format!("{hello}{}", kernel(2))).status.code(), Some(12));
    let cut = run(hello);
    assert_eq!(cut.status.code(), Some(20));
    assert!(text(&cut).contains("before it was done"), "{}", text(&cut));
    assert_eq!(run("echo no such device >&2; exit 1").status.code(), Some(20));
    let crash = run(&format!("{hello} kill -SEGV $$"));
    assert_eq!(crash.status.code(), Some(12), "{}", text(&crash));
}

#[test]
fn what_is_not_there_is_named() {
    for (arguments, complaint) in [
        (&["softmax"][..], "there is no workload `softmax`"),
        (&["--scenario", "calm"], "there is no scenario `calm`"),
        (&["--defect", "Rust"], "no defect `Rust`"),
        (&["--threads", "0"], "--threads"),
    ] {
        let output = stress(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(complaint), "{told}");
    }
}

#[test]
fn the_script_for_pytorch_speaks_the_protocol_or_says_why_not() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../subjects/mps/stress/torch_stress.py");
    let output = stress(&[
        "add",
        "--threads",
        "2",
        "--operations",
        "3",
        "--seed",
        "1",
        "--command",
        &format!("python3 '{script}'"),
    ]);
    let told = text(&output);
    // Without Python or PyTorch nothing is decided, and nothing passes.
    match output.status.code() {
        Some(0) => assert!(told.contains("on torch"), "{told}"),
        Some(20) => assert!(told.contains("Declined"), "{told}"),
        other => panic!("{other:?}: {told}"),
    }
}
