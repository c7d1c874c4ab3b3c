//! Whether a translation still belongs to its algorithm.
//!
//! The checksums on the `BEGIN TRANSLATION` line say what the algorithm and the translation were when they were made. If
//! the lines of the translation have another checksum, somebody has edited them; if the algorithm has another one, it
//! was changed and not translated again. In both cases what is checked is not what is read.
//!
//! A checksum of the algorithm that does not fit may also come from another version of the translator. So the algorithm
//! is translated again, and if that gives the translation that is there, nothing is stale. For a `--fair` algorithm the
//! original hashes the word `fair` instead of the algorithm, and a change cannot be seen by the checksum at all; there
//! the new translation alone decides.

use crate::document::{Document, checksums, translation_checksum};
use crate::options::Options;
use crate::text::Lines;
use tla_syntax::Diagnostic;
use tla_syntax::source::FileId;

/// A warning if the translation in a module does not belong to its algorithm any more.
///
/// Without checksums nothing is said: whoever removed them does not want to hear it.
pub fn stale(file: FileId, text: &str) -> Option<Diagnostic> {
    if !text.contains("BEGIN TRANSLATION") {
        return None;
    }
    let lines = Lines::new(file, text);
    let document = Document::new(text, lines.clone()).ok()?;
    let start = document.start()?;
    let (place, line) = document.begin_line()?;
    let found = checksums(line)?;
    let span = lines.span(place, line.trim_end().chars().count());
    let digits = |range: &std::ops::Range<usize>| u32::from_str_radix(line.get(range.clone())?, 16).ok();
    let warn = |message: &str| {
        let remedy = "translate again with `interlock tla translate`; to silence this, write `\\in STRING` in the \
                      place of `= \"…\"`";
        Diagnostic::error("pluscal-stale", span, message).warning().remedy(remedy)
    };
    let translated = document.translation();
    if let Some(range) = &found.translation
        && digits(range) != Some(translation_checksum(&translated))
    {
        return Some(warn("the translation was edited after it was made from the algorithm"));
    }
    let algorithm = found.algorithm.as_ref()?;
    let options = match Options::default().with_statement(&lines) {
        Ok(options) => options,
        Err(problem) => return Some(problem.diagnostic(&lines).warning()),
    };
    // The command line may have said how to translate, such as `-label`.
    let labelled = Options { label: true, ..options.clone() };
    let made = crate::translation(&document, start, &options)
        .or_else(|problem| crate::translation(&document, start, &labelled).map_err(|_| problem));
    match made {
        Err(problem) => {
            let error = problem.diagnostic(&lines).warning();
            let message =
                format!("the algorithm has changed since it was translated, and is wrong now: {}", error.message);
            Some(Diagnostic { message, ..error })
        }
        Ok(made) if same(&made.lines, &translated) => None,
        Ok(made) if digits(algorithm) != Some(made.checksum) => {
            Some(warn("the algorithm has changed since it was translated, or was translated with other options"))
        }
        Ok(_) if start.fair && found.translation.is_some() => {
            Some(warn("the algorithm has changed since it was translated, or another translator has done it"))
        }
        Ok(_) => None,
    }
}

fn same(made: &[String], found: &[&str]) -> bool {
    made.len() == found.len() && made.iter().zip(found).all(|(made, found)| made == found)
}
