//! Objective-C++ to C++ that one grammar can read, with the way back to the original offsets.
//!
//! No grammar at hand reads Objective-C++: the C++ one derails at the first message send, the Objective-C one at the
//! first namespace. So what Objective-C adds is rewritten token by token into C++ with the same structure:
//!
//! | Objective-C++ | becomes |
//! |---|---|
//! | `^ret(args) { }` | `[&](args) { }`, remembered as a block |
//! | `[r a:x b:y]` | `objc_message__(r,"a:b:",x,y)` |
//! | `@autoreleasepool { }` | `{ }` |
//! | `@synchronized(x) { }` | `if (objc_synchronized__(x)) { }` |
//! | `@"x"`, `@(x)`, `@1` | `"x"`, `(x)`, `1` |
//! | `@[a, b]`, `@{k: v}` | `objc_array__(a, b)`, `objc_dictionary__(k, v)` |
//! | `@interface`, `@implementation`, `@protocol` … `@end` | `struct … { };` with methods as member functions |
//! | `for (x in y)` | `for (x : y)` |
//!
//! Preprocessor directives are blanked. Of a conditional all branches are kept where each is complete in itself,
//! otherwise the first one; a branch that is dropped is reported as not analysed. Macros that decorate declarations are
//! blanked, and macros that stand for a statement or a function head are made to look like one.
//!
//! Nothing is rewritten inside strings, comments and directives. Text without any of this comes out unchanged.

pub mod conditionals;
mod interfaces;
mod literals;
mod macros;
mod messages;

use crate::Settings;
use crate::edit::{Edit, Rewritten};
use crate::lex::{self, Kind, Token};
use std::collections::{HashMap, HashSet};

/// Names that the rewritten text uses for what Objective-C has syntax for.
pub const MESSAGE: &str = "objc_message__";
/// Stands for `@synchronized`.
pub const SYNCHRONIZED: &str = "objc_synchronized__";
/// Stands for `@[ ]`.
pub const ARRAY: &str = "objc_array__";
/// Stands for `@{ }`.
pub const DICTIONARY: &str = "objc_dictionary__";

/// What the pre-pass made of a file.
#[derive(Debug)]
pub struct Prepared {
    /// C++ text with its map.
    pub text: Rewritten,
    /// Original offsets of the `^` of each block.
    pub blocks: HashSet<usize>,
    /// Original ranges of preprocessor branches that were not taken.
    pub dropped: Vec<(usize, usize)>,
    /// Comments, for suppressions: original ranges.
    pub comments: Vec<(usize, usize)>,
    /// Names of variables declared `__block`.
    pub block_variables: HashSet<Vec<u8>>,
}

/// The tokens of a file without comments and directives, with their brackets matched.
struct Code<'a> {
    source: &'a [u8],
    tokens: Vec<Token>,
    /// For each bracket the index of its partner.
    partner: Vec<Option<usize>>,
    edits: Vec<Edit>,
    /// First tokens after a directive.
    after_directive: HashSet<usize>,
    blocks: HashSet<usize>,
    block_variables: HashSet<Vec<u8>>,
    /// Last tokens of macro invocations that stand for statements.
    terminated: HashSet<usize>,
}

/// Prepares a file.
pub fn prepare(source: &[u8], settings: &Settings) -> Prepared {
    let decorations = &settings.decorations;
    let all = lex::tokens(source);
    let mut edits = Vec::new();
    let (dropped, missing) = conditionals::drop_branches(source, &all, &settings.macros, &mut edits);
    let comments =
        all.iter().filter(|token| token.kind == Kind::Comment).map(|token| (token.start, token.end)).collect();
    let mut after_directive = HashSet::new();
    let mut tokens = Vec::with_capacity(all.len());
    let mut ranges = dropped.iter().peekable();
    let mut directive = true;
    for token in all {
        while ranges.peek().is_some_and(|(_, end)| *end <= token.start) {
            ranges.next();
        }
        if ranges.peek().is_some_and(|(start, _)| *start <= token.start) {
            continue;
        }
        match token.kind {
            Kind::Comment => {}
            Kind::Directive => directive = true,
            Kind::Word | Kind::Number | Kind::Text | Kind::Mark => {
                if std::mem::take(&mut directive) {
                    after_directive.insert(tokens.len());
                }
                tokens.push(token);
            }
        }
    }
    let partner = partners(source, &tokens);
    let mut code = Code {
        source,
        tokens,
        partner,
        edits,
        after_directive,
        blocks: HashSet::new(),
        block_variables: HashSet::new(),
        terminated: HashSet::new(),
    };
    for index in 0..code.tokens.len() {
        code.visit(index, decorations);
    }
    let Code { edits, blocks, block_variables, .. } = code;
    Prepared { text: Rewritten::new(source, edits), blocks, dropped: missing, comments, block_variables }
}

