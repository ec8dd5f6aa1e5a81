use std::net::SocketAddr;

use super::errand::{Errand, Kept, Standing};
use super::fasttrack::no_part;
use super::owner::Owner;
use super::peers::{in_words_of_gnutella, role};
use super::searches::{WORDS_LEN_MAX, is_of_fasttrack_alone, sought};
use crate::base::time::Time;
use crate::control::desk::{Refusal, Request};
use crate::control::model::{
    self, Happening, Holding, Host, HostQuality, Links, Network, PeerId, Promotion, Search,
    SearchId, SearchState, StartSearch, Status,
};
use crate::gnutella::link::Profile;
use crate::gnutella::servent::Lost;
use crate::index;
use crate::node::host_cache::Quality;
use crate::node::{self, Command, Input, LinkId, fasttrack};

impl Owner {
    /// Does what the API asks.
    pub(super) fn serve(&mut self, request: Request) {
        let now = self.hall.clock.now();
        match request {
            Request::Status(reply) => reply.send(Ok(self.status(now))),
            Request::Peers(reply) => reply.send(Ok(self.peers(now))),
            Request::Connect(network, address, reply) => {
                reply.send(self.connect(network, address));
            }
            Request::Disconnect(id, reply) => reply.send(self.disconnect(id)),
            Request::Hosts(reply) => reply.send(Ok(self.hosts(now))),
            Request::AddHosts(Network::FastTrack, hosts, reply) => {
                reply.send(self.know_supernodes(&hosts));
            }
            Request::AddHosts(Network::Gnutella, hosts, reply) => {
                self.command(Command::Know(hosts));
                reply.send(Ok(()));
            }
            Request::Searches(reply) => reply.send(Ok(self.front.searches.all(now))),
            Request::StartSearch(wanted, reply) => reply.send(self.search(&wanted, now)),
            Request::Search(id, reply) => reply.send(self.front.searches.one(id, now)),
            Request::Hits { search, from, reply } => {
                reply.send(self.front.searches.hits(search, from));
            }
            Request::StopSearch(id, reply) => {
                let stopped = self.stop_search(id, now);
                reply.send(stopped.and_then(|()| self.front.searches.one(id, now)));
            }
            Request::EndSearch(id, reply) => {
                let stopped = self.stop_search(id, now);
                reply.send(stopped.and_then(|()| self.front.searches.remove(id)));
            }
            Request::Browse(address, reply) => reply.send(self.browse(address, now)),
            // The node does not know of these.
            request => {
                // Whoever has no room for it loses it, and the API says that nobody answered.
                let _ = self.front.elsewhere.try_send(request);
            }
        }
    }

    /// Does what the rest of the program wants.
    pub(super) fn run_errand(&mut self, errand: Errand) {
        let now = self.hall.clock.now();
        match errand {
            Errand::Command(command) => self.command(command),
            Errand::CallbackEnded { address, how } => {
                self.handle(Input::CallbackEnded { address, how }, now);
            }
            Errand::GiveEnded { to, how } => {
                self.handle_session(fasttrack::Input::CalledBack { to, how }, now);
            }
            Errand::PushOver { number } => {
                self.handle_session(fasttrack::Input::PushOver { number }, now);
            }
            Errand::Observe(observation) => self.handle(Input::Observed(observation), now),
            Errand::Limit(bandwidth) => self.hall.line.set(bandwidth),
            Errand::SearchesBefore(last) => self.front.searches.go_on_after(last),
            Errand::ShutDown => self.shut_down(),
            Errand::Keep(reply) => {
                let _ = reply.send(self.keep(now));
            }
            Errand::Stand(reply) => {
                let _ = reply.send(self.standing());
            }
        }
    }

    fn standing(&self) -> Standing {
        let servent = self.node.servent();
        Standing {
            address: servent.settings().listen,
            is_reached: if servent.is_reachable() { Some(true) } else { servent.reached_by().0 },
            proxies: servent.own_push_proxies().collect(),
            kazaa: self.node.fasttrack_sender(),
        }
    }

