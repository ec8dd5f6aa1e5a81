use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use rand::rngs::ChaCha8Rng;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval, sleep_until};

use super::connection::{Pipe, Told};
use super::disk::{Disk, Place};
use super::lines::Line;
use super::offering::Offered;
use super::seeking;
use super::shared::Shared;
use super::showing::shown;
use super::taking_turns::Moved;
use crate::control::model::{self, Happening};
use crate::gnutella::http::AltHost;
use crate::runtime::uploads::Offering;
use crate::transfer::download::journal::Intent;
use crate::transfer::download::{
    CallFailure, Download, Finding, Input, Origin, Output, SourceId, State, Turns, Why,
};

/// How often people are told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// News that wait at most: whoever has more waits, and reads no more.
const NEWS_MAX: usize = 64;

/// What is wanted of the task of one file.
pub(super) enum Order {
    Found(Finding),
    Pause,
    Resume,
    Cancel,
    /// A source has called us.
    Came {
        source: SourceId,
        from: IpAddr,
        pipe: Pipe,
        read: BytesMut,
        /// It says that it is our turn in its queue.
        is_turn: bool,
    },
}

/// A source that nobody could ask to call us, and why.
pub(super) type Unpushed = (SourceId, CallFailure);

/// One file on its way.
pub(super) struct Task {
    pub(super) id: u64,
    pub(super) download: Download,
    pub(super) disk: Disk,
    pub(super) shared: Arc<Shared>,
    pub(super) rng: ChaCha8Rng,
    pub(super) lines: BTreeMap<SourceId, Line>,
    /// Sources that are asked to call us, by now.
    pub(super) pushes: BTreeMap<SourceId, AbortHandle>,
    /// Those whose last connection we have made: only what they say tells what is at their addresses.
    pub(super) called: BTreeSet<SourceId>,
    pub(super) last_line: u64,
    pub(super) told: (mpsc::Sender<Told>, mpsc::Receiver<Told>),
    pub(super) found: (mpsc::Sender<Finding>, mpsc::Receiver<Finding>),
    /// Sources that nobody could ask to call us.
    pub(super) unpushed: (mpsc::Sender<Unpushed>, mpsc::Receiver<Unpushed>),
    pub(super) view: watch::Sender<model::Download>,
    pub(super) offering: Offering,
    pub(super) offered: Offered,
    pub(super) heard: mpsc::Receiver<AltHost>,
    pub(super) turns: watch::Receiver<Turns>,
    pub(super) moved: Moved,
}

enum Wake {
    Told(Told),
    Order(Order),
    Found(Finding),
    Input(Input),
    /// Somebody who asks us for the file has some of it too.
    Heard(AltHost),
    /// It may be its turn.
    Turn,
    Tell,
    End,
}

