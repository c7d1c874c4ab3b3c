//! Keeps events and writes them as JSON lines.

use super::gate::Gate;
use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A value of a parameter or variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A Boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string, or the name of a model value.
    Text(String),
    /// A set or sequence.
    List(Vec<Value>),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

macro_rules! from_integer {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                // Counters of a run that somebody wants to read stay far below the limit.
                Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
            }
        }
    )*};
}
from_integer!(i32, u32, u64, usize);

impl<V: Into<Value>> From<Vec<V>> for Value {
    fn from(values: Vec<V>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(text) => quoted(f, text),
            Self::List(values) => {
                f.write_char('[')?;
                for (index, value) in values.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{value}")?;
                }
                f.write_char(']')
            }
        }
    }
}

fn quoted(f: &mut impl fmt::Write, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            control if control < ' ' => write!(f, "\\u{:04x}", control as u32)?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

/// What an event says besides its action.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    parameters: Vec<(&'static str, Value)>,
    variables: Vec<(String, Value)>,
}

impl Fields {
    /// The name of this thread, as the parameter of the action with this name.
    pub(crate) fn thread(self, parameter: &'static str) -> Self {
        self.parameter(parameter, thread_name())
    }

    pub(crate) fn parameter(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    /// The value of a variable after the step.
    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The value of a variable that is a function, at one point, after the step.
    pub(crate) fn at(mut self, name: &'static str, key: impl Display, value: impl Into<Value>) -> Self {
        self.variables.push((format!("{name}[{key}]"), value.into()));
        self
    }

    /// The same with this thread's name as the value.
    #[allow(dead_code)] // Only the handlers of a fork.
    pub(crate) fn held(self, name: &'static str, key: impl Display) -> Self {
        self.at(name, key, thread_name())
    }

    /// The value of a variable that is a function of threads, for this thread.
    pub(crate) fn mine(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.at(name, thread_name(), value)
    }
}

struct Event {
    thread: String,
    began: u64,
    ended: u64,
    /// Empty where no step is told, only values.
    action: Cow<'static, str>,
    fields: Fields,
    /// What another process wrote, instead of the fields.
    written: Option<String>,
}

/// Collects the events of one component.
#[derive(Default)]
pub struct Recorder {
    clock: AtomicU64,
    /// Seed of the delays before steps; 0 for none.
    noise: u64,
    events: Mutex<Vec<Event>>,
    /// When a defect acted, for tests of the tests. No part of the log.
    deviations: Mutex<Vec<u64>>,
    gate: Option<Gate>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recorder({} events)", self.len())
    }
}

impl Recorder {
    /// An empty recorder.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty recorder that delays steps now and then, so that rare interleavings become likely. The delays are drawn from
    /// the seed and the stamp.
    pub fn noisy(seed: u64) -> Self {
        Self { noise: seed | 1, ..Self::default() }
    }

    /// An empty recorder that holds every thread before each step until [`Recorder::step_of`] calls it.
    pub fn stepped() -> Self {
        Self { gate: Some(Gate::default()), ..Self::default() }
    }

