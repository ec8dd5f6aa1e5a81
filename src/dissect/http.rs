use std::collections::VecDeque;

use bytes::{Buf, BytesMut};

use super::http_body::HttpBody;
use super::outlet::Outlet;
use super::record::{Body, HttpHead};
use super::sniff;
use crate::base::limits::{HEAD_LINE_LEN_MAX, HTTP_HEAD_LEN_MAX, HTTP_PIPELINE_MAX};
use crate::gnutella::link::{Head, HeadReader};

/// Requests that still wait for their responses: true for those that ask for a head alone.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    waiting: VecDeque<bool>,
}

/// One direction of a connection that carries transfers.
#[derive(Debug)]
pub(super) struct Http {
    state: State,
}

#[derive(Debug)]
enum State {
    Head(HeadReader),
    Body(HttpBody),
    /// Between places that were recorded: whatever begins like a head is one.
    Lost,
}

/// What became of a direction with transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All is read that can be.
    Wait,
    /// It goes on as TLS.
    Tls,
    /// It is no HTTP.
    Foreign,
    /// It has a head that is too long, or has too many headers.
    LongHead,
}

impl Http {
    /// In front of a head.
    pub(super) fn new() -> Self {
        Self { state: State::Head(reader()) }
    }

    /// Reads all of `stream` that can be read.
    pub(super) fn take_from(
        &mut self,
        stream: &mut BytesMut,
        exchange: &mut Exchange,
        out: &mut Outlet<'_, '_>,
    ) -> Step {
        while !stream.is_empty() {
            match &mut self.state {
                State::Head(reader) => {
                    skip_empty_lines(stream);
                    if sniff::is_tls(stream) {
                        return Step::Tls;
                    }
                    match take_head(reader, stream) {
                        Ok(Some(head)) => self.state = head_state(head, exchange, out),
                        Ok(None) => return Step::Wait,
                        Err(step) => return step,
                    }
                }
                State::Body(body) => {
                    if body.take_from(stream, out).is_continue() {
                        return Step::Wait;
                    }
                    self.state = State::Head(reader());
                }
                State::Lost if sniff::is_http(stream) => self.state = State::Head(reader()),
                State::Lost => stream.clear(),
            }
        }
        Step::Wait
    }

    /// Bytes that follow those in `stream` were not recorded. Says whether a head may be among
    /// them; within a body they are not missed.
    pub(super) fn gap(&mut self, stream: &mut BytesMut, gap_len: u64) -> bool {
        stream.clear();
        let goes_on = match &mut self.state {
            State::Head(_) => false,
            State::Body(body) => body.gap(gap_len),
            State::Lost => return false,
        };
        if !goes_on {
            self.state = State::Lost;
        }
        !goes_on
    }

    /// Bytes of memory that this holds.
    pub(super) fn footprint_len(&self) -> usize {
        match &self.state {
            State::Body(body) => body.footprint_len(),
            State::Head(_) | State::Lost => 0,
        }
    }

    /// The stream ends. Says whether it may do so here; a message within a body that is cut is told
    /// of at once.
    pub(super) fn end(&mut self, out: &mut Outlet<'_, '_>) -> bool {
        if let State::Body(body) = &mut self.state {
            body.end(out);
        }
        !matches!(self.state, State::Head(_))
    }
}

fn reader() -> HeadReader {
    HeadReader::with_limits(HTTP_HEAD_LEN_MAX, HTTP_HEAD_LEN_MAX)
}

/// Some programs send an empty line too much after a body.
fn skip_empty_lines(stream: &mut BytesMut) {
    let blank_len = stream.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    stream.advance(blank_len.min(stream.len()));
}

fn take_head(reader: &mut HeadReader, stream: &mut BytesMut) -> Result<Option<Head>, Step> {
    // The one callback that is a line without an empty line behind it.
    if stream.starts_with(b"QUEUE ") {
        return take_line(stream);
    }
    match sniff::guess(stream, false) {
        Some(sniff::Guess::Http) => reader.take_from(stream).map_err(|_| Step::LongHead),
        None => Ok(None),
        Some(_) => Err(Step::Foreign),
    }
}

fn take_line(stream: &mut BytesMut) -> Result<Option<Head>, Step> {
    let Some(end) = stream.iter().take(HEAD_LINE_LEN_MAX).position(|&byte| byte == b'\n') else {
        return if stream.len() < HEAD_LINE_LEN_MAX { Ok(None) } else { Err(Step::LongHead) };
    };
    let line = stream.split_to(end.saturating_add(1).min(stream.len()));
    Ok(Some(Head::new(String::from_utf8_lossy(line.trim_ascii_end()))))
}

/// Puts out the head, and says what follows it.
fn head_state(head: Head, exchange: &mut Exchange, out: &mut Outlet<'_, '_>) -> State {
    let body = body_of(&head, exchange);
    let body_len = body.as_ref().map_or(Some(0), HttpBody::announced_len);
    let is_request = !head.start.starts_with("HTTP/");
    let body_len = body_len.filter(|&len| !is_request || len > 0);
    out.put_clean(Body::Http(HttpHead { head, body_len }));
    body.map_or_else(|| State::Head(reader()), State::Body)
}

fn body_of(head: &Head, exchange: &mut Exchange) -> Option<HttpBody> {
    let Some(status) = head.start.strip_prefix("HTTP/") else {
        if !head.start.starts_with("GIV ") && !head.start.starts_with("QUEUE ") {
            exchange.ask(head.start.starts_with("HEAD "));
        }
        return HttpBody::of_request(head);
    };
    let code = status.split(' ').nth(1).unwrap_or_default();
    if code.starts_with('1') {
        return None;
    }
    let wants_head_alone = exchange.waiting.pop_front().unwrap_or_default();
    let has_none = wants_head_alone || matches!(code, "204" | "304");
    (!has_none).then(|| HttpBody::of_response(head)).flatten()
}

impl Exchange {
    /// A request was sent. Beyond the limit the oldest one is given up.
    fn ask(&mut self, wants_head_alone: bool) {
        if self.waiting.len() >= HTTP_PIPELINE_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(wants_head_alone);
    }
}
