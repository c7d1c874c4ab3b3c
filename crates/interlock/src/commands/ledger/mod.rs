//! The commands that read the ledger. None of them runs an engine.

mod diff;
mod explain;
pub mod find;
mod runs;
pub mod show;

use crate::cli::{Global, LedgerCommand};
use crate::command_error::CommandError;
use crate::console::Console;

/// The console that the command wants.
pub fn console(command: &LedgerCommand, global: &Global) -> Console {
    match command {
        LedgerCommand::Show(args) => Console::for_report(global, super::outputs::json_on_stdout(&args.json), args.full),
        LedgerCommand::Runs(_) | LedgerCommand::Diff(_) | LedgerCommand::Explain(_) => Console::plain(global),
    }
}

/// Runs the command.
pub fn run(command: &LedgerCommand, console: &Console) -> Result<u8, CommandError> {
    match command {
        LedgerCommand::Runs(args) => runs::run(args, console),
        LedgerCommand::Show(args) => show::run(args, console),
        LedgerCommand::Diff(args) => diff::run(args, console),
        LedgerCommand::Explain(args) => explain::run(args, console),
    }
}
