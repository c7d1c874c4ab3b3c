//! Specifications of our own whose temporal properties have known answers: a waiting line with and without starvation,
//! termination detection, leader election, a lock that needs strong fairness, a refinement that fails in its temporal
//! part alone. Each is checked with one, two and four workers, which must give the same report, and every behavior that
//! refutes is replayed once more from its trace file.
//!
//! What the symbolic engine can decide of them in a moment has to be the same.
//!
//! The second half are small models for which TLC is, or was, known to answer wrongly.

mod program;

use program::interlock;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A model in a folder of its own.
struct Model {
    folder: tempfile::TempDir,
    module: String,
    flags: Vec<&'static str>,
}

/// What a run reports: the exit code, each property's name and verdict, and the behaviors.
#[derive(Debug, PartialEq)]
struct Report {
    exit: i32,
    verdicts: Vec<(String, String)>,
    counts: [u64; 3],
    counterexamples: Value,
}

impl Model {
    /// One of the modules beside this file.
    fn of_file(module: &str, config: &str) -> Self {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/liveness");
        let folder = tempfile::tempdir().expect("a folder");
        for entry in std::fs::read_dir(specs).expect("the specifications") {
            let path: PathBuf = entry.expect("an entry").path();
            let name = path.file_name().expect("a name");
            std::fs::copy(&path, folder.path().join(name)).expect("a copy");
        }
        std::fs::write(folder.path().join("Model.cfg"), config).expect("a configuration");
        Self { folder, module: format!("{module}.tla"), flags: Vec::new() }
    }

    /// A module with the given body.
    fn of_text(body: &str, config: &str) -> Self {
        Self::of_module("Integers, Sequences, FiniteSets, TLC", body, config)
    }

    /// A module that extends others.
    fn of_module(extended: &str, body: &str, config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let text = format!("---- MODULE T ----\nEXTENDS {extended}\n{body}\n====\n");
        std::fs::write(folder.path().join("T.tla"), text).expect("a module");
        std::fs::write(folder.path().join("Model.cfg"), config).expect("a configuration");
        Self { folder, module: "T.tla".to_owned(), flags: Vec::new() }
    }

    fn with(mut self, flag: &'static str) -> Self {
        self.flags.push(flag);
        self
    }

    fn run(&self, workers: &str) -> Report {
        let mut arguments = vec!["tla", "check", &self.module, "--config", "Model.cfg", "--json", "--workers", workers];
        arguments.extend(["--itf", "trace.itf.json"]);
        arguments.extend(&self.flags);
        let output = interlock(self.folder.path(), &arguments);
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let properties = report["properties"].as_array().expect("properties").iter();
        Report {
            exit: output.status.code().expect("an exit code"),
            verdicts: properties.map(|one| (word(&one["name"]), word(&one["verdict"]))).collect(),
            counts: ["generated", "distinct", "depth"].map(|name| report[name].as_u64().unwrap_or_default()),
            counterexamples: report["counterexamples"].clone(),
        }
    }

    /// The report, which is the same for every number of workers and whose behaviors can be replayed.
    fn report(&self) -> Report {
        let report = self.run("1");
        for name in ["trace.itf.json", "trace-2.itf.json"] {
            if self.folder.path().join(name).exists() {
                let replayed = interlock(self.folder.path(), &["replay", name]);
                let text = String::from_utf8_lossy(&replayed.stdout);
                assert_eq!(replayed.status.code(), Some(0), "{name}: {text}");
            }
        }
        for workers in ["2", "4"] {
            assert_eq!(self.run(workers), report, "{workers} workers");
        }
        report
    }

    /// What the symbolic engine says of the same, by lassos and counting, in so much time.
    fn proved(&self, budget: &str) -> Vec<(String, String)> {
        let arguments =
            ["tla", "prove", &self.module, "--config", "Model.cfg", "--json", "--continue", "--budget", budget];
        let output = interlock(self.folder.path(), &arguments);
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let properties = report["properties"].as_array().expect("properties").iter();
        properties.map(|one| (word(&one["name"]), word(&one["verdict"]))).collect()
    }

