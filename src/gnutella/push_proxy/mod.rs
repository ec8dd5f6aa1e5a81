//! Push proxies, both ways, and the connections that pushes ask of us.
//!
//! A servent that cannot be reached asks its ultrapeers to take pushes for it, and tells others
//! where they are.
//!
//! - [`PushProxies`]: who takes pushes for us
//! - [`Proxied`]: for whom we take them
//! - [`DatagramPushes`]: how many pushes in datagrams are passed on
//! - [`Callbacks`]: to whom we connect because of a push

#![deny(clippy::arithmetic_side_effects)]

mod by_datagram;
mod callbacks;
mod proxied;
mod proxies;

pub use by_datagram::DatagramPushes;
pub use callbacks::Callbacks;
pub use proxied::Proxied;
pub use proxies::PushProxies;
