//! Operators of the standard modules, which have no text.
//!
//! What happens outside the specification (files, randomness, TLC's own state) is declined, and so is what only proofs
//! use. Bags have a file of their own.

use crate::apply::Operand;
use crate::bags;
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::Meaning;
use crate::order::compare;
use crate::value::{SymbolicSet, Value, tuple_components};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use std::cmp::Ordering;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::library::BuiltinModule;

/// What an operator of a module without text means.
pub(crate) fn meaning<'s>(module: &'static BuiltinModule, name: &'static str) -> Meaning<'s> {
    let native: &[&str] = match module.name {
        "Naturals" => &["+", "-", "*", "^", "%", "\\div", "..", "<", ">", "<=", ">=", "Nat"],
        "Integers" => &["Int", "-."],
        "Reals" => &["Real"],
        "Sequences" => &["Seq", "Len", "\\o", "Append", "Head", "Tail", "SubSeq", "SelectSeq"],
        "FiniteSets" => &["IsFiniteSet", "Cardinality"],
        "TLC" => &[
            "Print",
            "PrintT",
            "Assert",
            ":>",
            "@@",
            "Permutations",
            "SortSeq",
            "Any",
            "ToString",
            "TLCEval",
            "TLCSet",
            "TLCGet",
        ],
        "TLCExt" => &["TLCNoOp", "TLCCache", "TLCDefer"],
        "Bags" => bags::OPERATORS,
        _ => &[],
    };
    if native.contains(&name) {
        Meaning::Native(name)
    } else if draws(module.name, name) {
        Meaning::Unsupported(format!("{name} of module {}, {AT_RANDOM}", module.name))
    } else {
        Meaning::Unsupported(format!("{name} of module {}", module.name))
    }
}

/// How the name of a construct ends that nobody can check again: which value was drawn is not part of a behavior.
pub const AT_RANDOM: &str = "a choice at random, whose value cannot be found again";

fn draws(module: &str, name: &str) -> bool {
    match module {
        "TLC" => name == "RandomElement",
        "Randomization" => true,
        _ => false,
    }
}

/// Whether the text of this module only stands for something outside the specification.
pub(crate) fn is_opaque(module: &str) -> bool {
    matches!(module, "IOUtils" | "CSV" | "SVG" | "ShiViz" | "GraphViz" | "HTML" | "DifferentialEquations")
}

/// Whether TLC evaluates this community module natively: its text says the same, but may range over infinite sets.
pub(crate) fn is_native_elsewhere(module: &str) -> bool {
    matches!(
        module,
        "BagsExt"
            | "Bitwise"
            | "Combinatorics"
            | "DyadicRationals"
            | "FiniteSetsExt"
            | "Functions"
            | "Graphs"
            | "SequencesExt"
            | "Statistics"
            | "UndirectedGraphs"
            | "VectorClocks"
    )
}

/// Applies a native operator.
pub(crate) fn apply<'s>(
    evaluator: &mut Evaluator<'s>,
    name: &str,
    operands: &[Operand<'_, 's>],
    span: Span,
) -> Outcome<Value<'s>> {
    // An operator that is itself an argument has no value: it stays an operator.
    let values = match (name, operands) {
        ("SelectSeq" | "SortSeq", [sequence, _]) => vec![evaluator.operand(sequence)?],
        // Both are TRUE whatever else they do, and what they do is nobody's business here.
        ("TLCSet", [_, _]) | ("TLCDefer", [_]) => return Ok(Value::Bool(true)),
        ("TLCCache", [value, _]) => return evaluator.operand(value),
        ("BagOfAll", [operator, bag]) => {
            let operator = evaluator.operator_operand(operator)?;
            let bag = evaluator.operand(bag)?;
            return evaluator.bag_of_all(&operator, &bag, span);
        }
        (_, _) => operands.iter().map(|o| evaluator.operand(o)).collect::<Outcome<_>>()?,
    };
    if bags::OPERATORS.contains(&name) {
        return evaluator.bag_operator(name, &values, span);
    }
    match (&values[..], operands) {
        ([], _) => constant(name, span),
        ([sequence], [_, operator]) => {
            let operator = evaluator.operator_operand(operator)?;
            let items = evaluator.sequence(sequence, span)?;
            match name {
                "SelectSeq" => evaluator.select_sequence(items, &operator, span),
                _ => evaluator.sort_sequence(items, &operator, span),
            }
        }
        ([only], _) => evaluator.native_unary(name, only, span),
        ([left, right], _) => evaluator.native_binary(name, left, right, span),
        ([sequence, from, to], _) if name == "SubSeq" => evaluator.subsequence(sequence, from, to, span),
        (_, _) => Fault::unsupported(span, format!("{name} with {} operands", operands.len())),
    }
}

