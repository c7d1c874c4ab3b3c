//! Scratch.
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use tla_syntax::{SourceMap, parse};
fn main() {
    let mut bad = 0;
    for path in std::env::args().skip(1) {
        let mut sources = SourceMap::new();
        let Ok(text) = std::fs::read_to_string(&path) else { println!("{path} not utf8"); continue };
        let file = sources.add(&path, text);
        let mut d = Vec::new();
        let t = std::time::Instant::now();
        let m = parse::parse_module(&sources, file, &mut d);
        let e = t.elapsed();
        if m.is_none() { bad += 1; }
        if e.as_millis() > 50 { println!("{path} slow {e:?}"); }
        for x in &d { println!("{}", x.render(&sources)); }
        if std::env::var("TREE").is_ok() { println!("{m:#?}"); }
    }
    println!("bad {bad}");
}
