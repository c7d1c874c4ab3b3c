//! What is left to do of an assignment once everything that it asks of the state is answered.
//!
//! `pc' = [pc EXCEPT ![t] = "idle"]` copies all of `pc`, but asks nothing of it: in whatever state it is taken, it puts
//! `"idle"` at `t`. While a footprint is recorded, the right-hand side of an assignment is therefore read as changes of
//! the variable's own current value where it has that form, and replaying applies them to the value that the state has
//! (partial evaluation; Jones, Gomard and Sestoft, *Partial Evaluation and Automatic Program Generation*, 1993,
//! chapter 1). Applying uses the evaluator's own operations. Whatever has another form is evaluated as ever, and what
//! it reads is recorded.

use super::footprint::Place;
use super::{Machine, Slot};
use crate::error::Evaluated;
use crate::ir::{Kind, Node, PathStep, Primitive as P, Update};
use crate::value::Value;
use std::rc::Rc;

/// A change of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Change {
    /// Where inside the value.
    pub path: Rc<[Value]>,
    /// What is done there.
    pub operation: Operation,
}

/// What is done at a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Another value takes the place.
    Put(Value),
    /// `Append(@, e)`.
    Append(Value),
    /// `Tail(@)`.
    Tail,
    /// `@ \cup S`.
    Unite(Value),
    /// `@ \ S`.
    Subtract(Value),
}

impl<'m> Machine<'m> {
    /// The value with the changes made, one after the other.
    ///
    /// # Errors
    /// If a change is undefined for the value; evaluation proper then has to say so.
    pub fn change(&mut self, value: &Value, changes: &[Change]) -> Evaluated<Value> {
        let mut value = value.clone();
        for change in changes {
            value = self.change_at(value, &change.path, &change.operation)?;
        }
        Ok(value)
    }

    fn change_at(&mut self, value: Value, path: &[Value], operation: &Operation) -> Evaluated<Value> {
        let Some((key, path)) = path.split_first() else { return self.operate(&value, operation) };
        let Some(index) = self.index_of(&value, key)? else { return Ok(value) };
        let old = super::function::value_at(&value, index);
        let new = self.change_at(old, path, operation)?;
        Ok(super::function::with_value_at(value, index, new))
    }

    fn operate(&mut self, value: &Value, operation: &Operation) -> Evaluated<Value> {
        match operation {
            Operation::Put(new) => Ok(new.clone()),
            Operation::Append(element) => self.sequence_operator(P::Append, &[value.clone(), element.clone()]),
            Operation::Tail => self.sequence_operator(P::Tail, std::slice::from_ref(value)),
            Operation::Unite(set) => self.union(value, set),
            Operation::Subtract(set) => self.difference(value, set),
        }
    }

    /// The changes that a right-hand side makes to a variable, if it has that form.
    ///
    /// # Errors
    /// If a part is undefined.
    pub(super) fn residual(&mut self, node: &'m Node, variable: u32) -> Evaluated<Option<Vec<Change>>> {
        let mut changes = Vec::new();
        let place = Place { variable, path: Rc::new([]) };
        Ok(self.residual_at(node, &place, &mut changes)?.then_some(changes))
    }

