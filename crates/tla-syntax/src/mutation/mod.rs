//! Mutants of a specification: small mistakes made on purpose, to see whether any property notices.
//!
//! A mutant is a replacement of the text of one part of the tree (program mutation after DeMillo, Lipton and Sayward,
//! "Hints on test data selection", 1978; the operators are those that matter in a specification of steps). What is
//! mutated is decided on the tree alone: the definitions of the root module that the initial predicate and the next-state
//! relation (or the temporal specification) reach. Properties are left as they are, unless the specification uses them.
//!
//! Deliberately absent: mutants of what is extended or instantiated, and several mistakes at once.

mod children;

use crate::ast::{Definition, Expr, ExprKind, Junction, Module, Quantifier, Selector, Unit};
use crate::{SourceMap, Span};
use children::{for_each_child, for_each_in_definition};
use std::collections::{BTreeMap, BTreeSet};

/// What sort of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mistake {
    /// A conjunct is `TRUE`.
    DroppedConjunct,
    /// A variable keeps its value instead of getting a new one.
    ForgottenAssignment,
    /// An `UNCHANGED` is `TRUE`.
    ForgottenUnchanged,
    /// `\A` for `\E`, or the other way round.
    FlippedQuantifier,
    /// Another comparison.
    FlippedComparison,
    /// One more or one less.
    ShiftedBound,
    /// A fairness condition is `TRUE`.
    DroppedFairness,
}

impl Mistake {
    /// The words that reports use.
    pub fn words(self) -> &'static str {
        match self {
            Self::DroppedConjunct => "conjunct dropped",
            Self::ForgottenAssignment => "assignment forgotten",
            Self::ForgottenUnchanged => "UNCHANGED forgotten",
            Self::FlippedQuantifier => "quantifier flipped",
            Self::FlippedComparison => "comparison flipped",
            Self::ShiftedBound => "bound shifted",
            Self::DroppedFairness => "fairness dropped",
        }
    }
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// Of which sort.
    pub mistake: Mistake,
    /// The definition that it is in.
    pub definition: String,
    /// The text that is replaced.
    pub span: Span,
    /// What takes its place.
    pub replacement: String,
}

impl Mutant {
    /// The text of the file with the mistake in it.
    pub fn apply(&self, text: &str) -> String {
        let (before, after) = (&text[..self.span.start as usize], &text[self.span.end as usize..]);
        format!("{before}{}{after}", self.replacement)
    }
}

/// Every mutant of what the roots reach in a module, in textual order, each once.
pub fn mutants(module: &Module, sources: &SourceMap, roots: &[&str]) -> Vec<Mutant> {
    let definitions: BTreeMap<&str, &Definition> = module
        .units
        .iter()
        .filter_map(|unit| match unit {
            Unit::Definition(definition) => Some((&*definition.name.name, definition)),
            Unit::Constants(_)
            | Unit::Variables(_)
            | Unit::Recursive(_)
            | Unit::Instance { .. }
            | Unit::Assume(_)
            | Unit::Theorem(_)
            | Unit::Module(_) => None,
        })
        .collect();
    let mut all = Vec::new();
    for name in reached(&definitions, roots) {
        let Some(definition) = definitions.get(name) else { continue };
        let mut maker = Maker { sources, definition: name, found: &mut all };
        for_each_in_definition(definition, &mut |expr| maker.visit(expr));
    }
    all.sort_by_key(|mutant| (mutant.span.start, mutant.span.end, mutant.mistake, mutant.replacement.clone()));
    all.dedup_by(|a, b| a.span == b.span && a.replacement == b.replacement);
    all
}

fn reached<'m>(definitions: &BTreeMap<&'m str, &'m Definition>, roots: &[&str]) -> BTreeSet<&'m str> {
    let known = |name: &str| definitions.get_key_value(name).map(|(name, _)| *name);
    let mut open: Vec<&str> = roots.iter().filter_map(|name| known(name)).collect();
    let mut all = BTreeSet::new();
    while let Some(name) = open.pop() {
        if all.insert(name) {
            let mut names = Vec::new();
            for_each_in_definition(definitions[name], &mut |expr| collect_names(expr, &mut names));
            open.extend(names.into_iter().filter_map(known));
        }
    }
    all
}

fn collect_names<'e>(expr: &'e Expr, names: &mut Vec<&'e str>) {
    match &*expr.kind {
        ExprKind::Apply { op, .. } => names.push(&op.name),
        ExprKind::Select(selectors) => {
            if let Some(Selector::Name { ident, .. }) = selectors.first() {
                names.push(&ident.name);
            }
        }
        _ => {}
    }
    for_each_child(expr, &mut |child| collect_names(child, names));
}

