//! Liveness.
#![allow(dead_code)]

mod automaton;
mod bits;
mod component;
mod decide;
mod goal;
mod graph;
mod lasso;
mod product;
mod temporal;
mod terms;
