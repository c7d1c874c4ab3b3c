//! A solver for propositional clauses that says why.
//!
//! Conflict-driven clause learning (Marques-Silva and Sakallah, *GRASP*, 1996) with two watched literals and activities
//! (Moskewicz et al., *Chaff*, 2001), assumptions, saved phases, restarts in Luby's order and deletion of learned clauses
//! that span many levels (Eén and Sörensson, *An Extensible SAT-solver*, 2003; Audemard and Simon, *Glucose*, 2009).
//!
//! Whatever it derives goes to the [`Checker`] with the clauses that it was derived from, before it is used. An answer
//! *no* is given only if the checker has accepted a clause of negated assumptions; an answer *yes* leads to a rejection and
//! needs no trust.

use super::gates::Literal;
use super::heap::Heap;
use super::proof::Checker;

/// No clause.
const NONE: u32 = u32::MAX;

/// Conflicts before the first restart.
const RESTART: u64 = 64;

struct Clause {
    literals: Vec<Literal>,
    /// Its number for the checker.
    number: u32,
    /// Levels that it spans; none for a clause that was given.
    span: Option<u32>,
}

#[derive(Clone, Copy)]
struct Watch {
    clause: u32,
    /// A literal that makes a look at the clause needless if it is true.
    blocker: Literal,
}

/// What the solver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is an assignment.
    Satisfiable,
    /// There is none, and the checker has seen why.
    Contradictory,
    /// It was stopped, or the checker refused a clause.
    Unknown(&'static str),
}

/// Clauses, and what is known of their variables.
#[derive(Default)]
pub(crate) struct Solver {
    checker: Checker,
    refused: bool,
    clauses: Vec<Clause>,
    /// By the literal that has become true.
    watches: Vec<Vec<Watch>>,
    value: Vec<Option<bool>>,
    phase: Vec<bool>,
    level: Vec<u32>,
    reason: Vec<u32>,
    /// Of a variable that is assigned for good, the number of that unit clause.
    unit: Vec<u32>,
    /// Where an assigned variable stands on the trail.
    place: Vec<usize>,
    order: Heap,
    trail: Vec<Literal>,
    /// Where each level begins on the trail.
    levels: Vec<usize>,
    head: usize,
    contradictory: bool,
    seen: Vec<bool>,
    learned: usize,
    most_learned: usize,
}

/// A learned clause with the clauses it follows from.
struct Lesson {
    literals: Vec<Literal>,
    level: usize,
    hints: Vec<u32>,
}

impl Solver {
    /// Makes room for variables.
    pub(crate) fn reserve(&mut self, variables: usize) {
        if self.value.len() < variables {
            self.watches.resize_with(2 * variables, Vec::new);
            self.value.resize(variables, None);
            self.phase.resize(variables, false);
            self.level.resize(variables, 0);
            self.reason.resize(variables, NONE);
            self.unit.resize(variables, NONE);
            self.place.resize(variables, 0);
            self.seen.resize(variables, false);
            self.order.reserve(variables);
        }
    }

    fn truth(&self, literal: Literal) -> Option<bool> {
        self.value[literal.variable()].map(|value| value == literal.is_positive())
    }

    /// Adds a clause over variables that there is room for.
    pub(crate) fn add(&mut self, clause: &[Literal]) {
        self.back_to(0);
        let mut clause = clause.to_vec();
        clause.sort_unstable();
        clause.dedup();
        if clause.windows(2).any(|pair| pair[0] == !pair[1]) || clause.iter().any(|l| self.truth(*l) == Some(true)) {
            return;
        }
        for literal in &clause {
            self.order.insert(literal.variable());
        }
        let number = self.checker.given(&clause);
        // Literals that are not false come first: they are watched.
        clause.sort_by_key(|literal| self.truth(*literal) == Some(false));
        let open = clause.iter().filter(|literal| self.truth(**literal).is_none()).count();
        match open {
            0 => self.refute(&clause, number),
            1 => {
                let hints = self.with_units(&clause[1..], number);
                self.assign_for_good(clause[0], &hints);
                self.settle();
            }
            _ => {
                self.attach(Clause { literals: clause, number, span: None });
            }
        }
    }

