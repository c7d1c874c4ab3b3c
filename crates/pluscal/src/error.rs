//! What can be wrong with an algorithm. Every problem becomes a diagnostic with a place and a remedy.

use crate::text::{Lines, Place};
use tla_syntax::Diagnostic;

/// A problem at a place.
#[derive(Debug, Clone)]
pub struct Problem {
    code: &'static str,
    place: Place,
    width: usize,
    message: String,
    remedy: String,
    related: Vec<(Place, String)>,
}

impl Problem {
    /// A problem; `code` in kebab case.
    pub fn new(code: &'static str, place: Place, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code, place, width: 1, message: message.into(), remedy: remedy.into(), related: Vec::new() }
    }

    /// The same, over so many characters.
    pub fn over(self, text: &str) -> Self {
        Self { width: text.chars().count().max(1), ..self }
    }

    /// The same, with a further place.
    pub fn related(mut self, place: Place, remark: impl Into<String>) -> Self {
        self.related.push((place, remark.into()));
        self
    }

    /// As a diagnostic of a file.
    pub fn diagnostic(self, lines: &Lines) -> Diagnostic {
        let error = Diagnostic::error(self.code, lines.span(self.place, self.width), self.message).remedy(self.remedy);
        let attach = |error: Diagnostic, (place, remark): (Place, String)| error.related(lines.span(place, 1), remark);
        self.related.into_iter().fold(error, attach)
    }
}

/// Result of a step of the translation.
pub type Outcome<T> = Result<T, Problem>;
