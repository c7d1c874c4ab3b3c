//! One step as an action: a conjunction with primes on what was assigned, subscripts on what belongs to a process, and
//! `UNCHANGED` for the rest.
//!
//! Statements of one step are executed in order: once a variable was assigned, its later occurrences mean the new value
//! and get a prime. The assignments of a multiple assignment all see the values before it.

use super::changed::{Changed, unchanged_lines};
use super::{Body, Generator, in_order};
use crate::ast::{Assignment, At, Statement, StatementKind, Step};
use crate::error::{Outcome, Problem};
use crate::expression::{Expression, Kind, Token, blanks, width};

impl Generator<'_> {
    pub(super) fn step(&mut self, step: &Step, body: Body<'_>) -> Outcome<()> {
        let name = if self.omit_pc() { body.name } else { step.label.as_str() };
        let argument = if self.has_processes() && body.with_self { "(self)" } else { "" };
        let head = format!("{name}{argument} == ");
        let column = width(&head);
        let indent = blanks(column);
        let names = self.variables.clone();
        let mut changed = Changed::none(&names);
        let first_line = self.out.count();
        for (number, statement) in step.statements.iter().enumerate() {
            let prefix = format!("{}/\\ ", if number == 0 { &head } else { &indent });
            self.statement(statement, &mut changed, body, &prefix)?;
        }
        let unchanged = changed.unchanged();
        let lines = unchanged_lines(&format!("{indent}/\\ "), &unchanged, self.width());
        lines.iter().for_each(|line| self.out.line(line));
        if unchanged.is_empty() && step.statements.len() == 1 {
            self.drop_bullet(first_line, usize::try_from(column).unwrap_or(0));
        }
        self.out.line("");
        Ok(())
    }

    /// A single conjunct needs no bullet: takes it away, and shifts the lines below.
    fn drop_bullet(&mut self, first_line: usize, column: usize) {
        for (number, line) in self.out.from(first_line).iter_mut().enumerate() {
            let chars: Vec<char> = line.chars().collect();
            if number == 0 {
                *line = chars.iter().take(column).chain(chars.iter().skip(column + 3)).collect();
            } else if chars.len() > 3 {
                *line = chars.iter().skip(3).collect();
            }
        }
    }

    fn statement(
        &mut self,
        statement: &Statement,
        changed: &mut Changed<'_>,
        body: Body<'_>,
        prefix: &str,
    ) -> Outcome<()> {
        match &statement.kind {
            StatementKind::Assign(all) => self.assign(all, statement.at, changed, body, prefix),
            StatementKind::If { test, then, otherwise } => self.choice(test, [then, otherwise], changed, body, prefix),
            StatementKind::Either(clauses) => self.either(clauses, changed, body, prefix),
            StatementKind::With { name, is_equal, value, body: inner } => {
                let value = self.subscripted(value, body, changed);
                let (head, tail) = if *is_equal {
                    (format!("{prefix}LET {name} == "), " IN")
                } else {
                    (format!("{prefix}\\E {name} \\in "), ":")
                };
                self.out.token(&head);
                self.out.expression(&value);
                self.out.token(tail);
                self.out.end();
                let indent = blanks(width(prefix) + 2);
                let bullet = if inner.len() > 1 { "/\\ " } else { "" };
                inner.iter().try_for_each(|each| self.statement(each, changed, body, &format!("{indent}{bullet}")))
            }
            StatementKind::Await(condition) => {
                self.out.token(prefix);
                self.out.expression(&self.subscripted(condition, body, changed));
                self.out.end();
                Ok(())
            }
            StatementKind::Print(value) => {
                self.out.token(&format!("{prefix}PrintT("));
                self.out.expression(&self.subscripted(value, body, changed));
                self.out.token(")");
                self.out.end();
                Ok(())
            }
            StatementKind::Assert(condition) => {
                self.assert(condition, statement.at, changed, body, prefix);
                Ok(())
            }
            StatementKind::Skip => {
                self.out.token(&format!("{prefix}TRUE"));
                self.out.end();
                Ok(())
            }
            // Only in a position from which control flow was not taken away, which cannot be.
            StatementKind::LabelIf { .. }
            | StatementKind::LabelEither(_)
            | StatementKind::While { .. }
            | StatementKind::Call { .. }
            | StatementKind::Return { .. }
            | StatementKind::CallReturn { .. }
            | StatementKind::CallGoto { .. }
            | StatementKind::Goto(_)
            | StatementKind::MacroCall { .. } => {
                let place = statement.at.visible();
                let remedy = "put a label before the statement that follows";
                Err(Problem::new("pluscal-missing-label", place, "a label is missing behind this statement", remedy))
            }
        }
    }

    fn assert(&mut self, condition: &Expression, at: At, changed: &Changed<'_>, body: Body<'_>, prefix: &str) {
        let head = format!("{prefix}Assert(");
        self.out.token(&head);
        self.out.expression(&self.subscripted(condition, body, changed));
        let message = format!("\"Failure of assertion at {}.\")", at.words());
        self.out.token(", ");
        if self.out.column() + width(&message) < self.width() {
            self.out.token(&message);
        } else {
            self.out.end();
            self.out.token(&format!("{}{message}", blanks(width(&head))));
        }
        self.out.end();
    }

    /// `IF`, with `UNCHANGED` in each branch for what only the other one assigns.
    fn choice(
        &mut self,
        test: &Expression,
        branches: [&Vec<Statement>; 2],
        changed: &mut Changed<'_>,
        body: Body<'_>,
        prefix: &str,
    ) -> Outcome<()> {
        let head = format!("{prefix}IF ");
        let test = self.subscripted(test, body, changed);
        self.out.token(&head);
        self.out.expression(&test);
        self.out.end();
        let indent = blanks(width(&head));
        let bullet = format!("{indent}     /\\ ");
        let [then_branch, else_branch] = branches;
        let (mut then, mut otherwise) = (changed.clone(), changed.clone());
        let then_end = self.branch(then_branch, &mut then, body, (&format!("{indent}THEN /\\ "), &bullet))?;
        let slot = self.out.count();
        self.out.line("");
        let else_start = format!("{indent}ELSE /\\ ");
        if else_branch.is_empty() {
            self.out.line(&format!("{else_start}TRUE"));
        }
        self.branch(else_branch, &mut otherwise, body, (&else_start, &bullet))?;
        let lines = unchanged_lines(&bullet, &otherwise.unchanged_but_in(&then), self.width());
        lines.iter().for_each(|line| self.out.line(line));
        let mut lines = unchanged_lines(&then_end, &then.unchanged_but_in(&otherwise), self.width());
        if then_branch.is_empty() && lines.is_empty() {
            lines.push(format!("{then_end}TRUE"));
        }
        self.out.replace(slot, lines);
        changed.merge(&then);
        changed.merge(&otherwise);
        Ok(())
    }

    /// The statements of a branch; the prefix of the conjunct that may follow.
    fn branch(
        &mut self,
        statements: &[Statement],
        changed: &mut Changed<'_>,
        body: Body<'_>,
        (start, bullet): (&str, &str),
    ) -> Outcome<String> {
        let mut prefix = start;
        for statement in statements {
            self.statement(statement, changed, body, prefix)?;
            prefix = bullet;
        }
        Ok(prefix.to_owned())
    }

    fn either(
        &mut self,
        clauses: &[Vec<Statement>],
        changed: &mut Changed<'_>,
        body: Body<'_>,
        prefix: &str,
    ) -> Outcome<()> {
        let indent = blanks(width(prefix));
        let bullet = format!("{indent}   /\\ ");
        let mut all = changed.clone();
        let mut ends = Vec::new();
        for (number, clause) in clauses.iter().enumerate() {
            let start = format!("{}\\/ /\\ ", if number == 0 { prefix } else { &indent });
            let mut after = changed.clone();
            self.branch(clause, &mut after, body, (&start, &bullet))?;
            all.merge(&after);
            ends.push((self.out.count(), after));
            self.out.line(&bullet);
        }
        for (slot, after) in ends.into_iter().rev() {
            let names = after.unchanged_but_in(&all);
            // Here the original does not wrap, and leaves no blanks inside the brackets.
            let lines = match names.as_slice() {
                [] | [_] => unchanged_lines(&bullet, &names, self.width()),
                _ => vec![format!("{bullet}UNCHANGED <<{}>>", names.join(", "))],
            };
            self.out.replace(slot, lines);
        }
        changed.merge(&all);
        Ok(())
    }

    /// Assignments made at once.
    fn assign(
        &mut self,
        all: &[Assignment],
        at: At,
        changed: &mut Changed<'_>,
        body: Body<'_>,
        prefix: &str,
    ) -> Outcome<()> {
        let sorted = in_order(all);
        let groups: Vec<&[Assignment]> = sorted.chunk_by(|first, second| first.variable == second.variable).collect();
        let mut after = changed.clone();
        self.out.token(prefix);
        let several = groups.len() > 1;
        for (number, group) in groups.iter().enumerate() {
            let Some(first) = group.first() else { continue };
            self.check(group, first, at, &mut after)?;
            if number > 0 {
                self.out.end();
                self.out.token(&blanks(width(prefix)));
            }
            if several {
                self.out.token("/\\ ");
            }
            match group {
                [one] => self.assign_one(one, changed, body),
                _ => self.assign_parts(group, changed, body),
            }
        }
        self.out.end();
        changed.merge(&after);
        Ok(())
    }

    fn check(&self, group: &[Assignment], first: &Assignment, at: At, after: &mut Changed<'_>) -> Outcome<()> {
        let name = &first.variable;
        let place = first.at.visible();
        if !self.variables.contains(name) {
            let message = format!("`{name}` is no variable of the algorithm");
            let remedy = "declare it with `variable`; variables of the module and those of `with` cannot be assigned";
            return Err(Problem::new("pluscal-undeclared", place, message, remedy).over(name));
        }
        let whole_twice = group.len() > 1 && group.iter().any(|one| one.subscript.is_empty());
        if after.assign(name) > 1 || whole_twice {
            let message = format!("`{name}` is assigned twice in one step");
            let remedy = "put a label before the second assignment, or assign both at once with `||` and subscripts";
            return Err(Problem::new("pluscal-multiple-assignment", at.visible(), message, remedy));
        }
        Ok(())
    }

    fn is_function_of_process(&self, name: &str) -> bool {
        let name = &name.to_owned();
        self.has_processes() && (self.procedure_variables.contains(name) || self.set_variables.contains(name))
    }

    fn assign_one(&mut self, one: &Assignment, changed: &Changed<'_>, body: Body<'_>) {
        let name = &one.variable;
        let subscript = self.subscripted(&one.subscript, body, changed);
        let value = self.subscripted(&one.value, body, changed);
        let added = self.has_processes() && (name == "pc" || name == "stack");
        if added || self.is_function_of_process(name) {
            self.out.token(&format!("{name}' = [{name} EXCEPT !["));
            if let Some(me) = &self.me {
                self.out.expression(me);
            }
            self.out.token("]");
        } else if !one.subscript.is_empty() {
            self.out.token(&format!("{name}' = [{name} EXCEPT !"));
        } else {
            let parentheses = needs_parentheses(&value.render());
            self.out.token(&format!("{name}' = {}", if parentheses { "(" } else { "" }));
            self.out.expression(&value);
            self.out.token(if parentheses { ")" } else { "" });
            return;
        }
        if !subscript.is_empty() {
            self.out.expression(&subscript);
        }
        self.out.token(" = ");
        self.out.expression(&value);
        self.out.token("]");
    }

    /// Several parts of one variable.
    fn assign_parts(&mut self, group: &[Assignment], changed: &Changed<'_>, body: Body<'_>) {
        let Some(name) = group.first().map(|first| first.variable.clone()) else { return };
        self.out.token(&format!("{name}' = [{name} EXCEPT "));
        let column = self.out.column();
        for (number, one) in group.iter().enumerate() {
            if number > 0 {
                self.out.end();
                self.out.token(&blanks(column));
            }
            self.out.token("!");
            if self.is_function_of_process(&name) {
                self.out.token("[");
                if let Some(me) = self.self_in(body) {
                    self.out.expression(&me);
                }
                self.out.token("]");
            }
            self.out.expression(&self.subscripted(&one.subscript, body, changed));
            self.out.token(" = ");
            self.out.expression(&self.subscripted(&one.value, body, changed));
            self.out.token(if number + 1 == group.len() { "]" } else { "," });
        }
    }

    /// The process in which a body runs.
    pub(super) fn self_in(&self, body: Body<'_>) -> Option<Expression> {
        if !self.has_processes() {
            return None;
        }
        if body.in_procedure { Some(Expression::identifier("self")) } else { self.me.clone() }
    }

    fn subscripted(&self, expression: &Expression, body: Body<'_>, changed: &Changed<'_>) -> Expression {
        let subscript = self.self_in(body).map(|me| me.subscript());
        self.with_subscript(expression, subscript.as_ref(), |name| changed.has(name))
    }

    /// An expression with primes, and with a subscript behind what belongs to a process.
    pub(super) fn with_subscript(
        &self,
        expression: &Expression,
        subscript: Option<&Expression>,
        changed: impl Fn(&str) -> bool,
    ) -> Expression {
        let mut result = expression.copy();
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for token in expression.tokens() {
            let identifier = token.kind == Kind::Identifier;
            let prime = identifier && changed(&token.text);
            let of_process = token.kind == Kind::Added || (identifier && self.is_function_of_process(&token.text));
            let subscript = subscript.filter(|_| of_process);
            if (!prime && subscript.is_none()) || names.contains(&token.text) {
                continue;
            }
            names.push(token.text.clone());
            let mut line = vec![Token { column: 0, ..token.clone() }];
            if prime {
                line.push(Token::new("'", token.width(), Kind::Builtin));
            }
            let mut value = Expression::new(vec![line]);
            if let Some(subscript) = subscript {
                let mut subscript = subscript.copy();
                subscript.prepend(&value, 0);
                value = subscript;
            }
            values.push(value);
        }
        if !names.is_empty() {
            result.substitute(&names, &values, false);
        }
        result
    }
}

