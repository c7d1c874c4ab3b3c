//! Module `Sequences`: tuples, and strings as far as TLC treats them as sequences.

use super::{Machine, kind_word};
use crate::error::{EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use std::rc::Rc;

impl<'m> Machine<'m> {
    /// The elements of a sequence.
    pub(super) fn sequence(&mut self, value: &Value, operator: Primitive) -> Evaluated<Vec<Value>> {
        match value {
            Value::Tuple(node) => Ok(node.elements.clone()),
            Value::Rule(_) => {
                let forced = self.force(value)?;
                match forced {
                    Value::Tuple(node) => Ok(node.elements.clone()),
                    other => Err(self.no_sequence(&other, operator)),
                }
            }
            other => Err(self.no_sequence(other, operator)),
        }
    }

    fn no_sequence(&self, value: &Value, operator: Primitive) -> Box<EvalError> {
        EvalError::undefined(format!(
            "{} needs a sequence, found {} {}",
            operator.spelling(),
            kind_word(value),
            self.show(value)
        ))
    }

    fn text(&self, value: &Value) -> Option<std::sync::Arc<str>> {
        match value {
            Value::String(id) => Some(self.names.text(*id)),
            _ => None,
        }
    }

    pub(super) fn sequence_operator(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        let first = &arguments[0];
        match operator {
            Primitive::Len => {
                if let Some(text) = self.text(first) {
                    return Ok(Value::Int(text.chars().count() as i64));
                }
                if let Value::Tuple(node) = first {
                    return Ok(Value::Int(node.elements.len() as i64));
                }
                Ok(Value::Int(self.sequence(first, operator)?.len() as i64))
            }
            Primitive::Append => {
                let mut elements = self.sequence(first, operator)?;
                elements.push(arguments[1].clone());
                Ok(Value::tuple(elements))
            }
            Primitive::Concat => {
                if let (Some(a), Some(b)) = (self.text(first), self.text(&arguments[1])) {
                    return Ok(Value::String(self.names.string(&format!("{a}{b}"))));
                }
                let mut elements = self.sequence(first, operator)?;
                let rest = self.sequence(&arguments[1], operator)?;
                if elements.is_empty() {
                    return Ok(Value::tuple(rest));
                }
                elements.extend(rest);
                Ok(Value::tuple(elements))
            }
            Primitive::Head => {
                let elements = self.sequence(first, operator)?;
                elements.into_iter().next().ok_or_else(|| {
                    EvalError::undefined("Head of the empty sequence").with_remedy("test for <<>> first")
                })
            }
            Primitive::Tail => {
                if let Some(text) = self.text(first).filter(|text| !text.is_empty()) {
                    let rest: String = text.chars().skip(1).collect();
                    return Ok(Value::String(self.names.string(&rest)));
                }
                let elements = self.sequence(first, operator)?;
                if elements.is_empty() {
                    return Err(EvalError::undefined("Tail of the empty sequence").with_remedy("test for <<>> first"));
                }
                Ok(Value::tuple(elements[1..].to_vec()))
            }
            Primitive::SubSeq => self.sub_sequence(first, &arguments[1], &arguments[2]),
            other => Err(EvalError::undefined(format!("{} is no operator on sequences", other.spelling()))),
        }
    }

    fn sub_sequence(&mut self, sequence: &Value, from: &Value, to: &Value) -> Evaluated<Value> {
        let (Value::Int(from), Value::Int(to)) = (from, to) else {
            return Err(EvalError::undefined("SubSeq needs integers as bounds"));
        };
        let text = self.text(sequence);
        let elements = match &text {
            Some(_) => Vec::new(),
            None => self.sequence(sequence, Primitive::SubSeq)?,
        };
        let length = text.as_ref().map_or(elements.len(), |text| text.chars().count()) as i64;
        if from > to {
            return Ok(match text {
                Some(_) => Value::String(self.names.string("")),
                None => Value::tuple(Vec::new()),
            });
        }
        if *from < 1 || *to > length {
            return Err(EvalError::undefined(format!("SubSeq from {from} to {to} of a sequence of length {length}"))
                .with_remedy("the bounds must lie within 1..Len(s)"));
        }
        let (skip, take) = (*from as usize - 1, (to - from + 1) as usize);
        Ok(match text {
            Some(text) => {
                let part: String = text.chars().skip(skip).take(take).collect();
                Value::String(self.names.string(&part))
            }
            None => Value::tuple(elements[skip..skip + take].to_vec()),
        })
    }

    /// `SelectSeq(s, Test)`.
    pub(super) fn select_seq(&mut self, sequence: &Value, test: &Rc<super::Closure<'m>>) -> Evaluated<Value> {
        let mut kept = Vec::new();
        for element in self.sequence(sequence, Primitive::SelectSeq)? {
            match self.apply_closure(test, [element.clone()])? {
                Value::Bool(true) => kept.push(element),
                Value::Bool(false) => {}
                other => {
                    return Err(EvalError::undefined(format!("the test of SelectSeq gave {}", self.show(&other))));
                }
            }
        }
        Ok(Value::tuple(kept))
    }

    /// `SortSeq(s, Before)`: insertion sort, as stable as TLC's.
    pub(super) fn sort_seq(&mut self, sequence: &Value, before: &Rc<super::Closure<'m>>) -> Evaluated<Value> {
        let mut sorted: Vec<Value> = Vec::new();
        for element in self.sequence(sequence, Primitive::SortSeq)? {
            let mut at = sorted.len();
            while at > 0 {
                match self.apply_closure(before, [element.clone(), sorted[at - 1].clone()])? {
                    Value::Bool(true) => at -= 1,
                    Value::Bool(false) => break,
                    other => {
                        return Err(EvalError::undefined(format!("the order of SortSeq gave {}", self.show(&other))));
                    }
                }
            }
            sorted.insert(at, element);
        }
        Ok(Value::tuple(sorted))
    }
}
