//! The queue in front of a model that is served in parallel.
//!
//! The protocol is module `BatchQueue` of `subjects/mps/specs`. Producers submit requests and get a [`Reply`] for each; workers
//! take batches, run the model, and complete the replies, with a value or with what the model threw. `stop` closes the
//! queue, wakes everybody and drains: each worker works until the queue is empty before it leaves.
//!
//! The test of the flag and the push are one critical section, and `stop` sets the flag in another, so a request is refused
//! or is in the queue before any worker can find the queue closed and empty. The flag is also read without the mutex, to
//! refuse cheaply: *relaxed*, because the second test decides. The model runs with no lock held.
//!
//! A condition variable may wake a sleeper that nobody notified. A log tells what was decided here: who was notified or
//! everybody (`Notify`, `WakeAll`), and who has the mutex again (`Lock`), not who was woken by whom.

use crate::mutation::{Mutation, Mutations};
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sync::{Arc, Condvar, Deadline, Mutex, lock, wait};
use crate::trace::Tracer;
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
    /// For logs.
    number: usize,
}

fn name_of(number: usize) -> String {
    format!("r{number}")
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
    /// Requests that were submitted, refused ones too. Relaxed: numbers, each used once.
    submitted: AtomicUsize,
    tracer: Tracer,
    mutations: Mutations,
}

impl<Q, R> BatchQueueCore<Q, R> {
    /// A queue that so many workers will serve, each taking at most so many requests at one time.
    ///
    /// # Panics
    /// If a batch cannot hold a request.
    pub fn new(workers: usize, most: usize, mutations: Mutations) -> Self {
        Self::with(workers, most, Tracer::default(), mutations)
    }

    /// The same watched.
    ///
    /// # Panics
    /// If a batch cannot hold a request.
    pub fn with(workers: usize, most: usize, tracer: Tracer, mutations: Mutations) -> Self {
        assert!(most > 0, "a batch holds at least one request");
        Self {
            waiting: Mutex::new(Waiting { queue: VecDeque::new(), closed: false, workers }),
            more: Condvar::new(),
            left: Condvar::new(),
            closed: AtomicBool::new(false),
            most,
            submitted: AtomicUsize::new(0),
            tracer,
            mutations,
        }
    }

