//! Atoms of temporal formulas: predicates, actions and fairness conditions, in a state or on a step.
//!
//! The explorer has taken the formulas apart; an atom comes with the way that leads to it. The way is walked here as it is
//! there, with environments instead of frames.

use super::{Assigned, Env, Made, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::walk::{Binding, Graph, Values};
use tla_explore::liveness::{Atom, Fair, Question, Turn};
use tla_model::ir::{Kind, Node};
use tla_model::value::codec;

/// The value of `[A]_v` and `<<A>>_v` where nothing changes.
fn subscripted(node: &Node) -> Option<bool> {
    match &node.kind {
        Kind::BoxAction(..) => Some(true),
        Kind::AngleAction(..) => Some(false),
        _ => None,
    }
}

impl<'m> Translator<'m> {
    fn environment(&mut self, atom: &Atom<'m>) -> Made<Env<'m>> {
        let mut env = self.env_of(atom.owner);
        for turn in &atom.way {
            env = match turn {
                Turn::Call(id, arguments) => self.enter_call(*id, arguments, &env)?,
                Turn::CallSlot(slot, arguments) => self.enter_slot(*slot, arguments, &env)?.1,
                Turn::Delayed(slot) => match env.get(*slot).cloned() {
                    Some(Binding::Delayed(_, inner)) => inner,
                    Some(Binding::Value(_) | Binding::Lambda(..)) | None => {
                        return self.declined("a parameter that does not stand for a formula");
                    }
                },
                Turn::Let(slot, value) => env.with(*slot, Binding::Delayed(value, env.clone())),
                Turn::Bind(slot, bytes) => match codec::from_bytes(bytes) {
                    Ok(value) => {
                        let value = self.concrete(&value);
                        env.with(*slot, Binding::Value(value))
                    }
                    Err(_) => return self.declined("a bound value that cannot be read"),
                },
            };
        }
        Ok(env)
    }

    /// Whether an atom speaks of the step, not of the state alone.
    pub(crate) fn is_about_step(atom: &Atom<'m>) -> bool {
        match atom.question {
            Question::Action(_) | Question::Taken(..) => true,
            Question::Predicate(_) | Question::Enabled(_) | Question::NoCase => false,
        }
    }

    /// The truth value of an atom in the present state, or on the step whose second state is assigned.
    pub(crate) fn atom(&mut self, atom: &Atom<'m>) -> Made<Lit> {
        self.span = Some(atom.span);
        let env = self.environment(atom)?;
        match atom.question {
            Question::Predicate(node) | Question::Action(node) => self.truth(node, &env),
            Question::Enabled(fair) => self.enabled_change(fair.action, fair.now, fair.then, &env),
            Question::Taken(fair, _) => {
                let changed = self.changed(fair, &env)?;
                if atom.is_next { Ok(changed) } else { self.truth_under(changed, fair.action, &env) }
            }
            Question::NoCase => self.declined("a CASE of temporal formulas without OTHER"),
        }
    }

    /// The truth value of an atom of steps where nothing changes.
    pub(crate) fn atom_of_stuttering(&mut self, atom: &Atom<'m>) -> Made<Lit> {
        let known = match atom.question {
            Question::Taken(..) => Some(false),
            Question::Action(node) => subscripted(node),
            Question::Predicate(_) | Question::Enabled(_) | Question::NoCase => None,
        };
        match known {
            Some(value) => Ok(Lit::of(value)),
            None => self.atom(atom),
        }
    }

    /// `v' # v`. Variables that keep their values are not compared.
    fn changed(&mut self, fair: Fair<'m>, env: &Env<'m>) -> Made<Lit> {
        let same = self.stays(fair.now, fair.then, env)?;
        Ok(!same)
    }

    fn stays(&mut self, now: &'m Node, then: &'m Node, env: &Env<'m>) -> Made<Lit> {
        match (&now.kind, &then.kind) {
            (Kind::Variable(index), Kind::Primed(_))
                if matches!(self.next.get(*index as usize), Some(Some(Assigned::Same))) =>
            {
                Ok(TRUE)
            }
            (Kind::Tuple(all), Kind::Tuple(primed)) if all.len() == primed.len() => {
                let mut same = TRUE;
                for (now, then) in all.iter().zip(primed.iter()) {
                    let part = self.under(same, |this| this.stays(now, then, env))?.unwrap_or(FALSE);
                    same = self.graph.and(same, part);
                }
                Ok(same)
            }
            (Kind::Call(id, arguments), Kind::Call(primed, others)) if arguments.is_empty() && others.is_empty() => {
                let (body, after) = (&self.model.code.definition(*id).body, &self.model.code.definition(*primed).body);
                let (inner, later) = (self.enter_call(*id, arguments, env)?, self.enter_call(*primed, others, env)?);
                if inner.owner == later.owner { self.stays(body, after, &inner) } else { self.compared(now, then, env) }
            }
            _ => self.compared(now, then, env),
        }
    }

    fn compared(&mut self, now: &'m Node, then: &'m Node, env: &Env<'m>) -> Made<Lit> {
        let (now, then) = (self.eval(now, env)?, self.eval(then, env)?);
        self.equal(&now, &then)
    }
}
