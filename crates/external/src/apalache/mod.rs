//! Apalache as a second opinion on our own search: behaviors up to a length, by an SMT solver.
//!
//! The specification and its configuration go there as they stand, and what it finds is held against what our search says.
//! Where the search has refuted something in L steps, behaviors of L steps are asked for, and Apalache has to find a violation
//! too; otherwise those of [`LENGTH`] steps, and it must find none that the search has not. Our counterexamples are shortest ones,
//! so one of its that is shorter contradicts as well. Agreement is a test of both tools; a contradiction is an internal error
//! with both outputs kept, as with TLC ([`crate::tlc`]).
//!
//! Apalache wants types. A specification without annotations that it cannot infer is `Declined`, as is whatever else keeps it from an
//! answer. Temporal properties it is not asked about, and a constraint, which it passes over, leaves its violations open.
//!
//! Reading order: [`output`] (what it says), this file (asking, comparing).

pub mod output;

use crate::budget::Budget;
use crate::catalogue::APALACHE;
use crate::cbmc::runs::declined;
use crate::content::ContentHash;
use crate::opinion::{Opinion, Second, attachment, exit_code, note_figures, outputs};
use crate::process::{Finished, Job, Limits, run};
use crate::tlc;
use crate::tool::{Found, Places};
use output::{Outcome, read, steps_of};
use std::path::{Path, PathBuf};
use verdict::engine::Details;
use verdict::{Comparison, Context, Event, Testing, Verdict};

/// Name of the engine in evidence.
pub const ENGINE: &str = "apalache";

/// Steps of the behaviors that are looked at where nothing is refuted here.
pub const LENGTH: u64 = 10;

/// What Apalache is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The specification, its configuration, and what our search says.
    pub model: tlc::Question,
    /// Steps of the shortest finite counterexample here.
    pub shortest: Option<u64>,
    /// Whether the configuration asks for temporal properties.
    pub temporal: bool,
    /// Whether a constraint or a view leaves states out here.
    pub narrowed: bool,
}

/// Apalache, pointed at one model that was searched here.
pub struct Apalache<'a> {
    question: &'a Question,
    places: &'a Places,
    budget: &'a Budget,
    /// Where its files are while it runs.
    folder: PathBuf,
}

/// Apalache's opinion on one model as an engine.
pub type OpinionEngine<'a> = Opinion<Apalache<'a>>;

impl<'a> OpinionEngine<'a> {
    /// For this question. The cache is where its files are while it runs.
    pub fn new(question: &'a Question, places: &'a Places, budget: &'a Budget, cache: &Path) -> Self {
        let name = ContentHash::new().with(&question.model.model).with(std::process::id().to_le_bytes()).finish();
        Self::of(Apalache { question, places, budget, folder: cache.join(name) })
    }
}

impl Second for Apalache<'_> {
    const ENGINE: &'static str = ENGINE;
    const TOOL: &'static str = "Apalache";

    fn model(&self) -> &tlc::Question {
        &self.question.model
    }

    fn ask(&self, context: &Context<'_>, details: &mut Details) -> Verdict {
        let leave = "leave the model out: second_opinion = false";
        let config = match &self.question.model.config {
            Ok(_) if self.question.temporal => {
                return declined("Apalache is not asked about temporal properties".to_owned(), leave);
            }
            Ok(config) => config,
            Err(reason) => return declined(format!("Apalache cannot be asked: {reason}"), leave),
        };
        let found = match APALACHE.find(self.places) {
            Ok(found) => found,
            Err(unusable) => {
                details.absent_tool = Some(APALACHE.name.to_owned());
                return unusable.verdict();
            }
        };
        details.tools.insert(APALACHE.name.to_owned(), found.version.to_string());
        let prepared =
            std::fs::create_dir_all(&self.folder).and_then(|()| std::fs::write(self.folder.join("Model.cfg"), config));
        if let Err(error) = prepared {
            return declined(format!("no folder for Apalache: {error}"), "check space and permissions");
        }
        let verdict = self.run(&found, context, details);
        // What cannot be removed stays behind in the cache, where it does no harm.
        let _ = std::fs::remove_dir_all(&self.folder);
        verdict
    }
}

