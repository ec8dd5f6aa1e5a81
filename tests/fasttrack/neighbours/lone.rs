//! One supernode, and sessions whose other ends are scripted.

use std::net::{Ipv4Addr, SocketAddrV4};

use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::fasttrack::neighbours::{Neighbours, Output, Own, Rules, SearchKey};
use filbert::fasttrack::wire::{
    Bandwidth, ForwardedSearch, Kind, Logarithm, Media, Message, Realm, Table, TableRecord, Tag,
    Term, Unicast,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::net::{Id, address, own};

/// Nobody else has this number.
pub const ME: Id = 60_000;

pub struct Lone {
    pub room: Neighbours,
    slots: Slots<()>,
    pub now: Time,
    /// What was put out and not taken yet.
    outputs: Vec<Output>,
}

impl Lone {
    pub fn new() -> Self {
        Self::with(own(), Rules::default())
    }

    pub fn with(own: Own, rules: Rules) -> Self {
        let random = ChaCha8Rng::seed_from_u64(7);
        let now = Time::from_millis(1_000);
        let room = Neighbours::new(address(ME), own, rules, &random, now);
        Self { room, slots: Slots::new(), now, outputs: Vec::new() }
    }

    /// A session, which has said nothing yet.
    pub fn open(&mut self, ip: Ipv4Addr, we_called: bool) -> Slot {
        let slot = self.slots.insert(());
        self.room.opened(slot, ip, we_called, self.now);
        self.drain();
        slot
    }

    /// A neighbour with this number, of whose greeting nothing is left.
    pub fn join(&mut self, id: Id) -> Slot {
        let slot = self.open(*address(id).ip(), false);
        self.tell(slot, &[record(id, 5, 0)]);
        assert!(self.joined(slot), "{id} is no neighbour");
        slot
    }

    pub fn joins(&mut self, ids: impl IntoIterator<Item = Id>) -> Vec<Slot> {
        ids.into_iter().map(|id| self.join(id)).collect()
    }

    fn joined(&mut self, slot: Slot) -> bool {
        let outputs = self.take();
        outputs.iter().any(|it| matches!(it, Output::Joined { slot: it, .. } if *it == slot))
    }

    pub fn close(&mut self, slot: Slot) {
        self.room.closed(slot, self.now);
        self.drain();
    }

    pub fn tell(&mut self, slot: Slot, records: &[TableRecord]) {
        self.receive(slot, &Message::Table(records.iter().copied().collect()));
    }

    pub fn receive(&mut self, slot: Slot, message: &Message) {
        self.room.receive(slot, message, self.now);
        self.drain();
    }

    /// A message from one to another one, as it comes over a session.
    pub fn unicast(&mut self, slot: Slot, from: Id, to: Id, hops: u8, message: &Message) {
        let unicast = Unicast { hops, ..Unicast::new(address(from), address(to), message) };
        self.receive(slot, &Message::Unicast(unicast));
    }

    pub fn run_ms(&mut self, ms: u64) {
        let end = self.now.after_ms(ms);
        while self.room.next_timeout() <= end {
            self.now = self.now.max(self.room.next_timeout());
            self.room.timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        self.outputs.extend(std::iter::from_fn(|| self.room.poll()));
    }

    /// What was put out since the last look.
    pub fn take(&mut self) -> Vec<Output> {
        self.drain();
        std::mem::take(&mut self.outputs)
    }

    /// What was sent to a session since the last look; all else is forgotten.
    pub fn sent(&mut self, slot: Slot) -> Vec<Message> {
        let outputs = self.take().into_iter();
        let messages = outputs.filter_map(|output| match output {
            Output::Send { to, message } if to == slot => Some(message),
            _ => None,
        });
        messages.collect()
    }

    /// The tables that were sent to a session since the last look, without the own record.
    pub fn told(&mut self, slot: Slot) -> Vec<Vec<TableRecord>> {
        let messages = self.sent(slot).into_iter();
        let tables = messages.filter_map(|message| match message {
            Message::Table(table) => Some(others(&table)),
            _ => None,
        });
        tables.collect()
    }

    /// Messages to one supernode since the last look: session, receiver, hops and kind.
    pub fn unicasts(&mut self) -> Vec<(Slot, Unicast)> {
        let outputs = self.take().into_iter();
        let messages = outputs.filter_map(|output| match output {
            Output::Send { to, message: Message::Unicast(unicast) } => Some((to, unicast)),
            _ => None,
        });
        messages.collect()
    }

    /// Rules that were broken since the last look.
    pub fn faults(&mut self) -> Vec<&'static str> {
        let outputs = self.take().into_iter();
        let faults = outputs.filter_map(|output| match output {
            Output::Fault { fault, .. } => Some(fault.rule().id()),
            _ => None,
        });
        faults.collect()
    }

    /// How far a supernode is.
    pub fn distance(&self, id: Id) -> Option<u8> {
        let mut known = self.room.known();
        known.find(|known| known.record.address == address(id)).map(|known| known.record.distance)
    }

    /// The neighbour by which it is reached.
    pub fn by(&self, id: Id) -> Option<Slot> {
        self.room.known().find(|known| known.record.address == address(id)).map(|known| known.by)
    }

    pub fn search(&mut self, key: u32, wanted: u16) -> SearchKey {
        let (key, terms) = (SearchKey(key), vec![Term::words(Tag::ANY, "tune")]);
        self.room.search(key, wanted, Realm::EVERYTHING, terms, self.now);
        self.drain();
        key
    }
}

fn others(table: &Table) -> Vec<TableRecord> {
    let mut records = table.records();
    assert_eq!(records.next().map(|own| (own.address, own.distance)), Some((address(ME), 0)));
    records.collect()
}

/// A supernode with some files.
pub fn record(id: Id, sequence: u16, distance: u8) -> TableRecord {
    TableRecord {
        address: address(id),
        sequence,
        children: 90,
        load: 50,
        bandwidth: Bandwidth(0x80),
        unknown: 0,
        media: [[Logarithm(20); 2]; Media::COUNT],
        distance,
    }
}

/// The same in short: number, sequence and distance.
pub fn in_short(records: &[TableRecord]) -> Vec<(SocketAddrV4, u16, u8)> {
    records.iter().map(|it| (it.address, it.sequence, it.distance)).collect()
}

pub fn searched(id: u32, max: u16) -> Message {
    let (realm, terms) = (Realm::EVERYTHING, vec![Term::words(Tag::ANY, "tune")]);
    Message::ForwardedSearch(ForwardedSearch { id, max, realm, terms })
}

/// So many results for a search, of the index of a supernode.
pub fn results(supernode: Id, id: u16, count: u16) -> Message {
    let found = (0..count).map(|number| super::net::found(supernode, number));
    let frame = filbert::fasttrack::wire::pack(address(supernode), id, found).next().unwrap();
    assert_eq!(frame.kind, Kind::RESULTS);
    Message::parse(&frame, filbert::fasttrack::wire::Side::Across).unwrap()
}
