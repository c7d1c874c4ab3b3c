//! A model as a circuit: latches, next-state functions, initial states, bad states.
//!
//! **Transitions.** Each disjunct of the next-state relation is a transition with a guard and a value for each latch. An
//! input for each selects it. [`Circuit::enabled`] says that exactly one is selected and that it can be taken.
//!
//! **Bad states.** Besides the properties there are two that every claim rests on: that no reachable state or step is
//! undefined, and that no step leaves the shapes. Only together with those is a property proved.

use crate::aig::{Aig, FALSE, Lit, TRUE};
use crate::data::{D, Data};
use crate::graph::Graph;
use crate::translate::state::{LatchName, Layout, Shape};
use crate::translate::{Assigned, Leaf, Made, Translator, Undefined, declined};
use tla_compile::shape::Datum;
use tla_explore::Broken;
use tla_explore::interpret::Interpreted;
use tla_explore::liveness::Atoms;
use tla_model::ir::{DefinitionId, Node};
use tla_model::model::Model;
use tla_syntax::Span;

/// What must not be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A property is broken.
    Property(Broken),
    /// A state has no successor.
    Deadlock,
    /// A property is undefined.
    PropertyUndefined(Broken),
    /// An initial state or a step is undefined.
    Undefined,
    /// A value has no place in the shapes.
    Overflow,
}

/// A bad state or step.
#[derive(Debug, Clone)]
pub struct Bad {
    /// What it means.
    pub target: Target,
    /// In a state, with the inputs of a step from it.
    pub lit: Lit,
    /// In an initial state, with the inputs that choose it; the latches are those of the state.
    pub initially: Lit,
    /// Whether it is the step that is bad, not the state before it.
    pub is_step: bool,
}

/// A transition, for messages.
#[derive(Debug, Clone)]
pub struct Transition {
    /// Name of the innermost definition.
    pub name: String,
    /// The part of the next-state relation.
    pub span: Span,
}

/// What a transition does.
#[derive(Debug, Clone)]
pub struct StepFunction {
    /// It can be taken.
    pub guard: Lit,
    /// The latches that it may change, with their values after it.
    pub changes: Vec<(u32, Lit)>,
}

/// A model as a circuit. Holds no values, so that several engines can share it.
#[derive(Clone)]
pub struct Circuit {
    /// The graph.
    pub aig: Aig,
    /// Latches of a state.
    pub latches: Vec<Lit>,
    /// What each latch says.
    pub names: Vec<LatchName>,
    /// Number of the group of latches of which exactly one is set, if its place is there.
    pub group_of: Vec<Option<usize>>,
    /// Latches of each group.
    pub groups: Vec<Vec<usize>>,
    /// Permutations of latches that may leave the circuit as it is.
    pub permutations: Vec<Vec<u32>>,
    /// Every place has exactly one value.
    pub valid: Lit,
    /// Value of each latch after the selected transition.
    pub next: Vec<Lit>,
    /// The selected transition can be taken.
    pub enabled: Lit,
    /// Inputs, selectors first.
    pub inputs: Vec<Lit>,
    /// Transitions.
    pub transitions: Vec<Transition>,
    /// What each transition does.
    pub steps: Vec<StepFunction>,
    /// Whether a transition is the selected one.
    pub selected: Vec<Lit>,
    /// Value of each latch in the initial state that the inputs choose.
    pub initial: Vec<Lit>,
    /// The inputs choose an initial state.
    pub starts: Lit,
    /// What must not be reached.
    pub bads: Vec<Bad>,
    /// Number of the invariants of the configuration; they come first among the invariants.
    pub invariants: usize,
    /// Undefined expressions, for messages.
    pub undefined: Vec<Undefined>,
    /// Obligations that could not be translated, with the reason.
    pub declined: Vec<(Target, tla_compile::Declined)>,
    /// Name of each constraint in force.
    pub constraints: Vec<String>,
    /// Truth values of the atoms that were asked for, in the state and on the selected step.
    pub atoms: Vec<Lit>,
    /// For each invariant, what it has to reach to say anything, and when; only with atoms.
    pub marks: Vec<(u32, Span, Lit)>,
}

