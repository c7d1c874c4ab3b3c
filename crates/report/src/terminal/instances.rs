//! The instances behind `Exhausted` and the samples behind `Tested`: an exhaustive run speaks of given constants under given
//! reductions, a simulation of the behaviors that a seed and a scheduler drew. A report that leaves them out claims too
//! much.

use super::heading;
use crate::number::{counted, duration};
use crate::run::RunReport;
use crate::style::{Style, columns, wrap_hanging};
use std::collections::BTreeSet;
use verdict::{Evidence, Exhaustion, Reduction, StoreKind, Testing, Verdict};

/// Writes one paragraph for each model that was explored to the end.
pub fn write_instances(out: &mut String, report: &RunReport, style: &Style) {
    let mut seen = BTreeSet::new();
    let mut instances = Vec::new();
    for evidence in &report.evidence {
        if let Verdict::Exhausted(exhaustion) | Verdict::Tested(Testing::Reduction(exhaustion)) = &evidence.verdict
            && seen.insert(&evidence.obligation.model)
        {
            instances.push((evidence, exhaustion));
        }
    }
    if instances.is_empty() {
        return;
    }
    heading(out, "Instances", style);
    let widest = instances.iter().map(|(evidence, _)| columns(&evidence.obligation.model)).max().unwrap_or(0).min(32);
    for (evidence, exhaustion) in &instances {
        let text = instance_text(evidence, exhaustion);
        let line = format!("{:<widest$}  {text}", evidence.obligation.model);
        wrap_hanging(out, &line, 2, widest + 4, style.width);
    }
    for line in store_lines(&instances) {
        wrap_hanging(out, &line, 2, 4, style.width);
    }
}

fn instance_text(evidence: &Evidence, exhaustion: &Exhaustion) -> String {
    let mut parts = Vec::new();
    if !exhaustion.constants.is_empty() {
        let constants: Vec<String> =
            exhaustion.constants.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        parts.push(constants.join(", "));
    }
    parts.extend(exhaustion.reductions.iter().map(reduction_text));
    parts.extend(evidence.figures.get("wall_s").map(|seconds| duration(*seconds)));
    parts.join("; ")
}

/// Writes one paragraph for each model that was sampled.
pub fn write_samples(out: &mut String, report: &RunReport, style: &Style) {
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    for evidence in &report.evidence {
        if let Verdict::Tested(Testing::Sampling(sampling)) = &evidence.verdict
            && seen.insert(&evidence.obligation.model)
        {
            let runs = counted(sampling.runs as usize, "run");
            let (model, seed, scheduler) = (&evidence.obligation.model, sampling.seed, &sampling.scheduler);
            lines.push(format!("{model}  {runs}, seed {seed}, scheduler: {scheduler}"));
        }
    }
    if !lines.is_empty() {
        heading(out, "Samples", style);
    }
    for line in lines {
        wrap_hanging(out, &line, 2, 4, style.width);
    }
}

/// How states were remembered, with the sum of the collision bounds: a bound for all models together.
fn store_lines(instances: &[(&Evidence, &Exhaustion)]) -> Vec<String> {
    let models = |kind: StoreKind| -> Vec<&(&Evidence, &Exhaustion)> {
        instances.iter().filter(|(_, exhaustion)| exhaustion.store == kind).collect()
    };
    let (exact, fingerprints) = (models(StoreKind::Exact), models(StoreKind::Fingerprint128));
    let mut lines = Vec::new();
    if !fingerprints.is_empty() {
        let bound: f64 = fingerprints.iter().map(|(_, exhaustion)| exhaustion.collision_bound.0).sum();
        lines
            .push(format!("States kept as 128-bit fingerprints; one was missed with probability at most {bound:.0e}."));
    }
    if !exact.is_empty() {
        let names: Vec<&str> = exact.iter().map(|(evidence, _)| evidence.obligation.model.as_str()).collect();
        let of = if fingerprints.is_empty() { String::new() } else { format!(" of {}", names.join(", ")) };
        lines.push(format!("States{of} kept whole; none can have been missed by a collision."));
    }
    lines
}

/// A reduction in words.
pub fn reduction_text(reduction: &Reduction) -> String {
    match reduction {
        Reduction::Symmetry { name } => format!("symmetry {name}"),
        Reduction::View { name } => format!("view {name}"),
        Reduction::StateConstraint { name } => format!("constraint {name}"),
        Reduction::ActionConstraint { name } => format!("action constraint {name}"),
    }
}
