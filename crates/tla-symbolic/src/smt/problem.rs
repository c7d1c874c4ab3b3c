//! A model as terms: places, ways to begin, ways to take a step, what must not be.
//!
//! First the shapes: the initial predicate gives the variables values, and those give shapes; steps from the values of these
//! shapes give further values, and so on until no shape grows. Then the model is translated once more. A way whose values
//! still have no place (a sequence that grew too long) has a condition [`Way::unfit`], which is a question of its own.

use super::script::sanitised;
use super::shape::Shape;
use super::term::{FALSE, Role, TRUE, Term, Terms};
use super::translate::{Assigned, Atoms, Leaf, Made, Translator, Undefined, declined};
use crate::circuit::Target;
use crate::engine::Watch;
use crate::graph::Graph;
use rustc_hash::FxHashSet;
use tla_compile::Declined;
use tla_explore::Broken;
use tla_explore::interpret::Interpreted;
use tla_model::ir::{DefinitionId, Node};
use tla_model::model::Model;
use tla_model::value::{Value, show::show};
use tla_syntax::Span;

/// How often shapes may grow.
const MOST_ROUNDS: usize = 60;

/// Most places of a state.
const MOST_PLACES: usize = 5000;

/// A way to begin, or to take a step.
#[derive(Debug, Clone)]
pub struct Way {
    /// When it can be taken.
    pub guard: Term,
    /// What is in each place afterwards; none where nothing changes.
    pub values: Vec<Option<Term>>,
    /// When a value has no place.
    pub unfit: Term,
    /// Name of the innermost definition, for messages.
    pub name: String,
    /// The part of the formula.
    pub span: Span,
}

/// What must not be.
#[derive(Debug, Clone)]
pub struct Bad {
    /// What it means.
    pub target: Target,
    /// When: in a state, or in a step by the way with a number.
    pub when: Term,
    /// The way, for what is said of steps.
    pub way: Option<usize>,
    /// Whether it is said of initial states alone.
    pub initially: bool,
}

/// A model as terms.
pub struct Problem {
    /// The terms.
    pub terms: Terms,
    /// Strings and model values.
    pub atoms: Atoms,
    /// Of each variable.
    pub shapes: Vec<Shape>,
    /// The symbols of the places, those of the first variable first.
    pub places: Vec<Term>,
    /// What is known of the places of every state.
    pub valid: Term,
    /// Ways to begin.
    pub starts: Vec<Way>,
    /// Ways to take a step.
    pub steps: Vec<Way>,
    /// Where the initial predicate is undefined.
    pub undefined_initially: Vec<Undefined>,
    /// Where a step is undefined.
    pub undefined: Vec<Undefined>,
    /// What must not be.
    pub bads: Vec<Bad>,
    /// Obligations that could not be translated.
    pub declined: Vec<(Target, Declined)>,
}

/// Translates a model.
///
/// # Errors
/// What cannot be translated, with its place.
pub fn build<'m>(system: &'m Interpreted<'m>, watch: &'m dyn Watch) -> Made<Problem> {
    let model = system.model;
    if let Some(constraint) = model.action_constraints.first() {
        return declined(Some(constraint.formula.node.span), "action constraints are not translated");
    }
    let (Some(init), Some(next)) = (&model.init, &model.next) else {
        return declined(None, "the model has no behavior");
    };
    let mut builder = Builder::new(system, watch, Atoms::default(), vec![Shape::Never; model.variables.len()]);
    let starts = builder.t.starts(init.owner, &init.node)?;
    let mut shapes = builder.widened(&starts)?;
    let mut atoms = builder.t.own.atoms;
    for _ in 0..MOST_ROUNDS {
        let mut builder = Builder::new(system, watch, std::mem::take(&mut atoms), shapes.clone());
        builder.states()?;
        let constraint = builder.constraint()?;
        let steps = builder.steps(next.owner, &next.node, constraint)?;
        let wider = builder.widened(&steps)?;
        if wider == shapes {
            return builder.assemble(init.owner, &init.node, constraint, steps);
        }
        shapes = wider;
        atoms = builder.t.own.atoms;
    }
    declined(None, format!("the structure of the values still grew after {MOST_ROUNDS} rounds of steps"))
}

