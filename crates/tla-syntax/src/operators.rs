//! The fixed table of prefix, infix and postfix operators.
//!
//! TLA+ has no operator declarations: the symbols, their precedences and their associativity are part of the language
//! (*Specifying Systems*, table 6; prefix minus is written `-.` where it stands alone). A precedence is a *range*: of two
//! neighbouring operators the one whose range lies wholly above binds tighter, and where the ranges overlap the
//! expression has no meaning unless both are the same left-associative operator. The ranges are those of SANY, which
//! differ from the printed table for `SUBSET`, `UNION` and `DOMAIN` (10 to 13 instead of 8 or 9): what SANY rejects must
//! be rejected here, and what it accepts must group in the same way.
//!
//! Every operator has one *canonical* spelling, the only one that occurs in the tree. Where the language has several
//! spellings the shortest ASCII one was chosen, except that the circled operators take their names (`\oplus`, since
//! `(+)` reads like parentheses) and the set operators take `\cup` and `\cap` (`\union` and `UNION` are easily mixed up).

use std::collections::HashMap;
use std::sync::LazyLock;

/// On which side of its operands an operator stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fixity {
    /// Before its operand: `~ p`.
    Prefix,
    /// Between its operands: `a + b`.
    Infix,
    /// After its operand: `x'`.
    Postfix,
}

/// How a row of the same infix operator groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Associativity {
    /// `a op b op c` is an error.
    None,
    /// `a op b op c` is `(a op b) op c`.
    Left,
}

/// Whose the meaning of an operator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Part of the language; no module may define it.
    Language,
    /// A symbol without meaning until a module (a standard one or the user's) defines it.
    Definable,
}

/// One operator of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operator {
    /// Canonical spelling, as in the tree.
    pub symbol: &'static str,
    /// Where it stands.
    pub fixity: Fixity,
    /// Lower end of the precedence range, 1 (weakest) to 17.
    pub low: u8,
    /// Upper end of the precedence range.
    pub high: u8,
    /// Grouping of a row of it.
    pub associativity: Associativity,
    /// Whether a module may define it.
    pub origin: Origin,
    /// All other spellings, ASCII and Unicode.
    pub synonyms: &'static [&'static str],
}

impl Operator {
    /// Number of operands.
    pub fn arity(&self) -> usize {
        match self.fixity {
            Fixity::Prefix | Fixity::Postfix => 1,
            Fixity::Infix => 2,
        }
    }
}

/// The operator with this canonical spelling.
pub fn operator(symbol: &str) -> Option<&'static Operator> {
    BY_SPELLING.get(symbol).copied().filter(|found| found.symbol == symbol)
}

/// The operator that is written so, in whatever spelling. A lone `-` is the infix operator.
pub fn by_spelling(spelling: &str) -> Option<&'static Operator> {
    BY_SPELLING.get(spelling).copied()
}

/// The canonical spelling of an operator written in any way; anything else is returned as it is.
pub fn canonical(spelling: &str) -> &str {
    by_spelling(spelling).map_or(spelling, |found| found.symbol)
}

/// Prefix minus, whose symbol in an expression is that of infix minus.
pub fn negation() -> &'static Operator {
    &NEGATION
}

static BY_SPELLING: LazyLock<HashMap<&'static str, &'static Operator>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for operator in OPERATORS.iter().chain([&NEGATION]) {
        map.insert(operator.symbol, operator);
        for synonym in operator.synonyms {
            map.insert(synonym, operator);
        }
    }
    map
});

use Associativity::{Left, None as Never};
use Fixity::{Infix, Postfix, Prefix};
use Origin::{Definable, Language};

const fn row(
    symbol: &'static str,
    fixity: Fixity,
    range: (u8, u8),
    associativity: Associativity,
    origin: Origin,
    synonyms: &'static [&'static str],
) -> Operator {
    Operator { symbol, fixity, low: range.0, high: range.1, associativity, origin, synonyms }
}

static NEGATION: Operator = row("-.", Prefix, (12, 12), Never, Definable, &[]);

