//! Hits that are made for whoever searches, and those that are not.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use bytes::Bytes;
use filbert::base::limits::{
    SPAM_ALTERNATES_MAX, SPAM_EXTENSIONS_MIN, SPAM_NAMES_MAX, SPAM_SAME_REST_MIN,
    SPAM_SAME_SIZE_MIN, SPAM_SEARCHES_MAX, SPAM_SHA1_OCTETS_MIN, SPAM_THINGS_MAX,
};
use filbert::base::urn::Urn;
use filbert::gnutella::hit_spam::{HitSpam, Suspicion};
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::{AreaWriter, Guid, QueryHit, Record};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

fn search(number: usize) -> Guid {
    Guid((number as u128 | 1 << 100).to_be_bytes())
}

fn servent(number: usize) -> Guid {
    Guid((number as u128 | 1 << 90).to_be_bytes())
}

/// A digest as real ones are: no two octets alike.
fn digest(number: u64) -> [u8; 20] {
    let mut rng = ChaCha8Rng::seed_from_u64(number);
    std::array::from_fn(|_| rng.random())
}

#[derive(Clone, Debug)]
struct Named {
    name: String,
    size: u32,
    sha1: [u8; 20],
    sources: usize,
}

fn file(name: &str, number: u64) -> Named {
    let size = 3_000_000 + u32::try_from(number * 7_919 % 3_000_017).unwrap();
    Named { name: name.to_owned(), size, sha1: digest(number), sources: 0 }
}

fn record(index: usize, file: &Named) -> Record {
    let mut area = AreaWriter::new();
    area.put_urn(&Urn::Sha1(file.sha1));
    let sources = (0..file.sources).map(|number| {
        let ip = Ipv4Addr::from(0x0505_0505 + u32::try_from(number).unwrap());
        std::net::SocketAddrV4::new(ip, 6_346)
    });
    let mut writer = Writer::new();
    if file.sources > 0 {
        let value = Value::Addresses(sources.collect());
        writer.put_value("ALT", Place::Record, &value).unwrap();
    }
    area.put_block(&writer.finish());
    Record {
        index: u32::try_from(index + 1).unwrap(),
        size: file.size,
        name: Bytes::copy_from_slice(file.name.as_bytes()),
        extensions: area.finish(Place::Record),
    }
}

fn hit(servent: Guid, files: &[Named]) -> QueryHit {
    let records = files.iter().enumerate().map(|(index, file)| record(index, file)).collect();
    let (address, port) = (Ipv4Addr::new(9, 9, 9, 9), 6_346);
    QueryHit { port, address, speed: 0, records, trailer: None, servent }
}

/// What speaks against one file that a new search for these words finds.
fn judged(
    spam: &mut HitSpam,
    number: usize,
    words: &str,
    by: usize,
    file: Named,
) -> Option<Suspicion> {
    spam.start(search(number), words);
    let verdict = spam.judge(search(number), &hit(servent(by), &[file]))[0];
    spam.forget(search(number));
    verdict
}

/// HIT-41
#[test]
fn a_file_that_is_called_otherwise_is_no_answer() {
    let mut spam = HitSpam::new();
    for (words, name, verdict) in [
        ("winter night", "Winter - The Night.ogg", None),
        ("the winter of ó", "WÍNTERS.ogg", None),
        ("winter night", "summer night.ogg", Some(Suspicion::AnswersSomethingElse)),
    ] {
        assert_eq!(judged(&mut spam, 1, words, 1, file(name, 1)), verdict, "{words}");
    }
    let urn = |number| Urn::Sha1(digest(number)).to_string();
    assert_eq!(judged(&mut spam, 1, &urn(4), 1, file("anything.ogg", 4)), None);
    let other = judged(&mut spam, 1, &urn(4), 1, file("anything.ogg", 5));
    assert_eq!(other, Some(Suspicion::AnswersSomethingElse));
}

