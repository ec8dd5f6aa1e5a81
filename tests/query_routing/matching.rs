//! Which neighbours get a query, by their tables; and the table that we make of ours and theirs.

use std::sync::Arc;

use bytes::Bytes;
use filbert::base::limits::{
    QUERY_TABLE_MERGE_EVERY_MS, QUERY_TABLE_REBUILD_EVERY_MS, QUERY_TABLE_SATURATED_SLOTS,
    QUERY_WORDS_MAX, SATURATED_LEAF_QUERIES, SATURATED_LEAVES_PER_QUERY_MAX,
};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::query_routing::{QueryTables, QueryWords};
use filbert::gnutella::wire::query_table::{Patch, Reset};
use filbert::gnutella::wire::{Query, QueryTable};
use filbert::gnutella::word_hash::word_hash;

const NOW: Time = Time::ZERO;
const URN: &str = "urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
const BITPRINT: &str = "urn:bitprint:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB.\
                        LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ";

/// Neighbours and their tables.
struct Net {
    slots: Slots<()>,
    tables: QueryTables,
}

impl Net {
    fn new() -> Self {
        Self { slots: Slots::new(), tables: QueryTables::new(16) }
    }

    /// A neighbour with a table of `2^bits` slots in which these are set.
    fn neighbour(&mut self, is_leaf: bool, bits: u32, set: impl IntoIterator<Item = u32>) -> Slot {
        let slot = self.slots.insert(());
        self.tables.open(slot, is_leaf);
        self.send(slot, bits, set);
        slot
    }

    fn leaf(&mut self, words: &[&str]) -> Slot {
        self.neighbour(true, 16, words.iter().map(|word| word_hash(word, 16)))
    }

    fn ultrapeer(&mut self, words: &[&str]) -> Slot {
        self.neighbour(false, 14, words.iter().map(|word| word_hash(word, 14)))
    }

    fn send(&mut self, slot: Slot, bits: u32, set: impl IntoIterator<Item = u32>) {
        let reset = Reset { slots: 1 << bits, infinity: 7, rest: Bytes::new() };
        let mut entries = vec![0; 1 << bits];
        set.into_iter().for_each(|slot| entries[slot as usize] = 0xfa);
        let (sequence, sequence_size, compressor, entry_bits) = (1, 1, 0, 8);
        let patch = Patch { sequence, sequence_size, compressor, entry_bits, data: entries.into() };
        self.tables.receive(slot, &QueryTable::Reset(reset), NOW).unwrap();
        self.tables.receive(slot, &QueryTable::Patch(patch), NOW).unwrap();
    }

    /// Which leaves get a query: ordinary ones, and those with saturated tables.
    fn ask(&mut self, words: &QueryWords, now: Time) -> [Vec<Slot>; 2] {
        let [mut ordinary, mut saturated] = [const { Vec::new() }; 2];
        self.tables.leaves_matching(words, now, &mut ordinary, &mut saturated);
        [ordinary, saturated]
    }

    fn finds(&mut self, text: &str, leaf: Slot) -> bool {
        self.ask(&query(text, ""), NOW)[0].contains(&leaf)
    }
}

/// What a query asks of tables.
fn query(text: &str, extensions: &str) -> QueryWords {
    let payload = [&[0x80, 0][..], text.as_bytes(), &[0], extensions.as_bytes()].concat();
    QueryWords::of(&Query::decode(&payload.into()).unwrap())
}

/// QRP-31: with one or two words both, with more two of three.
#[test]
fn enough_words_of_a_query_must_be_in_the_table() {
    let mut net = Net::new();
    let leaf = net.leaf(&["alpha", "beta", "gamma", "delta"]);
    for (text, is_found) in [
        ("alpha", true),
        ("omega", false),
        ("alpha beta", true),
        ("alpha omega", false),
        ("alpha beta omega", true),
        ("alpha omega psi", false),
        ("alpha beta omega psi", false),
        ("alpha beta gamma omega", true),
        ("alpha beta gamma omega psi", false),
        ("alpha beta gamma delta omega", true),
        ("alpha beta gamma delta omega psi", true),
        ("alpha beta gamma delta omega psi chi", false),
        ("ALPHA-Beta", true),
        ("alpha alpha omega", false),
    ] {
        assert_eq!(net.finds(text, leaf), is_found, "{text}");
    }
}

/// QRP-31: words of one or two bytes count only where there are no others.
#[test]
fn short_words_are_looked_up_where_there_are_no_others() {
    let mut net = Net::new();
    let (both, long) = (net.leaf(&["u2", "one"]), net.leaf(&["one"]));
    assert!(net.finds("u2 one", both) && net.finds("u2 one", long));
    assert!(net.finds("u2", both) && !net.finds("u2", long));
    assert!(query("", "").is_empty() && query(". -", "").is_empty() && !query("a", "").is_empty());
}

