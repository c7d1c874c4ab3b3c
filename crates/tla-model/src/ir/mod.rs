//! The resolved tree: what the evaluator runs.
//!
//! Every name is gone: bound names and parameters are slots of a frame, variables are numbers, definitions are
//! numbers of [`Code::definitions`]. Primes were pushed down to the variables (`(x + y)'` is `x' + y'`), instances were
//! replaced by the definitions of the instantiated module under the substitution, configuration overrides were
//! applied. The tree holds no values, only scalars, and is shared by all workers.
//!
//! Frames. A *frame owner* is a top-level definition (or an expression of the configuration). Every binder inside its
//! text has a slot of its own in the owner's frame; slots are never reused within a frame, so that a continuation of
//! the action evaluator or a delayed argument can never find its slot overwritten by a sibling. Operators defined by
//! `LET` and `LAMBDA` run in a fresh frame of the *same layout* into which the visible slots are copied.

pub mod primitive;
pub mod walk;

pub use primitive::Primitive;
use tla_syntax::Span;

use crate::value::{ModelValueId, StringId};
use std::sync::Arc;

/// Number of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionId(pub u32);

/// A slot of a frame.
pub type SlotIndex = u32;

/// Levels of *Specifying Systems*, section 17.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// No variables.
    Constant,
    /// Unprimed variables.
    State,
    /// Primed variables.
    Action,
    /// Temporal operators.
    Temporal,
}

impl Level {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::State => "state",
            Self::Action => "action",
            Self::Temporal => "temporal",
        }
    }
}

/// A node of the resolved tree.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// The text it came from.
    pub span: Span,
}

/// A definition.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its name as a reader would write it (`I!Op`).
    pub name: Arc<str>,
    /// Slots of its parameters, in order.
    pub params: Box<[SlotIndex]>,
    /// Slots copied from the frame of the caller: those visible where a `LET` definition stands. Empty otherwise.
    pub inherits: Box<[SlotIndex]>,
    /// Whose frame layout it uses; itself for a top-level definition.
    pub owner: DefinitionId,
    /// Slots of a frame; meaningful for owners only.
    pub frame: u32,
    /// The right-hand side.
    pub body: Node,
    /// The level of the body, parameters counted as constant.
    pub level: Level,
    /// The whole definition.
    pub span: Span,
    /// The outermost `INSTANCE` statement through which it is read, if that substitutes anything.
    pub instance: Option<Span>,
    /// Where its value is remembered, for a definition without parameters whose value depends on the states alone.
    pub memory: Option<u32>,
    /// Names of slots, for owners: what a reader calls them.
    pub slot_names: Vec<(SlotIndex, Arc<str>)>,
}

/// The right-hand side of a set filter or a function that may have to be kept as a rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Bound names with their sets.
    pub binders: Box<[Binder]>,
    /// Predicate or value.
    pub body: Node,
    /// Slots that must be captured if the rule outlives its frame.
    pub inherits: Box<[SlotIndex]>,
    /// Whose frame layout the body uses.
    pub owner: DefinitionId,
    /// For `f[x \in S] == e`, the slot that holds `f` itself.
    pub itself: Option<SlotIndex>,
    /// The name of the function, for messages.
    pub name: Option<Arc<str>>,
}

/// A bound name or tuple of names and its set.
#[derive(Debug, Clone)]
pub struct Binder {
    /// What the elements are bound to.
    pub pattern: Pattern,
    /// The set; `None` if it is the set of the binder before (`x, y \in S`).
    pub set: Option<Node>,
}

/// What an element is bound to.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// One slot.
    Slot(SlotIndex),
    /// A tuple of slots.
    Tuple(Box<[SlotIndex]>),
}

/// An argument of an operator.
#[derive(Debug, Clone)]
pub enum Argument {
    /// Cheap and certain to be defined: evaluated at once.
    Eager(Node),
    /// Evaluated when first read.
    Delayed(Node),
    /// An operator for an operator parameter.
    Operator(Operator),
}

/// An operator as an argument.
#[derive(Debug, Clone)]
pub enum Operator {
    /// A `LAMBDA`, or a named operator wrapped into one.
    Lambda(Box<Lambda>),
    /// An operator parameter passed on.
    Slot(SlotIndex),
}

/// A `LAMBDA` expression.
#[derive(Debug, Clone)]
pub struct Lambda {
    /// Slots of its parameters.
    pub params: Box<[SlotIndex]>,
    /// Its body.
    pub body: Node,
    /// Slots that are visible where it stands.
    pub inherits: Box<[SlotIndex]>,
    /// Whose frame layout it uses.
    pub owner: DefinitionId,
}

/// One step of the path of an update.
#[derive(Debug, Clone)]
pub enum PathStep {
    /// `[e]`.
    Index(Node),
    /// `.field`.
    Field(StringId),
}

