use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use super::service::Service;
use super::sharing::Shared;
use crate::control::desk::Desk;
use crate::fasttrack::http::Sender;
use crate::gnutella::holder::{Holder, Own};
use crate::gnutella::http::{AltHost, NodeInfo, PushLocation, PushRequest, QueueCallback};
use crate::gnutella::push_proxy::Requested;
use crate::gnutella::servent::Serving;
use crate::gnutella::wire::Guid;
use crate::node::Command;
use crate::node::fasttrack;
use crate::runtime::engine::{Arrival, Lines, Standing};
use crate::runtime::settings::{self, Settings};
use crate::runtime::uploads::{
    AllFiles, Doing, LibraryFiles, News, Outlets, Plan, Unfinished, Uploads, Wish,
};
use crate::transfer::upload::{About, Terms};

/// Pushes that the node is asked to pass on and has not answered to.
const PUSHES_MAX: usize = 64;

/// What uploads are made from, besides the settings.
pub(super) struct Beginning<'a> {
    pub(super) guid: Guid,
    pub(super) shared: Option<&'a Shared>,
    pub(super) visitors: mpsc::Receiver<Arrival>,
    pub(super) lines: Lines,
    pub(super) seed: u64,
    pub(super) desk: Desk,
    pub(super) unfinished: Unfinished,
}

/// Files on their way to others, and what the node has to do for them.
pub(super) struct Uploading {
    pub(super) uploads: Uploads,
    outlets: Outlets,
    /// Those who wait to hear what became of their pushes.
    pushes: BTreeMap<u64, oneshot::Sender<Requested>>,
    last_push: u64,
    about: About,
    own: Own,
    /// Files of which a part is here.
    pub(super) unfinished: Unfinished,
}

/// What uploads want.
pub(super) enum Wanted {
    /// Hits say something else of uploads.
    Doing,
    Wish(Wish),
    /// Parts of files are offered, or are not any more.
    Parts(News),
}

/// We, as those see us who fetch in the words of FastTrack.
pub(super) fn known_as() -> Sender {
    let user = Some(fasttrack::Config::new(fasttrack::RolePolicy::Auto).user.into());
    Sender { network: Some("KaZaA".to_owned()), user, ..Sender::default() }
}

impl Uploading {
    pub(super) fn start(settings: &Settings, beginning: Beginning<'_>) -> Self {
        let Beginning { guid, shared, visitors, lines, seed, desk, unfinished } = beginning;
        let inventory = shared.map_or_else(
            || watch::channel(Default::default()).1,
            |shared| shared.sharing.inventory(),
        );
        let trees = shared.map(|shared| shared.sharing.trees());
        let own = Own { servent: guid, ..Own::default() };
        let doubts = shared.map(|shared| shared.sharing.doubts()).unwrap_or_default();
        let about = About {
            server: concat!("Filbert/", env!("CARGO_PKG_VERSION")).to_owned(),
            holder: Holder::ours(&own, &[]),
            node: None,
            behind: None,
            allow_private: settings.allow_private,
            kazaa: settings.speaks_fasttrack().then(known_as),
        };
        let library = LibraryFiles::new(inventory, trees, doubts);
        let plan = Plan {
            terms: terms(settings),
            files: Arc::new(AllFiles::new(library, unfinished.clone())),
            about: about.clone(),
            // Not the same numbers as elsewhere.
            seed: seed.rotate_left(16),
            lines,
            desk,
        };
        let (uploads, outlets) = Uploads::start(plan, visitors);
        let (pushes, last_push) = Default::default();
        Self { uploads, outlets, pushes, last_push, about, own, unfinished }
    }

    /// Where others have reached us.
    pub(super) const fn reached_at(&self) -> Option<SocketAddr> {
        self.about.node
    }

    /// Waits for the next thing that they want.
    pub(super) async fn wanted(&mut self) -> Wanted {
        tokio::select! {
            Ok(()) = self.outlets.doing.changed() => Wanted::Doing,
            Some(wish) = self.outlets.wishes.recv() => Wanted::Wish(wish),
            news = self.unfinished.news() => Wanted::Parts(news),
        }
    }