    /// Names of the properties that both engines decide; they may not contradict each other.
    fn agreed(&self, report: &Report, budget: &str) -> Vec<String> {
        let mut agreed = Vec::new();
        for (name, proof) in self.proved(budget) {
            let found = report.verdicts.iter().find(|(known, _)| *known == name);
            match (proof.as_str(), found.map_or("", |(_, verdict)| verdict.as_str())) {
                ("proved", "exhausted") | ("refuted", "refuted") => agreed.push(name),
                ("proved", "refuted") | ("refuted", "exhausted") => {
                    panic!("{name}: {proof} by the symbolic engine, {:?} by the search", report.verdicts)
                }
                // Not decided by one of them, or by neither.
                _ => {}
            }
        }
        agreed
    }

    /// The verdict on each property by its name, the model's other obligations left out.
    fn verdicts(&self, names: &[&str]) -> Vec<String> {
        let report = self.report();
        let _agreed = self.agreed(&report, "2s");
        let verdict = |name: &&str| {
            let found = report.verdicts.iter().find(|(known, _)| known == name);
            found.map_or_else(|| format!("no property {name}"), |(_, verdict)| verdict.clone())
        };
        names.iter().map(verdict).collect()
    }
}

/// The verdicts on the properties of a module beside this file under a specification.
fn verdicts(module: &str, constants: &str, specification: &str, properties: &[&str]) -> Vec<String> {
    let config = format!(
        "{constants}\nSPECIFICATION {specification}\nPROPERTIES {}\nCHECK_DEADLOCK FALSE\n",
        properties.join(" ")
    );
    Model::of_file(module, &config).with("--continue").verdicts(properties)
}

#[test]
fn a_waiting_line_starves_nobody_and_a_free_for_all_does() {
    let properties = ["NoStarvation", "SomebodyEnters", "EverybodyEnters"];
    let line = "CONSTANTS Visitors = {a, b, c} Fair = TRUE";
    assert_eq!(verdicts("Turnstile", line, "Spec", &properties), ["exhausted", "exhausted", "refuted"]);
    assert_eq!(verdicts("Turnstile", line, "Unfair", &properties), ["refuted", "refuted", "refuted"]);
    let crowd = "CONSTANTS Visitors = {a, b, c} Fair = FALSE";
    assert_eq!(verdicts("Turnstile", crowd, "Spec", &properties), ["refuted", "exhausted", "refuted"]);
    assert_eq!(verdicts("Turnstile", crowd, "StrongSpec", &properties), ["exhausted", "exhausted", "refuted"]);
}

#[test]
fn termination_is_detected_if_the_token_moves() {
    let properties = ["Safe", "Live", "Stable", "Ends", "Fate"];
    let expected = ["exhausted", "exhausted", "exhausted", "refuted", "exhausted"];
    assert_eq!(verdicts("Quiet", "CONSTANT N = 3", "Spec", &properties), expected);
    let lazy = ["exhausted", "refuted", "exhausted", "refuted", "refuted"];
    assert_eq!(verdicts("Quiet", "CONSTANT N = 3", "Lazy", &properties), lazy);
}

#[test]
fn a_leader_is_elected_unless_names_are_lost() {
    let properties = ["Elected", "Stays", "Greatest"];
    let tight = "CONSTANTS Ring = <<3, 1, 4, 2>> Leaky = FALSE";
    assert_eq!(verdicts("Crown", tight, "Spec", &properties), ["exhausted", "exhausted", "exhausted"]);
    let leaky = "CONSTANTS Ring = <<3, 1, 4, 2>> Leaky = TRUE";
    assert_eq!(verdicts("Crown", leaky, "Spec", &properties), ["refuted", "exhausted", "refuted"]);
}

