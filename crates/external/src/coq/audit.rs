//! Asking the kernel what a theorem rests on, and what it says.
//!
//! One file is generated for all theorems that properties name. For each it asks that the type is a proposition (a definition
//! of a number is closed too, and proves nothing), prints the statement and the assumptions. Its output is cut at markers. A
//! line of the answer that is not understood counts as an assumption.

use std::fmt::Write as _;

/// A theorem to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its full name.
    pub name: String,
    /// The module that it is in.
    pub module: String,
}

/// What the kernel says of a theorem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its type, as the kernel has it.
    pub statement: String,
    /// What it rests on; empty if on nothing.
    pub assumptions: Vec<String>,
}

/// The text of the file, and the lines on which each question is asked: an error there is an error about it.
pub fn questions(all: &[Question]) -> (String, Vec<std::ops::Range<u32>>) {
    let mut text = String::from("Set Printing Width 110.\n");
    let mut modules: Vec<&str> = all.iter().map(|question| question.module.as_str()).collect();
    modules.sort_unstable();
    modules.dedup();
    for module in modules {
        let _ = writeln!(text, "Require Import {module}.");
    }
    let lines = |text: &str| u32::try_from(text.lines().count()).unwrap_or(u32::MAX) + 1;
    let mut ranges = Vec::new();
    for (index, question) in all.iter().enumerate() {
        let first = lines(&text);
        let name = &question.name;
        let _ = writeln!(text, "Definition {} := tt.", marker(index));
        let _ = writeln!(
            text,
            "Definition interlock_proposition_{index} : Prop := ltac:(let t := type of @{name} in exact t)."
        );
        let _ = writeln!(text, "Check {}.", marker(index));
        let _ = writeln!(text, "Check @{name}.");
        let _ = writeln!(text, "Check {}.", marker(index));
        let _ = writeln!(text, "Print Assumptions {name}.");
        ranges.push(first..lines(&text));
    }
    let _ = writeln!(text, "Definition {} := tt.\nCheck {}.", marker(all.len()), marker(all.len()));
    (text, ranges)
}

fn marker(index: usize) -> String {
    format!("interlock_marker_{index}")
}

/// One answer for each question, or `None` if the output has not as many.
pub fn answers(output: &str, count: usize) -> Option<Vec<Answer>> {
    let lines: Vec<&str> = output.lines().collect();
    // The marker stands on a line of its own, its type on the next.
    let parts: Vec<(&str, Vec<&str>)> = cut(&lines);
    let of = |index: usize| {
        let name = marker(index);
        let own: Vec<&Vec<&str>> = parts.iter().filter(|(marker, _)| *marker == name).map(|(_, body)| body).collect();
        match own.as_slice() {
            [statement, assumptions] => {
                Some(Answer { statement: statement_in(statement), assumptions: assumptions_in(assumptions) })
            }
            _ => None,
        }
    };
    let ended = parts.iter().any(|(name, _)| *name == marker(count));
    let all: Option<Vec<Answer>> = (0..count).map(of).collect();
    all.filter(|_| ended)
}

/// Markers with the lines that follow them, up to the next marker.
fn cut<'a>(lines: &[&'a str]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut parts: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines {
        let word = line.split_whitespace().next().unwrap_or("");
        if word.starts_with("interlock_marker_") && !line.starts_with(' ') {
            parts.push((word, Vec::new()));
        } else if let Some((_, body)) = parts.last_mut() {
            // Libraries have notations even for the type of the marker.
            let is_type_of_marker = body.is_empty() && line.trim_start().starts_with(": ");
            if !is_type_of_marker {
                body.push(line);
            }
        }
    }
    parts
}

/// `name` and, on the next lines, `: type`.
fn statement_in(lines: &[&str]) -> String {
    let text = lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let text = text.trim().strip_prefix('@').unwrap_or(text.trim());
    match text.split_once(" : ") {
        Some((name, statement)) => format!("{} : {}", name.trim(), statement.trim()),
        None => text.to_owned(),
    }
}

/// Names and sentences of what a theorem rests on.
fn assumptions_in(lines: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut said_anything = false;
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        said_anything = true;
        let is_heading = line.ends_with(':') && !line.starts_with(' ');
        if *line == "Closed under the global context" || is_heading || line.starts_with(' ') {
            continue;
        }
        // `name : type`, or a sentence: `loop is assumed to be guarded.`
        let is_sentence = line.contains(" is assumed ") || line.contains(" relies on ");
        let name = line.split(" : ").next().unwrap_or(line).trim();
        let name = name.trim_end_matches(" :").trim();
        found.push(if is_sentence { line.trim().to_owned() } else { name.to_owned() });
    }
    let closed = lines.contains(&"Closed under the global context");
    if found.is_empty() && !(said_anything && closed) {
        found.push("something that was not told".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "interlock_marker_0\n     : unit\nuses_deep\n     : 1 = 2 \\/\n       False\ninterlock_marker_0\n     : unit\n\
        Axioms:\nbase.deep : 1 = 2\nFunctionalExtensionality.functional_extensionality_dep\n  : forall (A : Type),\n    f = g\n\
        base.loop is assumed to be guarded.\ninterlock_marker_1\n     : ()\n@ok\n     : 3 + 0 = 3\ninterlock_marker_1\n     : unit\n\
        Closed under the global context\ninterlock_marker_2\n     : unit\n";

    #[test]
    fn answers_are_told_apart() {
        let answers = answers(SAID, 2).expect("two answers");
        assert_eq!(answers[0].statement, "uses_deep : 1 = 2 \\/ False");
        assert_eq!(
            answers[0].assumptions,
            [
                "base.deep",
                "FunctionalExtensionality.functional_extensionality_dep",
                "base.loop is assumed to be guarded."
            ]
        );
        assert_eq!(answers[1], Answer { statement: "ok : 3 + 0 = 3".to_owned(), assumptions: Vec::new() });
    }

    #[test]
    fn an_output_that_ends_early_has_no_answers() {
        for length in 0..SAID.len() - "interlock_marker_2\n     : unit\n".len() + 1 {
            assert_eq!(answers(&SAID[..length], 2), None, "{}", &SAID[..length]);
        }
        assert_eq!(answers(SAID, 3), None);
    }

    #[test]
    fn silence_is_no_closedness() {
        let silent = SAID.replace("Closed under the global context\n", "");
        assert_eq!(answers(&silent, 2).expect("answers")[1].assumptions, ["something that was not told"]);
        let odd = SAID.replace("Closed under the global context", "Closed under\nSome new sentence");
        assert_eq!(answers(&odd, 2).expect("answers")[1].assumptions, ["Closed under", "Some new sentence"]);
    }

    #[test]
    fn a_question_knows_its_lines() {
        let question = |name: &str| Question { name: format!("d.top.{name}"), module: "d.top".to_owned() };
        let (text, ranges) = questions(&[question("a"), question("b")]);
        let line = text.lines().nth(ranges[1].start as usize - 1).expect("a line");
        assert_eq!(line, "Definition interlock_marker_1 := tt.");
        assert_eq!(ranges[0].end, ranges[1].start);
    }
}
