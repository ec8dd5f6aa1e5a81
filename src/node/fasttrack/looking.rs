//! Whether one more supernode is needed: what others say of the room that they have.

use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::{RolePolicy, of_ipv4};
use crate::base::limits::{NEED_VOICES_MAX, SUPERNODES_LOOKED_AT};
use crate::base::time::Time;
use crate::node::Node;
use crate::promotion::{Observation, Role, Room};

impl Node {
    /// Looks around where that may decide about our role, three times while it counts (FTNODE-23).
    pub(super) fn look_around(&mut self, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        if fasttrack.look_due.is_none_or(|due| now < due) {
            return;
        }
        fasttrack.look_due = None;
        let is_settled = fasttrack.policy == RolePolicy::Always(Role::Leaf);
        if is_settled || self.is_shutting_down {
            return;
        }
        let again = fasttrack.thresholds.need.memory.checked_div(LOOKS);
        fasttrack.look_due = again.map(|after| now.after(after));
        match fasttrack.role {
            Role::Leaf => self.look_at_supernodes(now),
            Role::Supernode => self.read_table(now),
        }
    }

    /// Who could be a supernode, and has one, asks some of those that it knows.
    fn look_at_supernodes(&mut self, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let could = fasttrack.career.as_ref().is_some_and(|career| {
            career.promotion.findings(now).iter().all(|finding| finding.passed)
        });
        if !could || fasttrack.parent.is_none() {
            return;
        }
        let bans = &self.bans;
        let may = |host: &SocketAddr| bans.ban_of(host.ip(), now).is_none();
        let known = fasttrack.hosts.iter().map(|(host, _)| host);
        let mut known: Vec<SocketAddrV4> = known.filter(may).filter_map(of_ipv4).collect();
        let chosen = draw(&mut known, SUPERNODES_LOOKED_AT, &mut fasttrack.rng);
        fasttrack.peer.look_at(&chosen, now);
        self.drain_fasttrack(now);
    }

    /// A supernode knows it of its table, by the word of its neighbours, and keeps some of them in mind.
    fn read_table(&mut self, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let Some(neighbours) = fasttrack.peer.as_neighbours() else { return };
        let mut voices = Vec::new();
        for known in neighbours.known() {
            if let Some(session) = fasttrack.peer.session(known.by) {
                voices.push((known.record.address, *session.address.ip(), known.record.load));
            }
        }
        for (address, told_by, load) in draw(&mut voices, NEED_VOICES_MAX, &mut fasttrack.rng) {
            let (host, told_by) = (IpAddr::V4(*address.ip()), IpAddr::V4(told_by));
            self.learn_supernode(address, told_by, load, now);
            let free_leaf_slots = u32::from(100_u8.saturating_sub(load));
            let news = Room::Told { free_leaf_slots };
            self.observe_fasttrack(Observation::Room { host, told_by, news }, now);
        }
    }
}

/// Some of a list, by lot.
fn draw<T>(list: &mut Vec<T>, count_max: usize, rng: &mut ChaCha8Rng) -> Vec<T> {
    let mut drawn = Vec::new();
    while drawn.len() < count_max && !list.is_empty() {
        let len = u32::try_from(list.len()).unwrap_or(u32::MAX);
        let place = usize::try_from(rng.random_range(0..len)).unwrap_or(0);
        drawn.push(list.swap_remove(place));
    }
    drawn
}

/// How often we look while what was heard counts.
const LOOKS: u32 = 3;
