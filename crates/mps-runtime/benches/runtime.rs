//! What the runtime's operations cost at 1 to 8 threads, beside a plain mutex around the same thing.
//!
//! `cargo bench -p interlock-mps-runtime`, or with the operations of each thread: `… -- 100000`. Each line has the operations per
//! second of all threads together, and the latency below which half of the operations and 99 % of them stay, the clock's own
//! cost included. Every result is checked, and so is the device's memory before and after.

use interlock_mps_runtime::{
    Address, AllocOptions, Allocator, BatchQueue, Device, EventPool, QueueId, SimDevice, StreamPool, Work,
};
use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(60);

/// Latencies of one thread in nanoseconds.
type Latencies = Vec<u64>;

/// Runs the operation on so many threads, each having made its own with `prepare`.
fn measure<O: FnMut()>(
    threads: usize,
    operations: usize,
    prepare: impl Fn(usize) -> O + Sync,
) -> (Duration, Latencies) {
    let begin = Barrier::new(threads + 1);
    let mut all = Vec::with_capacity(threads * operations);
    // From the first operation to the last one, whoever makes them: this thread may be told of either much later.
    let mut span: Option<(Instant, Instant)> = None;
    std::thread::scope(|scope| {
        let worker = |thread: usize| {
            let (begin, prepare) = (&begin, &prepare);
            scope.spawn(move || {
                let mut operation = prepare(thread);
                let mut latencies = Vec::with_capacity(operations);
                begin.wait();
                let first = Instant::now();
                for _ in 0..operations {
                    let began = Instant::now();
                    operation();
                    latencies.push(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX));
                }
                (first, Instant::now(), latencies)
            })
        };
        let workers: Vec<_> = (0..threads).map(worker).collect();
        begin.wait();
        for worker in workers {
            let (first, last, latencies) = worker.join().expect("no operation fails");
            span = Some(span.map_or((first, last), |(from, to)| (from.min(first), to.max(last))));
            all.extend(latencies);
        }
    });
    (span.map_or(Duration::ZERO, |(from, to)| to - from), all)
}

fn report<O: FnMut()>(name: &str, operations: usize, prepare: impl Fn(usize) -> O + Sync) {
    for threads in [1, 2, 4, 8] {
        let (took, mut latencies) = measure(threads, operations, &prepare);
        latencies.sort_unstable();
        let at = |part: usize| latencies[(latencies.len() * part / 100).min(latencies.len() - 1)];
        let rate = latencies.len() as f64 / took.as_secs_f64();
        let line = format!("{name:34} {threads} threads {rate:12.0}/s   p50 {:7} ns   p99 {:9} ns\n", at(50), at(99));
        // Nobody reads the figures of a benchmark whose output is closed.
        let _closed = std::io::stdout().write_all(line.as_bytes());
    }
}

fn streams(operations: usize) {
    let pool = StreamPool::new(Arc::new(SimDevice::new(1)), 32);
    report("stream, acquire and release", operations, |_| || drop(pool.current().expect("a stream")));
    let shared: Mutex<HashMap<std::thread::ThreadId, u32>> = Mutex::new(HashMap::new());
    report("  a mutex around a map", operations, |_| {
        || {
            let mut map = shared.lock().expect("no panic");
            let next = map.len() as u32;
            let slot = *map.entry(std::thread::current().id()).or_insert(next);
            assert!(slot <= next);
        }
    });
}

