//! Which part of a temporal property is false of a behavior, and where.
//!
//! The explanation follows the formula down as far as one part alone is to blame: of a conjunction and of `\A` the parts
//! that are false, of `P => Q` the part `Q`. A part that is of the form `[]F`, `<>F`, `P ~> Q` or fairness is told as it
//! stands, with the state in which it goes wrong.

use crate::evaluate::Evaluator;
use crate::fault::Outcome;
use crate::lasso::Lasso;
use crate::place;
use crate::temporal::{Form, Tree};
use tla_syntax::Span;
use tla_syntax::load::Specification;
use verdict::{Binding, FalseConjunct};

/// Most parts that are told.
const MOST_PARTS: usize = 8;

/// An explanation under way.
pub(crate) struct Explanation<'e, 's> {
    pub(crate) evaluator: &'e mut Evaluator<'s>,
    pub(crate) specification: &'s Specification,
    pub(crate) lasso: &'e Lasso<'s>,
    pub(crate) parts: Vec<FalseConjunct>,
}

impl<'s> Explanation<'_, 's> {
    /// Tells about a formula that is false of the behavior.
    pub(crate) fn tell(&mut self, tree: &mut Tree<'s>, bindings: &[Binding]) -> Outcome<()> {
        if self.parts.len() >= MOST_PARTS {
            return Ok(());
        }
        let mut bindings = bindings.to_vec();
        for (name, value) in &tree.bindings {
            bindings.push(Binding { name: (*name).to_owned(), value: self.evaluator.print(value) });
        }
        let span = tree.span;
        match &mut tree.form {
            Form::And(items) => {
                for item in items {
                    if !self.evaluator.is_true_at(item, self.lasso, 0)? {
                        self.tell(item, &bindings)?;
                    }
                }
                Ok(())
            }
            Form::Implies(_, consequent) => self.tell(consequent, &bindings),
            Form::If(condition, then, otherwise) => {
                let branch = if self.evaluator.is_true_at(condition, self.lasso, 0)? { then } else { otherwise };
                self.tell(branch, &bindings)
            }
            Form::Or(items) if items.len() == 1 => match items.first_mut() {
                Some(item) => self.tell(item, &bindings),
                None => Ok(()),
            },
            Form::Always(inner) => {
                let values = self.fails_always(inner)?;
                self.add(span, bindings, values);
                Ok(())
            }
            Form::Eventually(inner) => {
                let values = vec![(self.text(inner.span), "FALSE in every state".to_owned())];
                self.add(span, bindings, values);
                Ok(())
            }
            Form::LeadsTo(cause, effect) => {
                let values = self.fails_to_lead(cause, effect)?;
                self.add(span, bindings, values);
                Ok(())
            }
            Form::Plain(_)
            | Form::Not(_)
            | Form::Or(_)
            | Form::Equivalent(..)
            | Form::Case(..)
            | Form::Fair { .. }
            | Form::Quantified { .. } => {
                self.add(span, bindings, Vec::new());
                Ok(())
            }
        }
    }

    /// Where `F` is false of `[]F`.
    fn fails_always(&mut self, inner: &mut Tree<'s>) -> Outcome<Vec<(String, String)>> {
        for place in self.lasso.reachable(0) {
            if self.evaluator.is_true_at(inner, self.lasso, place)? {
                continue;
            }
            let value = match &inner.form {
                Form::Eventually(part) => (self.text(part.span), self.never_from(place)),
                Form::Plain(_)
                | Form::Not(_)
                | Form::And(_)
                | Form::Or(_)
                | Form::Implies(..)
                | Form::Equivalent(..)
                | Form::If(..)
                | Form::Case(..)
                | Form::Always(_)
                | Form::LeadsTo(..)
                | Form::Fair { .. }
                | Form::Quantified { .. } => (self.text(inner.span), format!("FALSE from state {} on", place + 1)),
            };
            return Ok(vec![value]);
        }
        Ok(Vec::new())
    }

    /// Where `P` is true of `P ~> Q` and `Q` never comes.
    fn fails_to_lead(&mut self, cause: &mut Tree<'s>, effect: &mut Tree<'s>) -> Outcome<Vec<(String, String)>> {
        for place in self.lasso.reachable(0) {
            if self.evaluator.is_true_at(cause, self.lasso, place)?
                && !self.evaluator.is_true_at(effect, self.lasso, place)?
            {
                let cause = (self.text(cause.span), format!("TRUE in state {}", place + 1));
                return Ok(vec![cause, (self.text(effect.span), self.never_from(place))]);
            }
        }
        Ok(Vec::new())
    }

    /// In words that something is false from a position on.
    fn never_from(&self, place: usize) -> String {
        if place == 0 {
            "FALSE in every state".to_owned()
        } else {
            format!("FALSE from state {} on", place.min(self.lasso.back_to) + 1)
        }
    }

    fn text(&self, span: Span) -> String {
        self.specification.sources.text(span).to_owned()
    }

    fn add(&mut self, span: Span, bindings: Vec<Binding>, values: Vec<(String, String)>) {
        if let Some(place) = place(self.specification, span) {
            self.parts.push(FalseConjunct { place, text: self.text(span), bindings, values });
        }
    }
}
