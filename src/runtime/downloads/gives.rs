//! Having nodes of FastTrack call us that we cannot call (FTNODE-11, FTNODE-14).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::shared::Shared;
use super::task::Task;
use crate::base::limits::{AWAITED_PUSHES_MAX, GIVE_AWAITED_MS};
use crate::base::time::Time;
use crate::fasttrack::http::Give;
use crate::fasttrack::peer::NoPush;
use crate::transfer::download::{CallFailure, KazaaHost, SourceId};

/// How long the node may take to say by which number a push goes. It answers at once.
const NUMBER_TIMEOUT: Duration = Duration::from_secs(2);

/// How long it is waited for a supernode, each time and in all: one may have just been lost, or not been found yet.
const SUPERNODE_WAIT: Duration = Duration::from_secs(4);
const SUPERNODE_WAITS: u32 = 5;

/// Milliseconds until somebody is pushed again who was pushed often.
const TOO_MANY_WAIT_MS: u64 = 15_000;

/// What concerns pushes of FastTrack, for whoever sends them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KazaaPush {
    /// One is to be sent to the supernode of a node that cannot be called, which is there by itself. By which number
    /// the node will name it goes to [`Downloads::kazaa_push_sent`](super::Downloads::kazaa_push_sent).
    Ask { request: u64, address: SocketAddr, host: KazaaHost },
    /// One was answered, or nobody waits for its answer any more.
    Over { number: u32 },
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

    /// What does not get through is forgotten there in its time.
    pub(super) fn over(&self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            self.send(KazaaPush::Over { number });
        }
    }
}

/// Which nodes were asked to call us.
#[derive(Debug, Default)]
pub(super) struct Gives {
    /// Pushes that have no number yet.
    asked: BTreeMap<u64, Asked>,
    last: u64,
    awaited: Vec<Awaited>,
}

#[derive(Debug)]
struct Asked {
    source: (u64, SourceId),
    numbered: oneshot::Sender<Result<(), NoPush>>,
}

/// A push that was not answered.
#[derive(Debug)]
struct Awaited {
    push: u32,
    until: Time,
    source: (u64, SourceId),
}

impl Gives {
    /// A node is to be asked to call us. The oldest push that was never heard of goes for it where there are too many.
    fn ask(&mut self, source: (u64, SourceId)) -> (u64, oneshot::Receiver<Result<(), NoPush>>) {
        if self.asked.len() >= AWAITED_PUSHES_MAX {
            self.asked.pop_first();
        }
        self.last = self.last.saturating_add(1);
        let (numbered, receiver) = oneshot::channel();
        self.asked.insert(self.last, Asked { source, numbered });
        (self.last, receiver)
    }

    /// The push has gone, and the node will name it by this number when it calls; or it has not. Pushes for which
    /// nobody waits any more.
    pub(super) fn numbered(
        &mut self,
        request: u64,
        outcome: Result<u32, NoPush>,
        now: Time,
    ) -> Vec<u32> {
        let Some(Asked { source, numbered }) = self.asked.remove(&request) else {
            return outcome.into_iter().collect();
        };
        let mut over = Vec::new();
        if let Ok(push) = outcome {
            over = self.give_up(|wait| wait.source == source);
            if self.awaited.len() >= AWAITED_PUSHES_MAX {
                over.push(self.awaited.remove(0).push);
            }
            self.awaited.push(Awaited { push, until: now.after_ms(GIVE_AWAITED_MS), source });
        }
        // Whoever has given up does not want to know.
        let _ = numbered.send(outcome.map(drop));
        over
    }

    /// Somebody has called because of this push: for whom? It has to be one of ours, and none that was answered
    /// (FTNODE-14).
    pub(super) fn take(&mut self, give: Give, now: Time) -> Option<(u64, SourceId)> {
        self.awaited.retain(|wait| now < wait.until);
        let place = self.awaited.iter().position(|wait| wait.push == give.push)?;
        Some(self.awaited.remove(place).source)
    }