    /// Puts a request into the queue.
    ///
    /// # Errors
    /// [`QueueError::Stopped`]
    pub fn submit(&self, input: Q) -> Result<Reply<R>, QueueError> {
        // interlock: BQ.SubmitStopRaceSafe, BQ.NoLostWakeup
        let number = if self.tracer.is_on() { 1 + self.submitted.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let began = self.tracer.start();
        let refused = self.closed.load(Ordering::Relaxed);
        self.tracer.step(began, "Submit", |step| {
            let step = step.thread("p").parameter("r", name_of(number));
            step.at("future", name_of(number), if refused { "refused" } else { "none" })
        });
        if refused {
            return Err(QueueError::Stopped);
        }
        let future = Arc::new(Future { answer: Mutex::new(None), settled: Condvar::new() });
        let reply = Reply { future: Arc::clone(&future) };
        self.push(Request { input, future, number })?;
        let began = self.tracer.start();
        if !self.mutations.has(Mutation::ForgetNotify) {
            self.more.notify_one();
            self.tracer.step(began, "Notify", |step| step.thread("p"));
        }
        Ok(reply)
    }

    /// The second test and the push, in one critical section.
    fn push(&self, request: Request<Q, R>) -> Result<(), QueueError> {
        // interlock: BQ.SubmitStopRaceSafe
        let began = self.tracer.start();
        let mut waiting = lock(&self.waiting);
        self.tracer.step(began, "SubmitLock", |step| step.thread("p"));
        let began = self.tracer.start();
        let refused = waiting.closed && !self.mutations.has(Mutation::SkipSecondTest);
        let forgets = self.mutations.has(Mutation::ForgetNotify);
        if forgets || waiting.closed && !refused {
            self.tracer.deviates();
        }
        self.tracer.step(began, "Push", |step| {
            let next = if refused || forgets { "idle" } else { "notify" };
            let answer = if refused { "refused" } else { "pending" };
            step.thread("p").mine("pc", next).at("future", name_of(request.number), answer)
        });
        if refused {
            return Err(QueueError::Stopped);
        }
        waiting.queue.push_back(request);
        Ok(())
    }

    /// Serves the queue until it is closed and empty.
    pub fn serve(&self, model: &(dyn Fn(&[Q]) -> Vec<R> + Send + Sync)) {
        while let Some(batch) = self.take_batch() {
            self.answer(model, batch);
        }
        self.left.notify_all();
    }

    fn take_batch(&self) -> Option<Vec<Request<Q, R>>> {
        // interlock: BQ.StopDrains, BQ.MutexOwner
        let began = self.tracer.start();
        let mut waiting = lock(&self.waiting);
        self.tracer.step(began, "Lock", |step| step.thread("w"));
        loop {
            let began = self.tracer.start();
            if !waiting.queue.is_empty() {
                let count = waiting.queue.len().min(self.most);
                let batch: Vec<Request<Q, R>> = waiting.queue.drain(..count).collect();
                self.tracer.step(began, "TakeBatch", |step| {
                    let names: Vec<String> = batch.iter().map(|request| name_of(request.number)).collect();
                    step.thread("w").mine("batch", names)
                });
                return Some(batch);
            }
            if waiting.closed {
                waiting.workers -= 1;
                self.tracer.step(began, "GoHome", |step| step.thread("w"));
                return None;
            }
            self.tracer.step(began, "GoToSleep", |step| step.thread("w"));
            // An idle worker looks again now and then; whoever stops the queue does not depend on it.
            let deadline = Deadline::after(Duration::from_secs(3600));
            (waiting, _) = wait(&self.more, waiting, &deadline);
            let began = self.tracer.start();
            self.tracer.step(began, "Lock", |step| step.thread("w"));
        }
    }

    fn answer(&self, model: &(dyn Fn(&[Q]) -> Vec<R> + Send + Sync), batch: Vec<Request<Q, R>>) {
        // interlock: BQ.FuturesAccounted, BQ.NoStuckFutures, BQ.HandsFollowControl
        let (inputs, futures): (Vec<Q>, Vec<_>) =
            batch.into_iter().map(|request| (request.input, request.future)).unzip();
        let results = catch_unwind(AssertUnwindSafe(|| model(&inputs)));
        let began = self.tracer.start();
        let action = match results {
            Ok(results) if results.len() == futures.len() => {
                futures.iter().zip(results).for_each(|(future, result)| future.settle(Ok(result)));
                "Succeed"
            }
            Ok(results) => {
                let error = QueueError::WrongCount { asked: futures.len(), given: results.len() };
                futures.iter().for_each(|future| future.settle(Err(error.clone())));
                "Fail"
            }
            Err(thrown) => {
                let text = thrown.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let text = text.or_else(|| thrown.downcast_ref::<String>().cloned()).unwrap_or_default();
                futures.iter().for_each(|future| future.settle(Err(QueueError::Failed(text.clone()))));
                "Fail"
            }
        };
        self.tracer.step(began, action, |step| step.thread("w"));
    }

    /// Closes the queue and waits until every worker has drained it and left.
    ///
    /// # Errors
    /// [`QueueError::NotYet`] if a worker stays beyond the limit.
    pub fn stop(&self, limit: Duration) -> Result<(), QueueError> {
        // interlock: BQ.StopWakesAll, BQ.StopInOrder, BQ.StopReturns
        let deadline = Deadline::after(limit);
        // Whoever stops a queue that is stopped only waits; the protocol knows one call.
        let quiet = Tracer::default();
        let mut tracer = &self.tracer;
        {
            let began = tracer.start();
            let mut waiting = lock(&self.waiting);
            if waiting.closed {
                tracer = &quiet;
            }
            tracer.step(began, "StopLock", |step| step);
            let began = tracer.start();
            waiting.closed = true;
            self.closed.store(true, Ordering::Relaxed);
            tracer.step(began, "Close", |step| step);
        }
        let began = tracer.start();
        if self.mutations.has(Mutation::NotifyOneOnStop) {
            self.more.notify_one();
            tracer.deviates();
            tracer.step(began, "Notify", |step| step.thread("p"));
        } else {
            self.more.notify_all();
            tracer.step(began, "WakeAll", |step| step);
        }
        let began = tracer.start();
        let mut waiting = lock(&self.waiting);
        let mut in_time = true;
        while waiting.workers > 0 {
            if !in_time {
                return Err(QueueError::NotYet);
            }
            (waiting, in_time) = wait(&self.left, waiting, &deadline);
        }
        tracer.step(began, "Join", |step| step);
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
    use crate::trace::Tracer;
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
            Self::start_with(workers, most, model, Tracer::default(), Mutations::NONE)
        }

        /// The same, watched and with defects.
        ///
        /// # Panics
        /// If a batch cannot hold a request, or the system starts no more threads.
        pub fn start_with(
            workers: usize,
            most: usize,
            model: impl Fn(&[Q]) -> Vec<R> + Send + Sync + 'static,
            tracer: Tracer,
            mutations: Mutations,
        ) -> Self {
            let core = Arc::new(BatchQueueCore::with(workers, most, tracer, mutations));
            let model = Arc::new(model);
            for number in 1..=workers {
                let (core, model) = (Arc::clone(&core), Arc::clone(&model));
                let builder = std::thread::Builder::new().name(format!("batch{number}"));
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
