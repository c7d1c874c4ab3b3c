//! The new names written into the tree, and what can only be said when all names are known: `goto` to a label that does
//! not exist, `call` of a procedure that does not exist.

use crate::ast::{
    Algorithm, Assignment, Behavior, Clause, Procedure, Remarks, Statement, StatementKind, Step, Variable,
};
use crate::error::{Outcome, Problem};
use crate::expression::{Expression, Kind};
use crate::names::{Names, Role};
use crate::text::Place;

/// Writes the new names into an algorithm.
pub fn rename(algorithm: &mut Algorithm, names: &Names) -> Outcome<()> {
    let called: Vec<(String, usize)> =
        algorithm.procedures.iter().map(|procedure| (procedure.name.clone(), procedure.parameters.len())).collect();
    let at = |context: &str| Renaming { names, called: &called, context: context.to_owned() };
    at("").variables(&mut algorithm.variables)?;
    for procedure in &mut algorithm.procedures {
        let scope = at(&procedure.name.clone());
        scope.variables(&mut procedure.variables)?;
        scope.variables(&mut procedure.parameters)?;
        scope.steps(&mut procedure.body)?;
        scope.remarks(&mut procedure.remarks);
        procedure.name = names.unit(Role::Procedure, &procedure.name).to_owned();
    }
    match &mut algorithm.behavior {
        Behavior::Single(body) => at("").steps(body)?,
        Behavior::Processes(processes) => {
            close_calls(&mut algorithm.procedures);
            for process in processes {
                let scope = at(&process.name.clone());
                scope.variables(&mut process.variables)?;
                scope.steps(&mut process.body)?;
                scope.remarks(&mut process.remarks);
                process.name = names.unit(Role::Process, &process.name).to_owned();
                add_indirect(&mut process.remarks.calls, &algorithm.procedures);
            }
        }
    }
    Ok(())
}

/// Replaces the calls of each procedure by the procedures reached from it, in the order of declaration.
fn close_calls(procedures: &mut [Procedure]) {
    let direct: Vec<Vec<usize>> = procedures
        .iter()
        .map(|procedure| {
            let called = |other: &&Procedure| procedure.remarks.calls.contains(&other.name);
            (0..procedures.len()).filter(|index| procedures.get(*index).as_ref().is_some_and(called)).collect()
        })
        .collect();
    let reached = |start: usize| {
        let mut seen = vec![false; direct.len()];
        let mut open = direct[start].clone();
        while let Some(next) = open.pop() {
            if !std::mem::replace(&mut seen[next], true) {
                open.extend(&direct[next]);
            }
        }
        (0..seen.len()).filter(|index| seen[*index]).collect::<Vec<_>>()
    };
    let closed: Vec<Vec<String>> = (0..procedures.len())
        .map(|start| reached(start).into_iter().map(|index| procedures[index].name.clone()).collect())
        .collect();
    for (procedure, calls) in procedures.iter_mut().zip(closed) {
        procedure.remarks.calls = calls;
    }
}

/// Adds what the procedures of a list call.
fn add_indirect(calls: &mut Vec<String>, procedures: &[Procedure]) {
    let mut index = 0;
    while let Some(call) = calls.get(index).cloned() {
        let further =
            procedures.iter().find(|procedure| procedure.name == call).map(|procedure| &procedure.remarks.calls);
        for callee in further.into_iter().flatten() {
            if !calls.contains(callee) {
                calls.push(callee.clone());
            }
        }
        index += 1;
    }
}

/// The renaming inside one process, procedure, or the algorithm.
struct Renaming<'a> {
    names: &'a Names,
    /// Procedures as written, with the number of their parameters.
    called: &'a [(String, usize)],
    context: String,
}

