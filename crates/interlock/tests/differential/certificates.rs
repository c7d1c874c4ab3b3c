//! Certificates that were tampered with: whatever is wrong of a reachable state has to be rejected.
//!
//! A mutant is made from an accepted certificate by leaving out a literal, changing the sign of one, adding a cube, or
//! taking a value away from a place. Not every mutant is wrong; one is for certain if it excludes a state that the plain
//! search of `recheck` reaches. Each of those must be rejected.

use super::number;
use super::ours::input;
use super::specifications::Case;
use recheck::certificate::{Certificate, Judgement, Proved, Shape, certify};
use tla_explore::Broken;
use tla_explore::interpret::Interpreted;
use tla_model::model::Model;
use tla_symbolic::{Engine, Options, Target, Watch};
use verdict::TraceValue;
use verdict::event::NoEvents;

const MODULE: &str = "---- MODULE T ----
EXTENDS Naturals, Sequences, FiniteSets
VARIABLES pc, lock, queue, count
vars == <<pc, lock, queue, count>>
P == {1, 2, 3}
Init == pc = [p \\in P |-> \"idle\"] /\\ lock = 0 /\\ queue = <<>> /\\ count = 0
Ask(p) == pc[p] = \"idle\" /\\ Len(queue) < 2 /\\ queue' = Append(queue, p) /\\ pc' = [pc EXCEPT ![p] = \"wait\"] /\\ UNCHANGED <<lock, count>>
Take(p) == pc[p] = \"wait\" /\\ lock = 0 /\\ Head(queue) = p /\\ lock' = p /\\ queue' = Tail(queue)
           /\\ pc' = [pc EXCEPT ![p] = \"in\"] /\\ count' = count + 1
Leave(p) == pc[p] = \"in\" /\\ lock' = 0 /\\ pc' = [pc EXCEPT ![p] = \"idle\"] /\\ count' = count - 1 /\\ UNCHANGED queue
Next == \\E p \\in P : Ask(p) \\/ Take(p) \\/ Leave(p)
Spec == Init /\\ [][Next]_vars
Mutex == \\A p, q \\in P : pc[p] = \"in\" /\\ pc[q] = \"in\" => p = q
Counted == count = Cardinality({p \\in P : pc[p] = \"in\"})
Wrong == \\A p \\in P : pc[p] # \"in\"
====
";
const CONFIG: &str = "SPECIFICATION Spec\nINVARIANTS Mutex Counted Wrong\n";

struct Never;

impl Watch for Never {
    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _engine: &'static str, _text: &str) {}
}

/// The truth values of the literals of a value; nothing if it does not fit.
fn literals(shape: &Shape, value: Option<&TraceValue>, out: &mut Vec<bool>) -> Option<()> {
    let parts = |value: &TraceValue| match value {
        TraceValue::Tuple(items) => Some(items.clone()),
        TraceValue::Function(pairs) => Some(pairs.iter().map(|(_, value)| value.clone()).collect()),
        TraceValue::Record(fields) => Some(fields.iter().map(|(_, value)| value.clone()).collect()),
        _ => None,
    };
    match shape {
        Shape::Never => None,
        Shape::Bool => {
            out.push(matches!(value, Some(TraceValue::Bool(true))));
            Some(())
        }
        Shape::Scalar(all) => {
            out.extend(all.iter().map(|known| Some(known) == value));
            value.is_none_or(|value| all.contains(value)).then_some(())
        }
        Shape::Set(all) => {
            let own = match value {
                Some(TraceValue::Set(own)) => own.clone(),
                _ => Vec::new(),
            };
            out.extend(all.iter().map(|known| own.contains(known)));
            own.iter().all(|element| all.contains(element)).then_some(())
        }
        Shape::Map(_, shapes) => {
            let own = value.and_then(parts);
            for (index, shape) in shapes.iter().enumerate() {
                literals(shape, own.as_ref().and_then(|own| own.get(index)), out)?;
            }
            Some(())
        }
        Shape::Sequence(shapes) => {
            let own = value.and_then(parts).unwrap_or_default();
            out.extend((0..=shapes.len()).map(|length| value.is_some() && length == own.len()));
            for (index, shape) in shapes.iter().enumerate() {
                literals(shape, own.get(index), out)?;
            }
            (own.len() <= shapes.len()).then_some(())
        }
        Shape::Union(_) => None,
    }
}

/// Whether a certificate excludes a state.
fn excludes(certificate: &Certificate, state: &[(String, TraceValue)]) -> bool {
    let mut values = Vec::new();
    for ((_, shape), (_, value)) in certificate.shapes.iter().zip(state) {
        if literals(shape, Some(value), &mut values).is_none() {
            return true;
        }
    }
    certificate
        .cubes
        .iter()
        .any(|cube| cube.iter().all(|(literal, sign)| values.get(*literal as usize).is_none_or(|value| value == sign)))
}

fn mutant(certificate: &Certificate, draw: &mut dyn FnMut(usize) -> usize) -> Certificate {
    let mut mutant = certificate.clone();
    let cube = draw(mutant.cubes.len());
    match draw(4) {
        0 => {
            let at = draw(mutant.cubes[cube].len());
            mutant.cubes[cube].remove(at);
        }
        1 => {
            let at = draw(mutant.cubes[cube].len());
            mutant.cubes[cube][at].1 ^= true;
        }
        2 => {
            let literal = |draw: &mut dyn FnMut(usize) -> usize| (draw(30) as u32, draw(2) == 1);
            let new = (0..1 + draw(3)).map(|_| literal(draw)).collect();
            mutant.cubes.push(new);
        }
        _ => {
            let at = draw(mutant.cubes[cube].len());
            mutant.cubes[cube][at].0 = draw(30) as u32;
        }
    }
    mutant
}

fn campaign(wanted: usize) {
    let case = Case { module: MODULE.to_owned(), config: CONFIG.to_owned(), temporal: false };
    let (specification, config) = input(&case).expect("readable");
    let model = Model::build(&specification, &config).expect("a model");
    let system = Interpreted::new(&model, &specification.sources, &NoEvents);
    let targets = [0, 1].map(|number| Target::Property(Broken::Invariant(number)));
    let options = Options { engine: Engine::Reachability, ..Options::default() };
    let report = tla_symbolic::prove(&system, &targets, &options, &Never);
    assert!(report.defect.is_none(), "{:?}", report.defect);
    let (built, invariant) = (report.built.expect("a circuit"), &report.invariants[0]);
    let certificate = tla_symbolic::certificate::checkable(&model, &report.shapes, &built, invariant);
    let proved = |names: &[&str]| Proved {
        invariants: names.iter().map(|name| (*name).to_owned()).collect(),
        deadlock_freedom: false,
        ..Proved::default()
    };
    let own = proved(&["Mutex", "Counted"]);
    let judge =
        |certificate: &Certificate, proved: &Proved| certify(&specification, &config, certificate, proved, &|| false);
    let judgement = judge(&certificate, &own);
    assert!(matches!(judgement, Judgement::Accepted { .. }), "{judgement:?}");
    let other = judge(&certificate, &proved(&["Wrong"]));
    assert!(matches!(other, Judgement::Rejected { .. }), "another property: {other:?}");
    let survey = recheck::survey(&specification, &parsed_without_wrong(), 10_000);
    let states = survey.states;
    assert!(states.len() > 20, "{} states, {:?}", states.len(), survey.ended);
    assert!(!states.iter().any(|state| excludes(&certificate, state)), "the certificate itself is right");
    let mut random = 1u64;
    let mut draw = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below.max(1)
    };
    let mut rejected = 0;
    while rejected < wanted {
        let mutant = mutant(&certificate, &mut draw);
        if mutant.cubes.iter().any(Vec::is_empty) || states.iter().any(|state| excludes(&mutant, state)) {
            let judgement = judge(&mutant, &own);
            assert!(
                matches!(judgement, Judgement::Rejected { .. } | Judgement::Undefined { .. }),
                "{judgement:?} of {mutant:?}"
            );
            rejected += 1;
        }
    }
}

/// The configuration without the invariant that is false, so that the plain search reaches all states.
fn parsed_without_wrong() -> tla_syntax::config::Config {
    let case = Case { module: MODULE.to_owned(), config: CONFIG.replace(" Wrong", ""), temporal: false };
    input(&case).expect("readable").1
}

#[test]
fn certificates_that_exclude_reachable_states_are_rejected() {
    campaign(40);
}

#[test]
#[ignore = "a thousand of them"]
fn a_thousand_mutants_are_rejected() {
    campaign(number("INTERLOCK_MUTANTS", 1000) as usize);
}
