//! A transition system given as a list of nodes and edges, and a sequential search of it that is as plain as can be.
// Each test file is a crate of its own and uses a part of this module.
#![allow(dead_code)]

pub mod random;

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tla_explore::{
    ActionId, ActionInfo, Answer, Broken, Ended, ErrorClass, Exploration, Finding, Flow, Generated, Limit, Options,
    Outcome, Phase, Reached, Sink, StepInfo, Stop, SystemError, TransitionSystem, Unreached, Violation, Worker,
};
use tla_syntax::source::{FileId, Span};
use verdict::{FalseConjunct, TraceValue};

/// A step, or an initial state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub to: u32,
    pub action: u32,
    pub in_model: bool,
    /// The step breaks action property 0.
    pub breaks: bool,
}

impl Edge {
    pub fn to(to: u32) -> Self {
        Self { to, action: to % 3, in_model: true, breaks: false }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Node {
    pub edges: Vec<Edge>,
    /// Invariants that are false here.
    pub broken: Vec<u32>,
    /// Invariant 9 cannot be evaluated here.
    pub invariant_error: bool,
    /// The next-state relation cannot be evaluated after so many successors.
    pub next_error: Option<usize>,
    /// The worker panics after so many successors.
    pub panic: Option<usize>,
    /// Another thread has to expand this node first.
    pub waits_for: Option<u32>,
    /// Nodes of one class have one identity, if the graph has a view.
    pub class: u32,
}

/// A graph as a transition system.
#[derive(Debug, Clone)]
pub struct Graph {
    pub initial: Vec<Edge>,
    pub nodes: Vec<Node>,
    pub has_view: bool,
    pub actions: Vec<ActionInfo>,
    /// Nodes that were expanded.
    pub expanded: Arc<[AtomicBool]>,
    /// Nodes whose invariants were checked.
    pub checked: Arc<[AtomicBool]>,
}

pub fn span() -> Span {
    Span { file: FileId(0), start: 0, end: 1 }
}

impl Graph {
    pub fn new(initial: Vec<Edge>, nodes: Vec<Node>) -> Self {
        let actions = (0..3).map(|index| ActionInfo { name: format!("A{index}"), span: span() }).collect();
        let flags = || nodes.iter().map(|_| AtomicBool::new(false)).collect();
        Self { initial, has_view: false, actions, expanded: flags(), checked: flags(), nodes }
    }

    /// A graph without any trouble.
    pub fn plain(initial: &[u32], edges: &[&[u32]]) -> Self {
        let node = |edges: &&[u32]| Node { edges: edges.iter().map(|to| Edge::to(*to)).collect(), ..Node::default() };
        Self::new(initial.iter().map(|to| Edge::to(*to)).collect(), edges.iter().map(node).collect())
    }

    pub fn identity(&self, node: u32) -> u32 {
        if self.has_view { self.nodes[node as usize].class } else { node }
    }
}

impl Graph {
    /// Waits until another thread has expanded the node that this one waits for.
    fn wait(&self, node: &Node) {
        let Some(other) = node.waits_for else { return };
        let began = Instant::now();
        while !self.expanded[other as usize].load(Ordering::Relaxed) {
            assert!(began.elapsed() < Duration::from_secs(20), "node {other} is never expanded");
            std::thread::yield_now();
        }
    }

    pub fn was_checked(&self, node: u32) -> bool {
        self.checked[node as usize].load(Ordering::Relaxed)
    }
}

/// Words of a node.
pub fn words(node: u32) -> [u32; 3] {
    [node, node.wrapping_mul(77), 5]
}

pub fn error(phase: Phase, message: &str) -> SystemError {
    SystemError {
        phase,
        class: ErrorClass::Undefined,
        message: message.to_owned(),
        span: None,
        calls: Vec::new(),
        remedy: String::new(),
        partial_state: Vec::new(),
    }
}

pub struct GraphWorker<'g> {
    graph: &'g Graph,
    turns: Cell<u32>,
}

impl GraphWorker<'_> {
    /// Lets other threads go first now and then, so that tests see many interleavings.
    fn dawdle(&self) {
        let turn = self.turns.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.turns.set(turn);
        if turn >> 30 == 0 {
            std::thread::yield_now();
        }
    }