/// QRP-29, QRP-35
#[test]
fn words_are_looked_up_as_others_put_them_into_their_tables() {
    let mut net = Net::new();
    let leaf = net.leaf(&["ete", "日本", "うた", "rrebr"]);
    for text in ["Été", "E\u{301}TE\u{301}", "日本うた", "日本 うた", "smørrebrød", "(ete).-"]
    {
        assert!(net.finds(text, leaf), "{text}");
    }
    assert!(!net.finds("日本 hiver", leaf));
    let not_text = Query::decode(&Bytes::from_static(b"\x80\0\xff\xfe\0")).unwrap();
    assert!(QueryWords::of(&not_text).is_empty());
}

/// QRP-28, QRP-31
#[test]
fn a_urn_in_the_table_is_enough() {
    let mut net = Net::new();
    let (by_urn, by_word) = (net.leaf(&[&URN.to_lowercase()]), net.leaf(&["alpha", "beta"]));
    let mut found = |text, urn| net.ask(&query(text, urn), NOW)[0].clone();
    assert_eq!(found("", URN), [by_urn]);
    assert_eq!(found("\\", BITPRINT), [by_urn]);
    assert_eq!(found("alpha beta", URN), [by_urn, by_word]);
    assert_eq!(found("alpha omega", URN), [by_urn]);
    assert_eq!(found("", "urn:sha1:"), []);
}

#[test]
fn the_words_of_another_query_take_the_place_of_those_before() {
    let payload = [b"\x80\0beta gamma\0", URN.as_bytes()].concat();
    let mut words = query("alpha", URN);
    words.read(&Query::decode(&payload.into()).unwrap());
    assert_eq!(words, query("beta gamma", URN));
    let payload = Bytes::from_static(b"\x80\0one two three four\0");
    let query = Query::decode(&payload).unwrap();
    words.read(&query);
    let measured = allocation_counter::measure(|| words.read(&query));
    assert_eq!(measured.count_total, 0, "the memory is there");
}

/// QRP-31
#[test]
fn so_many_words_of_a_query_are_looked_up_and_not_one_more() {
    let text = |words: usize| (0..words).map(|word| format!("{word:03} ")).collect::<String>();
    for (words, taken) in
        [(QUERY_WORDS_MAX, QUERY_WORDS_MAX), (QUERY_WORDS_MAX + 1, QUERY_WORDS_MAX)]
    {
        assert_eq!(query(&text(words), "").probe().words().len(), taken);
    }
}

/// QRP-31: at the last hop; None where there never was a table.
#[test]
fn an_ultrapeer_is_asked_by_its_table() {
    let mut net = Net::new();
    let (ultrapeer, leaf) = (net.ultrapeer(&["alpha", "beta"]), net.leaf(&["alpha"]));
    let silent = net.slots.insert(());
    net.tables.open(silent, false);
    let answers = |text| {
        let words = query(text, "");
        [ultrapeer, leaf, silent].map(|slot| net.tables.ultrapeer_matches(slot, &words))
    };
    assert_eq!(answers("alpha"), [Some(true), Some(true), None]);
    assert_eq!(answers("alpha beta"), [Some(true), Some(false), None]);
    assert_eq!(answers("alpha beta omega"), [Some(true), Some(false), None]);
    assert_eq!(answers("omega"), [Some(false), Some(false), None]);
    // It is no leaf of ours, and its words are not told to others as ours.
    assert_eq!(net.ask(&query("alpha", ""), NOW)[0], [leaf]);
    let merged = net.tables.merged(NOW);
    assert!(merged.holds(word_hash("alpha", 32)) && !merged.holds(word_hash("beta", 32)));
}

/// QRP-38
#[test]
fn a_table_is_saturated_when_more_than_half_of_it_is_set() {
    let alpha = word_hash("alpha", 10);
    let mut net = Net::new();
    let most = (1 << 10) / QUERY_TABLE_SATURATED_SLOTS;
    let others = |count| (0..1 << 10).filter(|&slot| slot != alpha).take(count as usize - 1);
    let at = net.neighbour(true, 10, others(most).chain([alpha]));
    let past = net.neighbour(true, 10, others(most + 1).chain([alpha]));
    assert_eq!(net.tables.fill(at), Some((most, 1 << 10)));
    assert_eq!(net.ask(&query("alpha", ""), NOW), [vec![at], vec![past]]);
    // It changes its mind.
    net.send(past, 10, [alpha]);
    let [mut ordinary, saturated] = net.ask(&query("alpha", ""), NOW);
    ordinary.sort();
    assert_eq!([ordinary, saturated], [vec![at, past], vec![]]);
}