impl Task {
    pub(super) fn new(
        id: u64,
        download: Download,
        shared: Arc<Shared>,
        rng: ChaCha8Rng,
    ) -> (Self, watch::Receiver<model::Download>) {
        let (view, receiver) = watch::channel(shown(id, &download, &shared));
        let (told, found) = (mpsc::channel(NEWS_MAX), mpsc::channel(NEWS_MAX));
        let known_by = download.intent().known_by;
        let place = Place::new(shared.folder(), known_by.key());
        let (folder, file) = (place.parts(), place.part_name());
        let (offering, heard) = shared.unfinished.enter(&folder, file.as_ref(), known_by.sha1());
        let alone = shared.alone_with(known_by.key());
        let disk =
            Disk::start(place, Arc::clone(offering.part()), alone, &shared.promises, &shared.tasks);
        let mut task = Self {
            id,
            download,
            disk,
            rng,
            lines: BTreeMap::new(),
            pushes: BTreeMap::new(),
            called: BTreeSet::new(),
            last_line: 0,
            told,
            found,
            unpushed: mpsc::channel(NEWS_MAX),
            view,
            offering,
            offered: Offered::default(),
            heard,
            turns: shared.turns.subscribe(),
            moved: Moved::default(),
            shared,
        };
        // Whoever asks from now on hears that it comes.
        task.offer();
        (task, receiver)
    }

    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>, findings: Vec<Finding>) {
        let end = self.shared.end.clone();
        let mut tell = interval(TELL_EVERY);
        tell.set_missed_tick_behavior(MissedTickBehavior::Delay);
        if *self.download.state() == State::Fetching && !self.has_turn() {
            self.handle(Input::Queue).await;
        }
        for finding in findings {
            self.handle(Input::Found(finding)).await;
        }
        self.handle(Input::Timeout).await;
        self.shared.desk.tell(Happening::DownloadStarted(self.shown()));
        loop {
            let is_stuck = matches!(self.download.state(), State::Stuck(_));
            let due = self.download.next_timeout().map(|due| self.shared.instant(due));
            let timeout = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let wake = tokio::select! {
                () = end.cancelled() => Wake::End,
                Some(told) = self.told.1.recv() => Wake::Told(told),
                Some((number, outcome)) = self.disk.done.recv() => {
                    Wake::Input(Input::Done { number, outcome })
                }
                order = orders.recv() => order.map_or(Wake::End, Wake::Order),
                Some(finding) = self.found.1.recv() => Wake::Found(finding),
                Some((source, why)) = self.unpushed.1.recv() => {
                    Wake::Input(Input::ConnectFailed { source, why })
                }
                Some(host) = self.heard.recv() => Wake::Heard(host),
                Ok(()) = self.turns.changed() => Wake::Turn,
                () = self.disk.room.comes(), if is_stuck => Wake::Order(Order::Resume),
                () = timeout => Wake::Input(Input::Timeout),
                _ = tell.tick() => Wake::Tell,
            };
            match wake {
                Wake::Heard(host) => {
                    let finding = Finding::by_urn(host.address, Origin::Alternate);
                    self.handle(Input::Found(finding)).await;
                }
                Wake::Turn => self.take_turn().await,
                Wake::End => break,
                Wake::Told(told) => self.hear(told).await,
                Wake::Order(order) => self.obey(order).await,
                Wake::Found(finding) => self.handle(Input::Found(finding)).await,
                Wake::Input(input) => self.handle(input).await,
                Wake::Tell => {
                    self.give_way().await;
                    self.tell();
                }
            }
            if self.download.state().is_over() && self.is_at_rest() {
                break;
            }
        }
        self.end_lines();
        self.handle(Input::End).await;
        self.shared.awaited().forget(self.id);
        let unanswered = self.shared.gives().forget(self.id);
        self.shared.kazaa_pushes.over(unanswered);
        self.leave_turn();
        self.tell();
    }

    /// Nothing is left for the disk to do that matters.
    fn is_at_rest(&self) -> bool {
        self.disk.work.capacity() == self.disk.work.max_capacity()
    }

    async fn obey(&mut self, order: Order) {
        let input = match order {
            Order::Found(finding) => Input::Found(finding),
            Order::Pause => Input::Pause,
            Order::Resume => match self.resume() {
                Some(input) => input,
                None => return,
            },
            Order::Cancel => Input::Cancel,
            Order::Came { source, is_turn: true, .. } if self.lines.contains_key(&source) => {
                Input::Turn { source }
            }
            Order::Came { source, from, pipe, read, .. } => {
                return self.came(source, from, pipe, read);
            }
        };
        self.handle(input).await;
        self.tell();
    }

    pub(super) async fn handle(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            self.download.handle(input, self.shared.now(), &mut self.rng);
            let mut spared = Vec::new();
            while let Some(output) = self.download.poll() {
                if let Some(source) = self.follow(output).await {
                    spared.push(source);
                }
            }
            for (source, why) in spared {
                let failed = Input::ConnectFailed { source, why };
                self.download.handle(failed, self.shared.now(), &mut self.rng);
                next = Some(Input::Timeout);
            }
        }
    }

    /// Does what the machine wants. Returned is a source that cannot be called, and why.
    async fn follow(&mut self, output: Output) -> Option<(SourceId, CallFailure)> {
        match output {
            Output::Connect { source, address } => {
                return self.connect(source, address).err().map(|why| (source, why));
            }
            Output::Push { source, way } => self.push(source, way),
            Output::PushKazaa { source, address, host } => {
                self.push_kazaa(source, address, host);
            }
            Output::Ask { source, ask } => {
                if let Some(line) = self.lines.get(&source) {
                    let _ = line.asks.try_send(self.tell_of_us(ask));
                }
            }
            Output::Disconnect { source } => {
                if let Some(line) = self.lines.remove(&source) {
                    line.abort.abort();
                }
                self.end_push(source);
            }
            Output::Disk { number, work } => {
                // Whoever brings more than the disk takes waits here, and reads nothing meanwhile.
                let _ = self.disk.work.send((number, work)).await;
            }
            Output::Search => self.search(),
            Output::Dropped { source, address, why } => {
                tracing::debug!(%address, ?why, download = self.id, "a source is not asked again");
                if why == Why::NoServent {
                    self.note(source, false);
                }
            }
            Output::Became(state) => self.became(&state),
        }
        None
    }

    fn search(&self) {
        let (desk, end) = (self.shared.desk.clone(), self.shared.end.clone());
        let (name, found) = (self.download.name().to_owned(), self.found.0.clone());
        let intent = Intent { name, ..self.download.intent().clone() };
        tokio::spawn(async move {
            tokio::select! {
                () = end.cancelled() => {}
                () = seeking::seek(&desk, &intent, &found) => {}
            }
        });
    }
}
