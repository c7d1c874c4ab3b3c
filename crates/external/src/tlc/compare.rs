//! Two answers about one model, side by side.
//!
//! Compared is what both tools promise to say alike: what was found, and the counts where both searches are complete, or where
//! both end at the first violation. There TLC may go on for a while before it stops (`docs/soundness.md`), so that counts of
//! its that are larger say nothing, and smaller ones contradict. Whatever one of the two left undecided cannot contradict
//! the other, and is no agreement either.

use super::output::{Counts, Found, Kind, Told, Undefined};
use serde::{Deserialize, Serialize};
use verdict::trace::Ending;
use verdict::{Evidence, ExitCode, Explored, FailureClass, Refutation, Verdict};

/// What our search says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ours {
    /// What is violated, and by what kind of behavior.
    pub violated: Vec<(String, Kind)>,
    /// What failed.
    pub failed: Vec<(String, FailureClass)>,
    /// What was not decided.
    pub undecided: Vec<String>,
    /// What holds.
    pub held: Vec<String>,
    /// What was counted.
    pub counts: Option<Counts>,
    /// Whether every reachable state was expanded.
    pub complete: bool,
    /// Whether the search goes on after a violation.
    pub goes_on: bool,
    /// Why counts say nothing.
    pub incomparable: Option<String>,
}

impl Ours {
    /// What these verdicts and counts of one search say.
    pub fn of(evidence: &[Evidence], explored: Option<&Explored>, goes_on: bool) -> Self {
        let counts = explored.and_then(|explored| {
            Some(Counts {
                generated: explored.generated,
                distinct: explored.distinct?,
                queue: explored.queue,
                depth: Some(u64::from(explored.depth)),
            })
        });
        let mut ours = Self {
            violated: Vec::new(),
            failed: Vec::new(),
            undecided: Vec::new(),
            held: Vec::new(),
            counts,
            complete: explored.is_some_and(|explored| explored.complete),
            goes_on,
            incomparable: None,
        };
        evidence.iter().for_each(|one| ours.add(one.obligation.name_in_input.clone(), &one.verdict));
        ours
    }

    fn add(&mut self, name: String, verdict: &Verdict) {
        match verdict {
            Verdict::Refuted(refutation) => self.violated.push((name, kind_of(refutation))),
            Verdict::Failed(failure) => self.failed.push((name, failure.class)),
            // What holds for an empty reason holds.
            Verdict::Proved(_) | Verdict::Exhausted(_) | Verdict::Vacuous(_) | Verdict::Tested(_) => {
                self.held.push(name);
            }
            Verdict::Bounded { .. } | Verdict::Declined(_) | Verdict::Assumed(_) => self.undecided.push(name),
        }
    }

    /// Whether a failure is one of the specification, of this kind.
    fn is_undefined(&self, kind: Undefined) -> bool {
        self.failed.iter().any(|(_, class)| undefined(*class) == Some(kind))
    }

    /// Whether anything of the specification is undefined.
    fn is_undefined_somewhere(&self) -> bool {
        self.failed.iter().any(|(_, class)| undefined(*class).is_some())
    }

    /// Why it decided less than everything, if that is so.
    fn left_open(&self) -> Option<String> {
        if let Some((name, class)) = self.failed.first() {
            return Some(format!("{name} failed here ({class:?})"));
        }
        let first = self.undecided.first()?;
        Some(format!("{first} was not decided here"))
    }
}

fn kind_of(refutation: &Refutation) -> Kind {
    match refutation.counterexample.trace.ending {
        Ending::Stuttering | Ending::BackTo(_) => Kind::Temporal,
        Ending::Finite if refutation.exit_code == ExitCode::Deadlock.code() => Kind::Deadlock,
        Ending::Finite => Kind::Finite,
    }
}

