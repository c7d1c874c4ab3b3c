//! Decision trees over what evaluations asked.
//!
//! A node is a question about the state, its children are the answers that were met, a leaf is the number of an outcome.
//! Walking a tree asks a state the questions of the recorded [footprints](tla_model::eval::footprint) one after the
//! other; an answer that was never met ends the walk without an outcome. All trees of a worker share one arena.
//!
//! Questions are a function of the answers before them, so footprints of one part fall into one tree. Where two differ
//! in a question after the same answers (a place that one of them could not ask about), the later one takes the place
//! of the earlier: every path says something true by itself.

use super::columns::{AnswerNumber, Columns, ProbeNumber, State, Values};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::eval::footprint::{Footprint, Probe};

/// Where a walk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// Nowhere: not met yet.
    #[default]
    Open,
    /// To a question.
    Node(u32),
    /// To an outcome.
    Outcome(u32),
}

/// Children by answer.
#[derive(Debug)]
enum Children {
    /// By position, while the numbers are small.
    Dense(Vec<Link>),
    Sparse(FxHashMap<AnswerNumber, Link>),
}

/// Answers from this number on are kept apart.
const DENSE: AnswerNumber = 64;

impl Children {
    #[inline]
    fn find(&self, answer: AnswerNumber) -> Link {
        match self {
            Self::Dense(children) => children.get(answer as usize).copied().unwrap_or_default(),
            Self::Sparse(children) => children.get(&answer).copied().unwrap_or_default(),
        }
    }

    fn set(&mut self, answer: AnswerNumber, link: Link) {
        match self {
            Self::Dense(children) if answer < DENSE => {
                if answer as usize >= children.len() {
                    children.resize(answer as usize + 1, Link::Open);
                }
                children[answer as usize] = link;
            }
            Self::Dense(children) => {
                let known = children.iter().enumerate().filter(|(_, link)| **link != Link::Open);
                let mut sparse: FxHashMap<_, _> = known.map(|(answer, link)| (answer as AnswerNumber, *link)).collect();
                sparse.insert(answer, link);
                *self = Self::Sparse(sparse);
            }
            Self::Sparse(children) => {
                children.insert(answer, link);
            }
        }
    }
}

struct Node {
    variable: u32,
    question: ProbeNumber,
    children: Children,
}

/// The trees of a worker.
pub struct Forest {
    columns: Columns,
    nodes: Vec<Node>,
    cells: usize,
}

impl Forest {
    /// No trees, for a model with this many variables.
    pub fn new(variables: usize) -> Self {
        Self { columns: Columns::new(variables), nodes: Vec::new(), cells: 0 }
    }

    /// The number of a question.
    pub fn question(&mut self, probe: &Rc<Probe>) -> ProbeNumber {
        self.columns.question(probe)
    }

    /// The answer to a question.
    #[inline]
    pub fn answer<V: Values>(
        &mut self,
        variable: u32,
        question: ProbeNumber,
        state: &mut State<'_, V>,
    ) -> AnswerNumber {
        self.columns.answer(variable, question, state)
    }

    /// The outcome for a state of the tree that begins at the link.
    #[inline]
    pub fn outcome<V: Values>(&mut self, mut link: Link, state: &mut State<'_, V>) -> Option<u32> {
        loop {
            match link {
                Link::Outcome(outcome) => return Some(outcome),
                Link::Open => return None,
                Link::Node(number) => {
                    let node = &self.nodes[number as usize];
                    let answer = self.columns.answer(node.variable, node.question, state);
                    link = node.children.find(answer);
                }
            }
        }
    }

    /// Adds a footprint that was recorded in a state. Returns where the tree begins now.
    pub fn insert<V: Values>(
        &mut self,
        root: Link,
        footprint: &Footprint,
        state: &mut State<'_, V>,
        outcome: u32,
    ) -> Link {
        let mut way: Vec<(u32, ProbeNumber, AnswerNumber)> = Vec::with_capacity(footprint.steps.len());
        for (probe, _) in &footprint.steps {
            let variable = probe.place().variable;
            let question = self.question(probe);
            let answer = self.answer(variable, question, state);
            way.push((variable, question, answer));
        }
        // As far as the tree goes along with the footprint.
        let mut trodden: Vec<u32> = Vec::new();
        let mut link = root;
        for (variable, question, answer) in &way {
            let Link::Node(number) = link else { break };
            let node = &self.nodes[number as usize];
            if (node.variable, node.question) != (*variable, *question) {
                break;
            }
            trodden.push(number);
            link = node.children.find(*answer);
        }
        // What is new, from the outcome upwards.
        let mut link = Link::Outcome(outcome);
        for (variable, question, answer) in way[trodden.len()..].iter().rev() {
            let mut children = Children::Dense(Vec::new());
            children.set(*answer, link);
            link = Link::Node(self.nodes.len() as u32);
            self.nodes.push(Node { variable: *variable, question: *question, children });
            self.cells += 2;
        }
        match trodden.last() {
            None => link,
            Some(last) => {
                self.nodes[*last as usize].children.set(way[trodden.len() - 1].2, link);
                self.cells += 1;
                root
            }
        }
    }

    /// How much is kept.
    pub fn size(&self) -> usize {
        self.cells + self.columns.size() / 16
    }
}
