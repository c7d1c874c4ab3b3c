//! How strong a verdict has to be to meet an obligation.
//!
//! Written `proved`, `exhausted`, `bounded`, `bounded:K` or `tested`. A bound is a number of levels, steps or unwindings,
//! whatever the engine counts; `bounded:K` takes a bounded verdict only if its engine said a number and that is at least
//! K. Everything stronger than what is required is enough.

use crate::{Strength, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The weakest verdict that is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Requirement {
    /// Its strength; nothing weaker than `Tested` can be required.
    pub strength: Strength,
    /// The smallest bound of a verdict that is `Bounded`.
    pub bound: Option<u64>,
}

impl Requirement {
    /// Whether a verdict is strong enough.
    pub fn is_met_by(self, verdict: &Verdict) -> bool {
        let required = self.strength.max(Strength::Tested);
        let deep_enough = match (verdict, self.bound) {
            (Verdict::Bounded { depth, .. }, Some(bound)) => depth.is_some_and(|depth| depth >= bound),
            _ => true,
        };
        verdict.strength() >= required && deep_enough
    }
}

impl Default for Requirement {
    /// Every state of the instance.
    fn default() -> Self {
        Self { strength: Strength::Exhausted, bound: None }
    }
}

impl From<Strength> for Requirement {
    fn from(strength: Strength) -> Self {
        Self { strength, bound: None }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bound {
            Some(bound) => write!(f, "{}:{bound}", self.strength.word().to_lowercase()),
            None => f.write_str(&self.strength.word().to_lowercase()),
        }
    }
}

impl FromStr for Requirement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let strength = match text {
            "proved" => Strength::Proved,
            "exhausted" => Strength::Exhausted,
            "bounded" => Strength::Bounded,
            "tested" => Strength::Tested,
            text => {
                let bound = text.strip_prefix("bounded:").and_then(|bound| bound.parse().ok());
                return match bound {
                    Some(bound) => Ok(Self { strength: Strength::Bounded, bound: Some(bound) }),
                    None => Err("expected proved, exhausted, bounded, bounded:K with a number K, or tested".to_owned()),
                };
            }
        };
        Ok(strength.into())
    }
}

impl TryFrom<String> for Requirement {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Requirement> for String {
    fn from(requirement: Requirement) -> Self {
        requirement.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded(depth: Option<u64>) -> Verdict {
        Verdict::Bounded { bound: String::new(), depth, unwinding_assertions: false }
    }

    #[test]
    fn a_bound_has_to_be_said_and_reached() {
        let ten: Requirement = "bounded:10".parse().expect("a requirement");
        assert!(ten.is_met_by(&bounded(Some(10))) && !ten.is_met_by(&bounded(Some(9))));
        assert!(!ten.is_met_by(&bounded(None)), "a bound without a number may be any");
        let any: Requirement = "bounded".parse().expect("a requirement");
        assert!(any.is_met_by(&bounded(None)));
        assert!(!Requirement::default().is_met_by(&bounded(Some(1_000_000))));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["proved", "exhausted", "bounded", "bounded:7", "tested"] {
            assert_eq!(text.parse::<Requirement>().expect("a requirement").to_string(), text);
        }
        for text in ["bounded:", "bounded:x", "exhausted:3", "declined", ""] {
            assert!(text.parse::<Requirement>().is_err(), "{text}");
        }
    }
}
