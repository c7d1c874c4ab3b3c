//! TLC's output: the lines that scripts look for, and the messages that editors parse.
//!
//! A message of TLC has a code and a class. On a terminal the class shows as a word in front (`Error: `, `Warning: `,
//! `State `); in tool mode the message stands between `@!@!@STARTMSG code:class @!@!@` and `@!@!@ENDMSG code @!@!@`. The
//! wording is that of TLC 2.20, as far as programs rely on it; what it says about Java (heap, fingerprint sets) is left
//! out, because it would be untrue.
//!
//! Which messages there are says [`verdict::tlc`]. Reading order: [`message`] (how one is framed), [`trace`] (states of behaviors), [`counterexample`]
//! and [`traces`] (behaviors in files), [`coverage`].

pub mod counterexample;
pub mod coverage;
pub mod message;
pub mod trace;
pub mod traces;

pub use message::Frame;
pub use verdict::tlc::{Class, Code};
