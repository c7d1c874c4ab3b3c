//! `interlock tla mutate`: small mistakes made in a specification on purpose, and which of them no property notices.
//!
//! Each mutant is explored like the specification, under each configuration that is given, until one kills it. What the
//! specification itself does not meet cannot kill. Survivors that have the same figures as the specification probably
//! behave the same (dead code under these constants, a redundant guard); they are told apart, not left out.

use crate::cli::{TlaMutateArgs, Workers};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::place::place_of;
use crate::engines::tla::{self, TlaTask};
use crate::monitor::Monitor;
use crate::mutation::{Mutant, mutants};
use crate::pipeline::{Outcome, discharge};
use crate::stop::StopFlag;
use report::Ink;
use report::number::counted;
use report::style::wrap_hanging;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use verdict::{ExitCode, FailureClass, Verdict};

/// What became of a mutant; the first one counts where several configurations tell different things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// A property is refuted.
    Killed(String),
    /// It cannot be evaluated.
    Broken(String),
    /// No property notices, but an action never fires or an antecedent is never true.
    Vacuous(String),
    /// Not decided within the budget, or not at all.
    Undecided(String),
    /// Nothing notices, and the figures of the search are others than those of the specification.
    Survived,
    /// Nothing notices, and the figures are the same.
    SameFigures,
    /// It is no specification.
    Stillborn,
}

/// A specification under one configuration.
struct Subject {
    task: TlaTask,
    /// Obligations that the specification itself does not meet.
    unmet: BTreeSet<String>,
    figures: Figures,
}

/// A mutant and the place of its mistake, as text.
type Placed = (Mutant, String);

/// States generated, distinct states, depth.
type Figures = [Option<u64>; 3];

/// Runs the command.
pub fn run(args: &TlaMutateArgs, console: &Console) -> Result<u8, CommandError> {
    let stop = StopFlag::on_signals();
    let tasks: Vec<TlaTask> = match args.config.is_empty() {
        true => vec![task(args, None)],
        false => args.config.iter().map(|config| task(args, Some(config))).collect(),
    };
    let (text, all) = find_mutants(&tasks)?;
    let subjects: Vec<Subject> =
        tasks.into_iter().map(|task| subject(task, args, console, &stop)).collect::<Result<_, _>>()?;
    let chosen = choose(&all, args.limit);
    let folder = TemporaryFolder::create()?;
    let mut fates = Vec::new();
    for (number, (mutant, place)) in chosen.iter().enumerate() {
        let label = format!("mutant {} of {}", number + 1, chosen.len());
        let fate = fate_of(&subjects, &mutant.apply(&text), &folder.0, &label, args, console, &stop)?;
        if stop.is_set() {
            let message = format!("interrupted after {} of {} mutants", number, chosen.len());
            return Err(CommandError::new(ExitCode::Interrupted, message, ""));
        }
        if let Fate::Undecided(_) | Fate::Survived | Fate::SameFigures | Fate::Vacuous(_) = &fate {
            tell(mutant, place, &text, &fate, console);
        }
        fates.push(fate);
    }
    console.result(&summary(&fates, all.len(), console));
    let noticed = |fate: &Fate| matches!(fate, Fate::Killed(_) | Fate::Broken(_) | Fate::Vacuous(_) | Fate::Stillborn);
    Ok(if fates.iter().all(noticed) { ExitCode::Success.code() } else { ExitCode::Inconclusive.code() })
}

fn task(args: &TlaMutateArgs, config: Option<&PathBuf>) -> TlaTask {
    let mut search_path = args.include.clone();
    search_path.extend(tla::library_path());
    let named = TlaTask::named(&args.spec, config.map(PathBuf::as_path), search_path);
    TlaTask { vacuity_is_a_verdict: true, ..named }
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
            if !found.iter().any(|(known, _)| *known == mutant) {
                let place = place_of(specification, mutant.span).to_string();
                found.push((mutant, place));
            }
        }
    }
    found.sort_by_key(|(mutant, _)| (mutant.span.start, mutant.span.end));
    Ok((text, found))
}

/// All mutants, or as many as were asked for, evenly spread.
fn choose(all: &[Placed], limit: Option<usize>) -> Vec<&Placed> {
    let wanted = limit.unwrap_or(all.len()).min(all.len());
    (0..wanted).map(|index| &all[index * all.len() / wanted]).collect()
}

/// Explores the specification itself: it must not be refuted, or its mutants would tell nothing.
fn subject(task: TlaTask, args: &TlaMutateArgs, console: &Console, stop: &StopFlag) -> Result<Subject, CommandError> {
    let label = task.model.clone();
    let outcome = explore(task.clone(), &label, None, args, console, stop);
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
    Ok(Subject { task, unmet, figures })
}

fn explore(
    task: TlaTask,
    label: &str,
    limit: Option<std::time::Duration>,
    args: &TlaMutateArgs,
    console: &Console,
    stop: &StopFlag,
) -> Outcome {
    let model = task.model.clone();
    let engine = tla::engine(task);
    let monitor = Monitor::new(console, stop, label, limit).silently();
    let workers = args.workers.map_or_else(|| Workers::Auto.number(), Workers::number);
    let memory = args.memory.or_else(|| crate::machine::available_memory().map(|bytes| bytes / 4 * 3));
    discharge(&*engine, &model, workers, memory, monitor)
}

