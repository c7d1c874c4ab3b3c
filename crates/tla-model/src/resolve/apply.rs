//! Application of named operators.
//!
//! A name is looked up in the expression around it ([`local`]), then in the module; what it is there decides how it is
//! applied: a declared name by what it is bound to ([`declared`]), a definition by a call ([`call`]), an operator of a
//! standard module with its arguments ([`argument`]). [`unknown`] says what a name that is nothing may have been meant
//! to be.

mod argument;
mod call;
mod declared;
mod local;
mod unknown;

use super::env::{ContextId, Env, Local, Operand};
use super::scope::Symbol;
use super::{Compiled, Resolver, Typed};
use crate::ir::{Kind, Level, Node, Primitive};
use std::rc::Rc;
use tla_syntax::ast::{Expr, ExprKind, Ident};
use tla_syntax::{Diagnostic, Span};

impl<'a> Resolver<'a> {
    /// `op(operands)` read in the environment.
    pub(crate) fn apply(&mut self, op: &Ident, operands: &[Operand<'a>], env: &Env<'a>, span: Span) -> Compiled<Typed> {
        if let Some(scope) = env.find(&op.name) {
            let local = scope.local.clone();
            return self.apply_local(op, &local, operands, env, span);
        }
        let Some(entry) = self.modules.module(env.module).scope.get(&op.name) else {
            return self.unknown(op, env);
        };
        let (symbol, declared) = (entry.symbol.clone(), entry.span);
        if let (Some(position), Some(declared)) = (env.position, declared)
            && declared.file == position.file
            && declared.start > position.end
            && !self.modules.module(env.module).recursive.contains_key(&op.name)
        {
            return self.report(
                Diagnostic::error(
                    "used-before-definition",
                    op.span,
                    format!("`{}` is used before it is defined", op.name),
                )
                .related(declared, "defined here")
                .remedy("move the definition up, or announce it with RECURSIVE"),
            );
        }
        if let (Some(position), Some(declared)) = (env.position, declared)
            && position.file == declared.file
            && position.start <= declared.start
            && declared.end <= position.end
            && matches!(&symbol, Symbol::Operator(_, definition)
                if matches!(definition.body, tla_syntax::ast::DefinitionBody::Operator(_)))
            && !self.modules.module(env.module).recursive.contains_key(&op.name)
        {
            return self.report(
                Diagnostic::error(
                    "recursive-definition",
                    op.span,
                    format!("`{}` is used in its own definition", op.name),
                )
                .remedy(format!("announce it before the definition: RECURSIVE {}", op.name)),
            );
        }
        self.apply_symbol(op, &symbol, operands, env, span)
    }

    fn instance_as_value(&mut self, op: &Ident) -> Compiled<Typed> {
        self.report(
            Diagnostic::error("instance-as-value", op.span, format!("`{}` is an instance, not a value", op.name))
                .remedy(format!("refer to one of its definitions: {}!Op", op.name)),
        )
    }

    /// An expression that stands for an operator (a name or a `LAMBDA`), applied; with no operands simply its value.
    pub(crate) fn apply_expr(
        &mut self,
        expr: &'a Expr,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        if operands.is_empty() {
            return self.expr(expr, env);
        }
        match &*expr.kind {
            ExprKind::Apply { op, args } if args.is_empty() => self.apply_any(op, operands, env, span),
            ExprKind::Lambda { params, body } => {
                let mut inner = env.clone();
                for (param, operand) in params.iter().zip(operands) {
                    inner = inner.with(&param.name, param.span, Local::Alias(Rc::new(operand.clone()), env.primed));
                }
                self.expr(body, &inner)
            }
            ExprKind::Select(selectors) => self.select(selectors, operands, env, span),
            _ => self.report(
                Diagnostic::error("not-an-operator", expr.span, "an operator is expected here")
                    .remedy("give the name of an operator or a LAMBDA"),
            ),
        }
    }

