//! `interlock doctor`: what this machine offers. Missing optional tools are said with the remedy and are no error.

use crate::command_error::CommandError;
use crate::console::Console;
use crate::{machine, outside};
use report::Ink;
use report::number::bytes;
use std::collections::BTreeMap;

/// Runs the command.
pub fn run(console: &Console) -> Result<u8, CommandError> {
    let style = &console.style;
    let mut out = String::new();
    let mut line = |name: &str, text: &str| out.push_str(&format!("{name:<12}{text}\n"));
    line("interlock", env!("CARGO_PKG_VERSION"));
    line("system", &format!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    line("cores", &std::thread::available_parallelism().map_or("unknown".to_owned(), |cores| cores.to_string()));
    line("memory", &memory_text());
    out.push_str(&format!("\n{}\n", style.paint(Ink::Strong, "Outside tools (none is needed to check TLA+)")));
    out.push_str(&super::tools::list(&outside::places(BTreeMap::new(), None), console));
    console.result(&out);
    Ok(0)
}

fn memory_text() -> String {
    let Some((total, available)) = machine::memory() else { return "unknown".to_owned() };
    let mut text = format!("{} in all, {} available", bytes(total), bytes(available));
    if let Some(limit) = machine::memory_limit().filter(|limit| *limit < total) {
        text.push_str(&format!(", limited to {} for this group of processes", bytes(limit)));
    }
    text
}
