//! Runs and properties as a user names them.

use crate::cli::{OfProject, RunNumber};
use crate::command_error::CommandError;
use crate::project::Project;
use ledger::{Ledger, LedgerError, RecordedRun};
use std::collections::BTreeSet;
use verdict::{Evidence, ExitCode};

/// The project and its ledger.
pub fn open(of: &OfProject) -> Result<(Project, Ledger), CommandError> {
    let project = Project::load(&of.project)?;
    let ledger = Ledger::of_project(&project.folder);
    Ok((project, ledger))
}

/// The run with a number, or the newest one.
pub fn run(ledger: &Ledger, number: RunNumber) -> Result<RecordedRun, CommandError> {
    let number = match number {
        RunNumber::Number(number) => number,
        RunNumber::Latest => ledger.latest()?.ok_or_else(|| {
            let message = format!("there is no complete run in {}", ledger.runs_folder().display());
            CommandError::new(ExitCode::Configuration, message, "`interlock check` records one")
        })?,
    };
    ledger.read(number).map_err(|error| match error {
        LedgerError::NoSuchRun { .. } => {
            let unfinished = ledger.numbers().is_ok_and(|numbers| numbers.contains(&number));
            let message = if unfinished { format!("run {number} was never finished") } else { error.to_string() };
            CommandError::new(ExitCode::Configuration, message, "`interlock runs` lists the runs")
        }
        error => error.into(),
    })
}

/// The evidence about a property, by its identifier or its name in the specification.
///
/// # Errors
/// If there is none; the message lists the properties that there are.
pub fn about<'r>(run: &'r RecordedRun, property: &str) -> Result<Vec<&'r Evidence>, CommandError> {
    let by_id = || run.evidence.iter().filter(|one| one.obligation.property == property);
    let by_name = || run.evidence.iter().filter(|one| one.obligation.name_in_input == property);
    let found: Vec<&Evidence> = if by_id().next().is_some() { by_id().collect() } else { by_name().collect() };
    if found.is_empty() {
        let known: BTreeSet<&str> = run.evidence.iter().map(|one| one.obligation.property.as_str()).collect();
        let message = format!("run {} has no evidence about `{property}`", run.header.run);
        let remedy = format!("it has some about {}", known.into_iter().collect::<Vec<_>>().join(", "));
        return Err(CommandError::new(ExitCode::Configuration, message, remedy));
    }
    Ok(found)
}