#[test]
fn a_lock_that_is_free_now_and_then_needs_strong_fairness() {
    let properties = ["Inside", "StrongAsProperty", "WeakAsProperty"];
    assert_eq!(verdicts("Door", "", "WeakSpec", &properties), ["refuted", "refuted", "exhausted"]);
    assert_eq!(verdicts("Door", "", "StrongSpec", &properties), ["exhausted", "exhausted", "exhausted"]);
}

#[test]
fn a_refinement_may_fail_in_its_temporal_part_alone() {
    assert_eq!(verdicts("Digits", "", "Spec", &["Refines", "RefinesWrong"]), ["exhausted", "exhausted"]);
    assert_eq!(verdicts("Digits", "", "Steady", &["Refines"]), ["exhausted"]);
    let shaken = Model::of_file("Digits", "SPECIFICATION Shaken\nPROPERTY Refines\n").report();
    assert_eq!(shaken.exit, 13);
    assert_eq!(shaken.counterexamples[0]["ending"]["back_to"], 0, "the lower digit falls back for ever");
    // The other way round it fails in a step, which needs no infinite behavior.
    let wrong = Model::of_file("Digits", "SPECIFICATION Shaken\nPROPERTY RefinesWrong\n").report();
    assert_eq!((wrong.exit, &wrong.counterexamples[0]["ending"]), (13, &Value::from("finite")));
}

#[test]
fn many_conditions_of_strong_fairness_cost_no_normal_form() {
    let constants = "CONSTANT Directions = 1..26";
    assert_eq!(verdicts("Many", constants, "Spec", &["All"]), ["exhausted"]);
    assert_eq!(verdicts("Many", constants, "Spared", &["All"]), ["refuted"]);
}

#[test]
fn the_symbolic_engine_decides_and_agrees() {
    let two = "CONSTANTS Visitors = {a, b} Fair = TRUE";
    let ring = "CONSTANTS Ring = <<3, 1, 4, 2>> Leaky = TRUE";
    for (module, constants, specification, properties) in [
        ("Turnstile", two, "Spec", "SomebodyEnters"),
        ("Turnstile", two, "Unfair", "NoStarvation SomebodyEnters EverybodyEnters"),
        ("Quiet", "CONSTANT N = 2", "Lazy", "Safe Live Stable Ends Fate"),
        ("Crown", ring, "Spec", "Elected Greatest"),
        ("Door", "", "WeakSpec", "Inside StrongAsProperty WeakAsProperty"),
        ("Door", "", "StrongSpec", "Inside StrongAsProperty WeakAsProperty"),
        ("Digits", "", "Spec", "Refines RefinesWrong"),
        ("Digits", "", "Steady", "Refines"),
    ] {
        let behaviors = format!("SPECIFICATION {specification}\nPROPERTIES {properties}\nCHECK_DEADLOCK FALSE");
        let model = Model::of_file(module, &format!("{constants}\n{behaviors}\n")).with("--continue");
        let agreed = model.agreed(&model.run("1"), "60s");
        assert_eq!(agreed.join(" "), properties, "{module}, {specification}");
    }
}

/// A counter that goes from 0 to 3 and stays there; it may stop before, unless it is `Fair`.
const COUNTER: &str = "VARIABLE n\nInit == n = 0\nStep == n < 3 /\\ n' = n + 1\nNext == Step \\/ UNCHANGED n\n\
                       Spec == Init /\\ [][Next]_n\nFair == Spec /\\ WF_n(Step)\n";

const HOLDS: [&str; 2] = ["exhausted", "exhausted"];
const NEEDS_FAIRNESS: [&str; 2] = ["refuted", "exhausted"];
const FAILS: [&str; 2] = ["refuted", "refuted"];
const DECLINED: [&str; 2] = ["declined", "declined"];
const UNDEFINED: [&str; 2] = ["failed", "failed"];

