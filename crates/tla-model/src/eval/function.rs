//! Functions: application, domain, update.

use super::{Machine, kind_word};
use crate::error::{EvalError, Evaluated};
use crate::ir::{Kind, Node};
use crate::value::{FunctionNode, RecordNode, StringId, TupleNode, Value};
use std::rc::Rc;

/// The value at an index of an explicit function.
pub(super) fn value_at(function: &Value, index: usize) -> Value {
    match function {
        Value::Tuple(node) => node.elements[index].clone(),
        Value::Record(node) => node.values[index].clone(),
        Value::Function(node) => node.values[index].clone(),
        other => other.clone(),
    }
}

fn replaced(values: &[Value], index: usize, new: Value) -> Vec<Value> {
    let mut copy = values.to_vec();
    copy[index] = new;
    copy
}

/// The function with another value at an index.
pub(super) fn with_value_at(function: Value, index: usize, new: Value) -> Value {
    match &function {
        Value::Tuple(node) => {
            let TupleNode { elements, .. } = &**node;
            Value::tuple(replaced(elements, index, new))
        }
        Value::Record(node) => {
            let RecordNode { fields, values, .. } = &**node;
            Value::record(fields.clone(), replaced(values, index, new))
        }
        Value::Function(node) => {
            let FunctionNode { domain, values, .. } = &**node;
            Value::plain_function(domain.clone(), replaced(values, index, new))
        }
        _ => function,
    }
}

impl<'m> Machine<'m> {
    /// Index of an argument in an explicit function; `None` outside the domain.
    pub(crate) fn index_of(&mut self, function: &Value, key: &Value) -> Evaluated<Option<usize>> {
        match function {
            Value::Tuple(node) => match key {
                Value::Int(i) => {
                    let inside = *i >= 1 && (*i as u64) <= node.elements.len() as u64;
                    Ok(inside.then(|| *i as usize - 1))
                }
                Value::BigInt(_) | Value::Model(_) => Ok(None),
                other if node.elements.is_empty() => {
                    let _ = other;
                    Ok(None)
                }
                other => Err(EvalError::undefined(format!(
                    "a tuple is applied to {} {} instead of an integer",
                    kind_word(other),
                    self.show(other)
                ))),
            },
            Value::Record(node) => match key {
                Value::String(field) => Ok(node.fields.iter().position(|f| f == field)),
                Value::Model(_) => Ok(None),
                other => Err(EvalError::undefined(format!(
                    "a record is applied to {} {} instead of a string",
                    kind_word(other),
                    self.show(other)
                ))),
            },
            Value::Function(node) => {
                let node = node.clone();
                self.index_in_domain(&node.domain, key)
            }
            other => Err(EvalError::undefined(format!(
                "expected a function, found {} {}",
                kind_word(other),
                self.show(other)
            ))),
        }
    }

    fn index_in_domain(&mut self, domain: &Rc<[Value]>, key: &Value) -> Evaluated<Option<usize>> {
        if let Value::Int(i) = key
            && let Some(Value::Int(first)) = domain.first()
            && let Ok(offset) = usize::try_from(i - first)
            && matches!(domain.get(offset), Some(Value::Int(j)) if j == i)
        {
            return Ok(Some(offset));
        }
        if domain.len() <= 8 {
            let same = domain.iter().position(|candidate| candidate.same_object(key));
            if same.is_some() {
                return Ok(same);
            }
        }
        let (mut low, mut high) = (0, domain.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.compare(&domain[middle], key)? {
                std::cmp::Ordering::Equal => return Ok(Some(middle)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    /// `f[x]` of values.
    pub(crate) fn apply(&mut self, function: &Value, key: &Value) -> Evaluated<Value> {
        match function {
            Value::Rule(rule) => {
                let rule = rule.clone();
                self.apply_rule(&rule, key)
            }
            _ => match self.index_of(function, key)? {
                Some(index) => Ok(value_at(function, index)),
                None => Err(self.outside_domain(function, key)),
            },
        }
    }

    pub(crate) fn outside_domain(&self, function: &Value, key: &Value) -> Box<EvalError> {
        let shown = self.show(function);
        let short: String = shown.chars().take(200).collect();
        let dots = if short.len() < shown.len() { "…" } else { "" };
        EvalError::undefined(format!("{} is not in the domain of {short}{dots}", self.show(key)))
            .with_remedy("test membership in DOMAIN first, or guard the expression")
    }

    pub(crate) fn apply_node(&mut self, function: &'m Node, argument: &'m Node) -> Evaluated<Value> {
        if let Kind::Function(rule) = &function.kind {
            let key = self.eval(argument)?;
            return self.apply_literal(*rule, &key);
        }
        let function = self.eval_applied(function)?;
        let key = self.eval(argument)?;
        self.apply(&function, &key)
    }

    pub(crate) fn field(&mut self, record: &Value, field: StringId) -> Evaluated<Value> {
        match record {
            Value::Record(node) => match node.fields.iter().position(|f| *f == field) {
                Some(index) => Ok(node.values[index].clone()),
                None => Err(EvalError::undefined(format!(
                    "the record {} has no field {}",
                    self.show(record),
                    self.names.text(field)
                ))),
            },
            other => self.apply(other, &Value::String(field)),
        }
    }

    /// `DOMAIN f`.
    pub(crate) fn domain(&mut self, function: &Value) -> Evaluated<Value> {
        Ok(match function {
            Value::Tuple(node) => Value::interval(1, node.elements.len() as i64),
            Value::Record(node) => {
                let names: Vec<Value> = node.fields.iter().map(|field| Value::String(*field)).collect();
                Value::sorted_set(names)
            }
            Value::Function(node) => Value::sorted_set(node.domain.to_vec()),
            Value::Rule(rule) => match rule.domains.as_slice() {
                [single] => single.clone(),
                several => Value::lazy(crate::value::LazySet::Product(several.to_vec())),
            },
            other => {
                return Err(EvalError::undefined(format!(
                    "DOMAIN of {} {}, which is no function",
                    kind_word(other),
                    self.show(other)
                )));
            }
        })
    }

    /// A function from pairs in any order; of equal arguments the first wins.
    pub(crate) fn function_from_pairs(&mut self, mut pairs: Vec<(Value, Value)>) -> Evaluated<Value> {
        let mut problem = None;
        let names = self.names;
        pairs.sort_by(|a, b| match crate::value::order::compare(names, &a.0, &b.0) {
            Ok(ordering) => ordering,
            Err(refused) => {
                problem.get_or_insert(refused);
                std::cmp::Ordering::Equal
            }
        });
        if let Some(refused) = problem {
            return Err(self.incomparable(&refused));
        }
        pairs.dedup_by(|later, earlier| later.0.structurally_equal(&earlier.0));
        let (domain, values): (Vec<Value>, Vec<Value>) = pairs.into_iter().unzip();
        Ok(Value::function(domain.into(), values))
    }
}
