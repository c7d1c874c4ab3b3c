//! What configurations mean.

use tla_syntax::config::{Config, ConfigValue, ConstantBinding, parse_config, parse_config_in_module};
use tla_syntax::{SourceMap, ast::Ident};

fn parse(text: &str) -> Config {
    let mut sources = SourceMap::new();
    let file = sources.add("M.cfg", text);
    let mut diagnostics = Vec::new();
    parse_config(&sources, file, &mut diagnostics).unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

fn value(text: &str) -> ConfigValue {
    match parse(&format!("CONSTANT c = {text}")).constants.swap_remove(0).binding {
        ConstantBinding::Value(value) => value,
        other => panic!("{other:?}"),
    }
}

fn names(list: &[Ident]) -> Vec<&str> {
    list.iter().map(|ident| &*ident.name).collect()
}

#[test]
fn values() {
    let int = |text: &str| ConfigValue::Int(text.into());
    assert_eq!(value("007"), int("7"));
    assert_eq!(value("- 3"), int("-3"));
    assert_eq!(value("-0"), int("0"));
    assert_eq!(value("TRUE"), ConfigValue::Bool(true));
    assert_eq!(value("\"a\\\"b\""), ConfigValue::String("a\"b".into()));
    assert_eq!(value("m1"), ConfigValue::ModelValue("m1".into()));
    assert_eq!(value("{}"), ConfigValue::Set(vec![]));
    assert_eq!(value("{1, {m}}"), ConfigValue::Set(vec![int("1"), ConfigValue::Set(vec![value("m")])]));
    assert_eq!(value("<<1, -2>>"), ConfigValue::Tuple(vec![int("1"), int("-2")]));
    assert_eq!(value("-1..3"), ConfigValue::Interval("-1".into(), "3".into()));
    assert_eq!(
        value("[a |-> 1, IF |-> 2]"),
        ConfigValue::Record(vec![("a".into(), int("1")), ("IF".into(), int("2"))])
    );
}

#[test]
fn what_is_no_value_of_tlc_is_an_expression_under_its_own_text() {
    let config = parse(
        "CONSTANTS N = 2 + 1 M = -1\n F = [x \\in {1}\n |-> 2] .. <- Range S = SUBSET {N}\nT = (1..3)\n\
         Op(1) = 3 U = IF N = 3 THEN {\"a\"} ELSE {} V = 2 + 1\nW = f[1] X = a INIT Init",
    );
    let bound: Vec<String> = config
        .constants
        .iter()
        .map(|constant| match &constant.binding {
            ConstantBinding::Value(_) => format!("{} a value", constant.name.name),
            ConstantBinding::Definition(definition) => format!("{} <- {}", constant.name.name, definition.name),
            other => format!("{} {}", constant.name.name, matches!(other, ConstantBinding::OperatorCase { .. })),
        })
        .collect();
    let expected = [
        "N <- 2 + 1",
        "M a value",
        "F <- [x \\in {1} |-> 2]",
        ".. <- Range",
        "S <- SUBSET {N}",
        "T <- (1..3)",
        "Op true",
        "U <- IF N = 3 THEN {\"a\"} ELSE {}",
        "V <- 2 + 1",
        "W <- f[1]",
        "X a value",
    ];
    assert_eq!(bound, expected);
    // The same text is one definition.
    let names: Vec<&str> = config.expressions.iter().map(|definition| &*definition.name.name).collect();
    let texts = ["2 + 1", "[x \\in {1} |-> 2]", "SUBSET {N}", "(1..3)", "IF N = 3 THEN {\"a\"} ELSE {}", "f[1]"];
    assert_eq!(names, texts);
    assert_eq!(config.init.map(|ident| ident.name.to_string()).as_deref(), Some("Init"));
}

fn first_error(text: &str) -> String {
    let mut sources = SourceMap::new();
    let file = sources.add("M.cfg", text);
    let mut diagnostics = Vec::new();
    assert!(parse_config(&sources, file, &mut diagnostics).is_none(), "{text}");
    diagnostics[0].render(&sources)
}

#[test]
fn a_wrong_value_is_told_as_a_value_and_a_wrong_expression_as_one() {
    assert!(first_error("CONSTANT N = \nINIT Init").contains("a value"), "{}", first_error("CONSTANT N = \nINIT Init"));
    let set = first_error("CONSTANT N = {1, 2\nINIT Init");
    assert!(set.contains("expected `,` or `}`"), "{set}");
    let sum = first_error("CONSTANT N = 2 +\nINIT = 3");
    assert!(sum.contains("M.cfg:"), "{sum}");
}

#[test]
fn constants_are_bound_in_every_form() {
    let config = parse("CONSTANTS a = 1 A!B!c <- D  .. <- Range\nx <- [M]y  z = [M]v\nCONSTANT Op(1, m) = TRUE");
    let printed: Vec<String> = config
        .constants
        .iter()
        .map(|constant| {
            let meaning = match &constant.binding {
                ConstantBinding::Value(value) => format!("= {value:?}"),
                ConstantBinding::Definition(definition) => format!("<- {}", definition.name),
                ConstantBinding::DefinitionIn { module, definition } => {
                    format!("<- [{}]{}", module.name, definition.name)
                }
                ConstantBinding::ValueIn { module, value } => format!("= [{}]{value:?}", module.name),
                ConstantBinding::OperatorCase { args, value } => format!("({}) = {value:?}", args.len()),
            };
            format!("{} {meaning}", constant.name.name)
        })
        .collect();
    let expected =
        ["a = Int(\"1\")", "A!B!c <- D", ".. <- Range", "x <- [M]y", "z = [M]ModelValue(\"v\")", "Op (2) = Bool(true)"];
    assert_eq!(printed, expected);
}

#[test]
fn sections_accumulate_in_any_order() {
    let config = parse(
        "INVARIANT A\nNEXT N \\* comment\nINVARIANTS B C (* (* nested *) *)\nINIT I\nPROPERTY P PROPERTIES Q\n\
         CONSTRAINT C1 CONSTRAINTS C2\nACTION_CONSTRAINT A1 ACTION_CONSTRAINTS A2\nPOSTCONDITION X POSTCONDITIONS Y\n\
         SYMMETRY S VIEW V ALIAS L CHECK_DEADLOCK FALSE",
    );
    assert_eq!(names(&config.invariants), ["A", "B", "C"]);
    assert_eq!(names(&config.properties), ["P", "Q"]);
    assert_eq!(names(&config.constraints), ["C1", "C2"]);
    assert_eq!(names(&config.action_constraints), ["A1", "A2"]);
    assert_eq!(names(&config.postconditions), ["X", "Y"]);
    let single = [&config.init, &config.next, &config.symmetry, &config.view, &config.alias];
    let single: Vec<&str> = single.into_iter().flatten().map(|ident| &*ident.name).collect();
    assert_eq!(single, ["I", "N", "S", "V", "L"]);
    assert_eq!((config.specification, config.check_deadlock), (None, Some(false)));
}

#[test]
fn tokens_are_kept_in_order_with_the_contents_of_strings() {
    let tokens = parse("CONSTANT S = {\"b\", a}\nINIT I").tokens;
    let tokens: Vec<&str> = tokens.iter().map(|token| &**token).collect();
    assert_eq!(tokens, ["CONSTANT", "S", "=", "{", "b", ",", "a", "}", "INIT", "I"]);
}

#[test]
fn an_empty_configuration_is_one() {
    assert_eq!(parse(" \\* nothing\n"), Config::default());
}

#[test]
fn a_configuration_can_stand_behind_the_module() {
    let text = "---- MODULE M ----\nx == 1\n====\n---- CONFIG M ----\nINIT I\nCONSTANT N = 1\n====\nNEXT ignored\n";
    let mut sources = SourceMap::new();
    let file = sources.add("M.tla", text);
    let mut diagnostics = Vec::new();
    let config = parse_config_in_module(&sources, file, "M", &mut diagnostics).expect("a section");
    assert_eq!(config.init.map(|ident| sources.range(ident.span).0.line), Some(5));
    assert_eq!((config.constants.len(), config.next), (1, None));
    assert!(parse_config_in_module(&sources, file, "N", &mut diagnostics).is_none());
    assert_eq!(diagnostics[0].code, "missing-config");
}
