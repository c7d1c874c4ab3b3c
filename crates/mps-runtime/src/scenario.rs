//! Random workloads whose logs are held against the specifications.
//!
//! Each drives one component from several named threads, with choices drawn from a seed, and leaves its events in a recorder.
//! The threads are those of the system, so the seed repeats the choices and not the interleaving. The names of threads,
//! blocks, events and streams are those of the configurations in `subjects/mps/traces`.
//!
//! What the specifications leave out, the workloads do not do: time-outs of a wait, and threads that end before the
//! allocator is shut down.

#[cfg(unix)]
mod forks;

use crate::allocator::{Allocator, Options, PoolKind};
use crate::batch_queue::{BatchQueue, QueueError};
use crate::command_buffer::Stream;
use crate::device::{Address, Behavior, Device, QueueId, SimDevice};
use crate::event::EventPool;
use crate::graph_cache::GraphCache;
use crate::mutation::Mutations;
use crate::stream_buffers::StreamBuffers;
use crate::stream_pool::StreamPool;
use crate::tensor::{Input, Tensor, Tensors};
use crate::trace::{Recorder, Tracer};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

/// How much a workload does.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Threads besides the main one, at most 8.
    pub threads: usize,
    /// Operations of each.
    pub operations: usize,
    /// Where its choices come from.
    pub seed: u64,
    /// Whether steps are delayed now and then, drawn from the seed.
    pub noise: bool,
}

/// The component that a workload drives, named as its specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// The stream pool.
    StreamPool,
    /// The allocator.
    Allocator,
    /// The event pool.
    Event,
    /// Buffers on several streams.
    RecordStream,
    /// The cache of graphs.
    GraphCache,
    /// A stream and its command buffers.
    CommandBuffer,
    /// Tensors that blocks read.
    TensorLifetime,
    /// The batch queue.
    BatchQueue,
    /// The handlers around a fork; there is nothing of it where a process cannot fork.
    ForkHandler,
}

impl Component {
    /// Every component.
    pub const ALL: [Self; 9] = [
        Self::StreamPool,
        Self::Allocator,
        Self::Event,
        Self::RecordStream,
        Self::GraphCache,
        Self::CommandBuffer,
        Self::TensorLifetime,
        Self::BatchQueue,
        Self::ForkHandler,
    ];

    /// The name of its specification.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StreamPool => "StreamPool",
            Self::Allocator => "Allocator",
            Self::Event => "Event",
            Self::RecordStream => "RecordStream",
            Self::GraphCache => "GraphCache",
            Self::CommandBuffer => "CommandBuffer",
            Self::TensorLifetime => "TensorLifetime",
            Self::BatchQueue => "BatchQueue",
            Self::ForkHandler => "ForkHandler",
        }
    }

    /// The module that its logs are held against: the specification, unless the system does more than that says.
    pub const fn module(self) -> &'static str {
        match self {
            Self::BatchQueue => "BatchQueueSpurious",
            Self::StreamPool
            | Self::Allocator
            | Self::Event
            | Self::RecordStream
            | Self::GraphCache
            | Self::CommandBuffer
            | Self::TensorLifetime
            | Self::ForkHandler => self.name(),
        }
    }

    /// Actions of the specification that the runtime does not tell.
    pub const fn hidden(self) -> &'static [&'static str] {
        match self {
            // Kernels are encoded without an encoder that could be left open.
            Self::CommandBuffer => &["OpenEncoder", "EndCoalescing"],
            // Who was woken by whom, and who woke up unasked, only the system knows.
            Self::BatchQueue => &["WakeUp"],
            Self::StreamPool
            | Self::Allocator
            | Self::Event
            | Self::RecordStream
            | Self::GraphCache
            | Self::TensorLifetime
            | Self::ForkHandler => &[],
        }
    }
}

/// Runs a workload and returns its events.
///
/// # Panics
/// If the system starts no more threads, or a step that must succeed does not.
pub fn run(component: Component, load: Load, mutations: Mutations) -> Arc<Recorder> {
    let recorder = Arc::new(if load.noise { Recorder::noisy(load.seed) } else { Recorder::new() });
    let tracer = Tracer::to(&recorder);
    let log = Arc::clone(&recorder);
    // The specifications know the thread that owns a pool as `main`.
    let main = start("main", move || match component {
        Component::StreamPool => stream_pool(load, tracer, mutations),
        Component::Allocator => allocator(load, tracer, mutations),
        Component::Event => event(load, tracer, mutations),
        Component::RecordStream => record_stream(load, tracer, mutations),
        Component::GraphCache => graph_cache(load, tracer, mutations),
        Component::CommandBuffer => command_buffer(load, tracer, mutations),
        Component::TensorLifetime => tensor_lifetime(load, tracer, mutations),
        Component::BatchQueue => batch_queue(load, tracer, mutations),
        #[cfg(unix)]
        Component::ForkHandler => forks::forks(load, tracer, mutations, &log),
        #[cfg(not(unix))]
        Component::ForkHandler => drop((tracer, log)),
    });
    main.join().expect("the workload ends");
    recorder
}

