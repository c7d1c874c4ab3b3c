//! In how many ways a predicate without primed variables holds, where it stands in an action.
//!
//! As long as some variable has no value, a disjunction and `\E` branch, and what follows is done once for each
//! alternative that holds: TLC counts a state for each. Where the alternatives assign nothing, what follows is the same
//! every time; so it is generated once, and repeated as often as there are ways. The code of a guard such as
//! `\A q \in Q : p(q) \/ r(q)` then does not multiply.

use super::value::Truth;
use super::{Binding, Env, Gen, Generator};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value as V, types};
use tla_model::ir::{Argument, Code, DefinitionId, Kind, Level, Node, SlotIndex, walk};

impl<'m, 'f> Generator<'m, 'f> {
    /// Whether a node, and all that its names stand for, reads the present state alone.
    pub(crate) fn is_state_level(&mut self, node: &Node, env: &Env<'m>) -> bool {
        let model = self.shared.model;
        if walk::level(&model.code, node) > Level::State {
            return false;
        }
        let fact = self.shared.facts.of(&model.code, node);
        fact.free.iter().all(|slot| match env.get(*slot) {
            None | Some(Binding::Val(_)) => true,
            Some(Binding::Delayed(node, inner)) => {
                let (node, inner) = (*node, inner.clone());
                self.is_state_level(node, &inner)
            }
            Some(Binding::Lambda(lambda, inner)) => {
                let (body, inner) = (&lambda.body, inner.clone());
                walk::level(&model.code, body) <= Level::State
                    && lambda.inherits.iter().all(|slot| match inner.get(*slot) {
                        None | Some(Binding::Val(_)) => true,
                        Some(Binding::Delayed(node, deeper)) => {
                            let (node, deeper) = (*node, deeper.clone());
                            self.is_state_level(node, &deeper)
                        }
                        Some(Binding::Lambda(..)) => false,
                    })
            }
        })
    }

    /// Whether a node cannot give any variable a value: it reads none that is still to be assigned.
    pub(crate) fn is_settled(&mut self, node: &Node, env: &Env<'m>) -> bool {
        self.is_state_level(node, env) && (!self.initial || self.reads_assigned(node, env, &mut Vec::new()))
    }

    fn reads_assigned(&self, node: &Node, env: &Env<'m>, entered: &mut Vec<DefinitionId>) -> bool {
        let code = &self.shared.model.code;
        let mut fine = match &node.kind {
            Kind::Variable(index) => self.assigned(*index).is_some(),
            Kind::Slot(slot) | Kind::CallSlot(slot, _) => self.slot_reads_assigned(*slot, env, entered),
            Kind::Call(id, _) if !entered.contains(id) => {
                entered.push(*id);
                let callee = code.definition(*id);
                // Arguments are looked at where they stand.
                let inner = self.env_of(*id);
                callee.inherits.iter().all(|slot| self.slot_reads_assigned(*slot, env, entered))
                    && self.reads_assigned(&callee.body, &inner, entered)
            }
            _ => true,
        };
        walk::children(code, node, &mut |child| fine = fine && self.reads_assigned(child, env, entered));
        fine
    }

    fn slot_reads_assigned(&self, slot: u32, env: &Env<'m>, entered: &mut Vec<DefinitionId>) -> bool {
        match env.get(slot) {
            None | Some(Binding::Val(_)) => true,
            Some(Binding::Delayed(node, inner)) => self.reads_assigned(node, inner, entered),
            Some(Binding::Lambda(lambda, inner)) => {
                lambda.inherits.iter().all(|slot| self.slot_reads_assigned(*slot, inner, entered))
                    && self.reads_assigned(&lambda.body, inner, entered)
            }
        }
    }

