//! A search that keeps to a behavior, as TLC's `-loadTrace` does.
//!
//! The behavior becomes a constraint: a state at level *n* has the values of the behavior's *n*-th state, as far as it has
//! the variables; beyond the last state everything is allowed. And it becomes a view of level and state, so that a state
//! that occurs twice is met twice; after the last state of a behavior that goes back to one of its own states, the level is
//! that state's, so that the loop closes. Both are definitions at the end of the root module, like the invariants of a
//! command line. The independent checker sees neither: what was found has to be a behavior of the specification itself.

use std::path::PathBuf;
use tla_syntax::config::Config;

/// Name of the constraint.
pub const CONSTRAINT: &str = "InlineTraceConstraint";
/// Name of the view.
pub const VIEW: &str = "InlineTraceView";
/// Name of the instance of the module whose operators compare.
const INSTANCE: &str = "InlineTrace";

/// A behavior that a search keeps to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Where it was read from.
    pub file: PathBuf,
    /// Its states, each as a JSON object from variables to values.
    pub states: Vec<String>,
    /// The state that follows the last one, counting from 1; 0 if it just ends.
    pub back_to: usize,
}

impl Followed {
    /// The definitions.
    pub fn definitions(&self) -> String {
        let level = "LET T == INSTANCE TLC IN T!TLCGet(\"level\")";
        let states = self.states.iter().zip(1..);
        let cases = states.map(|(state, level)| {
            let text = state.replace('\\', "\\\\").replace('"', "\\\"");
            format!("InlineTraceLevel = {level} -> {INSTANCE}!_Follows(\"{text}\")\n  [] ")
        });
        format!(
            "{INSTANCE} == INSTANCE _LoadedTrace\nInlineTraceLevel == {level}\n\
             {CONSTRAINT} == CASE {}OTHER -> TRUE\n\
             {VIEW} == <<IF InlineTraceLevel <= {} THEN InlineTraceLevel ELSE {}, {INSTANCE}!_State>>\n",
            cases.collect::<String>(),
            self.states.len(),
            self.back_to
        )
    }
}

/// The configuration without what a followed behavior added.
pub fn without(config: &Config) -> Config {
    let mut config = config.clone();
    config.constraints.retain(|name| *name.name != *CONSTRAINT);
    if config.view.as_ref().is_some_and(|view| *view.name == *VIEW) {
        config.view = None;
    }
    config
}