/// HIT-41, HIT-36
#[test]
fn a_record_alone_can_be_too_much() {
    let mut spam = HitSpam::new();
    let mut with = |sources: usize, octets: usize| {
        let sha1 = std::array::from_fn(|place| u8::try_from(place % octets).unwrap());
        let file = Named { sources, sha1, ..file("winter.ogg", 1) };
        judged(&mut spam, 1, "winter", 1, file)
    };
    assert_eq!(with(SPAM_ALTERNATES_MAX, SPAM_SHA1_OCTETS_MIN), None);
    assert_eq!(with(SPAM_ALTERNATES_MAX + 1, 20), Some(Suspicion::ManySources));
    assert_eq!(with(0, SPAM_SHA1_OCTETS_MIN - 1), Some(Suspicion::ImprobableDigest));
}

/// HIT-41
#[test]
fn a_hit_does_not_contradict_itself() {
    let mut spam = HitSpam::new();
    spam.start(search(1), "winter");
    let (one, other) = (file("winter.ogg", 1), file("winter two.ogg", 2));
    let lying = Named { sha1: one.sha1, ..other.clone() };
    let mut judge = |files: &[Named]| spam.judge(search(1), &hit(servent(1), files));
    assert_eq!(judge(&[one.clone(), other.clone()]), [None; 2]);
    assert_eq!(judge(&[one.clone(), lying]), [Some(Suspicion::ContradictsItself); 2]);
    let mut twice = hit(servent(1), &[one, other]);
    twice.records[1].index = twice.records[0].index;
    assert_eq!(spam.judge(search(1), &twice), [Some(Suspicion::ContradictsItself); 2]);
}

/// HIT-41
#[test]
fn a_content_with_a_name_for_each_search_is_seen_through() {
    let mut spam = HitSpam::new();
    assert_eq!(judged(&mut spam, 1, "winter night", 1, file("winter night.zip", 1)), None);
    let again = judged(&mut spam, 2, "summer day", 2, file("summer day.zip", 1));
    assert_eq!(again, Some(Suspicion::ContentForAll));
    // What has the words of both was not made for one of them.
    let mut spam = HitSpam::new();
    let both = || file("summer day after winter night.ogg", 1);
    assert_eq!(judged(&mut spam, 1, "winter night", 1, both()), None);
    assert_eq!(judged(&mut spam, 2, "summer day", 1, both()), None);
}

/// HIT-41
#[test]
fn a_size_that_all_have_is_seen_through() {
    let named =
        |words: &str, number: u64| Named { size: 777, ..file(&format!("{words}.exe"), number) };
    let words = ["winter night", "summer day", "autumn moon", "spring sun"];
    let verdicts = |by: fn(usize) -> usize| {
        let mut spam = HitSpam::new();
        let each = words.iter().enumerate().map(|(number, words)| {
            judged(&mut spam, number, words, by(number), named(words, number as u64))
        });
        each.collect::<Vec<_>>()
    };
    let size = Some(Suspicion::SizeForAll);
    assert_eq!(verdicts(|_| 1), [None, size, size, size]);
    assert_eq!(verdicts(|number| number), [None, None, size, size]);
    assert_eq!(SPAM_SAME_SIZE_MIN, 2);
}

/// HIT-41
#[test]
fn a_servent_that_has_whatever_is_sought_is_seen_through() {
    let words = |number: usize| format!("{} {}", WORDS[2 * number], WORDS[2 * number + 1]);
    let verdicts = |varies: bool| {
        let mut spam = HitSpam::new();
        let each = (0..=SPAM_SAME_REST_MIN).map(|number| {
            let rest = if varies && number == 2 { " live in seattle" } else { "" };
            let named = file(&format!("{}{rest}.mp3", words(number)), number as u64);
            judged(&mut spam, number, &words(number), 1, named)
        });
        each.collect::<Vec<_>>()
    };
    let mut expected = vec![None; SPAM_SAME_REST_MIN];
    expected.push(Some(Suspicion::NamedAfterSearches));
    assert_eq!(verdicts(false), expected);
    assert_eq!(verdicts(true), vec![None; SPAM_SAME_REST_MIN + 1]);
}

