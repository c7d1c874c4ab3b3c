//! The runtime as a program uses it: many threads, a device that is late or silent, memory that runs out, shutdown.

#![cfg(not(any(feature = "loom", feature = "shuttle")))]

use interlock_mps_runtime::stream_buffers::BufferError;
use interlock_mps_runtime::{
    AllocError, AllocOptions, Allocator, BatchQueue, Behavior, Device, EventPool, Mutation, Mutations, NotSignalled,
    PoolError, PoolKind, QueueError, SimDevice, StreamBuffers, StreamPool,
};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

#[test]
fn no_two_threads_have_one_stream_and_all_slots_come_back() {
    let pool = StreamPool::new(Arc::new(SimDevice::new(1)), 4);
    let owners: Vec<AtomicUsize> = (0..4).map(|_| AtomicUsize::new(0)).collect();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let stream = pool.current().expect("a stream becomes free");
                    let owner = &owners[stream.slot().0 as usize];
                    assert_eq!(owner.fetch_add(1, Ordering::SeqCst), 0);
                    owner.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    // A scope ends before the thread-local storage of its threads does.
    let began = std::time::Instant::now();
    while pool.free_slots().len() < 3 && began.elapsed() < LIMIT {
        std::thread::yield_now();
    }
    assert_eq!(pool.free_slots().len(), 3);
    pool.shut_down().expect("nobody is inside");
    assert_eq!(pool.current().err(), Some(PoolError::ShutDown));
}

#[test]
fn a_pool_without_a_free_stream_says_so_in_time() {
    let pool = StreamPool::new(Arc::new(SimDevice::new(1)), 2);
    std::thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        let (ready, holding) = std::sync::mpsc::channel();
        let pool = &pool;
        scope.spawn(move || {
            let _stream = pool.current().expect("it is free");
            ready.send(()).expect("open");
            let _closed = receiver.recv();
        });
        holding.recv().expect("open");
        let refused = scope.spawn(|| pool.current_within(Duration::from_millis(20)).err()).join();
        assert_eq!(refused.expect("no panic"), Some(PoolError::Exhausted));
        assert_eq!(pool.shut_down_within(Duration::from_millis(20)).err(), Some(PoolError::Busy(1)));
        drop(sender);
    });
}

#[test]
fn blocks_in_use_are_disjoint() {
    let device = Arc::new(SimDevice::new(1));
    let allocator = Allocator::new(device.clone(), AllocOptions { cache_capacity: 2, ..AllocOptions::default() });
    let live = Mutex::new(HashSet::new());
    std::thread::scope(|scope| {
        for thread in 0..8_u64 {
            let (allocator, live) = (&allocator, &live);
            scope.spawn(move || {
                for round in 0..200 {
                    let block = allocator.malloc(256 << ((thread + round) % 4)).expect("there is room");
                    assert!(live.lock().expect("no panic").insert(block.address), "handed out twice");
                    assert_eq!(allocator.query(block.address).map(|info| info.use_count), Ok(block.use_count));
                    live.lock().expect("no panic").remove(&block.address);
                    allocator.free(block.address).expect("nobody else frees it");
                    if round % 50 == 0 {
                        allocator.empty_cache(PoolKind::Small);
                    }
                }
            });
        }
    });
}