    /// Whether there is at most one way.
    pub(crate) fn holds_once(&self, node: &'m Node, env: &Env<'m>, entered: &mut Vec<DefinitionId>) -> bool {
        match &node.kind {
            Kind::And(items) => items.iter().all(|item| self.holds_once(item, env, entered)),
            Kind::Or(_) | Kind::Exists(..) => false,
            Kind::Forall(_, body, _) | Kind::Implies(_, body, _) => self.holds_once(body, env, entered),
            Kind::Let(slot, value, body) => {
                self.holds_once(body, &env.with(*slot, Binding::Delayed(value, env.clone())), entered)
            }
            Kind::If(_, then, otherwise) => {
                self.holds_once(then, env, entered) && self.holds_once(otherwise, env, entered)
            }
            Kind::Case(arms, other) => arms
                .iter()
                .map(|(_, value)| value)
                .chain(other.as_deref())
                .all(|arm| self.holds_once(arm, env, entered)),
            Kind::Call(id, arguments) => {
                // A recursion holds once if what is around it and what it is given do: by induction over its depth.
                if entered.contains(id) {
                    return arguments.iter().all(|argument| match argument {
                        Argument::Delayed(node) => self.holds_once(node, env, entered),
                        Argument::Eager(_) | Argument::Operator(_) => true,
                    });
                }
                entered.push(*id);
                let inner = self.delaying(*id, arguments, env);
                let once = self.holds_once(&self.shared.model.code.definition(*id).body, &inner, entered);
                entered.pop();
                once
            }
            // What a name stands for may branch; a name that has a value is tested.
            Kind::Slot(slot) => match env.get(*slot) {
                Some(Binding::Val(_) | Binding::Lambda(..)) | None => true,
                Some(Binding::Delayed(node, inner)) => self.holds_once(node, inner, entered),
            },
            Kind::CallSlot(..) => false,
            Kind::Apply(function, _) => !self.may_be_rule(function, env),
            _ => true,
        }
    }

