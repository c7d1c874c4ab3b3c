//! `interlock gaps` from end to end: anchors in C++ and Rust, stale evidence, what leads nowhere; and on the subject's own
//! runtime, where exactly the function that was edited is named.

mod folders;

use folders::copy_folder;
use std::fs;
use std::path::Path;
use std::process::Command;

const SPEC: &str = "---- MODULE Pool ----\nEXTENDS Integers\nVARIABLE x\nInit == x = 0\nNext == x' = 1 - x\nSafe == x \\in {0, 1}\n====\n";

const PROJECT: &str = r#"
[project]
name = "pool"

[sources]
paths = ["src"]

[[property]]
id = "P.Safe"
statement = "The pool is safe."
kind = "safety"

[[property]]
id = "P.Other"
statement = "Nobody shows this."
kind = "safety"

[[model]]
name = "Pool"
spec = "Pool.tla"
properties = { Safe = "P.Safe" }

[[anchor]]
file = "src/pool.rs"
function = "take"
properties = ["P.Safe"]
"#;

const CPP: &str = r#"#include <mutex>
std::mutex m;
int size;
// interlock: P.Safe
int put(int x) { std::lock_guard<std::mutex> g(m); return size += x; }
int get() { std::lock_guard<std::mutex> g(m); return size; }
int plain(int x) { return x; }
"#;

const RUST: &str = "use std::sync::Mutex;\nfn take(m: &Mutex<u32>) -> u32 { *m.lock().unwrap() }\n";

fn interlock(folder: &Path, words: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(words).current_dir(folder).env("NO_COLOR", "1").env("COLUMNS", "200").env_remove("TLA_LIBRARY");
    let output = command.output().expect("the program");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("a code"), text(output.stdout) + &text(output.stderr))
}

fn gaps(folder: &Path) -> serde_json::Value {
    let (code, text) = interlock(folder, &["gaps", "--json"]);
    assert!(code == 0 || code == 20, "{text}");
    serde_json::from_str(&text).expect("JSON")
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = [
        ("interlock.toml", PROJECT),
        ("Pool.tla", SPEC),
        ("Pool.cfg", "INIT Init\nNEXT Next\nINVARIANT Safe\n"),
        ("src/pool.cpp", CPP),
        ("src/pool.rs", RUST),
    ];
    fs::create_dir(folder.path().join("src")).expect("a folder");
    for (path, text) in files {
        fs::write(folder.path().join(path), text).expect("a file");
    }
    folder
}

#[test]
fn a_dangerous_pattern_that_no_model_covers_is_told() {
    let folder = project();
    let source = "#include <mutex>\nstruct Pool {\n  std::mutex m;\n  int size = 0;\n  int other = 0;\n\
        void put() { std::lock_guard<std::mutex> g(m); ++size; ++other; }\n\
        void add() { std::lock_guard<std::mutex> g(m); ++size; ++other; }\n\
        void take() { std::lock_guard<std::mutex> g(m); --size; --other; }\n\
        int get() { return size; }\n};\n";
    fs::write(folder.path().join("src/pool.cpp"), source).expect("a file");
    let found = |folder: &Path| gaps(folder)["patterns_without_model"].as_array().expect("a list").clone();
    let uncovered = found(folder.path());
    assert_eq!(uncovered.len(), 1, "{uncovered:?}");
    assert_eq!((uncovered[0]["rule"].as_str(), uncovered[0]["line"].as_u64()), (Some("guarded-by"), Some(9)));
    let (_, text) = interlock(folder.path(), &["gaps"]);
    assert!(text.contains("Dangerous patterns that no model covers") && text.contains("src/pool.cpp:9"), "{text}");
    // A property that a model is to show covers it; one that nobody shows does not.
    for (property, left) in [("P.Other", 1), ("P.Safe", 0)] {
        let anchored = source.replace("int get() {", &format!("// interlock: {property}\n  int get() {{"));
        fs::write(folder.path().join("src/pool.cpp"), anchored).expect("a file");
        assert_eq!(found(folder.path()).len(), left, "{property}");
    }
}

