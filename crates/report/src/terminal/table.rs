//! One line for each obligation: mark, strength, property, model, expectation, figures.
//!
//! The figures shrink with the width and move to a line of their own when even the shortest form does not fit; names are
//! never cut, because a reader searches for them.

use crate::number::{counted, grouped};
use crate::run::{RunReport, is_met, place_of};
use crate::style::{Ink, Style, columns, trim_line, wrap_hanging};
use std::collections::BTreeSet;
use verdict::{Evidence, Exhaustion, Expectation, Verdict};

/// Columns before the property's name: mark, space, the longest strength word, two spaces.
const BEFORE_NAME: usize = 13;

/// Names longer than this do not widen their column.
const WIDEST_NAME: usize = 44;

struct Layout {
    property: usize,
    model: usize,
}

/// Writes the table.
pub fn write_table(out: &mut String, report: &RunReport, style: &Style) {
    let shown: Vec<&Evidence> = report.evidence.iter().filter(|evidence| !style.quiet || !is_met(evidence)).collect();
    let models: BTreeSet<&str> = report.evidence.iter().map(|evidence| evidence.obligation.model.as_str()).collect();
    let width_of =
        |texts: &mut dyn Iterator<Item = usize>| texts.filter(|width| *width <= WIDEST_NAME).max().unwrap_or(0).max(8);
    let layout = Layout {
        property: width_of(&mut shown.iter().map(|evidence| columns(property_label(evidence)))),
        // With one model in the run the column says nothing.
        model: if models.len() < 2 { 0 } else { width_of(&mut models.iter().map(|model| columns(model))) },
    };
    if !shown.is_empty() && !style.quiet {
        write_header(out, &layout, style);
    }
    for evidence in shown {
        write_row(out, evidence, &layout, style);
    }
}

fn write_header(out: &mut String, layout: &Layout, style: &Style) {
    let mut header = format!("{:BEFORE_NAME$}{:<width$}", "  Verdict", "Property", width = layout.property);
    if layout.model > 0 {
        header.push_str(&format!("  {:<width$}", "Model", width = layout.model));
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

fn write_row(out: &mut String, evidence: &Evidence, layout: &Layout, style: &Style) {
    let (mark, ink) = mark_of(evidence);
    let word = format!("{:<9}", evidence.verdict.strength().word());
    let expectation = match evidence.obligation.expectation {
        Expectation::Holds => "holds",
        Expectation::Violated => "violated",
    };
    let mut names = format!("{:<width$}", property_label(evidence), width = layout.property);
    if layout.model > 0 {
        names.push_str(&format!("  {:<width$}", evidence.obligation.model, width = layout.model));
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

fn mark_of(evidence: &Evidence) -> (&'static str, Ink) {
    if is_met(evidence) {
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
        Verdict::Bounded { bound, unwinding_assertions } => {
            let unwound = if *unwinding_assertions { ", unwinding assertions hold" } else { "" };
            vec![format!("{bound}{unwound}")]
        }
        Verdict::Tested(sampling) => {
            let runs = grouped(sampling.runs);
            vec![format!("{runs} runs, seed {}, {}", sampling.seed, sampling.scheduler), format!("{runs} runs")]
        }
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
