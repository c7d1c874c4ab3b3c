//! Replays counterexamples with a naive evaluator of its own.
//!
//! An engine that says "violated" may be wrong: it compiles, hashes, permutes, and was written to be fast. This crate
//! is what stands between it and the reader. It takes the claim, evaluates the specification's own text along the
//! trace, and accepts, rejects, or says that it cannot tell. It shares nothing with the engines but the syntax tree
//! and the shape of a trace; it is small, slow, and does nothing that is not needed.
//!
//! **What acceptance means.** Every state gives every variable one value; the first satisfies the initial predicate;
//! every step satisfies the next-state action; the trace does not leave the model (constraints) before its last state;
//! and the property is false as claimed. For an infinite behavior: the loop closes, fairness holds, and the temporal
//! formula is false; a constraint that asks for `TLCGet("level")` is passed over there. For a deadlock: a search finds no successor. For a failure: evaluation fails here, too, with an
//! error of the same class (not necessarily the same error).
//!
//! **What it does not mean.** That the engine did not miss anything: a missing violation cannot be replayed. Values and
//! choices follow TLC (see `order`, `strings`, `sets`), and integers are exact.
//!
//! **What is declined** (answered with [`Replay::Unsupported`], never guessed): names of subexpressions (`Op!2`),
//! `TLCGet` but for the level, random choices, files and environment, decimals, `\EE` and `\AA`, `-+->`, constants with compound
//! names in the configuration, functions with an infinite domain where all their values are needed, loops that close
//! only up to a `VIEW` or a symmetry, and whatever exceeds [`Limits`].
//!
//! Reading order: [`claim`] (question and answer), `replay` (how a claim is judged), `induction`
//! (claims about induction), `safety` (parts of properties),
//! `lasso` and `temporal` (infinite behaviors), `specification` (initial predicate, action, fairness), `evaluate` and `apply` (the evaluator),
//! `names` and `table` (modules and substitution), `value`, `order`, `sets`, `functions`, `language`, `native`, `bags`
//! (values and operators), `successors` (the only search), [`survey`] (all states of small graphs), [`certificate`] (invariants:
//! the same evaluator on undecided states, gates, a solver and its proofs), `model` and `strings` (the configuration).

pub mod certificate;
pub mod claim;
pub mod survey;

mod apply;
mod bags;
mod bind;
mod convert;
mod evaluate;
mod explain;
mod fault;
mod functions;
mod induction;
mod language;
mod lasso;
mod model;
mod names;
mod native;
mod order;
mod print;
mod replay;
mod safety;
mod sets;
mod specification;
mod strings;
mod successors;
mod syntax;
mod table;
mod temporal;
mod value;
mod witness;

pub use claim::{Assumptions, Claim, EvaluationError, Replay, ToldState, Violation};
pub use evaluate::Limits;
pub use induction::induction_fails;
pub use native::AT_RANDOM;
pub use survey::{Survey, survey};

use evaluate::Evaluator;
use explain::Explanation;
use fault::{Fault, Outcome};
use names::Env;
use replay::{Replayer, Stop};
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::Expr;
use tla_syntax::config::Config;
use tla_syntax::load::Specification;
use verdict::{FalseConjunct, Place, Trace, TraceValue};

/// Bytes of stack of the thread that evaluates: enough for [`Limits::nesting`] evaluations inside each other. Only what
/// is touched becomes real memory.
const STACK_SIZE: usize = 1 << 28;

/// Judges a claim, within the default limits.
pub fn replay(specification: &Specification, config: &Config, claim: &Claim<'_>) -> Replay {
    replay_within(specification, config, claim, Limits::default())
}

/// Judges a claim.
pub fn replay_within(specification: &Specification, config: &Config, claim: &Claim<'_>, limits: Limits) -> Replay {
    let judged = on_large_stack(|| {
        let span = specification.root_module().module.name.span;
        let evaluator = match Evaluator::new(specification, config, limits) {
            Ok(evaluator) => evaluator,
            Err(fault) => {
                return Replay::Unsupported { construct: fault.message(), place: place(specification, fault.span()) };
            }
        };
        match (Replayer { evaluator, config, span }).judge(claim) {
            Ok(()) => Replay::Accepted,
            Err(Stop::Rejected { reason, step, span }) => {
                Replay::Rejected { reason, step, place: span.and_then(|span| place(specification, span)) }
            }
            Err(Stop::Undecided { construct, span }) => {
                Replay::Unsupported { construct, place: place(specification, span) }
            }
        }
    });
    judged.unwrap_or_else(|| Replay::Unsupported { construct: CRASHED.to_owned(), place: None })
}

