//! What is explored: small uses of each core whose every schedule must be right, and which show a defect in some schedule.

pub mod tell;

#[cfg(feature = "loom")]
use loom as engine;
#[cfg(feature = "shuttle")]
use shuttle as engine;

use engine::sync::Arc;
use engine::sync::atomic::{AtomicUsize, Ordering};
use engine::thread;
use interlock_mps_runtime::allocator::{AllocatorCore, Options};
use interlock_mps_runtime::batch_queue::BatchQueueCore;
use interlock_mps_runtime::device::{Address, Device, OutOfMemory, QueueId, Work};
use interlock_mps_runtime::event::EventPoolCore;
use interlock_mps_runtime::stream_pool::{Binding, PoolCore};
use interlock_mps_runtime::tensor::Input;
use interlock_mps_runtime::trace::Tracer;
use interlock_mps_runtime::{GraphCache, Mutation, Mutations, Stream, Tensors};
use std::time::Duration;

/// Far more than an exploration takes; its clock does not move.
const LIMIT: Duration = Duration::from_secs(3600);

/// A scenario with the defects that it has to show.
pub struct Explored {
    pub name: &'static str,
    pub run: fn(Mutations),
    pub defects: &'static [Mutation],
    /// Threads, the first one included.
    pub threads: usize,
    /// Bound on preemptions for an exhaustive exploration.
    #[cfg_attr(feature = "shuttle", allow(dead_code))]
    pub preemptions: usize,
}

/// Every scenario.
pub const ALL: &[Explored] = &[
    Explored {
        name: "stream slots are handed on",
        run: stream_slots,
        defects: &[Mutation::PlainStore, Mutation::RelaxedMask, Mutation::LeakOnExit, Mutation::DoubleRelease],
        threads: 3,
        preemptions: 4,
    },
    Explored {
        name: "sleepers are woken",
        run: back_pressure,
        defects: &[Mutation::NotifyOutsideMutex, Mutation::LeakOnExit],
        threads: 3,
        preemptions: 3,
    },
    Explored {
        name: "shutdown waits for users",
        run: shutdown,
        defects: &[Mutation::SkipDrain],
        threads: 3,
        preemptions: 3,
    },
    Explored {
        name: "an operation acts on the block it looked up",
        run: generations,
        defects: &[
            Mutation::SkipRecheck,
            Mutation::NoIncrement,
            Mutation::PublishFirst,
            Mutation::RelaxedPublish,
            Mutation::NoInUseTest,
        ],
        threads: 3,
        preemptions: 4,
    },
    Explored {
        name: "a callback does not outlive its event",
        run: callback_lifetime,
        defects: &[Mutation::NoPendingWait, Mutation::DecrementFirst, Mutation::ScheduleFirst],
        threads: 3,
        preemptions: 5,
    },
    Explored {
        name: "a callback does not reach the next user",
        run: callback_epoch,
        defects: &[Mutation::NoEpochCheck],
        threads: 3,
        preemptions: 5,
    },
    Explored {
        name: "every accepted request is answered",
        run: batch_queue,
        defects: &[Mutation::SkipSecondTest, Mutation::NotifyOneOnStop],
        threads: 4,
        preemptions: 2,
    },
    Explored {
        name: "workers that sleep are told of requests",
        run: batch_notify,
        defects: &[Mutation::ForgetNotify],
        threads: 3,
        preemptions: 2,
    },
    Explored {
        name: "one graph for a key",
        run: graph_cache,
        defects: &[Mutation::BlindInsert],
        threads: 3,
        preemptions: 5,
    },
    Explored {
        name: "a graph in use stays",
        run: graph_eviction,
        defects: &[Mutation::EvictInUse],
        threads: 3,
        preemptions: 5,
    },
    Explored {
        name: "what is added to a command buffer comes before its commit",
        run: stream_members,
        defects: &[Mutation::NoLock],
        threads: 3,
        preemptions: 3,
    },
    Explored {
        name: "a block owns the tensor that it reads",
        run: tensor_lifetime,
        defects: &[Mutation::Borrowed, Mutation::LateCapture, Mutation::HastyCollector],
        threads: 3,
        preemptions: 3,
    },
];

