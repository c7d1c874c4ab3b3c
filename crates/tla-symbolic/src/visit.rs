//! The states nearest to the initial ones, and all of them where they are few.
//!
//! Many violations are near, and then nothing finds them sooner than visiting states, breadth first, each once: the first
//! is a shortest one. Where the search comes to an end, what it met is all that can be reached, and the engine that looks
//! for an [invariant](crate::reachability) need not ask a solver whether something is reachable. The search stops early
//! and then says nothing; no claim without a bound rests on it.

use crate::circuit::Target;
use crate::engine::Watch;
use std::time::{Duration, Instant};
use tla_compile::explore_taking;
use tla_compile::shape::Datum;
use tla_explore::interpret::Interpreted;
use tla_explore::{Outcome, TransitionSystem, Violation};
use verdict::{Event, EventSink};

/// States that are worth visiting.
pub const MOST: u64 = 1_500_000;

/// States that are kept where there are more.
const SOME: usize = 200_000;

/// Longest time for it.
const LONGEST: Duration = Duration::from_secs(10);

/// What was met.
pub struct Visited {
    /// States, in the interpreter's words.
    pub states: Vec<Box<[u32]>>,
    /// Whether these are all that can be reached, and there is nothing wrong with any of them.
    pub complete: bool,
    /// What is broken, with a shortest behavior that shows it.
    pub findings: Vec<(Target, Vec<Vec<Datum>>)>,
}

/// Ends the search when it takes too long.
struct Until<'w> {
    watch: &'w dyn Watch,
    end: Instant,
}

impl EventSink for Until<'_> {
    fn send(&self, event: Event) {
        if let Event::Progress(progress) = event {
            self.watch.progress("search", &format!("{} states", progress.distinct));
        }
    }

    fn interrupted(&self) -> bool {
        self.watch.stopped() || Instant::now() >= self.end
    }
}

/// Visits up to so many states, with or without a look for deadlocks, and beyond the first violation or not; nothing where
/// a view or a symmetry makes one state of several.
pub fn visit(
    system: &Interpreted<'_>,
    most: u64,
    (deadlock, go_on): (bool, bool),
    watch: &dyn Watch,
) -> Option<Visited> {
    if !system.identity_is_state() {
        return None;
    }
    let options = tla_explore::Options {
        workers: std::thread::available_parallelism().map_or(1, usize::from),
        check_deadlock: deadlock,
        continue_after_violation: go_on,
        max_states: Some(most),
        ..Default::default()
    };
    let until = Until { watch, end: Instant::now() + LONGEST };
    let mut states: Vec<Box<[u32]>> = Vec::new();
    let exploration = explore_taking(system, &options, &until, &mut |state| states.push(state.into()));
    let findings = match &exploration.outcome {
        Outcome::Found { findings, .. } => findings.as_slice(),
        Outcome::Complete | Outcome::Error(_) | Outcome::Interrupted | Outcome::Capacity(_) => &[],
    };
    let findings = findings.iter().filter_map(|finding| {
        let target = match finding.violation {
            Violation::Broken(broken) => Target::Property(broken),
            Violation::Deadlock => Target::Deadlock,
        };
        let data = |words: &Vec<u32>| system.values_of_words(words).iter().map(Datum::of).collect();
        let trace: Option<Vec<Vec<Datum>>> = finding.trace.iter().map(data).collect();
        Some((target, trace?))
    });
    let findings = findings.collect();
    let complete = matches!(exploration.outcome, Outcome::Complete);
    if !complete && states.len() > SOME {
        // Some of each level.
        let every = states.len().div_ceil(SOME);
        states = states.into_iter().step_by(every).collect();
    }
    Some(Visited { states, complete, findings })
}
