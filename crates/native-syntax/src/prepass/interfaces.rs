//! `@interface`, `@implementation` and `@protocol` to `struct`; their methods to member functions.
//!
//! `- (T)a:(U)x b:(V)y` becomes `T a_b_( U x, V y)`: the selector with `:` written as `_`, which is also how calls name it.

use super::Code;

impl Code<'_> {
    pub(super) fn container(&mut self, index: usize) {
        let name = index + 2;
        if !self.is_word(name) || self.is(name + 1, ";") || self.is(name + 1, ",") {
            // A forward declaration: `@protocol A;`
            let end = (index..self.tokens.len()).find(|at| self.is(*at, ";")).map_or(index + 2, |at| at + 1);
            return self.blank(index, end);
        }
        self.replace(index, "struct");
        self.replace(index + 1, "");
        let mut at = name + 1;
        if self.is(at, "(") {
            let Some(close) = self.partner(at) else { return };
            self.blank(at, close + 1);
            at = close + 1;
        }
        if self.is(at, ":") {
            at += 2;
        }
        if self.is(at, "<") {
            let Some(close) = (at..at + 60).find(|at| self.is(*at, ">")) else { return };
            self.blank(at, close + 1);
            at = close + 1;
        }
        self.insert_after(at - 1, " {");
        if self.is(at, "{") {
            let Some(close) = self.partner(at) else { return };
            self.replace(at, "");
            self.replace(close, "");
            at = close + 1;
        }
        self.methods(at);
    }

    fn methods(&mut self, from: usize) {
        let mut at = from;
        while at < self.tokens.len() {
            if self.is(at, "@") && self.is(at + 1, "end") {
                return;
            }
            let begins = at == from
                || matches!(self.previous(at), b";" | b"}" | b"end" | b"optional" | b"required")
                || self.after_directive.contains(&at);
            if begins && matches!(self.text(at), b"-" | b"+") {
                at = self.method(at);
            } else {
                at = self.partner(at).filter(|partner| *partner > at).map_or(at + 1, |partner| partner + 1);
            }
        }
    }

    /// A method's head; returns where it ends.
    fn method(&mut self, sign: usize) -> usize {
        let Some(end) = (sign..self.tokens.len()).find(|at| self.is(*at, ";") || self.is(*at, "{")) else {
            return self.tokens.len();
        };
        let is_static = self.is(sign, "+");
        self.replace(sign, if is_static { "static " } else { "" });
        let mut at = sign + 1;
        if self.is(at, "(") {
            at = self.unwrap(at);
        } else {
            self.insert_before(at, "id ");
        }
        let mut keywords = Vec::new();
        let mut scan = at;
        while scan < end {
            if self.is_word(scan) && self.is(scan + 1, ":") {
                keywords.push(scan);
            }
            scan = self.partner(scan).filter(|partner| *partner > scan).map_or(scan + 1, |partner| partner + 1);
        }
        if keywords.is_empty() {
            self.insert_after(at, "()");
            return end;
        }
        let name: String =
            keywords.iter().map(|keyword| format!("{}_", String::from_utf8_lossy(self.text(*keyword)))).collect();
        for (position, keyword) in keywords.iter().enumerate() {
            self.replace(*keyword, if position == 0 { &name } else { "," });
            self.replace(keyword + 1, if position == 0 { "(" } else { "" });
            if self.is(keyword + 2, "(") {
                self.unwrap(keyword + 2);
            } else {
                self.insert_before(keyword + 2, "id ");
            }
        }
        self.insert_after(end - 1, ")");
        end
    }

    /// Takes the parentheses off a type; returns the token after them.
    fn unwrap(&mut self, open: usize) -> usize {
        let Some(close) = self.partner(open) else { return open + 1 };
        self.replace(open, " ");
        self.replace(close, " ");
        close + 1
    }
}
