use std::net::{IpAddr, SocketAddr};

use super::{Direction, LinkId};
use crate::base::slots::{Slot, make_room};
use crate::promotion::slots::Caller;

/// The driver's connections, as the node knows them.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// Few, and looked up with each message: ascending by link.
    links: Vec<(LinkId, Connection)>,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) address: SocketAddr,
    pub(super) direction: Direction,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    /// The handshake runs. The caller is there once it has been judged.
    Greeting(Option<Box<Caller>>),
    Open(Slot),
    /// We have said goodbye, to a neighbour or to somebody who was to become none; what still comes is
    /// not heard.
    Leaving {
        was_open: bool,
    },
}

impl Connections {
    pub(super) fn insert(&mut self, link: LinkId, connection: Connection) {
        match self.place(link) {
            Ok(_) => {}
            Err(place) => {
                make_room(&mut self.links);
                self.links.insert(place, (link, connection));
            }
        }
    }

    pub(super) fn get(&self, link: LinkId) -> Option<&Connection> {
        self.links.get(self.place(link).ok()?).map(|(_, connection)| connection)
    }

    pub(super) fn get_mut(&mut self, link: LinkId) -> Option<&mut Connection> {
        let place = self.place(link).ok()?;
        self.links.get_mut(place).map(|(_, connection)| connection)
    }

    /// The neighbour behind a link that is open.
    pub(super) fn slot(&self, link: LinkId) -> Option<Slot> {
        match self.get(link)?.state {
            State::Open(slot) => Some(slot),
            State::Greeting(_) | State::Leaving { .. } => None,
        }
    }

    /// The link leads to this neighbour now.
    pub(super) fn open(&mut self, link: LinkId, slot: Slot) {
        if let Some(connection) = self.get_mut(link) {
            connection.state = State::Open(slot);
        }
    }

    /// Nothing is heard from this link any more. The neighbour that was behind it.
    pub(super) fn leave(&mut self, link: LinkId) -> Option<Slot> {
        let connection = self.get_mut(link)?;
        let was_open =
            matches!(connection.state, State::Open(_) | State::Leaving { was_open: true });
        let before = std::mem::replace(&mut connection.state, State::Leaving { was_open });
        let State::Open(slot) = before else { return None };
        Some(slot)
    }

    pub(super) fn remove(&mut self, link: LinkId) -> Option<Connection> {
        let place = self.place(link).ok()?;
        Some(self.links.remove(place).1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (LinkId, &Connection)> {
        self.links.iter().map(|(link, connection)| (*link, connection))
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    /// Connections from or to this address that are no neighbours yet.
    pub(super) fn greeting_from(&self, ip: IpAddr) -> usize {
        let greets = |connection: &Connection| matches!(connection.state, State::Greeting(_));
        self.links.iter().filter(|(_, one)| greets(one) && one.address.ip() == ip).count()
    }

    fn place(&self, link: LinkId) -> Result<usize, usize> {
        self.links.binary_search_by_key(&link, |(link, _)| *link)
    }
}
