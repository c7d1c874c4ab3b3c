//! `TLCGet` and `TLCSet`: registers of a worker, and figures of the search.
//!
//! A register that is set by an assumption or while initial states are enumerated has the same value for all workers, as
//! in TLC. One that is set later belongs to the worker that set it, and what it holds depends on which states this worker
//! happened to get; so with several workers reading it is declined, because no verdict may depend on that. The same holds
//! for counts of the search. The level of a state is the same for any number of workers: the search is breadth-first.

use super::Machine;
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::value::{StringId, Value, codec};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use tla_syntax::Span;

/// What the search knows at the moment, as far as `TLCGet` may tell it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Level of the state that unprimed variables refer to, initial states being level 1; 0 while assumptions and the
    /// initial predicate are evaluated. `None` if it is not known.
    pub level: Option<u64>,
    /// Successors are being generated, or what follows the search is evaluated.
    pub began: bool,
    /// Counts, where they do not depend on the order in which several workers go on.
    pub counts: Option<Counts>,
}

/// Counts of the search so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Generated states.
    pub generated: u64,
    /// Distinct states.
    pub distinct: u64,
    /// Distinct states that are not expanded yet.
    pub queue: u64,
    /// Greatest level of a state that was found.
    pub diameter: u64,
    /// Distinct initial states.
    pub initial: u64,
    /// What a simulation counts beside these.
    pub sampled: Option<Sampled>,
}

/// Counts of a simulation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sampled {
    /// Behaviors that are complete.
    pub behaviors: u64,
    /// Average number of states in a behavior, and the variance, in whole numbers.
    pub length: [u64; 2],
}

/// The behavior of a simulation that the present state belongs to.
#[derive(Debug, Clone, Default)]
pub struct Sampling {
    /// Its number, from 1.
    pub number: u64,
    /// The names of the actions of its steps up to the present state.
    pub actions: Vec<Arc<str>>,
    /// The action of the last step.
    pub last: Option<Taken>,
}

/// An action that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Its name.
    pub name: Arc<str>,
    /// Where it is written.
    pub span: Span,
    /// Its parameters.
    pub parameters: Vec<(Arc<str>, Value)>,
}

/// A fact about the run in `TLCGet("config")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// A string.
    Text(String),
    /// An integer.
    Number(i64),
    /// A Boolean.
    Truth(bool),
}

/// How the run was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Number of worker threads.
    pub workers: u64,
    /// Seed of random choices.
    pub seed: u64,
    /// The fields of `TLCGet("config")`: `mode`, `deadlock` and so on.
    pub config: Vec<(&'static str, Setting)>,
    /// Whether this is a simulation, where the specification learns which actions led to a state.
    pub simulates: bool,
    /// Whether the specification may end the run with `TLCSet("exit", TRUE)`: whoever runs it looks at
    /// [`Machine::asked_to_end`].
    pub may_end: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { workers: 1, seed: 0, config: Vec::new(), simulates: false, may_end: false }
    }
}

/// The name of a register: a number, or a string that begins with `s:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegisterName {
    /// A natural number.
    Number(i64),
    /// A string.
    Text(StringId),
}

#[derive(Debug, Clone)]
struct Register {
    value: Value,
    /// All workers have the same value.
    shared: bool,
}

/// The registers of a machine.
#[derive(Debug, Clone, Default)]
pub struct Registers(FxHashMap<RegisterName, Register>);

/// The version of TLC whose behavior is reproduced, as `TLCGet("revision")` tells it: seconds since 1970, the same as a
/// date and as a version by calendar. TLC says `development` where a build does not know its revision.
const REVISION: (i64, &str, &str) = (1_777_420_800, "2026-04-29T00:00:00.0Z", "2026.04.29.000000");

/// The prefix of names of Java properties.
const PROPERTY: &str = "-D";

/// Java properties that stand for what is always switched on here.
const ALWAYS_ON: [&str; 1] = ["-Dtlc2.tool.impl.Tool.cdot"];

