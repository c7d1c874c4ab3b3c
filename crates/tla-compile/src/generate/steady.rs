//! What stays the same while a loop runs.
//!
//! `\E n \in Node : OnLinks(p) = {n}` asks for `OnLinks(p)` once an element. An expression of a loop's body that loops
//! itself and mentions nothing that is bound in there has one value as long as the outer loop runs, so it is kept from
//! where it is first needed. That is loop-invariant code motion (Aho, Lam, Sethi and Ullman, *Compilers*, 2nd edition,
//! section 9.5) by need: where control does not reach the expression it is not computed, so that what is undefined
//! leaves to the interpreter exactly where it did without this.
//!
//! A value is kept as the registers that it consists of; everything else of a [`Val`] is known while code is generated.
//! What is kept belongs to a node, to what the node's free names stand for and to the side of the step that it reads:
//! where all three are the same, so is the value.

use super::value::{SetVal, Val};
use super::{Binding, Env, Gen, Generator, Next, Side};
use cranelift_codegen::ir::{Block, InstBuilder, StackSlot, Value as V, types};
use rustc_hash::FxHashSet;
use std::rc::Rc;
use tla_model::ir::walk::{children, level};
use tla_model::ir::{Level, Node, Pattern, SlotIndex};
use tla_model::value::Value;

/// Most registers of a value that is kept.
const MOST_REGISTERS: usize = 256;

/// An expression that stays the same while the loop around it runs.
pub(super) struct Steady<'m> {
    node: &'m Node,
    /// What its free names stand for.
    names: Vec<(SlotIndex, Option<Binding<'m>>)>,
    side: Side,
    /// Whether the value is there; cleared before the loop.
    is_kept: StackSlot,
    /// Where its registers are kept, and what they are the registers of: found where code for it is first generated.
    kept: Option<(StackSlot, Val)>,
    /// Code that computes it is being generated.
    busy: bool,
}

