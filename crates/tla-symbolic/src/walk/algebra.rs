//! The seam between the walk and what it computes with.
//!
//! The walk knows the language: names, calls, actions, what is evaluated under which condition, where an expression is
//! undefined, and values as far as their structure is the same everywhere. A target knows what a number, a string and a set
//! of few elements is, and whatever depends on that. [`Algebra`] has its types and limits; its operations stand in a trait
//! for each subject, which a target implements for its [`Translator`] in the file of that subject.

use super::sym::{Each, Env, List, Members, Sym};
use super::{Graph, Made, Translator};
use tla_model::ir::{Binder, Node, Pattern, Primitive};
use tla_model::value::{LazySet, StringId, Value};

/// The types and limits of a target.
pub trait Algebra<'m>: Clone + Sized {
    /// A condition.
    type Bit: Copy + Eq + std::fmt::Debug;
    /// The graph of conditions.
    type Graph: Graph<Bit = Self::Bit>;
    /// An argument of a function.
    type Key: Clone + PartialEq;
    /// An element of a set that is a list.
    type Element: Clone;
    /// A value that has no structure for the walk.
    type Own: Clone;
    /// What such values have in common if they are merged by one rule.
    type Class: PartialEq;
    /// What the target keeps.
    type State;

    /// True.
    const TRUE: Self::Bit;
    /// False.
    const FALSE: Self::Bit;
    /// Most nodes of the tree that are visited for one model.
    const MOST_VISITS: u64;
    /// Most conditions of being undefined that are kept apart with what is remembered.
    const MOST_KEPT: usize;
    /// How often a definition may be under way inside of itself.
    const MOST_UNFOLDED: usize;
    /// Deepest nesting of applications of a function that is given by a rule.
    const DEEPEST_RULE: usize;
    /// Most elements of a set all of whose subsets are listed.
    const MOST_BASE: usize;
    /// Whether integers have any size.
    const HAS_LARGE: bool;
}

/// Values: from concrete ones and back, and merged.
pub trait Values<'m, A: Algebra<'m>> {
    /// Declines where limits of the target are reached.
    fn heed(&self) -> Made<()>;

    /// A concrete value as a symbolic one.
    fn concrete(&mut self, value: &Value) -> Sym<'m, A>;

