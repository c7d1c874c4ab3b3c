//! Preprocessor directives: blanked; of conditionals, which branches stay.
//!
//! We do not know which macros are defined, so both branches of `#if … #else …` are code that somebody compiles. Where
//! every branch is complete in itself (balanced, a list of whole statements, at a place where a statement may stand) all
//! are kept, one after the other. Otherwise the first stays and the others are dropped, and the caller reports them as
//! not analysed. `#if 0` is dropped always. Where the settings say of a macro whether it is defined, a conditional that asks
//! for nothing else is decided: what then is no code of the program is blanked and is not missing from the analysis.

use crate::edit::Edit;
use crate::lex::{Kind, Token};
use std::collections::BTreeMap;

/// Ranges of a text, in order.
type Ranges = Vec<(usize, usize)>;

/// Macros of which it is known whether they are defined.
pub type Known = BTreeMap<String, bool>;

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
/// Those that the known macros leave out come second: they are not missing.
pub(super) fn drop_branches(source: &[u8], tokens: &[Token], known: &Known, edits: &mut Vec<Edit>) -> (Ranges, Ranges) {
    let mut ranges = Vec::new();
    let mut absent = Vec::new();
    for group in groups(source, tokens) {
        if let Some(taken) = decided(source, tokens, &group, known) {
            let others = group.branches.iter().enumerate().filter(|(index, _)| Some(*index) != taken);
            others.for_each(|(_, branch)| push_range(tokens, branch, &mut absent));
            continue;
        }
        for branch in &group.branches[keep(source, tokens, &group)..] {
            push_range(tokens, branch, &mut ranges);
        }
        if group.branches.first().is_some_and(|branch| is_never(tokens[branch.directive].text(source))) {
            push_range(tokens, &group.branches[0], &mut ranges);
        }
    }
    let absent = outermost(absent);
    ranges.retain(|(start, _)| !absent.iter().any(|(from, to)| (*from..*to).contains(start)));
    let missing = outermost(ranges.clone());
    ranges.extend(&absent);
    let dropped = outermost(ranges);
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
    (dropped, missing)
}

/// Ranges in order, without those inside of others.
fn outermost(mut ranges: Ranges) -> Ranges {
    ranges.sort_unstable_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
    let mut kept = Ranges::new();
    for (start, end) in ranges {
        if kept.last().is_none_or(|last| start >= last.1) {
            kept.push((start, end));
        }
    }
    kept
}

/// Which branch is compiled, or that none is, where the known macros decide that.
fn decided(source: &[u8], tokens: &[Token], group: &Group, known: &Known) -> Option<Option<usize>> {
    if known.is_empty() {
        return None;
    }
    for (index, branch) in group.branches.iter().enumerate() {
        if is_taken(tokens[branch.directive].text(source), known)? {
            return Some(Some(index));
        }
    }
    Some(None)
}

/// Whether a directive's condition holds, if it asks for one known macro and nothing else.
fn is_taken(directive: &[u8], known: &Known) -> Option<bool> {
    let text = std::str::from_utf8(directive).ok()?;
    let name = std::str::from_utf8(word(directive)).ok()?;
    let rest = text[1..].trim_start().strip_prefix(name)?;
    // A comment behind a condition is no part of it.
    let condition = rest.split("//").next()?.split("/*").next()?.trim();
    let defined = |name: &str| known.get(name.trim()).copied();
    match name {
        "else" => Some(true),
        "ifdef" | "elifdef" => defined(condition),
        "ifndef" | "elifndef" => defined(condition).map(|is| !is),
        "if" | "elif" => {
            let (negated, asked) = condition.strip_prefix('!').map_or((false, condition), |rest| (true, rest.trim()));
            let asked = asked.strip_prefix("defined")?.trim();
            let asked = asked.strip_prefix('(').and_then(|asked| asked.strip_suffix(')')).unwrap_or(asked);
            defined(asked).map(|is| is != negated)
        }
        _ => None,
    }
}

fn push_range(tokens: &[Token], branch: &Branch, ranges: &mut Ranges) {
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

#[cfg(test)]
mod tests {
    use crate::Settings;
    use crate::prepass::prepare;

    /// The words of a text that stay, and how many ranges are missing, where `ON` is defined and `OFF` is not.
    fn kept(source: &str) -> (String, usize) {
        let macros = [("ON".to_owned(), true), ("OFF".to_owned(), false)].into();
        let prepared = prepare(source.as_bytes(), &Settings { macros, ..Settings::default() });
        let text = String::from_utf8(prepared.text.text).expect("UTF-8");
        (text.split_whitespace().collect::<Vec<_>>().join(" "), prepared.dropped.len())
    }

    #[test]
    fn known_macros_decide_conditionals() {
        for (source, left) in [
            ("#ifdef ON\na;\n#else\nb;\n#endif\n", "a;"),
            ("#ifdef OFF // a twin\na;\n#else\nb;\n#endif\n", "b;"),
            ("#ifndef ON\na;\n#endif\n", ""),
            ("#if !defined(OFF)\na;\n#endif\n", "a;"),
            ("#if defined ON\na;\n#elif X\nb;\n#endif\n", "a;"),
            ("#ifdef OFF\na;\n#ifdef X\nb;\n#else\nc\n#endif\n#endif\nd;\n", "d;"),
        ] {
            assert_eq!(kept(source), (left.to_owned(), 0), "{source}");
        }
    }

    #[test]
    fn what_asks_for_more_is_not_decided() {
        let source = "#if defined(ON) && X\na;\n#else\nb;\n#endif\n";
        assert_eq!(kept(source), ("a; b;".to_owned(), 0));
        let halves = "f(\n#ifdef X\na\n#else\nb\n#endif\n);\n";
        assert_eq!(kept(halves).1, 1, "a branch that is dropped without being known is missing");
    }
}
