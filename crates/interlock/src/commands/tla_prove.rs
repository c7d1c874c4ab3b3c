//! `interlock tla prove`: one specification, symbolically.

use super::tla_check::{Request, same_command};
use crate::cli::{ProveEngine, TlaProveArgs};

use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::{Mode, Proving, TlaTask};
use crate::pipeline::quoted;
use std::collections::BTreeMap;
use verdict::ExitCode;

/// Runs the command.
pub fn run(args: &TlaProveArgs, console: &Console) -> Result<u8, CommandError> {
    if !tla_symbolic::Choice::from(args.solver).is_available() {
        let text = "this program was built without CaDiCaL".to_owned();
        let remedy = "use --solver auto, or build it with a C++ compiler and the feature `cadical`".to_owned();
        return Err(CommandError::new(ExitCode::Usage, text, remedy));
    }
    if let Some((text, remedy)) = odd_choice(args) {
        return Err(CommandError::new(ExitCode::Usage, text.to_owned(), remedy.to_owned()));
    }
    let proving = Proving {
        engine: args.engine.into(),
        length: args.length,
        solver: args.solver.into(),
        go_on: args.go_on,
        smt: args.engine == ProveEngine::Smt,
        solvers: args.solver.of_smt().to_vec(),
        places: crate::outside::places(BTreeMap::new(), None),
        smt_file: args.smt.clone(),
        aiger: args.aiger.clone(),
        certificate: args.certificate.clone(),
    };
    let mut command = same_command("interlock tla prove", &args.input, args.no_deadlock);
    if args.engine == ProveEngine::Smt {
        command.push_str(" --engine smt");
    }
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

/// Flags that do not go together, and what to do.
fn odd_choice(args: &TlaProveArgs) -> Option<(&'static str, &'static str)> {
    let smt = args.engine == ProveEngine::Smt;
    if args.inductive.is_some() && !matches!(args.engine, ProveEngine::Auto | ProveEngine::Smt) {
        return Some((
            "--inductive looks for no invariant, so there is no engine to choose",
            "leave out --engine, or use --engine smt",
        ));
    }
    match (smt, args.solver.is_of_smt(), args.solver.of_smt().is_empty()) {
        (true, _, true) => {
            Some(("a SAT solver cannot answer about unbounded integers", "use --solver auto, z3 or cvc5"))
        }
        (false, true, _) => {
            Some(("this solver answers questions of SMT-LIB alone", "add --engine smt, or leave out --solver"))
        }
        _ => None,
    }
}
