//! `interlock runs`: one line for each recorded run.

use super::{find, show};
use crate::cli::RunsArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use ledger::LedgerError;
use report::{Ink, Tally, time};
use verdict::ExitCode;

/// Runs the command.
pub fn run(args: &RunsArgs, console: &Console) -> Result<u8, CommandError> {
    let (_, ledger) = find::open(&args.of)?;
    let style = &console.style;
    let heading = format!("{:>4}  {:<19}  {:<9}  {:>4}  {:>9}  Met", "Run", "Started (UTC)", "Weakest", "Exit", "Time");
    let mut text = format!("{}\n", style.paint(Ink::Faint, &heading));
    let numbers = ledger.numbers()?;
    for number in &numbers {
        let line = match ledger.read(*number) {
            Ok(run) => {
                let report = show::report_of(&run);
                let tally = Tally::of(&report);
                let weakest = tally.weakest().map_or("Nothing", |weakest| weakest.word());
                let wall = run.header.figures.get("wall_s").copied().unwrap_or(0.0);
                let ink = if report.exit_code == 0 { Ink::Good } else { Ink::Bad };
                format!(
                    "{number:>4}  {}  {}  {:>4}  {:>8.2}s  {} of {}",
                    time::utc(run.header.started_unix_ms),
                    style.paint(ink, &format!("{weakest:<9}")),
                    report.exit_code,
                    wall,
                    tally.met,
                    tally.obligations,
                )
            }
            Err(LedgerError::NoSuchRun { .. }) => style.paint(Ink::Faint, &format!("{number:>4}  never finished")),
            Err(error) => style.paint(Ink::Bad, &format!("{number:>4}  unreadable: {error}")),
        };
        text.push_str(&line);
        text.push('\n');
    }
    if numbers.is_empty() {
        text = format!("No runs in {}; `interlock check` records one.\n", ledger.runs_folder().display());
    }
    console.result(&text);
    Ok(ExitCode::Success.code())
}
