//! Which evaluator explores a model: the interpreter, generated code, or whichever is faster.
//!
//! The interpreter begins. A model that it finishes within [`HEAD_START`] distinct states and [`HEAD_START_TIME`] never
//! pays for compilation.
//! Any other one is compiled and explored again from the start; if a value turns up that has no place in the shapes,
//! they are widened and the search begins anew, at most [`ROUNDS`] times, and then the interpreter does it.

use crate::{Compiled, Declined, Observed};
use std::time::{Duration, Instant};
use tla_explore::interpret::Interpreted;
use tla_explore::{
    Ended, Exploration, Limit, Options, Outcome, States, SystemError, TransitionSystem, explore, explore_keeping_states,
};
use tla_model::ir::Node;
use tla_model::model::Model;
use verdict::{Event, EventSink};

/// Distinct states after which a model is worth compiling.
const HEAD_START: u64 = 10_000;

/// Time after which the interpreter is too slow to be waited for. It decides who searches, not what is found.
const HEAD_START_TIME: Duration = Duration::from_millis(250);

/// States from which shapes are guessed, beside random walks.
const SAMPLE: usize = 5_000;

/// Shapes that are tried.
const ROUNDS: usize = 8;

/// Stack of the thread that samples and compiles; reserved, not used. The evaluator recurses.
pub(crate) const STACK: usize = 512 << 20;

/// What the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evaluator {
    /// Whichever is faster.
    #[default]
    Auto,
    /// The interpreter.
    Interpret,
    /// Generated code, or nothing.
    Compile,
}

/// A search that has ended.
pub struct Explored {
    /// What was found; states are in the interpreter's words, whoever searched.
    pub exploration: Exploration,
    /// All states, if the interpreter searched.
    pub states: Option<States>,
    /// Why the interpreter did it, if generated code was to.
    pub declined: Option<Box<Declined>>,
}

/// Says when to stop, and nothing else: what a first attempt says is said again by the second.
struct Muted<'e> {
    events: &'e dyn EventSink,
    until: Instant,
}

impl EventSink for Muted<'_> {
    fn send(&self, _event: Event) {}

    fn interrupted(&self) -> bool {
        self.events.interrupted() || Instant::now() >= self.until
    }
}

/// Explores a model.
///
/// # Errors
/// [`Declined`] if generated code is asked for and cannot be had.
pub fn explore_with(
    system: &Interpreted<'_>,
    evaluator: Evaluator,
    options: &Options,
    events: &dyn EventSink,
) -> Result<Explored, Box<Declined>> {
    explore_by(system, evaluator, options, events, None)
}

/// Takes states in the interpreter's words.
pub type Take<'t> = dyn FnMut(&[u32]) + Send + 't;

/// Explores a model by whatever is faster and hands over the states, in no particular order: all of them if the search is
/// complete, those that it came to at a limit.
pub fn explore_taking(
    system: &Interpreted<'_>,
    options: &Options,
    events: &dyn EventSink,
    take: &mut Take<'_>,
) -> Exploration {
    match explore_by(system, Evaluator::Auto, options, events, Some(take)) {
        Ok(Explored { exploration, states, .. }) => {
            if let (Outcome::Complete | Outcome::Capacity(_), Some(states)) = (&exploration.outcome, states) {
                states.for_each(take);
            }
            exploration
        }
        // Only where generated code alone is asked for.
        Err(_) => explore(system, options, events),
    }
}

fn explore_by(
    system: &Interpreted<'_>,
    evaluator: Evaluator,
    options: &Options,
    events: &dyn EventSink,
    take: Option<&mut Take<'_>>,
) -> Result<Explored, Box<Declined>> {
    let interpret = |declined| {
        let (exploration, states) = explore_keeping_states(system, options, events);
        Explored { exploration, states: Some(states), declined }
    };
    if evaluator == Evaluator::Interpret {
        return Ok(interpret(None));
    }
    if let Err(declined) = worth_compiling(system.model) {
        return if evaluator == Evaluator::Compile { Err(declined) } else { Ok(interpret(Some(declined))) };
    }
    if evaluator == Evaluator::Auto {
        let most = options.max_states.map_or(HEAD_START, |most| most.min(HEAD_START));
        let first = Options { max_states: Some(most), ..options.clone() };
        let muted = Muted { events, until: Instant::now() + HEAD_START_TIME };
        let (exploration, states) = explore_keeping_states(system, &first, &muted);
        let asked = options.max_states.is_some_and(|asked| asked <= most);
        let limited = match &exploration.outcome {
            Outcome::Capacity(Limit::States(_)) => !asked,
            Outcome::Interrupted | Outcome::Found { ended: Ended::Interrupted, .. } => !events.interrupted(),
            Outcome::Complete
            | Outcome::Capacity(_)
            | Outcome::Error(_)
            | Outcome::Found {
                ended: Ended::AtFinding | Ended::Complete | Ended::Capacity(_) | Ended::Error(_), ..
            } => false,
        };
        if !limited {
            return Ok(Explored { exploration, states: Some(states), declined: None });
        }
    }
    let impatient = evaluator == Evaluator::Auto;
    match compile_and_explore(system, impatient, options, events, take) {
        Ok(explored) => Ok(explored),
        Err(declined) if evaluator == Evaluator::Compile => Err(declined),
        Err(declined) => Ok(interpret(Some(declined))),
    }
}

