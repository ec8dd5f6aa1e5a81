//! Having servents call us that we cannot call.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep_until, timeout};

use super::shared::Shared;
use super::task::Task;
use crate::base::addresses::is_public;
use crate::base::limits::{AWAITED_PUSHES_MAX, HTTP_PUSH_TIMEOUT_MS};
use crate::gnutella::http::{
    Method, OwnHead, PushRequest, Response, ResponseReader, Status, Target,
};
use crate::gnutella::push_proxy::{Permit, ProxyAnswer, ProxyRound, ProxyStep};
use crate::transfer::download::{CallFailure, KazaaHost, PushWay, SourceId, is_of_servent};

/// How long the node may take to say how far a push got. It answers at once.
const SENT_TIMEOUT: Duration = Duration::from_secs(2);

/// A push that the node is to send. What it says of it goes to
/// [`Downloads::push_sent`](super::Downloads::push_sent).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    pub request: u64,
    pub way: PushWay,
}

/// Pushes of which the node has not said yet how far they got.
#[derive(Debug, Default)]
pub(super) struct Pushing {
    last: u64,
    waiting: BTreeMap<u64, oneshot::Sender<usize>>,
}

impl Pushing {
    /// A push goes to the node. The oldest of those that it never spoke of goes for it where there are too
    /// many.
    fn begin(&mut self) -> (u64, oneshot::Receiver<usize>) {
        if self.waiting.len() >= AWAITED_PUSHES_MAX {
            self.waiting.pop_first();
        }
        self.last = self.last.saturating_add(1);
        let (sender, receiver) = oneshot::channel();
        self.waiting.insert(self.last, sender);
        (self.last, receiver)
    }

    /// It went so many ways.
    pub(super) fn sent(&mut self, request: u64, ways: usize) {
        if let Some(waiting) = self.waiting.remove(&request) {
            // Whoever has given up does not want to know.
            let _ = waiting.send(ways);
        }
    }
}

/// A push of FastTrack that is to be sent to the supernode of a node that cannot be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KazaaPush {
    /// By which is told what has become of it.
    pub request: u64,
    /// Where it is by itself.
    pub address: SocketAddr,
    pub host: KazaaHost,
}

/// Where they go to whoever sends them.
#[derive(Debug)]
pub(super) struct KazaaPushes {
    sender: mpsc::Sender<KazaaPush>,
    /// Until somebody listens.
    receiver: Mutex<Option<mpsc::Receiver<KazaaPush>>>,
}

impl KazaaPushes {
    pub(super) fn new() -> Self {
        let (sender, receiver) = mpsc::channel(AWAITED_PUSHES_MAX);
        Self { sender, receiver: Mutex::new(Some(receiver)) }
    }

    pub(super) fn listen(&self) -> Option<mpsc::Receiver<KazaaPush>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn send(&self, push: KazaaPush) -> bool {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        receiver.is_none() && self.sender.try_send(push).is_ok()
    }
}

impl Task {
    /// Has a node of FastTrack call us.
    pub(super) fn push_kazaa(
        &self,
        source: SourceId,
        address: SocketAddr,
        host: KazaaHost,
    ) -> Result<(), CallFailure> {
        let request = self.shared.awaited().expect_give((self.id, source), self.shared.now());
        let is_sent = self.shared.kazaa_pushes.send(KazaaPush { request, address, host });
        if is_sent { Ok(()) } else { Err(CallFailure::NoWay) }
    }
}

/// Has a servent called upon by all ways that there are. Returned is whether it may call us.
pub(super) async fn push(shared: Arc<Shared>, way: PushWay) -> bool {
    let ways = send(&shared, &way).await;
    let allow_private = shared.rules.allow_private;
    // Whoever is to call us has to know where.
    let is_callable = shared.manners().called_at.is_some();
    let proxies = if is_callable { way.proxies.as_slice() } else { &[] };
    let mut round = ProxyRound::new(proxies, ways, allow_private, shared.now());
    loop {
        let now = shared.now();
        match round.next(now, |proxy| shared.may_call(proxy, false)) {
            ProxyStep::Wait(until) => sleep_until(shared.instant(until)).await,
            ProxyStep::Ask(proxy) => {
                let answer = ask(&shared, proxy, &way).await;
                tracing::debug!(%proxy, ?answer, "a push proxy was asked over HTTP");
                round.answered(answer, shared.now());
            }
            ProxyStep::Done => return true,
            ProxyStep::NoWay => return false,
        }
    }
}

