//! What an outline says about functions, and to which function a comment ties a property.

use native_syntax::Settings;
use native_syntax::outline::{Outline, OutlinedFunction, outlines, read};
use proptest::prelude::*;

fn outline(path: &str, source: &str) -> Outline {
    read(path, source.as_bytes(), &Settings::default())
}

fn function<'a>(outline: &'a Outline, name: &str) -> &'a OutlinedFunction {
    let found = outline.functions.iter().find(|function| function.name == name);
    found.unwrap_or_else(|| panic!("no `{name}` among {:?}", names(outline)))
}

fn names(outline: &Outline) -> Vec<&str> {
    outline.functions.iter().map(|function| function.name.as_str()).collect()
}

fn properties(function: &OutlinedFunction) -> Vec<&str> {
    function.anchors.iter().map(|anchor| anchor.property.as_str()).collect()
}

#[test]
fn functions_of_rust_have_paths_lines_and_tests_are_told() {
    let source = "mod pool {\n    impl<T> Pool<T> {\n        pub fn take(&self) -> u32 {\n            fn inner() {}\n            1\n        }\n    }\n    trait Free { fn free(&self) {} fn none(&self); }\n}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {}\n}\n";
    let outline = outline("a.rs", source);
    assert_eq!(names(&outline), ["pool::Pool::take", "pool::Pool::take::inner", "pool::Free::free", "tests::works"]);
    let take = function(&outline, "pool::Pool::take");
    assert_eq!(take.lines, (3, 6));
    assert!(source[take.span.start as usize..take.span.end as usize].starts_with("pub fn take"));
    assert!(!take.is_test && function(&outline, "tests::works").is_test);
}

#[test]
fn offsets_in_rust_count_from_the_first_byte_of_the_file() {
    for head in ["", "\u{feff}", "#!/usr/bin/env run\n", "#![allow(x)]\n", "// \u{e9}\n"] {
        let source = format!("{head}fn f() {{ g() }}\n");
        let outline = outline("a.rs", &source);
        let span = outline.functions[0].span;
        assert_eq!(&source[span.start as usize..span.end as usize], "fn f() { g() }", "{head:?}");
    }
}

#[test]
fn hashes_change_with_the_code_and_not_with_layout_or_comments() {
    for (path, body, same, other) in [
        ("a.rs", "fn f() { g(1); }", "fn f()\n{\n  // why\n  g( 1 ) ;\n}", "fn f() { g(2); }"),
        ("a.rs", "fn f() { g(\"a b\"); }", "fn f() { /* x */ g(\"a b\"); }", "fn f() { g(\"a  b\"); }"),
        ("a.cpp", "void f() { g(1); }", "void f()\n{\n  // why\n  g( 1 ) ;\n}", "void f() { g(2); }"),
        (
            "a.mm",
            "void f() { [a go:^{ b(); }]; }",
            "void f() {\n  [a go:^{ b(); /* x */ }];\n}",
            "void f() { [a go:^{ c(); }]; }",
        ),
        ("a.c", "int f(int a) { return a; }", "int f(int a)\n{ return a; }", "int f(long a) { return a; }"),
    ] {
        let hash = |source: &str| function(&outline(path, source), "f").hash.clone();
        assert_eq!(hash(body), hash(same), "{body}");
        assert_ne!(hash(body), hash(other), "{body}");
    }
}

#[test]
fn synchronisation_is_seen_by_words_and_by_what_is_declared_elsewhere() {
    let files: [(&str, &[u8]); 4] = [
        ("pool.h", b"struct Pool { std::atomic<bool> done; std::mutex m; int size; };"),
        ("pool.cpp", b"void Pool::stop() { done = true; }\nint Pool::count() { return size; }\nvoid Pool::add() { std::lock_guard<std::mutex> hold(m); size++; }"),
        ("q.mm", b"void f() { dispatch_sync(q, ^{ g(); }); }\nvoid g() { [lock lock]; }\nvoid h(int lock) { int a[lock]; }"),
        ("a.rs", b"static BUSY: AtomicBool = AtomicBool::new(false);\nfn a() { BUSY.load(Ordering::Acquire); }\nfn b(x: &[u8]) { x.load(); }\nfn c(m: &std::sync::Mutex<u8>) { m.lock(); }\nthread_local! { static MINE: u8 = 0; }\nfn d() { MINE.with(|x| x); }"),
    ];
    let all = outlines(files, &Settings::default());
    let words = |file: usize, name: &str| function(&all[file], name).synchronisation.join(" ");
    assert_eq!(words(1, "Pool::stop"), "done");
    assert_eq!(words(1, "Pool::count"), "");
    assert_eq!(words(1, "Pool::add"), "lock_guard m mutex");
    assert_eq!((words(2, "f").as_str(), words(2, "g").as_str(), words(2, "h").as_str()), ("dispatch_sync", "lock", ""));
    assert_eq!(words(3, "a"), "Acquire BUSY");
    assert_eq!((words(3, "b").as_str(), words(3, "c").as_str(), words(3, "d").as_str()), ("", "Mutex lock", "MINE"));
}

