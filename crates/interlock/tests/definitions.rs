//! Names with two definitions, as SANY treats them (tried with its version of November 2026): of two that come from other modules
//! the first counts, an own one counts before one that is instantiated, and two in one module are a mistake.

use serde_json::Value;
use std::process::Command;

/// What a check of a module says: the report, or the text where it cannot be used.
fn checked(root: &str) -> (i32, Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let modules = [
        ("A", "F == 1\nOwn == F\nG(a) == a"),
        ("B", "F == 2\nOther == F\nG(a) == a + 1"),
        ("Two", "F(a, b) == a"),
        ("M", root),
    ];
    for (name, body) in modules {
        let text =
            format!("---- MODULE {name} ----\n{}{body}\n====\n", if name == "B" { "EXTENDS Naturals\n" } else { "" });
        std::fs::write(folder.path().join(format!("{name}.tla")), text).expect("a module");
    }
    std::fs::write(folder.path().join("M.cfg"), "INIT Init NEXT Next INVARIANT Inv\n").expect("a configuration");
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["tla", "check", "M", "--json"]).env_remove("TLA_LIBRARY").current_dir(folder.path());
    let output = command.output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap_or(-1), serde_json::from_str(&text).unwrap_or_default(), text)
}

const REST: &str = "VARIABLE x\nInit == x = F\nNext == x' = G(x)\n";

#[test]
fn the_first_of_two_definitions_counts_with_a_warning() {
    for (head, value) in [
        ("EXTENDS A, B", 1),
        ("EXTENDS B, A", 2),
        ("INSTANCE A\nINSTANCE B", 1),
        ("F == 3\nG(a) == a\nINSTANCE A\nLOCAL INSTANCE B", 3),
        ("EXTENDS A\nINSTANCE B", 1),
        ("EXTENDS A, Two", 1),
    ] {
        // Broken in the initial state, so that the independent evaluator has to take the same definition.
        let (code, report, text) = checked(&format!("{head}\n{REST}Inv == x # {value}"));
        assert_eq!(code, 12, "{head}: {text}");
        let warnings = report["warnings"].to_string();
        assert!(warnings.contains("`F` is defined twice; the first definition counts"), "{head}: {warnings}");
    }
}

#[test]
fn a_module_goes_on_with_its_own_definition() {
    let head = "F == 3\nG(a) == a\nINSTANCE A\nINSTANCE B\n";
    let (code, _, text) = checked(&format!("{head}{REST}Inv == <<Own, Other, F>> # <<1, 2, 3>>"));
    assert_eq!(code, 12, "{text}");
}

#[test]
fn two_definitions_in_one_module_and_other_numbers_of_parameters_are_mistakes() {
    for head in [
        "EXTENDS A\nF == 3",
        "INSTANCE A\nF == 3",
        "F == 3\nF == 3\nG(a) == a",
        "EXTENDS A\nINSTANCE Two",
        "EXTENDS A\nVARIABLE F",
    ] {
        let (code, _, text) = checked(&format!("{head}\n{REST}Inv == TRUE"));
        assert_eq!(code, 150, "{head}: {text}");
        assert!(text.contains("`F` is defined twice"), "{head}: {text}");
    }
}
