//! Two incremental SAT solvers behind one interface.
//!
//! CaDiCaL (Biere, Faller, Fazekas, Fleury, Froleyks, Pollitt, *CaDiCaL 2.0*, CAV 2024) simplifies what it is given
//! between queries and learns more from each of them, which pays for unrolled behaviors: few queries, each harder than the
//! one before. batsat, MiniSat in Rust, answers at once and knows variables that need not be guessed, which pays for the
//! thousands of small queries about one step that reachability asks. [`Use`] says which of these is wanted, [`Choice`]
//! overrides it. Without the feature `cadical` (for machines without a C++ compiler) batsat answers all.
//!
//! CaDiCaL forgets its model when a clause is added; engines add clauses while they still read the model. So clauses wait
//! here until the next query.

use batsat::{BasicSolver, SolverInterface, lbool};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A literal of the solver: its variable times two, plus one if it is negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SLit(u32);

impl std::ops::Not for SLit {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

impl SLit {
    fn of_batsat(self) -> batsat::Lit {
        batsat::Lit::new(batsat::Var::unsafe_from_idx(self.0 >> 1), self.0 & 1 == 0)
    }

    #[cfg(feature = "cadical")]
    fn of_dimacs(self) -> i32 {
        let variable = (self.0 >> 1) as i32 + 1;
        if self.0 & 1 == 0 { variable } else { -variable }
    }
}

/// What a solver is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Many small queries about one step.
    Steps,
    /// Few queries about behaviors, each harder than the one before.
    Behaviors,
}

/// Which solver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// The one that suits the use.
    #[default]
    Auto,
    /// batsat.
    Batsat,
    /// CaDiCaL, where it was compiled in.
    Cadical,
}

impl Choice {
    /// Whether it was compiled in.
    pub fn is_available(self) -> bool {
        match self {
            Self::Auto | Self::Batsat => true,
            Self::Cadical => cfg!(feature = "cadical"),
        }
    }
}

/// What engines need to ask: which solver, and a flag that ends a query undecided.
#[derive(Debug, Clone, Default)]
pub struct Means {
    /// Which solver.
    pub choice: Choice,
    /// Set once queries are to end.
    pub stop: Arc<AtomicBool>,
}

impl Means {
    /// Ends queries undecided, those under way and those to come.
    pub fn end(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// An empty solver.
    pub fn solver(&self, purpose: Use) -> Solver {
        match (self.choice, purpose) {
            #[cfg(feature = "cadical")]
            (Choice::Cadical, _) | (Choice::Auto, Use::Behaviors) => Solver::cadical(&self.stop),
            _ => Solver::batsat(&self.stop),
        }
    }
}

enum Backend {
    Batsat(Box<BasicSolver>),
    #[cfg(feature = "cadical")]
    Cadical(cadical::Solver<Flag>, Vec<i32>),
}

/// Ends a query of CaDiCaL.
#[cfg(feature = "cadical")]
struct Flag(Arc<AtomicBool>);

#[cfg(feature = "cadical")]
impl cadical::Callbacks for Flag {
    fn terminate(&mut self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// An incremental solver.
pub struct Solver {
    backend: Backend,
    variables: u32,
    answer: Option<bool>,
}

impl Solver {
    fn batsat(stop: &Arc<AtomicBool>) -> Self {
        let mut solver = Box::new(BasicSolver::default());
        let flag = Arc::clone(stop);
        solver.cb_mut().set_stop(move || flag.load(Ordering::Relaxed));
        Self { backend: Backend::Batsat(solver), variables: 0, answer: None }
    }

    #[cfg(feature = "cadical")]
    fn cadical(stop: &Arc<AtomicBool>) -> Self {
        let mut solver = cadical::Solver::new();
        solver.set_callbacks(Some(Flag(Arc::clone(stop))));
        Self { backend: Backend::Cadical(solver, Vec::new()), variables: 0, answer: None }
    }

    /// A new variable; whether it may be guessed is a hint.
    pub fn variable(&mut self, guessed: bool) -> SLit {
        self.variables += 1;
        match &mut self.backend {
            Backend::Batsat(solver) => SLit(solver.new_var(lbool::UNDEF, guessed).idx() << 1),
            #[cfg(feature = "cadical")]
            Backend::Cadical(..) => SLit((self.variables - 1) << 1),
        }
    }

    /// Adds a clause. The last answer stays readable.
    pub fn add(&mut self, clause: &[SLit]) {
        match &mut self.backend {
            Backend::Batsat(solver) => {
                let _fine = solver.add_clause_reuse(&mut clause.iter().map(|lit| lit.of_batsat()).collect());
            }
            #[cfg(feature = "cadical")]
            Backend::Cadical(_, waiting) => {
                waiting.extend(clause.iter().map(|lit| lit.of_dimacs()));
                waiting.push(0);
            }
        }
    }

    /// Whether the clauses can be satisfied under assumptions; `None` if the solver was stopped.
    pub fn solve(&mut self, assumptions: &[SLit]) -> Option<bool> {
        self.answer = match &mut self.backend {
            Backend::Batsat(solver) => {
                let assumptions: Vec<_> = assumptions.iter().map(|lit| lit.of_batsat()).collect();
                match solver.solve_limited(&assumptions) {
                    result if result == lbool::TRUE => Some(true),
                    result if result == lbool::FALSE => Some(false),
                    _ => None,
                }
            }
            #[cfg(feature = "cadical")]
            Backend::Cadical(solver, waiting) => {
                for clause in waiting.split_inclusive(|lit| *lit == 0) {
                    solver.add_clause(clause[..clause.len() - 1].iter().copied());
                }
                waiting.clear();
                solver.solve_with(assumptions.iter().map(|lit| lit.of_dimacs()))
            }
        };
        self.answer
    }

    /// The value of a literal in the last model; what was not decided counts as false.
    pub fn value(&self, lit: SLit) -> bool {
        match &self.backend {
            Backend::Batsat(solver) => solver.value_lit(lit.of_batsat()) == lbool::TRUE,
            #[cfg(feature = "cadical")]
            Backend::Cadical(solver, _) => {
                let (variable, positive) = (lit.0 | 1, lit.0 & 1 == 0);
                let known = self.answer == Some(true) && (variable >> 1) < solver.max_variable() as u32;
                let value = if known { solver.value(SLit(variable ^ 1).of_dimacs()) } else { None };
                value == Some(positive)
            }
        }
    }

    /// Whether an assumption takes part in the last contradiction. (batsat keeps the negations of assumptions, and the
    /// assumption itself only where it is the one that could not be made.)
    pub fn in_core(&self, assumption: SLit) -> bool {
        match &self.backend {
            Backend::Batsat(solver) => {
                let lit = assumption.of_batsat();
                solver.unsat_core_contains_lit(lit) || solver.unsat_core_contains_lit(!lit)
            }
            #[cfg(feature = "cadical")]
            Backend::Cadical(solver, _) => self.answer == Some(false) && solver.failed(assumption.of_dimacs()),
        }
    }

    /// Drops clauses that are satisfied for good.
    pub fn simplify(&mut self) {
        match &mut self.backend {
            Backend::Batsat(solver) => {
                let _fine = solver.simplify();
            }
            // It does so by itself.
            #[cfg(feature = "cadical")]
            Backend::Cadical(..) => {}
        }
    }

    /// Number of variables.
    pub fn variables(&self) -> u32 {
        self.variables
    }
}
