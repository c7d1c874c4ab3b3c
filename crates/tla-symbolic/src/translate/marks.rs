//! What an invariant has to reach to say anything: antecedents that are true, quantifiers over something.
//!
//! The conjunctions, quantifiers and definitions of an invariant are followed down to its implications, as the explorer
//! does it, and each place gets the condition under which a state reaches it.

use super::{Env, Made, Translator};
use crate::aig::{FALSE, Lit};
use crate::walk::{Binding, Graph};
use tla_model::ir::{DefinitionId, Kind, Node};
use tla_syntax::Span;

/// A place, with when it is reached.
pub type Mark = (Span, Lit);

impl<'m> Translator<'m> {
    /// The places of an invariant. What cannot be translated has none.
    pub(crate) fn marks(&mut self, node: &'m Node, env: &Env<'m>, marks: &mut Vec<Mark>) -> Made<()> {
        self.marks_below(node, env, &mut Vec::new(), marks)
    }

    fn marks_below(
        &mut self,
        node: &'m Node,
        env: &Env<'m>,
        calls: &mut Vec<DefinitionId>,
        marks: &mut Vec<Mark>,
    ) -> Made<()> {
        if self.path == FALSE {
            return Ok(());
        }
        match &node.kind {
            Kind::And(items) => items.iter().try_for_each(|item| self.marks_below(item, env, calls, marks)),
            Kind::Implies(antecedent, consequent, _) => {
                let truth = self.truth(antecedent, env)?;
                self.mark(antecedent.span, truth, marks);
                let _below = self.under(truth, |this| this.marks_below(consequent, env, calls, marks))?;
                Ok(())
            }
            Kind::Forall(binders, body, _) => {
                self.mark(node.span, FALSE, marks);
                for (inner, guard) in self.instances(binders, env)? {
                    self.mark(node.span, guard, marks);
                    let _below = self.under(guard, |this| this.marks_below(body, &inner, calls, marks))?;
                }
                Ok(())
            }
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, Binding::Delayed(value, env.clone()));
                self.marks_below(body, &env, calls, marks)
            }
            Kind::Call(id, arguments) if !calls.contains(id) => {
                let inner = self.enter_call(*id, arguments, env)?;
                calls.push(*id);
                let result = self.marks_below(&self.model.code.definition(*id).body, &inner, calls, marks);
                calls.pop();
                result
            }
            // Whatever else there is says something by itself.
            _ => Ok(()),
        }
    }

    /// A place may be met several times, for other values of bound names.
    fn mark(&mut self, span: Span, when: Lit, marks: &mut Vec<Mark>) {
        let when = self.graph.and(self.path, when);
        match marks.iter_mut().find(|(known, _)| *known == span) {
            Some((_, lit)) => *lit = self.graph.or(*lit, when),
            None => marks.push((span, when)),
        }
    }
}
