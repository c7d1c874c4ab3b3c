//! What is printed in the course of a run, in TLC's order.
//!
//! The engine's events come while it works; verdicts come at its end. A run that takes long shows initial states and
//! progress as soon as they are known.

use super::Names;
use super::clock;
use super::options::Options;
use super::parser::write_parsing;
use super::told::{self, Finding};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::Prepared;
use crate::monitor::Listener;
use crate::pipeline::Outcome;
use report::number::grouped;
use report::tlc::coverage::write_coverage;
use report::tlc::trace::write_trace;
use report::tlc::{Class, Code, Frame};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use verdict::{Checkpointed, Event, ExitCode, Explored, Progress};

/// TLC tells its progress once a minute.
const PROGRESS_PERIOD: Duration = Duration::from_secs(60);

/// The run's output.
pub struct Stream<'c> {
    console: &'c Console,
    frame: Frame,
    difftrace: bool,
    coverage: bool,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_computing: bool,
    initial_told: bool,
    progress_told: Option<Instant>,
    explored: Option<Box<Explored>>,
    temporal_since: Option<Instant>,
    user_file: Option<File>,
}

impl<'c> Stream<'c> {
    /// Opens the stream.
    pub fn new(console: &'c Console, frame: Frame, options: &Options) -> Result<Self, CommandError> {
        let user_file = options.user_file.as_deref().map(|path| {
            File::create(path).map_err(|error| {
                let message = format!("cannot write {}: {error}", path.display());
                CommandError::new(ExitCode::System, message, "name a file in a folder that exists and is writable")
            })
        });
        let state = State { user_file: user_file.transpose()?, ..State::default() };
        let (difftrace, coverage) = (options.difftrace, options.coverage);
        Ok(Self { console, frame, difftrace, coverage, began: Instant::now(), state: Mutex::new(state) })
    }

    fn say(&self, code: Code, text: &str) {
        self.console.result(&self.frame.message(code, text));
    }

    /// Version and mode.
    pub fn begin(&self, options: &Options, seed: u64) {
        let version = env!("CARGO_PKG_VERSION");
        self.say(Code::Version, &format!("TLC2 Version 2.20 (as told by Interlock {version})"));
        let workers = format!("{} worker{}", options.workers, if options.workers == 1 { "" } else { "s" });
        let cores = crate::cli::Workers::Auto.number();
        let pid = std::process::id();
        match &options.simulation {
            None => {
                let (code, order) = match options.deepens.is_some() {
                    true => (Code::ModeDepthFirst, "depth-first"),
                    false => (Code::ModeSearch, "breadth-first"),
                };
                let text = format!(
                    "Running {order} search Model-Checking with {workers} on {cores} cores [pid: {pid}] (Interlock {version})."
                );
                self.say(code, &text);
            }
            Some(_) => {
                let text = format!(
                    "Running Random Simulation with seed {seed} with {workers} on {cores} cores [pid: {pid}] (Interlock {version})."
                );
                self.say(Code::ModeSimulation, &text);
            }
        }
    }

    /// What was read, and that the run begins.
    pub fn parsed(&self, prepared: &Prepared) {
        self.console.result(&write_parsing(&self.frame, prepared));
        self.say(Code::Starting, &format!("Starting... ({})", clock::now()));
    }

    fn computing(&self, state: &mut State) {
        if !std::mem::replace(&mut state.is_computing, true) {
            self.say(Code::ComputingInit, "Computing initial states...");
        }
    }

    fn initial(&self, state: &mut State, distinct: u64) {
        if !std::mem::replace(&mut state.initial_told, true) {
            let plural = if distinct == 1 { "" } else { "s" };
            let now = clock::now();
            let text =
                format!("Finished computing initial states: {distinct} distinct state{plural} generated at {now}.");
            self.say(Code::InitGenerated, &text);
        }
    }

