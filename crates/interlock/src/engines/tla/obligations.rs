//! Which obligations a model has, and what decides each of them.
//!
//! One for its assumptions, one for every `INVARIANT` and every `PROPERTY`, one for deadlock freedom, one that every
//! action fires. A `PROPERTY` may have several parts (`P /\ []Q /\ [][A]_v`), which are decided apart and reported as
//! one. A model without any of these still has one obligation, that its states can be evaluated: a run that says nothing
//! would look like a run that passed.

use super::input::{DEADLOCK, Input};
use super::place::{definitions, place_of};
use super::task::{Mode, TlaTask};
use tla_explore::Broken;
use tla_model::ir::{Kind, Level};
use tla_model::model::{Formula, Model};
use tla_syntax::Span;
use tla_syntax::load::Specification;
use verdict::{Expectation, Obligation};

/// What decides an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// All assumptions are true.
    Assumptions,
    /// None of these parts is ever broken.
    Property(PropertyTarget),
    /// Every state has a successor.
    Deadlock,
    /// Every action generates a state.
    EveryActionFires,
    /// Every state can be evaluated.
    Evaluation,
    /// The postcondition with this number is true after the search.
    Postcondition(usize),
}

/// A named property and its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyTarget {
    /// Parts that the search decides.
    pub parts: Vec<Broken>,
    /// Parts that need infinite behaviors, by their numbers in the model.
    pub temporal: Vec<usize>,
    /// Whether it mentions no variable, so that it says nothing about behaviors.
    pub constant: bool,
    /// Where it is defined.
    pub span: Option<Span>,
}

/// Obligations with what decides them, in the order of the report.
pub fn obligations(task: &TlaTask, input: &Input, model: &Model) -> Vec<(Obligation, Target)> {
    let naming = Naming { task, input };
    let mut all = Vec::new();
    let asked_to_hold = task.expectation == Expectation::Holds;
    if asked_to_hold && let Some((_, span)) = model.assumptions.first() {
        all.push((naming.about_model("assumptions", Some(*span)), Target::Assumptions));
    }
    for (name, target) in properties(model, &input.specification) {
        all.push((naming.named(&name, target.span), Target::Property(target)));
    }
    let behaves = model.next.is_some();
    let next = model.next.as_ref().map(|next| defined_at(model, next));
    if model.check_deadlock && behaves {
        all.push((naming.deadlock(next), Target::Deadlock));
    }
    if asked_to_hold {
        all.extend(postconditions(&naming, model));
    }
    // That every action fires is shown by visiting states; what never fires is warned of where states are not visited.
    let searches = !matches!(task.mode, Mode::Prove(_));
    if asked_to_hold && task.vacuity_is_a_verdict && behaves && searches {
        all.push((naming.about_model("every action fires", next), Target::EveryActionFires));
    }
    if all.is_empty() {
        all.push((naming.about_model("every state can be evaluated", next), Target::Evaluation));
    }
    all
}

/// The obligation of a model that cannot be used.
pub fn unusable(task: &TlaTask) -> Obligation {
    obligation(task, format!("{}: specification", task.model), "specification", None)
}

struct Naming<'a> {
    task: &'a TlaTask,
    input: &'a Input,
}

impl Naming<'_> {
    /// An obligation about the model as a whole.
    fn about_model(&self, what: &str, span: Option<Span>) -> Obligation {
        self.make(format!("{}: {what}", self.task.model), what, span)
    }

    /// An obligation about a property of the configuration, under the project's identifier if it has one.
    fn named(&self, name: &str, span: Option<Span>) -> Obligation {
        self.make(self.identifier(name).unwrap_or(name).to_owned(), name, span)
    }

    fn deadlock(&self, span: Option<Span>) -> Obligation {
        let own = || format!("{}: deadlock freedom", self.task.model);
        self.make(self.identifier(DEADLOCK).map_or_else(own, str::to_owned), DEADLOCK, span)
    }

    fn identifier(&self, name: &str) -> Option<&str> {
        self.task.properties.iter().find(|(known, _)| known == name).map(|(_, id)| id.as_str())
    }

    fn make(&self, property: String, name: &str, span: Option<Span>) -> Obligation {
        obligation(self.task, property, name, span.map(|span| place_of(&self.input.specification, span)))
    }
}

fn obligation(task: &TlaTask, property: String, name: &str, place: Option<verdict::Place>) -> Obligation {
    Obligation {
        property,
        model: task.model.clone(),
        engine: task.engine_name().to_owned(),
        name_in_input: name.to_owned(),
        place,
        expectation: task.expectation,
        asks: task.asks,
    }
}

/// Invariants and properties in the order of the configuration, a name that is listed twice once.
fn properties(model: &Model, specification: &Specification) -> Vec<(String, PropertyTarget)> {
    let mut all: Vec<(String, PropertyTarget)> = Vec::new();
    for (index, invariant) in model.invariants.iter().enumerate() {
        let target = PropertyTarget {
            parts: vec![Broken::Invariant(number(index))],
            temporal: Vec::new(),
            constant: invariant.level == Level::Constant,
            span: Some(defined_at(model, &invariant.formula)),
        };
        add(&mut all, &invariant.name, target);
    }
    for (index, (name, span)) in model.properties.iter().enumerate() {
        let span = definition_named(specification, name).unwrap_or(*span);
        add(&mut all, name, property(model, index, span));
    }
    all
}

/// A name that occurs as `INVARIANT` and as `PROPERTY` is one obligation with the parts of both.
fn add(all: &mut Vec<(String, PropertyTarget)>, name: &str, target: PropertyTarget) {
    match all.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => {
            known.parts.extend(target.parts);
            known.temporal.extend(target.temporal);
            known.constant &= target.constant;
        }
        None => all.push((name.to_owned(), target)),
    }
}

fn property(model: &Model, index: usize, span: Span) -> PropertyTarget {
    let of = |parts: &[tla_model::model::PropertyPart]| -> Vec<usize> {
        parts.iter().enumerate().filter(|(_, part)| part.property == index).map(|(number, _)| number).collect()
    };
    // The search numbers the invariants among the parts of properties after those of the configuration.
    let behind = model.invariants.len();
    let mut parts: Vec<Broken> = Vec::new();
    parts.extend(of(&model.initial_properties).into_iter().map(|part| Broken::InitialProperty(number(part))));
    parts.extend(of(&model.property_invariants).into_iter().map(|part| Broken::Invariant(number(behind + part))));
    parts.extend(of(&model.action_properties).into_iter().map(|part| Broken::ActionProperty(number(part))));
    let temporal = of(&model.temporal_properties);
    PropertyTarget { parts, temporal, constant: false, span: Some(span) }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Where a formula that the configuration names is written: its definition rather than the line of the configuration.
pub fn defined_at(model: &Model, formula: &Formula) -> Span {
    match &formula.node.kind {
        Kind::Call(id, arguments) if arguments.is_empty() => model.code.definition(*id).span,
        _ => formula.node.span,
    }
}

/// The definition of this name at the top of a module, the root first.
pub(super) fn definition_named(specification: &Specification, name: &str) -> Option<Span> {
    definitions(specification).find(|definition| *definition.name.name == *name).map(|definition| definition.span)
}

/// What has to be true when the search is over.
fn postconditions(naming: &Naming<'_>, model: &Model) -> Vec<(Obligation, Target)> {
    let obligation = |(number, predicate): (usize, &tla_model::model::Predicate)| {
        let span = defined_at(model, &predicate.formula);
        (naming.named(&predicate.name, Some(span)), Target::Postcondition(number))
    };
    model.postconditions.iter().enumerate().map(obligation).collect()
}
