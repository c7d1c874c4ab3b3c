//! Logs of programs, as events.
//!
//! Three layouts are read: JSON lines, one JSON array, and either of them with each event wrapped (`{"tag": …, "event": …}`, as
//! etcd's raft library writes them). What an event is called there, and what its fields are called in the specification, a
//! [`Mapping`] says; without one an event is
//!
//! ```json
//! {"action": "Release", "thread": "w1", "span": [17, 18], "params": {"t": "w1"}, "vars": {"mask": [1], "pc[w1]": "signal"}}
//! ```
//!
//! of which only `action` has to be there. `params` are parameters of the action's definition, `vars` are values after the
//! step, of a variable or of a part of one. `thread` names the log that the event belongs to, and `span` when it began and
//! ended on a clock that all threads share. Values are read as in the Informal Trace Format where they are marked (`#set`,
//! `#map`, `#tup`, `#bigint`).

use serde_json::Value as Json;
use tla_model::value::written::Written;

/// An event as it stands in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The log, counted from 0, and the line or element in it, counted from 1.
    pub place: (usize, usize),
    /// The definition that took a step; `None` for any step, or none.
    pub action: Option<String>,
    /// Whose event it is.
    pub thread: String,
    /// When it began and ended.
    pub span: Option<(u64, u64)>,
    /// Parameters of the definition.
    pub parameters: Vec<(String, Written)>,
    /// Values after the step, by variable or part of a variable.
    pub variables: Vec<(String, Written)>,
}

/// Where a log has its fields. Each field is a path with dots.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// Only events whose `tag` is this.
    pub tag: Option<String>,
    /// The name of the action [`action`].
    pub action: Option<String>,
    /// The thread [`thread`].
    pub thread: Option<String>,
    /// Names of actions; those that stand for `None` are left out.
    pub actions: Vec<(String, Option<String>)>,
    /// Parameter of the specification, and where its value is.
    pub parameters: Vec<(String, String)>,
    /// Variable or part of one, and where its value is. `{thread}` stands for the event's thread.
    pub variables: Vec<(String, String)>,
    /// Texts of the log, and what they are in the specification.
    pub values: Vec<(String, String)>,
}

/// Why a log or mapping cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unreadable {
    /// Line, counted from 1, or the number of the element of an array.
    pub line: usize,
    /// Column, counted from 1; 0 where it is not known.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: &'static str,
}

fn unreadable(line: usize, message: impl Into<String>, remedy: &'static str) -> Unreadable {
    Unreadable { line, column: 0, message: message.into(), remedy }
}

const LAYOUT: &str =
    "an event is an object such as {\"action\": \"Release\", \"params\": {\"t\": \"w1\"}, \"vars\": {\"x\": 1}}";

/// Reads a log. `number` is the log's number among several.
///
/// # Errors
/// [`Unreadable`] for the first line that is no event.
pub fn read(text: &str, number: usize, mapping: &Mapping) -> Result<Vec<Event>, Unreadable> {
    let mut events = Vec::new();
    let mut take = |line: usize, json: &Json| -> Result<(), Unreadable> {
        events.extend(event(json, (number, line), mapping)?);
        Ok(())
    };
    if text.trim_start().starts_with('[') {
        let all: Vec<Json> = serde_json::from_str(text).map_err(|error| not_json(&error, 0))?;
        all.iter().enumerate().try_for_each(|(index, json)| take(index + 1, json))?;
    } else {
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let json: Json = serde_json::from_str(line).map_err(|error| not_json(&error, index))?;
            take(index + 1, &json)?;
        }
    }
    Ok(events)
}

fn not_json(error: &serde_json::Error, lines_before: usize) -> Unreadable {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    Unreadable {
        line: lines_before + error.line(),
        column: error.column(),
        message: format!("this is no JSON: {message}"),
        remedy: "a log is JSON lines or one JSON array",
    }
}

