use std::net::SocketAddr;

use super::capture::{CaptureReader, Damaged, Packet};
use super::connections::Connections;
use super::conversation::Surroundings;
use super::outlet::{Outlet, Sink};
use super::packet::{Content, Fragment};
use super::record::{Kind, Record, Route, Transport, Unknown};
use super::statistics::Statistics;
use super::time::Timestamp;
use super::udp::Datagrams;

/// Packets of both transports, on their way to their connections.
#[derive(Debug, Default)]
pub(super) struct Recording {
    connections: Connections,
    datagrams: Datagrams,
    statistics: Statistics,
}

impl Recording {
    /// More of a capture.
    pub(super) fn push_capture(
        &mut self,
        capture: &mut CaptureReader,
        bytes: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), Damaged> {
        capture.push(bytes);
        while let Some(packet) = capture.next_packet()? {
            self.push(&packet, sink);
        }
        Ok(())
    }

    /// The next packet.
    pub(super) fn push(&mut self, packet: &Packet, sink: &mut Sink<'_>) {
        self.statistics.packets = self.statistics.packets.saturating_add(1);
        let time = packet.time;
        match packet.link.content(&packet.data) {
            Content::Tcp(segment) => {
                let mut speakers = Vec::new();
                let mut tap = |record: Record| {
                    speakers.extend(greeter(&record));
                    sink(record);
                };
                let statistics = &mut self.statistics;
                let mut around = Surroundings { time, statistics, sink: &mut tap };
                self.connections.push(&segment, &mut around);
                speakers.into_iter().for_each(|speaker| self.datagrams.note_speaker(speaker));
            }
            Content::Udp(datagram) => {
                let statistics = &mut self.statistics;
                let mut around = Surroundings { time, statistics, sink };
                self.datagrams.push(&datagram, &mut around);
            }
            Content::Fragment(fragment) => put_fragment(fragment, time, sink),
            Content::Other => self.statistics.note_other(packet.link),
        }
    }

    /// Nothing more is to come.
    pub(super) fn end(&mut self, sink: &mut Sink<'_>) {
        let mut around = Surroundings { time: None, statistics: &mut self.statistics, sink };
        self.connections.end(&mut around);
        self.datagrams.end(&mut around);
    }

    pub(super) const fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Bytes of memory that are held between packets.
    pub(super) const fn footprint_len(&self) -> usize {
        self.connections.footprint_len()
    }
}

/// The address that an ultrapeer or a leaf answers at, by TCP and most likely by UDP.
fn greeter(record: &Record) -> Option<SocketAddr> {
    let is_request = record.kind() == Kind::Handshake;
    is_request.then_some(record.route.to).flatten()
}

fn put_fragment(fragment: Fragment, time: Option<Timestamp>, sink: &mut Sink<'_>) {
    let Fragment { is_tcp, from, to, len } = fragment;
    let transport = if is_tcp { Transport::Tcp } else { Transport::Udp };
    let address = |ip| Some(SocketAddr::new(ip, 0));
    let route = Route { transport, from: address(from), to: address(to) };
    let unknown = Unknown::Piece { what: "fragment of an IP packet", bytes: len as u64 };
    Outlet { time, route, sink }.put_unknown(unknown);
}
