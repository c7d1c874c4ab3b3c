//! The analyses, one file each. A file's opening text is the documentation of its rule: `--explain` prints it.

mod borrowed_memory;
mod c_frame;
mod check_then_act;
mod closure_escape;
mod container;
mod contracts;
mod fork_safety;
mod guard_escape;
mod guarded_by;
mod hand_lock;
mod lazy_init;
mod lock_order;
mod lost_notify;
mod lost_update;
mod open_encoder;
mod overwritten_owner;
mod owner_gone;
mod publication;
mod reentrant;
mod signal_handler;
mod stale_value;
mod thread_local;
mod thread_local_destructor;
mod typestate;
mod wait;

use crate::facts::Facts;
use crate::finding::Finding;
use crate::program::FnId;
use native_syntax::Name;

/// A rule.
pub struct Rule {
    /// Stable identifier.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// The source file of its analysis, whose opening text is the documentation.
    source: &'static str,
    run: fn(&Facts<'_>) -> Vec<Finding>,
}

macro_rules! rule {
    ($id:literal, $module:ident, $summary:literal) => {
        Rule {
            id: $id,
            summary: $summary,
            source: include_str!(concat!(stringify!($module), ".rs")),
            run: $module::run,
        }
    };
}

/// All rules.
pub const RULES: [Rule; 23] = [
    rule!("guarded-by", guarded_by, "state that is guarded elsewhere is used without its lock or off its queue"),
    rule!("closure-escape", closure_escape, "a closure that outlives its maker uses what the maker only borrows"),
    rule!("hand-lock", hand_lock, "an exception or return leaves a lock taken by hand"),
    rule!("stale-value", stale_value, "a value from before a lock was dropped is used after it was taken again"),
    rule!("guard-escape", guard_escape, "guarded data is handed out and used without the lock"),
    rule!("check-then-act", check_then_act, "a decision is made under one critical section and acted on in another"),
    rule!("wait-under-lock", wait, "a wait without bound while a lock or serial queue is held, or in a destructor"),
    rule!("lock-order", lock_order, "locks and queues are taken in a cycle"),
    rule!("reentrant-dispatch", reentrant, "a serial queue is waited for by something that runs on it"),
    rule!("exception-through-c", c_frame, "an exception leaves a closure that a C function calls"),
    rule!("lazy-init", lazy_init, "shared state is initialized on first use without a lock"),
    rule!("unguarded-container", container, "a container of a shared object is changed without a lock"),
    rule!("signal-handler", signal_handler, "a signal handler calls what is not async-signal-safe"),
    rule!("fork-safety", fork_safety, "a child of fork gets locks in whatever state they are in"),
    rule!("overwritten-owner", overwritten_owner, "a member that is released by hand is overwritten unreleased"),
    rule!("owner-destroyed-early", owner_gone, "a pointer outlives the local or temporary owner that handed it out"),
    rule!("open-encoder", open_encoder, "work is encoded on a command buffer that may have an encoder open"),
    rule!("thread-local-elsewhere", thread_local, "a closure on another thread reads a thread-local of its maker"),
    rule!(
        "thread-local-destructor",
        thread_local_destructor,
        "the end of a thread uses statics that may be destroyed already, or changes them without a lock"
    ),
    rule!(
        "lost-update",
        lost_update,
        "read and write back in two steps, or a result that says whether it worked ignored"
    ),
    rule!("lost-notify", lost_notify, "state changes towards what a thread waits for, and nobody notifies it"),
    rule!("typestate", typestate, "an object is used after the call that ends it, or ended with another open on it"),
    rule!("borrowed-memory", borrowed_memory, "a device object borrows host memory that nobody keeps alive"),
];

impl Rule {
    /// The documentation: the opening text of the file.
    pub fn documentation(&self) -> String {
        let lines = self.source.lines().take_while(|line| line.starts_with("//!"));
        lines.map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or("")).collect::<Vec<_>>().join("\n")
    }
}

/// Places that are used under one lock more often than not, each with that lock.
pub(crate) fn guards_of(facts: &Facts<'_>) -> Vec<(Name, Name)> {
    guarded_by::inferred(facts).0
}

/// Functions that require a lock of their callers.
pub(crate) fn contracts_of(facts: &Facts<'_>) -> Vec<(FnId, Name)> {
    guarded_by::inferred(facts).1.into_keys().collect()
}

/// Runs all of them.
pub fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| (rule.run)(facts)).collect();
    findings.sort_by(|a, b| (&a.spot, &a.rule, &a.subject).cmp(&(&b.spot, &b.rule, &b.subject)));
    findings.dedup_by(|a, b| a.spot == b.spot && a.rule == b.rule && a.subject == b.subject);
    findings
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn every_rule_documents_itself_in_five_sections() {
        for rule in &RULES {
            let text = rule.documentation();
            for heading in ["# What it finds", "# Why it is a bug", "# Example", "# What it misses", "# References"] {
                assert!(text.contains(heading), "{} has no section {heading:?}", rule.id);
            }
        }
    }
}
