//! In which order the events of several threads may have happened.
//!
//! Events of one thread happened in the order of their log. Events of two threads happened in either order, unless both
//! say when: a span that ended before another began comes before it (Herlihy and Wing, *Linearizability*, 1990, section 2).
//! A single log without spans is taken to be in order as it stands.

use super::log::Event;

/// Events by thread.
#[derive(Debug)]
pub(super) struct Lanes {
    /// For each thread the indices of its events, in order.
    pub(super) lanes: Vec<Vec<usize>>,
}

impl Lanes {
    pub(super) fn new(events: &[Event]) -> Self {
        let timed = !events.is_empty() && events.iter().all(|event| event.span.is_some());
        let mut names: Vec<(usize, &str)> = Vec::new();
        let mut lanes: Vec<Vec<usize>> = Vec::new();
        for (index, event) in events.iter().enumerate() {
            // Without spans the lines of a file are the order of all that is in it.
            let name = (event.place.0, if timed { event.thread.as_str() } else { "" });
            let name = if timed { (0, name.1) } else { name };
            let lane = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                lanes.push(Vec::new());
                lanes.len() - 1
            });
            lanes[lane].push(index);
        }
        if timed {
            for lane in &mut lanes {
                lane.sort_by_key(|index| events[*index].span);
            }
        }
        Self { lanes }
    }

    /// When the event ended that ended first of those to come, where events say when.
    pub(super) fn earliest_end(&self, events: &[Event], positions: &[u32]) -> Option<u64> {
        let heads = self.lanes.iter().zip(positions);
        let heads = heads.filter_map(|(events, position)| events.get(*position as usize));
        heads.filter_map(|event| events[*event].span).map(|(_, ended)| ended).min()
    }

    /// The events that may come next, the one that began first in front.
    pub(super) fn next(&self, events: &[Event], positions: &[u32]) -> Vec<(usize, usize)> {
        let heads = self.lanes.iter().zip(positions).enumerate();
        let heads: Vec<(usize, usize)> =
            heads.filter_map(|(lane, (events, position))| Some((lane, *events.get(*position as usize)?))).collect();
        let earliest_end = self.earliest_end(events, positions);
        let may_be_first = |event: &usize| match (events[*event].span, earliest_end) {
            (Some((began, _)), Some(ended)) => began <= ended,
            _ => true,
        };
        let mut next: Vec<_> = heads.into_iter().filter(|(_, event)| may_be_first(event)).collect();
        next.sort_by_key(|(_, event)| events[*event].span);
        next
    }
}
