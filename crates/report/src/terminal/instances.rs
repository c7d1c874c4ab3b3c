//! The instances behind `Exhausted`: an exhaustive run speaks of given constants under given reductions, and a report that
//! leaves them out claims too much.

use super::heading;
use crate::number::duration;
use crate::run::RunReport;
use crate::style::{Style, columns, wrap_hanging};
use std::collections::BTreeSet;
use verdict::{Evidence, Exhaustion, Reduction, StoreKind, Verdict};

/// Writes one paragraph for each model that was explored to the end.
pub fn write_instances(out: &mut String, report: &RunReport, style: &Style) {
    let mut seen = BTreeSet::new();
    let mut instances = Vec::new();
    for evidence in &report.evidence {
        if let Verdict::Exhausted(exhaustion) = &evidence.verdict
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
    for (evidence, exhaustion) in instances {
        let text = instance_text(evidence, exhaustion);
        let line = format!("{:<widest$}  {text}", evidence.obligation.model);
        wrap_hanging(out, &line, 2, widest + 4, style.width);
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
    parts.push(match exhaustion.store {
        StoreKind::Exact => "whole states kept".to_owned(),
        StoreKind::Fingerprint128 => {
            format!(
                "128-bit fingerprints, a state missed with probability at most {:.0e}",
                exhaustion.collision_bound.0
            )
        }
    });
    parts.extend(evidence.figures.get("wall_s").map(|seconds| duration(*seconds)));
    parts.join("; ")
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
