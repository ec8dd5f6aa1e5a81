use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::base::limits::{
    ANSWERS_MAX, CALLBACK_ASKED_MS, CALLBACK_EVERY_MS, CALLBACK_FAILED_MS, CALLBACKS_OF_ASKER_MAX,
};
use crate::base::time::Time;
use crate::gnutella::link::Role;
use crate::gnutella::push_proxy::Callback;
use crate::gnutella::router::TtlRules;
use crate::gnutella::servent::Mode;
use crate::gnutella::wire::{Frame, Function, Guid, Header};
use crate::node::{Event, LinkId, SearchId};

/// Bytes of a GUID.
const GUID_LEN: usize = 16;

/// Where datagrams come from.
const NO_LINK: LinkId = LinkId(u64::MAX);

/// The link by which a message came, its TTL and its hops.
type Arrival = (LinkId, u8, u8);

/// Sees what a node gets and what it sends, and says that the one explains the other.
#[derive(Debug)]
pub(super) struct Witness {
    /// Links that a query may cross in all.
    ttl_max: u8,
    arrived: BTreeMap<(Function, Guid), Vec<Arrival>>,
    /// Who has spoken for which servents.
    spokesmen: BTreeSet<(LinkId, Vec<u8>)>,
    /// Those of which somebody wants to hear.
    searches: BTreeSet<SearchId>,
    /// When hosts were called because of a push (PUSH-12).
    called: BTreeMap<Ipv4Addr, Vec<Time>>,
    /// Until when those are not called that were not there, or asked for nothing.
    missed: BTreeMap<Ipv4Addr, Time>,
    /// Until when those may be called for several files at once that have asked for one (PUSH-29).
    asked: BTreeMap<SocketAddr, Time>,
}

