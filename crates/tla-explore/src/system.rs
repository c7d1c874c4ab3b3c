//! The seam between a search and what it searches.
//!
//! A [`TransitionSystem`] is shared by all workers of a search; each worker thread owns one [`Worker`], which may keep
//! caches and values that cannot leave the thread. A state that crosses the seam is a slice of 32-bit words of a fixed
//! length. Two states are equal if and only if their words are equal: the interpreter interns the value of each
//! variable and hands out its number, generated code packs the values themselves. Nothing else is known of a state
//! here, so one search serves both.
//!
//! The worker drives, the search answers. For each generated state the worker calls [`Sink::generated`] *once*, in the
//! order of TLC's enumeration, and the answer says whether the state's properties have to be checked. That keeps the
//! values of a fresh state at hand for the check; the search never has to unpack a state.
//!
//! Invariants of the seam: enumeration order is a function of the state alone (not of the worker, of time, or of what
//! was seen before); a worker that returns `Ok` has reported every successor; nothing is skipped silently.

use std::io::{self, Read, Write};
use tla_syntax::source::Span;
use verdict::{Binding, FalseConjunct, TraceValue};

/// Number of an action in [`TransitionSystem::actions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ActionId(pub u32);

/// A named part of the next-state relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionInfo {
    /// Name of the definition, or `Next` where a disjunct has no name of its own.
    pub name: String,
    /// Where it is written.
    pub span: Span,
}

/// A generated state.
#[derive(Debug, Clone, Copy)]
pub struct Generated<'a> {
    /// The state.
    pub words: &'a [u32],
    /// What identifies the state in the seen set, where a view or symmetry is in force; otherwise equal to `words`.
    /// Always of length [`TransitionSystem::identity_words`].
    pub identity: &'a [u32],
    /// Whether all state and action constraints hold. A state outside is counted and checked, never kept.
    pub in_model: bool,
    /// The action that led here; meaningless for an initial state.
    pub action: ActionId,
}

/// What the search says to a generated state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Check the state's invariants.
    Check,
    /// The state was checked before.
    Known,
}

/// Whether a worker goes on after a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Return [`Stop::Requested`] at once.
    Stop,
}

/// A property that fails, by its number in the lists of the [`TransitionSystem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Broken {
    /// An invariant is false in the state generated last.
    Invariant(u32),
    /// An action property is false on the step to the state generated last.
    ActionProperty(u32),
    /// A property of initial states is false in the initial state generated last.
    InitialProperty(u32),
}

/// Rows of words, one after the other, each behind a header.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'w> {
    /// Headers and rows.
    pub words: &'w [u32],
    /// Words of a header.
    pub header: usize,
    /// Words of a row.
    pub width: usize,
}

impl<'w> Rows<'w> {
    /// The rows, without their headers.
    pub fn iter(&self) -> impl Iterator<Item = &'w [u32]> + use<'w> {
        let header = self.header;
        self.words.chunks_exact((header + self.width).max(1)).filter_map(move |row| row.get(header..))
    }
}

/// The search, as a worker sees it.
pub trait Sink {
    /// Takes a generated state.
    fn generated(&mut self, state: Generated<'_>) -> Answer;

    /// Takes note of states that count as generated and are none of the search: intermediate states of a composition of
    /// actions, and a successor that cannot be used because it is incomplete.
    fn passed(&mut self, _states: u64) {}

    /// Whether no further state is of use: the worker then returns [`Stop::Requested`]. Asked after an initial state.
    fn has_enough(&self) -> bool {
        false
    }

    /// Takes a violated property of the state generated last.
    fn broken(&mut self, broken: Broken) -> Flow;

    /// Counts of the search at this moment, for specifications that ask for them. `None` where they would depend on
    /// how several workers share the work, or where nothing is counted.
    fn counts(&self) -> Option<CountsSoFar> {
        None
    }
}

/// Counts of a search that goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CountsSoFar {
    /// States generated.
    pub generated: u64,
    /// Distinct states.
    pub distinct: u64,
    /// Distinct states that are not taken up for expansion yet.
    pub queue: u64,
    /// Greatest level of a distinct state.
    pub diameter: u32,
    /// Distinct initial states.
    pub initial: u64,
    /// What a simulation counts; none in a search.
    pub sampled: Option<Sampled>,
}

