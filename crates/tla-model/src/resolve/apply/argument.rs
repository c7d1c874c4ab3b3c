//! What operators are given: values, evaluated at once or when they are first read, and operators.

use super::{constant_level, node};
use crate::ir::{Argument, Kind, Lambda, Level, Node, Operator, Primitive};
use crate::resolve::env::{Local, Operand};
use crate::resolve::{Compiled, Resolver, Typed};
use tla_syntax::ast::{ExprKind, Ident};
use tla_syntax::{Diagnostic, Span};

impl<'a> Resolver<'a> {
    pub(super) fn arguments(
        &mut self,
        arities: &[usize],
        operands: &[Operand<'a>],
        span: Span,
    ) -> Compiled<(Box<[Argument]>, Level)> {
        let mut level = Level::Constant;
        let mut arguments = Vec::with_capacity(operands.len());
        for (arity, operand) in arities.iter().zip(operands) {
            if *arity == 0 {
                let typed = self.operand_value(operand)?;
                level = level.max(typed.level);
                arguments.push(if is_simple(&typed.node) {
                    Argument::Eager(typed.node)
                } else {
                    Argument::Delayed(typed.node)
                });
            } else {
                let (operator, operator_level) = self.operator_operand(operand, *arity, span)?;
                level = level.max(operator_level);
                arguments.push(Argument::Operator(operator));
            }
        }
        Ok((arguments.into(), level))
    }

    pub(crate) fn operand_value(&mut self, operand: &Operand<'a>) -> Compiled<Typed> {
        match operand {
            Operand::Expr(expr, env) => self.expr(expr, env),
            Operand::Slot(slot, span) => Ok(constant_level(Kind::Slot(*slot), *span)),
        }
    }

    /// An operator as an argument: a parameter is passed on, anything else becomes a `LAMBDA`.
    pub(crate) fn operator_operand(
        &mut self,
        operand: &Operand<'a>,
        arity: usize,
        span: Span,
    ) -> Compiled<(Operator, Level)> {
        let (expr, env) = match operand {
            Operand::Expr(expr, env) => (*expr, env),
            Operand::Slot(slot, _) => return Ok((Operator::Slot(*slot), Level::Constant)),
        };
        if let ExprKind::Apply { op, args } = &*expr.kind
            && args.is_empty()
            && let Some(scope) = env.find(&op.name)
        {
            match &scope.local {
                Local::Param(slot, n, ..) if *n == arity => return Ok((Operator::Slot(*slot), Level::Constant)),
                Local::Alias(inner, _) => {
                    let inner = (**inner).clone();
                    return self.operator_operand(&inner, arity, span);
                }
                _ => {}
            }
        }
        let params: Vec<u32> = (0..arity).map(|_| self.slot(env.owner)).collect();
        let inherits = env.visible_slots();
        let typed = match &*expr.kind {
            ExprKind::Lambda { params: names, body } => {
                if names.len() != arity {
                    return self.report(Diagnostic::error(
                        "arity",
                        expr.span,
                        format!("a LAMBDA with {arity} parameters is expected, this one has {}", names.len()),
                    ));
                }
                let mut inner = env.clone();
                for (name, slot) in names.iter().zip(&params) {
                    inner = self.declare_name(&inner, name, Local::Bound(*slot));
                }
                self.expr(body, &inner)?
            }
            _ => {
                let operands: Vec<Operand<'a>> = params.iter().map(|slot| Operand::Slot(*slot, span)).collect();
                self.apply_expr(expr, &operands, env, expr.span)?
            }
        };
        let lambda = Lambda { params: params.into(), body: typed.node, inherits, owner: env.owner };
        Ok((Operator::Lambda(Box::new(lambda)), typed.level))
    }

    pub(crate) fn apply_primitive(
        &mut self,
        op: &Ident,
        primitive: Primitive,
        arities: &[usize],
        operands: &[Operand<'a>],
        span: Span,
    ) -> Compiled<Typed> {
        self.check_arity(op, arities.len(), operands)?;
        if primitive.does_more() {
            self.note_impure();
        }
        let mut level = Level::Constant;
        let (mut nodes, mut operators) = (Vec::new(), Vec::new());
        for (arity, operand) in arities.iter().zip(operands) {
            if *arity == 0 {
                let typed = self.operand_value(operand)?;
                level = level.max(typed.level);
                nodes.push(typed.node);
            } else {
                let (operator, operator_level) = self.operator_operand(operand, *arity, span)?;
                level = level.max(operator_level);
                operators.push(operator);
            }
        }
        if primitive.is_volatile() {
            level = level.max(Level::State);
        }
        let kind = if operators.is_empty() {
            Kind::Primitive(primitive, nodes.into())
        } else {
            Kind::HigherOrder(primitive, nodes.into(), operators.into())
        };
        Ok(Typed { node: node(kind, span), level })
    }

    pub(crate) fn check_arity(&mut self, op: &Ident, arity: usize, operands: &[Operand<'a>]) -> Compiled<()> {
        if arity == operands.len() {
            return Ok(());
        }
        let many = |n: usize| if n == 1 { "1 argument".to_owned() } else { format!("{n} arguments") };
        self.report(
            Diagnostic::error(
                "arity",
                op.span,
                format!("`{}` takes {}, it is given {}", op.name, many(arity), many(operands.len())),
            )
            .remedy("give as many arguments as the definition has parameters"),
        )
    }
}

/// Whether a node is cheap and certain to be defined.
fn is_simple(node: &Node) -> bool {
    matches!(node.kind, Kind::Bool(_) | Kind::Int(_) | Kind::String(_) | Kind::Model(_) | Kind::Constant(_))
}
