//! The three questions about an invariant, asked in an undecided state.
//!
//! Initial states satisfy it, no step leaves it, and it implies the properties: each is a conjunction of gates that must
//! not be satisfiable together with the clauses of the invariant. A solver gets the clauses of a gate when a question first
//! concerns it, and each way to a successor has a solver of its own: gates of other ways would only have to be guessed.

use super::cases::Truth;
use super::gates::{FALSE, Literal, TRUE};
use super::places::Places;
use super::solver::{Answer, Solver};
use super::{Certificate, Proved};
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::State;
use crate::safety::{Part, state_alone, step};
use crate::specification::{Behavior, Formula};
use crate::successors::Target;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::Ident;
use tla_syntax::config::Config;

/// Why a check ended.
pub(crate) enum Stop {
    /// The certificate is wrong.
    Rejected(String),
    /// It allows a state in which something has no value.
    Undefined(String),
    /// The checker does not evaluate something, or a limit was reached.
    Unsupported(String, Span),
}

pub(super) type Checked<T = ()> = Result<T, Stop>;

/// What is wrong where a step does.
pub(super) const LEAVES: &str = "a step leads out of the invariant";

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Unsupported(fault.message(), fault.span())
    }
}

pub(super) fn rejected<T>(reason: impl Into<String>) -> Checked<T> {
    Err(Stop::Rejected(reason.into()))
}

/// A check under way.
pub(crate) struct Checker<'s> {
    pub(super) evaluator: Evaluator<'s>,
    config: &'s Config,
    pub(super) places: Places<'s>,
    /// The literals of a state, those of a monitor behind those of the places.
    pub(super) literals: Vec<Literal>,
    /// The values of a monitor's literals in the beginning.
    pub(super) initially: Vec<Literal>,
    solver: Solver,
    /// Gates that the solver knows.
    loaded: Vec<bool>,
    cubes: Vec<Vec<(usize, bool)>>,
    /// Invariants of the configuration that belong to the invariant, with what they are in the undecided state.
    own: Vec<(&'s Ident, Literal)>,
    stop: &'s (dyn Fn() -> bool + Sync),
    pub(super) span: Span,
}

impl<'s> Checker<'s> {
    /// A check of an invariant of the model, or of the model beside a monitor with so many literals.
    pub(crate) fn new(
        mut evaluator: Evaluator<'s>,
        config: &'s Config,
        certificate: &Certificate,
        monitor: usize,
        stop: &'s (dyn Fn() -> bool + Sync),
    ) -> Checked<Self> {
        let span = match &evaluator.root {
            Some(root) => root.module.name.span,
            None => return rejected("there is no module"),
        };
        let names: Vec<String> = evaluator.variables.iter().map(|name| name.to_string()).collect();
        let own: Vec<String> = certificate.shapes.iter().map(|(name, _)| name.clone()).collect();
        if names != own {
            return rejected("the certificate is about other variables");
        }
        evaluator.symbolic.is_on = true;
        evaluator.symbolic.is_free = true;
        evaluator.symbolic.path = TRUE;
        evaluator.symbolic.stop = Some(stop);
        let shapes: Vec<_> = certificate.shapes.iter().map(|(_, shape)| shape).collect();
        let places = Places::new(&mut evaluator, &shapes, span)?;
        let mut literals = places.literals.clone();
        literals.extend((0..monitor).map(|_| evaluator.symbolic.gates.leaf()));
        let mut cubes = Vec::with_capacity(certificate.cubes.len());
        for cube in &certificate.cubes {
            let cube: Vec<(usize, bool)> = cube.iter().map(|(index, value)| (*index as usize, *value)).collect();
            if cube.is_empty() || cube.iter().any(|(index, _)| *index >= literals.len()) {
                return rejected("a cube is empty, or has a literal that does not exist");
            }
            cubes.push(cube);
        }
        let (solver, loaded, own, initially) = (Solver::default(), Vec::new(), Vec::new(), Vec::new());
        let mut checker =
            Self { evaluator, config, places, literals, initially, solver, loaded, cubes, own, stop, span };
        checker.begin();
        Ok(checker)
    }

