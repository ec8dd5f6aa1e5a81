//! Queries by UDP.

use std::net::SocketAddr;

use super::{Mode, Servent};
use crate::base::limits::{
    DATAGRAM_HIT_PASSED_LEN_MAX, HIT_DATAGRAM_LEN_MAX, QUERY_FORWARDED_LEN_MAX,
};
use crate::base::return_tokens::ReturnToken;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::connect_back::Reach;
use crate::gnutella::flow::Class;
use crate::gnutella::guess::{GuessDesk, Judged, shown_to_leaves};
use crate::gnutella::holder::packed;
use crate::gnutella::query_routing::QueryWords;
use crate::gnutella::wire::{Frame, Function, Guid, Query, QueryHit};

impl Servent {
    /// Whether we answer queries by UDP (GUESS-01).
    pub fn answers_guess(&self) -> bool {
        self.settings.udp
            && self.role.is_ultrapeer()
            && self.settings.mode == Mode::Overlay
            && self.reachability.udp() != Reach::Unreachable
    }

    /// The query key of an address.
    pub(super) fn query_key(&mut self, of: SocketAddr, now: Time) -> ReturnToken {
        let Self { datagrams, rng, .. } = self;
        let (rooms, rng) = (datagrams.enter(), rng.wake());
        let desk = rooms.guess.get_or_insert_with(|| GuessDesk::new(rng, now));
        desk.key(of, rng, now)
    }

    /// A query came in a datagram of so many bytes.
    pub(super) fn receive_datagram_query(
        &mut self,
        from: SocketAddr,
        frame: &Frame,
        datagram_len: usize,
        now: Time,
    ) {
        if !self.answers_guess() || frame.payload.len() > QUERY_FORWARDED_LEN_MAX {
            return;
        }
        let Ok(query) = Query::decode(&frame.payload) else { return };
        let Self { datagrams, rng, .. } = self;
        let (rooms, rng) = (datagrams.enter(), rng.wake());
        let desk = rooms.guess.get_or_insert_with(|| GuessDesk::new(rng, now));
        match desk.judge(&query, from, rng, now) {
            Judged::Right => self.work_on(from, frame, &query, now),
            Judged::Wrong { key } => {
                let pong = self.own_pong(now).pong_of_key(frame.guid, &key);
                // GUESS-02: an answer to nobody knows whom is no longer than what came.
                if pong.wire_len() <= datagram_len {
                    self.send_datagram(from, &pong);
                }
            }
            Judged::Dropped => {}
        }
    }

    /// Answers a query for somebody who gets what is sent to it (GUESS-04).
    fn work_on(&mut self, from: SocketAddr, frame: &Frame, query: &Query, now: Time) {
        let taken = self.own_pong(now).acknowledgement(frame.guid);
        self.send_datagram(from, &taken);
        // What came over a link as well is answered there.
        if frame.guid == Guid::ZERO || self.router.knows(Function::QUERY, frame.guid, now) {
            return;
        }
        let desk = self.datagrams.peek_mut().and_then(|rooms| rooms.guess.as_mut());
        // Whoever asks the same twice was answered.
        if !desk.is_some_and(|desk| desk.route(frame.guid, from, now)) {
            return;
        }
        let (found, _) = self.find(query, frame.hops);
        let hits = packed(&self.own_holder(&[]), found, HIT_DATAGRAM_LEN_MAX);
        if !hits.is_empty() {
            self.deliver(from, frame.guid, hits, now);
        }
        let payload = shown_to_leaves(query);
        let shown = Frame { ttl: 1, hops: 1, payload, size_flags: None, ..frame.clone() };
        self.show_to_leaves_as(None, Class::Query, &shown, &QueryWords::of(query), now);
        let (of_leaves, _) = self.find_in_leaves(None, query);
        for (leaf, records) in of_leaves {
            let Some(hits) = self.hits_of_leaf(leaf, records, now) else { continue };
            self.deliver(from, frame.guid, hits, now);
        }
    }

    fn hits_of_leaf(
        &mut self,
        leaf: Slot,
        records: Vec<crate::gnutella::wire::Record>,
        now: Time,
    ) -> Option<Vec<bytes::Bytes>> {
        let (servent, holder) = self.neighbours.get(leaf).and_then(super::leaf_files::holder)?;
        self.router.learn_servent(servent, leaf, now);
        Some(packed(&holder, records, HIT_DATAGRAM_LEN_MAX))
    }

    /// A neighbour brings hits for a query that came by UDP (GUESS-05). False where they are for somebody
    /// else.
    pub(super) fn pass_guessed_hit(&mut self, slot: Slot, frame: &Frame, now: Time) -> bool {
        let desk = self.datagrams.peek_mut().and_then(|rooms| rooms.guess.as_mut());
        let Some(desk) = desk.filter(|desk| desk.knows(frame.guid)) else { return false };
        if self.router.knows(Function::QUERY, frame.guid, now) {
            return false;
        }
        let is_leaf = self.neighbours.get(slot).is_some_and(super::Neighbour::is_leaf);
        if !is_leaf || frame.hops > 0 || frame.payload.len() > DATAGRAM_HIT_PASSED_LEN_MAX {
            self.drop_frame(slot, None);
            return true;
        }
        let Some(to) = desk.way_of(frame.guid, now) else {
            self.drop_frame(slot, None);
            return true;
        };
        match QueryHit::decode(&frame.payload) {
            Ok(hit) => {
                self.router.learn_servent(hit.servent, slot, now);
                self.deliver(to, frame.guid, [frame.payload.clone()], now);
            }
            Err(fault) => self.blame_maker(slot, frame, fault),
        }
        true
    }
}
