//! Statements.

use super::{Lowering, children};
use crate::ir::{Expr, Span, Stmt, Storage, UnreadReason, Variable};
use crate::name::Name;
use tree_sitter::Node;

impl<'a> Lowering<'a> {
    /// The statements of a compound statement or of any node that contains statements.
    pub(super) fn block(&mut self, node: Node<'_>) -> Vec<Stmt> {
        let mut cursor = node.walk();
        let all: Vec<Node<'_>> = node.children(&mut cursor).collect();
        let mut stmts = Vec::with_capacity(all.len());
        for child in all {
            if child.is_missing() {
                self.unread(child, UnreadReason::Syntax);
            } else if child.is_named() && child.kind() != "comment" {
                stmts.extend(self.statement(child));
            }
        }
        stmts
    }

    /// A statement as a list: blocks are opened where they are the body of something.
    fn body_of(&mut self, node: Option<Node<'_>>) -> Vec<Stmt> {
        match node {
            Some(node) if node.kind() == "compound_statement" => self.block(node),
            Some(node) => self.statement(node).into_iter().collect(),
            None => Vec::new(),
        }
    }

    pub(super) fn statement(&mut self, node: Node<'_>) -> Option<Stmt> {
        self.deeper(node, |_| None, |this| this.statement_inside(node))
    }

    fn statement_inside(&mut self, node: Node<'_>) -> Option<Stmt> {
        let span = self.span(node);
        let own_errors = !matches!(node.kind(), "compound_statement" | "ERROR");
        if own_errors {
            self.direct_errors(node);
        }
        Some(match node.kind() {
            "compound_statement" => Stmt::Block(self.block(node), span),
            "expression_statement" => Stmt::Expr(self.expression(children(node).into_iter().next()?)),
            "declaration" => self.local(node)?,
            "if_statement" => self.if_statement(node, span),
            "while_statement" => {
                let (init, condition) = self.condition(self.field(node, "condition"));
                let body = self.body_of(self.field(node, "body"));
                Stmt::Loop { init, condition, step: None, body, is_post_tested: false, each: None, span }
            }
            "do_statement" => {
                let body = self.body_of(self.field(node, "body"));
                let condition = self.field(node, "condition").map(|condition| self.expression(condition));
                Stmt::Loop { init: Vec::new(), condition, step: None, body, is_post_tested: true, each: None, span }
            }
            "for_statement" => self.for_statement(node, span),
            "for_range_loop" => self.range_loop(node, span),
            "switch_statement" => self.switch(node, span),
            "return_statement" | "co_return_statement" => {
                Stmt::Return(children(node).into_iter().next().map(|value| self.expression(value)), span)
            }
            "throw_statement" => {
                let value = children(node).into_iter().next().map(|value| Box::new(self.expression(value)));
                Stmt::Expr(Expr::Throw(value, span))
            }
            "break_statement" => Stmt::Break(span),
            "continue_statement" => Stmt::Continue(span),
            "goto_statement" => Stmt::Goto(span),
            "labeled_statement" | "attributed_statement" => {
                let inner = children(node).into_iter().rfind(|child| child.kind().ends_with("statement"));
                return inner.and_then(|inner| self.statement(inner));
            }
            "try_statement" | "seh_try_statement" => self.try_statement(node, span),
            "ERROR" => {
                self.unread(node, UnreadReason::Syntax);
                Stmt::Block(self.block(node), span)
            }
            "alias_declaration"
            | "using_declaration"
            | "type_definition"
            | "static_assert_declaration"
            | "namespace_alias_definition"
            | "struct_specifier"
            | "class_specifier"
            | "union_specifier"
            | "enum_specifier"
            | "template_declaration"
            | "function_definition"
            | "preproc_call"
            | "preproc_def" => {
                self.nested_declaration(node);
                return None;
            }
            _ => Stmt::Expr(self.expression(node)),
        })
    }

    /// Local classes and functions: their functions are lowered, outside of this one.
    fn nested_declaration(&mut self, node: Node<'_>) {
        match node.kind() {
            "function_definition" => self.function_definition(node),
            _ => self.errors(node),
        }
    }

