//! The report as JUnit XML, as CI services read it: one suite for each model, one case for each obligation.
//!
//! A case passes plainly only if every behavior of the instance was covered, or a broken variant was refuted as it must
//! be. Whatever is bounded, sampled, declined or assumed is `skipped` with its reason, even where less was required; a
//! gap is a skipped case of the suite `gaps`. The strength is a property of every case.

use crate::run::RunReport;
use crate::style::Style;
use crate::terminal;
use crate::words::{self, Weight};
use verdict::{Evidence, Verdict};

/// What a case contains beside its properties.
enum Outcome {
    Pass,
    Skipped(String),
    Failure { kind: &'static str, message: String, text: String },
    Error { kind: String, message: String, text: String },
}

struct Case {
    name: String,
    strength: &'static str,
    outcome: Outcome,
}

/// The report as XML.
pub fn write_junit(report: &RunReport) -> String {
    let mut suites: Vec<(&str, f64, Vec<Case>)> = Vec::new();
    for evidence in &report.evidence {
        let model = evidence.obligation.model.as_str();
        if suites.last().is_none_or(|(name, _, _)| *name != model) {
            suites.push((model, evidence.figures.get("wall_s").copied().unwrap_or(0.0), Vec::new()));
        }
        if let Some((_, _, cases)) = suites.last_mut() {
            cases.push(case(report, evidence));
        }
    }
    if !report.gaps.is_empty() {
        let gap = |gap: &crate::Gap| Case {
            name: gap.property.id.clone(),
            strength: "None",
            outcome: Outcome::Skipped(format!("no evidence: {}", gap.reason)),
        };
        suites.push(("gaps", 0.0, report.gaps.iter().map(gap).collect()));
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = suites.iter().flat_map(|(_, _, cases)| cases);
    let time = report.figures.get("wall_s").copied().unwrap_or(0.0);
    let name = escape(&report.title);
    out.push_str(&format!("<testsuites name=\"{name}\" {} time=\"{time:.3}\">\n", counts(all)));
    for (name, time, cases) in &suites {
        let name = escape(name);
        out.push_str(&format!("  <testsuite name=\"{name}\" {} time=\"{time:.3}\">\n", counts(cases)));
        cases.iter().for_each(|case| write_case(&mut out, &name, case));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(report: &RunReport, evidence: &Evidence) -> Case {
    let obligation = &evidence.obligation;
    let message = words::sentence(evidence);
    let outcome = match (&evidence.verdict, words::weight(report, evidence)) {
        (Verdict::Failed(failure), _) => {
            let kind = format!("{:?}", failure.class);
            let place = failure.place.as_ref().map_or_else(String::new, |place| format!("{place}\n"));
            Outcome::Error { kind, message, text: format!("{place}{}", failure.remedy) }
        }
        (verdict, Weight::Finding) => {
            let text = match verdict {
                Verdict::Refuted(refutation) => behavior(refutation),
                _ => words::place(evidence).map_or_else(String::new, ToString::to_string),
            };
            Outcome::Failure { kind: evidence.verdict.strength().word(), message, text }
        }
        (_, Weight::Open) => Outcome::Skipped(message),
        (_, Weight::Met) if words::is_complete(evidence) => Outcome::Pass,
        (_, Weight::Met) => Outcome::Skipped(format!("{message} (as strong as was required)")),
    };
    Case { name: obligation.property.clone(), strength: evidence.verdict.strength().word(), outcome }
}

fn behavior(refutation: &verdict::Refutation) -> String {
    let mut text = terminal::write_behavior(&refutation.counterexample, &Style::default());
    text.push_str(&format!("\n{}\n", refutation.replay_command));
    text
}

fn counts<'c>(cases: impl IntoIterator<Item = &'c Case>) -> String {
    let [mut tests, mut failures, mut errors, mut skipped] = [0; 4];
    for case in cases {
        tests += 1;
        match case.outcome {
            Outcome::Pass => {}
            Outcome::Skipped(_) => skipped += 1,
            Outcome::Failure { .. } => failures += 1,
            Outcome::Error { .. } => errors += 1,
        }
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

fn write_case(out: &mut String, class: &str, case: &Case) {
    out.push_str(&format!("    <testcase classname=\"{class}\" name=\"{}\">\n", escape(&case.name)));
    let strength = case.strength;
    out.push_str(&format!("      <properties><property name=\"strength\" value=\"{strength}\"/></properties>\n"));
    match &case.outcome {
        Outcome::Pass => {}
        Outcome::Skipped(reason) => out.push_str(&format!("      <skipped message=\"{}\"/>\n", escape(reason))),
        Outcome::Failure { kind, message, text } => write_problem(out, "failure", kind, message, text),
        Outcome::Error { kind, message, text } => write_problem(out, "error", kind, message, text),
    }
    out.push_str("    </testcase>\n");
}

fn write_problem(out: &mut String, element: &str, kind: &str, message: &str, text: &str) {
    let (message, text) = (escape(message), escape(text));
    out.push_str(&format!("      <{element} type=\"{kind}\" message=\"{message}\">{text}</{element}>\n"));
}

/// Text for content and attributes of XML 1.0, which has no place for control characters.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            character if character.is_control() => out.push('\u{fffd}'),
            character => out.push(character),
        }
    }
    out
}
