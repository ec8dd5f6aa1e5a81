use std::time::Duration;

use super::{Condition, Expression, Verdict};

/// One line of a script.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// As it stands there.
    pub(crate) text: String,
    pub(crate) what: What,
}

/// What a line does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// A probe begins.
    Open {
        probe: String,
        how: Open,
        /// The probe whose address it shares.
        at: Option<String>,
    },
    /// It sends something, so many times.
    Send {
        probe: String,
        message: Message,
        times: u32,
        name: Option<String>,
    },
    /// It gets a message in time.
    Get {
        probe: String,
        pattern: Pattern,
        /// So many of them.
        times: u32,
        within: Option<Duration>,
        /// What it means if none comes, where that is no breach.
        otherwise: Option<Verdict>,
        name: Option<String>,
    },
    /// It gets none such.
    Never {
        probe: String,
        pattern: Pattern,
        during: Option<Duration>,
    },
    /// The subject closes it in time.
    Closed {
        probe: String,
        within: Option<Duration>,
        otherwise: Option<Verdict>,
    },
    /// The subject leaves it open.
    StaysOpen {
        probe: String,
        during: Option<Duration>,
    },
    /// The subject calls a port.
    Called {
        probe: String,
        within: Option<Duration>,
        otherwise: Option<Verdict>,
    },
    /// A probe closes its connection.
    Close {
        probe: String,
    },
    /// The user of the subject has it do something.
    Ask {
        wish: Wish,
        what: Expression,
    },
    /// The subject has downloaded a file.
    Has {
        conditions: Vec<Condition>,
        within: Option<Duration>,
        otherwise: Option<Verdict>,
        name: Option<String>,
    },
    /// It has none such.
    NeverHas {
        conditions: Vec<Condition>,
        during: Option<Duration>,
    },
    Pause(Duration),
    /// Something holds of what was seen: `$message` first, then conditions on it.
    Check {
        message: String,
        conditions: Vec<Condition>,
    },
}

/// What the user of a subject wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To look for files with these words.
    Search,
    /// To download what a magnet link or another link names.
    Fetch,
}

/// How a probe begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// A connection of Gnutella, whose handshake ends well.
    Link(OpenLink),
    /// A session of FastTrack, whose hello ends well.
    Session(OpenSession),
    /// A connection, and nothing else.
    Bare,
    Udp,
    /// A port at which the subject may call.
    Listen,
}

/// How a connection of Gnutella begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OpenLink {
    pub(crate) is_ultrapeer: bool,
    /// The subject calls.
    pub(crate) is_called: bool,
    pub(crate) deflates: bool,
    /// It answers pings that ask whether it is there.
    pub(crate) is_answering: bool,
    pub(crate) with: Vec<String>,
    pub(crate) without: Vec<String>,
}

/// How a session of FastTrack begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OpenSession {
    /// The subject calls, and we are a supernode.
    pub(crate) is_called: bool,
    /// What we call our network, if not as all do.
    pub(crate) network: Option<String>,
    /// The number of the encryption that we wish for.
    pub(crate) wish: Option<u32>,
}

/// What is sent: a kind, texts that stand behind it, and fields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) kind: String,
    pub(crate) texts: Vec<String>,
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: Expression,
}

impl Message {
    /// It puts an address into the descriptor ID that is drawn for it.
    pub(crate) fn has_address_in_guid(&self) -> bool {
        let is_address = |field: &Field| matches!(field.value, Expression::AddressOf { .. });
        self.fields.iter().any(|field| field.name == "guid" && is_address(field))
    }
}

/// What is awaited: a kind, or anything, of which all conditions hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    pub(crate) kind: String,
    pub(crate) conditions: Vec<Condition>,
}