/// QRP-38
#[test]
fn a_leaf_with_a_saturated_table_gets_so_many_queries_and_not_one_more() {
    let mut net = Net::new();
    let (full, leaf) = (net.neighbour(true, 14, 0..1 << 14), net.leaf(&["alpha"]));
    let words = query("alpha", "");
    for _ in 0..SATURATED_LEAF_QUERIES.burst {
        assert_eq!(net.ask(&words, NOW), [vec![leaf], vec![full]]);
    }
    assert_eq!(net.ask(&words, NOW), [vec![leaf], vec![]]);
    let next_ms = u64::from(SATURATED_LEAF_QUERIES.every_ms / SATURATED_LEAF_QUERIES.tokens);
    assert_eq!(net.ask(&words, Time::from_millis(next_ms - 1))[1], []);
    assert_eq!(net.ask(&words, Time::from_millis(next_ms))[1], [full]);
    // A query that is not for it costs it nothing.
    let later = Time::from_millis(2 * next_ms);
    net.send(full, 14, (0..1 << 14).filter(|&slot| slot != word_hash("omega", 14)));
    assert_eq!(net.ask(&query("omega", ""), later), [vec![], vec![]]);
    assert_eq!(net.ask(&words, later)[1], [full]);
}

/// QRP-38: so many for a query, and in turns.
#[test]
fn leaves_with_saturated_tables_take_turns() {
    let mut net = Net::new();
    let count = 2 * SATURATED_LEAVES_PER_QUERY_MAX + 3;
    let all: Vec<Slot> = (0..count).map(|_| net.neighbour(true, 6, 0..1 << 6)).collect();
    let words = query("alpha", "");
    let mut served: Vec<Slot> = Vec::new();
    for _ in 0..count {
        let [ordinary, saturated] = net.ask(&words, NOW);
        assert_eq!((ordinary.len(), saturated.len()), (0, SATURATED_LEAVES_PER_QUERY_MAX));
        served.extend(saturated);
        if served.len() == SATURATED_LEAVES_PER_QUERY_MAX * SATURATED_LEAF_QUERIES.burst as usize {
            break;
        }
    }
    for slot in all {
        let times = served.iter().filter(|&&other| other == slot).count();
        assert!((4..=5).contains(&times), "{slot:?} got {times} of {}", served.len());
    }
}

/// QRP-34, QRP-38: our table has our words and those of our leaves, but not of those who claim all.
#[test]
fn our_table_is_merged_from_our_words_and_those_of_our_leaves() {
    let mut net = Net::new();
    assert_eq!((net.tables.merged(NOW).len(), net.tables.merged(NOW).slots()), (0, 8));
    net.tables.offer(vec![word_hash("own", 32)]);
    let leaf = net.leaf(&["alpha", "beta"]);
    net.neighbour(true, 14, [word_hash("gamma", 14)]);
    net.neighbour(true, 17, [word_hash("delta", 17)]);
    net.neighbour(true, 12, 0..1 << 12);
    let merged = net.tables.merged(NOW);
    for word in ["own", "alpha", "beta", "gamma", "delta"] {
        assert!(merged.holds(word_hash(word, 32)), "{word}");
    }
    // The slot of the smaller table stands for four of ours.
    assert_eq!((merged.slots(), merged.len()), (1 << 16, 3 + 4 + 1));
    net.tables.close(leaf);
    let merged = net.tables.merged(Time::from_millis(QUERY_TABLE_REBUILD_EVERY_MS));
    assert!(merged.holds(word_hash("own", 32)) && !merged.holds(word_hash("alpha", 32)));
}

/// QRP-34
#[test]
fn our_table_changes_when_there_is_something_new_and_not_too_often() {
    let mut net = Net::new();
    assert_eq!(net.tables.next_timeout(), None);
    let leaf = net.leaf(&["alpha"]);
    assert_eq!(net.tables.next_timeout(), Some(Time::ZERO));
    let first = net.tables.merged(NOW);
    assert_eq!(net.tables.next_timeout(), None);
    net.send(leaf, 16, [word_hash("beta", 16)]);
    let due = Time::from_millis(QUERY_TABLE_MERGE_EVERY_MS);
    assert_eq!(net.tables.next_timeout(), Some(due));
    let before = net.tables.merged(Time::from_micros(due.as_micros() - 1));
    assert!(Arc::ptr_eq(&before, &first));
    let second = net.tables.merged(due);
    assert!(second.holds(word_hash("beta", 32)));
    // The same words again are no other table.
    net.send(leaf, 16, [word_hash("beta", 16)]);
    let third = net.tables.merged(due.after_ms(QUERY_TABLE_MERGE_EVERY_MS));
    assert!(Arc::ptr_eq(&second, &third));
}

