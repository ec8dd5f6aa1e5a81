//! Searches of downloads for those who have the file.

use std::net::{IpAddr, SocketAddr};

use super::Memory;
use crate::base::addresses::is_public;
use crate::base::file_name::SafeName;
use crate::base::kazaa_hash::UuHash;
use crate::base::urn::Urn;
use crate::fasttrack::sought::Sought;
use crate::fasttrack::wire::{Found, Names, Tag, harmless_user};
use crate::gnutella::wire::ggep::Value;
use crate::gnutella::wire::{QueryHit, Record, Trailer, TrailerFlags};
use crate::node::fasttrack as part;
use crate::node::{Command, Input, Network, SearchId};
use crate::transfer::download::{self, Finding, KazaaHost, Origin, PushWay};

impl Memory {
    pub(super) fn seek(&mut self, fetch: usize) {
        let Some(own) = self.fetches.all.get(fetch) else { return };
        let intent = own.download.intent();
        let named = (!intent.is_nameless()).then_some(intent.name.as_str());
        let network = self.network;
        let search = SearchId(self.next_search.wrapping_add(1));
        let command = match (network, intent.known_by.sha1(), intent.known_by.kazaa()) {
            (Network::Gnutella, Some(sha1), _) => {
                let words = named.unwrap_or("").split(|letter: char| !letter.is_alphanumeric());
                let words: Vec<_> = words.filter(|word| word.len() >= 3).collect();
                let words = format!("{} {}", Urn::Sha1(sha1), words.join(" "));
                Command::SearchIn { network, search, words }
            }
            (Network::FastTrack, _, Some(kazaa)) => {
                let sought = Sought::hash(&kazaa.uuhash.0);
                Command::FastTrack(part::Command::Search { search, sought })
            }
            _ => return,
        };
        self.next_search = search.0;
        self.fetches.searches.insert(search, fetch);
        self.for_node.push_back(Input::Command(command));
    }

    /// Somebody has answered a search of ours.
    pub(super) fn find(&mut self, search: SearchId, hit: &QueryHit) {
        let Some((fetch, own)) = self.fetches.that_searched(search) else { return };
        let wanted = own.download.intent().known_by.sha1();
        let records =
            hit.records.iter().filter(|record| wanted.is_some() && sha1(record) == wanted);
        let findings: Vec<_> = records.map(|record| finding(hit, record)).collect();
        self.tell_all(fetch, findings);
    }

    /// The same in FastTrack.
    pub(super) fn find_in_fasttrack(&mut self, search: SearchId, told: &part::Event) {
        let part::Event::Hits { supernode, results, .. } = told else { return };
        let Some((fetch, own)) = self.fetches.that_searched(search) else { return };
        let wanted = own.download.intent().known_by.kazaa().map(|kazaa| kazaa.uuhash);
        let is_it = |found: &&Found| Some(UuHash(found.hash)) == wanted;
        let findings = results.iter().filter(is_it).filter_map(|found| {
            let name = found.tags.text(Tag::FILE_NAME).filter(|name| !name.is_empty())?;
            let user = match &found.names {
                Names::Full { user, .. } => harmless_user(user).into_owned(),
                Names::Same => String::new(),
            };
            let supernode = Some(*supernode);
            let host = KazaaHost { user, supernode, ..KazaaHost::unknown(UuHash(found.hash)) };
            Some(Finding {
                is_firewalled: found.address.port() == 0
                    || !is_public((*found.address.ip()).into()),
                name: Some(SafeName::from_remote(&name).as_str().to_owned()),
                ..Finding::of_kazaa(found.address, host, Origin::Hit)
            })
        });
        let findings: Vec<_> = findings.collect();
        self.tell_all(fetch, findings);
    }

    fn tell_all(&mut self, fetch: usize, findings: Vec<Finding>) {
        for finding in findings {
            self.turn_fetch(fetch, Some(download::Input::Found(finding)));
        }
    }
}

fn sha1(record: &Record) -> Option<[u8; 20]> {
    record.extensions.urns().find_map(|urn| urn.sha1().copied())
}

fn finding(hit: &QueryHit, record: &Record) -> Finding {
    let flags = hit.trailer.as_ref().and_then(Trailer::flags);
    let extensions = hit.trailer.as_ref().map(Trailer::extensions);
    let proxies = match extensions.and_then(|extensions| extensions.value("PUSH")) {
        Some(Value::Addresses(list)) => list.into_iter().map(SocketAddr::V4).collect(),
        _ => Vec::new(),
    };
    let address = SocketAddr::new(IpAddr::V4(hit.address), hit.port);
    Finding {
        push: Some(PushWay { servent: hit.servent, index: record.index, proxies }),
        is_firewalled: flags.and_then(TrailerFlags::push).unwrap_or(false),
        name: Some(
            SafeName::from_remote(&String::from_utf8_lossy(&record.name)).as_str().to_owned(),
        ),
        ..Finding::by_urn(address, Origin::Hit)
    }
}
