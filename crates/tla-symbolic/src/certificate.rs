//! Invariants for the independent checker, and as TLA+ text.
//!
//! An invariant is a list of cubes none of which is reachable, together with what the places of a state can hold. As
//! text it is a conjunction: first that the variables have values of their shapes, then one clause for each cube. A part
//! that is not always there (an element of a sequence, a field of one alternative) is guarded, so that the text is
//! defined wherever the shapes hold.

use crate::circuit::Built;
use crate::data::D;
use crate::liveness::Counted;
use crate::prove::Invariant;
use crate::reachability::Cube;
use crate::translate::state::{Fact, LatchName, Shape, Step};
use tla_compile::shape::Datum;
use tla_explore::interpret::trace_value;
use tla_model::model::Model;
use tla_model::value::names::Names;
use tla_model::value::show::show;
use verdict::TraceValue;
use verdict::certificate::{Certificate, Counting, Shape as CheckedShape};

/// Writes invariants of one model.
pub struct Writer<'a> {
    /// Names of strings and model values.
    pub names: &'a Names,
    /// Names of the variables.
    pub variables: &'a [String],
    /// What is supposed of them.
    pub shapes: &'a [Shape],
    /// The circuit.
    pub built: &'a Built,
    /// Names of the latches of a monitor, which follow those of the circuit.
    pub monitor: &'a [String],
}

impl Writer<'_> {
    fn value(&self, d: D) -> String {
        show(self.names, self.built.data.value(d))
    }

    /// The conjuncts: shapes first, invariants of the configuration last.
    pub fn conjuncts(&self, invariant: &Invariant, model: &Model) -> Vec<String> {
        let mut all: Vec<String> = self
            .variables
            .iter()
            .zip(self.shapes)
            .map(|(name, shape)| format!("{name} \\in {}", self.set(shape)))
            .collect();
        all.extend(invariant.cubes.iter().map(|cube| self.clause(cube)));
        // They may lack a value where the rest is false, and a conjunction is read from left to right.
        let own = invariant.invariants.iter().filter_map(|number| model.invariants.get(*number as usize));
        all.extend(own.map(|one| one.name.clone()));
        all
    }

    /// The set of values of a shape.
    fn set(&self, shape: &Shape) -> String {
        match shape {
            Shape::Never => "{}".to_owned(),
            Shape::Bool => "BOOLEAN".to_owned(),
            Shape::Scalar(all) => self.values(all.iter().copied()),
            Shape::Set(all) => format!("SUBSET {}", self.values(all.iter().copied())),
            Shape::Map(keys, parts) => {
                let fields: Option<Vec<String>> = keys
                    .iter()
                    .map(|key| match self.built.data.datum(*key) {
                        Datum::String(name) => Some(self.names.text(*name).to_string()),
                        _ => None,
                    })
                    .collect();
                match fields {
                    Some(fields) if !fields.is_empty() => {
                        let sets =
                            fields.iter().zip(parts).map(|(field, part)| format!("{field} : {}", self.set(part)));
                        format!("[{}]", sets.collect::<Vec<_>>().join(", "))
                    }
                    _ if parts.is_empty() => "{<<>>}".to_owned(),
                    _ if parts.iter().all(|part| *part == parts[0]) => {
                        format!("[{} -> {}]", self.values(keys.iter().copied()), self.set(&parts[0]))
                    }
                    _ => {
                        let all: Vec<String> = parts.iter().map(|part| format!("({})", self.set(part))).collect();
                        all.join(" \\X ")
                    }
                }
            }
            Shape::Sequence(parts) => {
                let mut all = vec!["{<<>>}".to_owned()];
                for length in 1..=parts.len() {
                    let same = parts[..length].iter().all(|part| *part == parts[0]);
                    let set = if same { self.set(&parts[0]) } else { "{}".to_owned() };
                    all.push(format!("[1..{length} -> {set}]"));
                }
                format!("({})", all.join(" \\cup "))
            }
            Shape::Union(all) => {
                format!("({})", all.iter().map(|part| self.set(part)).collect::<Vec<_>>().join(" \\cup "))
            }
        }
    }

    fn values(&self, all: impl Iterator<Item = D>) -> String {
        let all: Vec<D> = all.collect();
        let integers: Option<Vec<i64>> = all.iter().map(|d| self.built.data.int(*d)).collect();
        if let Some(mut integers) = integers {
            integers.sort_unstable();
            if let (Some(low), Some(high)) = (integers.first(), integers.last())
                && high - low + 1 == integers.len() as i64
                && integers.len() > 1
            {
                return format!("({low}..{high})");
            }
        }
        format!("{{{}}}", all.into_iter().map(|d| self.value(d)).collect::<Vec<_>>().join(", "))
    }

    /// That a cube is not the case.
    fn clause(&self, cube: &Cube) -> String {
        let circuit = &self.built.circuit;
        let mut parts: Vec<String> = Vec::new();
        let mut done: Vec<usize> = Vec::new();
        for (latch, value) in cube {
            let latch = *latch as usize;
            if let Some(watched) = latch.checked_sub(circuit.names.len()) {
                let name = self.monitor.get(watched).map_or("FALSE", String::as_str);
                parts.push(if *value { name.to_owned() } else { format!("~{name}") });
                continue;
            }
            let name = &circuit.names[latch];
            match (circuit.group_of[latch], value) {
                (Some(group), false) if matches!(name.fact, Fact::Is(_)) => {
                    // What a place is not, all at once: what it is instead.
                    if done.contains(&group) {
                        continue;
                    }
                    done.push(group);
                    let left = circuit.groups[group].iter().filter(|member| !cube.contains(&(**member as u32, false)));
                    let values = left.filter_map(|member| match circuit.names[*member].fact {
                        Fact::Is(d) => Some(d),
                        _ => None,
                    });
                    let (place, guard) = self.place(name);
                    let said = format!("{place} \\in {}", self.values(values));
                    // A place that is not there has none of its values either.
                    parts.push(match guard {
                        Some(guard) => format!("({guard} => {said})"),
                        None => said,
                    });
                }
                _ => parts.push(self.literal(name, *value)),
            }
        }
        format!("~({})", parts.join(" /\\ "))
    }

    fn literal(&self, name: &LatchName, value: bool) -> String {
        let (place, guard) = self.place(name);
        let not = |text: String| format!("~({text})");
        let said = match &name.fact {
            Fact::True => place,
            Fact::Is(d) => format!("{place} = {}", self.value(*d)),
            Fact::Contains(d) => format!("{} \\in {place}", self.value(*d)),
            Fact::Length(length) => format!("Len({place}) = {length}"),
            Fact::Alternative(_) => self.alternative(name, &place),
        };
        match guard {
            None if value => said,
            None => not(said),
            Some(guard) if value => format!("({guard} /\\ {said})"),
            Some(guard) => not(format!("{guard} /\\ {said}")),
        }
    }

    fn alternative(&self, name: &LatchName, place: &str) -> String {
        let mut path = name.path.clone();
        if let Fact::Alternative(tag) = name.fact {
            path.push(Step::Alternative(tag));
        }
        match self.shape_at(name.variable, &path) {
            Some(shape) => format!("{place} \\in {}", self.set(&shape)),
            None => "FALSE".to_owned(),
        }
    }

    fn shape_at(&self, variable: usize, path: &[Step]) -> Option<Shape> {
        let mut shape = self.shapes.get(variable)?.clone();
        for step in path {
            shape = match (&shape, step) {
                (Shape::Map(keys, parts), Step::Index(key, _)) => {
                    parts.get(keys.iter().position(|known| known == key)?)?.clone()
                }
                (Shape::Sequence(parts), Step::Index(key, _)) => {
                    parts.get(usize::try_from(self.built.data.int(*key)? - 1).ok()?)?.clone()
                }
                (Shape::Union(all), Step::Alternative(tag)) => all.get(*tag)?.clone(),
                _ => return None,
            };
        }
        Some(shape)
    }

    /// The text of a place, and the condition under which it is there.
    fn place(&self, name: &LatchName) -> (String, Option<String>) {
        let mut text = self.variables[name.variable].clone();
        let mut guards = Vec::new();
        for (index, step) in name.path.iter().enumerate() {
            match step {
                Step::Index(key, may_be_missing) => {
                    if *may_be_missing {
                        guards.push(format!("Len({text}) >= {}", self.value(*key)));
                    }
                    text = match self.built.data.datum(*key) {
                        Datum::String(field) => format!("{text}.{}", self.names.text(*field)),
                        _ => format!("{text}[{}]", self.value(*key)),
                    };
                }
                Step::Alternative(_) => {
                    if let Some(shape) = self.shape_at(name.variable, &name.path[..=index]) {
                        guards.push(format!("{text} \\in {}", self.set(&shape)));
                    }
                }
            }
        }
        (text, (!guards.is_empty()).then(|| guards.join(" /\\ ")))
    }
}

