//! # What it finds
//! An object is used after the call that ends it (an encoder after `endEncoding`, a command buffer after `commit`), on every
//! path that leads there; and an object is ended while another one that was opened on it is not (a command buffer is
//! committed with an encoder open). Which types, which calls end them, what may still be called and what opens something is
//! configuration (`[states]`).
//!
//! # Why it is a bug
//! The driver asserts, or refuses the work and reports it much later, in another place.
//!
//! # Example
//! Bad:
//! ```objcpp
//! id<MTLBlitCommandEncoder> encoder = [buffer blitCommandEncoder];
//! [encoder endEncoding];
//! [encoder fillBuffer:b range:r value:0];
//! ```
//! Good:
//! ```objcpp
//! [encoder fillBuffer:b range:r value:0];
//! [encoder endEncoding];
//! [buffer commit];
//! ```
//!
//! # What it misses
//! Objects in members and those that another function ends; paths on which an object is ended only sometimes; the second round
//! of a loop; closures, which are looked at by themselves.
//!
//! # References
//! Strom and Yemini, "Typestate: a programming language concept for enhancing software reliability", IEEE TSE 1986; Metal
//! documentation, MTLCommandEncoder and MTLCommandBuffer.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::program::FnId;
use crate::program::calls::called;
use native_syntax::Name;
use native_syntax::ir::{Expr, Span, Stmt};
use std::collections::{BTreeMap, HashSet};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if facts.program.config.states.ends.is_empty() {
        return findings;
    }
    for id in facts.defined() {
        if let Some(body) = &facts.program.function(id).body {
            let mut walk = Walk { facts, id, findings: Vec::new() };
            walk.statements(body, &mut State::default());
            findings.extend(walk.findings);
        }
    }
    findings
}

/// What is known for certain at a point.
#[derive(Debug, Clone, Default)]
struct State {
    /// Objects that were ended: by which call, where.
    ended: BTreeMap<Name, (Name, Span)>,
    /// Objects that were opened on another one, and are not ended: on which, where.
    open: BTreeMap<Name, (Name, Span)>,
    /// The point is not reached.
    is_dead: bool,
}

impl State {
    /// What holds whichever way was taken.
    fn join(&mut self, other: Self) {
        if other.is_dead {
            return;
        }
        if self.is_dead {
            *self = other;
            return;
        }
        self.ended.retain(|name, _| other.ended.contains_key(name));
        self.open.retain(|name, _| other.open.contains_key(name));
    }
}

struct Walk<'a, 'p> {
    facts: &'a Facts<'p>,
    id: FnId,
    findings: Vec<Finding>,
}

