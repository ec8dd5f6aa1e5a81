//! Sessions, from the moment when a connection stands.

use std::net::{IpAddr, SocketAddrV4};

use super::partings::SHUTTING_DOWN;
use super::{Event, Output, of_ipv4};
use crate::base::error::Fault;
use crate::base::limits::{HELD_MAX, HELD_OF_HOST_MAX};
use crate::base::slots::{Slot, give_back_room, make_room};
use crate::base::time::Time;
use crate::fasttrack::link::Ending;
use crate::node::bans::Admission;
use crate::node::host_cache::Outcome;
use crate::node::{self, LinkId, Node};

/// The driver's sessions of FastTrack, as the node knows them.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// Looked up with each message: ascending by link.
    links: Vec<(LinkId, Connection)>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Connection {
    /// Hellos and names are exchanged.
    Greeting { address: SocketAddrV4, is_outgoing: bool, is_chosen: bool },
    /// The wing knows all that there is to know of it.
    Open(Slot),
    /// The same, and it is to end: nothing that comes from it is heard.
    Leaving(Slot),
    /// It is to end, and the wing knows nothing of it: not yet, or not any more.
    TurnedAway { address: SocketAddrV4, is_outgoing: bool },
}

impl Connections {
    fn insert(&mut self, link: LinkId, connection: Connection) {
        if let Err(place) = self.place(link) {
            make_room(&mut self.links);
            self.links.insert(place, (link, connection));
        }
    }

    fn get(&self, link: LinkId) -> Option<Connection> {
        self.links.get(self.place(link).ok()?).map(|(_, connection)| *connection)
    }

    pub(super) fn set(&mut self, link: LinkId, connection: Connection) {
        if let Ok(place) = self.place(link)
            && let Some((_, known)) = self.links.get_mut(place)
        {
            *known = connection;
        }
    }

    fn remove(&mut self, link: LinkId) -> Option<Connection> {
        let place = self.place(link).ok()?;
        let (_, gone) = self.links.remove(place);
        give_back_room(&mut self.links);
        Some(gone)
    }

    /// The session behind a link, while it is open.
    pub(super) fn slot(&self, link: LinkId) -> Option<Slot> {
        match self.get(link)? {
            Connection::Open(slot) | Connection::Leaving(slot) => Some(slot),
            Connection::Greeting { .. } | Connection::TurnedAway { .. } => None,
        }
    }

