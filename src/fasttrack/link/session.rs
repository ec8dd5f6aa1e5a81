use std::time::Duration;

use super::Encryption;

/// What two sides know of each other when their session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What the other side calls its network, as it wrote it.
    pub network: String,
    /// What the accepting side has chosen.
    pub encryption: Encryption,
    /// The number that the connecting side wished for, where its mask is known (FTLINK-09).
    pub wish: Option<u32>,
    /// From our hello to the answer, where we have connected.
    pub round_trip: Option<Duration>,
}
