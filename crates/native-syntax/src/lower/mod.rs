//! From the grammar's tree to [`crate::ir`].
//!
//! One walk over the tree. Namespaces and classes are a stack of names; closures become functions of their own, after
//! the function that they stand in. What the grammar marks as an error is recorded, and what can be recognised inside
//! of it is lowered all the same, so that one bad token does not hide a lock.

mod declarations;
mod expressions;
mod functions;
mod statements;
mod types;

use crate::ir::{Function, SourceFile, Span, Unread, UnreadReason};
use crate::name::Name;
use crate::prepass::Prepared;
use tree_sitter::Node;

/// Nesting of expressions and statements that is followed; what lies deeper is reported as not analysed.
const DEPTH_LIMIT: u32 = 500;

/// A scope that names are declared in.
#[derive(Debug, Clone)]
struct Scope {
    name: String,
    is_class: bool,
    /// Members are private at this point.
    is_private: bool,
}

pub(crate) struct Lowering<'a> {
    text: &'a [u8],
    prepared: &'a Prepared,
    file: SourceFile,
    scopes: Vec<Scope>,
    /// The function that is being lowered.
    function: Option<u32>,
    depth: u32,
}

/// Lowers a tree of the prepared text.
pub(crate) fn lower(root: Node<'_>, prepared: &Prepared, file: SourceFile) -> SourceFile {
    let mut lowering =
        Lowering { text: &prepared.text.text, prepared, file, scopes: Vec::new(), function: None, depth: 0 };
    // The parser gave the text up as a whole: what can be recognized in it is lowered, but none of it counts as read.
    if root.is_error() {
        lowering.unread(root, UnreadReason::Syntax);
    }
    lowering.declarations(root);
    lowering.file
}

/// Named children without comments.
fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

impl<'a> Lowering<'a> {
    fn slice(&self, node: Node<'_>) -> &'a str {
        std::str::from_utf8(&self.text[node.byte_range()]).unwrap_or("")
    }

    fn name(&self, node: Node<'_>) -> Name {
        Name::new(self.slice(node))
    }

    fn span(&self, node: Node<'_>) -> Span {
        let map = &self.prepared.text;
        let start = map.original(node.start_byte());
        let end = map.original_end(node.end_byte()).max(start);
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span { start: offset(start), end: offset(end) }
    }

    fn field<'t>(&self, node: Node<'t>, name: &str) -> Option<Node<'t>> {
        node.child_by_field_name(name)
    }

    /// Records that a node could not be read.
    fn unread(&mut self, node: Node<'_>, reason: UnreadReason) {
        let span = self.span(node);
        let function = self.function;
        self.file.unread.push(Unread { span, reason, function });
        let mut at = function;
        while let Some(index) = at {
            let function = &mut self.file.functions[index as usize];
            function.unread_bytes += span.end.saturating_sub(span.start).max(1);
            at = function.parent;
        }
    }

    /// Records every error directly or indirectly inside of a node that is lowered by other means.
    fn errors(&mut self, node: Node<'_>) {
        if !node.has_error() {
            return;
        }
        let mut cursor = node.walk();
        let all: Vec<Node<'_>> = node.children(&mut cursor).collect();
        for child in all {
            if child.is_error() || child.is_missing() {
                self.unread(child, UnreadReason::Syntax);
            } else if !is_lowered_with_errors(child.kind()) {
                self.errors(child);
            }
        }
    }

    fn deeper<T>(&mut self, node: Node<'_>, otherwise: impl FnOnce(Span) -> T, run: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= DEPTH_LIMIT {
            self.unread(node, UnreadReason::Depth);
            return otherwise(self.span(node));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// The name of a declared thing in the current scope.
    fn qualified(&self, name: &str) -> Name {
        if let Some(absolute) = name.strip_prefix("::") {
            return Name::new(absolute);
        }
        let mut full = String::new();
        for scope in self.scopes.iter().filter(|scope| !scope.name.is_empty()) {
            full.push_str(&scope.name);
            full.push_str("::");
        }
        full.push_str(name);
        Name::new(&full)
    }

    fn scoped(&mut self, name: String, is_class: bool, is_private: bool, run: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope { name, is_class, is_private });
        run(self);
        self.scopes.pop();
    }

    fn class(&self) -> Option<Name> {
        self.scopes.last().filter(|scope| scope.is_class).map(|_| {
            let names: Vec<&str> =
                self.scopes.iter().map(|scope| scope.name.as_str()).filter(|name| !name.is_empty()).collect();
            Name::new(&names.join("::"))
        })
    }

    fn add_function(&mut self, function: Function) -> u32 {
        self.file.functions.push(function);
        u32::try_from(self.file.functions.len() - 1).unwrap_or(u32::MAX)
    }
}

/// Nodes whose own lowering records the errors inside.
fn is_lowered_with_errors(kind: &str) -> bool {
    matches!(kind, "function_definition" | "lambda_expression" | "compound_statement")
}