    /// A solver that knows the invariant of the state before and nothing else.
    pub(super) fn begin(&mut self) {
        self.forget();
        for clause in &self.places.clauses {
            self.solver.add(clause);
        }
        for cube in &self.cubes {
            let clause: Vec<Literal> = cube.iter().map(|part| !signed(&self.literals, *part)).collect();
            self.solver.add(&clause);
        }
        for index in 0..self.own.len() {
            let (_, holds) = self.own[index];
            self.load(&[holds]);
            self.solver.add(&[holds]);
        }
    }

    /// A solver that knows nothing.
    fn forget(&mut self) {
        self.solver = Solver::default();
        self.solver.reserve(self.evaluator.symbolic.gates.len());
        self.solver.add(&[!FALSE]);
        self.loaded.clear();
    }

    /// Checks everything; the number of cases.
    pub(crate) fn check(&mut self, certificate: &Certificate, proved: &Proved) -> Checked<u64> {
        let config = self.config;
        if !config.action_constraints.is_empty() {
            return Err(Stop::Unsupported("action constraints in a certificate".to_owned(), self.span));
        }
        self.assumptions()?;
        let Some(behavior) = self.evaluator.behavior(config)? else {
            return rejected("the configuration names no specification");
        };
        let Behavior { init, next, .. } = behavior;
        let mut properties = Vec::new();
        for name in &proved.properties {
            let Some(ident) = config.properties.iter().find(|ident| *ident.name == **name) else {
                return rejected(format!("the configuration has no property {name}"));
            };
            properties.push(self.evaluator.named(ident)?);
        }
        self.initiation(&init, &properties, &certificate.invariants)?;
        self.suppose(&certificate.invariants)?;
        self.consecution(&next, &properties, proved.deadlock_freedom)?;
        for name in &proved.invariants {
            let ident = self.configured(name)?;
            if self.own.iter().any(|(known, _)| known.name == ident.name) {
                continue;
            }
            let state = self.places.state.clone();
            let truth = self.holds(ident, &state)?;
            self.implies(truth, &[], &format!("the invariant does not imply {name}"))?;
        }
        let state = self.places.state.clone();
        for property in &properties {
            let broken = self.evaluator.broken_open(property, Part::Invariant, std::slice::from_ref(&state))?;
            let truth = self.evaluator.negated(broken);
            self.implies(truth, &[], "the invariant does not imply a part of a property")?;
        }
        Ok(self.evaluator.symbolic.cases)
    }

    /// They mention no variable, so that they are evaluated as always.
    pub(super) fn assumptions(&mut self) -> Checked {
        self.evaluator.symbolic.is_on = false;
        for assumption in self.evaluator.all_assumptions() {
            if !self.evaluator.assumption(&assumption)? {
                return rejected("an assumption is false");
            }
        }
        self.evaluator.symbolic.is_on = true;
        Ok(())
    }

    /// Gives the solver the gates that some literals depend on.
    fn load(&mut self, literals: &[Literal]) {
        let gates = &self.evaluator.symbolic.gates;
        self.solver.reserve(gates.len());
        self.loaded.resize(gates.len(), false);
        let mut open: Vec<usize> = literals.iter().map(|literal| literal.variable()).collect();
        while let Some(node) = open.pop() {
            if std::mem::replace(&mut self.loaded[node], true) {
                continue;
            }
            if let Some((a, b)) = gates.operands(node) {
                let own = Literal::new(node, true);
                self.solver.add(&[!own, a]);
                self.solver.add(&[!own, b]);
                self.solver.add(&[own, !a, !b]);
                open.extend([a.variable(), b.variable()]);
            }
        }
    }

