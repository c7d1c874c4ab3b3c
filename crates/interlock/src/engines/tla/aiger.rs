//! `--aiger FILE`: the problem for other tools, with names that a reader knows.

use super::TlaEngine;
use super::place::place_of;
use super::prove::Watching;
use super::task::Proving;
use tla_explore::Broken;
use tla_explore::interpret::Interpreted;
use tla_model::model::{Model, PropertyPart};
use tla_symbolic::aiger::{Named, write, write_watched};
use tla_symbolic::circuit::Circuit;
use tla_symbolic::liveness::watched::watched;
use tla_symbolic::{Report, Target};
use verdict::{Event, EventSink};

impl TlaEngine {
    /// Writes the problem where it was asked for, with the temporal parts of properties that are asked for.
    pub(super) fn write_aiger(
        &self,
        system: &Interpreted<'_>,
        proving: &Proving,
        (report, temporal): (&Report, &[usize]),
        events: &dyn EventSink,
    ) {
        let Some(path) = &proving.aiger else { return };
        let warn = |text: String| events.send(Event::Warning { text });
        let Some(built) = &report.built else {
            return warn(format!("there is no circuit, so {} is not written", path.display()));
        };
        let with_lassos = match temporal {
            [] => None,
            _ => match watched(system, temporal, report, &Watching { events }) {
                Ok(watched) => Some(watched),
                Err(reason) => {
                    let place = reason.span.map(|span| place_of(&self.input.specification, span));
                    let at = place.map_or_else(String::new, |place| format!(" at {place}"));
                    warn(format!("{} has no infinite behaviors in it: {}{at}", path.display(), reason.reason));
                    None
                }
            },
        };
        let text = match &with_lassos {
            Some(watched) => write_watched(watched, &named(&self.model, &watched.circuit)),
            None => write(&built.circuit, &named(&self.model, &built.circuit)),
        };
        if let Err(error) = std::fs::write(path, text) {
            warn(format!("cannot write {}: {error}", path.display()));
        }
    }
}

/// Every bad state of a circuit with its name.
fn named(model: &Model, circuit: &Circuit) -> Named {
    let name = |target: Target| match target {
        Target::Property(broken) => name_of(model, broken),
        Target::PropertyUndefined(broken) => format!("{} is undefined", name_of(model, broken)),
        Target::Deadlock => "deadlock".to_owned(),
        Target::Undefined => "a step is undefined".to_owned(),
        Target::Overflow => "a value has no place".to_owned(),
    };
    circuit.bads.iter().enumerate().map(|(index, bad)| (index, name(bad.target))).collect()
}

fn name_of(model: &Model, broken: Broken) -> String {
    let part = |parts: &[PropertyPart], number: usize| {
        let property = parts.get(number).and_then(|part| model.properties.get(part.property));
        property.map_or_else(String::new, |(name, _)| name.clone())
    };
    match broken {
        Broken::Invariant(number) => match model.invariants.get(number as usize) {
            Some(invariant) => invariant.name.clone(),
            None => part(&model.property_invariants, (number as usize).saturating_sub(model.invariants.len())),
        },
        Broken::ActionProperty(number) => part(&model.action_properties, number as usize),
        Broken::InitialProperty(number) => part(&model.initial_properties, number as usize),
    }
}
