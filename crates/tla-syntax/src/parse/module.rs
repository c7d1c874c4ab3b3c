//! Modules and their units.
//!
//! A unit with a mistake is given up as a whole; parsing goes on where the next unit begins. A unit begins with a
//! reserved word or with a definition's head, first on its line and no further right than the failed unit began, so
//! that the definitions of a `LET` are not taken for units.

use super::cursor::{Parse, Parser};
use super::token::{Keyword, Kind, Mark};
use crate::ast::{Assume, Ident, Module, Unit};
use crate::diagnostic::Diagnostic;
use crate::operators::Fixity;

/// More errors than these in one module are not shown: they would hardly be read.
const MAX_ERRORS: usize = 20;

impl Parser<'_> {
    /// `---- MODULE M ---- … ====`.
    pub(super) fn module(&mut self) -> Parse<Module> {
        self.enter()?;
        let start = self.bump();
        let name = self.module_name()?;
        if self.kind() == Kind::Separator {
            self.bump();
        } else {
            self.unexpected("`----` after the name of the module");
            while !self.token().first_on_line && self.token().kind != Kind::End {
                self.bump();
            }
        }
        let mut extends = Vec::new();
        self.unit_column = self.token().column;
        if self.eat_keyword(Keyword::Extends) {
            let list = self.declared_list("modules", Self::module_name);
            extends = list.unwrap_or_else(|_| {
                self.recover(1);
                Vec::new()
            });
        }
        let units = self.units();
        if self.kind() == Kind::ModuleEnd {
            self.bump();
        } else if self.errors < MAX_ERRORS {
            self.unexpected("`====` at the end of the module");
        }
        self.leave();
        Ok(Module { name, extends, units, span: self.since(start) })
    }

    fn units(&mut self) -> Vec<Unit> {
        let mut units = Vec::new();
        loop {
            match self.kind() {
                Kind::End | Kind::ModuleEnd => return units,
                Kind::Separator => {
                    self.bump();
                }
                _ if self.errors >= MAX_ERRORS => return units,
                _ => self.unit_or_recover(&mut units),
            }
        }
    }

    fn unit_or_recover(&mut self, units: &mut Vec<Unit>) {
        let (column, depth, before) = (self.token().column, self.depth, self.at);
        self.unit_column = column;
        match self.unit() {
            Ok(unit) => units.extend(unit),
            Err(_) => {
                self.junctions.clear();
                self.depth = depth;
                if self.at == before {
                    self.bump();
                }
                self.recover(column);
            }
        }
    }

    /// Goes to the next token that can begin a unit.
    fn recover(&mut self, column: u32) {
        loop {
            let token = self.token();
            let begins = match token.kind {
                Kind::End | Kind::ModuleEnd | Kind::ModuleStart | Kind::Separator => return,
                Kind::Keyword(keyword) => keyword.begins_unit() || self.peek(1) == Kind::Mark(Mark::Define),
                _ => self.layout.definition_at(self.at).is_some() || self.is_botched_definition(),
            };
            if begins && token.first_on_line && token.column <= column {
                return;
            }
            self.bump();
        }
    }

    /// Whether `name = …` stands here, which is meant to be a definition if it begins a line at the left.
    pub(super) fn is_botched_definition(&self) -> bool {
        let equals = matches!(self.peek(1), Kind::Operator(operator) if operator.symbol == "=");
        self.token().kind == Kind::Identifier && equals
    }

    /// One unit; `USE` and `HIDE` leave none.
    fn unit(&mut self) -> Parse<Option<Unit>> {
        let unit = match self.kind() {
            Kind::Keyword(keyword) => return self.keyword_unit(keyword),
            Kind::ModuleStart => Unit::Module(self.module()?),
            Kind::Identifier => Unit::Definition(self.definition()?),
            Kind::Operator(operator) if operator.fixity == Fixity::Prefix => Unit::Definition(self.definition()?),
            _ => return Err(self.unexpected("a declaration or a definition")),
        };
        Ok(Some(unit))
    }

    fn keyword_unit(&mut self, keyword: Keyword) -> Parse<Option<Unit>> {
        let unit = match keyword {
            Keyword::Variable => {
                self.bump();
                Unit::Variables(self.declared_list("variables", |parser| parser.identifier("the name of a variable"))?)
            }
            Keyword::Constant => {
                self.bump();
                Unit::Constants(self.declared_list("constants", Self::declaration)?)
            }
            Keyword::Recursive => Unit::Recursive(self.recursive()?),
            Keyword::Local if self.peek(1) == Kind::Keyword(Keyword::Instance) => {
                self.bump();
                Unit::Instance { local: true, instance: self.instance()? }
            }
            Keyword::Local => Unit::Definition(self.definition()?),
            Keyword::Instance => Unit::Instance { local: false, instance: self.instance()? },
            Keyword::Assume | Keyword::Assumption => Unit::Assume(self.assume()?),
            Keyword::Theorem | Keyword::Proposition => Unit::Theorem(self.theorem()?),
            Keyword::Use | Keyword::Hide => {
                let outer = std::mem::replace(&mut self.in_proof, true);
                let used = self.use_or_hide();
                self.in_proof = outer;
                return used.map(|()| None);
            }
            _ => return Err(self.unexpected("a declaration or a definition")),
        };
        Ok(Some(unit))
    }

    /// Names separated by commas; a name that follows without a comma is reported as just that.
    fn declared_list<T>(&mut self, what: &str, element: impl Fn(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        let mut list = self.comma_list(&element)?;
        while self.kind() == Kind::Identifier && self.is_forgotten_comma() {
            let message = format!("a comma is missing before `{}`", self.text_of(self.here()));
            let remedy = format!("Separate the {what} with commas.");
            self.report(Diagnostic::error("missing-comma", self.here(), message).remedy(remedy));
            list.extend(self.comma_list(&element)?);
        }
        Ok(list)
    }

    /// Whether the name at this place neither begins a definition nor looks like a botched one.
    fn is_forgotten_comma(&self) -> bool {
        let token = self.token();
        self.layout.definition_at(self.at).is_none()
            && (!token.first_on_line || token.column > self.unit_column)
            && matches!(
                self.peek(1),
                Kind::Identifier
                    | Kind::Mark(Mark::Comma)
                    | Kind::Keyword(_)
                    | Kind::Separator
                    | Kind::ModuleEnd
                    | Kind::End
            )
    }

    /// `ASSUME name == e`.
    fn assume(&mut self) -> Parse<Assume> {
        let start = self.bump();
        let name = self.statement_name();
        let expr = self.expression()?;
        Ok(Assume { name, expr, span: self.since(start) })
    }

    /// `name ==` before an assumption or a theorem.
    pub(super) fn statement_name(&mut self) -> Option<Ident> {
        if self.kind() == Kind::Identifier && self.peek(1) == Kind::Mark(Mark::Define) {
            let name = self.bump_identifier();
            self.bump();
            return Some(name);
        }
        None
    }
}
