//! Terms as a target of the [walk](crate::walk): values over integers that have no bound.
//!
//! Integers are terms, strings and model values numbers of a table. A set is a list of elements, themselves symbolic, each
//! with the condition under which it is there. Sets without an end stay what they are: only membership is asked of them, or
//! one element is chosen. What ranges over all integers is a quantifier of the solver.

mod arithmetic;
mod choice;
mod compare;
mod encode;
mod quantify;
mod set;
mod table;
mod values;

use super::shape::Shape;
use super::term::{FALSE, Role, Sort, TRUE, Term, Terms};
use crate::engine::Watch;
use crate::walk::Algebra;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::eval::Machine;
use tla_model::model::Model;
use tla_model::value::Value;

pub use crate::walk::{MOST_VALUES, Made, declined};

/// Most terms.
const MOST_TERMS: usize = 3_000_000;

/// Problems of SMT-LIB.
#[derive(Clone)]
pub struct Smt;

/// A value of terms that has no structure for the walk.
#[derive(Clone)]
pub enum Own<'m> {
    /// An integer.
    Int(Term),
    /// A string or model value: its number in the table, and which it can be.
    Atom(Term, Rc<[u32]>),
    /// A function on all integers, or all natural numbers, by the arrays of the places of its values.
    Table(Rc<Table>),
    /// A set of some of these elements.
    Set(Rc<[(Sym<'m>, Term)]>),
    /// `a .. b`.
    Interval(Term, Term),
    /// A set of integers, as an array of truth values.
    Integers(Term),
    /// `S \ T` where `S` is not a list.
    Without(Rc<Sym<'m>>, Rc<Sym<'m>>),
    /// `{x \in S : p}` where `S` is not a list.
    Filter(Rc<Sym<'m>>, u32, Env<'m>),
}

/// A function on all integers or all natural numbers.
pub struct Table {
    /// Whether its arguments are the natural numbers.
    pub natural: bool,
    /// The places of one value.
    pub shape: Shape,
    /// The array of each place.
    pub arrays: Vec<Term>,
}

/// What is kept beside the terms.
pub struct State<'m> {
    /// Strings and model values.
    pub atoms: Atoms,
    bound: u32,
    watch: &'m dyn Watch,
}

impl<'m> Algebra<'m> for Smt {
    type Bit = Term;
    type Graph = Terms;
    type Key = Value;
    type Element = Sym<'m>;
    type Own = Own<'m>;
    type Class = values::Class;
    type State = State<'m>;

    const TRUE: Term = TRUE;
    const FALSE: Term = FALSE;
    const MOST_VISITS: u64 = 2_000_000;
    const MOST_KEPT: usize = 4;
    // What recurs more often depends on an unbounded number.
    const MOST_UNFOLDED: usize = 100;
    const DEEPEST_RULE: usize = 200;
    const MOST_BASE: usize = 10;
    const HAS_LARGE: bool = true;
}

/// A symbolic value.
pub type Sym<'m> = crate::walk::Sym<'m, Smt>;
/// Bound names.
pub type Env<'m> = crate::walk::Env<'m, Smt>;
/// How a variable got its value in a step.
pub type Assigned<'m> = crate::walk::Assigned<'m, Smt>;
/// One way to take a step.
pub type Leaf<'m> = crate::walk::action::Leaf<'m, Smt>;
/// A condition under which an expression is undefined.
pub type Undefined = crate::walk::Undefined<Term>;
/// Translates one model.
pub type Translator<'m> = crate::walk::Translator<'m, Smt>;

/// Strings and model values by number.
#[derive(Debug, Default)]
pub struct Atoms {
    all: Vec<Value>,
    known: FxHashMap<Value, u32>,
}

impl Atoms {
    /// The number of a string or model value.
    pub fn number(&mut self, value: &Value) -> u32 {
        if let Some(known) = self.known.get(value) {
            return *known;
        }
        let number = self.all.len() as u32;
        self.all.push(value.clone());
        self.known.insert(value.clone(), number);
        number
    }

    /// The one with a number.
    pub fn value(&self, number: u32) -> Option<&Value> {
        self.all.get(number as usize)
    }

    /// Whether it is a string.
    pub fn is_string(&self, number: u32) -> bool {
        matches!(self.value(number), Some(Value::String(_)))
    }

    /// All of them.
    pub fn all(&self) -> &[Value] {
        &self.all
    }
}

impl<'m> Translator<'m> {
    /// A translator for a model; the machine computes what is constant.
    pub fn new(model: &'m Model, machine: Machine<'m>, atoms: Atoms, watch: &'m dyn Watch) -> Self {
        Self::over(model, machine, Terms::default(), State { atoms, bound: 0, watch })
    }

    /// Something that a step chooses.
    fn choice(&mut self, sort: Sort) -> Term {
        let name = format!("choice.{}", self.choices.len());
        let term = self.graph.fresh(Role::Choice, sort, name);
        self.choices.push(term);
        term
    }

    /// A name for a quantifier.
    fn bound(&mut self, sort: Sort) -> Term {
        self.own.bound += 1;
        self.graph.fresh(Role::Bound, sort, format!("b.{}", self.own.bound))
    }

    /// Ends a translation whose time is over.
    fn go_on(&self) -> Made<()> {
        if self.own.watch.stopped() {
            return self.declined("the time was over before the specification was translated");
        }
        Ok(())
    }
}
