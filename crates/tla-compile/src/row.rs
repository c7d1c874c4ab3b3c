//! Where the variables lie in a state.
//!
//! A state is a row of 32-bit words. Each cell of each variable takes just its bits, none across the border of a 64-bit
//! chunk, so that reading one is a load, a shift and a mask. Bits that no cell takes are zero in every state.

use crate::shape::Shape;
use crate::shape::pack::{pack, unpack};
use tla_model::value::Value;

/// A cell's place in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which 64-bit chunk.
    pub chunk: u32,
    /// First bit.
    pub at: u32,
    /// Bits.
    pub bits: u32,
}

/// The layout of a state.
#[derive(Debug)]
pub struct Row {
    /// Shape of each variable.
    pub shapes: Vec<Shape>,
    /// Cells of each variable.
    pub places: Vec<Vec<Place>>,
    /// 64-bit chunks.
    pub chunks: u32,
    /// 32-bit words.
    pub words: u32,
}

/// A mask of so many low bits.
pub fn low_bits(bits: u32) -> u64 {
    if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
}

impl Row {
    /// Lays out variables of the given shapes.
    pub fn new(shapes: Vec<Shape>) -> Self {
        let mut used: Vec<u32> = Vec::new();
        let mut places = Vec::with_capacity(shapes.len());
        for shape in &shapes {
            let mut bits = Vec::new();
            shape.cell_bits(&mut bits);
            places.push(bits.into_iter().map(|bits| Self::place(&mut used, bits)).collect());
        }
        let chunks = used.len().max(1) as u32;
        let last = used.last().copied().unwrap_or(0);
        let words = 2 * chunks - u32::from(last <= 32);
        Self { shapes, places, chunks, words }
    }

    fn place(used: &mut Vec<u32>, bits: u32) -> Place {
        let recent = used.len().saturating_sub(16);
        let fits = used.iter().skip(recent).position(|used| used + bits <= 64).map(|i| i + recent);
        let chunk = fits.unwrap_or_else(|| {
            used.push(0);
            used.len() - 1
        });
        let at = used[chunk];
        used[chunk] += bits;
        // A cell without bits may follow a full chunk; any place will do for it.
        Place { chunk: chunk as u32, at: if at == 64 { 0 } else { at }, bits }
    }

    /// Packs values into words; on failure gives the first variable that does not fit.
    ///
    /// # Errors
    /// The number of the first variable whose value does not fit its shape.
    pub fn pack(&self, values: &[Value], words: &mut [u32]) -> Result<(), usize> {
        let mut cells = Vec::new();
        words.fill(0);
        for (variable, (shape, value)) in self.shapes.iter().zip(values).enumerate() {
            cells.clear();
            pack(shape, value, &mut cells).ok_or(variable)?;
            for (cell, place) in cells.iter().zip(&self.places[variable]) {
                let bits = cell << place.at;
                let word = 2 * place.chunk as usize;
                words[word] |= bits as u32;
                if let Some(high) = words.get_mut(word + 1) {
                    *high |= (bits >> 32) as u32;
                }
            }
        }
        Ok(())
    }

    /// The cells of all variables, one after the other.
    pub fn cells(&self, words: &[u32], cells: &mut Vec<u64>) {
        cells.clear();
        for place in self.places.iter().flatten() {
            let word = 2 * place.chunk as usize;
            let chunk = u64::from(words[word]) | u64::from(words.get(word + 1).copied().unwrap_or(0)) << 32;
            cells.push(chunk >> place.at & low_bits(place.bits));
        }
    }

    /// The words of the cells of all variables.
    pub fn words_of_cells(&self, cells: &[u64], words: &mut [u32]) {
        words.fill(0);
        for (cell, place) in cells.iter().zip(self.places.iter().flatten()) {
            let bits = cell << place.at;
            let word = 2 * place.chunk as usize;
            words[word] |= bits as u32;
            if let Some(high) = words.get_mut(word + 1) {
                *high |= (bits >> 32) as u32;
            }
        }
    }

    /// The value of a variable.
    pub fn value(&self, variable: usize, words: &[u32]) -> Value {
        let cell = |place: &Place| {
            let word = 2 * place.chunk as usize;
            let chunk = u64::from(words[word]) | u64::from(words.get(word + 1).copied().unwrap_or(0)) << 32;
            chunk >> place.at & low_bits(place.bits)
        };
        let cells: Vec<u64> = self.places[variable].iter().map(cell).collect();
        unpack(&self.shapes[variable], &cells)
    }

    /// All values.
    pub fn values(&self, words: &[u32]) -> Vec<Value> {
        (0..self.shapes.len()).map(|variable| self.value(variable, words)).collect()
    }
}
