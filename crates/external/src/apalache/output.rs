//! What `apalache-mc check` says: the word behind `The outcome is:`, the last `EXITCODE:` and the code of the process.
//!
//! The three are told by different parts of the program, and are believed only together. Lines of its log end with a time of
//! day, so a word ends where its letters do.

/// What Apalache found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No behavior of the length that was asked for violates anything.
    NoError,
    /// An invariant is violated.
    Violation,
    /// A behavior cannot go on.
    Deadlock,
}

const OUTCOME: &str = "The outcome is: ";
const EXIT: &str = "EXITCODE: ";

/// The outcome of a run that ended with this code.
///
/// # Errors
/// Why it is none, and what can be done.
pub fn read(text: &str, code: i32) -> Result<Outcome, (String, &'static str)> {
    let told = text.lines().rev().find_map(|line| line.strip_prefix(EXIT)).map(str::trim);
    let expected = if code == 0 { "OK".to_owned() } else { format!("ERROR ({code})") };
    match told {
        None => return Err(("its output ends early".to_owned(), "run it by hand")),
        Some(told) if told != expected => {
            return Err((format!("it says `{told}` and ends with code {code}"), "run it by hand"));
        }
        Some(_) => {}
    }
    let mut outcomes = text.lines().filter_map(|line| line.strip_prefix(OUTCOME)).map(word);
    let outcome = outcomes.next();
    if outcomes.next().is_some() {
        return Err(("it tells two outcomes".to_owned(), "run it by hand"));
    }
    match (outcome, code) {
        // All behaviors are shorter than what was asked for, and nothing is wrong with them.
        (Some("NoError" | "ExecutionsTooShort"), 0) => Ok(Outcome::NoError),
        (Some("Error"), 12) => Ok(Outcome::Violation),
        (Some("Deadlock"), 12) => Ok(Outcome::Deadlock),
        (Some("SmtTimeout"), _) => Err(("its solver ran out of time".to_owned(), "raise `timeout` of the model")),
        (Some(word), code) => Err((format!("its outcome is {word}, with code {code}"), "run it by hand")),
        (None, 120) => Err((first_error(text, "the types do not fit"), TYPES)),
        (None, 75) => Err((first_error(text, "it cannot evaluate the specification"), LEAVE)),
        (None, 150) => Err((first_error(text, "it cannot read the specification"), LEAVE)),
        (None, code) => Err((first_error(text, &format!("it ended with code {code} and no outcome")), LEAVE)),
    }
}

const LEAVE: &str = "leave the model out: second_opinion = false";
const TYPES: &str =
    "annotate the specification with types (apalache-mc.org), or leave the model out: second_opinion = false";

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default()
}

/// The first line that its log marks as an error, without the time; where memory ran out, that.
fn first_error(text: &str, otherwise: &str) -> String {
    if text.contains("Ran out of heap memory") || text.contains("OutOfMemoryError") {
        return "memory ran out".to_owned();
    }
    let marked = text.lines().find_map(|line| Some(line.split_once(" E@")?.0.trim()));
    marked.filter(|line| !line.is_empty()).map_or_else(|| otherwise.to_owned(), |line| format!("{otherwise}: {line}"))
}

/// Steps of the counterexample in a file of the Informal Trace Format; `None` if that is no such file.
pub fn steps_of(itf: &str) -> Option<u64> {
    let trace: serde_json::Value = serde_json::from_str(itf).ok()?;
    let states = trace.get("states")?.as_array()?.len();
    u64::try_from(states).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(outcome: &str, exit: &str) -> String {
        format!(
            "# APALACHE version: 0.47.2 | build: v0.47.2      I@10:00:00.000\nThe outcome is: {outcome}      \
             I@10:00:01.000\nIt took me 0 days  0 hours  0 min  1 sec      I@10:00:01.001\nEXITCODE: {exit}\n"
        )
    }

    #[test]
    fn an_outcome_counts_if_all_say_the_same() {
        assert_eq!(read(&said("NoError", "OK"), 0), Ok(Outcome::NoError));
        assert_eq!(read(&said("ExecutionsTooShort", "OK"), 0), Ok(Outcome::NoError));
        assert_eq!(read(&said("Error", "ERROR (12)"), 12), Ok(Outcome::Violation));
        assert_eq!(read(&said("Deadlock", "ERROR (12)"), 12), Ok(Outcome::Deadlock));
    }

    #[test]
    fn whatever_does_not_fit_together_is_no_outcome() {
        let twice = said("NoError", "OK") + &said("NoError", "OK");
        let cut = said("NoError", "OK").replace("EXITCODE: OK\n", "");
        let odd: [(String, i32); 9] = [
            (said("NoError", "OK"), 12),
            (said("NoError", "ERROR (12)"), 12),
            (said("Error", "OK"), 0),
            (said("NoErrorAtAll", "OK"), 0),
            (said("SmtTimeout", "OK"), 0),
            (said("RuntimeError", "ERROR (255)"), 255),
            ("EXITCODE: OK\n".to_owned(), 0),
            (twice, 0),
            (cut, 0),
        ];
        for (text, code) in odd {
            assert!(read(&text, code).is_err(), "{code}: {text}");
        }
    }

    #[test]
    fn errors_are_told_apart_by_their_codes() {
        let failed = |line: &str, code: i32| {
            let text = format!("{line}      E@10:00:00.000\nEXITCODE: ERROR ({code})\n");
            read(&text, code).expect_err("no outcome")
        };
        let (why, remedy) = failed("[Pool.tla:9:1-9:9]: Expected a type annotation for VARIABLE x", 120);
        assert!(
            why.contains("the types do not fit: [Pool.tla:9:1-9:9]: Expected") && remedy.contains("annotate"),
            "{why}"
        );
        assert!(failed("unsupported", 75).0.contains("cannot evaluate the specification: unsupported"));
        assert!(failed("odd", 150).0.contains("cannot read"));
        assert!(failed("odd", 255).0.contains("code 255"));
        assert_eq!(failed("Error: Ran out of heap memory (max JVM memory: 1)", 255).0, "memory ran out");
    }

    #[test]
    fn steps_are_one_less_than_states() {
        assert_eq!(steps_of(r##"{"vars":["x"],"states":[{"#meta":{"index":0},"x":1},{"x":2}]}"##), Some(1));
        assert_eq!(steps_of(r#"{"vars":["x"],"states":[]}"#), None);
        assert_eq!(steps_of("{"), None);
    }
}
