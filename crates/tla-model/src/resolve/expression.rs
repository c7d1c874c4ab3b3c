//! Expressions.

use super::apply::{constant_level, node};
use super::env::{Env, Operand};
use super::{Compiled, DEEPEST, Resolver, Typed};
use crate::ir::{Kind, Level, Primitive};
use tla_syntax::ast::{Expr, ExprKind, Ident, Junction};
use tla_syntax::{Diagnostic, Span};

/// Whether a spelling is an operator of the language itself, which no module can redefine.
pub(crate) fn is_language_operator(name: &str) -> bool {
    matches!(
        name,
        "TRUE"
            | "FALSE"
            | "/\\"
            | "\\/"
            | "~"
            | "=>"
            | "<=>"
            | "'"
            | "ENABLED"
            | "UNCHANGED"
            | "[]"
            | "<>"
            | "~>"
            | "-+->"
            | "\\cdot"
    ) || Primitive::find("", name).is_some()
}

impl<'a> Resolver<'a> {
    /// Compiles an expression.
    pub(crate) fn expr(&mut self, expr: &'a Expr, env: &Env<'a>) -> Compiled<Typed> {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.depth = 0;
            return self.report(
                Diagnostic::error("too-deep", expr.span, "this expression is nested too deeply")
                    .remedy("split it into definitions"),
            );
        }
        let result = self.expr_kind(expr, env);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    fn expr_kind(&mut self, expr: &'a Expr, env: &Env<'a>) -> Compiled<Typed> {
        let span = expr.span;
        match &*expr.kind {
            ExprKind::Number(digits) => self.number(digits, span),
            ExprKind::Decimal(_) => {
                Ok(constant_level(Kind::Declined("decimal numbers are not supported".into()), span))
            }
            ExprKind::String(text) => Ok(constant_level(Kind::String(self.names.string(text)), span)),
            ExprKind::Apply { op, args } => {
                let operands: Vec<Operand<'a>> = args.iter().map(|arg| Operand::Expr(arg, env.clone())).collect();
                self.apply_any(op, &operands, env, span)
            }
            ExprKind::Select(selectors) => self.select(selectors, &[], env, span),
            ExprKind::Junction { junction, items } => {
                let mut nodes = Vec::with_capacity(items.len());
                let mut level = Level::Constant;
                for item in items {
                    let typed = self.expr(item, env)?;
                    level = level.max(typed.level);
                    nodes.push(typed.node);
                }
                let kind = match junction {
                    Junction::And => Kind::And(nodes.into()),
                    Junction::Or => Kind::Or(nodes.into()),
                };
                Ok(Typed { node: node(kind, span), level })
            }
            ExprKind::If { condition, then, otherwise } => {
                let condition = self.expr(condition, env)?;
                let then = self.expr(then, env)?;
                let otherwise = self.expr(otherwise, env)?;
                let level = condition.level.max(then.level).max(otherwise.level);
                let kind = Kind::If(Box::new(condition.node), Box::new(then.node), Box::new(otherwise.node));
                Ok(Typed { node: node(kind, span), level })
            }
            ExprKind::Case { arms, other } => self.case(arms, other.as_ref(), env, span),
            ExprKind::Let { items, body } => self.let_in(items, body, env, span),
            ExprKind::Quantified { quantifier, bounds, body } => self.quantified(*quantifier, bounds, body, env, span),
            ExprKind::TemporalQuantified { .. } => Ok(Typed {
                node: node(Kind::Declined("temporal quantifiers are not supported".into()), span),
                level: Level::Temporal,
            }),
            ExprKind::Choose { pattern, set, body } => self.choose(pattern, set.as_ref(), body, env, span),
            ExprKind::SetEnum(items) => self.list(items, env, span, Kind::SetEnumeration),
            ExprKind::Tuple(items) => self.list(items, env, span, Kind::Tuple),
            ExprKind::Product(items) => self.list(items, env, span, Kind::Product),
            ExprKind::SetFilter { pattern, set, predicate } => self.set_filter(pattern, set, predicate, env, span),
            ExprKind::SetMap { body, bounds } => self.set_map(body, bounds, env, span),
            ExprKind::FunctionLiteral { bounds, body } => self.function_rule(bounds, body, None, env, span),
            ExprKind::FunctionSet { domain, range } => {
                let (domain, range) = (self.expr(domain, env)?, self.expr(range, env)?);
                let level = domain.level.max(range.level);
                Ok(Typed { node: node(Kind::FunctionSet(Box::new(domain.node), Box::new(range.node)), span), level })
            }
            ExprKind::RecordLiteral(fields) => self.record(fields, env, span, Kind::Record),
            ExprKind::RecordSet(fields) => self.record(fields, env, span, Kind::RecordSet),
            ExprKind::FunctionApply { function, args } => {
                let function = self.expr(function, env)?;
                let argument = self.index(args, env)?;
                let level = function.level.max(argument.level);
                Ok(Typed { node: node(Kind::Apply(Box::new(function.node), Box::new(argument.node)), span), level })
            }
            ExprKind::Field { record, field } => {
                let record = self.expr(record, env)?;
                let id = self.names.string(&field.name);
                Ok(Typed { node: node(Kind::Field(Box::new(record.node), id), span), level: record.level })
            }
            ExprKind::Except { base, updates } => self.except(base, updates, env, span),
            ExprKind::At => match &env.at {
                Some((slot, read)) => {
                    read.set(true);
                    Ok(constant_level(Kind::Slot(*slot), span))
                }
                None => self.report(
                    Diagnostic::error("misplaced-at", span, "`@` stands outside of an EXCEPT")
                        .remedy("`@` is the old value in [f EXCEPT ![x] = ... @ ...]"),
                ),
            },
            ExprKind::BoxAction { action, subscript } => {
                self.subscripted(action, subscript, env, span, Kind::BoxAction)
            }
            ExprKind::AngleAction { action, subscript } => {
                self.subscripted(action, subscript, env, span, Kind::AngleAction)
            }
            ExprKind::Fairness { strong, subscript, action } => self.fairness(*strong, action, subscript, env, span),
            ExprKind::Label { body, .. } => self.expr(body, env),
            ExprKind::Lambda { .. } => self.report(
                Diagnostic::error("misplaced-lambda", span, "a LAMBDA is no value")
                    .remedy("a LAMBDA may stand only where an operator is expected"),
            ),
        }
    }

