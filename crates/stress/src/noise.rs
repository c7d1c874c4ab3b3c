//! Noise in the schedule: at many points of an operation, and at every call that the runtime makes to its device, a thread
//! may give way or sleep. Some of those calls are made with a lock held, which is where an unlucky schedule hurts.
//!
//! What a point does is drawn from the seed and the number of points that were passed before it. So the seed repeats the
//! noise, though not the thread that each piece of it falls upon; that is why a report tells how much noise there was.

use crate::draw::Draw;
use mps_runtime::{Address, Device, OutOfMemory, QueueId, Work};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How much noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// None: the system's own schedule.
    Off,
    /// Gives way at one point of 16, sleeps at one of 512.
    #[default]
    Light,
    /// Gives way at one point of 4, sleeps at one of 64.
    Heavy,
}

impl Level {
    /// Of 512 points so many sleep, and so many give way.
    const fn shares(self) -> (u64, u64) {
        match self {
            Self::Off => (0, 0),
            Self::Light => (1, 32),
            Self::Heavy => (8, 128),
        }
    }

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Light => "light",
            Self::Heavy => "heavy",
        }
    }
}

/// Noise, with an account of it.
#[derive(Debug)]
pub struct Noise {
    level: Level,
    seed: u64,
    points: AtomicU64,
    yields: AtomicU64,
    sleeps: AtomicU64,
    slept_us: AtomicU64,
}

/// The noise that there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct NoiseUsed {
    /// Points that were passed.
    pub points: u64,
    /// How often a thread gave way.
    pub yields: u64,
    /// How often one slept.
    pub sleeps: u64,
    /// For how long, all together, in microseconds.
    pub slept_us: u64,
}

impl Noise {
    /// Noise of a level, drawn from a seed.
    pub fn new(level: Level, seed: u64) -> Self {
        let zero = AtomicU64::default;
        Self { level, seed, points: zero(), yields: zero(), sleeps: zero(), slept_us: zero() }
    }

    /// A point at which others may go first.
    pub fn point(&self) {
        let (sleep, give_way) = self.level.shares();
        if give_way == 0 {
            return;
        }
        // Relaxed here and below: counters, which order nothing.
        let mut draw = Draw::new(self.seed, self.points.fetch_add(1, Ordering::Relaxed));
        let drawn = draw.next() % 512;
        if drawn < sleep {
            let time = 20 + draw.below(100) as u64;
            self.sleeps.fetch_add(1, Ordering::Relaxed);
            self.slept_us.fetch_add(time, Ordering::Relaxed);
            std::thread::sleep(Duration::from_micros(time));
        } else if drawn < sleep + give_way {
            self.yields.fetch_add(1, Ordering::Relaxed);
            std::thread::yield_now();
        }
    }

    /// What there was of it so far.
    pub fn used(&self) -> NoiseUsed {
        NoiseUsed {
            points: self.points.load(Ordering::Relaxed),
            yields: self.yields.load(Ordering::Relaxed),
            sleeps: self.sleeps.load(Ordering::Relaxed),
            slept_us: self.slept_us.load(Ordering::Relaxed),
        }
    }
}

/// A device with noise at every call.
pub struct NoisyDevice {
    device: Arc<dyn Device>,
    noise: Arc<Noise>,
}

impl NoisyDevice {
    /// Makes a device noisy.
    pub fn new(device: Arc<dyn Device>, noise: Arc<Noise>) -> Self {
        Self { device, noise }
    }
}

impl Device for NoisyDevice {
    fn create_queue(&self) -> QueueId {
        self.device.create_queue()
    }

    fn destroy_queue(&self, queue: QueueId) {
        self.noise.point();
        self.device.destroy_queue(queue);
    }

    fn submit(&self, queue: QueueId, work: Work) {
        self.noise.point();
        self.device.submit(queue, work);
    }

    fn pending(&self, queue: QueueId) -> usize {
        self.device.pending(queue)
    }

    fn allocate(&self, bytes: u64) -> Result<Address, OutOfMemory> {
        self.noise.point();
        self.device.allocate(bytes)
    }

    fn release(&self, address: Address) {
        self.noise.point();
        self.device.release(address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_follows_from_its_seed_and_is_accounted_for() {
        let used = |level, seed| {
            let noise = Noise::new(level, seed);
            (0..4096).for_each(|_| noise.point());
            noise.used()
        };
        assert_eq!(used(Level::Off, 1), NoiseUsed::default());
        let light = used(Level::Light, 1);
        assert_eq!(light, used(Level::Light, 1));
        assert_ne!(light.slept_us, used(Level::Light, 2).slept_us);
        assert!(light.sleeps > 0 && light.yields > 100, "{light:?}");
    }
}
