//! The calling thread's part: it tells progress and looks for interruptions while worker threads search.

use crate::lock::locked;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use verdict::{Event, EventSink, Progress};

/// How often the sink is asked whether the run is to stop.
const LOOK: Duration = Duration::from_millis(50);

/// Tells the watching thread that the work is done.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<bool>,
    rings: Condvar,
}

impl Bell {
    pub(crate) fn ring(&self) {
        *locked(&self.rung) = true;
        self.rings.notify_all();
    }

    /// Waits for the bell, at most so long. Whether it was rung.
    fn await_ring(&self, time: Duration) -> bool {
        let rung = locked(&self.rung);
        let waited = self.rings.wait_timeout_while(rung, time, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Watches until the bell rings. `look` is called again and again, with whether the run is to stop.
pub(crate) fn watch(
    bell: &Bell,
    events: &dyn EventSink,
    interval: Duration,
    mut look: impl FnMut(bool),
    progress: impl Fn() -> Progress,
) {
    let began = Instant::now();
    let mut next = interval;
    while !bell.await_ring(LOOK.min(interval)) {
        look(events.interrupted());
        if began.elapsed() >= next {
            next = began.elapsed() + interval;
            events.send(Event::Progress(progress()));
        }
    }
}
