//! The independent checker stands between a finding and the reader. What it accepts is a refutation; what it rejects is
//! a defect of ours; what it cannot judge is declined, and not shown.

use super::followed::without;
use super::input::Input;
use recheck::{Claim, Replay};
use std::collections::BTreeMap;
use tla_explore::{Broken, Violation};
use verdict::trace::Ending;
use verdict::{Counterexample, Decline, Failure, FailureClass, Place, Refutation, Trace, Verdict};

/// Name of the checker in evidence.
const CHECKER: &str = "recheck";

/// The claim that a finding makes about the property of this name.
pub fn claimed(violation: Violation, name: &str) -> recheck::Violation {
    let name = name.to_owned();
    match violation {
        Violation::Deadlock => recheck::Violation::Deadlock,
        Violation::Broken(Broken::Invariant(_)) => recheck::Violation::Invariant(name),
        Violation::Broken(Broken::ActionProperty(_)) => recheck::Violation::ActionProperty(name),
        Violation::Broken(Broken::InitialProperty(_)) => recheck::Violation::InitialProperty(name),
    }
}

/// The claim that a recorded trace makes, by what is recorded of it. An infinite behavior breaks a temporal property; a
/// property of initial states is broken by the first state, one of steps needs two.
pub fn recorded(name: &str, exit_code: u8, trace: &Trace) -> recheck::Violation {
    let name = name.to_owned();
    if trace.ending != Ending::Finite {
        return recheck::Violation::Temporal(name);
    }
    let states = trace.steps.len();
    match verdict::ExitCode::from_code(exit_code) {
        Some(verdict::ExitCode::Deadlock) => recheck::Violation::Deadlock,
        Some(verdict::ExitCode::Liveness) if states > 1 => recheck::Violation::ActionProperty(name),
        Some(verdict::ExitCode::Liveness) => recheck::Violation::InitialProperty(name),
        Some(_) | None => recheck::Violation::Invariant(name),
    }
}

/// The claim of a recorded counterexample to induction. Of the invariant itself two states show a step out of it, one that
/// a step from it has no value; a property that is broken by two states is one of steps.
pub fn recorded_induction(name: &str, inductive: &str, trace: &Trace) -> recheck::Violation {
    match (name == inductive, trace.steps.len()) {
        (true, 1) => recheck::Violation::Failure(FailureClass::Evaluation),
        (true, _) => recheck::Violation::Invariant(name.to_owned()),
        (false, _) if name == super::input::DEADLOCK => recheck::Violation::Deadlock,
        (false, 1) => recheck::Violation::Invariant(name.to_owned()),
        (false, _) => recheck::Violation::ActionProperty(name.to_owned()),
    }
}

/// TLC's exit code for a violation.
pub fn exit_code(violation: Violation) -> verdict::ExitCode {
    match violation {
        Violation::Deadlock => verdict::ExitCode::Deadlock,
        Violation::Broken(Broken::Invariant(_)) => verdict::ExitCode::Safety,
        Violation::Broken(Broken::ActionProperty(_) | Broken::InitialProperty(_)) => verdict::ExitCode::Liveness,
    }
}

/// The verdict on a finding, after the replay.
pub fn judged(
    input: &Input,
    violation: Violation,
    name: &str,
    counterexample: Counterexample,
    replay_command: &str,
) -> Verdict {
    let claimed = claimed(violation, name);
    verdict_on(input, claimed, exit_code(violation), name, counterexample, replay_command)
}

/// The verdict on an infinite behavior that is said to violate a property, after the replay.
pub fn judged_lasso(input: &Input, name: &str, counterexample: Counterexample, replay_command: &str) -> Verdict {
    let claimed = recheck::Violation::Temporal(name.to_owned());
    let verdict = verdict_on(input, claimed, verdict::ExitCode::Liveness, name, counterexample, replay_command);
    match verdict {
        Verdict::Refuted(mut refutation) => {
            let counterexample = &mut refutation.counterexample;
            counterexample.false_conjuncts =
                recheck::false_parts(&input.specification, &without(&input.config), name, &counterexample.trace);
            Verdict::Refuted(refutation)
        }
        other => other,
    }
}

fn verdict_on(
    input: &Input,
    violation: recheck::Violation,
    exit_code: verdict::ExitCode,
    name: &str,
    counterexample: Counterexample,
    replay_command: &str,
) -> Verdict {
    let claim = Claim { violation, trace: &counterexample.trace };
    match recheck::replay(&input.specification, &without(&input.config), &claim) {
        Replay::Accepted => Verdict::Refuted(Box::new(Refutation {
            counterexample,
            replayed_by: CHECKER.to_owned(),
            replay_command: replay_command.to_owned(),
            exit_code: exit_code.code(),
        })),
        Replay::Rejected { reason, step, place } => rejected(name, &reason, step, place),
        Replay::Unsupported { construct, place } => Verdict::Declined(Decline {
            reason: format!(
                "a violation of {name} was found, but the independent checker cannot replay it, so it is not shown; \
                 it does not evaluate: {construct}"
            ),
            place,
            remedy: not_replayed(&construct),
            induction: None,
        }),
    }
}

/// What can be done where a construct keeps a counterexample from being replayed.
fn not_replayed(construct: &str) -> String {
    if construct.ends_with(recheck::AT_RANDOM) {
        return "let the configuration replace the operator by one that gives all that may be drawn, such as RandomSubset <- All \
                with All(k, S) == S in the specification, and search that"
            .to_owned();
    }
    format!("check it with TLC, and report the construct at {}/issues", env!("CARGO_PKG_REPOSITORY"))
}

fn rejected(name: &str, reason: &str, step: Option<usize>, place: Option<Place>) -> Verdict {
    let state = step.map_or_else(String::new, |step| format!(" at state {}", step + 1));
    Verdict::Failed(Failure {
        class: FailureClass::Internal,
        message: format!(
            "the engine and the independent checker disagree about a violation of {name}{state}: {reason}"
        ),
        place,
        remedy: format!("no verdict of this model counts; please report it at {}/issues", env!("CARGO_PKG_REPOSITORY")),
        trace: None,
        notes: BTreeMap::new(),
    })
}
