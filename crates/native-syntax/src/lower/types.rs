//! Types and declarators.
//!
//! A type is kept as text: its specifier with `const`, then the `*`, `&` and `[]` of the declarator. The program model
//! takes it apart where it needs to.

use super::{Lowering, children};
use crate::ir::Span;
use crate::name::Name;
use tree_sitter::Node;

/// A declarator taken apart.
#[derive(Debug, Clone)]
pub(super) struct Declarator<'t> {
    /// The innermost name as written; empty for abstract declarators.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// `*`, `&`, `[]` from the outside in.
    pub suffix: String,
    /// The parameter list, if it declares a function.
    pub function: Option<Node<'t>>,
}

impl<'a> Lowering<'a> {
    /// Text of a node with white space squeezed.
    pub(super) fn squeezed(&self, node: Node<'_>) -> String {
        let mut text = String::new();
        for word in self.slice(node).split_whitespace() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        text
    }

    /// A name as written without its template arguments.
    pub(super) fn plain_name(&self, node: Node<'_>) -> String {
        let mut plain = String::new();
        let mut depth = 0_i32;
        let text = self.slice(node);
        if text.contains("operator") {
            return self.squeezed(node);
        }
        for character in text.chars() {
            match character {
                '<' => depth += 1,
                '>' => depth -= 1,
                _ if depth > 0 || character.is_whitespace() => {}
                _ => plain.push(character),
            }
        }
        plain
    }

    /// The type of a declaration: qualifiers and specifier.
    pub(super) fn type_text(&self, declaration: Node<'_>) -> String {
        let mut text = String::new();
        if children(declaration)
            .iter()
            .any(|child| child.kind() == "type_qualifier" && matches!(self.slice(*child), "const" | "constexpr"))
        {
            text.push_str("const ");
        }
        if let Some(specifier) = self.field(declaration, "type") {
            match specifier.kind() {
                "struct_specifier" | "class_specifier" | "union_specifier" | "enum_specifier" => {
                    if let Some(name) = self.field(specifier, "name") {
                        text.push_str(&self.squeezed(name));
                    }
                }
                _ => text.push_str(&self.squeezed(specifier)),
            }
        }
        text
    }

    pub(super) fn declarator<'t>(&self, node: Node<'t>) -> Declarator<'t> {
        let mut found =
            Declarator { name: String::new(), span: self.span(node), suffix: String::new(), function: None };
        let mut at = Some(node);
        let mut depth = 0;
        while let Some(node) = at {
            depth += 1;
            if depth > 64 {
                break;
            }
            at = match node.kind() {
                "pointer_declarator" | "pointer_type_declarator" | "abstract_pointer_declarator" => {
                    found.suffix.insert(0, '*');
                    self.field(node, "declarator")
                }
                "reference_declarator" | "abstract_reference_declarator" => {
                    let double = self.slice(node).starts_with("&&");
                    found.suffix.insert_str(0, if double { "&&" } else { "&" });
                    children(node).into_iter().find(|child| child.kind().ends_with("declarator") || is_name(*child))
                }
                "array_declarator" | "abstract_array_declarator" => {
                    found.suffix.push_str("[]");
                    self.field(node, "declarator")
                }
                "function_declarator" | "abstract_function_declarator" => {
                    if found.function.is_none() {
                        found.function = self.field(node, "parameters");
                    }
                    self.field(node, "declarator")
                }
                "init_declarator"
                | "attributed_declarator"
                | "parenthesized_declarator"
                | "variadic_declarator"
                | "abstract_parenthesized_declarator" => self
                    .field(node, "declarator")
                    .or_else(|| children(node).into_iter().find(|child| !child.kind().starts_with("attribute"))),
                "operator_cast" => {
                    found.name = "operator cast".to_owned();
                    found.span = self.span(node);
                    found.function = self.field(node, "declarator").and_then(|inner| self.declarator(inner).function);
                    None
                }
                _ if is_name(node) => {
                    found.name = self.plain_name(node);
                    found.span = self.span(node);
                    None
                }
                _ => None,
            };
        }
        found
    }

    /// Text of a type descriptor, as in casts and template arguments.
    pub(super) fn descriptor(&self, node: Node<'_>) -> Name {
        Name::new(&self.squeezed(node))
    }
}

pub(super) fn is_name(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "identifier"
            | "field_identifier"
            | "type_identifier"
            | "qualified_identifier"
            | "destructor_name"
            | "operator_name"
            | "template_function"
            | "template_method"
            | "namespace_identifier"
            | "primitive_type"
    )
}
