use data_encoding::BASE32_NOPAD;

use super::shared::Shared;
use super::task::Task;
use crate::control::model::{self, DownloadState, Happening};
use crate::transfer::download::{Download, Progress, State};

impl Task {
    pub(super) fn became(&mut self, state: &State) {
        self.offer();
        if !matches!(state, State::Fetching | State::Queued | State::Verifying) {
            self.leave_turn();
        }
        let view = self.shown();
        self.view.send_replace(view.clone());
        let desk = &self.shared.desk;
        match state {
            State::Finished { .. } => desk.tell(Happening::DownloadFinished(view)),
            _ => desk.tell(Happening::DownloadChanged(view)),
        }
    }

    pub(super) fn tell(&mut self) {
        self.offer();
        let view = self.shown();
        self.view.send_if_modified(|old| {
            let is_new = *old != view;
            old.clone_from(&view);
            is_new
        });
    }

    pub(super) fn shown(&self) -> model::Download {
        shown(self.id, &self.download, &self.shared)
    }
}

/// A download, as people see it.
pub(super) fn shown(id: u64, download: &Download, shared: &Shared) -> model::Download {
    let Progress {
        state, size, done_len, verified_len, bytes_per_s, sources, sending, queued, ..
    } = download.progress();
    let intent = download.intent();
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let (name, path) = match &state {
        State::Finished { name } => {
            (name.clone(), Some(shared.folder().join(name).to_string_lossy().into_owned()))
        }
        _ => (download.name().to_owned(), None),
    };
    model::Download {
        id,
        name,
        sha1: download.sha1().map(|sha1| BASE32_NOPAD.encode(&sha1)),
        uuhash: intent.known_by.kazaa().map(|kazaa| kazaa.uuhash.to_string()),
        unverified: !intent.is_of_all_bytes(size),
        why: if let State::Stuck(why) = &state { Some(why.clone()) } else { None },
        state: word(&state),
        size,
        done_bytes: done_len,
        verified_bytes: verified_len,
        bytes_per_s,
        sources: count(sources),
        sending: count(sending),
        queued: count(queued),
        path,
    }
}

const fn word(state: &State) -> DownloadState {
    match state {
        State::Fetching => DownloadState::Fetching,
        State::Queued => DownloadState::Queued,
        State::Paused => DownloadState::Paused,
        State::Stuck(_) => DownloadState::Stuck,
        State::Verifying => DownloadState::Verifying,
        State::Finished { .. } => DownloadState::Finished,
        State::Cancelled => DownloadState::Cancelled,
    }
}
