//! Definitions, declarations of operator symbols, instances, and `LET`.

use super::cursor::{Parse, Parser};
use super::token::{Keyword, Kind, Mark};
use crate::ast::{Definition, DefinitionBody, Expr, ExprKind, Ident, Instance, LetItem, OpDecl};
use crate::diagnostic::Diagnostic;
use crate::operators::{Fixity, Operator, Origin};
use crate::source::Span;

impl Parser<'_> {
    /// `LET … IN e`.
    pub(super) fn let_in(&mut self) -> Parse<Expr> {
        let ended = self.layout.partner(self.at).is_some();
        let start = self.bump();
        let mut items = Vec::new();
        while !self.is_keyword(Keyword::In) {
            if !ended && self.is_next_unit() {
                let diagnostic = Diagnostic::error("unclosed-let", start, "this LET has no IN");
                let remedy = "Write IN and the expression for which the definitions are made.";
                return Err(self.report(diagnostic.remedy(remedy).related(self.here(), "expected IN before this")));
            }
            items.push(self.let_item()?);
        }
        if items.is_empty() {
            return Err(self.unexpected("a definition after LET"));
        }
        self.bump();
        let body = self.expression()?;
        Ok(Expr::new(ExprKind::Let { items, body }, self.since(start)))
    }

    /// Whether a definition begins here that stands too far left to belong to a LET.
    fn is_next_unit(&self) -> bool {
        let token = self.token();
        let definition = self.layout.definition_at(self.at).is_some();
        definition && token.first_on_line && token.column <= self.unit_column
    }

    fn let_item(&mut self) -> Parse<LetItem> {
        match self.kind() {
            Kind::Keyword(Keyword::Recursive) => Ok(LetItem::Recursive(self.recursive()?)),
            Kind::Keyword(Keyword::Local) => Ok(LetItem::Definition(self.definition()?)),
            Kind::Identifier if self.layout.definition_at(self.at).is_some() || self.is_botched_definition() => {
                Ok(LetItem::Definition(self.definition()?))
            }
            Kind::Operator(operator) if operator.fixity == Fixity::Prefix => {
                Ok(LetItem::Definition(self.definition()?))
            }
            _ => Err(self.unexpected("a definition or `IN` in LET")),
        }
    }

    /// `RECURSIVE F(_), g`.
    pub(super) fn recursive(&mut self) -> Parse<Vec<OpDecl>> {
        self.bump();
        self.comma_list(Self::declaration)
    }

    /// Any definition, with `LOCAL` before it or not.
    pub(super) fn definition(&mut self) -> Parse<Definition> {
        let start = self.here();
        let local = self.eat_keyword(Keyword::Local);
        if let Kind::Operator(operator) = self.kind() {
            return self.prefix_definition(local, start, operator);
        }
        if self.kind() != Kind::Identifier {
            return Err(self.unexpected("a definition"));
        }
        let left = self.bump_identifier();
        match self.kind() {
            Kind::Mark(Mark::LeftSquare) => self.function_definition(local, start, left),
            Kind::Operator(operator) if self.is_operator_definition(operator) => {
                self.infix_or_postfix_definition(local, start, left, operator)
            }
            _ => self.named_definition(local, start, left),
        }
    }

    /// Whether the operator symbol behind a name is what is being defined.
    fn is_operator_definition(&self, operator: &Operator) -> bool {
        let define = Kind::Mark(Mark::Define);
        match operator.fixity {
            Fixity::Infix => self.peek(1) == Kind::Identifier && self.peek(2) == define,
            Fixity::Postfix => self.peek(1) == define,
            Fixity::Prefix => false,
        }
    }

    fn named_definition(&mut self, local: bool, start: Span, name: Ident) -> Parse<Definition> {
        let mut params = Vec::new();
        if self.is_mark(Mark::LeftParen) {
            let open = self.at;
            self.bump();
            params = self.comma_list(Self::declaration)?;
            self.expect_close(Mark::RightParen, open, "`,` or `)` after a parameter")?;
        }
        self.expect_define()?;
        let body = if self.is_keyword(Keyword::Instance) {
            DefinitionBody::Instance(self.instance()?)
        } else {
            DefinitionBody::Operator(self.expression()?)
        };
        Ok(Definition { local, name, params, body, span: self.since(start) })
    }

    fn function_definition(&mut self, local: bool, start: Span, name: Ident) -> Parse<Definition> {
        let open = self.at;
        self.bump();
        let bounds = self.bounds()?;
        self.expect_close(Mark::RightSquare, open, "`,` or `]` in the head of a function definition")?;
        self.expect_define()?;
        let body = self.expression()?;
        let body = DefinitionBody::Function { bounds, body };
        Ok(Definition { local, name, params: Vec::new(), body, span: self.since(start) })
    }

    fn prefix_definition(&mut self, local: bool, start: Span, operator: &'static Operator) -> Parse<Definition> {
        if operator.fixity != Fixity::Prefix {
            return Err(self.unexpected("a definition"));
        }
        self.check_definable(operator)?;
        let name = self.bump_operator(operator);
        let param = self.identifier("the parameter of the operator")?;
        self.operator_definition(local, start, name, vec![param])
    }

    fn infix_or_postfix_definition(
        &mut self,
        local: bool,
        start: Span,
        left: Ident,
        operator: &'static Operator,
    ) -> Parse<Definition> {
        self.check_definable(operator)?;
        let name = self.bump_operator(operator);
        let mut params = vec![left];
        if operator.fixity == Fixity::Infix {
            params.push(self.identifier("the second parameter of the operator")?);
        }
        self.operator_definition(local, start, name, params)
    }

    fn operator_definition(&mut self, local: bool, start: Span, name: Ident, names: Vec<Ident>) -> Parse<Definition> {
        self.expect_define()?;
        let params = names.into_iter().map(|name| OpDecl { name, arity: 0 }).collect();
        let body = DefinitionBody::Operator(self.expression()?);
        Ok(Definition { local, name, params, body, span: self.since(start) })
    }

    fn check_definable(&mut self, operator: &Operator) -> Parse<()> {
        match operator.origin {
            Origin::Definable => Ok(()),
            Origin::Language => {
                let message = format!("`{}` belongs to the language and cannot be defined", operator.symbol);
                let remedy = "Choose another symbol or a name.";
                let diagnostic = Diagnostic::error("reserved-operator", self.here(), message).remedy(remedy);
                Err(self.report(diagnostic))
            }
        }
    }

    fn expect_define(&mut self) -> Parse<Span> {
        if self.is_mark(Mark::Define) {
            return Ok(self.bump());
        }
        Err(self.unexpected("`==` in a definition"))
    }

    /// A constant, a parameter or a `RECURSIVE` announcement: `N`, `F(_, _)`, `_ + _`, `-. _`, `_ ^#`.
    pub(super) fn declaration(&mut self) -> Parse<OpDecl> {
        match self.kind() {
            Kind::Mark(Mark::Underscore) => {
                self.bump();
                self.infix_or_postfix_declaration()
            }
            Kind::Operator(operator) if operator.fixity == Fixity::Prefix => {
                let name = self.bump_operator(operator);
                self.placeholder()?;
                Ok(OpDecl { name, arity: 1 })
            }
            _ => self.named_declaration(),
        }
    }

    fn named_declaration(&mut self) -> Parse<OpDecl> {
        let name = self.identifier("the name of a constant or parameter")?;
        let mut arity = 0;
        if self.is_mark(Mark::LeftParen) {
            let open = self.at;
            self.bump();
            arity = self.comma_list(Self::placeholder)?.len();
            self.expect_close(Mark::RightParen, open, "`,` or `)` after `_`")?;
        }
        Ok(OpDecl { name, arity })
    }

    fn infix_or_postfix_declaration(&mut self) -> Parse<OpDecl> {
        match self.kind() {
            Kind::Operator(operator) if operator.fixity != Fixity::Prefix => {
                let name = self.bump_operator(operator);
                if operator.fixity == Fixity::Infix {
                    self.placeholder()?;
                }
                Ok(OpDecl { name, arity: operator.arity() })
            }
            _ => Err(self.unexpected("an infix or postfix operator after `_`")),
        }
    }

    fn placeholder(&mut self) -> Parse<()> {
        self.expect_mark(Mark::Underscore, "for a parameter").map(|_| ())
    }

    /// `INSTANCE M WITH x <- e, F <- G`.
    pub(super) fn instance(&mut self) -> Parse<Instance> {
        let start = self.bump();
        let module = self.module_name()?;
        let mut substitutions = Vec::new();
        if self.eat_keyword(Keyword::With) {
            substitutions = self.comma_list(Self::substitution)?;
        }
        Ok(Instance { module, substitutions, span: self.since(start) })
    }

    /// The name of a module.
    pub(super) fn module_name(&mut self) -> Parse<Ident> {
        match self.kind() {
            Kind::Identifier => Ok(self.bump_identifier()),
            _ => Err(self.unexpected("the name of a module")),
        }
    }

    fn substitution(&mut self) -> Parse<(Ident, Expr)> {
        let name = match self.kind() {
            Kind::Operator(operator) => self.bump_operator(operator),
            _ => self.identifier("the name of a constant or variable to be substituted")?,
        };
        self.expect_mark(Mark::Substitute, "in a substitution")?;
        Ok((name, self.operator_or_expression()?))
    }
}
