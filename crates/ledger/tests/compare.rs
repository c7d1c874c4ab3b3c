//! What changed between two runs.

use ledger::{Ledger, RecordedRun, RunHeader, Standing, compare};
use std::collections::BTreeMap;
use std::path::PathBuf;
use verdict::trace::Ending;
use verdict::{
    Counterexample, Decline, Evidence, Expectation, Obligation, Proof, Refutation, Requirement, Sampling, Strength,
    Testing, Trace, Verdict,
};

fn proved() -> Verdict {
    Verdict::Proved(Proof { certificate: String::new(), checker: String::new(), axioms: Vec::new() })
}

fn tested() -> Verdict {
    Verdict::Tested(Testing::Sampling(Sampling { runs: 1, seed: 0, scheduler: String::new() }))
}

fn declined() -> Verdict {
    Verdict::Declined(Decline { reason: String::new(), place: None, remedy: String::new(), induction: None })
}

fn refuted() -> Verdict {
    let trace = Trace { steps: Vec::new(), ending: Ending::Finite, closing: None };
    let counterexample = Counterexample { trace, false_conjuncts: Vec::new(), notes: BTreeMap::new() };
    Verdict::Refuted(Box::new(Refutation {
        counterexample,
        replayed_by: "recheck".to_owned(),
        replay_command: String::new(),
        exit_code: 12,
    }))
}

fn run(evidence: &[(&str, Verdict, Expectation)]) -> RecordedRun {
    let one = |(property, verdict, expectation): &(&str, Verdict, Expectation)| Evidence {
        obligation: Obligation {
            property: (*property).to_owned(),
            model: "M".to_owned(),
            engine: "e".to_owned(),
            name_in_input: (*property).to_owned(),
            place: None,
            expectation: *expectation,
            asks: None,
        },
        verdict: verdict.clone(),
        inputs: Vec::new(),
        tools: BTreeMap::new(),
        figures: BTreeMap::new(),
        artefacts: BTreeMap::new(),
        findings: Vec::new(),
        absent_tool: None,
        remarks: Vec::new(),
    };
    let header = RunHeader { required: Some(Requirement::from(Strength::Exhausted)), ..RunHeader::default() };
    RecordedRun { folder: PathBuf::new(), header, evidence: evidence.iter().map(one).collect() }
}

fn standing(before: Verdict, after: Verdict, expectation: Expectation) -> Standing {
    compare(&run(&[("P", before, expectation)]), &run(&[("P", after, expectation)]))[0].standing
}

#[test]
fn an_obligation_is_judged_by_whether_it_is_met_and_then_by_strength() {
    use Expectation::{Holds, Violated};
    let cases = [
        (proved(), refuted(), Holds, Standing::Introduced),
        (proved(), tested(), Holds, Standing::Introduced),
        (tested(), refuted(), Holds, Standing::Introduced),
        (refuted(), proved(), Holds, Standing::Fixed),
        (refuted(), refuted(), Holds, Standing::Unchanged),
        (refuted(), declined(), Holds, Standing::Weaker),
        (tested(), declined(), Holds, Standing::Weaker),
        (declined(), tested(), Holds, Standing::Stronger),
        (refuted(), refuted(), Violated, Standing::Unchanged),
        (refuted(), proved(), Violated, Standing::Introduced),
        (proved(), refuted(), Violated, Standing::Fixed),
    ];
    for (before, after, expectation, expected) in cases {
        let words = format!("{:?} to {:?}, {expectation:?}", before.strength(), after.strength());
        assert_eq!(standing(before, after, expectation), expected, "{words}");
    }
}

#[test]
fn what_comes_and_what_goes_is_told() {
    use Expectation::Holds;
    let before = run(&[("Same", proved(), Holds), ("Gone", proved(), Holds)]);
    let after = run(&[("New", proved(), Holds), ("Bad", refuted(), Holds), ("Same", proved(), Holds)]);
    let found: Vec<(String, Standing, u8)> = compare(&before, &after)
        .into_iter()
        .map(|one| (one.obligation.property, one.standing, one.exit_code))
        .collect();
    let expected = [
        ("New", Standing::Added, 0),
        ("Bad", Standing::Introduced, 12),
        ("Same", Standing::Unchanged, 0),
        ("Gone", Standing::Removed, 0),
    ];
    assert_eq!(found, expected.map(|(name, standing, code)| (name.to_owned(), standing, code)));
}

#[test]
fn the_events_of_a_complete_run_tell_what_was_counted() {
    use std::io::Write;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ledger = Ledger::of_project(folder.path());
    let open = ledger.begin().expect("a number");
    let mut file = open.events_file().expect("a file");
    let explored = r#"{"event":"explored","evaluator":"interpreter","generated":3,"distinct":2,"queue":0,"depth":1,
        "initial":1,"behaviors":null,"seed":null,"initial_complete":true,"complete":true,"outdegree":null,
        "collision_bound":0.0,"init":null,"actions":[],"temporal_parts":0}"#;
    let lines = [r#"{"event":"hello","seq":1}"#, r#"{"event":"started","model":"Pool"}"#, &explored.replace('\n', "")];
    writeln!(file, "{}", lines.join("\n")).expect("lines");
    open.finish(&RunHeader { format: ledger::FORMAT.to_owned(), version: 1, run: 1, ..RunHeader::default() }, &[])
        .expect("a complete run");
    let found = ledger.read(1).expect("the run").explorations().expect("events");
    assert_eq!(
        found.iter().map(|(model, one)| (model.as_str(), one.distinct)).collect::<Vec<_>>(),
        [("Pool", Some(2))]
    );
}