/// Partners of `()`, `[]` and `{}`. A closing bracket closes the innermost open one of its kind; those in between stay
/// alone.
fn partners(source: &[u8], tokens: &[Token]) -> Vec<Option<usize>> {
    let mut partner = vec![None; tokens.len()];
    let mut open: Vec<(u8, usize)> = Vec::new();
    let mut counts: HashMap<u8, usize> = HashMap::new();
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Mark) {
        match source[token.start] {
            byte @ (b'(' | b'[' | b'{') => {
                open.push((byte, index));
                *counts.entry(byte).or_default() += 1;
            }
            byte @ (b')' | b']' | b'}') => {
                let wanted = match byte {
                    b')' => b'(',
                    b']' => b'[',
                    _ => b'{',
                };
                if counts.get(&wanted).copied().unwrap_or(0) == 0 {
                    continue;
                }
                while let Some((found, at)) = open.pop() {
                    *counts.entry(found).or_default() -= 1;
                    if found == wanted {
                        partner[index] = Some(at);
                        partner[at] = Some(index);
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    partner
}

impl Code<'_> {
    fn text(&self, index: usize) -> &[u8] {
        self.tokens.get(index).map_or(&[], |token| token.text(self.source))
    }

    fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    fn is(&self, index: usize, text: &str) -> bool {
        self.text(index) == text.as_bytes()
    }

    fn previous(&self, index: usize) -> &[u8] {
        index.checked_sub(1).map_or(&[], |index| self.text(index))
    }

    fn is_word(&self, index: usize) -> bool {
        self.kind(index) == Some(Kind::Word)
    }

    /// Whether an expression can end with this token.
    fn ends_operand(&self, index: usize) -> bool {
        match self.kind(index) {
            Some(Kind::Word) => !matches!(
                self.text(index),
                b"return"
                    | b"case"
                    | b"else"
                    | b"do"
                    | b"in"
                    | b"throw"
                    | b"co_return"
                    | b"co_yield"
                    | b"sizeof"
                    | b"and"
                    | b"or"
                    | b"not"
                    | b"xor"
                    | b"const"
                    | b"static"
                    | b"unsigned"
                    | b"signed"
                    | b"long"
                    | b"short"
                    | b"struct"
                    | b"typename"
                    | b"new"
                    | b"delete"
                    | b"using"
                    | b"restrict"
                    | b"mutable"
            ),
            Some(Kind::Number | Kind::Text) => true,
            Some(Kind::Mark) => matches!(self.text(index), b")" | b"]" | b"}"),
            Some(Kind::Directive | Kind::Comment) | None => false,
        }
    }

    fn replace(&mut self, index: usize, text: &str) {
        // A text that ends in the middle has no token where one is to be: nothing is edited there.
        let Some(token) = self.tokens.get(index) else { return };
        self.edits.push(Edit { start: token.start, end: token.end, text: text.as_bytes().to_vec() });
    }

    fn insert_before(&mut self, index: usize, text: &str) {
        let Some(at) = self.tokens.get(index).map(|token| token.start) else { return };
        self.edits.push(Edit { start: at, end: at, text: text.as_bytes().to_vec() });
    }

    fn insert_after(&mut self, index: usize, text: &str) {
        let Some(at) = self.tokens.get(index).map(|token| token.end) else { return };
        self.edits.push(Edit { start: at, end: at, text: text.as_bytes().to_vec() });
    }

    fn blank(&mut self, from: usize, to: usize) {
        if from < to && to <= self.tokens.len() {
            let (start, end) = (self.tokens[from].start, self.tokens[to - 1].end);
            self.edits.push(Edit { start, end, text: b" ".to_vec() });
        }
    }

    fn partner(&self, index: usize) -> Option<usize> {
        self.partner.get(index).copied().flatten()
    }

    /// Whether this token begins a statement or declaration.
    fn begins_statement(&self, index: usize) -> bool {
        index == 0
            || self.after_directive.contains(&index)
            || self.terminated.contains(&(index - 1))
            || matches!(self.previous(index), b";" | b"{" | b"}" | b":")
    }

    fn visit(&mut self, index: usize, decorations: &HashSet<String>) {
        match (self.kind(index), self.text(index)) {
            (Some(Kind::Mark), b"[") => self.message(index),
            (Some(Kind::Mark), b"^") => self.block(index),
            (Some(Kind::Mark), b"@") => self.at_sign(index),
            (Some(Kind::Word), b"for") => self.for_in(index),
            (Some(Kind::Word), _) => self.word(index, decorations),
            _ => {}
        }
    }

    /// `for (x in y)`.
    fn for_in(&mut self, index: usize) {
        let Some(close) = self.partner(index + 1).filter(|_| self.is(index + 1, "(")) else { return };
        let mut at = index + 2;
        while at < close {
            if matches!(self.text(at), b";" | b":") {
                return;
            }
            if self.is(at, "in") && self.ends_operand(at - 1) {
                return self.replace(at, ":");
            }
            at = self.partner(at).filter(|partner| *partner > at).map_or(at + 1, |partner| partner + 1);
        }
    }

    /// `^{`, `^(args) {`, `^type(args) {`, and `(^name)` in types.
    fn block(&mut self, index: usize) {
        if self.previous(index) == b"(" && (self.is(index + 1, ")") || self.is(index + 2, ")")) {
            return self.replace(index, "*");
        }
        let operand_before = index > 0 && self.ends_operand(index - 1);
        let mut at = index + 1;
        while !operand_before && at < index + 8 && (self.is_word(at) || matches!(self.text(at), b"*" | b"::" | b"&")) {
            at += 1;
        }
        let head_end = at;
        if self.is(at, "(") {
            let Some(close) = self.partner(at) else { return };
            at = close + 1;
        } else if at != index + 1 && !self.is(at, "{") {
            return;
        }
        if !self.is(at, "{") || operand_before && at == index + 1 && !self.is(index + 1, "{") {
            return;
        }
        self.blocks.insert(self.tokens[index].start);
        self.replace(index, "[&]");
        self.blank(index + 1, head_end);
    }
}
