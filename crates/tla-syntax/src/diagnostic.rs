//! Diagnostics: what is wrong, where, what was expected, and how to mend it.

use crate::source::{SourceMap, Span};
use std::fmt::Write;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Warning,
    /// The input cannot be used.
    Error,
}

/// One finding about the input text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable short name in kebab case, `unknown-identifier`.
    pub code: &'static str,
    /// Where; `None` if it concerns a whole file that could not be read.
    pub span: Option<Span>,
    /// One sentence without a full stop.
    pub message: String,
    /// How to mend it, one sentence; empty if nothing can be said.
    pub remedy: String,
    /// Further places with a remark each.
    pub related: Vec<(Span, String)>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            span: Some(span),
            message: message.into(),
            remedy: String::new(),
            related: Vec::new(),
        }
    }

    /// An error without a place in a text.
    pub fn without_place(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            span: None,
            message: message.into(),
            remedy: String::new(),
            related: Vec::new(),
        }
    }

    /// The same, as a warning.
    pub fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same, with a remedy.
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }

    /// The same, with a further place.
    pub fn related(mut self, span: Span, remark: impl Into<String>) -> Self {
        self.related.push((span, remark.into()));
        self
    }

    /// The diagnostic as text with file, line, column, the source line and a caret.
    pub fn render(&self, sources: &SourceMap) -> String {
        let mut out = String::new();
        let word = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let _ = writeln!(out, "{word}[{}]: {}", self.code, self.message);
        if let Some(span) = self.span {
            render_place(&mut out, sources, span, "");
        }
        for (span, remark) in &self.related {
            render_place(&mut out, sources, *span, remark);
        }
        if !self.remedy.is_empty() {
            let _ = writeln!(out, "  = help: {}", self.remedy);
        }
        out
    }
}

fn render_place(out: &mut String, sources: &SourceMap, span: Span, remark: &str) {
    let file = sources.file(span.file);
    let (from, to) = sources.range(span);
    let gutter = from.line.to_string().len();
    let text = file.line_text(from.line).replace('\t', " ");
    let last = if to.line == from.line { to.column } else { text.chars().count() as u32 };
    let carets = (last + 1).saturating_sub(from.column).clamp(1, 200) as usize;
    let _ = writeln!(out, "{:gutter$}--> {}:{}:{}", "", file.path.display(), from.line, from.column);
    let _ = writeln!(out, "{:gutter$} |", "");
    let _ = writeln!(out, "{} | {text}", from.line);
    let _ =
        writeln!(out, "{:gutter$} | {:pad$}{} {remark}", "", "", "^".repeat(carets), pad = from.column as usize - 1);
    while out.ends_with(" \n") {
        out.truncate(out.len() - 2);
        out.push('\n');
    }
}
