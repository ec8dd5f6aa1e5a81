use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};

use super::bootstrapping::{Beginning, Bootstrapping};
use super::calls::Called;
use super::friends::{Found, Friends};
use super::logging::Log;
use super::nearby::Nearby;
use super::sharing::{Shared, offered};
use super::signals::{self, Signals, Wish};
use super::uploading::{Uploading, Wanted};
use super::{Failure, Reload};
use crate::control::desk::{Desk, Request};
use crate::control::model::Happening;
use crate::gnutella::bootstrap::Asked;
use crate::gnutella::servent::Offer;
use crate::node::{Command, Event};
use crate::runtime::bootstrap::{Board, Notice};
use crate::runtime::downloads::{Downloads, KazaaPush, Push};
use crate::runtime::engine::{Arrival, Engine, Kept, Outlets};
use crate::runtime::settings::Settings;
use crate::runtime::state::{Parts, Saver};
use crate::transfer::download::PushWay;

/// How often it is looked how the node is.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often hosts and record are saved; gtk-gnutella saves its hosts as often.
const SAVE_EVERY: Duration = Duration::from_secs(63);

/// Numbers of searches that are given from one saving to the next: who is killed goes on behind them.
const SEARCHES_BETWEEN: u64 = 1_000;

/// How long the last saving may take.
const SAVE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// A node that runs, and what belongs to it.
pub(super) struct Service {
    pub(super) engine: Engine,
    pub(super) settings: Settings,
    pub(super) reload: Reload,
    pub(super) log: Log,
    pub(super) desk: Desk,
    /// The API, or a signal, wants the end.
    pub(super) is_ending: bool,
    /// The node has ended although nobody wanted that.
    pub(super) has_failed: bool,
    pub(super) saver: Option<Saver>,
    /// None where the user wants no search for hosts.
    pub(super) bootstrapping: Option<Bootstrapping>,
    pub(super) nearby: Nearby,
    /// Whom earlier runs, or an earlier configuration, have asked for hosts.
    pub(super) asked: Vec<Asked>,
    pub(super) seed: u64,
    pub(super) downloads: Downloads,
    /// Whom downloads want to call us.
    pub(super) pushes: mpsc::Receiver<Push>,
    /// The same of nodes of FastTrack.
    pub(super) kazaa_pushes: mpsc::Receiver<KazaaPush>,
    pub(super) outlets: Outlets,
    pub(super) friends: Friends,
    pub(super) found: (mpsc::Sender<Found>, mpsc::Receiver<Found>),
    /// None where the system has no threads for it.
    pub(super) shared: Option<Shared>,
    pub(super) uploading: Uploading,
    /// What became of calls that pushes wanted.
    pub(super) called: (mpsc::Sender<Called>, mpsc::Receiver<Called>),
}

enum Wake {
    Signal(Wish),
    Request(Option<Request>),
    Event(Option<Event>),
    Friends,
    Found(Option<Found>),
    Offered(Box<Offer>),
    Bootstrap(Command),
    Nearby(Command),
    Uploads(Wanted),
    Called(Called),
    /// A servent that we have asked to call us does, or says that it is our turn.
    Came(Arrival),
    Push(Push),
    KazaaPush(KazaaPush),
    /// It is time to look how the node is.
    Look,
    /// It is time to save.
    Save,
}

