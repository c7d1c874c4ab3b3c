//! From the words of states to a behavior that a reader understands.

use super::place::place_of;
use report::diff::changes;
use std::collections::BTreeMap;
use tla_compile::shape::Datum;
use tla_explore::interpret::InterpretedWorker;
use tla_explore::liveness::Counterexample as Lasso;
use tla_explore::telling::tell_aliases;
use tla_explore::{Broken, ErrorClass, Finding, StepInfo, SystemError, Violation, Worker};
use tla_syntax::Span;
use tla_syntax::load::Specification;
use verdict::trace::Ending;
use verdict::{Counterexample, Step, Trace};

/// The action of the first state, in TLC's words.
const INITIAL: &str = "Initial predicate";

/// The action of a step whose action is not known.
const NEXT: &str = "Next-state relation";

/// Tells behaviors of one specification.
pub struct Teller<'a, W> {
    /// Knows the values behind the words.
    pub worker: W,
    /// Knows the places.
    pub specification: &'a Specification,
    /// The initial predicate.
    pub init: Option<Span>,
}

impl Teller<'_, InterpretedWorker<'_>> {
    /// The words of states that are given by their values.
    ///
    /// # Errors
    /// If there are too many different values.
    pub fn words(&mut self, states: &[Vec<Datum>]) -> Result<Vec<Vec<u32>>, Box<SystemError>> {
        let words = states.iter().map(|state| {
            let values: Vec<_> = state.iter().map(Datum::value).collect();
            self.worker.words_of_values(&values)
        });
        words.collect()
    }
}

impl<W: Worker> Teller<'_, W> {
    /// The counterexample of a finding: the behavior, and what is false at its end.
    ///
    /// # Errors
    /// If a step of the behavior is not found again, which is a defect.
    pub fn counterexample(&mut self, finding: &Finding) -> Result<Counterexample, Box<SystemError>> {
        let trace = self.trace(&finding.trace)?;
        let is_step = matches!(finding.violation, Violation::Broken(Broken::ActionProperty(_)));
        self.worker.at_level((finding.trace.len() as u32).saturating_sub(u32::from(is_step)));
        let false_conjuncts = match (finding.violation, finding.trace.as_slice()) {
            (Violation::Broken(broken @ Broken::ActionProperty(_)), [.., from, to]) => {
                self.worker.explain(broken, Some(from), to)
            }
            (Violation::Broken(broken), [.., last]) => self.worker.explain(broken, None, last),
            (Violation::Broken(_), []) | (Violation::Deadlock, _) => Vec::new(),
        };
        let mut notes = BTreeMap::new();
        if finding.violation == Violation::Deadlock {
            notes.insert("Deadlock".to_owned(), format!("no action is enabled in state {}", finding.trace.len()));
        }
        Ok(Counterexample { trace, false_conjuncts, notes })
    }

    /// The counterexample of an infinite behavior.
    ///
    /// # Errors
    /// If a step of the behavior is not found again, which is a defect.
    pub fn lasso(&mut self, lasso: &Lasso) -> Result<Counterexample, Box<SystemError>> {
        let mut trace = self.trace(&lasso.states())?;
        trace.ending = lasso.ending();
        // The last state has another successor than in a finite behavior.
        tell_aliases(&mut self.worker, &mut trace, &lasso.states());
        let mut notes = BTreeMap::new();
        if let (Ending::BackTo(first), Some(last), Some(again)) =
            (trace.ending, lasso.cycle.last(), lasso.cycle.first())
        {
            let info = self.worker.step(last, again)?;
            trace.closing = trace.steps.get(first).map(|back| {
                Box::new(Step {
                    action: info.action,
                    bindings: info.bindings,
                    place: info.span.map(|span| place_of(self.specification, span)),
                    state: back.state.clone(),
                    changes: Vec::new(),
                    alias: back.alias.clone(),
                })
            });
        }
        if lasso.is_safety {
            let state = lasso.stem.len() + 1;
            let text = format!("however the behavior goes on after state {state}, the property is violated");
            notes.insert("Decided".to_owned(), text);
        }
        Ok(Counterexample { trace, false_conjuncts: Vec::new(), notes })
    }

    /// A finite behavior.
    ///
    /// # Errors
    /// If a step is not found again, which is a defect.
    pub fn trace(&mut self, states: &[Vec<u32>]) -> Result<Trace, Box<SystemError>> {
        let mut steps: Vec<Step> = Vec::with_capacity(states.len());
        for (index, words) in states.iter().enumerate() {
            let state = self.worker.state_values(words);
            let step = match steps.last() {
                None => Step {
                    action: INITIAL.to_owned(),
                    bindings: Vec::new(),
                    place: self.init.map(|span| place_of(self.specification, span)),
                    state,
                    changes: Vec::new(),
                    alias: None,
                },
                Some(before) => {
                    self.worker.at_level(index as u32);
                    let info = match self.worker.step(&states[index - 1], words) {
                        Ok(info) => info,
                        // It chooses from a set without an end, which is not enumerated: whether it is a step of the
                        // specification `recheck` says.
                        Err(error) if error.class == ErrorClass::Undefined => {
                            StepInfo { action: NEXT.to_owned(), span: error.span, bindings: Vec::new() }
                        }
                        Err(error) => return Err(error),
                    };
                    Step {
                        action: info.action,
                        bindings: info.bindings,
                        place: info.span.map(|span| place_of(self.specification, span)),
                        changes: changes(&before.state, &state),
                        state,
                        alias: None,
                    }
                }
            };
            steps.push(step);
        }
        let mut trace = Trace { steps, ending: Ending::Finite, closing: None };
        tell_aliases(&mut self.worker, &mut trace, states);
        Ok(trace)
    }
}