impl Witness {
    pub(super) fn new(mode: Mode) -> Self {
        let rules = if mode == Mode::Flood { TtlRules::FLOOD } else { TtlRules::default() };
        Self {
            ttl_max: rules.max_ttl.max(rules.own_ttl),
            arrived: BTreeMap::new(),
            spokesmen: BTreeSet::new(),
            searches: BTreeSet::new(),
            called: BTreeMap::new(),
            missed: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    /// A message comes in a datagram: what follows from it goes to anybody.
    pub(super) fn arrives_by_datagram(&mut self, frame: &Frame) {
        // A query by UDP is shown to leaves as if it had come over one link (GUESS-05).
        let hops = if frame.function == Function::QUERY { 0 } else { frame.hops };
        let key = (frame.function, frame.guid);
        self.arrived.entry(key).or_default().push((NO_LINK, frame.ttl, hops));
    }

    /// A message is handed to the node.
    pub(super) fn arrives(&mut self, link: LinkId, frame: &Frame) {
        let key = (frame.function, frame.guid);
        self.arrived.entry(key).or_default().push((link, frame.ttl, frame.hops));
        let servent = match frame.function {
            Function::QUERY_HIT => {
                frame.payload.last_chunk::<GUID_LEN>().map(|servent| &servent[..])
            }
            // With it a leaf asks for a push proxy.
            Function::VENDOR | Function::VENDOR_STANDARD => Some(&frame.guid.0[..]),
            _ => None,
        };
        self.spokesmen.extend(servent.map(|servent| (link, servent.to_vec())));
    }

    pub(super) fn searches(&mut self, search: SearchId) {
        self.searches.insert(search);
    }

    pub(super) fn ends_search(&mut self, search: SearchId) {
        self.searches.remove(&search);
    }

    /// A host was called because of a push.
    pub(super) fn called(&mut self, at: SocketAddr, how: Callback, now: Time) {
        let IpAddr::V4(host) = at.ip() else { return };
        if how == Callback::Asked {
            self.asked.insert(at, now.after_ms(CALLBACK_ASKED_MS));
        } else if how == Callback::Absent || !self.has_asked(at, now) {
            let until = self.missed.entry(host).or_default();
            if *until <= now {
                *until = now.after_ms(CALLBACK_FAILED_MS);
            }
        }
    }

    fn has_asked(&self, at: SocketAddr, now: Time) -> bool {
        self.asked.get(&at).is_some_and(|until| now < *until)
    }

    /// What a node tells.
    pub(super) fn hears(&mut self, event: &Event, now: Time) {
        match event {
            Event::Hit { search, .. } | Event::SearchEnded { search, .. } => {
                assert!(self.searches.contains(search), "nobody wants to hear of {search:?}");
            }
            Event::Answered { results, .. } => {
                assert!(usize::try_from(*results).is_ok_and(|results| results <= ANSWERS_MAX));
            }
            Event::Pushed(push) => {
                let host = push.address;
                let until = self.missed.get(&host);
                assert!(until.is_none_or(|until| *until <= now), "{host} is called too soon");
                let has_asked = self.has_asked(SocketAddr::new(host.into(), push.port), now);
                let calls_max = if has_asked { CALLBACKS_OF_ASKER_MAX.into() } else { 1 };
                let calls = self.called.entry(host).or_default();
                calls.retain(|at| now < at.after_ms(CALLBACK_EVERY_MS));
                assert!(calls.len() < calls_max, "{host} is called too often");
                calls.push(now);
            }
            _ => {}
        }
    }

    /// What leaves by a link on which the node has this role.
    pub(super) fn leaves(&self, link: LinkId, role: Role, frame: &Frame) {
        let header = frame.header();
        assert_ne!(frame.function, Function::BYE, "the link says goodbye, not the node");
        assert!(frame.ttl > 0, "{header:?} cannot arrive");
        if role.is_leaf() {
            assert_eq!(frame.hops, 0, "a leaf passes {header:?} on");
            let is_own = !self.arrived.contains_key(&(frame.function, frame.guid));
            let is_answer = matches!(frame.function, Function::QUERY_HIT | Function::PONG);
            let is_vendor = matches!(frame.function, Function::VENDOR | Function::VENDOR_STANDARD);
            assert!(is_own || is_answer || is_vendor, "a leaf passes {header:?} on as its own");
        }
        match frame.function {
            Function::QUERY => self.check_reach(&header),
            Function::QUERY_HIT => self.check_asked(link, &header),
            Function::PUSH => self.check_spokesman(link, frame),
            _ => {}
        }
        // A pong from the cache has the GUID of the ping that it answers.
        if frame.hops > 0 && frame.function != Function::PONG {
            self.check_origin(link, &header);
        }
    }

    /// Nothing travels further than anything may; where a leaf is shown something, its way ends.
    fn check_reach(&self, header: &Header) {
        let reach = u16::from(header.ttl) + u16::from(header.hops);
        assert!(header.ttl == 1 || reach <= u16::from(self.ttl_max), "{header:?} goes too far");
    }

    /// Hits go to whoever asked, whether they are the node's or somebody else's.
    fn check_asked(&self, link: LinkId, hit: &Header) {
        let asked = self.arrivals(Function::QUERY, hit.guid);
        assert!(asked.iter().any(|(from, ..)| *from == link), "{hit:?}: {link:?} has not asked");
    }

    /// Pushes go to whoever has spoken for the servent.
    fn check_spokesman(&self, link: LinkId, push: &Frame) {
        let servent = push.payload.first_chunk::<GUID_LEN>().expect("every push names a servent");
        let spokesman = (link, servent.to_vec());
        assert!(self.spokesmen.contains(&spokesman), "{link:?} knows nothing of {servent:?}");
    }

    /// What is passed on has come by another link, with one hop less and more TTL.
    fn check_origin(&self, link: LinkId, header: &Header) {
        let is_next = |(from, ttl, hops): &Arrival| {
            // Where a leaf asks, and where a leaf is shown or brought something, the TTL begins anew.
            let starts_anew = header.ttl == 1 || *hops == 0 && header.function == Function::QUERY;
            let is_counted = hops.checked_add(1) == Some(header.hops);
            *from != link && is_counted && (starts_anew || header.ttl < *ttl)
        };
        let arrived = self.arrivals(header.function, header.guid);
        assert!(arrived.iter().any(is_next), "{header:?} to {link:?} comes from nowhere");
    }

    fn arrivals(&self, function: Function, guid: Guid) -> &[Arrival] {
        self.arrived.get(&(function, guid)).map(Vec::as_slice).unwrap_or_default()
    }
}