fn constant<'s>(name: &str, span: Span) -> Outcome<Value<'s>> {
    let set = match name {
        "Nat" => SymbolicSet::Naturals,
        "Int" => SymbolicSet::Integers,
        "Real" => SymbolicSet::Reals,
        "Any" => SymbolicSet::Any,
        _ => return Fault::unsupported(span, format!("{name} without operands")),
    };
    Ok(Value::symbolic(set))
}

pub(crate) fn integer<'a>(value: &'a Value<'_>, span: Span) -> Outcome<&'a BigInt> {
    Fault::unless_decided(value, span)?;
    match value {
        Value::Int(integer) => Ok(integer),
        other => Fault::undefined(span, format!("an integer was expected here, not {}", other.kind())),
    }
}

/// The characters of a string or the items of a sequence: TLC takes strings for sequences in places.
enum Row<'s> {
    Characters(Vec<char>),
    Items(Vec<Value<'s>>),
}

/// What is said where a state has no level.
pub(crate) const NO_LEVEL: &str = "TLCGet(\"level\") where a state has none";

impl<'s> Evaluator<'s> {
    fn native_unary(&mut self, name: &str, value: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        match name {
            "-." => Ok(Value::Int(-integer(value, span)?.clone())),
            "Seq" => {
                self.expect_set(value, span)?;
                Ok(Value::symbolic(SymbolicSet::Sequences(value.clone())))
            }
            "Len" => Ok(match self.row(value, span)? {
                Row::Characters(characters) => Value::int(characters.len()),
                Row::Items(items) => Value::int(items.len()),
            }),
            "Head" => match self.sequence(value, span)?.first() {
                Some(first) => Ok(first.clone()),
                None => Fault::undefined(span, "Head of the empty sequence"),
            },
            "Tail" => match self.row(value, span)? {
                Row::Characters(characters) if !characters.is_empty() => Ok(self.string(&characters[1..])),
                Row::Items(items) if !items.is_empty() => Ok(Value::tuple(items.into_iter().skip(1))),
                Row::Characters(_) | Row::Items(_) => Fault::undefined(span, "Tail of the empty sequence"),
            },
            "IsFiniteSet" => {
                self.expect_set(value, span)?;
                Ok(Value::Bool(self.is_finite(value)))
            }
            "Cardinality" if self.is_finite(value) => self.cardinality(value, span).map(Value::Int),
            "Cardinality" => Fault::undefined(span, "the cardinality of something that is no finite set"),
            "PrintT" => {
                let line = self.printed_form(value, span)?;
                self.print_line(line);
                Ok(Value::Bool(true))
            }
            "Permutations" => self.permutations(value, span),
            "ToString" => {
                let text = self.printed_form(value, span)?;
                Ok(Value::Text(self.strings.text(&text.into())))
            }
            "TLCEval" | "TLCNoOp" => self.normal(value, span),
            "TLCGet" => self.level(value, span),
            _ => Fault::unsupported(span, format!("{name} with one operand")),
        }
    }

    /// `TLCGet("level")`: the place of the present state in the behavior that is replayed. Everything else that TLC can be
    /// asked for is nothing that a behavior tells.
    fn level(&mut self, what: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let asks_level = matches!(what, Value::Text(text) if &*text.name == "level");
        if asks_level && self.behavior.is_empty() {
            return Fault::unsupported(span, NO_LEVEL.to_owned());
        }
        let place = self
            .moment
            .current
            .as_ref()
            .filter(|_| asks_level)
            .and_then(|current| self.behavior.iter().position(|state| Rc::ptr_eq(state, current)));
        match place {
            Some(place) => {
                self.reads += 1;
                Ok(Value::Int(BigInt::from(place + 1)))
            }
            None => Fault::unsupported(span, "TLCGet of something that the behavior does not tell".to_owned()),
        }
    }

