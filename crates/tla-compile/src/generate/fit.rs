//! Putting values into shapes.
//!
//! [`Generator::fit`] computes the word of a value in a narrow shape together with whether the value fits; it emits no
//! exit, so that a comparison can use it. [`Generator::in_shape`] leaves to the interpreter if the value does not fit.

use super::value::{SetVal, Truth, Val};
use super::{Gen, Generator, declined};
use crate::shape::layout::{Form, Universe};
use crate::shape::{Datum, Shape, pack};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value as V, types};

/// A mask of so many low bits, as an immediate.
pub(crate) fn mask(bits: u32) -> i64 {
    crate::row::low_bits(bits) as i64
}

/// Stands in tables for what has no entry.
const NONE: u64 = u64::MAX;

/// Most bits of a word that indexes a table.
const MOST_TABLE_BITS: u32 = 16;

impl<'m> Generator<'m, '_> {
    fn shifted(&mut self, word: V, by: u32) -> V {
        match by {
            0 => word,
            64.. => self.int(0),
            _ => self.b.ins().ishl_imm(word, i64::from(by)),
        }
    }

    /// The word of a value in a narrow shape, and whether it fits.
    pub(crate) fn fit(&mut self, val: &Val, shape: &Shape) -> Gen<(Truth, V)> {
        if let Val::Word(word, own) = val
            && own == shape
        {
            return Ok((Truth::Known(true), *word));
        }
        if let Val::Never = val {
            let zero = self.int(0);
            return Ok((Truth::Never, zero));
        }
        if let Val::Const(value) = val {
            let value = self.explicit(value)?;
            return Ok(match pack::word(shape, &value) {
                Some(word) => (Truth::Known(true), self.word(word)),
                None => (Truth::Known(false), self.int(0)),
            });
        }
        if let (Val::Word(_, from) | Val::Cells(_, from), false) = (val, matches!(shape.form(), Form::Union(_)))
            && let Form::Union(all) = from.form()
        {
            let count = all.len();
            return self.fit_union(val, count, shape);
        }
        match shape.form() {
            Form::Bool => match val {
                Val::Flag(flag) => Ok((Truth::Known(true), self.widen(*flag))),
                _ => self.misfit(),
            },
            Form::Int { low, high } => self.fit_integer(val, *low, *high),
            Form::Atom(atoms) => self.fit_atom(val, atoms),
            Form::Product { keys, parts, offsets } => self.fit_product(val, keys, parts, offsets),
            Form::Set(universe) => self.fit_set(val, universe),
            Form::Sequence { part, most } => self.fit_sequence(val, part, *most),
            Form::Union(all) => self.fit_alternative(val, all),
        }
    }

    fn misfit(&mut self) -> Gen<(Truth, V)> {
        Ok((Truth::Known(false), self.int(0)))
    }

    fn fit_integer(&mut self, val: &Val, low: i64, high: i64) -> Gen<(Truth, V)> {
        let Val::Int(value, least, most) = val else { return self.misfit() };
        let word = if low == 0 { *value } else { self.b.ins().iadd_imm(*value, low.wrapping_neg()) };
        if low <= *least && *most <= high {
            return Ok((Truth::Known(true), word));
        }
        if *most < low || high < *least {
            return Ok((Truth::Known(false), word));
        }
        let inside = self.b.ins().icmp_imm(IntCC::UnsignedLessThanOrEqual, word, high.wrapping_sub(low));
        Ok((Truth::Flag(inside), word))
    }

    fn fit_atom(&mut self, val: &Val, atoms: &[Datum]) -> Gen<(Truth, V)> {
        let Val::Word(word, from) = val else { return self.misfit() };
        let Form::Atom(others) = from.form() else { return self.misfit() };
        if others == atoms {
            return Ok((Truth::Known(true), *word));
        }
        let image = |atom: &Datum| atoms.iter().position(|known| known == atom).map_or(NONE, |i| i as u64);
        let images: Vec<u64> = others.iter().map(image).collect();
        self.translate(*word, from.bits().unwrap_or(0), &images)
    }

    /// Looks a word up in a table of images.
    fn translate(&mut self, word: V, bits: u32, images: &[u64]) -> Gen<(Truth, V)> {
        if bits > MOST_TABLE_BITS {
            return declined(self.span, "a table would be too large");
        }
        let mut table = images.to_vec();
        let total = images.iter().all(|image| *image != NONE);
        if images.iter().enumerate().all(|(i, image)| *image == i as u64) {
            return Ok((Truth::Known(true), word));
        }
        table.resize(1 << bits, NONE);
        // The word may be what another alternative of a union left behind.
        let word = self.b.ins().band_imm(word, mask(bits));
        let image = self.look_up(&table, word);
        if total {
            return Ok((Truth::Known(true), image));
        }
        let found = self.b.ins().icmp_imm(IntCC::NotEqual, image, -1);
        let zero = self.int(0);
        let image = self.b.ins().select(found, image, zero);
        Ok((Truth::Flag(found), image))
    }

    fn fit_product(&mut self, val: &Val, keys: &[Datum], parts: &[Shape], offsets: &[u32]) -> Gen<(Truth, V)> {
        let mut fits = Truth::Known(true);
        if let Some((_, most)) = self.sequence_shape(val) {
            if !Shape::is_tuple(keys) || keys.len() > most as usize {
                return self.misfit();
            }
            let length = self.length(val)?;
            let same = self.b.ins().icmp_imm(IntCC::Equal, length, keys.len() as i64);
            fits = Truth::Flag(same);
        } else if self.static_domain(val).as_deref() != Some(keys) {
            return self.misfit();
        }
        let mut all = None;
        for (index, (part, offset)) in parts.iter().zip(offsets).enumerate() {
            let value = self.part(val, index)?;
            let (fitting, word) = self.fit(&value, part)?;
            fits = self.and(fits, fitting);
            if part.bits() == Some(0) {
                continue;
            }
            let word = self.shifted(word, *offset);
            all = Some(match all {
                None => word,
                Some(all) => self.b.ins().bor(all, word),
            });
        }
        let all = match all {
            Some(all) => all,
            None => self.int(0),
        };
        Ok((fits, all))
    }

    fn fit_sequence(&mut self, val: &Val, part: &Shape, most: u32) -> Gen<(Truth, V)> {
        let length_bits = Shape::length_bits(most);
        let bits = part.bits().unwrap_or(0);
        let known = match self.static_domain(val) {
            Some(keys) if Shape::is_tuple(&keys) => Some(keys.len() as u32),
            Some(_) => return self.misfit(),
            None => None,
        };
        if let Some(length) = known {
            if length > most {
                return self.misfit();
            }
            let mut fits = Truth::Known(true);
            let mut all = self.int(i64::from(length));
            for index in 0..length {
                let value = self.part(val, index as usize)?;
                let (fitting, word) = self.fit(&value, part)?;
                fits = self.and(fits, fitting);
                let word = self.shifted(word, length_bits + index * bits);
                all = self.b.ins().bor(all, word);
            }
            return Ok((fits, all));
        }
        let Some((_, longest)) = self.sequence_shape(val) else { return self.misfit() };
        let length = self.length(val)?;
        let mut fits = if longest <= most {
            Truth::Known(true)
        } else {
            Truth::Flag(self.b.ins().icmp_imm(IntCC::UnsignedLessThanOrEqual, length, i64::from(most)))
        };
        let mut all = length;
        for index in 0..most.min(longest) {
            let value = self.part(val, index as usize)?;
            let (fitting, word) = self.fit(&value, part)?;
            let used = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThan, length, i64::from(index));
            let unused = self.not(Truth::Flag(used));
            let fitting = self.or(fitting, unused);
            fits = self.and(fits, fitting);
            let word = self.shifted(word, length_bits + index * bits);
            let zero = self.int(0);
            let word = self.b.ins().select(used, word, zero);
            all = self.b.ins().bor(all, word);
        }
        Ok((fits, all))
    }

    fn fit_alternative(&mut self, val: &Val, all: &[Shape]) -> Gen<(Truth, V)> {
        let tag_bits = Shape::tag_bits(all.len());
        let mut fits = Truth::Known(false);
        let mut chosen = self.int(0);
        for (tag, shape) in all.iter().enumerate() {
            let (fitting, word) = self.fit(val, shape)?;
            let word = self.shifted(word, tag_bits);
            let word = self.b.ins().bor_imm(word, tag as i64);
            match fitting {
                Truth::Never => return Ok((Truth::Never, word)),
                Truth::Known(false) => {}
                Truth::Known(true) => {
                    if let Truth::Known(false) = fits {
                        return Ok((Truth::Known(true), word));
                    }
                    let known = self.truth_flag(fits);
                    return Ok((Truth::Known(true), self.b.ins().select(known, chosen, word)));
                }
                Truth::Flag(flag) => {
                    chosen = self.b.ins().select(flag, word, chosen);
                    fits = self.or(fits, fitting);
                }
            }
        }
        Ok((fits, chosen))
    }

    /// A value that may be of several kinds into a shape of one.
    fn fit_union(&mut self, val: &Val, count: usize, shape: &Shape) -> Gen<(Truth, V)> {
        let mut fits = Truth::Known(false);
        let mut chosen = self.int(0);
        for tag in 0..count {
            let inner = self.alternative(val, tag);
            let (fitting, word) = self.fit(&inner, shape)?;
            if let Truth::Known(false) = fitting {
                continue;
            }
            let is_it = self.has_tag(val, tag);
            let fitting = self.and(Truth::Flag(is_it), fitting);
            let flag = self.truth_flag(fitting);
            chosen = self.b.ins().select(flag, word, chosen);
            fits = self.or(fits, fitting);
        }
        Ok((fits, chosen))
    }

    /// Index of an element in a universe, and whether it has one.
    pub(crate) fn index_in(&mut self, val: &Val, universe: &Universe) -> Gen<(Truth, V)> {
        if let Val::Const(value) = val {
            let index = pack::word(&universe.part, value).and_then(|word| universe.index.get(&word).copied());
            return Ok(match index {
                Some(index) => (Truth::Known(true), self.int(i64::from(index))),
                None => (Truth::Known(false), self.int(0)),
            });
        }
        let (fits, word) = self.fit(val, &universe.part)?;
        if universe.is_identity {
            return Ok((fits, word));
        }
        let bits = universe.part.bits().unwrap_or(0);
        if bits > MOST_TABLE_BITS {
            return declined(self.span, "a table would be too large");
        }
        let mut table = vec![NONE; 1 << bits];
        for (index, word) in universe.words.iter().enumerate() {
            table[*word as usize] = index as u64;
        }
        let word = self.b.ins().band_imm(word, mask(bits));
        let index = self.look_up(&table, word);
        // Whatever fits the shape is in the universe, which lists all values of the shape; other words have no index.
        let found = self.b.ins().icmp_imm(IntCC::NotEqual, index, -1);
        let zero = self.int(0);
        let index = self.b.ins().select(found, index, zero);
        Ok((fits, index))
    }

    /// The element of a universe with an index.
    pub(crate) fn element(&mut self, universe: &Universe, index: V) -> Val {
        let word = if universe.is_identity { index } else { self.look_up(&universe.words, index) };
        self.word_value(word, &universe.part)
    }

    fn fit_set(&mut self, val: &Val, universe: &Universe) -> Gen<(Truth, V)> {
        if let Val::Set(set) = val
            && let SetVal::Enumeration(elements) = &**set
        {
            let mut fits = Truth::Known(true);
            let mut all = self.int(0);
            for element in elements {
                let (fitting, index) = self.index_in(element, universe)?;
                fits = self.and(fits, fitting);
                let bit = self.bit(index);
                all = self.b.ins().bor(all, bit);
            }
            return Ok((fits, all));
        }
        let val = match val {
            Val::Set(_) => self.explicit_set(val)?,
            other => other.clone(),
        };
        if let Val::Word(word, shape) = &val
            && let Form::Set(from) = shape.form()
        {
            if **from == *universe {
                return Ok((Truth::Known(true), *word));
            }
            // Integers in a row: the bits only move.
            if let (Form::Int { low: a, .. }, Form::Int { low: b, high: d }) = (from.part.form(), universe.part.form())
            {
                let by = a - b;
                let count = d.abs_diff(*b) + 1;
                let moved = match by {
                    0 => *word,
                    1..=63 => self.b.ins().ishl_imm(*word, by),
                    -63..=-1 => self.b.ins().ushr_imm(*word, -by),
                    _ => self.int(0),
                };
                let moved = self.b.ins().band_imm(moved, mask(count as u32));
                let back = match by {
                    0 => moved,
                    1..=63 => self.b.ins().ushr_imm(moved, by),
                    -63..=-1 => self.b.ins().ishl_imm(moved, -by),
                    _ => self.int(0),
                };
                let same = self.b.ins().icmp(IntCC::Equal, back, *word);
                return Ok((Truth::Flag(same), moved));
            }
        }
        if !matches!(val.shape().map(Shape::form), Some(Form::Set(_))) {
            return if let Val::Const(_) = val { self.fit_constant_set(&val, universe) } else { self.misfit() };
        }
        // One element after the other.
        let (done, result) = self.block_with(types::I64);
        let fits = self.temp(1);
        let words = self.temp(1);
        let one = self.int(1);
        let zero = self.int(0);
        self.put(fits, 0, one);
        self.put(words, 0, zero);
        self.for_each(&val, &mut |g, element| {
            let (fitting, index) = g.index_in(&element, universe)?;
            let flag = g.truth_flag(fitting);
            let flag = g.widen(flag);
            let so_far = g.load(fits, 0);
            let so_far = g.b.ins().band(so_far, flag);
            g.put(fits, 0, so_far);
            let bit = g.bit(index);
            let all = g.load(words, 0);
            let all = g.b.ins().bor(all, bit);
            g.put(words, 0, all);
            Ok(())
        })?;
        let all = self.load(words, 0);
        self.jump_with(done, all);
        self.b.switch_to_block(done);
        let fitting = self.load(fits, 0);
        let fitting = self.b.ins().icmp_imm(IntCC::NotEqual, fitting, 0);
        Ok((Truth::Flag(fitting), result))
    }

    fn fit_constant_set(&mut self, val: &Val, universe: &Universe) -> Gen<(Truth, V)> {
        let Val::Const(value) = val else { return self.misfit() };
        let Ok(elements) = self.shared.machine.element_vec(value) else { return self.misfit() };
        let mut all = 0u64;
        for element in &elements {
            let index = pack::word(&universe.part, element).and_then(|word| universe.index.get(&word).copied());
            let Some(index) = index else { return self.misfit() };
            all |= 1 << index;
        }
        Ok((Truth::Known(true), self.word(all)))
    }

    pub(crate) fn bit(&mut self, index: V) -> V {
        let one = self.int(1);
        self.b.ins().ishl(one, index)
    }

    /// Leaves unless the value fits.
    pub(crate) fn must(&mut self, fits: Truth) {
        match fits {
            Truth::Known(true) | Truth::Never => {}
            Truth::Known(false) => self.bail("a value does not fit its shape"),
            Truth::Flag(flag) => self.bail_unless(flag, "a value does not fit its shape"),
        }
    }

    /// The value in a shape, which it has to fit.
    pub(crate) fn in_shape(&mut self, val: &Val, shape: &Shape) -> Gen<Val> {
        if let Val::Never = val {
            return Ok(Val::Never);
        }
        if val.shape() == Some(shape) {
            return Ok(val.clone());
        }
        if shape.is_narrow() {
            let (fits, word) = self.fit(val, shape)?;
            self.must(fits);
            return Ok(self.word_value(word, shape));
        }
        if let Val::Const(value) = val {
            let value = self.explicit(value)?;
            return Ok(match self.constant_in(&value, shape)? {
                Some(val) => val,
                None => {
                    self.bail("a value does not fit its shape");
                    Val::Never
                }
            });
        }
        let at = self.temp(shape.cells());
        self.store(val, shape, at, 0)?;
        Ok(Val::Cells(at, shape.clone()))
    }

    /// Writes the cells of a value, which has to fit.
    pub(crate) fn store(&mut self, val: &Val, shape: &Shape, at: V, cell: u32) -> Gen<()> {
        if let Val::Never = val {
            return Ok(());
        }
        if shape.is_narrow() {
            let (fits, word) = self.fit(val, shape)?;
            self.must(fits);
            self.put(at, cell, word);
            return Ok(());
        }
        if let Val::Cells(from, other) = val
            && other == shape
        {
            self.copy(*from, at, cell, shape.cells());
            return Ok(());
        }
        if let Val::Const(value) = val {
            let value = self.explicit(value)?;
            match self.constant_in(&value, shape)? {
                Some(Val::Cells(from, _)) => self.copy(from, at, cell, shape.cells()),
                Some(_) | None => self.bail("a value does not fit its shape"),
            }
            return Ok(());
        }
        match shape.form() {
            Form::Bool | Form::Int { .. } | Form::Atom(_) => declined(self.span, "a scalar that takes several words"),
            Form::Product { keys, parts, offsets } => {
                let val = match self.as_function(val) {
                    Some(val) => val,
                    None => val.clone(),
                };
                if self.static_domain(&val).as_deref() != Some(&**keys) {
                    self.bail("a function has another domain");
                    return Ok(());
                }
                for (index, (part, offset)) in parts.iter().zip(offsets).enumerate() {
                    let value = self.part(&val, index)?;
                    self.store(&value, part, at, cell + offset)?;
                }
                Ok(())
            }
            Form::Set(universe) => self.store_set(val, universe, shape.cells(), at, cell),
            Form::Sequence { part, most } => self.store_sequence(val, shape, part, *most, at, cell),
            Form::Union(all) => self.store_union(val, shape, all, at, cell),
        }
    }

    pub(crate) fn clear(&mut self, at: V, cell: u32, cells: u32) {
        let zero = self.int(0);
        if cells <= 16 {
            (0..cells).for_each(|i| self.put(at, cell + i, zero));
            return;
        }
        self.count_up(cells, &mut |g, i| {
            let offset = g.b.ins().ishl_imm(i, 3);
            let place = g.b.ins().iadd(at, offset);
            let zero = g.int(0);
            g.put(place, cell, zero);
        });
    }

    /// Copies cells.
    pub(crate) fn copy(&mut self, from: V, at: V, cell: u32, cells: u32) {
        if cells <= 16 {
            for i in 0..cells {
                let word = self.load(from, i);
                self.put(at, cell + i, word);
            }
            return;
        }
        self.count_up(cells, &mut |g, i| {
            let offset = g.b.ins().ishl_imm(i, 3);
            let source = g.b.ins().iadd(from, offset);
            let word = g.load(source, 0);
            let place = g.b.ins().iadd(at, offset);
            g.put(place, cell, word);
        });
    }

    fn store_set(&mut self, val: &Val, universe: &Universe, cells: u32, at: V, cell: u32) -> Gen<()> {
        self.clear(at, cell, cells);
        let base = if cell == 0 { at } else { self.b.ins().iadd_imm(at, i64::from(cell) * 8) };
        let mut add = |g: &mut Self, element: Val| {
            let (fits, index) = g.index_in(&element, universe)?;
            g.must(fits);
            g.set_bit(base, index);
            Ok(())
        };
        if let Val::Set(set) = val
            && let SetVal::Enumeration(elements) = &**set
        {
            return elements.iter().try_for_each(|element| add(self, element.clone()));
        }
        self.for_each(val, &mut add)
    }

    /// Sets a bit of a wide set.
    pub(crate) fn set_bit(&mut self, base: V, index: V) {
        let place = self.cell_of_bit(base, index);
        let bit = self.bit(index);
        let old = self.load(place, 0);
        let new = self.b.ins().bor(old, bit);
        self.put(place, 0, new);
    }

    /// Address of the cell of a bit of a wide set.
    pub(crate) fn cell_of_bit(&mut self, base: V, index: V) -> V {
        let cell = self.b.ins().ushr_imm(index, 6);
        let offset = self.b.ins().ishl_imm(cell, 3);
        self.b.ins().iadd(base, offset)
    }

    fn store_sequence(&mut self, val: &Val, shape: &Shape, part: &Shape, most: u32, at: V, cell: u32) -> Gen<()> {
        let val = match self.as_function(val) {
            Some(val) => val,
            None => val.clone(),
        };
        if let Some(keys) = self.static_domain(&val) {
            if !Shape::is_tuple(&keys) || keys.len() > most as usize {
                self.bail("a sequence does not fit its shape");
                return Ok(());
            }
            let length = self.int(keys.len() as i64);
            self.put(at, cell, length);
            for index in 0..keys.len() {
                let value = self.part(&val, index)?;
                self.store(&value, part, at, cell + 1 + index as u32 * part.cells())?;
            }
            let used = 1 + keys.len() as u32 * part.cells();
            self.clear(at, cell + used, shape.cells() - used);
            return Ok(());
        }
        let Some((_, longest)) = self.sequence_shape(&val) else {
            self.bail("a sequence was expected");
            return Ok(());
        };
        let length = self.length(&val)?;
        if longest > most {
            let fits = self.b.ins().icmp_imm(IntCC::UnsignedLessThanOrEqual, length, i64::from(most));
            self.must(Truth::Flag(fits));
        }
        self.clear(at, cell, shape.cells());
        self.put(at, cell, length);
        let count = most.min(longest);
        for index in 0..count {
            let used = self.b.ins().icmp_imm(IntCC::UnsignedGreaterThan, length, i64::from(index));
            let (yes, no) = (self.b.create_block(), self.b.create_block());
            self.b.ins().brif(used, yes, &[], no, &[]);
            self.b.switch_to_block(yes);
            let value = self.part(&val, index as usize)?;
            self.store(&value, part, at, cell + 1 + index * part.cells())?;
            self.jump(no);
            self.b.switch_to_block(no);
        }
        Ok(())
    }

    fn store_union(&mut self, val: &Val, shape: &Shape, all: &[Shape], at: V, cell: u32) -> Gen<()> {
        if let Some(from) = val.shape().cloned()
            && let Form::Union(others) = from.form()
        {
            let end = self.b.create_block();
            for tag in 0..others.len() {
                let is_it = self.has_tag(val, tag);
                let (yes, no) = (self.b.create_block(), self.b.create_block());
                self.b.ins().brif(is_it, yes, &[], no, &[]);
                self.b.switch_to_block(yes);
                let inner = self.alternative(val, tag);
                self.store_union(&inner, shape, all, at, cell)?;
                self.jump(end);
                self.b.switch_to_block(no);
            }
            self.bail("a value of another kind");
            self.jump(end);
            self.b.switch_to_block(end);
            return Ok(());
        }
        let guess = self.guess(val)?;
        let fitting = all.iter().position(|shape| same_kind(&shape.guess(), &guess));
        let Some(tag) = fitting else {
            self.bail("a value of another kind");
            return Ok(());
        };
        let word = self.int(tag as i64);
        self.put(at, cell, word);
        self.store(val, &all[tag], at, cell + 1)?;
        let used = 1 + all[tag].cells();
        self.clear(at, cell + used, shape.cells() - used);
        Ok(())
    }
}

/// Whether joining two guesses gives no union.
pub(crate) fn same_kind(a: &crate::shape::Guess, b: &crate::shape::Guess) -> bool {
    use crate::shape::Guess;
    !matches!(a, Guess::Union(_)) && !matches!(a.clone().join(b.clone()), Guess::Union(_))
}
