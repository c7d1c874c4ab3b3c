//! `TLCGet("spec")`: what a specification and its configuration consist of, as a record of sets.
//!
//! Each part is told by its name and its place. What counts as a part is TLC's taking apart of the behavior specification,
//! of the properties and of the next-state relation, which is followed here on the resolved formulas as a whole: the parts
//! that a [`Model`] is checked by are cut in other places where that is cheaper to check. The rules:
//!
//! - Definitions are looked through, and so is `LET`. An initial predicate that has a name keeps it, fairness has none, a
//!   part of a property has the name of the configuration.
//! - What is read through an instance with substitutions stands where the outermost `INSTANCE` stands: TLC tells the
//!   place of the substitution.
//! - Actions are the disjuncts of the next-state relation. An existential quantifier over a set that is known before there
//!   are states gives an action for each element, any other one is an action; so is what a name stands for that gets
//!   arguments known before there are states.
//!
//! `TLCGet("action")` is one such part, and `TLCGet("stats").behavior` counts them; both are known in a simulation only, as
//! in TLC.
//!
//! A parameter that is an operator has no value here and is not told.

use super::figures::Taken;
use super::outside::TextPlace;
use super::{Machine, Slot};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::walk::level;
use crate::ir::{Argument, Binder, DefinitionId, Kind, Level, Node, SlotIndex};
use crate::model::{Formula, Model, Predicate};
use crate::value::Value;
use std::mem::take;
use std::ops::ControlFlow;
use std::sync::Arc;
use tla_syntax::Span;

/// The name of a part that has none.
const UNNAMED: &str = "UnnamedAction";

/// A list of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Inits,
    Actions,
    Temporals,
    Invariants,
    ImpliedInits,
    ImpliedActions,
    ImpliedTemporals,
    Variables,
    Constraints,
    ActionConstraints,
}

const FIELDS: [(Field, &str); 10] = [
    (Field::Inits, "inits"),
    (Field::Actions, "actions"),
    (Field::Temporals, "temporals"),
    (Field::Invariants, "invariants"),
    (Field::ImpliedInits, "impliedinits"),
    (Field::ImpliedActions, "impliedactions"),
    (Field::ImpliedTemporals, "impliedtemporals"),
    (Field::Variables, "variables"),
    (Field::Constraints, "constraints"),
    (Field::ActionConstraints, "actionconstraints"),
];

/// Where a part of a formula is read.
#[derive(Debug, Clone)]
struct Reading<'m> {
    /// The innermost name on the way to it.
    name: Arc<str>,
    /// The parameters of what has this name.
    params: &'m [SlotIndex],
    /// A definition whose frame it is read in.
    frame: DefinitionId,
    /// The outermost instance on the way to it.
    instance: Option<Span>,
}

impl Reading<'_> {
    fn of(formula: &Formula) -> Self {
        Self { name: Arc::from(UNNAMED), params: &[], frame: formula.owner, instance: None }
    }

    /// Where a part that is written at this place stands.
    fn place(&self, span: Span) -> Span {
        self.instance.unwrap_or(span)
    }
}

/// What is being taken apart.
#[derive(Debug, Clone, Copy)]
enum Whole<'p> {
    /// The behavior specification.
    Behavior,
    /// A property, by its name in the configuration.
    Property(&'p str),
}

/// The machine that walks the formulas, which is in no state, and what it has found.
struct Describer<'m, 'd> {
    machine: &'d mut Machine<'m>,
    parts: Vec<(Field, Value)>,
    /// Definitions that are being looked through.
    calls: Vec<DefinitionId>,
    /// The instance through which the next-state relation is read.
    next_through: Option<Span>,
}