fn start<R: Send + 'static>(name: &str, work: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    Builder::new().name(name.to_owned()).spawn(work).expect("the system starts a thread")
}

/// Marsaglia, *Xorshift RNGs* (2003).
struct Choices(u64);

impl Choices {
    fn of(load: Load, thread: usize) -> Self {
        Self(
            (load.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (thread as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9))
                | 1,
        )
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }
}

fn stream_pool(load: Load, tracer: Tracer, mutations: Mutations) {
    let streams = 3;
    // A defect may leave a sleeper for ever.
    let limit = if mutations.is_some() { Duration::from_secs(1) } else { LIMIT };
    let pool = Arc::new(StreamPool::with(Arc::new(SimDevice::new(load.seed)), streams, tracer, mutations));
    let worker = |thread: usize| {
        let pool = Arc::clone(&pool);
        let mut choices = Choices::of(load, thread);
        start(&format!("w{thread}"), move || {
            for _ in 0..load.operations {
                let Ok(stream) = pool.current_within(limit) else { return };
                if choices.below(8) == 0 {
                    std::thread::yield_now();
                }
                drop(stream);
            }
        })
    };
    let workers: Vec<_> = (1..=load.threads).map(worker).collect();
    let mut choices = Choices::of(load, 0);
    for _ in 0..choices.below(load.operations) {
        drop(pool.current());
    }
    // Shutdown under load, every second time.
    let (before, after) = if load.seed.is_multiple_of(2) { (workers, Vec::new()) } else { (Vec::new(), workers) };
    before.into_iter().for_each(|worker| worker.join().expect("a worker ends"));
    let ended = pool.shut_down_within(limit);
    assert!(ended.is_ok() || mutations.is_some(), "{ended:?}");
    after.into_iter().for_each(|worker| worker.join().expect("a worker ends"));
}

/// Addresses that any thread may use, and free.
type Shared<T> = Arc<Mutex<Vec<T>>>;

fn with<T, R>(shared: &Shared<T>, work: impl FnOnce(&mut Vec<T>) -> R) -> R {
    work(&mut shared.lock().unwrap_or_else(PoisonError::into_inner))
}

fn allocator(load: Load, tracer: Tracer, mutations: Mutations) {
    const SMALL: u64 = 1 << 10;
    const LARGE: u64 = 1 << 21;
    let options = Options { cache_capacity: 1, small_heap: SMALL * 8, ..Options::default() };
    let device = Arc::new(SimDevice::with_capacity(load.seed, 64 << 20));
    let allocator = Allocator::with(device, options, tracer, mutations);
    let addresses: Shared<Address> = Shared::default();
    let stopping = Arc::new(Barrier::new(load.threads + 1));
    let worker = |thread: usize| {
        let (allocator, addresses, stopping) = (allocator.clone(), Arc::clone(&addresses), Arc::clone(&stopping));
        let mut choices = Choices::of(load, thread);
        start(&format!("t{thread}"), move || {
            for _ in 0..load.operations {
                let size = if choices.below(3) == 0 { LARGE } else { SMALL };
                let known = with(&addresses, |all| (!all.is_empty()).then(|| all[choices.below(all.len())]));
                match (choices.below(10), known) {
                    // Not more live blocks than the configuration has names for.
                    (0..4, _) if with(&addresses, |all| all.len()) < 6 => {
                        if let Ok(block) = allocator.malloc(size) {
                            with(&addresses, |all| all.push(block.address));
                        }
                    }
                    (0..7, Some(address)) => {
                        // Others may free the same pointer at this moment; one of them succeeds.
                        if allocator.free(address).is_ok() {
                            with(&addresses, |all| all.retain(|other| *other != address));
                        }
                    }
                    (7, _) => drop(allocator.empty_cache(PoolKind::Small)),
                    (_, Some(address)) => drop(allocator.query(address)),
                    (_, None) => {}
                }
            }
            stopping.wait();
            stopping.wait();
            allocator.detach();
        })
    };
    let workers: Vec<_> = (1..=load.threads).map(worker).collect();
    stopping.wait();
    allocator.begin_shutdown();
    stopping.wait();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker ends"));
    let ended = allocator.destroy_pools();
    assert!(ended.is_ok() || mutations.is_some(), "{ended:?}");
}

