//! The grammar, as ast-grep wants to know it.
//!
//! A pattern is a piece of code. The grammar of C++ reads `f($X)` at the top of a file as a declaration, so a pattern is
//! parsed inside of a function body first, where nearly all that rules look for stands; what does not parse there
//! (members, whole functions, the context of a contextual pattern) is parsed as a file.

use ast_grep_core::language::Language;
use ast_grep_core::matcher::{PatternBuilder, PatternError};
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc, TSLanguage};
use ast_grep_core::{AstGrep, Node, Pattern};
use std::cell::RefCell;

/// C++, and Objective-C++ after the pre-pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Native;

/// A parsed file, and a node of it.
pub(super) type Doc = StrDoc<Native>;
/// A node.
pub(super) type Tree<'t> = Node<'t, Doc>;

impl Language for Native {
    fn kind_to_id(&self, kind: &str) -> u16 {
        self.get_ts_language().id_for_node_kind(kind, true)
    }

    fn field_to_id(&self, field: &str) -> Option<u16> {
        self.get_ts_language().field_id_for_name(field).map(std::num::NonZero::get)
    }

    fn build_pattern(&self, builder: &PatternBuilder) -> Result<Pattern, PatternError> {
        let text = RefCell::new(String::new());
        let as_file = builder.build(|source| {
            let source = native_syntax::readable::rewrite(source);
            text.replace(source.clone());
            StrDoc::try_new(&source, *self)
        });
        in_body(text.into_inner().trim()).map_or(as_file, Ok)
    }
}

impl LanguageExt for Native {
    fn get_ts_language(&self) -> TSLanguage {
        tree_sitter_cpp::LANGUAGE.into()
    }
}

/// A pattern as the only statement or expression of a function's body, if it is one there.
fn in_body(text: &str) -> Option<Pattern> {
    let head = "void f_() { ";
    let end = if text.ends_with([';', '}']) { "" } else { ";" };
    let tree = AstGrep::doc(StrDoc::try_new(&format!("{head}{text}{end} }}"), Native).ok()?);
    let root = tree.root();
    if root.dfs().any(|node| node.is_error()) {
        return None;
    }
    let definition = root.children().next().filter(|node| node.kind() == "function_definition")?;
    let body = definition.field("body")?;
    let mut inside = body.named_children();
    let (first, second) = (inside.next()?, inside.next());
    if second.is_some() {
        return None;
    }
    let expression = first.kind() == "expression_statement" && !text.ends_with(';');
    Some(Pattern::from(if expression { first.named_children().next()? } else { first.clone() }))
}
