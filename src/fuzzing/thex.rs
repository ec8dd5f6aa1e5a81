use super::invariants::check_fault;
use super::splitter::Splitter;
use crate::base::limits::THEX_BODY_LEN_MAX;
use crate::gnutella::http::thex::TreeRows;

/// 0 and the body of a response; or 1, the size of a file, and digests.
pub(super) fn thex(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    if splitter.byte().is_multiple_of(2) {
        match TreeRows::decode(splitter.rest()) {
            Ok(tree) => check(&tree),
            Err(fault) => check_fault(&fault, input.len().max(THEX_BODY_LEN_MAX)),
        }
        return;
    }
    let size = splitter.take(8).iter().fold(0_u64, |size, byte| size << 8 | u64::from(*byte));
    let digests = splitter.rest().as_chunks::<24>().0.to_vec();
    if let Some(tree) = TreeRows::new(size, digests) {
        check(&tree);
    }
}

/// Each row is whole, and the tree is read as it was written.
fn check(tree: &TreeRows) {
    let blocks = tree.size().div_ceil(1024).max(1);
    let mut rows = vec![blocks];
    while rows.last().is_some_and(|row| *row > 1) {
        rows.push(rows.last().unwrap().div_ceil(2));
    }
    let rows: Vec<u64> = rows.into_iter().rev().take(usize::from(tree.depth()) + 1).collect();
    let len = u64::try_from(tree.digests().len()).unwrap();
    assert_eq!(rows.len(), usize::from(tree.depth()) + 1, "it is deeper than its file");
    assert_eq!(rows.iter().sum::<u64>(), len, "a row is not whole");
    assert_eq!(rows.last().copied(), u64::try_from(tree.last_row().len()).ok());
    let body = tree.encode();
    if body.len() <= THEX_BODY_LEN_MAX {
        assert_eq!(TreeRows::decode(&body).as_ref(), Ok(tree));
    }
}
