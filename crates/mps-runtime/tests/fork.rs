//! A fork while other threads hold the runtime's mutexes: the child is refused, at once, and the parent goes on.

#![cfg(all(unix, not(any(feature = "loom", feature = "shuttle"))))]

use interlock_mps_runtime::{AllocError, AllocOptions, Allocator, PoolError, SimDevice, StreamPool, fork};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What the child finds, as an exit code: 0 if everything is refused.
fn in_child(pool: &StreamPool, allocator: &Allocator) -> u8 {
    let refused = [
        fork::in_forked_child(),
        pool.current().err() == Some(PoolError::ShutDown),
        allocator.malloc(64).err() == Some(AllocError::ShutDown),
    ];
    refused.iter().zip([1, 2, 4]).filter(|(ok, _)| !**ok).map(|(_, bit)| bit).sum()
}

#[test]
fn a_child_is_refused_and_its_parent_goes_on() {
    let device = Arc::new(SimDevice::new(5));
    let pool = Arc::new(StreamPool::new(device.clone(), 4));
    let allocator = Allocator::new(device, AllocOptions::default());
    // The forking thread has a binding and a cached block, which the child must not use.
    drop(pool.current().expect("a stream"));
    let block = allocator.malloc(64).expect("there is room");
    allocator.free(block.address).expect("it is in use");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    drop(pool.current().expect("a stream"));
                    let block = allocator.malloc(1 << 12).expect("there is room");
                    allocator.free(block.address).expect("it is in use");
                }
            });
        }
        for round in 0..20 {
            let child = fork::probe(|| in_child(&pool, &allocator), Duration::from_secs(10));
            assert_eq!(child.expect("the system forks"), fork::Child::Exited(0), "in round {round}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(!fork::in_forked_child());
    assert!(pool.current().is_ok() && allocator.malloc(64).is_ok());
}
