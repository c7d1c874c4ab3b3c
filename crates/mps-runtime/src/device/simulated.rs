//! A device in software, as unpleasant as a real one may be.
//!
//! One thread is the device, or several are its engines: each takes the head of some queue that no other engine works on,
//! drawn from the seed, and finishes it, after a delay if it is told so. A queue keeps its order however many engines there
//! are. Another thread is the system queue that runs callbacks. A queue that is [`Behavior::Stuck`] never finishes
//! anything. Addresses are given out lowest first, so that memory that was given back is soon used again: what makes ABA
//! likely.

use super::{Address, Device, OutOfMemory, QueueId, Task, Work};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// How a queue treats its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Behavior {
    /// As soon as the device gets to it.
    #[default]
    Prompt,
    /// Each piece of work takes this long.
    Late(Duration),
    /// Never.
    Stuck,
}

#[derive(Default)]
struct Queue {
    work: VecDeque<Work>,
    behavior: Behavior,
    /// An engine has taken its head and has not finished it.
    busy: bool,
}

struct State {
    queues: BTreeMap<QueueId, Queue>,
    next_queue: u32,
    random: u64,
    closed: bool,
    capacity: u64,
    /// Begin and size of what was handed out.
    memory: BTreeMap<u64, u64>,
}

struct Shared {
    state: Mutex<State>,
    more: Condvar,
}

/// A simulated device.
pub struct SimDevice {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for SimDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimDevice").finish_non_exhaustive()
    }
}

/// Memory of a device that was not told otherwise: 1 GiB.
const CAPACITY: u64 = 1 << 30;

impl SimDevice {
    /// A device whose choices are drawn from the seed.
    pub fn new(seed: u64) -> Self {
        Self::with_capacity(seed, CAPACITY)
    }

    /// A device with so many bytes of memory.
    ///
    /// # Panics
    /// If the system starts no more threads.
    pub fn with_capacity(seed: u64, bytes: u64) -> Self {
        Self::parallel(seed, bytes, 1)
    }

    /// A device with so many bytes of memory whose queues are worked on by so many engines, at least one.
    ///
    /// # Panics
    /// If the system starts no more threads.
    pub fn parallel(seed: u64, bytes: u64, engines: usize) -> Self {
        let state = State {
            queues: BTreeMap::new(),
            next_queue: 0,
            // A generator of this kind does not leave zero.
            random: seed | 1,
            closed: false,
            capacity: bytes,
            memory: BTreeMap::new(),
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), more: Condvar::new() });
        let (callbacks, ready) = mpsc::channel::<Task>();
        let start = |name: &str, work: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.to_owned()).spawn(work).expect("the system starts a thread")
        };
        let engine = |_| {
            let (device, callbacks) = (Arc::clone(&shared), callbacks.clone());
            start("device", Box::new(move || device.run(&callbacks)))
        };
        let mut threads: Vec<_> = (0..engines.max(1)).map(engine).collect();
        threads.push(start("system-queue", Box::new(move || ready.into_iter().for_each(|callback| callback()))));
        Self { shared, threads }
    }

    /// Changes how a queue treats its work from now on.
    pub fn set_behavior(&self, queue: QueueId, behavior: Behavior) {
        if let Some(queue) = self.shared.lock().queues.get_mut(&queue) {
            queue.behavior = behavior;
        }
        self.shared.more.notify_all();
    }

    /// Bytes that are handed out.
    pub fn allocated(&self) -> u64 {
        self.shared.lock().memory.values().sum()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes work from queues until the device is closed.
    fn run(&self, callbacks: &mpsc::Sender<Task>) {
        loop {
            let mut state = self.lock();
            let (queue, work, delay) = loop {
                if state.closed {
                    return;
                }
                if let Some(found) = state.next() {
                    break found;
                }
                state = self.more.wait(state).unwrap_or_else(PoisonError::into_inner);
            };
            drop(state);
            if !delay.is_zero() {
                std::thread::sleep(delay);
            }
            match work {
                Work::Kernel(task) => task(),
                Work::Signal { signalled, callback } => {
                    signalled();
                    // The other end goes only after this thread.
                    let _sent = callbacks.send(callback);
                }
            }
            if let Some(queue) = self.lock().queues.get_mut(&queue) {
                queue.busy = false;
            }
        }
    }
}

impl State {
    fn next(&mut self) -> Option<(QueueId, Work, Duration)> {
        let draw = self.draw();
        let is_ready = |queue: &Queue| queue.behavior != Behavior::Stuck && !queue.busy && !queue.work.is_empty();
        let count = self.queues.values().filter(|queue| is_ready(queue)).count();
        if count == 0 {
            return None;
        }
        let mut ready = self.queues.iter_mut().filter(|(_, queue)| is_ready(queue));
        let (id, queue) = ready.nth((draw % count as u64) as usize)?;
        let delay = if let Behavior::Late(delay) = queue.behavior { delay } else { Duration::ZERO };
        let work = queue.work.pop_front()?;
        queue.busy = true;
        Some((*id, work, delay))
    }