/// Counts of a simulation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sampled {
    /// Behaviors that were begun.
    pub behaviors: u64,
    /// Average number of states in a complete behavior, and the variance, in whole numbers.
    pub length: [u64; 2],
}

/// Why an enumeration ended early.
#[derive(Debug)]
pub enum Stop {
    /// The sink asked for it.
    Requested,
    /// Something cannot be evaluated.
    Error(Box<SystemError>),
}

/// Which part of the work could not be done. Exit codes depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// An assumption.
    Assumption,
    /// The initial predicate.
    Init,
    /// The next-state relation.
    Next,
    /// A state or action constraint, a view, a symmetry permutation.
    Constraint,
    /// The invariant with this number.
    Invariant(u32),
    /// The action property with this number.
    ActionProperty(u32),
    /// The initial-state property with this number.
    InitialProperty(u32),
    /// A predicate or action in a temporal formula.
    Temporal,
}

/// What sort of evaluation error it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The specification is undefined here: an application outside the domain, a comparison of unlike values.
    Undefined,
    /// `Assert` failed.
    Assert,
    /// A construct that is understood but not supported.
    Declined,
    /// A limit of size, depth or memory.
    Capacity,
    /// A defect of the engine.
    Internal,
    /// The run was stopped from outside; nothing is said about the specification.
    Interrupted,
}

/// An evaluation error.
#[derive(Debug, Clone)]
pub struct SystemError {
    /// What was being done.
    pub phase: Phase,
    /// What sort.
    pub class: ErrorClass,
    /// What happened.
    pub message: String,
    /// The innermost expression, if known.
    pub span: Option<Span>,
    /// Calls from the outside in, `(what, where)`.
    pub calls: Vec<(String, Span)>,
    /// What the user can do; may be empty.
    pub remedy: String,
    /// The state that was being generated, as far as it was known (for a successor that leaves a variable without a
    /// value): pairs of variable and printed value.
    pub partial_state: Vec<(String, String)>,
}

/// The step between two states, told for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepInfo {
    /// The action's name.
    pub action: String,
    /// Where it is written.
    pub span: Option<Span>,
    /// Its bound parameters.
    pub bindings: Vec<Binding>,
}

/// A part of the specification whose never being reached makes a property hold for an empty reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// The property concerned.
    pub property: Broken,
    /// The antecedent or quantifier body.
    pub span: Span,
    /// What it is, in words: `antecedent never true`.
    pub what: &'static str,
}

/// What one worker learned on the way; merged over all workers at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// For each vacuity mark of the system (see [`TransitionSystem::unreached`]) whether it was reached.
    pub marks: Vec<bool>,
}

impl Reached {
    /// Joins what two workers learned.
    pub fn merge(&mut self, other: &Self) {
        if self.marks.len() < other.marks.len() {
            self.marks.resize(other.marks.len(), false);
        }
        for (mine, theirs) in self.marks.iter_mut().zip(&other.marks) {
            *mine |= *theirs;
        }
    }
}

/// What is searched. Shared by all threads.
pub trait TransitionSystem: Sync {
    /// The part that belongs to one thread.
    type Worker<'a>: Worker
    where
        Self: 'a;

    /// Words of a state.
    fn state_words(&self) -> usize;

    /// Words of an identity; see [`Generated::identity`].
    fn identity_words(&self) -> usize {
        self.state_words()
    }

    /// Whether the identity of a state is the state itself (no view, no symmetry). The store then keeps one copy.
    fn identity_is_state(&self) -> bool {
        true
    }

    /// Named parts of the next-state relation.
    fn actions(&self) -> &[ActionInfo];

    /// Makes the part for one thread. Called on that thread.
    fn worker(&self) -> Self::Worker<'_>;

    /// Memory that the system itself holds for interned values and the like, in bytes.
    fn memory_bytes(&self) -> u64;