/// Checks properties of the counter without and with fairness.
fn check_counter(table: &[(&str, [&str; 2])]) {
    for (property, expected) in table {
        let body = format!("{COUNTER}Property == {property}");
        let verdict = |specification: &str| {
            let config = format!("SPECIFICATION {specification}\nPROPERTY Property\nCHECK_DEADLOCK FALSE\n");
            Model::of_text(&body, &config).verdicts(&["Property"]).remove(0)
        };
        assert_eq!(["Spec", "Fair"].map(verdict), *expected, "{property}");
    }
}

#[test]
fn shapes_of_formulas_that_tlc_rejects() {
    check_counter(&[
        ("(n = 0) <=> <>(n = 3)", NEEDS_FAIRNESS),
        ("CASE n = 0 -> <>(n = 3) [] OTHER -> TRUE", NEEDS_FAIRNESS),
        ("CASE n = 1 -> <>(n = 3)", UNDEFINED),
        ("\\E k : <>(n = 3)", NEEDS_FAIRNESS),
        ("\\E k : <>(n = k)", DECLINED),
        ("<><<n' > n>>_n", NEEDS_FAIRNESS),
        ("[](<>[][n' > n]_n)", HOLDS),
        ("[]([][n' < n]_n)", FAILS),
        ("\\A k \\in {n} : <>(n >= k)", DECLINED),
        ("\\E q \\in Nat : <>(n = q)", DECLINED),
        ("\\E q \\in Nat : <>(n = 3)", NEEDS_FAIRNESS),
        ("[][n' > n]_n \\/ <>(n = 3)", HOLDS),
        ("[][n' < n]_n => <>(n = 3)", NEEDS_FAIRNESS),
        ("~[][n' > n]_n", FAILS),
        ("IF n = 0 THEN [][n' >= n]_n ELSE TRUE", HOLDS),
        ("IF n = 0 THEN [][n' < n]_n ELSE TRUE", FAILS),
        ("lbl :: [][n' >= n]_n", HOLDS),
        ("[](lbl :: (n < 4))", HOLDS),
        ("<>SF_n(Step)", NEEDS_FAIRNESS),
        ("WF_n(Step) ~> (n = 3)", HOLDS),
        ("[]SF_n(Step)", NEEDS_FAIRNESS),
        ("[](~WF_n(Step))", FAILS),
        ("~(\\A q \\in {}: []FALSE)", FAILS),
        ("~(\\E q \\in {}: []FALSE)", HOLDS),
        ("\\E q \\in {}: []FALSE", FAILS),
        ("(\\A q \\in {}: []FALSE) => FALSE", FAILS),
        ("\\E q \\in BOOLEAN: [][n' = n]_n", FAILS),
    ]);
}

#[test]
fn formulas_that_tlc_has_answered_wrongly() {
    check_counter(&[
        // Double negation (FuzzTLA's finding 14).
        ("[](~(~([](n >= 0))))", HOLDS),
        ("~(<>(~([](n >= 0))))", HOLDS),
        ("<>(~(~([](n >= 0))))", HOLDS),
        ("[](n >= 0 => ~(~([](n >= 0))))", HOLDS),
        ("<>(~(FALSE ~> FALSE)) => FALSE", HOLDS),
        ("~(<>(~(n >= 0 ~> n >= 0)))", HOLDS),
        ("[](~(~(<>(n = 3))))", NEEDS_FAIRNESS),
        // Constants in temporal formulas (issues 604, 790, 819).
        ("<>TRUE", HOLDS),
        ("[](FALSE => <>(n = 9))", HOLDS),
        ("FALSE ~> (n = 9)", HOLDS),
        ("FALSE ~> FALSE", HOLDS),
        ("FALSE ~> TRUE", HOLDS),
        ("<>TRUE => <>[]TRUE", HOLDS),
        ("<>FALSE", FAILS),
        ("<>[]FALSE", FAILS),
        ("TRUE ~> FALSE", FAILS),
        ("\\A k \\in {} : []<>(n = k)", HOLDS),
        // An implication from the initial state (issues 773, 1037).
        ("(n = 0) => <>[](n = 3)", NEEDS_FAIRNESS),
        ("Init => <>[](n = 3)", NEEDS_FAIRNESS),
        // A disjunction that once grew exponentially (issue 354).
        ("\\E k \\in 0..40 : ~<>(n = 3)", FAILS),
        ("\\E k \\in 0..40 : <>(n = k)", HOLDS),
        // Fairness under a quantifier (issue 742).
        ("\\A k, l \\in 0..3 : SF_n(n = k /\\ l = l /\\ Step)", NEEDS_FAIRNESS),
    ]);
}

