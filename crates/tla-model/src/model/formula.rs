//! Taking specifications and properties apart.
//!
//! A specification is a conjunction of initial predicates, one `[][Next]_v` and fairness; a property is a conjunction
//! of initial predicates, invariants `[]P`, action properties `[][A]_v` and temporal formulas. Definitions without
//! parameters are looked through, also those of instances.

use super::{Builder, Built, Formula, Model, PropertyPart};
use crate::ir::walk::{level, mentions_slot};
use crate::ir::{DefinitionId, Kind, Level, Node};
use tla_syntax::ast::Ident;
use tla_syntax::{Diagnostic, Span};

/// The specification as a whole, the initial predicate, the next-state relation, fairness.
type Behavior = (Option<Formula>, Option<Formula>, Option<Formula>, Vec<Formula>);

impl Builder<'_> {
    fn root_formula(&mut self, name: &Ident, what: &str) -> Built<Formula> {
        Ok(self.predicate(name, what)?.formula)
    }

    pub(super) fn behavior(&mut self) -> Built<Behavior> {
        let config = self.config;
        if let Some(specification) = &config.specification {
            if let Some(other) = config.init.as_ref().or(config.next.as_ref()) {
                return self.configuration_error(
                    Diagnostic::error(
                        "two-behaviors",
                        specification.span,
                        "the configuration gives SPECIFICATION together with INIT or NEXT",
                    )
                    .related(other.span, "the other one")
                    .remedy("keep one of the two"),
                );
            }
            return self.specification(specification);
        }
        let init = match &config.init {
            Some(name) => {
                let formula = self.root_formula(name, "initial predicate")?;
                self.require_level(&formula, name, &[Level::State])?;
                Some(formula)
            }
            None => None,
        };
        let next = match &config.next {
            Some(name) => {
                let formula = self.root_formula(name, "next-state relation")?;
                self.require_level(&formula, name, &[Level::State, Level::Action])?;
                Some(formula)
            }
            None => None,
        };
        Ok((None, init, next, Vec::new()))
    }

    fn require_level(&mut self, formula: &Formula, name: &Ident, allowed: &[Level]) -> Built<()> {
        let found = level(&self.resolver.code, &formula.node);
        if allowed.contains(&found) {
            return Ok(());
        }
        self.configuration_error(Diagnostic::error(
            "level-in-configuration",
            name.span,
            format!("`{}` is a formula of {} level", name.name, found.word()),
        ))
    }

    fn specification(&mut self, name: &Ident) -> Built<Behavior> {
        let formula = self.root_formula(name, "specification")?;
        let mut parts = Vec::new();
        self.split(&formula, &mut parts);
        let (mut init, mut next, mut fairness) = (Vec::new(), None, Vec::new());
        let whole = formula;
        for part in parts {
            let part_level = level(&self.resolver.code, &part.node);
            let action = match &part.node.kind {
                Kind::Always(inner) => match &inner.kind {
                    Kind::BoxAction(action, ..) => Some((**action).clone()),
                    _ => None,
                },
                _ => None,
            };
            match (action, part_level) {
                (Some(_), _) if next.is_some() => {
                    return self.bad_part(&part, "a second [][A]_v", "join the two into one action");
                }
                (Some(action), _) => next = Some(Formula { node: action, ..part }),
                (None, Level::Constant | Level::State) => init.push(part),
                (None, Level::Temporal) => fairness.push(part),
                (None, Level::Action) => {
                    return self.bad_part(&part, "an action outside of [][A]_v", "write [][A]_vars");
                }
            }
        }
        if init.is_empty() || next.is_none() {
            let missing = if next.is_none() { "no conjunct [][Next]_vars" } else { "no initial predicate" };
            let kind = "specification-form";
            return self.configuration_error(
                Diagnostic::error(kind, name.span, format!("the specification has {missing}"))
                    .related(whole.node.span, "the specification")
                    .remedy("write Init /\\ [][Next]_vars, perhaps with fairness"),
            );
        }
        let init = self.conjunction(init, name);
        Ok((Some(whole), init, next, fairness))
    }

    /// One formula from conjuncts that may belong to different frames.
    fn conjunction(&mut self, mut parts: Vec<Formula>, name: &Ident) -> Option<Formula> {
        if parts.len() <= 1 {
            return parts.pop();
        }
        let owner = self.resolver.new_definition(&*name.name, None, name.span);
        let mut calls = Vec::with_capacity(parts.len());
        for part in parts {
            let id = self.resolver.new_definition(part.name, Some(part.owner), part.node.span);
            let span = part.node.span;
            self.resolver.set_body(id, crate::resolve::Typed { node: part.node, level: Level::State });
            calls.push(Node { kind: Kind::Call(id, Box::new([])), span });
        }
        let node = Node { kind: Kind::And(calls.into()), span: name.span };
        Some(Formula { owner, node, name: name.name.to_string() })
    }

    fn bad_part<T>(&mut self, part: &Formula, what: &str, remedy: &str) -> Built<T> {
        self.configuration_error(
            Diagnostic::error("specification-form", part.node.span, format!("the specification has {what}"))
                .remedy(remedy),
        )
    }

    /// Conjuncts of a formula, looking through definitions without parameters as far as they lead to temporal
    /// formulas.
    fn split(&mut self, formula: &Formula, parts: &mut Vec<Formula>) {
        match &formula.node.kind {
            Kind::And(items) => {
                for item in items {
                    self.split(&Formula { node: item.clone(), ..formula.clone() }, parts);
                }
            }
            Kind::Call(id, arguments)
                if arguments.is_empty() && self.resolver.code.definition(*id).level == Level::Temporal =>
            {
                let inner = self.inside(*id);
                self.deeper_split(*id, &inner, parts);
            }
            Kind::Call(id, arguments) if self.resolver.code.definition(*id).level == Level::Temporal => {
                let mut inner = Vec::new();
                self.deeper_split(*id, &self.inside(*id), &mut inner);
                for part in inner {
                    let node = self.recall(*id, arguments, part.node);
                    parts.push(Formula { node, owner: formula.owner, name: part.name });
                }
            }
            Kind::Let(slot, value, body) => {
                let mut inner = Vec::new();
                self.split(&Formula { node: (**body).clone(), ..formula.clone() }, &mut inner);
                for part in inner {
                    let node = self.rewrap(*slot, value, part.node);
                    parts.push(Formula { node, owner: formula.owner, name: part.name });
                }
            }
            _ => parts.push(formula.clone()),
        }
    }

    /// What a definition consists of; one that is defined by itself is a part as it is.
    fn deeper_split(&mut self, id: DefinitionId, inner: &Formula, parts: &mut Vec<Formula>) {
        if self.splitting.contains(&id) {
            parts.push(inner.clone());
            return;
        }
        self.splitting.push(id);
        self.split(inner, parts);
        self.splitting.pop();
    }

    /// A part of a `LET` body with the name's value put back, if the part speaks of it, below the `[]` that decides what the
    /// part is.
    fn rewrap(&self, slot: u32, value: &Node, part: Node) -> Node {
        if !mentions_slot(&self.resolver.code, &part, &|other| *other == slot) {
            return part;
        }
        let mut wrap =
            |inner: Node| Node { span: inner.span, kind: Kind::Let(slot, Box::new(value.clone()), Box::new(inner)) };
        Self::below_box(part, &mut wrap)
    }

    /// A part of the body of a definition with parameters as a call of its own with the same arguments, below the `[]`.
    fn recall(&mut self, id: DefinitionId, arguments: &[crate::ir::Argument], part: Node) -> Node {
        let whole = self.resolver.code.definition(id).clone();
        Self::below_box(part, &mut |inner: Node| {
            let span = inner.span;
            let level = level(&self.resolver.code, &inner);
            let new = self.resolver.new_definition(whole.name.clone(), Some(whole.owner), whole.span);
            self.resolver.set_body(new, crate::resolve::Typed { node: inner, level });
            let definition = &mut self.resolver.code.definitions[new.0 as usize];
            definition.params.clone_from(&whole.params);
            definition.inherits.clone_from(&whole.inherits);
            Node { kind: Kind::Call(new, arguments.into()), span }
        })
    }

    /// Applies a function to what stands below the `[]` that decides what a part is.
    fn below_box(part: Node, wrap: &mut dyn FnMut(Node) -> Node) -> Node {
        let span = part.span;
        match part.kind {
            Kind::Always(inner) => match inner.kind {
                Kind::BoxAction(action, now, then) => {
                    let inner_span = inner.span;
                    let kind = Kind::BoxAction(Box::new(wrap(*action)), Box::new(wrap(*now)), Box::new(wrap(*then)));
                    Node { kind: Kind::Always(Box::new(Node { kind, span: inner_span })), span }
                }
                _ => Node { kind: Kind::Always(Box::new(wrap(*inner))), span },
            },
            _ => wrap(part),
        }
    }

    fn inside(&self, id: DefinitionId) -> Formula {
        let definition = self.resolver.code.definition(id);
        Formula { owner: definition.owner, node: definition.body.clone(), name: definition.name.to_string() }
    }

    pub(super) fn properties(&mut self, model: &mut Model) -> Built<()> {
        for (index, name) in self.config.properties.iter().enumerate() {
            let formula = self.root_formula(name, "property")?;
            let mut parts = Vec::new();
            self.split(&formula, &mut parts);
            for part in parts {
                self.classify(index, part, name.span, model)?;
            }
            model.property_formulas.push(formula);
        }
        Ok(())
    }

    fn classify(&mut self, property: usize, part: Formula, place: Span, model: &mut Model) -> Built<()> {
        let code = &self.resolver.code;
        let part_level = level(code, &part.node);
        if let Kind::Always(inner) = &part.node.kind {
            let formula = Formula { node: (**inner).clone(), ..part.clone() };
            if matches!(inner.kind, Kind::BoxAction(..)) {
                model.action_properties.push(PropertyPart { property, formula });
                return Ok(());
            }
            if level(code, inner) < Level::Action {
                let name = match &inner.kind {
                    Kind::Call(id, _) => code.definition(*id).name.to_string(),
                    _ => part.name.clone(),
                };
                model.property_invariants.push(PropertyPart { property, formula: Formula { name, ..formula } });
                return Ok(());
            }
        }
        match part_level {
            Level::Constant | Level::State => model.initial_properties.push(PropertyPart { property, formula: part }),
            Level::Temporal => model.temporal_properties.push(PropertyPart { property, formula: part }),
            Level::Action => {
                return self.configuration_error(
                    Diagnostic::error("property-level", place, "this property is an action")
                        .related(part.node.span, "the action")
                        .remedy("write [][A]_vars"),
                );
            }
        }
        Ok(())
    }
}
