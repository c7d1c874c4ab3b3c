//! Depth-first search with iterative deepening (Korf, "Depth-first iterative-deepening: an optimal admissible tree search",
//! 1985), for models whose states are too large to be kept.
//!
//! Round *r* finds the states at level *r*, initial states being level 1: it walks from the initial states along shortest
//! ways to the states of level *r* - 1, which are expanded for the first time, all others having been expanded in an
//! earlier round. A round that finds no state is the last one. What is kept of a state is its fingerprint with the level
//! at which it was found; so a state is met at its own level once a round and never at another, and a round takes as many
//! expansions as there are states, not ways. This is where we deviate from the paper, whose search remembers nothing and
//! takes exponentially long where ways meet.
//!
//! Memory: the initial states, the states of one way with their successors that wait, and 24 bytes for each distinct
//! state (at most twice that, for the table has room to grow). Time: as many times that of the breadth-first search as the
//! graph is deep. Counts, depth and the length of counterexamples are those of the breadth-first search, because states
//! are counted in the round that finds them; which state of a level is met first is another matter.
//!
//! Deliberately absent: several workers, checkpoints, and the graph that liveness needs.

use crate::hash::{Fingerprint, Fingerprinter, collision_bound};
use crate::options::Options;
use crate::outcome::{Ended, Exploration, Finding, Limit, Outcome, SearchError, Violation, concerns_generated_state};
use crate::search::{no_thread, panicked};
use crate::statistics::{ActionCount, Resources, Statistics, internal};
use crate::system::{
    Answer, Broken, ErrorClass, Flow, Generated, Reached, Sink, Stop, SystemError, TransitionSystem, Worker,
};
use crate::watch::{Bell, watch};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread::Builder;
use std::time::Instant;
use verdict::{EventSink, Progress, StoreKind};

/// Words of a fingerprint.
const KEY: usize = 4;

/// What is known of a state.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// The level at which it was found.
    level: u32,
    /// The last round that walked through it.
    round: u32,
}

/// What the watching thread sees.
#[derive(Debug, Default)]
struct Gauge {
    stop: AtomicBool,
    level: AtomicU32,
    generated: AtomicU64,
    distinct: AtomicU64,
}

/// Visits all reachable states, each round one level deeper than the one before.
pub fn deepen<S: TransitionSystem>(system: &S, options: &Options, events: &dyn EventSink) -> Exploration {
    let began = Instant::now();
    let (gauge, bell) = (Gauge::default(), Bell::default());
    system.interrupt(false);
    let (search, reached) = std::thread::scope(|scope| {
        let thread = Builder::new().name("deepen-0".to_owned()).stack_size(options.stack_bytes);
        let thread = thread.spawn_scoped(scope, || {
            let result = catch_unwind(AssertUnwindSafe(|| {
                let mut worker = system.worker();
                let mut search = Search::new(system, options, &gauge);
                search.ended = Some(search.run(&mut worker));
                (search, worker.reached())
            }));
            bell.ring();
            result
        });
        let thread = match thread {
            Ok(thread) => thread,
            Err(error) => return (broken(system, options, &gauge, no_thread(&error)), Reached::default()),
        };
        let progress = || Progress {
            level: gauge.level.load(Ordering::Relaxed),
            generated: gauge.generated.load(Ordering::Relaxed),
            distinct: gauge.distinct.load(Ordering::Relaxed),
            elapsed_s: began.elapsed().as_secs_f64(),
            ..Progress::default()
        };
        let look = |interrupted: bool| {
            gauge.stop.store(interrupted, Ordering::Relaxed);
            if interrupted {
                system.interrupt(true);
            }
        };
        watch(&bell, events, options.progress_interval, look, progress);
        match thread.join() {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) | Err(panic) => (broken(system, options, &gauge, panicked(&*panic)), Reached::default()),
        }
    });
    search.close(reached, began)
}

fn broken<'s, S: TransitionSystem>(
    system: &S,
    options: &'s Options,
    gauge: &'s Gauge,
    error: SystemError,
) -> Search<'s> {
    let mut search = Search::new(system, options, gauge);
    search.ended = Some(ended_by(error, Vec::new()));
    search
}

