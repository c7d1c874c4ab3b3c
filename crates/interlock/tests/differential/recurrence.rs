//! Temporal properties under fairness through the explorer's state graph and through the symbolic engines: what one says
//! holds the other must not refute. The independent checker has to accept every lasso and every proof.

use super::ours::{MOST, input};
use super::prove::Compared;
use super::specifications::Case;
use recheck::certificate::{Judgement, certify_counts};
use recheck::{Claim, Replay};
use std::time::{Duration, Instant};
use tla_compile::shape::Datum;
use tla_explore::interpret::Interpreted;
use tla_explore::liveness::{Answer, LivenessOptions, check};
use tla_explore::telling::tell_trace;
use tla_explore::{Options, Outcome as Ended, TransitionSystem, explore_keeping_states};
use tla_model::model::Model;
use tla_symbolic::certificate::countable;
use tla_symbolic::liveness::{Counted, Outcome};
use tla_symbolic::{Target, Watch};
use tla_syntax::config::Config;
use tla_syntax::load::Specification;
use verdict::Place;
use verdict::event::NoEvents;
use verdict::trace::Ending;

struct For(Instant);

impl Watch for For {
    fn stopped(&self) -> bool {
        self.0.elapsed() > Duration::from_secs(5)
    }

    fn progress(&self, _engine: &'static str, _text: &str) {}
}

fn nowhere(_span: tla_syntax::Span) -> Place {
    Place { file: String::new(), module: "T".to_owned(), line: 1, column: 1, end_line: 1, end_column: 1 }
}

/// Runs a case whose configuration has one property.
pub fn run(case: &Case) -> Compared {
    let skipped = |reason: &str| Compared::Skipped(reason.to_owned());
    let Ok((specification, config)) = input(case) else { return skipped("not readable") };
    let Ok(model) = Model::build(&specification, &config) else { return skipped("not resolved") };
    if model.view.is_some() || model.symmetry.is_some() || model.temporal_properties.is_empty() {
        return skipped("no temporal property, a view or a symmetry");
    }
    let system = Interpreted::new(&model, &specification.sources, &NoEvents);
    if system.check_assumptions().is_err() {
        return skipped("an assumption is false");
    }
    let options = Options {
        workers: 1,
        check_deadlock: false,
        max_states: Some(MOST),
        stack_bytes: 64 << 20,
        ..Options::default()
    };
    let (exploration, states) = explore_keeping_states(&system, &options, &NoEvents);
    if !matches!(exploration.outcome, Ended::Complete) {
        return skipped("the search ends early");
    }
    let liveness = LivenessOptions { stack_bytes: 64 << 20, ..LivenessOptions::default() };
    let report = check(&system, &states, &liveness, &NoEvents);
    let watch = For(Instant::now());
    let options = tla_symbolic::Options { observe: 20, ..Default::default() };
    let safety = tla_symbolic::prove(&system, &[Target::Overflow], &options, &watch);
    if let Some(defect) = &safety.defect {
        return Compared::Differ(format!("a defect: {defect}"));
    }
    let parts: Vec<usize> = (0..model.temporal_properties.len()).collect();
    let found = tla_symbolic::liveness::prove(&system, &parts, &safety, &options, &watch);
    let mut refuted = false;
    for (part, outcomes) in &found.parts {
        let known = report.outcomes.iter().find(|outcome| outcome.part == *part).map(|outcome| &outcome.answer);
        let holds = match known {
            Some(Answer::Holds(_)) => true,
            Some(Answer::Violated(_)) => false,
            Some(Answer::Declined(_) | Answer::Error(_) | Answer::Interrupted) | None => {
                return skipped("the explorer does not decide it");
            }
        };
        let mut proofs: Vec<&Counted> = Vec::new();
        for outcome in outcomes {
            match outcome {
                Outcome::Declined(reason) => return Compared::Skipped(reason.reason.clone()),
                Outcome::Bounded(_) => return skipped("not decided"),
                Outcome::Holds(counted) => proofs.push(counted),
                Outcome::Violated(states, _) if holds => {
                    return Compared::Differ(format!("only symbolically part {part} is violated: {states:?}"));
                }
                Outcome::Violated(states, back_to) => {
                    refuted = true;
                    let name = &model.properties[model.temporal_properties[*part].property].0;
                    if let Some(difference) = replayed((&specification, &config), &system, name, states, *back_to) {
                        return difference;
                    }
                }
            }
        }
        if proofs.len() == outcomes.len() && !holds {
            return Compared::Differ(format!("only the explorer finds part {part} violated"));
        }
    }
    if refuted { Compared::Refuted } else { proved((&specification, &config), &model, &safety, &found) }
}

/// What the independent checker has against a lasso.
fn replayed(
    (specification, config): (&Specification, &Config),
    system: &Interpreted<'_>,
    name: &str,
    states: &[Vec<Datum>],
    back_to: usize,
) -> Option<Compared> {
    let mut worker = system.worker();
    let mut words = Vec::with_capacity(states.len());
    for state in states {
        let values: Vec<_> = state.iter().map(Datum::value).collect();
        match worker.words_of_values(&values) {
            Ok(state) => words.push(state),
            Err(error) => return Some(Compared::Differ(error.message.clone())),
        }
    }
    let mut trace = match tell_trace(&mut worker, &words, &nowhere) {
        Ok(trace) => trace,
        Err(error) => return Some(Compared::Differ(format!("no behavior: {}", error.message))),
    };
    trace.ending = if back_to + 1 == states.len() { Ending::Stuttering } else { Ending::BackTo(back_to) };
    let claim = Claim { violation: recheck::Violation::Temporal(name.to_owned()), trace: &trace };
    match recheck::replay(specification, config, &claim) {
        Replay::Accepted => None,
        Replay::Rejected { reason, .. } => Some(Compared::Differ(format!("the lasso is rejected: {reason}"))),
        Replay::Unsupported { construct, .. } => Some(Compared::Skipped(format!("recheck: {construct}"))),
    }
}

fn proved(
    (specification, config): (&Specification, &Config),
    model: &Model,
    safety: &tla_symbolic::Report,
    found: &tla_symbolic::liveness::Temporals,
) -> Compared {
    let Some(built) = &found.built else { return Compared::Skipped("no circuit".to_owned()) };
    for (number, (name, _)) in model.properties.iter().enumerate() {
        let own = found.parts.iter().filter(|(part, _)| model.temporal_properties[*part].property == number);
        let countings: Vec<_> = own
            .flat_map(|(_, outcomes)| outcomes)
            .filter_map(|outcome| match outcome {
                Outcome::Holds(counted) => Some(countable(model, &safety.shapes, built, counted)),
                Outcome::Violated(..) | Outcome::Bounded(_) | Outcome::Declined(_) => None,
            })
            .collect();
        if countings.is_empty() {
            continue;
        }
        let began = Instant::now();
        let stop = || began.elapsed() > Duration::from_secs(5);
        match certify_counts(specification, config, name, &countings, &stop) {
            Judgement::Accepted { .. } => {}
            Judgement::Rejected { reason } => return Compared::Differ(format!("the proof is rejected: {reason}")),
            Judgement::Undefined { reason } => return Compared::Skipped(format!("undefined: {reason}")),
            Judgement::Unsupported { construct, .. } => return Compared::Skipped(format!("recheck: {construct}")),
        }
    }
    Compared::Holds
}
