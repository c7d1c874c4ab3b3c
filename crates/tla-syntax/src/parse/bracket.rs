//! Constructs in square, curly and angle brackets, and the expressions that can be subscripts.

use super::cursor::{Parse, Parser};
use super::token::{Keyword, Kind, Mark};
use crate::ast::{ExceptPath, ExceptUpdate, Expr, ExprKind, Ident, Selector};
use crate::diagnostic::Diagnostic;

impl Parser<'_> {
    /// `{}`, `{a, b}`, `{x \in S : p}` or `{e : x \in S}`.
    pub(super) fn braces(&mut self) -> Parse<Expr> {
        let open = self.at;
        let start = self.bump();
        let kind = if self.is_mark(Mark::RightBrace) {
            ExprKind::SetEnum(Vec::new())
        } else if self.layout.contains_colon(open) && self.is_bound() && self.peek(1) != Kind::Mark(Mark::Comma) {
            self.set_filter()?
        } else {
            self.set_map_or_enumeration()?
        };
        self.expect_close(Mark::RightBrace, open, "`,` or `}` in a set")?;
        Ok(Expr::new(kind, self.since(start)))
    }

    fn set_filter(&mut self) -> Parse<ExprKind> {
        let pattern = self.pattern()?;
        self.expect_membership()?;
        let set = self.expression()?;
        self.expect_mark(Mark::Colon, "before the predicate of a set")?;
        let predicate = self.expression()?;
        Ok(ExprKind::SetFilter { pattern, set, predicate })
    }

    fn set_map_or_enumeration(&mut self) -> Parse<ExprKind> {
        let first = self.expression()?;
        if self.eat_mark(Mark::Colon) {
            return Ok(ExprKind::SetMap { body: first, bounds: self.bounds()? });
        }
        let mut elements = vec![first];
        while self.eat_mark(Mark::Comma) {
            elements.push(self.expression()?);
        }
        Ok(ExprKind::SetEnum(elements))
    }

    /// `<<a, b>>` or `<<A>>_v`.
    pub(super) fn angle_brackets(&mut self) -> Parse<Expr> {
        let open = self.at;
        let start = self.bump();
        let mut elements = Vec::new();
        if !self.is_mark(Mark::RightAngle) {
            elements = self.comma_list(Self::expression)?;
        }
        if self.is_mark(Mark::RightAngleSub) && elements.len() == 1 {
            self.bump();
            let subscript = self.subscript()?;
            let Some(action) = elements.pop() else { return Err(self.unexpected("an expression")) };
            return Ok(Expr::new(ExprKind::AngleAction { action, subscript }, self.since(start)));
        }
        self.expect_close(Mark::RightAngle, open, "`,` or `>>` in a tuple")?;
        Ok(Expr::new(ExprKind::Tuple(elements), self.since(start)))
    }

    /// Everything that begins with `[` and is no application.
    pub(super) fn square_brackets(&mut self) -> Parse<Expr> {
        let open = self.at;
        let start = self.bump();
        let kind = if self.is_field_name(self.kind()) && self.peek(1) == Kind::Mark(Mark::MapsTo) {
            ExprKind::RecordLiteral(self.comma_list(|parser| parser.record_field(Mark::MapsTo))?)
        } else if self.kind() == Kind::Identifier && self.peek(1) == Kind::Mark(Mark::Colon) {
            ExprKind::RecordSet(self.comma_list(|parser| parser.record_field(Mark::Colon))?)
        } else if self.layout.contains_maps_to(open) && self.is_bound() {
            self.function_literal()?
        } else {
            let bound = self.is_bound();
            let inner = self.expression()?;
            if bound && self.is_mark(Mark::Arrow) {
                return Err(self.unclosed(open, "`|->` after the bound variable of a function"));
            }
            if self.is_mark(Mark::RightSquareSub) {
                self.bump();
                let subscript = self.subscript()?;
                return Ok(Expr::new(ExprKind::BoxAction { action: inner, subscript }, self.since(start)));
            }
            self.function_set_or_except(open, inner)?
        };
        self.expect_close(Mark::RightSquare, open, "`,` or `]`")?;
        Ok(Expr::new(kind, self.since(start)))
    }

    fn record_field(&mut self, mark: Mark) -> Parse<(Ident, Expr)> {
        let field = self.field_name()?;
        self.expect_mark(mark, "after the name of a record field")?;
        Ok((field, self.expression()?))
    }

    fn function_literal(&mut self) -> Parse<ExprKind> {
        let bounds = self.bounds()?;
        self.expect_mark(Mark::MapsTo, "after the bound variables of a function")?;
        let body = self.expression()?;
        Ok(ExprKind::FunctionLiteral { bounds, body })
    }

    fn function_set_or_except(&mut self, open: usize, inner: Expr) -> Parse<ExprKind> {
        if self.eat_mark(Mark::Arrow) {
            return Ok(ExprKind::FunctionSet { domain: inner, range: self.expression()? });
        }
        if self.eat_keyword(Keyword::Except) {
            let updates = self.comma_list(Self::except_update)?;
            return Ok(ExprKind::Except { base: inner, updates });
        }
        Err(self.unclosed(open, "`|->`, `->`, `EXCEPT` or `]_` in square brackets"))
    }

    fn except_update(&mut self) -> Parse<ExceptUpdate> {
        let start = self.expect_mark(Mark::Bang, "before an update in EXCEPT")?;
        let mut path = Vec::new();
        loop {
            if self.eat_mark(Mark::Dot) {
                path.push(ExceptPath::Field(self.field_name()?));
            } else if self.is_mark(Mark::LeftSquare) {
                let open = self.at;
                self.bump();
                path.push(ExceptPath::Index(self.comma_list(Self::expression)?));
                self.expect_close(Mark::RightSquare, open, "`,` or `]` after an index")?;
            } else {
                break;
            }
        }
        if path.is_empty() {
            return Err(self.unexpected("`[` or `.` after `!` in EXCEPT"));
        }
        if !self.is_operator("=") {
            return Err(self.unexpected("`=` and the new value in EXCEPT"));
        }
        self.bump();
        let value = self.expression()?;
        Ok(ExceptUpdate { path, value, span: self.since(start) })
    }

    /// What can stand behind `]_`, `>>_`: a name, or something in brackets.
    fn subscript(&mut self) -> Parse<Expr> {
        match self.kind() {
            Kind::Identifier => self.compound_name(),
            Kind::Mark(Mark::LeftParen | Mark::LeftBrace | Mark::LeftSquare | Mark::LeftAngle) => self.atom(),
            _ => Err(self.unexpected("a subscript: a name, or an expression in brackets")),
        }
    }

    /// `WF_v(A)` and `SF_v(A)`; the last parentheses are the action, those before belong to the subscript.
    pub(super) fn fairness(&mut self, strong: bool) -> Parse<Expr> {
        let start = self.bump();
        let (subscript, action) = if self.kind() == Kind::Identifier {
            self.fairness_of_name()?
        } else {
            let subscript = self.subscript()?;
            (subscript, self.fairness_action()?)
        };
        Ok(Expr::new(ExprKind::Fairness { strong, subscript, action }, self.since(start)))
    }

    fn fairness_action(&mut self) -> Parse<Expr> {
        let open = self.at;
        self.expect_mark(Mark::LeftParen, "before the action of a fairness condition")?;
        let action = self.expression()?;
        self.expect_close(Mark::RightParen, open, "`)` after the action of a fairness condition")?;
        Ok(action)
    }

    fn fairness_of_name(&mut self) -> Parse<(Expr, Expr)> {
        let start = self.here();
        let mut selectors = self.selectors()?;
        if self.is_mark(Mark::LeftParen) {
            let subscript = self.selected(selectors, self.since(start));
            return Ok((subscript, self.fairness_action()?));
        }
        let action = match selectors.last_mut() {
            Some(Selector::Name { args, .. }) if args.len() == 1 => args.pop(),
            _ => None,
        };
        let Some(action) = action else {
            let span = self.since(start);
            let message = "a fairness condition needs one action in parentheses behind its subscript";
            let diagnostic = Diagnostic::error("malformed-fairness", span, message);
            return Err(self.report(diagnostic.remedy("Write `WF_vars(Action)`.")));
        };
        let end = match selectors.last() {
            Some(Selector::Name { ident, .. }) => ident.span,
            _ => start,
        };
        Ok((self.selected(selectors, start.to(end)), action))
    }
}
