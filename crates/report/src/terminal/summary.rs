//! The last lines: the weakest part first, then every count that weakens the run, then where it is recorded.

use crate::number::{counted, duration, grouped};
use crate::run::RunReport;
use crate::style::{Ink, Style, wrap_hanging};
use crate::tally::{Tally, promise};
use verdict::{ExitCode, Strength};

/// Writes the summary.
pub fn write_summary(out: &mut String, report: &RunReport, style: &Style) {
    if !out.is_empty() {
        out.push('\n');
    }
    let tally = Tally::of(report);
    let ink = match (tally.obligations == tally.met + tally.not_run_count(), report.exit_code) {
        (true, 0) => Ink::Good,
        (true, _) => Ink::Doubtful,
        (false, _) => Ink::Bad,
    };
    out.push_str(&style.paint(ink, &tally.headline()));
    out.push('\n');
    if !style.quiet {
        if let Some(weakest) = tally.weakest() {
            wrap_hanging(out, promise(weakest), 0, 2, style.width);
        }
        wrap_hanging(out, &strengths_text(&tally), 0, 2, style.width);
        wrap_hanging(out, &weakening_text(&tally), 0, 2, style.width);
        write_list(out, "switched off: ", &report.suppressions, style);
        write_list(out, "warning: ", &report.warnings, style);
        let gap = |gap: &crate::Gap| format!("{} ({}): {}", gap.property.id, gap.reason, gap.property.statement);
        write_list(out, "gap: ", &report.gaps.iter().map(gap).collect::<Vec<_>>(), style);
    }
    wrap_hanging(out, &closing_text(report), 0, 2, style.width);
}

fn strengths_text(tally: &Tally) -> String {
    let mut parts = Vec::new();
    for (strength, count) in tally.by_strength.iter().rev() {
        parts.push(format!("{count} {}", strength.word().to_lowercase()));
    }
    if tally.expected_refutations > 0 {
        parts.push(format!("{} refuted as expected", tally.expected_refutations));
    }
    if tally.not_run_count() > 0 {
        parts.push(format!("{} not run", tally.not_run_count()));
    }
    format!("{}: {}.", counted(tally.obligations, "obligation"), parts.join(", "))
}

fn weakening_text(tally: &Tally) -> String {
    let sampled = tally.count(Strength::Tested) + tally.count(Strength::Bounded);
    format!(
        "{}, {}, {} declined, {} vacuous, {sampled} bounded or sampled, {} with reductions, {}, {}.",
        counted(tally.suppressions, "suppression"),
        counted(tally.assumptions, "assumption"),
        tally.count(Strength::Declined),
        tally.count(Strength::Vacuous),
        counted(tally.reduced, "model"),
        counted(tally.warnings, "warning"),
        counted(tally.gaps, "gap"),
    )
}

fn write_list(out: &mut String, label: &str, lines: &[String], style: &Style) {
    for line in lines {
        for (index, part) in line.lines().enumerate() {
            let label = if index == 0 { label } else { "" };
            wrap_hanging(out, &format!("{label}{part}"), 2, 4, style.width);
        }
    }
}

fn closing_text(report: &RunReport) -> String {
    let mut parts = Vec::new();
    let figure = |name| report.figures.get(name).map(|figure| grouped(*figure as u64));
    if let (Some(generated), Some(distinct), Some(depth)) = (figure("generated"), figure("distinct"), figure("depth")) {
        parts.push(format!("{generated} states generated, {distinct} distinct, depth {depth}"));
    }
    if let (Some(generated), Some(behaviors)) = (figure("generated"), report.figures.get("behaviors")) {
        let behaviors = counted(*behaviors as usize, "behavior");
        parts.push(format!("{generated} states generated in {behaviors}"));
    }
    parts.extend(report.figures.get("wall_s").map(|seconds| duration(*seconds)));
    parts.extend(report.recorded_in.as_ref().map(|folder| format!("recorded in {folder}")));
    let meaning = ExitCode::from_code(report.exit_code).map_or("unknown", ExitCode::meaning);
    parts.push(format!("exit {}: {meaning}", report.exit_code));
    parts.join(", ")
}
