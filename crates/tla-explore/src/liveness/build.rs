//! From a finished search to the graph of states with the truth values of all atoms.
//!
//! The search keeps states, not steps. They are enumerated once more, breadth first in rounds: workers enumerate the
//! successors of a round's states and evaluate the atoms while the values are at hand; then the results are put in order
//! by one thread, which numbers the states. So numbers, steps and everything that follows from them are the same for
//! every number of workers.

use super::atom::{Atoms, Bench, Place};
use super::bits::BitRows;
use super::graph::{NOWHERE, StateGraph};
use super::options::LivenessOptions;
use crate::interpret::{Interpreted, InterpretedWorker};
use crate::lock::{locked, read, written};
use crate::search::crew::Crew;
use crate::search::panicked;
use crate::states::States;
use crate::statistics::internal;
use crate::store::StateNumber;
use crate::system::{Answer, Broken, Flow, Generated, Sink, Stop, SystemError, TransitionSystem, Worker};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use tla_model::eval::Machine;
use verdict::{Event, EventSink};

/// States that a worker takes at a time.
const BLOCK: usize = 64;
/// States of a round.
const ROUND: usize = 1 << 14;

/// The graph, and which state of the search each of its states is.
pub(crate) struct Built {
    pub(crate) graph: StateGraph,
    pub(crate) numbering: Numbering,
    /// Whether constraints leave a state or step out that an unconstrained behavior could have.
    pub(crate) is_cut: bool,
}

/// The graph's number of each state of the search.
#[derive(Default)]
pub(crate) struct Numbering {
    numbers: Vec<u32>,
    count: u32,
}

/// Why there is no graph.
pub(crate) enum Unbuilt {
    /// Something cannot be evaluated.
    Error(Box<SystemError>),
    /// It needs more than the memory allowed.
    TooLarge,
    /// The user asked for the run to stop.
    Interrupted,
}

impl Numbering {
    /// The graph's number of a state.
    pub(crate) fn get(&self, state: StateNumber) -> Option<u32> {
        self.numbers.get(state.0 as usize).copied().filter(|number| *number != NOWHERE)
    }

    /// Gives a state the next number, unless it has one. The number, and whether it is new.
    fn give(&mut self, state: StateNumber) -> (u32, bool) {
        let index = state.0 as usize;
        if index >= self.numbers.len() {
            self.numbers.resize((index + 1).next_power_of_two(), NOWHERE);
        }
        let known = self.numbers[index];
        if known != NOWHERE {
            return (known, false);
        }
        self.numbers[index] = self.count;
        self.count += 1;
        (self.count - 1, true)
    }

    fn bytes(&self) -> u64 {
        (self.numbers.capacity() * 4) as u64
    }
}

/// What workers find out about a block of states.
#[derive(Default)]
struct Block {
    /// Successors of each state, stuttering not counted.
    degrees: Vec<u32>,
    successors: Vec<StateNumber>,
    /// Words of the successors, one after the other.
    words: Vec<u32>,
    state_rows: Vec<u64>,
    /// For each state the row of the stuttering step, then those of the others.
    step_rows: Vec<u64>,
    /// Place in the block and column of predicates without a value.
    undefined_states: Vec<(u32, u32)>,
    /// The same for actions; the place counts steps, stuttering included.
    undefined_steps: Vec<(u32, u32)>,
    is_cut: bool,
    error: Option<Box<SystemError>>,
}

/// States whose successors are enumerated together.
#[derive(Default)]
struct Round {
    /// Their level, initial states being level 1.
    level: u32,
    numbers: Vec<StateNumber>,
    words: Vec<u32>,
}

/// What threads share.
struct Shared<'s, 'm> {
    system: &'m Interpreted<'m>,
    states: &'s States,
    atoms: &'s Atoms<'m>,
    round: RwLock<Round>,
    next: AtomicUsize,
    results: Mutex<Vec<(usize, Block)>>,
    crew: Crew,
}

