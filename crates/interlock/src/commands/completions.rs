//! `interlock completions SHELL`.

use crate::cli::{Cli, CompletionsArgs};
use crate::command_error::CommandError;
use crate::console::Console;
use clap::CommandFactory;

/// Writes the completion script to stdout.
pub fn run(args: &CompletionsArgs, console: &Console) -> Result<u8, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "interlock", &mut script);
    console.result(&String::from_utf8_lossy(&script));
    Ok(0)
}
