//! Declarations: variables, `define`, macros, procedures, processes.

use super::{Parser, Remarks};
use crate::ast::{Macro, Procedure, Process, ProcessFairness, Statement, Variable};
use crate::error::{Outcome, Problem};
use crate::expression::{Expression, Kind, Token};
use crate::lexer::Lexeme;

impl Parser<'_> {
    /// A name that is being declared.
    pub(super) fn name(&mut self, what: &str) -> Outcome<Lexeme> {
        let token = self.take()?;
        if token.kind == Kind::Identifier { Ok(token) } else { Err(self.complaint(&token, what)) }
    }

    /// One declared variable; `\in` only where `sets` says so.
    pub(super) fn variable(&mut self, sets: bool) -> Outcome<Variable> {
        let name = self.name("the name of a variable")?;
        let with_value = if sets { self.next_is_one_of(&["=", "\\in", "∈"])? } else { self.next_is("=")? };
        if with_value {
            let is_equal = self.equal_or_in()?;
            let value = self.some_expression("the initial value")?;
            return Ok(Variable { name: name.text, place: name.place, is_equal, value });
        }
        self.default_values = true;
        let value = Expression::new(vec![vec![Token::new("defaultInitValue", 0, Kind::Builtin)]]);
        Ok(Variable { name: name.text, place: name.place, is_equal: true, value })
    }

    pub(super) fn definitions(&mut self) -> Outcome<Expression> {
        self.expect("define")?;
        if self.is_c() {
            self.expect("{")?;
        }
        let definitions = self.expression()?;
        self.expect_end("define")?;
        self.semicolon()?;
        Ok(definitions)
    }

    pub(super) fn macro_definition(&mut self, macros: &[Macro]) -> Outcome<Macro> {
        let place = self.expect("macro")?;
        self.in_macro = true;
        let name = self.name("the name of a macro")?;
        if macros.iter().any(|other| other.name == name.text) {
            let message = format!("the macro `{}` is defined twice", name.text);
            return Err(Problem::new("pluscal-redefined", name.place, message, "rename one of them").over(&name.text));
        }
        let parameters = self.list(|parser| Ok(parser.name("a parameter")?.text))?;
        self.expect_begin()?;
        let mut body = self.statements()?;
        self.expect_end("macro")?;
        self.optional_semicolon()?;
        crate::macros::expand(&mut body, macros)?;
        self.in_macro = false;
        Ok(Macro { name: name.text, place, parameters, body })
    }

    /// A list in parentheses, separated by commas.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Outcome<T>) -> Outcome<Vec<T>> {
        self.expect("(")?;
        let mut items = Vec::new();
        while !self.next_is(")")? {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(item(self)?);
        }
        self.expect(")")?;
        Ok(items)
    }

    pub(super) fn procedure(&mut self) -> Outcome<(Procedure, Vec<Statement>)> {
        let place = self.expect("procedure")?;
        let name = self.name("the name of a procedure")?.text;
        self.procedure = Some(name.clone());
        self.remarks = Remarks::default();
        let parameters = self.list(|parser| parser.variable(false))?;
        let mut variables = Vec::new();
        if self.next_is_one_of(&["variable", "variables"])? {
            self.take()?;
            while !self.next_is_one_of(&["begin", "{"])? {
                variables.push(self.variable(false)?);
                self.comma_or_semicolon()?;
            }
        }
        self.expect_begin()?;
        let body = self.statements()?;
        self.expect_end("procedure")?;
        self.optional_semicolon()?;
        self.procedure = None;
        let remarks = std::mem::take(&mut self.remarks);
        Ok((Procedure { name, place, parameters, variables, body: Vec::new(), remarks }, body))
    }

    pub(super) fn process(&mut self, fairness: ProcessFairness) -> Outcome<(Process, Vec<Statement>)> {
        let place = self.expect("process")?;
        if self.is_c() {
            self.expect("(")?;
        }
        let name = self.name("the name of a process")?.text;
        let is_single = self.equal_or_in()?;
        let id = self.some_expression("the identifier of the process")?;
        self.remarks = Remarks::default();
        if self.is_c() {
            self.expect(")")?;
        }
        let variables = if self.next_is_one_of(&["variable", "variables"])? { self.variables()? } else { Vec::new() };
        self.expect_begin()?;
        let body = self.statements()?;
        self.expect_end("process")?;
        self.optional_semicolon()?;
        let remarks = std::mem::take(&mut self.remarks);
        Ok((Process { name, place, fairness, is_single, id, variables, body: Vec::new(), remarks }, body))
    }
}
