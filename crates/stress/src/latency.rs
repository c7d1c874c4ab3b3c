//! Latencies in buckets whose width grows with the value, as HdrHistogram's do (Tene): 32 of them between a number and its
//! double. A percentile is thus too high by at most three per cent, and the memory that it takes does not depend on how many
//! operations there were, which matters where the growth of memory is itself measured.

/// Buckets between a number and its double, as a power of two.
const FINE: u32 = 5;

/// Counts of latencies.
#[derive(Debug, Clone, Default)]
pub struct Latencies {
    /// By bucket; empty until the first one comes.
    counts: Vec<u64>,
    total: u64,
}

fn bucket(nanoseconds: u64) -> usize {
    let magnitude = 63 - (nanoseconds | 1).leading_zeros();
    match magnitude.checked_sub(FINE) {
        None => nanoseconds as usize,
        Some(shift) => ((shift as usize + 1) << FINE) + ((nanoseconds >> shift) as usize & ((1 << FINE) - 1)),
    }
}

/// The largest latency of a bucket.
fn upper(bucket: usize) -> u64 {
    let (row, column) = (bucket >> FINE, (bucket & ((1 << FINE) - 1)) as u64);
    match row.checked_sub(1) {
        None => column,
        Some(shift) => (((1 << FINE) + column + 1) << shift) - 1,
    }
}

impl Latencies {
    /// Counts one.
    pub fn add(&mut self, nanoseconds: u64) {
        if self.counts.is_empty() {
            self.counts = vec![0; 60 << FINE];
        }
        let last = self.counts.len() - 1;
        self.counts[bucket(nanoseconds).min(last)] += 1;
        self.total += 1;
    }

    /// Takes those of another thread.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.is_empty() {
            self.counts = vec![0; other.counts.len()];
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, theirs)| *mine += theirs);
        self.total += other.total;
    }

    /// The latency that so many of a thousand stay below, in nanoseconds; zero if there were none.
    pub fn percentile(&self, of_thousand: u64) -> u64 {
        let wanted = (self.total * of_thousand).div_ceil(1000).max(1);
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        found.map_or(0, upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_in_order_and_three_per_cent_wide() {
        let mut last = 0;
        for value in (0..100_000).chain([1 << 30, (1 << 30) + 1, 1 << 40]) {
            let number = bucket(value);
            assert!(number >= last && upper(number) >= value, "{value}");
            assert!(upper(number) <= value + value / 32, "{value} is told as {}", upper(number));
            last = number;
        }
    }

    #[test]
    fn percentiles_of_two_threads_are_those_of_all() {
        let (mut one, mut other) = (Latencies::default(), Latencies::default());
        (1..=500).for_each(|value| one.add(value));
        (501..=1000).for_each(|value| other.add(value));
        let mut all = Latencies::default();
        all.merge(&one);
        all.merge(&other);
        assert!((500..=516).contains(&all.percentile(500)), "{}", all.percentile(500));
        assert!((990..=1023).contains(&all.percentile(990)), "{}", all.percentile(990));
        assert_eq!(Latencies::default().percentile(990), 0);
    }
}
