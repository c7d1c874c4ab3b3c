//! Module `SVG`: elements as text, and places on a circle.

use super::{Machine, kind_word};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use crate::value::show::function_pairs;
use std::sync::Arc;

impl Machine<'_> {
    /// The operators of module `SVG` that have no definition in TLA+.
    pub(super) fn picture_operator(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        match (operator, arguments) {
            (Primitive::SvgElemToString, [element]) => {
                let mut text = String::new();
                self.write_element(&mut text, element)?;
                Ok(self.string_value(&text))
            }
            (Primitive::NodeOfRingNetwork, numbers) => self.place_on_circle(numbers),
            (Primitive::NodesOfDirectedMultiGraph, _) => Err(EvalError::new(
                ErrorClass::Declined,
                "NodesOfDirectedMultiGraph draws a graph with a library of algorithms, which is not supported",
            )
            .with_remedy("give the places of the nodes in the specification, for example with NodeOfRingNetwork")),
            _ => Err(EvalError::undefined(format!("{} is no operator of module SVG", operator.spelling()))),
        }
    }

    fn write_element(&mut self, text: &mut String, element: &Value) -> Evaluated<()> {
        let element = self.force(element)?;
        if !matches!(element, Value::Record(_)) {
            return Err(EvalError::undefined(format!(
                "an SVG element must be a record, found {} {}",
                kind_word(&element),
                self.show(&element)
            )));
        }
        let name = self.part(&element, "name")?;
        text.push('<');
        text.push_str(&name);
        let attributes = self.field(&element, self.names.string("attrs"))?;
        let attributes = self.force(&attributes)?;
        for (key, value) in function_pairs(&attributes) {
            let key = self.string_argument(Primitive::SvgElemToString, &key)?;
            let value = self.string_argument(Primitive::SvgElemToString, &value)?;
            text.push_str(&format!(" {}='{value}'", key.replace('_', "-")));
        }
        text.push('>');
        let inner = self.part(&element, "innerText")?;
        text.push_str(&inner.replace("<<", "&lt;&lt;").replace(">>", "&gt;&gt;"));
        let children = self.field(&element, self.names.string("children"))?;
        let children = self.force(&children)?;
        if !matches!(children, Value::Tuple(_) | Value::Record(_) | Value::Function(_)) {
            return Err(self.bad_argument(Primitive::SvgElemToString, &children, "a sequence or function of children"));
        }
        for (_, child) in function_pairs(&children) {
            self.write_element(text, &child)?;
        }
        text.push_str(&format!("</{name}>"));
        Ok(())
    }

    fn part(&mut self, element: &Value, field: &str) -> Evaluated<Arc<str>> {
        let value = self.field(element, self.names.string(field))?;
        self.string_argument(Primitive::SvgElemToString, &value)
    }

    /// `NodeOfRingNetwork(cx, cy, r, n, m)`: coordinates are rounded towards zero.
    fn place_on_circle(&mut self, numbers: &[Value]) -> Evaluated<Value> {
        let mut floats = Vec::new();
        for number in numbers {
            match number {
                Value::Int(number) => floats.push(*number as f64),
                other => return Err(self.bad_argument(Primitive::NodeOfRingNetwork, other, "integers")),
            }
        }
        let [cx, cy, radius, node, nodes] = floats[..] else {
            return Err(EvalError::undefined("NodeOfRingNetwork needs five integers"));
        };
        let angle = 2.0 * std::f64::consts::PI / nodes * node;
        let place = [("x", cx + radius * angle.cos()), ("y", cy + radius * angle.sin())];
        let pairs = place.map(|(axis, coordinate)| (self.string_value(axis), Value::Int(coordinate as i64)));
        self.function_from_pairs(pairs.into())
    }
}
