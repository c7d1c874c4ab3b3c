//! States that are known to be reached, and how more of them are found.

use crate::circuit::Built;
use crate::data::D;
use crate::reachability::Literal;
use crate::table::Table;
use crate::translate::state::Shape;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use tla_compile::shape::Datum;
use tla_explore::TransitionSystem;
use tla_explore::interpret::Interpreted;

/// Most states with unknown successors that are looked at.
const MOST_AT_ONCE: usize = 300;

/// Most states that are visited from there.
const MOST_VISITED: usize = 2000;

/// The states, each once, as the interpreter has them and as rows of a table.
pub struct Known<'a> {
    system: &'a Interpreted<'a>,
    data: &'a [Datum],
    shapes: &'a [Shape],
    /// Latches of a value of a variable; none if it has no place.
    bits: FxHashMap<(usize, u32), Option<Vec<bool>>>,
    states: Vec<Box<[u32]>>,
    /// The same, to be looked up; nothing before the first one is.
    index: FxHashSet<Box<[u32]>>,
    /// The states as rows.
    pub table: Table,
    /// Whether some state has no place.
    outside: bool,
    /// Whether these are all that can be reached.
    pub complete: bool,
}

/// What became of looking further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// There are new states.
    More,
    /// There are not.
    Nothing,
    /// A state has no place in the shapes.
    Outside,
}

impl<'a> Known<'a> {
    /// Takes in states.
    pub fn new(system: &'a Interpreted<'a>, built: &'a Built, shapes: &'a [Shape], states: Vec<Box<[u32]>>) -> Self {
        let mut known = Self {
            system,
            data: built.data.all(),
            shapes,
            bits: FxHashMap::default(),
            states: Vec::with_capacity(states.len()),
            index: FxHashSet::default(),
            table: Table::new(built.circuit.latches.len()),
            outside: false,
            complete: false,
        };
        states.into_iter().for_each(|state| known.add(state));
        known
    }

    /// The states again.
    pub fn into_states(self) -> Vec<Box<[u32]>> {
        self.states
    }

    /// Whether each state has a place.
    pub fn all_have_a_place(&self) -> bool {
        !self.outside
    }

    /// Adds a state.
    fn add(&mut self, state: Box<[u32]>) {
        let mut row: Vec<bool> = Vec::new();
        for (variable, word) in state.iter().enumerate() {
            let own = self.bits.entry((variable, *word)).or_insert_with(|| {
                let value = self.system.values_of_words(&[*word]);
                let datum = value.first().and_then(Datum::of)?;
                let mut bits = Vec::new();
                bits_of(self.data, &self.shapes[variable], &datum, &mut bits).then_some(bits)
            });
            match own {
                Some(own) => row.extend_from_slice(own),
                None => {
                    self.outside = true;
                    break;
                }
            }
        }
        if !self.outside {
            self.table.push(&row);
        }
        self.states.push(state);
    }

    /// Visits states from those in a cube, which has unknown successors.
    pub fn grow(&mut self, cube: &[Literal]) -> Growth {
        let before = self.states.len();
        let mut queue: VecDeque<Box<[u32]>> = VecDeque::new();
        let mut at = 0;
        while let Some(row) = self.table.first_in(cube, at) {
            queue.push_back(self.states[row].clone());
            at = row + 1;
            if queue.len() >= MOST_AT_ONCE {
                break;
            }
        }
        if self.index.is_empty() {
            self.index = self.states.iter().cloned().collect();
        }
        let mut worker = self.system.worker();
        let mut visited = 0;
        while let Some(state) = queue.pop_front() {
            for next in worker.some_successors(&state) {
                let next = next.into_boxed_slice();
                if self.index.insert(next.clone()) {
                    self.add(next.clone());
                    queue.push_back(next);
                }
                if self.outside {
                    return Growth::Outside;
                }
            }
            visited += 1;
            if visited >= MOST_VISITED {
                break;
            }
        }
        if self.states.len() > before { Growth::More } else { Growth::Nothing }
    }
}

/// The latches of a value in a place; `false` if it has none there.
fn bits_of(data: &[Datum], shape: &Shape, value: &Datum, bits: &mut Vec<bool>) -> bool {
    match (shape, value) {
        (Shape::Bool, Datum::Bool(truth)) => {
            bits.push(*truth);
            true
        }
        (Shape::Scalar(all), value) => {
            let is = |d: &D| &data[d.0 as usize] == value;
            bits.extend(all.iter().map(is));
            all.iter().any(is)
        }
        (Shape::Set(all), Datum::Set(elements)) => {
            let known: Vec<&Datum> = all.iter().map(|d| &data[d.0 as usize]).collect();
            bits.extend(known.iter().map(|datum| elements.contains(datum)));
            elements.iter().all(|element| known.contains(&element))
        }
        (Shape::Map(keys, parts), Datum::Map(own, values)) => {
            own.len() == keys.len()
                && own.iter().zip(keys).all(|(own, key)| own == &data[key.0 as usize])
                && parts.iter().zip(values).all(|(part, value)| bits_of(data, part, value, bits))
        }
        (Shape::Sequence(parts), Datum::Map(_, values)) => {
            bits.extend((0..=parts.len()).map(|length| length == values.len()));
            for (index, part) in parts.iter().enumerate() {
                match values.get(index) {
                    Some(value) => {
                        if !bits_of(data, part, value, bits) {
                            return false;
                        }
                    }
                    None => bits.extend(vec![false; part.latches()]),
                }
            }
            values.len() <= parts.len()
        }
        (Shape::Union(all), value) => {
            let own = |part: &Shape| {
                let mut bits = Vec::new();
                bits_of(data, part, value, &mut bits).then_some(bits)
            };
            let found = all.iter().enumerate().find_map(|(index, part)| own(part).map(|bits| (index, bits)));
            let Some((chosen, own)) = found else { return false };
            bits.extend((0..all.len()).map(|index| index == chosen));
            for (index, part) in all.iter().enumerate() {
                if index == chosen {
                    bits.extend(&own);
                } else {
                    bits.extend(vec![false; part.latches()]);
                }
            }
            true
        }
        (Shape::Never | Shape::Bool | Shape::Set(_) | Shape::Map(..) | Shape::Sequence(_), _) => false,
    }
}