impl<'m> Generator<'m, '_> {
    /// Generates a loop of so many rounds at most, in which patterns are bound, with what stays the same in its body.
    pub(crate) fn with_steady<R>(
        &mut self,
        rounds: usize,
        patterns: &[&Pattern],
        body: &'m Node,
        env: &Env<'m>,
        run: impl FnOnce(&mut Self) -> Gen<R>,
    ) -> Gen<R> {
        let mark = self.steady.len();
        if rounds > 1 {
            self.find_steady(patterns, body, env);
        }
        let result = run(self);
        self.steady.truncate(mark);
        result
    }

    fn find_steady(&mut self, patterns: &[&Pattern], body: &'m Node, env: &Env<'m>) {
        // Variables are being assigned: nothing is the same before and after.
        if self.initial {
            return;
        }
        let model = self.shared.model;
        if !self.shared.facts.loops(&model.code, body) {
            return;
        }
        let mut bound = self.shared.facts.binds(&model.code, body);
        for pattern in patterns {
            match pattern {
                Pattern::Slot(slot) => {
                    bound.insert(*slot);
                }
                Pattern::Tuple(slots) => bound.extend(slots.iter().copied()),
            }
        }
        let mut found = Vec::new();
        self.seek(body, &bound, &mut found);
        for node in found {
            let free = self.shared.facts.of(&model.code, node);
            let names: Vec<_> = free.free.iter().map(|slot| (*slot, env.get(*slot).cloned())).collect();
            if !self.is_fixed(node, &names) || self.steady_of(node, env).is_some() {
                continue;
            }
            let is_kept = self.slot_of(1);
            let zero = self.int(0);
            self.b.ins().stack_store(zero, is_kept, 0);
            self.steady.push(Steady { node, names, side: self.side, is_kept, kept: None, busy: false });
        }
    }

    /// The largest parts of a body that mention nothing that is bound and are worth a place.
    fn seek(&mut self, node: &'m Node, bound: &FxHashSet<SlotIndex>, found: &mut Vec<&'m Node>) {
        let code = &self.shared.model.code;
        if !self.shared.facts.loops(code, node) {
            return;
        }
        let fact = self.shared.facts.of(code, node);
        if fact.free.iter().all(|slot| !bound.contains(slot)) && self.shared.facts.is_pure(code, node) {
            if !fact.constant || !fact.free.is_empty() {
                found.push(node);
            }
            return;
        }
        children(code, node, &mut |child| self.seek(child, bound, found));
    }

    /// Whether the value cannot change because primed variables are assigned on the way.
    fn is_fixed(&mut self, node: &Node, names: &[(SlotIndex, Option<Binding<'m>>)]) -> bool {
        !matches!(self.next, Next::Assigned(_))
            || level(&self.shared.model.code, node) < Level::Action
                && names.iter().all(|(_, binding)| self.is_fixed_binding(binding.as_ref()))
    }

    /// The same of a name: an expression that was delayed, or an operator, may mention primed variables.
    fn is_fixed_binding(&mut self, binding: Option<&Binding<'m>>) -> bool {
        let model = self.shared.model;
        match binding {
            None | Some(Binding::Val(_)) => true,
            Some(Binding::Delayed(node, env)) => {
                let fact = self.shared.facts.of(&model.code, node);
                level(&model.code, node) < Level::Action
                    && fact.free.iter().all(|slot| self.is_fixed_binding(env.get(*slot)))
            }
            Some(Binding::Lambda(lambda, env)) => {
                level(&model.code, &lambda.body) < Level::Action
                    && lambda.inherits.iter().all(|slot| self.is_fixed_binding(env.get(*slot)))
            }
        }
    }

    /// The number of what is kept of a node.
    fn steady_of(&self, node: &Node, env: &Env<'m>) -> Option<usize> {
        self.steady.iter().rposition(|steady| {
            std::ptr::eq(steady.node, node)
                && !steady.busy
                && steady.side == self.side
                && steady.names.iter().all(|(slot, binding)| same_binding(binding.as_ref(), env.get(*slot)))
        })
    }

    /// The value of a node that stays the same in a loop around it, from where it was first computed. `None` if the node
    /// is no such.
    pub(crate) fn kept(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<Option<Val>> {
        if self.steady.is_empty() {
            return Ok(None);
        }
        let Some(index) = self.steady_of(node, env) else { return Ok(None) };
        let (there, compute) = (self.b.create_block(), self.b.create_block());
        let known = self.b.ins().stack_load(types::I64, self.steady[index].is_kept, 0);
        self.b.ins().brif(known, there, &[], compute, &[]);
        self.b.switch_to_block(compute);
        let mark = self.cache.len();
        self.steady[index].busy = true;
        let val = self.eval_here(node, env);
        self.steady[index].busy = false;
        // What was found out on the way is not known on the other one.
        self.forget_to(mark);
        let val = val?;
        self.keep_value(index, val, there, compute).map(Some)
    }

    /// Keeps a value that was just computed and goes on where it is known either way.
    fn keep_value(&mut self, index: usize, val: Val, there: Block, compute: Block) -> Gen<Val> {
        let mut registers = Vec::new();
        val.registers(&mut registers);
        let fits = !matches!(val, Val::Never) && registers.len() <= MOST_REGISTERS;
        let place = match &self.steady[index].kept {
            Some((place, known)) => (fits && alike(known, &val)).then_some(*place),
            None if fits => {
                let place = self.slot_of(registers.len().max(1) as u32);
                self.steady[index].kept = Some((place, val.clone()));
                Some(place)
            }
            None => None,
        };
        let done = self.b.create_block();
        let Some(place) = place else {
            // Another kind of value than the one that is kept, or nothing that can be: always computed.
            self.jump(done);
            self.b.switch_to_block(there);
            self.jump(compute);
            self.b.switch_to_block(done);
            return Ok(val);
        };
        for (number, register) in registers.iter().enumerate() {
            self.b.ins().stack_store(*register, place, (number * 8) as i32);
        }
        let one = self.int(1);
        self.b.ins().stack_store(one, self.steady[index].is_kept, 0);
        self.jump(done);
        self.b.switch_to_block(there);
        self.jump(done);
        self.b.switch_to_block(done);
        let mut number = 0;
        Ok(val.with_registers(&mut |register| {
            let kind = self.b.func.dfg.value_type(register);
            number += 1;
            self.b.ins().stack_load(kind, place, (number - 1) * 8)
        }))
    }
}

/// Most rounds of a loop over a set, as far as that is known at once.
pub(crate) fn most_rounds(set: &Val) -> usize {
    match set {
        Val::Never => 0,
        Val::Const(Value::Set(node)) => node.elements.len(),
        Val::Set(set) => match &**set {
            SetVal::Enumeration(elements) => elements.len(),
            SetVal::Range(..)
            | SetVal::Subsets(_)
            | SetVal::Functions(..)
            | SetVal::Product(..)
            | SetVal::Sequences(_)
            | SetVal::Union(..)
            | SetVal::Difference(..) => usize::MAX,
        },
        Val::Const(_) | Val::Flag(_) | Val::Int(..) | Val::Word(..) | Val::Cells(..) | Val::Parts(..) => usize::MAX,
    }
}

fn same_binding(a: Option<&Binding<'_>>, b: Option<&Binding<'_>>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(Binding::Val(a)), Some(Binding::Val(b))) => identical(a, b),
        (Some(Binding::Delayed(a, there)), Some(Binding::Delayed(b, here))) => {
            std::ptr::eq(*a, *b) && Rc::ptr_eq(&there.slots, &here.slots)
        }
        (Some(Binding::Lambda(a, there)), Some(Binding::Lambda(b, here))) => {
            std::ptr::eq(*a, *b) && Rc::ptr_eq(&there.slots, &here.slots)
        }
        (None | Some(_), _) => false,
    }
}

