//! What the symbolic engines say of properties of infinite behaviors.
//!
//! A lasso is replayed by `recheck`, which evaluates the formulas on it. A proof by counting is `Proved` only after
//! `recheck` has built the monitor by itself and accepted the invariant of every conjunct; the parts of the property that
//! finite behaviors break are proved with the other invariants.

use super::{Telling, bounded};
use crate::engines::tla::TlaEngine;
use crate::engines::tla::obligations::{PropertyTarget, Target};
use crate::engines::tla::place::place_of;
use crate::engines::tla::replay::judged_lasso;
use recheck::certificate::Judgement;
use tla_compile::shape::Datum;
use tla_explore::liveness::Counterexample as Lasso;
use tla_symbolic::certificate::{countable, counting};
use tla_symbolic::liveness::{Counted, Outcome};
use verdict::{Event, Obligation, Proof, Verdict};

impl TlaEngine {
    /// Numbers of the temporal parts of properties that are asked for.
    pub(super) fn temporal_parts(&self, group: &[Obligation]) -> Vec<usize> {
        let temporal = |obligation: &Obligation| match self.target(obligation) {
            Some(Target::Property(property)) => property.temporal.clone(),
            _ => Vec::new(),
        };
        group.iter().flat_map(temporal).collect()
    }
}

impl Telling<'_, '_> {
    /// The verdict on a property with temporal parts.
    pub(super) fn of_temporal(&mut self, obligation: &Obligation, property: &PropertyTarget) -> Verdict {
        let place = property.span.map(|span| place_of(&self.input().specification, span));
        let Some(temporals) = self.temporals else {
            let reason =
                format!("{} speaks of infinite behaviors, which are not asked for here", obligation.name_in_input);
            return self.declined(reason, place);
        };
        let parts = temporals.parts.iter().filter(|(part, _)| property.temporal.contains(part));
        let outcomes: Vec<&Outcome> = parts.flat_map(|(_, outcomes)| outcomes).collect();
        if let Some(Outcome::Violated(states, back_to)) =
            outcomes.iter().find(|outcome| matches!(outcome, Outcome::Violated(..)))
        {
            return self.lasso(obligation, states, *back_to);
        }
        let mut weakest = None;
        if !property.parts.is_empty() {
            let parts: Vec<_> = property.parts.iter().map(|part| tla_symbolic::Target::Property(*part)).collect();
            match self.of_parts(obligation, &parts) {
                Verdict::Proved(_) => {}
                verdict @ Verdict::Bounded { .. } => weakest = Some(verdict),
                verdict => return verdict,
            }
        }
        let mut counted: Vec<&Counted> = Vec::with_capacity(outcomes.len());
        let mut least: Option<u32> = None;
        for outcome in outcomes {
            match outcome {
                Outcome::Declined(reason) => {
                    let own = reason.span.map(|span| place_of(&self.input().specification, span));
                    return self.declined(format!("{}: {}", obligation.name_in_input, reason.reason), own.or(place));
                }
                Outcome::Bounded(length) => least = Some(least.map_or(*length, |least| least.min(*length))),
                Outcome::Holds(proof) => counted.push(proof),
                // Told above.
                Outcome::Violated(..) => {}
            }
        }
        if let Some(length) = least {
            let text = format!("no behavior that comes back to one of its states within {length} steps violates it");
            return bounded(&text, Some(u64::from(length)));
        }
        weakest.unwrap_or_else(|| self.by_counting(obligation, &counted))
    }

    fn by_counting(&self, obligation: &Obligation, counted: &[&Counted]) -> Verdict {
        let Some(built) = self.temporals.and_then(|temporals| temporals.built.as_ref()) else {
            return crate::pipeline::internal("a proof without a circuit".to_owned());
        };
        self.events.send(Event::Advanced { engine: "recheck".to_owned(), text: "checks the certificate".to_owned() });
        let model = self.system.model;
        let countings: Vec<_> =
            counted.iter().map(|counted| countable(model, &self.report.shapes, built, counted)).collect();
        let (input, events, name) = (self.input(), self.events, &obligation.name_in_input);
        let judgement =
            recheck::certificate::certify_counts(&input.specification, &input.config, name, &countings, &|| {
                events.interrupted()
            });
        let most = counted.iter().map(|counted| counted.bound).max().unwrap_or(0);
        let found = format!("no fair behavior violates it more than {most} rounds long, by k-liveness");
        match judgement {
            Judgement::Accepted { .. } => Verdict::Proved(Proof {
                certificate: self.kept(name, counted),
                checker: "recheck".to_owned(),
                axioms: Vec::new(),
            }),
            Judgement::Rejected { reason } => crate::pipeline::internal(format!(
                "the independent checker rejects what k-liveness found of {name}: {reason}"
            )),
            Judgement::Undefined { reason } => bounded(
                &format!("{found}; its invariant allows a state in which something is undefined: {reason}"),
                None,
            ),
            Judgement::Unsupported { construct, place } => {
                let at = place.map_or_else(String::new, |place| format!(" at {place}"));
                bounded(&format!("{found}; the independent checker cannot check it: {construct}{at}"), None)
            }
        }
    }

    /// Adds the invariants to the file of certificates; what is said of that.
    fn kept(&self, name: &str, counted: &[&Counted]) -> String {
        let (Some(path), Some(built)) = (&self.proving.certificate, self.temporals.and_then(|one| one.built.as_ref()))
        else {
            return "not kept (name a file with --certificate)".to_owned();
        };
        let model = self.system.model;
        let mut text = std::fs::read_to_string(path).unwrap_or_default();
        for (number, counted) in counted.iter().enumerate() {
            let lines = counting(model, &self.report.shapes, built, counted);
            let lines: Vec<String> = lines.iter().map(|line| format!("    /\\ {line}")).collect();
            let (number, bound) = (number + 1, counted.bound);
            text.push_str(&format!(
                "\n\\* Conjunct {number} of {name}: no fair violation meets all its conditions {bound} times.\n\
                 \\* Monitor: {}\nCounting_{name}_{number} ==\n{}\n",
                counted.names.join(", "),
                lines.join("\n")
            ));
        }
        if let Err(error) = std::fs::write(path, text) {
            let text = format!("cannot write {}: {error}", path.display());
            self.events.send(Event::Warning { text });
        }
        path.display().to_string()
    }

    fn lasso(&self, obligation: &Obligation, states: &[Vec<Datum>], back_to: usize) -> Verdict {
        let mut teller = self.engine.teller(self.system);
        let mut words = match teller.words(states) {
            Ok(words) => words,
            Err(error) => return crate::pipeline::internal(error.message.clone()),
        };
        let cycle = words.split_off(back_to);
        let lasso = Lasso { stem: words, cycle, is_safety: false };
        match teller.lasso(&lasso) {
            Ok(counterexample) => {
                let name = &obligation.name_in_input;
                judged_lasso(self.input(), name, counterexample, &self.engine.task.replay_command)
            }
            Err(error) => crate::pipeline::internal(format!(
                "the lasso of {} states that the circuit has is none of the specification: {}",
                states.len(),
                error.message
            )),
        }
    }
}
