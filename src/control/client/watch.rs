use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming};
use serde::Deserialize;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Error;
use super::sse::{Event, Parser};
use crate::control::model::Happening;

/// How long a node may be silent that tells what happens: it gives a sign of life far more often.
pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);

/// What happens at a node, as it tells it.
#[derive(Debug)]
pub struct Watch {
    body: Incoming,
    parser: Parser,
    seen: VecDeque<Event>,
    /// Drives the connection.
    driver: JoinHandle<()>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The name of its kind.
    pub kind: String,
    /// All that was said of it.
    pub value: Value,
}

impl Watch {
    pub(super) fn new(body: Incoming, driver: JoinHandle<()>) -> Self {
        Self { body, parser: Parser::default(), seen: VecDeque::new(), driver }
    }

    /// Waits for the next. Nothing comes any more after the end of the stream. Nothing is lost when
    /// whoever waits stops waiting.
    pub async fn next(&mut self) -> Result<Option<Seen>, Error> {
        loop {
            if let Some(event) = self.seen.pop_front() {
                return Seen::read(event).map(Some);
            }
            let Some(frame) = self.frame().await? else { return Ok(None) };
            let Ok(bytes) = frame.into_data() else { continue };
            let seen = &mut self.seen;
            let pushed = self.parser.push(&bytes, &mut |event| seen.push_back(event));
            pushed.map_err(|error| Error::Broken(error.to_string()))?;
        }
    }

    async fn frame(&mut self) -> Result<Option<Frame<Bytes>>, Error> {
        let frame = timeout(SILENCE_TIMEOUT, self.body.frame()).await.map_err(|_| {
            let seconds = SILENCE_TIMEOUT.as_secs();
            Error::Broken(format!("the node has given no sign of life for {seconds} s"))
        })?;
        let gone = |_| Error::Broken("the node went away while it told what happens".to_owned());
        frame.transpose().map_err(gone)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Seen {
    fn read(event: Event) -> Result<Self, Error> {
        let Event { kind, data, .. } = event;
        let broken = |_| Error::Broken("an event of the node is no JSON".to_owned());
        Ok(Self { kind, value: serde_json::from_str(&data).map_err(broken)? })
    }

    /// What it means, unless it is of a kind that is not known here.
    pub fn happening(&self) -> Option<Happening> {
        Happening::deserialize(&self.value).ok()
    }
}