    /// The same, if what it says counts.
    pub(super) fn heard_slot(&self, link: LinkId) -> Option<Slot> {
        match self.get(link)? {
            Connection::Open(slot) => Some(slot),
            _ => None,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (LinkId, Connection)> {
        self.links.iter().copied()
    }

    /// Those whose hellos are under way: where from or where to, and whether we called.
    pub(super) fn greetings(&self) -> impl Iterator<Item = (SocketAddrV4, bool)> {
        self.links.iter().filter_map(|(_, connection)| match connection {
            Connection::Greeting { address, is_outgoing, .. } => Some((*address, *is_outgoing)),
            _ => None,
        })
    }

    /// Whether one more caller that is not wanted is left waiting (FTSAFE-17).
    fn may_hold(&self, from: SocketAddrV4) -> bool {
        let held = self.links.iter().filter_map(|(_, connection)| match connection {
            Connection::TurnedAway { address, is_outgoing: false } => Some(address.ip()),
            _ => None,
        });
        let (mut all, mut of_host) = (0_usize, 0_usize);
        for ip in held {
            all = all.saturating_add(1);
            of_host = of_host.saturating_add((ip == from.ip()).into());
        }
        all < HELD_MAX && of_host < HELD_OF_HOST_MAX
    }

    pub(super) const fn len(&self) -> usize {
        self.links.len()
    }

    fn place(&self, link: LinkId) -> Result<usize, usize> {
        self.links.binary_search_by_key(&link, |(link, _)| *link)
    }
}

impl Node {
    /// How many hellos are under way with an address.
    pub(in crate::node) fn fasttrack_greeting_from(&self, ip: IpAddr) -> usize {
        let Some(fasttrack) = self.fasttrack.as_deref() else { return 0 };
        let from = fasttrack.connections.greetings();
        from.filter(|(address, is_outgoing)| !is_outgoing && *address.ip() == ip).count()
    }

    /// A call of ours has come about.
    pub(super) fn fasttrack_connected(&mut self, link: LinkId, address: SocketAddrV4) {
        let is_chosen = self.end_fasttrack_call(address);
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let connection = Connection::Greeting { address, is_outgoing: true, is_chosen };
        fasttrack.connections.insert(link, connection);
    }

    /// Somebody who has been let in wants a session: whether it may have one so soon after the last one
    /// (HAND-62).
    pub(super) fn fasttrack_greeted(&mut self, link: LinkId, now: Time) {
        let Some(address) = self.connections.greeting(link).map(|greeting| greeting.address) else {
            return;
        };
        self.connections.remove(link);
        let close = |why| node::Output::FastTrack(Output::Close { link, why });
        let is_shutting_down = self.is_shutting_down;
        let (Some(fasttrack), Some(from)) = (self.fasttrack.as_deref_mut(), of_ipv4(address))
        else {
            return self.out.push_back(close("this network is not spoken here"));
        };
        if is_shutting_down {
            let connection = Connection::TurnedAway { address: from, is_outgoing: false };
            fasttrack.connections.insert(link, connection);
            return self.out.push_back(close(SHUTTING_DOWN));
        }
        let is_refused = match self.bans.attempt(address.ip(), now) {
            Admission::Welcome => false,
            Admission::Refused { ban, is_new, .. } => {
                self.note_refused(address.ip(), &ban, is_new);
                true
            }
        };
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let connection = match is_refused {
            true => Connection::TurnedAway { address: from, is_outgoing: false },
            false => Connection::Greeting { address: from, is_outgoing: false, is_chosen: false },
        };
        let is_held = is_refused && fasttrack.connections.may_hold(from);
        fasttrack.connections.insert(link, connection);
        if is_held {
            // It gives up, or the time for its hello is over.
            self.say(Output::Pause { link });
        } else if is_refused {
            self.out.push_back(close("it connects too often"));
        }
    }

    /// Both names are there.
    pub(super) fn fasttrack_opened(&mut self, link: LinkId, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let Some(Connection::Greeting { address, is_outgoing, is_chosen }) =
            fasttrack.connections.get(link)
        else {
            return;
        };
        if is_outgoing {
            fasttrack.hosts.outcome(address.into(), Outcome::Connected, now);
        }
        let is_banned = !is_chosen && self.bans.ban_of(IpAddr::V4(*address.ip()), now).is_some();
        if is_banned || self.is_shutting_down {
            if is_outgoing {
                fasttrack.peer.not_opened(address, now);
            }
            let connection = Connection::TurnedAway { address, is_outgoing };
            fasttrack.connections.set(link, connection);
            let why = if is_banned { "it is banned" } else { SHUTTING_DOWN };
            return self.say(Output::Close { link, why });
        }
        let slot = fasttrack.peer.open(link.0, address, is_outgoing, now);
        fasttrack.connections.set(link, Connection::Open(slot));
        self.tell_of_fasttrack(Event::Opened { link, address, is_outgoing });
        self.count_sessions(now);
    }

    /// A session is gone.
    pub(super) fn fasttrack_closed(&mut self, link: LinkId, ending: Ending, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let Some(connection) = fasttrack.connections.remove(link) else { return };
        let address = match connection {
            Connection::Open(slot) | Connection::Leaving(slot) => {
                let Some(session) = fasttrack.peer.session(slot) else { return };
                let (address, is_outgoing, opened) =
                    (session.address, session.is_outgoing, session.opened);
                if is_outgoing && matches!(connection, Connection::Open(_)) {
                    let lasted_s = u32::try_from(now.since(opened).as_secs()).unwrap_or(u32::MAX);
                    let outcome = match ending {
                        Ending::TimedOut(_) => Outcome::Silent,
                        _ => Outcome::Parted { lasted_s },
                    };
                    fasttrack.hosts.outcome(address.into(), outcome, now);
                }
                fasttrack.peer.close(slot, now);
                if let Ending::Fault(fault @ (Fault::Malformed(_) | Fault::Misbehaved(_))) = ending
                {
                    self.note_fasttrack_breach(link, address, fault, now);
                }
                self.count_sessions(now);
                address
            }
            Connection::Greeting { address, is_outgoing: true, .. } => {
                let outcome = match ending {
                    Ending::Fault(_) => Outcome::Foreign,
                    _ => self.outcome_of_failure(address.into()),
                };
                let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
                fasttrack.hosts.outcome(address.into(), outcome, now);
                fasttrack.peer.not_opened(address, now);
                address
            }
            Connection::Greeting { address, is_outgoing: false, .. } => {
                if let Some(ban) = self.bans.silent(IpAddr::V4(*address.ip()), now) {
                    self.tell_banned(IpAddr::V4(*address.ip()), &ban);
                }
                return;
            }
            Connection::TurnedAway { address, is_outgoing: true } => address,
            // Nobody need hear of all who knock.
            Connection::TurnedAway { .. } => return,
        };
        self.tell_of_fasttrack(Event::Closed { link, address, ending });
        self.wake_to_dial_supernodes(now);
    }
}
