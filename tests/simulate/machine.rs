//! A servent as small as it can be, which floods as in 2000, and which can be given one flaw.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use filbert::base::time::Time;
use filbert::gnutella::link::{Decision, Profile, Role};
use filbert::gnutella::wire::{Frame, Function, Guid, Query, QueryHit};
use filbert::node::{Command, Event, Input, LinkId, Output, SearchId};
use filbert::simulate::{Birth, Machine};

/// What a machine does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    ForwardsTwice,
    SendsBack,
    KeepsTheTtl,
    AnswersTwice,
    HitsToEverybody,
    HitsTwice,
    HitsToTheLatest,
    InventsHits,
    InventsQueries,
    PassesOnForgedHits,
    SpeaksAfterTheEnd,
    KeepsTooMuch,
    SendsTooMuch,
    NeverSleeps,
    TurnsOnNeighbours,
}

/// The whole servent.
pub(crate) struct Flooder {
    flaw: Flaw,
    profile: Arc<Profile>,
    address: SocketAddr,
    links: BTreeMap<LinkId, VecDeque<Frame>>,
    closed: Option<LinkId>,
    /// Where each query came from; nothing for own ones.
    seen: BTreeMap<Guid, Option<LinkId>>,
    searches: BTreeMap<Guid, SearchId>,
    files: Vec<String>,
    next_guid: u64,
    out: VecDeque<Output>,
}

impl Flooder {
    pub(crate) fn new(birth: &Birth, flaw: Flaw) -> Self {
        let profile = Profile { listen: Some(birth.address), ..Profile::new(Role::Ultrapeer) };
        Self {
            flaw,
            profile: Arc::new(profile),
            address: birth.address,
            links: BTreeMap::new(),
            closed: None,
            seen: BTreeMap::new(),
            searches: BTreeMap::new(),
            files: Vec::new(),
            next_guid: birth.seed,
            out: VecDeque::new(),
        }
    }

    fn guid(&mut self) -> Guid {
        self.next_guid += 1;
        Guid(u128::from(self.next_guid).to_le_bytes())
    }

    fn send(&mut self, link: LinkId, frame: Frame) {
        if let Some(queue) = self.links.get_mut(&link) {
            queue.push_back(frame);
            self.out.push_back(Output::Ready { link });
        }
    }

    fn send_all(&mut self, but: Option<LinkId>, frame: &Frame) {
        let links: Vec<_> = self.links.keys().copied().collect();
        for link in links.into_iter().filter(|link| Some(*link) != but) {
            self.send(link, frame.clone());
        }
    }

    fn search(&mut self, search: SearchId, words: &str) {
        let guid = self.guid();
        self.searches.insert(guid, search);
        self.seen.insert(guid, None);
        let hops = u8::from(self.flaw == Flaw::InventsQueries);
        let mut payload = BytesMut::from(&[0, 0][..]);
        payload.put_slice(words.as_bytes());
        payload.put_u8(0);
        if self.flaw == Flaw::SendsTooMuch {
            payload.put_bytes(b'x', 1_100);
        }
        self.send_all(None, &Frame { hops, ..frame(guid, Function::QUERY, payload.freeze()) });
    }

    fn receive(&mut self, from: LinkId, frame: &Frame) {
        match frame.function {
            Function::QUERY => self.query(from, frame),
            Function::QUERY_HIT => self.hit(from, frame),
            _ => {}
        }
    }

    fn query(&mut self, from: LinkId, query: &Frame) {
        let is_known = self.seen.contains_key(&query.guid);
        let is_ours = self.searches.contains_key(&query.guid);
        if !is_known || self.flaw == Flaw::HitsToTheLatest && !is_ours {
            self.seen.insert(query.guid, Some(from));
        }
        if !is_known || self.flaw == Flaw::AnswersTwice {
            let first = self.seen.get(&query.guid).copied().flatten();
            self.answer(first.unwrap_or(from), query);
        }
        if is_known || query.ttl <= 1 {
            return;
        }
        let ttl = if self.flaw == Flaw::KeepsTheTtl { query.ttl } else { query.ttl - 1 };
        let but = (self.flaw != Flaw::SendsBack).then_some(from);
        for _ in 0..1 + u8::from(self.flaw == Flaw::ForwardsTwice) {
            self.send_all(but, &query.forwarded(ttl, query.hops + 1));
        }
    }

