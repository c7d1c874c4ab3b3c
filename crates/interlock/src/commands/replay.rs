//! `interlock replay`: a recorded counterexample against the specification as it stands now, by the independent checker
//! alone. No engine takes part.

use super::ledger::find;
use crate::cli::{ReplayArgs, RunNumber};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::input::{self, DEADLOCK};
use crate::engines::tla::{TlaTask, library_path, replay};
use recheck::{Claim, Replay};
use report::diff::changes;
use report::itf::{TraceMeta, read_trace};
use report::style::wrap_hanging;
use report::{Ink, terminal};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use verdict::{Counterexample, ExitCode, Place, Trace};

/// Runs the command.
pub fn run(args: &ReplayArgs, console: &Console) -> Result<u8, CommandError> {
    match &args.property {
        None => replay_file(read(&args.trace)?, console),
        Some(property) => replay_recorded(args, property, console),
    }
}

/// Replays every refutation of a property in a recorded run; the exit code is the worst one.
fn replay_recorded(args: &ReplayArgs, property: &str, console: &Console) -> Result<u8, CommandError> {
    let number = args.trace.to_string_lossy();
    let number: RunNumber = number.parse().map_err(|reason| {
        let message = format!("`{number}` is no run: {reason}");
        CommandError::new(ExitCode::Usage, message, "`interlock runs` lists the runs")
    })?;
    let (_, ledger) = find::open(&args.of)?;
    let run = find::run(&ledger, number)?;
    let wanted = |name: &str| args.model.as_deref().is_none_or(|part| name.contains(part));
    let found = find::about(&run, property)?.into_iter().filter(|one| wanted(&one.obligation.model));
    let traces: Vec<_> = found.filter_map(|one| Some((run.trace_file(one)?, one))).collect();
    if traces.is_empty() {
        let message = format!("run {} has no refutation of `{property}`", run.header.run);
        let remedy = format!("`interlock explain {property}` tells what it has");
        return Err(CommandError::new(ExitCode::Configuration, message, remedy));
    }
    let mut worst = ExitCode::Success.code();
    for (path, evidence) in traces {
        let heading = format!("{} in {}", evidence.obligation.property, evidence.obligation.model);
        console.result(&format!("{}\n\n", console.style.paint(Ink::Strong, &heading)));
        let (trace, meta) = read(&path)?;
        let meta = from_where_it_was(meta, Path::new(&run.header.working_folder));
        worst = worst.max(replay_file((trace, meta), console)?);
    }
    Ok(worst)
}

/// Relative paths of a recorded trace start where the run was started, if the files are still there.
fn from_where_it_was(meta: TraceMeta, folder: &Path) -> TraceMeta {
    let found = |path: String| {
        let there = folder.join(&path);
        if there.exists() { there.display().to_string() } else { path }
    };
    TraceMeta {
        source: found(meta.source),
        config: meta.config.map(found),
        search_path: meta.search_path.into_iter().map(found).collect(),
        ..meta
    }
}

fn replay_file((mut trace, meta): (Trace, TraceMeta), console: &Console) -> Result<u8, CommandError> {
    let input = input::read(&task_of(&meta)).map_err(|unusable| {
        let failure = unusable.failure;
        let text = failure.notes.get(terminal::RENDERED).cloned().unwrap_or(failure.message);
        CommandError::new(failure.class.into(), text, "")
    })?;
    let answer = judge(&input, &trace, &meta);
    fill_in_changes(&mut trace);
    let counterexample = Counterexample { trace, false_conjuncts: Vec::new(), notes: BTreeMap::new() };
    let mut text = terminal::write_behavior(&counterexample, &console.style);
    text.push('\n');
    let (ink, sentence, exit) = told(&answer, &meta);
    let mut line = String::new();
    wrap_hanging(&mut line, &sentence, 0, 2, console.style.width);
    text.push_str(&console.style.paint(ink, line.trim_end()));
    text.push('\n');
    console.result(&text);
    Ok(exit.code())
}

/// Whether the trace shows what it was recorded for.
fn judge(input: &input::Input, trace: &Trace, meta: &TraceMeta) -> Replay {
    let (specification, config) = (&input.specification, &input.config);
    match input::inductive_name(&task_of(meta), specification) {
        Some(inductive) if is_of_induction(meta) => {
            let violation = replay::recorded_induction(&meta.name_in_input, inductive, trace);
            recheck::induction_fails(specification, config, inductive, &violation, trace)
        }
        Some(_) | None => {
            let violation = replay::recorded(&meta.name_in_input, meta.exit_code, trace);
            recheck::replay(specification, config, &Claim { violation, trace })
        }
    }
}

