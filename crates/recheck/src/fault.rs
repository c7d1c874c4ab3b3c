//! Why an expression has no value here.
//!
//! Four kinds stay apart, because a replay answers differently to each: the specification asks for something that has
//! no value (a finding that an engine may claim, too), `Assert` failed, the checker does not know the construct, or
//! the evaluation is too large for a naive checker. The last two never count for or against a counterexample.

use crate::value::Value;
use tla_syntax::Span;

/// An evaluation that ended without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The expression has no value: `Head(<<>>)`, `1 = "a"`, a primed variable that is not assigned yet.
    Undefined {
        /// What was asked for.
        message: String,
        /// Where.
        span: Span,
    },
    /// `Assert` of module `TLC` was false.
    Assert {
        /// Its second argument, printed.
        message: String,
        /// Where.
        span: Span,
    },
    /// The checker does not evaluate this construct.
    Unsupported {
        /// The construct, in words.
        construct: String,
        /// Where.
        span: Span,
    },
    /// The answer depends on something that is not decided; only while a certificate is checked.
    Asks {
        /// What.
        question: Question,
        /// Where.
        span: Span,
    },
    /// A limit was reached.
    TooLarge {
        /// Which limit.
        limit: String,
        /// Where.
        span: Span,
    },
}

/// What has to be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// What a value is, by the number of the question.
    Place(usize),
}

/// A value or the reason why there is none.
pub(crate) type Outcome<T> = Result<T, Fault>;

impl Fault {
    /// An expression without a value.
    pub(crate) fn undefined<T>(span: Span, message: impl Into<String>) -> Outcome<T> {
        Err(Self::Undefined { message: message.into(), span })
    }

    /// A construct that is not evaluated here.
    pub(crate) fn unsupported<T>(span: Span, construct: impl Into<String>) -> Outcome<T> {
        Err(Self::Unsupported { construct: construct.into(), span })
    }

    /// A limit that was reached.
    pub(crate) fn too_large<T>(span: Span, limit: impl Into<String>) -> Outcome<T> {
        Err(Self::TooLarge { limit: limit.into(), span })
    }

    /// Whether the specification is at fault rather than the checker's reach.
    pub(crate) fn is_defect_of_specification(&self) -> bool {
        match self {
            Self::Undefined { .. } | Self::Assert { .. } => true,
            Self::Unsupported { .. } | Self::TooLarge { .. } | Self::Asks { .. } => false,
        }
    }

    /// Fails if a value is not decided.
    pub(crate) fn unless_decided(value: &Value<'_>, span: Span) -> Outcome<()> {
        match value {
            Value::Open(open) => Err(Self::Asks { question: Question::Place(open.question()), span }),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Text(_)
            | Value::Model(_)
            | Value::Set(_)
            | Value::Interval(..)
            | Value::Symbolic(_)
            | Value::Function(_)
            | Value::Closure(_) => Ok(()),
        }
    }

    /// Fails if a value or a part of it is not decided.
    pub(crate) fn unless_wholly_decided(value: &Value<'_>, span: Span) -> Outcome<()> {
        match value {
            Value::Function(pairs) => pairs.iter().try_for_each(|(key, value)| {
                Self::unless_wholly_decided(key, span)?;
                Self::unless_wholly_decided(value, span)
            }),
            Value::Set(elements) => elements.iter().try_for_each(|element| Self::unless_wholly_decided(element, span)),
            other => Self::unless_decided(other, span),
        }
    }

    /// Keeps one of the faults of several alternatives: one that leaves the answer open, if there is any.
    pub(crate) fn join(self, kept: &mut Option<Self>) {
        if kept.as_ref().is_none_or(|kept| kept.is_defect_of_specification() && !self.is_defect_of_specification()) {
            *kept = Some(self);
        }
    }

    /// Where it happened.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Undefined { span, .. }
            | Self::Assert { span, .. }
            | Self::Unsupported { span, .. }
            | Self::Asks { span, .. }
            | Self::TooLarge { span, .. } => *span,
        }
    }

    /// What happened.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Undefined { message, .. } => message.clone(),
            Self::Assert { message, .. } => format!("Assert failed: {message}"),
            Self::Unsupported { construct, .. } => construct.clone(),
            Self::Asks { .. } => "a value that is not decided".to_owned(),
            Self::TooLarge { limit, .. } => format!("too large to replay: {limit}"),
        }
    }
}
