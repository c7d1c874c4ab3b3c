//! Coverage of actions: `<Take line 11, col 1 to line 11, col 10 of module Slots>: 6:8`, distinct and generated states.
//! Disjuncts of one definition are one action here, as in TLC.

use super::code::Code;
use super::message::Frame;
use verdict::{ActionFigures, Explored};

/// The coverage of a search, at a time that is given as text.
pub fn write_coverage(frame: &Frame, explored: &Explored, now: &str) -> String {
    let mut out = frame.message(Code::CoverageStart, &format!("The coverage statistics at {now}"));
    if let Some(init) = &explored.init {
        out.push_str(&frame.message(Code::CoverageInit, &line(init)));
    }
    for action in joined(&explored.actions) {
        out.push_str(&frame.message(Code::CoverageNext, &line(&action)));
    }
    out.push_str(&frame.message(Code::CoverageEnd, "End of statistics."));
    out
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
