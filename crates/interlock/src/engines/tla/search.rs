//! A search of all states, from the model to the verdicts.
//!
//! Whatever can make the search pointless is asked first: assumptions, a symmetry set that is none. What the search
//! found goes to [`decide`](super::decide); infinite behaviors are looked for only where every state was expanded.

use super::decide::Decision;
use super::dump::{self, Dump};
use super::failure::verdict_of;
use super::figures::{is_complete, progress_of};
use super::obligations::Target;
use super::task::Order;
use super::unreduced::Unreduced;
use super::{TlaEngine, place};
use report::number::counted;
use tla_compile::{Explored, explore_with};
use tla_explore::interpret::{Interpreted, Symmetric, search_settings};
use tla_explore::liveness::{LivenessReport, check};
use tla_explore::{Exploration, TransitionSystem, deepen};
use verdict::{Context, Decline, Event, EventSink, Obligation, Verdict};

impl TlaEngine {
    pub(super) fn search(&self, system: Interpreted<'_>, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        if let Some(failure) = self.refusal() {
            return vec![Verdict::Failed(failure); group.len()];
        }
        let options = self.options(context);
        let system = self.counting(system, context.events).with_settings(search_settings(&options, 0));
        if let Err(error) = system.check_assumptions() {
            return vec![verdict_of(&error, None, &self.input.specification); group.len()];
        }
        if let Some(verdict) = self.asymmetry(&system, context.events) {
            return vec![verdict; group.len()];
        }
        if self.task.order == Order::Dfid {
            let exploration = deepen(&system, &options, context.events);
            self.tell(&system, ("interpreter", None), &exploration, context.events);
            return self.decide(&system, &exploration, &Unreduced::default(), group, context.events);
        }
        let explored = match explore_with(&system, self.evaluator(), &options, context.events) {
            Ok(explored) => explored,
            Err(declined) => return vec![self.not_compiled(&declined); group.len()],
        };
        let Explored { exploration, states, declined } = explored;
        let by = if states.is_some() { "interpreter" } else { "machine code" };
        let not_compiled = declined.map(|declined| self.why_not_compiled(&declined));
        self.tell(&system, (by, not_compiled), &exploration, context.events);
        // What has temporal properties is not compiled.
        let liveness = match states {
            Some(states) if is_complete(&exploration) => {
                check(&system, &states, &self.liveness_options(context, &exploration), context.events)
            }
            Some(_) | None => LivenessReport::default(),
        };
        let (system, unreduced) = self.look_behind_reductions(system, (&exploration, liveness), context);
        self.decide(&system, &exploration, &unreduced, group, context.events)
    }

    /// Tells what a search counted, and writes its graph.
    fn tell(
        &self,
        system: &Interpreted<'_>,
        (by, not_compiled): (&str, Option<String>),
        exploration: &Exploration,
        events: &dyn EventSink,
    ) {
        for span in system.doubtful_choices() {
            let place = place::place_of(&self.input.specification, span);
            let text = format!(
                "{place}: several values satisfied this CHOOSE that differ in symmetric values; the symmetry is sound \
                 only if it does not matter which is taken"
            );
            events.send(Event::Warning { text });
        }
        events.send(Event::Progress(progress_of(exploration)));
        let told = verdict::Explored { not_compiled, ..self.explored(system, by, exploration) };
        if told.ended_by_specification {
            let left = counted(usize::try_from(told.queue).unwrap_or(usize::MAX), "state");
            let text =
                format!("the specification ended the search with TLCSet(\"exit\", TRUE): {left} left unexpanded");
            events.send(Event::Warning { text });
        }
        events.send(Event::Explored(Box::new(told)));
        if let Some(dump) = &self.task.dump {
            self.dump(system, dump, exploration, events);
        }
    }

    /// The verdict on everything where the symmetry set is none.
    fn asymmetry(&self, system: &Interpreted<'_>, events: &dyn EventSink) -> Option<Verdict> {
        match system.check_symmetry() {
            Ok(Symmetric::Yes(true)) => None,
            Ok(Symmetric::Yes(false)) => {
                let name = self.model.symmetry.as_ref().map_or("", |symmetry| &symmetry.name);
                let text = format!("the symmetry set {name} moves nothing: it has fewer than two values");
                events.send(Event::Warning { text });
                None
            }
            Ok(Symmetric::No(asymmetry)) => Some(Verdict::Declined(Decline {
                reason: asymmetry.reason,
                place: Some(place::place_of(&self.input.specification, asymmetry.span)),
                remedy: asymmetry.remedy,
                induction: None,
            })),
            Err(error) => Some(verdict_of(&error, None, &self.input.specification)),
        }
    }

    fn dump(&self, system: &Interpreted<'_>, dump: &Dump, exploration: &Exploration, events: &dyn EventSink) {
        let statistics = &exploration.statistics;
        let taken = statistics.distinct.saturating_sub(statistics.left_on_queue);
        let mut worker = system.worker();
        if let Err(error) = dump::write(dump, &self.task.model, &mut worker, system.actions(), taken) {
            let text = format!("the state graph in {} is not complete: {error}", dump.path.display());
            events.send(Event::Warning { text });
        }
    }

    fn why_not_compiled(&self, declined: &tla_compile::Declined) -> String {
        match declined.span.map(|span| place::place_of(&self.input.specification, span)) {
            Some(place) => format!("{place}: {}", declined.reason),
            None => declined.reason.clone(),
        }
    }

    fn not_compiled(&self, declined: &tla_compile::Declined) -> Verdict {
        Verdict::Declined(Decline {
            reason: format!("the model cannot be compiled: {}", declined.reason),
            place: declined.span.map(|span| place::place_of(&self.input.specification, span)),
            remedy: "use --engine auto or --engine interpret".to_owned(),
            induction: None,
        })
    }

    fn decide(
        &self,
        system: &Interpreted<'_>,
        exploration: &Exploration,
        unreduced: &Unreduced,
        group: &[Obligation],
        events: &dyn EventSink,
    ) -> Vec<Verdict> {
        let liveness = &unreduced.liveness;
        let unreached = system.unreached(&exploration.reached);
        let teller = self.teller(system);
        let mut decision = Decision {
            task: &self.task,
            input: &self.input,
            model: &self.model,
            exploration,
            liveness,
            unreduced,
            actions: system.actions(),
            unreached: &unreached,
            postconditions: self.postconditions(system, exploration, liveness, events),
            teller,
        };
        let verdicts = self.verdicts(group, &mut |obligation, target| decision.verdict(obligation, target));
        if !self.task.vacuity_is_a_verdict {
            self.warn_of_vacuity(&decision, group, &verdicts, events);
        }
        verdicts
    }

    /// What would be `Vacuous` under `--strict`, as warnings. Nothing is said after a search that ended early: an action
    /// may fire in the part that was not seen.
    fn warn_of_vacuity<W: tla_explore::Worker>(
        &self,
        decision: &Decision<'_, W>,
        group: &[Obligation],
        verdicts: &[Verdict],
        events: &dyn EventSink,
    ) {
        if !is_complete(decision.exploration) {
            return;
        }
        let warn = |text: String| events.send(Event::Warning { text });
        for (obligation, verdict) in group.iter().zip(verdicts) {
            if let Some(Target::Property(property)) = self.target(obligation)
                && matches!(verdict, Verdict::Exhausted(_) | Verdict::Tested(_))
                && let Some(vacuity) = decision.empty_reason(property)
            {
                let place = vacuity.witness.map_or_else(String::new, |place| format!("{place}: "));
                warn(format!("{place}{} holds for an empty reason: {}", obligation.name_in_input, vacuity.reason));
            }
        }
        for action in decision.silent_actions() {
            let place = place::place_of(&self.input.specification, action.span);
            warn(format!("{place}: action {} never fired", action.name));
        }
    }
}
