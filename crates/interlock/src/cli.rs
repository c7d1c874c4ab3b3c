//! The command line. Documented for users in `docs/cli.md`; help texts are held by tests.

mod check;
mod evidence;
mod prove;
mod scan;
mod session;
mod simulate;
mod stress;
mod tools;
mod trace;
mod value;
mod write;

pub use check::{CheckArgs, RunArgs, TlaCheckArgs};
pub use evidence::{
    DiffArgs, ExplainArgs, GapsArgs, InitArgs, LedgerCommand, OfProject, Outputs, ReplayArgs, RoundArgs, RunNumber,
    RunsArgs, ServeArgs, ShowArgs, TlaMutateArgs,
};
pub use prove::{ProveEngine, TlaProveArgs};
pub use scan::{RulesCommand, RulesTestArgs, ScanArgs, ScanFormat};
pub use session::{SessionPlaces, TlaEvalArgs, TlaReplArgs};
pub use simulate::{SchedulerKind, TlaSimulateArgs};
pub use stress::{StressArgs, parse_kernel, parse_scenarios};
pub use tools::{ToolsArgs, ToolsCommand, ToolsInstallArgs};
pub use trace::{TraceCheckArgs, TraceCommand};
pub use value::{Store, Workers, parse_size, parse_time};
pub use write::{Covered, TlaParseArgs, TlaPathsArgs, TlaTranslateArgs};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Heading of the flags that every command has.
const GLOBAL: &str = "Options of every command";

/// Everything that stands on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "interlock",
    version,
    about = "Checks concurrent native code: protocols in TLA+, every verdict with its strength",
    after_help = "Exit codes: 0 met, 11 deadlock, 12 invariant, 13 other property, 20 inconclusive, 21 vacuous, 75 evaluation, 150 parse, 151 configuration; all of them in docs/exit-codes.md.",
    max_term_width = 100
)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Flags of every command
    #[command(flatten)]
    pub global: Global,
}

/// Flags of every command.
#[derive(Debug, Clone, Copy, Args)]
pub struct Global {
    /// When to use colour (NO_COLOR and CLICOLOR_FORCE are honoured under `auto`)
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto, help_heading = GLOBAL)]
    pub color: ColorWhen,
    /// Only what was not met, and the summary
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
    /// Logs on stderr; twice for more
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help_heading = GLOBAL)]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    // No doc comments here: they would spread one flag over seven lines of help.
    Auto,
    Always,
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check every obligation of a project
    Check(CheckArgs),
    /// Find concurrency and lifetime bugs in C, C++ and Objective-C++, without a build
    Scan(Box<ScanArgs>),
    /// Work with the structural rules of a project
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Work with a single TLA+ specification
    #[command(subcommand)]
    Tla(TlaCommand),
    /// Check a specification with TLC's flags, output and exit codes; a link named `tlc` does the same
    #[command(disable_help_flag = true)]
    Tlc(TlcArgs),
    /// Hold what a program logged against a specification
    #[command(subcommand)]
    Trace(TraceCommand),
    /// Commands that read the ledger
    #[command(flatten)]
    Ledger(LedgerCommand),
    /// Say what nobody has looked at: code without properties, properties without evidence, evidence of other code
    Gaps(GapsArgs),
    /// Try to find what the obligations do not ask for, and report every attempt
    Round(RoundArgs),
    /// Show the newest run in a browser on this machine, and reload when there is a newer one
    Serve(ServeArgs),
    /// Run workloads on many threads and hold each result against that of one thread
    Stress(Box<StressArgs>),
    /// Write a project file for what a repository has
    Init(InitArgs),
    /// Replay a recorded counterexample with the independent checker
    Replay(ReplayArgs),
    /// List the outside provers that some check can use, or install them
    Tools(ToolsArgs),
    /// Say what this machine offers, and which optional tools are missing
    Doctor,
    /// Write shell completions to stdout
    Completions(CompletionsArgs),
}

