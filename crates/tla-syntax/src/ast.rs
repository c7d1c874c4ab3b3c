//! The tree of a TLA+ module.
//!
//! It follows the grammar of *Specifying Systems* (chapter 15) with three simplifications that lose nothing:
//! all prefix, infix, postfix and named operators are one node, [`ExprKind::Apply`], whose `op` is the operator's
//! canonical ASCII spelling (see [`crate::operators`]); Unicode spellings are replaced by the ASCII ones; parentheses
//! leave no node. Numbers of every base are decimal.
//!
//! Invariant: the tree respects SANY's precedences; where SANY rejects an expression as a precedence conflict, the
//! parser has reported it.

use crate::source::Span;
use std::sync::Arc;

/// A name. Cheap to clone, shared between threads.
pub type Name = Arc<str>;

/// A name at a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ident {
    /// The name.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
}

/// A module.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// Its name.
    pub name: Ident,
    /// Names after `EXTENDS`.
    pub extends: Vec<Ident>,
    /// Declarations, definitions and so on in textual order.
    pub units: Vec<Unit>,
    /// From the opening dashes to the closing equals signs.
    pub span: Span,
}

/// A top-level unit of a module.
#[derive(Debug, Clone, PartialEq)]
pub enum Unit {
    /// `CONSTANTS N, F(_, _)`.
    Constants(Vec<OpDecl>),
    /// `VARIABLES x, y`.
    Variables(Vec<Ident>),
    /// `RECURSIVE F(_)`.
    Recursive(Vec<OpDecl>),
    /// Any definition, function definition or named instance.
    Definition(Definition),
    /// `INSTANCE M WITH …` without a name.
    Instance {
        /// Whether `LOCAL` stands before it.
        local: bool,
        /// What is instantiated.
        instance: Instance,
    },
    /// `ASSUME`, `ASSUMPTION`, `AXIOM`.
    Assume(Assume),
    /// `THEOREM`, `LEMMA` and so on; the proof is dropped.
    Theorem(Theorem),
    /// A nested module.
    Module(Module),
}

/// Declaration of an operator symbol: a constant, a parameter or a `RECURSIVE` announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpDecl {
    /// The symbol: `N`, `F`, or an operator's canonical spelling for `_ + _`, `-. _`, `_ ^#`.
    pub name: Ident,
    /// Number of arguments.
    pub arity: usize,
}

/// A definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Whether `LOCAL` stands before it.
    pub local: bool,
    /// The defined symbol, in canonical spelling if it is an operator (`-.` for prefix minus).
    pub name: Ident,
    /// Parameters, for an operator or a parametrised instance.
    pub params: Vec<OpDecl>,
    /// Right-hand side.
    pub body: DefinitionBody,
    /// The whole definition.
    pub span: Span,
}

/// Right-hand side of a definition.
#[derive(Debug, Clone, PartialEq)]
pub enum DefinitionBody {
    /// `F(x) == e`.
    Operator(Expr),
    /// `f[x \in S, y \in T] == e`; `params` of the definition is empty.
    Function {
        /// The domain.
        bounds: Vec<Bound>,
        /// The body, in which the function's own name may occur.
        body: Expr,
    },
    /// `I(x) == INSTANCE M WITH …`.
    Instance(Instance),
}

/// An instantiation.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// The module.
    pub module: Ident,
    /// `WITH c <- e`. An operator substituted for an operator constant is an operator reference (see
    /// [`ExprKind::Apply`]) or a `LAMBDA`.
    pub substitutions: Vec<(Ident, Expr)>,
    /// The whole `INSTANCE …`.
    pub span: Span,
}

/// An assumption.
#[derive(Debug, Clone, PartialEq)]
pub struct Assume {
    /// Its name, if it has one.
    pub name: Option<Ident>,
    /// What is assumed.
    pub expr: Expr,
    /// The whole unit.
    pub span: Span,
}

