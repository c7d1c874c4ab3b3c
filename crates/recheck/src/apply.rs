//! Application: what operands are, how parameters are bound to them, and what applying a name means.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::language;
use crate::names::{Delayed, Env, Meaning};
use crate::native;
use crate::table::Source;
use crate::value::Value;
use tla_syntax::Span;
use tla_syntax::ast::{Definition, DefinitionBody, Expr, ExprKind, Ident, OpDecl, Selector};

/// An operand of an operator: an expression where it stands, or something that is known already.
#[derive(Clone, Copy)]
pub(crate) enum Operand<'a, 's> {
    Expr(&'s Expr, &'a Env<'s>),
    Meaning(&'a Meaning<'s>, Span),
}

impl Operand<'_, '_> {
    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Expr(expr, _) => expr.span,
            Self::Meaning(_, span) => *span,
        }
    }
}

impl<'s> Evaluator<'s> {
    /// The value of a name with its arguments.
    pub(crate) fn apply_name(
        &mut self,
        op: &'s Ident,
        args: &'s [Expr],
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        let operands: Vec<_> = args.iter().map(|arg| Operand::Expr(arg, env)).collect();
        if language::is_reserved(&op.name) {
            return self.apply_language(&op.name, &operands, span);
        }
        let meaning = self.lookup(env, &op.name, op.span)?;
        self.apply(&meaning, &operands, span)
    }

    /// The value of a compound name.
    pub(crate) fn apply_selected(
        &mut self,
        selectors: &'s [Selector],
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        let (meaning, args) = self.select(selectors, env, span)?;
        let operands: Vec<_> = args.iter().map(|arg| Operand::Expr(arg, env)).collect();
        self.apply(&meaning, &operands, span)
    }

    /// What a compound name stands for, and its last arguments.
    pub(crate) fn select(
        &mut self,
        selectors: &'s [Selector],
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<(Meaning<'s>, &'s [Expr])> {
        let Some((Selector::Name { ident, args }, rest)) = selectors.split_first() else {
            return Fault::unsupported(span, "a compound name that does not start with a name");
        };
        let (mut meaning, mut args) = (self.operator_named(ident, env)?, args);
        for selector in rest {
            let (Selector::Name { ident, args: next }, Some((definition, instance, inside))) =
                (selector, Self::instance_of(&meaning))
            else {
                return Fault::unsupported(span, "a name of a subexpression");
            };
            if let Source::Builtin(builtin) = self.tables.global(&instance.module.name) {
                meaning = match builtin.operator(&ident.name) {
                    Some(operator) => native::meaning(builtin, operator.name),
                    None => return Fault::unsupported(span, format!("{}!{}", builtin.name, ident.name)),
                };
                args = next;
                continue;
            }
            let operands: Vec<_> = args.iter().map(|arg| Operand::Expr(arg, env)).collect();
            let inside = self.inside(definition, &inside, &operands, span)?;
            let theory = self.instantiate(instance, &inside)?;
            (meaning, args) = (self.lookup_exported(&theory, &ident.name, ident.span)?, next);
        }
        Ok((meaning, args))
    }

    /// The environment of a definition's right-hand side: its parameters are bound to the operands.
    pub(crate) fn inside(
        &mut self,
        definition: &'s Definition,
        env: &Env<'s>,
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Env<'s>> {
        let params = &definition.params;
        if params.len() != operands.len() {
            let name = &definition.name.name;
            return Fault::unsupported(span, format!("{name} with {} arguments", operands.len()));
        }
        if params.is_empty() {
            return Ok(env.clone());
        }
        let bound = params.iter().zip(operands).map(|(param, operand)| self.argument(param, operand));
        Ok(env.bind(bound.collect::<Outcome<_>>()?))
    }

    fn argument(&mut self, param: &'s OpDecl, operand: &Operand<'_, 's>) -> Outcome<(&'s str, Meaning<'s>)> {
        let meaning = match operand {
            Operand::Meaning(meaning, _) => (*meaning).clone(),
            Operand::Expr(expr, env) if param.arity > 0 => self.operator_argument(expr, env, param.arity)?,
            Operand::Expr(expr, env) => self.delay(expr, env),
        };
        Ok((&param.name.name, meaning))
    }

    /// An argument for later. A parameter or bound name that is handed on stays what it is, so that chains of delayed
    /// expressions do not grow with every call.
    pub(crate) fn delay(&mut self, expr: &'s Expr, env: &Env<'s>) -> Meaning<'s> {
        if let ExprKind::Apply { op, args } = &*expr.kind
            && args.is_empty()
            && !language::is_reserved(&op.name)
            && let Ok(meaning @ (Meaning::Value(_) | Meaning::Delayed(_) | Meaning::Variable(_))) =
                self.lookup(env, &op.name, op.span)
        {
            return meaning;
        }
        Meaning::Delayed(Delayed::new(expr, env))
    }

