//! One line for each obligation: mark, strength, property, model, expectation, figures.
//!
//! The figures shrink with the width. Where names alone are too wide the model becomes a heading above its lines; names
//! are never cut, because a reader searches for them.

use super::instances::reduction_text;
use crate::number::{counted, grouped, short};
use crate::run::{RunReport, place_of};
use crate::style::{Ink, Style, columns, trim_line, wrap_hanging};
use std::collections::BTreeSet;
use verdict::{Evidence, Exhaustion, Expectation, Testing, Verdict};

/// Columns before the property's name: mark, space, the longest strength word, two spaces.
const BEFORE_NAME: usize = 13;

/// Columns of the expectation with the spaces around it.
const EXPECTATION: usize = 12;

/// Columns that the figures should have at least.
const FEW_FIGURES: usize = 13;

/// Names longer than this do not widen their column.
const WIDEST_NAME: usize = 44;

/// Where the model of a line stands.
#[derive(Clone, Copy, PartialEq)]
enum ModelColumn {
    /// Nowhere: there is only one.
    Absent,
    /// In a column of this width.
    Beside(usize),
    /// In a line above.
    Above,
}

struct Layout {
    property: usize,
    model: ModelColumn,
}

/// Writes the table.
pub fn write_table(out: &mut String, report: &RunReport, style: &Style) {
    let shown: Vec<&Evidence> =
        report.evidence.iter().filter(|evidence| !style.quiet || !report.is_met(evidence)).collect();
    let layout = layout_of(report, &shown, style);
    if !shown.is_empty() && !style.quiet {
        write_header(out, &layout, style);
    }
    let mut model = None;
    for evidence in shown {
        let obligation = &evidence.obligation;
        if layout.model == ModelColumn::Above && model != Some(&obligation.model) {
            out.push_str(&style.paint(Ink::Strong, &obligation.model));
            out.push('\n');
            model = Some(&obligation.model);
        }
        write_row(out, report, evidence, &layout, style);
    }
}

fn layout_of(report: &RunReport, shown: &[&Evidence], style: &Style) -> Layout {
    let widest = |texts: &mut dyn Iterator<Item = &str>, heading: &str| {
        let widths = texts.map(columns).filter(|width| *width <= WIDEST_NAME);
        widths.max().unwrap_or(0).max(columns(heading))
    };
    let property = widest(&mut shown.iter().map(|evidence| property_label(evidence)), "Property");
    let models: BTreeSet<&str> = report.evidence.iter().map(|evidence| evidence.obligation.model.as_str()).collect();
    let beside = widest(&mut models.iter().copied(), "Model");
    let needed = BEFORE_NAME + property + 2 + beside + EXPECTATION + FEW_FIGURES;
    let model = match models.len() {
        0 | 1 => ModelColumn::Absent,
        _ if needed > style.width => ModelColumn::Above,
        _ => ModelColumn::Beside(beside),
    };
    Layout { property, model }
}

fn write_header(out: &mut String, layout: &Layout, style: &Style) {
    let mut header = format!("{:BEFORE_NAME$}{:<width$}", "  Verdict", "Property", width = layout.property);
    if let ModelColumn::Beside(width) = layout.model {
        header.push_str(&format!("  {:<width$}", "Model"));
    }
    header.push_str("  Expected");
    out.push_str(&style.paint(Ink::Faint, &header));
    out.push('\n');
}

/// The property's name as the table shows it: the model's name in front is left to the model's column.
pub fn property_label(evidence: &Evidence) -> &str {
    let name = evidence.obligation.property.as_str();
    name.strip_prefix(evidence.obligation.model.as_str()).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(name)
}

fn write_row(out: &mut String, report: &RunReport, evidence: &Evidence, layout: &Layout, style: &Style) {
    let (mark, ink) = mark_of(report, evidence);
    let word = format!("{:<9}", evidence.verdict.strength().word());
    let expectation = match evidence.obligation.expectation {
        Expectation::Holds => "holds",
        Expectation::Violated => "violated",
    };
    let mut names = format!("{:<width$}", property_label(evidence), width = layout.property);
    if let ModelColumn::Beside(width) = layout.model {
        names.push_str(&format!("  {:<width$}", evidence.obligation.model));
    }
    names.push_str(&format!("  {expectation:<8}"));
    out.push_str(&format!("{} {}  {names}", style.paint(ink, mark), style.paint(ink, &word)));
    let used = BEFORE_NAME + columns(&names) + 2;
    let forms = figure_forms(evidence);
    match forms.iter().find(|form| used + columns(form) <= style.width) {
        Some(form) if !form.is_empty() => out.push_str(&format!("  {form}\n")),
        None if !forms.is_empty() => {
            trim_line(out);
            out.push('\n');
            wrap_hanging(out, &forms[0], BEFORE_NAME, BEFORE_NAME, style.width);
        }
        Some(_) | None => {
            trim_line(out);
            out.push('\n');
        }
    }
    write_details(out, evidence, style);
}

