//! Scratch.
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use tla_syntax::{SourceMap, parse};
fn strip(s: &str) -> String {
    let mut out = String::with_capacity(s.len()); let mut r = s;
    while let Some(i) = r.find("Span {") { out.push_str(&r[..i]); let j = r[i..].find('}').unwrap(); r = &r[i + j + 1..]; }
    out.push_str(r);
    out.replace("Junction { junction: And, items: [", "Apply { op: Ident { name: \"CONJ__\", span:  }, args: [").replace("Junction { junction: Or, items: [", "Apply { op: Ident { name: \"DISJ__\", span:  }, args: [")
}
fn dump(text: &str) -> Result<String, String> {
    let mut sources = SourceMap::new(); let file = sources.add("x", text); let mut d = vec![];
    match parse::parse_module(&sources, file, &mut d) { Some(m) => Ok(strip(&format!("{:?}", m.module))), None => Err(d.iter().map(|d| d.render(&sources)).collect()) }
}
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args[0] == "-snip" {
        let snips = std::fs::read_to_string(&args[1]).unwrap(); let res = std::fs::read_to_string(&args[2]).unwrap();
        let (mut n, mut bad) = (0, 0);
        for (s, r) in snips.split("\n%%%%\n").zip(res.lines()) {
            n += 1;
            let ours = dump(&format!("---- MODULE T ----\n{s}\n====\n"));
            match (ours, r.strip_prefix("OK\t")) {
                (Err(_), None) => {}
                (Ok(a), Some(t)) => match dump(t) { Ok(b) if a == b => {}, Ok(b) => { bad += 1; println!("DIFF\n{s}\n  sany {t}\n {a}\n {b}\n") } Err(e) => { bad += 1; println!("REPARSE\n{s}\n{t}\n{e}") } },
                (Ok(_), None) => { bad += 1; println!("WE ACCEPT\n{s}\n") }
                (Err(e), Some(_)) => { bad += 1; println!("WE REJECT\n{s}\n{e}") }
            }
        }
        println!("{n} bad {bad}");
        return;
    }
    let mut bad = 0;
    for f in &args {
        let a = dump(&std::fs::read_to_string(f).unwrap()); let t = std::fs::read_to_string(format!("/tmp/sany/out/{}", f.replace('/', "_"))).unwrap();
        let b = dump(&t);
        if a != b || a.is_err() { bad += 1; println!("DIFF {f}");
            if let (Ok(a), Ok(b)) = (&a, &b) { let i = a.bytes().zip(b.bytes()).position(|(x, y)| x != y).unwrap_or(0); let lo = i.saturating_sub(200); println!("  {}\n  {}", &a.get(lo..(i + 200).min(a.len())).unwrap_or(""), &b.get(lo..(i + 200).min(b.len())).unwrap_or("")); } else { println!("{:?}", b.err().map(|e| e.chars().take(600).collect::<String>())); } }
    }
    println!("{} files, {bad} differ", args.len());
}