    /// A download is over: pushes for which nobody waits any more.
    pub(super) fn forget(&mut self, download: u64) -> Vec<u32> {
        self.asked.retain(|_, asked| asked.source.0 != download);
        self.give_up(|wait| wait.source.0 == download)
    }

    fn give_up(&mut self, is_over: impl Fn(&Awaited) -> bool) -> Vec<u32> {
        self.awaited.extract_if(.., |wait| is_over(wait)).map(|wait| wait.push).collect()
    }
}

impl Task {
    /// Has a node of FastTrack call us.
    pub(super) fn push_kazaa(&mut self, source: SourceId, address: SocketAddr, host: KazaaHost) {
        let (shared, unpushed) = (Arc::clone(&self.shared), self.unpushed.0.clone());
        let whom = (self.id, source);
        let task = tokio::spawn(async move {
            if let Err(why) = push(shared, whom, (address, host)).await {
                let _ = unpushed.send((source, why)).await;
            }
        });
        if let Some(old) = self.pushes.insert(source, task.abort_handle()) {
            old.abort();
        }
    }
}

async fn push(
    shared: Arc<Shared>,
    source: (u64, SourceId),
    (address, host): (SocketAddr, KazaaHost),
) -> Result<(), CallFailure> {
    for _ in 0..SUPERNODE_WAITS {
        let (request, numbered) = shared.gives().ask(source);
        if !shared.kazaa_pushes.send(KazaaPush::Ask { request, address, host: host.clone() }) {
            shared.push_numbered(request, Err(NoPush::NotCallable));
        }
        match timeout(NUMBER_TIMEOUT, numbered).await {
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(NoPush::NoSupernode))) => sleep(SUPERNODE_WAIT).await,
            Ok(Ok(Err(NoPush::TooMany))) => {
                return Err(CallFailure::Later { wait_ms: TOO_MANY_WAIT_MS });
            }
            Ok(Ok(Err(NoPush::NotCallable)) | Err(_)) | Err(_) => break,
        }
    }
    Err(CallFailure::NoWay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::kazaa_hash::UuHash;
    use crate::control::desk::Desk;
    use crate::runtime::downloads::{Downloads, Plan};
    use crate::runtime::engine::Lines;
    use crate::runtime::uploads::Unfinished;
    use crate::transfer::download::{Manners, Rules};

    /// What becomes of a push of which the node says this, each time anew.
    async fn pushed(answers: &[Result<u32, NoPush>]) -> (Result<(), CallFailure>, usize) {
        let folder = std::env::temp_dir().join(format!("filbert-gives-{}", std::process::id()));
        let plan = Plan {
            folder: folder.clone(),
            rules: Rules::default(),
            manners: Manners::default(),
            lines: Lines::alone(),
            unfinished: Unfinished::new(true),
            seed: 1,
            desk: Desk::new().0,
        };
        let (downloads, _pushed) = Downloads::start(plan).await;
        let mut pushes = downloads.kazaa_pushes().unwrap();
        let host = KazaaHost::unknown(UuHash([1; 20]));
        let whom = ("203.0.113.1:1214".parse().unwrap(), host);
        let pushing = tokio::spawn(push(Arc::clone(&downloads.0), (1, SourceId(1)), whom));
        let mut asked = 0;
        for answer in answers {
            let Some(KazaaPush::Ask { request, .. }) = pushes.recv().await else { break };
            downloads.kazaa_push_sent(request, *answer);
            asked += 1;
        }
        let outcome = pushing.await.unwrap();
        downloads.end().await;
        let _ = std::fs::remove_dir_all(&folder);
        (outcome, asked)
    }

    /// FTNODE-11: a supernode that has just gone is waited for, and whoever was pushed too often is left alone.
    #[tokio::test(start_paused = true)]
    async fn a_supernode_is_waited_for_and_not_for_ever() {
        let none = Err(NoPush::NoSupernode);
        assert_eq!(pushed(&[none, none, Ok(7)]).await, (Ok(()), 3));
        assert_eq!(pushed(&[none; 5]).await, (Err(CallFailure::NoWay), 5));
        let later = CallFailure::Later { wait_ms: TOO_MANY_WAIT_MS };
        assert_eq!(pushed(&[Err(NoPush::TooMany)]).await, (Err(later), 1));
        assert_eq!(pushed(&[Err(NoPush::NotCallable)]).await, (Err(CallFailure::NoWay), 1));
    }

    /// FTNODE-14
    #[test]
    fn a_push_of_fasttrack_is_answered_once_and_for_two_minutes() {
        let mut gives = Gives::default();
        for (source, push) in [(1, 70), (2, 9)] {
            let (request, _) = gives.ask((10, SourceId(source)));
            gives.numbered(request, Ok(push), Time::ZERO);
        }
        let mut take = |push, ms| gives.take(Give { push }, Time::from_millis(ms));
        assert_eq!(take(8, 1), None);
        assert_eq!(take(70, GIVE_AWAITED_MS - 1), Some((10, SourceId(1))));
        assert_eq!(take(70, GIVE_AWAITED_MS - 1), None);
        assert_eq!(take(9, GIVE_AWAITED_MS), None);
        let (request, _) = gives.ask((10, SourceId(1)));
        gives.numbered(request, Ok(5), Time::ZERO);
        assert_eq!((gives.forget(11), gives.forget(10)), (vec![], vec![5]));
        assert_eq!(gives.take(Give { push: 5 }, Time::ZERO), None);
    }

    /// FTNODE-14: floods of numbers that we never gave away take nothing from anybody.
    #[test]
    fn wrong_numbers_take_nothing_away() {
        let mut gives = Gives::default();
        let (request, _) = gives.ask((10, SourceId(1)));
        gives.numbered(request, Ok(77), Time::ZERO);
        assert!((100..100_000).all(|push| gives.take(Give { push }, Time::ZERO).is_none()));
        assert_eq!(gives.take(Give { push: 77 }, Time::ZERO), Some((10, SourceId(1))));
    }

    #[test]
    fn the_last_push_of_a_source_counts_and_what_failed_is_told() {
        let mut gives = Gives::default();
        for (push, over) in [(1, vec![]), (2, vec![1])] {
            let (request, mut numbered) = gives.ask((10, SourceId(1)));
            assert_eq!(gives.numbered(request, Ok(push), Time::ZERO), over);
            assert_eq!(numbered.try_recv(), Ok(Ok(())));
        }
        assert_eq!(gives.numbered(99, Ok(3), Time::ZERO), [3], "nobody has asked");
        assert_eq!(gives.take(Give { push: 1 }, Time::ZERO), None);
        let (request, mut numbered) = gives.ask((10, SourceId(2)));
        gives.numbered(request, Err(NoPush::TooMany), Time::ZERO);
        assert_eq!(numbered.try_recv(), Ok(Err(NoPush::TooMany)));
        assert!(gives.asked.is_empty());
    }

    /// At the limit and one past it.
    #[test]
    fn no_more_pushes_wait_than_there_is_room_for() {
        let mut gives = Gives::default();
        let source = |number| (1, SourceId(number as u64));
        let mut asked: Vec<_> =
            (0..=AWAITED_PUSHES_MAX).map(|number| gives.ask(source(number))).collect();
        assert_eq!(gives.asked.len(), AWAITED_PUSHES_MAX);
        assert_eq!(asked[0].1.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        for number in 0..=AWAITED_PUSHES_MAX {
            let (request, _) = gives.ask(source(number));
            let over = gives.numbered(request, Ok(number.try_into().unwrap()), Time::ZERO);
            assert_eq!(over.len(), number / AWAITED_PUSHES_MAX);
        }
        assert_eq!(gives.awaited.len(), AWAITED_PUSHES_MAX);
    }
}
