//! How the next state of a behavior is chosen.
//!
//! Uniform over all successors, a common action crowds out a rare one. Uniform over actions first, as TLC does it, it does
//! not. Guided by coverage, an action is the more likely the less often it was taken: its weight is one over one more than
//! the number of times. The numbers are those of the batch that the behavior belongs to, so that a simulation is
//! repeatable for any number of workers. TLC learns weights with reinforcement (`sched=rl`); counts do without tuning.

use crate::random::Random;
use crate::system::ActionId;

/// How the next state of a behavior is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheduler {
    /// Uniformly from all generated successors in the model.
    #[default]
    Uniform,
    /// Uniformly from the actions that lead anywhere, then uniformly from the successors by that action.
    Actions,
    /// As `Actions`, but actions that were taken less often are more likely.
    Coverage,
}

impl Scheduler {
    /// For the verdict.
    pub fn words(self) -> &'static str {
        match self {
            Self::Uniform => "uniform over generated successors, one random stream a behavior",
            Self::Actions => "uniform over enabled actions, then over their successors, one random stream a behavior",
            Self::Coverage => "actions by how seldom they were taken, then uniform, one random stream a behavior",
        }
    }
}

/// For the verdict, where one successor is drawn without enumerating the others.
pub(super) const GENERATION: &str = "one random successor without enumerating the others, one random stream a behavior";

/// The candidates of one action: a reservoir of size one.
#[derive(Debug, Default)]
struct Candidate {
    seen: u64,
    drawn: Vec<u32>,
    action: ActionId,
}

/// Draws one of the successors that go by.
#[derive(Debug)]
pub(super) struct Draw {
    scheduler: Scheduler,
    /// By action; a single one if the action does not matter.
    candidates: Vec<Candidate>,
    /// Actions with a candidate, in the order in which they came.
    touched: Vec<usize>,
}

impl Draw {
    pub(super) fn new(scheduler: Scheduler) -> Self {
        Self { scheduler, candidates: Vec::new(), touched: Vec::new() }
    }

    /// Forgets all candidates.
    pub(super) fn clear(&mut self) {
        for index in self.touched.drain(..) {
            if let Some(candidate) = self.candidates.get_mut(index) {
                candidate.seen = 0;
            }
        }
    }

    /// Takes a successor in the model.
    pub(super) fn offer(&mut self, action: ActionId, words: &[u32], random: &mut Random) {
        let index = match self.scheduler {
            Scheduler::Uniform => 0,
            Scheduler::Actions | Scheduler::Coverage => action.0 as usize,
        };
        if self.candidates.len() <= index {
            self.candidates.resize_with(index + 1, Candidate::default);
        }
        let Some(candidate) = self.candidates.get_mut(index) else { return };
        if candidate.seen == 0 {
            self.touched.push(index);
        }
        candidate.seen += 1;
        if random.below(candidate.seen) == 0 {
            candidate.drawn.clear();
            candidate.drawn.extend_from_slice(words);
            candidate.action = action;
        }
    }

    /// The chosen successor and the action that leads to it; nothing if there was none. Counts the action as taken.
    pub(super) fn choose(&self, random: &mut Random, taken: &mut Taken) -> Option<(ActionId, Vec<u32>)> {
        let chosen = match self.scheduler {
            Scheduler::Uniform | Scheduler::Actions => {
                self.touched.get(random.below(self.touched.len() as u64) as usize).copied()?
            }
            Scheduler::Coverage => {
                let weights: Vec<u64> = self.touched.iter().map(|action| taken.weight(*action)).collect();
                let mut ticket = random.below(weights.iter().sum());
                let place = weights.iter().position(|weight| {
                    let here = ticket < *weight;
                    ticket = ticket.saturating_sub(*weight);
                    here
                });
                self.touched.get(place?).copied()?
            }
        };
        taken.count(chosen);
        self.candidates.get(chosen).map(|candidate| (candidate.action, candidate.drawn.clone()))
    }
}

/// How often actions were taken.
#[derive(Debug, Default)]
pub(super) struct Taken(Vec<u64>);

impl Taken {
    /// One over one more than the number of times, in parts of a million; never zero.
    fn weight(&self, action: usize) -> u64 {
        let times = self.0.get(action).copied().unwrap_or(0);
        (1_000_000 / (times + 1)).max(1)
    }

    fn count(&mut self, action: usize) {
        if self.0.len() <= action {
            self.0.resize(action + 1, 0);
        }
        if let Some(times) = self.0.get_mut(action) {
            *times += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand choices between one successor by action 0 and nine by action 1: how often action 0.
    fn rare(scheduler: Scheduler) -> u32 {
        let mut random = Random::new(7);
        let mut taken = Taken::default();
        let mut draw = Draw::new(scheduler);
        let mut times = 0;
        for _ in 0..1000 {
            draw.clear();
            for successor in 0..10 {
                draw.offer(ActionId(u32::from(successor > 0)), &[successor], &mut random);
            }
            times += u32::from(draw.choose(&mut random, &mut taken) == Some((ActionId(0), vec![0])));
        }
        times
    }

    #[test]
    fn schedulers_give_a_rare_action_its_share() {
        assert!((60..140).contains(&rare(Scheduler::Uniform)));
        assert!((430..570).contains(&rare(Scheduler::Actions)));
        assert!((430..570).contains(&rare(Scheduler::Coverage)));
    }

    #[test]
    fn coverage_makes_up_for_what_was_neglected() {
        let mut random = Random::new(7);
        let mut taken = Taken(vec![1000, 0]);
        let mut draw = Draw::new(Scheduler::Coverage);
        let mut seldom = 0;
        for _ in 0..100 {
            draw.clear();
            draw.offer(ActionId(0), &[0], &mut random);
            draw.offer(ActionId(1), &[1], &mut random);
            seldom += u32::from(draw.choose(&mut random, &mut taken) == Some((ActionId(1), vec![1])));
        }
        assert!(seldom > 85, "{seldom}");
    }

    #[test]
    fn nothing_offered_is_nothing_chosen() {
        let mut random = Random::new(1);
        for scheduler in [Scheduler::Uniform, Scheduler::Actions, Scheduler::Coverage] {
            assert_eq!(Draw::new(scheduler).choose(&mut random, &mut Taken::default()), None);
        }
    }
}
