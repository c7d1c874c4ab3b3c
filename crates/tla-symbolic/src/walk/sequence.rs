//! Sequences: tuples of the lengths that are possible.

use super::{Algebra, Binding, Graph, Made, Operations, Sym, Translator, Values};
use tla_model::value::Value;

/// The sequences that a value can be, each with its guard.
type Lengths<'m, A> = Vec<(<A as Algebra<'m>>::Bit, Vec<Sym<'m, A>>)>;

/// What is done with a sequence.
type EachLength<'r, 'm, A> = &'r mut dyn FnMut(&mut Translator<'m, A>, Vec<Sym<'m, A>>) -> Made<Sym<'m, A>>;

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// The possible sequences that a value is, by length.
    pub(crate) fn sequences(&mut self, sym: &Sym<'m, A>) -> Made<Lengths<'m, A>> {
        let sym = self.open(sym);
        match &sym {
            Sym::Never => Ok(Vec::new()),
            Sym::Map(keys, parts) => {
                if !keys.iter().zip(1..).all(|(key, i)| self.key_value(key) == Value::Int(i)) {
                    self.fail(A::TRUE, "a sequence is needed here");
                    return Ok(Vec::new());
                }
                Ok(vec![(A::TRUE, parts.to_vec())])
            }
            Sym::Union(all) => {
                let mut lengths = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    let found = self.under(*guard, |this| this.sequences(alternative))?;
                    for (inner, parts) in found.unwrap_or_default() {
                        lengths.push((self.graph.and(*guard, inner), parts));
                    }
                }
                Ok(lengths)
            }
            Sym::Rule(..) => {
                let sym = self.explicit_function(&sym)?;
                self.sequences(&sym)
            }
            Sym::Own(own) if self.has_strings(own) => self.declined("a string is used as a sequence"),
            _ => {
                self.fail(A::TRUE, "a sequence is needed here");
                Ok(Vec::new())
            }
        }
    }

    pub(crate) fn by_length(&mut self, sequence: &Sym<'m, A>, run: EachLength<'_, 'm, A>) -> Made<Sym<'m, A>> {
        let mut alternatives = Vec::new();
        for (guard, parts) in self.sequences(sequence)? {
            let result = self.under(guard, |this| run(this, parts))?;
            alternatives.extend(result.map(|result| (guard, result)));
        }
        self.merge(alternatives)
    }

    pub(crate) fn length(&mut self, sequence: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        self.by_length(sequence, &mut |this, parts| Ok(this.concrete(&Value::Int(parts.len() as i64))))
    }

    pub(crate) fn head(&mut self, sequence: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        self.by_length(sequence, &mut |this, parts| match parts.into_iter().next() {
            Some(first) => Ok(first),
            None => Ok(this.fails("Head of the empty sequence")),
        })
    }

    pub(crate) fn tail(&mut self, sequence: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        self.by_length(sequence, &mut |this, mut parts| {
            if parts.is_empty() {
                return Ok(this.fails("Tail of the empty sequence"));
            }
            parts.remove(0);
            Ok(this.tuple(parts))
        })
    }

    pub(crate) fn append(&mut self, sequence: &Sym<'m, A>, last: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        self.by_length(sequence, &mut |this, mut parts| {
            parts.push(last.clone());
            Ok(this.tuple(parts))
        })
    }

    pub(crate) fn concat(&mut self, first: &Sym<'m, A>, second: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        self.by_length(first, &mut |this, front| {
            this.by_length(second, &mut |this, back| Ok(this.tuple(front.iter().cloned().chain(back).collect())))
        })
    }

    /// `SelectSeq(s, Test)`.
    pub(crate) fn select_sequence(&mut self, sequence: &Sym<'m, A>, test: &Binding<'m, A>) -> Made<Sym<'m, A>> {
        self.by_length(sequence, &mut |this, parts| {
            let mut result = this.tuple(Vec::new());
            for part in parts {
                let kept = this.apply_operator(test, vec![part.clone()])?;
                let kept = this.truth_of(&kept)?;
                let longer = this.append(&result, &part)?;
                let not = this.graph.not(kept);
                result = this.merge(vec![(kept, longer), (not, result)])?;
            }
            Ok(result)
        })
    }
    /// `FoldLeft(op, base, s)`.
    pub(crate) fn fold_left(
        &mut self,
        operator: &Binding<'m, A>,
        base: &Sym<'m, A>,
        sequence: &Sym<'m, A>,
    ) -> Made<Sym<'m, A>> {
        self.by_length(sequence, &mut |this, parts| {
            let mut result = base.clone();
            for part in parts {
                result = this.apply_operator(operator, vec![result, part])?;
            }
            Ok(result)
        })
    }
}
