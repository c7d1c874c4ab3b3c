//! Module `Statistics`: Pearson's chi-squared test (K. Pearson, 1900).
//!
//! The statistic is the sum of `(actual - expected)² / expected`, the expected counts scaled to the same sum. Its
//! probability under the hypothesis is the upper regularized incomplete gamma function of half the degrees of freedom and
//! half the statistic, computed by its series or its continued fraction (Abramowitz and Stegun, 6.5.29 and 6.5.31; the
//! fraction by W. Lentz's method, 1976), and the logarithm of the gamma function by C. Lanczos's approximation (1964).

use super::Machine;
use crate::error::{EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use crate::value::show::function_pairs;

impl Machine<'_> {
    /// `ChiSquare(expected, actual, alpha)`.
    pub(super) fn chi_square(&mut self, expected: &Value, actual: &Value, alpha: &Value) -> Evaluated<Value> {
        let expected = self.sample_counts(expected)?;
        let actual = self.sample_counts(actual)?;
        let alpha = self.string_argument(Primitive::ChiSquare, alpha)?;
        let alpha = alpha.trim().parse::<f64>().ok().filter(|alpha| *alpha > 0.0 && *alpha <= 0.5);
        let Some(alpha) = alpha else {
            return Err(EvalError::undefined("ChiSquare needs a string that spells a fraction above 0 and up to 0.5"));
        };
        if expected.len() != actual.len() || expected.len() < 2 {
            return Err(EvalError::undefined("ChiSquare needs at least two expected and as many actual counts"));
        }
        if expected.iter().any(|count| *count <= 0.0) || actual.iter().any(|count| *count < 0.0) {
            return Err(EvalError::undefined("ChiSquare needs positive expected and natural actual counts"));
        }
        Ok(Value::Bool(probability(&expected, &actual) >= alpha))
    }

    fn sample_counts(&mut self, function: &Value) -> Evaluated<Vec<f64>> {
        let function = self.force(function)?;
        if !matches!(function, Value::Tuple(_) | Value::Record(_) | Value::Function(_)) {
            return Err(self.bad_argument(Primitive::ChiSquare, &function, "functions"));
        }
        let mut counts = Vec::new();
        for (_, count) in function_pairs(&function) {
            match count {
                Value::Int(count) => counts.push(count as f64),
                other => return Err(self.bad_argument(Primitive::ChiSquare, &other, "integers as counts")),
            }
        }
        Ok(counts)
    }
}

/// How likely samples differ from the expected ones at least as much as these.
fn probability(expected: &[f64], actual: &[f64]) -> f64 {
    let scale = actual.iter().sum::<f64>() / expected.iter().sum::<f64>();
    let terms = expected.iter().zip(actual).map(|(expected, actual)| {
        let expected = expected * scale;
        (actual - expected).powi(2) / expected
    });
    upper_gamma((expected.len() - 1) as f64 / 2.0, terms.sum::<f64>() / 2.0)
}

/// The upper regularized incomplete gamma function.
fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let factor = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 { 1.0 - factor * series(a, x) } else { factor * continued_fraction(a, x) }
}

fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut step) = (1.0 / a, 1.0 / a, a);
    while term > sum * f64::EPSILON {
        step += 1.0;
        term *= x / step;
        sum += term;
    }
    sum
}

fn continued_fraction(a: f64, x: f64) -> f64 {
    let tiny = f64::MIN_POSITIVE / f64::EPSILON;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for step in 1..10_000 {
        let numerator = f64::from(step) * (a - f64::from(step));
        b += 2.0;
        d = 1.0 / nonzero(numerator * d + b, tiny);
        c = nonzero(b + numerator / c, tiny);
        let change = c * d;
        fraction *= change;
        if (change - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    fraction
}

fn nonzero(value: f64, tiny: f64) -> f64 {
    if value.abs() < tiny { tiny } else { value }
}

/// The logarithm of the gamma function of a positive number, with g = 7 and nine terms.
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        let pi = std::f64::consts::PI;
        return (pi / (pi * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let mut sum = 0.999_999_999_999_809_9;
    for (index, term) in (1_u32..).zip(TERMS) {
        sum += term / (x + f64::from(index));
    }
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::{ln_gamma, probability, upper_gamma};

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn logarithms_of_factorials() {
        close(ln_gamma(1.0), 0.0);
        close(ln_gamma(6.0), 120.0_f64.ln());
        close(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln());
    }

    #[test]
    fn with_two_degrees_of_freedom_the_distribution_is_exponential() {
        for x in [0.1, 1.0, 3.0, 20.0] {
            close(upper_gamma(1.0, x), (-x).exp());
        }
    }

    #[test]
    fn a_quantile_from_the_tables() {
        // 3.841458820694124 is the 95 % quantile for one degree of freedom.
        close(upper_gamma(0.5, 3.841_458_820_694_124 / 2.0), 0.05);
        close(probability(&[50.0, 50.0], &[50.0, 50.0]), 1.0);
    }
}
