//! What an exploration says: one JSON object a line, for each scenario and each defect (`docs/explored.md`).
//!
//! A test harness may have begun the line already (`test name ... `), so the object is looked for in it; every other line is
//! for people and passed over.

use serde::Deserialize;

/// How a line begins that is meant for us.
const MARK: &str = "{\"event\":\"explored\"";

/// What was explored, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Explored {
    /// The explorer: `loom`, `shuttle`, or another one.
    pub by: String,
    /// The scenario.
    pub scenario: String,
    /// The defect that was in it on purpose.
    #[serde(default)]
    pub defect: Option<String>,
    /// Executions.
    pub runs: u64,
    /// Threads.
    pub threads: u64,
    /// Bound on preemptions of an exhaustive exploration; none if there was no bound.
    #[serde(default)]
    pub preemptions: Option<u64>,
    /// Whether every execution within the bound was looked at.
    #[serde(default)]
    pub complete: Option<bool>,
    /// The seed of a random one.
    #[serde(default)]
    pub seed: Option<u64>,
    /// How a random one chose.
    #[serde(default)]
    pub scheduler: Option<String>,
    /// What was found.
    #[serde(default)]
    pub found: Option<Finding>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// What, in words.
    pub what: String,
    /// Whether it was found again in the schedule that showed it.
    pub replayed: bool,
}

/// Everything that was said, or what is wrong with it.
///
/// # Errors
/// A line that is meant for us and is not understood, or one that repeats another.
pub fn read(text: &str) -> Result<Vec<Explored>, String> {
    let mut all: Vec<Explored> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let Some(begin) = line.find(MARK) else { continue };
        let one: Explored = serde_json::from_str(line[begin..].trim_end())
            .map_err(|error| format!("line {} of the tests' output is not understood: {error}", number + 1))?;
        if all.iter().any(|known| known.scenario == one.scenario && known.defect == one.defect) {
            return Err(format!("the tests tell of {} twice", name(&one.scenario, one.defect.as_deref())));
        }
        all.push(one);
    }
    Ok(all)
}

/// A scenario with its defect, as the project file writes it.
pub fn name(scenario: &str, defect: Option<&str>) -> String {
    defect.map_or_else(|| scenario.to_owned(), |defect| format!("{scenario}/{defect}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_behind_what_a_harness_has_begun() {
        let text = "running 1 test\ntest all ... {\"event\":\"explored\",\"by\":\"loom\",\"scenario\":\"a\",\"runs\":7,\"threads\":3,\"complete\":true}\nok\n";
        let all = read(text).expect("a sound output");
        assert_eq!((all.len(), all[0].runs, all[0].complete, &all[0].found), (1, 7, Some(true), &None));
    }

    #[test]
    fn what_is_not_understood_or_said_twice_is_refused() {
        let line = "{\"event\":\"explored\",\"by\":\"loom\",\"scenario\":\"a\",\"runs\":7,\"threads\":3}\n";
        assert!(read(&format!("{line}{line}")).is_err_and(|error| error.contains("a twice")));
        assert!(read("{\"event\":\"explored\",\"by\":\"loom\"}\n").is_err_and(|error| error.contains("line 1")));
    }
}