fn ended_by(error: SystemError, trace: Vec<Vec<u32>>) -> Ended {
    match error.class {
        ErrorClass::Interrupted => Ended::Interrupted,
        ErrorClass::Undefined
        | ErrorClass::Assert
        | ErrorClass::Declined
        | ErrorClass::Capacity
        | ErrorClass::Internal => Ended::Error(Box::new(SearchError { error, trace })),
    }
}

/// A state on the way, with its successors that wait, each behind its fingerprint.
#[derive(Debug)]
struct Frame {
    state: Vec<u32>,
    waiting: Vec<u32>,
    at: usize,
}

struct Search<'s> {
    options: &'s Options,
    gauge: &'s Gauge,
    keys: Fingerprinter,
    words: usize,
    known: FxHashMap<Fingerprint, Known>,
    statistics: Statistics,
    per_action: Vec<ActionCount>,
    findings: Vec<Finding>,
    ended: Option<Ended>,
    system_bytes: u64,
}

/// Takes the successors of a state.
struct Visit<'v> {
    keys: &'v Fingerprinter,
    known: &'v mut FxHashMap<Fingerprint, Known>,
    statistics: &'v mut Statistics,
    per_action: &'v mut [ActionCount],
    /// Level of what is generated.
    level: u32,
    round: u32,
    /// Whether this is the first time that they are generated.
    counts: bool,
    continues: bool,
    waiting: Vec<u32>,
    generated: u64,
    new: u64,
    last: Vec<u32>,
    /// Violations, each with the state generated last.
    broken: Vec<(Violation, Vec<u32>)>,
    found: Vec<Violation>,
    is_unrepeatable: bool,
}

impl Sink for Visit<'_> {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        self.generated += 1;
        self.last.clear();
        self.last.extend_from_slice(state.words);
        if self.counts {
            self.statistics.generated += 1;
            if self.level > 1
                && let Some(count) = self.per_action.get_mut(state.action.0 as usize)
            {
                count.generated += 1;
            }
        }
        if !state.in_model {
            self.statistics.out_of_model += u64::from(self.counts);
            return if self.counts { Answer::Check } else { Answer::Known };
        }
        let key = self.keys.fingerprint(state.identity);
        let wait = match self.known.entry(key) {
            Entry::Vacant(place) => {
                place.insert(Known { level: self.level, round: 0 });
                self.is_unrepeatable |= !self.counts;
                self.new += 1;
                if self.level > 1
                    && let Some(count) = self.per_action.get_mut(state.action.0 as usize)
                {
                    count.distinct += 1;
                }
                // Initial states wait for the rounds to come.
                if self.level == 1 {
                    self.waiting.extend(key);
                    self.waiting.extend_from_slice(state.words);
                }
                return Answer::Check;
            }
            Entry::Occupied(known) => {
                self.statistics.duplicates += u64::from(self.counts);
                let known = known.get();
                known.level == self.level && known.round < self.round && !self.counts
            }
        };
        if wait {
            self.waiting.extend(key);
            self.waiting.extend_from_slice(state.words);
        }
        Answer::Known
    }

    fn passed(&mut self, states: u64) {
        if self.counts {
            self.statistics.generated += states;
            self.statistics.passed += states;
        }
    }

    fn broken(&mut self, broken: Broken) -> Flow {
        let violation = Violation::Broken(broken);
        if !self.counts || self.found.contains(&violation) {
            return Flow::Continue;
        }
        self.found.push(violation);
        self.broken.push((violation, self.last.clone()));
        if self.continues { Flow::Continue } else { Flow::Stop }
    }
}

impl<'s> Search<'s> {
    fn new<S: TransitionSystem>(system: &S, options: &'s Options, gauge: &'s Gauge) -> Self {
        Self {
            options,
            gauge,
            keys: Fingerprinter::new(system.identity_words(), options.fingerprint_seed),
            words: system.state_words(),
            known: FxHashMap::default(),
            statistics: Statistics::new(StoreKind::Fingerprint128),
            per_action: vec![ActionCount::default(); system.actions().len()],
            findings: Vec::new(),
            ended: None,
            system_bytes: system.memory_bytes(),
        }
    }

