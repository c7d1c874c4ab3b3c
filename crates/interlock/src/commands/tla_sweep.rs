//! `interlock tla check --const N=1..5`: one run for each value, and a table of what came out.
//!
//! Several such constants make a product. The exit code is that of all verdicts together, as in a project; a run that
//! finds something does not end the sweep, since what is asked is for which values the properties hold.

use super::outputs;
use super::tla_check::{Request, request_of};
use crate::cli::TlaCheckArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::constants::split;
use report::RunReport;
use report::number::grouped;
use serde_json::Value;
use std::fmt::Write as _;
use verdict::ExitCode;

/// Most runs of one sweep.
const MOST_RUNS: u64 = 10_000;

/// Texts of `--const` for one run, in the order of the command line, and which of them vary.
struct Combination {
    constants: Vec<String>,
}

/// A constant that varies: its name and the bounds.
struct Range {
    name: String,
    low: i64,
    high: i64,
}

/// Whether any constant of the command line varies.
pub fn is_one(args: &TlaCheckArgs) -> bool {
    args.input.constants.iter().any(|text| range(text).is_some())
}

/// `N=1..5`, where both bounds are numbers. A set is written in braces or parentheses.
fn range(text: &str) -> Option<Range> {
    let (name, value) = split(text);
    let (low, high) = value.split_once("..")?;
    Some(Range { name: name.to_owned(), low: low.trim().parse().ok()?, high: high.trim().parse().ok()? })
}

/// Runs the command for every combination of values.
pub fn run(args: &TlaCheckArgs, console: &Console) -> Result<u8, CommandError> {
    refuse_single_files(args)?;
    let ranges: Vec<Range> = args.input.constants.iter().filter_map(|text| range(text)).collect();
    let combinations = combinations(&args.input.constants)?;
    let mut reports: Vec<(Vec<String>, RunReport)> = Vec::new();
    for combination in combinations {
        let values = ranges.iter().filter_map(|range| {
            let text = combination.constants.iter().rfind(|text| split(text).0 == range.name)?;
            Some(split(text).1.to_owned())
        });
        let values: Vec<String> = values.collect();
        let request = request_of(args, combination.constants);
        let (report, _) = Request::examine(request, console)?;
        let interrupted = report.exit_code == ExitCode::Interrupted.code();
        reports.push((values, report));
        if interrupted {
            break;
        }
    }
    let text = if console.json { json(&ranges, &reports) } else { table(&ranges, &reports) };
    console.result(&text);
    Ok(exit_code(&reports, args))
}

/// Files that one run writes would be overwritten by the next.
fn refuse_single_files(args: &TlaCheckArgs) -> Result<(), CommandError> {
    let given = [
        ("--itf", args.itf.is_some()),
        ("--dump", args.dump.is_some()),
        ("--events", args.events.is_some()),
        ("--spill", args.spill.is_some()),
        ("--checkpoint", args.checkpoint.is_some()),
        ("--resume", args.resume.is_some()),
        ("--json=FILE", outputs::json_file(&args.run.json).is_some()),
        ("--html", args.run.outputs.html.is_some()),
        ("--sarif", args.run.outputs.sarif.is_some()),
        ("--junit", args.run.outputs.junit.is_some()),
        ("--markdown", args.run.outputs.markdown.is_some()),
        ("--github", args.run.outputs.github),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((flag, _)) => Err(CommandError::new(
            ExitCode::Usage,
            format!("{flag} is for one run, and a range of values makes several"),
            "give the constant one value, or leave the flag out",
        )),
    }
}

