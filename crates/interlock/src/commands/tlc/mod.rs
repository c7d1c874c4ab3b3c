//! `interlock tlc`: TLC's command line, output and exit codes, for scripts and editors that know TLC. A link named `tlc`
//! to the binary does the same.
//!
//! Reading order: [`flags`] (what becomes of each flag), [`options`] (a command line), [`stream`] (what is printed while
//! the engine runs), [`told`] (verdicts as TLC's messages).

mod clock;
mod explore;
pub mod flags;
mod loaded;
mod options;
mod parser;
mod stream;
mod told;

use super::tla_simulate::fresh_seed;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::{self, Measured, Mode, Order, Persistence, Prepared, Sampled, SavedIn, TlaTask};
use crate::monitor::{Listener, Monitor};
use crate::pipeline::{Outcome, discharge};
use crate::stop::StopFlag;
use options::{Options, Parsed, TraceForm};
use report::run::trace_of;
use report::tlc::{Code, Frame};
use report::tlc::{counterexample, traces};
use std::path::Path;
use std::time::Duration;
use stream::Stream;
use verdict::{Event, ExitCode, Strength};

/// Whether the program was called by a link of the name `tlc`.
pub fn is_called_so(program: &str) -> bool {
    Path::new(program).file_stem().is_some_and(|name| name == "tlc")
}

/// Runs the command with the words behind `tlc`.
pub fn run(words: &[String], console: &Console) -> Result<u8, CommandError> {
    match options::parse(words) {
        Ok(Parsed::Help) => {
            console.result(&flags::help());
            Ok(0)
        }
        Ok(Parsed::Run(options)) => check(&options, console),
        Err(complaint) => {
            let frame = Frame { tool: words.iter().any(|word| word == "-tool"), ..Frame::default() };
            let usage = "Usage: interlock tlc [-help] [-option] inputfile";
            console.result(&frame.message(Code::WrongCommandLine, &format!("{complaint}\n{usage}")));
            Ok(ExitCode::Usage.code())
        }
    }
}

fn check(options: &Options, console: &Console) -> Result<u8, CommandError> {
    let frame = Frame { tool: options.tool, no_warnings: options.no_warnings, suppressed: options.suppressed.clone() };
    let stream = Stream::new(console, frame, options)?;
    let seed = options.seed.unwrap_or_else(fresh_seed).wrapping_add(options.aril);
    let mut task = task_of(options, seed);
    task.followed = options.loaded.as_deref().map(|file| loaded::read(file, &task.spec)).transpose()?;
    let saved_in = task.persistence.saved_in.clone();
    let required = if options.simulation.is_some() { Strength::Tested } else { Strength::Exhausted };
    let model = task.model.clone();
    stream.begin(options, seed);
    let prepared = tla::prepare(task);
    stream.parsed(&prepared);
    let names = Names::of(&prepared);
    let instance = explore::instance_of(&prepared);
    let engine = prepared.engine();
    let stop = StopFlag::on_signals();
    let outcome = {
        let monitor = Monitor::new(console, &stop, &model, None).with_listener(&stream);
        discharge(&*engine, &model, options.workers, crate::machine::available_memory().map(|all| all / 4 * 3), monitor)
    };
    let exit = exit_code(&outcome, required_of(options, &outcome, required));
    if let Some(level) = options.deepens
        && exit == 0
        && outcome.explored.as_ref().is_some_and(|explored| explored.depth >= level && explored.queue > 0)
    {
        let text = format!("no state beyond level {level} was looked at, as -dfid {level} asks");
        stream.hear(&Event::Warning { text });
    }
    write_traces(options, &outcome)?;
    clean_up(saved_in.as_ref(), &outcome);
    stream.end(&outcome, &names, exit);
    if let Some(path) = explore::write(options, &instance, &outcome)? {
        stream.wrote_specification(&path);
    }
    Ok(exit)
}

/// Writes the first counterexample in the forms that were asked for.
fn write_traces(options: &Options, outcome: &Outcome) -> Result<(), CommandError> {
    let Some(trace) = outcome.evidence.iter().find_map(|one| trace_of(&one.verdict)) else { return Ok(()) };
    for (form, path) in &options.traces {
        let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let text = match form {
            TraceForm::Json => Some(counterexample::json_text(trace)),
            TraceForm::Module => Some(counterexample::module_text(&name, trace)),
            TraceForm::Plain => Some(traces::plain_module_text(&name, trace)),
            TraceForm::Specification => Some(traces::specification_text(&name, trace)),
            TraceForm::Action => traces::action_module_text(&name, trace),
            TraceForm::Dot => Some(traces::dot_text(trace)),
        };
        let Some(text) = text else { continue };
        std::fs::write(path, text).map_err(|error| {
            let message = format!("cannot write {}: {error}", path.display());
            CommandError::new(ExitCode::System, message, "name a file in a folder that exists and is writable")
        })?;
    }
    Ok(())
}