    /// Whether literals can be true together; with the invariant in the state before, unless it is an initial one.
    pub(super) fn is_possible(&mut self, literals: &[Literal]) -> Checked<bool> {
        if (self.stop)() {
            return Err(Stop::Unsupported("a check that was stopped".to_owned(), self.span));
        }
        if literals.contains(&FALSE) {
            return Ok(false);
        }
        self.load(literals);
        let wanted: Vec<Literal> = literals.iter().copied().filter(|literal| *literal != TRUE).collect();
        match self.solver.solve(&wanted, self.stop) {
            Answer::Satisfiable => Ok(true),
            Answer::Contradictory => Ok(false),
            Answer::Unknown(why) => Err(Stop::Unsupported(why.to_owned(), self.span)),
        }
    }

    /// Where something may be undefined, that must not be possible.
    pub(super) fn never(&mut self, faults: Vec<(Literal, Fault)>, given: &[Literal]) -> Checked {
        for (when, fault) in faults {
            if !self.is_possible(&[given, &[when]].concat())? {
                continue;
            }
            if fault.is_defect_of_specification() {
                let message = fault.message();
                return Err(Stop::Undefined(message));
            }
            return Err(fault.into());
        }
        Ok(())
    }

    /// Something must be true and defined wherever the given literals are.
    fn implies(&mut self, truth: Truth, given: &[Literal], otherwise: &str) -> Checked {
        self.never(truth.fault.map(|fault| (truth.undefined, fault)).into_iter().collect(), given)?;
        if self.is_possible(&[given, &[!truth.when]].concat())? {
            return rejected(otherwise);
        }
        Ok(())
    }

    fn holds(&mut self, name: &'s Ident, state: &Rc<State<'s>>) -> Outcome<Truth> {
        let span = self.span;
        let meaning = self.evaluator.root_meaning(name, span)?;
        let outcome = self.evaluator.at(state_alone(state), |this| this.apply(&meaning, &[], span));
        self.evaluator.truth_of(outcome, span)
    }

    /// When a state satisfies the constraints.
    fn in_model(&mut self, state: &Rc<State<'s>>) -> Checked<Literal> {
        let mut all = TRUE;
        for name in &self.config.constraints {
            let truth = self.holds(name, state)?;
            self.never(truth.fault.map(|fault| (truth.undefined, fault)).into_iter().collect(), &[all])?;
            all = self.evaluator.symbolic.gates.and(all, truth.when);
        }
        Ok(all)
    }

    pub(super) fn initiation(&mut self, init: &[Formula<'s>], properties: &[Formula<'s>], own: &[String]) -> Checked {
        // Initial states are not known to satisfy the invariant.
        self.forget();
        let reached = self.evaluator.reached_open(init, Target::Initial, None)?;
        let faults = std::mem::take(&mut self.evaluator.symbolic.faults);
        self.never(faults, &[])?;
        let mut starts = false;
        for (when, state) in reached {
            starts |= self.is_possible(&[when])?;
            let otherwise = "an initial state does not satisfy the invariant";
            let monitor = self.initially.clone();
            self.stays(&state, &monitor, when, otherwise)?;
            for name in own {
                let name = self.configured(name)?;
                let truth = self.holds(name, &state)?;
                self.implies(truth, &[when], otherwise)?;
            }
            for property in properties {
                let broken = self.evaluator.broken_open(property, Part::Initial, std::slice::from_ref(&state))?;
                let truth = self.evaluator.negated(broken);
                self.implies(truth, &[when], "an initial state breaks a property")?;
            }
        }
        if !starts {
            return rejected("there is no initial state");
        }
        self.begin();
        Ok(())
    }

