//! Compound names: `Inst(3)!Op(a)` and subexpressions such as `Op(a)!2!1` (*TLA+2: A Preliminary Guide*, section 3).

use super::env::{Env, Local, Operand};
use super::scope::Symbol;
use super::{Compiled, Resolver, Typed};
use std::rc::Rc;
use tla_syntax::ast::{Bound, Definition, DefinitionBody, Expr, ExprKind, Ident, LetItem, Pattern, Selector};
use tla_syntax::{Diagnostic, Span};

impl<'a> Resolver<'a> {
    pub(crate) fn select(
        &mut self,
        selectors: &'a [Selector],
        extra: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let Some((Selector::Name { ident, args }, rest)) = selectors.split_first() else {
            return self.bad_selector(span);
        };
        let operands: Vec<Operand<'a>> = args.iter().map(|arg| Operand::Expr(arg, env.clone())).collect();
        if rest.is_empty() {
            let all: Vec<Operand<'a>> = operands.iter().chain(extra).cloned().collect();
            return self.apply_any(ident, &all, env, span);
        }
        if let Some(scope) = env.find(&ident.name) {
            return match scope.local.clone() {
                Local::LetInstance(context) => {
                    let inner = self.enter_context(context, env);
                    self.select_in(rest, extra, &inner, env, span)
                }
                Local::LetOperator(operator) => {
                    let Some(base) = operator.env.get().cloned() else { return self.bad_selector(span) };
                    let base = Env { primed: env.primed, bound: env.bound, inlined: env.inlined + 1, ..base };
                    let inner = self.alias_params(&operator.definition.params, &operands, base);
                    self.inside_definition(operator.definition, rest, inner, span)
                }
                Local::LetName(_, definition, let_env, _) => {
                    let base = Env { primed: env.primed, inlined: env.inlined + 1, ..(*let_env).clone() };
                    self.inside_definition(definition, rest, base, span)
                }
                Local::Bound(_) | Local::Param(..) | Local::Alias(..) => self.bad_selector(ident.span),
            };
        }
        let Some(entry) = self.modules.module(env.module).scope.get(&ident.name) else {
            return self.report(
                Diagnostic::error("unknown-identifier", ident.span, format!("`{}` is not defined", ident.name))
                    .remedy("name an instance or a definition before the `!`"),
            );
        };
        let symbol = entry.symbol.clone();
        self.select_symbol(ident, &symbol, &operands, rest, extra, env, span)
    }

