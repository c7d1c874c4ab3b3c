//! Steps: the disjuncts of the next-state relation, each with its guard and the values that it gives.
//!
//! A predicate is walked as the evaluator does when it enumerates states: `x' = e` gives a value to a variable that has
//! none and tests it otherwise, disjunctions and `\E` try each alternative, and what is left of the conjunction is carried
//! along ([`Rest`]). Where the evaluator would try many values, or values without an end, something stands for
//! the one that is chosen: a set of functions or of subsets is never enumerated.

use super::{Algebra, Assigned, Binding, Choices, Env, Graph, Made, Operations, Sym, Translator, Values};
use tla_model::ir::{Binder, DefinitionId, Kind, Node, Primitive};
use tla_syntax::Span;

/// Most transitions.
const MOST_LEAVES: usize = 20_000;

/// One way to take a step.
pub struct Leaf<'m, A: Algebra<'m>> {
    /// When it can be taken.
    pub guard: A::Bit,
    /// What becomes of each variable.
    pub values: Vec<Assigned<'m, A>>,
    /// Name of the innermost definition, for messages.
    pub name: Option<DefinitionId>,
    /// The part of the next-state relation.
    pub span: Span,
}

/// What is left to satisfy.
enum Rest<'r, 'm, A: Algebra<'m>> {
    /// Nothing.
    Done,
    /// Conjuncts.
    Conjuncts(&'m [Node], &'r Env<'m, A>, &'r Rest<'r, 'm, A>),
    /// `v' # v` of an `<<A>>_v`.
    Changed(&'m Node, &'m Node, &'r Env<'m, A>, &'r Rest<'r, 'm, A>),
    /// Instances of the body of a `\A`, each with the condition under which there is one.
    Instances(&'r [(Env<'m, A>, A::Bit)], &'m Node, &'r Rest<'r, 'm, A>),
    /// Primed expressions that must equal given values.
    Patterns(&'m [Node], &'r [Sym<'m, A>], &'r Env<'m, A>, &'r Rest<'r, 'm, A>),
}

