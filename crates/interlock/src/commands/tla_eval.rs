//! `interlock tla eval`: the value of one expression.

use super::keyboard::Patience;
use crate::cli::{SessionPlaces, TlaEvalArgs};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::session::{NoValue, Session};
use crate::engines::tla::{TlaTask, library_path};
use std::path::Path;
use verdict::{Event, EventSink, ExitCode};

/// Runs the command.
pub fn run(args: &TlaEvalArgs, console: &Console) -> Result<u8, CommandError> {
    let (spec, expression) = match &args.second {
        Some(expression) => (Some(Path::new(&args.first)), expression),
        None => (None, &args.first),
    };
    let session = open(spec, &args.places).map_err(|error| cannot(&error))?;
    let value = session.evaluate(expression, &Printed { console, patience: None }).map_err(|error| cannot(&error))?;
    console.result(&format!("{value}\n"));
    Ok(0)
}

/// The context that the command line names.
pub fn open(spec: Option<&Path>, places: &SessionPlaces) -> Result<Session, NoValue> {
    let mut search_path = places.include.clone();
    search_path.extend(library_path());
    let mut session = match spec {
        Some(spec) => {
            let task = TlaTask::named(spec, places.config.as_deref(), search_path);
            Session::of_specification(&TlaTask { constants: places.constants.clone(), ..task })?
        }
        None if !places.constants.is_empty() => {
            let text =
                "--const gives a constant of a specification its value, and no specification is named".to_owned();
            return Err(NoValue { text, was_understood: false });
        }
        None => Session::new(search_path),
    };
    for module in &places.extend {
        session.extend(module)?;
    }
    Ok(session)
}

fn cannot(error: &NoValue) -> CommandError {
    let exit = if error.was_understood { ExitCode::Evaluation } else { ExitCode::Parse };
    CommandError::new(exit, error.text.trim_end(), "")
}

/// What an expression prints goes to stderr, because stdout is for its value.
pub struct Printed<'c> {
    /// Where it goes.
    pub console: &'c Console,
    /// Says when an evaluation is to end.
    pub patience: Option<&'c Patience>,
}

impl EventSink for Printed<'_> {
    fn send(&self, event: Event) {
        match event {
            Event::Printed { text } => self.console.note(&format!("{}\n", text.trim_end_matches('\n'))),
            Event::Warning { text } => self.console.note(&format!("warning: {text}\n")),
            Event::Started { .. }
            | Event::Progress(_)
            | Event::Suppressed { .. }
            | Event::Resumed(_)
            | Event::Saving { .. }
            | Event::Saved(_)
            | Event::Advanced { .. }
            | Event::Explored(_) => {}
        }
    }

    fn interrupted(&self) -> bool {
        self.patience.is_some_and(Patience::is_over)
    }
}
