//! A supernode and its children: what it says first, what it keeps of them, what it answers.
//!
//! ```text
//! 0x02 ─► a child, as far as there is room ─► node list wanted ─► greeting
//! 0x22, 0x05 ─► index of leaves                0x0d ─► a child of ours, or across
//! 0x06 ─► index ─► results ─► not enough? ─► forwarded ─► results of others ─► 0x08
//! ```
//!
//! It knows children, and nobody else: what goes across between supernodes is handed out, and what comes
//! back is handed in.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod child;
mod contract;
mod details;
mod finding;
mod greeting;
mod matching;
mod numbers;
mod pushes;
mod searches;
mod shares;

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddrV4;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

pub use contract::{Key, Output, Own};
pub use finding::Finds;
pub use numbers::Totals;

use crate::base::addresses::{is_public, is_unicast};
use crate::base::by_slot::BySlot;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::{Kind, Message, NetworkStats, NodeInfo, RandomFiles};
use crate::index::files::Files;
use crate::index::leaf_index::LeafIndex;
use child::{Child, Stage};
use searches::Searches;

/// A supernode, with its children.
#[derive(Debug)]
pub struct Supernode {
    own: Own,
    /// How many children there may be.
    room: u32,
    children: BySlot<Child>,
    /// Those that were not declined.
    children_len: u32,
    /// Children by the address that stands in results.
    shown_at: BTreeSet<(SocketAddrV4, Slot)>,
    index: LeafIndex,
    offered: Files,
    totals: Totals,
    /// The size of the network, where it is known.
    network: Option<Box<NetworkStats>>,
    searches: Searches,
    /// When each child hears of the network again.
    rounds: BTreeSet<(Time, Slot)>,
    out: VecDeque<Output>,
}

impl Supernode {
    /// A supernode without children.
    pub fn new(own: Own, rng: &mut ChaCha8Rng) -> Self {
        Self {
            own,
            room: 0,
            children: BySlot::new(),
            children_len: 0,
            shown_at: BTreeSet::new(),
            index: LeafIndex::new(rng.random()),
            offered: Files::new(),
            totals: Totals::default(),
            network: None,
            searches: Searches::default(),
            rounds: BTreeSet::new(),
            out: VecDeque::new(),
        }
    }

    /// Others can call us there.
    pub const fn is_at(&mut self, address: SocketAddrV4) {
        self.own.address = address;
    }

    /// How many children there may be. Those that are there stay.
    pub const fn set_room(&mut self, children: u32) {
        self.room = children;
    }

    /// Offers exactly these files from now on, but for those whose FastTrack hash is not known.
    pub fn offer(&mut self, files: Files) {
        self.offered = files;
    }

    /// How large the network is, if that is known (FTSUPER-21).
    pub fn set_network(&mut self, network: Option<NetworkStats>) {
        self.network = network.map(Box::new);
    }

    /// What is to be done, until there is nothing more.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// An ordinary node has said who it is: it becomes a child if there is room (FTSUPER-07). Either way a
    /// node list is wanted for it. True where it has become one.
    pub fn child_opened(&mut self, slot: Slot, from: SocketAddrV4, info: &NodeInfo) -> bool {
        let is_declined = self.children_len >= self.room;
        let mut child = Child::new(from);
        child.introduce(info, shown(from, info));
        child.stage = if is_declined { Stage::Declined } else { Stage::Waiting };
        if !is_declined {
            self.children_len = self.children_len.saturating_add(1);
            self.shown_at.insert((child.shown, slot));
        }
        self.children.insert(slot, child);
        self.out.push_back(Output::WantsNodes { slot });
        !is_declined
    }

    /// A message of a child. How much work that was, in looks at words and files.
    pub fn receive(&mut self, slot: Slot, message: &Message) -> u32 {
        let is_declined = |child: &Child| child.stage == Stage::Declined;
        if self.children.get(slot).is_none_or(is_declined) {
            return 0;
        }
        match message {
            Message::NodeInfo(info) => self.introduced(slot, info),
            Message::Share(share) => self.share(slot, share),
            Message::Unshare(unshare) => self.unshare(slot, unshare),
            Message::Search(search) => return self.search(slot, search),
            Message::PushRequest(push) => self.push_of_child(slot, push),
            Message::RandomFilesRequest { id } => {
                // FTSUPER-20
                let none = RandomFiles { id: *id, unknown: 0, shelf: None };
                self.send(slot, Message::RandomFiles(none));
            }
            // Versions, names and revisions are taken and not judged (FTSUPER-19), and so is what nobody
            // knows.
            _ => {}
        }
        0
    }

    /// A message of a child cannot be read. Whoever waits for the end of a search hears it all the same
    /// (FTSUPER-14).
    pub fn receive_malformed(&mut self, slot: Slot, kind: Kind, payload: &[u8]) {
        if kind == Kind::SEARCH {
            self.end_malformed(slot, payload);
        }
    }

    /// A child is gone, and with it all that it shared and asked (FTSUPER-11).
    pub fn closed(&mut self, slot: Slot) {
        let Some(child) = self.children.remove(slot) else { return };
        if child.stage != Stage::Declined {
            self.children_len = self.children_len.saturating_sub(1);
            self.shown_at.remove(&(child.shown, slot));
        }
        if let Some(due) = child.next_round {
            self.rounds.remove(&(due, slot));
        }
        self.totals.take_all(&child.totals);
        self.index.drop_leaf(slot);
        self.drop_searches_of(&child);
    }

    /// A child says again who it is.
    fn introduced(&mut self, slot: Slot, info: &NodeInfo) {
        let Some(child) = self.children.get_mut(slot) else { return };
        self.shown_at.remove(&(child.shown, slot));
        child.introduce(info, shown(child.from, info));
        self.shown_at.insert((child.shown, slot));
    }

    fn send(&mut self, slot: Slot, message: Message) {
        self.out.push_back(Output::Send { slot, message });
    }

    /// How many children there are.
    pub const fn children_len(&self) -> u32 {
        self.children_len
    }

    /// Files that children have announced.
    pub const fn files_len(&self) -> usize {
        self.index.len()
    }

    /// Files that one child has announced.
    pub fn files_of(&self, slot: Slot) -> usize {
        self.index.files_of(slot)
    }

    /// What a child is called, and where it stands in results.
    pub fn child(&self, slot: Slot) -> Option<(&str, SocketAddrV4)> {
        self.children.get(slot).map(|child| (&*child.user, child.shown))
    }

    /// How much children share.
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// How full we are, in per cent.
    pub fn load(&self) -> u8 {
        let load = self.children_len.saturating_mul(100).checked_div(self.room).unwrap_or(100);
        u8::try_from(load.min(100)).unwrap_or(100)
    }

    /// Whether there is room for a child.
    pub const fn has_room(&self) -> bool {
        self.children_len < self.room
    }
}

/// Where a child stands in results: at the address of its connection, unless it cannot be called there and
/// says so with an address that nobody can call (FTSUPER-16).
fn shown(from: SocketAddrV4, info: &NodeInfo) -> SocketAddrV4 {
    let (said, seen) = ((*info.address.ip()).into(), (*from.ip()).into());
    let is_behind = is_unicast(said) && !is_public(said) && is_public(seen);
    let ip = if is_behind || mutant!(BelievesAddresses) { info.address.ip() } else { from.ip() };
    SocketAddrV4::new(*ip, info.address.port())
}
