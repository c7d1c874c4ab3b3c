//! Operators of the language and of the standard modules, on values that may be open.

use super::cases::Answer;
use super::formula::unless_whole;
use super::gates::{FALSE, TRUE};
use crate::apply::Operand;
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::Meaning;
use crate::native;
use crate::value::Value;
use tla_syntax::Span;

impl<'s> Evaluator<'s> {
    /// The value of an operator of the language.
    pub(crate) fn language_open(&mut self, name: &str, operands: &[Operand<'_, 's>], span: Span) -> Outcome<Value<'s>> {
        let truth = |this: &mut Self, operand: &Operand<'_, 's>| {
            let outcome = this.operand(operand);
            this.truth_of(outcome, operand.span())
        };
        match (name, operands) {
            ("/\\" | "\\/", [_, _]) => {
                let result = self.junction(2, name == "/\\", &mut |this, index| truth(this, &operands[index]))?;
                self.value_of(result)
            }
            ("=>", [_, _]) => {
                let result = self.junction(2, false, &mut |this, index| {
                    let side = truth(this, &operands[index])?;
                    Ok(if index == 0 { this.negated(side) } else { side })
                })?;
                self.value_of(result)
            }
            ("~", [only]) => {
                let result = truth(self, only)?;
                let result = self.negated(result);
                self.value_of(result)
            }
            ("'", [_]) | (_, []) => self.language_decided(name, operands, span),
            ("UNCHANGED", [only]) => {
                let now = self.operand(only)?;
                let then = self.moment.primed();
                let then = self.at(then, |this| this.operand(only))?;
                self.equal_open(&then, &now, span)
            }
            ("ENABLED", [Operand::Expr(action, env)]) => self.enabled_open(action, env),
            ("ENABLED", [Operand::Meaning(Meaning::Delayed(delayed), _)]) => {
                let delayed = delayed.clone();
                self.enabled_open(delayed.expr, &delayed.env)
            }
            (_, [left, right]) if !matches!(name, "\\cdot" | "~>" | "-+->") => {
                let values = [self.operand(left)?, self.operand(right)?];
                self.related(name, values, span)
            }
            (_, [only]) if !matches!(name, "[]" | "<>" | "ENABLED") => {
                let value = self.operand(only)?;
                self.lift(&[value], span, &mut |this, values| {
                    unless_whole(values, span)?;
                    this.language_of_values(name, values, span)
                })
            }
            (_, _) => Fault::unsupported(span, format!("{name} in a certificate")),
        }
    }

    pub(crate) fn language_of_values(&mut self, name: &str, values: &[Value<'s>], span: Span) -> Outcome<Value<'s>> {
        let meanings: Vec<Meaning<'s>> = values.iter().cloned().map(Meaning::Value).collect();
        let operands: Vec<_> = meanings.iter().map(|meaning| Operand::Meaning(meaning, span)).collect();
        self.language_decided(name, &operands, span)
    }

    /// The value of an operator of a standard module.
    pub(crate) fn native_open(&mut self, name: &str, operands: &[Operand<'_, 's>], span: Span) -> Outcome<Value<'s>> {
        match (name, operands) {
            ("TLCSet" | "TLCDefer" | "TLCCache" | "BagOfAll", _) | (_, []) => native::apply(self, name, operands, span),
            ("SelectSeq" | "SortSeq", [sequence, operator]) => {
                let sequence = self.operand(sequence)?;
                self.lift(&[sequence], span, &mut |this, values| {
                    unless_whole(values, span)?;
                    let meaning = Meaning::Value(values[0].clone());
                    native::apply(this, name, &[Operand::Meaning(&meaning, span), *operator], span)
                })
            }
            ("Cardinality", [set]) => {
                let set = self.operand(set)?;
                self.lift(&[set], span, &mut |this, sets| this.counted(&sets[0], span))
            }
            (_, _) => {
                let values = operands.iter().map(|operand| self.operand(operand)).collect::<Outcome<Vec<_>>>()?;
                self.lift(&values, span, &mut |this, values| {
                    let meanings: Vec<Meaning<'s>> = values.iter().cloned().map(Meaning::Value).collect();
                    let operands: Vec<_> = meanings.iter().map(|meaning| Operand::Meaning(meaning, span)).collect();
                    native::apply(this, name, &operands, span)
                })
            }
        }
    }

    /// Number of elements.
    fn counted(&mut self, set: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        unless_whole(std::slice::from_ref(set), span)?;
        if !matches!(set, Value::Open(_)) {
            return match self.is_finite(set) {
                true => self.cardinality(set, span).map(Value::Int),
                false => Fault::undefined(span, "the cardinality of something that is no finite set"),
            };
        }
        // reached[k]: more than k elements of those so far are in the set. A row of such bits is sorted, which lets the
        // checker's solver conclude from one to all before it.
        let mut reached = Vec::new();
        for (_, is_in) in self.possible(set, span)? {
            let gates = &mut self.symbolic.gates;
            let mut carried = is_in;
            for bit in &mut reached {
                let both = gates.and(*bit, carried);
                *bit = gates.or(*bit, carried);
                carried = both;
            }
            reached.push(carried);
        }
        let mut found = Vec::with_capacity(reached.len() + 1);
        for count in 0..=reached.len() {
            let enough = if count == 0 { TRUE } else { reached[count - 1] };
            let too_many = reached.get(count).copied().unwrap_or(FALSE);
            let when = self.symbolic.gates.and(enough, !too_many);
            found.push(Answer { when, value: Ok(Value::int(count)) });
        }
        self.merged(found, span)
    }
}
