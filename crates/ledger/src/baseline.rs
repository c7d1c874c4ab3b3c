//! Findings that are known, so that a run fails only for new ones.
//!
//! A baseline lists obligations that were not met, each with the strength that its verdict had. It excuses an obligation
//! only while the verdict is of that very strength: what was declined and is now refuted is new, and so is what was
//! refuted and is now undecided. A verdict that failed is never listed, because it says nothing about the property.

use serde::{Deserialize, Serialize};
use verdict::{Evidence, Strength};

/// Value of `format` in a baseline.
const FORMAT: &str = "interlock-baseline";

/// Value of `version` that this version writes and reads.
const VERSION: u32 = 1;

/// A list of known findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    format: String,
    version: u32,
    /// The findings, in the order of the run that they were taken from.
    pub findings: Vec<KnownFinding>,
}

/// An obligation that is known not to be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFinding {
    /// Name of the model.
    pub model: String,
    /// The property.
    pub property: String,
    /// Its name in the input.
    pub name_in_input: String,
    /// The engine.
    pub engine: String,
    /// The strength of its verdict.
    pub strength: Strength,
}

impl KnownFinding {
    fn of(evidence: &Evidence) -> Self {
        let obligation = &evidence.obligation;
        Self {
            model: obligation.model.clone(),
            property: obligation.property.clone(),
            name_in_input: obligation.name_in_input.clone(),
            engine: obligation.engine.clone(),
            strength: evidence.verdict.strength(),
        }
    }
}

impl Baseline {
    /// The baseline that excuses these obligations, none of which is met.
    pub fn of<'e>(unmet: impl IntoIterator<Item = &'e Evidence>) -> Self {
        let findings = unmet.into_iter().map(KnownFinding::of);
        let findings = findings.filter(|finding| finding.strength != Strength::Failed).collect();
        Self { format: FORMAT.to_owned(), version: VERSION, findings }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if baseline.format != FORMAT || baseline.version != VERSION {
            return Err(format!("expected format {FORMAT} and version {VERSION}"));
        }
        match baseline.findings.iter().find(|finding| finding.strength == Strength::Failed) {
            Some(finding) => Err(format!("{} in {} failed, which cannot be excused", finding.property, finding.model)),
            None => Ok(baseline),
        }
    }

    /// The text of the file.
    pub fn write(&self) -> String {
        // Only strings and numbers are in it, so this cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Whether an obligation that is not met is listed.
    pub fn excuses(&self, evidence: &Evidence) -> bool {
        self.findings.contains(&KnownFinding::of(evidence))
    }

    /// The findings that none of the obligations that are not met has.
    pub fn outlived<'b>(&'b self, unmet: &[&Evidence]) -> Vec<&'b KnownFinding> {
        let current: Vec<KnownFinding> = unmet.iter().map(|evidence| KnownFinding::of(evidence)).collect();
        self.findings.iter().filter(|finding| !current.contains(finding)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use verdict::{Decline, Expectation, Obligation, Vacuity, Verdict};

    fn evidence(property: &str, verdict: Verdict) -> Evidence {
        let obligation = Obligation {
            property: property.to_owned(),
            model: "Pool".to_owned(),
            engine: "tla-explore".to_owned(),
            name_in_input: property.to_owned(),
            place: None,
            expectation: Expectation::Holds,
            asks: None,
        };
        let (inputs, tools, figures) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Evidence {
            obligation,
            verdict,
            inputs,
            tools,
            figures,
            artefacts: BTreeMap::new(),
            remarks: Vec::new(),
            findings: Vec::new(),
            absent_tool: None,
        }
    }

    fn declined() -> Verdict {
        Verdict::Declined(Decline { reason: String::new(), place: None, remedy: String::new(), induction: None })
    }

    #[test]
    fn only_the_same_verdict_is_excused() {
        let known = evidence("Safe", declined());
        let baseline = Baseline::parse(&Baseline::of([&known]).write()).expect("a baseline");
        assert!(baseline.excuses(&known));
        let vacuous = Verdict::Vacuous(Vacuity { reason: String::new(), witness: None });
        assert!(!baseline.excuses(&evidence("Safe", vacuous)), "another verdict is a new finding");
        assert!(!baseline.excuses(&evidence("Other", declined())));
        assert_eq!(baseline.outlived(&[]).len(), 1);
        assert!(baseline.outlived(&[&known]).is_empty());
    }

    #[test]
    fn another_file_is_refused() {
        assert!(Baseline::parse("{}").is_err());
        let text = Baseline::of([&evidence("Safe", declined())]).write();
        assert!(Baseline::parse(&text.replace("declined", "failed")).is_err());
        assert!(Baseline::parse(&text.replace("\"version\": 1", "\"version\": 2")).is_err());
    }
}
