//! A wrong number, looked at again: the inputs of the case are made once more from the seed, and the element is computed from
//! the kernel's definition on this thread. What is confirmed so is wrong whatever the schedule was.

use crate::case::Case;
use crate::kernel::{Host, Kernel};
use crate::outcome::Finding;
use crate::reference::{TOLERANCE, element};

/// Whether a finding has a number that is wrong by the definition of its kernel, or of its input.
pub fn is_wrong_by_definition(finding: &Finding, seed: u64) -> bool {
    let Some(difference) = &finding.difference else { return false };
    let (Some(name), Some(number), Some(place)) = (&finding.kernel, finding.case, difference.element) else {
        return false;
    };
    let Some(case) = Kernel::named(name).and_then(|kernel| Case::prepare(kernel, number, seed, &Host).ok()) else {
        return false;
    };
    let given = f64::from(difference.given);
    let expected = if finding.of_input {
        case.inputs.first().and_then(|input| input.data.get(place)).map(|number| f64::from(*number))
    } else {
        element(case.kernel, &case.inputs, &case.expected.shape, place)
    };
    // False for what is no number, which is close to nothing.
    let close = |expected: f64| (expected - given).abs() <= TOLERANCE * expected.abs().max(1.0);
    expected.is_some_and(|expected| !close(expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Difference;

    #[test]
    fn only_what_differs_from_the_definition_is_confirmed() {
        let case = Case::prepare(Kernel::Matmul, 2, 9, &Host).expect("a case");
        let finding = |given: f32| Finding {
            kernel: Some("matmul".to_owned()),
            case: Some(2),
            thread: Some(0),
            operation: Some(0),
            what: String::new(),
            of_input: false,
            difference: Some(Difference { element: Some(7), expected: 0.0, given, elements: 1 }),
        };
        let right = case.expected.data[7];
        assert!(is_wrong_by_definition(&finding(right + 0.5), 9));
        assert!(is_wrong_by_definition(&finding(f32::NAN), 9));
        assert!(!is_wrong_by_definition(&finding(right), 9), "whatever was expected of it");
        let input = |given: f32| Finding { of_input: true, ..finding(given) };
        assert!(!is_wrong_by_definition(&input(case.inputs[0].data[7]), 9));
        assert!(is_wrong_by_definition(&input(case.inputs[0].data[7] + 1.0), 9));
        assert!(!is_wrong_by_definition(&Finding::of_run("grown".to_owned()), 9));
    }
}
