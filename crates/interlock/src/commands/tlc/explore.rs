//! `-generateSpecTE`: a specification of the counterexample alone, to look at it with expressions of one's own.
//!
//! The module extends the specification, has the states as `_TETrace` and takes exactly its steps; its configuration stands
//! behind it, with the constants of the model. `_inv` is violated by the last state, so that checking it shows the behavior
//! again. Model values that only the configuration names become constants, or the module could not name them.

use super::options::Options;
use crate::command_error::CommandError;
use crate::engines::tla::Prepared;
use crate::pipeline::Outcome;
use report::run::trace_of;
use report::tlc::traces::{Instance, exploration_text};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use verdict::ExitCode;

/// The instance as far as the specification of a counterexample repeats it.
pub fn instance_of(prepared: &Prepared) -> Instance {
    let Ok((input, _)) = prepared.model() else { return Instance::default() };
    let sources = &input.specification.sources;
    let constants = input.config.constants.iter();
    let (names, lines) =
        constants.map(|constant| (constant.name.name.to_string(), sources.text(constant.span).to_owned())).unzip();
    Instance { module: input.specification.root_module().module.name.name.to_string(), names, lines }
}

/// Writes the specification of the first counterexample, if there is one. The file.
pub fn write(options: &Options, instance: &Instance, outcome: &Outcome) -> Result<Option<PathBuf>, CommandError> {
    let trace = outcome.evidence.iter().find_map(|one| trace_of(&one.verdict));
    let Some(trace) = trace.filter(|_| options.explores) else { return Ok(None) };
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let name = format!("{}_TTrace_{seconds}", instance.module);
    let beside = || options.spec.parent().unwrap_or(Path::new("")).to_path_buf();
    let path = options.explored_in.clone().unwrap_or_else(beside).join(format!("{name}.tla"));
    std::fs::write(&path, exploration_text(&name, instance, trace)).map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        CommandError::new(ExitCode::System, message, "name a folder that exists and is writable with -teSpecOutDir")
    })?;
    Ok(Some(path))
}
