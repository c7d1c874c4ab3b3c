//! Constants, bound names and calls.

use super::super::sym::{Binding, Env, Sym};
use super::super::term::Terms;
use super::{Made, Translator, declined};
use std::rc::Rc;
use tla_model::ir::{Argument, DefinitionId, Kind, Lambda, Level, Node, Operator, SlotIndex, walk};
use tla_model::value::Value;

/// How often a definition may be under way inside of itself: what recurs more often depends on an unbounded number.
const MOST_UNFOLDED: usize = 100;

/// Deepest nesting of calls.
const DEEPEST: usize = 400;

impl<'m> Translator<'m> {
    /// The value of a node that does not depend on the state, by the evaluator. `None` if it does, or has none.
    pub(super) fn constant(&mut self, node: &'m Node, env: &Env<'m>) -> Made<Option<Sym<'m>>> {
        match &node.kind {
            Kind::Bool(b) => return Ok(Some(Sym::Bool(Terms::of_bool(*b)))),
            Kind::Int(i) => return Ok(Some(Sym::Int(self.t.number(*i)))),
            Kind::String(id) => return Ok(Some(self.atom(&Value::String(*id)))),
            Kind::Variable(_) | Kind::Primed(_) | Kind::Slot(_) => return Ok(None),
            _ => {}
        }
        let model = self.model;
        let fact = self.facts.of(&model.code, node);
        if !fact.constant {
            return Ok(None);
        }
        let mut bound: Vec<(SlotIndex, Value)> = Vec::with_capacity(fact.free.len());
        for slot in &fact.free {
            match env.get(*slot).cloned() {
                Some(Binding::Value(sym)) => match self.known_value(&sym) {
                    Some(value) => bound.push((*slot, value)),
                    None => return Ok(None),
                },
                Some(Binding::Delayed(delayed, inner)) => match self.delayed_constant(delayed, &inner)? {
                    Some(value) => bound.push((*slot, value)),
                    None => return Ok(None),
                },
                // A name that is read only inside of an operator that is not called.
                None => {}
                Some(Binding::Lambda(..)) => return Ok(None),
            }
        }
        let result = self.machine.in_frame(env.owner, |machine| {
            for (slot, value) in bound {
                machine.bind_slot(slot, value);
            }
            machine.attempt(|machine| {
                let value = machine.eval(node)?;
                if matches!(value, Value::Rule(_)) { machine.force(&value) } else { Ok(value) }
            })
        });
        match result {
            Ok(Value::Rule(_)) | Err(_) => Ok(None),
            Ok(value) => Ok(Some(self.concrete(&value))),
        }
    }

    fn delayed_constant(&mut self, node: &'m Node, env: &Env<'m>) -> Made<Option<Value>> {
        if let Kind::Slot(slot) = &node.kind {
            return match env.get(*slot).cloned() {
                Some(Binding::Value(sym)) => Ok(self.known_value(&sym)),
                Some(Binding::Delayed(node, inner)) => self.delayed_constant(node, &inner),
                Some(Binding::Lambda(..)) | None => Ok(None),
            };
        }
        let value = self.constant(node, env)?;
        Ok(value.and_then(|sym| self.known_value(&sym)))
    }

    /// The value that a slot stands for.
    pub(super) fn slot(&mut self, slot: SlotIndex, env: &Env<'m>, node: &Node) -> Made<Sym<'m>> {
        match self.binding(env, slot) {
            Some(Binding::Value(sym)) => Ok(sym),
            Some(Binding::Delayed(delayed, inner)) => self.delayed(delayed, &inner),
            Some(Binding::Lambda(..)) => declined(Some(node.span), "an operator is used as a value"),
            None => Ok(self.fails("a name without a value")),
        }
    }

    fn delayed(&mut self, node: &'m Node, env: &Env<'m>) -> Made<Sym<'m>> {
        if let Kind::Slot(slot) = &node.kind {
            return self.slot(*slot, env, node);
        }
        let key = (std::ptr::from_ref(node) as usize, Rc::as_ptr(&env.slots) as usize);
        self.remembered(key, env, |this| this.eval(node, env))
    }

    /// Whether a node, and all that its names stand for, reads the present state alone.
    pub(super) fn is_state_level(&mut self, node: &Node, env: &Env<'m>) -> bool {
        let model = self.model;
        if walk::level(&model.code, node) > Level::State {
            return false;
        }
        let fact = self.facts.of(&model.code, node);
        fact.free.iter().all(|slot| match env.get(*slot).cloned() {
            None | Some(Binding::Value(_)) => true,
            Some(Binding::Delayed(node, inner)) => self.is_state_level(node, &inner),
            Some(Binding::Lambda(lambda, inner)) => {
                walk::level(&model.code, &lambda.body) <= Level::State
                    && lambda.inherits.iter().all(|slot| match inner.get(*slot).cloned() {
                        None | Some(Binding::Value(_)) => true,
                        Some(Binding::Delayed(node, deeper)) => self.is_state_level(node, &deeper),
                        Some(Binding::Lambda(..)) => false,
                    })
            }
        })
    }

    /// The value of a call.
    pub(super) fn call(
        &mut self,
        id: DefinitionId,
        arguments: &'m [Argument],
        env: &Env<'m>,
        node: &'m Node,
    ) -> Made<Sym<'m>> {
        let definition = self.model.code.definition(id);
        if arguments.is_empty() && definition.inherits.is_empty() {
            // Names without parameters are many and mean the same wherever they stand.
            let key = (std::ptr::from_ref(&definition.body) as usize, 0);
            let inner = self.env_of(id);
            return self.remembered(key, &inner.clone(), |this| {
                this.entered(id, node, |this| this.eval(&definition.body, &inner))
            });
        }
        let inner = self.enter_call(id, arguments, env)?;
        self.entered(id, node, |this| this.eval(&definition.body, &inner))
    }

    /// Runs inside a call; a recursion has to end by what is constant.
    pub(super) fn entered<R>(
        &mut self,
        id: DefinitionId,
        node: &Node,
        run: impl FnOnce(&mut Self) -> Made<R>,
    ) -> Made<R> {
        let under_way = self.calls.iter().filter(|call| **call == id).count();
        if self.calls.len() >= DEEPEST || under_way >= MOST_UNFOLDED {
            let reason = "a recursion whose depth depends on the state; bound it by a constant";
            return declined(Some(node.span), reason);
        }
        self.calls.push(id);
        let result = run(self);
        self.calls.pop();
        result
    }

    /// The environment of the body of a definition that is called.
    pub(super) fn enter_call(&mut self, id: DefinitionId, arguments: &'m [Argument], env: &Env<'m>) -> Made<Env<'m>> {
        let definition = self.model.code.definition(id);
        let mut inner = self.env_of(id);
        for slot in &definition.inherits {
            if let Some(binding) = env.get(*slot) {
                inner = inner.with(*slot, binding.clone());
            }
        }
        let mut bound = Vec::with_capacity(arguments.len());
        for (slot, argument) in definition.params.iter().zip(arguments) {
            bound.push((*slot, self.argument(argument, env)?));
        }
        for (slot, binding) in bound {
            inner = inner.with(slot, binding);
        }
        Ok(inner)
    }

    fn argument(&mut self, argument: &'m Argument, env: &Env<'m>) -> Made<Binding<'m>> {
        match argument {
            Argument::Eager(node) => Ok(Binding::Value(self.eval(node, env)?)),
            Argument::Delayed(node) => match &node.kind {
                Kind::Slot(slot) => Ok(env.get(*slot).cloned().unwrap_or(Binding::Delayed(node, env.clone()))),
                _ => Ok(Binding::Delayed(node, env.clone())),
            },
            Argument::Operator(operator) => self.operator(operator, env),
        }
    }

    pub(super) fn operator(&mut self, operator: &'m Operator, env: &Env<'m>) -> Made<Binding<'m>> {
        match operator {
            Operator::Lambda(lambda) => Ok(Binding::Lambda(lambda, env.clone())),
            Operator::Slot(slot) => match env.get(*slot) {
                Some(binding) => Ok(binding.clone()),
                None => self.declined("an operator parameter without an operator"),
            },
        }
    }

    /// The body of an operator parameter that is called, with its environment.
    pub(super) fn enter_slot(
        &mut self,
        slot: SlotIndex,
        arguments: &'m [Argument],
        env: &Env<'m>,
    ) -> Made<(&'m Node, Env<'m>)> {
        let Some(Binding::Lambda(lambda, outer)) = env.get(slot).cloned() else {
            return self.declined("an operator parameter without an operator");
        };
        let mut bound = Vec::with_capacity(arguments.len());
        for argument in arguments {
            bound.push(self.argument(argument, env)?);
        }
        Ok(self.enter_lambda(lambda, &outer, bound))
    }

    /// The environment of the body of an operator.
    pub(super) fn enter_lambda(
        &mut self,
        lambda: &'m Lambda,
        outer: &Env<'m>,
        arguments: Vec<Binding<'m>>,
    ) -> (&'m Node, Env<'m>) {
        let size = self.model.code.frame_size(lambda.owner);
        let mut inner = Env { owner: lambda.owner, slots: Rc::new(vec![None; size]) };
        for slot in &lambda.inherits {
            if let Some(binding) = outer.get(*slot) {
                inner = inner.with(*slot, binding.clone());
            }
        }
        for (slot, binding) in lambda.params.iter().zip(arguments) {
            inner = inner.with(*slot, binding);
        }
        (&lambda.body, inner)
    }

    /// The value of an operator for these arguments.
    pub(super) fn apply_operator(&mut self, operator: &Binding<'m>, arguments: Vec<Sym<'m>>) -> Made<Sym<'m>> {
        let Binding::Lambda(lambda, outer) = operator else { return self.declined("an operator is needed here") };
        let arguments = arguments.into_iter().map(Binding::Value).collect();
        let (body, inner) = self.enter_lambda(lambda, outer, arguments);
        self.eval(body, &inner)
    }
}
