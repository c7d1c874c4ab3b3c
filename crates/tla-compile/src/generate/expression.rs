//! Values of expressions.

use super::steady::most_rounds;
use super::value::{SetVal, Val, tuple_keys};
use super::{Binding, Env, Gen, Generator, declined};
use crate::shape::Datum;
use std::rc::Rc;
use tla_model::ir::{Kind, Node, Pattern};
use tla_model::value::{LazySet, Value};

impl<'m, 'f> Generator<'m, 'f> {
    /// The value of a node.
    pub(crate) fn eval(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<Val> {
        self.visit(node)?;
        if let Some(val) = self.constant(node, env)? {
            return Ok(val);
        }
        let outer = self.span;
        let val = match self.kept(node, env) {
            Ok(Some(val)) => Ok(val),
            Ok(None) => self.eval_here(node, env),
            Err(error) => Err(error),
        };
        self.span = outer;
        val
    }

    /// The value of a node that is known to depend on the state.
    pub(crate) fn eval_here(&mut self, node: &'m Node, env: &Env<'m>) -> Gen<Val> {
        match &node.kind {
            Kind::Bool(b) => Ok(Val::bool(*b)),
            Kind::Int(i) => Ok(Val::Const(Value::Int(*i))),
            Kind::String(id) => Ok(Val::Const(Value::String(*id))),
            Kind::Model(id) => Ok(Val::Const(Value::Model(*id))),
            Kind::Constant(_) | Kind::ConstantDefinition(..) => {
                // It would be known if it could be computed.
                self.bail("a constant is undefined");
                Ok(Val::Never)
            }
            Kind::Slot(slot) => self.slot(*slot, env, node),
            Kind::Variable(index) => self.variable(*index),
            Kind::Primed(index) => self.primed(*index, node),
            Kind::Call(id, arguments) => self.call(*id, arguments, env, node),
            Kind::CallSlot(slot, arguments) => {
                let (env, body) = self.enter_call_slot(*slot, arguments, env, node)?;
                let val = self.eval(body, &env);
                self.leave_call();
                val
            }
            Kind::Primitive(primitive, operands) => self.primitive(*primitive, operands, env, node),
            Kind::HigherOrder(primitive, operands, operators) => {
                self.higher_order(*primitive, operands, operators, env, node)
            }
            Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Implies(..)
            | Kind::Forall(..)
            | Kind::Exists(..)
            | Kind::UnchangedVariables(_)
            | Kind::Unchanged(..)
            | Kind::BoxAction(..)
            | Kind::AngleAction(..) => {
                let truth = self.flag_of(node, env)?;
                Ok(self.truth_val(truth))
            }
            Kind::Equivalent(left, right) => {
                let left = self.flag_of(left, env)?;
                let right = self.flag_of(right, env)?;
                let (left, right) = (self.truth_val(left), self.truth_val(right));
                let same = self.equal(&left, &right)?;
                Ok(self.truth_val(same))
            }
            Kind::If(condition, then, otherwise) => self.conditional(condition, then, otherwise, env),
            Kind::Case(arms, other) => self.case(arms, other.as_deref(), env),
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, Binding::Delayed(value, env.clone()));
                self.eval(body, &env)
            }
            Kind::Choose(pattern, set, body) => self.choose(pattern, set, body, env),
            Kind::ChooseUnbounded | Kind::QuantifierUnbounded => {
                self.bail("an unbounded expression");
                Ok(Val::Never)
            }
            Kind::SetEnumeration(items) => {
                let elements = self.eval_all(items, env)?;
                if elements.iter().any(|element| matches!(element, Val::Never)) {
                    return Ok(Val::Never);
                }
                Ok(Val::set(SetVal::Enumeration(elements)))
            }
            Kind::Filter(rule) => self.filter(*rule, env),
            Kind::SetMap(binders, body) => self.image(binders, body, env),
            Kind::Function(rule) => self.function(*rule, env, node),
            Kind::FunctionSet(domain, range) => {
                let (domain, range) = (self.eval(domain, env)?, self.eval(range, env)?);
                Ok(Val::set(SetVal::Functions(domain, range)))
            }
            Kind::Record(fields, values) => {
                let values = self.eval_all(values, env)?;
                let keys = fields.iter().map(|field| Datum::String(*field)).collect();
                Ok(Self::parts(keys, values))
            }
            Kind::RecordSet(fields, sets) => {
                let sets = self.eval_all(sets, env)?;
                let keys = fields.iter().map(|field| Datum::String(*field)).collect();
                Ok(Val::set(SetVal::Product(keys, sets)))
            }
            Kind::Tuple(items) => {
                let values = self.eval_all(items, env)?;
                Ok(Self::parts(tuple_keys(values.len()), values))
            }
            Kind::Product(sets) => {
                let sets = self.eval_all(sets, env)?;
                Ok(Val::set(SetVal::Product(tuple_keys(sets.len()), sets)))
            }
            Kind::Apply(function, argument) => {
                if let Some(val) = self.apply_literal(function, argument, env)? {
                    return Ok(val);
                }
                let function = self.eval(function, env)?;
                let argument = self.eval(argument, env)?;
                self.apply(&function, &argument)
            }
            Kind::Field(record, field) => {
                let record = self.eval(record, env)?;
                self.apply(&record, &Val::Const(Value::String(*field)))
            }
            Kind::Except(base, updates) => self.except(base, updates, env),
            Kind::Enabled(_) => declined(Some(node.span), "ENABLED"),
            Kind::Compose(..) => declined(Some(node.span), "the composition of actions"),
            Kind::Always(_)
            | Kind::Eventually(_)
            | Kind::LeadsTo(..)
            | Kind::WeakFairness(..)
            | Kind::StrongFairness(..) => declined(Some(node.span), "a temporal formula"),
            Kind::Declined(reason) => declined(Some(node.span), reason.to_string()),
        }
    }

    fn parts(keys: std::sync::Arc<[Datum]>, values: Vec<Val>) -> Val {
        if values.iter().any(|value| matches!(value, Val::Never)) {
            return Val::Never;
        }
        Val::Parts(keys, Rc::new(values))
    }

    pub(crate) fn eval_all(&mut self, nodes: &'m [Node], env: &Env<'m>) -> Gen<Vec<Val>> {
        nodes.iter().map(|node| self.eval(node, env)).collect()
    }

    fn conditional(&mut self, condition: &'m Node, then: &'m Node, otherwise: &'m Node, env: &Env<'m>) -> Gen<Val> {
        if let Some(super::value::Truth::Known(known)) = self.constant_truth(condition, env)? {
            return self.eval(if known { then } else { otherwise }, env);
        }
        let (yes, no) = (self.b.create_block(), self.b.create_block());
        self.cond(condition, env, yes, no)?;
        let mut ends = Vec::with_capacity(2);
        for (block, branch) in [(yes, then), (no, otherwise)] {
            self.b.switch_to_block(block);
            let mark = self.cache.len();
            let val = self.eval(branch, env)?;
            self.forget_to(mark);
            let end = self.b.create_block();
            self.jump(end);
            ends.push((end, val));
        }
        self.meet(ends)
    }

    fn case(&mut self, arms: &'m [(Node, Node)], other: Option<&'m Node>, env: &Env<'m>) -> Gen<Val> {
        let mut ends = Vec::with_capacity(arms.len() + 1);
        for (guard, value) in arms {
            let (yes, no) = (self.b.create_block(), self.b.create_block());
            self.cond(guard, env, yes, no)?;
            self.b.switch_to_block(yes);
            let mark = self.cache.len();
            let val = self.eval(value, env)?;
            self.forget_to(mark);
            let end = self.b.create_block();
            self.jump(end);
            ends.push((end, val));
            self.b.switch_to_block(no);
        }
        let mark = self.cache.len();
        let val = match other {
            Some(other) => self.eval(other, env)?,
            None => {
                self.bail("no guard of a CASE is true");
                Val::Never
            }
        };
        self.forget_to(mark);
        let end = self.b.create_block();
        self.jump(end);
        ends.push((end, val));
        self.meet(ends)
    }

    fn choose(&mut self, pattern: &'m Pattern, set: &'m Node, body: &'m Node, env: &Env<'m>) -> Gen<Val> {
        let set = self.eval(set, env)?;
        if let Val::Never = set {
            return Ok(Val::Never);
        }
        let guess = self.element_guess(&set)?;
        if self.shared.model.symmetry.is_some() && guess.may_be_model_value() {
            return declined(self.span, "a CHOOSE of a model value under a symmetry");
        }
        let common = match guess {
            crate::shape::Guess::Bool => super::value::Common::Flag,
            crate::shape::Guess::Int { low, high, .. } => super::value::Common::Int(low, high),
            other => super::value::Common::Shaped(self.shape(&other)?),
        };
        let (found, param) = self.block_with(Self::carrier(&common));
        let mark = self.cache.len();
        self.with_steady(most_rounds(&set), &[pattern], body, env, |g| {
            g.for_each(&set, &mut |g, element| {
                let env = g.bind(env, pattern, &element)?;
                let (yes, no) = (g.b.create_block(), g.b.create_block());
                g.cond(body, &env, yes, no)?;
                g.b.switch_to_block(yes);
                let register = g.carry(&element, &common)?;
                g.jump_with(found, register);
                g.b.switch_to_block(no);
                Ok(())
            })
        })?;
        self.forget_to(mark);
        self.bail("no element satisfies a CHOOSE");
        self.jump_with_dead(found, &common);
        self.b.switch_to_block(found);
        Ok(self.carried(param, &common))
    }

    /// Ends a block that is never executed.
    fn jump_with_dead(&mut self, block: cranelift_codegen::ir::Block, common: &super::value::Common) {
        let register = match common {
            super::value::Common::Flag => self.flag(false),
            super::value::Common::Int(..) | super::value::Common::Shaped(_) => self.int(0),
        };
        self.jump_with(block, register);
    }

    fn filter(&mut self, rule: u32, env: &Env<'m>) -> Gen<Val> {
        let model = self.shared.model;
        let rule = &model.code.rules[rule as usize];
        let sets = self.binder_sets(&rule.binders, env)?;
        let (Some(set), Some(binder)) = (sets.first(), rule.binders.first()) else {
            return Ok(Val::Const(Value::empty_set()));
        };
        if let Val::Const(Value::Lazy(lazy)) = set
            && matches!(&**lazy, LazySet::Naturals | LazySet::Integers | LazySet::Reals | LazySet::Strings)
        {
            return declined(self.span, "a filter of an infinite set");
        }
        self.with_steady(most_rounds(set), &[&binder.pattern], &rule.body, env, |g| {
            g.keep(set, &mut |g, element| {
                let env = g.bind(env, &binder.pattern, &element)?;
                g.flag_of(&rule.body, &env)
            })
        })
    }

    /// `[x \in S |-> e]` over a set that is known.
    fn function(&mut self, number: u32, env: &Env<'m>, node: &Node) -> Gen<Val> {
        let model = self.shared.model;
        let rule = &model.code.rules[number as usize];
        if rule.itself.is_some() {
            return declined(Some(node.span), "a recursive function that depends on the state");
        }
        let sets = self.binder_sets(&rule.binders, env)?;
        if let ([Val::Set(set)], [binder]) = (&sets[..], &rule.binders[..])
            && let SetVal::Range(low, high) = &**set
            && matches!(low, Val::Const(Value::Int(1)))
        {
            return self.sequence_by_rule(high, &binder.pattern, &rule.body, env);
        }
        let mut columns: Vec<Vec<Value>> = Vec::with_capacity(sets.len());
        for set in &sets {
            let Val::Const(set) = set else {
                if let Val::Never = set {
                    return Ok(Val::Never);
                }
                return declined(Some(node.span), "a function whose domain depends on the state");
            };
            match self.shared.machine.element_vec(set) {
                Ok(elements) => columns.push(elements),
                Err(_) => {
                    self.bail("the domain of a function cannot be enumerated");
                    return Ok(Val::Never);
                }
            }
        }
        let rows = rows(&columns);
        let mut keys = Vec::with_capacity(rows.len());
        for row in &rows {
            let key = match &row[..] {
                [only] => Datum::of(only),
                several => Datum::of(&Value::tuple(several.to_vec())),
            };
            let Some(key) = key else {
                return declined(Some(node.span), "a function with symbolic arguments");
            };
            keys.push(key);
        }
        let patterns: Vec<&Pattern> = rule.binders.iter().map(|binder| &binder.pattern).collect();
        let values = self.with_steady(rows.len(), &patterns, &rule.body, env, |g| {
            let mut values = Vec::with_capacity(rows.len());
            for row in &rows {
                let mut inner = env.clone();
                for (pattern, value) in patterns.iter().zip(row) {
                    inner = g.bind(&inner, pattern, &Val::Const(value.clone()))?;
                }
                values.push(g.eval(&rule.body, &inner)?);
            }
            Ok(values)
        })?;
        Ok(Self::parts(keys.into(), values))
    }

    /// `[x \in S |-> e][key]`: only the one value is computed.
    fn apply_literal(&mut self, function: &'m Node, argument: &'m Node, env: &Env<'m>) -> Gen<Option<Val>> {
        let Kind::Function(number) = &function.kind else { return Ok(None) };
        let model = self.shared.model;
        let rule = &model.code.rules[*number as usize];
        let [binder] = &rule.binders[..] else { return Ok(None) };
        if rule.itself.is_some() {
            return Ok(None);
        }
        let key = self.eval(argument, env)?;
        let sets = self.binder_sets(&rule.binders, env)?;
        let Some(set) = sets.first() else { return Ok(None) };
        let inside = self.contains(&key, set)?;
        self.must(inside);
        let env = self.bind(env, &binder.pattern, &key)?;
        Ok(Some(self.eval(&rule.body, &env)?))
    }
}

fn rows(columns: &[Vec<Value>]) -> Vec<Vec<Value>> {
    columns.iter().fold(vec![Vec::new()], |rows, column| {
        let mut longer = Vec::with_capacity(rows.len() * column.len());
        for row in &rows {
            for value in column {
                longer.push(row.iter().chain([value]).cloned().collect());
            }
        }
        longer
    })
}
