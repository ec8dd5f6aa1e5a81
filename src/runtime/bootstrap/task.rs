use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tracing::{debug, trace};

use super::http::{Answer, Fetched, Web};
use super::resolve::{Resolved, resolve};
use super::{Board, Notice, Plan};
use crate::base::limits::{HOST_CACHES_AWAITED_MAX, WEB_CACHE_TIMEOUT_MS};
use crate::base::time::Time;
use crate::gnutella::bootstrap::{
    Asked, Bootstrap, HostCacheName, Input, Output, Unresolved, WebCacheUrl,
};
use crate::node::Command;
use crate::runtime::state::{Parts, Saver};

/// Looks for hosts as long as the engine has something to tell; what is found goes to the node. Whom it has
/// asked is returned, for whoever begins again.
pub async fn run(
    plan: Plan,
    mut notices: Receiver<Notice>,
    commands: Sender<Command>,
    saver: Option<Saver>,
) -> Vec<Asked> {
    let mut task = Task::new(plan, commands, saver);
    loop {
        let due = task.bootstrap.next_timeout().and_then(|due| task.instant(due));
        let timeout = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let input = tokio::select! {
            notice = notices.recv() => match notice {
                Some(notice) => task.hear(notice),
                None => return task.asked(),
            },
            Some(done) = task.errands.join_next() => match done {
                Ok(done) => task.return_from(done).await,
                // It was given up; whoever sent it out gives it up too.
                Err(_) => None,
            },
            () = timeout => Some(Input::Timeout),
        };
        let Some(input) = input else { continue };
        if task.step(input).await.is_err() {
            return task.asked();
        }
    }
}

/// Nobody takes commands any more.
struct EngineGone;

/// What an errand into the world has brought back.
enum Done {
    Resolved { cache: HostCacheName, resolved: Resolved },
    Fetched { cache: WebCacheUrl, fetched: Fetched },
}

struct Task {
    bootstrap: Bootstrap,
    web: Web,
    board: Board,
    start: Instant,
    commands: Sender<Command>,
    saver: Option<Saver>,
    errands: JoinSet<Done>,
    /// The host caches that were pinged last, and where.
    pinged: Vec<(SocketAddr, HostCacheName)>,
    /// The host caches that the node was told to name to others.
    named: Vec<HostCacheName>,
    /// Who gave the answer that is looked at now.
    answer_from: Option<IpAddr>,
}

impl Task {
    fn new(plan: Plan, commands: Sender<Command>, saver: Option<Saver>) -> Self {
        let Plan { rules, asked, seed, allow_private, user_agent, board } = plan;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Self {
            bootstrap: Bootstrap::new(rules, &asked, &mut rng, Time::ZERO),
            web: Web {
                user_agent,
                allow_private,
                timeout: Duration::from_millis(WEB_CACHE_TIMEOUT_MS),
            },
            board,
            start: Instant::now(),
            commands,
            saver,
            errands: JoinSet::new(),
            pinged: Vec::new(),
            named: Vec::new(),
            answer_from: None,
        }
    }

    fn asked(&self) -> Vec<Asked> {
        self.bootstrap.asked(self.now())
    }

    fn now(&self) -> Time {
        Time::ZERO.after(self.start.elapsed())
    }

    fn instant(&self, time: Time) -> Option<Instant> {
        self.start.checked_add(time.since(Time::ZERO))
    }

    fn hear(&mut self, notice: Notice) -> Option<Input> {
        match notice {
            Notice::Standing(standing) => Some(Input::Standing(standing)),
            Notice::HostCacheAnswered { from, hosts, caches } => {
                let index = self.pinged.iter().position(|(address, _)| is_same(*address, from))?;
                let (_, cache) = self.pinged.remove(index);
                debug!(%cache, hosts, "a UDP host cache has answered");
                self.board.answered(&cache, hosts);
                Some(Input::Answered { cache, hosts, caches })
            }
            Notice::HostCachesNamed { caches } => Some(Input::Named { caches }),
        }
    }

