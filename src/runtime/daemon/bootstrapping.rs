use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::control::model::Status;
use crate::gnutella::bootstrap::{Asked, Rules, Standing};
use crate::node::Command;
use crate::runtime::bootstrap::{Board, Notice, Plan, run};
use crate::runtime::settings::Settings;
use crate::runtime::state::Saver;

/// Notices and commands that wait at most.
const WAITING_MAX: usize = 64;

/// The search for hosts, as long as it runs.
pub(super) struct Bootstrapping {
    notices: mpsc::Sender<Notice>,
    /// What it wants of the node.
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) board: Board,
    told: Option<Standing>,
    task: JoinHandle<Vec<Asked>>,
}

/// What a search for hosts is made from, besides the settings.
pub(super) struct Beginning {
    pub(super) asked: Vec<Asked>,
    pub(super) seed: u64,
    pub(super) saver: Option<Saver>,
    pub(super) board: Board,
}

impl Bootstrapping {
    /// Begins to look for hosts as the settings want it; one sentence where they cannot be followed.
    pub(super) fn start(settings: &Settings, beginning: Beginning) -> Result<Self, String> {
        let names = settings.host_caches().map_err(|unusable| unusable.to_string())?;
        let Beginning { asked, seed, saver, board } = beginning;
        let allow_private = settings.allow_private;
        let plan = Plan {
            rules: Rules { names, announces: true, allow_private },
            asked,
            seed,
            allow_private,
            user_agent: concat!("Filbert/", env!("CARGO_PKG_VERSION")).to_owned(),
            board: board.clone(),
        };
        let (notices, notice_receiver) = mpsc::channel(WAITING_MAX);
        let (command_sender, commands) = mpsc::channel(WAITING_MAX);
        // It ends when nobody tells it anything any more.
        let task = tokio::spawn(run(plan, notice_receiver, command_sender, saver));
        Ok(Self { notices, commands, board, told: None, task })
    }

    /// Ends the search. Whom it has asked is for the next one, which may not ask them sooner for that.
    pub(super) async fn end(self) -> Vec<Asked> {
        let Self { notices, commands, task, .. } = self;
        drop((notices, commands));
        task.await.unwrap_or_default()
    }

    /// How the node stands; only changes are passed on.
    pub(super) fn stand(&mut self, status: &Status) {
        let is_ultrapeer = status.role == crate::control::model::Role::Ultrapeer;
        let reachable_at = match status.advertised {
            Some(std::net::SocketAddr::V4(address)) if is_ultrapeer => Some(address),
            _ => None,
        };
        let standing = Standing {
            hosts: usize::try_from(status.hosts).unwrap_or(usize::MAX),
            ultrapeers: usize::try_from(status.links.ultrapeers).unwrap_or(usize::MAX),
            reachable_at: reachable_at.filter(|_| status.reachable_tcp == Some(true)),
        };
        if self.told.as_ref() != Some(&standing) && self.tell(Notice::Standing(standing)) {
            self.told = Some(standing);
        }
    }

    /// Something that it waits for. False where it has no room for it: then it is lost, and told again.
    pub(super) fn tell(&self, notice: Notice) -> bool {
        self.notices.try_send(notice).is_ok()
    }
}
