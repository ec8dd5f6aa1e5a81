use std::collections::BTreeMap;

use super::service::Service;
use super::signals;
use crate::control::desk::Request;
use crate::control::model::Status;

impl Service {
    /// Writes to the log how the node is.
    pub(super) async fn report(&self) {
        let Ok(status) = self.desk.ask(Request::Status).await else { return };
        tracing::info!("{}", sentence(&status));
        let holdings: BTreeMap<_, _> =
            status.holdings.iter().map(|table| (&*table.what, table.count)).collect();
        tracing::info!(?holdings, totals = ?status.totals, "what it holds and has done");
    }

    pub(super) async fn look(&mut self) {
        let Ok(status) = self.desk.ask(Request::Status).await else { return };
        signals::status(&sentence(&status));
        if let Some(node) = self.uploading.stand(&status, self.settings.advertise.is_some()) {
            self.downloads.set_listen(node);
        }
        if let Some(bootstrapping) = &mut self.bootstrapping {
            bootstrapping.stand(&status);
        }
    }
}

/// How a node is, in one line.
fn sentence(status: &Status) -> String {
    let Status { role, links, hosts, searches, uptime_s, .. } = status;
    format!(
        "{} for {uptime_s} s with {} ultrapeers and {} leaves; {hosts} hosts known, {searches} \
         searches; {}",
        role.as_str(),
        links.ultrapeers,
        links.leaves,
        status.promotion.reason
    )
}