    /// The unit clauses that make these literals false, and then a clause.
    fn with_units(&self, literals: &[Literal], last: u32) -> Vec<u32> {
        literals.iter().map(|literal| self.unit[literal.variable()]).chain([last]).collect()
    }

    /// A clause that is false for good.
    fn refute(&mut self, literals: &[Literal], number: u32) {
        let hints = self.with_units(literals, number);
        self.refused |= self.checker.derived(&[], &hints).is_none();
        self.contradictory = true;
    }

    fn assign_for_good(&mut self, literal: Literal, hints: &[u32]) {
        match self.checker.derived(&[literal], hints) {
            Some(number) => self.unit[literal.variable()] = number,
            None => self.refused = true,
        }
        self.assign(literal, NONE);
    }

    /// Draws the consequences of what holds for good.
    fn settle(&mut self) {
        if let Some(conflict) = self.propagate() {
            let clause = &self.clauses[conflict as usize];
            let (literals, number) = (clause.literals.clone(), clause.number);
            self.refute(&literals, number);
        }
    }

    fn attach(&mut self, clause: Clause) -> u32 {
        let number = self.clauses.len() as u32;
        let (a, b) = (clause.literals[0], clause.literals[1]);
        self.watches[(!a).index()].push(Watch { clause: number, blocker: b });
        self.watches[(!b).index()].push(Watch { clause: number, blocker: a });
        self.clauses.push(clause);
        number
    }

    fn assign(&mut self, literal: Literal, reason: u32) {
        let variable = literal.variable();
        self.value[variable] = Some(literal.is_positive());
        self.phase[variable] = literal.is_positive();
        self.level[variable] = self.levels.len() as u32;
        self.reason[variable] = reason;
        self.place[variable] = self.trail.len();
        self.trail.push(literal);
    }

    fn back_to(&mut self, level: usize) {
        if let Some(start) = self.levels.get(level).copied() {
            for literal in self.trail.drain(start..) {
                self.value[literal.variable()] = None;
                self.order.insert(literal.variable());
            }
            self.levels.truncate(level);
            self.head = start;
        }
    }

    /// Draws the consequences of what was assigned; the clause that is false, if one is.
    fn propagate(&mut self) -> Option<u32> {
        while let Some(literal) = self.trail.get(self.head).copied() {
            self.head += 1;
            let mut concerned = std::mem::take(&mut self.watches[literal.index()]);
            let (mut kept, mut at) = (0, 0);
            let mut broken = None;
            while at < concerned.len() {
                let watch = concerned[at];
                at += 1;
                concerned[kept] = watch;
                kept += 1;
                if self.truth(watch.blocker) == Some(true) {
                    continue;
                }
                match self.visit(watch.clause, !literal) {
                    Visit::Moved => kept -= 1,
                    Visit::True(first) => concerned[kept - 1].blocker = first,
                    Visit::False => {
                        broken = Some(watch.clause);
                        break;
                    }
                    Visit::Forces(first) => self.imply(first, watch.clause),
                }
            }
            concerned.copy_within(at.., kept);
            concerned.truncate(kept + concerned.len() - at);
            self.watches[literal.index()] = concerned;
            if broken.is_some() {
                return broken;
            }
        }
        None
    }

