//! The search for a behavior that a log is of.

use super::log::Event;
use super::mismatch::{self, Parting};
use super::order::Lanes;
use super::{Covered, Expected, Options, Outcome, Part, Validation, ValidationError};
use crate::interpret::Interpreted;
use crate::interpret::worker::InterpretedWorker;
use crate::system::{ActionId, SystemError, TransitionSystem};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::eval::Machine;
use tla_model::eval::narrow::Narrowing;
use tla_model::value::Value;
use tla_model::value::written::{Written, part};

/// Places that are remembered as the furthest.
const FURTHEST: usize = 64;

/// Places among them that are looked at closely.
const LOOKED_AT: usize = 8;

/// A step that may be the one of an event.
pub(super) struct Candidate {
    pub(super) words: Vec<u32>,
    pub(super) action: ActionId,
}

/// A place in the log with a state.
struct Place {
    parent: usize,
    positions: Rc<[u32]>,
    words: Vec<u32>,
    action: ActionId,
    matched: u32,
    hidden: u32,
}

/// A step with the positions after it, and whether it is hidden.
type Next = (Candidate, Rc<[u32]>, bool);

/// What is still to be tried from a place.
struct Frame {
    place: usize,
    /// Lanes and their events.
    next: std::vec::IntoIter<(usize, usize)>,
    hidden_tried: bool,
    /// Steps that were found, last one first.
    found: Vec<Next>,
}

struct Search<'r, 's> {
    worker: InterpretedWorker<'r>,
    events: &'r [Event],
    expected: &'r [Expected],
    hidden: &'r [Rc<Narrowing>],
    options: &'r Options,
    lanes: Lanes,
    places: Vec<Place>,
    /// Least number of hidden steps with which a place was reached.
    seen: FxHashMap<(Rc<[u32]>, Vec<u32>), u32>,
    furthest: Vec<usize>,
    system: &'r Interpreted<'s>,
}

pub(super) fn search<'r>(
    system: &'r Interpreted<'r>,
    events: &'r [Event],
    expected: &'r [Expected],
    hidden: &'r [Rc<Narrowing>],
    options: &'r Options,
) -> Result<Validation, ValidationError> {
    let lanes = Lanes::new(events);
    let mut search = Search {
        worker: system.worker(),
        events,
        expected,
        hidden,
        options,
        lanes,
        places: Vec::new(),
        seen: FxHashMap::default(),
        furthest: Vec::new(),
        system,
    };
    let end = search.run()?;
    search.conclude(end)
}

/// How the search ended.
enum End {
    /// At this place, with all events.
    Matched(usize),
    Exhausted,
    Limit,
}

impl Search<'_, '_> {
    fn run(&mut self) -> Result<End, ValidationError> {
        let start: Rc<[u32]> = vec![0; self.lanes.lanes.len()].into();
        for words in self.worker.some_initial(usize::MAX) {
            let first = Candidate { words, action: ActionId(0) };
            let Some(place) = self.arrive(usize::MAX, first, Rc::clone(&start), 0) else { continue };
            let mut frames = vec![self.frame(place)];
            while let Some(frame) = frames.last_mut() {
                let place = frame.place;
                if self.places[place].matched as usize == self.events.len() {
                    return Ok(End::Matched(place));
                }
                if let Some((candidate, positions, hidden)) = frame.found.pop() {
                    let run = if hidden { self.places[place].hidden + 1 } else { 0 };
                    if let Some(place) = self.arrive(place, candidate, positions, run) {
                        if self.places.len() > self.options.most_places {
                            return Ok(End::Limit);
                        }
                        let next = self.frame(place);
                        frames.push(next);
                    }
                } else if let Some((lane, event)) = frame.next.next() {
                    frame.found = self.follow(place, lane, event)?;
                } else if !std::mem::replace(&mut frame.hidden_tried, true) {
                    frame.found = self.hide(place)?;
                } else {
                    frames.pop();
                }
            }
        }
        Ok(End::Exhausted)
    }

    fn frame(&self, place: usize) -> Frame {
        let next = self.lanes.next(self.events, &self.places[place].positions).into_iter();
        Frame { place, next, hidden_tried: false, found: Vec::new() }
    }

    /// A new place; `None` if it was reached before with as few hidden steps.
    fn arrive(&mut self, parent: usize, to: Candidate, positions: Rc<[u32]>, hidden: u32) -> Option<usize> {
        let key = (Rc::clone(&positions), to.words.clone());
        match self.seen.get_mut(&key) {
            Some(known) if *known <= hidden => return None,
            Some(known) => *known = hidden,
            None => drop(self.seen.insert(key, hidden)),
        }
        let matched = positions.iter().sum();
        let place = self.places.len();
        self.places.push(Place { parent, positions, words: to.words, action: to.action, matched, hidden });
        let best = self.furthest.first().map_or(0, |best| self.places[*best].matched);
        if matched > best {
            self.furthest.clear();
        }
        if matched >= best && self.furthest.len() < FURTHEST {
            self.furthest.push(place);
        }
        Some(place)
    }

    /// The steps that an event may be, last one first.
    fn follow(&mut self, place: usize, lane: usize, event: usize) -> Result<Vec<Next>, Box<SystemError>> {
        let expected = &self.expected[event];
        let words = self.places[place].words.clone();
        let mut found = steps(&mut self.worker, &words, expected.narrowing.as_ref(), &mut |machine| {
            fits(machine, &expected.variables)
        })?;
        if expected.narrowing.is_none() {
            // An event without an action may also be an observation, and mostly is: that is tried first.
            let machine = self.worker.machine_on(&words, &words);
            if fits(machine, &expected.variables) && found.iter().all(|candidate| candidate.words != words) {
                found.insert(0, Candidate { words, action: ActionId(u32::MAX) });
            }
        }
        let mut positions = self.places[place].positions.to_vec();
        positions[lane] += 1;
        let positions: Rc<[u32]> = positions.into();
        Ok(found.into_iter().rev().map(|candidate| (candidate, Rc::clone(&positions), false)).collect())
    }