    /// The environment of a call of which nothing is evaluated.
    fn delaying(&self, id: DefinitionId, arguments: &'m [Argument], env: &Env<'m>) -> Env<'m> {
        let callee = self.shared.model.code.definition(id);
        let mut inner = self.env_of(id);
        for slot in &callee.inherits {
            if let Some(binding) = env.get(*slot) {
                inner = inner.with(*slot, binding.clone());
            }
        }
        for (param, argument) in callee.params.iter().zip(arguments) {
            if let Argument::Delayed(node) = argument {
                inner = inner.with(*param, Binding::Delayed(node, env.clone()));
            }
        }
        inner
    }

    /// Declines a call in an action whose argument may hold in several ways and is read more than once: a value from its
    /// second time on, it has its alternatives only where control meets it first.
    pub(crate) fn check_read_once(&self, id: DefinitionId, inner: &Env<'m>, node: &Node) -> Gen<()> {
        let code = &self.shared.model.code;
        let callee = code.definition(id);
        for param in &callee.params {
            if let Some(Binding::Delayed(argument, env)) = inner.get(*param)
                && mentions(code, &callee.body, *param) > 1
                && !self.holds_once(argument, env, &mut Vec::new())
            {
                let reason = "an argument that may hold in several ways is read more than once";
                return super::declined(Some(node.span), reason);
            }
        }
        Ok(())
    }

    fn product(&mut self, a: V, b: V) -> V {
        self.b.ins().imul(a, b)
    }

    /// The number of ways.
    pub(crate) fn ways(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<V> {
        self.visit(node)?;
        if self.holds_once(node, env, &mut Vec::new()) {
            let truth = self.flag_of(node, env)?;
            let flag = self.truth_flag(truth);
            return Ok(self.widen(flag));
        }
        let mark = self.cache.len();
        let result = self.ways_inner(node, env);
        self.forget_to(mark);
        result
    }

    fn ways_inner(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<V> {
        match &node.kind {
            Kind::And(items) => {
                let (done, result) = self.block_with(types::I64);
                let mut all = self.int(1);
                for item in items {
                    let here = self.ways(item, env)?;
                    all = self.product(all, here);
                    self.unless_zero(all, done);
                }
                self.jump_with(done, all);
                self.b.switch_to_block(done);
                Ok(result)
            }
            Kind::Or(items) => {
                let mut all = self.int(0);
                for item in items {
                    let here = self.ways(item, env)?;
                    all = self.b.ins().iadd(all, here);
                }
                Ok(all)
            }
            Kind::Exists(binders, body) => {
                let sum = self.temp(1);
                let zero = self.int(0);
                self.put(sum, 0, zero);
                self.for_each_binding(binders, body, env, &mut |g, env| {
                    let here = g.ways(body, env)?;
                    let all = g.load(sum, 0);
                    let all = g.b.ins().iadd(all, here);
                    g.put(sum, 0, all);
                    Ok(())
                })?;
                Ok(self.load(sum, 0))
            }
            Kind::Forall(binders, body, _) => {
                let (done, result) = self.block_with(types::I64);
                let product = self.temp(1);
                let one = self.int(1);
                self.put(product, 0, one);
                self.for_each_binding(binders, body, env, &mut |g, env| {
                    let here = g.ways(body, env)?;
                    let all = g.load(product, 0);
                    let all = g.product(all, here);
                    g.put(product, 0, all);
                    g.unless_zero(all, done);
                    Ok(())
                })?;
                let all = self.load(product, 0);
                self.jump_with(done, all);
                self.b.switch_to_block(done);
                Ok(result)
            }
            Kind::If(condition, then, otherwise) => {
                if let Some(Truth::Known(known)) = self.constant_truth(condition, env)? {
                    return self.ways(if known { then } else { otherwise }, env);
                }
                let (yes, no) = (self.b.create_block(), self.b.create_block());
                self.cond(condition, env, yes, no)?;
                let (done, result) = self.block_with(types::I64);
                for (block, branch) in [(yes, then), (no, otherwise)] {
                    self.b.switch_to_block(block);
                    let here = self.ways(branch, env)?;
                    self.jump_with(done, here);
                }
                self.b.switch_to_block(done);
                Ok(result)
            }
            Kind::Case(arms, other) => {
                let (done, result) = self.block_with(types::I64);
                for (guard, value) in arms {
                    let (yes, no) = (self.b.create_block(), self.b.create_block());
                    self.cond(guard, env, yes, no)?;
                    self.b.switch_to_block(yes);
                    let here = self.ways(value, env)?;
                    self.jump_with(done, here);
                    self.b.switch_to_block(no);
                }
                let here = match other {
                    Some(other) => self.ways(other, env)?,
                    None => {
                        self.bail("no guard of a CASE is true");
                        self.int(0)
                    }
                };
                self.jump_with(done, here);
                self.b.switch_to_block(done);
                Ok(result)
            }
            Kind::Implies(antecedent, consequent, _) => {
                let (yes, no) = (self.b.create_block(), self.b.create_block());
                self.cond(antecedent, env, yes, no)?;
                let (done, result) = self.block_with(types::I64);
                self.b.switch_to_block(yes);
                let here = self.ways(consequent, env)?;
                self.jump_with(done, here);
                self.b.switch_to_block(no);
                let one = self.int(1);
                self.jump_with(done, one);
                self.b.switch_to_block(done);
                Ok(result)
            }
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, Binding::Delayed(value, env.clone()));
                self.ways(body, &env)
            }
            Kind::Call(id, arguments) => {
                let inner = self.enter_call(*id, arguments, env, node)?;
                self.check_read_once(*id, &inner, node)?;
                let model = self.shared.model;
                let here = self.ways(&model.code.definition(*id).body, &inner)?;
                self.leave_call();
                Ok(here)
            }
            Kind::CallSlot(slot, arguments) => {
                let (inner, body) = self.enter_call_slot(*slot, arguments, env, node)?;
                let here = self.ways(body, &inner)?;
                self.leave_call();
                Ok(here)
            }
            Kind::Slot(slot) => match env.get(*slot) {
                Some(Binding::Delayed(delayed, inner)) => {
                    let (delayed, inner) = (*delayed, inner.clone());
                    self.ways(delayed, &inner)
                }
                Some(Binding::Val(_) | Binding::Lambda(..)) | None => self.one_way(node, env),
            },
            Kind::Apply(function, _) => {
                if self.may_be_rule(function, env) {
                    return super::declined(Some(node.span), "the application of a rule as an action");
                }
                self.one_way(node, env)
            }
            _ => self.one_way(node, env),
        }
    }

    fn one_way(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<V> {
        let truth = self.flag_of(node, env)?;
        let flag = self.truth_flag(truth);
        Ok(self.widen(flag))
    }

    /// Goes to the block with 0 if the count is 0.
    fn unless_zero(&mut self, count: V, done: cranelift_codegen::ir::Block) {
        let next = self.b.create_block();
        let is_zero = self.b.ins().icmp_imm(IntCC::Equal, count, 0);
        let zero = self.int(0);
        self.b.ins().brif(is_zero, done, &[cranelift_codegen::ir::BlockArg::Value(zero)], next, &[]);
        self.b.switch_to_block(next);
    }
}

/// How often a name is read in a node at most; where it may be read unseen, twice.
fn mentions(code: &Code, node: &Node, slot: SlotIndex) -> usize {
    match &node.kind {
        Kind::Slot(read) => usize::from(*read == slot),
        Kind::If(condition, then, otherwise) => {
            mentions(code, condition, slot) + mentions(code, then, slot).max(mentions(code, otherwise, slot))
        }
        kind => {
            let unseen = matches!(kind, Kind::Call(id, _) if code.definition(*id).inherits.contains(&slot));
            let mut count = if unseen { 2 } else { 0 };
            walk::children(code, node, &mut |child| count += mentions(code, child, slot));
            count
        }
    }
}