/// How strong verdicts have to be. A specification that ends the search itself, and -dfid, ask for no more than what is seen
/// until then, and TLC takes it so.
fn required_of(options: &Options, outcome: &Outcome, usual: Strength) -> Strength {
    let ended_so = outcome.explored.as_ref().is_some_and(|explored| explored.ended_by_specification);
    if ended_so || options.deepens.is_some() { Strength::Bounded } else { usual }
}

fn exit_code(outcome: &Outcome, required: Strength) -> u8 {
    if outcome.interrupted {
        return ExitCode::Interrupted.code();
    }
    let verdicts = outcome.evidence.iter().map(|one| (&one.verdict, one.obligation.expectation));
    ExitCode::of_run_required(verdicts, required)
}

fn task_of(options: &Options, seed: u64) -> TlaTask {
    let mut search_path = options.library.clone();
    search_path.extend(tla::library_path());
    let mode = options.simulation.as_ref().map_or(Mode::Search, |simulation| {
        Mode::Sample(Sampled {
            behaviors: simulation.number,
            depth: options.depth,
            seed,
            scheduler: simulation.scheduler,
            generate: simulation.generate,
        })
    });
    TlaTask {
        check_deadlock: options.no_deadlock.then_some(false),
        go_on: options.go_on,
        // Whoever gives a trace to keep to asks about behaviors that begin with it, and about no others.
        liveness_under_reduction: options.loaded.is_some(),
        order: if options.deepens.is_some() { Order::Dfid } else { Order::Bfs },
        max_depth: options.deepens,
        invariants: options.invariants.clone(),
        postconditions: options.postconditions.clone(),
        behavior_files: options.simulation.as_ref().and_then(|simulation| simulation.file.clone()),
        persistence: persistence_of(options),
        // Expressions are counted without machine code and by one worker: only for whoever has asked for one.
        measured: Measured { counts: options.coverage && options.one_worker, times: false },
        dump: options.dump.clone(),
        mode,
        ..TlaTask::named(&options.spec, options.config.as_deref(), search_path)
    }
}

/// TLC saves its search every half an hour unless it is told otherwise. Here a search is saved only if that is asked for,
/// because then the interpreter does all the work.
const CHECKPOINT_MINUTES: u64 = 30;

fn persistence_of(options: &Options) -> Persistence {
    let minutes = options.checkpoint.filter(|minutes| *minutes > 0);
    let every = Duration::from_secs(60 * minutes.unwrap_or(CHECKPOINT_MINUTES));
    let saved_in = match (&options.recover, minutes) {
        (Some(folder), _) => Some(SavedIn { folder: folder.clone(), every, resume: true }),
        (None, Some(_)) if options.simulation.is_none() => {
            let beside = || options.spec.parent().unwrap_or(Path::new("")).join("states");
            let folder = options.metadir.clone().unwrap_or_else(beside).join(clock::folder_name());
            Some(SavedIn { folder, every, resume: false })
        }
        (None, _) => None,
    };
    Persistence { spill: None, saved_in }
}

/// Removes the checkpoint of a run that came to its end and has not been asked to go on from one: nobody needs it.
fn clean_up(saved_in: Option<&SavedIn>, outcome: &Outcome) {
    if let Some(saved) = saved_in.filter(|saved| !saved.resume && !outcome.interrupted) {
        // What cannot be removed is left.
        let _ = std::fs::remove_dir_all(&saved.folder);
    }
}

/// What the configuration lists under which keyword.
#[derive(Debug)]
pub struct Names {
    invariants: Vec<String>,
    /// What the command line asks for, for its names of things.
    task: TlaTask,
}

impl Names {
    fn of(prepared: &Prepared) -> Self {
        let invariants = prepared.model().map_or_else(
            |_| Vec::new(),
            |(input, _)| input.config.invariants.iter().map(|ident| ident.name.to_string()).collect(),
        );
        Self { invariants, task: prepared.task().clone() }
    }

    fn is_invariant(&self, name: &str) -> bool {
        self.invariants.iter().any(|known| known == name)
    }
}