    /// The rest of a compound name after an instance: its first part is a name of the instantiated module, read with
    /// arguments from outside.
    fn select_in(
        &mut self,
        selectors: &'a [Selector],
        extra: &[Operand<'a>],
        inner: &Env<'a>,
        outer: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let Some((Selector::Name { ident, args }, rest)) = selectors.split_first() else {
            return self.bad_selector(span);
        };
        let mut operands: Vec<Operand<'a>> = args.iter().map(|arg| Operand::Expr(arg, outer.clone())).collect();
        let Some(entry) = self.modules.module(inner.module).scope.get(&ident.name).filter(|entry| entry.exported)
        else {
            let module = self.modules.module(inner.module).name.clone();
            return self.report(Diagnostic::error(
                "unknown-identifier",
                ident.span,
                format!("the module `{module}` does not define `{}`", ident.name),
            ));
        };
        let symbol = entry.symbol.clone();
        if rest.is_empty() {
            operands.extend(extra.iter().cloned());
            return self.apply_symbol(ident, &symbol, &operands, inner, span);
        }
        self.select_symbol(ident, &symbol, &operands, rest, extra, inner, span)
    }

    #[allow(clippy::too_many_arguments)] // The parts of a compound name and the two places it is read in.
    fn select_symbol(
        &mut self,
        ident: &Ident,
        symbol: &Symbol<'a>,
        operands: &[Operand<'a>],
        rest: &'a [Selector],
        extra: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match symbol {
            Symbol::Instance(home, definition, instance) => {
                self.check_arity(ident, definition.params.len(), operands)?;
                let prefix = format!("{}!", ident.name);
                let outer = self.context_of_home(env.context, *home);
                let at = Env { context: outer, ..env.clone() };
                let context = self.instance_context(*home, instance, &definition.params, &prefix, &at)?;
                let arguments = self.instance_arguments(operands, &at, span)?;
                let inner = Env { context_slots: arguments.0.into(), ..self.enter_context(context, &at) };
                let typed = self.select_in(rest, extra, &inner, env, span)?;
                Ok(wrap(typed, arguments.1, span))
            }
            Symbol::Imported(home, instance, inner_symbol) => {
                let outer = self.context_of_home(env.context, *home);
                let at = Env { context: outer, ..env.clone() };
                let context = self.instance_context(*home, instance, &[], "", &at)?;
                let inner = self.enter_context(context, &at);
                self.select_symbol(ident, inner_symbol, operands, rest, extra, &inner, span)
            }
            Symbol::Operator(home, definition) => {
                self.check_arity(ident, definition.params.len(), operands)?;
                let base = Env {
                    context: self.context_of_home(env.context, *home),
                    module: *home,
                    locals: None,
                    position: Some(definition.span),
                    inlined: env.inlined + 1,
                    ..env.clone()
                };
                let inner = self.alias_params(&definition.params, operands, base);
                self.inside_definition(definition, rest, inner, span)
            }
            Symbol::Statement(home, Some(expr)) => {
                let base = Env { module: *home, locals: None, position: None, ..env.clone() };
                self.inside_expr(expr, rest, base, span)
            }
            Symbol::Constant(..)
            | Symbol::Variable(..)
            | Symbol::Builtin(..)
            | Symbol::Opaque(_)
            | Symbol::Statement(_, None)
            | Symbol::Module(_) => self.bad_selector(ident.span),
        }
    }

    /// Slots that hold the arguments of a parametrised instance, after those of the contexts around it.
    #[allow(clippy::type_complexity)] // Slots, and the values that have to be put there.
    fn instance_arguments(
        &mut self,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        _span: Span,
    ) -> Compiled<(Vec<u32>, Vec<(u32, crate::ir::Node)>)> {
        let outer = self.context(env.context);
        let count = outer.params_before + outer.params.len();
        let mut slots: Vec<u32> = env.context_slots.iter().take(count).copied().collect();
        let mut values = Vec::new();
        for operand in operands {
            let typed = self.operand_value(operand)?;
            let slot = self.slot(env.owner);
            slots.push(slot);
            values.push((slot, typed.node));
        }
        Ok((slots, values))
    }

    fn bad_selector<T>(&mut self, span: Span) -> Compiled<T> {
        self.report(
            Diagnostic::error("selector", span, "this compound name selects nothing")
                .remedy("the form is Instance!Operator(args), or Operator!n for the n-th operand"),
        )
    }

    fn inside_definition(
        &mut self,
        definition: &'a Definition,
        rest: &'a [Selector],
        env: Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match &definition.body {
            DefinitionBody::Operator(expr) => self.inside_expr(expr, rest, env, span),
            DefinitionBody::Function { .. } | DefinitionBody::Instance(_) => self.bad_selector(span),
        }
    }

    fn inside_expr(
        &mut self,
        expr: &'a Expr,
        selectors: &'a [Selector],
        mut env: Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let Some((selector, rest)) = selectors.split_first() else { return self.expr(expr, &env) };
        if matches!(selector, Selector::Body(_)) {
            return self.inside_expr(expr, rest, env, span);
        }
        // A LET or a label in the way is looked through, with its names visible.
        match &*expr.kind {
            ExprKind::Label { name, body, params } => {
                if let Selector::Name { ident, args } = selector
                    && ident.name == name.name
                {
                    for (param, arg) in params.iter().zip(args) {
                        let operand = Operand::Expr(arg, env.clone());
                        let primed = env.primed;
                        env = env.with(&param.name, param.span, Local::Alias(Rc::new(operand), primed));
                    }
                    return self.inside_expr(body, rest, env, span);
                }
                return self.inside_expr(body, selectors, env, span);
            }
            ExprKind::Let { items, body } => return self.inside_let(items, body, selectors, env, span),
            _ => {}
        }
        if let Some((bounds, body)) = bound_body(expr) {
            match selector {
                Selector::Args(args, _) => {
                    env = self.bind_arguments(&bounds, args, env);
                    return self.inside_expr(body, rest, env, span);
                }
                Selector::Operand(..)
                | Selector::Left(_)
                | Selector::Right(_)
                | Selector::Body(_)
                | Selector::At(_)
                | Selector::Name { .. } => {}
            }
        }
        let parts = super::walk::children(expr);
        let child = match selector {
            Selector::Operand(index, _) => parts.get(index.wrapping_sub(1)).copied(),
            Selector::Left(_) => parts.first().copied(),
            Selector::Right(_) => parts.last().copied(),
            Selector::At(_) => parts.last().copied(),
            Selector::Name { ident, .. } => return self.labelled(expr, ident, selectors, env, span),
            Selector::Args(..) | Selector::Body(_) => None,
        };
        match child {
            Some(child) => self.inside_expr(child, rest, env, span),
            None => self.bad_selector(span),
        }
    }

    /// A label somewhere below, not inside another label.
    fn labelled(
        &mut self,
        expr: &'a Expr,
        label: &Ident,
        selectors: &'a [Selector],
        env: Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let mut found = None;
        super::walk::visit(expr, &mut |inner| {
            if let ExprKind::Label { name, .. } = &*inner.kind
                && name.name == label.name
                && found.is_none()
            {
                found = Some(inner);
            }
        });
        match found {
            Some(inner) => self.inside_expr(inner, selectors, env, span),
            None => self.bad_selector(label.span),
        }
    }

    fn inside_let(
        &mut self,
        items: &'a [LetItem],
        body: &'a Expr,
        selectors: &'a [Selector],
        mut env: Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        for item in items {
            if let LetItem::Definition(definition) = item
                && let DefinitionBody::Operator(expr) = &definition.body
                && definition.params.is_empty()
            {
                let operand = Operand::Expr(expr, env.clone());
                let primed = env.primed;
                env = env.with(&definition.name.name, definition.name.span, Local::Alias(Rc::new(operand), primed));
            }
        }
        self.inside_expr(body, selectors, env, span)
    }

    fn bind_arguments(&self, bounds: &[&'a Ident], args: &'a [Expr], mut env: Env<'a>) -> Env<'a> {
        let outer = env.clone();
        for (name, arg) in bounds.iter().zip(args) {
            let local = Local::Alias(Rc::new(Operand::Expr(arg, outer.clone())), outer.primed);
            env = env.with(&name.name, name.span, local);
        }
        env
    }
}

fn names_of(bounds: &[Bound]) -> Vec<&Ident> {
    bounds.iter().flat_map(|bound| bound.patterns.iter().flat_map(pattern_names)).collect()
}

fn pattern_names(pattern: &Pattern) -> Vec<&Ident> {
    match pattern {
        Pattern::Name(name) => vec![name],
        Pattern::Tuple(names) => names.iter().collect(),
    }
}

/// Bound names and body of an expression that binds names.
fn bound_body(expr: &Expr) -> Option<(Vec<&Ident>, &Expr)> {
    match &*expr.kind {
        ExprKind::Quantified { bounds, body, .. }
        | ExprKind::SetMap { body, bounds }
        | ExprKind::FunctionLiteral { bounds, body } => Some((names_of(bounds), body)),
        ExprKind::Choose { pattern, body, .. } | ExprKind::SetFilter { pattern, predicate: body, .. } => {
            Some((pattern_names(pattern), body))
        }
        _ => None,
    }
}

/// Puts the arguments of a parametrised instance around what was selected from it.
fn wrap(typed: Typed, values: Vec<(u32, crate::ir::Node)>, span: Span) -> Typed {
    let level = typed.level;
    let node = values.into_iter().rev().fold(typed.node, |inner, (slot, value)| crate::ir::Node {
        kind: crate::ir::Kind::Let(slot, Box::new(value), Box::new(inner)),
        span,
    });
    Typed { node, level }
}
