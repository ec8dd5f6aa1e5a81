//! The thread that keeps the catalogue.

mod looking;
mod reading;
mod telling;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::Plan;
use super::changes::Changes;
use super::inbox::{Inbox, Post};
use super::pool::Pool;
use super::watching::Watching;
use crate::base::time::Time;
use crate::library::catalogue::{Catalogue, Moment};
use crate::library::scan::{Own, Walk};
use crate::runtime::state::{Hashes, Wall};

use reading::Reading;
pub(super) use telling::Telling;

/// Keeps the catalogue, and knows when what is to be done.
pub(super) struct Keeper {
    plan: Plan,
    inbox: Arc<Inbox>,
    hashes: Hashes,
    catalogue: Catalogue,
    started: Instant,
    /// Folders that are looked through now.
    walk: Option<Going>,
    /// All are to be looked through again, after this walk.
    walk_again: bool,
    /// When that is due, if nobody asks for it.
    rescan_at: Option<Time>,
    changes: Changes,
    watching: Watching,
    pool: Pool,
    reading: Reading,
    telling: Telling,
}

/// A walk, and whether it goes through all folders.
struct Going {
    walk: Walk,
    is_whole: bool,
    /// All that was to be walked through was found, or is gone.
    is_sure: bool,
}

/// How often progress is measured while there is any.
const MEASURE_EVERY: Duration = Duration::from_millis(500);

/// How often all is looked through where the system does not tell of all folders.
const RESCAN_EVERY_MAX: Duration = Duration::from_secs(600);

/// How long to wait where nothing is to be done.
const IDLE: Duration = Duration::from_secs(3_600);

impl Keeper {
    pub(super) fn new(plan: Plan, inbox: Arc<Inbox>, hashes: Hashes, telling: Telling) -> Self {
        Self {
            pool: Pool::new(Arc::clone(&inbox)),
            plan: Plan::default(),
            hashes,
            catalogue: Catalogue::new(),
            started: Instant::now(),
            walk: None,
            walk_again: false,
            rescan_at: None,
            changes: Changes::default(),
            watching: Watching::none(),
            reading: Reading::default(),
            telling,
            inbox,
        }
        .with(plan)
    }

    fn with(mut self, plan: Plan) -> Self {
        self.follow(plan);
        self
    }

    /// Works until it is over.
    pub(super) fn run(mut self) {
        self.open_hashes();
        while !self.inbox.has_ended() {
            let post = self.inbox.take(self.patience());
            self.read_post(post);
            self.look();
            self.hand_out();
            self.keep_hashes();
            self.tell();
        }
        self.keep_all_hashes();
    }

    fn read_post(&mut self, post: Post) {
        let Post { plan, rescan, outcomes, touched, unopened, has_lost_changes } = post;
        if let Some(plan) = plan {
            self.follow(plan);
        }
        let now = self.now();
        touched.into_iter().for_each(|folder| self.changes.add(folder, now));
        unopened.into_iter().for_each(|file| self.catalogue.cannot_open(file, now));
        if rescan || has_lost_changes {
            self.rescan();
        }
        outcomes.into_iter().for_each(|outcome| self.take_outcome(outcome));
    }

    /// Does what the user wants from now on.
    fn follow(&mut self, plan: Plan) {
        if plan.watches != self.plan.watches {
            self.watching =
                if plan.watches { Watching::start(&self.inbox) } else { Watching::none() };
            for (folder, identity) in self.catalogue.folders() {
                self.watching.add(folder, identity);
            }
        }
        self.pool.resize(plan.threads);
        self.plan = plan;
        let lacking = self.catalogue.want(self.plan.digests);
        self.look_up(&lacking);
        self.rescan();
    }

    /// Looks through all folders again, after the walk that goes on.
    fn rescan(&mut self) {
        self.walk_again = true;
    }

    fn own(&self) -> Own {
        let Plan { home, downloads, unfinished, .. } = &self.plan;
        Own {
            home: home.clone(),
            downloads: Some(downloads.clone()),
            unfinished: unfinished.clone(),
        }
    }

    /// For how long nothing is to be done, unless somebody says something.
    fn patience(&self) -> Duration {
        if self.walk.is_some() || self.walk_again {
            return Duration::ZERO;
        }
        let now = self.now();
        let moments = [
            self.catalogue.next_timeout(),
            self.changes.next(),
            self.rescan_at,
            self.reading.keep_at(),
            self.telling.next(self.is_busy()),
        ];
        let next = moments.into_iter().flatten().min();
        next.map_or(IDLE, |next| next.since(now)).min(IDLE)
    }

    /// Files are read, or wait for that.
    fn is_busy(&self) -> bool {
        self.catalogue.waiting().files > 0 || self.reading.is_reading()
    }

    fn now(&self) -> Time {
        Time::ZERO.after(self.started.elapsed())
    }

    fn moment(&self) -> Moment {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { time: self.now(), wall_ns: i64::try_from(wall.as_nanos()).unwrap_or(i64::MAX) }
    }
}

/// Days since 1970.
fn today() -> u32 {
    u32::try_from(Wall::now().0 / 86_400).unwrap_or(u32::MAX)
}