/// A circuit with what is needed to tell its states.
pub struct Built {
    /// The circuit.
    pub circuit: Circuit,
    /// Concrete values.
    pub data: Data,
}

/// Translates a model under suppositions about the values of its variables.
///
/// # Errors
/// What cannot be translated, with its place.
pub fn build(system: &Interpreted<'_>, shapes: &[Shape], data: Data) -> Made<Built> {
    build_with(system, shapes, data, None)
}

/// The same with the truth values of atoms, and with a last transition that changes nothing.
///
/// # Errors
/// As [`build`].
pub fn build_with<'m>(
    system: &'m Interpreted<'m>,
    shapes: &[Shape],
    data: Data,
    atoms: Option<&Atoms<'m>>,
) -> Made<Built> {
    let model = system.model;
    if let Some(constraint) = model.action_constraints.first() {
        return declined(Some(constraint.formula.node.span), "action constraints are not translated");
    }
    let (Some(init), Some(next)) = (&model.init, &model.next) else {
        return declined(None, "the model has no behavior");
    };
    let mut builder = Builder { t: Translator::new(model, system.machine(), data), system, shapes, atoms };
    let layout = builder.states();
    let starts = builder.t.starts(init.owner, &init.node)?;
    let undefined_initially = std::mem::take(&mut builder.t.undefined);
    let constraint = builder.constraint()?;
    let undefined_constraint = std::mem::take(&mut builder.t.undefined);
    builder.t.path = constraint;
    let mut steps = builder.steps(next.owner, &next.node, constraint)?;
    if atoms.is_some() {
        let values = vec![Assigned::Same; model.variables.len()];
        steps.push(Leaf { guard: TRUE, values, name: None, span: next.node.span });
    }
    let mut undefined = std::mem::take(&mut builder.t.undefined);
    undefined.extend(undefined_constraint);
    builder.assemble(layout, starts, undefined_initially, steps, undefined)
}

/// What becomes of the latches under the selected one of several leaves.
struct Chosen {
    next: Vec<Lit>,
    enabled: Lit,
    unfit: Lit,
    steps: Vec<StepFunction>,
}

struct Builder<'m, 's> {
    t: Translator<'m>,
    system: &'m Interpreted<'m>,
    shapes: &'s [Shape],
    /// What is asked besides, with stuttering as the last step.
    atoms: Option<&'s Atoms<'m>>,
}

