//! Findings in SARIF 2.1.0 (OASIS standard), for code-scanning services and editors.
//!
//! One log for everything: [`run`] makes rules and results of obligations, [`scan`] of findings in native code; what they
//! share is here and in [`place`]: the frame of a log, messages, suppressions, places.

mod place;
mod run;
mod scan;

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub use run::write_sarif;
pub use scan::{rules as scan_rules, write_sarif as write_scan};

/// What goes into a log.
struct Log {
    version: String,
    rules: Vec<Value>,
    invocation: Invocation,
    results: Vec<Value>,
    properties: Value,
}

/// How the tool fared.
struct Invocation {
    successful: bool,
    exit_code: u8,
    execution: Vec<Value>,
    configuration: Vec<Value>,
}

impl Log {
    /// The log as indented JSON with a line end.
    fn write(self) -> String {
        let Invocation { successful, exit_code, execution, configuration } = self.invocation;
        let object = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "Interlock",
                    "version": self.version,
                    "semanticVersion": self.version,
                    "rules": unique(self.rules),
                }},
                "invocations": [{
                    "executionSuccessful": successful,
                    "exitCode": exit_code,
                    "toolExecutionNotifications": execution,
                    "toolConfigurationNotifications": configuration,
                }],
                "columnKind": "utf16CodeUnits",
                "results": self.results,
                "properties": self.properties,
            }],
        });
        format!("{object:#}\n")
    }
}

/// Rules with different identifiers; the first of those that share one.
fn unique(rules: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    rules.into_iter().filter(|rule| seen.insert(rule["id"].to_string())).collect()
}

fn message(text: &str) -> Value {
    json!({ "text": text })
}

/// Something that the tool says about itself.
fn notification(level: &str, text: &str, location: Option<Value>) -> Value {
    let mut object = Map::new();
    object.insert("level".to_owned(), json!(level));
    object.insert("message".to_owned(), message(text));
    if let Some(location) = location {
        object.insert("locations".to_owned(), json!([location]));
    }
    Value::Object(object)
}

/// Where a suppression stands.
#[derive(Clone, Copy)]
enum Suppressed {
    /// In a comment of the source.
    InSource,
    /// In the project.
    Outside,
}

fn suppression(place: Suppressed, reason: &str) -> Value {
    let kind = match place {
        Suppressed::InSource => "inSource",
        Suppressed::Outside => "external",
    };
    json!({ "kind": kind, "status": "accepted", "justification": reason })
}
