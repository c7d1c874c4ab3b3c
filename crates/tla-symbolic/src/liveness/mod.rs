//! Temporal properties under fairness, through safety.
//!
//! A property holds if no behavior of the specification satisfies `fairness /\ ~property`. The explorer takes the formulas
//! [apart](tla_explore::liveness::formulas); here the conjunction becomes a [monitor] beside the circuit of the model, in
//! which stuttering is a step like others. Two engines run side by side: a bounded search for [lassos](lasso), and
//! [k-liveness](product) for a proof, with the bound doubled as long as it is too small. What has been proved of the
//! states alone is known to both.
//!
//! k-liveness was chosen for proofs because its certificate speaks of one state: that a saved copy of the state makes every
//! latch two, and every invariant one about two states, is bearable for a search that ends at the first lasso only.
//!
//! A conjunct of a property is a property of its own, with its own monitor and certificate.

pub mod lasso;
pub mod monitor;
pub mod product;
pub mod skeleton;
pub mod watched;

use crate::circuit::{Built, Circuit, Target, build_with};
use crate::engine::{Lemmas, Watch};
use crate::kernel::{Kernel, needed};
use crate::prove::{Conclusion, Engine, Invariant, Options, Report};
use crate::reachability::{Answer, Cube, Reachability};
use crate::solver::Means;
use crate::translate::Made;
use crate::translate::state::Shape;
use crate::until::{Stopped, until_stopped};
use lasso::{Lasso, Lassos};
use monitor::Monitor;
use product::{COUNTED, Product, product};
use skeleton::{Skeleton, conjuncts};
use std::sync::Mutex;
use tla_compile::Declined;
use tla_compile::shape::Datum;
use tla_explore::Broken;
use tla_explore::interpret::Interpreted;
use tla_explore::liveness::{Formulas, Refusal, Temporal, formulas};

/// Steps of the lassos that are looked at before the other engine is woken.
const NEAR: u32 = 6;

/// Bounds that are tried one after the other.
const BOUNDS: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// What was found out about a conjunct.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// No fair behavior violates it.
    Holds(Box<Counted>),
    /// A fair behavior that does: its states, and the one that follows the last of them.
    Violated(Vec<Vec<Datum>>, usize),
    /// No lasso of so many steps violates it.
    Bounded(u32),
    /// Not decided.
    Declined(Declined),
}

/// A proof by counting.
#[derive(Debug, Clone)]
pub struct Counted {
    /// How often the conditions cannot all be met.
    pub bound: u32,
    /// An invariant of the product.
    pub invariant: Invariant,
    /// Names of the latches of the monitor.
    pub names: Vec<String>,
}

/// What was found out about the temporal parts that were asked for.
pub struct Temporals {
    /// For each part, by its number in the model, its conjuncts.
    pub parts: Vec<(usize, Vec<Outcome>)>,
    /// The circuit, if there was one.
    pub built: Option<Built>,
}

fn declined(refusal: &Refusal) -> Declined {
    Declined { reason: refusal.reason.clone(), span: refusal.span }
}

/// The temporal formulas of a model, and its circuit with their atoms. The report says what is known of states.
fn observed<'s>(system: &'s Interpreted<'_>, report: &Report, watch: &dyn Watch) -> Made<(Formulas<'s>, Built)> {
    if let Some((_, Conclusion::Declined(reason))) =
        report.conclusions.iter().find(|(target, _)| *target == Target::Overflow)
    {
        return Err(Box::new(reason.clone()));
    }
    if let Some(constraint) = system.model.constraints.first() {
        let reason = format!("the constraint {} hides behaviors", constraint.name);
        return Err(Box::new(Declined { reason, span: Some(constraint.formula.node.span) }));
    }
    let formulas = formulas(system).map_err(|refusal| Box::new(declined(&refusal)))?;
    let data = report.built.as_ref().map(|built| built.data.clone()).unwrap_or_default();
    watch.progress("liveness", "building the circuit with fairness");
    let built = build_with(system, &report.shapes, data, Some(&formulas.atoms))?;
    Ok((formulas, built))
}

