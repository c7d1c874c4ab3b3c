//! What a file says, in the shape that analyses ask for: one tree for C, C++ and Objective-C++.
//!
//! Only what matters to concurrency, lifetimes and control flow is kept. What the lowering does not know is
//! [`Expr::Other`] with its operands, so that calls and accesses inside are still seen.

use crate::name::Name;
use serde::{Deserialize, Serialize};

/// A range of bytes of the original file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Byte after the last one.
    pub end: u32,
}

impl Span {
    /// Whether the other span lies inside.
    pub fn contains(&self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A source file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path as given.
    pub path: String,
    /// Length in bytes.
    pub bytes: u32,
    /// Offsets at which lines begin.
    pub lines: Vec<u32>,
    /// Types defined in the file.
    pub types: Vec<TypeDecl>,
    /// Functions and closures with a body, and declarations of functions without one.
    pub functions: Vec<Function>,
    /// Variables of namespaces and static members defined outside of their class.
    pub globals: Vec<Variable>,
    /// Comments that speak to the scanner: where, and the text after the marker.
    pub remarks: Vec<(Span, String)>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Set if the whole file was not read, with the reason.
    pub refused: Option<String>,
}

impl SourceFile {
    /// Line and column, counted from 1; columns in bytes.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        (u32::try_from(line).unwrap_or(u32::MAX), offset.saturating_sub(start) + 1)
    }

    /// The line of an offset, counted from 1.
    pub fn line(&self, offset: u32) -> u32 {
        self.line_column(offset).0
    }

    /// Bytes that were not read.
    pub fn unread_bytes(&self) -> u64 {
        if self.refused.is_some() {
            return self.bytes.into();
        }
        self.unread.iter().map(|unread| u64::from(unread.span.end.saturating_sub(unread.span.start))).sum()
    }
}

/// Why a piece of text was not analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnreadReason {
    /// The grammar could not make sense of it.
    Syntax,
    /// A branch of a preprocessor conditional that was not taken.
    Branch,
    /// Nested deeper than the limit.
    Depth,
}

/// A piece of text that was not analysed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unread {
    /// Where.
    pub span: Span,
    /// Why.
    pub reason: UnreadReason,
    /// Index of the function it lies in.
    pub function: Option<u32>,
}

/// A class, struct, union, `@interface` or `@implementation`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TypeDecl {
    /// Qualified name.
    pub name: Name,
    /// Names of base types, as written.
    pub bases: Vec<Name>,
    /// Data members.
    pub members: Vec<Variable>,
    /// Names declared by `using` or `typedef`, with what they stand for.
    pub aliases: Vec<(Name, Name)>,
    /// Where its name stands.
    pub span: Span,
}

/// A variable: member, global, local or parameter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Variable {
    /// Name; qualified for globals.
    pub name: Name,
    /// Type as written, with `*`, `&` and `[]` of the declarator appended; `auto` is kept.
    pub ty: Name,
    /// Storage.
    pub storage: Storage,
    /// Where its name stands.
    pub span: Span,
    /// Initializer.
    pub init: Option<Expr>,
}

/// Storage of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Storage {
    /// As its scope says.
    #[default]
    Plain,
    /// `static`.
    Static,
    /// `thread_local`, with or without `static`.
    ThreadLocal,
    /// `__block`: shared by the blocks that capture it.
    Block,
}

/// What sort of function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FunctionKind {
    /// Free function, or static member.
    Free,
    /// Member function with an object.
    Method,
    /// Constructor.
    Constructor,
    /// Destructor.
    Destructor,
    /// Lambda expression.
    Lambda,
    /// Objective-C block.
    Block,
}

/// A function or closure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Function {
    /// Qualified name, or `enclosing::{lambda}` for closures.
    pub name: Name,
    /// The class of a member function, as far as its definition tells; qualified.
    pub class: Option<Name>,
    /// What sort.
    pub kind: FunctionKind,
    /// Index of the enclosing function, for closures.
    pub parent: Option<u32>,
    /// Captures of a closure.
    pub captures: Captures,
    /// Parameters.
    pub params: Vec<Variable>,
    /// Type that it returns, as written.
    pub returns: Name,
    /// Member initializers of a constructor.
    pub inits: Vec<(Name, Vec<Expr>)>,
    /// Flags of the declaration.
    pub flags: FunctionFlags,
    /// Statements; `None` for a declaration.
    pub body: Option<Vec<Stmt>>,
    /// The whole definition.
    pub span: Span,
    /// Its name.
    pub name_span: Span,
    /// Bytes of the body that were not read.
    pub unread_bytes: u32,
}

