//! Small specifications as text, and traces written by hand.
#![allow(dead_code)] // Each test file uses its own part of this one.

use recheck::{Claim, Replay, Violation};
use tla_syntax::config::{Config, parse_config};
use tla_syntax::load::{Specification, load_from_text};
use tla_syntax::{SourceMap, diagnostic::Diagnostic};
use verdict::trace::Ending;
use verdict::{Step, Trace, TraceValue};

/// A specification with its configuration.
pub struct Subject {
    pub specification: Specification,
    pub config: Config,
}

impl Subject {
    /// A module `T` with the given body, extending the usual standard modules.
    pub fn new(body: &str, config: &str) -> Self {
        let header = "---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets, TLC, Bags\n";
        Self::from_modules(&format!("{header}{body}\n====\n"), config, &[])
    }

    /// A whole module `T` with further modules.
    pub fn from_modules(text: &str, config: &str, files: &[(&str, &str)]) -> Self {
        Self::try_from_modules(text, config, files).expect("specification and configuration load")
    }

    /// The same, or what is wrong with it.
    pub fn try_from_modules(text: &str, config: &str, files: &[(&str, &str)]) -> Result<Self, String> {
        let specification =
            load_from_text("T", text, files).map_err(|error| render(&error.sources, &error.diagnostics))?;
        let (mut sources, mut diagnostics) = (SourceMap::new(), Vec::new());
        let file = sources.add("T.cfg", config);
        let config = parse_config(&sources, file, &mut diagnostics).ok_or_else(|| render(&sources, &diagnostics))?;
        Ok(Self { specification, config })
    }

    /// The checker's answer to a claim.
    pub fn replay(&self, violation: Violation, trace: &Trace) -> Replay {
        recheck::replay(&self.specification, &self.config, &Claim { violation, trace })
    }

    /// The value of a definition, as a trace tells it.
    pub fn value(&self, name: &str) -> Result<TraceValue, recheck::EvaluationError> {
        recheck::evaluate(&self.specification, &self.config, recheck::Subject::Name(name), None)
    }
}

fn render(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| diagnostic.render(sources)).collect()
}

/// An integer.
pub fn int(value: i64) -> TraceValue {
    TraceValue::Int(value.to_string())
}

/// A string.
pub fn string(content: &str) -> TraceValue {
    TraceValue::String(content.to_owned())
}

/// A state: names with values.
pub type State = Vec<(String, TraceValue)>;

/// A state of integer variables.
pub fn state(values: &[(&str, i64)]) -> State {
    values.iter().map(|(name, value)| ((*name).to_owned(), int(*value))).collect()
}

/// A trace of these states.
pub fn trace(states: Vec<State>, ending: Ending) -> Trace {
    let step =
        |state| Step { action: String::new(), bindings: vec![], place: None, state, changes: vec![], alias: None };
    Trace { steps: states.into_iter().map(step).collect(), ending, closing: None }
}

/// A finite trace of one integer variable `x`.
pub fn xs(values: &[i64]) -> Trace {
    trace(values.iter().map(|value| state(&[("x", *value)])).collect(), Ending::Finite)
}

/// The reason of a rejection, or a description of the other answers.
pub fn reason(replay: Replay) -> String {
    match replay {
        Replay::Accepted => "accepted".to_owned(),
        Replay::Rejected { reason, .. } => reason,
        Replay::Unsupported { construct, .. } => format!("unsupported: {construct}"),
    }
}
