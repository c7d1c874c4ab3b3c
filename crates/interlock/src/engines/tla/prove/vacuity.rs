//! Properties that hold for an empty reason, where states are not enumerated.
//!
//! What the explorer marks (antecedents that are never true, quantifiers over nothing, actions that never fire) is looked
//! for among the nearest states first; most of it is met there. What is left is decided by the engine that proves
//! ([`tla_symbolic::vacuity`]). The words and the shape are those of a search: a verdict where emptiness is one, else a
//! warning; where it is not known whether something is ever the case, a warning says so.

use crate::engines::tla::TlaEngine;
use crate::engines::tla::decide::silent;
use crate::engines::tla::figures::is_complete;
use crate::engines::tla::obligations::Target;
use crate::engines::tla::place::place_of;
use tla_explore::interpret::Interpreted;
use tla_explore::{Broken, Options, TransitionSystem, explore_keeping_states};
use tla_symbolic::vacuity::{Place, Reach, reached};
use tla_symbolic::{Conclusion, Report};
use tla_syntax::Span;
use verdict::{Context, Event, EventSink, Obligation, Vacuity, Verdict};

/// States that are looked at before the engine is asked.
const NEAREST: u64 = 5000;

/// Hears nothing, and passes on that a run is to stop.
struct Quiet<'e>(&'e dyn EventSink);

impl EventSink for Quiet<'_> {
    fn send(&self, _event: Event) {}

    fn interrupted(&self) -> bool {
        self.0.interrupted()
    }
}

/// What is never the case, and what may not be.
#[derive(Default)]
pub(super) struct Emptiness {
    /// No state satisfies the initial predicate.
    nothing: bool,
    /// Parts of properties: which, where, and what is wrong.
    unreached: Vec<(Broken, Span, &'static str, Reach)>,
    /// Actions.
    silent: Vec<(String, Span, Reach)>,
}

impl TlaEngine {
    /// What is never the case in a model of which something was proved.
    pub(super) fn emptiness(
        &self,
        system: &Interpreted<'_>,
        report: &Report,
        options: &tla_symbolic::Options,
        context: &Context<'_>,
    ) -> Emptiness {
        let reached_something =
            report.conclusions.iter().any(|(_, conclusion)| matches!(conclusion, Conclusion::Reached(_)));
        if reached_something || context.events.interrupted() {
            return Emptiness::default();
        }
        let search = Options {
            check_deadlock: false,
            continue_after_violation: true,
            max_states: Some(NEAREST),
            checkpoint: None,
            spill: None,
            store: verdict::StoreKind::Exact,
            ..self.options(context)
        };
        let (exploration, _) = explore_keeping_states(system, &search, &Quiet(context.events));
        let all = is_complete(&exploration);
        let unreached = system.unreached(&exploration.reached);
        let silent = silent(&self.model, system.actions(), &exploration.per_action);
        let mut places: Vec<Place<'_>> = Vec::new();
        for one in &unreached {
            let Broken::Invariant(number) = one.property else { continue };
            places.push(Place::Mark(number, one.span));
        }
        places.extend(silent.iter().map(|action| Place::Action(&action.name, action.span)));
        let watch = super::Watching { events: context.events };
        let answers = match all {
            true => vec![Reach::Never; places.len()],
            false => reached(system, &places, report, options, &watch),
        };
        let of = |place: &Place<'_>| {
            let found = places.iter().position(|known| known == place);
            found.map_or(Reach::Unknown, |index| answers[index])
        };
        let marks = unreached.iter().map(|one| {
            let reach = match one.property {
                Broken::Invariant(number) => of(&Place::Mark(number, one.span)),
                Broken::ActionProperty(_) | Broken::InitialProperty(_) => Reach::Unknown,
            };
            (one.property, one.span, one.what, reach)
        });
        Emptiness {
            nothing: all && exploration.statistics.generated == 0,
            unreached: marks.collect(),
            silent: silent
                .iter()
                .map(|action| (action.name.clone(), action.span, of(&Place::Action(&action.name, action.span))))
                .collect(),
        }
    }

    /// The verdicts, with those that hold for an empty reason said to do so.
    pub(super) fn without_emptiness(
        &self,
        mut verdicts: Vec<Verdict>,
        group: &[Obligation],
        emptiness: &Emptiness,
        events: &dyn EventSink,
    ) -> Vec<Verdict> {
        let strict = self.task.vacuity_is_a_verdict;
        let place = |span: Span| place_of(&self.input.specification, span);
        let warn = |text: String| events.send(Event::Warning { text });
        for (obligation, verdict) in group.iter().zip(&mut verdicts) {
            let name = &obligation.name_in_input;
            match self.target(obligation) {
                Some(Target::Property(property)) => {
                    let holds = matches!(verdict, Verdict::Proved(_));
                    if strict && emptiness.nothing {
                        let reason = "no state satisfies the initial predicate".to_owned();
                        *verdict = Verdict::Vacuous(Vacuity { reason, witness: None });
                        continue;
                    }
                    if property.constant && holds {
                        let reason = "it mentions no variable".to_owned();
                        let witness = property.span.map(place);
                        let at = witness.as_ref().map_or_else(String::new, |place| format!("{place}: "));
                        match strict {
                            true => *verdict = Verdict::Vacuous(Vacuity { reason, witness }),
                            false => warn(format!("{at}{name} holds for an empty reason: {reason}")),
                        }
                        continue;
                    }
                    let own = emptiness.unreached.iter().filter(|(part, ..)| property.parts.contains(part) && holds);
                    for (_, span, what, reach) in own {
                        let witness = place(*span);
                        match reach {
                            Reach::Reached => {}
                            Reach::Unknown => warn(format!(
                                "{witness}: whether {name} holds for an empty reason was not decided: {what} in the \
                                 nearest {NEAREST} states"
                            )),
                            Reach::Never if strict => {
                                let reason = (*what).to_owned();
                                *verdict = Verdict::Vacuous(Vacuity { reason, witness: Some(witness) });
                                break;
                            }
                            Reach::Never => warn(format!("{witness}: {name} holds for an empty reason: {what}")),
                        }
                    }
                }
                // Nothing of these is said by an invariant.
                Some(
                    Target::Deadlock
                    | Target::Assumptions
                    | Target::Evaluation
                    | Target::EveryActionFires
                    | Target::Postcondition(_),
                )
                | None => {}
            }
        }
        for (name, span, reach) in &emptiness.silent {
            match reach {
                Reach::Reached => {}
                Reach::Never => warn(format!("{}: action {name} never fired", place(*span))),
                Reach::Unknown => warn(format!("{}: whether action {name} ever fires was not decided", place(*span))),
            }
        }
        verdicts
    }
}
