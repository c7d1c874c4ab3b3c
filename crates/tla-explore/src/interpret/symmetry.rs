//! The representative of a state's orbit under the symmetry set.
//!
//! The representative is the least vector of words among the images that `tla_model::value::orbit` asks for; words are
//! numbers that all workers share, so it is the same for every state of an orbit, whoever computes it. Occurrences and
//! images are remembered by word, since states share their values.

use super::caching::Values;
use super::word::{Word, read};
use super::worker::Book;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::error::{EvalError, Evaluated};
use tla_model::eval::{Group, Machine};
use tla_model::value::Value;
use tla_model::value::occurrence::{Moved, Occurrence};
use tla_model::value::orbit::{self, State};

/// Images that a worker remembers before it starts afresh.
const REMEMBERED_IMAGES: usize = 1_000_000;

/// Hashes of occurrences that a worker remembers before it starts afresh: 64 MB.
const REMEMBERED_HASHES: usize = 8_000_000;

/// A symmetry with what a worker remembers of it.
pub(super) struct Symmetry {
    group: Group,
    renamings: Renamings,
    occurrences: Occurrences,
}

/// Words renamed by renamings.
#[derive(Default)]
pub(super) struct Renamings {
    /// By the places that moved values are renamed to, or by the number of a listed permutation.
    known: FxHashMap<Box<[u8]>, Renaming>,
    images: usize,
}

/// A permutation of model values with the words that it was applied to.
struct Renaming {
    by: Value,
    images: FxHashMap<u32, u32>,
}

#[derive(Default)]
struct Occurrences {
    known: FxHashMap<u32, Rc<Occurrence>>,
    hashes: usize,
}

impl Symmetry {
    /// The symmetry that a set of permutations generates.
    pub(super) fn new(machine: &mut Machine<'_>, set: &Value) -> Evaluated<Self> {
        let group = machine.generated_group(set)?;
        Ok(Self { group, renamings: Renamings::default(), occurrences: Occurrences::default() })
    }

    /// Makes the words of a state those of its representative.
    pub(super) fn represent<'a>(
        &mut self,
        machine: &mut Machine<'a>,
        book: &mut Book<'a>,
        words: &mut Vec<u32>,
    ) -> Evaluated<()> {
        self.renamings.bound();
        match &self.group {
            Group::Listed(permutations) => {
                let original = words.clone();
                let mut image = Vec::with_capacity(words.len());
                for (number, by) in permutations.iter().enumerate() {
                    let key = (number as u32).to_le_bytes();
                    self.renamings.rename(machine, book, &key, |_| Ok(by.clone()), &original, &mut image)?;
                    if image < *words {
                        std::mem::swap(&mut image, words);
                    }
                }
                Ok(())
            }
            Group::Symmetric(moved) if moved.is_empty() => Ok(()),
            Group::Symmetric(moved) => {
                let mut pairs = vec![0; moved.len() * moved.len()];
                for (place, word) in words.iter().enumerate() {
                    self.occurrences.of(book, moved, *word).add_to(place as u64, &mut pairs);
                }
                let original = std::mem::take(words);
                let renamings = &mut self.renamings;
                let (image, least) = (Vec::with_capacity(original.len()), words);
                let mut standing = Standing { machine, book, moved, renamings, original, image, least };
                orbit::renamings(moved, &pairs, &mut standing)
            }
        }
    }
}

/// A state whose images are looked at.
struct Standing<'s, 'a> {
    machine: &'s mut Machine<'a>,
    book: &'s mut Book<'a>,
    moved: &'s Moved,
    renamings: &'s mut Renamings,
    original: Vec<u32>,
    image: Vec<u32>,
    /// The least image so far; empty before the first.
    least: &'s mut Vec<u32>,
}

impl Standing<'_, '_> {
    fn rename(&mut self, renaming: &[u8]) -> Evaluated<()> {
        let moved = self.moved;
        let by = |machine: &mut Machine<'_>| machine.renaming(moved, renaming);
        self.renamings.rename(self.machine, self.book, renaming, by, &self.original, &mut self.image)
    }
}

impl State for Standing<'_, '_> {
    type Error = Box<EvalError>;

    fn is_exchangeable(&mut self, a: usize, b: usize) -> Evaluated<bool> {
        let mut renaming: Vec<u8> = (0..self.moved.len()).map(|value| value as u8).collect();
        renaming.swap(a, b);
        self.rename(&renaming)?;
        Ok(self.image == self.original)
    }

    fn leaf(&mut self, renaming: &[u8]) -> Evaluated<()> {
        if renaming.iter().enumerate().all(|(value, image)| value == *image as usize) {
            self.image.clone_from(&self.original);
        } else {
            self.rename(renaming)?;
        }
        if self.least.is_empty() || self.image < *self.least {
            std::mem::swap(&mut self.image, self.least);
        }
        Ok(())
    }
}

impl Renamings {
    /// Forgets all images if they are many. Not to be called while a state is looked at.
    pub(super) fn bound(&mut self) {
        if self.images >= REMEMBERED_IMAGES {
            self.known.clear();
            self.images = 0;
        }
    }

    pub(super) fn rename<'a>(
        &mut self,
        machine: &mut Machine<'a>,
        book: &mut Book<'a>,
        key: &[u8],
        by: impl FnOnce(&mut Machine<'a>) -> Evaluated<Value>,
        words: &[u32],
        images: &mut Vec<u32>,
    ) -> Evaluated<()> {
        if !self.known.contains_key(key) {
            self.known.insert(key.into(), Renaming { by: by(machine)?, images: FxHashMap::default() });
            self.images += 1;
        }
        images.clear();
        let Some(renaming) = self.known.get_mut(key) else { return Ok(()) };
        for word in words {
            if let Word::Value(Value::Bool(_) | Value::Int(_) | Value::String(_)) = read(*word) {
                images.push(*word);
                continue;
            }
            if let Some(known) = renaming.images.get(word) {
                images.push(*known);
                continue;
            }
            let mut renamed = machine.permute(&book.value(*word), &renaming.by)?;
            let image = book.word(machine, &mut renamed)?;
            renaming.images.insert(*word, image);
            self.images += 1;
            images.push(image);
        }
        Ok(())
    }
}

impl Occurrences {
    fn of(&mut self, book: &mut Book<'_>, moved: &Moved, word: u32) -> Rc<Occurrence> {
        if let Some(known) = self.known.get(&word) {
            return known.clone();
        }
        if self.hashes >= REMEMBERED_HASHES {
            self.known.clear();
            self.hashes = 0;
        }
        let found = Rc::new(moved.occurrence(&book.known.value_of(word)));
        self.hashes += if let Occurrence::Pairs(pairs) = &*found { pairs.len() } else { 1 };
        self.known.insert(word, found.clone());
        found
    }
}
