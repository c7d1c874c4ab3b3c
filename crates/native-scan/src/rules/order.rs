//! What has certainly been executed before a place: dominance, read off the nesting of statements.
//!
//! In a function without `goto` the statements that dominate a place are those that stand before it in a block around it,
//! and the conditions of the branches and loops that it lies in. Of an earlier statement, only what runs whenever it
//! completes counts: the condition of an `if` but not its branches, the body of a `do` but not of a `while`, nothing of a
//! `try` and nothing of a closure. A place in a closure comes after what stands before the closure. This is what
//! Lengauer and Tarjan's algorithm gives for such functions, without a graph.

use super::language::Tree;

/// Nodes that enclose other functions' code.
pub(super) fn is_function(kind: &str) -> bool {
    kind == "function_definition"
}

/// The function that a node lies in.
pub(super) fn function_of<'t>(node: &Tree<'t>) -> Option<Tree<'t>> {
    node.ancestors().find(|outer| is_function(&outer.kind()))
}

/// Nodes that are evaluated before a place on every path to it, innermost first. A statement among them stands for the
/// parts that [`certain`] lists.
pub(super) fn before<'t>(place: &Tree<'t>) -> Vec<Tree<'t>> {
    let mut found = Vec::new();
    let mut child = place.clone();
    while let Some(parent) = child.parent() {
        let kind = parent.kind();
        let is = |field: &str| parent.field(field).is_some_and(|node| node.node_id() == child.node_id());
        match kind.as_ref() {
            "compound_statement" | "case_statement" => {
                let earlier: Vec<Tree<'t>> =
                    parent.named_children().take_while(|other| other.node_id() != child.node_id()).collect();
                found.extend(earlier.into_iter().rev());
            }
            "if_statement" | "while_statement" | "switch_statement" | "conditional_expression" if !is("condition") => {
                found.extend(parent.field("condition"));
            }
            "for_statement" if is("body") || is("update") => {
                found.extend(parent.field("condition"));
                found.extend(parent.field("initializer"));
            }
            "for_range_loop" if is("body") => found.extend(parent.field("right")),
            "do_statement" if is("condition") => found.extend(parent.field("body")),
            "binary_expression" if is("right") => found.extend(parent.field("left")),
            _ => {}
        }
        if is_function(&kind) {
            break;
        }
        child = parent;
    }
    found
}

/// The parts of a node that run whenever it completes, the node included.
pub(super) fn certain<'t>(node: &Tree<'t>) -> Vec<Tree<'t>> {
    let mut found = Vec::new();
    let mut open = vec![node.clone()];
    while let Some(node) = open.pop() {
        let kind = node.kind();
        let skipped: &[&str] = match kind.as_ref() {
            "if_statement" => &["consequence", "alternative"],
            "conditional_expression" => &["consequence", "alternative"],
            "while_statement" | "for_range_loop" => &["body"],
            "for_statement" => &["body", "update"],
            "switch_statement" | "try_statement" | "lambda_expression" => &["body"],
            "binary_expression" if node.field("operator").is_some_and(|operator| short_circuits(&operator.text())) => {
                &["right"]
            }
            _ => &[],
        };
        let skipped: Vec<usize> =
            skipped.iter().filter_map(|field| node.field(field)).map(|one| one.node_id()).collect();
        open.extend(node.named_children().filter(|child| !skipped.contains(&child.node_id())));
        found.push(node);
    }
    found
}

fn short_circuits(operator: &str) -> bool {
    matches!(operator, "&&" | "||" | "and" | "or")
}

