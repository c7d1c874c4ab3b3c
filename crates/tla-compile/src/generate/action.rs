//! Enumeration of successors.
//!
//! The walk is that of `tla_model::eval::action`, done while code is generated: which variables have a value at each
//! point is known then, so `x' = e` is either an assignment or a test, and what is left of a conjunction is a
//! [`Rest`] that is written out behind each alternative. Alternatives follow one another in the generated code in the
//! order in which the interpreter tries them; a loop runs through a set in TLC's order.

use super::value::{Truth, Val};
use super::{Env, Gen, Generator, Next, Side, declined, status};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, MemFlags, types};
use tla_model::eval::action::is_split;
use tla_model::ir::{Binder, Kind, Node, Primitive};
use tla_model::value::Value;

/// How deep a union is looked into for sets without a list.
const DEEPEST_UNION: u32 = 12;

/// The value of a primed variable.
#[derive(Clone)]
pub(crate) enum Assigned {
    /// That of the unprimed one.
    Same,
    /// This one.
    Val(Val),
}

/// What is left to satisfy.
enum Rest<'r, 'm> {
    Done,
    Conjuncts(&'m [Node], &'r Env<'m>, &'r Rest<'r, 'm>),
    Changed(&'m Node, &'m Node, &'r Env<'m>, &'r Rest<'r, 'm>),
    Instances(&'r [Vec<Value>], &'m [Binder], &'m Node, &'r Env<'m>, &'r Rest<'r, 'm>),
    Patterns(&'m [Node], &'r [Val], &'r Env<'m>, &'r Rest<'r, 'm>),
}

impl<'m, 'f> Generator<'m, 'f> {
    /// Code for all successors of the state in the first row.
    pub(crate) fn successors(&mut self, owner: tla_model::ir::DefinitionId, node: &'m Node) -> Gen<()> {
        let env = self.env_of(owner);
        self.splitting = true;
        self.all_states(node, &env)
    }

    /// Code for all states that satisfy an initial predicate.
    pub(crate) fn initial_states(&mut self, owner: tla_model::ir::DefinitionId, node: &'m Node) -> Gen<()> {
        let env = self.env_of(owner);
        self.initial = true;
        self.all_states(node, &env)
    }

    /// Code that writes every state which the formula allows, and then leaves.
    fn all_states(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<()> {
        self.next = Next::Assigned(vec![None; self.shared.model.variables.len()]);
        self.leaf = Some(node);
        self.act(node, env, &Rest::Done)?;
        let fine = self.int(status::FINE);
        let exit = self.exit;
        self.jump_with(exit, fine);
        Ok(())
    }

    pub(crate) fn assigned(&self, index: u32) -> Option<Assigned> {
        match &self.next {
            Next::Assigned(all) => all.get(index as usize).cloned().flatten(),
            Next::None | Next::Row => None,
        }
    }

    fn assign(&mut self, index: u32, value: Option<Assigned>) {
        if let Next::Assigned(all) = &mut self.next
            && let Some(place) = all.get_mut(index as usize)
        {
            *place = value;
        }
    }

    fn is_incomplete(&self) -> bool {
        match &self.next {
            Next::Assigned(all) => all.iter().any(Option::is_none),
            Next::None | Next::Row => false,
        }
    }

    fn resume(&mut self, rest: &Rest<'_, 'm>) -> Gen<()> {
        match rest {
            Rest::Done => self.emit(),
            Rest::Conjuncts([], _, rest) => self.resume(rest),
            Rest::Conjuncts([first, others @ ..], env, rest) => {
                let rest = Rest::Conjuncts(others, env, rest);
                self.conjunct(first, env, &rest)
            }
            Rest::Changed(now, then, env, rest) => {
                if self.is_incomplete() && matches!(rest, Rest::Done) {
                    return declined(self.span, "an <<A>>_v that leaves variables open");
                }
                let same = self.same(now, then, env)?;
                let changed = self.not(same);
                self.guarded(changed, rest)
            }
            Rest::Instances(instances, binders, body, env, rest) => {
                let Some((first, others)) = instances.split_first() else { return self.resume(rest) };
                let after = Rest::Instances(others, binders, body, env, rest);
                let mut inner = (*env).clone();
                for (binder, value) in binders.iter().zip(first) {
                    inner = self.bind(&inner, &binder.pattern, &Val::Const(value.clone()))?;
                }
                self.conjunct(body, &inner, &after)
            }
            Rest::Patterns(parts, values, env, rest) => match (parts, values) {
                ([part, parts @ ..], [value, values @ ..]) => {
                    let rest = Rest::Patterns(parts, values, env, rest);
                    self.act_pattern(part, value, env, &rest)
                }
                ([], _) | (_, []) => self.resume(rest),
            },
        }
    }

    fn conjunct(&mut self, node: &'m Node, env: &Env<'m>, rest: &Rest<'_, 'm>) -> Gen<()> {
        if self.is_incomplete() { self.act(node, env, rest) } else { self.test(node, env, rest) }
    }

    /// Goes on only where the truth value holds.
    fn guarded(&mut self, truth: Truth, rest: &Rest<'_, 'm>) -> Gen<()> {
        match truth {
            Truth::Known(true) => self.resume(rest),
            Truth::Known(false) | Truth::Never => Ok(()),
            Truth::Flag(flag) => {
                let (yes, no) = (self.b.create_block(), self.b.create_block());
                self.b.ins().brif(flag, yes, &[], no, &[]);
                self.b.switch_to_block(yes);
                let mark = self.cache.len();
                self.resume(rest)?;
                self.forget_to(mark);
                self.jump(no);
                self.b.switch_to_block(no);
                Ok(())
            }
        }
    }

    fn test(&mut self, node: &'m Node, env: &Env<'m>, rest: &Rest<'_, 'm>) -> Gen<()> {
        self.where_holds(node, env, |g| g.resume(rest))
    }

    /// Code that is run where a predicate holds.
    fn where_holds(&mut self, node: &'m Node, env: &Env<'m>, then: impl FnOnce(&mut Self) -> Gen<()>) -> Gen<()> {
        let (yes, no) = (self.b.create_block(), self.b.create_block());
        let mark = self.cache.len();
        self.cond(node, env, yes, no)?;
        self.b.switch_to_block(yes);
        then(self)?;
        self.forget_to(mark);
        self.jump(no);
        self.b.switch_to_block(no);
        Ok(())
    }

    fn act(&mut self, node: &'m Node, env: &Env<'m>, rest: &Rest<'_, 'm>) -> Gen<()> {
        self.visit(node)?;
        let mark = self.cache.len();
        let result = if self.splitting {
            let saved = self.leaf;
            self.leaf = Some(node);
            self.splitting = is_split(node);
            let result = self.act_whole(node, env, rest);
            self.splitting = true;
            self.leaf = saved;
            result
        } else {
            self.act_whole(node, env, rest)
        };
        self.forget_to(mark);
        result
    }

    /// A predicate that assigns nothing; what follows is repeated as often as there are ways for it to hold.
    fn repeated(&mut self, node: &'m Node, env: &Env<'m>, rest: &Rest<'_, 'm>) -> Gen<()> {
        if self.holds_once(node, env, &mut Vec::new()) {
            return self.test(node, env, rest);
        }
        let ways = self.ways(node, env)?;
        let (header, left) = self.block_with(types::I64);
        let (body, done) = (self.b.create_block(), self.b.create_block());
        self.jump_with(header, ways);
        self.b.switch_to_block(header);
        self.b.ins().brif(left, body, &[], done, &[]);
        self.b.switch_to_block(body);
        let mark = self.cache.len();
        self.resume(rest)?;
        self.forget_to(mark);
        let left = self.b.ins().iadd_imm(left, -1);
        self.jump_with(header, left);
        self.b.switch_to_block(done);
        Ok(())
    }

    fn act_whole(&mut self, node: &'m Node, env: &Env<'m>, rest: &Rest<'_, 'm>) -> Gen<()> {
        let branches = matches!(
            node.kind,
            Kind::Or(_)
                | Kind::Exists(..)
                | Kind::Forall(..)
                | Kind::Call(..)
                | Kind::CallSlot(..)
                | Kind::If(..)
                | Kind::Case(..)
                | Kind::Implies(..)
        );
        if branches && !self.splitting && self.leaf.is_some() && self.is_settled(node, env) {
            return self.repeated(node, env, rest);
        }
        match &node.kind {
            Kind::And(items) => match &items[..] {
                [] => self.resume(rest),
                [first, others @ ..] => self.act(first, env, &Rest::Conjuncts(others, env, rest)),
            },
            Kind::Or(items) => items.iter().try_for_each(|item| self.act(item, env, rest)),
            Kind::Exists(binders, body) => {
                self.for_each_binding(binders, body, env, &mut |g, env| g.act(body, env, rest))
            }
            Kind::Forall(binders, body, _) => self.act_forall(binders, body, env, rest),
            Kind::Call(id, arguments) => {
                let inner = self.enter_call(*id, arguments, env, node)?;
                self.check_read_once(*id, &inner, node)?;
                if self.splitting {
                    self.leaf = Some(node);
                }
                let model = self.shared.model;
                self.act(&model.code.definition(*id).body, &inner, rest)?;
                self.leave_call();
                Ok(())
            }
            Kind::CallSlot(slot, arguments) => {
                let (inner, body) = self.enter_call_slot(*slot, arguments, env, node)?;
                self.act(body, &inner, rest)?;
                self.leave_call();
                Ok(())
            }
            Kind::Slot(slot) => match env.get(*slot) {
                Some(super::Binding::Delayed(delayed, inner)) => {
                    let (delayed, inner) = (*delayed, inner.clone());
                    self.act(delayed, &inner, rest)
                }
                Some(super::Binding::Val(_) | super::Binding::Lambda(..)) | None => self.test(node, env, rest),
            },
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, super::Binding::Delayed(value, env.clone()));
                self.act(body, &env, rest)
            }
            Kind::If(condition, then, otherwise) => {
                if let Some(Truth::Known(known)) = self.constant_truth(condition, env)? {
                    return self.act(if known { then } else { otherwise }, env, rest);
                }
                let (yes, no, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
                self.cond(condition, env, yes, no)?;
                for (block, branch) in [(yes, then), (no, otherwise)] {
                    self.b.switch_to_block(block);
                    self.act(branch, env, rest)?;
                    self.jump(done);
                }
                self.b.switch_to_block(done);
                Ok(())
            }
            Kind::Case(arms, other) => self.act_case(arms, other.as_deref(), env, rest),
            Kind::Implies(antecedent, consequent, _) => {
                let (yes, no, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
                self.cond(antecedent, env, yes, no)?;
                self.b.switch_to_block(yes);
                self.act(consequent, env, rest)?;
                self.jump(done);
                self.b.switch_to_block(no);
                let mark = self.cache.len();
                self.resume(rest)?;
                self.forget_to(mark);
                self.jump(done);
                self.b.switch_to_block(done);
                Ok(())
            }
            Kind::Primitive(Primitive::Equal, operands) => match &operands[..] {
                [left, right] => self.act_equal(left, right, node, env, rest),
                _ => self.test(node, env, rest),
            },
            Kind::Primitive(Primitive::In, operands) => match &operands[..] {
                [left, right] => self.act_in(left, right, node, env, rest),
                _ => self.test(node, env, rest),
            },
            Kind::Apply(function, _) => {
                if self.may_be_rule(function, env) {
                    return declined(Some(node.span), "the application of a rule as an action");
                }
                self.test(node, env, rest)
            }
            Kind::UnchangedVariables(_) | Kind::Unchanged(..) if self.initial => {
                declined(Some(node.span), "UNCHANGED in an initial predicate")
            }
            Kind::UnchangedVariables(variables) => self.act_unchanged(variables, env, rest),
            Kind::Unchanged(now, then) => {
                let now = self.eval(now, env)?;
                self.act_pattern(then, &now, env, rest)
            }
            Kind::BoxAction(action, now, then) => {
                self.act(action, env, rest)?;
                let now = self.eval(now, env)?;
                self.act_pattern(then, &now, env, rest)
            }
            Kind::AngleAction(action, now, then) => self.act(action, env, &Rest::Changed(now, then, env, rest)),
            Kind::Compose(..) => declined(Some(node.span), "the composition of actions"),
            Kind::Bool(_)
            | Kind::Int(_)
            | Kind::String(_)
            | Kind::Model(_)
            | Kind::Constant(_)
            | Kind::ConstantDefinition(..)
            | Kind::Variable(_)
            | Kind::Primed(_)
            | Kind::Primitive(..)
            | Kind::HigherOrder(..)
            | Kind::Not(_)
            | Kind::Equivalent(..)
            | Kind::Choose(..)
            | Kind::ChooseUnbounded
            | Kind::QuantifierUnbounded
            | Kind::SetEnumeration(_)
            | Kind::Filter(_)
            | Kind::SetMap(..)
            | Kind::Function(_)
            | Kind::FunctionSet(..)
            | Kind::Record(..)
            | Kind::RecordSet(..)
            | Kind::Tuple(_)
            | Kind::Product(_)
            | Kind::Field(..)
            | Kind::Except(..)
            | Kind::Enabled(_)
            | Kind::Always(_)
            | Kind::Eventually(_)
            | Kind::LeadsTo(..)
            | Kind::WeakFairness(..)
            | Kind::StrongFairness(..)
            | Kind::Declined(_) => self.test(node, env, rest),
        }
    }

    /// Whether a function that is applied as an action is a literal, whose body would be the action. What a definition
    /// gives is explicit, or undefined somewhere and then left to the interpreter.
    pub(crate) fn may_be_rule(&self, function: &Node, env: &Env<'m>) -> bool {
        match &function.kind {
            Kind::Function(_) => true,
            Kind::Slot(slot) => match env.get(*slot) {
                Some(super::Binding::Delayed(node, env)) => self.may_be_rule(node, env),
                Some(super::Binding::Val(_) | super::Binding::Lambda(..)) | None => false,
            },
            _ => false,
        }
    }

    fn act_case(
        &mut self,
        arms: &'m [(Node, Node)],
        other: Option<&'m Node>,
        env: &Env<'m>,
        rest: &Rest<'_, 'm>,
    ) -> Gen<()> {
        let done = self.b.create_block();
        for (guard, value) in arms {
            let (yes, no) = (self.b.create_block(), self.b.create_block());
            self.cond(guard, env, yes, no)?;
            self.b.switch_to_block(yes);
            self.act(value, env, rest)?;
            self.jump(done);
            self.b.switch_to_block(no);
        }
        match other {
            Some(other) => self.act(other, env, rest)?,
            None => self.bail("no guard of a CASE is true"),
        }
        self.jump(done);
        self.b.switch_to_block(done);
        Ok(())
    }

    fn act_forall(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m>, rest: &Rest<'_, 'm>) -> Gen<()> {
        let sets = self.binder_sets(binders, env)?;
        let mut instances: Vec<Vec<Value>> = vec![Vec::new()];
        for set in sets.iter().rev() {
            let Val::Const(set) = set else {
                return declined(self.span, "\\A over a set that depends on the state, as an action");
            };
            let Ok(elements) = self.shared.machine.element_vec(set) else {
                self.bail("a set cannot be enumerated");
                return Ok(());
            };
            let mut longer = Vec::with_capacity(instances.len() * elements.len());
            for instance in &instances {
                for element in &elements {
                    let mut values = vec![element.clone()];
                    values.extend_from_slice(instance);
                    longer.push(values);
                }
            }
            instances = longer;
        }
        // TLC takes the first instance first and then the others from the last one backwards.
        if instances.len() > 1 {
            instances[1..].reverse();
        }
        self.resume(&Rest::Instances(&instances, binders, body, env, rest))
    }

    /// Which variable a node stands for, if it is one that is being assigned.
    fn assignable(&self, node: &Node, env: &Env<'m>) -> Option<u32> {
        match &node.kind {
            Kind::Primed(index) if !self.initial => Some(*index),
            Kind::Variable(index) if self.initial => Some(*index),
            Kind::Slot(slot) => match env.get(*slot) {
                Some(super::Binding::Delayed(node, env)) => self.assignable(node, env),
                Some(super::Binding::Val(_) | super::Binding::Lambda(..)) | None => None,
            },
            _ => None,
        }
    }

    /// Goes on with a variable assigned.
    fn assigning(&mut self, index: u32, value: Assigned, rest: &Rest<'_, 'm>) -> Gen<()> {
        if let Assigned::Val(Val::Never) = value {
            return Ok(());
        }
        self.assign(index, Some(value));
        let mark = self.cache.len();
        let result = self.resume(rest);
        self.forget_to(mark);
        self.assign(index, None);
        result
    }

    fn act_equal(
        &mut self,
        left: &'m Node,
        right: &'m Node,
        node: &'m Node,
        env: &Env<'m>,
        rest: &Rest<'_, 'm>,
    ) -> Gen<()> {
        let Some(index) = self.assignable(left, env) else { return self.test(node, env, rest) };
        let value = self.eval(right, env)?;
        match self.assigned(index) {
            None => self.assigning(index, Assigned::Val(value), rest),
            Some(_) => {
                let known = self.value_so_far(index)?;
                let same = self.equal(&known, &value)?;
                self.guarded(same, rest)
            }
        }
    }

    fn act_in(
        &mut self,
        left: &'m Node,
        right: &'m Node,
        node: &'m Node,
        env: &Env<'m>,
        rest: &Rest<'_, 'm>,
    ) -> Gen<()> {
        let Some(index) = self.assignable(left, env) else { return self.test(node, env, rest) };
        if self.assigned(index).is_none()
            && let Kind::Filter(rule) = right.kind
            && let Some((set, binder, body)) = self.long_filter(rule, env)?
        {
            return self.with_steady(usize::MAX, &[&binder.pattern], body, env, |g| {
                g.for_each(&set, &mut |g, element| {
                    let inner = g.bind(env, &binder.pattern, &element)?;
                    g.where_holds(body, &inner, |g| g.assigning(index, Assigned::Val(element), rest))
                })
            });
        }
        if self.assigned(index).is_none() && !self.is_union_without_repetition(right, env)? {
            return declined(Some(right.span), "a union in which an element that occurs twice is two branches");
        }
        let set = self.eval(right, env)?;
        if self.assigned(index).is_some() {
            let known = self.value_so_far(index)?;
            let inside = self.contains(&known, &set)?;
            return self.guarded(inside, rest);
        }
        self.branches(index, &set, rest)
    }

    /// Whether `x' \in S` has one branch for each element, as far as `UNION` and sides of `\cup` that are evaluated here are
    /// concerned: the interpreter keeps a union of sets that are not listed as it is, and generated code makes it a set.
    fn is_union_without_repetition(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<bool> {
        let (Kind::Primitive(primitive, operands), None) = (&node.kind, self.constant(node, env)?) else {
            return Ok(true);
        };
        match primitive {
            Primitive::BigUnion => {
                let members: &'m [Node] = match operands.first().map(|family| &family.kind) {
                    Some(Kind::SetMap(_, body)) => std::slice::from_ref(&**body),
                    Some(Kind::SetEnumeration(items)) => items,
                    // Sets that are stored list their elements.
                    Some(Kind::Variable(_) | Kind::Primed(_) | Kind::Apply(..) | Kind::Field(..)) => operands,
                    _ => return Ok(false),
                };
                Ok(self.are_listed(members, env)? && !self.is_any_interval(members, env)?)
            }
            Primitive::Cup => Ok(!self.is_any_made_here(operands, env, 0)?),
            _ => Ok(true),
        }
    }

    /// Whether a set that is listed otherwise may be an interval, whose elements are not listed where `UNION` is concerned. A
    /// set that is stored is none.
    fn may_be_interval(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<bool> {
        match &node.kind {
            Kind::SetEnumeration(_)
            | Kind::SetMap(..)
            | Kind::Filter(_)
            | Kind::Variable(_)
            | Kind::Primed(_)
            | Kind::Primitive(Primitive::Cap | Primitive::Difference, _) => Ok(false),
            Kind::Apply(..) | Kind::Field(..) if is_part_of_variable(node) => Ok(false),
            Kind::If(_, then, otherwise) => {
                Ok(self.may_be_interval(then, env)? || self.may_be_interval(otherwise, env)?)
            }
            Kind::Let(_, _, body) => self.may_be_interval(body, env),
            // The union with an empty set is the other one.
            Kind::Primitive(Primitive::Cup, operands) => self.is_any_interval(operands, env),
            _ => match self.constant(node, env)? {
                Some(Val::Const(value)) => Ok(matches!(value, Value::Interval(_))),
                _ => Ok(true),
            },
        }
    }

    fn is_any_interval(&mut self, nodes: &'m [Node], env: &Env<'m>) -> Gen<bool> {
        for node in nodes {
            if self.may_be_interval(node, env)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A branch for each element; those of a union that is not made explicit are enumerated side by side, the explicit
    /// side first.
    fn branches(&mut self, index: u32, set: &Val, rest: &Rest<'_, 'm>) -> Gen<()> {
        let (a, b) = match set {
            Val::Set(lazy) => match &**lazy {
                super::value::SetVal::Union(a, b) => (a.clone(), b.clone()),
                _ => return self.for_each(set, &mut |g, element| g.assigning(index, Assigned::Val(element), rest)),
            },
            Val::Const(value @ Value::Lazy(lazy)) => match &**lazy {
                tla_model::value::LazySet::Union(..) | tla_model::value::LazySet::Family(_) => {
                    let mut elements = match self.shared.machine.branches(value) {
                        Ok(elements) => elements,
                        Err(_) => {
                            self.bail("a set cannot be enumerated");
                            return Ok(());
                        }
                    };
                    let mut all = Vec::new();
                    while let Some(element) = elements.next() {
                        all.push(element);
                        if all.len() > 1 << 14 {
                            return declined(self.span, "a set has too many elements");
                        }
                    }
                    return self
                        .for_each_listed(&all, &mut |g, element| g.assigning(index, Assigned::Val(element), rest));
                }
                _ => return self.for_each(set, &mut |g, element| g.assigning(index, Assigned::Val(element), rest)),
            },
            _ => return self.for_each(set, &mut |g, element| g.assigning(index, Assigned::Val(element), rest)),
        };
        let is_explicit = |val: &Val| match val {
            Val::Const(value) => !matches!(value, Value::Lazy(_)),
            Val::Set(set) => {
                matches!(&**set, super::value::SetVal::Range(..) | super::value::SetVal::Enumeration(_))
            }
            _ => true,
        };
        let sides = if is_explicit(&b) && !is_explicit(&a) { [b, a] } else { [a, b] };
        sides.iter().try_for_each(|side| self.branches(index, side, rest))
    }

    fn act_unchanged(&mut self, variables: &'m [u32], env: &Env<'m>, rest: &Rest<'_, 'm>) -> Gen<()> {
        let _ = env;
        let mut fresh = Vec::new();
        let mut keeps = Truth::Known(true);
        for index in variables {
            if self.assigned(*index).is_none() {
                self.assign(*index, Some(Assigned::Same));
                fresh.push(*index);
            } else {
                // Those after a variable that changed are not looked at, which makes no difference to words.
                let same = self.is_unchanged(*index)?;
                keeps = self.and(keeps, same);
            }
        }
        let result = self.guarded(keeps, rest);
        for index in fresh {
            self.assign(index, None);
        }
        result
    }

    /// A primed expression that must equal a value.
    fn act_pattern(&mut self, then: &'m Node, value: &Val, env: &Env<'m>, rest: &Rest<'_, 'm>) -> Gen<()> {
        match &then.kind {
            Kind::Primed(index) if self.assigned(*index).is_none() => {
                self.assigning(*index, Assigned::Val(value.clone()), rest)
            }
            Kind::Tuple(parts) if self.static_domain(value).is_some_and(|keys| keys.len() == parts.len()) => {
                let mut values = Vec::with_capacity(parts.len());
                for index in 0..parts.len() {
                    values.push(self.part(value, index)?);
                }
                self.resume(&Rest::Patterns(parts, &values, env, rest))
            }
            Kind::Call(id, arguments) => {
                let inner = self.enter_call(*id, arguments, env, then)?;
                let model = self.shared.model;
                self.act_pattern(&model.code.definition(*id).body, value, &inner, rest)?;
                self.leave_call();
                Ok(())
            }
            _ => {
                let then = self.eval(then, env)?;
                let same = self.equal(&then, value)?;
                self.guarded(same, rest)
            }
        }
    }

    /// Writes the successor to the buffer.
    fn emit(&mut self) -> Gen<()> {
        if self.is_incomplete() {
            self.bail("a successor leaves a variable without a value");
            return Ok(());
        }
        let row = self.shared.row;
        // Changed bits of each chunk, and their values.
        let mut chunks: Vec<(u64, Option<cranelift_codegen::ir::Value>)> = vec![(0, None); row.chunks as usize];
        for index in 0..row.shapes.len() as u32 {
            let value = match self.assigned(index) {
                Some(Assigned::Val(value)) => value,
                Some(Assigned::Same) | None => continue,
            };
            let shape = &row.shapes[index as usize];
            let places = &row.places[index as usize];
            let words = if shape.is_narrow() {
                let (fits, word) = self.fit(&value, shape)?;
                self.must(fits);
                vec![word]
            } else {
                match self.in_shape(&value, shape)? {
                    Val::Cells(at, _) => (0..shape.cells()).map(|cell| self.load(at, cell)).collect(),
                    _ => return Ok(()),
                }
            };
            for (place, word) in places.iter().zip(words) {
                if place.bits == 0 {
                    continue;
                }
                let shifted = if place.at == 0 { word } else { self.b.ins().ishl_imm(word, i64::from(place.at)) };
                let (mask, bits) = &mut chunks[place.chunk as usize];
                *mask |= crate::row::low_bits(place.bits) << place.at;
                *bits = Some(match bits.take() {
                    None => shifted,
                    Some(other) => self.b.ins().bor(other, shifted),
                });
            }
        }
        let frame = self.frame;
        let cursor = self.b.ins().load(types::I64, MemFlags::trusted(), frame, crate::machine::CURSOR * 8);
        let limit = self.b.ins().load(types::I64, MemFlags::trusted(), frame, crate::machine::LIMIT * 8);
        let size = i64::from(row.words + crate::machine::HEADER) * 4;
        let after = self.b.ins().iadd_imm(cursor, size);
        let fits = self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, after, limit);
        let (room, full) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(full);
        self.b.ins().brif(fits, room, &[], full, &[]);
        self.b.switch_to_block(full);
        let code = self.int(status::FULL);
        let exit = self.exit;
        self.b.ins().jump(exit, &[BlockArg::Value(code)]);
        self.b.switch_to_block(room);
        let action = self.leaf.filter(|_| !self.initial);
        let number = action.map_or(0, |leaf| (self.shared.action_number)(leaf));
        let number = self.b.ins().iconst(types::I32, i64::from(number));
        self.b.ins().store(MemFlags::trusted(), number, cursor, 0);
        for (chunk, (mask, bits)) in chunks.into_iter().enumerate() {
            let chunk = chunk as u32;
            let word = match bits {
                None if self.initial => self.int(0),
                None => self.chunk(Side::From, chunk),
                Some(bits) if self.initial => bits,
                Some(bits) if mask == u64::MAX => bits,
                Some(bits) => {
                    let old = self.chunk(Side::From, chunk);
                    let kept = self.b.ins().band_imm(old, !mask as i64);
                    self.b.ins().bor(kept, bits)
                }
            };
            let offset = ((crate::machine::HEADER + 2 * chunk) * 4) as i32;
            if 2 * chunk + 1 < row.words {
                self.b.ins().store(MemFlags::trusted(), word, cursor, offset);
            } else {
                self.b.ins().istore32(MemFlags::trusted(), word, cursor, offset);
            }
        }
        self.b.ins().store(MemFlags::trusted(), after, frame, crate::machine::CURSOR * 8);
        Ok(())
    }

    /// Whether the elements of a set are listed wherever it is evaluated: for certain, from its form alone.
    fn is_listed(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<bool> {
        match &node.kind {
            Kind::SetEnumeration(_)
            | Kind::SetMap(..)
            | Kind::Variable(_)
            | Kind::Primed(_)
            | Kind::Apply(..)
            | Kind::Field(..)
            | Kind::Primitive(Primitive::Range, _) => Ok(true),
            Kind::Filter(number) => match self.filtered(*number) {
                Some(base) => self.is_listed(base, env),
                None => Ok(false),
            },
            Kind::If(_, then, otherwise) => Ok(self.is_listed(then, env)? && self.is_listed(otherwise, env)?),
            Kind::Let(_, _, body) => self.is_listed(body, env),
            Kind::Primitive(Primitive::Cap, operands) => {
                Ok(self.is_listed(&operands[0], env)? || self.is_listed(&operands[1], env)?)
            }
            Kind::Primitive(Primitive::Difference, operands) => self.is_listed(&operands[0], env),
            Kind::Primitive(Primitive::Cup, operands) => self.are_listed(operands, env),
            _ => Ok(self.constant(node, env)?.is_some_and(|set| match set {
                Val::Const(value) => !matches!(value, Value::Lazy(_)),
                _ => false,
            })),
        }
    }

    fn are_listed(&mut self, nodes: &'m [Node], env: &Env<'m>) -> Gen<bool> {
        for node in nodes {
            if !self.is_listed(node, env)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The set that is filtered.
    fn filtered(&self, number: u32) -> Option<&'m Node> {
        self.shared.model.code.rules.get(number as usize)?.binders.first()?.set.as_ref()
    }

    /// Whether the elements of a side of a union are found out by generated code, although TLC makes no list of them.
    fn is_any_made_here(&mut self, sides: &'m [Node], env: &Env<'m>, depth: u32) -> Gen<bool> {
        for side in sides {
            if self.is_made_here(side, env, depth)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_made_here(&mut self, side: &'m Node, env: &Env<'m>, depth: u32) -> Gen<bool> {
        if depth > DEEPEST_UNION {
            return Ok(true);
        }
        let depth = depth + 1;
        match &side.kind {
            Kind::Filter(_) | Kind::Primitive(Primitive::Cap | Primitive::Difference, _) => {
                Ok(!self.is_listed(side, env)?)
            }
            Kind::If(_, then, otherwise) => {
                Ok(self.is_made_here(then, env, depth)? || self.is_made_here(otherwise, env, depth)?)
            }
            Kind::Let(_, _, body) => self.is_made_here(body, env, depth),
            Kind::Primitive(Primitive::Cup, operands) => self.is_any_made_here(operands, env, depth),
            Kind::Call(id, _) => {
                let model = self.shared.model;
                self.is_made_here(&model.code.definition(*id).body, env, depth)
            }
            Kind::Slot(slot) => match env.get(*slot) {
                Some(super::Binding::Delayed(delayed, inner)) => {
                    let (delayed, inner) = (*delayed, inner.clone());
                    self.is_made_here(delayed, &inner, depth)
                }
                Some(_) | None => Ok(false),
            },
            _ => Ok(false),
        }
    }
}

fn is_part_of_variable(node: &Node) -> bool {
    match &node.kind {
        Kind::Variable(_) | Kind::Primed(_) => true,
        Kind::Apply(base, _) | Kind::Field(base, _) => is_part_of_variable(base),
        _ => false,
    }
}