    fn list(
        &mut self,
        items: &'a [Expr],
        env: &Env<'a>,
        span: Span,
        make: fn(Box<[crate::ir::Node]>) -> Kind,
    ) -> Compiled<Typed> {
        let mut nodes = Vec::with_capacity(items.len());
        let mut level = Level::Constant;
        for item in items {
            let typed = self.expr(item, env)?;
            level = level.max(typed.level);
            nodes.push(typed.node);
        }
        Ok(Typed { node: node(make(nodes.into()), span), level })
    }

    /// The index of an application or update; several expressions mean a tuple.
    pub(crate) fn index(&mut self, args: &'a [Expr], env: &Env<'a>) -> Compiled<Typed> {
        match args {
            [single] => self.expr(single, env),
            several => {
                let span = several.iter().map(|expr| expr.span).reduce(Span::to);
                let span = span.unwrap_or_else(|| self.code.definition(env.owner).span);
                self.list(several, env, span, Kind::Tuple)
            }
        }
    }

    fn case(
        &mut self,
        arms: &'a [(Expr, Expr)],
        other: Option<&'a Expr>,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let mut level = Level::Constant;
        let mut compiled = Vec::with_capacity(arms.len());
        for (guard, value) in arms {
            let (guard, value) = (self.expr(guard, env)?, self.expr(value, env)?);
            level = level.max(guard.level).max(value.level);
            compiled.push((guard.node, value.node));
        }
        let other = match other {
            None => None,
            Some(expr) => {
                let typed = self.expr(expr, env)?;
                level = level.max(typed.level);
                Some(Box::new(typed.node))
            }
        };
        Ok(Typed { node: node(Kind::Case(compiled.into(), other), span), level })
    }