#[test]
fn anchors_belong_to_the_function_around_or_behind_them() {
    let source = "// interlock: A.NoDoubleFree, A.ABADetectionSound\nvoid f() { }\n\nint x; // interlock: A.Lost\nint y;\nvoid g() {\n  h([] { // interlock: E.CallbackNeverUAF\n  });\n}\n// interlock: SP.SlotNoLeak - see the paper\ntemplate <class T>\nvoid k() {}\n// interlock: the tool\n// interlock: allow(guarded-by) A.B\n";
    for path in ["a.cpp", "a.mm"] {
        let outline = outline(path, source);
        assert_eq!(properties(function(&outline, "f")), ["A.NoDoubleFree", "A.ABADetectionSound"]);
        assert_eq!(properties(function(&outline, "g")), ["E.CallbackNeverUAF"]);
        assert_eq!(properties(function(&outline, "k")), ["SP.SlotNoLeak"]);
        assert_eq!(
            outline.loose.iter().map(|anchor| (anchor.property.as_str(), anchor.line)).collect::<Vec<_>>(),
            [("A.Lost", 4)]
        );
        assert_eq!(outline.misspelt, [(13, "the tool".to_owned())]);
    }
}

#[test]
fn anchors_of_rust_pass_attributes_and_documentation() {
    let source = "struct A; // interlock: A.Lost\nconst B: u8 = 1;\n// interlock: RS.NoEarlyReuse\n/// Says interlock: A.Documented.\n#[inline]\npub fn f() {\n    let s = \"// interlock: A.Text\"; // interlock: TL.OwnedTensorValid\n}\n";
    let outline = outline("a.rs", source);
    assert_eq!(properties(function(&outline, "f")), ["RS.NoEarlyReuse", "TL.OwnedTensorValid"]);
    assert_eq!(outline.loose.len(), 1);
    assert!(outline.misspelt.is_empty());
}

#[test]
fn rust_that_cannot_be_read_is_refused_with_a_line() {
    let broken = outline("a.rs", "fn f() {}\nfn g( {}\n");
    assert!(broken.refused.as_ref().is_some_and(|reason| reason.starts_with("line 2")), "{broken:?}");
    assert!(outline("a.rs", "fn f() { \u{0} }").refused.is_some());
    assert!(read("a.rs", b"fn f() { \"\xff\" }", &Settings::default()).refused.is_some());
}

#[test]
fn deep_rust_is_refused_or_read_and_never_overflows_the_stack() {
    let deep = 15_000;
    for source in [
        format!("fn f() {{ {}1{} }}", "(".repeat(deep), ")".repeat(deep)),
        format!("fn f() {{ {}1 }}", "!".repeat(deep)),
        format!("fn f() {{ {}1 }}", "a = ".repeat(deep)),
        format!("fn f() {{ {} {{}} }}", "if a {} else ".repeat(deep)),
        format!("type A = {}u8{};", "B<".repeat(deep), ">".repeat(deep)),
        format!("fn f() {{ {} }}", "|| ".repeat(deep)),
        "(".repeat(1_000_000),
        "!".repeat(1_000_000),
    ] {
        let outline = outline("a.rs", &source);
        assert!(outline.refused.is_some() || outline.functions.len() <= 1);
    }
}

proptest! {
    #[test]
    fn any_text_has_an_outline(text in "[a-z'\"/*#(){};:!|<>&=. \\n\\\\\u{e9}]{0,200}") {
        for path in ["a.rs", "a.mm"] {
            let outline = outline(path, &text);
            for function in &outline.functions {
                prop_assert!(text.get(function.span.start as usize..function.span.end as usize).is_some());
            }
        }
    }
}