#[test]
fn code_without_a_property_and_properties_without_evidence_are_told() {
    let folder = project();
    assert_eq!(interlock(folder.path(), &["check"]).0, 0);
    let (code, text) = interlock(folder.path(), &["gaps", "--matrix"]);
    assert_eq!(code, 20, "{text}");
    assert!(text.contains("src/pool.cpp:6  get"), "a lock and no anchor: {text}");
    assert!(!text.contains(" put  ") && !text.contains("plain"), "{text}");
    assert!(text.contains("P.Other: no model speaks about it"), "{text}");
    assert!(!text.contains("Evidence about other code"), "{text}");
    let row = "P.Safe: tla-explore Exhausted; put (src/pool.cpp:5); take (src/pool.rs:2)";
    assert!(text.contains(row), "{text}");
}

#[test]
fn evidence_is_stale_when_its_function_changes_and_not_when_its_layout_does() {
    let folder = project();
    assert_eq!(interlock(folder.path(), &["check"]).0, 0);
    let source = folder.path().join("src/pool.cpp");
    fs::write(&source, CPP.replace("return size += x;", "\n  // more\n  return size  +=  x;")).expect("a file");
    assert_eq!(gaps(folder.path())["stale"], serde_json::json!([]), "layout is no change");
    fs::write(&source, CPP.replace("size += x", "size -= x")).expect("a file");
    let found = gaps(folder.path());
    let stale = found["stale"].as_array().expect("a list");
    assert_eq!(stale.len(), 1, "{found:#}");
    assert_eq!((&stale[0]["function"], &stale[0]["what"]), (&"put".into(), &"changed".into()));
    assert_eq!(interlock(folder.path(), &["check"]).0, 0);
    assert_eq!(gaps(folder.path())["stale"], serde_json::json!([]), "checked again with this code");
}

#[test]
fn anchors_that_lead_nowhere_are_told() {
    let folder = project();
    let stray = "// interlock: P.Saef\nint other() { return 1; }\n// interlock: P.Safe\nint declared;\n";
    fs::write(folder.path().join("src/other.cpp"), stray).expect("a file");
    fs::write(folder.path().join("src/pool.rs"), "fn taken() {}\n").expect("a file");
    let (_, text) = interlock(folder.path(), &["gaps"]);
    assert!(text.contains("other is anchored to P.Saef, which is no property"), "{text}");
    assert!(text.contains("src/other.cpp:3: the anchor to P.Safe stands before no function"), "{text}");
    assert!(text.contains("[[anchor]]: there is no function take in src/pool.rs"), "{text}");
}

/// The subject: its project file, the runtime that it names, and one function of that edited.
#[test]
fn one_edited_function_of_the_runtime_is_named_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copy = tempfile::tempdir().expect("a temporary folder");
    let project = copy.path().join("subjects/mps");
    let runtime = copy.path().join("crates/mps-runtime/src");
    copy_folder(&root.join("subjects/mps"), &project);
    copy_folder(&root.join("crates/mps-runtime/src"), &runtime);
    let (code, text) = interlock(&project, &["check", "--model", "BatchQueue/live"]);
    assert_eq!(code, 0, "{text}");
    let before = gaps(&project);
    assert_eq!(before["stale"], serde_json::json!([]));
    assert_eq!(before["anchors_that_lead_nowhere"], serde_json::json!([]));
    let file = runtime.join("batch_queue.rs");
    let source = fs::read_to_string(&file).expect("the runtime");
    let edited = source.replacen(
        "// interlock: BQ.StopWakesAll, BQ.StopInOrder, BQ.StopReturns",
        "let _edited = ();\n// interlock: BQ.StopWakesAll, BQ.StopInOrder, BQ.StopReturns",
        1,
    );
    assert_ne!(edited, source);
    fs::write(&file, edited).expect("the runtime");
    let after = gaps(&project);
    let stale = after["stale"].as_array().expect("a list");
    assert_eq!(stale.len(), 1, "{stale:#?}");
    assert!(stale[0]["function"].as_str().expect("a name").ends_with("stop"), "{stale:#?}");
    assert!(stale[0]["file"].as_str().expect("a file").ends_with("batch_queue.rs"), "{stale:#?}");
}
