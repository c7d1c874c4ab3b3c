//! What TLC says with `-tool`: messages between `@!@!@STARTMSG code:class @!@!@` and `@!@!@ENDMSG code @!@!@`.
//!
//! What happened is read off the codes. Numbers and the name of a property have no code of their own and are taken from the
//! sentence whose code says that they stand there; a sentence that does not have them gives none. A message that does not
//! end, and a run that does not say that it has finished, is no answer.

use serde::{Deserialize, Serialize};
use verdict::tlc::{Class, Code};

const START: &str = "@!@!@STARTMSG ";
const END: &str = "@!@!@ENDMSG ";
const CLOSE: &str = " @!@!@";

/// What kind of property is violated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Deadlock freedom.
    Deadlock,
    /// An invariant, or a property that a finite behavior violates.
    Finite,
    /// A temporal property, by an infinite behavior.
    Temporal,
}

impl Kind {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Deadlock => "a deadlock",
            Self::Finite => "a violation by a finite behavior",
            Self::Temporal => "a violation by an infinite behavior",
        }
    }
}

/// What kind of value is missing or wrong, as far as both tools tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Undefined {
    /// An assumption or a postcondition is false.
    Assumption,
    /// `Assert` failed.
    Assert,
    /// Something cannot be evaluated.
    Evaluation,
}

/// What TLC found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    /// Nothing, and all was looked at.
    Nothing,
    /// A violation, of this property if TLC names it.
    Violation(Kind, Option<String>),
    /// The specification is wrong, with the message.
    Undefined(Undefined, String),
    /// It gave up: the code and the first line of its message.
    GaveUp(u16, String),
}

/// Counts of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// States generated.
    pub generated: u64,
    /// Distinct states.
    pub distinct: u64,
    /// Distinct states that were not expanded.
    pub queue: u64,
    /// Depth of the search, if it was told.
    pub depth: Option<u64>,
}

/// A complete output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// TLC's version, as it says it.
    pub version: String,
    /// What it found.
    pub found: Found,
    /// What it counted; it does not always say.
    pub counts: Option<Counts>,
}

/// Reads a complete output.
///
/// # Errors
/// What is missing, in words.
pub fn read(text: &str) -> Result<Told, String> {
    let messages = messages(text)?;
    let version = version(&messages).ok_or("it did not say its version, so it is not TLC, or not one with `-tool`")?;
    let of = |code: Code| messages.iter().filter(move |message| message.code == code.number());
    if of(Code::Finished).next().is_none() {
        let first = messages.iter().find(|message| message.is_error());
        let why = first.map_or_else(String::new, |first| format!(": {}", first.first_line()));
        return Err(format!("it did not say that it has finished{why}"));
    }
    let error = messages.iter().find(|message| message.is_error());
    let succeeded = of(Code::Success).next().is_some();
    let found = match (error, succeeded) {
        (None, true) => Found::Nothing,
        (Some(error), false) => error.finding(),
        (None, false) => return Err("it found neither an error nor none".to_owned()),
        (Some(_), true) => return Err("it told an error, and that there is none".to_owned()),
    };
    let depth = of(Code::SearchDepth).next_back().and_then(|message| numbers(&message.text).last().copied());
    let counts = of(Code::Statistics).next_back().and_then(|message| match numbers(&message.text)[..] {
        [generated, distinct, queue] => Some(Counts { generated, distinct, queue, depth }),
        _ => None,
    });
    Ok(Told { version, found, counts })
}

/// The version that an output names, however incomplete the rest of it is.
pub fn version_in(text: &str) -> Option<String> {
    let start = text.find(&format!("{START}{}:", Code::Version.number()))?;
    text[start..].lines().nth(1).map(|line| line.trim().to_owned())
}

struct Message {
    code: u16,
    class: u8,
    text: String,
}

impl Message {
    fn is_error(&self) -> bool {
        self.class == Class::Error as u8
    }

    fn first_line(&self) -> &str {
        self.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it says nothing more")
    }

    /// What an error is about. A code that is not known is a reason of TLC's own.
    fn finding(&self) -> Found {
        let undefined = |kind| Found::Undefined(kind, self.first_line().to_owned());
        let gave_up = || Found::GaveUp(self.code, self.first_line().to_owned());
        let Some(code) = Code::from_number(self.code) else { return gave_up() };
        match code {
            Code::Deadlock => Found::Violation(Kind::Deadlock, None),
            Code::InvariantViolatedInitially
            | Code::PropertyViolatedInitially
            | Code::InvariantViolated
            | Code::ActionPropertyViolated => Found::Violation(Kind::Finite, self.property()),
            Code::TemporalPropertyViolated => Found::Violation(Kind::Temporal, self.property()),
            Code::AssumptionFalse | Code::PostconditionFalse => undefined(Undefined::Assumption),
            Code::AssertFailed => undefined(Undefined::Assert),
            Code::AssumptionFailed
            | Code::NextIncomplete
            | Code::InvariantFailed
            | Code::ActionPropertyFailed
            | Code::NestedExpression => undefined(Undefined::Evaluation),
            // Whatever has no number of its own: also what TLC merely does not support.
            Code::General
            | Code::OutOfMemory
            | Code::OutOfMemoryInitially
            | Code::StackOverflow
            | Code::WrongCommandLine
            | Code::BehaviorUpToThisPoint
            | Code::BackToState
            | Code::Bug
            | Code::Unsupported
            | Code::DiskError
            | Code::Starting
            | Code::Finished
            | Code::TraceSpecification
            | Code::ModeSearch
            | Code::ModeSimulation
            | Code::ComputingInit
            | Code::InitGenerated
            | Code::InitGeneratedWithDuplicates
            | Code::CheckingTemporal
            | Code::Success
            | Code::SearchDepth
            | Code::CheckpointStart
            | Code::CheckpointEnd
            | Code::RecoverStart
            | Code::RecoverEnd
            | Code::Statistics
            | Code::Progress
            | Code::CoverageStart
            | Code::CoverageEnd
            | Code::SimulationProgress
            | Code::SimulationStatistics
            | Code::State
            | Code::Stuttering
            | Code::ParserEnd
            | Code::ParserStart
            | Code::CoverageValue
            | Code::Version
            | Code::CounterExample
            | Code::CheckingTemporalEnd
            | Code::Outdegree
            | Code::ComputingInitProgress
            | Code::ModeDepthFirst
            | Code::CoverageNext
            | Code::CoverageInit
            | Code::CoverageProperty
            | Code::ParsingFailed
            | Code::Configuration => gave_up(),
        }
    }