    /// Errors that are children of a statement and not of a statement or expression inside.
    fn direct_errors(&mut self, node: Node<'_>) {
        if !node.has_error() {
            return;
        }
        let mut cursor = node.walk();
        let all: Vec<Node<'_>> = node.children(&mut cursor).collect();
        for child in all.into_iter().filter(|child| child.is_error() || child.is_missing()) {
            self.unread(child, UnreadReason::Syntax);
        }
    }

    fn local(&mut self, node: Node<'_>) -> Option<Stmt> {
        let storage = self.storage(node);
        let text = self.type_text(node);
        let mut cursor = node.walk();
        let declarators: Vec<Node<'_>> = node.children_by_field_name("declarator", &mut cursor).collect();
        let mut variables = Vec::new();
        for declarator in declarators {
            variables.extend(self.local_variable(declarator, &text, storage));
        }
        if variables.is_empty() { None } else { Some(Stmt::Local(variables)) }
    }

    fn local_variable(&mut self, node: Node<'_>, text: &str, storage: Storage) -> Vec<Variable> {
        let binding = self.structured_binding(node);
        let declarator = self.declarator(node);
        self.direct_errors(node);
        let mut init = self.field(node, "value").map(|value| self.initializer(value));
        if init.is_none()
            && let Some(list) = declarator.function
        {
            // `T name(argument)` looks like a function's declaration to the grammar; inside of a function it is not.
            let span = self.span(list);
            let arguments = children(list).into_iter().map(|child| self.parameter_as_argument(child)).collect();
            init = Some(Expr::Construct { ty: Name::new(text), arguments, span });
        }
        let is_block = self.prepared.block_variables.contains(declarator.name.as_bytes());
        let storage = if is_block && storage == Storage::Plain { Storage::Block } else { storage };
        let ty = Name::new(&format!("{text}{}", declarator.suffix));
        if binding.is_empty() {
            let name = Name::new(&declarator.name);
            return vec![Variable { name, ty, storage, span: declarator.span, init }];
        }
        let mut variables: Vec<Variable> =
            binding.into_iter().map(|(name, span)| Variable { name, ty, storage, span, init: None }).collect();
        variables[0].init = init;
        variables
    }

    fn structured_binding(&self, node: Node<'_>) -> Vec<(Name, Span)> {
        let mut at = Some(node);
        while let Some(node) = at {
            if node.kind() == "structured_binding_declarator" {
                return children(node).into_iter().map(|name| (self.name(name), self.span(name))).collect();
            }
            at = match node.kind() {
                "init_declarator" => self.field(node, "declarator"),
                "reference_declarator" => children(node).into_iter().next(),
                _ => None,
            };
        }
        Vec::new()
    }

    /// A parameter that is an argument in truth.
    fn parameter_as_argument(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let Some(ty) = self.field(node, "type") else { return Expr::Other(Vec::new(), span) };
        let name = Expr::Name(Name::new(&self.plain_name(ty)), self.span(ty));
        match self.field(node, "declarator") {
            None => name,
            Some(declarator) => {
                let declarator = self.declarator(declarator);
                let arguments = match declarator.function {
                    Some(list) => children(list).into_iter().map(|child| self.parameter_as_argument(child)).collect(),
                    None => Vec::new(),
                };
                if declarator.function.is_some() {
                    return Expr::Call { callee: Box::new(name), arguments, template: Name::empty(), span };
                }
                let right = Expr::Name(Name::new(&declarator.name), declarator.span);
                Expr::Other(vec![name, right], span)
            }
        }
    }

    /// Condition of `if`, `while` and `switch`: declarations, and the expression.
    fn condition(&mut self, clause: Option<Node<'_>>) -> (Vec<Stmt>, Option<Expr>) {
        let Some(clause) = clause else { return (Vec::new(), None) };
        self.direct_errors(clause);
        let mut init = Vec::new();
        if let Some(first) = self.field(clause, "initializer") {
            for child in children(first) {
                init.extend(self.statement(child));
            }
        }
        let Some(value) = self.field(clause, "value") else {
            return (init, children(clause).into_iter().next().map(|value| self.expression(value)));
        };
        if value.kind() != "declaration" {
            let value = self.expression(value);
            return (init, Some(value));
        }
        let text = self.type_text(value);
        let storage = self.storage(value);
        let Some(declarator) = self.field(value, "declarator") else { return (init, None) };
        let mut variables = self.local_variable(declarator, &text, storage);
        if let (Some(variable), Some(init)) = (variables.first_mut(), self.field(value, "value")) {
            variable.init = Some(self.initializer(init));
        }
        let tested = variables.first().map(|variable| Expr::Name(variable.name, variable.span));
        init.push(Stmt::Local(variables));
        (init, tested)
    }