/// Decides temporal parts of properties, by their numbers in the model. The report says what is known of states.
pub fn prove(
    system: &Interpreted<'_>,
    parts: &[usize],
    report: &Report,
    options: &Options,
    watch: &dyn Watch,
) -> Temporals {
    let all = |outcome: &Outcome| Temporals {
        parts: parts.iter().map(|part| (*part, vec![outcome.clone()])).collect(),
        built: None,
    };
    let (formulas, built) = match observed(system, report, watch) {
        Ok(observed) => observed,
        Err(reason) => return all(&Outcome::Declined(*reason)),
    };
    let mut search = Search::new(&built.circuit, report, system.model.variables.len(), options, watch);
    if !search.atoms_are_defined() {
        let reason = "a temporal formula is undefined in a state that is reached".to_owned();
        return all(&Outcome::Declined(Declined { reason, span: None }));
    }
    let mut found = Vec::with_capacity(parts.len());
    for part in parts {
        let outcomes = match &formulas.properties[*part] {
            Ok(formula) => search.conjuncts(&formulas, formula, &|lasso| told(&built, &report.shapes, lasso)),
            Err(refusal) => vec![Outcome::Declined(declined(refusal))],
        };
        found.push((*part, outcomes));
    }
    Temporals { parts: found, built: Some(built) }
}

/// What the states of a lasso say.
type Teller<'t> = dyn Fn(&Lasso) -> Outcome + 't;

struct Search<'a> {
    circuit: &'a Circuit,
    /// Number of variables of the model.
    variables: usize,
    /// Invariants that were proved, as bad states.
    excluded: Vec<usize>,
    /// Cubes that are not reached; none if it was not proved that nothing is undefined or without a place.
    known: Option<Vec<Cube>>,
    options: &'a Options,
    watch: &'a dyn Watch,
}

impl<'a> Search<'a> {
    fn new(
        circuit: &'a Circuit,
        report: &Report,
        variables: usize,
        options: &'a Options,
        watch: &'a dyn Watch,
    ) -> Self {
        let excluded = |target: Target| {
            let mut conclusions = report.conclusions.iter();
            conclusions.any(|(known, conclusion)| *known == target && matches!(conclusion, Conclusion::Excluded(_)))
        };
        let is_asked = |target: Target| match target {
            Target::Undefined | Target::Overflow => true,
            Target::Property(Broken::Invariant(number)) => (number as usize) < circuit.invariants && excluded(target),
            Target::Property(_) | Target::PropertyUndefined(_) | Target::Deadlock => false,
        };
        let known = excluded(Target::Overflow)
            .then(|| report.invariants.iter().flat_map(|one| one.cubes.iter().cloned()).collect());
        let excluded = (0..circuit.bads.len()).filter(|index| is_asked(circuit.bads[*index].target)).collect();
        Self { circuit, variables, excluded, known, options, watch }
    }

    fn means(&self) -> Means {
        Means { choice: self.options.solver, ..Means::default() }
    }

    /// Whether the parts of the formulas have a value in every state; what shows it is known from then on.
    fn atoms_are_defined(&mut self) -> bool {
        let Some(known) = self.known.take() else { return true };
        let means = self.means();
        let lemmas = Lemmas::default();
        let mut reachability = Reachability::new(self.circuit, &self.excluded, &lemmas, &means);
        reachability.know(known);
        match reachability.run(self.watch) {
            Answer::Safe(cubes) => {
                self.known = Some(cubes);
                true
            }
            Answer::Stopped => true,
            Answer::Reached(_) => false,
        }
    }