fn event(json: &Json, place: (usize, usize), mapping: &Mapping) -> Result<Option<Event>, Unreadable> {
    let line = place.1;
    if !json.is_object() {
        return Err(unreadable(line, "this is no event", LAYOUT));
    }
    if let Some(tag) = &mapping.tag
        && json.get("tag").and_then(Json::as_str) != Some(tag)
    {
        return Ok(None);
    }
    let action = match at(json, mapping.action.as_deref().unwrap_or("action")) {
        Some(Json::String(name)) => Some(name.clone()),
        Some(Json::Null) => None,
        Some(_) => return Err(unreadable(line, "the action of this event is no string", LAYOUT)),
        None => return Err(unreadable(line, "this event names no action", LAYOUT)),
    };
    let action = match action.map(|name| mapped(&mapping.actions, name)) {
        Some(None) => return Ok(None),
        Some(named) => named,
        None => None,
    };
    let thread = match at(json, mapping.thread.as_deref().unwrap_or("thread")) {
        Some(Json::String(name)) => name.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let mut found = Event {
        place,
        action,
        span: span(json, line)?,
        parameters: fields(json, "params", line)?,
        variables: fields(json, "vars", line)?,
        thread,
    };
    for (name, path) in &mapping.parameters {
        found.parameters.extend(at(json, path).map(|value| (name.clone(), Written::from(value))));
    }
    for (name, path) in &mapping.variables {
        let name = name.replace("{thread}", &found.thread);
        found.variables.extend(at(json, path).map(|value| (name, Written::from(value))));
    }
    for (_, value) in found.parameters.iter_mut().chain(&mut found.variables) {
        rename(value, &mapping.values);
    }
    Ok(Some(found))
}

fn mapped(actions: &[(String, Option<String>)], name: String) -> Option<String> {
    match actions.iter().find(|(from, _)| *from == name) {
        Some((_, to)) => to.clone(),
        None => Some(name),
    }
}

fn rename(value: &mut Written, names: &[(String, String)]) {
    match value {
        Written::Text(text) => {
            if let Some((_, to)) = names.iter().find(|(from, _)| from == text) {
                text.clone_from(to);
            }
        }
        Written::List(items) | Written::Set(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Written::Fields(fields) => fields.iter_mut().for_each(|(_, value)| rename(value, names)),
        Written::Pairs(pairs) => pairs.iter_mut().for_each(|(from, to)| {
            rename(from, names);
            rename(to, names);
        }),
        Written::Bool(_) | Written::Integer(_) => {}
    }
}

fn at<'j>(json: &'j Json, path: &str) -> Option<&'j Json> {
    path.split('.').try_fold(json, |json, field| json.get(field))
}

fn span(json: &Json, line: usize) -> Result<Option<(u64, u64)>, Unreadable> {
    let Some(span) = json.get("span") else { return Ok(None) };
    let numbers = span.as_array().map(|pair| pair.iter().filter_map(Json::as_u64).collect::<Vec<_>>());
    match numbers.as_deref() {
        Some([from, to]) if from <= to => Ok(Some((*from, *to))),
        _ => Err(unreadable(line, "the span of this event is no pair of times", "write \"span\": [BEGAN, ENDED]")),
    }
}

fn fields(json: &Json, name: &str, line: usize) -> Result<Vec<(String, Written)>, Unreadable> {
    match json.get(name) {
        None => Ok(Vec::new()),
        Some(Json::Object(fields)) => {
            Ok(fields.iter().map(|(name, value)| (name.clone(), Written::from(value))).collect())
        }
        Some(_) => Err(unreadable(line, format!("`{name}` of this event is no object"), LAYOUT)),
    }
}