impl Renaming<'_> {
    fn variables(&self, variables: &mut [Variable]) -> Outcome<()> {
        for variable in variables {
            self.name(&mut variable.name);
            self.expression(&mut variable.value);
        }
        Ok(())
    }

    fn remarks(&self, remarks: &mut Remarks) {
        for label in remarks.plus.iter_mut().chain(&mut remarks.minus) {
            if let Some(new) = self.names.label(label, &self.context) {
                *label = new.to_owned();
            }
        }
        for call in &mut remarks.calls {
            *call = self.names.unit(Role::Procedure, call).to_owned();
        }
    }

    fn name(&self, name: &mut String) {
        *name = self.names.variable(name, &self.context).to_owned();
    }

    fn expression(&self, expression: &mut Expression) {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for token in expression.tokens().filter(|token| token.kind == Kind::Identifier) {
            let becomes = self.names.variable(&token.text, &self.context);
            if becomes != token.text && !old.contains(&token.text) {
                old.push(token.text.clone());
                new.push(Expression::identifier(becomes));
            }
        }
        if !old.is_empty() {
            expression.substitute(&old, &new, false);
        }
    }

    fn expressions(&self, expressions: &mut [Expression]) {
        expressions.iter_mut().for_each(|expression| self.expression(expression));
    }

    fn steps(&self, steps: &mut [Step]) -> Outcome<()> {
        for step in steps {
            if let Some(new) = self.names.label(&step.label, &self.context) {
                step.label = new.to_owned();
            }
            self.statements(&mut step.statements)?;
        }
        Ok(())
    }

    fn statements(&self, statements: &mut [Statement]) -> Outcome<()> {
        statements.iter_mut().try_for_each(|statement| self.statement(statement))
    }

    fn clause(&self, clause: &mut Clause) -> Outcome<()> {
        self.statements(&mut clause.unlabelled)?;
        self.steps(&mut clause.labelled)
    }

    fn assignment(&self, assignment: &mut Assignment) {
        self.name(&mut assignment.variable);
        self.expression(&mut assignment.subscript);
        self.expression(&mut assignment.value);
    }

    /// The label that a `goto` names.
    fn target(&self, label: &mut String, place: Place) -> Outcome<()> {
        if let Some(new) = self.names.label(label, &self.context) {
            *label = new.to_owned();
            return Ok(());
        }
        if label == "Done" {
            return Ok(());
        }
        let known = self.names.labels_of(&self.context).join(", ");
        let around = if self.context.is_empty() { "the algorithm".to_owned() } else { format!("`{}`", self.context) };
        let message = format!("there is no label `{label}` in {around}");
        let remedy = format!("the labels there are {known}, and `Done` for the end");
        Err(Problem::new("pluscal-unknown-label", place, message, remedy))
    }

    /// The procedure that a `call` names, with the right number of arguments.
    fn procedure(&self, procedure: &mut String, arguments: &mut [Expression], place: Place) -> Outcome<()> {
        self.expressions(arguments);
        let known = self.called.iter().find(|(name, _)| name == procedure);
        let Some((_, parameters)) = known else {
            let names = self.called.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            let message = format!("there is no procedure `{procedure}`");
            let remedy = if names.is_empty() {
                "declare it before the processes; a macro is called without `call`".to_owned()
            } else {
                format!("the procedures are {names}; a macro is called without `call`")
            };
            return Err(Problem::new("pluscal-unknown-procedure", place, message, remedy));
        };
        if *parameters != arguments.len() {
            let found = arguments.len();
            let message =
                format!("the procedure `{procedure}` has {parameters} parameters, this call has {found} arguments");
            let remedy = "give one argument for each parameter";
            return Err(Problem::new("pluscal-arguments", place, message, remedy));
        }
        *procedure = self.names.unit(Role::Procedure, procedure).to_owned();
        Ok(())
    }

    fn returning(&self, from: &mut Option<String>) {
        if let Some(name) = from {
            *name = self.names.unit(Role::Procedure, name).to_owned();
        }
    }

    fn statement(&self, statement: &mut Statement) -> Outcome<()> {
        let place = statement.at.visible();
        match &mut statement.kind {
            StatementKind::Assign(all) => all.iter_mut().for_each(|one| self.assignment(one)),
            StatementKind::If { test, then, otherwise } => {
                self.expression(test);
                self.statements(then)?;
                self.statements(otherwise)?;
            }
            StatementKind::LabelIf { test, then, otherwise } => {
                self.expression(test);
                self.clause(then)?;
                self.clause(otherwise)?;
            }
            StatementKind::Either(clauses) => {
                for clause in clauses {
                    self.statements(clause)?;
                }
            }
            StatementKind::LabelEither(clauses) => {
                for clause in clauses {
                    self.clause(clause)?;
                }
            }
            StatementKind::With { value, body, .. } => {
                self.expression(value);
                self.statements(body)?;
            }
            StatementKind::Await(expression) | StatementKind::Print(expression) | StatementKind::Assert(expression) => {
                self.expression(expression);
            }
            StatementKind::While { test, body } => {
                self.expression(test);
                self.clause(body)?;
            }
            StatementKind::Call { procedure, arguments } => self.procedure(procedure, arguments, place)?,
            StatementKind::CallReturn { from, procedure, arguments } => {
                self.returning(from);
                self.procedure(procedure, arguments, place)?;
            }
            StatementKind::CallGoto { after, procedure, arguments } => {
                self.target(after, place)?;
                self.procedure(procedure, arguments, place)?;
            }
            StatementKind::Return { from } => self.returning(from),
            StatementKind::Goto(label) => self.target(label, place)?,
            StatementKind::Skip | StatementKind::MacroCall { .. } => {}
        }
        Ok(())
    }
}
