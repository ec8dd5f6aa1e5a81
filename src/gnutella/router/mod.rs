//! Flooding, duplicates, reverse paths.
//!
//! A [`Router`] says where a message goes; it holds none. Queries, and pings where they are flooded, go
//! to everybody and leave a trace; hits and pongs follow the trace back; pushes follow the hits.
//!
//! # Who holds a route
//!
//! The first neighbour that brings a message holds its route as long as the link stands, whoever sends
//! the same message later, or another one with its GUID. A route is never given to a second neighbour,
//! not even when the first has gone: that one may have got the message from us, and the answers would go
//! round.
//!
//! Routes stand on the account of their holder ([`fair_table`](crate::base::fair_table)): a neighbour
//! that floods us loses its own oldest routes and nobody else's. Answers do not make a route younger. If
//! they did, somebody who answers all old queries of a neighbour would push out its new ones.
//!
//! Who gets a message from us remembers it in our name, with all others that we pass on. So there is a
//! limit to what each neighbour may make us pass on, below what the next one remembers (TTL-23).
//!
//! # What is not blamed
//!
//! A hit without a route is dropped without a word: the query may have been forgotten here. A duplicate
//! is what a flood is made of; only who sends *its own* message twice is blamed (TTL-14). What a neighbour
//! passes on is no evidence against it: somebody behind it may send so much that it forgets what it has
//! passed on, and does so again, or may have written hops that cannot be counted on (TTL-05).

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod broadcast;
mod contract;
mod meter;
mod neighbour;
mod quotas;
mod seen;
mod servents;
mod ttl;
mod ways;

pub use self::contract::{Answer, Dropped, PushRoute, Verdict, Ways};
use self::meter::Meter;
use self::neighbour::{Neighbour, RELAYED};
pub use self::quotas::Quotas;
use self::seen::{Key, Seen};
use self::servents::Servents;
pub use self::ttl::{Onward, TtlRules};
use crate::base::by_slot::BySlot;
use crate::base::error::Misbehaved;
use crate::base::fair_table::{Account, Bounds, FairTable};
use crate::base::hashing::Seeded;
use crate::base::limits::{ROUTE_LIFE_SECONDS, ROUTES_TIDY_MS};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::{Function, Guid, Header};

/// Knows which messages were here, and the ways back.
#[derive(Clone, Debug)]
pub struct Router {
    rules: TtlRules,
    quotas: Quotas,
    hasher: Seeded,
    neighbours: BySlot<Neighbour>,
    /// How many neighbours there ever were.
    neighbours_count: u32,
    /// There once a message has come by.
    messages: Option<Box<Messages>>,
    /// There once a hit has come by.
    servents: Option<Box<Servents>>,
    tidy_at: Option<Time>,
    /// What has gone on of all that ultrapeers brought.
    forwarded: Meter,
}

/// What is remembered of messages, each on the account of whoever brought it first.
type Messages = FairTable<Key, Seen>;

/// Why a message is dropped, and what its sender did wrong.
type Refused = (Dropped, Option<Misbehaved>);

impl Router {
    /// A router that knows nobody. The seed is a secret of the node.
    pub fn new(rules: TtlRules, seed: u64) -> Self {
        Self::with_quotas(rules, Quotas::default(), seed)
    }

    /// A router that remembers so much.
    pub fn with_quotas(rules: TtlRules, quotas: Quotas, seed: u64) -> Self {
        Self {
            rules,
            quotas,
            neighbours: BySlot::new(),
            neighbours_count: 0,
            messages: None,
            servents: None,
            hasher: Seeded::new(seed),
            tidy_at: None,
            forwarded: Meter::default(),
        }
    }

    /// How far messages may travel.
    pub const fn rules(&self) -> TtlRules {
        self.rules
    }

    /// A neighbour has come. Whether it does dynamic querying is what it said in the handshake.
    pub fn open(&mut self, slot: Slot, is_leaf: bool, dynamic_querying: bool, now: Time) {
        self.neighbours_count = self.neighbours_count.saturating_add(1);
        let neighbour = Neighbour::new(self.neighbours_count, is_leaf, dynamic_querying);
        let before = self.neighbours.replace(slot, neighbour);
        self.close_accounts(before.as_ref(), now);
    }

