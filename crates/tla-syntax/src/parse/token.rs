//! The tokens of a module.
//!
//! A token knows its column with tabs expanded to stops of eight, as SANY counts, because the layout of conjunction and
//! disjunction lists is part of the grammar. Its text is not stored: it is the slice of the file between `start` and
//! `end`.

use crate::operators::Operator;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, also `TRUE`, `FALSE`, `BOOLEAN`, `STRING`, which the language predefines but does not reserve.
    Identifier,
    /// A number in any base.
    Number,
    /// A decimal number such as `1.5`.
    Decimal,
    /// A string with its quotes.
    String,
    /// An operator symbol in any spelling.
    Operator(&'static Operator),
    /// A reserved word.
    Keyword(Keyword),
    /// Any other symbol.
    Mark(Mark),
    /// The name of a proof step: `<1>`, `<2>3.`, `<*>a`.
    ProofStep,
    /// `---- MODULE`.
    ModuleStart,
    /// `====`.
    ModuleEnd,
    /// `----`.
    Separator,
    /// Something that is no token; it has been reported.
    Unknown,
    /// The end of the text, or of the module.
    End,
    /// Not a token of the text: what the parser sees instead of a token that stands too far left to belong to the
    /// junction list item that is being read.
    Outdented,
}

/// A symbol that is no operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `::`
    DoubleColon,
    /// `.`
    Dot,
    /// `_`
    Underscore,
    /// `==`
    Define,
    /// `(`
    LeftParen,
    /// `)`
    RightParen,
    /// `[`
    LeftSquare,
    /// `]`
    RightSquare,
    /// `]_`
    RightSquareSub,
    /// `{`
    LeftBrace,
    /// `}`
    RightBrace,
    /// `<<`
    LeftAngle,
    /// `>>`
    RightAngle,
    /// `>>_`
    RightAngleSub,
    /// `!`
    Bang,
    /// `->`
    Arrow,
    /// `<-`
    Substitute,
    /// `|->`
    MapsTo,
    /// `@`
    At,
    /// `\A`
    Forall,
    /// `\E`
    Exists,
    /// `\AA`
    TemporalForall,
    /// `\EE`
    TemporalExists,
}

/// Spellings of every mark, the canonical one first for each.
pub(crate) const MARKS: &[(&str, Mark)] = &[
    (",", Mark::Comma),
    (":", Mark::Colon),
    ("::", Mark::DoubleColon),
    ("∷", Mark::DoubleColon),
    (".", Mark::Dot),
    ("_", Mark::Underscore),
    ("==", Mark::Define),
    ("≜", Mark::Define),
    ("(", Mark::LeftParen),
    (")", Mark::RightParen),
    ("[", Mark::LeftSquare),
    ("]", Mark::RightSquare),
    ("]_", Mark::RightSquareSub),
    ("{", Mark::LeftBrace),
    ("}", Mark::RightBrace),
    ("<<", Mark::LeftAngle),
    ("⟨", Mark::LeftAngle),
    ("〈", Mark::LeftAngle),
    (">>", Mark::RightAngle),
    ("⟩", Mark::RightAngle),
    ("〉", Mark::RightAngle),
    (">>_", Mark::RightAngleSub),
    ("⟩_", Mark::RightAngleSub),
    ("〉_", Mark::RightAngleSub),
    ("!", Mark::Bang),
    ("->", Mark::Arrow),
    ("→", Mark::Arrow),
    ("⟶", Mark::Arrow),
    ("<-", Mark::Substitute),
    ("←", Mark::Substitute),
    ("⟵", Mark::Substitute),
    ("|->", Mark::MapsTo),
    ("↦", Mark::MapsTo),
    ("⟼", Mark::MapsTo),
    ("@", Mark::At),
    ("\\A", Mark::Forall),
    ("\\forall", Mark::Forall),
    ("∀", Mark::Forall),
    ("\\E", Mark::Exists),
    ("\\exists", Mark::Exists),
    ("∃", Mark::Exists),
    ("\\AA", Mark::TemporalForall),
    ("\\EE", Mark::TemporalExists),
];

