//! `f[e]` as an action.
//!
//! A function whose values are actions (`[p \in Proc |-> x' = p][self]`) has no elements that could be enumerated: what
//! is applied is its rule, and the body of the rule is walked as the body of an operator would be.

use super::{Continuation, Enumerated, Found};
use crate::error::Evaluated;
use crate::eval::{Machine, Slot, Target};
use crate::ir::{Kind, Node};
use crate::value::{RuleNode, Value};

impl<'m> Machine<'m> {
    /// `f[e]` as an action: where the function is still a rule, its body is the action. TLC does so, and counts a
    /// state for each alternative of the body.
    pub(super) fn act_apply(
        &mut self,
        function: &'m Node,
        argument: &'m Node,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let (saved, body) = match self.literal(function) {
            Some((rule, base)) if self.target == Target::Next => {
                let key = self.eval(argument)?;
                let here = std::mem::replace(&mut self.base, base);
                let entered = self.enter_literal(rule, &key);
                self.base = if entered.is_ok() { self.base } else { here };
                let ((top, _), body) = entered.map_err(|error| error.at(node.span))?;
                ((top, here), body)
            }
            Some(_) | None => {
                let value = match self.peek_rule(function)? {
                    Some(rule) => rule,
                    None => return self.test(node, rest, found),
                };
                let key = self.eval(argument)?;
                let key = self.force(&key)?;
                self.enter_rule(&value, &key).map_err(|error| error.at(node.span))?
            }
        };
        self.deeper()?;
        let result = self.act(body, rest, found);
        self.shallower();
        self.leave(saved);
        result
    }

    /// The function literal that a node stands for, with the frame it stands in.
    fn literal(&self, node: &Node) -> Option<(u32, usize)> {
        let mut kind = &node.kind;
        let mut base = self.base;
        loop {
            match kind {
                Kind::Function(rule) if self.code.rules[*rule as usize].itself.is_none() => {
                    return Some((*rule, base));
                }
                Kind::Slot(slot) => match &self.stack[base + *slot as usize] {
                    Slot::Delayed(node, frame) => {
                        kind = &node.kind;
                        base = *frame;
                    }
                    Slot::Empty | Slot::Value(_) | Slot::Operator(_) | Slot::Place(_) => return None,
                },
                _ => return None,
            }
        }
    }

    /// The rule that a function is given by, if it is still one.
    fn peek_rule(&mut self, function: &'m Node) -> Evaluated<Option<std::rc::Rc<RuleNode>>> {
        match &function.kind {
            Kind::Slot(_) | Kind::Function(_) | Kind::Call(..) => match self.eval_applied(function)? {
                Value::Rule(rule) if rule.explicit.get().is_none() => Ok(Some(rule)),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}
