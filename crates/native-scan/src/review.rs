//! What becomes of findings: suppressed where the code says so and why, known from a baseline, or outside of a change.
//!
//! A suppression is a comment, at the end of the line or on the line before, with a reason that a reader can check:
//!
//! ```cpp
//! total = 0;  // interlock: allow(guarded-by) only called before the threads start
//! ```
//!
//! One without a reason, for an unknown rule, or that suppresses nothing is itself told.

use crate::analyses::RULES;
use crate::finding::{Finding, Severity};
use native_syntax::ir::SourceFile;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A finding that a comment suppresses.
#[derive(Debug, Clone, Serialize)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// The reason given.
    pub reason: String,
}

/// Something wrong with a comment that speaks to the scanner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// File.
    pub file: String,
    /// Line.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

/// Findings after review.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Review {
    /// What is to be told.
    pub findings: Vec<Finding>,
    /// What comments suppress.
    pub suppressed: Vec<Suppressed>,
    /// How many the baseline knows.
    pub known: usize,
    /// Fingerprints of the baseline that no finding has any more.
    pub gone: Vec<String>,
    /// How many lie outside of the change that was asked about.
    pub elsewhere: usize,
    /// Comments that are wrong or useless.
    pub remarks: Vec<Remark>,
}

/// Lines that were changed, by path: `None` for a file that is new as a whole.
pub type Changes = BTreeMap<String, Option<Vec<(u32, u32)>>>;

struct Allowance {
    file: String,
    line: u32,
    rules: Vec<String>,
    reason: String,
    used: bool,
}

/// Sorts findings out. `structural` are the identifiers of the project's own rules.
pub fn review(
    findings: Vec<Finding>,
    files: &[Arc<SourceFile>],
    structural: &[&str],
    baseline: Option<&BTreeSet<String>>,
    changes: Option<&Changes>,
) -> Review {
    let mut review = Review::default();
    let mut allowances = Vec::new();
    for file in files {
        allowances.extend(allowances_of(file, structural, &mut review.remarks));
    }
    let mut seen = BTreeSet::new();
    for finding in findings {
        seen.insert(finding.fingerprint.clone());
        if let Some(allowance) = allowances.iter_mut().find(|allowance| covers(allowance, &finding)) {
            allowance.used = true;
            review.suppressed.push(Suppressed { reason: allowance.reason.clone(), finding });
        } else if baseline.is_some_and(|known| known.contains(&finding.fingerprint)) {
            review.known += 1;
        } else if changes.is_some_and(|changes| !touches(changes, &finding)) {
            review.elsewhere += 1;
        } else {
            review.findings.push(finding);
        }
    }
    review.gone = baseline.into_iter().flatten().filter(|known| !seen.contains(*known)).cloned().collect();
    let was_asked = |rule: &String| !rule.contains('.') || structural.contains(&rule.as_str());
    for allowance in allowances.into_iter().filter(|one| !one.used && one.rules.iter().all(was_asked)) {
        let message = format!("`allow({})` suppresses nothing: remove it", allowance.rules.join(", "));
        review.remarks.push(Remark { file: allowance.file, line: allowance.line, message });
    }
    review.remarks.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    review
}

fn covers(allowance: &Allowance, finding: &Finding) -> bool {
    allowance.file == finding.spot.file
        && (allowance.line == finding.spot.line || allowance.line + 1 == finding.spot.line)
        && allowance.rules.contains(&finding.rule)
}

fn touches(changes: &Changes, finding: &Finding) -> bool {
    let spots = std::iter::once(&finding.spot).chain(finding.related.iter().map(|related| &related.spot));
    spots.into_iter().any(|spot| match changes.get(&spot.file) {
        None => false,
        Some(None) => true,
        Some(Some(lines)) => lines.iter().any(|(first, last)| (*first..=*last).contains(&spot.line)),
    })
}

fn allowances_of(file: &SourceFile, structural: &[&str], remarks: &mut Vec<Remark>) -> Vec<Allowance> {
    let mut allowances = Vec::new();
    for (span, text) in &file.remarks {
        let line = file.line(span.start);
        let mut tell = |message: String| remarks.push(Remark { file: file.path.clone(), line, message });
        let Some((rules, reason)) = text.strip_prefix("allow(").and_then(|rest| rest.split_once(')')) else {
            // Prose may mention the tool's name with a colon behind it.
            if text.starts_with("allow") {
                tell("expected `interlock: allow(RULE) REASON`".to_owned());
            }
            continue;
        };
        let rules: Vec<String> = rules.split(',').map(|rule| rule.trim().to_owned()).collect();
        // Where a scan runs no structural rules, it cannot know their names: they have a point, ours have none.
        let is_known = |rule: &str| {
            RULES.iter().any(|known| known.id == rule)
                || structural.contains(&rule)
                || structural.is_empty() && rule.contains('.')
        };
        if let Some(unknown) = rules.iter().find(|rule| !is_known(rule)) {
            tell(format!("there is no rule `{unknown}`; `interlock scan --explain` lists them"));
            continue;
        }
        let reason = reason.trim_start_matches([':', '-', ' ']).trim();
        if reason.is_empty() {
            tell("a suppression needs a reason: `interlock: allow(RULE) REASON`".to_owned());
            continue;
        }
        let reason = reason.to_owned();
        allowances.push(Allowance { file: file.path.clone(), line, rules, reason, used: false });
    }
    allowances
}

impl Review {
    /// Whether something is left that is more than a note.
    pub fn has_findings(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity > Severity::Note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, scan};
    use native_syntax::{Settings, parse};

    fn reviewed(source: &str, baseline: Option<&BTreeSet<String>>) -> Review {
        let files = vec![Arc::new(parse("a.cpp", source.as_bytes(), &Settings::default()))];
        let outcome = scan(&files, &Config::with(None).expect("a configuration"), 1);
        review(outcome.findings, &files, &[], baseline, None)
    }

    const BAD: &str = "struct S {}; S* s;\nS* get() {\n  if (!s) s = new S;\n  return s;\n}\n";

    #[test]
    fn a_suppression_with_a_reason_hides_what_it_names() {
        let text = BAD.replace("  if", "  // interlock: allow(lazy-init) one thread until start-up is over\n  if");
        let review = reviewed(&text, None);
        assert!(review.findings.is_empty() && review.remarks.is_empty(), "{review:?}");
        assert_eq!(review.suppressed[0].reason, "one thread until start-up is over");
    }

    #[test]
    fn without_reason_with_a_wrong_rule_or_unused_it_is_told() {
        let allow = |text: &str| BAD.replace("  if", &format!("  // interlock: {text}\n  if"));
        for (text, part) in [
            ("allow(lazy-init)", "needs a reason"),
            ("allow(lazyness) because", "no rule `lazyness`"),
            ("allow(hand-lock) because", "suppresses nothing"),
            ("allow lazy-init", "expected"),
        ] {
            let review = reviewed(&allow(text), None);
            assert_eq!(review.findings.len(), 1, "{text}");
            assert!(review.remarks[0].message.contains(part), "{text}: {:?}", review.remarks);
        }
    }

    #[test]
    fn a_baseline_knows_findings_although_lines_move() {
        let known: BTreeSet<String> =
            reviewed(BAD, None).findings.iter().map(|finding| finding.fingerprint.clone()).collect();
        assert_eq!(known.len(), 1);
        let review = reviewed(&format!("// a line more\n\n{BAD}"), Some(&known));
        assert_eq!((review.findings.len(), review.known, review.gone.len()), (0, 1, 0));
        assert_eq!(reviewed("int x;", Some(&known)).gone.len(), 1);
    }
}
