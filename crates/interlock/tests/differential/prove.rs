//! One case through the explorer and through the symbolic engines: what one proves the other finds to hold, what one
//! refutes the other refutes in as many steps, and the independent checker accepts every invariant.

use super::ours::{MOST, input};
use super::specifications::Case;
use recheck::certificate::{Judgement, Proved};
use std::time::{Duration, Instant};
use tla_explore::interpret::Interpreted;
use tla_explore::{Broken, Options, Outcome, Violation, explore_keeping_states};
use tla_model::model::Model;
use tla_symbolic::{Conclusion, Engine, Target, Watch};
use verdict::{Event, EventSink};

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// Both say that everything holds, and the certificate was accepted.
    Holds,
    /// Both refute, in as many steps.
    Refuted,
    /// Not decided by one of them; with the reason.
    Skipped(String),
    /// They differ.
    Differ(String),
}

struct For(Instant);

impl Watch for For {
    fn stopped(&self) -> bool {
        self.0.elapsed() > Duration::from_secs(5)
    }

    fn progress(&self, _engine: &'static str, _text: &str) {}
}

impl EventSink for For {
    fn send(&self, _event: Event) {}

    fn interrupted(&self) -> bool {
        self.stopped()
    }
}

/// Runs a case with one engine.
pub fn run(case: &Case, engine: Engine) -> Compared {
    let Ok((specification, config)) = input(case) else { return Compared::Skipped("not readable".to_owned()) };
    let Ok(model) = Model::build(&specification, &config) else {
        return Compared::Skipped("not resolved".to_owned());
    };
    if model.view.is_some() || model.symmetry.is_some() {
        return Compared::Skipped("a view or a symmetry".to_owned());
    }
    let watch = For(Instant::now());
    let system = Interpreted::new(&model, &specification.sources, &watch);
    if system.check_assumptions().is_err() {
        return Compared::Skipped("an assumption is false".to_owned());
    }
    let options = Options {
        workers: 1,
        check_deadlock: model.check_deadlock,
        max_states: Some(MOST),
        stack_bytes: 64 << 20,
        ..Options::default()
    };
    // A single state may have more successors than anybody can wait for.
    let (exploration, _) = explore_keeping_states(&system, &options, &watch);
    let theirs = match &exploration.outcome {
        Outcome::Complete => None,
        Outcome::Found { findings, .. } => findings.first().cloned(),
        Outcome::Error(_) | Outcome::Interrupted | Outcome::Capacity(_) => {
            return Compared::Skipped("the search ends early".to_owned());
        }
    };
    let targets = targets(&model);
    // States are visited first as in the program, only a few of them, or not at all: one way for each case.
    let ways = [Some(tla_symbolic::visit::MOST), Some(7), None];
    let visit = ways[case.module.len() % ways.len()].filter(|_| engine == Engine::Auto);
    let options = tla_symbolic::Options { engine, observe: 20, visit, ..Default::default() };
    let report = tla_symbolic::prove(&system, &targets, &options, &watch);
    if let Some(defect) = &report.defect {
        return Compared::Differ(format!("a defect: {defect}"));
    }
    let mut reached: Vec<(Target, usize)> = Vec::new();
    let broken = theirs.as_ref().map(|finding| match finding.violation {
        Violation::Deadlock => Target::Deadlock,
        Violation::Broken(broken) => Target::Property(broken),
    });
    for (target, conclusion) in &report.conclusions {
        match conclusion {
            Conclusion::Declined(reason) => return Compared::Skipped(reason.reason.clone()),
            Conclusion::Bounded(_) | Conclusion::Left(_) => return Compared::Skipped("not decided".to_owned()),
            Conclusion::Reached(states) => {
                reached.push((*target, states.len()));
            }
            Conclusion::Excluded(_) => {
                if broken == Some(*target) {
                    return Compared::Differ(format!("{target:?} is excluded, but the explorer reaches it"));
                }
            }
        }
    }
    let Some((finding, broken)) = theirs.zip(broken) else {
        return match reached.first() {
            Some((target, length)) => Compared::Differ(format!("only symbolically {target:?} is reached, in {length}")),
            None => checked(&specification, &config, &model, &report),
        };
    };
    // The search goes level by level and ends at the first violation. Of the others some may be of the same level: a
    // step out of it that is bad has one state more than a state of it without a successor.
    let length = finding.trace.len();
    let nearer = reached.iter().find(|(target, states)| *target == broken && *states != length || *states + 1 < length);
    match nearer {
        Some((target, states)) => Compared::Differ(format!(
            "the explorer finds {:?} in {length} states, symbolically {target:?} is reached in {states}",
            finding.violation
        )),
        None if reached.is_empty() => Compared::Differ(format!("only the explorer finds {:?}", finding.violation)),
        None => Compared::Refuted,
    }
}

pub fn targets(model: &Model) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let invariants = model.invariants.len() + model.property_invariants.len();
    targets.extend((0..invariants as u32).map(|number| Target::Property(Broken::Invariant(number))));
    targets.extend((0..model.initial_properties.len() as u32).map(|n| Target::Property(Broken::InitialProperty(n))));
    targets.extend((0..model.action_properties.len() as u32).map(|n| Target::Property(Broken::ActionProperty(n))));
    if model.check_deadlock {
        targets.push(Target::Deadlock);
    }
    targets
}

/// Whether the independent checker accepts the invariant; it need not be able to judge it.
fn checked(
    specification: &tla_syntax::load::Specification,
    config: &tla_syntax::config::Config,
    model: &Model,
    report: &tla_symbolic::Report,
) -> Compared {
    let (Some(invariant), Some(built)) = (report.invariants.first(), &report.built) else {
        return Compared::Skipped("no invariant".to_owned());
    };
    if invariant.by != "reachability" {
        return Compared::Holds;
    }
    let certificate = tla_symbolic::certificate::checkable(model, &report.shapes, built, invariant);
    let proved = Proved {
        invariants: model.invariants.iter().map(|predicate| predicate.name.clone()).collect(),
        properties: model.properties.iter().map(|(name, _)| name.clone()).collect(),
        deadlock_freedom: model.check_deadlock,
    };
    let began = Instant::now();
    let stop = || began.elapsed() > Duration::from_secs(5);
    match recheck::certificate::certify(specification, config, &certificate, &proved, &stop) {
        Judgement::Accepted { .. } => Compared::Holds,
        Judgement::Rejected { reason } => Compared::Differ(format!("the invariant is rejected: {reason}")),
        Judgement::Undefined { reason } => {
            Compared::Skipped(format!("the invariant allows something undefined: {reason}"))
        }
        Judgement::Unsupported { construct, .. } => Compared::Skipped(format!("recheck: {construct}")),
    }
}