/// Whether the states show why an induction fails; they are no behavior then.
fn is_of_induction(meta: &TraceMeta) -> bool {
    meta.inductive.is_some() && meta.exit_code == ExitCode::Inconclusive.code()
}

fn read(path: &Path) -> Result<(Trace, TraceMeta), CommandError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        CommandError::new(ExitCode::System, message, "name a file that `interlock check` or `tla check --itf` wrote")
    })?;
    if let Some(error) = replayed_otherwise(path) {
        return Err(error);
    }
    let (trace, meta) = read_trace(&text).map_err(|error| {
        let message = format!("{} is no trace in the Informal Trace Format: {error}", path.display());
        CommandError::new(ExitCode::Configuration, message, "name a file that Interlock wrote")
    })?;
    if meta.source.is_empty() || meta.name_in_input.is_empty() {
        let message = format!("{} does not say which specification and property it belongs to", path.display());
        let remedy = "traces of other tools lack `#meta.source` and `#meta.name_in_input`; add them";
        return Err(CommandError::new(ExitCode::Configuration, message, remedy));
    }
    Ok((trace, meta))
}

/// Counterexamples of outside provers are replayed by a program that stands beside them.
fn replayed_otherwise(path: &Path) -> Option<CommandError> {
    let beside = path.to_string_lossy();
    let beside = beside.strip_suffix(".itf.json")?;
    let programs = ["replay.c", "replay.ii", "outcome.json"].map(|ending| PathBuf::from(format!("{beside}.{ending}")));
    let program = programs.into_iter().find(|program| program.is_file())?;
    let message = format!("{} is no behavior of a specification; {} replays it", path.display(), program.display());
    let remedy = "`interlock explain` and the report tell the command";
    Some(CommandError::new(ExitCode::Configuration, message, remedy))
}

fn task_of(meta: &TraceMeta) -> TlaTask {
    let spec = PathBuf::from(&meta.source);
    let config = meta.config.as_ref().map_or_else(|| spec.with_extension("cfg"), PathBuf::from);
    let search_path = meta.search_path.iter().map(PathBuf::from).chain(library_path()).collect();
    let check_deadlock = (meta.name_in_input == DEADLOCK).then_some(true);
    let (invariants, constants) = (meta.invariants.clone(), meta.constants.clone());
    let inductive = meta.inductive.clone();
    TlaTask { check_deadlock, invariants, inductive, constants, ..TlaTask::new(spec, config, search_path) }
}

fn fill_in_changes(trace: &mut Trace) {
    for index in 1..trace.steps.len() {
        let (before, after) = trace.steps.split_at_mut(index);
        if let (Some(before), Some(after)) = (before.last(), after.first_mut()) {
            after.changes = changes(&before.state, &after.state);
        }
    }
}

fn told(answer: &Replay, meta: &TraceMeta) -> (Ink, String, ExitCode) {
    let (name, source) = (&meta.name_in_input, &meta.source);
    match answer {
        Replay::Accepted if is_of_induction(meta) => {
            let inductive = meta.inductive.as_deref().unwrap_or_default();
            let sentence = format!(
                "Replayed: these are states and steps of {source}, the first satisfies {inductive}, and the induction fails \
                 for {name}. Nothing says that the first is reached."
            );
            (Ink::Good, sentence, ExitCode::Success)
        }
        Replay::Accepted => {
            let sentence = format!("Replayed: this is a behavior of {source}, and it violates {name}.");
            (Ink::Good, sentence, ExitCode::Success)
        }
        Replay::Rejected { reason, step, place } => {
            let state = step.map_or_else(String::new, |step| format!(" at state {}", step + 1));
            let sentence = format!(
                "Not replayed{state}: {reason}{}. The specification or configuration may have changed since.",
                at(place.as_ref())
            );
            (Ink::Bad, sentence, ExitCode::Inconclusive)
        }
        Replay::Unsupported { construct, place } => {
            let sentence =
                format!("Cannot be replayed: the checker does not evaluate {construct}{}.", at(place.as_ref()));
            (Ink::Doubtful, sentence, ExitCode::Inconclusive)
        }
    }
}

fn at(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| format!(" ({place})"))
}