    /// What becomes of a clause of which a watched literal is false.
    fn visit(&mut self, clause: u32, falsified: Literal) -> Visit {
        let literals = &mut self.clauses[clause as usize].literals;
        if literals.is_empty() {
            // It was deleted.
            return Visit::Moved;
        }
        if literals[0] == falsified {
            literals.swap(0, 1);
        }
        let first = literals[0];
        let truth = |literal: Literal| self.value[literal.variable()].map(|value| value == literal.is_positive());
        if truth(first) == Some(true) {
            return Visit::True(first);
        }
        if let Some(other) = (2..literals.len()).find(|index| truth(literals[*index]) != Some(false)) {
            literals.swap(1, other);
            let watched = literals[1];
            self.watches[(!watched).index()].push(Watch { clause, blocker: first });
            return Visit::Moved;
        }
        if truth(first) == Some(false) { Visit::False } else { Visit::Forces(first) }
    }

    fn imply(&mut self, literal: Literal, clause: u32) {
        if self.levels.is_empty() {
            let clause = &self.clauses[clause as usize];
            let others: Vec<Literal> = clause.literals.iter().copied().filter(|other| *other != literal).collect();
            let hints = self.with_units(&others, clause.number);
            self.assign_for_good(literal, &hints);
        } else {
            self.assign(literal, clause);
        }
    }

    /// What follows from a conflict.
    fn lesson(&mut self, conflict: u32) -> Lesson {
        let here = self.levels.len() as u32;
        let mut learned = vec![Literal(0)];
        let mut used: Vec<(usize, u32)> = Vec::new();
        let mut units: Vec<u32> = Vec::new();
        let mut marked: Vec<usize> = Vec::new();
        let (mut open, mut clause, mut place) = (0, conflict, self.trail.len());
        let mut skip = None;
        loop {
            for index in 0..self.clauses[clause as usize].literals.len() {
                let literal = self.clauses[clause as usize].literals[index];
                let variable = literal.variable();
                if Some(literal) == skip || self.seen[variable] {
                    continue;
                }
                self.seen[variable] = true;
                marked.push(variable);
                if self.level[variable] == 0 {
                    units.push(self.unit[variable]);
                    continue;
                }
                self.order.bump(variable);
                if self.level[variable] == here {
                    open += 1;
                } else {
                    learned.push(literal);
                }
            }
            loop {
                place -= 1;
                let variable = self.trail[place].variable();
                if self.seen[variable] && self.level[variable] == here {
                    break;
                }
            }
            let literal = self.trail[place];
            open -= 1;
            let reason = self.reason[literal.variable()];
            if open == 0 || reason == NONE {
                learned[0] = !literal;
                break;
            }
            used.push((place, self.clauses[reason as usize].number));
            (clause, skip) = (reason, Some(literal));
        }
        self.order.decay();
        self.shorten(&mut learned, &mut used, &mut units);
        for variable in marked {
            self.seen[variable] = false;
        }
        let highest = (1..learned.len()).max_by_key(|index| self.level[learned[*index].variable()]);
        let level = highest.map_or(0, |index| {
            learned.swap(1, index);
            self.level[learned[1].variable()] as usize
        });
        let number = self.clauses[conflict as usize].number;
        Lesson { literals: learned, level, hints: in_order(units, used, Some(number)) }
    }

    /// Leaves out literals that the others imply by one clause.
    fn shorten(&self, learned: &mut Vec<Literal>, used: &mut Vec<(usize, u32)>, units: &mut Vec<u32>) {
        let mut index = 1;
        while index < learned.len() {
            let variable = learned[index].variable();
            let Some(reason) = self.clauses.get(self.reason[variable] as usize) else {
                index += 1;
                continue;
            };
            let others = || reason.literals.iter().map(|other| other.variable()).filter(|other| *other != variable);
            if others().all(|other| self.seen[other] || self.level[other] == 0) {
                used.push((self.place[variable], reason.number));
                units.extend(others().filter(|other| self.level[*other] == 0).map(|other| self.unit[other]));
                learned.swap_remove(index);
            } else {
                index += 1;
            }
        }
    }

