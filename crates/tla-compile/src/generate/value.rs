//! What the generator knows of a value.

use super::{Gen, Generator, declined, fixed};
use crate::shape::layout::Form;
use crate::shape::pack::{pack, word};
use crate::shape::{Datum, Guess, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value as V, types};
use std::rc::Rc;
use std::sync::Arc;
use tla_model::value::{LazySet, Value};

/// A value, as far as it is known.
#[derive(Clone)]
pub(crate) enum Val {
    /// Control does not get here.
    Never,
    /// Known.
    Const(Value),
    /// A Boolean in a register.
    Flag(V),
    /// An integer in a register, between bounds.
    Int(V, i64, i64),
    /// A word of a narrow shape that is neither Boolean nor integer.
    Word(V, Shape),
    /// Cells of a wide shape in memory.
    Cells(V, Shape),
    /// A function in parts.
    Parts(Arc<[Datum]>, Rc<Vec<Val>>),
    /// A set that is not made explicit.
    Set(Rc<SetVal>),
}

/// A set that is not made explicit.
pub(crate) enum SetVal {
    /// `a..b`.
    Range(Val, Val),
    /// `{a, b}`.
    Enumeration(Vec<Val>),
    /// `SUBSET S`.
    Subsets(Val),
    /// `[S -> T]`.
    Functions(Val, Val),
    /// `[a : S]` and `S \X T`.
    Product(Arc<[Datum]>, Vec<Val>),
    /// `Seq(S)`.
    Sequences(Val),
    /// `S \cup T`.
    Union(Val, Val),
    /// `S \ T`.
    Difference(Val, Val),
}

/// A truth value, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Truth {
    /// Control does not get here.
    Never,
    /// Known.
    Known(bool),
    /// In a register.
    Flag(V),
}

/// What values of several branches become where the branches meet.
#[derive(Clone)]
pub(crate) enum Common {
    Flag,
    Int(i64, i64),
    Shaped(Shape),
}

pub(crate) fn tuple_keys(count: usize) -> Arc<[Datum]> {
    (1..=count as i64).map(Datum::Int).collect()
}

impl Val {
    pub(crate) fn bool(value: bool) -> Self {
        Self::Const(Value::Bool(value))
    }

    pub(crate) fn set(set: SetVal) -> Self {
        Self::Set(Rc::new(set))
    }

    /// Bounds, if it is an integer.
    pub(crate) fn bounds(&self) -> Option<(i64, i64)> {
        match self {
            Self::Const(Value::Int(i)) => Some((*i, *i)),
            Self::Int(_, low, high) => Some((*low, *high)),
            _ => None,
        }
    }

    /// The shape of a value in registers or memory.
    pub(crate) fn shape(&self) -> Option<&Shape> {
        match self {
            Self::Word(_, shape) | Self::Cells(_, shape) => Some(shape),
            _ => None,
        }
    }
}

