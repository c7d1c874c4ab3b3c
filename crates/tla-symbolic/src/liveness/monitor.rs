//! A tableau as latches: what watches whether a behavior is fair and violates a property.
//!
//! `fairness /\ ~property` is a conjunction. Its conjuncts `[]<>F`, and those of the shape of strong fairness, are
//! *justice* conditions: something has to recur for ever. Of the rest each `[]` and `<>` is a node of the tableau of
//! Gerth, Peled, Vardi and Wolper (*Simple on-the-fly automatic verification of linear temporal logic*, PSTV 1995), the
//! same that the explorer builds state by state. Here the set of formulas that is owed is a latch for each node, and the
//! choices of the tableau are inputs: a node is *active* in a step if it is owed or chosen; an active `[]F` asks for `F`
//! and stays owed, an active `<>F` is settled by `F` or stays owed. A run that settles every `<>` again and again accepts.
//!
//! Strong fairness, `<>[]E \/ []<>T`, has a latch of its own: once chosen, `E` is asked of every step, and the condition
//! is met for ever (Emerson and Lei's pairs, made justice by a guess).

use super::skeleton::{Plain, Skeleton};

/// A formula whose temporal parts are nodes.
#[derive(Debug, Clone)]
pub enum Body {
    /// No temporal operator in it.
    Plain(Plain),
    /// All of these.
    And(Vec<Body>),
    /// One of these.
    Or(Vec<Body>),
    /// The node of this number is active.
    Node(usize),
}

/// A `[]` or `<>`.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Whether it is `[]`.
    pub is_always: bool,
    /// Whether it is owed from the beginning; it is never chosen then.
    pub is_root: bool,
    /// What stands under it.
    pub body: Body,
}

/// Something that has to recur.
#[derive(Debug, Clone)]
pub enum Justice {
    /// The node of this number is settled, or not active.
    Settled(usize),
    /// One of these holds, or what was guessed to have ceased has.
    Granted {
        /// Number of what may have ceased.
        ceased: Option<usize>,
        /// What is granted.
        grants: Vec<Plain>,
    },
}

/// The monitor of a conjunction.
#[derive(Debug, Clone, Default)]
pub struct Monitor {
    /// Nodes, each before those under it.
    pub nodes: Vec<Operator>,
    /// What is asked of the first position.
    pub opening: Vec<Body>,
    /// What holds of every step once it is guessed so.
    pub ceasing: Vec<Plain>,
    /// What has to recur.
    pub justices: Vec<Justice>,
}

impl Monitor {
    /// The monitor of some conjuncts.
    pub fn new(conjuncts: Vec<Skeleton>) -> Self {
        let mut monitor = Self::default();
        let mut rest = Vec::new();
        for conjunct in conjuncts {
            if !monitor.take_justice(&conjunct) {
                rest.push(conjunct);
            }
        }
        for conjunct in rest {
            match conjunct {
                Skeleton::Always(_) | Skeleton::Eventually(_) => {
                    let _node = monitor.body(&conjunct, true);
                }
                Skeleton::Plain(_) | Skeleton::And(_) | Skeleton::Or(_) => {
                    let body = monitor.body(&conjunct, false);
                    monitor.opening.push(body);
                }
            }
        }
        let settled = (0..monitor.nodes.len()).filter(|node| !monitor.nodes[*node].is_always).map(Justice::Settled);
        let settled: Vec<Justice> = settled.collect();
        monitor.justices.extend(settled);
        monitor
    }

    /// Takes a conjunct that is a justice condition; tells whether it is.
    fn take_justice(&mut self, conjunct: &Skeleton) -> bool {
        let items = match conjunct {
            Skeleton::Or(items) => &items[..],
            other => std::slice::from_ref(other),
        };
        let (mut grants, mut ceased) = (Vec::new(), Vec::new());
        for item in items {
            match (recurring(item), ceasing(item)) {
                (Some(plain), _) => grants.push(plain.clone()),
                (None, Some(plain)) => ceased.push(plain.clone()),
                (None, None) => return false,
            }
        }
        if ceased.len() > 1 {
            return false;
        }
        let ceased = ceased.pop().map(|plain| {
            self.ceasing.push(plain);
            self.ceasing.len() - 1
        });
        self.justices.push(Justice::Granted { ceased, grants });
        true
    }

    fn body(&mut self, formula: &Skeleton, is_root: bool) -> Body {
        match formula {
            Skeleton::Plain(plain) => Body::Plain(plain.clone()),
            Skeleton::And(items) => Body::And(items.iter().map(|item| self.body(item, false)).collect()),
            Skeleton::Or(items) => Body::Or(items.iter().map(|item| self.body(item, false)).collect()),
            Skeleton::Always(inner) | Skeleton::Eventually(inner) => {
                let number = self.nodes.len();
                let is_always = matches!(formula, Skeleton::Always(_));
                self.nodes.push(Operator { is_always, is_root, body: Body::And(Vec::new()) });
                self.nodes[number].body = self.body(inner, false);
                Body::Node(number)
            }
        }
    }
}

/// The `F` of `[]<>F`.
fn recurring(formula: &Skeleton) -> Option<&Plain> {
    let Skeleton::Always(eventually) = formula else { return None };
    let Skeleton::Eventually(inner) = &**eventually else { return None };
    plain(inner)
}

/// The `F` of `<>[]F`.
fn ceasing(formula: &Skeleton) -> Option<&Plain> {
    let Skeleton::Eventually(always) = formula else { return None };
    let Skeleton::Always(inner) = &**always else { return None };
    plain(inner)
}

fn plain(formula: &Skeleton) -> Option<&Plain> {
    match formula {
        Skeleton::Plain(plain) => Some(plain),
        Skeleton::And(_) | Skeleton::Or(_) | Skeleton::Always(_) | Skeleton::Eventually(_) => None,
    }
}
