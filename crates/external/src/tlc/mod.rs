//! TLC as a second opinion on our own search: the same specification and configuration run there, and verdict and counts are
//! compared.
//!
//! Agreement is a test of both tools ([`verdict::Testing::Comparison`]) and proves nothing. A contradiction is an internal
//! error: one of the two is wrong, and no verdict of either may be believed until it is known which; both outputs are kept.
//! Whatever kept TLC from an answer (no Java, no jar, an old one, time, memory, a crash, an output that ends early) is
//! `Declined`.
//!
//! One worker, because only then are TLC's counts at a violation, and its representatives under a symmetry, always the same.
//! Temporal properties are checked when all states are known, as here.
//!
//! An answer is kept by content ([`cache`]), because TLC takes minutes where we take seconds. A contradiction is never told from
//! what was kept: TLC is asked again.
//!
//! Reading order: [`output`] (what TLC says), [`compare`] (two answers side by side).

mod cache;
pub mod compare;
pub mod output;

use crate::budget::Budget;
use crate::catalogue::{JAVA, TLC, TLC_MINIMUM};
use crate::cbmc::runs::declined;
use crate::content::ContentHash;
use crate::opinion::{Opinion, Second, exit_code, note_figures, outputs};
use crate::process::{Finished, Job, Limits, run};
use crate::tool::{Found, Places};
use crate::version::Version;
use compare::{Ours, Outcome, compare};
use output::{Told, read, version_in};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use verdict::engine::Details;
use verdict::{Comparison, Context, Event, Failure, FailureClass, InputText, Testing, Verdict};

/// Name of the engine in evidence.
pub const ENGINE: &str = "tlc";

/// The module that TLC begins with.
const MAIN: &str = "tlc2.TLC";

/// What TLC is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Name of the model.
    pub model: String,
    /// The root module.
    pub spec: PathBuf,
    /// Text of the configuration, or why TLC cannot be asked.
    pub config: Result<String, String>,
    /// Whether deadlock is an error.
    pub deadlock: bool,
    /// Folders of modules.
    pub library: Vec<PathBuf>,
    /// Time.
    pub time: Duration,
    /// Memory.
    pub memory: u64,
    /// All files that it depends on.
    pub inputs: Vec<InputText>,
    /// What our search says.
    pub ours: Ours,
}

/// TLC, pointed at one model that was searched here.
pub struct Tlc<'a> {
    question: &'a Question,
    places: &'a Places,
    budget: &'a Budget,
    /// Where its files are while it runs.
    folder: PathBuf,
    /// Where answers are kept.
    cache: PathBuf,
}

/// TLC's opinion on one model as an engine.
pub type OpinionEngine<'a> = Opinion<Tlc<'a>>;

impl<'a> OpinionEngine<'a> {
    /// For this question. Answers are kept in the folder, which is made if need be.
    pub fn new(question: &'a Question, places: &'a Places, budget: &'a Budget, cache: PathBuf) -> Self {
        let name = ContentHash::new().with(&question.model).with(std::process::id().to_le_bytes()).finish();
        Self::of(Tlc { question, places, budget, folder: cache.join(name), cache })
    }
}

impl Second for Tlc<'_> {
    const ENGINE: &'static str = ENGINE;
    const TOOL: &'static str = "TLC";

    fn model(&self) -> &Question {
        self.question
    }

    fn ask(&self, context: &Context<'_>, details: &mut Details) -> Verdict {
        let config = match &self.question.config {
            Ok(config) => config,
            Err(reason) => {
                return declined(
                    format!("TLC cannot be asked: {reason}"),
                    "leave the model out: second_opinion = false",
                );
            }
        };
        let java = match JAVA.find(self.places) {
            Ok(java) => java,
            Err(unusable) => {
                details.absent_tool = Some(JAVA.name.to_owned());
                return unusable.verdict();
            }
        };
        details.tools.insert(JAVA.name.to_owned(), java.version.to_string());
        let jar = match self.places.configured.get(TLC) {
            Some(jar) if jar.is_file() => jar,
            Some(jar) => {
                let reason = format!("{} is to be TLC, but there is no such file", jar.display());
                return declined(reason, "correct `tlc` under [tools] in the project file, or INTERLOCK_TLC");
            }
            None => {
                return declined("no jar of TLC is named".to_owned(), "name it: INTERLOCK_TLC=path/to/tla2tools.jar");
            }
        };
        let key = cache::key(self.question, config, &class_path(jar), &java.said);
        if let Some(told) = key.as_deref().and_then(|key| cache::load(&self.cache, key)) {
            let mut kept = details.clone();
            let verdict = self.judge(&told, &mut kept);
            if matches!(verdict, Verdict::Tested(_)) {
                kept.figures.insert("cached".to_owned(), 1.0);
                *details = kept;
                return verdict;
            }
        }
        if let Err(error) = self.prepare(config) {
            return declined(format!("no folder for TLC: {error}"), "check space and permissions");
        }
        let verdict = self.run(&java, jar, key.as_deref(), context, details);
        // What cannot be removed stays behind in the cache, where it does no harm.
        let _ = std::fs::remove_dir_all(&self.folder);
        verdict
    }
}

