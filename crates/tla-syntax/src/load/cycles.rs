//! Modules that need themselves.

use super::references::{Graph, Reference, UnitId};
use crate::diagnostic::Diagnostic;
use std::collections::HashSet;

/// One diagnostic for every module that closes a cycle of `EXTENDS` and `INSTANCE`.
pub(super) fn find(graph: &Graph) -> Vec<Diagnostic> {
    let mut search = Search { graph, finished: HashSet::new(), path: Vec::new(), diagnostics: Vec::new() };
    for unit in 0..graph.units.len() {
        search.visit(graph.outermost(unit));
    }
    search.diagnostics
}

struct Search<'a> {
    graph: &'a Graph,
    finished: HashSet<UnitId>,
    /// The modules around the current one with the reference that led into each next one.
    path: Vec<(UnitId, Option<&'a Reference>)>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, module: UnitId) {
        if self.finished.contains(&module) {
            return;
        }
        self.path.push((module, None));
        for (target, reference) in self.targets(module) {
            if let Some(last) = self.path.last_mut() {
                last.1 = Some(reference);
            }
            match self.path.iter().position(|(open, _)| *open == target) {
                Some(first) => self.report(first),
                None => self.visit(target),
            }
        }
        self.path.pop();
        self.finished.insert(module);
    }

    /// What a module with its nested ones refers to outside itself.
    fn targets(&self, module: UnitId) -> Vec<(UnitId, &'a Reference)> {
        let graph = self.graph;
        let units = (0..graph.units.len()).filter(|unit| graph.outermost(*unit) == module);
        let references = units.flat_map(|unit| graph.units[unit].references.iter().map(move |found| (unit, found)));
        references
            .filter_map(|(unit, reference)| {
                let target = graph.resolve(unit, &reference.name)?;
                let nested = graph.outermost(target) == module && target != module;
                (!nested).then(|| (graph.outermost(target), reference))
            })
            .collect()
    }

    fn report(&mut self, first: usize) {
        let cycle = &self.path[first..];
        let names: Vec<&str> = cycle.iter().map(|(unit, _)| &*self.graph.units[*unit].name).collect();
        let message = format!("these modules need each other in a circle: {} -> {}", names.join(" -> "), names[0]);
        let mut places = cycle.iter().filter_map(|(_, reference)| reference.and_then(|found| found.ident.as_ref()));
        let mut diagnostic = Diagnostic::without_place("cyclic-modules", message)
            .remedy("Move what both need into a module of its own, which both extend.");
        diagnostic.span = places.next().map(|ident| ident.span);
        for ident in places {
            diagnostic = diagnostic.related(ident.span, format!("needs `{}`", ident.name));
        }
        self.diagnostics.push(diagnostic);
    }
}
