//! TLA+ values.
//!
//! A [`Value`] is 16 bytes: a scalar inline or a counted reference to a node. References are not atomic, so a value
//! belongs to one thread; values cross threads only as bytes (see [`codec`]). Nodes are immutable once built.
//!
//! Normal forms, so that equal values are structurally equal (traps 39, 41, 44 of TLC's semantics):
//! - a finite set is [`Value::Set`], elements sorted by [`order::compare`] without duplicates, or [`Value::Interval`]
//!   when it was written as `a..b` with at least one element; both compare and hash alike;
//! - a function with domain `1..n` is [`Value::Tuple`] (the empty function is the empty tuple), one whose domain is a
//!   non-empty set of strings is [`Value::Record`], any other one with a finite domain is [`Value::Function`];
//! - sets that are too large or infinite stay symbolic in [`Value::Lazy`]; functions that are given by a rule stay
//!   [`Value::Rule`]. [`force`](crate::eval::Machine::force) makes them explicit where a value must be compared or kept.

pub mod codec;
pub mod names;
pub mod occurrence;
pub mod orbit;
pub mod order;
pub mod show;
pub mod written;

use num_bigint::BigInt;
use num_traits::ToPrimitive;
use std::cell::Cell;
use std::rc::Rc;

pub use names::{ModelValueId, StringId};

/// A value of TLA+.
#[derive(Clone, Debug)]
pub enum Value {
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// An integer that fits 64 bits.
    Int(i64),
    /// An integer that does not.
    BigInt(Rc<BigInt>),
    /// A string.
    String(StringId),
    /// A model value.
    Model(ModelValueId),
    /// `low..high` with `low <= high`.
    Interval(Rc<Interval>),
    /// A finite set in normal form.
    Set(Rc<SetNode>),
    /// A function with domain `1..n`.
    Tuple(Rc<TupleNode>),
    /// A function whose domain is a non-empty set of strings.
    Record(Rc<RecordNode>),
    /// Any other function with a finite, explicit domain.
    Function(Rc<FunctionNode>),
    /// A set that is not enumerated.
    Lazy(Rc<LazySet>),
    /// A function given by a rule.
    Rule(Rc<RuleNode>),
}

/// An integer interval, never empty.
#[derive(Debug, PartialEq, Eq)]
pub struct Interval {
    /// Least element.
    pub low: i64,
    /// Greatest element.
    pub high: i64,
}

impl Interval {
    /// Number of elements.
    pub fn len(&self) -> u64 {
        self.high.abs_diff(self.low).saturating_add(1)
    }

    /// Always false: an empty interval is the empty set.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// Elements of a finite set.
#[derive(Debug)]
pub struct SetNode {
    /// Sorted, without duplicates.
    pub elements: Vec<Value>,
    hash: Cell<u64>,
}

/// Elements of a tuple.
#[derive(Debug)]
pub struct TupleNode {
    /// In order.
    pub elements: Vec<Value>,
    hash: Cell<u64>,
}

/// Fields of a record.
#[derive(Debug)]
pub struct RecordNode {
    /// Field names, ascending; shared between records of one shape.
    pub fields: Rc<[StringId]>,
    /// Values in the order of `fields`.
    pub values: Vec<Value>,
    hash: Cell<u64>,
}

/// A function with an explicit domain.
#[derive(Debug)]
pub struct FunctionNode {
    /// Arguments, ascending; shared between functions of one domain.
    pub domain: Rc<[Value]>,
    /// Values in the order of `domain`.
    pub values: Vec<Value>,
    hash: Cell<u64>,
}

/// Sets that are not enumerated until somebody asks.
#[derive(Debug)]
pub enum LazySet {
    /// `Nat`.
    Naturals,
    /// `Int`.
    Integers,
    /// `Real`.
    Reals,
    /// `STRING`.
    Strings,
    /// `Seq(S)`.
    Sequences(Value),
    /// `SUBSET S`.
    Subsets(Value),
    /// `[S -> T]`.
    Functions(Value, Value),
    /// `[a : S, b : T]`, fields ascending.
    Records(Rc<[StringId]>, Vec<Value>),
    /// `S \X T`.
    Product(Vec<Value>),
    /// `S \cup T` where a side cannot be enumerated.
    Union(Value, Value),
    /// `UNION` of these sets where one of them is not enumerated yet.
    Family(Vec<Value>),
    /// `S \cap T` where no side can be enumerated.
    Intersection(Value, Value),
    /// `S \ T` where `S` cannot be enumerated.
    Difference(Value, Value),
    /// `{x \in S : p}` where `S` cannot be enumerated, or where that would be much work.
    Filter(FilterRule),
    /// `Any` of module `TLC`: everything is an element.
    Anything,
}

/// What a rule keeps of a slot that it reads.
#[derive(Debug, Clone)]
pub enum Captured {
    /// Its value.
    Value(Value),
    /// An operator that the evaluator keeps under this number.
    Operator(u32),
}

/// A predicate with the frame it was written in.
#[derive(Debug)]
pub struct FilterRule {
    /// The set that is filtered.
    pub base: Value,
    /// Number of the rule in the model (see [`crate::ir::Code::rules`]).
    pub rule: u32,
    /// Values of the slots that the predicate reads.
    pub captured: Box<[(u32, Captured)]>,
    /// The elements, once they were asked for.
    pub explicit: std::cell::OnceCell<Value>,
}

/// A function given by a rule.
pub struct RuleNode {
    /// Number of the rule in the model.
    pub rule: u32,
    /// Values of the slots that the body reads.
    pub captured: Box<[(u32, Captured)]>,
    /// The domains of the bound names.
    pub domains: Vec<Value>,
    /// Values that were computed already; only kept for recursive functions.
    pub memo: std::cell::RefCell<rustc_hash::FxHashMap<Value, Value>>,
    /// The explicit function, once somebody needed it.
    pub explicit: std::cell::OnceCell<Value>,
}

impl std::fmt::Debug for RuleNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuleNode").field("rule", &self.rule).field("domains", &self.domains).finish_non_exhaustive()
    }
}

