//! Whether a given invariant proves something by induction.
//!
//! Three questions, in the order in which they are asked: every initial state satisfies the invariant (*initiation*), no
//! step leads out of it (*consecution*), and it implies what it is to prove (*safety*). The states are all those that have
//! a place in the shapes, reached or not. A step from a state of the invariant to a value without a place widens the
//! shapes, like everywhere here, and all is asked again: what is shown is that the invariant *and the shapes* are
//! inductive, so no step is lost. Where the invariant says of each variable which constant set it is in, the shapes
//! [have room](crate::hints) for all of its states from the beginning.
//!
//! Of one transition only what it changes is asked; each transition has its own question, so that the answer names one.

mod question;

use crate::aig::FALSE;
use crate::circuit::{Built, Target, build};
use crate::engine::{BEFORE, Unrolled, Watch};
use crate::hints;
use crate::observe::{FEW_WALKS, Observer};
use crate::prove::{Conclusion, Invariant, Options, Report};
use crate::solver::{Choice, Means, Use};
use crate::translate::state::Shape;
use crate::until::until_stopped;
use question::{Own, Question, answered, bad, stopped};
use tla_compile::Declined;
use tla_compile::shape::Datum;
use tla_explore::Broken;
use tla_explore::interpret::Interpreted;

/// How often shapes are widened; a step adds one value of a counter.
const MOST_ROUNDS: u32 = 150;

/// Most initial states that are visited to learn their values.
const MOST_INITIAL: usize = 1_000_000;

/// Most latches of a state.
const MOST_LATCHES: usize = 20_000;

/// Why an induction fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failing {
    /// A step leads from a state of the invariant to one that does not satisfy it.
    Step,
    /// A state, or a step from a state, of the invariant breaks what it is to imply.
    Target(Target),
    /// Something is undefined in a step from a state of the invariant.
    UndefinedStep,
}

/// A counterexample to induction: states whose first one satisfies the invariant; nothing says that it is reached.
#[derive(Debug, Clone)]
pub struct Counterexample {
    /// What fails.
    pub failing: Failing,
    /// One state, or two.
    pub states: Vec<Vec<Datum>>,
}

/// What was found out.
pub struct Induction {
    /// A conclusion for each target. The invariant's own is excluded if it is inductive, and reached if an initial state
    /// breaks it; the others are excluded if it is inductive and implies them.
    pub report: Report,
    /// Counterexamples, by target. Those targets are declined in the report.
    pub counterexamples: Vec<(Target, Counterexample)>,
}

/// Checks whether the invariant with a number is inductive and implies the targets.
pub fn induct(
    system: &Interpreted<'_>,
    number: u32,
    targets: &[Target],
    options: &Options,
    watch: &dyn Watch,
) -> Induction {
    let mut observer = Observer::new(system);
    watch.progress("shapes", "visiting states");
    observer.from_initial(options.observe, FEW_WALKS);
    if let Some(inductive) = system.model.invariants.get(number as usize) {
        hints::follow(system, &inductive.formula, &mut observer);
    }
    let own = Target::Property(Broken::Invariant(number));
    let mut run = Run {
        own,
        number,
        targets,
        shapes: Vec::new(),
        rounds: 0,
        solver: options.solver,
        watch,
        counterexamples: Vec::new(),
    };
    let mut initial = options.observe.max(1);
    loop {
        let mut built = match run.circuit(system, &mut observer) {
            Ok(built) => built,
            Err(reason) => return run.declined(&reason),
        };
        let outcome = run.decide(&built);
        match outcome {
            Decided::Conclusions(conclusions) => return run.finished(conclusions, built),
            Decided::Widen(state) => {
                observer.data = std::mem::take(&mut built.data);
                if !observer.from_step(&state) {
                    return run.defect("a step leaves the supposed values, but the interpreter knows no such step");
                }
            }
            Decided::WidenInitially => {
                observer.data = std::mem::take(&mut built.data);
                if initial * 8 > MOST_INITIAL {
                    let reason = format!("an initial state has a value that was not met among the first {initial}");
                    return run.declined(&Declined { reason, span: None });
                }
                initial *= 8;
                observer.from_initial(initial, FEW_WALKS);
            }
        }
        run.rounds += 1;
        if run.rounds >= MOST_ROUNDS {
            return run.declined(&run.unbounded(system));
        }
    }
}

