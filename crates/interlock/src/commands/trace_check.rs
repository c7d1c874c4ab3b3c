//! `interlock trace check`: whether what a program logged is a behavior of a specification.

use super::tla_parse::cannot_use;
use crate::cli::TraceCheckArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::tla::TlaTask;
use crate::engines::tla::input;
use report::{Ink, number::counted};
use serde_json::{Value as Json, json};
use std::path::Path;
use tla_explore::interpret::Interpreted;
use tla_explore::interpret::validate::log::{self, Event as Logged, Mapping, Unreadable};
use tla_explore::interpret::validate::mismatch::{EnabledStep, Mismatch, Why};
use tla_explore::interpret::validate::{Options, Outcome, Validation, ValidationError, validate};
use tla_explore::print::print;
use verdict::ExitCode;
use verdict::event::NoEvents;

/// Runs the command.
pub fn run(args: &TraceCheckArgs, console: &Console) -> Result<u8, CommandError> {
    let task = TlaTask::of_input(&args.input);
    let (specification, model) = input::read(&task)
        .and_then(|input| input::build(&input).map(|model| (input.specification, model)))
        .map_err(|unusable| cannot_use(&unusable))?;
    let texts = args.trace.iter().map(|path| text_of(path)).collect::<Result<Vec<_>, _>>()?;
    let events = read_logs(args, &texts)?;
    let system = Interpreted::new(&model, &specification.sources, &NoEvents).with_programs(args.input.allow_exec);
    let options = Options { hidden: args.hidden.clone(), most_hidden: args.max_hidden, most_places: args.max_places };
    let shown = Shown { args, texts: &texts, events: &events, console, module: &model.module };
    system.check_assumptions().map_err(|error| CommandError::new(ExitCode::Assumption, error.message.clone(), ""))?;
    let validation = validate(&system, &events, &options).map_err(|error| shown.cannot(&error))?;
    let exit = match &validation.outcome {
        Outcome::Matched => ExitCode::Success,
        Outcome::Parted(_) => ExitCode::TraceRejected,
        Outcome::Undecided => ExitCode::Inconclusive,
    };
    let text = if args.json { shown.as_json(&validation, exit) } else { shown.as_text(&validation) };
    console.result(&text);
    Ok(exit.code())
}

fn text_of(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path)
        .map_err(|error| CommandError::new(ExitCode::System, format!("cannot read {}: {error}", path.display()), ""))
}

fn read_logs(args: &TraceCheckArgs, texts: &[String]) -> Result<Vec<Logged>, CommandError> {
    let mapping = match &args.mapping {
        None => Mapping::default(),
        Some(path) => {
            let text = text_of(path)?;
            log::read_mapping(&text).map_err(|error| unreadable(path, &text, &error))?
        }
    };
    let mut events = Vec::new();
    for (number, (path, text)) in args.trace.iter().zip(texts).enumerate() {
        events.extend(log::read(text, number, &mapping).map_err(|error| unreadable(path, text, &error))?);
    }
    if events.is_empty() {
        let remedy = "check the tag of the mapping, and that the program was built with its logging";
        return Err(CommandError::new(ExitCode::Configuration, "the log has no events", remedy));
    }
    Ok(events)
}

/// A diagnostic that points into a log.
fn unreadable(path: &Path, text: &str, error: &Unreadable) -> CommandError {
    let message = pointed(path, text, error.line, error.column, &error.message);
    CommandError::new(ExitCode::Configuration, message, error.remedy)
}

fn pointed(path: &Path, text: &str, line: usize, column: usize, message: &str) -> String {
    let place = if column > 0 { format!("{line}:{column}") } else { line.to_string() };
    let mut out = format!("error: {message}\n --> {}:{place}\n", path.display());
    if let Some(source) = text.lines().nth(line.saturating_sub(1)) {
        let caret = column.max(source.len() - source.trim_start().len() + 1).saturating_sub(1);
        let source: String = source.chars().take(200).collect();
        out.push_str(&format!("  |\n  | {source}\n  | {}^\n", " ".repeat(caret.min(200))));
    }
    out
}

