//! Whether two specifications have the same state graph.
//!
//! A graph is written as JSON lines, and its portrait is the set of its states and the set of its steps, each step with
//! its action, as sorted digests: states are told apart by their values and not by their numbers, so the order in which
//! a search finds them does not matter, and a step that is found twice is one step. A step that changes nothing is left
//! out: `[Next]_vars` allows it everywhere (Lamport, "The temporal logic of actions", 1994, on stuttering), and whether a
//! state without any other is a deadlock was asked before. Two graphs with the same portrait have the same behaviors,
//! fairness aside: conditions of fairness speak of actions, of which the graph knows the names and not the parameters.

use crate::command_error::CommandError;
use crate::engines::tla::dump::Dump;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader};
use std::path::Path;
use verdict::ExitCode;

/// States and steps of a graph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Portrait {
    states: BTreeSet<String>,
    steps: BTreeSet<String>,
}

/// Lets `explore` write a graph into the folder, and reads it.
pub fn portrait(folder: &Path, explore: impl FnOnce(Dump)) -> Result<Portrait, CommandError> {
    let path = folder.join("graph.ndjson");
    explore(Dump::by_ending(&path));
    let unreadable = |why: String| {
        let message = format!("the state graph in {} cannot be read: {why}", path.display());
        CommandError::new(ExitCode::System, message, "")
    };
    let file = std::fs::File::open(&path).map_err(|error| unreadable(error.to_string()))?;
    read(BufReader::new(file)).map_err(unreadable)
}

fn read(lines: impl BufRead) -> Result<Portrait, String> {
    let mut portrait = Portrait::default();
    let mut digests: HashMap<u64, String> = HashMap::new();
    for line in lines.lines() {
        let line = line.map_err(|error| error.to_string())?;
        let part: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        let number = |key: &str| part[key].as_u64().ok_or_else(|| format!("a part without `{key}`"));
        match part["kind"].as_str() {
            Some("state") => {
                let digest = ledger::hash_of(format!("{} {}", part["initial"], part["state"]).as_bytes());
                digests.insert(number("number")?, digest.clone());
                portrait.states.insert(digest);
            }
            Some("step") => {
                let end = |key: &str| {
                    let number = number(key)?;
                    digests.get(&number).ok_or_else(|| format!("a step to or from state {number}, which is not there"))
                };
                let (from, to) = (end("from")?, end("to")?);
                if from != to {
                    let text = format!("{from} {} {to}", part["action"]);
                    portrait.steps.insert(ledger::hash_of(text.as_bytes()));
                }
            }
            Some("graph") => {}
            Some(_) | None => return Err(format!("a part of no known kind: {line}")),
        }
    }
    Ok(portrait)
}

#[cfg(test)]
mod tests {
    use super::read;

    fn graph(parts: &[&str]) -> super::Portrait {
        read(parts.join("\n").as_bytes()).expect("a graph")
    }

    const A: &str = r#"{"kind":"state","number":1,"initial":true,"state":{"x":1}}"#;
    const B: &str = r#"{"kind":"state","number":2,"initial":false,"state":{"x":2}}"#;
    const STEP: &str = r#"{"kind":"step","from":1,"to":2,"action":"Up"}"#;

    #[test]
    fn numbers_repetitions_and_stuttering_make_no_difference() {
        let renumbered = [
            r#"{"kind":"state","number":7,"initial":true,"state":{"x":1}}"#,
            r#"{"kind":"state","number":3,"initial":false,"state":{"x":2}}"#,
            r#"{"kind":"step","from":7,"to":3,"action":"Up"}"#,
            r#"{"kind":"step","from":7,"to":3,"action":"Up"}"#,
            r#"{"kind":"step","from":3,"to":3,"action":"Done"}"#,
        ];
        assert_eq!(graph(&[A, B, STEP]), graph(&renumbered));
    }

    #[test]
    fn a_step_more_and_another_action_make_one() {
        let back = r#"{"kind":"step","from":2,"to":1,"action":"Up"}"#;
        assert_ne!(graph(&[A, B, STEP]), graph(&[A, B, STEP, back]));
        assert_ne!(graph(&[A, B, STEP]), graph(&[A, B, &STEP.replace("Up", "Down")]));
        assert_ne!(graph(&[A, B]), graph(&[A, &B.replace("false", "true")]));
    }

    #[test]
    fn a_part_that_is_not_understood_is_an_error() {
        assert!(read("{\"kind\":\"step\",\"from\":1,\"to\":2,\"action\":\"\"}".as_bytes()).is_err());
        assert!(read("{\"kind\":\"edge\"}".as_bytes()).is_err());
    }
}