/// Flags of a function's declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FunctionFlags {
    /// `static`.
    pub is_static: bool,
    /// `const` member function.
    pub is_const: bool,
    /// `virtual` or `override`.
    pub is_virtual: bool,
    /// `noexcept`.
    pub is_noexcept: bool,
    /// Declared `private` or `protected`, or with internal linkage.
    pub is_private: bool,
    /// Attributes or macros of Clang's thread-safety analysis stand on it.
    pub is_annotated: bool,
}

/// Captures of a closure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Captures {
    /// What is captured without being named.
    pub default: CaptureDefault,
    /// Named captures.
    pub items: Vec<Capture>,
    /// `this` is captured by name.
    pub this: bool,
    /// `*this` is captured.
    pub this_copy: bool,
}

/// What a closure captures without naming it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CaptureDefault {
    /// Nothing.
    #[default]
    None,
    /// `[=]`, and blocks: by copy, `this` as a pointer.
    Copy,
    /// `[&]`.
    Reference,
}

/// A named capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// Its name inside.
    pub name: Name,
    /// By reference.
    pub by_reference: bool,
    /// It has an initializer, which is one of the closure's [`Function::inits`].
    pub has_init: bool,
}

/// A statement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Stmt {
    /// An expression.
    Expr(Expr),
    /// Declarations of local variables.
    Local(Vec<Variable>),
    /// A block.
    Block(Vec<Stmt>, Span),
    /// `if`; the condition may declare.
    If {
        /// Declarations and initializers in the head.
        init: Vec<Stmt>,
        /// The condition.
        condition: Expr,
        /// If it holds.
        then: Vec<Stmt>,
        /// If it does not.
        otherwise: Vec<Stmt>,
        /// The whole statement.
        span: Span,
    },
    /// A loop of any sort.
    Loop {
        /// Declarations and initializers in the head.
        init: Vec<Stmt>,
        /// The condition; of a range loop, the range.
        condition: Option<Expr>,
        /// The step of a `for`.
        step: Option<Expr>,
        /// The body.
        body: Vec<Stmt>,
        /// The body runs before the condition.
        is_post_tested: bool,
        /// The variable of a range loop.
        each: Option<Box<Variable>>,
        /// The whole statement.
        span: Span,
    },
    /// `switch`, one list of statements for each label group, falling through.
    Switch {
        /// What is switched on.
        subject: Expr,
        /// Statements from each label on.
        cases: Vec<Vec<Stmt>>,
        /// Whether there is a default.
        has_default: bool,
        /// The whole statement.
        span: Span,
    },
    /// `return`.
    Return(Option<Expr>, Span),
    /// `break`.
    Break(Span),
    /// `continue`.
    Continue(Span),
    /// `goto`.
    Goto(Span),
    /// `try` with its handlers.
    Try {
        /// Guarded statements.
        body: Vec<Stmt>,
        /// Handlers; the flag says that it catches everything.
        handlers: Vec<(bool, Vec<Stmt>)>,
        /// The whole statement.
        span: Span,
    },
}

