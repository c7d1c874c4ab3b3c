//! Finding a tool and asking its version.
//!
//! A tool is looked for where the project file says, then on the `PATH`, then in the private prefix that
//! `interlock tools install` fills. What the project file names must be there: falling back on another one silently would
//! give a verdict by a tool that nobody chose. A tool that is missing or too old gives [`Unusable`], which becomes a
//! declined verdict with the command that installs it, never a pass.

use crate::prefix;
use crate::process::{Invocation, Job, Limits, run};
use crate::version::Version;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use verdict::{Decline, Verdict};

/// How long a tool may take to say its version.
const PATIENCE: Duration = Duration::from_secs(30);

/// A tool that some engine can use.
#[derive(Debug)]
pub struct Tool {
    /// Its name: in the project file, for `interlock tools`.
    pub name: &'static str,
    /// Programs that are it, the first one found counts.
    pub programs: &'static [&'static str],
    /// Arguments that make it say its version.
    pub version: &'static [&'static str],
    /// The oldest version that the adapter understands.
    pub minimum: &'static [u64],
    /// What it adds.
    pub purpose: &'static str,
    /// The command that installs it.
    pub remedy: &'static str,
}

/// Where tools are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// By the project file: tool to path.
    pub configured: BTreeMap<String, PathBuf>,
    /// Folders of the `PATH`.
    pub path: Vec<PathBuf>,
    /// The private prefix.
    pub prefix: PathBuf,
}

/// How a tool was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The project file names it.
    Configured,
    /// On the `PATH`.
    Path,
    /// In the private prefix.
    Prefix,
}

/// A tool that was found and is new enough.
#[derive(Debug, Clone)]
pub struct Found {
    /// How it is started.
    pub invocation: Invocation,
    /// Its version.
    pub version: Version,
    /// The line in which it said so.
    pub said: String,
    /// How it was found.
    pub origin: Origin,
}

/// Why a tool cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is nowhere.
    #[error("{tool} is not installed")]
    Missing {
        /// The tool.
        tool: &'static str,
        /// The command that installs it.
        remedy: String,
    },
    /// The project file names a file that does not exist.
    #[error("the project file says that {tool} is {path}, but there is no such file")]
    Misplaced {
        /// The tool.
        tool: &'static str,
        /// What the project file says.
        path: String,
    },
    /// It is older than what the adapter understands.
    #[error("{tool} {version} ({path}) is too old: {minimum} or newer is needed")]
    TooOld {
        /// The tool.
        tool: &'static str,
        /// Its version.
        version: String,
        /// Where it is.
        path: String,
        /// The oldest version that would do.
        minimum: String,
        /// The command that installs a newer one.
        remedy: String,
    },
    /// It does not say its version.
    #[error("{path} does not say which version of {tool} it is: {reason}")]
    Silent {
        /// The tool.
        tool: &'static str,
        /// Where it is.
        path: String,
        /// What happened instead.
        reason: String,
        /// The command that installs a sound one.
        remedy: String,
    },
}

impl Unusable {
    /// What the user can do.
    pub fn remedy(&self) -> String {
        match self {
            Self::Missing { remedy, .. } | Self::TooOld { remedy, .. } | Self::Silent { remedy, .. } => remedy.clone(),
            Self::Misplaced { tool, .. } => format!("correct `{tool}` under [tools] in the project file"),
        }
    }

    /// The verdict on everything that the tool was to decide.
    pub fn verdict(&self) -> Verdict {
        Verdict::Declined(Decline { reason: self.to_string(), place: None, remedy: self.remedy(), induction: None })
    }
}

impl Tool {
    /// Finds the tool in these places and asks its version.
    ///
    /// # Errors
    /// If there is none, or none that can be used.
    pub fn find(&self, places: &Places) -> Result<Found, Unusable> {
        if let Some(path) = places.configured.get(self.name) {
            if !path.is_file() {
                return Err(Unusable::Misplaced { tool: self.name, path: path.display().to_string() });
            }
            return self.usable(Invocation::plain(path), Origin::Configured);
        }
        let on_path = self.on_path(places).map(|path| self.usable(Invocation::plain(path), Origin::Path));
        let mut complaint = match on_path {
            Some(Ok(found)) => return Ok(found),
            Some(Err(complaint)) => Some(complaint),
            None => None,
        };
        // One on the path that is too old does not hide a good one in the prefix.
        for program in self.programs {
            if let Some(invocation) = prefix::invocation(&places.prefix.join(self.name), program) {
                match self.usable(invocation, Origin::Prefix) {
                    Ok(found) => return Ok(found),
                    Err(other) => complaint = complaint.or(Some(other)),
                }
            }
        }
        Err(complaint.unwrap_or_else(|| Unusable::Missing { tool: self.name, remedy: self.remedy.to_owned() }))
    }

    /// The oldest version that will do.
    pub fn minimum(&self) -> Version {
        Version::of(self.minimum)
    }

