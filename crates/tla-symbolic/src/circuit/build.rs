//! From the leaves of the initial predicate and of the next-state relation to latches and selected transitions.

use super::{Bad, Built, Circuit, StepFunction, Target, Transition};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::Data;
use crate::graph::Graph;
use crate::translate::state::{Layout, Shape};
use crate::translate::{Assigned, Leaf, Made, Translator, Undefined, declined};
use tla_explore::interpret::Interpreted;
use tla_explore::liveness::Atoms;
use tla_model::ir::{DefinitionId, Node};
use tla_model::model::Model;

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

pub(super) struct Builder<'m, 's> {
    pub(super) t: Translator<'m>,
    pub(super) system: &'m Interpreted<'m>,
    pub(super) shapes: &'s [Shape],
    /// What is asked besides, with stuttering as the last step.
    pub(super) atoms: Option<&'s Atoms<'m>>,
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

    pub(super) fn constraint(&mut self) -> Made<Lit> {
        let model: &'m Model = self.system.model;
        let mut all = TRUE;
        for predicate in &model.constraints {
            let one = self.predicate(predicate.formula.owner, &predicate.formula.node)?;
            all = self.t.graph.and(all, one);
        }
        Ok(all)
    }

    pub(super) fn predicate(&mut self, owner: DefinitionId, node: &'m Node) -> Made<Lit> {
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
}
