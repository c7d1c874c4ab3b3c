//! Values of expressions.

use super::super::sym::{Binding, Env, Sym};
use super::super::term::{FALSE, TRUE, Term, Terms};
use super::{Made, Translator};
use std::rc::Rc;
use tla_model::ir::{Kind, Node};
use tla_model::value::Value;

impl<'m> Translator<'m> {
    /// The value of a node.
    pub(super) fn eval(&mut self, node: &'m Node, env: &Env<'m>) -> Made<Sym<'m>> {
        self.visit(node)?;
        if self.path == FALSE {
            return Ok(Sym::Never);
        }
        if let Some(sym) = self.constant(node, env)? {
            return Ok(sym);
        }
        let outer = self.span;
        let result = self.eval_here(node, env);
        self.span = outer;
        result
    }

    fn eval_here(&mut self, node: &'m Node, env: &Env<'m>) -> Made<Sym<'m>> {
        match &node.kind {
            Kind::Bool(b) => Ok(Sym::Bool(Terms::of_bool(*b))),
            Kind::Int(i) => Ok(Sym::Int(self.t.number(*i))),
            Kind::String(id) => Ok(self.atom(&Value::String(*id))),
            Kind::Model(_) | Kind::Constant(_) => self.declined("a constant without a value"),
            // It would be known if it could be computed.
            Kind::ConstantDefinition(_, id) => {
                let definition = self.model.code.definition(*id);
                let inner = self.env_of(*id);
                self.entered(*id, node, |this| this.eval(&definition.body, &inner))
            }
            Kind::Slot(slot) => self.slot(*slot, env, node),
            Kind::Variable(index) => Ok(self.variable(*index as usize)),
            Kind::Primed(index) => Ok(self.variable_so_far(*index as usize)),
            Kind::Call(id, arguments) => self.call(*id, arguments, env, node),
            Kind::CallSlot(slot, arguments) => {
                let (body, inner) = self.enter_slot(*slot, arguments, env)?;
                self.eval(body, &inner)
            }
            Kind::Primitive(primitive, operands) => self.primitive(*primitive, operands, env),
            Kind::HigherOrder(primitive, operands, operators) => {
                self.higher_order(*primitive, operands, operators, env)
            }
            Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Implies(..)
            | Kind::Equivalent(..)
            | Kind::Forall(..)
            | Kind::Exists(..)
            | Kind::UnchangedVariables(_)
            | Kind::Unchanged(..)
            | Kind::BoxAction(..)
            | Kind::AngleAction(..) => Ok(Sym::Bool(self.truth(node, env)?)),
            Kind::If(condition, then, otherwise) => {
                let condition = self.truth(condition, env)?;
                let yes = self.under(condition, |this| this.eval(then, env))?;
                let not = self.t.not(condition);
                let no = self.under(not, |this| this.eval(otherwise, env))?;
                let alternatives = [(condition, yes), (not, no)];
                self.merge(alternatives.into_iter().filter_map(|(guard, sym)| Some((guard, sym?))).collect())
            }
            Kind::Case(arms, other) => self.case(arms, other.as_deref(), env),
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, Binding::Delayed(value, env.clone()));
                self.eval(body, &env)
            }
            Kind::Choose(pattern, set, body) => self.chosen(pattern, set, body, env),
            Kind::ChooseUnbounded => Ok(self.fails("an unbounded CHOOSE")),
            Kind::QuantifierUnbounded => Ok(self.fails("an unbounded quantifier")),
            Kind::SetEnumeration(items) => {
                let items = self.eval_all(items, env)?;
                self.set(items.into_iter().map(|item| (item, TRUE)).collect())
            }
            Kind::Filter(rule) => self.filter(*rule, env),
            Kind::SetMap(binders, body) => self.image(binders, body, env),
            Kind::Function(rule) => self.function(*rule, env),
            Kind::FunctionSet(domain, range) => {
                let (domain, range) = (self.eval(domain, env)?, self.eval(range, env)?);
                Ok(Sym::Functions(Rc::new(domain), Rc::new(range)))
            }
            Kind::Record(fields, values) => {
                let keys = fields.iter().map(|field| Value::String(*field)).collect();
                Ok(Sym::Map(keys, self.eval_all(values, env)?.into()))
            }
            Kind::RecordSet(fields, sets) => {
                let keys = fields.iter().map(|field| Value::String(*field)).collect();
                Ok(Sym::Products(keys, self.eval_all(sets, env)?.into()))
            }
            Kind::Tuple(items) => {
                let items = self.eval_all(items, env)?;
                Ok(Self::tuple(items))
            }
            Kind::Product(sets) => {
                let sets = self.eval_all(sets, env)?;
                Ok(Sym::Products(Self::tuple_keys(sets.len()), sets.into()))
            }
            Kind::Apply(function, argument) => {
                let function = self.eval(function, env)?;
                let argument = self.eval(argument, env)?;
                self.apply(&function, &argument)
            }
            Kind::Field(record, field) => {
                let record = self.eval(record, env)?;
                let key = self.atom(&Value::String(*field));
                self.apply(&record, &key)
            }
            Kind::Except(base, updates) => self.except(base, updates, env),
            Kind::Enabled(action) => Ok(Sym::Bool(self.enabled(action, env)?)),
            Kind::Compose(..) => self.declined("the composition of actions is not translated"),
            Kind::Always(_)
            | Kind::Eventually(_)
            | Kind::LeadsTo(..)
            | Kind::WeakFairness(..)
            | Kind::StrongFairness(..) => self.declined("a temporal formula has no value in a state or step"),
            Kind::Declined(reason) => self.declined(reason.to_string()),
        }
    }

    pub(super) fn eval_all(&mut self, nodes: &'m [Node], env: &Env<'m>) -> Made<Vec<Sym<'m>>> {
        nodes.iter().map(|node| self.eval(node, env)).collect()
    }

    /// The truth value of a value.
    pub(super) fn truth_of(&mut self, sym: &Sym<'m>) -> Made<Term> {
        match sym {
            Sym::Bool(truth) => Ok(*truth),
            Sym::Never => Ok(FALSE),
            Sym::Union(_) => self.truth_of_alternatives(sym, &mut |this, one| this.truth_of(one)),
            _ => {
                self.fail(TRUE, "a Boolean is needed here");
                Ok(FALSE)
            }
        }
    }

    /// The truth value of a node.
    pub(in super::super) fn truth(&mut self, node: &'m Node, env: &Env<'m>) -> Made<Term> {
        if self.path == FALSE {
            return Ok(FALSE);
        }
        match &node.kind {
            Kind::And(items) => {
                let mut all = TRUE;
                for item in items {
                    all = self.truth_under(all, item, env)?;
                }
                Ok(all)
            }
            Kind::Or(items) => {
                let mut any = FALSE;
                for item in items {
                    let not = self.t.not(any);
                    let one = self.truth_under(not, item, env)?;
                    any = self.t.or(any, one);
                }
                Ok(any)
            }
            Kind::Not(item) => {
                let truth = self.truth(item, env)?;
                Ok(self.t.not(truth))
            }
            Kind::Implies(antecedent, consequent, _) => {
                let antecedent = self.truth(antecedent, env)?;
                let both = self.truth_under(antecedent, consequent, env)?;
                Ok(self.t.implies(antecedent, both))
            }
            Kind::Equivalent(left, right) => {
                let (left, right) = (self.truth(left, env)?, self.truth(right, env)?);
                Ok(self.t.equal(left, right))
            }
            Kind::If(condition, then, otherwise) => {
                let condition = self.truth(condition, env)?;
                let yes = self.truth_under(condition, then, env)?;
                let not = self.t.not(condition);
                let no = self.truth_under(not, otherwise, env)?;
                Ok(self.t.or(yes, no))
            }
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, Binding::Delayed(value, env.clone()));
                self.truth(body, &env)
            }
            Kind::Forall(binders, body, _) => {
                let some = self.exists(binders, body, env, true)?;
                Ok(self.t.not(some))
            }
            Kind::Exists(binders, body) => self.exists(binders, body, env, false),
            Kind::UnchangedVariables(variables) => {
                let mut same = TRUE;
                for index in variables {
                    let now = self.variable(*index as usize);
                    let part = self
                        .under(same, |this| {
                            let then = this.variable_so_far(*index as usize);
                            this.equal(&now, &then)
                        })?
                        .unwrap_or(FALSE);
                    same = self.t.and(same, part);
                }
                Ok(same)
            }
            Kind::Unchanged(now, then) => {
                let (now, then) = (self.eval(now, env)?, self.eval(then, env)?);
                self.equal(&now, &then)
            }
            Kind::BoxAction(action, now, then) => {
                let taken = self.truth(action, env)?;
                let not = self.t.not(taken);
                let same = self.under(not, |this| {
                    let (now, then) = (this.eval(now, env)?, this.eval(then, env)?);
                    this.equal(&now, &then)
                })?;
                let same = same.map_or(FALSE, |same| self.t.and(not, same));
                Ok(self.t.or(taken, same))
            }
            Kind::AngleAction(action, now, then) => {
                let taken = self.truth(action, env)?;
                let same = self.under(taken, |this| {
                    let (now, then) = (this.eval(now, env)?, this.eval(then, env)?);
                    this.equal(&now, &then)
                })?;
                let differ = self.t.not(same.unwrap_or(TRUE));
                Ok(self.t.and(taken, differ))
            }
            _ => {
                let sym = self.eval(node, env)?;
                self.truth_of(&sym)
            }
        }
    }

    fn case(&mut self, arms: &'m [(Node, Node)], other: Option<&'m Node>, env: &Env<'m>) -> Made<Sym<'m>> {
        let mut left = TRUE;
        let mut alternatives = Vec::with_capacity(arms.len() + 1);
        for (guard, value) in arms {
            let chosen = self.truth_under(left, guard, env)?;
            if let Some(sym) = self.under(chosen, |this| this.eval(value, env))? {
                alternatives.push((chosen, sym));
            }
            let not = self.t.not(chosen);
            left = self.t.and(left, not);
        }
        match other {
            Some(other) => {
                if let Some(sym) = self.under(left, |this| this.eval(other, env))? {
                    alternatives.push((left, sym));
                }
            }
            None => self.fail(left, "no guard of a CASE is true"),
        }
        self.merge(alternatives)
    }
}
