//! The search as a worker sees it: where each generated state goes.
//!
//! This is the hot path. For a state that is generated again it costs one hash and one probe; counts go to the worker's
//! own memory.

use super::desk::{Candidate, Desk, Event, EventKind, Tally};
use super::meter::Meter;
use crate::outcome::Violation;
use crate::statistics::internal;
use crate::store::{Insertion, Origin, PackedNumber, Position, StateNumber, Store};
use crate::system::{Answer, Broken, CountsSoFar, Flow, Generated, Sink};
use rustc_hash::FxHashSet;

/// What is the same for all states of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'r> {
    pub(super) store: &'r Store,
    /// The level that is being built, initial states being level 1.
    pub(super) level: u32,
    /// Several workers build the segment, so positions decide who owns a state.
    pub(super) contested: bool,
    /// Positions of a worker ascend, and every state is in memory.
    pub(super) ascending: bool,
    /// A state that changes hands is not checked again: whoever generated it before did or does so, and if it is bad, the
    /// owner's block is repeated.
    pub(super) trusts: bool,
    /// Go on after a violation.
    pub(super) continues: bool,
    /// Properties whose first finding is of an earlier segment.
    pub(super) found: &'r [Violation],
    /// States that are not new although they are not known in memory.
    pub(super) ghosts: &'r FxHashSet<StateNumber>,
    pub(super) state_words: usize,
    pub(super) identity_words: usize,
    /// Equal identities mean equal states.
    pub(super) identity_is_state: bool,
    /// More new initial states than this are of no use.
    pub(super) most_initial: Option<u64>,
    /// Start of the block's action counts on the desk.
    pub(super) counts_from: usize,
    /// Figures of the search, if one worker alone runs it.
    pub(super) alone: Option<Alone<'r>>,
}

/// What a single worker can tell about the search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alone<'r> {
    pub(super) meter: &'r Meter,
    /// Distinct states of the levels before.
    pub(super) known: u64,
    /// Distinct initial states; 0 while they are enumerated.
    pub(super) initial: u64,
}

/// Takes the successors of one state, or the initial states.
pub(super) struct LevelSink<'r> {
    setting: Setting<'r>,
    desk: &'r mut Desk,
    tally: &'r mut Tally,
    /// Index of the state that is being expanded, within its level.
    source: u32,
    predecessor: PackedNumber,
    /// Number of states generated so far.
    ordinal: u32,
    /// Number of the state generated last, if it was stored just then.
    last_number: Option<StateNumber>,
    /// Nothing more is taken: the search ends here.
    stopped: bool,
}

impl<'r> LevelSink<'r> {
    pub(super) fn new(
        setting: Setting<'r>,
        desk: &'r mut Desk,
        tally: &'r mut Tally,
        source: u32,
        predecessor: Option<StateNumber>,
    ) -> Self {
        let predecessor = PackedNumber::pack(predecessor);
        Self { setting, desk, tally, source, predecessor, ordinal: 0, last_number: None, stopped: false }
    }

    /// Number of states generated so far.
    pub(super) fn generated_states(&self) -> u32 {
        self.ordinal
    }

    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    /// Records that the state expanded has no successor.
    pub(super) fn deadlock(&mut self) {
        let continues = self.setting.continues;
        if !(continues && self.is_repetition(Violation::Deadlock)) {
            self.record(EventKind::Violation(Violation::Deadlock), !continues);
        }
    }

    /// Records that the specification asked for the end of the search. The state is expanded all the same, as in TLC.
    #[cold]
    pub(super) fn asked_to_end(&mut self) {
        if self.stopped {
            return;
        }
        if !self.is_initial() {
            self.tally.degrees.add(u64::from(self.ordinal), 1);
        }
        self.record(EventKind::Asked, true);
    }

    /// Records an event.
    #[cold]
    pub(super) fn record(&mut self, kind: EventKind, stops: bool) {
        if self.stopped {
            return;
        }
        self.stopped = stops;
        let state = Event::concerns_generated_state(&kind).then(|| self.desk.last.clone());
        let position = Position::new(self.source, self.ordinal.saturating_sub(1));
        self.desk.events.push(Event { kind, position, number: self.last_number, state, stops });
    }

    /// Records that the seam's contract is broken.
    #[cold]
    fn fault(&mut self, message: &str) -> Answer {
        let message = format!("the transition system breaks its contract: {message}");
        self.record(EventKind::Error(Box::new(internal(message))), true);
        Answer::Known
    }