fn undefined(class: FailureClass) -> Option<Undefined> {
    match class {
        FailureClass::Assumption => Some(Undefined::Assumption),
        FailureClass::Assert => Some(Undefined::Assert),
        FailureClass::Evaluation | FailureClass::PropertyEvaluation => Some(Undefined::Evaluation),
        FailureClass::Parse
        | FailureClass::Configuration
        | FailureClass::Capacity
        | FailureClass::System
        | FailureClass::Internal => None,
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// They say the same.
    Agree {
        /// What was compared.
        compared: Vec<String>,
        /// What was not, with reasons.
        not_compared: Vec<String>,
    },
    /// They contradict each other.
    Disagree(String),
    /// One of them left open what the other says.
    Open(String),
}

/// Holds two answers against each other.
pub fn compare(ours: &Ours, theirs: &Told) -> Outcome {
    match &theirs.found {
        Found::Nothing => nothing(ours, theirs),
        Found::Violation(kind, name) => violation(ours, theirs, *kind, name.as_deref()),
        Found::Undefined(kind, text) => undefined_there(ours, *kind, text),
        Found::GaveUp(code, text) if ours.is_undefined_somewhere() => {
            Outcome::Open(format!("both stop at an error, TLC at one whose code says no more (message {code}: {text})"))
        }
        Found::GaveUp(code, text) => Outcome::Open(format!("TLC gave up (message {code}): {text}")),
    }
}

/// TLC found nothing.
fn nothing(ours: &Ours, theirs: &Told) -> Outcome {
    if let Some((name, kind)) = ours.violated.first() {
        return Outcome::Disagree(format!("TLC finds nothing; here {name} is refuted by {}", kind.words()));
    }
    if let Some((name, class)) = ours.failed.iter().find(|(_, class)| undefined(*class).is_some()) {
        return Outcome::Disagree(format!("TLC finds nothing; here {name} fails ({class:?})"));
    }
    if ours.held.is_empty() || !ours.complete {
        let why = ours.left_open().unwrap_or_else(|| "the search here is not complete".to_owned());
        return Outcome::Open(format!("TLC finds nothing, and {why}"));
    }
    // A temporal property that is declined beside a complete search leaves safety and counts to compare.
    let open = ours.undecided.iter().map(|name| format!("{name}, which was not decided here")).collect();
    let verdict = if ours.undecided.is_empty() { "nothing found" } else { "nothing else found" };
    counts(ours, theirs, vec![verdict.to_owned()], open, true)
}

/// TLC found a violation.
fn violation(ours: &Ours, theirs: &Told, kind: Kind, name: Option<&str>) -> Outcome {
    // A name that is none of ours is a place in the specification.
    let all = || ours.violated.iter().map(|(name, _)| name).chain(&ours.undecided).chain(&ours.held);
    let name = name.filter(|name| all().chain(ours.failed.iter().map(|(name, _)| name)).any(|known| known == name));
    let called = name.map_or_else(|| kind.words().to_owned(), |name| format!("{} of {name}", kind.words()));
    let same = |(known, its): &(String, Kind)| name.map_or(*its == kind, |name| name == known);
    if ours.violated.iter().any(same) {
        let stops =
            ours.goes_on.then(|| "counts: the search goes on after a violation here, and not in TLC".to_owned());
        let both_complete = kind == Kind::Temporal && ours.complete;
        return match stops.filter(|_| !both_complete) {
            Some(stops) => Outcome::Agree { compared: vec![called], not_compared: vec![stops] },
            None => counts(ours, theirs, vec![called], Vec::new(), both_complete),
        };
    }
    let is_open = |name: &str| ours.undecided.iter().any(|known| known == name);
    let is_failed = !ours.failed.is_empty();
    match name {
        _ if is_failed => {}
        Some(name) if is_open(name) => {}
        None if !ours.undecided.is_empty() => {}
        Some(_) | None => {
            let here = match ours.violated.first() {
                Some((name, kind)) => format!("{name} is refuted by {}", kind.words()),
                None => "nothing is refuted".to_owned(),
            };
            return Outcome::Disagree(format!("TLC finds {called}; here {here}"));
        }
    }
    let why = ours.left_open().unwrap_or_else(|| "nothing was decided here".to_owned());
    Outcome::Open(format!("TLC finds {called}, and {why}"))
}

/// TLC met something undefined.
fn undefined_there(ours: &Ours, kind: Undefined, text: &str) -> Outcome {
    let here = match kind {
        Undefined::Assumption | Undefined::Assert => ours.is_undefined(kind),
        Undefined::Evaluation => ours.is_undefined_somewhere(),
    };
    if here {
        let what = match kind {
            Undefined::Assumption => "an assumption or postcondition that is false or has no value",
            Undefined::Assert => "an Assert that fails",
            Undefined::Evaluation => "something that cannot be evaluated",
        };
        let not = vec!["counts: TLC may go on for a while after an error".to_owned()];
        return Outcome::Agree { compared: vec![what.to_owned()], not_compared: not };
    }
    let is_clean = ours.failed.is_empty() && ours.undecided.is_empty() && ours.violated.is_empty() && ours.complete;
    match kind {
        // These are truth values, about which there can be no two opinions.
        Undefined::Assumption | Undefined::Assert if is_clean => {
            Outcome::Disagree(format!("TLC says: {text}; here all was evaluated, and nothing found"))
        }
        // TLC evaluates less: integers beyond 32 bits, sets that are too large.
        Undefined::Assumption | Undefined::Assert | Undefined::Evaluation => {
            Outcome::Open(format!("TLC could not evaluate it: {text}"))
        }
    }
}

/// Compares counts, after verdicts that agree.
fn counts(
    ours: &Ours,
    theirs: &Told,
    mut compared: Vec<String>,
    mut not_compared: Vec<String>,
    both_complete: bool,
) -> Outcome {
    if let Some(reason) = &ours.incomparable {
        not_compared.push(format!("counts: {reason}"));
        return Outcome::Agree { compared, not_compared };
    }
    let (Some(mine), Some(its)) = (ours.counts, theirs.counts) else {
        not_compared.push("counts, which were not told".to_owned());
        return Outcome::Agree { compared, not_compared };
    };
    if both_complete && its.queue != 0 {
        return Outcome::Disagree(format!("TLC left {} states on its queue; here every state was expanded", its.queue));
    }
    let rows = [
        ("generated", Some(mine.generated), Some(its.generated)),
        ("distinct", Some(mine.distinct), Some(its.distinct)),
        // TLC gives a model without states the depth 1.
        ("depth", mine.depth.filter(|_| mine.distinct > 0), its.depth),
    ];
    for (what, mine, its) in rows {
        match (mine, its) {
            (Some(mine), Some(its)) if mine == its => compared.push(format!("{what} {mine}")),
            (Some(mine), Some(its)) if both_complete || its < mine => {
                return Outcome::Disagree(format!("{what}: {mine} here, {its} in TLC"));
            }
            (Some(mine), Some(its)) => {
                not_compared
                    .push(format!("{what}: {mine} here, {its} in TLC, which may go on for a while after a violation"));
            }
            (None, _) | (_, None) => not_compared.push(format!("{what}, which was not told")),
        }
    }
    Outcome::Agree { compared, not_compared }
}
