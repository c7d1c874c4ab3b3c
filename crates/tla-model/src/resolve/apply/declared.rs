//! Declared constants and variables, and whatever the configuration replaces: a name is what it is bound to.
//!
//! In the root module that is what the configuration says; inside of an instance it is what the substitution says, read
//! where the `INSTANCE` stands.

use super::{constant_level, node};
use crate::ir::{Kind, Level, Primitive};
use crate::resolve::env::{ContextId, Env, Operand};
use crate::resolve::scope::ModuleId;
use crate::resolve::{Binding, Compiled, Resolver, Typed};
use tla_syntax::ast::{Ident, Name};
use tla_syntax::{Diagnostic, Span};

impl<'a> Resolver<'a> {
    pub(super) fn binding_of(&self, context: ContextId, home: ModuleId, name: &Name) -> Option<Binding> {
        let module = self.modules.module(home).name.clone();
        if let Some(binding) = self.module_bindings.get(&(module, name.clone())) {
            return Some(binding.clone());
        }
        if context == ContextId(0) { self.bindings.get(name).cloned() } else { None }
    }

    /// A declared constant or variable: what the configuration or the substitution says.
    pub(crate) fn apply_declared(
        &mut self,
        op: &Ident,
        context: ContextId,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        if self.context(context).instance.is_some() {
            if let Some(bound) = self.bound_variable(op, context, env, span)? {
                return Ok(bound);
            }
            let outer = self.instance_env(context, env);
            if let Some(expr) = self.substituted(context, &op.name) {
                return self.apply_expr(expr, operands, &outer, span);
            }
            return self.apply_any(op, operands, &outer, span);
        }
        if let Some(index) = self.variables.get(&op.name) {
            return Ok(if env.primed {
                Typed { node: node(Kind::Primed(*index), span), level: Level::Action }
            } else {
                Typed { node: node(Kind::Variable(*index), span), level: Level::State }
            });
        }
        match self.bindings.get(&op.name).cloned() {
            Some(binding) => self.apply_binding(op, &binding, operands, env, span),
            None => Ok(Typed {
                node: node(Kind::Declined(format!("the constant {} has no value", op.name).into()), span),
                level: Level::Constant,
            }),
        }
    }

    pub(super) fn apply_binding(
        &mut self,
        op: &Ident,
        binding: &Binding,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match binding {
            Binding::Kind(kind) => {
                self.check_arity(op, 0, operands)?;
                Ok(constant_level(kind.clone(), span))
            }
            Binding::Definition(target) => {
                let root = self.root_env(env.owner);
                let inner = Env { primed: env.primed, inlined: env.inlined, ..root };
                if *target.name == *op.name {
                    return self.report(Diagnostic::error(
                        "self-replacement",
                        target.span,
                        format!("`{}` is replaced by itself", op.name),
                    ));
                }
                self.apply_any(&Ident { name: target.name.clone(), span: op.span }, operands, &inner, span)
            }
            Binding::Cases(cases) => {
                let mut arms = Vec::new();
                for (arguments, value) in cases {
                    if arguments.len() != operands.len() {
                        continue;
                    }
                    let mut tests = Vec::new();
                    for (argument, operand) in arguments.iter().zip(operands) {
                        let given = self.operand_value(operand)?;
                        let expected = node(argument.clone(), span);
                        tests.push(node(Kind::Primitive(Primitive::Equal, Box::new([given.node, expected])), span));
                    }
                    arms.push((node(Kind::And(tests.into()), span), node(value.clone(), span)));
                }
                Ok(Typed { node: node(Kind::Case(arms.into(), None), span), level: Level::State })
            }
        }
    }
}
