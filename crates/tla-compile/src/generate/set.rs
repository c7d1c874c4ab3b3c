//! Sets: membership, algebra, filters and images.

use super::fit::mask;
use super::iterate::Fill;
use super::value::{SetVal, Truth, Val};
use super::{Env, Gen, Generator, declined};
use crate::shape::layout::{Form, Universe};
use crate::shape::{Datum, Guess, Shape, pack};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value as V, types};
use std::sync::Arc;
use tla_model::ir::{Binder, Node};
use tla_model::value::{LazySet, Value};

impl<'m, 'f> Generator<'m, 'f> {
    /// The universe of a set in registers or memory.
    pub(crate) fn universe(&self, val: &Val) -> Option<Arc<Universe>> {
        match val.shape()?.form() {
            Form::Set(universe) => Some(universe.clone()),
            _ => None,
        }
    }

    /// `x \in S`.
    pub(crate) fn contains(&mut self, element: &Val, set: &Val) -> Gen<Truth> {
        match (element, set) {
            (Val::Never, _) | (_, Val::Never) => Ok(Truth::Never),
            (Val::Const(x), Val::Const(s)) => Ok(match self.shared.machine.member(x, s) {
                Ok(inside) => Truth::Known(inside),
                Err(_) => {
                    self.bail("membership is undefined");
                    Truth::Never
                }
            }),
            (_, Val::Const(s)) => self.in_constant(element, s),
            (_, Val::Word(..) | Val::Cells(..)) => self.in_shaped(element, set),
            (_, Val::Set(lazy)) => {
                let lazy = lazy.clone();
                self.in_lazy(element, &lazy)
            }
            (_, Val::Flag(_) | Val::Int(..) | Val::Parts(..)) => {
                self.bail("a set was expected");
                Ok(Truth::Never)
            }
        }
    }

    fn in_shaped(&mut self, element: &Val, set: &Val) -> Gen<Truth> {
        let Some(universe) = self.universe(set) else {
            return match self.only_alternative(set, &|form| matches!(form, Form::Set(_))) {
                Some(inner) => self.contains(element, &inner),
                None => {
                    self.bail("a set was expected");
                    Ok(Truth::Never)
                }
            };
        };
        let kind = self.guess(element)?;
        if self.refuse_unlike(&kind, &universe.part.guess()) {
            return Ok(Truth::Never);
        }
        let (fits, index) = self.index_in(element, &universe)?;
        if let Truth::Known(false) | Truth::Never = fits {
            return Ok(fits);
        }
        let inside = match set {
            Val::Word(word, _) => {
                let low = self.b.ins().ushr(*word, index);
                // A shift takes the index modulo 64; an index that does not fit is 0 or discarded below.
                let low = self.b.ins().band_imm(low, 1);
                self.b.ins().icmp_imm(IntCC::NotEqual, low, 0)
            }
            Val::Cells(at, shape) => {
                let safe = match fits {
                    Truth::Flag(flag) => {
                        let zero = self.int(0);
                        self.b.ins().select(flag, index, zero)
                    }
                    _ => index,
                };
                let _ = shape;
                let place = self.cell_of_bit(*at, safe);
                let word = self.load(place, 0);
                let low = self.b.ins().ushr(word, safe);
                let low = self.b.ins().band_imm(low, 1);
                self.b.ins().icmp_imm(IntCC::NotEqual, low, 0)
            }
            _ => return declined(self.span, "a set was expected here"),
        };
        Ok(self.and(fits, Truth::Flag(inside)))
    }