    /// Marsaglia, *Xorshift RNGs* (2003).
    fn draw(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    /// The lowest gap that is large enough.
    fn gap(&self, bytes: u64) -> Option<u64> {
        let mut end = 0;
        for (begin, size) in &self.memory {
            if begin - end >= bytes {
                return Some(end);
            }
            end = begin + size;
        }
        end.checked_add(bytes).filter(|needed| *needed <= self.capacity).map(|_| end)
    }
}

impl Device for SimDevice {
    fn create_queue(&self) -> QueueId {
        let mut state = self.shared.lock();
        let queue = QueueId(state.next_queue);
        state.next_queue += 1;
        state.queues.insert(queue, Queue::default());
        queue
    }

    fn destroy_queue(&self, queue: QueueId) {
        let dropped = self.shared.lock().queues.remove(&queue);
        // Tasks are dropped without the lock: what they captured may call the device.
        drop(dropped);
    }

    fn submit(&self, queue: QueueId, work: Work) {
        let mut state = self.shared.lock();
        let refused = match state.queues.get_mut(&queue) {
            Some(queue) => {
                queue.work.push_back(work);
                None
            }
            None => Some(work),
        };
        drop(state);
        drop(refused);
        self.shared.more.notify_one();
    }

    fn pending(&self, queue: QueueId) -> usize {
        self.shared.lock().queues.get(&queue).map_or(0, |queue| queue.work.len())
    }

    fn allocate(&self, bytes: u64) -> Result<Address, OutOfMemory> {
        let mut state = self.shared.lock();
        let begin = state.gap(bytes.max(1)).ok_or(OutOfMemory { bytes })?;
        state.memory.insert(begin, bytes.max(1));
        Ok(Address(begin))
    }

    fn release(&self, address: Address) {
        self.shared.lock().memory.remove(&address.0);
    }
}

impl Drop for SimDevice {
    /// Ends both threads. What the device has not come to is dropped; callbacks that are due still run.
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.more.notify_all();
        let here = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // The last owner may be a callback; a thread cannot wait for itself.
            if thread.thread().id() != here {
                let _a_task_panicked = thread.join();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_queue_keeps_its_order_and_callbacks_have_a_thread_of_their_own() {
        let device = SimDevice::new(7);
        let queue = device.create_queue();
        let (sender, receiver) = mpsc::channel();
        for number in 0..10 {
            let sender = sender.clone();
            device.submit(queue, Work::Kernel(Box::new(move || sender.send(number.to_string()).expect("open"))));
        }
        let callback = Box::new(move || {
            sender.send(std::thread::current().name().unwrap_or_default().to_owned()).expect("open");
        });
        device.submit(queue, Work::Signal { signalled: Box::new(|| ()), callback });
        let got: Vec<String> = receiver.iter().collect();
        let expected = (0..10).map(|number: u32| number.to_string()).chain(["system-queue".to_owned()]);
        assert!(got.iter().cloned().eq(expected), "{got:?}");
    }

    #[test]
    fn engines_work_side_by_side_and_each_queue_keeps_its_order() {
        let device = SimDevice::parallel(7, 1 << 20, 2);
        let queues = [device.create_queue(), device.create_queue()];
        // Neither of the first two kernels ends before the other one has begun.
        let both = Arc::new(std::sync::Barrier::new(2));
        let order = Arc::new(Mutex::new([Vec::new(), Vec::new()]));
        let (sender, receiver) = mpsc::channel();
        for (index, queue) in queues.into_iter().enumerate() {
            let both = Arc::clone(&both);
            device.submit(
                queue,
                Work::Kernel(Box::new(move || {
                    both.wait();
                })),
            );
            for number in 0..50 {
                let order = Arc::clone(&order);
                let kernel = move || order.lock().expect("no panic")[index].push(number);
                device.submit(queue, Work::Kernel(Box::new(kernel)));
            }
            let sender = sender.clone();
            device.submit(queue, Work::Kernel(Box::new(move || sender.send(()).expect("open"))));
        }
        (0..2).for_each(|_| receiver.recv().expect("the device works"));
        let order = order.lock().expect("no panic");
        assert!(order.iter().all(|numbers| numbers.iter().copied().eq(0..50)), "{order:?}");
    }

    #[test]
    fn a_stuck_queue_does_nothing_and_the_others_go_on() {
        let device = SimDevice::new(7);
        let (stuck, prompt) = (device.create_queue(), device.create_queue());
        device.set_behavior(stuck, Behavior::Stuck);
        let ran = Arc::new(AtomicU32::new(0));
        let (sender, receiver) = mpsc::channel();
        let count = Arc::clone(&ran);
        device.submit(
            stuck,
            Work::Kernel(Box::new(move || {
                count.fetch_add(1, Ordering::SeqCst);
            })),
        );
        device.submit(prompt, Work::Kernel(Box::new(move || sender.send(()).expect("open"))));
        receiver.recv().expect("the prompt queue works");
        assert_eq!((ran.load(Ordering::SeqCst), device.pending(stuck)), (0, 1));
    }

    #[test]
    fn memory_is_reused_lowest_first_and_ends() {
        let device = SimDevice::with_capacity(7, 300);
        let first = device.allocate(100).expect("room");
        let second = device.allocate(100).expect("room");
        device.release(first);
        assert_eq!(device.allocate(100), Ok(first));
        assert_ne!(first, second);
        assert_eq!(device.allocate(200), Err(OutOfMemory { bytes: 200 }));
        assert_eq!(device.allocated(), 200);
    }
}
