//! What distinguishes a state from others: its words, the value of the view, or the least state of its orbit.
//!
//! The symmetry set is evaluated in the first state that is identified, once for each worker.

use super::book::Book;
use super::judge::checking_state;
use crate::interpret::symmetry::Symmetry;
use crate::interpret::viewed::Viewed;
use tla_model::error::Evaluated;
use tla_model::eval::Machine;
use tla_model::model::Formula;
use tla_model::value::Value;

impl<'a> Book<'a> {
    /// Fills the identity of the state in `words`.
    pub(super) fn identify(&mut self, machine: &mut Machine<'a>, next: bool) -> Evaluated<()> {
        let system = self.system;
        self.identity.clear();
        if let Some(view) = system.view() {
            let formula = &view.formula;
            let least = self.least_under_symmetry(machine, next)?;
            let mut value = checking_state(machine, next, |machine| match least {
                Some(least) => machine.in_state(least, |machine| machine.evaluate_in(formula.owner, &formula.node)),
                None => machine.evaluate_in(formula.owner, &formula.node),
            })?;
            let word = self.word(machine, &mut value)?;
            self.identity.push(word);
            return Ok(());
        }
        self.identity.extend_from_slice(&self.words);
        if let Some(symmetry) = system.symmetry() {
            self.canonical(machine, &symmetry.formula, next)?;
        }
        Ok(())
    }

    /// The values of the least state of the orbit, where a view is looked at under a symmetry; nothing if it is this state.
    fn least_under_symmetry(&mut self, machine: &mut Machine<'a>, next: bool) -> Evaluated<Option<Vec<Option<Value>>>> {
        let Some(symmetry) = self.system.symmetry() else { return Ok(None) };
        let formula = &symmetry.formula;
        let mut viewed = match self.viewed.take() {
            Some(viewed) => viewed,
            None => {
                let set = machine.checking(next, |machine| machine.evaluate_in(formula.owner, &formula.node))?;
                Box::new(Viewed::new(machine, &set).map_err(|error| error.at(formula.node.span))?)
            }
        };
        let mut words = self.words.clone();
        let result = viewed.least(machine, self, &mut words);
        self.viewed = Some(viewed);
        result?;
        Ok((words != self.words).then(|| words.into_iter().map(|word| Some(self.value(word))).collect()))
    }

    fn canonical(&mut self, machine: &mut Machine<'a>, symmetry: &'a Formula, next: bool) -> Evaluated<()> {
        let mut known = match self.symmetry.take() {
            Some(known) => known,
            None => {
                let set = machine.checking(next, |machine| machine.evaluate_in(symmetry.owner, &symmetry.node))?;
                Box::new(Symmetry::new(machine, &set).map_err(|error| error.at(symmetry.node.span))?)
            }
        };
        let mut words = std::mem::take(&mut self.identity);
        let result = known.represent(machine, self, &mut words);
        self.identity = words;
        self.symmetry = Some(known);
        result
    }
}
