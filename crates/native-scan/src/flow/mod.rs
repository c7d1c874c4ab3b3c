//! What happens in a function, with the locks that are held while it happens.
//!
//! [`walk`] goes through the statements of one function and records events: accesses to shared places, calls, locks
//! taken and given back, waits. [`closures`] says who calls a closure, and so under which locks and on which thread.
//! [`contexts`] puts the functions together: with which locks each can be entered.

pub mod closures;
pub mod contexts;
pub mod joining;
pub mod locks;
mod taking;
pub mod walk;

use crate::program::FnId;
use native_syntax::Name;
use native_syntax::ir::{Expr, Span};

/// A lock or serial queue. Its name is that of the member or global that holds it: all objects of a class are one.
pub type Lock = Name;

/// Locks held, sorted and without duplicates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LockSet(Vec<Lock>);

impl LockSet {
    /// The set with these locks.
    pub fn of(locks: impl IntoIterator<Item = Lock>) -> Self {
        let mut locks: Vec<Lock> = locks.into_iter().collect();
        locks.sort_unstable();
        locks.dedup();
        Self(locks)
    }

    /// Whether the lock is held.
    pub fn holds(&self, lock: Lock) -> bool {
        self.0.contains(&lock)
    }

    /// Whether no lock is held.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The locks.
    pub fn iter(&self) -> impl Iterator<Item = Lock> + '_ {
        self.0.iter().copied()
    }

    /// Locks of both.
    pub fn union(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        Self::of(self.iter().chain(other.iter()))
    }

    /// Locks in both.
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.iter().filter(|lock| other.holds(*lock)).collect())
    }

    /// Without one.
    pub fn without(&self, lock: Lock) -> Self {
        Self(self.iter().filter(|other| *other != lock).collect())
    }
}

/// A set member that stands for "nobody else can see the object yet, or any more": constructors and destructors.
pub fn exclusive() -> Lock {
    Name::new("(exclusive)")
}

/// What an access does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Reads.
    Read,
    /// Assigns.
    Assign,
    /// Reads and writes in one expression: `++`, `+=`.
    Update,
    /// Calls an operation that changes a container.
    Mutate(Name),
}

impl Effect {
    /// Whether it changes the place.
    pub fn writes(self) -> bool {
        self != Self::Read
    }
}

/// Through what an access reaches its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// `this`.
    This,
    /// Another object.
    Other,
    /// No object: a global or static.
    Static,
    /// An object that this function has just made.
    Fresh,
}

/// An access to a member or global.
#[derive(Debug, Clone)]
pub struct Access {
    /// The place: `Class::member`, or a global's name.
    pub place: Name,
    /// The class that declares it.
    pub class: Option<Name>,
    /// What it does.
    pub effect: Effect,
    /// Through what.
    pub base: Base,
    /// Locks that are held for certain, those of the caller left out.
    pub held: LockSet,
    /// Locks that are held on some path.
    pub maybe: LockSet,
    /// Locks of the caller that the function has given back by hand at this point.
    pub dropped: LockSet,
    /// Where.
    pub span: Span,
    /// Names and members in the conditions that decide whether it runs.
    pub conditions: Vec<Name>,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call<'p> {
    /// The call or message expression.
    pub expr: &'p Expr,
    /// Functions of the program that it may reach.
    pub callees: Vec<FnId>,
    /// Its name.
    pub name: &'static str,
    /// Locks that are held for certain.
    pub held: LockSet,
    /// Locks that are held on some path.
    pub maybe: LockSet,
    /// Locks of the caller that the function has given back by hand at this point.
    pub dropped: LockSet,
    /// Where.
    pub span: Span,
    /// Inside of a `try` that catches everything.
    pub is_caught: bool,
    /// A method of an object that this function has just made.
    pub is_on_fresh: bool,
    /// Names and members in the conditions that decide whether it runs.
    pub conditions: Vec<Name>,
}

/// How a lock is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// By an object that gives it back when its scope ends.
    Scoped,
    /// By a call of `lock`.
    ByHand,
}

/// A closure is made.
#[derive(Debug, Clone)]
pub struct Made {
    /// The closure.
    pub closure: FnId,
    /// Locks held for certain where it is made.
    pub held: LockSet,
    /// Locks of the caller that are given back at this point.
    pub dropped: LockSet,
    /// Where.
    pub span: Span,
    /// Names in the conditions that decide whether it is made.
    pub conditions: Vec<Name>,
}

/// A lock is taken.
#[derive(Debug, Clone)]
pub struct Acquire {
    /// Which.
    pub lock: Lock,
    /// How.
    pub taken: Taken,
    /// Locks held before.
    pub before: LockSet,
    /// Locks of the caller that are given back at this point.
    pub dropped: LockSet,
    /// Where.
    pub span: Span,
}

/// A lock is given back by hand.
#[derive(Debug, Clone)]
pub struct Release {
    /// Which.
    pub lock: Lock,
    /// Where.
    pub span: Span,
    /// The function did not take it: it is the caller's.
    pub is_callers: bool,
    /// Names in the conditions that decide whether it runs.
    pub conditions: Vec<Name>,
}

/// Events of one function, each list in order.
#[derive(Debug, Default)]
pub struct Events<'p> {
    /// Accesses.
    pub accesses: Vec<Access>,
    /// Calls.
    pub calls: Vec<Call<'p>>,
    /// Locks taken.
    pub acquires: Vec<Acquire>,
    /// Locks given back by hand.
    pub releases: Vec<Release>,
    /// Closures that are made here.
    pub closures: Vec<Made>,
    /// Returns: the expression, locks held.
    pub returns: Vec<(Option<&'p Expr>, LockSet, Span)>,
    /// `throw` expressions outside of a `try` that catches them.
    pub throws: Vec<Span>,
}
