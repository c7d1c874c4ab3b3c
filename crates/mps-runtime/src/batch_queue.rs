//! The queue in front of a model that is served in parallel.
//!
//! The protocol is module `BatchQueue` of `subjects/mps/specs`. Producers submit requests and get a [`Reply`] for each; workers
//! take batches, run the model, and complete the replies, with a value or with what the model threw. `stop` closes the
//! queue, wakes everybody and drains: each worker works until the queue is empty before it leaves.
//!
//! The test of the flag and the push are one critical section, and `stop` sets the flag in another, so a request is refused
//! or is in the queue before any worker can find the queue closed and empty. The flag is also read without the mutex, to
//! refuse cheaply: *relaxed*, because the second test decides. The model runs with no lock held.

use crate::mutation::{Mutation, Mutations};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Condvar, Deadline, Mutex, lock, wait};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The queue was stopped before the request was accepted.
    #[error("the batch queue is stopped")]
    Stopped,
    /// The model threw.
    #[error("the model failed: {0}")]
    Failed(String),
    /// There is no answer yet, at the end of the limit.
    #[error("no answer within the limit")]
    NotYet,
    /// The model gave another number of answers than there were requests.
    #[error("the model gave {given} answers to {asked} requests")]
    WrongCount {
        /// Requests in the batch.
        asked: usize,
        /// Answers.
        given: usize,
    },
}

type Answer<R> = Result<R, QueueError>;

#[derive(Debug)]
struct Future<R> {
    answer: Mutex<Option<Answer<R>>>,
    settled: Condvar,
}

impl<R> Future<R> {
    fn settle(&self, answer: Answer<R>) {
        // interlock: BQ.FuturesAccounted
        *lock(&self.answer) = Some(answer);
        self.settled.notify_all();
    }
}

/// The answer to a request, some time.
#[derive(Debug)]
pub struct Reply<R> {
    future: Arc<Future<R>>,
}

impl<R> Reply<R> {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`QueueError::Failed`] or [`QueueError::WrongCount`] from the model; [`QueueError::NotYet`] at the end of the limit.
    pub fn wait(&self, limit: Duration) -> Answer<R> {
        let deadline = Deadline::after(limit);
        let mut answer = lock(&self.future.answer);
        let mut in_time = true;
        loop {
            if let Some(answer) = answer.take() {
                return answer;
            }
            if !in_time {
                return Err(QueueError::NotYet);
            }
            (answer, in_time) = wait(&self.future.settled, answer, &deadline);
        }
    }
}

struct Request<Q, R> {
    input: Q,
    future: Arc<Future<R>>,
}

struct Waiting<Q, R> {
    queue: VecDeque<Request<Q, R>>,
    closed: bool,
    workers: usize,
}

/// The protocol, without threads.
pub struct BatchQueueCore<Q, R> {
    waiting: Mutex<Waiting<Q, R>>,
    more: Condvar,
    left: Condvar,
    /// A copy of `closed`, to refuse without the mutex.
    closed: AtomicBool,
    most: usize,
    mutations: Mutations,
}

impl<Q, R> BatchQueueCore<Q, R> {
    /// A queue that so many workers will serve, each taking at most so many requests at one time.
    ///
    /// # Panics
    /// If a batch cannot hold a request.
    pub fn new(workers: usize, most: usize, mutations: Mutations) -> Self {
        assert!(most > 0, "a batch holds at least one request");
        Self {
            waiting: Mutex::new(Waiting { queue: VecDeque::new(), closed: false, workers }),
            more: Condvar::new(),
            left: Condvar::new(),
            closed: AtomicBool::new(false),
            most,
            mutations,
        }
    }

    /// Puts a request into the queue.
    ///
    /// # Errors
    /// [`QueueError::Stopped`]
    pub fn submit(&self, input: Q) -> Result<Reply<R>, QueueError> {
        // interlock: BQ.SubmitStopRaceSafe, BQ.NoLostWakeup
        if self.closed.load(Ordering::Relaxed) {
            return Err(QueueError::Stopped);
        }
        let future = Arc::new(Future { answer: Mutex::new(None), settled: Condvar::new() });
        let reply = Reply { future: Arc::clone(&future) };
        let mut waiting = lock(&self.waiting);
        if waiting.closed && !self.mutations.has(Mutation::SkipSecondTest) {
            return Err(QueueError::Stopped);
        }
        waiting.queue.push_back(Request { input, future });
        drop(waiting);
        if !self.mutations.has(Mutation::ForgetNotify) {
            self.more.notify_one();
        }
        Ok(reply)
    }

    /// Serves the queue until it is closed and empty.
    pub fn serve(&self, model: &(dyn Fn(&[Q]) -> Vec<R> + Send + Sync)) {
        while let Some(batch) = self.take_batch() {
            self.answer(model, batch);
        }
        let mut waiting = lock(&self.waiting);
        waiting.workers -= 1;
        drop(waiting);
        self.left.notify_all();
    }

