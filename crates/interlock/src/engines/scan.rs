//! Scans of native sources as obligations of a project.
//!
//! An analysis of source text overlooks things by its nature, so that it finds nothing is never more than *tested*, and it
//! is that only if everything was read: what the grammar could not read, and branches of conditionals that were not taken,
//! leave the obligation undecided. A finding is the word of an analysis; nothing was run and nothing can be replayed, so it
//! refutes nothing: the obligation is *declined* for as long as the finding stands, with its fingerprint and its place.
//!
//! A check that cannot fail is noticed by its twins: with a macro defined that breaks the source, the named rule has to find
//! something that it does not find otherwise. Where it does not, that it finds nothing elsewhere is *vacuous*. A twin says
//! something about the rule and nothing about a property, so it is an obligation of its own that has to hold.

use crate::command_error::CommandError;
use crate::commands::{rules, scan};
use crate::native::{self, Where, read_baseline};
use crate::project::Scan;
use native_scan::review::{Review, review};
use native_scan::rules::RuleResult;
use native_scan::{Config, Coverage, RULES};
use report::number::counted;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use verdict::engine::Details;
use verdict::finding::{Finding, Level};
use verdict::{
    Analysis, Context, Decline, Engine, Event, Expectation, Failure, FailureClass, InputText, Obligation, Place,
    Strength, Testing, Vacuity, Verdict,
};

/// Name of the engine in evidence.
pub const ENGINE: &str = "native-scan";

/// The property of rules that the project gives none.
pub const NO_FINDINGS: &str = "no findings";

/// The property that requirements on callers are those that the project lists.
pub const CONTRACTS: &str = "contracts";

/// The scanner, pointed at the sources of one section.
pub struct ScanEngine {
    scan: Scan,
    cache: PathBuf,
    told: Mutex<(Vec<Details>, Vec<InputText>)>,
}

/// What an obligation is about.
enum Target {
    /// These rules find nothing; all that are not in another target where there is no list.
    Rules(Option<Vec<String>>),
    Contracts,
    /// With this macro, this rule finds something.
    Twin(String, String),
}

/// What one reading of the sources gave.
struct Seen {
    review: Review,
    coverage: Coverage,
    structural: Vec<RuleResult>,
    /// Texts by the names that findings use.
    texts: BTreeMap<String, String>,
    /// Files of the structural rules.
    rules: BTreeSet<String>,
}

impl ScanEngine {
    /// For this section.
    pub fn new(scan: Scan, cache: &Path) -> Self {
        Self { scan, cache: cache.join("scan"), told: Mutex::default() }
    }

    fn targets(&self) -> Vec<(Obligation, Target)> {
        let scan = &self.scan;
        let mut of_property: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (rule, id) in scan.properties.iter().filter(|(_, id)| Some(id) != scan.property.as_ref()) {
            of_property.entry(id).or_default().push(rule.clone());
        }
        let mut targets: Vec<(Obligation, Target)> = Vec::new();
        let mut add = |property: &str, target| targets.push((obligation(&scan.name, property), target));
        for (id, rules) in of_property {
            add(id, Target::Rules(Some(rules)));
        }
        add(scan.property.as_deref().unwrap_or(NO_FINDINGS), Target::Rules(None));
        if scan.contracts.is_some() {
            add(CONTRACTS, Target::Contracts);
        }
        for (name, rule) in &scan.broken {
            let twin = obligation(&format!("{}/{name}", scan.name), &format!("{rule} finds {name}"));
            targets.push((twin, Target::Twin(name.clone(), rule.clone())));
        }
        targets
    }

    /// Reads and analyses the sources with one of the macros defined, or none.
    fn look(&self, defined: Option<&str>, workers: usize) -> Result<Seen, CommandError> {
        let scan = &self.scan;
        let mut config = scan::configuration(scan.config.as_deref())?;
        let (on, off): (Vec<_>, Vec<_>) =
            scan.broken.iter().map(|(name, _)| name).partition(|name| Some(name.as_str()) == defined);
        config.macros.defined.extend(on.into_iter().cloned());
        config.macros.undefined.extend(off.into_iter().cloned());
        self.analyse(&config, workers)
    }

