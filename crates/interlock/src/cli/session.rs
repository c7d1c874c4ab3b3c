//! Expressions: `interlock tla eval` and `interlock tla repl`.

use clap::Args;
use std::path::PathBuf;

/// `interlock tla eval`.
#[derive(Debug, Args)]
pub struct TlaEvalArgs {
    /// The specification, if the expression is to know one; otherwise the expression
    #[arg(value_name = "SPEC|EXPRESSION", allow_hyphen_values = true)]
    pub first: String,
    /// The expression, behind a specification
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub second: Option<String>,
    /// Where the parts of the specification are
    #[command(flatten)]
    pub places: SessionPlaces,
}

/// `interlock tla repl`.
#[derive(Debug, Args)]
pub struct TlaReplArgs {
    /// The specification whose definitions are known
    #[arg(value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// Where its parts are
    #[command(flatten)]
    pub places: SessionPlaces,
}

/// Where expressions get their definitions and constants from.
#[derive(Debug, Clone, Args)]
pub struct SessionPlaces {
    /// The configuration that gives constants their values [default: SPEC with the ending .cfg, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Also look for modules in this folder (again for more; also the path list in TLA_LIBRARY)
    #[arg(short = 'I', value_name = "DIR")]
    pub include: Vec<PathBuf>,
    /// Give a constant of the specification this value, whatever the configuration says (again for more)
    #[arg(long = "const", value_name = "NAME=VALUE")]
    pub constants: Vec<String>,
    /// Also know the definitions of this module (again for more)
    #[arg(long, value_name = "MODULE")]
    pub extend: Vec<String>,
}
