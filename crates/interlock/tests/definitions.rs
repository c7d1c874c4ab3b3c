//! Names with two definitions or declarations, as SANY treats them (tried with its version of November 2026): of two definitions
//! that come from other modules the first counts, an own one counts before one that is instantiated, and two in one module are a
//! mistake. Two declarations of the same constant or variable are one thing.

use serde_json::Value;
use std::process::Command;

/// What a check of a module says: the report, or the text where it cannot be used.
fn checked(root: &str) -> (i32, Value, String) {
    let modules = [
        ("A", "F == 1\nOwn == F\nG(a) == a"),
        ("B", "F == 2\nOther == F\nG(a) == a + 1"),
        ("Two", "F(a, b) == a"),
        ("M", root),
    ];
    checked_with(&modules, "")
}

/// The same of other modules, with further lines of the configuration.
fn checked_with(modules: &[(&str, &str)], lines: &str) -> (i32, Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, body) in modules {
        let text =
            format!("---- MODULE {name} ----\n{}{body}\n====\n", if *name == "B" { "EXTENDS Naturals\n" } else { "" });
        std::fs::write(folder.path().join(format!("{name}.tla")), text).expect("a module");
    }
    let configuration = format!("INIT Init NEXT Next INVARIANT Inv\n{lines}");
    std::fs::write(folder.path().join("M.cfg"), configuration).expect("a configuration");
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

#[test]
fn a_constant_that_two_modules_declare_is_one_with_a_warning() {
    let (a, b) = ("CONSTANT N\nFA == N", "CONSTANT N\nFB == N");
    let root = "VARIABLE x\nK == 3\nInit == x = <<FA, FB, N>>\nNext == UNCHANGED x\nInv == x # <<3, 3, 3>>";
    for value in ["N = 3", "N <- K"] {
        let extending = format!("EXTENDS A, B\n{root}");
        let (code, report, text) =
            checked_with(&[("A", a), ("B", b), ("M", &extending)], &format!("CONSTANT {value}\n"));
        assert_eq!(code, 12, "{value}: {text}");
        let warnings = report["warnings"].to_string();
        assert!(warnings.contains("`N` is declared twice; both are one constant"), "{value}: {warnings}");
    }
    let own = format!("EXTENDS A\nCONSTANT N, N\nFB == N\n{root}");
    assert_eq!(checked_with(&[("A", a), ("M", &own)], "CONSTANT N = 3\n").0, 12);
}

#[test]
fn a_variable_that_two_modules_declare_is_one_with_a_warning() {
    let modules = [
        ("A", "VARIABLES x, a\nIA == x = 0 /\\ a = 1"),
        ("B", "VARIABLES b, x\nIB == x = 0 /\\ b = 2\nNB == x' = x + 1 /\\ UNCHANGED b"),
        ("M", "EXTENDS A, B\nVARIABLE a\nInit == IA /\\ IB\nNext == NB /\\ UNCHANGED a\nInv == x < 2"),
    ];
    let (code, report, text) = checked_with(&modules, "");
    assert_eq!(code, 12, "{text}");
    let warnings = report["warnings"].to_string();
    for name in ["x", "a"] {
        assert!(warnings.contains(&format!("`{name}` is declared twice; both are one variable")), "{warnings}");
    }
    assert!(text.contains("\"distinct\": 3"), "{text}");
}

#[test]
fn what_two_modules_declare_is_substituted_together() {
    let modules = [
        ("A", "VARIABLE x\nFA == x"),
        ("B", "VARIABLE x\nFB == x"),
        ("C", "EXTENDS A, B"),
        (
            "M",
            "EXTENDS Naturals\nVARIABLE y\nI == INSTANCE C WITH x <- y + 1\nInit == y = 0\nNext == y' = 1\n\
             Inv == <<I!FA, I!FB>> # <<2, 2>>",
        ),
    ];
    let (code, _, text) = checked_with(&modules, "");
    assert_eq!(code, 12, "{text}");
}

#[test]
fn of_two_declarations_of_different_things_the_first_counts_and_the_other_is_not_evaluated() {
    let root = "EXTENDS A, B\nVARIABLE x\nInit == x = FA\nNext == UNCHANGED x\n";
    for other in ["CONSTANT N(_)\nFB == N(3)", "VARIABLE N\nFB == N"] {
        let used = |invariant: &str| {
            let root = format!("{root}Inv == {invariant}");
            checked_with(&[("A", "CONSTANT N\nFA == N"), ("B", other), ("M", &root)], "CONSTANT N = 3\n")
        };
        let (code, report, text) = used("x # 3");
        assert_eq!(code, 12, "{other}: {text}");
        let warnings = report["warnings"].to_string();
        assert!(warnings.contains("`N` is declared twice; the first declaration counts"), "{other}: {warnings}");
        let (code, _, text) = used("FB # 3");
        assert_eq!(code, 20, "{other}: {text}");
        assert!(text.contains("a constant in the module M, where the first of two declarations counts"), "{text}");
    }
}

#[test]
fn a_declaration_of_something_else_in_the_module_itself_or_beside_a_definition_is_a_mistake() {
    let a = ("A", "CONSTANT N\nFA == N");
    for (other, head) in [
        ("", "EXTENDS A\nVARIABLE N"),
        ("", "EXTENDS A\nCONSTANT N(_)"),
        ("N == 1", "EXTENDS A, B"),
        ("N == 1", "EXTENDS B, A"),
        ("N == 1", "EXTENDS A\nLOCAL INSTANCE B"),
    ] {
        let root = format!("{head}\nVARIABLE x\nInit == x = 0\nNext == UNCHANGED x\nInv == TRUE");
        let (code, _, text) = checked_with(&[a, ("B", other), ("M", &root)], "CONSTANT N = 3\n");
        assert_eq!(code, 150, "{head}: {text}");
        assert!(text.contains("`N` is de"), "{head}: {text}");
    }
}