fn figures(outcome: &Outcome) -> Figures {
    ["generated", "distinct", "depth"].map(|name| outcome.figures.get(name).map(|figure| *figure as u64))
}

fn fate_of(
    subjects: &[Subject],
    text: &str,
    folder: &Path,
    label: &str,
    args: &TlaMutateArgs,
    console: &Console,
    stop: &StopFlag,
) -> Result<Fate, CommandError> {
    let mut best: Option<Fate> = None;
    for subject in subjects {
        let file = folder.join(subject.task.spec.file_name().unwrap_or_default());
        std::fs::write(&file, text).map_err(|error| {
            CommandError::new(ExitCode::System, format!("cannot write {}: {error}", file.display()), "")
        })?;
        let home = subject.task.spec.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        let mut search_path = vec![if home.as_os_str().is_empty() { PathBuf::from(".") } else { home }];
        search_path.extend(subject.task.search_path.iter().cloned());
        let task = TlaTask { spec: file, search_path, ..subject.task.clone() };
        let outcome = explore(task, label, Some(args.budget), args, console, stop);
        let fate = judge(subject, &outcome);
        best = Some(best.map_or(fate.clone(), |best| best.min(fate)));
        if matches!(best, Some(Fate::Killed(_))) {
            break;
        }
    }
    Ok(best.unwrap_or(Fate::Stillborn))
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
                FailureClass::Assumption
                | FailureClass::Assert
                | FailureClass::Evaluation
                | FailureClass::PropertyEvaluation => Fate::Broken(failure.message.clone()),
            },
            Verdict::Vacuous(vacuity) => Fate::Vacuous(vacuity.reason.clone()),
            Verdict::Declined(decline) => Fate::Undecided(decline.reason.clone()),
            Verdict::Bounded { bound, .. } => Fate::Undecided(bound.clone()),
            Verdict::Tested(_) | Verdict::Assumed(_) | Verdict::Proved(_) | Verdict::Exhausted(_) => {
                if figures(outcome) == subject.figures { Fate::SameFigures } else { Fate::Survived }
            }
        }
    });
    fates.min().unwrap_or(Fate::SameFigures)
}

fn tell(mutant: &Mutant, place: &str, text: &str, fate: &Fate, console: &Console) {
    let (ink, word, why) = match fate {
        Fate::Undecided(reason) => (Ink::Doubtful, "undecided", reason.as_str()),
        Fate::Vacuous(reason) => (Ink::Doubtful, "vacuous", reason.as_str()),
        Fate::SameFigures => (Ink::Faint, "survived", "the same figures as the specification: it may behave the same"),
        Fate::Survived => (Ink::Bad, "survived", "no property notices"),
        Fate::Killed(_) | Fate::Broken(_) | Fate::Stillborn => return,
    };
    let old = &text[mutant.span.start as usize..mutant.span.end as usize];
    let old = old.split_whitespace().collect::<Vec<_>>().join(" ");
    let style = &console.style;
    let mut out = format!(
        "{}  {place}  {} in {}\n",
        style.paint(ink, &format!("{word:<9}")),
        mutant.mistake.words(),
        mutant.definition
    );
    wrap_hanging(&mut out, &format!("{old} → {}", mutant.replacement), 11, 13, style.width);
    wrap_hanging(&mut out, why, 11, 13, style.width);
    console.result(&out);
}

fn summary(fates: &[Fate], all: usize, console: &Console) -> String {
    let count = |wanted: fn(&Fate) -> bool| fates.iter().filter(|fate| wanted(fate)).count();
    let killed = count(|fate| matches!(fate, Fate::Killed(_)));
    let broken = count(|fate| matches!(fate, Fate::Broken(_)));
    let vacuous = count(|fate| matches!(fate, Fate::Vacuous(_)));
    let same = count(|fate| *fate == Fate::SameFigures);
    let survived = same + count(|fate| *fate == Fate::Survived);
    let undecided = count(|fate| matches!(fate, Fate::Undecided(_)));
    let stillborn = count(|fate| *fate == Fate::Stillborn);
    let alive = fates.len() - stillborn;
    let percent = |part: usize, whole: usize| if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 };
    let noticed = killed + broken + vacuous;
    let mut text = String::new();
    let line = format!(
        "{}: {killed} killed by a property, {broken} cannot be evaluated, {vacuous} noticed by vacuity alone, {survived} survived ({same} of them with the same figures), {undecided} undecided; {stillborn} are no specification and do not count.",
        counted(fates.len(), "mutant")
    );
    wrap_hanging(&mut text, &line, 0, 2, console.style.width);
    let share = format!(
        "Noticed: {:.1} % of {alive}; {:.1} % without those that have the same figures.",
        percent(noticed, alive),
        percent(noticed, alive - same)
    );
    text.push_str(&share);
    text.push('\n');
    if fates.len() < all {
        text.push_str(&format!("Only {} of {all} mutants were explored (--limit).\n", fates.len()));
    }
    text
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
