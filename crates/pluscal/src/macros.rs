//! Expansion of macros.
//!
//! A call is replaced by the body with the arguments in the place of the parameters (in parentheses where several
//! tokens meet others). A parameter that is assigned to must get a variable, possibly with a subscript: `v[i]` for `x`
//! turns `x.f := e` into `v[i].f := e`. A macro may call macros defined before it, so its body has none left when it is
//! itself expanded.

use crate::ast::{Assignment, At, Clause, Macro, Statement, StatementKind};
use crate::error::{Outcome, Problem};
use crate::expression::{Expression, Kind};
use crate::text::Place;

/// Expands the calls of macros in some statements.
pub fn expand(statements: &mut Vec<Statement>, macros: &[Macro]) -> Outcome<()> {
    let mut result = Vec::with_capacity(statements.len());
    for mut statement in statements.drain(..) {
        match &mut statement.kind {
            StatementKind::MacroCall { name, arguments } => {
                let mut body = call(name, arguments, statement.at, macros)?;
                if let Some(first) = body.first_mut() {
                    first.label = statement.label;
                }
                result.extend(body);
                continue;
            }
            StatementKind::LabelIf { then, otherwise, .. } => {
                expand(&mut then.unlabelled, macros)?;
                expand(&mut otherwise.unlabelled, macros)?;
            }
            StatementKind::LabelEither(clauses) => {
                for clause in clauses {
                    expand(&mut clause.unlabelled, macros)?;
                }
            }
            StatementKind::With { body, .. } => expand(body, macros)?,
            StatementKind::While { body, .. } => expand(&mut body.unlabelled, macros)?,
            StatementKind::If { .. }
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
            | StatementKind::Goto(_) => {}
        }
        result.push(statement);
    }
    *statements = result;
    Ok(())
}

fn call(name: &str, arguments: &[Expression], at: At, macros: &[Macro]) -> Outcome<Vec<Statement>> {
    let Some(definition) = macros.iter().find(|definition| definition.name == name) else {
        let message = format!("there is no macro `{name}` here");
        let remedy = "define it before its first use; an operator of TLA+ cannot be a statement, and a procedure is \
                      called with `call`";
        return Err(Problem::new("pluscal-unknown-macro", at.visible(), message, remedy).over(name));
    };
    if definition.parameters.len() != arguments.len() {
        let (wanted, found) = (definition.parameters.len(), arguments.len());
        let message = format!("the macro `{name}` has {wanted} parameters, this call has {found} arguments");
        let problem = Problem::new("pluscal-arguments", at.visible(), message, "give one argument for each parameter");
        return Err(problem.over(name).related(definition.place, "the macro"));
    }
    let expansion = Expansion { names: &definition.parameters, values: arguments, call: at.place };
    expansion.statements(&definition.body)
}

/// What is put in the place of what.
struct Expansion<'a> {
    names: &'a [String],
    values: &'a [Expression],
    call: Place,
}

impl Expansion<'_> {
    fn expression(&self, expression: &Expression) -> Expression {
        let mut result = expression.copy();
        result.substitute(self.names, self.values, true);
        result
    }

    fn expressions(&self, expressions: &[Expression]) -> Vec<Expression> {
        expressions.iter().map(|expression| self.expression(expression)).collect()
    }

    fn statements(&self, statements: &[Statement]) -> Outcome<Vec<Statement>> {
        statements.iter().map(|statement| self.statement(statement)).collect()
    }

    fn clause(&self, clause: &Clause) -> Outcome<Clause> {
        self.statements(&clause.unlabelled).map(Clause::unsorted)
    }

    fn at(&self, at: At) -> At {
        At { called: Some(self.call), ..at }
    }

    fn statement(&self, statement: &Statement) -> Outcome<Statement> {
        let kind = match &statement.kind {
            StatementKind::Assign(all) => {
                StatementKind::Assign(all.iter().map(|one| self.assignment(one)).collect::<Outcome<_>>()?)
            }
            StatementKind::LabelIf { test, then, otherwise } => StatementKind::LabelIf {
                test: self.expression(test),
                then: self.clause(then)?,
                otherwise: self.clause(otherwise)?,
            },
            StatementKind::If { test, then, otherwise } => StatementKind::If {
                test: self.expression(test),
                then: self.statements(then)?,
                otherwise: self.statements(otherwise)?,
            },
            StatementKind::LabelEither(clauses) => {
                StatementKind::LabelEither(clauses.iter().map(|clause| self.clause(clause)).collect::<Outcome<_>>()?)
            }
            StatementKind::Either(clauses) => {
                StatementKind::Either(clauses.iter().map(|clause| self.statements(clause)).collect::<Outcome<_>>()?)
            }
            StatementKind::With { name, is_equal, value, body } => StatementKind::With {
                name: name.clone(),
                is_equal: *is_equal,
                value: self.expression(value),
                body: self.statements(body)?,
            },
            StatementKind::Await(condition) => StatementKind::Await(self.expression(condition)),
            StatementKind::Print(value) => StatementKind::Print(self.expression(value)),
            StatementKind::Assert(condition) => StatementKind::Assert(self.expression(condition)),
            StatementKind::While { test, body } => {
                StatementKind::While { test: self.expression(test), body: self.clause(body)? }
            }
            StatementKind::Call { procedure, arguments } => {
                StatementKind::Call { procedure: procedure.clone(), arguments: self.expressions(arguments) }
            }
            StatementKind::CallReturn { from, procedure, arguments } => StatementKind::CallReturn {
                from: from.clone(),
                procedure: procedure.clone(),
                arguments: self.expressions(arguments),
            },
            StatementKind::CallGoto { after, procedure, arguments } => StatementKind::CallGoto {
                after: after.clone(),
                procedure: procedure.clone(),
                arguments: self.expressions(arguments),
            },
            StatementKind::Skip
            | StatementKind::Return { .. }
            | StatementKind::Goto(_)
            | StatementKind::MacroCall { .. } => statement.kind.clone(),
        };
        Ok(Statement { kind, at: self.at(statement.at), label: statement.label.clone() })
    }

    fn assignment(&self, assignment: &Assignment) -> Outcome<Assignment> {
        let mut result = Assignment {
            variable: assignment.variable.clone(),
            at: self.at(assignment.at),
            subscript: self.expression(&assignment.subscript),
            value: self.expression(&assignment.value),
        };
        let parameter = self.names.iter().position(|name| *name == assignment.variable);
        let Some(value) = parameter.and_then(|index| self.values.get(index)) else { return Ok(result) };
        match value.at((0, 0)) {
            Some(first) if first.kind == Kind::Identifier => result.variable = first.text.clone(),
            first => {
                let found = first.map_or("", |token| token.text.as_str());
                let message =
                    format!("the macro assigns to its parameter `{}`, which is `{found}` here", assignment.variable);
                let remedy = "pass a variable, possibly with a subscript";
                let problem = Problem::new("pluscal-macro-assignment", self.call, message, remedy);
                return Err(problem.related(assignment.at.place, "the assignment"));
            }
        }
        let rest = value.without_first();
        if !rest.is_empty() {
            if result.subscript.is_empty() { result.subscript = rest } else { result.subscript.prepend(&rest, 0) }
        }
        Ok(result)
    }
}
