//! Single headers and lines of transfers.

use std::net::SocketAddr;

use bytes::BytesMut;

use super::http_forms::{check_forms, check_same, check_told, check_written};
use super::invariants::check_display;
use super::splitter::Splitter;
use crate::base::limits::{
    ALTERNATES_TAKEN_MAX, AVAILABLE_RANGES_TAKEN_MAX, LOCATION_PROXIES_MAX,
    PUSHED_ALTERNATES_TAKEN_MAX,
};
use crate::base::ranges::ByteRange;
use crate::gnutella::http::{
    Alternates, AvailableLen, AvailableRanges, ContentRange, Form, Giv, OwnHead, Queue,
    QueueCallback, QueueVersion, Queued, RangeHeader, RetryAfter, Status,
};
use crate::gnutella::link::HeadReader;

/// A size of a file, and the value of a header.
pub(super) fn ranges(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let size = splitter.take(8).iter().fold(0_u64, |size, byte| size << 8 | u64::from(*byte));
    let value = String::from_utf8_lossy(splitter.rest());
    let range = RangeHeader::parse(&value);
    if let Some(range) = range.and_then(|range| range.within(size)) {
        assert!(!range.is_empty() && ByteRange::new(0, size).contains(range), "{range} of {size}");
        let told = ContentRange { range: Some(range), size: Some(size) };
        assert_eq!(ContentRange::parse(&told.to_string()), Some(told));
    }
    check_same(range);
    if let Some(ContentRange { range: Some(range), size }) = ContentRange::parse(&value) {
        assert!(!range.is_empty() && size.is_none_or(|size| range.end <= size));
    }
    check_same(ContentRange::parse(&value));
    check_same(AvailableLen::parse(&value));
    let available = AvailableRanges::parse(&value);
    if let Some(AvailableRanges(held)) = &available {
        assert!(held.count() <= AVAILABLE_RANGES_TAKEN_MAX, "too many ranges are taken");
        let told = AvailableRanges::parse(&AvailableRanges(held.clone()).to_string());
        assert!(told.expect("it is read").0.iter().all(|range| held.contains(range)));
    }
    check_told(available);
}

/// The value of a header, or a line.
pub(super) fn queueing(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    check_same(QueueVersion::parse(&text));
    check_same(Queue::parse(&text));
    check_same(Queued::parse(&text));
    check_same(RetryAfter::parse(&text));
    if let Some(queue) = Queue::parse(&text) {
        assert!(queue.poll_min_s <= queue.poll_max_s, "{queue:?}");
    }
    if let Some(callback) = QueueCallback::parse(&text) {
        check_line(callback.to_string().trim_end());
        assert_eq!(QueueCallback::parse(&callback.to_string()), Some(callback));
    }
    if let Some(giv) = Giv::parse(&text) {
        let line = giv.to_string();
        check_line(line.strip_suffix("\n\n").expect("two line feeds"));
        let again = Giv::parse(&line).expect("it is read");
        assert_eq!((again.index, again.servent), (giv.index, giv.servent));
        assert_eq!(again.to_string(), line);
    }
}

fn check_line(line: &str) {
    check_display(&line);
    assert!(!line.is_empty());
}

/// Headers, as they follow a first line.
pub(super) fn alternates(input: &[u8]) {
    let bytes = [b"HTTP/1.1 200 OK\r\n", input, b"\r\n\r\n"].concat();
    let read = HeadReader::with_limits(16 * 1024, 4 * 1024).take_from(&mut BytesMut::from(&*bytes));
    let Ok(Some(head)) = read else { return };
    let found = Alternates::of(&head, &[7; 20]);
    check_bounds(&found);
    let told = written(&found);
    assert_eq!(written(&told), told, "they are read as others");
    check_forms(&head);
}

/// What others read of it.
fn written(alternates: &Alternates) -> Alternates {
    let mut own = OwnHead::response(Status::OK);
    alternates.write_to(&mut own);
    Alternates::of(&check_written(&own), &[7; 20])
}

fn check_bounds(found: &Alternates) {
    assert!(found.hosts.len() <= ALTERNATES_TAKEN_MAX, "too many hosts are taken");
    assert!(found.gone.len() <= ALTERNATES_TAKEN_MAX, "too many hosts are taken");
    assert!(found.pushed.len() <= PUSHED_ALTERNATES_TAKEN_MAX, "too many are taken");
    assert!(found.pushed_gone.len() <= PUSHED_ALTERNATES_TAKEN_MAX, "too many are taken");
    let pushed = found.pushed.iter().chain(&found.pushed_gone);
    let proxies =
        pushed.inspect(|location| assert!(location.proxies.len() <= LOCATION_PROXIES_MAX));
    let proxies = proxies.flat_map(|location| &location.proxies);
    let hosts = found.hosts.iter().chain(&found.gone).chain(proxies);
    let has_port = |address: SocketAddr| address.port() > 0;
    assert!(hosts.map(|host| host.address).all(has_port), "a host without a port");
}
