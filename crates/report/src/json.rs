//! The report for programs. Field names are stable and listed in `docs/cli.md`; a change of meaning raises
//! [`VERSION`]. Whole numbers are written as such, whatever type they have inside.

use crate::itf;
use crate::run::{RunReport, is_expected_refutation};
use crate::tally::Tally;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use verdict::{Counterexample, Evidence, Step, Verdict};

/// Value of the field `format`.
pub const FORMAT: &str = "interlock-report";

/// Value of the field `version`.
pub const VERSION: u32 = 1;

/// The report as indented JSON with a line end.
pub fn write_report(report: &RunReport) -> String {
    let mut text = format!("{:#}", report_value(report));
    text.push('\n');
    text
}

/// The report as a JSON object.
pub fn report_value(report: &RunReport) -> Value {
    let tally = Tally::of(report);
    let mut counterexamples = Vec::new();
    let properties: Vec<Value> =
        report.evidence.iter().map(|evidence| property_value(report, evidence, &mut counterexamples)).collect();
    let gap = |gap: &crate::Gap| json!({ "property": gap.property, "reason": gap.reason });
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("format", json!(FORMAT));
    put("version", json!(VERSION));
    put("command", json!(report.command));
    put("tool", json!({ "name": "interlock", "version": report.tool_version }));
    put("title", json!(report.title));
    put("verdict", json!(tally.weakest()));
    put("exit_code", json!(report.exit_code));
    for name in ["generated", "distinct", "depth"] {
        put(name, report.figures.get(name).map_or(Value::Null, |figure| number(*figure)));
    }
    put("summary", tally_value(&tally));
    put("properties", Value::Array(properties));
    put("counterexamples", Value::Array(counterexamples));
    put("gaps", report.gaps.iter().map(gap).collect());
    put("suppressions", json!(report.suppressions));
    put("warnings", json!(report.warnings));
    put("figures", figures_value(&report.figures));
    put("recorded_in", json!(report.recorded_in));
    if let Some(coverage) = &report.coverage {
        put("coverage", json!(coverage));
    }
    Value::Object(object)
}

fn tally_value(tally: &Tally) -> Value {
    let mut by_strength = Map::new();
    for (strength, count) in &tally.by_strength {
        by_strength.insert(strength.word().to_lowercase(), json!(count));
    }
    json!({
        "headline": tally.headline(),
        "obligations": tally.obligations,
        "met": tally.met,
        "refuted_as_expected": tally.expected_refutations,
        "by_strength": by_strength,
        "suppressions": tally.suppressions,
        "assumptions": tally.assumptions,
        "models_with_reductions": tally.reduced,
        "warnings": tally.warnings,
        "gaps": tally.gaps,
    })
}

fn property_value(report: &RunReport, evidence: &Evidence, counterexamples: &mut Vec<Value>) -> Value {
    let obligation = &evidence.obligation;
    let detail = detail_value(&evidence.verdict);
    let counterexample = match &evidence.verdict {
        Verdict::Refuted(refutation) => Some(&refutation.counterexample),
        Verdict::Failed(failure) => failure.trace.as_deref(),
        Verdict::Declined(decline) => decline.induction.as_deref(),
        Verdict::Proved(_)
        | Verdict::Exhausted(_)
        | Verdict::Bounded { .. }
        | Verdict::Tested(_)
        | Verdict::Vacuous(_)
        | Verdict::Assumed(_) => None,
    };
    let index = counterexample.map(|counterexample| {
        counterexamples.push(counterexample_value(evidence, counterexample));
        counterexamples.len() - 1
    });
    json!({
        "property": obligation.property,
        "name": obligation.name_in_input,
        "model": obligation.model,
        "engine": obligation.engine,
        "place": obligation.place,
        "expectation": obligation.expectation,
        "as_expected": report.is_met(evidence),
        "verdict": evidence.verdict.strength(),
        "detail": detail,
        "counterexample": index,
        "figures": figures_value(&evidence.figures),
        "artefacts": evidence.artefacts,
        "inputs": evidence.inputs,
        "tools": evidence.tools,
        "remarks": evidence.remarks,
        "findings": evidence.findings,
    })
}

/// What the verdict carries, without the behavior, which stands under `counterexamples`.
fn detail_value(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Proved(proof) => json!(proof),
        Verdict::Exhausted(exhaustion) => exhaustion_value(exhaustion),
        Verdict::Bounded { bound, depth, unwinding_assertions } => {
            json!({ "bound": bound, "depth": depth, "unwinding_assertions": unwinding_assertions })
        }
        Verdict::Tested(testing) => json!(testing),
        Verdict::Refuted(refutation) => json!({
            "replayed_by": refutation.replayed_by,
            "replay_command": refutation.replay_command,
            "exit_code": refutation.exit_code,
        }),
        Verdict::Vacuous(vacuity) => json!(vacuity),
        Verdict::Declined(decline) => {
            let mut value = json!({ "reason": decline.reason, "place": decline.place, "remedy": decline.remedy });
            if let (Some(_), Value::Object(fields)) = (&decline.induction, &mut value) {
                // The counterexample is no behavior: nothing says that its first state is reached.
                fields.insert("to_induction".to_owned(), Value::Bool(true));
            }
            value
        }
        Verdict::Assumed(assumption) => json!(assumption),
        Verdict::Failed(failure) => json!({
            "class": failure.class,
            "message": failure.message,
            "place": failure.place,
            "remedy": failure.remedy,
            "notes": failure.notes,
        }),
    }
}

fn exhaustion_value(exhaustion: &verdict::Exhaustion) -> Value {
    let constants: Map<String, Value> =
        exhaustion.constants.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({
        "constants": constants,
        "reductions": exhaustion.reductions,
        "generated": exhaustion.generated,
        "distinct": exhaustion.distinct,
        "depth": exhaustion.depth,
        "store": exhaustion.store,
        "collision_bound": exhaustion.collision_bound,
    })
}

fn counterexample_value(evidence: &Evidence, counterexample: &Counterexample) -> Value {
    let trace = &counterexample.trace;
    let step = |(index, step): (usize, &Step)| {
        let mut object = json!({
            "number": index + 1,
            "action": step.action,
            "bindings": step.bindings,
            "place": step.place,
            "changes": step.changes,
            "state": itf::state_value(&step.state),
        });
        if let (Some(alias), Value::Object(fields)) = (&step.alias, &mut object) {
            fields.insert("alias".to_owned(), itf::state_value(alias));
        }
        object
    };
    json!({
        "property": evidence.obligation.property,
        "model": evidence.obligation.model,
        "expected": is_expected_refutation(evidence),
        "steps": trace.steps.iter().enumerate().map(step).collect::<Vec<_>>(),
        "ending": trace.ending,
        "closing": trace.closing.as_deref().map(|step| {
            json!({ "action": step.action, "bindings": step.bindings, "place": step.place })
        }),
        "false_conjuncts": counterexample.false_conjuncts,
        "notes": counterexample.notes,
    })
}

fn figures_value(figures: &BTreeMap<String, f64>) -> Value {
    figures.iter().map(|(name, figure)| (name.clone(), number(*figure))).collect::<Map<_, _>>().into()
}

/// A figure as JSON: whole numbers without a decimal point, as long as the type holds them exactly.
fn number(figure: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if figure.fract() == 0.0 && figure.abs() < EXACT { json!(figure as i64) } else { json!(figure) }
}
