//! Asking states, and keeping what was recorded.

use super::super::worker::{Book, Known};
use super::columns::{NO_ROW, State};
use super::{Cache, Outcome, Part, PartId};
use tla_model::eval::Machine;
use tla_model::eval::footprint::Footprint;
use tla_model::eval::parts::{Choice, Expansion, Manner};
use tla_model::ir::{DefinitionId, Node};

/// Which state is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The one that is expanded, and its successor as the next state.
    Source,
    /// The successor that the book has placed, as the current state.
    Successor,
}

/// A formula that is taken apart.
#[derive(Clone, Copy)]
pub(super) struct Formula<'m> {
    pub manner: Manner,
    pub owner: DefinitionId,
    pub node: &'m Node,
    /// Whether it speaks of a given step rather than of one state.
    pub on_step: bool,
}

impl<'m> Formula<'m> {
    /// Runs an evaluation of the formula and records its footprint.
    pub fn recording<R>(self, machine: &mut Machine<'m>, run: impl FnOnce(&mut Machine<'m>) -> R) -> (R, Footprint) {
        if self.on_step { machine.recording_footprint_on_step(run) } else { machine.recording_footprint(run) }
    }
}

/// The parts that a formula falls into from the end of a path on; `None` if something on the way is undefined.
pub(super) fn take_apart<'m>(
    cache: &mut Cache,
    machine: &mut Machine<'m>,
    formula: Formula<'m>,
    path: &[Choice],
) -> Option<Vec<PartId>> {
    let position = machine.standpoint();
    let (expansion, footprint) =
        formula.recording(machine, |machine| machine.expand(formula.manner, formula.owner, formula.node, path));
    let Ok(expansion) = expansion else {
        machine.stand_back(position);
        return None;
    };
    let longer = |choice: Choice| -> Vec<Choice> { path.iter().cloned().chain(std::iter::once(choice)).collect() };
    let ways: Vec<Vec<Choice>> = match expansion {
        Expansion::Leaf => return Some(vec![cache.part(path, false)]),
        Expansion::Instances(_) if !footprint.steps.is_empty() => return Some(vec![cache.part(path, true)]),
        Expansion::Operands(count) => (0..count).map(|index| longer(Choice::Operand(index))).collect(),
        Expansion::Instances(instances) => instances.into_iter().map(|bound| longer(Choice::Bound(bound))).collect(),
    };
    let mut parts = Vec::new();
    for way in ways {
        parts.extend(take_apart(cache, machine, formula, &way)?);
    }
    Some(parts)
}

/// The states that stand there.
pub(super) fn asked<'s, 'a>(
    standing: Standing,
    rows: &'s mut [Vec<u32>; 2],
    machine: &Machine<'a>,
    book: &'s mut Book<'a>,
) -> State<'s, Known<'a>> {
    let [source, successor] = rows;
    let Book { parent, words, known, .. } = book;
    let (words, rows): ([&[u32]; 2], [&mut [u32]; 2]) = match standing {
        Standing::Source => ([parent, words], [source, successor]),
        Standing::Successor => ([words, &[]], [successor, &mut []]),
    };
    State { words, rows, names: machine.names(), values: known }
}

impl Cache {
    fn part(&mut self, path: &[Choice], quantifier: bool) -> PartId {
        self.parts.push(Part::new(path, quantifier));
        self.parts.len() as u32 - 1
    }

    pub(super) fn keep(&mut self, outcome: Outcome) -> u32 {
        self.outcomes.push(outcome);
        self.outcomes.len() as u32 - 1
    }

    /// The outcome of a part, as far as it was recorded.
    pub(super) fn look_up<'a>(
        &mut self,
        id: PartId,
        standing: Standing,
        machine: &Machine<'a>,
        book: &mut Book<'a>,
    ) -> Option<u32> {
        let part = &mut self.parts[id as usize];
        let found = self.forest.outcome(part.tree, &mut asked(standing, &mut self.rows, machine, book));
        match found {
            Some(_) => part.hits += 1,
            None if self.dispatch.covers(id) => part.missed(self.expanded),
            None => part.missed(part.hits + part.misses),
        }
        found
    }

    /// Keeps what a part came to under its footprint.
    pub(super) fn learn<'a>(
        &mut self,
        id: PartId,
        footprint: &Footprint,
        standing: Standing,
        machine: &Machine<'a>,
        book: &mut Book<'a>,
        outcome: u32,
    ) {
        let part = &mut self.parts[id as usize];
        let mut state = asked(standing, &mut self.rows, machine, book);
        part.tree = self.forest.insert(part.tree, footprint, &mut state, outcome);
        let silent = match &self.outcomes[outcome as usize] {
            Outcome::Steps(steps) => steps.is_empty(),
            Outcome::Parts(parts) => parts.is_empty(),
            Outcome::Truth(_) => false,
        };
        if silent && let [(probe, _)] = &footprint.steps[..] {
            let question = self.forest.question(probe);
            let variable = probe.place().variable;
            let answer = self.forest.answer(variable, question, &mut state);
            self.dispatch.note_silent(id, variable, question, answer);
        }
    }

    /// Another state is expanded.
    pub(in super::super) fn begin_source(&mut self) {
        self.rows[0].fill(NO_ROW);
    }

    /// Another successor is looked at; what it shares with its source was found already.
    pub(in super::super) fn begin_successor(&mut self, before: &[u32], after: &[u32]) {
        let [source, successor] = &mut self.rows;
        for index in 0..successor.len() {
            successor[index] = if before[index] == after[index] { source[index] } else { NO_ROW };
        }
    }
}
