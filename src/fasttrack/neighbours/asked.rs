use std::net::SocketAddrV4;

use bytes::Bytes;

use super::session::TAKEN;
use super::{Dropped, Neighbours, Output, ReplyTo};
use crate::base::fair_table::FairTable;
use crate::base::limits::{FASTTRACK_RESULTS_MAX, FASTTRACK_SEARCHES_KNOWN_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::{ForwardedSearch, FoundRef, Frame, Kind, Message, Unicast, pack};

/// Searches that were here, by who asks and by their id, each on the account of whoever brought it.
pub(super) type KnownSearches = FairTable<(SocketAddrV4, u32), ()>;

impl Neighbours {
    /// Another supernode searches here (FTPEER-18).
    pub(super) fn asked(
        &mut self,
        slot: Slot,
        unicast: &Unicast,
        search: ForwardedSearch,
        now: Time,
    ) -> Result<(), Dropped> {
        let neighbour = self.neighbour_mut(slot).ok_or(Dropped::Stranger)?;
        if !neighbour.taken.take(TAKEN, 1, now) {
            return Err(Dropped::TooMuch);
        }
        self.note(slot, (unicast.sender, search.id), now)?;
        let ForwardedSearch { id, max, realm, terms } = search;
        let [_, _, high, low] = id.to_be_bytes();
        let id = u16::from_be_bytes([high, low]);
        let reply = ReplyTo { address: unicast.sender, id, max, from: slot };
        self.outputs.push_back(Output::Asked { reply, max, realm, terms });
        Ok(())
    }

    /// Remembers a search, unless it was here before.
    fn note(&mut self, slot: Slot, key: (SocketAddrV4, u32), now: Time) -> Result<(), Dropped> {
        let Err(free) = self.known.find(&key, now).map(drop) else {
            return Err(Dropped::Duplicate);
        };
        let known = &mut self.known;
        let session = self.sessions.get_mut(slot).and_then(|it| it.neighbour.as_mut());
        let neighbour = session.ok_or(Dropped::Stranger)?;
        let open = || known.open(slot, FASTTRACK_SEARCHES_KNOWN_MAX);
        let account = *neighbour.account.get_or_insert_with(open);
        known.insert(free, account, key, (), now);
        Ok(())
    }

    /// Sends home what was found, and says that this was all (FTPEER-19).
    pub fn answer<'a, I>(&mut self, reply: ReplyTo, results: I)
    where
        I: IntoIterator<Item = FoundRef<'a>>,
    {
        let Some(next) = self.way_home(reply) else { return };
        let count_max = usize::from(reply.max).min(FASTTRACK_RESULTS_MAX);
        let results = results.into_iter().take(count_max);
        for Frame { kind, payload } in pack(self.address(), reply.id, results) {
            self.send_home(next, reply, kind, payload);
        }
        let end = Message::SearchEnd { id: reply.id }.to_frame();
        self.send_home(next, reply, end.kind, end.payload);
    }

    /// By the table, or else by who brought the question: that one was nearer to who asks.
    fn way_home(&self, reply: ReplyTo) -> Option<Slot> {
        let brought = || self.neighbour(reply.from).map(|_| reply.from);
        self.way_to(reply.address).or_else(brought)
    }

    fn send_home(&mut self, next: Slot, reply: ReplyTo, kind: Kind, payload: Bytes) {
        let (sender, receiver) = (self.address(), reply.address);
        let unicast = Unicast { sender, receiver, hops: 1, kind, payload };
        self.send(next, Message::Unicast(unicast));
    }
}