impl<'m> Machine<'m> {
    /// `TLCGet("spec")`.
    pub(super) fn description(&mut self) -> Evaluated<Value> {
        let Some(model) = self.model else {
            return Err(EvalError::new(ErrorClass::Declined, "TLCGet(\"spec\") is not known here"));
        };
        // Sets of quantifiers are evaluated as before any state; what this machine remembers belongs to one. A
        // description that asks for the description has none.
        let mut nowhere = Machine::new(self.code, self.names, self.variables, self.surroundings);
        nowhere.settings = self.settings.clone();
        let mut describer =
            Describer { machine: &mut nowhere, parts: Vec::new(), calls: Vec::new(), next_through: None };
        describer.model(model)?;
        let parts = describer.parts;
        let mut record = Vec::new();
        for (field, name) in FIELDS {
            let of_field = parts.iter().filter(|(known, _)| *known == field).map(|(_, part)| part.clone());
            let set = self.set_of(of_field.collect())?;
            record.push((self.string_value(name), set));
        }
        self.record_of(record)
    }

    /// `TLCGet("action")`: the action of the step that led to the present state, where a simulation knows it.
    pub(super) fn present_action(&mut self) -> Evaluated<Value> {
        if !self.settings.simulates || self.progress.level.is_none_or(|level| level == 0) {
            return self.no_action();
        }
        let (name, span, parameters) = match (self.action().filter(|_| self.looks_ahead), self.sampling.last.clone()) {
            (Some(leaf), _) => {
                let (id, parameters) = self.action_parameters(leaf);
                (self.code.definition(id).name.clone(), leaf.node.span, parameters)
            }
            (None, Some(Taken { name, span, parameters })) => (name, span, parameters),
            (None, None) => match self.model.and_then(|model| model.init.as_ref()) {
                Some(init) => match &init.node.kind {
                    Kind::Call(id, _) | Kind::ConstantDefinition(_, id) => {
                        let definition = self.code.definition(*id);
                        (definition.name.clone(), definition.instance.unwrap_or(definition.body.span), Vec::new())
                    }
                    _ => (Arc::from(UNNAMED), init.node.span, Vec::new()),
                },
                None => return self.no_action(),
            },
        };
        self.part_record(&name, span, parameters)
    }

    /// What TLC says of an action that it does not know.
    fn no_action(&mut self) -> Evaluated<Value> {
        let place = TextPlace { module: "--TLA+ BUILTINS--".to_owned(), begin: (0, 0), end: (0, 0) };
        let location = self.place_record(&place)?;
        self.record_of(vec![
            (self.string_value("name"), self.string_value(UNNAMED)),
            (self.string_value("location"), location),
        ])
    }

    /// The field `behavior` of `TLCGet("stats")`: the number of the behavior, and how often each action was taken.
    pub(super) fn behavior_so_far(&mut self) -> Evaluated<Value> {
        let mut names = self.sampling.actions.clone();
        if let Some(leaf) = self.action().filter(|_| self.looks_ahead) {
            let (id, _) = self.action_parameters(leaf);
            names.push(self.code.definition(id).name.clone());
        }
        names.sort_unstable();
        let counts = names.chunk_by(|one, other| one == other);
        let pairs = counts.map(|same| (self.string_value(&same[0]), Value::Int(same.len() as i64))).collect();
        let actions = self.record_of(pairs)?;
        let number = Value::Int(self.sampling.number as i64);
        self.record_of(vec![(self.string_value("id"), number), (self.string_value("actions"), actions)])
    }

    /// A part with a name, a place and the values of parameters.
    fn part_record(&mut self, name: &str, span: Span, parameters: Vec<(Arc<str>, Value)>) -> Evaluated<Value> {
        let mut fields = vec![
            (self.string_value("name"), self.string_value(name)),
            (self.string_value("location"), self.location_record(span)?),
        ];
        if !parameters.is_empty() {
            let names = parameters.iter().map(|(name, _)| self.string_value(name)).collect();
            let mut context = Vec::new();
            for (name, value) in &parameters {
                context.push((self.string_value(name), self.force(value)?));
            }
            fields.push((self.string_value("context"), self.record_of(context)?));
            fields.push((self.string_value("parameters"), Value::tuple(names)));
        }
        self.record_of(fields)
    }

