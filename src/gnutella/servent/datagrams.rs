//! What comes and goes in datagrams. Senders may be forged: nothing comes from here that is more than
//! what came, until somebody has shown that it gets what is sent to it.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use super::faults::has_long_tail;
use super::{Mode, Output, Servent};
use crate::base::addresses::is_callable;
use crate::base::limits::CALLED_PORT_MIN;
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::flow::Class;
use crate::gnutella::guess::GuessDesk;
use crate::gnutella::out_of_band::{Claims, Deliveries, Offers, Proofs, Version, v4_of};
use crate::gnutella::push_proxy::{DatagramPushes, OwnPushes};
use crate::gnutella::wire::vendor::{Body, MessageId};
use crate::gnutella::wire::{Datagram, Frame, Function, Push, Vendor};

/// The rooms that a node enters when hits or queries go by UDP.
#[derive(Debug, Default)]
pub(super) struct Datagrams {
    pub(super) offers: Offers,
    pub(super) proofs: Proofs,
    pub(super) deliveries: Deliveries,
    /// There once somebody has told of hits for us.
    pub(super) claims: Option<Claims>,
    /// There once somebody has asked for a key.
    pub(super) guess: Option<GuessDesk>,
    pub(super) pushes: DatagramPushes,
    pub(super) own_pushes: OwnPushes,
}

impl Datagrams {
    pub(super) fn next_timeout(&self) -> Option<Time> {
        let claims = self.claims.as_ref().and_then(Claims::next_timeout);
        let guess = self.guess.as_ref().and_then(GuessDesk::next_timeout);
        let (offers, proofs) = (self.offers.next_timeout(), self.proofs.next_timeout());
        [offers, proofs, self.deliveries.next_timeout(), claims, guess].into_iter().flatten().min()
    }

    fn forget_old(&mut self, now: Time) {
        self.offers.forget_old(now);
        self.proofs.forget_old(now);
        if let Some(claims) = &mut self.claims {
            claims.forget_old(now);
        }
        if let Some(guess) = &mut self.guess {
            guess.forget_old(now);
        }
    }

    /// Nothing is to be remembered. Keys that were given out are.
    fn is_empty(&self) -> bool {
        self.offers.is_empty()
            && self.proofs.is_empty()
            && self.deliveries.is_empty()
            && self.claims.as_ref().is_none_or(Claims::is_empty)
            && self.guess.is_none()
            && self.pushes.is_empty()
            && self.own_pushes.is_empty()
    }
}

impl Servent {
    /// A datagram arrived.
    pub fn receive_datagram(&mut self, from: SocketAddr, bytes: &Bytes, now: Time) {
        let Ok(Datagram::Frame { frame, .. }) = Datagram::decode(bytes) else { return };
        // UDP-03
        let is_flagged = frame.size_flags.is_some_and(|flags| flags != 0);
        if is_flagged && !mutant!(TakesFlagsInDatagrams) || has_long_tail(&frame) {
            return;
        }
        match frame.function {
            Function::PING => self.receive_datagram_ping(from, &frame, now),
            Function::PONG => self.receive_datagram_pong(from, &frame, now),
            _ if self.settings.mode == Mode::Flood || !self.is_answered(from) => {}
            Function::VENDOR | Function::VENDOR_STANDARD => {
                self.receive_datagram_vendor(from, &frame, bytes.len(), now);
            }
            Function::QUERY => self.receive_datagram_query(from, &frame, bytes.len(), now),
            Function::QUERY_HIT => self.receive_datagram_hit(from, &frame, now),
            Function::PUSH => self.receive_datagram_push(from, &frame, now),
            _ => {}
        }
    }

    /// Whether something may be sent there because a stranger says so: nothing to hosts that no stranger
    /// has, and nothing to the ports of other services.
    pub(super) fn is_answered(&self, to: SocketAddr) -> bool {
        (to.port() >= CALLED_PORT_MIN || mutant!(IndicatesToServices))
            && is_callable(to, self.settings.allow_private)
    }

    fn receive_datagram_pong(&mut self, from: SocketAddr, frame: &Frame, now: Time) {
        let rooms = self.datagrams.peek_mut();
        if let (Some(rooms), Some(host)) = (rooms, v4_of(from))
            && rooms.proofs.pong(frame.guid, host, now)
        {
            return self.hand_out(host, now);
        }
        let Some(service) = self.service.peek_mut() else { return };
        let Some(host) = service.datagram_pings.pong(frame, from, now) else { return };
        self.prove(from, now);
        self.out.push_back(Output::LearntByDatagram { from, host: Box::new(host) });
    }

    fn receive_datagram_vendor(
        &mut self,
        from: SocketAddr,
        frame: &Frame,
        datagram_len: usize,
        now: Time,
    ) {
        let Ok(Vendor { id, body, .. }) = Vendor::decode(&frame.payload) else { return };
        match body {
            Body::OutOfBandIndication(told) => {
                let version = match id {
                    MessageId::OUT_OF_BAND_INDICATION_V2 => Version::Plain,
                    MessageId::OUT_OF_BAND_INDICATION_V3 => Version::Secure,
                    _ => return,
                };
                self.claim_hits(from, frame.guid, told.hits, version, now);
            }
            Body::OutOfBandClaim(claim) => {
                self.take_claim(from, frame.guid, &claim, datagram_len, now);
            }
            _ => {}
        }
    }

    /// A push in a datagram: for a leaf whose pushes we take, or for us (PUSH-15).
    fn receive_datagram_push(&mut self, from: SocketAddr, frame: &Frame, now: Time) {
        let Ok(push) = Push::decode(&frame.payload) else { return };
        let asker = SocketAddr::new(IpAddr::V4(push.address), push.port);
        // Whoever wants a connection speaks for itself.
        let is_forged = from.ip().to_canonical() != asker.ip() && !mutant!(PushesForForgers);
        if is_forged || !self.is_answered(asker) {
            return;
        }
        if push.servent == self.guid {
            return self.answer_push(None, push, now);
        }
        let proxied = self.service.peek().and_then(|service| service.proxied.route(push.servent));
        let Some(leaf) = proxied else { return };
        if self.datagrams.enter().pushes.allow(leaf, asker.ip(), now) {
            let hops = frame.hops.saturating_add(1);
            self.push(leaf, Class::Push, frame.forwarded(1, hops), None, now);
        }
    }

    /// Sends what is due, and forgets what is old.
    pub(super) fn go_on_by_datagram(&mut self, now: Time) {
        let Self { datagrams, rng, .. } = self;
        let Some(rooms) = datagrams.peek_mut() else { return };
        let mut messages = Vec::new();
        rooms.deliveries.timeout(now, rng.wake(), &mut messages);
        rooms.forget_old(now);
        if rooms.is_empty() {
            datagrams.leave();
        }
        for (to, frame) in messages {
            self.send_datagram(to, &frame);
        }
    }
}
