//! Rules on a program: which apply, what they find.

use super::file::{Relation, StructuralRule};
use super::language::{Doc, Native, Tree};
use super::order::{before, certain, deciding, evaluated, function_of};
use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Related, Severity, spot_in};
use crate::program::FnId;
use ast_grep_config::RuleCore;
use ast_grep_core::meta_var::MetaVarEnv;
use ast_grep_core::tree_sitter::StrDoc;
use ast_grep_core::{AstGrep, Matcher, NodeMatch};
use native_syntax::Settings;
use native_syntax::ir::Span;
use native_syntax::readable::Readable;
use serde::Serialize;
use std::borrow::Cow;

/// What became of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleResult {
    /// Its identifier.
    pub rule: String,
    /// The property that it is evidence for.
    pub property: String,
    /// Whether the names that it speaks about occur in the program.
    pub applies: bool,
    /// Names of which none occurs, where it does not apply.
    pub missing: Vec<String>,
    /// Places that it looked at.
    pub places: usize,
    /// Findings.
    pub found: usize,
    /// Places at which it could not be decided whether the lock is held.
    pub undecided: usize,
}

/// What one file says about one rule.
#[derive(Default)]
struct Part {
    places: usize,
    undecided: usize,
    findings: Vec<Finding>,
}

/// Runs rules over the files of a program; `texts` are the files' texts in the same order.
pub(crate) fn evaluate(
    facts: &Facts<'_>,
    texts: &[Vec<u8>],
    rules: &[StructuralRule],
    settings: &Settings,
) -> (Vec<RuleResult>, Vec<Finding>) {
    let files: Vec<Option<Readable>> = texts.iter().map(|text| Readable::new(text, settings)).collect();
    let occurs = |name: &String| files.iter().flatten().any(|file| file.has_word(name));
    let mut results: Vec<RuleResult> = rules
        .iter()
        .map(|rule| {
            let missing = rule.applies.iter().find(|names| !names.names().iter().any(occurs));
            RuleResult {
                rule: rule.id.clone(),
                property: rule.property.clone(),
                applies: missing.is_none(),
                missing: missing.map_or(Vec::new(), |names| names.names().to_vec()),
                places: 0,
                found: 0,
                undecided: 0,
            }
        })
        .collect();
    let mut findings = Vec::new();
    if results.iter().all(|result| !result.applies) {
        return (results, findings);
    }
    for (number, file) in files.iter().enumerate() {
        let Some(file) = file else { continue };
        let Ok(document) = StrDoc::try_new(&file.text, Native) else { continue };
        let tree = AstGrep::doc(document);
        for (rule, result) in rules.iter().zip(&mut results).filter(|(_, result)| result.applies) {
            let part = Site { facts, file, number, rule }.file(&tree.root());
            result.places += part.places;
            result.undecided += part.undecided;
            result.found += part.findings.len();
            findings.extend(part.findings);
        }
    }
    (results, findings)
}

type Environment<'t> = MetaVarEnv<'t, Doc>;

/// One rule in one file.
struct Site<'a, 'p> {
    facts: &'a Facts<'p>,
    file: &'a Readable,
    number: usize,
    rule: &'a StructuralRule,
}

impl Site<'_, '_> {
    fn file(&self, root: &Tree<'_>) -> Part {
        let mut part = Part::default();
        let matches: Vec<NodeMatch<'_, Doc>> = root.find_all(&self.rule.matcher).collect();
        for found in matches {
            part.places += 1;
            let (node, environment) = (found.get_node().clone(), found.get_env().clone());
            match &self.rule.relation {
                None => part.findings.push(self.finding(&node, &environment, Vec::new())),
                Some(Relation::MustCheckBefore(check)) => {
                    if !decides(&deciding(&node), check, &environment) {
                        part.findings.push(self.finding(&node, &environment, Vec::new()));
                    }
                }
                Some(Relation::MustHold(lock)) => self.must_hold(&node, &environment, lock, &mut part),
                Some(Relation::MustReread(parts)) => self.must_reread(&node, &environment, parts, &mut part),
                Some(Relation::OrderOfCalls(calls)) => self.order(&node, &environment, calls, &mut part),
            }
        }
        part
    }

    /// The lock has to be held in every way to enter the function that the analysis of locks has found.
    fn must_hold(&self, node: &Tree<'_>, environment: &Environment<'_>, lock: &str, part: &mut Part) {
        let span = self.file.original(node.range());
        let program = self.facts.program;
        let Some(id) = program.function_at(self.number, span) else {
            part.undecided += 1;
            return;
        };
        let events = self.facts.events(id);
        let near = |other: Span| span.contains(other) || other.contains(span);
        let by_access = events.accesses.iter().find(|one| near(one.span)).map(|one| (&one.held, &one.dropped));
        let by_call = || events.calls.iter().find(|one| near(one.span)).map(|one| (&one.held, &one.dropped));
        let by_closure = || events.closures.iter().find(|one| near(one.span)).map(|one| (&one.held, &one.dropped));
        let Some((held, dropped)) = by_access.or_else(by_call).or_else(by_closure) else {
            part.undecided += 1;
            return;
        };
        let fits = |name: &str| name == lock || name.ends_with(&format!("::{lock}"));
        for (number, context) in self.facts.contexts.of(id).iter().enumerate() {
            let locks = Facts::locks(context, held, dropped);
            if locks.iter().any(|one| fits(one.text()) || one == crate::flow::exclusive()) {
                continue;
            }
            let chain = self.facts.contexts.chain(id, number);
            let steps = chain.into_iter().map(|step| self.related_in(step, "entered from here")).collect();
            let mut finding = self.finding(node, environment, steps);
            finding.held = locks.iter().map(|one| one.text().to_owned()).collect();
            part.findings.push(finding);
            return;
        }
    }

