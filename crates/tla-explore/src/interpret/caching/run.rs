//! Replaying and recording.

use super::super::worker::{Book, InterpretedWorker};
use super::ask::{Formula, Standing, asked, take_apart};
use super::dispatch::Dispatch;
use super::{Assigned, Cache, MOST_CHANGED, MOST_STEPS, Outcome, PartId, Step, Taken};
use crate::system::{ActionId, Sink};
use std::rc::Rc;
use tla_model::error::{ErrorClass, EvalError, Evaluated};
use tla_model::eval::Machine;
use tla_model::eval::action::{Enumerated, Halt};
use tla_model::eval::footprint::Origin;
use tla_model::eval::parts::{Choice, Expansion, Manner};

impl<'a> InterpretedWorker<'a> {
    /// Enumerates the successors of the loaded state by parts. `None` if the model or the state has to be treated as a
    /// whole; nothing was reported then.
    pub(in super::super) fn successors_by_parts<S: Sink>(&mut self, sink: &mut S) -> Option<Enumerated> {
        if !self.cache.on {
            return None;
        }
        self.cache.tidy();
        let next = self.book.system.model.next.as_ref()?;
        let formula = Formula { manner: Manner::Action, owner: next.owner, node: &next.node, on_step: false };
        if let Taken::NotYet = self.cache.next {
            self.book.stand(&mut self.machine);
            self.cache.next = match take_apart(&mut self.cache, &mut self.machine, formula, &[]) {
                Some(parts) => {
                    self.cache.dispatch = Dispatch::new(&parts);
                    self.cache.expanded = 0;
                    Taken::Apart(parts.into())
                }
                None => Taken::NotYet,
            };
        }
        self.cache.expanded += 1;
        let parts = match &self.cache.next {
            Taken::Apart(parts) => parts.clone(),
            Taken::NotYet | Taken::Whole => return None,
        };
        let mut walk = Walk { cache: &mut self.cache, machine: &mut self.machine, book: &mut self.book, formula, sink };
        let result = walk.selected_parts(&parts);
        if parts.iter().all(|part| self.cache.parts[*part as usize].plain) {
            self.cache.next = Taken::Whole;
        }
        Some(result)
    }
}

impl Cache {
    fn change_number(&mut self, variable: u32, changes: &Rc<[tla_model::eval::residual::Change]>) -> u32 {
        if let Some(number) = self.change_numbers.get(&(variable, changes.clone())) {
            return *number;
        }
        let number = self.changes.len() as u32;
        self.changes.push(changes.clone());
        self.change_numbers.insert((variable, changes.clone()), number);
        number
    }

    /// The word of a changed value. Changes are numbered for each variable, so that a number and a word say it all.
    fn changed<'a>(
        &mut self,
        machine: &mut Machine<'a>,
        book: &mut Book<'a>,
        word: u32,
        number: u32,
    ) -> Evaluated<u32> {
        if let Some(known) = self.changed.get(&(word, number)) {
            return Ok(*known);
        }
        let value = book.value(word);
        let changes = self.changes[number as usize].clone();
        let mut value = machine.change(&value, &changes)?;
        let changed = book.word(machine, &mut value)?;
        if self.changed.len() >= MOST_CHANGED {
            self.changed.clear();
        }
        self.changed.insert((word, number), changed);
        Ok(changed)
    }
}

/// One state being expanded.
struct Walk<'w, 'a, S> {
    cache: &'w mut Cache,
    machine: &'w mut Machine<'a>,
    book: &'w mut Book<'a>,
    formula: Formula<'a>,
    sink: &'w mut S,
}

