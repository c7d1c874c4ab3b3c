//! Events of protocol steps, to be held against the specifications with `interlock trace check`.
//!
//! A component that takes part is given a [`Tracer`]. At each step it asks for a stamp before and one after; both come
//! from one counter, so a step that ended before another began is known to precede it, and steps whose spans overlap are
//! left in either order. That is all that the checker needs, and no lock is held over a step to find it out.
//!
//! Without the feature `trace` a tracer is a type of size zero and its methods are empty; the closures that would name the
//! fields are never built.

#[cfg(feature = "trace")]
mod gate;
#[cfg(feature = "trace")]
mod recorder;

#[cfg(feature = "trace")]
pub use recorder::{Fields, Recorder, Value};

/// Where a component sends its events.
#[derive(Debug, Clone, Default)]
pub struct Tracer {
    #[cfg(feature = "trace")]
    recorder: Option<std::sync::Arc<Recorder>>,
}

/// The moment at which a step began.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    #[cfg(feature = "trace")]
    at: u64,
}

#[cfg(feature = "trace")]
impl Tracer {
    /// A tracer that sends to the recorder.
    pub fn to(recorder: &std::sync::Arc<Recorder>) -> Self {
        Self { recorder: Some(std::sync::Arc::clone(recorder)) }
    }

    #[inline]
    pub(crate) fn start(&self) -> Stamp {
        Stamp { at: self.recorder.as_ref().map_or(0, |recorder| recorder.begin()) }
    }

    /// The same where no step is about to begin: nobody is delayed or held.
    #[inline]
    #[allow(dead_code)] // Only the handlers of a fork, which not every system has.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { at: self.recorder.as_ref().map_or(0, |recorder| recorder.stamp()) }
    }

    /// Tells a step that began at the stamp and has taken effect by now.
    #[inline]
    pub(crate) fn step(&self, began: Stamp, action: &'static str, fields: impl FnOnce(Fields) -> Fields) {
        if let Some(recorder) = &self.recorder {
            recorder.record(began.at, action, fields(Fields::default()));
        }
    }

    /// Tells a step of the caller's own: what is done, as the action whose parameter of this name is the thread.
    pub fn around<R>(&self, action: &'static str, parameter: &'static str, work: impl FnOnce() -> R) -> R {
        let began = self.start();
        let result = work();
        self.step(began, action, |step| step.thread(parameter));
        result
    }

    /// Tells values that hold at some moment since the stamp, whatever step there was or none.
    #[inline]
    pub(crate) fn observe(&self, began: Stamp, fields: impl FnOnce(Fields) -> Fields) {
        if let Some(recorder) = &self.recorder {
            recorder.record(began.at, "", fields(Fields::default()));
        }
    }

    /// Whether anybody listens.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.recorder.is_some()
    }

    /// Tells that a defect acts at this moment: what follows differs from what the right code would do here.
    #[inline]
    pub(crate) fn deviates(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.deviate();
        }
    }
}

#[cfg(not(feature = "trace"))]
impl Tracer {
    #[inline]
    #[allow(clippy::unused_self)]
    pub(crate) fn start(&self) -> Stamp {
        Stamp {}
    }

    #[inline]
    #[allow(clippy::unused_self, dead_code)]
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {}
    }

    #[inline]
    #[allow(clippy::unused_self)]
    pub(crate) fn step(&self, _began: Stamp, _action: &'static str, _fields: impl FnOnce(Fields) -> Fields) {}

    #[inline]
    #[allow(clippy::unused_self)]
    pub(crate) fn observe(&self, _began: Stamp, _fields: impl FnOnce(Fields) -> Fields) {}

    #[inline]
    #[allow(clippy::unused_self)]
    pub(crate) fn is_on(&self) -> bool {
        false
    }

    #[inline]
    #[allow(clippy::unused_self)]
    pub(crate) fn deviates(&self) {}
}

/// Nothing, so that the closures which name fields are checked by the compiler also where they are never called.
#[cfg(not(feature = "trace"))]
#[derive(Debug, Default)]
pub struct Fields;

#[cfg(not(feature = "trace"))]
#[allow(clippy::unused_self)]
impl Fields {
    pub(crate) fn thread(self, _parameter: &'static str) -> Self {
        self
    }
    pub(crate) fn parameter<V>(self, _name: &'static str, _value: V) -> Self {
        self
    }
    pub(crate) fn variable<V>(self, _name: &'static str, _value: V) -> Self {
        self
    }
    pub(crate) fn at<K, V>(self, _name: &'static str, _key: K, _value: V) -> Self {
        self
    }
    #[allow(dead_code)] // Only the handlers of a fork.
    pub(crate) fn held<K>(self, _name: &'static str, _key: K) -> Self {
        self
    }
    pub(crate) fn mine<V>(self, _name: &'static str, _value: V) -> Self {
        self
    }
}
