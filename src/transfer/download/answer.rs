use std::net::SocketAddr;

use super::contract::{Answer, Ask, Outcome, Path, Wanted};
use super::kazaa;
use crate::base::limits::{QUEUE_POLL_MS, TREE_ANSWER_LEN_MAX};
use crate::base::ranges::ByteRange;
use crate::base::urn::Urn;
use crate::fasttrack::http::Sender;
use crate::gnutella::http::{
    AltHost, Alternates, AvailableRanges, BodyEnd, ContentRange, Features, Form, Method, NodeInfo,
    OwnHead, PushProxies, Queue, QueueId, QueueVersion, Queued, RangeHeader, Response, RetryAfter,
    ServentId, Status, Target, ThexUri,
};
use crate::gnutella::link::Head;

/// Headers that only servents send (DOWN-16).
const OF_SERVENTS: [&str; 10] = [
    "X-Gnutella-Content-URN",
    "X-Content-URN",
    "X-Thex-URI",
    "X-Available-Ranges",
    "X-Alt",
    "X-Queue",
    "X-Queued",
    "X-GUID",
    "X-Node",
    "X-Gnutella-Alternate-Location",
];

/// What we say of ourselves with each request.
#[derive(Clone, Debug, Default)]
pub struct Manners {
    /// `User-Agent`.
    pub user_agent: String,
    /// Where we can be called, if it is known that we can.
    pub listen: Option<SocketAddr>,
    /// How we are reached otherwise.
    pub behind: Option<NodeInfo>,
    /// Where those call us whom we ask to, though it may be in vain.
    pub called_at: Option<SocketAddr>,
    /// Who we are on FastTrack.
    pub kazaa: Sender,
}

/// The head of a request; none where nothing is known that this source could be asked for.
pub fn request_of(
    ask: &Ask,
    sha1: Option<[u8; 20]>,
    host: SocketAddr,
    manners: &Manners,
) -> Option<OwnHead> {
    let urn = sha1.map(Urn::Sha1);
    let target = match (ask.what, &ask.path) {
        (_, Path::Kazaa(node)) => return kazaa::request_of(ask.what, node, host, manners),
        (Wanted::Tree, _) => Target::TreeOf(urn?),
        (_, Path::ByUrn) => Target::ByUrn(urn?),
        (_, Path::ByIndex { index, name }) => Target::ByIndex { index: *index, name: name.clone() },
        (_, Path::Url(target) | Path::Named { target, .. }) => Target::Other(target.clone()),
    };
    let host = match &ask.path {
        Path::Named { host, .. } => host.clone(),
        _ => host.to_string(),
    };
    let mut head = OwnHead::request(Method::Get, &target)
        .with("Host", host)
        .with("User-Agent", &manners.user_agent)
        .with("Connection", "Keep-Alive")
        .with_form(&QueueVersion::PASSIVE)
        .with_some("X-Gnutella-Content-URN", urn)
        .with_some("X-Node", manners.listen);
    if let Some(behind) = manners.behind.as_ref().filter(|_| manners.listen.is_none()) {
        head = head.with_form(behind).with_form(&PushProxies(behind.0.proxies.clone()));
    }
    if let Wanted::Bytes(range) = ask.what {
        head = head.with_form(&RangeHeader::Bounded(range));
    }
    if let Some(id) = ask.ticket.as_deref().and_then(QueueId::new) {
        let place =
            Queued { id: Some(id), position: None, length: None, eta_s: None, lifetime_s: None };
        head = head.with_form(&place);
    }
    if let Some(available) = &ask.available {
        head = head.with_form(&AvailableRanges(available.clone()));
    }
    let hosts = |addresses: &[SocketAddr]| {
        let host = |address: &SocketAddr| AltHost::new(*address);
        addresses.iter().map(host).collect()
    };
    let alternates = Alternates {
        hosts: hosts(&ask.alternates),
        gone: hosts(&ask.bad_alternates),
        pushed: ask.pushed.clone(),
        pushed_gone: Vec::new(),
    };
    alternates.write_to(&mut head);
    Some(head)
}

