//! Solvers of SMT-LIB: z3 and cvc5, as processes that are talked to.
//!
//! [`find`] takes the first one that is there, or the one that somebody asked for by name. A [`Session`] keeps one running:
//! commands go in, and after them an `echo` of a mark; what comes out before the mark is the answer. A solver that is silent
//! for longer than it may be, that ends, or that writes without end is killed with its whole process group, and the session
//! has no further answers.

mod session;

pub use session::{Session, SessionError};

use crate::catalogue::{CVC5, Z3};
use crate::process::Job;
use crate::tool::{Found, Places, Tool, Unusable};

/// A solver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solver {
    /// Microsoft's.
    Z3,
    /// Stanford's and Iowa's.
    Cvc5,
}

/// All of them, the one that is looked for first in front.
pub const ALL: [Solver; 2] = [Solver::Z3, Solver::Cvc5];

impl Solver {
    /// How it is found.
    pub fn tool(self) -> &'static Tool {
        match self {
            Self::Z3 => &Z3,
            Self::Cvc5 => &CVC5,
        }
    }

    /// The process that reads commands from its standard input.
    pub fn job(self, found: &Found) -> Job {
        let arguments: &[&str] = match self {
            Self::Z3 => &["-in", "-smt2"],
            Self::Cvc5 => &["--lang=smt2", "--incremental", "--arrays-exp"],
        };
        Job::new(&found.invocation, arguments)
    }
}

/// The first solver that can be used.
///
/// # Errors
/// Why none can be: what is said of the first one that is there but unusable, else that the first one is missing.
pub fn find(wanted: &[Solver], places: &Places) -> Result<(Solver, Found), Unusable> {
    let mut complaint: Option<Unusable> = None;
    for solver in wanted {
        match solver.tool().find(places) {
            Ok(found) => return Ok((*solver, found)),
            Err(unusable) => {
                let missing = matches!(unusable, Unusable::Missing { .. });
                if complaint.is_none() || !missing && matches!(complaint, Some(Unusable::Missing { .. })) {
                    complaint = Some(unusable);
                }
            }
        }
    }
    Err(complaint.unwrap_or_else(|| Unusable::Missing { tool: Z3.name, remedy: Z3.remedy.to_owned() }))
}
