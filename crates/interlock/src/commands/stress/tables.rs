//! What a person reads of a run: a line for each kernel, what there was of noise, memory over the run and throughput by
//! threads as plots of text.

use report::number::{counted, grouped};
use report::style::wrap_hanging;
use stress::Outcome;

/// Levels of a plot of one line, the lowest first.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Columns of the longest bar.
const LONGEST: usize = 40;

/// Columns of a plot of one line.
const ACROSS: usize = 40;

/// A run.
pub fn of_outcome(outcome: &Outcome, width: usize) -> String {
    let mut text = String::new();
    let head = format!(
        "{}: {} on {}, seed {}, {:.1} s, {} operations/s",
        outcome.scenario,
        counted(outcome.threads, "thread"),
        outcome.backend,
        outcome.seed,
        outcome.wall_s,
        grouped(outcome.per_second().round() as u64)
    );
    wrap_hanging(&mut text, &head, 0, 2, width);
    let header = ["workload", "operations", "errors", "p50 µs", "p99 µs", "per second"].map(str::to_owned);
    let rows = outcome.kernels.iter().map(|kernel| {
        [
            kernel.kernel.clone(),
            grouped(kernel.operations),
            grouped(kernel.errors),
            format!("{:.1}", kernel.p50_us),
            format!("{:.1}", kernel.p99_us),
            grouped(kernel.per_second.round() as u64),
        ]
    });
    text.push_str(&table(&std::iter::once(header).chain(rows).collect::<Vec<_>>()));
    circumstances(&mut text, outcome, width);
    for finding in &outcome.findings {
        wrap_hanging(&mut text, &format!("error: {}", finding.sentence()), 2, 4, width);
    }
    if outcome.errors > outcome.findings.len() as u64 {
        let told = format!("{} errors in all", grouped(outcome.errors));
        wrap_hanging(&mut text, &told, 2, 4, width);
    }
    text.push('\n');
    text
}

fn circumstances(text: &mut String, outcome: &Outcome, width: usize) {
    let noise = &outcome.noise_used;
    let line = match outcome.noise.as_str() {
        "off" => "noise: off".to_owned(),
        level => format!(
            "noise: {level}, {} yields and {} sleeps ({:.1} ms) at {} points",
            grouped(noise.yields),
            grouped(noise.sleeps),
            noise.slept_us as f64 / 1000.0,
            grouped(noise.points)
        ),
    };
    wrap_hanging(text, &line, 2, 4, width);
    let did = match outcome.scenario.as_str() {
        "churn" => format!("{} threads were started one after the other", grouped(outcome.events)),
        "out-of-memory" => format!(
            "memory was taken away {} times; {} requests were refused and repeated",
            grouped(outcome.events),
            grouped(outcome.refused_as_wanted)
        ),
        "fork" => format!("{} children were forked", grouped(outcome.events)),
        "shutdown" => format!("{} threads were refused after the shutdown", grouped(outcome.refused_as_wanted)),
        _ => String::new(),
    };
    if !did.is_empty() && outcome.events > 0 {
        wrap_hanging(text, &did, 2, 4, width);
    }
    let memory = match outcome.memory.bytes() {
        None => "memory: nothing is known".to_owned(),
        Some(bytes) => format!("memory: {:+.1} MiB after the warm-up", bytes as f64 / f64::from(1 << 20)),
    };
    let samples: Vec<f64> = outcome.memory.samples.iter().map(|(_, bytes)| *bytes as f64).collect();
    let plotted = if samples.len() > 4 { format!("{memory}  {}", plot(&samples)) } else { memory };
    wrap_hanging(text, &plotted, 2, 4, width);
}

/// A plot from zero, so that what looks level is level.
fn plot(samples: &[f64]) -> String {
    let most = samples.iter().copied().fold(0.0, f64::max).max(1.0);
    let across = samples.len().min(ACROSS);
    let level = |column: usize| {
        let sample = samples[column * samples.len() / across];
        LEVELS[((sample / most * (LEVELS.len() - 1) as f64).round() as usize).min(LEVELS.len() - 1)]
    };
    (0..across).map(level).collect()
}

/// Throughput by threads.
pub fn of_scaling(points: &[(usize, f64)], width: usize) -> String {
    let most = points.iter().map(|(_, rate)| *rate).fold(0.0, f64::max).max(1.0);
    let one = points.first().map_or(1.0, |(_, rate)| rate.max(1.0));
    let mut text = String::from("throughput by threads, operations/s\n");
    for (threads, rate) in points {
        let longest = LONGEST.min(width.saturating_sub(34)).max(4);
        let bar = "█".repeat(((rate / most) * longest as f64).round() as usize);
        let figures = format!("{} ({:.2}×)", grouped(rate.round() as u64), rate / one);
        text.push_str(&format!("  {threads:>4}  {bar} {figures}\n"));
    }
    text.push('\n');
    text
}

/// Columns, the first one to the left and the others to the right.
fn table(rows: &[[String; 6]]) -> String {
    let widths: Vec<usize> =
        (0..6).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("  {cell:<width$}") } else { format!("  {cell:>width$}") }
        });
        text.push_str(cells.collect::<String>().trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_begins_at_zero_and_has_a_column_for_each_of_few_samples() {
        assert_eq!(plot(&[0.0, 50.0, 100.0]), "▁▅█");
        assert_eq!(plot(&[100.0, 101.0, 100.0]), "███", "what looks level is level");
        assert_eq!(plot(&[1.0; 200]).chars().count(), ACROSS);
    }

    #[test]
    fn bars_are_as_long_as_the_throughput() {
        let text = of_scaling(&[(1, 1000.0), (2, 2000.0)], 100);
        let bars: Vec<usize> = text.lines().map(|line| line.matches('█').count()).collect();
        assert_eq!(bars, [0, 20, 40, 0]);
        assert!(text.contains("2,000 (2.00×)"), "{text}");
    }
}
