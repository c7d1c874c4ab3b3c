//! A counterexample that can be read: numbered states, the action with its bound parameters and its place, only what
//! changed, and at the end which part of the property is false for which values.
//!
//! A value that would take more than [`LONGEST_VALUE`] lines is cut with an ellipsis, whose full text `--full` and the
//! trace file have; names are never cut.

use super::heading;
use crate::number::counted;
use crate::style::{Ink, Style, columns, wrap_hanging};
use crate::value::value_text;
use verdict::ExitCode;
use verdict::trace::Ending;
use verdict::{Binding, Counterexample, Evidence, FalseConjunct, Place, Refutation, Step, Trace};

/// Lines that one value may take before it is cut.
const LONGEST_VALUE: usize = 6;

/// Columns before the name of a variable.
const BEFORE_VARIABLE: usize = 6;

/// Writes a refutation in full length.
pub fn write_counterexample(out: &mut String, evidence: &Evidence, refutation: &Refutation, style: &Style) {
    heading(out, &title(evidence), style);
    write_origin(out, evidence, style);
    let states = refutation.counterexample.trace.steps.len();
    // Of the violations of this code only that of an initial state concerns a single state.
    let of_step = refutation.exit_code == ExitCode::Liveness.code() && states > 1;
    let is_infinite = refutation.counterexample.trace.ending != Ending::Finite;
    let end = match (is_infinite, of_step) {
        (true, _) => "of this behavior".to_owned(),
        (false, true) => format!("in the step to state {states}"),
        (false, false) => format!("in state {states}"),
    };
    write_trace(out, &refutation.counterexample, style);
    write_false_parts(out, &refutation.counterexample, &end, style);
    write_notes(out, &refutation.counterexample, style);
    out.push('\n');
    let replayed = format!("Replayed by {}. To replay it again:", refutation.replayed_by);
    wrap_hanging(out, &replayed, 2, 2, style.width);
    out.push_str(&format!("    {}\n", refutation.replay_command));
}

/// Writes a refutation that was asked for: the actions in a row and what is false at the end.
pub fn write_expected(out: &mut String, evidence: &Evidence, refutation: &Refutation, style: &Style) {
    heading(out, &format!("{}, as expected", title(evidence)), style);
    let steps = &refutation.counterexample.trace.steps;
    let actions: Vec<String> = steps.iter().map(action_text).collect();
    wrap_hanging(out, &actions.join(" → "), 2, 4, style.width);
    for conjunct in &refutation.counterexample.false_conjuncts {
        write_conjunct(out, conjunct, verb_of(&refutation.counterexample), style);
    }
    out.push_str(&style.paint(Ink::Faint, &format!("  {}", refutation.replay_command)));
    out.push('\n');
}

/// Writes the behavior and what is known about its end.
pub fn write_behavior(out: &mut String, counterexample: &Counterexample, style: &Style) {
    write_trace(out, counterexample, style);
    let end = format!("in state {}", counterexample.trace.steps.len());
    write_false_parts(out, counterexample, &end, style);
    write_notes(out, counterexample, style);
}

fn write_trace(out: &mut String, counterexample: &Counterexample, style: &Style) {
    let Trace { steps, ending, closing } = &counterexample.trace;
    for (index, step) in steps.iter().enumerate() {
        write_step(out, index, step, style);
    }
    match ending {
        Ending::Finite => {}
        Ending::Stuttering => out.push_str("  …  Stuttering: nothing happens any more\n"),
        Ending::BackTo(index) => {
            let place =
                |step: &Step| step.place.as_ref().map_or_else(String::new, |place| format!("  {}", short(place)));
            let action = closing.as_deref().map(|step| format!(": {}{}", action_text(step), place(step)));
            let line = format!("…  Back to state {}, for ever{}", index + 1, action.unwrap_or_default());
            wrap_hanging(out, &line, 2, 5, style.width);
        }
    }
}

fn write_false_parts(out: &mut String, counterexample: &Counterexample, end: &str, style: &Style) {
    if counterexample.false_conjuncts.is_empty() {
        return;
    }
    out.push_str(&format!("\n  {}\n", style.paint(Ink::Strong, &format!("False {end}"))));
    for conjunct in &counterexample.false_conjuncts {
        write_conjunct(out, conjunct, verb_of(counterexample), style);
    }
}

/// What stands between a part of a property and its value, which for an infinite behavior is one of several states.
fn verb_of(counterexample: &Counterexample) -> &'static str {
    if counterexample.trace.ending == Ending::Finite { "=" } else { "is" }
}

fn write_notes(out: &mut String, counterexample: &Counterexample, style: &Style) {
    for (name, text) in &counterexample.notes {
        wrap_hanging(out, &format!("{name}: {text}"), 2, 4, style.width);
    }
}

