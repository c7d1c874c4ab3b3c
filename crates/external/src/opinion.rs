//! What second opinions have in common: one obligation for each model, asked once, with both outputs kept where the tools do
//! not agree. What a tool is asked and how its answer is read stands with the tool ([`crate::tlc`], [`crate::apalache`]).

use crate::cbmc::runs::declined;
use crate::process::{Ending, Finished, Job};
use crate::tlc::Question;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use verdict::engine::{Attachment, Details};
use verdict::{Context, Engine, Expectation, InputText, Obligation, Strength, Verdict};

/// A tool, pointed at one model that was searched here.
pub trait Second: Sync {
    /// The engine's name in evidence, and the beginning of the names of its files.
    const ENGINE: &'static str;
    /// The tool's name.
    const TOOL: &'static str;

    /// The model.
    fn model(&self) -> &Question;

    /// Asks, and compares.
    fn ask(&self, context: &Context<'_>, details: &mut Details) -> Verdict;
}

/// A second opinion as an engine.
pub struct Opinion<S> {
    pub(crate) second: S,
    details: Mutex<Vec<Details>>,
}

impl<S: Second> Opinion<S> {
    pub(crate) fn of(second: S) -> Self {
        Self { second, details: Mutex::default() }
    }
}

impl<S: Second> Engine for Opinion<S> {
    fn name(&self) -> &'static str {
        S::ENGINE
    }

    fn discover(&self) -> Vec<Obligation> {
        let model = &self.second.model().model;
        vec![Obligation {
            property: format!("{model}: agrees with {}", S::TOOL),
            model: model.clone(),
            engine: S::ENGINE.to_owned(),
            name_in_input: format!("agrees with {}", S::TOOL),
            place: None,
            expectation: Expectation::Holds,
            asks: Some(Strength::Tested.into()),
        }]
    }

    fn discharge(&self, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        let mut details = Details::default();
        let verdict = self.second.ask(context, &mut details);
        *self.details.lock().unwrap_or_else(PoisonError::into_inner) = vec![details; group.len()];
        vec![verdict; group.len()]
    }

    fn inputs(&self) -> Vec<InputText> {
        self.second.model().inputs.clone()
    }

    fn details(&self) -> Vec<Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The code with which a tool ended by itself.
///
/// # Errors
/// Why it did not.
pub fn exit_code(tool: &str, finished: &Finished, time: Duration) -> Result<i32, Verdict> {
    let (reason, remedy) = match finished.ending {
        Ending::Exited(code) => return Ok(code),
        Ending::Signalled(signal) => (format!("{tool} was killed (signal {signal})"), "run it again, with more memory"),
        Ending::TimedOut => (
            format!("{tool} was stopped after {} s", time.as_secs()),
            "raise `timeout` of the model, or leave it out: second_opinion = false",
        ),
        Ending::Interrupted => (format!("{tool} was interrupted"), "run it again"),
        Ending::WroteTooMuch => {
            (format!("{tool} wrote more than is read"), "let the specification print less, or run it again")
        }
    };
    Err(declined(reason, remedy))
}

/// What a run took.
pub fn note_figures(details: &mut Details, finished: &Finished) {
    details.figures.insert("wall_s".to_owned(), finished.wall.as_secs_f64());
    details.figures.insert("peak_rss_mib".to_owned(), (finished.peak_bytes >> 20) as f64);
}

/// Both outputs, in files of these names.
pub fn outputs(question: &Question, job: &Job, finished: &Finished, [theirs, ours]: [&str; 2]) -> Vec<Attachment> {
    let said = format!(
        "$ {}\n{:?}\n\n--- configuration\n{}\n--- standard output\n{}\n--- standard error\n{}",
        job.shown(),
        finished.ending,
        question.config.as_deref().unwrap_or_default(),
        finished.text(),
        finished.stderr
    );
    // Names and numbers only, so this cannot fail.
    let here = serde_json::to_string_pretty(&question.ours).unwrap_or_default() + "\n";
    vec![attachment("theirs", theirs, said), attachment("ours", ours, here)]
}

/// A file of the run's folder.
pub fn attachment(kind: &str, name: &str, text: String) -> Attachment {
    Attachment { kind: kind.to_owned(), name: name.to_owned(), text, command: String::new() }
}
