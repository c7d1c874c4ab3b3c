//! Footprints: what an evaluation asked of the current state, and what it was told.
//!
//! An action of one process looks at a handful of places, `pc[t]`, `lock`, `Len(queue[t])`, and does the same wherever it
//! finds the same there. Recording those questions once lets whoever drives the machine replay the answer in every other
//! state that gives the same answers, without evaluating anything: local transition caching (Blom, van de Pol, Weber,
//! *LTSmin: Distributed and Symbolic Reachability*, CAV 2010, section 3), with a dependency that is found while
//! evaluating, down to a place inside a variable, instead of one that is computed from the text beforehand.
//!
//! What makes replaying sound. Evaluation is a function of the answers: which question comes next depends on the
//! answers before it and on constants only. While a [`Footprint`] is kept, every way by which the evaluator gets at a
//! variable goes through [`Machine::ask`] or [`Machine::note_whole`]; the short cuts that look at values where they lie
//! (`peek.rs`) and the memory of state-level definitions are out of service. [`Probe::answer_in`] is used by recording and
//! replaying alike. A place that does not exist in a state, and anything else that needs care (values that cannot be
//! compared, symbolic sets), is answered by `None`; the evaluator then looks at the whole and reports what it reports.

use super::{Machine, Slot, Target};
use crate::error::Evaluated;
use crate::ir::{Kind, Node, Primitive as P};
use crate::value::names::Names;
use crate::value::{Value, order};
use hashbrown::HashTable;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// A place inside the value of a variable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The variable: its number in the current state; in the next state of a given step, counted on behind those.
    pub variable: u32,
    /// Arguments to apply one after the other; empty for the whole value.
    pub path: Rc<[Value]>,
}

/// A question about the current state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Probe {
    /// What is there?
    Value(Place),
    /// Is this value an element of the set there?
    Contains(Place, Value),
    /// Is this value what is there?
    Equals(Place, Value),
    /// How does the integer there compare with this one? Answered by -1, 0 or 1.
    Order(Place, i64),
    /// How long is the sequence there?
    Length(Place),
    /// How many elements has the set there?
    Size(Place),
}

/// What a probe finds.
pub enum Answer<'v> {
    /// Nothing that can be told without care.
    Absent,
    /// A value where it lies.
    There(&'v Value),
    /// A scalar.
    Scalar(Value),
}

impl Answer<'_> {
    /// The value, `None` if there is none.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Absent => None,
            Self::There(value) => Some(value),
            Self::Scalar(value) => Some(value),
        }
    }
}

/// The value of an explicit function for an argument of its domain.
fn step<'v>(names: &Names, function: &'v Value, key: &Value) -> Option<&'v Value> {
    match (function, key) {
        (Value::Tuple(node), Value::Int(i)) => node.elements.get(usize::try_from(i.checked_sub(1)?).ok()?),
        (Value::Record(node), Value::String(field)) => {
            let index = node.fields.iter().position(|known| known == field)?;
            node.values.get(index)
        }
        (Value::Function(node), _) => {
            if let (Value::Int(i), Some(Value::Int(first))) = (key, node.domain.first())
                && let Ok(offset) = usize::try_from(i.checked_sub(*first)?)
                && node.domain.get(offset).is_some_and(|candidate| candidate.same_object(key))
            {
                return node.values.get(offset);
            }
            if node.domain.len() <= 8
                && let Some(index) = node.domain.iter().position(|candidate| candidate.same_object(key))
            {
                return node.values.get(index);
            }
            let index = search(names, &node.domain, key)??;
            node.values.get(index)
        }
        _ => None,
    }
}

/// Binary search in ascending values; `None` if something cannot be compared.
fn search(names: &Names, ascending: &[Value], key: &Value) -> Option<Option<usize>> {
    let (mut low, mut high) = (0, ascending.len());
    while low < high {
        let middle = (low + high) / 2;
        match order::compare(names, &ascending[middle], key).ok()? {
            Ordering::Equal => return Some(Some(middle)),
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    Some(None)
}

impl Place {
    /// The part at the place of the variable's value, if it exists.
    pub fn find<'v>(&self, names: &Names, whole: &'v Value) -> Option<&'v Value> {
        let mut value = whole;
        for key in &*self.path {
            value = step(names, value, key)?;
        }
        Some(value)
    }

    /// The place inside this one that the key leads to.
    pub(super) fn inside(&self, key: Value) -> Self {
        let path = self.path.iter().cloned().chain(std::iter::once(key)).collect();
        Self { variable: self.variable, path }
    }
}