    fn analyse(&self, config: &Config, workers: usize) -> Result<Seen, CommandError> {
        let scan = &self.scan;
        let known = scan.baseline.as_deref().map(read_baseline).transpose()?;
        let sources = Where { paths: &scan.paths, base: Some(&scan.folder) };
        let input = native::read(sources, config, Some(&self.cache), workers)?;
        let structural = if scan.rules.is_empty() { Vec::new() } else { rules::read(&scan.rules)? };
        let bytes = input.texts();
        let outcome = native_scan::scan_with(&input.files, &bytes, &structural, config, workers);
        let mut coverage = outcome.coverage;
        coverage.refused.extend(input.unreadable);
        let ids: Vec<&str> = structural.iter().map(|rule| rule.id.as_str()).collect();
        let review = review(outcome.findings, &input.files, &ids, known.as_ref(), None);
        let named = input.files.iter().zip(&bytes);
        let texts = named.map(|(file, text)| (file.path.clone(), String::from_utf8_lossy(text).into_owned())).collect();
        let rules = structural.iter().map(|rule| rule.file.clone()).collect();
        Ok(Seen { review, coverage, structural: outcome.rules, texts, rules })
    }

    /// All findings that are more than notes, known ones too, and how many functions were looked at; those that a comment in
    /// the source suppresses are left out.
    ///
    /// # Errors
    /// If the sources or what decides what is looked for in them cannot be read.
    pub fn everything(self, workers: usize) -> Result<(Vec<Finding>, usize), CommandError> {
        let all = Self { scan: Scan { baseline: None, ..self.scan.clone() }, ..self };
        let seen = all.look(None, workers)?;
        let grave = seen.review.findings.iter().filter(|one| one.severity > native_scan::finding::Severity::Note);
        Ok((grave.map(|one| all.finding(one, &seen)).collect(), seen.coverage.functions))
    }

    /// What switches something off, and what is wrong with the comments that do.
    fn tell(&self, seen: &Seen, context: &Context<'_>) {
        let suppressed = |text| context.events.send(Event::Suppressed { text });
        let warned = |text| context.events.send(Event::Warning { text });
        for one in &seen.review.suppressed {
            let spot = &one.finding.spot;
            suppressed(format!("{} at {}:{}: {}", one.finding.rule, spot.file, spot.line, one.reason));
        }
        if seen.review.known > 0 {
            suppressed(format!("{} known from the baseline", counted(seen.review.known, "finding")));
        }
        if self.scan.accept_unread > 0 {
            suppressed(format!("{} bytes that need not be read (accept_unread)", self.scan.accept_unread));
        }
        for fingerprint in &seen.review.gone {
            warned(format!("{fingerprint} of the baseline is found no more"));
        }
        for remark in &seen.review.remarks {
            warned(format!("{}:{}: {}", remark.file, remark.line, remark.message));
        }
    }

    fn decide(&self, target: &Target, all: &[(Obligation, Target)], seen: &Seen, workers: usize) -> (Verdict, Details) {
        match target {
            Target::Rules(rules) => self.of_rules(rules.as_deref(), all, seen),
            Target::Contracts => self.of_contracts(seen),
            Target::Twin(name, rule) => self.of_twin(name, rule, seen, workers),
        }
    }

