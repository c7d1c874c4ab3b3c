//! What changed between two runs, obligation by obligation.
//!
//! An obligation is the same in both runs if its model, property, name in the specification and engine are. It is judged
//! first by whether it is met, then by strength. A refutation that is followed by something undecided counts as *weaker*,
//! although `Declined` stands above `Refuted` in the order of strengths: what was known is known no longer.

use crate::RecordedRun;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use verdict::{Evidence, ExitCode, Obligation, Strength};

/// How an obligation fares in the later run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It was met, or undecided, or did not exist, and is now refuted, failed or otherwise not met.
    Introduced,
    /// It is less certain than before.
    Weaker,
    /// It is not checked any more.
    Removed,
    /// It was not met and is now.
    Fixed,
    /// It is more certain than before.
    Stronger,
    /// It was not checked before, and is met.
    Added,
    /// Nothing changed.
    Unchanged,
}

impl Standing {
    /// Every one, worst first.
    pub const ALL: [Self; 7] =
        [Self::Introduced, Self::Weaker, Self::Removed, Self::Fixed, Self::Stronger, Self::Added, Self::Unchanged];

    /// The word that reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Introduced => "introduced",
            Self::Weaker => "weaker",
            Self::Removed => "removed",
            Self::Fixed => "fixed",
            Self::Stronger => "stronger",
            Self::Added => "added",
            Self::Unchanged => "unchanged",
        }
    }
}

/// An obligation in two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The obligation, as the later run has it if it does.
    pub obligation: Obligation,
    /// Its strength in the earlier run.
    pub before: Option<Strength>,
    /// Its strength in the later run.
    pub after: Option<Strength>,
    /// The exit code that its verdict in the later run stands for; 0 if met or gone.
    pub exit_code: u8,
    /// How it fares.
    pub standing: Standing,
}

/// Whether an obligation of a run was met, by what that run required.
pub fn is_met(run: &RecordedRun, evidence: &Evidence) -> bool {
    exit_code(run, evidence) == 0
}

fn exit_code(run: &RecordedRun, evidence: &Evidence) -> u8 {
    let required = evidence.obligation.required(run.header.required.unwrap_or_default());
    ExitCode::of_required(&evidence.verdict, evidence.obligation.expectation, required)
}

/// Compares two runs: the obligations of the later one in its order, then those that it lacks.
pub fn compare(before: &RecordedRun, after: &RecordedRun) -> Vec<Compared> {
    let mut old: BTreeMap<_, &Evidence> = before.evidence.iter().map(|one| (key(&one.obligation), one)).collect();
    let mut all = Vec::new();
    for now in &after.evidence {
        let was = old.remove(&key(&now.obligation));
        let standing = match was {
            Some(was) => standing((before, was), (after, now)),
            None if is_met(after, now) => Standing::Added,
            None => Standing::Introduced,
        };
        all.push(Compared {
            obligation: now.obligation.clone(),
            before: was.map(|was| was.verdict.strength()),
            after: Some(now.verdict.strength()),
            exit_code: exit_code(after, now),
            standing,
        });
    }
    let gone = before.evidence.iter().filter(|was| old.contains_key(&key(&was.obligation)));
    all.extend(gone.map(|was| Compared {
        obligation: was.obligation.clone(),
        before: Some(was.verdict.strength()),
        after: None,
        exit_code: 0,
        standing: Standing::Removed,
    }));
    all
}

fn key(obligation: &Obligation) -> (&str, &str, &str, &str) {
    (&obligation.model, &obligation.property, &obligation.name_in_input, &obligation.engine)
}

fn standing(was: (&RecordedRun, &Evidence), now: (&RecordedRun, &Evidence)) -> Standing {
    let (was_met, now_met) = (is_met(was.0, was.1), is_met(now.0, now.1));
    let (old, new) = (was.1.verdict.strength(), now.1.verdict.strength());
    let is_finding = |strength: Strength| strength <= Strength::Refuted;
    match (was_met, now_met) {
        (true, false) => Standing::Introduced,
        (false, true) => Standing::Fixed,
        (false, false) if is_finding(new) && !is_finding(old) => Standing::Introduced,
        (false, false) if is_finding(old) && !is_finding(new) => Standing::Weaker,
        (true, true) | (false, false) => match new.cmp(&old) {
            Ordering::Less => Standing::Weaker,
            Ordering::Equal => Standing::Unchanged,
            Ordering::Greater => Standing::Stronger,
        },
    }
}
