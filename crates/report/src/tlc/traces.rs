//! Counterexamples as modules that go on from them, and as a graph: TLC's further forms of `-dumpTrace`.
//!
//! `tlcplain` is the sequence of states, `tlcTESpec` a specification that takes exactly these steps, `tlcaction` an action
//! constraint that lets one action at a time happen, and `dot` a graph. They are written for the specification that the
//! counterexample belongs to: the modules extend those in which the actions are defined.

use super::counterexample::{record_text, steps};
use super::trace::state_text;
use crate::graph::escaped;
use crate::value::is_identifier;
use std::collections::BTreeSet;
use verdict::{Trace, TraceValue};

/// The states as a module that defines `Trace`.
pub fn plain_module_text(name: &str, trace: &Trace) -> String {
    format!("---- MODULE {name} ----\nLOCAL INSTANCE TLC\n\nTrace == \n\t{}\n\n====\n", sequence(trace))
}

fn sequence(trace: &Trace) -> String {
    let states: Vec<String> = trace.steps.iter().map(|step| record_text(&step.state)).collect();
    format!("<<{}>>", states.join(",\n\t  "))
}

/// `EXTENDS` of the modules in which the actions are defined.
fn extends(trace: &Trace) -> String {
    let mut modules: Vec<&str> = Vec::new();
    for (_, step, _) in steps(trace) {
        let module = step.place.as_ref().map_or("", |place| place.module.as_str());
        if !module.is_empty() && !modules.contains(&module) {
            modules.push(module);
        }
    }
    if modules.is_empty() { String::new() } else { format!("EXTENDS {}\n\n", modules.join(", ")) }
}

/// A specification whose only behavior is this one.
pub fn specification_text(name: &str, trace: &Trace) -> String {
    let variables = variables(trace);
    let conjuncts = |prime: &str, index: &str| -> String {
        variables.iter().map(|name| format!("/\\ {name}{prime} = Trace[{index}].{name}\n")).collect()
    };
    let all = format!("<<{}>>", variables.join(", "));
    format!(
        "---- MODULE {name} ----\n{}LOCAL INSTANCE TLC\n\nTrace == \n\t{}\n\n_init ==\n{}\n_next ==\n\
         \\E i,j \\in DOMAIN Trace:\n/\\ i = TLCGet(\"level\")\n/\\ j = i + 1\n{}{}\n\
         (* Allow infinite stuttering to prevent deadlock on termination. *)\n\
         _terminating ==\n\tUNCHANGED {all}\n\n_spec == \n\t_init /\\ [][_next \\/ _terminating]_{all}\n\n====\n",
        extends(trace),
        sequence(trace),
        conjuncts("", "1"),
        conjuncts("", "i"),
        conjuncts("'", "j"),
    )
}

/// What a specification of a counterexample repeats of the model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instance {
    /// The root module.
    pub module: String,
    /// The constants that the configuration names.
    pub names: Vec<String>,
    /// Its lines for them.
    pub lines: Vec<String>,
}

