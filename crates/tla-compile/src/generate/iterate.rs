//! Loops over the elements of a set, in TLC's order.

use super::steady::most_rounds;
use super::value::{SetVal, Val, tuple_keys};
use super::{Gen, Generator, declined};
use crate::shape::layout::{Form, Universe};
use crate::shape::pack::pack;
use crate::shape::{Datum, Guess, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value as V, types};
use std::rc::Rc;
use std::sync::Arc;
use tla_model::ir::{Binder, Node, Pattern};
use tla_model::value::{LazySet, Value};

/// What is done with each element; leaves the present block open.
pub(crate) type Each<'e, 'm, 'f> = &'e mut dyn FnMut(&mut Generator<'m, 'f>, Val) -> Gen<()>;

/// Takes the next of some values.
pub(crate) type Take<'e, 'm, 'f> = &'e mut dyn FnMut(&mut Generator<'m, 'f>, Val) -> Gen<()>;

/// Gives values one after the other.
pub(crate) type Fill<'e, 'm, 'f> = &'e mut dyn FnMut(&mut Generator<'m, 'f>, Take<'_, 'm, 'f>) -> Gen<()>;

/// Most rows of a product that are gone through; some seconds.
const MOST_ROWS: u64 = 1 << 28;

/// Most elements of a constant set that are kept in a table; larger products are enumerated by nested loops.
const MOST_LISTED: u64 = 1 << 14;

/// Most elements of a universe whose subsets are enumerated.
const MOST_SUBSET_BITS: usize = 12;

/// The subsets of some positions as words, by size and then lexicographically.
fn masks_in_order(count: usize) -> Vec<u64> {
    let mut masks: Vec<u64> = (0..1 << count).collect();
    masks.sort_by_key(|mask| {
        let members: Vec<usize> = (0..count).filter(|i| mask >> i & 1 == 1).collect();
        (members.len(), members)
    });
    masks
}

impl<'m, 'f> Generator<'m, 'f> {
    /// Runs for `0 .. count`.
    pub(crate) fn count_up(&mut self, count: u32, run: &mut dyn FnMut(&mut Self, V)) {
        let _infallible = self.repeat(i64::from(count), &mut |g, i| {
            run(g, i);
            Ok(())
        });
    }

    fn repeat(&mut self, count: i64, run: &mut dyn FnMut(&mut Self, V) -> Gen<()>) -> Gen<()> {
        let limit = self.int(count);
        let zero = self.int(0);
        self.between(zero, limit, IntCC::SignedLessThan, run)
    }

    /// Runs for each integer from the first on, as long as it compares with the limit.
    fn between(&mut self, first: V, limit: V, how: IntCC, run: &mut dyn FnMut(&mut Self, V) -> Gen<()>) -> Gen<()> {
        let (header, index) = self.block_with(types::I64);
        let (body, done) = (self.b.create_block(), self.b.create_block());
        self.jump_with(header, first);
        self.b.switch_to_block(header);
        let more = self.b.ins().icmp(how, index, limit);
        self.b.ins().brif(more, body, &[], done, &[]);
        self.b.switch_to_block(body);
        let mark = self.cache.len();
        run(self, index)?;
        self.forget_to(mark);
        let next = self.b.ins().iadd_imm(index, 1);
        self.jump_with(header, next);
        self.b.switch_to_block(done);
        Ok(())
    }

    /// Runs for each bit that is set.
    fn for_each_bit(&mut self, word: V, run: &mut dyn FnMut(&mut Self, V) -> Gen<()>) -> Gen<()> {
        let (header, left) = self.block_with(types::I64);
        let (body, done) = (self.b.create_block(), self.b.create_block());
        self.jump_with(header, word);
        self.b.switch_to_block(header);
        self.b.ins().brif(left, body, &[], done, &[]);
        self.b.switch_to_block(body);
        let index = self.b.ins().ctz(left);
        let less = self.b.ins().iadd_imm(left, -1);
        let left = self.b.ins().band(left, less);
        let mark = self.cache.len();
        run(self, index)?;
        self.forget_to(mark);
        self.jump_with(header, left);
        self.b.switch_to_block(done);
        Ok(())
    }

    fn for_each_member(&mut self, universe: &Arc<Universe>, word: V, base: V, run: Each<'_, 'm, 'f>) -> Gen<()> {
        self.for_each_bit(word, &mut |g, bit| {
            let index = g.b.ins().iadd(bit, base);
            let element = g.element(universe, index);
            run(g, element)
        })
    }

    /// Runs for each element of a set.
    pub(crate) fn for_each(&mut self, set: &Val, run: Each<'_, 'm, 'f>) -> Gen<()> {
        match set {
            Val::Never => Ok(()),
            Val::Const(value) => self.for_each_of_constant(value, run),
            Val::Word(word, shape) => match shape.form() {
                Form::Set(universe) => {
                    let zero = self.int(0);
                    self.for_each_member(universe, *word, zero, run)
                }
                _ => self.for_each_of_alternative(set, run),
            },
            Val::Cells(at, shape) => match shape.form() {
                Form::Set(universe) => {
                    let (at, universe) = (*at, universe.clone());
                    self.repeat(i64::from(shape.cells()), &mut |g, cell| {
                        let offset = g.b.ins().ishl_imm(cell, 3);
                        let place = g.b.ins().iadd(at, offset);
                        let word = g.load(place, 0);
                        let base = g.b.ins().ishl_imm(cell, 6);
                        g.for_each_member(&universe, word, base, run)
                    })
                }
                _ => self.for_each_of_alternative(set, run),
            },
            Val::Set(lazy) => {
                let lazy = lazy.clone();
                self.for_each_of_lazy(set, &lazy, run)
            }
            Val::Flag(_) | Val::Int(..) | Val::Parts(..) => {
                self.bail("a set was expected");
                Ok(())
            }
        }
    }

    fn for_each_of_alternative(&mut self, set: &Val, run: Each<'_, 'm, 'f>) -> Gen<()> {
        match self.only_alternative(set, &|form| matches!(form, Form::Set(_))) {
            Some(inner) => self.for_each(&inner, run),
            None => {
                self.bail("a set was expected");
                Ok(())
            }
        }
    }

    fn for_each_of_constant(&mut self, value: &Value, run: Each<'_, 'm, 'f>) -> Gen<()> {
        let elements = match value {
            Value::Set(node) => node.elements.clone(),
            Value::Interval(range) => {
                let (low, high) = (range.low, range.high);
                if low == high {
                    return run(self, Val::Const(Value::Int(low)));
                }
                let (first, last) = (self.int(low), self.int(high));
                return self
                    .between(first, last, IntCC::SignedLessThanOrEqual, &mut |g, i| run(g, Val::Int(i, low, high)));
            }
            Value::Lazy(lazy) => {
                let few = self.shared.machine.finite_size(value).is_some_and(|size| size <= MOST_LISTED);
                let nested = matches!(&**lazy, LazySet::Functions(..) | LazySet::Records(..) | LazySet::Product(_));
                if nested && !few {
                    return match self.symbolic(lazy) {
                        Some(set) => self.for_each(&Val::set(set), run),
                        None => declined(self.span, "a set cannot be enumerated"),
                    };
                }
                if !few && self.shared.machine.finite_size(value).is_some() {
                    return declined(self.span, "a set has too many elements");
                }
                match self.shared.machine.element_vec(value) {
                    Ok(elements) if elements.len() as u64 <= MOST_LISTED => elements,
                    Ok(_) => return declined(self.span, "a set has too many elements"),
                    Err(_) => {
                        self.bail("a set cannot be enumerated");
                        return Ok(());
                    }
                }
            }
            Value::Bool(_)
            | Value::Int(_)
            | Value::BigInt(_)
            | Value::String(_)
            | Value::Model(_)
            | Value::Tuple(_)
            | Value::Record(_)
            | Value::Function(_)
            | Value::Rule(_) => {
                self.bail("a set was expected");
                return Ok(());
            }
        };
        self.for_each_listed(&elements, run)
    }

    /// Runs for each of some values, in their order.
    pub(crate) fn for_each_listed(&mut self, elements: &[Value], run: Each<'_, 'm, 'f>) -> Gen<()> {
        match elements {
            [] => return Ok(()),
            [only] => return run(self, Val::Const(only.clone())),
            _ => {}
        }
        let Some(data) = elements.iter().map(Datum::of).collect::<Option<Vec<_>>>() else {
            return declined(self.span, "a set has symbolic elements");
        };
        let guess = Guess::of_all(&data).firmly();
        let shape = self.shape(&guess)?;
        let mut cells = Vec::new();
        for element in elements {
            if pack(&shape, element, &mut cells).is_none() {
                return declined(self.span, "the elements of a set have no common shape");
            }
        }
        let stride = i64::from(shape.cells());
        let ascending = stride == 1 && cells.iter().enumerate().all(|(i, word)| i as u64 == *word);
        self.repeat(elements.len() as i64, &mut |g, i| {
            let element = if ascending {
                g.word_value(i, &shape)
            } else if shape.is_narrow() {
                let word = g.look_up(&cells, i);
                g.word_value(word, &shape)
            } else {
                let table = g.table(&cells);
                let offset = g.b.ins().imul_imm(i, stride * 8);
                Val::Cells(g.b.ins().iadd(table, offset), shape.clone())
            };
            run(g, element)
        })
    }

    fn for_each_of_lazy(&mut self, set: &Val, lazy: &SetVal, run: Each<'_, 'm, 'f>) -> Gen<()> {
        match lazy {
            SetVal::Range(a, b) => {
                let (Some((first, low, _)), Some((last, _, high))) = (self.integer(a), self.integer(b)) else {
                    self.bail("an integer was expected");
                    return Ok(());
                };
                self.between(first, last, IntCC::SignedLessThanOrEqual, &mut |g, i| {
                    run(g, Val::Int(i, low, high.max(low)))
                })
            }
            SetVal::Enumeration(elements) => match &elements[..] {
                [] => Ok(()),
                [only] => run(self, only.clone()),
                _ => {
                    let explicit = self.explicit_set(set)?;
                    self.for_each(&explicit, run)
                }
            },
            SetVal::Subsets(base) => self.for_each_subset(base, run),
            SetVal::Product(keys, sets) => {
                self.expect_to_end(sets)?;
                self.for_each_row(keys, sets, &mut Vec::new(), run)
            }
            SetVal::Functions(domain, range) => {
                let Some(keys) = self.static_keys(domain)? else {
                    return declined(self.span, "functions over a set that depends on the state");
                };
                let sets = vec![range.clone(); keys.len()];
                self.expect_to_end(&sets)?;
                self.for_each_row(&keys, &sets, &mut Vec::new(), run)
            }
            SetVal::Union(..) | SetVal::Difference(..) => {
                let explicit = self.explicit_set(set)?;
                self.for_each(&explicit, run)
            }
            SetVal::Sequences(_) => {
                self.bail("an infinite set cannot be enumerated");
                Ok(())
            }
        }
    }

    /// Declines a product that nobody would wait for: generated loops do not look for interruptions.
    fn expect_to_end(&mut self, sets: &[Val]) -> Gen<()> {
        let size = |set: &Val| match set {
            Val::Const(value) => self.shared.machine.finite_size(value).unwrap_or(1),
            _ => 1,
        };
        let rows = sets.iter().map(size).fold(1, u64::saturating_mul);
        if rows > MOST_ROWS {
            return declined(self.span, format!("{rows} functions, records or tuples would be enumerated"));
        }
        Ok(())
    }

    /// All rows of a product, the last component varying fastest.
    fn for_each_row(
        &mut self,
        keys: &Arc<[Datum]>,
        sets: &[Val],
        chosen: &mut Vec<Val>,
        run: Each<'_, 'm, 'f>,
    ) -> Gen<()> {
        let Some(set) = sets.get(chosen.len()) else {
            return run(self, Val::Parts(keys.clone(), Rc::new(chosen.clone())));
        };
        self.for_each(set, &mut |g, element| {
            chosen.push(element);
            let result = g.for_each_row(keys, sets, chosen, run);
            chosen.pop();
            result
        })
    }

    /// All subsets, by size and then lexicographically.
    fn for_each_subset(&mut self, base: &Val, run: Each<'_, 'm, 'f>) -> Gen<()> {
        let base = self.explicit_set(base)?;
        let base = self.shaped(&base)?;
        let Val::Word(word, shape) = &base else {
            return declined(self.span, "the subsets of a set with many possible elements");
        };
        let Form::Set(universe) = shape.form() else { return declined(self.span, "a set was expected here") };
        let count = universe.words.len();
        if count > MOST_SUBSET_BITS {
            return self.for_each_chosen(*word, shape, run);
        }
        let masks = masks_in_order(count);
        let word = *word;
        self.repeat(masks.len() as i64, &mut |g, i| {
            let mask = g.look_up(&masks, i);
            let outside = g.b.ins().band_not(mask, word);
            let inside = g.b.ins().icmp_imm(IntCC::Equal, outside, 0);
            let (yes, no) = (g.b.create_block(), g.b.create_block());
            g.b.ins().brif(inside, yes, &[], no, &[]);
            g.b.switch_to_block(yes);
            run(g, Val::Word(mask, shape.clone()))?;
            g.jump(no);
            g.b.switch_to_block(no);
            Ok(())
        })
    }

    /// A filter of a constant set that is too long for a list of its elements: the set, the binder and the predicate.
    pub(crate) fn long_filter(&mut self, rule: u32, env: &super::Env<'m>) -> Gen<Option<(Val, &'m Binder, &'m Node)>> {
        let model = self.shared.model;
        let rule = &model.code.rules[rule as usize];
        let mut sets = self.binder_sets(&rule.binders, env)?;
        let (Some(set), Some(binder)) = (sets.pop(), rule.binders.first()) else { return Ok(None) };
        let Val::Const(value @ Value::Lazy(_)) = &set else { return Ok(None) };
        let is_long = self.shared.machine.finite_size(value).is_some_and(|size| size > MOST_LISTED);
        Ok(is_long.then_some((set, binder, &rule.body)))
    }

    /// All subsets of a set that has few elements, of many possible ones: each choice of positions in the list of its
    /// elements, in the same order.
    fn for_each_chosen(&mut self, word: V, shape: &Shape, run: Each<'_, 'm, 'f>) -> Gen<()> {
        let size = self.b.ins().popcnt(word);
        let few = self.b.ins().icmp_imm(IntCC::UnsignedLessThanOrEqual, size, MOST_SUBSET_BITS as i64);
        self.bail_unless(few, "the subsets of a large set");
        // Bits of the elements, one a cell.
        let (bits, next) = (self.temp(MOST_SUBSET_BITS as u32), self.temp(1));
        let zero = self.int(0);
        self.put(next, 0, zero);
        self.for_each_bit(word, &mut |g, index| {
            let at = g.load(next, 0);
            let offset = g.b.ins().ishl_imm(at, 3);
            let place = g.b.ins().iadd(bits, offset);
            let bit = g.bit(index);
            g.put(place, 0, bit);
            let after = g.b.ins().iadd_imm(at, 1);
            g.put(next, 0, after);
            Ok(())
        })?;
        // Choices among so many positions begin in the table where those among fewer end.
        let choices: Vec<u64> = (0..=MOST_SUBSET_BITS).flat_map(masks_in_order).collect();
        let one = self.int(1);
        let count = self.b.ins().ishl(one, size);
        let first = self.b.ins().iadd_imm(count, -1);
        let limit = self.b.ins().iadd(first, count);
        let chosen = self.temp(1);
        self.between(first, limit, IntCC::SignedLessThan, &mut |g, i| {
            let choice = g.look_up(&choices, i);
            let zero = g.int(0);
            g.put(chosen, 0, zero);
            g.for_each_bit(choice, &mut |g, position| {
                let offset = g.b.ins().ishl_imm(position, 3);
                let place = g.b.ins().iadd(bits, offset);
                let bit = g.load(place, 0);
                let so_far = g.load(chosen, 0);
                let so_far = g.b.ins().bor(so_far, bit);
                g.put(chosen, 0, so_far);
                Ok(())
            })?;
            let subset = g.load(chosen, 0);
            run(g, Val::Word(subset, shape.clone()))
        })
    }

    /// Binds an element to a pattern.
    pub(crate) fn bind(&mut self, env: &super::Env<'m>, pattern: &'m Pattern, element: &Val) -> Gen<super::Env<'m>> {
        match pattern {
            Pattern::Slot(slot) => Ok(env.with(*slot, super::Binding::Val(element.clone()))),
            Pattern::Tuple(slots) => {
                let keys = tuple_keys(slots.len());
                if self.static_domain(element).as_ref() != Some(&keys) {
                    if !matches!(element, Val::Never) {
                        self.bail("a tuple was expected");
                    }
                    return Ok(slots
                        .iter()
                        .fold(env.clone(), |env, slot| env.with(*slot, super::Binding::Val(Val::Never))));
                }
                let mut env = env.clone();
                for (index, slot) in slots.iter().enumerate() {
                    let part = self.part(element, index)?;
                    env = env.with(*slot, super::Binding::Val(part));
                }
                Ok(env)
            }
        }
    }

    /// The sets of binders, evaluated before anything is bound.
    pub(crate) fn binder_sets(&mut self, binders: &'m [Binder], env: &super::Env<'m>) -> Gen<Vec<Val>> {
        let mut sets: Vec<Val> = Vec::with_capacity(binders.len());
        for binder in binders {
            let set = match (&binder.set, sets.last()) {
                (Some(node), _) => self.eval(node, env)?,
                (None, Some(previous)) => previous.clone(),
                (None, None) => Val::Const(Value::empty_set()),
            };
            sets.push(set);
        }
        Ok(sets)
    }

    /// Runs for every combination of bound values; the first binder varies fastest, as in TLC.
    pub(crate) fn for_each_binding(
        &mut self,
        binders: &'m [Binder],
        body: &'m Node,
        env: &super::Env<'m>,
        run: &mut dyn FnMut(&mut Self, &super::Env<'m>) -> Gen<()>,
    ) -> Gen<()> {
        let sets = self.binder_sets(binders, env)?;
        self.for_each_with(binders, &sets, body, env, run)
    }

    /// The same with sets that were evaluated already.
    pub(crate) fn for_each_with(
        &mut self,
        binders: &'m [Binder],
        sets: &[Val],
        body: &'m Node,
        env: &super::Env<'m>,
        run: &mut dyn FnMut(&mut Self, &super::Env<'m>) -> Gen<()>,
    ) -> Gen<()> {
        let (Some((last, front)), Some((set, front_sets))) = (binders.split_last(), sets.split_last()) else {
            return run(self, env);
        };
        let patterns: Vec<&Pattern> = binders.iter().map(|binder| &binder.pattern).collect();
        self.with_steady(most_rounds(set), &patterns, body, env, |g| {
            g.for_each(set, &mut |g, element| {
                let env = g.bind(env, &last.pattern, &element)?;
                g.for_each_with(front, front_sets, body, &env, run)
            })
        })
    }

    /// A shape with the given elements' universe, for a set.
    pub(crate) fn set_shape(&mut self, part: Guess) -> Gen<Shape> {
        self.shape(&Guess::Set(Box::new(part)))
    }

    /// Whether no element of a set is known to exist.
    pub(crate) fn is_known_empty(val: &Val) -> bool {
        matches!(val, Val::Const(Value::Set(node)) if node.elements.is_empty())
    }
}