/// Collects leaves.
struct Walk<'m, A: Algebra<'m>> {
    leaves: Vec<Leaf<'m, A>>,
    /// Whether it is only asked if there is a step: a variable without a value may have any.
    asking: bool,
    name: Option<DefinitionId>,
    span: Span,
    /// Whether the walk is still among the disjuncts of the next-state relation.
    outside: bool,
}

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// All ways to satisfy a predicate on the next state.
    pub fn steps(&mut self, owner: DefinitionId, node: &'m Node) -> Made<Vec<Leaf<'m, A>>> {
        self.initial = false;
        self.leaves(owner, node)
    }

    /// All ways to satisfy the initial predicate.
    pub fn starts(&mut self, owner: DefinitionId, node: &'m Node) -> Made<Vec<Leaf<'m, A>>> {
        self.initial = true;
        let leaves = self.leaves(owner, node);
        self.initial = false;
        leaves
    }

    fn leaves(&mut self, owner: DefinitionId, node: &'m Node) -> Made<Vec<Leaf<'m, A>>> {
        self.forget();
        self.path = A::TRUE;
        self.next.iter_mut().for_each(|value| *value = None);
        let mut walk = Walk { leaves: Vec::new(), asking: false, name: None, span: node.span, outside: true };
        let env = self.env_of(owner);
        self.act(node, &env, &Rest::Done, &mut walk)?;
        self.forget();
        Ok(walk.leaves)
    }

    /// `ENABLED A`: some choices lead to a step.
    pub(crate) fn enabled(&mut self, action: &'m Node, env: &Env<'m, A>) -> Made<A::Bit> {
        self.is_possible(action, env, &Rest::Done)
    }

    /// `ENABLED <<A>>_v`.
    pub(crate) fn enabled_change(
        &mut self,
        action: &'m Node,
        now: &'m Node,
        then: &'m Node,
        env: &Env<'m, A>,
    ) -> Made<A::Bit> {
        self.is_possible(action, env, &Rest::Changed(now, then, env, &Rest::Done))
    }

    fn is_possible(&mut self, action: &'m Node, env: &Env<'m, A>, rest: &Rest<'_, 'm, A>) -> Made<A::Bit> {
        if self.initial {
            return self.declined("ENABLED in the initial predicate is not translated");
        }
        let none = vec![None; self.next.len()];
        let next = std::mem::replace(&mut self.next, none);
        let generation = std::mem::replace(&mut self.generation, self.next_generation);
        self.next_generation += 1;
        let read_open = self.read_open;
        let before = self.choices.len();
        let mut walk = Walk { leaves: Vec::new(), asking: true, name: None, span: action.span, outside: false };
        let result = self.act(action, env, rest, &mut walk);
        self.next = next;
        self.generation = generation;
        self.read_open = read_open;
        result?;
        let guards: Vec<A::Bit> = walk.leaves.iter().map(|leaf| leaf.guard).collect();
        self.possible(&guards, before)
    }

    fn is_complete(&self) -> bool {
        self.next[..self.model.variables.len()].iter().all(Option::is_some)
    }

    fn resume(&mut self, rest: &Rest<'_, 'm, A>, walk: &mut Walk<'m, A>) -> Made<()> {
        if self.path == A::FALSE {
            return Ok(());
        }
        match rest {
            Rest::Done => self.emit(walk),
            Rest::Conjuncts([], _, rest) => self.resume(rest, walk),
            Rest::Conjuncts([first, others @ ..], env, rest) => {
                let rest = Rest::Conjuncts(others, env, rest);
                if self.is_complete() {
                    return self.test(first, env, &rest, walk);
                }
                self.act(first, env, &rest, walk)
            }
            Rest::Changed(now, then, env, rest) => {
                let (now, then) = (self.eval(now, env)?, self.eval(then, env)?);
                let same = self.equal(&now, &then)?;
                let differ = self.graph.not(same);
                self.guarded(differ, rest, walk)
            }
            Rest::Instances([], _, rest) => self.resume(rest, walk),
            Rest::Instances([(env, lit), others @ ..], body, rest) => {
                let rest = Rest::Instances(others, body, rest);
                let (is, is_not) = (*lit, self.graph.not(*lit));
                let complete = self.is_complete();
                let _there = self.under(is, |this| {
                    if complete { this.test(body, env, &rest, walk) } else { this.act(body, env, &rest, walk) }
                })?;
                let _absent = self.under(is_not, |this| this.resume(&rest, walk))?;
                Ok(())
            }
            Rest::Patterns(parts, values, env, rest) => match (parts, values) {
                ([part, parts @ ..], [value, values @ ..]) => {
                    let rest = Rest::Patterns(parts, values, env, rest);
                    self.pattern(part, value, env, &rest, walk)
                }
                ([], _) | (_, []) => self.resume(rest, walk),
            },
        }
    }

    fn guarded(&mut self, condition: A::Bit, rest: &Rest<'_, 'm, A>, walk: &mut Walk<'m, A>) -> Made<()> {
        let _taken = self.under(condition, |this| this.resume(rest, walk))?;
        Ok(())
    }

    fn test(&mut self, node: &'m Node, env: &Env<'m, A>, rest: &Rest<'_, 'm, A>, walk: &mut Walk<'m, A>) -> Made<()> {
        let truth = self.truth(node, env)?;
        self.guarded(truth, rest, walk)
    }

    fn emit(&mut self, walk: &mut Walk<'m, A>) -> Made<()> {
        if walk.asking {
            walk.leaves.push(Leaf { guard: self.path, values: Vec::new(), name: walk.name, span: walk.span });
            return Ok(());
        }
        if !self.is_complete() {
            self.fail(A::TRUE, "a successor leaves a variable without a value");
            return Ok(());
        }
        if walk.leaves.len() >= MOST_LEAVES {
            return self.declined(format!("the next-state relation has more than {MOST_LEAVES} disjuncts"));
        }
        let count = self.model.variables.len();
        let values = self.next[..count].iter().flatten().cloned().collect();
        walk.leaves.push(Leaf { guard: self.path, values, name: walk.name, span: walk.span });
        Ok(())
    }

    /// Whether a predicate gives no variable a value, so that it is simply true or false.
    fn is_settled(&mut self, node: &'m Node, env: &Env<'m, A>) -> bool {
        !self.initial && self.is_state_level(node, env)
    }

    fn act(&mut self, node: &'m Node, env: &Env<'m, A>, rest: &Rest<'_, 'm, A>, walk: &mut Walk<'m, A>) -> Made<()> {
        self.visit(node)?;
        if self.path == A::FALSE {
            return Ok(());
        }
        let outside = walk.outside;
        if outside {
            walk.span = node.span;
            walk.outside = matches!(node.kind, Kind::Or(_) | Kind::Exists(..) | Kind::Call(..) | Kind::Let(..));
        }
        let name = walk.name;
        let result = self.act_here(node, env, rest, walk);
        walk.outside = outside;
        walk.name = name;
        result
    }

    fn act_here(
        &mut self,
        node: &'m Node,
        env: &Env<'m, A>,
        rest: &Rest<'_, 'm, A>,
        walk: &mut Walk<'m, A>,
    ) -> Made<()> {
        match &node.kind {
            Kind::And(items) => self.resume(&Rest::Conjuncts(items, env, rest), walk),
            Kind::Or(_) | Kind::Exists(..) | Kind::Forall(..) if self.is_settled(node, env) => {
                self.test(node, env, rest, walk)
            }
            Kind::Or(items) => items.iter().try_for_each(|item| self.act(item, env, rest, walk)),
            Kind::Exists(binders, body) => {
                let sets = self.binder_values(binders, env)?;
                self.bind_each(binders, &sets, body, env, rest, walk)
            }
            Kind::Forall(binders, body, _) => {
                let instances = self.instances(binders, env)?;
                self.resume(&Rest::Instances(&instances, body, rest), walk)
            }
            Kind::Call(id, arguments) => {
                let definition = self.model.code.definition(*id);
                let inner = self.enter_call(*id, arguments, env)?;
                if walk.outside {
                    walk.name = Some(*id);
                }
                self.entered(*id, node, |this| this.act(&definition.body, &inner, rest, walk))
            }
            Kind::CallSlot(slot, arguments) => {
                let (body, inner) = self.enter_slot(*slot, arguments, env)?;
                self.act(body, &inner, rest, walk)
            }
            Kind::Slot(slot) => match env.get(*slot).cloned() {
                Some(Binding::Delayed(delayed, inner)) => self.act(delayed, &inner, rest, walk),
                Some(Binding::Value(_) | Binding::Lambda(..)) | None => self.test(node, env, rest, walk),
            },
            Kind::Let(slot, value, body) => {
                let env = env.with(*slot, Binding::Delayed(value, env.clone()));
                self.act(body, &env, rest, walk)
            }
            Kind::If(condition, then, otherwise) => {
                let condition = self.truth(condition, env)?;
                let _yes = self.under(condition, |this| this.act(then, env, rest, walk))?;
                let not = self.graph.not(condition);
                let _no = self.under(not, |this| this.act(otherwise, env, rest, walk))?;
                Ok(())
            }
            Kind::Case(arms, other) => self.act_case(arms, other.as_deref(), env, rest, walk),
            Kind::Implies(antecedent, consequent, _) => {
                let antecedent = self.truth(antecedent, env)?;
                let not = self.graph.not(antecedent);
                let _not = self.under(not, |this| this.resume(rest, walk))?;
                let _yes = self.under(antecedent, |this| this.act(consequent, env, rest, walk))?;
                Ok(())
            }
            Kind::Primitive(primitive @ (Primitive::Equal | Primitive::In), operands) => match &operands[..] {
                [left, right] => match self.assignable(left, env) {
                    Some(index) => self.act_assign(index, *primitive, right, env, rest, walk),
                    None => self.test(node, env, rest, walk),
                },
                _ => self.test(node, env, rest, walk),
            },
            Kind::Apply(function, _) if matches!(function.kind, Kind::Function(_)) && !self.is_settled(node, env) => {
                self.declined("a function literal applied as an action")
            }
            Kind::UnchangedVariables(variables) => self.act_unchanged(variables, rest, walk),
            Kind::Unchanged(now, then) => {
                let now = self.eval(now, env)?;
                self.pattern(then, &now, env, rest, walk)
            }
            Kind::BoxAction(action, now, then) => {
                self.act(action, env, rest, walk)?;
                let now = self.eval(now, env)?;
                self.pattern(then, &now, env, rest, walk)
            }
            Kind::AngleAction(action, now, then) => self.act(action, env, &Rest::Changed(now, then, env, rest), walk),
            Kind::Compose(..) => self.declined("the composition of actions is not translated"),
            Kind::Bool(_)
            | Kind::Int(_)
            | Kind::String(_)
            | Kind::Model(_)
            | Kind::Constant(_)
            | Kind::ConstantDefinition(..)
            | Kind::Variable(_)
            | Kind::Primed(_)
            | Kind::Primitive(..)
            | Kind::HigherOrder(..)
            | Kind::Not(_)
            | Kind::Equivalent(..)
            | Kind::Choose(..)
            | Kind::ChooseUnbounded
            | Kind::QuantifierUnbounded
            | Kind::SetEnumeration(_)
            | Kind::Filter(_)
            | Kind::SetMap(..)
            | Kind::Function(_)
            | Kind::FunctionSet(..)
            | Kind::Record(..)
            | Kind::RecordSet(..)
            | Kind::Tuple(_)
            | Kind::Product(_)
            | Kind::Apply(..)
            | Kind::Field(..)
            | Kind::Except(..)
            | Kind::Enabled(_)
            | Kind::Always(_)
            | Kind::Eventually(_)
            | Kind::LeadsTo(..)
            | Kind::WeakFairness(..)
            | Kind::StrongFairness(..)
            | Kind::Declined(_) => self.test(node, env, rest, walk),
        }
    }

    fn act_case(
        &mut self,
        arms: &'m [(Node, Node)],
        other: Option<&'m Node>,
        env: &Env<'m, A>,
        rest: &Rest<'_, 'm, A>,
        walk: &mut Walk<'m, A>,
    ) -> Made<()> {
        let mut left = A::TRUE;
        for (guard, value) in arms {
            let chosen = self.truth_under(left, guard, env)?;
            let _taken = self.under(chosen, |this| this.act(value, env, rest, walk))?;
            left = self.graph.without(left, chosen);
        }
        match other {
            Some(other) => {
                let _taken = self.under(left, |this| this.act(other, env, rest, walk))?;
            }
            None => self.fail(left, "no guard of a CASE is true"),
        }
        Ok(())
    }

    fn bind_each(
        &mut self,
        binders: &'m [Binder],
        sets: &[Sym<'m, A>],
        body: &'m Node,
        env: &Env<'m, A>,
        rest: &Rest<'_, 'm, A>,
        walk: &mut Walk<'m, A>,
    ) -> Made<()> {
        let (Some((last, front)), Some((set, front_sets))) = (binders.split_last(), sets.split_last()) else {
            return self.act(body, env, rest, walk);
        };
        for (element, lit) in self.choices_of(set)? {
            let _there = self.under(lit, |this| {
                let inner = this.bind(&last.pattern, &element, env)?;
                this.bind_each(front, front_sets, body, &inner, rest, walk)
            })?;
        }
        Ok(())
    }

    /// Which variable without a value a node stands for, if it is one that is being assigned.
    fn assignable(&self, node: &Node, env: &Env<'m, A>) -> Option<usize> {
        let index = match &node.kind {
            Kind::Primed(index) if !self.initial => *index as usize,
            Kind::Variable(index) if self.initial => *index as usize,
            Kind::Slot(slot) => match env.get(*slot) {
                Some(Binding::Delayed(node, env)) => return self.assignable(node, env),
                Some(Binding::Value(_) | Binding::Lambda(..)) | None => return None,
            },
            _ => return None,
        };
        self.next[index].is_none().then_some(index)
    }

    /// `x' = e` and `x' \in S` where the variable has no value.
    fn act_assign(
        &mut self,
        index: usize,
        primitive: Primitive,
        right: &'m Node,
        env: &Env<'m, A>,
        rest: &Rest<'_, 'm, A>,
        walk: &mut Walk<'m, A>,
    ) -> Made<()> {
        let right = self.eval(right, env)?;
        if primitive == Primitive::Equal {
            return self.assigning(index, Assigned::Value(right), |this| this.resume(rest, walk));
        }
        for (element, lit) in self.choices_of(&right)? {
            let _there = self
                .under(lit, |this| this.assigning(index, Assigned::Value(element), |this| this.resume(rest, walk)))?;
        }
        Ok(())
    }

    fn act_unchanged(&mut self, variables: &'m [u32], rest: &Rest<'_, 'm, A>, walk: &mut Walk<'m, A>) -> Made<()> {
        let Some((first, others)) = variables.split_first() else { return self.resume(rest, walk) };
        let index = *first as usize;
        if self.next[index].is_none() {
            return self.assigning(index, Assigned::Same, |this| this.act_unchanged(others, rest, walk));
        }
        let (now, then) = (self.variable(index), self.variable_so_far(index));
        let same = self.equal(&now, &then)?;
        let _same = self.under(same, |this| this.act_unchanged(others, rest, walk))?;
        Ok(())
    }

    /// A primed expression that must equal a value.
    fn pattern(
        &mut self,
        then: &'m Node,
        value: &Sym<'m, A>,
        env: &Env<'m, A>,
        rest: &Rest<'_, 'm, A>,
        walk: &mut Walk<'m, A>,
    ) -> Made<()> {
        match &then.kind {
            Kind::Primed(index) if self.next[*index as usize].is_none() => {
                self.assigning(*index as usize, Assigned::Value(value.clone()), |this| this.resume(rest, walk))
            }
            Kind::Tuple(parts) => {
                let opened = self.open(value);
                match &opened {
                    Sym::Map(_, values) if values.len() == parts.len() => {
                        let values = values.clone();
                        self.resume(&Rest::Patterns(parts, &values, env, rest), walk)
                    }
                    _ => self.declined("UNCHANGED of a tuple that is none"),
                }
            }
            Kind::Call(id, arguments) => {
                let inner = self.enter_call(*id, arguments, env)?;
                let body = &self.model.code.definition(*id).body;
                self.entered(*id, then, |this| this.pattern(body, value, &inner, rest, walk))
            }
            _ => {
                let then = self.eval(then, env)?;
                let same = self.equal(&then, value)?;
                self.guarded(same, rest, walk)
            }
        }
    }
}