    /// The concrete value, if there is only one.
    fn known_value(&mut self, sym: &Sym<'m, A>) -> Option<Value>;

    /// A value with its outermost structure made explicit.
    fn open(&mut self, sym: &Sym<'m, A>) -> Sym<'m, A> {
        sym.clone()
    }

    /// The argument of a tuple or sequence.
    fn index(&mut self, index: i64) -> A::Key;

    /// The argument of a record.
    fn field(&mut self, field: StringId) -> A::Key;

    /// An argument of a function, if the value can be one.
    fn key(&mut self, value: &Value) -> Option<A::Key>;

    /// The concrete value of an argument.
    fn key_value(&self, key: &A::Key) -> Value;

    /// An argument of a function as a value.
    fn of_key(&mut self, key: &A::Key) -> Sym<'m, A>;

    /// Whether it is seen at once that two values are the same.
    fn same(a: &Sym<'m, A>, b: &Sym<'m, A>) -> bool;

    /// The class of a value; none if it stays an alternative.
    fn class(own: &A::Own) -> Option<A::Class>;

    /// The value whose guard is true, of several of a class.
    fn merge_own(&mut self, class: &A::Class, all: Vec<(A::Bit, A::Own)>) -> Made<Sym<'m, A>>;

    /// The truth value whose guard is true.
    fn merge_bools(&mut self, all: &[(A::Bit, A::Bit)]) -> A::Bit;

    /// Whether it is, or can be, a string.
    fn has_strings(&self, own: &A::Own) -> bool;
}

/// Equality, where the structure does not decide it.
pub trait Comparisons<'m, A: Algebra<'m>> {
    /// Whether two values are equal, if that is seen at once.
    fn equal_at_once(&self, _a: &Sym<'m, A>, _b: &Sym<'m, A>) -> Option<bool> {
        None
    }

    /// Whether two opened values are equal that are neither of one structure nor alternatives.
    fn equal_own(&mut self, a: &Sym<'m, A>, b: &Sym<'m, A>) -> Made<A::Bit>;

    /// An opened value that is tested to be in a set of other values: a model value is in none, of others it is undefined.
    fn unlike(&mut self, sym: &Sym<'m, A>, reason: &'static str);
}

/// Sets that are lists, and those that only the target has.
pub trait Sets<'m, A: Algebra<'m>> {
    /// Whether a value of the target is a set.
    fn is_set(own: &A::Own) -> bool;

    /// Whether it is a set that certainly has an end.
    fn is_listed(own: &A::Own) -> bool;

    /// The set of these elements, each under its condition.
    fn set(&mut self, members: Members<'m, A>) -> Made<Sym<'m, A>>;

    /// The set of all of these elements.
    fn set_of(&mut self, elements: Vec<A::Element>) -> Made<Sym<'m, A>>;

    /// What a value is as an element of a list, if it is one under a condition.
    fn listed(&mut self, element: &Sym<'m, A>, guard: A::Bit) -> Made<Members<'m, A>>;

    /// An element as a value.
    fn element(element: &A::Element) -> Sym<'m, A>;

    /// The elements of a set as a list.
    fn members(&mut self, set: &Sym<'m, A>) -> Made<Members<'m, A>>;

    /// Membership in a set of the target.
    fn contains_own(&mut self, element: &Sym<'m, A>, set: &A::Own) -> Made<A::Bit>;

    /// Membership in a set of the evaluator that has no parts: `Nat`, `STRING`.
    fn contains_leaf(&mut self, element: &Sym<'m, A>, set: &LazySet, whole: &Value) -> Made<A::Bit>;

    /// Membership in a set of functions whose domain is no list of constants.
    fn contains_function(&mut self, element: &Sym<'m, A>, domain: &Sym<'m, A>, range: &Sym<'m, A>) -> Made<A::Bit>;

    /// Whether a set is part of another one, if its elements are not looked at one by one.
    fn subset_at_once(&mut self, _a: &Sym<'m, A>, _b: &Sym<'m, A>) -> Made<Option<A::Bit>> {
        Ok(None)
    }

    /// `a \cup b`.
    fn set_union(&mut self, a: &Sym<'m, A>, b: &Sym<'m, A>) -> Made<Sym<'m, A>>;

    /// Elements of the first that are, or are not, in the second.
    fn set_part(&mut self, a: &Sym<'m, A>, b: &Sym<'m, A>, inside: bool) -> Made<Sym<'m, A>>;

    /// The number of elements.
    fn cardinality(&mut self, set: &Sym<'m, A>) -> Made<Sym<'m, A>>;

    /// `{x \in S : p}` of a set that is no list, if the target keeps it so.
    fn filter_at_once(&mut self, _base: &Sym<'m, A>, _rule: u32, _env: &Env<'m, A>) -> Option<Sym<'m, A>> {
        None
    }

    /// Whether the body is true (or, negated, false) for some combination of bound values.
    fn exists(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m, A>, negated: bool) -> Made<A::Bit>;

    /// `CHOOSE` from a set whose elements have no order that is known.
    fn choose_unordered(
        &mut self,
        pattern: &'m Pattern,
        set: &Sym<'m, A>,
        body: &'m Node,
        env: &Env<'m, A>,
    ) -> Made<Sym<'m, A>>;
}

/// Which arguments a value can be, each with its condition, and the condition under which it is none of them.
pub type Positions<B> = (Vec<(usize, B)>, B);

/// Functions, where their arguments are looked at.
pub trait Functions<'m, A: Algebra<'m>> {
    /// The values that a function given by a rule is applied to one by one where it is applied to this one.
    fn split(&mut self, argument: &Sym<'m, A>) -> Made<List<'m, A>>;

    /// A number of the argument, if what a rule gives for it is remembered.
    fn number_of(_argument: &Sym<'m, A>) -> Option<usize> {
        None
    }

    /// Which of the arguments a value can be.
    fn positions(&mut self, keys: &[A::Key], argument: &Sym<'m, A>) -> Made<Positions<A::Bit>>;

    /// A function whose domain is no list of constants.
    fn function_beyond(&mut self, number: u32, domain: &Sym<'m, A>, env: &Env<'m, A>) -> Made<Sym<'m, A>>;

    /// `f[x]` of a value of the target, `None` if it is no function.
    fn apply_own(&mut self, _function: &A::Own, _argument: &Sym<'m, A>) -> Made<Option<Sym<'m, A>>> {
        Ok(None)
    }

    /// `DOMAIN f` of a value of the target, `None` if it is no function.
    fn domain_own(&self, _function: &A::Own) -> Option<Sym<'m, A>> {
        None
    }

    /// A function of the target with a new value, made from the old one; `None` if it is no function.
    fn update_own(
        &mut self,
        _function: &A::Own,
        _argument: &Sym<'m, A>,
        _run: Each<'_, 'm, A, Sym<'m, A>>,
    ) -> Made<Option<Sym<'m, A>>> {
        Ok(None)
    }
}

/// Integers.
pub trait Numbers<'m, A: Algebra<'m>> {
    /// An operator on one or two integers.
    fn arithmetic(&mut self, operator: Primitive, a: &Sym<'m, A>, b: Option<&Sym<'m, A>>) -> Made<Sym<'m, A>>;

    /// An order relation.
    fn relation(&mut self, operator: Primitive, a: &Sym<'m, A>, b: &Sym<'m, A>) -> Made<A::Bit>;

    /// `a .. b`.
    fn range(&mut self, a: &Sym<'m, A>, b: &Sym<'m, A>) -> Made<Sym<'m, A>>;

    /// `SubSeq(s, m, n)`.
    fn sub_sequence(&mut self, sequence: &Sym<'m, A>, from: &Sym<'m, A>, to: &Sym<'m, A>) -> Made<Sym<'m, A>>;
}

/// What a step chooses.
pub trait Choices<'m, A: Algebra<'m>> {
    /// A truth value that a step chooses.
    fn chosen(&mut self) -> A::Bit;

    /// Whether the elements of a set are tried one by one.
    fn is_short(&mut self, set: &Sym<'m, A>) -> Made<bool>;

    /// An element that is chosen from a set of the target, and the condition under which it is one.
    fn pick_own(&mut self, set: &A::Own) -> Made<(Sym<'m, A>, A::Bit)>;

    /// An element that is chosen from a set without an end, if the target has such.
    fn pick_endless(&mut self, _set: &Sym<'m, A>) -> Made<Option<(Sym<'m, A>, A::Bit)>> {
        Ok(None)
    }

    /// Whether one of these is true for some of the choices that were made since there were so many.
    fn possible(&mut self, guards: &[A::Bit], before: usize) -> Made<A::Bit>;

    /// Whether the path can be taken in some state, as far as that is known.
    fn is_feasible(&mut self) -> bool {
        true
    }
}

/// All that a target can do.
pub trait Operations<'m, A: Algebra<'m>>:
    Values<'m, A> + Comparisons<'m, A> + Sets<'m, A> + Functions<'m, A> + Numbers<'m, A> + Choices<'m, A>
{
}

impl<'m, A: Algebra<'m>> Operations<'m, A> for Translator<'m, A> where
    Self: Values<'m, A> + Comparisons<'m, A> + Sets<'m, A> + Functions<'m, A> + Numbers<'m, A> + Choices<'m, A>
{
}
