use crate::base::time::Time;
use crate::fasttrack::link::Link as Session;
use crate::gnutella::link::Link;
use crate::node::LinkId;

use super::event::EndName;

/// A connection of TCP between two hosts.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) ends: [End; 2],
    generation: u32,
    /// How long it takes one way, in microseconds.
    pub(super) latency: u64,
    pub(super) cut: Cut,
    /// Every message goes through both links as bytes.
    pub(super) by_bytes: bool,
    /// It is one of FastTrack.
    pub(super) is_session: bool,
}

/// One side of a connection.
#[derive(Debug)]
pub(super) struct End {
    /// Whose it is, or was.
    pub(super) host: u32,
    /// Nobody's any more.
    is_gone: bool,
    pub(super) stage: Stage,
    /// The machine has messages for it that were not all taken.
    pub(super) is_ready: bool,
    /// It waits for its turn on the line of its host.
    pub(super) is_in_turn: bool,
    /// It waits until the other side has read.
    pub(super) is_blocked: bool,
    /// What comes here waits: a partition, or a host that reads nothing.
    pub(super) is_held: bool,
    /// It has told the other side that nothing more comes.
    pub(super) has_ended: bool,
    /// The other side is an ultrapeer, once that is known.
    pub(super) leads_up: bool,
    /// The other side is a leaf, once that is known.
    pub(super) leads_down: bool,
    /// Bytes that this end has sent and the other one has not read.
    pub(super) unread: u32,
    pub(super) link: Option<Box<Link>>,
    pub(super) session: Option<Box<Session>>,
    /// The first bytes of a session that somebody has opened with us have come.
    pub(super) is_greeted: bool,
    /// The machine reads nothing of this session for now.
    pub(super) is_paused: bool,
    /// The session reads nothing for now: the other side has sent too much.
    pub(super) is_slowed: bool,
    /// When the link is woken, if an event says so, and which of all such events does.
    pub(super) wakes_at: Time,
    pub(super) wake: u32,
    /// When the last of what this end has sent arrives.
    pub(super) last_arrival: Time,
}

/// How far one side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It does not know of the connection yet.
    Calling,
    Shaking,
    Open,
    /// The last word is said.
    Leaving,
}

/// Whether nothing crosses a connection any more, and nobody says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    No,
    /// One of the computers has stopped. When it is back, it says that it knows of no connection.
    UntilBack,
    /// Something between the two has lost what it knew.
    ForGood,
}

/// When nothing is planned.
pub(super) const NEVER: Time = Time::from_micros(u64::MAX);

impl End {
    fn new(host: u32) -> Self {
        Self {
            host,
            is_gone: false,
            stage: Stage::Calling,
            is_ready: false,
            is_in_turn: false,
            is_blocked: false,
            is_held: false,
            has_ended: false,
            leads_up: false,
            leads_down: false,
            unread: 0,
            link: None,
            session: None,
            is_greeted: false,
            is_paused: false,
            is_slowed: false,
            wakes_at: NEVER,
            wake: 0,
            last_arrival: Time::ZERO,
        }
    }

    pub(super) const fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// When its link or its session wants to be woken.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        let session = self.session.as_deref().and_then(Session::next_timeout);
        let link = || Some(self.link.as_deref()?.next_timeout()?.0);
        session.map(|(due, _)| due).or_else(link)
    }
}

impl EndName {
    /// The other end of the same connection.
    pub(super) const fn other(self) -> Self {
        Self { place: self.place ^ 1, generation: self.generation }
    }

    /// What the machine at this end knows the connection by. No connection ever has the name of
    /// another one.
    pub(super) const fn link_id(self) -> LinkId {
        LinkId((self.generation as u64) << 32 | self.place as u64)
    }

    pub(super) const fn of(link: LinkId) -> Self {
        let [g0, g1, g2, g3, p0, p1, p2, p3] = link.0.to_be_bytes();
        let generation = u32::from_be_bytes([g0, g1, g2, g3]);
        Self { place: u32::from_be_bytes([p0, p1, p2, p3]), generation }
    }
}

/// All connections, in places that are used again.
#[derive(Debug, Default)]
pub(super) struct Connections {
    places: Vec<Connection>,
    free: Vec<u32>,
}