fn mark_of(report: &RunReport, evidence: &Evidence) -> (&'static str, Ink) {
    if report.is_met(evidence) {
        return ("✓", Ink::Good);
    }
    match evidence.verdict {
        Verdict::Bounded { .. } | Verdict::Tested(_) | Verdict::Declined(_) | Verdict::Assumed(_) => {
            ("?", Ink::Doubtful)
        }
        Verdict::Vacuous(_) => ("∅", Ink::Doubtful),
        Verdict::Proved(_) | Verdict::Exhausted(_) | Verdict::Refuted(_) | Verdict::Failed(_) => ("✗", Ink::Bad),
    }
}

/// The figures, longest form first; empty where the details below say it all.
fn figure_forms(evidence: &Evidence) -> Vec<String> {
    match &evidence.verdict {
        Verdict::Exhausted(exhaustion) => exhaustion_forms(exhaustion, evidence.obligation.expectation),
        Verdict::Refuted(refutation) => {
            let length = counted(refutation.counterexample.trace.steps.len(), "state");
            match evidence.obligation.expectation {
                Expectation::Holds => vec![format!("by a behavior of {length}"), length],
                Expectation::Violated => {
                    vec![format!("by a behavior of {length}, as expected"), format!("{length}, as expected"), length]
                }
            }
        }
        Verdict::Bounded { bound, .. } => vec![bound.clone()],
        Verdict::Tested(Testing::Reduction(exhaustion)) => {
            let names = exhaustion.reductions.iter().map(reduction_text).collect::<Vec<_>>().join(", ");
            let forms = exhaustion_forms(exhaustion, evidence.obligation.expectation);
            let longest = forms.iter().map(|form| format!("under {names}: {form}"));
            longest.chain(forms.iter().cloned()).collect()
        }
        Verdict::Tested(Testing::Sampling(sampling)) => {
            let runs = counted(sampling.runs as usize, "run");
            vec![format!("{runs}, seed {}", sampling.seed), runs]
        }
        Verdict::Tested(Testing::Analysis(analysis)) => vec![crate::words::analysis_words(analysis)],
        Verdict::Tested(Testing::Comparison(comparison)) => vec![crate::words::comparison_words(comparison)],
        Verdict::Proved(proof) => vec![format!("accepted by {}", proof.checker)],
        Verdict::Vacuous(_) | Verdict::Declined(_) | Verdict::Assumed(_) | Verdict::Failed(_) => Vec::new(),
    }
}

fn exhaustion_forms(exhaustion: &Exhaustion, expectation: Expectation) -> Vec<String> {
    let distinct = format!("{} distinct", grouped(exhaustion.distinct));
    let missed = match expectation {
        Expectation::Holds => "",
        Expectation::Violated => ", should be violated",
    };
    vec![
        format!("{} generated, {distinct}, depth {}{missed}", grouped(exhaustion.generated), exhaustion.depth),
        format!("{distinct}, depth {}{missed}", exhaustion.depth),
        format!("{distinct}{missed}"),
        format!("{} distinct{missed}", short(exhaustion.distinct as f64)),
    ]
}

/// What a verdict must carry beyond figures: reason, place, remedy.
fn write_details(out: &mut String, evidence: &Evidence, style: &Style) {
    let mut lines = match &evidence.verdict {
        Verdict::Vacuous(vacuity) => vec![vacuity.reason.clone()],
        Verdict::Declined(decline) => vec![decline.reason.clone(), decline.remedy.clone()],
        Verdict::Assumed(assumption) => vec![format!("on the word of {}", assumption.by)],
        Verdict::Proved(proof) if !proof.axioms.is_empty() => vec![format!("axioms: {}", proof.axioms.join(", "))],
        Verdict::Proved(_)
        | Verdict::Exhausted(_)
        | Verdict::Bounded { .. }
        | Verdict::Tested(_)
        | Verdict::Refuted(_)
        // A failure has a section of its own, because many obligations share one.
        | Verdict::Failed(_) => Vec::new(),
    };
    if let (Some(first), Some(place)) = (lines.first_mut(), place_of(&evidence.verdict)) {
        first.push_str(&format!(" ({place})"));
    }
    lines.extend(evidence.remarks.iter().map(|remark| format!("note: {remark}")));
    for line in lines.iter().filter(|line| !line.is_empty()) {
        wrap_hanging(out, line, BEFORE_NAME, BEFORE_NAME, style.width);
    }
}
