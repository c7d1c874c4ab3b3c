//! Types that comments declare: what is wrong with them, told before the symbolic engines begin.
//!
//! They are hints for those engines and for nobody else, so a search of states says nothing of them. A specification whose
//! comments only look like annotations would say the same of every variable; after a few the rest is counted.

use super::TlaEngine;
use super::place::in_one_line;
use report::number::counted;
use tla_model::declared::DeclaredTypes;
use verdict::{Event, EventSink};

/// Most warnings about types in one run.
const MOST_TOLD: usize = 5;

impl TlaEngine {
    /// The types of the variables. What is wrong with them is told.
    pub(super) fn declared_types(&self, events: &dyn EventSink) -> DeclaredTypes {
        let specification = &self.input.specification;
        let types = DeclaredTypes::of(specification, &self.input.config, &self.model);
        for diagnostic in types.diagnostics.iter().take(MOST_TOLD) {
            events.send(Event::Warning { text: in_one_line(specification, diagnostic) });
        }
        let others = types.diagnostics.len().saturating_sub(MOST_TOLD);
        if others > 0 {
            let text =
                format!("{} about declared types; `interlock tla parse` shows them", counted(others, "more warning"));
            events.send(Event::Warning { text });
        }
        types
    }
}
