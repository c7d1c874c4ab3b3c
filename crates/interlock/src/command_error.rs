//! Why a command could not do its work at all. What is wrong with a model is a verdict, not one of these.

use verdict::ExitCode;

/// An error that ends a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    /// The exit code.
    pub exit: ExitCode,
    /// The message; several lines if it points at source.
    pub message: String,
    /// What the user can do; may be empty.
    pub remedy: String,
}

impl CommandError {
    /// An error with a remedy.
    pub fn new(exit: ExitCode, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { exit, message: message.into(), remedy: remedy.into() }
    }

    /// The text for stderr.
    pub fn render(&self) -> String {
        // Diagnostics that point at source say `error` themselves.
        let mut text =
            if self.message.starts_with("error") { self.message.clone() } else { format!("error: {}", self.message) };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if !self.remedy.is_empty() {
            text.push_str(&format!("  = help: {}\n", self.remedy));
        }
        text
    }
}

impl From<ledger::LedgerError> for CommandError {
    fn from(error: ledger::LedgerError) -> Self {
        let remedy = "check space and permissions of the folder .interlock beside the project file";
        Self::new(ExitCode::System, error.to_string(), remedy)
    }
}
