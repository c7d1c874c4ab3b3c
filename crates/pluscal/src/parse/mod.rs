//! The text of an algorithm to its tree, by recursive descent, in both syntaxes.
//!
//! The p-syntax closes blocks with `end if` and the like, the c-syntax uses braces; an algorithm uses one of them
//! throughout, and a brace behind its name decides which (PlusCal User's Manual, P-Version and C-Version 1.8, appendix
//! A). Labels are only recorded here; where they must and must not stand is decided in [`crate::labels`].

mod declaration;
mod statement;

use crate::ast::{Algorithm, Behavior, Macro, Procedure, Process, ProcessFairness, Remarks, Statement, Variable};
use crate::error::{Outcome, Problem};
use crate::expression::Expression;
use crate::lexer::{Lexeme, Lexer};
use crate::options::{Fairness, Options};
use crate::text::{Lines, Place};
use std::collections::{BTreeSet, VecDeque};

/// Which syntax an algorithm uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    /// `begin … end`
    P,
    /// `{ … }`
    C,
}

/// A process or procedure body as written.
pub struct Written {
    /// The algorithm; its bodies are empty.
    pub algorithm: Algorithm,
    /// Statements of the single body, or of each process.
    pub bodies: Vec<Vec<Statement>>,
    /// Statements of each procedure.
    pub procedure_bodies: Vec<Vec<Statement>>,
    /// The macros in order.
    pub macros: Vec<Macro>,
    /// Labels that the author wrote.
    pub labels: BTreeSet<String>,
    /// Whether there is a label with a suffix, a procedure or a `goto`, each of which needs `pc`.
    pub needs_pc: bool,
    /// Whether there is a `goto Done`.
    pub goto_done: bool,
    /// The fairness option as the algorithm changes it.
    pub fairness: Option<Fairness>,
}

/// The parser.
pub struct Parser<'a> {
    lexer: Lexer<'a>,
    ahead: VecDeque<Lexeme>,
    /// Place and length of the last token taken.
    last: Place,
    syntax: Syntax,
    options: &'a Options,
    /// The procedure being read.
    procedure: Option<String>,
    in_macro: bool,
    remarks: Remarks,
    labels: BTreeSet<String>,
    needs_pc: bool,
    goto_done: bool,
    default_values: bool,
}

impl<'a> Parser<'a> {
    /// A parser that starts behind `--algorithm` or `--fair`.
    pub fn new(lines: &'a Lines, start: Place, options: &'a Options) -> Self {
        Self {
            lexer: Lexer::new(lines, start),
            ahead: VecDeque::new(),
            last: start,
            syntax: Syntax::P,
            options,
            procedure: None,
            in_macro: false,
            remarks: Remarks::default(),
            labels: BTreeSet::new(),
            needs_pc: options.version < 1500,
            goto_done: false,
            default_values: false,
        }
    }

    fn is_c(&self) -> bool {
        self.syntax == Syntax::C
    }

    /// Takes the next token.
    fn take(&mut self) -> Outcome<Lexeme> {
        let token = match self.ahead.pop_front() {
            Some(token) => token,
            None => self.lexer.token()?,
        };
        self.last = token.place;
        Ok(token)
    }

    /// The token `number` tokens ahead, from 0.
    fn look(&mut self, number: usize) -> Outcome<&Lexeme> {
        while self.ahead.len() <= number {
            let token = self.lexer.token()?;
            self.ahead.push_back(token);
        }
        self.ahead.get(number).ok_or_else(|| Problem::new("pluscal-end", self.last, "the algorithm ends too early", ""))
    }

    fn next_is(&mut self, text: &str) -> Outcome<bool> {
        Ok(self.look(0)?.text == text)
    }

    fn next_is_one_of(&mut self, texts: &[&str]) -> Outcome<bool> {
        let next = &self.look(0)?.text;
        Ok(texts.contains(&next.as_str()))
    }