/// Builds the graph.
pub(crate) fn build<'m>(
    system: &'m Interpreted<'m>,
    states: &States,
    atoms: &Atoms<'m>,
    options: &LivenessOptions,
    events: &dyn EventSink,
) -> Result<Built, Unbuilt> {
    let shared = Shared {
        system,
        states,
        atoms,
        round: RwLock::default(),
        next: AtomicUsize::new(0),
        results: Mutex::default(),
        crew: Crew::default(),
    };
    std::thread::scope(|scope| {
        for index in 1..options.workers.max(1) {
            shared.crew.join();
            let thread = std::thread::Builder::new().name(format!("liveness-{index}")).stack_size(options.stack_bytes);
            if let Err(error) = thread.spawn_scoped(scope, || shared.help()) {
                shared.crew.leave(None);
                events.send(Event::Warning { text: format!("a worker thread could not be started: {error}") });
            }
        }
        let result = Leader::new(&shared).and_then(|leader| leader.lead(options, events));
        shared.crew.dismiss();
        result
    })
}

impl<'m> Shared<'_, 'm> {
    /// What a helper does: take part in every round until there is none.
    fn help(&self) {
        let mut latest = 0;
        let mut means = None;
        while self.crew.await_round(&mut latest) {
            let part = catch_unwind(AssertUnwindSafe(|| {
                let (worker, bench) = means.get_or_insert_with(|| (self.system.worker(), Bench::new(self.atoms)));
                self.take_part(worker, bench);
            }));
            if let Err(panic) = part {
                self.crew.leave(Some(panicked(&*panic).message));
                self.crew.put_down();
                return;
            }
            self.crew.put_down();
        }
    }

    /// Enumerates blocks of the present round until none is left.
    fn take_part(&self, worker: &mut InterpretedWorker<'m>, bench: &mut Bench<'m, '_>) {
        let round = read(&self.round);
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index * BLOCK >= round.numbers.len() {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(|| self.block(worker, bench, &round, index)));
            let block =
                result.unwrap_or_else(|panic| Block { error: Some(Box::new(panicked(&*panic))), ..Block::default() });
            locked(&self.results).push((index, block));
        }
    }

    fn block(
        &self,
        worker: &mut InterpretedWorker<'m>,
        bench: &mut Bench<'m, '_>,
        round: &Round,
        index: usize,
    ) -> Block {
        let mut block = Block::default();
        let width = self.system.state_words();
        let end = ((index + 1) * BLOCK).min(round.numbers.len());
        for place in index * BLOCK..end {
            let words = &round.words[place * width..(place + 1) * width];
            let at = (round.numbers[place], round.level);
            if let Err(error) = self.expand(worker, bench, at, words, &mut block) {
                block.error = Some(error);
                return block;
            }
        }
        block
    }

    fn expand(
        &self,
        worker: &mut InterpretedWorker<'m>,
        bench: &mut Bench<'m, '_>,
        (number, level): (StateNumber, u32),
        words: &[u32],
        block: &mut Block,
    ) -> Result<(), Box<SystemError>> {
        let (state_columns, step_columns) = self.atoms.columns();
        let mut state_row = vec![0; super::bits::words_for(state_columns)];
        let mut undefined = Vec::new();
        worker.at_level(level);
        bench.state_row(worker.machine_in(words), words, &mut state_row, &mut undefined);
        let place = block.degrees.len() as u32;
        block.undefined_states.extend(undefined.iter().map(|column| (place, *column)));
        let mut recorder = Recorder {
            bench,
            states: self.states,
            identity_is_state: self.system.identity_is_state(),
            source: number,
            source_words: words,
            state_row: &state_row,
            state_undefined: &undefined,
            step_row: vec![0; super::bits::words_for(step_columns)],
            first: block.successors.len(),
            block,
            lost: false,
        };
        worker.at_level(level);
        recorder.row(worker.machine_on(words, words), words);
        worker.at_level(level);
        let cut =
            worker.for_each_step(words, &mut |machine, step| recorder.step(machine, step.words, step.identity))?;
        let (first, lost) = (recorder.first, recorder.lost);
        block.is_cut |= cut;
        if lost {
            return Err(Box::new(internal(
                "a successor was not stored by the search; is the model random?".to_owned(),
            )));
        }
        block.degrees.push((block.successors.len() - first) as u32);
        block.state_rows.extend_from_slice(&state_row);
        Ok(())
    }
}

