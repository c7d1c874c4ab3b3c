//! The writers, snapshot by snapshot, on one run that has a verdict of every kind.

mod browser;
mod exchange;
mod fixture;
mod itf;
mod json;
mod page;
mod terminal;
