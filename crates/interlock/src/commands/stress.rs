//! `interlock stress`: workloads on many threads, each result held against that of one thread.
//!
//! Each scenario is an obligation of its own. Whoever asks for stress asks for a test, so `Tested` is enough for exit code 0
//! here, as it is for a simulation; the report always carries the number of operations, the seed and the noise.

mod tables;

use super::outputs;
use crate::cli::StressArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::monitor::Monitor;
use crate::pipeline::discharge;
use crate::stop::StopFlag;
use report::RunReport;
use serde_json::json;
use std::time::Instant;
use stress::command::CommandTarget;
use stress::{Amount, Outcome, Scenario, Stress, StressEngine, Target};
use verdict::{Evidence, ExitCode, Expectation, Strength};

/// Most engines of the simulated device unless the command line says otherwise.
const MOST_ENGINES: usize = 8;

/// Runs the command.
pub fn run(args: &StressArgs, console: &Console) -> Result<u8, CommandError> {
    let started = Instant::now();
    let seed = args.seed.unwrap_or_else(super::tla_simulate::fresh_seed);
    if let Some(name) = &args.defect {
        known_defect(name)?;
    }
    let stop = StopFlag::on_signals();
    let mut evidence = Vec::new();
    let mut outcomes = Vec::new();
    let mut interrupted = false;
    for scenario in &args.scenario.0 {
        let (mut found, made) = discharged(stress_of(args, *scenario, args.threads.get(), seed), console, &stop);
        interrupted |= found.interrupted;
        evidence.append(&mut found.evidence);
        outcomes.extend(made);
    }
    let scaling = if args.scaling && !interrupted { scaling(args, seed, console, &stop) } else { Vec::new() };
    let mut report = RunReport {
        title: "stress".to_owned(),
        command: "stress".to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        evidence,
        required: Some(Strength::Tested.into()),
        scaling: scaling.clone(),
        ..RunReport::default()
    };
    report.figures.insert("wall_s".to_owned(), started.elapsed().as_secs_f64());
    report.exit_code = exit_code(&report, interrupted);
    tell(&report, &outcomes, &scaling, console);
    outputs::write(&report, &args.outputs, None, console)?;
    if let Some(path) = outputs::json_file(&args.json) {
        std::fs::write(path, json_of(&report, &outcomes, &scaling)).map_err(|error| {
            let message = format!("cannot write {}: {error}", path.display());
            CommandError::new(ExitCode::System, message, "name a file in a folder that exists and is writable")
        })?;
    }
    Ok(report.exit_code)
}

fn known_defect(name: &str) -> Result<(), CommandError> {
    if stress::defects().iter().any(|known| known == name) {
        return Ok(());
    }
    let message = format!("the runtime has no defect `{name}`");
    Err(CommandError::new(ExitCode::Usage, message, format!("the defects are {}", stress::defects().join(", "))))
}

fn discharged(stress: Stress, console: &Console, stop: &StopFlag) -> (crate::pipeline::Outcome, Vec<Outcome>) {
    let name = stress.name.clone();
    let engine = StressEngine::new(stress);
    let monitor = Monitor::new(console, stop, &name, None);
    let found = discharge(&engine, &name, 1, None, monitor);
    (found, engine.outcomes())
}

fn stress_of(args: &StressArgs, scenario: Scenario, threads: usize, seed: u64) -> Stress {
    let target = match &args.command {
        Some(command) => Target::Command(CommandTarget { command: command.clone(), folder: None, time: args.timeout }),
        None => Target::Runtime,
    };
    let amount = args
        .seconds
        .map_or(Amount::Operations(args.operations), |seconds| Amount::Time(std::time::Duration::from_secs(seconds)));
    let kernels = if args.workloads.is_empty() { stress::Kernel::ALL.to_vec() } else { args.workloads.clone() };
    Stress {
        name: scenario.name().to_owned(),
        target,
        kernels,
        threads,
        amount,
        scenarios: vec![scenario],
        seed,
        noise: args.noise.into(),
        engines: args.engines.map_or_else(engines, |engines| engines.get()),
        most_growth: args.most_growth,
        properties: Vec::new(),
        broken: Vec::new(),
        defect: args.defect.clone(),
    }
}

/// As many as there are cores, within reason.
pub fn engines() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_ENGINES))
}

/// Threads, and the operations of all of them in a second, for 1, 2, 4 … threads; a tenth of the operations each.
fn scaling(args: &StressArgs, seed: u64, console: &Console, stop: &StopFlag) -> Vec<(usize, f64)> {
    let most = args.threads.get();
    let mut counts: Vec<usize> =
        std::iter::successors(Some(1), |count| Some(count * 2)).take_while(|count| *count < most).collect();
    counts.push(most);
    let point = |threads: usize| {
        let mut stress = stress_of(args, Scenario::Steady, threads, seed);
        stress.amount = match stress.amount {
            // The same number of operations in all, whoever does them.
            Amount::Operations(each) => Amount::Operations((each * most as u64 / threads as u64).div_ceil(10)),
            Amount::Time(time) => Amount::Time(time / 10),
        };
        let (_, outcomes) = discharged(stress, console, stop);
        outcomes.first().map(|outcome| (threads, outcome.per_second()))
    };
    counts.into_iter().filter_map(point).collect()
}

fn exit_code(report: &RunReport, interrupted: bool) -> u8 {
    if interrupted {
        return ExitCode::Interrupted.code();
    }
    let verdicts = report.evidence.iter().map(|one: &Evidence| (&one.verdict, Expectation::Holds));
    ExitCode::of_run_required(verdicts, Strength::Tested)
}

fn tell(report: &RunReport, outcomes: &[Outcome], scaling: &[(usize, f64)], console: &Console) {
    if console.json {
        console.result(&json_of(report, outcomes, scaling));
        return;
    }
    let mut text = String::new();
    if !console.style.quiet {
        outcomes.iter().for_each(|outcome| text.push_str(&tables::of_outcome(outcome, console.style.width)));
        if !scaling.is_empty() {
            text.push_str(&tables::of_scaling(scaling, console.style.width));
        }
    }
    text.push_str(&report::terminal::write_report(report, &console.style));
    console.result(&text);
}

/// The object of every report, and the runs themselves under `stress`.
fn json_of(report: &RunReport, outcomes: &[Outcome], scaling: &[(usize, f64)]) -> String {
    let text = report::json::write_report(report);
    let Ok(serde_json::Value::Object(mut object)) = serde_json::from_str(&text) else { return text };
    let points: Vec<_> =
        scaling.iter().map(|(threads, rate)| json!({"threads": threads, "per_second": rate})).collect();
    object.insert("stress".to_owned(), json!({ "runs": outcomes, "scaling": points }));
    format!("{:#}\n", serde_json::Value::Object(object))
}