impl Value {
    /// The set itself, if it is the union of one set: what stands for a set whose elements are known here, while TLC has
    /// no list of them.
    pub fn listed(&self) -> &Self {
        match self {
            Self::Lazy(lazy) => match &**lazy {
                LazySet::Family(sets) if sets.len() == 1 => &sets[0],
                _ => self,
            },
            _ => self,
        }
    }

    /// `{}`.
    pub fn empty_set() -> Self {
        Self::sorted_set(Vec::new())
    }

    /// A set from elements that are sorted and without duplicates.
    pub fn sorted_set(elements: Vec<Self>) -> Self {
        Self::Set(Rc::new(SetNode { elements, hash: Cell::new(0) }))
    }

    /// `low..high`.
    pub fn interval(low: i64, high: i64) -> Self {
        if low <= high { Self::Interval(Rc::new(Interval { low, high })) } else { Self::empty_set() }
    }

    /// A tuple or sequence.
    pub fn tuple(elements: Vec<Self>) -> Self {
        Self::Tuple(Rc::new(TupleNode { elements, hash: Cell::new(0) }))
    }

    /// A record; `fields` must be ascending and not empty.
    pub fn record(fields: Rc<[StringId]>, values: Vec<Self>) -> Self {
        Self::Record(Rc::new(RecordNode { fields, values, hash: Cell::new(0) }))
    }

    /// A function from a domain in ascending order, in normal form.
    pub fn function(domain: Rc<[Self]>, values: Vec<Self>) -> Self {
        match domain.first() {
            None => Self::tuple(values),
            Some(Self::Int(1)) if matches!(domain.last(), Some(Self::Int(n)) if *n == domain.len() as i64) => {
                Self::tuple(values)
            }
            Some(Self::String(_)) => {
                let mut fields = Vec::with_capacity(domain.len());
                for key in domain.iter() {
                    let Self::String(id) = key else { return Self::plain_function(domain, values) };
                    fields.push(*id);
                }
                Self::record(fields.into(), values)
            }
            Some(_) => Self::plain_function(domain, values),
        }
    }

    /// A function whose domain is known to be neither `1..n` nor a set of strings.
    pub fn plain_function(domain: Rc<[Self]>, values: Vec<Self>) -> Self {
        Self::Function(Rc::new(FunctionNode { domain, values, hash: Cell::new(0) }))
    }

    /// A symbolic set.
    pub fn lazy(set: LazySet) -> Self {
        Self::Lazy(Rc::new(set))
    }

    /// An integer of any size, in normal form.
    pub fn integer(value: BigInt) -> Self {
        match value.to_i64() {
            Some(small) => Self::Int(small),
            None => Self::BigInt(Rc::new(value)),
        }
    }

    /// The integer, if it is one.
    pub fn to_big(&self) -> Option<BigInt> {
        match self {
            Self::Int(value) => Some(BigInt::from(*value)),
            Self::BigInt(value) => Some((**value).clone()),
            _ => None,
        }
    }

