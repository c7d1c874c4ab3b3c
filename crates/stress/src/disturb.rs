//! What happens to a workload from outside, by its scenario: memory that is taken away and given back, forks, a shutdown.

use crate::machine::Machine;
use crate::plan::{Plan, Scenario};
use mps_runtime::{Address, AllocError, PoolError, PoolKind};
use std::time::{Duration, Instant};

/// Shares of the operations between which a shutdown comes.
const SHUTDOWN_AT: f64 = 0.5;

/// How often a process forks at most: each child is a copy of the whole process.
const FORKS: u64 = 20;

/// How long the memory stays away.
const HELD: Duration = Duration::from_millis(3);

/// Whoever disturbs a workload. Works on the thread that owns the pool.
#[derive(Debug)]
pub struct Disturber {
    scenario: Scenario,
    /// What it did: collections, forks, shutdowns.
    pub events: u64,
    /// What was wrong with it.
    pub findings: Vec<String>,
    /// Whether pool and allocator are shut down.
    pub is_shut_down: bool,
    hoard: Vec<Address>,
    since: Instant,
}

impl Disturber {
    /// For a plan.
    pub fn new(plan: &Plan) -> Self {
        let (events, findings, hoard) = (0, Vec::new(), Vec::new());
        Self { scenario: plan.scenario, events, findings, is_shut_down: false, hoard, since: Instant::now() }
    }

    /// Does its part when this share of the operations is done.
    pub fn disturb(&mut self, machine: &Machine, share: f64) {
        match self.scenario {
            Scenario::Steady | Scenario::Churn | Scenario::Oversubscribed => {}
            Scenario::OutOfMemory => self.take_memory(machine),
            Scenario::Fork => self.fork(machine),
            Scenario::Shutdown => self.shut_down(machine, share),
        }
    }

    /// Takes all the memory there is, and gives it back a little later.
    fn take_memory(&mut self, machine: &Machine) {
        if !self.hoard.is_empty() {
            if self.since.elapsed() >= HELD {
                self.release(machine);
                machine.allocator.empty_cache(PoolKind::Large);
            }
            return;
        }
        loop {
            match machine.allocator.malloc(32 << 10) {
                Ok(block) => self.hoard.push(block.address),
                Err(AllocError::OutOfMemory(_)) => break,
                Err(error) => {
                    self.findings.push(format!("memory could not be taken: {error}"));
                    break;
                }
            }
        }
        self.events += 1;
        self.since = Instant::now();
    }

    /// Gives back what is held.
    pub fn release(&mut self, machine: &Machine) {
        for address in self.hoard.drain(..) {
            if let Err(error) = machine.allocator.free(address) {
                self.findings.push(format!("memory could not be given back: {error}"));
            }
        }
    }

    /// Forks, and has the child try to use the runtime.
    #[cfg(unix)]
    fn fork(&mut self, machine: &Machine) {
        use mps_runtime::fork::{Child, in_forked_child, probe};
        if self.events >= FORKS || self.findings.len() > 2 {
            return;
        }
        // Neither call may wait for ever, or hand anything out.
        let in_child = || {
            let stream = machine.pool.current_within(Duration::from_secs(1)).err() == Some(PoolError::ShutDown);
            let memory = machine.allocator.malloc(64).err() == Some(AllocError::ShutDown);
            u8::from(!in_forked_child()) + 2 * u8::from(!stream) + 4 * u8::from(!memory)
        };
        match probe(in_child, machine.patience) {
            Ok(Child::Exited(0)) => {}
            Ok(Child::Exited(code)) => {
                let parts = [(1, "does not know that it is one"), (2, "got a stream"), (4, "got memory")];
                let told: Vec<&str> = parts.iter().filter(|(bit, _)| code & bit != 0).map(|(_, text)| *text).collect();
                self.findings.push(format!("a forked child {} (code {code})", told.join(", ")));
            }
            Ok(Child::Killed) => self.findings.push("a forked child crashed".to_owned()),
            Ok(Child::Stuck) => self.findings.push("a forked child is stuck".to_owned()),
            Err(error) => self.findings.push(format!("the system does not fork: {error}")),
        }
        self.events += 1;
    }

    #[cfg(not(unix))]
    fn fork(&mut self, _machine: &Machine) {}

    fn shut_down(&mut self, machine: &Machine, share: f64) {
        if share < SHUTDOWN_AT || self.is_shut_down {
            return;
        }
        self.is_shut_down = true;
        self.events += 1;
        if let Err(error) = machine.pool.shut_down_within(machine.patience) {
            self.findings.push(format!("the stream pool did not end under load: {error}"));
        }
        machine.allocator.begin_shutdown();
    }
}
