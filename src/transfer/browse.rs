//! What another servent shares: asking for its list, and reading it.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};

use crate::base::error::Malformed;
use crate::base::limits::BROWSE_RECORDS_MAX;
use crate::base::show::{WORDS_LEN_MAX, one_line};
use crate::gnutella::http::{
    BodyReader, BrowseForm, BrowseReader, Method, OwnHead, Response, ResponseReader, Target,
};
use crate::gnutella::wire::QueryHit;

/// Reads the list of what another servent shares, as its bytes arrive.
///
/// [`Browse::request`] is what to send; [`Browse::receive`] takes what comes, and [`Browse::poll`] gives
/// the hits out. After so many files nobody reads on.
#[derive(Debug, Default)]
pub struct Browse {
    reader: ResponseReader,
    stream: BytesMut,
    body: Option<(BodyReader, BrowseReader)>,
    records: usize,
    hits: VecDeque<QueryHit>,
    is_over: bool,
}

/// Why there is no list, or only a part of it, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoList {
    #[error("it answered \"{0}\"")]
    Refused(String),
    #[error("it answered with {0}, which is no list of files that servents read")]
    OtherForm(String),
    #[error("its answer cannot be read: {0}")]
    Malformed(#[from] Malformed),
    #[error("it ended the connection before all was sent")]
    Cut,
}

impl Browse {
    /// At the beginning of the answer.
    pub fn new() -> Self {
        Self::default()
    }

    /// What to send to whoever takes connections at `host`.
    pub fn request(host: SocketAddr, agent: &str) -> Bytes {
        let head = OwnHead::request(Method::Get, &Target::Browse)
            .with("Host", host)
            .with("User-Agent", agent)
            .with("Accept", BrowseForm::Packets.content_type())
            .with("Accept-Encoding", "deflate")
            .with("Connection", "close");
        head.to_bytes()
    }

    /// Takes what has arrived. After an error nothing more is to be handed in; the hits that came before
    /// it are good.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), NoList> {
        if self.is_over {
            return Ok(());
        }
        self.stream.extend_from_slice(bytes);
        if self.body.is_none() {
            let Some(response) = self.reader.take_from(&mut self.stream)? else { return Ok(()) };
            self.body = Some(body_of(&response)?);
        }
        self.read_body()
    }

    /// A hit of the list.
    pub fn poll(&mut self) -> Option<QueryHit> {
        self.hits.pop_front()
    }

    /// Nothing more is needed: the list has ended, or is as long as may be.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// The connection has ended.
    pub fn end(&mut self) -> Result<(), NoList> {
        let is_whole = self.is_over
            || self
                .body
                .as_ref()
                .is_some_and(|(body, list)| body.may_end_here() && list.is_whole());
        self.is_over = true;
        if is_whole { Ok(()) } else { Err(NoList::Cut) }
    }

    fn read_body(&mut self) -> Result<(), NoList> {
        let Some((body, list)) = &mut self.body else { return Ok(()) };
        while let Some(piece) = body.take_from(&mut self.stream)? {
            let (records, hits) = (&mut self.records, &mut self.hits);
            list.receive(piece, |hit| {
                *records = records.saturating_add(hit.records.len());
                hits.push_back(hit);
            })?;
            if self.records >= BROWSE_RECORDS_MAX {
                self.is_over = true;
                return Ok(());
            }
        }
        if !body.is_done() {
            return Ok(());
        }
        self.is_over = true;
        if list.is_whole() { Ok(()) } else { Err(NoList::Cut) }
    }
}

/// How the body of this answer is read, if it is a list.
fn body_of(response: &Response) -> Result<(BodyReader, BrowseReader), NoList> {
    if response.status.0 != 200 {
        let Response { status, reason, .. } = response;
        return Err(NoList::Refused(format!("{status} {reason}")));
    }
    let kind = response.head.value("Content-Type").unwrap_or("something that it does not name");
    let wanted = BrowseForm::Packets.content_type();
    if !kind.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted)) {
        return Err(NoList::OtherForm(one_line(kind, WORDS_LEN_MAX)));
    }
    Ok((BodyReader::new(response.body_end()?), BrowseReader::new(&response.head)?))
}
