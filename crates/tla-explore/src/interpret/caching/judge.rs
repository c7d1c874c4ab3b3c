//! Truth values by replaying: invariants and constraints of a successor, constraints and properties of a step.

use super::super::worker::Book;
use super::ask::{Formula, Standing, take_apart};
use super::{Cache, Outcome, PartId, Taken};
use tla_model::error::Evaluated;
use tla_model::eval::Machine;
use tla_model::eval::parts::Manner;
use tla_model::ir::{DefinitionId, Node};

/// What a formula speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum About {
    /// The successor, as the current state; whether vacuity marks are recorded.
    Successor {
        /// Whether vacuity marks are recorded.
        marks: bool,
    },
    /// The step from the state that is expanded to its successor.
    Step,
}

impl Cache {
    /// Whether a formula holds on the step that the book has placed, by parts. `None` if it has to be evaluated as a
    /// whole. Each formula has a number of its own.
    pub(in super::super) fn judge<'a>(
        &mut self,
        machine: &mut Machine<'a>,
        book: &mut Book<'a>,
        number: usize,
        (owner, node): (DefinitionId, &'a Node),
        about: About,
    ) -> Option<bool> {
        if !self.on {
            return None;
        }
        let formula = Formula { manner: Manner::Truth, owner, node, on_step: about == About::Step };
        if let Taken::NotYet = self.judged[number] {
            book.stand_on_step(machine);
            let parts = about.evaluate(machine, |machine| take_apart(self, machine, formula, &[]))?;
            self.judged[number] = Taken::Apart(parts.into());
        }
        let parts = match &self.judged[number] {
            Taken::Apart(parts) => parts.clone(),
            Taken::NotYet | Taken::Whole => return None,
        };
        let mut all_plain = !parts.is_empty();
        for part in &*parts {
            match self.part_holds(machine, book, formula, *part, about) {
                Some(true) => {}
                other => return other,
            }
            all_plain &= self.parts[*part as usize].plain;
        }
        if all_plain {
            self.judged[number] = Taken::Whole;
        }
        Some(true)
    }

    fn part_holds<'a>(
        &mut self,
        machine: &mut Machine<'a>,
        book: &mut Book<'a>,
        formula: Formula<'a>,
        id: PartId,
        about: About,
    ) -> Option<bool> {
        let plain = self.parts[id as usize].plain;
        let known = if plain { None } else { self.look_up(id, about.standing(), machine, book) };
        if let Some(known) = known {
            return match &self.outcomes[known as usize] {
                Outcome::Truth(truth) => Some(*truth),
                Outcome::Parts(_) | Outcome::Steps(_) => None,
            };
        }
        let path = self.parts[id as usize].path.clone();
        book.stand_on_step(machine);
        let position = machine.standpoint();
        let holds =
            |machine: &mut Machine<'a>| -> Evaluated<bool> { machine.part_holds(formula.owner, formula.node, &path) };
        let (truth, footprint) = about.evaluate(machine, |machine| {
            if plain {
                (holds(machine), None)
            } else {
                let (truth, footprint) = formula.recording(machine, holds);
                (truth, Some(footprint))
            }
        });
        let Ok(truth) = truth else {
            machine.stand_back(position);
            return None;
        };
        if let Some(footprint) = footprint
            && !self.parts[id as usize].plain
        {
            let outcome = self.keep(Outcome::Truth(truth));
            self.learn(id, &footprint, about.standing(), machine, book, outcome);
        }
        Some(truth)
    }
}

impl About {
    fn standing(self) -> Standing {
        match self {
            Self::Successor { .. } => Standing::Successor,
            Self::Step => Standing::Source,
        }
    }

    fn evaluate<'a, R>(self, machine: &mut Machine<'a>, run: impl FnOnce(&mut Machine<'a>) -> R) -> R {
        let (as_current, marks) = match self {
            Self::Successor { marks } => (true, marks),
            Self::Step => (false, false),
        };
        machine.checking(as_current, |machine| {
            machine.recording = marks;
            let result = run(machine);
            machine.recording = false;
            result
        })
    }
}
