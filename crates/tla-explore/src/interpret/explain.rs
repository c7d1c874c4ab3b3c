//! Which part of a broken property is false, and for which values.
//!
//! The explanation follows the formula: of a conjunction the parts that are false, of `\A` the first element for which
//! the body is false, of `P => Q` the part `Q`, of a definition its body. Where it ends, the values of the operands are
//! told.

use super::worker::InterpretedWorker;
use crate::system::Broken;
use std::ops::ControlFlow;
use tla_model::eval::Machine;
use tla_model::eval::narrow::Narrowing;
use tla_model::ir::{DefinitionId, Kind, Node, Pattern, Primitive};
use tla_model::value::names::Names;
use tla_model::value::show::{function_pairs, show};
use tla_model::value::{LazySet, Value};
use tla_syntax::Span;
use tla_syntax::source::SourceMap;
use verdict::{Binding, FalseConjunct, Place, TraceValue};

/// Most parts that are told.
const MOST_PARTS: usize = 8;

/// A value in the neutral form of traces.
pub fn trace_value(names: &Names, value: &Value) -> TraceValue {
    let all = |values: &[Value]| values.iter().map(|value| trace_value(names, value)).collect();
    match value {
        Value::Bool(b) => TraceValue::Bool(*b),
        Value::Int(i) => TraceValue::Int(i.to_string()),
        Value::BigInt(i) => TraceValue::Int(i.to_string()),
        Value::String(id) => TraceValue::String(names.text(*id).to_string()),
        Value::Model(id) => TraceValue::ModelValue(names.model(*id).name.to_string()),
        Value::Interval(range) => TraceValue::Interval(range.low.to_string(), range.high.to_string()),
        Value::Set(set) => TraceValue::Set(all(&set.elements)),
        Value::Tuple(tuple) => TraceValue::Tuple(all(&tuple.elements)),
        Value::Record(record) => TraceValue::Record(
            record
                .fields
                .iter()
                .zip(&record.values)
                .map(|(field, value)| (names.text(*field).to_string(), trace_value(names, value)))
                .collect(),
        ),
        Value::Function(_) => TraceValue::Function(
            function_pairs(value)
                .iter()
                .map(|(key, value)| (trace_value(names, key), trace_value(names, value)))
                .collect(),
        ),
        Value::Lazy(set) => match &**set {
            LazySet::Naturals
            | LazySet::Integers
            | LazySet::Reals
            | LazySet::Strings
            | LazySet::Sequences(_)
            | LazySet::Subsets(_)
            | LazySet::Functions(..)
            | LazySet::Records(..)
            | LazySet::Product(_)
            | LazySet::Union(..)
            | LazySet::Family(_)
            | LazySet::Intersection(..)
            | LazySet::Difference(..)
            | LazySet::Filter(_)
            | LazySet::Anything => TraceValue::Symbolic(show(names, value)),
        },
        Value::Rule(_) => TraceValue::Symbolic(show(names, value)),
    }
}

/// The place of a span, as a reader would name it.
pub(crate) fn place(sources: &SourceMap, span: Span) -> Place {
    let (from, to) = sources.range(span);
    let path = sources.file(span.file).path.display().to_string();
    let module = std::path::Path::new(&path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    Place {
        module: module.unwrap_or_default().trim_matches(['<', '>']).to_owned(),
        file: path,
        line: from.line,
        column: from.column,
        end_line: to.line,
        end_column: to.column,
    }
}

pub(super) fn explain(
    worker: &mut InterpretedWorker<'_>,
    broken: Broken,
    from: Option<&[u32]>,
    state: &[u32],
) -> Vec<FalseConjunct> {
    let system = worker.system();
    let model = system.model;
    let formula = match broken {
        Broken::Invariant(index) => system.invariants.get(index as usize).copied(),
        Broken::ActionProperty(index) => model.action_properties.get(index as usize).map(|part| &part.formula),
        Broken::InitialProperty(index) => model.initial_properties.get(index as usize).map(|part| &part.formula),
    };
    let Some(formula) = formula else { return Vec::new() };
    let from = from.filter(|_| matches!(broken, Broken::ActionProperty(_)));
    let machine = worker.machine_at(from, state);
    let mut explanation =
        Explanation { sources: system.sources, parts: Vec::new(), bindings: Vec::new(), owner: formula.owner };
    machine.in_frame(formula.owner, |machine| explanation.false_part(machine, &formula.node));
    machine.reset();
    explanation.parts
}

/// Which conditions of an action are false in a state, for the parameters that a narrowing wants.
pub(super) fn disabled(worker: &mut InterpretedWorker<'_>, state: &[u32], narrowing: &Narrowing) -> Vec<FalseConjunct> {
    let system = worker.system();
    let Some(next) = &system.model.next else { return Vec::new() };
    let machine = worker.machine_in(state);
    let mut explanation =
        Explanation { sources: system.sources, parts: Vec::new(), bindings: Vec::new(), owner: next.owner };
    machine.in_frame(next.owner, |machine| explanation.find(machine, &next.node, narrowing));
    machine.reset();
    explanation.parts
}

struct Explanation<'s> {
    sources: &'s SourceMap,
    parts: Vec<FalseConjunct>,
    bindings: Vec<Binding>,
    owner: DefinitionId,
}

