//! What surrounds the evaluator in a check: events, files, environment variables, and what the workers share.
//!
//! A register that is set before the search begins is copied to every worker, as TLC does. Random choices are seeded by
//! the state from which they start, so that a state has the same successors whoever enumerates them, and again when a
//! trace is told.

use super::Interpreted;
use crate::lock::locked;
use crate::options::Options;
use crate::simulate::{Scheduler, SimulationOptions};
use crate::system::{CountsSoFar, Sampled};
use rustc_hash::FxHashSet;
use std::hash::Hasher;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tla_model::eval::figures::{self, Counts, RegisterName, Setting};
use tla_model::eval::outside::{
    Executed, TextPlace, WriteMode, execute_on_this_computer, read_file_on_disk, write_file_on_disk,
};
use tla_model::eval::{Machine, Settings, Surroundings};
use tla_model::ir::walk::children;
use tla_model::ir::{Code, Kind, Node, Primitive};
use tla_model::model::Model;
use tla_model::value::names::Names;
use tla_syntax::Span;
use tla_syntax::source::SourceMap;
use verdict::{Event, EventSink};

/// Where `Print` goes, and where files are.
pub(super) struct World<'s> {
    events: &'s dyn EventSink,
    sources: &'s SourceMap,
    began: Instant,
    /// Whether what is printed and written was printed and written before: steps are enumerated once more.
    muted: AtomicBool,
    /// Whether the specification may start programs.
    may_execute: bool,
    /// Whether what is being evaluated is no longer wanted.
    interrupted: AtomicBool,
    /// Whether the listener is asked itself: nobody watches while assumptions are checked.
    unwatched: AtomicBool,
}

impl<'s> World<'s> {
    pub(super) fn new(events: &'s dyn EventSink, sources: &'s SourceMap) -> Self {
        Self {
            events,
            sources,
            began: Instant::now(),
            muted: AtomicBool::new(false),
            may_execute: false,
            interrupted: AtomicBool::new(false),
            unwatched: AtomicBool::new(false),
        }
    }

    pub(super) fn allow_programs(&mut self) {
        self.may_execute = true;
    }

    /// Says whether what is being evaluated is to end.
    pub(super) fn interrupt(&self, interrupted: bool) {
        self.interrupted.store(interrupted, Ordering::Relaxed);
    }

    /// Says whether evaluations are to look for interruptions themselves.
    pub(super) fn set_unwatched(&self, unwatched: bool) {
        self.unwatched.store(unwatched, Ordering::Relaxed);
    }
}

impl Surroundings for World<'_> {
    fn print(&self, text: &str) {
        if !self.muted.load(Ordering::Relaxed) {
            self.events.send(Event::Printed { text: text.to_owned() });
        }
    }

    fn figure(&self, name: &str) -> Option<i64> {
        match name {
            "duration" => i64::try_from(self.began.elapsed().as_secs()).ok(),
            _ => None,
        }
    }

    fn place(&self, span: Span) -> Option<TextPlace> {
        let place = super::explain::place(self.sources, span);
        Some(TextPlace {
            module: place.module,
            begin: (place.line, place.column),
            end: (place.end_line, place.end_column),
        })
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.unwatched.load(Ordering::Relaxed) && self.events.interrupted()
    }

    fn clock(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn read_file(&self, path: &str) -> std::io::Result<String> {
        read_file_on_disk(path)
    }

    fn write_file(&self, path: &str, text: &str, mode: WriteMode) -> std::io::Result<()> {
        if self.muted.load(Ordering::Relaxed) { Ok(()) } else { write_file_on_disk(path, text, mode) }
    }

    fn may_execute(&self) -> bool {
        self.may_execute
    }

    fn execute(&self, command: &[String], variables: &[(String, String)]) -> std::io::Result<Executed> {
        if !self.may_execute {
            return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, "programs may not be started"));
        }
        execute_on_this_computer(command, variables)
    }

    fn environment(&self) -> Option<Vec<(String, String)>> {
        // Variables that are no text cannot be strings of TLA+.
        Some(
            std::env::vars_os()
                .filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()))
                .collect(),
        )
    }
}

/// Where the program lies, which is a jar in the case of TLC.
fn installed() -> String {
    std::env::current_exe().map_or_else(|_| String::new(), |path| path.display().to_string())
}

/// How an exhaustive search with these options is started, as `TLCGet("config")` tells it.
pub fn search_settings(options: &Options, seed: u64) -> Settings {
    let config = vec![
        ("mode", Setting::Text("bfs".to_owned())),
        ("deadlock", Setting::Truth(options.check_deadlock)),
        ("seed", Setting::Text(seed.to_string())),
        // The number of TLC's polynomial; keys of states are made otherwise here.
        ("fingerprint", Setting::Text("0".to_owned())),
        ("install", Setting::Text(installed())),
    ];
    Settings { workers: options.workers.max(1) as u64, seed, config, simulates: false, may_end: true }
}

/// How a simulation with these options is started, as `TLCGet("config")` tells it.
pub fn simulation_settings(options: &SimulationOptions) -> Settings {
    let scheduler = match options.scheduler {
        Scheduler::Uniform | Scheduler::Actions => "random",
        Scheduler::Coverage => "rl",
    };
    let behaviors = options.behaviors.and_then(|count| i64::try_from(count).ok());
    let config = vec![
        ("mode", Setting::Text(if options.generate { "generate" } else { "simulate" }.to_owned())),
        ("depth", Setting::Number(if options.depth == u32::MAX { -1 } else { options.depth.into() })),
        ("traces", Setting::Number(behaviors.unwrap_or(i64::MAX))),
        ("deadlock", Setting::Truth(options.check_deadlock)),
        ("seed", Setting::Text(options.seed.to_string())),
        ("aril", Setting::Text("0".to_owned())),
        ("sched", Setting::Text(scheduler.to_owned())),
        ("install", Setting::Text(installed())),
    ];
    Settings { workers: options.workers.max(1) as u64, seed: options.seed, config, simulates: true, may_end: true }
}

