//! Values of options that several commands have: sizes, times, workers, stores.

use clap::ValueEnum;
use std::num::NonZeroUsize;
use std::time::Duration;

/// How visited states are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Store {
    /// Whole states while memory suffices, fingerprints beyond
    Auto,
    /// Whole states; no collision is possible
    Exact,
    /// 128-bit fingerprints; the bound of the collision probability is in the verdict
    Fingerprint,
}

/// A number of worker threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// As many as there are cores.
    Auto,
    /// This many.
    Fixed(NonZeroUsize),
}

impl std::str::FromStr for Workers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let number = text.parse::<NonZeroUsize>().ok().filter(|number| number.get() <= 1024);
        number.map(Self::Fixed).ok_or_else(|| "expected a number from 1 to 1024, or `auto`".to_owned())
    }
}

impl Workers {
    /// The number of threads to start.
    pub fn number(self) -> usize {
        match self {
            Self::Auto => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            Self::Fixed(number) => number.get(),
        }
    }
}

/// Reads a time with its unit: `500ms`, `30s`, `10m`, `2h`.
///
/// # Errors
/// If the text is not a number with a known unit, or too large.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let complaint = || format!("`{text}` is not a time; expected a number and ms, s, m or h, such as 10m");
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| complaint())?;
    let unit: u64 = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(complaint()),
    };
    number.checked_mul(unit).map(Duration::from_millis).ok_or_else(complaint)
}

/// Reads a size in bytes with an optional unit: `512M`, `4G`, `4GiB`, all binary.
///
/// # Errors
/// If the text is not a positive number with a known unit, or too large.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let complaint = || format!("`{text}` is not a size; expected a number and K, M, G or T, such as 4G");
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| complaint())?;
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        "T" | "TB" | "TIB" => 40,
        _ => return Err(complaint()),
    };
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(complaint)
}
