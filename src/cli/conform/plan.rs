//! How a run is made.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::conform::tcp_subject::{Doors, Origins, User};
use crate::conform::{Claims, Expected, Needs, Settings};

/// How a run is made.
pub(super) struct Plan {
    /// Where the subject takes connections, if it does.
    pub(super) subject: Option<SocketAddrV4>,
    /// Where it calls by itself.
    pub(super) doors: Doors,
    pub(super) seed: u64,
    pub(super) within: Duration,
    /// Cases at the same time, and what they may take of the subject together.
    pub(super) room: (u32, Needs),
    /// A file that the subject shares.
    pub(super) file: Option<Value>,
    pub(super) expected: Expected,
    /// How it is asked to search and to download.
    pub(super) user: Arc<User>,
}

/// How long it may take until it calls by itself.
const CALLS_WITHIN: Duration = Duration::from_secs(60);
/// How long nothing must come where a case does not say so.
pub(super) const DURING: Duration = Duration::from_secs(1);
impl Plan {
    pub(super) fn origins(&self) -> Origins {
        Origins::towards(self.subject.map_or(Ipv4Addr::UNSPECIFIED, |subject| *subject.ip()))
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            seed: self.seed,
            subject: self.subject,
            within: self.within,
            calls_within: CALLS_WITHIN,
            is_caller: self.subject.is_none(),
            during: DURING,
            file: self.file.clone(),
            claims: Claims::default(),
        }
    }
}