/// A theorem without its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Theorem {
    /// Its name, if it has one.
    pub name: Option<Ident>,
    /// What is stated; `None` for an `ASSUME … PROVE` statement, which only a prover can use.
    pub expr: Option<Expr>,
    /// The whole unit without the proof.
    pub span: Span,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// Where it stands, without surrounding parentheses.
    pub span: Span,
}

/// The pattern of a bound variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// `x`.
    Name(Ident),
    /// `<<x, y>>`.
    Tuple(Vec<Ident>),
}

/// `x, y \in S` or `<<x, y>> \in S`, or without a set in an unbounded quantifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// Bound names; several patterns share the set: `x, y \in S`.
    pub patterns: Vec<Pattern>,
    /// The set; `None` if unbounded.
    pub set: Option<Expr>,
}

/// One part of a compound name such as `Inst(3)!Op(a)!2!<<`.
#[derive(Debug, Clone, PartialEq)]
pub enum Selector {
    /// A name with arguments: the instance, the operator or a label.
    Name {
        /// The name.
        ident: Ident,
        /// Arguments in parentheses.
        args: Vec<Expr>,
    },
    /// `!2`: the operand with this number, from 1.
    Operand(usize, Span),
    /// `!<<`: the left operand, or the first one.
    Left(Span),
    /// `!>>`: the right operand.
    Right(Span),
    /// `!:`: the body of a definition with the parameters free.
    Body(Span),
    /// `!@`: the body of a quantifier or a function.
    At(Span),
    /// `!(e1, e2)`: arguments for the bound names.
    Args(Vec<Expr>, Span),
}

/// Conjunction or disjunction list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Junction {
    /// A list of `/\`.
    And,
    /// A list of `\/`.
    Or,
}

/// A quantifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// `\A`.
    Forall,
    /// `\E`.
    Exists,
}

/// A definition inside `LET`.
#[derive(Debug, Clone, PartialEq)]
pub enum LetItem {
    /// An operator, function or instance.
    Definition(Definition),
    /// `RECURSIVE F(_)`.
    Recursive(Vec<OpDecl>),
}

/// One step of the path of an `EXCEPT` update.
#[derive(Debug, Clone, PartialEq)]
pub enum ExceptPath {
    /// `[e1, e2]`; several expressions mean a tuple as index.
    Index(Vec<Expr>),
    /// `.field`.
    Field(Ident),
}

