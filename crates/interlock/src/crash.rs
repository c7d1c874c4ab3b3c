//! What the user sees when Interlock itself is wrong: one message that says so, where, and how to report it. Never a bare
//! panic.

use std::io::Write;
use verdict::ExitCode;

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Replaces the message of a panic. Set `RUST_BACKTRACE=1` for a backtrace besides.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let what = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        let mut message = internal_error(&format!("{what}{place}"));
        let backtrace = std::backtrace::Backtrace::capture();
        if backtrace.status() == std::backtrace::BacktraceStatus::Captured {
            message.push_str(&format!("{backtrace}\n"));
        }
        // Nothing can be done if stderr is closed.
        let _ = std::io::stderr().write_all(message.as_bytes());
    }));
}

/// The message about a defect of Interlock.
pub fn internal_error(what: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let words: Vec<String> = std::env::args().collect();
    format!(
        "\ninterlock: internal error: {what}\n\
         This is a defect of Interlock, not of your specification, and no verdict of this run counts.\n\
         Please report it at {REPOSITORY}/issues with the specification and this line:\n  \
         interlock {version}: {}\n",
        words.join(" ")
    )
}

/// Says that the thread for the work could not be started.
pub fn no_thread(error: &std::io::Error) -> u8 {
    let text = format!(
        "interlock: cannot start a thread: {error}\n  = help: raise the limits of memory (ulimit -v) and threads (ulimit -u)\n"
    );
    let _ = std::io::stderr().write_all(text.as_bytes());
    ExitCode::System.code()
}
