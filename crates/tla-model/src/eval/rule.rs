//! Functions and filters: made explicit where possible, kept as rules where not.
//!
//! TLC keeps a function literal that is applied, or whose domain it has no list of, as a rule until something needs all
//! its values, so that `[i \in {0, 1} |-> 1 \div i][1]` is 1; everywhere else a value that is undefined is an error. We
//! compute the values at once, which is faster, and fall back to the rule where TLC has one. Recursive functions and functions with an infinite domain are always rules; a recursive
//! function remembers what it computed.

use super::set::{Growth, within_limit};
use super::{Machine, Target};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::{Node, Rule};
use crate::value::{FilterRule, LazySet, RuleNode, Value};
use std::ops::ControlFlow;
use std::rc::Rc;

/// A function with more arguments than this stays a rule until all its values are needed.
const EAGER_DOMAIN: u64 = 100_000;

/// A filter of a set with more elements, where these are not listed, stays a rule until its elements are needed.
const EAGER_FILTER: u64 = 256;

impl<'m> Machine<'m> {
    fn rule(&self, rule: u32) -> &'m Rule {
        &self.code.rules[rule as usize]
    }

    pub(super) fn function_literal(&mut self, number: u32) -> Evaluated<Value> {
        let rule = self.rule(number);
        let sets = self.binder_sets(&rule.binders)?;
        let mut size = Some(1u64);
        for set in &sets {
            size = match (size, self.finite_size(set)) {
                (Some(product), Some(count)) => product.checked_mul(count),
                _ => None,
            };
        }
        let explicit = rule.itself.is_none() && size.is_some_and(|size| size <= EAGER_DOMAIN);
        if !explicit {
            return self.keep_rule(number, sets);
        }
        let position = self.position();
        match self.compute(number, &sets) {
            Ok(value) => Ok(value),
            Err(error) if error.class == ErrorClass::Undefined && self.stays_a_rule(&sets) => {
                self.recover(position.0, position.1, position.2);
                self.keep_rule(number, sets)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether TLC would not compute the values of a function literal before something needs all of them.
    fn stays_a_rule(&self, domains: &[Value]) -> bool {
        self.keeps_literals || domains.iter().any(|domain| matches!(domain, Value::Lazy(_)))
    }

    /// Evaluates what is about to be applied.
    pub(super) fn eval_applied(&mut self, function: &'m Node) -> Evaluated<Value> {
        let before = std::mem::replace(&mut self.keeps_literals, true);
        let result = self.eval(function);
        self.keeps_literals = before;
        result
    }

    fn keep_rule(&mut self, number: u32, domains: Vec<Value>) -> Evaluated<Value> {
        let rule = self.rule(number);
        let captured = self.capture(&rule.inherits);
        Ok(Value::Rule(Rc::new(RuleNode {
            rule: number,
            captured,
            domains,
            memo: Default::default(),
            explicit: Default::default(),
        })))
    }

    /// All values of a function in the present frame.
    fn compute(&mut self, number: u32, sets: &[Value]) -> Evaluated<Value> {
        let rule = self.rule(number);
        if let [set] = sets {
            let set = self.explicit_set(set)?;
            let mut values = Vec::new();
            let mut elements = self.elements(&set)?;
            let mut domain = Vec::new();
            while let Some(element) = self.next_of(&mut elements)? {
                self.bind(&rule.binders[0].pattern, element.clone())?;
                let value = self.eval(&rule.body)?;
                values.push(value);
                domain.push(element);
            }
            return Ok(Value::function(domain.into(), values));
        }
        let product = Value::lazy(LazySet::Product(sets.to_vec()));
        let mut elements = self.elements(&product)?;
        let (mut domain, mut values) = (Vec::new(), Vec::new());
        while let Some(element) = self.next_of(&mut elements)? {
            self.bind_product(rule, &element)?;
            let value = self.eval(&rule.body)?;
            values.push(value);
            domain.push(element);
        }
        Ok(Value::function(domain.into(), values))
    }

    fn bind_product(&mut self, rule: &'m Rule, element: &Value) -> Evaluated<()> {
        match (rule.binders.len(), element) {
            (1, _) => self.bind(&rule.binders[0].pattern, element.clone()),
            (count, Value::Tuple(tuple)) if tuple.elements.len() == count => {
                let tuple = tuple.clone();
                for (binder, value) in rule.binders.iter().zip(&tuple.elements) {
                    self.bind(&binder.pattern, value.clone())?;
                }
                Ok(())
            }
            (count, other) => {
                Err(EvalError::undefined(format!("a function of {count} arguments is applied to {}", self.show(other))))
            }
        }
    }

    fn in_domains(&mut self, domains: &[Value], key: &Value) -> Evaluated<bool> {
        match (domains, key) {
            ([single], _) => self.member(key, single),
            (several, Value::Tuple(tuple)) if tuple.elements.len() == several.len() => {
                let tuple = tuple.clone();
                for (set, element) in several.iter().zip(&tuple.elements) {
                    if !self.member(element, set)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// `[x \in S |-> e][key]` without making the function.
    pub(super) fn apply_literal(&mut self, number: u32, key: &Value) -> Evaluated<Value> {
        let rule = self.rule(number);
        if rule.itself.is_some() {
            let function = self.function_literal(number)?;
            return self.apply(&function, key);
        }
        let sets = self.binder_sets(&rule.binders)?;
        if !self.in_domains(&sets, key)? {
            let function = self.function_literal(number)?;
            return Err(self.outside_domain(&function, key));
        }
        self.bind_product(rule, key)?;
        self.eval(&rule.body)
    }

    pub(super) fn apply_rule(&mut self, node: &Rc<RuleNode>, key: &Value) -> Evaluated<Value> {
        if let Some(explicit) = node.explicit.get() {
            let explicit = explicit.clone();
            return self.apply(&explicit, key);
        }
        let key = self.force(key)?;
        if let Some(known) = node.memo.borrow().get(&key) {
            return Ok(known.clone());
        }
        let value = self.run_rule(node, &key)?;
        node.memo.borrow_mut().insert(key, value.clone());
        Ok(value)
    }

    /// Begins the frame in which the body of a rule is read for an argument of its domain; the frame ends with
    /// [`Machine::leave`].
    ///
    /// # Errors
    /// If the argument is outside the domain; then there is no frame.
    pub(super) fn enter_rule(&mut self, node: &Rc<RuleNode>, key: &Value) -> Evaluated<((usize, usize), &'m Node)> {
        if !self.in_domains(&node.domains, key)? {
            return Err(self.outside_domain(&Value::Rule(node.clone()), key));
        }
        let rule = self.rule(node.rule);
        let saved = self.enter(rule.owner);
        self.restore(&node.captured);
        if let Some(slot) = rule.itself {
            self.set_slot(slot, Value::Rule(node.clone()));
        }
        match self.bind_product(rule, key) {
            Ok(()) => Ok((saved, &rule.body)),
            Err(error) => {
                self.leave(saved);
                Err(error)
            }
        }
    }

    /// The same for a function literal of the present frame, which is copied.
    pub(super) fn enter_literal(&mut self, number: u32, key: &Value) -> Evaluated<((usize, usize), &'m Node)> {
        let rule = self.rule(number);
        let sets = self.binder_sets(&rule.binders)?;
        if !self.in_domains(&sets, key)? {
            let function = self.function_literal(number)?;
            return Err(self.outside_domain(&function, key));
        }
        let saved = self.enter_copy(self.base);
        match self.bind_product(rule, key) {
            Ok(()) => Ok((saved, &rule.body)),
            Err(error) => {
                self.leave(saved);
                Err(error)
            }
        }
    }

    fn run_rule(&mut self, node: &Rc<RuleNode>, key: &Value) -> Evaluated<Value> {
        let rule = self.rule(node.rule);
        let (saved, body) = self.enter_rule(node, key)?;
        let result = if rule.itself.is_some() { self.eval_applied(body) } else { self.eval(body) };
        self.leave(saved);
        result.map_err(|error| match &rule.name {
            Some(name) => error.called_from(name, rule.body.span),
            None => error,
        })
    }

    /// All values of a rule.
    pub(super) fn explicit_rule(&mut self, node: &Rc<RuleNode>) -> Evaluated<Value> {
        if let Some(explicit) = node.explicit.get() {
            return Ok(explicit.clone());
        }
        let domain = match node.domains.as_slice() {
            [single] => single.clone(),
            several => Value::lazy(LazySet::Product(several.to_vec())),
        };
        let mut elements = self.elements(&domain)?;
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        while let Some(element) = self.next_of(&mut elements)? {
            within_limit(keys.len() as u64)?;
            let value = self.apply_rule(node, &element)?;
            values.push(self.force(&value)?);
            keys.push(self.force(&element)?);
        }
        let explicit = Value::function(keys.into(), values);
        Ok(node.explicit.get_or_init(|| explicit).clone())
    }

    pub(super) fn filter(&mut self, number: u32) -> Evaluated<Value> {
        let rule = self.rule(number);
        let sets = self.binder_sets(&rule.binders)?;
        let Some(base) = sets.into_iter().next() else { return Ok(Value::empty_set()) };
        if self.stays_a_filter(&base) {
            let captured = self.capture(&rule.inherits);
            let filter = FilterRule { base, rule: number, captured, explicit: Default::default() };
            return Ok(Value::lazy(LazySet::Filter(filter)));
        }
        let (mut kept, mut growth) = (Vec::new(), Growth::default());
        let mut elements = self.elements(&base)?;
        while let Some(element) = self.next_of(&mut elements)? {
            self.bind(&rule.binders[0].pattern, element.clone())?;
            if self.eval_bool(&rule.body)? {
                growth.add(&element)?;
                kept.push(element);
            }
        }
        let kept = Value::sorted_set(kept);
        Ok(if matches!(base, Value::Lazy(_)) { Self::unlisted(kept) } else { kept })
    }

    /// Whether a filter of this set is kept as a rule. `UV \in {P \in SUBSET SUBSET S : …}` takes one evaluation of the
    /// predicate then, instead of one for each of the many elements; TLC does the same for every set that it has no list of.
    /// While states are enumerated the predicate may read what changes under backtracking, so there nothing is put off.
    fn stays_a_filter(&self, base: &Value) -> bool {
        let is_large = || self.finite_size(base).is_none_or(|size| size > EAGER_FILTER);
        !self.is_enumerable(base) || self.target == Target::Nothing && matches!(base, Value::Lazy(_)) && is_large()
    }

    /// Whether an element satisfies the predicate of a filter that was kept as a rule.
    pub(super) fn filter_holds(&mut self, filter: &FilterRule, element: &Value) -> Evaluated<bool> {
        let rule = self.rule(filter.rule);
        let saved = self.enter(rule.owner);
        self.restore(&filter.captured);
        let result = self.bind(&rule.binders[0].pattern, element.clone()).and_then(|()| self.eval_bool(&rule.body));
        self.leave(saved);
        result
    }

    /// Runs a closure for each element, for callers outside this file that need no binding.
    pub(crate) fn any_element(
        &mut self,
        set: &Value,
        test: &mut dyn FnMut(&mut Self, Value) -> Evaluated<ControlFlow<()>>,
    ) -> Evaluated<bool> {
        let mut elements = self.elements(set)?;
        while let Some(element) = self.next_of(&mut elements)? {
            if test(self, element)?.is_break() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
