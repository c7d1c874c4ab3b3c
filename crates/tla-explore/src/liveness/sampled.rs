//! Temporal properties of simulated behaviors.
//!
//! A simulation sees finite behaviors only. But where a behavior comes back to a state that it was in before, going round
//! for ever is a behavior of the specification too, and so is staying in the last state. On such lassos fairness and
//! properties are evaluated by their definitions ([`Temporal::holds`]), `ENABLED` included. One that is fair and violates
//! a property is a counterexample like any other; that none was found is a test and no more.
//!
//! Of a behavior all returns to a state are looked at, to its first and to its last occurrence before (a long loop is more
//! likely to be fair, a short one easier to read), up to [`MOST`]. Each predicate is evaluated once in a state of the
//! behavior, and each action once on a step. A lasso on which some part of a formula has no value decides nothing and is
//! counted.

use super::atom::{Atoms, Bench};
use super::confirm::Behavior;
use super::outcome::Answer;
use super::run::untranslatable;
use super::temporal::{AtomId, Column, Temporal};
use super::translate::translate;
use crate::interpret::{Interpreted, InterpretedWorker};
use crate::simulate::SampledLasso;
use crate::system::TransitionSystem;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Lassos of one behavior that are looked at.
const MOST: usize = 1000;

/// A temporal part of a property.
struct Part {
    /// Its index in the model.
    part: usize,
    /// Fairness and its negation.
    violation: Temporal,
}

/// Looks for lassos in behaviors of a model. Shared by all threads.
pub struct Lassos<'m> {
    atoms: Atoms<'m>,
    parts: Vec<Part>,
    wanted: Vec<AtomId>,
    refused: Vec<(usize, Answer)>,
    seen: AtomicU64,
    undefined: AtomicU64,
}

/// Truth values of the atoms along one behavior, as far as they are known.
struct Values<'b, 'm> {
    bench: Bench<'m, 'b>,
    behavior: &'b [Vec<u32>],
    known: FxHashMap<(AtomId, usize), Option<bool>>,
}

impl<'m> Lassos<'m> {
    /// For the temporal properties of a model; nothing if it has none.
    pub fn new(system: &'m Interpreted<'m>) -> Option<Self> {
        let model = system.model;
        if model.temporal_properties.is_empty() {
            return None;
        }
        let mut atoms = Atoms::new(&model.code, model.next.as_ref().map(|next| &next.node));
        let mut worker = system.worker();
        let mut fairness = Vec::new();
        let mut unfair = None;
        for formula in &model.fairness {
            match translate(worker.machine_nowhere(), &mut atoms, formula) {
                Ok(translated) => fairness.push(translated),
                Err(reason) => {
                    unfair.get_or_insert_with(|| untranslatable(reason));
                }
            }
        }
        let (mut parts, mut refused) = (Vec::new(), Vec::new());
        for (part, known) in model.temporal_properties.iter().enumerate() {
            let formula = match &unfair {
                Some(answer) => Err(answer.clone()),
                None => translate(worker.machine_nowhere(), &mut atoms, &known.formula).map_err(untranslatable),
            };
            match formula {
                Ok(formula) => {
                    let mut all = fairness.clone();
                    all.push(Temporal::not(formula));
                    parts.push(Part { part, violation: Temporal::And(all) });
                }
                Err(answer) => refused.push((part, answer)),
            }
        }
        let mut wanted = Vec::new();
        parts.iter().for_each(|part| part.violation.for_each_atom(&mut |atom| wanted.push(atom)));
        wanted.sort_unstable();
        wanted.dedup();
        let (seen, undefined) = (AtomicU64::new(0), AtomicU64::new(0));
        Some(Self { atoms, parts, wanted, refused, seen, undefined })
    }

