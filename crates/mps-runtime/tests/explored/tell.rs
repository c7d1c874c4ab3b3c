//! What an exploration tells: a line for a person, and where `INTERLOCK_EXPLORED` is set one for `interlock check`, whose
//! `[[explored]]` sections read it (docs/explored.md).

// The figures of an exploration are its result.
#![allow(clippy::print_stdout)]

use interlock_mps_runtime::Mutation;
use std::fmt::Write;

/// What was explored.
pub struct Told<'t> {
    /// `loom` or `shuttle`.
    pub by: &'t str,
    pub scenario: &'t str,
    pub defect: Option<Mutation>,
    /// Executions or schedules.
    pub runs: usize,
    /// What kind of runs: the bound of an exhaustive exploration, or the scheduler of a random one.
    pub how: How<'t>,
    pub threads: usize,
    /// What was found, and whether it was found again in its schedule.
    pub found: Option<(String, bool)>,
}

/// What kind of runs.
// Each engine of schedules uses one of them.
#[allow(dead_code)]
pub enum How<'t> {
    /// All with at most so many preemptions; whether all of them were looked at.
    Bounded { preemptions: usize, complete: bool },
    /// Some, drawn from a seed.
    Random { seed: u64, scheduler: &'t str },
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control < ' ' => {
                let _infallible = write!(quoted, "\\u{:04x}", control as u32);
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Tells it.
pub fn tell(told: &Told<'_>) {
    let Told { by, scenario, defect, runs, how, threads, found } = told;
    let how_told = match how {
        How::Bounded { preemptions, complete } => {
            let extent = if *complete { ", all explored" } else { "" };
            format!("{runs} executions of {threads} threads, at most {preemptions} preemptions{extent}")
        }
        How::Random { seed, scheduler } => {
            format!("{runs} schedules of {threads} threads from seed {seed}, {scheduler}")
        }
    };
    let with = defect.map_or_else(String::new, |defect| format!(" with {defect:?}"));
    let what = match found {
        None => "nothing found".to_owned(),
        Some((what, true)) => format!("found, and found again in its schedule: {what}"),
        Some((what, false)) => format!("found, but not again in its schedule: {what}"),
    };
    println!("{scenario}{with}: {how_told}: {what}");
    if std::env::var_os("INTERLOCK_EXPLORED").is_none() {
        return;
    }
    let how = match how {
        How::Bounded { preemptions, complete } => format!("\"preemptions\":{preemptions},\"complete\":{complete}"),
        How::Random { seed, scheduler } => format!("\"seed\":{seed},\"scheduler\":{}", quoted(scheduler)),
    };
    let defect = defect.map_or_else(|| "null".to_owned(), |defect| quoted(&format!("{defect:?}")));
    let found = found.as_ref().map_or_else(
        || "null".to_owned(),
        |(what, replayed)| format!("{{\"what\":{},\"replayed\":{replayed}}}", quoted(what)),
    );
    println!(
        "{{\"event\":\"explored\",\"by\":{},\"scenario\":{},\"defect\":{defect},\"runs\":{runs},{how},\"threads\":{threads},\"found\":{found}}}",
        quoted(by),
        quoted(scenario)
    );
}
