//! Sequences.

use super::iterate::Fill;
use super::value::{SetVal, Val, tuple_keys};
use super::{Binding, Env, Gen, Generator, declined};
use crate::shape::layout::Form;
use crate::shape::{Guess, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value as V, types};
use std::rc::Rc;
use tla_model::ir::{Node, Pattern};
use tla_model::value::Value;

impl<'m, 'f> Generator<'m, 'f> {
    /// A sequence whose parts are known one by one.
    fn known_parts(&mut self, val: &Val) -> Gen<Option<Vec<Val>>> {
        let Some(keys) = self.static_domain(val) else { return Ok(None) };
        if !Shape::is_tuple(&keys) {
            return Ok(None);
        }
        let mut parts = Vec::with_capacity(keys.len());
        for index in 0..keys.len() {
            parts.push(self.part(val, index)?);
        }
        Ok(Some(parts))
    }

    fn tuple(parts: Vec<Val>) -> Val {
        Val::Parts(tuple_keys(parts.len()), Rc::new(parts))
    }

    /// A sequence of some length in registers or memory; leaves if the value is none.
    fn sequence(&mut self, val: &Val) -> Gen<Option<Val>> {
        if self.sequence_shape(val).is_some() {
            return Ok(Some(val.clone()));
        }
        if let Some(inner) = self.as_function(val) {
            return self.sequence(&inner);
        }
        if let Some(parts) = self.known_parts(val)? {
            let mut part = Guess::Never;
            for val in &parts {
                part = part.join(self.guess(val)?);
            }
            let shape = self.shape(&Guess::Sequence(Box::new(part), parts.len() as u32))?;
            return Ok(Some(self.in_shape(val, &shape)?));
        }
        if !matches!(val, Val::Never) {
            self.bail("a sequence was expected");
        }
        Ok(None)
    }

    /// `Len(s)`.
    pub(crate) fn len(&mut self, val: &Val) -> Gen<Val> {
        if let Some(parts) = self.known_parts(val)? {
            return Ok(Val::Const(Value::Int(parts.len() as i64)));
        }
        let Some(val) = self.sequence(val)? else { return Ok(Val::Never) };
        let Some((_, most)) = self.sequence_shape(&val) else { return Ok(Val::Never) };
        let length = self.length(&val)?;
        Ok(Val::Int(length, 0, i64::from(most)))
    }

    /// `DOMAIN f`.
    pub(crate) fn domain(&mut self, val: &Val) -> Gen<Val> {
        if let Some(keys) = self.static_domain(val) {
            let keys: Vec<Value> = keys.iter().map(crate::shape::Datum::value).collect();
            return Ok(Val::Const(Value::sorted_set(keys)));
        }
        match self.len(val)? {
            Val::Never => Ok(Val::Never),
            length => Ok(Val::set(SetVal::Range(Val::Const(Value::Int(1)), length))),
        }
    }

    /// `Head(s)`.
    pub(crate) fn head(&mut self, val: &Val) -> Gen<Val> {
        if let Some(parts) = self.known_parts(val)? {
            return Ok(match parts.into_iter().next() {
                Some(first) => first,
                None => {
                    self.bail("the head of an empty sequence");
                    Val::Never
                }
            });
        }
        let Some(val) = self.sequence(val)? else { return Ok(Val::Never) };
        self.not_empty(&val)?;
        self.part(&val, 0)
    }

    fn not_empty(&mut self, val: &Val) -> Gen<()> {
        let length = self.length(val)?;
        let some = self.b.ins().icmp_imm(IntCC::NotEqual, length, 0);
        self.bail_unless(some, "an empty sequence");
        Ok(())
    }

    /// `Tail(s)`.
    pub(crate) fn tail(&mut self, val: &Val) -> Gen<Val> {
        if let Some(parts) = self.known_parts(val)? {
            if parts.is_empty() {
                self.bail("the tail of an empty sequence");
                return Ok(Val::Never);
            }
            return Ok(Self::tuple(parts.into_iter().skip(1).collect()));
        }
        let Some(val) = self.sequence(val)? else { return Ok(Val::Never) };
        self.not_empty(&val)?;
        let Some((part, most)) = self.sequence_shape(&val) else { return Ok(Val::Never) };
        if most == 0 {
            return Ok(Val::Never);
        }
        let length = self.length(&val)?;
        let less = self.b.ins().iadd_imm(length, -1);
        match &val {
            Val::Word(word, shape) => {
                let length_bits = Shape::length_bits(most);
                let bits = part.bits().unwrap_or(0);
                let elements = match length_bits + bits {
                    64.. => self.int(0),
                    at => self.b.ins().ushr_imm(*word, i64::from(at)),
                };
                let elements = self.b.ins().ishl_imm(elements, i64::from(length_bits));
                Ok(Val::Word(self.b.ins().bor(elements, less), shape.clone()))
            }
            Val::Cells(at, shape) => {
                let copy = self.temp(shape.cells());
                let rest = (most - 1) * part.cells();
                let from = self.b.ins().iadd_imm(*at, i64::from(1 + part.cells()) * 8);
                self.copy(from, copy, 1, rest);
                let zero = self.int(0);
                (0..part.cells()).for_each(|cell| self.put(copy, 1 + rest + cell, zero));
                self.put(copy, 0, less);
                Ok(Val::Cells(copy, shape.clone()))
            }
            _ => Ok(Val::Never),
        }
    }

