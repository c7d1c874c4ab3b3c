//! Truth values of expressions, as the evaluator finds them: what decides already leaves the rest unevaluated.

use super::{Algebra, Binding, Env, Graph, Made, Operations, Sets, Sym, Translator, Values};
use tla_model::ir::{Kind, Node};

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// The truth value of a value.
    pub(crate) fn truth_of(&mut self, sym: &Sym<'m, A>) -> Made<A::Bit> {
        let sym = self.open(sym);
        match &sym {
            Sym::Bool(lit) => Ok(*lit),
            Sym::Never => Ok(A::FALSE),
            Sym::Union(_) => self.truth_of_alternatives(&sym, &mut |this, one| this.truth_of(one)),
            _ => {
                self.fail(A::TRUE, "a Boolean is needed here");
                Ok(A::FALSE)
            }
        }
    }

    /// The truth value of a node.
    pub(crate) fn truth(&mut self, node: &'m Node, env: &Env<'m, A>) -> Made<A::Bit> {
        if self.path == A::FALSE {
            return Ok(A::FALSE);
        }
        match &node.kind {
            Kind::And(items) => {
                let mut all = A::TRUE;
                for item in items {
                    all = self.truth_under(all, item, env)?;
                }
                Ok(all)
            }
            Kind::Or(items) => {
                let mut any = A::FALSE;
                for item in items {
                    let not = self.graph.not(any);
                    let one = self.truth_under(not, item, env)?;
                    any = self.graph.or(any, one);
                }
                Ok(any)
            }
            Kind::Not(item) => {
                let truth = self.truth(item, env)?;
                Ok(self.graph.not(truth))
            }
            Kind::Implies(antecedent, consequent, _) => {
                let antecedent = self.truth(antecedent, env)?;
                let both = self.truth_under(antecedent, consequent, env)?;
                Ok(self.graph.implies(antecedent, both))
            }
            Kind::Equivalent(left, right) => {
                let (left, right) = (self.truth(left, env)?, self.truth(right, env)?);
                Ok(self.graph.equivalent(left, right))
            }
            Kind::If(condition, then, otherwise) => {
                let condition = self.truth(condition, env)?;
                let yes = self.truth_under(condition, then, env)?;
                let not = self.graph.not(condition);
                let no = self.truth_under(not, otherwise, env)?;
                Ok(self.graph.or(yes, no))
            }
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, Binding::Delayed(value, env.clone()));
                self.truth(body, &env)
            }
            Kind::Forall(binders, body, _) => {
                let some = self.exists(binders, body, env, true)?;
                Ok(self.graph.not(some))
            }
            Kind::Exists(binders, body) => self.exists(binders, body, env, false),
            Kind::UnchangedVariables(variables) => self.all_unchanged(variables),
            Kind::Unchanged(now, then) => self.unchanged(now, then, env),
            Kind::BoxAction(action, now, then) => {
                let taken = self.truth(action, env)?;
                let not = self.graph.not(taken);
                let same = self.under(not, |this| this.unchanged(now, then, env))?;
                let same = same.map_or(A::FALSE, |same| self.graph.and(not, same));
                Ok(self.graph.or(taken, same))
            }
            Kind::AngleAction(action, now, then) => {
                let taken = self.truth(action, env)?;
                let same = self.under(taken, |this| this.unchanged(now, then, env))?;
                Ok(self.graph.without(taken, same.unwrap_or(A::TRUE)))
            }
            _ => {
                let sym = self.eval(node, env)?;
                self.truth_of(&sym)
            }
        }
    }

    /// Whether an expression keeps its value.
    fn unchanged(&mut self, now: &'m Node, then: &'m Node, env: &Env<'m, A>) -> Made<A::Bit> {
        let (now, then) = (self.eval(now, env)?, self.eval(then, env)?);
        self.equal(&now, &then)
    }

    /// Whether variables keep their values.
    fn all_unchanged(&mut self, variables: &[u32]) -> Made<A::Bit> {
        let mut same = A::TRUE;
        for index in variables {
            let now = self.variable(*index as usize);
            let part = self.under(same, |this| {
                let then = this.variable_so_far(*index as usize);
                this.equal(&now, &then)
            })?;
            same = self.graph.and(same, part.unwrap_or(A::FALSE));
        }
        Ok(same)
    }
}