/// Conditions that decide whether a place is reached, each with the value that it has on the way there where that is
/// known: those of the branches and loops around it, and of earlier statements whose branch leaves.
pub(super) fn deciding<'t>(place: &Tree<'t>) -> Vec<(Tree<'t>, Option<bool>)> {
    let mut found = Vec::new();
    let mut child = place.clone();
    while let Some(parent) = child.parent() {
        let kind = parent.kind();
        let is = |field: &str| parent.field(field).is_some_and(|node| node.node_id() == child.node_id());
        let condition = || parent.field("condition");
        match kind.as_ref() {
            "compound_statement" | "case_statement" => {
                let earlier = parent.named_children().take_while(|other| other.node_id() != child.node_id());
                for statement in earlier {
                    passed(&statement, &mut found);
                }
            }
            "if_statement" | "conditional_expression" | "while_statement" | "for_statement"
                if is("consequence") || is("body") =>
            {
                found.extend(condition().map(|node| (node, Some(true))));
            }
            "if_statement" | "conditional_expression" if is("alternative") => {
                found.extend(condition().map(|node| (node, Some(false))));
            }
            "binary_expression" if is("right") => {
                let operator = parent.field("operator").map_or(String::new(), |node| node.text().into_owned());
                if short_circuits(&operator) {
                    let value = matches!(operator.as_str(), "&&" | "and");
                    found.extend(parent.field("left").map(|node| (node, Some(value))));
                }
            }
            _ => {}
        }
        if is_function(&kind) {
            break;
        }
        child = parent;
    }
    found
}

/// The conditions that an earlier statement has decided, if control came past it.
fn passed<'t>(statement: &Tree<'t>, found: &mut Vec<(Tree<'t>, Option<bool>)>) {
    let condition = statement.field("condition");
    match statement.kind().as_ref() {
        "if_statement" => {
            let leaves = |field: &str| statement.field(field).is_some_and(|branch| leaves(&branch));
            let value = match (leaves("consequence"), leaves("alternative")) {
                (true, _) => Some(false),
                (false, true) => Some(true),
                (false, false) => return,
            };
            found.extend(condition.map(|node| (node, value)));
        }
        "while_statement" => found.extend(condition.map(|node| (node, Some(false)))),
        // `CHECK(x)` and `assert(x)` do not come back if they fail.
        "expression_statement" => {
            found.extend(statement.named_children().filter(is_assertion).map(|node| (node, None)))
        }
        _ => {}
    }
}

/// The parts of a condition that were evaluated if it has this value: both sides of an `&&` that is true and of an `||`
/// that is false, the left side alone otherwise.
pub(super) fn evaluated<'t>(condition: &Tree<'t>, value: Option<bool>) -> Vec<Tree<'t>> {
    let operator = || condition.field("operator").map_or(String::new(), |node| node.text().into_owned());
    let inner = |value| condition.named_children().flat_map(|child| evaluated(&child, value)).collect::<Vec<_>>();
    match condition.kind().as_ref() {
        "condition_clause" | "parenthesized_expression" => inner(value),
        "unary_expression" if matches!(operator().as_str(), "!" | "not") => inner(value.map(|value| !value)),
        "binary_expression" if short_circuits(&operator()) => {
            let both = value == Some(matches!(operator().as_str(), "&&" | "and"));
            let left = condition.field("left").map_or(Vec::new(), |left| evaluated(&left, value.filter(|_| both)));
            let right = condition.field("right").filter(|_| both);
            left.into_iter().chain(right.into_iter().flat_map(|right| evaluated(&right, value))).collect()
        }
        _ => certain(condition),
    }
}

fn is_assertion(node: &Tree<'_>) -> bool {
    node.kind() == "call_expression"
        && node.field("function").is_some_and(|function| {
            let name = function.text().to_ascii_uppercase();
            ["CHECK", "ASSERT", "ENFORCE", "REQUIRE"].iter().any(|part| name.contains(part))
        })
}

/// Whether control does not get past a statement.
fn leaves(node: &Tree<'_>) -> bool {
    match node.kind().as_ref() {
        "return_statement" | "break_statement" | "continue_statement" | "throw_statement" | "goto_statement" => true,
        "compound_statement" => node.named_children().last().is_some_and(|last| leaves(&last)),
        "else_clause" => node.named_children().any(|child| leaves(&child)),
        "if_statement" => {
            let both = |field: &str| node.field(field).is_some_and(|branch| leaves(&branch));
            both("consequence") && both("alternative")
        }
        "expression_statement" => node.named_children().any(|child| {
            child.field("function").is_some_and(|function| {
                matches!(
                    function.text().trim_start_matches("std::"),
                    "abort" | "exit" | "terminate" | "rethrow_exception"
                )
            })
        }),
        _ => false,
    }
}
