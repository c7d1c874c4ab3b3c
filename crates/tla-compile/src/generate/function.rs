//! Functions, tuples and records: parts, application, update.

use super::fit::mask;
use super::value::{Truth, Val};
use super::{Env, Gen, Generator, declined};
use crate::shape::layout::Form;
use crate::shape::{Datum, Guess, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, TrapCode, Value as V};
use std::rc::Rc;
use std::sync::Arc;
use tla_model::ir::{Node, PathStep, Update};
use tla_model::value::Value;
use tla_model::value::order::{function_len, function_pair};

/// Where a part lies.
#[derive(Clone, Copy)]
enum Index {
    Static(usize),
    Dynamic(V),
}

fn is_function(form: &Form) -> bool {
    matches!(form, Form::Product { .. } | Form::Sequence { .. })
}

impl<'m> Generator<'m, '_> {
    /// The arguments of a function, if they are known.
    pub(crate) fn static_domain(&mut self, val: &Val) -> Option<Arc<[Datum]>> {
        match val {
            Val::Const(value) => {
                let value = self.explicit(value).ok()?;
                let count = function_len(&value)?;
                (0..count).map(|i| Datum::of(&function_pair(&value, i).0)).collect()
            }
            Val::Parts(keys, _) => Some(keys.clone()),
            Val::Word(_, shape) | Val::Cells(_, shape) => match shape.form() {
                Form::Product { keys, .. } => Some(keys.clone()),
                _ => None,
            },
            Val::Never | Val::Flag(_) | Val::Int(..) | Val::Set(_) => None,
        }
    }

    /// Element shape and greatest length, if it is a sequence whose length is not known.
    pub(crate) fn sequence_shape(&self, val: &Val) -> Option<(Shape, u32)> {
        match val.shape()?.form() {
            Form::Sequence { part, most } => Some((part.clone(), *most)),
            _ => None,
        }
    }

    /// A value that may be of several kinds, taken for a function if only one of them is.
    pub(crate) fn as_function(&mut self, val: &Val) -> Option<Val> {
        match val.shape()?.form() {
            Form::Union(_) => self.only_alternative(val, &is_function),
            _ => None,
        }
    }

    /// The length of a sequence.
    pub(crate) fn length(&mut self, val: &Val) -> Gen<V> {
        match val {
            Val::Word(word, shape) => match shape.form() {
                Form::Sequence { most, .. } => Ok(self.b.ins().band_imm(*word, mask(Shape::length_bits(*most)))),
                _ => declined(self.span, "a sequence was expected here"),
            },
            Val::Cells(at, _) => Ok(self.load(*at, 0)),
            _ => declined(self.span, "a sequence was expected here"),
        }
    }

    /// The value at an index of a function with a known domain, or of a sequence that is long enough.
    pub(crate) fn part(&mut self, val: &Val, index: usize) -> Gen<Val> {
        Ok(match val {
            Val::Never => Val::Never,
            Val::Const(value) => {
                let value = self.explicit(value)?;
                Val::Const(function_pair(&value, index).1)
            }
            Val::Parts(_, parts) => parts[index].clone(),
            Val::Word(word, shape) => match shape.form() {
                Form::Product { parts, offsets, .. } => {
                    let field = self.field(*word, offsets[index], parts[index].bits().unwrap_or(0));
                    self.word_value(field, &parts[index])
                }
                Form::Sequence { part, most } => {
                    let bits = part.bits().unwrap_or(0);
                    let field = self.field(*word, Shape::length_bits(*most) + index as u32 * bits, bits);
                    self.word_value(field, part)
                }
                _ => return declined(self.span, "a function was expected here"),
            },
            Val::Cells(at, shape) => match shape.form() {
                Form::Product { parts, offsets, .. } => self.memory_value(*at, offsets[index], &parts[index]),
                Form::Sequence { part, .. } => self.memory_value(*at, 1 + index as u32 * part.cells(), part),
                _ => return declined(self.span, "a function was expected here"),
            },
            Val::Flag(_) | Val::Int(..) | Val::Set(_) => return declined(self.span, "a function was expected here"),
        })
    }

    /// Some bits of a word.
    pub(crate) fn field(&mut self, word: V, at: u32, bits: u32) -> V {
        if bits == 0 {
            return self.int(0);
        }
        let low = if at == 0 { word } else { self.b.ins().ushr_imm(word, i64::from(at)) };
        if at + bits >= 64 { low } else { self.b.ins().band_imm(low, mask(bits)) }
    }

    /// Index of an argument, and whether it is one.
    fn index_of_key(&mut self, key: &Val, keys: &[Datum]) -> Gen<(Truth, V)> {
        let guess = Guess::of_all(keys);
        let shape = self.shape(&guess)?;
        let Some(bits) = shape.bits().filter(|bits| *bits <= 16) else {
            return declined(self.span, "a function is applied to arguments of too many different kinds");
        };
        let (fits, word) = self.fit(key, &shape)?;
        let mut table = vec![u64::MAX; 1 << bits];
        for (index, key) in keys.iter().enumerate() {
            if let Some(word) = crate::shape::pack::word(&shape, &key.value()) {
                table[word as usize] = index as u64;
            }
        }
        let total = shape.count() == Some(keys.len() as u64);
        if total && keys.len() <= table.len() && table.iter().take(keys.len()).zip(0..).all(|(i, j)| *i == j) {
            return Ok((fits, word));
        }
        let word = self.b.ins().band_imm(word, mask(bits));
        let index = self.look_up(&table, word);
        let found = self.b.ins().icmp_imm(IntCC::NotEqual, index, -1);
        let zero = self.int(0);
        let index = self.b.ins().select(found, index, zero);
        let fits = self.and(fits, Truth::Flag(found));
        Ok((fits, index))
    }

    /// Where the value for an argument lies; leaves if there is none.
    fn locate(&mut self, function: &Val, key: &Val) -> Gen<Option<Index>> {
        if let Val::Never = key {
            return Ok(None);
        }
        if let Some(keys) = self.static_domain(function) {
            if let Val::Const(key) = key {
                let key = self.explicit(key)?;
                let key = Datum::of(&key);
                let position = key.and_then(|key| keys.iter().position(|known| *known == key));
                if position.is_none() {
                    self.bail("an argument outside of the domain");
                }
                return Ok(position.map(Index::Static));
            }
            if let [only] = &keys[..] {
                let same = self.equal(key, &Val::Const(only.value()))?;
                self.must(same);
                return Ok(Some(Index::Static(0)));
            }
            let (fits, index) = self.index_of_key(key, &keys)?;
            return Ok(match fits {
                Truth::Never => None,
                Truth::Known(false) => {
                    self.bail("an argument outside of the domain");
                    None
                }
                Truth::Known(true) => Some(Index::Dynamic(index)),
                Truth::Flag(flag) => {
                    self.bail_unless(flag, "an argument outside of the domain");
                    Some(Index::Dynamic(index))
                }
            });
        }
        if self.sequence_shape(function).is_some() {
            let length = self.length(function)?;
            if let Val::Const(Value::Int(i)) = key {
                let known = usize::try_from(*i - 1).ok();
                let Some(index) = known.filter(|_| *i <= 1 << 20) else {
                    self.bail("an argument outside of the domain");
                    return Ok(None);
                };
                let inside = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThanOrEqual, length, *i);
                self.bail_unless(inside, "an argument outside of the domain");
                return Ok(Some(Index::Static(index)));
            }
            let Some((key, ..)) = self.integer(key) else {
                self.bail("a sequence is applied to no integer");
                return Ok(None);
            };
            let index = self.b.ins().iadd_imm(key, -1);
            let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, index, length);
            self.bail_unless(inside, "an argument outside of the domain");
            return Ok(Some(Index::Dynamic(index)));
        }
        self.bail("a function was expected");
        Ok(None)
    }

    /// `f[x]`.
    pub(crate) fn apply(&mut self, function: &Val, key: &Val) -> Gen<Val> {
        if let Val::Never = function {
            return Ok(Val::Never);
        }
        if let Some(shape) = function.shape().cloned()
            && let Form::Union(all) = shape.form()
        {
            return self.apply_one_of(function, all, key);
        }
        match self.locate(function, key)? {
            None => Ok(Val::Never),
            Some(Index::Static(index)) => self.part(function, index),
            Some(Index::Dynamic(index)) => self.at(function, index),
        }
    }

    /// Applies a value that may be one of several functions.
    fn apply_one_of(&mut self, function: &Val, all: &[Shape], key: &Val) -> Gen<Val> {
        let wanted = match key {
            Val::Const(key) => Datum::of(key),
            _ => None,
        };
        let fitting = |shape: &Shape| match (shape.form(), &wanted) {
            (Form::Product { keys, .. }, Some(wanted)) => keys.contains(wanted),
            (form, _) => is_function(form),
        };
        let tags: Vec<usize> = (0..all.len()).filter(|tag| fitting(&all[*tag])).collect();
        match &tags[..] {
            [] => {
                self.bail("a value that is no function with this argument");
                Ok(Val::Never)
            }
            [only] => {
                let is_it = self.has_tag(function, *only);
                self.bail_unless(is_it, "a value that is no function with this argument");
                let inner = self.alternative(function, *only);
                self.apply(&inner, key)
            }
            several => {
                let several = several.to_vec();
                let (function, key) = (function.clone(), key.clone());
                self.switch(&several, &mut |g, tag| Ok(Truth::Flag(g.has_tag(&function, tag))), &mut |g, tag| {
                    let inner = g.alternative(&function, tag);
                    g.apply(&inner, &key)
                })
            }
        }
    }

    /// The value of the first case whose test holds; leaves if none does.
    pub(crate) fn switch(
        &mut self,
        cases: &[usize],
        test: &mut dyn FnMut(&mut Self, usize) -> Gen<Truth>,
        run: &mut dyn FnMut(&mut Self, usize) -> Gen<Val>,
    ) -> Gen<Val> {
        let mut ends = Vec::new();
        for case in cases {
            let (yes, no) = (self.b.create_block(), self.b.create_block());
            let truth = test(self, *case)?;
            self.branch(truth, yes, no);
            self.b.switch_to_block(yes);
            let mark = self.cache.len();
            let val = run(self, *case)?;
            self.forget_to(mark);
            let end = self.b.create_block();
            self.jump(end);
            ends.push((end, val));
            self.b.switch_to_block(no);
        }
        self.bail("no case applies");
        self.b.ins().trap(TrapCode::unwrap_user(1));
        self.meet(ends)
    }

    /// Joins branches; each block is open and empty.
    pub(crate) fn meet(&mut self, ends: Vec<(Block, Val)>) -> Gen<Val> {
        let vals: Vec<Val> = ends.iter().map(|(_, val)| val.clone()).collect();
        let common = self.common(&vals)?;
        let Some(common) = common else {
            let after = self.b.create_block();
            for (end, _) in ends {
                self.b.switch_to_block(end);
                self.jump(after);
            }
            self.b.switch_to_block(after);
            return Ok(Val::Never);
        };
        let (after, param) = self.block_with(Self::carrier(&common));
        for (end, val) in ends {
            self.b.switch_to_block(end);
            let register = self.carry(&val, &common)?;
            self.jump_with(after, register);
        }
        self.b.switch_to_block(after);
        Ok(self.carried(param, &common))
    }

    /// Whether all parts of a function have one shape.
    fn uniform(&self, val: &Val) -> Option<Shape> {
        match val.shape()?.form() {
            Form::Product { parts, .. } => {
                let first = parts.first()?;
                parts.iter().all(|part| part == first).then(|| first.clone())
            }
            Form::Sequence { part, .. } => Some(part.clone()),
            _ => None,
        }
    }

    /// The same function with parts of one shape, wide enough for one more value.
    fn evened(&mut self, val: &Val, more: Option<&Val>) -> Gen<Val> {
        let Some(keys) = self.static_domain(val) else { return declined(self.span, "a function was expected here") };
        let mut part = match more {
            Some(more) => self.guess(more)?,
            None => Guess::Never,
        };
        for index in 0..keys.len() {
            let value = self.part(val, index)?;
            part = part.join(self.guess(&value)?);
        }
        let count = keys.len();
        let shape = self.shape(&Guess::Product(keys, vec![part; count]))?;
        self.in_shape(val, &shape)
    }

    /// The value at an index that lies inside of the function.
    pub(crate) fn at(&mut self, val: &Val, index: V) -> Gen<Val> {
        let (val, part) = match self.uniform(val) {
            Some(part) => (val.clone(), part),
            None => {
                let evened = self.evened(val, None)?;
                match self.uniform(&evened) {
                    Some(part) => (evened, part),
                    None => return Ok(Val::Never),
                }
            }
        };
        match &val {
            Val::Word(word, shape) => {
                let bits = part.bits().unwrap_or(0);
                if bits == 0 {
                    let zero = self.int(0);
                    return Ok(self.word_value(zero, &part));
                }
                let shift = self.bit_of(shape, index, bits);
                let low = self.b.ins().ushr(*word, shift);
                let field = if bits >= 64 { low } else { self.b.ins().band_imm(low, mask(bits)) };
                Ok(self.word_value(field, &part))
            }
            Val::Cells(at, shape) => {
                let place = self.place_of(shape, *at, index, &part);
                Ok(self.memory_value(place, 0, &part))
            }
            _ => Ok(Val::Never),
        }
    }

    /// First bit of the part with an index.
    fn bit_of(&mut self, shape: &Shape, index: V, bits: u32) -> V {
        let shift = self.b.ins().imul_imm(index, i64::from(bits));
        match shape.form() {
            Form::Sequence { most, .. } => self.b.ins().iadd_imm(shift, i64::from(Shape::length_bits(*most))),
            _ => shift,
        }
    }

    /// Address of the part with an index.
    fn place_of(&mut self, shape: &Shape, at: V, index: V, part: &Shape) -> V {
        let offset = self.b.ins().imul_imm(index, i64::from(part.cells()) * 8);
        let place = self.b.ins().iadd(at, offset);
        match shape.form() {
            Form::Sequence { .. } => self.b.ins().iadd_imm(place, 8),
            _ => place,
        }
    }

    /// Puts a value at an index of a sequence that lies in memory.
    pub(crate) fn store_at(&mut self, val: &Val, shape: &Shape, at: V, index: V) -> Gen<()> {
        let Form::Sequence { part, .. } = shape.form() else { return declined(self.span, "a sequence was expected") };
        let place = self.place_of(shape, at, index, part);
        self.store(val, part, place, 0)
    }

    /// The function with another value at an index.
    fn replaced(&mut self, val: &Val, index: Index, new: &Val) -> Gen<Val> {
        if let Val::Never = new {
            return Ok(Val::Never);
        }
        match (val, index) {
            (Val::Const(_) | Val::Parts(..), Index::Static(index)) => {
                let Some(keys) = self.static_domain(val) else { return Ok(Val::Never) };
                let mut parts = Vec::with_capacity(keys.len());
                for other in 0..keys.len() {
                    parts.push(if other == index { new.clone() } else { self.part(val, other)? });
                }
                Ok(Val::Parts(keys, Rc::new(parts)))
            }
            (Val::Word(word, shape), Index::Static(index)) => {
                let (part, offset) = match shape.form() {
                    Form::Product { parts, offsets, .. } => (&parts[index], offsets[index]),
                    Form::Sequence { part, most } => {
                        (part, Shape::length_bits(*most) + index as u32 * part.bits().unwrap_or(0))
                    }
                    _ => return declined(self.span, "a function was expected here"),
                };
                let (fits, field) = self.fit(new, part)?;
                self.must(fits);
                let bits = part.bits().unwrap_or(0);
                if bits == 0 {
                    return Ok(val.clone());
                }
                let hole = !(crate::row::low_bits(bits) << offset);
                let kept = self.b.ins().band_imm(*word, hole as i64);
                let field = if offset == 0 { field } else { self.b.ins().ishl_imm(field, i64::from(offset)) };
                Ok(Val::Word(self.b.ins().bor(kept, field), shape.clone()))
            }
            (Val::Cells(at, shape), Index::Static(index)) => {
                let (part, offset) = match shape.form() {
                    Form::Product { parts, offsets, .. } => (&parts[index], offsets[index]),
                    Form::Sequence { part, .. } => (part, 1 + index as u32 * part.cells()),
                    _ => return declined(self.span, "a function was expected here"),
                };
                let copy = self.temp(shape.cells());
                self.copy(*at, copy, 0, shape.cells());
                self.store(new, part, copy, offset)?;
                Ok(Val::Cells(copy, shape.clone()))
            }
            (_, Index::Dynamic(index)) => self.replaced_at(val, index, new),
            _ => declined(self.span, "a function was expected here"),
        }
    }

    fn replaced_at(&mut self, val: &Val, index: V, new: &Val) -> Gen<Val> {
        let (val, part) = match self.uniform(val) {
            Some(part) => (val.clone(), part),
            None => {
                let evened = self.evened(val, Some(new))?;
                match self.uniform(&evened) {
                    Some(part) => (evened, part),
                    None => return Ok(Val::Never),
                }
            }
        };
        match &val {
            Val::Word(word, shape) => {
                let (fits, field) = self.fit(new, &part)?;
                self.must(fits);
                let bits = part.bits().unwrap_or(0);
                if bits == 0 {
                    return Ok(val.clone());
                }
                let shift = self.bit_of(shape, index, bits);
                let ones = self.int(mask(bits));
                let hole = self.b.ins().ishl(ones, shift);
                let kept = self.b.ins().band_not(*word, hole);
                let field = self.b.ins().ishl(field, shift);
                Ok(Val::Word(self.b.ins().bor(kept, field), shape.clone()))
            }
            Val::Cells(at, shape) => {
                let copy = self.temp(shape.cells());
                self.copy(*at, copy, 0, shape.cells());
                let place = self.place_of(shape, copy, index, &part);
                self.store(new, &part, place, 0)?;
                Ok(Val::Cells(copy, shape.clone()))
            }
            _ => Ok(Val::Never),
        }
    }

    /// `[f EXCEPT …]`.
    pub(crate) fn except(&mut self, base: &'m Node, updates: &'m [Update], env: &Env<'m>) -> Gen<Val> {
        let mut val = self.eval(base, env)?;
        for update in updates {
            val = self.updated(&val, update, 0, env)?;
        }
        Ok(val)
    }

    fn updated(&mut self, val: &Val, update: &'m Update, step: usize, env: &Env<'m>) -> Gen<Val> {
        if let Val::Never = val {
            return Ok(Val::Never);
        }
        let Some(path_step) = update.path.get(step) else {
            let env = match update.old {
                Some(slot) => env.with(slot, super::Binding::Val(val.clone())),
                None => env.clone(),
            };
            return self.eval(&update.value, &env);
        };
        let key = match path_step {
            PathStep::Field(field) => Val::Const(Value::String(*field)),
            PathStep::Index(node) => self.eval(node, env)?,
        };
        let known = match val.shape().map(Shape::form) {
            Some(Form::Union(_)) => match self.as_function(val) {
                Some(inner) => inner,
                None => return declined(self.span, "an update of a value that may be one of several functions"),
            },
            _ => val.clone(),
        };
        let known = match known {
            Val::Const(value) => Val::Const(self.explicit(&value)?),
            other => other,
        };
        let Some(index) = self.locate(&known, &key)? else { return Ok(Val::Never) };
        let old = match index {
            Index::Static(index) => self.part(&known, index)?,
            Index::Dynamic(index) => self.at(&known, index)?,
        };
        let new = self.updated(&old, update, step + 1, env)?;
        self.replaced(&known, index, &new)
    }
}