impl<'m> Builder<'m, '_> {
    fn states(&mut self) -> Layout {
        let mut layout = Layout::default();
        for (variable, shape) in self.shapes.iter().enumerate() {
            layout.place.variable = variable;
            let value = self.t.decode(shape, &mut layout);
            self.t.current[variable] = Some(value);
        }
        let mut facts = Vec::new();
        for (condition, group) in &layout.groups {
            let any = self.t.graph.or_all(group);
            facts.push(self.t.graph.equivalent(any, *condition));
            // At most one: no latch together with one before it.
            let mut before = FALSE;
            for lit in group {
                facts.push(!self.t.graph.and(before, *lit));
                before = self.t.graph.or(before, *lit);
            }
        }
        for (lit, condition) in &layout.conditional {
            facts.push(!self.t.graph.and(*lit, !*condition));
        }
        self.t.own.valid = self.t.graph.and_all(&facts);
        layout
    }

    fn constraint(&mut self) -> Made<Lit> {
        let model: &'m Model = self.system.model;
        let mut all = TRUE;
        for predicate in &model.constraints {
            let one = self.predicate(predicate.formula.owner, &predicate.formula.node)?;
            all = self.t.graph.and(all, one);
        }
        Ok(all)
    }

    fn predicate(&mut self, owner: DefinitionId, node: &'m Node) -> Made<Lit> {
        self.t.path = TRUE;
        let env = self.t.env_of(owner);
        self.t.truth(node, &env)
    }

    fn steps(&mut self, owner: DefinitionId, node: &'m Node, constraint: Lit) -> Made<Vec<Leaf<'m>>> {
        let mut leaves = self.t.steps(owner, node)?;
        for leaf in &mut leaves {
            leaf.guard = self.t.graph.and(leaf.guard, constraint);
        }
        for undefined in &mut self.t.undefined {
            undefined.when = self.t.graph.and(undefined.when, constraint);
        }
        leaves.retain(|leaf| leaf.guard != FALSE);
        Ok(leaves)
    }

    /// Bits of the values of a leaf, and the condition under which some value has no place.
    fn bits(&mut self, leaf: &Leaf<'m>, latches: &[Lit]) -> Made<(Vec<Lit>, Lit)> {
        let mut bits = Vec::with_capacity(latches.len());
        let mut unfit = Vec::new();
        let shapes = self.shapes;
        for (shape, value) in shapes.iter().zip(&leaf.values) {
            let from = bits.len();
            match value {
                Assigned::Same => bits.extend_from_slice(&latches[from..from + shape.latches()]),
                Assigned::Value(value) => {
                    self.t.path = leaf.guard;
                    let (mine, bad) = self.t.encode(value, shape)?;
                    bits.extend(mine);
                    unfit.push(bad);
                }
            }
        }
        let unfit = self.t.graph.or_all(&unfit);
        let unfit = self.t.graph.and(leaf.guard, unfit);
        Ok((bits, unfit))
    }

    /// One selector for each leaf, and that exactly one of them is set.
    fn select(&mut self, count: usize) -> (Vec<Lit>, Lit) {
        if count == 1 {
            return (vec![TRUE], TRUE);
        }
        let mut before = FALSE;
        let mut selected = Vec::with_capacity(count);
        let mut single = Vec::with_capacity(count + 1);
        for _ in 0..count {
            let here = self.t.input();
            single.push(!self.t.graph.and(before, here));
            before = self.t.graph.or(before, here);
            selected.push(here);
        }
        single.push(before);
        (selected, self.t.graph.and_all(&single))
    }

    /// Value of each latch after the selected leaf, whether that leaf can be taken, whether some leaf has a value without a
    /// place, and what each leaf does.
    fn chosen(&mut self, leaves: &[Leaf<'m>], selected: &[Lit], latches: &[Lit]) -> Made<Chosen> {
        let mut columns: Vec<Vec<Lit>> = vec![Vec::new(); latches.len()];
        let mut unchanged: Vec<Vec<Lit>> = vec![Vec::new(); latches.len()];
        let mut enabled = Vec::with_capacity(leaves.len());
        let mut unfit = Vec::new();
        let mut steps = Vec::with_capacity(leaves.len());
        for (leaf, selected) in leaves.iter().zip(selected) {
            let (bits, bad) = self.bits(leaf, latches)?;
            unfit.push(bad);
            let changed = bits.iter().enumerate().filter(|(index, bit)| **bit != latches[*index]);
            let changes = changed.map(|(index, bit)| (index as u32, *bit)).collect();
            steps.push(StepFunction { guard: leaf.guard, changes });
            enabled.push(self.t.graph.or(!*selected, leaf.guard));
            for (index, bit) in bits.into_iter().enumerate() {
                if bit == latches[index] {
                    unchanged[index].push(*selected);
                } else {
                    columns[index].push(self.t.graph.and(*selected, bit));
                }
            }
        }
        let mut next = Vec::with_capacity(latches.len());
        for (index, mut column) in columns.into_iter().enumerate() {
            let keeps = self.t.graph.or_all(&unchanged[index]);
            column.push(self.t.graph.and(keeps, latches[index]));
            next.push(self.t.graph.or_all(&column));
        }
        let (enabled, unfit) = (self.t.graph.and_all(&enabled), self.t.graph.or_all(&unfit));
        Ok(Chosen { next, enabled, unfit, steps })
    }

    fn assemble(
        mut self,
        layout: Layout,
        starts: Vec<Leaf<'m>>,
        undefined_initially: Vec<Undefined>,
        steps: Vec<Leaf<'m>>,
        mut undefined: Vec<Undefined>,
    ) -> Made<Built> {
        let choices = std::mem::take(&mut self.t.choices);
        let (selected_start, one_start) = self.select(starts.len());
        let Chosen { next: initial, enabled: start, unfit: unfit_initially, .. } =
            self.chosen(&starts, &selected_start, &layout.latches)?;
        let start = self.t.graph.and(start, one_start);
        let (selected, one) = self.select(steps.len());
        let Chosen { next, enabled, unfit, steps: functions } = self.chosen(&steps, &selected, &layout.latches)?;
        let enabled = self.t.graph.and(enabled, one);
        undefined.append(&mut self.t.undefined);
        let atoms = self.observed(&steps, &selected)?;
        undefined.append(&mut self.t.undefined);
        let marks = self.marks();
        let mut bads = Vec::new();
        let mut declined = Vec::new();
        let valid = self.t.own.valid;
        self.invariants(&mut bads, &mut declined);
        self.action_properties(&steps, &selected, &mut bads, &mut declined);
        // That nothing need happen is no step.
        let own = &steps[..steps.len() - usize::from(self.atoms.is_some())];
        self.deadlock(own, &choices, &mut bads, &mut declined);
        let whens: Vec<Lit> = undefined.iter().map(|one| one.when).collect();
        let whens_initially: Vec<Lit> = undefined_initially.iter().map(|one| one.when).collect();
        let lit = self.t.graph.or_all(&whens);
        let initially = self.t.graph.or_all(&whens_initially);
        bads.push(Bad { target: Target::Undefined, lit, initially, is_step: false });
        bads.push(Bad { target: Target::Overflow, lit: unfit, initially: unfit_initially, is_step: false });
        undefined.extend(undefined_initially);
        let mut group_of = vec![None; layout.latches.len()];
        let mut groups = Vec::new();
        for (_, group) in &layout.groups {
            let members: Vec<usize> =
                group.iter().filter_map(|lit| layout.latches.iter().position(|latch| latch == lit)).collect();
            for member in &members {
                group_of[*member] = Some(groups.len());
            }
            groups.push(members);
        }
        let mut inputs = std::mem::take(&mut self.t.choices);
        inputs.extend(choices);
        let model = self.system.model;
        let transitions = steps.iter().map(|leaf| Transition {
            name: leaf.name.map_or_else(|| "Next".to_owned(), |id| model.code.definition(id).name.to_string()),
            span: leaf.span,
        });
        let permutations = crate::symmetry::permutations(&layout.names, &mut self.t.own.data);
        let circuit = Circuit {
            permutations,
            latches: layout.latches,
            names: layout.names,
            group_of,
            groups,
            valid,
            next,
            enabled,
            inputs,
            transitions: transitions.collect(),
            steps: functions,
            selected,
            initial,
            starts: start,
            bads,
            invariants: model.invariants.len(),
            undefined,
            declined,
            constraints: model.constraints.iter().map(|predicate| predicate.name.clone()).collect(),
            atoms,
            marks,
            aig: self.t.graph,
        };
        Ok(Built { circuit, data: self.t.own.data })
    }

    fn invariants(&mut self, bads: &mut Vec<Bad>, declined: &mut Vec<(Target, tla_compile::Declined)>) {
        let model: &'m Model = self.system.model;
        let invariants = model.invariants.iter().map(|predicate| &predicate.formula);
        let implied = model.property_invariants.iter().map(|part| &part.formula);
        for (number, formula) in invariants.chain(implied).enumerate() {
            let broken = Broken::Invariant(number as u32);
            self.t.undefined.clear();
            self.t.forget();
            match self.predicate(formula.owner, &formula.node) {
                Ok(truth) => self.property(broken, !truth, false, bads),
                Err(reason) => declined.push((Target::Property(broken), *reason)),
            }
        }
        for (number, part) in model.initial_properties.iter().enumerate() {
            let broken = Broken::InitialProperty(number as u32);
            self.t.undefined.clear();
            match self.predicate(part.formula.owner, &part.formula.node) {
                // Of initial states only: evaluated with the latches, and bad if they are initial.
                Ok(truth) => {
                    let whens: Vec<Lit> = self.t.undefined.iter().map(|one| one.when).collect();
                    let odd = self.t.graph.or_all(&whens);
                    let target = Target::Property(broken);
                    bads.push(Bad { target, lit: FALSE, initially: !truth, is_step: false });
                    let target = Target::PropertyUndefined(broken);
                    bads.push(Bad { target, lit: FALSE, initially: odd, is_step: false });
                }
                Err(reason) => declined.push((Target::Property(broken), *reason)),
            }
        }
    }

    fn property(&mut self, broken: Broken, lit: Lit, is_step: bool, bads: &mut Vec<Bad>) {
        let whens: Vec<Lit> = self.t.undefined.iter().map(|one| one.when).collect();
        let odd = self.t.graph.or_all(&whens);
        let lit = self.t.graph.and(lit, !odd);
        bads.push(Bad { target: Target::Property(broken), lit, initially: FALSE, is_step });
        bads.push(Bad { target: Target::PropertyUndefined(broken), lit: odd, initially: FALSE, is_step });
        self.t.undefined.clear();
    }

    fn action_properties(
        &mut self,
        steps: &[Leaf<'m>],
        selected: &[Lit],
        bads: &mut Vec<Bad>,
        declined: &mut Vec<(Target, tla_compile::Declined)>,
    ) {
        let model: &'m Model = self.system.model;
        for (number, part) in model.action_properties.iter().enumerate() {
            let broken = Broken::ActionProperty(number as u32);
            self.t.undefined.clear();
            let mut violated = Vec::with_capacity(steps.len());
            let mut failed = None;
            for (leaf, selected) in steps.iter().zip(selected) {
                self.t.forget();
                for (slot, value) in self.t.next.iter_mut().zip(&leaf.values) {
                    *slot = Some(value.clone());
                }
                let taken = self.t.graph.and(*selected, leaf.guard);
                self.t.path = taken;
                let env = self.t.env_of(part.formula.owner);
                match self.t.truth(&part.formula.node, &env) {
                    Ok(truth) => violated.push(self.t.graph.and(taken, !truth)),
                    Err(reason) => {
                        failed = Some(*reason);
                        break;
                    }
                }
            }
            self.t.next.iter_mut().for_each(|value| *value = None);
            self.t.forget();
            self.t.path = TRUE;
            match failed {
                Some(reason) => declined.push((Target::Property(broken), reason)),
                None => {
                    let lit = self.t.graph.or_all(&violated);
                    self.property(broken, lit, true, bads);
                }
            }
        }
    }

    /// What the invariants have to reach.
    fn marks(&mut self) -> Vec<(u32, Span, Lit)> {
        let model: &'m Model = self.system.model;
        let own = model.invariants.iter().map(|predicate| &predicate.formula);
        let implied = model.property_invariants.iter().map(|part| &part.formula);
        let mut all = Vec::new();
        for (number, formula) in own.chain(implied).enumerate().filter(|_| self.atoms.is_some()) {
            self.t.forget();
            self.t.path = TRUE;
            let env = self.t.env_of(formula.owner);
            let mut found = Vec::new();
            // An invariant that is not translated is declined elsewhere.
            if self.t.marks(&formula.node, &env, &mut found).is_ok() {
                all.extend(found.into_iter().map(|(span, lit)| (number as u32, span, lit)));
            }
        }
        self.t.path = TRUE;
        self.t.undefined.clear();
        self.t.forget();
        all
    }

    /// The truth value of each atom that is asked for, on the selected step.
    fn observed(&mut self, steps: &[Leaf<'m>], selected: &[Lit]) -> Made<Vec<Lit>> {
        let Some(atoms) = self.atoms else { return Ok(Vec::new()) };
        let about_steps: Vec<bool> = atoms.iter().map(Translator::is_about_step).collect();
        let mut found: Vec<Vec<Lit>> = vec![Vec::new(); about_steps.len()];
        self.t.forget();
        self.t.path = TRUE;
        for (index, atom) in atoms.iter().enumerate().filter(|(index, _)| !about_steps[*index]) {
            found[index].push(self.t.atom(atom)?);
        }
        for (number, (leaf, selected)) in steps.iter().zip(selected).enumerate() {
            let is_stuttering = number + 1 == steps.len();
            self.t.forget();
            for (slot, value) in self.t.next.iter_mut().zip(&leaf.values) {
                *slot = Some(value.clone());
            }
            let taken = self.t.graph.and(*selected, leaf.guard);
            for (index, atom) in atoms.iter().enumerate().filter(|(index, _)| about_steps[*index]) {
                self.t.path = taken;
                let truth = if is_stuttering { self.t.atom_of_stuttering(atom)? } else { self.t.atom(atom)? };
                found[index].push(self.t.graph.and(taken, truth));
            }
        }
        self.t.next.iter_mut().for_each(|value| *value = None);
        self.t.forget();
        self.t.path = TRUE;
        Ok(found.iter().map(|lits| self.t.graph.or_all(lits)).collect())
    }

    /// No transition can be taken. Where inputs decide whether one can, that is not a circuit.
    fn deadlock(
        &mut self,
        steps: &[Leaf<'m>],
        choices: &[Lit],
        bads: &mut Vec<Bad>,
        declined: &mut Vec<(Target, tla_compile::Declined)>,
    ) {
        if !self.system.model.check_deadlock {
            return;
        }
        let guards: Vec<Lit> = steps.iter().map(|leaf| leaf.guard).collect();
        let cone = self.t.graph.cone(&guards);
        if choices.iter().any(|input| cone.binary_search(&input.node()).is_ok()) {
            let reason = "whether a step can be taken depends on a choice from a large set";
            let span = self.system.model.next.as_ref().map(|next| next.node.span);
            let one = tla_compile::Declined { reason: reason.to_owned(), span };
            declined.push((Target::Deadlock, one));
            return;
        }
        let any = self.t.graph.or_all(&guards);
        // What is outside of the model is not expanded.
        let inside = match self.constraint() {
            Ok(inside) => inside,
            Err(reason) => {
                declined.push((Target::Deadlock, *reason));
                return;
            }
        };
        let lit = self.t.graph.and(inside, !any);
        bads.push(Bad { target: Target::Deadlock, lit, initially: FALSE, is_step: false });
    }
}

impl Circuit {
    /// Every bad state that the claims rest on.
    pub fn index_of(&self, target: Target) -> Option<usize> {
        self.bads.iter().position(|bad| bad.target == target)
    }
}

impl Built {
    /// The values of the variables in a state given by its latches.
    pub fn state(&self, shapes: &[Shape], bits: &[bool]) -> Vec<Datum> {
        let mut at = 0;
        shapes.iter().map(|shape| value_of(shape, bits, &mut at, &self.data)).collect()
    }
}

fn value_of(shape: &Shape, bits: &[bool], at: &mut usize, data: &Data) -> Datum {
    let mut take = |count: usize| {
        let from = *at;
        *at += count;
        from..*at
    };
    match shape {
        Shape::Never => Datum::Bool(false),
        Shape::Bool => Datum::Bool(bits[take(1)][0]),
        Shape::Scalar(all) => {
            let range = take(all.len());
            let chosen = all.iter().zip(&bits[range]).find(|(_, set)| **set);
            chosen.map_or(Datum::Bool(false), |(d, _)| data.datum(*d).clone())
        }
        Shape::Set(all) => {
            let range = take(all.len());
            let elements = all.iter().zip(&bits[range]).filter(|(_, set)| **set);
            // In the order of values, not of the numbers that they got when they were first met.
            let mut elements: Vec<Datum> = elements.map(|(d, _)| data.datum(*d).clone()).collect();
            elements.sort();
            Datum::Set(elements)
        }
        Shape::Map(keys, parts) => {
            let keys = keys.iter().map(|key: &D| data.datum(*key).clone()).collect();
            Datum::Map(keys, parts.iter().map(|part| value_of(part, bits, at, data)).collect())
        }
        Shape::Sequence(parts) => {
            let range = take(parts.len() + 1);
            let length = bits[range].iter().position(|set| *set).unwrap_or(0);
            let values: Vec<Datum> = parts.iter().map(|part| value_of(part, bits, at, data)).collect();
            let keys = (1..=length as i64).map(Datum::Int).collect();
            Datum::Map(keys, values.into_iter().take(length).collect())
        }
        Shape::Union(all) => {
            let range = take(all.len());
            let tag = bits[range].iter().position(|set| *set).unwrap_or(0);
            let mut values: Vec<Datum> = all.iter().map(|part| value_of(part, bits, at, data)).collect();
            values.swap_remove(tag)
        }
    }
}