fn title(evidence: &Evidence) -> String {
    let obligation = &evidence.obligation;
    if obligation.property.starts_with(&format!("{}: ", obligation.model)) {
        return format!("{} is violated", obligation.property);
    }
    format!("{} is violated in {}", obligation.property, obligation.model)
}

/// Name and place of the property in the specification.
fn write_origin(out: &mut String, evidence: &Evidence, style: &Style) {
    let obligation = &evidence.obligation;
    let named = (obligation.name_in_input != obligation.property).then_some(obligation.name_in_input.as_str());
    let place = obligation.place.as_ref().map(ToString::to_string);
    let text: Vec<&str> = named.into_iter().chain(place.as_deref()).collect();
    if !text.is_empty() {
        out.push_str(&style.paint(Ink::Faint, &format!("  {}", text.join("  "))));
        out.push('\n');
    }
    out.push('\n');
}

fn write_step(out: &mut String, index: usize, step: &Step, style: &Style) {
    let action = action_text(step);
    let number = format!("{:>3}  ", index + 1);
    out.push_str(&number);
    out.push_str(&style.paint(Ink::Strong, &action));
    if let Some(place) = &step.place {
        let place = short(place);
        let used = columns(&number) + columns(&action);
        if used + 2 + columns(&place) > style.width {
            out.push_str(&format!("\n{:BEFORE_VARIABLE$}", ""));
        } else {
            out.push_str("  ");
        }
        out.push_str(&style.paint(Ink::Faint, &place));
    }
    out.push('\n');
    let whole = index == 0 || style.full;
    if index > 0 {
        write_changes(out, step, style);
    }
    if whole {
        write_state(out, step, style);
    }
}

fn action_text(step: &Step) -> String {
    if step.bindings.is_empty() {
        return step.action.clone();
    }
    format!("{}({})", step.action, bindings_text(&step.bindings))
}

fn bindings_text(bindings: &[Binding]) -> String {
    let one = |binding: &Binding| format!("{} = {}", binding.name, binding.value);
    bindings.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn write_changes(out: &mut String, step: &Step, style: &Style) {
    if step.changes.is_empty() {
        out.push_str(&format!("{:BEFORE_VARIABLE$}(no variable changes)\n", ""));
    }
    let widest = step.changes.iter().map(|change| columns(&change.path)).max().unwrap_or(0).min(24);
    for change in &step.changes {
        let values = match (change.before.as_str(), change.after.as_str()) {
            ("", after) => format!("new: {after}"),
            (before, "") => format!("{before} → gone"),
            (before, after) => format!("{before} → {after}"),
        };
        write_value_line(out, &format!("{:<widest$}  {values}", change.path), widest, style);
    }
}

fn write_state(out: &mut String, step: &Step, style: &Style) {
    if style.full && !step.changes.is_empty() {
        out.push_str(&format!("{:BEFORE_VARIABLE$}{}\n", "", style.paint(Ink::Faint, "whole state:")));
    }
    let widest = step.shown().iter().map(|(name, _)| columns(name)).max().unwrap_or(0).min(24);
    for (name, value) in step.shown() {
        write_value_line(out, &format!("{name:<widest$} = {}", value_text(value)), widest, style);
    }
}

fn write_value_line(out: &mut String, line: &str, widest: usize, style: &Style) {
    let mut text = String::new();
    // A narrow terminal keeps at least half of its width for the value.
    let hanging = BEFORE_VARIABLE + (widest + 3).min(style.width / 2);
    wrap_hanging(&mut text, line, BEFORE_VARIABLE, hanging, style.width);
    let lines = text.lines().count();
    if style.full || lines <= LONGEST_VALUE {
        return out.push_str(&text);
    }
    for line in text.lines().take(LONGEST_VALUE - 1) {
        out.push_str(line);
        out.push('\n');
    }
    let more = counted(lines - LONGEST_VALUE + 1, "more line");
    out.push_str(&format!("{:hanging$}… {more}, see --full\n", ""));
}

fn write_conjunct(out: &mut String, conjunct: &FalseConjunct, verb: &str, style: &Style) {
    let mut text = on_one_line(&conjunct.text);
    if !conjunct.bindings.is_empty() {
        text.push_str(&format!("   for {}", bindings_text(&conjunct.bindings)));
    }
    wrap_hanging(out, &text, 4, 6, style.width);
    out.push_str(&style.paint(Ink::Faint, &format!("      at {}", short(&conjunct.place))));
    out.push('\n');
    for (expression, value) in &conjunct.values {
        wrap_hanging(out, &format!("where {} {verb} {value}", on_one_line(expression)), 6, 8, style.width);
    }
}

/// A place without the folder: the heading names the file, and a behavior repeats it at every step.
fn short(place: &Place) -> String {
    let file = place.file.rsplit(['/', '\\']).next().unwrap_or(&place.file);
    format!("{file}:{}:{}", place.line, place.column)
}

/// Source text on one line: runs of white space, line ends among them, become one space.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