    fn progress(&self, state: &mut State, progress: &Progress) {
        self.computing(state);
        if progress.initial == 0 || progress.level == 1 {
            return;
        }
        self.initial(state, progress.initial);
        let last = state.progress_told.unwrap_or(self.began);
        if last.elapsed() < PROGRESS_PERIOD {
            return;
        }
        state.progress_told = Some(Instant::now());
        if progress.level == 0 {
            self.simulation_progress(progress.generated, progress.behaviors);
        } else {
            self.search_progress(progress.level, [progress.generated, progress.distinct, progress.queue], true);
        }
    }

    fn search_progress(&self, level: u32, [generated, distinct, queue]: [u64; 3], with_rates: bool) {
        let minutes = self.began.elapsed().as_secs_f64().max(1e-3) / 60.0;
        let rate = |count: u64, unit: &str| match with_rates {
            true => format!(" ({} {unit}/min)", grouped((count as f64 / minutes) as u64)),
            false => String::new(),
        };
        let text = format!(
            "Progress({level}) at {}: {} states generated{}, {} distinct states found{}, {} states left on queue.",
            clock::now(),
            grouped(generated),
            rate(generated, "s"),
            grouped(distinct),
            rate(distinct, "ds"),
            grouped(queue)
        );
        self.say(Code::Progress, &text);
    }

    fn simulation_progress(&self, generated: u64, behaviors: u64) {
        let text = match self.frame.tool {
            true => format!(
                "Progress({behaviors}) at {}: {generated} states generated, -1 distinct states found, -1 states left on queue.",
                clock::now()
            ),
            false => format!("Progress: {generated} states checked, {behaviors} traces generated"),
        };
        self.say(Code::SimulationProgress, &text);
    }

    /// Neither initial states nor their number are told again.
    fn resumed(&self, state: &mut State, from: &Checkpointed) {
        (state.is_computing, state.initial_told) = (true, true);
        self.say(Code::RecoverStart, &format!("Starting recovery from checkpoint {}", from.folder));
        let text = format!("Recovery completed. {} states examined. {} states on queue.", from.distinct, from.queue);
        self.say(Code::RecoverEnd, &text);
    }

    fn explored(&self, state: &mut State, explored: &Explored) {
        match explored.behaviors {
            Some(_) => {
                let text = format!("Computed {} initial states...", explored.initial);
                self.say(Code::ComputingInitProgress, &text);
            }
            None => self.computing(state),
        }
        if explored.initial_complete {
            self.initial(state, explored.initial);
        }
        let distinct = explored.distinct.unwrap_or(0);
        if explored.complete && explored.temporal_parts > 0 {
            self.search_progress(explored.depth, [explored.generated, distinct, explored.queue], false);
            let now = clock::now();
            let branches = counted_branches(explored.temporal_parts);
            let text = format!(
                "Checking {branches}temporal properties for the complete state space with {distinct} total distinct states at ({now})"
            );
            self.say(Code::CheckingTemporal, &text);
            state.temporal_since = Some(Instant::now());
        }
    }

