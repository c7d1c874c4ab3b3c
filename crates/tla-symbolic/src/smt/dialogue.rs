//! The conversation with a solver.
//!
//! A [`Solver`] is whoever answers commands of SMT-LIB; the process behind it belongs to somebody else. What is said for
//! good is asserted at the outermost level; a question is asserted between `push` and `pop`. Anything but `sat` and
//! `unsat` is no answer: *unknown*, an error, silence and a broken pipe all become [`Trouble`], in words.

use super::problem::Problem;
use super::script::Script;
use super::sexpr::{Sexpr, read};
use super::shape::Shape;
use super::term::Term;
use num_bigint::BigInt;
use tla_model::eval::Machine;
use tla_model::value::Value;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The time was over, or somebody asked to stop.
    Stopped,
    /// The solver says that it does not know.
    Unknown(String),
    /// The solver broke off, refused a command, or said something that is no answer.
    Broken(String),
}

/// Answers commands of SMT-LIB.
pub trait Solver {
    /// Sends commands; gives back all that is said in answer to them.
    ///
    /// # Errors
    /// If there will be no answer.
    fn ask(&mut self, commands: &str) -> Result<String, Trouble>;
}

/// What is written before a question that is answered with *unsat* where everything is as it should be.
const SUPPOSED_IMPOSSIBLE: &str = "; unsat is hoped for";
/// And before the others.
const SUPPOSED_POSSIBLE: &str = "; sat is hoped for";

/// Writes down what a solver would be asked, and takes every question for answered as hoped: what follows from that is of
/// no use to anybody, the text is.
#[derive(Debug, Default)]
pub struct Recorder {
    /// What was asked.
    pub text: String,
}

impl Solver for Recorder {
    fn ask(&mut self, commands: &str) -> Result<String, Trouble> {
        self.text.push_str(commands);
        Ok(if commands.contains(SUPPOSED_POSSIBLE) { "sat\n" } else { "unsat\n" }.to_owned())
    }
}

/// A problem with the solver that is asked about it.
pub struct Dialogue<'p> {
    /// The problem.
    pub problem: &'p Problem,
    solver: &'p mut dyn Solver,
    /// What was written so far.
    pub script: Script,
    /// Questions that were asked.
    pub questions: u64,
}

impl<'p> Dialogue<'p> {
    /// Begins one: options and logic.
    pub fn new(problem: &'p Problem, solver: &'p mut dyn Solver) -> Self {
        let mut script = Script::new(&problem.terms);
        script.line("(set-option :print-success false)\n(set-option :produce-models true)");
        script.line(&format!("(set-logic {})", problem.terms.needs.logic()));
        Self { problem, solver, script, questions: 0 }
    }

    /// A line for whoever reads the text.
    pub fn comment(&mut self, text: &str) {
        for line in text.lines() {
            self.script.line(&format!("; {line}"));
        }
    }

    /// Says something for good.
    pub fn assert(&mut self, term: Term, moment: u32) {
        self.script.assert(&self.problem.terms, term, moment);
    }

    /// How a term is written at a moment.
    pub fn text(&mut self, term: Term, moment: u32) -> String {
        self.script.text(&self.problem.terms, term, moment)
    }

    /// Whether all of these can be true together with what was said. Where they can, the question stays open, so that values
    /// can be asked for; [`close`](Self::close) ends it.
    pub fn possible(&mut self, assumed: &[String]) -> Result<bool, Trouble> {
        self.open(assumed);
        self.check(SUPPOSED_IMPOSSIBLE)
    }

    /// As [`possible`](Self::possible), where it is supposed to be.
    pub fn can_be(&mut self, assumed: &[String]) -> Result<bool, Trouble> {
        self.open(assumed);
        self.check(SUPPOSED_POSSIBLE)
    }

    /// Which of some alternatives are true in a model in which one of them is, together with all that is assumed; the
    /// question stays open then.
    pub fn possible_one(&mut self, any: &[String], assumed: &[String]) -> Result<Option<Vec<bool>>, Trouble> {
        self.open(assumed);
        // A solver need not say what a formula with quantifiers is in its model; of a name it has to.
        let names: Vec<String> = (0..any.len()).map(|index| format!("question.{}.{index}", self.questions)).collect();
        for (name, text) in names.iter().zip(any) {
            self.script.line(&format!("(declare-fun {name} () Bool)\n(assert (= {name} {text}))"));
        }
        self.script.line(&format!("(assert {})", one_of(&names)));
        if !self.check(SUPPOSED_IMPOSSIBLE)? {
            return Ok(None);
        }
        let values = self.valued(&names)?;
        let truths: Option<Vec<bool>> = values.iter().map(Sexpr::truth).collect();
        truths.map(Some).ok_or_else(|| Trouble::Broken("a truth value is neither true nor false".to_owned()))
    }

    fn open(&mut self, assumed: &[String]) {
        self.questions += 1;
        self.script.line("(push 1)");
        for text in assumed {
            self.script.line(&format!("(assert {text})"));
        }
    }

