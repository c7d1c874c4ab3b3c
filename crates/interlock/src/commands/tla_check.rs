//! `interlock tla check`: one specification, with TLC's exit codes.

use super::{memory, tla_sweep, workers, write_with_events};
use crate::cli::{RunArgs, TlaCheckArgs, TlaInput};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::dump::Dump;
use crate::engines::tla::{self, Measured, Persistence, SavedIn, TlaTask};
use crate::events::Events;
use crate::monitor::Monitor;
use crate::pipeline::{Outcome, TraceFiles, discharge, point_to_trace, quoted};
use crate::stop::StopFlag;
use report::RunReport;
use std::path::{Path, PathBuf};
use verdict::{ExitCode, Requirement};

/// Runs the command.
pub fn run(args: &TlaCheckArgs, console: &Console) -> Result<u8, CommandError> {
    if tla_sweep::is_one(args) {
        return tla_sweep::run(args, console);
    }
    request_of(args, args.input.constants.clone()).run(console)
}

/// What the command line asks for, with these constants.
pub fn request_of(args: &TlaCheckArgs, constants: Vec<String>) -> Request<'_> {
    Request {
        command: "tla check",
        task: TlaTask { constants, ..task_of(args) },
        include: &args.input.include,
        run: &args.run,
        required: args.required.require,
        itf: args.itf.as_deref(),
        events: args.events.as_deref(),
        limit: None,
    }
}

/// One model to be checked in one way or another, and what is to be done with the result.
pub struct Request<'a> {
    /// The command, for the report.
    pub command: &'static str,
    /// What to check.
    pub task: TlaTask,
    /// Folders that modules are looked for in, as the user named them.
    pub include: &'a [PathBuf],
    /// Engine and report flags.
    pub run: &'a RunArgs,
    /// How strong a verdict has to be.
    pub required: Requirement,
    /// Where counterexamples go.
    pub itf: Option<&'a Path>,
    /// Where events go.
    pub events: Option<&'a Path>,
    /// Time after which the engine is asked to stop.
    pub limit: Option<std::time::Duration>,
}

impl Request<'_> {
    /// Checks and reports.
    pub fn run(self, console: &Console) -> Result<u8, CommandError> {
        let (run, to) = (self.run, self.events);
        let (report, events) = self.examine(console)?;
        write_with_events(&report, run, events.as_ref(), to, console)?;
        Ok(report.exit_code)
    }

    /// Checks. The report is told by whoever asked; it is the last of the events.
    pub fn examine(self, console: &Console) -> Result<(RunReport, Option<Events>), CommandError> {
        let files = TraceFiles {
            source: self.task.spec.clone(),
            config: Some(self.task.config.clone()),
            search_path: self.include.to_vec(),
            invariants: self.task.invariants.clone(),
            inductive: self.task.inductive.clone(),
            constants: self.task.constants.clone(),
        };
        let model = self.task.model.clone();
        let events = self.events.map(|path| Events::open(path, self.command)).transpose()?;
        let engine = tla::engine(self.task);
        let stop = StopFlag::on_signals();
        let mut monitor = Monitor::new(console, &stop, &model, self.limit);
        if let Some(events) = &events {
            monitor = monitor.with_listener(events);
        }
        let mut outcome = discharge(&*engine, &model, workers(self.run, None), memory(self.run, None), monitor);
        if let Some(path) = self.itf {
            write_traces(&mut outcome, path, &files)?;
        }
        Ok((report_of(self.command, model, outcome, self.required), events))
    }
}

fn report_of(command: &str, model: String, outcome: Outcome, required: Requirement) -> RunReport {
    let verdicts = outcome.evidence.iter().map(|one| (&one.verdict, one.obligation.expectation));
    let exit_code = match outcome.interrupted {
        true => ExitCode::Interrupted.code(),
        false => ExitCode::of_run_required(verdicts, required),
    };
    let coverage = outcome.explored.as_ref().and_then(|explored| explored.coverage.clone());
    let explorations = outcome.explored.map(|explored| (model.clone(), *explored)).into_iter().collect();
    RunReport {
        title: model,
        explorations,
        command: command.to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        evidence: outcome.evidence,
        suppressions: outcome.suppressions,
        warnings: outcome.warnings,
        figures: outcome.figures,
        coverage,
        required: Some(required),
        exit_code,
        ..RunReport::default()
    }
}

