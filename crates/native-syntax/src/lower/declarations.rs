//! Namespaces, classes and their members, globals.

use super::types::is_name;
use super::{Lowering, children};
use crate::ir::{Function, FunctionFlags, FunctionKind, Storage, TypeDecl, UnreadReason, Variable};
use crate::name::Name;
use tree_sitter::Node;

impl<'a> Lowering<'a> {
    /// Everything in a list of declarations.
    pub(super) fn declarations(&mut self, list: Node<'_>) {
        let mut cursor = list.walk();
        let all: Vec<Node<'_>> = list.children(&mut cursor).collect();
        for child in all {
            if child.is_missing() {
                self.unread(child, UnreadReason::Syntax);
            } else if child.is_named() {
                self.declaration(child);
            }
        }
    }

    fn declaration(&mut self, node: Node<'_>) {
        match node.kind() {
            "comment" => {}
            "ERROR" => {
                self.unread(node, UnreadReason::Syntax);
                self.deeper(node, |_| (), |this| this.declarations(node));
            }
            "namespace_definition" => {
                let name = self.field(node, "name").map_or(String::new(), |name| self.plain_name(name));
                if let Some(body) = self.field(node, "body") {
                    self.scoped(name, false, false, |this| this.declarations(body));
                }
            }
            "linkage_specification" => {
                if let Some(body) = self.field(node, "body") {
                    match body.kind() {
                        "declaration_list" => self.declarations(body),
                        _ => self.declaration(body),
                    }
                }
            }
            "template_declaration" | "declaration_list" | "preproc_if" | "preproc_ifdef" | "preproc_else" => {
                self.deeper(node, |_| (), |this| this.declarations(node));
            }
            "function_definition" => {
                self.function_definition(node);
            }
            "class_specifier" | "struct_specifier" | "union_specifier" => self.class_definition(node),
            "access_specifier" => {
                let is_private = !self.slice(node).starts_with("public");
                if let Some(scope) = self.scopes.last_mut() {
                    scope.is_private = is_private;
                }
            }
            "alias_declaration" => self.alias(node),
            "type_definition" => self.typedef(node),
            "declaration" | "field_declaration" => self.variables(node),
            "expression_statement" | "if_statement" | "for_statement" | "while_statement" | "return_statement" => {
                // Statements outside of functions stand where a definition was lost.
                self.errors(node);
            }
            _ => {
                self.errors(node);
            }
        }
    }

    fn class_definition(&mut self, node: Node<'_>) {
        let Some(body) = self.field(node, "body") else { return };
        let name = self.field(node, "name");
        let plain = name.map_or(String::new(), |name| self.plain_name(name));
        let bases: Vec<Name> = children(node)
            .into_iter()
            .filter(|child| child.kind() == "base_class_clause")
            .flat_map(children)
            .filter(|child| is_name(*child) || child.kind() == "template_type")
            .map(|base| Name::new(&self.plain_name(base)))
            .collect();
        let declaration = TypeDecl {
            name: self.qualified(&plain),
            bases,
            members: Vec::new(),
            aliases: Vec::new(),
            span: name.map_or(self.span(node), |name| self.span(name)),
        };
        self.file.types.push(declaration);
        let index = self.file.types.len() - 1;
        let is_private = node.kind() == "class_specifier";
        self.scoped(plain, true, is_private, |this| {
            this.deeper(node, |_| (), |this| this.members(body, index));
        });
    }

    fn members(&mut self, body: Node<'_>, index: usize) {
        let before = self.file.globals.len();
        self.declarations(body);
        // Variables declared in this list are members; those of nested classes have been taken already.
        let members = self.file.globals.split_off(before);
        let prefix = format!("{}::", self.file.types[index].name);
        let (members, others): (Vec<_>, Vec<_>) = members
            .into_iter()
            .partition(|member| member.name.text().strip_prefix(&prefix).is_some_and(|rest| !rest.contains("::")));
        self.file.types[index].members = members;
        self.file.globals.extend(others);
    }

    fn alias(&mut self, node: Node<'_>) {
        let (Some(name), Some(ty)) = (self.field(node, "name"), self.field(node, "type")) else { return };
        let alias = (self.qualified(&self.plain_name(name)), self.descriptor(ty));
        self.add_alias(alias);
    }

