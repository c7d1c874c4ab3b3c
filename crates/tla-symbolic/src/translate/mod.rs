//! From the resolved tree to a circuit.
//!
//! The translator is an abstract interpreter. It walks the tree as the evaluator does and in the same order; where the
//! evaluator would have one value it has all possible ones, each with a literal of the [graph](crate::aig) that says
//! when ([`Sym`]). What does not depend on the state is computed by the evaluator itself. The *path* is the condition
//! under which the present expression is evaluated at all: short-circuits, conditionals and guards narrow it.
//!
//! **Undefinedness.** Where the evaluator would stop with an error, the condition under which that happens is recorded
//! ([`Translator::fail`]) and becomes a bad state of its own: nothing is claimed for a model that can be undefined.
//! Comparisons that TLC refuses (a number with a string) are among them.
//!
//! **What cannot be translated** is [`Declined`] with its place. Nothing is approximated.

pub mod action;
mod application;
mod choice;
mod compare;
pub mod env;
mod expression;
mod function;
pub mod marks;
mod primitive;
mod sequence;
mod set;
pub mod state;
mod temporal;
mod values;

use crate::aig::{Aig, FALSE, Lit, TRUE};
use crate::data::{D, Data};
use crate::sat::Sat;
use crate::solver::{Means, Use};
use crate::sym::Sym;
use env::{Binding, Env};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_compile::Declined;
use tla_compile::generate::facts::Facts;
use tla_model::eval::Machine;
use tla_model::ir::{DefinitionId, Node};
use tla_model::model::Model;
use tla_syntax::Span;

/// Result of a translation.
pub type Made<T> = Result<T, Box<Declined>>;

/// A construct that is not translated.
pub fn declined<T>(span: Option<Span>, reason: impl Into<String>) -> Made<T> {
    Err(Box::new(Declined { reason: reason.into(), span }))
}

/// Most nodes of the tree that are visited for one model.
const MOST_VISITS: u64 = 3_000_000;

/// Most nodes of the graph.
const MOST_NODES: usize = 12_000_000;

/// Most concrete values that one expression is split into.
pub const MOST_VALUES: usize = 4096;

/// A condition under which an expression is undefined.
#[derive(Debug, Clone)]
pub struct Undefined {
    /// When.
    pub when: Lit,
    /// Where.
    pub span: Option<Span>,
    /// Why.
    pub reason: &'static str,
}

/// How a variable got its value in a step.
#[derive(Clone)]
pub enum Assigned<'m> {
    /// It keeps the one that it has.
    Same,
    /// It has this one.
    Value(Sym<'m>),
}

/// Something computed before: where it was written, and in which environment.
struct Remembered<'m> {
    value: Sym<'m>,
    undefined: Vec<Undefined>,
    /// The assignment of primed variables that it was computed under; none if it reads none of them.
    generation: Option<u64>,
    /// Keeps the address of the key from being used again.
    _env: Env<'m>,
}

/// Translates one model.
pub struct Translator<'m> {
    pub(crate) model: &'m Model,
    pub(crate) machine: Machine<'m>,
    facts: Facts,
    /// The graph.
    pub aig: Aig,
    /// Concrete values.
    pub data: Data,
    /// The condition under which the present expression is evaluated.
    pub(crate) path: Lit,
    /// What was undefined on the way.
    pub(crate) undefined: Vec<Undefined>,
    /// Values of the variables before a step.
    pub(crate) current: Vec<Option<Sym<'m>>>,
    /// Values of the variables after a step, as far as they were assigned.
    pub(crate) next: Vec<Option<Assigned<'m>>>,
    /// Whether it is the current variables that are assigned.
    pub(crate) initial: bool,
    /// What is known of every state: each place has exactly one value.
    pub(crate) valid: Lit,
    generation: u64,
    next_generation: u64,
    read_open: bool,
    memory: FxHashMap<(usize, usize), Remembered<'m>>,
    calls: Vec<DefinitionId>,
    visits: u64,
    span: Option<Span>,
    feasibility: Option<Sat>,
    /// Inputs made by choices, in order.
    pub(crate) inputs: Vec<Lit>,
}

