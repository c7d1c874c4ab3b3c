//! Values as words of a state.
//!
//! The three highest bits say what the other 29 are: the number of an interned value, a small integer, a string, a
//! model value or a Boolean. An integer that does not fit is interned.

use tla_model::value::{ModelValueId, StringId, Value};

const SHIFT: u32 = 29;
const MASK: u32 = (1 << SHIFT) - 1;
const INTEGER: u32 = 1;
const STRING: u32 = 2;
const MODEL: u32 = 3;
const BOOLEAN: u32 = 4;
const HALF: i64 = 1 << (SHIFT - 1);

/// Most values that can be interned.
pub const MOST_INTERNED: u32 = MASK;

/// What a word stands for.
#[derive(Debug, Clone)]
pub enum Word {
    /// The value itself.
    Value(Value),
    /// The number of an interned value.
    Interned(u32),
}

/// The word of a scalar, if it fits one.
pub fn scalar(value: &Value) -> Option<u32> {
    let tagged = |tag: u32, payload: u32| (payload <= MASK).then_some(tag << SHIFT | payload);
    match value {
        Value::Bool(b) => tagged(BOOLEAN, u32::from(*b)),
        Value::Int(i) if (-HALF..HALF).contains(i) => tagged(INTEGER, (*i + HALF) as u32),
        Value::String(id) => tagged(STRING, id.0),
        Value::Model(id) => tagged(MODEL, id.0),
        Value::Int(_)
        | Value::BigInt(_)
        | Value::Interval(_)
        | Value::Set(_)
        | Value::Tuple(_)
        | Value::Record(_)
        | Value::Function(_)
        | Value::Lazy(_)
        | Value::Rule(_) => None,
    }
}

/// What a word stands for.
pub fn read(word: u32) -> Word {
    let payload = word & MASK;
    match word >> SHIFT {
        INTEGER => Word::Value(Value::Int(i64::from(payload) - HALF)),
        STRING => Word::Value(Value::String(StringId(payload))),
        MODEL => Word::Value(Value::Model(ModelValueId(payload))),
        BOOLEAN => Word::Value(Value::Bool(payload == 1)),
        _ => Word::Interned(payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(value: Value) {
        let word = scalar(&value).expect("a small scalar");
        match read(word) {
            Word::Value(back) => assert!(back.structurally_equal(&value)),
            Word::Interned(_) => panic!("a scalar became a number"),
        }
    }

    #[test]
    fn small_scalars_are_their_own_words() {
        for i in [0, 1, -1, HALF - 1, -HALF] {
            round_trip(Value::Int(i));
        }
        round_trip(Value::Bool(true));
        round_trip(Value::String(StringId(7)));
        round_trip(Value::Model(ModelValueId(3)));
    }

    #[test]
    fn large_integers_are_interned() {
        assert!(scalar(&Value::Int(HALF)).is_none());
        assert!(scalar(&Value::Int(-HALF - 1)).is_none());
    }
}
