//! Compiling a folder of Coq files, in the order of their dependencies, in parallel, and only what changed.
//!
//! Files are compiled in a copy of the folder that the adapter keeps, so nothing is written beside the sources and no
//! compiled file of other origin is ever believed. A file's key is a hash of its text, of the flags, of the compiler, of the
//! installed libraries and of the keys of what it requires; it stands beside the compiled file, and where it is the same,
//! nothing is done.

use super::project::Folder;
use crate::content::ContentHash;
use crate::process::{Ending, Finished, Invocation, Job, Limits, run};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

/// Coq's programs.
#[derive(Debug, Clone)]
pub struct Programs {
    /// Compiles a file.
    pub compiler: (Invocation, Vec<OsString>),
    /// Tells what a file requires.
    pub dependencies: (Invocation, Vec<OsString>),
    /// What says which compiler and libraries these are.
    pub identity: String,
}

/// A build of a folder.
pub struct Build<'a> {
    /// The folder.
    pub folder: &'a Folder,
    /// Where it is compiled.
    pub copy: &'a Path,
    /// The programs.
    pub programs: &'a Programs,
    /// Limits of each compilation.
    pub limits: Limits,
    /// How many at a time.
    pub workers: usize,
    /// Whether to stop.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiled {
    /// Compiled now, or before from the same content.
    Done {
        /// Its key.
        key: String,
        /// Whether it was compiled now.
        now: bool,
    },
    /// Rejected, or not decided.
    Failed(Complaint),
    /// Something that it requires was not compiled.
    Blocked(PathBuf),
}

/// What the compiler says against a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The words.
    pub message: String,
    /// Line and columns, from 1.
    pub at: Option<(u32, u32, u32)>,
    /// Whether the compiler has decided: it rejects the file, and did not run out of anything.
    pub is_decided: bool,
}

/// What came of all files.
pub type Outcome = BTreeMap<PathBuf, Compiled>;

