//! One random behavior.

use super::SimulationCounts;
use super::scheduler::{Draw, Taken};
use super::witness::SampledLasso;
use crate::outcome::{Finding, SearchError, Violation, concerns_generated_state};
use crate::random::Random;
use crate::search::panicked;
use crate::statistics::internal;
use crate::system::{Answer, Broken, CountsSoFar, Flow, Generated, Sampled, Sink, Stop, SystemError, Worker};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a behavior, and with it the simulation, ended before its time.
#[derive(Debug)]
pub(super) enum Stopped {
    Found(Finding),
    Lasso(Box<SampledLasso>),
    Error(Box<SearchError>),
    /// The specification asked for the end of the run.
    AtRequest,
}

/// Takes the successors that go by.
struct Drawing<'r> {
    random: &'r mut Random,
    draw: &'r mut Draw,
    actions: &'r mut Vec<u64>,
    generated: u64,
    /// Whether any was in the model.
    any: bool,
    /// The state generated last.
    last: Vec<u32>,
    broken: Option<Broken>,
    counts: Option<CountsSoFar>,
}

impl Sink for Drawing<'_> {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        self.generated += 1;
        let action = state.action.0 as usize;
        if self.actions.len() <= action {
            self.actions.resize(action + 1, 0);
        }
        self.actions[action] += 1;
        self.last.clear();
        self.last.extend_from_slice(state.words);
        if state.in_model {
            self.any = true;
            self.draw.offer(state.action, state.words, self.random);
        }
        Answer::Check
    }

    fn broken(&mut self, broken: Broken) -> Flow {
        self.broken = self.broken.or(Some(broken));
        Flow::Stop
    }

    fn counts(&self) -> Option<CountsSoFar> {
        let counts = self.counts?;
        Some(CountsSoFar { generated: counts.generated + self.generated, ..counts })
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

    fn counts(&self) -> Option<CountsSoFar> {
        let initial = self.count;
        Some(CountsSoFar {
            generated: self.generated,
            initial,
            sampled: Some(Sampled::default()),
            ..CountsSoFar::default()
        })
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

/// Limits of a behavior, and how it is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) depth: u32,
    pub(super) check_deadlock: bool,
    pub(super) generate: bool,
    /// Counts can be told, because there is one worker only.
    pub(super) tells_counts: bool,
}

/// What lives longer than a behavior.
pub(super) struct Bench<'r> {
    pub(super) counts: &'r mut SimulationCounts,
    pub(super) draw: &'r mut Draw,
    pub(super) taken: &'r mut Taken,
    /// What was counted before these counts.
    pub(super) before: &'r SimulationCounts,
    pub(super) initial_states: u64,
}

impl Bench<'_> {
    /// The number of the present behavior.
    fn number(&self) -> u64 {
        self.before.behaviors + self.counts.behaviors + 1
    }

    fn told(&self) -> CountsSoFar {
        let lengths = [self.before, self.counts];
        let mut complete = SimulationCounts::default();
        for counts in lengths {
            complete.lengths.merge(&counts.lengths);
            complete.squares += counts.squares;
        }
        CountsSoFar {
            generated: self.before.generated + self.counts.generated,
            distinct: 0,
            queue: 0,
            diameter: complete.lengths.maximum as u32,
            initial: self.initial_states,
            sampled: Some(complete.sampled(self.number())),
        }
    }
}

/// Runs a behavior.
pub(super) fn run_behavior(
    worker: &mut impl Worker,
    initial: &InitialStates,
    limits: Limits,
    mut random: Random,
    bench: &mut Bench<'_>,
) -> (Vec<Vec<u32>>, Option<Stopped>) {
    let mut trace = vec![initial.draw(&mut random).to_vec()];
    let stopped = extend(worker, &mut trace, limits, &mut random, bench);
    bench.counts.behaviors += 1;
    let length = trace.len() as u64;
    bench.counts.lengths.add(length, 1);
    bench.counts.squares += length * length;
    (trace, stopped)
}

fn extend(
    worker: &mut impl Worker,
    trace: &mut Vec<Vec<u32>>,
    limits: Limits,
    random: &mut Random,
    bench: &mut Bench<'_>,
) -> Option<Stopped> {
    let mut actions_taken = Vec::new();
    while let Some(state) = trace.last().filter(|_| trace.len() < limits.depth as usize) {
        let counts = limits.tells_counts.then(|| bench.told());
        let seed = if limits.generate { random.next() } else { 0 };
        bench.draw.clear();
        let number = bench.number();
        let (draw, actions) = (&mut *bench.draw, &mut bench.counts.actions);
        let mut drawing =
            Drawing { random, draw, actions, generated: 0, any: false, last: Vec::new(), broken: None, counts };
        worker.in_behavior(number, trace, &actions_taken);
        worker.at_level(trace.len() as u32);
        let result = catch_unwind(AssertUnwindSafe(|| match limits.generate {
            true => worker.random_successor(state, seed, &mut drawing),
            false => worker.successors(state, &mut drawing),
        }));
        let result = result.unwrap_or_else(|panic| Err(Stop::Error(Box::new(panicked(&*panic)))));
        let (generated, any, broken, last) = (drawing.generated, drawing.any, drawing.broken, drawing.last);
        bench.counts.generated += generated;
        if let Some(stopped) = conclude(result, broken, trace, &last) {
            return Some(stopped);
        }
        if generated == 0 && limits.check_deadlock {
            return Some(Stopped::Found(Finding { violation: Violation::Deadlock, trace: trace.clone() }));
        }
        if worker.asked_to_end() {
            return Some(Stopped::AtRequest);
        }
        if !any {
            return None;
        }
        let (action, state) = bench.draw.choose(random, bench.taken)?;
        actions_taken.push(action);
        trace.push(state);
    }
    None
}
