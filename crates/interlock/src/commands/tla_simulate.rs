//! `interlock tla simulate`: random behaviors of one specification.
//!
//! Whoever simulates asks for tests, so a verdict `Tested` is enough for exit code 0 here and the report says `Tested`.

use super::tla_check::{Request, same_command};
use crate::cli::{SchedulerKind, TlaSimulateArgs};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::{Mode, Sampled, TlaTask};
use std::time::{SystemTime, UNIX_EPOCH};
use verdict::Strength;

/// Runs the command.
pub fn run(args: &TlaSimulateArgs, console: &Console) -> Result<u8, CommandError> {
    let seed = args.seed.unwrap_or_else(fresh_seed);
    let sampled = Sampled {
        behaviors: args.num.0,
        depth: args.depth.0.map_or(u32::MAX, |depth| u32::try_from(depth).unwrap_or(u32::MAX)),
        seed,
        scheduler: args.scheduler.into(),
        generate: args.generate,
    };
    let task = TlaTask {
        check_deadlock: args.no_deadlock.then_some(false),
        mode: Mode::Sample(sampled),
        replay_command: repetition(args, seed),
        ..TlaTask::of_input(&args.input)
    };
    let request = Request {
        command: "tla simulate",
        task,
        include: &args.input.include,
        run: &args.run,
        required: Strength::Tested.into(),
        itf: args.itf.as_deref(),
        events: args.events.as_deref(),
        limit: None,
    };
    request.run(console)
}

/// A seed that nobody has chosen.
pub fn fresh_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Few digits are easier to type again.
    (since.as_nanos() % 1_000_000_007) as u64
}

/// The command that finds the same behavior again.
fn repetition(args: &TlaSimulateArgs, seed: u64) -> String {
    let mut command = same_command("interlock tla simulate", &args.input, args.no_deadlock);
    command.push_str(&format!(" --seed {seed}"));
    if args.depth.0 != Some(100) {
        command.push_str(&args.depth.0.map_or(" --depth unlimited".to_owned(), |depth| format!(" --depth {depth}")));
    }
    command.push_str(match (args.generate, args.scheduler) {
        (true, _) => " --generate",
        (false, SchedulerKind::Uniform) => "",
        (false, SchedulerKind::Actions) => " --scheduler actions",
        (false, SchedulerKind::Coverage) => " --scheduler coverage",
    });
    if args.num.0 != Some(1000) {
        command.push_str(&args.num.0.map_or(" --num unlimited".to_owned(), |number| format!(" --num {number}")));
    }
    command
}