fn event(load: Load, tracer: Tracer, mutations: Mutations) {
    let device = Arc::new(SimDevice::new(load.seed));
    let queues: Vec<QueueId> = (0..2).map(|_| device.create_queue()).collect();
    device.set_behavior(queues[1], Behavior::Late(Duration::from_micros(200)));
    let events = EventPool::with(device.clone(), tracer, mutations);
    let worker = |thread: usize| {
        let (events, queues) = (events.clone(), queues.clone());
        let mut choices = Choices::of(load, thread);
        start(&format!("t{thread}"), move || {
            for _ in 0..load.operations {
                let event = events.acquire();
                if choices.below(8) > 0 {
                    event.record(queues[choices.below(2)]);
                    if choices.below(3) > 0 {
                        // A mutant may never answer; the log then ends in the middle of a wait.
                        let _answered = event.synchronize(Duration::from_secs(5));
                    }
                }
                drop(event);
                if choices.below(6) == 0 {
                    let limit = if choices.below(2) == 0 { Duration::ZERO } else { LIMIT };
                    events.destroy_one(limit);
                }
            }
        })
    };
    let workers: Vec<_> = (1..=load.threads).map(worker).collect();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker ends"));
    events.empty(LIMIT);
    // What is due is run before the events are taken.
    drop(events);
    settle(&*device, &queues);
}

fn record_stream(load: Load, tracer: Tracer, mutations: Mutations) {
    let device = Arc::new(SimDevice::new(load.seed));
    let queues: Vec<QueueId> = (0..3).map(|_| device.create_queue()).collect();
    device.set_behavior(queues[1], Behavior::Late(Duration::from_micros(100)));
    let allocator = Allocator::new(device.clone(), Options { cache_capacity: 0, ..Options::default() });
    let buffers = StreamBuffers::with(device.clone(), allocator, 6, tracer, mutations);
    let worker = |thread: usize| {
        let (buffers, queues) = (buffers.clone(), queues.clone());
        let mut choices = Choices::of(load, thread);
        start(&format!("t{thread}"), move || {
            for _ in 0..load.operations.div_ceil(4) {
                let Ok(block) = buffers.allocate(4096, queues[choices.below(3)]) else { continue };
                for _ in 0..choices.below(4) {
                    let stream = queues[choices.below(3)];
                    let noted = choices.below(4) > 0 && buffers.record_stream(block.address, stream).is_ok();
                    // A stream that was not noted is refused, unless that is the defect.
                    let launched = buffers.launch(block.address, stream, Box::new(|| ()));
                    assert!(launched.is_ok() || !noted, "{launched:?}");
                }
                // A defect may have recycled the buffer already.
                let freed = buffers.free(block.address, LIMIT);
                assert!(freed.is_ok() || mutations.is_some(), "{freed:?}");
            }
        })
    };
    let workers: Vec<_> = (1..=load.threads).map(worker).collect();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker ends"));
    settle(&*device, &queues);
    let began = std::time::Instant::now();
    while buffers.pending_events() > 0 && began.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_micros(100));
    }
}

fn graph_cache(load: Load, tracer: Tracer, mutations: Mutations) {
    let cache = Arc::new(GraphCache::traced(2, tracer.clone(), |key: &usize| format!("k{key}"), mutations));
    let worker = |thread: usize| {
        let (cache, tracer) = (Arc::clone(&cache), tracer.clone());
        let mut choices = Choices::of(load, thread);
        start(&format!("t{thread}"), move || {
            for _ in 0..load.operations {
                let graph = cache.get_or_compile(1 + choices.below(4), |key| *key);
                if choices.below(4) == 0 {
                    std::thread::yield_now();
                }
                tracer.around("EndUse", "t", || drop(graph));
            }
        })
    };
    let workers: Vec<_> = (1..=load.threads).map(worker).collect();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker ends"));
}

fn command_buffer(load: Load, tracer: Tracer, mutations: Mutations) {
    let device = Arc::new(SimDevice::new(load.seed));
    let queue = device.create_queue();
    let stream = Arc::new(Stream::with(device.clone(), queue, tracer, mutations));
    let worker = |thread: usize| {
        let stream = Arc::clone(&stream);
        let mut choices = Choices::of(load, thread);
        start(&format!("t{thread}"), move || {
            for _ in 0..load.operations {
                match choices.below(8) {
                    0..3 => stream.encode(|| ()),
                    3..5 => stream.add_handler(|| ()),
                    5 => stream.flush(),
                    _ => stream.commit_and_wait(LIMIT).expect("the device works"),
                }
            }
        })
    };
    let workers: Vec<_> = (1..=load.threads).map(worker).collect();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker ends"));
    assert!(stream.added_too_late() == 0 || mutations.is_some(), "something came after a commit");
    drop(stream);
    settle(&*device, &[queue]);
}

