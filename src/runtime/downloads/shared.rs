//! What the tasks of all files share.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::arriving::{self, Awaited, Call};
use super::disk::Promises;
use super::gives::{Gives, KazaaPushes};
use super::pushing::{Push, Pushing};
use super::table::Table;
use super::task::Order;
use super::throttle::Throttle;
use crate::base::time::Time;
use crate::control::desk::Desk;
use crate::fasttrack::http::Give;
use crate::fasttrack::peer::NoPush;
use crate::gnutella::push_proxy::SourceCalls;
use crate::runtime::engine::{Arrival, Lines};
use crate::runtime::uploads::Unfinished;
use crate::transfer::download::{ContentKey, Manners, Rules, SourceId, Turns};

/// What the tasks of all files share.
pub(super) struct Shared {
    pub(super) folder: PathBuf,
    pub(super) rules: Rules,
    pub(super) manners: Mutex<Arc<Manners>>,
    pub(super) lines: Lines,
    pub(super) unfinished: Unfinished,
    pub(super) turns: watch::Sender<Turns>,
    pub(super) desk: Desk,
    pub(super) throttle: Arc<Throttle>,
    pub(super) calls: Mutex<SourceCalls>,
    pub(super) awaited: Mutex<Awaited>,
    pub(super) pushing: Mutex<Pushing>,
    pub(super) pushes: mpsc::Sender<Push>,
    pub(super) gives: Mutex<Gives>,
    pub(super) kazaa_pushes: KazaaPushes,
    pub(super) start: Instant,
    pub(super) end: CancellationToken,
    pub(super) tasks: TaskTracker,
    pub(super) table: Mutex<Table>,
    /// Who is at the files of which content.
    pub(super) at_files: Mutex<BTreeMap<ContentKey, Weak<tokio::sync::Mutex<()>>>>,
    pub(super) promises: Promises,
}

impl Shared {
    pub(super) fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What only one at a time has of those who write the files of this content.
    pub(super) fn alone_with(&self, content: ContentKey) -> Arc<tokio::sync::Mutex<()>> {
        let mut at_files = self.at_files.lock().unwrap_or_else(PoisonError::into_inner);
        at_files.retain(|_, alone| alone.strong_count() > 0);
        if let Some(alone) = at_files.get(&content).and_then(Weak::upgrade) {
            return alone;
        }
        let alone = Arc::default();
        at_files.insert(content, Arc::downgrade(&alone));
        alone
    }

    pub(super) fn manners(&self) -> Arc<Manners> {
        Arc::clone(&self.manners.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn pushing(&self) -> MutexGuard<'_, Pushing> {
        self.pushing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn calls(&self) -> MutexGuard<'_, SourceCalls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn awaited(&self) -> MutexGuard<'_, Awaited> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn gives(&self) -> MutexGuard<'_, Gives> {
        self.gives.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where others reach us, if they do.
    pub(super) fn listen(&self) -> Option<SocketAddr> {
        self.manners().listen
    }

    pub(super) async fn welcome(&self, arrival: Arrival) {
        let from = arrival.address.ip();
        let Ok((call, pipe, read)) = arriving::listen(arrival).await else { return };
        let is_turn = matches!(call, Call::Queue(_));
        let meant = match &call {
            Call::Giv(giv) => self.awaited().take(giv),
            Call::Queue(ticket) => self.awaited().turn(ticket, from),
            Call::Give(give) => self.answered(*give),
        };
        let Some((id, source)) = meant else { return };
        let orders = self.table().files.get(&id).map(|handle| handle.orders.clone());
        let Some(orders) = orders else { return };
        let _ = orders.send(Order::Came { source, from, pipe, read, is_turn }).await;
    }

    /// Whom a push of FastTrack was for that is answered now: the node need not wait for it any more.
    fn answered(&self, give: Give) -> Option<(u64, SourceId)> {
        let meant = self.gives().take(give, self.now())?;
        self.kazaa_pushes.over([give.push]);
        Some(meant)
    }

    /// A push of FastTrack has gone, with this number, or has not.
    pub(super) fn push_numbered(&self, request: u64, outcome: Result<u32, NoPush>) {
        let over = self.gives().numbered(request, outcome, self.now());
        self.kazaa_pushes.over(over);
    }

    /// When our clock will show this.
    pub(super) fn instant(&self, time: Time) -> Instant {
        let wait = time.since(Time::ZERO).min(Duration::from_secs(365 * 86_400));
        self.start.checked_add(wait).unwrap_or_else(Instant::now)
    }

    pub(super) fn now(&self) -> Time {
        Time::ZERO.after(self.start.elapsed())
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}
