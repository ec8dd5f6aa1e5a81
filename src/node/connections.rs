use std::net::{IpAddr, SocketAddr};

use super::{Direction, LinkId};
use crate::base::slots::{Slot, give_back_room, make_room};
use crate::promotion::slots::Caller;

/// The driver's connections, as the node knows them.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// Few, and looked up with each message: ascending by link.
    links: Vec<(LinkId, Connection)>,
}

#[derive(Debug)]
pub(super) enum Connection {
    /// The handshake runs.
    Greeting(Box<Greeting>),
    /// It leads to a neighbour, of which the servent knows all that there is to know.
    Open(Slot),
    /// We have said goodbye, to a neighbour or to somebody who was to become none; what still comes is
    /// not heard.
    Leaving(Box<Leaving>),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Greeting {
    pub(super) address: SocketAddr,
    pub(super) direction: Direction,
    /// The user asked for it.
    pub(super) is_chosen: bool,
    /// Where it takes calls, as it says.
    pub(super) listen: Option<SocketAddr>,
    /// It has said that it wants a link.
    pub(super) has_asked: bool,
    /// There once it has been judged.
    pub(super) caller: Option<Caller>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Leaving {
    pub(super) address: SocketAddr,
    pub(super) direction: Direction,
    pub(super) was_open: bool,
}

impl Connections {
    /// A connection stands.
    pub(super) fn insert(&mut self, link: LinkId, greeting: Greeting) {
        if let Err(place) = self.place(link) {
            make_room(&mut self.links);
            self.links.insert(place, (link, Connection::Greeting(Box::new(greeting))));
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
        match self.get(link)? {
            Connection::Open(slot) => Some(*slot),
            Connection::Greeting(_) | Connection::Leaving(_) => None,
        }
    }

    /// Whoever is behind a link whose handshake runs.
    pub(super) fn greeting(&self, link: LinkId) -> Option<&Greeting> {
        match self.get(link)? {
            Connection::Greeting(greeting) => Some(greeting),
            Connection::Open(_) | Connection::Leaving(_) => None,
        }
    }

    /// The same, to change what is known of it.
    pub(super) fn greeting_mut(&mut self, link: LinkId) -> Option<&mut Greeting> {
        match self.get_mut(link)? {
            Connection::Greeting(greeting) => Some(greeting),
            Connection::Open(_) | Connection::Leaving(_) => None,
        }
    }

    /// The link leads to this neighbour now.
    pub(super) fn open(&mut self, link: LinkId, slot: Slot) {
        if let Some(connection) = self.get_mut(link) {
            *connection = Connection::Open(slot);
        }
    }

    /// Nothing is heard from this link any more.
    pub(super) fn leave(&mut self, link: LinkId, leaving: Leaving) {
        if let Some(connection) = self.get_mut(link) {
            *connection = Connection::Leaving(Box::new(leaving));
        }
    }

    pub(super) fn remove(&mut self, link: LinkId) -> Option<Connection> {
        let place = self.place(link).ok()?;
        let (_, gone) = self.links.remove(place);
        give_back_room(&mut self.links);
        Some(gone)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (LinkId, &Connection)> {
        self.links.iter().map(|(link, connection)| (*link, connection))
    }

    /// Those whose handshake runs.
    pub(super) fn greetings(&self) -> impl Iterator<Item = &Greeting> {
        self.links.iter().filter_map(|(_, connection)| match connection {
            Connection::Greeting(greeting) => Some(&**greeting),
            Connection::Open(_) | Connection::Leaving(_) => None,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    /// Connections from or to this address that are no neighbours yet.
    pub(super) fn greeting_from(&self, ip: IpAddr) -> usize {
        self.greetings().filter(|greeting| greeting.address.ip() == ip).count()
    }

    fn place(&self, link: LinkId) -> Result<usize, usize> {
        self.links.binary_search_by_key(&link, |(link, _)| *link)
    }
}