/// HIT-41
#[test]
fn one_name_with_many_extensions_is_seen_through() {
    let judge = |extensions: &[&str]| {
        let mut spam = HitSpam::new();
        spam.start(search(1), "winter night");
        let named = |(number, extension)| file(&format!("winter night.{extension}"), number);
        let files: Vec<Named> = (0..).zip(extensions).map(named).collect();
        spam.judge(search(1), &hit(servent(1), &files))
    };
    let all = ["mp3", "zip", "exe"];
    assert_eq!(judge(&all[..SPAM_EXTENSIONS_MIN - 1]), [None; 2]);
    assert_eq!(judge(&all), [Some(Suspicion::NamedAfterSearches); 3]);
}

#[test]
fn so_much_is_remembered_and_no_more() {
    let mut spam = HitSpam::new();
    for number in 0..=SPAM_SEARCHES_MAX {
        spam.start(search(number), "winter");
    }
    let stranger = hit(servent(1), &[file("summer.ogg", 1)]);
    let verdict = Some(Suspicion::AnswersSomethingElse);
    assert_eq!(spam.judge(search(SPAM_SEARCHES_MAX - 1), &stranger), [verdict]);
    assert_eq!(spam.judge(search(SPAM_SEARCHES_MAX), &stranger), [None]);
    (0..SPAM_SEARCHES_MAX).for_each(|number| spam.forget(search(number)));

    let remembers = |others: usize| {
        let mut spam = HitSpam::new();
        judged(&mut spam, 1, "winter night", 1, file("winter night.zip", 0));
        for number in 1..=others {
            judged(
                &mut spam,
                1,
                "winter night",
                1 + number,
                file("winter night.zip", number as u64),
            );
        }
        judged(&mut spam, 2, "summer day", 0, file("summer day.zip", 0)).is_some()
    };
    assert!(remembers(SPAM_THINGS_MAX - 1) && !remembers(SPAM_THINGS_MAX));
}

#[test]
fn so_many_names_of_a_content_are_remembered_and_no_more() {
    let remembers = |names: usize| {
        let mut spam = HitSpam::new();
        // All of these have the words of the last search.
        for word in &WORDS[..names] {
            let named = file(&format!("winter summer {word}.ogg"), 1);
            assert_eq!(judged(&mut spam, 1, "winter", 1, named), None);
        }
        judged(&mut spam, 1, "lantern", 1, file("lantern.ogg", 1));
        judged(&mut spam, 2, "summer", 1, file("summer.ogg", 1)).is_some()
    };
    assert!(remembers(SPAM_NAMES_MAX - 1) && !remembers(SPAM_NAMES_MAX));
}

const WORDS: [&str; 60] = [
    "amber", "basalt", "cedar", "delta", "ember", "falcon", "granite", "harbor", "indigo",
    "jasper", "kestrel", "lantern", "meadow", "nectar", "orchid", "pebble", "quartz", "raven",
    "saffron", "thistle", "umber", "velvet", "willow", "xenon", "yarrow", "zephyr", "anchor",
    "bramble", "cobalt", "dagger", "eclipse", "fennel", "glacier", "hazel", "ivory", "juniper",
    "kindle", "lichen", "marble", "nimbus", "obsidian", "prairie", "quiver", "russet", "sable",
    "tundra", "umbra", "vesper", "walnut", "xylem", "yonder", "zenith", "aspen", "birch", "coral",
    "dune", "elm", "fern", "grove", "heath",
];

const REST: [&str; 12] = [
    "live",
    "remastered",
    "1989",
    "album",
    "version",
    "radio edit",
    "track 03",
    "hq",
    "feat friends",
    "original mix",
    "part 2",
    "demo",
];

