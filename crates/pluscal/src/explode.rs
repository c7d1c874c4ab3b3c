//! Control flow made explicit.
//!
//! Every step gets a test `pc = "label"` in front, and at each of its ends the assignment of the next label to `pc`.
//! Inside an `if` or `either` the assignment is drawn out to the end of the whole statement where all alternatives go on
//! to the same place. A `while` becomes an `if` whose first branch comes back; the labelled statements inside become
//! steps of their own.
//!
//! The steps are built anew, but unlabelled bodies inside compound statements are changed in the tree as well: the
//! checksum of an algorithm is computed over the tree as it is afterwards, and the original translator shares them.

use crate::ast::{Algorithm, Assignment, At, Behavior, Clause, Statement, StatementKind, Step};
use crate::calls::{Frame, Frames};
use crate::error::{Outcome, Problem};
use crate::expression::{Expression, Kind, Token};

/// The steps of an algorithm, all on one level.
pub struct Exploded {
    /// Of each procedure.
    pub procedures: Vec<Vec<Step>>,
    /// Of the single body or of each process.
    pub bodies: Vec<Vec<Step>>,
}

/// A sequence of statements with explicit ends, and the steps that were inside it.
struct Tail {
    statements: Vec<Statement>,
    steps: Vec<Step>,
    /// Whether control goes on to the next step and nothing says so yet.
    open: bool,
}

struct Exploder<'a> {
    omit_pc: bool,
    frames: &'a Frames,
    procedure: Option<&'a Frame>,
}

/// Makes the control flow of an algorithm explicit.
pub fn explode(algorithm: &mut Algorithm) -> Outcome<Exploded> {
    let frames = Frames::new(&algorithm.procedures);
    let omit_pc = algorithm.traits.omit_pc;
    let mut procedures = Vec::new();
    for procedure in &mut algorithm.procedures {
        let frame = frames.find(&procedure.name);
        let exploder = Exploder { omit_pc, frames: &frames, procedure: frame };
        procedures.push(exploder.sequence(&mut procedure.body, "Error")?);
    }
    let exploder = Exploder { omit_pc, frames: &frames, procedure: None };
    let bodies = match &mut algorithm.behavior {
        Behavior::Single(body) => vec![exploder.sequence(body, "Done")?],
        Behavior::Processes(processes) => {
            let body = |process: &mut crate::ast::Process| exploder.sequence(&mut process.body, "Done");
            processes.iter_mut().map(body).collect::<Outcome<_>>()?
        }
    };
    Ok(Exploded { procedures, bodies })
}

/// Whether a test is `TRUE`, possibly in parentheses.
pub fn is_true(test: &Expression) -> bool {
    let words: Vec<&str> = test.tokens().map(|token| token.text.as_str()).collect();
    test.lines().count() == 1 && (words == ["TRUE"] || words == ["(", "TRUE", ")"])
}

/// A statement that the translation makes.
pub(crate) fn made(kind: StatementKind, at: At) -> Statement {
    Statement { kind, at, label: None }
}

/// `pc := "label"`
pub(crate) fn go_to(label: &str) -> Statement {
    let value = Expression::new(vec![vec![Token::new(label, 0, Kind::String)]]);
    let at = At::default();
    let one = Assignment { variable: "pc".to_owned(), at, subscript: Expression::default(), value };
    made(StatementKind::Assign(vec![one]), at)
}

/// `pc = "label"`
fn is_at(label: &str) -> Statement {
    let tokens =
        vec![Token::new("pc", 0, Kind::Added), Token::new("=", 0, Kind::Builtin), Token::new(label, 0, Kind::String)];
    made(StatementKind::Await(Expression::spaced(tokens, 1)), At::default())
}

