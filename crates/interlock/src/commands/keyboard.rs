//! The keyboard of the REPL while an expression is evaluated.
//!
//! Between two lines a terminal is in its usual mode: it shows what is typed at once, in the middle of what an evaluation
//! prints, and the line editor shows it again later. So the terminal is kept quiet as long as the REPL lasts: what is typed
//! waits, unseen and unedited, until the editor reads it, which is then the first to show it. Ctrl-C still interrupts: the
//! first ends the evaluation, and where that does not listen, the second ends the process. The mode of the terminal is put
//! back at the end, whichever way that comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user wants an evaluation to end.
#[derive(Debug, Clone, Default)]
pub struct Patience(Arc<AtomicBool>);

impl Patience {
    /// Whether it is to end.
    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An evaluation begins.
    pub fn renew(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

#[cfg(unix)]
mod terminal {
    use super::{Ordering, Patience};
    use rustix::termios::{InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::{Handle, Signals};
    use verdict::ExitCode;

    /// The terminal in its quiet mode, until it is dropped.
    pub struct Keyboard {
        before: Termios,
        signals: Handle,
    }

    impl Keyboard {
        /// Makes the terminal quiet. Nothing where that cannot be done: then it is as it was.
        pub fn quiet(patience: &Patience) -> Option<Self> {
            let before = tcgetattr(std::io::stdin()).ok()?;
            let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).ok()?;
            let handle = signals.handle();
            let mut quiet = before.clone();
            quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::IEXTEN;
            // As in the editor, so that a key means the same whenever it is pressed.
            quiet.input_modes -= InputModes::ICRNL | InputModes::INLCR | InputModes::ISTRIP | InputModes::IXON;
            quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
            quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
            let (usual, patience) = (before.clone(), patience.clone());
            let listener = std::thread::Builder::new().name("keyboard".to_owned()).spawn(move || {
                for signal in signals.forever() {
                    if signal == SIGINT && !patience.0.swap(true, Ordering::Relaxed) {
                        continue;
                    }
                    // The process ends with what is being evaluated, so nobody else puts the mode back.
                    let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &usual);
                    std::process::exit(ExitCode::Interrupted.code().into());
                }
            });
            listener.ok()?;
            tcsetattr(std::io::stdin(), OptionalActions::Now, &quiet).ok()?;
            Some(Self { before, signals: handle })
        }
    }

    impl Drop for Keyboard {
        fn drop(&mut self) {
            // A terminal that went away has no mode.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
            self.signals.close();
        }
    }
}

#[cfg(not(unix))]
mod terminal {
    use super::Patience;

    /// Elsewhere the console keeps what is typed.
    pub struct Keyboard;

    impl Keyboard {
        /// Nothing is done.
        pub fn quiet(_patience: &Patience) -> Option<Self> {
            None
        }
    }
}

pub use terminal::Keyboard;
