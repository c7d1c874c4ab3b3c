//! Gaps: properties that are promised and that nothing in this run supports. A broken variant that is refuted supports
//! nothing but the check itself, so it does not fill a gap.

use report::Gap;
use verdict::{Evidence, Expectation, Property, Strength};

/// The properties without evidence, with the reason.
pub fn find_gaps(properties: &[Property], evidence: &[Evidence]) -> Vec<Gap> {
    let gap = |property: &Property| {
        let reason = gap_reason(property, evidence)?;
        Some(Gap { property: property.clone(), reason })
    };
    properties.iter().filter_map(gap).collect()
}

fn gap_reason(property: &Property, evidence: &[Evidence]) -> Option<String> {
    let about = || evidence.iter().filter(|one| one.obligation.property == property.id);
    let meant_to_hold = || about().filter(|one| one.obligation.expectation == Expectation::Holds);
    if about().next().is_none() {
        return Some("no model speaks about it".to_owned());
    }
    let Some(strongest) = meant_to_hold().map(|one| one.verdict.strength()).max() else {
        return Some("only a variant that must be violated speaks about it".to_owned());
    };
    match strongest {
        // A refutation or a vacuous model is a finding, told elsewhere; it is no absence of evidence.
        Strength::Refuted
        | Strength::Vacuous
        | Strength::Tested
        | Strength::Bounded
        | Strength::Exhausted
        | Strength::Proved => None,
        Strength::Failed => Some("every check of it failed".to_owned()),
        Strength::Declined => Some("every check of it was declined".to_owned()),
        Strength::Assumed => Some("it is only assumed".to_owned()),
    }
}
