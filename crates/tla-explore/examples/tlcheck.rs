//! Scratch.
#![allow(clippy::print_stdout, clippy::exit, missing_docs)]
use std::path::PathBuf;
use tla_explore::*;
use tla_explore::interpret::Interpreted;
struct P;
impl verdict::EventSink for P { fn send(&self, e: verdict::Event) { if let verdict::Event::Printed{text} = e { println!("{text}"); } } }
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let code = std::thread::Builder::new().stack_size(512<<20).spawn(move || run(&a)).unwrap().join().unwrap();
    std::process::exit(code);
}
fn run(a: &[String]) -> i32 {
    let spec = PathBuf::from(&a[1]);
    let cfg = a.get(2).filter(|c| !c.is_empty()).map(PathBuf::from).unwrap_or_else(|| spec.with_extension("cfg"));
    let workers: usize = a.get(3).and_then(|w| w.parse().ok()).unwrap_or(1);
    let nodl = a.get(4).is_some_and(|x| x == "-deadlock");
    let mut specification = match tla_syntax::load::load(&spec, &Default::default()) {
        Ok(s) => s, Err(e) => { for d in &e.diagnostics { print!("{}", d.render(&e.sources)); } return 150; }
    };
    let text = std::fs::read_to_string(&cfg).unwrap();
    let id = specification.sources.add(&cfg, text);
    let mut diags = Vec::new();
    let config = match tla_syntax::config::parse_config(&specification.sources, id, &mut diags) {
        Some(c) => c, None => { for d in &diags { print!("{}", d.render(&specification.sources)); } return 255; }
    };
    let model = match tla_model::model::Model::build(&specification, &config) {
        Ok(m) => m, Err(e) => { for d in &e.diagnostics { print!("{}", d.render(&specification.sources)); }
            return match e.kind { tla_model::model::BuildErrorKind::Specification => 150, tla_model::model::BuildErrorKind::Configuration => 151, tla_model::model::BuildErrorKind::InvariantLevel => 76 } }
    };
    let options = Options { workers, check_deadlock: model.check_deadlock && !nodl, ..Options::default() };
    let settings = tla_explore::interpret::search_settings(&options, 0);
    let system = Interpreted::new(&model, &specification.sources, &P).with_settings(settings);
    if let Err(e) = system.check_assumptions() { println!("assumption: {e:?}"); return 10; }
    if model.init.is_none() { println!("RESULT 0 0 0"); return 0; }
    let t = std::time::Instant::now();
    let x = explore(&system, &options, &P);
    let s = &x.statistics;
    println!("RESULT {} {} {}", s.generated, s.distinct, s.depth);
    eprintln!("{:?} temporal={} store={}MB sys={}MB", t.elapsed(), model.temporal_properties.len(), x.resources.store_bytes>>20, x.resources.system_bytes>>20);
    match &x.outcome {
        Outcome::Complete => if model.temporal_properties.is_empty() { 0 } else { 20 },
        Outcome::Found { findings, .. } => { for f in findings { println!("{:?} len {}", f.violation, f.trace.len());
            let mut w = system.worker();
            for (i, st) in f.trace.iter().enumerate() { println!("State {}: {:?}", i+1, w.state_values(st).iter().map(|(n,v)| format!("{n}={v:?}")).collect::<Vec<_>>());
               if i>0 { println!("  step {:?}", w.step(&f.trace[i-1], st).map(|s| (s.action, s.bindings))); } }
            if let Violation::Broken(b) = f.violation { let n=f.trace.len(); println!("{:?}", w.explain(b, (n>1).then(|| &f.trace[n-2][..]), &f.trace[n-1])); }
            }
            match findings[0].violation { Violation::Deadlock => 11, Violation::Broken(Broken::Invariant(_)) => 12, _ => 13 } }
        Outcome::Error(e) => { println!("{:?}", e.error); if let Some(sp)=e.error.span { println!("{}", specification.sources.text(sp)); }
            match (e.error.class, e.error.phase) { (ErrorClass::Assert,_) => 14, (ErrorClass::Capacity,_) => 152, (_, Phase::Invariant(_)) => 76, _ => 75 } }
        o => { println!("{o:?}"); 99 }
    }
}
