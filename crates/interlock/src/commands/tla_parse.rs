//! `interlock tla parse`: what is wrong with a specification and its configuration, without exploring anything.

use crate::cli::TlaParseArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use verdict::ExitCode;

/// Runs the command.
pub fn run(_args: &TlaParseArgs, _console: &Console) -> Result<u8, CommandError> {
    Err(CommandError::new(ExitCode::Internal, "not connected", ""))
}