impl<'p> Walk<'_, 'p> {
    fn statements(&mut self, stmts: &'p [Stmt], state: &mut State) {
        for stmt in stmts {
            self.statement(stmt, state);
        }
    }

    fn statement(&mut self, stmt: &'p Stmt, state: &mut State) {
        match stmt {
            Stmt::Expr(expr) => self.expression(expr, state),
            Stmt::Local(variables) => {
                for variable in variables {
                    if let Some(init) = &variable.init {
                        self.expression(init, state);
                        self.assigned(variable.name, init, state);
                    }
                }
            }
            Stmt::Block(body, _) => self.statements(body, state),
            Stmt::If { init, condition, then, otherwise, .. } => {
                self.statements(init, state);
                self.expression(condition, state);
                let mut other = state.clone();
                self.statements(then, state);
                self.statements(otherwise, &mut other);
                state.join(other);
            }
            Stmt::Loop { init, condition, step, body, is_post_tested, .. } => {
                self.statements(init, state);
                if let Some(condition) = condition.as_ref().filter(|_| !is_post_tested) {
                    self.expression(condition, state);
                }
                let mut round = state.clone();
                self.statements(body, &mut round);
                if let Some(step) = step {
                    self.expression(step, &mut round);
                }
                // A round that was left early joins behind the loop all the same.
                round.is_dead = false;
                if *is_post_tested { *state = round } else { state.join(round) }
            }
            Stmt::Switch { subject, cases, has_default, .. } => {
                self.expression(subject, state);
                let before = state.clone();
                let mut after = State { is_dead: *has_default, ..before.clone() };
                for case in cases {
                    let mut of_case = before.clone();
                    self.statements(case, &mut of_case);
                    // `break` leads behind the switch.
                    of_case.is_dead &= !matches!(case.last(), Some(Stmt::Break(_)));
                    after.join(of_case);
                }
                *state = after;
            }
            Stmt::Return(value, _) => {
                if let Some(value) = value {
                    self.expression(value, state);
                }
                state.is_dead = true;
            }
            Stmt::Break(_) | Stmt::Continue(_) | Stmt::Goto(_) => state.is_dead = true,
            Stmt::Try { body, handlers, .. } => {
                let before = state.clone();
                self.statements(body, state);
                for (_, handler) in handlers {
                    // What was thrown may have been thrown before anything happened.
                    let mut caught = before.clone();
                    self.statements(handler, &mut caught);
                    state.join(caught);
                }
            }
        }
    }

    /// Operands first, then what the expression does.
    fn expression(&mut self, expr: &'p Expr, state: &mut State) {
        if state.is_dead {
            return;
        }
        if let Expr::Conditional { condition, then, otherwise, .. } = expr {
            self.expression(condition, state);
            let mut other = state.clone();
            self.expression(then, state);
            self.expression(otherwise, &mut other);
            return state.join(other);
        }
        if let Expr::Binary { operator, left, right, .. } = expr
            && matches!(operator.text(), "&&" | "||")
        {
            self.expression(left, state);
            let before = state.clone();
            self.expression(right, state);
            return state.join(before);
        }
        for operand in expr.operands() {
            self.expression(operand, state);
        }
        match expr {
            Expr::Call { .. } | Expr::Message { .. } => self.call(expr, state),
            Expr::Assign { left, right, .. } => {
                if let Expr::Name(name, _) = left.as_ref() {
                    self.assigned(*name, right, state);
                }
            }
            Expr::Throw(..) => state.is_dead = true,
            // Whoever has the address may put another object there.
            Expr::Unary { operator, operand, .. } if operator.text() == "&" => {
                if let Expr::Name(name, _) = operand.as_ref() {
                    state.ended.remove(name);
                    state.open.remove(name);
                }
            }
            _ => {}
        }
    }

    /// A variable holds another object; one that was opened on something, perhaps.
    fn assigned(&mut self, name: Name, value: &'p Expr, state: &mut State) {
        state.ended.remove(&name);
        state.open.remove(&name);
        let opened = unwrapped(value);
        if self.facts.program.config.states.opens.contains(called(opened))
            && let Some(Expr::Name(on, _)) = receiver(opened).map(unwrapped)
        {
            state.open.insert(name, (*on, value.span()));
        }
    }

    fn call(&mut self, call: &'p Expr, state: &mut State) {
        let Some(Expr::Name(name, _)) = receiver(call).map(unwrapped) else {
            return self.passed(call, state);
        };
        let (name, action) = (*name, called(call));
        let states = &self.facts.program.config.states;
        let opens = states.opens.contains(action);
        let Some(ty) = self.kind(name, &states.ends, state) else { return };
        if let Some((ending, at)) = state.ended.get(&name) {
            if !says(&states.after, &ty, action) {
                let message =
                    format!("`{action}` on `{name}` after `{ending}`: it is ended on every path that leads here");
                let finding = self.finding(call.span(), name, message);
                self.findings.push(finding.relate(self.facts.program, (self.id, *at), "it is ended here"));
            }
        } else if says(&states.ends, &ty, action) {
            let opened = state.open.iter().find(|(_, (on, _))| *on == name);
            if let Some((other, (_, at))) = opened.filter(|_| !opens) {
                let message = format!("`{action}` on `{name}` while `{other}` is open on it");
                let finding = self.finding(call.span(), name, message);
                self.findings.push(finding.relate(
                    self.facts.program,
                    (self.id, *at),
                    "it is opened here, and not ended",
                ));
            }
            state.open.remove(&name);
            state.ended.insert(name, (Name::new(action), call.span()));
        }
        self.passed(call, state);
    }

    /// An object that is given to a function of the program may be ended there, or taken over.
    fn passed(&self, call: &'p Expr, state: &mut State) {
        if self.facts.program.callees(self.id, call).is_empty() {
            return;
        }
        for argument in crate::flow::closures::arguments(call) {
            argument.walk(&mut |part| {
                if let Expr::Name(name, _) = part {
                    state.open.remove(name);
                }
            });
        }
    }

    /// The configured type of a variable: by its declaration, else because it was opened.
    fn kind(&self, name: Name, ends: &HashSet<String>, state: &State) -> Option<String> {
        let referent = self.facts.program.referent(self.id, name)?;
        let local = matches!(
            referent,
            crate::program::types::Referent::Local(home, _) | crate::program::types::Referent::Parameter(home, _) if home == self.id
        );
        let variable = referent.variable();
        let declared = match (&variable.init, crate::program::types::bare(variable.ty.text())) {
            (Some(init), "auto") => self.facts.program.type_of(self.id, init).unwrap_or(variable.ty),
            _ => variable.ty,
        };
        let is_opened = state.open.contains_key(&name);
        let types = ends.iter().filter_map(|entry| entry.split_once(':')).map(|(ty, _)| ty);
        let mut matching = types.filter(|ty| declared.text().contains(*ty) || is_opened && ty.ends_with("Encoder"));
        matching.next().filter(|_| local).map(str::to_owned)
    }

    fn finding(&self, span: Span, name: Name, message: String) -> Finding {
        Finding::new(self.facts.program, "typestate", Severity::Error, (self.id, span), name.text(), message)
            .confidence(Confidence::High)
            .fix("end it once, after its last use, and what was opened on it before")
    }
}

fn says(list: &HashSet<String>, ty: &str, action: &str) -> bool {
    list.contains(&format!("{ty}:{action}")) || list.contains(&format!("*:{action}"))
}

/// The object that a call or message is for.
fn receiver(call: &Expr) -> Option<&Expr> {
    match call {
        Expr::Message { receiver, .. } => Some(receiver),
        Expr::Call { callee, .. } => match callee.as_ref() {
            Expr::Member { base, .. } => Some(base),
            _ => None,
        },
        _ => None,
    }
}

/// Without casts, and without messages that return their receiver.
fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast { operand, .. } => unwrapped(operand),
        Expr::Message { receiver, selector, .. } if matches!(selector.text(), "retain" | "autorelease") => {
            unwrapped(receiver)
        }
        other => other,
    }
}
