//! Others who have the file, as sources say it and as we do.

use std::net::{Ipv4Addr, SocketAddr};

use super::Download;
use crate::base::addresses::is_public;
use crate::base::limits::{
    ALTERNATE_STRIKES_MAX, ALTERNATES_TAKEN_MAX, PUSHED_ALTERNATES_TOLD_MAX, SOURCE_PROXIES_MAX,
    SOURCES_MAX,
};
use crate::gnutella::http::{AltHost, PushLocation};
use crate::gnutella::wire::Guid;
use crate::transfer::download::contract::{Finding, Origin, PushWay, SourceId, Why};
use crate::transfer::download::source::{Phase, Source};

impl Download {
    /// A source says who it is, and who passes pushes on to it: what it says last holds.
    pub(super) fn learn_way(
        &mut self,
        id: SourceId,
        servent: Option<Guid>,
        proxies: &[SocketAddr],
    ) {
        let is_of_use = self.rules.is_reachable;
        let Some(source) = self.sources.get_mut(&id).filter(|_| is_of_use) else { return };
        let said = servent.filter(|servent| *servent != Guid::ZERO);
        if let Some(servent) = said.filter(|_| source.finding.push.is_none()) {
            let way = PushWay { servent, index: 0, proxies: Vec::new() };
            source.finding.push = Some(way);
        }
        if let Some(way) = &mut source.finding.push
            && !proxies.is_empty()
        {
            way.proxies = proxies.iter().copied().take(SOURCE_PROXIES_MAX).collect();
        }
    }

    /// Such of the others that have been of use as cannot be called (ALTLOC-04).
    pub(super) fn pushed_for(&self, id: SourceId) -> Vec<PushLocation> {
        let others = self.sources.values().filter(|source| {
            source.id != id && source.useful_len > 0 && source.finding.is_firewalled
        });
        let others = others.filter(|source| !source.is_dropped());
        let allow_private = self.rules.allow_private;
        let located = others.filter_map(|source| location_of(source, allow_private));
        located.take(PUSHED_ALTERNATES_TOLD_MAX).collect()
    }

    /// A source says of others that they have it not. What several say of somebody who has been of no use
    /// yet is believed (HTTP-34): one alone could keep us from all others.
    pub(super) fn strike_gone(&mut self, by: SourceId, gone: &[SocketAddr]) {
        // Where somebody is who has called us, only it says itself: it could be all of them.
        let host = |id: SourceId, download: &Self| {
            let source = download.sources.get(&id).filter(|source| !source.finding.is_firewalled);
            source.map(|source| source.finding.address.ip())
        };
        let own = host(by, self);
        if own.is_none() {
            return;
        }
        for address in gone.iter().take(ALTERNATES_TAKEN_MAX) {
            let known = self.sources.values().find(|source| {
                !source.finding.is_firewalled
                    && source.finding.address == *address
                    && source.useful_len == 0
                    && source.finding.origin != Origin::User
                    && matches!(source.phase, Phase::Away { .. })
            });
            let Some(known) = known.map(|source| source.id) else { continue };
            if self.gone.len() >= SOURCES_MAX && !self.gone.contains_key(address) {
                continue;
            }
            let said = self.gone.get(address).cloned().unwrap_or_default();
            if said.iter().any(|other| *other != by && host(*other, self) == own) {
                continue;
            }
            let said = self.gone.entry(*address).or_default();
            said.insert(by);
            if said.len() >= ALTERNATE_STRIKES_MAX {
                self.gone.remove(address);
                self.drop_source(known, Why::Missing);
            }
        }
    }
}

/// Somebody who cannot be called, as another source tells of it.
pub(super) fn pushed_finding(location: &PushLocation) -> Finding {
    let proxies = location.proxies.iter().map(|host| host.address);
    let proxies: Vec<SocketAddr> = proxies.take(SOURCE_PROXIES_MAX).collect();
    let nowhere = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
    let address = location.address.unwrap_or(nowhere);
    let way = PushWay { servent: location.servent, index: 0, proxies };
    Finding { push: Some(way), is_firewalled: true, ..Finding::by_urn(address, Origin::Alternate) }
}

/// How others reach a source that cannot be called; nothing where only we know a way.
fn location_of(source: &Source, allow_private: bool) -> Option<PushLocation> {
    let is_fit = |address: &SocketAddr| allow_private || is_public(address.ip());
    let PushWay { servent, proxies, .. } = source.finding.push.as_ref()?;
    let proxies = proxies.iter().copied().filter(is_fit).map(AltHost::new);
    let proxies: Vec<AltHost> = proxies.collect();
    let names_itself = source.finding.origin != Origin::User;
    let address = Some(source.finding.address)
        .filter(|address| names_itself && is_fit(address) && address.port() != 0);
    (!proxies.is_empty()).then_some(PushLocation {
        servent: *servent,
        firewall_transfer: None,
        address,
        proxies,
    })
}
