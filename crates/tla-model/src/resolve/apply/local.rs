//! Names of the expression itself: bound names, parameters, `LET` names, and names that stand for an operand.
//!
//! Where a definition was replaced by its text its parameters stand for the operands ([`Local::Alias`]), each read
//! where it was written. A `LET` name is compiled once; under a prime that its definition was not under, or at another
//! moment of a composition, its text is read again instead.

use super::{constant_level, node};
use crate::ir::{Kind, Level};
use crate::resolve::env::{Env, Local, Operand};
use crate::resolve::{Compiled, Resolver, Typed};
use tla_syntax::Span;
use tla_syntax::ast::Ident;

impl<'a> Resolver<'a> {
    pub(super) fn apply_local(
        &mut self,
        op: &Ident,
        local: &Local<'a>,
        operands: &[Operand<'a>],
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match local {
            Local::Bound(slot) => {
                self.check_arity(op, 0, operands)?;
                Ok(constant_level(Kind::Slot(*slot), span))
            }
            Local::Param(slot, 0, primed, moment) => {
                self.check_arity(op, 0, operands)?;
                if env.primed && !primed || env.moment != *moment {
                    self.note_primed_parameter(env);
                }
                Ok(constant_level(Kind::Slot(*slot), span))
            }
            Local::Param(slot, arity, _, moment) => {
                self.check_arity(op, *arity, operands)?;
                if env.moment != *moment {
                    self.note_primed_parameter(env);
                }
                let (arguments, level) = self.arguments(&vec![0; *arity], operands, span)?;
                Ok(Typed { node: node(Kind::CallSlot(*slot, arguments), span), level })
            }
            Local::LetName(slot, definition, let_env, level) => {
                self.check_arity(op, 0, operands)?;
                if env.primed && !let_env.primed || env.moment != let_env.moment && *level > Level::Constant {
                    let mut inner = let_env.at_moment(env.moment);
                    inner.primed = env.primed;
                    inner.inlined = env.inlined + 1;
                    inner.bound = env.bound;
                    self.check_inlining(op, &inner)?;
                    return self.definition_expr(definition, &inner);
                }
                if env.bound != let_env.bound && *level >= Level::Action {
                    let inner = Env { bound: env.bound, inlined: env.inlined + 1, ..(**let_env).clone() };
                    self.check_inlining(op, &inner)?;
                    return self.definition_expr(definition, &inner);
                }
                Ok(Typed { node: node(Kind::Slot(*slot), span), level: *level })
            }
            Local::LetOperator(operator) => {
                self.check_arity(op, operator.definition.params.len(), operands)?;
                let id = self.let_operator(operator, env.primed, env.bound)?;
                self.note_call(id);
                let Some(base) = operator.env.get().cloned() else { return self.unknown(op, env) };
                if self.must_inline(id, operands) || env.moment != base.moment {
                    let (primed, bound, moment) = (env.primed, env.bound, env.moment);
                    let base = Env { primed, bound, moment, inlined: env.inlined + 1, ..base };
                    self.check_inlining(op, &base)?;
                    let inner = self.alias_params(&operator.definition.params, operands, base);
                    return self.definition_expr(operator.definition, &inner);
                }
                let arities: Vec<usize> = operator.definition.params.iter().map(|param| param.arity).collect();
                let given = self.arguments(&arities, operands, span)?;
                if given.1 == Level::Temporal {
                    let (primed, bound, moment) = (env.primed, env.bound, env.moment);
                    let base = Env { primed, bound, moment, inlined: env.inlined + 1, ..base };
                    self.check_inlining(op, &base)?;
                    let inner = self.alias_params(&operator.definition.params, operands, base);
                    return self.definition_expr(operator.definition, &inner);
                }
                Ok(self.call(id, Vec::new(), given, span))
            }
            Local::LetInstance(_) => self.instance_as_value(op),
            Local::Alias(operand, primed) => {
                let operand = (**operand).clone();
                self.apply_operand(op, &operand, operands, env.primed && !primed, env, span)
            }
        }
    }

    fn note_primed_parameter(&mut self, env: &Env<'a>) {
        // The definition that is being compiled is the youngest incomplete one of this frame.
        let owner = env.owner;
        let youngest = (0..self.facts.len())
            .rev()
            .find(|index| !self.facts[*index].complete && self.code.definitions[*index].owner == owner);
        if let Some(index) = youngest {
            self.facts[index].primes_parameter = true;
        }
    }

    /// An operator that was given as an argument, applied.
    fn apply_operand(
        &mut self,
        op: &Ident,
        operand: &Operand<'a>,
        operands: &[Operand<'a>],
        prime: bool,
        env: &Env<'a>,
        span: Span,
    ) -> Compiled<Typed> {
        match operand {
            Operand::Slot(slot, _) => {
                self.check_arity(op, 0, operands)?;
                Ok(constant_level(Kind::Slot(*slot), span))
            }
            Operand::Expr(expr, home) => {
                let both = prime && home.primed;
                let inner = Env {
                    primed: prime || home.primed,
                    bound: env.bound.filter(|bound| *bound == home.context).or(home.bound),
                    inlined: env.inlined.max(home.inlined) + 1,
                    moment: env.moment,
                    ..home.clone()
                };
                self.check_inlining(op, &inner)?;
                let typed = self.apply_expr(expr, operands, &inner, span)?;
                if both && typed.level >= Level::Action {
                    return self.double_prime(span);
                }
                Ok(typed)
            }
        }
    }
}
