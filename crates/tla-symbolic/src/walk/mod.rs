//! From the resolved tree to symbolic values: one walk for every target.
//!
//! The translator is an abstract interpreter. It walks the tree as the evaluator does and in the same order; where the
//! evaluator would have one value it has a [symbolic](Sym) one, which stands for all values that there can be. What does not
//! depend on the state is computed by the evaluator itself. The *path* is the condition under which the present expression
//! is evaluated at all: short-circuits, conditionals and guards narrow it. What numbers, strings and sets are made of is
//! the business of a target ([`Algebra`]): latches of a [circuit](crate::translate), or [terms](crate::smt::translate) of
//! a solver.
//!
//! **Undefinedness.** Where the evaluator would stop with an error, the condition under which that happens is recorded
//! ([`Translator::fail`]) and becomes a question of its own: nothing is claimed for a model that can be undefined.
//! Comparisons that TLC refuses (a number with a string) are among them.
//!
//! **What cannot be translated** is [`Declined`] with its place. Nothing is approximated.

pub mod action;
pub mod algebra;
mod application;
mod choice;
mod compare;
mod expression;
mod function;

mod member;
mod merge;
mod primitive;
mod quantify;
mod sequence;
mod set;
pub mod sym;
mod truth;

pub use crate::graph::Graph;
pub use algebra::{Algebra, Choices, Comparisons, Functions, Numbers, Operations, Sets, Values};
pub use sym::{Alternatives, Binding, Each, Env, List, Members, Sym};

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

/// Most values that one expression is split into, and most elements that a set is listed with.
pub const MOST_VALUES: usize = 4096;

/// A condition under which an expression is undefined.
#[derive(Debug, Clone)]
pub struct Undefined<B> {
    /// When.
    pub when: B,
    /// Where.
    pub span: Option<Span>,
    /// Why.
    pub reason: &'static str,
}

/// How a variable got its value in a step.
#[derive(Clone)]
pub enum Assigned<'m, A: Algebra<'m>> {
    /// It keeps the one that it has.
    Same,
    /// It has this one.
    Value(Sym<'m, A>),
}

/// Something computed before: where it was written, and in which environment.
struct Remembered<'m, A: Algebra<'m>> {
    value: Sym<'m, A>,
    undefined: Vec<Undefined<A::Bit>>,
    /// The assignment of primed variables that it was computed under; none if it reads none of them.
    generation: Option<u64>,
    /// Keeps the address of the key from being used again.
    _env: Env<'m, A>,
}

/// Translates one model.
pub struct Translator<'m, A: Algebra<'m>> {
    pub(crate) model: &'m Model,
    pub(crate) machine: Machine<'m>,
    facts: Facts,
    /// The graph of conditions.
    pub graph: A::Graph,
    /// What the target keeps.
    pub own: A::State,
    /// The condition under which the present expression is evaluated.
    pub(crate) path: A::Bit,
    /// What was undefined on the way.
    pub(crate) undefined: Vec<Undefined<A::Bit>>,
    /// Values of the variables before a step.
    pub(crate) current: Vec<Option<Sym<'m, A>>>,
    /// Values of the variables after a step, as far as they were assigned.
    pub(crate) next: Vec<Option<Assigned<'m, A>>>,
    /// Whether it is the current variables that are assigned.
    initial: bool,
    generation: u64,
    next_generation: u64,
    read_open: bool,
    memory: FxHashMap<(usize, usize), Remembered<'m, A>>,
    pub(crate) calls: Vec<DefinitionId>,
    pub(crate) visits: u64,
    pub(crate) span: Option<Span>,
    /// What steps choose, in order.
    pub(crate) choices: Vec<A::Bit>,
}

impl<'m, A: Algebra<'m>> Translator<'m, A> {
    /// A translator for a model; the machine computes what is constant.
    pub(crate) fn over(model: &'m Model, machine: Machine<'m>, graph: A::Graph, own: A::State) -> Self {
        let count = model.variables.len();
        Self {
            model,
            machine,
            facts: Facts::default(),
            graph,
            own,
            path: A::TRUE,
            undefined: Vec::new(),
            current: vec![None; count],
            next: vec![None; count + model.code.bound_variables as usize],
            initial: false,
            generation: 0,
            next_generation: 1,
            read_open: false,
            memory: FxHashMap::default(),
            calls: Vec::new(),
            visits: 0,
            span: None,
            choices: Vec::new(),
        }
    }

