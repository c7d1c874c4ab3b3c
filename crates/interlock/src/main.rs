//! The binary `interlock`: command line, project file, wiring. Only this crate knows the terminal, the clock, signals and
//! the environment.
//!
//! Reading order: [`cli`] (flags), [`commands`] (one file a command), [`project`] (the project file), [`pipeline`]
//! (obligations through engines to evidence), [`engines`] (the glue to each tool), [`console`] and [`monitor`] (streams
//! and progress), [`stop`] (Ctrl-C).
//!
//! Streams: stdout carries the result, stderr progress and logs; under `--json` stdout carries one JSON object and nothing
//! else. Exit codes are [`verdict::ExitCode`], decided in one function there.

mod anchors;
mod cli;
mod command_error;
mod commands;
mod console;
mod crash;
mod engines;
mod events;
mod files;
mod machine;
mod monitor;
mod mutants;
mod native;
mod outside;
mod pipeline;
mod project;
mod stop;

use clap::Parser;
use std::process::ExitCode;

/// Stack of the thread that does the work. The evaluators recurse over trees that users write; address space is
/// reserved, memory is taken only where it is touched.
const STACK_BYTES: usize = 512 << 20;

fn main() -> ExitCode {
    crash::install_hook();
    if let Some(words) = tlc_words() {
        return on_large_stack(move || commands::run_tlc(&words));
    }
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with code 0, complaints to stderr with code 2. If the stream is gone there
            // is nobody left to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    on_large_stack(move || commands::run(&cli))
}

/// The words of TLC's command line, if this is one: behind `tlc`, or all of them if the program is called so. Its flags
/// begin with one dash, which no parser of ours would understand.
fn tlc_words() -> Option<Vec<String>> {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    match &words[..] {
        [program, rest @ ..] if commands::tlc::is_called_so(program) => Some(rest.to_vec()),
        [_, command, rest @ ..] if command == "tlc" => Some(rest.to_vec()),
        _ => None,
    }
}

fn on_large_stack(work: impl FnOnce() -> u8 + Send + 'static) -> ExitCode {
    let worker = std::thread::Builder::new().name("main".to_owned()).stack_size(STACK_BYTES);
    let code = match worker.spawn(work) {
        // A panic has been told by the hook.
        Ok(thread) => thread.join().unwrap_or(verdict::ExitCode::Internal.code()),
        Err(error) => crash::no_thread(&error),
    };
    ExitCode::from(code)
}
