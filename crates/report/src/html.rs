//! The report as one page: a single HTML file without a network, for a browser of any width, in light and dark.
//!
//! The page is a template with a style sheet, a script and the data of the run as JSON. Everything that is decided (order,
//! sentences, lanes, printed values) is decided here, so that the script only arranges; it writes text as text and never
//! as markup. A content security policy in the page forbids every request, so the page cannot be made to send one by what
//! stands in a specification.

use crate::lanes::Lanes;
use crate::markdown::weakest_first;
use crate::run::{RunReport, counterexample_of, is_expected_refutation};
use crate::tally::{Tally, promise};
use crate::value::value_text;
use crate::words::{self, Weight};
use serde_json::{Value, json};
use verdict::trace::Ending;
use verdict::{Counterexample, Evidence, Explored, StateGraph, Step, Testing, Verdict};

const LIVE: &str = include_str!("html/live.js");
const TEMPLATE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
const EXPRESSION: &str = include_str!("html/expression.js");
const PLOT: &str = include_str!("html/plot.js");
const GRAPH: &str = include_str!("html/graph.js");

/// The page.
pub fn write_html(report: &RunReport) -> String {
    // `<` never stands in the data, so no text can end the element that holds it.
    let data = page_data(report).to_string().replace('<', "\\u003c");
    let parts = TEMPLATE.split("@@").map(|part| match part {
        "TITLE" => crate::junit::escape(&report.title),
        "STYLE" => STYLE.to_owned(),
        "SCRIPT" => [EXPRESSION, PLOT, GRAPH, SCRIPT].concat(),
        "DATA" => data.clone(),
        text => text.to_owned(),
    });
    parts.collect()
}

/// The page as a server on this machine hands it out: it asks that server, and nobody else, for the number of the newest
/// run, and reloads when that is another one.
pub fn write_live(report: &RunReport, run: u64) -> String {
    let page = write_html(report).replacen("default-src 'none'", "default-src 'none'; connect-src 'self'", 1);
    let script = format!("<script>\nconst shown = \"{run}\";\n{LIVE}</script>\n</body>");
    match page.rfind("</body>") {
        Some(end) => format!("{}{script}{}", &page[..end], &page[end + "</body>".len()..]),
        None => page,
    }
}

fn page_data(report: &RunReport) -> Value {
    let tally = Tally::of(report);
    let mut counterexamples = Vec::new();
    let obligations: Vec<Value> = weakest_first(report)
        .into_iter()
        .map(|evidence| obligation_value(report, evidence, &mut counterexamples))
        .collect();
    let gap = |gap: &crate::Gap| json!({ "property": gap.property.id, "statement": gap.property.statement, "reason": gap.reason });
    json!({
        "title": report.title,
        "command": report.command,
        "version": report.tool_version,
        "exitCode": report.exit_code,
        "recordedIn": report.recorded_in,
        "headline": tally.headline(),
        "weakest": tally.weakest().map(verdict::Strength::word),
        "promise": tally.weakest().map(promised),
        "counts": [
            ["obligations", tally.obligations],
            ["met", tally.met],
            ["refuted as expected", tally.expected_refutations],
            ["suppressions", tally.suppressions],
            ["assumptions", tally.assumptions],
            ["models with reductions", tally.reduced],
            ["warnings", tally.warnings],
            ["gaps", tally.gaps],
        ],
        "seconds": report.figures.get("wall_s"),
        "properties": report.properties.iter().map(|property| {
            json!({ "id": property.id, "statement": property.statement, "kind": property.kind })
        }).collect::<Vec<_>>(),
        "obligations": obligations,
        "counterexamples": counterexamples,
        "gaps": report.gaps.iter().map(gap).collect::<Vec<_>>(),
        "suppressions": report.suppressions,
        "warnings": report.warnings,
        "coverage": report.explorations.iter().map(|(model, explored)| coverage(model, explored)).collect::<Vec<_>>(),
        "graphs": report.explorations.iter().filter_map(|(model, explored)| graph(report, model, explored)).collect::<Vec<_>>(),
        "scaling": report.scaling,
        "history": report.history.iter().map(past_run).collect::<Vec<_>>(),
    })
}

/// What a strength promises; on a page the instances stand elsewhere.
fn promised(strength: verdict::Strength) -> String {
    promise(strength).replace("the finite instances above", "the finite instances")
}

