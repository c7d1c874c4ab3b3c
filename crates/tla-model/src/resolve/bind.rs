//! Constructs that bind names: quantifiers, `CHOOSE`, set builders, functions, `LET`.

use super::apply::node;
use super::env::{Env, LetOperator, Local};
use super::{Compiled, Resolver, Typed};
use crate::ir::walk::mentions_slot;
use crate::ir::{Binder, Kind, Level, Node, Pattern, Rule, SlotIndex};
use std::rc::Rc;
use tla_syntax::ast::{Bound, DefinitionBody, Expr, Ident, LetItem, Pattern as AstPattern, Quantifier};
use tla_syntax::{Diagnostic, Span};

/// Binders that were compiled, and the environment of the body.
struct Bound2<'a> {
    binders: Vec<Binder>,
    env: Env<'a>,
    level: Level,
    unbounded: bool,
}

impl<'a> Resolver<'a> {
    fn pattern(&mut self, pattern: &'a AstPattern, env: &mut Env<'a>) -> Pattern {
        match pattern {
            AstPattern::Name(name) => {
                let slot = self.slot(env.owner);
                *env = self.declare_name(env, name, Local::Bound(slot));
                Pattern::Slot(slot)
            }
            AstPattern::Tuple(names) => {
                let mut slots = Vec::with_capacity(names.len());
                for name in names {
                    let slot = self.slot(env.owner);
                    *env = self.declare_name(env, name, Local::Bound(slot));
                    slots.push(slot);
                }
                Pattern::Tuple(slots.into())
            }
        }
    }

