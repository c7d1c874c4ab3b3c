//! What `cbmc --json-ui` says, as types.
//!
//! The output is one array of messages. It is read whole or not at all: an array that does not end was cut off, and then
//! nothing that stands before the cut counts, because what was cut off may have been the failure. Fields that the adapter
//! does not use are skipped while reading, so the large states of a trace are never built.

use serde::Deserialize;

/// What a run of CBMC said.
#[derive(Debug, Default)]
pub struct Output {
    /// Messages of the class `ERROR`, with their places.
    pub errors: Vec<(String, Location)>,
    /// Verdicts on properties, if it came to that.
    pub results: Option<Vec<PropertyResult>>,
    /// Goals of a coverage run, if it was one.
    pub goals: Option<Vec<Goal>>,
    /// Properties that were listed and not decided.
    pub listed: Option<Vec<PropertyResult>>,
    /// The property at which a run stopped.
    pub broken: Option<Broken>,
    /// The verdict on the whole: `success` or `failure`.
    pub status: Option<String>,
}

/// Why an output cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is cut off.
    #[error("its output ends in the middle")]
    Truncated,
    /// It is something else.
    #[error("its output is not what this adapter reads: {0}")]
    Other(String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_text: Option<String>,
    message_type: Option<String>,
    #[serde(default)]
    source_location: Location,
    result: Option<Vec<PropertyResult>>,
    goals: Option<Vec<Goal>>,
    properties: Option<Vec<Listed>>,
    property: Option<String>,
    status: Option<String>,
    trace: Option<Vec<TraceStep>>,
    c_prover_status: Option<String>,
}

/// A place in a source, as CBMC says it: numbers are strings, and anything can be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Location {
    /// The file as it was given.
    #[serde(default)]
    pub file: String,
    /// The function.
    #[serde(default)]
    pub function: String,
    /// The line.
    #[serde(default)]
    pub line: String,
}

impl Location {
    /// The line as a number, if there is one.
    pub fn line_number(&self) -> Option<u32> {
        self.line.parse().ok()
    }

    /// Whether it is in a file of the user's, and not in CBMC's own library.
    pub fn is_in_source(&self) -> bool {
        !self.file.is_empty() && !self.file.starts_with('<') && self.line_number().is_some()
    }
}

/// What is said of one property. `UNKNOWN`, `ERROR` and whatever else a later version says are no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// No path within the bound breaks it.
    Success,
    /// A path breaks it.
    Failure,
    /// Not decided.
    Unknown,
    /// Not decided because something went wrong.
    Error,
    /// Something that this adapter does not know.
    #[serde(other)]
    Other,
}

/// One property: an assertion, or a check that CBMC added.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyResult {
    /// Its name: `main.assertion.1`.
    pub property: String,
    /// Its text.
    #[serde(default)]
    pub description: String,
    /// Where it is.
    #[serde(default)]
    pub source_location: Location,
    /// What was found.
    pub status: Status,
    /// The path that breaks it.
    #[serde(default)]
    pub trace: Vec<TraceStep>,
}

impl PropertyResult {
    /// Its class: `assertion`, `array_bounds`, `unwind`.
    pub fn class(&self) -> &str {
        self.property.rsplit('.').nth(1).unwrap_or_default()
    }
}

/// The property at which a run stopped, with the path to it.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Its name.
    pub property: String,
    /// The path that breaks it.
    pub trace: Vec<TraceStep>,
}

/// One property of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    source_location: Location,
}

impl Listed {
    fn undecided(self) -> PropertyResult {
        let Self { name, description, source_location } = self;
        PropertyResult { property: name, description, source_location, status: Status::Unknown, trace: Vec::new() }
    }
}

/// One goal of a coverage run.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Goal {
    /// Its text: that of the assertion.
    #[serde(default)]
    pub description: String,
    /// Where it is.
    #[serde(default)]
    pub source_location: Location,
    /// `satisfied` or `failed`.
    pub status: String,
}

/// One step of a path.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TraceStep {
    /// `assignment`, `function-call`, `failure` and others.
    pub step_type: String,
    /// Whether it is CBMC's own doing.
    #[serde(default)]
    pub hidden: bool,
    /// Where it is.
    #[serde(default)]
    pub source_location: Location,
    /// What is assigned to.
    #[serde(default)]
    pub lhs: String,
    /// What is assigned.
    pub value: Option<Value>,
    /// The function that is called or left.
    pub function: Option<Function>,
}

/// A function in a trace.
#[derive(Debug, Clone, Deserialize)]
pub struct Function {
    /// Its name.
    #[serde(default)]
    pub identifier: String,
}

/// A value in a trace.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Value {
    /// `integer`, `pointer`, `struct`, `array`, `union`, `float` and others.
    #[serde(default)]
    pub name: String,
    /// The value as C writes it.
    #[serde(default, deserialize_with = "as_text")]
    pub data: String,
    /// Its bits, where it has any.
    #[serde(default)]
    pub binary: String,
    /// Its type.
    #[serde(default, rename = "type")]
    pub ctype: String,
    /// Members of a structure.
    #[serde(default)]
    pub members: Vec<Member>,
    /// Elements of an array.
    #[serde(default)]
    pub elements: Vec<Element>,
}

/// Members of structures say truth values as JSON does, others as C does.
fn as_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Bool(true) => "TRUE".to_owned(),
        serde_json::Value::Bool(false) => "FALSE".to_owned(),
        other => other.to_string(),
    })
}

/// A member of a structure.
#[derive(Debug, Clone, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(default)]
    pub value: Value,
}

/// An element of an array.
#[derive(Debug, Clone, Deserialize)]
pub struct Element {
    /// Its value.
    #[serde(default)]
    pub value: Value,
}

/// Reads an output.
///
/// # Errors
/// If it is cut off or no such output.
pub fn read(bytes: &[u8]) -> Result<Output, Unreadable> {
    let messages: Vec<Message> = serde_json::from_slice(bytes)
        .map_err(|error| if error.is_eof() { Unreadable::Truncated } else { Unreadable::Other(error.to_string()) })?;
    let mut output = Output::default();
    for message in messages {
        if message.message_type.as_deref() == Some("ERROR") {
            output.errors.push((message.message_text.unwrap_or_default(), message.source_location));
        }
        if output.results.is_some() && message.result.is_some() {
            return Err(Unreadable::Other("there are two lists of results".to_owned()));
        }
        output.listed =
            output.listed.or(message.properties.map(|all| all.into_iter().map(Listed::undecided).collect()));
        if let (Some(property), Some(trace), Some("failed")) =
            (message.property, message.trace, message.status.as_deref())
        {
            output.broken = Some(Broken { property, trace });
        }
        output.results = output.results.or(message.result);
        output.goals = output.goals.or(message.goals);
        output.status = output.status.or(message.c_prover_status);
    }
    Ok(output)
}