fn task_of(args: &TlaCheckArgs) -> TlaTask {
    TlaTask {
        check_deadlock: args.no_deadlock.then_some(false),
        go_on: args.go_on,
        vacuity_is_a_verdict: args.strict,
        evaluator: args.engine.into(),
        store: args.store,
        persistence: persistence_of(args),
        liveness_under_reduction: args.liveness_under_reduction,
        order: args.search,
        measured: Measured { counts: args.coverage, times: args.profile },
        max_depth: args.max_depth,
        invariants: args.invariant.clone(),
        dump: args.dump.as_deref().map(Dump::by_ending),
        picture: args.run.outputs.html.is_some(),
        replay_command: repetition(args),
        ..TlaTask::of_input(&args.input)
    }
}

fn repetition(args: &TlaCheckArgs) -> String {
    let mut command = same_command("interlock tla check", &args.input, args.no_deadlock);
    command.extend(args.invariant.iter().map(|text| format!(" --invariant {}", quoted(text))));
    command
}

fn persistence_of(args: &TlaCheckArgs) -> Persistence {
    let saved = |folder: &PathBuf, resume| SavedIn { folder: folder.clone(), every: args.checkpoint_every, resume };
    let begun = args.checkpoint.as_ref().map(|folder| saved(folder, false));
    let resumed = args.resume.as_ref().map(|folder| saved(folder, true));
    Persistence { spill: args.spill.clone(), saved_in: resumed.or(begun) }
}

/// The command that finds the same counterexample again: the search is deterministic.
pub fn same_command(command: &str, input: &TlaInput, no_deadlock: bool) -> String {
    let mut words = vec![command.to_owned(), quoted(&input.spec.display().to_string())];
    if let Some(config) = &input.config {
        words.push(format!("--config {}", quoted(&config.display().to_string())));
    }
    words.extend(input.include.iter().map(|folder| format!("-I {}", quoted(&folder.display().to_string()))));
    words.extend(input.constants.iter().map(|text| format!("--const {}", quoted(text))));
    words.extend(input.allow_exec.then(|| "--allow-exec".to_owned()));
    words.extend(no_deadlock.then(|| "--no-deadlock".to_owned()));
    words.join(" ")
}

/// Writes each counterexample: the first to the path given, the others beside it with a number.
fn write_traces(outcome: &mut Outcome, path: &Path, files: &TraceFiles) -> Result<(), CommandError> {
    let mut number = 0;
    for one in &mut outcome.evidence {
        let Some(text) = files.itf_of(one) else { continue };
        number += 1;
        let path = numbered(path, number);
        std::fs::write(&path, text).map_err(|error| {
            let message = format!("cannot write {}: {error}", path.display());
            CommandError::new(ExitCode::System, message, "name a file in a folder that exists and is writable")
        })?;
        point_to_trace(one, &path);
    }
    Ok(())
}

/// `trace.itf.json`, `trace-2.itf.json`, …
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return path.to_path_buf();
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (stem, ending) =
        name.split_once('.').map_or((name.as_str(), String::new()), |(stem, rest)| (stem, format!(".{rest}")));
    path.with_file_name(format!("{stem}-{number}{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_traces_get_a_number() {
        assert_eq!(numbered(Path::new("out/t.itf.json"), 1), Path::new("out/t.itf.json"));
        assert_eq!(numbered(Path::new("out/t.itf.json"), 2), Path::new("out/t-2.itf.json"));
        assert_eq!(numbered(Path::new("t"), 3), Path::new("t-3"));
    }

    #[test]
    fn the_same_command_names_all_inputs() {
        let input = TlaInput {
            spec: "My Spec.tla".into(),
            config: Some("a.cfg".into()),
            include: vec!["lib".into(), "more".into()],
            constants: vec!["S={1, 2}".into()],
            allow_exec: false,
        };
        let command =
            "interlock tla check 'My Spec.tla' --config a.cfg -I lib -I more --const 'S={1, 2}' --no-deadlock";
        assert_eq!(same_command("interlock tla check", &input, true), command);
    }
}
