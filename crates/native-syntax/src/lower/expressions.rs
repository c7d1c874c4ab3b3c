//! Expressions.

use super::types::is_name;
use super::{Lowering, children};
use crate::ir::{Expr, Span, UnreadReason};
use crate::name::Name;
use crate::prepass;
use tree_sitter::Node;

impl<'a> Lowering<'a> {
    pub(super) fn expression(&mut self, node: Node<'_>) -> Expr {
        self.deeper(node, |span| Expr::Other(Vec::new(), span), |this| this.expression_inside(node))
    }

    fn operand(&mut self, node: Node<'_>, field: &str) -> Box<Expr> {
        match self.field(node, field) {
            Some(child) => Box::new(self.expression(child)),
            None => Box::new(Expr::Other(Vec::new(), self.span(node))),
        }
    }

    fn operator(&self, node: Node<'_>) -> Name {
        self.field(node, "operator").map_or(Name::empty(), |operator| self.name(operator))
    }

    fn expression_inside(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        if node.has_error() {
            self.own_errors(node);
        }
        match node.kind() {
            "identifier" if self.slice(node) == "self" => Expr::This(span),
            "this" => Expr::This(span),
            kind if is_name(node) && kind != "template_function" => Expr::Name(Name::new(&self.plain_name(node)), span),
            "template_function" => Expr::Name(Name::new(&self.plain_name(node)), span),
            "number_literal" | "char_literal" | "true" | "false" | "null" => Expr::Literal(self.name(node), span),
            "string_literal" | "raw_string_literal" | "concatenated_string" | "user_defined_literal" => {
                Expr::Literal(Name::new("\"\""), span)
            }
            "parenthesized_expression" | "condition_clause" => match children(node).into_iter().next() {
                Some(inner) => self.expression(inner),
                None => Expr::Other(Vec::new(), span),
            },
            "field_expression" => self.member(node, span),
            "call_expression" => self.call(node, span),
            "subscript_expression" => {
                let base = self.operand(node, "argument");
                let index = self.field(node, "indices").map(|list| self.argument_list(list)).unwrap_or_default();
                Expr::Index { base, index, span }
            }
            "unary_expression" | "pointer_expression" => {
                let operator = self.operator(node);
                Expr::Unary { operator, operand: self.operand(node, "argument"), span }
            }
            "update_expression" => self.update(node, span),
            "binary_expression" => {
                let operator = self.operator(node);
                let left = self.operand(node, "left");
                Expr::Binary { operator, left, right: self.operand(node, "right"), span }
            }
            "comma_expression" => {
                let left = self.operand(node, "left");
                Expr::Binary { operator: Name::new(","), left, right: self.operand(node, "right"), span }
            }
            "assignment_expression" => self.assignment(node, span),
            "conditional_expression" => {
                let condition = self.operand(node, "condition");
                let then = self.operand(node, "consequence");
                Expr::Conditional { condition, then, otherwise: self.operand(node, "alternative"), span }
            }
            "lambda_expression" => self.closure(node),
            "new_expression" => self.new_expression(node, span),
            "delete_expression" => {
                let operand = children(node).into_iter().next_back().map(|operand| self.expression(operand));
                Expr::Delete(Box::new(operand.unwrap_or(Expr::Other(Vec::new(), span))), span)
            }
            "cast_expression" => {
                let ty = self.field(node, "type").map_or(Name::empty(), |ty| self.descriptor(ty));
                Expr::Cast { ty, operand: self.operand(node, "value"), span }
            }
            "compound_literal_expression" => {
                let ty = self.field(node, "type").map_or(Name::empty(), |ty| self.descriptor(ty));
                let arguments = self.field(node, "value").map(|list| self.argument_list(list)).unwrap_or_default();
                Expr::Construct { ty, arguments, span }
            }
            "initializer_list" => Expr::Construct { ty: Name::empty(), arguments: self.argument_list(node), span },
            "co_await_expression" | "parameter_pack_expansion" | "extension_expression" => self.others(node, span),
            "sizeof_expression" | "alignof_expression" | "type_descriptor" | "offsetof_expression" => {
                Expr::Other(Vec::new(), span)
            }
            "throw_statement" => {
                let value = children(node).into_iter().next().map(|value| Box::new(self.expression(value)));
                Expr::Throw(value, span)
            }
            _ => self.others(node, span),
        }
    }

    fn others(&mut self, node: Node<'_>, span: Span) -> Expr {
        let operands = children(node).into_iter().map(|child| self.expression(child)).collect();
        Expr::Other(operands, span)
    }

    /// Errors directly below, and the node itself if it is one.
    fn own_errors(&mut self, node: Node<'_>) {
        if node.is_error() {
            return self.unread(node, UnreadReason::Syntax);
        }
        let mut cursor = node.walk();
        let all: Vec<Node<'_>> = node.children(&mut cursor).collect();
        for child in all.into_iter().filter(|child| child.is_missing() || child.is_error()) {
            self.unread(child, UnreadReason::Syntax);
        }
    }

