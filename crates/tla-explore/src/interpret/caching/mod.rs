//! Successors by replaying what was recorded.
//!
//! The next-state relation is taken apart into its actions with their parameters ([`tla_model::eval::parts`]). The first
//! time an action meets a state whose answers are new to it, it is evaluated and its [footprint](tla_model::eval::footprint)
//! is recorded together with its steps: for each variable whether it is kept, gets a certain value, or is changed in a
//! certain way. Every other time its steps are read off a [decision tree](tree). Invariants are treated alike, conjunct
//! by conjunct and instance by instance.
//!
//! This is no second semantics: nothing here knows what an operator means. What was evaluated once is used again where
//! everything that was asked has the same answer. Enumeration order, counts and findings are those of evaluation proper;
//! `tests/caching.rs` runs both side by side.
//!
//! A part that rarely meets an answer twice (it asks for a whole variable that always differs) is evaluated as ever
//! from then on. What is kept is bounded; when it grows too large, everything is forgotten and recorded afresh.

mod ask;
mod columns;
mod dispatch;
mod judge;
mod run;
mod tree;

use columns::NO_ROW;
pub(super) use columns::Values;
use dispatch::Dispatch;
pub(super) use judge::About;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::eval::parts::{Bound, Choice};
use tla_model::eval::residual::Change;
use tla_model::ir::walk::children;
use tla_model::ir::{Code, Kind, Node, Primitive};
use tree::{Forest, Link};

/// Number of a part.
type PartId = u32;

/// How a variable gets its value in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Assigned {
    /// This word.
    Word(u32),
    /// The current value with the changes of this number.
    Changed(u32),
}

/// One step that a part allows. Variables that are not mentioned are kept.
#[derive(Debug)]
struct Step {
    action: u32,
    assigned: Box<[(u32, Assigned)]>,
}

/// What an evaluation came to.
#[derive(Debug)]
enum Outcome {
    /// The steps of an action, in order.
    Steps(Rc<[Step]>),
    /// The parts into which a quantifier over a set of the state falls.
    Parts(Rc<[PartId]>),
    /// The truth value of a part of an invariant.
    Truth(bool),
}

/// A part of the next-state relation or of an invariant.
struct Part {
    path: Rc<[Choice]>,
    /// Whether it is a quantifier over a set that depends on the state.
    quantifier: bool,
    tree: Link,
    hits: u64,
    misses: u64,
    /// Evaluated without being recorded, because recording did not pay.
    plain: bool,
}

/// A formula in parts.
enum Taken {
    /// Not looked at yet.
    NotYet,
    /// These parts, in order.
    Apart(Rc<[PartId]>),
    /// It is evaluated as a whole.
    Whole,
}

/// What a worker has recorded.
pub(super) struct Cache {
    /// Whether the model may be treated this way at all.
    on: bool,
    forest: Forest,
    outcomes: Vec<Outcome>,
    steps: usize,
    parts: Vec<Part>,
    instances: FxHashMap<(PartId, Bound), Rc<[PartId]>>,
    next: Taken,
    /// Invariants by conjunct, then the other formulas that are judged.
    judged: Vec<Taken>,
    changes: Vec<Rc<[Change]>>,
    change_numbers: FxHashMap<(u32, Rc<[Change]>), u32>,
    changed: FxHashMap<(u32, u32), u32>,
    scratch: Vec<u32>,
    /// Where the state that is expanded stands in the tables, and its successor.
    rows: [Vec<u32>; 2],
    dispatch: Dispatch,
    selected: Vec<u64>,
    /// States expanded since recording began.
    expanded: u64,
    resets: u32,
}

/// Evaluations of a part after which it must have paid to record them.
const PROBATION: u64 = 400;

/// Nodes, outcomes, steps and cells that a worker keeps at most: about 32 bytes each.
const MOST_KEPT: usize = 4_000_000;

/// Results of changes that a worker keeps at most: 16 bytes each.
const MOST_CHANGED: usize = 1_000_000;

/// After this many fresh starts, recording is given up.
const MOST_RESETS: u32 = 8;

/// More steps of one part than this are not recorded.
const MOST_STEPS: usize = 4_096;

impl Cache {
    pub(super) fn new(on: bool, variables: usize, judged: usize) -> Self {
        Self {
            on,
            forest: Forest::new(variables),
            outcomes: Vec::new(),
            steps: 0,
            parts: Vec::new(),
            instances: FxHashMap::default(),
            next: Taken::NotYet,
            judged: (0..judged).map(|_| Taken::NotYet).collect(),
            changes: Vec::new(),
            change_numbers: FxHashMap::default(),
            changed: FxHashMap::default(),
            scratch: Vec::new(),
            rows: [vec![NO_ROW; variables], vec![NO_ROW; variables]],
            dispatch: Dispatch::default(),
            selected: Vec::new(),
            expanded: 0,
            resets: 0,
        }
    }

    /// Starts afresh if too much is kept. Called between two states.
    fn tidy(&mut self) {
        if self.forest.size() + self.outcomes.len() + self.steps < MOST_KEPT {
            return;
        }
        let resets = self.resets + 1;
        *self = Self::new(resets <= MOST_RESETS, self.rows[0].len(), self.judged.len());
        self.resets = resets;
    }
}

impl Part {
    fn new(path: &[Choice], quantifier: bool) -> Self {
        Self { path: path.into(), quantifier, tree: Link::Open, hits: 0, misses: 0, plain: false }
    }

    /// Counts a walk that found nothing, and decides whether recording pays, given how often the part was needed.
    fn missed(&mut self, needed: u64) {
        self.misses += 1;
        if self.misses.is_multiple_of(PROBATION) && needed < 3 * self.misses {
            self.plain = true;
            self.tree = Link::Open;
        }
    }
}

/// Whether evaluation depends on states and constants alone, and does nothing but give a value.
pub(super) fn is_replayable(code: &Code) -> bool {
    code.definitions.iter().all(|definition| replayable(code, &definition.body))
}

fn replayable(code: &Code, node: &Node) -> bool {
    let mut all = match &node.kind {
        Kind::Primitive(primitive, _) | Kind::HigherOrder(primitive, ..) => {
            !primitive.does_more() && !matches!(primitive, Primitive::AssertEq | Primitive::AssertError)
        }
        Kind::Compose(..) => false,
        _ => true,
    };
    children(code, node, &mut |child| all = all && replayable(code, child));
    all
}
