//! The figure that `docs/stress.md` states, for whoever wants to measure it without building all of Interlock:
//! `cargo test --release -p interlock-stress --test measured -- --ignored --nocapture`.

// The figures are the result.
#![allow(clippy::print_stdout)]

use interlock_stress::{Amount, Backend, Host, Kernel, Level, MOST_GROWTH, Nobody, PATIENCE, Plan, Scenario, run};
use mps_runtime::Mutations;
use std::sync::Arc;

#[test]
#[ignore = "takes a minute and measures"]
fn eight_threads_with_ten_thousand_operations_of_each_kernel() {
    let host: Arc<dyn Backend> = Arc::new(Host);
    for noise in [Level::Off, Level::Light] {
        let plan = Plan {
            kernels: Kernel::ALL.to_vec(),
            threads: 8,
            amount: Amount::Operations(10_000),
            scenario: Scenario::Steady,
            seed: 1,
            noise,
            engines: 2,
            most_growth: MOST_GROWTH,
            patience: PATIENCE,
            mutations: Mutations::NONE,
        };
        let outcome = run(&plan, &host, &Nobody).expect("it can be run");
        println!("{}, {:.1} s, {:.0} operations/s", outcome.schedule(), outcome.wall_s, outcome.per_second());
        for kernel in &outcome.kernels {
            println!("  {} {} p50 {} µs, p99 {} µs", kernel.kernel, kernel.operations, kernel.p50_us, kernel.p99_us);
        }
        println!("  {:?} bytes after the warm-up", outcome.memory.bytes());
        assert_eq!((outcome.errors, outcome.operations()), (0, 560_000), "{:?}", outcome.findings);
    }
}