    /// All rounds.
    fn run(&mut self, worker: &mut impl Worker) -> Ended {
        let initial = match self.visit(1, 1, &[], &mut |visit| worker.initial(visit)) {
            Ok(waiting) => waiting,
            Err(ended) => return ended,
        };
        self.end_of_round();
        if worker.asked_to_end() {
            return Ended::Capacity(Limit::Asked);
        }
        let mut round = 1;
        while self.statistics.levels.len() as u32 == round {
            if self.options.max_depth.is_some_and(|most| round >= most) {
                return Ended::Capacity(Limit::Depth(round));
            }
            round += 1;
            self.gauge.level.store(round, Ordering::Relaxed);
            if let Err(ended) = self.round(worker, round, &initial) {
                self.end_of_round();
                return ended;
            }
            self.end_of_round();
        }
        Ended::Complete
    }

    fn end_of_round(&mut self) {
        let statistics = &mut self.statistics;
        statistics.distinct = self.known.len() as u64;
        let new = statistics.distinct - statistics.levels.iter().sum::<u64>();
        if new > 0 {
            statistics.levels.push(new);
            statistics.depth = statistics.levels.len() as u32;
        }
    }

    fn round(&mut self, worker: &mut impl Worker, round: u32, initial: &[u32]) -> Result<(), Ended> {
        let mut way = vec![Frame { state: Vec::new(), waiting: initial.to_vec(), at: 0 }];
        while let Some(frame) = way.last_mut() {
            let end = frame.at + KEY + self.words;
            let Some((key, state)) = frame.waiting.get(frame.at..end).and_then(|one| one.split_at_checked(KEY)) else {
                way.pop();
                continue;
            };
            frame.at = end;
            let key: Fingerprint = [key[0], key[1], key[2], key[3]];
            match self.known.get_mut(&key) {
                Some(known) if known.round < round => known.round = round,
                Some(_) | None => continue,
            }
            let state = state.to_vec();
            let level = way.len() as u32;
            way.push(Frame { state, waiting: Vec::new(), at: 0 });
            let waiting = self.expand(worker, round, level, &way)?;
            if let Some(frame) = way.last_mut() {
                frame.waiting = waiting;
            }
        }
        Ok(())
    }

    /// Expands the last state of the way, which is at this level. What waits.
    fn expand(&mut self, worker: &mut impl Worker, round: u32, level: u32, way: &[Frame]) -> Result<Vec<u32>, Ended> {
        if self.gauge.stop.load(Ordering::Relaxed) {
            return Err(Ended::Interrupted);
        }
        let Some(frame) = way.last() else { return Ok(Vec::new()) };
        let waiting = self.visit(level + 1, round, way, &mut |visit| {
            worker.at_level(level);
            worker.successors(&frame.state, visit)
        })?;
        if worker.asked_to_end() { Err(Ended::Capacity(Limit::Asked)) } else { Ok(waiting) }
    }

