//! `IOExec` and its variants of module `IOUtils`: programs that a specification starts.
//!
//! Nothing is started unless the surroundings let it, which they do only where the user said so: a specification is data
//! that others may have written. Not supported is what TLC does not do either: input for the program, a time limit.

use super::Machine;
use super::files::{filled, out_of_bounds};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use std::io::ErrorKind;

impl Machine<'_> {
    /// `IOExec(command)`, `IOEnvExec(env, command)`, `IOExecTemplate(command, parameters)`, `IOEnvExecTemplate(env,
    /// command, parameters)`.
    pub(super) fn start_program(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        if !self.surroundings.may_execute() {
            let what = "starts a program, which a specification may not do unless it is allowed";
            return Err(EvalError::new(ErrorClass::Declined, format!("{} {what}", operator.spelling()))
                .with_remedy("read what it starts, and allow it with --allow-exec"));
        }
        let nothing = Value::tuple(Vec::new());
        let (variables, command, parameters) = match (operator, arguments) {
            (Primitive::IoExec, [command]) => (None, command, None),
            (Primitive::IoEnvExec, [variables, command]) => (Some(variables), command, None),
            (Primitive::IoExecTemplate, [command, parameters]) => (None, command, Some(parameters)),
            (Primitive::IoEnvExecTemplate, [variables, command, parameters]) => {
                (Some(variables), command, Some(parameters))
            }
            _ => (None, &nothing, None),
        };
        let mut words = self.words(operator, command)?;
        if let Some(parameters) = parameters {
            let parameters = self.words(operator, parameters)?;
            for word in &mut words {
                *word = filled(operator, word, &parameters)?;
            }
        }
        if words.is_empty() {
            return Err(self.bad_argument(operator, command, "a sequence that begins with a program"));
        }
        let variables = variables.map_or(Ok(Vec::new()), |variables| self.variable_pairs(operator, variables))?;
        match self.surroundings.execute(&words, &variables) {
            Ok(done) => Ok(self.answer(i64::from(done.exit_value), &done.stdout, &done.stderr)),
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(out_of_bounds(operator)),
            Err(error) => {
                Err(EvalError::undefined(format!("{} cannot start {}: {error}", operator.spelling(), words[0])))
            }
        }
    }

    /// A sequence of words; what is no string is printed.
    fn words(&mut self, operator: Primitive, value: &Value) -> Evaluated<Vec<String>> {
        let mut words = Vec::new();
        for word in self.sequence(value, operator)? {
            words.push(self.word(&word));
        }
        Ok(words)
    }

    fn word(&mut self, value: &Value) -> String {
        match value {
            Value::String(id) => self.names.text(*id).to_string(),
            other => self.show_forced(other),
        }
    }

    /// Environment variables as a set of pairs.
    fn variable_pairs(&mut self, operator: Primitive, value: &Value) -> Evaluated<Vec<(String, String)>> {
        let mut pairs = Vec::new();
        for pair in self.element_vec(value)? {
            match &self.words(operator, &pair)?[..] {
                [name, value] => pairs.push((name.clone(), value.clone())),
                _ => return Err(self.bad_argument(operator, &pair, "a set of pairs <<name, value>>")),
            }
        }
        Ok(pairs)
    }
}
