//! `-loadTrace` and the forms of `-dumpTrace`. The files in `tests/tlc/loaded` were written by TLC, and so were the numbers
//! of states that it meets when it loads them; for `Groups`, whose sets TLC cannot load from JSON, they are those that it has
//! with its binary file of the same trace.

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tlc/loaded")
}

/// Output and exit code.
fn tlc(folder: &Path, words: &[&str]) -> (String, i32) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_interlock")).arg("tlc").args(words).current_dir(folder).output().expect("it");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
    (text.concat(), output.status.code().unwrap_or(-1))
}

fn counts(text: &str) -> String {
    let figures = text.lines().find(|line| line.contains("states generated, ") && !line.starts_with("Progress"));
    let depth = text.lines().find_map(|line| line.strip_prefix("The depth of the complete state graph search is "));
    format!("{} depth {}", figures.unwrap_or("none"), depth.unwrap_or("none"))
}

#[test]
fn a_search_keeps_to_a_trace() {
    for workers in ["1", "2"] {
        let (text, code) = tlc(&folder(), &["-workers", workers, "-loadTrace", "json", "line.json", "Line"]);
        let figures = "6 states generated, 5 distinct states found, 0 states left on queue. depth 5.";
        assert_eq!((counts(&text), code), (figures.to_owned(), 12), "{text}");
        assert!(text.contains("State 5: <Put line 5, col 8 to line 5, col 58 of module Line>"), "{text}");
    }
    // Without the trace there is more to see.
    let (text, _) = tlc(&folder(), &["Line"]);
    assert!(counts(&text).starts_with("7 states generated, 6 distinct"), "{text}");
}

#[test]
fn a_loop_is_closed_where_the_trace_closes_it() {
    let (text, code) = tlc(&folder(), &["-config", "Live.cfg", "-loadTrace", "json", "live.json", "Line"]);
    let figures = "28 states generated, 19 distinct states found, 0 states left on queue. depth 16.";
    assert_eq!((counts(&text), code), (figures.to_owned(), 13), "{text}");
    assert!(text.contains("Back to state"), "{text}");
}

/// A property of infinite behaviors is looked at among those that begin with the trace, which is no more than a test. TLC had
/// the same codes and counts.
#[test]
fn temporal_properties_are_tested_on_what_begins_with_a_trace() {
    let place = tempfile::tempdir().expect("a temporary folder");
    for name in ["Line.tla", "line.json", "live.json"] {
        std::fs::copy(folder().join(name), place.path().join(name)).expect("a file");
    }
    let module = "---- MODULE Meets ----\nEXTENDS Line\nMeets == <>(Len(q) = 2)\n====\n";
    std::fs::write(place.path().join("Meets.tla"), module).expect("a module");
    std::fs::write(place.path().join("Meets.cfg"), "SPECIFICATION Spec\nPROPERTY Meets\n").expect("a configuration");
    for (trace, figures, code) in [
        ("line.json", "24 states generated, 17 distinct states found, 0 states left on queue. depth ", 0),
        ("live.json", "28 states generated, 19 distinct states found, 0 states left on queue. depth ", 13),
    ] {
        let (text, found) = tlc(place.path(), &["-loadTrace", "json", trace, "Meets"]);
        assert_eq!(found, code, "{text}");
        assert!(counts(&text).starts_with(figures), "{text}");
    }
}

#[test]
fn sets_and_model_values_are_recognized() {
    let (text, code) = tlc(&folder(), &["-loadTrace", "json", "groups.json", "Groups"]);
    let figures = "5 states generated, 3 distinct states found, 0 states left on queue. depth 3.";
    assert_eq!((counts(&text), code), (figures.to_owned(), 12), "{text}");
    assert!(text.contains("/\\ s = {p1, p2}"), "{text}");
}

/// What is dumped is loaded, also from a simulation, and only what the trace says of variables counts.
#[test]
fn a_trace_of_ours_is_loaded() {
    let place = tempfile::tempdir().expect("a temporary folder");
    for name in ["Line.tla", "Line.cfg"] {
        std::fs::copy(folder().join(name), place.path().join(name)).expect("a file");
    }
    let (text, code) = tlc(place.path(), &["-dumpTrace", "json", "t.json", "Line"]);
    assert_eq!(code, 12, "{text}");
    let (text, code) = tlc(place.path(), &["-simulate", "num=3", "-loadTrace", "json", "t.json", "Line"]);
    assert!(code == 12 && text.contains("State 5:") && !text.contains("State 6:"), "{text}");
    let json = std::fs::read_to_string(place.path().join("t.json")).expect("the trace");
    let other = json.replace("\"vars\":[\"x\",\"q\"]", "\"vars\":[\"x\"]").replace("[1,2]", "[7]");
    assert_ne!(other, json);
    std::fs::write(place.path().join("t.json"), other).expect("the trace");
    let (text, code) = tlc(place.path(), &["-loadTrace", "json", "t.json", "Line"]);
    assert!(code == 12 && text.contains("/\\ q = <<1, 2>>"), "{text}");
}