/// A module for looking at the counterexample, with its configuration behind it.
pub fn exploration_text(name: &str, instance: &Instance, trace: &Trace) -> String {
    let variables = variables(trace);
    let conjuncts = |begin: &str, prime: &str, index: &str| -> String {
        variables.iter().map(|name| format!("{begin}/\\ {name}{prime} = _TETrace[{index}].{name}\n")).collect()
    };
    let mut values = BTreeSet::new();
    let states = trace.steps.iter().flat_map(|step| &step.state);
    states.for_each(|(_, value)| collect_model_values(value, &mut values));
    values.retain(|value| is_identifier(value) && !instance.names.contains(value));
    let values: Vec<String> = values.into_iter().collect();
    let declared = if values.is_empty() { String::new() } else { format!("CONSTANTS {}\n\n", values.join(", ")) };
    let lines = instance.lines.iter().cloned().chain(values.iter().map(|value| format!("{value} = {value}")));
    let lines: String = lines.map(|line| format!("    {line}\n")).collect();
    let constants = if lines.is_empty() { String::new() } else { format!("CONSTANTS\n{lines}") };
    let last = trace.steps.len();
    format!(
        "---- MODULE {name} ----\nEXTENDS {}, Naturals, TLC\n\n{declared}_TETrace == \n\t{}\n\n_init ==\n{}\n_next ==\n    \
         \\E i, j \\in DOMAIN _TETrace :\n        /\\ i = TLCGet(\"level\")\n        /\\ j = i + 1\n{}{}\n_inv ==\n    \
         ~(  /\\ TLCGet(\"level\") = {last}\n{}    )\n\n_view ==\n    <<TLCGet(\"level\"), {}>>\n\n====\n\n\
         ---- CONFIG {name} ----\n{constants}INIT _init\nNEXT _next\nINVARIANT _inv\nVIEW _view\nCHECK_DEADLOCK FALSE\n====\n",
        instance.module,
        sequence(trace),
        conjuncts("    ", "", "1"),
        conjuncts("        ", "", "i"),
        conjuncts("        ", "'", "j"),
        conjuncts("        ", "", &last.to_string()),
        variables.join(", "),
    )
}

fn variables(trace: &Trace) -> Vec<&str> {
    trace.steps.first().map_or_else(Vec::new, |step| step.state.iter().map(|(name, _)| name.as_str()).collect())
}

fn collect_model_values(value: &TraceValue, found: &mut BTreeSet<String>) {
    match value {
        TraceValue::ModelValue(name) => {
            found.insert(name.clone());
        }
        TraceValue::Set(values) | TraceValue::Tuple(values) => {
            values.iter().for_each(|value| collect_model_values(value, found));
        }
        TraceValue::Record(fields) => fields.iter().for_each(|(_, value)| collect_model_values(value, found)),
        TraceValue::Function(pairs) => pairs.iter().for_each(|(from, to)| {
            collect_model_values(from, found);
            collect_model_values(to, found);
        }),
        TraceValue::Bool(_)
        | TraceValue::Int(_)
        | TraceValue::String(_)
        | TraceValue::Symbolic(_)
        | TraceValue::Interval(..) => {}
    }
}

/// A module with an action constraint that lets the actions of the counterexample happen, each at its level. Nothing if
/// there is no step.
pub fn action_module_text(name: &str, trace: &Trace) -> Option<String> {
    let steps = steps(trace);
    let disjuncts = steps.iter().map(|(from, step, _)| {
        let values: Vec<&str> = step
            .bindings
            .iter()
            .filter(|binding| is_identifier(&binding.name))
            .map(|binding| binding.value.as_str())
            .collect();
        let arguments = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        format!("\\/ {} = _idx /\\ {}{arguments}\n", from + 1, step.action)
    });
    let disjuncts: String = disjuncts.collect();
    (!steps.is_empty()).then(|| {
        format!(
            "---- MODULE {name} ----\n{}_length == {}\n\n_next(_idx) ==\n{disjuncts}\n_actionConstraint ==\n\
             _next(LET T == INSTANCE TLC IN T!TLCGet(\"level\"))\n\n====\n",
            extends(trace),
            steps.len()
        )
    })
}

/// The counterexample as a graph for Graphviz.
pub fn dot_text(trace: &Trace) -> String {
    let mut text = "digraph MyGraph {\n".to_owned();
    for (step, number) in trace.steps.iter().zip(1..) {
        text.push_str(&format!("{number} [label=\"{}\"];\n", escaped(state_text(&step.state).trim_end())));
    }
    for (from, step, to) in steps(trace) {
        text.push_str(&format!("{} -> {} [label=\"{}\"];\n", from + 1, to + 1, escaped(&step.action)));
    }
    text.push_str("}\n");
    text
}
