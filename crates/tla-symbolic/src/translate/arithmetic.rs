//! Integers of the circuit: each possible value of its own.

use super::{Circuit, Made, Own, Sym, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::D;
use crate::walk::{Graph, Numbers, Sets, Values};
use tla_model::ir::Primitive as P;

impl<'m> Numbers<'m, Circuit> for Translator<'m> {
    fn arithmetic(&mut self, operator: P, a: &Sym<'m>, b: Option<&Sym<'m>>) -> Made<Sym<'m>> {
        let operation: &dyn Fn(i64, i64) -> Option<i64> = match operator {
            P::Negate => &|x, _| x.checked_neg(),
            P::Add => &i64::checked_add,
            P::Subtract => &i64::checked_sub,
            P::Multiply => &i64::checked_mul,
            P::IntegerDivide => &floor_divide,
            P::Modulo => &floor_modulo,
            P::Power => &power,
            other => return self.unsupported(other),
        };
        let a = self.integers(a)?;
        let b = match b {
            Some(b) => self.integers(b)?,
            None => vec![(0, TRUE)],
        };
        self.not_too_many(a.len().saturating_mul(b.len()) / 4)?;
        let mut cases: Vec<(D, Lit)> = Vec::with_capacity(a.len() * b.len());
        for (x, when) in &a {
            for (y, also) in &b {
                let both = self.graph.and(*when, *also);
                if both == FALSE {
                    continue;
                }
                match operation(*x, *y) {
                    Some(result) => cases.push((self.own.data.of_int(result), both)),
                    None => self.fail(both, "an operation on integers without a result, or one of more than 64 bits"),
                }
            }
        }
        Ok(self.scalar(cases))
    }

    fn relation(&mut self, operator: P, a: &Sym<'m>, b: &Sym<'m>) -> Made<Lit> {
        let holds: fn(i64, i64) -> bool = match operator {
            P::Less => |x, y| x < y,
            P::LessEqual => |x, y| x <= y,
            P::Greater => |x, y| x > y,
            P::GreaterEqual => |x, y| x >= y,
            other => return self.unsupported(other),
        };
        let (a, b) = (self.integers(a)?, self.integers(b)?);
        let mut lits = Vec::new();
        for (x, when) in &a {
            let partners: Vec<Lit> = b.iter().filter(|(y, _)| holds(*x, *y)).map(|(_, lit)| *lit).collect();
            let any = if partners.len() == b.len() { TRUE } else { self.graph.or_all(&partners) };
            lits.push(self.graph.and(*when, any));
        }
        if lits.len() == a.len() && !a.is_empty() && b.iter().all(|(y, _)| a.iter().all(|(x, _)| holds(*x, *y))) {
            return Ok(TRUE);
        }
        Ok(self.graph.or_all(&lits))
    }
    fn range(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
        let (a, b) = (self.integers(a)?, self.integers(b)?);
        let (Some(low), Some(high)) = (a.iter().map(|(x, _)| *x).min(), b.iter().map(|(y, _)| *y).max()) else {
            return Ok(Sym::Never);
        };
        if high.saturating_sub(low) > 4096 {
            return self.declined("an interval of more than 4096 integers that depends on the state");
        }
        let mut members = Vec::new();
        for value in low..=high {
            let above: Vec<Lit> = a.iter().filter(|(x, _)| *x <= value).map(|(_, lit)| *lit).collect();
            let below: Vec<Lit> = b.iter().filter(|(y, _)| value <= *y).map(|(_, lit)| *lit).collect();
            let above = if above.len() == a.len() { TRUE } else { self.graph.or_all(&above) };
            let below = if below.len() == b.len() { TRUE } else { self.graph.or_all(&below) };
            members.push((self.own.data.of_int(value), self.graph.and(above, below)));
        }
        self.set(members)
    }

    fn sub_sequence(&mut self, sequence: &Sym<'m>, from: &Sym<'m>, to: &Sym<'m>) -> Made<Sym<'m>> {
        let (from, to) = (self.integers(from)?, self.integers(to)?);
        self.by_length(sequence, &mut |this, parts| {
            let mut alternatives = Vec::new();
            for (low, when) in &from {
                for (high, also) in &to {
                    let both = this.graph.and(*when, *also);
                    if both == FALSE {
                        continue;
                    }
                    if low > high {
                        alternatives.push((both, this.tuple(Vec::new())));
                    } else if *low < 1 || *high > parts.len() as i64 {
                        this.fail(both, "SubSeq reaches outside of the sequence");
                    } else {
                        let part = parts[(*low - 1) as usize..*high as usize].to_vec();
                        alternatives.push((both, this.tuple(part)));
                    }
                }
            }
            this.merge(alternatives)
        })
    }
}

impl<'m> Translator<'m> {
    /// The integers that a value can be; undefined where it is none.
    pub(crate) fn integers(&mut self, sym: &Sym<'m>) -> Made<Vec<(i64, Lit)>> {
        let sym = self.open(sym);
        let cases = match &sym {
            Sym::Own(Own::Enum(all)) => all.to_vec(),
            Sym::Union(all) => {
                let mut cases = Vec::new();
                for (guard, alternative) in all.iter() {
                    let found = self.under(*guard, |this| this.integers(alternative))?.unwrap_or_default();
                    for (value, lit) in found {
                        let both = self.graph.and(*guard, lit);
                        cases.push((self.own.data.of_int(value), both));
                    }
                }
                cases
            }
            Sym::Never => Vec::new(),
            _ => {
                self.fail(TRUE, "a number is needed here");
                Vec::new()
            }
        };
        let mut integers = Vec::with_capacity(cases.len());
        for (d, lit) in cases {
            match self.own.data.int(d) {
                Some(value) => {
                    if self.graph.and(self.path, lit) != FALSE {
                        integers.push((value, lit));
                    }
                }
                None => self.fail(lit, "a number is needed here"),
            }
        }
        Ok(integers)
    }
}

fn floor_divide(x: i64, y: i64) -> Option<i64> {
    // TLC refuses no negative dividend, but a divisor of zero; quotients are rounded down.
    if y == 0 { None } else { Some(x.checked_div(y)? - i64::from(x % y != 0 && (x < 0) != (y < 0))) }
}

fn floor_modulo(x: i64, y: i64) -> Option<i64> {
    // The divisor has to be positive.
    if y <= 0 { None } else { x.checked_rem_euclid(y) }
}

fn power(x: i64, y: i64) -> Option<i64> {
    if x == 0 && y == 0 { None } else { x.checked_pow(u32::try_from(y).ok()?) }
}