/// An expression.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Expr {
    /// A name, qualified as written, template arguments left out.
    Name(Name, Span),
    /// `this` or `self`.
    This(Span),
    /// A literal; its text for short ones.
    Literal(Name, Span),
    /// `base.name` or `base->name`.
    Member {
        /// The object.
        base: Box<Expr>,
        /// The member.
        name: Name,
        /// Written with `->`.
        is_arrow: bool,
        /// The whole expression.
        span: Span,
    },
    /// A call.
    Call {
        /// What is called: a name, a member, or any expression.
        callee: Box<Expr>,
        /// Arguments.
        arguments: Vec<Expr>,
        /// Template arguments, as written.
        template: Name,
        /// The whole expression.
        span: Span,
    },
    /// A message send.
    Message {
        /// Receiver.
        receiver: Box<Expr>,
        /// Selector with `_` for `:`.
        selector: Name,
        /// Arguments.
        arguments: Vec<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// `base[index]`.
    Index {
        /// What is subscripted.
        base: Box<Expr>,
        /// The subscripts.
        index: Vec<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// `*`, `&`, `!`, `-`, `~`, `++`, `--`.
    Unary {
        /// The operator; `post++` and `post--` for postfix.
        operator: Name,
        /// The operand.
        operand: Box<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// Any binary operator but assignments.
    Binary {
        /// The operator.
        operator: Name,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// `=` and the compound ones.
    Assign {
        /// The operator.
        operator: Name,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// `c ? a : b`.
    Conditional {
        /// Condition.
        condition: Box<Expr>,
        /// If it holds.
        then: Box<Expr>,
        /// If not.
        otherwise: Box<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// `new T(args)`.
    New {
        /// The type.
        ty: Name,
        /// Arguments and placement.
        arguments: Vec<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// `delete x`.
    Delete(Box<Expr>, Span),
    /// `T{args}`, or a braced list without type.
    Construct {
        /// The type; empty for a bare list.
        ty: Name,
        /// Its parts.
        arguments: Vec<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// A cast of any sort.
    Cast {
        /// The type.
        ty: Name,
        /// What is cast.
        operand: Box<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// A lambda or block: index of its function in the file.
    Closure(u32, Span),
    /// `throw`.
    Throw(Option<Box<Expr>>, Span),
    /// Anything else, with its operands.
    Other(Vec<Expr>, Span),
}

impl Expr {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Name(_, span)
            | Self::This(span)
            | Self::Literal(_, span)
            | Self::Delete(_, span)
            | Self::Closure(_, span)
            | Self::Throw(_, span)
            | Self::Other(_, span)
            | Self::Member { span, .. }
            | Self::Call { span, .. }
            | Self::Message { span, .. }
            | Self::Index { span, .. }
            | Self::Unary { span, .. }
            | Self::Binary { span, .. }
            | Self::Assign { span, .. }
            | Self::Conditional { span, .. }
            | Self::New { span, .. }
            | Self::Construct { span, .. }
            | Self::Cast { span, .. } => *span,
        }
    }

    /// Its operands, in order of writing.
    pub fn operands(&self) -> Vec<&Expr> {
        match self {
            Self::Name(..) | Self::This(_) | Self::Literal(..) | Self::Closure(..) => Vec::new(),
            Self::Delete(operand, _) => vec![operand],
            Self::Throw(operand, _) => operand.iter().map(AsRef::as_ref).collect(),
            Self::Other(operands, _) => operands.iter().collect(),
            Self::Member { base, .. } => vec![base],
            Self::Call { callee, arguments, .. } => std::iter::once(callee.as_ref()).chain(arguments).collect(),
            Self::Message { receiver, arguments, .. } => std::iter::once(receiver.as_ref()).chain(arguments).collect(),
            Self::Index { base, index, .. } => std::iter::once(base.as_ref()).chain(index).collect(),
            Self::Unary { operand, .. } | Self::Cast { operand, .. } => vec![operand],
            Self::Binary { left, right, .. } | Self::Assign { left, right, .. } => vec![left, right],
            Self::Conditional { condition, then, otherwise, .. } => vec![condition, then, otherwise],
            Self::New { arguments, .. } | Self::Construct { arguments, .. } => arguments.iter().collect(),
        }
    }

    /// Calls `visit` on this expression and everything inside, closures' bodies left out.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        for operand in self.operands() {
            operand.walk(visit);
        }
    }
}

impl Stmt {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Expr(expr) => expr.span(),
            Self::Local(variables) => variables.first().map_or(Span::default(), |first| {
                let end = variables
                    .last()
                    .map_or(first.span.end, |last| last.init.as_ref().map_or(last.span.end, |init| init.span().end));
                Span { start: first.span.start, end }
            }),
            Self::Return(_, span)
            | Self::Break(span)
            | Self::Continue(span)
            | Self::Goto(span)
            | Self::Block(_, span)
            | Self::If { span, .. }
            | Self::Loop { span, .. }
            | Self::Switch { span, .. }
            | Self::Try { span, .. } => *span,
        }
    }
}
