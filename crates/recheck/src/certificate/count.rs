//! Checks proofs that nothing violates a property for ever.
//!
//! A behavior that violates a property under fairness satisfies a [conjunction](super::skeleton). The conjunction is
//! watched by a monitor, built here from the syntax tree and not taken from the certificate: it owes what `[]` and `<>`
//! ask for, remembers which recurring conditions were met, and counts how often all of them were. A behavior that
//! satisfies the conjunction has a run of the monitor that counts for ever, if what is chosen and guessed is chosen well.
//! So if an inductive invariant of the model beside the monitor excludes that the counter is full, there is no such
//! behavior. Choices and guesses are free literals; a step that changes nothing is one of the steps.
//!
//! The invariant has to begin with the initial states and to be kept by every step, as always.

use super::check::{Checked, Checker, LEAVES, Stop, rejected};
use super::gates::{FALSE, Gates, Literal, TRUE};
use super::skeleton::{Fact, Facts, Plain, Skeleton, lasting};
use super::{Certificate, Counting};
use crate::evaluate::Evaluator;
use crate::fault::Fault;
use crate::names::State;
use crate::safety::{state_alone, step};
use crate::specification::{Behavior, Formula};
use crate::successors::Target;
use std::rc::Rc;
use tla_syntax::config::Config;

/// A formula whose temporal operators are owed or chosen.
enum Ask {
    Plain(Plain),
    All(Vec<Ask>),
    Some(Vec<Ask>),
    /// The operator of this number.
    Operator(usize),
}

struct Operator {
    is_always: bool,
    /// Owed from the beginning.
    is_root: bool,
    body: Ask,
}

/// What has to recur: one of some facts, or that something has ceased.
struct Recurring {
    ceased: Option<usize>,
    facts: Vec<Plain>,
}

/// What watches a behavior.
#[derive(Default)]
struct Monitor {
    operators: Vec<Operator>,
    opening: Vec<Ask>,
    ceasing: Vec<Plain>,
    recurring: Vec<Recurring>,
}

impl Monitor {
    fn new(conjuncts: &[Skeleton]) -> Self {
        let mut monitor = Self::default();
        let mut others = Vec::new();
        for conjunct in conjuncts {
            match recurring(conjunct) {
                Some((ceased, facts)) => {
                    let ceased = ceased.map(|plain| {
                        monitor.ceasing.push(plain);
                        monitor.ceasing.len() - 1
                    });
                    monitor.recurring.push(Recurring { ceased, facts });
                }
                None => others.push(conjunct),
            }
        }
        for conjunct in others {
            let is_operator = matches!(conjunct, Skeleton::Always(_) | Skeleton::Eventually(_));
            let ask = monitor.ask(conjunct, is_operator);
            if !is_operator {
                monitor.opening.push(ask);
            }
        }
        monitor
    }

    fn ask(&mut self, formula: &Skeleton, is_root: bool) -> Ask {
        match formula {
            Skeleton::Plain(plain) => Ask::Plain(plain.clone()),
            Skeleton::All(items) => Ask::All(items.iter().map(|item| self.ask(item, false)).collect()),
            Skeleton::Some(items) => Ask::Some(items.iter().map(|item| self.ask(item, false)).collect()),
            Skeleton::Always(inner) | Skeleton::Eventually(inner) => {
                let number = self.operators.len();
                let is_always = matches!(formula, Skeleton::Always(_));
                self.operators.push(Operator { is_always, is_root, body: Ask::All(Vec::new()) });
                let body = self.ask(inner, false);
                self.operators[number].body = body;
                Ask::Operator(number)
            }
        }
    }

    /// Number of conditions that have to recur; each `<>` is one, that it is not put off for ever.
    fn conditions(&self) -> usize {
        self.recurring.len() + self.operators.iter().filter(|operator| !operator.is_always).count()
    }

