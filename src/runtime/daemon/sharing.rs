use super::service::Service;
use crate::library::found::LeftOut;
use crate::library::scan::{Own, Step, Walk};
use crate::node::{Command, SharedFile};

/// What is in the folders of the user.
#[derive(Default)]
pub(super) struct Found {
    files: Vec<SharedFile>,
    left_out: LeftOut,
}

impl Service {
    /// Looks through the folders of the user, who may have many files on a slow disk.
    pub(super) fn share(&self) {
        let (folders, found) = (self.settings.share.clone(), self.shared.0.clone());
        let own = Own { home: self.settings.home.clone(), ..Own::default() };
        tokio::task::spawn_blocking(move || {
            let (mut walk, mut all) = (Walk::new(&folders, own), Found::default());
            while let Some(step) = walk.step(&|| true) {
                match step {
                    Step::Listed(listing) => {
                        all.left_out.add(&listing.left_out);
                        let file =
                            |(name, stamp): (std::sync::Arc<str>, crate::library::found::Stamp)| {
                                SharedFile { name: (*name).into(), size: stamp.size, sha1: None }
                            };
                        all.files.extend(listing.files.into_iter().map(file));
                    }
                    Step::Missing(folder) | Step::Own(folder) => tracing::warn!(
                        "share: there is no folder {}; nothing of it is shared",
                        folder.display()
                    ),
                    Step::Stopped => {}
                }
            }
            // A node that has ended offers nothing.
            let _ = found.blocking_send(all);
        });
    }

    /// Others may find these files from now on, and no others.
    pub(super) async fn offer(&self, found: Found) {
        let Found { files, left_out } = found;
        if left_out.unreadable > 0 {
            tracing::warn!(left_out.unreadable, "not everything in the shared folders can be read");
        }
        if !files.is_empty() {
            let files = files.len();
            tracing::info!(files, "others find our files; they are not transferred yet");
        }
        self.engine.command(Command::Share(files)).await;
    }
}