    async fn return_from(&mut self, done: Done) -> Option<Input> {
        match done {
            Done::Resolved { cache, resolved: Resolved::Unknown } => {
                debug!(%cache, "no address is known for a UDP host cache");
                self.board.failed(&cache, "no address is known for this name");
                Some(Input::Unresolved(Unresolved::Udp(cache)))
            }
            Done::Resolved { cache, resolved: Resolved::Addresses(addresses) } => {
                // Without an address that may be asked it is as if it did not answer.
                self.ping(cache, *addresses.first()?).await;
                None
            }
            Done::Fetched { cache, fetched: Fetched::Unresolved } => {
                debug!(%cache, "no address is known for a web cache");
                self.board.failed(&cache, "no address is known for this name");
                Some(Input::Unresolved(Unresolved::Web(cache)))
            }
            Done::Fetched { cache, fetched: Fetched::Nothing } => {
                self.board.failed(&cache, "it gave no answer");
                Some(Input::Fetched { cache, answer: None })
            }
            Done::Fetched { cache, fetched: Fetched::Answer(Answer { from, status, body }) } => {
                self.answer_from = Some(from);
                Some(Input::Fetched { cache, answer: Some((status, body)) })
            }
        }
    }

    /// The node pings it; should it be gone, the next step finds out.
    async fn ping(&mut self, cache: HostCacheName, address: SocketAddr) {
        trace!(%cache, %address, "asking a UDP host cache");
        if self.pinged.len() >= HOST_CACHES_AWAITED_MAX {
            self.pinged.remove(0);
        }
        self.pinged.push((address, cache));
        let _: Result<(), _> = self.commands.send(Command::AskHostCache(address)).await;
    }

    async fn step(&mut self, input: Input) -> Result<(), EngineGone> {
        let now = self.now();
        let is_answer = matches!(input, Input::Answered { .. });
        self.bootstrap.handle(input, now);
        let mut has_asked = false;
        while let Some(output) = self.bootstrap.poll() {
            has_asked |= matches!(output, Output::AskUdp { .. } | Output::AskWeb { .. });
            self.follow(output).await?;
        }
        if let Some(saver) = self.saver.as_ref().filter(|_| has_asked) {
            let asked = Some(self.bootstrap.asked(now));
            saver.save(Parts { asked, ..Parts::default() });
        }
        self.name_caches(is_answer, now).await
    }

    /// Tells the node which host caches work: after each answer, for it forgets them after a while, and
    /// where one of them works no longer.
    async fn name_caches(&mut self, is_answer: bool, now: Time) -> Result<(), EngineGone> {
        let working = self.bootstrap.working(now);
        if !is_answer && working == self.named {
            return Ok(());
        }
        let lines = working.iter().map(ToString::to_string).collect();
        self.named = working;
        let named = self.commands.send(Command::NameHostCaches(lines)).await;
        named.map_err(|_| EngineGone)
    }

    async fn follow(&mut self, output: Output) -> Result<(), EngineGone> {
        match output {
            Output::AskUdp { cache } => {
                let allow_private = self.web.allow_private;
                self.board.asked(&cache, "udp");
                self.errands.spawn(async move {
                    let resolved = resolve(cache.host(), cache.port(), allow_private).await;
                    Done::Resolved { cache, resolved }
                });
            }
            Output::Silent { cache } => {
                debug!(%cache, "a UDP host cache has not answered");
                self.board.failed(&cache, "it gave no answer");
            }
            Output::AskWeb { cache, url } => {
                debug!(%cache, "asking a web cache");
                self.board.asked(&cache, "web");
                let web = self.web.clone();
                self.errands.spawn(async move {
                    let fetched = web.get(&url).await;
                    Done::Fetched { cache, fetched }
                });
            }
            Output::Learnt { cache, hosts } => {
                let Some(by) = self.answer_from else { return Ok(()) };
                debug!(%cache, hosts = hosts.len(), "a web cache has answered");
                self.board.answered(&cache, hosts.len());
                let told = self.commands.send(Command::Told { by, hosts }).await;
                return told.map_err(|_| EngineGone);
            }
            Output::Useless { cache, why } => {
                debug!(%cache, %why, "a web cache is of no use");
                self.board.failed(&cache, &why.to_string());
            }
        }
        Ok(())
    }
}

/// Whether two addresses are the same, however they are written.
fn is_same(one: SocketAddr, other: SocketAddr) -> bool {
    (one.ip().to_canonical(), one.port()) == (other.ip().to_canonical(), other.port())
}
