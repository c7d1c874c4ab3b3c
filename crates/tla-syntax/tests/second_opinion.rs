//! A second parser as a witness: on the corpus, the tree-sitter grammar of TLA+ finds no error either, and counts as many
//! definitions. It is no authority (see the essay in `parse.rs`), but an independent one.

mod common;

use tla_syntax::ast::{Module, Unit};
use tla_syntax::{SourceMap, parse};
use tree_sitter::{Node, Parser};

/// Kinds of node that are a definition in our tree.
const DEFINITIONS: &[&str] = &["operator_definition", "function_definition", "module_definition"];

/// Constructs of SANY's language at which the grammar stumbles, with the modules that have them.
const NOT_UNDERSTOOD: &[&str] = &[];

fn definitions(module: &Module) -> usize {
    let count = |unit: &Unit| match unit {
        Unit::Definition(_) => 1,
        Unit::Module(nested) => definitions(nested),
        Unit::Constants(_)
        | Unit::Variables(_)
        | Unit::Recursive(_)
        | Unit::Instance { .. }
        | Unit::Assume(_)
        | Unit::Theorem(_) => 0,
    };
    module.units.iter().map(count).sum()
}

/// Definitions that are units of the first module or of modules nested in it.
fn witnessed(node: Node<'_>) -> usize {
    let mut cursor = node.walk();
    let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
    let count = |child: Node<'_>| match child.kind() {
        kind if DEFINITIONS.contains(&kind) => 1,
        "local_definition" | "module" => witnessed(child),
        _ => 0,
    };
    children.into_iter().map(count).sum()
}

#[test]
fn tree_sitter_finds_as_many_definitions_and_no_error() {
    let Some(shared) = common::shared() else { return common::skipped("tree_sitter") };
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_tlaplus::LANGUAGE.into()).expect("a compatible grammar");
    let (mut agreed, mut complaints) = (0, Vec::new());
    for path in common::files_below(&shared.join("corpus"), "tla") {
        let text = std::fs::read_to_string(&path).expect("the corpus is UTF-8");
        let mut sources = SourceMap::new();
        let file = sources.add(&path, text.as_str());
        let parsed = parse::parse_module(&sources, file, &mut Vec::new()).expect("tested elsewhere");
        let tree = parser.parse(&text, None).expect("no time limit was set");
        let root = tree.root_node();
        let module = (0..root.named_child_count()).filter_map(|index| root.named_child(index as u32));
        let first = module.into_iter().find(|node| node.kind() == "module").map_or(0, witnessed);
        if !root.has_error() && first == definitions(&parsed.module) {
            agreed += 1;
        } else if !NOT_UNDERSTOOD.iter().any(|name| path.ends_with(name)) {
            complaints.push(format!("{}: {first} of {}", path.display(), definitions(&parsed.module)));
        }
    }
    assert!(complaints.is_empty(), "{agreed} agree, these do not:\n{}", complaints.join("\n"));
}
