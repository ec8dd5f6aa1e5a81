//! What a case does, line by line.
//!
//! ```text
//! ultrapeer a                                        open a connection, and be taken as an ultrapeer
//! leaf b with "X-Max-TTL: 3" without "User-Agent"
//! ultrapeer d deflating                              what it sends is deflated
//! ultrapeer e answering                              it answers pings that ask whether it is there
//! leaf f called                                      the subject calls it; its head is `$f`
//! connect c                                          a bare connection
//! udp u                                              a socket for datagrams
//! listen l                                           a port that the subject may call
//! ultrapeer g at l                                   a host of one address: `g` says that its port is that of `l`;
//!                                                    a port for calls and one for datagrams are the same
//! session s network="Kazaa" wish=0x29                a session of FastTrack
//! session t called                                   the subject calls it, as a child its supernode
//!
//! a sends query ttl=3 text="nine" as q times=2
//! b gets query guid=$q.guid ttl=2 hops=1 within=3s
//! b gets vendor message=hops_flow else=unimplemented
//! b gets pong hops=0 times=3
//! b gets query text^="ni" text!~"ten"                 begins with, does not have in it
//! a never gets query_hit for=1s
//! c sends text "GET / HTTP/1.0\r\n\r\n"
//! c sends line "GIVE {p.id}"                          one line, with its end
//! c sends head "GET /uri-res/N2R?{file.sha1} HTTP/1.1" "Range: bytes=0-9"
//! c gets response status=206 headers.content-length=10
//! c sends bytes (61*300)0a                           digits, and runs of them
//! d sends raw 00ff                                   bytes that are not deflated
//! s sends ping                                       asks whether the other side of a session is there; it gets a pong
//! s sends plain 52                                   bytes that are enciphered like messages, and are none
//! c is closed within=10s
//! a stays open for=2s
//! l is called within=5s
//! b closes
//! subject searches "words"                           its user has it do that
//! subject fetches "magnet:?xt=urn:sha1:…&xs=http://{@l}/…"
//! subject has sha1="urn:sha1:…" within=30s           a file that it has fetched is whole
//! subject never has size=1000 for=30s
//! pause 500ms
//! check $q.ttl<5
//! ```
//!
//! What a probe gets is matched against what has come since it was opened and was not taken by an earlier line. What has
//! the descriptor ID of another case that is played at the same time is shown, and not there for its lines; a case that
//! others would disturb all the same says `alone = true`.

mod asking;
mod condition;
mod expression;
mod hex;
mod names;
mod opening;
mod parse;
mod step;
mod words;

use thiserror::Error;

pub(crate) use condition::Condition;
pub(crate) use expression::{AddressPart, Expression, as_hex};
pub(crate) use hex::read_hex;
pub use step::Wish;
pub(crate) use step::{Message, Open, OpenLink, OpenSession, Pattern, Step, What};

use crate::conform::verdict::Verdict;

/// The steps of a script, or the first line that says nothing.
pub(crate) fn read(script: &str) -> Result<Vec<Step>, Misread> {
    let mut steps = Vec::new();
    let mut names = names::Names::default();
    for (at, line) in script.lines().enumerate() {
        let step = words::split(line).and_then(|words| parse::step(&words));
        match step.and_then(|step| names.check(step)) {
            Ok(None) => {}
            Ok(Some(what)) => steps.push(Step { text: line.trim().to_owned(), what }),
            Err(why) => {
                return Err(Misread { line: at.saturating_add(1), text: line.trim().into(), why });
            }
        }
    }
    Ok(steps)
}

/// A line that says nothing.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("line {line} ({text}): {why}")]
pub struct Misread {
    line: usize,
    text: String,
    why: NotUnderstood,
}

/// Why a word or a line says nothing.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub(crate) struct NotUnderstood(String);

impl NotUnderstood {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}
