//! From what CBMC says of its properties to one verdict for each obligation.
//!
//! In the order of what outweighs what: a property that fails is a refutation, if it can be replayed, whatever the bound; a
//! status that is neither success nor failure decides nothing; an obligation without a property is vacuous; if an unwinding
//! assertion fails, the bound cuts paths off, and nothing that holds up to there counts; an assertion that no path reaches
//! is vacuous; what is left holds for all paths, since all loops were unwound to their ends.

use super::harness::{Harness, Variant};
use super::output::{Goal, Location, PropertyResult, Status};
use super::runs::{declined, failed};
use super::trace::{behavior, last_place, place};
use std::collections::BTreeMap;
use verdict::{Counterexample, Decline, ExitCode, FailureClass, FalseConjunct, Refutation, Vacuity, Verdict};

/// How many failures of one obligation are tried before giving up on replaying one.
const TRIES: usize = 4;

/// Who replayed a counterexample.
pub const REPLAYER: &str = "the program itself, under sanitisers";

/// What the judge asks of others.
pub trait Court {
    /// Replays a failure: `Err` is the reason why it was not replayed.
    fn replay(&self, failed: &PropertyResult) -> Result<(), String>;

    /// Which assertions some path reaches, asked at most once; `Err` is the verdict on what depends on it.
    fn reached(&self) -> Result<Vec<Goal>, Verdict>;
}

/// What was found about one obligation.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Properties that belong to it.
    pub properties: usize,
    /// Those that some path reaches, where that was asked.
    pub reached: Option<usize>,
    /// The failure that was replayed, by its name.
    pub replayed: Option<String>,
}

/// One judgement for each wanted property, in order.
pub fn judge(
    harness: &Harness,
    variant: &Variant<'_>,
    results: &[PropertyResult],
    court: &dyn Court,
) -> Vec<Judgement> {
    let unwound: Vec<&PropertyResult> = results.iter().filter(|result| is_unwinding(result)).collect();
    let cut = unwound.iter().find(|result| result.status != Status::Success).copied();
    let owner = |result: &PropertyResult| match result.class() {
        "assertion" => harness.property_of(&result.description),
        _ => None,
    };
    let memory = harness.memory_name();
    let unclaimed = results
        .iter()
        .find(|result| variant.macro_name.is_none() && owner(result).is_some_and(|id| !variant.wanted.contains(&id)));
    let judged = |wanted: &String| {
        let belongs = |result: &&PropertyResult| match owner(result) {
            Some(id) => id == *wanted,
            None => wanted == memory,
        };
        let own: Vec<&PropertyResult> = results.iter().filter(|result| !is_unwinding(result)).filter(belongs).collect();
        if let (Some(result), true) = (unclaimed, wanted == memory) {
            return of(unclaimed_assertion(result), own.len());
        }
        judge_one(harness, wanted, &own, cut, variant.macro_name.is_none(), court)
    };
    variant.wanted.iter().map(judged).collect()
}

fn is_unwinding(result: &PropertyResult) -> bool {
    matches!(result.class(), "unwind" | "recursion")
}

fn of(verdict: Verdict, properties: usize) -> Judgement {
    Judgement { verdict, properties, reached: None, replayed: None }
}

fn judge_one(
    harness: &Harness,
    wanted: &str,
    own: &[&PropertyResult],
    cut: Option<&PropertyResult>,
    must_be_reached: bool,
    court: &dyn Court,
) -> Judgement {
    let count = own.len();
    let with = |status: Status| own.iter().find(|result| result.status == status);
    if with(Status::Failure).is_some() {
        return refuted(own, court);
    }
    if let Some(result) = with(Status::Error).or_else(|| with(Status::Other)) {
        let message = format!("cbmc ends with an error about {}: {}", result.property, result.description);
        let at = place(&result.source_location);
        return of(failed(FailureClass::System, message, at, "run it by hand, and report it to its authors"), count);
    }
    if own.is_empty() {
        let reason = format!("no assertion of the harness speaks about {wanted}");
        return of(Verdict::Vacuous(Vacuity { reason, witness: None }), count);
    }
    if let Some(result) = cut {
        let reason = format!(
            "{} unwindings are too few: {} does not hold, so paths are cut off",
            harness.unwind, result.description
        );
        let remedy = "raise `unwind` of the harness".to_owned();
        let at = place(&result.source_location);
        return of(Verdict::Declined(Decline { reason, place: at, remedy, induction: None }), count);
    }
    if let Some(result) = with(Status::Unknown) {
        let reason = format!("cbmc does not know whether {} holds", result.description);
        return of(declined(reason, "raise `unwind` and `timeout` of the harness"), count);
    }
    if !must_be_reached {
        return of(bounded(harness, count, None), count);
    }
    match court.reached() {
        Ok(goals) => reached(harness, wanted, own, &goals),
        Err(verdict) => of(unknown_reachability(&verdict), count),
    }
}

