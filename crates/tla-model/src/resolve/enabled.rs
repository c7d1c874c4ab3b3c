//! `ENABLED` inside of instances.
//!
//! `ENABLED A` asks for *some* values of the primed variables. When a module is instantiated with an expression for a
//! variable, the unprimed variable stands for the expression, but the primed variable under `ENABLED` does not: it is
//! bound there. So it gets a number of its own, beyond those of the model's variables, which the evaluator assigns like
//! the others. A variable that stands for a variable of the model can keep that one's number.

use super::apply::node;
use super::env::{ContextId, Env, Operand};
use super::{Compiled, Resolver, Typed};
use crate::ir::{Kind, Level, Node};
use tla_syntax::Span;
use tla_syntax::ast::{Expr, Ident};

impl<'a> Resolver<'a> {
    /// Whether an instance has a variable for which no variable of the model is substituted.
    fn needs_binding(&mut self, env: &Env<'a>) -> Compiled<bool> {
        let context = env.context;
        let info = self.context(context);
        if info.instance.is_none() {
            return Ok(false);
        }
        if let Some(known) = self.binding_contexts.get(&context) {
            return Ok(*known);
        }
        let variables = self.modules.module(info.module).variables.clone();
        let plain = Env { primed: false, bound: None, ..env.clone() };
        let mut taken = Vec::new();
        let mut needs = false;
        for (name, span) in variables {
            let name = Ident { name, span };
            let substituted = self.apply_declared(&name, context, &[], &plain, span)?;
            // Two variables that stand for one are two all the same when they are bound.
            match substituted.node.kind {
                Kind::Variable(index) if !taken.contains(&index) => taken.push(index),
                _ => needs = true,
            }
        }
        self.binding_contexts.insert(context, needs);
        Ok(needs)
    }

    /// The operand of an `ENABLED`, read as the text under it.
    pub(crate) fn under_enabled(&mut self, operand: &Operand<'a>) -> Compiled<Operand<'a>> {
        Ok(match operand {
            Operand::Expr(expr, home) if self.needs_binding(home)? => Operand::Expr(expr, home.enabled()),
            Operand::Expr(..) | Operand::Slot(..) => operand.clone(),
        })
    }

    /// The primed variable that an `ENABLED` around the expression binds, if it is one.
    pub(crate) fn bound_variable(
        &mut self,
        op: &Ident,
        context: ContextId,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Option<Typed>> {
        if !env.primed || env.bound != Some(context) {
            return Ok(None);
        }
        let module = self.context(context).module;
        if !self.modules.module(module).variables.iter().any(|(name, _)| *name == op.name) {
            return Ok(None);
        }
        let key = (context, op.name.clone());
        let next = (self.variables.len() + self.bound_variables.len()) as u32;
        let index = *self.bound_variables.entry(key).or_insert(next);
        self.code.bound_variables = self.bound_variables.len() as u32;
        Ok(Some(Typed { node: node(Kind::Primed(index), span), level: Level::Action }))
    }

    /// `WF_v(A)` and `SF_v(A)`. Where `ENABLED` binds variables, its `A` is not the same as that of the steps, and the
    /// formula is written out.
    pub(crate) fn fairness(
        &mut self,
        strong: bool,
        action: &'a Expr,
        subscript: &'a Expr,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        if !self.needs_binding(env)? {
            let make = if strong { Kind::StrongFairness } else { Kind::WeakFairness };
            let typed = self.subscripted(action, subscript, env, span, make)?;
            return Ok(Typed { level: Level::Temporal, ..typed });
        }
        let kind = |kind: Kind| node(kind, span);
        let taken = self.subscripted(action, subscript, env, span, Kind::AngleAction)?.node;
        let bound = self.subscripted(action, subscript, &env.enabled(), span, Kind::AngleAction)?.node;
        let disabled = kind(Kind::Not(Box::new(kind(Kind::Enabled(Box::new(bound))))));
        let always = |inner: Node| kind(Kind::Always(Box::new(inner)));
        let eventually = |inner: Node| kind(Kind::Eventually(Box::new(inner)));
        let formula = if strong {
            kind(Kind::Or(Box::new([eventually(always(disabled)), always(eventually(taken))])))
        } else {
            always(eventually(kind(Kind::Or(Box::new([disabled, taken])))))
        };
        Ok(Typed { node: formula, level: Level::Temporal })
    }
}