impl Probe {
    /// Where it looks.
    pub fn place(&self) -> &Place {
        match self {
            Self::Value(place)
            | Self::Contains(place, _)
            | Self::Equals(place, _)
            | Self::Order(place, _)
            | Self::Length(place)
            | Self::Size(place) => place,
        }
    }

    /// What it finds in the value of the variable that it is about.
    pub fn answer_in<'v>(&self, names: &Names, whole: &'v Value) -> Answer<'v> {
        let Some(value) = self.place().find(names, whole) else { return Answer::Absent };
        let scalar = |value: Option<Value>| value.map_or(Answer::Absent, Answer::Scalar);
        match self {
            Self::Value(_) => Answer::There(value),
            Self::Contains(_, element) => scalar(match value {
                Value::Set(set) => {
                    let found = if set.elements.len() <= 4 {
                        first_equal(names, &set.elements, element)
                    } else {
                        search(names, &set.elements, element).map(|index| index.is_some())
                    };
                    found.map(Value::Bool)
                }
                Value::Interval(range) => match element {
                    Value::Int(i) => Some(Value::Bool(range.low <= *i && *i <= range.high)),
                    _ => None,
                },
                _ => None,
            }),
            Self::Equals(_, other) => {
                scalar(order::compare(names, value, other).ok().map(|ordering| Value::Bool(ordering.is_eq())))
            }
            Self::Order(_, other) => scalar(match value {
                Value::Int(i) => Some(Value::Int(i.cmp(other) as i64)),
                _ => None,
            }),
            Self::Length(_) => scalar(match value {
                Value::Tuple(node) => Some(Value::Int(node.elements.len() as i64)),
                _ => None,
            }),
            Self::Size(_) => scalar(match value {
                Value::Set(set) => Some(Value::Int(set.elements.len() as i64)),
                Value::Interval(range) => i64::try_from(range.len()).ok().map(Value::Int),
                _ => None,
            }),
        }
    }
}

/// Whether one of the elements equals the value; elements behind it are not looked at, as in evaluation proper.
fn first_equal(names: &Names, elements: &[Value], value: &Value) -> Option<bool> {
    for element in elements {
        if order::compare(names, element, value).ok()?.is_eq() {
            return Some(true);
        }
    }
    Some(false)
}

/// Where the value of a variable in the next state came from.
#[derive(Debug, Clone, Default)]
pub enum Origin {
    /// From what was asked and from constants.
    #[default]
    Answers,
    /// It is the value in the current state.
    Kept,
    /// It is the value in the current state with these changes.
    Changed(Rc<[super::residual::Change]>),
    /// It is given, as the current state is.
    Given,
}

/// What is recorded.
#[derive(Debug, Default)]
pub struct Footprint {
    /// Questions with their answers, in the order in which they were first asked.
    pub steps: Vec<(Rc<Probe>, Option<Value>)>,
    /// The questions by hash.
    known: HashTable<u32>,
    /// Where the values of the next state came from.
    pub(super) origins: Vec<Origin>,
}

fn hash_of(parts: impl Hash) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// The hash of the question for the value at a place.
fn hash_of_value(variable: u32, path: &[Value]) -> u64 {
    hash_of((variable, path))
}

fn hash_of_probe(probe: &Probe) -> u64 {
    match probe {
        Probe::Value(place) => hash_of_value(place.variable, &place.path),
        Probe::Contains(..) | Probe::Equals(..) | Probe::Order(..) | Probe::Length(_) | Probe::Size(_) => {
            hash_of(probe)
        }
    }
}

impl Footprint {
    fn asked_value(&self, variable: u32, path: &[Value]) -> bool {
        let same = |index: &u32| match &*self.steps[*index as usize].0 {
            Probe::Value(place) => place.variable == variable && *place.path == *path,
            _ => false,
        };
        self.known.find(hash_of_value(variable, path), same).is_some()
    }

    /// Whether the answer follows from one that was given already: from the value of the place itself, or of one around
    /// it.
    fn follows(&self, probe: &Probe) -> bool {
        let place = probe.place();
        (0..=place.path.len()).any(|length| self.asked_value(place.variable, &place.path[..length]))
            || self.known.find(hash_of_probe(probe), |index| *self.steps[*index as usize].0 == *probe).is_some()
    }

    fn note(&mut self, probe: Probe, answer: Option<Value>) {
        if !self.follows(&probe) {
            let hash = hash_of_probe(&probe);
            let number = self.steps.len() as u32;
            self.steps.push((Rc::new(probe), answer));
            let steps = &self.steps;
            self.known.insert_unique(hash, number, |index| hash_of_probe(&steps[*index as usize].0));
        }
    }
}

