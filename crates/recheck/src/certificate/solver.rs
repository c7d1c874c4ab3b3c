//! A small solver for propositional clauses.
//!
//! Conflict-driven clause learning (Marques-Silva and Sakallah, *GRASP*, 1996) with two watched literals (Moskewicz et
//! al., *Chaff*, 2001) and assumptions (Eén and Sörensson, *An Extensible SAT-solver*, 2003), and nothing else: no
//! restarts, no deletion, no simplification. What it answers is trusted, so it is short enough to be read.

/// A literal: twice the variable, plus one if it is negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Literal(pub(crate) usize);

impl Literal {
    pub(crate) fn new(variable: usize, positive: bool) -> Self {
        Self(2 * variable + usize::from(!positive))
    }

    fn variable(self) -> usize {
        self.0 / 2
    }

    fn is_positive(self) -> bool {
        self.0.is_multiple_of(2)
    }
}

impl std::ops::Not for Literal {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// Clauses, and what is known of their variables.
#[derive(Default)]
pub(crate) struct Solver {
    clauses: Vec<Vec<Literal>>,
    /// Clauses by the literal whose falsehood concerns them.
    watches: Vec<Vec<usize>>,
    value: Vec<Option<bool>>,
    level: Vec<usize>,
    reason: Vec<Option<usize>>,
    activity: Vec<f64>,
    bump: f64,
    trail: Vec<Literal>,
    /// Where each level begins on the trail.
    levels: Vec<usize>,
    head: usize,
    contradictory: bool,
}

impl Solver {
    /// A solver over so many variables.
    pub(crate) fn new(variables: usize) -> Self {
        Self {
            watches: vec![Vec::new(); 2 * variables],
            value: vec![None; variables],
            level: vec![0; variables],
            reason: vec![None; variables],
            activity: vec![0.0; variables],
            bump: 1.0,
            ..Self::default()
        }
    }

    fn truth(&self, literal: Literal) -> Option<bool> {
        self.value[literal.variable()].map(|value| value == literal.is_positive())
    }

    /// Adds a clause.
    pub(crate) fn add(&mut self, clause: &[Literal]) {
        self.back_to(0);
        let mut clause = clause.to_vec();
        clause.sort_unstable();
        clause.dedup();
        if clause.windows(2).any(|pair| pair[0] == !pair[1]) || clause.iter().any(|l| self.truth(*l) == Some(true)) {
            return;
        }
        clause.retain(|literal| self.truth(*literal).is_none());
        match clause[..] {
            [] => self.contradictory = true,
            [only] => {
                self.assign(only, None);
                self.contradictory |= self.propagate().is_some();
            }
            _ => {
                self.attach(clause);
            }
        }
    }

    fn attach(&mut self, clause: Vec<Literal>) -> usize {
        let number = self.clauses.len();
        self.watches[(!clause[0]).0].push(number);
        self.watches[(!clause[1]).0].push(number);
        self.clauses.push(clause);
        number
    }

    fn assign(&mut self, literal: Literal, reason: Option<usize>) {
        let variable = literal.variable();
        self.value[variable] = Some(literal.is_positive());
        self.level[variable] = self.levels.len();
        self.reason[variable] = reason;
        self.trail.push(literal);
    }

    fn back_to(&mut self, level: usize) {
        if let Some(start) = self.levels.get(level).copied() {
            for literal in self.trail.drain(start..) {
                self.value[literal.variable()] = None;
            }
            self.levels.truncate(level);
            self.head = start;
        }
    }

    /// Draws the consequences of what was assigned; the clause that is false, if one is.
    fn propagate(&mut self) -> Option<usize> {
        while let Some(literal) = self.trail.get(self.head).copied() {
            self.head += 1;
            let concerned = std::mem::take(&mut self.watches[literal.0]);
            let mut kept = Vec::with_capacity(concerned.len());
            let mut broken = None;
            for (place, number) in concerned.iter().copied().enumerate() {
                if self.clauses[number][0] == !literal {
                    self.clauses[number].swap(0, 1);
                }
                let first = self.clauses[number][0];
                if self.truth(first) == Some(true) {
                    kept.push(number);
                    continue;
                }
                let other =
                    (2..self.clauses[number].len()).find(|i| self.truth(self.clauses[number][*i]) != Some(false));
                if let Some(other) = other {
                    self.clauses[number].swap(1, other);
                    let watched = self.clauses[number][1];
                    self.watches[(!watched).0].push(number);
                    continue;
                }
                kept.push(number);
                if self.truth(first) == Some(false) {
                    kept.extend(&concerned[place + 1..]);
                    broken = Some(number);
                    break;
                }
                self.assign(first, Some(number));
            }
            self.watches[literal.0] = kept;
            if broken.is_some() {
                return broken;
            }
        }
        None
    }

