//! Runs of CBMC: which flags, and whether a run has decided anything.
//!
//! A run counts only if everything fits together: it ended by itself, its output is whole, its exit code, its last word and
//! its results say the same. Whatever else happens is told apart, because the remedies differ: out of time, out of memory,
//! a program that CBMC cannot read, a crash.

use super::harness::Harness;
use super::output::{Broken, Goal, Output, PropertyResult, Status, Unreadable, read};
use super::trace::place;
use crate::process::{Ending, Finished, Invocation, Job, Limits, run};
use std::collections::BTreeMap;
use std::ffi::OsString;
use verdict::{Decline, Failure, FailureClass, Place, Verdict};

/// CBMC, pointed at one variant of a harness.
pub struct Runner<'a> {
    /// How CBMC is started.
    pub invocation: &'a Invocation,
    /// The harness.
    pub harness: &'a Harness,
    /// The macro that breaks it.
    pub macro_name: Option<&'a str>,
    /// Memory that a run may take.
    pub memory: u64,
    /// Whether to stop.
    pub stop: &'a dyn Fn() -> bool,
}

/// What a run has decided, with what it took.
pub struct Decided<T> {
    /// The results.
    pub results: T,
    /// Seconds.
    pub wall_s: f64,
    /// Most memory seen, in bytes.
    pub peak_bytes: u64,
}

impl Runner<'_> {
    /// The text that CBMC's preprocessor makes of the source.
    ///
    /// # Errors
    /// The verdict on everything, if there is none.
    pub fn preprocessed(&self) -> Result<String, Verdict> {
        let finished = self.run(&["--preprocess"])?;
        if finished.succeeded() {
            // The tool's greeting stands before the text, which begins with a line marker.
            let text = finished.text();
            let start = if text.starts_with('#') { Some(0) } else { text.find("\n#").map(|index| index + 1) };
            return Ok(start.map_or_else(String::new, |start| text[start..].to_owned()));
        }
        let first = finished.stderr.lines().chain(std::str::from_utf8(&finished.stdout).unwrap_or("").lines());
        let told: Vec<&str> = first.filter(|line| line.contains("error") || line.contains("ERROR")).take(3).collect();
        match finished.ending {
            Ending::Exited(_) => Err(unreadable_source(&told.join("; "), None)),
            Ending::Signalled(_) | Ending::TimedOut | Ending::Interrupted | Ending::WroteTooMuch => {
                Err(self.undecided(&finished, None))
            }
        }
    }

    /// Flags that decide what is checked, for the hash of a result.
    pub fn checking_flags(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["--unwind".into(), self.harness.unwind.to_string().into()];
        words.extend(self.harness.flags.iter().map(Into::into));
        words.extend(self.macro_name.map(|name| OsString::from(format!("-D{name}"))));
        words
    }

    /// The verdict on every property, with paths to those that fail.
    ///
    /// # Errors
    /// The verdict on everything, if the run has decided nothing.
    pub fn check(&self) -> Result<Decided<Vec<PropertyResult>>, Verdict> {
        let finished = self.run(&["--json-ui", "--trace", "--unwinding-assertions"])?;
        let results = self.results_of(&finished)?;
        Ok(decided(results, &finished))
    }

    /// Which assertions some path reaches.
    ///
    /// # Errors
    /// The verdict on everything, if the run has decided nothing.
    pub fn cover(&self) -> Result<Decided<Vec<Goal>>, Verdict> {
        let finished = self.run(&["--json-ui", "--cover", "assertion"])?;
        let output = self.output_of(&finished)?;
        match output.goals {
            Some(goals) if output.errors.is_empty() => Ok(decided(goals, &finished)),
            Some(_) | None => Err(self.undecided(&finished, Some(&output))),
        }
    }

    /// The properties of the program, none decided; `None` if there is no such list.
    pub(super) fn listed(&self) -> Option<Vec<PropertyResult>> {
        let finished = self.run(&["--json-ui", "--show-properties"]).ok()?;
        let output = read(&finished.stdout).ok()?;
        (finished.succeeded() && output.errors.is_empty()).then_some(output.listed).flatten()
    }

    /// The property that a run stopped at, if it stopped at one and all of it fits together.
    pub(super) fn broken(&self, words: &[&str]) -> Option<Decided<Broken>> {
        let finished = self.run(words).ok()?;
        let output = read(&finished.stdout).ok()?;
        let fits = finished.ending == Ending::Exited(10) && output.status.as_deref() == Some("failure");
        let broken = output.broken.filter(|_| fits && output.errors.is_empty())?;
        Some(decided(broken, &finished))
    }

    fn run(&self, words: &[&str]) -> Result<Finished, Verdict> {
        let source = self.harness.source.as_os_str().to_owned();
        let words = words.iter().map(OsString::from).chain(self.checking_flags()).chain([source]);
        let limits = Limits::of_time(self.harness.time).with_memory(Some(self.memory));
        run(&Job::new(self.invocation, words), &limits, self.stop).map_err(|error| {
            failed(FailureClass::System, format!("cbmc cannot be started: {error}"), None, "check the installation")
        })
    }

    /// The results of a run, if it has decided.
    pub(super) fn results_of(&self, finished: &Finished) -> Result<Vec<PropertyResult>, Verdict> {
        let output = self.output_of(finished)?;
        let undecided = |output: &Output| self.undecided(finished, Some(output));
        let Some(status) = output.status.as_deref() else { return Err(undecided(&output)) };
        let results = output.results.as_deref().unwrap_or_default();
        let all_hold = results.iter().all(|result| result.status == Status::Success);
        let fits = match (finished.ending, status) {
            (Ending::Exited(0), "success") => all_hold,
            (Ending::Exited(10), "failure") => !all_hold,
            _ => return Err(undecided(&output)),
        };
        if !fits || !output.errors.is_empty() {
            let message = format!("cbmc contradicts itself: it ends with {status}, but its results do not say so");
            return Err(failed(FailureClass::System, message, None, "run it by hand, and report it to its authors"));
        }
        Ok(output.results.unwrap_or_default())
    }

    fn output_of(&self, finished: &Finished) -> Result<Output, Verdict> {
        match (finished.ending, read(&finished.stdout)) {
            (Ending::Exited(_), Ok(output)) => Ok(output),
            (Ending::Exited(_), Err(unreadable)) if !out_of_memory(finished) => Err(self.unreadable(&unreadable)),
            (_, _) => Err(self.undecided(finished, None)),
        }
    }

    fn unreadable(&self, reason: &Unreadable) -> Verdict {
        let message = format!("cbmc decided nothing about {}: {reason}", self.harness.source.display());
        failed(FailureClass::System, message, None, "run it by hand with --json-ui and look at what it writes")
    }

    /// The verdict on a run that has decided nothing.
    fn undecided(&self, finished: &Finished, output: Option<&Output>) -> Verdict {
        let memory = self.memory >> 20;
        let memory_out = || {
            let remedy = "raise `memory` of the harness, or lower its bounds";
            declined(format!("cbmc ran out of its {memory} MiB of memory"), remedy)
        };
        match finished.ending {
            Ending::TimedOut => {
                let seconds = self.harness.time.as_secs();
                declined(
                    format!("cbmc was stopped after {seconds} s"),
                    "raise `timeout` of the harness, or lower its bounds",
                )
            }
            Ending::Interrupted => declined("cbmc was interrupted".to_owned(), "run it again"),
            Ending::WroteTooMuch => declined(
                "cbmc wrote more than is read".to_owned(),
                "make its traces shorter: lower the bounds of the harness",
            ),
            Ending::Signalled(9) => memory_out(),
            _ if out_of_memory(finished) => memory_out(),
            Ending::Signalled(signal) => {
                let message = format!("cbmc crashed (signal {signal})");
                failed(FailureClass::System, message, None, "run it by hand, and report it to its authors")
            }
            Ending::Exited(code) => exited(code, output),
        }
    }
}

