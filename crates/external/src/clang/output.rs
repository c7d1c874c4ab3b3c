//! What Clang writes: one line for each diagnostic, `file:line:column: warning: text [-Wflag]`.
//!
//! The plain form is read because every version that will do has it; SARIF came with version 15.

use verdict::Place;

/// A diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its class.
    pub severity: Severity,
    /// Its text without the flag.
    pub text: String,
    /// The flag that controls it.
    pub flag: String,
    /// Where it is; errors of the command line have no place.
    pub place: Option<Place>,
}

/// Classes of diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The unit is not compiled, and not analysed.
    Error,
    /// A finding.
    Warning,
    /// More about the one before.
    Note,
}

impl Diagnostic {
    /// Whether it is a finding of the thread-safety analysis.
    pub fn is_of_the_analysis(&self) -> bool {
        self.severity == Severity::Warning && self.flag.starts_with("-Wthread-safety")
    }
}

/// All diagnostics of a text.
pub fn read(text: &str) -> Vec<Diagnostic> {
    text.lines().filter_map(diagnostic).collect()
}

fn diagnostic(line: &str) -> Option<Diagnostic> {
    let kinds = [
        ("fatal error: ", Severity::Error),
        ("error: ", Severity::Error),
        ("warning: ", Severity::Warning),
        ("note: ", Severity::Note),
    ];
    // The first such word that follows a place or begins the line.
    let starts = kinds.iter().filter_map(|(word, severity)| {
        let index = line.find(word)?;
        let before = &line[..index];
        (before.is_empty() || before.ends_with(": ")).then_some((index, *word, *severity))
    });
    let (index, word, severity) = starts.min_by_key(|(index, ..)| *index)?;
    let rest = &line[index + word.len()..];
    let (text, flag) = match rest.rsplit_once(" [") {
        Some((text, flag)) if flag.ends_with(']') && flag.starts_with("-W") => (text, flag.trim_end_matches(']')),
        Some(_) | None => (rest, ""),
    };
    // Under -Werror the flag is `-Werror,-Wthread-safety-analysis`.
    let flag = flag.trim_start_matches("-Werror,");
    Some(Diagnostic { severity, text: text.to_owned(), flag: flag.to_owned(), place: place(&line[..index]) })
}

/// `file:line:column: `.
fn place(text: &str) -> Option<Place> {
    let mut parts = text.trim_end().trim_end_matches(':').rsplitn(3, ':');
    let column: u32 = parts.next()?.parse().ok()?;
    let line: u32 = parts.next()?.parse().ok()?;
    let file = parts.next()?.to_owned();
    Some(Place { file, module: String::new(), line, column, end_line: line, end_column: column })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnostics_have_class_flag_and_place() {
        let told = read(
            "src/pool.cpp:12:3: warning: writing variable 'free_' requires holding mutex 'mutex_' exclusively [-Wthread-safety-analysis]\n\
             src/pool.cpp:9:1: note: see it\nsrc/x.h:3:10: fatal error: 'no.h' file not found\n\
             error: unknown argument: '-frob'\n1 warning generated.\n",
        );
        assert_eq!(told.len(), 4);
        assert!(told[0].is_of_the_analysis());
        assert_eq!(told[0].place.as_ref().map(ToString::to_string).as_deref(), Some("src/pool.cpp:12:3"));
        assert_eq!(told[0].text, "writing variable 'free_' requires holding mutex 'mutex_' exclusively");
        assert_eq!((told[1].severity, told[2].severity), (Severity::Note, Severity::Error));
        assert_eq!((told[3].severity, told[3].place.as_ref()), (Severity::Error, None));
    }

    #[test]
    fn a_warning_that_was_made_an_error_is_told_as_one() {
        let told = read("a.cpp:1:2: error: x [-Werror,-Wthread-safety-analysis]");
        assert_eq!((told[0].severity, told[0].flag.as_str()), (Severity::Error, "-Wthread-safety-analysis"));
    }
}