    fn of_rules(&self, rules: Option<&[String]>, all: &[(Obligation, Target)], seen: &Seen) -> (Verdict, Details) {
        let elsewhere: BTreeSet<&String> = all
            .iter()
            .filter_map(|(_, target)| match target {
                Target::Rules(Some(rules)) => Some(rules),
                Target::Rules(None) | Target::Contracts | Target::Twin(..) => None,
            })
            .flatten()
            .collect();
        let asked = |rule: &String| match rules {
            Some(rules) => rules.contains(rule),
            None => !elsewhere.contains(rule),
        };
        let findings: Vec<Finding> = seen
            .review
            .findings
            .iter()
            .filter(|one| one.severity > native_scan::finding::Severity::Note && asked(&one.rule))
            .map(|one| self.finding(one, seen))
            .collect();
        let applied = RULES.iter().map(|rule| rule.id.to_owned());
        let applied: Vec<String> = applied
            .chain(seen.structural.iter().filter(|rule| rule.applies).map(|rule| rule.rule.clone()))
            .filter(&asked)
            .collect();
        let absent = seen.structural.iter().filter(|rule| !rule.applies && asked(&rule.rule)).count();
        let undecided = seen
            .structural
            .iter()
            .filter(|rule| rule.undecided > 0 && asked(&rule.rule))
            .map(|rule| rule.rule.as_str());
        let undecided: Vec<&str> = undecided.collect();
        let mut details = self.details(seen);
        if absent > 0 {
            details.remarks.push(format!(
                "{} not applicable: the names that they speak about do not occur",
                counted(absent, "structural rule")
            ));
        }
        let verdict = if let Some(first) = findings.first() {
            declined(
                told(&findings),
                Some(first.place.clone()),
                "mend it, suppress it with a reason, or add its fingerprint to the baseline",
            )
        } else if let Some(verdict) = self.unread(&seen.coverage) {
            verdict
        } else if !undecided.is_empty() {
            declined(
                format!("not decided somewhere: {}", undecided.join(", ")),
                None,
                "`interlock scan --rules` says where",
            )
        } else if applied.is_empty() {
            declined(
                "none of its rules applies: the names that they speak about do not occur".to_owned(),
                None,
                "name the sources that have them",
            )
        } else {
            let (files, functions) = (seen.coverage.files as u64, seen.coverage.functions as u64);
            Verdict::Tested(Testing::Analysis(Analysis { rules: applied, files, functions, found: None }))
        };
        details.findings = findings;
        (verdict, details)
    }

    fn of_contracts(&self, seen: &Seen) -> (Verdict, Details) {
        let listed: BTreeSet<String> = self.scan.contracts.iter().flatten().cloned().collect();
        let found: BTreeSet<String> = seen
            .review
            .findings
            .iter()
            .filter(|one| one.severity == native_scan::finding::Severity::Note && one.subject.starts_with("requires "))
            .map(|one| format!("{} {}", one.spot.function, one.subject))
            .collect();
        let line = |sign: &str, texts: Vec<&String>| {
            texts.into_iter().map(|text| format!("{sign} {text}")).collect::<Vec<_>>()
        };
        let differences =
            [line("new:", found.difference(&listed).collect()), line("gone:", listed.difference(&found).collect())]
                .concat();
        let verdict = if !differences.is_empty() {
            let remedy = "read what the functions require of their callers, and bring `contracts` up to date";
            declined(format!("requirements on callers differ: {}", differences.join("; ")), None, remedy)
        } else if let Some(verdict) = self.unread(&seen.coverage) {
            verdict
        } else {
            let (files, functions) = (seen.coverage.files as u64, seen.coverage.functions as u64);
            let rules = vec!["guarded-by".to_owned()];
            Verdict::Tested(Testing::Analysis(Analysis { rules, files, functions, found: None }))
        };
        (verdict, self.details(seen))
    }

