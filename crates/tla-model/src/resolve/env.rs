//! Where an expression is read: instance context, module, local names, frame owner.

use super::scope::ModuleId;
use crate::ir::{DefinitionId, Level, SlotIndex};
use std::cell::Cell;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{Definition, Expr, Instance, Name};

/// Number of an instance context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContextId(pub u32);

/// A module under a substitution. The root module is context 0 without one.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The module that is instantiated.
    pub module: ModuleId,
    /// The instantiation; `None` for the root.
    pub instance: Option<&'a Instance>,
    /// The context in which the substituted expressions are read.
    pub parent: ContextId,
    /// The module in which the `INSTANCE` stands.
    pub home: ModuleId,
    /// Parameters of the instance: their names; their slots come after those of the enclosing contexts.
    pub params: Vec<Name>,
    /// Number of parameters of all enclosing contexts.
    pub params_before: usize,
    /// For an instance inside `LET`, the environment it stands in.
    pub let_env: Option<Rc<Env<'a>>>,
    /// How a reader would write the prefix of its names: `I!`.
    pub prefix: String,
}

/// What a local name means.
#[derive(Debug, Clone)]
pub enum Local<'a> {
    /// A bound name: a value that primes leave alone.
    Bound(SlotIndex),
    /// A parameter of a definition, of the given arity, whether the arguments it gets were primed already, and the
    /// [`Env::moment`] in which it got them.
    Param(SlotIndex, usize, bool, u32),
    /// A name defined by `LET` without parameters, and its level.
    LetName(SlotIndex, &'a Definition, Rc<Env<'a>>, Level),
    /// An operator defined by `LET`.
    LetOperator(Rc<LetOperator<'a>>),
    /// An instance defined by `LET`.
    LetInstance(ContextId),
    /// A parameter that is replaced by its argument, because the definition primes it, and whether the text in which
    /// it stands was primed as a whole.
    Alias(Rc<Operand<'a>>, bool),
}

/// An operator defined by `LET`, compiled when first used, with and without prime.
#[derive(Debug)]
pub struct LetOperator<'a> {
    /// Its text.
    pub definition: &'a Definition,
    /// Where it stands; filled after it was declared, because it may use itself.
    pub env: std::cell::OnceCell<Env<'a>>,
    /// Numbers of its compilations: plain, primed, and both inside of an `ENABLED` that binds primed variables.
    pub ids: [Cell<Option<DefinitionId>>; 4],
}

/// An argument that is not compiled yet.
#[derive(Debug, Clone)]
pub enum Operand<'a> {
    /// An expression and where it is read.
    Expr(&'a Expr, Env<'a>),
    /// A slot of the present frame that holds a value, and the place to name in messages.
    Slot(SlotIndex, Span),
}

/// A chain of local names, innermost first.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The name.
    pub name: Name,
    /// What it means.
    pub local: Local<'a>,
    /// Where it was declared.
    pub span: Span,
    /// The names around it.
    pub outer: Locals<'a>,
}

/// Local names.
pub type Locals<'a> = Option<Rc<Scope<'a>>>;

/// Where an expression is read.
#[derive(Debug, Clone)]
pub struct Env<'a> {
    /// Instance context.
    pub context: ContextId,
    /// Module whose names are visible.
    pub module: ModuleId,
    /// Local names.
    pub locals: Locals<'a>,
    /// Whose frame the slots belong to.
    pub owner: DefinitionId,
    /// Slots of the parameters of the instance contexts, outermost first.
    pub context_slots: Rc<[SlotIndex]>,
    /// Whether the expression is primed.
    pub primed: bool,
    /// The instance in whose text an `ENABLED` stands around the expression: its primed variables are bound by the
    /// `ENABLED` and do not stand for the substituted expressions (*Specifying Systems*, section 17.8).
    pub bound: Option<ContextId>,
    /// Text position that decides which definitions of the module are visible; `None` if all are.
    pub position: Option<Span>,
    /// Slot of `@`, and whether it was read.
    pub at: Option<(SlotIndex, Rc<Cell<bool>>)>,
    /// How deep definitions were replaced by their text.
    pub inlined: u32,
    /// The second half of which composition `A \cdot B` the expression stands in: there unprimed variables are those of
    /// the intermediate state, so that what was evaluated outside may not be used. 0 if in none.
    pub moment: u32,
}

impl<'a> Env<'a> {
    /// The local name, if there is one.
    pub fn find(&self, name: &str) -> Option<&Scope<'a>> {
        let mut scope = self.locals.as_deref();
        while let Some(here) = scope {
            if &*here.name == name {
                return Some(here);
            }
            scope = here.outer.as_deref();
        }
        None
    }

    /// The environment with one more local name.
    pub fn with(&self, name: &Name, span: Span, local: Local<'a>) -> Self {
        let scope = Scope { name: name.clone(), local, span, outer: self.locals.clone() };
        Self { locals: Some(Rc::new(scope)), ..self.clone() }
    }

    /// The environment in which everything is primed.
    pub fn primed(&self) -> Self {
        Self { primed: true, ..self.clone() }
    }

    /// The environment in the second half of a composition.
    pub fn at_moment(&self, moment: u32) -> Self {
        Self { moment, ..self.clone() }
    }

    /// The environment inside of an `ENABLED` that stands here.
    pub fn enabled(&self) -> Self {
        Self { bound: Some(self.context), ..self.clone() }
    }

    /// Slots that an operator or rule written here may read.
    pub fn visible_slots(&self) -> Box<[SlotIndex]> {
        let mut slots: Vec<SlotIndex> = self.context_slots.to_vec();
        let mut scope = self.locals.as_deref();
        while let Some(here) = scope {
            match &here.local {
                Local::Bound(slot) | Local::Param(slot, ..) | Local::LetName(slot, ..) => slots.push(*slot),
                Local::Alias(operand, _) => match &**operand {
                    Operand::Expr(_, env) => slots.extend(env.visible_slots()),
                    Operand::Slot(slot, _) => slots.push(*slot),
                },
                Local::LetOperator(_) | Local::LetInstance(_) => {}
            }
            scope = here.outer.as_deref();
        }
        if let Some((slot, _)) = &self.at {
            slots.push(*slot);
        }
        slots.sort_unstable();
        slots.dedup();
        slots.into()
    }
}
