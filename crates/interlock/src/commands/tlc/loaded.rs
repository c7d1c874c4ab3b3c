//! `-loadTrace`: a behavior from a file, for a search to keep to.
//!
//! The file is TLC's JSON, as `-dumpTrace json` writes it here and there: the states with their numbers, the steps as triples
//! of state, action and state, and the names of the variables that count. A step that leads to no later state is the one that
//! closes a loop.

use crate::command_error::CommandError;
use crate::engines::tla::followed::Followed;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use tla_syntax::{Diagnostic, SourceMap, Span};
use verdict::ExitCode;

#[derive(Deserialize)]
struct File {
    counterexample: Graph,
    vars: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Graph {
    state: Vec<Numbered>,
    #[serde(default)]
    action: Vec<(Numbered, Value, Numbered)>,
}

/// A state with its number.
#[derive(Deserialize)]
struct Numbered(usize, Map<String, Value>);

/// Reads the file, which may be named from the folder of the specification.
pub fn read(path: &Path, spec: &Path) -> Result<Followed, CommandError> {
    let found = find(path, spec);
    let text = std::fs::read_to_string(&found).map_err(|error| {
        let message = format!("cannot read the trace {}: {error}", path.display());
        CommandError::new(ExitCode::System, message, "name a file that -dumpTrace json wrote")
    })?;
    let file: File = serde_json::from_str(&text).map_err(|error| broken(&found, &text, &error))?;
    followed(found.clone(), file).map_err(|wrong| {
        let remedy = "the states of a trace have the numbers 1, 2, 3 and so on";
        CommandError::new(ExitCode::Configuration, format!("{}: {wrong}", found.display()), remedy)
    })
}

fn find(path: &Path, spec: &Path) -> PathBuf {
    let beside = spec.parent().unwrap_or(Path::new("")).join(path);
    if !path.exists() && beside.exists() { beside } else { path.to_path_buf() }
}

/// What is wrong with the text, with its place.
fn broken(path: &Path, text: &str, error: &serde_json::Error) -> CommandError {
    let mut sources = SourceMap::default();
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let offset = (before + error.column().saturating_sub(1)).min(text.len().saturating_sub(1));
    let file = sources.add(path, text.to_owned());
    let start = (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0) as u32;
    let span = Span { file, start, end: start + 1 };
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or(&words);
    let diagnostic = Diagnostic::error("loaded-trace", span, format!("this is no trace in TLC's JSON: {words}"))
        .remedy("load a file that -dumpTrace json wrote");
    CommandError::new(ExitCode::Configuration, diagnostic.render(&sources), "")
}

fn followed(path: PathBuf, file: File) -> Result<Followed, String> {
    let Graph { mut state, action } = file.counterexample;
    state.sort_by_key(|Numbered(number, _)| *number);
    if let Some((Numbered(number, _), wanted)) =
        state.iter().zip(1..).find(|(Numbered(number, _), wanted)| number != wanted)
    {
        return Err(format!("the trace has a state {number} where state {wanted} is expected"));
    }
    let counts = |name: &String| file.vars.as_ref().is_none_or(|vars| vars.contains(name));
    let states = state.into_iter().map(|Numbered(_, values)| {
        let values: Map<String, Value> = values.into_iter().filter(|(name, _)| counts(name)).collect();
        Value::Object(values).to_string()
    });
    let closing = action.iter().find(|(from, _, to)| to.0 <= from.0);
    let back_to = closing.map_or(0, |(.., to)| to.0);
    Ok(Followed { file: path, states: states.collect(), back_to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Followed, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        followed(PathBuf::from("t.json"), file)
    }

    #[test]
    fn states_are_taken_by_number_and_only_variables_that_count() {
        let text = r#"{"counterexample": {"state": [[2, {"x": 1, "y": 0}], [1, {"x": 0, "y": [1]}]],
            "action": [[[1, {"x": 0}], {"name": "A"}, [2, {"x": 1}]], [[2, {}], {"name": "A"}, [1, {}]]]}, "vars": ["x"]}"#;
        let loaded = of(text).expect("a trace");
        assert_eq!((loaded.states, loaded.back_to), (vec![r#"{"x":0}"#.to_owned(), r#"{"x":1}"#.to_owned()], 1));
    }

    #[test]
    fn a_state_that_is_missing_is_told() {
        let wrong = of(r#"{"counterexample": {"state": [[1, {}], [3, {}]]}, "vars": []}"#).expect_err("a gap");
        assert_eq!(wrong, "the trace has a state 3 where state 2 is expected");
    }
}