    /// Enumerates states of a level, which are counted if the round is the one of that level.
    fn visit(
        &mut self,
        level: u32,
        round: u32,
        way: &[Frame],
        enumerate: &mut dyn FnMut(&mut Visit<'_>) -> Result<(), Stop>,
    ) -> Result<Vec<u32>, Ended> {
        let counts = level == round;
        let mut visit = Visit {
            keys: &self.keys,
            known: &mut self.known,
            statistics: &mut self.statistics,
            per_action: &mut self.per_action,
            level,
            round,
            counts,
            continues: self.options.continue_after_violation,
            waiting: Vec::new(),
            generated: 0,
            new: 0,
            last: Vec::new(),
            broken: Vec::new(),
            found: self.findings.iter().map(|finding| finding.violation).collect(),
            is_unrepeatable: false,
        };
        let result = enumerate(&mut visit);
        let Visit { waiting, generated, new, last, broken, is_unrepeatable, .. } = visit;
        let trace = |last: Option<Vec<u32>>| -> Vec<Vec<u32>> {
            // The first frame holds the initial states and is none of the way.
            way.iter().skip(1).map(|frame| frame.state.clone()).chain(last).collect()
        };
        let stops = !broken.is_empty() && !self.options.continue_after_violation;
        self.findings
            .extend(broken.into_iter().map(|(violation, last)| Finding { violation, trace: trace(Some(last)) }));
        if stops {
            return Err(Ended::AtFinding);
        }
        match result {
            Ok(()) => {}
            Err(Stop::Error(error)) => {
                let last = concerns_generated_state(error.phase).then_some(last);
                return Err(ended_by(*error, trace(last)));
            }
            Err(Stop::Requested) => {
                let message = "the transition system stopped without having been asked to".to_owned();
                return Err(ended_by(internal(message), trace(None)));
            }
        }
        if is_unrepeatable {
            let error = SystemError {
                class: ErrorClass::Capacity,
                remedy: "Search it breadth first.".to_owned(),
                ..internal("a state has other successors than it had before".to_owned())
            };
            return Err(ended_by(error, trace(None)));
        }
        if counts && level > 1 {
            self.count_expansion(generated, new);
            if generated == 0 && self.options.check_deadlock {
                self.deadlock(trace(None))?;
            }
        }
        self.gauge.generated.store(self.statistics.generated, Ordering::Relaxed);
        self.gauge.distinct.store(self.known.len() as u64, Ordering::Relaxed);
        self.within_limits()?;
        Ok(waiting)
    }

    fn count_expansion(&mut self, generated: u64, new: u64) {
        self.statistics.expanded += 1;
        self.statistics.out_degree.add(generated, 1);
        self.statistics.new_successors.add(new, 1);
    }

    fn deadlock(&mut self, trace: Vec<Vec<u32>>) -> Result<(), Ended> {
        let violation = Violation::Deadlock;
        if self.findings.iter().any(|finding| finding.violation == violation) {
            return Ok(());
        }
        self.findings.push(Finding { violation, trace });
        if self.options.continue_after_violation { Ok(()) } else { Err(Ended::AtFinding) }
    }

    fn bytes(&self) -> u64 {
        (self.known.capacity() * size_of::<(Fingerprint, Known)>()) as u64
    }

    fn within_limits(&self) -> Result<(), Ended> {
        let distinct = self.known.len() as u64;
        match (self.options.max_states, self.options.memory_budget) {
            (Some(most), _) if distinct > most => Err(Ended::Capacity(Limit::States(most))),
            (_, Some(most)) if self.bytes() > most => Err(Ended::Capacity(Limit::Memory(most))),
            (_, _) => Ok(()),
        }
    }

    fn close(mut self, reached: Reached, began: Instant) -> Exploration {
        let store_bytes = self.bytes();
        let statistics = &mut self.statistics;
        statistics.distinct = self.known.len() as u64;
        statistics.left_on_queue = statistics.distinct.saturating_sub(statistics.expanded);
        statistics.collision_bound = collision_bound(statistics.distinct);
        let mut ended = self.ended.unwrap_or(Ended::Interrupted);
        // Where no state waits, nothing was left out.
        if matches!(ended, Ended::Capacity(Limit::Asked)) && statistics.left_on_queue == 0 {
            ended = Ended::Complete;
        }
        if matches!(ended, Ended::Complete)
            && let Err(error) = statistics.audit(self.known.len() as u64)
        {
            ended = ended_by(*error, Vec::new());
        }
        let outcome = match ended {
            ended if !self.findings.is_empty() => Outcome::Found { findings: self.findings, ended },
            Ended::Complete => Outcome::Complete,
            Ended::Error(error) => Outcome::Error(error),
            Ended::Interrupted => Outcome::Interrupted,
            Ended::Capacity(limit) => Outcome::Capacity(limit),
            Ended::AtFinding => {
                let error = internal("the search ended at a finding that it did not keep".to_owned());
                Outcome::Error(Box::new(SearchError { error, trace: Vec::new() }))
            }
        };
        let (elapsed, system_bytes) = (began.elapsed(), self.system_bytes);
        let resources = Resources { store_bytes, system_bytes, elapsed, workers: 1 };
        Exploration { outcome, statistics: self.statistics, per_action: self.per_action, reached, resources }
    }
}