    /// Number of its literals apart from the counter.
    fn width(&self) -> usize {
        let met = if self.conditions() > 1 { self.conditions() } else { 0 };
        usize::from(!self.opening.is_empty()) + self.operators.len() + self.ceasing.len() + met
    }

    fn initially(&self, literals: usize) -> Vec<Literal> {
        let mut all = Vec::with_capacity(literals);
        if !self.opening.is_empty() {
            all.push(TRUE);
        }
        all.extend(self.operators.iter().map(|operator| Literal::of(operator.is_root)));
        all.resize(literals, FALSE);
        all
    }
}

/// The parts of `[]<>F \/ []<>G \/ <>[]H`, of which there is at most one of the last kind.
fn recurring(conjunct: &Skeleton) -> Option<(Option<Plain>, Vec<Plain>)> {
    let items = match conjunct {
        Skeleton::Some(items) => &items[..],
        other => std::slice::from_ref(other),
    };
    let (mut ceased, mut facts) = (None, Vec::new());
    for item in items {
        match item {
            Skeleton::Always(inner) => match &**inner {
                Skeleton::Eventually(inner) => match &**inner {
                    Skeleton::Plain(plain) => facts.push(plain.clone()),
                    _ => return None,
                },
                _ => return None,
            },
            Skeleton::Eventually(inner) => match &**inner {
                Skeleton::Always(inner) => match &**inner {
                    Skeleton::Plain(plain) if ceased.is_none() => ceased = Some(plain.clone()),
                    _ => return None,
                },
                _ => return None,
            },
            Skeleton::Plain(_) | Skeleton::All(_) | Skeleton::Some(_) => return None,
        }
    }
    Some((ceased, facts))
}

/// Checks one of the certificates of a property, by its number; the number of cases.
pub(super) fn check<'s>(
    mut evaluator: Evaluator<'s>,
    config: &'s Config,
    (property, number): (&str, usize),
    countings: &[Counting],
    stop: &'s (dyn Fn() -> bool + Sync),
) -> Checked<u64> {
    let Some(ident) = config.properties.iter().find(|ident| *ident.name == *property) else {
        return rejected(format!("the configuration has no property {property}"));
    };
    let Some(Behavior { init, next, fairness }) = evaluator.behavior(config)? else {
        return rejected("the configuration names no specification");
    };
    let formula = evaluator.named(ident)?;
    if !config.constraints.is_empty() || !config.action_constraints.is_empty() {
        return Err(Stop::Unsupported("constraints beside infinite behaviors".to_owned(), formula.expr.span));
    }
    let tree = evaluator.unfold(&formula)?;
    let mut conjuncts = Vec::new();
    lasting(&tree, &mut conjuncts);
    let (Some(conjunct), Some(counting)) = (conjuncts.get(number), countings.get(number)) else {
        return rejected(format!("{property} has fewer temporal conjuncts"));
    };
    if conjuncts.len() != countings.len() {
        let (asked, told) = (conjuncts.len(), countings.len());
        let what = format!("a property of {asked} temporal conjuncts with {told} proofs");
        return Err(Stop::Unsupported(what, formula.expr.span));
    }
    let mut facts = Facts::default();
    let monitor = Monitor::new(&evaluator.violation(&fairness, conjunct, &mut facts)?);
    let width = monitor.width() + counting.bound as usize;
    if width != counting.monitor || counting.bound == 0 {
        let what = "a temporal formula that is taken apart in another way there";
        return Err(Stop::Unsupported(what.to_owned(), conjunct.span));
    }
    let checker = Checker::new(evaluator, config, &counting.certificate, width, stop)?;
    Watched { checker, monitor, facts }.check(&counting.certificate, &init, &next)
}

/// A check of one certificate.
struct Watched<'s> {
    checker: Checker<'s>,
    monitor: Monitor,
    facts: Facts<'s>,
}

/// What the monitor makes of one step.
struct Observed<'g> {
    gates: &'g mut Gates,
    /// When each fact is true.
    facts: Vec<Literal>,
    /// When each operator is owed or chosen.
    active: Vec<Literal>,
}

