//! Temporal properties where a symmetry or a view is in force.
//!
//! What holds of the graph that such a reduction leaves need not hold of the specification
//! ([`tla_explore::liveness`]), so a property that no violation was found of has no answer there. Instead of leaving it
//! at that, all states are searched once more with the reduction set aside, for the sake of these properties alone: what is
//! counted and told is the search before. A view may make few states out of very many, so that search has a limit.

use super::figures::is_complete;
use super::{NAME, TlaEngine};
use report::number::grouped;
use std::sync::atomic::{AtomicU64, Ordering};
use tla_explore::interpret::Interpreted;
use tla_explore::liveness::{Answer, LivenessReport, Reduction, check};
use tla_explore::{Exploration, Limit, Options, Outcome, States, explore_keeping_states};
use verdict::{Context, Event, EventSink};

/// Where the search gives up: so many times the states that the reduction leaves, or so many states if that is more.
struct Most {
    times: u64,
    least: u64,
}

/// Behind a symmetry there are finitely many states for sure.
const BEHIND_SYMMETRY: Most = Most { times: 64, least: 1 << 20 };

/// Behind a view there may be no end, and states that grow all the time.
const BEHIND_VIEW: Most = Most { times: 8, least: 1 << 13 };

/// What became of a search without the reductions.
#[derive(Default)]
pub(super) struct Unreduced {
    /// Figures of that search, if it ran and came to an end.
    exploration: Option<Exploration>,
    /// Parts that were decided there.
    parts: Vec<usize>,
    /// Answers, those of the search before where they did not depend on a reduction.
    pub(super) liveness: LivenessReport,
}

/// Tells how far the search is and nothing else: what a search prints and warns of was told by the one before.
struct Aside<'e> {
    events: &'e dyn EventSink,
    told: AtomicU64,
}

impl EventSink for Aside<'_> {
    fn send(&self, event: Event) {
        if let Event::Progress(progress) = event {
            let before = self.told.swap(progress.distinct, Ordering::Relaxed);
            if before != progress.distinct {
                let text = format!("temporal properties without the reduction: {} states", grouped(progress.distinct));
                self.events.send(Event::Advanced { engine: NAME.to_owned(), text });
            }
        }
    }

    fn interrupted(&self) -> bool {
        self.events.interrupted()
    }
}

impl Unreduced {
    /// The search that one of these parts was decided by, if it was that search.
    pub(super) fn exploration_for(&self, parts: &[usize]) -> Option<&Exploration> {
        self.exploration.as_ref().filter(|_| parts.iter().any(|part| self.parts.contains(part)))
    }
}

fn is_hidden(answer: &Answer) -> bool {
    let Answer::Declined(refusal) = answer else { return false };
    matches!(refusal.hidden_by, Some(Reduction::Symmetry | Reduction::View))
}

impl TlaEngine {
    /// Looks for the answers that a symmetry or view hides among all states. The system does without them afterwards, if
    /// any answer was hidden.
    pub(super) fn look_behind_reductions<'m>(
        &self,
        system: Interpreted<'m>,
        reduced: (&Exploration, LivenessReport),
        context: &Context<'_>,
    ) -> (Interpreted<'m>, Unreduced) {
        let (exploration, mut liveness) = reduced;
        // A search that keeps to a behavior is not meant to see more than that.
        if self.task.followed.is_some() || !liveness.outcomes.iter().any(|outcome| is_hidden(&outcome.answer)) {
            return (system, Unreduced { exploration: None, parts: Vec::new(), liveness });
        }
        let system = system.without_reductions();
        let Most { times, least } = if self.model.view.is_some() { BEHIND_VIEW } else { BEHIND_SYMMETRY };
        let most = exploration.statistics.distinct.saturating_mul(times).max(least);
        let options = Options {
            check_deadlock: false,
            continue_after_violation: true,
            max_states: Some(most),
            checkpoint: None,
            spill: None,
            may_fingerprint: false,
            store: verdict::StoreKind::Exact,
            ..self.options(context)
        };
        let aside = Aside { events: context.events, told: AtomicU64::new(0) };
        let (whole, states) = explore_keeping_states(&system, &options, &aside);
        let report = is_complete(&whole).then(|| self.check_all(&system, &states, &whole, context));
        let mut parts = Vec::new();
        for outcome in liveness.outcomes.iter_mut().filter(|outcome| is_hidden(&outcome.answer)) {
            let found = report.iter().flat_map(|report| &report.outcomes).find(|found| found.part == outcome.part);
            match (found, &mut outcome.answer) {
                (Some(found), answer) => {
                    *answer = found.answer.clone();
                    parts.push(outcome.part);
                }
                (None, Answer::Declined(refusal)) => refusal.reason.push_str(&why_not(&whole)),
                (None, Answer::Holds(_) | Answer::Violated(_) | Answer::Error(_) | Answer::Interrupted) => {}
            }
        }
        (system, Unreduced { exploration: report.is_some().then_some(whole), parts, liveness })
    }

    fn check_all(
        &self,
        system: &Interpreted<'_>,
        states: &States,
        whole: &Exploration,
        context: &Context<'_>,
    ) -> LivenessReport {
        check(system, states, &self.liveness_options(context, whole), context.events)
    }
}

/// Why all states were not searched, as the end of a sentence.
fn why_not(whole: &Exploration) -> String {
    match &whole.outcome {
        Outcome::Capacity(Limit::States(most)) => {
            format!("; the search without it was given up at {} states", grouped(*most))
        }
        Outcome::Error(error) => format!("; without it a state cannot be evaluated: {}", error.error.message),
        Outcome::Interrupted => "; the search without it was stopped".to_owned(),
        Outcome::Complete | Outcome::Found { .. } | Outcome::Capacity(_) => {
            "; the search without it did not come to an end".to_owned()
        }
    }
}
