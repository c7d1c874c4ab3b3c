//! Errors of evaluation.

use tla_syntax::Span;

/// How the message of a failed `Assert` begins; what the specification says follows.
pub const ASSERT_FAILED: &str = "Assert failed: ";

/// What sort of error it is; exit codes depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The specification does not define a value here.
    Undefined,
    /// `Assert` failed.
    Assert,
    /// A limit of size or depth.
    Capacity,
    /// A construct that is not supported.
    Declined,
    /// A defect of Interlock.
    Internal,
    /// The run was stopped from outside; nothing is said about the specification.
    Interrupted,
}

/// An expression that cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EvalError {
    /// What sort.
    pub class: ErrorClass,
    /// What happened, one sentence.
    pub message: String,
    /// The innermost expression.
    pub span: Option<Span>,
    /// Calls that led there, innermost first: name of the operator and place of the call. At most
    /// [`EvalError::MOST_CALLS`] are kept.
    pub calls: Vec<(String, Span)>,
    /// How to mend it; may be empty.
    pub remedy: String,
}

impl EvalError {
    /// How many calls are kept.
    pub const MOST_CALLS: usize = 24;

    /// An error of the given class.
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Box<Self> {
        Box::new(Self { class, message: message.into(), span: None, calls: Vec::new(), remedy: String::new() })
    }

    /// The specification is undefined here.
    pub fn undefined(message: impl Into<String>) -> Box<Self> {
        Self::new(ErrorClass::Undefined, message)
    }

    /// A limit was reached.
    pub fn capacity(message: impl Into<String>) -> Box<Self> {
        Self::new(ErrorClass::Capacity, message)
    }

    /// The same error with a remedy.
    pub fn with_remedy(mut self: Box<Self>, remedy: impl Into<String>) -> Box<Self> {
        self.remedy = remedy.into();
        self
    }

    /// The same error with a place, unless it has one.
    pub fn at(mut self: Box<Self>, span: Span) -> Box<Self> {
        self.span.get_or_insert(span);
        self
    }

    /// The same error, seen from a caller.
    pub fn called_from(mut self: Box<Self>, name: &str, span: Span) -> Box<Self> {
        if self.calls.len() < Self::MOST_CALLS {
            self.calls.push((name.to_owned(), span));
        }
        self
    }
}

/// Result of an evaluation.
pub type Evaluated<T> = Result<T, Box<EvalError>>;
