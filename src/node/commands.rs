//! What users and programs ask for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::connections::Connection;
use super::let_go::LetGo;
use super::named_caches::NamedCaches;
use super::{Command, Event, LinkId, Network, Node, SearchId, SharedFile};
use crate::base::limits::QUERY_FORWARDED_LEN_MAX;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::base::urn::Urn;
use crate::gnutella::link::Refusal;
use crate::gnutella::wire::{Bye, Guid};
use crate::index::files::File;
use crate::node::host_cache::{Facts, Source};
use crate::promotion::Observation;

/// Why a search ends before it begins.
pub const TOO_MANY_SEARCHES: &str = "too many searches run already";

impl Node {
    pub(super) fn obey(&mut self, command: Command, now: Time) {
        match command {
            Command::Connect(address) => {
                self.let_go.take_back(address);
                self.call(address, true, now);
            }
            Command::ConnectNamed(addresses) => self.call_named(addresses, now),
            Command::TakeBack => {
                self.let_go = LetGo::default();
                self.wake_to_dial(now);
                self.wake_to_dial_supernodes(now);
            }
            Command::Know(hosts) => self.know(&hosts, Source::User, now),
            Command::Remember(hosts) => self.remember(&hosts, now),
            Command::Told { by, hosts } => self.know(&hosts, Source::Peer(by), now),
            Command::AskHostCache(cache) => self.servent.ask_host_cache(cache, now),
            Command::NameHostCaches(caches) => {
                self.named_caches = NamedCaches::of(caches, now).map(Box::new);
            }
            Command::ListenAt(address) => self.listen_at(address),
            Command::Disconnect(link) => {
                self.disconnect_session(link);
                if let Some(slot) = self.connections.slot(link) {
                    self.note_goodbye(slot, now);
                    self.let_go(slot);
                    self.dismiss(slot, Bye::CLOSED_BY_USER, "Closed by the user");
                }
            }
            Command::Share(files) => self.servent.share(files.into_iter().map(file)),
            Command::Offer(offer) => {
                self.offer_in_fasttrack(offer.files(), now);
                self.servent.offer(*offer);
            }
            Command::BeServing(serving) => self.servent.be_serving(serving),
            Command::OfferPartial(part) => self.servent.offer_partial(*part),
            Command::WithdrawPartial(sha1) => self.servent.withdraw_partial(&sha1),
            Command::NameSources { sha1, sources } => self.servent.name_sources(sha1, sources),
            Command::Push { request, servent, index, proxies } => {
                let ways = self.servent.push_servent(servent, index, &proxies, now);
                self.tell(Event::PushSent { request, ways });
            }
            Command::PushFor { request, from, servent, to, index } => {
                let outcome = self.servent.push_for(from, servent, to, index, now);
                self.tell(Event::PushRequested { request, outcome });
            }
            Command::Search { search, words } => {
                self.search(search, &words, now);
                self.search_fasttrack(search, &words, now);
            }
            Command::SearchIn { network: Network::Gnutella, search, words } => {
                self.search(search, &words, now);
            }
            Command::SearchIn { network: Network::FastTrack, search, words } => {
                self.search_fasttrack(search, &words, now);
            }
            Command::EndSearch(search) => {
                self.end_fasttrack_search(search, now);
                for guid in self.guids_of(search) {
                    self.servent.end_search(guid, now);
                    self.forget_search(guid);
                }
            }
            Command::BeRole(policy) => self.be_role(policy, now),
            Command::FastTrack(command) => self.obey_for_fasttrack(command, now),
            Command::ShutDown => self.shut_down(),
        }
    }

    /// A leaf has told which files it shares.
    pub(super) fn announced(&mut self, link: LinkId, files: Vec<SharedFile>) {
        if let Some(slot) = self.connections.slot(link) {
            self.servent.announce(slot, files.into_iter().map(file));
        }
    }

