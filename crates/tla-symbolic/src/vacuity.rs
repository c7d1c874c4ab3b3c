//! Is what a property speaks of ever the case?
//!
//! An invariant whose antecedent is never true holds for an empty reason, and so does one that quantifies over nothing;
//! a disjunct of the next-state relation that is never enabled is a part of the model that does not exist. Whether a state
//! reaches such a place is a question about reachability like others: the invariants that were found are known, and either a
//! behavior leads there, or a further invariant shows that none does.

use crate::aig::{FALSE, Lit};
use crate::circuit::{Bad, Built, Target, build_with};
use crate::engine::{Lemmas, Watch};
use crate::graph::Graph;
use crate::liveness::product::COUNTED;
use crate::prove::{Conclusion, Options, Report};
use crate::reachability::{Answer, Cube, Reachability};
use crate::solver::Means;
use tla_explore::Broken;
use tla_explore::interpret::Interpreted;
use tla_explore::liveness::Atoms;
use tla_syntax::Span;

/// A place that may never be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'n> {
    /// An antecedent or quantifier of an invariant.
    Mark(u32, Span),
    /// The disjuncts of the next-state relation with this name, or if it is that of the relation, with this span.
    Action(&'n str, Span),
}

/// Whether a place is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// By some behavior.
    Reached,
    /// By none.
    Never,
    /// Not decided.
    Unknown,
}

/// Decides places. Nothing is claimed where the report does not show that the circuit is the model.
pub fn reached(
    system: &Interpreted<'_>,
    places: &[Place<'_>],
    report: &Report,
    options: &Options,
    watch: &dyn Watch,
) -> Vec<Reach> {
    let unknown = vec![Reach::Unknown; places.len()];
    let is_sound = report.conclusions.iter().any(|(_, conclusion)| matches!(conclusion, Conclusion::Excluded(_)));
    let data = report.built.as_ref().map(|built| built.data.clone());
    let (true, false, Some(data)) = (is_sound, places.is_empty(), data) else { return unknown };
    let none = Atoms::new(&system.model.code, None);
    let Ok(mut built) = build_with(system, &report.shapes, data, Some(&none)) else { return unknown };
    let next = system.model.next.as_ref().map_or("", |next| next.name.as_str());
    let mut all = Vec::with_capacity(places.len());
    for place in places {
        let lit = condition(&mut built, *place, next);
        all.push(decide(&built, lit, report, options, watch));
    }
    all
}

/// When a state reaches a place; `None` if the circuit does not tell.
fn condition(built: &mut Built, place: Place<'_>, next: &str) -> Option<Lit> {
    let circuit = &mut built.circuit;
    match place {
        Place::Mark(number, span) => {
            let mut own = circuit.marks.iter().filter(|(invariant, known, _)| *invariant == number && *known == span);
            own.next().map(|(_, _, lit)| *lit)
        }
        Place::Action(name, span) => {
            // The last transition is stuttering. Where none has the name, each was found to be impossible.
            let count = circuit.transitions.len().saturating_sub(1);
            let own = circuit.transitions[..count].iter().zip(&circuit.steps).filter(|(known, _)| {
                known.name == name && (name != next || within(known.span, span) || within(span, known.span))
            });
            let guards: Vec<Lit> = own.map(|(_, step)| step.guard).collect();
            Some(circuit.aig.or_all(&guards))
        }
    }
}

fn within(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end
}

fn decide(built: &Built, lit: Option<Lit>, report: &Report, options: &Options, watch: &dyn Watch) -> Reach {
    let Some(lit) = lit else { return Reach::Unknown };
    if lit == FALSE {
        return Reach::Never;
    }
    let mut circuit = built.circuit.clone();
    circuit.bads.push(Bad { target: COUNTED, lit, initially: FALSE, is_step: false });
    let excluded = |target: Target| {
        report
            .conclusions
            .iter()
            .any(|(known, conclusion)| *known == target && matches!(conclusion, Conclusion::Excluded(_)))
    };
    let is_asked = |target: Target| match target {
        Target::Undefined | Target::Overflow | COUNTED => true,
        Target::Property(Broken::Invariant(number)) => (number as usize) < circuit.invariants && excluded(target),
        Target::Property(_) | Target::PropertyUndefined(_) | Target::Deadlock => false,
    };
    let bads: Vec<usize> = (0..circuit.bads.len()).filter(|index| is_asked(circuit.bads[*index].target)).collect();
    let known: Vec<Cube> = report.invariants.iter().flat_map(|one| one.cubes.iter().cloned()).collect();
    let (lemmas, means) = (Lemmas::default(), Means { choice: options.solver, ..Means::default() });
    watch.progress("vacuity", "is what a property speaks of ever the case?");
    let mut reachability = Reachability::new(&circuit, &bads, &lemmas, &means);
    reachability.know(known);
    match reachability.run(watch) {
        Answer::Safe(_) => Reach::Never,
        Answer::Reached(_) => Reach::Reached,
        Answer::Stopped => Reach::Unknown,
    }
}