fn allocation(operations: usize) {
    let device = Arc::new(SimDevice::new(1));
    let allocator = Allocator::new(device.clone(), AllocOptions::default());
    report("allocation, from the thread's cache", operations, |_| {
        || {
            let block = allocator.malloc(4096).expect("there is room");
            allocator.free(block.address).expect("it is in use");
        }
    });
    let uncached = Allocator::new(device.clone(), AllocOptions { cache_capacity: 0, ..AllocOptions::default() });
    report("allocation, from the pool", operations, |_| {
        || {
            let block = uncached.malloc(4096).expect("there is room");
            uncached.free(block.address).expect("it is in use");
        }
    });
    let free: Mutex<Vec<Address>> = Mutex::new(Vec::new());
    report("  a mutex around a free list", operations, |_| {
        || {
            let known = free.lock().expect("no panic").pop();
            let address = known.unwrap_or_else(|| device.allocate(4096).expect("there is room"));
            free.lock().expect("no panic").push(address);
        }
    });
    report("  the system's allocator", operations, |_| {
        || {
            drop(std::hint::black_box(vec![0_u8; 4096]));
        }
    });
    let held = device.allocated();
    assert!(held < 64 << 20, "memory grew to {held} bytes");
}

fn events(operations: usize) {
    let device = Arc::new(SimDevice::new(1));
    let queues: Vec<QueueId> = (0..8).map(|_| device.create_queue()).collect();
    let pool = EventPool::new(device.clone());
    report("event, record and wait", operations / 50 + 1, |thread| {
        let (pool, queue) = (&pool, queues[thread]);
        move || {
            let event = pool.acquire();
            event.record(queue);
            event.synchronize(LIMIT).expect("the device works");
        }
    });
    assert_eq!(pool.uses_after_free(), 0);
    report("  a flag under a mutex", operations / 50 + 1, |thread| {
        let (device, queue) = (&device, queues[thread]);
        move || {
            let flag = Arc::new((Mutex::new(false), Condvar::new()));
            let told = Arc::clone(&flag);
            let callback = Box::new(move || {
                *told.0.lock().expect("no panic") = true;
                told.1.notify_all();
            });
            device.submit(queue, Work::Signal { signalled: Box::new(|| ()), callback });
            let raised = flag.1.wait_while(flag.0.lock().expect("no panic"), |raised| !*raised);
            assert!(*raised.expect("no panic"));
        }
    });
}

/// A request of the plain queue, and where its answer goes.
type Plain = (u64, Arc<(Mutex<Option<u64>>, Condvar)>);

/// One mutex around a queue of single requests, and two threads that serve it.
fn plain_queue(operations: usize) {
    let queue: (Mutex<(VecDeque<Plain>, bool)>, Condvar) = Default::default();
    let serve = || {
        loop {
            let state = queue.0.lock().expect("no panic");
            let mut state = queue.1.wait_while(state, |(all, closed)| all.is_empty() && !*closed).expect("no panic");
            let Some((request, answer)) = state.0.pop_front() else { return };
            drop(state);
            *answer.0.lock().expect("no panic") = Some(request + 1);
            answer.1.notify_all();
        }
    };
    std::thread::scope(|scope| {
        (0..2).for_each(|_| drop(scope.spawn(serve)));
        report("  a mutex around a queue", operations, |thread| {
            let (queue, mut request) = (&queue, thread as u64);
            move || {
                request += 1;
                let answer: Arc<(Mutex<Option<u64>>, Condvar)> = Arc::default();
                queue.0.lock().expect("no panic").0.push_back((request, Arc::clone(&answer)));
                queue.1.notify_one();
                let got = answer.1.wait_while(answer.0.lock().expect("no panic"), |got| got.is_none());
                assert_eq!(*got.expect("no panic"), Some(request + 1));
            }
        });
        queue.0.lock().expect("no panic").1 = true;
        queue.1.notify_all();
    });
}

fn batches(operations: usize) {
    let queue = BatchQueue::start(2, 16, |batch: &[u64]| batch.iter().map(|request| request + 1).collect());
    report("batch, submit and wait", operations / 50 + 1, |thread| {
        let queue = &queue;
        let mut request = thread as u64;
        move || {
            request += 1;
            let reply = queue.submit(request).expect("the queue is open");
            assert_eq!(reply.wait(LIMIT), Ok(request + 1));
        }
    });
    queue.stop(LIMIT).expect("the workers leave");
    plain_queue(operations / 50 + 1);
}

fn main() {
    let operations = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(20_000);
    streams(operations);
    allocation(operations);
    events(operations);
    batches(operations);
}