impl Machine<'_> {
    /// The registers that are the same for all workers, in a form that crosses threads.
    pub fn shared_registers(&self) -> Vec<(RegisterName, Vec<u8>)> {
        let shared = self.registers.0.iter().filter(|(_, register)| register.shared);
        shared
            .filter_map(|(name, register)| {
                let mut bytes = Vec::new();
                codec::encode(&mut bytes, &register.value).ok()?;
                Some((*name, bytes))
            })
            .collect()
    }

    /// Takes over the registers of another machine.
    pub fn set_shared_registers(&mut self, registers: &[(RegisterName, Vec<u8>)]) {
        for (name, bytes) in registers {
            if let Ok(value) = codec::from_bytes(bytes) {
                self.registers.0.insert(*name, Register { value, shared: true });
            }
        }
    }

    /// All registers, in a form that crosses threads.
    pub fn all_registers(&self) -> Vec<(RegisterName, Vec<u8>)> {
        let encoded = self.registers.0.iter().filter_map(|(name, register)| {
            let mut bytes = Vec::new();
            codec::encode(&mut bytes, &register.value).ok()?;
            Some((*name, bytes))
        });
        encoded.collect()
    }

    /// Takes over the registers that the only worker of a search had at its end.
    pub fn set_final_registers(&mut self, registers: &[(RegisterName, Vec<u8>)]) {
        self.set_shared_registers(registers);
    }

    /// `TLCGet(key)`.
    pub(super) fn tlc_get(&mut self, key: &Value) -> Evaluated<Value> {
        self.note_volatile_read();
        match self.register_name(key) {
            Some(name) => self.register(name)?.ok_or_else(|| {
                EvalError::undefined(format!("TLCGet({}): the register was never set", self.show(key)))
                    .with_remedy("set it with TLCSet in an ASSUME or in the initial predicate")
            }),
            None => match key {
                Value::String(name) => self.figure(*name),
                other => Err(EvalError::undefined(format!(
                    "TLCGet needs a natural number or a name, found {}",
                    self.show(other)
                ))),
            },
        }
    }

    /// `TLCGet(key)'`: the next state lies one level beyond.
    pub(super) fn tlc_get_next(&mut self, key: &Value) -> Evaluated<Value> {
        let level = self.progress.level;
        self.progress.level = level.map(|level| level + 1);
        let ahead = std::mem::replace(&mut self.looks_ahead, true);
        let result = self.tlc_get(key);
        self.looks_ahead = ahead;
        self.progress.level = level;
        result
    }

    /// `TLCGetOrDefault(key, default)`.
    pub(super) fn tlc_get_or(&mut self, key: &Value, default: &Value) -> Evaluated<Value> {
        self.note_volatile_read();
        let known = match self.register_name(key) {
            Some(name) => self.register(name)?,
            None => None,
        };
        Ok(known.unwrap_or_else(|| default.clone()))
    }

    /// `TLCGet("all")` and `TLCGet("all:named")`: for each register, what each worker has in it.
    fn all_workers(&mut self, named: bool) -> Evaluated<Value> {
        let mut pairs = Vec::new();
        let mut names: Vec<RegisterName> = self.registers.0.keys().copied().collect();
        names.retain(|name| match name {
            RegisterName::Number(_) => !named,
            RegisterName::Text(text) => named && !self.names.text(*text).starts_with(PROPERTY),
        });
        if self.registers_incomplete {
            return Err(depends_on_workers("the value of a register that is set while successors are generated"));
        }
        for name in names {
            let key = match name {
                RegisterName::Number(number) => Value::Int(number),
                RegisterName::Text(text) => Value::String(text),
            };
            if let Some(value) = self.register(name)? {
                let workers = usize::try_from(self.settings.workers).unwrap_or(usize::MAX);
                pairs.push((key, Value::tuple(vec![value; workers])));
            }
        }
        self.function_from_pairs(pairs)
    }

    fn register_name(&self, key: &Value) -> Option<RegisterName> {
        match key {
            Value::Int(number) if *number >= 0 => Some(RegisterName::Number(*number)),
            Value::String(name) if self.names.text(*name).starts_with("s:") => Some(RegisterName::Text(*name)),
            _ => None,
        }
    }

    fn register(&self, name: RegisterName) -> Evaluated<Option<Value>> {
        let Some(register) = self.registers.0.get(&name) else {
            return match self.registers_incomplete {
                true => Err(depends_on_workers("the value of a register that is set while successors are generated")),
                false => Ok(None),
            };
        };
        if !register.shared && self.settings.workers > 1 {
            return Err(depends_on_workers("the value of a register that is set while successors are generated"));
        }
        Ok(Some(register.value.clone()))
    }

    /// `TLCSet(key, value)`.
    pub(super) fn tlc_set(&mut self, key: &Value, value: &Value) -> Evaluated<Value> {
        self.note_volatile_read();
        if let Some(name) = self.register_name(key) {
            let value = self.force(value)?;
            let shared = !self.progress.began;
            self.registers.0.insert(name, Register { value, shared });
            return Ok(Value::Bool(true));
        }
        let Value::String(name) = key else {
            return Err(EvalError::undefined(format!(
                "TLCSet needs a natural number or a name, found {}",
                self.show(key)
            )));
        };
        match (&*self.names.text(*name), value) {
            ("exit" | "pause", Value::Bool(false)) => Ok(Value::Bool(true)),
            (property, _) if property.starts_with(PROPERTY) => {
                let text = self.string_value(&self.show(value));
                let shared = !self.progress.began;
                self.registers.0.insert(RegisterName::Text(*name), Register { value: text, shared });
                Ok(Value::Bool(true))
            }
            ("exit", Value::Bool(true)) if self.settings.may_end => {
                if self.settings.workers > 1 {
                    return Err(depends_on_workers("the end of the run by TLCSet(\"exit\", TRUE)"));
                }
                self.asked_to_end = true;
                Ok(Value::Bool(true))
            }
            (name, _) => Err(EvalError::new(
                ErrorClass::Declined,
                format!("TLCSet(\"{name}\", {}) is not supported", self.show(value)),
            )
            .with_remedy("registers are named by natural numbers, or by strings that begin with s:")),
        }
    }

    fn figure(&mut self, name: StringId) -> Evaluated<Value> {
        let number = |count: u64| Ok(Value::Int(count as i64));
        let text = self.names.text(name);
        match &*text {
            "level" => match self.progress.level {
                Some(level) => number(level),
                None => Err(EvalError::new(ErrorClass::Declined, "TLCGet(\"level\") is not known here")
                    .with_remedy("use it in the next-state relation, in constraints and in invariants only")),
            },
            // In a simulation the number of behaviors goes by this name.
            "diameter" => {
                let counts = self.counts(&text)?;
                number(counts.sampled.map_or(counts.diameter, |sampled| sampled.behaviors))
            }
            "generated" | "distinct" | "queue" if self.settings.simulates => {
                Err(EvalError::undefined(format!("TLCGet(\"{text}\") has no value in a simulation"))
                    .with_remedy("use TLCGet(\"stats\").generated"))
            }
            "generated" => number(self.counts(&text)?.generated),
            "distinct" => number(self.counts(&text)?.distinct),
            "queue" => number(self.counts(&text)?.queue),
            "stats" => self.stats(),
            "config" => self.config(),
            "spec" => self.description(),
            "action" => self.present_action(),
            "all" => self.all_workers(false),
            "all:named" => self.all_workers(true),
            "revision" => self.figures_record(vec![
                ("timestamp", Setting::Number(REVISION.0)),
                ("date", Setting::Text(REVISION.1.to_owned())),
                ("calver", Setting::Text(REVISION.2.to_owned())),
                ("tag", Setting::Text("development".to_owned())),
                ("count", Setting::Number(0)),
            ]),
            property if property.starts_with(PROPERTY) => {
                let set = self.register(RegisterName::Text(name))?;
                let on = ALWAYS_ON.contains(&property);
                Ok(set.unwrap_or_else(|| if on { self.string_value("true") } else { Value::String(name) }))
            }
            other => match self.surroundings.figure(other) {
                Some(figure) => Ok(Value::Int(figure)),
                None => Err(EvalError::undefined(format!("TLCGet(\"{other}\"): there is no such figure"))
                    .with_remedy("registers are named by natural numbers, or by strings that begin with s:")),
            },
        }
    }

    fn counts(&self, name: &str) -> Evaluated<Counts> {
        self.progress.counts.ok_or_else(|| match self.settings.workers {
            0 | 1 => EvalError::new(ErrorClass::Declined, format!("TLCGet(\"{name}\") is not known here")),
            _ => depends_on_workers(&format!("TLCGet(\"{name}\")")),
        })
    }

    fn stats(&mut self) -> Evaluated<Value> {
        let counts = self.counts("stats")?;
        let number = |count: u64| Setting::Number(count as i64);
        let mut fields = vec![("generated", number(counts.generated)), ("worker", Setting::Number(0))];
        if let Some(seconds) = self.surroundings.figure("duration") {
            fields.push(("duration", Setting::Number(seconds)));
        }
        let Some(sampled) = counts.sampled else {
            fields.extend([
                ("queue", number(counts.queue)),
                ("distinct", number(counts.distinct)),
                ("initial", number(counts.initial)),
                ("diameter", number(counts.diameter)),
            ]);
            return self.figures_record(fields);
        };
        // What TLC counts only if it is asked to has -1 as long as nobody asks.
        fields.extend([
            ("traces", number(sampled.behaviors)),
            ("levelmean", number(sampled.length[0])),
            ("levelvariance", number(sampled.length[1])),
            ("distinct", Setting::Number(-1)),
            ("distinctvalues", Setting::Number(-1)),
            ("retries", Setting::Number(-1)),
        ]);
        let mut pairs = self.pairs(fields);
        pairs.push((self.string_value("actions"), Value::tuple(Vec::new())));
        let behavior = self.behavior_so_far()?;
        pairs.push((self.string_value("behavior"), behavior));
        self.record_of(pairs)
    }

    fn config(&mut self) -> Evaluated<Value> {
        let mut fields = self.settings.config.clone();
        if fields.is_empty() {
            return Err(EvalError::new(ErrorClass::Declined, "TLCGet(\"config\") is not known here"));
        }
        fields.push(("worker", Setting::Number(self.settings.workers as i64)));
        self.figures_record(fields)
    }

    fn figures_record(&mut self, fields: Vec<(&'static str, Setting)>) -> Evaluated<Value> {
        let pairs = self.pairs(fields);
        self.function_from_pairs(pairs)
    }

    fn pairs(&self, fields: Vec<(&'static str, Setting)>) -> Vec<(Value, Value)> {
        let pair = |(name, setting)| {
            let value = match setting {
                Setting::Text(text) => self.string_value(&text),
                Setting::Number(number) => Value::Int(number),
                Setting::Truth(truth) => Value::Bool(truth),
            };
            (self.string_value(name), value)
        };
        fields.into_iter().map(pair).collect()
    }
}

fn depends_on_workers(what: &str) -> Box<EvalError> {
    EvalError::new(ErrorClass::Declined, format!("{what} depends on which worker does what"))
        .with_remedy("run the check with one worker")
}