    /// A neighbour has gone. What it brought is still known, but leads nowhere.
    pub fn close(&mut self, slot: Slot, now: Time) {
        let gone = self.neighbours.remove(slot);
        self.close_accounts(gone.as_ref(), now);
    }

    fn close_accounts(&mut self, gone: Option<&Neighbour>, now: Time) {
        let Some(&Neighbour { messages, servents, .. }) = gone else { return };
        if let (Some(known), Some(account)) = (&mut self.messages, messages) {
            known.close(account, now);
        }
        if let (Some(known), Some(account)) = (&mut self.servents, servents) {
            known.close(account, now);
        }
    }

    /// A message starts here: its answers are ours, and its echo is a duplicate. Once more for the same
    /// message, while it is still being sent out, makes the route young.
    pub fn originate(&mut self, function: Function, guid: Guid, now: Time) {
        if guid == Guid::ZERO {
            return;
        }
        let key = Key::new(function, guid);
        let messages = begun(&mut self.messages, &self.quotas, &self.hasher);
        let place = messages.find(&key, now).ok().map(|found| found.place);
        if let Some(place) = place {
            messages.remove(place);
        }
        if let Err(free) = messages.find(&key, now) {
            messages.insert(free, Account::OURS, key, Seen::OURS, now);
            self.wake_to_tidy(now);
        }
    }

    /// Whether such a message was here, or is ours.
    pub fn knows(&mut self, function: Function, guid: Guid, now: Time) -> bool {
        let known = self.messages.as_mut();
        known.is_some_and(|known| known.find(&Key::new(function, guid), now).is_ok())
    }

    /// When [`timeout`](Self::timeout) wants to be called: seldom, and never while nothing is known.
    pub const fn next_timeout(&self) -> Option<Time> {
        self.tidy_at
    }

    /// Gives back memory that is not needed any more. Nothing else depends on it.
    pub fn timeout(&mut self, now: Time) {
        if self.tidy_at.is_none_or(|due| now < due) {
            return;
        }
        if let Some(known) = &mut self.messages {
            known.tidy(now);
        }
        if let Some(known) = &mut self.servents {
            known.tidy(now);
        }
        if self.messages_len() == 0 {
            self.messages = None;
            self.neighbours.iter_mut().for_each(|(_, neighbour)| neighbour.messages = None);
        }
        self.tidy_at = None;
        if self.messages_len().saturating_add(self.servents_len()) > 0 {
            self.wake_to_tidy(now);
        }
    }

    fn wake_to_tidy(&mut self, now: Time) {
        self.tidy_at.get_or_insert(now.after_ms(ROUTES_TIDY_MS));
    }

    /// How many messages are remembered, those too whose time has passed.
    pub fn messages_len(&self) -> usize {
        self.messages.as_ref().map_or(0, |known| known.len())
    }

    /// How many ways to servents are remembered, those too whose time has passed.
    pub fn servents_len(&self) -> usize {
        self.servents.as_ref().map_or(0, |known| known.len())
    }

    fn is_leaf(&self, slot: Slot) -> Option<bool> {
        self.neighbours.get(slot).map(|neighbour| neighbour.is_leaf)
    }
}

/// What is remembered of messages, if only from now on.
#[inline]
fn begun<'a>(
    messages: &'a mut Option<Box<Messages>>,
    quotas: &Quotas,
    hasher: &Seeded,
) -> &'a mut Messages {
    messages.get_or_insert_with(|| {
        let bounds = Bounds {
            life_s: ROUTE_LIFE_SECONDS,
            own_max: quotas.own,
            orphans_max: quotas.orphaned,
        };
        Box::new(FairTable::new(hasher.clone(), bounds))
    })
}

/// The neighbour that sent a message, if it may have sent it at all.
#[inline]
fn admit<'a>(
    neighbours: &'a mut BySlot<Neighbour>,
    header: &Header,
    from: Slot,
) -> Result<&'a mut Neighbour, Refused> {
    let sender = neighbours.get_mut(from).ok_or((Dropped::Stranger, None))?;
    sender.count();
    if sender.is_leaf && header.hops > 0 && !mutant!(BelievesRelayingLeaves) {
        return Err((Dropped::RelayedByLeaf, Some(RELAYED)));
    }
    Ok(sender)
}
