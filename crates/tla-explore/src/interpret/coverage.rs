//! Which expressions a search evaluated, how often, and how long that took.
//!
//! What is counted: every expression of the initial predicate, of each action, of invariants, constraints and action
//! properties, and of the definitions that they call, but for names, variables, literals and definitions of constant
//! level. An expression is its text: where a definition is read several times (in instances, or once more under a prime),
//! the counts of all readings are added. TLC keeps readings apart and counts some guards only where they were true; an
//! expression that is read once and is no guard has TLC's count.
//!
//! With several workers, one state may be checked twice, and states after a violation may be expanded. So the counts are
//! those of one worker, and whoever wants them starts one.

use super::Interpreted;
use crate::lock::locked;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tla_model::eval::Machine;
use tla_model::eval::action::is_split;
use tla_model::eval::tally::{Numbers, Totals, is_counted};
use tla_model::ir::walk::children;
use tla_model::ir::{Code, Definition, DefinitionId, Kind, Node};
use tla_model::model::Model;
use tla_syntax::Span;

/// What a part of a specification is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The initial predicate.
    Init,
    /// The next-state relation above its actions: sets of quantifiers, `LET` names.
    Next,
    /// An action.
    Action,
    /// An invariant, of the configuration or implied by a property.
    Invariant,
    /// A state or action constraint.
    Constraint,
    /// A property of steps or of initial states.
    Property,
}

/// A part of a specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredPart {
    /// What it is for.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// Its text.
    pub span: Span,
    /// Time in it while time was measured, in nanoseconds.
    pub total: u64,
    /// Its expressions, each followed by those that it consists of. A definition that several parts call is listed in
    /// the first of them.
    pub expressions: Vec<CoveredExpression>,
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredExpression {
    /// Its text.
    pub span: Span,
    /// Number of listed expressions around it.
    pub depth: u32,
    /// The definition that it stands in.
    pub definition: Arc<str>,
    /// How often it was evaluated.
    pub evaluations: u64,
    /// Whether it is an alternative, a conjunct or a body that was never reached, in something that was.
    pub never_reached: bool,
    /// Whether it is a conjunction.
    pub is_conjunction: bool,
    /// Nanoseconds in it, and in it alone.
    pub time: [u64; 2],
}

/// What a search covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The parts, in the order in which they are evaluated.
    pub parts: Vec<CoveredPart>,
    /// Source states (the initial states together are one), and those for which time was measured.
    pub states: [u64; 2],
}

/// A listed expression before anything was counted.
struct Entry {
    number: u32,
    depth: u32,
    definition: Arc<str>,
    /// Whether it may stay unreached when the expression around it is evaluated.
    is_optional: bool,
    /// Whether it is a conjunction or a call, which an invariant is split at without evaluating it.
    is_transparent: bool,
    is_conjunction: bool,
    /// Number of the body that it calls.
    body: Option<u32>,
}

struct Part {
    role: Role,
    name: String,
    span: Span,
    root: Option<u32>,
    entries: Vec<Entry>,
}

/// What the workers of a system count.
pub(super) struct Counting {
    numbers: Arc<Numbers>,
    spans: Vec<Span>,
    parts: Vec<Part>,
    timing: bool,
    /// Whether new workers count.
    on: AtomicBool,
    collected: Mutex<Totals>,
}

struct Lister<'m> {
    code: &'m Code,
    numbers: Numbers,
    by_span: FxHashMap<Span, u32>,
    spans: Vec<Span>,
    listed: FxHashSet<u32>,
    entered: FxHashSet<u32>,
    /// Actions, by the address of their node.
    leaves: FxHashSet<usize>,
    parts: Vec<Part>,
}

impl<'m> Lister<'m> {
    fn number(&mut self, node: &Node) -> u32 {
        let next = self.spans.len() as u32;
        let number = *self.by_span.entry(node.span).or_insert(next);
        if number == next {
            self.spans.push(node.span);
        }
        self.numbers.insert(std::ptr::from_ref(node) as usize, number);
        number
    }

    fn part(&mut self, role: Role, name: &str, span: Span) {
        self.parts.push(Part { role, name: name.to_owned(), span, root: None, entries: Vec::new() });
    }

    fn root(&mut self, role: Role, name: &str, definition: &Arc<str>, node: &'m Node) {
        let (whole, inner) = self.without_calls(node, definition);
        self.part(role, name, whole.span);
        let number = is_counted(node).then(|| self.number(node));
        if let Some(part) = self.parts.last_mut() {
            part.root = number;
        }
        self.list(whole, Some(&inner), 0, true);
    }

    /// What a formula is that is no more than the name of a definition, and the definition that it stands in.
    fn without_calls(&mut self, node: &'m Node, definition: &Arc<str>) -> (&'m Node, Arc<str>) {
        let (mut whole, mut name) = (node, definition.clone());
        while let Kind::Call(id, arguments) = &whole.kind
            && arguments.is_empty()
            && self.entered.insert(id.0)
        {
            let definition = self.code.definition(*id);
            whole = &definition.body;
            name = definition.name.clone();
        }
        (whole, name)
    }