/// A failure that can be replayed, among the first few.
fn refuted(own: &[&PropertyResult], court: &dyn Court) -> Judgement {
    let mut reason = String::new();
    let mut at = None;
    let failures = own.iter().filter(|result| result.status == Status::Failure);
    for result in failures.take(TRIES) {
        match court.replay(result) {
            Ok(()) => {
                let replayed = Some(result.property.clone());
                return Judgement { replayed, ..of(refutation(result), own.len()) };
            }
            Err(why) if reason.is_empty() => {
                let location = location_of(result);
                at = location.and_then(place);
                let line =
                    location.map_or_else(String::new, |location| format!(" ({}:{})", location.file, location.line));
                reason = format!(
                    "cbmc says that `{}` fails{line}, but this could not be replayed: {why}",
                    result.description
                );
            }
            Err(_) => {}
        }
    }
    let remedy = "draw every value from a nondet_ function, whose result is used, and leave nothing uninitialised; \
                  or look at the path with cbmc --trace"
        .to_owned();
    of(Verdict::Declined(Decline { reason, place: at, remedy, induction: None }), own.len())
}

fn location_of(result: &PropertyResult) -> Option<&Location> {
    let own = Some(&result.source_location).filter(|location| location.is_in_source());
    own.or_else(|| last_place(&result.trace))
}

fn refutation(result: &PropertyResult) -> Verdict {
    let part = location_of(result).and_then(place).map(|place| FalseConjunct {
        place,
        text: result.description.clone(),
        bindings: Vec::new(),
        values: Vec::new(),
    });
    let notes = BTreeMap::from([("cbmc property".to_owned(), result.property.clone())]);
    let false_conjuncts = part.into_iter().collect();
    Verdict::Refuted(Box::new(Refutation {
        counterexample: Counterexample { trace: behavior(&result.trace), false_conjuncts, notes },
        replayed_by: REPLAYER.to_owned(),
        replay_command: String::new(),
        exit_code: ExitCode::Safety.code(),
    }))
}

fn unclaimed_assertion(result: &PropertyResult) -> Verdict {
    let message = format!(
        "an assertion speaks about a property that the source does not name as a string: {}",
        result.description
    );
    let remedy = "add the property to `properties` of the harness";
    failed(FailureClass::Configuration, message, place(&result.source_location), remedy)
}

fn unknown_reachability(verdict: &Verdict) -> Verdict {
    let why = match verdict {
        Verdict::Declined(decline) => decline.reason.clone(),
        Verdict::Failed(failure) => failure.message.clone(),
        other => other.strength().word().to_owned(),
    };
    let reason = format!("nothing fails up to the bound, but whether anything is reached is not known: {why}");
    declined(reason, "raise `timeout` and `memory` of the harness")
}

/// What tells an assertion from others. CBMC numbers goals otherwise than properties, so their places and texts are compared.
type Key<'a> = (&'a Location, &'a str);

/// Holds, unless an assertion is never reached.
fn reached(harness: &Harness, wanted: &str, own: &[&PropertyResult], goals: &[Goal]) -> Judgement {
    let mut counts: BTreeMap<Key<'_>, (usize, usize)> = BTreeMap::new();
    for goal in goals {
        let entry = counts.entry((&goal.source_location, &goal.description)).or_default();
        entry.0 += usize::from(goal.status == "satisfied");
        entry.1 += 1;
    }
    let is_reached = |result: &PropertyResult| {
        let found = counts.get(&(&result.source_location, result.description.as_str()));
        // Where several share place and text, all of them have to be reached.
        found.is_some_and(|(reached, all)| reached == all)
    };
    let reached = own.iter().filter(|result| is_reached(result)).count();
    // Assertions in CBMC's own library are checks like others.
    let is_written = |result: &PropertyResult| result.class() == "assertion" && result.source_location.is_in_source();
    let never = own.iter().find(|result| is_written(result) && !is_reached(result));
    // The check for leaks stands where the program ends, in no file, and is no goal.
    let is_in_source = own.iter().any(|result| result.source_location.is_in_source());
    let nothing_runs = goals.iter().all(|goal| goal.status != "satisfied");
    let verdict = match never {
        Some(result) => Verdict::Vacuous(Vacuity {
            reason: format!("no path reaches the assertion `{}`", result.description),
            witness: place(&result.source_location),
        }),
        None if reached == 0 && (is_in_source || nothing_runs) => {
            let reason = format!("no path reaches any of the {} checks of {wanted}", own.len());
            Verdict::Vacuous(Vacuity { reason, witness: None })
        }
        None => bounded(harness, own.len(), Some(reached)),
    };
    Judgement { verdict, properties: own.len(), reached: Some(reached), replayed: None }
}

fn bounded(harness: &Harness, properties: usize, reached: Option<usize>) -> Verdict {
    let noun = if properties == 1 { "property" } else { "properties" };
    let reached = match reached {
        Some(reached) if reached == properties => ", all reached".to_owned(),
        Some(reached) => format!(", {reached} of them reached"),
        None => String::new(),
    };
    let bound = format!("{} unwindings, which are enough, {properties} {noun}{reached}", harness.unwind);
    Verdict::Bounded { bound, depth: Some(u64::from(harness.unwind)), unwinding_assertions: true }
}
