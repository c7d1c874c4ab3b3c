//! Terms as text of SMT-LIB, at a moment of a behavior.
//!
//! A place of the state is declared once for each moment, `x@3`, and so is what a step chooses. A term that occurs more
//! than once is given a name by `define-fun`, so that the text grows with the number of terms and not with that of their
//! occurrences. Definitions say nothing by themselves, which is why they stay when a question is taken back.

use super::term::{Op, Role, Term, Terms};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fmt::Write;

/// Longest text that is repeated instead of named.
const LONGEST: usize = 600;

/// What was declared and defined so far, and what was not sent yet.
#[derive(Default)]
pub struct Script {
    declared: FxHashSet<(u32, u32)>,
    defined: FxHashMap<(Term, u32), String>,
    uses: Vec<u32>,
    pending: String,
}

impl Script {
    /// Counts how often each term occurs.
    pub fn new(terms: &Terms) -> Self {
        let mut script = Self::default();
        script.count(terms);
        script
    }

    fn count(&mut self, terms: &Terms) {
        self.uses = vec![0; terms.len()];
        for number in 0..terms.len() {
            for part in &terms.node(Term::at(number)).parts {
                self.uses[part.index()] += 1;
            }
        }
    }

    /// A line that is sent as it is.
    pub fn line(&mut self, text: &str) {
        self.pending.push_str(text);
        self.pending.push('\n');
    }

    /// Asserts a term at a moment.
    pub fn assert(&mut self, terms: &Terms, term: Term, moment: u32) {
        let text = self.text(terms, term, moment);
        self.line(&format!("(assert {text})"));
    }

    /// What is to be sent.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.pending)
    }

    /// How a symbol is written at a moment, which declares it.
    pub fn symbol(&mut self, terms: &Terms, number: u32, moment: u32) -> String {
        let symbol = terms.symbol(number);
        if symbol.role == Role::Bound {
            return symbol.name.clone();
        }
        let name = format!("{}@{moment}", symbol.name);
        if self.declared.insert((number, moment)) {
            let sort = symbol.sort.text();
            self.line(&format!("(declare-fun {name} () {sort})"));
        }
        name
    }

    /// How a term is written at a moment, which defines what it is made of.
    pub fn text(&mut self, terms: &Terms, term: Term, moment: u32) -> String {
        if let Some(known) = self.defined.get(&(term, moment)) {
            return known.clone();
        }
        let node = terms.node(term);
        let text = match &node.op {
            Op::True => return "true".to_owned(),
            Op::False => return "false".to_owned(),
            Op::Number(value) if value.sign() == num_bigint::Sign::Minus => return format!("(- {})", -value),
            Op::Number(value) => return value.to_string(),
            Op::Symbol(number) => return self.symbol(terms, *number, moment),
            Op::Exists(number) => {
                let symbol = terms.symbol(*number);
                let (name, sort) = (symbol.name.clone(), symbol.sort.text());
                let body = self.text(terms, node.parts[0], moment);
                format!("(exists (({name} {sort})) {body})")
            }
            Op::Everywhere => {
                let element = self.text(terms, node.parts[0], moment);
                format!("((as const {}) {element})", node.sort.text())
            }
            op => {
                let mut text = format!("({}", word(op));
                for part in self.operands(terms, term) {
                    let part = self.text(terms, part, moment);
                    let _ = write!(text, " {part}");
                }
                text.push(')');
                text
            }
        };
        let uses = self.uses.get(term.index()).copied().unwrap_or(2);
        if !node.free.is_empty() || (uses <= 1 && text.len() <= LONGEST) {
            return text;
        }
        let name = format!("t{}@{moment}", term.index());
        self.line(&format!("(define-fun {name} () {} {text})", node.sort.text()));
        self.defined.insert((term, moment), name.clone());
        name
    }

    /// The parts of a term; of a conjunction those of conjunctions in it too.
    fn operands(&self, terms: &Terms, term: Term) -> Vec<Term> {
        let node = terms.node(term);
        if node.op != Op::And {
            return node.parts.to_vec();
        }
        let mut all = Vec::new();
        let mut open: Vec<Term> = node.parts.iter().rev().copied().collect();
        while let Some(part) = open.pop() {
            let inner = terms.node(part);
            let once = self.uses.get(part.index()).is_none_or(|uses| *uses <= 1);
            if inner.op == Op::And && once && all.len() < 32 {
                open.extend(inner.parts.iter().rev());
            } else {
                all.push(part);
            }
        }
        all
    }
}

fn word(op: &Op) -> &'static str {
    match op {
        Op::Not => "not",
        Op::And => "and",
        Op::Ite => "ite",
        Op::Equal => "=",
        Op::LessEqual => "<=",
        Op::Add => "+",
        Op::Multiply => "*",
        Op::Divide => "div",
        Op::Modulo => "mod",
        Op::Select => "select",
        Op::Store => "store",
        Op::True | Op::False | Op::Number(_) | Op::Symbol(_) | Op::Exists(_) | Op::Everywhere => "",
    }
}

/// A name of the specification as part of a symbol of SMT-LIB.
pub fn sanitised(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_!~-.".contains(c);
    name.chars().map(|c| if allowed(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::term::Sort;
    use super::*;
    use crate::graph::Graph;

    #[test]
    fn what_occurs_twice_is_defined_once_for_each_moment() {
        let mut terms = Terms::default();
        let x = terms.fresh(Role::Place, Sort::Int, "x".to_owned());
        let three = terms.number(-3);
        let sum = terms.add(x, three);
        let (low, high) = (terms.less_equal(sum, x), terms.less_equal(three, sum));
        let both = terms.and(low, high);
        let mut script = Script::new(&terms);
        script.assert(&terms, both, 0);
        script.assert(&terms, both, 1);
        let text = script.take();
        assert_eq!(text.matches("(declare-fun x@0 () Int)").count(), 1, "{text}");
        assert_eq!(text.matches("(define-fun").count(), 2, "{text}");
        assert!(text.contains("() Int (+ x@1 (- 3)))"), "{text}");
    }

    #[test]
    fn names_of_the_specification_become_symbols() {
        assert_eq!(sanitised("f[\"a b\"]"), "f__a_b__");
    }
}
