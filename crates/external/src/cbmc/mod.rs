//! CBMC: bounded checking of C harnesses.
//!
//! One [`HarnessEngine`] a harness. It runs CBMC on the harness and on each broken twin (`-DBROKEN_…`), asks by a coverage
//! run which assertions are reached at all, replays what fails ([`replay`]), and judges ([`judge`]). Results that are final
//! are kept by content: the preprocessed text, the flags, the versions of CBMC and of the compiler that replays.

pub mod harness;
pub mod judge;
pub mod output;
pub mod replay;
pub mod runs;
pub mod trace;

mod cache;
mod twin;

pub use harness::{ENGINE, Harness, MEMORY_SAFETY, Variant};

use crate::budget::Budget;
use crate::catalogue::{C_COMPILER, CBMC};
use crate::content::ContentHash;
use crate::tool::{Found, Places};
use cache::Kept;
use judge::{Court, Judgement, judge};
use output::{Goal, PropertyResult};
use replay::{Replayed, program};
use runs::{Decided, Runner, failed};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use verdict::engine::{Attachment, Details};
use verdict::{Context, Engine, Event, FailureClass, InputText, Obligation, Verdict};

/// Changes when results that were kept are no longer what this adapter would say.
const GENERATION: &str = "cbmc adapter 2";

/// CBMC, pointed at one harness.
pub struct HarnessEngine<'a> {
    harness: Harness,
    places: &'a Places,
    budget: &'a Budget,
    cache: PathBuf,
    details: Mutex<Vec<Details>>,
}

impl<'a> HarnessEngine<'a> {
    /// For this harness; results are kept in the folder, which is made if need be.
    pub fn new(harness: Harness, places: &'a Places, budget: &'a Budget, cache: PathBuf) -> Self {
        Self { harness, places, budget, cache, details: Mutex::new(Vec::new()) }
    }

    fn forbidden(&self) -> Option<Verdict> {
        let flag = self.harness.flags.iter().find(|flag| Harness::is_forbidden(flag))?;
        let message = format!("the flag {flag} of the harness {} may not be given", self.harness.name);
        let remedy = "it would undo what the verdict rests on; remove it from `flags`";
        Some(failed(FailureClass::Configuration, message, None, remedy))
    }

    /// Everything about one variant.
    fn decide(&self, found: &Found, variant: &Variant<'_>, context: &Context<'_>) -> Vec<(Verdict, Details)> {
        let share = self.budget.take(self.harness.memory);
        let stop = || context.events.interrupted();
        let runner = Runner {
            invocation: &found.invocation,
            harness: &self.harness,
            macro_name: variant.macro_name,
            memory: share.bytes(),
            stop: &stop,
        };
        let all = |verdict: Verdict| vec![(verdict, Details::default()); variant.wanted.len()];
        let text = match runner.preprocessed() {
            Ok(text) => text,
            Err(verdict) => return all(verdict),
        };
        let compiler = C_COMPILER.find(self.places);
        let key = self.key(found, compiler.as_ref().ok(), &runner, variant, &text);
        if let Some(kept) = cache::load(&self.cache, &key, variant.wanted.len()) {
            return kept.into_iter().map(|kept| self.cached(kept, found)).collect();
        }
        let case = Case {
            runner: &runner,
            compiler: compiler.as_ref().map_err(ToString::to_string),
            text: &text,
            folder: self.cache.join(format!("replay-{key}")),
            goals: OnceCell::new(),
            wall_s: RefCell::new(0.0),
            peak_bytes: RefCell::new(0),
            programs: RefCell::new(BTreeMap::new()),
        };
        let kept = match case.counterexample(&self.harness, variant) {
            Some(kept) => vec![kept],
            None => match runner.check() {
                Ok(checked) => case.judged(&self.harness, variant, &checked),
                Err(verdict) => return all(verdict),
            },
        };
        if kept.iter().all(Kept::is_final)
            && let Err(error) = cache::store(&self.cache, &key, &kept)
        {
            context.events.send(Event::Warning { text: format!("a result cannot be kept for the next run: {error}") });
        }
        kept.into_iter().map(|kept| self.detailed(kept, found)).collect()
    }

    fn key(
        &self,
        found: &Found,
        compiler: Option<&Found>,
        runner: &Runner<'_>,
        variant: &Variant<'_>,
        text: &str,
    ) -> String {
        let hash = ContentHash::new().with(GENERATION).with(&found.said);
        let hash = hash.with(compiler.map_or("", |compiler| compiler.said.as_str()));
        let hash = runner.checking_flags().iter().fold(hash, |hash, flag| hash.with(flag.as_encoded_bytes()));
        let hash = hash.with("wanted").with(self.harness.memory_name());
        let hash = variant.wanted.iter().chain(&self.harness.known).fold(hash, |hash, id| hash.with(id));
        hash.with(text).finish()
    }

    fn cached(&self, kept: Kept, found: &Found) -> (Verdict, Details) {
        let (verdict, mut details) = self.detailed(kept, found);
        details.figures.insert("cached".to_owned(), 1.0);
        (verdict, details)
    }

