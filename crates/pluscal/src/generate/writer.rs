//! Lines of text under construction: finished ones, and one that tokens are added to.

use crate::expression::{Expression, blanks, width};

/// Lines under construction.
#[derive(Debug, Default)]
pub(super) struct Writer {
    lines: Vec<String>,
    current: String,
}

impl Writer {
    /// Adds a text to the current line.
    pub(super) fn token(&mut self, text: &str) {
        self.current.push_str(text);
    }

    /// How long the current line is.
    pub(super) fn column(&self) -> i32 {
        width(&self.current)
    }

    /// Ends the current line, if it has begun.
    pub(super) fn end(&mut self) {
        if !self.current.is_empty() {
            self.lines.push(std::mem::take(&mut self.current));
        }
    }

    /// Ends the current line and adds a whole one, possibly empty.
    pub(super) fn line(&mut self, text: &str) {
        self.end();
        self.lines.push(text.to_owned());
    }

    /// Adds an expression; its further lines stand under its first one.
    pub(super) fn expression(&mut self, expression: &Expression) {
        let indent = blanks(self.column());
        for (number, line) in expression.render().into_iter().enumerate() {
            if number == 0 {
                self.current.push_str(&line);
            } else {
                self.lines.push(std::mem::replace(&mut self.current, format!("{indent}{line}")));
            }
        }
    }

    /// How many lines are finished.
    pub(super) fn count(&self) -> usize {
        self.lines.len()
    }

    /// Replaces one finished line by others.
    pub(super) fn replace(&mut self, line: usize, by: Vec<String>) {
        if line < self.lines.len() {
            self.lines.splice(line..=line, by);
        }
    }

    /// Finished lines from one on.
    pub(super) fn from(&mut self, line: usize) -> &mut [String] {
        self.lines.get_mut(line..).unwrap_or_default()
    }

    /// All lines.
    pub(super) fn finish(mut self) -> Vec<String> {
        self.end();
        self.lines
    }
}
