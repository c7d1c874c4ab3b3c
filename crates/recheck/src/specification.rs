//! The specification as a formula: initial predicate, next-state action, fairness.
//!
//! TLC's configuration names `INIT` and `NEXT`, or a `SPECIFICATION` of the form `Init /\ [][Next]_v /\ Fairness`,
//! whose parts may hide behind definitions, instances and `LET`.

use crate::apply::Operand;
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::language::is_reserved;
use crate::names::{Env, Meaning};
use crate::syntax::parts;
use tla_syntax::ast::{DefinitionBody, Expr, ExprKind, Ident, Junction};
use tla_syntax::config::Config;

/// An expression in its environment.
#[derive(Clone)]
pub(crate) struct Formula<'s> {
    pub(crate) expr: &'s Expr,
    pub(crate) env: Env<'s>,
}

/// The parts of a specification.
pub(crate) struct Behavior<'s> {
    /// All of these hold in the first state.
    pub(crate) init: Vec<Formula<'s>>,
    /// Every step is one of these, or changes nothing.
    pub(crate) next: Formula<'s>,
    /// Temporal formulas that the behavior satisfies as well.
    pub(crate) fairness: Vec<Formula<'s>>,
}

impl<'s> Evaluator<'s> {
    /// The parts of the specification that the configuration names; `None` if it names none.
    pub(crate) fn behavior(&mut self, config: &'s Config) -> Outcome<Option<Behavior<'s>>> {
        if let Some(name) = &config.specification {
            let specification = self.named(name)?;
            return self.decompose(&specification).map(Some);
        }
        let (Some(init), Some(next)) = (&config.init, &config.next) else {
            return Ok(None);
        };
        let (init, next) = (vec![self.named(init)?], self.named(next)?);
        Ok(Some(Behavior { init, next, fairness: Vec::new() }))
    }

    fn decompose(&mut self, specification: &Formula<'s>) -> Outcome<Behavior<'s>> {
        let (mut init, mut next, mut fairness) = (Vec::new(), None, Vec::new());
        for conjunct in self.conjuncts(specification)? {
            if let Some(action) = self.boxed_action(&conjunct)? {
                if next.replace(action).is_some() {
                    return Fault::unsupported(conjunct.expr.span, "a second [][Next]_v in the specification");
                }
            } else if self.is_temporal(&conjunct, &mut Vec::new()) {
                fairness.push(conjunct);
            } else {
                init.push(conjunct);
            }
        }
        match next {
            Some(next) => Ok(Behavior { init, next, fairness }),
            None => Fault::unsupported(specification.expr.span, "a specification without [][Next]_v"),
        }
    }

    /// The formula that a name of the root module stands for.
    pub(crate) fn named(&mut self, name: &'s Ident) -> Outcome<Formula<'s>> {
        // The configuration is no file of the specification, so that its places would mislead.
        let span = self.root.as_ref().map_or(name.span, |root| root.module.name.span);
        let meaning = self.root_meaning(name, span)?;
        match self.text_of(&meaning, &[], span)? {
            Some(formula) => Ok(formula),
            None => Fault::unsupported(span, format!("{}, which is no definition without parameters", name.name)),
        }
    }

    /// The `A` of `[][A]_v`.
    fn boxed_action(&mut self, formula: &Formula<'s>) -> Outcome<Option<Formula<'s>>> {
        let Some(mut inner) = Self::boxed(formula) else {
            return Ok(None);
        };
        loop {
            self.step(inner.expr.span)?;
            if let ExprKind::BoxAction { action, .. } = &*inner.expr.kind {
                return Ok(Some(Formula { expr: action, env: inner.env }));
            }
            match self.look_through(inner.expr, &inner.env)? {
                Some(further) => inner = further,
                None => return Ok(None),
            }
        }
    }

    /// Whether a formula is `[A]_v`, perhaps behind definitions.
    pub(crate) fn is_action(&mut self, formula: &Formula<'s>) -> Outcome<bool> {
        let mut formula = formula.clone();
        loop {
            self.step(formula.expr.span)?;
            if let ExprKind::BoxAction { .. } = &*formula.expr.kind {
                return Ok(true);
            }
            match self.look_through(formula.expr, &formula.env)? {
                Some(inner) => formula = inner,
                None => return Ok(false),
            }
        }
    }

    /// The `F` of `[]F`.
    pub(crate) fn boxed(Formula { expr, env }: &Formula<'s>) -> Option<Formula<'s>> {
        match &*expr.kind {
            ExprKind::Apply { op, args } if &*op.name == "[]" => {
                args.first().map(|inner| Formula { expr: inner, env: env.clone() })
            }
            _ => None,
        }
    }

    /// The conjuncts of a formula, through definitions.
    pub(crate) fn conjuncts(&mut self, formula: &Formula<'s>) -> Outcome<Vec<Formula<'s>>> {
        self.deeper(formula.expr.span, |this| {
            let env = &formula.env;
            let items: &'s [Expr] = match &*formula.expr.kind {
                ExprKind::Junction { junction: Junction::And, items } => items,
                ExprKind::Apply { op, args } if &*op.name == "/\\" => args,
                _ => {
                    return match this.look_through(formula.expr, env)? {
                        Some(inner) => this.conjuncts(&inner),
                        None => Ok(vec![formula.clone()]),
                    };
                }
            };
            let mut conjuncts = Vec::new();
            for item in items {
                conjuncts.extend(this.conjuncts(&Formula { expr: item, env: env.clone() })?);
            }
            Ok(conjuncts)
        })
    }

    /// What an expression is an abbreviation of: the right-hand side of a definition, the body of a `LET` or a label.
    pub(crate) fn look_through(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Option<Formula<'s>>> {
        match &*expr.kind {
            ExprKind::Label { body, .. } => Ok(Some(Formula { expr: body, env: env.clone() })),
            ExprKind::Let { items, body } => Ok(Some(Formula { expr: body, env: env.with_let(items) })),
            ExprKind::Apply { op, .. } if is_reserved(&op.name) => Ok(None),
            ExprKind::Apply { op, args } => {
                let meaning = self.lookup(env, &op.name, op.span)?;
                let operands: Vec<_> = args.iter().map(|arg| Operand::Expr(arg, env)).collect();
                self.text_of(&meaning, &operands, expr.span)
            }
            ExprKind::Select(selectors) => {
                let (meaning, args) = self.select(selectors, env, expr.span)?;
                let operands: Vec<_> = args.iter().map(|arg| Operand::Expr(arg, env)).collect();
                self.text_of(&meaning, &operands, expr.span)
            }
            // Nothing else is an abbreviation; whoever asked treats the expression as what it is.
            _ => Ok(None),
        }
    }

    fn text_of(
        &mut self,
        meaning: &Meaning<'s>,
        operands: &[Operand<'_, 's>],
        span: tla_syntax::Span,
    ) -> Outcome<Option<Formula<'s>>> {
        match meaning {
            Meaning::Definition { definition, env, .. } => match &definition.body {
                DefinitionBody::Operator(body) => {
                    Ok(Some(Formula { expr: body, env: self.inside(definition, env, operands, span)? }))
                }
                DefinitionBody::Function { .. } | DefinitionBody::Instance(_) => Ok(None),
            },
            // A parameter that was evaluated is a value from then on, as in TLC: its alternatives do not count any more.
            Meaning::Delayed(delayed) if self.is_remembered(&delayed.memo) => Ok(None),
            Meaning::Delayed(delayed) => Ok(Some(Formula { expr: delayed.expr, env: delayed.env.clone() })),
            Meaning::Lambda { params, body, env } => {
                let bound = self.lambda_arguments(params, operands, span)?;
                Ok(Some(Formula { expr: body, env: env.bind(bound) }))
            }
            Meaning::Value(_)
            | Meaning::Variable(_)
            | Meaning::Native(_)
            | Meaning::Language(_)
            | Meaning::Cases(_)
            | Meaning::Unsupported(_) => Ok(None),
        }
    }

    /// Whether a formula speaks of whole behaviors. Names are followed into their definitions, each one once.
    pub(crate) fn is_temporal(&mut self, Formula { expr, env }: &Formula<'s>, seen: &mut Vec<*const Expr>) -> bool {
        let expr: &'s Expr = expr;
        match &*expr.kind {
            ExprKind::Fairness { .. } | ExprKind::TemporalQuantified { .. } => return true,
            ExprKind::Apply { op, .. } if matches!(&*op.name, "[]" | "<>" | "~>" | "-+->") => return true,
            _ => {}
        }
        if seen.contains(&std::ptr::from_ref(expr)) {
            return false;
        }
        seen.push(expr);
        // A name that is not found is one that a quantifier binds: it stands for a value.
        if let Ok(Some(inner)) = self.look_through(expr, env)
            && self.is_temporal(&inner, seen)
        {
            return true;
        }
        let env = if let ExprKind::Let { items, .. } = &*expr.kind { env.with_let(items) } else { env.clone() };
        parts(expr).into_iter().any(|part| self.is_temporal(&Formula { expr: part, env: env.clone() }, seen))
    }
}
