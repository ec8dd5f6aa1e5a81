//! Results beyond the share of whoever sent them: told once others have had theirs (FTPEER-26).

use crate::base::limits::{FASTTRACK_HELD_ALL_LEN_MAX, FASTTRACK_HELD_LEN_MAX};
use crate::fasttrack::wire::{Frame, Message, Results, Side, pack};

/// Those of one search. They are packed, so that they take their own bytes and not those of all that they came with.
#[derive(Debug, Default)]
pub(super) struct Held {
    frames: Vec<Frame>,
    count: u16,
    len_bytes: usize,
}

impl Held {
    /// How many there are.
    pub(super) const fn count(&self) -> u16 {
        self.count
    }

    pub(super) const fn len_bytes(&self) -> usize {
        self.len_bytes
    }

    /// Keeps some of what one supernode has sent, as far as there is room in this search and in all, where so many
    /// bytes are held.
    pub(super) fn keep(&mut self, results: &Results, from: usize, count: u16, all: &mut usize) {
        let Results { supernode, id, .. } = *results;
        let later = results.to_send_on().skip(from).take(count.into());
        for frame in pack(supernode, id, later) {
            let len = frame.payload.len();
            let (of_search, of_all) = (self.len_bytes.saturating_add(len), all.saturating_add(len));
            if of_search > FASTTRACK_HELD_LEN_MAX || of_all > FASTTRACK_HELD_ALL_LEN_MAX {
                return;
            }
            (self.len_bytes, *all) = (of_search, of_all);
            let count = read(&frame).map_or(0, |results| results.results.len());
            self.count = self.count.saturating_add(u16::try_from(count).unwrap_or(u16::MAX));
            self.frames.push(frame);
        }
    }

    /// Those that are wanted still, in the order in which they came.
    pub(super) fn release(self, wanted: u16) -> impl Iterator<Item = Results> {
        let mut left = usize::from(wanted);
        self.frames.into_iter().filter_map(move |frame| {
            let mut results = read(&frame)?;
            results.results.truncate(left);
            left = left.saturating_sub(results.results.len());
            (!results.results.is_empty()).then_some(results)
        })
    }
}

fn read(frame: &Frame) -> Option<Results> {
    match Message::parse(frame, Side::Down) {
        Ok(Message::Results(results)) => Some(results),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddrV4;

    use super::*;
    use crate::fasttrack::wire::{Bandwidth, FoundRef, Tag, TagWriter};

    const SUPERNODE: SocketAddrV4 = SocketAddrV4::new(std::net::Ipv4Addr::new(9, 9, 9, 9), 1_214);

    /// Of a result in a message of its own, with nothing but a name of 128 bytes or more.
    const HEAD_LEN: usize = 10 + 7 + 10 + 20 + 2 + TAG_HEAD_LEN;
    const TAG_HEAD_LEN: usize = 1 + 1 + 2;

    /// Results that take so many bytes each, in messages of their own.
    fn results(lens: &[usize]) -> Results {
        let mut all = Results { supernode: SUPERNODE, id: 7, results: Vec::new() };
        for len in lens {
            let name = vec![b'x'; len.saturating_sub(HEAD_LEN)];
            let tags = TagWriter::new().put(Tag::FILE_NAME, &name).finish();
            let found = FoundRef {
                address: SUPERNODE,
                bandwidth: Bandwidth(1),
                user: "bob".into(),
                network: "KaZaA".into(),
                hash: [1; 20],
                file_id: 1,
                size: 1,
                tags: tags.as_bytes(),
            };
            let frame = pack(SUPERNODE, 7, [found]).next().unwrap();
            assert_eq!(frame.payload.len(), *len);
            all.results.extend(read(&frame).unwrap().results);
        }
        all
    }

    /// FTPEER-26: at the limits and one past them.
    #[test]
    fn so_many_bytes_are_held_of_a_search_and_of_all() {
        for (first, count) in [(512, 64), (513, 63)] {
            let (mut held, mut all) = (Held::default(), 0);
            for len in std::iter::once(first).chain([512; FASTTRACK_HELD_LEN_MAX / 512 - 1]) {
                held.keep(&results(&[len]), 0, 1, &mut all);
            }
            assert_eq!((held.count(), held.len_bytes()), (count, all));
            assert!((FASTTRACK_HELD_LEN_MAX - 511..=FASTTRACK_HELD_LEN_MAX).contains(&all));
        }
        for (free, count) in [(500, 1), (499, 0)] {
            let (mut held, mut all) = (Held::default(), FASTTRACK_HELD_ALL_LEN_MAX - free);
            held.keep(&results(&[500]), 0, 1, &mut all);
            assert_eq!(held.count(), count);
        }
    }

    #[test]
    fn only_what_is_not_told_is_kept_and_only_what_is_wanted_told() {
        let (mut held, mut all) = (Held::default(), 0);
        held.keep(&results(&[200, 300, 400, 500]), 1, 2, &mut all);
        assert_eq!(held.count(), 2);
        let lens =
            |results: Results| results.results.iter().map(|it| it.tags.as_bytes().len()).collect();
        let released: Vec<Vec<usize>> = held.release(1).map(lens).collect();
        assert_eq!(released, [[300 - HEAD_LEN + TAG_HEAD_LEN]]);
    }
}
