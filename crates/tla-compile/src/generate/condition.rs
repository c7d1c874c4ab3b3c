//! Predicates as branches.

use super::value::Truth;
use super::{Env, Gen, Generator};
use cranelift_codegen::ir::{Block, InstBuilder, types};
use tla_model::ir::{Kind, Node, Primitive};

impl<'m, 'f> Generator<'m, 'f> {
    /// Ends the present block with a branch.
    pub(crate) fn branch(&mut self, truth: Truth, yes: Block, no: Block) {
        match truth {
            Truth::Known(true) => self.jump(yes),
            Truth::Known(false) | Truth::Never => self.jump(no),
            Truth::Flag(flag) => {
                self.b.ins().brif(flag, yes, &[], no, &[]);
            }
        }
    }

    /// Evaluates a predicate and branches on it; the present block is ended.
    pub(crate) fn cond(&mut self, node: &'m Node, env: &Env<'m>, yes: Block, no: Block) -> Gen<()> {
        let mark = self.cache.len();
        let result = self.cond_inner(node, env, yes, no);
        self.forget_to(mark);
        result
    }

    fn cond_inner(&mut self, node: &'m Node, env: &Env<'m>, yes: Block, no: Block) -> Gen<()> {
        self.visit(node)?;
        if let Some(truth) = self.constant_truth(node, env)? {
            self.branch(truth, yes, no);
            return Ok(());
        }
        if let Some(val) = self.kept(node, env)? {
            let truth = self.truth(&val);
            self.branch(truth, yes, no);
            return Ok(());
        }
        match &node.kind {
            Kind::And(items) => {
                for item in items {
                    let next = self.b.create_block();
                    self.cond(item, env, next, no)?;
                    self.b.switch_to_block(next);
                }
                self.jump(yes);
                Ok(())
            }
            Kind::Or(items) => {
                for item in items {
                    let next = self.b.create_block();
                    self.cond(item, env, yes, next)?;
                    self.b.switch_to_block(next);
                }
                self.jump(no);
                Ok(())
            }
            Kind::Not(operand) => self.cond(operand, env, no, yes),
            Kind::Implies(antecedent, consequent, mark) => {
                let then = self.b.create_block();
                self.cond(antecedent, env, then, yes)?;
                self.b.switch_to_block(then);
                self.mark(*mark);
                self.cond(consequent, env, yes, no)
            }
            Kind::If(condition, then, otherwise) => {
                let (first, second) = (self.b.create_block(), self.b.create_block());
                self.cond(condition, env, first, second)?;
                self.b.switch_to_block(first);
                self.cond(then, env, yes, no)?;
                self.b.switch_to_block(second);
                self.cond(otherwise, env, yes, no)
            }
            Kind::Case(arms, other) => {
                for (guard, value) in arms {
                    let (here, next) = (self.b.create_block(), self.b.create_block());
                    self.cond(guard, env, here, next)?;
                    self.b.switch_to_block(here);
                    self.cond(value, env, yes, no)?;
                    self.b.switch_to_block(next);
                }
                match other {
                    Some(other) => self.cond(other, env, yes, no),
                    None => {
                        self.bail("no guard of a CASE is true");
                        self.jump(no);
                        Ok(())
                    }
                }
            }
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, super::Binding::Delayed(value, env.clone()));
                self.cond(body, &env, yes, no)
            }
            Kind::Forall(binders, body, mark) => {
                self.for_each_binding(binders, body, env, &mut |g, env| {
                    g.mark(*mark);
                    let next = g.b.create_block();
                    g.cond(body, env, next, no)?;
                    g.b.switch_to_block(next);
                    Ok(())
                })?;
                self.jump(yes);
                Ok(())
            }
            Kind::Exists(binders, body) => {
                self.for_each_binding(binders, body, env, &mut |g, env| {
                    let next = g.b.create_block();
                    g.cond(body, env, yes, next)?;
                    g.b.switch_to_block(next);
                    Ok(())
                })?;
                self.jump(no);
                Ok(())
            }
            Kind::Call(id, arguments) => {
                if let Some(val) = self.recursion(*id, arguments, env, node)? {
                    let truth = self.truth(&val);
                    self.branch(truth, yes, no);
                    return Ok(());
                }
                // A predicate is unfolded where it stands; its value is not kept.
                let env = self.enter_call(*id, arguments, env, node)?;
                let model = self.shared.model;
                self.cond(&model.code.definition(*id).body, &env, yes, no)?;
                self.leave_call();
                Ok(())
            }
            Kind::BoxAction(action, now, then) => {
                let stutter = self.b.create_block();
                self.cond(action, env, yes, stutter)?;
                self.b.switch_to_block(stutter);
                let same = self.same(now, then, env)?;
                self.branch(same, yes, no);
                Ok(())
            }
            Kind::AngleAction(action, now, then) => {
                let step = self.b.create_block();
                self.cond(action, env, step, no)?;
                self.b.switch_to_block(step);
                let same = self.same(now, then, env)?;
                self.branch(same, no, yes);
                Ok(())
            }
            Kind::UnchangedVariables(variables) => {
                for variable in variables {
                    let same = self.is_unchanged(*variable)?;
                    let next = self.b.create_block();
                    self.branch(same, next, no);
                    self.b.switch_to_block(next);
                }
                self.jump(yes);
                Ok(())
            }
            Kind::Unchanged(now, then) => {
                let same = self.same(now, then, env)?;
                self.branch(same, yes, no);
                Ok(())
            }
            Kind::Primitive(Primitive::In, operands) => self.cond_in(operands, env, yes, no),
            Kind::Primitive(Primitive::NotIn, operands) => self.cond_in(operands, env, no, yes),
            _ => {
                let val = self.eval_here(node, env)?;
                let truth = self.truth(&val);
                self.branch(truth, yes, no);
                Ok(())
            }
        }
    }

    /// Membership, where the set need not be made.
    fn cond_in(&mut self, operands: &'m [Node], env: &Env<'m>, yes: Block, no: Block) -> Gen<()> {
        let [element, set] = operands else {
            return super::declined(self.span, "membership needs two operands");
        };
        let element = self.eval(element, env)?;
        let set = self.eval(set, env)?;
        let inside = self.contains(&element, &set)?;
        self.branch(inside, yes, no);
        Ok(())
    }

    pub(crate) fn same(&mut self, now: &'m Node, then: &'m Node, env: &Env<'m>) -> Gen<Truth> {
        let now = self.eval(now, env)?;
        let then = self.eval(then, env)?;
        self.equal(&now, &then)
    }

    /// The truth value of a predicate in a register.
    pub(crate) fn flag_of(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<Truth> {
        let (yes, no) = (self.b.create_block(), self.b.create_block());
        let (done, result) = self.block_with(types::I8);
        self.cond(node, env, yes, no)?;
        self.b.switch_to_block(yes);
        let one = self.flag(true);
        self.jump_with(done, one);
        self.b.switch_to_block(no);
        let zero = self.flag(false);
        self.jump_with(done, zero);
        self.b.switch_to_block(done);
        Ok(Truth::Flag(result))
    }

    /// Notes that a vacuity mark was reached.
    pub(crate) fn mark(&mut self, mark: u32) {
        if self.recording {
            let marks = self.marks();
            let one = self.flag(true);
            self.b.ins().store(cranelift_codegen::ir::MemFlags::trusted(), one, marks, mark as i32);
        }
    }
}
