//! Files: what a search writes down because memory is short, or because it may have to go on another day.
//!
//! Reading order: [`folder`] (where files are and who removes them), [`encoding`] (numbers and arrays as bytes),
//! [`manifest`] (which files make a checkpoint).

pub(crate) mod encoding;
pub(crate) mod folder;
pub(crate) mod manifest;

pub(crate) use encoding::{Input, Output};
pub(crate) use folder::{FileName, Folder, Source};
