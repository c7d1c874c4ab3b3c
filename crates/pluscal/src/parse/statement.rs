//! Statements, with their labels.

use super::Parser;
use crate::ast::{Assignment, At, Clause, Statement, StatementKind};
use crate::error::{Outcome, Problem};
use crate::expression::{Expression, Kind};
use crate::text::Place;

/// Words that begin a statement or end a list of them, hence are no labels.
const KEYWORDS: [&str; 16] = [
    "while", "if", "assert", "print", "else", "elsif", "either", "or", "end", "with", "when", "await", "skip", "call",
    "return", "goto",
];

fn statement(kind: StatementKind, place: Place) -> Statement {
    Statement { kind, at: At { place, called: None }, label: None }
}

impl Parser<'_> {
    /// A label, if one is next.
    fn label(&mut self) -> Outcome<Option<String>> {
        let token = self.look(0)?.clone();
        if KEYWORDS.contains(&token.text.as_str()) || token.kind == Kind::String {
            return Ok(None);
        }
        if !matches!(self.characters_ahead(), (':', second) if second != '=') {
            return Ok(None);
        }
        self.take()?;
        let complain = |message: &str, remedy: &str| {
            Err(Problem::new("pluscal-label", token.place, message, remedy).over(&token.text))
        };
        if self.in_macro {
            return complain("a label cannot stand in a macro", "put the label before the call of the macro");
        }
        if token.text == "Done" || token.text == "Error" {
            return complain(
                &format!("`{}` cannot be a label", token.text),
                "PlusCal uses it itself; choose another name",
            );
        }
        self.expect(":")?;
        self.labels.insert(token.text.clone());
        let suffixes = [("+", true), ("-", false)];
        for (suffix, strong) in suffixes {
            if self.next_is(suffix)? {
                self.take()?;
                let list = if strong { &mut self.remarks.plus } else { &mut self.remarks.minus };
                list.push(token.text.clone());
                self.needs_pc = true;
                break;
            }
        }
        Ok(Some(token.text))
    }

    /// Statements up to what ends them.
    pub(super) fn statements(&mut self) -> Outcome<Vec<Statement>> {
        let ends: &[&str] = if self.is_c() { &["}"] } else { &["end", "else", "elsif", "or"] };
        let mut statements = Vec::new();
        while !self.next_is_one_of(ends)? {
            statements.extend(self.c_statement()?);
        }
        if self.is_c() && statements.is_empty() {
            let place = self.look(0)?.place;
            return Err(Problem::new("pluscal-empty", place, "there is no statement here", "write `skip`"));
        }
        Ok(statements)
    }

    /// One statement with its label; in the c-syntax possibly a block, hence several.
    fn c_statement(&mut self) -> Outcome<Vec<Statement>> {
        let label = self.label()?;
        if !self.is_c() || !self.next_is("{")? {
            let one = self.statement()?;
            return Ok(vec![Statement { label, ..one }]);
        }
        self.expect("{")?;
        let mut statements = self.statements()?;
        self.expect("}")?;
        self.semicolon()?;
        if let (Some(label), Some(first)) = (label, statements.first_mut()) {
            if first.label.is_some() {
                let message = "this statement has two labels";
                let remedy = "remove one of them";
                return Err(Problem::new("pluscal-label", first.at.place, message, remedy));
            }
            first.label = Some(label);
        }
        Ok(statements)
    }

    fn statement(&mut self) -> Outcome<Statement> {
        let token = self.look(0)?.clone();
        match token.text.as_str() {
            "if" => self.if_statement(),
            "either" => self.either(),
            "with" => self.with(),
            "when" | "await" => self.simple("the condition", StatementKind::Await),
            "print" => self.simple("what to print", StatementKind::Print),
            "assert" => self.simple("the condition", StatementKind::Assert),
            "skip" => {
                let place = self.take()?.place;
                self.semicolon()?;
                Ok(statement(StatementKind::Skip, place))
            }
            "call" => self.call(),
            "return" => {
                let place = self.take()?.place;
                self.semicolon()?;
                Ok(statement(StatementKind::Return { from: self.procedure.clone() }, place))
            }
            "goto" => self.goto(),
            "while" => self.while_statement(),
            _ if self.characters_ahead().0 == '(' => self.macro_call(),
            _ => self.assignments(),
        }
    }

    /// A keyword with an expression.
    fn simple(&mut self, what: &str, kind: fn(Expression) -> StatementKind) -> Outcome<Statement> {
        let place = self.take()?.place;
        let expression = self.some_expression(what)?;
        self.semicolon()?;
        Ok(statement(kind(expression), place))
    }

    /// A test, in parentheses in the c-syntax.
    fn test(&mut self, what: &str) -> Outcome<Expression> {
        if self.is_c() {
            self.expect("(")?;
        }
        let test = self.some_expression(what)?;
        if self.is_c() {
            self.expect(")")?;
        }
        Ok(test)
    }

    fn if_statement(&mut self) -> Outcome<Statement> {
        let token = self.take()?;
        let test = self.test("the test")?;
        let (then, otherwise) = if self.is_c() {
            let then = self.c_statement()?;
            let otherwise = if self.next_is("else")? {
                self.take()?;
                self.c_statement()?
            } else {
                Vec::new()
            };
            (then, otherwise)
        } else {
            self.expect("then")?;
            let then = self.statements()?;
            let otherwise = self.otherwise()?;
            if token.text == "if" {
                self.expect("end")?;
                self.expect("if")?;
                self.semicolon()?;
            }
            (then, otherwise)
        };
        let (then, otherwise) = (Clause::unsorted(then), Clause::unsorted(otherwise));
        Ok(statement(StatementKind::LabelIf { test, then, otherwise }, token.place))
    }

    /// What follows the statements of `then` in the p-syntax.
    fn otherwise(&mut self) -> Outcome<Vec<Statement>> {
        let next = self.look(0)?.clone();
        match next.text.as_str() {
            "else" => {
                self.take()?;
                self.statements()
            }
            "elsif" => Ok(vec![self.if_statement()?]),
            "end" => Ok(Vec::new()),
            _ => Err(self.complaint(&next, "`else`, `elsif` or `end if`")),
        }
    }

    fn either(&mut self) -> Outcome<Statement> {
        let place = self.expect("either")?;
        let mut clauses = Vec::new();
        loop {
            let statements = if self.is_c() { self.c_statement()? } else { self.statements()? };
            if statements.is_empty() {
                let at = self.look(0)?.place;
                let message = "this alternative has no statement";
                return Err(
                    Problem::new("pluscal-empty", at, message, "write `skip`").related(place, "of this `either`")
                );
            }
            clauses.push(Clause::unsorted(statements));
            if !self.next_is("or")? {
                break;
            }
            self.take()?;
        }
        if !self.is_c() {
            self.expect("end")?;
            self.expect("either")?;
            self.semicolon()?;
        }
        if clauses.len() < 2 {
            let remedy = "add an alternative with `or`, or remove `either`";
            let message = "this `either` has no `or`";
            return Err(Problem::new("pluscal-either", place, message, remedy).over("either"));
        }
        Ok(statement(StatementKind::LabelEither(clauses), place))
    }

    fn with(&mut self) -> Outcome<Statement> {
        let place = self.expect("with")?;
        if self.is_c() {
            self.expect("(")?;
        }
        self.with_rest(place, true)
    }

    /// One variable of a `with` and what follows: further variables are `with` statements inside.
    fn with_rest(&mut self, start: Place, first: bool) -> Outcome<Statement> {
        let name = self.name("the variable of `with`")?;
        let is_equal = self.equal_or_in()?;
        let value = self.some_expression("the value or set of `with`")?;
        if !self.is_c() || !self.next_is(")")? {
            self.comma_or_semicolon()?;
        }
        let body = if !self.is_c() && self.next_is("do")? {
            self.take()?;
            let body = self.statements()?;
            self.expect("end")?;
            self.expect("with")?;
            self.semicolon()?;
            body
        } else if self.is_c() && self.next_is(")")? {
            self.take()?;
            self.c_statement()?
        } else {
            vec![self.with_rest(start, false)?]
        };
        if body.is_empty() {
            let message = "this `with` has no statement";
            return Err(Problem::new("pluscal-empty", start, message, "write `skip`").over("with"));
        }
        let place = if first { start } else { name.place };
        Ok(statement(StatementKind::With { name: name.text, is_equal, value, body }, place))
    }

    fn while_statement(&mut self) -> Outcome<Statement> {
        let place = self.expect("while")?;
        let test = self.test("the test")?;
        let body = if self.is_c() {
            self.c_statement()?
        } else {
            self.expect("do")?;
            let body = self.statements()?;
            self.expect("end")?;
            self.expect("while")?;
            self.semicolon()?;
            body
        };
        if body.is_empty() {
            let message = "this `while` has no statement";
            return Err(Problem::new("pluscal-empty", place, message, "write `skip`").over("while"));
        }
        Ok(statement(StatementKind::While { test, body: Clause::unsorted(body) }, place))
    }

    fn assignments(&mut self) -> Outcome<Statement> {
        let place = self.look(0)?.place;
        let mut all = vec![self.assignment()?];
        while self.next_is_one_of(&["||", "‖"])? {
            self.take()?;
            all.push(self.assignment()?);
        }
        self.semicolon()?;
        Ok(statement(StatementKind::Assign(all), place))
    }

    fn assignment(&mut self) -> Outcome<Assignment> {
        let variable = self.name("a statement")?;
        let subscript = self.expression()?;
        let token = self.take()?;
        if token.text != ":=" && token.text != "≔" {
            return Err(self.complaint(&token, &format!("`:=` of an assignment to `{}`", variable.text)));
        }
        let value = self.some_expression("the value of the assignment")?;
        let at = At { place: variable.place, called: None };
        Ok(Assignment { variable: variable.text, at, subscript, value })
    }

    fn arguments(&mut self) -> Outcome<Vec<Expression>> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        if self.ahead.is_empty() && self.characters_ahead().0 != ')' {
            loop {
                arguments.push(self.some_expression("an argument")?);
                if self.next_is(")")? {
                    break;
                }
                self.expect(",")?;
            }
        }
        self.expect(")")?;
        Ok(arguments)
    }

    fn macro_call(&mut self) -> Outcome<Statement> {
        let name = self.name("a statement")?;
        let arguments = self.arguments()?;
        self.semicolon()?;
        Ok(statement(StatementKind::MacroCall { name: name.text, arguments }, name.place))
    }

    fn goto(&mut self) -> Outcome<Statement> {
        let place = self.expect("goto")?;
        let label = self.target()?;
        self.semicolon()?;
        self.goto_done |= label == "Done";
        Ok(statement(StatementKind::Goto(label), place))
    }

    fn target(&mut self) -> Outcome<String> {
        let token = self.take()?;
        self.needs_pc = true;
        match token.kind {
            Kind::Identifier | Kind::String => Ok(token.text),
            Kind::Builtin | Kind::Number | Kind::Added => Err(self.complaint(&token, "a label")),
        }
    }

    fn call(&mut self) -> Outcome<Statement> {
        let place = self.expect("call")?;
        let procedure = self.name("the name of a procedure")?.text;
        let arguments = self.arguments()?;
        self.semicolon()?;
        if !self.remarks.calls.contains(&procedure) {
            self.remarks.calls.push(procedure.clone());
        }
        if self.next_is("return")? {
            self.take()?;
            self.semicolon()?;
            let from = self.procedure.clone();
            return Ok(statement(StatementKind::CallReturn { from, procedure, arguments }, place));
        }
        if self.next_is("goto")? {
            self.take()?;
            let after = self.target()?;
            self.semicolon()?;
            return Ok(statement(StatementKind::CallGoto { after, procedure, arguments }, place));
        }
        Ok(statement(StatementKind::Call { procedure, arguments }, place))
    }
}