impl<'m> Machine<'m> {
    /// Runs an evaluation and records its footprint.
    pub fn recording_footprint<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> (R, Footprint) {
        self.recording_with(Origin::default(), run)
    }

    /// Runs an evaluation on a given step and records its footprint in both states.
    pub fn recording_footprint_on_step<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> (R, Footprint) {
        self.recording_with(Origin::Given, run)
    }

    fn recording_with<R>(&mut self, origin: Origin, run: impl FnOnce(&mut Self) -> R) -> (R, Footprint) {
        let origins = vec![origin; self.next.len()];
        self.footprint = Some(Box::new(Footprint { origins, ..Footprint::default() }));
        let result = run(self);
        let footprint = self.footprint.take().map_or_else(Footprint::default, |footprint| *footprint);
        (result, footprint)
    }

    /// Whether a footprint is being recorded.
    pub(super) fn traced(&self) -> bool {
        self.footprint.is_some()
    }

    /// The whole value of a variable is about to be read in the current state.
    pub(super) fn note_whole(&mut self, variable: u32) {
        if self.traced() {
            self.ask(Probe::Value(Place { variable, path: Rc::new([]) }));
        }
    }

    /// The number of a variable of the next state in places.
    fn given(&self, variable: u32) -> u32 {
        self.current.len() as u32 + variable
    }

    /// The whole value of a variable is about to be read in the next state.
    pub(super) fn note_whole_next(&mut self, variable: u32) {
        if self.traced() {
            match self.origin(variable as usize) {
                Origin::Kept | Origin::Changed(_) => self.note_whole(variable),
                Origin::Given => self.note_whole(self.given(variable)),
                Origin::Answers => {}
            }
        }
    }

    /// Says where the value that a variable gets in the next state comes from.
    pub(super) fn set_origin(&mut self, variable: usize, origin: Origin) {
        if let Some(footprint) = &mut self.footprint
            && let Some(place) = footprint.origins.get_mut(variable)
        {
            *place = origin;
        }
    }

    /// Where the value of a variable in the next state comes from. Meaningful while a footprint is recorded.
    pub fn origin(&self, variable: usize) -> Origin {
        match &self.footprint {
            Some(footprint) => footprint.origins.get(variable).cloned().unwrap_or_default(),
            None => Origin::default(),
        }
    }

    /// Forgets, for the time of a nested enumeration of next states, where their values come from.
    pub(super) fn fresh_origins(&mut self) -> Vec<Origin> {
        match &mut self.footprint {
            Some(footprint) => {
                let fresh = vec![Origin::default(); footprint.origins.len()];
                std::mem::replace(&mut footprint.origins, fresh)
            }
            None => Vec::new(),
        }
    }

    pub(super) fn restore_origins(&mut self, origins: Vec<Origin>) {
        if let Some(footprint) = &mut self.footprint {
            footprint.origins = origins;
        }
    }

    /// Asks, and records the answer.
    pub(super) fn ask(&mut self, probe: Probe) -> Option<Value> {
        let variable = probe.place().variable as usize;
        let given = variable.checked_sub(self.current.len());
        let whole = given.map_or_else(|| self.current.get(variable), |variable| self.next.get(variable));
        let answer = match whole {
            Some(Some(whole)) => probe.answer_in(self.names, whole).value().cloned(),
            Some(None) | None => None,
        };
        if let Some(footprint) = &mut self.footprint {
            footprint.note(probe, answer.clone());
        }
        answer
    }

    /// The place of the current state that a node stands for, if it is one: a variable, a part of one, or a name for
    /// such. Only while a footprint is recorded; otherwise the value itself is at hand.
    ///
    /// # Errors
    /// If an argument on the way is undefined.
    pub(super) fn place(&mut self, node: &'m Node) -> Evaluated<Option<Place>> {
        if self.target == Target::Current {
            return Ok(None);
        }
        match &node.kind {
            Kind::Variable(index) => Ok(Some(Place { variable: *index, path: Rc::new([]) })),
            // Where a value came from is remembered longer than the value: until the variable gets another one.
            Kind::Primed(index) if self.next.get(*index as usize).is_none_or(Option::is_none) => Ok(None),
            Kind::Primed(index) => Ok(match self.origin(*index as usize) {
                Origin::Kept => Some(Place { variable: *index, path: Rc::new([]) }),
                Origin::Given => Some(Place { variable: self.given(*index), path: Rc::new([]) }),
                Origin::Answers | Origin::Changed(_) => None,
            }),
            Kind::Slot(slot) => match &self.stack[self.base + *slot as usize] {
                Slot::Delayed(node, base) => {
                    let (node, base) = (*node, *base);
                    let saved = std::mem::replace(&mut self.base, base);
                    let place = self.place(node);
                    self.base = saved;
                    place
                }
                Slot::Place(place) => Ok(Some((**place).clone())),
                Slot::Empty | Slot::Value(_) | Slot::Operator(_) => Ok(None),
            },
            Kind::Apply(function, argument) => {
                let Some(place) = self.place(function)? else { return Ok(None) };
                let key = self.eval(argument)?;
                let key = self.force(&key)?;
                Ok((!key.is_symbolic()).then(|| place.inside(key)))
            }
            Kind::Field(record, field) => Ok(self.place(record)?.map(|place| place.inside(Value::String(*field)))),
            Kind::Call(id, arguments) if leads_to_a_place(&self.code.definition(*id).body) => {
                self.in_call(*id, arguments, |machine, body| machine.place(body))?
            }
            _ => Ok(None),
        }
    }