#[test]
fn a_recursive_operator_may_be_temporal() {
    let body = format!(
        "{COUNTER}RECURSIVE Later(_)\nLater(k) == IF k = 0 THEN <>(n = 3) ELSE <>(Later(k - 1))\n\
         RECURSIVE Turn(_)\nTurn(b) == IF b THEN [][TRUE]_n ELSE Turn(~b)\nLive == Later(3)\nSafe == Turn(FALSE)"
    );
    let verdicts = |specification: &str| {
        let config = format!("SPECIFICATION {specification}\nPROPERTIES Live Safe\n");
        Model::of_text(&body, &config).with("--continue").verdicts(&["Live", "Safe"])
    };
    assert_eq!(verdicts("Spec"), ["refuted", "exhausted"]);
    assert_eq!(verdicts("Fair"), ["exhausted", "exhausted"]);
}

#[test]
fn a_violation_that_needs_three_moments_is_found_by_any_number_of_workers() {
    let body = "VARIABLE x\nSpec == x = FALSE /\\ [][x' \\in BOOLEAN]_x\nOnce == [](x => [](~x => []~x))";
    let report = Model::of_text(body, "SPECIFICATION Spec\nPROPERTY Once\n").report();
    assert_eq!(report.exit, 13);
    assert_eq!(report.counterexamples[0]["steps"].as_array().map(Vec::len), Some(4), "the shortest behavior");
}

#[test]
fn an_action_that_can_be_undone_by_another_is_still_taken() {
    let body = "VARIABLE x\nUp == x' = (x + 1) % 3\nJump == x' \\in 0..2\nSpec == x = 0 /\\ [][Up \\/ Jump]_x /\\ WF_x(Up)\n\
                Again == []<><<Up>>_x\nWeak == WF_x(Up)";
    let model = Model::of_text(body, "SPECIFICATION Spec\nPROPERTIES Again Weak Spec\n");
    assert_eq!(model.verdicts(&["Again", "Weak", "Spec"]), ["exhausted", "exhausted", "exhausted"]);
}

#[test]
fn what_cannot_be_evaluated_under_a_temporal_operator_is_an_error() {
    for property in [
        "<>(Head(<<>>) = n)",
        "(n = 0) ~> (Head(<<>>) = n)",
        "<>(n \\div 0 = 1)",
        "<>((CHOOSE k \\in {} : TRUE) = n)",
        "~[](Head(<<>>) = n)",
        "lbl :: [](Head(<<>>) = n)",
    ] {
        let report = counter_with(property, "");
        assert_eq!((report.exit, &*report.verdicts[0].1), (75, "failed"), "{property}");
    }
    let later = counter_with("<>(n = 2 /\\ Head(<<>>) = n)", "");
    assert_eq!((later.exit, &*later.verdicts[0].1), (76, "failed"));
    // Where the value does not matter nothing is wrong.
    assert_eq!(counter_with("<>(n = 3 \\/ Head(<<>>) = n)", "").exit, 75);
    assert_eq!(counter_with("[]<>(n < 4 \\/ Head(<<>>) = n)", "").exit, 0);
    // An invariant that is violated as well is not hidden.
    assert_eq!(counter_with("<>(Head(<<>>) = n)", "INVARIANT Init\n").exit, 12);
}

