//! Expressions: rows of operands and operators.
//!
//! The method is that of an operator-precedence parser with a stack, as in SANY, because ranges of precedence are no
//! total order: two operators whose ranges overlap have no grouping at all, and the row is an error. The three rules,
//! with `left` on the stack and `right` coming:
//!
//! - `left` lies wholly above `right`, or both are the same left-associative operator: `left` takes its operands now;
//! - `left` lies wholly below `right`: `right` goes onto the stack;
//! - otherwise the two conflict.
//!
//! Prefix operators never conflict with what stands before them, except prefix minus (`2 * -3` is an error, since minus
//! is weaker than `*`). Function application and record fields bind tighter than everything and never see the stack.

use super::cursor::{MAX_DEPTH, Parse, Parser, Reported};
use super::token::{Keyword, Kind, Mark};
use crate::ast::{Expr, ExprKind, Ident};
use crate::diagnostic::Diagnostic;
use crate::operators::{self, Associativity, Fixity, Operator};
use crate::source::Span;

/// A finished part of a row.
struct Operand {
    expr: Expr,
    /// Where it stands with its parentheses.
    extent: Span,
    /// Height of its tree.
    height: usize,
    /// Whether it is a product without parentheses, which a further factor joins.
    product: bool,
}

/// An operator that waits for its right operand.
struct Pending {
    operator: &'static Operator,
    span: Span,
}

/// The stack of a row: operands and, between or before them, operators.
#[derive(Default)]
struct Row {
    operands: Vec<Operand>,
    operators: Vec<Pending>,
}

