//! Scratch.
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use tla_syntax::{SourceMap, config, load};
fn main() {
    let mut bad = 0; let mut n = 0;
    for path in std::env::args().skip(1) {
        n += 1;
        if path.ends_with(".tla") {
            match load::load(path.as_ref(), &load::LoadOptions { search_path: vec!["/work/tlc/community".into()] }) {
                Ok(s) => { if std::env::var("ORDER").is_ok() { println!("{path}: {:?}", s.read_order.iter().map(|r| match r { load::ReadModule::Text(i) => s.modules[*i].module.name.name.to_string(), load::ReadModule::Builtin(b) => format!("({})", b.name)}).collect::<Vec<_>>()); } for w in &s.warnings { println!("{}", w.render(&s.sources)); } }
                Err(e) => { bad += 1; println!("--- {path}"); for d in e.diagnostics { println!("{}", d.render(&e.sources)); } }
            }
        } else {
            let mut sources = SourceMap::new();
            let file = sources.add(&path, std::fs::read_to_string(&path).unwrap());
            let mut d = vec![];
            let c = config::parse_config(&sources, file, &mut d);
            if c.is_none() { bad += 1; }
            for d in d { println!("{}", d.render(&sources)); }
        }
    }
    println!("{n} files, bad {bad}");
}
