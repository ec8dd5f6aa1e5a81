//! HTTP as Gnutella has it: what requests and responses of file transfers say, values <-> bytes. Requests of FastTrack
//! come to the same port, and differ by what they ask for ([`Target::ByUuHash`]).
//!
//! | | |
//! |---|---|
//! | [`RequestReader`], [`Request`], [`Target`] | what somebody asks for |
//! | [`ResponseReader`], [`Response`], [`BodyReader`] | what somebody answers |
//! | [`OwnHead`], [`HeaderText`] | what we write: nothing from strangers becomes a line of its own |
//! | [`Form`] | what one header says: [`RangeHeader`], [`ContentRange`], [`Queue`], [`Queued`], ... |
//! | [`Alternates`] | who else has a content, by several headers |
//! | [`Giv`], [`QueueCallback`] | the lines with which a servent that was called begins |
//! | [`thex`] | Tiger trees |
//! | [`BrowseForm`], [`BrowseReader`], [`PageEntry`] | lists of files |
//!
//! Reading is lenient: what cannot be understood is as good as missing, unless two readers could take it
//! for two things ([`Request::keeps_connection`]). Writing is exact.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod alt_host;
mod alternates;
mod available;
mod body;
mod browse;
mod clean;
mod content;
mod content_range;
mod form;
mod giv;
mod node_info;
mod own_head;
mod parq;

mod push_location;
mod queue;
mod range;
mod request;
mod response;
mod status;
mod target;
mod text;
pub mod thex;
mod version;

pub use alt_host::AltHost;
pub use alternates::Alternates;
pub use available::{AvailableLen, AvailableRanges};
pub use body::BodyReader;
pub use browse::{BrowseForm, BrowseReader, PageEnd, PageEntry, PageStart};
pub use content::{ContentUrns, CreateTime, Downloaded, RetryAfter, ThexUri};
pub use content_range::ContentRange;
pub use form::Form;
pub use giv::Giv;
pub use node_info::{Features, NodeAddress, NodeInfo, PushProxies, ServentId, agent};
pub use own_head::OwnHead;
pub use parq::{QueueCallback, QueueId, Queued};
pub use push_location::PushLocation;
pub use queue::{Queue, QueueVersion};
pub use range::RangeHeader;
pub use request::{BadRequest, Method, Request, RequestReader};
pub use response::{BodyEnd, Response, ResponseReader};
pub use status::Status;
pub use target::{PushRequest, Target};
pub use text::HeaderText;
pub use version::HttpVersion;
