//! Macros and extensions of compilers that the grammar cannot know.
//!
//! Only shapes are used: a name in capitals between `class` and the class's name decorates it, one with a customary
//! suffix (`_API`, `_EXPORT`, …) decorates a declaration, `NAME(x)(args) {` heads a function, and `NAME(args)` alone on
//! its lines is a statement without its semicolon. Further decorations come from the configuration.

use super::Code;
use std::collections::HashSet;

/// Suffixes of macros that decorate declarations.
const SUFFIXES: [&str; 20] = [
    "_API",
    "_EXPORT",
    "_EXPORTS",
    "_IMPORT",
    "_HIDDEN",
    "_PUBLIC",
    "_PRIVATE",
    "_LOCAL",
    "_INLINE",
    "_NOINLINE",
    "_VISIBLE",
    "_DEPRECATED",
    "_UNUSED",
    "_NORETURN",
    "_DEVICE",
    "_ATTRIBUTE",
    "_ERASE",
    "_RESTRICT",
    "_NODISCARD",
    "_VISIBILITY",
];

fn is_capital(word: &[u8]) -> bool {
    word.len() > 2
        && word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
        && word[0].is_ascii_uppercase()
}

impl Code<'_> {
    pub(super) fn word(&mut self, index: usize, decorations: &HashSet<String>) {
        match self.text(index) {
            b"__block" => {
                self.remember_block_variable(index);
                self.blank(index, index + 1);
            }
            b"__bridge"
            | b"__bridge_transfer"
            | b"__bridge_retained"
            | b"__weak"
            | b"__strong"
            | b"__unsafe_unretained"
            | b"__autoreleasing"
            | b"_Nonnull"
            | b"_Nullable"
            | b"__nonnull"
            | b"__nullable"
            | b"_Null_unspecified"
            | b"__extension__"
            | b"__restrict"
            | b"__restrict__"
            | b"__forceinline"
            | b"__inline__"
            | b"__host__"
            | b"__device__"
            | b"__global__"
            | b"__kindof"
            | b"__cdecl"
            | b"__stdcall"
            | b"nonnull"
            | b"nullable"
                if !self.is_call_or_member(index) =>
            {
                self.blank(index, index + 1);
            }
            b"__thread" => self.replace(index, "thread_local"),
            b"__unused" => self.blank(index, index + 1),
            _ => self.capitals(index, decorations),
        }
    }

    fn is_call_or_member(&self, index: usize) -> bool {
        self.is(index + 1, "(") || matches!(self.previous(index), b"." | b"->" | b"::")
    }

    fn remember_block_variable(&mut self, index: usize) {
        let end = (index..index + 24).find(|at| matches!(self.text(*at), b"=" | b";" | b"{" | b"(" | b"["));
        if let Some(end) = end.filter(|end| *end > 0 && self.is_word(end - 1)) {
            let name = self.text(end - 1).to_vec();
            self.block_variables.insert(name);
        }
    }

    fn capitals(&mut self, index: usize, decorations: &HashSet<String>) {
        let word = self.text(index);
        let named = !decorations.is_empty() && std::str::from_utf8(word).is_ok_and(|word| decorations.contains(word));
        if named {
            let close = if self.is(index + 1, "(") { self.partner(index + 1) } else { None };
            return self.blank(index, close.map_or(index + 1, |close| close + 1));
        }
        if !is_capital(word) {
            return;
        }
        if self.stands_alone(index) {
            return self.blank(index, index + 1);
        }
        let in_head = matches!(self.previous(index), b"class" | b"struct" | b"union" | b"enum");
        if in_head && self.is_word(index + 1) {
            return self.blank(index, index + 1);
        }
        if self.is_word(index + 1) || self.is(index + 1, "::") || self.is(index + 1, "~") {
            let suffix = std::str::from_utf8(word).is_ok_and(|word| SUFFIXES.iter().any(|end| word.ends_with(end)));
            if suffix || self.is_specifier(index + 1) {
                self.blank(index, index + 1);
            }
            return;
        }
        if self.is(index + 1, "(") {
            self.with_arguments(index);
        }
    }

    /// `NAME` on a line of its own, first or last of a function's body or of a block: `BEGIN_TRANSLATING_ERRORS`.
    fn stands_alone(&self, index: usize) -> bool {
        let alone = index > 1 && self.is_on_other_line(index - 1) && self.is_on_other_line(index);
        if !alone {
            return false;
        }
        let heads_body = matches!(self.text(index - 2), b")" | b"const" | b"noexcept" | b"override" | b"final");
        match self.previous(index) {
            b"{" => heads_body && self.is_word(index + 1),
            b";" | b"}" => self.is(index + 1, "}"),
            _ => false,
        }
    }

    /// Whether the token after this one stands on another line.
    fn is_on_other_line(&self, index: usize) -> bool {
        let (Some(this), Some(next)) = (self.tokens.get(index), self.tokens.get(index + 1)) else { return false };
        self.source[this.end..next.start].contains(&b'\n')
    }

    /// `NAME(…)` anywhere.
    fn with_arguments(&mut self, index: usize) {
        let Some(close) = self.partner(index + 1) else { return };
        let word = self.text(index);
        if [&b"_AVAILABLE"[..], b"_DEPRECATED", b"_UNAVAILABLE", b"_ALIGN", b"_BOUNDS"]
            .iter()
            .any(|end| word.ends_with(end))
        {
            return self.blank(index, close + 1);
        }
        // `typedef NS_ENUM(type, name) {`
        if self.previous(index) == b"typedef" && self.is(close + 1, "{") && self.is(close - 2, ",") {
            self.replace(index, "enum");
            self.blank(index + 1, close - 1);
            return self.blank(close, close + 1);
        }
        // `[] NAME(arguments) -> type {`: a decoration of a lambda.
        if self.previous(index) == b"]" && matches!(self.text(close + 1), b"{" | b"->") {
            return self.blank(index, index + 1);
        }
        self.invocation(index);
    }

    /// A specifier or built-in type, before which a type cannot stand.
    fn is_specifier(&self, index: usize) -> bool {
        matches!(
            self.text(index),
            b"static"
                | b"inline"
                | b"void"
                | b"virtual"
                | b"constexpr"
                | b"extern"
                | b"explicit"
                | b"bool"
                | b"int"
                | b"typedef"
                | b"class"
                | b"struct"
                | b"template"
                | b"auto"
                | b"friend"
        )
    }

    /// `NAME(…)` at the beginning of a statement.
    fn invocation(&mut self, index: usize) {
        let Some(close) = self.partner(index + 1) else { return };
        // The whole of a branch or loop that is the last of its block: `if (x) NAME(…) }`.
        let ends_block = matches!(self.previous(index), b")" | b"else") && self.is(close + 1, "}");
        if !ends_block && !self.begins_statement(index) {
            return;
        }
        if self.is(close + 1, "(") {
            let Some(end) = self.partner(close + 1) else { return };
            if self.is(end + 1, "{") {
                self.function_head(index, close);
            }
            return;
        }
        let other_line = self.is_on_other_line(close);
        let starts = self.is_word(close + 1) || matches!(self.text(close + 1), b"}" | b"[" | b"@" | b"~" | b"#");
        if other_line && starts && !matches!(self.text(close + 1), b"and" | b"or" | b"const" | b"noexcept") {
            self.insert_after(close, ";");
            self.terminated.insert(close);
        }
    }

    /// `NAME(a, b)(parameters) {` to `void a_b(parameters) {`.
    fn function_head(&mut self, index: usize, close: usize) {
        let simple = (index + 2..close).all(|at| self.is_word(at) || self.is(at, ","));
        if !simple || close == index + 2 {
            return;
        }
        let name: Vec<String> = (index + 2..close)
            .filter(|at| self.is_word(*at))
            .map(|at| String::from_utf8_lossy(self.text(at)).into_owned())
            .collect();
        self.replace(index, "void ");
        self.replace(index + 1, "");
        self.replace(index + 2, &name.join("_"));
        self.blank(index + 3, close + 1);
    }
}
