use std::net::IpAddr;

use super::World;
use super::connection::{Cut, End, Stage};
use super::event::EndName;
use super::host::host_with;
use crate::gnutella::link::{Refusal, Role};
use crate::gnutella::wire::{Frame, Function, Query};
use crate::simulate::files;
use crate::simulate::machine::Machine;
use crate::simulate::report::Wait;
use crate::simulate::scenario::{AttackerPlan, NetworkPlan};
use crate::simulate::trace::{Told, What};
use crate::simulate::watch::{Carried, Invariant};

/// In a world of more nodes than this, a machine is asked what is wrong inside of it only every so
/// often.
const AUDITED_ALWAYS: usize = 2_000;
const AUDITED_ONE_IN: u64 = 64;

/// Why sessions are ended by whoever takes measures against the other side.
const FOR_CONDUCT: [&str; 2] = ["it is banned", "it connects too often"];

impl<M: Machine> World<'_, M> {
    /// A host is told something: one line of the trace.
    pub(super) fn told(&mut self, end: EndName, what: What<'_>) {
        let Some(host) = self.connections.end(end).map(|own| own.host) else { return };
        let from = self.connections.other_host(end);
        let told = Told { at: self.now, host, from, what };
        self.trace.add(&told);
        if let Some(reader) = &mut self.reader {
            reader(&told);
        }
    }

    /// A machine sends a message: does it keep the rules?
    pub(super) fn watch_sent(&mut self, end: EndName, frame: &Frame) {
        let Some(own) = self.connections.end(end) else { return };
        let host = own.host;
        if self.is_attacker(host) {
            return;
        }
        let is_leaf = own.leads_up;
        self.check_frame(host, frame, is_leaf);
        if !self.book.follows(frame) {
            return;
        }
        let Some(own) = self.connections.end(end) else { return };
        let carried = self.carried(end, own, frame);
        let (broken, begins) = self.book.sent(&carried);
        if let Some((invariant, what)) = broken {
            self.violate(Some(host), invariant, what);
        }
        if begins {
            self.search_begins(host, frame);
        }
    }

    /// What can be told of a message alone.
    fn check_frame(&mut self, host: u32, frame: &Frame, is_leaf: bool) {
        if let Err(fault) = frame.header().check_size() {
            self.violate(Some(host), Invariant::FramesFit, fault.what.to_owned());
        }
        let ttl_max = self.scenario.node.ttl;
        if frame.function == Function::QUERY && frame.ttl > ttl_max {
            let what =
                format!("query {} has a TTL of {}, not {ttl_max} at most", frame.guid, frame.ttl);
            self.violate(Some(host), Invariant::TtlFalls, what);
        }
        if is_leaf && frame.hops > 0 {
            let what = format!("{} {} has hops", frame.function.name(), frame.guid);
            self.violate(Some(host), Invariant::LeavesKeepQuiet, what);
        }
    }

    pub(super) fn watch_received(&mut self, end: EndName, frame: &Frame) {
        if !self.book.follows(frame) {
            return;
        }
        let Some(own) = self.connections.end(end) else { return };
        let carried = self.carried(end, own, frame);
        self.book.received(&carried);
    }

    fn carried<'f>(&self, end: EndName, own: &End, frame: &'f Frame) -> Carried<'f> {
        let there = self.host(own.host);
        let start = there.map_or(0, |there| there.start);
        Carried {
            now: self.now,
            machine: u64::from(start) << 32 | u64::from(own.host),
            other: self.connections.other_host(end),
            link: end.link_id().0,
            frame,
            is_ultrapeer: there.is_some_and(|there| there.role.is_ultrapeer()),
            to_leaf: own.leads_down,
        }
    }

    pub(super) fn is_attacker(&self, host: u32) -> bool {
        let actor = self.host(host).and_then(|there| there.actor.as_ref());
        actor.is_some_and(|actor| actor.is_attacker())
    }

    /// Ties a query to the search that it comes from, by its words.
    fn search_begins(&mut self, host: u32, frame: &Frame) {
        if frame.function != Function::QUERY {
            return;
        }
        let Ok(query) = Query::decode(&frame.payload) else { return };
        let searches = &self.searches;
        let Some(there) = self.hosts.get_mut(host as usize) else { return };
        let is_meant = |search: &u32| {
            let title = searches.title(*search);
            title.is_some_and(|title| files::words(title).as_bytes() == query.text)
        };
        let Some(place) = there.searching.iter().position(is_meant) else { return };
        let Some(search) = there.searching.remove(place) else { return };
        if let Some(flood) = self.book.flood_mut(frame.guid) {
            flood.search = Some(search);
        }
    }

    /// A machine takes measures against whoever has an address: is that an honest one?
    pub(super) fn watch_harmed(&mut self, host: u32, ip: IpAddr, how: &str) {
        if let Some(victim) = host_with(ip).filter(|victim| self.is_honest(*victim)) {
            let what = format!("node {victim} is {how}");
            self.violate(Some(host), Invariant::HonestUnharmed, what);
        }
    }

    /// The same where somebody is turned away who has not said anything yet.
    pub(super) fn watch_turned_away(&mut self, end: EndName, code: u16, reason: &str) {
        let is_for_conduct = matches!(code, Refusal::TOO_MANY | Refusal::BANNED);
        let Some(own) = self.connections.end(end).filter(|_| is_for_conduct) else { return };
        let (host, victim) = (own.host, self.connections.other_host(end));
        if self.is_honest(victim) {
            let what = format!("node {victim} is turned away by {code}: {reason}");
            self.violate(Some(host), Invariant::HonestUnharmed, what);
        }
    }

    /// The same where a session is ended.
    pub(super) fn watch_left(&mut self, end: EndName, why: &str) {
        let Some(own) = self.connections.end(end) else { return };
        let (host, victim) = (own.host, self.connections.other_host(end));
        if FOR_CONDUCT.contains(&why) && self.is_honest(victim) {
            let what = format!("node {victim} is turned away: {why}");
            self.violate(Some(host), Invariant::HonestUnharmed, what);
        }
    }

    /// Whether an honest machine runs there, or has run until it was switched off.
    fn is_honest(&self, host: u32) -> bool {
        let is_script = |plan: usize| {
            let is_liar = matches!(
                self.scenario.attacker.get(plan),
                Some(AttackerPlan::CapacityLiars { .. })
            );
            !is_liar && self.attackers_of(plan).contains(&host)
        };
        !(0..self.attackers.len()).any(is_script)
    }

    /// Is anything wrong inside?
    pub(super) fn audit_one(&mut self, host: u32) {
        let is_due = self.hosts.len() <= AUDITED_ALWAYS
            || self.events.checked_rem(AUDITED_ONE_IN) == Some(0);
        if !is_due {
            return;
        }
        let actor = self.host(host).and_then(|there| there.actor.as_ref());
        if let Some(Err(what)) = actor.map(|actor| actor.audit()) {
            self.violate(Some(host), Invariant::TablesBounded, what);
        }
    }

    /// A link of a host is open.
    pub(super) fn count_opened(&mut self, end: EndName) {
        self.plan_break(end);
        self.count_parents_at(end);
    }

    /// Something has become of a connection: whose ultrapeer does it lead to?
    pub(super) fn count_parents_at(&mut self, end: EndName) {
        for end in [end, end.other()] {
            let leaf = self.connections.end(end).filter(|own| own.leads_up).map(|own| own.host);
            if let Some(host) = leaf {
                self.count_parents(host);
            }
        }
    }

    /// How many ultrapeers a leaf has that live and can be reached. What it believes itself may be
    /// something else: where a computer stops nobody tells it.
    pub(super) fn count_parents(&mut self, host: u32) {
        let now = self.now;
        let (living, dead) = self.parents_of(host);
        let is_leaf = |there: &&mut super::Host<M>| there.is_on() && there.role.is_leaf();
        let Some(there) = self.host_mut(host).filter(is_leaf) else { return };
        let before = std::mem::replace(&mut there.parents, living);
        if living == 0 {
            if before > 0 {
                there.orphan_since = Some(now);
                there.dead_parents = dead;
            }
            return;
        }
        self.count_wait(host);
        if let Some(there) = self.host_mut(host) {
            there.had_parent = true;
        }
    }

    /// The wait of a leaf for an ultrapeer is over, one way or another.
    pub(super) fn count_wait(&mut self, host: u32) {
        let (now, network) = (self.now, self.scenario.node.network);
        let Some(there) = self.host_mut(host) else { return };
        let Some(since) = there.orphan_since.take() else { return };
        let (had_parent, dead) = (there.had_parent, std::mem::take(&mut there.dead_parents));
        // In FastTrack finding out takes no longer than a leaf may be alone anyway (FTNODE-21).
        let to_find_out = if network == NetworkPlan::Gnutella { dead } else { 0 };
        let wait = Wait::new(host, since, now, to_find_out);
        // Whoever is sent on before everybody has found a place is still looking for one.
        match (had_parent && since >= self.warm(), dead) {
            (false, _) => self.course.joined.push(wait),
            (true, 0) => self.course.orphaned.push(wait),
            (true, _) => self.course.orphaned_in_silence.push(wait),
        }
    }

    /// The ultrapeers of a leaf that live, and those of which it does not know that they do not.
    fn parents_of(&self, host: u32) -> (u32, u32) {
        let (mut living, mut dead) = (0_u32, 0_u32);
        for &end in self.host(host).map_or(&[][..], |there| &there.ends) {
            let is_parent = |own: &&End| own.leads_up && own.stage == Stage::Open;
            let Some(connection) = self.connections.get(end) else { continue };
            if self.connections.end(end).filter(is_parent).is_none() {
                continue;
            }
            let other = self.connections.end(end.other());
            let lives = other.is_some_and(|other| other.stage == Stage::Open);
            let is_cut =
                connection.cut != Cut::No || self.are_apart(host, self.connections.other_host(end));
            living = living.saturating_add(u32::from(lives && !is_cut));
            dead = dead.saturating_add(u32::from(is_cut));
        }
        (living, dead)
    }

    /// A machine has another role now.
    pub(super) fn change_role(&mut self, host: u32, role: Role, why: String) {
        let now = self.now;
        self.count_role_time(host);
        if self.host(host).is_none_or(|there| there.role == role) {
            return;
        }
        self.count_wait(host);
        let Some(there) = self.host_mut(host) else { return };
        there.role = role;
        let is_again = role.is_ultrapeer() && there.was_ultrapeer;
        there.was_ultrapeer |= role.is_ultrapeer();
        there.was_promoted |= role.is_ultrapeer();
        there.parents = 0;
        there.orphan_since = role.is_leaf().then_some(now);
        let course = &mut self.course;
        match role {
            Role::Ultrapeer => course.promotions = course.promotions.saturating_add(1),
            Role::Leaf => course.demotions = course.demotions.saturating_add(1),
        }
        course.again = course.again.saturating_add(u64::from(is_again));
        let count = course.why.entry(why).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds the time that a host has had its role to that of all others.
    pub(super) fn count_role_time(&mut self, host: u32) {
        let now = self.now;
        let Some(there) = self.hosts.get_mut(host as usize).filter(|there| there.is_on()) else {
            return;
        };
        let since = std::mem::replace(&mut there.role_since, now);
        let ms = u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
        if there.was_promoted && there.role.is_ultrapeer() {
            there.elected_ms = there.elected_ms.saturating_add(ms);
        }
        let load = self.tally.load(there.role);
        load.node_ms = load.node_ms.saturating_add(ms);
    }
}