    fn of_twin(&self, name: &str, rule: &str, seen: &Seen, workers: usize) -> (Verdict, Details) {
        let twin = match self.look(Some(name), workers) {
            Ok(twin) => twin,
            Err(error) => return (failed(&error), Details::default()),
        };
        let known: BTreeSet<&String> = seen.review.findings.iter().map(|one| &one.fingerprint).collect();
        let mut new = twin.review.findings.iter().filter(|one| one.rule == rule && !known.contains(&one.fingerprint));
        let details = self.details(&twin);
        let verdict = match new.next() {
            Some(one) => {
                let found = format!("{} {} at {}:{}", one.rule, one.fingerprint, one.spot.file, one.spot.line);
                let (files, functions) = (twin.coverage.files as u64, twin.coverage.functions as u64);
                let rules = vec![rule.to_owned()];
                Verdict::Tested(Testing::Analysis(Analysis { rules, files, functions, found: Some(found) }))
            }
            None => Verdict::Vacuous(Vacuity {
                reason: format!(
                    "`{rule}` finds nothing more where {name} is defined, so that it finds nothing elsewhere says little"
                ),
                witness: None,
            }),
        };
        (verdict, details)
    }

    /// Not analysed is not clean.
    fn unread(&self, coverage: &Coverage) -> Option<Verdict> {
        let place = |file: &String, line| Place {
            file: self.scan.folder.join(file).display().to_string(),
            module: String::new(),
            line,
            column: 1,
            end_line: line,
            end_column: 1,
        };
        if let Some((file, reason)) = coverage.refused.first() {
            let text = format!("{} not read: {file}: {reason}", counted(coverage.refused.len(), "file"));
            return Some(declined(text, Some(place(file, 1)), "leave it out of `paths`, or split it"));
        }
        let bytes = coverage.unread_bytes + coverage.branch_bytes;
        if bytes <= self.scan.accept_unread {
            return None;
        }
        let functions = match coverage.partial.as_slice() {
            [] => String::new(),
            all => format!(", in {} among others {}", counted(all.len(), "function"), all[0].2),
        };
        let text = format!(
            "not analysed: {} bytes that the grammar cannot read and {} in branches that were not taken{functions}",
            coverage.unread_bytes, coverage.branch_bytes
        );
        let first = coverage.partial.first().map(|(file, line, _)| place(file, *line));
        let remedy = format!(
            "say in `config` which macros are defined, or accept what was looked at by hand: accept_unread = {bytes}"
        );
        Some(declined(text, first, &remedy))
    }

    fn details(&self, seen: &Seen) -> Details {
        let coverage = &seen.coverage;
        let figures = [
            ("files", coverage.files),
            ("functions", coverage.functions),
            ("findings", seen.review.findings.len()),
            ("suppressed", seen.review.suppressed.len()),
            ("known", seen.review.known),
        ];
        let mut figures: BTreeMap<String, f64> =
            figures.iter().map(|(name, number)| ((*name).to_owned(), *number as f64)).collect();
        figures.insert("unread_bytes".to_owned(), (coverage.unread_bytes + coverage.branch_bytes) as f64);
        Details { figures, ..Details::default() }
    }

    fn finding(&self, one: &native_scan::finding::Finding, seen: &Seen) -> Finding {
        let place = |spot: &native_scan::finding::Spot| place_of(spot, &self.scan.folder, &seen.texts);
        Finding {
            rule: one.rule.clone(),
            fingerprint: one.fingerprint.clone(),
            level: match one.severity {
                native_scan::finding::Severity::Note => Level::Note,
                native_scan::finding::Severity::Warning => Level::Warning,
                native_scan::finding::Severity::Error => Level::Error,
            },
            message: one.message.clone(),
            place: place(&one.spot),
            function: one.spot.function.clone(),
            fix: one.fix.clone(),
            related: one.related.iter().map(|related| (place(&related.spot), related.text.clone())).collect(),
        }
    }

    /// Sources, and what decides what is looked for in them.
    fn inputs_of(&self, seen: &Seen) -> Vec<InputText> {
        let path = |name: &String| self.scan.folder.join(name).display().to_string();
        let sources =
            seen.texts.iter().map(|(name, text)| InputText { path: path(name), text: Arc::from(text.as_str()) });
        let lists = self.scan.config.iter().chain(&self.scan.baseline).map(|path| path.display().to_string());
        let lists = lists.chain(seen.rules.iter().cloned());
        let lists =
            lists.filter_map(|path| Some(InputText { text: Arc::from(std::fs::read_to_string(&path).ok()?), path }));
        sources.chain(lists).collect()
    }

