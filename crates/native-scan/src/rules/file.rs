//! A file of rules: YAML, one document a rule.
//!
//! `rule`, `constraints` and `utils` are ast-grep's rule language, word for word. `relation` is what that language has no
//! word for, `applies` says which names a program must have for the rule to speak about it, `examples` are what
//! `interlock rules test` runs.

use super::language::Native;
use crate::finding::Severity;
use ast_grep_config::{DeserializeEnv, RuleCore, SerializableRule, SerializableRuleCore};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

/// A rule.
pub struct StructuralRule {
    /// Identifier, for example `ST.004.a`.
    pub id: String,
    /// The property that it is evidence for.
    pub property: String,
    /// One sentence; `$X` is replaced by what it matched.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// Why it matters.
    pub note: String,
    /// How bad.
    pub severity: Severity,
    /// The rule speaks about programs in which each group has a name that occurs.
    pub applies: Vec<Names>,
    /// What is looked for.
    pub(super) matcher: RuleCore,
    /// What must stand in relation to it.
    pub(super) relation: Option<Relation>,
    /// Programs that show what it finds and what it does not.
    pub examples: Examples,
    /// The file that it was read from.
    pub file: String,
}

/// Names of which one must occur.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Names {
    /// One name.
    One(String),
    /// Any of these.
    Any(Vec<String>),
}

impl Names {
    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Any(names) => names,
        }
    }
}

/// Programs with a known answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Examples {
    /// The rule finds something at every line marked `// found`, and nowhere else.
    pub bad: Vec<String>,
    /// The rule applies and finds nothing.
    pub good: Vec<String>,
    /// The rule does not apply.
    pub absent: Vec<String>,
}

/// What a match must have around it.
pub(super) enum Relation {
    /// On every path to the match a condition tests this, and the path that fails the test leaves.
    MustCheckBefore(Box<RuleCore>),
    /// The lock whose name ends so is held, whoever calls.
    MustHold(String),
    /// What was captured before a drop is tested again between the drop and the match: capture, drop, check.
    MustReread(Box<[RuleCore; 3]>),
    /// Inside of the match, each of these comes only after the one before it.
    OrderOfCalls(Vec<RuleCore>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    id: String,
    #[serde(default)]
    property: String,
    message: String,
    #[serde(default)]
    fix: String,
    #[serde(default)]
    note: String,
    severity: Severity,
    applies: Vec<Names>,
    rule: SerializableRule,
    constraints: Option<HashMap<String, SerializableRule>>,
    utils: Option<HashMap<String, SerializableRule>>,
    relation: Option<RelationText>,
    #[serde(default)]
    examples: Examples,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RelationText {
    must_check_before: Option<SerializableRule>,
    must_hold: Option<String>,
    must_reread: Option<RereadText>,
    order_of_calls: Option<Vec<SerializableRule>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RereadText {
    capture: SerializableRule,
    drop: SerializableRule,
    check: SerializableRule,
}

/// Reads a file of rules. The error is a message that names the file and, where it can, the rule.
pub fn read_rules(file: &str, text: &str) -> Result<Vec<StructuralRule>, String> {
    let texts: Vec<Text> = ast_grep_config::from_multiple(text).map_err(|error| format!("{file}: {error}"))?;
    let mut seen = BTreeSet::new();
    let mut rules = Vec::new();
    for text in texts {
        let id = text.id.clone();
        if !seen.insert(id.clone()) {
            return Err(format!("{file}: two rules are called `{id}`"));
        }
        rules.push(build(file, text).map_err(|error| format!("{file}: rule `{id}`: {error}"))?);
    }
    Ok(rules)
}

fn build(file: &str, text: Text) -> Result<StructuralRule, String> {
    let (constraints, utils) = (text.constraints, text.utils);
    let core = |rule: SerializableRule, constraints: Option<HashMap<String, SerializableRule>>| {
        let core = SerializableRuleCore { rule, constraints, utils: utils.clone(), transform: None };
        core.get_matcher(DeserializeEnv::new(Native)).map_err(|error| chain(&error))
    };
    let relation = match text.relation {
        None => None,
        Some(relation) => Some(self::relation(relation, &|rule| core(rule, None))?),
    };
    if text.applies.is_empty() {
        return Err("`applies` names nothing: which names must a program have for this to be asked?".to_owned());
    }
    Ok(StructuralRule {
        matcher: core(text.rule, constraints)?,
        id: text.id,
        property: text.property,
        message: text.message,
        fix: text.fix,
        note: text.note,
        severity: text.severity,
        applies: text.applies,
        relation,
        examples: text.examples,
        file: file.to_owned(),
    })
}

fn relation(
    text: RelationText,
    core: &impl Fn(SerializableRule) -> Result<RuleCore, String>,
) -> Result<Relation, String> {
    let RelationText { must_check_before, must_hold, must_reread, order_of_calls } = text;
    match (must_check_before, must_hold, must_reread, order_of_calls) {
        (Some(check), None, None, None) => Ok(Relation::MustCheckBefore(Box::new(core(check)?))),
        (None, Some(lock), None, None) => Ok(Relation::MustHold(lock)),
        (None, None, Some(RereadText { capture, drop, check }), None) => {
            Ok(Relation::MustReread(Box::new([core(capture)?, core(drop)?, core(check)?])))
        }
        (None, None, None, Some(calls)) if calls.len() > 1 => {
            Ok(Relation::OrderOfCalls(calls.into_iter().map(core).collect::<Result<_, _>>()?))
        }
        (None, None, None, Some(_)) => Err("`order_of_calls` needs two calls at least".to_owned()),
        _ => Err("`relation` takes one of must_check_before, must_hold, must_reread and order_of_calls".to_owned()),
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
