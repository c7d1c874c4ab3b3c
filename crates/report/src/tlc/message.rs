//! The frame of a message.

use verdict::tlc::{Class, Code};

/// How messages are framed, and which are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Tool mode: codes around every message.
    pub tool: bool,
    /// Leave warnings out (`-nowarning`).
    pub no_warnings: bool,
    /// Messages that are left out (`-suppressMessages`).
    pub suppressed: Vec<u16>,
}

impl Frame {
    /// A message; nothing if it is left out.
    pub fn message(&self, code: Code, text: &str) -> String {
        self.of_class(code, code.class(), text)
    }

    /// A message of another class than is usual for its code: a general error, a general warning.
    pub fn of_class(&self, code: Code, class: Class, text: &str) -> String {
        let number = code.number();
        if self.suppressed.contains(&number) || (class == Class::Warning && self.no_warnings) {
            return String::new();
        }
        if self.tool {
            let class = class as u8;
            return format!("@!@!@STARTMSG {number}:{class} @!@!@\n{text}\n@!@!@ENDMSG {number} @!@!@\n");
        }
        match class {
            Class::Plain => format!("{text}\n"),
            Class::Error => format!("Error: {text}\n"),
            Class::Warning => format!("Warning: {text}\n(Use the -nowarning option to disable this warning.)\n"),
            Class::State if code == Code::BackToState => format!("{text}\n"),
            Class::State => format!("State {text}\n"),
        }
    }

    /// A message that is shown in tool mode only.
    pub fn in_tool_mode(&self, code: Code, text: &str) -> String {
        if self.tool { self.message(code, text) } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_stands_in_front_or_in_the_frame() {
        let plain = Frame::default();
        assert_eq!(plain.message(Code::Deadlock, "Deadlock reached."), "Error: Deadlock reached.\n");
        assert_eq!(
            plain.message(Code::State, "1: <Initial predicate>\nx = 0\n"),
            "State 1: <Initial predicate>\nx = 0\n\n"
        );
        let tool = Frame { tool: true, ..Frame::default() };
        let framed = "@!@!@STARTMSG 2114:1 @!@!@\nDeadlock reached.\n@!@!@ENDMSG 2114 @!@!@\n";
        assert_eq!(tool.message(Code::Deadlock, "Deadlock reached."), framed);
    }

    #[test]
    fn what_is_left_out_is_left_out() {
        let quiet = Frame { no_warnings: true, suppressed: vec![2200], ..Frame::default() };
        assert_eq!(quiet.of_class(Code::General, Class::Warning, "w"), "");
        assert_eq!(quiet.message(Code::Progress, "p"), "");
        assert_eq!(quiet.message(Code::Statistics, "s"), "s\n");
    }
}
