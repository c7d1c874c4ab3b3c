//! Text to tree.
//!
//! The parser is written by hand: a lexer (`lexer`), one pass that finds brackets and the heads of definitions
//! (`layout`), and a recursive descent over units (`module`), definitions, expressions and proofs. Generated parsers
//! were weighed and rejected as the authority. TLA+ has three traits that a context-free grammar cannot express: lists
//! laid out by columns, ranges of precedence that make some rows of operators meaningless, and definitions that no
//! symbol separates. The existing tree-sitter grammar resolves the first in a C scanner whose state must fit into 1,024
//! bytes (a few hundred nested lists overrun it), resolves the second by grouping everything to the left, and answers a
//! mistake with a tree of error nodes that no longer tells where it was. It remains useful as a second opinion: a test
//! compares what both accept.
//!
//! SANY is the reference for what is accepted and how it groups. What differs on purpose: `\mod` is still understood,
//! `[x \in S]_v` and `{x \in S /\ p, y}` are taken for what they say, and the statements of proof steps are not looked
//! at.

mod atom;
mod bracket;
mod cursor;
mod definition;
mod expression;
pub(crate) mod layout;
pub(crate) mod lexer;
mod mistakes;
mod module;
mod name;
mod proof;
pub(crate) mod token;

pub(crate) use atom::unescape;

use crate::ast::{Module, Name};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap, Span};
use cursor::Parser;
use layout::Layout;
use lexer::Tokens;
use std::collections::{HashMap, HashSet};
use token::Kind;

/// Bytes of stack for the thread on which a module is parsed: enough for the greatest nesting in a debug build.
const STACK_SIZE: usize = 64 << 20;

/// Largest file that is read, in bytes; offsets are 32 bits wide.
pub const MAX_FILE_SIZE: usize = 1 << 30;

/// A module with what is known about its text.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedModule {
    /// The tree.
    pub module: Module,
    /// Every identifier token in textual order, with repetitions.
    pub identifier_tokens: Vec<Name>,
    /// Every token as it is written, each once, in the order of first occurrence; without strings. TLC interns tokens in
    /// this order, and the order of interning is the order of strings.
    pub tokens: Vec<Name>,
    /// Whether the file contains a PlusCal algorithm.
    pub pluscal: bool,
    /// Whether the text is one that comes with Interlock (see [`crate::library`]), not the user's.
    pub bundled: bool,
}

/// Parses the first module of a file. `None` if there is an error, which is then among the diagnostics.
pub fn parse_module(sources: &SourceMap, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Option<ParsedModule> {
    let text: &str = &sources.file(file).text;
    let start = module_start(text, file, diagnostics)?;
    parse_at(text, file, start, diagnostics).0
}

/// Parses all modules of a file that stand one after the other; TLC finds modules that have no file of their own among
/// them. `None` if there is an error in any of them.
pub fn parse_modules(
    sources: &SourceMap,
    file: FileId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<ParsedModule>> {
    let text: &str = &sources.file(file).text;
    let mut next = Some(module_start(text, file, diagnostics)?);
    let mut modules = Some(Vec::new());
    while let Some(start) = next {
        let (module, end) = parse_at(text, file, start, diagnostics);
        modules = modules.zip(module).map(|(mut modules, module)| {
            modules.push(module);
            modules
        });
        next = lexer::find_module(text, end);
    }
    modules
}

fn module_start(text: &str, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Option<u32> {
    if text.len() > MAX_FILE_SIZE {
        diagnostics.push(Diagnostic::without_place("file-too-large", "the file has more than a gigabyte"));
        return None;
    }
    let start = lexer::find_module(text, 0);
    if start.is_none() {
        diagnostics.push(mistakes::no_module(text, file));
    }
    start
}

/// Parses the module that begins at `start`; also says where it ends.
fn parse_at(text: &str, file: FileId, start: u32, diagnostics: &mut Vec<Diagnostic>) -> (Option<ParsedModule>, u32) {
    let mut found = Vec::new();
    let lexed = lexer::tokenize(text, file, start, &mut found);
    let pluscal = lexed.algorithm || lexer::contains_algorithm(&text[..start as usize]);
    let module = with_large_stack(|| parse_tokens(text, file, &lexed, &mut found)).unwrap_or_else(|error| {
        let message = format!("the operating system gives no thread for the parser: {error}");
        found.push(Diagnostic::without_place("no-thread", message));
        None
    });
    let end = lexed.end;
    found.sort_by_key(|diagnostic| diagnostic.span.map(|span| span.start));
    let failed = found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    diagnostics.append(&mut found);
    (module.filter(|_| !failed).map(|module| ParsedModule { pluscal, ..module }), end)
}

fn parse_tokens(text: &str, file: FileId, lexed: &Tokens, diagnostics: &mut Vec<Diagnostic>) -> Option<ParsedModule> {
    let layout = Layout::new(&lexed.tokens);
    let mut parser = Parser {
        text,
        file,
        tokens: &lexed.tokens,
        layout: &layout,
        at: 0,
        junctions: Vec::new(),
        depth: 0,
        height: 0,
        end_reported: lexed.ends_in_comment,
        unit_column: 1,
        in_proof: false,
        names: HashMap::new(),
        errors: diagnostics.len(),
        diagnostics,
    };
    let module = parser.module().ok()?;
    let mut seen = HashSet::new();
    let (mut identifier_tokens, mut tokens) = (Vec::new(), Vec::new());
    for token in lexed.tokens.iter().filter(|token| !matches!(token.kind, Kind::String | Kind::End)) {
        let name = parser.name(parser.text_of(Span { file, start: token.start, end: token.end }));
        if token.kind == Kind::Identifier {
            identifier_tokens.push(name.clone());
        }
        if seen.insert(name.clone()) {
            tokens.push(name);
        }
    }
    Some(ParsedModule { module, identifier_tokens, tokens, pluscal: false, bundled: false })
}

/// Parses the expression that begins at a token, as long as it goes; also says at which token it ends.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse_expression(
    text: &str,
    file: FileId,
    tokens: &[token::Token],
    at: usize,
) -> Result<(crate::ast::Expr, usize), Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let layout = Layout::new(tokens);
    let parsed = with_large_stack(|| {
        let mut parser = Parser {
            text,
            file,
            tokens,
            layout: &layout,
            at,
            junctions: Vec::new(),
            depth: 0,
            height: 0,
            end_reported: false,
            unit_column: 1,
            in_proof: false,
            names: HashMap::new(),
            errors: 0,
            diagnostics: &mut diagnostics,
        };
        parser.expression().ok().map(|expr| (expr, parser.at))
    });
    match parsed {
        Ok(Some(found)) if diagnostics.is_empty() => Ok(found),
        Ok(_) => Err(diagnostics),
        Err(error) => {
            let message = format!("the operating system gives no thread for the parser: {error}");
            Err(vec![Diagnostic::without_place("no-thread", message)])
        }
    }
}

/// Runs a function on a thread whose stack suffices for the greatest nesting that the parser admits.
fn with_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("parse".to_owned()).stack_size(STACK_SIZE);
        let thread = builder.spawn_scoped(scope, work)?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
