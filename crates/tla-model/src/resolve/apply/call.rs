//! Calls of definitions, and the text of a definition in place of a call.
//!
//! A call is the rule. The text takes its place where a call would lose something: where the definition primes a
//! parameter that an expression is given for, so that the prime must reach that expression, and where an argument is a
//! formula of temporal logic, which is no value.

use super::node;
use crate::ir::{Argument, DefinitionId, Kind, Level};
use crate::resolve::env::{ContextId, Env, Operand};
use crate::resolve::scope::ModuleId;
use crate::resolve::{Compiled, Resolver, Typed};
use tla_syntax::ast::{Definition, Ident};
use tla_syntax::{Diagnostic, Span};

/// How deep definitions may be replaced by their text.
const MOST_INLINED: u32 = 64;

impl<'a> Resolver<'a> {
    pub(super) fn note_call(&mut self, id: DefinitionId) {
        if self.facts[id.0 as usize].impure {
            self.note_impure();
        }
    }

    /// Whatever is being compiled inside of a definition that it refers to again has an uncertain level: the level of
    /// that definition is not known before it is complete. (A definition that refers to itself only has the level of
    /// the rest of its body.)
    fn note_recursion(&mut self, id: DefinitionId) {
        if self.facts[id.0 as usize].complete {
            return;
        }
        for facts in &mut self.facts[id.0 as usize + 1..] {
            facts.uncertain_level |= !facts.complete;
        }
    }

    pub(super) fn must_inline(&self, id: DefinitionId, operands: &[Operand<'a>]) -> bool {
        self.facts[id.0 as usize].primes_parameter
            && operands.iter().any(|operand| matches!(operand, Operand::Expr(..)))
    }

    pub(super) fn check_inlining(&mut self, op: &Ident, env: &Env<'a>) -> Compiled<()> {
        if env.inlined <= MOST_INLINED {
            return Ok(());
        }
        self.report(Diagnostic::error(
            "declined-recursive-prime",
            op.span,
            format!("`{}` is recursive and primes its parameter, which is not supported", op.name),
        ))
    }

    #[allow(clippy::too_many_arguments)] // A definition, how it is reached, and what it is applied to.
    pub(crate) fn apply_definition(
        &mut self,
        op: &Ident,
        home: ModuleId,
        definition: &'a Definition,
        context: ContextId,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        self.check_arity(op, definition.params.len(), operands)?;
        let id = self.definition(home, definition, context, env.primed, env.bound)?;
        self.note_recursion(id);
        self.note_call(id);
        let info = self.context(context);
        let leading = if info.let_env.is_some() { 0 } else { info.params_before + info.params.len() };
        let arities: Vec<usize> = definition.params.iter().map(|param| param.arity).collect();
        let given = match operands {
            [] => (Box::from([]), Level::Constant),
            _ => self.arguments(&arities, operands, span)?,
        };
        // A formula of temporal logic as an argument is no value: what kind of formula the whole is shows in the text.
        if self.must_inline(id, operands) || given.1 == Level::Temporal {
            let base = Env {
                context,
                module: home,
                locals: None,
                owner: env.owner,
                context_slots: env.context_slots[..leading.min(env.context_slots.len())].into(),
                primed: env.primed,
                bound: env.bound,
                position: Some(definition.span),
                at: None,
                inlined: env.inlined + 1,
                moment: env.moment,
            };
            self.check_inlining(op, &base)?;
            let inner = self.alias_params(&definition.params, operands, base);
            return self.definition_expr(definition, &inner);
        }
        let record = self.code.definition(id);
        if operands.is_empty() && leading == 0 {
            let level = record.level;
            let kind = match self.facts[id.0 as usize].cache {
                Some(cache) => Kind::ConstantDefinition(cache, id),
                None => Kind::Call(id, Box::new([])),
            };
            return Ok(Typed { node: node(kind, span), level });
        }
        let passed = env.context_slots.iter().take(leading).copied().collect();
        Ok(self.call(id, passed, given, span))
    }

    pub(super) fn call(
        &mut self,
        id: DefinitionId,
        passed: Vec<u32>,
        (arguments, level): (Box<[Argument]>, Level),
        span: Span,
    ) -> Typed {
        let mut all: Vec<Argument> =
            passed.into_iter().map(|slot| Argument::Delayed(node(Kind::Slot(slot), span))).collect();
        all.extend(arguments.into_vec());
        let level = level.max(self.code.definition(id).level);
        Typed { node: node(Kind::Call(id, all.into()), span), level }
    }
}
