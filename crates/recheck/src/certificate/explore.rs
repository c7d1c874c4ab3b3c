//! All cases of a question about an invariant.

use super::places::{Answers, Bit, Misfit, Places};
use super::solver::{Literal, Solver};
use super::{Certificate, Proved};
use crate::evaluate::{Evaluator, Script};
use crate::fault::{Fault, Outcome, Question};
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
    /// The checker does not evaluate something, or a limit was reached.
    Unsupported(String, Span),
}

type Checked<T = ()> = Result<T, Stop>;

fn rejected<T>(reason: impl Into<String>) -> Checked<T> {
    Err(Stop::Rejected(reason.into()))
}

/// Most cases of a check.
const MOST_CASES: u64 = 3_000_000;

/// What is evaluated in every case.
#[derive(Clone, Copy)]
enum Job<'j, 's> {
    /// Initial states.
    Start(&'j [Formula<'s>], &'j [Formula<'s>]),
    /// Steps, and properties of steps.
    Step(&'j Formula<'s>, &'j [Formula<'s>]),
    /// An invariant.
    Holds(&'s Ident),
    /// The parts `[]P` of a property.
    Part(&'j Formula<'s>),
    /// Some step is possible.
    Enabled(&'j Formula<'s>),
}

/// A check under way.
pub(crate) struct Checker<'s, 'c> {
    evaluator: Evaluator<'s>,
    config: &'s Config,
    places: Places<'s>,
    solver: Solver,
    cubes: &'c [Vec<(u32, bool)>],
    stop: &'c (dyn Fn() -> bool + Sync),
    cases: u64,
    /// Initial states.
    starts: u64,
    span: Span,
}

impl<'s, 'c> Checker<'s, 'c> {
    pub(crate) fn new(
        mut evaluator: Evaluator<'s>,
        config: &'s Config,
        certificate: &'c Certificate,
        stop: &'c (dyn Fn() -> bool + Sync),
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
        let shapes: Vec<_> = certificate.shapes.iter().map(|(_, shape)| shape).collect();
        let places = Places::new(&mut evaluator, &shapes, span).map_err(|fault| unsupported(&fault))?;
        let mut solver = Solver::new(places.literals);
        for asked in places.questions.iter().filter(|asked| asked.one_hot) {
            let literal = |index: usize, positive: bool| Literal::new(asked.first + index, positive);
            for a in 0..asked.answers {
                for b in 0..a {
                    solver.add(&[literal(a, false), literal(b, false)]);
                }
            }
            // Some answer is given where the place is there.
            let mut clause: Vec<Literal> = (0..asked.answers).map(|index| literal(index, true)).collect();
            if let Some((outer, answers)) = asked.under.last() {
                let outer = &places.questions[*outer];
                for answer in answers {
                    let mut conditional = clause.clone();
                    conditional.push(Literal::new(outer.first + answer, false));
                    solver.add(&conditional);
                }
            } else {
                clause.dedup();
                solver.add(&clause);
            }
        }
        // What is not there has no literal.
        for asked in &places.questions {
            let Some((outer, answers)) = asked.under.last() else { continue };
            let outer = &places.questions[*outer];
            let own = if asked.one_hot { asked.answers } else { 1 };
            for index in 0..own {
                let mut clause = vec![Literal::new(asked.first + index, false)];
                clause.extend(answers.iter().map(|answer| Literal::new(outer.first + answer, true)));
                solver.add(&clause);
            }
        }
        for cube in &certificate.cubes {
            if cube.is_empty() || cube.iter().any(|(literal, _)| *literal as usize >= places.literals) {
                return rejected("a cube is empty, or has a literal that does not exist");
            }
            let clause: Vec<Literal> =
                cube.iter().map(|(literal, value)| Literal::new(*literal as usize, !*value)).collect();
            solver.add(&clause);
        }
        Ok(Self { evaluator, config, places, solver, cubes: &certificate.cubes, stop, cases: 0, starts: 0, span })
    }

    /// Checks everything; the number of cases.
    pub(crate) fn check(&mut self, proved: &Proved) -> Checked<u64> {
        let config = self.config;
        if !config.action_constraints.is_empty() {
            return Err(Stop::Unsupported("action constraints in a certificate".to_owned(), self.span));
        }
        for assumption in self.evaluator.all_assumptions() {
            if !self.evaluator.assumption(&assumption).map_err(|fault| unsupported(&fault))? {
                return rejected("an assumption is false");
            }
        }
        let behavior = self.evaluator.behavior(config).map_err(|fault| unsupported(&fault))?;
        let Some(behavior) = behavior else { return rejected("the configuration names no specification") };
        let Behavior { init, next, .. } = behavior;
        let mut properties = Vec::new();
        for name in &proved.properties {
            let Some(ident) = config.properties.iter().find(|ident| *ident.name == **name) else {
                return rejected(format!("the configuration has no property {name}"));
            };
            properties.push(self.evaluator.named(ident).map_err(|fault| unsupported(&fault))?);
        }
        self.explore(Job::Start(&init, &properties))?;
        if self.starts == 0 {
            return rejected("there is no initial state");
        }
        self.explore(Job::Step(&next, &properties))?;
        for name in &proved.invariants {
            let Some(ident) = config.invariants.iter().find(|ident| *ident.name == **name) else {
                return rejected(format!("the configuration has no invariant {name}"));
            };
            self.explore(Job::Holds(ident))?;
        }
        for property in &properties {
            self.explore(Job::Part(property))?;
        }
        if proved.deadlock_freedom {
            self.explore(Job::Enabled(&next))?;
        }
        Ok(self.cases)
    }