fn compile_and_explore(
    system: &Interpreted<'_>,
    impatient: bool,
    options: &Options,
    events: &dyn EventSink,
    take: Option<&mut Take<'_>>,
) -> Result<Explored, Box<Declined>> {
    let mut observed = on_large_stack(|| Ok(system.unwatched(|| Observed::sample(system, SAMPLE, options.workers))))?;
    for _ in 0..ROUNDS {
        let compiled = on_large_stack(|| Compiled::new(system, &observed))?;
        let compiled = if impatient { compiled.impatient() } else { compiled };
        let (exploration, states) = explore_keeping_states(&compiled, options, events);
        if compiled.gave_up() {
            let (_, reasons) = compiled.left();
            let (span, why) = reasons.first().map_or((None, "unknown"), |(span, why, _)| (*span, *why));
            let reason = format!("most states were left to the interpreter, most often for this: {why}");
            return Err(Box::new(Declined { reason, span }));
        }
        match compiled.misfits() {
            Some(more) => observed = observed.with(&more),
            None => {
                let exploration = on_large_stack(|| {
                    let ended = &exploration.outcome;
                    if let (Outcome::Complete | Outcome::Capacity(_), Some(take)) = (ended, take) {
                        compiled.worker().hand_over(&states, take).map_err(|error| cannot_tell(&error))?;
                    }
                    translated(&compiled, exploration)
                })?;
                return Ok(Explored { exploration, states: None, declined: None });
            }
        }
    }
    let reason = format!("the values of the variables had no place in any of {ROUNDS} shapes that were tried");
    Err(Box::new(Declined { reason, span: None }))
}

/// The same with states in the interpreter's words, so that whoever tells of them need not know who searched.
fn translated(compiled: &Compiled<'_>, mut exploration: Exploration) -> Result<Exploration, Box<Declined>> {
    let mut worker = compiled.worker();
    let mut trace = |states: &mut Vec<Vec<u32>>| -> Result<(), Box<Declined>> {
        for state in states {
            *state = worker.interpreted_words(state).map_err(|error| cannot_tell(&error))?;
        }
        Ok(())
    };
    match &mut exploration.outcome {
        Outcome::Found { findings, ended } => {
            findings.iter_mut().try_for_each(|finding| trace(&mut finding.trace))?;
            match ended {
                Ended::Error(error) => trace(&mut error.trace)?,
                Ended::AtFinding | Ended::Complete | Ended::Interrupted | Ended::Capacity(_) => {}
            }
        }
        Outcome::Error(error) => trace(&mut error.trace)?,
        Outcome::Complete | Outcome::Interrupted | Outcome::Capacity(_) => {}
    }
    Ok(exploration)
}

fn cannot_tell(error: &SystemError) -> Box<Declined> {
    Box::new(Declined { reason: format!("a state cannot be told: {}", error.message), span: None })
}

fn on_large_stack<R: Send>(run: impl FnOnce() -> Result<R, Box<Declined>> + Send) -> Result<R, Box<Declined>> {
    let failed = |what: &str| Err(Box::new(Declined { reason: what.to_owned(), span: None }));
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => failed("no thread can be started to compile the model"),
        }
    })
}

/// Whether there is no reason, known without compiling, to leave a model to the interpreter.
fn worth_compiling(model: &Model) -> Result<(), Box<Declined>> {
    let declined = |reason: &str, node: Option<&Node>| {
        Err(Box::new(Declined { reason: reason.to_owned(), span: node.map(|node| node.span) }))
    };
    if let Some(part) = model.temporal_properties.first() {
        return declined("a temporal property is checked on the interpreter's states", Some(&part.formula.node));
    }
    let mut facts = crate::generate::facts::Facts::default();
    if Interpreted::may_end_the_search(model) {
        return declined("the specification may end the search, with TLCSet(\"exit\", TRUE)", None);
    }
    for formula in model.init.iter().chain(&model.next) {
        if !facts.is_pure(&model.code, &formula.node) {
            return declined("operators that do more than give a value, or ENABLED", Some(&formula.node));
        }
    }
    Ok(())
}
