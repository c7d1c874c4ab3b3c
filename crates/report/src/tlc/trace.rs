//! Behaviors as TLC prints them: a header with the action, then one conjunct for each variable.

use super::message::Frame;
use crate::value::value_text;
use verdict::tlc::Code;
use verdict::trace::Ending;
use verdict::{Step, Trace, TraceValue};

/// A state: `x = 1` if there is one variable, else a conjunct for each.
pub fn state_text(state: &[(String, TraceValue)]) -> String {
    match state {
        [(name, value)] => format!("{name} = {}\n", value_text(value)),
        _ => state.iter().map(|(name, value)| format!("/\\ {name} = {}\n", value_text(value))).collect(),
    }
}

/// `<Take(t1,2) line 12, col 5 to line 16, col 37 of module Slots>`.
pub fn action_text(step: &Step) -> String {
    let values: Vec<&str> = step.bindings.iter().map(|binding| binding.value.as_str()).collect();
    let parameters = if values.is_empty() { String::new() } else { format!("({})", values.join(",")) };
    let is_step = step.action != INITIAL;
    let place = step.place.as_ref().filter(|_| is_step);
    let place = place.map_or_else(String::new, |place| format!(" {}", place.in_module_words()));
    format!("<{}{parameters}{place}>", step.action)
}

/// What TLC calls the step to the first state.
const INITIAL: &str = "Initial predicate";

/// All states of a behavior, and how it ends. With `only_changes` the variables that a step leaves alone are left out.
pub fn write_trace(frame: &Frame, trace: &Trace, only_changes: bool) -> String {
    let mut out = String::new();
    for (index, step) in trace.steps.iter().enumerate() {
        let before = index.checked_sub(1).filter(|_| only_changes).and_then(|before| trace.steps.get(before));
        let state = before.map_or_else(|| step.shown().to_vec(), |before| changed(before.shown(), step.shown()));
        let text = format!("{}: {}\n{}", index + 1, action_text(step), state_text(&state));
        out.push_str(&frame.message(Code::State, &text));
    }
    match trace.ending {
        Ending::Finite => {}
        Ending::Stuttering => {
            let number = trace.steps.len() + 1;
            let text = format!("{number}: Stuttering");
            out.push_str(&frame.message(Code::Stuttering, &text));
        }
        Ending::BackTo(index) => out.push_str(&back_to(frame, index, trace)),
    }
    out
}

/// The step that closes a loop.
fn back_to(frame: &Frame, index: usize, trace: &Trace) -> String {
    let number = index + 1;
    let action = trace.closing.as_ref().map_or_else(String::new, |step| format!(": {}", action_text(step)));
    let text = match frame.tool {
        true => format!("{number}: Back to state{action}\n"),
        false => format!("Back to state {number}{action}\n"),
    };
    frame.message(Code::BackToState, &text)
}

fn changed(before: &[(String, TraceValue)], after: &[(String, TraceValue)]) -> Vec<(String, TraceValue)> {
    after.iter().filter(|variable| !before.contains(variable)).cloned().collect()
}
