//! What holds for every header that is read, and for every head that we write.

use std::fmt::Debug;

use bytes::BytesMut;

use crate::base::show::is_harmful;
use crate::gnutella::http::{
    AvailableLen, AvailableRanges, ContentRange, ContentUrns, CreateTime, Downloaded, Features,
    Form, HeaderText, NodeAddress, NodeInfo, OwnHead, PushProxies, Queue, QueueVersion, Queued,
    RangeHeader, RetryAfter, ServentId, ThexUri,
};
use crate::gnutella::link::{Head, HeadReader};

/// Everything that a head says, each form on its own.
pub(super) fn check_forms(head: &Head) {
    check_same(RangeHeader::of(head));
    check_same(ContentRange::of(head));
    check_same(AvailableLen::of(head));
    check_same(QueueVersion::of(head));
    check_same(Queue::of(head));
    check_same(Queued::of(head));
    check_same(ContentUrns::of(head));
    check_same(RetryAfter::of(head));
    check_same(CreateTime::of(head));
    check_same(Downloaded::of(head));
    check_same(NodeAddress::of(head));
    check_same(ServentId::of(head));
    check_same(Features::of(head));
    check_told(AvailableRanges::of(head));
    check_told(ThexUri::of(head));
    check_told(NodeInfo::of(head));
    check_told(PushProxies::of(head));
}

/// What was read is written so that it is read as the same.
pub(super) fn check_same<F: Form + Debug + PartialEq>(form: Option<F>) {
    let Some(form) = form else { return };
    assert_eq!(again(&form), form, "it is read as something else");
}

/// The same of a form of which not all is written: what was written is.
pub(super) fn check_told<F: Form + Debug + PartialEq>(form: Option<F>) {
    let Some(form) = form else { return };
    let told = again(&form);
    assert_eq!(again(&told), told, "it is read as something else");
}

fn again<F: Form + Debug>(form: &F) -> F {
    let (written, value) = (form.to_string(), HeaderText::of(form));
    assert_eq!(written, value.as_str(), "a form does not fit a line as it is");
    F::parse(&written).unwrap_or_else(|| panic!("{form:?} is not read from {written:?}"))
}

/// The head that others read where we wrote this one: nothing in it ends a line but the ends of lines,
/// and nothing steers a terminal.
pub(super) fn check_written(own: &OwnHead) -> Head {
    let bytes = own.to_bytes();
    let text = std::str::from_utf8(&bytes).expect("we write UTF-8");
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert!(!lines.iter().any(|line| line.contains(is_harmful)), "{text:?}");
    let (end, lines) =
        lines.split_last_chunk::<2>().map(|(lines, end)| (end, lines)).expect("two ends");
    assert!(*end == [""; 2] && !lines.contains(&""), "an empty line within {text:?}");
    let mut stream = BytesMut::from(&*bytes);
    let head = HeadReader::with_limits(64 * 1024, 4 * 1024).take_from(&mut stream);
    let head = head.expect("we keep the limits").expect("it is whole");
    assert!(stream.is_empty(), "something follows the head");
    assert_eq!(head.headers.len() + 1, lines.len(), "a line is no header");
    head
}
