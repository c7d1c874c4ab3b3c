//! A run with one verdict of every kind, small enough to be read and large enough to show every part of a report.

use report::{Gap, RunReport};
use std::collections::BTreeMap;
use verdict::trace::Ending;
use verdict::{
    Assumption, Binding, Change, CollisionBound, Counterexample, Decline, Evidence, Exhaustion, Expectation, Failure,
    FailureClass, FalseConjunct, Obligation, Place, Proof, Property, PropertyKind, Reduction, Refutation, Sampling,
    Step, StoreKind, Testing, Trace, TraceValue, Vacuity, Verdict,
};

pub fn place(file: &str, line: u32, column: u32) -> Place {
    let module = file.trim_end_matches(".tla").to_owned();
    Place { file: file.to_owned(), module, line, column, end_line: line, end_column: column + 10 }
}

pub fn evidence(model: &str, property: &str, verdict: Verdict) -> Evidence {
    let name = property.rsplit('.').next().unwrap_or(property).to_owned();
    let place = property.contains('.').then(|| place("Pool.tla", 40, 1));
    let obligation = Obligation {
        property: property.to_owned(),
        model: model.to_owned(),
        engine: "tla-explore".to_owned(),
        name_in_input: name,
        place,
        expectation: Expectation::Holds,
        asks: None,
    };
    Evidence {
        obligation,
        verdict,
        inputs: Vec::new(),
        tools: BTreeMap::from([("interlock".to_owned(), "0.1.0".to_owned())]),
        figures: BTreeMap::from([("wall_s".to_owned(), 0.125)]),
        artefacts: BTreeMap::new(),
        findings: Vec::new(),
        absent_tool: None,
        remarks: Vec::new(),
    }
}

pub fn must_be_violated(mut evidence: Evidence) -> Evidence {
    evidence.obligation.expectation = Expectation::Violated;
    evidence
}

pub fn exhausted() -> Verdict {
    Verdict::Exhausted(Exhaustion {
        constants: vec![("NumStreams".to_owned(), "4".to_owned()), ("Threads".to_owned(), "{t1, t2, t3}".to_owned())],
        reductions: vec![
            Reduction::Symmetry { name: "Permutations".to_owned() },
            Reduction::StateConstraint { name: "FewOperations".to_owned() },
        ],
        generated: 7_981,
        distinct: 1_992,
        depth: 23,
        store: StoreKind::Fingerprint128,
        collision_bound: CollisionBound(5.83e-33),
    })
}

pub fn plain_exhausted() -> Verdict {
    Verdict::Exhausted(Exhaustion {
        constants: Vec::new(),
        reductions: Vec::new(),
        generated: 17,
        distinct: 9,
        depth: 4,
        store: StoreKind::Exact,
        collision_bound: CollisionBound(0.0),
    })
}

fn model_value(name: &str) -> TraceValue {
    TraceValue::ModelValue(name.to_owned())
}

fn state(first: &str, second: &str, free: &[&str]) -> Vec<(String, TraceValue)> {
    let pc = |text: &str| TraceValue::String(text.to_owned());
    vec![
        ("pc".to_owned(), TraceValue::Function(vec![(model_value("t1"), pc(first)), (model_value("t2"), pc(second))])),
        ("free".to_owned(), TraceValue::Set(free.iter().map(|digit| TraceValue::Int((*digit).to_owned())).collect())),
        (
            "log".to_owned(),
            TraceValue::Tuple(vec![
                TraceValue::Record(vec![("op".to_owned(), pc("init")), ("at".to_owned(), model_value("none"))]),
                TraceValue::Interval("1".to_owned(), "3".to_owned()),
                TraceValue::Bool(true),
            ]),
        ),
    ]
}

fn step(action: &str, binding: Option<(&str, &str)>, line: u32, state: Vec<(String, TraceValue)>) -> Step {
    let bindings =
        binding.map(|(name, value)| Binding { name: name.to_owned(), value: value.to_owned() }).into_iter().collect();
    Step {
        action: action.to_owned(),
        bindings,
        place: Some(place("Pool.tla", line, 1)),
        state,
        changes: Vec::new(),
        alias: None,
    }
}

fn change(path: &str, before: &str, after: &str) -> Change {
    Change { path: path.to_owned(), before: before.to_owned(), after: after.to_owned() }
}

pub fn counterexample(ending: Ending) -> Counterexample {
    let mut second = step("Acquire", Some(("t", "t1")), 20, state("owns", "idle", &["2"]));
    second.changes = vec![change("pc[t1]", "\"idle\"", "\"owns\""), change("free", "{1, 2}", "{2}")];
    let mut third = step("Acquire", Some(("t", "t2")), 20, state("owns", "owns", &[]));
    third.changes =
        vec![change("pc[t2]", "\"idle\"", "\"owns\""), change("free", "{2}", "{}"), change("hint", "", "7")];
    let first = step("Initial predicate", None, 12, state("idle", "idle", &["1", "2"]));
    let conjunct = FalseConjunct {
        place: place("Pool.tla", 42, 5),
        text: "pc[a] = \"owns\" =>\n     pc[b] # \"owns\"".to_owned(),
        bindings: vec![
            Binding { name: "a".to_owned(), value: "t1".to_owned() },
            Binding { name: "b".to_owned(), value: "t2".to_owned() },
        ],
        values: vec![("pc[b]".to_owned(), "\"owns\"".to_owned())],
    };
    Counterexample {
        trace: Trace { steps: vec![first, second, third], ending, closing: None },
        false_conjuncts: vec![conjunct],
        notes: BTreeMap::new(),
    }
}

