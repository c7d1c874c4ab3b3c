//! What a search or a simulation counted, in the words of [`verdict::Explored`].

use super::{TlaEngine, obligations, place};
use tla_explore::interpret::Interpreted;
use tla_explore::{ActionCount, Ended, Exploration, Limit, Outcome, Simulation, TransitionSystem};
use verdict::{ActionFigures, Outdegree, Progress};

impl TlaEngine {
    pub(super) fn explored(&self, system: &Interpreted<'_>, by: &str, exploration: &Exploration) -> verdict::Explored {
        let statistics = &exploration.statistics;
        let degrees = &statistics.new_successors;
        verdict::Explored {
            evaluator: by.to_owned(),
            not_compiled: None,
            generated: statistics.generated,
            distinct: Some(statistics.distinct),
            queue: statistics.left_on_queue,
            depth: statistics.depth,
            initial: statistics.levels.first().copied().unwrap_or(0),
            behaviors: None,
            seed: None,
            initial_complete: !ended_initially(exploration),
            complete: is_complete(exploration),
            ended_by_specification: matches!(exploration.outcome, Outcome::Capacity(Limit::Asked)),
            outdegree: (degrees.states > 0).then(|| Outdegree {
                minimum: degrees.minimum,
                maximum: degrees.maximum,
                mean: degrees.mean(),
            }),
            collision_bound: statistics.collision_bound.0,
            init: self.init_figures(exploration),
            actions: self.action_figures(system, &exploration.per_action),
            temporal_parts: self.model.temporal_properties.len(),
            coverage: self.coverage(system, exploration),
            graph: self.picture(system, exploration),
        }
    }

    pub(super) fn sampled(&self, system: &Interpreted<'_>, simulation: &Simulation) -> verdict::Explored {
        let counts = &simulation.counts;
        verdict::Explored {
            evaluator: "interpreter".to_owned(),
            not_compiled: None,
            generated: counts.generated,
            distinct: None,
            queue: 0,
            depth: u32::try_from(counts.lengths.maximum).unwrap_or(u32::MAX),
            initial: counts.initial,
            behaviors: Some(counts.behaviors),
            seed: Some(simulation.sampling.seed),
            initial_complete: simulation.counts.behaviors > 0,
            complete: false,
            ended_by_specification: false,
            outdegree: None,
            collision_bound: 0.0,
            init: None,
            actions: self.action_figures(system, &sampled_actions(simulation)),
            temporal_parts: 0,
            coverage: None,
            graph: None,
        }
    }

    /// Counts of the initial predicate: all states that no action generated.
    pub(super) fn init_figures(&self, exploration: &Exploration) -> Option<ActionFigures> {
        let init = self.model.init.as_ref()?;
        let span = obligations::defined_at(&self.model, init);
        let by_actions: u64 = exploration.per_action.iter().map(|count| count.generated).sum();
        let head = place::head_of(&self.input.specification, span);
        Some(ActionFigures {
            name: head.as_ref().map_or_else(|| init.name.clone(), |(name, _)| name.clone()),
            place: Some(place::place_of(&self.input.specification, span)),
            head: head.map(|(_, place)| place),
            generated: exploration.statistics.generated.saturating_sub(by_actions),
            distinct: exploration.statistics.levels.first().copied().unwrap_or(0),
        })
    }

    pub(super) fn action_figures(&self, system: &Interpreted<'_>, per_action: &[ActionCount]) -> Vec<ActionFigures> {
        let count = |index: usize| per_action.get(index).copied().unwrap_or_default();
        let actions = system.actions().iter().enumerate();
        let figures = actions.map(|(index, action)| ActionFigures {
            name: action.name.clone(),
            place: self.model.next.as_ref().map(|_| place::place_of(&self.input.specification, action.span)),
            head: self
                .model
                .next
                .as_ref()
                .and_then(|_| place::head_of(&self.input.specification, action.span).map(|(_, place)| place)),
            generated: count(index).generated,
            distinct: count(index).distinct,
        });
        figures.collect()
    }
}

/// Whether every reachable state was expanded, so that infinite behaviors can be looked for.
pub(super) fn is_complete(exploration: &Exploration) -> bool {
    matches!(exploration.outcome, Outcome::Complete | Outcome::Found { ended: Ended::Complete, .. })
}

/// Whether the search ended before it had seen all initial states.
fn ended_initially(exploration: &Exploration) -> bool {
    let by_error = |error: &tla_explore::SearchError| {
        error.error.phase == tla_explore::Phase::Init || (error.in_property() && error.trace.len() <= 1)
    };
    match &exploration.outcome {
        Outcome::Found { findings, ended: Ended::AtFinding } => findings
            .last()
            .is_some_and(|finding| finding.trace.len() == 1 && finding.violation != tla_explore::Violation::Deadlock),
        Outcome::Error(error) => by_error(error),
        Outcome::Found { ended: Ended::Error(error), .. } => by_error(error),
        Outcome::Found { ended: Ended::Complete | Ended::Interrupted | Ended::Capacity(_), .. }
        | Outcome::Complete
        | Outcome::Interrupted
        | Outcome::Capacity(_) => false,
    }
}

pub(super) fn sampled_actions(simulation: &Simulation) -> Vec<ActionCount> {
    simulation.counts.actions.iter().map(|generated| ActionCount { generated: *generated, distinct: 0 }).collect()
}

/// The last figures, so that a run without an exhaustive verdict has them too.
pub(super) fn progress_of(exploration: &Exploration) -> Progress {
    let statistics = &exploration.statistics;
    Progress {
        level: statistics.depth,
        generated: statistics.generated,
        distinct: statistics.distinct,
        queue: statistics.left_on_queue,
        elapsed_s: exploration.resources.elapsed.as_secs_f64(),
        store_bytes: exploration.resources.store_bytes,
        initial: statistics.levels.first().copied().unwrap_or(0),
        behaviors: 0,
    }
}
