//! Two engines that disagree: one of them is wrong, and no verdict of either may be believed.

use super::internal;
use std::collections::BTreeMap;
use verdict::{Evidence, Failure, FailureClass, Verdict};

/// What a verdict says about the truth of the property, if anything.
fn claim(verdict: &Verdict) -> Option<bool> {
    match verdict {
        Verdict::Proved(_) | Verdict::Exhausted(_) => Some(true),
        Verdict::Refuted(_) => Some(false),
        Verdict::Bounded { .. }
        | Verdict::Tested(_)
        | Verdict::Vacuous(_)
        | Verdict::Declined(_)
        | Verdict::Assumed(_)
        | Verdict::Failed(_) => None,
    }
}

/// What another tool contradicts is believed no more: all verdicts of the search about that model become the internal failure
/// that the contradiction is, which names the files where both answers stand.
pub fn doubt_contradicted(evidence: &mut [Evidence]) {
    let is_second = |engine: &str| [external::tlc::ENGINE, external::apalache::ENGINE].contains(&engine);
    let contradiction = |one: &Evidence| match &one.verdict {
        Verdict::Failed(failure) if is_second(&one.obligation.engine) => {
            let mut failure = failure.clone();
            let files: Vec<&str> = one.artefacts.values().map(String::as_str).collect();
            failure.notes.insert("both outputs".to_owned(), files.join("\n"));
            Some((one.obligation.model.clone(), failure)).filter(|(_, known)| known.class == FailureClass::Internal)
        }
        _ => None,
    };
    let contradicted: Vec<(String, Failure)> = evidence.iter().filter_map(contradiction).collect();
    for (model, failure) in contradicted {
        let concerns = |engine: &str| is_second(engine) || engine == crate::engines::tla::NAME;
        for one in evidence.iter_mut() {
            if one.obligation.model == model && concerns(&one.obligation.engine) {
                one.verdict = Verdict::Failed(failure.clone());
            }
        }
    }
}

/// Replaces contradicting verdicts about the same property of the same model by internal failures, and says whether there
/// were any.
pub fn settle_disagreements(evidence: &mut [Evidence]) -> bool {
    let mut claims: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (index, one) in evidence.iter().enumerate() {
        if claim(&one.verdict).is_some() {
            let key = (one.obligation.model.clone(), one.obligation.property.clone());
            claims.entry(key).or_default().push(index);
        }
    }
    let mut found = false;
    for ((model, property), indices) in claims {
        let holds = |index: &&usize| claim(&evidence[**index].verdict) == Some(true);
        let agreeing = indices.iter().filter(holds).count();
        if agreeing == 0 || agreeing == indices.len() {
            continue;
        }
        found = true;
        let told: Vec<String> = indices
            .iter()
            .map(|index| {
                format!("{}: {}", evidence[*index].obligation.engine, evidence[*index].verdict.strength().word())
            })
            .collect();
        let message = format!("engines disagree about {property} in {model} ({})", told.join(", "));
        for index in indices {
            evidence[index].verdict = internal(message.clone());
        }
    }
    found
}
