//! Corrupted input: a diagnostic and a documented exit code, never a panic, whatever is in the files.

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use verdict::ExitCode;

const MODULE: &str = include_str!("project/Slots.tla");
const CONFIG: &str = include_str!("project/Slots.cfg");

/// Bytes that mean something to a parser.
const DAMAGE: &[u8] = b"\\/=()[]{}<>~'\x00\xff x9.,:-\n";

/// Checks a module and a configuration of any content, and returns the exit code.
fn check(folder: &TempDir, module: &[u8], config: &[u8]) -> ExitCode {
    fs::write(folder.path().join("Slots.tla"), module).expect("the module");
    fs::write(folder.path().join("Slots.cfg"), config).expect("the configuration");
    run(folder.path(), &["tla", "check", "Slots", "--workers", "1", "--max-depth", "6", "--memory", "512M"])
}

fn run(folder: &Path, arguments: &[&str]) -> ExitCode {
    let output = Command::new(env!("CARGO_BIN_EXE_interlock")).args(arguments).current_dir(folder).output();
    let output = output.expect("the program");
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    let code = output.status.code().unwrap_or_else(|| panic!("ended by a signal: {told}"));
    let exit = u8::try_from(code).ok().and_then(ExitCode::from_code);
    let exit = exit.unwrap_or_else(|| panic!("{code} is not a documented exit code: {told}"));
    assert_ne!(exit, ExitCode::Internal, "{told}");
    exit
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn truncated_modules() {
    let folder = folder();
    for length in (0..MODULE.len()).step_by(61) {
        check(&folder, &MODULE.as_bytes()[..length], CONFIG.as_bytes());
    }
}

#[test]
fn truncated_configurations() {
    let folder = folder();
    for length in (0..CONFIG.len()).step_by(7) {
        check(&folder, MODULE.as_bytes(), &CONFIG.as_bytes()[..length]);
    }
}

#[test]
fn damaged_bytes() {
    let folder = folder();
    // A fixed linear congruential sequence (Knuth's MMIX), so that a failure can be repeated.
    let mut state = 20_261_120_u64;
    let mut next = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    for _ in 0..60 {
        let mut module = MODULE.as_bytes().to_vec();
        for _ in 0..3 {
            let at = next(module.len());
            module[at] = DAMAGE[next(DAMAGE.len())];
        }
        check(&folder, &module, CONFIG.as_bytes());
    }
}

#[test]
fn wrong_encodings_and_empty_files() {
    let folder = folder();
    assert_eq!(check(&folder, b"", CONFIG.as_bytes()), ExitCode::Parse);
    assert_eq!(check(&folder, b"\xff\xfe-\x00-\x00", CONFIG.as_bytes()), ExitCode::Parse);
    assert_eq!(check(&folder, &[0; 4_096], CONFIG.as_bytes()), ExitCode::Parse);
    assert_eq!(check(&folder, MODULE.as_bytes(), b"\xff\xfe"), ExitCode::Configuration);
    let windows = MODULE.replace('\n', "\r\n");
    assert_eq!(check(&folder, windows.as_bytes(), CONFIG.as_bytes()), ExitCode::Success);
}

#[test]
fn deep_nesting_and_huge_numbers() {
    let folder = folder();
    let with = |expression: &str| format!("---- MODULE Slots ----\nEXTENDS Integers\nASSUME {expression}\n====\n");
    for (open, middle, close) in [("(", "TRUE", ")"), ("{", "", "}"), ("~", "TRUE", ""), ("<<", "1", ">>")] {
        let deep = format!("{}{middle}{}", open.repeat(50_000), close.repeat(50_000));
        check(&folder, with(&deep).as_bytes(), b"");
    }
    let huge = "9".repeat(100_000);
    check(&folder, with(&format!("{huge} > 0")).as_bytes(), b"");
    check(&folder, with(&format!("{huge} \\in SUBSET (1..{huge})")).as_bytes(), b"");
    check(&folder, with("2^(2^60) > 0").as_bytes(), b"");
    check(&folder, with("1..99999999999999999999 # {}").as_bytes(), b"");
}

#[test]
fn endless_recursion_ends_with_a_diagnostic() {
    let folder = folder();
    let module = "---- MODULE Slots ----\nEXTENDS Naturals\nRECURSIVE F(_)\nF(n) == F(n + 1)\nASSUME F(0)\n====\n";
    let exit = check(&folder, module.as_bytes(), b"");
    assert!([ExitCode::Capacity, ExitCode::Assumption].contains(&exit), "{exit:?}");
}

#[test]
fn modules_that_extend_each_other() {
    let folder = folder();
    fs::write(folder.path().join("Other.tla"), "---- MODULE Other ----\nEXTENDS Slots\n====\n").expect("the module");
    let module = b"---- MODULE Slots ----\nEXTENDS Other\n====\n";
    assert_eq!(check(&folder, module, b""), ExitCode::Parse);
    assert_eq!(check(&folder, b"---- MODULE Slots ----\nEXTENDS Nowhere\n====\n", b""), ExitCode::Parse);
}

#[test]
fn folders_in_the_place_of_files() {
    let folder = folder();
    fs::create_dir(folder.path().join("A.tla")).expect("a folder");
    assert_eq!(run(folder.path(), &["tla", "check", "A.tla"]), ExitCode::Parse);
    fs::write(folder.path().join("Slots.tla"), MODULE).expect("the module");
    fs::create_dir(folder.path().join("Slots.cfg")).expect("a folder");
    assert_eq!(run(folder.path(), &["tla", "check", "Slots"]), ExitCode::Configuration);
    assert_eq!(run(folder.path(), &["replay", "A.tla"]), ExitCode::System);
    fs::create_dir(folder.path().join("interlock.toml")).expect("a folder");
    assert_eq!(run(folder.path(), &["check", "interlock.toml"]), ExitCode::Configuration);
}

#[test]
fn traces_that_are_none() {
    let folder = folder();
    for text in [
        "",
        "{}",
        "[]",
        "{\"vars\":[],\"states\":[]}",
        "{\"#meta\":{\"source\":\"A\"},\"vars\":[\"x\"],\"states\":[{}]}",
    ] {
        fs::write(folder.path().join("t.itf.json"), text).expect("the trace");
        assert_eq!(run(folder.path(), &["replay", "t.itf.json"]), ExitCode::Configuration, "{text}");
    }
}
