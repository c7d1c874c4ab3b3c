//! `interlock tla mutate`: small mistakes made in a specification on purpose, and which of them no property notices.

use crate::cli::{TlaMutateArgs, Workers};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::{self, TlaTask};
use crate::mutants::{Exploring, Fate, Ground, Placed, Tally, choose};
use crate::stop::StopFlag;
use report::Ink;
use report::number::counted;
use report::style::wrap_hanging;
use std::path::PathBuf;
use verdict::ExitCode;

/// Runs the command.
pub fn run(args: &TlaMutateArgs, console: &Console) -> Result<u8, CommandError> {
    let stop = StopFlag::on_signals();
    let tasks: Vec<TlaTask> = match args.config.is_empty() {
        true => vec![task(args, None)],
        false => args.config.iter().map(|config| task(args, Some(config))).collect(),
    };
    let exploring = Exploring {
        console,
        stop: &stop,
        workers: args.workers.map_or_else(|| Workers::Auto.number(), Workers::number),
        memory: args.memory.or_else(|| crate::machine::available_memory().map(|bytes| bytes / 4 * 3)),
        budget: args.budget,
    };
    let mut ground = Ground::prepare(tasks, exploring)?;
    let chosen = choose(ground.mutants.len(), args.limit);
    let mut fates = Vec::new();
    for (done, number) in chosen.iter().enumerate() {
        let fate = ground.fate(*number, &format!("mutant {} of {}", done + 1, chosen.len()))?;
        if stop.is_set() {
            let message = format!("interrupted after {done} of {} mutants", chosen.len());
            return Err(CommandError::new(ExitCode::Interrupted, message, ""));
        }
        tell(&ground, &ground.mutants[*number], &fate, console);
        fates.push(fate);
    }
    let tally = Tally::of(&fates);
    let mut text = String::new();
    wrap_hanging(&mut text, &tally.sentence(), 0, 2, console.style.width);
    wrap_hanging(&mut text, &tally.shares(), 0, 2, console.style.width);
    if fates.len() < ground.mutants.len() {
        let all = ground.mutants.len();
        text.push_str(&format!("Only {} of {all} mutants were explored (--limit).\n", fates.len()));
    }
    console.result(&text);
    let code = if tally.is_complete() { ExitCode::Success } else { ExitCode::Inconclusive };
    Ok(code.code())
}

fn task(args: &TlaMutateArgs, config: Option<&PathBuf>) -> TlaTask {
    let mut search_path = args.include.clone();
    search_path.extend(tla::library_path());
    let named = TlaTask::named(&args.spec, config.map(PathBuf::as_path), search_path);
    TlaTask { vacuity_is_a_verdict: true, ..named }
}

fn tell(ground: &Ground<'_>, placed: &Placed, fate: &Fate, console: &Console) {
    let same;
    let (ink, word, why) = match fate {
        Fate::Undecided(reason) => (Ink::Doubtful, "undecided", reason.as_str()),
        Fate::Vacuous(reason) => (Ink::Doubtful, "vacuous", reason.as_str()),
        Fate::Equal { states, steps } => {
            same = format!(
                "same {} and {} as the specification",
                counted(*states, "state"),
                counted(*steps, "transition")
            );
            (Ink::Faint, "equal", same.as_str())
        }
        Fate::Survived => (Ink::Bad, "survived", "no property notices"),
        Fate::Killed(property) if console.style.full => (Ink::Faint, "killed", property.as_str()),
        Fate::Broken(message) if console.style.full => (Ink::Faint, "broken", message.as_str()),
        Fate::Killed(_) | Fate::Broken(_) | Fate::Stillborn => return,
    };
    let style = &console.style;
    let mutant = &placed.mutant;
    let mut out = format!(
        "{}  {}  {} in {}\n",
        style.paint(ink, &format!("{word:<9}")),
        placed.place,
        mutant.mistake.words(),
        mutant.definition
    );
    let change = format!("{} → {}", ground.replaced(mutant), mutant.replacement);
    wrap_hanging(&mut out, &change, 11, 13, style.width);
    wrap_hanging(&mut out, why, 11, 13, style.width);
    console.result(&out);
}
