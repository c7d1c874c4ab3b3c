//! TLC as a second opinion in `interlock check`, with a `java` that answers what a script says: agreement is one more obligation,
//! a contradiction withdraws the verdicts of both and cannot be overlooked, and what is no answer is no pass.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const PROJECT: &str = r#"
[project]
name = "opinion"

[tools]
tlc = "tla2tools.jar"

[[property]]
id = "S.Small"
statement = "The counter stays small."
kind = "safety"

[[model]]
name = "Steps"
spec = "Steps.tla"
properties = { Small = "S.Small" }

[[model]]
name = "Steps/tiny"
spec = "Steps.tla"
config = "Tiny.cfg"
expect = "violated"
properties = { Tiny = "S.Small" }
"#;

const MODULE: &str = "---- MODULE Steps ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = (x + 1) % 4
Small == x < 4
Tiny == x < 2
====
";

const CONFIG: &str = "INIT Init\nNEXT Next\nINVARIANT Small\n";
const TINY: &str = "INIT Init\nNEXT Next\nINVARIANTS Small Tiny\nCHECK_DEADLOCK TRUE\n";

/// What TLC says about the model: nothing found in this many generated states, four distinct ones.
fn clean(generated: u64) -> String {
    said(&[
        (2193, 0, "Model checking completed. No error has been found."),
        (2199, 0, &format!("{generated} states generated, 4 distinct states found, 0 states left on queue.")),
        (2194, 0, "The depth of the complete state graph search is 4."),
    ])
}

/// And about the variant: what it has with one worker when it stops.
fn violated() -> String {
    said(&[
        (2110, 1, "Invariant Tiny is violated."),
        (2199, 0, "3 states generated, 3 distinct states found, 0 states left on queue."),
        (2194, 0, "The depth of the complete state graph search is 3."),
    ])
}

fn said(messages: &[(u16, u8, &str)]) -> String {
    let all = [(2262, 0, "TLC2 Version 2.20 of 1 January 2025")];
    let all = all.iter().chain(messages).chain(&[(2186, 0, "Finished in 1ms")]);
    all.map(|(code, class, text)| format!("@!@!@STARTMSG {code}:{class} @!@!@\n{text}\n@!@!@ENDMSG {code} @!@!@\n"))
        .collect()
}