    /// The node is to pass a push on.
    fn push_for(
        &mut self,
        request: PushRequest,
        (from, to): (IpAddr, SocketAddr),
        reply: oneshot::Sender<Requested>,
    ) -> Command {
        while self.pushes.len() >= PUSHES_MAX {
            self.pushes.pop_first();
        }
        self.last_push = self.last_push.wrapping_add(1);
        self.pushes.insert(self.last_push, reply);
        let PushRequest { servent, file, .. } = request;
        Command::PushFor { request: self.last_push, from, servent, to, index: file.unwrap_or(0) }
    }

    /// What became of it.
    pub(super) fn push_requested(&mut self, request: u64, outcome: Requested) {
        if let Some(reply) = self.pushes.remove(&request) {
            // Whoever has gone does not want to know.
            let _ = reply.send(outcome);
        }
    }

    /// Who we are.
    pub(super) const fn servent(&self) -> Guid {
        self.own.servent
    }

    /// Where others reach us, as far as it is known.
    pub(super) fn stand(&mut self, standing: &Standing) {
        self.about.node = standing.address_if_reached();
        self.about.behind = behind(self.own.servent, standing);
        let Standing { address, is_reached, proxies, kazaa } = standing;
        self.about.kazaa.clone_from(kazaa);
        let (listen, is_reached) = (*address, *is_reached == Some(true));
        let Own { servent, serving, .. } = self.own;
        self.own = Own { servent, listen, is_reached, proxies: proxies.clone(), serving };
        self.say_who_we_are();
    }

    /// What we do for others, as hits say it.
    fn serve_as(&mut self, serving: Serving) {
        self.own.serving = serving;
        self.say_who_we_are();
    }

    fn say_who_we_are(&mut self) {
        self.about.holder = Holder::ours(&self.own, &[]);
        self.uploads.set_about(self.about.clone());
    }
}

impl Service {
    /// Does what uploads want.
    pub(super) async fn help_uploads(&mut self, wanted: Wanted) {
        match wanted {
            Wanted::Doing => self.tell_serving().await,
            Wanted::Parts(News::Offer(part)) => {
                self.engine.command(Command::OfferPartial(part)).await;
            }
            Wanted::Parts(News::Withdraw(sha1)) => {
                self.engine.command(Command::WithdrawPartial(sha1)).await;
            }
            Wanted::Wish(Wish::Push { request, from, to, reply }) => {
                let command = self.uploading.push_for(request, (from, to), reply);
                self.engine.command(command).await;
            }
            Wanted::Wish(Wish::Call { to, callback }) => self.call_waiting(to, callback),
            Wanted::Wish(Wish::NameSources { sha1, sources }) => {
                self.engine.command(Command::NameSources { sha1, sources }).await;
            }
        }
    }

    /// What hits say of our uploads.
    pub(super) async fn tell_serving(&mut self) {
        let doing = *self.uploading.outlets.doing.borrow_and_update();
        let Doing { is_busy, has_uploaded, speed_kbits } = doing;
        let takes_tls = self.settings.tls;
        let serving = Serving { is_busy, has_uploaded, speed_kbits, lists_files: true, takes_tls };
        self.uploading.serve_as(serving);
        self.engine.command(Command::BeServing(serving)).await;
    }

    /// Others may have as much as the settings say now.
    pub(super) fn allow_uploads(&self) {
        self.uploading.unfinished.set_on(self.settings.uploads.share_parts);
        self.uploading.uploads.set_terms(terms(&self.settings));
    }

    /// It is somebody's turn, and it has not come back.
    fn call_waiting(&self, to: SocketAddr, callback: QueueCallback) {
        let door = self.uploading.uploads.door();
        tokio::spawn(async move {
            if let Err(error) = door.call(to, callback).await {
                tracing::debug!(%to, %error, "somebody whose turn it is was not there");
            }
        });
    }
}

/// How those reach us who cannot call us, as heads say it (PUSH-27).
pub(super) fn behind(servent: Guid, standing: &Standing) -> Option<NodeInfo> {
    let Standing { address, is_reached, proxies, .. } = standing;
    let is_behind = *is_reached != Some(true) && !proxies.is_empty();
    let proxies = proxies.iter().copied().map(AltHost::new).collect();
    let location = PushLocation { servent, firewall_transfer: None, address: *address, proxies };
    is_behind.then_some(NodeInfo(location))
}

fn terms(settings: &Settings) -> Terms {
    let settings::Uploads { slots, slots_per_host, queue_len, .. } = settings.uploads;
    let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    Terms {
        slots: count(slots),
        slots_per_host: count(slots_per_host),
        queue_len: count(queue_len),
    }
}