fn counter_with(property: &str, more: &str) -> Report {
    let body = format!("{COUNTER}Property == {property}");
    let config = format!("SPECIFICATION Fair\nPROPERTY Property\nCHECK_DEADLOCK FALSE\n{more}");
    Model::of_text(&body, &config).report()
}

const ENDLESS: &str = "VARIABLE n\nSpec == n = 0 /\\ [][n' = n + 1]_n /\\ WF_n(n' = n + 1)\nSmall == n < 3\nLarge == n < 100\n\
                       Reaches == <>(n = 7)\n";

#[test]
fn a_constraint_that_every_fair_behavior_leaves_decides_nothing() {
    let body = ENDLESS;
    let config = "SPECIFICATION Spec\nPROPERTY Reaches\nCONSTRAINT Small\n";
    let model = Model::of_text(body, config);
    assert_eq!((model.report().exit, model.verdicts(&["Reaches"])), (20, vec!["declined".to_owned()]));
    let tested = Model::of_text(body, config).with("--liveness-under-reduction");
    assert_eq!((tested.report().exit, tested.verdicts(&["Reaches"])), (0, vec!["tested".to_owned()]));
    let strict = Model::of_text(body, config).with("--liveness-under-reduction").with("--strict");
    assert_eq!((strict.report().exit, strict.verdicts(&["Reaches"])), (21, vec!["vacuous".to_owned()]));
}

#[test]
fn a_constraint_that_leaves_nothing_out_takes_nothing_away() {
    let body = format!("{COUNTER}Small == n < 5\nGrows == n' >= n\nReaches == <>(n = 3)");
    let config = "SPECIFICATION Fair\nPROPERTY Reaches\nCONSTRAINT Small\nACTION_CONSTRAINT Grows\n";
    assert_eq!(Model::of_text(&body, config).verdicts(&["Reaches"]), ["exhausted"]);
    // A violation inside of the model is one of the specification.
    let config = "SPECIFICATION Spec\nPROPERTY Reaches\nCONSTRAINT Early\n";
    assert_eq!(Model::of_text(&format!("{body}\nEarly == n < 2"), config).verdicts(&["Reaches"]), ["refuted"]);
}

/// A token that two symmetric places hand to each other.
const SWAP: &str = "CONSTANT Places\nVARIABLE at\nSym == Permutations(Places)\nMove == at' \\in Places \\ {at}\n\
                    Spec == at \\in Places /\\ [][Move]_at /\\ WF_at(Move)\n\
                    Everywhere == \\A p \\in Places : []<>(at = p)\nSettles == \\E p \\in Places : <>[](at = p)\n\
                    Stays == <>[](at \\in Places)\nLeaves == <>(at \\notin Places)\n";

#[test]
fn symmetry_neither_invents_nor_hides_a_violation() {
    let properties = ["Everywhere", "Settles", "Stays", "Leaves"];
    let config = |symmetry: &str| {
        format!("CONSTANT Places = {{a, b}}\nSPECIFICATION Spec\n{symmetry}PROPERTIES {}\n", properties.join(" "))
    };
    let whole = Model::of_text(SWAP, &config("")).with("--continue").verdicts(&properties);
    assert_eq!(whole, ["exhausted", "refuted", "exhausted", "refuted"]);
    // The first two speak of places by name, so that the reduced graph does not decide them; all states do.
    let reduced = Model::of_text(SWAP, &config("SYMMETRY Sym\n")).with("--continue");
    assert_eq!(reduced.verdicts(&properties), whole);
    assert_eq!(reduced.report().counts[1], 1, "what is counted is the search with the symmetry");
}

/// A bit that flips, and a counter of flips which the view does not show.
fn flips(most: &str) -> String {
    format!(
        "VARIABLES bit, flips\nvars == <<bit, flips>>\nView == bit\nFlip == bit' = 1 - bit /\\ flips' = {most}\n\
         Spec == bit = 0 /\\ flips = 0 /\\ [][Flip]_vars /\\ WF_vars(Flip)\n\
         Five == <>(flips = 5)\nSix == <>(flips = 6)\nBack == (flips = 5) ~> (flips = 0)\n"
    )
}

