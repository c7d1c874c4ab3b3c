//! Flags of `interlock tools`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `interlock tools`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ToolsArgs {
    /// What to do instead of listing them
    #[command(subcommand)]
    pub command: Option<ToolsCommand>,
    /// A folder inside a project, whose [tools] count
    #[arg(long, value_name = "PATH")]
    pub project: Option<PathBuf>,
}

/// Commands of `interlock tools`.
#[derive(Debug, Subcommand)]
pub enum ToolsCommand {
    /// Install tools on Debian: the system's packages, or a newer suite's in a private folder
    Install(ToolsInstallArgs),
}

/// `interlock tools install`.
#[derive(Debug, Args)]
pub struct ToolsInstallArgs {
    /// Which ones: cbmc, coq, clang, z3, cvc5
    #[arg(value_name = "TOOL", required = true)]
    pub tools: Vec<String>,
    /// The private folder [default: INTERLOCK_TOOLS, or interlock/tools in the user's folder for data]
    #[arg(long, value_name = "DIR")]
    pub prefix: Option<PathBuf>,
}
