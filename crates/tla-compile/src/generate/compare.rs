//! Equality.
//!
//! Values of unlike kinds cannot be compared: the evaluator refuses, and whether it comes to that depends on what
//! differs first. So wherever kinds might be unlike, the interpreter decides. What remains is equality of words.

use super::value::{SetVal, Truth, Val};
use super::{Gen, Generator, declined};
use crate::shape::datum::is_tuple_domain;
use crate::shape::layout::Form;
use crate::shape::{Datum, Guess, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use std::collections::BTreeSet;
use tla_model::value::Value;

impl<'m> Generator<'m, '_> {
    /// Whether comparing values of these kinds can never be refused.
    fn comparable(&self, a: &Guess, b: &Guess) -> bool {
        match (a, b) {
            (Guess::Never, _) | (_, Guess::Never) => true,
            (Guess::Union(all), other) | (other, Guess::Union(all)) => {
                all.iter().all(|alternative| self.comparable(alternative, other))
            }
            (Guess::Bool, Guess::Bool) | (Guess::Int { .. }, Guess::Int { .. }) => true,
            (Guess::Atom(a), Guess::Atom(b)) => self.comparable_atoms(a, b),
            (Guess::Atom(atoms), _) | (_, Guess::Atom(atoms)) => atoms.iter().all(|atom| self.is_untyped(atom)),
            (Guess::Set(a), Guess::Set(b)) => self.comparable(a, b),
            (Guess::Product(keys, parts), Guess::Product(others, other_parts)) => {
                // Domains that differ decide before any values are looked at.
                if keys == others {
                    return parts.iter().zip(other_parts).all(|(a, b)| self.comparable(a, b));
                }
                keys.len() != others.len()
                    || self.comparable(&Guess::of_all(keys.iter()), &Guess::of_all(others.iter()))
            }
            (Guess::Sequence(a, _), Guess::Sequence(b, _)) => self.comparable(a, b),
            (Guess::Sequence(part, _), Guess::Product(keys, parts))
            | (Guess::Product(keys, parts), Guess::Sequence(part, _)) => {
                is_tuple_domain(keys) && parts.iter().all(|other| self.comparable(part, other))
            }
            _ => false,
        }
    }

    fn is_untyped(&self, atom: &Datum) -> bool {
        matches!(atom, Datum::Model(id) if self.shared.model.names.model(*id).kind.is_none())
    }

    fn comparable_atoms(&self, a: &BTreeSet<Datum>, b: &BTreeSet<Datum>) -> bool {
        let kinds = |atoms: &BTreeSet<Datum>| -> BTreeSet<Option<char>> {
            let typed = atoms.iter().filter(|atom| !self.is_untyped(atom));
            let kind = |atom: &Datum| match atom {
                Datum::Model(id) => self.shared.model.names.model(*id).kind,
                _ => None,
            };
            typed.map(kind).collect()
        };
        // One kind at most in both together: strings, or model values of one type.
        kinds(a).union(&kinds(b)).count() <= 1
    }

    /// Leaves and says so if the kinds of two values might be unlike.
    pub(crate) fn refuse_unlike(&mut self, a: &Guess, b: &Guess) -> bool {
        if self.comparable(a, b) {
            return false;
        }
        self.bail("values of unlike kinds may be compared");
        true
    }

    /// `a = b`.
    pub(crate) fn equal(&mut self, a: &Val, b: &Val) -> Gen<Truth> {
        match (a, b) {
            (Val::Never, _) | (_, Val::Never) => return Ok(Truth::Never),
            (Val::Const(x), Val::Const(y)) => {
                return Ok(match self.shared.machine.equal(x, y) {
                    Ok(equal) => Truth::Known(equal),
                    Err(_) => {
                        self.bail("a comparison is undefined");
                        Truth::Never
                    }
                });
            }
            _ => {}
        }
        if let (Some((low, high)), Some((least, most))) = (a.bounds(), b.bounds()) {
            if high < least || most < low {
                return Ok(Truth::Known(false));
            }
            let (Some((x, ..)), Some((y, ..))) = (self.integer(a), self.integer(b)) else { return Ok(Truth::Never) };
            return Ok(Truth::Flag(self.b.ins().icmp(IntCC::Equal, x, y)));
        }
        if let (Val::Flag(_) | Val::Const(Value::Bool(_)), Val::Flag(_) | Val::Const(Value::Bool(_))) = (a, b) {
            let (x, y) = (self.truth(a), self.truth(b));
            return Ok(match (x, y) {
                (Truth::Flag(flag), Truth::Known(known)) | (Truth::Known(known), Truth::Flag(flag)) => {
                    if known {
                        Truth::Flag(flag)
                    } else {
                        self.not(Truth::Flag(flag))
                    }
                }
                _ => {
                    let (x, y) = (self.truth_flag(x), self.truth_flag(y));
                    Truth::Flag(self.b.ins().icmp(IntCC::Equal, x, y))
                }
            });
        }
        if let Some(empty) = self.equal_to_empty(a, b)? {
            return Ok(empty);
        }
        let (kind, other) = (self.guess(a)?, self.guess(b)?);
        if self.refuse_unlike(&kind, &other) {
            return Ok(Truth::Never);
        }
        self.equal_alike(a, b)
    }

    /// `S = {}` for sets that need not be made.
    fn equal_to_empty(&mut self, a: &Val, b: &Val) -> Gen<Option<Truth>> {
        let is_empty = |val: &Val| matches!(val, Val::Const(Value::Set(set)) if set.elements.is_empty());
        let other = if is_empty(b) {
            a
        } else if is_empty(a) {
            b
        } else {
            return Ok(None);
        };
        let Val::Set(set) = other else { return Ok(None) };
        Ok(match &**set {
            SetVal::Enumeration(_) | SetVal::Subsets(_) => Some(Truth::Known(false)),
            SetVal::Range(low, high) => {
                let (Some((low, ..)), Some((high, ..))) = (self.integer(low), self.integer(high)) else {
                    return Ok(None);
                };
                Some(Truth::Flag(self.b.ins().icmp(IntCC::SignedGreaterThan, low, high)))
            }
            _ => None,
        })
    }

    /// Equality of values whose kinds may be compared.
    fn equal_alike(&mut self, a: &Val, b: &Val) -> Gen<Truth> {
        if let (Val::Never, _) | (_, Val::Never) = (a, b) {
            return Ok(Truth::Never);
        }
        if let (Val::Const(_), Val::Const(_)) = (a, b) {
            return self.equal(a, b);
        }
        if matches!((a, b), (Val::Int(..) | Val::Const(Value::Int(_)), Val::Int(..) | Val::Const(Value::Int(_)))) {
            return self.equal(a, b);
        }
        for (shaped, other) in [(a, b), (b, a)] {
            if let Val::Word(word, shape) = shaped {
                let (fits, fitted) = self.fit(other, shape)?;
                if let Truth::Known(false) = fits {
                    return Ok(Truth::Known(false));
                }
                let same = self.b.ins().icmp(IntCC::Equal, *word, fitted);
                return Ok(self.and(fits, Truth::Flag(same)));
            }
        }
        for (shaped, other) in [(a, b), (b, a)] {
            if let Val::Cells(_, shape) = shaped {
                let shape = shape.clone();
                return self.equal_wide(shaped, &shape, other);
            }
        }
        match (self.static_domain(a), self.static_domain(b)) {
            (Some(keys), Some(others)) => {
                if keys != others {
                    return Ok(Truth::Known(false));
                }
                self.equal_parts(a, b, keys.len())
            }
            _ => {
                let guess = self.guess(a)?.join(self.guess(b)?);
                let shape = self.shape(&guess)?;
                let (a, b) = (self.in_shape(a, &shape)?, self.in_shape(b, &shape)?);
                match (&a, &b) {
                    (Val::Word(x, _), Val::Word(y, _)) => Ok(Truth::Flag(self.b.ins().icmp(IntCC::Equal, *x, *y))),
                    (Val::Cells(..), Val::Cells(..)) => self.equal_wide(&a, &shape, &b),
                    (Val::Never, _) | (_, Val::Never) => Ok(Truth::Never),
                    _ => self.equal(&a, &b),
                }
            }
        }
    }

    fn equal_parts(&mut self, a: &Val, b: &Val, count: usize) -> Gen<Truth> {
        let mut equal = Truth::Known(true);
        for index in 0..count {
            let (x, y) = (self.part(a, index)?, self.part(b, index)?);
            let same = self.equal_alike(&x, &y)?;
            equal = self.and(equal, same);
            if let Truth::Known(false) | Truth::Never = equal {
                break;
            }
        }
        Ok(equal)
    }

    fn equal_wide(&mut self, a: &Val, shape: &Shape, b: &Val) -> Gen<Truth> {
        let Val::Cells(at, _) = a else { return declined(self.span, "a value in memory was expected") };
        if let Val::Cells(other, other_shape) = b
            && other_shape == shape
        {
            return Ok(self.equal_cells(*at, *other, shape.cells()));
        }
        if let Val::Const(value) = b {
            let value = self.explicit(value)?;
            return Ok(match self.constant_in(&value, shape)? {
                Some(Val::Cells(other, _)) => self.equal_cells(*at, other, shape.cells()),
                Some(_) | None => Truth::Known(false),
            });
        }
        match shape.form() {
            Form::Product { keys, .. } => match self.static_domain(b) {
                Some(others) if others == *keys => self.equal_parts(a, b, others.len()),
                Some(_) => Ok(Truth::Known(false)),
                None => declined(self.span, "a comparison of a function with a value of several kinds"),
            },
            Form::Set(_) => {
                let (inside, outside) = (self.subset(a, b)?, self.subset(b, a)?);
                Ok(self.and(inside, outside))
            }
            Form::Sequence { most, .. } => self.equal_sequences(a, b, *most),
            Form::Union(_) | Form::Bool | Form::Int { .. } | Form::Atom(_) => {
                declined(self.span, "a comparison of values of several kinds")
            }
        }
    }

    fn equal_sequences(&mut self, a: &Val, b: &Val, most: u32) -> Gen<Truth> {
        let length = self.length(a)?;
        if let Some(keys) = self.static_domain(b) {
            if keys.len() > most as usize || !is_tuple_domain(&keys) {
                return Ok(Truth::Known(false));
            }
            let same = self.b.ins().icmp_imm(IntCC::Equal, length, keys.len() as i64);
            // Elements beyond the length are zero, which is some value of their shape.
            let parts = self.equal_parts(a, b, keys.len())?;
            return Ok(self.and(Truth::Flag(same), parts));
        }
        let Some((_, longest)) = self.sequence_shape(b) else {
            return declined(self.span, "a comparison of a sequence with a value of several kinds");
        };
        let other = self.length(b)?;
        let same = self.b.ins().icmp(IntCC::Equal, length, other);
        let mut equal = Truth::Flag(same);
        for index in 0..most.min(longest) as usize {
            let (x, y) = (self.part(a, index)?, self.part(b, index)?);
            let same = self.equal_alike(&x, &y)?;
            let used = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThan, length, index as i64);
            let unused = self.not(Truth::Flag(used));
            let same = self.or(same, unused);
            equal = self.and(equal, same);
        }
        Ok(equal)
    }

    fn equal_cells(&mut self, a: cranelift_codegen::ir::Value, b: cranelift_codegen::ir::Value, cells: u32) -> Truth {
        if cells <= 8 {
            let mut all = None;
            for cell in 0..cells {
                let (x, y) = (self.load(a, cell), self.load(b, cell));
                let difference = self.b.ins().bxor(x, y);
                all = Some(match all {
                    None => difference,
                    Some(all) => self.b.ins().bor(all, difference),
                });
            }
            let all = match all {
                Some(all) => all,
                None => self.int(0),
            };
            return Truth::Flag(self.b.ins().icmp_imm(IntCC::Equal, all, 0));
        }
        let header = self.b.create_block();
        let index = self.b.append_block_param(header, types::I64);
        let (body, next) = (self.b.create_block(), self.b.create_block());
        let (done, result) = self.block_with(types::I8);
        let zero = self.int(0);
        self.jump_with(header, zero);
        self.b.switch_to_block(header);
        let more = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, index, i64::from(cells));
        let yes = self.flag(true);
        self.b.ins().brif(more, body, &[], done, &[cranelift_codegen::ir::BlockArg::Value(yes)]);
        self.b.switch_to_block(body);
        let offset = self.b.ins().ishl_imm(index, 3);
        let (x, y) = (self.b.ins().iadd(a, offset), self.b.ins().iadd(b, offset));
        let (x, y) = (self.load(x, 0), self.load(y, 0));
        let same = self.b.ins().icmp(IntCC::Equal, x, y);
        let no = self.flag(false);
        self.b.ins().brif(same, next, &[], done, &[cranelift_codegen::ir::BlockArg::Value(no)]);
        self.b.switch_to_block(next);
        let index = self.b.ins().iadd_imm(index, 1);
        self.jump_with(header, index);
        self.b.switch_to_block(done);
        Truth::Flag(result)
    }
}
