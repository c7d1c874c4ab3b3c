//! What an analysis reports.

use crate::program::{FnId, Program};
use native_syntax::ir::{SourceFile, Span};
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing: an inferred requirement, or a pattern that nothing reaches today.
    Note,
    /// Probably wrong.
    Warning,
    /// Wrong: a legal interleaving or input breaks it.
    Error,
}

/// How sure the analysis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Rests on a guess about code that was not seen.
    Low,
    /// Rests on a majority or a custom.
    Medium,
    /// Follows from what was read.
    High,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Spot {
    /// Path as given.
    pub file: String,
    /// First line.
    pub line: u32,
    /// First column, in bytes.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last one.
    pub end_column: u32,
    /// The function it lies in.
    pub function: String,
}

/// A further place that belongs to a finding: the other access, a step of the chain of calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// Where.
    pub spot: Spot,
    /// What happens there.
    pub text: String,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Identifier of the rule.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// One sentence.
    pub message: String,
    /// Where.
    pub spot: Spot,
    /// Other places, in the order of a story.
    pub related: Vec<Related>,
    /// Locks and queues held at the place.
    pub held: Vec<String>,
    /// What it is about: the member, lock or closure.
    pub subject: String,
    /// What to do.
    pub fix: String,
    /// Stays the same while lines move.
    pub fingerprint: String,
}

/// The place of a span in a function.
pub fn spot(program: &Program<'_>, id: FnId, span: Span) -> Spot {
    place(program.source(id), span, program.display(id))
}

/// The place of a span in a file, with the function that it lies in.
pub fn spot_in(program: &Program<'_>, file: usize, span: Span) -> Spot {
    let function = program.function_at(file, span).map_or(String::new(), |id| program.display(id));
    place(&program.files[file], span, function)
}

fn place(file: &SourceFile, span: Span, function: String) -> Spot {
    let (line, column) = file.line_column(span.start);
    let (end_line, end_column) = file.line_column(span.end.max(span.start + 1));
    Spot { file: file.path.clone(), line, column, end_line, end_column, function }
}

impl Finding {
    /// A finding without related places.
    pub fn new(
        program: &Program<'_>,
        rule: &'static str,
        severity: Severity,
        at: (FnId, Span),
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.to_owned(),
            severity,
            confidence: Confidence::Medium,
            message: message.into(),
            spot: spot(program, at.0, at.1),
            related: Vec::new(),
            held: Vec::new(),
            subject: subject.into(),
            fix: String::new(),
            fingerprint: String::new(),
        }
    }

    /// With a confidence.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// With a suggestion.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// With a further place.
    #[must_use]
    pub fn relate(mut self, program: &Program<'_>, at: (FnId, Span), text: impl Into<String>) -> Self {
        self.related.push(Related { spot: spot(program, at.0, at.1), text: text.into() });
        self
    }
}

/// Gives findings their fingerprints: of the rule, the function, the subject and how many alike come before it. Lines
/// do not count, so a finding keeps its fingerprint while the code above it grows.
pub fn fingerprint(findings: &mut [Finding]) {
    let mut seen = std::collections::HashMap::new();
    for finding in findings {
        let key = format!("{}\0{}\0{}\0{}", finding.rule, finding.spot.file, finding.spot.function, finding.subject);
        let number: &mut u32 = seen.entry(key.clone()).or_default();
        finding.fingerprint = format!("{:016x}", fnv(format!("{key}\0{number}").as_bytes()));
        *number += 1;
    }
}

/// The FNV-1a hash, which does not change between versions of a library.
pub fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
