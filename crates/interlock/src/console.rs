//! The two streams and what is known about the terminal. Nothing else in the project asks the environment how to look.

use crate::cli::{ColorWhen, Global, RunArgs};
use report::Style;
use std::io::{IsTerminal, Write};

/// Narrower terminals are treated as this wide: nothing readable fits less.
const NARROWEST: usize = 40;

/// Streams, and how text on them looks.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    /// Looks of the result on stdout.
    pub style: Style,
    /// Whether stdout carries JSON.
    pub json: bool,
    /// Whether stderr is a terminal, so that a line of progress can be overwritten.
    pub live: bool,
    /// Columns of stderr.
    pub progress_width: usize,
}

impl Console {
    /// For a command without a report.
    pub fn plain(global: &Global) -> Self {
        Self::new(global, false, false)
    }

    /// For a command that runs engines.
    pub fn for_run(global: &Global, run: &RunArgs) -> Self {
        Self::for_report(global, matches!(run.json, Some(None)), run.full)
    }

    /// For a command that writes a report.
    pub fn for_report(global: &Global, json: bool, full: bool) -> Self {
        Self::new(global, json, full)
    }

    /// For `scan`, whose report may be JSON.
    pub fn for_scan(global: &Global, json: bool) -> Self {
        Self::new(global, json, false)
    }

    fn new(global: &Global, json: bool, full: bool) -> Self {
        let stdout = std::io::stdout();
        let terminal = stdout.is_terminal();
        let width = terminal.then(|| terminal_size::terminal_size_of(&stdout)).flatten();
        let width = width.map_or_else(width_without_terminal, |(width, _)| usize::from(width.0));
        let colour = match global.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => wants_colour(terminal, |name| std::env::var(name).ok()),
        };
        let stderr = std::io::stderr();
        let progress_width = terminal_size::terminal_size_of(&stderr).map_or(width, |(width, _)| usize::from(width.0));
        Self {
            style: Style { colour, width: width.max(NARROWEST), full, quiet: global.quiet },
            json,
            live: stderr.is_terminal(),
            progress_width: progress_width.max(NARROWEST),
        }
    }

    /// Writes the result to stdout. A reader who has gone away (`| head`) is no error.
    pub fn result(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// Writes to stderr, for a person.
    pub fn note(&self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

fn width_without_terminal() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    columns.unwrap_or(report::style::DEFAULT_WIDTH)
}

/// The conventions of <https://no-color.org> and <https://bixense.com/clicolors/>: a non-empty `NO_COLOR` switches colour
/// off, `CLICOLOR_FORCE` other than `0` switches it on, a terminal that is not dumb has it.
fn wants_colour(terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
    if is_set("NO_COLOR") {
        return false;
    }
    if is_set("CLICOLOR_FORCE") && variable("CLICOLOR_FORCE").as_deref() != Some("0") {
        return true;
    }
    terminal && variable("TERM").as_deref() != Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(terminal: bool, variables: &[(&str, &str)]) -> bool {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        wants_colour(terminal, find)
    }

    #[test]
    fn colour_follows_the_conventions() {
        assert!(with(true, &[]));
        assert!(!with(false, &[]));
        assert!(!with(true, &[("NO_COLOR", "1")]));
        assert!(with(true, &[("NO_COLOR", "")]), "an empty NO_COLOR counts as absent");
        assert!(with(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!with(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!with(false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
        assert!(!with(true, &[("TERM", "dumb")]));
    }
}
