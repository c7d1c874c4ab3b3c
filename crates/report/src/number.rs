//! Numbers as a reader wants them: grouped digits, short forms, bytes, durations.

/// Digits in groups of three: `1,992`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Three significant digits and a unit: `7.98k`, `152M`.
pub fn short(number: f64) -> String {
    for (unit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if number >= unit {
            return format!("{}{suffix}", three_digits(number / unit));
        }
    }
    format!("{number:.0}")
}

fn three_digits(number: f64) -> String {
    match number {
        n if n >= 100.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}

/// Bytes in binary units: `3.10 GiB`.
pub fn bytes(number: u64) -> String {
    const KIB: f64 = 1024.0;
    let number = number as f64;
    for (unit, suffix) in [(KIB * KIB * KIB, "GiB"), (KIB * KIB, "MiB"), (KIB, "KiB")] {
        if number >= unit {
            return format!("{} {suffix}", three_digits(number / unit));
        }
    }
    format!("{number:.0} B")
}

/// A duration in seconds: `0.12 s`, `2m14s`, `1h03m`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..10 => format!("{seconds:.2} s"),
        10..60 => format!("{seconds:.1} s"),
        60..3600 => format!("{}m{:02}s", whole / 60, whole % 60),
        3600.. => format!("{}h{:02}m", whole / 3600, whole % 3600 / 60),
    }
}

/// A noun with its number: `1 step`, `2 steps`.
pub fn counted(number: usize, singular: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {singular}{plural}", grouped(number as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_groups_of_three() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (88_600_123, "88,600,123")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn short_forms_keep_three_digits() {
        let cases = [(7.0, "7"), (999.0, "999"), (7_981.0, "7.98k"), (18_240_000.0, "18.2M"), (1.5e9, "1.50G")];
        for (number, text) in cases {
            assert_eq!(short(number), text);
        }
    }

    #[test]
    fn durations_change_their_unit() {
        let cases = [(0.123, "0.12 s"), (41.26, "41.3 s"), (134.0, "2m14s"), (3_790.0, "1h03m")];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn bytes_come_in_binary_units() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(3 << 30), "3.00 GiB");
    }
}
