//! The runtime as a workload uses it, put together: a device with its memory, streams, an allocator, buffers that several
//! streams use, events, a cache of graphs; and what has to be true of all of them when the work is done.

use crate::kernel::{Backend, Kernel};
use crate::memory::Memory;
use crate::noise::{Noise, NoisyDevice};
use mps_runtime::{
    AllocOptions, Allocator, Device, EventPool, GraphCache, Mutations, PoolKind, QueueId, SimDevice, StreamBuffers,
    StreamPool,
};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// Graphs that the cache has room for: fewer than there are cases, so that it evicts.
const GRAPHS: usize = 24;

/// What a machine is made of.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Streams of the pool, the default one included.
    pub streams: u32,
    /// Bytes of the device.
    pub bytes: u64,
    /// Threads that are the device.
    pub engines: usize,
    /// Events of freed buffers that may be pending.
    pub most_pending: usize,
    /// Where the device's choices come from.
    pub seed: u64,
    /// How long anything is waited for. Every wait of the runtime ends by itself then, and is an error.
    pub patience: Duration,
    /// A defect of the runtime, for tests of the tests.
    pub mutations: Mutations,
}

/// A compiled graph: what a kernel needs to know besides its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Graph {
    /// The kernel.
    pub kernel: Kernel,
    /// The case that it was compiled for.
    pub case: usize,
}

/// The runtime, put together.
pub struct Machine {
    pub(crate) simulated: Arc<SimDevice>,
    pub(crate) pool: StreamPool,
    pub(crate) allocator: Allocator,
    pub(crate) buffers: StreamBuffers,
    pub(crate) events: EventPool,
    pub(crate) graphs: GraphCache<(Kernel, usize), Graph>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) noise: Arc<Noise>,
    /// A queue of nobody's, on which some inputs are read a second time.
    pub(crate) second: QueueId,
    pub(crate) patience: Duration,
}

impl Machine {
    /// Puts a machine together. The thread that does so owns the default stream.
    pub fn new(layout: &Layout, backend: Arc<dyn Backend>, noise: Arc<Noise>) -> Self {
        let simulated = Arc::new(SimDevice::parallel(layout.seed, layout.bytes, layout.engines));
        let device: Arc<dyn Device> = Arc::new(NoisyDevice::new(simulated.clone(), Arc::clone(&noise)));
        let mutations = layout.mutations;
        let options = AllocOptions { cache_capacity: 4, small_heap: 256 << 10, ..AllocOptions::default() };
        let allocator = Allocator::with(Arc::clone(&device), options, Default::default(), mutations);
        let streams = layout.streams.clamp(2, mps_runtime::stream_pool::MOST_STREAMS);
        let pool = StreamPool::with(Arc::clone(&device), streams, Default::default(), mutations);
        // Made after the streams, so that it is the last one of a buffer that is used on both.
        let second = device.create_queue();
        let buffers = StreamBuffers::with(
            Arc::clone(&device),
            allocator.clone(),
            layout.most_pending,
            Default::default(),
            mutations,
        );
        Self {
            pool,
            buffers,
            allocator,
            events: EventPool::with(Arc::clone(&device), Default::default(), mutations),
            graphs: GraphCache::with(GRAPHS, mutations),
            memory: Arc::new(Memory::new(layout.bytes)),
            simulated,
            backend,
            noise,
            second,
            patience: layout.patience,
        }
    }

    /// Ends everything, on the thread that put it together, when no other thread works any more. What is left behind, in
    /// words.
    pub fn finish(&self, is_shut_down: bool) -> Vec<String> {
        let mut left = Vec::new();
        let began = Instant::now();
        while self.buffers.pending_events() > 0 && began.elapsed() < self.patience {
            std::thread::sleep(Duration::from_micros(200));
        }
        let pending = self.buffers.pending_events();
        if pending > 0 {
            left.push(format!("{pending} events of freed buffers were never handled"));
        }
        if !is_shut_down {
            if let Err(error) = self.pool.shut_down_within(self.patience) {
                left.push(format!("the stream pool does not end: {error}"));
            }
            self.allocator.empty_cache(PoolKind::Small);
            self.allocator.begin_shutdown();
        }
        let (_, leaked) = self.events.empty(self.patience);
        if leaked > 0 {
            left.push(format!("{leaked} events were leaked because their callbacks did not come back"));
        }
        let after_free = self.events.uses_after_free();
        if after_free > 0 {
            left.push(format!("{after_free} callbacks found their event freed"));
        }
        if !self.detach_everywhere() {
            left.push("the device no longer answers".to_owned());
        }
        if let Err(error) = self.allocator.destroy_pools_within(self.patience) {
            left.push(format!("the allocator does not end: {error}"));
        }
        let bytes = self.simulated.allocated();
        if bytes > 0 && left.is_empty() {
            left.push(format!("{bytes} bytes of the device were never given back"));
        }
        if self.graphs.len() > GRAPHS {
            left.push(format!("{} graphs are in a cache for {GRAPHS}", self.graphs.len()));
        }
        left
    }

    /// Gives the caches back of this thread and of the device's system queue, which freed buffers too. Whether the device
    /// answered.
    fn detach_everywhere(&self) -> bool {
        self.allocator.detach();
        let (sender, receiver) = mpsc::channel();
        let allocator = self.allocator.clone();
        let callback = Box::new(move || {
            allocator.detach();
            let _nobody_waits = sender.send(());
        });
        self.simulated.submit(self.second, mps_runtime::Work::Signal { signalled: Box::new(|| ()), callback });
        receiver.recv_timeout(self.patience).is_ok()
    }
}