#[test]
fn what_a_view_hides_is_looked_for_among_all_states() {
    let config = "SPECIFICATION Spec\nVIEW View\nPROPERTIES Five Six Back\n";
    let model = Model::of_text(&flips("(flips + 1) % 6"), config).with("--continue");
    assert_eq!(model.verdicts(&["Five", "Six", "Back"]), ["exhausted", "refuted", "exhausted"]);
    assert_eq!(model.report().counts[1], 2, "what is counted is the search with the view");
}

#[test]
fn states_without_end_behind_a_view_decide_nothing() {
    let config = "SPECIFICATION Spec\nVIEW View\nPROPERTY Five\n";
    let model = Model::of_text(&flips("flips + 1"), config);
    assert_eq!((model.report().exit, model.verdicts(&["Five"])), (20, vec!["declined".to_owned()]));
}

#[test]
fn a_property_that_holds_of_everything_is_noticed() {
    let body = format!("{COUNTER}Trivial == <>(n = n) \\/ []TRUE\nGiven == WF_n(Step)");
    let strict = |property: &str| {
        let config = format!("SPECIFICATION Fair\nPROPERTY {property}\nCHECK_DEADLOCK FALSE\n");
        Model::of_text(&body, &config).with("--strict").verdicts(&[property]).remove(0)
    };
    assert_eq!(strict("Trivial"), "vacuous");
    assert_eq!(strict("Given"), "vacuous");
}

#[test]
fn a_name_of_a_let_is_part_of_the_conjuncts_that_speak_of_it_alone() {
    // The first conjunct was taken for an action, because the name beside it stands for one.
    let body = "VARIABLE x\nNext == x' = 1 - x\nSpec == x = 0 /\\ [][Next]_x\n\
                Steps(v) == LET P == v' = 1 - v IN v \\in 0..1 /\\ [][P]_v\nGood == Steps(x)\n\
                Bad == LET P == x' = 1 - x IN x = 1 /\\ [][P]_x\n";
    let config = "SPECIFICATION Spec\nPROPERTIES Good Bad\n";
    assert_eq!(Model::of_text(body, config).with("--continue").verdicts(&["Good", "Bad"]), ["exhausted", "refuted"]);
}

#[test]
fn time_that_passes_in_steps_satisfies_the_standard_module() {
    let body = "VARIABLE x\nTimes == 0..3\nTick == now < 3 /\\ now' = now + 1 /\\ UNCHANGED x\n\
                Next == (x' = 1 - x /\\ UNCHANGED now) \\/ Tick\nSpec == x = 0 /\\ now = 0 /\\ [][Next]_<<x, now>>\n\
                Fair == Spec /\\ WF_now(Tick)\nTime == RTnow(x)\n";
    let verdict = |specification: &str| {
        let config =
            format!("CONSTANT Real <- Times\nSPECIFICATION {specification}\nPROPERTY Time\nCHECK_DEADLOCK FALSE\n");
        Model::of_module("RealTime, Integers", body, &config).verdicts(&["Time"]).remove(0)
    };
    assert_eq!(verdict("Fair"), "exhausted");
    assert_eq!(verdict("Spec"), "refuted");
}

#[test]
fn a_formula_of_the_specification_is_no_property_of_its_steps_alone() {
    // The third conjunct forbids every step; the search knows nothing of it, so what it finds is no violation.
    let body = "VARIABLE x\nSpec == x = 1 /\\ [][x' = x + 1]_x /\\ [](x = 1)\nStays == [](x = 1)\nNever == <>[](x = 1)\n\
                Small == x < 5\n";
    let config = "SPECIFICATION Spec\nPROPERTIES Stays Never\nCONSTRAINT Small\n";
    let report = Model::of_text(body, config).with("--continue").report();
    assert!(report.verdicts.iter().all(|(_, verdict)| verdict != "refuted"), "{report:?}");
}
