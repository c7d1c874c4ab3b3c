//! From files to findings.

use crate::config::Config;
use crate::facts::Facts;
use crate::finding::{Finding, fingerprint};
use crate::program::Program;
use crate::rules::{RuleResult, StructuralRule, evaluate};
use native_syntax::ir::{SourceFile, UnreadReason};
use serde::Serialize;
use std::sync::Arc;

/// How much of the input was analysed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Coverage {
    /// Files.
    pub files: usize,
    /// Bytes.
    pub bytes: u64,
    /// Bytes that the grammar could not read, or that lie in files that were refused.
    pub unread_bytes: u64,
    /// Bytes in preprocessor branches that were not taken.
    pub branch_bytes: u64,
    /// Bodies of functions, closures not counted.
    pub functions: usize,
    /// Functions with a part that was not read: file, line, name.
    pub partial: Vec<(String, u32, String)>,
    /// Files that were not read at all: path, reason.
    pub refused: Vec<(String, String)>,
}

/// What a scan found.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// All findings, by place.
    pub findings: Vec<Finding>,
    /// What was analysed.
    pub coverage: Coverage,
    /// What became of the structural rules.
    pub rules: Vec<RuleResult>,
}

/// Analyses a program.
pub fn scan(files: &[Arc<SourceFile>], config: &Config, workers: usize) -> Outcome {
    scan_with(files, &[], &[], config, workers)
}

/// Analyses a program, and runs structural rules over the texts of its files, which come in the same order.
pub fn scan_with(
    files: &[Arc<SourceFile>],
    texts: &[Vec<u8>],
    rules: &[StructuralRule],
    config: &Config,
    workers: usize,
) -> Outcome {
    let coverage = coverage(files);
    let settings = config.settings();
    let (findings, rules) = crate::parallel::on_large_stack(|| {
        let program = Program::new(files, config);
        let facts = Facts::new(&program, workers);
        let mut findings = crate::analyses::run(&facts);
        let mut results = Vec::new();
        if !rules.is_empty() {
            let (told, found) = evaluate(&facts, texts, rules, &settings);
            results = told;
            findings.extend(found);
            findings.sort_by(|a, b| (&a.spot, &a.rule, &a.subject).cmp(&(&b.spot, &b.rule, &b.subject)));
        }
        fingerprint(&mut findings);
        (findings, results)
    });
    Outcome { findings, coverage, rules }
}

fn coverage(files: &[Arc<SourceFile>]) -> Coverage {
    let mut coverage = Coverage { files: files.len(), ..Coverage::default() };
    for file in files {
        coverage.bytes += u64::from(file.bytes);
        if let Some(reason) = &file.refused {
            coverage.refused.push((file.path.clone(), reason.clone()));
            coverage.unread_bytes += u64::from(file.bytes);
        }
        for unread in &file.unread {
            let bytes = u64::from(unread.span.end.saturating_sub(unread.span.start));
            match unread.reason {
                UnreadReason::Branch => coverage.branch_bytes += bytes,
                UnreadReason::Syntax | UnreadReason::Depth => coverage.unread_bytes += bytes,
            }
        }
        for function in file.functions.iter().filter(|function| function.body.is_some() && function.parent.is_none()) {
            coverage.functions += 1;
            if function.unread_bytes > 0 {
                let line = file.line(function.name_span.start);
                coverage.partial.push((file.path.clone(), line, function.name.text().to_owned()));
            }
        }
    }
    coverage
}