    /// Whether a violation cannot be the first of its property. Where states with equal identity differ, an earlier
    /// event of the same block may turn out to be none of the sequential search's, so it hides nothing.
    fn is_repetition(&self, violation: Violation) -> bool {
        let is_same = |event: &Event| matches!(event.kind, EventKind::Violation(other) if other == violation);
        self.setting.found.contains(&violation)
            || (self.setting.identity_is_state && self.desk.events.iter().any(is_same))
    }

    fn is_initial(&self) -> bool {
        self.setting.level == 1
    }

    fn store(&mut self, state: &Generated<'_>, at: Position) -> Answer {
        let Setting { store, contested, ascending, .. } = self.setting;
        let position = contested.then_some(at);
        let origin = Origin { position, predecessor: self.predecessor, ascending };
        let mut answer = Answer::Check;
        let number = match store.insert(&mut self.desk.hands, state.identity, state.words, origin) {
            Insertion::Known => {
                self.tally.known += 1;
                self.last_number = None;
                return Answer::Known;
            }
            Insertion::Full => {
                self.last_number = None;
                self.record(EventKind::Full, true);
                return Answer::Known;
            }
            Insertion::Stolen(number, from) => {
                self.desk.stale.push(from);
                if self.setting.trusts {
                    answer = Answer::Known;
                }
                number
            }
            Insertion::New(number) => {
                self.tally.new += 1;
                number
            }
            Insertion::Again(number) => number,
        };
        if !self.setting.ghosts.is_empty() && self.setting.ghosts.contains(&number) {
            self.tally.known += 1;
            self.last_number = None;
            return Answer::Known;
        }
        self.last_number = Some(number);
        self.desk.candidates.push(Candidate::new(at, number, state.action));
        self.desk.kept.extend_from_slice(self.desk.hands.kept(store, state.words));
        answer
    }

    fn count_action(&mut self, state: &Generated<'_>) -> bool {
        let index = self.setting.counts_from.checked_add(state.action.0 as usize);
        match index.and_then(|index| self.desk.action_counts.get_mut(index)) {
            Some(count) => {
                *count += 1;
                true
            }
            None => self.is_initial(),
        }
    }
}

impl Sink for LevelSink<'_> {
    #[inline]
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        if self.stopped {
            return Answer::Known;
        }
        let setting = &self.setting;
        if state.words.len() != setting.state_words || state.identity.len() != setting.identity_words {
            return self.fault("a state or identity has the wrong number of words");
        }
        let position = Position::new(self.source, self.ordinal);
        let Some(next) = self.ordinal.checked_add(1) else { return self.fault("too many successors of one state") };
        if !self.count_action(&state) {
            return self.fault("an action has no number in the list of actions");
        }
        self.ordinal = next;
        self.tally.generated += 1;
        self.desk.last.clear();
        self.desk.last.extend_from_slice(state.words);
        if state.in_model {
            return self.store(&state, position);
        }
        self.tally.out_of_model += 1;
        self.last_number = None;
        Answer::Check
    }

    fn has_enough(&self) -> bool {
        self.is_initial() && self.setting.most_initial.is_some_and(|most| self.tally.new > most)
    }

    fn passed(&mut self, states: u64) {
        if !self.stopped {
            self.tally.generated += states;
            self.tally.passed += states;
        }
    }

    fn broken(&mut self, broken: Broken) -> Flow {
        let violation = Violation::Broken(broken);
        if self.ordinal == 0 {
            self.fault("a property is broken before any state was generated");
            return Flow::Stop;
        }
        if !self.setting.continues {
            self.record(EventKind::Violation(violation), true);
            return Flow::Stop;
        }
        if !self.is_repetition(violation) {
            self.record(EventKind::Violation(violation), false);
        }
        Flow::Continue
    }

    fn counts(&self) -> Option<CountsSoFar> {
        let Alone { meter, known, initial } = self.setting.alone?;
        let distinct = meter.distinct() + self.tally.new;
        let taken = meter.taken() + self.tally.taken;
        Some(CountsSoFar {
            generated: meter.generated() + self.tally.generated,
            distinct,
            queue: distinct.saturating_sub(taken),
            diameter: self.setting.level - u32::from(distinct == known),
            initial: if self.is_initial() { distinct } else { initial },
            sampled: None,
        })
    }
}
