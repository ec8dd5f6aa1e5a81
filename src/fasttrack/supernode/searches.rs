//! Searches of children and of ourselves, from the first look into the index to the 0x08.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;

use bytes::Bytes;

use super::child::Child;
use super::{Key, Output, Supernode};
use crate::base::limits::{
    FASTTRACK_CHILD_FORWARDED_MAX, FASTTRACK_FORWARDED_MAX, FASTTRACK_SEARCH_RESULTS_MAX,
};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::fasttrack::sought::{SearchId, Sought, is_of_use};
use crate::fasttrack::wire::{Found, FoundRef, Message, Names, Results, Search, TagList, pack};

/// Searches that were forwarded and have not ended.
#[derive(Debug, Default)]
pub(super) struct Searches {
    forwarded: BTreeMap<Key, Forwarded>,
    last: u32,
}

#[derive(Clone, Copy, Debug)]
struct Forwarded {
    asker: Asker,
    /// Results that are wanted still.
    left: u16,
    /// Results that there were.
    told: u32,
}

/// For whom it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Child { slot: Slot, id: u16 },
    Us(SearchId),
}

/// A search of a child that was forwarded, with the id that the child has given it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    id: u16,
    key: Key,
}

impl Supernode {
    /// A search of a child: results of its own index first, then those of others. How much work that was.
    pub(super) fn search(&mut self, slot: Slot, search: &Search) -> u32 {
        // A new one with the id of one that runs takes its place without a word (FTSUPER-14).
        self.drop_search(slot, search.id);
        let Search { max, realm, terms, .. } = search;
        let sought = Sought { max: *max, realm: *realm, terms: terms.clone() };
        self.begin(Asker::Child { slot, id: search.id }, sought)
    }

    /// A search of ours.
    pub fn search_own(&mut self, search: SearchId, sought: Sought) -> u32 {
        self.begin(Asker::Us(search), sought)
    }

    /// Nobody wants more results of a search of ours.
    pub fn end_own(&mut self, search: SearchId) {
        let mut forwarded = self.searches.forwarded.iter();
        let is_it = |(_, one): &(&Key, &Forwarded)| one.asker == Asker::Us(search);
        if let Some(key) = forwarded.find(is_it).map(|(key, _)| *key) {
            self.out.push_back(Output::EndForward { key });
            self.search_ended(key);
        }
    }

    /// How many searches are forwarded.
    pub fn forwarded_len(&self) -> usize {
        self.searches.forwarded.len()
    }

    /// Another supernode has answered a search that was forwarded. No more is told than was wanted
    /// (FTSUPER-13), and it is told whose index it is from (FTSUPER-15).
    pub fn add_results(&mut self, key: Key, results: &Results) {
        let Some(forwarded) = self.searches.forwarded.get_mut(&key) else { return };
        let count = u16::try_from(results.results.len()).unwrap_or(u16::MAX).min(forwarded.left);
        forwarded.left = forwarded.left.saturating_sub(count);
        forwarded.told = forwarded.told.saturating_add(count.into());
        let (asker, is_over) = (forwarded.asker, forwarded.left == 0);
        let found = results.to_send_on().take(count.into());
        self.out.extend(tell(asker, results.supernode, found));
        if is_over {
            self.out.push_back(Output::EndForward { key });
            self.search_ended(key);
        }
    }

    /// No other supernode has more results of a search that was forwarded.
    pub fn search_ended(&mut self, key: Key) {
        let Some(Forwarded { asker, told, .. }) = self.searches.forwarded.remove(&key) else {
            return;
        };
        if let Asker::Child { slot, .. } = asker
            && let Some(child) = self.children.get_mut(slot)
        {
            child.running.retain(|running| running.key != key);
        }
        self.end(asker, told);
    }

    /// A search that cannot be read beyond its id has an end all the same.
    pub(super) fn end_malformed(&mut self, slot: Slot, payload: &[u8]) {
        if let Some(id) = Search::id_of(payload).filter(|_| self.children.get(slot).is_some()) {
            self.drop_search(slot, id);
            self.end(Asker::Child { slot, id }, 0);
        }
    }