impl<'m> Translator<'m> {
    /// A translator for a model; the machine computes what is constant.
    pub fn new(model: &'m Model, machine: Machine<'m>, data: Data) -> Self {
        let count = model.variables.len();
        Self {
            model,
            machine,
            facts: Facts::default(),
            aig: Aig::default(),
            data,
            path: TRUE,
            undefined: Vec::new(),
            current: vec![None; count],
            next: vec![None; count + model.code.bound_variables as usize],
            initial: false,
            valid: TRUE,
            generation: 0,
            next_generation: 1,
            read_open: false,
            memory: FxHashMap::default(),
            calls: Vec::new(),
            visits: 0,
            span: None,
            feasibility: None,
            inputs: Vec::new(),
        }
    }

    /// A new input of the circuit.
    pub(crate) fn input(&mut self) -> Lit {
        let lit = self.aig.leaf();
        self.inputs.push(lit);
        lit
    }

    /// An environment without bound names.
    pub(crate) fn env_of(&self, definition: DefinitionId) -> Env<'m> {
        let owner = self.model.code.definition(definition).owner;
        Env { owner, slots: Rc::new(vec![None; self.model.code.frame_size(owner)]) }
    }

    pub(crate) fn declined<T>(&self, reason: impl Into<String>) -> Made<T> {
        declined(self.span, reason)
    }

    fn visit(&mut self, node: &Node) -> Made<()> {
        self.visits += 1;
        self.span = Some(node.span);
        if self.visits > MOST_VISITS {
            return self.declined("the specification unfolds to too many expressions; use smaller constants");
        }
        if self.aig.len() > MOST_NODES {
            return self.declined("the circuit becomes too large; use smaller constants");
        }
        Ok(())
    }

    /// Records that the present expression is undefined under a condition.
    pub(crate) fn fail(&mut self, when: Lit, reason: &'static str) {
        let when = self.aig.and(self.path, when);
        if when != FALSE {
            let span = self.span;
            self.undefined.push(Undefined { when, span, reason });
        }
    }

    /// Undefined here whenever control comes here.
    pub(crate) fn fails(&mut self, reason: &'static str) -> Sym<'m> {
        self.fail(TRUE, reason);
        Sym::Never
    }

    /// Runs under a further condition; `None` if it cannot be met.
    pub(crate) fn under<R>(&mut self, condition: Lit, run: impl FnOnce(&mut Self) -> Made<R>) -> Made<Option<R>> {
        let narrowed = self.aig.and(self.path, condition);
        if narrowed == FALSE {
            return Ok(None);
        }
        let saved = std::mem::replace(&mut self.path, narrowed);
        let result = run(self);
        self.path = saved;
        result.map(Some)
    }

    /// The truth value of a node under a condition; false where the condition is.
    pub(crate) fn truth_under(&mut self, condition: Lit, node: &'m Node, env: &Env<'m>) -> Made<Lit> {
        let truth = self.under(condition, |this| this.truth(node, env))?;
        Ok(truth.map_or(FALSE, |truth| self.aig.and(condition, truth)))
    }

    /// Whether the path can be taken in any state whose places have one value each.
    pub(crate) fn is_feasible(&mut self) -> bool {
        if self.path.known().is_some() {
            return self.path == TRUE;
        }
        let sat = self.feasibility.get_or_insert_with(|| Sat::new(&Means::default(), Use::Steps));
        let lits = [sat.of(&self.aig, 0, self.path), sat.of(&self.aig, 0, self.valid)];
        sat.solve(&lits) != Some(false)
    }

    /// Forgets what was computed for another way of reading variables.
    pub(crate) fn forget(&mut self) {
        self.memory.clear();
        self.generation = self.next_generation;
        self.next_generation += 1;
    }

    /// What was computed for a node in an environment before, or what the function computes now, without regard to the
    /// path: whoever reads it later may come another way.
    fn remembered(
        &mut self,
        key: (usize, usize),
        env: &Env<'m>,
        compute: impl FnOnce(&mut Self) -> Made<Sym<'m>>,
    ) -> Made<Sym<'m>> {
        if let Some(known) = self.memory.get(&key)
            && known.generation.is_none_or(|generation| generation == self.generation)
        {
            let (value, undefined) = (known.value.clone(), known.undefined.clone());
            self.read_open |= known.generation.is_some();
            self.add_undefined(undefined);
            return Ok(value);
        }
        let path = std::mem::replace(&mut self.path, TRUE);
        let outer = std::mem::take(&mut self.undefined);
        let open = std::mem::replace(&mut self.read_open, false);
        let result = compute(self);
        let undefined = std::mem::replace(&mut self.undefined, outer);
        let reads_open = std::mem::replace(&mut self.read_open, open);
        self.read_open |= reads_open;
        self.path = path;
        let value = result?;
        let generation = reads_open.then_some(self.generation);
        let kept = Remembered { value: value.clone(), undefined: undefined.clone(), generation, _env: env.clone() };
        self.memory.insert(key, kept);
        self.add_undefined(undefined);
        Ok(value)
    }

    fn add_undefined(&mut self, all: Vec<Undefined>) {
        for one in all {
            let when = self.aig.and(self.path, one.when);
            if when != FALSE {
                self.undefined.push(Undefined { when, ..one });
            }
        }
    }

    /// Gives a variable its value in the step under way, while the function runs.
    pub(crate) fn assigning<R>(
        &mut self,
        index: usize,
        value: Assigned<'m>,
        run: impl FnOnce(&mut Self) -> Made<R>,
    ) -> Made<R> {
        let generation = std::mem::replace(&mut self.generation, self.next_generation);
        self.next_generation += 1;
        let before = self.assigned(index).replace(value);
        let result = run(self);
        *self.assigned(index) = before;
        self.generation = generation;
        result
    }

    pub(crate) fn assigned(&mut self, index: usize) -> &mut Option<Assigned<'m>> {
        &mut self.next[index]
    }

    /// The value of a variable before the step, or where it is being assigned, so far.
    pub(crate) fn variable(&mut self, index: usize) -> Sym<'m> {
        if self.initial {
            return self.variable_so_far(index);
        }
        match &self.current[index] {
            Some(value) => value.clone(),
            None => self.fails("a variable has no value yet"),
        }
    }

    /// The value of a variable after the step, as far as it was assigned.
    pub(crate) fn variable_so_far(&mut self, index: usize) -> Sym<'m> {
        self.read_open = true;
        match self.next.get(index).cloned().flatten() {
            Some(Assigned::Value(value)) => value,
            Some(Assigned::Same) => self.current[index].clone().unwrap_or(Sym::Never),
            None => self.fails("a primed variable has no value yet"),
        }
    }

    /// A truth value as a value.
    pub(crate) fn boolean(&mut self, lit: Lit) -> Sym<'m> {
        Sym::Bool(lit)
    }

    /// An integer as a value.
    pub(crate) fn integer(&mut self, value: i64) -> Sym<'m> {
        Sym::Val(self.data.of_int(value))
    }

    /// The arguments `1..n` of a tuple.
    pub(crate) fn tuple_keys(&mut self, count: usize) -> Rc<Vec<D>> {
        Rc::new((1..=count as i64).map(|i| self.data.of_int(i)).collect())
    }

    /// A tuple or sequence of these.
    pub(crate) fn tuple(&mut self, parts: Vec<Sym<'m>>) -> Sym<'m> {
        Sym::Map(self.tuple_keys(parts.len()), Rc::new(parts))
    }

    pub(crate) fn binding(&self, env: &Env<'m>, slot: u32) -> Option<Binding<'m>> {
        env.get(slot).cloned()
    }
}