    fn conjuncts(&self, formulas: &Formulas<'_>, formula: &Temporal, tell: &Teller<'_>) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = Vec::new();
        for conjunct in conjuncts(formula) {
            outcomes.push(self.conjunct(&formulas.fairness, conjunct, tell));
            if matches!(outcomes.last(), Some(Outcome::Violated(..))) {
                break;
            }
        }
        outcomes
    }

    fn conjunct(&self, fairness: &[Temporal], property: &Temporal, tell: &Teller<'_>) -> Outcome {
        let mut wanted: Vec<Skeleton> = Vec::new();
        for formula in fairness {
            wanted.extend(Skeleton::of(formula, true).conjuncts());
        }
        wanted.extend(Skeleton::of(property, false).conjuncts());
        let monitor = Monitor::new(wanted);
        let watched = product(self.circuit, &monitor, self.variables, None);
        let means = [self.means(), self.means()];
        let (found, counted, length) = until_stopped(self.watch, &means, || self.race(&monitor, &watched, &means));
        match (found, counted) {
            (Some(lasso), _) => tell(&lasso),
            (None, Some(counted)) => Outcome::Holds(Box::new(counted)),
            (None, None) if length > 0 => Outcome::Bounded(length),
            (None, None) => {
                let reason = "the time was over before anything was decided".to_owned();
                Outcome::Declined(Declined { reason, span: None })
            }
        }
    }

    /// A lasso or a proof, and the length of the lassos that were looked at.
    fn race(
        &self,
        monitor: &Monitor,
        watched: &Product,
        [means, means_other]: &[Means; 2],
    ) -> (Option<Lasso>, Option<Counted>, u32) {
        let watch = Stopped { watch: self.watch, flag: &means.stop };
        let alone = matches!(self.options.engine, Engine::Bounded | Engine::Induction);
        let most = self.options.length.unwrap_or(if alone { 10 } else { u32::MAX });
        let mut lassos = Lassos::new(watched, means);
        let near = most.min(if alone { u32::MAX } else { NEAR });
        let mut found = self.lengthen(&mut lassos, near, &watch);
        let mut counted = None;
        if found.is_none() && !alone {
            let answer: Mutex<Option<Counted>> = Mutex::new(None);
            std::thread::scope(|scope| {
                let other = scope.spawn(|| {
                    if let Some(counted) = self.count(monitor, means_other) {
                        if let Ok(mut answer) = answer.lock() {
                            *answer = Some(counted);
                        }
                        means.end();
                    }
                });
                found = self.lengthen(&mut lassos, most, &watch);
                if found.is_some() {
                    means_other.end();
                }
                // A panic there is one here.
                if let Err(panic) = other.join() {
                    std::panic::resume_unwind(panic);
                }
            });
            counted = answer.into_inner().ok().flatten();
        }
        (found, counted, lassos.length)
    }

    fn lengthen(&self, lassos: &mut Lassos<'_>, most: u32, watch: &dyn Watch) -> Option<Lasso> {
        while lassos.length < most && !watch.stopped() {
            watch.progress("lassos", &format!("length {}", lassos.length + 1));
            if let Some(lasso) = lassos.advance(watch) {
                return Some(lasso);
            }
        }
        None
    }

    /// A proof that the conditions are not all met so often, for the first bound for which there is one.
    fn count(&self, monitor: &Monitor, means: &Means) -> Option<Counted> {
        let watch = Stopped { watch: self.watch, flag: &means.stop };
        let known = self.known.as_ref()?;
        for bound in BOUNDS {
            watch.progress("k-liveness", &format!("k = {bound}"));
            let Product { circuit, names, .. } = product(self.circuit, monitor, self.variables, Some(bound));
            let mut bads = self.excluded.clone();
            bads.extend(circuit.index_of(COUNTED));
            let lemmas = Lemmas::default();
            let mut reachability = Reachability::new(&circuit, &bads, &lemmas, means);
            // The counter is in unary.
            let first = circuit.latches.len() as u32 - bound;
            let counter = (1..bound).map(|number| vec![(first + number - 1, false), (first + number, true)]);
            reachability.know(known.iter().cloned().chain(counter).collect());
            match reachability.run(&watch) {
                Answer::Stopped => return None,
                Answer::Reached(_) => {}
                Answer::Safe(cubes) => {
                    let Kernel { cubes, invariants } = needed(&circuit, &bads, &cubes, means);
                    let invariant = Invariant { cubes, invariants, by: "k-liveness" };
                    return Some(Counted { bound, invariant, names });
                }
            }
        }
        None
    }
}

/// The states of a lasso, without steps that change nothing of the model.
fn told(built: &Built, shapes: &[Shape], lasso: &Lasso) -> Outcome {
    let width = built.circuit.latches.len();
    let states: Vec<&[bool]> = lasso.states.iter().map(|state| &state[..width]).collect();
    let (stem, cycle) = states.split_at(lasso.back_to);
    let mut cycle = cycle.to_vec();
    cycle.dedup();
    while cycle.len() > 1 && cycle.first() == cycle.last() {
        cycle.pop();
    }
    let mut stem = stem.to_vec();
    stem.dedup();
    while stem.last().is_some() && stem.last() == cycle.first() {
        stem.pop();
    }
    let back_to = stem.len();
    let all = stem.into_iter().chain(cycle).map(|bits| built.state(shapes, bits));
    Outcome::Violated(all.collect(), back_to)
}
