//! The circuit as a target of the [walk](crate::walk): what numbers, strings and sets are made of there.
//!
//! Scalars are one-hot: a list of the values they can have, each with a literal of the [graph](crate::aig) that is true if
//! it is the one. Sets are a literal for each possible element. Concrete values are numbers of a [table](crate::data), so
//! whatever is split into cases is known value by value, and the evaluator can be asked about each.

mod arithmetic;
mod choice;
mod compare;
mod function;
pub mod marks;
mod set;
pub mod state;
mod temporal;
mod values;

use crate::aig::{Aig, FALSE, Lit, TRUE};
use crate::data::{D, Data};
use crate::sat::Sat;
use crate::walk::Algebra;
use std::rc::Rc;
use tla_model::eval::Machine;
use tla_model::model::Model;

pub use crate::walk::{MOST_VALUES, Made, declined};

/// Most nodes of the graph.
const MOST_NODES: usize = 12_000_000;

/// The circuit.
#[derive(Clone)]
pub struct Circuit;

/// A value of the circuit that has no structure for the walk.
#[derive(Clone)]
pub enum Own {
    /// A concrete value.
    Val(D),
    /// A number, string or model value: exactly one literal is true.
    Enum(Rc<[(D, Lit)]>),
    /// A set of some of these elements, ascending.
    Set(Rc<[(D, Lit)]>),
}

/// What the circuit keeps beside its graph.
pub struct State {
    /// Concrete values.
    pub data: Data,
    /// What is known of every state: each place has exactly one value.
    pub(crate) valid: Lit,
    feasibility: Option<Sat>,
}

impl Algebra<'_> for Circuit {
    type Bit = Lit;
    type Graph = Aig;
    type Key = D;
    type Element = D;
    type Own = Own;
    type Class = values::Class;
    type State = State;

    const TRUE: Lit = TRUE;
    const FALSE: Lit = FALSE;
    const MOST_VISITS: u64 = 3_000_000;
    const MOST_KEPT: usize = usize::MAX;
    const MOST_UNFOLDED: usize = usize::MAX;
    const DEEPEST_RULE: usize = 300;
    const MOST_BASE: usize = 12;
    const HAS_LARGE: bool = false;
}

/// A symbolic value.
pub type Sym<'m> = crate::walk::Sym<'m, Circuit>;
/// Bound names.
pub type Env<'m> = crate::walk::Env<'m, Circuit>;
/// How a variable got its value in a step.
pub type Assigned<'m> = crate::walk::Assigned<'m, Circuit>;
/// One way to take a step.
pub type Leaf<'m> = crate::walk::action::Leaf<'m, Circuit>;
/// A condition under which an expression is undefined.
pub type Undefined = crate::walk::Undefined<Lit>;
/// Translates one model.
pub type Translator<'m> = crate::walk::Translator<'m, Circuit>;

impl<'m> Translator<'m> {
    /// A translator for a model; the machine computes what is constant.
    pub fn new(model: &'m Model, machine: Machine<'m>, data: Data) -> Self {
        Self::over(model, machine, Aig::default(), State { data, valid: TRUE, feasibility: None })
    }

    /// A new input of the circuit.
    pub(crate) fn input(&mut self) -> Lit {
        let lit = self.graph.leaf();
        self.choices.push(lit);
        lit
    }
}
