use bytes::{Bytes, BytesMut};

use super::{Double, Growing, Part, Pieces, Suspicion, Taken};
use crate::base::limits::SUSPICIONS_MAX;
use crate::base::ranges::ByteRange;
use crate::transfer::download::SourceId;
use crate::transfer::download::leaves::{Leaves, TigerDigest, root_of};

/// What became of some bytes.
#[derive(Debug)]
pub struct Received {
    /// How many of them this is about, from the first one on.
    pub len: usize,
    /// What goes to the disk, and where.
    pub write: Option<(u64, Bytes)>,
    /// What they made whole.
    pub judged: Option<Judged>,
}

/// A piece is whole.
#[derive(Debug, PartialEq, Eq)]
pub enum Judged {
    /// It is what the tree says. Whoever sent it otherwise before has lied.
    Right { range: ByteRange, liars: Vec<SourceId> },
    /// It is not what the tree says, and this is what it is.
    Wrong { piece: u64, senders: Vec<SourceId>, root: TigerDigest },
    /// No tree says what it must be.
    Taken { range: ByteRange, root: TigerDigest },
}

impl Pieces {
    /// Bytes came from a source, the first of which stands at `at`. Call it again with what is left.
    pub fn receive(&mut self, from: SourceId, at: u64, bytes: &Bytes) -> Received {
        let piece = self.at(at);
        let range = self.range(piece);
        let room = usize::try_from(range.end.saturating_sub(at)).unwrap_or(usize::MAX);
        let now = bytes.slice(..room.min(bytes.len()));
        let inside = at.saturating_sub(range.start);
        if self.may_grow(piece, inside, from) {
            return self.grow(piece, at, now, from);
        }
        let holds = self.doubles.get(&piece).is_some_and(|double| {
            double.by == from && u64::try_from(double.bytes.len()) == Ok(inside)
        });
        if holds {
            return self.hold(piece, &now);
        }
        // Nobody needs them.
        Received { len: now.len(), write: None, judged: None }
    }

    /// True where these bytes are the next ones of a piece that nobody else writes.
    fn may_grow(&self, piece: u64, inside: u64, from: SourceId) -> bool {
        if self.is_there(piece) || self.asked.get(&piece).is_some_and(|by| *by != from) {
            return false;
        }
        // What another one has sent otherwise than the tree says stays until somebody sends what it says.
        let is_compared = self.doubles.get(&piece).is_some_and(|double| double.by == from);
        if is_compared && self.disputed.contains_key(&piece) {
            return false;
        }
        match self.growing.get(&piece) {
            Some(growing) => {
                growing.len == inside && growing.writer.is_none_or(|writer| writer == from)
            }
            None => inside == 0,
        }
    }

    fn grow(&mut self, piece: u64, at: u64, bytes: Bytes, from: SourceId) -> Received {
        self.disputed.remove(&piece);
        let growing = self.growing.entry(piece).or_insert_with(|| Growing {
            leaves: Leaves::new(),
            len: 0,
            parts: Vec::new(),
            writer: None,
        });
        let len = bytes.len();
        growing.writer = Some(from);
        growing.leaves.update(&bytes);
        growing.len = growing.len.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        match growing.parts.last_mut().filter(|part| part.by == from) {
            Some(part) => part.end = growing.len,
            None => growing.parts.push(Part { by: from, end: growing.len }),
        }
        let is_whole = growing.len >= self.range(piece).len();
        let judged = if is_whole { self.judge_grown(piece) } else { None };
        Received { len, write: Some((at, bytes)), judged }
    }

    /// The second copy of a piece grows. It is written when it turns out to be the first that is whole.
    fn hold(&mut self, piece: u64, bytes: &Bytes) -> Received {
        let range = self.range(piece);
        let mut received = Received { len: bytes.len(), write: None, judged: None };
        let Some(double) = self.doubles.get_mut(&piece) else { return received };
        double.leaves.update(bytes);
        double.bytes.extend_from_slice(bytes);
        if u64::try_from(double.bytes.len()).is_ok_and(|len| len < range.len()) {
            return received;
        }
        let Some(Double { by, leaves, bytes }) = self.doubles.remove(&piece) else {
            return received;
        };
        let parts = vec![Part { by, end: range.len() }];
        let judged = self.judge(piece, leaves.finish(), parts);
        if !matches!(judged, Judged::Wrong { .. }) {
            self.growing.remove(&piece);
            self.disputed.remove(&piece);
            received.write = Some((range.start, bytes.freeze()));
        }
        received.judged = Some(judged);
        received
    }

    fn judge_grown(&mut self, piece: u64) -> Option<Judged> {
        let growing = self.growing.remove(&piece)?;
        let judged = self.judge(piece, growing.leaves.finish(), growing.parts);
        match &judged {
            Judged::Wrong { senders, root, .. } => {
                if let [_] = senders.as_slice() {
                    self.disputed.insert(piece, Taken { root: *root, by: senders.clone() });
                }
            }
            _ => {
                self.doubles.remove(&piece);
            }
        }
        Some(judged)
    }

    fn judge(&mut self, piece: u64, leaves: Vec<TigerDigest>, parts: Vec<Part>) -> Judged {
        let (range, root) = (self.range(piece), root_of(&leaves));
        let expected = self.row.as_ref().map(|row| row.digest(piece) == Some(&root));
        let senders = senders(&parts);
        self.asked.remove(&piece);
        match expected {
            Some(true) => {
                self.there.insert(range);
                self.right_by.insert(piece, senders);
                let suspicions = self.suspicions.remove(&piece).unwrap_or_default();
                Judged::Right { range, liars: liars(&suspicions, &leaves) }
            }
            Some(false) => {
                if senders.len() > 1 && self.suspicions.len() < SUSPICIONS_MAX {
                    let suspicion = Suspicion { leaves, parts };
                    self.suspicions.entry(piece).or_default().push(suspicion);
                }
                Judged::Wrong { piece, senders, root }
            }
            None => {
                self.there.insert(range);
                self.taken.insert(piece, Taken { root, by: senders });
                Judged::Taken { range, root }
            }
        }
    }

    /// The piece is fetched from this source too, beside the one that is at it.
    pub fn double(&mut self, piece: u64, by: SourceId) {
        let double = Double { by, leaves: Leaves::new(), bytes: BytesMut::new() };
        self.doubles.insert(piece, double);
    }
}

fn senders(parts: &[Part]) -> Vec<SourceId> {
    let mut senders: Vec<SourceId> = parts.iter().map(|part| part.by).collect();
    senders.sort_unstable();
    senders.dedup();
    senders
}

/// Whoever sent leaves that are not those of the right piece. A leaf that two have sent together says
/// nothing about either.
fn liars(suspicions: &[Suspicion], right: &[TigerDigest]) -> Vec<SourceId> {
    let mut liars = Vec::new();
    for Suspicion { leaves, parts } in suspicions {
        let mut start = 0;
        for part in parts {
            let lied = (0_u64..).zip(leaves.iter().zip(right)).any(|(number, (sent, right))| {
                let leaf = ByteRange::new(
                    number.saturating_mul(1_024),
                    number.saturating_add(1).saturating_mul(1_024),
                );
                let is_its_own =
                    leaf.start >= start && (leaf.end <= part.end || is_last(parts, part));
                is_its_own && sent != right
            });
            if lied && !liars.contains(&part.by) {
                liars.push(part.by);
            }
            start = part.end;
        }
    }
    liars
}

fn is_last(parts: &[Part], part: &Part) -> bool {
    parts.last().is_some_and(|last| last.end == part.end)
}
