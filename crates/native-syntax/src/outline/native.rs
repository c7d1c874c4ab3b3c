//! The outline of C, C++ and Objective-C++.

use super::{Outline, OutlinedFunction, Word, anchors, digest, lines, synchronisation, unread};
use crate::ir::{SourceFile, Stmt, Storage, Variable};
use crate::lex::{self, Kind};
use crate::parse::{Settings, parse};

pub(super) fn outline(path: &str, source: &[u8], settings: &Settings) -> Outline {
    let file = parse(path, source, settings);
    let mut outline = Outline { path: path.to_owned(), refused: file.refused.clone(), ..Outline::default() };
    if outline.refused.is_some() {
        return outline;
    }
    let all = lex::tokens(source);
    let tokens: Vec<Word<'_>> = all
        .iter()
        .filter(|token| token.kind != Kind::Comment)
        .map(|token| Word { text: token.text(source), is_word: token.kind == Kind::Word, start: token.start })
        .collect();
    for function in file.functions.iter().filter(|function| function.body.is_some() && function.parent.is_none()) {
        let (hash, words, synchronisation) = digest(&tokens, function.span);
        outline.functions.push(OutlinedFunction {
            name: function.name.text().to_owned(),
            span: function.span,
            lines: lines(&file.lines, function.span),
            hash,
            synchronisation,
            anchors: Vec::new(),
            is_test: false,
            unread_bytes: function.unread_bytes,
            words,
        });
    }
    outline.unread = unread(&file.lines, &file.unread);
    outline.declared = declared(&file);
    anchors::attach(&mut outline, &file.remarks, &tokens, &file.lines);
    outline
}

/// Members and globals with a type that synchronises. Locals do not reach other functions.
fn declared(file: &SourceFile) -> std::collections::BTreeSet<String> {
    let counts =
        |variable: &&Variable| synchronisation::is_type(variable.ty.text()) || variable.storage == Storage::ThreadLocal;
    let members = file.types.iter().flat_map(|class| &class.members);
    let mut found: std::collections::BTreeSet<String> =
        members.chain(&file.globals).filter(counts).map(|variable| variable.name.last().to_owned()).collect();
    for stmt in file.functions.iter().flat_map(|function| function.body.iter().flatten()) {
        // `static thread_local T x;` at the top of a function is that function's binding.
        if let Stmt::Local(variables) = stmt {
            let kept = variables.iter().filter(|variable| variable.storage == Storage::ThreadLocal);
            found.extend(kept.map(|variable| variable.name.last().to_owned()));
        }
    }
    found
}
