//! `interlock diff`: what changed between two recorded runs. The exit code is that of what was introduced; 20 if
//! something is only weaker or no longer checked.

use super::find;
use crate::cli::DiffArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use ledger::{Compared, RecordedRun, Standing, compare};
use report::Ink;
use std::collections::BTreeMap;
use verdict::ExitCode;

/// Runs the command.
pub fn run(args: &DiffArgs, console: &Console) -> Result<u8, CommandError> {
    let (_, ledger) = find::open(&args.of)?;
    let (before, after) = (find::run(&ledger, args.before)?, find::run(&ledger, args.after)?);
    let all = compare(&before, &after);
    let mut text = String::new();
    for standing in Standing::ALL.into_iter().filter(|standing| *standing != Standing::Unchanged) {
        for one in all.iter().filter(|one| one.standing == standing) {
            text.push_str(&line(one, console));
        }
    }
    for (path, change) in changed_inputs(&before, &after) {
        text.push_str(&console.style.paint(Ink::Faint, &format!("{change:<10}  input {path}")));
        text.push('\n');
    }
    let count = |standing| all.iter().filter(|one| one.standing == standing).count();
    let counts: Vec<String> =
        Standing::ALL.iter().map(|standing| format!("{} {}", count(*standing), standing.word())).collect();
    text.push_str(&format!("Run {} to run {}: {}.\n", before.header.run, after.header.run, counts.join(", ")));
    console.result(&text);
    Ok(exit_code(&all))
}

fn exit_code(all: &[Compared]) -> u8 {
    let worst = all.iter().filter(|one| one.standing == Standing::Introduced).min_by_key(|one| one.after);
    let weakened = || all.iter().any(|one| matches!(one.standing, Standing::Weaker | Standing::Removed));
    match worst {
        Some(worst) => worst.exit_code,
        None if weakened() => ExitCode::Inconclusive.code(),
        None => ExitCode::Success.code(),
    }
}

fn line(one: &Compared, console: &Console) -> String {
    let ink = match one.standing {
        Standing::Introduced => Ink::Bad,
        Standing::Weaker | Standing::Removed => Ink::Doubtful,
        Standing::Fixed | Standing::Stronger | Standing::Added => Ink::Good,
        Standing::Unchanged => Ink::Faint,
    };
    let strength = |strength: Option<verdict::Strength>| strength.map_or("nothing", verdict::Strength::word);
    let standing = console.style.paint(ink, &format!("{:<10}", one.standing.word()));
    let (property, model) = (&one.obligation.property, &one.obligation.model);
    format!("{standing}  {property} in {model}: {} → {}\n", strength(one.before), strength(one.after))
}

/// Input files that differ, with what happened to them.
fn changed_inputs(before: &RecordedRun, after: &RecordedRun) -> BTreeMap<String, &'static str> {
    let hashes = |run: &RecordedRun| -> BTreeMap<String, String> {
        run.header.inputs.iter().map(|input| (input.path.clone(), input.hash.clone())).collect()
    };
    let (old, new) = (hashes(before), hashes(after));
    let mut changes = BTreeMap::new();
    for (path, hash) in &new {
        match old.get(path) {
            None => drop(changes.insert(path.clone(), "new")),
            Some(other) if other != hash => drop(changes.insert(path.clone(), "changed")),
            Some(_) => {}
        }
    }
    let gone = old.keys().filter(|path| !new.contains_key(*path));
    changes.extend(gone.map(|path| (path.clone(), "gone")));
    changes
}
