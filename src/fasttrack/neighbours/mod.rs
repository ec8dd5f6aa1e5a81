//! Supernodes among themselves: who knows whom, how far they are, and who asks whom.
//!
//! Each supernode keeps a table of the nearest others and gives it to its neighbours, who add one to
//! every distance: a distance vector. Along it goes all that is for one supernode alone, and nothing
//! is flooded:
//!
//! ```text
//! table ─► the distance vector ─► tables to neighbours, when and as far as they differ
//! unicast ─► for another one ─► the neighbour that is nearest to it
//!         └► for us ─► a search ─► Asked ─► answer ─► results and an end, home to who asked
//!                      results, an end ─► a search of ours ─► Found, Ended
//!                      a push ─► Push
//! search ─► six supernodes at a time ─► until there are enough results
//! ```
//!
//! After each call, take what [`poll`](Neighbours::poll) gives. Whom to call is not decided here;
//! [`to_call`](Neighbours::to_call) says who would be good.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod asked;
mod books;
mod contract;
mod credit;
mod entry;
mod faults;
mod joining;
mod line;
mod own;
mod room;
mod searches;
mod sequence;
mod session;
mod sums;
mod tables;
mod unicast;
mod vector;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4};

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

pub use contract::{
    Amount, Closed, Declined, Dropped, Ended, Known, Output, Own, ReplyTo, Rules, SearchKey, Sums,
    Tally,
};

use crate::base::by_slot::BySlot;
use crate::base::error::Misbehaved;
use crate::base::fair_table::{Bounds, FairTable};
use crate::base::generator::Generator;
use crate::base::hashing::Seeded;
use crate::base::limits::FASTTRACK_SEARCH_KNOWN_S;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::{Message, TableRecord};
use asked::KnownSearches;
use line::{Line, Lines};
use own::OwnRecord;
use searches::{Ids, Searches};
use sequence::Sequence;
use session::{Neighbour, Session};
use sums::CountedSums;
use vector::Vector;

/// What a supernode knows of others, and has to do with them.
#[derive(Debug)]
pub struct Neighbours {
    rules: Rules,
    random: Generator,
    own: OwnRecord,
    sessions: BySlot<Session>,
    /// Whose line it is.
    slots: Vec<Option<Slot>>,
    vector: Vector,
    searches: Searches,
    /// Searches that others brought.
    known: KnownSearches,
    sums: Option<CountedSums>,
    tally: Tally,
    outputs: VecDeque<Output>,
}

impl Neighbours {
    /// A supernode with this address, which knows nobody. With another address it is another one.
    pub fn new(
        address: SocketAddrV4,
        own: Own,
        rules: Rules,
        random: &ChaCha8Rng,
        now: Time,
    ) -> Self {
        let ids = Ids::new(random);
        let mut random = Generator::new(random);
        let draws = random.wake();
        let sequence = Sequence(draws.random_range(0..TableRecord::SEQUENCES));
        let searches = Searches::new(draws.random(), ids);
        let hasher = Seeded::new(draws.random());
        random.doze();
        let bounds = Bounds { life_s: FASTTRACK_SEARCH_KNOWN_S, own_max: 0, orphans_max: 0 };
        Self {
            rules,
            random,
            own: OwnRecord::new(address, own, sequence, now),
            sessions: BySlot::new(),
            slots: vec![None; Line::COUNT],
            vector: Vector::new(now),
            searches,
            known: FairTable::new(hasher, bounds),
            sums: None,
            tally: Tally::default(),
            outputs: VecDeque::new(),
        }
    }

    /// A session with another supernode has come to be, and leads to this address: one that we called,
    /// or one that began with a table (FTPEER-01), which is to be handed in next.
    pub fn opened(&mut self, slot: Slot, ip: Ipv4Addr, we_called: bool, now: Time) {
        self.closed(slot, now);
        self.sessions.insert(slot, Session::new(ip, we_called, now));
        if we_called {
            let message = Message::Table([*self.own.told()].into_iter().collect());
            self.send(slot, message);
        }
    }