/// Whether what is evaluated in a search may end it with `TLCSet("exit", TRUE)`.
pub(super) fn may_end_the_search(model: &Model) -> bool {
    let parts = [&model.initial_properties, &model.property_invariants, &model.action_properties];
    let predicates = [&model.invariants, &model.constraints, &model.action_constraints];
    let formulas = model.init.iter().chain(&model.next);
    let formulas = formulas.chain(parts.into_iter().flatten().map(|part| &part.formula));
    let formulas =
        formulas.chain(predicates.into_iter().flatten().chain(&model.view).map(|predicate| &predicate.formula));
    let mut open: Vec<&Node> = formulas.map(|formula| &formula.node).collect();
    open.extend(model.assumptions.iter().map(|(definition, _)| &model.code.definition(*definition).body));
    let mut seen = FxHashSet::default();
    while let Some(node) = open.pop() {
        match &node.kind {
            Kind::Primitive(Primitive::TlcSet, operands)
                if operands.first().is_some_and(|key| may_be_exit(model, key)) =>
            {
                return true;
            }
            Kind::Call(id, _) | Kind::ConstantDefinition(_, id) if seen.insert(*id) => {
                open.push(&model.code.definition(*id).body);
            }
            _ => {}
        }
        children(&model.code, node, &mut |child| open.push(child));
    }
    false
}

fn may_be_exit(model: &Model, key: &Node) -> bool {
    match &key.kind {
        Kind::String(name) => &*model.names.text(*name) == "exit",
        Kind::Int(_) => false,
        _ => true,
    }
}

/// Registers that all workers begin with.
pub(super) type SharedRegisters = Mutex<Vec<(RegisterName, Vec<u8>)>>;

/// What a specification asks about besides its states.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asks {
    /// Registers or figures of the search.
    pub(super) search: bool,
    /// Random choices.
    pub(super) random: bool,
    /// The actions that led to a state.
    pub(super) steps: bool,
}

impl Asks {
    /// What the definitions of a specification ask about, whether they are used or not.
    pub(super) fn of(code: &Code, names: &Names) -> Self {
        let mut asks = Self::default();
        for definition in &code.definitions {
            asks.look(code, names, &definition.body);
        }
        asks
    }

    fn look(&mut self, code: &Code, names: &Names, node: &Node) {
        if let Kind::Primitive(primitive, _) | Kind::HigherOrder(primitive, ..) = &node.kind {
            self.search |= primitive.is_volatile();
            self.random |= primitive.is_random();
        }
        if let Kind::Primitive(Primitive::TlcGet | Primitive::TlcGetNext, operands) = &node.kind {
            self.steps |= operands.iter().any(|operand| match &operand.kind {
                Kind::String(name) => matches!(&*names.text(*name), "action" | "stats"),
                Kind::Int(_) => false,
                _ => true,
            });
        }
        children(code, node, &mut |child| self.look(code, names, child));
    }
}

impl Interpreted<'_> {
    /// Lets the specification print and write again, and says whether it could not.
    pub(super) fn unmute(&self) -> bool {
        self.world.muted.swap(false, Ordering::Relaxed)
    }

    /// From now on nothing is printed or written any more.
    pub(crate) fn mute(&self) {
        self.world.muted.store(true, Ordering::Relaxed);
    }

    /// Gives a machine the registers that all workers begin with.
    pub(super) fn lend_registers(&self, machine: &mut Machine<'_>) {
        machine.set_shared_registers(&locked(&self.registers));
        machine.asked_to_end = self.asked_to_end.load(Ordering::Relaxed);
    }

    /// Keeps the registers that a machine has set before the search began, and whether it asked for the end already.
    pub(super) fn keep_registers(&self, machine: &Machine<'_>) {
        self.asked_to_end.fetch_or(machine.asked_to_end, Ordering::Relaxed);
        *locked(&self.registers) = machine.shared_registers();
    }
}

/// The counts before there is any state; TLC says that the diameter is 1 then.
pub(super) fn counts_before(settings: &Settings) -> Counts {
    let sampled = settings.simulates.then(figures::Sampled::default);
    Counts { diameter: 1, sampled, ..Counts::default() }
}

/// The counts in the form that the evaluator knows.
pub(super) fn evaluator_counts(counts: Option<CountsSoFar>) -> Option<Counts> {
    counts.map(|counts| Counts {
        generated: counts.generated,
        distinct: counts.distinct,
        queue: counts.queue,
        diameter: u64::from(counts.diameter.max(1)),
        initial: counts.initial,
        sampled: counts.sampled.map(|Sampled { behaviors, length }| figures::Sampled { behaviors, length }),
    })
}

/// A seed that belongs to the state in which the machine stands.
pub(super) fn seed_of_state(machine: &Machine<'_>) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    for value in machine.current.iter().flatten() {
        // The text is the same in every run; numbers of values and strings are not.
        hasher.write(machine.show(value).as_bytes());
    }
    hasher.finish()
}
