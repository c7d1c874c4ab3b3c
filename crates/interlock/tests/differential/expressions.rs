//! Random expressions of a type, fully parenthesised.
//!
//! Whatever goes into a variable or into another value is brought back into its type (`% 3`, a short sequence), so state
//! spaces stay finite. Operations that have no value everywhere (`Head`, application, `CHOOSE`, unlike comparisons) occur
//! rarely, so that errors are met but most cases run to the end.

use super::choices::Choices;
use super::types::Type;

/// Makes expressions.
pub struct Expressions<'c> {
    pub choices: &'c mut Choices,
    /// Names in scope with their types.
    pub scope: Vec<(String, Type)>,
    /// Operators in scope: name, types of parameters, type.
    pub operators: Vec<(String, Vec<Type>, Type)>,
    /// Whether operations without a value everywhere may occur.
    pub risky: bool,
    fresh: usize,
}

fn set_of(inner: &Type) -> Type {
    Type::Set(Box::new(inner.clone()))
}

impl<'c> Expressions<'c> {
    pub fn new(choices: &'c mut Choices, risky: bool) -> Self {
        Self { choices, scope: Vec::new(), operators: Vec::new(), risky, fresh: 0 }
    }

    pub fn fresh(&mut self, prefix: &str) -> String {
        self.fresh += 1;
        format!("{prefix}{}", self.fresh)
    }

    fn risk(&mut self) -> bool {
        self.risky && self.choices.rarely(8)
    }

    /// An expression whose value lies in the type.
    pub fn value(&mut self, wanted: &Type, depth: usize) -> String {
        let text = self.any(wanted, depth);
        match wanted {
            Type::Int => format!("({text} % 3)"),
            Type::Seq(_) => {
                let name = self.fresh("q");
                format!("(LET {name} == {text} IN IF Len({name}) < 3 THEN {name} ELSE << >>)")
            }
            _ => text,
        }
    }

    /// An expression inside which a name is bound.
    fn inside(&mut self, name: &str, of: &Type, wanted: &Type, depth: usize) -> String {
        self.scope.push((name.to_owned(), of.clone()));
        let text = self.value(wanted, depth);
        self.scope.pop();
        text
    }

    fn literal(&mut self, wanted: &Type) -> String {
        match wanted {
            Type::Bool => ["TRUE", "FALSE"][self.choices.below(2)].to_owned(),
            Type::Int => self.choices.below(3).to_string(),
            Type::Str => format!("\"{}\"", ["a", "b", "c"][self.choices.below(3)]),
            Type::Model => ["m1", "m2"][self.choices.below(2)].to_owned(),
            Type::Set(inner) => match self.choices.below(3) {
                0 => "{}".to_owned(),
                1 => format!("{{{}}}", self.literal(inner)),
                _ => format!("{{{}, {}}}", self.literal(inner), self.literal(inner)),
            },
            Type::Fun(keys, inner) => {
                let name = self.fresh("k");
                format!("[{name} \\in {} |-> {}]", keys.keys(), self.literal(inner))
            }
            Type::Rec(first, second) => format!("[a |-> {}, b |-> {}]", self.literal(first), self.literal(second)),
            Type::Seq(inner) => match self.choices.below(2) {
                0 => "<< >>".to_owned(),
                _ => format!("<<{}>>", self.literal(inner)),
            },
            Type::Tup(first, second) => format!("<<{}, {}>>", self.literal(first), self.literal(second)),
        }
    }

    /// A name of the type, or a part of a name.
    fn leaf(&mut self, wanted: &Type) -> String {
        let mut found = Vec::new();
        for (name, of) in &self.scope {
            if of == wanted {
                found.push(name.clone());
            }
            match of {
                Type::Fun(keys, inner) if **inner == *wanted => {
                    let key = match **keys {
                        Type::Str => "\"b\"",
                        Type::Model => "m2",
                        _ => "1",
                    };
                    found.push(format!("{name}[{key}]"));
                }
                Type::Rec(first, _) if **first == *wanted => found.push(format!("{name}.a")),
                Type::Rec(_, second) if **second == *wanted => found.push(format!("{name}.b")),
                Type::Tup(first, _) if **first == *wanted => found.push(format!("{name}[1]")),
                Type::Tup(_, second) if **second == *wanted => found.push(format!("{name}[2]")),
                _ => {}
            }
        }
        if found.is_empty() || self.choices.rarely(4) {
            return self.literal(wanted);
        }
        self.choices.one(&found).unwrap_or_default()
    }