/// A run that ended by itself without a verdict.
fn exited(code: i32, output: Option<&Output>) -> Verdict {
    let errors = output.map(|output| output.errors.as_slice()).unwrap_or_default();
    let told = errors.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join("; ");
    let at = errors.iter().find_map(|(_, location)| place(location));
    let cannot_read = ["PARSING ERROR", "CONVERSION ERROR", "Failed to open input file", "syntax error"];
    if cannot_read.iter().any(|words| told.contains(words)) {
        return unreadable_source(&told, at);
    }
    if code == 64 || told.contains("Usage error") {
        return failed(
            FailureClass::Configuration,
            format!("cbmc refuses its flags: {told}"),
            at,
            "correct `flags` of the harness",
        );
    }
    let told = if told.is_empty() { "it said nothing".to_owned() } else { told };
    let message = format!("cbmc ended with code {code} and no verdict: {told}");
    failed(FailureClass::System, message, at, "run it by hand, and report it to its authors")
}

fn unreadable_source(told: &str, at: Option<Place>) -> Verdict {
    let told = if told.is_empty() { "it said nothing" } else { told };
    failed(FailureClass::Parse, format!("cbmc cannot read the harness: {told}"), at, "correct the harness")
}

/// What the C++ library and CBMC say when memory runs out, whatever the exit code then is.
fn out_of_memory(finished: &Finished) -> bool {
    let marks = ["bad_alloc", "Out of memory", "out of memory", "Cannot allocate memory"];
    let tail = &finished.stdout[finished.stdout.len().saturating_sub(4096)..];
    let tail = String::from_utf8_lossy(tail);
    marks.iter().any(|mark| finished.stderr.contains(mark) || tail.contains(mark))
}

fn decided<T>(results: T, finished: &Finished) -> Decided<T> {
    Decided { results, wall_s: finished.wall.as_secs_f64(), peak_bytes: finished.peak_bytes }
}

/// A declined verdict.
pub fn declined(reason: String, remedy: &str) -> Verdict {
    Verdict::Declined(Decline { reason, place: None, remedy: remedy.to_owned(), induction: None })
}

/// A failed verdict.
pub fn failed(class: FailureClass, message: String, place: Option<Place>, remedy: &str) -> Verdict {
    let remedy = remedy.to_owned();
    Verdict::Failed(Failure { class, message, place, remedy, trace: None, notes: BTreeMap::new() })
}