/// `!.a[1] = e`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExceptUpdate {
    /// The path after `!`, never empty.
    pub path: Vec<ExceptPath>,
    /// The new value, in which [`ExprKind::At`] may occur.
    pub value: Expr,
    /// The whole update.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A natural number in decimal notation, without leading zeros.
    Number(Name),
    /// A decimal number, as written.
    Decimal(Name),
    /// A string, unescaped.
    String(Name),
    /// Application of a named, prefix, infix or postfix operator, a variable, a constant, a bound name or a built-in
    /// constant (`TRUE`, `FALSE`, `BOOLEAN`, `STRING`).
    ///
    /// `x + y` is `Apply { op: "+", args: [x, y] }`, `x'` is `Apply { op: "'", args: [x] }`, prefix minus is `-.`,
    /// infix `a /\ b` is `Apply { op: "/\\", args: [a, b] }` (a column-aligned list is [`ExprKind::Junction`]).
    /// With `args` empty it may also be an operator used as an argument of a higher-order operator.
    Apply {
        /// The operator, canonical spelling.
        op: Ident,
        /// The operands.
        args: Vec<Expr>,
    },
    /// A compound name, at least two selectors: `M!Op(x)`, `Op!1`.
    Select(Vec<Selector>),
    /// A junction list by columns.
    Junction {
        /// Which.
        junction: Junction,
        /// At least one item.
        items: Vec<Expr>,
    },
    /// `IF p THEN a ELSE b`.
    If {
        /// Condition.
        condition: Expr,
        /// Value if true.
        then: Expr,
        /// Value if false.
        otherwise: Expr,
    },
    /// `CASE p -> a [] q -> b [] OTHER -> c`.
    Case {
        /// Guards and values.
        arms: Vec<(Expr, Expr)>,
        /// `OTHER`.
        other: Option<Expr>,
    },
    /// `LET … IN e`.
    Let {
        /// Definitions.
        items: Vec<LetItem>,
        /// Body.
        body: Expr,
    },
    /// `\A x \in S : p`; unbounded if a bound has no set.
    Quantified {
        /// Which.
        quantifier: Quantifier,
        /// Bound names.
        bounds: Vec<Bound>,
        /// Body.
        body: Expr,
    },
    /// `\AA x : F`, `\EE x : F`.
    TemporalQuantified {
        /// Which.
        quantifier: Quantifier,
        /// Bound variables.
        variables: Vec<Ident>,
        /// Body.
        body: Expr,
    },
    /// `CHOOSE x \in S : p`.
    Choose {
        /// Bound name.
        pattern: Pattern,
        /// Set, if bounded.
        set: Option<Expr>,
        /// Predicate.
        body: Expr,
    },
    /// `{a, b}`.
    SetEnum(Vec<Expr>),
    /// `{x \in S : p}`.
    SetFilter {
        /// Bound name.
        pattern: Pattern,
        /// Set.
        set: Expr,
        /// Predicate.
        predicate: Expr,
    },
    /// `{e : x \in S, y \in T}`.
    SetMap {
        /// Element.
        body: Expr,
        /// Bound names.
        bounds: Vec<Bound>,
    },
    /// `[x \in S, y \in T |-> e]`.
    FunctionLiteral {
        /// Bound names.
        bounds: Vec<Bound>,
        /// Value.
        body: Expr,
    },
    /// `[S -> T]`.
    FunctionSet {
        /// Domain.
        domain: Expr,
        /// Codomain.
        range: Expr,
    },
    /// `[a |-> 1, b |-> 2]`.
    RecordLiteral(Vec<(Ident, Expr)>),
    /// `[a : S, b : T]`.
    RecordSet(Vec<(Ident, Expr)>),
    /// `<<a, b>>`.
    Tuple(Vec<Expr>),
    /// `S \X T \X U`, at least two.
    Product(Vec<Expr>),
    /// `f[a, b]`; several arguments mean a tuple.
    FunctionApply {
        /// The function.
        function: Expr,
        /// At least one.
        args: Vec<Expr>,
    },
    /// `r.field`.
    Field {
        /// The record.
        record: Expr,
        /// The field.
        field: Ident,
    },
    /// `[f EXCEPT !…]`.
    Except {
        /// What is updated.
        base: Expr,
        /// In textual order.
        updates: Vec<ExceptUpdate>,
    },
    /// `@` inside an `EXCEPT` update.
    At,
    /// `[A]_v`.
    BoxAction {
        /// The action.
        action: Expr,
        /// The subscript.
        subscript: Expr,
    },
    /// `<<A>>_v`.
    AngleAction {
        /// The action.
        action: Expr,
        /// The subscript.
        subscript: Expr,
    },
    /// `WF_v(A)` or `SF_v(A)`.
    Fairness {
        /// `SF` rather than `WF`.
        strong: bool,
        /// The subscript.
        subscript: Expr,
        /// The action.
        action: Expr,
    },
    /// `name(x) :: e`.
    Label {
        /// The label.
        name: Ident,
        /// Bound names that it lists.
        params: Vec<Ident>,
        /// The labelled expression.
        body: Expr,
    },
    /// `LAMBDA x, y : e`.
    Lambda {
        /// Parameters.
        params: Vec<Ident>,
        /// Body.
        body: Expr,
    },
}

impl Expr {
    /// An expression of the given kind at the given place.
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind: Box::new(kind), span }
    }
}
