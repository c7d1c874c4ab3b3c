//! Names: plain ones, applied ones, and compound ones such as `Inst(3)!Op(a)!2!<<`.
//!
//! Nothing is resolved here. Whether a part is an instance, an operator, a label or a number of an operand is decided by
//! whoever knows the definitions; the tree keeps the parts in order.

use super::cursor::{Parse, Parser, Reported};
use super::token::{Keyword, Kind, Mark};
use crate::ast::{Expr, ExprKind, Ident, Selector};
use crate::diagnostic::Diagnostic;
use crate::operators::Operator;
use crate::source::Span;

impl Parser<'_> {
    /// A name or an operator symbol used like one, with its arguments and selectors.
    pub(super) fn compound_name(&mut self) -> Parse<Expr> {
        let start = self.here();
        let selectors = self.selectors()?;
        Ok(self.selected(selectors, self.since(start)))
    }

    /// The expression for a row of selectors.
    pub(super) fn selected(&mut self, mut selectors: Vec<Selector>, span: Span) -> Expr {
        let kind = match (selectors.pop(), selectors.is_empty()) {
            (Some(Selector::Name { ident, args }), true) => ExprKind::Apply { op: ident, args },
            (last, _) => {
                selectors.extend(last);
                ExprKind::Select(selectors)
            }
        };
        Expr::new(kind, span)
    }

    /// A name and the selectors behind it.
    pub(super) fn selectors(&mut self) -> Parse<Vec<Selector>> {
        let mut selectors = vec![self.named_selector()?];
        while self.eat_mark(Mark::Bang) {
            selectors.push(self.selector()?);
        }
        Ok(selectors)
    }

    /// `name` or `name(args)`; the name may be an operator symbol.
    fn named_selector(&mut self) -> Parse<Selector> {
        let ident = match self.kind() {
            Kind::Operator(operator) => self.bump_operator(operator),
            _ => self.bump_identifier(),
        };
        let args = if self.is_mark(Mark::LeftParen) { self.arguments()?.0 } else { Vec::new() };
        Ok(Selector::Name { ident, args })
    }

    /// An operator symbol as a name, in its canonical spelling.
    pub(super) fn bump_operator(&mut self, operator: &'static Operator) -> Ident {
        let span = self.bump();
        Ident { name: self.name(operator.symbol), span }
    }

    /// What stands behind a `!`.
    fn selector(&mut self) -> Parse<Selector> {
        match self.kind() {
            Kind::Identifier => self.named_selector(),
            Kind::Operator(operator) if operator.symbol == "=" && self.touches_previous() => Err(self.not_equal()),
            Kind::Operator(_) => self.named_selector(),
            Kind::Number => self.numbered_selector(),
            Kind::Mark(Mark::LeftAngle) => Ok(Selector::Left(self.bump())),
            Kind::Mark(Mark::RightAngle) => Ok(Selector::Right(self.bump())),
            Kind::Mark(Mark::Colon) => Ok(Selector::Body(self.bump())),
            Kind::Mark(Mark::At) => Ok(Selector::At(self.bump())),
            Kind::Mark(Mark::LeftParen) => {
                let (args, span) = self.arguments()?;
                Ok(Selector::Args(args, span))
            }
            _ => Err(self.unexpected("a name, a number or one of `<<` `>>` `:` `@` `(` after `!`")),
        }
    }

    /// Whether no blank stands before the token at this place.
    fn touches_previous(&self) -> bool {
        self.at.checked_sub(1).is_some_and(|index| self.tokens[index].end == self.token().start)
    }

    fn not_equal(&mut self) -> Reported {
        let here = self.here();
        let place = Span { start: here.start - 1, ..here };
        let diagnostic = Diagnostic::error("not-equal-sign", place, "`!=` is not an operator of TLA+");
        self.report(diagnostic.remedy("Write `#` or `/=`."))
    }

    fn numbered_selector(&mut self) -> Parse<Selector> {
        let span = self.here();
        match self.text_of(span).parse() {
            Ok(number) => {
                self.bump();
                Ok(Selector::Operand(number, span))
            }
            Err(_) => Err(self.unexpected("a small decimal number after `!`")),
        }
    }

    /// Arguments in parentheses: expressions, operators without arguments, LAMBDA.
    fn arguments(&mut self) -> Parse<(Vec<Expr>, Span)> {
        let open = self.at;
        let start = self.bump();
        let args = self.comma_list(Self::operator_or_expression)?;
        self.expect_close(Mark::RightParen, open, "`,` or `)` after an argument")?;
        Ok((args, self.since(start)))
    }

    /// An expression, or in its place an operator: `+`, `LAMBDA x : e`.
    pub(super) fn operator_or_expression(&mut self) -> Parse<Expr> {
        if self.is_keyword(Keyword::Lambda) {
            self.enter()?;
            let lambda = self.lambda()?;
            self.leave();
            return Ok(lambda);
        }
        match self.kind() {
            Kind::Operator(operator) if self.is_operator_reference(operator) => {
                let op = self.bump_operator(operator);
                let span = op.span;
                Ok(Expr::new(ExprKind::Apply { op, args: Vec::new() }, span))
            }
            _ => self.expression(),
        }
    }

    /// Whether the operator symbol at this place stands for itself: nothing follows that it could be applied to.
    fn is_operator_reference(&self, operator: &Operator) -> bool {
        if operator.symbol == "\\X" {
            return false;
        }
        match self.peek(1) {
            Kind::Mark(Mark::Comma | Mark::RightParen)
            | Kind::ModuleStart
            | Kind::ModuleEnd
            | Kind::Separator
            | Kind::ProofStep
            | Kind::End => true,
            Kind::Keyword(keyword) => keyword.begins_unit() || keyword == Keyword::In,
            _ => self.layout.definition_at(self.at + 1).is_some(),
        }
    }
}
