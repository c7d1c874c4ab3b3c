//! Sequences: tuples of the lengths that are possible.

use super::env::Binding;
use super::{Made, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::sym::Sym;
use tla_compile::shape::datum::is_tuple_domain;

impl<'m> Translator<'m> {
    /// The possible sequences that a value is, by length.
    pub(crate) fn sequences(&mut self, sym: &Sym<'m>) -> Made<Vec<(Lit, Vec<Sym<'m>>)>> {
        let sym = self.open(sym);
        match &sym {
            Sym::Never => Ok(Vec::new()),
            Sym::Map(keys, parts) => {
                let data: Vec<_> = keys.iter().map(|key| self.data.datum(*key).clone()).collect();
                if !is_tuple_domain(&data) {
                    self.fail(TRUE, "a sequence is needed here");
                    return Ok(Vec::new());
                }
                Ok(vec![(TRUE, parts.to_vec())])
            }
            Sym::Union(all) => {
                let mut lengths = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    let found = self.under(*guard, |this| this.sequences(alternative))?;
                    for (inner, parts) in found.unwrap_or_default() {
                        lengths.push((self.aig.and(*guard, inner), parts));
                    }
                }
                Ok(lengths)
            }
            Sym::Rule(..) => {
                let sym = self.explicit_function(&sym)?;
                self.sequences(&sym)
            }
            Sym::Enum(all) if all.iter().any(|(d, _)| self.data.sort(*d) == crate::data::Sort::String) => {
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
            if let Some(result) = self.under(guard, |this| run(this, parts))? {
                alternatives.push((guard, result));
            }
        }
        self.merge(alternatives)
    }

    pub(crate) fn length(&mut self, sequence: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |this, parts| Ok(this.integer(parts.len() as i64)))
    }

    pub(crate) fn head(&mut self, sequence: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |this, parts| match parts.into_iter().next() {
            Some(first) => Ok(first),
            None => Ok(this.fails("Head of the empty sequence")),
        })
    }

    pub(crate) fn tail(&mut self, sequence: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |this, mut parts| {
            if parts.is_empty() {
                return Ok(this.fails("Tail of the empty sequence"));
            }
            parts.remove(0);
            Ok(this.tuple(parts))
        })
    }

    pub(crate) fn append(&mut self, sequence: &Sym<'m>, last: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |this, mut parts| {
            parts.push(last.clone());
            Ok(this.tuple(parts))
        })
    }

    pub(crate) fn concat(&mut self, first: &Sym<'m>, second: &Sym<'m>) -> Made<Sym<'m>> {
        self.by_length(first, &mut |this, front| {
            this.by_length(second, &mut |this, back| {
                let all = front.iter().cloned().chain(back).collect();
                Ok(this.tuple(all))
            })
        })
    }

    /// `SubSeq(s, m, n)`.
    pub(crate) fn sub_sequence(&mut self, sequence: &Sym<'m>, from: &Sym<'m>, to: &Sym<'m>) -> Made<Sym<'m>> {
        let (from, to) = (self.integers(from)?, self.integers(to)?);
        self.by_length(sequence, &mut |this, parts| {
            let mut alternatives = Vec::new();
            for (low, when) in &from {
                for (high, also) in &to {
                    let both = this.aig.and(*when, *also);
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

    /// `SelectSeq(s, Test)`.
    pub(crate) fn select_sequence(&mut self, sequence: &Sym<'m>, test: &Binding<'m>) -> Made<Sym<'m>> {
        self.by_length(sequence, &mut |this, parts| {
            let mut result = this.tuple(Vec::new());
            for part in parts {
                let kept = this.apply_operator(test, vec![part.clone()])?;
                let kept = this.truth_of(&kept)?;
                let longer = this.append(&result, &part)?;
                result = this.merge(vec![(kept, longer), (!kept, result)])?;
            }
            Ok(result)
        })
    }
}
