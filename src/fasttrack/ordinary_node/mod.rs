//! An ordinary node: it finds a supernode, shares some of its files with it, and searches through it.
//!
//! The contract: hand in whatever happens, then [`poll`](OrdinaryNode::poll) until there is no more
//! [`Output`], then wait until [`next_timeout`](OrdinaryNode::next_timeout) or the next happening.
//! Sessions have their names from outside, as slots; who is called, and who may call, is decided there, too.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod asked;
mod callbacks;
mod contract;
mod offers;
mod own_pushes;
mod parent;
mod reach;
mod rests;
mod searches;
mod seeking;
mod session;
mod sharing;
mod supernodes;
mod trials;

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

pub use callbacks::Callback;
pub use contract::{Answer, Outcome, Output, Settings};
pub use own_pushes::{NoPush, PushTarget};
pub use reach::Reach;

use crate::base::addresses::is_callable;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::sought::{SearchId, Sought};
use crate::fasttrack::wire::{Datagram, Found, Message, NetworkStats, PushRequest, Share};
use callbacks::Callbacks;
use own_pushes::OwnPushes;
use searches::{Over, Searches};
use seeking::Seeking;
use session::Session;
use sharing::Sharing;

/// Every rule of an ordinary node.
#[derive(Debug)]
pub struct OrdinaryNode {
    settings: Settings,
    rng: ChaCha8Rng,
    seeking: Seeking,
    /// With the supernode, and with those that are tried.
    sessions: BTreeMap<Slot, Session>,
    supernode: Option<Slot>,
    /// By which the last supernode saw us.
    seen_as: Option<Ipv4Addr>,
    sharing: Sharing,
    searches: Searches,
    own_pushes: OwnPushes,
    callbacks: Callbacks,
    stats: Option<Box<NetworkStats>>,
    /// The last moment that was handed in.
    now: Time,
    out: VecDeque<Output>,
}

impl OrdinaryNode {
    /// A node that does nothing before it is [started](Self::start).
    pub fn new(settings: Settings, mut rng: ChaCha8Rng, now: Time) -> Self {
        let mut node = Self {
            seeking: Seeking::new(settings.allow_private, now),
            sessions: BTreeMap::new(),
            supernode: None,
            seen_as: None,
            sharing: Sharing::default(),
            searches: Searches::new(rng.random()),
            own_pushes: OwnPushes::default(),
            callbacks: Callbacks::new(settings.allow_private),
            stats: None,
            now,
            out: VecDeque::new(),
            settings,
            rng,
        };
        node.know_oneself();
        node
    }

    /// A supernode is wanted from now on.
    pub fn start(&mut self, now: Time) {
        if self.supernode.is_none() && !self.seeking.is_seeking() {
            self.seeking.start(now);
        }
        self.step(now);
    }

    /// None is wanted any more, and there is none.
    pub fn stop(&mut self, now: Time) {
        let tried = self.seeking.stop();
        for slot in self.supernode.into_iter().chain(tried) {
            self.close(slot, "no supernode is wanted");
        }
        self.orphan();
        self.step(now);
    }

    /// What has to be done next, until there is nothing more.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call [`timeout`](Self::timeout).
    pub fn next_timeout(&self) -> Option<Time> {
        let of_session = self.supernode.and_then(|slot| self.sessions.get(&slot)?.info_due());
        let moments = [
            self.seeking.next_timeout(self.now),
            self.sharing.next_timeout(self.now),
            self.searches.next_timeout(),
            of_session.filter(|due| *due > self.now),
        ];
        moments.into_iter().flatten().min()
    }

    /// The moment of [`next_timeout`](Self::next_timeout) has come.
    pub fn timeout(&mut self, now: Time) {
        self.step(now);
    }

    /// Supernodes that may be asked, as [`Output::WantsHosts`] wants them.
    pub fn give_hosts(&mut self, hosts: &[SocketAddrV4], now: Time) {
        self.seeking.give(hosts, now);
        self.step(now);
    }

    /// Nobody is there, or it is nobody who speaks FastTrack.
    pub fn dial_failed(&mut self, supernode: SocketAddrV4, now: Time) {
        self.seeking.failed(supernode, &mut self.out);
        self.step(now);
    }

    /// A session that we have opened stands: both names are there.
    pub fn opened(&mut self, slot: Slot, supernode: SocketAddrV4, now: Time) {
        if self.seeking.opened(supernode, slot, now) {
            self.sessions.insert(slot, Session::new(supernode, now));
            self.tell_who_we_are(slot, now);
        } else {
            self.close(slot, "there is a supernode already");
        }
        self.step(now);
    }

    /// A session is over.
    pub fn closed(&mut self, slot: Slot, now: Time) {
        let session = self.sessions.remove(&slot);
        self.seeking.closed(slot, &mut self.out);
        if let Some(session) = session.filter(|_| self.supernode == Some(slot)) {
            self.orphan();
            self.seeking.lost(session.supernode, session.since, &mut self.rng, now);
        }
        self.step(now);
    }

