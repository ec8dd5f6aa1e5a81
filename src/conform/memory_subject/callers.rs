//! Probes that our node has asked to call it, and that do.

use std::net::SocketAddr;

use bytes::BytesMut;

use super::Memory;
use crate::conform::play::{Event, ProbeId};
use crate::fasttrack::http::Give;
use crate::fasttrack::ordinary_node::PushTarget;
use crate::fasttrack::peer::NoPush;
use crate::gnutella::http::Giv;
use crate::gnutella::wire::Guid;
use crate::node::fasttrack as part;
use crate::node::{Command, Input};
use crate::transfer::download::{self, CallFailure, KazaaHost, PushWay, SourceId};

/// Who was asked to call, and for which source of which download.
#[derive(Default)]
pub(super) struct Pushes {
    last: u64,
    asked: Vec<(u64, usize, SourceId)>,
    givs: Vec<(Guid, usize, SourceId)>,
    gives: Vec<(u32, usize, SourceId)>,
    /// Those who have called, and have not said why.
    pub(super) callers: Vec<(ProbeId, BytesMut)>,
}

impl Memory {
    pub(super) fn push(&mut self, fetch: usize, source: SourceId, way: &PushWay) {
        let pushes = &mut self.fetches.pushes;
        pushes.last = pushes.last.wrapping_add(1);
        pushes.asked.push((pushes.last, fetch, source));
        pushes.givs.push((way.servent, fetch, source));
        let (servent, index, proxies) = (way.servent, way.index, way.proxies.clone());
        let command = Command::Push { request: pushes.last, servent, index, proxies };
        self.for_node.push_back(Input::Command(command));
    }

    pub(super) fn push_kazaa(
        &mut self,
        fetch: usize,
        source: SourceId,
        (address, host): (SocketAddr, KazaaHost),
    ) -> Option<download::Input> {
        let (SocketAddr::V4(address), Some(supernode)) = (address, host.supernode) else {
            return Some(no_way(source));
        };
        let pushes = &mut self.fetches.pushes;
        pushes.last = pushes.last.wrapping_add(1);
        pushes.asked.push((pushes.last, fetch, source));
        let target = PushTarget { address, supernode, user: host.user.into() };
        let command = part::Command::Push { request: pushes.last, target };
        self.for_node.push_back(Input::Command(Command::FastTrack(command)));
        None
    }

    /// A push went so many ways. Nobody is asked over HTTP here.
    pub(super) fn push_sent(&mut self, request: u64, ways: usize) {
        let Some((fetch, source)) = self.fetches.pushes.answered(request) else { return };
        if ways == 0 {
            self.turn_fetch(fetch, Some(no_way(source)));
        }
    }

    pub(super) fn kazaa_push_sent(&mut self, request: u64, outcome: Result<u32, NoPush>) {
        let Some((fetch, source)) = self.fetches.pushes.answered(request) else { return };
        match outcome {
            Ok(number) => self.fetches.pushes.gives.push((number, fetch, source)),
            Err(_) => self.turn_fetch(fetch, Some(no_way(source))),
        }
    }

    /// Somebody calls with GIV or GIVE, and has sent this. False if nobody has called so.
    pub(super) fn hear_caller(&mut self, probe: ProbeId, bytes: &[u8]) -> bool {
        let callers = &mut self.fetches.pushes.callers;
        let Some(place) = callers.iter().position(|(caller, _)| *caller == probe) else {
            return false;
        };
        let Some((_, read)) = callers.get_mut(place) else { return false };
        read.extend_from_slice(bytes);
        let Ok(meant) = meant(read) else {
            callers.remove(place);
            self.told.push(Event::Ended { probe });
            return true;
        };
        let Some(call) = meant else { return true };
        let (_, read) = self.fetches.pushes.callers.remove(place);
        match self.fetches.pushes.expected(&call) {
            Some((fetch, source)) if !self.fetches.has_line(fetch, source) => {
                let connected = self.begin_to_fetch(probe, fetch, source);
                self.turn_fetch(fetch, Some(connected));
                self.hear_source(probe, &read);
            }
            // A stranger is not listened to.
            _ => self.told.push(Event::Ended { probe }),
        }
        true
    }
}

const fn no_way(source: SourceId) -> download::Input {
    download::Input::ConnectFailed { source, why: CallFailure::NoWay }
}

enum Call {
    Giv(Giv),
    Give(Give),
}

/// Nothing while its line is not whole.
fn meant(read: &mut BytesMut) -> Result<Option<Call>, ()> {
    if read.starts_with(b"GIVE") {
        return Ok(Give::take_from(read).map_err(|_| ())?.map(Call::Give));
    }
    let Some(end) = read.windows(2).position(|pair| pair == b"\n\n") else { return Ok(None) };
    let line = read.split_to(end.saturating_add(2));
    let line = String::from_utf8_lossy(line.get(..end).unwrap_or_default()).into_owned();
    Giv::parse(line.trim_end()).map(|giv| Some(Call::Giv(giv))).ok_or(())
}

impl Pushes {
    fn answered(&mut self, request: u64) -> Option<(usize, SourceId)> {
        let place = self.asked.iter().position(|(asked, ..)| *asked == request)?;
        let (_, fetch, source) = self.asked.remove(place);
        Some((fetch, source))
    }

    fn expected(&mut self, call: &Call) -> Option<(usize, SourceId)> {
        match call {
            Call::Giv(giv) => {
                let place = self.givs.iter().position(|(servent, ..)| *servent == giv.servent)?;
                let (_, fetch, source) = self.givs.remove(place);
                Some((fetch, source))
            }
            Call::Give(give) => {
                let place = self.gives.iter().position(|(number, ..)| *number == give.push)?;
                let (_, fetch, source) = self.gives.remove(place);
                Some((fetch, source))
            }
        }
    }
}