    fn complaint(&self, token: &Lexeme, expected: &str) -> Problem {
        let message = format!("expected {expected}, found `{}`", token.text);
        let remedy = match self.syntax {
            Syntax::P => "this algorithm uses the p-syntax (begin … end); see the PlusCal manual, p-version",
            Syntax::C => "this algorithm uses the c-syntax (braces); see the PlusCal manual, c-version",
        };
        Problem::new("pluscal-syntax", token.place, message, remedy).over(&token.text)
    }

    /// Takes a token that must be this one.
    fn expect(&mut self, text: &str) -> Outcome<Place> {
        let token = self.take()?;
        if token.text == text { Ok(token.place) } else { Err(self.complaint(&token, &format!("`{text}`"))) }
    }

    /// Takes the closing words of a block.
    fn expect_end(&mut self, word: &str) -> Outcome<()> {
        match self.syntax {
            Syntax::P => {
                self.expect("end")?;
                self.expect(word)?;
            }
            Syntax::C => {
                self.expect("}")?;
            }
        }
        Ok(())
    }

    fn expect_begin(&mut self) -> Outcome<()> {
        self.expect(if self.is_c() { "{" } else { "begin" }).map(|_| ())
    }

    /// Takes a semicolon, which may be missing where no reader misses it.
    fn semicolon(&mut self) -> Outcome<()> {
        const HARMLESS: [&str; 13] =
            ["end", "begin", "else", "elsif", "or", "do", "macro", "procedure", "process", "fair", "define", "}", "{"];
        const STATEMENTS: [&str; 10] =
            ["if", "either", "while", "with", "call", "return", "goto", "print", "assert", "skip"];
        let next = self.look(0)?.clone();
        if HARMLESS.contains(&next.text.as_str()) {
            return Ok(());
        }
        if STATEMENTS.contains(&next.text.as_str()) {
            let message = format!("a `;` is missing before `{}`", next.text);
            let remedy = "end the statement before it with `;`";
            return Err(Problem::new("pluscal-semicolon", next.place, message, remedy).over(&next.text));
        }
        self.expect(";").map(|_| ())
    }

    fn comma_or_semicolon(&mut self) -> Outcome<()> {
        if self.next_is(",")? { self.expect(",").map(|_| ()) } else { self.semicolon() }
    }

    fn optional_semicolon(&mut self) -> Outcome<()> {
        if self.next_is(";")? {
            self.take()?;
        }
        Ok(())
    }

    /// `=` (true) or `\in` (false).
    fn equal_or_in(&mut self) -> Outcome<bool> {
        let token = self.take()?;
        match token.text.as_str() {
            "=" => Ok(true),
            "\\in" | "∈" => Ok(false),
            _ => Err(self.complaint(&token, "`=` or `\\in`")),
        }
    }

    /// An expression; what ends it is the next token.
    fn expression(&mut self) -> Outcome<Expression> {
        let (read, ending) = self.lexer.expression()?;
        self.last = read.place;
        self.ahead.push_back(ending);
        Ok(read.expression)
    }

    /// An expression that must not be empty.
    fn some_expression(&mut self, what: &str) -> Outcome<Expression> {
        let expression = self.expression()?;
        if expression.is_empty() {
            let message = format!("{what} is missing");
            let found = self.look(0)?.clone();
            let remedy = format!("write an expression before `{}`", found.text);
            return Err(Problem::new("pluscal-expression", found.place, message, remedy).over(&found.text));
        }
        Ok(expression)
    }

    /// The first two characters behind the tokens that were looked at.
    fn characters_ahead(&mut self) -> (char, char) {
        self.lexer.peek()
    }

