//! Values of expressions.

use super::env::{Binding, Env};
use super::{Made, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::sym::Sym;
use std::rc::Rc;
use tla_model::ir::{Binder, Kind, Node, Pattern};

impl<'m> Translator<'m> {
    /// The value of a node.
    pub(crate) fn eval(&mut self, node: &'m Node, env: &Env<'m>) -> Made<Sym<'m>> {
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
            Kind::Bool(b) => Ok(Sym::Bool(Lit::of(*b))),
            Kind::Int(i) => Ok(self.integer(*i)),
            Kind::String(id) => Ok(Sym::Val(self.data.of_string(*id))),
            Kind::Model(_) | Kind::Constant(_) => self.declined("a constant without a finite value"),
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
            | Kind::AngleAction(..) => {
                let lit = self.truth(node, env)?;
                Ok(self.boolean(lit))
            }
            Kind::If(condition, then, otherwise) => {
                let condition = self.truth(condition, env)?;
                let yes = self.under(condition, |this| this.eval(then, env))?;
                let no = self.under(!condition, |this| this.eval(otherwise, env))?;
                let alternatives = [(condition, yes), (!condition, no)];
                self.merge(alternatives.into_iter().filter_map(|(guard, sym)| Some((guard, sym?))).collect())
            }
            Kind::Case(arms, other) => self.case(arms, other.as_deref(), env),
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, Binding::Delayed(value, env.clone()));
                self.eval(body, &env)
            }
            Kind::Choose(pattern, set, body) => self.choose(pattern, set, body, env),
            Kind::ChooseUnbounded => Ok(self.fails("an unbounded CHOOSE")),
            Kind::QuantifierUnbounded => Ok(self.fails("an unbounded quantifier")),
            Kind::SetEnumeration(items) => {
                let mut members = Vec::new();
                for item in items {
                    let element = self.eval(item, env)?;
                    members.extend(self.cases(&element)?);
                }
                Ok(self.set(members))
            }
            Kind::Filter(rule) => self.filter(*rule, env),
            Kind::SetMap(binders, body) => self.image(binders, body, env),
            Kind::Function(rule) => self.function(*rule, env),
            Kind::FunctionSet(domain, range) => {
                let (domain, range) = (self.eval(domain, env)?, self.eval(range, env)?);
                Ok(Sym::Functions(Rc::new(domain), Rc::new(range)))
            }
            Kind::Record(fields, values) => {
                let keys = fields.iter().map(|field| self.data.of_string(*field)).collect();
                let values = self.eval_all(values, env)?;
                Ok(Sym::Map(Rc::new(keys), Rc::new(values)))
            }
            Kind::RecordSet(fields, sets) => {
                let keys = fields.iter().map(|field| self.data.of_string(*field)).collect();
                let sets = self.eval_all(sets, env)?;
                Ok(Sym::Products(Rc::new(keys), Rc::new(sets)))
            }
            Kind::Tuple(items) => {
                let items = self.eval_all(items, env)?;
                Ok(self.tuple(items))
            }
            Kind::Product(sets) => {
                let sets = self.eval_all(sets, env)?;
                Ok(Sym::Products(self.tuple_keys(sets.len()), Rc::new(sets)))
            }
            Kind::Apply(function, argument) => {
                let function = self.eval(function, env)?;
                let argument = self.eval(argument, env)?;
                self.apply(&function, &argument)
            }
            Kind::Field(record, field) => {
                let record = self.eval(record, env)?;
                let key = Sym::Val(self.data.of_string(*field));
                self.apply(&record, &key)
            }
            Kind::Except(base, updates) => self.except(base, updates, env),
            Kind::Enabled(action) => {
                let lit = self.enabled(action, env)?;
                Ok(self.boolean(lit))
            }
            Kind::Compose(..) => self.declined("the composition of actions is not translated"),
            Kind::Always(_)
            | Kind::Eventually(_)
            | Kind::LeadsTo(..)
            | Kind::WeakFairness(..)
            | Kind::StrongFairness(..) => self.declined("a temporal formula has no value in a state or step"),
            Kind::Declined(reason) => self.declined(reason.to_string()),
        }
    }

    pub(crate) fn eval_all(&mut self, nodes: &'m [Node], env: &Env<'m>) -> Made<Vec<Sym<'m>>> {
        nodes.iter().map(|node| self.eval(node, env)).collect()
    }

    /// The truth value of a value.
    pub(crate) fn truth_of(&mut self, sym: &Sym<'m>) -> Made<Lit> {
        let sym = self.open(sym);
        match &sym {
            Sym::Bool(lit) => Ok(*lit),
            Sym::Never => Ok(FALSE),
            Sym::Union(all) => {
                let mut lits = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    if let Some(truth) = self.under(*guard, |this| this.truth_of(alternative))? {
                        lits.push(self.aig.and(*guard, truth));
                    }
                }
                Ok(self.aig.or_all(&lits))
            }
            _ => {
                self.fail(TRUE, "a Boolean is needed here");
                Ok(FALSE)
            }
        }
    }

    /// The truth value of a node.
    pub(crate) fn truth(&mut self, node: &'m Node, env: &Env<'m>) -> Made<Lit> {
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
                    let one = self.truth_under(!any, item, env)?;
                    any = self.aig.or(any, one);
                }
                Ok(any)
            }
            Kind::Not(item) => Ok(!self.truth(item, env)?),
            Kind::Implies(antecedent, consequent, _) => {
                let antecedent = self.truth(antecedent, env)?;
                let both = self.truth_under(antecedent, consequent, env)?;
                Ok(self.aig.or(!antecedent, both))
            }
            Kind::Equivalent(left, right) => {
                let (left, right) = (self.truth(left, env)?, self.truth(right, env)?);
                Ok(self.aig.equivalent(left, right))
            }
            Kind::If(condition, then, otherwise) => {
                let condition = self.truth(condition, env)?;
                let yes = self.truth_under(condition, then, env)?;
                let no = self.truth_under(!condition, otherwise, env)?;
                Ok(self.aig.or(yes, no))
            }
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, Binding::Delayed(value, env.clone()));
                self.truth(body, &env)
            }
            Kind::Forall(binders, body, _) => Ok(!self.exists(binders, body, env, true)?),
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
                    same = self.aig.and(same, part);
                }
                Ok(same)
            }
            Kind::Unchanged(now, then) => {
                let (now, then) = (self.eval(now, env)?, self.eval(then, env)?);
                self.equal(&now, &then)
            }
            Kind::BoxAction(action, now, then) => {
                let taken = self.truth(action, env)?;
                let same = self.under(!taken, |this| {
                    let (now, then) = (this.eval(now, env)?, this.eval(then, env)?);
                    this.equal(&now, &then)
                })?;
                let same = same.map_or(FALSE, |same| self.aig.and(!taken, same));
                Ok(self.aig.or(taken, same))
            }
            Kind::AngleAction(action, now, then) => {
                let taken = self.truth(action, env)?;
                let same = self.under(taken, |this| {
                    let (now, then) = (this.eval(now, env)?, this.eval(then, env)?);
                    this.equal(&now, &then)
                })?;
                Ok(self.aig.and(taken, !same.unwrap_or(TRUE)))
            }
            _ => {
                let sym = self.eval(node, env)?;
                self.truth_of(&sym)
            }
        }
    }

    /// Whether the body is true (or, negated, false) for some combination of bound values.
    fn exists(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m>, negated: bool) -> Made<Lit> {
        let mut any = FALSE;
        self.for_each_binding(binders, env, &mut |this, inner, guard| {
            let wanted = this.aig.and(guard, !any);
            let found = this.under(wanted, |this| this.truth(body, inner))?;
            if let Some(truth) = found {
                let truth = if negated { !truth } else { truth };
                let one = this.aig.and(wanted, truth);
                any = this.aig.or(any, one);
            }
            Ok(())
        })?;
        Ok(any)
    }

    /// Runs for every combination of bound values, with the condition under which there is one.
    pub(crate) fn for_each_binding(
        &mut self,
        binders: &'m [Binder],
        env: &Env<'m>,
        run: &mut dyn FnMut(&mut Self, &Env<'m>, Lit) -> Made<()>,
    ) -> Made<()> {
        let sets = self.binder_sets(binders, env)?;
        self.nested(binders, &sets, env, TRUE, run)
    }

    /// The possible elements of the sets of binders.
    pub(crate) fn binder_sets(&mut self, binders: &'m [Binder], env: &Env<'m>) -> Made<Vec<Vec<(Sym<'m>, Lit)>>> {
        let mut sets: Vec<Vec<(Sym<'m>, Lit)>> = Vec::with_capacity(binders.len());
        for binder in binders {
            let elements = match (&binder.set, sets.last()) {
                (Some(node), _) => {
                    let set = self.eval(node, env)?;
                    self.elements(&set)?
                }
                (None, Some(previous)) => previous.clone(),
                (None, None) => Vec::new(),
            };
            sets.push(elements);
        }
        Ok(sets)
    }

    /// The first binder varies fastest.
    fn nested(
        &mut self,
        binders: &'m [Binder],
        sets: &[Vec<(Sym<'m>, Lit)>],
        env: &Env<'m>,
        guard: Lit,
        run: &mut dyn FnMut(&mut Self, &Env<'m>, Lit) -> Made<()>,
    ) -> Made<()> {
        let (Some((last, front)), Some((set, front_sets))) = (binders.split_last(), sets.split_last()) else {
            return run(self, env, guard);
        };
        for (element, lit) in set {
            let both = self.aig.and(guard, *lit);
            if both == FALSE {
                continue;
            }
            let inner = self.under(both, |this| this.bind(&last.pattern, element, env))?;
            if let Some(inner) = inner {
                self.nested(front, front_sets, &inner, both, run)?;
            }
        }
        Ok(())
    }

    /// The environment with an element bound to a pattern.
    pub(crate) fn bind(&mut self, pattern: &'m Pattern, element: &Sym<'m>, env: &Env<'m>) -> Made<Env<'m>> {
        match pattern {
            Pattern::Slot(slot) => Ok(env.with(*slot, Binding::Value(element.clone()))),
            Pattern::Tuple(slots) => {
                let element = self.open(element);
                match &element {
                    Sym::Map(_, parts) if parts.len() == slots.len() => {
                        let mut env = env.clone();
                        for (slot, part) in slots.iter().zip(parts.iter()) {
                            env = env.with(*slot, Binding::Value(part.clone()));
                        }
                        Ok(env)
                    }
                    _ => self.declined("a tuple of bound names over a set of something else"),
                }
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
            left = self.aig.and(left, !chosen);
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

    /// The first element in TLC's order for which the predicate is true.
    fn choose(&mut self, pattern: &'m Pattern, set: &'m Node, body: &'m Node, env: &Env<'m>) -> Made<Sym<'m>> {
        let set = self.eval(set, env)?;
        let elements = self.elements_in_order(&set)?;
        let mut left = TRUE;
        let mut alternatives = Vec::with_capacity(elements.len());
        for (element, lit) in elements {
            let here = self.aig.and(left, lit);
            let chosen = self.under(here, |this| {
                let inner = this.bind(pattern, &element, env)?;
                this.truth(body, &inner)
            })?;
            let chosen = chosen.map_or(FALSE, |truth| self.aig.and(here, truth));
            if chosen != FALSE {
                alternatives.push((chosen, element));
            }
            left = self.aig.and(left, !chosen);
        }
        self.fail(left, "no element satisfies the predicate of a CHOOSE");
        self.merge(alternatives)
    }
}
