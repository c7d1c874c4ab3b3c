//! Calls, bound names and constants.

use super::value::{Truth, Val};
use super::{Binding, Cached, DEEPEST, Env, Gen, Generator, Known, Next, Side, declined};
use std::rc::Rc;
use tla_model::ir::{Argument, DefinitionId, Kind, Level, Node, Operator, SlotIndex};
use tla_model::value::Value;

impl<'m, 'f> Generator<'m, 'f> {
    /// An environment without bound names.
    pub(crate) fn env_of(&self, definition: DefinitionId) -> Env<'m> {
        let owner = self.shared.model.code.definition(definition).owner;
        Env { owner, slots: Rc::new(vec![None; self.shared.model.code.frame_size(owner)]) }
    }

    /// The value of a node that does not depend on the state. `None` if it does.
    pub(crate) fn constant(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<Option<Val>> {
        match &node.kind {
            Kind::Bool(b) => return Ok(Some(Val::bool(*b))),
            Kind::Int(i) => return Ok(Some(Val::Const(Value::Int(*i)))),
            Kind::String(id) => return Ok(Some(Val::Const(Value::String(*id)))),
            Kind::Model(id) => return Ok(Some(Val::Const(Value::Model(*id)))),
            Kind::Variable(_) | Kind::Primed(_) | Kind::Slot(_) => return Ok(None),
            _ => {}
        }
        let model = self.shared.model;
        let fact = self.shared.facts.of(&model.code, node);
        if !fact.constant {
            return Ok(None);
        }
        let mut bound: Vec<(SlotIndex, Value)> = Vec::with_capacity(fact.free.len());
        for slot in &fact.free {
            match env.get(*slot) {
                Some(Binding::Val(Val::Const(value))) => bound.push((*slot, value.clone())),
                Some(Binding::Delayed(delayed, inner)) => {
                    let (delayed, inner) = (*delayed, inner.clone());
                    match self.delayed_constant(delayed, &inner)? {
                        Some(Val::Const(value)) => bound.push((*slot, value)),
                        Some(_) | None => return Ok(None),
                    }
                }
                // A name that is read only inside of an operator that is not called.
                None => {}
                Some(Binding::Val(_) | Binding::Lambda(..)) => return Ok(None),
            }
        }
        let owner = env.owner;
        let result = self.shared.machine.in_frame(owner, |machine| {
            for (slot, value) in bound {
                machine.bind_slot(slot, value);
            }
            machine.attempt(|machine| {
                let value = machine.eval(node)?;
                if matches!(value, Value::Rule(_)) { machine.force(&value) } else { Ok(value) }
            })
        });
        match result {
            Ok(value) => Ok(Some(Val::Const(value.listed().clone()))),
            Err(_) => Ok(None),
        }
    }

    fn delayed_constant(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<Option<Val>> {
        match &node.kind {
            Kind::Slot(slot) => match env.get(*slot) {
                Some(Binding::Val(val @ Val::Const(_))) => Ok(Some(val.clone())),
                Some(Binding::Delayed(node, inner)) => {
                    let (node, inner) = (*node, inner.clone());
                    self.delayed_constant(node, &inner)
                }
                Some(Binding::Val(_) | Binding::Lambda(..)) | None => Ok(None),
            },
            _ => self.constant(node, env),
        }
    }

    pub(crate) fn constant_truth(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<Option<Truth>> {
        match self.constant(node, env)? {
            Some(val) => Ok(Some(self.truth(&val))),
            None => Ok(None),
        }
    }

    /// The value that a slot stands for.
    pub(crate) fn slot(&mut self, slot: SlotIndex, env: &Env<'m>, node: &Node) -> Gen<Val> {
        match env.get(slot) {
            Some(Binding::Val(val)) => Ok(val.clone()),
            Some(Binding::Delayed(delayed, inner)) => {
                let (delayed, inner) = (*delayed, inner.clone());
                self.delayed(delayed, &inner)
            }
            Some(Binding::Lambda(..)) => declined(Some(node.span), "an operator is used as a value"),
            None => {
                self.bail("a name without a value");
                Ok(Val::Never)
            }
        }
    }

    /// The value of an expression that was delayed: evaluated where it is first read, and known wherever control comes
    /// from there.
    pub(crate) fn delayed(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<Val> {
        if let Kind::Slot(slot) = &node.kind {
            return self.slot(*slot, env, node);
        }
        let address = (std::ptr::from_ref(node) as usize, Rc::as_ptr(&env.slots) as usize);
        let known = self.cache.iter().rev().find_map(|cached| match cached.key {
            Known::Delayed(node, env) if (node, env) == address => Some(cached.val.clone()),
            _ => None,
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let val = self.eval(node, env)?;
        // Evaluation may have gone through branches, but it ends in a block that what follows is dominated by.
        self.cache.push(Cached {
            key: Known::Delayed(address.0, address.1),
            val: val.clone(),
            _env: Some(env.clone()),
        });
        Ok(val)
    }

    pub(crate) fn argument(&mut self, argument: &'m Argument, env: &Env<'m>) -> Gen<Option<Binding<'m>>> {
        Ok(match argument {
            Argument::Eager(node) => Some(Binding::Val(self.eval(node, env)?)),
            Argument::Delayed(node) => Some(match &node.kind {
                Kind::Slot(slot) => match env.get(*slot) {
                    Some(binding) => binding.clone(),
                    None => Binding::Delayed(node, env.clone()),
                },
                _ => Binding::Delayed(node, env.clone()),
            }),
            Argument::Operator(operator) => self.operator(operator, env),
        })
    }

    pub(crate) fn operator(&self, operator: &'m Operator, env: &Env<'m>) -> Option<Binding<'m>> {
        match operator {
            Operator::Lambda(lambda) => Some(Binding::Lambda(lambda, env.clone())),
            Operator::Slot(slot) => env.get(*slot).cloned(),
        }
    }

    /// The environment of a call. [`Generator::leave_call`] has to follow.
    pub(crate) fn enter_call(
        &mut self,
        id: DefinitionId,
        arguments: &'m [Argument],
        env: &Env<'m>,
        node: &Node,
    ) -> Gen<Env<'m>> {
        let model = self.shared.model;
        let callee = model.code.definition(id);
        let mut slots = vec![None; model.code.frame_size(callee.owner)];
        for slot in &callee.inherits {
            slots[*slot as usize] = env.get(*slot).cloned();
        }
        for (param, argument) in callee.params.iter().zip(arguments) {
            slots[*param as usize] = self.argument(argument, env)?;
        }
        self.deeper(node)?;
        Ok(Env { owner: callee.owner, slots: Rc::new(slots) })
    }

    pub(crate) fn deeper(&mut self, node: &Node) -> Gen<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return declined(Some(node.span), "calls are nested too deep: a recursion that depends on the state");
        }
        Ok(())
    }

    pub(crate) fn leave_call(&mut self) {
        self.depth -= 1;
    }

    /// The environment and body of a call of an operator parameter.
    pub(crate) fn enter_call_slot(
        &mut self,
        slot: SlotIndex,
        arguments: &'m [Argument],
        env: &Env<'m>,
        node: &Node,
    ) -> Gen<(Env<'m>, &'m Node)> {
        let Some(Binding::Lambda(lambda, captured)) = env.get(slot).cloned() else {
            return declined(Some(node.span), "an operator parameter without an operator");
        };
        let mut bindings = Vec::with_capacity(arguments.len());
        for argument in arguments {
            bindings.push(self.argument(argument, env)?);
        }
        self.deeper(node)?;
        Ok((self.lambda_env(lambda, &captured, bindings), &lambda.body))
    }

    fn lambda_env(
        &self,
        lambda: &'m tla_model::ir::Lambda,
        captured: &Env<'m>,
        arguments: Vec<Option<Binding<'m>>>,
    ) -> Env<'m> {
        let mut slots = vec![None; self.shared.model.code.frame_size(lambda.owner)];
        for slot in &lambda.inherits {
            slots[*slot as usize] = captured.get(*slot).cloned();
        }
        for (param, argument) in lambda.params.iter().zip(arguments) {
            slots[*param as usize] = argument;
        }
        Env { owner: lambda.owner, slots: Rc::new(slots) }
    }

    /// Applies an operator to values.
    pub(crate) fn call_operator(&mut self, operator: &Binding<'m>, vals: &[Val]) -> Gen<Val> {
        let Binding::Lambda(lambda, captured) = operator else {
            return declined(self.span, "an operator was expected here");
        };
        let arguments = vals.iter().map(|val| Some(Binding::Val(val.clone()))).collect();
        let env = self.lambda_env(lambda, captured, arguments);
        self.deeper(&lambda.body)?;
        let val = self.eval(&lambda.body, &env);
        self.leave_call();
        val
    }

    /// The value of a call.
    pub(crate) fn call(
        &mut self,
        id: DefinitionId,
        arguments: &'m [Argument],
        env: &Env<'m>,
        node: &'m Node,
    ) -> Gen<Val> {
        if let Some(val) = self.recursion(id, arguments, env, node)? {
            return Ok(val);
        }
        let model = self.shared.model;
        let callee = model.code.definition(id);
        // Primed variables that are being assigned may still change.
        let steady = !self.initial && (callee.level < Level::Action || !matches!(self.next, Next::Assigned(_)));
        let kept = callee.params.is_empty() && callee.inherits.is_empty() && steady;
        if kept {
            let side = self.side == Side::To;
            let known = self.cache.iter().rev().find_map(|cached| match cached.key {
                Known::Definition(known, there) if known == id && there == side => Some(cached.val.clone()),
                _ => None,
            });
            if let Some(known) = known {
                return Ok(known);
            }
        }
        let env = self.enter_call(id, arguments, env, node)?;
        let val = self.eval(&callee.body, &env)?;
        self.leave_call();
        if kept {
            let side = self.side == Side::To;
            self.cache.push(Cached { key: Known::Definition(id, side), val: val.clone(), _env: None });
        }
        Ok(val)
    }
}
