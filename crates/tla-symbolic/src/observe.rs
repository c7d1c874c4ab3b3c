//! What the interpreter meets: the ground for suppositions about the values of variables.
//!
//! The states nearest to the initial ones are visited breadth first, and random walks go on from the last of them. A
//! supposition that proves too narrow is widened by the states that the interpreter meets from where it failed.

use crate::data::Data;
use crate::declared;
use crate::table::splitmix;
use crate::translate::state::Shape;
use crate::visit;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use tla_compile::shape::Datum;
use tla_explore::TransitionSystem;
use tla_explore::interpret::{Interpreted, InterpretedWorker};
use tla_syntax::annotation::Type;

/// Walks after the states that were visited breadth first, where few suffice.
pub const FEW_WALKS: usize = 60;
/// Walks where an invariant is to be learned from the states.
pub const MANY_WALKS: usize = 600;
/// Steps of a walk.
const STEPS: usize = 120;
/// Most states that are kept.
const MOST: usize = 2 * visit::MOST as usize;
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
    /// What is declared of the variables, as a hint; nothing of those beyond the end, nothing at all by default.
    pub types: Vec<Option<Type>>,
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
            types: Vec::new(),
            seen: FxHashSet::default(),
            sample: Vec::new(),
            news: false,
            random: 1,
        }
    }

    fn note(&mut self, state: &[u32]) {
        if self.sample.len() < MOST {
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

    /// Visits up to so many states from the initial ones, and goes on with so many walks.
    pub fn from_initial(&mut self, most: usize, walks: usize) {
        let initial = self.worker.some_initial(most);
        let initial = initial.into_iter().map(Vec::into_boxed_slice).collect();
        self.explore(initial, most, walks);
    }

    /// Visits states from one that is given by its values; tells whether something new was met.
    pub fn from_state(&mut self, state: &[Datum], most: usize) -> bool {
        self.news = false;
        let values: Vec<_> = state.iter().map(Datum::value).collect();
        if let Ok(words) = self.worker.words_of_values(&values) {
            self.seen.remove(words.as_slice());
            self.explore(vec![words.into()], most, FEW_WALKS);
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

    /// Takes in all states of a search.
    pub fn from_states(&mut self, states: &[Box<[u32]>]) {
        states.iter().for_each(|state| self.note(state));
    }

    fn explore(&mut self, start: Vec<Box<[u32]>>, most: usize, walks: usize) {
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
            for walk in 0..walks {
                let start = all[all.len() - 1 - walk * all.len() / (2 * walks)].clone();
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
            // The walks of every run are the same.
            let chosen = (splitmix(&mut self.random) % next.len() as u64) as usize;
            state = next[chosen].clone();
        }
    }

    /// Hands over the states that were met, some of them more than once.
    pub fn hand_over(&mut self) -> Vec<Box<[u32]>> {
        std::mem::take(&mut self.sample)
    }

    /// Takes them back.
    pub fn take_back(&mut self, mut states: Vec<Box<[u32]>>) {
        states.append(&mut self.sample);
        self.sample = states;
    }

    /// The shapes for a circuit: what was met, with gaps between integers closed and like places alike.
    pub fn supposed(&mut self) -> Vec<Shape> {
        let mut shapes = self.shapes.clone();
        for (index, shape) in shapes.iter_mut().enumerate() {
            match self.types.get(index) {
                Some(Some(declared)) => declared::even(shape, declared, &self.data, &self.system.model.names),
                Some(None) | None => shape.even(&self.data),
            }
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