    fn enumerate<S: Sink>(&self, node: &Node, name: u32, sink: &mut S) -> Result<(), Stop> {
        for index in 0..=node.edges.len() {
            if node.next_error == Some(index) {
                return Err(Stop::Error(Box::new(error(Phase::Next, "next"))));
            }
            assert!(node.panic != Some(index), "node {} panics", name);
            if let Some(edge) = node.edges.get(index) {
                self.report(*edge, false, sink)?;
            }
        }
        Ok(())
    }

    fn report<S: Sink>(&self, edge: Edge, is_initial: bool, sink: &mut S) -> Result<(), Stop> {
        self.dawdle();
        let node = &self.graph.nodes[edge.to as usize];
        let words = words(edge.to);
        let class = [node.class];
        let identity = if self.graph.has_view { &class[..] } else { &words[..] };
        let state = Generated { words: &words, identity, in_model: edge.in_model, action: ActionId(edge.action) };
        let answer = sink.generated(state);
        self.dawdle();
        if answer == Answer::Check {
            self.graph.checked[edge.to as usize].store(true, Ordering::Relaxed);
            if node.invariant_error {
                return Err(Stop::Error(Box::new(error(Phase::Invariant(9), "invariant"))));
            }
            for invariant in &node.broken {
                tell(Broken::Invariant(*invariant), sink)?;
            }
        }
        if edge.breaks && !is_initial {
            tell(Broken::ActionProperty(0), sink)?;
        }
        Ok(())
    }
}

fn tell<S: Sink>(broken: Broken, sink: &mut S) -> Result<(), Stop> {
    match sink.broken(broken) {
        Flow::Continue => Ok(()),
        Flow::Stop => Err(Stop::Requested),
    }
}

impl Worker for GraphWorker<'_> {
    fn initial<S: Sink>(&mut self, sink: &mut S) -> Result<(), Stop> {
        self.graph.initial.iter().try_for_each(|edge| self.report(*edge, true, sink))
    }

    fn successors<S: Sink>(&mut self, state: &[u32], sink: &mut S) -> Result<(), Stop> {
        let node = &self.graph.nodes[state[0] as usize];
        assert_eq!(state, words(state[0]), "the store returned another state");
        self.graph.wait(node);
        let result = self.enumerate(node, state[0], sink);
        self.graph.expanded[state[0] as usize].store(true, Ordering::Relaxed);
        result
    }

    fn state_values(&mut self, state: &[u32]) -> Vec<(String, TraceValue)> {
        vec![("node".to_owned(), TraceValue::Int(state[0].to_string()))]
    }

    fn step(&mut self, from: &[u32], to: &[u32]) -> Result<StepInfo, Box<SystemError>> {
        let edges = &self.graph.nodes[from[0] as usize].edges;
        let edge = edges.iter().find(|edge| edge.to == to[0]);
        let edge = edge.ok_or_else(|| Box::new(error(Phase::Next, "no such step")))?;
        Ok(StepInfo { action: format!("A{}", edge.action), span: Some(span()), bindings: Vec::new() })
    }

    fn explain(&mut self, _broken: Broken, _from: Option<&[u32]>, _state: &[u32]) -> Vec<FalseConjunct> {
        Vec::new()
    }

    fn reached(&self) -> Reached {
        Reached { marks: vec![true] }
    }
}

impl TransitionSystem for Graph {
    type Worker<'a> = GraphWorker<'a>;

    fn state_words(&self) -> usize {
        3
    }

    fn identity_words(&self) -> usize {
        if self.has_view { 1 } else { 3 }
    }

    fn identity_is_state(&self) -> bool {
        !self.has_view
    }

    fn actions(&self) -> &[ActionInfo] {
        &self.actions
    }

    fn worker(&self) -> GraphWorker<'_> {
        GraphWorker { graph: self, turns: Cell::new(std::process::id()) }
    }

    fn memory_bytes(&self) -> u64 {
        0
    }

    fn save(&self, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(b"graph")
    }

    fn restore(&self, input: &mut dyn Read) -> io::Result<()> {
        let mut text = String::new();
        input.read_to_string(&mut text)?;
        assert_eq!(text, "graph");
        Ok(())
    }

    fn unreached(&self, _reached: &Reached) -> Vec<Unreached> {
        Vec::new()
    }
}

