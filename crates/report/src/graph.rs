//! The state graph as text, part by part, because a graph may be larger than memory should hold twice.
//!
//! Three forms: Graphviz's DOT as TLC writes it (states as boxes, initial ones filled, steps labelled with actions), JSON
//! lines for programs, and TLC's plain list of states.

use crate::itf::state_value;
use crate::tlc::trace::state_text;
use serde_json::json;
use verdict::TraceValue;

/// The form of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphForm {
    /// Graphviz.
    Dot {
        /// Whether steps are labelled.
        action_labels: bool,
    },
    /// One JSON object a line.
    JsonLines,
    /// TLC's list of states, without steps.
    States,
}

/// Version of the JSON lines.
pub const VERSION: u32 = 1;

impl GraphForm {
    /// What stands before the first part.
    pub fn beginning(self, model: &str) -> String {
        match self {
            Self::Dot { .. } => {
                "strict digraph DiskGraph {\nnode [shape=box,style=rounded]\nnodesep=0.35;\n".to_owned()
            }
            Self::JsonLines => {
                format!(
                    "{}\n",
                    json!({ "kind": "graph", "format": "interlock-graph", "version": VERSION, "model": model })
                )
            }
            Self::States => String::new(),
        }
    }

    /// A state.
    pub fn state(self, number: u64, is_initial: bool, state: &[(String, TraceValue)]) -> String {
        match self {
            Self::Dot { .. } => {
                let label = escaped(state_text(state).trim_end());
                let style = if is_initial { ",style = filled" } else { "" };
                format!("{number} [label=\"{label}\"{style}]\n")
            }
            Self::JsonLines => {
                let values = state_value(state);
                format!("{}\n", json!({ "kind": "state", "number": number, "initial": is_initial, "state": values }))
            }
            Self::States => format!("State {number}:\n{}\n", state_text(state)),
        }
    }

    /// A step.
    pub fn step(self, from: u64, to: u64, action: &str) -> String {
        match self {
            Self::Dot { action_labels: true } => {
                format!("{from} -> {to} [label=\"{}\",color=\"black\",fontcolor=\"black\"];\n", escaped(action))
            }
            Self::Dot { action_labels: false } => format!("{from} -> {to};\n"),
            Self::JsonLines => {
                format!("{}\n", json!({ "kind": "step", "from": from, "to": to, "action": action }))
            }
            Self::States => String::new(),
        }
    }

    /// What stands behind the last part.
    pub fn end(self) -> &'static str {
        match self {
            Self::Dot { .. } => "}\n",
            Self::JsonLines | Self::States => "",
        }
    }
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_its_own_parts() {
        let state = [("x".to_owned(), TraceValue::String("a\"b".to_owned())), ("y".to_owned(), TraceValue::Bool(true))];
        let dot = GraphForm::Dot { action_labels: true };
        let label = r#"1 [label="/\\ x = \"a\\\"b\"\n/\\ y = TRUE",style = filled]"#;
        assert_eq!(dot.state(1, true, &state), format!("{label}\n"));
        assert_eq!(dot.step(1, 2, "Next"), "1 -> 2 [label=\"Next\",color=\"black\",fontcolor=\"black\"];\n");
        let line = GraphForm::JsonLines.step(1, 2, "Next");
        assert_eq!(line, "{\"kind\":\"step\",\"from\":1,\"to\":2,\"action\":\"Next\"}\n");
        assert_eq!(GraphForm::States.state(3, false, &state[1..]), "State 3:\ny = TRUE\n\n");
    }
}