impl Build<'_> {
    /// Copies and compiles what changed.
    ///
    /// # Errors
    /// If the copy cannot be written, or the dependencies cannot be told.
    pub fn run(&self) -> Result<Outcome, String> {
        let texts = self
            .copy_sources()
            .map_err(|error| format!("the folder {} is not writable: {error}", self.copy.display()))?;
        let requires = self.requirements()?;
        let state = Mutex::new(Outcome::new());
        let changed = Condvar::new();
        let taken = Mutex::new(std::collections::BTreeSet::new());
        std::thread::scope(|scope| {
            for _ in 0..self.workers.max(1) {
                scope.spawn(|| self.work(&texts, &requires, &state, &changed, &taken));
            }
        });
        Ok(state.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// One worker: takes a file whose requirements are done, until all are.
    fn work(
        &self,
        texts: &BTreeMap<PathBuf, Vec<u8>>,
        requires: &BTreeMap<PathBuf, Vec<PathBuf>>,
        state: &Mutex<Outcome>,
        changed: &Condvar,
        taken: &Mutex<std::collections::BTreeSet<PathBuf>>,
    ) {
        let none = Vec::new();
        loop {
            let mut done = state.lock().unwrap_or_else(PoisonError::into_inner);
            let next = loop {
                if done.len() == texts.len() {
                    return;
                }
                let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
                let ready = |file: &&PathBuf| {
                    !taken.contains(*file)
                        && requires.get(*file).unwrap_or(&none).iter().all(|other| done.contains_key(other))
                };
                if let Some(file) = texts.keys().find(ready) {
                    taken.insert(file.clone());
                    break file;
                }
                // Nobody works and nothing is ready: files that require each other in a circle.
                if taken.len() == done.len() {
                    drop(taken);
                    self.give_up(texts, &mut done);
                    changed.notify_all();
                    return;
                }
                drop(taken);
                done = changed.wait(done).unwrap_or_else(PoisonError::into_inner);
            };
            let needed: Vec<(PathBuf, Compiled)> = requires
                .get(next)
                .unwrap_or(&none)
                .iter()
                .filter_map(|other| Some((other.clone(), done.get(other)?.clone())))
                .collect();
            drop(done);
            let outcome = self.one(next, texts.get(next).map_or(&[], Vec::as_slice), &needed);
            state.lock().unwrap_or_else(PoisonError::into_inner).insert(next.clone(), outcome);
            changed.notify_all();
        }
    }

    fn give_up(&self, texts: &BTreeMap<PathBuf, Vec<u8>>, done: &mut Outcome) {
        for file in texts.keys() {
            let message = "it requires itself, by way of other files".to_owned();
            let complaint = Complaint { message, at: None, is_decided: true };
            done.entry(file.clone()).or_insert(Compiled::Failed(complaint));
        }
    }

    fn one(&self, file: &Path, text: &[u8], needed: &[(PathBuf, Compiled)]) -> Compiled {
        let mut hash = ContentHash::new().with(&self.programs.identity).with(text);
        hash = self.folder.flags.iter().fold(hash, |hash, flag| hash.with(flag));
        for (other, compiled) in needed {
            match compiled {
                Compiled::Done { key, .. } => hash = hash.with(key),
                Compiled::Failed(_) | Compiled::Blocked(_) => return Compiled::Blocked(other.clone()),
            }
        }
        let key = hash.finish();
        let (object, mark) = (self.copy.join(file).with_extension("vo"), self.copy.join(file).with_extension("key"));
        if object.is_file() && fs::read_to_string(&mark).is_ok_and(|known| known == key) {
            return Compiled::Done { key, now: false };
        }
        // The mark goes first and comes last, so that it never stands beside a file of other content.
        let _ = fs::remove_file(&mark);
        let _ = fs::remove_file(&object);
        match self.compile(file) {
            Ok(finished) if finished.succeeded() && object.is_file() => match fs::write(&mark, &key) {
                Ok(()) => Compiled::Done { key, now: true },
                Err(error) => Compiled::Failed(undecided(format!("{} is not writable: {error}", mark.display()))),
            },
            Ok(finished) => Compiled::Failed(self.complaint(&finished)),
            Err(error) => Compiled::Failed(undecided(format!("the compiler cannot be started: {error}"))),
        }
    }

    /// Compiles a file of the copy.
    ///
    /// # Errors
    /// If the compiler cannot be started.
    pub fn compile(&self, file: &Path) -> io::Result<Finished> {
        let (invocation, words) = &self.programs.compiler;
        let flags = self.folder.flags.iter().map(OsString::from);
        let words = words.iter().cloned().chain(flags).chain([file.as_os_str().to_owned()]);
        run(&Job::new(invocation, words).in_folder(self.copy), &self.limits, self.stop)
    }

    /// What stands against a file that was not compiled.
    pub fn complaint(&self, finished: &Finished) -> Complaint {
        let seconds = self.limits.time.as_secs();
        match finished.ending {
            Ending::TimedOut => undecided(format!("it was stopped after {seconds} s")),
            Ending::Interrupted => undecided("it was interrupted".to_owned()),
            Ending::WroteTooMuch => undecided("it wrote more than is read".to_owned()),
            Ending::Signalled(9) => undecided("it was killed, probably for want of memory".to_owned()),
            Ending::Signalled(signal) => undecided(format!("it crashed (signal {signal})")),
            Ending::Exited(0) => undecided("it succeeded, but left no compiled file".to_owned()),
            Ending::Exited(_) if finished.stderr.contains("Out of memory") => {
                undecided("it ran out of memory".to_owned())
            }
            Ending::Exited(_) => complaint_in(&finished.stderr),
        }
    }

    /// Brings the copy up to date, and removes what is no longer there.
    fn copy_sources(&self) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut texts = BTreeMap::new();
        for file in &self.folder.files {
            let bytes = fs::read(self.folder.root.join(file))?;
            let goal = self.copy.join(file);
            if let Some(parent) = goal.parent() {
                fs::create_dir_all(parent)?;
            }
            if fs::read(&goal).ok().as_deref() != Some(&bytes) {
                fs::write(&goal, &bytes)?;
            }
            texts.insert(file.clone(), bytes);
        }
        Ok(texts)
    }

    /// What each file requires of the others.
    fn requirements(&self) -> Result<BTreeMap<PathBuf, Vec<PathBuf>>, String> {
        let (invocation, words) = &self.programs.dependencies;
        let flags = mapping_flags(&self.folder.flags);
        let files = self.folder.files.iter().map(|file| file.as_os_str().to_owned());
        let words = words.iter().cloned().chain(flags.into_iter().map(OsString::from)).chain(files);
        let job = Job::new(invocation, words).in_folder(self.copy);
        let finished =
            run(&job, &self.limits, self.stop).map_err(|error| format!("coqdep cannot be started: {error}"))?;
        if !finished.succeeded() {
            return Err(format!("coqdep fails: {}", finished.stderr.trim()));
        }
        Ok(requirements_in(&finished.text(), &self.folder.files))
    }
}