impl Tlc<'_> {
    fn prepare(&self, config: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(self.folder.join("states"))?;
        std::fs::write(self.config_file(), config)
    }

    fn config_file(&self) -> PathBuf {
        self.folder.join("Model.cfg")
    }

    fn run(
        &self,
        java: &Found,
        jar: &Path,
        key: Option<&str>,
        context: &Context<'_>,
        details: &mut Details,
    ) -> Verdict {
        let share = self.budget.take(self.question.memory);
        let job = Job::new(&java.invocation, self.words(jar, share.bytes()));
        let text = format!("{}: asking TLC", self.question.model);
        context.events.send(Event::Advanced { engine: ENGINE.to_owned(), text });
        // Java reserves more address space than it uses; its own limits hold instead.
        let finished = match run(&job, &Limits::of_time(self.question.time), &|| context.events.interrupted()) {
            Ok(finished) => finished,
            Err(error) => return declined(format!("java cannot be started: {error}"), "check the installation"),
        };
        note_figures(details, &finished);
        let verdict = match answer(&finished, self.question.time) {
            Ok(told) => {
                if let Some(Err(error)) = key.map(|key| cache::store(&self.cache, key, &told)) {
                    let text = format!("an answer of TLC cannot be kept for the next run: {error}");
                    context.events.send(Event::Warning { text });
                }
                self.judge(&told, details)
            }
            Err(verdict) => verdict,
        };
        if !matches!(verdict, Verdict::Tested(_)) {
            details.files = outputs(self.question, &job, &finished, ["tlc.txt", "interlock.json"]);
        }
        verdict
    }

    fn words(&self, jar: &Path, memory: u64) -> Vec<OsString> {
        let mib = |bytes: u64| (bytes >> 20).max(64);
        // The set of fingerprints lies outside of the heap.
        let mut words: Vec<OsString> = vec![
            format!("-Xmx{}m", mib(memory / 4 * 3)).into(),
            format!("-XX:MaxDirectMemorySize={}m", mib(memory / 4)).into(),
            "-XX:+UseParallelGC".into(),
        ];
        words.push(joined("-Djava.io.tmpdir=", std::slice::from_ref(&self.folder)));
        if !self.question.library.is_empty() {
            words.push(joined("-DTLA-Library=", &self.question.library));
        }
        words.extend(["-cp".into(), joined("", &class_path(jar)), MAIN.into()]);
        words.extend(["-tool", "-workers", "1", "-noGenerateSpecTE", "-lncheck", "final"].map(OsString::from));
        if !self.question.deadlock {
            words.push("-deadlock".into());
        }
        words.extend(["-metadir".into(), self.folder.join("states").into_os_string()]);
        words.extend(["-config".into(), self.config_file().into_os_string()]);
        words.push(absolute(&self.question.spec).into_os_string());
        words
    }

    fn judge(&self, told: &Told, details: &mut Details) -> Verdict {
        details.tools.insert(TLC.to_owned(), told.version.clone());
        if let Some(counts) = told.counts {
            details.figures.insert("generated".to_owned(), counts.generated as f64);
            details.figures.insert("distinct".to_owned(), counts.distinct as f64);
            details.figures.extend(counts.depth.map(|depth| ("depth".to_owned(), depth as f64)));
        }
        match compare(&self.question.ours, told) {
            Outcome::Agree { compared, not_compared } => {
                let with = short_version(&told.version);
                Verdict::Tested(Testing::Comparison(Comparison { with, compared, not_compared }))
            }
            Outcome::Open(reason) => declined(
                reason,
                "see what TLC said in the run's folder, or leave the model out: second_opinion = false",
            ),
            Outcome::Disagree(what) => disagreement("TLC", &self.question.model, &what),
        }
    }
}

