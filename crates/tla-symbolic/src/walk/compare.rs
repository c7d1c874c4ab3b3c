//! Equality of symbolic values, by their structure.

use super::{Algebra, Comparisons, Graph, Made, Operations, Sets, Sym, Translator, Values};

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// Whether two values are equal.
    pub(crate) fn equal(&mut self, a: &Sym<'m, A>, b: &Sym<'m, A>) -> Made<A::Bit> {
        if let Some(same) = self.equal_at_once(a, b) {
            return Ok(if same { A::TRUE } else { A::FALSE });
        }
        let (a, b) = (self.open(a), self.open(b));
        match (&a, &b) {
            (Sym::Never, _) | (_, Sym::Never) => Ok(A::FALSE),
            (Sym::Union(_), other) => self.truth_of_alternatives(&a, &mut |this, one| this.equal(one, other)),
            (other, Sym::Union(_)) => self.truth_of_alternatives(&b, &mut |this, one| this.equal(one, other)),
            (Sym::Rule(..), _) => {
                let a = self.explicit_function(&a)?;
                self.equal(&a, &b)
            }
            (_, Sym::Rule(..)) => {
                let b = self.explicit_function(&b)?;
                self.equal(&a, &b)
            }
            (Sym::Bool(a), Sym::Bool(b)) => Ok(self.graph.equivalent(*a, *b)),
            (Sym::Map(keys, a), Sym::Map(others, b)) if keys == others => {
                let mut same = A::TRUE;
                for (a, b) in a.iter().zip(b.iter()) {
                    let part = self.under(same, |this| this.equal(a, b))?.unwrap_or(A::FALSE);
                    same = self.graph.and(same, part);
                }
                Ok(same)
            }
            (Sym::Map(..), Sym::Map(..)) => Ok(A::FALSE),
            _ => self.equal_own(&a, &b),
        }
    }

    /// Whether an opened value is a set.
    pub(crate) fn is_set_of_any(sym: &Sym<'m, A>) -> bool {
        match sym {
            Sym::Own(own) => Self::is_set(own),
            other => Self::is_open_set(other),
        }
    }

    /// Whether it is a set by structure, which is not a list of elements.
    pub(crate) fn is_open_set(sym: &Sym<'m, A>) -> bool {
        match sym {
            Sym::Lazy(_) | Sym::Subsets(_) | Sym::Functions(..) | Sym::Products(..) | Sym::Both(..) => true,
            Sym::Never | Sym::Bool(_) | Sym::Own(_) | Sym::Map(..) | Sym::Union(_) | Sym::Rule(..) => false,
        }
    }
}
