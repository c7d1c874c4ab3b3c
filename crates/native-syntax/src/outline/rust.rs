//! The outline of Rust, by `syn`.
//!
//! `syn` parses by recursion, so how deep it would go is measured first on the tokens ([`super::rust_lex`]) and a file that
//! would need too much is refused with the reason. The bodies of macros are not parsed, as `syn` does not.

use super::rust_lex::{RustKind, parsing_depth, tokens};
use super::{Outline, OutlinedFunction, Word, anchors, digest, lines, synchronisation};
use crate::ir::Span;
use crate::parse::{REMARK, Settings, line_starts, refusal};
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::visit::Visit;

/// Stack of the thread that parses; only what is used is ever backed by memory.
const STACK: usize = 256 << 20;
/// Deeper files are refused: measured, a level costs below 8 KiB of stack in an unoptimised build.
const DEPTH: usize = 20_000;

pub(super) fn outline(path: &str, source: &[u8], settings: &Settings) -> Outline {
    let mut outline = Outline { path: path.to_owned(), ..Outline::default() };
    let refuse = |outline: Outline, reason: String| Outline { refused: Some(reason), ..outline };
    if let Some(reason) = refusal(source, &settings.limits) {
        return refuse(outline, reason);
    }
    let Ok(text) = std::str::from_utf8(source) else {
        return refuse(outline, "the file is not UTF-8".to_owned());
    };
    let all = tokens(source);
    let depth = parsing_depth(source, &all);
    if depth > DEPTH {
        return refuse(outline, format!("nested {depth} deep, more than the limit of {DEPTH}"));
    }
    let words: Vec<Word<'_>> = all
        .iter()
        .filter(|token| token.kind != RustKind::Comment)
        .map(|token| Word {
            text: &source[token.start..token.end],
            is_word: token.kind == RustKind::Word,
            start: token.start,
        })
        .collect();
    let starts = line_starts(source);
    let found = match parse_on_large_stack(text) {
        Ok(found) => found,
        Err(reason) => return refuse(outline, reason),
    };
    for Item { name, span, is_test } in found.items {
        let (hash, words, synchronisation) = digest(&words, span);
        let lines = lines(&starts, span);
        outline.functions.push(OutlinedFunction {
            name,
            span,
            lines,
            hash,
            synchronisation,
            anchors: Vec::new(),
            is_test,
            unread_bytes: 0,
            words,
        });
    }
    outline.declared = found.declared;
    let remarks: Vec<(Span, String)> = all
        .iter()
        .filter(|token| token.kind == RustKind::Comment && !is_documentation(&source[token.start..token.end]))
        .filter_map(|token| {
            let text = String::from_utf8_lossy(&source[token.start..token.end]);
            let rest = text.split_once(REMARK)?.1.trim_end_matches("*/").trim().to_owned();
            Some((span(token.start..token.end), rest))
        })
        .collect();
    anchors::attach(&mut outline, &remarks, &words, &starts);
    outline
}

/// Documentation may speak about anchors without being one.
fn is_documentation(comment: &[u8]) -> bool {
    [b"///".as_slice(), b"//!", b"/**", b"/*!"].iter().any(|start| comment.starts_with(start))
}

fn span(range: std::ops::Range<usize>) -> Span {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: offset(range.start), end: offset(range.end) }
}

struct Item {
    name: String,
    span: Span,
    is_test: bool,
}

#[derive(Default)]
struct Found {
    items: Vec<Item>,
    declared: BTreeSet<String>,
}

/// `syn`'s spans belong to the thread that parses, so everything is read off them there.
fn parse_on_large_stack(text: &str) -> Result<Found, String> {
    let work = || match syn::parse_file(text) {
        Ok(file) => {
            // Offsets count from the first byte that was parsed: `syn` skips a byte order mark and a `#!` line.
            let skipped = text.len() - skip_head(text).len();
            let mut reader = Reader { text, skipped, scopes: Vec::new(), tests: 0, found: Found::default() };
            reader.visit_file(&file);
            Ok(reader.found)
        }
        Err(error) => {
            let start = error.span().start();
            Err(format!("line {}: {error}", start.line))
        }
    };
    std::thread::scope(|scope| {
        let spawned = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let handle = spawned.map_err(|error| format!("no thread to parse it on: {error}"))?;
        handle.join().unwrap_or_else(|_| Err("the parser failed".to_owned()))
    })
}

