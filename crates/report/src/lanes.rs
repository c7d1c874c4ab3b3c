//! Which thread a step of a counterexample belongs to, for writers that show one lane for each thread.
//!
//! TLA+ has no threads; specifications have a parameter that stands for one. A parameter of a step's action is taken for
//! the thread if its value is in the domain of a variable called `pc` (what PlusCal's translation and most specifications
//! by hand use), or else if its name is one of [`NAMES`]. This arranges what is shown and decides nothing.

use crate::value::value_text;
use std::collections::BTreeSet;
use verdict::{Step, Trace, TraceValue};

/// Names of parameters that stand for a thread where no `pc` tells.
const NAMES: [&str; 9] = ["self", "t", "th", "thread", "tid", "p", "proc", "process", "w"];

/// The threads of a behavior, and the thread of each of its steps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lanes {
    /// Names of the threads in the order of the first step of each.
    pub threads: Vec<String>,
    /// Index into `threads` for each step; `None` for a step of no thread, such as the initial state.
    pub of_step: Vec<Option<usize>>,
}

impl Lanes {
    /// The lanes of a behavior.
    pub fn of(trace: &Trace) -> Self {
        let known = threads_by_pc(trace);
        let mut lanes = Self::default();
        for step in &trace.steps {
            let lane = thread_of(step, &known).map(|name| {
                lanes.threads.iter().position(|thread| thread == name).unwrap_or_else(|| {
                    lanes.threads.push(name.to_owned());
                    lanes.threads.len() - 1
                })
            });
            lanes.of_step.push(lane);
        }
        lanes
    }
}

/// The domain of `pc`, as printed.
fn threads_by_pc(trace: &Trace) -> BTreeSet<String> {
    let first = trace.steps.first().map_or(&[][..], |step| &step.state);
    let pc = first.iter().find(|(name, _)| name == "pc").map(|(_, value)| value);
    match pc {
        Some(TraceValue::Function(pairs)) => pairs.iter().map(|(key, _)| value_text(key)).collect(),
        Some(TraceValue::Tuple(elements)) => (1..=elements.len()).map(|index| index.to_string()).collect(),
        Some(_) | None => BTreeSet::new(),
    }
}

fn thread_of<'s>(step: &'s Step, known: &BTreeSet<String>) -> Option<&'s str> {
    let by_pc = step.bindings.iter().find(|binding| known.contains(&binding.value));
    let by_name = || step.bindings.iter().find(|binding| NAMES.contains(&binding.name.to_lowercase().as_str()));
    by_pc.or_else(by_name).map(|binding| binding.value.as_str())
}
