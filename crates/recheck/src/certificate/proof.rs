//! Checks what the solver says to be contradictory.
//!
//! The solver learns clauses. With each it names the clauses that it follows from, in an order in which they can be
//! used: where the new clause is supposed to be false, each of them leaves one literal open, which has to be true then,
//! and the last leaves none (Cruz-Filipe, Heule, Hunt, Kaufmann and Schneider-Kamp, *Efficient Certified RAT Verification*,
//! CADE 2017, without resolution asymmetric tautologies). This is all that has to be right for an answer *cannot be
//! satisfied* to be believed; the solver itself is not trusted.

use super::gates::Literal;

/// Clauses that were given or shown to follow.
#[derive(Default)]
pub(crate) struct Checker {
    clauses: Vec<Box<[Literal]>>,
    /// The truth of each literal while a clause is checked.
    is_true: Vec<bool>,
}

impl Checker {
    /// A clause that is given; its number.
    pub(crate) fn given(&mut self, clause: &[Literal]) -> u32 {
        self.clauses.push(clause.into());
        (self.clauses.len() - 1) as u32
    }

    /// A clause that follows from others; its number, or nothing if it does not follow in that way.
    pub(crate) fn derived(&mut self, clause: &[Literal], hints: &[u32]) -> Option<u32> {
        let mut set = Vec::with_capacity(clause.len() + hints.len());
        for literal in clause {
            self.suppose(!*literal, &mut set);
        }
        let follows = clause.iter().any(|literal| self.holds(*literal)) || self.conflict(hints, &mut set);
        for literal in set {
            self.is_true[literal.index()] = false;
        }
        follows.then(|| self.given(clause))
    }

    /// Forgets a clause.
    pub(crate) fn forget(&mut self, number: u32) {
        if let Some(clause) = self.clauses.get_mut(number as usize) {
            // A clause that is a tautology contradicts nothing and forces nothing.
            *clause = Box::new([super::gates::TRUE]);
        }
    }

    fn holds(&self, literal: Literal) -> bool {
        self.is_true.get(literal.index()).copied().unwrap_or(false)
    }

    fn suppose(&mut self, literal: Literal, set: &mut Vec<Literal>) {
        let needed = literal.index().max((!literal).index()) + 1;
        if self.is_true.len() < needed {
            self.is_true.resize(needed, false);
        }
        if !self.is_true[literal.index()] {
            self.is_true[literal.index()] = true;
            set.push(literal);
        }
    }

    fn conflict(&mut self, hints: &[u32], set: &mut Vec<Literal>) -> bool {
        for hint in hints {
            let Some(clause) = self.clauses.get(*hint as usize) else { return false };
            let mut open = clause.iter().filter(|literal| !self.holds(!**literal));
            match (open.next().copied(), open.next()) {
                (None, _) => return true,
                (Some(literal), None) => self.suppose(literal, set),
                (Some(_), Some(_)) => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(number: i32) -> Literal {
        Literal::new(number.unsigned_abs() as usize, number > 0)
    }

    fn clause(numbers: &[i32]) -> Vec<Literal> {
        numbers.iter().map(|number| literal(*number)).collect()
    }

    #[test]
    fn what_does_not_follow_is_refused() {
        let mut checker = Checker::default();
        let a = checker.given(&clause(&[1, 2]));
        let b = checker.given(&clause(&[-1, 2]));
        let c = checker.given(&clause(&[-2, 3]));
        assert!(checker.derived(&clause(&[2]), &[a, b]).is_some());
        assert!(checker.derived(&clause(&[1]), &[a, b, c]).is_none());
        assert!(checker.derived(&clause(&[3]), &[a, c]).is_none(), "the hints do not suffice");
        assert!(checker.derived(&clause(&[3]), &[c, a, b]).is_some());
        assert!(checker.derived(&[], &[a, b, c]).is_none());
        assert!(checker.derived(&clause(&[2]), &[99]).is_none());
    }

    #[test]
    fn forgotten_clauses_prove_nothing() {
        let mut checker = Checker::default();
        let a = checker.given(&clause(&[1, 2]));
        let b = checker.given(&clause(&[-1, 2]));
        checker.forget(b);
        assert!(checker.derived(&clause(&[2]), &[a, b]).is_none());
    }
}