impl Exploder<'_> {
    fn sequence(&self, steps: &mut [Step], last: &str) -> Outcome<Vec<Step>> {
        let next: Vec<String> = steps.iter().skip(1).map(|step| step.label.clone()).chain([last.to_owned()]).collect();
        let mut result = Vec::new();
        for (step, next) in steps.iter_mut().zip(next) {
            result.extend(self.step(step, &next)?);
        }
        Ok(result)
    }

    fn step(&self, step: &mut Step, next: &str) -> Outcome<Vec<Step>> {
        if matches!(step.statements.first(), Some(Statement { kind: StatementKind::While { .. }, .. })) {
            return self.while_step(step, next);
        }
        let tail = self.closed_tail(&mut step.statements, next)?;
        let mut result = Vec::new();
        if !self.omit_pc {
            let mut statements = vec![is_at(&step.label)];
            statements.extend(tail.statements);
            result.push(Step { label: step.label.clone(), at: step.at, statements });
        }
        result.extend(tail.steps);
        Ok(result)
    }

    fn while_step(&self, step: &mut Step, next: &str) -> Outcome<Vec<Step>> {
        let label = step.label.clone();
        let Some((first, rest)) = step.statements.split_first_mut() else { return Ok(Vec::new()) };
        let at = first.at;
        let StatementKind::While { test, body } = &mut first.kind else { return Ok(Vec::new()) };
        let mut statements = if self.omit_pc { Vec::new() } else { vec![is_at(&label)] };
        let inner_next = body.labelled.first().map_or(label.as_str(), |step| step.label.as_str()).to_owned();
        let inside = self.closed_tail(&mut body.unlabelled, &inner_next)?;
        let behind = self.closed_tail(rest, next)?;
        let forever = is_true(test);
        if forever {
            statements.extend(inside.statements);
        } else {
            let kind = StatementKind::If { test: test.clone(), then: inside.statements, otherwise: behind.statements };
            statements.push(made(kind, at));
        }
        let mut result = vec![Step { label: label.clone(), at: step.at, statements }];
        result.extend(self.sequence(&mut body.labelled, &label)?);
        result.extend(inside.steps);
        if !forever {
            result.extend(behind.steps);
        }
        Ok(result)
    }

    /// A tail that says where control goes.
    fn closed_tail(&self, statements: &mut [Statement], next: &str) -> Outcome<Tail> {
        let mut tail = self.tail(statements, next)?;
        if tail.open {
            tail.statements.push(go_to(next));
            tail.open = false;
        }
        Ok(tail)
    }

    fn tail(&self, statements: &mut [Statement], next: &str) -> Outcome<Tail> {
        let open = !self.omit_pc;
        let Some((last, before)) = statements.split_last_mut() else {
            return Ok(Tail { statements: Vec::new(), steps: Vec::new(), open });
        };
        let at = last.at;
        let replaced = |made: Vec<Statement>, steps: Vec<Step>| {
            let mut all = before.to_vec();
            all.extend(made);
            Ok(Tail { statements: all, steps, open: false })
        };
        match &mut last.kind {
            StatementKind::LabelIf { test, then, otherwise } => {
                let (then, otherwise, steps) = self.label_if(then, otherwise, next)?;
                let kind = StatementKind::If { test: test.clone(), then, otherwise };
                replaced(vec![made(kind, at)], steps)
            }
            StatementKind::LabelEither(clauses) => {
                let (mut alternatives, mut steps) = (Vec::new(), Vec::new());
                for clause in clauses {
                    let (statements, inner) = self.clause(clause, next)?;
                    alternatives.push(statements);
                    steps.extend(inner);
                    steps.extend(self.sequence(&mut clause.labelled, next)?);
                }
                replaced(vec![made(StatementKind::Either(alternatives), at)], steps)
            }
            StatementKind::Goto(label) => replaced(vec![go_to(label)], Vec::new()),
            StatementKind::Call { procedure, arguments } => {
                replaced(self.frames.call(procedure, arguments, next, at), Vec::new())
            }
            StatementKind::CallGoto { after, procedure, arguments } => {
                replaced(self.frames.call(procedure, arguments, after, at), Vec::new())
            }
            StatementKind::Return { from } => {
                let frame = self.current(at)?;
                from.get_or_insert_with(|| frame.name.clone());
                replaced(self.frames.back(frame, at), Vec::new())
            }
            StatementKind::CallReturn { procedure, arguments, .. } => {
                replaced(self.frames.tail_call(self.current(at)?, procedure, arguments, at), Vec::new())
            }
            StatementKind::If { then, otherwise, .. } => {
                let (first, second) = (self.tail(then, next)?, self.tail(otherwise, next)?);
                let both = first.open && second.open;
                let (mut steps, further) = (first.steps, second.steps);
                *then = first.statements;
                *otherwise = second.statements;
                if !both && first.open {
                    then.push(go_to(next));
                }
                if !both && second.open {
                    otherwise.push(go_to(next));
                }
                steps.extend(further);
                Ok(Tail { statements: statements.to_vec(), steps, open: both && open })
            }
            StatementKind::Either(clauses) => {
                let mut tails =
                    clauses.iter_mut().map(|clause| self.tail(clause, next)).collect::<Outcome<Vec<_>>>()?;
                let all = tails.iter().all(|tail| tail.open);
                let mut steps = Vec::new();
                for (clause, tail) in clauses.iter_mut().zip(&mut tails) {
                    clause.clone_from(&tail.statements);
                    steps.append(&mut tail.steps);
                    if !all && tail.open {
                        clause.push(go_to(next));
                    }
                }
                Ok(Tail { statements: statements.to_vec(), steps, open: all && open })
            }
            StatementKind::With { body, .. } => {
                let inside = self.tail(body, next)?;
                *body = inside.statements;
                Ok(Tail { statements: statements.to_vec(), steps: inside.steps, open: inside.open })
            }
            StatementKind::Assign(_)
            | StatementKind::Await(_)
            | StatementKind::Print(_)
            | StatementKind::Assert(_)
            | StatementKind::Skip
            | StatementKind::While { .. }
            | StatementKind::MacroCall { .. } => Ok(Tail { statements: statements.to_vec(), steps: Vec::new(), open }),
        }
    }

    fn current(&self, at: At) -> Outcome<&Frame> {
        self.procedure.ok_or_else(|| {
            let remedy = "end a process with `goto Done`, or move this into a procedure";
            Problem::new("pluscal-return", at.visible(), "this `return` is in no procedure", remedy)
        })
    }

    /// The unlabelled part of a clause, which is also written into the tree.
    fn clause(&self, clause: &mut Clause, next: &str) -> Outcome<(Vec<Statement>, Vec<Step>)> {
        let inner_next = clause.labelled.first().map_or(next, |step| step.label.as_str()).to_owned();
        let tail = self.closed_tail(&mut clause.unlabelled, &inner_next)?;
        if !clause.unlabelled.is_empty() {
            clause.unlabelled.clone_from(&tail.statements);
        }
        Ok((tail.statements, tail.steps))
    }

    #[allow(clippy::type_complexity)]
    fn label_if(
        &self,
        then: &mut Clause,
        otherwise: &mut Clause,
        next: &str,
    ) -> Outcome<(Vec<Statement>, Vec<Statement>, Vec<Step>)> {
        let (first, first_steps) = self.clause(then, next)?;
        let (second, second_steps) = self.clause(otherwise, next)?;
        let mut steps = self.sequence(&mut then.labelled, next)?;
        steps.extend(self.sequence(&mut otherwise.labelled, next)?);
        steps.extend(first_steps);
        steps.extend(second_steps);
        Ok((first, second, steps))
    }
}
