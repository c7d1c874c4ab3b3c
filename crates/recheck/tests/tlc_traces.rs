//! Behaviors that TLC printed, if a list of them is given: every one is a behavior here, too, and a counterexample if
//! TLC says so.
//!
//! `INTERLOCK_TLC_TRACES` names a file with one JSON object a line: `tla`, `cfg`, and `traces`, files as
//! `tlc -simulate file=…` writes them; for counterexamples also `claim` (`kind`, `name`) and `ending` (`finite`,
//! `stuttering`, `back:2`). `INTERLOCK_TLA_PATH` may name a folder with further modules.

mod common;

use common::{State, reason, trace};
use recheck::{Claim, Replay, Violation};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use tla_syntax::SourceMap;
use tla_syntax::ast::{DefinitionBody, Expr, ExprKind, Unit};
use tla_syntax::config::{parse_config, parse_config_in_module};
use tla_syntax::load::{LoadOptions, load, load_from_text};
use verdict::trace::Ending;
use verdict::{FailureClass, TraceValue};

/// The states of a trace that TLC wrote as a module.
fn states(text: &str) -> Vec<State> {
    let body = text.lines().skip(1).collect::<Vec<_>>().join("\n");
    let module = format!("---- MODULE Trace ----\n{body}");
    let specification = load_from_text("Trace", &module, &[]).expect("TLC's trace is a module");
    let units = &specification.root_module().module.units;
    units
        .iter()
        .filter_map(|unit| if let Unit::Definition(definition) = unit { Some(&definition.body) } else { None })
        .map(|body| if let DefinitionBody::Operator(expr) = body { state(expr) } else { panic!("no state") })
        .collect()
}

fn state(expr: &Expr) -> State {
    match &*expr.kind {
        ExprKind::Junction { items, .. } => items.iter().flat_map(state).collect(),
        ExprKind::Apply { op, args } if &*op.name == "=" => vec![(name(&args[0]), value(&args[1]))],
        other => panic!("no state: {other:?}"),
    }
}

fn name(expr: &Expr) -> String {
    if let ExprKind::Apply { op, .. } = &*expr.kind { op.name.to_string() } else { panic!("no variable") }
}

fn pairs(expr: &Expr) -> Vec<(TraceValue, TraceValue)> {
    match &*expr.kind {
        ExprKind::Apply { op, args } if &*op.name == "@@" => args.iter().flat_map(pairs).collect(),
        ExprKind::Apply { args, .. } => vec![(value(&args[0]), value(&args[1]))],
        other => panic!("no function: {other:?}"),
    }
}

fn digits(expr: &Expr) -> String {
    match &*expr.kind {
        ExprKind::Number(digits) => digits.to_string(),
        ExprKind::Apply { args, .. } => format!("-{}", digits(&args[0])),
        other => panic!("no number: {other:?}"),
    }
}

fn value(expr: &Expr) -> TraceValue {
    match &*expr.kind {
        ExprKind::String(content) => TraceValue::String(content.to_string()),
        ExprKind::Tuple(items) => TraceValue::Tuple(items.iter().map(value).collect()),
        ExprKind::SetEnum(items) => TraceValue::Set(items.iter().map(value).collect()),
        ExprKind::RecordLiteral(fields) => {
            TraceValue::Record(fields.iter().map(|(name, field)| (name.name.to_string(), value(field))).collect())
        }
        ExprKind::Apply { op, args } => match &*op.name {
            "TRUE" => TraceValue::Bool(true),
            "FALSE" => TraceValue::Bool(false),
            ":>" | "@@" => TraceValue::Function(pairs(expr)),
            ".." => TraceValue::Interval(digits(&args[0]), digits(&args[1])),
            "-." => TraceValue::Int(digits(expr)),
            model => TraceValue::ModelValue(model.to_owned()),
        },
        _ => TraceValue::Int(digits(expr)),
    }
}

fn problem(case: &Json) -> Vec<String> {
    let (tla, cfg) = (case["tla"].as_str().unwrap_or_default(), case["cfg"].as_str().unwrap_or_default());
    let search_path = std::env::var_os("INTERLOCK_TLA_PATH").map(PathBuf::from).into_iter().collect();
    let specification = match load(Path::new(tla), &LoadOptions { search_path }) {
        Ok(specification) => specification,
        Err(error) => return vec![format!("{cfg}: {}", error.diagnostics[0].message)],
    };
    let (mut sources, mut diagnostics) = (SourceMap::new(), Vec::new());
    let text = std::fs::read_to_string(cfg).expect("a configuration");
    let file = sources.add("T.cfg", text);
    let stem = Path::new(tla).file_stem().unwrap_or_default().to_string_lossy();
    let config = parse_config(&sources, file, &mut diagnostics)
        .or_else(|| parse_config_in_module(&sources, file, &stem, &mut diagnostics));
    let Some(mut config) = config else { return vec![format!("{cfg}: no configuration")] };
    let (violation, ending) = claimed(case);
    let is_told = violation.is_some();
    if !is_told {
        config.check_deadlock = None;
    }
    let violation = violation.unwrap_or(Violation::Deadlock);
    let mut problems = Vec::new();
    for path in case["traces"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        let told = trace(states(&std::fs::read_to_string(path).expect("a trace")), ending);
        let claim = Claim { violation: violation.clone(), trace: &told };
        let started = std::time::Instant::now();
        let answer = recheck::replay(&specification, &config, &claim);
        let is_behavior = !is_told && reason(answer.clone()) == "the last state has a successor";
        if !(is_behavior || answer == Replay::Accepted) || started.elapsed().as_secs() > 5 {
            problems.push(format!("{path} ({} states, {:?}): {answer:?}", told.steps.len(), started.elapsed()));
        }
    }
    problems
}

/// What TLC says to be violated, if anything, and how the trace ends.
fn claimed(case: &Json) -> (Option<Violation>, Ending) {
    let name = case["claim"]["name"].as_str().unwrap_or_default().to_owned();
    let violation = match case["claim"]["kind"].as_str() {
        Some("invariant") => Some(Violation::Invariant(name)),
        Some("action") => Some(Violation::ActionProperty(name)),
        Some("initial") => Some(Violation::InitialProperty(name)),
        Some("temporal") => Some(Violation::Temporal(name)),
        Some("deadlock") => Some(Violation::Deadlock),
        Some("evaluation") => Some(Violation::Failure(FailureClass::Evaluation)),
        Some("property evaluation") => Some(Violation::Failure(FailureClass::PropertyEvaluation)),
        Some("assert") => Some(Violation::Failure(FailureClass::Assert)),
        Some("assumption") => Some(Violation::Failure(FailureClass::Assumption)),
        _ => None,
    };
    let ending = match case["ending"].as_str().unwrap_or("finite").split_once(':') {
        Some((_, target)) => Ending::BackTo(target.parse().expect("an index")),
        None if case["ending"] == "stuttering" => Ending::Stuttering,
        None => Ending::Finite,
    };
    (violation, ending)
}

#[test]
fn what_tlc_prints_is_a_behavior() {
    let Some(list) = std::env::var_os("INTERLOCK_TLC_TRACES") else { return };
    let list = std::fs::read_to_string(list).expect("a list of traces");
    let cases = list.lines().map(|line| serde_json::from_str::<Json>(line).expect("a line of JSON"));
    let problems: Vec<String> = cases.flat_map(|case| problem(&case)).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