/// Takes the steps that leave one state.
struct Recorder<'r, 'm, 'x> {
    bench: &'r mut Bench<'m, 'x>,
    states: &'r States,
    identity_is_state: bool,
    source: StateNumber,
    source_words: &'r [u32],
    state_row: &'r [u64],
    state_undefined: &'r [u32],
    step_row: Vec<u64>,
    /// Index of the state's first successor in the block.
    first: usize,
    block: &'r mut Block,
    lost: bool,
}

impl<'m> Recorder<'_, 'm, '_> {
    fn step(&mut self, machine: &mut Machine<'m>, words: &[u32], identity: &[u32]) {
        let Some(number) = self.states.find(identity) else {
            self.lost = true;
            return;
        };
        // Where states are what they look like, steps between the same two states are one.
        if self.identity_is_state && (number == self.source || self.block.successors[self.first..].contains(&number)) {
            return;
        }
        self.block.successors.push(number);
        self.block.words.extend_from_slice(words);
        self.row(machine, words);
    }

    fn row(&mut self, machine: &mut Machine<'m>, to: &[u32]) {
        self.step_row.fill(0);
        let mut undefined = Vec::new();
        let place = Place { from: self.source_words, to, row: self.state_row, undefined: self.state_undefined };
        self.bench.step_row(machine, place, &mut self.step_row, &mut undefined);
        let place = (self.block.degrees.len() + self.block.successors.len()) as u32;
        self.block.undefined_steps.extend(undefined.into_iter().map(|column| (place, column)));
        self.block.step_rows.extend_from_slice(&self.step_row);
    }
}

/// Takes the initial states.
struct Initial<'r> {
    states: &'r States,
    found: Vec<(StateNumber, Vec<u32>)>,
    lost: bool,
    is_cut: bool,
}

impl Sink for Initial<'_> {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        if state.in_model {
            match self.states.find(state.identity) {
                Some(number) => self.found.push((number, state.words.to_vec())),
                None => self.lost = true,
            }
        } else {
            self.is_cut = true;
        }
        Answer::Known
    }

    fn broken(&mut self, _broken: Broken) -> Flow {
        // Reported by the search already.
        Flow::Continue
    }
}

/// The thread that puts the results in order.
struct Leader<'s, 'm> {
    shared: &'s Shared<'s, 'm>,
    worker: InterpretedWorker<'m>,
    bench: Bench<'m, 's>,
    graph: StateGraph,
    numbering: Numbering,
    /// States that were numbered and not yet expanded.
    frontier: Round,
    is_cut: bool,
}

impl<'s, 'm> Leader<'s, 'm> {
    fn new(shared: &'s Shared<'s, 'm>) -> Result<Self, Unbuilt> {
        let (state_columns, step_columns) = shared.atoms.columns();
        let graph = StateGraph {
            state_bits: BitRows::new(state_columns),
            step_bits: BitRows::new(step_columns),
            ..StateGraph::default()
        };
        let mut leader = Self {
            shared,
            worker: shared.system.worker(),
            bench: Bench::new(shared.atoms),
            graph,
            numbering: Numbering::default(),
            frontier: Round::default(),
            is_cut: false,
        };
        leader.begin()?;
        Ok(leader)
    }

    fn begin(&mut self) -> Result<(), Unbuilt> {
        let mut initial = Initial { states: self.shared.states, found: Vec::new(), lost: false, is_cut: false };
        match self.worker.initial(&mut initial) {
            Ok(()) | Err(Stop::Requested) => {}
            Err(Stop::Error(error)) => return Err(Unbuilt::Error(error)),
        }
        if initial.lost {
            let message = "an initial state was not stored by the search; is the model random?";
            return Err(Unbuilt::Error(Box::new(internal(message.to_owned()))));
        }
        self.is_cut = initial.is_cut;
        for (number, words) in initial.found {
            self.reach(number, &words, NOWHERE);
        }
        self.graph.initial = self.graph.len();
        Ok(())
    }