    /// The searches of a child that is gone.
    pub(super) fn drop_searches_of(&mut self, child: &Child) {
        for Running { key, .. } in &child.running {
            self.searches.forwarded.remove(key);
            self.out.push_back(Output::EndForward { key: *key });
        }
    }

    fn begin(&mut self, asker: Asker, sought: Sought) -> u32 {
        let but = match asker {
            Asker::Child { slot, .. } => Some(slot),
            Asker::Us(_) => None,
        };
        let (found, looks) = self.find(&sought, but);
        let max = sought.max.min(FASTTRACK_SEARCH_RESULTS_MAX);
        let count = u16::try_from(found.len()).unwrap_or(u16::MAX);
        let left = max.saturating_sub(count);
        let told: Vec<_> = tell(asker, self.own.address, found.iter());
        self.out.extend(told);
        let forwarded = Forwarded { asker, left, told: count.into() };
        match self.forward(forwarded) {
            Some(key) => {
                self.out.push_back(Output::Forward { key, sought: Sought { max: left, ..sought } });
            }
            None => self.end(asker, count.into()),
        }
        looks
    }

    /// Notes that a search is forwarded, where more is wanted and nobody asks for too much.
    fn forward(&mut self, forwarded: Forwarded) -> Option<Key> {
        let searches = &mut self.searches;
        if forwarded.left == 0 || searches.forwarded.len() >= FASTTRACK_FORWARDED_MAX {
            return None;
        }
        let key = Key(searches.last.wrapping_add(1));
        if let Asker::Child { slot, id } = forwarded.asker {
            let child = self.children.get_mut(slot)?;
            if child.running.len() >= FASTTRACK_CHILD_FORWARDED_MAX {
                return None;
            }
            child.running.push(Running { id, key });
        }
        searches.last = key.0;
        searches.forwarded.insert(key, forwarded);
        Some(key)
    }

    /// Nobody hears of a search of a child any more, whose id belongs to another one (FTSUPER-14).
    pub fn drop_search(&mut self, slot: Slot, id: u16) {
        let Some(child) = self.children.get_mut(slot) else { return };
        let Some(place) = child.running.iter().position(|running| running.id == id) else { return };
        let Running { key, .. } = child.running.swap_remove(place);
        self.searches.forwarded.remove(&key);
        self.out.push_back(Output::EndForward { key });
    }

    fn end(&mut self, asker: Asker, results: u32) {
        if mutant!(EndsSearchesTwice)
            && let Asker::Child { slot, id } = asker
        {
            self.send(slot, Message::SearchEnd { id });
        }
        match asker {
            Asker::Us(search) => self.out.push_back(Output::SearchEnded { search, results }),
            Asker::Child { .. } if mutant!(EndsNoSearch) && results == 0 => {}
            Asker::Child { slot, id } => self.send(slot, Message::SearchEnd { id }),
        }
    }
}

/// Results of one index, as they are told (FTSEARCH-10).
fn tell<'a>(
    asker: Asker,
    supernode: SocketAddrV4,
    found: impl Iterator<Item = FoundRef<'a>>,
) -> Vec<Output> {
    match asker {
        Asker::Child { slot, id } => {
            let frames = pack(supernode, id, found);
            frames.map(|frame| Output::Results { slot, frame }).collect()
        }
        Asker::Us(search) => {
            let results: Vec<_> = found.filter_map(kept).filter(is_of_use).collect();
            let is_news = !results.is_empty();
            is_news.then_some(Output::Hits { search, supernode, results }).into_iter().collect()
        }
    }
}

/// The same with memory of its own.
fn kept(found: FoundRef<'_>) -> Option<Found> {
    let FoundRef { address, bandwidth, user, network, hash, file_id, size, tags } = found;
    let names = Names::full(&user, &network);
    let tags = TagList::decode(&Bytes::copy_from_slice(tags)).ok()?;
    Some(Found { address, bandwidth, names, hash, file_id, size, tags })
}
