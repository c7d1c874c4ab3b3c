//! What becomes of mutants: each is explored like the specification, under every configuration, until one kills it.
//!
//! What the specification itself does not meet cannot kill. A mutant that nothing notices either has other behaviors
//! than the specification, and then a property is missing, or it has the same ones, and then it is no mistake. The
//! second is decided by comparing the state graphs ([`Portrait`]), never by comparing figures: equal counts are a hint. That
//! the properties say the same of both is known by then: none of them noticed. Of fairness a graph says nothing, so a
//! condition that is dropped is never equal, and neither is any mutant while a comparison was not made to its end.

mod tally;

pub use tally::Tally;

use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::place::place_of;
use crate::engines::tla::{self, Portrait, TlaTask};
use crate::monitor::Monitor;
use crate::pipeline::{Outcome, discharge};
use crate::stop::StopFlag;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tla_syntax::mutation::{Mistake, Mutant, mutants};
use verdict::{ExitCode, FailureClass, Verdict};

/// What became of a mutant; the first one counts where several configurations tell different things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// A property is refuted, or an assumption or an `Assert` of the specification is false.
    Killed(String),
    /// It cannot be evaluated.
    Broken(String),
    /// No property notices, but an action never fires or an antecedent is never true.
    Vacuous(String),
    /// Not decided within the budget, or not at all.
    Undecided(String),
    /// Nothing notices, and its states or steps are not those of the specification.
    Survived,
    /// Nothing can notice: its states and steps are those of the specification.
    Equal {
        /// How many states both have.
        states: usize,
        /// How many steps that change something.
        steps: usize,
    },
    /// It is no specification.
    Stillborn,
}

/// A mutant and the place of its mistake, as text.
pub struct Placed {
    /// The mutant.
    pub mutant: Mutant,
    /// File, line and column.
    pub place: String,
}

/// How mutants are explored.
pub struct Exploring<'a> {
    /// Where progress goes.
    pub console: &'a Console,
    /// Whether to stop.
    pub stop: &'a StopFlag,
    /// Worker threads.
    pub workers: usize,
    /// Memory of a search in bytes.
    pub memory: Option<u64>,
    /// Time for one mutant under one configuration.
    pub budget: Duration,
}

/// A specification, its mutants, and what is known of it under each configuration.
pub struct Ground<'a> {
    exploring: Exploring<'a>,
    text: Arc<str>,
    /// All mutants in textual order.
    pub mutants: Vec<Placed>,
    subjects: Vec<Subject>,
    folder: TemporaryFolder,
}

/// A specification under one configuration.
struct Subject {
    task: TlaTask,
    /// Obligations that the specification itself does not meet.
    unmet: BTreeSet<String>,
    figures: Figures,
    /// Its state graph, once it was asked for.
    portrait: Option<Portrait>,
}

/// Distinct states and depth. How many states are generated says how often a step is found, which is no behavior.
type Figures = [Option<u64>; 2];

impl<'a> Ground<'a> {
    /// Finds the mutants and explores the specification itself, which must not be refuted.
    pub fn prepare(tasks: Vec<TlaTask>, exploring: Exploring<'a>) -> Result<Self, CommandError> {
        let (text, mutants) = find_mutants(&tasks)?;
        let subjects = tasks.into_iter().map(|task| subject(task, &exploring)).collect::<Result<_, _>>()?;
        Ok(Self { exploring, text, mutants, subjects, folder: TemporaryFolder::create()? })
    }

