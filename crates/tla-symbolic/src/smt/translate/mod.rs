//! From the resolved tree to terms.
//!
//! The translator walks the tree as the evaluator does, in the same order, with terms where that has values ([`Sym`]). What
//! does not depend on the state is computed by the evaluator itself. The *path* is the condition under which the present
//! expression is evaluated at all. It is the sister of the [circuit's translator](crate::translate), with integers that
//! have no bound in the place of lists of values.
//!
//! **Undefinedness.** Where the evaluator would stop with an error, the condition under which that happens is recorded
//! ([`Translator::fail`]) and becomes a question of its own. **What cannot be translated** is [`Declined`] with its place.
//! Nothing is approximated.

pub mod action;
mod application;
mod arithmetic;
mod choice;
mod compare;
mod elements;
mod encode;
mod expression;
mod function;
mod member;
mod primitive;
mod quantify;
mod sequence;
mod set;
mod structure;

use super::sym::{Binding, Env, Sym};
use super::term::{FALSE, Role, Sort, TRUE, Term, Terms};
use crate::engine::Watch;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_compile::Declined;
use tla_compile::generate::facts::Facts;
use tla_model::eval::Machine;
use tla_model::ir::{DefinitionId, Node};
use tla_model::model::Model;
use tla_model::value::Value;
use tla_syntax::Span;

/// Result of a translation.
pub type Made<T> = Result<T, Box<Declined>>;

/// A construct that is not translated.
pub fn declined<T>(span: Option<Span>, reason: impl Into<String>) -> Made<T> {
    Err(Box::new(Declined { reason: reason.into(), span }))
}

/// Most nodes of the tree that are visited for one model.
const MOST_VISITS: u64 = 2_000_000;

/// Most terms.
const MOST_TERMS: usize = 3_000_000;

/// Most conditions that are kept apart with what is remembered.
const MOST_KEPT: usize = 4;

/// Most elements that a set is listed with.
pub const MOST_VALUES: usize = 4096;

/// A condition under which an expression is undefined.
#[derive(Debug, Clone)]
pub struct Undefined {
    /// When.
    pub when: Term,
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

/// Translates one model.
pub struct Translator<'m> {
    pub(super) model: &'m Model,
    pub(super) machine: Machine<'m>,
    facts: Facts,
    /// The terms.
    pub t: Terms,
    /// Strings and model values.
    pub atoms: Atoms,
    /// The condition under which the present expression is evaluated.
    pub(super) path: Term,
    /// What was undefined on the way.
    pub(super) undefined: Vec<Undefined>,
    /// Values of the variables before a step.
    pub(super) current: Vec<Option<Sym<'m>>>,
    /// Values of the variables after a step, as far as they were assigned.
    pub(super) next: Vec<Option<Assigned<'m>>>,
    /// Whether it is the current variables that are assigned.
    pub(super) initial: bool,
    generation: u64,
    next_generation: u64,
    read_open: bool,
    memory: FxHashMap<(usize, usize), Remembered<'m>>,
    calls: Vec<DefinitionId>,
    visits: u64,
    pub(super) span: Option<Span>,
    /// What steps choose, in order.
    pub(super) choices: Vec<Term>,
    bound: u32,
    watch: &'m dyn Watch,
}

impl<'m> Translator<'m> {
    /// A translator for a model; the machine computes what is constant.
    pub fn new(model: &'m Model, machine: Machine<'m>, atoms: Atoms, watch: &'m dyn Watch) -> Self {
        let count = model.variables.len();
        Self {
            model,
            machine,
            facts: Facts::default(),
            t: Terms::default(),
            atoms,
            path: TRUE,
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
            bound: 0,
            watch,
        }
    }

    /// Something that a step chooses.
    pub(super) fn choice(&mut self, sort: Sort) -> Term {
        let name = format!("choice.{}", self.choices.len());
        let term = self.t.fresh(Role::Choice, sort, name);
        self.choices.push(term);
        term
    }

    /// A name for a quantifier.
    pub(super) fn bound(&mut self, sort: Sort) -> Term {
        self.bound += 1;
        self.t.fresh(Role::Bound, sort, format!("b.{}", self.bound))
    }