    fn reach(&mut self, number: StateNumber, words: &[u32], parent: u32) -> u32 {
        let (state, new) = self.numbering.give(number);
        if new {
            self.graph.parents.push(parent);
            self.frontier.numbers.push(number);
            self.frontier.words.extend_from_slice(words);
        }
        state
    }

    fn lead(mut self, options: &LivenessOptions, events: &dyn EventSink) -> Result<Built, Unbuilt> {
        let width = self.shared.system.state_words();
        let mut expanded = 0;
        while !self.frontier.numbers.is_empty() {
            self.graph.levels.push(expanded);
            let level = std::mem::take(&mut self.frontier);
            let mut rest = &level.numbers[..];
            let mut words = &level.words[..];
            while !rest.is_empty() {
                if events.interrupted() {
                    return Err(Unbuilt::Interrupted);
                }
                let (now, later) = rest.split_at(rest.len().min(ROUND));
                let (now_words, later_words) = words.split_at(now.len() * width);
                let level = self.graph.levels.len() as u32;
                let blocks = self.enumerate(Round { level, numbers: now.to_vec(), words: now_words.to_vec() });
                for block in blocks {
                    expanded = self.take(block, expanded)?;
                }
                (rest, words) = (later, later_words);
                let bytes = self.graph.bytes() + self.numbering.bytes();
                if options.memory_budget.is_some_and(|budget| bytes > budget) {
                    return Err(Unbuilt::TooLarge);
                }
            }
        }
        self.graph.levels.push(expanded);
        self.graph.offsets.push(self.graph.targets.len() as u32);
        Ok(Built { graph: self.graph, numbering: self.numbering, is_cut: self.is_cut })
    }

    /// Enumerates a round; its blocks in order. Short rounds are not worth waking helpers for.
    fn enumerate(&mut self, round: Round) -> Vec<Block> {
        let shared = self.shared;
        let alone = round.numbers.len() <= BLOCK;
        shared.next.store(0, Ordering::Relaxed);
        *written(&shared.round) = round;
        let (worker, bench) = (&mut self.worker, &mut self.bench);
        let mut part = || shared.take_part(worker, bench);
        if alone {
            part();
        } else {
            shared.crew.work_together(part);
        }
        let mut results = std::mem::take(&mut *locked(&shared.results));
        results.sort_unstable_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, block)| block).collect()
    }

    /// Adds what was found about the states that follow on the first `expanded` ones.
    fn take(&mut self, block: Block, mut expanded: u32) -> Result<u32, Unbuilt> {
        let width = self.shared.system.state_words();
        let first_step = self.graph.targets.len() as u32;
        for (place, column) in &block.undefined_states {
            self.graph.undefined.add_state(expanded + place, *column);
        }
        for (place, column) in &block.undefined_steps {
            self.graph.undefined.add_step(first_step + place, *column);
        }
        let mut next = 0;
        for degree in &block.degrees {
            self.graph.offsets.push(self.graph.targets.len() as u32);
            self.graph.targets.push(expanded);
            for index in next..next + *degree as usize {
                let words = &block.words[index * width..(index + 1) * width];
                let target = self.reach(block.successors[index], words, expanded);
                self.graph.targets.push(target);
            }
            next += *degree as usize;
            expanded += 1;
        }
        self.is_cut |= block.is_cut;
        self.graph.state_bits.extend(&block.state_rows);
        self.graph.step_bits.extend(&block.step_rows);
        if let Some(error) = block.error {
            return Err(Unbuilt::Error(error));
        }
        if self.graph.targets.len() >= u32::MAX as usize {
            return Err(Unbuilt::TooLarge);
        }
        Ok(expanded)
    }
}
