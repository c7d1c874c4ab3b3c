//! One file from text to [`SourceFile`].

use crate::ir::{SourceFile, Span, Unread, UnreadReason};
use crate::{lower, prepass};
use std::collections::HashSet;
use std::ops::ControlFlow;
use tree_sitter::{ParseOptions, Parser};

/// What bounds the work on one file.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Files with more bytes are not read.
    pub file_bytes: usize,
    /// Lines with more bytes make a file generated or hostile: it is not read.
    pub line_bytes: usize,
    /// Reports of progress that the parser may make, beside those that the size of the file allows. It makes one for
    /// some hundred operations, so this is a bound on time that needs no clock.
    pub parse_steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 16 << 20, line_bytes: 1 << 20, parse_steps: 20_000 }
    }
}

/// How files are read.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Bounds.
    pub limits: Limits,
    /// Macros that decorate declarations and are to be skipped, with their arguments.
    pub decorations: HashSet<String>,
    /// Macros of which it is known whether they are defined.
    pub macros: prepass::conditionals::Known,
}

/// Marker of comments that speak to the scanner.
pub(crate) const REMARK: &str = "interlock:";

/// Whether a path looks like a file that this crate reads.
pub fn is_native_source(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(
        extension,
        "c" | "cc" | "cpp" | "cxx" | "c++" | "h" | "hh" | "hpp" | "hxx" | "inl" | "ipp" | "m" | "mm" | "cu" | "cuh"
    )
}

/// Reads a file.
pub fn parse(path: &str, source: &[u8], settings: &Settings) -> SourceFile {
    let mut file = SourceFile {
        path: path.to_owned(),
        bytes: u32::try_from(source.len()).unwrap_or(u32::MAX),
        ..SourceFile::default()
    };
    if let Some(reason) = refusal(source, &settings.limits) {
        file.refused = Some(reason);
        return file;
    }
    let valid = String::from_utf8_lossy(source);
    // Replacing bytes that are not UTF-8 changes offsets; such files are read as Latin-1 letters instead.
    let latin;
    let source = match valid {
        std::borrow::Cow::Borrowed(text) => text.as_bytes(),
        std::borrow::Cow::Owned(_) => {
            latin = source.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect::<Vec<u8>>();
            &latin
        }
    };
    file.lines = line_starts(source);
    let prepared = prepass::prepare(source, settings);
    for (start, end) in &prepared.dropped {
        file.unread.push(Unread { span: to_span(*start, *end), reason: UnreadReason::Branch, function: None });
    }
    file.remarks = remarks(source, &prepared.comments);
    match tree(&prepared.text.text, &settings.limits) {
        Some(tree) => lower::lower(tree.root_node(), &prepared, file),
        None => {
            file.refused = Some("parsing took more steps than its limit allows".to_owned());
            file
        }
    }
}

fn to_span(start: usize, end: usize) -> Span {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: offset(start), end: offset(end) }
}

/// Why a file is not read at all.
pub(crate) fn refusal(source: &[u8], limits: &Limits) -> Option<String> {
    if source.len() > limits.file_bytes {
        return Some(format!("the file has {} bytes, more than the limit of {}", source.len(), limits.file_bytes));
    }
    if source.iter().take(8192).any(|byte| *byte == 0) {
        return Some("the file is binary: it contains a zero byte".to_owned());
    }
    let longest = source.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or(0);
    if longest > limits.line_bytes {
        return Some(format!("a line has {longest} bytes, more than the limit of {}", limits.line_bytes));
    }
    None
}

pub(crate) fn line_starts(source: &[u8]) -> Vec<u32> {
    let breaks = source.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(breaks).filter_map(|at| u32::try_from(at).ok()).collect()
}

fn remarks(source: &[u8], comments: &[(usize, usize)]) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    for (start, end) in comments {
        let text = String::from_utf8_lossy(&source[*start..*end]);
        if let Some(at) = text.find(REMARK) {
            let rest = text[at + REMARK.len()..].trim_end_matches("*/").trim();
            found.push((to_span(*start, *end), rest.to_owned()));
        }
    }
    found
}

fn tree(text: &[u8], limits: &Limits) -> Option<tree_sitter::Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_cpp::LANGUAGE.into()).ok()?;
    let mut steps = 0;
    let allowed = limits.parse_steps + text.len() as u64 / 4;
    let mut progress = |_: &tree_sitter::ParseState| {
        steps += 1;
        if steps > allowed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |offset, _| text.get(offset..).unwrap_or(&[]), None, Some(options))
}
