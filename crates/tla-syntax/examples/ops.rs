//! Scratch.
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use tla_syntax::{SourceMap, ast::*, parse};
fn main() {
    for path in std::env::args().skip(1) {
        let mut sources = SourceMap::new();
        let text = std::fs::read_to_string(&path).unwrap();
        let file = sources.add(&path, text);
        let mut d = Vec::new();
        let m = parse::parse_module(&sources, file, &mut d).unwrap();
        println!("== {} extends {:?}", m.module.name.name, m.module.extends.iter().map(|x| x.name.to_string()).collect::<Vec<_>>());
        for u in &m.module.units {
            match u { Unit::Definition(x) if !x.local => println!("   {} {:?}", x.name.name, x.params.iter().map(|p| p.arity).collect::<Vec<_>>()),
              Unit::Instance{local,instance} => println!("   INSTANCE {} local {local}", instance.module.name),
              Unit::Constants(c) => println!("   CONST {:?}", c.iter().map(|x| x.name.name.to_string()).collect::<Vec<_>>()),
              Unit::Theorem(t) => if let Some(n) = &t.name { if std::env::var("THM").is_ok() {println!("   thm {}", n.name)} },
              _ => {} }
        }
        if std::env::var("IDS").is_ok() {
            let mut seen = std::collections::HashSet::new();
            let ids: Vec<_> = m.identifier_tokens.iter().filter(|n| seen.insert((*n).clone())).map(|x| x.to_string()).collect();
            println!("   ids {}", ids.join(" "));
        }
    }
}