/// What is left of a text when a byte order mark and an interpreter line are skipped.
fn skip_head(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let interpreter = text.starts_with("#!") && !text[2..].trim_start().starts_with('[');
    if interpreter { text.find('\n').map_or("", |at| &text[at..]) } else { text }
}

struct Reader<'a> {
    text: &'a str,
    skipped: usize,
    scopes: Vec<String>,
    tests: usize,
    found: Found,
}

impl Reader<'_> {
    fn range(&self, start: proc_macro2::Span, end: proc_macro2::Span) -> Span {
        let (start, end) = (start.byte_range().start, end.byte_range().end);
        span(start + self.skipped..end.max(start) + self.skipped)
    }

    fn text_of(&self, tree: &impl Spanned) -> &str {
        let range = self.range(tree.span(), tree.span());
        self.text.get(range.start as usize..range.end as usize).unwrap_or("")
    }

    /// The last part of a type's path, or its whole text.
    fn type_name(&self, ty: &syn::Type) -> String {
        match ty {
            syn::Type::Path(path) => path.path.segments.last().map_or(String::new(), |last| last.ident.to_string()),
            syn::Type::Reference(reference) => self.type_name(&reference.elem),
            other => self.text_of(other).split_whitespace().collect(),
        }
    }

    fn function(
        &mut self,
        name: &syn::Ident,
        attributes: &[syn::Attribute],
        start: proc_macro2::Span,
        end: &syn::Block,
    ) {
        let is_test = self.tests > 0 || attributes.iter().any(is_test);
        let span = self.range(start, end.brace_token.span.close());
        let name = name.to_string();
        let name = self.scopes.iter().map(String::as_str).chain([name.as_str()]).collect::<Vec<_>>().join("::");
        self.found.items.push(Item { name, span, is_test });
    }

    fn inside(&mut self, name: String, is_test: bool, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(name);
        self.tests += usize::from(is_test);
        visit(self);
        self.tests -= usize::from(is_test);
        self.scopes.pop();
    }

    fn declare(&mut self, name: &syn::Ident, ty: &syn::Type) {
        if synchronisation::is_type(self.text_of(ty)) {
            self.found.declared.insert(name.to_string());
        }
    }
}

/// Where a definition begins: at its visibility, if it has one. Attributes and documentation are left out.
fn start(visibility: &syn::Visibility, signature: &syn::Signature) -> proc_macro2::Span {
    match visibility {
        syn::Visibility::Inherited => signature.span(),
        syn::Visibility::Public(_) | syn::Visibility::Restricted(_) => visibility.span(),
    }
}

/// `#[test]` in any spelling, and `#[cfg(test)]`.
fn is_test(attribute: &syn::Attribute) -> bool {
    let path = attribute.path();
    let conditional =
        path.is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"));
    conditional || path.segments.last().is_some_and(|last| last.ident == "test")
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig.ident, &item.attrs, start(&item.vis, &item.sig), &item.block);
        let is_test = item.attrs.iter().any(is_test);
        self.inside(item.sig.ident.to_string(), is_test, |this| syn::visit::visit_item_fn(this, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig.ident, &item.attrs, start(&item.vis, &item.sig), &item.block);
        let is_test = item.attrs.iter().any(is_test);
        self.inside(item.sig.ident.to_string(), is_test, |this| syn::visit::visit_impl_item_fn(this, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig.ident, &item.attrs, item.sig.span(), block);
        }
        self.inside(item.sig.ident.to_string(), false, |this| syn::visit::visit_trait_item_fn(this, item));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = item.attrs.iter().any(is_test);
        self.inside(item.ident.to_string(), is_test, |this| syn::visit::visit_item_mod(this, item));
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let name = self.type_name(&item.self_ty);
        let is_test = item.attrs.iter().any(is_test);
        self.inside(name, is_test, |this| syn::visit::visit_item_impl(this, item));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.inside(item.ident.to_string(), false, |this| syn::visit::visit_item_trait(this, item));
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.declare(name, &field.ty);
        }
        syn::visit::visit_field(self, field);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.declare(&item.ident, &item.ty);
        syn::visit::visit_item_static(self, item);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        // `thread_local! { static NAME: … }`.
        if item.path.segments.last().is_some_and(|last| last.ident == "thread_local") {
            let mut is_name = false;
            for token in item.tokens.clone() {
                match token {
                    proc_macro2::TokenTree::Ident(word) if is_name => {
                        self.found.declared.insert(word.to_string());
                        is_name = false;
                    }
                    proc_macro2::TokenTree::Ident(word) => is_name = word == "static",
                    _ => is_name = false,
                }
            }
        }
    }
}
