//! Preprocessor directives: blanked; of conditionals, which branches stay.
//!
//! We do not know which macros are defined, so both branches of `#if … #else …` are code that somebody compiles. Where
//! every branch is complete in itself (balanced, a list of whole statements, at a place where a statement may stand) all
//! are kept, one after the other. Otherwise the first stays and the others are dropped, and the caller reports them as
//! not analysed. `#if 0` is dropped always.

use crate::edit::Edit;
use crate::lex::{Kind, Token};

struct Branch {
    /// The directive that opens it.
    directive: usize,
    /// Token after its last one.
    end: usize,
}

struct Group {
    branches: Vec<Branch>,
}

/// Blanks directives and the branches that go; returns the ranges of dropped branches, in order.
pub(super) fn drop_branches(source: &[u8], tokens: &[Token], edits: &mut Vec<Edit>) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    for group in groups(source, tokens) {
        for branch in &group.branches[keep(source, tokens, &group)..] {
            push_range(tokens, branch, &mut ranges);
        }
        if group.branches.first().is_some_and(|branch| is_never(tokens[branch.directive].text(source))) {
            push_range(tokens, &group.branches[0], &mut ranges);
        }
    }
    ranges.sort_unstable();
    let mut dropped: Vec<(usize, usize)> = Vec::new();
    for (start, end) in ranges {
        if dropped.last().is_none_or(|last| start >= last.1) {
            dropped.push((start, end));
        }
    }
    edits.extend(dropped.iter().map(|(start, end)| blank(source, *start, *end)));
    let mut inside = dropped.iter().peekable();
    for token in tokens.iter().filter(|token| token.kind == Kind::Directive) {
        while inside.peek().is_some_and(|(_, end)| *end <= token.start) {
            inside.next();
        }
        if inside.peek().is_none_or(|(start, _)| *start > token.start) {
            edits.push(blank(source, token.start, token.end));
        }
    }
    dropped
}

fn push_range(tokens: &[Token], branch: &Branch, ranges: &mut Vec<(usize, usize)>) {
    if branch.end > branch.directive + 1 {
        ranges.push((tokens[branch.directive + 1].start, tokens[branch.end - 1].end));
    }
}

/// Newlines stay, so that lines of the rewritten text are lines of the original.
fn blank(source: &[u8], start: usize, end: usize) -> Edit {
    let newlines = source[start..end].iter().filter(|byte| **byte == b'\n').count();
    Edit { start, end, text: vec![b'\n'; newlines.max(1)] }
}

fn is_never(directive: &[u8]) -> bool {
    let words: Vec<&[u8]> =
        directive[1..].split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
    matches!(words.as_slice(), [b"if", b"0" | b"false"])
}

/// First word of a directive.
fn word(directive: &[u8]) -> &[u8] {
    let rest = directive[1..].trim_ascii_start();
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
    &rest[..end]
}

fn groups(source: &[u8], tokens: &[Token]) -> Vec<Group> {
    let mut open: Vec<Group> = Vec::new();
    let mut done = Vec::new();
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Directive) {
        match word(token.text(source)) {
            b"if" | b"ifdef" | b"ifndef" => {
                open.push(Group { branches: vec![Branch { directive: index, end: tokens.len() }] });
            }
            b"else" | b"elif" | b"elifdef" | b"elifndef" => {
                if let Some(group) = open.last_mut() {
                    close_branch(group, index);
                    group.branches.push(Branch { directive: index, end: tokens.len() });
                }
            }
            b"endif" => {
                if let Some(mut group) = open.pop() {
                    close_branch(&mut group, index);
                    done.push(group);
                }
            }
            _ => {}
        }
    }
    done
}

fn close_branch(group: &mut Group, end: usize) {
    if let Some(branch) = group.branches.last_mut() {
        branch.end = end;
    }
}

/// How many branches stay.
fn keep(source: &[u8], tokens: &[Token], group: &Group) -> usize {
    let all = group.branches.len();
    if all == 1 {
        return 1;
    }
    let first = group.branches[0].directive;
    let before = tokens[..first].iter().rev().find(|token| !matches!(token.kind, Kind::Comment | Kind::Directive));
    let at_statement = before.is_none_or(|token| matches!(token.text(source), b";" | b"{" | b"}" | b":" | b">"));
    let whole = group.branches.iter().all(|branch| is_whole(source, &tokens[branch.directive + 1..branch.end]));
    if at_statement && whole { all } else { 1 }
}

/// Whether tokens are balanced and end as statements do.
fn is_whole(source: &[u8], tokens: &[Token]) -> bool {
    let mut depth = 0_i32;
    let mut last: &[u8] = b";";
    for token in tokens.iter().filter(|token| !matches!(token.kind, Kind::Comment | Kind::Directive)) {
        last = token.text(source);
        if token.kind == Kind::Mark {
            match last {
                b"(" | b"[" | b"{" => depth += 1,
                b")" | b"]" | b"}" => depth -= 1,
                _ => {}
            }
            if depth < 0 {
                return false;
            }
        }
    }
    depth == 0 && matches!(last, b";" | b"}" | b":" | b")")
}