/// `!.a[1] = e`.
#[derive(Debug, Clone)]
pub struct Update {
    /// The path, not empty.
    pub path: Box<[PathStep]>,
    /// The slot that holds `@`; `None` if the value does not mention it.
    pub old: Option<SlotIndex>,
    /// The new value.
    pub value: Node,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// `TRUE`, `FALSE`.
    Bool(bool),
    /// A small number.
    Int(i64),
    /// A string literal.
    String(StringId),
    /// A model value.
    Model(ModelValueId),
    /// A constant that was given or computed before the search, by number.
    Constant(u32),
    /// A definition of constant level without parameters: evaluated once by each worker.
    ConstantDefinition(u32, DefinitionId),
    /// A bound name or parameter.
    Slot(SlotIndex),
    /// A variable in the current state.
    Variable(u32),
    /// A variable in the next state, or one that an `ENABLED` binds.
    Primed(u32),
    /// A call of a definition.
    Call(DefinitionId, Box<[Argument]>),
    /// A call of an operator parameter.
    CallSlot(SlotIndex, Box<[Argument]>),
    /// A primitive operator.
    Primitive(Primitive, Box<[Node]>),
    /// A primitive operator that takes operators.
    HigherOrder(Primitive, Box<[Node]>, Box<[Operator]>),
    /// Conjunction, left to right.
    And(Box<[Node]>),
    /// Disjunction, left to right.
    Or(Box<[Node]>),
    /// Negation.
    Not(Box<Node>),
    /// `a => b`; the number marks that the antecedent was true (vacuity).
    Implies(Box<Node>, Box<Node>, u32),
    /// `a <=> b`.
    Equivalent(Box<Node>, Box<Node>),
    /// Conditional.
    If(Box<Node>, Box<Node>, Box<Node>),
    /// `CASE`.
    Case(Box<[(Node, Node)]>, Option<Box<Node>>),
    /// `LET` of a name without parameters: evaluated when first read.
    Let(SlotIndex, Box<Node>, Box<Node>),
    /// `\A`; the number marks that the body was evaluated (vacuity).
    Forall(Box<[Binder]>, Box<Node>, u32),
    /// `\E`.
    Exists(Box<[Binder]>, Box<Node>),
    /// `CHOOSE x \in S : p`.
    Choose(Pattern, Box<Node>, Box<Node>),
    /// `CHOOSE x : p`, which nobody can evaluate.
    ChooseUnbounded,
    /// An unbounded quantifier.
    QuantifierUnbounded,
    /// `{a, b}`.
    SetEnumeration(Box<[Node]>),
    /// `{x \in S : p}`.
    Filter(u32),
    /// `{e : x \in S}`.
    SetMap(Box<[Binder]>, Box<Node>),
    /// `[x \in S |-> e]` and `f[x \in S] == e`.
    Function(u32),
    /// `[S -> T]`.
    FunctionSet(Box<Node>, Box<Node>),
    /// `[a |-> 1]`; fields ascending.
    Record(Arc<[StringId]>, Box<[Node]>),
    /// `[a : S]`; fields ascending.
    RecordSet(Arc<[StringId]>, Box<[Node]>),
    /// `<<a, b>>`.
    Tuple(Box<[Node]>),
    /// `S \X T`.
    Product(Box<[Node]>),
    /// `f[x]`.
    Apply(Box<Node>, Box<Node>),
    /// `r.a`.
    Field(Box<Node>, StringId),
    /// `[f EXCEPT …]`.
    Except(Box<Node>, Box<[Update]>),
    /// `UNCHANGED` of variables only.
    UnchangedVariables(Box<[u32]>),
    /// `UNCHANGED e` of any other expression, and the same expression primed.
    Unchanged(Box<Node>, Box<Node>),
    /// `[A]_v`, with `v` and `v'`.
    BoxAction(Box<Node>, Box<Node>, Box<Node>),
    /// `<<A>>_v`, with `v` and `v'`.
    AngleAction(Box<Node>, Box<Node>, Box<Node>),
    /// `ENABLED A`.
    Enabled(Box<Node>),
    /// `A \cdot B`.
    Compose(Box<Node>, Box<Node>),
    /// `[]F`.
    Always(Box<Node>),
    /// `<>F`.
    Eventually(Box<Node>),
    /// `F ~> G`.
    LeadsTo(Box<Node>, Box<Node>),
    /// `WF_v(A)`, with `v` and `v'`.
    WeakFairness(Box<Node>, Box<Node>, Box<Node>),
    /// `SF_v(A)`, with `v` and `v'`.
    StrongFairness(Box<Node>, Box<Node>, Box<Node>),
    /// A construct that is understood but not supported; evaluating it is declined with this reason.
    Declined(Arc<str>),
}

/// Everything that is evaluated, shared by all workers.
#[derive(Debug, Default)]
pub struct Code {
    /// All definitions.
    pub definitions: Vec<Definition>,
    /// All filters and functions.
    pub rules: Vec<Rule>,
    /// Constants as bytes (see [`crate::value::codec`]).
    pub constants: Vec<Vec<u8>>,
    /// Number of [`Kind::ConstantDefinition`] caches.
    pub constant_definitions: u32,
    /// Number of [`Definition::memory`] places.
    pub memories: u32,
    /// Places of vacuity marks.
    pub marks: Vec<Span>,
    /// Number of primed variables beyond those of the model: the ones that an `ENABLED` inside of an instance binds.
    pub bound_variables: u32,
}

impl Code {
    /// The definition with this number.
    pub fn definition(&self, id: DefinitionId) -> &Definition {
        &self.definitions[id.0 as usize]
    }

    /// What a reader calls a slot of the frame that a definition runs in.
    pub fn slot_name(&self, definition: DefinitionId, slot: SlotIndex) -> Option<Arc<str>> {
        let owner = self.definition(self.definition(definition).owner);
        owner.slot_names.iter().find(|(known, _)| *known == slot).map(|(_, name)| name.clone())
    }

    /// Slots of the frame that a definition runs in.
    pub fn frame_size(&self, owner: DefinitionId) -> usize {
        self.definition(owner).frame as usize
    }
}