fn pool(streams: u32, mutations: Mutations) -> Arc<PoolCore> {
    Arc::new(PoolCore::new(streams, Tracer::default(), mutations))
}

/// Takes a stream, uses it alone, and gives it back. What the last owner wrote is there.
fn use_stream(pool: &PoolCore, owners: &[AtomicUsize], turns: &AtomicUsize, written: &AtomicUsize) {
    let mut binding = Binding::default();
    let slot = pool.enter(&mut binding, LIMIT).expect("a stream becomes free");
    let owner = &owners[slot.0 as usize];
    assert_eq!(owner.fetch_add(1, Ordering::Relaxed), 0, "two threads on one stream");
    // With one worker stream the turns are in order, and each has to see what the one before has written.
    let turn = turns.load(Ordering::Relaxed);
    assert_eq!(written.load(Ordering::Relaxed), turn, "what the last owner wrote is not seen");
    turns.store(turn + 1, Ordering::Relaxed);
    written.store(turn + 1, Ordering::Relaxed);
    assert!(!pool.free_slots().contains(&slot), "a stream in use is on the free list");
    owner.fetch_sub(1, Ordering::Relaxed);
    pool.leave(&mut binding);
    pool.exit(&mut binding);
}

fn stream_slots(mutations: Mutations) {
    let pool = pool(2, mutations);
    let shared = Arc::new(([AtomicUsize::new(0), AtomicUsize::new(0)], AtomicUsize::new(0), AtomicUsize::new(0)));
    let worker = |_| {
        let (pool, shared) = (Arc::clone(&pool), Arc::clone(&shared));
        thread::spawn(move || use_stream(&pool, &shared.0, &shared.1, &shared.2))
    };
    let workers: Vec<_> = (0..2).map(worker).collect();
    workers.into_iter().for_each(|worker| worker.join().expect("no panic"));
    assert_eq!(shared.1.load(Ordering::Relaxed), 2);
    assert_eq!(pool.free_slots().len(), 1, "a slot leaked");
}

fn back_pressure(mutations: Mutations) {
    let pool = pool(2, mutations);
    let mut held = Binding::default();
    pool.enter(&mut held, LIMIT).expect("the stream is free");
    let sleeper = |_| {
        let pool = Arc::clone(&pool);
        thread::spawn(move || {
            let mut binding = Binding::default();
            pool.enter(&mut binding, LIMIT).expect("the stream becomes free");
            pool.leave(&mut binding);
            pool.exit(&mut binding);
        })
    };
    let sleepers: Vec<_> = (0..2).map(sleeper).collect();
    pool.leave(&mut held);
    pool.exit(&mut held);
    sleepers.into_iter().for_each(|sleeper| sleeper.join().expect("no panic"));
}

fn shutdown(mutations: Mutations) {
    let pool = pool(3, mutations);
    let worker = |_| {
        let pool = Arc::clone(&pool);
        thread::spawn(move || {
            let mut binding = Binding::default();
            if pool.enter(&mut binding, LIMIT).is_ok() {
                assert!(!pool.is_freed(), "a stream was freed under its user");
                pool.leave(&mut binding);
            }
            pool.exit(&mut binding);
        })
    };
    let workers: Vec<_> = (0..2).map(worker).collect();
    pool.shut_down(LIMIT).expect("the users leave");
    workers.into_iter().for_each(|worker| worker.join().expect("no panic"));
}

/// Memory without a device. Its own lock is none of what is explored.
struct Memory(std::sync::atomic::AtomicU64);

impl Device for Memory {
    fn create_queue(&self) -> QueueId {
        QueueId(0)
    }
    fn destroy_queue(&self, _queue: QueueId) {}
    /// Whatever is committed is completed at once.
    fn submit(&self, _queue: QueueId, work: Work) {
        match work {
            Work::Kernel(kernel) => kernel(),
            Work::Signal { signalled, callback } => {
                signalled();
                callback();
            }
        }
    }
    fn pending(&self, _queue: QueueId) -> usize {
        0
    }
    fn allocate(&self, bytes: u64) -> Result<Address, OutOfMemory> {
        Ok(Address(self.0.fetch_add(bytes, std::sync::atomic::Ordering::SeqCst)))
    }
    fn release(&self, _address: Address) {}
}