/// What a run of TLC answered.
///
/// # Errors
/// Why it is no answer.
pub fn answer(finished: &Finished, time: Duration) -> Result<Told, Verdict> {
    let text = finished.text();
    if let Some(version) = version_in(&text)
        && let Some(numbers) = Version::find(&version)
        && !numbers.is_at_least(&Version::of(TLC_MINIMUM))
    {
        let reason = format!("{version} is too old: {} or newer is needed", Version::of(TLC_MINIMUM));
        return Err(declined(reason, REMEDY));
    }
    let code = exit_code("TLC", finished, time)?;
    let told = read(&text).map_err(|error| no_answer(&error, code, finished))?;
    match (&told.found, code) {
        (output::Found::Nothing, 0) => Ok(told),
        (output::Found::Nothing, code) => {
            Err(declined(format!("TLC told no error, and ended with code {code}"), "run it by hand"))
        }
        (_, 0) => Err(declined("TLC told an error, and ended with code 0".to_owned(), "run it by hand")),
        (_, _) => Ok(told),
    }
}

/// How a jar that can be used is had.
const REMEDY: &str = "name a newer tla2tools.jar (github.com/tlaplus/tlaplus/releases)";

/// Java's own complaints have no codes; whatever they are, TLC did not answer.
fn no_answer(error: &str, code: i32, finished: &Finished) -> Verdict {
    let said = format!("{}\n{}", finished.stderr, finished.text());
    let has = |word: &str| said.contains(word);
    let (why, remedy) = match () {
        () if has("OutOfMemoryError") => ("memory ran out", "raise `memory` of the model"),
        () if has("UnsupportedClassVersionError") => ("the jar needs a newer Java", JAVA.remedy),
        () if has("Could not find or load main class") || has("Invalid or corrupt jarfile") => {
            ("the jar is not TLC's", REMEDY)
        }
        () => {
            let lines = finished.stderr.lines().map(str::trim);
            let first = lines.filter(|line| !line.is_empty()).find(|line| !line.starts_with("WARNING"));
            (first.unwrap_or(error), "run it by hand; what it said is in the run's folder")
        }
    };
    declined(format!("TLC ended with code {code} and without an answer: {why}"), remedy)
}

/// One of two tools is wrong: this search or the other tool.
pub fn disagreement(other: &str, model: &str, what: &str) -> Verdict {
    Verdict::Failed(Failure {
        class: FailureClass::Internal,
        message: format!("Interlock and {other} disagree about {model}: {what}"),
        place: None,
        remedy: format!(
            "believe neither; both outputs are in the run's folder. Please report this at {}/issues",
            env!("CARGO_PKG_REPOSITORY")
        ),
        trace: None,
        notes: BTreeMap::new(),
    })
}

/// `TLC 2.20` for `TLC2 Version 2.20 of Day Month 20?? (rev: …)`.
fn short_version(said: &str) -> String {
    // As it is written: a build of one's own has a date with leading zeros.
    let number = said.split_whitespace().find(|word| Version::find(word).is_some());
    number.map_or_else(|| said.to_owned(), |number| format!("TLC {number}"))
}

/// The jar, and the community's modules beside it.
fn class_path(jar: &Path) -> Vec<PathBuf> {
    let mut all = vec![jar.to_path_buf()];
    let entries = jar.parent().and_then(|folder| std::fs::read_dir(folder).ok());
    let is_community = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.starts_with("CommunityModules") && name.ends_with(".jar")
    };
    let mut others: Vec<PathBuf> =
        entries.into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_community).collect();
    others.sort();
    all.extend(others);
    all
}

/// Paths as Java takes them, behind a prefix.
fn joined(prefix: &str, paths: &[PathBuf]) -> OsString {
    let mut all = OsString::from(prefix);
    for (number, path) in paths.iter().enumerate() {
        if number > 0 {
            all.push(":");
        }
        all.push(absolute(path));
    }
    all
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
