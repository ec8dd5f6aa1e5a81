//! What the running program costs, and how fast it is: a load generator over loopback.
//!
//! ```text
//! cargo bench --bench daemon                 every measurement
//! cargo bench --bench daemon -- queries      processor time a query, with 100 leaves
//! cargo bench --bench daemon -- relay        what a query takes on its way through, with 100 peers
//! cargo bench --bench daemon -- flood        messages routed in a second
//! cargo bench --bench daemon -- start        time to ready, memory, size of the program
//! cargo bench --bench daemon -- idle 19000   memory and processor time of so many idle peers
//! ```
//!
//! The program is started as a user starts it, in a home of its own; its processor time and memory are
//! what the system says of its process. The peers are in this process, on many addresses of loopback.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops where something is missing"
)]

mod flood;
mod idle;
mod leaf_table;
mod peer;
mod process;
mod queries;
mod relay;
mod start;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|one| one == name);
    let number = arguments.iter().find_map(|one| one.parse().ok());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    runtime.block_on(async {
        if wanted("start") {
            start::measure();
        }
        if wanted("queries") {
            queries::measure().await;
        }
        if wanted("relay") {
            relay::measure().await;
        }
        if wanted("flood") {
            flood::measure().await;
        }
        if wanted("idle") {
            idle::measure(number.unwrap_or(2_000)).await;
        }
    });
}