    fn explore(&mut self, job: Job<'_, 's>) -> Checked {
        let answers = vec![None; self.places.questions.len()];
        self.case(job, &answers, &[])
    }

    fn assumptions(&self, answers: &Answers) -> Vec<Literal> {
        let mut all = Vec::new();
        for (asked, answer) in self.places.questions.iter().zip(answers) {
            if let Some(answer) = answer {
                all.push(match asked.one_hot {
                    true => Literal::new(asked.first + answer, true),
                    false => Literal::new(asked.first, *answer == 1),
                });
            }
        }
        all
    }

    fn case(&mut self, job: Job<'_, 's>, answers: &Answers, script: &[usize]) -> Checked {
        self.cases += 1;
        if self.cases > MOST_CASES || self.cases.is_multiple_of(64) && (self.stop)() {
            let text = format!("the check needs more than {} cases", self.cases - 1);
            return Err(Stop::Unsupported(text, self.span));
        }
        let fault = match self.evaluated(job, answers, script)? {
            None => return Ok(()),
            Some(fault) => fault,
        };
        match fault {
            Fault::Asks { question: Question::Alternative(count), .. } => {
                for choice in 0..count {
                    let mut longer = script.to_vec();
                    longer.push(choice);
                    self.case(job, answers, &longer)?;
                }
                Ok(())
            }
            Fault::Asks { question: Question::Place(question), span } => {
                if answers.get(question).is_none_or(Option::is_some) {
                    return Err(Stop::Unsupported("a question without an answer".to_owned(), span));
                }
                for answer in 0..self.places.questions[question].answers {
                    let mut more = answers.clone();
                    more[question] = Some(answer);
                    let assumptions = self.assumptions(&more);
                    if self.solver.is_satisfiable(&assumptions) {
                        self.case(job, &more, script)?;
                    }
                }
                Ok(())
            }
            fault if fault.is_defect_of_specification() => {
                rejected(format!("something is undefined in a state that the invariant allows: {}", fault.message()))
            }
            fault => Err(unsupported(&fault)),
        }
    }

    /// Evaluates a case; the fault that ended it, if one did.
    fn evaluated(&mut self, job: Job<'_, 's>, answers: &Answers, script: &[usize]) -> Checked<Option<Fault>> {
        let span = self.span;
        let state = match job {
            Job::Start(..) => None,
            Job::Step(..) | Job::Holds(_) | Job::Part(_) | Job::Enabled(_) => match self.places.state(answers, span) {
                Ok(state) => Some(Rc::new(state)),
                Err(fault) => return Ok(Some(fault)),
            },
        };
        let outcome = match (job, state) {
            (Job::Start(init, properties), _) => return self.start(init, properties, answers, script),
            (Job::Step(next, properties), Some(state)) => {
                return self.step(next, properties, &state, answers, script);
            }
            (Job::Holds(name), Some(state)) => self.holds(name, &state),
            (Job::Part(formula), Some(state)) => {
                self.evaluator.is_broken(formula, Part::Invariant, &[state]).map(|broken| !broken)
            }
            (Job::Enabled(next), Some(state)) => self.enabled(next, &state),
            (_, None) => Ok(false),
        };
        match outcome {
            Ok(true) => Ok(None),
            Ok(false) => rejected(match job {
                Job::Holds(name) => format!("the invariant does not imply {}", name.name),
                Job::Enabled(_) => "the invariant allows a state without a successor".to_owned(),
                Job::Start(..) | Job::Step(..) | Job::Part(_) => {
                    "the invariant does not imply a part of a property".to_owned()
                }
            }),
            Err(fault) => Ok(Some(fault)),
        }
    }

    fn holds(&mut self, name: &'s Ident, state: &Rc<State<'s>>) -> Outcome<bool> {
        let span = self.span;
        let meaning = self.evaluator.root_meaning(name, span)?;
        let value = self.evaluator.at(state_alone(state), |this| this.apply(&meaning, &[], span))?;
        Evaluator::truth(&value, span)
    }