    fn remember(&self, answers: Vec<(Verdict, Details)>, inputs: Vec<InputText>) -> Vec<Verdict> {
        let (verdicts, details) = answers.into_iter().unzip();
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = (details, inputs);
        verdicts
    }
}

/// A place in bytes as a place in characters, whose end is inclusive.
fn place_of(spot: &native_scan::finding::Spot, folder: &Path, texts: &BTreeMap<String, String>) -> Place {
    let column = |line: u32, column: u32| {
        let text = texts.get(&spot.file).and_then(|text| text.lines().nth(line.saturating_sub(1) as usize));
        let before = text.and_then(|text| text.get(..column.saturating_sub(1) as usize));
        before.map_or(column, |before| u32::try_from(before.chars().count()).unwrap_or(column) + 1)
    };
    Place {
        file: folder.join(&spot.file).display().to_string(),
        module: String::new(),
        line: spot.line,
        column: column(spot.line, spot.column),
        end_line: spot.end_line,
        end_column: column(spot.end_line, spot.end_column).saturating_sub(1).max(1),
    }
}

/// Findings in one sentence: each with its rule, its fingerprint and its place.
fn told(findings: &[Finding]) -> String {
    let one = |finding: &Finding| {
        format!("{} {} at {}: {}", finding.rule, finding.fingerprint, finding.place, finding.message)
    };
    let shown: Vec<String> = findings.iter().take(3).map(one).collect();
    let more = match findings.len() - shown.len() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{}: {}{more}", counted(findings.len(), "finding"), shown.join("; "))
}

fn obligation(model: &str, property: &str) -> Obligation {
    Obligation {
        property: property.to_owned(),
        model: model.to_owned(),
        engine: ENGINE.to_owned(),
        name_in_input: property.to_owned(),
        place: None,
        expectation: Expectation::Holds,
        // No analysis of text can give more.
        asks: Some(Strength::Tested.into()),
    }
}

fn declined(reason: String, place: Option<Place>, remedy: &str) -> Verdict {
    Verdict::Declined(Decline { reason, place, remedy: remedy.to_owned(), induction: None })
}

/// What keeps the sources from being looked at at all.
fn failed(error: &CommandError) -> Verdict {
    let class =
        if error.exit == verdict::ExitCode::System { FailureClass::System } else { FailureClass::Configuration };
    Verdict::Failed(Failure {
        class,
        message: error.message.clone(),
        place: None,
        remedy: error.remedy.clone(),
        trace: None,
        notes: BTreeMap::new(),
    })
}

impl Engine for ScanEngine {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn discover(&self) -> Vec<Obligation> {
        self.targets().into_iter().map(|(obligation, _)| obligation).collect()
    }

    fn discharge(&self, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        context.events.send(Event::Started { model: self.scan.name.clone() });
        let seen = match self.look(None, context.workers) {
            Ok(seen) => seen,
            Err(error) => return self.remember(vec![(failed(&error), Details::default()); group.len()], Vec::new()),
        };
        self.tell(&seen, context);
        let targets = self.targets();
        let answers = group.iter().map(|obligation| {
            if context.events.interrupted() {
                return (declined("interrupted".to_owned(), None, "run it again"), Details::default());
            }
            match targets.iter().find(|(known, _)| known == obligation) {
                Some((_, target)) => self.decide(target, &targets, &seen, context.workers),
                None => (
                    crate::pipeline::internal(format!("{} is no obligation of this scan", obligation.property)),
                    Details::default(),
                ),
            }
        });
        let answers = answers.collect();
        self.remember(answers, self.inputs_of(&seen))
    }

    fn inputs(&self) -> Vec<InputText> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    fn details(&self) -> Vec<Details> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }
}
