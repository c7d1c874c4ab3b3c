//! Numbers, records, updates.

use super::apply::{constant_level, node};
use super::env::Env;
use super::{Compiled, Resolver, Typed};
use crate::ir::{Kind, Level, Node, PathStep, Update};
use crate::value::{StringId, Value, codec};
use num_bigint::BigInt;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use tla_syntax::ast::{ExceptPath, ExceptUpdate, Expr, Ident};
use tla_syntax::{Diagnostic, Span};

impl<'a> Resolver<'a> {
    pub(crate) fn number(&mut self, digits: &str, span: Span) -> Compiled<Typed> {
        if let Ok(small) = digits.parse::<i64>() {
            return Ok(constant_level(Kind::Int(small), span));
        }
        match digits.parse::<BigInt>() {
            Ok(big) => Ok(constant_level(self.constant(&Value::integer(big)), span)),
            Err(_) => self.report(Diagnostic::error("number", span, "this is no number")),
        }
    }

    /// A node for a constant value.
    pub fn constant(&mut self, value: &Value) -> Kind {
        match value {
            Value::Bool(b) => Kind::Bool(*b),
            Value::Int(i) => Kind::Int(*i),
            Value::String(id) => Kind::String(*id),
            Value::Model(id) => Kind::Model(*id),
            other => match codec::to_bytes(other) {
                Ok(bytes) => {
                    self.code.constants.push(bytes);
                    Kind::Constant(self.code.constants.len() as u32 - 1)
                }
                Err(codec::NotExplicit) => Kind::Declined("a constant that depends on code".into()),
            },
        }
    }

    pub(crate) fn record(
        &mut self,
        fields: &'a [(Ident, Expr)],
        env: &Env<'a>,
        span: Span,
        make: fn(Arc<[StringId]>, Box<[Node]>) -> Kind,
    ) -> Compiled<Typed> {
        let mut level = Level::Constant;
        let mut compiled: Vec<(StringId, Node, Span)> = Vec::with_capacity(fields.len());
        for (field, value) in fields {
            let typed = self.expr(value, env)?;
            level = level.max(typed.level);
            compiled.push((self.names.string(&field.name), typed.node, field.span));
        }
        let names = &self.names;
        compiled.sort_by(|a, b| names.compare(a.0, b.0));
        if let Some(pair) = compiled.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let (first, second) = (pair[0].2, pair[1].2);
            return self.report(
                Diagnostic::error("duplicate-field", second, "this field is given twice").related(first, "first here"),
            );
        }
        let ids: Arc<[StringId]> = compiled.iter().map(|(id, ..)| *id).collect();
        let nodes: Vec<Node> = compiled.into_iter().map(|(_, node, _)| node).collect();
        Ok(Typed { node: node(make(ids, nodes.into()), span), level })
    }

    pub(crate) fn except(
        &mut self,
        base: &'a Expr,
        updates: &'a [ExceptUpdate],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        let base = self.expr(base, env)?;
        let mut level = base.level;
        let mut compiled = Vec::with_capacity(updates.len());
        for update in updates {
            let mut path = Vec::with_capacity(update.path.len());
            for step in &update.path {
                path.push(match step {
                    ExceptPath::Field(field) => PathStep::Field(self.names.string(&field.name)),
                    ExceptPath::Index(indices) => {
                        let index = self.index(indices, env)?;
                        level = level.max(index.level);
                        PathStep::Index(index.node)
                    }
                });
            }
            let slot = self.slot(env.owner);
            let read = Rc::new(Cell::new(false));
            let inner = Env { at: Some((slot, read.clone())), ..env.clone() };
            let value = self.expr(&update.value, &inner)?;
            level = level.max(value.level);
            let old = read.get().then_some(slot);
            compiled.push(Update { path: path.into(), old, value: value.node });
        }
        Ok(Typed { node: node(Kind::Except(Box::new(base.node), compiled.into()), span), level })
    }
}