    /// What the next run should know.
    pub(super) fn keep(&self, now: Time) -> Kept {
        let speaks_fasttrack = self.node.fasttrack_role().is_some();
        Kept {
            hosts: self.node.export_hosts(now),
            supernodes: speaks_fasttrack.then(|| self.node.export_supernodes(now)),
            record: self.node.record(now),
            fasttrack_record: self.node.fasttrack_record(now),
            searches: self.front.searches.last(),
        }
    }

    /// The same at the end.
    pub(super) fn keep_last(&self) -> Kept {
        self.keep(self.hall.clock.now())
    }

    /// What we say of ourselves in handshakes.
    pub(super) fn profile(&self) -> Profile {
        Profile { upgrades_to_tls: self.hall.securer.is_some(), ..self.node.profile() }
    }

    fn connect(&mut self, network: Network, address: SocketAddr) -> Result<(), Refusal> {
        if address.port() == 0 || address.ip().is_unspecified() {
            let why = format!("{address} is no address to call; name HOST:PORT");
            return Err(Refusal::Invalid(why));
        }
        // Whoever is linked already would only refuse another link.
        match network {
            Network::Gnutella if self.is_linked(address) => {}
            Network::Gnutella => self.command(Command::Connect(address)),
            Network::FastTrack => self.connect_supernode(address)?,
        }
        Ok(())
    }

    /// Whether there is a link to whoever takes connections there.
    fn is_linked(&self, address: SocketAddr) -> bool {
        let mut neighbours = self.node.servent().neighbours();
        neighbours.any(|(_, neighbour)| {
            neighbour.address == address || neighbour.listen() == Some(address)
        })
    }

    fn disconnect(&mut self, id: PeerId) -> Result<(), Refusal> {
        let link = LinkId(id.0);
        if self.node.slot(link).is_none() && self.node.fasttrack_slot(link).is_none() {
            return Err(Refusal::NotFound(format!("there is no peer {id}; see the list of peers")));
        }
        self.command(Command::Disconnect(link));
        Ok(())
    }

    fn search(&mut self, wanted: &StartSearch, now: Time) -> Result<Search, Refusal> {
        let words = &*sought(&wanted.words)?;
        let only = is_of_fasttrack_alone(words).then_some(Network::FastTrack);
        let networks = self.networks_for(wanted.network.or(only))?;
        if words.len() > WORDS_LEN_MAX {
            let why = format!("{WORDS_LEN_MAX} bytes of words are enough; name fewer");
            return Err(Refusal::Invalid(why));
        }
        if index::words::words(&index::words::fold(words)).next().is_none() {
            return Err(Refusal::Invalid("name words of letters or digits to look for".to_owned()));
        }
        let id = self.front.searches.begin(words, &networks, now)?;
        for network in networks {
            let (search, words) = (node::SearchId(id.0), words.to_owned());
            let network = match network {
                Network::Gnutella => node::Network::Gnutella,
                Network::FastTrack => node::Network::FastTrack,
            };
            self.command(Command::SearchIn { network, search, words });
        }
        let search = self.front.searches.one(id, now)?;
        if search.why.as_deref() == Some(node::TOO_MANY_SEARCHES) {
            self.front.searches.remove(id)?;
            let why = format!("{}; end one of them first", node::TOO_MANY_SEARCHES);
            return Err(Refusal::Unavailable(why));
        }
        self.front.happen(Happening::SearchStarted { search: id, words: words.to_owned() });
        Ok(search)
    }

    /// Where to look.
    fn networks_for(&self, wanted: Option<Network>) -> Result<Vec<Network>, Refusal> {
        let has_fasttrack = self.node.fasttrack_role().is_some();
        match wanted {
            None if has_fasttrack => Ok(vec![Network::Gnutella, Network::FastTrack]),
            Some(Network::FastTrack) if !has_fasttrack => Err(no_part()),
            wanted => Ok(vec![wanted.unwrap_or_default()]),
        }
    }

