//! The parts of a property to one verdict on it.
//!
//! Each part has a conclusion of its own. The first that is broken or not decided settles the property; otherwise it
//! holds as far as every part does, and how far that is the engine says that was asked: one counts the steps that it
//! looked at, another has an invariant.

use super::Telling;
use crate::engines::tla::place::place_of;
use tla_compile::Declined;
use tla_compile::shape::Datum;
use tla_symbolic::Target;
use verdict::{Obligation, Place, Verdict};

/// What an engine concluded of one part.
pub(in super::super) enum OfPart<'c, H> {
    /// A behavior breaks it.
    Reached(&'c [Vec<Datum>]),
    /// Not decided.
    Declined(&'c Declined),
    /// It holds, as far as this says.
    Holds(H),
}

impl Telling<'_, '_> {
    /// How far each part holds, or the verdict on the property where one does not.
    ///
    /// # Errors
    /// The verdict.
    pub(in super::super) fn each_part<'c, C, H>(
        &self,
        obligation: &Obligation,
        parts: &[Target],
        conclusions: &'c [(Target, C)],
        read: impl Fn(&'c C) -> OfPart<'c, H>,
        declined: impl Fn(String, Option<Place>) -> Verdict,
    ) -> Result<Vec<H>, Box<Verdict>> {
        let mut held = Vec::with_capacity(parts.len());
        for part in parts {
            let found = conclusions.iter().find(|(target, _)| target == part);
            held.push(match found.map(|(_, conclusion)| read(conclusion)) {
                Some(OfPart::Holds(far)) => far,
                Some(OfPart::Reached(states)) => return Err(Box::new(self.refuted(obligation, *part, states))),
                Some(OfPart::Declined(reason)) => {
                    let place = reason.span.map(|span| place_of(&self.input().specification, span));
                    return Err(Box::new(declined(reason.reason.clone(), place)));
                }
                None => return Err(Box::new(crate::pipeline::internal("a property was not looked at".to_owned()))),
            });
        }
        Ok(held)
    }
}
