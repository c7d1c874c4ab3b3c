//! Operands: literals, names, parentheses, and the constructs that begin with a reserved word or a quantifier.
//!
//! The constructs that have no closing symbol (`IF`, `CASE`, `LET`, `CHOOSE` and the quantifiers) reach as far to the
//! right as they can, so nothing ever follows them in the same row.

use super::cursor::{OpenList, Parse, Parser};
use super::lexer::based_number_radix;
use super::token::{Keyword, Kind, Mark};
use crate::ast::{Bound, Expr, ExprKind, Ident, Junction, Pattern, Quantifier};
use crate::diagnostic::Diagnostic;
use crate::operators::{Fixity, Operator};
use crate::source::Span;
use num_bigint::BigUint;

/// Longest number that is read; the bound only keeps a damaged file from costing minutes.
const MAX_DIGITS: usize = 10_000;

/// How many columns beside a list's bullets look like a slip.
const NEAR_MISS: u32 = 2;

impl Parser<'_> {
    /// The operand at this place without what is applied to it.
    pub(super) fn atom(&mut self) -> Parse<Expr> {
        match self.kind() {
            Kind::Identifier if self.layout.definition_at(self.at).is_none() => self.compound_name(),
            Kind::Number => self.number(),
            Kind::Decimal => self.decimal(),
            Kind::String => self.string(),
            Kind::Operator(operator) => self.operator_atom(operator),
            Kind::Mark(mark) => self.mark_atom(mark),
            Kind::Keyword(keyword) => self.keyword_atom(keyword),
            Kind::ProofStep if self.in_proof && !self.text_of(self.here()).ends_with('.') => self.compound_name(),
            Kind::Identifier
            | Kind::ProofStep
            | Kind::ModuleStart
            | Kind::ModuleEnd
            | Kind::Separator
            | Kind::Unknown
            | Kind::End
            | Kind::Outdented => Err(self.unexpected("an expression")),
        }
    }

    /// A junction list, or an operator symbol used like a name: `+(1, 2)`.
    fn operator_atom(&mut self, operator: &'static Operator) -> Parse<Expr> {
        match operator.symbol {
            "/\\" if self.is_bullet(operator) => return self.junction_list(Junction::And, operator),
            "\\/" if self.is_bullet(operator) => return self.junction_list(Junction::Or, operator),
            _ => {}
        }
        let like_name = operator.fixity != Fixity::Prefix || operator.symbol == "-.";
        if like_name && matches!(self.peek(1), Kind::Mark(Mark::LeftParen | Mark::Bang)) {
            return self.compound_name();
        }
        Err(self.unexpected("an expression"))
    }

    fn mark_atom(&mut self, mark: Mark) -> Parse<Expr> {
        match mark {
            Mark::LeftParen => self.parenthesised(),
            Mark::LeftBrace => self.braces(),
            Mark::LeftSquare => self.square_brackets(),
            Mark::LeftAngle => self.angle_brackets(),
            Mark::Forall => self.quantified(Quantifier::Forall),
            Mark::Exists => self.quantified(Quantifier::Exists),
            Mark::TemporalForall => self.temporal_quantified(Quantifier::Forall),
            Mark::TemporalExists => self.temporal_quantified(Quantifier::Exists),
            Mark::At => {
                let span = self.bump();
                Ok(Expr::new(ExprKind::At, span))
            }
            Mark::Comma
            | Mark::Colon
            | Mark::DoubleColon
            | Mark::Dot
            | Mark::Underscore
            | Mark::Define
            | Mark::RightParen
            | Mark::RightSquare
            | Mark::RightSquareSub
            | Mark::RightBrace
            | Mark::RightAngle
            | Mark::RightAngleSub
            | Mark::Bang
            | Mark::Arrow
            | Mark::Substitute
            | Mark::MapsTo => Err(self.unexpected("an expression")),
        }
    }

    fn keyword_atom(&mut self, keyword: Keyword) -> Parse<Expr> {
        match keyword {
            Keyword::If => self.if_then_else(),
            Keyword::Case => self.case(),
            Keyword::Let => self.let_in(),
            Keyword::Choose => self.choose(),
            Keyword::WeakFairness => self.fairness(false),
            Keyword::StrongFairness => self.fairness(true),
            Keyword::Lambda => {
                let message = "LAMBDA can only stand as the argument of an operator or behind `<-`";
                let remedy = "Define an operator with LET and use its name.";
                let diagnostic = Diagnostic::error("misplaced-lambda", self.here(), message).remedy(remedy);
                Err(self.report(diagnostic))
            }
            _ => Err(self.unexpected("an expression")),
        }
    }

    fn parenthesised(&mut self) -> Parse<Expr> {
        let open = self.at;
        self.bump();
        let inner = self.expression()?;
        self.expect_close(Mark::RightParen, open, "`)`")?;
        Ok(inner)
    }

    /// Whether the token at this place is a bullet of the kind given by this operator; `\land` and `\lor` are none.
    fn is_bullet(&self, operator: &'static Operator) -> bool {
        self.token().kind == Kind::Operator(operator) && matches!(self.text_of(self.here()), "/\\" | "\\/" | "∧" | "∨")
    }

    /// A list of bullets in one column. Any token in or left of that column ends the item before it.
    fn junction_list(&mut self, junction: Junction, operator: &'static Operator) -> Parse<Expr> {
        let start = self.here();
        let column = self.token().column;
        self.junctions.push(OpenList { column, bullet: self.at });
        let mut items = Vec::new();
        while self.token().column == column && self.is_bullet(operator) {
            if let Some(list) = self.junctions.last_mut() {
                list.bullet = self.at;
            }
            self.bump();
            items.push(self.expression()?);
        }
        if let Some(list) = self.junctions.pop() {
            self.warn_of_near_miss(list, operator);
        }
        Ok(Expr::new(ExprKind::Junction { junction, items }, self.since(start)))
    }

    /// Warns if the bullet-like operator at this place stands so nearly under the bullets of a list that it is probably
    /// meant to be one. It is none: to the right it continues the item, to the left it takes the list as its operand.
    pub(super) fn warn_of_near_miss(&mut self, list: OpenList, operator: &'static Operator) {
        let token = self.token();
        let bullet = self.tokens[list.bullet];
        let near = (1..=NEAR_MISS).contains(&token.column.abs_diff(list.column));
        let alike = token.kind == Kind::Operator(operator) && bullet.kind == token.kind && self.is_bullet(operator);
        let bullet = self.span_of(bullet);
        let warned = self.diagnostics.last().is_some_and(|last| last.related.iter().any(|(span, _)| *span == bullet));
        if !token.first_on_line || !near || !alike || warned || self.kind() == Kind::Outdented {
            return;
        }
        let text = self.text_of(self.here());
        let message = format!("this `{text}` does not stand under the `{text}` of the list, so it is no item of it");
        let diagnostic = Diagnostic::error("misaligned-bullet", self.here(), message).warning();
        let remedy = format!("Put it into column {}, or indent it further if it continues the item.", list.column);
        let diagnostic = diagnostic.remedy(remedy).related(bullet, "the list has its items here");
        self.diagnostics.push(diagnostic);
    }

    fn if_then_else(&mut self) -> Parse<Expr> {
        let start = self.bump();
        let condition = self.expression()?;
        self.expect_keyword(Keyword::Then, "after the condition of IF")?;
        let then = self.expression()?;
        self.expect_keyword(Keyword::Else, "after the THEN branch (in TLA+ every IF has an ELSE)")?;
        let otherwise = self.expression()?;
        Ok(Expr::new(ExprKind::If { condition, then, otherwise }, self.since(start)))
    }

    fn case(&mut self) -> Parse<Expr> {
        let start = self.bump();
        let mut arms = vec![self.case_arm()?];
        let mut other = None;
        while other.is_none() && self.is_operator("[]") {
            self.bump();
            if self.eat_keyword(Keyword::Other) {
                self.expect_mark(Mark::Arrow, "after OTHER")?;
                other = Some(self.expression()?);
            } else {
                arms.push(self.case_arm()?);
            }
        }
        Ok(Expr::new(ExprKind::Case { arms, other }, self.since(start)))
    }

    fn case_arm(&mut self) -> Parse<(Expr, Expr)> {
        let guard = self.expression()?;
        self.expect_mark(Mark::Arrow, "after the guard of a CASE arm")?;
        Ok((guard, self.expression()?))
    }

    fn choose(&mut self) -> Parse<Expr> {
        let start = self.bump();
        let pattern = self.pattern()?;
        let set = if self.is_operator("\\in") {
            self.bump();
            Some(self.expression()?)
        } else {
            None
        };
        self.expect_mark(Mark::Colon, "in CHOOSE")?;
        let body = self.expression()?;
        Ok(Expr::new(ExprKind::Choose { pattern, set, body }, self.since(start)))
    }

    fn quantified(&mut self, quantifier: Quantifier) -> Parse<Expr> {
        let start = self.bump();
        let bounds = if self.is_bound() { self.bounds()? } else { vec![self.unbounded()?] };
        self.expect_mark(Mark::Colon, "after the bound names")?;
        let body = self.expression()?;
        Ok(Expr::new(ExprKind::Quantified { quantifier, bounds, body }, self.since(start)))
    }

    fn unbounded(&mut self) -> Parse<Bound> {
        let names = self.comma_list(|parser| parser.identifier("the name of a bound variable"))?;
        Ok(Bound { patterns: names.into_iter().map(Pattern::Name).collect(), set: None })
    }

    fn temporal_quantified(&mut self, quantifier: Quantifier) -> Parse<Expr> {
        let start = self.bump();
        let variables = self.comma_list(|parser| parser.identifier("the name of a bound variable"))?;
        self.expect_mark(Mark::Colon, "after the bound names")?;
        let body = self.expression()?;
        Ok(Expr::new(ExprKind::TemporalQuantified { quantifier, variables, body }, self.since(start)))
    }

    /// Whether `x, y \in` or `<<x, y>> \in` stands at this place.
    pub(super) fn is_bound(&self) -> bool {
        let tuple = self.peek(0) == Kind::Mark(Mark::LeftAngle);
        let mut distance = usize::from(tuple);
        loop {
            if self.peek(distance) != Kind::Identifier {
                return false;
            }
            match self.peek(distance + 1) {
                Kind::Mark(Mark::Comma) => distance += 2,
                Kind::Mark(Mark::RightAngle) if tuple => return is_membership(self.peek(distance + 2)),
                kind => return !tuple && is_membership(kind),
            }
        }
    }

    /// `x, y \in S, <<a, b>> \in T`.
    pub(super) fn bounds(&mut self) -> Parse<Vec<Bound>> {
        self.comma_list(Self::bound)
    }

    fn bound(&mut self) -> Parse<Bound> {
        let mut patterns = vec![self.pattern()?];
        while matches!(patterns[0], Pattern::Name(_)) && self.eat_mark(Mark::Comma) {
            patterns.push(Pattern::Name(self.identifier("the name of a bound variable")?));
        }
        self.expect_membership()?;
        Ok(Bound { patterns, set: Some(self.expression()?) })
    }

    /// `x` or `<<x, y>>`.
    pub(super) fn pattern(&mut self) -> Parse<Pattern> {
        if !self.is_mark(Mark::LeftAngle) {
            return Ok(Pattern::Name(self.identifier("the name of a bound variable")?));
        }
        let open = self.at;
        self.bump();
        let names = self.comma_list(|parser| parser.identifier("the name of a bound variable"))?;
        self.expect_close(Mark::RightAngle, open, "`,` or `>>` after a bound variable")?;
        Ok(Pattern::Tuple(names))
    }

    pub(super) fn expect_membership(&mut self) -> Parse<Span> {
        if self.is_operator("\\in") {
            return Ok(self.bump());
        }
        Err(self.unexpected("`\\in` after a bound variable"))
    }

    fn number(&mut self) -> Parse<Expr> {
        let span = self.bump();
        let text = self.text_of(span);
        if text.len() > MAX_DIGITS {
            let message = format!("this number has more than {MAX_DIGITS} digits");
            return Err(self.report(Diagnostic::error("number-too-long", span, message)));
        }
        let digits = match based_number_radix(text) {
            Some(radix) => BigUint::parse_bytes(&text.as_bytes()[2..], radix).unwrap_or_default().to_string(),
            None => text.trim_start_matches('0').to_owned(),
        };
        let digits = if digits.is_empty() { "0" } else { &digits };
        Ok(Expr::new(ExprKind::Number(digits.into()), span))
    }

    fn decimal(&mut self) -> Parse<Expr> {
        let span = self.bump();
        let name = self.name(self.text_of(span));
        Ok(Expr::new(ExprKind::Decimal(name), span))
    }

    fn string(&mut self) -> Parse<Expr> {
        let span = self.bump();
        let text = unescape(self.text_of(span));
        Ok(Expr::new(ExprKind::String(text.into()), span))
    }

    /// `LAMBDA x, y : e`.
    pub(super) fn lambda(&mut self) -> Parse<Expr> {
        let start = self.bump();
        let params: Vec<Ident> = self.comma_list(|parser| parser.identifier("the name of a parameter"))?;
        self.expect_mark(Mark::Colon, "after the parameters of LAMBDA")?;
        let body = self.expression()?;
        Ok(Expr::new(ExprKind::Lambda { params, body }, self.since(start)))
    }
}

fn is_membership(kind: Kind) -> bool {
    matches!(kind, Kind::Operator(operator) if operator.symbol == "\\in")
}

/// The text of a string literal without its quotes and escapes.
pub(crate) fn unescape(literal: &str) -> String {
    let inner = literal.strip_prefix('"').unwrap_or(literal);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let plain = if character == '\\' { characters.next().map(escaped) } else { Some(character) };
        text.extend(plain);
    }
    text
}

fn escaped(character: char) -> char {
    match character {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'f' => '\u{c}',
        other => other,
    }
}
