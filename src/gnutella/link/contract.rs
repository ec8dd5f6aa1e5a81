use std::fmt;

use bytes::Bytes;

use super::{Agreement, Decision, Ending, Question};
use crate::base::error::{Fault, Malformed};
use crate::gnutella::wire::{Frame, Header};

/// What a driver hands to a [`Link`](super::Link).
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Bytes from the other side. Until they are understood, a link holds as many as one input has: a
    /// driver reads some kilobytes at a time.
    Received(&'a [u8]),
    /// The other side will send no more.
    Ended,
    /// The node's answer to [`Output::Asked`] or [`Output::Answered`].
    Decided(Decision),
    /// TLS stands, after [`Output::StartTls`]; from now on all bytes are those inside of it.
    Encrypted,
    /// The node wants no more of this link. Of the reason the first line is said, in 200 characters.
    Bye { code: u16, reason: &'a str },
    /// The node found this in a frame of the other side; it costs what it costs.
    Blame(Fault),
    /// The moment of [`Link::next_timeout`](super::Link::next_timeout) has come.
    Timeout,
}

/// What a [`Link`](super::Link) hands to its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Somebody connected to us and asks for a link.
    Asked(Box<Question>),
    /// We connected, and the other side would have us.
    Answered(Box<Question>),
    /// Write what there is, then speak TLS: as its client if we connected. These bytes have arrived
    /// already and belong to it.
    StartTls { unread: Bytes },
    /// The link stands; frames may go both ways.
    Opened(Box<Agreement>),
    /// A message of the other side.
    Frame(Frame),
    /// A message that does not count, and why.
    Dropped { header: Header, fault: Malformed },
    /// Write what there is, then nothing more (half-close).
    EndWriting,
    /// The last output: close the connection.
    Closed(Ending),
}

/// What a [`Link`](super::Link) waits for when it asks to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The handshake must be over (SIZE-18).
    Handshake,
    /// The message that has begun must be complete.
    Frame,
    /// Compressed bytes have waited long enough (HAND-39).
    Flush,
    /// The compressor has been idle long enough to be given up.
    Rest,
    /// The other side had time to read our last word (BYE-16).
    Grace,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "the handshake took too long",
            Self::Frame => "a message did not come to its end in time",
            Self::Flush => "compressed bytes have waited long enough",
            Self::Rest => "the compressor has been idle",
            Self::Grace => "the time for a last word is over",
        })
    }
}
