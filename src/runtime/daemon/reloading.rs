use tokio::time::Instant;

use super::service::Service;
use super::signals;
use crate::control::model::{Changed, Happening};
use crate::node::{Command, fasttrack};
use crate::promotion::Observation;
use crate::runtime::bootstrap::Board;

impl Service {
    /// Reads the configuration again, and says what has changed.
    pub(super) async fn read_again(&mut self) -> Result<Changed, String> {
        signals::reloading();
        let outcome = self.reload_settings().await;
        signals::ready();
        outcome
    }

    async fn reload_settings(&mut self) -> Result<Changed, String> {
        let new = (self.reload)().map_err(|problems| problems.to_string())?;
        let changes = self.settings.changes(&new);
        let settings = self.settings.reloaded(&new);
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        if settings.log.filter != self.settings.log.filter {
            self.log.set_filter(&settings.log.filter)?;
        }
        if settings.fasttrack.role != self.settings.fasttrack.role {
            let role = fasttrack::Command::BeRole(settings.fasttrack.role);
            self.engine.command(Command::FastTrack(role)).await;
        }
        if settings.role != self.settings.role {
            self.engine.command(Command::BeRole(settings.role)).await;
        }
        if let Some(upload) = settings.promised_upload_bytes_per_s {
            self.engine.observe(Observation::Claimed { upload }).await;
        }
        if settings.bandwidth != self.settings.bandwidth {
            self.engine.limit(settings.bandwidth).await;
            self.downloads.limit(settings.bandwidth.download_bytes_per_s);
        }
        self.engine.command(Command::TakeBack).await;
        self.friends.name(&settings, Instant::now());
        self.name_supernodes(&[]).await;
        let looks_elsewhere = settings.bootstrap != self.settings.bootstrap;
        self.settings = settings;
        self.allow_uploads();
        // Files come and go without the settings being changed.
        self.share();
        if looks_elsewhere {
            let board = match self.bootstrapping.take() {
                Some(before) => {
                    let board = before.board.clone();
                    self.asked = before.end().await;
                    board
                }
                None => Board::new(self.desk.clone()),
            };
            self.bootstrap(board);
        }
        self.desk.tell(Happening::Reloaded(changes.clone()));
        let Changed { changed, at_next_start } = &changes;
        let (changed, at_next_start) = (changed.join(", "), at_next_start.join(", "));
        tracing::info!(changed, at_next_start, "the configuration was read again");
        Ok(changes)
    }
}