    /// The clause that follows from a conflict, the literal to be turned first, and the level to go back to.
    fn learn(&mut self, conflict: usize) -> (Vec<Literal>, usize) {
        let here = self.levels.len();
        let mut seen = vec![false; self.value.len()];
        let mut learned = vec![Literal(0)];
        let mut open = 0;
        let mut clause = conflict;
        let mut skip = None;
        let mut place = self.trail.len();
        loop {
            for literal in self.clauses[clause].clone() {
                let variable = literal.variable();
                if Some(literal) == skip || seen[variable] || self.level[variable] == 0 {
                    continue;
                }
                seen[variable] = true;
                self.activity[variable] += self.bump;
                if self.level[variable] == here {
                    open += 1;
                } else {
                    learned.push(literal);
                }
            }
            loop {
                place -= 1;
                if seen[self.trail[place].variable()] {
                    break;
                }
            }
            let literal = self.trail[place];
            open -= 1;
            match self.reason[literal.variable()] {
                Some(reason) if open > 0 => (clause, skip) = (reason, Some(literal)),
                _ => {
                    learned[0] = !literal;
                    break;
                }
            }
        }
        self.bump *= 1.05;
        if self.bump > 1e100 {
            self.activity.iter_mut().for_each(|activity| *activity *= 1e-100);
            self.bump *= 1e-100;
        }
        let highest = (1..learned.len()).max_by_key(|i| self.level[learned[*i].variable()]);
        let level = highest.map_or(0, |index| {
            learned.swap(1, index);
            self.level[learned[1].variable()]
        });
        (learned, level)
    }

    /// Whether the clauses can be satisfied together with assumptions.
    pub(crate) fn is_satisfiable(&mut self, assumptions: &[Literal]) -> bool {
        self.back_to(0);
        if self.contradictory || self.propagate().is_some() {
            self.contradictory = true;
            return false;
        }
        loop {
            if let Some(conflict) = self.propagate() {
                if self.levels.is_empty() {
                    self.contradictory = true;
                    return false;
                }
                let (learned, level) = self.learn(conflict);
                self.back_to(level);
                let first = learned[0];
                let reason = if learned.len() > 1 { Some(self.attach(learned)) } else { None };
                self.assign(first, reason);
                continue;
            }
            let next = match assumptions.get(self.levels.len()) {
                Some(assumed) => match self.truth(*assumed) {
                    Some(false) => return false,
                    // A level of its own, so that levels count assumptions.
                    Some(true) => None,
                    None => Some(*assumed),
                },
                None => match self.free() {
                    Some(variable) => Some(Literal::new(variable, false)),
                    None => return true,
                },
            };
            self.levels.push(self.trail.len());
            if let Some(literal) = next {
                self.assign(literal, None);
            }
        }
    }

    fn free(&self) -> Option<usize> {
        let free = (0..self.value.len()).filter(|variable| self.value[*variable].is_none());
        free.max_by(|a, b| self.activity[*a].total_cmp(&self.activity[*b]))
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

    /// Random clauses against truth tables, with the same solver asked again and again.
    #[test]
    fn answers_are_those_of_truth_tables() {
        let mut random = 7u64;
        let mut draw = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        for _ in 0..400 {
            let variables = 3 + draw(8);
            let mut solver = Solver::new(variables);
            let mut clauses: Vec<Vec<Literal>> = Vec::new();
            for _ in 0..variables * 5 {
                let clause: Vec<Literal> =
                    (0..1 + draw(3)).map(|_| Literal::new(draw(variables), draw(2) == 0)).collect();
                let clause = if clause.len() == 1 && draw(4) > 0 { continue } else { clause };
                solver.add(&clause);
                clauses.push(clause);
                let assumptions: Vec<Literal> =
                    (0..draw(4)).map(|_| Literal::new(draw(variables), draw(2) == 0)).collect();
                let expected = by_table(variables, &clauses, &assumptions);
                assert_eq!(solver.is_satisfiable(&assumptions), expected, "{clauses:?} {assumptions:?}");
            }
        }
    }
}