    /// A datagram has come. Those that we have not asked for mean nothing.
    pub fn datagram(&mut self, from: SocketAddrV4, datagram: &Datagram, now: Time) {
        self.seeking.datagram(from, datagram, &mut self.rng, now, &mut self.out);
        self.step(now);
    }

    /// Asks these by UDP whether they have room, without wanting any of it: [`Output::Answered`] says what
    /// they answer (FTNODE-23).
    pub fn look_at(&mut self, supernodes: &[SocketAddrV4], now: Time) {
        self.seeking.look_at(supernodes, now, &mut self.out);
        self.step(now);
    }

    /// By which address this node is known, as far as it knows itself; the port is 0 where it takes no
    /// connections.
    pub fn set_address(&mut self, address: SocketAddrV4, now: Time) {
        self.settings.address = address;
        self.know_oneself();
        self.step(now);
    }

    /// These files are given from now on. The first 70 are shared, which others find by searches.
    pub fn share(&mut self, files: impl IntoIterator<Item = Share>, now: Time) {
        self.sharing.offer(files);
        self.step(now);
    }

    /// Searches, now or as soon as there is a supernode. No other search that runs has this name.
    pub fn search(&mut self, search: SearchId, sought: Sought, now: Time) {
        let oldest = self.searches.begin(search, sought, now);
        self.tell_end(oldest, "newer ones take its place");
        self.step(now);
    }

    /// Nobody wants to know any more.
    pub fn end_search(&mut self, search: SearchId, now: Time) {
        let over = self.searches.end(search, now);
        self.tell_end(over, "it was ended");
        self.step(now);
    }

    /// Asks a node that cannot be called to call us (FTNODE-11): the number that it will say with `GIVE`.
    pub fn push(&mut self, target: &PushTarget, now: Time) -> Result<u32, NoPush> {
        let slot = self.supernode.ok_or(NoPush::NoSupernode)?;
        let push = self.begin_push(target, now)?;
        let id = push.id;
        self.out.push_back(Output::Send { slot, message: Message::PushRequest(push) });
        Ok(id)
    }

    /// The same, for whoever is its own supernode and sends it itself.
    pub fn begin_push(&mut self, target: &PushTarget, now: Time) -> Result<PushRequest, NoPush> {
        if !self.is_callable() {
            return Err(NoPush::NotCallable);
        }
        let id = self.own_pushes.begin(target, &mut self.rng, now).ok_or(NoPush::TooMany)?;
        Ok(PushRequest {
            id,
            requester: self.address(),
            target: target.address,
            supernode: target.supernode,
            user: target.user.clone(),
        })
    }

    /// Somebody has called us and says `GIVE` with this number (FTNODE-14): whom we have asked for that.
    /// Where it is none, the connection is to be closed.
    pub fn take_give(&mut self, number: u32, now: Time) -> Option<PushTarget> {
        self.own_pushes.take(number, now)
    }

    /// We have called somebody because of [`Output::Pushed`]: what has become of it.
    pub fn callback_ended(&mut self, at: SocketAddrV4, how: Callback, now: Time) {
        self.callbacks.ended(at, how, now);
    }

    /// The supernode, if there is one.
    pub fn supernode(&self) -> Option<(Slot, SocketAddrV4)> {
        let slot = self.supernode?;
        self.sessions.get(&slot).map(|session| (slot, session.supernode))
    }

    /// What the supernode said last of the size of the network. No size is too small (FTNODE-19).
    pub fn network_stats(&self) -> Option<&NetworkStats> {
        self.stats.as_deref()
    }

    /// The supernodes that are remembered (FTNODE-16), the best first.
    pub fn known(&self) -> Vec<SocketAddrV4> {
        self.seeking.known()
    }

    /// By which address others see this node, as far as anybody knows; the port is 0 where it takes no
    /// connections.
    pub fn address(&self) -> SocketAddrV4 {
        let own = self.settings.address;
        SocketAddrV4::new(self.seen_as.unwrap_or(*own.ip()), own.port())
    }

    /// Whether others can call this node.
    pub fn is_callable(&self) -> bool {
        is_callable(self.address().into(), self.settings.allow_private)
    }

    /// How a file that was found can be fetched.
    pub fn reach(&self, found: &Found) -> Reach {
        Reach::of(found, self.settings.allow_private, self.is_callable())
    }

    fn know_oneself(&mut self) {
        self.seeking.set_own([self.settings.address, self.address()]);
    }

    /// Does what is due.
    fn step(&mut self, now: Time) {
        self.now = self.now.max(now);
        self.seeking.step(&mut self.rng, now, &mut self.out);
        self.sessions.retain(|slot, _| self.supernode == Some(*slot) || self.seeking.tries(*slot));
        for search in self.searches.quiet(now) {
            let over = self.searches.end(search, now);
            self.tell_end(over, "nothing was heard of it");
        }
        self.serve(now);
    }

    fn tell_end(&mut self, over: Option<Over>, why: &'static str) {
        let ended = |Over { search, results }| Output::SearchEnded { search, results, why };
        self.out.extend(over.map(ended));
    }

    fn close(&mut self, slot: Slot, why: &'static str) {
        self.sessions.remove(&slot);
        self.out.push_back(Output::Close { slot, why });
    }
}