/// QRP-40
#[test]
fn words_that_are_gone_stay_until_the_table_is_made_from_nothing() {
    let mut net = Net::new();
    let leaf = net.leaf(&["alpha"]);
    net.tables.merged(NOW);
    net.send(leaf, 16, [word_hash("beta", 16)]);
    let both = net.tables.merged(Time::from_millis(QUERY_TABLE_MERGE_EVERY_MS));
    assert!(both.holds(word_hash("alpha", 32)) && both.holds(word_hash("beta", 32)));
    let due = Time::from_millis(QUERY_TABLE_REBUILD_EVERY_MS);
    assert_eq!(net.tables.next_timeout(), Some(due), "nobody says anything more");
    let before = net.tables.merged(Time::from_micros(due.as_micros() - 1));
    assert!(Arc::ptr_eq(&before, &both));
    let last = net.tables.merged(due);
    assert!(last.holds(word_hash("beta", 32)) && !last.holds(word_hash("alpha", 32)));
    assert_eq!(net.tables.next_timeout(), None);
    // The five minutes count from here.
    net.tables.close(leaf);
    let next = due.after_ms(QUERY_TABLE_MERGE_EVERY_MS);
    assert!(Arc::ptr_eq(&net.tables.merged(next), &last));
    let next = due.after_ms(QUERY_TABLE_REBUILD_EVERY_MS);
    assert_eq!(net.tables.next_timeout(), Some(next));
    assert!(net.tables.merged(next).is_empty());
}

/// QRP-40: two versions are never closer together than changes are.
#[test]
fn a_table_is_not_made_from_nothing_right_after_a_change() {
    let mut net = Net::new();
    let leaf = net.leaf(&["alpha"]);
    net.tables.merged(NOW);
    net.send(leaf, 16, [word_hash("beta", 16)]);
    let late = QUERY_TABLE_REBUILD_EVERY_MS - 1;
    net.tables.merged(Time::from_millis(late));
    let due = Time::from_millis(late + QUERY_TABLE_MERGE_EVERY_MS);
    assert_eq!(net.tables.next_timeout(), Some(due));
}

/// QRP-23, QRP-27: many words make it larger; few more or less leave its size as it is.
#[test]
fn our_table_is_as_large_as_its_words_need() {
    let mut tables = QueryTables::new(10);
    let mut now = NOW;
    let mut slots_with = |words: u32| {
        tables.offer((0..words).map(|word| word.wrapping_mul(0x9e37_79b1)).collect::<Vec<u32>>());
        now = now.after_ms(QUERY_TABLE_REBUILD_EVERY_MS);
        tables.merged(now).slots()
    };
    assert_eq!([0, 1, 16].map(&mut slots_with), [8, 1 << 10, 1 << 10]);
    assert_eq!([17, 32, 33, 60].map(&mut slots_with), [1 << 11, 1 << 11, 1 << 12, 1 << 12]);
    assert_eq!([40, 30, 16, 17].map(&mut slots_with), [1 << 12, 1 << 12, 1 << 10, 1 << 11]);
    assert_eq!([2_000, 5_000, 50_000].map(&mut slots_with), [1 << 17; 3]);
    assert_eq!(slots_with(0), 8);
}

/// QRP-40: whoever needs a whole table anyway gets one without what is gone.
#[test]
fn a_table_that_grows_is_made_from_nothing_at_once() {
    let mut tables = QueryTables::new(10);
    let [old, new] = ["alpha", "beta"].map(|word| word_hash(word, 32));
    tables.offer(vec![old]);
    assert_eq!(tables.merged(NOW).slots(), 1 << 10);
    let words = |count: u32| (0..count).map(|word| word.wrapping_mul(0x9e37_79b1));
    tables.offer(words(5).chain([new]).collect::<Vec<u32>>());
    let first = Time::from_millis(QUERY_TABLE_MERGE_EVERY_MS);
    let same = tables.merged(first);
    assert!(same.slots() == 1 << 10 && same.holds(old) && same.holds(new));
    tables.offer(words(20).chain([new]).collect::<Vec<u32>>());
    let larger = tables.merged(first.after_ms(QUERY_TABLE_MERGE_EVERY_MS));
    assert!(larger.slots() == 1 << 11 && !larger.holds(old) && larger.holds(new));
}
