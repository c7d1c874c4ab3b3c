//! The translation as TLA+ text, laid out as the original translator lays it out.
//!
//! [`writer`] keeps lines, [`declarations`] writes variables and `Init`, [`action`] the steps, [`next`] the next-state
//! relation, [`fairness`] the formula `Spec`.

mod action;
mod changed;
mod declarations;
mod fairness;
mod next;
mod writer;

use crate::ast::{Algorithm, Assignment, Behavior, Process, Step};
use crate::error::Outcome;
use crate::explode::Exploded;
use crate::expression::{Expression, blanks, width};
use crate::options::{Fairness, Options};
use writer::Writer;

/// The assignments of a multiple assignment by variable, in the order in which they are translated.
pub fn in_order(all: &[Assignment]) -> Vec<Assignment> {
    let mut sorted = all.to_vec();
    sorted.sort_by(|first, second| first.variable.cmp(&second.variable));
    sorted
}

/// Writes a translation.
pub(crate) struct Generator<'a> {
    algorithm: &'a Algorithm,
    options: &'a Options,
    fairness: Option<Fairness>,
    out: Writer,
    /// Variables in the order of `UNCHANGED`.
    variables: Vec<String>,
    /// Variables of procedures, which are functions of the process.
    procedure_variables: Vec<String>,
    /// Variables of sets of processes, which are functions of the process.
    set_variables: Vec<String>,
    /// The process whose steps are written.
    me: Option<Expression>,
    /// Disjuncts of `Next` without a parameter.
    plain: Vec<String>,
}

/// How the steps of one body are written.
#[derive(Debug, Clone, Copy)]
struct Body<'a> {
    /// Name of the whole body.
    name: &'a str,
    /// Whether its actions have the parameter `self`.
    with_self: bool,
    in_procedure: bool,
}

/// The translation, line by line.
pub fn generate(
    algorithm: &Algorithm,
    exploded: &Exploded,
    options: &Options,
    fairness: Option<Fairness>,
    report: &[String],
) -> Outcome<Vec<String>> {
    let mut generator = Generator {
        algorithm,
        options,
        fairness,
        out: Writer::default(),
        variables: Vec::new(),
        procedure_variables: Vec::new(),
        set_variables: Vec::new(),
        me: None,
        plain: Vec::new(),
    };
    report.iter().for_each(|line| generator.out.line(line));
    generator.algorithm(exploded)?;
    Ok(generator.out.finish())
}

impl Generator<'_> {
    fn width(&self) -> i32 {
        self.options.line_width
    }

    fn processes(&self) -> Option<&[Process]> {
        match &self.algorithm.behavior {
            Behavior::Single(_) => None,
            Behavior::Processes(processes) => Some(processes),
        }
    }

    fn has_processes(&self) -> bool {
        self.processes().is_some()
    }

    fn omit_pc(&self) -> bool {
        self.algorithm.traits.omit_pc
    }

    fn algorithm(&mut self, exploded: &Exploded) -> Outcome<()> {
        self.declarations()?;
        self.process_set();
        self.init();
        let processes = self.has_processes();
        let algorithm = self.algorithm;
        for (procedure, steps) in algorithm.procedures.iter().zip(&exploded.procedures) {
            if processes {
                self.me = Some(Expression::identifier("self"));
            } else {
                self.plain.push(procedure.name.clone());
            }
            let body = Body { name: &procedure.name, with_self: processes, in_procedure: true };
            self.steps(steps, body)?;
            self.body_action(steps, body);
        }
        match &algorithm.behavior {
            Behavior::Single(_) => {
                let body = Body { name: "Next", with_self: false, in_procedure: false };
                for steps in &exploded.bodies {
                    self.plain.extend(steps.iter().map(|step| step.label.clone()));
                    self.steps(steps, body)?;
                }
            }
            Behavior::Processes(processes) => {
                for (process, steps) in processes.iter().zip(&exploded.bodies) {
                    self.process(process, steps)?;
                }
            }
        }
        self.next_state();
        self.specification();
        self.termination();
        Ok(())
    }

    fn process(&mut self, process: &Process, steps: &[Step]) -> Outcome<()> {
        if process.is_single {
            self.me = Some(process.id.clone());
            self.plain.push(process.name.clone());
        } else {
            self.me = Some(Expression::identifier("self"));
        }
        let body = Body { name: &process.name, with_self: !process.is_single, in_procedure: false };
        self.steps(steps, body)?;
        if !self.omit_pc() {
            self.body_action(steps, body);
        }
        Ok(())
    }

    fn steps(&mut self, steps: &[Step], body: Body<'_>) -> Outcome<()> {
        steps.iter().try_for_each(|step| self.step(step, body))
    }

    /// `name(self) == a(self) \/ b(self)`
    fn body_action(&mut self, steps: &[Step], body: Body<'_>) {
        let argument = if body.with_self { "(self)" } else { "" };
        let head = format!("{}{argument} == ", body.name);
        let indent = blanks(width(&head) + 2);
        self.out.token(&head);
        for (number, step) in steps.iter().enumerate() {
            let disjunct = format!("{}{argument}", step.label);
            if number > 0 {
                if self.out.column() + 7 + width(&disjunct) > self.width() {
                    self.out.end();
                }
                let indent = if self.out.column() == 0 { indent.as_str() } else { "" };
                self.out.token(&format!("{indent} \\/ "));
            }
            self.out.token(&disjunct);
        }
        self.out.line("");
    }

    fn termination(&mut self) {
        if self.omit_pc() || self.algorithm.traits.never_ends {
            return;
        }
        let pc = if self.has_processes() { "\\A self \\in ProcSet: pc[self]" } else { "pc" };
        self.out.line(&format!("Termination == <>({pc} = \"Done\")"));
        self.out.line("");
    }
}
