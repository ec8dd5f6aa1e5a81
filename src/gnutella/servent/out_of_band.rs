//! Hits by UDP: ours for others, and those of others for us.

use std::net::{SocketAddr, SocketAddrV4};

use bytes::Bytes;

use super::answers::DATAGRAM_HIT;
use super::{Mode, Output, Servent};
use crate::base::addresses::is_callable;
use crate::base::limits::HIT_DATAGRAM_LEN_MAX;
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::connect_back::Reach;
use crate::gnutella::holder::{Holder, packed};
use crate::gnutella::out_of_band::{Claims, INDICATION_LEN, Version, v4_of};
use crate::gnutella::wire::vendor::OutOfBandClaim;
use crate::gnutella::wire::{Datagram, Frame, Guid, Query, QueryHit, Record};

impl Servent {
    /// Tells whoever asks for hits by UDP how many there are (OOB-01). False where they have to go the way
    /// that the query came.
    pub(super) fn offer_hits(
        &mut self,
        frame: &Frame,
        query: &Query,
        found: &[Record],
        now: Time,
    ) -> bool {
        let Some(version) = asked_version(query) else { return false };
        let to = frame.guid.out_of_band_address();
        // Who is next to us, or next but one, gets more than it asked for by the way it knows.
        let is_far = frame.hops > 0 && frame.wire_len() >= INDICATION_LEN;
        let is_fit = self.settings.out_of_band && is_far && self.is_answered(to.into());
        if !is_fit || self.listen_v4() == Some(to) {
            return false;
        }
        let holder = self.own_holder(&[]);
        if !found.iter().all(|record| fits_packet(&holder, record)) {
            return false;
        }
        let results = u32::try_from(found.len()).unwrap_or(u32::MAX);
        if mutant!(SendsHitsUnclaimed) {
            let hits = packed(&holder, found.to_vec(), HIT_DATAGRAM_LEN_MAX);
            self.deliver(to.into(), frame.guid, hits, now);
        }
        let (offers, records) = (&mut self.datagrams.enter().offers, found.to_vec());
        let Some(told) = offers.offer(frame.guid, to, version, records, now) else { return false };
        self.send_datagram(to.into(), &told);
        self.out.push_back(Output::Answered { guid: frame.guid, results });
        true
    }

    /// Somebody asks, in a datagram of so many bytes, for hits that it was told of (OOB-03). They go out
    /// once it has shown that it gets what is sent to it (OOB-10).
    pub(super) fn take_claim(
        &mut self,
        from: SocketAddr,
        query: Guid,
        claim: &OutOfBandClaim,
        datagram_len: usize,
        now: Time,
    ) {
        let Self { datagrams, rng, .. } = self;
        let Some(rooms) = datagrams.peek_mut() else { return };
        let Some(host) = rooms.offers.claim(query, from, claim, now) else { return };
        if rooms.proofs.is_proven(host, now) || mutant!(BelievesClaims) {
            return self.hand_out(host, now);
        }
        let Some(ping) = rooms.proofs.ask(host, rng.wake(), now) else { return };
        let pings = &mut self.service.enter().datagram_pings;
        pings.claimed((*host.ip()).into(), ping.wire_len(), datagram_len, now);
        self.send_datagram(host.into(), &ping);
    }

    /// A host has answered a ping of ours: it gets what is sent to it. That is of use only where hits wait.
    pub(super) fn prove(&mut self, host: SocketAddr, now: Time) {
        let Some(host) = v4_of(host) else { return };
        let Some(rooms) = self.datagrams.peek_mut() else { return };
        rooms.proofs.prove(host, now);
        self.hand_out(host, now);
    }

    /// Sends all hits that were claimed for a host.
    pub(super) fn hand_out(&mut self, to: SocketAddrV4, now: Time) {
        let Some(rooms) = self.datagrams.peek_mut() else { return };
        for (query, offered) in rooms.offers.take_claimed(to) {
            let token = if mutant!(ForgetsTokens) { &[][..] } else { &offered.token };
            let holder = self.own_holder(token);
            let hits = packed(&holder, offered.records, HIT_DATAGRAM_LEN_MAX);
            self.deliver(to.into(), query, hits, now);
        }
    }