impl Service {
    /// Lives until somebody wants the end.
    pub(super) async fn live(&mut self, signals: &mut Signals) {
        let (mut look, mut save) = (interval(LOOK_EVERY), interval(SAVE_EVERY));
        for interval in [&mut look, &mut save] {
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        save.reset();
        while !self.is_ending {
            let friends_due = self.friends.next_due();
            let on_time = async {
                match friends_due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let wake = tokio::select! {
                wish = signals.next() => Wake::Signal(wish),
                request = self.outlets.requests.recv() => Wake::Request(request),
                event = self.outlets.events.recv() => Wake::Event(event),
                found = self.found.1.recv() => Wake::Found(found),
                offer = offered(self.shared.as_ref()) => Wake::Offered(offer),
                () = on_time => Wake::Friends,
                Some(command) = wanted(&mut self.bootstrapping) => Wake::Bootstrap(command),
                command = self.nearby.wanted() => Wake::Nearby(command),
                wanted = self.uploading.wanted() => Wake::Uploads(wanted),
                Some(called) = self.called.1.recv() => Wake::Called(called),
                Some(arrival) = self.outlets.callers.recv() => Wake::Came(arrival),
                Some(way) = self.pushes.recv() => Wake::Push(way),
                Some(push) = self.kazaa_pushes.recv() => Wake::KazaaPush(push),
                _ = look.tick() => Wake::Look,
                _ = save.tick() => Wake::Save,
            };
            self.handle(wake).await;
        }
    }

    /// Tells whoever watches that this is the end.
    pub(super) fn say_goodbye(&self) {
        signals::stopping();
        self.desk.tell(Happening::Stopping);
    }

    /// Says goodbye and saves what is to be saved.
    pub(super) async fn end(self) -> Result<(), Failure> {
        let library = async {
            if let Some(shared) = self.shared {
                shared.end().await;
            }
        };
        let uploads = self.uploading.uploads.end();
        let (kept, (), (), (), ()) = tokio::join!(
            self.engine.end(),
            self.nearby.end(),
            library,
            uploads,
            self.downloads.end()
        );
        let Some(kept) = kept.filter(|_| !self.has_failed) else {
            let why = "the node has failed, which is a mistake of the program; please report it";
            return Err(Failure::Failed(why.to_owned()));
        };
        let Some(saver) = self.saver else { return Ok(()) };
        let saved = saver.finish(parts(kept));
        let late = |_| Failure::Failed("not everything could be saved in time".to_owned());
        timeout(SAVE_TIMEOUT, saved).await.map(drop).map_err(late)
    }

    async fn handle(&mut self, wake: Wake) {
        match wake {
            Wake::Signal(Wish::End) => self.is_ending = true,
            Wake::Request(None) | Wake::Event(None) => {
                (self.is_ending, self.has_failed) = (true, true);
            }
            Wake::Signal(Wish::Reload) => {
                if let Err(why) = self.read_again().await {
                    tracing::error!("the configuration stays as it was: {why}");
                }
            }
            Wake::Signal(Wish::Report) => self.report().await,
            Wake::Request(Some(request)) => self.serve(request).await,
            Wake::Event(Some(event)) => self.hear(event),
            Wake::Friends => self.call_friends().await,
            Wake::Uploads(wanted) => self.help_uploads(wanted).await,
            Wake::Called(called) => self.was_called(called).await,
            Wake::Offered(offer) => self.engine.command(Command::Offer(offer)).await,
            Wake::Found(found) => {
                if let Some(found) = found {
                    self.call(found).await;
                }
            }
            Wake::Bootstrap(command) | Wake::Nearby(command) => self.engine.command(command).await,
            Wake::Came(arrival) => {
                self.hear_waiting();
                self.downloads.came(arrival);
            }
            Wake::KazaaPush(push) => self.push_kazaa(push).await,
            Wake::Push(Push { request, way: PushWay { servent, index, proxies } }) => {
                self.engine.command(Command::Push { request, servent, index, proxies }).await;
            }
            Wake::Look => self.look().await,
            Wake::Save => self.save().await,
        }
    }

    async fn save(&self) {
        let Some(saver) = &self.saver else { return };
        if let Some(kept) = self.engine.keep().await {
            let searches = kept.searches.saturating_add(SEARCHES_BETWEEN);
            saver.save(parts(Kept { searches, ..kept }));
        }
    }

    /// Begins to look for hosts, if the user wants that.
    pub(super) fn bootstrap(&mut self, board: Board) {
        if !self.settings.bootstrap.enabled {
            return;
        }
        let (saver, asked) = (self.saver.clone(), self.asked.clone());
        // Not the same numbers as in the node.
        let beginning = Beginning { asked, seed: self.seed.rotate_left(32), saver, board };
        match Bootstrapping::start(&self.settings, beginning) {
            Ok(bootstrapping) => self.bootstrapping = Some(bootstrapping),
            Err(why) => tracing::error!("nobody is asked for hosts: {why}"),
        }
    }

    /// Something has happened in the node.
    pub(super) fn hear(&mut self, event: Event) {
        match event {
            Event::Pushed(push) => return self.answer_push(&push),
            Event::FastTrack(event) => return self.hear_of_fasttrack(&event),
            Event::PushRequested { request, outcome } => {
                return self.uploading.push_requested(request, outcome);
            }
            Event::PushSent { request, ways } => return self.downloads.push_sent(request, ways),
            _ => {}
        }
        let Some(bootstrapping) = &self.bootstrapping else { return };
        match event {
            Event::HostCacheAnswered { from, hosts, caches } => {
                bootstrapping.tell(Notice::HostCacheAnswered { from, hosts, caches });
            }
            Event::HostCachesNamed { caches } => {
                bootstrapping.tell(Notice::HostCachesNamed { caches });
            }
            _ => {}
        }
    }
}

/// What is written of what the node leaves.
fn parts(kept: Kept) -> Parts {
    let Kept { hosts, supernodes, record, fasttrack_record, searches } = kept;
    Parts {
        hosts: Some(hosts),
        supernodes,
        record,
        fasttrack_record,
        searches: Some(searches),
        ..Parts::default()
    }
}

/// Searches of this run have other numbers than those of earlier ones, also if it is killed.
pub(super) async fn number_searches(engine: &Engine, last: u64, saver: Option<&Saver>) {
    engine.number_searches_after(last).await;
    if let Some(saver) = saver {
        let searches = Some(last.saturating_add(SEARCHES_BETWEEN));
        saver.save(Parts { searches, ..Parts::default() });
    }
}

/// What the search for hosts wants; for ever nothing where there is none.
async fn wanted(bootstrapping: &mut Option<Bootstrapping>) -> Option<Command> {
    match bootstrapping {
        Some(bootstrapping) => bootstrapping.commands.recv().await,
        None => std::future::pending().await,
    }
}
