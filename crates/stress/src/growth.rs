//! Memory over the run: what the process holds, from one moment when every thread has warmed up to the end.
//!
//! The system is asked (`/proc/self/status`), because what is looked for is memory that nobody accounts for. Elsewhere than on
//! Linux nothing is known, and nothing is claimed.

/// The share of the operations after which a run has warmed up: allocators, caches and stacks have their size.
pub const WARM_UP: f64 = 0.2;

/// Most samples that are kept.
const SAMPLES: usize = 60;

/// Memory that the process holds, in bytes.
pub fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// What was seen of the memory.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct Growth {
    /// Bytes when every thread had warmed up.
    pub warm: Option<u64>,
    /// Bytes at the end.
    pub end: Option<u64>,
    /// The share of operations done, and the bytes, over the run.
    pub samples: Vec<(f64, u64)>,
}

impl Growth {
    /// Looks at the memory when this share of the operations is done.
    pub fn sample(&mut self, done: f64) {
        let Some(bytes) = resident() else { return };
        if done >= WARM_UP && self.warm.is_none() {
            self.warm = Some(bytes);
        }
        self.end = Some(bytes);
        self.samples.push((done, bytes));
        if self.samples.len() > SAMPLES {
            let mut number = 0;
            self.samples.retain(|_| {
                number += 1;
                number % 2 == 1
            });
        }
    }

    /// Bytes that were added after the warm-up; less than zero if memory went back.
    pub fn bytes(&self) -> Option<i64> {
        let signed = |bytes: u64| i64::try_from(bytes).ok();
        Some(signed(self.end?)? - signed(self.warm?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_kept_is_seen() {
        let mut growth = Growth::default();
        growth.sample(0.1);
        assert_eq!(growth.bytes(), None, "nothing is said before the warm-up");
        growth.sample(0.3);
        let kept = vec![1_u8; 64 << 20];
        growth.sample(1.0);
        let grown = growth.bytes().expect("Linux tells");
        assert!(grown > 48 << 20, "{grown} of {}", kept.len());
        (0..1000).for_each(|_| growth.sample(1.0));
        assert!(growth.samples.len() <= SAMPLES);
    }
}
