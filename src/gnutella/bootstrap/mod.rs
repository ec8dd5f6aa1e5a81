//! Finding the overlay when nobody is known: which host caches and web caches to ask, and when.
//!
//! ```text
//!           Standing  Answered  Unresolved  Fetched  Timeout
//! driver ──────────────────────────────────────────────────► Bootstrap ──────────► driver
//!                                                              AskUdp AskWeb Learnt
//! ```
//!
//! [`Bootstrap`] keeps the contract of the house: [`handle`](Bootstrap::handle), then
//! [`poll`](Bootstrap::poll) until there is nothing more, then wait until
//! [`next_timeout`](Bootstrap::next_timeout) or the next input. Names stay names here: the driver resolves
//! them, sends, and fetches.
//!
//! - [`HostCacheName`]: a UDP host cache
//! - [`WebCacheUrl`]: a web cache; [`Reply`]: what it says
//! - [`Multicast`]: hosts of the local network
//! - [`Names`]: the caches that are asked where nobody has named any
//!
//! What caches say is hearsay, and none of them is asked more often than its rules allow, also after a
//! restart: the driver keeps [`Bootstrap::asked`] and hands it to [`Bootstrap::new`].

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod contract;
mod machine;
mod multicast;
mod names;
mod pace;
mod udp_host_cache;
mod web_cache;

pub use contract::{Asked, Input, Output, Rules, Standing, Unresolved};
pub use machine::Bootstrap;
pub use multicast::{MULTICAST_GROUP, Multicast};
pub use names::{Names, Unusable};
pub use udp_host_cache::{HostCacheName, NoHostCache};
pub use web_cache::{NoWebCache, Reply, Useless, WebCacheUrl, announcement, request};