    /// `op(operands)` where the operator may be one of the language.
    pub(crate) fn apply_any(
        &mut self,
        op: &Ident,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        if super::expression::is_language_operator(&op.name) {
            return self.language_operator(op, operands, env, span);
        }
        self.apply(op, operands, env, span)
    }

    pub(crate) fn apply_symbol(
        &mut self,
        op: &Ident,
        symbol: &Symbol<'a>,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match symbol {
            Symbol::Constant(home, declaration) => {
                self.check_arity(op, declaration.arity, operands)?;
                let context = self.context_of_home(env.context, *home);
                match self.declared_otherwise(op, symbol, context) {
                    Some(declined) => Ok(declined),
                    None => self.apply_declared(op, context, operands, env, span),
                }
            }
            Symbol::Variable(home, _) => {
                self.check_arity(op, 0, operands)?;
                let context = self.context_of_home(env.context, *home);
                match self.declared_otherwise(op, symbol, context) {
                    Some(declined) => Ok(declined),
                    None => self.apply_declared(op, context, operands, env, span),
                }
            }
            Symbol::Operator(home, definition) => {
                let context = self.context_of_home(env.context, *home);
                if let Some(binding) = self.binding_of(context, *home, &op.name) {
                    return self.apply_binding(op, &binding, operands, env, span);
                }
                self.apply_definition(op, *home, definition, context, operands, env, span)
            }
            Symbol::Imported(home, instance, inner) => {
                let outer = self.context_of_home(env.context, *home);
                let at = Env { context: outer, ..env.clone() };
                let context = self.instance_context(*home, instance, &[], "", &at)?;
                let inner_env = self.enter_context(context, &at);
                self.apply_symbol(op, inner, operands, &inner_env, span)
            }
            Symbol::Builtin(primitive, arities) => {
                let module = self.modules.module(env.module).name.clone();
                let binding = self
                    .module_bindings
                    .get(&(module, op.name.clone()))
                    .or_else(|| self.bindings.get(&op.name))
                    .cloned();
                if let Some(binding) = binding {
                    return self.apply_binding(op, &binding, operands, env, span);
                }
                if env.primed && *primitive == Primitive::TlcGet {
                    let typed = self.apply_primitive(op, Primitive::TlcGetNext, arities, operands, span)?;
                    return Ok(Typed { level: typed.level.max(Level::Action), ..typed });
                }
                self.apply_primitive(op, *primitive, arities, operands, span)
            }
            Symbol::Opaque(name) => Ok(Typed {
                node: node(Kind::Declined(format!("the operator {name} is not supported").into()), span),
                level: Level::Constant,
            }),
            Symbol::Statement(home, Some(expr)) => {
                self.check_arity(op, 0, operands)?;
                let inner = Env {
                    module: *home,
                    context: self.context_of_home(env.context, *home),
                    locals: None,
                    position: None,
                    ..env.clone()
                };
                self.expr(expr, &inner)
            }
            Symbol::Statement(_, None) => self.report(Diagnostic::error(
                "statement-as-value",
                op.span,
                format!("`{}` is an ASSUME/PROVE statement, not an expression", op.name),
            )),
            Symbol::Instance(..) => self.instance_as_value(op),
            Symbol::Module(_) => self.report(Diagnostic::error(
                "module-as-value",
                op.span,
                format!("`{}` is a module, not an expression", op.name),
            )),
        }
    }

    /// The environment inside a context that was entered from another one around it.
    pub(crate) fn enter_context(&self, context: ContextId, env: &Env<'a>) -> Env<'a> {
        Env { context, module: self.context(context).module, locals: None, position: None, ..env.clone() }
    }

    pub(crate) fn double_prime<T>(&mut self, span: Span) -> Compiled<T> {
        self.report(
            Diagnostic::error("level", span, "this expression has primed variables already and cannot be primed again")
                .remedy("a prime may stand only on an expression without primes"),
        )
    }
}

pub(crate) fn node(kind: Kind, span: Span) -> Node {
    Node { kind, span }
}

pub(crate) fn constant_level(kind: Kind, span: Span) -> Typed {
    Typed { node: node(kind, span), level: Level::Constant }
}