/// Which parts of a temporal property are false of a behavior that violates it; nothing if that cannot be told.
pub fn false_parts(
    specification: &Specification,
    config: &Config,
    property: &str,
    trace: &Trace,
) -> Vec<FalseConjunct> {
    let told = on_large_stack(|| {
        let span = specification.root_module().module.name.span;
        let mut replayer =
            Replayer { evaluator: Evaluator::new(specification, config, Limits::default()).ok()?, config, span };
        let lasso = replayer.lasso(trace).ok()?;
        let Replayer { evaluator, .. } = &mut replayer;
        let name = config.properties.iter().find(|name| &*name.name == property)?;
        let formula = evaluator.named(name).ok()?;
        let mut tree = evaluator.unfold(&formula).ok()?;
        let mut explanation = Explanation { evaluator, specification, lasso: &lasso, parts: Vec::new() };
        explanation.tell(&mut tree, &[]).ok()?;
        Some(explanation.parts)
    });
    told.flatten().unwrap_or_default()
}

/// What is to be evaluated.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A definition or constant of the root module without parameters.
    Name(&'a str),
    /// An expression of the specification that stands at the top of the root module.
    Expression(&'a Expr),
}

/// The value of an expression, in a state if one is given.
pub fn evaluate<'s>(
    specification: &'s Specification,
    config: &'s Config,
    subject: Subject<'s>,
    state: Option<&ToldState>,
) -> Result<TraceValue, EvaluationError> {
    let evaluated = on_large_stack(|| {
        let value = evaluate_here(specification, config, subject, state);
        value.map_err(|fault| told(specification, &fault))
    });
    evaluated.unwrap_or_else(|| Err(crashed()))
}

fn evaluate_here<'s>(
    specification: &'s Specification,
    config: &'s Config,
    subject: Subject<'s>,
    state: Option<&ToldState>,
) -> Outcome<TraceValue> {
    let root = &specification.root_module().module;
    let mut evaluator = Evaluator::new(specification, config, Limits::default())?;
    if let Some(told) = state {
        let mut values = vec![None; evaluator.variables.len()];
        for (name, value) in told {
            let value = evaluator.traced_value(value, root.name.span)?;
            if let Some(index) = evaluator.variables.iter().position(|variable| ***variable == **name) {
                values[index] = Some(value);
            }
        }
        evaluator.moment.current = Some(Rc::new(values));
    }
    let Some(theory) = evaluator.root.clone() else {
        return Fault::unsupported(root.name.span, "a specification without a root module");
    };
    let env = Env::top(&theory);
    let (value, span) = match subject {
        Subject::Expression(expr) => (evaluator.eval(expr, &env)?, expr.span),
        Subject::Name(name) => {
            let meaning = evaluator.lookup(&env, name, root.name.span)?;
            (evaluator.apply(&meaning, &[], root.name.span)?, root.name.span)
        }
    };
    evaluator.as_traced(&value, span)
}

/// Evaluates the assumptions of the root module and of what it extends, up to the first that is not true.
pub fn assumptions(specification: &Specification, config: &Config) -> Assumptions {
    let evaluated = on_large_stack(|| {
        let mut evaluator = match Evaluator::new(specification, config, Limits::default()) {
            Ok(evaluator) => evaluator,
            Err(fault) => return Assumptions { outcomes: vec![Err(told(specification, &fault))], printed: Vec::new() },
        };
        let mut outcomes = Vec::new();
        for assumption in evaluator.all_assumptions() {
            let outcome = evaluator.assumption(&assumption);
            outcomes.push(outcome.map_err(|fault| told(specification, &fault)));
            if outcomes.last() != Some(&Ok(true)) {
                break;
            }
        }
        Assumptions { outcomes, printed: std::mem::take(&mut evaluator.printed) }
    });
    evaluated.unwrap_or_else(|| Assumptions { outcomes: vec![Err(crashed())], printed: Vec::new() })
}

const CRASHED: &str = "the checker's own evaluation, which broke off";

fn crashed() -> EvaluationError {
    EvaluationError::Unsupported { construct: CRASHED.to_owned(), place: None }
}

/// A fault in the words of the interface.
fn told(specification: &Specification, fault: &Fault) -> EvaluationError {
    let (message, place) = (fault.message(), place(specification, fault.span()));
    if fault.is_defect_of_specification() {
        EvaluationError::Undefined { message, place }
    } else {
        EvaluationError::Unsupported { construct: message, place }
    }
}

/// A span as a reader would name it.
fn place(specification: &Specification, span: Span) -> Option<Place> {
    let file = specification.sources.files().nth(span.file.0 as usize)?;
    let (from, to) = specification.sources.range(span);
    let contains = |module: &&tla_syntax::parse::ParsedModule| {
        let whole = module.module.span;
        whole.file == span.file && whole.start <= span.start && span.end <= whole.end
    };
    let module = specification.modules.iter().find(contains).map(|module| module.module.name.name.to_string());
    Some(Place {
        file: file.path.display().to_string(),
        module: module.unwrap_or_default(),
        line: from.line,
        column: from.column,
        end_line: to.line,
        end_column: to.column,
    })
}

/// Runs on a thread with a large stack, since evaluation nests as deeply as the specification's recursion. `None` if
/// there is no such thread or if it broke off.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("recheck".to_owned()).stack_size(STACK_SIZE);
        builder.spawn_scoped(scope, work).ok()?.join().ok()
    })
}
