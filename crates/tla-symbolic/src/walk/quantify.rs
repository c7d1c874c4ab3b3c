//! Bound names: each element of a set in turn.

use super::{Algebra, Env, Graph, List, Made, Operations, Sym, Translator, Values};
use tla_model::ir::{Binder, Node, Pattern};

/// What is done with bound values, under the condition under which there are such.
type EachBinding<'r, 'm, A> =
    &'r mut dyn FnMut(&mut Translator<'m, A>, &Env<'m, A>, <A as Algebra<'m>>::Bit) -> Made<()>;

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// Runs for every combination of bound values, with the condition under which there is one.
    pub(crate) fn for_each_binding(
        &mut self,
        binders: &'m [Binder],
        env: &Env<'m, A>,
        run: EachBinding<'_, 'm, A>,
    ) -> Made<()> {
        let sets = self.binder_sets(binders, env)?;
        self.nested(binders, &sets, env, A::TRUE, run)
    }

    /// Runs for each combination of bound values as long as none was found.
    pub(crate) fn exists_listed(
        &mut self,
        binders: &'m [Binder],
        body: &'m Node,
        env: &Env<'m, A>,
        negated: bool,
    ) -> Made<A::Bit> {
        let mut any = A::FALSE;
        self.for_each_binding(binders, env, &mut |this, inner, guard| {
            let wanted = this.graph.without(guard, any);
            if let Some(truth) = this.under(wanted, |this| this.truth(body, inner))? {
                let one = match negated {
                    true => this.graph.without(wanted, truth),
                    false => this.graph.and(wanted, truth),
                };
                any = this.graph.or(any, one);
            }
            Ok(())
        })?;
        Ok(any)
    }

    /// The environments with bound values, each with the condition under which there are such.
    pub(crate) fn instances(&mut self, binders: &'m [Binder], env: &Env<'m, A>) -> Made<Vec<(Env<'m, A>, A::Bit)>> {
        let mut instances = Vec::new();
        self.for_each_binding(binders, env, &mut |_, inner, guard| {
            instances.push((inner.clone(), guard));
            Ok(())
        })?;
        Ok(instances)
    }

    /// The sets of binders.
    pub(crate) fn binder_values(&mut self, binders: &'m [Binder], env: &Env<'m, A>) -> Made<Vec<Sym<'m, A>>> {
        let mut sets: Vec<Sym<'m, A>> = Vec::with_capacity(binders.len());
        for binder in binders {
            let set = match (&binder.set, sets.last()) {
                (Some(node), _) => self.eval(node, env)?,
                (None, Some(previous)) => previous.clone(),
                (None, None) => return self.declined("a bound name without a set"),
            };
            sets.push(set);
        }
        Ok(sets)
    }

    /// The possible elements of the sets of binders.
    pub(crate) fn binder_sets(&mut self, binders: &'m [Binder], env: &Env<'m, A>) -> Made<Vec<List<'m, A>>> {
        let mut sets: Vec<List<'m, A>> = Vec::with_capacity(binders.len());
        for binder in binders {
            let elements = match (&binder.set, sets.last()) {
                (Some(node), _) => {
                    let set = self.eval(node, env)?;
                    self.elements(&set)?
                }
                (None, Some(previous)) => previous.clone(),
                (None, None) => Vec::new(),
            };
            sets.push(elements);
        }
        Ok(sets)
    }

    /// The first binder varies fastest.
    fn nested(
        &mut self,
        binders: &'m [Binder],
        sets: &[List<'m, A>],
        env: &Env<'m, A>,
        guard: A::Bit,
        run: EachBinding<'_, 'm, A>,
    ) -> Made<()> {
        let (Some((last, front)), Some((set, front_sets))) = (binders.split_last(), sets.split_last()) else {
            return run(self, env, guard);
        };
        for (element, lit) in set {
            let both = self.graph.and(guard, *lit);
            if both == A::FALSE {
                continue;
            }
            let inner = self.under(both, |this| this.bind(&last.pattern, element, env))?;
            if let Some(inner) = inner {
                self.nested(front, front_sets, &inner, both, run)?;
            }
        }
        Ok(())
    }

    /// The environment with an element bound to a pattern.
    pub(crate) fn bind(&mut self, pattern: &'m Pattern, element: &Sym<'m, A>, env: &Env<'m, A>) -> Made<Env<'m, A>> {
        match pattern {
            Pattern::Slot(slot) => Ok(env.with_value(*slot, element.clone())),
            Pattern::Tuple(slots) => {
                let element = self.open(element);
                match &element {
                    Sym::Map(_, parts) if parts.len() == slots.len() => {
                        let pairs = slots.iter().zip(parts.iter());
                        Ok(pairs.fold(env.clone(), |env, (slot, part)| env.with_value(*slot, part.clone())))
                    }
                    _ => self.declined("a tuple of bound names over a set of something else"),
                }
            }
        }
    }
}