fn tensor_lifetime(load: Load, tracer: Tracer, mutations: Mutations) {
    let device = Arc::new(SimDevice::new(load.seed));
    let tensors = Arc::new(Tensors::with(device, 256, tracer, mutations));
    let held: Shared<Tensor> = Shared::default();
    let collecting = (Arc::clone(&tensors), Arc::clone(&held));
    let mut choices = Choices::of(load, 0);
    let collector = start("gc", move || {
        let (tensors, held) = collecting;
        for _ in 0..load.operations * load.threads {
            let count = with(&held, |all| all.len());
            // Not more tensors at one time than the configuration has names for.
            if count < 8 && choices.below(2) == 0 {
                let tensor = tensors.create().expect("there is room");
                with(&held, |all| all.push(tensor));
            } else if let Some(tensor) =
                with(&held, |all| (!all.is_empty()).then(|| all.remove(choices.below(all.len()))))
            {
                assert!(tensors.collect(tensor), "nobody else collects");
            }
        }
    });
    let worker = |thread: usize| {
        let (tensors, held) = (Arc::clone(&tensors), Arc::clone(&held));
        let mut choices = Choices::of(load, thread);
        start(&format!("t{thread}"), move || {
            for _ in 0..load.operations {
                let Some(tensor) = with(&held, |all| (!all.is_empty()).then(|| all[choices.below(all.len())])) else {
                    std::thread::yield_now();
                    continue;
                };
                let input = if choices.below(4) == 0 { Input::Expanded } else { Input::Borrowed };
                // It may have been collected meanwhile. A slow block keeps those behind it in the queue.
                let slow = choices.below(3) == 0;
                let block = |_| {
                    if slow {
                        std::thread::sleep(Duration::from_micros(30))
                    }
                };
                let _refused = tensors.operate(tensor, input, block);
            }
        })
    };
    let workers: Vec<_> = (1..=load.threads).map(worker).collect();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker ends"));
    collector.join().expect("the collector ends");
    assert!(tensors.uses_after_free() == 0 || mutations.is_some(), "a block found its tensor gone");
}

fn batch_queue(load: Load, tracer: Tracer, mutations: Mutations) {
    // What was not notified is not answered; whoever waits for it gives up.
    let limit = if mutations.is_some() { Duration::from_millis(200) } else { LIMIT };
    let model = |batch: &[u64]| {
        if batch.iter().any(|request| request.is_multiple_of(16)) {
            // What the model throws, without the word of a panic on stderr.
            std::panic::resume_unwind(Box::new("a request that the model does not like"));
        }
        batch.iter().map(|request| request + 1).collect()
    };
    let queue = Arc::new(BatchQueue::start_with(3, 4, model, tracer, mutations));
    let producer = |thread: usize| {
        let queue = Arc::clone(&queue);
        let mut choices = Choices::of(load, thread);
        start(&format!("p{thread}"), move || {
            let mut replies = Vec::new();
            for _ in 0..load.operations {
                let Ok(reply) = queue.submit(choices.below(256) as u64) else { return };
                replies.push(reply);
                if choices.below(3) == 0 {
                    for reply in replies.drain(..) {
                        let answer = reply.wait(limit);
                        assert!(answer != Err(QueueError::NotYet) || mutations.is_some(), "{answer:?}");
                    }
                }
            }
        })
    };
    let producers: Vec<_> = (1..=load.threads).map(producer).collect();
    // Stopped under load, every second time.
    let (before, after) = if load.seed.is_multiple_of(2) { (producers, Vec::new()) } else { (Vec::new(), producers) };
    before.into_iter().for_each(|producer| producer.join().expect("a producer ends"));
    if !after.is_empty() {
        std::thread::sleep(Duration::from_micros(Choices::of(load, 0).below(3000) as u64));
    }
    let ended = queue.stop(limit);
    assert!(ended.is_ok() || mutations.is_some(), "{ended:?}");
    after.into_iter().for_each(|producer| producer.join().expect("a producer ends"));
}

/// Waits until the device has nothing left to do, and the system queue neither: what is submitted now is last on both.
fn settle(device: &dyn Device, queues: &[QueueId]) {
    for queue in queues {
        let (sender, receiver) = std::sync::mpsc::channel();
        let callback = Box::new(move || {
            let _nobody_waits = sender.send(());
        });
        device.submit(*queue, crate::device::Work::Signal { signalled: Box::new(|| ()), callback });
        receiver.recv_timeout(LIMIT).expect("the device works");
    }
}
