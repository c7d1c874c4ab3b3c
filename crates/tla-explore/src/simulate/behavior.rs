//! One random behavior.

use super::SimulationCounts;
use crate::outcome::{Finding, SearchError, Violation, concerns_generated_state};
use crate::random::Random;
use crate::search::panicked;
use crate::statistics::internal;
use crate::system::{Answer, Broken, Flow, Generated, Sink, Stop, SystemError, Worker};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a behavior, and with it the simulation, ended before its time.
#[derive(Debug)]
pub(super) enum Stopped {
    Found(Finding),
    Error(Box<SearchError>),
}

/// Draws one of the states that go by.
struct Drawing<'r> {
    random: &'r mut Random,
    generated: u64,
    /// States in the model so far.
    candidates: u64,
    drawn: &'r mut Vec<u32>,
    /// The state generated last.
    last: Vec<u32>,
    broken: Option<Broken>,
}

impl Sink for Drawing<'_> {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        self.generated += 1;
        self.last.clear();
        self.last.extend_from_slice(state.words);
        if state.in_model {
            self.candidates += 1;
            if self.random.below(self.candidates) == 0 {
                self.drawn.clear();
                self.drawn.extend_from_slice(state.words);
            }
        }
        Answer::Check
    }

    fn broken(&mut self, broken: Broken) -> Flow {
        self.broken = self.broken.or(Some(broken));
        Flow::Stop
    }
}

/// All initial states in the model, one after the other.
#[derive(Debug, Default)]
pub(super) struct InitialStates {
    pub(super) words: Vec<u32>,
    pub(super) count: u64,
    pub(super) generated: u64,
    last: Vec<u32>,
    broken: Option<Broken>,
}

impl Sink for InitialStates {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        self.generated += 1;
        self.last.clear();
        self.last.extend_from_slice(state.words);
        if state.in_model {
            self.count += 1;
            self.words.extend_from_slice(state.words);
        }
        Answer::Check
    }

    fn broken(&mut self, broken: Broken) -> Flow {
        self.broken = self.broken.or(Some(broken));
        Flow::Stop
    }
}

impl InitialStates {
    /// Enumerates the initial states.
    pub(super) fn enumerate(worker: &mut impl Worker) -> (Self, Option<Stopped>) {
        let mut states = Self::default();
        let result = catch_unwind(AssertUnwindSafe(|| worker.initial(&mut states)));
        let result = result.unwrap_or_else(|panic| Err(Stop::Error(Box::new(panicked(&*panic)))));
        let stopped = conclude(result, states.broken, &[], &states.last);
        (states, stopped)
    }

    fn draw(&self, random: &mut Random) -> &[u32] {
        let length = self.words.len() / (self.count.max(1) as usize);
        let start = random.below(self.count) as usize * length;
        self.words.get(start..start + length).unwrap_or_default()
    }
}

/// How an enumeration ended the behavior, if it did.
fn conclude(result: Result<(), Stop>, broken: Option<Broken>, trace: &[Vec<u32>], last: &[u32]) -> Option<Stopped> {
    let with_last = || [trace, &[last.to_vec()]].concat();
    match (result, broken) {
        (_, Some(broken)) => Some(Stopped::Found(Finding { violation: Violation::Broken(broken), trace: with_last() })),
        (Ok(()), None) => None,
        (Err(Stop::Error(error)), None) => {
            let trace = if concerns_generated_state(error.phase) { with_last() } else { trace.to_vec() };
            Some(failed(*error, trace))
        }
        (Err(Stop::Requested), None) => {
            let message = "the transition system stopped without having been asked to".to_owned();
            Some(failed(internal(message), trace.to_vec()))
        }
    }
}

fn failed(error: SystemError, trace: Vec<Vec<u32>>) -> Stopped {
    Stopped::Error(Box::new(SearchError { error, trace }))
}

/// Limits of a behavior.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) depth: u32,
    pub(super) check_deadlock: bool,
}

/// Runs a behavior.
pub(super) fn run_behavior(
    worker: &mut impl Worker,
    initial: &InitialStates,
    limits: Limits,
    mut random: Random,
    counts: &mut SimulationCounts,
) -> Option<Stopped> {
    let mut trace = vec![initial.draw(&mut random).to_vec()];
    let stopped = extend(worker, &mut trace, limits, &mut random, counts);
    counts.behaviors += 1;
    counts.lengths.add(trace.len() as u64, 1);
    stopped
}

fn extend(
    worker: &mut impl Worker,
    trace: &mut Vec<Vec<u32>>,
    limits: Limits,
    random: &mut Random,
    counts: &mut SimulationCounts,
) -> Option<Stopped> {
    while let Some(state) = trace.last().filter(|_| trace.len() < limits.depth as usize) {
        let mut drawn = Vec::with_capacity(state.len());
        let length = trace.len() as u32;
        let mut drawing =
            Drawing { random, generated: 0, candidates: 0, drawn: &mut drawn, last: Vec::new(), broken: None };
        worker.at_level(length);
        let result = catch_unwind(AssertUnwindSafe(|| worker.successors(state, &mut drawing)));
        let result = result.unwrap_or_else(|panic| Err(Stop::Error(Box::new(panicked(&*panic)))));
        let (generated, candidates) = (drawing.generated, drawing.candidates);
        counts.generated += generated;
        if let Some(stopped) = conclude(result, drawing.broken, trace, &drawing.last) {
            return Some(stopped);
        }
        if generated == 0 && limits.check_deadlock {
            return Some(Stopped::Found(Finding { violation: Violation::Deadlock, trace: trace.clone() }));
        }
        if candidates == 0 {
            return None;
        }
        trace.push(drawn);
    }
    None
}