#[test]
fn of_racing_frees_of_one_block_one_succeeds() {
    let allocator = Allocator::new(Arc::new(SimDevice::new(1)), AllocOptions::default());
    for _ in 0..100 {
        let block = allocator.malloc(512).expect("there is room");
        let freed = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| freed.fetch_add(usize::from(allocator.free(block.address).is_ok()), Ordering::Relaxed));
            }
        });
        assert_eq!(freed.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn memory_that_runs_out_is_told_and_comes_back() {
    let device = Arc::new(SimDevice::with_capacity(1, 8 << 20));
    let allocator = Allocator::new(device.clone(), AllocOptions { cache_capacity: 0, ..AllocOptions::default() });
    let large = 4 << 20;
    let first = allocator.malloc(large).expect("there is room");
    let second = allocator.malloc(large).expect("there is room");
    assert!(matches!(allocator.malloc(large), Err(AllocError::OutOfMemory(_))));
    allocator.free(first.address).expect("it is in use");
    allocator.free(second.address).expect("it is in use");
    // The free blocks are too small for this one; they go back to the device first.
    let whole = allocator.malloc(8 << 20).expect("after a collection there is room");
    assert_eq!(device.allocated(), 8 << 20);
    allocator.free(whole.address).expect("it is in use");
    assert_eq!(allocator.free(whole.address), Err(AllocError::NotInUse(whole.address)));
}

#[test]
fn an_event_whose_device_is_silent_is_leaked_and_not_freed() {
    let device = Arc::new(SimDevice::new(1));
    let (prompt, stuck) = (device.create_queue(), device.create_queue());
    device.set_behavior(stuck, Behavior::Stuck);
    let events = EventPool::new(device.clone());
    let event = events.acquire();
    event.record(stuck);
    assert_eq!(event.synchronize(Duration::from_millis(10)), Err(NotSignalled));
    drop(event);
    assert_eq!(events.empty(Duration::from_millis(10)), (0, 1));
    let event = events.acquire();
    event.record(prompt);
    assert_eq!(event.synchronize(LIMIT), Ok(()));
    drop(event);
    assert_eq!(events.empty(LIMIT), (1, 0));
    assert_eq!(events.uses_after_free(), 0);
}

#[test]
fn without_its_wait_a_callback_finds_its_event_freed() {
    let device = Arc::new(SimDevice::new(1));
    let queue = device.create_queue();
    device.set_behavior(queue, Behavior::Late(Duration::from_millis(20)));
    let events = EventPool::with(device.clone(), Default::default(), Mutations::only(Mutation::NoPendingWait));
    let event = events.acquire();
    event.record(queue);
    drop(event);
    events.empty(LIMIT);
    let fence = EventPool::new(device).acquire();
    fence.record(queue);
    fence.synchronize(LIMIT).expect("the device works");
    assert_eq!(events.uses_after_free(), 1);
}

#[test]
fn a_buffer_is_reused_only_after_its_last_stream() {
    let device = Arc::new(SimDevice::new(1));
    let (first, second) = (device.create_queue(), device.create_queue());
    device.set_behavior(second, Behavior::Stuck);
    let allocator = Allocator::new(device.clone(), AllocOptions { cache_capacity: 0, ..AllocOptions::default() });
    let buffers = StreamBuffers::new(device.clone(), allocator.clone(), 2);
    let block = buffers.allocate(1024, first).expect("there is room");
    let launch = |stream| buffers.launch(block.address, stream, Box::new(|| ()));
    assert_eq!(launch(second), Err(BufferError::NotRecorded(block.address, second)));
    buffers.record_stream(block.address, second).expect("it is live");
    launch(second).expect("it is recorded");
    buffers.free(block.address, LIMIT).expect("two events may be pending");
    assert_eq!(launch(first), Err(BufferError::NotLive(block.address)));
    let other = buffers.allocate(1024, first).expect("there is room");
    assert_ne!(other.address, block.address, "the kernel on the second stream has not run");
    buffers.record_stream(other.address, second).expect("it is live");
    let full = buffers.free(other.address, Duration::from_millis(20));
    assert!(matches!(full, Err(BufferError::TooManyPending(_))), "{full:?}");
    device.set_behavior(second, Behavior::Prompt);
    buffers.free(other.address, LIMIT).expect("the device goes on");
    let began = std::time::Instant::now();
    while buffers.pending_events() > 0 && began.elapsed() < LIMIT {
        std::thread::yield_now();
    }
    assert_eq!(buffers.pending_events(), 0);
}

#[test]
fn every_accepted_request_is_answered_also_when_the_model_throws() {
    let model = |batch: &[u32]| {
        assert!(!batch.contains(&13), "unlucky");
        batch.iter().map(|request| request + 1).collect()
    };
    let queue = Arc::new(BatchQueue::start(3, 4, model));
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for producer in 0..4 {
            let (queue, answered) = (&queue, &answered);
            scope.spawn(move || {
                for request in 0..100_u32 {
                    match queue.submit(request + 1000 * producer).map(|reply| reply.wait(LIMIT)) {
                        Ok(Ok(answer)) => assert_eq!(answer, request + 1000 * producer + 1),
                        Ok(Err(QueueError::Failed(text))) => assert!(text.contains("unlucky"), "{text}"),
                        Err(QueueError::Stopped) => continue,
                        other => panic!("{other:?}"),
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(Duration::from_millis(2));
        queue.stop(LIMIT).expect("the workers drain the queue and leave");
    });
    assert_eq!(queue.submit(1).err(), Some(QueueError::Stopped));
}