struct Builder<'m> {
    t: Translator<'m>,
    model: &'m Model,
    shapes: Vec<Shape>,
    places: Vec<Term>,
    valid: Term,
}

impl<'m> Builder<'m> {
    fn new(system: &'m Interpreted<'m>, watch: &'m dyn Watch, atoms: Atoms, shapes: Vec<Shape>) -> Self {
        let t = Translator::new(system.model, system.machine(), atoms, watch);
        Self { t, model: system.model, shapes, places: Vec::new(), valid: TRUE }
    }

    /// Gives every place its symbol.
    fn states(&mut self) -> Made<()> {
        let mut facts = Vec::new();
        let mut taken = FxHashSet::default();
        for (index, shape) in self.shapes.clone().iter().enumerate() {
            let (name, span) = &self.model.variables[index];
            let (mut sorts, mut names) = (Vec::new(), Vec::new());
            shape.sorts(&mut sorts);
            named(self.model, shape, &sanitised(name), &mut names);
            let mut own = Vec::with_capacity(sorts.len());
            for (sort, mut name) in sorts.into_iter().zip(names) {
                while !taken.insert(name.clone()) {
                    name.push('!');
                }
                own.push(self.t.graph.fresh(Role::Place, sort, name));
            }
            self.places.extend(&own);
            if self.places.len() > MOST_PLACES {
                return declined(
                    Some(*span),
                    format!("a state has more than {MOST_PLACES} places; use smaller constants"),
                );
            }
            self.t.current[index] = Some(self.t.decode(shape, &mut own.into_iter(), &mut facts));
        }
        self.valid = self.t.graph.and_all(&facts);
        Ok(())
    }

