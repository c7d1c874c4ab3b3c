//! For a terminal: each finding with its line, a caret and its story; then what was not analysed, then the counts.

use super::{ScanReport, analysed_percent};
use crate::number::counted;
use crate::style::wrap_hanging;
use crate::{Ink, Style};
use native_scan::finding::{Finding, Severity, Spot};
use std::fmt::Write;

/// Functions and files that are listed as not analysed before the rest is counted.
const LISTED: usize = 12;

/// Writes the report.
pub fn write_text(report: &ScanReport<'_>, style: &Style, notes: bool) -> String {
    let mut out = String::new();
    let mut hidden = 0;
    for finding in &report.review.findings {
        if finding.severity == Severity::Note && !notes {
            hidden += 1;
            continue;
        }
        write_finding(&mut out, report, finding, style);
    }
    for remark in &report.review.remarks {
        let _ = writeln!(
            out,
            "{}: {}:{}: {}",
            style.paint(Ink::Doubtful, "warning"),
            remark.file,
            remark.line,
            remark.message
        );
    }
    write_rules(&mut out, report, style);
    write_unread(&mut out, report, style);
    write_counts(&mut out, report, hidden, style);
    out
}

fn ink(severity: Severity) -> Ink {
    match severity {
        Severity::Error => Ink::Bad,
        Severity::Warning => Ink::Doubtful,
        Severity::Note => Ink::Strong,
    }
}

pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn write_finding(out: &mut String, report: &ScanReport<'_>, finding: &Finding, style: &Style) {
    let head = format!("{}[{}]", word(finding.severity), finding.rule);
    let mut message = String::new();
    wrap_hanging(&mut message, &format!("{head}: {}", finding.message), 0, 4, style.width);
    let _ = write!(out, "{}", message.replacen(&head, &style.paint(ink(finding.severity), &head), 1));
    write_place(out, report, &finding.spot, "", style, true);
    for related in &finding.related {
        write_place(out, report, &related.spot, &related.text, style, false);
    }
    if !finding.held.is_empty() {
        let _ = writeln!(out, "  = held: {}", finding.held.join(", "));
    }
    if !finding.fix.is_empty() {
        wrap_hanging(out, &format!("= help: {}", finding.fix), 2, 10, style.width);
    }
    out.push('\n');
}

fn write_place(out: &mut String, report: &ScanReport<'_>, spot: &Spot, text: &str, style: &Style, first: bool) {
    let arrow = if first { "-->" } else { ":::" };
    let place = format!("{}:{}:{}", spot.file, spot.line, spot.column);
    let place = style.paint(Ink::Faint, &place);
    let _ = writeln!(out, "  {arrow} {place} in {}", spot.function);
    let line = report.sources.get(&spot.file).and_then(|source| source.lines().nth(spot.line as usize - 1));
    let Some(line) = line else {
        if !text.is_empty() {
            let _ = writeln!(out, "      {text}");
        }
        return;
    };
    let line = line.replace('\t', " ");
    let start = (spot.column as usize - 1).min(line.len());
    let end = if spot.end_line == spot.line { spot.end_column as usize - 1 } else { line.trim_end().len() };
    let length = end.clamp(start, line.len()).saturating_sub(start).max(1);
    let lead = line.get(..start).map_or(start, |lead| lead.chars().count());
    let number = spot.line.to_string();
    let margin = " ".repeat(number.len());
    let _ = writeln!(out, " {number} | {}", line.trim_end());
    let carets = style.paint(if first { Ink::Bad } else { Ink::Faint }, &if first { "^" } else { "-" }.repeat(length));
    let _ = writeln!(out, " {margin} | {}{carets} {text}", " ".repeat(lead));
    crate::style::trim_line(out);
    while out.ends_with(" \n") {
        out.truncate(out.len() - 2);
        out.push('\n');
    }
}

/// One line for the structural rules together, and one for each that could not be decided somewhere.
fn write_rules(out: &mut String, report: &ScanReport<'_>, style: &Style) {
    if report.rules.is_empty() {
        return;
    }
    let absent = report.rules.iter().filter(|rule| !rule.applies).count();
    let found = report.rules.iter().filter(|rule| rule.applies && rule.found > 0).count();
    let idle = report.rules.iter().filter(|rule| rule.applies && rule.found == 0 && rule.places == 0).count();
    let passed = report.rules.len() - absent - found - idle;
    let _ = writeln!(
        out,
        "{}: {found} found something, {passed} looked and found nothing, {idle} met no place, {absent} not applicable (--json lists them)",
        counted(report.rules.len(), "structural rule"),
    );
    for rule in report.rules.iter().filter(|rule| rule.undecided > 0) {
        let label = style.paint(Ink::Doubtful, "not decided");
        let _ = writeln!(out, "{label}: {} at {}", rule.rule, counted(rule.undecided, "place"));
    }
}

fn write_unread(out: &mut String, report: &ScanReport<'_>, style: &Style) {
    let coverage = report.coverage;
    let label = style.paint(Ink::Doubtful, "not analysed");
    for (path, reason) in coverage.refused.iter().take(LISTED) {
        let _ = writeln!(out, "{label}: {path}: {reason}");
    }
    for (path, line, name) in coverage.partial.iter().take(LISTED) {
        let _ = writeln!(out, "{label} in part: {path}:{line}: {name}");
    }
    let rest = coverage.refused.len().saturating_sub(LISTED) + coverage.partial.len().saturating_sub(LISTED);
    if rest > 0 {
        let _ = writeln!(out, "{label}: {rest} more (all of them under --json)");
    }
}

fn write_counts(out: &mut String, report: &ScanReport<'_>, hidden: usize, style: &Style) {
    let (review, coverage) = (report.review, report.coverage);
    let count = |severity| review.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let whole = coverage.functions - coverage.partial.len().min(coverage.functions);
    let _ = writeln!(
        out,
        "{}, {} of {} function bodies and {:.2} % of the bytes analysed ({} bytes not readable, {} in branches not taken)",
        counted(coverage.files, "file"),
        whole,
        coverage.functions,
        analysed_percent(coverage),
        coverage.unread_bytes,
        coverage.branch_bytes
    );
    let summary = [counted(errors, "error"), counted(warnings, "warning"), counted(notes, "note")].join(", ");
    let summary = style.paint(if errors > 0 { Ink::Bad } else { Ink::Strong }, &summary);
    let _ = write!(out, "{summary}");
    for (number, text) in [
        (hidden, "notes not shown (--notes)"),
        (review.suppressed.len(), "suppressed by comments"),
        (review.known, "known from the baseline"),
        (review.gone.len(), "of the baseline gone"),
        (review.elsewhere, "outside of the change"),
    ] {
        if number > 0 {
            let _ = write!(out, "; {number} {text}");
        }
    }
    out.push('\n');
    if errors + warnings == 0 {
        out.push_str("Nothing found is not proved absent: each rule says under --explain what it misses.\n");
    }
}