impl<'m> Explanation<'_> {
    /// Walks down to the wanted calls and tells what is false in them.
    fn find(&mut self, machine: &mut Machine<'m>, node: &'m Node, narrowing: &Narrowing) {
        if !narrowing.leads(node) {
            return;
        }
        match &node.kind {
            Kind::Or(items) => items.iter().for_each(|item| self.find(machine, item, narrowing)),
            Kind::Exists(binders, body) => {
                let _every_binding = machine.for_each_assignment(binders, &mut |machine| {
                    self.find(machine, body, narrowing);
                    Ok(ControlFlow::Continue(()))
                });
            }
            Kind::Let(slot, value, body) => {
                machine.delay_slot(*slot, value);
                self.find(machine, body, narrowing);
            }
            Kind::Call(id, arguments) => {
                let outer = self.owner;
                let _entered = machine.in_call(*id, arguments, |machine, body| {
                    self.owner = *id;
                    if machine.is_called_as(narrowing, *id) {
                        self.false_part(machine, body);
                    } else if !narrowing.definitions().any(|wanted| wanted == *id) {
                        self.find(machine, body, narrowing);
                    }
                });
                self.owner = outer;
            }
            _ => {}
        }
    }

    /// Tells about a node that is false in the present states. Nodes that cannot be evaluated are told as they are.
    fn false_part(&mut self, machine: &mut Machine<'m>, node: &'m Node) {
        if self.parts.len() >= MOST_PARTS {
            return;
        }
        match &node.kind {
            Kind::And(items) => {
                for item in items {
                    match machine.eval_bool(item) {
                        Ok(true) => {}
                        Ok(false) => self.false_part(machine, item),
                        // Later conjuncts may rely on earlier ones that are false.
                        Err(_) => return,
                    }
                }
            }
            Kind::Implies(_, consequent, _) => self.false_part(machine, consequent),
            Kind::Forall(binders, body, _) => {
                let known = self.bindings.len();
                let patterns: Vec<&Pattern> = binders.iter().map(|binder| &binder.pattern).collect();
                let _first_failure = machine.for_each_assignment(binders, &mut |machine| {
                    if machine.eval_bool(body)? {
                        return Ok(ControlFlow::Continue(()));
                    }
                    for pattern in &patterns {
                        self.bind(machine, pattern);
                    }
                    self.false_part(machine, body);
                    Ok(ControlFlow::Break(()))
                });
                self.bindings.truncate(known);
            }
            Kind::Let(slot, value, body) => {
                machine.delay_slot(*slot, value);
                self.false_part(machine, body);
            }
            Kind::If(condition, then, otherwise) => match machine.eval_bool(condition) {
                Ok(chosen) => self.false_part(machine, if chosen { then } else { otherwise }),
                Err(_) => self.tell(machine, node),
            },
            Kind::Call(id, arguments) => {
                let outer = self.owner;
                let explained = machine.in_call(*id, arguments, |machine, body| {
                    self.owner = *id;
                    self.false_part(machine, body);
                });
                self.owner = outer;
                if explained.is_err() {
                    self.tell(machine, node);
                }
            }
            Kind::BoxAction(action, ..) => self.false_part(machine, action),
            _ => self.tell(machine, node),
        }
    }

    fn bind(&mut self, machine: &mut Machine<'m>, pattern: &Pattern) {
        let slots: &[u32] = match pattern {
            Pattern::Slot(slot) => std::slice::from_ref(slot),
            Pattern::Tuple(slots) => slots,
        };
        for slot in slots {
            if let (Some(name), Ok(value)) = (machine.code().slot_name(self.owner, *slot), machine.slot_value(*slot)) {
                self.bindings.push(Binding { name: name.to_string(), value: machine.show(&value) });
            }
        }
    }

    fn tell(&mut self, machine: &mut Machine<'m>, node: &'m Node) {
        let mut values = Vec::new();
        let operands: &[Node] = match &node.kind {
            Kind::Primitive(
                Primitive::Equal
                | Primitive::NotEqual
                | Primitive::In
                | Primitive::NotIn
                | Primitive::SubsetEq
                | Primitive::Less
                | Primitive::LessEqual
                | Primitive::Greater
                | Primitive::GreaterEqual,
                operands,
            ) => operands,
            Kind::Not(operand) => std::slice::from_ref(&**operand),
            _ => &[],
        };
        for operand in operands {
            if matches!(operand.kind, Kind::Int(_) | Kind::Bool(_) | Kind::String(_) | Kind::Model(_)) {
                continue;
            }
            if let Ok(value) = machine.eval(operand) {
                let text = self.text(operand.span);
                let shown = machine.show(&value);
                if text != shown {
                    values.push((text, shown));
                }
            }
        }
        self.parts.push(FalseConjunct {
            place: place(self.sources, node.span),
            text: self.text(node.span),
            bindings: self.bindings.clone(),
            values,
        });
    }

    /// The source text on one line.
    fn text(&self, span: Span) -> String {
        self.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
