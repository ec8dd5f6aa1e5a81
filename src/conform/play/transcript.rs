use bytes::Bytes;

use crate::base::limits::TRANSCRIPT_LEN_MAX;
use crate::base::time::Time;

/// The bytes that went both ways in a case, as far as there is room for them.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    began: Time,
    exchanges: Vec<Exchange>,
    len: usize,
    /// Bytes for which there was no room.
    pub left_out: usize,
}

/// What went over one connection at one moment.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Milliseconds since the case began.
    pub at_ms: u64,
    /// The name of our end.
    pub probe: String,
    pub direction: Direction,
    pub bytes: Bytes,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Sent,
    Received,
    /// The subject ended the connection.
    Ended,
    /// We did.
    Closed,
}

impl Direction {
    /// The word for it in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Ended => "ended",
            Self::Closed => "closed",
        }
    }
}

impl Transcript {
    pub(super) fn new(began: Time) -> Self {
        Self { began, ..Self::default() }
    }

    pub(super) const fn began(&self) -> Time {
        self.began
    }

    /// What was said, in order.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    pub(super) fn note(&mut self, probe: &str, direction: Direction, bytes: &[u8], now: Time) {
        let room = TRANSCRIPT_LEN_MAX.saturating_sub(self.len);
        let kept = bytes.get(..room).unwrap_or(bytes);
        self.left_out = self.left_out.saturating_add(bytes.len().saturating_sub(kept.len()));
        if kept.is_empty() && !bytes.is_empty() {
            return;
        }
        // An exchange takes room of its own too.
        self.len = self.len.saturating_add(kept.len()).saturating_add(32);
        self.exchanges.push(Exchange {
            at_ms: millis_between(self.began, now),
            probe: probe.to_owned(),
            direction,
            bytes: Bytes::copy_from_slice(kept),
        });
    }
}

/// Whole milliseconds from one moment to another.
pub(super) fn millis_between(from: Time, to: Time) -> u64 {
    u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_bytes_are_kept_and_the_others_counted() {
        let mut transcript = Transcript::new(Time::ZERO);
        transcript.note("a", Direction::Sent, &vec![0; TRANSCRIPT_LEN_MAX], Time::ZERO);
        assert_eq!(transcript.left_out, 0);
        transcript.note("a", Direction::Received, &[1], Time::ZERO);
        assert_eq!((transcript.left_out, transcript.exchanges().len()), (1, 1));
        // That it ended is worth a line.
        transcript.note("a", Direction::Ended, b"", Time::ZERO);
        assert_eq!(transcript.exchanges().len(), 2);
    }
}
