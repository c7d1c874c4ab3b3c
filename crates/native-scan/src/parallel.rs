//! Work spread over threads with large stacks: trees may be deep.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Stack of a worker. Only what is used is ever backed by memory.
const STACK: usize = 256 << 20;

/// Applies `work` to all items with this number of threads; results in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], workers: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            own.push((at, work(item)));
        }
        results.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
    };
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, items.len().max(1)) {
            let spawned = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
            if spawned.is_err() {
                // No further thread is to be had: this one does the rest.
                run();
            }
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Runs something on a thread with a large stack.
pub fn on_large_stack<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let cell = Mutex::new(Some(work));
    let take = || cell.lock().unwrap_or_else(PoisonError::into_inner).take().map(|work| work());
    let result = std::thread::scope(|scope| {
        let spawned = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take);
        spawned.ok().and_then(|handle| match handle.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    });
    match result.or_else(take) {
        Some(result) => result,
        None => unreachable!("the work is done by the thread or, if there is none, here"),
    }
}