    fn typedef(&mut self, node: Node<'_>) {
        if let Some(ty) = self.field(node, "type").filter(|ty| self.field(*ty, "body").is_some()) {
            self.declaration(ty);
        }
        let text = self.type_text(node);
        let mut cursor = node.walk();
        let declarators: Vec<Node<'_>> = node.children_by_field_name("declarator", &mut cursor).collect();
        for declarator in declarators {
            let declarator = self.declarator(declarator);
            let alias = (self.qualified(&declarator.name), Name::new(&format!("{text}{}", declarator.suffix)));
            self.add_alias(alias);
        }
    }

    fn add_alias(&mut self, alias: (Name, Name)) {
        match self.file.types.iter_mut().find(|ty| ty.name.is_empty()) {
            Some(holder) => holder.aliases.push(alias),
            None => self.file.types.push(TypeDecl {
                name: Name::empty(),
                bases: Vec::new(),
                members: Vec::new(),
                aliases: vec![alias],
                span: Default::default(),
            }),
        }
    }

    /// Variables and function declarations.
    fn variables(&mut self, node: Node<'_>) {
        if let Some(ty) = self.field(node, "type")
            && self.field(ty, "body").is_some()
        {
            self.declaration(ty);
        }
        self.errors(node);
        let storage = self.storage(node);
        let text = self.type_text(node);
        let mut cursor = node.walk();
        let declarators: Vec<Node<'_>> = node.children_by_field_name("declarator", &mut cursor).collect();
        let default = self.field(node, "default_value");
        for node_of_one in declarators {
            let declarator = self.declarator(node_of_one);
            if declarator.name.is_empty() {
                continue;
            }
            if declarator.function.is_some() && declarator.suffix.is_empty() | !self.is_pointer(node_of_one) {
                self.function_declaration(node, &declarator, &text);
                continue;
            }
            let init = match node_of_one.kind() {
                "init_declarator" => self.field(node_of_one, "value").map(|value| self.initializer(value)),
                _ => default.map(|value| self.initializer(value)),
            };
            self.file.globals.push(Variable {
                name: self.qualified(&declarator.name),
                ty: Name::new(&format!("{text}{}", declarator.suffix)),
                storage,
                span: declarator.span,
                init,
            });
        }
    }

    /// Whether a declarator is that of a pointer to function: `(*name)(args)`.
    fn is_pointer(&self, node: Node<'_>) -> bool {
        let mut at = Some(node);
        while let Some(node) = at {
            if node.kind() == "function_declarator" {
                return self.field(node, "declarator").is_some_and(|inner| inner.kind() == "parenthesized_declarator");
            }
            at = self.field(node, "declarator").or_else(|| children(node).into_iter().next());
        }
        false
    }

    pub(super) fn storage(&self, node: Node<'_>) -> Storage {
        let mut storage = Storage::Plain;
        for child in children(node).into_iter().filter(|child| child.kind() == "storage_class_specifier") {
            match self.slice(child) {
                "thread_local" | "__thread" => return Storage::ThreadLocal,
                "static" => storage = Storage::Static,
                _ => {}
            }
        }
        storage
    }

    fn function_declaration(&mut self, node: Node<'_>, declarator: &super::types::Declarator<'_>, text: &str) {
        let flags = self.flags(node, declarator.function);
        let name = self.qualified(&declarator.name);
        let class = self.class();
        let kind = self.kind_of(&declarator.name, class, text.is_empty(), flags);
        let params = declarator.function.map(|list| self.parameters(list)).unwrap_or_default();
        self.add_function(Function {
            name,
            class,
            kind,
            parent: None,
            captures: Default::default(),
            params,
            returns: Name::new(&format!("{text}{}", declarator.suffix)),
            inits: Vec::new(),
            flags,
            body: None,
            span: self.span(node),
            name_span: declarator.span,
            unread_bytes: 0,
        });
    }

    pub(super) fn kind_of(
        &self,
        name: &str,
        class: Option<Name>,
        has_no_type: bool,
        flags: FunctionFlags,
    ) -> FunctionKind {
        let last = crate::name::last_part(name);
        match class {
            _ if last.starts_with('~') => FunctionKind::Destructor,
            Some(class) if has_no_type && class.last() == last => FunctionKind::Constructor,
            Some(_) if !flags.is_static => FunctionKind::Method,
            _ => FunctionKind::Free,
        }
    }
}
