//! `interlock trace`.

use super::TlaInput;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Commands for logs of programs.
#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// Say whether a log is a behavior of a specification, and where it parts from it
    Check(TraceCheckArgs),
}

/// `interlock trace check`.
#[derive(Debug, Args)]
pub struct TraceCheckArgs {
    /// The specification and where its parts are
    #[command(flatten)]
    pub input: TlaInput,
    /// The log: JSON lines or a JSON array; again for the log of another thread
    #[arg(long, value_name = "FILE", required = true)]
    pub trace: Vec<PathBuf>,
    /// How the log calls its fields, actions and variables
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Actions that the program takes without logging them, with commas between
    #[arg(long, value_name = "ACTIONS", value_delimiter = ',')]
    pub hidden: Vec<String>,
    /// Most hidden steps before an event
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub max_hidden: u32,
    /// Most pairs of a place in the log and a state that are looked at
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    pub max_places: usize,
    /// The result as one JSON object on stdout, and nothing else there
    #[arg(long)]
    pub json: bool,
}