/// All operators but prefix minus (see [`negation`]), in the order of the printed table: by fixity, then by precedence.
pub static OPERATORS: &[Operator] = &[
    // Prefix operators. `[]` also separates the arms of CASE; the parser tells them apart by position.
    row("~", Prefix, (4, 4), Never, Language, &["\\lnot", "\\neg", "¬"]),
    row("ENABLED", Prefix, (4, 15), Never, Language, &[]),
    row("UNCHANGED", Prefix, (4, 15), Never, Language, &[]),
    row("[]", Prefix, (4, 15), Never, Language, &["□"]),
    row("<>", Prefix, (4, 15), Never, Language, &["◇", "⋄"]),
    row("SUBSET", Prefix, (10, 13), Never, Language, &[]),
    row("UNION", Prefix, (10, 13), Never, Language, &[]),
    row("DOMAIN", Prefix, (10, 13), Never, Language, &[]),
    // Logic and temporal infix operators. `<=>` and `\equiv` are one operator.
    row("=>", Infix, (1, 1), Never, Language, &["⇒", "⟹"]),
    row("-+->", Infix, (2, 2), Never, Language, &["⇸", "⥅"]),
    row("<=>", Infix, (2, 2), Never, Language, &["\\equiv", "≡", "⇔", "⟺"]),
    row("~>", Infix, (2, 2), Never, Language, &["↝", "⇝"]),
    row("/\\", Infix, (3, 3), Left, Language, &["\\land", "∧"]),
    row("\\/", Infix, (3, 3), Left, Language, &["\\lor", "∨"]),
    // Relations. `=<` is SANY's usual spelling of what is `<=` here; `/=` and `#` are one operator.
    row("=", Infix, (5, 5), Never, Language, &[]),
    row("#", Infix, (5, 5), Never, Language, &["/=", "≠"]),
    row("\\in", Infix, (5, 5), Never, Language, &["∈"]),
    row("\\notin", Infix, (5, 5), Never, Language, &["∉"]),
    row("\\subseteq", Infix, (5, 5), Never, Language, &["⊆"]),
    row("<", Infix, (5, 5), Never, Definable, &[]),
    row(">", Infix, (5, 5), Never, Definable, &[]),
    row("<=", Infix, (5, 5), Never, Definable, &["=<", "\\leq", "≤"]),
    row(">=", Infix, (5, 5), Never, Definable, &["\\geq", "≥"]),
    row(":=", Infix, (5, 5), Never, Definable, &["≔"]),
    row("::=", Infix, (5, 5), Never, Definable, &["⩴"]),
    row("|-", Infix, (5, 5), Never, Definable, &["⊢"]),
    row("|=", Infix, (5, 5), Never, Definable, &["⊨"]),
    row("-|", Infix, (5, 5), Never, Definable, &["⊣"]),
    row("=|", Infix, (5, 5), Never, Definable, &["⫤"]),
    row("\\approx", Infix, (5, 5), Never, Definable, &["≈"]),
    row("\\asymp", Infix, (5, 5), Never, Definable, &["≍"]),
    row("\\cong", Infix, (5, 5), Never, Definable, &["≅"]),
    row("\\doteq", Infix, (5, 5), Never, Definable, &["≐"]),
    row("\\gg", Infix, (5, 5), Never, Definable, &["≫"]),
    row("\\ll", Infix, (5, 5), Never, Definable, &["≪"]),
    row("\\prec", Infix, (5, 5), Never, Definable, &["≺"]),
    row("\\preceq", Infix, (5, 5), Never, Definable, &["⪯"]),
    row("\\propto", Infix, (5, 5), Never, Definable, &["∝"]),
    row("\\sim", Infix, (5, 5), Never, Definable, &["∼"]),
    row("\\simeq", Infix, (5, 5), Never, Definable, &["≃"]),
    row("\\sqsubset", Infix, (5, 5), Never, Definable, &["⊏"]),
    row("\\sqsubseteq", Infix, (5, 5), Never, Definable, &["⊑"]),
    row("\\sqsupset", Infix, (5, 5), Never, Definable, &["⊐"]),
    row("\\sqsupseteq", Infix, (5, 5), Never, Definable, &["⊒"]),
    row("\\subset", Infix, (5, 5), Never, Definable, &["⊂"]),
    row("\\succ", Infix, (5, 5), Never, Definable, &["≻"]),
    row("\\succeq", Infix, (5, 5), Never, Definable, &["⪰"]),
    row("\\supset", Infix, (5, 5), Never, Definable, &["⊃"]),
    row("\\supseteq", Infix, (5, 5), Never, Definable, &["⊇"]),
    // Composition of actions: a range so wide that it conflicts with nearly everything, on purpose.
    row("\\cdot", Infix, (5, 14), Left, Language, &["⋅"]),
    // Functions and sets.
    row("@@", Infix, (6, 6), Left, Definable, &[]),
    row(":>", Infix, (7, 7), Never, Definable, &[]),
    row("<:", Infix, (7, 7), Never, Definable, &[]),
    row("\\", Infix, (8, 8), Never, Language, &[]),
    row("\\cap", Infix, (8, 8), Left, Language, &["\\intersect", "∩"]),
    row("\\cup", Infix, (8, 8), Left, Language, &["\\union", "∪"]),
    // Arithmetic and its relatives.
    row("..", Infix, (9, 9), Never, Definable, &["‥"]),
    row("...", Infix, (9, 9), Never, Definable, &["…"]),
    row("!!", Infix, (9, 13), Never, Definable, &["‼"]),
    row("##", Infix, (9, 13), Left, Definable, &[]),
    row("$", Infix, (9, 13), Left, Definable, &[]),
    row("$$", Infix, (9, 13), Left, Definable, &[]),
    row("??", Infix, (9, 13), Left, Definable, &["⁇"]),
    row("\\sqcap", Infix, (9, 13), Left, Definable, &["⊓"]),
    row("\\sqcup", Infix, (9, 13), Left, Definable, &["⊔"]),
    row("\\uplus", Infix, (9, 13), Left, Definable, &["⊎"]),
    row("\\wr", Infix, (9, 14), Never, Definable, &["≀"]),
    row("\\oplus", Infix, (10, 10), Left, Definable, &["(+)", "⊕"]),
    row("+", Infix, (10, 10), Left, Definable, &[]),
    row("++", Infix, (10, 10), Left, Definable, &[]),
    // `\mod` was a spelling of `%` in early versions of the language; SANY no longer knows it.
    row("%", Infix, (10, 11), Never, Definable, &["\\mod"]),
    row("%%", Infix, (10, 11), Left, Definable, &[]),
    row("|", Infix, (10, 11), Left, Definable, &[]),
    row("||", Infix, (10, 11), Left, Definable, &["‖"]),
    row("\\ominus", Infix, (11, 11), Left, Definable, &["(-)", "⊖"]),
    row("-", Infix, (11, 11), Left, Definable, &[]),
    row("--", Infix, (11, 11), Left, Definable, &[]),
    // The Cartesian product is one operator with any number of operands (`ExprKind::Product` in the tree).
    row("\\X", Infix, (10, 13), Left, Language, &["\\times", "×"]),
    row("&", Infix, (13, 13), Left, Definable, &[]),
    row("&&", Infix, (13, 13), Left, Definable, &[]),
    row("\\odot", Infix, (13, 13), Left, Definable, &["(.)", "⊙"]),
    row("\\oslash", Infix, (13, 13), Never, Definable, &["(/)", "⊘"]),
    row("\\otimes", Infix, (13, 13), Left, Definable, &["(\\X)", "⊗"]),
    row("*", Infix, (13, 13), Left, Definable, &[]),
    row("**", Infix, (13, 13), Left, Definable, &[]),
    row("/", Infix, (13, 13), Never, Definable, &[]),
    row("//", Infix, (13, 13), Never, Definable, &[]),
    row("\\bigcirc", Infix, (13, 13), Left, Definable, &["◯"]),
    row("\\bullet", Infix, (13, 13), Left, Definable, &["●"]),
    row("\\div", Infix, (13, 13), Never, Definable, &["÷"]),
    row("\\o", Infix, (13, 13), Left, Definable, &["\\circ", "∘"]),
    row("\\star", Infix, (13, 13), Left, Definable, &["⋆"]),
    row("^", Infix, (14, 14), Never, Definable, &[]),
    row("^^", Infix, (14, 14), Never, Definable, &[]),
    // Postfix operators. Application `f[x]` and the field `r.a` bind tighter still and are no operators here.
    row("'", Postfix, (15, 15), Never, Language, &[]),
    row("^+", Postfix, (15, 15), Never, Definable, &["⁺"]),
    row("^*", Postfix, (15, 15), Never, Definable, &[]),
    row("^#", Postfix, (15, 15), Never, Definable, &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_spelling_belongs_to_two_operators() {
        let mut seen = HashSet::new();
        for operator in OPERATORS.iter().chain([negation()]) {
            assert!(seen.insert(operator.symbol), "{} twice", operator.symbol);
            for synonym in operator.synonyms {
                assert!(seen.insert(synonym), "{synonym} twice");
            }
        }
    }

    #[test]
    fn every_spelling_leads_to_its_operator() {
        assert_eq!(canonical("=<"), "<=");
        assert_eq!(canonical("\\equiv"), "<=>");
        assert_eq!(canonical("(\\X)"), "\\otimes");
        assert_eq!(canonical("Foo"), "Foo");
        assert_eq!(operator("\\leq"), None);
        assert_eq!(operator("-.").map(Operator::arity), Some(1));
    }

    #[test]
    fn ranges_are_in_order() {
        for operator in OPERATORS {
            assert!(operator.low <= operator.high && operator.high <= 15, "{}", operator.symbol);
        }
    }
}