    /// A small type that can be bound or compared.
    fn small(&mut self) -> Type {
        let known: Vec<Type> = self.scope.iter().map(|(_, of)| of.clone()).filter(|of| of.size() <= 9).collect();
        if known.is_empty() || self.choices.rarely(4) {
            return self.choices.one(&[Type::Int, Type::Bool, Type::Str, Type::Model]).unwrap_or(Type::Int);
        }
        self.choices.one(&known).unwrap_or(Type::Int)
    }

    /// A set of a small type.
    fn small_set(&mut self, inner: &Type, depth: usize) -> String {
        if self.choices.below(2) == 0 || depth == 0 { inner.domain() } else { self.any(&set_of(inner), depth - 1) }
    }

    /// An expression of a type.
    pub fn any(&mut self, wanted: &Type, depth: usize) -> String {
        if depth == 0 {
            return self.leaf(wanted);
        }
        let depth = depth - 1;
        match self.choices.below(12) {
            0 | 1 => self.leaf(wanted),
            2 => {
                let (test, then, other) =
                    (self.any(&Type::Bool, depth), self.any(wanted, depth), self.any(wanted, depth));
                format!("(IF {test} THEN {then} ELSE {other})")
            }
            3 => self.let_in(wanted, depth),
            4 => self.choice(wanted, depth),
            5 => self.call(wanted, depth),
            _ => self.of_type(wanted, depth),
        }
    }

    fn let_in(&mut self, wanted: &Type, depth: usize) -> String {
        let of = self.small();
        let value = self.value(&of, depth);
        let name = self.fresh("l");
        if self.choices.below(2) == 0 {
            let body = self.inside(&name, &of, wanted, depth);
            return format!("(LET {name} == {value} IN {body})");
        }
        let parameter = self.fresh("p");
        let definition = self.inside(&parameter, &of, wanted, depth);
        format!("(LET {name}({parameter}) == {definition} IN {name}({value}))")
    }

    /// `CASE`, `CHOOSE`, an element of a set.
    fn choice(&mut self, wanted: &Type, depth: usize) -> String {
        match self.choices.below(3) {
            0 => {
                let (first, second) = (self.any(&Type::Bool, depth), self.any(&Type::Bool, depth));
                let (a, b) = (self.any(wanted, depth), self.any(wanted, depth));
                if self.risk() {
                    return format!("(CASE {first} -> {a} [] {second} -> {b})");
                }
                let other = self.any(wanted, depth);
                format!("(CASE {first} -> {a} [] {second} -> {b} [] OTHER -> {other})")
            }
            1 if wanted.size() <= 16 => {
                let name = self.fresh("c");
                let test = self.inside(&name, wanted, &Type::Bool, depth);
                if self.risk() {
                    let set = self.any(&set_of(wanted), depth);
                    return format!("(CHOOSE {name} \\in {set} : {test})");
                }
                let literal = self.literal(wanted);
                format!("(CHOOSE {name} \\in {} : {test} \\/ {name} = {literal})", wanted.domain())
            }
            _ => self.of_type(wanted, depth),
        }
    }

    fn call(&mut self, wanted: &Type, depth: usize) -> String {
        let fitting: Vec<_> = self.operators.iter().filter(|(_, _, of)| of == wanted).cloned().collect();
        let Some((name, parameters, _)) = self.choices.one(&fitting) else { return self.of_type(wanted, depth) };
        let arguments: Vec<String> = parameters.iter().map(|of| self.value(of, depth)).collect();
        if arguments.is_empty() { name } else { format!("{name}({})", arguments.join(", ")) }
    }

    fn of_type(&mut self, wanted: &Type, depth: usize) -> String {
        match wanted {
            Type::Bool => self.boolean(depth),
            Type::Int => self.integer(depth),
            Type::Str | Type::Model => self.application(wanted, depth),
            Type::Set(inner) => self.set(inner, depth),
            Type::Fun(keys, inner) => self.function(keys, inner, depth),
            Type::Rec(first, second) => match self.choices.below(3) {
                0 => format!("[a |-> {}, b |-> {}]", self.value(first, depth), self.value(second, depth)),
                1 => format!("[{} EXCEPT !.a = {}]", self.any(wanted, depth), self.value(first, depth)),
                _ => {
                    let (record, value) = (self.any(wanted, depth), self.value(second, depth));
                    let kept = if **second == Type::Bool { "~@" } else { "@" };
                    format!("[{record} EXCEPT !.b = {kept}, ![\"b\"] = {value}]")
                }
            },
            Type::Seq(inner) => self.sequence(inner, depth),
            Type::Tup(first, second) => match self.choices.below(2) {
                0 => format!("<<{}, {}>>", self.value(first, depth), self.value(second, depth)),
                _ => format!("[{} EXCEPT ![2] = {}]", self.any(wanted, depth), self.value(second, depth)),
            },
        }
    }

