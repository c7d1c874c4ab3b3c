//! Workloads over the runtime: right ones are found right under all circumstances, broken kernels and broken runtimes wrong.

use interlock_stress::kernel::KernelError;
use interlock_stress::tensor::Tensor;
use interlock_stress::{Amount, Backend, Host, Kernel, Level, Nobody, Outcome, Plan, Scenario, Watcher, run};
use mps_runtime::{Mutation, Mutations};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn plan(scenario: Scenario) -> Plan {
    Plan {
        kernels: Kernel::ALL.to_vec(),
        threads: 4,
        amount: Amount::Operations(40),
        scenario,
        seed: 7,
        noise: Level::Light,
        engines: 2,
        most_growth: u64::MAX,
        patience: Duration::from_secs(20),
        mutations: Mutations::NONE,
    }
}

fn outcome(plan: &Plan) -> Outcome {
    let host: Arc<dyn Backend> = Arc::new(Host);
    run(plan, &host, &Nobody).expect("it can be run")
}

#[test]
fn every_scenario_ends_and_nothing_is_wrong() {
    for scenario in Scenario::ALL {
        let outcome = outcome(&plan(scenario));
        assert_eq!((outcome.errors, &outcome.findings[..]), (0, &[][..]), "{}", scenario.name());
        assert_eq!(outcome.vacuous, None, "{}", scenario.name());
        assert_eq!(outcome.kernels.len(), Kernel::ALL.len());
        if scenario != Scenario::Shutdown {
            assert_eq!(outcome.operations(), 4 * 40 * Kernel::ALL.len() as u64, "{}", scenario.name());
            assert!(outcome.kernels.iter().all(|kernel| kernel.operations == 4 * 40), "{:?}", outcome.kernels);
        }
        assert!(outcome.kernels.iter().all(|kernel| kernel.p50_us > 0.0 && kernel.p99_us >= kernel.p50_us));
    }
}

/// Layer norm keeps its rows in a buffer that all threads share, as a static scratch buffer would.
struct Shared(Mutex<Vec<f32>>, AtomicU32);

impl Backend for Shared {
    fn name(&self) -> String {
        "shared scratch".to_owned()
    }

    fn tolerance(&self) -> f32 {
        0.0
    }

    fn compute(&self, kernel: Kernel, inputs: &[Tensor]) -> Result<Tensor, KernelError> {
        if kernel != Kernel::LayerNorm {
            return Host.compute(kernel, inputs);
        }
        self.0.lock().expect("no panic").clone_from(&inputs[0].data);
        // Two engines are in here at the same time now and then; each use is right by itself.
        self.1.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_micros(100));
        let mut mine = inputs.to_vec();
        let scratch = self.0.lock().expect("no panic");
        mine[0].data.iter_mut().zip(scratch.iter()).for_each(|(number, kept)| *number = *kept);
        Host.compute(kernel, &mine)
    }
}

#[test]
fn a_kernel_that_is_right_on_one_thread_only_is_found() {
    let broken: Arc<dyn Backend> = Arc::new(Shared(Mutex::default(), AtomicU32::new(0)));
    let outcome = run(&plan(Scenario::Steady), &broken, &Nobody).expect("on one thread it is right");
    assert!(outcome.errors > 0, "{outcome:?}");
    let told = &outcome.findings[0];
    assert_eq!(told.kernel.as_deref(), Some("layer-norm"));
    assert!(told.sentence().contains("the result is not that of one thread; element"), "{}", told.sentence());
    let others = outcome.kernels.iter().filter(|kernel| kernel.kernel != "layer-norm");
    assert_eq!(others.map(|kernel| kernel.errors).sum::<u64>(), 0);
}

/// Panics now and then.
struct Panics;

impl Backend for Panics {
    fn name(&self) -> String {
        "panics".to_owned()
    }

    fn tolerance(&self) -> f32 {
        0.0
    }

    fn compute(&self, kernel: Kernel, inputs: &[Tensor]) -> Result<Tensor, KernelError> {
        let on_the_device = std::thread::current().name() == Some("device");
        assert!(!(on_the_device && kernel == Kernel::Add), "a bad day");
        Host.compute(kernel, inputs)
    }
}

#[test]
fn a_kernel_that_panics_is_an_error_and_the_device_goes_on() {
    let backend: Arc<dyn Backend> = Arc::new(Panics);
    let outcome = run(&plan(Scenario::Steady), &backend, &Nobody).expect("it can be run");
    assert_eq!(outcome.errors, 4 * 40);
    assert!(outcome.findings[0].what.contains("it panicked"), "{:?}", outcome.findings[0]);
}

#[test]
fn a_broken_runtime_gives_wrong_results() {
    for defect in [Mutation::RecycleOnFirst, Mutation::ForgetAStream] {
        let broken = |seed| Plan {
            amount: Amount::Operations(200),
            patience: Duration::from_millis(400),
            mutations: Mutations::only(defect),
            seed,
            ..plan(Scenario::Steady)
        };
        // The schedule is the system's: a defect shows in most runs, and not always by a number first.
        let outcomes: Vec<Outcome> = (1..=6).map(|seed| outcome(&broken(seed))).collect();
        assert!(outcomes.iter().filter(|outcome| outcome.errors > 0).count() >= 3, "{defect:?}");
        let numbers = outcomes.iter().flat_map(|outcome| &outcome.findings).filter(|one| one.difference.is_some());
        assert!(numbers.count() > 0, "{defect:?}: {:?}", outcomes[0].findings);
    }
}

#[test]
fn growth_beyond_what_is_allowed_is_an_error() {
    /// Keeps everything that it computes.
    struct Hoard(Mutex<Vec<Vec<f32>>>);

    impl Backend for Hoard {
        fn name(&self) -> String {
            "hoard".to_owned()
        }

        fn tolerance(&self) -> f32 {
            0.0
        }

        fn compute(&self, kernel: Kernel, inputs: &[Tensor]) -> Result<Tensor, KernelError> {
            self.0.lock().expect("no panic").push(vec![1.0; 1 << 15]);
            Host.compute(kernel, inputs)
        }
    }
    let backend: Arc<dyn Backend> = Arc::new(Hoard(Mutex::default()));
    let limited = Plan { most_growth: 8 << 20, ..plan(Scenario::Steady) };
    let outcome = run(&limited, &backend, &Nobody).expect("it can be run");
    assert_eq!(outcome.errors, 1, "{:?}", outcome.findings);
    assert!(outcome.findings[0].what.contains("8.0 MiB are allowed"), "{:?}", outcome.findings);
}

#[test]
fn a_run_that_is_stopped_says_so() {
    struct AtOnce;
    impl Watcher for AtOnce {
        fn stop(&self) -> bool {
            true
        }
    }
    let endless = Plan { amount: Amount::Time(Duration::from_secs(3600)), ..plan(Scenario::Steady) };
    let host: Arc<dyn Backend> = Arc::new(Host);
    let outcome = run(&endless, &host, &AtOnce).expect("it can be run");
    assert!(!outcome.complete);
}
