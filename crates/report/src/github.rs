//! Annotations for GitHub Actions: workflow commands, one a line, which its runner turns into remarks at the lines of a
//! change. What is met is not told.

use crate::run::RunReport;
use crate::words::{self, Weight};
use verdict::Place;

/// The workflow commands.
pub fn write_annotations(report: &RunReport) -> String {
    let mut out = String::new();
    for evidence in &report.evidence {
        let level = match words::weight(report, evidence) {
            Weight::Met => continue,
            Weight::Open => "warning",
            Weight::Finding => "error",
        };
        let obligation = &evidence.obligation;
        let title = format!("{} in {}", obligation.property, obligation.model);
        out.push_str(&command(level, words::place(evidence), &title, &words::sentence(evidence)));
    }
    for gap in &report.gaps {
        out.push_str(&command("notice", None, &format!("{} has no evidence", gap.property.id), &gap.reason));
    }
    for text in &report.suppressions {
        out.push_str(&command("notice", None, "Suppressed", text));
    }
    out
}

fn command(level: &str, place: Option<&Place>, title: &str, message: &str) -> String {
    let place = place.map_or_else(String::new, |place| {
        let Place { file, line, column, end_line, end_column, .. } = place;
        let file = escape_property(file);
        // The service takes columns only within one line.
        let columns = if line == end_line { format!(",col={column},endColumn={end_column}") } else { String::new() };
        format!("file={file},line={line},endLine={end_line}{columns},")
    });
    format!("::{level} {place}title={}::{}\n", escape_property(title), escape_data(message))
}

pub(crate) fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

pub(crate) fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}
