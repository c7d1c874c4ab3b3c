//! The examples of rules, run: a rule that finds nothing in its bad examples is not a check.

use super::file::StructuralRule;
use crate::config::Config;
use native_syntax::parse;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What came of the examples of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleResult {
    /// Its identifier.
    pub rule: String,
    /// How many examples of each sort there are: bad, good, absent.
    pub counts: (usize, usize, usize),
    /// What was not as it should be.
    pub failures: Vec<String>,
}

/// Runs the examples of some rules.
pub fn run_examples(rules: &[StructuralRule], config: &Config) -> Vec<ExampleResult> {
    rules.iter().map(|rule| examples_of(rule, config)).collect()
}

fn examples_of(rule: &StructuralRule, config: &Config) -> ExampleResult {
    let examples = &rule.examples;
    let mut failures = Vec::new();
    if examples.bad.is_empty() || examples.good.is_empty() {
        failures.push("it needs a good and a bad example at least".to_owned());
    }
    for (number, source) in examples.bad.iter().enumerate() {
        let name = format!("bad example {}", number + 1);
        let marked: BTreeSet<u32> =
            source.lines().zip(1..).filter(|(line, _)| line.contains("// found")).map(|(_, number)| number).collect();
        if marked.is_empty() {
            failures.push(format!("{name}: no line is marked `// found`"));
        }
        failures.extend(judge(rule, config, source, Some(&marked)).map(|reason| format!("{name}: {reason}")));
    }
    for (number, source) in examples.good.iter().enumerate() {
        let reason = judge(rule, config, source, Some(&BTreeSet::new()));
        failures.extend(reason.map(|reason| format!("good example {}: {reason}", number + 1)));
    }
    for (number, source) in examples.absent.iter().enumerate() {
        let reason = judge(rule, config, source, None);
        failures.extend(reason.map(|reason| format!("absent example {}: {reason}", number + 1)));
    }
    let counts = (examples.bad.len(), examples.good.len(), examples.absent.len());
    ExampleResult { rule: rule.id.clone(), counts, failures }
}

/// What is wrong with an example: it is to be found at these lines, or, without lines, not to apply.
fn judge(rule: &StructuralRule, config: &Config, source: &str, lines: Option<&BTreeSet<u32>>) -> Option<String> {
    let settings = config.settings();
    let file = Arc::new(parse("example.mm", source.as_bytes(), &settings));
    if !file.unread.is_empty() || file.refused.is_some() {
        return Some("it cannot be read as a whole".to_owned());
    }
    let texts = [source.as_bytes().to_vec()];
    let one = std::slice::from_ref(rule);
    let outcome = crate::scan::scan_with(&[file], &texts, one, config, 1);
    let result = outcome.rules.first()?;
    let Some(lines) = lines else {
        return result.applies.then(|| "the rule applies".to_owned());
    };
    if !result.applies {
        return Some(format!("the rule does not apply: none of {} occurs", result.missing.join(", ")));
    }
    if result.undecided > 0 {
        return Some("it could not be decided whether the lock is held".to_owned());
    }
    let found: BTreeSet<u32> =
        outcome.findings.iter().filter(|finding| finding.rule == rule.id).map(|finding| finding.spot.line).collect();
    (found != *lines).then(|| format!("marked lines {lines:?}, found {found:?}"))
}
