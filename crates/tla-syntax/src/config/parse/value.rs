//! Values that need no module to be read: numbers, strings, sets, tuples, records, model values.

use super::{ConfigParser, Reported};
use crate::ast::Name;
use crate::config::ConfigValue;
use crate::diagnostic::Diagnostic;
use crate::parse::token::{Kind, Mark};
use crate::parse::unescape;

/// Values may be nested this deep.
const MAX_DEPTH: usize = 200;

impl ConfigParser<'_> {
    /// Values separated by commas up to a closing bracket.
    pub(super) fn values(&mut self, close: Mark) -> Result<Vec<ConfigValue>, Reported> {
        let mut values = Vec::new();
        if self.kind() != Kind::Mark(close) {
            values.push(self.value()?);
            while self.kind() == Kind::Mark(Mark::Comma) {
                self.bump();
                values.push(self.value()?);
            }
        }
        if self.kind() != Kind::Mark(close) {
            let expected = format!("`,` or `{}`", close.spelling());
            return Err(self.unexpected(&expected));
        }
        self.bump();
        Ok(values)
    }

    pub(super) fn value(&mut self) -> Result<ConfigValue, Reported> {
        if self.depth >= MAX_DEPTH {
            let message = format!("values are nested more than {MAX_DEPTH} deep here");
            let diagnostic = Diagnostic::error("nesting-too-deep", self.here(), message);
            return Err(self.report(diagnostic));
        }
        self.depth += 1;
        let value = self.value_inside();
        self.depth -= 1;
        value
    }

    fn value_inside(&mut self) -> Result<ConfigValue, Reported> {
        if self.section().is_some() {
            return Err(self.unexpected("a value"));
        }
        match self.kind() {
            Kind::Number => self.integer_or_interval(),
            Kind::Operator(operator) if operator.symbol == "-" => self.integer_or_interval(),
            Kind::String => {
                let text = unescape(self.word());
                self.bump();
                Ok(ConfigValue::String(text.into()))
            }
            Kind::Mark(Mark::LeftBrace) => {
                self.bump();
                Ok(ConfigValue::Set(self.values(Mark::RightBrace)?))
            }
            Kind::Mark(Mark::LeftAngle) => {
                self.bump();
                Ok(ConfigValue::Tuple(self.values(Mark::RightAngle)?))
            }
            Kind::Mark(Mark::LeftSquare) => self.record(),
            Kind::Identifier | Kind::Keyword(_) => {
                let name = self.name();
                self.bump();
                Ok(match &*name {
                    "TRUE" => ConfigValue::Bool(true),
                    "FALSE" => ConfigValue::Bool(false),
                    _ => ConfigValue::ModelValue(name),
                })
            }
            _ => Err(self.unexpected("a value: a number, a string, TRUE, FALSE, a set or a model value")),
        }
    }

    fn record(&mut self) -> Result<ConfigValue, Reported> {
        self.bump();
        let mut fields = Vec::new();
        loop {
            if !self.is_name() {
                return Err(self.unexpected("the name of a record field"));
            }
            let field = self.name();
            self.bump();
            if self.kind() != Kind::Mark(Mark::MapsTo) {
                return Err(self.unexpected("`|->` after the name of a record field"));
            }
            self.bump();
            fields.push((field, self.value()?));
            match self.kind() {
                Kind::Mark(Mark::Comma) => self.bump(),
                Kind::Mark(Mark::RightSquare) => break,
                _ => return Err(self.unexpected("`,` or `]`")),
            };
        }
        self.bump();
        Ok(ConfigValue::Record(fields))
    }

    fn integer_or_interval(&mut self) -> Result<ConfigValue, Reported> {
        let low = self.integer()?;
        if !matches!(self.kind(), Kind::Operator(operator) if operator.symbol == "..") {
            return Ok(ConfigValue::Int(low));
        }
        self.bump();
        Ok(ConfigValue::Interval(low, self.integer()?))
    }

    fn integer(&mut self) -> Result<Name, Reported> {
        let negative = matches!(self.kind(), Kind::Operator(operator) if operator.symbol == "-");
        if negative {
            self.bump();
        }
        if self.kind() != Kind::Number || self.word().starts_with('\\') {
            return Err(self.unexpected("a decimal number"));
        }
        let digits = self.word().trim_start_matches('0');
        let number = match (digits.is_empty(), negative) {
            (true, _) => "0".to_owned(),
            (false, true) => format!("-{digits}"),
            (false, false) => digits.to_owned(),
        };
        self.bump();
        Ok(number.into())
    }
}
