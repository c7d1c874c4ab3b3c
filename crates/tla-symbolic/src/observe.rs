//! What the interpreter meets: the ground for suppositions about the values of variables.
//!
//! The states nearest to the initial ones are visited breadth first, and random walks go on from the last of them. A
//! supposition that proves too narrow is widened by the states that the interpreter meets from where it failed.

use crate::circuit::Built;
use crate::data::Data;
use crate::translate::state::Shape;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use tla_compile::shape::Datum;
use tla_explore::TransitionSystem;
use tla_explore::interpret::{Interpreted, InterpretedWorker};

/// Steps of a walk.
const STEPS: usize = 120;
/// Walks after the states that were visited breadth first.
const WALKS: usize = 60;
/// Most states that are kept.
const MOST_SAMPLED: usize = 60_000;
/// Most integers between two that were met which are supposed too.
const WIDEST_GAP: i64 = 64;

/// Learns shapes from states.
pub struct Observer<'a> {
    system: &'a Interpreted<'a>,
    worker: InterpretedWorker<'a>,
    known: Vec<FxHashSet<u32>>,
    /// What was met of each variable.
    pub shapes: Vec<Shape>,
    /// Concrete values.
    pub data: Data,
    /// A value that no shape can have, by variable.
    pub odd: Option<usize>,
    seen: FxHashSet<Box<[u32]>>,
    /// States that were met, for suppositions about several variables together.
    sample: Vec<Box<[u32]>>,
    news: bool,
    random: u64,
}

impl<'a> Observer<'a> {
    /// An observer that has met nothing.
    pub fn new(system: &'a Interpreted<'a>) -> Self {
        let count = system.model.variables.len();
        Self {
            system,
            worker: system.worker(),
            known: vec![FxHashSet::default(); count],
            shapes: vec![Shape::Never; count],
            data: Data::default(),
            odd: None,
            seen: FxHashSet::default(),
            sample: Vec::new(),
            news: false,
            random: 1,
        }
    }

    fn note(&mut self, state: &[u32]) {
        if self.sample.len() < MOST_SAMPLED {
            self.sample.push(state.into());
        }
        for (variable, word) in state.iter().enumerate() {
            if !self.known[variable].insert(*word) {
                continue;
            }
            let value = self.system.values_of_words(&[*word]);
            match value.first().and_then(Datum::of) {
                Some(datum) => self.news |= self.shapes[variable].include(&datum, &mut self.data),
                None => self.odd = Some(variable),
            }
        }
    }

    fn successors(&mut self, state: &[u32]) -> Vec<Box<[u32]>> {
        // Where an expression is undefined the circuit finds that too.
        self.worker.some_successors(state).into_iter().map(Vec::into_boxed_slice).collect()
    }

    /// Visits up to so many states from the initial ones.
    pub fn from_initial(&mut self, most: usize) {
        let initial = self.worker.some_initial(most);
        let initial = initial.into_iter().map(Vec::into_boxed_slice).collect();
        self.explore(initial, most);
    }

    /// Visits states from one that is given by its values; tells whether something new was met.
    pub fn from_state(&mut self, state: &[Datum], most: usize) -> bool {
        self.news = false;
        let values: Vec<_> = state.iter().map(Datum::value).collect();
        if let Ok(words) = self.worker.words_of_values(&values) {
            self.seen.remove(words.as_slice());
            self.explore(vec![words.into()], most);
        }
        self.news
    }

    /// Takes in the values after each step from a state that is given by its values; tells whether something new was met.
    pub fn from_step(&mut self, state: &[Datum]) -> bool {
        self.news = false;
        let values: Vec<_> = state.iter().map(Datum::value).collect();
        if let Ok(words) = self.worker.words_of_values(&values) {
            for next in self.successors(&words) {
                self.note(&next);
            }
        }
        self.news
    }

    /// Takes in a value of a variable.
    pub fn include(&mut self, variable: usize, datum: &Datum) {
        self.shapes[variable].include(datum, &mut self.data);
    }

    fn explore(&mut self, start: Vec<Box<[u32]>>, most: usize) {
        let mut all: Vec<Box<[u32]>> = Vec::new();
        for state in start {
            if self.seen.insert(state.clone()) {
                self.note(&state);
                all.push(state);
            }
        }
        let mut at = 0;
        while at < all.len() && all.len() < most {
            let state = all[at].clone();
            at += 1;
            for next in self.successors(&state) {
                if self.seen.insert(next.clone()) {
                    self.note(&next);
                    all.push(next);
                }
            }
        }
        if all.len() >= most && most > 0 {
            for walk in 0..WALKS {
                let start = all[all.len() - 1 - walk * all.len() / (2 * WALKS)].clone();
                self.walk(start);
            }
        }
    }

    fn walk(&mut self, mut state: Box<[u32]>) {
        for _ in 0..STEPS {
            let next = self.successors(&state);
            if next.is_empty() {
                return;
            }
            for state in &next {
                self.note(state);
            }
            // Splitmix: the walks of every run are the same.
            self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.random;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let chosen = ((z ^ (z >> 31)) % next.len() as u64) as usize;
            state = next[chosen].clone();
        }
    }

    /// For each latch, in which of the states that were met it is set: a bit for each. A state without a place is left out.
    pub fn columns(&self, built: &Built, shapes: &[Shape]) -> Vec<Vec<u64>> {
        let mut known: FxHashMap<(usize, u32), Option<Vec<bool>>> = FxHashMap::default();
        let latches: usize = shapes.iter().map(Shape::latches).sum();
        let mut columns = vec![vec![0u64; self.sample.len().div_ceil(64)]; latches];
        let mut row = 0;
        'states: for state in &self.sample {
            let mut bits: Vec<bool> = Vec::with_capacity(latches);
            for (variable, word) in state.iter().enumerate() {
                let own = known.entry((variable, *word)).or_insert_with(|| {
                    let value = self.system.values_of_words(&[*word]);
                    let datum = value.first().and_then(Datum::of)?;
                    let mut bits = Vec::new();
                    built.bits_of(&shapes[variable], &datum, &mut bits).then_some(bits)
                });
                match own {
                    Some(own) => bits.extend_from_slice(own),
                    None => continue 'states,
                }
            }
            for (column, bit) in columns.iter_mut().zip(bits) {
                column[row / 64] |= u64::from(bit) << (row % 64);
            }
            row += 1;
        }
        for column in &mut columns {
            column.truncate(row / 64);
        }
        columns
    }

    /// The shapes for a circuit: what was met, with gaps between integers closed and like places alike.
    pub fn supposed(&mut self) -> Vec<Shape> {
        let mut shapes = self.shapes.clone();
        for shape in &mut shapes {
            shape.even(&self.data);
            close_gaps(shape, &mut self.data);
        }
        shapes
    }
}

fn close_gaps(shape: &mut Shape, data: &mut Data) {
    match shape {
        Shape::Scalar(all) => {
            let integers: Vec<i64> = all.iter().filter_map(|d| data.int(*d)).collect();
            if let (Some(low), Some(high)) = (integers.iter().min(), integers.iter().max())
                && high - low <= WIDEST_GAP
            {
                let filled: BTreeSet<_> = (*low..=*high).map(|value| data.of_int(value)).collect();
                all.extend(filled);
            }
        }
        Shape::Map(_, parts) | Shape::Sequence(parts) | Shape::Union(parts) => {
            parts.iter_mut().for_each(|part| close_gaps(part, data));
        }
        Shape::Never | Shape::Bool | Shape::Set(_) => {}
    }
}
