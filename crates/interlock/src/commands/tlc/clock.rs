//! Time as TLC prints it: `2026-11-25 18:02:00`. The time zone is UTC, because the standard library knows no other.

use report::time::utc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The present time.
pub fn now() -> String {
    utc(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() * 1_000))
}

/// A name that sorts by time, as TLC calls folders of checkpoints: `26-11-25-18-02-00.123`.
pub fn folder_name() -> String {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_millis());
    format!("{}.{millis:03}", now().trim_start_matches("20").replace([' ', ':'], "-"))
}

/// How long something took: `597ms` in tool mode, else `02s` or `01min 05s`.
pub fn duration(since: Instant, tool: bool) -> String {
    let elapsed: Duration = since.elapsed();
    if tool {
        return format!("{}ms", elapsed.as_millis());
    }
    let seconds = elapsed.as_secs();
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds:02}s"),
        (0, minutes, seconds) => format!("{minutes:02}min {seconds:02}s"),
        (hours, minutes, _) => format!("{hours:02}h {minutes:02}min"),
    }
}
