//! Random specifications: variables, definitions, an initial predicate, a next-state relation, properties.

use super::choices::Choices;
use super::expressions::Expressions;
use super::types::Type;

/// A generated specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The module, called `T`.
    pub module: String,
    /// Its configuration.
    pub config: String,
    /// Whether a property is temporal.
    pub temporal: bool,
}

/// A variable.
#[derive(Debug, Clone)]
struct Variable {
    name: String,
    of: Type,
}

/// Which variables an action is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Initial,
    Next,
}

struct Maker<'c> {
    expressions: Expressions<'c>,
    mode: Mode,
    /// Named actions: name, text.
    actions: Vec<(String, String)>,
}

/// What kind of specifications is generated.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kind {
    /// With fairness and a temporal property.
    pub temporal: bool,
    /// Always with three variables, the further ones constant, and with all strings at the start: TLC keeps places of
    /// variables and the order of strings over its runs in one process.
    pub padded: bool,
}

/// The specification of some choices.
pub fn generate(choices: &mut Choices, kind: Kind) -> Case {
    let risky = choices.rarely(3);
    let count = choices.below(3) + 1;
    let mut variables: Vec<Variable> = Vec::new();
    for index in 0..count {
        let of = Type::any(choices);
        let states: usize = variables.iter().map(|variable| variable.of.size()).product();
        let of = if states * of.size() > 2000 { Type::Bool } else { of };
        variables.push(Variable { name: ["x", "y", "z"][index].to_owned(), of });
    }
    let mut maker = Maker { expressions: Expressions::new(choices, risky), mode: Mode::Initial, actions: Vec::new() };
    maker.specification(&variables, kind)
}

