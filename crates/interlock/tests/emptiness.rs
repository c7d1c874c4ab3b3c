//! Properties that hold for an empty reason are noticed by `interlock tla prove` as by a search: in the same words, whether
//! the few states that are visited first decide it or the engine that proves, and as a verdict where a project checks.

mod program;

use program::interlock;
use std::path::Path;

/// More states than are visited before the engine is asked; `Deep` needs a long behavior.
const MODULE: &str = "---- MODULE T ----
EXTENDS Naturals, FiniteSets
CONSTANT N
VARIABLES b, x
vars == <<b, x>>
Bits == 1..N
Init == b = [i \\in Bits |-> FALSE] /\\ x = 0
Flip(i) == b' = [b EXCEPT ![i] = TRUE] /\\ UNCHANGED x
Full == (\\A i \\in Bits : b[i]) /\\ x = 0 /\\ x' = 1 /\\ UNCHANGED b
Odd == x = 2 /\\ x' = 0 /\\ UNCHANGED b
Next == (\\E i \\in Bits : Flip(i)) \\/ Full \\/ Odd
Spec == Init /\\ [][Next]_vars
Never == x > 1 => b[1]
Deep == x = 1 => b[3]
None == \\A i \\in {j \\in Bits : j > x + 20} : b[i]
Fine == \\A i \\in Bits : b[i] \\in BOOLEAN
Both == Fine /\\ Deep
====
";

fn folder(bits: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("T.tla"), MODULE).expect("a module");
    let config = format!(
        "SPECIFICATION Spec\nCONSTANT N = {bits}\nINVARIANTS Never Deep None Fine Both\nCHECK_DEADLOCK FALSE\n"
    );
    std::fs::write(folder.path().join("T.cfg"), config).expect("a configuration");
    folder
}

/// The warnings of a run.
fn warnings(folder: &Path, command: &str) -> Vec<String> {
    let output = interlock(folder, &["tla", command, "T", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
    let all = report["warnings"].as_array().expect("warnings");
    all.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_proof_warns_of_the_same_as_a_search() {
    for bits in [3, 13] {
        let folder = folder(bits);
        let (searched, proved) = (warnings(folder.path(), "check"), warnings(folder.path(), "prove"));
        assert_eq!(searched.len(), 3, "{searched:?}");
        assert_eq!(searched, proved, "{bits} bits");
    }
}

#[test]
fn a_project_has_emptiness_as_a_verdict() {
    let folder = folder(13);
    let project = "[project]\nname = \"t\"\n\n[[model]]\nname = \"m\"\nspec = \"T.tla\"\nengines = [\"prove\"]\n";
    std::fs::write(folder.path().join("interlock.toml"), project).expect("a project");
    let output = interlock(folder.path(), &["check", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let verdict = |name: &str| {
        let all = report["properties"].as_array().expect("properties");
        let own = all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} in {report:#}"));
        own["verdict"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(
        ["Never", "None", "Deep", "Fine", "Both"].map(verdict),
        ["vacuous", "vacuous", "proved", "proved", "proved"]
    );
    assert_ne!(output.status.code(), Some(0));
}