    /// From the capture over the drop to the use: a test between the last drop and the use is missing.
    fn must_reread<'t>(&self, node: &Tree<'t>, environment: &Environment<'t>, parts: &[RuleCore; 3], part: &mut Part) {
        let [capture, drop, check] = parts;
        let Some(function) = function_of(node) else { return };
        let here = node.range().start;
        let all = |rule: &RuleCore| -> Vec<Tree<'t>> {
            function.dfs().filter(|other| matches(other, rule, environment)).collect()
        };
        let dropped =
            all(drop).into_iter().filter(|other| other.range().end <= here).max_by_key(|other| other.range().start);
        let Some(dropped) = dropped else { return };
        let after = dropped.range().end;
        let captured = all(capture).into_iter().rfind(|other| other.range().end <= dropped.range().start);
        let Some(captured) = captured else { return };
        let again = all(capture).into_iter().any(|other| other.range().start >= after && other.range().end <= here);
        let later: Vec<_> =
            deciding(node).into_iter().filter(|(condition, _)| condition.range().start >= after).collect();
        let tested = decides(&later, check, environment);
        if !again && !tested {
            let steps =
                vec![self.related(&captured, "it is taken here"), self.related(&dropped, "the lock is dropped here")];
            part.findings.push(self.finding(node, environment, steps));
        }
    }

    /// Each call after the first has to come after the one before it, on every path.
    fn order<'t>(&self, scope: &Tree<'t>, environment: &Environment<'t>, calls: &[RuleCore], part: &mut Part) {
        for pair in calls.windows(2) {
            let [first, then] = pair else { continue };
            for node in scope.dfs().filter(|node| matches(node, then, environment)) {
                let earlier = before(&node);
                let ordered = earlier.iter().any(|node| contains(node, first, environment));
                if !ordered {
                    part.findings.push(self.finding(&node, environment, Vec::new()));
                }
            }
        }
    }

    fn finding(&self, node: &Tree<'_>, environment: &Environment<'_>, related: Vec<Related>) -> Finding {
        let span = self.file.original(node.range());
        let subject: String = node.text().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect();
        Finding {
            rule: self.rule.id.clone(),
            severity: self.rule.severity,
            confidence: if self.rule.severity == Severity::Error { Confidence::High } else { Confidence::Medium },
            message: filled(&self.rule.message, environment),
            spot: spot_in(self.facts.program, self.number, span),
            related,
            held: Vec::new(),
            subject,
            fix: filled(&self.rule.fix, environment),
            fingerprint: String::new(),
        }
    }

    fn related(&self, node: &Tree<'_>, text: &str) -> Related {
        let span = self.file.original(node.range());
        Related { spot: spot_in(self.facts.program, self.number, span), text: text.to_owned() }
    }

    fn related_in(&self, (id, span): (FnId, Span), text: &str) -> Related {
        Related { spot: crate::finding::spot(self.facts.program, id, span), text: text.to_owned() }
    }
}

/// Whether a node matches, with what is bound already meaning the same.
fn matches<'t>(node: &Tree<'t>, rule: &RuleCore, environment: &Environment<'t>) -> bool {
    let mut environment = Cow::Owned(environment.clone());
    rule.match_node_with_env(node.clone(), &mut environment).is_some()
}

/// Whether some condition tests it on the way that it decides.
fn decides<'t>(conditions: &[(Tree<'t>, Option<bool>)], rule: &RuleCore, environment: &Environment<'t>) -> bool {
    let parts = conditions.iter().flat_map(|(condition, value)| evaluated(condition, *value));
    parts.into_iter().any(|part| matches(&part, rule, environment))
}

/// Whether something that runs whenever the node completes matches.
fn contains<'t>(node: &Tree<'t>, rule: &RuleCore, environment: &Environment<'t>) -> bool {
    certain(node).iter().any(|part| matches(part, rule, environment))
}

/// A message with `$X` replaced by what it matched.
fn filled(text: &str, environment: &Environment<'_>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let name: String =
            rest[at + 1..].chars().take_while(|letter| letter.is_ascii_uppercase() || *letter == '_').collect();
        match environment.get_match(&name) {
            Some(node) => out.push_str(&node.text()),
            None => out.push_str(&rest[at..at + 1 + name.len()]),
        }
        rest = &rest[at + 1 + name.len()..];
    }
    out.push_str(rest);
    out
}
