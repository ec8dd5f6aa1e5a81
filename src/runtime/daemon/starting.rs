use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::date::date_of;
use super::friends::Friends;
use super::logging::Log;
use super::nearby::Nearby;
use super::opening::{Api, ApiDoor, Opened};
use super::service::{Service, number_searches};
use super::sharing::Shared;
use super::uploading::{Beginning, Uploading};
use super::{Failure, Reload};
use crate::base::addresses::of_ipv4;
use crate::control::desk::Desk;
use crate::control::server;
use crate::node::{Command, fasttrack};
use crate::promotion::Observation;
use crate::runtime::bootstrap::Board;
use crate::runtime::downloads::{self, Downloads};
use crate::runtime::engine::{Engine, Lines, Plan, Securer};
use crate::runtime::own_address;
use crate::runtime::settings::Settings;
use crate::runtime::tls::Tls;
use crate::runtime::uploads::Unfinished;
use crate::transfer::download::{Manners, Rules};

impl Service {
    /// Starts the node and the API.
    pub(super) async fn start(
        opened: Opened,
        reload: Reload,
        log: Log,
        api_ends: CancellationToken,
    ) -> Result<(Self, JoinHandle<()>), Failure> {
        let Opened { settings, sockets, fasttrack, api, guid, kept, saver, seed, descriptors } =
            opened;
        let (desk, node_side) = Desk::new();
        let mut node = settings.node_config();
        node.guid = Some(guid);
        node.earlier = kept.earlier;
        node.has_ipv6 = own_address::has_ipv6();
        node.live_since = Some(date_of(SystemTime::now()));
        let advertised = settings.advertised(sockets.listen().port());
        node.learns_address = advertised.is_none() && sockets.listen().ip().is_unspecified();
        let (listen, own) = (sockets.listen(), own_address(sockets.listen()));
        node.listen = Some(advertised.unwrap_or(own));
        node.is_vouched_for = advertised.is_some();
        if let Some(config) = &mut node.fasttrack {
            config.earlier = kept.fasttrack_earlier;
            let apart = fasttrack.as_ref().map(|sockets| own_address(sockets.listen()));
            config.listen = apart.or(node.listen).and_then(of_ipv4);
        }
        let nearby = Nearby::start(&settings, listen, own, seed);
        let from = settings.bind;
        let securer = make_tls(&settings);
        let plan = Plan { node, seed, sockets, fasttrack, from, securer, descriptors };
        let (engine, mut outlets) = Engine::start(plan, node_side);
        if let Some(upload) = settings.promised_upload_bytes_per_s {
            engine.observe(Observation::Claimed { upload }).await;
        }
        engine.limit(settings.bandwidth).await;
        number_searches(&engine, kept.searches, saver.as_ref()).await;
        let unfinished = Unfinished::new(settings.uploads.share_parts);
        let (downloads, pushes) = Downloads::start(downloads_plan(
            &settings,
            &desk,
            seed,
            (outlets.lines.clone(), unfinished.clone()),
        ))
        .await;
        let kazaa_pushes = downloads.kazaa_pushes().filter(|_| settings.speaks_fasttrack());
        downloads.limit(settings.bandwidth.download_bytes_per_s);
        let api = serve(api, desk.clone(), api_ends);
        let mut friends = Friends::default();
        friends.name(&settings, Instant::now());
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        engine.command(Command::Remember(kept.hosts)).await;
        let supernodes = fasttrack::Command::Remember(kept.supernodes);
        engine.command(Command::FastTrack(supernodes)).await;
        let shared = Shared::start(&settings, desk.clone());
        let uploading = Uploading::start(
            &settings,
            Beginning {
                guid,
                shared: shared.as_ref(),
                visitors: std::mem::replace(&mut outlets.visitors, mpsc::channel(1).1),
                lines: outlets.lines.clone(),
                seed,
                desk: desk.clone(),
                unfinished,
            },
        );
        let mut service = Self {
            engine,
            settings,
            reload,
            log,
            desk,
            is_ending: false,
            has_failed: false,
            saver,
            bootstrapping: None,
            asked: kept.asked,
            nearby,
            seed,
            downloads,
            pushes,
            kazaa_pushes: kazaa_pushes.unwrap_or_else(|| mpsc::channel(1).1),
            outlets,
            friends,
            found: mpsc::channel(16),
            shared,
            uploading,
            called: mpsc::channel(16),
        };
        service.tell_serving().await;
        if let Some(standing) = service.engine.standing().await {
            service.stand(&standing);
        }
        service.bootstrap(Board::new(service.desk.clone()));
        Ok((service, api))
    }
}

/// What is fetched, and how we speak with those who have it.
fn downloads_plan(
    settings: &Settings,
    desk: &Desk,
    seed: u64,
    (lines, unfinished): (Lines, Unfinished),
) -> downloads::Plan {
    let user_agent = concat!("Filbert/", env!("CARGO_PKG_VERSION")).to_owned();
    downloads::Plan {
        folder: settings.downloads.clone(),
        rules: Rules { allow_private: settings.allow_private, ..Rules::default() },
        // Where others reach us is known later.
        manners: Manners { user_agent, ..Manners::default() },
        lines,
        unfinished,
        // Not the same numbers as in the node.
        seed: seed.rotate_left(16),
        desk: desk.clone(),
    }
}

/// Without TLS a node works as well, with fewer others.
fn make_tls(settings: &Settings) -> Option<Arc<dyn Securer>> {
    if !settings.tls {
        return None;
    }
    match Tls::new() {
        Ok(tls) => Some(Arc::new(tls)),
        Err(error) => {
            tracing::warn!(%error, "others are spoken with in the clear");
            None
        }
    }
}

/// Where the system would call others from: our address until neighbours know better.
fn own_address(listen: SocketAddr) -> SocketAddr {
    if !listen.ip().is_unspecified() {
        return listen;
    }
    let ip = own_address::outward().unwrap_or(Ipv4Addr::LOCALHOST);
    SocketAddr::new(ip.into(), listen.port())
}

fn serve(api: Option<Api>, desk: Desk, ends: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let Some(Api { door, token, .. }) = api else { return };
        let outcome = match door {
            ApiDoor::Tcp(listener) => server::serve(listener, desk, token, ends).await,
            ApiDoor::Unix(listener, _file) => server::serve(listener, desk, token, ends).await,
        };
        if let Err(error) = outcome {
            tracing::error!(%error, "the API has ended");
        }
    })
}