    fn in_model(&mut self, state: &Rc<State<'s>>) -> Outcome<bool> {
        let config = self.config;
        for name in &config.constraints {
            if !self.holds(name, state)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn enabled(&mut self, next: &Formula<'s>, state: &Rc<State<'s>>) -> Outcome<bool> {
        if !self.in_model(state)? {
            return Ok(true);
        }
        self.evaluator.at(state_alone(state), |this| this.is_enabled(next.expr, &next.env))
    }

    /// Successors that the script leads to: one or none, because every alternative is chosen.
    fn found(
        &mut self,
        formulas: &[Formula<'s>],
        target: Target,
        current: Option<Rc<State<'s>>>,
        script: &[usize],
    ) -> Outcome<Vec<Rc<State<'s>>>> {
        let mut found = Vec::new();
        let span = self.span;
        self.evaluator.script = Some(Script { choices: script.to_vec(), at: 0 });
        let outcome = self.evaluator.search(formulas, target, current, &mut |state| {
            if state.iter().any(Option::is_none) {
                return Fault::undefined(span, "a successor leaves a variable without a value");
            }
            found.push(state.clone());
            Ok(true)
        });
        self.evaluator.script = None;
        outcome.map(|_| found)
    }

    fn start(
        &mut self,
        init: &[Formula<'s>],
        properties: &[Formula<'s>],
        answers: &Answers,
        script: &[usize],
    ) -> Checked<Option<Fault>> {
        let found = match self.found(init, Target::Initial, None, script) {
            Ok(found) => found,
            Err(fault) => return Ok(Some(fault)),
        };
        for state in found {
            self.starts += 1;
            match self.leaves(&state, answers, true)? {
                Ok(false) => {}
                Ok(true) => return rejected("an initial state does not satisfy the invariant"),
                Err(fault) => return Ok(Some(fault)),
            }
            for property in properties {
                match self.evaluator.is_broken(property, Part::Initial, std::slice::from_ref(&state)) {
                    Ok(false) => {}
                    Ok(true) => return rejected("an initial state breaks a property"),
                    Err(fault) => return Ok(Some(fault)),
                }
            }
        }
        Ok(None)
    }

    fn step(
        &mut self,
        next: &Formula<'s>,
        properties: &[Formula<'s>],
        state: &Rc<State<'s>>,
        answers: &Answers,
        script: &[usize],
    ) -> Checked<Option<Fault>> {
        match self.in_model(state) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(fault) => return Ok(Some(fault)),
        }
        let next = std::slice::from_ref(next);
        let found = match self.found(next, Target::Next, Some(state.clone()), script) {
            Ok(found) => found,
            Err(fault) => return Ok(Some(fault)),
        };
        for successor in found {
            match self.leaves(&successor, answers, false)? {
                Ok(false) => {}
                Ok(true) => return rejected("a step leads out of the invariant"),
                Err(fault) => return Ok(Some(fault)),
            }
            for property in properties {
                let moment = step(state, &successor);
                let states = [state.clone(), successor.clone()];
                let broken = self.evaluator.at(moment, |this| this.is_broken(property, Part::Action, &states));
                match broken {
                    Ok(false) => {}
                    Ok(true) => return rejected("a step that the invariant allows breaks a property"),
                    Err(fault) => return Ok(Some(fault)),
                }
            }
        }
        Ok(None)
    }

    /// Whether a successor of a state with these answers can be in some cube, or outside of the shapes.
    fn leaves(&mut self, state: &Rc<State<'s>>, answers: &Answers, initial: bool) -> Checked<Outcome<bool>> {
        let bits = match self.places.literals_of(&mut self.evaluator, state, self.span) {
            Ok(bits) => bits,
            // The case itself is possible, or it would not be looked at.
            Err(Misfit::Outside) => return Ok(Ok(true)),
            Err(Misfit::Fault(fault)) => return Ok(Err(fault)),
        };
        let known = self.assumptions(answers);
        for cube in self.cubes {
            let mut assumptions = known.clone();
            let mut moved = false;
            let mut possible = true;
            for (literal, value) in cube {
                let literal = *literal as usize;
                match bits[literal] {
                    Bit::Known(truth) => {
                        moved = true;
                        possible &= truth == *value;
                    }
                    Bit::Same(source) => {
                        moved |= source != literal;
                        assumptions.push(Literal::new(source, *value));
                    }
                }
                if !possible {
                    break;
                }
            }
            // An initial state is known as a whole. A cube that did not move is one of the state before.
            if possible && (initial || moved && self.solver.is_satisfiable(&assumptions)) {
                return Ok(Ok(true));
            }
        }
        Ok(Ok(false))
    }
}

fn unsupported(fault: &Fault) -> Stop {
    Stop::Unsupported(fault.message(), fault.span())
}