    /// `Append(s, e)`.
    pub(crate) fn append(&mut self, val: &Val, element: &Val) -> Gen<Val> {
        if let Some(mut parts) = self.known_parts(val)? {
            parts.push(element.clone());
            return Ok(Self::tuple(parts));
        }
        let Some(val) = self.sequence(val)? else { return Ok(Val::Never) };
        let val = if self.is_recursing() { self.with_room_for(val, element)? } else { val };
        let Some((part, most)) = self.sequence_shape(&val) else { return Ok(Val::Never) };
        let length = self.length(&val)?;
        let room = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, length, i64::from(most));
        self.bail_unless(room, "a sequence grows beyond its shape");
        match &val {
            Val::Word(word, shape) => {
                let (fits, field) = self.fit(element, &part)?;
                self.must(fits);
                let bits = part.bits().unwrap_or(0);
                let shift = self.b.ins().imul_imm(length, i64::from(bits));
                let shift = self.b.ins().iadd_imm(shift, i64::from(Shape::length_bits(most)));
                let field = self.b.ins().ishl(field, shift);
                let longer = self.b.ins().iadd_imm(*word, 1);
                let word = if bits == 0 { longer } else { self.b.ins().bor(longer, field) };
                Ok(Val::Word(word, shape.clone()))
            }
            Val::Cells(at, shape) => {
                let copy = self.temp(shape.cells());
                self.copy(*at, copy, 0, shape.cells());
                self.store_at(element, shape, copy, length)?;
                let longer = self.b.ins().iadd_imm(length, 1);
                self.put(copy, 0, longer);
                Ok(Val::Cells(copy, shape.clone()))
            }
            _ => Ok(Val::Never),
        }
    }

    /// The same sequence in a shape that has room for one more element. Where sequences are stored in variables they keep
    /// their shape; what a recursion makes has to grow.
    fn with_room_for(&mut self, val: Val, element: &Val) -> Gen<Val> {
        let Some((part, most)) = self.sequence_shape(&val) else { return Ok(val) };
        let part = part.guess().join(self.guess(element)?);
        let shape = self.shape(&Guess::Sequence(Box::new(part), most + 1))?;
        self.in_shape(&val, &shape)
    }

    /// A sequence of a shape, element by element: `fill` is given a function that takes the next element.
    fn listed(&mut self, part: Guess, most: u32, fill: Fill<'_, 'm, 'f>) -> Gen<Val> {
        let shape = self.shape(&Guess::Sequence(Box::new(part), most))?;
        let Form::Sequence { part, .. } = shape.form() else { return Ok(Val::Never) };
        let part = part.clone();
        if shape.is_narrow() {
            // The word and the number of elements so far.
            let state = self.temp(2);
            let zero = self.int(0);
            self.put(state, 0, zero);
            self.put(state, 1, zero);
            let bits = i64::from(part.bits().unwrap_or(0));
            let mark = self.cache.len();
            fill(self, &mut |g, element| {
                let length = g.load(state, 1);
                let room = g.b.ins().icmp_imm(IntCC::UnsignedLessThan, length, i64::from(most));
                g.bail_unless(room, "a sequence grows beyond its shape");
                let (fits, field) = g.fit(&element, &part)?;
                g.must(fits);
                let shift = g.b.ins().imul_imm(length, bits);
                let field = g.b.ins().ishl(field, shift);
                let word = g.load(state, 0);
                let word = if bits == 0 { word } else { g.b.ins().bor(word, field) };
                g.put(state, 0, word);
                let longer = g.b.ins().iadd_imm(length, 1);
                g.put(state, 1, longer);
                Ok(())
            })?;
            self.forget_to(mark);
            let (elements, length) = (self.load(state, 0), self.load(state, 1));
            let elements = self.b.ins().ishl_imm(elements, i64::from(Shape::length_bits(most)) & 63);
            let word = self.b.ins().bor(elements, length);
            return Ok(Val::Word(word, shape.clone()));
        }
        let at = self.temp(shape.cells());
        self.clear(at, 0, shape.cells());
        let mark = self.cache.len();
        fill(self, &mut |g, element| {
            let length = g.load(at, 0);
            let room = g.b.ins().icmp_imm(IntCC::UnsignedLessThan, length, i64::from(most));
            g.bail_unless(room, "a sequence grows beyond its shape");
            g.store_at(&element, &shape, at, length)?;
            let longer = g.b.ins().iadd_imm(length, 1);
            g.put(at, 0, longer);
            Ok(())
        })?;
        self.forget_to(mark);
        Ok(Val::Cells(at, shape.clone()))
    }

    /// Runs for each element from one index on and before another.
    fn for_each_part(&mut self, val: &Val, from: V, to: V, run: &mut dyn FnMut(&mut Self, Val) -> Gen<()>) -> Gen<()> {
        let (header, index) = self.block_with(types::I64);
        let (body, done) = (self.b.create_block(), self.b.create_block());
        self.jump_with(header, from);
        self.b.switch_to_block(header);
        let more = self.b.ins().icmp(IntCC::SignedLessThan, index, to);
        self.b.ins().brif(more, body, &[], done, &[]);
        self.b.switch_to_block(body);
        let mark = self.cache.len();
        let part = self.at(val, index)?;
        run(self, part)?;
        self.forget_to(mark);
        let next = self.b.ins().iadd_imm(index, 1);
        self.jump_with(header, next);
        self.b.switch_to_block(done);
        Ok(())
    }

    /// `s \o t`.
    pub(crate) fn concat(&mut self, a: &Val, b: &Val) -> Gen<Val> {
        if let (Some(mut parts), Some(others)) = (self.known_parts(a)?, self.known_parts(b)?) {
            parts.extend(others);
            return Ok(Self::tuple(parts));
        }
        let (Some(a), Some(b)) = (self.sequence(a)?, self.sequence(b)?) else { return Ok(Val::Never) };
        let (Some((x, m)), Some((y, n))) = (self.sequence_shape(&a), self.sequence_shape(&b)) else {
            return Ok(Val::Never);
        };
        let part = x.guess().join(y.guess());
        self.listed(part, m + n, &mut |g, add| {
            for val in [&a, &b] {
                let length = g.length(val)?;
                let zero = g.int(0);
                g.for_each_part(val, zero, length, add)?;
            }
            Ok(())
        })
    }

    /// `SubSeq(s, m, n)`.
    pub(crate) fn sub_sequence(&mut self, val: &Val, from: &Val, to: &Val) -> Gen<Val> {
        let Some(val) = self.sequence(val)? else { return Ok(Val::Never) };
        let (Some((first, ..)), Some((last, ..))) = (self.integer(from), self.integer(to)) else {
            self.bail("an integer was expected");
            return Ok(Val::Never);
        };
        let Some((part, most)) = self.sequence_shape(&val) else { return Ok(Val::Never) };
        let length = self.length(&val)?;
        let empty = self.b.ins().icmp(IntCC::SignedGreaterThan, first, last);
        let starts = self.b.ins().icmp_imm(IntCC::SignedGreaterThanOrEqual, first, 1);
        let ends = self.b.ins().icmp(IntCC::SignedLessThanOrEqual, last, length);
        let inside = self.b.ins().band(starts, ends);
        let fine = self.b.ins().bor(empty, inside);
        self.bail_unless(fine, "an argument outside of the domain");
        let start = self.b.ins().iadd_imm(first, -1);
        self.listed(part.guess(), most, &mut |g, add| g.for_each_part(&val, start, last, add))
    }

    /// `SelectSeq(s, Test)`.
    pub(crate) fn select_sequence(&mut self, val: &Val, test: &Binding<'m>) -> Gen<Val> {
        let Some(val) = self.sequence(val)? else { return Ok(Val::Never) };
        let Some((part, most)) = self.sequence_shape(&val) else { return Ok(Val::Never) };
        self.listed(part.guess(), most, &mut |g, add| {
            let length = g.length(&val)?;
            let zero = g.int(0);
            g.for_each_part(&val, zero, length, &mut |g, element| {
                let passes = g.call_operator(test, std::slice::from_ref(&element))?;
                let passes = g.truth(&passes);
                let (yes, no) = (g.b.create_block(), g.b.create_block());
                g.branch(passes, yes, no);
                g.b.switch_to_block(yes);
                add(g, element)?;
                g.jump(no);
                g.b.switch_to_block(no);
                Ok(())
            })
        })
    }

    /// `[i \in 1..n |-> e]` where `n` depends on the state.
    pub(crate) fn sequence_by_rule(
        &mut self,
        high: &Val,
        pattern: &'m Pattern,
        body: &'m Node,
        env: &Env<'m>,
    ) -> Gen<Val> {
        let Some((last, _, most)) = self.integer(high) else {
            self.bail("an integer was expected");
            return Ok(Val::Never);
        };
        let Some(most) = u32::try_from(most.max(0)).ok().filter(|most| *most <= 64) else {
            return declined(self.span, "a sequence that may be very long");
        };
        if most == 0 {
            return Ok(Val::Const(Value::tuple(Vec::new())));
        }
        let range = Val::set(SetVal::Range(Val::Const(Value::Int(1)), Val::Int(last, 0, i64::from(most))));
        let guess = self.rehearse(|g| {
            let mut guess = Guess::Never;
            g.for_each(&range, &mut |g, i| {
                let env = g.bind(env, pattern, &i)?;
                let val = g.eval(body, &env)?;
                guess = g.guess(&val)?;
                Ok(())
            })?;
            Ok(guess)
        })?;
        self.with_steady(most as usize, &[pattern], body, env, |g| {
            g.listed(guess, most, &mut |g, add| {
                g.for_each(&range, &mut |g, i| {
                    let env = g.bind(env, pattern, &i)?;
                    let val = g.eval(body, &env)?;
                    add(g, val)
                })
            })
        })
    }
}
