use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::pace::{Action, Method, Pace};
use super::{Change, Plan, nat_pmp, route, upnp};
use crate::base::addresses::is_callable;
use crate::base::time::Time;
use crate::runtime::own_address;

/// Sees to a port until the end, and gives it back then.
pub(super) async fn run(plan: Plan, changes: mpsc::Sender<Change>, end: CancellationToken) {
    let pace = Pace::new(plan.rules, Time::ZERO);
    let start = Instant::now();
    let mut task = Task { plan, pace, start, mapping: None, told: None, is_quiet: false, changes };
    loop {
        let act = async {
            sleep_until(task.instant(task.pace.due())).await;
            task.act().await;
        };
        // What is asked for just now, and never told, ends with its time.
        tokio::select! {
            () = end.cancelled() => break,
            () = act => {}
        }
    }
    if let Some(mapping) = task.mapping.take() {
        mapping.give_back().await;
        tracing::info!("the router has its port back");
    }
}

struct Task {
    plan: Plan,
    pace: Pace,
    start: Instant,
    mapping: Option<Mapping>,
    /// Where others were told to call.
    told: Option<SocketAddr>,
    /// It was said already that nothing works.
    is_quiet: bool,
    changes: mpsc::Sender<Change>,
}

/// A port that a router has given.
enum Mapping {
    Pcp(Box<nat_pmp::Mapping>),
    Upnp(Box<upnp::Mapping>),
}

impl Task {
    fn now(&self) -> Time {
        Time::ZERO.after(self.start.elapsed())
    }

    fn instant(&self, time: Time) -> Instant {
        let year = Duration::from_secs(365 * 86_400);
        self.start + time.since(Time::ZERO).min(year)
    }

    async fn act(&mut self) {
        match self.pace.action(self.now()) {
            Action::Ask(method) => match self.ask(method).await {
                Ok(()) => self.succeed(method),
                Err(why) => self.fail(method, &why),
            },
            Action::Forget => {
                self.mapping = None;
                self.lose("its time is over");
            }
        }
    }

    /// For more time, where we have a port that was got in this way; otherwise for a new one.
    async fn ask(&mut self, method: Method) -> Result<(), String> {
        match (&mut self.mapping, method) {
            (Some(Mapping::Pcp(mapping)), Method::Pcp) => return mapping.renew().await,
            (Some(Mapping::Upnp(mapping)), Method::Upnp) => return mapping.renew().await,
            _ => {}
        }
        let router = self.plan.router.or_else(route::router);
        let seen = || router.map_or_else(own_address::outward, own_address::towards);
        let local = self.plan.local.or_else(seen).ok_or("no network")?;
        let mapping = match method {
            Method::Pcp => {
                let router = router.ok_or("the system names no router")?;
                let lease = self.plan.rules.lease;
                let asked = nat_pmp::Mapping::ask(router, local, self.plan.port, lease);
                Mapping::Pcp(Box::new(asked.await?))
            }
            Method::Upnp => Mapping::Upnp(Box::new(upnp::Mapping::ask(&self.plan, local).await?)),
        };
        self.mapping = Some(mapping);
        Ok(())
    }

    fn succeed(&mut self, method: Method) {
        let Some(mapping) = &self.mapping else { return };
        let (external, lease) = (mapping.external(), mapping.lease());
        self.pace.granted(method, lease, self.now());
        self.is_quiet = false;
        if !is_callable(external, self.plan.allow_private) {
            return self.lose(&format!("the router itself has no public address, but {external}"));
        }
        if self.told == Some(external) {
            return tracing::debug!(%external, ?lease, "the router goes on with our port");
        }
        tracing::info!(%external, ?lease, by = method.name(), "the router has mapped a port");
        self.told = Some(external);
        self.tell(Change::Mapped(external));
    }

    /// Says so where it is news; the first of two ways that fail is none.
    fn fail(&mut self, method: Method, why: &str) {
        self.pace.failed(self.now());
        tracing::debug!(by = method.name(), why, "no port from the router");
        if self.pace.is_pausing() && !self.is_quiet {
            self.is_quiet = true;
            tracing::warn!("no router maps a port for us; it is asked again later");
        }
    }

    fn lose(&mut self, why: &str) {
        if self.told.take().is_some() {
            tracing::warn!(why, "the router maps no port any more");
            self.tell(Change::Lost);
        } else if !self.is_quiet {
            self.is_quiet = true;
            tracing::warn!(why, "the port of the router is of no use");
        }
    }

    fn tell(&self, change: Change) {
        // Whoever does not listen any more does not want to know.
        let _ = self.changes.try_send(change);
    }
}

impl Mapping {
    fn external(&self) -> SocketAddr {
        match self {
            Self::Pcp(mapping) => mapping.external(),
            Self::Upnp(mapping) => mapping.external(),
        }
    }

    fn lease(&self) -> Option<Duration> {
        match self {
            Self::Pcp(mapping) => Some(mapping.lease()),
            Self::Upnp(mapping) => mapping.lease(),
        }
    }

    async fn give_back(self) {
        match self {
            Self::Pcp(mapping) => mapping.give_back().await,
            Self::Upnp(mapping) => mapping.give_back().await,
        }
    }
}