    /// Sends hits to somebody who has shown that it gets what is sent to it.
    pub(super) fn deliver(
        &mut self,
        to: SocketAddr,
        query: Guid,
        hits: impl IntoIterator<Item = Bytes>,
        now: Time,
    ) {
        let frame = |payload| Frame { guid: query, payload, ..DATAGRAM_HIT };
        self.datagrams.enter().deliveries.send(to, hits.into_iter().map(frame), now);
        self.go_on_by_datagram(now);
    }

    /// Where our own searches take hits by UDP, if they do: somebody has reached us there (OOB-07).
    fn takes_hits_at(&self) -> Option<SocketAddrV4> {
        let is_so = self.settings.out_of_band
            && self.settings.mode == Mode::Overlay
            && self.reachability.udp() == Reach::Proven;
        let listen = self.listen_v4().filter(|_| is_so)?;
        is_callable(listen.into(), self.settings.allow_private).then_some(listen)
    }

    /// A GUID for a query of ours, with the address for hits by UDP if we take some (QUERY-25).
    pub(super) fn fresh_query_guid(&mut self) -> Guid {
        let guid = self.fresh_guid();
        self.takes_hits_at().map_or(guid, |listen| guid.with_out_of_band_address(listen))
    }

    /// Whether hits for a query of ours may come by UDP.
    pub(super) fn takes_hits_for(&self, query: Guid) -> bool {
        self.takes_hits_at().is_some_and(|listen| query.out_of_band_address() == listen)
    }

    /// Somebody tells of hits for a query: they are asked for if it is ours (OOB-07).
    pub(super) fn claim_hits(
        &mut self,
        from: SocketAddr,
        query: Guid,
        hits: u8,
        version: Version,
        now: Time,
    ) {
        let is_wanted = self.searches.peek().is_some_and(|one| one.wants_by_datagram(query));
        if !is_wanted || !self.takes_hits_for(query) {
            return;
        }
        let Self { datagrams, rng, .. } = self;
        let (rooms, rng) = (datagrams.enter(), rng.wake());
        let claims = rooms.claims.get_or_insert_with(|| Claims::new(rng, now));
        let Some(frame) = claims.claim(query, from, hits, version, rng, now) else { return };
        // UDP-08: what comes may be deflated.
        let datagram = Datagram::Frame { frame, deflated: false, can_inflate: true };
        self.out.push_back(Output::Datagram { to: from, bytes: datagram.to_bytes() });
    }

    /// Hits came by UDP: they count if they were asked for (OOB-08).
    pub(super) fn receive_datagram_hit(&mut self, from: SocketAddr, frame: &Frame, now: Time) {
        let Self { datagrams, rng, .. } = self;
        let Some(claims) = datagrams.peek_mut().and_then(|rooms| rooms.claims.as_mut()) else {
            return;
        };
        let Ok(hit) = QueryHit::decode(&frame.payload) else { return };
        let is_asked_for = claims.take(frame.guid, from, &hit, rng.wake(), now);
        if !is_asked_for || hit.servent == self.guid {
            return;
        }
        let results = u8::try_from(hit.records.len()).unwrap_or(u8::MAX);
        let Some(taken) = self.count_results_by_datagram(frame.guid, results, now) else { return };
        if let Some(service) = self.service.peek_mut() {
            service.dynamic_queries.hit(taken.guid, None, u32::from(results), now);
        }
        let hops = frame.hops.saturating_add(1);
        self.tell_of_hit(taken.search, hops, hit);
    }
}

/// How a query wants its hits by UDP, if it does.
fn asked_version(query: &Query) -> Option<Version> {
    if query.extensions.find("SO").is_some() {
        return Some(Version::Secure);
    }
    query.flags.out_of_band().then_some(Version::Plain)
}

/// Whether a record has room in a packet of its own. A token comes on top of that.
fn fits_packet(holder: &Holder, record: &Record) -> bool {
    holder.head_len().saturating_add(record.wire_len()) <= HIT_DATAGRAM_LEN_MAX
}