fn memory() -> Arc<dyn Device> {
    let memory = std::sync::Arc::new(Memory(std::sync::atomic::AtomicU64::new(0)));
    #[cfg(feature = "loom")]
    let memory: Arc<dyn Device> = Arc::from_std(memory);
    memory
}

fn generations(mutations: Mutations) {
    let options = Options { cache_capacity: 1, ..Options::default() };
    let allocator = Arc::new(AllocatorCore::new(memory(), options, Tracer::default(), mutations));
    let mut cache = allocator.attach();
    let block = allocator.malloc(&mut cache, 256).expect("there is room");
    let address = block.address;
    let querying = Arc::clone(&allocator);
    let reader = thread::spawn(move || querying.query(address).is_ok());
    let freeing = Arc::clone(&allocator);
    let other = thread::spawn(move || {
        let mut cache = freeing.attach();
        let freed = freeing.free(&mut cache, address).is_ok();
        freeing.detach(&mut cache);
        freed
    });
    // The owner frees the block and takes it again, from its own cache.
    let mine = allocator.free(&mut cache, address).is_ok();
    if mine {
        let again = allocator.malloc(&mut cache, 256).expect("there is room");
        assert_eq!(again.address, address, "from the cache");
    }
    reader.join().expect("no panic");
    let theirs = other.join().expect("no panic");
    assert!(mine || theirs, "nobody could free the block");
    let in_use = allocator.query(address).is_ok();
    assert!(!mine || theirs || in_use, "a block in use was lost");
    if in_use {
        let other = allocator.malloc(&mut allocator.attach(), 256).expect("there is room");
        assert_ne!(other.address, address, "a block in use was handed out");
    }
}

fn callback_lifetime(mutations: Mutations) {
    let events = Arc::new(EventPoolCore::new(Tracer::default(), mutations));
    let event = events.acquire();
    let mut system = None;
    events.record(&event, |callback| {
        let events = Arc::clone(&events);
        system = Some(thread::spawn(move || events.run(callback)));
    });
    events.release(event);
    let destroying = Arc::clone(&events);
    let destroyer = thread::spawn(move || destroying.destroy_one(LIMIT));
    destroyer.join().expect("no panic");
    system.expect("it was scheduled").join().expect("no panic");
    assert_eq!(events.uses_after_free(), 0, "a callback found its event freed");
}

fn callback_epoch(mutations: Mutations) {
    let events = Arc::new(EventPoolCore::new(Tracer::default(), mutations));
    let event = events.acquire();
    let mut system = None;
    events.record(&event, |callback| {
        let events = Arc::clone(&events);
        system = Some(thread::spawn(move || events.run(callback)));
    });
    events.release(event);
    let next = Arc::clone(&events);
    let user = thread::spawn(move || {
        let event = next.acquire();
        assert!(!event.is_completed(), "the flag is raised before anything was recorded");
        event
    });
    let event = user.join().expect("no panic");
    system.expect("it was scheduled").join().expect("no panic");
    assert!(!event.is_completed(), "the callback of another user was reported");
}

fn double(batch: &[u32]) -> Vec<u32> {
    batch.iter().map(|request| request * 2).collect()
}

fn batch_queue(mutations: Mutations) {
    let queue = Arc::new(BatchQueueCore::<u32, u32>::new(2, 1, mutations));
    let worker = |_| {
        let queue = Arc::clone(&queue);
        thread::spawn(move || queue.serve(&double))
    };
    let workers: Vec<_> = (0..2).map(worker).collect();
    let submitting = Arc::clone(&queue);
    let producer = thread::spawn(move || {
        if let Ok(reply) = submitting.submit(4) {
            assert_eq!(reply.wait(LIMIT), Ok(8));
        }
    });
    queue.stop(LIMIT).expect("the workers leave");
    producer.join().expect("no panic");
    workers.into_iter().for_each(|worker| worker.join().expect("no panic"));
}