pub fn refuted(ending: Ending) -> Verdict {
    Verdict::Refuted(Box::new(Refutation {
        counterexample: counterexample(ending),
        replayed_by: "recheck".to_owned(),
        replay_command: "interlock replay .interlock/runs/3/traces/Pool-MutualExclusion.itf.json".to_owned(),
        exit_code: 12,
    }))
}

pub fn declined() -> Verdict {
    Verdict::Declined(Decline {
        reason: "temporal properties are not supported yet".to_owned(),
        place: Some(place("Pool.tla", 88, 3)),
        remedy: "check it with TLC, or state it as an action property [][A]_v if it is one".to_owned(),
        induction: None,
    })
}

pub fn vacuous() -> Verdict {
    Verdict::Vacuous(Vacuity {
        reason: "2 of 7 actions never fired: Flush, Drain".to_owned(),
        witness: Some(place("Pool.tla", 60, 1)),
    })
}

pub fn failed(class: FailureClass, trace: Option<Counterexample>) -> Verdict {
    Verdict::Failed(Failure {
        class,
        message: "Attempted to apply a function to an argument outside of its domain: pc[t3]".to_owned(),
        place: Some(place("Pool.tla", 21, 9)),
        remedy: "make the domain of pc the set of all threads".to_owned(),
        trace: trace.map(Box::new),
        notes: BTreeMap::from([("calls".to_owned(), "Next at Pool.tla:50:1\nAcquire at Pool.tla:20:1".to_owned())]),
    })
}

/// Everything that a project run can show.
pub fn everything() -> RunReport {
    let bounded = Verdict::Bounded { bound: "depth 10".to_owned(), depth: Some(10), unwinding_assertions: false };
    let tested =
        Verdict::Tested(Testing::Sampling(Sampling { runs: 12_000, seed: 7, scheduler: "uniform".to_owned() }));
    let proved = Verdict::Proved(Proof {
        certificate: "pool.lrat".to_owned(),
        checker: "recheck".to_owned(),
        axioms: vec!["choice".to_owned()],
    });
    let assumed = Verdict::Assumed(Assumption { by: "the Metal documentation".to_owned(), place: None });
    let mut remarked = evidence("AllocatorWithAVeryLongName", "AL.NoReuse", bounded);
    remarked.remarks = vec!["one loop has no invariant".to_owned()];
    let property = Property {
        id: "SP.Progress".to_owned(),
        statement: "A waiting worker is woken.".to_owned(),
        kind: PropertyKind::Liveness,
    };
    let mut report = RunReport {
        title: "mps".to_owned(),
        command: "check".to_owned(),
        tool_version: "0.1.0".to_owned(),
        evidence: vec![
            evidence("Pool", "SP.MutualExclusion", exhausted()),
            evidence("Pool", "Pool: every action fires", vacuous()),
            evidence("Pool", "SP.Progress", declined()),
            must_be_violated(evidence("PoolBroken", "SP.MutualExclusion", refuted(Ending::Finite))),
            must_be_violated(evidence("EventBroken", "EV.CallbackSurvival", plain_exhausted())),
            evidence("Event", "EV.CallbackSurvival", refuted(Ending::BackTo(1))),
            remarked,
            evidence("AllocatorWithAVeryLongName", "AL.Stress", tested),
            evidence("Proofs", "AL.Ghost", proved),
            evidence("Device", "DV.Order", assumed),
            evidence("Queue", "BQ.Drain", failed(FailureClass::Evaluation, Some(counterexample(Ending::Finite)))),
            evidence("Queue", "BQ.Stop", failed(FailureClass::Evaluation, Some(counterexample(Ending::Finite)))),
        ],
        gaps: vec![Gap { property, reason: "declined".to_owned() }],
        suppressions: vec!["Queue: deadlock is not checked (CHECK_DEADLOCK FALSE in Queue.cfg)".to_owned()],
        warnings: vec!["Pool: constant N is assigned twice".to_owned()],
        figures: BTreeMap::from([("wall_s".to_owned(), 4.25)]),
        coverage: None,
        recorded_in: Some(".interlock/runs/3".to_owned()),
        ..RunReport::default()
    };
    let verdicts = report.evidence.iter().map(|one| (&one.verdict, one.obligation.expectation));
    report.exit_code = verdict::ExitCode::of_run(verdicts);
    report
}

/// A run in which all is well.
pub fn all_well() -> RunReport {
    RunReport {
        title: "DieHard".to_owned(),
        command: "tla check".to_owned(),
        tool_version: "0.1.0".to_owned(),
        evidence: vec![
            evidence("DieHard", "TypeOK", exhausted()),
            must_be_violated(evidence("DieHard", "NotSolved", refuted(Ending::Finite))),
        ],
        figures: BTreeMap::from([
            ("wall_s".to_owned(), 0.042),
            ("generated".to_owned(), 7_981.0),
            ("distinct".to_owned(), 1_992.0),
            ("depth".to_owned(), 23.0),
        ]),
        ..RunReport::default()
    }
}