    /// Shapes with room for what ways lead to.
    fn widened(&mut self, leaves: &[Leaf<'m>]) -> Made<Vec<Shape>> {
        let mut shapes = self.shapes.clone();
        for leaf in leaves {
            self.t.path = leaf.guard;
            self.t.span = Some(leaf.span);
            for (shape, value) in shapes.iter_mut().zip(&leaf.values) {
                if let Assigned::Value(value) = value {
                    let own = self.t.shape_of(value)?;
                    *shape = std::mem::take(shape).join(own);
                }
            }
        }
        self.t.path = TRUE;
        Ok(shapes)
    }

    fn constraint(&mut self) -> Made<Term> {
        let mut all = TRUE;
        for predicate in &self.model.constraints {
            let one = self.predicate(predicate.formula.owner, &predicate.formula.node)?;
            all = self.t.graph.and(all, one);
        }
        Ok(all)
    }

    fn predicate(&mut self, owner: DefinitionId, node: &'m Node) -> Made<Term> {
        self.t.path = TRUE;
        let env = self.t.env_of(owner);
        self.t.truth(node, &env)
    }

    /// What is outside of a constraint is not left.
    fn steps(&mut self, owner: DefinitionId, node: &'m Node, constraint: Term) -> Made<Vec<Leaf<'m>>> {
        let before = self.t.undefined.len();
        let mut leaves = self.t.steps(owner, node)?;
        for leaf in &mut leaves {
            leaf.guard = self.t.graph.and(leaf.guard, constraint);
        }
        for one in &mut self.t.undefined[before..] {
            one.when = self.t.graph.and(one.when, constraint);
        }
        leaves.retain(|leaf| leaf.guard != FALSE);
        Ok(leaves)
    }

    fn ways(&mut self, leaves: &[Leaf<'m>]) -> Made<Vec<Way>> {
        let shapes = self.shapes.clone();
        let mut ways = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let (mut values, mut unfit) = (Vec::with_capacity(self.places.len()), FALSE);
            self.t.span = Some(leaf.span);
            for (shape, value) in shapes.iter().zip(&leaf.values) {
                match value {
                    Assigned::Same => {
                        let mut sorts = Vec::new();
                        shape.sorts(&mut sorts);
                        values.extend(sorts.iter().map(|_| None));
                    }
                    Assigned::Value(value) => {
                        self.t.path = leaf.guard;
                        let (terms, bad) = self.t.encode(value, shape)?;
                        let places = &self.places[values.len()..];
                        let changed = terms.iter().zip(places).map(|(term, place)| (term != place).then_some(*term));
                        let changed: Vec<Option<Term>> = changed.collect();
                        values.extend(changed);
                        unfit = self.t.graph.or(unfit, bad);
                    }
                }
            }
            let name = leaf.name.map_or("Next", |id| &self.model.code.definition(id).name);
            let unfit = self.t.graph.and(leaf.guard, unfit);
            ways.push(Way { guard: leaf.guard, values, unfit, name: name.to_owned(), span: leaf.span });
        }
        self.t.path = TRUE;
        Ok(ways)
    }

    fn assemble(
        mut self,
        owner: DefinitionId,
        init: &'m Node,
        constraint: Term,
        leaves: Vec<Leaf<'m>>,
    ) -> Made<Problem> {
        let undefined_before = std::mem::take(&mut self.t.undefined);
        let steps = self.ways(&leaves)?;
        let mut undefined = std::mem::take(&mut self.t.undefined);
        undefined.extend(undefined_before);
        let chosen = self.t.choices.len();
        let start_leaves = self.t.starts(owner, init)?;
        let starts = self.ways(&start_leaves)?;
        let undefined_initially = std::mem::take(&mut self.t.undefined);
        let mut properties = Properties { bads: Vec::new(), declined: Vec::new() };
        self.invariants(&mut properties);
        self.action_properties(&leaves, &mut properties);
        self.deadlock(&leaves, chosen, constraint, &mut properties);
        let Properties { bads, declined } = properties;
        let (shapes, places, valid) = (self.shapes, self.places, self.valid);
        let (terms, atoms) = (self.t.graph, self.t.own.atoms);
        let problem = Problem {
            terms,
            atoms,
            shapes,
            places,
            valid,
            starts,
            steps,
            undefined_initially,
            undefined,
            bads,
            declined,
        };
        Ok(problem)
    }

    fn invariants(&mut self, properties: &mut Properties) {
        let model = self.model;
        let invariants = model.invariants.iter().map(|predicate| &predicate.formula);
        let implied = model.property_invariants.iter().map(|part| &part.formula);
        for (number, formula) in invariants.chain(implied).enumerate() {
            self.state_property(Broken::Invariant(number as u32), formula, false, properties);
        }
        for (number, part) in model.initial_properties.iter().enumerate() {
            self.state_property(Broken::InitialProperty(number as u32), &part.formula, true, properties);
        }
    }

    fn state_property(
        &mut self,
        broken: Broken,
        formula: &'m tla_model::model::Formula,
        initially: bool,
        properties: &mut Properties,
    ) {
        self.t.undefined.clear();
        self.t.forget();
        let truth = self.predicate(formula.owner, &formula.node);
        let odd = self.odd();
        match truth {
            Ok(truth) => {
                let broken_here = self.t.graph.not(truth);
                self.add(broken, broken_here, odd, None, initially, properties);
            }
            Err(reason) => properties.declined.push((Target::Property(broken), *reason)),
        }
    }

    /// When what was translated since the last time is undefined.
    fn odd(&mut self) -> Term {
        let whens: Vec<Term> = std::mem::take(&mut self.t.undefined).into_iter().map(|one| one.when).collect();
        self.t.graph.or_all(&whens)
    }

    fn add(
        &mut self,
        broken: Broken,
        when: Term,
        odd: Term,
        way: Option<usize>,
        initially: bool,
        properties: &mut Properties,
    ) {
        let defined = self.t.graph.not(odd);
        let when = self.t.graph.and(when, defined);
        for (target, when) in [(Target::Property(broken), when), (Target::PropertyUndefined(broken), odd)] {
            properties.bads.push(Bad { target, when, way, initially });
        }
    }

    fn action_properties(&mut self, leaves: &[Leaf<'m>], properties: &mut Properties) {
        let model = self.model;
        for (number, part) in model.action_properties.iter().enumerate() {
            let broken = Broken::ActionProperty(number as u32);
            for (index, leaf) in leaves.iter().enumerate() {
                self.t.undefined.clear();
                self.t.forget();
                for (slot, value) in self.t.next.iter_mut().zip(&leaf.values) {
                    *slot = Some(value.clone());
                }
                self.t.path = leaf.guard;
                let env = self.t.env_of(part.formula.owner);
                let truth = self.t.truth(&part.formula.node, &env);
                let odd = self.odd();
                match truth {
                    Ok(truth) => {
                        let not = self.t.graph.not(truth);
                        let violated = self.t.graph.and(leaf.guard, not);
                        self.add(broken, violated, odd, Some(index), false, properties);
                    }
                    Err(reason) => {
                        properties.declined.push((Target::Property(broken), *reason));
                        break;
                    }
                }
            }
            self.t.next.iter_mut().for_each(|value| *value = None);
            self.t.forget();
            self.t.path = TRUE;
        }
    }

    /// No choices lead to a step. What is outside of the model is not left.
    fn deadlock(&mut self, leaves: &[Leaf<'m>], chosen: usize, constraint: Term, properties: &mut Properties) {
        if !self.model.check_deadlock {
            return;
        }
        let guards: Vec<Term> = leaves.iter().map(|leaf| leaf.guard).collect();
        let any = self.t.graph.or_all(&guards);
        // Choices of initial states are not in it.
        let all = std::mem::take(&mut self.t.choices);
        self.t.choices = all[..chosen.min(all.len())].to_vec();
        let any = self.t.some_choice(any, 0);
        self.t.choices = all;
        let none = self.t.graph.not(any);
        let when = self.t.graph.and(constraint, none);
        properties.bads.push(Bad { target: Target::Deadlock, when, way: None, initially: false });
    }
}

struct Properties {
    bads: Vec<Bad>,
    declined: Vec<(Target, Declined)>,
}

/// Names of the places of a shape, in order.
fn named(model: &Model, shape: &Shape, prefix: &str, into: &mut Vec<String>) {
    let part = |text: &str| format!("{prefix}.{text}");
    match shape {
        Shape::Never => {}
        Shape::Bool | Shape::Int | Shape::Atom(_) | Shape::Integers => into.push(prefix.to_owned()),
        Shape::Map(keys, parts) => {
            for (key, shape) in keys.iter().zip(parts) {
                named(model, shape, &part(&word(model, key)), into);
            }
        }
        Shape::Sequence(parts) => {
            into.push(part("length"));
            for (index, shape) in parts.iter().enumerate() {
                named(model, shape, &part(&(index + 1).to_string()), into);
            }
        }
        Shape::Union(all) => {
            into.push(part("which"));
            for (index, shape) in all.iter().enumerate() {
                named(model, shape, &part(&format!("as{index}")), into);
            }
        }
        Shape::Table(_, element) => named(model, element, prefix, into),
        Shape::Set(all) => into.extend(all.iter().map(|value| part(&format!("has.{}", word(model, value))))),
    }
}

fn word(model: &Model, value: &Value) -> String {
    match value {
        Value::String(id) => sanitised(&model.names.text(*id)),
        other => sanitised(&show(&model.names, other)),
    }
}