/// A value as JSON has it, with the marks of the Informal Trace Format.
/// Reads a mapping: a JSON object with `tag`, `action`, `thread`, `actions`, `params`, `vars` and `values`.
///
/// # Errors
/// [`Unreadable`] if it is none.
pub fn read_mapping(text: &str) -> Result<Mapping, Unreadable> {
    const REMEDY: &str =
        "a mapping has tag, action, thread (texts) and actions, params, vars, values (objects of texts)";
    let json: Json = serde_json::from_str(text).map_err(|error| not_json(&error, 0))?;
    let Json::Object(fields) = &json else { return Err(unreadable(1, "a mapping is an object", REMEDY)) };
    let mut mapping = Mapping::default();
    let wrong = |name: &str| unreadable(1, format!("`{name}` of the mapping is not understood"), REMEDY);
    for (name, value) in fields {
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| wrong(name));
        let texts = || -> Result<Vec<(String, String)>, Unreadable> {
            let object = value.as_object().ok_or_else(|| wrong(name))?;
            let pair = |(from, to): (&String, &Json)| Some((from.clone(), to.as_str()?.to_owned()));
            object.iter().map(|field| pair(field).ok_or_else(|| wrong(name))).collect()
        };
        match name.as_str() {
            "tag" => mapping.tag = Some(text()?),
            "action" => mapping.action = Some(text()?),
            "thread" => mapping.thread = Some(text()?),
            "params" => mapping.parameters = texts()?,
            "vars" => mapping.variables = texts()?,
            "values" => mapping.values = texts()?,
            "actions" => {
                let object = value.as_object().ok_or_else(|| wrong(name))?;
                let target = |to: &Json| to.as_str().map(str::to_owned);
                mapping.actions = object.iter().map(|(from, to)| (from.clone(), target(to))).collect();
            }
            _ => return Err(wrong(name)),
        }
    }
    Ok(mapping)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_an_array_are_the_same_log() {
        let lines = "{\"action\":\"A\",\"vars\":{\"x\":1}}\n\n{\"action\":\"B\"}\n";
        let array = "[{\"action\":\"A\",\"vars\":{\"x\":1}},{\"action\":\"B\"}]";
        let of = |text| read(text, 0, &Mapping::default()).expect("a log");
        let (lines, array) = (of(lines), of(array));
        assert_eq!(lines[0], array[0]);
        assert_eq!((lines[1].place, array[1].place), ((0, 3), (0, 2)));
        assert_eq!(lines[0].variables, [("x".to_owned(), Written::Integer("1".to_owned()))]);
    }

    #[test]
    fn wrapped_events_with_a_tag_are_mapped() {
        let log = r#"{"tag":"other","event":{}}
{"tag":"trace","event":{"name":"BecomeLeader","nid":"1","state":{"term":2},"role":"StateLeader"}}
{"tag":"trace","event":{"name":"Ready","nid":"1"}}"#;
        let mapping = read_mapping(
            r#"{"tag": "trace", "action": "event.name", "thread": "event.nid", "params": {"i": "event.nid"},
                "actions": {"Ready": null}, "values": {"StateLeader": "Leader"},
                "vars": {"currentTerm[{thread}]": "event.state.term", "role[{thread}]": "event.role"}}"#,
        );
        let events = read(log, 0, &mapping.expect("a mapping")).expect("a log");
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!((event.action.as_deref(), event.thread.as_str()), (Some("BecomeLeader"), "1"));
        let term = ("currentTerm[1]".to_owned(), Written::Integer("2".to_owned()));
        let role = ("role[1]".to_owned(), Written::Text("Leader".to_owned()));
        assert_eq!(event.variables, [term, role]);
    }

    #[test]
    fn what_is_no_event_is_told_with_its_line() {
        let line = |text| read(text, 0, &Mapping::default()).expect_err("no log").line;
        assert_eq!(line("{\"action\":\"A\"}\n{\"action\":}\n"), 2);
        assert_eq!(line("{\"action\":\"A\"}\n7\n"), 2);
        assert_eq!(line("{\"action\":\"A\"}\n\n{\"thread\":\"t\"}\n"), 3);
        assert_eq!(line("{\"action\":\"A\",\"span\":[2,1]}"), 1);
    }
}
