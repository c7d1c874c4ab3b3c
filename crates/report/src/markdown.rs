//! The report in Markdown, for a summary of a CI run, a review or a wiki: the headline, a table with the weakest part on
//! top, what was found, and what weakens the run.

use crate::run::{RunReport, is_expected_refutation};
use crate::style::Style;
use crate::tally::{Tally, promise};
use crate::terminal;
use crate::words::{self, Weight};
use verdict::{Evidence, Expectation, Verdict};

/// The report as Markdown.
pub fn write_markdown(report: &RunReport) -> String {
    let tally = Tally::of(report);
    let mut out = format!("# {}\n\n**{}**", escape(&report.title), escape(&tally.headline()));
    if let Some(weakest) = tally.weakest() {
        out.push_str(&format!(" {}", escape(promise(weakest))));
    }
    out.push_str(&format!(
        "\n\n{} obligations: {} met, {} refuted as expected; {} suppressions, {} assumptions, {} models with reductions, {} warnings, {} gaps.\n\n",
        tally.obligations,
        tally.met,
        tally.expected_refutations,
        tally.suppressions,
        tally.assumptions,
        tally.reduced,
        tally.warnings,
        tally.gaps,
    ));
    write_table(&mut out, report);
    for evidence in weakest_first(report) {
        if let (Verdict::Refuted(refutation), Weight::Finding) = (&evidence.verdict, words::weight(report, evidence)) {
            let obligation = &evidence.obligation;
            let heading = format!("{} is violated in {}", obligation.property, obligation.model);
            let behavior = terminal::write_behavior(&refutation.counterexample, &Style::default());
            out.push_str(&format!("\n## {}\n\n```text\n{}\n```\n", escape(&heading), behavior.trim_end()));
            out.push_str(&format!("\nTo replay it: `{}`\n", refutation.replay_command));
        }
    }
    let gaps: Vec<String> = report.gaps.iter().map(|gap| format!("{}: {}", gap.property.id, gap.reason)).collect();
    write_list(&mut out, "Properties without evidence", &gaps);
    write_list(&mut out, "Suppressions", &report.suppressions);
    write_list(&mut out, "Warnings", &report.warnings);
    out
}

/// Obligations in the order in which a reader should see them: findings, what is open, then by strength.
pub fn weakest_first(report: &RunReport) -> Vec<&Evidence> {
    let mut all: Vec<&Evidence> = report.evidence.iter().collect();
    all.sort_by_key(|evidence| {
        let weight = std::cmp::Reverse(words::weight(report, evidence));
        (weight, is_expected_refutation(evidence), evidence.verdict.strength())
    });
    all
}

fn write_table(out: &mut String, report: &RunReport) {
    out.push_str("| | Verdict | Property | Model | Expected | |\n|---|---|---|---|---|---|\n");
    for evidence in weakest_first(report) {
        let mark = match words::weight(report, evidence) {
            Weight::Met => "✓",
            Weight::Open => "?",
            Weight::Finding => "✗",
        };
        let expected = match evidence.obligation.expectation {
            Expectation::Holds => "holds",
            Expectation::Violated => "violated",
        };
        let (word, sentence) = (evidence.verdict.strength().word(), words::sentence(evidence));
        let detail = sentence.strip_prefix(word).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&sentence);
        out.push_str(&format!(
            "| {mark} | {word} | {} | {} | {expected} | {} |\n",
            escape(&evidence.obligation.property),
            escape(&evidence.obligation.model),
            escape(detail)
        ));
    }
}

fn write_list(out: &mut String, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&format!("\n## {heading}\n\n"));
    lines.iter().for_each(|line| out.push_str(&format!("- {}\n", escape(line))));
}

/// Text on one line that Markdown takes as text.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' => out.extend(['\\', character]),
            character => out.push(character),
        }
    }
    out
}
