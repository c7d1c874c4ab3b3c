//! Takes the events of a running engine: progress to stderr, the rest kept for the report.
//!
//! On a terminal one line is overwritten a few times a second; elsewhere one line is written every ten seconds, so that
//! a log shows that the run is alive without being filled by it. Time is measured here, because engines have no clock;
//! for the same reason the time limit and Ctrl-C both arrive at the engine as [`EventSink::interrupted`].

use crate::console::Console;
use crate::stop::StopFlag;
use report::progress::progress_line;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use verdict::{Event, EventSink, Explored, Progress};

const LIVE_PERIOD: Duration = Duration::from_millis(150);
const LOG_PERIOD: Duration = Duration::from_secs(10);

/// Someone else who hears every event.
pub trait Listener: Sync {
    /// Hears an event.
    fn hear(&self, event: &Event);

    /// Whether progress and printed text are shown by the listener, and not on stderr.
    fn shows_all(&self) -> bool {
        false
    }
}

/// The sink for one model.
pub struct Monitor<'a> {
    listeners: Vec<&'a dyn Listener>,
    console: &'a Console,
    silent: bool,
    stop: &'a StopFlag,
    label: String,
    started: Instant,
    limit: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    heard: Heard,
    shown: Option<(Instant, Progress)>,
    /// What engines that count no states said last, and when that was shown.
    advanced: Vec<(String, String)>,
    advanced_at: Option<Instant>,
    line_open: bool,
}

/// What an engine said besides its verdicts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// The last figures.
    pub progress: Option<Progress>,
    /// Warnings.
    pub warnings: Vec<String>,
    /// Checks that were switched off.
    pub suppressions: Vec<String>,
    /// What the search counted.
    pub explored: Option<Box<Explored>>,
}

/// Why a run was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// By the user.
    User,
    /// By the time limit of the project file.
    TimeLimit,
}

impl<'a> Monitor<'a> {
    /// A sink for one model, which the line of progress calls by the label; the clock starts now.
    pub fn new(console: &'a Console, stop: &'a StopFlag, label: &str, limit: Option<Duration>) -> Self {
        let state = Mutex::new(State::default());
        Self {
            listeners: Vec::new(),
            console,
            silent: false,
            stop,
            label: label.to_owned(),
            started: Instant::now(),
            limit,
            state,
        }
    }

    /// Someone else hears every event too.
    #[must_use]
    pub fn with_listener(mut self, listener: &'a dyn Listener) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Neither progress nor printed text is shown.
    #[must_use]
    pub fn silently(mut self) -> Self {
        self.silent = true;
        self
    }

    fn is_silent(&self) -> bool {
        self.silent || self.listeners.iter().any(|listener| listener.shows_all())
    }

    /// Seconds since the start.
    pub fn elapsed_s(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Whether and why the run was asked to stop.
    pub fn stop_reason(&self) -> Option<StopReason> {
        if self.stop.is_set() {
            return Some(StopReason::User);
        }
        self.limit.is_some_and(|limit| self.started.elapsed() >= limit).then_some(StopReason::TimeLimit)
    }

    /// The last figures that were heard.
    pub fn progress(&self) -> Option<Progress> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).heard.progress
    }

    /// What the search counted, once it has ended.
    pub fn explored(&self) -> Option<Box<Explored>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).heard.explored.clone()
    }

    /// Closes the line of progress and hands out what was heard.
    pub fn finish(self) -> Heard {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        close_line(self.console, &mut state);
        state.heard
    }

    fn show(&self, state: &mut State, progress: Progress) {
        let period = if self.console.live { LIVE_PERIOD } else { LOG_PERIOD };
        let last = state.shown.as_ref().map_or(self.started, |(at, _)| *at);
        if self.console.style.quiet || self.is_silent() || last.elapsed() < period {
            return;
        }
        let before = state.shown.map(|(_, before)| before);
        let width = self.console.progress_width - 1;
        let line = progress_line(&self.label, &progress, before.as_ref(), width);
        if self.console.live {
            self.console.note(&format!("\r\u{1b}[K{line}"));
            state.line_open = true;
        } else {
            self.console.note(&format!("{line}\n"));
        }
        state.shown = Some((Instant::now(), progress));
    }
}

impl Monitor<'_> {
    /// Shows how far each engine is.
    fn advance(&self, state: &mut State, engine: &str, text: &str) {
        match state.advanced.iter_mut().find(|(known, _)| known == engine) {
            Some((_, known)) => text.clone_into(known),
            None => state.advanced.push((engine.to_owned(), text.to_owned())),
        }
        tracing::info!(engine, text, "advanced");
        let period = if self.console.live { LIVE_PERIOD } else { LOG_PERIOD };
        let last = state.advanced_at.unwrap_or(self.started);
        if self.console.style.quiet || self.is_silent() || last.elapsed() < period {
            return;
        }
        let parts: Vec<String> = state.advanced.iter().map(|(engine, text)| format!("{engine}: {text}")).collect();
        let mut line = format!("{}: {}", self.label, parts.join("; "));
        if self.console.live {
            let width = self.console.progress_width - 1;
            line = line.chars().take(width).collect();
            self.console.note(&format!("\r\u{1b}[K{line}"));
            state.line_open = true;
        } else {
            self.console.note(&format!("{line}\n"));
        }
        state.advanced_at = Some(Instant::now());
    }
}

fn close_line(console: &Console, state: &mut State) {
    if std::mem::take(&mut state.line_open) {
        console.note("\r\u{1b}[K");
    }
}

impl EventSink for Monitor<'_> {
    fn send(&self, event: Event) {
        let event = match event {
            Event::Progress(progress) => Event::Progress(Progress { elapsed_s: self.elapsed_s(), ..progress }),
            event => event,
        };
        self.listeners.iter().for_each(|listener| listener.hear(&event));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { model } => tracing::info!(model, "started"),
            Event::Progress(progress) => {
                state.heard.progress = Some(progress);
                self.show(&mut state, progress);
            }
            Event::Printed { .. } if self.is_silent() => {}
            Event::Printed { text } => {
                close_line(self.console, &mut state);
                self.console.note(&format!("{}\n", text.trim_end_matches('\n')));
            }
            Event::Resumed(_) if self.is_silent() => {}
            Event::Resumed(from) => {
                close_line(self.console, &mut state);
                self.console.note(&format!("resumed from a checkpoint with {} distinct states\n", from.distinct));
            }
            Event::Saving { folder } => tracing::info!(folder, "saving"),
            Event::Saved(checkpoint) => tracing::info!(distinct = checkpoint.distinct, "saved"),
            Event::Warning { text } => {
                if !state.heard.warnings.contains(&text) {
                    state.heard.warnings.push(text);
                }
            }
            Event::Suppressed { text } => state.heard.suppressions.push(text),
            Event::Advanced { engine, text } => self.advance(&mut state, &engine, &text),
            Event::Explored(explored) => {
                let reason = explored.not_compiled.as_deref().unwrap_or("");
                tracing::info!(evaluator = explored.evaluator, not_compiled = reason, "explored");
                state.heard.explored = Some(explored);
            }
        }
    }

    fn interrupted(&self) -> bool {
        self.stop_reason().is_some()
    }
}
