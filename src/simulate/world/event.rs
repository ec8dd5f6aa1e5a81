use std::net::SocketAddr;

use bytes::Bytes;

use crate::gnutella::wire::Frame;

/// One end of a connection: its number, and which of all connections that had this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct EndName {
    pub(super) place: u32,
    pub(super) generation: u32,
}

/// Something that is yet to happen.
#[derive(Debug)]
pub(super) enum Event {
    /// Something comes to an end of a connection.
    Arrives {
        end: EndName,
        cargo: Cargo,
    },
    /// It has come, and now the line of the host is free to take it.
    Lands {
        end: EndName,
        cargo: Cargo,
    },
    /// Somebody calls a host.
    Called {
        end: EndName,
    },
    /// Whoever called learns that the connection stands.
    Connected {
        end: EndName,
    },
    /// Whoever called learns that it does not.
    Unreachable {
        host: u32,
        start: u32,
        address: SocketAddr,
        is_session: bool,
    },
    Datagram {
        from: u32,
        to: u32,
        bytes: Bytes,
    },
    /// A machine asked to be woken.
    Wake {
        host: u32,
        start: u32,
    },
    /// A link asked to be woken; it counts unless the link has asked for something else since.
    WakeLink {
        end: EndName,
        wake: u32,
    },
    /// The line of a host is free again.
    LineFree {
        host: u32,
        start: u32,
    },
    /// Room on a connection has been told of to its sender.
    Window {
        end: EndName,
    },
    /// A connection breaks.
    Breaks {
        end: EndName,
    },
    Script(Script),
}

/// What travels on a connection.
#[derive(Debug)]
pub(super) enum Cargo {
    /// A message, as it is.
    Frame(Frame),
    /// Bytes, for which so many count on the line; of a whole message, if `is_frame`.
    Bytes { bytes: Bytes, charge: u32, is_frame: bool },
    /// Nothing more comes.
    End,
}

/// What the scenario does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Script {
    /// A host starts.
    Start { host: u32 },
    /// A host that came by itself leaves again.
    Leave { host: u32, start: u32 },
    /// It has had the time to say goodbye.
    Off { host: u32, start: u32 },
    /// One of a crowd comes.
    Come { host: u32 },
    /// From now on somebody searches every now and then.
    FirstSearch,
    /// Somebody searches.
    Search,
    /// A host of a crowd searches for what the crowd wants.
    CrowdSearch { host: u32 },
    /// The lines are measured.
    Measure,
    /// A fault strikes.
    Fault { plan: usize },
    /// A fault is over.
    FaultEnds { plan: usize },
    /// Is everybody connected again?
    Healed { plan: usize },
    /// Conservation is checked.
    Audit,
}

impl Cargo {
    /// Bytes on the line.
    pub(super) fn len(&self) -> u32 {
        match self {
            Self::Frame(frame) => u32::try_from(frame.wire_len()).unwrap_or(u32::MAX),
            Self::Bytes { charge, .. } => *charge,
            Self::End => 0,
        }
    }

    /// True for what counts as a message.
    pub(super) const fn is_frame(&self) -> bool {
        matches!(self, Self::Frame(_) | Self::Bytes { is_frame: true, .. })
    }
}

impl Event {
    /// What is on its way.
    pub(super) const fn cargo(&self) -> Option<&Cargo> {
        match self {
            Self::Arrives { cargo, .. } | Self::Lands { cargo, .. } => Some(cargo),
            _ => None,
        }
    }
}