impl Apalache<'_> {
    fn length(&self) -> u64 {
        self.question.shortest.unwrap_or(LENGTH)
    }

    fn run(&self, found: &Found, context: &Context<'_>, details: &mut Details) -> Verdict {
        let model = &self.question.model;
        let share = self.budget.take(model.memory);
        let job = self.job(found, share.bytes());
        let text = format!("{}: asking Apalache", model.model);
        context.events.send(Event::Advanced { engine: ENGINE.to_owned(), text });
        // Java reserves more address space than it uses; its own limits hold instead.
        let finished = match run(&job, &Limits::of_time(model.time), &|| context.events.interrupted()) {
            Ok(finished) => finished,
            Err(error) => return declined(format!("Apalache cannot be started: {error}"), "check the installation"),
        };
        note_figures(details, &finished);
        details.figures.insert("length".to_owned(), self.length() as f64);
        let itf = std::fs::read_to_string(self.folder.join("run/violation.itf.json")).ok();
        let verdict = match self.answer(&finished) {
            Ok(outcome) => self.judge(outcome, itf.as_deref().and_then(steps_of), &found.version.to_string()),
            Err(verdict) => verdict,
        };
        if !matches!(verdict, Verdict::Tested(_)) {
            details.files = outputs(model, &job, &finished, ["apalache.txt", "apalache.interlock.json"]);
            details.files.extend(itf.map(|text| attachment("counterexample", "apalache.itf.json", text)));
        }
        verdict
    }

    fn job(&self, found: &Found, memory: u64) -> Job {
        let model = &self.question.model;
        let mut words = vec!["check".into(), format!("--length={}", self.length()).into()];
        let folder = |flag: &str, name: &str| {
            let mut word = std::ffi::OsString::from(flag);
            word.push(self.folder.join(name));
            word
        };
        words.extend([folder("--config=", "Model.cfg"), folder("--run-dir=", "run"), folder("--out-dir=", "out")]);
        if !model.deadlock {
            words.push("--no-deadlock".into());
        }
        words.push(std::path::absolute(&model.spec).unwrap_or_else(|_| model.spec.clone()).into_os_string());
        let mib = (memory >> 20).max(64);
        Job::new(&found.invocation, words).in_folder(&self.folder).with_variable("JVM_ARGS", format!("-Xmx{mib}m"))
    }

    fn answer(&self, finished: &Finished) -> Result<Outcome, Verdict> {
        let code = exit_code("Apalache", finished, self.question.model.time)?;
        let said = format!("{}\n{}", finished.stderr, finished.text());
        read(&said, code).map_err(|(why, remedy)| declined(format!("Apalache gave no answer: {why}"), remedy))
    }

    /// Holds the two answers against each other.
    fn judge(&self, theirs: Outcome, steps: Option<u64>, version: &str) -> Verdict {
        let (ours, length) = (&self.question.model.ours, self.length());
        let here = ours.violated.first();
        let open = |what: &str| {
            declined(
                format!("Apalache finds {what}, and {}", self.left_open()),
                "leave the model out: second_opinion = false",
            )
        };
        let disagree = |what: String| tlc::disagreement("Apalache", &self.question.model.model, &what);
        let agree = |compared: Vec<String>| {
            let not_compared = vec!["states beyond that length".to_owned(), "the behaviors themselves".to_owned()];
            let with = format!("Apalache {version}");
            Verdict::Tested(Testing::Comparison(Comparison { with, compared, not_compared }))
        };
        let is_undecided = !ours.failed.is_empty() || !ours.undecided.is_empty() || !ours.complete;
        let what = match theirs {
            Outcome::NoError => "nothing",
            Outcome::Violation => "a violation",
            Outcome::Deadlock => "a deadlock",
        };
        match (theirs, here) {
            (Outcome::NoError, Some((name, kind))) => disagree(format!(
                "Apalache finds nothing in {length} steps; here {name} is refuted by {} of as many",
                kind.words()
            )),
            (Outcome::NoError, None) if is_undecided => open(what),
            (Outcome::NoError, None) => agree(vec![format!("nothing found in {length} steps")]),
            (Outcome::Violation | Outcome::Deadlock, Some((name, kind))) => match steps {
                Some(steps) if steps < length && self.question.narrowed => open(what),
                Some(steps) if steps < length => disagree(format!(
                    "Apalache finds {what} in {steps} steps; here the shortest, {} of {name}, takes {length}",
                    kind.words()
                )),
                Some(steps) => agree(vec![what.to_owned(), format!("{steps} steps")]),
                None => agree(vec![what.to_owned()]),
            },
            (Outcome::Violation | Outcome::Deadlock, None) if is_undecided || self.question.narrowed => open(what),
            // It looks for deadlocks even where it is told not to.
            (Outcome::Deadlock, None) if !self.question.model.deadlock => open(what),
            (Outcome::Violation | Outcome::Deadlock, None) => {
                disagree(format!("Apalache finds {what} within {length} steps; here nothing is refuted"))
            }
        }
    }

    fn left_open(&self) -> &'static str {
        match self.question.narrowed {
            true => "a constraint or a view leaves states out here",
            false => "not everything was decided here",
        }
    }
}
