//! Functions, their parameters, and closures.

use super::{Lowering, children};
use crate::ir::{
    Capture, CaptureDefault, Captures, Expr, Function, FunctionFlags, FunctionKind, Span, Stmt, Storage, UnreadReason,
    Variable,
};
use crate::name::Name;
use tree_sitter::Node;

impl<'a> Lowering<'a> {
    pub(super) fn function_definition(&mut self, node: Node<'_>) {
        let Some(head) = self.field(node, "declarator") else { return self.errors(node) };
        let declarator = self.declarator(head);
        if declarator.function.is_none() && declarator.name.is_empty() {
            self.errors(node);
            return;
        }
        let flags = self.flags(node, declarator.function);
        let text = self.type_text(node);
        let qualifier = declarator.name.rfind("::").map(|at| self.qualified(&declarator.name[..at]));
        let class = qualifier.or_else(|| self.class());
        let kind = self.kind_of(&declarator.name, class, text.is_empty(), flags);
        let params = declarator.function.map(|list| self.parameters(list)).unwrap_or_default();
        let function = Function {
            name: self.qualified(&declarator.name),
            class,
            kind,
            parent: None,
            captures: Captures::default(),
            params,
            returns: Name::new(&format!("{text}{}", declarator.suffix)),
            inits: Vec::new(),
            flags,
            body: None,
            span: self.span(node),
            name_span: declarator.span,
            unread_bytes: 0,
        };
        let index = self.add_function(function);
        let outer = self.function.replace(index);
        for child in children(node).into_iter().filter(|child| child.kind() == "field_initializer_list") {
            self.member_inits(index, child);
        }
        let body = self.field(node, "body");
        let stmts = body.map(|body| self.deeper(node, |_| Vec::new(), |this| this.body(body)));
        self.file.functions[index as usize].body = stmts;
        self.head_errors(node);
        self.function = outer;
    }

    fn body(&mut self, body: Node<'_>) -> Vec<Stmt> {
        match body.kind() {
            "compound_statement" => self.block(body),
            // A function-try-block.
            _ => self.statement(body).into_iter().collect(),
        }
    }

    /// Errors in the head of a definition.
    fn head_errors(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let all: Vec<Node<'_>> = node.children(&mut cursor).collect();
        for child in all {
            if child.is_error() || child.is_missing() {
                self.unread(child, UnreadReason::Syntax);
            }
        }
    }

    fn member_inits(&mut self, index: u32, list: Node<'_>) {
        for init in children(list).into_iter().filter(|child| child.kind() == "field_initializer") {
            let parts = children(init);
            let Some(first) = parts.first() else { continue };
            let name = Name::new(&self.plain_name(*first));
            let arguments = parts[1..].iter().flat_map(|part| self.argument_list(*part)).collect();
            self.file.functions[index as usize].inits.push((name, arguments));
        }
    }

    pub(super) fn flags(&self, node: Node<'_>, parameters: Option<Node<'_>>) -> FunctionFlags {
        let mut flags = FunctionFlags {
            is_private: self.scopes.last().is_some_and(|scope| scope.is_class && scope.is_private)
                || self.scopes.iter().any(|scope| !scope.is_class && scope.name.is_empty()),
            ..FunctionFlags::default()
        };
        for child in children(node) {
            match (child.kind(), self.slice(child)) {
                ("storage_class_specifier", "static") => {
                    flags.is_static = true;
                    flags.is_private |= self.class().is_none();
                }
                ("virtual" | "virtual_specifier", _) => flags.is_virtual = true,
                ("attribute_declaration" | "attribute_specifier", _) => flags.is_annotated = true,
                _ => {}
            }
        }
        let mut cursor = node.walk();
        flags.is_virtual |= node.children(&mut cursor).any(|child| child.kind() == "virtual");
        if let Some(declarator) = parameters.and_then(|parameters| parameters.parent()) {
            for child in children(declarator) {
                match (child.kind(), self.slice(child)) {
                    ("type_qualifier", "const") => flags.is_const = true,
                    ("virtual_specifier", _) => flags.is_virtual = true,
                    ("noexcept", _) => flags.is_noexcept = true,
                    _ => {}
                }
            }
        }
        flags
    }

