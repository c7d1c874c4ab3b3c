//! The report of a round: attempts to find something beyond what the obligations ask, and what came of them.
//!
//! "Nothing found" is worth as much as the tries behind it, so it is never written without their number. An attempt that
//! could not be made is told with its reason and counts as no try.

use crate::junit::escape;
use crate::number::{counted, duration, grouped};
use crate::time::utc;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Random behaviors with a fresh seed.
    Simulation,
    /// Random behaviors of a larger instance.
    LargerSimulation,
    /// All states of a larger instance, as far as the time went.
    LargerInstance,
    /// Mistakes made in the specification on purpose.
    Mutation,
    /// The analyses of native code over the sources, known findings not left out.
    Scan,
    /// Workloads on many threads with a fresh seed and heavy noise.
    Stress,
    /// Random schedules of a crate's tests with a fresh seed.
    Schedules,
}

impl Method {
    /// Every method in the order of the report.
    pub const ALL: [Self; 7] = [
        Self::Simulation,
        Self::LargerSimulation,
        Self::LargerInstance,
        Self::Mutation,
        Self::Scan,
        Self::Stress,
        Self::Schedules,
    ];

    /// The words that the report uses.
    pub fn words(self) -> &'static str {
        match self {
            Self::Simulation => "simulation with a fresh seed",
            Self::LargerSimulation => "simulation of a larger instance",
            Self::LargerInstance => "search of a larger instance",
            Self::Mutation => "mutants of the specification",
            Self::Scan => "analyses of the sources",
            Self::Stress => "workloads with a fresh seed",
            Self::Schedules => "schedules with a fresh seed",
        }
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "text", rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing; how far it went, in words.
    Nothing(String),
    /// Something, in words.
    Found(String),
    /// It could not be made, with the reason.
    NotMade(String),
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attempt {
    /// How.
    pub method: Method,
    /// On which model.
    pub model: String,
    /// What is special about it: a seed, a constant.
    pub with: String,
    /// How many tries it stands for: behaviors, states, mutants.
    pub tries: u64,
    /// What a try is, in the singular.
    pub unit: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The command that does it again; empty where there is none.
    pub repeat: String,
    /// Seconds.
    pub wall_s: f64,
}

/// A round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Round {
    /// Its number.
    pub number: u64,
    /// The project's title.
    pub title: String,
    /// Start in milliseconds since 1970, UTC.
    pub started_unix_ms: u64,
    /// Version of the tool.
    pub tool_version: String,
    /// The seed that all others come from.
    pub seed: u64,
    /// The time that it was allowed, in seconds.
    pub budget_s: f64,
    /// The time that it took, in seconds.
    pub wall_s: f64,
    /// Attempts in the order in which they were made.
    pub attempts: Vec<Attempt>,
}

impl Round {
    /// Attempts that found something.
    pub fn findings(&self) -> Vec<&Attempt> {
        self.attempts.iter().filter(|attempt| matches!(attempt.outcome, Outcome::Found(_))).collect()
    }

    /// The result in a sentence, with the number of tries.
    pub fn headline(&self) -> String {
        let made = self.attempts.iter().filter(|attempt| !matches!(attempt.outcome, Outcome::NotMade(_)));
        let made: Vec<&Attempt> = made.collect();
        let mut tries: BTreeMap<&str, u64> = BTreeMap::new();
        made.iter().for_each(|attempt| *tries.entry(&attempt.unit).or_default() += attempt.tries);
        let tries: Vec<String> = tries.iter().map(|(unit, number)| counted(*number as usize, unit)).collect();
        let tries = if tries.is_empty() { "no try".to_owned() } else { tries.join(", ") };
        let attempts = counted(made.len(), "attempt");
        match self.findings().len() {
            0 => format!("Nothing found in {attempts}: {tries}."),
            found => format!("{} found something, of {attempts}: {tries}.", counted(found, "attempt")),
        }
    }

    /// The report as Markdown.
    pub fn markdown(&self) -> String {
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let mut out =
            format!("# Round {}: {}\n\n**{}**\n\n{}\n", self.number, self.title, self.headline(), self.particulars());
        for method in Method::ALL {
            let attempts: Vec<&Attempt> = self.attempts.iter().filter(|attempt| attempt.method == method).collect();
            if attempts.is_empty() {
                continue;
            }
            let mut heading = method.words().to_owned();
            heading[..1].make_ascii_uppercase();
            out.push_str(&format!(
                "\n## {heading}\n\n| model | with | tries | result | time |\n|---|---|--:|---|--:|\n"
            ));
            for attempt in attempts {
                out.push_str(&format!(
                    "| {} | {} | {} | {} | {} |\n",
                    cell(&attempt.model),
                    cell(&attempt.with),
                    grouped(attempt.tries),
                    cell(&result(attempt)),
                    duration(attempt.wall_s)
                ));
            }
        }
        let findings = self.findings();
        if !findings.is_empty() {
            out.push_str("\n## To do it again\n");
            for attempt in findings.iter().filter(|attempt| !attempt.repeat.is_empty()) {
                out.push_str(&format!("\n- {}: `{}`\n", attempt.model, attempt.repeat));
            }
        }
        out
    }

