use super::service::Service;
use crate::library::scan::{Found, FoundFile, scan};
use crate::node::{Command, SharedFile};

impl Service {
    /// Looks through the folders of the user, who may have many files on a slow disk.
    pub(super) fn share(&self) {
        let (folders, found) = (self.settings.share.clone(), self.shared.0.clone());
        tokio::task::spawn_blocking(move || {
            // A node that has ended offers nothing.
            let _ = found.blocking_send(scan(&folders));
        });
    }

    /// Others may find these files from now on, and no others.
    pub(super) async fn offer(&self, found: Found) {
        let Found { files, unreadable, missing, is_cut } = found;
        for folder in missing {
            tracing::warn!(
                "share: there is no folder {}; nothing of it is shared",
                folder.display()
            );
        }
        if unreadable > 0 {
            tracing::warn!(unreadable, "not everything in the shared folders can be read");
        }
        if is_cut {
            tracing::warn!(files = files.len(), "there are more files than are shared");
        }
        if !files.is_empty() {
            let files = files.len();
            tracing::info!(files, "others find our files; they are not transferred yet");
        }
        let file = |file: FoundFile| SharedFile { name: file.name, size: file.size, sha1: None };
        self.engine.command(Command::Share(files.into_iter().map(file).collect())).await;
    }
}