    /// Whether two values are the same object: a quick and sufficient test of equality.
    pub fn same_object(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Model(a), Self::Model(b)) => a == b,
            (Self::Set(a), Self::Set(b)) => Rc::ptr_eq(a, b),
            (Self::Interval(a), Self::Interval(b)) => Rc::ptr_eq(a, b),
            (Self::Tuple(a), Self::Tuple(b)) => Rc::ptr_eq(a, b),
            (Self::Record(a), Self::Record(b)) => Rc::ptr_eq(a, b),
            (Self::Function(a), Self::Function(b)) => Rc::ptr_eq(a, b),
            (Self::BigInt(a), Self::BigInt(b)) => Rc::ptr_eq(a, b),
            (Self::Lazy(a), Self::Lazy(b)) => Rc::ptr_eq(a, b),
            (Self::Rule(a), Self::Rule(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Multiply-fold mixing as in wyhash: both operands and the result are 64 bits.
pub fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(u128::from(b ^ 0xe703_7ed1_a0b4_28db));
    (product as u64) ^ ((product >> 64) as u64)
}

/// Set in a hash if something symbolic is inside; see [`Value::is_symbolic`].
const SYMBOLIC: u64 = 2;

/// Hashes are never 0, which stands for "not computed yet".
fn finished(hash: u64, symbolic: u64) -> u64 {
    (hash & !SYMBOLIC) | 1 | symbolic
}

fn cached(cell: &Cell<u64>, compute: impl FnOnce() -> u64) -> u64 {
    let known = cell.get();
    if known != 0 {
        return known;
    }
    let fresh = compute();
    cell.set(fresh);
    fresh
}

fn fold<'a>(seed: u64, values: impl Iterator<Item = &'a Value>) -> u64 {
    let (hash, symbolic) = values.fold((seed, 0), |(hash, symbolic), value| {
        let inner = value.structural_hash();
        (mix(hash, inner), symbolic | (inner & SYMBOLIC))
    });
    finished(hash, symbolic)
}

impl Value {
    /// A hash that equal values share. Symbolic sets and rules hash by address: they must be forced before they are
    /// used as a key.
    pub fn structural_hash(&self) -> u64 {
        match self {
            Self::Bool(b) => finished(mix(1, u64::from(*b)), 0),
            Self::Int(i) => finished(mix(2, *i as u64), 0),
            Self::BigInt(i) => finished(i.iter_u64_digits().fold(3, mix), 0),
            Self::String(id) => finished(mix(4, u64::from(id.0)), 0),
            Self::Model(id) => finished(mix(5, u64::from(id.0)), 0),
            Self::Interval(range) => {
                let hash = (range.low..=range.high).fold(6, |hash, i| mix(hash, Self::Int(i).structural_hash()));
                finished(hash, 0)
            }
            Self::Set(set) => cached(&set.hash, || fold(6, set.elements.iter())),
            Self::Tuple(tuple) => cached(&tuple.hash, || fold(7, tuple.elements.iter())),
            Self::Record(record) => cached(&record.hash, || {
                let names = record.fields.iter().fold(8, |hash, id| mix(hash, u64::from(id.0)));
                fold(names, record.values.iter())
            }),
            Self::Function(function) => {
                cached(&function.hash, || fold(9, function.domain.iter().chain(&function.values)))
            }
            Self::Lazy(set) => finished(Rc::as_ptr(set) as usize as u64, SYMBOLIC),
            Self::Rule(rule) => finished(Rc::as_ptr(rule) as usize as u64, SYMBOLIC),
        }
    }

    /// Whether a symbolic set or a rule is inside. Such values have no normal form; see
    /// [`force`](crate::eval::Machine::force).
    pub fn is_symbolic(&self) -> bool {
        self.structural_hash() & SYMBOLIC != 0
    }

    /// Structural equality without TLC's complaints about unlike values: those are simply different. Only for keys;
    /// the language's own `=` is [`order::equal`].
    pub fn structurally_equal(&self, other: &Self) -> bool {
        if self.same_object(other) {
            return true;
        }
        let all = |a: &[Self], b: &[Self]| a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.structurally_equal(y));
        match (self, other) {
            (Self::BigInt(a), Self::BigInt(b)) => a == b,
            (Self::Interval(a), Self::Interval(b)) => a == b,
            (Self::Interval(range), Self::Set(set)) | (Self::Set(set), Self::Interval(range)) => {
                set.elements.len() as u64 == range.len()
                    && set.elements.iter().zip(range.low..).all(|(x, i)| matches!(x, Self::Int(j) if *j == i))
            }
            (Self::Set(a), Self::Set(b)) => hashes_may_agree(&a.hash, &b.hash) && all(&a.elements, &b.elements),
            (Self::Tuple(a), Self::Tuple(b)) => hashes_may_agree(&a.hash, &b.hash) && all(&a.elements, &b.elements),
            (Self::Record(a), Self::Record(b)) => {
                hashes_may_agree(&a.hash, &b.hash) && a.fields == b.fields && all(&a.values, &b.values)
            }
            (Self::Function(a), Self::Function(b)) => {
                hashes_may_agree(&a.hash, &b.hash)
                    && (Rc::ptr_eq(&a.domain, &b.domain) || all(&a.domain, &b.domain))
                    && all(&a.values, &b.values)
            }
            _ => false,
        }
    }
}

fn hashes_may_agree(a: &Cell<u64>, b: &Cell<u64>) -> bool {
    a.get() == 0 || b.get() == 0 || a.get() == b.get()
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.structurally_equal(other)
    }
}

impl Eq for Value {}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.structural_hash());
    }
}
