//! The progress line: figures of a running search in one line that fits the terminal.
//!
//! No estimate of the end is shown: the queue of a state space says nothing about how much of it is still to come.

use crate::number::{bytes, duration, short};
use crate::style::columns;
use verdict::Progress;

/// One line of progress, parts dropped from the end until it fits. Rates are averages since `before`, or since the start.
pub fn progress_line(model: &str, now: &Progress, before: Option<&Progress>, width: usize) -> String {
    let start = Progress::default();
    let before = before.filter(|before| before.elapsed_s < now.elapsed_s).unwrap_or(&start);
    let seconds = (now.elapsed_s - before.elapsed_s).max(1e-3);
    let rate = |now: u64, before: u64| short(now.saturating_sub(before) as f64 * 60.0 / seconds);
    let parts = [
        format!("level {}", now.level),
        format!("{} generated, {}/min", short(now.generated as f64), rate(now.generated, before.generated)),
        format!("{} distinct, {}/min", short(now.distinct as f64), rate(now.distinct, before.distinct)),
        format!("queue {}", short(now.queue as f64)),
        bytes(now.store_bytes),
        duration(now.elapsed_s),
    ];
    let simulated = [
        format!("{} behaviors", short(now.behaviors as f64)),
        format!("{} generated, {}/min", short(now.generated as f64), rate(now.generated, before.generated)),
        duration(now.elapsed_s),
    ];
    let is_simulation = now.level == 0 && now.behaviors > 0;
    let parts: &[String] = if is_simulation { &simulated } else { &parts };
    let mut line = model.to_owned();
    for part in parts {
        if columns(&line) + 3 + columns(part) > width {
            break;
        }
        line.push_str(if columns(&line) == columns(model) { "  " } else { " · " });
        line.push_str(part);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(generated: u64, elapsed_s: f64) -> Progress {
        Progress {
            level: 14,
            generated,
            distinct: generated / 8,
            queue: 1_720_000,
            elapsed_s,
            store_bytes: 3 << 30,
            ..Progress::default()
        }
    }

    #[test]
    fn rates_are_those_since_the_last_line() {
        let line = progress_line("Pool", &progress(4_000_000, 20.0), Some(&progress(1_000_000, 10.0)), 120);
        assert_eq!(
            line,
            "Pool  level 14 · 4.00M generated, 18.0M/min · 500k distinct, 2.25M/min · queue 1.72M · 3.00 GiB · 20.0 s"
        );
    }

    #[test]
    fn the_line_never_passes_the_width() {
        for width in [20, 40, 60, 80] {
            let line = progress_line("Pool", &progress(152_400_000, 134.0), None, width);
            assert!(columns(&line) <= width, "{line}");
        }
    }
}
