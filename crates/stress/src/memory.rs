//! The memory behind the addresses of the simulated device, so that a block which two owners have is seen: the second one
//! overwrites what the first one is about to read.
//!
//! Each word is an atomic that is read and written *relaxed*. What orders the accesses of one owner to those of the next is
//! the runtime under test (its mutexes, its events), and nothing here; a word that is raced for has some value and no
//! undefined behaviour.

use mps_runtime::Address;
use std::sync::atomic::{AtomicU32, Ordering};

/// Memory of a device.
#[derive(Debug)]
pub struct Memory {
    words: Vec<AtomicU32>,
}

impl Memory {
    /// So many bytes, rounded up to words.
    pub fn new(bytes: u64) -> Self {
        let words = usize::try_from(bytes.div_ceil(4)).unwrap_or(0);
        Self { words: std::iter::repeat_with(AtomicU32::default).take(words).collect() }
    }

    fn at(&self, address: Address, count: usize) -> &[AtomicU32] {
        let begin = usize::try_from(address.0 / 4).unwrap_or(usize::MAX);
        // An address that no device of this size has handed out holds nothing.
        begin.checked_add(count).and_then(|end| self.words.get(begin..end)).unwrap_or_default()
    }

    /// Writes numbers from an address on.
    pub fn write(&self, address: Address, numbers: &[f32]) {
        for (word, number) in self.at(address, numbers.len()).iter().zip(numbers) {
            word.store(number.to_bits(), Ordering::Relaxed);
        }
    }

    /// Reads so many numbers from an address on.
    pub fn read(&self, address: Address, count: usize) -> Vec<f32> {
        self.at(address, count).iter().map(|word| f32::from_bits(word.load(Ordering::Relaxed))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_is_beyond_the_end() {
        let memory = Memory::new(32);
        memory.write(Address(8), &[1.5, -2.5]);
        assert_eq!(memory.read(Address(8), 2), [1.5, -2.5]);
        assert_eq!(memory.read(Address(28), 2), [0.0; 0]);
        assert_eq!(memory.read(Address(u64::MAX), 1), [0.0; 0]);
    }
}
