//! Where results are kept: trace files for refutations, and the run in the ledger.

use crate::command_error::CommandError;
use ledger::{Ledger, OpenRun, RecordedAnchor, RecordedGap, RunHeader};
use report::RunReport;
use report::itf::{TraceMeta, write_trace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use verdict::engine::Attachment;
use verdict::{Counterexample, Evidence, ExitCode, InputFile, Obligation, Refutation, Verdict};

/// What a trace file says about the model that it belongs to.
#[derive(Debug, Clone, Default)]
pub struct TraceFiles {
    /// The specification.
    pub source: PathBuf,
    /// The configuration.
    pub config: Option<PathBuf>,
    /// Folders that modules are looked for in.
    pub search_path: Vec<PathBuf>,
    /// Invariants that were given as expressions.
    pub invariants: Vec<String>,
    /// The invariant of an induction, as it was given.
    pub inductive: Option<String>,
    /// Constants that took the place of those of the configuration.
    pub constants: Vec<String>,
}

impl TraceFiles {
    /// The trace of a refutation as the text of an ITF file.
    pub fn itf(&self, evidence: &Evidence, refutation: &Refutation) -> String {
        self.text(evidence, &refutation.counterexample, refutation.exit_code)
    }

    /// What a verdict has to show as the text of an ITF file: a behavior that refutes, or why an induction fails.
    pub fn itf_of(&self, evidence: &Evidence) -> Option<String> {
        match &evidence.verdict {
            Verdict::Refuted(refutation) => Some(self.itf(evidence, refutation)),
            Verdict::Declined(decline) => {
                let found = decline.induction.as_deref()?;
                Some(self.text(evidence, found, ExitCode::Inconclusive.code()))
            }
            Verdict::Proved(_)
            | Verdict::Exhausted(_)
            | Verdict::Bounded { .. }
            | Verdict::Tested(_)
            | Verdict::Vacuous(_)
            | Verdict::Assumed(_)
            | Verdict::Failed(_) => None,
        }
    }

    fn text(&self, evidence: &Evidence, counterexample: &Counterexample, exit_code: u8) -> String {
        let text = |path: &PathBuf| path.display().to_string();
        let meta = TraceMeta {
            source: text(&self.source),
            config: self.config.as_ref().map(text),
            search_path: self.search_path.iter().map(text).collect(),
            invariants: self.invariants.clone(),
            inductive: self.inductive.clone(),
            constants: self.constants.clone(),
            model: evidence.obligation.model.clone(),
            property: evidence.obligation.property.clone(),
            name_in_input: evidence.obligation.name_in_input.clone(),
            exit_code,
        };
        write_trace(&counterexample.trace, &meta, env!("CARGO_PKG_VERSION"))
    }
}

/// Says in the evidence where the trace stands and how it is replayed.
pub fn point_to_trace(evidence: &mut Evidence, path: &Path) {
    if let Verdict::Refuted(refutation) = &mut evidence.verdict {
        refutation.replay_command = format!("interlock replay {}", quoted(&path.display().to_string()));
    }
    evidence.artefacts.insert("trace".to_owned(), path.display().to_string());
}

/// A word of a command line that a shell takes as one word.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A run that is being recorded.
pub struct Recorder {
    run: OpenRun,
    started_unix_ms: u64,
}

/// Takes a number in the ledger of a project.
pub fn begin_recording(folder: &Path) -> Result<Recorder, CommandError> {
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let started_unix_ms = u64::try_from(started.as_millis()).unwrap_or(u64::MAX);
    Ok(Recorder { run: Ledger::of_project(folder).begin()?, started_unix_ms })
}

impl Recorder {
    /// The run's folder.
    pub fn folder(&self) -> &Path {
        self.run.folder()
    }

    /// The file that events go to while the run goes on.
    pub fn events_file(&self) -> Result<std::fs::File, CommandError> {
        Ok(self.run.events_file()?)
    }

    /// Writes the traces of a model's refutations.
    pub fn keep_traces(&self, evidence: &mut [Evidence], files: &TraceFiles) -> Result<(), CommandError> {
        for one in evidence {
            let Verdict::Refuted(refutation) = &one.verdict else { continue };
            let name = format!("{}-{}", one.obligation.model, one.obligation.name_in_input);
            let path = self.run.write_trace(&name, &files.itf(one, refutation))?;
            point_to_trace(one, &path);
        }
        Ok(())
    }

    /// Writes the files that belong to verdicts, beside their traces where they have one, else in a folder of their own.
    pub fn keep_attachments(
        &self,
        evidence: &mut [Evidence],
        attachments: &[Vec<Attachment>],
    ) -> Result<(), CommandError> {
        for (one, files) in evidence.iter_mut().zip(attachments) {
            let beside = match one.artefacts.get("trace") {
                Some(trace) => trace.trim_end_matches(".itf.json").to_owned(),
                None if files.is_empty() => continue,
                None => self.kept(&one.obligation, files)?,
            };
            for file in files {
                let path = format!("{beside}.{}", file.name);
                std::fs::write(&path, &file.text).map_err(|error| {
                    let message = format!("cannot write {path}: {error}");
                    CommandError::new(ExitCode::System, message, "check space and permissions")
                })?;
                if let (Verdict::Refuted(refutation), false) = (&mut one.verdict, file.command.is_empty()) {
                    refutation.replay_command = file.command.replace("{}", &quoted(&path));
                }
                one.artefacts.insert(file.kind.clone(), path);
            }
        }
        Ok(())
    }

    /// Where files that belong to no trace go, without their endings. A name that is taken already gets a number behind it.
    fn kept(&self, obligation: &Obligation, files: &[Attachment]) -> Result<String, CommandError> {
        let folder = self.run.folder().join("kept");
        std::fs::create_dir_all(&folder).map_err(|error| {
            let message = format!("cannot create {}: {error}", folder.display());
            CommandError::new(ExitCode::System, message, "check space and permissions")
        })?;
        let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let name = format!("{}-{}", obligation.model, obligation.name_in_input);
        let name: String = name.trim_start_matches('.').chars().map(safe).collect();
        let is_taken = |name: &str| files.iter().any(|file| folder.join(format!("{name}.{}", file.name)).exists());
        let mut free = name.clone();
        let mut number = 2;
        while is_taken(&free) {
            free = format!("{name}-{number}");
            number += 1;
        }
        Ok(folder.join(free).display().to_string())
    }

    /// Writes evidence and header.
    pub fn finish(
        self,
        report: &RunReport,
        project_file: InputFile,
        anchors: Vec<RecordedAnchor>,
    ) -> Result<PathBuf, CommandError> {
        let mut inputs: BTreeSet<InputFile> = BTreeSet::from([project_file]);
        inputs.extend(report.evidence.iter().flat_map(|one| one.inputs.iter().cloned()));
        let working_folder = std::env::current_dir().map_err(|error| {
            CommandError::new(ExitCode::System, format!("cannot tell the working folder: {error}"), "")
        })?;
        let header = RunHeader {
            format: ledger::FORMAT.to_owned(),
            version: ledger::VERSION,
            run: self.run.number(),
            command_line: std::env::args().collect(),
            working_folder: working_folder.display().to_string(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            started_unix_ms: self.started_unix_ms,
            seeds: BTreeMap::new(),
            inputs: inputs.into_iter().collect(),
            exit_code: report.exit_code,
            figures: report.figures.clone(),
            title: report.title.clone(),
            required: report.required,
            gaps: report.gaps.iter().map(recorded_gap).collect(),
            anchors,
            properties: report.properties.clone(),
            suppressions: report.suppressions.clone(),
            warnings: report.warnings.clone(),
        };
        Ok(self.run.finish(&header, &report.evidence)?)
    }
}

fn recorded_gap(gap: &report::Gap) -> RecordedGap {
    RecordedGap { property: gap.property.clone(), reason: gap.reason.clone() }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_only_where_a_shell_needs_it() {
        assert_eq!(quoted("a/b-1.itf.json"), "a/b-1.itf.json");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