    fn on_path(&self, places: &Places) -> Option<PathBuf> {
        let folders = |program: &'static str| places.path.iter().map(move |folder| folder.join(program));
        self.programs.iter().flat_map(|program| folders(program)).find(|path| is_executable(path))
    }

    fn usable(&self, invocation: Invocation, origin: Origin) -> Result<Found, Unusable> {
        let path = invocation.shown.display().to_string();
        let silent = |reason: String| Unusable::Silent {
            tool: self.name,
            path: path.clone(),
            reason,
            remedy: self.remedy.to_owned(),
        };
        let job = Job::new(&invocation, self.version);
        let finished = run(&job, &Limits::of_time(PATIENCE), &|| false).map_err(|error| silent(error.to_string()))?;
        // java writes its version to standard error.
        let text = format!("{}\n{}", finished.text(), finished.stderr);
        if !finished.succeeded() {
            let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing");
            return Err(silent(format!("{:?}, {first}", finished.ending)));
        }
        let said = text.lines().map(str::trim).find(|line| Version::find(line).is_some()).map(str::to_owned);
        let Some((version, said)) = said.and_then(|said| Some((Version::find(&said)?, said))) else {
            return Err(silent("there is no version in what it said".to_owned()));
        };
        if !version.is_at_least(&self.minimum()) {
            let (version, minimum) = (version.to_string(), self.minimum().to_string());
            return Err(Unusable::TooOld { tool: self.name, version, path, minimum, remedy: self.remedy.to_owned() });
        }
        Ok(Found { invocation, version, said, origin })
    }
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const PROVER: Tool = Tool {
        name: "prover",
        programs: &["prover", "prover-6"],
        version: &["--version"],
        minimum: &[6, 0],
        purpose: "proves",
        remedy: "interlock tools install prover",
    };

    /// Writes a script. Another process does: what this one has open for writing, a process that a test beside this one
    /// starts may inherit, and the system then refuses to run it.
    fn install(folder: &Path, place: &str, text: &str) {
        let source = folder.join("text");
        std::fs::write(&source, format!("#!/bin/sh\n{text}\n")).expect("the text");
        let status = Command::new("install").args(["-D", "-m", "755"]).arg(source).arg(folder.join(place)).status();
        assert!(status.expect("install").success());
    }

    /// A script that is this prover, in a folder of its own.
    fn script(text: &str) -> (tempfile::TempDir, Places) {
        let folder = tempfile::tempdir().expect("a folder");
        install(folder.path(), "prover", text);
        let places = Places { path: vec![folder.path().to_path_buf()], ..Places::default() };
        (folder, places)
    }

    #[test]
    fn a_tool_on_the_path_is_found_with_its_version() {
        let (_folder, places) = script("echo Prover 6.1.2");
        let found = PROVER.find(&places).expect("the prover");
        assert_eq!((found.version.to_string().as_str(), found.origin), ("6.1.2", Origin::Path));
    }

    #[test]
    fn a_missing_tool_names_the_command_that_installs_it() {
        let missing = PROVER.find(&Places::default()).expect_err("nothing");
        assert_eq!(missing.remedy(), "interlock tools install prover");
        assert!(matches!(missing.verdict(), Verdict::Declined(_)));
    }

    #[test]
    fn an_old_version_is_not_used() {
        let (_folder, places) = script("echo Prover 5.95.1");
        let old = PROVER.find(&places).expect_err("too old");
        assert!(matches!(&old, Unusable::TooOld { version, minimum, .. } if version == "5.95.1" && minimum == "6.0"));
    }

    #[test]
    fn a_tool_that_fails_to_say_its_version_is_not_used() {
        for text in ["exit 1", "echo hello", "kill -SEGV $$"] {
            let (_folder, places) = script(text);
            assert!(matches!(PROVER.find(&places), Err(Unusable::Silent { .. })), "{text}");
        }
    }

    #[test]
    fn what_the_project_file_names_is_used_or_missed_but_not_replaced() {
        let (folder, mut places) = script("echo Prover 6.1.2");
        places.configured.insert("prover".to_owned(), folder.path().join("elsewhere"));
        assert!(matches!(PROVER.find(&places), Err(Unusable::Misplaced { .. })));
        places.configured.insert("prover".to_owned(), folder.path().join("prover"));
        assert_eq!(PROVER.find(&places).expect("the prover").origin, Origin::Configured);
    }

    #[test]
    fn an_old_one_on_the_path_does_not_hide_the_one_in_the_prefix() {
        let (folder, mut places) = script("echo Prover 5.0");
        places.prefix = folder.path().join("tools");
        install(folder.path(), "tools/prover/usr/bin/prover", "echo Prover 6.6.0");
        let found = PROVER.find(&places).expect("the newer one");
        assert_eq!((found.version.to_string().as_str(), found.origin), ("6.6.0", Origin::Prefix));
    }
}