impl<'m> Generator<'m, '_> {
    /// The value of a word of a narrow shape.
    pub(crate) fn word_value(&mut self, word: V, shape: &Shape) -> Val {
        match shape.form() {
            Form::Bool => Val::Flag(self.b.ins().icmp_imm(IntCC::NotEqual, word, 0)),
            Form::Int { low, high } if low == high => Val::Const(Value::Int(*low)),
            Form::Int { low, high } => {
                let value = if *low == 0 { word } else { self.b.ins().iadd_imm(word, *low) };
                Val::Int(value, *low, *high)
            }
            Form::Atom(atoms) => match &atoms[..] {
                [only] => Val::Const(only.value()),
                _ => Val::Word(word, shape.clone()),
            },
            Form::Product { .. } | Form::Set(_) | Form::Sequence { .. } | Form::Union(_) => {
                Val::Word(word, shape.clone())
            }
        }
    }

    /// The value of a shape that lies at an address.
    pub(crate) fn memory_value(&mut self, at: V, cell: u32, shape: &Shape) -> Val {
        if shape.is_narrow() {
            let word = self.load(at, cell);
            return self.word_value(word, shape);
        }
        let at = if cell == 0 { at } else { self.b.ins().iadd_imm(at, i64::from(cell) * 8) };
        Val::Cells(at, shape.clone())
    }

    /// What is known of the kind of a value.
    pub(crate) fn guess(&mut self, val: &Val) -> Gen<Guess> {
        Ok(match val {
            Val::Never => Guess::Never,
            Val::Const(value) => {
                let value = self.explicit(value)?;
                match Guess::of(&value) {
                    Some(guess) => guess.firmly(),
                    None => return declined(self.span, "a symbolic value would have to be stored"),
                }
            }
            Val::Flag(_) => Guess::Bool,
            Val::Int(_, low, high) => Guess::Int { low: *low, high: *high, firm: true },
            Val::Word(_, shape) | Val::Cells(_, shape) => shape.guess(),
            Val::Parts(keys, parts) => {
                let mut guesses = Vec::with_capacity(parts.len());
                for part in parts.iter() {
                    guesses.push(self.guess(part)?);
                }
                Guess::Product(keys.clone(), guesses)
            }
            Val::Set(set) => match &**set {
                SetVal::Range(a, b) => match (a.bounds(), b.bounds()) {
                    (Some((low, _)), Some((_, high))) if low <= high => {
                        Guess::Set(Box::new(Guess::Int { low, high, firm: true }))
                    }
                    _ => Guess::Set(Box::new(Guess::Never)),
                },
                SetVal::Enumeration(elements) => {
                    let mut part = Guess::Never;
                    for element in elements {
                        part = part.join(self.guess(element)?);
                    }
                    Guess::Set(Box::new(part))
                }
                SetVal::Union(a, b) => self.guess(a)?.join(self.guess(b)?),
                SetVal::Difference(a, _) => self.guess(a)?,
                SetVal::Subsets(base) => Guess::Set(Box::new(self.guess(base)?)),
                SetVal::Product(keys, sets) => {
                    let mut parts = Vec::with_capacity(sets.len());
                    for set in sets {
                        parts.push(self.element_guess(set)?);
                    }
                    Guess::Set(Box::new(Guess::Product(keys.clone(), parts)))
                }
                SetVal::Functions(domain, range) => {
                    let Some(keys) = self.static_keys(domain)? else {
                        return declined(self.span, "a set of functions over a set that depends on the state");
                    };
                    let part = self.element_guess(range)?;
                    let count = keys.len();
                    Guess::Set(Box::new(Guess::Product(keys, vec![part; count])))
                }
                SetVal::Sequences(_) => return declined(self.span, "an infinite set would have to be stored"),
            },
        })
    }

    /// What is known of the elements of a set.
    pub(crate) fn element_guess(&mut self, set: &Val) -> Gen<Guess> {
        match self.guess(set)? {
            Guess::Set(part) => Ok(*part),
            Guess::Never => Ok(Guess::Never),
            _ => declined(self.span, "a set was expected here"),
        }
    }

    /// A value without rules inside, and no lazy set unless it is infinite.
    pub(crate) fn explicit(&mut self, value: &Value) -> Gen<Value> {
        if !value.is_symbolic() {
            return Ok(value.clone());
        }
        match self.shared.machine.force(value) {
            Ok(value) => Ok(value),
            Err(error) => declined(self.span, error.message),
        }
    }

    /// The arguments of functions over a set, if the set is known.
    pub(crate) fn static_keys(&mut self, set: &Val) -> Gen<Option<Arc<[Datum]>>> {
        let Val::Const(value) = set else { return Ok(None) };
        match self.shared.machine.element_vec(value) {
            Ok(elements) => Ok(elements.iter().map(Datum::of).collect::<Option<Vec<_>>>().map(Into::into)),
            Err(error) => declined(self.span, error.message),
        }
    }

    /// A constant as words of a shape, which it must fit.
    pub(crate) fn constant_in(&mut self, value: &Value, shape: &Shape) -> Gen<Option<Val>> {
        if shape.is_narrow() {
            let Some(word) = word(shape, value) else { return Ok(None) };
            let word = self.word(word);
            return Ok(Some(match shape.form() {
                Form::Bool | Form::Int { .. } => Val::Const(value.clone()),
                _ => Val::Word(word, shape.clone()),
            }));
        }
        let mut cells = Vec::new();
        if pack(shape, value, &mut cells).is_none() {
            return Ok(None);
        }
        let at = self.table(&cells);
        Ok(Some(Val::Cells(at, shape.clone())))
    }

    /// The same value in registers or memory: constants and parts are put into a shape of their own.
    pub(crate) fn shaped(&mut self, val: &Val) -> Gen<Val> {
        match val {
            Val::Never | Val::Flag(_) | Val::Int(..) | Val::Word(..) | Val::Cells(..) => Ok(val.clone()),
            Val::Const(_) | Val::Parts(..) | Val::Set(_) => {
                let guess = self.guess(val)?;
                let shape = self.shape(&guess)?;
                self.in_shape(val, &shape)
            }
        }
    }

    pub(crate) fn truth(&mut self, val: &Val) -> Truth {
        match val {
            Val::Never => Truth::Never,
            Val::Const(Value::Bool(b)) => Truth::Known(*b),
            Val::Flag(flag) => Truth::Flag(*flag),
            Val::Const(_) | Val::Int(..) | Val::Word(..) | Val::Cells(..) | Val::Parts(..) | Val::Set(_) => {
                self.bail("a Boolean was expected");
                Truth::Never
            }
        }
    }

    pub(crate) fn truth_val(&mut self, truth: Truth) -> Val {
        match truth {
            Truth::Never => Val::Never,
            Truth::Known(known) => Val::bool(known),
            Truth::Flag(flag) => Val::Flag(flag),
        }
    }

    pub(crate) fn truth_flag(&mut self, truth: Truth) -> V {
        match truth {
            Truth::Never => self.flag(false),
            Truth::Known(known) => self.flag(known),
            Truth::Flag(flag) => flag,
        }
    }

    pub(crate) fn not(&mut self, truth: Truth) -> Truth {
        match truth {
            Truth::Never => Truth::Never,
            Truth::Known(known) => Truth::Known(!known),
            Truth::Flag(flag) => Truth::Flag(self.b.ins().bxor_imm(flag, 1)),
        }
    }

    pub(crate) fn and(&mut self, a: Truth, b: Truth) -> Truth {
        match (a, b) {
            (Truth::Never, _) | (_, Truth::Never) => Truth::Never,
            (Truth::Known(false), _) | (_, Truth::Known(false)) => Truth::Known(false),
            (Truth::Known(true), other) | (other, Truth::Known(true)) => other,
            (Truth::Flag(a), Truth::Flag(b)) => Truth::Flag(self.b.ins().band(a, b)),
        }
    }

    pub(crate) fn or(&mut self, a: Truth, b: Truth) -> Truth {
        match (a, b) {
            (Truth::Never, _) | (_, Truth::Never) => Truth::Never,
            (Truth::Known(true), _) | (_, Truth::Known(true)) => Truth::Known(true),
            (Truth::Known(false), other) | (other, Truth::Known(false)) => other,
            (Truth::Flag(a), Truth::Flag(b)) => Truth::Flag(self.b.ins().bor(a, b)),
        }
    }

    /// The integer in a register.
    pub(crate) fn integer(&mut self, val: &Val) -> Option<(V, i64, i64)> {
        match val {
            Val::Const(Value::Int(i)) => {
                let value = self.int(*i);
                Some((value, *i, *i))
            }
            Val::Int(value, low, high) => Some((*value, *low, *high)),
            Val::Word(_, shape) if matches!(shape.form(), Form::Union(_)) => {
                let inner = self.only_alternative(val, &|form| matches!(form, Form::Int { .. }))?;
                self.integer(&inner)
            }
            Val::Cells(_, shape) if matches!(shape.form(), Form::Union(_)) => {
                let inner = self.only_alternative(val, &|form| matches!(form, Form::Int { .. }))?;
                self.integer(&inner)
            }
            _ => None,
        }
    }

    /// The alternative of a union that has the wanted form; leaves to the interpreter if the value is another one.
    /// `None` if no alternative, or more than one, has it.
    pub(crate) fn only_alternative(&mut self, val: &Val, wanted: &dyn Fn(&Form) -> bool) -> Option<Val> {
        let (Val::Word(_, shape) | Val::Cells(_, shape)) = val else { return None };
        let Form::Union(all) = shape.form() else { return None };
        let mut fitting = all.iter().enumerate().filter(|(_, shape)| wanted(shape.form()));
        let (tag, _) = fitting.next()?;
        if fitting.next().is_some() {
            return None;
        }
        let is_it = self.has_tag(val, tag);
        self.bail_unless(is_it, "a value of another kind");
        Some(self.alternative(val, tag))
    }

    /// Whether a union's value is of an alternative.
    pub(crate) fn has_tag(&mut self, val: &Val, tag: usize) -> V {
        let present = self.tag(val);
        self.b.ins().icmp_imm(IntCC::Equal, present, tag as i64)
    }

    fn tag(&mut self, val: &Val) -> V {
        match val {
            Val::Word(word, shape) => match shape.form() {
                Form::Union(all) => self.b.ins().band_imm(*word, super::fit::mask(Shape::tag_bits(all.len()))),
                _ => self.int(0),
            },
            Val::Cells(at, _) => self.load(*at, 0),
            _ => self.int(0),
        }
    }

    /// The value of a union, taken for one of an alternative.
    pub(crate) fn alternative(&mut self, val: &Val, tag: usize) -> Val {
        match val {
            Val::Word(word, shape) => match shape.form() {
                Form::Union(all) => {
                    let payload = self.b.ins().ushr_imm(*word, i64::from(Shape::tag_bits(all.len())));
                    // Another alternative may use more bits than this one has.
                    let bits = all[tag].bits().unwrap_or(64);
                    let payload = self.b.ins().band_imm(payload, super::fit::mask(bits));
                    self.word_value(payload, &all[tag])
                }
                _ => val.clone(),
            },
            Val::Cells(at, shape) => match shape.form() {
                Form::Union(all) => self.memory_value(*at, 1, &all[tag]),
                _ => val.clone(),
            },
            _ => val.clone(),
        }
    }

    /// What two values have in common.
    pub(crate) fn common(&mut self, vals: &[Val]) -> Gen<Option<Common>> {
        let vals: Vec<&Val> = vals.iter().filter(|val| !matches!(val, Val::Never)).collect();
        let Some(first) = vals.first() else { return Ok(None) };
        if vals.iter().all(|val| matches!(val, Val::Flag(_) | Val::Const(Value::Bool(_)))) {
            return Ok(Some(Common::Flag));
        }
        let bounds: Option<Vec<(i64, i64)>> = vals.iter().map(|val| val.bounds()).collect();
        if let Some(bounds) = bounds {
            let low = bounds.iter().map(|(low, _)| *low).min().unwrap_or(0);
            let high = bounds.iter().map(|(_, high)| *high).max().unwrap_or(0);
            return Ok(Some(Common::Int(low, high)));
        }
        if let Some(shape) = first.shape()
            && vals.iter().all(|val| val.shape() == Some(shape))
        {
            return Ok(Some(Common::Shaped(shape.clone())));
        }
        let mut guess = Guess::Never;
        for val in vals {
            guess = guess.join(self.guess(val)?);
        }
        Ok(Some(match guess {
            Guess::Bool => Common::Flag,
            Guess::Int { low, high, .. } => Common::Int(low, high),
            other => Common::Shaped(self.shape(&other)?),
        }))
    }

    /// The register that carries a value to where branches meet.
    pub(crate) fn carry(&mut self, val: &Val, common: &Common) -> Gen<V> {
        Ok(match (common, val) {
            (Common::Flag, Val::Never) => self.flag(false),
            (_, Val::Never) => self.int(0),
            (Common::Flag, _) => {
                let truth = self.truth(val);
                self.truth_flag(truth)
            }
            (Common::Int(..), _) => match self.integer(val) {
                Some((value, ..)) => value,
                None => {
                    self.bail("an integer was expected");
                    self.int(0)
                }
            },
            (Common::Shaped(shape), _) => match self.in_shape(val, shape)? {
                Val::Word(word, _) | Val::Cells(word, _) => word,
                other => self.register(&other, shape),
            },
        })
    }

    fn register(&mut self, val: &Val, shape: &Shape) -> V {
        match (val, shape.form()) {
            (Val::Const(value), _) => {
                let word = word(shape, value).unwrap_or(0);
                self.word(word)
            }
            (Val::Flag(flag), _) => self.widen(*flag),
            (Val::Int(value, ..), Form::Int { low, .. }) => self.b.ins().iadd_imm(*value, low.wrapping_neg()),
            _ => self.int(0),
        }
    }

    /// The value that a register carries.
    pub(crate) fn carried(&mut self, register: V, common: &Common) -> Val {
        match common {
            Common::Flag => Val::Flag(register),
            Common::Int(low, high) => Val::Int(register, *low, *high),
            Common::Shaped(shape) if shape.is_narrow() => self.word_value(register, shape),
            Common::Shaped(shape) => Val::Cells(register, shape.clone()),
        }
    }

    pub(crate) fn carrier(common: &Common) -> cranelift_codegen::ir::Type {
        match common {
            Common::Flag => types::I8,
            Common::Int(..) | Common::Shaped(_) => types::I64,
        }
    }

    /// A symbolic set of the evaluator as one of ours.
    pub(crate) fn symbolic(&mut self, set: &LazySet) -> Option<SetVal> {
        let known = |value: &Value| Val::Const(value.clone());
        Some(match set {
            LazySet::Subsets(base) => SetVal::Subsets(known(base)),
            LazySet::Functions(domain, range) => SetVal::Functions(known(domain), known(range)),
            LazySet::Records(fields, sets) => SetVal::Product(
                fields.iter().map(|field| Datum::String(*field)).collect(),
                sets.iter().map(known).collect(),
            ),
            LazySet::Product(sets) => SetVal::Product(tuple_keys(sets.len()), sets.iter().map(known).collect()),
            LazySet::Sequences(base) => SetVal::Sequences(known(base)),
            LazySet::Union(a, b) => SetVal::Union(known(a), known(b)),
            LazySet::Difference(a, b) => SetVal::Difference(known(a), known(b)),
            LazySet::Naturals
            | LazySet::Integers
            | LazySet::Reals
            | LazySet::Strings
            | LazySet::Anything
            | LazySet::Family(_)
            | LazySet::Intersection(..)
            | LazySet::Filter(_) => return None,
        })
    }

    /// A word from memory that never changes.
    pub(crate) fn load_fixed(&mut self, at: V, cell: u32) -> V {
        self.b.ins().load(types::I64, fixed(), at, (cell * 8) as i32)
    }
}
