//! What can be known about the tokens before they are parsed: which bracket closes which, what a bracket contains, and
//! where definitions begin.
//!
//! Three questions of the grammar need unbounded lookahead: whether `[x \in S …` is a function constructor or an action
//! with a subscript, whether `{x \in S …` is a filter or an enumeration, and whether a name begins a definition. SANY
//! answers them by trying or by scanning ahead; here one pass over all tokens answers them for every place at once, which
//! keeps parsing linear. The same tables tell a mistake in one definition from the beginning of the next one.

use super::token::{Keyword, Kind, Mark, Token};
use crate::operators::{Fixity, Origin};

/// How far a closing bracket is searched for its opening one among those that were never closed.
const MISMATCH_SEARCH: usize = 64;

/// Facts about every token, by index.
pub(crate) struct Layout {
    /// For a closing bracket its opening one and the other way round; the same for LET and IN.
    partner: Vec<Option<u32>>,
    /// Whether a `|->` stands directly inside the bracket opened here.
    maps_to: Vec<bool>,
    /// Whether a `:` that belongs to no quantifier stands directly inside the bracket opened here.
    colon: Vec<bool>,
    /// For the first token of a definition the index of its `==`.
    definition: Vec<Option<u32>>,
}

struct Open {
    index: usize,
    mark: Mark,
    /// Quantifiers directly inside that still wait for their `:`.
    quantifiers: u32,
}

impl Layout {
    /// Computes the tables.
    pub(crate) fn new(tokens: &[Token]) -> Self {
        let size = tokens.len();
        let mut layout = Self {
            partner: vec![None; size],
            maps_to: vec![false; size],
            colon: vec![false; size],
            definition: vec![None; size],
        };
        layout.match_brackets(tokens);
        for (index, token) in tokens.iter().enumerate() {
            if token.kind == Kind::Mark(Mark::Define)
                && let Some(head) = layout.definition_head(tokens, index)
            {
                layout.definition[head] = Some(index as u32);
            }
        }
        layout
    }

    /// The other bracket of a pair, the IN of a LET, the LET of an IN.
    pub(crate) fn partner(&self, index: usize) -> Option<usize> {
        self.partner.get(index).copied().flatten().map(|partner| partner as usize)
    }

    /// Whether a `|->` stands directly inside the bracket opened at this token.
    pub(crate) fn contains_maps_to(&self, open: usize) -> bool {
        self.maps_to.get(open).copied().unwrap_or(false)
    }

    /// Whether a `:` that belongs to no quantifier stands directly inside the bracket opened at this token.
    pub(crate) fn contains_colon(&self, open: usize) -> bool {
        self.colon.get(open).copied().unwrap_or(false)
    }

    /// If a definition begins at this token, the index of its `==`.
    pub(crate) fn definition_at(&self, index: usize) -> Option<usize> {
        self.definition.get(index).copied().flatten().map(|define| define as usize)
    }