impl Maker<'_> {
    fn below(&mut self, count: usize) -> usize {
        self.expressions.choices.below(count)
    }

    fn rarely(&mut self, times: usize) -> bool {
        self.expressions.choices.rarely(times)
    }

    fn specification(&mut self, variables: &[Variable], Kind { temporal, padded }: Kind) -> Case {
        let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
        let further: Vec<&str> = ["x", "y", "z"].into_iter().skip(names.len()).filter(|_| padded).collect();
        let all = [names.clone(), further.clone()].concat().join(", ");
        let mut module = format!(
            "---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets, TLC\nCONSTANTS m1, m2, M\nVARIABLES {all}\nvars == <<{all}>>\n"
        );
        if padded {
            module.push_str("Strings(a, b, c) == <<a, b, c>>\n");
        }
        let mut config = "CONSTANTS\n  m1 = m1\n  m2 = m2\n  M = {m1, m2}\n".to_owned();
        module.push_str(&self.definitions());
        if self.rarely(5) {
            module.push_str(&format!("ASSUME {}\n", self.assumption()));
        }
        let init = self.action(variables, &[], 2);
        self.mode = Mode::Next;
        self.enter(variables);
        let next = self.next(variables);
        for (name, text) in std::mem::take(&mut self.actions) {
            module.push_str(&format!("{name} == {text}\n"));
        }
        let fixed = |prime: &str| further.iter().map(|name| format!("{name}{prime} = TRUE /\\ ")).collect::<String>();
        module.push_str(&format!("Init == {}{init}\nNext == {}({next})\n", fixed(""), fixed("'")));
        if temporal {
            self.temporal(&mut module, &mut config);
        } else {
            config.push_str("INIT Init\nNEXT Next\n");
        }
        self.properties(variables, &mut module, &mut config);
        if self.below(2) == 0 {
            config.push_str("CHECK_DEADLOCK FALSE\n");
        }
        module.push_str("====\n");
        Case { module, config, temporal }
    }

    fn enter(&mut self, variables: &[Variable]) {
        self.expressions.scope.extend(variables.iter().map(|variable| (variable.name.clone(), variable.of.clone())));
    }

    /// Operators without variables: some fixed recursive ones, and a random one.
    fn definitions(&mut self) -> String {
        let mut text = String::new();
        let int = || Type::Int;
        if self.below(2) == 1 {
            text.push_str("RECURSIVE Sum(_)\nSum(S) == IF S = {} THEN 0 ELSE LET e == CHOOSE e \\in S : TRUE IN e + Sum(S \\ {e})\n");
            self.expressions.operators.push(("Sum".to_owned(), vec![Type::Set(Box::new(int()))], int()));
        }
        if self.below(2) == 1 {
            let step = ["f[n - 1] + n", "f[n - 1] * 2", "1 - f[n - 1]"][self.below(3)];
            text.push_str(&format!("f[n \\in 0..2] == IF n = 0 THEN {} ELSE {step}\nFun(n) == f[n]\n", self.below(3)));
            self.expressions.operators.push(("Fun".to_owned(), vec![int()], int()));
        }
        if self.below(2) == 1 {
            text.push_str("Twice(F(_), v) == F(F(v))\nInc(v) == Twice(LAMBDA w : (w + 1) % 3, v)\n");
            self.expressions.operators.push(("Inc".to_owned(), vec![int()], int()));
        }
        if self.below(2) == 1 {
            let (first, second, of) = (
                Type::any(self.expressions.choices),
                Type::any(self.expressions.choices),
                Type::any(self.expressions.choices),
            );
            self.expressions.scope = vec![("a1".to_owned(), first.clone()), ("a2".to_owned(), second.clone())];
            let body = self.expressions.value(&of, 2);
            self.expressions.scope.clear();
            text.push_str(&format!("Op(a1, a2) == {body}\n"));
            self.expressions.operators.push(("Op".to_owned(), vec![first, second], of));
        }
        text
    }

    fn assumption(&mut self) -> String {
        let text = self.expressions.any(&Type::Bool, 3);
        if self.rarely(4) { text } else { format!("({text}) \\in BOOLEAN") }
    }

    fn next(&mut self, variables: &[Variable]) -> String {
        let count = self.below(3) + 1;
        let mut disjuncts = Vec::new();
        for index in 0..count {
            let text = self.action(variables, &[], 3);
            if self.below(2) == 0 {
                disjuncts.push(text);
            } else {
                let name = format!("A{index}");
                self.actions.push((name.clone(), text));
                disjuncts.push(name);
            }
        }
        disjuncts.iter().map(|text| format!("\n  \\/ {text}")).collect()
    }

    /// A formula that gives each of some variables a value. `given` have one already.
    fn action(&mut self, open: &[Variable], given: &[Variable], depth: usize) -> String {
        let kind = if depth == 0 { 0 } else { self.below(9) };
        let depth = depth.saturating_sub(1);
        match kind {
            1 if open.len() > 1 => {
                let middle = self.below(open.len() - 1) + 1;
                let (first, second) = open.split_at(middle);
                let left = self.action(first, given, depth);
                let right = self.after(first, |maker| maker.action(second, &[given, first].concat(), depth));
                format!("({left} /\\ {right})")
            }
            2 => {
                let guard = self.expressions.any(&Type::Bool, 2);
                format!("({guard} /\\ {})", self.action(open, given, depth))
            }
            3 => format!("({} \\/ {})", self.action(open, given, depth), self.action(open, given, depth)),
            4 => {
                let of = Type::any(self.expressions.choices);
                let of = if of.size() > 9 { Type::Int } else { of };
                let set = self.expressions.any(&Type::Set(Box::new(of.clone())), 2);
                let name = self.expressions.fresh("v");
                self.expressions.scope.push((name.clone(), of));
                let body = self.action(open, given, depth);
                self.expressions.scope.pop();
                format!("(\\E {name} \\in {set} : {body})")
            }
            5 => {
                let test = self.expressions.any(&Type::Bool, 2);
                format!("(IF {test} THEN {} ELSE {})", self.action(open, given, depth), self.action(open, given, depth))
            }
            6 => {
                let of = Type::any(self.expressions.choices);
                let (name, value) = (self.expressions.fresh("d"), self.expressions.value(&of, 2));
                self.expressions.scope.push((name.clone(), of));
                let body = self.action(open, given, depth);
                self.expressions.scope.pop();
                format!("(LET {name} == {value} IN {body})")
            }
            7 => {
                let test = self.expressions.any(&Type::Bool, 1);
                let (first, second) = (self.action(open, given, depth), self.action(open, given, depth));
                format!("(CASE {test} -> {first} [] OTHER -> {second})")
            }
            8 => {
                let text = self.action(open, given, depth);
                let condition = self.after(open, |maker| maker.expressions.any(&Type::Bool, 2));
                format!("({text} /\\ {condition})")
            }
            _ => self.assignments(open),
        }
    }

    /// What is written where some variables have their new value.
    fn after(&mut self, given: &[Variable], work: impl FnOnce(&mut Self) -> String) -> String {
        let known = self.expressions.scope.len();
        let prime = if self.mode == Mode::Next { "'" } else { "" };
        let names = given.iter().map(|variable| (format!("{}{prime}", variable.name), variable.of.clone()));
        self.expressions.scope.extend(names);
        let text = work(self);
        self.expressions.scope.truncate(known);
        text
    }

    fn assignments(&mut self, open: &[Variable]) -> String {
        if self.mode == Mode::Next && open.len() > 1 && self.rarely(6) {
            let names: Vec<&str> = open.iter().map(|variable| variable.name.as_str()).collect();
            return format!("UNCHANGED <<{}>>", names.join(", "));
        }
        let mut parts = Vec::new();
        for variable in open {
            if self.expressions.risky && self.rarely(25) {
                continue;
            }
            parts.push(self.assignment(variable));
        }
        if parts.is_empty() { "TRUE".to_owned() } else { format!("({})", parts.join(" /\\ ")) }
    }

    fn assignment(&mut self, Variable { name, of }: &Variable) -> String {
        let next = self.mode == Mode::Next;
        let target = if next { format!("{name}'") } else { name.clone() };
        match self.below(6) {
            1 if next => format!("UNCHANGED {name}"),
            2 if of.size() <= 27 => {
                let set = self.expressions.any(&Type::Set(Box::new(of.clone())), 2);
                format!("{target} \\in {set}")
            }
            3 if of.size() <= 9 => format!("{target} \\in {}", of.domain()),
            _ => format!("{target} = {}", self.expressions.value(of, 2)),
        }
    }

    /// Invariants, action properties and constraints.
    fn properties(&mut self, variables: &[Variable], module: &mut String, config: &mut String) {
        if self.below(2) == 1 {
            let text = self.property();
            module.push_str(&format!("Inv == {text}\n"));
            config.push_str("INVARIANT Inv\n");
        }
        if self.rarely(3) {
            let text = self.after(variables, Self::property);
            module.push_str(&format!("Act == [][{text}]_vars\n"));
            config.push_str("PROPERTY Act\n");
        }
        if self.rarely(6) {
            module.push_str(&format!("Con == x = x /\\ {}\n", self.expressions.any(&Type::Bool, 2)));
            config.push_str("CONSTRAINT Con\n");
        }
    }

    /// A property, more often than not true. It mentions a variable: TLC refuses constant ones.
    fn property(&mut self) -> String {
        let text = self.expressions.any(&Type::Bool, 3);
        let text = format!("(x = x /\\ {text})");
        match self.below(3) {
            0 => format!("({text}) \\in BOOLEAN"),
            1 => {
                let other = self.expressions.any(&Type::Bool, 2);
                format!("({other} => ({text} \\/ {other}))")
            }
            _ => format!("({text})"),
        }
    }

    fn temporal(&mut self, module: &mut String, config: &mut String) {
        let mut fairness = String::new();
        for _ in 0..self.below(3) {
            let kind = ["WF", "SF"][self.below(2)];
            let guard = self.expressions.any(&Type::Bool, 1);
            let action = ["Next".to_owned(), format!("({guard} /\\ Next)")][self.below(2)].clone();
            fairness.push_str(&format!(" /\\ {kind}_vars({action})"));
        }
        module.push_str(&format!("Spec == Init /\\ [][Next]_vars{fairness}\n"));
        let formula = self.formula(2);
        module.push_str(&format!("Live == {formula}\n"));
        config.push_str("SPECIFICATION Spec\nPROPERTY Live\n");
    }

    fn formula(&mut self, depth: usize) -> String {
        let predicate = |maker: &mut Self| maker.expressions.any(&Type::Bool, 2);
        if depth == 0 {
            let text = predicate(self);
            return format!("(<> {text})");
        }
        match self.below(7) {
            0 => format!("(<> {})", predicate(self)),
            1 => format!("([]<> {})", predicate(self)),
            2 => format!("(<>[] {})", predicate(self)),
            3 => format!("({} ~> {})", predicate(self), predicate(self)),
            4 => format!("({} /\\ {})", self.formula(depth - 1), self.formula(depth - 1)),
            5 => format!("({} \\/ {})", self.formula(depth - 1), self.formula(depth - 1)),
            _ => format!("({} => {})", self.formula(depth - 1), self.formula(depth - 1)),
        }
    }
}
