use std::net::SocketAddrV4;

use crate::base::error::Fault;
use crate::base::limits::{FASTTRACK_NEIGHBOURS_MAX, FASTTRACK_NEIGHBOURS_WANTED};
use crate::base::slots::Slot;
use crate::fasttrack::wire::{
    Bandwidth, Logarithm, Media, Message, Node, PushRequest, Realm, Results, TableRecord, Term,
};

/// How a supernode deals with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Neighbours that it looks for.
    pub wanted: usize,
    /// Neighbours that it takes; never more than [`FASTTRACK_NEIGHBOURS_MAX`].
    pub neighbours_max: usize,
    /// Addresses count that strangers cannot have, and many of one network. For laboratories.
    pub allow_private: bool,
    /// The version of the program, as it is told (FTWIRE-27).
    pub version: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            wanted: FASTTRACK_NEIGHBOURS_WANTED,
            neighbours_max: FASTTRACK_NEIGHBOURS_MAX,
            allow_private: false,
            version: 0x21,
        }
    }
}

/// What this supernode says of itself to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    pub children: u8,
    pub load_percent: u8,
    pub bandwidth: Bandwidth,
    /// Of its children and itself, by media type.
    pub media: [Amount; Media::COUNT],
}

/// Files, and how large they are together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    pub files: u64,
    pub mib: u64,
}

/// The number that the caller gave a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchKey(pub u32);

/// Something that has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Give this to a session.
    Send { to: Slot, message: Message },
    /// A session is one with a neighbour from now on.
    Joined { slot: Slot, address: SocketAddrV4 },
    /// Send a list of other supernodes and end the session (FTPEER-03): see
    /// [`Neighbours::nodes`](super::Neighbours::nodes).
    Decline { slot: Slot, why: Declined },
    /// End the session.
    Close { slot: Slot, why: Closed },
    /// Another supernode asks for files: give them to
    /// [`Neighbours::answer`](super::Neighbours::answer), also where there are none.
    Asked { reply: ReplyTo, max: u16, realm: Realm, terms: Vec<Term> },
    /// One of our children shall call somebody (FTPEER-21).
    Push(PushRequest),
    /// Results of a search, and the supernode in whose index they are. Never more than were wanted; the
    /// id is of no meaning.
    Found { key: SearchKey, results: Results },
    /// Nothing more comes for a search.
    Ended { key: SearchKey, why: Ended },
    /// A session told of nodes.
    Learnt { from: Slot, nodes: Vec<Node> },
    /// What went by this neighbour to others was not answered: nothing is believed for a while that it says
    /// of others (FTPEER-25).
    Doubted { slot: Slot },
    /// A session broke a rule.
    Fault { slot: Slot, fault: Fault },
}

/// Why a supernode does not become a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declined {
    /// There are as many as there may be.
    Full,
    /// There are as many of its network as there may be.
    Network,
}

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is one with ourselves (FTSAFE-12): that address is not to be called again.
    Ourselves,
    /// There is another one with the same supernode, which stays (FTPEER-12).
    Doubled,
    /// It is not who it says to be (FTPEER-23).
    Forged,
    /// It was called, and did not answer with a table.
    Silent,
    /// It was called, and declined (FTPEER-03).
    Declined,
}

/// Why a search is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// As many results as were wanted have come.
    Enough,
    /// Everybody was asked who may be.
    Exhausted,
    /// It has run for as long as it may.
    TimedOut,
    /// Too many others run.
    Busy,
}

/// Who gets an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyTo {
    pub(super) address: SocketAddrV4,
    pub(super) id: u16,
    pub(super) max: u16,
    /// Who brought the question.
    pub(super) from: Slot,
}

#[cfg(test)]
impl ReplyTo {
    /// Nobody gets it.
    pub(in crate::fasttrack) const fn to_nobody() -> Self {
        let address = SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0);
        Self { address, id: 0, max: 0, from: Slot::FIRST }
    }
}

/// A supernode that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it says of itself, with our own distance.
    pub record: TableRecord,
    /// The neighbour that is nearest to it.
    pub by: Slot,
}

/// What all supernodes of the table and this one have together (FTSUPER-21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Children and supernodes.
    pub users: u64,
    /// By media type.
    pub media: [Amount; Media::COUNT],
}

/// Why a message to one supernode goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dropped {
    /// The session is not one with a neighbour.
    Stranger,
    /// It is not from where it says (FTPEER-23).
    Forged,
    /// It names ourselves as its sender.
    Own,
    /// It has come as far as it may (FTPEER-14).
    TooFar,
    /// The receiver is not in the table (FTPEER-14).
    NoWay,
    /// The way leads back to where it came from (FTPEER-14).
    Backwards,
    /// More than the neighbour may bring (FTPEER-24).
    TooMuch,
    /// Nothing that goes from supernode to supernode (FTPEER-22), or nobody can read it.
    Unreadable,
    /// The search was here before (FTPEER-18).
    Duplicate,
    /// Nobody asked for it (FTPEER-19).
    Unasked,
}

/// How many messages to one supernode came by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub relayed: u64,
    pub taken: u64,
    dropped: [u64; Dropped::COUNT],
}

impl Dropped {
    const COUNT: usize = 10;
}

impl Tally {
    pub(super) fn drop(&mut self, why: Dropped) {
        if let Some(count) = self.dropped.get_mut(why as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// How many went no further for whatever reason.
    pub fn dropped_in_all(&self) -> u64 {
        self.dropped.iter().fold(0, |all, count| all.saturating_add(*count))
    }

    /// How many went no further for this reason.
    pub fn dropped(&self, why: Dropped) -> u64 {
        self.dropped.get(why as usize).copied().unwrap_or(0)
    }
}

impl Amount {
    /// As it is read of a record.
    pub(super) fn of([files, mib]: [Logarithm; 2]) -> Self {
        Self { files: files.number(), mib: mib.number() }
    }

    pub(super) fn written(self) -> [Logarithm; 2] {
        [self.files, self.mib].map(Logarithm::from_number)
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            files: self.files.saturating_add(other.files),
            mib: self.mib.saturating_add(other.mib),
        }
    }
}

impl Sums {
    /// Files of all media.
    pub fn all(&self) -> Amount {
        self.media.iter().fold(Amount::default(), |all, of_media| all.plus(*of_media))
    }
}