    /// An operator of the language itself.
    pub(crate) fn language_operator(
        &mut self,
        op: &Ident,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match (&*op.name, operands) {
            ("TRUE", []) => Ok(constant_level(Kind::Bool(true), span)),
            ("FALSE", []) => Ok(constant_level(Kind::Bool(false), span)),
            ("/\\" | "\\/", [left, right]) => {
                let (left, right) = (self.operand_value(left)?, self.operand_value(right)?);
                let level = left.level.max(right.level);
                Ok(Typed { node: node(flat_junction(&op.name, left.node, right.node), span), level })
            }
            ("~", [operand]) => {
                let typed = self.operand_value(operand)?;
                Ok(Typed { node: node(Kind::Not(Box::new(typed.node)), span), level: typed.level })
            }
            ("=>", [left, right]) => {
                let (left, right) = (self.operand_value(left)?, self.operand_value(right)?);
                let level = left.level.max(right.level);
                let mark = self.mark(left.node.span);
                let kind = Kind::Implies(Box::new(left.node), Box::new(right.node), mark);
                Ok(Typed { node: node(kind, span), level })
            }
            ("<=>", [left, right]) => {
                let (left, right) = (self.operand_value(left)?, self.operand_value(right)?);
                let level = left.level.max(right.level);
                Ok(Typed { node: node(Kind::Equivalent(Box::new(left.node), Box::new(right.node)), span), level })
            }
            ("'", [operand]) => self.prime(operand, env, span),
            ("UNCHANGED", [operand]) => self.unchanged(operand, env, span),
            ("ENABLED", [operand]) => {
                let operand = self.under_enabled(operand)?;
                let typed = self.operand_value(&operand)?;
                self.at_most(&typed, Level::Action, "ENABLED takes an action")?;
                Ok(Typed { node: node(Kind::Enabled(Box::new(typed.node)), span), level: Level::State })
            }
            ("[]" | "<>", [operand]) => {
                let typed = self.operand_value(operand)?;
                let inner = Box::new(typed.node);
                let kind = if &*op.name == "[]" { Kind::Always(inner) } else { Kind::Eventually(inner) };
                Ok(Typed { node: node(kind, span), level: Level::Temporal })
            }
            ("~>", [left, right]) => {
                let (left, right) = (self.operand_value(left)?, self.operand_value(right)?);
                let kind = Kind::LeadsTo(Box::new(left.node), Box::new(right.node));
                Ok(Typed { node: node(kind, span), level: Level::Temporal })
            }
            ("\\cdot", [left, right]) => self.composition(left, right, env, span),
            ("-+->", [_, _]) => Ok(Typed {
                node: node(Kind::Declined("the operator -+-> is not supported".into()), span),
                level: Level::Temporal,
            }),
            (name, _) => match Primitive::find("", name) {
                Some((primitive, arities)) => self.apply_primitive(op, primitive, arities, operands, span),
                None => {
                    let arity = if matches!(name, "TRUE" | "FALSE") {
                        0
                    } else if matches!(name, "~" | "'" | "UNCHANGED" | "ENABLED" | "[]" | "<>") {
                        1
                    } else {
                        2
                    };
                    self.check_arity(op, arity, operands)?;
                    Ok(constant_level(Kind::Declined(format!("the operator {name} is not supported").into()), span))
                }
            },
        }
    }

    /// `A \cdot B`. What `B` says of unprimed variables, it says of the intermediate state.
    fn composition(&mut self, left: &Operand<'a>, right: &Operand<'a>, env: &Env<'a>, span: Span) -> Compiled<Typed> {
        if env.primed {
            return self.double_prime(span);
        }
        let declined = |what: &str| {
            let kind = Kind::Declined(format!("the action composition \\cdot {what} is not supported").into());
            Ok(Typed { node: node(kind, span), level: Level::Action })
        };
        let Operand::Expr(expr, home) = right else { return declined("as an operator argument") };
        if !home.context_slots.is_empty() {
            return declined("inside of an instance with parameters");
        }
        if env.bound.is_some() {
            return declined("under an ENABLED of an instance");
        }
        let first = self.operand_value(left)?;
        self.at_most(&first, Level::Action, "an action is expected")?;
        self.moments += 1;
        let second = self.expr(expr, &home.at_moment(self.moments))?;
        self.at_most(&second, Level::Action, "an action is expected")?;
        let kind = Kind::Compose(Box::new(first.node), Box::new(second.node));
        Ok(Typed { node: node(kind, span), level: Level::Action })
    }

    pub(crate) fn at_most(&mut self, typed: &Typed, level: Level, what: &str) -> Compiled<()> {
        if typed.level <= level {
            return Ok(());
        }
        self.report(Diagnostic::error(
            "level",
            typed.node.span,
            format!("{what}; this is a formula of {} level", typed.level.word()),
        ))
    }