    fn native_binary(&mut self, name: &str, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        match name {
            "\\o" => match (self.row(left, span)?, self.row(right, span)?) {
                (Row::Characters(left), Row::Characters(right)) => Ok(self.string(&[left, right].concat())),
                (Row::Items(left), Row::Items(right)) => Ok(Value::tuple(left.into_iter().chain(right))),
                (_, _) => Fault::undefined(span, "a string is concatenated with a sequence"),
            },
            "Append" => {
                let items = self.sequence(left, span)?;
                Ok(Value::tuple(items.into_iter().chain([right.clone()])))
            }
            "Print" => {
                let line = format!("{}  {}", self.printed_form(left, span)?, self.printed_form(right, span)?);
                self.print_line(line);
                Ok(right.clone())
            }
            "Assert" if matches!(left, Value::Open(_)) => Fault::unless_decided(left, span).map(|()| Value::Bool(true)),
            "Assert" => match left {
                Value::Bool(true) => Ok(Value::Bool(true)),
                Value::Bool(false) => Err(Fault::Assert { message: self.print(right), span }),
                other => Fault::undefined(span, format!("the first argument of Assert is {}", other.kind())),
            },
            ":>" => self.function_of(vec![(left.clone(), right.clone())], span),
            "@@" => self.override_function(left, right, span),
            _ => arithmetic(name, integer(left, span)?, integer(right, span)?, span),
        }
    }

    /// A value in TLC's notation; one without a normal form cannot be printed.
    fn printed_form(&mut self, value: &Value<'s>, span: Span) -> Outcome<String> {
        let value = self.normal(value, span)?;
        Fault::unless_wholly_decided(&value, span)?;
        Ok(self.print(&value))
    }

    /// Remembers a printed line, unless there are too many.
    fn print_line(&mut self, line: String) {
        if self.printed.len() < 10_000 {
            self.printed.push(line);
        }
    }

    fn row(&mut self, value: &Value<'s>, span: Span) -> Outcome<Row<'s>> {
        Fault::unless_decided(value, span)?;
        match value {
            Value::Text(text) => Ok(Row::Characters(text.name.chars().collect())),
            other => Ok(Row::Items(self.sequence(other, span)?)),
        }
    }

    fn sequence(&mut self, value: &Value<'s>, span: Span) -> Outcome<Vec<Value<'s>>> {
        Fault::unless_decided(value, span)?;
        if let Value::Function(pairs) = self.normal(value, span)?
            && let Some(items) = tuple_components(&pairs)
        {
            return Ok(items.into_iter().cloned().collect());
        }
        Fault::undefined(span, format!("a sequence was expected here, not {}", value.kind()))
    }

    fn string(&mut self, characters: &[char]) -> Value<'s> {
        Value::Text(self.strings.text(&characters.iter().collect::<String>().into()))
    }

    fn subsequence(
        &mut self,
        sequence: &Value<'s>,
        from: &Value<'s>,
        to: &Value<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        let row = self.row(sequence, span)?;
        let (from, to) = (integer(from, span)?, integer(to, span)?);
        let length = match &row {
            Row::Characters(characters) => characters.len(),
            Row::Items(items) => items.len(),
        };
        let range = if from > to { Some(0..0) } else { index_range(from, to, length) };
        match (range, row) {
            (Some(range), Row::Characters(characters)) => Ok(self.string(&characters[range])),
            (Some(range), Row::Items(items)) => Ok(Value::tuple(items[range].iter().cloned())),
            (None, _) => Fault::undefined(span, "SubSeq beyond the ends of the sequence"),
        }
    }

    fn operator_operand(&mut self, operand: &Operand<'_, 's>) -> Outcome<Meaning<'s>> {
        match operand {
            Operand::Expr(expr, env) => self.operator_argument(expr, env, 1),
            Operand::Meaning(meaning, _) => Ok((*meaning).clone()),
        }
    }

    /// An operator applied to values.
    pub(crate) fn apply_to_values(
        &mut self,
        operator: &Meaning<'s>,
        values: &[Value<'s>],
        span: Span,
    ) -> Outcome<Value<'s>> {
        let meanings: Vec<_> = values.iter().cloned().map(Meaning::Value).collect();
        let operands: Vec<_> = meanings.iter().map(|meaning| Operand::Meaning(meaning, span)).collect();
        self.apply(operator, &operands, span)
    }

