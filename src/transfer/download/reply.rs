use bytes::{Bytes, BytesMut};

use super::contract::{Answer, Ask, Outcome, Path};
use super::row::Row;
use crate::base::limits::{REFUSAL_LEN_MAX, TREE_ANSWER_LEN_MAX};
use crate::gnutella::http::thex::TreeRows;
use crate::gnutella::http::{BodyReader, Response, ResponseReader};

/// What a source answers to one request, as it comes: a head, then bytes of the file, a tree, or words for people.
#[derive(Debug)]
pub struct Reply {
    ask: Ask,
    sha1: Option<[u8; 20]>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Head(ResponseReader),
    Bytes(BodyReader),
    Tree {
        body: BodyReader,
        tree: BytesMut,
    },
    /// What it says to people is passed over, so that the connection can be used again; then its answer is told.
    Words {
        body: BodyReader,
        left: usize,
        answer: Box<Answer>,
    },
    Over,
}

/// What has come of it.
#[derive(Debug)]
pub enum Heard {
    Answered(Answer),
    /// Bytes of the file, in order.
    Body(Bytes),
    /// A tree that was asked for: nothing where it was none.
    Tree(Option<Row>),
}

/// What came is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReply {
    /// It does not begin as one.
    Nonsense,
    /// It goes on otherwise than it began.
    Broken,
}

impl Reply {
    /// Nothing has come of what is asked now.
    pub fn to(ask: Ask, sha1: Option<[u8; 20]>) -> Self {
        Self { ask, sha1, stage: Stage::Head(ResponseReader::default()) }
    }

    /// All of it has come.
    pub const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// The connection has ended. Whether that may be the end of what comes; then [`take_from`](Self::take_from) tells what
    /// is left.
    pub fn may_end_here(&self) -> bool {
        match &self.stage {
            Stage::Head(_) => false,
            Stage::Bytes(body) | Stage::Tree { body, .. } | Stage::Words { body, .. } => {
                body.may_end_here()
            }
            Stage::Over => true,
        }
    }

    /// The next thing that is told, off the front of what has come; nothing while more has to come, or where it is
    /// [over](Self::is_over). `is_last` says that nothing more will come.
    pub fn take_from(
        &mut self,
        read: &mut BytesMut,
        is_last: bool,
    ) -> Result<Option<Heard>, NoReply> {
        loop {
            match &mut self.stage {
                Stage::Head(reader) => {
                    let response = reader.take_from(read).map_err(|_| NoReply::Nonsense)?;
                    let Some(response) = response else { return Ok(None) };
                    if let Some(heard) = self.begin(&response)? {
                        return Ok(Some(heard));
                    }
                }
                Stage::Bytes(body) => {
                    let bytes = body.take_from(read).map_err(|_| NoReply::Broken)?;
                    if bytes.is_some() {
                        return Ok(bytes.map(Heard::Body));
                    }
                    if !is_at_end(body, is_last) {
                        return Ok(None);
                    }
                    self.stage = Stage::Over;
                }
                Stage::Tree { body, tree } => {
                    while let Some(bytes) = body.take_from(read).map_err(|_| NoReply::Broken)? {
                        if tree.len().saturating_add(bytes.len()) > TREE_ANSWER_LEN_MAX {
                            return Err(NoReply::Broken);
                        }
                        tree.extend_from_slice(&bytes);
                    }
                    if !is_at_end(body, is_last) {
                        return Ok(None);
                    }
                    let rows = TreeRows::decode(tree).ok();
                    let row = rows.and_then(|rows| Row::lowest_of(&rows));
                    self.stage = Stage::Over;
                    return Ok(Some(Heard::Tree(row)));
                }
                Stage::Words { body, left, answer } => {
                    while answer.stays_open
                        && let Some(bytes) = body.take_from(read).map_err(|_| NoReply::Broken)?
                    {
                        *left = left.saturating_sub(bytes.len());
                        if *left == 0 {
                            return Err(NoReply::Broken);
                        }
                    }
                    if answer.stays_open && !is_at_end(body, is_last) {
                        return Ok(None);
                    }
                    let told = Heard::Answered((**answer).clone());
                    self.stage = Stage::Over;
                    return Ok(Some(told));
                }
                Stage::Over => return Ok(None),
            }
        }
    }

    /// A head has come. What it tells, unless a body has to be passed over first.
    fn begin(&mut self, response: &Response) -> Result<Option<Heard>, NoReply> {
        let answer = match &self.ask.path {
            Path::Kazaa(node) => Answer::of_kazaa(response, self.ask.what, node),
            _ => Answer::of(response, self.ask.what, self.sha1.as_ref()),
        };
        let body = BodyReader::new(response.body_end().map_err(|_| NoReply::Broken)?);
        self.stage = match answer.outcome {
            Outcome::Bytes { .. } => Stage::Bytes(body),
            Outcome::Tree { .. } => Stage::Tree { body, tree: BytesMut::new() },
            _ => {
                let answer = Box::new(answer);
                self.stage = Stage::Words { body, left: REFUSAL_LEN_MAX, answer };
                return Ok(None);
            }
        };
        Ok(Some(Heard::Answered(answer)))
    }
}

fn is_at_end(body: &BodyReader, is_last: bool) -> bool {
    body.is_done() || (is_last && body.may_end_here())
}