impl<'a, S: Sink> Walk<'_, 'a, S> {
    /// Goes through the parts of the whole relation, those left out that are known to allow no step.
    fn selected_parts(&mut self, parts: &[PartId]) -> Enumerated {
        let mut selected = std::mem::take(&mut self.cache.selected);
        let Cache { forest, dispatch, rows, .. } = &mut *self.cache;
        let mut state = asked(Standing::Source, rows, self.machine, self.book);
        dispatch.select(&mut selected, |variable, question| forest.answer(variable, question, &mut state));
        let mut result = Ok(());
        'words: for (index, word) in selected.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                let position = 64 * index + left.trailing_zeros() as usize;
                left &= left - 1;
                result = self.part(parts[position]);
                if result.is_err() {
                    break 'words;
                }
            }
        }
        self.cache.selected = selected;
        result
    }

    fn parts(&mut self, parts: &[PartId]) -> Enumerated {
        parts.iter().try_for_each(|part| self.part(*part))
    }

    fn part(&mut self, id: PartId) -> Enumerated {
        if self.cache.parts[id as usize].plain {
            return self.evaluate(id);
        }
        let outcome = match self.cache.look_up(id, Standing::Source, self.machine, self.book) {
            Some(known) => known,
            None if self.cache.parts[id as usize].plain => return self.evaluate(id),
            None => match self.record(id)? {
                Some(fresh) => fresh,
                None => return self.evaluate(id),
            },
        };
        match &self.cache.outcomes[outcome as usize] {
            Outcome::Steps(steps) if steps.is_empty() => Ok(()),
            Outcome::Steps(steps) => {
                let steps = steps.clone();
                self.take(id, &steps)
            }
            Outcome::Parts(parts) => {
                let parts = parts.clone();
                self.parts(&parts)
            }
            Outcome::Truth(_) => Ok(()),
        }
    }

    /// Evaluates a part without recording it.
    fn evaluate(&mut self, id: PartId) -> Enumerated {
        let path = self.cache.parts[id as usize].path.clone();
        self.book.stand(self.machine);
        let Self { machine, book, formula, sink, cache } = self;
        machine.enumerate_part(formula.owner, formula.node, &path, &mut |machine| {
            machine.begin_successor();
            let result = book.found(machine, true, cache, *sink);
            machine.end_successor();
            result.map(|_in_model| ())
        })
    }

    /// Evaluates a part and records what it came to. `None` if that is undefined or too much; nothing was reported then.
    fn record(&mut self, id: PartId) -> Result<Option<u32>, Halt> {
        self.book.stand(self.machine);
        let position = self.machine.standpoint();
        let recorded = if self.cache.parts[id as usize].quantifier {
            Ok(self.record_instances(id))
        } else {
            self.record_steps(id)
        };
        if !matches!(recorded, Ok(Some(_))) {
            self.machine.stand_back(position);
        }
        recorded
    }

    fn record_instances(&mut self, id: PartId) -> Option<u32> {
        let path = self.cache.parts[id as usize].path.clone();
        let Formula { manner, owner, node, .. } = self.formula;
        let (expansion, footprint) =
            self.machine.recording_footprint(|machine| machine.expand(manner, owner, node, &path));
        let Ok(Expansion::Instances(instances)) = expansion else {
            self.cache.parts[id as usize].plain = true;
            return None;
        };
        let mut parts = Vec::new();
        for bound in instances {
            let key = (id, bound.clone());
            let known = match self.cache.instances.get(&key) {
                Some(known) => known.clone(),
                None => {
                    let way: Vec<Choice> = path.iter().cloned().chain([Choice::Bound(bound)]).collect();
                    let fresh: Rc<[PartId]> = take_apart(self.cache, self.machine, self.formula, &way)?.into();
                    self.cache.instances.insert(key, fresh.clone());
                    fresh
                }
            };
            parts.extend_from_slice(&known);
        }
        self.cache.steps += parts.len() / 16;
        let outcome = self.cache.keep(Outcome::Parts(parts.into()));
        self.cache.learn(id, &footprint, Standing::Source, self.machine, self.book, outcome);
        Some(outcome)
    }

    fn record_steps(&mut self, id: PartId) -> Result<Option<u32>, Halt> {
        let path = self.cache.parts[id as usize].path.clone();
        let Self { cache, machine, book, formula, .. } = self;
        let mut steps = Vec::new();
        let (result, footprint) = machine.recording_footprint(|machine| {
            machine.enumerate_part(formula.owner, formula.node, &path, &mut |machine| {
                if machine.incomplete() || steps.len() == MOST_STEPS {
                    return Err(Halt::Stop);
                }
                steps.push(cache.step(machine, book)?);
                Ok(())
            })
        });
        match result {
            Ok(()) => {}
            // What took long to become too large would take as long again.
            Err(Halt::Error(error)) if error.class == ErrorClass::Capacity && steps.is_empty() => {
                return Err(Halt::Error(error));
            }
            Err(Halt::Error(_) | Halt::Stop) => {
                cache.parts[id as usize].plain |= steps.len() == MOST_STEPS;
                return Ok(None);
            }
        }
        cache.steps += steps.len();
        let outcome = cache.keep(Outcome::Steps(steps.into()));
        cache.learn(id, &footprint, Standing::Source, machine, book, outcome);
        Ok(Some(outcome))
    }

    /// Reports the steps of a part.
    fn take(&mut self, id: PartId, steps: &[Step]) -> Enumerated {
        // All words first: if a change is undefined in this state, evaluation proper has to say what happens.
        let mut words = std::mem::take(&mut self.cache.scratch);
        words.clear();
        for step in steps {
            let begin = words.len();
            words.extend_from_slice(&self.book.parent);
            for (variable, assigned) in &step.assigned {
                let place = begin + *variable as usize;
                words[place] = match assigned {
                    Assigned::Word(word) => *word,
                    Assigned::Changed(number) => {
                        match self.cache.changed(self.machine, self.book, words[place], *number) {
                            Ok(word) => word,
                            Err(_) => {
                                self.cache.scratch = words;
                                return self.evaluate(id);
                            }
                        }
                    }
                };
            }
        }
        let mut result = Ok(());
        let width = self.book.parent.len();
        for (index, step) in steps.iter().enumerate() {
            self.book.words.clear();
            self.book.words.extend_from_slice(&words[index * width..(index + 1) * width]);
            result = self.book.replayed(self.machine, ActionId(step.action), self.cache, self.sink);
            if result.is_err() {
                break;
            }
        }
        self.cache.scratch = words;
        result
    }
}

impl Cache {
    /// The step to the state that the machine has found.
    fn step<'a>(&mut self, machine: &mut Machine<'a>, book: &mut Book<'a>) -> Evaluated<Step> {
        let mut assigned = Vec::new();
        for variable in 0..book.parent.len() {
            let assignment = match machine.origin(variable) {
                Origin::Kept => continue,
                Origin::Changed(changes) => Assigned::Changed(self.change_number(variable as u32, &changes)),
                Origin::Answers | Origin::Given => {
                    let Some(value) = &machine.next[variable] else {
                        return Err(EvalError::undefined("a variable has no value"));
                    };
                    let mut value = value.clone();
                    Assigned::Word(book.word(machine, &mut value)?)
                }
            };
            assigned.push((variable as u32, assignment));
        }
        let action = machine.action().map_or(0, |leaf| book.system.action_number(leaf.node));
        Ok(Step { action, assigned: assigned.into() })
    }
}
