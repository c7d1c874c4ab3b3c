//! Locks that are taken and given back: by objects of scope, by calls of `lock` and `unlock`, by functions of C.

use super::walk::{Held, Walker};
use super::{Acquire, Lock, Release, Taken};
use crate::flow::closures::arguments;
use crate::program::calls::called;
use native_syntax::Name;
use native_syntax::ir::{Expr, Span, Variable};

impl<'p> Walker<'p> {
    pub(super) fn guard(&mut self, variable: &'p Variable, init: &'p Expr) {
        let list = arguments(init);
        let deferred = list.iter().any(|argument| mentions(argument, "defer_lock"));
        let tried = list.iter().any(|argument| mentions(argument, "try_to_lock"));
        for argument in list {
            if mentions(argument, "adopt_lock") || mentions(argument, "defer_lock") || mentions(argument, "try_to_lock")
            {
                continue;
            }
            self.read(argument);
            let Some(lock) = self.program.lock(self.id, argument) else { continue };
            if deferred {
                self.state.held.push(Held {
                    lock: Name::new(&format!("(deferred){lock}")),
                    scope: self.scope,
                    guard: Some(variable.name),
                    is_certain: false,
                    is_scoped: true,
                });
                continue;
            }
            self.take(lock, Taken::Scoped, Some(variable.name), variable.span, !tried);
        }
    }

    pub(super) fn take(&mut self, lock: Lock, taken: Taken, guard: Option<Name>, span: Span, is_certain: bool) {
        let before = self.maybe();
        let before = before.without(lock);
        let dropped = self.dropped();
        self.events.acquires.push(Acquire { lock, taken, before, dropped, span });
        self.state.dropped.retain(|dropped| *dropped != lock);
        let is_scoped = taken == Taken::Scoped;
        self.state.held.push(Held { lock, scope: self.scope, guard, is_certain, is_scoped });
    }

    fn give_back(&mut self, lock: Lock, span: Span) {
        let own = self.state.held.iter().rposition(|entry| entry.lock == lock);
        let is_callers = own.is_none();
        let conditions = self.conditions.clone();
        self.events.releases.push(Release { lock, span, is_callers, conditions });
        match own {
            Some(index) => {
                self.state.held.remove(index);
            }
            None => self.state.dropped.push(lock),
        }
    }

    /// `x.lock()`, `x.unlock()` and their relatives. Returns whether the call was one.
    pub(super) fn lock_call(&mut self, call: &'p Expr, span: Span) -> bool {
        let name = called(call);
        let (target, takes) = match call {
            Expr::Call { callee, .. } => match callee.as_ref() {
                Expr::Member { base, .. } => match name {
                    "lock" | "try_lock" | "lock_shared" | "try_lock_shared" | "Lock" | "ReaderLock" | "WriterLock" => {
                        (base.as_ref(), true)
                    }
                    "unlock" | "unlock_shared" | "Unlock" => (base.as_ref(), false),
                    _ => return false,
                },
                _ => match name {
                    "pthread_mutex_lock"
                    | "pthread_mutex_trylock"
                    | "os_unfair_lock_lock"
                    | "pthread_rwlock_rdlock"
                    | "pthread_rwlock_wrlock"
                    | "OSSpinLockLock"
                    | "pthread_spin_lock" => {
                        let Some(first) = arguments(call).first() else { return false };
                        (first, true)
                    }
                    "pthread_mutex_unlock"
                    | "os_unfair_lock_unlock"
                    | "pthread_rwlock_unlock"
                    | "OSSpinLockUnlock"
                    | "pthread_spin_unlock" => {
                        let Some(first) = arguments(call).first() else { return false };
                        (first, false)
                    }
                    _ => return false,
                },
            },
            Expr::Message { receiver, selector, .. } => match selector.text() {
                "lock" => (receiver.as_ref(), true),
                "unlock" => (receiver.as_ref(), false),
                _ => return false,
            },
            _ => return false,
        };
        if let Expr::Name(name, _) = target
            && let Some(index) = self.state.held.iter().position(|entry| entry.guard == Some(*name))
        {
            return self.guard_call(index, takes, span);
        }
        let is_guard = self
            .program
            .type_of(self.id, target)
            .is_some_and(|ty| self.program.is_one_of(ty, &self.program.config.types.guards));
        if is_guard {
            if let (Expr::Name(name, _), true) = (target, takes)
                && let Some(lock) = self.guarded_by(*name)
            {
                self.take(lock, Taken::Scoped, Some(*name), span, true);
            }
            return true;
        }
        let mutex = matches!(call, Expr::Call { .. }) && !matches!(name, "lock" | "unlock" | "try_lock")
            || self.program.is_mutex(self.id, target);
        let Some(lock) = self.program.lock(self.id, target).filter(|_| mutex) else { return false };
        if takes {
            self.take(lock, Taken::ByHand, None, span, true);
        } else {
            self.give_back(lock, span);
        }
        true
    }

    /// The lock that a guard variable was made for.
    fn guarded_by(&self, guard: Name) -> Option<Lock> {
        let variable = self.program.local(self.id, guard)?;
        let init = variable.init.as_ref()?;
        self.program.lock(self.id, arguments(init).first()?)
    }

    fn guard_call(&mut self, index: usize, takes: bool, span: Span) -> bool {
        let entry = self.state.held[index].clone();
        if takes {
            if let Some(lock) = entry.lock.text().strip_prefix("(deferred)") {
                let lock = Name::new(lock);
                self.state.held.remove(index);
                self.take(lock, Taken::Scoped, entry.guard, span, true);
            }
        } else if !entry.lock.text().starts_with('(') {
            self.events.releases.push(Release {
                lock: entry.lock,
                span,
                is_callers: false,
                conditions: self.conditions.clone(),
            });
            self.state.held.remove(index);
        }
        true
    }
}

fn mentions(expr: &Expr, word: &str) -> bool {
    matches!(expr, Expr::Name(name, _) if name.last() == word)
}
