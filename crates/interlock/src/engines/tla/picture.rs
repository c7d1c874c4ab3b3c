//! The state graph of a small model, kept for the page.
//!
//! It is walked again, by a system of its own that hears nothing and starts no programs, so that neither printed text nor
//! registers come twice. What is larger than [`MOST_STATES`] or [`MOST_STEPS`] is no picture that anybody reads; then the
//! command is told that writes the graph to a file.

use super::TlaEngine;
use crate::pipeline::quoted;
use std::collections::BTreeSet;
use tla_explore::graph::{Visitor, walk};
use tla_explore::interpret::{Interpreted, search_settings};
use tla_explore::{ActionId, ActionInfo, Exploration, Options, TransitionSystem, Worker};
use verdict::event::NoEvents;
use verdict::{GraphState, GraphStep, StateGraph};

/// States of the largest graph that is kept.
pub const MOST_STATES: u64 = 120;

/// Steps of the largest graph that is kept.
pub const MOST_STEPS: usize = 400;

struct Collector<'a> {
    states: Vec<GraphState>,
    steps: BTreeSet<GraphStep>,
    actions: &'a [ActionInfo],
}

impl<W: Worker> Visitor<W> for Collector<'_> {
    fn state(&mut self, _number: u64, is_initial: bool, words: &[u32], worker: &mut W) -> std::io::Result<()> {
        self.states.push(GraphState { initial: is_initial, values: worker.state_values(words) });
        Ok(())
    }

    fn step(&mut self, from: u64, to: u64, action: ActionId) -> std::io::Result<()> {
        let action = self.actions.get(action.0 as usize).map_or("", |info| info.name.as_str()).to_owned();
        let index = |number: u64| usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        self.steps.insert(GraphStep { from: index(from), to: index(to), action });
        Ok(())
    }
}

impl TlaEngine {
    /// The state graph, if it was asked for.
    pub(super) fn picture(&self, system: &Interpreted<'_>, exploration: &Exploration) -> Option<Box<StateGraph>> {
        if !self.task.picture {
            return None;
        }
        let drawn = self.drawn(system, exploration);
        Some(Box::new(drawn.unwrap_or_else(|reason| StateGraph::NotDrawn { reason, command: self.dump_command() })))
    }

    fn drawn(&self, system: &Interpreted<'_>, exploration: &Exploration) -> Result<StateGraph, String> {
        let statistics = &exploration.statistics;
        if statistics.distinct > MOST_STATES {
            return Err(format!("more than {MOST_STATES} states"));
        }
        if system.asks_for_the_search() {
            return Err(
                "the specification asks for figures of the search, which a second walk would not repeat".to_owned()
            );
        }
        let options = Options { check_deadlock: false, ..Options::default() };
        let silent = Interpreted::new(&self.model, &self.input.specification.sources, &NoEvents)
            .with_settings(search_settings(&options, 0));
        let mut collector = Collector { states: Vec::new(), steps: BTreeSet::new(), actions: silent.actions() };
        let taken = statistics.distinct.saturating_sub(statistics.left_on_queue);
        walk(&mut silent.worker(), taken, &mut collector).map_err(|error| error.to_string())?;
        if collector.steps.len() > MOST_STEPS {
            return Err(format!("more than {MOST_STEPS} steps"));
        }
        Ok(StateGraph::Drawn { states: collector.states, steps: collector.steps.into_iter().collect() })
    }

    /// The command that writes the graph to a file.
    fn dump_command(&self) -> String {
        let path = |path: &std::path::Path| quoted(&path.display().to_string());
        let mut words = vec![format!("interlock tla check {}", path(&self.task.spec))];
        words.push(format!("--config {}", path(&self.task.config)));
        words.extend(self.task.search_path.iter().map(|folder| format!("-I {}", path(folder))));
        words.extend(self.task.constants.iter().map(|text| format!("--const {}", quoted(text))));
        words.extend((self.task.check_deadlock == Some(false)).then(|| "--no-deadlock".to_owned()));
        words.extend(self.task.go_on.then(|| "--continue".to_owned()));
        words.push(format!("--dump {}", quoted(&format!("{}.dot", self.task.model.replace(['/', '\\'], "-")))));
        words.join(" ")
    }
}