    /// Steps of hidden actions.
    fn hide(&mut self, place: usize) -> Result<Vec<Next>, Box<SystemError>> {
        let mut found = Vec::new();
        if self.places[place].hidden >= self.options.most_hidden {
            return Ok(found);
        }
        let words = self.places[place].words.clone();
        for narrowing in self.hidden {
            for candidate in steps(&mut self.worker, &words, Some(narrowing), &mut |_| true)? {
                found.push((candidate, Rc::clone(&self.places[place].positions), true));
            }
        }
        Ok(found)
    }

    fn conclude(mut self, end: End) -> Result<Validation, ValidationError> {
        let last = match end {
            End::Matched(place) => Some(place),
            End::Exhausted | End::Limit => self.furthest.first().copied(),
        };
        let matched = last.map_or(0, |place| self.places[place].matched as usize);
        let (covered, hidden_steps) = self.covered(last);
        let outcome = match end {
            End::Matched(_) => Outcome::Matched,
            End::Limit => Outcome::Undecided,
            End::Exhausted => Outcome::Parted(Box::new(self.parting(last)?)),
        };
        Ok(Validation {
            outcome,
            events: self.events.len(),
            matched,
            hidden_steps,
            places: self.places.len(),
            coverage: covered.coverage(self.system),
        })
    }

    fn covered(&self, last: Option<usize>) -> (Covered, u64) {
        let mut covered = Covered::default();
        let mut hidden = 0;
        let mut at = last;
        while let Some(place) = at.map(|index| &self.places[index]) {
            let Some(before) = self.places.get(place.parent) else {
                covered.states.insert(place.words.clone());
                break;
            };
            hidden += u64::from(before.matched == place.matched);
            if place.action.0 != u32::MAX {
                covered.step(&before.words, &place.words, place.action);
            }
            at = Some(place.parent);
        }
        (covered, hidden)
    }

    fn parting(&mut self, last: Option<usize>) -> Result<mismatch::Mismatch, ValidationError> {
        let Some(last) = last else {
            return Ok(mismatch::Mismatch::without_initial_state());
        };
        // Several orders of overlapping events may come equally far. The one that leaves nothing behind which ended early is
        // the likely one; there, the event that ended first is the one that the others wait for.
        let left = |place: usize| self.lanes.earliest_end(self.events, &self.places[place].positions);
        let all = std::iter::once(last).chain(self.furthest.clone());
        let latest = all.clone().map(left).max().flatten();
        let likely: Vec<usize> = all.filter(|place| left(*place) == latest).take(LOOKED_AT).collect();
        let mut best: Option<((u64, usize), mismatch::Mismatch)> = None;
        for place in likely {
            let words = self.places[place].words.clone();
            for (_, event) in self.lanes.next(self.events, &self.places[place].positions) {
                let parting = Parting {
                    system: self.system,
                    worker: &mut self.worker,
                    words: &words,
                    event: &self.events[event],
                    expected: &self.expected[event],
                };
                let found = parting.tell(event)?;
                let ended = self.events[event].span.map_or(0, |(_, ended)| ended);
                let rank = (ended, found.distance());
                if best.as_ref().is_none_or(|(best, _)| rank < *best) {
                    best = Some((rank, found));
                }
            }
        }
        Ok(best.map_or_else(mismatch::Mismatch::without_initial_state, |(_, mismatch)| mismatch))
    }
}

/// The different steps of a narrowed relation that pass a test, in the order of enumeration.
pub(super) fn steps(
    worker: &mut InterpretedWorker<'_>,
    words: &[u32],
    narrowing: Option<&Rc<Narrowing>>,
    test: &mut dyn FnMut(&mut Machine<'_>) -> bool,
) -> Result<Vec<Candidate>, Box<SystemError>> {
    let system = worker.system();
    let mut found: Vec<Candidate> = Vec::new();
    worker.machine.narrow(narrowing.cloned());
    let result = worker.for_each_step(words, &mut |machine, step| {
        let known = found.iter().any(|candidate| candidate.words == step.words);
        if !known && test(machine) {
            let action = machine.action().map_or(0, |leaf| system.action_number(leaf.node));
            found.push(Candidate { words: step.words.to_vec(), action: ActionId(action) });
        }
    });
    worker.machine.narrow(None);
    result.map(|_constrained| found)
}

/// Whether the next state of the machine has the values that were logged.
pub(super) fn fits(machine: &mut Machine<'_>, variables: &[(Part, Written)]) -> bool {
    variables
        .iter()
        .all(|(part, written)| value_of(machine, part).is_some_and(|value| written.fits(machine.names(), &value)))
}

/// The value of part of a variable in the next state of the machine.
pub(super) fn value_of(machine: &mut Machine<'_>, place: &Part) -> Option<Value> {
    let mut value = machine.next.get(place.variable)?.clone()?;
    for argument in &place.arguments {
        value = part(machine.names(), &explicit(machine, value), argument)?;
    }
    Some(explicit(machine, value))
}

fn explicit(machine: &mut Machine<'_>, value: Value) -> Value {
    if value.is_symbolic() { machine.force(&value).unwrap_or(value) } else { value }
}
