//! Several temporal properties beside one circuit, each with a monitor of its own.
//!
//! The engines ask about one conjunct at a time, and fairness belongs to the conjunction. A file for other tools has all of them:
//! one monitor for fairness, one for the negation of each conjunct, and none of them may hinder another. So what a monitor asks
//! of the steps is kept apart from what the model can do ([`Watched::asked`]).

use super::monitor::Monitor;
use super::product::{Product, product};
use super::skeleton::{Skeleton, conjuncts};
use super::{declined, observed};
use crate::aig::Lit;
use crate::circuit::{Built, Circuit};
use crate::engine::Watch;
use crate::prove::Report;
use crate::translate::Made;
use tla_explore::interpret::Interpreted;

/// What a monitor says.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Name of the property; of a conjunct with its number.
    pub name: String,
    /// What has to recur.
    pub justices: Vec<Lit>,
    /// What is asked of every step.
    pub asked: Lit,
}

/// A circuit that is watched.
pub struct WatchedCircuit {
    /// The circuit, in which steps can be taken whatever monitors ask; the last of them changes nothing.
    pub circuit: Circuit,
    /// Behaviors that are fair.
    pub fairness: Watched,
    /// For each conjunct of a property, the behaviors that violate it.
    pub violations: Vec<Watched>,
}

/// Puts monitors for temporal parts of properties, by their numbers in the model, beside the circuit.
///
/// # Errors
/// Why there is none, with its place.
pub fn watched(system: &Interpreted<'_>, parts: &[usize], report: &Report, watch: &dyn Watch) -> Made<WatchedCircuit> {
    let (formulas, Built { circuit, .. }) = observed(system, report, watch)?;
    let model = system.model;
    let enabled = circuit.enabled;
    let mut beside = Beside { circuit, variables: model.variables.len() };
    let fair = formulas.fairness.iter().flat_map(|formula| Skeleton::of(formula, true).conjuncts());
    let fairness = beside.watch("fairness".to_owned(), fair.collect());
    // A property falls into parts, and a part into conjuncts.
    let mut all = Vec::new();
    for part in parts {
        let formula = formulas.properties[*part].as_ref().map_err(|refusal| Box::new(declined(refusal)))?;
        let property = model.temporal_properties.get(*part).map(|part| part.property);
        all.extend(conjuncts(formula).into_iter().map(|conjunct| (property, conjunct)));
    }
    let mut violations = Vec::with_capacity(all.len());
    for (index, (property, conjunct)) in all.iter().enumerate() {
        let is_of_it = |other: &&(Option<usize>, _)| other.0 == *property;
        let (own, before) = (all.iter().filter(is_of_it).count(), all[..index].iter().filter(is_of_it).count());
        let name = property.and_then(|number| model.properties.get(number)).map_or("", |(name, _)| name);
        let name = if own > 1 { format!("{name}.{}", before + 1) } else { name.to_owned() };
        violations.push(beside.watch(name, Skeleton::of(conjunct, false).conjuncts()));
    }
    let circuit = Circuit { enabled, ..beside.circuit };
    Ok(WatchedCircuit { circuit, fairness, violations })
}

struct Beside {
    circuit: Circuit,
    /// Variables of the model, and of the monitors so far.
    variables: usize,
}

impl Beside {
    fn watch(&mut self, name: String, wanted: Vec<Skeleton>) -> Watched {
        let monitor = Monitor::new(wanted);
        let Product { circuit, justices, asked, names } = product(&self.circuit, &monitor, self.variables, None);
        self.circuit = circuit;
        self.variables += names.len();
        Watched { name, justices, asked }
    }
}
