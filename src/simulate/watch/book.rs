use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::flood::{Flood, HOPS_COUNTED, Seen};
use super::rules::{self, Broken};
use super::violations::Invariant;
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Function, Guid, QueryHit};
use crate::simulate::random::mixed;

/// A query of which nothing was heard for so long is over.
const FORGOTTEN_AFTER_S: u64 = 60;

/// A message that crosses a link, seen from one of its ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carried<'a> {
    pub(crate) now: Time,
    /// Who sends or receives: the host, and how often it was started in the upper half, for whoever
    /// is started again knows nothing of before.
    pub(crate) machine: u64,
    /// The host at the other end.
    pub(crate) other: u32,
    /// The link, as the host names it.
    pub(crate) link: u64,
    pub(crate) frame: &'a Frame,
    /// The host is an ultrapeer.
    pub(crate) is_ultrapeer: bool,
    /// The other one is a leaf of the host.
    pub(crate) to_leaf: bool,
}

/// Follows queries and their hits on all their ways, and holds them against the rules.
#[derive(Debug)]
pub(crate) struct Book {
    /// One in so many is followed.
    one_in: u64,
    floods: HashMap<Guid, Flood, FixedState>,
    /// What is followed, the oldest first.
    order: VecDeque<Guid>,
    /// What was followed once and came from an honest machine.
    over: HashMap<Guid, (), FixedState>,
}

impl Book {
    pub(crate) fn new(one_in: u32) -> Self {
        Self {
            one_in: u64::from(one_in.max(1)),
            floods: HashMap::default(),
            order: VecDeque::new(),
            over: HashMap::default(),
        }
    }

    /// True for messages that are followed.
    #[inline]
    pub(crate) fn follows(&self, frame: &Frame) -> bool {
        if !matches!(frame.function, Function::QUERY | Function::QUERY_HIT) {
            return false;
        }
        let [b0, b1, b2, b3, b4, b5, b6, b7, rest @ ..] = frame.guid.0;
        let low = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
        let high = u64::from_le_bytes(rest);
        self.one_in == 1 || mixed(0, low, high).checked_rem(self.one_in) == Some(0)
    }

    /// An honest machine sends something that is followed. What is wrong with that, if anything is;
    /// and whether a query begins with it.
    pub(crate) fn sent(&mut self, sent: &Carried<'_>) -> (Option<Broken>, bool) {
        let guid = sent.frame.guid;
        if self.over.contains_key(&guid) {
            return (None, false);
        }
        if sent.frame.function == Function::QUERY_HIT {
            return (self.hit_sent(sent), false);
        }
        let (now, order) = (sent.now, &mut self.order);
        let mut begins = false;
        let flood = self.floods.entry(guid).or_insert_with(|| {
            order.push_back(guid);
            Flood::new(now)
        });
        let broken = rules::query(flood, sent);
        if flood.origin.is_none()
            && sent.frame.hops == 0
            && !flood.hosts.contains_key(&sent.machine)
        {
            flood.origin = Some(sent.machine);
            begins = true;
        }
        flood.last = now;
        flood.messages = flood.messages.saturating_add(1);
        flood.sent.entry(sent.link).or_default().add(sent.frame.ttl);
        (broken, begins)
    }

    fn hit_sent(&mut self, sent: &Carried<'_>) -> Option<Broken> {
        let broken = rules::hit(self.floods.get(&sent.frame.guid), sent);
        if broken.is_some() {
            return broken;
        }
        if sent.frame.hops == 0 {
            return self.answered(sent);
        }
        let flood = self.floods.get_mut(&sent.frame.guid)?;
        let held = flood.hits.get_mut(&(sent.machine, content(sent.frame)));
        rules::hit_passed_on(held, sent)
    }

    /// Rule 4 once more: whoever is asked twice answers once.
    fn answered(&mut self, sent: &Carried<'_>) -> Option<Broken> {
        let flood = self.floods.get_mut(&sent.frame.guid)?;
        let hit = QueryHit::decode(&sent.frame.payload).ok()?;
        let mut again = None;
        for record in &hit.records {
            if flood.answers.insert((sent.machine, hit.servent, record.index), ()).is_some() {
                again = Some(record.index);
            }
        }
        again.map(|index| {
            let what = format!("file {index} is named twice in answer to {}", sent.frame.guid);
            (Invariant::AnsweredOnce, what)
        })
    }

    /// Somebody receives something that is followed.
    pub(crate) fn received(&mut self, received: &Carried<'_>) {
        let Carried { now, frame, .. } = *received;
        if self.over.contains_key(&frame.guid) {
            return;
        }
        let order = &mut self.order;
        let flood = match frame.function {
            Function::QUERY => self.floods.entry(frame.guid).or_insert_with(|| {
                order.push_back(frame.guid);
                Flood::new(now)
            }),
            _ => {
                // A hit for nothing is no reason to begin a page.
                let Some(flood) = self.floods.get_mut(&frame.guid) else { return };
                let held = flood.hits.entry((received.machine, content(frame))).or_default();
                held.ttl = held.ttl.max(frame.ttl);
                held.left = held.left.saturating_add(1);
                flood.last = now;
                return;
            }
        };
        flood.last = now;
        flood.reach(received);
    }

    /// The way of a query, while it is followed.
    pub(crate) fn flood_mut(&mut self, guid: Guid) -> Option<&mut Flood> {
        self.floods.get_mut(&guid)
    }

    /// Closes the pages of queries that are over, and hands them out.
    pub(crate) fn forget(&mut self, now: Time, mut finished: impl FnMut(&Flood)) {
        while let Some(guid) = self.order.front().copied() {
            let is_over = |flood: &Flood| flood.last.after_ms(FORGOTTEN_AFTER_S * 1_000) <= now;
            if !self.floods.get(&guid).is_none_or(is_over) {
                return;
            }
            self.order.pop_front();
            if let Some(flood) = self.floods.remove(&guid) {
                self.over.insert(guid, ());
                finished(&flood);
            }
        }
    }
}

/// What stands in a message, in a number.
fn content(frame: &Frame) -> u64 {
    FixedState::default().hash_one(&frame.payload)
}

impl Flood {
    /// A copy has reached a host.
    fn reach(&mut self, received: &Carried<'_>) {
        let frame = received.frame;
        let (ttl, reach) = (frame.ttl, frame.ttl.saturating_add(frame.hops));
        if self.origin == Some(received.machine) {
            self.duplicates = self.duplicates.saturating_add(1);
        }
        if let Some(seen) = self.hosts.get_mut(&received.machine) {
            if seen.first_link != received.link {
                seen.others_ttl = seen.others_ttl.max(ttl);
            }
            seen.ttl = seen.ttl.max(ttl);
            seen.reach = seen.reach.max(reach);
            seen.from_leaf |= received.to_leaf;
            self.duplicates = self.duplicates.saturating_add(1);
            return;
        }
        let from_leaf = received.to_leaf;
        let seen = Seen {
            first_link: received.link,
            first_ttl: ttl,
            others_ttl: 0,
            ttl,
            reach,
            from_leaf,
        };
        self.hosts.insert(received.machine, seen);
        if self.origin == Some(received.machine) {
            return;
        }
        match received.is_ultrapeer {
            true => self.ultrapeers = self.ultrapeers.saturating_add(1),
            false => self.leaves = self.leaves.saturating_add(1),
        }
        let hops = usize::from(frame.hops).saturating_add(1).min(HOPS_COUNTED.saturating_sub(1));
        if let Some(count) = self.hops.get_mut(hops) {
            *count = count.saturating_add(1);
        }
    }
}