/// Everything about a search that must not depend on the number of workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub ended: String,
    pub error_trace: Vec<u32>,
    pub findings: Vec<(Violation, Vec<u32>)>,
    pub generated: u64,
    pub distinct: u64,
    pub duplicates: u64,
    pub out_of_model: u64,
    pub expanded: u64,
    pub left: u64,
    pub depth: u32,
    pub levels: Vec<u64>,
    pub out_degree: (u64, u64, u64),
    pub new_successors: (u64, u64, u64),
    pub actions: Vec<(u64, u64)>,
}

fn nodes(trace: &[Vec<u32>]) -> Vec<u32> {
    trace.iter().map(|state| state[0]).collect()
}

pub fn limit_name(limit: Limit) -> String {
    format!("{limit:?}")
}

pub fn summarize(exploration: &Exploration) -> Summary {
    let none: &[Finding] = &[];
    let error_name = |error: &tla_explore::SearchError| format!("error: {}", error.error.message);
    let (ended, error_trace, findings) = match &exploration.outcome {
        Outcome::Complete => ("complete".to_owned(), Vec::new(), none),
        Outcome::Error(error) => (error_name(error), nodes(&error.trace), none),
        Outcome::Interrupted => ("interrupted".to_owned(), Vec::new(), none),
        Outcome::Capacity(limit) => (limit_name(*limit), Vec::new(), none),
        Outcome::Found { findings, ended } => match ended {
            Ended::AtFinding => ("finding".to_owned(), Vec::new(), &findings[..]),
            Ended::Complete => ("complete".to_owned(), Vec::new(), &findings[..]),
            Ended::Error(error) => (error_name(error), nodes(&error.trace), &findings[..]),
            Ended::Interrupted => ("interrupted".to_owned(), Vec::new(), &findings[..]),
            Ended::Capacity(limit) => (limit_name(*limit), Vec::new(), &findings[..]),
        },
    };
    let counts = &exploration.statistics;
    let degrees = |degrees: &tla_explore::Degrees| (degrees.minimum, degrees.maximum, degrees.total);
    Summary {
        ended,
        error_trace,
        findings: findings.iter().map(|finding| (finding.violation, nodes(&finding.trace))).collect(),
        generated: counts.generated,
        distinct: counts.distinct,
        duplicates: counts.duplicates,
        out_of_model: counts.out_of_model,
        expanded: counts.expanded,
        left: counts.left_on_queue,
        depth: counts.depth,
        levels: counts.levels.clone(),
        out_degree: degrees(&counts.out_degree),
        new_successors: degrees(&counts.new_successors),
        actions: exploration.per_action.iter().map(|action| (action.generated, action.distinct)).collect(),
    }
}

/// The sequential search, with a queue.
pub struct Reference<'g> {
    graph: &'g Graph,
    options: &'g Options,
    seen: HashMap<u32, usize>,
    /// Node, predecessor's index, level.
    queue: Vec<(u32, Option<usize>, u32)>,
    out_degrees: Vec<u64>,
    new_successors: Vec<u64>,
    summary: Summary,
}

impl<'g> Reference<'g> {
    pub fn search(graph: &'g Graph, options: &'g Options) -> Summary {
        let summary = Summary {
            ended: "complete".to_owned(),
            error_trace: Vec::new(),
            findings: Vec::new(),
            generated: 0,
            distinct: 0,
            duplicates: 0,
            out_of_model: 0,
            expanded: 0,
            left: 0,
            depth: 0,
            levels: Vec::new(),
            out_degree: (0, 0, 0),
            new_successors: (0, 0, 0),
            actions: vec![(0, 0); graph.actions.len()],
        };
        let (seen, queue) = (HashMap::new(), Vec::new());
        let mut this =
            Self { graph, options, seen, queue, out_degrees: Vec::new(), new_successors: Vec::new(), summary };
        this.run();
        let degrees = |degrees: &[u64]| {
            let smallest = degrees.iter().min().copied().unwrap_or(0);
            (smallest, degrees.iter().max().copied().unwrap_or(0), degrees.iter().sum())
        };
        this.summary.out_degree = degrees(&this.out_degrees);
        this.summary.new_successors = degrees(&this.new_successors);
        this.summary
    }