impl Mark {
    /// The canonical spelling.
    pub(crate) fn spelling(self) -> &'static str {
        MARKS.iter().find(|(_, mark)| *mark == self).map_or("", |(spelling, _)| spelling)
    }
}

/// Declares the reserved words together with their spellings.
macro_rules! keywords {
    ($($variant:ident: $($spelling:literal)|+;)*) => {
        /// A reserved word; words that the grammar treats alike (`VARIABLE`, `VARIABLES`) are one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Keyword {
            $(#[doc = concat!("`", $($spelling, "` ",)+ "")] $variant,)*
        }

        impl Keyword {
            /// The reserved word with this spelling.
            pub(crate) fn from_spelling(word: &str) -> Option<Self> {
                match word {
                    $($($spelling)|+ => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The first spelling.
            pub(crate) fn spelling(self) -> &'static str {
                match self {
                    $(Self::$variant => [$($spelling),+][0],)*
                }
            }
        }
    };
}

keywords! {
    Action: "ACTION" | "ACTIONS";
    Assume: "ASSUME";
    Assumption: "ASSUMPTION" | "AXIOM";
    By: "BY";
    Case: "CASE";
    Choose: "CHOOSE";
    Constant: "CONSTANT" | "CONSTANTS";
    Def: "DEF" | "DEFS";
    Define: "DEFINE";
    Else: "ELSE";
    Except: "EXCEPT";
    Extends: "EXTENDS";
    Have: "HAVE";
    Hide: "HIDE";
    If: "IF";
    In: "IN";
    Instance: "INSTANCE";
    Lambda: "LAMBDA";
    Let: "LET";
    Local: "LOCAL";
    Module: "MODULE";
    New: "NEW";
    Obvious: "OBVIOUS";
    Omitted: "OMITTED";
    Only: "ONLY";
    Other: "OTHER";
    Pick: "PICK";
    Proof: "PROOF";
    Proposition: "PROPOSITION" | "LEMMA" | "COROLLARY";
    Prove: "PROVE";
    Qed: "QED";
    Recursive: "RECURSIVE";
    State: "STATE";
    StrongFairness: "SF_";
    Suffices: "SUFFICES";
    Take: "TAKE";
    Temporal: "TEMPORAL" | "TEMPORALS";
    Then: "THEN";
    Theorem: "THEOREM";
    Use: "USE";
    Variable: "VARIABLE" | "VARIABLES";
    WeakFairness: "WF_";
    With: "WITH";
    Witness: "WITNESS";
}

impl Keyword {
    /// Whether a unit of a module begins with it.
    pub(crate) fn begins_unit(self) -> bool {
        match self {
            Self::Local
            | Self::Instance
            | Self::Theorem
            | Self::Proposition
            | Self::Assume
            | Self::Assumption
            | Self::Constant
            | Self::Variable
            | Self::Recursive
            | Self::Use
            | Self::Hide => true,
            Self::Action
            | Self::By
            | Self::Case
            | Self::Choose
            | Self::Def
            | Self::Define
            | Self::Else
            | Self::Except
            | Self::Extends
            | Self::Have
            | Self::If
            | Self::In
            | Self::Lambda
            | Self::Let
            | Self::Module
            | Self::New
            | Self::Obvious
            | Self::Omitted
            | Self::Only
            | Self::Other
            | Self::Pick
            | Self::Proof
            | Self::Prove
            | Self::Qed
            | Self::State
            | Self::StrongFairness
            | Self::Suffices
            | Self::Take
            | Self::Temporal
            | Self::Then
            | Self::WeakFairness
            | Self::With
            | Self::Witness => false,
        }
    }
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Column from 1, with tabs expanded.
    pub column: u32,
    /// Whether only white space and comments stand before it on its line.
    pub first_on_line: bool,
}
