//! Values of expressions.

use super::{Algebra, Binding, Env, Graph, Made, Operations, Sets, Sym, Translator, Values};
use std::rc::Rc;
use tla_model::ir::{Kind, Node, Pattern};
use tla_model::value::{StringId, Value};

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// The value of a node.
    pub(crate) fn eval(&mut self, node: &'m Node, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        self.visit(node)?;
        if self.path == A::FALSE {
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

    fn eval_here(&mut self, node: &'m Node, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        match &node.kind {
            Kind::Bool(b) => Ok(Self::truth_value(*b)),
            Kind::Int(i) => Ok(self.concrete(&Value::Int(*i))),
            Kind::String(id) => Ok(self.concrete(&Value::String(*id))),
            Kind::Model(_) | Kind::Constant(_) => self.declined("a constant whose value cannot be computed"),
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
                let not = self.graph.not(condition);
                let no = self.under(not, |this| this.eval(otherwise, env))?;
                let alternatives = [(condition, yes), (not, no)];
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
                    members.extend(self.listed(&element, A::TRUE)?);
                }
                self.set(members)
            }
            Kind::Filter(rule) => self.filter(*rule, env),
            Kind::SetMap(binders, body) => self.image(binders, body, env),
            Kind::Function(rule) => self.function(*rule, env),
            Kind::FunctionSet(domain, range) => {
                let (domain, range) = (self.eval(domain, env)?, self.eval(range, env)?);
                Ok(Sym::Functions(Rc::new(domain), Rc::new(range)))
            }
            Kind::Record(fields, values) => {
                let keys = self.field_keys(fields);
                Ok(Sym::Map(keys, self.eval_all(values, env)?.into()))
            }
            Kind::RecordSet(fields, sets) => {
                let keys = self.field_keys(fields);
                Ok(Sym::Products(keys, self.eval_all(sets, env)?.into()))
            }
            Kind::Tuple(items) => {
                let items = self.eval_all(items, env)?;
                Ok(self.tuple(items))
            }
            Kind::Product(sets) => {
                let sets = self.eval_all(sets, env)?;
                Ok(Sym::Products(self.tuple_keys(sets.len()), sets.into()))
            }
            Kind::Apply(function, argument) => {
                let function = self.eval(function, env)?;
                let argument = self.eval(argument, env)?;
                self.apply(&function, &argument)
            }
            Kind::Field(record, field) => {
                let record = self.eval(record, env)?;
                let key = self.concrete(&Value::String(*field));
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

    pub(crate) fn eval_all(&mut self, nodes: &'m [Node], env: &Env<'m, A>) -> Made<Vec<Sym<'m, A>>> {
        nodes.iter().map(|node| self.eval(node, env)).collect()
    }

    /// The arguments of a record.
    pub(crate) fn field_keys(&mut self, fields: &[StringId]) -> Rc<[A::Key]> {
        fields.iter().map(|field| self.field(*field)).collect()
    }

    /// The arguments `1..n` of a tuple.
    pub(crate) fn tuple_keys(&mut self, count: usize) -> Rc<[A::Key]> {
        (1..=count as i64).map(|i| self.index(i)).collect()
    }

    /// A tuple or sequence of these.
    pub(crate) fn tuple(&mut self, parts: Vec<Sym<'m, A>>) -> Sym<'m, A> {
        Sym::Map(self.tuple_keys(parts.len()), parts.into())
    }

    fn case(&mut self, arms: &'m [(Node, Node)], other: Option<&'m Node>, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        let mut left = A::TRUE;
        let mut alternatives = Vec::with_capacity(arms.len() + 1);
        for (guard, value) in arms {
            let chosen = self.truth_under(left, guard, env)?;
            if let Some(sym) = self.under(chosen, |this| this.eval(value, env))? {
                alternatives.push((chosen, sym));
            }
            left = self.graph.without(left, chosen);
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
    fn choose(&mut self, pattern: &'m Pattern, set: &'m Node, body: &'m Node, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        let set = self.eval(set, env)?;
        let Some(elements) = self.elements_in_order(&set)? else {
            return self.choose_unordered(pattern, &set, body, env);
        };
        let mut left = A::TRUE;
        let mut alternatives = Vec::with_capacity(elements.len());
        for (element, lit) in elements {
            let here = self.graph.and(left, lit);
            let chosen = self.under(here, |this| {
                let inner = this.bind(pattern, &element, env)?;
                this.truth(body, &inner)
            })?;
            let chosen = chosen.map_or(A::FALSE, |truth| self.graph.and(here, truth));
            if chosen != A::FALSE {
                alternatives.push((chosen, element));
            }
            left = self.graph.without(left, chosen);
        }
        self.fail(left, "no element satisfies the predicate of a CHOOSE");
        self.merge(alternatives)
    }
}
