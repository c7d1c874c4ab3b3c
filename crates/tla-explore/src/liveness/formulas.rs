//! The temporal formulas of a model for an engine that does not enumerate its states.
//!
//! They are taken apart as for the explorer, so that an atom and a formula mean the same to both.

use super::atom::Atoms;
use super::outcome::Refusal;
use super::temporal::Temporal;
use super::translate::{Untranslatable, translate};
use crate::interpret::Interpreted;
use crate::system::TransitionSystem;

/// Temporal formulas over the same atoms.
pub struct Formulas<'m> {
    /// What they speak of.
    pub atoms: Atoms<'m>,
    /// The fairness conditions of the specification.
    pub fairness: Vec<Temporal>,
    /// The temporal parts of the properties, in the order of the model; or why there is no formula.
    pub properties: Vec<Result<Temporal, Refusal>>,
}

/// Takes the temporal formulas of a model apart.
///
/// # Errors
/// Why a fairness condition has no translation; nothing can be said of any property then.
pub fn formulas<'m>(system: &'m Interpreted<'m>) -> Result<Formulas<'m>, Refusal> {
    let model = system.model;
    let mut atoms = Atoms::new(&model.code, model.next.as_ref().map(|next| &next.node));
    let mut worker = system.worker();
    let mut translated = |formula| translate(worker.machine_nowhere(), &mut atoms, formula).map_err(refusal);
    let fairness = model.fairness.iter().map(&mut translated).collect::<Result<_, _>>()?;
    let properties = model.temporal_properties.iter().map(|part| translated(&part.formula)).collect();
    Ok(Formulas { atoms, fairness, properties })
}

fn refusal(reason: Untranslatable) -> Refusal {
    match reason {
        Untranslatable::Refused(refusal) => refusal,
        Untranslatable::Undefined(error) => {
            Refusal { reason: error.message.clone(), span: error.span, remedy: error.remedy.clone(), hidden_by: None }
        }
    }
}