    fn match_brackets(&mut self, tokens: &[Token]) {
        let mut open: Vec<Open> = Vec::new();
        let mut lets: Vec<usize> = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Mark(mark) => self.visit_mark(tokens, index, mark, &mut open),
                Kind::Keyword(Keyword::Choose | Keyword::Lambda) => count_quantifier(&mut open),
                Kind::Keyword(Keyword::Let) => lets.push(index),
                Kind::Keyword(Keyword::In) => {
                    if let Some(opening) = lets.pop() {
                        self.pair(opening, index);
                    }
                }
                Kind::ModuleStart | Kind::ModuleEnd | Kind::Separator => {
                    open.clear();
                    lets.clear();
                }
                _ => {}
            }
        }
    }

    fn visit_mark(&mut self, tokens: &[Token], index: usize, mark: Mark, open: &mut Vec<Open>) {
        match mark {
            Mark::LeftParen | Mark::LeftSquare | Mark::LeftBrace | Mark::LeftAngle => {
                if !follows_bang(tokens, index) || mark == Mark::LeftParen || mark == Mark::LeftSquare {
                    open.push(Open { index, mark, quantifiers: 0 });
                }
            }
            Mark::RightParen => self.close(index, Mark::LeftParen, open),
            Mark::RightSquare | Mark::RightSquareSub => self.close(index, Mark::LeftSquare, open),
            Mark::RightBrace => self.close(index, Mark::LeftBrace, open),
            Mark::RightAngle if follows_bang(tokens, index) => {}
            Mark::RightAngle | Mark::RightAngleSub => self.close(index, Mark::LeftAngle, open),
            Mark::Forall | Mark::Exists | Mark::TemporalForall | Mark::TemporalExists => count_quantifier(open),
            Mark::MapsTo => {
                if let Some(top) = open.last() {
                    self.maps_to[top.index] = true;
                }
            }
            Mark::Colon if !follows_bang(tokens, index) => {
                if let Some(top) = open.last_mut() {
                    if top.quantifiers > 0 {
                        top.quantifiers -= 1;
                    } else {
                        self.colon[top.index] = true;
                    }
                }
            }
            Mark::Comma
            | Mark::Colon
            | Mark::DoubleColon
            | Mark::Dot
            | Mark::Underscore
            | Mark::Define
            | Mark::Bang
            | Mark::Arrow
            | Mark::Substitute
            | Mark::At => {}
        }
    }

    fn close(&mut self, index: usize, mark: Mark, open: &mut Vec<Open>) {
        let found = open.iter().rev().take(MISMATCH_SEARCH).position(|candidate| candidate.mark == mark);
        if let Some(above) = found {
            let position = open.len() - 1 - above;
            let opening = open[position].index;
            open.truncate(position);
            self.pair(opening, index);
        }
    }

    fn pair(&mut self, opening: usize, closing: usize) {
        self.partner[closing] = Some(opening as u32);
        self.partner[opening] = Some(closing as u32);
    }

    /// The first token of the definition whose `==` is this one.
    fn definition_head(&self, tokens: &[Token], define: usize) -> Option<usize> {
        let last = define.checked_sub(1)?;
        match tokens[last].kind {
            Kind::Identifier => Some(operator_definition_head(tokens, last).unwrap_or(last)),
            Kind::Mark(Mark::RightParen | Mark::RightSquare) => {
                self.partner(last)?.checked_sub(1).filter(|name| tokens[*name].kind == Kind::Identifier)
            }
            Kind::Operator(operator) if operator.fixity == Fixity::Postfix => {
                last.checked_sub(1).filter(|name| tokens[*name].kind == Kind::Identifier)
            }
            _ => None,
        }
    }
}

/// The head of `a ++ b ==` or `-. a ==`, given the index of the last parameter. It must begin a line or be on one:
/// otherwise an unfinished expression before a plain definition would look like part of it.
fn operator_definition_head(tokens: &[Token], last: usize) -> Option<usize> {
    let symbol = last.checked_sub(1)?;
    let Kind::Operator(operator) = tokens[symbol].kind else { return None };
    if operator.origin != Origin::Definable {
        return None;
    }
    let head = match operator.fixity {
        Fixity::Prefix => symbol,
        Fixity::Infix => symbol.checked_sub(1).filter(|left| tokens[*left].kind == Kind::Identifier)?,
        Fixity::Postfix => return None,
    };
    let split = tokens[head + 1..=last].iter().any(|token| token.first_on_line);
    (tokens[head].first_on_line || !split).then_some(head)
}

/// Whether the token stands behind a `!`, where `<<`, `>>` and `:` are selectors.
fn follows_bang(tokens: &[Token], index: usize) -> bool {
    index > 0 && tokens[index - 1].kind == Kind::Mark(Mark::Bang)
}

fn count_quantifier(open: &mut [Open]) {
    if let Some(top) = open.last_mut() {
        top.quantifiers += 1;
    }
}