/// Commands for a single specification.
#[derive(Debug, Subcommand)]
pub enum TlaCommand {
    /// Model-check a specification, like TLC
    Check(Box<TlaCheckArgs>),
    /// Run random behaviors of a specification; what is not found false is `Tested`
    Simulate(Box<TlaSimulateArgs>),
    /// Prove properties for behaviors of every length, or find the shortest that breaks them
    Prove(Box<TlaProveArgs>),
    /// Make small mistakes in a specification and say which of them no property notices
    Mutate(Box<TlaMutateArgs>),
    /// Evaluate an expression, in the context of a specification if one is named
    Eval(TlaEvalArgs),
    /// Evaluate expressions and definitions one after the other
    Repl(TlaReplArgs),
    /// Parse a specification and its configuration, and say what is wrong
    Parse(TlaParseArgs),
    /// Choose behaviors of a finite model that take every action or every step, for tests that drive a program along them
    Paths(TlaPathsArgs),
    /// Translate the PlusCal algorithm of a module, as pcal.trans does
    Translate(TlaTranslateArgs),
}

/// A specification and where its parts are.
#[derive(Debug, Clone, Args)]
pub struct TlaInput {
    /// The root module, with or without `.tla`
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// The configuration [default: SPEC with the ending .cfg]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Also look for modules in this folder (again for more; also the path list in TLA_LIBRARY)
    #[arg(short = 'I', value_name = "DIR")]
    pub include: Vec<PathBuf>,
    /// Give a constant this value, whatever the configuration says (again for more); for LOW..HIGH, `tla check` makes
    /// one run for each number
    #[arg(long = "const", value_name = "NAME=VALUE")]
    pub constants: Vec<String>,
    /// Let the specification start programs (IOExec of module IOUtils)
    #[arg(long)]
    pub allow_exec: bool,
}

/// `interlock tlc`. Its flags are TLC's; see `commands::tlc::flags`.
#[derive(Debug, Args)]
pub struct TlcArgs {
    /// TLC's flags and the specification; `-help` lists them
    #[arg(value_name = "FLAGS AND SPEC", trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<String>,
}

/// `interlock completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::time::Duration;

    #[test]
    fn the_definition_of_the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Every command of the tree, the root included.
    fn every_command(command: &clap::Command) -> Vec<clap::Command> {
        let mut all = vec![command.clone()];
        all.extend(command.get_subcommands().flat_map(every_command));
        all
    }

    #[test]
    fn the_page_about_the_command_line_lists_every_command_and_flag() {
        let page = include_str!("../../../docs/cli.md");
        for command in every_command(&Cli::command()) {
            let name = command.get_name();
            assert!(page.contains(name), "docs/cli.md lacks {name}");
            let flags = command.get_arguments().filter(|argument| !argument.is_positional());
            let spelt = |argument: &clap::Arg| match (argument.get_long(), argument.get_short()) {
                (Some(long), _) => format!("--{long}"),
                (None, Some(short)) => format!("-{short}"),
                (None, None) => String::new(),
            };
            for flag in flags.map(spelt) {
                assert!(page.contains(&flag), "docs/cli.md lacks {flag} of {name}");
            }
        }
    }

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(parse_size("4G"), Ok(4 << 30));
        assert_eq!(parse_size("512MiB"), Ok(512 << 20));
        assert_eq!(parse_size("100"), Ok(100));
        for wrong in ["", "G", "4X", "-1", "0", "99999999999T", "1.5G"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(parse_time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_time("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_time("2h"), Ok(Duration::from_secs(7200)));
        for wrong in ["", "10", "m", "-1s", "1.5h", "99999999999999999999h", "10 m"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn workers_are_a_positive_number_or_auto() {
        assert_eq!("auto".parse(), Ok(Workers::Auto));
        assert_eq!("3".parse::<Workers>().map(Workers::number), Ok(3));
        for wrong in ["0", "-1", "many", "100000"] {
            assert!(wrong.parse::<Workers>().is_err(), "{wrong}");
        }
    }
}
