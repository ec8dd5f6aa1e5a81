use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep_until};

use super::datagrams::Datagrams;
use super::dial;
use super::errand::Errand;
use super::front::Front;
use super::hall::Hall;
use super::inbox::News;
use super::mailbox::{Mailbox, Order};
use super::meter::Meter;
use super::peers::Details;
use super::pressure::{LOOK_AGAIN_MS, Pressure};
use crate::base::time::Time;
use crate::control::desk::Request;
use crate::control::model::Bandwidth;
use crate::gnutella::link::{Ending, Output as Said};
use crate::node::{Command, Input, LinkId, Node, Output};

/// Bytes of messages that are worked on before what follows from them is handed to the links: enough
/// that a link is seldom woken for one message, and little enough that no queue gets long.
const WORK_LEN_MAX: usize = 64 * 1024;

/// How long the owner works before other tasks have their turn.
const TURN: Duration = Duration::from_millis(2);

/// Milliseconds that goodbyes may take. Whoever does not read them by then never will.
const GOODBYE_MS: u64 = 2_000;

/// The one who owns the node: what links tell goes in, what the node wants comes out.
pub(super) struct Owner {
    pub(super) node: Node,
    pub(super) hall: Arc<Hall>,
    pub(super) datagrams: Arc<Datagrams>,
    /// Our address for calls, if the user wants a certain one.
    pub(super) from: Option<IpAddr>,
    pub(super) links: HashMap<LinkId, Entry, foldhash::fast::RandomState>,
    pub(super) front: Front,
    /// Where the sockets are.
    pub(super) listen: SocketAddr,
    /// The role that the user wants, in a word.
    pub(super) role_wanted: String,
    pub(super) meter: Meter,
    ready: Vec<LinkId>,
    pressure: Pressure,
    worked_len: usize,
    ending_since: Option<Time>,
}

/// A connection, as its owner knows it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) mailbox: Arc<Mailbox>,
    /// There once it is open.
    pub(super) details: Option<Box<Details>>,
    /// Its mailbox is full: it asks for more once it has room.
    is_full: bool,
}

/// What makes an [`Owner`].
pub(super) struct Parts {
    pub(super) node: Node,
    pub(super) hall: Arc<Hall>,
    pub(super) datagrams: Arc<Datagrams>,
    pub(super) from: Option<IpAddr>,
    pub(super) front: Front,
    pub(super) listen: SocketAddr,
    pub(super) role_wanted: String,
}

/// What the owner waits for, besides the links.
pub(super) struct Doors {
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) errands: mpsc::Receiver<Errand>,
}

enum Wake {
    News,
    Request(Option<Request>),
    Errand(Option<Errand>),
    Due,
    Second,
}

impl Entry {
    /// It does not take what is sent.
    pub(super) const fn waits(&self) -> bool {
        self.is_full
    }
}