    fn if_statement(&mut self, node: Node<'_>, span: Span) -> Stmt {
        let (init, condition) = self.condition(self.field(node, "condition"));
        let then = self.body_of(self.field(node, "consequence"));
        let otherwise = match self.field(node, "alternative") {
            Some(clause) if clause.kind() == "else_clause" => {
                self.direct_errors(clause);
                self.body_of(children(clause).into_iter().next())
            }
            other => self.body_of(other),
        };
        let condition = condition.unwrap_or(Expr::Other(Vec::new(), span));
        Stmt::If { init, condition, then, otherwise, span }
    }

    fn for_statement(&mut self, node: Node<'_>, span: Span) -> Stmt {
        let init = self.field(node, "initializer").and_then(|init| self.statement(init)).into_iter().collect();
        let condition = self.field(node, "condition").map(|condition| self.expression(condition));
        let step = self.field(node, "update").map(|step| self.expression(step));
        let body = self.body_of(self.field(node, "body"));
        Stmt::Loop { init, condition, step, body, is_post_tested: false, each: None, span }
    }

    fn range_loop(&mut self, node: Node<'_>, span: Span) -> Stmt {
        let text = self.type_text(node);
        let variables = self
            .field(node, "declarator")
            .map(|declarator| self.local_variable(declarator, &text, Storage::Plain))
            .unwrap_or_default();
        let range = self.field(node, "right").map(|range| self.initializer(range));
        let body = self.body_of(self.field(node, "body"));
        let mut variables = variables.into_iter();
        let each = variables.next().map(Box::new);
        let rest: Vec<Variable> = variables.collect();
        let init = if rest.is_empty() { Vec::new() } else { vec![Stmt::Local(rest)] };
        Stmt::Loop { init, condition: range, step: None, body, is_post_tested: false, each, span }
    }

    fn switch(&mut self, node: Node<'_>, span: Span) -> Stmt {
        let (init, subject) = self.condition(self.field(node, "condition"));
        let mut cases = Vec::new();
        let mut has_default = false;
        let body = self.field(node, "body").map(children).unwrap_or_default();
        for child in body {
            if child.kind() != "case_statement" {
                let stmt = self.statement(child);
                if let Some(case) = cases.last_mut() {
                    let case: &mut Vec<Stmt> = case;
                    case.extend(stmt);
                }
                continue;
            }
            self.direct_errors(child);
            let value = self.field(child, "value");
            has_default |= value.is_none();
            let mut stmts = Vec::new();
            for stmt in children(child).into_iter().filter(|stmt| Some(*stmt) != value) {
                stmts.extend(self.statement(stmt));
            }
            cases.push(stmts);
        }
        let subject = subject.unwrap_or(Expr::Other(Vec::new(), span));
        let switch = Stmt::Switch { subject, cases, has_default, span };
        if init.is_empty() {
            switch
        } else {
            let mut stmts = init;
            stmts.push(switch);
            Stmt::Block(stmts, span)
        }
    }

    fn try_statement(&mut self, node: Node<'_>, span: Span) -> Stmt {
        let body = self.body_of(self.field(node, "body"));
        let mut handlers = Vec::new();
        for clause in children(node) {
            if !matches!(clause.kind(), "catch_clause" | "seh_except_clause" | "seh_finally_clause") {
                continue;
            }
            let all = self.field(clause, "parameters").is_none_or(|list| self.slice(list).contains("..."));
            let stmts = self.body_of(self.field(clause, "body"));
            handlers.push((all, stmts));
        }
        Stmt::Try { body, handlers, span }
    }
}
