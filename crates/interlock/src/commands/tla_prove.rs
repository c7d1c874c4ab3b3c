//! `interlock tla prove`: one specification, symbolically.

use super::tla_check::{Request, same_command};
use crate::cli::TlaProveArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::{Mode, Proving, TlaTask};
use crate::pipeline::quoted;

/// Runs the command.
pub fn run(args: &TlaProveArgs, console: &Console) -> Result<u8, CommandError> {
    let proving = Proving {
        engine: args.engine.into(),
        length: args.length,
        aiger: args.aiger.clone(),
        certificate: args.certificate.clone(),
    };
    let mut command = same_command("interlock tla prove", &args.input, args.no_deadlock);
    command.extend(args.inv.iter().map(|text| format!(" --inv {}", quoted(text))));
    let task = TlaTask {
        check_deadlock: args.no_deadlock.then_some(false),
        mode: Mode::Prove(proving),
        invariants: args.inv.clone(),
        replay_command: command,
        ..TlaTask::of_input(&args.input)
    };
    let request = Request {
        command: "tla prove",
        task,
        include: &args.input.include,
        run: &args.run,
        required: args.require,
        itf: args.itf.as_deref(),
        events: args.events.as_deref(),
        limit: Some(args.budget),
    };
    request.run(console)
}