/// Nothing was decided, for this reason.
pub fn undecided(message: String) -> Complaint {
    Complaint { message, at: None, is_decided: false }
}

/// Of the compiler's flags those that say where files are.
fn mapping_flags(flags: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = flags.iter();
    while let Some(word) = words.next() {
        let count = match word.as_str() {
            "-Q" | "-R" => 2,
            "-I" => 1,
            _ => continue,
        };
        found.push(word.clone());
        found.extend(words.by_ref().take(count).cloned());
    }
    found
}

/// Lines `a.vo a.glob …: a.v b.vo`, as for make.
fn requirements_in(text: &str, files: &[PathBuf]) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let normal = |word: &str| PathBuf::from(word.strip_prefix("./").unwrap_or(word));
    let is_object = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "vo");
    let mut found = BTreeMap::new();
    for line in text.replace("\\\n", " ").lines() {
        let Some((targets, needed)) = line.split_once(':') else { continue };
        let Some(target) = targets.split_whitespace().map(normal).find(is_object) else { continue };
        let sources = needed.split_whitespace().map(normal).filter(is_object).map(|path| path.with_extension("v"));
        let own: Vec<PathBuf> = sources.filter(|source| files.contains(source)).collect();
        found.insert(target.with_extension("v"), own);
    }
    found
}

/// `File "./aba.v", line 12, characters 2-15:` and the error after it.
fn complaint_in(stderr: &str) -> Complaint {
    let lines: Vec<&str> = stderr.lines().collect();
    let is_error = |line: &&str| line.starts_with("Error:") || **line == *"Error" || line.starts_with("Error ");
    let Some(index) = lines.iter().position(is_error) else {
        let message = if stderr.trim().is_empty() { "it said nothing" } else { stderr.trim() };
        return Complaint { message: message.to_owned(), at: None, is_decided: false };
    };
    let message = lines[index..].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let message = message.trim_start_matches("Error:").trim().to_owned();
    let at = lines[..index].iter().rev().find_map(|line| position(line));
    Complaint { message, at, is_decided: true }
}

fn position(line: &str) -> Option<(u32, u32, u32)> {
    let rest = line.strip_prefix("File ")?;
    let (_, rest) = rest.split_once(", line ")?;
    let (number, rest) = rest.split_once(", characters ")?;
    let (start, end) = rest.trim_end_matches(':').split_once('-')?;
    let one_based = |text: &str| text.parse::<u32>().ok();
    Some((number.parse().ok()?, one_based(start)?.saturating_add(1), one_based(end)?.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_read_as_make_reads_them() {
        let files = ["base.v", "sub/top.v"].map(PathBuf::from);
        let text = "base.vo base.glob base.v.beautified base.required_vo: base.v \nbase.vio: base.v \n\
                    ./sub/top.vo sub/top.glob: sub/top.v \\\n base.vo /usr/lib/coq/x.vo\n";
        let found = requirements_in(text, &files);
        assert_eq!(found[Path::new("base.v")], Vec::<PathBuf>::new());
        assert_eq!(found[Path::new("sub/top.v")], [PathBuf::from("base.v")]);
    }

    #[test]
    fn an_error_has_a_place_and_words() {
        let text = "File \"./e.v\", line 3, characters 17-28:\nWarning: old.\nFile \"./e.v\", line 9, characters 0-4:\nError:\nUnable to unify \"2\" with\n \"1\".\n\n";
        let complaint = complaint_in(text);
        assert_eq!((complaint.message.trim(), complaint.at), ("Unable to unify \"2\" with \"1\".", Some((9, 1, 4))));
        assert!(complaint.is_decided);
        assert!(!complaint_in("Segmentation fault").is_decided);
    }

    #[test]
    fn only_flags_about_places_go_to_the_dependency_tool() {
        let flags = ["-Q", ".", "demo", "-w", "none", "-R", "x", "y"].map(str::to_owned);
        assert_eq!(mapping_flags(&flags), ["-Q", ".", "demo", "-R", "x", "y"]);
    }
}
