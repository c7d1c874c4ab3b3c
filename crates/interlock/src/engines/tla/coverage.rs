//! Counts of expressions with their places: what `--coverage` and `--profile` show.

use super::{TlaEngine, obligations, place};
use tla_explore::Exploration;
use tla_explore::interpret::Interpreted;
use tla_explore::interpret::coverage::{Coverage, CoveredExpression, CoveredPart, Role};
use tla_syntax::Span;
use verdict::{CoverageFigures, Event, EventSink, ExpressionFigures, PartFigures, PartRole, Unused};

/// What is counted and measured besides states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measured {
    /// Evaluations of expressions.
    pub counts: bool,
    /// Time in actions and expressions.
    pub times: bool,
}

impl Measured {
    /// Whether anything is.
    pub fn any(self) -> bool {
        self.counts || self.times
    }
}

/// Longest text of an expression that is shown, in characters.
const LONGEST: usize = 60;

impl TlaEngine {
    /// The system, with expressions counted if that is asked for. Says what becomes of other wishes then.
    pub(super) fn counting<'s>(&self, system: Interpreted<'s>, events: &dyn EventSink) -> Interpreted<'s> {
        let measured = self.task.measured;
        if !measured.any() {
            return system;
        }
        if self.task.order == super::Order::Dfid {
            let text = "expressions are not counted in a depth-first search, which evaluates them in every round anew";
            events.send(Event::Warning { text: text.to_owned() });
            return system;
        }
        system.with_counting(measured.times)
    }

    /// What was counted, with places.
    pub(super) fn coverage(&self, system: &Interpreted<'_>, exploration: &Exploration) -> Option<Box<CoverageFigures>> {
        let Coverage { parts, states } = system.coverage()?;
        let complete = super::figures::is_complete(exploration);
        let mut actions = self.action_figures(system, &exploration.per_action).into_iter();
        let mut figures: Vec<PartFigures> = Vec::new();
        let mut never_evaluated: Vec<Unused> = Vec::new();
        for part in &parts {
            let unreached = part.expressions.iter().filter(|expression| complete && expression.never_reached);
            never_evaluated.extend(unreached.map(|expression| Unused {
                text: self.text(expression.span),
                place: place::place_of(&self.input.specification, expression.span),
            }));
            let states = match part.role {
                Role::Init => self.init_figures(exploration),
                Role::Action => actions.next(),
                Role::Next | Role::Invariant | Role::Constraint | Role::Property => None,
            };
            let next = self.part(part, states.as_ref());
            let same = |known: &&mut PartFigures| {
                known.role == PartRole::Action
                    && next.role == known.role
                    && known.name == next.name
                    && known.head == next.head
            };
            match figures.iter_mut().find(same) {
                Some(known) => join(known, next),
                None if next.role == PartRole::Next && next.expressions.is_empty() => {}
                None => figures.push(next),
            }
        }
        let silent = |part: &&PartFigures| complete && part.role == PartRole::Action && part.generated == Some(0);
        let never_enabled = figures.iter().filter(silent).map(|part| Unused {
            text: part.name.clone(),
            place: part.head.clone().unwrap_or_else(|| part.place.clone()),
        });
        Some(Box::new(CoverageFigures {
            counts: self.task.measured.counts,
            times: self.task.measured.times,
            states: states[0],
            timed_states: states[1],
            never_enabled: never_enabled.collect(),
            never_evaluated,
            parts: figures,
        }))
    }

    fn part(&self, part: &CoveredPart, states: Option<&verdict::ActionFigures>) -> PartFigures {
        let specification = &self.input.specification;
        let head = place::head_of(specification, part.span);
        let init = self.model.init.as_ref().filter(|_| part.role == Role::Init);
        let span = init.map_or(part.span, |init| obligations::defined_at(&self.model, init));
        PartFigures {
            role: match part.role {
                Role::Init => PartRole::Init,
                Role::Next => PartRole::Next,
                Role::Action => PartRole::Action,
                Role::Invariant => PartRole::Invariant,
                Role::Constraint => PartRole::Constraint,
                Role::Property => PartRole::Property,
            },
            name: part.name.clone(),
            place: place::place_of(specification, span),
            head: head.map(|(_, place)| place),
            generated: states.map(|states| states.generated),
            distinct: states.map(|states| states.distinct),
            total_ns: part.total,
            expressions: part.expressions.iter().map(|one| self.expression(one, part.span)).collect(),
        }
    }

    fn expression(&self, expression: &CoveredExpression, whole: Span) -> ExpressionFigures {
        ExpressionFigures {
            text: self.text(expression.span),
            place: place::place_of(&self.input.specification, expression.span),
            definition: expression.definition.to_string(),
            depth: expression.depth,
            is_whole: expression.is_conjunction && expression.span == whole,
            evaluations: expression.evaluations,
            total_ns: expression.time[0],
            self_ns: expression.time[1],
        }
    }

    /// The text of an expression in one line, shortened.
    fn text(&self, span: Span) -> String {
        let file = self.input.specification.sources.file(span.file);
        let text = file.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}

/// Disjuncts of one definition are one action.
fn join(known: &mut PartFigures, next: PartFigures) {
    let sum = |a: Option<u64>, b: Option<u64>| Some(a.unwrap_or(0) + b.unwrap_or(0));
    known.generated = sum(known.generated, next.generated);
    known.distinct = sum(known.distinct, next.distinct);
    known.total_ns += next.total_ns;
    known.expressions.extend(next.expressions);
}