    /// An environment without bound names.
    pub(crate) fn env_of(&self, definition: DefinitionId) -> Env<'m, A> {
        let owner = self.model.code.definition(definition).owner;
        Env { owner, slots: Rc::new(vec![None; self.model.code.frame_size(owner)]) }
    }

    pub(crate) fn declined<T>(&self, reason: impl Into<String>) -> Made<T> {
        declined(self.span, reason)
    }

    pub(crate) fn not_too_many(&self, count: usize) -> Made<()> {
        if count > MOST_VALUES {
            return self.declined(format!(
                "this has more than {MOST_VALUES} possible values as a whole; use its parts one by one, or smaller \
                 constants"
            ));
        }
        Ok(())
    }

    /// Records that the present expression is undefined under a condition.
    pub(crate) fn fail(&mut self, when: A::Bit, reason: &'static str) {
        let when = self.graph.and(self.path, when);
        if when != A::FALSE {
            let span = self.span;
            self.undefined.push(Undefined { when, span, reason });
        }
    }

    /// Records that the present expression is undefined unless a condition holds.
    pub(crate) fn fail_unless(&mut self, condition: A::Bit, reason: &'static str) {
        let not = self.graph.not(condition);
        self.fail(not, reason);
    }

    /// Undefined here whenever control comes here.
    pub(crate) fn fails(&mut self, reason: &'static str) -> Sym<'m, A> {
        self.fail(A::TRUE, reason);
        Sym::Never
    }

    /// Runs under a further condition; `None` if it cannot be met.
    pub(crate) fn under<R>(&mut self, condition: A::Bit, run: impl FnOnce(&mut Self) -> Made<R>) -> Made<Option<R>> {
        let narrowed = self.graph.and(self.path, condition);
        if narrowed == A::FALSE {
            return Ok(None);
        }
        let saved = std::mem::replace(&mut self.path, narrowed);
        let result = run(self);
        self.path = saved;
        result.map(Some)
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
        env: &Env<'m, A>,
        compute: impl FnOnce(&mut Self) -> Made<Sym<'m, A>>,
    ) -> Made<Sym<'m, A>> {
        if let Some(known) = self.memory.get(&key)
            && known.generation.is_none_or(|generation| generation == self.generation)
        {
            let (value, undefined) = (known.value.clone(), known.undefined.clone());
            self.read_open |= known.generation.is_some();
            self.add_undefined(undefined);
            return Ok(value);
        }
        let path = std::mem::replace(&mut self.path, A::TRUE);
        let outer = std::mem::take(&mut self.undefined);
        let open = std::mem::replace(&mut self.read_open, false);
        let result = compute(self);
        let undefined = std::mem::replace(&mut self.undefined, outer);
        let reads_open = std::mem::replace(&mut self.read_open, open);
        self.read_open |= reads_open;
        self.path = path;
        let value = result?;
        let undefined = self.few(undefined);
        let generation = reads_open.then_some(self.generation);
        let kept = Remembered { value: value.clone(), undefined: undefined.clone(), generation, _env: env.clone() };
        self.memory.insert(key, kept);
        self.add_undefined(undefined);
        Ok(value)
    }

    /// Conditions that every reader gets again: several are one, or they would multiply where names are read in names.
    fn few(&mut self, all: Vec<Undefined<A::Bit>>) -> Vec<Undefined<A::Bit>> {
        let Some(first) = all.first().cloned().filter(|_| all.len() > A::MOST_KEPT) else { return all };
        let whens: Vec<A::Bit> = all.iter().map(|one| one.when).collect();
        let when = self.graph.or_all(&whens);
        vec![Undefined { when, ..first }]
    }

    fn add_undefined(&mut self, all: Vec<Undefined<A::Bit>>) {
        for one in all {
            let when = self.graph.and(self.path, one.when);
            if when != A::FALSE {
                self.undefined.push(Undefined { when, ..one });
            }
        }
    }

    /// Gives a variable its value in the step under way, while the function runs.
    fn assigning<R>(
        &mut self,
        index: usize,
        value: Assigned<'m, A>,
        run: impl FnOnce(&mut Self) -> Made<R>,
    ) -> Made<R> {
        let generation = std::mem::replace(&mut self.generation, self.next_generation);
        self.next_generation += 1;
        let before = self.next[index].replace(value);
        let result = run(self);
        self.next[index] = before;
        self.generation = generation;
        result
    }

    /// The value of a variable before the step, or where it is being assigned, so far.
    fn variable(&mut self, index: usize) -> Sym<'m, A> {
        if self.initial {
            return self.variable_so_far(index);
        }
        match &self.current[index] {
            Some(value) => value.clone(),
            None => self.fails("a variable has no value yet"),
        }
    }

    /// The value of a variable after the step, as far as it was assigned.
    fn variable_so_far(&mut self, index: usize) -> Sym<'m, A> {
        self.read_open = true;
        match self.next.get(index).cloned().flatten() {
            Some(Assigned::Value(value)) => value,
            Some(Assigned::Same) => self.current[index].clone().unwrap_or(Sym::Never),
            None => self.fails("a primed variable has no value yet"),
        }
    }
}

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    fn visit(&mut self, node: &Node) -> Made<()> {
        self.visits += 1;
        self.span = Some(node.span);
        if self.visits > A::MOST_VISITS {
            return self.declined("the specification unfolds to too many expressions; use smaller constants");
        }
        self.heed()
    }

    /// The truth value of a node under a condition; false where the condition is.
    pub(crate) fn truth_under(&mut self, condition: A::Bit, node: &'m Node, env: &Env<'m, A>) -> Made<A::Bit> {
        let truth = self.under(condition, |this| this.truth(node, env))?;
        Ok(truth.map_or(A::FALSE, |truth| self.graph.and(condition, truth)))
    }
}
