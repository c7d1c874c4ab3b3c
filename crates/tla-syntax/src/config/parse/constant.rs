//! The lines under `CONSTANT(S)`: what a constant is, or what takes the place of a definition.
//!
//! Behind `=` stands a value as TLC reads it, and where that does not reach the next line, any constant expression.

use super::{ConfigParser, Reported};
use crate::ast::{Definition, DefinitionBody, Expr, Ident};
use crate::config::{ConstantAssignment, ConstantBinding};
use crate::diagnostic::Diagnostic;
use crate::parse::parse_expression;
use crate::parse::token::{Kind, Mark, Token};
use crate::source::Span;

impl ConfigParser<'_> {
    pub(super) fn constants(&mut self) -> Result<(), Reported> {
        while !self.at_end() && self.section().is_none() && !self.is_typo() {
            let start = self.here();
            if !self.is_name() {
                return Err(self.unexpected("the name of a constant"));
            }
            let name = self.compound_name()?;
            let binding = self.binding()?;
            let end = self.tokens[self.at - 1].end;
            let span = Span { end, ..start };
            self.config.constants.push(ConstantAssignment { name, binding, span });
        }
        Ok(())
    }

    fn binding(&mut self) -> Result<ConstantBinding, Reported> {
        match self.kind() {
            Kind::Mark(Mark::Substitute) => {
                self.bump();
                self.replacement()
            }
            Kind::Mark(Mark::LeftParen) => {
                self.bump();
                let args = self.values(Mark::RightParen)?;
                self.expect_equals()?;
                Ok(ConstantBinding::OperatorCase { args, value: self.value()? })
            }
            _ => {
                self.expect_equals()?;
                self.value_perhaps_in_module()
            }
        }
    }

    fn replacement(&mut self) -> Result<ConstantBinding, Reported> {
        if self.kind() != Kind::Mark(Mark::LeftSquare) {
            return Ok(ConstantBinding::Definition(self.definition_name()?));
        }
        self.bump();
        let module = self.definition_name()?;
        if self.kind() != Kind::Mark(Mark::RightSquare) {
            return Err(self.unexpected("`]` after the name of a module"));
        }
        self.bump();
        Ok(ConstantBinding::DefinitionIn { module, definition: self.definition_name()? })
    }

    fn definition_name(&mut self) -> Result<Ident, Reported> {
        if self.section().is_some() || !self.is_name() {
            let diagnostic = Diagnostic::error("config-syntax", self.here(), "the name of a definition is missing");
            return Err(self.report(diagnostic.remedy("Behind `<-` stands a definition, behind `=` a value.")));
        }
        self.compound_name()
    }

    fn expect_equals(&mut self) -> Result<(), Reported> {
        if matches!(self.kind(), Kind::Operator(operator) if operator.symbol == "=") {
            self.bump();
            return Ok(());
        }
        if self.kind() == Kind::Mark(Mark::Define) {
            let diagnostic = Diagnostic::error("config-syntax", self.here(), "a configuration assigns with `=`");
            return Err(self.report(diagnostic.remedy("Replace `==` by `=`.")));
        }
        Err(self.unexpected("`=` or `<-` after the name of a constant"))
    }

    /// A value, or `[Module]value`.
    fn value_perhaps_in_module(&mut self) -> Result<ConstantBinding, Reported> {
        let kinds = [1, 2].map(|distance| self.tokens.get(self.at + distance).map(|token| token.kind));
        let scoped = kinds == [Some(Kind::Identifier), Some(Kind::Mark(Mark::RightSquare))];
        if self.kind() != Kind::Mark(Mark::LeftSquare) || !scoped {
            return self.value_or_expression();
        }
        self.bump();
        let module = self.definition_name()?;
        self.bump();
        Ok(ConstantBinding::ValueIn { module, value: self.value()? })
    }

    /// A value as TLC reads it; an expression where that does not go as far as to the next line of the section.
    fn value_or_expression(&mut self) -> Result<ConstantBinding, Reported> {
        let (start, reported) = (self.at, self.diagnostics.len());
        // `IF N = 3 THEN …` would read as the model value `IF` and the constant `N`.
        let begins_expression = matches!(self.kind(), Kind::Keyword(_))
            && !matches!(self.word(), "TRUE" | "FALSE" | "BOOLEAN" | "STRING")
            && self.section().is_none();
        let value = self.value();
        if let Ok(value) = &value
            && !begins_expression
            && self.is_end_of_value()
        {
            return Ok(ConstantBinding::Value(value.clone()));
        }
        if value.is_err() && (start == self.tokens.len() - 1 || self.is_section_at(start)) {
            return Err(Reported);
        }
        let refused = self.diagnostics.split_off(reported);
        let reached = self.here().start;
        self.at = start;
        match parse_expression(self.text, self.file, &self.tokens_up_to_replacement(), start) {
            Ok((expr, end)) => {
                self.at = end;
                if self.is_end_of_value() {
                    return Ok(ConstantBinding::Definition(self.named_by_text(start, expr)));
                }
                Err(self.unexpected("the next constant, or the end of the expression"))
            }
            Err(wrong) => {
                let further = |diagnostic: &Diagnostic| diagnostic.span.is_none_or(|span| span.start > reached);
                let use_expression = value.is_ok() || wrong.iter().any(further);
                self.diagnostics.extend(if use_expression { wrong } else { refused });
                Err(Reported)
            }
        }
    }

    /// The tokens as far as an expression can go: not into the next section, and not to what stands before the next `<-`,
    /// perhaps an operator, which is replaced.
    fn tokens_up_to_replacement(&self) -> Vec<Token> {
        let is = |at: usize, mark: Mark| self.tokens[at].kind == Kind::Mark(mark);
        let stops = |at: &usize| is(*at, Mark::Substitute) || self.is_section_at(*at);
        let Some(mut end) = (self.at + 1..self.tokens.len()).find(stops) else { return self.tokens.clone() };
        if is(end, Mark::Substitute) {
            end = (end - 1).max(self.at);
            while end > self.at + 1 && is(end - 1, Mark::Bang) {
                end -= 2;
            }
        }
        let mut tokens = self.tokens[..end].to_vec();
        tokens.push(Token { kind: Kind::End, ..self.tokens[end] });
        tokens
    }

    /// Whether the next constant begins at this place, or another section.
    fn is_end_of_value(&self) -> bool {
        if self.at_end() || self.section().is_some() || self.is_typo() {
            return true;
        }
        let mut at = self.at;
        let kind = |at: usize| self.tokens.get(at).map_or(Kind::End, |token| token.kind);
        let is_name = |kind: Kind| matches!(kind, Kind::Identifier | Kind::Keyword(_) | Kind::Operator(_));
        if !is_name(kind(at)) {
            // A stray token is no part of a value; the section says what it expects.
            return !matches!(kind(at), Kind::Mark(Mark::LeftParen | Mark::LeftSquare | Mark::Bang));
        }
        while kind(at + 1) == Kind::Mark(Mark::Bang) && is_name(kind(at + 2)) {
            at += 2;
        }
        match kind(at + 1) {
            // No expression goes on with an operator and one of these.
            Kind::Mark(Mark::Substitute | Mark::Define) => true,
            Kind::Operator(operator) if operator.symbol == "=" => true,
            Kind::Mark(Mark::LeftParen) => !matches!(kind(at), Kind::Operator(_)),
            // An identifier with something else behind it cannot go on with a value either.
            _ => matches!(kind(at), Kind::Identifier),
        }
    }

    /// Makes a definition of an expression, for the constant to be bound to.
    fn named_by_text(&mut self, start: usize, expr: Expr) -> Ident {
        let end = self.tokens[self.at - 1].end;
        let span = Span { file: self.file, start: self.tokens[start].start, end: end.max(expr.span.end) };
        let words: Vec<&str> = self.text[span.start as usize..span.end as usize].split_whitespace().collect();
        let name = Ident { name: words.join(" ").into(), span };
        if !self.config.expressions.iter().any(|known| known.name.name == name.name) {
            self.config.expressions.push(Definition {
                name: name.clone(),
                params: Vec::new(),
                body: DefinitionBody::Operator(expr),
                local: false,
                span,
            });
        }
        name
    }
}
