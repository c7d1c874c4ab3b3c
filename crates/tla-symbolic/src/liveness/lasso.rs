//! Bounded search for lassos (Biere, Artho, Schuppan, *Liveness Checking as Safety Checking*, FMICS 2002, in a solver).
//!
//! A state is saved at a time that the solver chooses; a behavior that comes back to it, with every justice condition
//! met since, goes on for ever. Stuttering is a step like others, so a behavior that stands still for ever is a lasso too.
//! What is compared is the state of the model together with the latches of the monitor.

use super::product::Product;
use crate::circuit::Target;
use crate::engine::{Unrolled, Watch};
use crate::solver::{Means, SLit, Use};

/// A behavior that goes back to one of its states.
#[derive(Debug, Clone)]
pub struct Lasso {
    /// Latches of each state.
    pub states: Vec<Vec<bool>>,
    /// The state that follows the last one.
    pub back_to: usize,
}

/// A search under way.
pub struct Lassos<'c> {
    unrolled: Unrolled<'c>,
    product: &'c Product,
    saved: Vec<SLit>,
    /// For each time, that the saved state is not a later one.
    looping: Vec<SLit>,
    /// For each condition, that it was met since.
    met: Vec<SLit>,
    /// Steps of the behaviors that were looked at.
    pub length: u32,
}

impl<'c> Lassos<'c> {
    /// Begins with the initial states.
    pub fn new(product: &'c Product, means: &Means) -> Self {
        let mut unrolled = Unrolled::new(&product.circuit, means, Use::Behaviors);
        unrolled.start();
        let saved = product.circuit.latches.iter().map(|_| unrolled.sat.fresh()).collect();
        let never = unrolled.sat.fresh();
        unrolled.sat.add(&[!never]);
        let met = vec![never; product.justices.len()];
        let mut lassos = Self { unrolled, product, saved, looping: vec![never], met, length: 0 };
        lassos.keep_sound(0);
        lassos
    }

    /// Nothing is undefined or without a place at a time.
    fn keep_sound(&mut self, time: u32) {
        self.unrolled.assume_valid(time);
        let bads = &self.product.circuit.bads;
        for bad in bads.iter().filter(|bad| matches!(bad.target, Target::Undefined | Target::Overflow)) {
            let lit = self.unrolled.at(time, bad.lit);
            self.unrolled.sat.add(&[!lit]);
        }
    }

    /// Looks at lassos with one step more.
    pub fn advance(&mut self, watch: &dyn Watch) -> Option<Lasso> {
        let time = self.length;
        let circuit = &self.product.circuit;
        let before = self.looping[time as usize];
        let (starts, looping) = (self.unrolled.sat.fresh(), self.unrolled.sat.fresh());
        self.unrolled.sat.add(&[!looping, before, starts]);
        for (latch, saved) in circuit.latches.iter().zip(&self.saved) {
            let lit = self.unrolled.at(time, *latch);
            self.unrolled.sat.add(&[!starts, !lit, *saved]);
            self.unrolled.sat.add(&[!starts, lit, !*saved]);
        }
        self.looping.push(looping);
        for (met, justice) in self.met.iter_mut().zip(&self.product.justices) {
            let here = self.unrolled.at(time, *justice);
            let now = self.unrolled.sat.fresh();
            self.unrolled.sat.add(&[!now, *met, here]);
            self.unrolled.sat.add(&[!now, *met, looping]);
            *met = now;
        }
        self.unrolled.step(time);
        self.keep_sound(time + 1);
        self.length += 1;
        if watch.stopped() {
            return None;
        }
        let closed = self.unrolled.sat.fresh();
        self.unrolled.sat.add(&[!closed, looping]);
        for (latch, saved) in circuit.latches.iter().zip(&self.saved) {
            let lit = self.unrolled.at(time + 1, *latch);
            self.unrolled.sat.add(&[!closed, !lit, *saved]);
            self.unrolled.sat.add(&[!closed, lit, !*saved]);
        }
        for met in &self.met {
            self.unrolled.sat.add(&[!closed, *met]);
        }
        let found = self.unrolled.sat.solve(&[closed]) == Some(true);
        let lasso = found.then(|| self.lasso(time));
        self.unrolled.sat.add(&[!closed]);
        lasso
    }

    /// The behavior of the last model, whose last step is the one at this time.
    fn lasso(&mut self, time: u32) -> Lasso {
        let back_to = (0..=time).find(|time| self.unrolled.sat.value(self.looping[*time as usize + 1]));
        let states = (0..=time).map(|time| self.unrolled.bits(time)).collect();
        Lasso { states, back_to: back_to.unwrap_or(time) as usize }
    }
}