    /// An environment without bound names.
    pub(super) fn env_of(&self, definition: DefinitionId) -> Env<'m> {
        let owner = self.model.code.definition(definition).owner;
        Env { owner, slots: Rc::new(vec![None; self.model.code.frame_size(owner)]) }
    }

    pub(super) fn declined<T>(&self, reason: impl Into<String>) -> Made<T> {
        declined(self.span, reason)
    }

    fn visit(&mut self, node: &Node) -> Made<()> {
        self.visits += 1;
        self.span = Some(node.span);
        if self.visits > MOST_VISITS || self.t.len() > MOST_TERMS {
            return self.declined("the specification unfolds to too many expressions; use smaller constants");
        }
        if self.visits.is_multiple_of(64) {
            self.go_on()?;
        }
        Ok(())
    }

    /// Ends a translation whose time is over.
    pub(super) fn go_on(&self) -> Made<()> {
        if self.watch.stopped() {
            return self.declined("the time was over before the specification was translated");
        }
        Ok(())
    }

    /// Records that the present expression is undefined under a condition.
    pub(super) fn fail(&mut self, when: Term, reason: &'static str) {
        let when = self.t.and(self.path, when);
        if when != FALSE {
            let span = self.span;
            self.undefined.push(Undefined { when, span, reason });
        }
    }

    /// Undefined here whenever control comes here.
    pub(super) fn fails(&mut self, reason: &'static str) -> Sym<'m> {
        self.fail(TRUE, reason);
        Sym::Never
    }

    /// Runs under a further condition; `None` if it cannot be met.
    pub(super) fn under<R>(&mut self, condition: Term, run: impl FnOnce(&mut Self) -> Made<R>) -> Made<Option<R>> {
        let narrowed = self.t.and(self.path, condition);
        if narrowed == FALSE {
            return Ok(None);
        }
        let saved = std::mem::replace(&mut self.path, narrowed);
        let result = run(self);
        self.path = saved;
        result.map(Some)
    }

    /// The truth value of a node under a condition; false where the condition is.
    pub(super) fn truth_under(&mut self, condition: Term, node: &'m Node, env: &Env<'m>) -> Made<Term> {
        let truth = self.under(condition, |this| this.truth(node, env))?;
        Ok(truth.map_or(FALSE, |truth| self.t.and(condition, truth)))
    }

    /// Forgets what was computed for another way of reading variables.
    pub(super) fn forget(&mut self) {
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
        let undefined = self.few(undefined);
        let generation = reads_open.then_some(self.generation);
        let kept = Remembered { value: value.clone(), undefined: undefined.clone(), generation, _env: env.clone() };
        self.memory.insert(key, kept);
        self.add_undefined(undefined);
        Ok(value)
    }

    /// Conditions that every reader gets again: several are one, or they would multiply where names are read in names.
    fn few(&mut self, all: Vec<Undefined>) -> Vec<Undefined> {
        let Some(first) = all.first().cloned().filter(|_| all.len() > MOST_KEPT) else { return all };
        let when = self.t.or_all(all.iter().map(|one| one.when));
        vec![Undefined { when, ..first }]
    }

    fn add_undefined(&mut self, all: Vec<Undefined>) {
        for one in all {
            let when = self.t.and(self.path, one.when);
            if when != FALSE {
                self.undefined.push(Undefined { when, ..one });
            }
        }
    }

    /// Gives a variable its value in the step under way, while the function runs.
    pub(super) fn assigning<R>(
        &mut self,
        index: usize,
        value: Assigned<'m>,
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
    pub(super) fn variable(&mut self, index: usize) -> Sym<'m> {
        if self.initial {
            return self.variable_so_far(index);
        }
        match &self.current[index] {
            Some(value) => value.clone(),
            None => self.fails("a variable has no value yet"),
        }
    }

    /// The value of a variable after the step, as far as it was assigned.
    pub(super) fn variable_so_far(&mut self, index: usize) -> Sym<'m> {
        self.read_open = true;
        match self.next.get(index).cloned().flatten() {
            Some(Assigned::Value(value)) => value,
            Some(Assigned::Same) => self.current[index].clone().unwrap_or(Sym::Never),
            None => self.fails("a primed variable has no value yet"),
        }
    }

    pub(super) fn binding(&self, env: &Env<'m>, slot: u32) -> Option<Binding<'m>> {
        env.get(slot).cloned()
    }
}