    /// Lists an expression and what it consists of.
    fn list(&mut self, node: &'m Node, definition: Option<&Arc<str>>, depth: u32, is_optional: bool) {
        let empty: Arc<str> = Arc::from("");
        let name = definition.unwrap_or(&empty);
        let mut inner = depth;
        if is_counted(node) {
            let number = self.number(node);
            let body = match &node.kind {
                Kind::Call(id, _) => {
                    let body = &self.code.definition(*id).body;
                    is_counted(body).then(|| self.number(body))
                }
                _ => None,
            };
            if self.listed.insert(number) {
                let is_transparent = matches!(node.kind, Kind::And(_) | Kind::Call(..));
                let is_conjunction = matches!(node.kind, Kind::And(_));
                let definition = name.clone();
                let entry = Entry { number, depth, definition, is_optional, is_transparent, is_conjunction, body };
                if let Some(part) = self.parts.last_mut() {
                    part.entries.push(entry);
                }
                inner += 1;
            }
        }
        let code = self.code;
        let mut parts = Vec::new();
        children(code, node, &mut |child| parts.push(child));
        for child in parts {
            if child.span == node.span && is_counted(node) {
                // Two nodes for one expression: `x \notin S`.
                self.list_inside(child, name, inner);
            } else {
                self.list(child, Some(name), inner, is_optional_in(node, child));
            }
        }
        if let Kind::Call(id, _) = &node.kind {
            self.enter(*id, inner);
        }
    }

    fn list_inside(&mut self, node: &'m Node, name: &Arc<str>, depth: u32) {
        let mut parts = Vec::new();
        children(self.code, node, &mut |child| parts.push(child));
        for child in parts {
            self.list(child, Some(name), depth, is_optional_in(node, child));
        }
        if let Kind::Call(id, _) = &node.kind {
            self.enter(*id, depth);
        }
    }

    fn enter(&mut self, id: DefinitionId, depth: u32) {
        if self.entered.insert(id.0) {
            let Definition { name, body, .. } = self.code.definition(id);
            self.list(body, Some(name), depth, false);
        }
    }

    /// Follows the next-state relation down to its actions.
    fn actions(&mut self, node: &'m Node, name: &Arc<str>, calls: &mut Vec<u32>, above: usize) {
        if !is_split(node) {
            if self.leaves.insert(std::ptr::from_ref(node) as usize) {
                self.root(Role::Action, name, name, node);
            }
            return;
        }
        match &node.kind {
            Kind::Or(items) => items.iter().for_each(|item| self.actions(item, name, calls, above)),
            Kind::Exists(binders, body) => {
                binders.iter().filter_map(|binder| binder.set.as_ref()).for_each(|set| self.above(set, name, above));
                self.actions(body, name, calls, above);
            }
            Kind::Let(_, value, body) => {
                self.above(value, name, above);
                self.actions(body, name, calls, above);
            }
            Kind::Call(id, _) if !calls.contains(&id.0) => {
                calls.push(id.0);
                children(self.code, node, &mut |argument| self.above(argument, name, above));
                let definition = self.code.definition(*id);
                self.actions(&definition.body, &definition.name, calls, above);
                calls.pop();
            }
            _ => {}
        }
    }

    /// Lists an expression of the next-state relation that belongs to no action.
    fn above(&mut self, node: &'m Node, name: &Arc<str>, above: usize) {
        let later = self.parts.split_off(above + 1);
        self.list(node, Some(name), 0, false);
        self.parts.extend(later);
    }
}

/// Whether an expression can be evaluated without this part of it being reached.
fn is_optional_in(node: &Node, part: &Node) -> bool {
    match &node.kind {
        Kind::And(_) | Kind::Or(_) | Kind::Case(..) => true,
        Kind::If(_, then, otherwise) => std::ptr::eq(part, &**then) || std::ptr::eq(part, &**otherwise),
        Kind::Implies(_, body, _) | Kind::Forall(_, body, _) | Kind::Exists(_, body) | Kind::SetMap(_, body) => {
            std::ptr::eq(part, &**body)
        }
        _ => false,
    }
}