    fn detailed(&self, kept: Kept, found: &Found) -> (Verdict, Details) {
        let files = kept.program.map(|text| Attachment {
            kind: "replay".to_owned(),
            name: "replay.c".to_owned(),
            text,
            command: format!("cc {} {{}} -o replay && ./replay", replay::FLAGS.join(" ")),
        });
        let details = Details {
            figures: kept.figures,
            tools: BTreeMap::from([(ENGINE.to_owned(), found.version.to_string())]),
            remarks: Vec::new(),
            files: files.into_iter().collect(),
            findings: Vec::new(),
            absent_tool: None,
        };
        (kept.verdict, details)
    }

    fn remember(&self, answers: Vec<(Verdict, Details)>) -> Vec<Verdict> {
        let (verdicts, details) = answers.into_iter().unzip();
        *self.details.lock().unwrap_or_else(PoisonError::into_inner) = details;
        verdicts
    }
}

impl Engine for HarnessEngine<'_> {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn discover(&self) -> Vec<Obligation> {
        self.harness.obligations()
    }

    fn discharge(&self, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        for flag in self.harness.suppressions() {
            context.events.send(Event::Suppressed { text: format!("{flag} switches checks of cbmc off") });
        }
        let found = match CBMC.find(self.places) {
            Ok(found) => found,
            Err(unusable) => {
                let details = Details { absent_tool: Some(CBMC.name.to_owned()), ..Details::default() };
                return self.remember(vec![(unusable.verdict(), details); group.len()]);
            }
        };
        if let Some(verdict) = self.forbidden() {
            return vec![verdict; group.len()];
        }
        let variants = self.harness.variants();
        self.remember(variants.iter().flat_map(|variant| self.decide(&found, variant, context)).collect())
    }

    fn inputs(&self) -> Vec<InputText> {
        self.harness.texts()
    }

    fn details(&self) -> Vec<Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One variant while it is judged: who replays, and who says what is reached.
struct Case<'a> {
    runner: &'a Runner<'a>,
    compiler: Result<&'a Found, String>,
    text: &'a str,
    folder: PathBuf,
    goals: OnceCell<Result<Vec<Goal>, Verdict>>,
    wall_s: RefCell<f64>,
    peak_bytes: RefCell<u64>,
    programs: RefCell<BTreeMap<String, String>>,
}

impl Case<'_> {
    /// What a twin is wanted for: a counterexample, replayed. `None` if that is not how it ends.
    fn counterexample(&self, harness: &Harness, variant: &Variant<'_>) -> Option<Kept> {
        let (Some(_), [wanted]) = (variant.macro_name, variant.wanted.as_slice()) else { return None };
        let failed = self.runner.first_failure(wanted)?;
        let kept = self.judged(harness, variant, &failed).pop()?;
        matches!(kept.verdict, Verdict::Refuted(_)).then_some(kept)
    }

    fn judged(&self, harness: &Harness, variant: &Variant<'_>, checked: &Decided<Vec<PropertyResult>>) -> Vec<Kept> {
        self.took(checked.wall_s, checked.peak_bytes);
        let judged = judge(harness, variant, &checked.results, self);
        judged.into_iter().map(|one| self.kept(one)).collect()
    }

    fn took(&self, wall_s: f64, peak_bytes: u64) {
        *self.wall_s.borrow_mut() += wall_s;
        let mut peak = self.peak_bytes.borrow_mut();
        *peak = (*peak).max(peak_bytes);
    }

    fn kept(&self, judgement: Judgement) -> Kept {
        let mut figures = BTreeMap::from([
            ("wall_s".to_owned(), *self.wall_s.borrow()),
            ("peak_rss_mib".to_owned(), (*self.peak_bytes.borrow() >> 20) as f64),
            ("properties".to_owned(), judgement.properties as f64),
        ]);
        figures.extend(judgement.reached.map(|reached| ("reached".to_owned(), reached as f64)));
        let program = judgement.replayed.and_then(|name| self.programs.borrow().get(&name).cloned());
        Kept { verdict: judgement.verdict, figures, program }
    }
}

impl Court for Case<'_> {
    fn replay(&self, failed: &PropertyResult) -> Result<(), String> {
        let compiler = self.compiler.as_ref().map_err(Clone::clone)?;
        let program = program(self.text, failed)?;
        std::fs::create_dir_all(&self.folder).map_err(|error| format!("no folder to replay it in: {error}"))?;
        let answer = replay::replay(&program, failed, &compiler.invocation, &self.folder, self.runner.stop);
        // What cannot be removed stays behind in the cache, where it does no harm.
        let _ = std::fs::remove_dir_all(&self.folder);
        match answer {
            Replayed::Yes => {
                self.programs.borrow_mut().insert(failed.property.clone(), program);
                Ok(())
            }
            Replayed::No(reason) => Err(reason),
        }
    }

    fn reached(&self) -> Result<Vec<Goal>, Verdict> {
        let ask = || {
            let covered = self.runner.cover()?;
            self.took(covered.wall_s, covered.peak_bytes);
            Ok(covered.results)
        };
        self.goals.get_or_init(ask).clone()
    }
}