    /// An application that gives the type.
    fn application(&mut self, wanted: &Type, depth: usize) -> String {
        let keys = self.choices.one(&[Type::Int, Type::Str, Type::Model]).unwrap_or(Type::Int);
        let of = Type::Fun(Box::new(keys.clone()), Box::new(wanted.clone()));
        let function = self.any(&of, depth);
        let key = if self.risk() {
            self.value(&keys, depth)
        } else {
            let literal: [&str; 2] = match keys {
                Type::Str => ["\"a\"", "\"b\""],
                Type::Model => ["m1", "m2"],
                _ => ["0", "1"],
            };
            literal[self.choices.below(2)].to_owned()
        };
        format!("{function}[{key}]")
    }

    fn boolean(&mut self, depth: usize) -> String {
        let bool = Type::Bool;
        match self.choices.below(13) {
            0 => format!("(~ {})", self.any(&bool, depth)),
            1 => format!("({} /\\ {})", self.any(&bool, depth), self.any(&bool, depth)),
            2 => format!("({} \\/ {})", self.any(&bool, depth), self.any(&bool, depth)),
            3 => format!("({} => {})", self.any(&bool, depth), self.any(&bool, depth)),
            4 => format!("({} <=> {})", self.any(&bool, depth), self.any(&bool, depth)),
            5 | 6 => {
                let of = self.small();
                let other = if self.risk() { self.small() } else { of.clone() };
                let relation = ["=", "#"][self.choices.below(2)];
                format!("({} {relation} {})", self.any(&of, depth), self.any(&other, depth))
            }
            7 => {
                let relation = ["<", "<=", ">", ">="][self.choices.below(4)];
                format!("({} {relation} {})", self.any(&Type::Int, depth), self.any(&Type::Int, depth))
            }
            8 => {
                let of = self.small();
                let relation = ["\\in", "\\notin"][self.choices.below(2)];
                format!("({} {relation} {})", self.any(&of, depth), self.small_set(&of, depth))
            }
            9 => {
                let of = self.small();
                format!("({} \\subseteq {})", self.small_set(&of, depth), self.small_set(&of, depth))
            }
            10 | 11 => {
                let of = self.small();
                let set = self.small_set(&of, depth);
                let quantifier = ["\\E", "\\A"][self.choices.below(2)];
                let name = self.fresh("x");
                let body = self.inside(&name, &of, &bool, depth);
                format!("({quantifier} {name} \\in {set} : {body})")
            }
            _ => self.application(&bool, depth),
        }
    }

    fn integer(&mut self, depth: usize) -> String {
        let int = Type::Int;
        match self.choices.below(9) {
            0..=2 => {
                let operator = ["+", "-", "*"][self.choices.below(3)];
                format!("({} {operator} {})", self.any(&int, depth), self.any(&int, depth))
            }
            3 => {
                let divisor = if self.risk() { self.any(&int, depth) } else { (self.choices.below(3) + 1).to_string() };
                let operator = ["\\div", "%"][self.choices.below(2)];
                format!("({} {operator} {divisor})", self.any(&int, depth))
            }
            4 => {
                let of = self.small();
                format!("Cardinality({})", self.small_set(&of, depth))
            }
            5 => {
                let of = self.small();
                format!("Len({})", self.any(&Type::Seq(Box::new(of)), depth))
            }
            6 => format!("(- {})", self.any(&int, depth)),
            _ => self.application(&int, depth),
        }
    }

