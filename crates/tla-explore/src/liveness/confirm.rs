//! Confirming a counterexample.
//!
//! A lasso of the graph is followed again from an initial state, step by step, which gives its states in words. Then the
//! truth values of the atoms are computed afresh for these very states and steps, and the formulas are evaluated by
//! their definitions. Under symmetry or a view the graph's loop may end in another state than it began in, one that
//! only looks like it; the loop is then followed until a state comes again.

use super::atom::{Atoms, Bench, Place};
use super::build::Numbering;
use super::graph::StateGraph;
use super::lasso::Lasso;
use super::temporal::{AtomId, Column, Temporal};
use crate::interpret::InterpretedWorker;
use crate::states::States;
use crate::statistics::internal;
use crate::system::{Answer, Broken, Flow, Generated, Sink, Stop, SystemError, Worker};
use rustc_hash::FxHashMap;

/// How often a loop is followed that does not close.
const MOST_TURNS: usize = 64;

/// A behavior in words.
#[derive(Debug, Clone)]
pub(crate) struct Behavior {
    pub(crate) stem: Vec<Vec<u32>>,
    pub(crate) cycle: Vec<Vec<u32>>,
    /// Whether the loop closes: the step from its last state to its first one is one of the specification.
    pub(crate) closes: bool,
}

/// Follows ways in the graph.
pub(crate) struct Guide<'g, 'm> {
    pub(crate) graph: &'g StateGraph,
    pub(crate) bench: Bench<'m, 'g>,
    pub(crate) worker: InterpretedWorker<'m>,
    pub(crate) states: &'g States,
    pub(crate) numbering: &'g Numbering,
}

/// Looks for an initial state with a given number.
struct Seeker<'g> {
    states: &'g States,
    numbering: &'g Numbering,
    wanted: u32,
    found: Option<Vec<u32>>,
}

impl Sink for Seeker<'_> {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        if self.found.is_none() && state.in_model {
            let number = self.states.find(state.identity).and_then(|number| self.numbering.get(number));
            if number == Some(self.wanted) {
                self.found = Some(state.words.to_vec());
            }
        }
        Answer::Known
    }

    fn broken(&mut self, _broken: Broken) -> Flow {
        Flow::Continue
    }
}

fn lost() -> Box<SystemError> {
    Box::new(internal("a state of the counterexample was not generated again".to_owned()))
}