/// The project, and a `java` that answers this about the model and that about its variant, whose configuration it tells by
/// what is left in it.
fn project(project: &str, model: &str, variant: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    };
    write("interlock.toml", project);
    write("Steps.tla", MODULE);
    write("Steps.cfg", CONFIG);
    write("Tiny.cfg", TINY);
    write("tla2tools.jar", "");
    write("model", model);
    write("variant", variant);
    let answers = folder.path().display();
    install(
        folder.path(),
        &format!(
            "#!/bin/sh
[ \"$1\" = -version ] && {{ echo 'openjdk version \"17.0.1\"' >&2; exit 0; }}
while [ \"$1\" != -config ]; do [ \"$1\" = -deadlock ] && deadlock=off; shift; done
grep -q Small \"$2\" && {{ cat '{answers}/model'; grep -q 2193: '{answers}/model'; exit $?; }}
grep -q Tiny \"$2\" && [ \"$deadlock\" = off ] && {{ cat '{answers}/variant'; exit 12; }}
echo 'another configuration' >&2; exit 9\n"
        ),
    );
    folder
}

/// Makes this script `java`. Another process writes it, because a test beside this one may start a process that inherits what is
/// open for writing here, and the system then refuses to run it.
fn install(folder: &Path, script: &str) {
    fs::write(folder.join("java.sh"), script).expect("the script");
    let words = ["-D", "-m", "755", "java.sh", "bin/java"];
    assert!(Command::new("install").args(words).current_dir(folder).status().expect("install").success());
}

fn check(folder: &Path, arguments: &[&str], variable: Option<&Path>) -> Output {
    let path = format!("{}:/usr/bin:/bin", folder.join("bin").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command
        .arg("check")
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "300")
        .env("PATH", path);
    match variable {
        Some(jar) => command.env("INTERLOCK_TLC", jar),
        None => command.env_remove("INTERLOCK_TLC"),
    };
    command.output().expect("the program")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn evidence(folder: &Path) -> Vec<Value> {
    let runs = fs::read_dir(folder.join(".interlock/runs")).expect("runs").count();
    let text = fs::read_to_string(folder.join(format!(".interlock/runs/{runs}/evidence.ndjson"))).expect("evidence");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn verdicts(folder: &Path, model: &str) -> Vec<(String, String)> {
    let of_model = |one: &&Value| one["obligation"]["model"] == model;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = evidence(folder);
    all.iter()
        .filter(of_model)
        .map(|one| (word(&one["obligation"]["name_in_input"]), word(&one["verdict"]["verdict"])))
        .collect()
}

#[test]
fn an_agreement_is_an_obligation_of_each_model_and_no_more_than_tested() {
    let folder = project(PROJECT, &clean(5), &violated());
    let output = check(folder.path(), &[], None);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    for model in ["Steps", "Steps/tiny"] {
        let last = verdicts(folder.path(), model).pop();
        assert_eq!(last, Some(("agrees with TLC".to_owned(), "tested".to_owned())), "{}", text(&output));
    }
    assert!(text(&output).contains("TLC 2.20 says the same: nothing found, generated 5, distinct 4, depth 4"));
    assert_eq!(check(folder.path(), &["--require", "proved"], None).status.code(), Some(20));
    assert!(!folder.path().join(".interlock/runs/1/kept").exists(), "nothing is kept of an agreement");
}

#[test]
fn a_contradiction_withdraws_the_verdicts_of_both_and_keeps_both_outputs() {
    let folder = project(PROJECT, &clean(6), &violated());
    let output = check(folder.path(), &[], None);
    assert_eq!(output.status.code(), Some(255), "{}", text(&output));
    let text = text(&output);
    assert!(text.contains("Interlock and TLC disagree about Steps: generated: 5 here, 6 in TLC"), "{text}");
    assert!(verdicts(folder.path(), "Steps").iter().all(|(_, verdict)| verdict == "failed"), "none is believed");
    assert!(verdicts(folder.path(), "Steps/tiny").iter().all(|(_, verdict)| verdict != "failed"));
    for (name, part) in [("tlc.txt", "6 states generated"), ("interlock.json", "\"generated\": 5")] {
        let path = folder.path().join(".interlock/runs/1/kept").join(format!("Steps-agrees_with_TLC.{name}"));
        assert!(fs::read_to_string(path).is_ok_and(|text| text.contains(part)), "{name}");
        assert!(text.contains(&format!("Steps-agrees_with_TLC.{name}")), "the report says where it is\n{text}");
    }
}

#[test]
fn a_variant_that_tlc_does_not_refute_is_a_contradiction_too() {
    let folder = project(PROJECT, &clean(5), &clean(5));
    let script = fs::read_to_string(folder.path().join("java.sh")).expect("the script");
    install(folder.path(), &script.replace("exit 12", "exit 0"));
    assert_eq!(check(folder.path(), &[], None).status.code(), Some(255));
    assert!(verdicts(folder.path(), "Steps/tiny").iter().all(|(_, verdict)| verdict == "failed"));
}

#[test]
fn what_is_no_answer_is_no_pass() {
    let folder = project(PROJECT, &clean(5)[..200], &violated());
    let output = check(folder.path(), &[], None);
    assert_eq!(output.status.code(), Some(20), "{}", text(&output));
    assert!(verdicts(folder.path(), "Steps").contains(&("agrees with TLC".to_owned(), "declined".to_owned())));
    assert!(verdicts(folder.path(), "Steps").contains(&("Small".to_owned(), "exhausted".to_owned())), "ours stand");
    fs::remove_file(folder.path().join("tla2tools.jar")).expect("the jar");
    let output = check(folder.path(), &[], None);
    assert!(output.status.code() == Some(20) && text(&output).contains("no such file"), "{}", text(&output));
}

#[test]
fn a_model_is_left_out_by_the_project_and_the_jar_named_by_the_environment() {
    let left_out =
        PROJECT.replace("spec = \"Steps.tla\"\nconfig", "spec = \"Steps.tla\"\nsecond_opinion = false\nconfig");
    let folder = project(&left_out, &clean(5), "");
    let output = check(folder.path(), &[], None);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("second_opinion = false"), "it counts as a suppression\n{}", text(&output));
    assert_eq!(verdicts(folder.path(), "Steps/tiny").len(), 1);
    let unnamed = PROJECT.replace("[tools]\ntlc = \"tla2tools.jar\"\n", "");
    let folder = project(&unnamed, &clean(5), &violated());
    assert_eq!(check(folder.path(), &[], None).status.code(), Some(0));
    assert_eq!(verdicts(folder.path(), "Steps/tiny").len(), 1, "nobody names a jar");
    assert_eq!(check(folder.path(), &[], Some(Path::new("tla2tools.jar"))).status.code(), Some(0));
    assert_eq!(verdicts(folder.path(), "Steps/tiny").len(), 2);
}
