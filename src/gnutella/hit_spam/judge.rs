use std::collections::{BTreeMap, BTreeSet};

use super::memory::{Memory, Sighting};
use super::sought::{Sought, WordBits};
use crate::base::limits::{
    SPAM_ALTERNATES_MAX, SPAM_EXTENSIONS_MIN, SPAM_SAME_REST_MIN, SPAM_SAME_SIZE_MIN,
    SPAM_SEARCHES_MAX, SPAM_SHA1_OCTETS_MIN, SPAM_THINGS_MAX,
};
use crate::gnutella::wire::ggep::Value;
use crate::gnutella::wire::{Guid, Part, QueryHit, Record};
use crate::index::words;

/// Bytes of the XML of a trailer that says nothing: two braces and a NUL.
const EMPTY_XML_LEN: usize = 3;

/// What speaks against a record of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suspicion {
    /// Neither its name nor what it says beside has the words that were asked for, or it is another
    /// content.
    AnswersSomethingElse,
    /// It names more sources than any program does (HIT-36).
    ManySources,
    /// Its SHA-1 is none.
    ImprobableDigest,
    /// The same content, or the same index, is two different files in one hit.
    ContradictsItself,
    /// Searches that have nothing in common find this content, each under a name of its own.
    ContentForAll,
    /// The same with files of this size, of one servent or of several.
    SizeForAll,
    /// Whatever is sought, this servent has a file that is called like that, and nothing else.
    NamedAfterSearches,
}

impl Suspicion {
    /// A word for it, in what is told of a hit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnswersSomethingElse => "answers_something_else",
            Self::ManySources => "many_sources",
            Self::ImprobableDigest => "improbable_digest",
            Self::ContradictsItself => "contradicts_itself",
            Self::ContentForAll => "content_for_all",
            Self::SizeForAll => "size_for_all",
            Self::NamedAfterSearches => "named_after_searches",
        }
    }
}

/// Judges the hits of our own searches.
#[derive(Clone, Debug)]
pub struct HitSpam {
    searches: BTreeMap<Guid, Sought>,
    contents: Memory<[u8; 20]>,
    sizes: Memory<u64>,
    sizes_of_servents: Memory<(Guid, u64)>,
    /// By servent and what stands in its names beside the words that were sought.
    rests: Memory<(Guid, u64)>,
    /// Servents of which names have had another rest.
    varied: Memory<Guid>,
}

/// What is looked at of a record.
#[derive(Debug)]
struct Look {
    folded: String,
    seen: Sighting,
    sha1: Option<[u8; 20]>,
    size: u64,
}

impl Default for HitSpam {
    fn default() -> Self {
        Self::new()
    }
}

impl HitSpam {
    /// No searches yet.
    pub const fn new() -> Self {
        Self {
            searches: BTreeMap::new(),
            contents: Memory::new(SPAM_THINGS_MAX),
            sizes: Memory::new(SPAM_THINGS_MAX),
            sizes_of_servents: Memory::new(SPAM_THINGS_MAX),
            rests: Memory::new(SPAM_THINGS_MAX),
            varied: Memory::new(SPAM_THINGS_MAX),
        }
    }

    /// A search begins. What is sought stands in `words` as the user has written it.
    pub fn start(&mut self, search: Guid, words: &str) {
        if self.searches.len() < SPAM_SEARCHES_MAX {
            self.searches.insert(search, Sought::of(words));
        }
    }

    /// No more hits come for it. What was found is remembered.
    pub fn forget(&mut self, search: Guid) {
        self.searches.remove(&search);
    }

    /// What speaks against each record of a hit, in their order.
    pub fn judge(&mut self, search: Guid, hit: &QueryHit) -> Vec<Option<Suspicion>> {
        let Some(sought) = self.searches.get(&search).cloned() else {
            return vec![None; hit.records.len()];
        };
        let looks: Vec<Look> = hit.records.iter().map(|record| Look::at(record, &sought)).collect();
        let of_hit = against_hit(hit, &looks, &sought);
        let told_beside =
            hit.trailer.as_ref().is_some_and(|trailer| trailer.xml().0.len() > EMPTY_XML_LEN);
        let mut verdicts = Vec::with_capacity(looks.len());
        for (record, look) in hit.records.iter().zip(&looks) {
            let against = against_record(record, look, &sought, told_beside);
            let against_all = self.compare(hit.servent, look, &sought);
            verdicts.push(against.or(of_hit).or(against_all));
        }
        verdicts
    }

