use filbert::base::limits::{
    AVAILABLE_RANGES_TAKEN_MAX, AVAILABLE_RANGES_TOLD_MAX, RANGES_LOOKED_AT_MAX,
};
use filbert::base::ranges::{ByteRange, RangeSet};
use filbert::gnutella::http::{AvailableLen, AvailableRanges, ContentRange, Form, RangeHeader};

use crate::written;

fn bounded(start: u64, end: u64) -> RangeHeader {
    RangeHeader::Bounded(ByteRange::new(start, end))
}

fn set(ranges: &[(u64, u64)]) -> RangeSet {
    ranges.iter().map(|&(start, end)| ByteRange::new(start, end)).collect()
}

/// RANGE-01, RANGE-02, RANGE-03
#[test]
fn a_range_is_bounded_open_or_counted_from_the_end() {
    for (value, expected) in [
        ("bytes=0-499", Some(bounded(0, 500))),
        ("Bytes = 0 - 499 ", Some(bounded(0, 500))),
        ("bytes 0-499", Some(bounded(0, 500))),
        ("bytes=500-", Some(RangeHeader::From(500))),
        ("bytes=-500", Some(RangeHeader::Last(500))),
        ("bytes=-0", Some(RangeHeader::Last(0))),
        ("bytes=3-4,0-1", Some(bounded(3, 5))),
        ("bytes=x,5-4,,7-", Some(RangeHeader::From(7))),
        ("bytes=0-0,0-0,0-0", Some(bounded(0, 1))),
        ("bytes=0-18446744073709551615", None),
        ("bytes=0-18446744073709551614", Some(bounded(0, u64::MAX))),
        ("bytes=18446744073709551616-", None),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=+1-2", None),
        ("bytes=1-2-3", None),
        ("bytes0-1", None),
        ("items=0-1", None),
        ("", None),
    ] {
        let range = RangeHeader::parse(value);
        assert_eq!(range, expected, "{value}");
        assert_eq!(range.and_then(|range| RangeHeader::parse(&written(&range))), expected);
    }
}

/// RANGE-03
#[test]
fn so_many_ranges_are_looked_at_and_not_one_more() {
    let behind = |count| RangeHeader::parse(&format!("bytes={}1-2", "x,".repeat(count)));
    assert_eq!(behind(RANGES_LOOKED_AT_MAX - 1), Some(bounded(1, 3)));
    assert_eq!(behind(RANGES_LOOKED_AT_MAX), None);
}

/// RANGE-04, RANGE-05
#[test]
fn a_range_is_what_the_file_has_of_it() {
    let range = |start, end| Some(ByteRange::new(start, end));
    for (asked, size, expected) in [
        (bounded(0, 500), 1000, range(0, 500)),
        (bounded(900, 2000), 1000, range(900, 1000)),
        (bounded(1000, 2000), 1000, None),
        (bounded(0, 1), 0, None),
        (RangeHeader::From(999), 1000, range(999, 1000)),
        (RangeHeader::From(1000), 1000, None),
        (RangeHeader::Last(1), 1000, range(999, 1000)),
        (RangeHeader::Last(5000), 1000, range(0, 1000)),
        (RangeHeader::Last(0), 1000, None),
        (RangeHeader::From(0), u64::MAX, range(0, u64::MAX)),
    ] {
        assert_eq!(asked.within(size), expected, "{asked:?} of {size}");
    }
}

/// RANGE-02, RANGE-06, RANGE-07
#[test]
fn a_part_is_told_with_the_size_of_the_whole() {
    let part = |range: Option<(u64, u64)>, size| {
        let range = range.map(|(start, end)| ByteRange::new(start, end));
        Some(ContentRange { range, size })
    };
    for (value, expected) in [
        ("bytes 0-9/10", part(Some((0, 10)), Some(10))),
        ("bytes=5-9/10", part(Some((5, 10)), Some(10))),
        ("bytes 0-9/*", part(Some((0, 10)), None)),
        ("bytes */10", part(None, Some(10))),
        ("bytes */*", part(None, None)),
        ("BYTES  0 - 9 / 10 ", part(Some((0, 10)), Some(10))),
        ("bytes 0-10/10", None),
        ("bytes 9-0/10", None),
        ("bytes 0-/10", None),
        ("bytes -9/10", None),
        ("bytes 0-9", None),
        ("bytes 0-9/x", None),
        ("bytes 0-18446744073709551615/*", None),
        ("0-9/10", None),
    ] {
        let range = ContentRange::parse(value);
        assert_eq!(range, expected, "{value}");
        assert_eq!(range.and_then(|range| ContentRange::parse(&written(&range))), expected);
    }
    assert_eq!(written(&part(None, Some(10)).unwrap()), "bytes */10");
}

/// RANGE-08, RANGE-10
#[test]
fn what_somebody_has_is_told_in_ranges() {
    for (value, expected) in [
        ("bytes 0-9, 20-29", Some(set(&[(0, 10), (20, 30)]))),
        ("bytes=0-9,10-19", Some(set(&[(0, 20)]))),
        ("bytes", Some(set(&[]))),
        ("bytes x, 5-, -3, 7-6, 1-1", Some(set(&[(1, 2)]))),
        ("0-9", None),
    ] {
        assert_eq!(AvailableRanges::parse(value).map(|found| found.0), expected, "{value}");
    }
    assert_eq!(written(&AvailableRanges(set(&[(0, 10), (20, 30)]))), "bytes 0-9, 20-29");
    assert_eq!(written(&AvailableRanges::default()), "bytes");
    assert_eq!(AvailableLen::parse("bytes 12345"), Some(AvailableLen(12345)));
    assert_eq!(AvailableLen::parse("12345"), None);
    assert_eq!(written(&AvailableLen(7)), "bytes 7");
}

/// RANGE-08, RANGE-09
#[test]
fn so_many_ranges_are_taken_and_told_and_the_longest_first() {
    let ranges =
        |count: u64| (0..count).map(|at| ByteRange::new(at * 10, at * 10 + 1 + at % 7)).collect();
    let many: RangeSet = ranges(u64::try_from(AVAILABLE_RANGES_TOLD_MAX).unwrap() * 7);
    let told = AvailableRanges::parse(&written(&AvailableRanges(many.clone()))).unwrap().0;
    assert_eq!(told.count(), AVAILABLE_RANGES_TOLD_MAX);
    assert!(told.iter().all(|range| range.len() == 7 && many.contains(range)));
    let just: RangeSet = ranges(u64::try_from(AVAILABLE_RANGES_TOLD_MAX).unwrap());
    assert_eq!(AvailableRanges::parse(&written(&AvailableRanges(just.clone()))).unwrap().0, just);
    let far = u64::MAX - 1;
    let longest = (0..70).map(|at| ByteRange::new(far - at * 2, far - at * 2 + 1)).collect();
    written(&AvailableRanges(longest));
    let value = |count: usize| {
        format!("bytes {}", (0..count).map(|at| format!("{0}-{0},", at * 2)).collect::<String>())
    };
    let taken = |count| AvailableRanges::parse(&value(count)).unwrap().0.count();
    assert_eq!(taken(AVAILABLE_RANGES_TAKEN_MAX), AVAILABLE_RANGES_TAKEN_MAX);
    assert_eq!(taken(AVAILABLE_RANGES_TAKEN_MAX + 1), AVAILABLE_RANGES_TAKEN_MAX);
}
