use std::fmt;
use std::time::Duration;

use super::{Ending, Session};
use crate::base::error::Fault;
use crate::fasttrack::wire::Frame;

/// What a driver hands to a [`Link`](super::Link).
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// Bytes from the other side, some kilobytes at a time, and none unless
    /// [`wants_bytes`](super::Link::wants_bytes).
    Received(&'a [u8]),
    /// The other side will send no more.
    Ended,
    /// The node wants to know how far the other side is; [`Output::Pong`] says it.
    Ping,
    /// The node wants no more of this link.
    Leave,
    /// The node found this in a frame of the other side; it costs what it costs (FTSAFE-10).
    Blame(Fault),
    /// The moment of [`Link::next_timeout`](super::Link::next_timeout) has come.
    Timeout,
}

/// What a [`Link`](super::Link) hands to its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The session stands; frames may go both ways.
    Opened(Box<Session>),
    /// A message of the other side.
    Frame(Frame),
    /// The other side has answered a ping, so long after that was written.
    Pong { round_trip: Duration },
    /// Write what there is, then nothing more (half-close).
    EndWriting,
    /// The last output: close the connection.
    Closed(Ending),
}

/// What a [`Link`](super::Link) waits for when it asks to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Both names must be there (FTLINK-28).
    Hello,
    /// The message that has begun must be complete (FTLINK-30).
    Message,
    /// The other side has been silent for long, and will be asked whether it is there.
    Quiet,
    /// The other side, which was asked, must have said something (FTLINK-29).
    Answer,
    /// The other side has sent too much, and may go on then (FTSAFE-07).
    Pace,
    /// The other side had time to read our last message.
    Grace,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hello => "the hello took too long",
            Self::Message => "a message did not come to its end in time",
            Self::Quiet => "it has been silent for long",
            Self::Answer => "it does not answer to a ping",
            Self::Pace => "it has sent too much at once",
            Self::Grace => "the time for a last word is over",
        })
    }
}