    /// The property's name in `Invariant NAME is violated` and its like.
    fn property(&self) -> Option<String> {
        let words: Vec<&str> = self.first_line().split_whitespace().collect();
        let verb = words.iter().position(|word| matches!(*word, "is" | "was"))?;
        let name = *words.get(verb.checked_sub(1)?)?;
        let before = words.get(verb.checked_sub(2)?)?;
        matches!(*before, "Invariant" | "Property" | "property").then(|| name.to_owned())
    }
}

fn version(messages: &[Message]) -> Option<String> {
    let message = messages.iter().find(|message| message.code == Code::Version.number())?;
    Some(message.first_line().to_owned())
}

/// All messages. Lines between them are output of the specification or of the parser.
fn messages(text: &str) -> Result<Vec<Message>, String> {
    let mut all = Vec::new();
    let mut open: Option<Message> = None;
    for line in text.lines() {
        let code = |mark: &str| {
            let rest = &line[line.find(mark)? + mark.len()..];
            rest.strip_suffix(CLOSE).or_else(|| rest.split_once(CLOSE).map(|(head, _)| head))
        };
        match (&mut open, code(START), code(END)) {
            (None, Some(head), _) => {
                let parts =
                    head.split_once(':').and_then(|(code, class)| Some((code.parse().ok()?, class.parse().ok()?)));
                let (code, class) = parts.ok_or_else(|| format!("a message has the head `{head}`"))?;
                open = Some(Message { code, class, text: String::new() });
            }
            (Some(message), _, Some(code)) if code.parse() == Ok(message.code) => all.extend(open.take()),
            (Some(message), ..) => {
                message.text.push_str(line);
                message.text.push('\n');
            }
            (None, None, _) => {}
        }
    }
    match open {
        Some(message) => Err(format!("its output ends inside of message {}", message.code)),
        None => Ok(all),
    }
}

/// The numbers of a sentence; commas between digits do not count.
fn numbers(text: &str) -> Vec<u64> {
    let word = |word: &str| word.replace(',', "").trim_end_matches('.').parse().ok();
    text.split_whitespace().filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(code: u16, class: u8, text: &str) -> String {
        format!("@!@!@STARTMSG {code}:{class} @!@!@\n{text}\n@!@!@ENDMSG {code} @!@!@\n")
    }

    fn run(middle: &str) -> String {
        format!("{}{middle}{}", message(2262, 0, "TLC2 Version 2.20 of 1 January 2025"), message(2186, 0, "Finished"))
    }

    #[test]
    fn the_code_decides_and_not_the_words() {
        for (code, expected) in [
            (2114, Found::Violation(Kind::Deadlock, None)),
            (2110, Found::Violation(Kind::Finite, None)),
            (2116, Found::Violation(Kind::Temporal, None)),
            (2104, Found::Undefined(Undefined::Assumption, "Hello.".to_owned())),
            (2132, Found::Undefined(Undefined::Assert, "Hello.".to_owned())),
            (2111, Found::Undefined(Undefined::Evaluation, "Hello.".to_owned())),
            (1000, Found::GaveUp(1000, "Hello.".to_owned())),
            (9999, Found::GaveUp(9999, "Hello.".to_owned())),
        ] {
            let text = run(&message(code, 1, "Hello."));
            assert_eq!(read(&text).map(|told| told.found), Ok(expected), "{code}");
        }
    }

    #[test]
    fn a_property_is_named_where_tlc_names_it() {
        for (text, expected) in [
            ("Invariant TypeOK is violated.", Some("TypeOK")),
            ("Invariant Inv is violated by the initial state:\nx = 0", Some("Inv")),
            ("Action property Monotone is violated.", Some("Monotone")),
            ("Action property line 5, col 3 to line 5, col 9 of module M is violated.", None),
            ("Temporal properties were violated.", None),
            ("Temporal property Live was violated.", Some("Live")),
        ] {
            let told = read(&run(&message(2110, 1, text))).expect("a complete output");
            assert_eq!(told.found, Found::Violation(Kind::Finite, expected.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn what_contradicts_itself_or_ends_early_is_no_answer() {
        let success = message(2193, 0, "Model checking completed.");
        assert!(read(&run(&success)).is_ok());
        assert!(read(&run("")).is_err_and(|error| error.contains("neither")));
        let both = format!("{success}{}", message(2114, 1, "Deadlock reached."));
        assert!(read(&run(&both)).is_err_and(|error| error.contains("none")));
        let whole = run(&success);
        for length in 0..whole.len() - 1 {
            assert!(read(&whole[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn output_of_the_specification_is_no_message() {
        let text = run(&format!("Deadlock reached.\n{}Error: no\n", message(2193, 0, "completed")));
        assert_eq!(read(&text).map(|told| told.found), Ok(Found::Nothing));
    }
}