struct Maker<'a> {
    sources: &'a SourceMap,
    definition: &'a str,
    found: &'a mut Vec<Mutant>,
}

impl Maker<'_> {
    fn visit(&mut self, expr: &Expr) {
        match &*expr.kind {
            ExprKind::Junction { junction: Junction::And, items } if items.len() > 1 => {
                items.iter().for_each(|item| self.conjunct(item));
            }
            ExprKind::Apply { op, args } => self.application(expr, &op.name, op.span, args),
            ExprKind::Quantified { quantifier, .. } => self.quantifier(expr, *quantifier),
            ExprKind::Fairness { .. } => self.add(Mistake::DroppedFairness, expr.span, "TRUE"),
            _ => {}
        }
        for_each_child(expr, &mut |child| self.visit(child));
    }

    fn add(&mut self, mistake: Mistake, span: Span, replacement: impl Into<String>) {
        let (definition, replacement) = (self.definition.to_owned(), replacement.into());
        self.found.push(Mutant { mistake, definition, span, replacement });
    }

    /// A conjunct that says what becomes of variables is not dropped: the step would not be one, which every tool notices.
    fn conjunct(&mut self, item: &Expr) {
        if !speaks_of_next_state(item) && !matches!(&*item.kind, ExprKind::Fairness { .. }) {
            self.add(Mistake::DroppedConjunct, item.span, "TRUE");
        }
    }

    fn application(&mut self, expr: &Expr, op: &str, op_span: Span, args: &[Expr]) {
        match (op, args) {
            ("/\\", [left, right]) => {
                self.conjunct(left);
                self.conjunct(right);
            }
            ("UNCHANGED", [_]) => self.add(Mistake::ForgottenUnchanged, expr.span, "TRUE"),
            ("=", [left, right]) if primed_variable(left).is_some() => {
                if let Some(variable) = primed_variable(left) {
                    self.add(Mistake::ForgottenAssignment, right.span, variable);
                }
            }
            ("..", [low, high]) => {
                self.shift(low, "+");
                self.shift(high, "-");
            }
            // `\in` with a primed variable chooses its next value.
            (_, [left, right]) if primed_variable(left).is_none() => {
                if let Some(other) = other_comparison(op) {
                    self.add(Mistake::FlippedComparison, op_span, other);
                }
                if matches!(op, "<" | "<=" | ">" | ">=" | "\\leq" | "\\geq" | "=<") {
                    self.shift(right, "+");
                }
            }
            _ => {}
        }
    }

    /// Only on one line: parentheses would move the columns of a list that goes on in the next.
    fn shift(&mut self, bound: &Expr, by: &str) {
        let text = self.sources.text(bound.span);
        if !text.contains('\n') {
            let replacement = format!("({text} {by} 1)");
            self.add(Mistake::ShiftedBound, bound.span, replacement);
        }
    }

    fn quantifier(&mut self, expr: &Expr, quantifier: Quantifier) {
        let (written, other) = match quantifier {
            Quantifier::Forall => ("\\A", "\\E"),
            Quantifier::Exists => ("\\E", "\\A"),
        };
        // What is written in Unicode is as long as nothing that is known here, and is left alone.
        if self.sources.text(expr.span).starts_with(written) {
            let end = expr.span.start + written.len() as u32;
            self.add(Mistake::FlippedQuantifier, Span { end, ..expr.span }, other);
        }
    }
}

/// The variable of `x'`.
fn primed_variable(expr: &Expr) -> Option<String> {
    let ExprKind::Apply { op: prime, args } = &*expr.kind else { return None };
    let ("'", [variable]) = (&*prime.name, args.as_slice()) else { return None };
    match &*variable.kind {
        ExprKind::Apply { op: name, args } if args.is_empty() => Some(name.name.to_string()),
        _ => None,
    }
}

fn speaks_of_next_state(expr: &Expr) -> bool {
    if let ExprKind::Apply { op, .. } = &*expr.kind
        && matches!(&*op.name, "'" | "UNCHANGED")
    {
        return true;
    }
    let mut found = false;
    for_each_child(expr, &mut |child| found = found || speaks_of_next_state(child));
    found
}

fn other_comparison(op: &str) -> Option<&'static str> {
    match op {
        "=" => Some("#"),
        "#" | "/=" => Some("="),
        "<" => Some("<="),
        "<=" | "=<" | "\\leq" => Some("<"),
        ">" => Some(">="),
        ">=" | "\\geq" => Some(">"),
        "\\in" => Some("\\notin"),
        "\\notin" => Some("\\in"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
