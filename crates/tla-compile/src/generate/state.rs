//! Variables.

use super::action::Assigned;
use super::value::{Truth, Val};
use super::{Cached, Gen, Generator, Known, Next, Side, fixed};
use crate::row::Place;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value as V, types};
use tla_model::ir::Node;

impl<'m, 'f> Generator<'m, 'f> {
    fn row_of(&self, side: Side) -> V {
        match side {
            Side::From => self.from,
            Side::To => self.to,
        }
    }

    /// The bits of a place, moved down.
    fn read(&mut self, side: Side, place: Place) -> V {
        if place.bits == 0 {
            return self.int(0);
        }
        let chunk = self.chunk(side, place.chunk);
        self.field(chunk, place.at, place.bits)
    }

    /// A 64-bit chunk of a row; the last one may have only 32 bits.
    pub(crate) fn chunk(&mut self, side: Side, chunk: u32) -> V {
        let row = self.row_of(side);
        let offset = (chunk * 8) as i32;
        if 2 * chunk + 1 < self.shared.row.words {
            return self.b.ins().load(types::I64, fixed(), row, offset);
        }
        let half = self.b.ins().load(types::I32, fixed(), row, offset);
        self.b.ins().uextend(types::I64, half)
    }

    fn load_variable(&mut self, side: Side, index: u32) -> Val {
        let known = self.cache.iter().rev().find_map(|cached| match cached.key {
            Known::Variable(known, variable) if known == side && variable == index => Some(cached.val.clone()),
            _ => None,
        });
        if let Some(known) = known {
            return known;
        }
        let row = self.shared.row;
        let shape = row.shapes[index as usize].clone();
        let places = &row.places[index as usize];
        let val = if let ([place], true) = (&places[..], shape.is_narrow()) {
            let word = self.read(side, *place);
            self.word_value(word, &shape)
        } else {
            let at = self.temp(shape.cells());
            for (cell, place) in places.iter().enumerate() {
                let word = self.read(side, *place);
                self.put(at, cell as u32, word);
            }
            Val::Cells(at, shape)
        };
        self.cache.push(Cached { key: Known::Variable(side, index), val: val.clone(), _env: None });
        val
    }

    /// An unprimed variable.
    pub(crate) fn variable(&mut self, index: u32) -> Gen<Val> {
        if self.initial {
            return self.value_so_far(index);
        }
        let side = self.side;
        Ok(self.load_variable(side, index))
    }

    /// The value of a variable that is being assigned.
    pub(crate) fn value_so_far(&mut self, index: u32) -> Gen<Val> {
        match self.assigned(index) {
            Some(Assigned::Same) => Ok(self.load_variable(Side::From, index)),
            Some(Assigned::Val(val)) => Ok(val),
            None => {
                self.bail("a variable without a value");
                Ok(Val::Never)
            }
        }
    }

    /// A primed variable.
    pub(crate) fn primed(&mut self, index: u32, node: &Node) -> Gen<Val> {
        match &self.next {
            Next::None => super::declined(Some(node.span), "a primed variable outside of a step"),
            Next::Row => Ok(self.load_variable(Side::To, index)),
            Next::Assigned(_) if self.initial => {
                super::declined(Some(node.span), "a primed variable in an initial predicate")
            }
            Next::Assigned(_) => self.value_so_far(index),
        }
    }

    /// Whether a variable is the same before and after.
    pub(crate) fn is_unchanged(&mut self, index: u32) -> Gen<Truth> {
        match &self.next {
            Next::None => super::declined(self.span, "UNCHANGED outside of a step"),
            Next::Row => Ok(self.same_in_rows(index)),
            Next::Assigned(assigned) => match assigned.get(index as usize).cloned().flatten() {
                Some(Assigned::Same) => Ok(Truth::Known(true)),
                Some(Assigned::Val(val)) => {
                    let now = self.load_variable(Side::From, index);
                    self.equal(&val, &now)
                }
                None => {
                    self.bail("UNCHANGED of a variable without a value");
                    Ok(Truth::Never)
                }
            },
        }
    }

    /// Whether the bits of a variable are the same in both rows.
    pub(crate) fn same_in_rows(&mut self, index: u32) -> Truth {
        let row = self.shared.row;
        let mut masks: Vec<(u32, u64)> = Vec::new();
        for place in &row.places[index as usize] {
            let bits = crate::row::low_bits(place.bits) << place.at;
            match masks.iter_mut().find(|(chunk, _)| *chunk == place.chunk) {
                Some((_, mask)) => *mask |= bits,
                None => masks.push((place.chunk, bits)),
            }
        }
        let mut difference = None;
        for (chunk, bits) in masks {
            let (x, y) = (self.chunk(Side::From, chunk), self.chunk(Side::To, chunk));
            let changed = self.b.ins().bxor(x, y);
            let changed = if bits == u64::MAX { changed } else { self.b.ins().band_imm(changed, bits as i64) };
            difference = Some(match difference {
                None => changed,
                Some(all) => self.b.ins().bor(all, changed),
            });
        }
        match difference {
            None => Truth::Known(true),
            Some(difference) => Truth::Flag(self.b.ins().icmp_imm(IntCC::Equal, difference, 0)),
        }
    }

    /// Where vacuity marks lie.
    pub(crate) fn marks(&mut self) -> V {
        self.load_fixed(self.frame, crate::machine::MARKS)
    }
}