impl Parser<'_> {
    /// An expression, as long as it goes.
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        self.enter()?;
        let outer_height = std::mem::replace(&mut self.height, 0);
        let operand = self.row()?;
        self.height = outer_height.max(operand.height);
        self.leave();
        Ok(operand.expr)
    }

    fn row(&mut self) -> Parse<Operand> {
        let mut row = Row::default();
        loop {
            while let Some(operator) = self.prefix_operator() {
                self.push_prefix(&mut row, operator)?;
            }
            let operand = self.labelled_operand(&row)?;
            row.operands.push(operand);
            while let Kind::Operator(operator) = self.kind()
                && operator.fixity == Fixity::Postfix
            {
                self.push_postfix(&mut row, operator)?;
            }
            match self.kind() {
                Kind::Operator(operator) if operator.fixity == Fixity::Infix => self.push_infix(&mut row, operator)?,
                _ => break,
            }
        }
        while let Some(pending) = row.operators.pop() {
            self.reduce(&mut row, pending)?;
        }
        row.operands.pop().ok_or(Reported)
    }

    /// The prefix operator at this place; a minus here is one.
    fn prefix_operator(&self) -> Option<&'static Operator> {
        match self.kind() {
            Kind::Operator(operator) if operator.symbol == "-" => Some(operators::negation()),
            Kind::Operator(operator) if operator.fixity == Fixity::Prefix && operator.symbol != "-." => Some(operator),
            _ => None,
        }
    }

    fn push_prefix(&mut self, row: &mut Row, operator: &'static Operator) -> Parse<()> {
        let span = self.bump();
        if operator == operators::negation()
            && let Some(left) = row.operators.last()
            && left.operator.low > operator.high
        {
            return Err(self.conflict(left.operator, left.span, operator, span));
        }
        if row.operators.len() > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        row.operators.push(Pending { operator, span });
        Ok(())
    }

    fn push_postfix(&mut self, row: &mut Row, operator: &'static Operator) -> Parse<()> {
        let span = self.bump();
        if let Some(left) = row.operators.last()
            && left.operator.high >= operator.low
        {
            return Err(self.conflict(left.operator, left.span, operator, span));
        }
        let Some(operand) = row.operands.pop() else { return Err(Reported) };
        let op = Ident { name: self.name(operator.symbol), span };
        let extent = operand.extent.to(span);
        let applied = self.applied(ExprKind::Apply { op, args: vec![operand.expr] }, extent, operand.height)?;
        let suffixed = self.suffixes(applied)?;
        row.operands.push(suffixed);
        Ok(())
    }

    fn push_infix(&mut self, row: &mut Row, operator: &'static Operator) -> Parse<()> {
        if let Some(list) = self.junctions.last() {
            self.warn_of_near_miss(*list, operator);
        }
        let span = self.bump();
        while let Some(left) = row.operators.last() {
            let same = left.operator == operator && operator.associativity == Associativity::Left;
            if left.operator.low > operator.high || same {
                if let Some(pending) = row.operators.pop() {
                    self.reduce(row, pending)?;
                }
            } else if left.operator.high < operator.low {
                break;
            } else {
                return Err(self.conflict(left.operator, left.span, operator, span));
            }
        }
        row.operators.push(Pending { operator, span });
        Ok(())
    }

    /// Gives an operator its operands.
    fn reduce(&mut self, row: &mut Row, pending: Pending) -> Parse<()> {
        let Pending { operator, span } = pending;
        let Some(right) = row.operands.pop() else { return Err(Reported) };
        let op = Ident { name: self.name(operator.symbol), span };
        let reduced = if operator.fixity == Fixity::Prefix {
            let extent = span.to(right.extent);
            self.applied(ExprKind::Apply { op, args: vec![right.expr] }, extent, right.height)?
        } else {
            let Some(left) = row.operands.pop() else { return Err(Reported) };
            let extent = left.extent.to(right.extent);
            let height = left.height.max(right.height);
            if operator.symbol == "\\X" {
                self.product(left, right, extent, height)?
            } else {
                self.applied(ExprKind::Apply { op, args: vec![left.expr, right.expr] }, extent, height)?
            }
        };
        row.operands.push(reduced);
        Ok(())
    }

    fn product(&mut self, left: Operand, right: Operand, extent: Span, height: usize) -> Parse<Operand> {
        let mut factors = match (*left.expr.kind, left.product) {
            (ExprKind::Product(factors), true) => factors,
            (kind, _) => vec![Expr::new(kind, left.expr.span)],
        };
        factors.push(right.expr);
        let operand = self.applied(ExprKind::Product(factors), extent, height)?;
        Ok(Operand { product: true, ..operand })
    }

    /// An operand made of others of this height.
    fn applied(&mut self, kind: ExprKind, extent: Span, height: usize) -> Parse<Operand> {
        if height >= MAX_DEPTH {
            return Err(self.too_deep(extent));
        }
        Ok(Operand { expr: Expr::new(kind, extent), extent, height: height + 1, product: false })
    }

    /// An operand with a label before it, if there is one.
    fn labelled_operand(&mut self, row: &Row) -> Parse<Operand> {
        let start = self.here();
        let operand = self.operand()?;
        if !self.is_mark(Mark::DoubleColon) {
            return Ok(operand);
        }
        let bare = operand.extent == operand.expr.span;
        let Some((name, params)) = label_of(&operand.expr).filter(|_| bare) else {
            let message = "only a name, or a name with names in parentheses, can be a label";
            let diagnostic = Diagnostic::error("not-a-label", operand.extent, message);
            return Err(self.report(diagnostic.remedy("A label has the form `name ::` or `name(x, y) ::`.")));
        };
        self.bump();
        self.enter()?;
        let body = self.row()?;
        self.leave();
        self.check_label(row, &body)?;
        let extent = self.since(start);
        self.applied(ExprKind::Label { name, params, body: body.expr }, extent, body.height)
    }

    /// A label must not change how the expression around it groups.
    fn check_label(&mut self, row: &Row, body: &Operand) -> Parse<()> {
        let Some(outer) = row.operators.last() else { return Ok(()) };
        let ExprKind::Apply { op, args } = &*body.expr.kind else { return Ok(()) };
        if args.len() == 1 && body.expr.span.start == op.span.start || body.extent != body.expr.span {
            return Ok(());
        }
        match operators::operator(&op.name) {
            Some(inner) if outer.operator.high >= inner.low => {
                let message = "without its label this expression would group differently";
                let diagnostic = Diagnostic::error("label-changes-grouping", body.extent, message);
                Err(self.report(diagnostic.remedy("Put the labelled expression into parentheses.")))
            }
            _ => Ok(()),
        }
    }

    /// An operand with its applications `[…]` and fields `.name`.
    fn operand(&mut self) -> Parse<Operand> {
        let start = self.here();
        let first = self.kind();
        let outer_height = std::mem::replace(&mut self.height, 0);
        let expr = self.atom()?;
        let height = std::mem::replace(&mut self.height, outer_height) + 1;
        if height > MAX_DEPTH {
            return Err(self.too_deep(start));
        }
        let operand = Operand { expr, extent: self.since(start), height, product: false };
        let open = matches!(
            first,
            Kind::Keyword(Keyword::If | Keyword::Case | Keyword::Let | Keyword::Choose)
                | Kind::Mark(Mark::Forall | Mark::Exists | Mark::TemporalForall | Mark::TemporalExists)
        );
        if open { Ok(operand) } else { self.suffixes(operand) }
    }

    fn suffixes(&mut self, mut operand: Operand) -> Parse<Operand> {
        loop {
            if self.is_mark(Mark::Dot) {
                self.bump();
                let field = self.field_name()?;
                let extent = operand.extent.to(field.span);
                operand = self.applied(ExprKind::Field { record: operand.expr, field }, extent, operand.height)?;
            } else if self.is_mark(Mark::LeftSquare) {
                operand = self.function_application(operand)?;
            } else {
                return Ok(operand);
            }
        }
    }

    fn function_application(&mut self, operand: Operand) -> Parse<Operand> {
        let open = self.at;
        self.bump();
        let outer_height = std::mem::replace(&mut self.height, operand.height);
        let args = self.comma_list(Self::expression)?;
        let end = self.expect_close(Mark::RightSquare, open, "`,` or `]` after an argument")?;
        let height = std::mem::replace(&mut self.height, outer_height);
        let extent = operand.extent.to(end);
        self.applied(ExprKind::FunctionApply { function: operand.expr, args }, extent, height)
    }

    /// The name of a record field, which may be a reserved word.
    pub(super) fn field_name(&mut self) -> Parse<Ident> {
        if self.is_field_name(self.kind()) {
            return Ok(self.bump_identifier());
        }
        Err(self.unexpected("the name of a record field"))
    }

    /// Whether a token can be the name of a record field: names, reserved words and operators that are words.
    pub(super) fn is_field_name(&self, kind: Kind) -> bool {
        match kind {
            Kind::Identifier | Kind::Keyword(_) => true,
            Kind::Operator(operator) => operator.symbol.starts_with(|first: char| first.is_ascii_alphabetic()),
            _ => false,
        }
    }

    fn conflict(&mut self, left: &Operator, left_span: Span, right: &Operator, right_span: Span) -> Reported {
        let (left_text, right_text) = (self.text_of(left_span), self.text_of(right_span));
        let message = if left == right {
            format!("`{right_text}` cannot be chained: it does not say how `a {right_text} b {right_text} c` groups")
        } else {
            format!("`{left_text}` and `{right_text}` have no order of precedence, so the grouping is unclear")
        };
        let remedy = match self.foreign_connective(left_span) {
            Some("&&") => "Conjunction is written `/\\`, not `&&`.",
            Some(_) => "Disjunction is written `\\/`, not `||`.",
            None => "Add parentheses around the part that belongs together.",
        };
        let diagnostic = Diagnostic::error("precedence-conflict", right_span, message).remedy(remedy);
        self.report(diagnostic.related(left_span, "conflicts with this operator"))
    }
}

impl<'a> Parser<'a> {
    /// A `&&` or `||` between the operator at this span and the parser's place. Both are operators of TLA+, but where
    /// they lead to a conflict, the connectives of other languages are meant.
    fn foreign_connective(&self, from: Span) -> Option<&'a str> {
        let tokens = self.tokens[..self.at].iter().rev().take_while(|token| token.start >= from.start);
        tokens.map(|token| self.text_of(self.span_of(*token))).find(|text| matches!(*text, "&&" | "||"))
    }
}

/// Name and parameters, if an expression has the form of a label.
fn label_of(expr: &Expr) -> Option<(Ident, Vec<Ident>)> {
    let ExprKind::Apply { op, args } = &*expr.kind else { return None };
    if operators::operator(&op.name).is_some() {
        return None;
    }
    let params = args.iter().map(plain_name).collect::<Option<_>>()?;
    Some((op.clone(), params))
}

fn plain_name(expr: &Expr) -> Option<Ident> {
    match &*expr.kind {
        ExprKind::Apply { op, args } if args.is_empty() => Some(op.clone()),
        _ => None,
    }
}