    /// The value of an application or a field, by asking for the part alone. `None` if that is not possible.
    pub(super) fn traced_part(&mut self, node: &'m Node) -> Evaluated<Option<Value>> {
        if !self.traced() {
            return Ok(None);
        }
        Ok(match self.place(node)? {
            Some(place) => self.ask(Probe::Value(place)),
            None => None,
        })
    }

    /// The value of an operator whose operands lie in the state, by asking for no more than it needs.
    pub(super) fn traced_operator(&mut self, primitive: P, operands: &'m [Node]) -> Evaluated<Option<Value>> {
        match operands {
            [operand] => match primitive {
                P::Len => self.traced_measure(operand, Probe::Length),
                P::Cardinality => self.traced_measure(operand, Probe::Size),
                _ => Ok(None),
            },
            [left, right] => match primitive {
                P::In | P::NotIn => {
                    let Some(place) = self.place(right)? else { return Ok(None) };
                    let element = self.eval(left)?;
                    if element.is_symbolic() {
                        return Ok(None);
                    }
                    let inside = self.ask(Probe::Contains(place, element));
                    Ok(negated_if(primitive == P::NotIn, inside))
                }
                P::Equal | P::NotEqual => {
                    let answer = match self.place(left)? {
                        Some(place) => self.traced_equality(place, right)?,
                        None => match self.place(right)? {
                            Some(place) => self.traced_equality(place, left)?,
                            None => None,
                        },
                    };
                    Ok(negated_if(primitive == P::NotEqual, answer))
                }
                P::Less | P::LessEqual | P::Greater | P::GreaterEqual => {
                    let ordering = match self.place(left)? {
                        Some(place) => self.traced_order(place, right)?,
                        None => match self.place(right)? {
                            Some(place) => self.traced_order(place, left)?.map(Ordering::reverse),
                            None => None,
                        },
                    };
                    Ok(ordering.map(|ordering| Value::Bool(super::arithmetic::ordered(primitive, ordering))))
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn traced_measure(&mut self, operand: &'m Node, probe: fn(Place) -> Probe) -> Evaluated<Option<Value>> {
        Ok(match self.place(operand)? {
            Some(place) => self.ask(probe(place)),
            None => None,
        })
    }

    /// Strings, Booleans and model values are few, so the value itself is asked for; of anything else, whether it is the
    /// given one.
    fn traced_equality(&mut self, place: Place, other: &'m Node) -> Evaluated<Option<Value>> {
        let other = self.eval(other)?;
        match other {
            Value::Bool(_) | Value::String(_) | Value::Model(_) | Value::Lazy(_) | Value::Rule(_) => Ok(None),
            _ if other.is_symbolic() => Ok(None),
            _ => Ok(self.ask(Probe::Equals(place, other))),
        }
    }

    fn traced_order(&mut self, place: Place, other: &'m Node) -> Evaluated<Option<Ordering>> {
        let Value::Int(other) = self.eval(other)? else { return Ok(None) };
        Ok(match self.ask(Probe::Order(place, other)) {
            Some(Value::Int(sign)) => Some(sign.cmp(&0)),
            Some(_) | None => None,
        })
    }
}

fn negated_if(negate: bool, truth: Option<Value>) -> Option<Value> {
    match truth {
        Some(Value::Bool(truth)) => Some(Value::Bool(truth != negate)),
        Some(_) | None => None,
    }
}

/// Whether the body of a definition may be nothing but a name for a place.
fn leads_to_a_place(body: &Node) -> bool {
    matches!(body.kind, Kind::Variable(_) | Kind::Apply(..) | Kind::Field(..) | Kind::Slot(_))
}
