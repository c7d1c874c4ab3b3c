//! What tells the values of a symmetry set apart.
//!
//! A symmetry is sound if permuting the values permutes the behaviors and leaves invariants alone (Emerson and Sistla,
//! *Symmetry and model checking*, 1996). Everything in TLA+ that is made of its operators and variables is of this kind,
//! unless it names one of the values or takes the first of several. So the tree of what is checked is searched, through
//! definitions, for a value that a permutation changes: a model value, a constant of the configuration, a closed
//! expression such as `CHOOSE p \in Proc : TRUE`. A closed expression whose value no permutation changes may mention
//! what it likes: `{a, b, c}` where these are all.
//!
//! Not searched: assumptions, `ALIAS` and `POSTCONDITION`, which decide nothing about states; temporal properties, whose
//! atoms the liveness checker looks at one by one. What depends on the state is looked at when it is evaluated
//! (`tla_model::eval::choice`). Taken at the user's word: that folds over a set and `SetToSeq` do not mind the order of
//! symmetric values, and that no text is made of their names.

use super::Interpreted;
use super::worker::system_error;
use crate::system::{Phase, SystemError};
use rustc_hash::FxHashSet;
use tla_model::error::Evaluated;
use tla_model::eval::{Group, Machine, Moving};
use tla_model::ir::walk::{children, level};
use tla_model::ir::{Argument, Binder, Code, DefinitionId, Kind, Level, Node, Operator, Pattern, SlotIndex};
use tla_model::model::Formula;
use tla_model::value::{LazySet, Value, codec};
use tla_syntax::Span;

/// A symmetry set that cannot be used.
#[derive(Debug, Clone)]
pub struct Asymmetry {
    /// What is wrong, one sentence.
    pub reason: String,
    /// Where.
    pub span: Span,
    /// How to mend it.
    pub remedy: String,
}

/// What was found out about a symmetry set.
#[derive(Debug, Clone)]
pub enum Symmetric {
    /// Nothing speaks against it; whether it moves anything.
    Yes(bool),
    /// Something tells its values apart.
    No(Asymmetry),
}

impl<'s> Interpreted<'s> {
    /// Whether the specification treats the values of the symmetry set alike.
    ///
    /// # Errors
    /// If the symmetry set is no set of permutations of model values.
    pub fn check_symmetry(&'s self) -> Result<Symmetric, Box<SystemError>> {
        let model = self.model;
        let Some(symmetry) = self.symmetry() else { return Ok(Symmetric::Yes(true)) };
        let mut machine = self.machine();
        let result = permutations(&mut machine, &symmetry.formula);
        let permutations = result.map_err(|error| {
            machine.reset();
            system_error(*error.at(symmetry.formula.node.span), Phase::Constraint)
        })?;
        if permutations.is_empty() {
            return Ok(Symmetric::Yes(false));
        }
        let parts = [&model.property_invariants, &model.action_properties, &model.initial_properties];
        let predicates = [&model.invariants, &model.constraints, &model.action_constraints];
        let formulas = (model.init.iter().chain(&model.next))
            .chain(predicates.into_iter().flatten().map(|predicate| &predicate.formula))
            .chain(model.view.iter().map(|view| &view.formula))
            .chain(parts.into_iter().flatten().map(|part| &part.formula));
        let code = &model.code;
        let mut search = Search { code, machine, permutations, entered: FxHashSet::default(), found: None };
        for formula in formulas {
            search.node(formula.owner, &formula.node);
            if let Some((span, what)) = search.found {
                return Ok(Symmetric::No(Asymmetry {
                    reason: format!("the symmetry set {} is not one of this specification: {what}", symmetry.name),
                    span,
                    remedy: "treat the values of the set alike in all that is checked, or remove SYMMETRY from the \
                             configuration"
                        .to_owned(),
                }));
            }
        }
        Ok(Symmetric::Yes(true))
    }

