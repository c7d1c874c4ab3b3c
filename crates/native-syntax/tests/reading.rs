//! What is read of the three languages, and that hostile text is bounded and never a panic.

use native_syntax::ir::{Expr, FunctionKind, SourceFile, Stmt};
use native_syntax::{Settings, parse};
use proptest::prelude::*;

fn read(source: &str) -> SourceFile {
    parse("a.mm", source.as_bytes(), &Settings::default())
}

fn whole(source: &str) -> SourceFile {
    let file = read(source);
    assert!(file.unread.is_empty() && file.refused.is_none(), "{source}\n{:?}", file.unread);
    file
}

/// The first expression statement of the last function that has one.
fn expression(file: &SourceFile) -> &Expr {
    let statements = file.functions.iter().filter_map(|function| function.body.as_ref()).flatten();
    let found = statements.filter_map(|stmt| match stmt {
        Stmt::Expr(expr) => Some(expr),
        _ => None,
    });
    let mut found = found;
    found.next_back().expect("an expression")
}

#[test]
fn message_sends_keep_receiver_selector_and_arguments() {
    let source = "void f() { [a->b fill:x ? y : z range:NSMakeRange(0, 1)]; }";
    let file = whole(source);
    let Expr::Message { selector, arguments, span, .. } = expression(&file) else { panic!("no message") };
    assert_eq!((selector.text(), arguments.len()), ("fill_range_", 2));
    assert_eq!(&source[span.start as usize..span.end as usize], "[a->b fill:x ? y : z range:NSMakeRange(0, 1)]");
    for (source, selector) in [
        ("void f() { [[A alloc] init]; }", "init"),
        ("void f() { [(id)x go]; }", "go"),
        ("void f() { [ns::make<T>(1) go:2]; }", "go_"),
    ] {
        let file = whole(source);
        assert!(
            matches!(expression(&file), Expr::Message { selector: found, .. } if found.text() == selector),
            "{source}"
        );
    }
}

#[test]
fn subscripts_lambdas_and_attributes_are_no_messages() {
    let file = whole("[[nodiscard]] int f(int* a) { a[1 + 2]; g([this, &x] { h(); }); return a[f(a)]; }");
    assert!(file.functions.iter().any(|function| function.kind == FunctionKind::Lambda));
}

#[test]
fn blocks_are_told_from_lambdas() {
    let file = whole("void f() { dispatch_sync(q, ^{ g(); }); h(^int(int a) { return a; }); k([=] { }); }");
    let kinds: Vec<FunctionKind> = file.functions.iter().map(|function| function.kind).collect();
    assert_eq!(kinds, [FunctionKind::Free, FunctionKind::Block, FunctionKind::Block, FunctionKind::Lambda]);
}

#[test]
fn spans_are_of_the_original_text() {
    let source = "void f() {\n  [x a:1];\n  dispatch_sync(q, ^{ done = true; });\n}\nint g() { return 1; }\n";
    let file = whole(source);
    let last = file.functions.last().expect("a function");
    assert_eq!(file.line(last.name_span.start), 5);
    assert_eq!(&source[last.name_span.start as usize..last.name_span.end as usize], "g");
}

#[test]
fn literals_pools_and_loops_of_objective_c_are_read() {
    whole("void f() { @autoreleasepool { for (id x in @[ @1, @\"a\" ]) { use(@{ @\"k\" : x, @-1 : @(2), }); } } }");
    whole("void f() { @synchronized(self) { n = 1; } @try { g(); } @catch (NSException* e) { h(); } }");
}

#[test]
fn interfaces_become_types_and_methods_functions() {
    let file = whole(
        "@interface A : NSObject\n@property(nonatomic) int n;\n- (int)add:(int)x to:(int)y;\n@end\n\
         @implementation A\n- (int)add:(int)x to:(int)y {\n  return x + y;\n}\n@end\n",
    );
    assert!(file.types.iter().any(|ty| ty.name.text() == "A"));
    let method = file.functions.iter().find(|function| function.body.is_some()).expect("a method");
    assert_eq!((method.name.text(), method.params.len()), ("A::add_to_", 2));
}

#[test]
fn macros_that_decorate_or_stand_alone_do_no_harm() {
    let file = whole(
        "class MY_API A {\n void f();\n};\nMY_EXPORT int g();\nREGISTER(x, &y)\nREGISTER(z, &y)\n\
         IMPL_FUNC(add_out)(const Tensor& a) {\n  g();\n}\n",
    );
    assert!(file.functions.iter().any(|function| function.name.text() == "add_out" && function.body.is_some()));
}