    fn bounds(&mut self, bounds: &'a [Bound], env: &Env<'a>) -> Compiled<Bound2<'a>> {
        let mut result = Bound2 { binders: Vec::new(), env: env.clone(), level: Level::Constant, unbounded: false };
        for bound in bounds {
            // The sets are read outside of the new names.
            let mut set = match &bound.set {
                None => {
                    result.unbounded = true;
                    None
                }
                Some(set) => {
                    let typed = self.expr(set, env)?;
                    result.level = result.level.max(typed.level);
                    Some(typed.node)
                }
            };
            for pattern in &bound.patterns {
                let pattern = self.pattern(pattern, &mut result.env);
                result.binders.push(Binder { pattern, set: set.take() });
            }
        }
        Ok(result)
    }

    pub(crate) fn quantified(
        &mut self,
        quantifier: Quantifier,
        bounds: &'a [Bound],
        body: &'a Expr,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let bound = self.bounds(bounds, env)?;
        let body = self.expr(body, &bound.env)?;
        let level = bound.level.max(body.level);
        if bound.unbounded {
            // A temporal formula is the same for every value of a name that it does not mention.
            let is_all = bounds.iter().all(|bound| bound.set.is_none());
            if is_all && body.level == Level::Temporal && !self.mentions(&body.node, &bound.binders) {
                return Ok(body);
            }
            if body.level == Level::Temporal {
                let reason = "a temporal formula under a quantifier without a set";
                return Ok(Typed { node: node(Kind::Declined(reason.into()), span), level });
            }
            return Ok(Typed { node: node(Kind::QuantifierUnbounded, span), level });
        }
        let binders = bound.binders.into();
        let kind = match quantifier {
            Quantifier::Forall => {
                let mark = self.mark(span);
                Kind::Forall(binders, Box::new(body.node), mark)
            }
            Quantifier::Exists => Kind::Exists(binders, Box::new(body.node)),
        };
        Ok(Typed { node: node(kind, span), level })
    }

    /// Whether a node mentions a name that one of the binders binds.
    fn mentions(&self, node: &Node, binders: &[Binder]) -> bool {
        let binds = |slot: &SlotIndex| {
            binders.iter().any(|binder| match &binder.pattern {
                Pattern::Slot(bound) => bound == slot,
                Pattern::Tuple(slots) => slots.contains(slot),
            })
        };
        mentions_slot(&self.code, node, &binds)
    }

    pub(crate) fn choose(
        &mut self,
        pattern: &'a AstPattern,
        set: Option<&'a Expr>,
        body: &'a Expr,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let set = match set {
            Some(set) => Some(self.expr(set, env)?),
            None => None,
        };
        let mut inner = env.clone();
        let pattern = self.pattern(pattern, &mut inner);
        let body = self.expr(body, &inner)?;
        let Some(set) = set else {
            return Ok(Typed { node: node(Kind::ChooseUnbounded, span), level: body.level });
        };
        let level = set.level.max(body.level);
        Ok(Typed { node: node(Kind::Choose(pattern, Box::new(set.node), Box::new(body.node)), span), level })
    }

    fn rule(&mut self, rule: Rule) -> u32 {
        self.code.rules.push(rule);
        self.code.rules.len() as u32 - 1
    }

    pub(crate) fn set_filter(
        &mut self,
        pattern: &'a AstPattern,
        set: &'a Expr,
        predicate: &'a Expr,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let set = self.expr(set, env)?;
        let mut inner = env.clone();
        let pattern = self.pattern(pattern, &mut inner);
        let predicate = self.expr(predicate, &inner)?;
        let level = set.level.max(predicate.level);
        let number = self.rule(Rule {
            binders: Box::new([Binder { pattern, set: Some(set.node) }]),
            body: predicate.node,
            inherits: env.visible_slots(),
            owner: env.owner,
            itself: None,
            name: None,
        });
        Ok(Typed { node: node(Kind::Filter(number), span), level })
    }

    pub(crate) fn set_map(
        &mut self,
        body: &'a Expr,
        bounds: &'a [Bound],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let bound = self.bounds(bounds, env)?;
        let body = self.expr(body, &bound.env)?;
        let level = bound.level.max(body.level);
        Ok(Typed { node: node(Kind::SetMap(bound.binders.into(), Box::new(body.node)), span), level })
    }

    /// `[x \in S |-> e]`, and `f[x \in S] == e` with the function's own name.
    pub(crate) fn function_rule(
        &mut self,
        bounds: &'a [Bound],
        body: &'a Expr,
        name: Option<&Ident>,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let bound = self.bounds(bounds, env)?;
        let mut inner = bound.env;
        let mut itself = None;
        if let Some(name) = name
            && mentions(body, &name.name)
        {
            let slot = self.slot(env.owner);
            inner = inner.with(&name.name, name.span, Local::Bound(slot));
            itself = Some(slot);
        }
        let body = self.expr(body, &inner)?;
        let level = bound.level.max(body.level);
        let number = self.rule(Rule {
            binders: bound.binders.into(),
            body: body.node,
            inherits: env.visible_slots(),
            owner: env.owner,
            itself,
            name: name.map(|name| (&*name.name).into()),
        });
        Ok(Typed { node: node(Kind::Function(number), span), level })
    }

    pub(crate) fn let_in(
        &mut self,
        items: &'a [LetItem],
        body: &'a Expr,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let mut env = env.clone();
        let mut values = Vec::new();
        let mut announced: Vec<Rc<LetOperator<'a>>> = Vec::new();
        let announced_names: Vec<&Ident> = items
            .iter()
            .flat_map(|item| match item {
                LetItem::Recursive(names) => names.iter().map(|name| &name.name).collect(),
                LetItem::Definition(_) => Vec::new(),
            })
            .collect();
        // Recursive operators see each other, so their names come first.
        for item in items {
            if let LetItem::Definition(definition) = item
                && announced_names.iter().any(|name| name.name == definition.name.name)
            {
                let operator = new_let_operator(definition);
                announced.push(operator.clone());
                env = env.with(&definition.name.name, definition.name.span, Local::LetOperator(operator));
            }
        }
        for item in items {
            let LetItem::Definition(definition) = item else { continue };
            if let Some(operator) = announced.iter().find(|operator| std::ptr::eq(operator.definition, definition)) {
                let _first = operator.env.set(env.clone());
                continue;
            }
            match &definition.body {
                DefinitionBody::Instance(instance) => {
                    if !definition.params.is_empty() {
                        return self.report(
                            Diagnostic::error(
                                "declined-let-instance",
                                definition.span,
                                "an instance with parameters inside LET is not supported",
                            )
                            .remedy("move it to the top level of the module"),
                        );
                    }
                    let prefix = format!("{}!", definition.name.name);
                    let here = Rc::new(env.clone());
                    let context = self.new_context(env.module, instance, &[], &prefix, env.context, Some(here))?;
                    env = self.declare_name(&env, &definition.name, Local::LetInstance(context));
                }
                DefinitionBody::Operator(_) if !definition.params.is_empty() => {
                    let operator = new_let_operator(definition);
                    let _first = operator.env.set(env.clone());
                    env = self.declare_name(&env, &definition.name, Local::LetOperator(operator));
                }
                DefinitionBody::Operator(_) | DefinitionBody::Function { .. } => {
                    let slot = self.slot(env.owner);
                    let typed = self.definition_expr(definition, &env)?;
                    values.push((slot, typed.node));
                    let local = Local::LetName(slot, definition, Rc::new(env.clone()), typed.level);
                    env = self.declare_name(&env, &definition.name, local);
                }
            }
        }
        // Mistakes in operators that nobody uses are mistakes all the same.
        for operator in announced {
            self.let_operator(&operator, env.primed, env.bound)?;
        }
        let body = self.expr(body, &env)?;
        let level = body.level;
        let result = values
            .into_iter()
            .rev()
            .fold(body.node, |inner, (slot, value)| node(Kind::Let(slot, Box::new(value), Box::new(inner)), span));
        Ok(Typed { node: result, level })
    }
}

fn new_let_operator<'a>(definition: &'a tla_syntax::ast::Definition) -> Rc<LetOperator<'a>> {
    Rc::new(LetOperator { definition, env: std::cell::OnceCell::new(), ids: Default::default() })
}

/// Whether a name occurs in an expression.
fn mentions(expr: &Expr, name: &str) -> bool {
    let mut found = false;
    super::walk::visit(expr, &mut |inner| {
        if let tla_syntax::ast::ExprKind::Apply { op, .. } = &*inner.kind {
            found |= &*op.name == name;
        }
    });
    found
}
