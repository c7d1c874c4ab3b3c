//! Module `Json`: values as JSON (RFC 8259) and back.
//!
//! Records and other functions become objects, sequences and sets arrays, strings and model values strings. An argument
//! of a function that is no string becomes the key that TLC prints for it. Back come sequences, records, strings,
//! integers and Booleans: what was a set before is a sequence then, and `null` and fractions are refused.

use super::outside::WriteMode;
use super::{Machine, kind_word};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use crate::value::show::function_pairs;
use num_bigint::BigInt;

impl Machine<'_> {
    /// The operators of module `Json`.
    pub(super) fn json_operator(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        match (operator, arguments) {
            (Primitive::ToJson, [value]) => {
                let json = self.json_of(value)?;
                Ok(self.string_value(&json.to_string()))
            }
            (Primitive::ToJsonArray, [value]) => {
                let json = self.json_array_of(value)?;
                Ok(self.string_value(&json.to_string()))
            }
            (Primitive::ToJsonObject, [value]) => {
                let json = self.json_object_of(value)?;
                Ok(self.string_value(&json.to_string()))
            }
            (Primitive::JsonSerialize, [path, value]) => {
                let value = self.force(value)?;
                if !matches!(value, Value::Tuple(_) | Value::Record(_)) {
                    return Err(self.not_serializable(operator, &value, "a sequence or a record"));
                }
                let text = self.json_of(&value)?.to_string();
                self.write(operator, path, &text, WriteMode::REPLACE)
            }
            (Primitive::NdJsonSerialize, [path, value]) => {
                let text = self.json_lines(operator, value)?;
                self.write(operator, path, &text, WriteMode::REPLACE)
            }
            (Primitive::JsonDeserialize, [path]) => {
                let text = self.read(operator, path)?;
                self.parsed_json(operator, &text)
            }
            (Primitive::NdJsonDeserialize, [path]) => {
                let text = self.read(operator, path)?;
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                Ok(Value::tuple(lines.map(|line| self.parsed_json(operator, line)).collect::<Evaluated<_>>()?))
            }
            _ => Err(EvalError::undefined(format!("{} is no operator of module Json", operator.spelling()))),
        }
    }

    /// The elements of a sequence as lines.
    pub(super) fn json_lines(&mut self, operator: Primitive, value: &Value) -> Evaluated<String> {
        let value = self.force(value)?;
        let Value::Tuple(rows) = &value else {
            return Err(self.not_serializable(operator, &value, "a sequence"));
        };
        let mut text = String::new();
        for row in &rows.elements {
            text.push_str(&self.json_of(row)?.to_string());
            text.push('\n');
        }
        Ok(text)
    }

    fn not_serializable(&self, operator: Primitive, value: &Value, wanted: &str) -> Box<EvalError> {
        EvalError::undefined(format!(
            "{} needs {wanted}, found {} {}",
            operator.spelling(),
            kind_word(value),
            self.show(value)
        ))
    }

    fn json_of(&mut self, value: &Value) -> Evaluated<Json> {
        let value = self.force(value)?;
        Ok(match &value {
            Value::Bool(b) => Json::Word(if *b { "true" } else { "false" }),
            Value::Int(i) => Json::Number(BigInt::from(*i)),
            Value::BigInt(i) => Json::Number((**i).clone()),
            Value::String(id) => Json::Text(self.names.text(*id).to_string()),
            Value::Model(id) => Json::Text(self.names.model(*id).name.to_string()),
            Value::Set(_) | Value::Interval(_) | Value::Tuple(_) | Value::Lazy(_) => return self.json_array_of(&value),
            Value::Record(_) | Value::Function(_) | Value::Rule(_) => return self.json_object_of(&value),
        })
    }

    fn json_array_of(&mut self, value: &Value) -> Evaluated<Json> {
        let value = self.force(value)?;
        let elements = match &value {
            Value::Tuple(tuple) => tuple.elements.clone(),
            Value::Set(_) | Value::Interval(_) | Value::Lazy(_) => self.element_vec(&value)?,
            Value::Function(_) => return self.json_object_of(&value),
            other => return Err(self.not_serializable(Primitive::ToJsonArray, other, "a sequence or a set")),
        };
        Ok(Json::Array(elements.iter().map(|element| self.json_of(element)).collect::<Evaluated<_>>()?))
    }

    fn json_object_of(&mut self, value: &Value) -> Evaluated<Json> {
        let value = self.force(value)?;
        let mut members = Vec::new();
        match &value {
            // TLC counts the places of a sequence from 0 here.
            Value::Tuple(tuple) => {
                for (place, element) in tuple.elements.iter().enumerate() {
                    members.push((place.to_string(), self.json_of(element)?));
                }
            }
            Value::Record(_) | Value::Function(_) => {
                for (key, element) in function_pairs(&value) {
                    let key = match key {
                        Value::String(id) => self.names.text(id).to_string(),
                        other => self.show(&other),
                    };
                    members.push((key, self.json_of(&element)?));
                }
            }
            other => return Err(self.not_serializable(Primitive::ToJsonObject, other, "a function")),
        }
        Ok(Json::Object(members))
    }

    fn parsed_json(&mut self, operator: Primitive, text: &str) -> Evaluated<Value> {
        let json = serde_json::from_str(text).map_err(|error| {
            EvalError::undefined(format!("{}: the file is no JSON text: {error}", operator.spelling()))
        })?;
        self.value_of_json(&json)
    }

    fn value_of_json(&mut self, json: &serde_json::Value) -> Evaluated<Value> {
        Ok(match json {
            serde_json::Value::Null => return Err(EvalError::undefined("JSON's null is no value of TLA+")),
            serde_json::Value::Bool(b) => Value::Bool(*b),
            serde_json::Value::Number(number) => return integer_of(number),
            serde_json::Value::String(text) => self.string_value(text),
            serde_json::Value::Array(items) => {
                Value::tuple(items.iter().map(|item| self.value_of_json(item)).collect::<Evaluated<_>>()?)
            }
            serde_json::Value::Object(members) => {
                let mut pairs = Vec::new();
                for (key, member) in members {
                    pairs.push((self.string_value(key), self.value_of_json(member)?));
                }
                self.function_from_pairs(pairs)?
            }
        })
    }

    /// The string as a value.
    pub fn string_value(&self, text: &str) -> Value {
        Value::String(self.names.string(text))
    }
}

fn integer_of(number: &serde_json::Number) -> Evaluated<Value> {
    let whole = number.as_i64().map(BigInt::from).or_else(|| number.as_u64().map(BigInt::from));
    let whole = whole.or_else(|| {
        // Numbers such as 1e3; beyond 2^53 digits would be lost.
        let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0);
        float.map(|float| BigInt::from(float as i64))
    });
    whole.map(Value::integer).ok_or_else(|| {
        EvalError::new(ErrorClass::Declined, format!("the JSON number {number} is no integer"))
            .with_remedy("write fractions as strings")
    })
}

/// A JSON text, members in order; written without blanks.
enum Json {
    Word(&'static str),
    Number(BigInt),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write_string(f, text),
            Self::Array(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    f.write_str(if index > 0 { "," } else { "" })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (index, (key, member)) in members.iter().enumerate() {
                    f.write_str(if index > 0 { "," } else { "" })?;
                    write_string(f, key)?;
                    f.write_str(":")?;
                    member.fmt(f)?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_string(f: &mut std::fmt::Formatter<'_>, text: &str) -> std::fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            // The two separators are allowed, but not in JavaScript.
            c if (c as u32) < 0x20 || c == '\u{2028}' || c == '\u{2029}' => write!(f, "\\u{:04x}", c as u32)?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}
