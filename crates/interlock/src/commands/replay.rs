//! `interlock replay`: a recorded counterexample against the specification as it stands now, by the independent checker.

use crate::cli::ReplayArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use verdict::ExitCode;

/// Runs the command.
pub fn run(_args: &ReplayArgs, _console: &Console) -> Result<u8, CommandError> {
    Err(CommandError::new(ExitCode::Internal, "not connected", ""))
}