    fn member(&mut self, node: Node<'_>, span: Span) -> Expr {
        let base = self.operand(node, "argument");
        let name = self.field(node, "field").map_or(String::new(), |field| self.plain_name(field));
        let is_arrow = self.field(node, "operator").is_some_and(|operator| self.slice(operator) == "->");
        Expr::Member { base, name: Name::new(&name), is_arrow, span }
    }

    fn update(&mut self, node: Node<'_>, span: Span) -> Expr {
        let operator = self.operator(node);
        let is_postfix = node.child(0).is_some_and(|first| first.is_named());
        let operator = if is_postfix { Name::new(&format!("post{operator}")) } else { operator };
        Expr::Unary { operator, operand: self.operand(node, "argument"), span }
    }

    fn assignment(&mut self, node: Node<'_>, span: Span) -> Expr {
        let operator = self.operator(node);
        let left = self.operand(node, "left");
        Expr::Assign { operator, left, right: self.operand(node, "right"), span }
    }

    fn new_expression(&mut self, node: Node<'_>, span: Span) -> Expr {
        let ty = self.field(node, "type").map_or(Name::empty(), |ty| self.descriptor(ty));
        let mut arguments = Vec::new();
        for field in ["placement", "arguments"] {
            if let Some(list) = self.field(node, field) {
                arguments.extend(self.argument_list(list));
            }
        }
        Expr::New { ty, arguments, span }
    }

    /// The expressions of an argument list, an initializer list or a subscript.
    pub(super) fn argument_list(&mut self, list: Node<'_>) -> Vec<Expr> {
        if list.has_error() {
            self.own_errors(list);
        }
        let mut arguments = Vec::new();
        for child in children(list) {
            match child.kind() {
                "initializer_pair" => {
                    if let Some(value) = self.field(child, "value") {
                        arguments.push(self.expression(value));
                    }
                }
                _ => arguments.push(self.expression(child)),
            }
        }
        arguments
    }

    /// The initializer of a variable: `= x`, `(x)` or `{x}`.
    pub(super) fn initializer(&mut self, node: Node<'_>) -> Expr {
        match node.kind() {
            "argument_list" | "initializer_list" => {
                let span = self.span(node);
                Expr::Construct { ty: Name::empty(), arguments: self.argument_list(node), span }
            }
            _ => self.expression(node),
        }
    }

    fn call(&mut self, node: Node<'_>, span: Span) -> Expr {
        let Some(function) = self.field(node, "function") else { return self.others(node, span) };
        let text = self.slice(function);
        if text == prepass::MESSAGE {
            return self.message(node, span);
        }
        let arguments = self.field(node, "arguments");
        if let Some(ty) = self.cast_type(function) {
            let ty = self.descriptor(ty);
            let operand = arguments.map(|list| self.argument_list(list)).unwrap_or_default().into_iter().next();
            let operand = Box::new(operand.unwrap_or(Expr::Other(Vec::new(), span)));
            return Expr::Cast { ty, operand, span };
        }
        let template = template_arguments(function).map_or(Name::empty(), |list| {
            let text = self.squeezed(list);
            Name::new(text.trim_start_matches('<').trim_end_matches('>').trim())
        });
        let callee = Box::new(self.expression(function));
        let arguments = arguments.map(|list| self.argument_list(list)).unwrap_or_default();
        Expr::Call { callee, arguments, template, span }
    }

    /// The type of `static_cast<T>` and its sisters.
    fn cast_type<'t>(&self, function: Node<'t>) -> Option<Node<'t>> {
        let name = self.field(function, "name").filter(|_| function.kind() == "template_function")?;
        let is_cast =
            matches!(self.slice(name), "static_cast" | "dynamic_cast" | "const_cast" | "reinterpret_cast" | "bit_cast");
        self.field(function, "arguments").filter(|_| is_cast)?.named_child(0)
    }

    fn message(&mut self, node: Node<'_>, span: Span) -> Expr {
        let list = self.field(node, "arguments").map(children).unwrap_or_default();
        let [receiver, selector, ..] = list.as_slice() else { return self.others(node, span) };
        let name = self.slice(*selector).trim_matches('"').replace(':', "_");
        let receiver = Box::new(self.expression(*receiver));
        let arguments = list[2..].iter().map(|argument| self.expression(*argument)).collect();
        Expr::Message { receiver, selector: Name::new(&name), arguments, span }
    }
}

/// Template arguments of what is called.
fn template_arguments(function: Node<'_>) -> Option<Node<'_>> {
    match function.kind() {
        "template_function" | "template_method" => function.child_by_field_name("arguments"),
        "qualified_identifier" => function.child_by_field_name("name").and_then(template_arguments),
        "field_expression" => function.child_by_field_name("field").and_then(template_arguments),
        _ => None,
    }
}
