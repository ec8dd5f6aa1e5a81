//! The heads of answers.

use super::{About, Plan};
use crate::base::percent::Encoded;
use crate::base::ranges::ByteRange;
use crate::base::urn::Urn;
use crate::gnutella::http::{
    AltHost, Alternates, AvailableRanges, ContentRange, ContentUrns, OwnHead, PushProxies, Queue,
    QueueId, Queued, RetryAfter, Status, Target, ThexUri,
};
use crate::transfer::upload::counter::{Refusal, Waiting};
use crate::transfer::upload::shelf::Item;

/// What we can do, as it is told once a connection (UPLOAD-18).
const FEATURES: &str = "browse/1.0, queue/1.0";

/// Hosts may know how to open a file by its name; what is in it is up to them.
const CONTENT_TYPE: &str = "application/octet-stream";

fn start(status: Status, reason: &str, about: &About, keeps: bool) -> OwnHead {
    let connection = if keeps { "Keep-Alive" } else { "close" };
    OwnHead::response_saying(status, reason)
        .with("Server", &about.server)
        .with("Connection", connection)
}

/// A status and nothing else.
pub(super) fn plain(status: Status, about: &About, keeps: bool) -> OwnHead {
    let allowed = (status == Status::METHOD_NOT_ALLOWED).then_some("GET, HEAD");
    start(status, status.reason(), about, keeps)
        .with_some("Allow", allowed)
        .with("Content-Length", 0)
}

/// A place in the queue, as somebody sees it who has numbers or has none (UPLOAD-02, UPLOAD-03).
pub(super) fn waiting(
    waiting: &Waiting,
    (is_numbered, stays): (bool, bool),
    about: &About,
) -> OwnHead {
    let head = start(Status::BUSY, "Queued", about, stays).with("Content-Length", 0);
    let position = number(waiting.position);
    if is_numbered {
        return head
            .with_form(&Queued {
                id: QueueId::new(&waiting.id.to_string()),
                position: Some(position),
                length: Some(number(waiting.len)),
                eta_s: Some(waiting.eta_s),
                lifetime_s: Some(waiting.poll_max_s),
            })
            .with_form(&RetryAfter(waiting.poll_min_s));
    }
    if !stays {
        return head.with_form(&RetryAfter(waiting.poll_min_s));
    }
    head.with_form(&Queue {
        position,
        length: Some(number(waiting.len)),
        limit: Some(number(waiting.slots)),
        poll_min_s: waiting.poll_min_s,
        poll_max_s: waiting.poll_max_s,
    })
}

/// Not now, but in so many seconds (FTHTTP-10).
pub(super) fn later(seconds: u32, about: &About, keeps: bool) -> OwnHead {
    plain(Status::BUSY, about, keeps).with_form(&RetryAfter(seconds))
}

/// Neither a slot nor a place.
pub(super) fn refused(refusal: Refusal, about: &About) -> OwnHead {
    start(Status::BUSY, refusal.reason(), about, false)
        .with("Content-Length", 0)
        .with_form(&RetryAfter(refusal.retry_after_s()))
}

/// A range that is not there (UPLOAD-17).
pub(super) fn unavailable(item: &Item, about: &About, keeps: bool) -> OwnHead {
    let status = Status::RANGE_NOT_SATISFIABLE;
    let head =
        plain(status, about, keeps).with_form(&ContentRange { range: None, size: Some(item.size) });
    with_content(head, item)
}

/// A part of a file, or all of it.
pub(super) fn file(plan: &Plan, about: &About) -> OwnHead {
    let mut head = bytes(plan, about);
    head.push("Content-Disposition", disposition(&plan.item.name));
    with_others(with_content(head, &plan.item), &plan.others)
}

/// The same without a word of what it is.
pub(super) fn bytes(plan: &Plan, about: &About) -> OwnHead {
    let Plan { item, range, is_part, keeps, .. } = plan;
    let status = if *is_part { Status::PARTIAL } else { Status::OK };
    let head = start(status, status.reason(), about, *keeps)
        .with("Content-Type", CONTENT_TYPE)
        .with("Content-Length", range.len())
        .with("Accept-Ranges", "bytes");
    head.with_some("Content-Range", is_part.then(|| content_range(*range, item.size)))
}

/// Where we can be reached and what we can do.
pub(super) fn about_us(head: OwnHead, about: &About) -> OwnHead {
    let head = head.with("X-Features", FEATURES).with_some("X-Node", about.node);
    let behind = about.behind.as_ref().filter(|_| about.node.is_none());
    match behind {
        Some(behind) => head.with_form(behind).with_form(&PushProxies(behind.0.proxies.clone())),
        None => head,
    }
}

/// A body whose length is known.
pub(super) fn whole(content_type: &str, len: usize, about: &About, keeps: bool) -> OwnHead {
    start(Status::OK, Status::OK.reason(), about, keeps)
        .with("Content-Type", content_type)
        .with("Content-Length", len)
}

/// A body that ends with the connection.
pub(super) fn endless(content_type: &str, about: &About) -> OwnHead {
    start(Status::OK, Status::OK.reason(), about, false).with("Content-Type", content_type)
}

const fn content_range(range: ByteRange, size: u64) -> ContentRange {
    ContentRange { range: Some(range), size: Some(size) }
}

/// What a file is, and which parts of it there are.
pub(super) fn with_content(head: OwnHead, item: &Item) -> OwnHead {
    let urns = item.sha1.map(|sha1| ContentUrns(vec![Urn::Sha1(sha1)]));
    let thex = item
        .sha1
        .zip(item.tiger_root)
        .map(|(sha1, root)| ThexUri { target: Target::TreeOf(Urn::Sha1(sha1)), root: Some(root) });
    let parts = item.parts.as_ref().map(|parts| AvailableRanges((**parts).clone()));
    let head = head.with_some("X-Gnutella-Content-URN", urns);
    head.with_some("X-Thex-URI", thex).with_some("X-Available-Ranges", parts)
}

fn with_others(mut head: OwnHead, others: &[AltHost]) -> OwnHead {
    let alternates = Alternates { hosts: others.to_vec(), ..Alternates::default() };
    alternates.write_to(&mut head);
    head
}

/// The name by which a browser saves a file, in letters that end nothing (RFC 8187).
fn disposition(name: &str) -> String {
    format!("attachment; filename*=UTF-8''{}", Encoded(name.as_bytes()))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