    /// What the symmetry moves.
    pub(super) fn moved_values(&self) -> Option<Moving> {
        let symmetry = self.symmetry()?;
        let mut machine = self.machine();
        let set = machine.evaluate_in(symmetry.formula.owner, &symmetry.formula.node).ok()?;
        let group = machine.generated_group(&set).ok()?;
        Some(Moving::new(group.moved()))
    }
}

/// Permutations that generate the group.
fn permutations<'m>(machine: &mut Machine<'m>, symmetry: &'m Formula) -> Evaluated<Vec<Value>> {
    let set = machine.evaluate_in(symmetry.owner, &symmetry.node)?;
    match machine.generated_group(&set)? {
        Group::Listed(all) => Ok(all),
        Group::Symmetric(moved) => {
            let orbits = moved.orbits();
            let neighbours = (1..moved.len()).filter(|b| orbits[*b] == orbits[*b - 1]);
            let mut all = Vec::new();
            for b in neighbours {
                let mut renaming: Vec<u8> = (0..moved.len()).map(|value| value as u8).collect();
                renaming.swap(b - 1, b);
                all.push(machine.renaming(&moved, &renaming)?);
            }
            Ok(all)
        }
    }
}

struct Search<'s, 'm> {
    code: &'m Code,
    machine: Machine<'s>,
    permutations: Vec<Value>,
    entered: FxHashSet<DefinitionId>,
    found: Option<(Span, String)>,
}

impl<'s> Search<'s, 's> {
    /// Whether no permutation changes a value, as far as that shows without listing the elements of symbolic sets: a set
    /// made of sets that stay the same stays the same.
    fn is_plainly_unchanged(&mut self, value: &Value) -> bool {
        let Value::Lazy(set) = value else { return !value.is_symbolic() && !self.is_changed(value) };
        match &**set {
            LazySet::Naturals | LazySet::Integers | LazySet::Reals | LazySet::Strings => true,
            LazySet::Subsets(base) | LazySet::Sequences(base) => self.is_plainly_unchanged(base),
            LazySet::Functions(a, b)
            | LazySet::Union(a, b)
            | LazySet::Intersection(a, b)
            | LazySet::Difference(a, b) => self.is_plainly_unchanged(a) && self.is_plainly_unchanged(b),
            LazySet::Records(_, sets) | LazySet::Product(sets) | LazySet::Family(sets) => {
                sets.iter().all(|set| self.is_plainly_unchanged(set))
            }
            LazySet::Filter(_) | LazySet::Anything => false,
        }
    }

    fn is_changed(&mut self, value: &Value) -> bool {
        let machine = &mut self.machine;
        self.permutations
            .iter()
            .any(|by| machine.permute(value, by).is_ok_and(|image| !image.structurally_equal(value)))
    }

    fn blame(&mut self, span: Span, what: String) {
        self.found.get_or_insert((span, what));
    }

    fn node(&mut self, owner: DefinitionId, node: &'s Node) {
        if self.found.is_some() {
            return;
        }
        let code = self.code;
        match &node.kind {
            Kind::Model(id) => {
                let value = Value::Model(*id);
                if self.is_changed(&value) {
                    let what = format!("{} is mentioned by name", self.machine.show(&value));
                    self.blame(node.span, what);
                }
                return;
            }
            Kind::Constant(number) => {
                let value = code.constants.get(*number as usize).and_then(|bytes| codec::from_bytes(bytes).ok());
                if let Some(value) = value
                    && self.is_changed(&value)
                {
                    let what = format!("this constant is {}, which a permutation changes", self.machine.show(&value));
                    self.blame(node.span, what);
                }
                return;
            }
            Kind::ConstantDefinition(_, id) => return self.definition(*id, node.span),
            _ => {}
        }
        let may_be_skipped = matches!(&node.kind, Kind::SetEnumeration(_) | Kind::Choose(..) | Kind::Call(..));
        if may_be_skipped && is_closed(code, node) {
            let position = self.machine.standpoint();
            let value = self.machine.evaluate_in(owner, node);
            if value.as_ref().is_ok_and(|value| self.is_plainly_unchanged(value)) {
                return;
            }
            match value.and_then(|value| self.machine.force(&value)) {
                Ok(value) if !self.is_changed(&value) => return,
                Ok(value) if matches!(&node.kind, Kind::Choose(..)) => {
                    let what = format!("this CHOOSE takes {}", self.machine.show(&value));
                    return self.blame(node.span, what);
                }
                Ok(_) => {}
                Err(_) => self.machine.stand_back(position),
            }
        }
        if let Kind::Call(id, _) = &node.kind
            && self.entered.insert(*id)
        {
            let definition = code.definition(*id);
            self.node(definition.owner, &definition.body);
        }
        children(code, node, &mut |child| self.node(owner, child));
    }

    /// A definition of constant level, used at a place.
    fn definition(&mut self, id: DefinitionId, span: Span) {
        if !self.entered.insert(id) {
            return;
        }
        let position = self.machine.standpoint();
        let value = self.machine.evaluate(id);
        if value.as_ref().is_ok_and(|value| self.is_plainly_unchanged(value)) {
            return;
        }
        let value = value.and_then(|value| self.machine.force(&value));
        let changed = match &value {
            Ok(value) => self.is_changed(value),
            Err(_) => {
                self.machine.stand_back(position);
                true
            }
        };
        if !changed {
            return;
        }
        let definition = self.code.definition(id);
        self.node(definition.owner, &definition.body);
        if let Ok(value) = value {
            let what = format!("{} is {}, which a permutation changes", definition.name, self.machine.show(&value));
            self.blame(span, what);
        }
    }
}