    /// Verdicts, counts and the end.
    pub fn end(&self, outcome: &Outcome, names: &Names, exit: u8) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let initial_complete = state.explored.as_ref().is_none_or(|explored| explored.initial_complete);
        for finding in told::findings(outcome, names, initial_complete) {
            self.finding(&finding);
        }
        if let Some(since) = state.temporal_since {
            let text = format!(
                "Finished checking temporal properties in {} at {}",
                clock::duration(since, false),
                clock::now()
            );
            self.say(Code::CheckingTemporalEnd, &text);
        }
        let explored = state.explored.take();
        if exit == 0 && explored.as_ref().is_none_or(|explored| explored.behaviors.is_none()) {
            self.success(explored.as_deref());
        }
        if let Some(explored) = explored.filter(|explored| explored.initial_complete) {
            self.counts(&explored, exit);
        }
        let text = format!("Finished in {} at ({})", clock::duration(self.began, self.frame.tool), clock::now());
        self.say(Code::Finished, &text);
    }

    /// Tells where the specification of the counterexample is.
    pub fn wrote_specification(&self, path: &Path) {
        self.say(Code::TraceSpecification, &format!("Trace exploration spec path: {}", path.display()));
    }

    fn finding(&self, finding: &Finding<'_>) {
        self.console.result(&self.frame.of_class(finding.code, Class::Error, &finding.text));
        if let Some((introduction, trace)) = &finding.trace {
            let text = match introduction {
                Code::CounterExample => "The following behavior constitutes a counter-example:\n",
                _ => "The behavior up to this point is:",
            };
            self.say(*introduction, text);
            self.console.result(&write_trace(&self.frame, trace, self.difftrace));
        }
        if let Some(positions) = &finding.positions {
            self.say(Code::NestedExpression, positions);
        }
    }

    fn success(&self, explored: Option<&Explored>) {
        let bound = explored.map_or(0.0, |explored| explored.collision_bound);
        let text = format!(
            "Model checking completed. No error has been found.\n  Estimates of the probability that TLC did not check all \
             reachable states\n  because two distinct states had the same fingerprint:\n  calculated (optimistic):  val = {}",
            scientific(bound)
        );
        self.say(Code::Success, &text);
    }

    fn counts(&self, explored: &Explored, exit: u8) {
        if let Some(behaviors) = explored.behaviors {
            self.simulation_progress(explored.generated, behaviors);
            let seed = explored.seed.unwrap_or(0);
            let text = format!(
                "The number of states generated: {}\nSimulation using seed {seed} and aril 0",
                explored.generated
            );
            return self.say(Code::SimulationStatistics, &text);
        }
        if self.coverage {
            self.console.result(&write_coverage(&self.frame, explored, &clock::now()));
        }
        let distinct = explored.distinct.unwrap_or(0);
        if self.frame.tool || self.coverage {
            self.search_progress(explored.depth, [explored.generated, distinct, explored.queue], true);
        }
        let text = format!(
            "{} states generated, {distinct} distinct states found, {} states left on queue.",
            explored.generated, explored.queue
        );
        self.say(Code::Statistics, &text);
        let text = format!("The depth of the complete state graph search is {}.", explored.depth);
        self.say(Code::SearchDepth, &text);
        if let Some(degrees) =
            explored.outdegree.filter(|_| (explored.complete || explored.ended_by_specification) && exit == 0)
        {
            let text = format!(
                "The average outdegree of the complete state graph is {} (minimum is {}, the maximum {}).",
                degrees.mean.round(),
                degrees.minimum,
                degrees.maximum
            );
            self.say(Code::Outdegree, &text);
        }
    }
}

fn counted_branches(parts: usize) -> String {
    if parts == 1 { String::new() } else { format!("{parts} branches of ") }
}

/// As Java writes small numbers: `3.8E-18`.
fn scientific(number: f64) -> String {
    if number == 0.0 { "0.0".to_owned() } else { format!("{number:.1E}") }
}

impl Listener for Stream<'_> {
    fn hear(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { .. } | Event::Suppressed { .. } | Event::Advanced { .. } => {}
            Event::Progress(progress) => self.progress(&mut state, progress),
            Event::Printed { text } => {
                let line = format!("{}\n", text.trim_end_matches('\n'));
                match &mut state.user_file {
                    // A full disk shows in the file; the check goes on.
                    Some(file) => drop(file.write_all(line.as_bytes())),
                    None => self.console.result(&line),
                }
            }
            // Editors take a general message for an error; lines between messages are output of the run.
            Event::Warning { text } if self.frame.tool && !self.frame.no_warnings => {
                self.console.result(&format!("Warning: {text}\n"));
            }
            Event::Warning { text } => self.console.result(&self.frame.of_class(Code::General, Class::Warning, text)),
            Event::Resumed(from) => self.resumed(&mut state, from),
            Event::Saving { folder } => self.say(Code::CheckpointStart, &format!("Checkpointing of run {folder}")),
            Event::Saved(_) => {
                self.say(Code::CheckpointEnd, &format!("Checkpointing completed at ({})", clock::now()));
            }
            Event::Explored(explored) => {
                self.explored(&mut state, explored);
                state.explored = Some(explored.clone());
            }
        }
    }

    fn shows_all(&self) -> bool {
        true
    }
}