/// Whether two values are the same because they lie in the same registers.
fn identical(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Parts(_, a), Val::Parts(_, b)) => Rc::ptr_eq(a, b),
        (Val::Set(a), Val::Set(b)) => Rc::ptr_eq(a, b),
        _ => {
            alike(a, b) && {
                let (mut left, mut right) = (Vec::new(), Vec::new());
                a.registers(&mut left);
                b.registers(&mut right);
                left == right
            }
        }
    }
}

/// Whether the same is known of two values, so that they differ in their registers at most.
fn alike(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Never, Val::Never) | (Val::Flag(_), Val::Flag(_)) => true,
        (Val::Const(a), Val::Const(b)) => Value::structurally_equal(a, b),
        (Val::Int(_, low, high), Val::Int(_, other_low, other_high)) => low == other_low && high == other_high,
        (Val::Word(_, a), Val::Word(_, b)) | (Val::Cells(_, a), Val::Cells(_, b)) => a == b,
        (Val::Parts(keys, a), Val::Parts(other_keys, b)) => keys == other_keys && all_alike(a, b),
        (Val::Set(a), Val::Set(b)) => alike_sets(a, b),
        (
            Val::Never
            | Val::Const(_)
            | Val::Flag(_)
            | Val::Int(..)
            | Val::Word(..)
            | Val::Cells(..)
            | Val::Parts(..)
            | Val::Set(_),
            _,
        ) => false,
    }
}

fn all_alike(a: &[Val], b: &[Val]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
}

fn alike_sets(a: &SetVal, b: &SetVal) -> bool {
    match (a, b) {
        (SetVal::Range(a, b), SetVal::Range(c, d))
        | (SetVal::Functions(a, b), SetVal::Functions(c, d))
        | (SetVal::Union(a, b), SetVal::Union(c, d))
        | (SetVal::Difference(a, b), SetVal::Difference(c, d)) => alike(a, c) && alike(b, d),
        (SetVal::Enumeration(a), SetVal::Enumeration(b)) => all_alike(a, b),
        (SetVal::Subsets(a), SetVal::Subsets(b)) | (SetVal::Sequences(a), SetVal::Sequences(b)) => alike(a, b),
        (SetVal::Product(keys, a), SetVal::Product(other_keys, b)) => keys == other_keys && all_alike(a, b),
        (
            SetVal::Range(..)
            | SetVal::Functions(..)
            | SetVal::Union(..)
            | SetVal::Difference(..)
            | SetVal::Enumeration(_)
            | SetVal::Subsets(_)
            | SetVal::Sequences(_)
            | SetVal::Product(..),
            _,
        ) => false,
    }
}

impl Val {
    /// The registers that it consists of, in a fixed order.
    fn registers(&self, all: &mut Vec<V>) {
        // The one walk over a value's parts is that which replaces them.
        let _same = self.with_registers(&mut |register| {
            all.push(register);
            register
        });
    }

    /// The value with other registers, asked for in a fixed order.
    fn with_registers(&self, other: &mut dyn FnMut(V) -> V) -> Self {
        match self {
            Self::Never => Self::Never,
            Self::Const(value) => Self::Const(value.clone()),
            Self::Flag(register) => Self::Flag(other(*register)),
            Self::Int(register, low, high) => Self::Int(other(*register), *low, *high),
            Self::Word(register, shape) => Self::Word(other(*register), shape.clone()),
            Self::Cells(register, shape) => Self::Cells(other(*register), shape.clone()),
            Self::Parts(keys, parts) => {
                Self::Parts(keys.clone(), Rc::new(parts.iter().map(|part| part.with_registers(other)).collect()))
            }
            Self::Set(set) => Self::set(set.with_registers(other)),
        }
    }
}

impl SetVal {
    fn with_registers(&self, other: &mut dyn FnMut(V) -> V) -> Self {
        let mut all = |vals: &[Val]| vals.iter().map(|val| val.with_registers(other)).collect::<Vec<_>>();
        match self {
            Self::Enumeration(elements) => Self::Enumeration(all(elements)),
            Self::Product(keys, sets) => Self::Product(keys.clone(), all(sets)),
            Self::Range(a, b) => Self::Range(a.with_registers(other), b.with_registers(other)),
            Self::Functions(a, b) => Self::Functions(a.with_registers(other), b.with_registers(other)),
            Self::Union(a, b) => Self::Union(a.with_registers(other), b.with_registers(other)),
            Self::Difference(a, b) => Self::Difference(a.with_registers(other), b.with_registers(other)),
            Self::Subsets(base) => Self::Subsets(base.with_registers(other)),
            Self::Sequences(base) => Self::Sequences(base.with_registers(other)),
        }
    }
}