/// By links and datagrams: to how many.
async fn send(shared: &Shared, way: &PushWay) -> usize {
    let (request, sent) = shared.pushing().begin();
    if shared.pushes.try_send(Push { request, way: way.clone() }).is_err() {
        shared.pushing().sent(request, 0);
    }
    timeout(SENT_TIMEOUT, sent).await.ok().and_then(Result::ok).unwrap_or(0)
}

async fn ask(shared: &Shared, proxy: SocketAddr, way: &PushWay) -> ProxyAnswer {
    let Some(request) = request(shared, proxy, way) else { return ProxyAnswer::Refused };
    let limit = Duration::from_millis(HTTP_PUSH_TIMEOUT_MS);
    let Ok(Ok(response)) = timeout(limit, exchange(shared, proxy, &request)).await else {
        return ProxyAnswer::Refused;
    };
    let has_passed = response.status == Status::ACCEPTED;
    match response.status {
        _ if has_passed || is_of_servent(&response.head) => shared.note(proxy, true),
        // Servents say no more than that, and web servers hardly ever say so.
        Status::BAD_REQUEST | Status::GONE | Status::BUSY => {}
        _ => shared.note(proxy, false),
    }
    if has_passed { ProxyAnswer::Passed } else { ProxyAnswer::Refused }
}

/// As gtk-gnutella wants it: with this spelling, and nothing behind our address (PUSH-24).
fn request(shared: &Shared, proxy: SocketAddr, way: &PushWay) -> Option<OwnHead> {
    let manners = shared.manners();
    let file = Some(way.index);
    let target = Target::PushProxy(PushRequest { servent: way.servent, file, tls: false });
    let head = OwnHead::request(Method::Get, &target)
        .with("Host", proxy)
        .with("User-Agent", &manners.user_agent)
        .with("X-Node", manners.called_at?)
        .with("Connection", "close");
    Some(head)
}

async fn exchange(shared: &Shared, proxy: SocketAddr, request: &OwnHead) -> io::Result<Response> {
    let mut wire = shared.lines.call(proxy).await?;
    wire.write_all(&request.to_bytes()).await?;
    let (mut reader, mut read) = (ResponseReader::default(), BytesMut::new());
    loop {
        let len = wire.read(|bytes| {
            read.extend_from_slice(bytes);
            bytes.len()
        });
        if len.await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let response = reader.take_from(&mut read).map_err(|_| io::ErrorKind::InvalidData)?;
        if let Some(response) = response {
            return Ok(response);
        }
    }
}

impl Shared {
    /// Whether this address is called now; if so, it counts. Addresses that strangers do not have are nobody's
    /// but ours.
    pub(super) fn may_call(&self, to: SocketAddr, is_named_by_user: bool) -> Permit {
        if !is_public(to.ip()) {
            return Permit::Now;
        }
        let now = self.now();
        let mut calls = self.calls();
        if is_named_by_user { calls.allow_named(to, now) } else { calls.allow(to, now) }
    }

    /// What answered there, where we have called it, is a servent or something else.
    pub(super) fn note(&self, at: SocketAddr, is_servent: bool) {
        let now = self.now();
        if is_servent {
            self.calls().is_servent(at, now);
        } else {
            self.calls().is_no_servent(at, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_node_says_goes_to_the_push_that_it_is_about() {
        let mut pushing = Pushing::default();
        let [(one, mut first), (other, mut second)] = [(); 2].map(|()| pushing.begin());
        pushing.sent(other, 2);
        assert_eq!(second.try_recv(), Ok(2));
        assert!(first.try_recv().is_err());
        pushing.sent(one, 0);
        pushing.sent(one, 5);
        assert_eq!(first.try_recv(), Ok(0));
    }

    /// At the limit and one past it.
    #[test]
    fn no_more_pushes_wait_than_there_is_room_for() {
        let mut pushing = Pushing::default();
        let mut waiting: Vec<_> = (0..=AWAITED_PUSHES_MAX).map(|_| pushing.begin().1).collect();
        assert_eq!(pushing.waiting.len(), AWAITED_PUSHES_MAX);
        assert_eq!(waiting[0].try_recv(), Err(oneshot::error::TryRecvError::Closed));
    }
}
