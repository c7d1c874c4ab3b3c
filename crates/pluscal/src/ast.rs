//! The tree of an algorithm.
//!
//! One set of statements serves three stages, as in the translator that we follow: what was written (`if` and `either`
//! with labels anywhere inside), what is grouped into labelled steps (then every unlabelled body comes before the
//! labelled rest), and the control flow made explicit (then only assignments, tests, `either` and `with` are left). The
//! checksum of an algorithm is computed over the second stage with parts of the third written into it, so the stages
//! cannot be different types.

use crate::expression::Expression;
use crate::text::Place;

/// Where a statement was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct At {
    /// Its place.
    pub place: Place,
    /// Place of the call, if the statement came out of a macro.
    pub called: Option<Place>,
}

impl At {
    /// The place in words, as it stands in the message of a failed `assert`.
    pub fn words(self) -> String {
        let text = |place: Place| format!("line {}, column {}", place.line + 1, place.column + 1);
        match self.called {
            Some(call) => format!("{} of macro called at {}", text(self.place), text(call)),
            None => text(self.place),
        }
    }

    /// The place where a reader looks: the call, if there is one.
    pub fn visible(self) -> Place {
        self.called.unwrap_or(self.place)
    }
}

/// Fairness of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProcessFairness {
    /// None.
    #[default]
    Unfair,
    /// Weak.
    Weak,
    /// Strong.
    Strong,
}

/// A whole algorithm.
#[derive(Debug, Clone)]
pub struct Algorithm {
    /// Its name.
    pub name: String,
    /// Whether it began with `--fair`.
    pub fair: bool,
    /// Place of its name.
    pub place: Place,
    /// Global variables.
    pub variables: Vec<Variable>,
    /// The `define` block, empty if there is none.
    pub definitions: Expression,
    /// Procedures.
    pub procedures: Vec<Procedure>,
    /// One body or processes.
    pub behavior: Behavior,
    /// Facts about the text that shape the translation.
    pub traits: Traits,
}

/// What an algorithm does.
#[derive(Debug, Clone)]
pub enum Behavior {
    /// A single body.
    Single(Vec<Step>),
    /// Processes.
    Processes(Vec<Process>),
}

/// Facts about the text of an algorithm that shape its translation.
#[derive(Debug, Clone, Copy)]
pub struct Traits {
    /// There is no need for `pc`.
    pub omit_pc: bool,
    /// It cannot terminate, so no step stands for termination.
    pub never_ends: bool,
    /// Some variable has no initial value.
    pub default_values: bool,
}

/// A declared variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Place of the name.
    pub place: Place,
    /// Whether it starts with a value (`=`) or with an element of a set (`\in`).
    pub is_equal: bool,
    /// The value or set.
    pub value: Expression,
}

/// Labels with a suffix, and procedures called, of a process or procedure.
#[derive(Debug, Clone, Default)]
pub struct Remarks {
    /// Labels with `-`.
    pub minus: Vec<String>,
    /// Labels with `+`.
    pub plus: Vec<String>,
    /// Procedures that are called.
    pub calls: Vec<String>,
}

/// A procedure.
#[derive(Debug, Clone)]
pub struct Procedure {
    /// Its name.
    pub name: String,
    /// Where it starts.
    pub place: Place,
    /// Its parameters.
    pub parameters: Vec<Variable>,
    /// Its variables.
    pub variables: Vec<Variable>,
    /// Its steps.
    pub body: Vec<Step>,
    /// Labels and calls.
    pub remarks: Remarks,
}

/// A process or a set of processes.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// Where it starts.
    pub place: Place,
    /// Its fairness.
    pub fairness: ProcessFairness,
    /// One process (`=`) or a set of them (`\in`).
    pub is_single: bool,
    /// Its identifier, or the set of identifiers.
    pub id: Expression,
    /// Its variables.
    pub variables: Vec<Variable>,
    /// Its steps.
    pub body: Vec<Step>,
    /// Labels and calls.
    pub remarks: Remarks,
}

/// A macro.
#[derive(Debug, Clone)]
pub struct Macro {
    /// Its name.
    pub name: String,
    /// Where it starts.
    pub place: Place,
    /// Its parameters.
    pub parameters: Vec<String>,
    /// Its body.
    pub body: Vec<Statement>,
}

/// A label with what is executed in one step.
#[derive(Debug, Clone)]
pub struct Step {
    /// The label.
    pub label: String,
    /// Place of the first statement.
    pub at: At,
    /// The statements.
    pub statements: Vec<Statement>,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Where it was written.
    pub at: At,
    /// The label in front of it, which is meaningful until the statements are grouped into steps.
    pub label: Option<String>,
}

/// One assignment of a multiple assignment.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The variable.
    pub variable: String,
    /// Place of the variable.
    pub at: At,
    /// What follows the variable: `[i].field`; often empty.
    pub subscript: Expression,
    /// The value.
    pub value: Expression,
}

/// An alternative of an `either` with labels.
#[derive(Debug, Clone)]
pub struct Clause {
    /// Statements before the first label.
    pub unlabelled: Vec<Statement>,
    /// The rest.
    pub labelled: Vec<Step>,
}

/// What a statement does.
#[derive(Debug, Clone)]
pub enum StatementKind {
    /// `x := e || y[i] := f`
    Assign(Vec<Assignment>),
    /// `if` without labels inside.
    If {
        /// The test.
        test: Expression,
        /// If it is true.
        then: Vec<Statement>,
        /// If it is false.
        otherwise: Vec<Statement>,
    },
    /// `if` with labels inside, and every `if` until it is known.
    LabelIf {
        /// The test.
        test: Expression,
        /// If it is true.
        then: Clause,
        /// If it is false.
        otherwise: Clause,
    },
    /// `either` without labels inside.
    Either(Vec<Vec<Statement>>),
    /// `either` with labels inside, and every `either` until it is known.
    LabelEither(Vec<Clause>),
    /// `with`, one variable.
    With {
        /// The variable.
        name: String,
        /// A value (`=`) or an element of a set (`\in`).
        is_equal: bool,
        /// The value or set.
        value: Expression,
        /// The body.
        body: Vec<Statement>,
    },
    /// `await` or `when`.
    Await(Expression),
    /// `print`
    Print(Expression),
    /// `assert`
    Assert(Expression),
    /// `skip`
    Skip,
    /// `while`
    While {
        /// The test.
        test: Expression,
        /// The body.
        body: Clause,
    },
    /// `call P(…)`
    Call {
        /// The procedure.
        procedure: String,
        /// Its arguments.
        arguments: Vec<Expression>,
    },
    /// `return`
    Return {
        /// The procedure, if known where it was read.
        from: Option<String>,
    },
    /// `call P(…); return`
    CallReturn {
        /// The procedure that returns, if known where it was read.
        from: Option<String>,
        /// The procedure that is called.
        procedure: String,
        /// Its arguments.
        arguments: Vec<Expression>,
    },
    /// `call P(…); goto L`
    CallGoto {
        /// The label.
        after: String,
        /// The procedure.
        procedure: String,
        /// Its arguments.
        arguments: Vec<Expression>,
    },
    /// `goto L`
    Goto(String),
    /// A call of a macro; gone after expansion.
    MacroCall {
        /// The macro.
        name: String,
        /// Its arguments.
        arguments: Vec<Expression>,
    },
}

impl Clause {
    /// A clause whose labels were not looked at yet.
    pub fn unsorted(statements: Vec<Statement>) -> Self {
        Self { unlabelled: statements, labelled: Vec::new() }
    }
}