    /// Lassos that were looked at so far.
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }

    /// Lassos that decided nothing, because part of a formula has no value on them.
    pub fn undefined(&self) -> u64 {
        self.undefined.load(Ordering::Relaxed)
    }

    /// Why the part with this index is not looked at, if it is not.
    pub fn refusal(&self, part: usize) -> Option<&Answer> {
        self.refused.iter().find(|(known, _)| *known == part).map(|(_, answer)| answer)
    }

    /// A lasso in a behavior that is fair and violates a property: the one that closes first.
    pub fn look(&self, behavior: &[Vec<u32>], worker: &mut InterpretedWorker<'m>) -> Option<SampledLasso> {
        if self.parts.is_empty() || behavior.is_empty() {
            return None;
        }
        let mut values = Values { bench: Bench::new(&self.atoms), behavior, known: FxHashMap::default() };
        let mut places: FxHashMap<&[u32], (usize, usize)> = FxHashMap::default();
        let mut looks = 0;
        for (end, state) in behavior.iter().enumerate() {
            if looks >= MOST {
                break;
            }
            let Some((first, last)) = places.get_mut(state.as_slice()) else {
                places.insert(state, (end, end));
                continue;
            };
            for back_to in if first == last { vec![*first] } else { vec![*first, *last] } {
                looks += 1;
                if let Some(found) = self.look_at(&mut values, worker, end, back_to) {
                    return Some(found);
                }
            }
            *last = end;
        }
        self.look_at(&mut values, worker, behavior.len(), behavior.len() - 1)
    }

    /// Looks at the first `end` states, going round from `back_to` on.
    fn look_at(
        &self,
        values: &mut Values<'_, 'm>,
        worker: &mut InterpretedWorker<'m>,
        end: usize,
        back_to: usize,
    ) -> Option<SampledLasso> {
        self.seen.fetch_add(1, Ordering::Relaxed);
        let mut complete = true;
        for atom in &self.wanted {
            for position in 0..end {
                complete &= values.of(*atom, position, worker).is_some();
            }
        }
        if !complete {
            self.undefined.fetch_add(1, Ordering::Relaxed);
        }
        let known = &values.known;
        let value = |atom, position| known.get(&(atom, position)).copied().flatten().unwrap_or(false);
        let has_values = |formula: &Temporal| {
            let mut all = true;
            formula.for_each_atom(&mut |atom| {
                all &= (0..end).all(|position| known.get(&(atom, position)).copied().flatten().is_some());
            });
            all
        };
        let part = self
            .parts
            .iter()
            .find(|part| (complete || has_values(&part.violation)) && part.violation.holds(end, back_to, &value))?;
        let states = &values.behavior[..end];
        let whole = Behavior { stem: states[..back_to].to_vec(), cycle: states[back_to..].to_vec(), closes: true };
        let tidy = whole.tidy();
        let stays = back_to + 1 == end;
        // Whoever may stay in the last state may do so in an earlier one.
        let early = |place: usize| Behavior {
            stem: states[..place].to_vec(),
            cycle: vec![states[place].clone()],
            closes: true,
        };
        let mut shorter = (0..end.min(if stays { MOST } else { 0 })).map(early);
        if let Some(found) =
            shorter.find(|behavior| behavior.satisfies(&part.violation, &self.atoms, worker) == Some(true))
        {
            return Some(SampledLasso { part: part.part, stem: found.stem, cycle: found.cycle });
        }
        // What is shown was evaluated as it is shown.
        let shown = match tidy.satisfies(&part.violation, &self.atoms, worker) {
            Some(true) => tidy,
            Some(false) | None => whole,
        };
        Some(SampledLasso { part: part.part, stem: shown.stem, cycle: shown.cycle })
    }
}

impl<'m> Values<'_, 'm> {
    /// The value of an atom at a position. The step from the last state is the one that stays there.
    fn of(&mut self, atom: AtomId, position: usize, worker: &mut InterpretedWorker<'m>) -> Option<bool> {
        if let Some(known) = self.known.get(&(atom, position)) {
            return *known;
        }
        let state = self.behavior.get(position)?;
        let next = self.behavior.get(position + 1).unwrap_or(state);
        let value = match self.bench.column(atom) {
            Column::State(_) => self.bench.evaluate(worker.machine_in(state), atom),
            Column::Step(_) => self.bench.on_step(worker.machine_on(state, next), atom, state == next),
        };
        let value = value.ok();
        self.known.insert((atom, position), value);
        value
    }
}
