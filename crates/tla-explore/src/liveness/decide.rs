//! Deciding one goal: from the state graph to a lasso, or the knowledge that there is none.

use super::automaton::Automaton;
use super::component::{Demand, search};
use super::goal::{Goal, Pair};
use super::graph::{Digraph, StateGraph, UndefinedAt};
use super::lasso::{Lasso, witness};
use super::product::{Failure, Ingredients, Product};
use super::temporal::{AtomId, Column, Literal};
use super::terms::Terms;

/// A behavior that satisfies a goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) lasso: Lasso,
    /// Whether every behavior that begins with the stem and the first state of the loop satisfies the goal: what is
    /// violated is a safety property.
    pub(crate) stem_suffices: bool,
}

/// What is the same for all goals.
pub(crate) struct Setting<'g> {
    pub(crate) graph: &'g StateGraph,
    pub(crate) terms: &'g Terms,
    pub(crate) column_of: &'g (dyn Fn(AtomId) -> Column + Sync),
    pub(crate) interrupted: &'g (dyn Fn() -> bool + Sync),
    /// Give up on a goal whose product needs more than this number of bytes.
    pub(crate) memory_budget: Option<u64>,
}

/// A behavior that satisfies the goal, if there is one.
pub(crate) fn decide(setting: &Setting<'_>, goal: &Goal) -> Result<Option<Found>, Failure> {
    if goal.is_hopeless() {
        return Ok(None);
    }
    conditions_are_defined(setting, &goal.pairs)?;
    if goal.needs_no_automaton() {
        let lasso = find(setting, setting.graph, &goal.pairs, &[], 0)?;
        return Ok(lasso.map(|(lasso, _)| Found { lasso, stem_suffices: false }));
    }
    let mut automaton = Automaton::new(setting.terms, goal.formula, setting.column_of);
    let product = Product::build(Ingredients {
        graph: setting.graph,
        automaton: &mut automaton,
        column_of: setting.column_of,
        anywhere: goal.anywhere,
        interrupted: setting.interrupted,
        memory_budget: setting.memory_budget,
    })?;
    let postponements: Vec<&[u32]> =
        (0..automaton.postponement_count()).map(|number| automaton.postponed(number as u32)).collect();
    let found = find(setting, &product, &goal.pairs, &postponements, automaton.eventualities())?;
    Ok(found.map(|(lasso, entry)| {
        let stem_suffices = goal.pairs.is_empty() && automaton.is_satisfied(product.automaton_state(entry));
        Found { lasso, stem_suffices }
    }))
}

/// The lasso of the nearest accepted component, and the node by which it is entered.
fn find<D: Digraph>(
    setting: &Setting<'_>,
    nodes: &D,
    pairs: &[Pair],
    postponements: &[&[u32]],
    eventualities: usize,
) -> Result<Option<(Lasso, u32)>, Failure> {
    let demand = Demand { graph: setting.graph, pairs, postponements, eventualities };
    let accepted = search(nodes, &demand, setting.interrupted).map_err(|_| Failure::Interrupted)?;
    let Some(accepted) = accepted else { return Ok(None) };
    let entry = accepted.nodes.first().copied().unwrap_or(0);
    match witness(nodes, &demand, &accepted) {
        Some(lasso) => Ok(Some((lasso, entry))),
        None => Err(Failure::Inconsistent),
    }
}

/// Acceptance conditions ask for their atoms everywhere.
fn conditions_are_defined(setting: &Setting<'_>, pairs: &[Pair]) -> Result<(), Failure> {
    if setting.graph.undefined.is_empty() {
        return Ok(());
    }
    let literals =
        |pair: &Pair| -> Vec<Literal> { [pair.request.clone().unwrap_or_default(), pair.grant.clone()].concat() };
    for literal in pairs.iter().flat_map(literals) {
        let Some(place) = setting.graph.undefined.first(literal.column) else { continue };
        let (state, step) = match literal.column {
            Column::State(_) => (place, setting.graph.steps(place).start),
            Column::Step(_) => (setting.graph.source(place as usize), place as usize),
        };
        return Err(Failure::Undefined(UndefinedAt { column: literal.column, state, step }));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