    fn set(&mut self, inner: &Type, depth: usize) -> String {
        let own = set_of(inner);
        match self.choices.below(10) {
            0 => format!("{{{}}}", self.value(inner, depth)),
            1 => format!("{{{}, {}}}", self.value(inner, depth), self.value(inner, depth)),
            2 | 3 => {
                let operator = ["\\cup", "\\cap", "\\"][self.choices.below(3)];
                format!("({} {operator} {})", self.any(&own, depth), self.any(&own, depth))
            }
            4 => {
                let (name, set) = (self.fresh("y"), self.small_set(inner, depth));
                let test = self.inside(&name, inner, &Type::Bool, depth);
                format!("{{{name} \\in {set} : {test}}}")
            }
            5 => {
                let of = self.small();
                let (name, set) = (self.fresh("z"), self.small_set(&of, depth));
                let value = self.inside(&name, &of, inner, depth);
                format!("{{{value} : {name} \\in {set}}}")
            }
            6 if own.size() <= 16 => format!("UNION {{{}, {}}}", self.any(&own, depth), self.any(&own, depth)),
            7 => {
                let keys = self.choices.one(&[Type::Int, Type::Str, Type::Model]).unwrap_or(Type::Int);
                let function = self.any(&Type::Fun(Box::new(keys), Box::new(inner.clone())), depth);
                let (name, key) = (self.fresh("f"), self.fresh("d"));
                format!("(LET {name} == {function} IN {{{name}[{key}] : {key} \\in DOMAIN {name}}})")
            }
            8 => match inner {
                Type::Set(below) => format!("(SUBSET {})", self.any(&set_of(below), depth)),
                Type::Tup(first, second) => {
                    format!("(({}) \\X ({}))", self.small_set(first, depth), self.small_set(second, depth))
                }
                Type::Fun(keys, below) => format!("[{} -> {}]", keys.keys(), self.small_set(below, depth)),
                Type::Rec(first, second) => {
                    format!("[a : {}, b : {}]", self.small_set(first, depth), self.small_set(second, depth))
                }
                _ => inner.domain(),
            },
            _ if inner.size() <= 9 => inner.domain(),
            _ => self.leaf(&own),
        }
    }

    fn function(&mut self, keys: &Type, inner: &Type, depth: usize) -> String {
        let own = Type::Fun(Box::new(keys.clone()), Box::new(inner.clone()));
        let key = match keys {
            Type::Str => ["\"a\"", "\"b\""],
            Type::Model => ["m1", "m2"],
            _ => ["0", "1"],
        }[self.choices.below(2)];
        match self.choices.below(6) {
            0 | 1 => {
                let name = self.fresh("k");
                // The name is of the base type, and a key of the function.
                let value = self.inside(&name, keys, inner, depth);
                format!("[{name} \\in {} |-> {value}]", keys.keys())
            }
            2 => format!("[{} EXCEPT ![{key}] = {}]", self.any(&own, depth), self.value(inner, depth)),
            3 => {
                let (function, value) = (self.any(&own, depth), self.value(inner, depth));
                let kept = match inner {
                    Type::Int => "((@ + 1) % 3)".to_owned(),
                    Type::Bool => "~@".to_owned(),
                    Type::Set(_) => format!("(@ \\cup {value})"),
                    _ => "@".to_owned(),
                };
                format!("[{function} EXCEPT ![{key}] = {kept}]")
            }
            4 => format!("(({key} :> {}) @@ {})", self.value(inner, depth), self.any(&own, depth)),
            _ => self.leaf(&own),
        }
    }

    fn sequence(&mut self, inner: &Type, depth: usize) -> String {
        let own = Type::Seq(Box::new(inner.clone()));
        match self.choices.below(8) {
            0 => format!("<<{}>>", self.value(inner, depth)),
            1 => format!("<<{}, {}>>", self.value(inner, depth), self.value(inner, depth)),
            2 => format!("Append({}, {})", self.any(&own, depth), self.value(inner, depth)),
            3 => format!("({} \\o {})", self.any(&own, depth), self.any(&own, depth)),
            4 if self.risk() => format!("Tail({})", self.any(&own, depth)),
            4 => {
                let name = self.fresh("s");
                format!("(LET {name} == {} IN IF {name} = << >> THEN {name} ELSE Tail({name}))", self.any(&own, depth))
            }
            5 => {
                let (name, element) = (self.any(&own, depth), self.fresh("e"));
                let test = self.inside(&element, inner, &Type::Bool, depth);
                format!("SelectSeq({name}, LAMBDA {element} : {test})")
            }
            6 => {
                let (length, name) = (self.choices.below(3), self.fresh("i"));
                let value = self.inside(&name, &Type::Int, inner, depth);
                format!("[{name} \\in 1..{length} |-> {value}]")
            }
            _ => self.leaf(&own),
        }
    }
}