impl Owner {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { node, hall, datagrams, from, front, listen, role_wanted } = parts;
        Self {
            node,
            hall,
            datagrams,
            from,
            links: HashMap::default(),
            front,
            listen,
            role_wanted,
            meter: Meter::default(),
            ready: Vec::new(),
            pressure: Pressure::default(),
            worked_len: 0,
            ending_since: None,
        }
    }

    /// Works until the node has said goodbye to everybody.
    pub(super) async fn run(mut self, mut doors: Doors) -> Self {
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut spare = VecDeque::new();
        self.follow(self.hall.clock.now());
        while !self.is_over() {
            match self.wake(&mut doors, &mut seconds).await {
                Wake::News => spare = self.read_news(spare).await,
                Wake::Request(Some(request)) => self.serve(request),
                Wake::Errand(Some(errand)) => self.run_errand(errand),
                Wake::Request(None) | Wake::Errand(None) => self.shut_down(),
                Wake::Due => self.time_out_if_due(),
                Wake::Second => self.measure(),
            }
            self.flush();
        }
        self
    }

    async fn wake(&self, doors: &mut Doors, seconds: &mut Interval) -> Wake {
        let mut due = self.node.next_timeout().map(|(due, _)| due);
        if let Some(since) = self.ending_since {
            due = Some(since.after_ms(GOODBYE_MS));
        } else if !self.pressure.waiting.is_empty() {
            let again = self.hall.clock.now().after_ms(LOOK_AGAIN_MS);
            due = Some(due.map_or(again, |due| due.min(again)));
        }
        let due = due.and_then(|due| self.hall.clock.instant(due));
        let is_ending = self.ending_since.is_some();
        let on_time = async {
            match due {
                Some(due) => sleep_until(due.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.hall.inbox.filled() => Wake::News,
            request = doors.requests.recv(), if !is_ending => Wake::Request(request),
            errand = doors.errands.recv(), if !is_ending => Wake::Errand(errand),
            () = on_time => Wake::Due,
            _ = seconds.tick() => Wake::Second,
        }
    }

    /// Goes through what has come, one batch of one link after the other.
    async fn read_news(&mut self, spare: VecDeque<News>) -> VecDeque<News> {
        let mut news = self.hall.inbox.take(spare);
        let mut since = Instant::now();
        while let Some(one) = news.pop_front() {
            self.hear(one, self.hall.clock.now());
            if self.worked_len >= WORK_LEN_MAX {
                self.flush();
            }
            if since.elapsed() >= TURN {
                self.flush();
                self.time_out_if_due();
                tokio::task::yield_now().await;
                since = Instant::now();
            }
        }
        news
    }

    fn hear(&mut self, news: News, now: Time) {
        match news {
            News::Connected { link, address, direction, mailbox } => {
                let entry = Entry { mailbox, details: None, is_full: false };
                self.links.insert(link, entry);
                self.front.count_connection(direction);
                self.handle(Input::Connected { link, address, direction }, now);
            }
            News::DialFailed { address, why } => {
                self.front.tell_call_failed(address, &why);
                self.handle(Input::DialFailed { address }, now);
            }
            News::Said { link, said } => {
                for one in said {
                    self.hear_link(link, one, now);
                }
                if let Some(entry) = self.links.get(&link) {
                    self.pressure.waiting.push(Arc::clone(&entry.mailbox));
                }
            }
            News::Room { link } => {
                if let Some(entry) = self.links.get_mut(&link) {
                    entry.is_full = false;
                    self.pressure.emptied(link, now);
                    self.ready.push(link);
                }
            }
            News::Gone { link } => {
                self.forget(link);
                self.handle(Input::Closed { link, ending: Ending::Closed }, now);
            }
            News::Datagrams(datagrams) => {
                for (from, bytes) in datagrams {
                    self.receive_datagram(from, bytes, now);
                }
            }
        }
    }

    fn hear_link(&mut self, link: LinkId, said: Said, now: Time) {
        let input = match said {
            Said::Frame(frame) => {
                self.front.count_message_received();
                self.worked_len = self.worked_len.saturating_add(frame.wire_len());
                Input::Frame { link, frame }
            }
            Said::Dropped { header, fault } => {
                self.front.count_message_received();
                Input::Dropped { link, header, fault: fault.into() }
            }
            Said::Asked(question) => Input::Asked { link, question },
            Said::Answered(question) => Input::Answered { link, question },
            Said::Opened(agreement) => {
                if let Some(entry) = self.links.get_mut(&link) {
                    entry.details = Some(Box::new(Details::of(&agreement)));
                }
                Input::Opened { link, agreement }
            }
            Said::Closed(ending) => {
                self.handle(Input::Closed { link, ending }, now);
                return self.forget(link);
            }
            // The task of the link sees to these.
            Said::StartTls { .. } | Said::EndWriting => return,
        };
        self.handle(input, now);
    }

    fn receive_datagram(&mut self, from: SocketAddr, bytes: Bytes, now: Time) {
        self.front.count_datagram_received(bytes.len());
        self.handle(Input::Datagram { from, bytes }, now);
    }

    /// Lets something happen to the node, and does what follows.
    pub(super) fn handle(&mut self, input: Input, now: Time) {
        self.node.handle(input, now);
        self.follow(now);
    }

    pub(super) fn command(&mut self, command: Command) {
        self.handle(Input::Command(command), self.hall.clock.now());
    }

    fn follow(&mut self, now: Time) {
        while let Some(output) = self.node.poll() {
            match output {
                Output::Ready { link } => self.ready.push(link),
                Output::Decide { link, decision } => {
                    self.order(link, Order::Decide(Box::new(decision)));
                }
                Output::Close { link, code, reason } => {
                    self.deliver(link, now);
                    self.order(link, Order::Bye { code, reason });
                }
                Output::Dial { address } => {
                    self.front.count_call();
                    tokio::spawn(dial::call(address, self.from, Arc::clone(&self.hall)));
                }
                Output::Datagram { to, bytes } => self.send_datagram(to, &bytes),
                Output::ConnectBack { to } => {
                    tokio::spawn(dial::connect_back(to, self.from));
                }
                Output::Event(event) => self.tell(&event, now),
            }
        }
    }

    fn order(&self, link: LinkId, order: Order) {
        if let Some(entry) = self.links.get(&link) {
            entry.mailbox.order(order);
        }
    }

    fn send_datagram(&mut self, to: SocketAddr, bytes: &Bytes) {
        match self.datagrams.send(bytes, to) {
            Ok(len) => self.front.count_datagram_sent(len),
            Err(error) => tracing::trace!(%to, %error, "datagram not sent"),
        }
    }

    /// Hands the links what waits for them.
    fn flush(&mut self) {
        let now = self.hall.clock.now();
        self.worked_len = 0;
        let mut ready = std::mem::take(&mut self.ready);
        for link in ready.drain(..) {
            self.deliver(link, now);
        }
        self.ready = ready;
        self.let_read(now);
    }

    /// Lets those read on whose batches are worked off, unless more comes in than goes out.
    fn let_read(&mut self, now: Time) {
        if self.pressure.waiting.is_empty() || self.pressure.is_high(self.links.len(), now) {
            return;
        }
        for mailbox in self.pressure.waiting.drain(..) {
            mailbox.batch_done();
        }
    }

    /// A connection is gone.
    fn forget(&mut self, link: LinkId) {
        self.links.remove(&link);
        self.pressure.gone(link);
    }

    fn deliver(&mut self, link: LinkId, now: Time) {
        let Some(entry) = self.links.get_mut(&link) else { return };
        if !entry.is_full {
            let (node, front) = (&mut self.node, &mut self.front);
            entry.is_full = entry.mailbox.fill(|| {
                let frame = node.transmit(link, now)?;
                front.count_message_sent();
                Some(frame)
            });
            if entry.is_full {
                self.pressure.filled(link, now);
            }
        }
    }

    fn time_out(&mut self) {
        let now = self.hall.clock.now();
        self.handle(Input::Timeout, now);
        self.hall.set_profile(self.profile());
    }

    fn time_out_if_due(&mut self) {
        let now = self.hall.clock.now();
        if self.node.next_timeout().is_some_and(|(due, _)| due <= now) {
            self.time_out();
        }
    }

    /// Says goodbye to everybody.
    pub(super) fn shut_down(&mut self) {
        if self.ending_since.is_none() {
            self.ending_since = Some(self.hall.clock.now());
            // Goodbyes do not wait for a line that the user has narrowed.
            self.hall.line.set(Bandwidth::default());
            self.command(Command::ShutDown);
        }
    }

    fn is_over(&self) -> bool {
        self.ending_since.is_some_and(|since| {
            self.links.is_empty() || self.hall.clock.now() >= since.after_ms(GOODBYE_MS)
        })
    }
}