fn obligation_value(report: &RunReport, evidence: &Evidence, counterexamples: &mut Vec<Value>) -> Value {
    let obligation = &evidence.obligation;
    let (word, sentence) = (evidence.verdict.strength().word(), words::sentence(evidence));
    let detail = sentence.strip_prefix(word).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&sentence);
    let weight = match words::weight(report, evidence) {
        Weight::Met => "met",
        Weight::Open => "open",
        Weight::Finding => "finding",
    };
    let replay = match &evidence.verdict {
        Verdict::Refuted(refutation) => refutation.replay_command.as_str(),
        _ => "",
    };
    let index = counterexample_of(&evidence.verdict).map(|counterexample| {
        counterexamples.push(counterexample_value(evidence, counterexample, replay));
        counterexamples.len() - 1
    });
    let constants = match &evidence.verdict {
        Verdict::Exhausted(exhaustion) | Verdict::Tested(Testing::Reduction(exhaustion)) => {
            exhaustion.constants.iter().map(|(name, value)| format!("{name} = {value}")).collect()
        }
        _ => Vec::new(),
    };
    let remedy = match &evidence.verdict {
        Verdict::Declined(decline) => decline.remedy.as_str(),
        Verdict::Failed(failure) => failure.remedy.as_str(),
        _ => "",
    };
    json!({
        "property": obligation.property,
        "name": obligation.name_in_input,
        "model": obligation.model,
        "expected": obligation.expectation,
        "strength": word,
        "promise": promised(evidence.verdict.strength()),
        "detail": detail,
        "weight": weight,
        "place": words::place(evidence).map(ToString::to_string),
        "remedy": remedy,
        "counterexample": index,
        "constants": constants,
        "seconds": evidence.figures.get("wall_s"),
        "inputs": evidence.inputs,
        "tools": evidence.tools,
        "remarks": evidence.remarks,
        "findings": evidence.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &verdict::Finding) -> Value {
    let related = finding.related.iter().map(|(place, text)| format!("{place}: {text}"));
    json!({
        "title": format!("{} {}", finding.rule, finding.fingerprint),
        "message": finding.message,
        "place": format!("{} in {}", finding.place, finding.function),
        "related": related.collect::<Vec<_>>(),
        "fix": finding.fix,
    })
}

fn counterexample_value(evidence: &Evidence, counterexample: &Counterexample, replay: &str) -> Value {
    let trace = &counterexample.trace;
    let lanes = Lanes::of(trace);
    let step = |(step, lane): (&Step, &Option<usize>)| {
        json!({
            "action": words::action(step),
            "place": step.place.as_ref().map(ToString::to_string),
            "lane": lane,
            "changes": step.changes.iter().map(|change| [&change.path, &change.before, &change.after]).collect::<Vec<_>>(),
            "state": step.shown().iter().map(|(name, value)| [name.clone(), value_text(value)]).collect::<Vec<_>>(),
        })
    };
    let ending = match trace.ending {
        Ending::Finite => String::new(),
        Ending::Stuttering => "Stuttering: the last state is repeated for ever.".to_owned(),
        Ending::BackTo(index) => format!("Back to state {}, for ever.", index + 1),
    };
    let conjuncts: Vec<Value> = counterexample
        .false_conjuncts
        .iter()
        .map(|part| {
            let bindings: Vec<String> =
                part.bindings.iter().map(|binding| format!("{} = {}", binding.name, binding.value)).collect();
            json!({ "text": part.text, "place": part.place.to_string(), "bindings": bindings, "values": part.values })
        })
        .collect();
    json!({
        "property": evidence.obligation.property,
        "model": evidence.obligation.model,
        "expected": is_expected_refutation(evidence),
        "replay": replay,
        "lanes": lanes.threads,
        "steps": trace.steps.iter().zip(&lanes.of_step).map(step).collect::<Vec<_>>(),
        "ending": ending,
        "next": match trace.ending {
            Ending::Finite => None,
            Ending::Stuttering => Some(trace.steps.len().saturating_sub(1)),
            Ending::BackTo(index) => Some(index),
        },
        "false": conjuncts,
    })
}

fn coverage(model: &str, explored: &Explored) -> Value {
    let actions: Vec<Value> = explored
        .actions
        .iter()
        .map(|action| {
            json!({
                "name": action.name,
                "place": action.place.as_ref().map(ToString::to_string),
                "generated": action.generated,
                "distinct": action.distinct,
            })
        })
        .collect();
    json!({
        "model": model,
        "evaluator": explored.evaluator,
        "complete": explored.complete,
        "generated": explored.generated,
        "distinct": explored.distinct,
        "depth": explored.depth,
        "actions": actions,
    })
}

/// The picture of a model's state graph with the behaviors that were found in it, or where the graph can be had.
fn graph(report: &RunReport, model: &str, explored: &Explored) -> Option<Value> {
    let told = json!({ "model": model, "distinct": explored.distinct, "complete": explored.complete });
    let more = match explored.graph.as_deref()? {
        StateGraph::Drawn { states, steps } => {
            let own: Vec<(usize, &Counterexample)> = behaviors(report)
                .enumerate()
                .filter(|(_, (evidence, _))| evidence.obligation.model == model)
                .map(|(number, (_, behavior))| (number, behavior))
                .collect();
            json!({ "picture": crate::picture::picture(states, steps, &own) })
        }
        StateGraph::NotDrawn { reason, command } => json!({ "reason": reason, "dump": command }),
    };
    let mut object = told;
    if let (Value::Object(into), Value::Object(from)) = (&mut object, more) {
        into.extend(from);
    }
    Some(object)
}

/// The behaviors of a run in the order in which the page numbers them.
fn behaviors(report: &RunReport) -> impl Iterator<Item = (&Evidence, &Counterexample)> {
    weakest_first(report).into_iter().filter_map(|evidence| Some((evidence, counterexample_of(&evidence.verdict)?)))
}

fn past_run(past: &crate::PastRun) -> Value {
    json!({
        "run": past.run,
        "started": crate::time::utc(past.started_unix_ms),
        "seconds": past.wall_s,
        "states": past.states,
        "verdicts": past.verdicts.iter().map(|one| {
            json!([one.property, one.model, one.strength.word(), one.is_met])
        }).collect::<Vec<_>>(),
    })
}
