//! `interlock round`: numbered attempts to find something that the obligations do not ask for.
//!
//! Every scan of sources once more, known findings not left out. For each model that is to hold: random behaviors with a
//! fresh seed, random behaviors and a search of every instance that is one constant larger, and mutants of its
//! specification; each workload and each random exploration of schedules with a fresh seed. The time is shared out evenly among what is still to be done, so what ends early leaves its time to the
//! rest. Everything follows from one seed, which the report names.

mod attempts;
mod enlarge;
mod running;

use crate::cli::RoundArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::project::{Model, Project, Scan};
use crate::stop::StopFlag;
use attempts::{Trying, plan};
use ledger::Ledger;
use report::round::Round;
use report::style::wrap_hanging;
use running::Running;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use verdict::{ExitCode, Expectation};

/// Runs the command.
pub fn run(args: &RoundArgs, console: &Console) -> Result<u8, CommandError> {
    let started = Instant::now();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let project = Project::load(&args.path)?;
    let wanted = |model: &&Model| {
        model.expectation == Expectation::Holds && args.model.as_deref().is_none_or(|part| model.name.contains(part))
    };
    let models: Vec<&Model> = project.models.iter().filter(wanted).collect();
    let named = |scan: &Scan| args.model.as_deref().is_none_or(|part| scan.name.contains(part));
    let scans: Vec<Scan> = Scan::all_of(&project).into_iter().filter(named).collect();
    let by_name = |name: &str| args.model.as_deref().is_none_or(|part| name.contains(part));
    let running = Running::of(&project, by_name);
    if models.is_empty() && scans.is_empty() && running.is_empty() {
        let message = format!("{} has no model that is to hold and has this name", project.path.display());
        return Err(CommandError::new(ExitCode::Configuration, message, "see the [[model]] entries"));
    }
    let stop = StopFlag::on_signals();
    let open = Ledger::of_project(&project.folder).begin_round()?;
    let seed = args.seed.unwrap_or_else(super::tla_simulate::fresh_seed);
    let trying = Trying {
        console,
        stop: &stop,
        seed,
        mutants: args.mutants,
        workers: args.workers.map_or_else(|| crate::cli::Workers::Auto.number(), crate::cli::Workers::number),
        memory: args.memory.or_else(|| crate::machine::available_memory().map(|bytes| bytes / 4 * 3)),
    };
    let plan = plan(&models);
    let cache = project.folder.join(".interlock/cache");
    let mut attempts: Vec<_> = scans.iter().map(|scan| attempts::scan(scan, &cache, trying.workers)).collect();
    for (done, planned) in plan.iter().enumerate() {
        if stop.is_set() {
            break;
        }
        let left = args.budget.saturating_sub(started.elapsed());
        let share = left / u32::try_from(plan.len() + running.len() - done).unwrap_or(u32::MAX).max(1);
        let label = format!("{}/{} {}", done + 1, plan.len(), planned.name());
        attempts.push(trying.attempt(planned, share.max(Duration::from_secs(1)), &label, done as u64));
    }
    for (done, one) in running.iter().enumerate() {
        if stop.is_set() {
            break;
        }
        let left = args.budget.saturating_sub(started.elapsed());
        let share = left / u32::try_from(running.len() - done).unwrap_or(u32::MAX).max(1);
        let number = (plan.len() + done) as u64;
        attempts.push(one.attempt(&project, &trying, share.max(Duration::from_secs(1)), number));
    }
    let round = Round {
        number: open.number(),
        title: project.title.clone(),
        started_unix_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed,
        budget_s: args.budget.as_secs_f64(),
        wall_s: started.elapsed().as_secs_f64(),
        attempts,
    };
    finish(&round, open, args, console)?;
    Ok(match (stop.is_set(), round.findings().is_empty()) {
        (true, _) => ExitCode::Interrupted.code(),
        (false, true) => ExitCode::Success.code(),
        (false, false) => ExitCode::Inconclusive.code(),
    })
}

fn finish(round: &Round, open: ledger::OpenRound, args: &RoundArgs, console: &Console) -> Result<(), CommandError> {
    let (markdown, html) = (round.markdown(), round.html());
    for (path, text) in [(&args.markdown, &markdown), (&args.html, &html)] {
        let Some(path) = path else { continue };
        std::fs::write(path, text).map_err(|error| {
            let message = format!("cannot write {}: {error}", path.display());
            CommandError::new(ExitCode::System, message, "name a file in a folder that exists and is writable")
        })?;
    }
    let data = serde_json::to_string_pretty(round)
        .map_err(|error| CommandError::new(ExitCode::Internal, format!("the round cannot be written: {error}"), ""))?;
    let folder = open.finish(&markdown, &html, &data)?;
    let mut text = String::new();
    for attempt in round.findings() {
        let report::round::Outcome::Found(found) = &attempt.outcome else { continue };
        let line = format!("{} ({}, {}): {found}", attempt.model, attempt.method.words(), attempt.with);
        wrap_hanging(&mut text, &line, 0, 2, console.style.width);
        if !attempt.repeat.is_empty() {
            wrap_hanging(&mut text, &attempt.repeat, 2, 4, console.style.width);
        }
    }
    wrap_hanging(&mut text, &round.headline(), 0, 2, console.style.width);
    text.push_str(&format!("Round {}, seed {}, recorded in {}\n", round.number, round.seed, folder.display()));
    console.result(&text);
    Ok(())
}