    /// Shows to the checker that assumptions contradict the clauses, where an assumption has become false.
    fn conclude(&mut self, failed: Literal) {
        let mut clause = vec![!failed];
        let (mut units, mut used) = (Vec::new(), Vec::new());
        self.seen[failed.variable()] = true;
        for place in (0..self.trail.len()).rev() {
            let literal = self.trail[place];
            let variable = literal.variable();
            // What is marked stands on the trail, and before what marked it.
            if !std::mem::take(&mut self.seen[variable]) {
                continue;
            }
            if self.level[variable] == 0 {
                units.push(self.unit[variable]);
            } else if self.reason[variable] == NONE {
                clause.push(!literal);
            } else {
                let reason = &self.clauses[self.reason[variable] as usize];
                used.push((place, reason.number));
                for other in &reason.literals {
                    self.seen[other.variable()] = other.variable() != variable;
                }
            }
        }
        self.refused |= self.checker.derived(&clause, &in_order(units, used, None)).is_none();
    }

    /// Whether the clauses can be satisfied together with assumptions.
    pub(crate) fn solve(&mut self, assumptions: &[Literal], stop: &dyn Fn() -> bool) -> Answer {
        self.back_to(0);
        let (mut conflicts, mut restarts) = (0u64, 0u64);
        let mut limit = RESTART;
        loop {
            if self.refused {
                return Answer::Unknown("a step of the solver's proof, which its checker refused");
            }
            if self.contradictory {
                return Answer::Contradictory;
            }
            if let Some(conflict) = self.propagate() {
                conflicts += 1;
                if conflicts.is_multiple_of(512) && stop() {
                    return Answer::Unknown("a question that takes the solver too long");
                }
                if self.levels.is_empty() {
                    let clause = &self.clauses[conflict as usize];
                    let (literals, number) = (clause.literals.clone(), clause.number);
                    self.refute(&literals, number);
                    continue;
                }
                let lesson = self.lesson(conflict);
                self.keep(lesson);
                continue;
            }
            if conflicts >= limit {
                restarts += 1;
                limit = conflicts + RESTART * luby(restarts);
                self.back_to(0);
                self.reduce();
                continue;
            }
            let next = match assumptions.get(self.levels.len()) {
                Some(assumed) => match self.truth(*assumed) {
                    Some(false) => {
                        self.conclude(*assumed);
                        if !self.refused {
                            return Answer::Contradictory;
                        }
                        continue;
                    }
                    // A level of its own, so that levels count assumptions.
                    Some(true) => None,
                    None => Some(*assumed),
                },
                None => match self.free() {
                    Some(variable) => Some(Literal::new(variable, self.phase[variable])),
                    None => return Answer::Satisfiable,
                },
            };
            self.levels.push(self.trail.len());
            if let Some(literal) = next {
                self.assign(literal, NONE);
            }
        }
    }

    /// Takes a learned clause in.
    fn keep(&mut self, lesson: Lesson) {
        let span = {
            let mut levels: Vec<u32> = lesson.literals.iter().map(|literal| self.level[literal.variable()]).collect();
            levels.sort_unstable();
            levels.dedup();
            levels.len() as u32
        };
        self.back_to(lesson.level);
        let first = lesson.literals[0];
        if lesson.literals.len() == 1 {
            self.assign_for_good(first, &lesson.hints);
            return;
        }
        match self.checker.derived(&lesson.literals, &lesson.hints) {
            Some(number) => {
                let clause = self.attach(Clause { literals: lesson.literals, number, span: Some(span) });
                self.learned += 1;
                self.assign(first, clause);
            }
            None => self.refused = true,
        }
    }

    /// Deletes half of the learned clauses once there are many. Nothing is assigned but for good.
    fn reduce(&mut self) {
        self.most_learned = self.most_learned.max(4000);
        if self.learned < self.most_learned {
            return;
        }
        let mut spans: Vec<u32> = self.clauses.iter().filter_map(|clause| clause.span).collect();
        spans.sort_unstable();
        let most = spans.get(spans.len() / 2).copied().unwrap_or(2).max(2);
        for clause in &mut self.clauses {
            if clause.span.is_some_and(|span| span > most) {
                clause.literals.clear();
                clause.span = None;
                self.checker.forget(clause.number);
                self.learned -= 1;
            }
        }
        self.most_learned += 1000;
    }