    fn answer(&mut self, from: LinkId, query: &Frame) {
        let text = Query::decode(&query.payload).unwrap().text;
        let text = std::str::from_utf8(&text).unwrap();
        let matching: Vec<_> = self.files.iter().filter(|name| name.starts_with(text)).collect();
        let hits: Vec<_> = matching.iter().map(|name| self.hit_of(query.guid, name)).collect();
        hits.into_iter().for_each(|hit| self.send(from, hit));
        if self.flaw == Flaw::InventsHits {
            let guid = self.guid();
            self.send(from, self.hit_of(guid, "artist00000 song0000000.mp3"));
        }
        if self.flaw == Flaw::PassesOnForgedHits {
            let hit = self.hit_of(query.guid, "artist00000 song0000000.mp3");
            self.send(from, Frame { hops: 1, ..hit });
        }
    }

    fn hit_of(&self, guid: Guid, name: &str) -> Frame {
        let mut payload = BytesMut::new();
        payload.put_u8(1);
        payload.put_u16_le(self.address.port());
        let std::net::IpAddr::V4(ip) = self.address.ip() else { unreachable!() };
        payload.put_slice(&ip.octets());
        payload.put_u32_le(0);
        payload.put_u32_le(7);
        payload.put_u32_le(7);
        payload.put_slice(name.as_bytes());
        payload.put_slice(&[0, 0]);
        payload.put_slice(&[7; 16]);
        frame(guid, Function::QUERY_HIT, payload.freeze())
    }

    fn hit(&mut self, from: LinkId, hit: &Frame) {
        if let Some(search) = self.searches.get(&hit.guid).copied() {
            let (hops, hit) = (hit.hops, Box::new(QueryHit::decode(&hit.payload).unwrap()));
            let doubts = Box::default();
            self.out.push_back(Output::Event(Event::Hit { search, hops, hit, doubts }));
        }
        let Some(back) = self.seen.get(&hit.guid).copied().flatten() else { return };
        if hit.ttl <= 1 {
            return;
        }
        let onward = hit.forwarded(hit.ttl - 1, hit.hops + 1);
        match self.flaw {
            Flaw::HitsToEverybody => self.send_all(Some(from), &onward),
            Flaw::HitsTwice => (0..2).for_each(|_| self.send(back, onward.clone())),
            _ => self.send(back, onward),
        }
    }
}

fn frame(guid: Guid, function: Function, payload: Bytes) -> Frame {
    Frame { guid, function, ttl: 5, hops: 0, size_flags: None, payload }
}

impl Machine for Flooder {
    fn handle(&mut self, input: Input, _: Time) {
        match input {
            Input::Asked { link, .. } | Input::Answered { link, .. } => {
                let decision = Decision::accept(Role::Ultrapeer);
                self.out.push_back(Output::Decide { link, decision });
            }
            Input::Opened { link, .. } => _ = self.links.insert(link, VecDeque::new()),
            Input::Closed { link, .. } => {
                self.links.remove(&link);
                self.closed = Some(link);
            }
            Input::Frame { link, .. } if self.flaw == Flaw::TurnsOnNeighbours => {
                let (code, reason) = (550, "I do not like you".to_owned());
                self.out.push_back(Output::Close { link, code, reason });
            }
            Input::Frame { link, frame } => self.receive(link, &frame),
            Input::Command(Command::Share(files)) => {
                self.files = files.into_iter().map(|file| file.name).collect();
            }
            Input::Command(Command::SearchIn { search, words, .. }) => self.search(search, &words),
            _ => {}
        }
        if let (Flaw::SpeaksAfterTheEnd, Some(link)) = (self.flaw, self.closed) {
            self.out.push_back(Output::Ready { link });
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn transmit(&mut self, link: LinkId, _: Time) -> Option<Frame> {
        self.links.get_mut(&link)?.pop_front()
    }

    fn next_timeout(&self) -> Option<Time> {
        (self.flaw == Flaw::NeverSleeps).then_some(Time::from_millis(20_000))
    }

    fn profile(&self) -> Arc<Profile> {
        self.profile.clone()
    }

    fn role(&self) -> Role {
        Role::Ultrapeer
    }

    fn audit(&self) -> Result<(), String> {
        match self.flaw == Flaw::KeepsTooMuch && self.seen.len() > 1 {
            true => Err(format!("{} queries are kept, not 1 at most", self.seen.len())),
            false => Ok(()),
        }
    }

    fn known_hosts(&self) -> Vec<SocketAddr> {
        Vec::new()
    }
}
