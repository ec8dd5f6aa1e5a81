//! Finding the overlay in the real world: names are resolved, host caches pinged, web caches read.
//!
//! ```text
//! engine ── Notice ──► run ── Command ──► engine        AskHostCache, NameHostCaches, Told
//!                       │ ── asked ────► saver
//!                       └── names, HTTP ──► the Internet
//! ```
//!
//! What to ask and when is decided in [`gnutella::bootstrap`](crate::gnutella::bootstrap). The pings
//! themselves are sent by the node over its one UDP socket.

mod board;
mod http;
mod multicast;
mod resolve;
mod task;

use std::net::SocketAddr;

use crate::gnutella::bootstrap::{Asked, Rules, Standing};

pub use board::Board;
pub use http::{Answer, Fetched, Web};
pub use multicast::{LocalPlan, run_local};
pub use resolve::{Resolved, resolve};
pub use task::run;

/// What [`run`] is told once.
#[derive(Clone, Debug)]
pub struct Plan {
    pub rules: Rules,
    /// Whom earlier runs have asked, as the store has it.
    pub asked: Vec<Asked>,
    /// All that is random follows from it.
    pub seed: u64,
    /// Caches may have private addresses.
    pub allow_private: bool,
    /// The program, as web caches see it.
    pub user_agent: String,
    /// Where it is shown what became of it.
    pub board: Board,
}

/// What the engine tells [`run`].
#[derive(Clone, Debug)]
pub enum Notice {
    /// The node stands like this now: at the start, and whenever it has changed.
    Standing(Standing),
    /// [`Event::HostCacheAnswered`](crate::node::Event::HostCacheAnswered)
    HostCacheAnswered { from: SocketAddr, hosts: usize, caches: Vec<String> },
    /// [`Event::HostCachesNamed`](crate::node::Event::HostCachesNamed)
    HostCachesNamed { caches: Vec<String> },
}
