//! Obligations through an engine to evidence, the same way for every tool.
//!
//! Here stands what no engine may decide for itself: as many verdicts come back as obligations went in; a refutation that
//! no independent checker replayed is not shown; two engines that disagree are a defect; a property without evidence is a
//! gap. A breach turns the verdicts concerned into internal failures, so a report of it is still written.

mod disagreement;
mod gaps;
mod record;

pub use disagreement::{doubt_contradicted, settle_disagreements};
pub use gaps::find_gaps;
pub use record::{Recorder, TraceFiles, begin_recording, point_to_trace, quoted};

use crate::monitor::{Monitor, StopReason};
use std::collections::BTreeMap;
use verdict::engine::{Attachment, Details};
use verdict::{Context, Engine, Evidence, Explored, Failure, FailureClass, Obligation, Testing, Verdict};

/// What came of one model.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// One for each obligation.
    pub evidence: Vec<Evidence>,
    /// Files to keep, for each obligation.
    pub attachments: Vec<Vec<Attachment>>,
    /// Warnings, with the model's name in front.
    pub warnings: Vec<String>,
    /// Checks that were switched off, with the model's name in front.
    pub suppressions: Vec<String>,
    /// Figures of the model: `wall_s`, `generated`, `distinct`, `depth`.
    pub figures: BTreeMap<String, f64>,
    /// What the search counted.
    pub explored: Option<Box<Explored>>,
    /// Whether the user interrupted it.
    pub interrupted: bool,
}

/// Discharges all obligations of a model.
pub fn discharge(
    engine: &dyn Engine,
    model: &str,
    workers: usize,
    memory_bytes: Option<u64>,
    monitor: Monitor<'_>,
) -> Outcome {
    let group = engine.discover();
    let context = Context { events: &monitor, workers: workers.max(1), memory_bytes };
    let verdicts = engine.discharge(&group, &context);
    let verdicts = one_for_each(&group, verdicts, engine.name());
    let mut details = engine.details();
    details.resize_with(group.len(), Details::default);
    let stopped = monitor.stop_reason().filter(|_| verdicts.iter().any(is_undecided));
    let figures = figures_of(&monitor, &verdicts);
    let heard = monitor.finish();
    let inputs: Vec<_> = engine.inputs().iter().map(ledger::input_file).collect();
    let mut tools = BTreeMap::from([(engine.name().to_owned(), env!("CARGO_PKG_VERSION").to_owned())]);
    if let Some(explored) = &heard.explored {
        tools.insert("evaluator".to_owned(), explored.evaluator.clone());
    }
    let mut attachments = Vec::new();
    let evidence: Vec<Evidence> = group
        .into_iter()
        .zip(verdicts)
        .zip(details)
        .map(|((obligation, verdict), details)| {
            let stopped = stopped.filter(|_| is_undecided(&verdict)).map(stop_remark);
            attachments.push(details.files);
            Evidence {
                remarks: stopped.into_iter().chain(details.remarks).collect(),
                obligation,
                verdict: only_if_replayed(verdict),
                inputs: inputs.clone(),
                tools: tools.clone().into_iter().chain(details.tools).collect(),
                figures: figures.clone().into_iter().chain(details.figures).collect(),
                artefacts: BTreeMap::new(),
                findings: details.findings,
                absent_tool: details.absent_tool,
            }
        })
        .collect();
    let named = |text: String| format!("{model}: {text}");
    Outcome {
        evidence,
        attachments,
        warnings: heard.warnings.into_iter().map(named).collect(),
        suppressions: heard.suppressions.into_iter().map(named).collect(),
        figures,
        explored: heard.explored,
        interrupted: stopped == Some(StopReason::User),
    }
}

/// Neither held nor refuted nor broken: what a run that was stopped leaves behind.
fn is_undecided(verdict: &Verdict) -> bool {
    match verdict {
        // A simulation that was stopped has run fewer behaviors than were asked for.
        Verdict::Bounded { .. } | Verdict::Declined(_) | Verdict::Tested(Testing::Sampling(_)) => true,
        Verdict::Failed(failure) => failure.class == FailureClass::Capacity,
        Verdict::Proved(_)
        | Verdict::Exhausted(_)
        | Verdict::Tested(Testing::Reduction(_) | Testing::Analysis(_) | Testing::Comparison(_))
        | Verdict::Refuted(_)
        | Verdict::Vacuous(_)
        | Verdict::Assumed(_) => false,
    }
}

fn stop_remark(reason: StopReason) -> String {
    match reason {
        StopReason::User => "interrupted by the user before the end".to_owned(),
        StopReason::TimeLimit => "stopped by the time limit of the model".to_owned(),
    }
}

/// Figures of the search: as it told them when it had ended, else of an exhaustive verdict, else as last heard.
fn figures_of(monitor: &Monitor<'_>, verdicts: &[Verdict]) -> BTreeMap<String, f64> {
    let mut figures = BTreeMap::from([("wall_s".to_owned(), monitor.elapsed_s())]);
    let exhausted = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Exhausted(exhaustion) | Verdict::Tested(Testing::Reduction(exhaustion)) => {
            Some((exhaustion.generated, exhaustion.distinct, exhaustion.depth))
        }
        Verdict::Proved(_)
        | Verdict::Bounded { .. }
        | Verdict::Tested(Testing::Sampling(_) | Testing::Analysis(_) | Testing::Comparison(_))
        | Verdict::Refuted(_)
        | Verdict::Vacuous(_)
        | Verdict::Declined(_)
        | Verdict::Assumed(_)
        | Verdict::Failed(_) => None,
    });
    if let Some(simulated) = monitor.explored().filter(|explored| explored.behaviors.is_some()) {
        figures.insert("generated".to_owned(), simulated.generated as f64);
        figures.insert("behaviors".to_owned(), simulated.behaviors.unwrap_or(0) as f64);
        return figures;
    }
    let told = monitor.explored().and_then(|explored| Some((explored.generated, explored.distinct?, explored.depth)));
    let heard = || monitor.progress().map(|progress| (progress.generated, progress.distinct, progress.level));
    if let Some((generated, distinct, depth)) = told.or(exhausted).or_else(heard) {
        figures.insert("generated".to_owned(), generated as f64);
        figures.insert("distinct".to_owned(), distinct as f64);
        figures.insert("depth".to_owned(), f64::from(depth));
    }
    figures
}

/// As many verdicts as obligations, whatever the engine returned.
fn one_for_each(group: &[Obligation], verdicts: Vec<Verdict>, engine: &str) -> Vec<Verdict> {
    if verdicts.len() == group.len() {
        return verdicts;
    }
    let message = format!("engine {engine} returned {} verdicts for {} obligations", verdicts.len(), group.len());
    vec![internal(message); group.len()]
}

/// A refutation that nobody replayed is no finding.
fn only_if_replayed(verdict: Verdict) -> Verdict {
    let unreplayed = matches!(&verdict, Verdict::Refuted(refutation) if refutation.replayed_by.is_empty());
    if unreplayed {
        return internal("an engine returned a counterexample that no independent checker has replayed".to_owned());
    }
    verdict
}

/// A failure that is ours.
pub fn internal(message: String) -> Verdict {
    Verdict::Failed(Failure {
        class: FailureClass::Internal,
        message,
        place: None,
        remedy: format!("please report this at {}/issues", env!("CARGO_PKG_REPOSITORY")),
        trace: None,
        notes: BTreeMap::new(),
    })
}

#[cfg(test)]
mod tests;
