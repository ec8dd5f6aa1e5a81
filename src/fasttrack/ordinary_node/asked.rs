//! Who was asked by UDP whether it is a supernode.

use std::collections::VecDeque;
use std::net::SocketAddrV4;

use crate::base::limits::{SUPERNODE_ANSWER_MS, SUPERNODES_WAITED_FOR_MAX};
use crate::base::time::Time;

/// Those whose answer counts (FTUDP-08), the first asked in front.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked(VecDeque<(SocketAddrV4, Time)>);

impl Asked {
    /// It is asked now.
    pub(super) fn note(&mut self, address: SocketAddrV4, now: Time) {
        self.take(address, now);
        if self.0.len() >= SUPERNODES_WAITED_FOR_MAX {
            self.0.pop_front();
        }
        self.0.push_back((address, now));
    }

    /// It answers: when it was asked, where that counts. It does once.
    pub(super) fn take(&mut self, address: SocketAddrV4, now: Time) -> Option<Time> {
        let is_late = |asked: Time| now > asked.after_ms(SUPERNODE_ANSWER_MS);
        while self.0.front().is_some_and(|(_, asked)| is_late(*asked)) {
            self.0.pop_front();
        }
        let place = self.0.iter().position(|(asked, _)| *asked == address);
        place.and_then(|place| self.0.remove(place)).map(|(_, asked)| asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(port: usize) -> SocketAddrV4 {
        SocketAddrV4::new([5, 5, 5, 5].into(), u16::try_from(port).unwrap())
    }

    /// FTUDP-08: the first that was asked is forgotten.
    #[test]
    fn so_many_are_waited_for_and_not_one_more() {
        for (count, is_known) in
            [(SUPERNODES_WAITED_FOR_MAX, true), (SUPERNODES_WAITED_FOR_MAX + 1, false)]
        {
            let mut asked = Asked::default();
            (0..count).for_each(|port| asked.note(node(port), Time::ZERO));
            let mut takes = |port| asked.take(node(port), Time::ZERO).is_some();
            assert_eq!([takes(1), takes(1), takes(0)], [true, false, is_known]);
        }
    }

    #[test]
    fn whoever_is_asked_twice_answers_once() {
        let mut asked = Asked::default();
        let again = Time::from_millis(1);
        for at in [Time::from_millis(2), Time::from_millis(SUPERNODE_ANSWER_MS + 1)] {
            asked.note(node(1), Time::ZERO);
            asked.note(node(1), again);
            assert_eq!([asked.take(node(1), at), asked.take(node(1), at)], [Some(again), None]);
        }
    }
}
