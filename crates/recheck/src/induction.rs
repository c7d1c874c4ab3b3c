//! Counterexamples to induction, judged.
//!
//! An invariant that is to prove something by induction fails by one state or by two: a state that satisfies it and breaks
//! what it should imply, or a step from such a state that it does not survive. Nothing says that a behavior comes there,
//! so the first state need not be an initial one. All else is as in `replay`: the states are complete, the step is one of
//! the next-state action and does not leave the model, and the claim is false where it is said to be.

use crate::claim::{Replay, Violation};
use crate::evaluate::{Evaluator, Limits};
use crate::names::State;
use crate::replay::{Judgement, Replayer, Stop, at_step, reject};
use crate::safety::{Part, state_alone};
use crate::specification::Behavior;
use crate::{CRASHED, on_large_stack, place};
use std::rc::Rc;
use tla_syntax::config::Config;
use tla_syntax::load::Specification;
use verdict::{FailureClass, Trace};

/// Judges the claim that a trace shows why an invariant of the configuration proves nothing by induction: its first
/// state satisfies the invariant, it goes on by steps of the specification, and the violation is at its end.
pub fn induction_fails(
    specification: &Specification,
    config: &Config,
    inductive: &str,
    violation: &Violation,
    trace: &Trace,
) -> Replay {
    let judged = on_large_stack(|| {
        let span = specification.root_module().module.name.span;
        let evaluator = match Evaluator::new(specification, config, Limits::default()) {
            Ok(evaluator) => evaluator,
            Err(fault) => {
                return Replay::Unsupported { construct: fault.message(), place: place(specification, fault.span()) };
            }
        };
        match (Replayer { evaluator, config, span }).judge_induction(inductive, violation, trace) {
            Ok(()) => Replay::Accepted,
            Err(Stop::Rejected { reason, step, span }) => {
                Replay::Rejected { reason, step, place: span.and_then(|span| place(specification, span)) }
            }
            Err(Stop::Undecided { construct, span }) => {
                Replay::Unsupported { construct, place: place(specification, span) }
            }
        }
    });
    judged.unwrap_or_else(|| Replay::Unsupported { construct: CRASHED.to_owned(), place: None })
}

impl<'s> Replayer<'s> {
    fn judge_induction(&mut self, inductive: &str, violation: &Violation, trace: &Trace) -> Judgement {
        let states = self.states(trace)?;
        let Some(behavior) = at_step(self.evaluator.behavior(self.config), 0)? else {
            return reject("the configuration names no specification", 0, self.span);
        };
        let Some((first, _)) = states.split_first() else {
            return reject("the trace is empty", 0, self.span);
        };
        let Some(name) = self.config.invariants.iter().find(|known| *known.name == *inductive) else {
            return reject(format!("the configuration has no invariant {inductive}"), 0, self.span);
        };
        if !at_step(self.named_is_true(name, &state_alone(first)), 0)? {
            return reject(format!("the first state does not satisfy {inductive}"), 0, self.span);
        }
        // Any state may be the first of a behavior here.
        let anywhere = Behavior { init: Vec::new(), ..behavior };
        self.check_behavior(&anywhere, &states)?;
        self.check_end_of_induction(violation, &anywhere, &states)
    }

    fn check_end_of_induction(
        &mut self,
        violation: &Violation,
        behavior: &Behavior<'s>,
        states: &[Rc<State<'s>>],
    ) -> Judgement {
        let last = states.len() - 1;
        match violation {
            Violation::Invariant(name) => {
                self.check_model(states, last)?;
                self.check_invariant(name, states)
            }
            Violation::ActionProperty(name) => {
                self.check_model(states, last)?;
                self.check_part(name, Part::Action, states)
            }
            Violation::Deadlock => {
                self.check_model(states, states.len())?;
                self.check_deadlock(behavior, states)
            }
            Violation::Failure(class @ FailureClass::Evaluation) => {
                self.check_model(states, last)?;
                self.check_failure(*class, behavior, states)
            }
            Violation::InitialProperty(_) | Violation::Temporal(_) | Violation::Failure(_) => {
                let construct = "a violation that no induction is about".to_owned();
                Err(Stop::Undecided { construct, span: self.span })
            }
        }
    }
}