    /// Says whether evaluations under way are to end with [`ErrorClass::Interrupted`], as far as the system can let them.
    fn interrupt(&self, _interrupted: bool) {}

    /// Writes down what words of states refer to outside of the states, for a search that will be resumed.
    ///
    /// # Errors
    /// If writing fails, or the system cannot be saved at all: [`io::ErrorKind::Unsupported`], as it is unless a system
    /// says otherwise.
    fn save(&self, _output: &mut dyn Write) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "this system cannot be saved"))
    }

    /// Reads what [`TransitionSystem::save`] wrote, into a system that was made for the same model and has not been used.
    ///
    /// # Errors
    /// If reading fails, or what is read does not fit.
    fn restore(&self, _input: &mut dyn Read) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "this system cannot be saved"))
    }

    /// Vacuity: the marks that no worker reached.
    fn unreached(&self, reached: &Reached) -> Vec<Unreached>;
}

/// The part of a [`TransitionSystem`] that belongs to one thread.
pub trait Worker {
    /// Enumerates the initial states.
    ///
    /// # Errors
    /// [`Stop::Requested`] if the sink said so, [`Stop::Error`] if the initial predicate or a property of an initial
    /// state cannot be evaluated.
    fn initial<S: Sink>(&mut self, sink: &mut S) -> Result<(), Stop>;

    /// Enumerates the successors of a state. The search itself finds a deadlock: no successor was generated.
    ///
    /// # Errors
    /// [`Stop::Requested`] if the sink said so, [`Stop::Error`] if the next-state relation, a constraint or a property
    /// cannot be evaluated.
    fn successors<S: Sink>(&mut self, state: &[u32], sink: &mut S) -> Result<(), Stop>;

    /// Generates the successors of a state before they are asked for, if nobody can tell: their rows, in their order. A call
    /// of [`Worker::successors`] with that state comes after at most one other, or never.
    fn foresee(&mut self, _state: &[u32]) -> Option<Rows<'_>> {
        None
    }

    /// Enumerates the successors of a state in an order drawn from the seed, and stops at the first that is in the model.
    /// A worker that cannot do better enumerates all of them in their order.
    ///
    /// # Errors
    /// As [`Worker::successors`].
    fn random_successor<S: Sink>(&mut self, state: &[u32], _seed: u64, sink: &mut S) -> Result<(), Stop> {
        self.successors(state, sink)
    }

    /// Whether the specification asked for the end of the run, with `TLCSet("exit", TRUE)`. It stays asked for; where several
    /// workers search, nobody may ask.
    fn asked_to_end(&self) -> bool {
        false
    }

    /// Says at which level the state of the next call lies, initial states being level 1, for specifications that ask for
    /// it. Holds for one call.
    fn at_level(&mut self, _level: u32) {}

    /// Says to which behavior of a simulation the state of the next call belongs: its number, from 1, its states up to this
    /// one, and the actions of its steps. For specifications that ask for it.
    fn in_behavior(&mut self, _number: u64, _states: &[Vec<u32>], _actions: &[ActionId]) {}

    /// Values of the variables, in the order of declaration.
    fn state_values(&mut self, state: &[u32]) -> Vec<(String, TraceValue)>;

    /// What is shown instead of one of the states of a behavior (`ALIAS`), given the index of the state and that of the one
    /// after it. `None` where states are shown as they are.
    fn alias_values(&mut self, _states: &[Vec<u32>], _index: usize, _next: usize) -> Option<Vec<(String, TraceValue)>> {
        None
    }

    /// The first step, in enumeration order, that leads from one state to the other.
    ///
    /// # Errors
    /// If there is no such step (a defect) or it cannot be evaluated.
    fn step(&mut self, from: &[u32], to: &[u32]) -> Result<StepInfo, Box<SystemError>>;

    /// Which parts of a broken property are false. `from` is the state before, for an action property.
    fn explain(&mut self, broken: Broken, from: Option<&[u32]>, state: &[u32]) -> Vec<FalseConjunct>;

    /// What this worker learned on the way.
    fn reached(&self) -> Reached;
}
