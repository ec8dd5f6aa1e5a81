//! One connection, from its first byte to its frames.
//!
//! ```text
//! first bytes ─► opening: which protocol?
//! bytes ─► Head ─► handshake (typestate) ─► Agreement        what both sides have agreed on
//! bytes ─► Inflater ─► framing ─► frames                     what each breach costs
//! frames ─► Deflater ─► bytes
//! ```
//!
//! [`Link`] is the machine that puts these together; a driver turns it. It knows no socket and no
//! clock: time is handed in, and so are the answers of the node, which alone decides who gets a slot.
//! [`Profile`] is what we say of ourselves.
//!
//! ```
//! use std::net::{IpAddr, Ipv4Addr};
//! use std::sync::Arc;
//!
//! use filbert::base::time::Time;
//! use filbert::gnutella::link::{Decision, Input, Link, Output, Profile, Queue, Role};
//!
//! let peer = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
//! let now = Time::ZERO;
//! let mut link = Link::connect(Arc::new(Profile::new(Role::Leaf)), peer, now);
//! let request = link.transmit(Queue::Dry, now).expect("a link that connects speaks first");
//! assert!(request.starts_with(b"GNUTELLA CONNECT/0.6\r\n"));
//!
//! let answer = b"GNUTELLA/0.6 200 OK\r\nX-Ultrapeer: True\r\n\r\n";
//! link.handle(Input::Received(answer), now);
//! assert!(matches!(link.poll(), Some(Output::Answered(_))));
//! assert!(link.poll().is_none());
//! link.handle(Input::Decided(Decision::accept(Role::Leaf)), now);
//! assert!(matches!(link.poll(), Some(Output::Opened(_))));
//! ```
//!
//! Decoding is as tolerant as in [`wire`](super::wire): a head fails where there is none, and what
//! else is wrong is told by [`Head::inspect`].

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod agreement;
mod capabilities;
mod contract;
mod cost;
mod deflater;
mod ending;
mod framing;
mod greeting;
mod handshake;
mod head;
mod head_reader;
mod incoming;
mod inflater;
mod machine;
mod objection;
mod open;
mod outgoing;
mod overheard;
mod profile;
mod refusal;
mod role;
mod since;
mod sniff;
mod start_line;

pub use agreement::Agreement;
pub use capabilities::{Capabilities, Feature};
pub use contract::{Input, Output, Reason};
pub use cost::Cost;
pub use deflater::Deflater;
pub use ending::Ending;
pub use handshake::{Decision, Declined, Question};
pub use head::Head;
pub use head_reader::HeadReader;
pub use inflater::Inflater;
pub use machine::Link;
pub use outgoing::Queue;
pub use profile::Profile;
pub use refusal::Refusal;
pub use role::Role;
pub use since::date as read_date;
pub use sniff::{Method, Opening, Port, Sniffer, opening, opening_at};
pub use start_line::{StartLine, Version};