/// An invariant in the form that the independent checker reads.
pub fn checkable(model: &Model, shapes: &[Shape], built: &Built, invariant: &Invariant) -> Certificate {
    let names = model.variables.iter().map(|(name, _)| name.to_string());
    let told = Told { model, built };
    let shapes = names.zip(shapes).map(|(name, shape)| (name, told.shape(shape))).collect();
    let own = invariant.invariants.iter().filter_map(|number| model.invariants.get(*number as usize));
    Certificate { shapes, cubes: invariant.cubes.clone(), invariants: own.map(|one| one.name.clone()).collect() }
}

/// A proof by counting in the form that the independent checker reads.
pub fn countable(model: &Model, shapes: &[Shape], built: &Built, counted: &Counted) -> Counting {
    let certificate = checkable(model, shapes, built, &counted.invariant);
    Counting { bound: counted.bound, monitor: counted.names.len(), certificate }
}

/// The conjuncts of a proof by counting, as text. The latches of the monitor are variables like others.
pub fn counting(model: &Model, shapes: &[Shape], built: &Built, counted: &Counted) -> Vec<String> {
    let variables: Vec<String> = model.variables.iter().map(|(name, _)| name.to_string()).collect();
    let writer = Writer { names: &model.names, variables: &variables, shapes, built, monitor: &counted.names };
    let booleans = counted.names.iter().map(|name| format!("{name} \\in BOOLEAN"));
    booleans.chain(writer.conjuncts(&counted.invariant, model)).collect()
}

struct Told<'a> {
    model: &'a Model,
    built: &'a Built,
}

impl Told<'_> {
    fn values<'d>(&self, all: impl IntoIterator<Item = &'d D>) -> Vec<TraceValue> {
        all.into_iter().map(|d| trace_value(&self.model.names, self.built.data.value(*d))).collect()
    }

    fn shape(&self, shape: &Shape) -> CheckedShape {
        let all = |parts: &[Shape]| parts.iter().map(|part| self.shape(part)).collect();
        match shape {
            Shape::Never => CheckedShape::Never,
            Shape::Bool => CheckedShape::Bool,
            Shape::Scalar(values) => CheckedShape::Scalar(self.values(values)),
            Shape::Set(values) => CheckedShape::Set(self.values(values)),
            Shape::Map(keys, parts) => CheckedShape::Map(self.values(keys), all(parts)),
            Shape::Sequence(parts) => CheckedShape::Sequence(all(parts)),
            Shape::Union(parts) => CheckedShape::Union(all(parts)),
        }
    }
}