    /// Lets a thread of this name take a step, and gives the line that it adds to the log; `None` if it takes none within
    /// the limit.
    pub fn step_of(&self, thread: &str, limit: std::time::Duration) -> Option<String> {
        self.gate.as_ref().filter(|gate| gate.call(thread, limit))?;
        self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner).last().map(Event::line)
    }

    /// Holds nobody any more.
    pub fn let_go(&self) {
        self.gate.iter().for_each(Gate::open);
    }

    /// The stamp of a step that begins.
    pub(super) fn begin(&self) -> u64 {
        if let Some(gate) = &self.gate {
            gate.hold(&thread_name());
        }
        if self.noise != 0 {
            self.delay();
        }
        self.stamp()
    }

    fn delay(&self) {
        // Relaxed: any recent value will do.
        let mixed = (self.noise ^ self.clock.load(Ordering::Relaxed)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        match mixed >> 58 {
            0..=1 => std::thread::sleep(std::time::Duration::from_micros(50)),
            2..=9 => std::thread::yield_now(),
            _ => {}
        }
    }

    /// One more than the last stamp. Sequentially consistent, so that stamps of different threads agree with the order of
    /// the steps between them.
    pub(crate) fn stamp(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    pub(super) fn record(&self, began: u64, action: &'static str, fields: Fields) {
        let ended = self.stamp();
        let event = Event { thread: thread_name(), began, ended, action: action.into(), fields, written: None };
        self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(event);
        self.gate.iter().for_each(Gate::stepped);
    }

    /// What the child of a fork has logged, for the process that it was forked from.
    #[cfg(all(unix, not(any(feature = "loom", feature = "shuttle"))))]
    pub(crate) fn of_child(&self, is_ours: impl Fn(&str) -> bool) -> String {
        let events = self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let ours = events.iter().filter(|event| event.written.is_none() && is_ours(&event.action));
        ours.map(|event| format!("{}\t{}\n", event.action, event.values())).collect()
    }

    /// Takes over what a child has logged. Its clock is none of ours: all that is known is that it lived between the stamp
    /// and now.
    #[cfg(all(unix, not(any(feature = "loom", feature = "shuttle"))))]
    pub(crate) fn adopt(&self, began: u64, text: &str) {
        let ended = self.stamp();
        let lines = text.lines().filter_map(|line| line.split_once('\t'));
        let adopted = lines.map(|(action, values)| Event {
            thread: "child".to_owned(),
            began,
            ended,
            action: action.to_owned().into(),
            fields: Fields::default(),
            written: Some(values.to_owned()),
        });
        self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(adopted);
    }

    pub(super) fn deviate(&self) {
        let now = self.stamp();
        self.deviations.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(now);
    }

    /// When a defect acted for the first time, on the clock of the spans; none if it never did.
    pub fn first_deviation(&self) -> Option<u64> {
        self.deviations.lock().unwrap_or_else(std::sync::PoisonError::into_inner).iter().min().copied()
    }

    /// Number of events so far.
    pub fn len(&self) -> usize {
        self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner).len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the events as JSON lines, in the order in which they began.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        let mut events = self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        events.sort_by_key(|event| event.began);
        for event in events.iter() {
            writeln!(output, "{}", event.line())?;
        }
        Ok(())
    }
}

impl Event {
    /// The event as a JSON object.
    fn line(&self) -> String {
        let mut line = String::from("{\"action\":");
        if self.action.is_empty() {
            line.push_str("null");
        } else {
            let _infallible = quoted(&mut line, &self.action);
        }
        line.push_str(",\"thread\":");
        let _infallible = quoted(&mut line, &self.thread);
        let _infallible = write!(line, ",\"span\":[{},{}]", self.began, self.ended);
        match &self.written {
            Some(written) => line.push_str(written),
            None => line.push_str(&self.values()),
        }
        line.push('}');
        line
    }

    /// Parameters and variables, as they stand in the line.
    fn values(&self) -> String {
        let mut text = String::new();
        object(&mut text, "params", self.fields.parameters.iter().map(|(name, value)| (*name, value)));
        object(&mut text, "vars", self.fields.variables.iter().map(|(name, value)| (name.as_str(), value)));
        text
    }
}

fn object<'v>(line: &mut String, name: &str, fields: impl Iterator<Item = (&'v str, &'v Value)>) {
    let _infallible = write!(line, ",\"{name}\":{{");
    for (index, (key, value)) in fields.enumerate() {
        if index > 0 {
            line.push(',');
        }
        let _infallible = quoted(line, key);
        let _infallible = write!(line, ":{value}");
    }
    line.push('}');
}

fn thread_name() -> String {
    let thread = std::thread::current();
    thread.name().map_or_else(|| format!("{:?}", thread.id()), str::to_owned)
}

/// The log takes part in a fork, so that the child can add to its copy.
#[cfg(all(unix, not(any(feature = "loom", feature = "shuttle"))))]
impl crate::fork::Member for Recorder {
    fn prepare(&self) -> Box<dyn crate::fork::Held + '_> {
        Box::new(self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn in_child(&self) {}
}