#[test]
fn macros_without_semicolon_end_a_body_or_a_branch() {
    let file = whole(
        "static int f(int a) {\n  HANDLE_ERRORS\n  g(a);\n  return 1;\n  END_HANDLE_ERRORS\n}\n\
         void h(int a) {\n  if (a) {\n    if (a > 1)\n      MY_CHECK(a < 5, \"too large\")\n  }\n  for (int i = 0; i < a; i++)\n    \
         // each\n    MY_CHECK(i)\n}\nenum E {\n  ONLY\n};\n",
    );
    let body = |name: &str| {
        let function = file.functions.iter().find(|function| function.name.text() == name).expect("the function");
        function.body.as_ref().expect("a body").len()
    };
    assert_eq!((body("f"), body("h")), (2, 2));
}

#[test]
fn of_conditionals_whole_branches_are_kept_and_torn_ones_told() {
    let kept = whole("void f() {\n#ifdef A\n  a();\n#else\n  b();\n#endif\n}\n");
    assert_eq!(kept.functions[0].body.as_ref().expect("a body").len(), 2);
    let torn = read("void f() {\n#ifdef A\n  if (a) {\n#else\n  if (b) {\n#endif\n  c(); }\n}\n");
    assert_eq!(torn.unread.len(), 1);
    assert!(torn.functions[0].unread_bytes == 0 && torn.unread_bytes() > 0);
}

#[test]
fn what_cannot_be_read_is_listed_and_the_rest_is_read() {
    let file = read("void good() { a(); }\nvoid bad() { a(; ] }\n");
    assert!(!file.unread.is_empty());
    let good = file.functions.iter().find(|function| function.name.text() == "good").expect("the function");
    assert_eq!(good.unread_bytes, 0);
}

#[test]
fn hostile_files_are_refused_or_bounded() {
    let refused = |bytes: &[u8]| parse("a.cpp", bytes, &Settings::default()).refused;
    assert!(refused(b"int x;\0\0").expect("a reason").contains("binary"));
    assert!(refused(&vec![b'x'; 10 << 20]).expect("a reason").contains("line"));
    let deep = format!("void f() {{ x = {}1{}; }}", "(".repeat(20_000), ")".repeat(20_000));
    let thread = std::thread::Builder::new().stack_size(256 << 20);
    let file = thread.spawn(move || read(&deep)).expect("a thread").join().expect("no panic");
    assert!(!file.unread.is_empty() || file.refused.is_some());
    for open in ["{", "[", "(", "@{", "^{", "<", "\"", "/*", "#if 1\n", "R\"(", "@interface A\n", "[a b:"] {
        let text = open.repeat(300);
        let thread = std::thread::Builder::new().stack_size(256 << 20);
        thread.spawn(move || read(&text)).expect("a thread").join().expect("no panic");
    }
}

const PARTS: [&str; 40] = [
    "void f()",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "^",
    "@",
    "\"",
    "'",
    ";",
    ":",
    "::",
    "a",
    "b",
    "int",
    "class",
    "template<",
    ">",
    "#if 0\n",
    "#else\n",
    "#endif\n",
    "//",
    "/*",
    "*/",
    "R\"x(",
    ")x\"",
    "@end",
    "@interface A",
    "- (int)g:(int)h",
    "[x y:z]",
    "^{",
    "@{",
    "@[",
    "FOO_API",
    "MACRO(a)",
    "\n",
    "\\\n",
    "\u{e4}",
];

#[test]
fn an_interface_that_ends_in_the_middle_is_read() {
    for text in [
        "void f() ; @interface A :",
        "@interface A : B <",
        "@interface A (",
        "@interface A - (int)g:",
        "@interface A -",
    ] {
        read(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_panic_and_spans_stay_inside(parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..60)) {
        let text = parts.join(" ");
        let file = read(&text);
        for function in &file.functions {
            prop_assert!(function.span.start <= function.span.end && function.span.end as usize <= text.len());
        }
    }
}

#[test]
fn texts_that_end_in_the_middle_are_never_read_as_a_whole() {
    for (open, count) in
        [("if (a) {\n", 3), ("if (a) {\n", 30_000), ("^{\n", 3), ("^{\n", 300), ("^{\n", 30_000), ("g(", 30_000)]
    {
        let file = read(&format!("void f() {{\n{}", open.repeat(count)));
        assert!(file.unread_bytes() > 0, "{open:?}, {count} times");
    }
}