    /// Runs; leaves early when the search ends.
    fn run(&mut self) -> Option<()> {
        for edge in self.graph.initial.clone() {
            self.generate(edge, None, 1)?;
        }
        let mut head = 0;
        while let Some((node, _, level)) = self.queue.get(head).copied() {
            self.summary.left = (self.queue.len() - head) as u64;
            if self.options.max_depth.is_some_and(|limit| level >= limit) {
                return self.end(limit_name(Limit::Depth(level)));
            }
            self.summary.left -= 1;
            self.new_successors.push(0);
            let Node { edges, next_error, panic, .. } = self.graph.nodes[node as usize].clone();
            for index in 0..=edges.len() {
                if next_error == Some(index) {
                    self.summary.error_trace = self.trace(Some(head));
                    return self.end("error: next".to_owned());
                }
                if panic == Some(index) {
                    self.summary.error_trace = self.trace(Some(head));
                    return self.end(format!("error: the engine panicked: node {node} panics"));
                }
                if let Some(edge) = edges.get(index) {
                    self.generate(*edge, Some(head), level + 1)?;
                }
            }
            if edges.is_empty() && self.options.check_deadlock {
                let trace = self.trace(Some(head));
                self.find(Violation::Deadlock, trace)?;
            }
            self.summary.expanded += 1;
            self.out_degrees.push(edges.len() as u64);
            head += 1;
        }
        Some(())
    }

    fn generate(&mut self, edge: Edge, from: Option<usize>, level: u32) -> Option<()> {
        self.summary.generated += 1;
        if from.is_some() {
            self.summary.actions[edge.action as usize].0 += 1;
        }
        let node = self.graph.nodes[edge.to as usize].clone();
        let identity = self.graph.identity(edge.to);
        let is_new = edge.in_model && !self.seen.contains_key(&identity);
        if is_new {
            self.seen.insert(identity, self.queue.len());
            self.queue.push((edge.to, from, level));
            self.summary.distinct += 1;
            self.summary.depth = level;
            self.summary.levels.resize(level as usize, 0);
            self.summary.levels[level as usize - 1] += 1;
            if let Some(from) = from {
                self.summary.actions[edge.action as usize].1 += 1;
                self.new_successors[from] += 1;
            } else {
                self.summary.left += 1;
            }
        } else if edge.in_model {
            self.summary.duplicates += 1;
        } else {
            self.summary.out_of_model += 1;
        }
        let mut trace = self.trace(from);
        trace.push(edge.to);
        if is_new || !edge.in_model {
            if node.invariant_error {
                self.summary.error_trace = trace;
                return self.end("error: invariant".to_owned());
            }
            for invariant in node.broken {
                self.find(Violation::Broken(Broken::Invariant(invariant)), trace.clone())?;
            }
        }
        if edge.breaks && from.is_some() {
            self.find(Violation::Broken(Broken::ActionProperty(0)), trace)?;
        }
        // Unlike a state that violates something, one beyond the limit has been queued.
        if is_new && from.is_some() {
            self.summary.left += 1;
        }
        match self.options.max_states {
            Some(limit) if is_new && self.summary.distinct > limit => self.end(limit_name(Limit::States(limit))),
            _ => Some(()),
        }
    }

    fn find(&mut self, violation: Violation, trace: Vec<u32>) -> Option<()> {
        if self.summary.findings.iter().all(|(other, _)| *other != violation) {
            self.summary.findings.push((violation, trace));
        }
        if self.options.continue_after_violation { Some(()) } else { self.end("finding".to_owned()) }
    }

    fn end(&mut self, how: String) -> Option<()> {
        self.summary.ended = how;
        None
    }

    fn trace(&self, from: Option<usize>) -> Vec<u32> {
        let mut trace = Vec::new();
        let mut at = from;
        while let Some(index) = at {
            let (node, predecessor, _) = self.queue[index];
            trace.push(node);
            at = predecessor;
        }
        trace.reverse();
        trace
    }
}