    /// The value of an operand.
    pub(crate) fn operand(&mut self, operand: &Operand<'_, 's>) -> Outcome<Value<'s>> {
        match operand {
            Operand::Expr(expr, env) => self.eval(expr, env),
            Operand::Meaning(meaning, span) => self.apply(meaning, &[], *span),
        }
    }

    /// Applies what a name stands for.
    pub(crate) fn apply(
        &mut self,
        meaning: &Meaning<'s>,
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Value<'s>> {
        match meaning {
            Meaning::Value(value) => Ok(value.clone()),
            Meaning::Delayed(delayed) => self.remembered(&delayed.memo, |this| this.eval(delayed.expr, &delayed.env)),
            Meaning::Definition { definition, env, memo } if operands.is_empty() => {
                self.remembered(memo, |this| this.apply_definition(definition, env, &[], span))
            }
            Meaning::Definition { definition, env, .. } => self.apply_definition(definition, env, operands, span),
            Meaning::Lambda { params, body, env } => {
                let bound = self.lambda_arguments(params, operands, span)?;
                self.eval(body, &env.bind(bound))
            }
            Meaning::Variable(index) => self.variable_value(*index, span),
            Meaning::Native(name) if self.symbolic.is_on => self.native_open(name, operands, span),
            Meaning::Native(name) => native::apply(self, name, operands, span),
            Meaning::Language(name) => self.apply_language(name, operands, span),
            Meaning::Cases(cases) => self.apply_cases(cases, operands, span),
            Meaning::Unsupported(construct) => Fault::unsupported(span, construct.clone()),
        }
    }

    /// The parameters of a `LAMBDA` with what they stand for.
    pub(crate) fn lambda_arguments(
        &mut self,
        params: &'s [Ident],
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Vec<(&'s str, Meaning<'s>)>> {
        if params.len() != operands.len() {
            return Fault::unsupported(span, "a LAMBDA with another number of arguments");
        }
        let argument = |(param, operand): (&'s Ident, &Operand<'_, 's>)| match operand {
            Operand::Meaning(meaning, _) => Ok((&*param.name, (*meaning).clone())),
            Operand::Expr(expr, env) => Ok((&*param.name, self.delay(expr, env))),
        };
        params.iter().zip(operands).map(argument).collect()
    }

    fn apply_definition(
        &mut self,
        definition: &'s Definition,
        env: &Env<'s>,
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Value<'s>> {
        let inside = self.inside(definition, env, operands, span)?;
        match &definition.body {
            DefinitionBody::Operator(body) if native::is_native_elsewhere(&env.theory.module.name.name) => {
                // What fails here may have a value for others, so that nothing can be concluded from it.
                self.eval(body, &inside).map_err(|fault| match fault {
                    Fault::Asks { .. } => fault,
                    other => Fault::Unsupported { construct: other.message(), span },
                })
            }
            DefinitionBody::Operator(body) => self.eval(body, &inside),
            DefinitionBody::Function { bounds, body } => {
                self.function_literal(bounds, body, Some(&definition.name.name), &inside)
            }
            DefinitionBody::Instance(_) => Fault::unsupported(span, "an instance as an expression"),
        }
    }

    fn variable_value(&mut self, index: usize, span: Span) -> Outcome<Value<'s>> {
        self.reads += 1;
        match self.moment.current.as_ref().map(|state| &state[index]) {
            Some(Some(value)) => Ok(value.clone()),
            Some(None) => Fault::undefined(span, format!("{} has no value yet here", self.variables[index])),
            None => Fault::undefined(span, format!("{} has no value outside a behavior", self.variables[index])),
        }
    }

    fn apply_cases(
        &mut self,
        cases: &[(Vec<Value<'s>>, Value<'s>)],
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Value<'s>> {
        let arguments: Vec<_> = operands.iter().map(|o| self.operand(o)).collect::<Outcome<_>>()?;
        'cases: for (expected, value) in cases {
            for (expected, argument) in expected.iter().zip(&arguments) {
                if !self.equal(expected, argument, span)? {
                    continue 'cases;
                }
            }
            return Ok(value.clone());
        }
        Fault::undefined(span, "the configuration gives no value for these arguments")
    }
}