    /// A place of the specification as the record that TLC has for it.
    ///
    /// # Errors
    /// If the text is not at hand.
    pub fn location_record(&mut self, span: Span) -> Evaluated<Value> {
        let Some(place) = self.surroundings.place(span) else {
            return Err(EvalError::new(ErrorClass::Declined, "the places of the specification are not known here"));
        };
        self.place_record(&place)
    }

    fn place_record(&mut self, place: &TextPlace) -> Evaluated<Value> {
        let mut fields = vec![(self.string_value("module"), self.string_value(&place.module))];
        let numbers = [
            ("beginLine", place.begin.0),
            ("beginColumn", place.begin.1),
            ("endLine", place.end.0),
            ("endColumn", place.end.1),
        ];
        fields.extend(numbers.map(|(field, number)| (self.string_value(field), Value::Int(number.into()))));
        self.record_of(fields)
    }
}

impl<'m> Describer<'m, '_> {
    fn model(&mut self, model: &'m Model) -> Evaluated<()> {
        if let Some(whole) = &model.specification {
            self.formula(whole, Whole::Behavior)?;
        } else if let Some(init) = &model.init {
            self.named(Field::Inits, init)?;
        }
        for (property, (name, _)) in model.property_formulas.iter().zip(&model.properties) {
            self.formula(property, Whole::Property(name))?;
        }
        for (field, predicates) in [
            (Field::Invariants, &model.invariants),
            (Field::Constraints, &model.constraints),
            (Field::ActionConstraints, &model.action_constraints),
        ] {
            predicates.iter().try_for_each(|predicate| self.predicate(field, predicate))?;
        }
        for (name, span) in &model.variables {
            self.part(Field::Variables, name, *span, Vec::new())?;
        }
        let Some(next) = &model.next else { return Ok(()) };
        if let Some(instance) = self.next_through {
            return self.part(Field::Actions, UNNAMED, instance, Vec::new());
        }
        let saved = self.machine.enter(next.owner);
        let result = self.actions(&next.node, &Reading::of(next));
        self.machine.leave(saved);
        result
    }

    /// A part with a name, a place and the values of parameters.
    fn part(&mut self, field: Field, name: &str, span: Span, parameters: Vec<(Arc<str>, Value)>) -> Evaluated<()> {
        let part = self.machine.part_record(name, span, parameters)?;
        self.parts.push((field, part));
        Ok(())
    }

    /// A part that is what a definition says, with its name.
    fn named(&mut self, field: Field, formula: &'m Formula) -> Evaluated<()> {
        let code = self.machine.code;
        match &formula.node.kind {
            Kind::Call(id, _) | Kind::ConstantDefinition(_, id) => {
                let definition = code.definition(*id);
                self.part(field, &definition.name, definition.instance.unwrap_or(definition.body.span), Vec::new())
            }
            _ => self.part(field, &formula.name, formula.node.span, Vec::new()),
        }
    }

    /// A predicate of the configuration. For a constraint TLC tells the place of the whole definition.
    fn predicate(&mut self, field: Field, predicate: &'m Predicate) -> Evaluated<()> {
        let code = self.machine.code;
        match &predicate.formula.node.kind {
            Kind::Call(id, _) | Kind::ConstantDefinition(_, id) if field != Field::Invariants => {
                let definition = code.definition(*id);
                self.part(field, &definition.name, definition.instance.unwrap_or(definition.span), Vec::new())
            }
            _ => self.named(field, &predicate.formula),
        }
    }

    /// Takes a behavior specification or a property apart.
    fn formula(&mut self, formula: &'m Formula, whole: Whole<'_>) -> Evaluated<()> {
        let saved = self.machine.enter(formula.owner);
        let result = self.split(&formula.node, None, whole);
        self.machine.leave(saved);
        result
    }

    fn split(&mut self, node: &'m Node, instance: Option<Span>, whole: Whole<'_>) -> Evaluated<()> {
        match &node.kind {
            Kind::And(items) => return items.iter().try_for_each(|item| self.split(item, instance, whole)),
            Kind::Let(slot, value, body) => {
                self.machine.delay(*slot, value);
                return self.split(body, instance, whole);
            }
            Kind::Slot(slot) => {
                if let Some((delayed, base)) = self.delayed(*slot) {
                    let saved = std::mem::replace(&mut self.machine.base, base);
                    let result = self.split(delayed, instance, whole);
                    self.machine.base = saved;
                    return result;
                }
            }
            Kind::Call(id, arguments) if !self.calls.contains(id) => {
                return self.split_call(*id, arguments, instance, whole);
            }
            Kind::Forall(binders, body, _) if matches!(whole, Whole::Property(_)) => {
                let mut any = false;
                let bound = self.machine.for_each_binding(binders, &mut |_| {
                    any = true;
                    // What the names stand for moves no place.
                    Ok(ControlFlow::Break(()))
                });
                if bound.is_ok() && any {
                    return self.split(body, instance, whole);
                }
            }
            Kind::Always(inner) => {
                if let Some(field) = self.boxed(inner, whole) {
                    return match whole {
                        Whole::Property(name) => self.part(field, name, instance.unwrap_or(inner.span), Vec::new()),
                        Whole::Behavior => {
                            self.next_through = instance;
                            Ok(())
                        }
                    };
                }
            }
            _ => {}
        }
        let is_temporal = level(self.machine.code, node) == Level::Temporal;
        let (field, name) = match (whole, is_temporal) {
            (Whole::Behavior, false) => (Field::Inits, UNNAMED),
            (Whole::Behavior, true) => (Field::Temporals, UNNAMED),
            (Whole::Property(name), false) => (Field::ImpliedInits, name),
            (Whole::Property(name), true) => (Field::ImpliedTemporals, name),
        };
        self.part(field, name, instance.unwrap_or(node.span), Vec::new())
    }

    /// Where a formula below a `[]` belongs, if that says more than that it is temporal; in a behavior specification it
    /// is the next-state relation then.
    fn boxed(&self, inner: &Node, whole: Whole<'_>) -> Option<Field> {
        match (&inner.kind, whole) {
            (Kind::BoxAction(..), Whole::Behavior) => Some(Field::Actions),
            (Kind::BoxAction(..), Whole::Property(_)) => Some(Field::ImpliedActions),
            (_, Whole::Behavior) => None,
            (_, Whole::Property(_)) => (level(self.machine.code, inner) < Level::Action).then_some(Field::Invariants),
        }
    }

    fn split_call(
        &mut self,
        id: DefinitionId,
        arguments: &'m [Argument],
        instance: Option<Span>,
        whole: Whole<'_>,
    ) -> Evaluated<()> {
        let definition = self.machine.code.definition(id);
        let instance = instance.or(definition.instance);
        if let (Whole::Behavior, [], Level::State) = (whole, arguments, definition.level) {
            let span = instance.unwrap_or(definition.body.span);
            return self.part(Field::Inits, &definition.name, span, Vec::new());
        }
        let saved = self.machine.enter_call(id, arguments)?;
        self.calls.push(id);
        let result = self.split(&definition.body, instance, whole);
        self.calls.pop();
        self.machine.leave_call(saved, &definition.inherits);
        result
    }

    /// The expression that a slot of the present frame stands for, and its frame.
    fn delayed(&self, slot: SlotIndex) -> Option<(&'m Node, usize)> {
        match self.machine.stack.get(self.machine.base + slot as usize) {
            Some(Slot::Delayed(node, base)) => Some((*node, *base)),
            Some(Slot::Empty | Slot::Value(_) | Slot::Operator(_) | Slot::Place(_)) | None => None,
        }
    }

    /// The actions that a part of the next-state relation consists of.
    fn actions(&mut self, node: &'m Node, reading: &Reading<'m>) -> Evaluated<()> {
        match &node.kind {
            Kind::Or(items) => items.iter().try_for_each(|item| self.actions(item, reading)),
            Kind::Let(slot, value, body) => {
                self.machine.delay(*slot, value);
                self.actions(body, reading)
            }
            Kind::Slot(slot) => {
                let Some((delayed, base)) = self.delayed(*slot) else { return self.action(node, reading) };
                let name = self.machine.code.slot_name(reading.frame, *slot);
                let inner =
                    Reading { name: name.unwrap_or_else(|| reading.name.clone()), params: &[], ..reading.clone() };
                let saved = std::mem::replace(&mut self.machine.base, base);
                let result = self.actions(delayed, &inner);
                self.machine.base = saved;
                result
            }
            Kind::Exists(binders, body) => {
                let before = self.parts.len();
                let walked = self.each_element(binders, body, reading);
                if walked.is_err() || self.parts.len() == before {
                    self.parts.truncate(before);
                    return self.action(node, reading);
                }
                Ok(())
            }
            Kind::Call(id, arguments) => self.called_action(node, *id, arguments, reading),
            _ => self.action(node, reading),
        }
    }

    fn each_element(&mut self, binders: &'m [Binder], body: &'m Node, reading: &Reading<'m>) -> Evaluated<()> {
        let Self { machine, parts, calls, .. } = self;
        let _complete = machine.for_each_binding(binders, &mut |machine| {
            let (parts, calls) = (&mut *parts, &mut *calls);
            let mut inner = Describer { machine, parts: take(parts), calls: take(calls), next_through: None };
            let result = inner.actions(body, reading);
            (*parts, *calls) = (inner.parts, inner.calls);
            result.map(ControlFlow::Continue)
        })?;
        Ok(())
    }

    fn called_action(
        &mut self,
        node: &'m Node,
        id: DefinitionId,
        arguments: &'m [Argument],
        reading: &Reading<'m>,
    ) -> Evaluated<()> {
        let definition = self.machine.code.definition(id);
        let name = definition.name.clone();
        let known = if self.calls.contains(&id) { None } else { self.enter_known(id, arguments) };
        let Some(saved) = known else {
            let call = Reading { name, params: &[], ..reading.clone() };
            return self.action(node, &call);
        };
        self.calls.push(id);
        let instance = definition.instance;
        let inner = Reading { name, params: &definition.params, frame: id, instance };
        let result = match instance {
            Some(_) => self.action(&definition.body, &inner),
            None => self.actions(&definition.body, &inner),
        };
        self.calls.pop();
        self.machine.leave_call(saved, &definition.inherits);
        result
    }

    /// Enters a definition whose arguments are known before there are states.
    fn enter_known(&mut self, id: DefinitionId, arguments: &'m [Argument]) -> Option<(usize, usize)> {
        for argument in arguments {
            match argument {
                Argument::Eager(node) | Argument::Delayed(node) => {
                    if self.machine.level_here(node) > Level::Constant {
                        return None;
                    }
                }
                Argument::Operator(_) => {}
            }
        }
        let saved = self.machine.enter_call(id, arguments).ok()?;
        for slot in &self.machine.code.definition(id).params {
            let is_value =
                !matches!(self.machine.stack.get(self.machine.base + *slot as usize), Some(Slot::Operator(_)) | None);
            if is_value && self.machine.read_slot(*slot).is_err() {
                self.machine.leave(saved);
                return None;
            }
        }
        Some(saved)
    }

    /// An action.
    fn action(&mut self, node: &'m Node, reading: &Reading<'m>) -> Evaluated<()> {
        let mut parameters = Vec::new();
        for slot in reading.params {
            let name = self.machine.code.slot_name(reading.frame, *slot);
            if let (Some(name), Ok(value)) = (name, self.machine.read_slot(*slot)) {
                parameters.push((name, value));
            }
        }
        self.part(Field::Actions, &reading.name, reading.place(node.span), parameters)
    }
}