    fn know(&mut self, hosts: &[SocketAddr], source: Source, now: Time) {
        let facts = Facts { is_ultrapeer: true, ..Facts::default() };
        for host in hosts {
            self.hosts.learn(*host, source, facts, &self.filter, now);
        }
        self.wake_to_dial(now);
    }

    fn search(&mut self, search: SearchId, words: &str, now: Time) {
        self.observe(Observation::Searched, now);
        match self.servent.search(&fit_to_ask(words), now) {
            Some(guid) => {
                self.searches.insert(guid, search);
            }
            None => {
                let why = TOO_MANY_SEARCHES;
                self.tell(Event::SearchEnded { search, results: 0, why });
            }
        }
    }

    /// A search of ours is over: how the user calls it.
    pub(super) fn forget_search(&mut self, guid: Guid) -> Option<SearchId> {
        let search = self.searches.remove(&guid);
        if self.searches.is_empty() {
            // An empty map keeps memory.
            self.searches = BTreeMap::new();
        }
        search
    }

    fn guids_of(&self, search: SearchId) -> Vec<Guid> {
        let of_it = self.searches.iter().filter(|(_, other)| **other == search);
        of_it.map(|(guid, _)| *guid).collect()
    }

    fn shut_down(&mut self) {
        self.is_shutting_down = true;
        self.dial_due = None;
        self.shut_fasttrack_down();
        let greetings = self.connections.iter();
        let greetings = greetings.filter(|(_, one)| matches!(one, Connection::Greeting(_)));
        let greetings: Vec<LinkId> = greetings.map(|(link, _)| link).collect();
        for link in greetings {
            self.turn_away(link, Refusal::NO_ROOM, "Shutting down");
        }
        let all: Vec<Slot> = self.servent.neighbours().map(|(slot, _)| slot).collect();
        for slot in all {
            self.dismiss(slot, Bye::SHUTDOWN, "Shutting down");
        }
    }
}

/// Bytes of a query that are not its text: two of flags, and the NUL behind the text.
const AROUND_TEXT: usize = 3;

/// The same where the query is for a content: a separator, and a block of GGEP with PR and SO.
const AROUND_CONTENT: usize = AROUND_TEXT + 12;

/// Words as others take them (QUERY-30): without control characters, and only as many as fit into a
/// query that is passed on. With fewer words more is found, and not less.
fn fit_to_ask(words: &str) -> String {
    let is_shown = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = content_first(words).chars().map(is_shown).collect();
    // A content is asked for with an extension beside it, which needs room too.
    let around = if Urn::parse(first_word(&text)).is_some() { AROUND_CONTENT } else { AROUND_TEXT };
    let most = QUERY_FORWARDED_LEN_MAX.saturating_sub(around).min(text.len());
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let (fitting, rest) = text.split_at_checked(end).unwrap_or((&text, ""));
    let cuts_a_word = !rest.is_empty() && !rest.starts_with(char::is_whitespace);
    let whole = fitting.rfind(char::is_whitespace).filter(|_| cuts_a_word);
    whole.and_then(|end| fitting.get(..end)).unwrap_or(fitting).trim().to_owned()
}

fn first_word(text: &str) -> &[u8] {
    text.split_whitespace().next().unwrap_or_default().as_bytes()
}

/// Where a content is named among the words it is the last that may be left out (QUERY-34).
fn content_first(words: &str) -> Cow<'_, str> {
    let is_content =
        |word: &&str| Urn::parse(word.as_bytes()).is_some_and(|urn| urn.sha1().is_some());
    let Some(content) = words.split_whitespace().find(is_content) else { return words.into() };
    let others = words.split_whitespace().filter(|word| !is_content(word));
    std::iter::once(content).chain(others).collect::<Vec<_>>().join(" ").into()
}

fn file(shared: SharedFile) -> File {
    let SharedFile { name, size, sha1 } = shared;
    File { name: name.into(), size, sha1, ..File::default() }
}