    /// Nobody is asked any more. What was found is kept.
    fn stop_search(&mut self, id: SearchId, now: Time) -> Result<(), Refusal> {
        let Search { state, hits, .. } = self.front.searches.one(id, now)?;
        self.browsing.end(id);
        self.command(Command::EndSearch(node::SearchId(id.0)));
        if state == SearchState::Running {
            let results = u32::try_from(hits).unwrap_or(u32::MAX);
            let why = "it was not wanted any more".to_owned();
            self.front.searches.ended(id, why.clone(), now);
            self.front.happen(Happening::SearchEnded { search: id, results, why });
        }
        Ok(())
    }

    fn hosts(&self, now: Time) -> Vec<Host> {
        let of_gnutella = self.node.export_hosts(now).into_iter();
        let of_gnutella = of_gnutella.map(|host| (Network::Gnutella, host));
        let supernodes = self.node.export_supernodes(now).into_iter();
        of_gnutella
            .chain(supernodes.map(|host| (Network::FastTrack, host)))
            .map(|(network, host)| Host {
                network,
                address: host.address,
                quality: match host.quality {
                    Quality::Proven => HostQuality::Proven,
                    Quality::Met => HostQuality::Met,
                    Quality::Hearsay => HostQuality::Hearsay,
                },
                ultrapeer: host.is_ultrapeer,
                age_s: host.age_s,
            })
            .collect()
    }

    fn status(&self, now: Time) -> Status {
        let (reachable_tcp, reachable_udp) = self.node.servent().reached_by();
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            role: role(self.node.role()),
            role_wanted: self.node.role_policy().as_str().to_owned(),
            uptime_s: now.since(Time::ZERO).as_secs(),
            servent_id: self.node.guid().to_string(),
            listen: vec![self.listen],
            advertised: self.node.servent().settings().listen,
            reachable_tcp,
            reachable_udp,
            links: self.count_links(),
            fasttrack: self.fasttrack_status(),
            promotion: self.promotion(now),
            hosts: self.node.known_hosts().count() as u64,
            searches: self.front.searches.running() as u64,
            totals: self.totals(),
            holdings: self.holdings(),
        }
    }

    fn count_links(&self) -> Links {
        let neighbours = self.node.servent().neighbours();
        let (mut leaves, mut ultrapeers) = (0_u32, 0_u32);
        for (_, neighbour) in neighbours {
            let count = if neighbour.is_leaf() { &mut leaves } else { &mut ultrapeers };
            *count = count.saturating_add(1);
        }
        let total = leaves.saturating_add(ultrapeers);
        let connections = u32::try_from(self.links.len()).unwrap_or(u32::MAX);
        Links { leaves, ultrapeers, total, greeting: connections.saturating_sub(total) }
    }

    fn promotion(&self, now: Time) -> Promotion {
        let reason = in_words_of_gnutella(&self.node.explain_role(now));
        Promotion { eligible: self.node.is_eligible(now), reason }
    }

    fn totals(&self) -> model::Totals {
        let mut totals = self.front.totals;
        let (received, sent) = (self.hall.totals.received(), self.hall.totals.sent());
        totals.received_bytes = totals.received_bytes.saturating_add(received);
        totals.sent_bytes = totals.sent_bytes.saturating_add(sent);
        totals.dropped_datagrams = self.hall.inbox.lost();
        let Lost { dropped, shed } = self.node.servent().lost();
        (totals.dropped_messages, totals.shed_messages) = (dropped, shed);
        totals
    }

    fn holdings(&self) -> Vec<Holding> {
        let holdings = self.node.holdings();
        holdings
            .map(|holding| Holding {
                what: holding.what.to_owned(),
                count: holding.count as u64,
                count_max: holding.count_max as u64,
            })
            .collect()
    }
}