    fn take_batch(&self) -> Option<Vec<Request<Q, R>>> {
        // interlock: BQ.StopDrains, BQ.MutexOwner
        let mut waiting = lock(&self.waiting);
        loop {
            if !waiting.queue.is_empty() {
                let count = waiting.queue.len().min(self.most);
                return Some(waiting.queue.drain(..count).collect());
            }
            if waiting.closed {
                return None;
            }
            // An idle worker looks again now and then; whoever stops the queue does not depend on it.
            let deadline = Deadline::after(Duration::from_secs(3600));
            (waiting, _) = wait(&self.more, waiting, &deadline);
        }
    }

    fn answer(&self, model: &(dyn Fn(&[Q]) -> Vec<R> + Send + Sync), batch: Vec<Request<Q, R>>) {
        // interlock: BQ.FuturesAccounted, BQ.NoStuckFutures, BQ.HandsFollowControl
        let (inputs, futures): (Vec<Q>, Vec<_>) =
            batch.into_iter().map(|request| (request.input, request.future)).unzip();
        match catch_unwind(AssertUnwindSafe(|| model(&inputs))) {
            Ok(results) if results.len() == futures.len() => {
                futures.iter().zip(results).for_each(|(future, result)| future.settle(Ok(result)));
            }
            Ok(results) => {
                let error = QueueError::WrongCount { asked: futures.len(), given: results.len() };
                futures.iter().for_each(|future| future.settle(Err(error.clone())));
            }
            Err(thrown) => {
                let text = thrown.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let text = text.or_else(|| thrown.downcast_ref::<String>().cloned()).unwrap_or_default();
                futures.iter().for_each(|future| future.settle(Err(QueueError::Failed(text.clone()))));
            }
        }
    }

    /// Closes the queue and waits until every worker has drained it and left.
    ///
    /// # Errors
    /// [`QueueError::NotYet`] if a worker stays beyond the limit.
    pub fn stop(&self, limit: Duration) -> Result<(), QueueError> {
        // interlock: BQ.StopWakesAll, BQ.StopInOrder, BQ.StopReturns
        let deadline = Deadline::after(limit);
        {
            let mut waiting = lock(&self.waiting);
            waiting.closed = true;
            self.closed.store(true, Ordering::Relaxed);
        }
        if self.mutations.has(Mutation::NotifyOneOnStop) {
            self.more.notify_one();
        } else {
            self.more.notify_all();
        }
        let mut waiting = lock(&self.waiting);
        let mut in_time = true;
        while waiting.workers > 0 {
            if !in_time {
                return Err(QueueError::NotYet);
            }
            (waiting, in_time) = wait(&self.left, waiting, &deadline);
        }
        Ok(())
    }
}

impl<Q, R> std::fmt::Debug for BatchQueueCore<Q, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchQueueCore").field("most", &self.most).finish_non_exhaustive()
    }
}

#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub use bound::BatchQueue;

#[cfg(not(any(feature = "loom", feature = "shuttle")))]
mod bound {
    use super::{BatchQueueCore, QueueError, Reply};
    use crate::mutation::Mutations;
    use std::sync::Arc;
    use std::time::Duration;

    /// A batch queue with threads that serve it.
    ///
    /// ```
    /// use interlock_mps_runtime::BatchQueue;
    /// use std::time::Duration;
    ///
    /// let double = |batch: &[u32]| batch.iter().map(|request| request * 2).collect();
    /// let queue = BatchQueue::start(2, 8, double);
    /// let reply = queue.submit(21)?;
    /// assert_eq!(reply.wait(Duration::from_secs(5))?, 42);
    /// queue.stop(Duration::from_secs(5))?;
    /// # Ok::<(), interlock_mps_runtime::QueueError>(())
    /// ```
    #[derive(Debug)]
    pub struct BatchQueue<Q, R> {
        core: Arc<BatchQueueCore<Q, R>>,
    }

    impl<Q: Send + 'static, R: Send + 'static> BatchQueue<Q, R> {
        /// Starts so many workers, each taking at most so many requests at one time.
        ///
        /// # Panics
        /// If a batch cannot hold a request, or the system starts no more threads.
        pub fn start(workers: usize, most: usize, model: impl Fn(&[Q]) -> Vec<R> + Send + Sync + 'static) -> Self {
            let core = Arc::new(BatchQueueCore::new(workers, most, Mutations::NONE));
            let model = Arc::new(model);
            for number in 0..workers {
                let (core, model) = (Arc::clone(&core), Arc::clone(&model));
                let builder = std::thread::Builder::new().name(format!("batch-{number}"));
                builder.spawn(move || core.serve(&*model)).expect("the system starts a thread");
            }
            Self { core }
        }

        /// Puts a request into the queue.
        ///
        /// # Errors
        /// [`QueueError::Stopped`]
        pub fn submit(&self, input: Q) -> Result<Reply<R>, QueueError> {
            self.core.submit(input)
        }

        /// Closes the queue and waits until it is drained.
        ///
        /// # Errors
        /// [`QueueError::NotYet`] if a worker stays beyond the limit.
        pub fn stop(&self, limit: Duration) -> Result<(), QueueError> {
            self.core.stop(limit)
        }
    }

    impl<Q, R> Drop for BatchQueue<Q, R> {
        /// Closes the queue without waiting; workers drain it on their own.
        fn drop(&mut self) {
            let _workers_go_on = self.core.stop(Duration::ZERO);
        }
    }
}
