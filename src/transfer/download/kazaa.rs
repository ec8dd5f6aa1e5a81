//! What is asked of nodes of FastTrack, and what they answer.

use std::net::SocketAddr;

use super::answer::{Manners, outcome_of};
use super::contract::{Answer, KazaaHost, Outcome, Wanted};
use crate::base::limits::{KAZAA_RETRY_MAX_S, KAZAA_RETRY_MIN_S, KAZAA_RETRY_S};
use crate::base::ranges::ByteRange;
use crate::fasttrack::http::{Header, TagHeader, USER_AGENT};
use crate::gnutella::http::{
    BodyEnd, Form, Method, OwnHead, RangeHeader, Response, RetryAfter, Status, Target,
};
use crate::gnutella::link::Head;

const FIRST_BYTE: ByteRange = ByteRange::new(0, 1);

/// The head of a request (FTHTTP-01, FTHTTP-03, FTHTTP-05); none for a tree, which nobody has there.
pub(super) fn request_of(
    what: Wanted,
    node: &KazaaHost,
    host: SocketAddr,
    manners: &Manners,
) -> Option<OwnHead> {
    let Wanted::Bytes(range) = what else { return None };
    let head = OwnHead::request(Method::Get, &Target::ByUuHash(node.hash))
        .with("Host", host)
        .with(USER_AGENT, &manners.user_agent);
    let own = manners.kazaa.headers();
    let head = own.fold(head, |head, header| head.with(header.name(), header));
    // giFT takes `0-0` for a mistake, and gives all where no range is named.
    let head = match range == FIRST_BYTE {
        true => head,
        false => head.with_form(&RangeHeader::Bounded(range)),
    };
    Some(head.with("Connection", "close"))
}

impl Answer {
    /// What the response of a node of FastTrack comes to, for somebody who has asked it for this.
    pub fn of_kazaa(response: &Response, asked: Wanted, node: &KazaaHost) -> Self {
        let head = &response.head;
        let told = TagHeader::hash_of(headers(head));
        // Whatever else it sends is not what was asked for (FTHTTP-09).
        let is_other = told.is_some_and(|told| told != node.hash);
        Self {
            outcome: if is_other { Outcome::Missing } else { outcome(response, asked) },
            stays_open: response.keeps_connection(),
            is_servent: headers(head).any(|(name, value)| Header::parse(name, value).is_some()),
            available: None,
            alternates: Vec::new(),
            pushed: Vec::new(),
            bad_alternates: Vec::new(),
            root: None,
            servent: None,
            proxies: Vec::new(),
        }
    }
}

fn headers(head: &Head) -> impl Iterator<Item = (&str, &str)> {
    head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

fn outcome(response: &Response, asked: Wanted) -> Outcome {
    let Wanted::Bytes(range) = asked else { return Outcome::Refused };
    match (response.status, outcome_of(response, asked)) {
        // It has no queue that we could wait in.
        (Status::BUSY | Status::TOO_MANY_REQUESTS, _) => {
            let said = RetryAfter::of(&response.head).map_or(KAZAA_RETRY_S, |retry| retry.0);
            let seconds = said.clamp(KAZAA_RETRY_MIN_S, KAZAA_RETRY_MAX_S);
            Outcome::Busy { retry_ms: Some(u64::from(seconds).saturating_mul(1_000)) }
        }
        // Without a word of it, it is the part that was asked for (FTHTTP-07).
        (Status::PARTIAL, Outcome::Refused) if response.head.value("Content-Range").is_none() => {
            part_of(response, range)
        }
        (_, outcome) => outcome,
    }
}

fn part_of(response: &Response, asked: ByteRange) -> Outcome {
    let len = match response.body_end() {
        Ok(BodyEnd::After(len)) => len.min(asked.len()),
        Ok(BodyEnd::Close) => asked.len(),
        Ok(BodyEnd::Chunked) | Err(_) => return Outcome::Refused,
    };
    let range = ByteRange::new(asked.start, asked.start.saturating_add(len));
    Outcome::Bytes { range, size: None }
}