struct Shown<'a> {
    args: &'a TraceCheckArgs,
    texts: &'a [String],
    events: &'a [Logged],
    console: &'a Console,
    module: &'a str,
}

impl Shown<'_> {
    fn path(&self, event: &Logged) -> &Path {
        &self.args.trace[event.place.0]
    }

    fn cannot(&self, error: &ValidationError) -> CommandError {
        match error {
            ValidationError::Log { event: Some(index), message, remedy } => {
                let event = &self.events[*index];
                let text = &self.texts[event.place.0];
                let message = pointed(self.path(event), text, event.place.1, 0, message);
                CommandError::new(ExitCode::Configuration, message, remedy.clone())
            }
            ValidationError::Log { event: None, message, remedy } => {
                CommandError::new(ExitCode::Configuration, message.clone(), remedy.clone())
            }
            ValidationError::System(error) => {
                CommandError::new(ExitCode::Evaluation, error.message.clone(), error.remedy.clone())
            }
        }
    }

    fn as_text(&self, validation: &Validation) -> String {
        let style = &self.console.style;
        let events = counted(validation.events, "event");
        let names = self.args.trace.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let mut text = match &validation.outcome {
            Outcome::Matched => {
                let mark = style.paint(Ink::Good, "✓");
                format!("{mark} Tested     {names}: {events}, a behavior of {}\n", self.module)
            }
            Outcome::Undecided => format!(
                "? Declined   {names}: more than {} places were looked at; {} of {events} are matched\n  \
                 = help: raise --max-places, log spans or more parameters, or hide fewer actions\n",
                self.args.max_places, validation.matched
            ),
            Outcome::Parted(mismatch) => {
                let mark = style.paint(Ink::Bad, "✗");
                let head = format!(
                    "{mark} Refuted    {names}: no behavior of {}; {} of {events} are matched at most\n\n",
                    self.module, validation.matched
                );
                head + &self.mismatch(mismatch)
            }
        };
        text.push_str(&self.coverage(validation));
        if matches!(validation.outcome, Outcome::Matched) {
            text.push_str("Tested: this run is a behavior of the specification; other runs are not covered.\n");
        }
        text
    }

    fn coverage(&self, validation: &Validation) -> String {
        let coverage = &validation.coverage;
        let taken = coverage.actions.iter().filter(|(_, steps)| *steps > 0).count();
        let missing: Vec<&str> =
            coverage.actions.iter().filter(|(_, steps)| *steps == 0).map(|(name, _)| name.as_str()).collect();
        let mut text = format!(
            "\nCoverage: {taken} of {}, {}, {}",
            counted(coverage.actions.len(), "action"),
            counted(coverage.states, "state"),
            counted(coverage.transitions, "transition"),
        );
        if validation.hidden_steps > 0 {
            text.push_str(&format!("; {}", counted(validation.hidden_steps as usize, "hidden step")));
        }
        text.push('\n');
        if !missing.is_empty() {
            text.push_str(&format!("  not taken: {}\n", missing.join(", ")));
        }
        text
    }

    fn mismatch(&self, mismatch: &Mismatch) -> String {
        let mut text = String::new();
        if let Some(index) = mismatch.event {
            let event = &self.events[index];
            let line = self.texts[event.place.0].lines().nth(event.place.1 - 1).unwrap_or_default();
            let line: String = line.chars().take(240).collect();
            text.push_str(&format!("{}:{}\n  {line}\n\n", self.path(event).display(), event.place.1));
        }
        match &mismatch.why {
            Why::NoInitialState => text.push_str("The specification has no initial state.\n"),
            Why::NoStep => text.push_str("No step of the specification gives these values.\n"),
            Why::Values { step, differences } => {
                text.push_str(&format!("{} is enabled, with other values\n", told(step)));
                for difference in differences {
                    let specified =
                        if difference.specified.is_empty() { "no such part" } else { &difference.specified };
                    text.push_str(&format!(
                        "  {}   logged {}, specified {specified}\n",
                        difference.name, difference.logged
                    ));
                }
            }
            Why::Disabled { conjuncts, enabled_for } => {
                let name = mismatch.event.and_then(|index| self.events[index].action.clone()).unwrap_or_default();
                text.push_str(&format!("{name} is not enabled there"));
                text.push_str(if conjuncts.is_empty() { "\n" } else { ", because this is false\n" });
                for conjunct in conjuncts {
                    text.push_str(&format!("  {}\n    at {}\n", conjunct.text, conjunct.place));
                    for (name, value) in &conjunct.values {
                        text.push_str(&format!("    where {name} = {value}\n"));
                    }
                }
                if !enabled_for.is_empty() {
                    let steps: Vec<String> = enabled_for.iter().map(told).collect();
                    text.push_str(&format!("  It is enabled as {}\n", steps.join(", ")));
                }
            }
        }
        if !mismatch.enabled.is_empty() {
            text.push_str("\nEnabled there, the nearest first\n");
            for step in &mismatch.enabled {
                text.push_str(&format!("  {}\n", told(step)));
            }
            if mismatch.more_enabled > 0 {
                text.push_str(&format!("  and {} more\n", mismatch.more_enabled));
            }
        }
        text.push_str("\nThe state before it\n");
        for (name, value) in &mismatch.state {
            text.push_str(&format!("  {name} = {}\n", print(value)));
        }
        text
    }

    fn as_json(&self, validation: &Validation, exit: ExitCode) -> String {
        let coverage = &validation.coverage;
        let actions: serde_json::Map<String, Json> =
            coverage.actions.iter().map(|(name, steps)| (name.clone(), json!(steps))).collect();
        let (verdict, mismatch) = match &validation.outcome {
            Outcome::Matched => ("tested", Json::Null),
            Outcome::Undecided => ("declined", Json::Null),
            Outcome::Parted(mismatch) => ("refuted", self.mismatch_json(mismatch)),
        };
        let object = json!({
            "format": report::json::FORMAT,
            "version": report::json::VERSION,
            "command": "trace check",
            "verdict": verdict,
            "exit_code": exit.code(),
            "module": self.module,
            "events": validation.events,
            "matched": validation.matched,
            "places": validation.places,
            "coverage": {
                "states": coverage.states,
                "transitions": coverage.transitions,
                "hidden_steps": validation.hidden_steps,
                "actions": actions,
            },
            "mismatch": mismatch,
        });
        format!("{object:#}\n")
    }

    fn mismatch_json(&self, mismatch: &Mismatch) -> Json {
        let place = mismatch.event.map(|index| &self.events[index]);
        let enabled: Vec<String> = mismatch.enabled.iter().map(told).collect();
        let why = match &mismatch.why {
            Why::NoInitialState => json!({"kind": "no-initial-state"}),
            Why::NoStep => json!({"kind": "no-step"}),
            Why::Values { step, differences } => {
                let differences: Vec<Json> = differences
                    .iter()
                    .map(|one| json!({"name": one.name, "logged": one.logged, "specified": one.specified}))
                    .collect();
                json!({"kind": "values", "nearest": told(step), "differences": differences})
            }
            Why::Disabled { conjuncts, enabled_for } => {
                let conjuncts: Vec<Json> = conjuncts
                    .iter()
                    .map(|one| json!({"text": one.text, "place": one.place.to_string(), "values": one.values}))
                    .collect();
                let enabled_for: Vec<String> = enabled_for.iter().map(told).collect();
                json!({"kind": "disabled", "false": conjuncts, "enabled_for": enabled_for})
            }
        };
        json!({
            "file": place.map(|event| self.path(event).display().to_string()),
            "line": place.map(|event| event.place.1),
            "action": place.and_then(|event| event.action.clone()),
            "why": why,
            "enabled": enabled,
        })
    }
}

fn told(step: &EnabledStep) -> String {
    if step.bindings.is_empty() {
        return step.action.clone();
    }
    let bindings = step.bindings.iter().map(|binding| format!("{} = {}", binding.name, binding.value));
    format!("{}({})", step.action, bindings.collect::<Vec<_>>().join(", "))
}
