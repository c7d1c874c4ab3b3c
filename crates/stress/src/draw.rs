//! Random numbers that follow from a seed: Marsaglia, *Xorshift RNGs* (2003), started by the mixing function of Steele, Lea
//! and Flood, *Fast splittable pseudorandom number generators* (2014), so that neighbouring seeds have nothing in common.

/// A source of numbers.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The source of a thread, or of whatever else has a number.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut mixed = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((mixed ^ (mixed >> 31)) | 1)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below the limit, which is not zero.
    pub fn below(&mut self, limit: usize) -> usize {
        ((self.next() >> 11) % limit.max(1) as u64) as usize
    }

    /// A number between -1 and 1.
    pub fn unit(&mut self) -> f32 {
        // 24 bits are what a mantissa holds, so every value is exact.
        (self.next() >> 40) as f32 / 8_388_608.0 - 1.0
    }
}