impl<'m> Guide<'_, 'm> {
    fn initial(&mut self, wanted: u32) -> Result<Vec<u32>, Box<SystemError>> {
        let mut seeker = Seeker { states: self.states, numbering: self.numbering, wanted, found: None };
        match self.worker.initial(&mut seeker) {
            Ok(()) | Err(Stop::Requested) => seeker.found.ok_or_else(lost),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    /// A state with the number wanted to which a step from the given state leads. `here` is the present number; the
    /// stuttering step is taken where nothing else is asked for.
    fn next(&mut self, state: &[u32], here: u32, wanted: u32) -> Result<Vec<u32>, Box<SystemError>> {
        if here == wanted {
            return Ok(state.to_vec());
        }
        self.along(state, (here, wanted), None)
    }

    /// The same along a step of the graph. Where states are known by what they look like there may be several steps to
    /// states with the number wanted; the first one is taken on which the atoms have the values that the graph knows.
    fn along(
        &mut self,
        state: &[u32],
        (here, wanted): (u32, u32),
        step: Option<usize>,
    ) -> Result<Vec<u32>, Box<SystemError>> {
        if let Some(step) = step
            && self.graph.steps(self.graph.source(step)).start == step
        {
            return Ok(state.to_vec());
        }
        let (states, numbering) = (self.states, self.numbering);
        self.worker.at_level(self.graph.level_of(here));
        let mut found: Vec<Vec<u32>> = Vec::new();
        self.worker.for_each_step(state, &mut |_, step| {
            let number = states.find(step.identity).and_then(|number| numbering.get(number));
            if number == Some(wanted) && step.words != state {
                found.push(step.words.to_vec());
            }
        })?;
        if let Some(step) = step
            && found.len() > 1
        {
            let alike = found.iter().position(|to| self.looks_like(step, state, to));
            return Ok(found.swap_remove(alike.unwrap_or(0)));
        }
        found.into_iter().next().ok_or_else(lost)
    }

    /// Whether the actions have the same values on the step between two states as on a step of the graph.
    fn looks_like(&mut self, step: usize, from: &[u32], to: &[u32]) -> bool {
        let known = self.graph.step_bits.row(step);
        let mut row = vec![0; known.len()];
        let source = self.graph.source(step);
        self.worker.at_level(self.graph.level_of(source));
        let place = Place { from, to, row: self.graph.state_bits.row(source as usize), undefined: &[] };
        self.bench.step_row(self.worker.machine_on(from, to), place, &mut row, &mut Vec::new());
        row == known
    }

    /// The states of a way that begins with an initial state.
    pub(crate) fn follow(&mut self, way: &[u32]) -> Result<Vec<Vec<u32>>, Box<SystemError>> {
        let Some(first) = way.first() else { return Ok(Vec::new()) };
        let mut states = vec![self.initial(*first)?];
        for pair in way.windows(2) {
            let last = states.last().cloned().unwrap_or_default();
            states.push(self.next(&last, pair[0], pair[1])?);
        }
        Ok(states)
    }

    /// The behavior that a lasso stands for.
    pub(crate) fn behavior(&mut self, lasso: &Lasso) -> Result<Behavior, Box<SystemError>> {
        let way = [&lasso.stem[..], &lasso.cycle[..1]].concat();
        let mut states = self.follow(&way)?;
        let mut seen: FxHashMap<Vec<u32>, usize> = FxHashMap::default();
        for _ in 0..MOST_TURNS {
            let mut last = states.pop().unwrap_or_default();
            if let Some(back_to) = seen.get(&last) {
                let cycle = states.split_off(*back_to);
                return Ok(Behavior { stem: states, cycle, closes: true });
            }
            seen.insert(last.clone(), states.len());
            for (index, step) in lasso.steps.iter().enumerate() {
                let wanted = lasso.cycle[(index + 1) % lasso.cycle.len()];
                let next = self.along(&last, (lasso.cycle[index], wanted), Some(*step))?;
                states.push(std::mem::replace(&mut last, next));
            }
            states.push(last);
        }
        let cycle = states.split_off(lasso.stem.len());
        Ok(Behavior { stem: states, cycle, closes: false })
    }
}

impl Behavior {
    /// The same behavior without stuttering where it has no effect, with the shortest stem and loop. Formulas of TLA
    /// cannot tell the difference; whether the formula at hand can is for the caller to find out.
    pub(crate) fn tidy(&self) -> Self {
        let mut stem = self.stem.clone();
        stem.dedup();
        let mut cycle = self.cycle.clone();
        cycle.dedup();
        while cycle.len() > 1 && cycle.first() == cycle.last() {
            cycle.pop();
        }
        while let Some(last) = stem.last() {
            if Some(last) == cycle.last() {
                cycle.rotate_right(1);
            } else if Some(last) != cycle.first() {
                break;
            }
            stem.pop();
        }
        Self { stem, cycle, closes: self.closes }
    }

    fn states(&self) -> Vec<&[u32]> {
        self.stem.iter().chain(&self.cycle).map(Vec::as_slice).collect()
    }

    /// Whether a formula is true of the behavior, by definition; `None` if some part of it has no value somewhere.
    pub(crate) fn satisfies<'m>(
        &self,
        formula: &Temporal,
        atoms: &Atoms<'m>,
        worker: &mut InterpretedWorker<'m>,
    ) -> Option<bool> {
        let bench = Bench::new(atoms);
        let states = self.states();
        let mut values: FxHashMap<(AtomId, usize), bool> = FxHashMap::default();
        let mut wanted: Vec<AtomId> = Vec::new();
        formula.for_each_atom(&mut |atom| wanted.push(atom));
        wanted.sort_unstable();
        wanted.dedup();
        for (position, state) in states.iter().enumerate() {
            let next = states.get(position + 1).copied().unwrap_or(states[self.stem.len()]);
            for atom in &wanted {
                let value = match atoms.get(*atom).column {
                    Column::State(_) => bench.evaluate(worker.machine_in(state), *atom),
                    Column::Step(_) => bench.on_step(worker.machine_on(state, next), *atom, *state == next),
                };
                values.insert((*atom, position), value.ok()?);
            }
        }
        let value = |atom, position| values.get(&(atom, position)).copied().unwrap_or(false);
        Some(formula.holds(states.len(), self.stem.len(), &value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A behavior by one letter a state, with a bar before the loop.
    fn tidied(text: &str) -> String {
        let (stem, cycle) = text.split_once('|').unwrap_or(("", text));
        let states = |part: &str| part.chars().map(|letter| vec![letter as u32]).collect();
        let tidy = Behavior { stem: states(stem), cycle: states(cycle), closes: true }.tidy();
        let letters =
            |part: &[Vec<u32>]| -> String { part.iter().filter_map(|state| char::from_u32(*state.first()?)).collect() };
        format!("{}|{}", letters(&tidy.stem), letters(&tidy.cycle))
    }

    #[test]
    fn stuttering_is_left_out_also_where_the_loop_begins() {
        assert_eq!(tidied("a|ab"), "|ab");
        assert_eq!(tidied("aab|ccb"), "a|bc");
        assert_eq!(tidied("ab|bbb"), "a|b");
        assert_eq!(tidied("cab|cab"), "|cab");
    }
}
