//! Alternatives: what differs in structure, and what becomes one value again.

use super::{Algebra, Alternatives, Each, Graph, List, Made, Members, Operations, Sets, Sym, Translator, Values};
use std::rc::Rc;
use tla_model::value::{LazySet, Value};

/// Values that are merged by the same rule.
enum Class<'m, A: Algebra<'m>> {
    Bool,
    Map(Rc<[A::Key]>),
    Own(A::Class),
    /// None: it stays an alternative.
    Alone,
}

impl<'m, A: Algebra<'m>> Class<'m, A> {
    /// Whether values of both classes are merged.
    fn joins(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool, Self::Bool) => true,
            (Self::Map(keys), Self::Map(others)) => keys == others,
            (Self::Own(one), Self::Own(other)) => one == other,
            (Self::Bool | Self::Map(_) | Self::Own(_) | Self::Alone, _) => false,
        }
    }
}

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// The value that is whichever alternative's guard is true. Guards exclude each other; where none is true, the value
    /// is arbitrary.
    pub(crate) fn merge(&mut self, alternatives: Alternatives<'m, A>) -> Made<Sym<'m, A>> {
        let mut flat: Alternatives<'m, A> = Vec::with_capacity(alternatives.len());
        for (guard, sym) in alternatives {
            match sym {
                _ if guard == A::FALSE => {}
                Sym::Never => {}
                Sym::Union(all) => {
                    for (inner, sym) in all.iter() {
                        let both = self.graph.and(guard, *inner);
                        if both != A::FALSE {
                            flat.push((both, sym.clone()));
                        }
                    }
                }
                other => flat.push((guard, other)),
            }
        }
        if flat.len() <= 1 {
            return Ok(flat.pop().map_or(Sym::Never, |(_, sym)| sym));
        }
        if flat.iter().all(|(_, sym)| Self::same(sym, &flat[0].1)) {
            return Ok(flat.swap_remove(0).1);
        }
        let mut groups: Vec<(Class<'m, A>, Alternatives<'m, A>)> = Vec::new();
        for (guard, sym) in flat {
            let sym = self.open(&sym);
            let class = Self::class_of(&sym);
            match groups.iter_mut().find(|(known, _)| known.joins(&class)) {
                Some((_, all)) => all.push((guard, sym)),
                None => groups.push((class, vec![(guard, sym)])),
            }
        }
        let single = groups.len() == 1;
        let mut result = Vec::with_capacity(groups.len());
        for (class, all) in groups {
            let guards: Vec<A::Bit> = all.iter().map(|(guard, _)| *guard).collect();
            let merged = self.merge_class(&class, all)?;
            if single {
                return Ok(merged);
            }
            result.push((self.graph.or_all(&guards), merged));
        }
        Ok(Sym::Union(result.into()))
    }

    fn class_of(sym: &Sym<'m, A>) -> Class<'m, A> {
        match sym {
            Sym::Bool(_) => Class::Bool,
            Sym::Map(keys, _) => Class::Map(keys.clone()),
            Sym::Own(own) => Self::class(own).map_or(Class::Alone, Class::Own),
            Sym::Never
            | Sym::Union(_)
            | Sym::Lazy(_)
            | Sym::Subsets(_)
            | Sym::Functions(..)
            | Sym::Products(..)
            | Sym::Both(..)
            | Sym::Rule(..) => Class::Alone,
        }
    }

    fn merge_class(&mut self, class: &Class<'m, A>, all: Alternatives<'m, A>) -> Made<Sym<'m, A>> {
        match class {
            Class::Bool => {
                let bits = all.iter().filter_map(|(guard, sym)| match sym {
                    Sym::Bool(bit) => Some((*guard, *bit)),
                    _ => None,
                });
                let bits: Vec<(A::Bit, A::Bit)> = bits.collect();
                Ok(Sym::Bool(self.merge_bools(&bits)))
            }
            Class::Map(keys) => {
                let mut merged = Vec::with_capacity(keys.len());
                for index in 0..keys.len() {
                    let column = all.iter().filter_map(|(guard, sym)| match sym {
                        Sym::Map(_, parts) => Some((*guard, parts[index].clone())),
                        _ => None,
                    });
                    merged.push(self.merge(column.collect())?);
                }
                Ok(Sym::Map(keys.clone(), merged.into()))
            }
            Class::Own(class) => {
                let values = all.into_iter().filter_map(|(guard, sym)| match sym {
                    Sym::Own(own) => Some((guard, own)),
                    _ => None,
                });
                self.merge_own(class, values.collect())
            }
            Class::Alone => Ok(all.into_iter().next().map_or(Sym::Never, |(_, sym)| sym)),
        }
    }

    /// Runs for each alternative of a value, and merges the results.
    pub(crate) fn for_alternatives(&mut self, sym: &Sym<'m, A>, run: Each<'_, 'm, A, Sym<'m, A>>) -> Made<Sym<'m, A>> {
        let sym = self.open(sym);
        match &sym {
            Sym::Never => Ok(Sym::Never),
            Sym::Union(all) => {
                let mut results = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    let alternative = self.open(alternative);
                    if let Some(result) = self.under(*guard, |this| run(this, &alternative))? {
                        results.push((*guard, result));
                    }
                }
                self.merge(results)
            }
            other => run(self, other),
        }
    }

    /// As [`for_alternatives`](Self::for_alternatives), with a truth value.
    pub(crate) fn truth_of_alternatives(&mut self, sym: &Sym<'m, A>, run: Each<'_, 'm, A, A::Bit>) -> Made<A::Bit> {
        let sym = self.open(sym);
        match &sym {
            Sym::Never => Ok(A::FALSE),
            Sym::Union(all) => {
                let (mut truths, mut parts) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
                for (guard, alternative) in all.iter() {
                    let alternative = self.open(alternative);
                    if let Some(truth) = self.under(*guard, |this| run(this, &alternative))? {
                        truths.push(truth);
                        parts.push(self.graph.and(*guard, truth));
                    }
                }
                match &truths[..] {
                    [first, others @ ..] if others.iter().all(|other| other == first) => Ok(*first),
                    _ => Ok(self.graph.or_all(&parts)),
                }
            }
            other => run(self, other),
        }
    }

    /// As [`for_alternatives`](Self::for_alternatives), with a list whose conditions are narrowed.
    pub(crate) fn list_of_alternatives(
        &mut self,
        all: &[(A::Bit, Sym<'m, A>)],
        run: Each<'_, 'm, A, List<'m, A>>,
    ) -> Made<List<'m, A>> {
        let mut listed = Vec::with_capacity(all.len());
        for (guard, alternative) in all {
            for (one, when) in self.under(*guard, |this| run(this, alternative))?.unwrap_or_default() {
                listed.push((one, self.graph.and(*guard, when)));
            }
        }
        Ok(listed)
    }

    /// A set that the evaluator does not list, by its structure; `None` if it has none.
    pub(crate) fn lazy_structure(&mut self, lazy: &LazySet) -> Option<Sym<'m, A>> {
        Some(match lazy {
            LazySet::Subsets(base) => Sym::Subsets(Rc::new(self.concrete(base))),
            LazySet::Functions(domain, range) => {
                Sym::Functions(Rc::new(self.concrete(domain)), Rc::new(self.concrete(range)))
            }
            LazySet::Records(fields, sets) => {
                let keys = self.field_keys(fields);
                Sym::Products(keys, sets.iter().map(|set| self.concrete(set)).collect())
            }
            LazySet::Product(sets) => {
                let keys = self.tuple_keys(sets.len());
                Sym::Products(keys, sets.iter().map(|set| self.concrete(set)).collect())
            }
            LazySet::Union(a, b) => Sym::Both(Rc::new(self.concrete(a)), Rc::new(self.concrete(b))),
            LazySet::Difference(..)
            | LazySet::Filter(_)
            | LazySet::Naturals
            | LazySet::Integers
            | LazySet::Reals
            | LazySet::Strings
            | LazySet::Sequences(_)
            | LazySet::Family(_)
            | LazySet::Intersection(..)
            | LazySet::Anything => return None,
        })
    }

    /// An argument of a function.
    pub(crate) fn key_of(&mut self, value: &Value) -> Made<A::Key> {
        match self.key(value) {
            Some(key) => Ok(key),
            None => self.declined("an argument of a function that is no finite value"),
        }
    }

    /// The elements of a list as values.
    pub(crate) fn as_list(elements: Members<'m, A>) -> List<'m, A> {
        elements.into_iter().map(|(element, guard)| (Self::element(&element), guard)).collect()
    }
}
