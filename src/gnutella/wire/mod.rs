//! Values <-> bytes. Every Gnutella descriptor is a [`Frame`]: a header and a payload.
//!
//! ```text
//! bytes ─► Frame (header + shared payload) ─► Message ─► typed extensions, on demand
//! ```
//!
//! - [`Frame`] is what a router moves: it never looks into the payload, and never copies it.
//! - [`Message`] is the payload understood. Decoding is tolerant: it fails only where the bytes
//!   cannot be told apart. What else is wrong is told by [`Message::inspect`].
//! - Optional areas (GGEP, HUGE, XML, trailers) are kept as the bytes they came in and are read
//!   when asked for, so that what nobody here understands still leaves as it arrived.
//!
//! No function in this room panics, whatever the bytes, and none allocates more than the length of
//! its input plus 64 KiB.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod bye;
mod datagram;
mod extension_area;
mod frame;
pub mod ggep;
mod guid;
mod header;
mod hsep;
mod inflate;
mod message;
mod ping;
mod pong;
mod push;
mod query;
mod query_flags;
mod query_hit;
pub mod query_table;
mod reliable;
mod trailer;
pub mod vendor;
mod vendor_code;
mod xml;

pub use bye::Bye;
pub use datagram::Datagram;
pub use extension_area::{AreaWriter, ExtensionArea, Part, Parts};
pub use frame::Frame;
pub use ggep::GgepArea;
pub use guid::Guid;
pub use header::{Function, HEADER_LEN, Header};
pub use hsep::{Hsep, Triple};
pub use inflate::{Wrapper, inflate, inflate_wrapped};
pub use message::Message;
pub use ping::Ping;
pub use pong::Pong;
pub use push::Push;
pub use query::Query;
pub use query_flags::{Dialect, QueryFlags};
pub use query_hit::{QueryHit, Record};
pub use query_table::QueryTable;
pub use reliable::{Reception, Reliable};
pub use trailer::{Trailer, TrailerFlags};
pub use vendor::Vendor;
pub use vendor_code::VendorCode;
pub use xml::Xml;
