//! Counts and times of expressions: what `--coverage` and `--profile` add to the report.

use super::heading;
use crate::number::{counted, grouped};
use crate::run::RunReport;
use crate::style::{Style, wrap_hanging};
use verdict::{CoverageFigures, ExpressionFigures, PartFigures, PartRole, Unused};

/// Parts and expressions that a profile shows at most.
const DEAREST: usize = 15;

/// Writes what was asked for.
pub fn write_coverage(out: &mut String, report: &RunReport, style: &Style) {
    let Some(coverage) = &report.coverage else { return };
    if coverage.counts {
        write_counts(out, coverage, style);
    }
    if coverage.times {
        write_times(out, coverage, style);
    }
    write_unused(out, "Never enabled", &coverage.never_enabled, style);
    write_unused(out, "Never evaluated", &coverage.never_evaluated, style);
}

fn write_counts(out: &mut String, coverage: &CoverageFigures, style: &Style) {
    heading(out, "Evaluations", style);
    wrap_hanging(
        out,
        "Counted by the interpreter with one worker, which --coverage and --profile take.",
        2,
        2,
        style.width,
    );
    for part in &coverage.parts {
        out.push_str(&format!(
            "\n  {} {}  {}{}\n",
            role(part.role),
            part.name,
            part.head.as_ref().unwrap_or(&part.place),
            states(part)
        ));
        for expression in &part.expressions {
            let indent = 2 * expression.depth as usize;
            let (count, place) = (grouped(expression.evaluations), &expression.place);
            let at = format!("{}:{}", place.line, place.column);
            out.push_str(&format!("  {count:>14}  {at:<8} {:indent$}{}\n", "", expression.text));
        }
    }
}

fn states(part: &PartFigures) -> String {
    match (part.generated, part.distinct) {
        (Some(generated), Some(distinct)) => {
            format!("  {} generated, {} distinct", grouped(generated), grouped(distinct))
        }
        _ => String::new(),
    }
}

fn write_times(out: &mut String, coverage: &CoverageFigures, style: &Style) {
    heading(out, "Where the time goes", style);
    let all: u64 = coverage.parts.iter().map(|part| part.total_ns).sum();
    let text = format!(
        "{} of evaluation, measured while {} of {} were expanded (the initial states count as one), by the interpreter with \
         one worker, without what it otherwise remembers of earlier steps. The store of states is not in it.",
        crate::number::duration(all as f64 / 1e9),
        grouped(coverage.timed_states),
        counted(usize::try_from(coverage.states).unwrap_or(usize::MAX), "state"),
    );
    wrap_hanging(out, &text, 2, 2, style.width);
    let share = |time: u64| format!("{:.1} %", 100.0 * time as f64 / all.max(1) as f64);
    let mut parts: Vec<&PartFigures> = coverage.parts.iter().filter(|part| part.total_ns > 0).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.total_ns));
    out.push_str("\n    share  part\n");
    for part in parts.iter().take(DEAREST) {
        let place = part.head.as_ref().unwrap_or(&part.place);
        let share = share(part.total_ns);
        out.push_str(&format!("  {share:>7}  {} {}  {place}{}\n", role(part.role), part.name, states(part)));
    }
    let mut expressions: Vec<&ExpressionFigures> =
        coverage.parts.iter().flat_map(|part| &part.expressions).filter(|one| one.self_ns > 0).collect();
    expressions.sort_by_key(|one| std::cmp::Reverse(one.self_ns));
    out.push_str("\n     self    total     evaluations  expression\n");
    for one in expressions.iter().take(DEAREST) {
        let (own, total, count) = (share(one.self_ns), share(one.total_ns), grouped(one.evaluations));
        out.push_str(&format!("  {own:>7}  {total:>7}  {count:>14}  {}  {}\n", one.place, one.text));
    }
}

fn write_unused(out: &mut String, title: &str, unused: &[Unused], style: &Style) {
    if unused.is_empty() {
        return;
    }
    heading(out, title, style);
    for one in unused {
        wrap_hanging(out, &format!("{}  {}", one.place, one.text), 2, 4, style.width);
    }
}

fn role(role: PartRole) -> &'static str {
    match role {
        PartRole::Init => "initial predicate",
        PartRole::Next => "next-state relation",
        PartRole::Action => "action",
        PartRole::Invariant => "invariant",
        PartRole::Constraint => "constraint",
        PartRole::Property => "property",
    }
}
