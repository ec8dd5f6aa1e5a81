use std::sync::atomic::Ordering;

use super::owner::{Entry, Owner};
use crate::base::show::one_line;
use crate::base::time::Time;
use crate::control::model;
use crate::gnutella::link::{Agreement, Role};
use crate::gnutella::servent::Neighbour;
use crate::node::{LinkId, Node};

/// Characters of the name of a program that are kept.
const VENDOR_LEN_MAX: usize = 64;

/// What a link has agreed on, for whoever wants to look at it.
#[derive(Debug)]
pub(super) struct Details {
    /// What the other side is.
    pub(super) role: Role,
    pub(super) vendor: Option<Box<str>>,
    deflate_in: bool,
    deflate_out: bool,
}

impl Details {
    pub(super) fn of(agreement: &Agreement) -> Self {
        let vendor = agreement.peer.user_agent.as_deref();
        Self {
            role: agreement.peer_role,
            vendor: vendor.map(|name| one_line(name, VENDOR_LEN_MAX).into_boxed_str()),
            deflate_in: agreement.receives_deflate,
            deflate_out: agreement.sends_deflate,
        }
    }
}

impl Owner {
    /// Everybody with whom we have an open link, by its number.
    pub(super) fn peers(&self, now: Time) -> Vec<model::Peer> {
        let neighbours = self.node.servent().neighbours();
        let mut peers: Vec<_> = neighbours
            .filter_map(|(slot, neighbour)| {
                let entry = self.links.get(&LinkId(neighbour.link))?;
                Some(peer(&self.node, slot, neighbour, entry, now))
            })
            .collect();
        peers.extend(self.sessions_as_peers(now));
        peers.sort_by_key(|peer| peer.id);
        peers
    }
}

fn peer(
    node: &Node,
    slot: crate::base::slots::Slot,
    neighbour: &Neighbour,
    entry: &Entry,
    now: Time,
) -> model::Peer {
    let details = entry.details.as_deref();
    let traffic = neighbour.traffic;
    let mailed_len = entry.mailbox.waiting_len_bytes();
    let waiting_len = node.servent().waiting_len_bytes(slot);
    model::Peer {
        id: model::PeerId(neighbour.link),
        network: model::Network::Gnutella,
        address: neighbour.address,
        listen: neighbour.listen(),
        direction: match neighbour.is_outgoing {
            true => model::Direction::Outgoing,
            false => model::Direction::Incoming,
        },
        role: role(neighbour.peer_role),
        vendor: details.and_then(|details| details.vendor.as_deref().map(str::to_owned)),
        version: "0.6".to_owned(),
        servent_id: neighbour.servent.map(|guid| guid.to_string()),
        uptime_s: now.since(neighbour.opened).as_secs(),
        tls: entry.mailbox.is_secret.load(Ordering::Relaxed),
        deflate_in: details.is_some_and(|details| details.deflate_in),
        deflate_out: details.is_some_and(|details| details.deflate_out),
        received_bytes: entry.mailbox.counters.received(),
        sent_bytes: entry.mailbox.counters.sent(),
        received_messages: traffic.received,
        sent_messages: traffic.sent,
        dropped_messages: traffic.dropped,
        queue: model::Queue { bytes: waiting_len.saturating_add(mailed_len) as u64 },
        query_table: node.servent().table_fill(slot).map(query_table),
    }
}

fn query_table((filled, slots): (u32, u32)) -> model::QueryTable {
    let permille = u64::from(filled).saturating_mul(1000).checked_div(u64::from(slots));
    let fill_permille = permille.and_then(|permille| u16::try_from(permille).ok()).unwrap_or(0);
    model::QueryTable { slots: slots.into(), filled: filled.into(), fill_permille }
}

/// A role, as the API has it.
pub(super) const fn role(role: Role) -> model::Role {
    match role {
        Role::Leaf => model::Role::Leaf,
        Role::Ultrapeer => model::Role::Ultrapeer,
    }
}

/// What is said of roles, by rules that several networks share, as the API has it.
pub(super) fn in_words_of_gnutella(sentence: &str) -> String {
    sentence.replace("supernode", model::Role::Ultrapeer.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gnutella_has_ultrapeers() {
        for (said, shown) in [
            ("not promoted: no supernode is needed", "not promoted: no ultrapeer is needed"),
            ("promoted: supernodes are needed", "promoted: ultrapeers are needed"),
            ("leaf, as configured", "leaf, as configured"),
        ] {
            assert_eq!(in_words_of_gnutella(said), shown);
        }
    }
}