    /// The whole algorithm.
    pub fn algorithm(mut self, fair: bool) -> Outcome<Written> {
        if fair {
            let token = self.take()?;
            if token.text != "algorithm" {
                return Err(self.complaint(&token, "`algorithm` behind `--fair`"));
            }
        }
        let name = self.take()?;
        if self.next_is("{")? {
            self.take()?;
            self.syntax = Syntax::C;
        }
        let variables = if self.next_is_one_of(&["variable", "variables"])? { self.variables()? } else { Vec::new() };
        let definitions = if self.next_is("define")? { self.definitions()? } else { Expression::default() };
        let mut macros: Vec<Macro> = Vec::new();
        while self.next_is("macro")? {
            let next = self.macro_definition(&macros)?;
            macros.push(next);
        }
        let mut procedures: Vec<Procedure> = Vec::new();
        let mut procedure_bodies = Vec::new();
        while self.next_is("procedure")? {
            let (procedure, body) = self.procedure()?;
            procedures.push(procedure);
            procedure_bodies.push(body);
            self.needs_pc = true;
        }
        let mut fairness = self.options.fairness;
        let (behavior, bodies) = if self.at_process()? {
            let (processes, bodies) = self.processes()?;
            self.expect_end("algorithm")?;
            (Behavior::Processes(processes), bodies)
        } else {
            fairness = self.single_fairness(fair)?;
            self.expect_begin()?;
            // The original notes labels and calls of a single body with the last procedure. It shows in the checksum.
            self.remarks = procedures.last().map(|last| last.remarks.clone()).unwrap_or_default();
            let body = self.statements()?;
            if let Some(last) = procedures.last_mut() {
                last.remarks = std::mem::take(&mut self.remarks);
            }
            if self.is_c() {
                self.expect("}")?;
            }
            self.expect_end("algorithm")?;
            (Behavior::Single(Vec::new()), vec![body])
        };
        let traits = crate::ast::Traits { omit_pc: true, never_ends: true, default_values: self.default_values };
        let algorithm = Algorithm {
            name: name.text,
            fair,
            place: name.place,
            variables,
            definitions,
            procedures,
            behavior,
            traits,
        };
        Ok(Written {
            algorithm,
            bodies,
            procedure_bodies,
            macros,
            labels: self.labels,
            needs_pc: self.needs_pc,
            goto_done: self.goto_done,
            fairness,
        })
    }

    /// Fairness of an algorithm without processes.
    fn single_fairness(&mut self, fair: bool) -> Outcome<Option<Fairness>> {
        // Version 1.5 had `fair` before the body instead of `--fair`.
        if self.options.version == 1500 && self.next_is("fair")? {
            self.take()?;
            if self.next_is("+")? {
                self.take()?;
            }
            return Ok(Some(Fairness::Weak));
        }
        Ok(if fair { Some(Fairness::Weak) } else { self.options.fairness })
    }

    fn at_process(&mut self) -> Outcome<bool> {
        if self.next_is("process")? {
            return Ok(true);
        }
        if !self.next_is("fair")? {
            return Ok(false);
        }
        let second = self.look(1)?.text.clone();
        Ok(second == "process" || (second == "+" && self.look(2)?.text == "process"))
    }

    fn processes(&mut self) -> Outcome<(Vec<Process>, Vec<Vec<Statement>>)> {
        let (mut processes, mut bodies) = (Vec::new(), Vec::new());
        while self.next_is_one_of(&["fair", "process"])? {
            let fairness = self.process_fairness()?;
            let (process, body) = self.process(fairness)?;
            processes.push(process);
            bodies.push(body);
        }
        Ok((processes, bodies))
    }

    fn process_fairness(&mut self) -> Outcome<ProcessFairness> {
        if !self.next_is("fair")? {
            return Ok(match self.options.fairness {
                Some(Fairness::Weak) => ProcessFairness::Weak,
                Some(Fairness::Strong) => ProcessFairness::Strong,
                None | Some(Fairness::None | Fairness::WeakNext) => ProcessFairness::Unfair,
            });
        }
        self.take()?;
        if self.next_is("+")? {
            self.take()?;
            return Ok(ProcessFairness::Strong);
        }
        Ok(ProcessFairness::Weak)
    }

    fn variables(&mut self) -> Outcome<Vec<Variable>> {
        const ENDS: [&str; 7] = ["begin", "{", "procedure", "process", "fair", "define", "macro"];
        self.take()?;
        let mut variables = Vec::new();
        while !self.next_is_one_of(&ENDS)? {
            variables.push(self.variable(true)?);
            self.comma_or_semicolon()?;
        }
        Ok(variables)
    }
}
