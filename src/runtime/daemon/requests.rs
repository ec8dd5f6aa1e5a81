use super::service::Service;
use crate::control::desk::{Refusal, Request};
use crate::runtime::bootstrap::Board;
use crate::runtime::downloads::Wanted;
use crate::runtime::settings::check_bandwidth;

impl Service {
    /// Does what the API asks and the node does not know.
    pub(super) async fn serve(&mut self, request: Request) {
        match request {
            Request::Configuration(reply) => reply.send(Ok(self.settings.to_json())),
            Request::Reload(reply) => {
                reply.send(self.read_again().await.map_err(Refusal::Invalid));
            }
            Request::LogFilter(reply) => reply.send(Ok(self.log.filter())),
            Request::SetLogFilter(text, reply) => {
                let set = self.log.set_filter(&text).map_err(Refusal::Invalid);
                reply.send(set.map(|()| self.log.filter()));
            }
            Request::Uploads(reply) => reply.send(Ok(self.uploading.uploads.shown())),
            Request::Bandwidth(reply) => reply.send(Ok(self.settings.bandwidth)),
            Request::SetBandwidth(bandwidth, reply) => {
                if let Err(why) = check_bandwidth(bandwidth) {
                    return reply.send(Err(Refusal::Invalid(why)));
                }
                self.settings.bandwidth = bandwidth;
                self.engine.limit(bandwidth).await;
                self.downloads.limit(bandwidth.download_bytes_per_s);
                reply.send(Ok(bandwidth));
            }
            Request::Bootstrap(reply) => {
                let board = self.bootstrapping.as_ref().map(|bootstrapping| &bootstrapping.board);
                reply.send(Ok(board.map_or_else(Vec::new, Board::list)));
            }
            Request::Library { from, limit, words, reply } => {
                self.tell_library(from, limit, words, reply);
            }
            Request::Rescan(reply) => {
                if let Some(shared) = &self.shared {
                    shared.sharing.rescan();
                }
                reply.send(Ok(()));
            }
            Request::Downloads(reply) => reply.send(Ok(self.downloads.all())),
            Request::Download(id, reply) => reply.send(self.downloads.one(id)),
            Request::StartDownload(wanted, reply) => {
                // A hit is looked up in the node, which may take its time.
                let (downloads, desk) = (self.downloads.clone(), self.desk.clone());
                let allow_private = self.settings.allow_private;
                let speaks_fasttrack = self.settings.speaks_fasttrack();
                tokio::spawn(async move {
                    let wanted = Wanted::of(&wanted, &desk, allow_private).await;
                    let wanted = wanted.and_then(|wanted| on_networks(wanted, speaks_fasttrack));
                    reply.send(wanted.and_then(|wanted| downloads.add(wanted)));
                });
            }
            Request::PauseDownload(id, reply) => {
                let downloads = self.downloads.clone();
                tokio::spawn(async move { reply.send(downloads.pause(id).await) });
            }
            Request::ResumeDownload(id, reply) => {
                let downloads = self.downloads.clone();
                tokio::spawn(async move { reply.send(downloads.resume(id).await) });
            }
            Request::CancelDownload(id, reply) => {
                let downloads = self.downloads.clone();
                tokio::spawn(async move { reply.send(downloads.cancel(id).await) });
            }
            Request::ShutDown(reply) => {
                reply.send(Ok(()));
                self.is_ending = true;
            }
            // The node has answered all others.
            other => tracing::debug!(?other, "a request was lost"),
        }
    }
}

/// Where FastTrack is not spoken, nobody could be asked for what it alone knows.
fn on_networks(wanted: Wanted, speaks_fasttrack: bool) -> Result<Wanted, Refusal> {
    if !speaks_fasttrack && wanted.is_of_fasttrack_alone() {
        let why = "FastTrack alone knows this, and this node does not speak it; start it with '--fasttrack on'";
        return Err(Refusal::Invalid(why.to_owned()));
    }
    Ok(wanted)
}
