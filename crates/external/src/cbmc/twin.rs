//! A broken twin, the short way: is the one property violated that it is to violate?
//!
//! A full run decides every property of the program, and the last of them are the expensive ones, because that nothing else
//! fails has to be proved. Of a twin nothing is wanted but one counterexample. So CBMC is asked for its list of properties,
//! then about the assertions of the wanted property alone, and to stop at the first that fails. Only a counterexample counts:
//! whatever else comes of it, be it that nothing fails, an error or a time-out, decides nothing, and a full run follows.

use super::output::{PropertyResult, Status};
use super::runs::{Decided, Runner};

impl Runner<'_> {
    /// The assertions of a property, the first one that some path breaks with that path; `None` if there is none, if nobody
    /// knows, or if the property is not one of written assertions.
    pub fn first_failure(&self, wanted: &str) -> Option<Decided<Vec<PropertyResult>>> {
        let listed = self.listed()?;
        let belongs = |listed: &PropertyResult| {
            listed.class() == "assertion" && self.harness.property_of(&listed.description).as_deref() == Some(wanted)
        };
        let mut asked: Vec<PropertyResult> = listed.into_iter().filter(belongs).collect();
        let mut words = vec!["--json-ui", "--trace", "--stop-on-fail"];
        words.extend(asked.iter().flat_map(|listed| ["--property", listed.property.as_str()]));
        if asked.is_empty() {
            return None;
        }
        let broken = self.broken(&words)?;
        let place = asked.iter_mut().find(|listed| listed.property == broken.results.property)?;
        place.status = Status::Failure;
        place.trace = broken.results.trace;
        Some(Decided { results: asked, wall_s: broken.wall_s, peak_bytes: broken.peak_bytes })
    }
}
