use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::opening::Opened;
use super::say;
use crate::runtime::settings::LogFormat;

/// The file in the home by which clients find a running node.
const FILE: &str = "node.json";

/// Who we are and where we listen, for people and for clients.
pub(super) struct Announcement {
    path: PathBuf,
    home: PathBuf,
    listen: SocketAddr,
    role: String,
    servent_id: String,
    /// Where the API listens: an URL, or `unix:` and a path.
    api: Option<String>,
    is_json: bool,
}

impl Announcement {
    pub(super) fn of(opened: &Opened) -> Self {
        Self {
            path: opened.settings.home.join(FILE),
            home: opened.settings.home.clone(),
            listen: opened.sockets.listen(),
            role: opened.settings.role.as_str().to_owned(),
            servent_id: opened.guid.to_string(),
            api: opened.api.as_ref().map(|api| api.place.clone()),
            is_json: opened.settings.log.format == LogFormat::Json,
        }
    }

    /// Lets clients find us. On a disk that is full they have to be told where the API is.
    pub(super) fn publish(&self) {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let text = json!({
            "pid": std::process::id(),
            "api": self.api,
            "version": env!("CARGO_PKG_VERSION"),
            "started": started,
        });
        if let Err(error) = replace(&self.path, &format!("{text}\n")) {
            // What an earlier node has left there would lead them astray.
            self.withdraw();
            let path = self.path.display();
            tracing::warn!(%error, "{path} cannot be written; name --api to other commands");
        }
    }

    /// We are gone.
    pub(super) fn withdraw(&self) {
        let _ = fs::remove_file(&self.path);
    }

    /// Says it to whoever started us.
    pub(super) fn print(&self) {
        let version = env!("CARGO_PKG_VERSION");
        if self.is_json {
            return say(&json!({
                "ready": true,
                "version": version,
                "servent_id": self.servent_id,
                "role": self.role,
                "listen": self.listen,
                "api": self.api,
                "home": self.home,
            })
            .to_string());
        }
        say(&format!("filbert {version}, servent {}, role {}", self.servent_id, self.role));
        say(&format!("listens on {} (TCP and UDP)", self.listen));
        match &self.api {
            Some(api) => {
                let token = self.home.join("token");
                say(&format!("API on {api} (token in {})", token.display()));
            }
            None => say("API off"),
        }
    }
}

/// Writes a file so that nobody ever sees half of it.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    drop(file);
    fs::rename(beside, path)
}