/// Whether an expression of constant level depends on nothing that is bound outside of it.
fn is_closed(code: &Code, node: &Node) -> bool {
    let mut slots = Slots::default();
    slots.look(code, node);
    !slots.unknown && level(code, node) == Level::Constant && slots.used.is_subset(&slots.bound)
}

/// Slots that an expression reads and binds. A slot is bound at one place of its frame only.
#[derive(Default)]
struct Slots {
    used: FxHashSet<SlotIndex>,
    bound: FxHashSet<SlotIndex>,
    /// Something reads slots that are not seen here.
    unknown: bool,
}

impl Slots {
    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Slot(slot) => self.bound.extend([*slot]),
            Pattern::Tuple(slots) => self.bound.extend(slots.iter().copied()),
        }
    }

    fn binders(&mut self, binders: &[Binder]) {
        binders.iter().for_each(|binder| self.pattern(&binder.pattern));
    }

    fn operator(&mut self, operator: &Operator) {
        match operator {
            Operator::Lambda(lambda) => self.bound.extend(lambda.params.iter().copied()),
            Operator::Slot(slot) => self.used.extend([*slot]),
        }
    }

    fn look(&mut self, code: &Code, node: &Node) {
        match &node.kind {
            Kind::Slot(slot) => self.used.extend([*slot]),
            Kind::CallSlot(slot, arguments) => {
                self.used.extend([*slot]);
                self.arguments(arguments);
            }
            Kind::Call(id, arguments) => {
                self.unknown |= !code.definition(*id).inherits.is_empty();
                self.arguments(arguments);
            }
            Kind::HigherOrder(_, _, operators) => operators.iter().for_each(|operator| self.operator(operator)),
            Kind::Let(slot, ..) => self.bound.extend([*slot]),
            Kind::Choose(pattern, ..) => self.pattern(pattern),
            Kind::Forall(binders, ..) | Kind::Exists(binders, _) | Kind::SetMap(binders, _) => self.binders(binders),
            Kind::Filter(rule) | Kind::Function(rule) => {
                let rule = &code.rules[*rule as usize];
                self.binders(&rule.binders);
                self.bound.extend(rule.itself);
            }
            Kind::Except(_, updates) => self.bound.extend(updates.iter().filter_map(|update| update.old)),
            _ => {}
        }
        children(code, node, &mut |child| self.look(code, child));
    }

    fn arguments(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            if let Argument::Operator(operator) = argument {
                self.operator(operator);
            }
        }
    }
}
