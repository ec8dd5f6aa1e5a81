use std::collections::BTreeMap;

use super::service::Service;
use super::signals;
use super::uploading::behind;
use crate::control::desk::Request;
use crate::control::model::Status;
use crate::gnutella::wire::Guid;
use crate::runtime::engine::Standing;
use crate::transfer::download::Manners;

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
        if let Some(standing) = self.engine.standing().await {
            self.stand(&standing);
        }
        if let Some(bootstrapping) = &mut self.bootstrapping {
            bootstrapping.stand(&status);
        }
    }

    /// What files say of us: where others reach us, and how.
    pub(super) fn stand(&mut self, standing: &Standing) {
        self.uploading.stand(standing);
        self.downloads.stand(manners(self.uploading.servent(), standing));
    }
}

/// What downloads say of us with each request.
fn manners(servent: Guid, standing: &Standing) -> Manners {
    Manners {
        user_agent: concat!("Filbert/", env!("CARGO_PKG_VERSION")).to_owned(),
        listen: standing.address_if_reached(),
        behind: behind(servent, standing),
        called_at: standing.address_if_not_in_vain(),
        kazaa: standing.kazaa.clone().unwrap_or_default(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fasttrack::http::Sender;

    /// FTHTTP-03
    #[test]
    fn requests_say_who_we_are_on_fasttrack_as_it_is_now() {
        let supernode = Some("198.51.100.1:1214".parse().unwrap());
        let kazaa = Sender { supernode, ..Sender::default() };
        let standing = Standing { kazaa: Some(kazaa.clone()), ..Standing::default() };
        assert_eq!(manners(Guid([7; 16]), &standing).kazaa, kazaa);
    }
}