    fn configured(&self, name: &str) -> Checked<&'s Ident> {
        match self.config.invariants.iter().find(|ident| *ident.name == *name) {
            Some(ident) => Ok(ident),
            None => rejected(format!("the configuration has no invariant {name}")),
        }
    }

    /// Takes in the invariants that are part of the invariant. They have a value in every state that the rest allows: one
    /// after the other, so that each may rest on those before it.
    pub(super) fn suppose(&mut self, own: &[String]) -> Checked {
        let state = self.places.state.clone();
        for name in own {
            let name = self.configured(name)?;
            let truth = self.holds(name, &state)?;
            self.never(truth.fault.map(|fault| (truth.undefined, fault)).into_iter().collect(), &[])?;
            self.load(&[truth.when]);
            self.solver.add(&[truth.when]);
            self.own.push((name, truth.when));
        }
        Ok(())
    }

    fn consecution(&mut self, next: &Formula<'s>, properties: &[Formula<'s>], deadlock_freedom: bool) -> Checked {
        let state = self.places.state.clone();
        let inside = self.in_model(&state)?;
        let formulas = std::slice::from_ref(next);
        let reached = self.evaluator.reached_open(formulas, Target::Next, Some(state.clone()))?;
        let faults = std::mem::take(&mut self.evaluator.symbolic.faults);
        self.never(faults, &[inside])?;
        for (when, successor) in &reached {
            self.begin();
            let given = [inside, *when];
            if !self.is_possible(&given)? {
                continue;
            }
            let taken = self.evaluator.symbolic.gates.and(inside, *when);
            let otherwise = LEAVES;
            self.stays(successor, &[], taken, otherwise)?;
            self.own_stay(successor, taken)?;
            for property in properties {
                let states = [state.clone(), successor.clone()];
                let moment = step(&state, successor);
                let broken = self.evaluator.at(moment, |this| this.broken_open(property, Part::Action, &states))?;
                let truth = self.evaluator.negated(broken);
                self.implies(truth, &given, "a step that the invariant allows breaks a property")?;
            }
        }
        self.begin();
        if deadlock_freedom {
            let moment = state_alone(&state);
            let outcome = self.evaluator.at(moment, |this| this.enabled_open(next.expr, &next.env));
            let truth = self.evaluator.truth_of(outcome, self.span)?;
            self.implies(truth, &[inside], "the invariant allows a state without a successor")?;
        }
        Ok(())
    }

    /// The invariants of the configuration that belong to the invariant hold in a state that a step leads to.
    pub(super) fn own_stay(&mut self, successor: &Rc<State<'s>>, taken: Literal) -> Checked {
        for index in 0..self.own.len() {
            let (name, before) = self.own[index];
            let truth = self.holds(name, successor)?;
            if truth.when != before {
                self.implies(truth, &[taken], LEAVES)?;
            }
        }
        Ok(())
    }

    /// A state that is reached under a condition has to satisfy the invariant, with these values of a monitor's literals.
    pub(super) fn stays(
        &mut self,
        state: &Rc<State<'s>>,
        monitor: &[Literal],
        when: Literal,
        otherwise: &str,
    ) -> Checked {
        let mut encoded = self.places.encode_state(&mut self.evaluator, state, self.span)?;
        self.never(encoded.faults, &[when])?;
        encoded.literals.extend(monitor);
        if self.is_possible(&[when, encoded.outside.unwrap_or(TRUE)])? {
            return rejected(otherwise);
        }
        for index in 0..self.cubes.len() {
            let cube = &self.cubes[index];
            let after: Vec<Literal> = cube.iter().map(|part| signed(&encoded.literals, *part)).collect();
            // A cube of which nothing has changed is one of the state before.
            let moved = cube.iter().zip(&after).any(|(part, after)| *after != signed(&self.literals, *part));
            if moved && self.is_possible(&[&[when], after.as_slice()].concat())? {
                return rejected(otherwise);
            }
        }
        Ok(())
    }
}

fn signed(literals: &[Literal], (index, value): (usize, bool)) -> Literal {
    if value { literals[index] } else { !literals[index] }
}
