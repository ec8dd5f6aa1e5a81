use std::collections::VecDeque;
use std::net::SocketAddrV4;

use super::entry::{Entry, News, Route};
use super::line::Lines;
use super::room::Room;
use crate::base::time::Time;

/// What is known of all entries of a [`Vector`](super::vector::Vector) together.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Neighbours that there are.
    pub(super) lines: Lines,
    pub(super) room: Room,
    /// When what was lost may be taken again, the oldest first.
    pub(super) held: VecDeque<(Time, SocketAddrV4)>,
    pub(super) news: News,
}

impl Books {
    /// An entry is reached so from now on, or not any more.
    pub(super) fn take(
        &mut self,
        address: SocketAddrV4,
        entry: &mut Entry,
        route: Option<Route>,
        now: Time,
    ) {
        let before = entry.route;
        if route.is_none() && before.is_none() {
            return;
        }
        self.news.add(entry.take(route, self.lines, now));
        self.room.change(before, route);
        if route.is_none() {
            self.held.push_back((now, address));
        }
    }
}
