//! The operators of the language itself, which no module can define anew.

use crate::apply::Operand;
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::{Env, Meaning, Moment};
use crate::specification::Formula;
use crate::value::{SymbolicSet, Value};
use tla_syntax::Span;
use tla_syntax::ast::Expr;
use tla_syntax::operators::{Origin, operator};

/// Whether a name belongs to the language.
pub(crate) fn is_reserved(name: &str) -> bool {
    match name {
        "TRUE" | "FALSE" | "BOOLEAN" | "STRING" => true,
        symbol => operator(symbol).is_some_and(|found| found.origin == Origin::Language),
    }
}

impl<'s> Evaluator<'s> {
    /// The value of an operator of the language.
    pub(crate) fn apply_language(
        &mut self,
        name: &str,
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Value<'s>> {
        if self.symbolic.is_on {
            self.language_open(name, operands, span)
        } else {
            self.language_decided(name, operands, span)
        }
    }

    /// The same where operands are decided as far as is needed.
    pub(crate) fn language_decided(
        &mut self,
        name: &str,
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Value<'s>> {
        match operands {
            [] => Self::language_constant(name, span),
            [only] => self.apply_unary(name, only, span),
            [left, right] => self.apply_binary(name, left, right, span),
            _ => Fault::unsupported(span, format!("{name} with {} operands", operands.len())),
        }
    }

    fn language_constant(name: &str, span: Span) -> Outcome<Value<'s>> {
        match name {
            "TRUE" => Ok(Value::Bool(true)),
            "FALSE" => Ok(Value::Bool(false)),
            "BOOLEAN" => Ok(Value::booleans()),
            "STRING" => Ok(Value::symbolic(SymbolicSet::Strings)),
            _ => Fault::unsupported(span, format!("{name} without operands")),
        }
    }

    fn apply_unary(&mut self, name: &str, operand: &Operand<'_, 's>, span: Span) -> Outcome<Value<'s>> {
        match name {
            "~" => Ok(Value::Bool(!self.operand_truth(operand)?)),
            "'" => {
                let then = self.moment.primed();
                self.at(then, |this| this.operand(operand))
            }
            "UNCHANGED" => {
                let now = self.operand(operand)?;
                let then = self.moment.primed();
                let then = self.at(then, |this| this.operand(operand))?;
                self.equal(&then, &now, span).map(Value::Bool)
            }
            "ENABLED" => self.enabled(operand, span).map(Value::Bool),
            "SUBSET" => {
                let base = self.operand(operand)?;
                self.expect_set(&base, operand.span())?;
                Ok(Value::symbolic(SymbolicSet::Powerset(base)))
            }
            "UNION" => {
                let sets = self.operand(operand)?;
                self.big_union(&sets, span)
            }
            "DOMAIN" => {
                let function = self.operand(operand)?;
                self.domain(&function, span)
            }
            "[]" | "<>" => Fault::unsupported(span, format!("the temporal operator {name} here")),
            _ => Fault::unsupported(span, format!("{name} with one operand")),
        }
    }

    fn apply_binary(
        &mut self,
        name: &str,
        left: &Operand<'_, 's>,
        right: &Operand<'_, 's>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        match name {
            "/\\" => Ok(Value::Bool(self.operand_truth(left)? && self.operand_truth(right)?)),
            "\\/" => {
                let sides = [left, right];
                self.disjunction(2, |this, index| this.operand_truth(sides[index])).map(Value::Bool)
            }
            "=>" => Ok(Value::Bool(!self.operand_truth(left)? || self.operand_truth(right)?)),
            "<=>" => Ok(Value::Bool(self.operand_truth(left)? == self.operand_truth(right)?)),
            "~>" | "-+->" => Fault::unsupported(span, format!("the temporal operator {name} here")),
            "\\cdot" => self.composed(left, right).map(Value::Bool),
            _ => {
                let (left, right) = (self.operand(left)?, self.operand(right)?);
                self.relate(name, &left, &right, span)
            }
        }
    }

    /// The operators that need both values.
    fn relate(&mut self, name: &str, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        match name {
            "=" => self.equal(left, right, span).map(Value::Bool),
            "#" => Ok(Value::Bool(!self.equal(left, right, span)?)),
            "\\in" => self.contains(right, left, span).map(Value::Bool),
            "\\notin" => Ok(Value::Bool(!self.contains(right, left, span)?)),
            "\\subseteq" => self.subset(left, right, span).map(Value::Bool),
            "\\cup" => self.union(left, right, span),
            "\\cap" => self.intersection(left, right, span),
            "\\" => self.difference(left, right, span),
            _ => Fault::unsupported(span, format!("{name} with two operands")),
        }
    }

    /// The truth value of an operand.
    pub(crate) fn operand_truth(&mut self, operand: &Operand<'_, 's>) -> Outcome<bool> {
        let value = self.operand(operand)?;
        Self::truth(&value, operand.span())
    }

    /// Whether an expression has the same value before and after the step.
    pub(crate) fn unchanged(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<bool> {
        let now = self.eval(expr, env)?;
        let then = self.moment.primed();
        let then = self.at(then, |this| this.eval(expr, env))?;
        self.equal(&then, &now, expr.span)
    }

    /// `A \cdot B`: some state to which `A` leads from the current one is one from which `B` leads to the next.
    fn composed(&mut self, first: &Operand<'_, 's>, second: &Operand<'_, 's>) -> Outcome<bool> {
        let first = match first {
            Operand::Expr(expr, env) => Formula { expr, env: (*env).clone() },
            Operand::Meaning(Meaning::Delayed(delayed), _) => Formula { expr: delayed.expr, env: delayed.env.clone() },
            Operand::Meaning(_, span) => return Fault::unsupported(*span, "a composition of operator arguments"),
        };
        for middle in self.intermediate(&first)? {
            let moment = Moment { current: Some(middle), next: self.moment.next.clone() };
            if self.at(moment, |this| this.operand_truth(second))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn enabled(&mut self, operand: &Operand<'_, 's>, span: Span) -> Outcome<bool> {
        match operand {
            Operand::Expr(action, env) => self.is_enabled(action, env),
            Operand::Meaning(Meaning::Delayed(delayed), _) => {
                let delayed = delayed.clone();
                self.is_enabled(delayed.expr, &delayed.env)
            }
            Operand::Meaning(..) => Fault::unsupported(span, "ENABLED as an operator argument"),
        }
    }
}