    pub(super) fn parameters(&mut self, list: Node<'_>) -> Vec<Variable> {
        let mut params = Vec::new();
        for child in children(list) {
            if !matches!(
                child.kind(),
                "parameter_declaration" | "optional_parameter_declaration" | "variadic_parameter_declaration"
            ) {
                continue;
            }
            let text = self.type_text(child);
            let (name, span, suffix) = match self.field(child, "declarator") {
                Some(declarator) => {
                    let declarator = self.declarator(declarator);
                    let call = if declarator.function.is_some() { "()" } else { "" };
                    (declarator.name, declarator.span, format!("{}{call}", declarator.suffix))
                }
                None => (String::new(), self.span(child), String::new()),
            };
            params.push(Variable {
                name: Name::new(&name),
                ty: Name::new(&format!("{text}{suffix}")),
                storage: Storage::Plain,
                span,
                init: self.field(child, "default_value").map(|value| self.expression(value)),
            });
        }
        params
    }

    /// A lambda or block.
    pub(super) fn closure(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let is_block = self.prepared.blocks.contains(&(span.start as usize));
        let kind = if is_block { FunctionKind::Block } else { FunctionKind::Lambda };
        let (captures, inits) = if is_block {
            (Captures { default: CaptureDefault::Copy, ..Captures::default() }, Vec::new())
        } else {
            self.field(node, "captures").map(|list| self.captures(list)).unwrap_or_default()
        };
        let params = self
            .field(node, "declarator")
            .and_then(|declarator| self.field(declarator, "parameters"))
            .map(|list| self.parameters(list))
            .unwrap_or_default();
        let enclosing = self.function.map(|index| &self.file.functions[index as usize]);
        let name = Name::new(&format!("{}::{{closure}}", enclosing.map_or("", |function| function.name.text())));
        let class = enclosing.and_then(|function| function.class);
        let index = self.add_function(Function {
            name,
            class,
            kind,
            parent: self.function,
            captures,
            params,
            returns: Name::empty(),
            inits,
            flags: FunctionFlags::default(),
            body: None,
            span,
            name_span: Span { start: span.start, end: span.start + 1 },
            unread_bytes: 0,
        });
        let outer = self.function.replace(index);
        let stmts = self.field(node, "body").map(|body| self.block(body));
        self.file.functions[index as usize].body = stmts;
        self.head_errors(node);
        self.function = outer;
        Expr::Closure(index, span)
    }

    fn captures(&mut self, list: Node<'_>) -> (Captures, Vec<(Name, Vec<Expr>)>) {
        let mut captures = Captures::default();
        let mut inits = Vec::new();
        for child in children(list) {
            match child.kind() {
                "lambda_default_capture" => {
                    let copy = self.slice(child).starts_with('=');
                    captures.default = if copy { CaptureDefault::Copy } else { CaptureDefault::Reference };
                }
                "this" => captures.this = true,
                "lambda_capture_initializer" => {
                    let (Some(left), Some(right)) = (self.field(child, "left"), self.field(child, "right")) else {
                        continue;
                    };
                    let name = self.name(left);
                    let by_reference = self.slice(child).starts_with('&');
                    captures.items.push(Capture { name, by_reference, has_init: true });
                    let init = self.expression(right);
                    inits.push((name, vec![init]));
                }
                _ => {
                    let text = self.slice(child);
                    if text.trim_start_matches('*').trim() == "this" {
                        captures.this_copy = text.starts_with('*');
                        captures.this = !captures.this_copy;
                        continue;
                    }
                    let before = &self.text[list.start_byte()..child.start_byte()];
                    let by_reference = text.starts_with('&') || before.trim_ascii_end().ends_with(b"&");
                    let by_copy_of_this = before.trim_ascii_end().ends_with(b"*");
                    let name = Name::new(text.trim_start_matches('&').trim());
                    if name.text() == "this" {
                        captures.this_copy = by_copy_of_this;
                        captures.this = !by_copy_of_this;
                    } else {
                        captures.items.push(Capture { name, by_reference, has_init: false });
                    }
                }
            }
        }
        (captures, inits)
    }
}
