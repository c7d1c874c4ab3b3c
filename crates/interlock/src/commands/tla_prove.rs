//! `interlock tla prove`: one specification, symbolically.

use super::tla_check::{Request, same_command};
use crate::cli::TlaProveArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::{Mode, Proving, TlaTask};
use crate::pipeline::quoted;
use verdict::ExitCode;

/// Runs the command.
pub fn run(args: &TlaProveArgs, console: &Console) -> Result<u8, CommandError> {
    if !tla_symbolic::Choice::from(args.solver).is_available() {
        let text = "this program was built without CaDiCaL".to_owned();
        let remedy = "use --solver auto, or build it with a C++ compiler and the feature `cadical`".to_owned();
        return Err(CommandError::new(ExitCode::Usage, text, remedy));
    }
    let proving = Proving {
        engine: args.engine.into(),
        length: args.length,
        solver: args.solver.into(),
        go_on: args.go_on,
        aiger: args.aiger.clone(),
        certificate: args.certificate.clone(),
    };
    let mut command = same_command("interlock tla prove", &args.input, args.no_deadlock);
    command.extend(args.inv.iter().map(|text| format!(" --inv {}", quoted(text))));
    command.extend(args.inductive.iter().map(|text| format!(" --inductive {}", quoted(text))));
    let task = TlaTask {
        check_deadlock: args.no_deadlock.then_some(false),
        mode: Mode::Prove(proving),
        invariants: args.inv.clone(),
        inductive: args.inductive.clone(),
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