fn batch_notify(mutations: Mutations) {
    let queue = Arc::new(BatchQueueCore::<u32, u32>::new(2, 1, mutations));
    let worker = |_| {
        let queue = Arc::clone(&queue);
        thread::spawn(move || queue.serve(&double))
    };
    let workers: Vec<_> = (0..2).map(worker).collect();
    // Two at one time, so that a notification which goes to nobody is not made up for by the next one.
    let replies = [4, 5].map(|request| queue.submit(request).expect("the queue is open"));
    assert_eq!(replies.map(|reply| reply.wait(LIMIT)), [Ok(8), Ok(10)]);
    queue.stop(LIMIT).expect("the workers leave");
    workers.into_iter().for_each(|worker| worker.join().expect("no panic"));
}

fn graph_cache(mutations: Mutations) {
    let cache = Arc::new(GraphCache::<u32, u32>::with(2, mutations));
    let user = |number| {
        let cache = Arc::clone(&cache);
        thread::spawn(move || cache.get_or_compile(7, |_| number))
    };
    let users: Vec<_> = (0..2).map(user).collect();
    let graphs: Vec<_> = users.into_iter().map(|user| user.join().expect("no panic")).collect();
    assert!(Arc::ptr_eq(&graphs[0], &graphs[1]), "an entry was replaced");
}

fn graph_eviction(mutations: Mutations) {
    let cache = Arc::new(GraphCache::<u32, u32>::with(1, mutations));
    let held = cache.get_or_compile(0, |_| 0);
    let user = |key| {
        let cache = Arc::clone(&cache);
        thread::spawn(move || assert_eq!(*cache.get_or_compile(key, |key| *key), key))
    };
    let users: Vec<_> = (1..3).map(user).collect();
    users.into_iter().for_each(|user| user.join().expect("no panic"));
    let again = cache.get_or_compile(0, |_| 0);
    assert!(Arc::ptr_eq(&held, &again), "a graph was evicted in use");
}

fn stream_members(mutations: Mutations) {
    let stream = Arc::new(Stream::with(memory(), QueueId(0), Tracer::default(), mutations));
    let ran = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let (adding, counted) = (Arc::clone(&stream), std::sync::Arc::clone(&ran));
    let adder = thread::spawn(move || {
        adding.add_handler(move || {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        });
    });
    let flushing = Arc::clone(&stream);
    let flusher = thread::spawn(move || flushing.flush());
    stream.encode(|| ());
    adder.join().expect("no panic");
    flusher.join().expect("no panic");
    stream.commit_and_wait(LIMIT).expect("the device works");
    assert_eq!(stream.added_too_late(), 0, "a handler was added to a command buffer that was committed");
    assert_eq!(ran.load(std::sync::atomic::Ordering::SeqCst), 1, "the handler did not run once");
}

fn tensor_lifetime(mutations: Mutations) {
    let tensors = Arc::new(Tensors::with(memory(), 64, Tracer::default(), mutations));
    let tensor = tensors.create().expect("there is room");
    let collecting = Arc::clone(&tensors);
    let collector = thread::spawn(move || {
        assert!(collecting.collect(tensor), "the interpreter held it");
        // The next tensor may be born where the last one lived.
        collecting.create().expect("there is room")
    });
    let operating = Arc::clone(&tensors);
    // Either operator may be called too late, and is refused.
    let operator = thread::spawn(move || operating.operate(tensor, Input::Borrowed, |_| ()).is_ok());
    let _refused = tensors.operate(tensor, Input::Expanded, |_| ());
    operator.join().expect("no panic");
    let next = collector.join().expect("no panic");
    assert_eq!(tensors.uses_after_free(), 0, "a block found its tensor gone");
    tensors.operate(next, Input::Borrowed, |_| ()).expect("it lives");
}