impl Answer {
    /// What a response comes to, for somebody who has asked for this. Of a file whose SHA-1 is not known, nobody else is
    /// known who has it.
    pub fn of(response: &Response, asked: Wanted, sha1: Option<&[u8; 20]>) -> Self {
        let head = &response.head;
        let alternates = sha1.map(|sha1| Alternates::of(head, sha1)).unwrap_or_default();
        let addresses =
            |hosts: Vec<AltHost>| hosts.into_iter().map(|host| host.address).collect::<Vec<_>>();
        let proxies = PushProxies::of(head).map(|proxies| addresses(proxies.0));
        let info = NodeInfo::of(head).map(|info| info.0);
        let named = ServentId::of(head).map(|id| id.0);
        let servent = info.as_ref().map(|info| info.servent).or(named);
        let info = info.map(|info| addresses(info.proxies));
        Self {
            outcome: outcome_of(response, asked),
            stays_open: response.keeps_connection(),
            is_servent: is_of_servent(head),
            available: AvailableRanges::of(head).map(|available| available.0),
            alternates: addresses(alternates.hosts),
            pushed: alternates.pushed,
            bad_alternates: addresses(alternates.gone),
            root: ThexUri::of(head).and_then(|thex| thex.root),
            servent,
            proxies: proxies.or(info).unwrap_or_default(),
        }
    }
}

/// Whether a head has what only servents say (DOWN-16).
pub fn is_of_servent(head: &Head) -> bool {
    OF_SERVENTS.iter().any(|name| head.value(name).is_some()) || Features::of(head).is_some()
}

pub(super) fn outcome_of(response: &Response, asked: Wanted) -> Outcome {
    let is_coded = response
        .head
        .value("Content-Encoding")
        .is_some_and(|coding| !coding.trim().eq_ignore_ascii_case("identity"));
    match response.status {
        status if status.is_success() && is_coded => Outcome::Refused,
        Status::OK | Status::PARTIAL => body_of(response, asked),
        Status::NOT_FOUND | Status::GONE => Outcome::Missing,
        Status::RANGE_NOT_SATISFIABLE => {
            Outcome::NotTheseBytes { size: response.content_range().and_then(|told| told.size) }
        }
        Status::BUSY | Status::TOO_MANY_REQUESTS => waiting_of(&response.head),
        _ => Outcome::Refused,
    }
}

fn body_of(response: &Response, asked: Wanted) -> Outcome {
    let len = match response.body_end() {
        Ok(BodyEnd::After(len)) => Some(len),
        Ok(BodyEnd::Chunked | BodyEnd::Close) => None,
        Err(_) => return Outcome::Refused,
    };
    let Wanted::Bytes(_) = asked else {
        let len = len.unwrap_or_default();
        let fits = usize::try_from(len).is_ok_and(|len| len <= TREE_ANSWER_LEN_MAX);
        return if fits { Outcome::Tree { len } } else { Outcome::Refused };
    };
    let told = response.content_range();
    // LimeWire answers a range from the first byte on with 200 and Content-Range.
    if response.status == Status::OK && told.is_none() {
        let Some(len) = len else { return Outcome::Refused };
        return Outcome::Bytes { range: ByteRange::new(0, len), size: Some(len) };
    }
    match told {
        Some(ContentRange { range: Some(range), size })
            if len.is_none_or(|len| len == range.len()) =>
        {
            Outcome::Bytes { range, size }
        }
        _ => Outcome::Refused,
    }
}

/// A place in a queue, or a wish to be left alone for a while.
fn waiting_of(head: &Head) -> Outcome {
    let retry_ms = RetryAfter::of(head).map(|retry| ms(retry.0));
    if let Some(queued) = Queued::of(head) {
        let poll_min_ms = retry_ms.or(queued.eta_s.map(ms)).unwrap_or(QUEUE_POLL_MS);
        return Outcome::Queued {
            poll_min_ms,
            poll_max_ms: queued.lifetime_s.map_or(poll_min_ms.saturating_mul(2), ms),
            ticket: queued.id.map(|id| id.as_str().to_owned()),
            place: queued.position,
        };
    }
    match Queue::of(head) {
        Some(queue) => Outcome::Queued {
            poll_min_ms: ms(queue.poll_min_s),
            poll_max_ms: ms(queue.poll_max_s),
            ticket: None,
            place: Some(queue.position),
        },
        None => Outcome::Busy { retry_ms },
    }
}

fn ms(seconds: u32) -> u64 {
    u64::from(seconds).saturating_mul(1_000)
}