enum Decided {
    Conclusions(Vec<(Target, Conclusion)>),
    /// A state of the invariant from which a step leaves the shapes.
    Widen(Vec<Datum>),
    /// An initial state has no place in the shapes.
    WidenInitially,
}

struct Run<'a> {
    own: Target,
    number: u32,
    targets: &'a [Target],
    shapes: Vec<Shape>,
    rounds: u32,
    solver: Choice,
    watch: &'a dyn Watch,
    counterexamples: Vec<(Target, Counterexample)>,
}

impl Run<'_> {
    fn circuit(&mut self, system: &Interpreted<'_>, observer: &mut Observer<'_>) -> Result<Built, Declined> {
        self.shapes = observer.supposed();
        if let Some(variable) = observer.odd {
            let (name, span) = &system.model.variables[variable];
            let reason = format!("the variable {name} has a value that is not finite, or a very large integer");
            return Err(Declined { reason, span: Some(*span) });
        }
        let latches: usize = self.shapes.iter().map(Shape::latches).sum();
        if latches > MOST_LATCHES {
            let reason = format!("a state takes {latches} latches; use smaller constants");
            return Err(Declined { reason, span: None });
        }
        if self.watch.stopped() {
            return Err(stopped());
        }
        self.watch.progress("circuit", &format!("{latches} latches"));
        let data = std::mem::take(&mut observer.data);
        build(system, &self.shapes, data).map_err(|reason| *reason)
    }

    /// Why widening was given up: the variable with the most values.
    fn unbounded(&self, system: &Interpreted<'_>) -> Declined {
        let largest = self.shapes.iter().zip(&system.model.variables).max_by_key(|(shape, _)| shape.latches());
        let name = largest.map_or_else(String::new, |(_, (name, _))| format!(" (perhaps {name})"));
        let reason = format!(
            "steps from states of the invariant left {MOST_ROUNDS} times what was supposed of the variables; say in the \
             invariant which finite set each variable is in{name}"
        );
        Declined { reason, span: None }
    }

    fn report(&self, conclusions: Vec<(Target, Conclusion)>) -> Report {
        let (shapes, rounds) = (self.shapes.clone(), self.rounds);
        let invariant = Invariant { cubes: Vec::new(), invariants: vec![self.number], by: "induction" };
        Report { conclusions, invariants: vec![invariant], built: None, shapes, rounds, defect: None }
    }

    fn declined(&self, reason: &Declined) -> Induction {
        let all = self.targets.iter().map(|target| (*target, Conclusion::Declined(reason.clone())));
        Induction { report: self.report(all.collect()), counterexamples: Vec::new() }
    }

    fn defect(&self, text: &str) -> Induction {
        let mut induction = self.declined(&Declined { reason: text.to_owned(), span: None });
        induction.report.defect = Some(text.to_owned());
        induction
    }

    fn finished(self, conclusions: Vec<(Target, Conclusion)>, built: Built) -> Induction {
        let report = Report { built: Some(built), ..self.report(conclusions) };
        Induction { report, counterexamples: self.counterexamples }
    }

    fn decide(&mut self, built: &Built) -> Decided {
        let means = Means { choice: self.solver, ..Means::default() };
        let decided = until_stopped(self.watch, std::slice::from_ref(&means), || self.ask(built, &means));
        decided.unwrap_or_else(|reason| Decided::Conclusions(self.all(&Conclusion::Declined(reason))))
    }

    fn all(&self, conclusion: &Conclusion) -> Vec<(Target, Conclusion)> {
        self.targets.iter().map(|target| (*target, conclusion.clone())).collect()
    }

    fn ask(&mut self, built: &Built, means: &Means) -> Result<Decided, Declined> {
        let circuit = &built.circuit;
        if let Some((_, reason)) = circuit.declined.iter().find(|(known, _)| *known == self.own) {
            return Err(reason.clone());
        }
        let Some(own) = Own::of(circuit, self.own) else {
            let reason = "whether the invariant holds in a state depends on more than the state".to_owned();
            return Err(Declined { reason, span: None });
        };
        self.watch.progress("induction", "initiation");
        let mut conclusions = Vec::new();
        if let Some(decided) = self.initiation(built, &own, means, &mut conclusions)? {
            return Ok(decided);
        }
        let mut question = Question::new(circuit, &own, means);
        if let Some(decided) = self.foundations(built, &mut question)? {
            return Ok(decided);
        }
        let inductive = self.consecution(built, &own, &mut question)?;
        let (targets, own_target) = (self.targets, self.own);
        for target in targets.iter().copied().filter(|target| *target != own_target) {
            if conclusions.iter().any(|(known, _)| *known == target) {
                continue;
            }
            self.watch.progress("induction", "safety");
            let conclusion = self.safety(built, target, inductive, &mut question)?;
            conclusions.push((target, conclusion));
        }
        let conclusion = match inductive {
            true => Conclusion::Excluded(0),
            false => Conclusion::Declined(not_inductive()),
        };
        if self.targets.contains(&self.own) {
            conclusions.push((self.own, conclusion));
        }
        Ok(Decided::Conclusions(conclusions))
    }

    /// Initial states: what is undefined, what has no place, what breaks the invariant or a property of initial states.
    fn initiation(
        &self,
        built: &Built,
        own: &Own,
        means: &Means,
        conclusions: &mut Vec<(Target, Conclusion)>,
    ) -> Result<Option<Decided>, Declined> {
        let circuit = &built.circuit;
        let mut unrolled = Unrolled::new(circuit, means, Use::Steps);
        for (target, what) in [(Target::Undefined, "the initial predicate is undefined"), (Target::Overflow, "")] {
            let Some(bad) = circuit.index_of(target).map(|index| circuit.bads[index].initially) else { continue };
            let starts = unrolled.at(BEFORE, circuit.starts);
            let lit = unrolled.at(BEFORE, bad);
            let wanted = if target == Target::Undefined { vec![lit] } else { vec![lit, starts] };
            if bad != FALSE && answered(unrolled.sat.solve(&wanted))? {
                return match target {
                    Target::Overflow => Ok(Some(Decided::WidenInitially)),
                    _ => Err(Declined { reason: what.to_owned(), span: None }),
                };
            }
        }
        unrolled.start();
        unrolled.assume_valid(0);
        if !answered(unrolled.sat.solve(&[]))? {
            let reason = "no state satisfies the initial predicate, so there is nothing to prove".to_owned();
            return Err(Declined { reason, span: None });
        }
        let odd = unrolled.at(0, own.odd);
        if answered(unrolled.sat.solve(&[odd]))? {
            return Err(Declined { reason: "the invariant has no value in an initial state".to_owned(), span: None });
        }
        let broken = unrolled.at(0, own.broken);
        if answered(unrolled.sat.solve(&[broken]))? {
            let states = vec![built.state(&self.shapes, &unrolled.bits(0))];
            let others = Declined { reason: "an initial state does not satisfy the invariant".to_owned(), span: None };
            let mut all = self.all(&Conclusion::Declined(others));
            for (target, conclusion) in &mut all {
                if *target == self.own {
                    *conclusion = Conclusion::Reached(states.clone());
                }
            }
            return Ok(Some(Decided::Conclusions(all)));
        }
        self.initial_properties(built, &mut unrolled, conclusions)?;
        Ok(None)
    }

    /// Properties of initial states need no invariant.
    fn initial_properties(
        &self,
        built: &Built,
        unrolled: &mut Unrolled<'_>,
        conclusions: &mut Vec<(Target, Conclusion)>,
    ) -> Result<(), Declined> {
        for target in self.targets {
            let Target::Property(broken @ Broken::InitialProperty(_)) = *target else { continue };
            for one in [Target::PropertyUndefined(broken), *target] {
                let bads = built.circuit.bads.iter().filter(|bad| bad.target == one && bad.initially != FALSE);
                for bad in bads {
                    let lit = unrolled.at(0, bad.initially);
                    if answered(unrolled.sat.solve(&[lit]))? {
                        let state = built.state(&self.shapes, &unrolled.bits(0));
                        let reason = "the property has no value in an initial state".to_owned();
                        let conclusion = match one {
                            Target::Property(_) => Conclusion::Reached(vec![state]),
                            _ => Conclusion::Declined(Declined { reason, span: None }),
                        };
                        conclusions.push((*target, conclusion));
                    }
                }
            }
        }
        Ok(())
    }

    /// What every answer about steps rests on: the invariant has a value in all states of the shapes, all steps from its
    /// states have one, and none of them leaves the shapes.
    fn foundations(&mut self, built: &Built, question: &mut Question<'_>) -> Result<Option<Decided>, Declined> {
        let circuit = &built.circuit;
        if question.may_be_odd()? {
            let reason =
                "the invariant has no value in some state that the values of the variables allow; begin it with \
                          conjuncts that say which set each variable is in"
                    .to_owned();
            return Err(Declined { reason, span: None });
        }
        if let Some(bits) = question.possible(bad(circuit, Target::Undefined))? {
            let first = circuit.undefined.first();
            let what = first.map_or("an expression is undefined", |one| one.reason);
            let reason =
                format!("the invariant allows a state from which a step is undefined ({what}, or another expression)");
            let span = first.and_then(|one| one.span);
            let states = vec![built.state(&self.shapes, &bits)];
            self.counterexamples.push((self.own, Counterexample { failing: Failing::UndefinedStep, states }));
            return Err(Declined { reason, span });
        }
        let leaving = question.possible(bad(circuit, Target::Overflow))?;
        Ok(leaving.map(|bits| Decided::Widen(built.state(&self.shapes, &bits))))
    }

    /// Whether no step leads out of the invariant.
    fn consecution(&mut self, built: &Built, own: &Own, question: &mut Question<'_>) -> Result<bool, Declined> {
        let transitions = built.circuit.transitions.len();
        for number in 0..transitions {
            self.watch.progress("induction", &format!("consecution: transition {} of {transitions}", number + 1));
            let Some(states) = question.step_out(number, own.broken)? else { continue };
            let states = states.iter().map(|bits| built.state(&self.shapes, bits)).collect();
            self.counterexamples.push((self.own, Counterexample { failing: Failing::Step, states }));
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether the invariant implies something.
    fn safety(
        &mut self,
        built: &Built,
        target: Target,
        inductive: bool,
        question: &mut Question<'_>,
    ) -> Result<Conclusion, Declined> {
        let circuit = &built.circuit;
        if let Some((_, reason)) = circuit.declined.iter().find(|(known, _)| *known == target) {
            return Ok(Conclusion::Declined(reason.clone()));
        }
        let is_step = matches!(target, Target::Property(Broken::ActionProperty(_)));
        if let Target::Property(broken) = target {
            let odd = bad(circuit, Target::PropertyUndefined(broken));
            if question.possible(odd)?.is_some() {
                let reason = "the property has no value in a state or step that the invariant allows".to_owned();
                return Ok(Conclusion::Declined(Declined { reason, span: None }));
            }
        }
        let found = match is_step {
            true => question.possible_step(bad(circuit, target))?,
            false => question.possible(bad(circuit, target))?.map(|bits| vec![bits]),
        };
        if let Some(states) = found {
            let states = states.iter().map(|bits| built.state(&self.shapes, bits)).collect();
            self.counterexamples.push((target, Counterexample { failing: Failing::Target(target), states }));
            return Ok(Conclusion::Declined(not_implied()));
        }
        Ok(match inductive {
            true => Conclusion::Excluded(0),
            false => Conclusion::Declined(Declined {
                reason: "the invariant implies it, but is not inductive".to_owned(),
                span: None,
            }),
        })
    }
}

fn not_inductive() -> Declined {
    Declined { reason: "a step leads out of the invariant".to_owned(), span: None }
}

fn not_implied() -> Declined {
    Declined { reason: "the invariant does not imply it".to_owned(), span: None }
}