    /// A session has ended.
    pub fn closed(&mut self, slot: Slot, now: Time) {
        let Some(Session { neighbour: Some(gone), .. }) = self.sessions.remove(slot) else {
            return;
        };
        if let Some(account) = gone.account {
            self.known.close(account, now);
        }
        if let Some(place) = self.slots.get_mut(gone.line.index()) {
            *place = None;
        }
        self.vector.close(gone.line, now);
        self.spread(now);
    }

    /// A session brought a message.
    pub fn receive(&mut self, slot: Slot, message: &Message, now: Time) {
        match message {
            Message::Table(table) => self.receive_table(slot, table, now),
            Message::NodeList(list) => self.receive_nodes(slot, list, now),
            Message::Unicast(unicast) => self.receive_unicast(slot, unicast, now),
            // Whatever else may come across has no influence (FTPEER-15, FTPEER-22).
            _ => {}
        }
    }

    /// What has to be done next.
    pub fn poll(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if output.is_none() {
            self.outputs = VecDeque::new();
        }
        output
    }

    /// When [`timeout`](Self::timeout) is to be called.
    pub fn next_timeout(&self) -> Time {
        let sessions = self.sessions.iter().filter_map(|(_, session)| session.next_timeout());
        let others = [self.own.next_timeout(), self.vector.next_timeout()];
        others
            .into_iter()
            .chain(sessions)
            .chain(self.searches.next_timeout())
            .min()
            .unwrap_or(Time::NEVER)
    }

    /// Does what is due.
    pub fn timeout(&mut self, now: Time) {
        if self.own.timeout(now) {
            self.wake(self.vector.lines(), false, now);
        }
        self.vector.timeout(now);
        self.spread(now);
        self.tell_all(now);
        self.give_up_silent(now);
        self.search_on(now);
    }

    /// What is said of this supernode from now on.
    pub fn set_own(&mut self, own: Own) {
        self.own.set(own);
    }

    /// So many neighbours are taken from now on. Those that are there stay.
    pub const fn set_room(&mut self, neighbours_max: usize) {
        self.rules.neighbours_max = neighbours_max;
    }

    /// The address of this supernode.
    pub const fn address(&self) -> SocketAddrV4 {
        self.own.told().address
    }

    /// How many messages to one supernode came by.
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    fn send(&mut self, to: Slot, message: Message) {
        self.outputs.push_back(Output::Send { to, message });
    }

    fn close(&mut self, slot: Slot, why: Closed, now: Time) {
        self.closed(slot, now);
        self.outputs.push_back(Output::Close { slot, why });
    }

    fn blame(&mut self, slot: Slot, fault: Misbehaved) {
        self.outputs.push_back(Output::Fault { slot, fault: fault.into() });
    }

    fn neighbour(&self, slot: Slot) -> Option<&Neighbour> {
        self.sessions.get(slot)?.neighbour.as_deref()
    }

    fn neighbour_mut(&mut self, slot: Slot) -> Option<&mut Neighbour> {
        self.sessions.get_mut(slot)?.neighbour.as_deref_mut()
    }

    fn slot_of(&self, line: Line) -> Option<Slot> {
        self.slots.get(line.index()).copied().flatten()
    }

    /// The neighbour that is nearest to a supernode.
    fn way_to(&self, address: SocketAddrV4) -> Option<Slot> {
        self.vector.way_to(address).and_then(|line| self.slot_of(line))
    }

    /// Lets those know who have to hear of changes.
    fn spread(&mut self, now: Time) {
        let news = self.vector.take_news();
        self.wake(news.urgent, true, now);
        self.wake(news.other, false, now);
    }

    fn wake(&mut self, lines: Lines, is_urgent: bool, now: Time) {
        for line in lines.iter() {
            let slot = self.slot_of(line);
            if let Some(neighbour) = slot.and_then(|slot| self.neighbour_mut(slot)) {
                neighbour.wake(is_urgent, now);
            }
        }
    }
}