/// Whether an expression behind `=` needs parentheses, as far as its first line tells.
///
/// The original looks at the first line as often as there are lines, counting brackets on; so do we.
pub(super) fn needs_parentheses(lines: &[String]) -> bool {
    let Some(first) = lines.first() else { return false };
    let chars: Vec<char> = first.chars().collect();
    let mut depth = 0_i64;
    let mut in_string = false;
    for _ in lines {
        let mut index = 0;
        while let Some(character) = chars.get(index).copied() {
            let next = chars.get(index + 1).copied().unwrap_or(' ');
            let before = index.checked_sub(1).and_then(|index| chars.get(index)).copied();
            index += 1;
            if in_string {
                match character {
                    '"' => in_string = false,
                    '\\' => index += 1,
                    _ => {}
                }
                continue;
            }
            let (opens, closes, operator) = match (character, next) {
                ('<', '<') | ('>', '>') => {
                    index += 1;
                    (character == '<', character == '>', false)
                }
                ('"', _) => {
                    in_string = true;
                    (false, false, false)
                }
                ('=' | '#' | '<' | '>', _) | ('/', '\\') => (false, false, true),
                ('|', _) => (false, false, next == '-' || before == Some('-')),
                ('\\', _) => (false, false, !matches!(next, ' ' | 'o' | 'X')),
                ('(' | '[' | '{', _) => (true, false, false),
                (')' | ']' | '}', _) => (false, true, false),
                _ => (false, false, false),
            };
            if (operator || closes) && depth == 0 {
                return true;
            }
            depth += i64::from(opens) - i64::from(closes);
        }
        if in_string {
            return true;
        }
    }
    false
}
