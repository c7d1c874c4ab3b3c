//! Coverage: `<Take line 11, col 1 to line 11, col 10 of module Slots>: 6:8` for an action, with its distinct and generated
//! states, and `  |line 12, col 8 to line 12, col 18 of module Slots: 24` for an expression, with its evaluations and one `|`
//! for each expression around it. Disjuncts of one definition are one action here, as in TLC.
//!
//! TLC also tells of single names and of the sizes of sets (2775), and counts some guards only where they were true; here
//! an expression has the number of its evaluations, see `docs/from-tlc.md`.

use super::message::Frame;
use verdict::tlc::Code;
use verdict::{ActionFigures, CoverageFigures, Explored, ExpressionFigures, PartFigures, PartRole};

/// The coverage of a search, at a time that is given as text.
pub fn write_coverage(frame: &Frame, explored: &Explored, now: &str) -> String {
    let mut out = frame.message(Code::CoverageStart, &format!("The coverage statistics at {now}"));
    if let Some(init) = &explored.init {
        out.push_str(&frame.message(Code::CoverageInit, &line(init)));
        write_part(&mut out, frame, explored, |part| part.role == PartRole::Init);
    }
    for action in joined(&explored.actions) {
        out.push_str(&frame.message(Code::CoverageNext, &line(&action)));
        let is_it =
            |part: &PartFigures| part.role == PartRole::Action && part.name == action.name && part.head == action.head;
        write_part(&mut out, frame, explored, is_it);
    }
    if let Some(coverage) = &explored.coverage {
        write_properties(&mut out, frame, coverage);
    }
    out.push_str(&frame.message(Code::CoverageEnd, "End of statistics."));
    out
}

fn write_properties(out: &mut String, frame: &Frame, coverage: &CoverageFigures) {
    for part in &coverage.parts {
        match part.role {
            PartRole::Invariant | PartRole::Constraint | PartRole::Property => {
                let place = part.head.as_ref().unwrap_or(&part.place).in_module_words();
                out.push_str(&frame.message(Code::CoverageProperty, &format!("<{} {place}>", part.name)));
                part.expressions.iter().for_each(|one| write_expression(out, frame, one, one.depth));
            }
            PartRole::Init | PartRole::Next | PartRole::Action => {}
        }
    }
}

/// The expressions of the first part that satisfies the condition.
fn write_part(out: &mut String, frame: &Frame, explored: &Explored, is_it: impl Fn(&PartFigures) -> bool) {
    let parts = explored.coverage.iter().flat_map(|coverage| &coverage.parts);
    let Some(part) = parts.into_iter().find(|part| is_it(part)) else { return };
    // TLC begins with the conjuncts of an action.
    let mut within = 0;
    for one in &part.expressions {
        if one.depth == 0 {
            within = u32::from(one.is_whole);
        }
        if !one.is_whole {
            write_expression(out, frame, one, one.depth - within);
        }
    }
}

fn write_expression(out: &mut String, frame: &Frame, one: &ExpressionFigures, depth: u32) {
    let (bars, place) = ("|".repeat(depth as usize), one.place.in_module_words());
    out.push_str(&frame.message(Code::CoverageValue, &format!("  {bars}{place}: {}", one.evaluations)));
}

fn line(action: &ActionFigures) -> String {
    let place = action.head.as_ref().or(action.place.as_ref());
    let place = place.map_or_else(String::new, |place| format!(" {}", place.in_module_words()));
    format!("<{}{place}>: {}:{}", action.name, action.distinct, action.generated)
}

/// Disjuncts of one definition as one action, in the order of the first ones.
fn joined(actions: &[ActionFigures]) -> Vec<ActionFigures> {
    let mut all: Vec<ActionFigures> = Vec::new();
    for action in actions {
        match all.iter_mut().find(|known| known.name == action.name && known.head == action.head) {
            Some(known) => {
                known.generated += action.generated;
                known.distinct += action.distinct;
            }
            None => all.push(action.clone()),
        }
    }
    all
}
