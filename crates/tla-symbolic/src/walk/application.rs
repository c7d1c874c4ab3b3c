//! Constants, bound names and calls.

use super::{Algebra, Binding, Choices, Env, Made, Operations, Sym, Translator, Values, declined};
use std::rc::Rc;
use tla_model::ir::{Argument, DefinitionId, Kind, Lambda, Level, Node, Operator, SlotIndex, walk};
use tla_model::value::Value;

/// How often a definition may be under way inside of itself before its path is tested.
const UNTESTED: usize = 3;

/// Deepest nesting of calls.
const DEEPEST: usize = 400;

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// A truth value that is known.
    pub(crate) fn truth_value(truth: bool) -> Sym<'m, A> {
        Sym::Bool(if truth { A::TRUE } else { A::FALSE })
    }

    /// The value of a node that does not depend on the state, by the evaluator. `None` if it does, or has none.
    pub(crate) fn constant(&mut self, node: &'m Node, env: &Env<'m, A>) -> Made<Option<Sym<'m, A>>> {
        match &node.kind {
            Kind::Bool(b) => return Ok(Some(Self::truth_value(*b))),
            Kind::Int(i) => return Ok(Some(self.concrete(&Value::Int(*i)))),
            Kind::String(id) => return Ok(Some(self.concrete(&Value::String(*id)))),
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
            Ok(Value::BigInt(_)) if !A::HAS_LARGE => self.declined("an integer of more than 64 bits"),
            Ok(Value::Rule(_)) | Err(_) => Ok(None),
            Ok(value) => Ok(Some(self.concrete(&value))),
        }
    }

    fn delayed_constant(&mut self, node: &'m Node, env: &Env<'m, A>) -> Made<Option<Value>> {
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
    pub(crate) fn slot(&mut self, slot: SlotIndex, env: &Env<'m, A>, node: &Node) -> Made<Sym<'m, A>> {
        match env.get(slot).cloned() {
            Some(Binding::Value(sym)) => Ok(sym),
            Some(Binding::Delayed(delayed, inner)) => self.delayed(delayed, &inner),
            Some(Binding::Lambda(..)) => declined(Some(node.span), "an operator is used as a value"),
            None => Ok(self.fails("a name without a value")),
        }
    }

    fn delayed(&mut self, node: &'m Node, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        if let Kind::Slot(slot) = &node.kind {
            return self.slot(*slot, env, node);
        }
        let key = (std::ptr::from_ref(node) as usize, Rc::as_ptr(&env.slots) as usize);
        self.remembered(key, env, |this| this.eval(node, env))
    }

    /// Whether a node, and all that its names stand for, reads the present state alone.
    pub(crate) fn is_state_level(&mut self, node: &Node, env: &Env<'m, A>) -> bool {
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
    pub(crate) fn call(
        &mut self,
        id: DefinitionId,
        arguments: &'m [Argument],
        env: &Env<'m, A>,
        node: &'m Node,
    ) -> Made<Sym<'m, A>> {
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

    /// Runs inside a call; tests whether a recursion has an end.
    pub(crate) fn entered<R>(
        &mut self,
        id: DefinitionId,
        node: &Node,
        run: impl FnOnce(&mut Self) -> Made<R>,
    ) -> Made<R>
    where
        R: Default,
    {
        let under_way = self.calls.iter().filter(|call| **call == id).count();
        if self.calls.len() >= DEEPEST || under_way >= A::MOST_UNFOLDED {
            let reason = "a recursion that has no end, or whose depth depends on the state; bound it by a constant";
            return declined(Some(node.span), reason);
        }
        if under_way >= UNTESTED && !self.is_feasible() {
            return Ok(R::default());
        }
        self.calls.push(id);
        let result = run(self);
        self.calls.pop();
        result
    }

    /// The environment of the body of a definition that is called.
    pub(crate) fn enter_call(
        &mut self,
        id: DefinitionId,
        arguments: &'m [Argument],
        env: &Env<'m, A>,
    ) -> Made<Env<'m, A>> {
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

    fn argument(&mut self, argument: &'m Argument, env: &Env<'m, A>) -> Made<Binding<'m, A>> {
        match argument {
            Argument::Eager(node) => Ok(Binding::Value(self.eval(node, env)?)),
            Argument::Delayed(node) => match &node.kind {
                Kind::Slot(slot) => Ok(env.get(*slot).cloned().unwrap_or(Binding::Delayed(node, env.clone()))),
                _ => Ok(Binding::Delayed(node, env.clone())),
            },
            Argument::Operator(operator) => self.operator(operator, env),
        }
    }

    pub(crate) fn operator(&mut self, operator: &'m Operator, env: &Env<'m, A>) -> Made<Binding<'m, A>> {
        match operator {
            Operator::Lambda(lambda) => Ok(Binding::Lambda(lambda, env.clone())),
            Operator::Slot(slot) => match env.get(*slot) {
                Some(binding) => Ok(binding.clone()),
                None => self.declined("an operator parameter without an operator"),
            },
        }
    }

    /// The body of an operator parameter that is called, with its environment.
    pub(crate) fn enter_slot(
        &mut self,
        slot: SlotIndex,
        arguments: &'m [Argument],
        env: &Env<'m, A>,
    ) -> Made<(&'m Node, Env<'m, A>)> {
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
    pub(crate) fn enter_lambda(
        &mut self,
        lambda: &'m Lambda,
        outer: &Env<'m, A>,
        arguments: Vec<Binding<'m, A>>,
    ) -> (&'m Node, Env<'m, A>) {
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
    pub(crate) fn apply_operator(&mut self, operator: &Binding<'m, A>, arguments: Vec<Sym<'m, A>>) -> Made<Sym<'m, A>> {
        let Binding::Lambda(lambda, outer) = operator else { return self.declined("an operator is needed here") };
        let arguments = arguments.into_iter().map(Binding::Value).collect();
        let (body, inner) = self.enter_lambda(lambda, outer, arguments);
        self.eval(body, &inner)
    }
}
