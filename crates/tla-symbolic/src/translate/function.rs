//! Functions of the circuit: arguments are concrete, each case of its own.

use super::{Circuit, Made, Own, Sym, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::D;
use crate::walk::{Env, Functions, Graph};

impl<'m> Functions<'m, Circuit> for Translator<'m> {
    fn split(&mut self, argument: &Sym<'m>) -> Made<Vec<(Sym<'m>, Lit)>> {
        Ok(self.cases(argument)?.into_iter().map(|(d, lit)| (Sym::Own(Own::Val(d)), lit)).collect())
    }

    fn number_of(argument: &Sym<'m>) -> Option<usize> {
        match argument {
            Sym::Own(Own::Val(d)) => Some(d.0 as usize),
            _ => None,
        }
    }

    fn positions(&mut self, keys: &[D], argument: &Sym<'m>) -> Made<(Vec<(usize, Lit)>, Lit)> {
        if let Sym::Own(Own::Val(d)) = argument {
            return Ok(match keys.iter().position(|key| key == d) {
                Some(index) => (vec![(index, TRUE)], FALSE),
                None => (Vec::new(), TRUE),
            });
        }
        let (mut selected, mut outside) = (Vec::new(), Vec::new());
        for (d, lit) in self.cases(argument)? {
            if self.graph.and(self.path, lit) == FALSE {
                continue;
            }
            match keys.iter().position(|key| *key == d) {
                Some(index) => selected.push((index, lit)),
                None => outside.push(lit),
            }
        }
        Ok((selected, self.graph.or_all(&outside)))
    }

    fn function_beyond(&mut self, number: u32, domain: &Sym<'m>, env: &Env<'m, Circuit>) -> Made<Sym<'m>> {
        if Self::is_open_set(domain) {
            return Ok(Sym::Rule(number, env.clone()));
        }
        let mut alternatives = Vec::new();
        for (d, lit) in self.cases(domain)? {
            let function = self.under(lit, |this| {
                let keys = this.static_elements(&Sym::Own(Own::Val(d)))?.unwrap_or_default();
                this.function_over(number, keys, env)
            })?;
            if let Some(function) = function {
                alternatives.push((lit, function));
            }
        }
        self.merge(alternatives)
    }
}