impl Observed<'_> {
    fn all(&mut self, parts: Vec<Literal>) -> Literal {
        parts.into_iter().fold(TRUE, |all, part| self.gates.and(all, part))
    }

    fn plain(&mut self, plain: &Plain) -> Literal {
        match plain {
            Plain::Fact(number, positive) => {
                if *positive {
                    self.facts[*number]
                } else {
                    !self.facts[*number]
                }
            }
            Plain::All(items) => {
                let parts = items.iter().map(|item| self.plain(item)).collect();
                self.all(parts)
            }
            Plain::Some(items) => {
                let parts: Vec<Literal> = items.iter().map(|item| self.plain(item)).collect();
                self.gates.or_all(&parts)
            }
        }
    }

    fn ask(&mut self, ask: &Ask) -> Literal {
        match ask {
            Ask::Plain(plain) => self.plain(plain),
            Ask::Operator(number) => self.active[*number],
            Ask::All(items) => {
                let parts = items.iter().map(|item| self.ask(item)).collect();
                self.all(parts)
            }
            Ask::Some(items) => {
                let parts: Vec<Literal> = items.iter().map(|item| self.ask(item)).collect();
                self.gates.or_all(&parts)
            }
        }
    }
}

impl Monitor {
    /// The literals of the monitor after a step, and when the monitor allows it. The counter is the rest of the literals.
    fn step(&self, before: &[Literal], facts: Vec<Literal>, gates: &mut Gates) -> (Vec<Literal>, Literal) {
        let (first, before) = before.split_at(usize::from(!self.opening.is_empty()));
        let (owed, before) = before.split_at(self.operators.len());
        let (over, before) = before.split_at(self.ceasing.len());
        let (met, counter) = before.split_at(if self.conditions() > 1 { self.conditions() } else { 0 });
        let mut active = Vec::with_capacity(owed.len());
        for (operator, owed) in self.operators.iter().zip(owed) {
            let chosen = if operator.is_root { FALSE } else { gates.leaf() };
            active.push(gates.or(*owed, chosen));
        }
        let mut seen = Observed { gates, facts, active };
        let mut allowed = Vec::new();
        let mut after: Vec<Literal> = first.iter().map(|_| FALSE).collect();
        for (first, ask) in first.iter().flat_map(|first| self.opening.iter().map(move |ask| (first, ask))) {
            let truth = seen.ask(ask);
            allowed.push(seen.gates.or(!*first, truth));
        }
        let mut conditions = Vec::new();
        let mut settled = Vec::new();
        for (number, operator) in self.operators.iter().enumerate() {
            let (truth, active) = (seen.ask(&operator.body), seen.active[number]);
            if operator.is_always {
                allowed.push(seen.gates.or(!active, truth));
                after.push(active);
            } else {
                let put_off = seen.gates.and(active, !truth);
                after.push(put_off);
                settled.push(!put_off);
            }
        }
        let mut ceased = Vec::with_capacity(over.len());
        for (plain, over) in self.ceasing.iter().zip(over) {
            let guessed = seen.gates.leaf();
            let now = seen.gates.or(*over, guessed);
            let truth = seen.plain(plain);
            allowed.push(seen.gates.or(!now, truth));
            after.push(now);
            ceased.push(now);
        }
        for recurring in &self.recurring {
            let mut some: Vec<Literal> = recurring.facts.iter().map(|plain| seen.plain(plain)).collect();
            some.extend(recurring.ceased.map(|number| ceased[number]));
            conditions.push(seen.gates.or_all(&some));
        }
        conditions.extend(settled);
        for (condition, met) in conditions.iter_mut().zip(met) {
            *condition = seen.gates.or(*condition, *met);
        }
        let pulse = seen.all(conditions.clone());
        let remembered = conditions.iter().take(met.len());
        after.extend(remembered.map(|condition| seen.gates.and(*condition, !pulse)));
        let mut previous = TRUE;
        for count in counter {
            let here = seen.gates.and(previous, pulse);
            after.push(seen.gates.or(*count, here));
            previous = *count;
        }
        let allowed = seen.all(allowed);
        (after, allowed)
    }
}

