//! Files on their way to us: which bytes from whom, and what of them is right.
//!
//! | module | what it is |
//! |---|---|
//! | [`Download`] | one file: sources in, requests and writes out |
//! | [`journal`] | what is known of a file that is not whole yet, so that a crash loses nothing |
//! | [`Pieces`] | what is there, what is on its way, who sent it |
//! | [`Turns`] | which files are fetched at the same time, and which wait |
//! | [`Linked`] | what a link says of a file, and of those who have it |
//! | [`Reply`] | what a source answers, as it comes |
//! | [`Row`] | what the pieces must be, by the Tiger tree |
//!
//! A piece counts when its Tiger digest is that of the tree; the whole file counts when its SHA-1 is
//! the one that was asked for, read again from the disk (DOWN-01, DOWN-02). What only FastTrack knows is
//! read for what that knows it by (FTHTTP-16). Whoever sent a piece that
//! is wrong is not asked again. Bytes are written before they are checked, in one order for each piece,
//! and a journal says which of them were right: see [`journal`].

mod answer;
mod contract;
pub mod journal;
mod kazaa;
mod known_by;
mod leaves;
mod linked;
mod machine;
mod pieces;
mod rate;
mod reply;
mod row;
mod source;
mod turns;

pub use answer::{Manners, is_of_servent, request_of};
pub use contract::{
    Answer, Ask, CallFailure, DiskFailure, Done, Finding, Hashes, Input, KazaaHost, Origin,
    Outcome, Output, Path, PushWay, SourceId, State, Wanted, Why, Work,
};
pub use known_by::{ContentKey, KazaaName, KnownBy};
pub use leaves::{LEAF_LEN, Leaves, TigerDigest, root_of};
pub use linked::{Linked, NamedHost, NoFile, possible};
pub use machine::{Download, OnOffer, Progress, Rules, SourceView};
pub use pieces::Pieces;
pub use reply::{Heard, NoReply, Reply};
pub use row::Row;
pub use turns::Turns;
