//! Sequences: tuples of the lengths that are possible.

use super::super::shape::is_tuple;
use super::super::sym::{Binding, Sym};
use super::super::term::{FALSE, TRUE, Term};
use super::{Made, Translator};

impl<'m> Translator<'m> {
    /// The possible sequences that a value is, by length.
    pub(super) fn sequences(&mut self, sym: &Sym<'m>) -> Made<Vec<(Term, Vec<Sym<'m>>)>> {
        match sym {
            Sym::Never => Ok(Vec::new()),
            Sym::Map(keys, parts) if is_tuple(keys) => Ok(vec![(TRUE, parts.to_vec())]),
            Sym::Union(all) => {
                let mut lengths = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    for (inner, parts) in self.under(*guard, |this| this.sequences(alternative))?.unwrap_or_default() {
                        lengths.push((self.t.and(*guard, inner), parts));
                    }
                }
                Ok(lengths)
            }
            Sym::Rule(..) => {
                let sym = self.explicit_function(sym)?;
                self.sequences(&sym)
            }
            Sym::Atom(_, possible) if possible.iter().any(|one| self.atoms.is_string(*one)) => {
                self.declined("a string is used as a sequence")
            }
            _ => {
                self.fail(TRUE, "a sequence is needed here");
                Ok(Vec::new())
            }
        }
    }

    fn by_length(
        &mut self,
        sequence: &Sym<'m>,
        run: &mut dyn FnMut(&mut Self, Vec<Sym<'m>>) -> Made<Sym<'m>>,
    ) -> Made<Sym<'m>> {
        let mut alternatives = Vec::new();
        for (guard, parts) in self.sequences(sequence)? {
            let result = self.under(guard, |this| run(this, parts))?;
            alternatives.extend(result.map(|result| (guard, result)));
        }
        self.merge(alternatives)
    }

    pub(super) fn length(&mut self, sequence: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |this, parts| Ok(Sym::Int(this.t.number(parts.len()))))
    }

    pub(super) fn head(&mut self, sequence: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |this, parts| match parts.into_iter().next() {
            Some(first) => Ok(first),
            None => Ok(this.fails("Head of the empty sequence")),
        })
    }

    pub(super) fn tail(&mut self, sequence: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |this, mut parts| {
            if parts.is_empty() {
                return Ok(this.fails("Tail of the empty sequence"));
            }
            parts.remove(0);
            Ok(Self::tuple(parts))
        })
    }

    pub(super) fn append(&mut self, sequence: &Sym<'m>, last: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |_, mut parts| {
            parts.push(last.clone());
            Ok(Self::tuple(parts))
        })
    }

    pub(super) fn concat(&mut self, first: &Sym<'m>, second: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(first, &mut |this, front| {
            this.by_length(second, &mut |_, back| Ok(Self::tuple(front.iter().cloned().chain(back).collect())))
        })
    }

    /// `SubSeq(s, m, n)`.
    pub(super) fn sub_sequence(&mut self, sequence: &Sym<'m>, from: &Sym<'m>, to: &Sym<'m>) -> Made<Sym<'m>> {
        let (Some(from), Some(to)) = (self.integer(from)?, self.integer(to)?) else { return Ok(Sym::Never) };
        self.by_length(sequence, &mut |this, parts| {
            let empty = this.t.less(to, from);
            let mut alternatives = vec![(empty, Self::tuple(Vec::new()))];
            let mut covered = empty;
            for low in 1..=parts.len() {
                for high in low..=parts.len() {
                    let (first, last) = (this.t.number(low), this.t.number(high));
                    let (first, last) = (this.t.equal(from, first), this.t.equal(to, last));
                    let here = this.t.and(first, last);
                    if here != FALSE {
                        alternatives.push((here, Self::tuple(parts[low - 1..high].to_vec())));
                        covered = this.t.or(covered, here);
                    }
                }
            }
            let outside = this.t.not(covered);
            this.fail(outside, "SubSeq reaches outside of the sequence");
            this.merge(alternatives)
        })
    }

    /// `SelectSeq(s, Test)`.
    pub(super) fn select_sequence(&mut self, sequence: &Sym<'m>, test: &Binding<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |this, parts| {
            let mut result = Self::tuple(Vec::new());
            for part in parts {
                let kept = this.apply_operator(test, vec![part.clone()])?;
                let kept = this.truth_of(&kept)?;
                let not = this.t.not(kept);
                let longer = this.append(&result, &part)?;
                result = this.merge(vec![(kept, longer), (not, result)])?;
            }
            Ok(result)
        })
    }
}