    fn prime(&mut self, operand: &Operand<'a>, env: &Env<'a>, span: Span) -> Compiled<Typed> {
        if env.primed {
            let plain = self.operand_value(operand)?;
            if plain.level > Level::Constant {
                return self.double_prime(span);
            }
            return Ok(plain);
        }
        let primed = match operand {
            Operand::Expr(expr, home) => {
                if !home.primed {
                    let plain_level = self.expr(expr, home)?.level;
                    if plain_level > Level::State {
                        return self.double_prime(span);
                    }
                }
                Operand::Expr(expr, home.primed())
            }
            Operand::Slot(slot, span) => Operand::Slot(*slot, *span),
        };
        let typed = self.operand_value(&primed)?;
        Ok(Typed { level: typed.level.max(Level::Action), ..typed })
    }

    fn unchanged(&mut self, operand: &Operand<'a>, env: &Env<'a>, span: Span) -> Compiled<Typed> {
        if env.primed {
            return self.double_prime(span);
        }
        let now = self.operand_value(operand)?;
        if now.level > Level::State {
            return self.double_prime(span);
        }
        let then = match operand {
            Operand::Expr(expr, home) => self.expr(expr, &home.primed())?,
            Operand::Slot(slot, span) => constant_level(Kind::Slot(*slot), *span),
        };
        // Under an ENABLED that binds primed variables, those are not the variables of the model.
        let kind = if matches!(operand, Operand::Expr(_, home) if home.bound.is_some()) {
            Kind::Unchanged(Box::new(now.node), Box::new(then.node))
        } else {
            self.unchanged_kind(&now.node, then.node)
        };
        Ok(Typed { node: node(kind, span), level: Level::Action })
    }

    /// `UNCHANGED` of variables where everything is one, part by part for a tuple, as a comparison otherwise.
    fn unchanged_kind(&self, now: &crate::ir::Node, then: crate::ir::Node) -> Kind {
        let mut variables = Vec::new();
        if self.only_variables(now, &mut variables) {
            return Kind::UnchangedVariables(variables.into());
        }
        match (&now.kind, then) {
            (Kind::Tuple(parts), crate::ir::Node { kind: Kind::Tuple(primed), .. }) => {
                let conjuncts: Vec<crate::ir::Node> = parts
                    .iter()
                    .zip(primed.into_vec())
                    .map(|(part, primed)| node(self.unchanged_kind(part, primed), part.span))
                    .collect();
                Kind::And(conjuncts.into())
            }
            (_, then) => Kind::Unchanged(Box::new(now.clone()), Box::new(then)),
        }
    }

    /// Collects variables, looking through tuples and definitions without parameters.
    pub(crate) fn only_variables(&self, node: &crate::ir::Node, variables: &mut Vec<u32>) -> bool {
        match &node.kind {
            Kind::Variable(index) => {
                variables.push(*index);
                true
            }
            Kind::Tuple(parts) => parts.iter().all(|part| self.only_variables(part, variables)),
            Kind::Call(id, arguments) if arguments.is_empty() => {
                self.only_variables(&self.code.definition(*id).body, variables)
            }
            _ => false,
        }
    }

    pub(crate) fn subscripted(
        &mut self,
        action: &'a Expr,
        subscript: &'a Expr,
        env: &Env<'a>,
        span: Span,
        make: fn(Box<crate::ir::Node>, Box<crate::ir::Node>, Box<crate::ir::Node>) -> Kind,
    ) -> Compiled<Typed> {
        if env.primed {
            return self.double_prime(span);
        }
        let action = self.expr(action, env)?;
        self.at_most(&action, Level::Action, "an action is expected")?;
        let now = self.expr(subscript, env)?;
        self.at_most(&now, Level::State, "the subscript must be a state function")?;
        let then = self.expr(subscript, &env.primed())?;
        let kind = make(Box::new(action.node), Box::new(now.node), Box::new(then.node));
        Ok(Typed { node: node(kind, span), level: Level::Action })
    }
}

/// `a /\ b /\ c` as one conjunction.
fn flat_junction(op: &str, left: crate::ir::Node, right: crate::ir::Node) -> Kind {
    let mut items = Vec::new();
    for side in [left, right] {
        match (op, side) {
            ("/\\", crate::ir::Node { kind: Kind::And(inner), .. })
            | ("\\/", crate::ir::Node { kind: Kind::Or(inner), .. }) => items.extend(inner.into_vec()),
            (_, other) => items.push(other),
        }
    }
    if op == "/\\" { Kind::And(items.into()) } else { Kind::Or(items.into()) }
}