    /// The truth value of an operator applied to values.
    fn test(&mut self, operator: &Meaning<'s>, values: &[Value<'s>], span: Span) -> Outcome<bool> {
        let value = self.apply_to_values(operator, values, span)?;
        Self::truth(&value, span)
    }

    fn select_sequence(&mut self, items: Vec<Value<'s>>, operator: &Meaning<'s>, span: Span) -> Outcome<Value<'s>> {
        let mut selected = Vec::new();
        for item in items {
            if self.test(operator, std::slice::from_ref(&item), span)? {
                selected.push(item);
            }
        }
        Ok(Value::tuple(selected))
    }

    /// Insertion sort that moves an item before those that it precedes strictly, as TLC does: equal items keep their
    /// order.
    fn sort_sequence(&mut self, items: Vec<Value<'s>>, operator: &Meaning<'s>, span: Span) -> Outcome<Value<'s>> {
        let mut sorted: Vec<Value<'s>> = Vec::with_capacity(items.len());
        for item in items {
            let mut place = sorted.len();
            while place > 0 && self.test(operator, &[item.clone(), sorted[place - 1].clone()], span)? {
                place -= 1;
            }
            sorted.insert(place, item);
        }
        Ok(Value::tuple(sorted))
    }

    fn permutations(&mut self, set: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let listed = Value::Set(self.list(set, span)?);
        Fault::unless_wholly_decided(&listed, span)?;
        let functions = Value::symbolic(SymbolicSet::Functions(set.clone(), set.clone()));
        let mut permutations = Vec::new();
        for function in self.elements(&functions, span)? {
            self.step(span)?;
            let Value::Function(pairs) = &function else { continue };
            let is_hit_twice = pairs.iter().enumerate().any(|(index, (_, value))| {
                pairs[..index].iter().any(|(_, earlier)| compare(earlier, value).is_ok_and(Ordering::is_eq))
            });
            if !is_hit_twice {
                permutations.push(function);
            }
        }
        Ok(Value::sorted_set(permutations))
    }
}

fn index_range(from: &BigInt, to: &BigInt, length: usize) -> Option<std::ops::Range<usize>> {
    let (from, to) = (from.to_usize()?, to.to_usize()?);
    (from >= 1 && to <= length).then(|| from - 1..to)
}

/// Arithmetic is exact: where TLC reports an overflow we go on.
fn arithmetic<'s>(name: &str, left: &BigInt, right: &BigInt, span: Span) -> Outcome<Value<'s>> {
    match name {
        "+" => Ok(Value::Int(left + right)),
        "-" => Ok(Value::Int(left - right)),
        "*" => Ok(Value::Int(left * right)),
        "<" => Ok(Value::Bool(left < right)),
        ">" => Ok(Value::Bool(left > right)),
        "<=" => Ok(Value::Bool(left <= right)),
        ">=" => Ok(Value::Bool(left >= right)),
        ".." if left > right => Ok(Value::sorted_set(Vec::new())),
        ".." => Ok(Value::Interval(left.clone(), right.clone())),
        "\\div" if right.is_zero() => Fault::undefined(span, "division by zero"),
        "\\div" => Ok(Value::Int(left.div_floor(right))),
        "%" if !right.is_positive() => Fault::undefined(span, "% needs a positive divisor"),
        "%" => Ok(Value::Int(left.mod_floor(right))),
        "^" => power(left, right, span),
        _ => Fault::unsupported(span, format!("{name} with two operands")),
    }
}

fn power<'s>(base: &BigInt, exponent: &BigInt, span: Span) -> Outcome<Value<'s>> {
    if exponent.is_negative() {
        return Fault::undefined(span, "the exponent is negative");
    }
    if exponent.is_zero() && base.is_zero() {
        return Fault::undefined(span, "0^0 is undefined");
    }
    match exponent.to_u32() {
        Some(exponent) if u64::from(exponent) * base.bits() < 1_000_000 => Ok(Value::Int(base.pow(exponent))),
        Some(_) | None => Fault::too_large(span, "a power with more than a million binary digits"),
    }
}
