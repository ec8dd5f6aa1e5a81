//! Push proxies, both ways, and the connections that pushes ask of us.
//!
//! A servent that cannot be reached asks its ultrapeers to take pushes for it, and tells others
//! where they are.
//!
//! - [`PushProxies`]: who takes pushes for us
//! - [`Proxied`]: for whom we take them
//! - [`DatagramPushes`]: how many pushes in datagrams are passed on
//! - [`RequestedPushes`]: how many pushes that are asked for over HTTP are passed on
//! - [`OwnPushes`]: how many pushes of ours go to whom
//! - [`Callbacks`]: to whom we connect because of a push
//! - [`ProxyRound`]: whom we ask over HTTP to pass a push on, and when
//! - [`SourceCalls`]: to whom we connect because of a hit or an alternate location

#![deny(clippy::arithmetic_side_effects)]

mod by_datagram;
mod by_http;
mod callbacks;
mod own_pushes;
mod proxied;
mod proxies;
mod proxy_round;
mod source_calls;

pub use by_datagram::DatagramPushes;
pub use by_http::{Requested, RequestedPushes};
pub use callbacks::{Callback, Callbacks};
pub use own_pushes::OwnPushes;
pub use proxied::Proxied;
pub use proxies::PushProxies;
pub use proxy_round::{ProxyAnswer, ProxyRound, ProxyStep};
pub use source_calls::{Permit, SourceCalls};
