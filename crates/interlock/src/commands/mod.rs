//! The commands, one file each.

mod baseline;
mod check;
mod completions;
mod doctor;
mod gaps;
mod init;
mod keyboard;
mod ledger;
mod outputs;
mod replay;
mod round;
pub mod rules;
pub mod scan;
mod serve;
pub mod stress;
mod tla_check;
mod tla_eval;
mod tla_mutate;
mod tla_parse;
mod tla_paths;
mod tla_prove;
mod tla_repl;
mod tla_simulate;
mod tla_sweep;
mod tla_translate;
pub mod tlc;
mod tools;
mod trace_check;

use crate::cli::{Cli, ColorWhen, Command, Global, RulesCommand, RunArgs, TlaCommand, TraceCommand};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::events::Events;
use report::RunReport;
use serde_json::json;
use std::path::Path;

/// Runs what the command line asks for and returns the exit code.
pub fn run(cli: &Cli) -> u8 {
    start_logging(cli.global.verbose);
    let global = &cli.global;
    let (console, result) = match &cli.command {
        Command::Check(args) => {
            let console = Console::for_run(global, &args.run);
            (console, check::run(args, &console))
        }
        Command::Scan(args) => {
            let console = Console::for_scan(global, args.json);
            (console, scan::run(args, &console))
        }
        Command::Rules(RulesCommand::Test(args)) => {
            let console = Console::plain(global);
            (console, rules::test(args, &console))
        }
        Command::Tla(TlaCommand::Check(args)) => {
            let console = Console::for_run(global, &args.run);
            (console, tla_check::run(args, &console))
        }
        Command::Tla(TlaCommand::Simulate(args)) => {
            let console = Console::for_run(global, &args.run);
            (console, tla_simulate::run(args, &console))
        }
        Command::Tla(TlaCommand::Prove(args)) => {
            let console = Console::for_run(global, &args.run);
            (console, tla_prove::run(args, &console))
        }
        Command::Tla(TlaCommand::Mutate(args)) => {
            let console = Console::for_report(global, false, args.full);
            (console, tla_mutate::run(args, &console))
        }
        Command::Tla(TlaCommand::Eval(args)) => {
            let console = Console::plain(global);
            (console, tla_eval::run(args, &console))
        }
        Command::Tla(TlaCommand::Repl(args)) => {
            let console = Console::plain(global);
            (console, tla_repl::run(args, &console))
        }
        Command::Tla(TlaCommand::Paths(args)) => {
            let console = Console::plain(global);
            (console, tla_paths::run(args, &console))
        }
        Command::Tla(TlaCommand::Parse(args)) => {
            let console = Console::plain(global);
            (console, tla_parse::run(args, &console))
        }
        Command::Tla(TlaCommand::Translate(args)) => {
            let console = Console::plain(global);
            (console, tla_translate::run(args, &console))
        }
        Command::Tlc(args) => {
            let console = Console::plain(global);
            (console, tlc::run(&args.words, &console))
        }
        Command::Trace(TraceCommand::Check(args)) => {
            let console = Console { json: args.json, ..Console::plain(global) };
            (console, trace_check::run(args, &console))
        }
        Command::Ledger(command) => {
            let console = ledger::console(command, global);
            (console, ledger::run(command, &console))
        }
        Command::Init(args) => {
            let console = Console::plain(global);
            (console, init::run(args, &console))
        }
        Command::Gaps(args) => {
            let console = Console::for_report(global, args.json, false);
            (console, gaps::run(args, &console))
        }
        Command::Serve(args) => {
            let console = Console::plain(global);
            (console, serve::run(args, &console))
        }
        Command::Stress(args) => {
            let console = Console::for_report(global, outputs::json_on_stdout(&args.json), false);
            (console, stress::run(args, &console))
        }
        Command::Round(args) => {
            let console = Console::plain(global);
            (console, round::run(args, &console))
        }
        Command::Replay(args) => {
            let console = Console::plain(global);
            (console, replay::run(args, &console))
        }
        Command::Tools(args) => {
            let console = Console::plain(global);
            (console, tools::run(args, &console))
        }
        Command::Doctor => {
            let console = Console::plain(global);
            (console, doctor::run(&console))
        }
        Command::Completions(args) => {
            let console = Console::plain(global);
            (console, completions::run(args, &console))
        }
    };
    result.unwrap_or_else(|error| fail(&error, &console))
}

/// Runs TLC's command line, which is no command line of ours.
pub fn run_tlc(words: &[String]) -> u8 {
    let global = Global { color: ColorWhen::Never, quiet: false, verbose: 0 };
    let console = Console::plain(&global);
    tlc::run(words, &console).unwrap_or_else(|error| fail(&error, &console))
}

/// Tells an error: on stderr for a person, under `--json` also on stdout, so that a program always gets an object.
fn fail(error: &CommandError, console: &Console) -> u8 {
    if console.json {
        let object = json!({
            "format": report::json::FORMAT,
            "version": report::json::VERSION,
            "verdict": "failed",
            "exit_code": error.exit.code(),
            "error": error.message,
            "remedy": error.remedy,
        });
        console.result(&format!("{object:#}\n"));
    }
    console.note(&error.render());
    error.exit.code()
}

/// Writes a report in the form that was asked for.
fn write(report: &RunReport, console: &Console) {
    let text = if console.json {
        report::json::write_report(report)
    } else {
        report::terminal::write_report(report, &console.style)
    };
    console.result(&text);
}

/// Ends a stream of events, if there is one, and writes the report: to stderr where the stream is on stdout.
fn write_with_events(
    report: &RunReport,
    run: &RunArgs,
    events: Option<&Events>,
    path: Option<&Path>,
    console: &Console,
) -> Result<(), CommandError> {
    if let Some(events) = events {
        events.result(report);
    }
    match path {
        Some(path) if path == Path::new("-") => {
            console.note(&report::terminal::write_report(report, &console.style));
        }
        Some(_) | None => write(report, console),
    }
    outputs::write(report, &run.outputs, outputs::json_file(&run.json), console)
}

/// The number of worker threads: command line, then project file, then one for each core.
fn workers(run: &RunArgs, of_model: Option<usize>) -> usize {
    let default = || of_model.unwrap_or_else(|| crate::cli::Workers::Auto.number());
    run.workers.map_or_else(default, crate::cli::Workers::number)
}

/// The memory that an engine may use in bytes: command line, then project file, then three quarters of what is available,
/// so that the search ends with a verdict and not by the hand of the system.
fn memory(run: &RunArgs, of_model: Option<u64>) -> Option<u64> {
    run.memory.or(of_model).or_else(|| crate::machine::available_memory().map(|bytes| bytes / 4 * 3))
}

fn start_logging(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        3.. => tracing::Level::TRACE,
    };
    let subscriber = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(false);
    // Fails only if logging was started before, which nothing does.
    let _ = subscriber.try_init();
}
