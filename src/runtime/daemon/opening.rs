use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rustls::crypto::ring;
use tokio::net::{TcpListener, UnixListener};

use super::Failure;
use crate::control::credentials::Token;
use crate::gnutella::wire::Guid;
use crate::runtime::descriptors;
use crate::runtime::engine::OpenSockets;
use crate::runtime::settings::{ApiAddress, FastTrackAddress, Settings};
use crate::runtime::state::{self, HomeLock, Kept, NoHome, Parts, Saver, Store};

/// All that a node needs before it runs.
pub(super) struct Opened {
    pub(super) settings: Settings,
    pub(super) sockets: OpenSockets,
    /// Where FastTrack has a port of its own.
    pub(super) fasttrack: Option<OpenSockets>,
    pub(super) api: Option<Api>,
    pub(super) guid: Guid,
    /// What earlier runs have left.
    pub(super) kept: Kept,
    /// None where the system has no more threads.
    pub(super) saver: Option<Saver>,
    /// All that is random in the node follows from it.
    pub(super) seed: u64,
    pub(super) descriptors: u64,
}

/// Where the API will be served.
pub(super) struct Api {
    pub(super) door: ApiDoor,
    pub(super) token: Token,
    /// As clients are told.
    pub(super) place: String,
}

pub(super) enum ApiDoor {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
}

/// A socket in the file system, which is removed with this.
pub(super) struct SocketFile(PathBuf);

/// Takes the home for as long as what is returned is there.
pub(super) fn lock(home: &Path) -> Result<HomeLock, Failure> {
    HomeLock::take(home).map_err(|error| match error {
        NoHome::Unusable { ref why, .. } if descriptors::advice(why).is_some() => {
            let (home, why) = (home.display(), descriptors::explain(why));
            Failure::Failed(format!("the home {home} cannot be opened: {why}"))
        }
        NoHome::Taken(_) => Failure::Failed(error.to_string()),
        NoHome::Unusable { .. } => Failure::Configuration(error.to_string()),
    })
}

impl Opened {
    /// Opens everything in a home that is ours.
    pub(super) async fn open(settings: Settings) -> Result<Self, Failure> {
        let descriptors = descriptors::raise();
        let sockets = OpenSockets::open(settings.listen)
            .map_err(|error| unbound(settings.listen, "--listen", &error))?;
        let fasttrack = match settings.fasttrack.listen {
            FastTrackAddress::Own(address) => {
                let opened = OpenSockets::open(address);
                Some(opened.map_err(|error| unbound(address, "--fasttrack", &error))?)
            }
            FastTrackAddress::Off | FastTrackAddress::Shared => None,
        };
        let api = open_api(&settings).await?;
        let seed = random()?;
        let (kept, saver) = open_state(&settings.home).await;
        let guid = kept.guid.unwrap_or_else(|| Guid::random(&mut ChaCha8Rng::seed_from_u64(seed)));
        if let Some(saver) = saver.as_ref().filter(|_| kept.guid.is_none()) {
            saver.save(Parts { guid: Some(guid), ..Parts::default() });
        }
        Ok(Self { settings, sockets, fasttrack, api, guid, kept, saver, seed, descriptors })
    }
}

/// What earlier runs have left, and who writes what this one leaves. A node works without either.
async fn open_state(home: &Path) -> (Kept, Option<Saver>) {
    let home = home.to_owned();
    let opening = tokio::task::spawn_blocking(move || Store::open(&home));
    let Ok(state::Opened { store, kept, warning }) = opening.await else {
        tracing::warn!("the state could not be opened; nothing is kept of this run");
        return (Kept::default(), None);
    };
    if let Some(warning) = warning {
        tracing::warn!("{warning}");
    }
    match Saver::start(store) {
        Ok(saver) => (kept, Some(saver)),
        Err(error) => {
            tracing::warn!(%error, "nothing is kept of this run");
            (kept, None)
        }
    }
}

fn unbound(address: impl std::fmt::Display, flag: &str, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => "something listens there already; name another with",
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; name one of its own with"
        }
        io::ErrorKind::PermissionDenied => "ports below 1024 need more rights; name another with",
        _ => "name another address with",
    };
    let advice = match descriptors::advice(error) {
        Some(advice) => advice.to_owned(),
        None => format!("{advice} {flag}"),
    };
    Failure::CannotBind(format!("cannot listen on {address} ({error}): {advice}"))
}

async fn open_api(settings: &Settings) -> Result<Option<Api>, Failure> {
    let (door, place) = match &settings.api.listen {
        ApiAddress::Off => return Ok(None),
        ApiAddress::Tcp(address) => {
            let listener = TcpListener::bind(address).await;
            let listener = listener.map_err(|error| api_unbound(address, &error))?;
            let address = listener.local_addr().map_err(|error| api_unbound(address, &error))?;
            (ApiDoor::Tcp(listener), format!("http://{}", callable(address)))
        }
        ApiAddress::Unix(path) => {
            let listener = open_unix(path).map_err(|error| api_unbound(path.display(), &error))?;
            (listener, format!("unix:{}", path.display()))
        }
    };
    let token = Token::load_or_create(&settings.home.join("token"));
    let token = token.map_err(|error| Failure::Configuration(error.to_string()))?;
    Ok(Some(Api { door, token, place }))
}

fn api_unbound(address: impl std::fmt::Display, error: &io::Error) -> Failure {
    let advice = descriptors::advice(error).unwrap_or("name another with --api, or 'off'");
    Failure::CannotBind(format!("the API cannot listen on {address} ({error}): {advice}"))
}

/// Whoever listens on all addresses can be called on this one.
fn callable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        ip if ip.is_ipv4() => std::net::Ipv4Addr::LOCALHOST.into(),
        _ => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

fn open_unix(path: &Path) -> io::Result<ApiDoor> {
    // A socket that nobody listens on any more is left behind by a node that was killed.
    let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    let refuses = || UnixStream::connect(path).is_err_and(|error| is_abandoned(&error));
    if is_socket && refuses() {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    let file = SocketFile(path.to_owned());
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(ApiDoor::Unix(listener, file))
}

fn is_abandoned(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionRefused
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A number that nobody can guess.
fn random() -> Result<u64, Failure> {
    let mut bytes = [0; 8];
    let filled = ring::default_provider().secure_random.fill(&mut bytes);
    let why = "the system gives no random bytes; try again later";
    filled.map_err(|_| Failure::Failed(why.to_owned()))?;
    Ok(u64::from_le_bytes(bytes))
}