impl Connections {
    /// A connection between these hosts; the name of the end of `caller`.
    pub(super) fn add(&mut self, caller: u32, called: u32, latency: u64) -> EndName {
        let ends = [End::new(caller), End::new(called)];
        let connection = Connection {
            ends,
            generation: 1,
            latency,
            cut: Cut::No,
            by_bytes: false,
            is_session: false,
        };
        let Some(index) = self.free.pop() else {
            self.places.push(connection);
            let index = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
            return EndName { place: index.saturating_sub(1) << 1, generation: 1 };
        };
        let mut generation = 1;
        if let Some(place) = self.places.get_mut(index as usize) {
            generation = place.generation.saturating_add(1);
            *place = Connection { generation, ..connection };
        }
        EndName { place: index << 1, generation }
    }

    #[inline]
    pub(super) fn get(&self, end: EndName) -> Option<&Connection> {
        let connection = self.places.get((end.place >> 1) as usize)?;
        (connection.generation == end.generation).then_some(connection)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, end: EndName) -> Option<&mut Connection> {
        let connection = self.places.get_mut((end.place >> 1) as usize)?;
        (connection.generation == end.generation).then_some(connection)
    }

    /// An end that is somebody's.
    #[inline]
    pub(super) fn end(&self, end: EndName) -> Option<&End> {
        let [first, second] = &self.get(end)?.ends;
        let found = if end.place & 1 == 0 { first } else { second };
        (!found.is_gone()).then_some(found)
    }

    /// An end that is somebody's.
    #[inline]
    pub(super) fn end_mut(&mut self, end: EndName) -> Option<&mut End> {
        let [first, second] = &mut self.get_mut(end)?.ends;
        let found = if end.place & 1 == 0 { first } else { second };
        (!found.is_gone()).then_some(found)
    }

    /// An end, and the other one, whosoever they are.
    #[inline]
    pub(super) fn both_mut(&mut self, end: EndName) -> Option<(&mut End, &mut End)> {
        let [first, second] = &mut self.get_mut(end)?.ends;
        Some(if end.place & 1 == 0 { (first, second) } else { (second, first) })
    }

    /// The host at the other end, even if it has hung up.
    pub(super) fn other_host(&self, end: EndName) -> u32 {
        let Some([first, second]) = self.get(end).map(|connection| &connection.ends) else {
            return u32::MAX;
        };
        if end.place & 1 == 0 { second.host } else { first.host }
    }

    /// Takes an end away from its host. With the second one the place is free.
    pub(super) fn remove(&mut self, end: EndName) {
        let Some((own, other)) = self.both_mut(end).filter(|(own, _)| !own.is_gone()) else {
            return;
        };
        own.is_gone = true;
        own.link = None;
        own.session = None;
        if other.is_gone() {
            self.free.push(end.place >> 1);
            if let Some(connection) = self.get_mut(end) {
                connection.generation = connection.generation.saturating_add(1);
            }
        }
    }

    /// Every connection that somebody has, by the name of its first end.
    pub(super) fn iter(&self) -> impl Iterator<Item = (EndName, &Connection)> {
        let named = (0_u32..).zip(&self.places).map(|(index, connection)| {
            (EndName { place: index << 1, generation: connection.generation }, connection)
        });
        named.filter(|(_, connection)| connection.ends.iter().any(|end| !end.is_gone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_used_again_and_its_names_are_not() {
        let mut connections = Connections::default();
        let first = connections.add(4, 5, 0);
        assert_eq!(EndName::of(first.link_id()), first);
        assert_ne!(first.link_id(), first.other().link_id());
        connections.remove(first);
        assert!(connections.end(first).is_none());
        assert_eq!(connections.end(first.other()).map(|end| end.host), Some(5));
        connections.remove(first);
        assert!(connections.get(first).is_some(), "the other end is there");
        connections.remove(first.other());
        assert!(connections.get(first).is_none());
        let second = connections.add(6, 7, 0);
        assert_eq!(second.place, first.place);
        assert_ne!(second, first);
        assert!(connections.end(first).is_none());
        assert_eq!(connections.iter().count(), 1);
    }
}