    /// What earlier searches say against it. Only what has the words of a search is compared.
    fn compare(&mut self, servent: Guid, look: &Look, sought: &Sought) -> Option<Suspicion> {
        if !sought.has_words() || !sought.is_in(&look.folded) {
            return None;
        }
        let contents = look.sha1.map_or(0, |sha1| self.contents.note(sha1, look.seen));
        let sizes = self.sizes.note(look.size, look.seen);
        let own_sizes = self.sizes_of_servents.note((servent, look.size), look.seen);
        let (rest, is_bare) = rest_of(&look.folded, sought);
        let same_rests = self.rests.note((servent, rest), look.seen);
        let varied = if is_bare { 0 } else { self.varied.note(servent, look.seen) };
        if contents > 0 {
            return Some(Suspicion::ContentForAll);
        }
        if own_sizes > 0 || sizes >= SPAM_SAME_SIZE_MIN {
            return Some(Suspicion::SizeForAll);
        }
        let names_all = same_rests >= SPAM_SAME_REST_MIN && varied == 0;
        names_all.then_some(Suspicion::NamedAfterSearches)
    }
}

impl Look {
    fn at(record: &Record, sought: &Sought) -> Self {
        let folded = words::fold(&String::from_utf8_lossy(&record.name));
        let name = WordBits::of(words::words(&folded));
        let sha1 = record.extensions.urns().find_map(|urn| urn.sha1().copied());
        let seen = Sighting { search: sought.bits, name };
        Self { seen, sha1, size: record.file_size(), folded }
    }
}

/// What a record alone says against itself.
fn against_record(
    record: &Record,
    look: &Look,
    sought: &Sought,
    told_beside: bool,
) -> Option<Suspicion> {
    let is_improbable = |sha1: [u8; 20]| BTreeSet::from(sha1).len() < SPAM_SHA1_OCTETS_MIN;
    if look.sha1.is_some_and(is_improbable) {
        return Some(Suspicion::ImprobableDigest);
    }
    if alternates(record) > SPAM_ALTERNATES_MAX {
        return Some(Suspicion::ManySources);
    }
    let is_other = !sought.is_named_by(record.extensions.urns())
        || !(sought.is_in(&look.folded) || told_beside || says_it_beside(record, sought));
    is_other.then_some(Suspicion::AnswersSomethingElse)
}

fn alternates(record: &Record) -> usize {
    let count = |id| match record.extensions.value(id) {
        Some(Value::Addresses(list)) => list.len(),
        Some(Value::Addresses6(list)) => list.len(),
        _ => 0,
    };
    count("ALT").saturating_add(count("ALT6"))
}

/// Whether what stands beside the name can be why the record was found: where the file lies, or what it
/// says of itself.
fn says_it_beside(record: &Record, sought: &Sought) -> bool {
    let has_xml = record.extensions.parts().any(|(_, part)| matches!(part, Part::Xml(_)));
    let path = match record.extensions.value("PATH") {
        Some(Value::Text(path)) => words::fold(&path),
        _ => String::new(),
    };
    let name = words::fold(&String::from_utf8_lossy(&record.name));
    has_xml || record.extensions.find("<").is_some() || sought.is_in(&format!("{path}/{name}"))
}

/// What the records of a hit say against each other.
fn against_hit(hit: &QueryHit, looks: &[Look], sought: &Sought) -> Option<Suspicion> {
    let (mut contents, mut indices) = (BTreeMap::new(), BTreeMap::new());
    for (record, look) in hit.records.iter().zip(looks) {
        let is_new_size = look.sha1.is_some_and(|sha1| {
            contents.insert(sha1, look.size).is_some_and(|size| size != look.size)
        });
        let before = indices.insert(record.index, (look.sha1, look.size));
        if is_new_size || before.is_some_and(|before| before != (look.sha1, look.size)) {
            return Some(Suspicion::ContradictsItself);
        }
    }
    if !sought.has_words() {
        return None;
    }
    let bare =
        looks.iter().filter(|look| sought.is_in(&look.folded) && rest_of(&look.folded, sought).1);
    let extensions: BTreeSet<&str> =
        bare.filter_map(|look| Some(look.folded.rsplit_once('.')?.1)).collect();
    (extensions.len() >= SPAM_EXTENSIONS_MIN).then_some(Suspicion::NamedAfterSearches)
}

/// The words of a name that were not sought, as a number; and whether there are none but the extension.
fn rest_of(folded: &str, sought: &Sought) -> (u64, bool) {
    let extension = folded.rsplit_once('.').map_or("", |(_, extension)| extension);
    let (mut rest, mut is_bare) = (0xcbf2_9ce4_8422_2325_u64, true);
    for word in words::words(folded).filter(|word| !sought.has(word)) {
        is_bare &= word == extension;
        for byte in word.bytes().chain([b' ']) {
            rest = (rest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    (rest, is_bare)
}
