//! Statements grouped into steps: a label with everything up to the next label.
//!
//! In an `if`, `either` or `while` the statements before the first label belong to the step of the statement itself;
//! the rest are steps of their own. An `if` or `either` without a label anywhere inside loses the distinction, which
//! decides later how control is passed on.

use crate::ast::{Clause, Statement, StatementKind, Step};
use crate::error::{Outcome, Problem};

/// What the statements of a sequence contain, the strongest thing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    /// Neither jumps nor labels.
    Plain,
    /// A `call`, `return` or `goto`.
    Jump,
    /// A label.
    Label,
}

/// Turns labelled statements into steps. `procedure` is the one whose body this is.
pub fn group(statements: Vec<Statement>, procedure: Option<&str>) -> Outcome<Vec<Step>> {
    let mut steps = split(statements);
    for step in &mut steps {
        classify_all(&mut step.statements, procedure)?;
    }
    Ok(steps)
}

fn split(statements: Vec<Statement>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for statement in statements {
        let label = statement.label.clone();
        match (label, steps.last_mut()) {
            (None, Some(step)) => step.statements.push(statement),
            (label, _) => {
                let at = statement.at;
                steps.push(Step { label: label.unwrap_or_default(), at, statements: vec![statement] });
            }
        }
    }
    for step in &mut steps {
        step.statements.iter_mut().for_each(split_inside);
    }
    steps
}

fn split_inside(statement: &mut Statement) {
    match &mut statement.kind {
        StatementKind::LabelIf { then, otherwise, .. } => {
            split_clause(then);
            split_clause(otherwise);
        }
        StatementKind::LabelEither(clauses) => clauses.iter_mut().for_each(split_clause),
        StatementKind::While { body, .. } => split_clause(body),
        // A `with` has no labels inside; what is in it is split when it is classified.
        StatementKind::With { .. }
        | StatementKind::If { .. }
        | StatementKind::Either(_)
        | StatementKind::Assign(_)
        | StatementKind::Await(_)
        | StatementKind::Print(_)
        | StatementKind::Assert(_)
        | StatementKind::Skip
        | StatementKind::Call { .. }
        | StatementKind::Return { .. }
        | StatementKind::CallReturn { .. }
        | StatementKind::CallGoto { .. }
        | StatementKind::Goto(_)
        | StatementKind::MacroCall { .. } => {}
    }
}

fn split_clause(clause: &mut Clause) {
    let all = std::mem::take(&mut clause.unlabelled);
    let first = all.iter().position(|statement| statement.label.is_some()).unwrap_or(all.len());
    let mut all = all;
    let rest = all.split_off(first);
    all.iter_mut().for_each(split_inside);
    *clause = Clause { unlabelled: all, labelled: split(rest) };
}

fn classify_all(statements: &mut [Statement], procedure: Option<&str>) -> Outcome<Content> {
    let mut content = Content::Plain;
    for statement in statements {
        content = content.max(classify(statement, procedure)?);
    }
    Ok(content)
}

fn classify_clause(clause: &mut Clause, procedure: Option<&str>) -> Outcome<Content> {
    let mut content = classify_all(&mut clause.unlabelled, procedure)?;
    for step in &mut clause.labelled {
        classify_all(&mut step.statements, procedure)?;
        content = Content::Label;
    }
    Ok(content)
}

fn classify(statement: &mut Statement, procedure: Option<&str>) -> Outcome<Content> {
    let at = statement.at;
    match &mut statement.kind {
        StatementKind::LabelIf { test, then, otherwise } => {
            let content = classify_clause(then, procedure)?.max(classify_clause(otherwise, procedure)?);
            if content < Content::Label {
                let (then, otherwise) =
                    (std::mem::take(&mut then.unlabelled), std::mem::take(&mut otherwise.unlabelled));
                statement.kind = StatementKind::If { test: std::mem::take(test), then, otherwise };
            }
            Ok(content)
        }
        StatementKind::LabelEither(clauses) => {
            let mut content = Content::Plain;
            for clause in clauses.iter_mut() {
                content = content.max(classify_clause(clause, procedure)?);
            }
            if content < Content::Label {
                let clauses = clauses.iter_mut().map(|clause| std::mem::take(&mut clause.unlabelled)).collect();
                statement.kind = StatementKind::Either(clauses);
            }
            Ok(content)
        }
        StatementKind::With { body, .. } => classify_all(body, procedure),
        StatementKind::While { body, .. } => {
            classify_clause(body, procedure)?;
            Ok(Content::Plain)
        }
        StatementKind::Return { .. } | StatementKind::CallReturn { .. } => {
            if procedure.is_some() {
                return Ok(Content::Jump);
            }
            let remedy = "end a process with `goto Done`, or move this into a procedure";
            Err(Problem::new("pluscal-return", at.visible(), "this `return` is in no procedure", remedy))
        }
        StatementKind::Call { .. } | StatementKind::CallGoto { .. } | StatementKind::Goto(_) => Ok(Content::Jump),
        StatementKind::If { .. }
        | StatementKind::Either(_)
        | StatementKind::Assign(_)
        | StatementKind::Await(_)
        | StatementKind::Print(_)
        | StatementKind::Assert(_)
        | StatementKind::Skip
        | StatementKind::MacroCall { .. } => Ok(Content::Plain),
    }
}
