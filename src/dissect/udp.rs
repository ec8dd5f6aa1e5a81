use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use super::conversation::Surroundings;
use super::fragments::Fragments;
use super::outlet::{FRAGMENT_TAG, Outlet, Sent};
use super::packet::UdpDatagram;
use super::record::{Packing, Route, Stretch, Transport, Unknown};
use super::sniff;
use super::time::Timestamp;
use crate::base::error::Faults;
use crate::base::limits::{DATAGRAM_FLOWS_MAX, SPEAKERS_MAX};
use crate::gnutella::wire::{Datagram, HEADER_LEN, Header};

/// All UDP datagrams of a recording.
#[derive(Debug, Default)]
pub(super) struct Datagrams {
    fragments: Fragments,
    speakers: BTreeSet<SocketAddr>,
    foreign: BTreeMap<Flow, Foreign>,
}

/// From where to where, and the lower of the two ports, which is most often that of a service.
type Flow = (IpAddr, IpAddr, u16);

/// Datagrams of another protocol.
#[derive(Clone, Copy, Debug)]
struct Foreign {
    route: Route,
    stretch: Stretch,
    count: u64,
    last_seen: Option<Timestamp>,
}

impl Datagrams {
    /// The next datagram.
    pub(super) fn push(&mut self, datagram: &UdpDatagram<'_>, around: &mut Surroundings<'_, '_>) {
        let (from, to) = (Some(datagram.from), Some(datagram.to));
        let route = Route { transport: Transport::Udp, from, to };
        if !self.is_gnutella(datagram) {
            return self.count_foreign(datagram, route, around);
        }
        let mut out = Outlet { time: around.time, route, sink: around.sink };
        if datagram.unrecorded_len > 0 {
            let bytes = datagram.payload.len() as u64;
            return out.put_unknown(Unknown::Piece { what: "datagram recorded in part", bytes });
        }
        decode(&Bytes::copy_from_slice(datagram.payload), &mut self.fragments, &mut out);
    }

    /// Nothing more is to come.
    pub(super) fn end(&mut self, around: &mut Surroundings<'_, '_>) {
        self.fragments.end(around.sink);
        while let Some((_, foreign)) = self.foreign.pop_first() {
            foreign.put(around);
        }
    }

    /// An address that talks Gnutella over TCP most likely does so over UDP.
    pub(super) fn note_speaker(&mut self, address: SocketAddr) {
        if self.speakers.len() < SPEAKERS_MAX {
            self.speakers.insert(address);
        }
    }

    /// True for what looks like Gnutella, and for whatever else goes between two addresses that
    /// were seen to talk Gnutella: that is malformed, and worth telling.
    fn is_gnutella(&mut self, datagram: &UdpDatagram<'_>) -> bool {
        let UdpDatagram { from, to, .. } = *datagram;
        if looks_like_gnutella(datagram.payload) {
            self.note_speaker(from);
            self.note_speaker(to);
            return true;
        }
        self.speakers.contains(&from) && self.speakers.contains(&to)
    }

    fn count_foreign(
        &mut self,
        datagram: &UdpDatagram<'_>,
        route: Route,
        around: &mut Surroundings<'_, '_>,
    ) {
        let UdpDatagram { from, to, .. } = *datagram;
        let flow = (from.ip(), to.ip(), from.port().min(to.port()));
        if self.foreign.len() >= DATAGRAM_FLOWS_MAX
            && !self.foreign.contains_key(&flow)
            && let Some((_, foreign)) = self.foreign.pop_first()
        {
            foreign.put(around);
        }
        let stretch = Stretch { bytes: 0, since: around.time };
        let known = self.foreign.entry(flow).or_insert(Foreign {
            route,
            stretch,
            count: 0,
            last_seen: None,
        });
        known.count = known.count.saturating_add(1);
        known.stretch.bytes = known.stretch.bytes.saturating_add(datagram.payload.len() as u64);
        known.last_seen = around.time;
    }
}

impl Foreign {
    fn put(self, around: &mut Surroundings<'_, '_>) {
        let Self { route, stretch, count, last_seen } = self;
        let mut out = Outlet { time: last_seen, route, sink: around.sink };
        out.put_unknown(Unknown::Datagrams { stretch, count });
    }
}

/// Decodes one datagram of Gnutella; fragments wait for the rest of their message.
pub(super) fn decode(bytes: &Bytes, fragments: &mut Fragments, out: &mut Outlet<'_, '_>) {
    match Datagram::decode(bytes) {
        Ok(Datagram::Reliable(reliable)) => fragments.push(reliable, out),
        Ok(datagram) => put_message(&datagram, out),
        Err(fault) => out.put_broken_datagram(bytes, fault),
    }
}

fn put_message(datagram: &Datagram, out: &mut Outlet<'_, '_>) {
    let Datagram::Frame { frame, deflated, can_inflate } = datagram else {
        return;
    };
    let mut faults = Faults::new();
    datagram.inspect(&mut faults);
    let packing = if *deflated { Packing::DeflatedDatagram } else { Packing::Plain };
    out.put_sent_frame(frame, Sent { packing, can_inflate: *can_inflate }, faults);
}

/// True for fragments, and where a header of a known function announces exactly what follows it.
fn looks_like_gnutella(payload: &[u8]) -> bool {
    if payload.len() >= 8 && payload.starts_with(FRAGMENT_TAG) {
        return true;
    }
    Header::decode(payload).is_ok_and(|header| {
        let frame_len = header.framed_payload_len().map(|len| len.saturating_add(HEADER_LEN));
        frame_len.is_ok_and(|len| len == payload.len()) && sniff::is_known(header.function)
    })
}
