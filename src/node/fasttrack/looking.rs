//! Whether one more supernode is needed: what others say of the room that they have.

use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::{RolePolicy, of_ipv4};
use crate::base::limits::{NEED_VOICES_MAX, SUPERNODES_LOOKED_AT, SUPERNODES_LOOKED_AT_AGAIN_MS};
use crate::base::time::Time;
use crate::fasttrack::peer::Answer;
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
        let again = again.map(|after| now.after(after));
        let second = fasttrack.look.second_due(now).filter(|due| *due > now);
        fasttrack.look_due = [again, second].into_iter().flatten().min();
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
        let look = &mut fasttrack.look;
        look.asked = match look.is_second(now) {
            true => look.full.clone(),
            false => draw(&mut known, SUPERNODES_LOOKED_AT, &mut fasttrack.rng),
        };
        look.sent_on.clear();
        let asked = look.asked.clone();
        self.look_at(&asked, now);
    }

    /// Whoever waits to become a supernode asks those again that had no room, shortly before (FTNODE-23).
    pub(super) fn plan_second_look(&mut self, promoted_at: Option<Time>, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let is_planned = fasttrack.look.promoted_at == promoted_at;
        fasttrack.look.promoted_at = promoted_at;
        if let Some(due) = fasttrack.look.second_due(now).filter(|_| !is_planned) {
            fasttrack.look_due = Some(fasttrack.look_due.map_or(due, |other| other.min(due)));
        }
    }

    /// Asks these whether they have room, to see whether one more supernode is needed.
    pub(super) fn look_at(&mut self, supernodes: &[SocketAddrV4], now: Time) {
        if let Some(fasttrack) = self.fasttrack.as_deref_mut() {
            fasttrack.peer.look_at(supernodes, now);
            self.drain_fasttrack(now);
        }
    }

    /// What a supernode has answered decides whether one more is needed. Where one has no room and names another, that
    /// says nothing yet: if we look around, the other one is asked what is to be thought of both (FTNODE-23).
    pub(super) fn judge_room(&mut self, from: SocketAddrV4, answer: Answer, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let is_leaf = fasttrack.role == Role::Leaf;
        let (is_looked_at, named_by) = fasttrack.look.heard(from);
        let load = match answer {
            Answer::HasRoom { load, .. } => load,
            Answer::Full { elsewhere: Some(named) } if named_by.is_empty() => {
                let may_be_asked = self.filter.check(named.into()).is_ok();
                if is_leaf && is_looked_at && may_be_asked && !self.let_go.has(named.into()) {
                    fasttrack.look.sent_on.push((named, from));
                    self.look_at(&[named], now);
                }
                return;
            }
            Answer::Full { .. } => FULL,
        };
        for host in named_by.into_iter().chain([from]) {
            if let Some(fasttrack) = self.fasttrack.as_deref_mut() {
                fasttrack.look.note(host, load >= NEARLY_FULL);
            }
            let host = IpAddr::V4(*host.ip());
            let told = Observation::Room { host, told_by: host, news: room_told(load) };
            self.observe_fasttrack(told, now);
        }
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
            let told = Observation::Room { host, told_by, news: room_told(load) };
            self.observe_fasttrack(told, now);
        }
    }
}

/// The supernodes of one look around.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// Have not answered.
    asked: Vec<SocketAddrV4>,
    /// Were named by those that have no room, and by which.
    sent_on: Vec<(SocketAddrV4, SocketAddrV4)>,
    /// Had no room when they were heard of last.
    full: Vec<SocketAddrV4>,
    /// When we become a supernode, if we wait for that.
    promoted_at: Option<Time>,
}

impl Look {
    /// One has answered: whether it was looked at, and who has named it.
    fn heard(&mut self, from: SocketAddrV4) -> (bool, Vec<SocketAddrV4>) {
        let place = self.asked.iter().position(|one| *one == from);
        let is_looked_at = place.map(|place| self.asked.swap_remove(place)).is_some();
        let named_by = self.sent_on.extract_if(.., |(named, _)| *named == from);
        (is_looked_at, named_by.map(|(_, by)| by).collect())
    }

    fn note(&mut self, host: SocketAddrV4, is_full: bool) {
        self.full.retain(|other| *other != host);
        if is_full {
            let too_many = self.full.len().saturating_add(1).saturating_sub(NEED_VOICES_MAX);
            self.full.drain(..too_many);
            self.full.push(host);
        }
    }

    /// When to look once more before we become a supernode, if we wait for that: now where that is soon.
    fn second_due(&self, now: Time) -> Option<Time> {
        Some(now.after(self.promoted_at?.since(now).saturating_sub(SECOND)))
    }

    /// Whether this look is the one before we become a supernode.
    fn is_second(&self, now: Time) -> bool {
        self.promoted_at.is_some_and(|at| now < at && at.since(now) <= SECOND)
    }
}

/// The second look is so long before the promotion.
const SECOND: Duration = Duration::from_millis(SUPERNODES_LOOKED_AT_AGAIN_MS);

/// The load of a supernode without room.
const FULL: u8 = 100;

/// What the load of a supernode says of its room: who has nearly none is as good as full.
fn room_told(load: u8) -> Room {
    let free = if load < NEARLY_FULL { FULL.saturating_sub(load) } else { 0 };
    Room::Told { free_leaf_slots: free.into() }
}

/// The load from which on a supernode calls for another one.
const NEARLY_FULL: u8 = 90;

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
