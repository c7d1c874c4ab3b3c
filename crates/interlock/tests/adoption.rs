//! What a team meets first: `interlock init` on its repository, and a baseline for what is known.

use std::fs;
use std::path::Path;
use std::process::Command;

fn interlock(folder: &Path, words: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(words).current_dir(folder).env("NO_COLOR", "1").env("COLUMNS", "160").env_remove("TLA_LIBRARY");
    let output = command.output().expect("the program");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("a code"), text(output.stdout) + &text(output.stderr))
}

const SPEC: &str = r#"---- MODULE Pool ----
VARIABLE x
Init == x = 0
Next == x' = (x + 1) % 3
Spec == Init /\ [][Next]_x /\ WF_x(Next)
Small == x < 2
Natural == x \in Nat
Comes == <>(x = 2)
====
"#;

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = SPEC.replacen("VARIABLE", "EXTENDS Naturals\nVARIABLE", 1);
    let files = [
        ("specs/Pool.tla", spec.as_str()),
        ("specs/Pool.cfg", "SPECIFICATION Spec\nINVARIANTS Small Natural\nPROPERTY Comes\n"),
        ("specs/Pool_Wrong.cfg", "SPECIFICATION Specification\n"),
        ("specs/Other.cfg", "SPECIFICATION Spec\n"),
        ("src/pool.cpp", "int pool;\n"),
        ("proofs/pool_harness.c", "void f(void) { __CPROVER_assert(1, \"\"); }\n"),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

#[test]
fn a_repository_gets_a_project_file_that_can_be_checked() {
    let folder = repository();
    let (code, text) = interlock(folder.path(), &["init"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("1 model, 3 properties"), "{text}");
    let file = fs::read_to_string(folder.path().join("interlock.toml")).expect("the project file");
    assert!(file.contains("paths = [\"src\"]"), "{file}");
    assert!(
        file.contains("id = \"Pool.Comes\"\nstatement = \"Comes of module Pool holds.\"\nkind = \"liveness\""),
        "{file}"
    );
    assert!(file.contains("# specs/Pool.tla with specs/Pool_Wrong.cfg: "), "{file}");
    assert!(file.contains("# specs/Other.cfg belongs to no module"), "{file}");
    assert!(file.contains("# proofs/pool_harness.c looks like a harness"), "{file}");
    let (code, text) = interlock(folder.path(), &["check"]);
    assert_eq!(code, 12, "Small is refuted: {text}");
    let (code, text) = interlock(folder.path(), &["init"]);
    assert_eq!(code, 151, "{text}");
    assert!(text.contains("there is a project file already"), "{text}");
}

#[test]
fn what_is_known_does_not_fail_a_run_and_is_told() {
    let folder = repository();
    assert_eq!(interlock(folder.path(), &["init"]).0, 0);
    let (code, text) = interlock(folder.path(), &["check", "--write-baseline", "known.json"]);
    assert_eq!(code, 12, "writing a baseline excuses nothing: {text}");
    let (code, text) = interlock(folder.path(), &["check", "--baseline", "known.json"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("known finding: Pool.Small in Pool is Refuted (--baseline)"), "{text}");
    let config = folder.path().join("specs/Pool.cfg");
    // What was known is gone, and something new is there.
    fs::write(&config, "SPECIFICATION Spec\nINVARIANTS Natural\nPROPERTY Never\n").expect("a file");
    let spec = fs::read_to_string(folder.path().join("specs/Pool.tla")).expect("a file");
    fs::write(folder.path().join("specs/Pool.tla"), spec.replace("Comes ==", "Never == [](x # 2)\nComes =="))
        .expect("a file");
    let (code, text) = interlock(folder.path(), &["check", "--baseline", "known.json"]);
    assert_ne!(code, 0, "a new finding: {text}");
    assert!(text.contains("the baseline knows that Pool.Small in Pool is Refuted, which it is not"), "{text}");
}

#[test]
fn a_bound_can_be_required() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = "---- MODULE Long ----\nEXTENDS Naturals\nVARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % 100\nSafe == x < 100\n====\n";
    fs::write(folder.path().join("Long.tla"), spec).expect("a file");
    fs::write(folder.path().join("Long.cfg"), "INIT Init\nNEXT Next\nINVARIANT Safe\n").expect("a file");
    let check = |required: &str| {
        interlock(folder.path(), &["tla", "check", "Long", "--max-depth", "10", "--require", required])
    };
    assert_eq!(check("exhausted").0, 20);
    assert_eq!(check("bounded").0, 0);
    assert_eq!(check("bounded:10").0, 0, "{}", check("bounded:10").1);
    assert_eq!(check("bounded:11").0, 20);
    let (code, text) = check("bounded:many");
    assert_eq!(code, 2);
    assert!(text.contains("bounded:K with a number K"), "{text}");
}
