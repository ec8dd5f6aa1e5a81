//! One session with a supernode, or with one that may become ours.

use std::net::SocketAddrV4;

use bytes::Bytes;

use crate::base::limits::{NODE_INFO_SENT_EVERY_MS, NODE_LIST_EVERY_MS};
use crate::base::time::Time;
use crate::fasttrack::wire::Message;

/// What this program calls its network (FTLINK-17).
pub(super) const NETWORK: &[u8] = b"KaZaA";

/// How many 0x02 go out without a wait: one with the address that we know ourselves, and one with that by
/// which the supernode sees us.
const INFOS_AT_ONCE: u32 = 2;

#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) supernode: SocketAddrV4,
    /// Since it is our supernode; before that, since the session stands.
    pub(super) since: Time,
    /// What the last 0x02 said, and when.
    told: Option<(SocketAddrV4, Time)>,
    infos: u32,
    listed: Option<Time>,
    has_told_version: bool,
    has_told_network: bool,
    has_told_revision: bool,
}

impl Session {
    pub(super) const fn new(supernode: SocketAddrV4, now: Time) -> Self {
        Self {
            supernode,
            since: now,
            told: None,
            infos: 0,
            listed: None,
            has_told_version: false,
            has_told_network: false,
            has_told_revision: false,
        }
    }

    /// Whether the supernode is told now that we have this address; if so, it counts as told.
    pub(super) fn tells(&mut self, address: SocketAddrV4, now: Time) -> bool {
        let is_news = self.told.is_none_or(|(told, _)| told != address);
        let is_time = self.info_due().is_none_or(|due| now >= due);
        if is_news && is_time {
            self.told = Some((address, now));
            self.infos = self.infos.saturating_add(1);
        }
        is_news && is_time
    }

    /// From when on another 0x02 may go out (FTNODE-03).
    pub(super) fn info_due(&self) -> Option<Time> {
        let (_, at) = self.told.filter(|_| self.infos >= INFOS_AT_ONCE)?;
        Some(at.after_ms(NODE_INFO_SENT_EVERY_MS))
    }

    /// Whether a list of nodes is heard now; if so, it counts as heard.
    pub(super) fn hears_list(&mut self, now: Time) -> bool {
        let is_heard = self.listed.is_none_or(|at| now >= at.after_ms(NODE_LIST_EVERY_MS));
        if is_heard {
            self.listed = Some(now);
        }
        is_heard
    }

    /// What is to be said to a question of the greeting, once a session (FTNODE-04).
    pub(super) fn answer(&mut self, message: &Message) -> Option<Message> {
        let (has_told, answer) = match message {
            Message::Version { .. } => (&mut self.has_told_version, message.clone()),
            Message::NetworkName { .. } => {
                let answer = Message::NetworkName { text: Bytes::from_static(NETWORK) };
                (&mut self.has_told_network, answer)
            }
            Message::ConfigRevision { .. } => {
                (&mut self.has_told_revision, Message::ConfigRevision { number: 0 })
            }
            _ => return None,
        };
        let is_first = !std::mem::replace(has_told, true);
        is_first.then_some(answer)
    }
}