    fn free(&mut self) -> Option<usize> {
        loop {
            let variable = self.order.pop()?;
            if self.value[variable].is_none() {
                return Some(variable);
            }
        }
    }
}

/// What becomes of a clause.
enum Visit {
    /// It watches another literal.
    Moved,
    /// This literal of it is true.
    True(Literal),
    /// No literal is true or open.
    False,
    /// Only this literal is open.
    Forces(Literal),
}

/// Hints in an order in which they can be used: what holds for good, then reasons in the order of the trail.
fn in_order(mut units: Vec<u32>, mut used: Vec<(usize, u32)>, last: Option<u32>) -> Vec<u32> {
    used.sort_unstable();
    units.extend(used.into_iter().map(|(_, number)| number));
    units.extend(last);
    units
}

/// Luby's sequence 1, 1, 2, 1, 1, 2, 4, ... from 1 on.
fn luby(mut number: u64) -> u64 {
    loop {
        let power = (number + 1).next_power_of_two();
        if power == number + 1 {
            return power / 2;
        }
        number -= power / 2 - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_table(variables: usize, clauses: &[Vec<Literal>], assumptions: &[Literal]) -> bool {
        (0..1u32 << variables).any(|row| {
            let is = |literal: &Literal| (row >> literal.variable() & 1 == 1) == literal.is_positive();
            assumptions.iter().all(is) && clauses.iter().all(|clause| clause.iter().any(is))
        })
    }

    /// Random clauses against truth tables, with the same solver asked again and again; every *no* has its proof checked.
    #[test]
    fn answers_are_those_of_truth_tables() {
        let mut random = 7u64;
        let mut draw = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        for _ in 0..400 {
            let variables = 3 + draw(8);
            let mut solver = Solver::default();
            solver.reserve(variables);
            let mut clauses: Vec<Vec<Literal>> = Vec::new();
            for _ in 0..variables * 5 {
                let clause: Vec<Literal> =
                    (0..1 + draw(3)).map(|_| Literal::new(draw(variables), draw(2) == 0)).collect();
                let clause = if clause.len() == 1 && draw(4) > 0 { continue } else { clause };
                solver.add(&clause);
                clauses.push(clause);
                let assumptions: Vec<Literal> =
                    (0..draw(4)).map(|_| Literal::new(draw(variables), draw(2) == 0)).collect();
                let expected = match by_table(variables, &clauses, &assumptions) {
                    true => Answer::Satisfiable,
                    false => Answer::Contradictory,
                };
                assert_eq!(solver.solve(&assumptions, &|| false), expected, "{clauses:?} {assumptions:?}");
            }
        }
    }

    /// Pigeons and holes: no short proof, so that there are restarts and deletions.
    #[test]
    fn pigeons_need_as_many_holes() {
        for (pigeons, holes, expected) in
            [(7, 6, Answer::Contradictory), (8, 7, Answer::Contradictory), (7, 7, Answer::Satisfiable)]
        {
            let mut solver = Solver::default();
            solver.reserve(pigeons * holes);
            let sits = |pigeon: usize, hole: usize, positive| Literal::new(pigeon * holes + hole, positive);
            for pigeon in 0..pigeons {
                solver.add(&(0..holes).map(|hole| sits(pigeon, hole, true)).collect::<Vec<_>>());
                for other in 0..pigeon {
                    for hole in 0..holes {
                        solver.add(&[sits(pigeon, hole, false), sits(other, hole, false)]);
                    }
                }
            }
            assert_eq!(solver.solve(&[], &|| false), expected);
        }
    }

    #[test]
    fn the_sequence_of_restarts() {
        let first: Vec<u64> = (1..16).map(luby).collect();
        assert_eq!(first, [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]);
    }
}