    /// The text that a mutant replaces, on one line.
    pub fn replaced(&self, mutant: &Mutant) -> String {
        let old = &self.text[mutant.span.start as usize..mutant.span.end as usize];
        old.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Explores the mutant with this number.
    pub fn fate(&mut self, number: usize, label: &str) -> Result<Fate, CommandError> {
        let mutant = &self.mutants[number].mutant;
        let text = mutant.apply(&self.text);
        let mut best: Option<Fate> = None;
        for subject in &mut self.subjects {
            let task = mutated_task(subject, &text, &self.folder.0)?;
            let outcome = explore(task.clone(), label, Some(self.exploring.budget), &self.exploring);
            let mut fate = judge(subject, &outcome);
            // Fairness is in no graph, so dropping it is never seen to change nothing.
            if fate == Fate::Survived
                && mutant.mistake != Mistake::DroppedFairness
                && figures(&outcome) == subject.figures
            {
                fate = compared(subject, task, &self.exploring);
            }
            best = Some(best.map_or(fate.clone(), |best| best.min(fate)));
            if matches!(best, Some(Fate::Killed(_))) {
                break;
            }
        }
        Ok(best.unwrap_or(Fate::Stillborn))
    }
}

/// All mutants, or as many as were asked for, evenly spread.
pub fn choose(all: usize, limit: Option<usize>) -> Vec<usize> {
    let wanted = limit.unwrap_or(all).min(all);
    (0..wanted).map(|index| index * all / wanted).collect()
}

/// Text of the root module's file, and the mutants of what any configuration reaches, each with its place.
fn find_mutants(tasks: &[TlaTask]) -> Result<(Arc<str>, Vec<Placed>), CommandError> {
    let mut found: Vec<Placed> = Vec::new();
    let mut text: Arc<str> = Arc::from("");
    for task in tasks {
        let prepared = tla::prepare(task.clone());
        let (input, _) = prepared.model().map_err(|unusable| {
            let failure = &unusable.failure;
            let rendered = failure.notes.get(report::terminal::RENDERED).unwrap_or(&failure.message);
            CommandError::new(failure.class.into(), rendered.clone(), "")
        })?;
        let config = &input.config;
        let roots = [&config.specification, &config.init, &config.next];
        let roots: Vec<&str> = roots.into_iter().flatten().map(|ident| &*ident.name).collect();
        let specification = &input.specification;
        let module = &specification.root_module().module;
        text = Arc::clone(&specification.sources.file(module.span.file).text);
        for mutant in mutants(module, &specification.sources, &roots) {
            if !found.iter().any(|known| known.mutant == mutant) {
                let place = place_of(specification, mutant.span).to_string();
                found.push(Placed { mutant, place });
            }
        }
    }
    found.sort_by_key(|placed| (placed.mutant.span.start, placed.mutant.span.end));
    Ok((text, found))
}

fn subject(task: TlaTask, exploring: &Exploring<'_>) -> Result<Subject, CommandError> {
    let label = task.model.clone();
    let outcome = explore(task.clone(), &label, None, exploring);
    let bad = outcome.evidence.iter().find(|one| matches!(one.verdict, Verdict::Refuted(_) | Verdict::Failed(_)));
    if let Some(bad) = bad {
        let told = report::words::sentence(bad);
        let message = format!("{} under {}: {told}", bad.obligation.property, task.config.display());
        let code = ExitCode::of(&bad.verdict, bad.obligation.expectation);
        let exit = ExitCode::from_code(code).unwrap_or(ExitCode::Inconclusive);
        return Err(CommandError::new(exit, message, "mutants tell something only of a specification that is met"));
    }
    let unmet = outcome.evidence.iter().filter(|one| ExitCode::of(&one.verdict, one.obligation.expectation) != 0);
    let unmet = unmet.map(|one| one.obligation.property.clone()).collect();
    let figures = figures(&outcome);
    Ok(Subject { task, unmet, figures, portrait: None })
}

fn explore(task: TlaTask, label: &str, limit: Option<Duration>, exploring: &Exploring<'_>) -> Outcome {
    let model = task.model.clone();
    let engine = tla::engine(task);
    let monitor = Monitor::new(exploring.console, exploring.stop, label, limit).silently();
    discharge(&*engine, &model, exploring.workers, exploring.memory, monitor)
}

fn figures(outcome: &Outcome) -> Figures {
    ["distinct", "depth"].map(|name| outcome.figures.get(name).map(|figure| *figure as u64))
}

/// The task of a subject for another text of the root module, which is written to the folder.
fn mutated_task(subject: &Subject, text: &str, folder: &Path) -> Result<TlaTask, CommandError> {
    let file = folder.join(subject.task.spec.file_name().unwrap_or_default());
    std::fs::write(&file, text).map_err(|error| {
        CommandError::new(ExitCode::System, format!("cannot write {}: {error}", file.display()), "")
    })?;
    let home = subject.task.spec.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let mut search_path = vec![if home.as_os_str().is_empty() { PathBuf::from(".") } else { home }];
    search_path.extend(subject.task.search_path.iter().cloned());
    Ok(TlaTask { spec: file, search_path, ..subject.task.clone() })
}

/// The fate of a mutant that nothing noticed and that has the figures of the specification.
fn compared(subject: &mut Subject, mutated: TlaTask, exploring: &Exploring<'_>) -> Fate {
    let stop = || exploring.stop.is_set();
    let original = match subject.portrait.take() {
        Some(known) => Ok(known),
        None => tla::portrait(subject.task.clone(), &stop),
    };
    let (original, mutant) = match (original, tla::portrait(mutated, &stop)) {
        (Ok(original), Ok(mutant)) => (original, mutant),
        (Ok(original), Err(why)) => {
            subject.portrait = Some(original);
            return Fate::Undecided(format!("the state graphs were not compared: {why}"));
        }
        (Err(why), _) => return Fate::Undecided(format!("the state graphs were not compared: {why}")),
    };
    let fate = if original == mutant {
        Fate::Equal { states: original.states(), steps: original.steps() }
    } else {
        Fate::Survived
    };
    subject.portrait = Some(original);
    fate
}

fn judge(subject: &Subject, outcome: &Outcome) -> Fate {
    let fates = outcome.evidence.iter().filter(|one| !subject.unmet.contains(&one.obligation.property)).map(|one| {
        let property = &one.obligation.property;
        match &one.verdict {
            Verdict::Refuted(_) => Fate::Killed(property.clone()),
            Verdict::Failed(failure) => match failure.class {
                FailureClass::Parse | FailureClass::Configuration => Fate::Stillborn,
                FailureClass::Capacity | FailureClass::System | FailureClass::Internal => {
                    Fate::Undecided(failure.message.clone())
                }
                FailureClass::Assumption | FailureClass::Assert => Fate::Killed(failure.message.clone()),
                FailureClass::Evaluation | FailureClass::PropertyEvaluation => Fate::Broken(failure.message.clone()),
            },
            Verdict::Vacuous(vacuity) => Fate::Vacuous(vacuity.reason.clone()),
            Verdict::Declined(decline) => Fate::Undecided(decline.reason.clone()),
            Verdict::Bounded { bound, .. } => Fate::Undecided(bound.clone()),
            Verdict::Tested(_) | Verdict::Assumed(_) | Verdict::Proved(_) | Verdict::Exhausted(_) => Fate::Survived,
        }
    });
    fates.min().unwrap_or(Fate::Survived)
}

/// A folder for mutants, removed at the end.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn create() -> Result<Self, CommandError> {
        let mut number = u64::from(std::process::id());
        loop {
            let path = std::env::temp_dir().join(format!("interlock-mutants-{number}"));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => {
                    let message = format!("cannot create {}: {error}", path.display());
                    return Err(CommandError::new(ExitCode::System, message, "set TMPDIR to a writable folder"));
                }
            }
        }
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