impl Counting {
    pub(super) fn of(model: &Model, timing: bool) -> Self {
        let mut lister = Lister {
            code: &model.code,
            numbers: Numbers::default(),
            by_span: FxHashMap::default(),
            spans: Vec::new(),
            listed: FxHashSet::default(),
            entered: FxHashSet::default(),
            leaves: FxHashSet::default(),
            parts: Vec::new(),
        };
        let named = |name: &str| -> Arc<str> { Arc::from(name) };
        if let Some(init) = &model.init {
            lister.root(Role::Init, &init.name, &named(&init.name), &init.node);
        }
        if let Some(next) = &model.next {
            let span = match &next.node.kind {
                Kind::Call(id, _) => model.code.definition(*id).body.span,
                _ => next.node.span,
            };
            lister.part(Role::Next, &next.name, span);
            let above = lister.parts.len() - 1;
            lister.actions(&next.node, &named(&next.name), &mut Vec::new(), above);
        }
        for invariant in &model.invariants {
            lister.root(Role::Invariant, &invariant.name, &named(&invariant.name), &invariant.formula.node);
        }
        for constraint in model.constraints.iter().chain(&model.action_constraints) {
            lister.root(Role::Constraint, &constraint.name, &named(&constraint.name), &constraint.formula.node);
        }
        let parts = model.property_invariants.iter().map(|part| (Role::Invariant, part));
        let others = model.initial_properties.iter().chain(&model.action_properties);
        for (role, part) in parts.chain(others.map(|part| (Role::Property, part))) {
            lister.root(role, &part.formula.name, &named(&part.formula.name), &part.formula.node);
        }
        Self {
            numbers: Arc::new(lister.numbers),
            spans: lister.spans,
            parts: lister.parts,
            timing,
            on: AtomicBool::new(true),
            collected: Mutex::default(),
        }
    }

    pub(super) fn begin(&self, machine: &mut Machine<'_>) {
        if self.on.load(Ordering::Relaxed) {
            machine.begin_tally(self.numbers.clone(), self.spans.len(), self.timing);
        }
    }

    pub(super) fn end(&self, machine: &mut Machine<'_>) {
        if let Some(totals) = machine.end_tally() {
            locked(&self.collected).merge(&totals);
        }
    }

    fn coverage(&self) -> Coverage {
        self.on.store(false, Ordering::Relaxed);
        let totals = locked(&self.collected).clone();
        let parts = self.parts.iter().map(|part| self.covered(part, &totals)).collect();
        Coverage { parts, states: [totals.states, totals.timed] }
    }

    fn covered(&self, part: &Part, totals: &Totals) -> CoveredPart {
        let of = |figures: &[u64], number: u32| figures.get(number as usize).copied().unwrap_or(0);
        // From the last to the first, because what is around an expression may be known by what is in it.
        let mut counts: Vec<u64> = part.entries.iter().map(|entry| of(&totals.evaluations, entry.number)).collect();
        let mut reached: Vec<bool> = counts.iter().map(|count| *count > 0).collect();
        for index in (0..part.entries.len()).rev() {
            let entry = &part.entries[index];
            let inside = part.entries[index + 1..].iter().take_while(|inner| inner.depth > entry.depth).count();
            let body = entry.body.map_or(0, |body| of(&totals.evaluations, body));
            if counts[index] == 0 && entry.is_transparent {
                let first = if inside > 0 { counts[index + 1] } else { 0 };
                counts[index] = if entry.body.is_some() { body } else { first };
            }
            reached[index] = counts[index] > 0 || body > 0 || reached[index + 1..=index + inside].contains(&true);
        }
        let around = |index: usize| {
            let depth = part.entries[index].depth;
            part.entries[..index].iter().rposition(|outer| outer.depth < depth)
        };
        let expressions = part.entries.iter().enumerate().map(|(index, entry)| CoveredExpression {
            span: self.spans[entry.number as usize],
            depth: entry.depth,
            definition: entry.definition.clone(),
            evaluations: counts[index],
            is_conjunction: entry.is_conjunction,
            never_reached: entry.is_optional && !reached[index] && around(index).is_none_or(|outer| reached[outer]),
            time: [of(&totals.total, entry.number), of(&totals.own, entry.number)],
        });
        let time_of_tops = || {
            let tops = part.entries.iter().filter(|entry| entry.depth == 0);
            tops.map(|entry| of(&totals.total, entry.number)).sum()
        };
        let root = part.root.map_or(0, |root| of(&totals.total, root));
        CoveredPart {
            role: part.role,
            name: part.name.clone(),
            span: part.span,
            total: if root > 0 { root } else { self.time_of_pieces(part, totals).max(time_of_tops()) },
            expressions: expressions.collect(),
        }
    }

    /// Time in an invariant whose conjuncts are evaluated one by one: that of its outermost evaluated expressions.
    fn time_of_pieces(&self, part: &Part, totals: &Totals) -> u64 {
        let of = |number: u32| totals.total.get(number as usize).copied().unwrap_or(0);
        let (mut sum, mut beyond) = (0, None);
        for entry in &part.entries {
            if beyond.is_some_and(|depth| entry.depth > depth) {
                continue;
            }
            beyond = (of(entry.number) > 0).then_some(entry.depth);
            sum += of(entry.number);
        }
        sum
    }
}

impl<'s> Interpreted<'s> {
    /// The same system with evaluations counted, and with time measured if that is asked for. Nothing is replayed then,
    /// and the counts are only repeatable with one worker.
    #[must_use]
    pub fn with_counting(self, timing: bool) -> Self {
        let counting = Counting::of(self.model, timing);
        Self { replays: false, counting: Some(counting), ..self }
    }

    /// What the workers counted that have ended; workers that are made later do not count. `None` if nothing was to be
    /// counted.
    pub fn coverage(&self) -> Option<Coverage> {
        self.counting.as_ref().map(Counting::coverage)
    }
}