    /// Whether the node is the value at the place with the changes that are added to the list.
    fn residual_at(&mut self, node: &'m Node, place: &Place, changes: &mut Vec<Change>) -> Evaluated<bool> {
        match &node.kind {
            Kind::Variable(index) => Ok(place.path.is_empty() && *index == place.variable),
            Kind::Slot(slot) => match &self.stack[self.base + *slot as usize] {
                Slot::Delayed(node, base) => {
                    let (node, base) = (*node, *base);
                    let saved = std::mem::replace(&mut self.base, base);
                    let result = self.residual_at(node, place, changes);
                    self.base = saved;
                    result
                }
                Slot::Place(known) => Ok(**known == *place),
                Slot::Empty | Slot::Value(_) | Slot::Operator(_) => Ok(false),
            },
            Kind::Apply(..) | Kind::Field(..) => {
                Ok(!place.path.is_empty() && self.place(node)?.as_ref() == Some(place))
            }
            Kind::Call(id, arguments) => {
                let body = &self.code.definition(*id).body;
                if !may_be_residual(&body.kind) {
                    return Ok(false);
                }
                self.in_call(*id, arguments, |machine, body| machine.residual_at(body, place, changes))?
            }
            Kind::If(condition, then, otherwise) => {
                let branch = if self.eval_bool(condition)? { then } else { otherwise };
                self.residual_or_value(branch, place, changes)
            }
            Kind::Let(slot, value, body) => {
                self.delay(*slot, value);
                self.residual_at(body, place, changes)
            }
            Kind::Except(base, updates) => {
                if !self.residual_at(base, place, changes)? || !changes.is_empty() {
                    return Ok(false);
                }
                let mut made: Vec<Place> = Vec::with_capacity(updates.len());
                for update in updates {
                    let Some(at) = self.update_place(update, place)? else { return Ok(false) };
                    // An update that reads what an earlier one wrote must see it.
                    if made.iter().any(|known| overlap(&known.path, &at.path)) {
                        return Ok(false);
                    }
                    if let Some(slot) = update.old {
                        let index = self.base + slot as usize;
                        self.stack[index] = Slot::Place(Rc::new(at.clone()));
                    }
                    self.residual_or_value(&update.value, &at, changes)?;
                    made.push(at);
                }
                Ok(true)
            }
            Kind::Primitive(P::Append, operands) => {
                self.residual_operation(operands, place, changes, Operation::Append)
            }
            Kind::Primitive(P::Cup, operands) => self.residual_operation(operands, place, changes, Operation::Unite),
            Kind::Primitive(P::Difference, operands) => {
                self.residual_operation(operands, place, changes, Operation::Subtract)
            }
            Kind::Primitive(P::Tail, operands) => match &operands[..] {
                [operand] if self.residual_at(operand, place, changes)? && changes.is_empty() => {
                    changes.push(Change { path: place.path.clone(), operation: Operation::Tail });
                    Ok(true)
                }
                _ => Ok(false),
            },
            _ => Ok(false),
        }
    }

    /// As changes of what is at the place where the node has that form, otherwise as a value to be put there.
    fn residual_or_value(&mut self, node: &'m Node, place: &Place, changes: &mut Vec<Change>) -> Evaluated<bool> {
        let mut own = Vec::new();
        if self.residual_at(node, place, &mut own)? {
            changes.append(&mut own);
            return Ok(true);
        }
        let value = self.eval(node)?;
        let value = self.force(&value)?;
        changes.push(Change { path: place.path.clone(), operation: Operation::Put(value) });
        Ok(true)
    }

    fn residual_operation(
        &mut self,
        operands: &'m [Node],
        place: &Place,
        changes: &mut Vec<Change>,
        operation: fn(Value) -> Operation,
    ) -> Evaluated<bool> {
        let [left, right] = operands else { return Ok(false) };
        if !self.residual_at(left, place, changes)? || !changes.is_empty() {
            return Ok(false);
        }
        let operand = self.eval(right)?;
        let operand = self.force(&operand)?;
        if operand.is_symbolic() {
            return Ok(false);
        }
        changes.push(Change { path: place.path.clone(), operation: operation(operand) });
        Ok(true)
    }

    fn update_place(&mut self, update: &'m Update, place: &Place) -> Evaluated<Option<Place>> {
        let mut at = place.clone();
        for step in &update.path {
            let key = match step {
                PathStep::Field(field) => Value::String(*field),
                PathStep::Index(node) => {
                    let key = self.eval(node)?;
                    self.force(&key)?
                }
            };
            if key.is_symbolic() {
                return Ok(None);
            }
            at = at.inside(key);
        }
        // Outside of the domain an update does nothing, and its right-hand side is not evaluated. In a state where the
        // place does exist the changes come out the same, so whether it does need not be asked.
        let whole = self.current.get(place.variable as usize).and_then(Option::as_ref);
        Ok(whole.is_some_and(|whole| at.find(self.names, whole).is_some()).then_some(at))
    }
}

fn overlap(a: &[Value], b: &[Value]) -> bool {
    a.iter().zip(b).all(|(x, y)| x.structurally_equal(y))
}

fn may_be_residual(kind: &Kind) -> bool {
    matches!(kind, Kind::Except(..) | Kind::If(..) | Kind::Let(..) | Kind::Slot(_) | Kind::Call(..) | Kind::Variable(_))
        || matches!(kind, Kind::Primitive(P::Append | P::Cup | P::Difference | P::Tail, _))
}
