//! `interlock explain`: what is known about one property: the claim, each model that speaks about it, what its verdict
//! promises, whether the inputs are still those that were checked, and how the verdicts went over the runs.

use super::find;
use crate::cli::ExplainArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::project::Project;
use ledger::{RecordedRun, hash_of, is_met};
use report::style::wrap_hanging;
use report::tally::promise;
use report::{Ink, time, words};
use std::path::Path;
use verdict::{Evidence, ExitCode, Expectation, Verdict};

/// Runs the command.
pub fn run(args: &ExplainArgs, console: &Console) -> Result<u8, CommandError> {
    let (project, ledger) = find::open(&args.of)?;
    let run = find::run(&ledger, args.run)?;
    let found = find::about(&run, &args.property)?;
    let mut text = claim(&project, &args.property, console);
    let started = time::utc(run.header.started_unix_ms);
    text.push_str(&format!("\nRun {}, {started} UTC, Interlock {}\n", run.header.run, run.header.tool_version));
    found.iter().for_each(|evidence| tell(&mut text, &run, evidence, console));
    text.push_str("\nOver the runs\n");
    for past in ledger.complete_runs()? {
        history(&mut text, &past, &args.property, console);
    }
    console.result(&text);
    Ok(ExitCode::Success.code())
}

fn claim(project: &Project, property: &str, console: &Console) -> String {
    let mut text = String::new();
    match project.properties.iter().find(|known| known.id == property) {
        Some(known) => {
            let kind = format!("{:?}", known.kind).to_lowercase();
            text.push_str(&console.style.paint(Ink::Strong, &format!("{} ({kind})", known.id)));
            text.push('\n');
            wrap_hanging(&mut text, &known.statement, 2, 2, console.style.width);
        }
        None => {
            text.push_str(&console.style.paint(Ink::Strong, property));
            text.push_str("\n  The project file promises no property of this name.\n");
        }
    }
    text
}

fn tell(text: &mut String, run: &RecordedRun, evidence: &Evidence, console: &Console) {
    let style = &console.style;
    let obligation = &evidence.obligation;
    let met = is_met(run, evidence);
    let (mark, ink) = if met { ("✓", Ink::Good) } else { ("✗", Ink::Bad) };
    let must = match obligation.expectation {
        Expectation::Holds => "has to hold",
        Expectation::Violated => "must be violated",
    };
    let name = &obligation.name_in_input;
    let place = obligation.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
    text.push_str(&format!("\n  {} {name}{place} {must} in {}\n", style.paint(ink, mark), obligation.model));
    wrap_hanging(text, &words::sentence(evidence), 4, 6, style.width);
    let promised = promise(evidence.verdict.strength()).replace("the finite instances above", "the finite instance");
    wrap_hanging(text, &promised, 4, 6, style.width);
    if let Verdict::Exhausted(exhaustion) = &evidence.verdict {
        let constants: Vec<String> =
            exhaustion.constants.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        if !constants.is_empty() {
            wrap_hanging(text, &format!("instance: {}", constants.join(", ")), 4, 6, style.width);
        }
    }
    if let Verdict::Refuted(refutation) = &evidence.verdict {
        let actions: Vec<String> = refutation.counterexample.trace.steps.iter().map(words::action).collect();
        wrap_hanging(text, &actions.join(" → "), 4, 6, style.width);
        let (number, property) = (run.header.run, crate::pipeline::quoted(&obligation.property));
        let model = crate::pipeline::quoted(&obligation.model);
        text.push_str(&format!("    interlock replay {number} {property} --model {model}\n"));
    }
    for remark in &evidence.remarks {
        wrap_hanging(text, &format!("note: {remark}"), 4, 6, style.width);
    }
    for stale in stale_inputs(run, evidence) {
        let line = format!("stale: {stale} has changed since, or is gone; `interlock check` checks it again");
        wrap_hanging(text, &line, 4, 6, style.width);
    }
}

/// Inputs that are no longer what was checked. Bundled modules, which have no file, are part of the tool.
fn stale_inputs<'e>(run: &RecordedRun, evidence: &'e Evidence) -> Vec<&'e str> {
    let has_changed = |path: &str, hash: &str| {
        let file = Path::new(&run.header.working_folder).join(path);
        std::fs::read(file).map_or(true, |content| hash_of(&content) != hash)
    };
    let inputs = evidence.inputs.iter().filter(|input| !input.path.starts_with('<'));
    inputs.filter(|input| has_changed(&input.path, &input.hash)).map(|input| input.path.as_str()).collect()
}

/// One line for a run: how many of its verdicts about the property were of which strength.
fn history(text: &mut String, run: &RecordedRun, property: &str, console: &Console) {
    let started = time::utc(run.header.started_unix_ms);
    let told = match find::about(run, property) {
        Err(_) => "not checked".to_owned(),
        Ok(found) => {
            let met = found.iter().filter(|one| is_met(run, one)).count();
            let meant_to_hold = found.iter().filter(|one| one.obligation.expectation == Expectation::Holds);
            let weakest = meant_to_hold.map(|one| one.verdict.strength()).min();
            let weakest = weakest.map_or("only broken variants", verdict::Strength::word);
            format!("{weakest}; {met} of {} met", found.len())
        }
    };
    wrap_hanging(text, &format!("{:>4}  {started}  {told}", run.header.run), 2, 8, console.style.width);
}
