//! Time as TLC prints it: `2026-11-25 18:02:00`. The time zone is UTC, because the standard library knows no other.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The present time.
pub fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    text(seconds)
}

/// A name that sorts by time, as TLC calls folders of checkpoints: `26-11-25-18-02-00.123`.
pub fn folder_name() -> String {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_millis());
    format!("{}.{millis:03}", now().trim_start_matches("20").replace([' ', ':'], "-"))
}

/// A time in seconds since 1970 (H. Hinnant, "chrono-compatible low-level date algorithms").
fn text(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
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

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!(text(0), "1970-01-01 00:00:00");
        assert_eq!(text(951_782_400), "2000-02-29 00:00:00");
        assert_eq!(text(1_795_629_600 + 120), "2026-11-25 18:02:00");
        assert_eq!(text(4_102_444_799), "2099-12-31 23:59:59");
    }
}
