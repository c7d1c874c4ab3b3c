//! Ctrl-C: the first asks the run to stop and report what it has, the second ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use verdict::ExitCode;

/// Set when the user wants the run to end.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// A flag that SIGINT and SIGTERM set.
    pub fn on_signals() -> Self {
        let flag = Self::default();
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let code = i32::from(ExitCode::Interrupted.code());
            // The order matters: with the flag still unset the first signal passes the shutdown and sets it. A system
            // that does not let us listen keeps its own behavior, which is to end the process.
            let _ = signal_hook::flag::register_conditional_shutdown(signal, code, Arc::clone(&flag.0));
            let _ = signal_hook::flag::register(signal, Arc::clone(&flag.0));
        }
        flag
    }

    /// Whether the user wants the run to end.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets the flag, as a signal would.
    #[cfg(test)]
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