    /// The report as one page without scripts and without a network.
    pub fn html(&self) -> String {
        let mut rows = String::new();
        for attempt in &self.attempts {
            let class = match attempt.outcome {
                Outcome::Nothing(_) => "nothing",
                Outcome::Found(_) => "found",
                Outcome::NotMade(_) => "not-made",
            };
            let cells = [attempt.method.words(), &attempt.model, &attempt.with].map(escape);
            rows.push_str(&format!(
                "<tr class=\"{class}\"><td>{}</td><td>{}</td><td>{}</td><td class=\"figure\">{}</td><td>{}</td><td class=\"figure\">{}</td><td><code>{}</code></td></tr>\n",
                cells[0],
                cells[1],
                cells[2],
                grouped(attempt.tries),
                escape(&result(attempt)),
                duration(attempt.wall_s),
                escape(&attempt.repeat)
            ));
        }
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n<meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\n<title>Round {}: {}</title>\n<style>{STYLE}</style></head>\n<body><h1>Round {}: {}</h1>\n<p class=\"headline\">{}</p>\n<p>{}</p>\n<div class=\"wide\"><table><thead><tr><th>Method</th><th>Model</th><th>With</th><th>Tries</th><th>Result</th><th>Time</th><th>To do it again</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div></body></html>\n",
            self.number,
            escape(&self.title),
            self.number,
            escape(&self.title),
            escape(&self.headline()),
            escape(&self.particulars()),
        )
    }

    fn particulars(&self) -> String {
        format!(
            "Begun {} UTC, Interlock {}, seed {}; allowed {}, took {}.",
            utc(self.started_unix_ms),
            self.tool_version,
            self.seed,
            duration(self.budget_s),
            duration(self.wall_s)
        )
    }
}

fn result(attempt: &Attempt) -> String {
    match &attempt.outcome {
        Outcome::Nothing(text) => format!("nothing: {text}"),
        Outcome::Found(text) => format!("found: {text}"),
        Outcome::NotMade(text) => format!("not made: {text}"),
    }
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:78rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}.headline{font-weight:600}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid #8886}.figure{text-align:right;white-space:nowrap}.found td{font-weight:600}.found td:nth-child(5){color:#c2410c}.not-made td{opacity:.7}code{font-size:.85em}";

#[cfg(test)]
mod tests {
    use super::*;

    fn round(outcomes: Vec<Outcome>) -> Round {
        let attempt = |outcome| Attempt {
            method: Method::Simulation,
            model: "Pool | <b>".to_owned(),
            with: "seed 7".to_owned(),
            tries: 1_000,
            unit: "behavior".to_owned(),
            outcome,
            repeat: "interlock tla simulate Pool --seed 7".to_owned(),
            wall_s: 1.0,
        };
        Round {
            number: 3,
            title: "Pools".to_owned(),
            started_unix_ms: 0,
            tool_version: "0.1.0".to_owned(),
            seed: 7,
            budget_s: 60.0,
            wall_s: 2.0,
            attempts: outcomes.into_iter().map(attempt).collect(),
        }
    }

    #[test]
    fn nothing_found_carries_the_number_of_tries() {
        let nothing = || Outcome::Nothing("none of them violates anything".to_owned());
        let text = round(vec![nothing(), nothing(), Outcome::NotMade("no".to_owned())]).headline();
        assert_eq!(text, "Nothing found in 2 attempts: 2,000 behaviors.");
        let found = round(vec![nothing(), Outcome::Found("Safe is violated".to_owned())]);
        assert_eq!(found.headline(), "1 attempt found something, of 2 attempts: 2,000 behaviors.");
        assert!(found.markdown().contains("`interlock tla simulate Pool --seed 7`"));
    }

    #[test]
    fn text_of_a_model_is_no_markup() {
        let round = round(vec![Outcome::Found("a | b".to_owned())]);
        assert!(round.markdown().contains("| Pool \\| <b> |"));
        assert!(round.html().contains("Pool | &lt;b&gt;") && !round.html().contains("<b>"));
    }
}