/// The product of all ranges, the last one varying fastest.
fn combinations(texts: &[String]) -> Result<Vec<Combination>, CommandError> {
    let mut all = vec![Vec::new()];
    for text in texts {
        let choices: Vec<String> = match range(text) {
            None => vec![text.clone()],
            Some(Range { name, low, high }) => {
                let runs = u64::try_from(i128::from(high) - i128::from(low) + 1).unwrap_or(0);
                let product = runs.saturating_mul(all.len() as u64);
                if runs == 0 || product > MOST_RUNS {
                    let message = format!("--const {text} makes {} runs", grouped(product));
                    let remedy = "a range is LOW..HIGH with LOW at most HIGH, and all ranges together make 10,000 runs at most; write a set as {1, 2} or (1..2)";
                    return Err(CommandError::new(ExitCode::Usage, message, remedy));
                }
                (low..=high).map(|value| format!("{name}={value}")).collect()
            }
        };
        all = all
            .into_iter()
            .flat_map(|front: Vec<String>| {
                choices.iter().map(move |choice| front.iter().cloned().chain([choice.clone()]).collect::<Vec<_>>())
            })
            .collect();
    }
    Ok(all.into_iter().map(|constants| Combination { constants }).collect())
}

/// The code of all verdicts together; that of a run without any counts first.
fn exit_code(reports: &[(Vec<String>, RunReport)], args: &TlaCheckArgs) -> u8 {
    let interrupted = ExitCode::Interrupted.code();
    if reports.iter().any(|(_, report)| report.exit_code == interrupted) {
        return interrupted;
    }
    let verdicts = reports.iter().flat_map(|(_, report)| &report.evidence);
    let verdicts = verdicts.map(|one| (&one.verdict, one.obligation.expectation));
    ExitCode::of_run_required(verdicts, args.required.require)
}

fn figure(report: &RunReport, name: &str) -> String {
    report.figures.get(name).map_or_else(|| "–".to_owned(), |figure| grouped(*figure as u64))
}

fn weakest(report: &RunReport) -> String {
    let weakest = report::tally::Tally::of(report).weakest();
    weakest.map_or_else(|| "nothing to check".to_owned(), |strength| strength.word().to_owned())
}

/// What each run gave, one line each, in columns.
fn table(ranges: &[Range], reports: &[(Vec<String>, RunReport)]) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let names = ranges.iter().map(|range| range.name.clone());
    let titles = ["Verdict", "Generated", "Distinct", "Depth", "Time", "Exit"];
    rows.push(names.chain(titles.map(str::to_owned)).collect());
    for (values, report) in reports {
        let mut row = values.clone();
        row.push(weakest(report));
        row.extend(["generated", "distinct", "depth"].map(|name| figure(report, name)));
        row.push(format!("{:.2} s", report.figures.get("wall_s").copied().unwrap_or(0.0)));
        row.push(report.exit_code.to_string());
        rows.push(row);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let blanks = " ".repeat(widths[column] - cell.chars().count());
            // Words stand at the left, numbers at the right.
            let placed = if column == ranges.len() { format!("{cell}{blanks}") } else { format!("{blanks}{cell}") };
            let _ = write!(line, "  {placed}");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The reports as an array, each with the values that it is for.
fn json(ranges: &[Range], reports: &[(Vec<String>, RunReport)]) -> String {
    let object = |(values, report): &(Vec<String>, RunReport)| {
        let mut object = report::json::report_value(report);
        let values = ranges.iter().zip(values).map(|(range, value)| (range.name.clone(), Value::from(value.as_str())));
        object["constants"] = Value::Object(values.collect());
        object
    };
    let all: Vec<Value> = reports.iter().map(object).collect();
    format!("{:#}\n", Value::Array(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn ranges_make_a_product() {
        let all = combinations(&texts(&["N=1..2", "S={a, b}", "M = -1 .. 1"])).expect("six runs");
        let all: Vec<String> = all.iter().map(|one| one.constants.join(" ")).collect();
        assert_eq!(all.len(), 6);
        assert_eq!((all[0].as_str(), all[5].as_str()), ("N=1 S={a, b} M=-1", "N=2 S={a, b} M=1"));
    }

    #[test]
    fn what_is_no_range_of_numbers_is_a_value() {
        assert!(range("S=(1..3)").is_none() && range("S={1..3}").is_none() && range("N=Low..High").is_none());
        assert!(combinations(&texts(&["N=3..1"])).is_err());
        assert!(combinations(&texts(&["N=1..1000000"])).is_err());
    }
}