#[test]
fn a_trace_that_the_specification_does_not_have_leads_nowhere() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let json = std::fs::read_to_string(folder().join("line.json")).expect("the trace");
    let file = place.path().join("other.json");
    std::fs::write(&file, json.replace("[2,{\"q\":[0],\"x\":1}]", "[2,{\"q\":[0],\"x\":3}]")).expect("a file");
    let (text, code) = tlc(&folder(), &["-deadlock", "-loadTrace", "json", &file.display().to_string(), "Line"]);
    assert!(code == 0 && counts(&text).starts_with("2 states generated, 1 distinct"), "{text}");
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let with = |text: &str| {
        let file = place.path().join("bad.json");
        std::fs::write(&file, text).expect("a file");
        tlc(&folder(), &["-loadTrace", "json", &file.display().to_string(), "Line"])
    };
    let (text, code) = with("{\"counterexample\": {\"state\": [\n  [1, {\"x\": 0}],\n  [2, {\"x\" 1}]]}}");
    assert!(code == 151 && text.contains("bad.json:3:") && text.contains("3 |   [2, {\"x\" 1}]]}}\n"), "{text}");
    assert!(text.contains("^") && text.contains("expected `:`"), "{text}");
    let (text, code) = with("{\"states\": []}");
    assert!(code == 151 && text.contains("missing field `counterexample`"), "{text}");
    let (text, code) = with("{\"counterexample\": {\"state\": [[1, {}], [3, {}]]}, \"vars\": []}");
    assert!(code == 151 && text.contains("a state 3 where state 2 is expected"), "{text}");
    let (text, code) = tlc(&folder(), &["-loadTrace", "json", "nowhere.json", "Line"]);
    assert!(code == 153 && text.contains("cannot read the trace nowhere.json"), "{code} {text}");
    let (text, code) = tlc(&folder(), &["-loadTrace", "tlc", "t.bin", "Line"]);
    assert!(code == 2 && text.contains("number model values instead of naming them"), "{text}");
}

/// What is written is a specification that has this behavior: TLC and we come to the same end with it.
#[test]
fn dumped_modules_go_on_from_the_trace() {
    let place = tempfile::tempdir().expect("a temporary folder");
    for name in ["Line.tla", "Line.cfg"] {
        std::fs::copy(folder().join(name), place.path().join(name)).expect("a file");
    }
    let forms = [
        ("tlcplain", "Plain.tla"),
        ("tlcTESpec", "Again.tla"),
        ("tlcaction", "Acts.tla"),
        ("dot", "trace.dot"),
        ("tla", "Counter.tla"),
    ];
    let words: Vec<&str> = forms.iter().flat_map(|(form, file)| ["-dumpTrace", form, file]).collect();
    let (text, code) = tlc(place.path(), &[&words[..], &["Line"]].concat());
    assert_eq!(code, 12, "{text}");
    let write = |name: &str, text: &str| std::fs::write(place.path().join(name), text).expect("a file");
    write("Again.cfg", "SPECIFICATION _spec\nINVARIANT Inv\n");
    let (text, code) = tlc(place.path(), &["Again"]);
    assert!(code == 12 && text.contains("State 5:") && !text.contains("State 6:"), "{text}");
    write("Acts.cfg", "INIT Init\nNEXT Next\nINVARIANT Inv\nACTION_CONSTRAINT _actionConstraint\n");
    let (text, code) = tlc(place.path(), &["Acts"]);
    assert!(code == 12 && text.contains("State 5:") && counts(&text).contains("5 distinct"), "{text}");
    write("Plain.cfg", "");
    let (text, code) = tlc(place.path(), &["Plain"]);
    assert_eq!(code, 0, "{text}");
    let dot = std::fs::read_to_string(place.path().join("trace.dot")).expect("the graph");
    assert!(dot.starts_with("digraph MyGraph {\n1 [label=\"/\\\\ x = 0\\n/\\\\ q = <<>>\"];\n"), "{dot}");
    assert!(dot.contains("4 -> 5 [label=\"Put\"];\n}"), "{dot}");
}

/// The specification of a counterexample shows it again, with the constants and model values of the model.
#[test]
fn a_specification_of_the_counterexample_is_written() {
    let place = tempfile::tempdir().expect("a temporary folder");
    for name in ["Groups.tla", "Groups.cfg"] {
        std::fs::copy(folder().join(name), place.path().join(name)).expect("a file");
    }
    let (text, code) = tlc(place.path(), &["-generateSpecTE", "Groups"]);
    assert_eq!(code, 12, "{text}");
    let path = text.lines().find_map(|line| line.strip_prefix("Trace exploration spec path: ")).expect("a path");
    let written = std::fs::read_to_string(place.path().join(path)).expect("the specification");
    assert!(written.contains("CONSTANTS p1, p2, p3\n") && written.contains("    P = {p1, p2, p3}\n"), "{written}");
    let (text, code) = tlc(place.path(), &[path]);
    assert!(code == 12 && text.contains("State 3:") && text.contains("/\\ s = {p1, p2}"), "{text}");
    assert!(counts(&text).starts_with("3 states generated, 3 distinct"), "{text}");
    // Not without the flag, and not against a later one.
    for words in [&["Groups"][..], &["-generateSpecTE", "-noTE", "Groups"]] {
        let (text, _) = tlc(place.path(), words);
        assert!(!text.contains("Trace exploration spec"), "{text}");
    }
    let elsewhere = place.path().join("nowhere").display().to_string();
    let (text, code) = tlc(place.path(), &["-generateSpecTE", "-teSpecOutDir", &elsewhere, "Groups"]);
    assert!(code == 153 && text.contains("cannot write"), "{code} {text}");
}
