use super::*;
use crate::index::files::FileId;

const VISIT: VisitId = VisitId(1);

/// Somebody takes these parts of a file. How often it counts as taken to its end.
fn finished(size: u64, parts: impl IntoIterator<Item = (u64, u64)>) -> u64 {
    let item = Item {
        id: FileId(1),
        name: "file".into(),
        size,
        sha1: None,
        tiger_root: None,
        parts: None,
    };
    let mut book = Book::default();
    assert!(book.enter(VISIT, "203.0.113.1:40000".parse().unwrap()).is_some());
    for (start, end) in parts {
        book.begin(VISIT, (&item, start), Time::ZERO);
        // It goes in two steps.
        let first = (end - start) / 2;
        book.sent(VISIT, first, Time::ZERO);
        book.sent(VISIT, end - start - first, Time::ZERO);
    }
    book.totals.finished
}

/// HIT-40: whoever wants a node to look as if it had uploaded something takes one part again and again.
#[test]
fn a_part_that_goes_often_is_no_whole_file() {
    assert_eq!(finished(1 << 20, (0..2_000).map(|_| (0, 1_024))), 0);
    assert_eq!(finished(1_000, [(0, 500), (400, 999), (0, 999)]), 0);
    assert_eq!(finished(1_000, [(0, 500), (400, 999), (999, 1_000)]), 1);
}

/// HIT-40
#[test]
fn a_file_that_has_gone_in_any_order_has_gone_once() {
    assert_eq!(finished(1_000, [(0, 1_000)]), 1);
    assert_eq!(finished(1_000, [(500, 1_000), (0, 500)]), 1);
    assert_eq!(finished(1_000, [(0, 1_000), (0, 1_000), (200, 300)]), 1);
    assert_eq!(finished(1_000, [(0, 700)]), 0, "it has gone away before the end");
}

/// At the limit and one past it.
#[test]
fn so_many_parts_with_others_between_them_are_remembered() {
    let scattered = |count: usize| {
        let count = count as u64;
        let first = (0..count).map(|at| (4 * at, 4 * at + 2));
        let others = (0..count).map(|at| (4 * at + 2, 4 * at + 4));
        finished(4 * count, first.chain(others))
    };
    assert_eq!(scattered(UPLOADED_RANGES_MAX), 1);
    assert_eq!(scattered(UPLOADED_RANGES_MAX + 1), 0);
}