    fn in_constant(&mut self, element: &Val, set: &Value) -> Gen<Truth> {
        match set {
            Value::Interval(range) => {
                if let Some(inside) = self.integer_or_model(element, &Val::Const(set.clone()))? {
                    return Ok(inside);
                }
                let Some((value, low, high)) = self.integer(element) else {
                    self.bail("an integer was expected");
                    return Ok(Truth::Never);
                };
                if range.low <= low && high <= range.high {
                    return Ok(Truth::Known(true));
                }
                let offset = self.b.ins().iadd_imm(value, range.low.wrapping_neg());
                let most = range.high.wrapping_sub(range.low);
                Ok(Truth::Flag(self.b.ins().icmp_imm(IntCC::UnsignedLessThanOrEqual, offset, most)))
            }
            Value::Set(node) => {
                let Some(data) = node.elements.iter().map(Datum::of).collect::<Option<Vec<_>>>() else {
                    return self.in_any_of(element, &node.elements);
                };
                if data.is_empty() {
                    return Ok(Truth::Known(false));
                }
                let guess = Guess::of_all(&data).firmly();
                let kind = self.guess(element)?;
                if self.refuse_unlike(&kind, &guess) {
                    return Ok(Truth::Never);
                }
                self.in_data(element, &data, &guess)
            }
            Value::Lazy(lazy) => self.in_symbolic(element, lazy),
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
                Ok(Truth::Never)
            }
        }
    }

    /// Membership of a value that is an integer or a model value in a set of integers: a model value is in none.
    fn integer_or_model(&mut self, element: &Val, set: &Val) -> Gen<Option<Truth>> {
        if let Guess::Atom(atoms) = self.guess(element)?
            && atoms.iter().all(|atom| matches!(atom, Datum::Model(_)))
            && !self.refuse_unlike(&Guess::Atom(atoms), &Guess::Int { low: 0, high: 0, firm: true })
        {
            return Ok(Some(Truth::Known(false)));
        }
        let Some(shape) = element.shape().cloned() else { return Ok(None) };
        let Form::Union(all) = shape.form() else { return Ok(None) };
        let integer = all.iter().position(|shape| matches!(shape.form(), Form::Int { .. }));
        let others: Vec<Guess> =
            all.iter().map(Shape::guess).filter(|guess| !matches!(guess, Guess::Int { .. })).collect();
        let (Some(tag), [Guess::Atom(atoms)]) = (integer, &others[..]) else { return Ok(None) };
        if self.refuse_unlike(&Guess::Atom(atoms.clone()), &Guess::Int { low: 0, high: 0, firm: true }) {
            return Ok(Some(Truth::Never));
        }
        let is_it = self.has_tag(element, tag);
        let inner = self.alternative(element, tag);
        let inside = self.contains(&inner, set)?;
        Ok(Some(self.and(Truth::Flag(is_it), inside)))
    }

    fn in_any_of(&mut self, element: &Val, all: &[Value]) -> Gen<Truth> {
        let mut inside = Truth::Known(false);
        for other in all {
            let same = self.equal(element, &Val::Const(other.clone()))?;
            inside = self.or(inside, same);
        }
        Ok(inside)
    }

    fn in_data(&mut self, element: &Val, data: &[Datum], guess: &Guess) -> Gen<Truth> {
        // The element's own words are the quickest to look up.
        if let Val::Word(word, shape) = element
            && let Some(bits @ 0..=16) = shape.bits()
        {
            let members: Vec<u64> = data.iter().filter_map(|datum| pack::word(shape, &datum.value())).collect();
            return Ok(self.is_one_of(*word, bits, &members));
        }
        let small = self.shape(guess).ok().filter(|shape| shape.bits().is_some_and(|bits| bits <= 16));
        let Some(shape) = small else {
            let values: Vec<Value> = data.iter().map(Datum::value).collect();
            return self.in_any_of(element, &values);
        };
        let (fits, word) = self.fit(element, &shape)?;
        let members: Vec<u64> = data.iter().filter_map(|datum| pack::word(&shape, &datum.value())).collect();
        let inside = self.is_one_of(word, shape.bits().unwrap_or(0), &members);
        Ok(self.and(fits, inside))
    }

    fn is_one_of(&mut self, word: V, bits: u32, members: &[u64]) -> Truth {
        match members {
            [] => return Truth::Known(false),
            [only] => return Truth::Flag(self.b.ins().icmp_imm(IntCC::Equal, word, *only as i64)),
            _ => {}
        }
        if members.len() as u64 == 1 << bits {
            return Truth::Known(true);
        }
        if bits <= 6 {
            let all = members.iter().fold(0u64, |all, word| all | 1 << word);
            let all = self.word(all);
            let low = self.b.ins().ushr(all, word);
            let low = self.b.ins().band_imm(low, 1);
            return Truth::Flag(self.b.ins().icmp_imm(IntCC::NotEqual, low, 0));
        }
        let mut table = vec![0u64; 1 << bits];
        members.iter().for_each(|word| table[*word as usize] = 1);
        let word = self.b.ins().band_imm(word, mask(bits));
        let found = self.look_up(&table, word);
        Truth::Flag(self.b.ins().icmp_imm(IntCC::NotEqual, found, 0))
    }

    fn in_symbolic(&mut self, element: &Val, set: &LazySet) -> Gen<Truth> {
        if let LazySet::Naturals | LazySet::Integers = set
            && let Some(inside) = self.integer_or_model(
                element,
                &Val::Const(Value::lazy(match set {
                    LazySet::Naturals => LazySet::Naturals,
                    _ => LazySet::Integers,
                })),
            )?
        {
            return Ok(inside);
        }
        match set {
            LazySet::Naturals => match self.integer(element) {
                Some((_, 0.., _)) => Ok(Truth::Known(true)),
                Some((value, ..)) => Ok(Truth::Flag(self.b.ins().icmp_imm(IntCC::SignedGreaterThanOrEqual, value, 0))),
                None => {
                    self.bail("an integer was expected");
                    Ok(Truth::Never)
                }
            },
            LazySet::Integers => match self.integer(element) {
                Some(_) => Ok(Truth::Known(true)),
                None => {
                    self.bail("an integer was expected");
                    Ok(Truth::Never)
                }
            },
            LazySet::Strings => match self.guess(element)? {
                Guess::Atom(atoms) if atoms.iter().all(|atom| matches!(atom, Datum::String(_))) => {
                    Ok(Truth::Known(true))
                }
                _ => {
                    self.bail("a string was expected");
                    Ok(Truth::Never)
                }
            },
            LazySet::Anything => Ok(Truth::Known(true)),
            LazySet::Family(sets) => {
                let mut inside = Truth::Known(false);
                for set in sets {
                    let here = self.contains(element, &Val::Const(set.clone()))?;
                    inside = self.or(inside, here);
                }
                Ok(inside)
            }
            LazySet::Intersection(a, b) => {
                let here = self.contains(element, &Val::Const(a.clone()))?;
                let there = self.contains(element, &Val::Const(b.clone()))?;
                Ok(self.and(here, there))
            }
            LazySet::Reals | LazySet::Filter(_) => declined(self.span, "membership in this set"),
            LazySet::Subsets(_)
            | LazySet::Functions(..)
            | LazySet::Records(..)
            | LazySet::Product(_)
            | LazySet::Sequences(_)
            | LazySet::Union(..)
            | LazySet::Difference(..) => match self.symbolic(set) {
                Some(set) => self.in_lazy(element, &set),
                None => declined(self.span, "membership in this set"),
            },
        }
    }

    fn in_lazy(&mut self, element: &Val, set: &SetVal) -> Gen<Truth> {
        match set {
            SetVal::Range(a, b) => {
                let range = Val::set(SetVal::Range(a.clone(), b.clone()));
                if let Some(inside) = self.integer_or_model(element, &range)? {
                    return Ok(inside);
                }
                let all = (self.integer(element), self.integer(a), self.integer(b));
                let (Some((value, ..)), Some((low, ..)), Some((high, ..))) = all else {
                    self.bail("an integer was expected");
                    return Ok(Truth::Never);
                };
                let above = self.b.ins().icmp(IntCC::SignedGreaterThanOrEqual, value, low);
                let below = self.b.ins().icmp(IntCC::SignedLessThanOrEqual, value, high);
                Ok(Truth::Flag(self.b.ins().band(above, below)))
            }
            SetVal::Enumeration(elements) => {
                let mut inside = Truth::Known(false);
                for other in elements {
                    let same = self.equal(element, other)?;
                    inside = self.or(inside, same);
                }
                Ok(inside)
            }
            SetVal::Subsets(base) => match self.guess(element)? {
                Guess::Set(_) => self.subset(element, base),
                _ => {
                    self.bail("a set was expected");
                    Ok(Truth::Never)
                }
            },
            SetVal::Union(a, b) => {
                // The second side is only looked at if the first one does not have it.
                let here = self.contains(element, a)?;
                let (yes, no) = (self.b.create_block(), self.b.create_block());
                let (done, result) = self.block_with(types::I8);
                self.branch(here, yes, no);
                self.b.switch_to_block(yes);
                let one = self.flag(true);
                self.jump_with(done, one);
                self.b.switch_to_block(no);
                let there = self.contains(element, b)?;
                let there = self.truth_flag(there);
                self.jump_with(done, there);
                self.b.switch_to_block(done);
                Ok(Truth::Flag(result))
            }
            SetVal::Difference(a, b) => {
                let here = self.contains(element, a)?;
                let there = self.contains(element, b)?;
                let not_there = self.not(there);
                Ok(self.and(here, not_there))
            }
            SetVal::Product(keys, sets) => self.in_product(element, keys, sets),
            SetVal::Functions(domain, range) => {
                let Some(keys) = self.static_keys(domain)? else {
                    return declined(self.span, "a set of functions over a set that depends on the state");
                };
                let sets = vec![range.clone(); keys.len()];
                self.in_product(element, &keys, &sets)
            }
            SetVal::Sequences(base) => self.in_sequences(element, base),
        }
    }

    fn in_product(&mut self, element: &Val, keys: &Arc<[Datum]>, sets: &[Val]) -> Gen<Truth> {
        if let Some(shape) = element.shape().cloned()
            && let Form::Union(all) = shape.form()
        {
            let mut inside = Truth::Known(false);
            for (tag, alternative) in all.iter().enumerate() {
                let same_domain = matches!(alternative.form(), Form::Product { keys: others, .. } if others == keys);
                match alternative.form() {
                    Form::Product { .. } if same_domain => {
                        let is_it = self.has_tag(element, tag);
                        let inner = self.alternative(element, tag);
                        // Evaluated only where the tag says so.
                        let (yes, done) = (self.b.create_block(), self.b.create_block());
                        let result = self.b.append_block_param(done, types::I8);
                        let no = self.flag(false);
                        self.b.ins().brif(is_it, yes, &[], done, &[cranelift_codegen::ir::BlockArg::Value(no)]);
                        self.b.switch_to_block(yes);
                        let here = self.in_product(&inner, keys, sets)?;
                        let here = self.truth_flag(here);
                        self.jump_with(done, here);
                        self.b.switch_to_block(done);
                        inside = self.or(inside, Truth::Flag(result));
                    }
                    Form::Product { .. } => {}
                    Form::Atom(_) => {}
                    Form::Bool | Form::Int { .. } | Form::Set(_) | Form::Sequence { .. } | Form::Union(_) => {
                        let is_it = self.has_tag(element, tag);
                        let other = self.not(Truth::Flag(is_it));
                        let flag = self.truth_flag(other);
                        self.bail_unless(flag, "a function was expected");
                    }
                }
            }
            return Ok(inside);
        }
        if self.sequence_shape(element).is_some() {
            if !Shape::is_tuple(keys) {
                return Ok(Truth::Known(false));
            }
            let length = self.length(element)?;
            let right = self.b.ins().icmp_imm(IntCC::Equal, length, keys.len() as i64);
            let mut inside = Truth::Flag(right);
            let most = self.sequence_shape(element).map_or(0, |(_, most)| most);
            if keys.len() > most as usize {
                return Ok(Truth::Known(false));
            }
            for (index, set) in sets.iter().enumerate() {
                let part = self.part(element, index)?;
                let here = self.contains(&part, set)?;
                inside = self.and(inside, here);
            }
            return Ok(inside);
        }
        let Some(others) = self.static_domain(element) else {
            return match self.guess(element)? {
                Guess::Atom(_) => Ok(Truth::Known(false)),
                _ => {
                    self.bail("a function was expected");
                    Ok(Truth::Never)
                }
            };
        };
        if others != *keys {
            return Ok(Truth::Known(false));
        }
        self.all_parts_in(element, sets)
    }

    fn all_parts_in(&mut self, element: &Val, sets: &[Val]) -> Gen<Truth> {
        // Each part is looked at only if those before it are inside.
        let (done, result) = self.block_with(types::I8);
        let mark = self.cache.len();
        for (index, set) in sets.iter().enumerate() {
            let part = self.part(element, index)?;
            let here = self.contains(&part, set)?;
            let next = self.b.create_block();
            let fail = self.b.create_block();
            self.branch(here, next, fail);
            self.b.switch_to_block(fail);
            let no = self.flag(false);
            self.jump_with(done, no);
            self.b.switch_to_block(next);
        }
        let yes = self.flag(true);
        self.jump_with(done, yes);
        self.b.switch_to_block(done);
        self.forget_to(mark);
        Ok(Truth::Flag(result))
    }

    fn in_sequences(&mut self, element: &Val, base: &Val) -> Gen<Truth> {
        if let Some(keys) = self.static_domain(element) {
            if !Shape::is_tuple(&keys) {
                return Ok(Truth::Known(false));
            }
            return self.all_parts_in(element, &vec![base.clone(); keys.len()]);
        }
        if self.sequence_shape(element).is_none() {
            return match self.as_function(element) {
                Some(inner) => self.in_sequences(&inner, base),
                None => {
                    self.bail("a sequence was expected");
                    Ok(Truth::Never)
                }
            };
        }
        let length = self.length(element)?;
        let (done, result) = self.block_with(types::I8);
        let zero = self.int(0);
        let base = base.clone();
        let element = element.clone();
        let (header, index) = self.block_with(types::I64);
        let (body, all) = (self.b.create_block(), self.b.create_block());
        self.jump_with(header, zero);
        self.b.switch_to_block(header);
        let more = self.b.ins().icmp(IntCC::UnsignedLessThan, index, length);
        self.b.ins().brif(more, body, &[], all, &[]);
        self.b.switch_to_block(body);
        let part = self.at(&element, index)?;
        let here = self.contains(&part, &base)?;
        let (next, fail) = (self.b.create_block(), self.b.create_block());
        self.branch(here, next, fail);
        self.b.switch_to_block(fail);
        let no = self.flag(false);
        self.jump_with(done, no);
        self.b.switch_to_block(next);
        let index = self.b.ins().iadd_imm(index, 1);
        self.jump_with(header, index);
        self.b.switch_to_block(all);
        let yes = self.flag(true);
        self.jump_with(done, yes);
        self.b.switch_to_block(done);
        Ok(Truth::Flag(result))
    }

    /// `S \subseteq T`.
    pub(crate) fn subset(&mut self, a: &Val, b: &Val) -> Gen<Truth> {
        if let (Val::Never, _) | (_, Val::Never) = (a, b) {
            return Ok(Truth::Never);
        }
        if Self::is_known_empty(a) {
            return Ok(Truth::Known(true));
        }
        if let (Val::Word(x, shape), Val::Word(y, other)) = (a, b)
            && shape == other
            && matches!(shape.form(), Form::Set(_))
        {
            let rest = self.b.ins().band_not(*x, *y);
            return Ok(Truth::Flag(self.b.ins().icmp_imm(IntCC::Equal, rest, 0)));
        }
        if let (Val::Word(x, shape), Val::Const(value)) = (a, b)
            && let Form::Set(universe) = shape.form()
            && let Value::Set(_) | Value::Interval(_) = value
        {
            let (kind, other) = (universe.part.guess(), self.element_guess(b)?);
            if self.refuse_unlike(&kind, &other) {
                return Ok(Truth::Never);
            }
            let allowed = self.constant_mask(value, universe)?;
            let rest = self.b.ins().band_imm(*x, !allowed as i64);
            return Ok(Truth::Flag(self.b.ins().icmp_imm(IntCC::Equal, rest, 0)));
        }
        let (done, result) = self.block_with(types::I8);
        let mark = self.cache.len();
        self.for_each(a, &mut |g, element| {
            let here = g.contains(&element, b)?;
            let (next, fail) = (g.b.create_block(), g.b.create_block());
            g.branch(here, next, fail);
            g.b.switch_to_block(fail);
            let no = g.flag(false);
            g.jump_with(done, no);
            g.b.switch_to_block(next);
            Ok(())
        })?;
        let yes = self.flag(true);
        self.jump_with(done, yes);
        self.b.switch_to_block(done);
        self.forget_to(mark);
        Ok(Truth::Flag(result))
    }

    /// Bits of those elements of a constant set that are in the universe.
    fn constant_mask(&mut self, set: &Value, universe: &Universe) -> Gen<u64> {
        let elements = match self.shared.machine.element_vec(set) {
            Ok(elements) => elements,
            Err(error) => return declined(self.span, error.message),
        };
        let index = |value: &Value| pack::word(&universe.part, value).and_then(|word| universe.index.get(&word));
        Ok(elements.iter().filter_map(index).fold(0, |all, index| all | 1 << index))
    }

    /// The set with a bit for each element, or a constant.
    pub(crate) fn explicit_set(&mut self, set: &Val) -> Gen<Val> {
        let Val::Set(lazy) = set else { return Ok(set.clone()) };
        let guess = self.guess(set)?;
        let shape = self.shape(&guess)?;
        match &**lazy {
            SetVal::Union(a, b) => {
                let (a, b) = (self.in_shape(a, &shape)?, self.in_shape(b, &shape)?);
                self.union(&a, &b)
            }
            SetVal::Difference(a, b) => {
                let a = self.explicit_set(a)?;
                self.keep(&a, &mut |g, element| {
                    let there = g.contains(&element, b)?;
                    Ok(g.not(there))
                })
            }
            SetVal::Enumeration(_) => self.in_shape(set, &shape),
            SetVal::Range(..)
            | SetVal::Subsets(_)
            | SetVal::Functions(..)
            | SetVal::Product(..)
            | SetVal::Sequences(_) => {
                self.gathered(&shape, &mut |g, add| g.for_each(set, &mut |g, element| add(g, element)))
            }
        }
    }

    /// A set of a shape from elements that come one after the other.
    pub(crate) fn gathered(&mut self, shape: &Shape, each: Fill<'_, 'm, 'f>) -> Gen<Val> {
        let Form::Set(universe) = shape.form() else { return declined(self.span, "a set was expected here") };
        let universe = universe.clone();
        let at = self.temp(shape.cells());
        self.clear(at, 0, shape.cells());
        let mark = self.cache.len();
        each(self, &mut |g, element| {
            let (fits, index) = g.index_in(&element, &universe)?;
            g.must(fits);
            g.set_bit(at, index);
            Ok(())
        })?;
        self.forget_to(mark);
        Ok(self.memory_value(at, 0, shape))
    }

    /// Those elements of a set that pass a test.
    pub(crate) fn keep(&mut self, set: &Val, test: &mut dyn FnMut(&mut Self, Val) -> Gen<Truth>) -> Gen<Val> {
        if let Val::Never = set {
            return Ok(Val::Never);
        }
        let shape = match self.universe(set) {
            Some(_) => set.shape().cloned(),
            None => {
                let guess = self.element_guess(set)?;
                Some(self.set_shape(guess)?)
            }
        };
        let Some(shape) = shape else { return declined(self.span, "a set was expected here") };
        self.gathered(&shape, &mut |g, add| {
            g.for_each(set, &mut |g, element| {
                let passes = test(g, element.clone())?;
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

    fn is_lazy(val: &Val) -> bool {
        match val {
            Val::Const(Value::Lazy(_)) => true,
            Val::Set(set) => !matches!(&**set, SetVal::Range(..) | SetVal::Enumeration(_)),
            _ => false,
        }
    }

    /// `S \cup T`.
    pub(crate) fn union(&mut self, a: &Val, b: &Val) -> Gen<Val> {
        if let (Val::Never, _) | (_, Val::Never) = (a, b) {
            return Ok(Val::Never);
        }
        if Self::is_lazy(a) || Self::is_lazy(b) {
            return Ok(Val::set(SetVal::Union(a.clone(), b.clone())));
        }
        if Self::is_known_empty(a) {
            return self.checked_set(b);
        }
        if Self::is_known_empty(b) {
            return self.checked_set(a);
        }
        if let (Val::Set(x), Val::Set(y)) = (a, b)
            && let (SetVal::Enumeration(x), SetVal::Enumeration(y)) = (&**x, &**y)
        {
            let all = x.iter().chain(y).cloned().collect();
            return Ok(Val::set(SetVal::Enumeration(all)));
        }
        let (kind, other) = (self.element_guess(a)?, self.element_guess(b)?);
        if self.refuse_unlike(&kind, &other) {
            return Ok(Val::Never);
        }
        // A set in a variable's shape takes what is added to it, as long as that fits.
        let shape = match (self.universe(a), self.universe(b)) {
            (Some(x), Some(y)) if x == y => a.shape().cloned(),
            (Some(_), None) => a.shape().cloned(),
            (None, Some(_)) => b.shape().cloned(),
            _ => None,
        };
        let shape = match shape {
            Some(shape) => shape,
            None => self.set_shape(kind.join(other))?,
        };
        if shape.is_narrow() {
            let (a, b) = (self.in_shape(a, &shape)?, self.in_shape(b, &shape)?);
            let (Val::Word(x, _), Val::Word(y, _)) = (&a, &b) else { return Ok(Val::Never) };
            return Ok(Val::Word(self.b.ins().bor(*x, *y), shape));
        }
        self.union_wide(a, b, &shape)
    }

    fn union_wide(&mut self, a: &Val, b: &Val, shape: &Shape) -> Gen<Val> {
        let (base, added) = if a.shape() == Some(shape) { (a, b) } else { (b, a) };
        let copy = self.temp(shape.cells());
        self.store(base, shape, copy, 0)?;
        if let Val::Set(set) = added
            && let SetVal::Enumeration(elements) = &**set
            && let Form::Set(universe) = shape.form()
        {
            for element in elements {
                let (fits, index) = self.index_in(element, universe)?;
                self.must(fits);
                if let Truth::Never = fits {
                    return Ok(Val::Never);
                }
                self.set_bit(copy, index);
            }
            return Ok(Val::Cells(copy, shape.clone()));
        }
        match self.in_shape(added, shape)? {
            Val::Cells(other, _) => {
                self.count_up(shape.cells(), &mut |g, i| {
                    let offset = g.b.ins().ishl_imm(i, 3);
                    let (x, y) = (g.b.ins().iadd(copy, offset), g.b.ins().iadd(other, offset));
                    let (p, q) = (g.load(x, 0), g.load(y, 0));
                    let both = g.b.ins().bor(p, q);
                    g.put(x, 0, both);
                });
                Ok(Val::Cells(copy, shape.clone()))
            }
            _ => Ok(Val::Never),
        }
    }

    /// The value, if it is a set; leaves if it is not.
    fn checked_set(&mut self, val: &Val) -> Gen<Val> {
        let is_set = match val {
            Val::Const(value) => matches!(value, Value::Set(_) | Value::Interval(_) | Value::Lazy(_)),
            Val::Set(_) | Val::Never => true,
            Val::Word(_, shape) | Val::Cells(_, shape) => matches!(shape.form(), Form::Set(_)),
            Val::Flag(_) | Val::Int(..) | Val::Parts(..) => false,
        };
        if is_set {
            return Ok(val.clone());
        }
        match self.only_alternative(val, &|form| matches!(form, Form::Set(_))) {
            Some(inner) => Ok(inner),
            None => {
                self.bail("a set was expected");
                Ok(Val::Never)
            }
        }
    }

    /// `S \cap T`, and with `not` `S \ T`.
    pub(crate) fn select(&mut self, a: &Val, b: &Val, not: bool) -> Gen<Val> {
        if let (Val::Never, _) | (_, Val::Never) = (a, b) {
            return Ok(Val::Never);
        }
        let (a, b) = (self.checked_set(a)?, self.checked_set(b)?);
        if not
            && let Val::Const(value @ Value::Lazy(_)) = &a
            && self.shared.machine.finite_size(value).is_none()
        {
            return Ok(Val::set(SetVal::Difference(a, b)));
        }
        if Self::is_known_empty(&a) || Self::is_known_empty(&b) {
            return Ok(if not { a } else { Val::Const(Value::empty_set()) });
        }
        if let (Val::Word(x, shape), Val::Word(y, other)) = (&a, &b)
            && shape == other
        {
            let word = if not { self.b.ins().band_not(*x, *y) } else { self.b.ins().band(*x, *y) };
            return Ok(Val::Word(word, shape.clone()));
        }
        let shaped = match &a {
            Val::Word(..) | Val::Cells(..) => a.clone(),
            _ => {
                let explicit = self.explicit_set(&a)?;
                self.shaped(&explicit)?
            }
        };
        let Some(universe) = self.universe(&shaped) else { return Ok(Val::Never) };
        if let (Val::Word(x, shape), Val::Const(value @ (Value::Set(_) | Value::Interval(_)))) = (&shaped, &b) {
            let (kind, other) = (universe.part.guess(), self.element_guess(&b)?);
            if self.refuse_unlike(&kind, &other) {
                return Ok(Val::Never);
            }
            let allowed = self.constant_mask(value, &universe)?;
            let allowed = if not { !allowed } else { allowed };
            return Ok(Val::Word(self.b.ins().band_imm(*x, allowed as i64), shape.clone()));
        }
        if let (Val::Word(x, shape), Val::Set(set)) = (&shaped, &b)
            && let SetVal::Enumeration(elements) = &**set
        {
            let mut bits = self.int(0);
            for element in elements {
                let kind = self.guess(element)?;
                if self.refuse_unlike(&kind, &universe.part.guess()) {
                    return Ok(Val::Never);
                }
                let (fits, index) = self.index_in(element, &universe)?;
                let bit = self.bit(index);
                let flag = self.truth_flag(fits);
                let zero = self.int(0);
                let bit = self.b.ins().select(flag, bit, zero);
                bits = self.b.ins().bor(bits, bit);
            }
            let word = if not { self.b.ins().band_not(*x, bits) } else { self.b.ins().band(*x, bits) };
            return Ok(Val::Word(word, shape.clone()));
        }
        self.keep(&shaped, &mut |g, element| {
            let there = g.contains(&element, &b)?;
            Ok(if not { g.not(there) } else { there })
        })
    }

    /// `{e : x \in S}`.
    pub(crate) fn image(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m>) -> Gen<Val> {
        let sets = self.binder_sets(binders, env)?;
        let guess = self.rehearse(|g| {
            let mut guess = Guess::Never;
            g.for_each_with(binders, &sets, body, env, &mut |g, env| {
                let val = g.eval(body, env)?;
                guess = std::mem::replace(&mut guess, Guess::Never).join(g.guess(&val)?);
                Ok(())
            })?;
            Ok(guess)
        })?;
        let shape = self.set_shape(guess)?;
        self.gathered(&shape, &mut |g, add| {
            g.for_each_with(binders, &sets, body, env, &mut |g, env| {
                let val = g.eval(body, env)?;
                add(g, val)
            })
        })
    }

    /// `Cardinality(S)`.
    pub(crate) fn cardinality(&mut self, set: &Val) -> Gen<Val> {
        let set = match set {
            Val::Set(lazy) => match &**lazy {
                SetVal::Range(a, b) => {
                    let (Some((low, least, _)), Some((high, _, most))) = (self.integer(a), self.integer(b)) else {
                        self.bail("an integer was expected");
                        return Ok(Val::Never);
                    };
                    let difference = self.b.ins().isub(high, low);
                    let count = self.b.ins().iadd_imm(difference, 1);
                    let zero = self.int(0);
                    let count = self.b.ins().smax(count, zero);
                    return Ok(Val::Int(count, 0, (most - least + 1).max(0)));
                }
                SetVal::Enumeration(elements) if elements.len() == 1 => return Ok(Val::Const(Value::Int(1))),
                _ => self.explicit_set(set)?,
            },
            other => self.checked_set(other)?,
        };
        match &set {
            Val::Never => Ok(Val::Never),
            Val::Word(word, shape) => {
                let count = self.b.ins().popcnt(*word);
                Ok(Val::Int(count, 0, i64::from(shape.bits().unwrap_or(64))))
            }
            Val::Cells(at, shape) => {
                let sum = self.temp(1);
                let zero = self.int(0);
                self.put(sum, 0, zero);
                let at = *at;
                self.count_up(shape.cells(), &mut |g, i| {
                    let offset = g.b.ins().ishl_imm(i, 3);
                    let place = g.b.ins().iadd(at, offset);
                    let word = g.load(place, 0);
                    let count = g.b.ins().popcnt(word);
                    let so_far = g.load(sum, 0);
                    let so_far = g.b.ins().iadd(so_far, count);
                    g.put(sum, 0, so_far);
                });
                let count = self.load(sum, 0);
                Ok(Val::Int(count, 0, i64::from(shape.cells()) * 64))
            }
            Val::Const(value) => match self.shared.machine.element_vec(value) {
                Ok(elements) => Ok(Val::Const(Value::Int(elements.len() as i64))),
                Err(error) => declined(self.span, error.message),
            },
            Val::Flag(_) | Val::Int(..) | Val::Parts(..) | Val::Set(_) => {
                declined(self.span, "a set was expected here")
            }
        }
    }

    /// `UNION S`.
    pub(crate) fn big_union(&mut self, family: &Val) -> Gen<Val> {
        let Guess::Set(part) = self.element_guess(family)? else {
            return Ok(Val::Const(Value::empty_set()));
        };
        let shape = self.set_shape(*part)?;
        let family = family.clone();
        self.gathered(&shape, &mut |g, add| {
            g.for_each(&family, &mut |g, member| g.for_each(&member, &mut |g, element| add(g, element)))
        })
    }
}