impl<'s> Watched<'s> {
    fn check(mut self, certificate: &Certificate, init: &[Formula<'s>], next: &Formula<'s>) -> Checked<u64> {
        self.checker.assumptions()?;
        let monitor = self.checker.literals.len() - self.checker.places.literals.len();
        self.checker.initially = self.monitor.initially(monitor);
        self.checker.initiation(init, &[], &certificate.invariants)?;
        self.checker.suppose(&certificate.invariants)?;
        let state = self.checker.places.state.clone();
        let formulas = std::slice::from_ref(next);
        let mut steps = self.checker.evaluator.reached_open(formulas, Target::Next, Some(state.clone()))?;
        let faults = std::mem::take(&mut self.checker.evaluator.symbolic.faults);
        self.checker.never(faults, &[])?;
        // Nothing happens.
        steps.push((TRUE, state.clone()));
        let mut known: Vec<Option<Literal>> = Vec::with_capacity(self.facts.all.len());
        for number in 0..self.facts.all.len() {
            let is_of_state = matches!(self.facts.all[number], Fact::Enabled { .. });
            known.push(if is_of_state { Some(self.fact(number, &state, TRUE)?) } else { None });
        }
        for (when, successor) in &steps {
            self.checker.begin();
            if self.checker.is_possible(&[*when])? {
                self.step(&known, *when, successor)?;
            }
        }
        self.checker.begin();
        let full = self.checker.literals.last().copied().unwrap_or(TRUE);
        if self.checker.is_possible(&[full])? {
            return rejected("the invariant allows that the conditions are met too often");
        }
        Ok(self.checker.evaluator.symbolic.cases)
    }

    /// When a fact is true in the step to a state. Where that step is taken it has to have a value.
    fn fact(&mut self, number: usize, successor: &Rc<State<'s>>, when: Literal) -> Checked<Literal> {
        let (state, span) = (self.checker.places.state.clone(), self.checker.span);
        let evaluator = &mut self.checker.evaluator;
        let truth = match self.facts.all[number].clone() {
            Fact::Plain(Formula { expr, env }) => {
                evaluator.at(step(&state, successor), |this| this.truth_open(expr, &env))?
            }
            Fact::Enabled { action, subscript, env } => {
                let outcome =
                    evaluator.at(state_alone(&state), |this| this.enabled_change_open(action, subscript, &env));
                evaluator.truth_of(outcome, span)?
            }
            Fact::Taken { action, subscript, env } => evaluator.at(step(&state, successor), |this| {
                let stays = this.unchanged_open(subscript, &env)?;
                let changes = this.negated(stays);
                let acts = this.on_path(changes.when, |this| this.truth_open(action, &env))?;
                Ok::<_, Fault>(this.junction_of(vec![changes, acts], true))
            })?,
        };
        let faults = truth.fault.map(|fault| (truth.undefined, fault)).into_iter().collect();
        self.checker.never(faults, &[when])?;
        Ok(truth.when)
    }

    /// One step, under a condition: the invariant is kept.
    fn step(&mut self, known: &[Option<Literal>], when: Literal, successor: &Rc<State<'s>>) -> Checked {
        let mut facts = Vec::with_capacity(known.len());
        for (number, known) in known.iter().enumerate() {
            facts.push(match known {
                Some(known) => *known,
                None => self.fact(number, successor, when)?,
            });
        }
        let before = self.checker.literals[self.checker.places.literals.len()..].to_vec();
        let gates = &mut self.checker.evaluator.symbolic.gates;
        let (after, allowed) = self.monitor.step(&before, facts, gates);
        let taken = gates.and(when, allowed);
        self.checker.stays(successor, &after, taken, LEAVES)?;
        self.checker.own_stay(successor, taken)
    }
}