    fn check(&mut self, supposed: &str) -> Result<bool, Trouble> {
        self.script.line(supposed);
        self.script.line("(check-sat)");
        let answer = self.solver.ask(&self.script.take())?;
        match answer.trim() {
            "sat" => Ok(true),
            "unsat" => {
                self.close();
                Ok(false)
            }
            "unknown" => {
                let why = self.solver.ask("(get-info :reason-unknown)\n")?;
                let why = why.trim().trim_start_matches("(:reason-unknown").trim_end_matches(')').trim();
                Err(Trouble::Unknown(why.trim_matches('"').to_owned()))
            }
            other => Err(Trouble::Broken(first_line(other))),
        }
    }

    /// Takes a question back.
    pub fn close(&mut self) {
        self.script.line("(pop 1)");
    }

    /// What terms are in the solver's model.
    fn valued(&mut self, texts: &[String]) -> Result<Vec<Sexpr>, Trouble> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let query = format!("{}(get-value ({}))\n", self.script.take(), texts.join(" "));
        let answer = self.solver.ask(&query)?;
        let odd = || Trouble::Broken(first_line(answer.trim()));
        let read = read(&answer).unwrap_or_default();
        let [Sexpr::List(pairs)] = &read[..] else { return Err(odd()) };
        let second = |pair: &Sexpr| match pair {
            Sexpr::List(parts) if parts.len() == 2 => Some(parts[1].clone()),
            _ => None,
        };
        let values: Option<Vec<Sexpr>> = pairs.iter().map(second).collect();
        values.filter(|values| values.len() == texts.len()).ok_or_else(odd)
    }

    /// The state at a moment in the solver's model. The inner error is a value that no finite value is.
    pub fn state(&mut self, moment: u32, machine: &mut Machine<'_>) -> Result<Result<Vec<Value>, String>, Trouble> {
        let texts: Vec<String> =
            self.problem.places.iter().map(|place| self.script.text(&self.problem.terms, *place, moment)).collect();
        let values = self.valued(&texts)?;
        let mut values = values.into_iter();
        let mut state = Vec::with_capacity(self.problem.shapes.len());
        for shape in &self.problem.shapes {
            match self.value(shape, &mut values, machine) {
                Ok(value) => state.push(value),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Ok(Ok(state))
    }

    fn value(
        &self,
        shape: &Shape,
        values: &mut std::vec::IntoIter<Sexpr>,
        machine: &mut Machine<'_>,
    ) -> Result<Value, String> {
        let mut take = || values.next().ok_or_else(|| "a value is missing".to_owned());
        let number = |one: &Sexpr| {
            let value = one.integer().and_then(|value| usize::try_from(value).ok());
            value.ok_or_else(|| format!("{one:?} is no number of an alternative"))
        };
        match shape {
            Shape::Never => Ok(Value::Bool(false)),
            Shape::Bool => take()?.truth().map(Value::Bool).ok_or_else(|| "no truth value".to_owned()),
            Shape::Int => take()?.integer().map(Value::integer).ok_or_else(|| "no integer".to_owned()),
            Shape::Atom(_) => {
                let code = number(&take()?)?;
                let atom = self.problem.atoms.value(code as u32).cloned();
                atom.ok_or_else(|| format!("{code} stands for no string or model value"))
            }
            Shape::Map(keys, parts) => {
                let mut own = Vec::with_capacity(parts.len());
                for part in parts {
                    own.push(self.value(part, values, machine)?);
                }
                Ok(Value::function(keys.iter().cloned().collect(), own))
            }
            Shape::Sequence(parts) => {
                let length = number(&take()?)?;
                let mut own = Vec::with_capacity(parts.len());
                for part in parts {
                    own.push(self.value(part, values, machine));
                }
                own.into_iter().take(length).collect::<Result<Vec<Value>, String>>().map(Value::tuple)
            }
            Shape::Union(all) => {
                let tag = number(&take()?)?;
                let mut own: Vec<Result<Value, String>> = Vec::with_capacity(all.len());
                for part in all {
                    own.push(self.value(part, values, machine));
                }
                own.into_iter().nth(tag).unwrap_or_else(|| Err("no such alternative".to_owned()))
            }
            Shape::Set(universe) => {
                let mut elements = Vec::new();
                for value in universe {
                    if take()?.truth().ok_or_else(|| "no truth value".to_owned())? {
                        elements.push(value.clone());
                    }
                }
                self.set(elements, machine)
            }
            Shape::Integers => {
                let array = take()?;
                let all: Option<Vec<BigInt>> = array.integers();
                let elements = all.ok_or_else(|| "a set of integers that is not finite".to_owned())?;
                self.set(elements.into_iter().map(Value::integer).collect(), machine)
            }
            Shape::Table(_, element) => {
                let mut sorts = Vec::new();
                element.sorts(&mut sorts);
                for _ in sorts {
                    take()?;
                }
                Err("a function on all integers".to_owned())
            }
        }
    }

    fn set(&self, elements: Vec<Value>, machine: &mut Machine<'_>) -> Result<Value, String> {
        machine.attempt(|machine| machine.set_of(elements)).map_err(|error| error.message.clone())
    }
}

/// The disjunction of texts.
pub fn one_of(texts: &[String]) -> String {
    match texts {
        [] => "false".to_owned(),
        [one] => one.clone(),
        _ => format!("(or {})", texts.join(" ")),
    }
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or("it said nothing");
    line.chars().take(200).collect()
}
