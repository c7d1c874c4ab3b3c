//! Heaps: what is taken from the device, and carved into blocks.
//!
//! A heap of the small pool holds many blocks, which are carved one after the other; blocks that come back are found by
//! their class. A heap without blocks in use goes back to the device. A block that is too large for a heap gets one of its
//! own.

use crate::device::{Address, Device, OutOfMemory};
use std::collections::BTreeMap;

#[derive(Debug)]
struct Heap {
    size: u64,
    /// Bytes that were carved.
    carved: u64,
    blocks: usize,
    /// Blocks that came back, by address, with their size.
    returned: BTreeMap<u64, u64>,
}

/// The heaps of a pool.
#[derive(Debug)]
pub(super) struct Heaps {
    heap_size: u64,
    heaps: BTreeMap<u64, Heap>,
}

impl Heaps {
    pub(super) fn new(heap_size: u64) -> Self {
        Self { heap_size, heaps: BTreeMap::new() }
    }

    /// Bytes that were taken from the device.
    pub(super) fn bytes(&self) -> u64 {
        self.heaps.values().map(|heap| heap.size).sum()
    }

    /// A block of this size.
    pub(super) fn carve(&mut self, device: &dyn Device, size: u64) -> Result<Address, OutOfMemory> {
        if let Some(address) = self.heaps.iter_mut().find_map(|(begin, heap)| heap.carve(*begin, size)) {
            return Ok(address);
        }
        let heap_size = self.heap_size.max(size);
        let begin = device.allocate(heap_size)?;
        self.heaps.insert(begin.0, Heap { size: heap_size, carved: size, blocks: 1, returned: BTreeMap::new() });
        Ok(begin)
    }

    /// Takes a block back; an empty heap goes to the device.
    pub(super) fn give_back(&mut self, device: &dyn Device, address: Address, size: u64) {
        let Some((begin, heap)) = self.heaps.range_mut(..=address.0).next_back() else { return };
        let begin = *begin;
        heap.blocks -= 1;
        if heap.blocks == 0 {
            self.heaps.remove(&begin);
            device.release(Address(begin));
        } else {
            heap.returned.insert(address.0, size);
        }
    }
}

impl Heap {
    fn carve(&mut self, begin: u64, size: u64) -> Option<Address> {
        let fits = self.returned.iter().find(|(_, returned)| **returned == size).map(|(address, _)| *address);
        if let Some(address) = fits {
            self.returned.remove(&address);
            self.blocks += 1;
            return Some(Address(address));
        }
        if self.size - self.carved < size {
            return None;
        }
        let address = begin + self.carved;
        self.carved += size;
        self.blocks += 1;
        Some(Address(address))
    }
}
