//! The glue to each tool, one folder or file a tool. An engine here is a tool pointed at one model; see
//! [`verdict::Engine`].

pub mod outside;
pub mod scan;
pub mod tla;
