//! Where labels must stand and must not stand, and the labels that the author left out.
//!
//! A label starts a step, and in one step a variable is assigned at most once. So a statement needs a label (manual,
//! section 3.7): at the start of a body; a `while`; behind a `call`, `return` or `goto`, or behind an `if` or `either`
//! that contains one of these or a label; and if it assigns to a variable that this step has assigned before. Inside a
//! `with` no label can stand, hence none of these may occur there.
//!
//! If the author has written no label in an algorithm without processes, missing labels are added silently; otherwise
//! only on request, and without it they are reported all together.

use crate::ast::{At, Clause, Procedure, Statement, StatementKind};
use crate::error::{Outcome, Problem};
use std::collections::BTreeSet;

/// A label that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedLabel {
    /// The label.
    pub label: String,
    /// Where it was put.
    pub at: At,
}

/// Adds labels.
pub struct Labeller<'a> {
    /// How added labels begin.
    pub root: &'a str,
    /// Labels that exist.
    pub labels: &'a BTreeSet<String>,
    /// What a `return` assigns: every parameter and variable of a procedure.
    pub procedure_variables: BTreeSet<String>,
    /// The procedure whose body this is; for the body of an algorithm without processes the last procedure.
    pub procedure: Option<String>,
    /// Labels added so far.
    pub added: Vec<AddedLabel>,
    next: usize,
}

/// Variables assigned in the current step.
type Assigned = BTreeSet<String>;

/// Parameters and variables of all procedures.
pub fn procedure_variables(procedures: &[Procedure]) -> BTreeSet<String> {
    let of = |procedure: &Procedure| {
        let all = procedure.parameters.iter().chain(&procedure.variables);
        all.map(|variable| variable.name.clone()).collect::<Vec<_>>()
    };
    procedures.iter().flat_map(of).collect()
}

impl<'a> Labeller<'a> {
    /// A labeller for one algorithm.
    pub fn new(root: &'a str, labels: &'a BTreeSet<String>, procedures: &[Procedure]) -> Self {
        let procedure_variables = procedure_variables(procedures);
        Self { root, labels, procedure_variables, procedure: None, added: Vec::new(), next: 1 }
    }

    /// Adds the labels that a body lacks.
    pub fn body(&mut self, statements: &mut [Statement]) -> Outcome<()> {
        self.sequence(statements, true, false, &Assigned::new()).map(|_| ())
    }

    fn require(&mut self, place: &mut Option<String>, at: At) {
        if place.is_some() {
            return;
        }
        let label = loop {
            let label = format!("{}{}", self.root, self.next);
            self.next += 1;
            if !self.labels.contains(&label) {
                break label;
            }
        };
        *place = Some(label.clone());
        self.added.push(AddedLabel { label, at });
    }

    /// Labels a sequence; whether what follows it starts a new step, and what the last step in it has assigned.
    fn sequence(
        &mut self,
        statements: &mut [Statement],
        first_needs_label: bool,
        in_with: bool,
        before: &Assigned,
    ) -> Outcome<(bool, Assigned)> {
        let mut assigned = before.clone();
        let mut next_needs_label = first_needs_label;
        let mut labelled = false;
        for statement in statements {
            if statement.label.is_some() {
                if in_with {
                    return Err(no_label_in_with(statement.at, "a label"));
                }
                labelled = true;
                assigned.clear();
            }
            if std::mem::take(&mut next_needs_label) {
                if in_with {
                    return Err(no_label_in_with(statement.at, "a statement behind `call`, `return` or `goto`"));
                }
                self.require(&mut statement.label, statement.at);
                labelled = true;
                assigned.clear();
            }
            let (needs, cleared) = self.statement(statement, in_with, before, &mut assigned)?;
            next_needs_label = needs;
            labelled |= cleared;
        }
        Ok((labelled || next_needs_label, assigned))
    }

    /// One statement: whether the next one needs a label, and whether this one got one here.
    fn statement(
        &mut self,
        statement: &mut Statement,
        in_with: bool,
        before: &Assigned,
        assigned: &mut Assigned,
    ) -> Outcome<(bool, bool)> {
        let at = statement.at;
        let (writes, ends_step) = match &mut statement.kind {
            StatementKind::LabelIf { then, otherwise, .. } => {
                return self.clauses(&mut [then, otherwise], in_with, assigned).map(|needs| (needs, false));
            }
            StatementKind::LabelEither(clauses) => {
                let mut clauses: Vec<&mut Clause> = clauses.iter_mut().collect();
                return self.clauses(&mut clauses, in_with, assigned).map(|needs| (needs, false));
            }
            StatementKind::While { body, .. } => {
                if in_with {
                    return Err(no_label_in_with(at, "a `while`"));
                }
                self.require(&mut statement.label, at);
                self.sequence(&mut body.unlabelled, false, false, &Assigned::new())?;
                assigned.clear();
                return Ok((false, true));
            }
            StatementKind::With { body, .. } => {
                let inner = if in_with { before.clone() } else { Assigned::new() };
                let (needs, after) = self.sequence(body, false, true, &inner)?;
                *assigned = after;
                if in_with || before.is_disjoint(assigned) {
                    return Ok((needs, false));
                }
                self.require(&mut statement.label, at);
                assigned.clear();
                return Ok((needs, true));
            }
            StatementKind::Assign(all) => (all.iter().map(|one| one.variable.clone()).collect(), false),
            StatementKind::Call { procedure, .. } | StatementKind::CallGoto { procedure, .. } => {
                let own = self.procedure.as_deref() == Some(procedure.as_str());
                (self.stack_and(own), true)
            }
            StatementKind::Return { .. } | StatementKind::CallReturn { .. } => (self.stack_and(true), true),
            StatementKind::Goto(_) => (Assigned::new(), true),
            StatementKind::If { .. }
            | StatementKind::Either(_)
            | StatementKind::Await(_)
            | StatementKind::Print(_)
            | StatementKind::Assert(_)
            | StatementKind::Skip
            | StatementKind::MacroCall { .. } => (Assigned::new(), false),
        };
        if assigned.is_disjoint(&writes) {
            assigned.extend(writes);
            return Ok((ends_step, false));
        }
        if in_with {
            let twice: Vec<&String> = assigned.intersection(&writes).collect();
            let names = twice.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let message = format!("this assigns a second time to {names} inside one `with`");
            let remedy = "use a multiple assignment `||`, or move it out of the `with`";
            return Err(Problem::new("pluscal-label-in-with", at.visible(), message, remedy));
        }
        self.require(&mut statement.label, at);
        *assigned = writes;
        Ok((ends_step, true))
    }

    /// The alternatives of one statement; whether what follows starts a new step.
    fn clauses(&mut self, clauses: &mut [&mut Clause], in_with: bool, assigned: &mut Assigned) -> Outcome<bool> {
        let mut all = Assigned::new();
        let mut needs_label = false;
        for clause in clauses {
            let (needs, after) = self.sequence(&mut clause.unlabelled, false, in_with, assigned)?;
            needs_label |= needs;
            all.extend(after);
        }
        *assigned = all;
        Ok(needs_label)
    }

    fn stack_and(&self, procedure_variables: bool) -> Assigned {
        let mut assigned = if procedure_variables { self.procedure_variables.clone() } else { Assigned::new() };
        assigned.insert("stack".to_owned());
        assigned
    }
}

fn no_label_in_with(at: At, what: &str) -> Problem {
    let message = format!("{what} cannot stand inside a `with`");
    let remedy = "a `with` is one atomic step; move it behind the `with`, or keep the value in a variable";
    Problem::new("pluscal-label-in-with", at.visible(), message, remedy)
}
