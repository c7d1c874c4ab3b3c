//! Flags of `interlock tla prove`.

use super::{RunArgs, TlaInput, parse_time};
use clap::{Args, ValueEnum};
use external::smt::Solver as Smt;
use std::path::PathBuf;
use std::time::Duration;

/// `interlock tla prove`.
#[derive(Debug, Args)]
pub struct TlaProveArgs {
    /// The specification and where its parts are
    #[command(flatten)]
    pub input: TlaInput,
    /// A further invariant, as an expression (again for more)
    #[arg(long, value_name = "EXPR")]
    pub inv: Vec<String>,
    /// Check that this invariant is inductive and implies the others, instead of looking for one: a name or an expression
    #[arg(long, value_name = "INV", conflicts_with_all = ["length", "go_on"])]
    pub inductive: Option<String>,
    /// Longest behaviors that bounded checking looks at, in steps [default: 10 for `bmc` and `smt`, else no limit]
    #[arg(long, value_name = "K")]
    pub length: Option<u32>,
    /// Which engines run: `auto` visits states, learns an invariant from them, and runs the others beside that; `smt` asks a
    /// solver about unbounded integers
    #[arg(long, value_name = "ENGINE", value_enum, default_value_t = ProveEngine::Auto)]
    pub engine: ProveEngine,
    /// Which solver answers: `auto` is CaDiCaL for unrolled behaviors and batsat for single steps, for `smt` z3, else cvc5
    #[arg(long, value_name = "SOLVER", value_enum, default_value_t = ProveSolver::Auto)]
    pub solver: ProveSolver,
    /// Time after which what was not decided is given up, such as 60s or 10m
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "60s")]
    pub budget: Duration,
    /// Decide the other properties too once one was found broken
    #[arg(long = "continue")]
    pub go_on: bool,
    /// Do not check for deadlock
    #[arg(long)]
    pub no_deadlock: bool,
    /// Write the inductive invariant as TLA+ text
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// Write the problem in the AIGER format, for other tools
    #[arg(long, value_name = "FILE")]
    pub aiger: Option<PathBuf>,
    /// Write the problem in SMT-LIB, for other tools
    #[arg(long, value_name = "FILE")]
    pub smt: Option<PathBuf>,
    /// How strong a verdict has to be for exit code 0
    #[arg(long, value_name = "STRENGTH", default_value = "proved")]
    pub require: verdict::Requirement,
    /// Write counterexamples in the Informal Trace Format
    #[arg(long, value_name = "FILE")]
    pub itf: Option<PathBuf>,
    /// Write events as JSON lines while the run goes on, to stdout for `-` (the report goes to stderr then)
    #[arg(long, value_name = "FILE|-")]
    pub events: Option<PathBuf>,
    /// Engine and report flags
    #[command(flatten)]
    pub run: RunArgs,
}

/// Which symbolic engines run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProveEngine {
    // No doc comments here: they would spread one flag over many lines of help.
    Auto,
    Bmc,
    Kind,
    Pdr,
    Smt,
}

impl From<ProveEngine> for tla_symbolic::Engine {
    fn from(engine: ProveEngine) -> Self {
        match engine {
            // What a solver of SMT-LIB is asked, no engine of the circuit is.
            ProveEngine::Auto | ProveEngine::Smt => Self::Auto,
            ProveEngine::Bmc => Self::Bounded,
            ProveEngine::Kind => Self::Induction,
            ProveEngine::Pdr => Self::Reachability,
        }
    }
}

/// Which SAT solver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProveSolver {
    // No doc comments here either.
    Auto,
    Batsat,
    Cadical,
    Z3,
    Cvc5,
}

impl ProveSolver {
    /// The solvers of SMT-LIB that may be asked; none if it is a SAT solver.
    pub fn of_smt(self) -> &'static [Smt] {
        match self {
            Self::Auto => &external::smt::ALL,
            Self::Z3 => &[Smt::Z3],
            Self::Cvc5 => &[Smt::Cvc5],
            Self::Batsat | Self::Cadical => &[],
        }
    }

    /// Whether it is one of SMT-LIB.
    pub fn is_of_smt(self) -> bool {
        matches!(self, Self::Z3 | Self::Cvc5)
    }
}

impl From<ProveSolver> for tla_symbolic::Choice {
    fn from(solver: ProveSolver) -> Self {
        match solver {
            ProveSolver::Auto | ProveSolver::Z3 | ProveSolver::Cvc5 => Self::Auto,
            ProveSolver::Batsat => Self::Batsat,
            ProveSolver::Cadical => Self::Cadical,
        }
    }
}
