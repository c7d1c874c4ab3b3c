//! Declared types as a hint where shapes are supposed.
//!
//! What one argument of a function was met to have, the others are likely to have later; of the fields of a record that is not
//! so. Both look alike where the arguments are strings, and a function on strings is the usual one in specifications that are
//! written for Apalache (`"p1_OF_PROCESS"`). A declared type tells them apart. It is asked only where suppositions have proved too
//! narrow already: on the public models nothing was gained before that, and one had half as many latches again. And it is not
//! believed: where the values of a function that is declared differ in kind, nothing is made of it, and what is supposed too
//! narrowly is found as ever.

use crate::data::Data;
use crate::translate::state::Shape;
use tla_compile::shape::Datum;
use tla_model::value::names::Names;
use tla_syntax::annotation::{Type, TypeKind};

/// Makes like places alike, as [`Shape::even`] does, with what a type says of which they are.
pub fn even(shape: &mut Shape, declared: &Type, data: &Data, names: &Names) {
    match (&mut *shape, &declared.kind) {
        (Shape::Map(_, parts) | Shape::Sequence(parts), TypeKind::Function(_, part) | TypeKind::Seq(part)) => {
            match joined(parts) {
                Some(mut all) => {
                    even(&mut all, part, data, names);
                    parts.fill(all);
                }
                None => shape.even(data),
            }
        }
        (Shape::Map(_, parts), TypeKind::Tuple(types)) if parts.len() == types.len() => {
            parts.iter_mut().zip(types).for_each(|(part, of)| even(part, of, data, names));
            // Parts of one kind are made alike all the same: a type says nothing of ranges.
            shape.even(data);
        }
        (Shape::Map(keys, parts), TypeKind::Record(fields, _)) => {
            for (key, part) in keys.iter().zip(parts) {
                let of = match data.datum(*key) {
                    Datum::String(id) => fields.iter().find(|(known, _)| known.name == names.text(*id)),
                    Datum::Bool(_) | Datum::Int(_) | Datum::Model(_) | Datum::Set(_) | Datum::Map(..) => None,
                };
                match of {
                    Some((_, of)) => even(part, of, data, names),
                    None => part.even(data),
                }
            }
        }
        _ => shape.even(data),
    }
}

/// Room for all of them in one place; none where they differ in kind.
fn joined(parts: &[Shape]) -> Option<Shape> {
    let mut all = Shape::Never;
    parts.iter().for_each(|part| all.join(part));
    let is_union = |shape: &Shape| matches!(shape, Shape::Union(_));
    (!is_union(&all) || parts.iter().any(is_union)).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tla_syntax::load::load_from_text;

    fn declared(text: &str) -> Type {
        let text = format!("---- MODULE T ----\nVARIABLE \\* @type: {text};\n x\n====\n");
        let specification = load_from_text("T", &text, &[]).expect("a module");
        tla_syntax::annotation::read(&specification).declared.pop().expect("a type").of
    }

    /// `[p |-> 1, q |-> <<2, {3}>>]` and the like, made even with a type and without.
    fn evened(value: &Datum, text: &str, names: &Names) -> (Shape, Shape) {
        let mut data = Data::default();
        let mut shape = Shape::Never;
        let _new = shape.include(value, &mut data);
        let mut without = shape.clone();
        without.even(&data);
        even(&mut shape, &declared(text), &data, names);
        (shape, without)
    }

    fn on_strings(names: &Names, values: Vec<Datum>) -> Datum {
        let keys = ["p", "q", "r"].iter().take(values.len()).map(|name| Datum::String(names.string(name)));
        Datum::Map(keys.collect(), values)
    }

    #[test]
    fn values_of_a_function_on_strings_are_alike() {
        let names = Names::new();
        let value = on_strings(&names, vec![Datum::Int(1), Datum::Int(7)]);
        for text in ["Str -> Int", "PROCESS -> Int", "a -> b"] {
            let (with, without) = evened(&value, text, &names);
            assert_eq!((with.latches(), without.latches()), (4, 2), "{text}");
        }
        let inner = Datum::Map(vec![Datum::String(names.string("f"))], vec![value]);
        let (with, without) = evened(&inner, "{ f: Str -> Int }", &names);
        assert_eq!((with.latches(), without.latches()), (4, 2));
    }

    #[test]
    fn a_wrong_type_changes_nothing() {
        let names = Names::new();
        let values = vec![Datum::Int(1), Datum::Set(vec![Datum::Int(3)]), Datum::Bool(true)];
        for value in [on_strings(&names, values), Datum::Set(vec![Datum::Int(3)]), Datum::Int(3)] {
            for text in ["Str -> Int", "Int", "{ p: Str, x: Int }", "Seq(Str)", "P -> Seq(Int)", "<<Int, Int, Int>>"] {
                let (with, without) = evened(&value, text, &names);
                assert_eq!(with, without, "{value:?}: {text}");
            }
        }
    }
}