/// So many different words.
fn some_words(rng: &mut ChaCha8Rng, count: usize) -> Vec<&'static str> {
    let mut words = Vec::new();
    while words.len() < count {
        let word = WORDS[rng.random_range(0..WORDS.len())];
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Servents with libraries of their own, of which popular files are in many, some of them under another
/// name; and those that answer everything, of four kinds.
struct World {
    rng: ChaCha8Rng,
    libraries: Vec<Vec<Named>>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let titles: Vec<Named> = (0..6_000)
            .map(|number| {
                let words: Vec<&str> = some_words(&mut rng, 3);
                file(&format!("{} {} - {}.mp3", words[0], words[1], words[2]), number)
            })
            .collect();
        let libraries = (0..300).map(|_| {
            let count = rng.random_range(20..400);
            let take = |rng: &mut ChaCha8Rng| {
                // The first ones are the popular ones.
                let most = rng.random_range(1..titles.len());
                let mut file = titles[rng.random_range(0..most)].clone();
                if rng.random_bool(0.4) {
                    let rest = REST[rng.random_range(0..REST.len())];
                    file.name = file.name.replace(".mp3", &format!(" ({rest}).mp3"));
                }
                file.sources = rng.random_range(0..11);
                file
            };
            (0..count).map(|_| take(&mut rng)).collect()
        });
        let libraries = libraries.collect();
        Self { rng, libraries }
    }

    fn honest(&self, words: &[&str]) -> Vec<(usize, Vec<Named>)> {
        let has_all = |file: &&Named| words.iter().all(|word| file.name.contains(word));
        let found = self.libraries.iter().enumerate().map(|(number, files)| {
            let mut found: BTreeMap<[u8; 20], Named> = BTreeMap::new();
            for file in files.iter().filter(has_all) {
                found.entry(file.sha1).or_insert_with(|| file.clone());
            }
            (number, found.into_values().take(10).collect::<Vec<_>>())
        });
        found.filter(|(_, files)| !files.is_empty()).collect()
    }

    fn spam(&mut self, kind: usize, number: u64, words: &[&str], round: u64) -> Vec<Named> {
        let said = words.join(" ");
        let fresh = 1_000_000 + number * 10_000 + round;
        match kind {
            // One content for all, from a whole herd.
            0 => vec![file(&format!("{said}.exe"), 900_000 + number % 3)],
            // Contents that change, of one size.
            1 => {
                let extra = REST[usize::try_from(number).unwrap() % REST.len()];
                vec![Named { size: 411_648, ..file(&format!("{said} {extra}.zip"), fresh) }]
            }
            // The same under many extensions.
            2 => ["mp3", "wma", "zip", "avi"]
                .iter()
                .zip(0..)
                .map(|(extension, more)| file(&format!("{said}.{extension}"), fresh * 7 + more))
                .collect(),
            // Advertisements that do not even look like an answer.
            _ => vec![file("get our free downloader here.wmv", fresh)],
        }
    }
}

/// HIT-41, A24 of the attacks: 200 searches, and as much spam as honest files.
#[test]
fn most_spam_is_seen_through_and_hardly_anything_else_is_taken_for_it() {
    let (mut world, mut spam) = (World::new(24), HitSpam::new());
    let (mut told, mut spam_records, mut blamed, mut honest_records) = (0, 0, 0, 0);
    for round in 0..200 {
        let count = world.rng.random_range(1..4);
        let words: Vec<&str> = some_words(&mut world.rng, count);
        let guid = search(usize::try_from(round).unwrap());
        spam.start(guid, &words.join(" "));
        for (by, files) in world.honest(&words) {
            let verdicts = spam.judge(guid, &hit(servent(by), &files));
            honest_records += verdicts.len();
            blamed += verdicts.iter().flatten().count();
        }
        for number in 0..24 {
            let kind = usize::try_from(number % 4).unwrap();
            let files = world.spam(kind, number, &words, round);
            let by = 10_000 + usize::try_from(number).unwrap();
            let verdicts = spam.judge(guid, &hit(servent(by), &files));
            spam_records += verdicts.len();
            told += verdicts.iter().flatten().count();
        }
        spam.forget(guid);
    }
    println!("{told} of {spam_records} spam, {blamed} of {honest_records} honest records");
    assert!(honest_records > 5_000 && spam_records > 5_000);
    assert!(told * 100 >= spam_records * 95, "{told} of {spam_records}");
    assert!(blamed * 1_000 <= honest_records * 5, "{blamed} of {honest_records}");
}
