//! Postconditions: evaluated once when a search or simulation has come to its end, and once for each violation, as TLC
//! does. Only the former decide anything; of the others a warning is given.

use super::TlaEngine;
use tla_explore::interpret::Interpreted;
use tla_explore::liveness::{Answer, LivenessReport};
use tla_explore::{Ended, Exploration, Limit, Outcome, Simulation, SimulationOutcome, SystemError};
use verdict::{Event, EventSink};

impl TlaEngine {
    /// Evaluates the postconditions: once for a search that is complete or that the specification ended, and once for each
    /// violation, as TLC does.
    pub(super) fn postconditions(
        &self,
        system: &Interpreted<'_>,
        exploration: &Exploration,
        liveness: &LivenessReport,
        events: &dyn EventSink,
    ) -> Option<Vec<Result<bool, Box<SystemError>>>> {
        if self.model.postconditions.is_empty() {
            return None;
        }
        let mut behaviors: Vec<(Vec<Vec<u32>>, Option<usize>)> = Vec::new();
        let ended = match &exploration.outcome {
            Outcome::Complete | Outcome::Capacity(Limit::Asked) => true,
            Outcome::Found { findings, ended } => {
                behaviors.extend(findings.iter().map(|finding| (finding.trace.clone(), None)));
                matches!(ended, Ended::Complete)
            }
            Outcome::Error(_) | Outcome::Interrupted | Outcome::Capacity(_) => return None,
        };
        for outcome in &liveness.outcomes {
            if let Answer::Violated(lasso) = &outcome.answer {
                behaviors.push((lasso.states(), Some(lasso.stem.len())));
            }
        }
        let counts = exploration.statistics.told();
        for (states, back) in &behaviors {
            let results = system.postconditions(counts, states, *back);
            for (result, predicate) in results.iter().zip(&self.model.postconditions) {
                warn_of_postcondition(result, &predicate.name, events);
            }
        }
        (ended && behaviors.is_empty()).then(|| system.postconditions(counts, &[], None))
    }

    /// Evaluates the postconditions after a simulation, as after a search: for their truth where nothing was found, and
    /// once with the behavior of a violation.
    pub(super) fn postconditions_of_sample(
        &self,
        system: &Interpreted<'_>,
        simulation: &Simulation,
        events: &dyn EventSink,
    ) -> Option<Vec<Result<bool, Box<SystemError>>>> {
        if self.model.postconditions.is_empty() {
            return None;
        }
        let counts = simulation.counts.told();
        let (states, back) = match &simulation.outcome {
            SimulationOutcome::NothingFound | SimulationOutcome::EndedAtRequest => {
                return Some(system.postconditions(counts, &[], None));
            }
            SimulationOutcome::Found(finding) => (finding.trace.clone(), None),
            SimulationOutcome::Lasso(lasso) => ([&lasso.stem[..], &lasso.cycle[..]].concat(), Some(lasso.stem.len())),
            SimulationOutcome::NoBehavior | SimulationOutcome::Error(_) | SimulationOutcome::Interrupted => {
                return None;
            }
        };
        for (result, predicate) in system.postconditions(counts, &states, back).iter().zip(&self.model.postconditions) {
            warn_of_postcondition(result, &predicate.name, events);
        }
        None
    }
}

fn warn_of_postcondition(result: &Result<bool, Box<SystemError>>, name: &str, events: &dyn EventSink) {
    let what = match result {
        Ok(true) => return,
        Ok(false) => "is false".to_owned(),
        Err(error) => format!("cannot be evaluated: {}", error.message),
    };
    events.send(Event::Warning { text: format!("the postcondition {name} {what} after a violation") });
}
