//! Procedures: the frames on the stack.
//!
//! A call pushes a record with the name of the procedure, the label to come back to and the present values of the
//! procedure's variables and parameters, then assigns the arguments and the initial values. A return takes all of it
//! back. A call directly followed by a return reuses the frame; it restores the variables of the returning procedure
//! but, as in the original translator, not its parameters.

use crate::ast::{Assignment, At, Procedure, Statement, StatementKind, Variable};
use crate::explode::{go_to, made};
use crate::expression::{Expression, Kind, Token};

/// What is known of a procedure where it is called.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its name.
    pub name: String,
    parameters: Vec<String>,
    variables: Vec<Variable>,
    first_label: String,
}

/// All procedures.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    frames: Vec<Frame>,
}

fn builtin(text: &str) -> Token {
    Token::new(text, 0, Kind::Builtin)
}

fn identifier(text: &str) -> Token {
    Token::new(text, 0, Kind::Identifier)
}

fn stack() -> Token {
    Token::new("stack", 0, Kind::Added)
}

/// `Head(stack).field`
fn head(field: &str) -> Vec<Token> {
    vec![identifier("Head"), builtin("("), stack(), builtin(")"), builtin("."), identifier(field)]
}

/// `Tail(stack)`
fn tail() -> Vec<Token> {
    vec![identifier("Tail"), builtin("("), stack(), builtin(")")]
}

fn one(variable: &str, value: Expression, at: At) -> Assignment {
    Assignment { variable: variable.to_owned(), at, subscript: Expression::default(), value }
}

fn assign(variable: &str, value: Expression, at: At) -> Statement {
    made(StatementKind::Assign(vec![one(variable, value, at)]), at)
}

/// The stack with a new record on top. The record stands one field a line with its arrows aligned.
fn pushed(frame: &Frame, back: Vec<Token>, below: Vec<Token>) -> Expression {
    let mut lines = vec![vec![
        builtin("<<"),
        builtin("["),
        identifier("procedure"),
        builtin("|->"),
        Token::new(&frame.name, 0, Kind::String),
    ]];
    let mut back_line = vec![identifier("pc"), builtin("|->")];
    back_line.extend(back);
    lines.push(back_line);
    let fields = frame.variables.iter().map(|variable| &variable.name).chain(&frame.parameters);
    lines.extend(fields.map(|name| vec![identifier(name), builtin("|->"), identifier(name)]));
    let last = lines.len() - 1;
    for line in lines.iter_mut().take(last) {
        line.push(builtin(","));
    }
    if let Some(line) = lines.last_mut() {
        line.extend([builtin("]"), builtin(">>")]);
    }
    let mut last_line = vec![builtin("\\o")];
    last_line.extend(below);
    lines.push(last_line);
    let count = lines.len();
    for (number, line) in lines.iter_mut().enumerate() {
        lay_out(line, if number == 0 || number + 1 == count { 1 } else { 6 });
    }
    Expression::new(lines)
}

/// Gives the tokens of one line of a record their columns.
fn lay_out(line: &mut [Token], start: i32) {
    let mut next = start;
    for token in line {
        token.column = next;
        next += token.width();
        if token.kind != Kind::Builtin {
            continue;
        }
        match token.text.as_str() {
            "|->" => {
                token.column = (token.column + 1).max(16);
                next = token.column + 5;
            }
            "[" | "<<" => next += 1,
            "]" | ">>" => {
                token.column += 1;
                next += 1;
            }
            "\\o" => {
                token.column += 1;
                next += 2;
            }
            _ => {}
        }
    }
}

impl Frames {
    /// The frames of some procedures.
    pub fn new(procedures: &[Procedure]) -> Self {
        let frame = |procedure: &Procedure| Frame {
            name: procedure.name.clone(),
            parameters: procedure.parameters.iter().map(|parameter| parameter.name.clone()).collect(),
            variables: procedure.variables.clone(),
            first_label: procedure.body.first().map(|step| step.label.clone()).unwrap_or_default(),
        };
        Self { frames: procedures.iter().map(frame).collect() }
    }

    /// The frame of a procedure.
    pub fn find(&self, name: &str) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.name == name)
    }

    /// `call` of a procedure that exists, with the right number of arguments.
    pub fn call(&self, procedure: &str, arguments: &[Expression], back: &str, at: At) -> Vec<Statement> {
        let Some(frame) = self.find(procedure) else { return Vec::new() };
        let back = vec![Token::new(back, 0, Kind::String)];
        let first = one("stack", pushed(frame, back, vec![stack()]), at);
        enter(frame, vec![first], arguments, at)
    }

    /// `return`
    pub fn back(&self, frame: &Frame, at: At) -> Vec<Statement> {
        let restored = frame.variables.iter().map(|variable| &variable.name).chain(&frame.parameters);
        let mut result = vec![assign("pc", Expression::new(vec![head("pc")]), at)];
        result.extend(restored.map(|name| assign(name, Expression::new(vec![head(name)]), at)));
        result.push(assign("stack", Expression::new(vec![tail()]), at));
        result
    }

    /// `call` followed by `return`
    pub fn tail_call(&self, from: &Frame, procedure: &str, arguments: &[Expression], at: At) -> Vec<Statement> {
        let Some(frame) = self.find(procedure) else { return Vec::new() };
        let mut first = Vec::new();
        if from.name != frame.name {
            let restored = from.variables.iter().map(|variable| &variable.name);
            first.extend(restored.map(|name| one(name, Expression::new(vec![head(name)]), at)));
            first.push(one("stack", pushed(frame, head("pc"), tail()), at));
        }
        enter(frame, first, arguments, at)
    }
}

/// The assignments that enter a procedure.
fn enter(frame: &Frame, mut first: Vec<Assignment>, arguments: &[Expression], at: At) -> Vec<Statement> {
    let given = frame.parameters.iter().zip(arguments);
    first.extend(given.map(|(name, value)| one(name, value.clone(), at)));
    let mut result = Vec::new();
    if !first.is_empty() {
        result.push(made(StatementKind::Assign(first), at));
    }
    result.extend(frame.variables.iter().map(|variable| assign(&variable.name, variable.value.clone(), at)));
    result.push(go_to(&frame.first_label));
    result
}
