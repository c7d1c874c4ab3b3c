//! Outlines: which functions a file has, whether they synchronise, and which properties comments tie to them.
//!
//! This is what traceability asks for: a list of functions with a hash that changes when the code does, and not when
//! its layout or its comments do. C, C++ and Objective-C++ come from [`crate::parse`], Rust from `syn`. A comment
//! `interlock: A.NoDoubleFree, SP.SlotNoLeak` is an *anchor*: it ties those properties to the function that it stands in,
//! or to the one that follows it. What words in a function count as synchronisation stands in [`synchronisation`].
//!
//! [`read`] looks at one file and can run on any thread; [`settle`] then tells all files what the others declare, so that
//! `done = true` counts where `done` is an atomic member declared in a header. [`outlines`] does both.

mod anchors;
mod native;
mod rust;
mod rust_lex;
mod synchronisation;

use crate::ir::{Span, Unread};
use crate::parse::{Settings, is_native_source};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// A property that a comment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Identifier, for example `A.NoDoubleFree`.
    pub property: String,
    /// The comment.
    pub span: Span,
    /// Its first line, counted from 1.
    pub line: u32,
}

/// A function with a body; closures belong to the function that they stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedFunction {
    /// Qualified name: `ns::Class::method`; of Rust `module::Type::method`.
    pub name: String,
    /// The whole definition.
    pub span: Span,
    /// First and last line, counted from 1.
    pub lines: (u32, u32),
    /// SHA-256, in hexadecimal, of its tokens: white space and comments do not count.
    pub hash: String,
    /// The words that make it synchronise: `lock_guard`, `fetch_add`, the name of an atomic member. Sorted.
    pub synchronisation: Vec<String>,
    /// Anchors in it or before it.
    pub anchors: Vec<Anchor>,
    /// A test, or in a module of tests (Rust).
    pub is_test: bool,
    /// Bytes that the grammar could not read.
    pub unread_bytes: u32,
    /// Its identifiers.
    words: BTreeSet<String>,
}

/// The outline of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Path as given.
    pub path: String,
    /// Functions, in order of their places.
    pub functions: Vec<OutlinedFunction>,
    /// Anchors that neither stand in a function nor right before one.
    pub loose: Vec<Anchor>,
    /// Remarks that are neither a suppression nor a list of properties: line, text.
    pub misspelt: Vec<(u32, String)>,
    /// What the grammar could not read: line, bytes.
    pub unread: Vec<(u32, u32)>,
    /// Set if the file was not read, with the reason.
    pub refused: Option<String>,
    /// Names of variables with a type that synchronises, or one for each thread.
    declared: BTreeSet<String>,
}

/// Whether [`read`] knows the language of a file, by its name.
pub fn is_outlined(path: &str) -> bool {
    is_rust(path) || is_native_source(path)
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

/// Reads one file. Names that only other files declare do not count yet.
pub fn read(path: &str, source: &[u8], settings: &Settings) -> Outline {
    let mut outline =
        if is_rust(path) { rust::outline(path, source, settings) } else { native::outline(path, source, settings) };
    outline.functions.sort_by_key(|function| (function.span.start, std::cmp::Reverse(function.span.end)));
    settle(std::slice::from_mut(&mut outline));
    outline
}

/// Tells the files of a program what the others declare; Rust and the C family know nothing of each other. Names alone
/// are compared, so a local variable that is called like an atomic member counts too.
pub fn settle(outlines: &mut [Outline]) {
    for rust in [false, true] {
        let family = || outlines.iter().filter(|outline| is_rust(&outline.path) == rust);
        let declared: BTreeSet<String> = family().flat_map(|outline| outline.declared.iter().cloned()).collect();
        let of_family = outlines.iter_mut().filter(|outline| is_rust(&outline.path) == rust);
        for function in of_family.flat_map(|outline| &mut outline.functions) {
            let known = function.words.iter().filter(|word| declared.contains(*word)).cloned();
            let mut all: BTreeSet<String> = std::mem::take(&mut function.synchronisation).into_iter().collect();
            all.extend(known);
            function.synchronisation = all.into_iter().collect();
        }
    }
}

/// Outlines of the files of a program: pairs of a path and a text.
pub fn outlines<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>, settings: &Settings) -> Vec<Outline> {
    let mut all: Vec<Outline> = files.into_iter().map(|(path, source)| read(path, source, settings)).collect();
    settle(&mut all);
    all
}

/// A token of either lexer: its text, and whether it is an identifier or keyword.
struct Word<'a> {
    text: &'a [u8],
    is_word: bool,
    start: usize,
}

/// The hash of a function's tokens, its identifiers, and the words among them that synchronise.
fn digest(tokens: &[Word<'_>], span: Span) -> (String, BTreeSet<String>, Vec<String>) {
    let first = tokens.partition_point(|token| token.start < span.start as usize);
    let last = tokens.partition_point(|token| token.start < span.end as usize);
    let inside = &tokens[first..last.max(first)];
    let mut hash = Sha256::new();
    for token in inside {
        hash.update((token.text.len() as u64).to_le_bytes());
        hash.update(token.text);
    }
    let hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let words =
        inside.iter().filter(|token| token.is_word).map(|token| String::from_utf8_lossy(token.text).into_owned());
    (hash, words.collect(), synchronisation::words(inside).into_iter().collect())
}

/// Lines of a span, from the offsets at which lines begin.
fn lines(starts: &[u32], span: Span) -> (u32, u32) {
    let line = |offset: u32| u32::try_from(starts.partition_point(|start| *start <= offset).max(1)).unwrap_or(u32::MAX);
    (line(span.start), line(span.end.saturating_sub(1).max(span.start)))
}

fn unread(starts: &[u32], unread: &[Unread]) -> Vec<(u32, u32)> {
    unread.iter().map(|one| (lines(starts, one.span).0, one.span.end.saturating_sub(one.span.start))).collect()
}
