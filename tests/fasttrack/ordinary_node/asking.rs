//! Searches of an ordinary node, and results that a test makes up.

use filbert::base::slots::Slot;
use filbert::fasttrack::ordinary_node::Output;
use filbert::fasttrack::sought::{SearchId, Sought};
use filbert::fasttrack::wire::{
    Bandwidth, Found, Message, Names, Realm, Results, Search, Tag, TagWriter,
};

use super::lab::{Lab, at, supernode};

pub(super) fn words(words: &str) -> Sought {
    Sought::words(words, Realm::EVERYTHING)
}

pub(super) fn hash(hash: [u8; 20]) -> Sought {
    Sought::hash(&hash)
}

pub(super) fn search(lab: &mut Lab, sought: Sought) -> SearchId {
    let search = SearchId(lab.number());
    lab.node.search(search, sought, lab.now);
    lab.drain();
    search
}

/// What was asked since the last time.
pub(super) fn asked(lab: &mut Lab, slot: Slot) -> Vec<Search> {
    let sent = lab.take_sent(slot).into_iter();
    let searches = sent.filter_map(|message| match message {
        Message::Search(search) => Some(search),
        _ => None,
    });
    searches.collect()
}

pub(super) fn found(number: u8, address: &str) -> Found {
    let tags = TagWriter::new().text(Tag::FILE_NAME, &format!("tune {number}.mp3")).finish();
    Found {
        address: at(address),
        bandwidth: Bandwidth(0x60),
        names: Names::full("bob", "KaZaA"),
        hash: [number; 20],
        file_id: 1,
        size: 5_000,
        tags,
    }
}

pub(super) fn results(id: u16, results: Vec<Found>) -> Message {
    Message::Results(Results { supernode: supernode(9), id, results })
}

/// The results that were told of since the last time.
pub(super) fn told(lab: &mut Lab) -> Vec<(SearchId, Vec<Found>)> {
    let told = lab.all(|output| match output {
        Output::Hits { search, results, supernode: from } => {
            assert_eq!(*from, supernode(9));
            Some((*search, results.clone()))
        }
        _ => None,
    });
    lab.outputs.retain(|(_, output)| !matches!(output, Output::Hits { .. }));
    told.into_iter().map(|(_, told)| told).collect()
}

/// The same, counted.
pub(super) fn counted(lab: &mut Lab) -> Vec<(SearchId, usize)> {
    told(lab).into_iter().map(|(search, results)| (search, results.len())).collect()
}

/// The searches that have ended, after how many milliseconds, and with how many results.
pub(super) fn ended(lab: &Lab) -> Vec<(u64, (SearchId, u32))> {
    lab.all(|output| match output {
        Output::SearchEnded { search, results, .. } => Some((*search, *results)),
        _ => None,
    })
}
