//! One node that has part in FastTrack, and whoever calls it or is called.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use bytes::Bytes;
use filbert::base::time::Time;
use filbert::fasttrack::link::{Encryption, Ending, Session};
use filbert::fasttrack::wire::{Bandwidth, Frame, Message, NodeInfo};
use filbert::gnutella::link::Role as GnutellaRole;
use filbert::node::fasttrack::{self, RolePolicy};
use filbert::node::{self, Command, Config, Direction, Event, Input, LinkId, Node, Output};
use filbert::promotion::{Role, Thresholds};

/// Where the node takes calls of FastTrack.
pub const OWN: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(80, 1, 1, 1), 1_214);

/// A host in a network of its own.
pub fn host(number: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(81, number, 3, 4), 2_000)
}

/// A node, and all that it has said since it was asked.
pub struct Scene {
    pub node: Node,
    pub now: Time,
    next_link: u64,
    out: Vec<Output>,
}

impl Scene {
    /// An ordinary node for ever, or a supernode.
    pub fn with_role(role: Role) -> Self {
        Self::new(RolePolicy::Always(role), |_| {})
    }

    pub fn new(role: RolePolicy, change: impl FnOnce(&mut Config)) -> Self {
        let part = fasttrack::Config {
            listen: Some(OWN),
            thresholds: Arc::new(Thresholds::laboratory()),
            ..fasttrack::Config::new(role)
        };
        let mut config = Config {
            listen: Some(SocketAddr::new((*OWN.ip()).into(), 6_346)),
            fasttrack: Some(Box::new(part)),
            ..Config::new(node::RolePolicy::Always(GnutellaRole::Leaf))
        };
        change(&mut config);
        let node = Node::new(config, 7, Time::ZERO);
        Self { node, now: Time::ZERO, next_link: 1, out: Vec::new() }
    }

    pub fn handle(&mut self, input: Input) {
        self.node.handle(input, self.now);
        self.out.extend(std::iter::from_fn(|| self.node.poll()));
    }

    pub fn tell(&mut self, input: fasttrack::Input) {
        self.handle(Input::FastTrack(input));
    }

    pub fn command(&mut self, command: fasttrack::Command) {
        self.handle(Input::Command(Command::FastTrack(command)));
    }

    /// Lets time pass, and wakes the node as it wants to be.
    pub fn pass(&mut self, ms: u64) {
        let end = self.now.after_ms(ms);
        while let Some((due, _)) = self.node.next_timeout().filter(|(due, _)| *due <= end) {
            self.now = self.now.max(due);
            self.handle(Input::Timeout);
        }
        self.now = end;
    }

    fn link(&mut self) -> LinkId {
        self.next_link += 1;
        LinkId(self.next_link)
    }

    /// Somebody calls, and begins a session.
    pub fn called_by(&mut self, from: SocketAddrV4) -> LinkId {
        let (link, direction) = (self.link(), Direction::Incoming);
        self.handle(Input::Connected { link, address: from.into(), direction });
        self.tell(fasttrack::Input::Greeted { link });
        link
    }

    /// The same, as far as both names are there.
    pub fn opened_by(&mut self, from: SocketAddrV4) -> LinkId {
        let link = self.called_by(from);
        self.open(link);
        link
    }

    /// The node looks for a supernode and finds this one, which greets it.
    pub fn has_parent(&mut self, address: SocketAddrV4) -> LinkId {
        self.command(fasttrack::Command::Know(vec![address]));
        let dials = self.wait_for_dials();
        assert_eq!(dials, [address]);
        let parent = self.taken_by(address);
        for message in [Message::ExternalIp { address: *OWN.ip() }, Message::SendShares] {
            self.says(parent, &message);
        }
        self.pass(1);
        let kin = self.node.peer().unwrap().neighbours();
        assert_eq!(kin, (0, 1), "it has a parent");
        parent
    }

    /// Lets time pass until the node calls somebody.
    pub fn wait_for_dials(&mut self) -> Vec<SocketAddrV4> {
        for _ in 0..600 {
            let dials = self.dials();
            if !dials.is_empty() {
                return dials;
            }
            self.pass(100);
        }
        panic!("nobody is called in a minute");
    }

    /// A call of the node has been taken, and both names are there.
    pub fn taken_by(&mut self, address: SocketAddrV4) -> LinkId {
        let link = self.link();
        self.tell(fasttrack::Input::Connected { link, address });
        self.open(link);
        link
    }

    pub fn open(&mut self, link: LinkId) {
        let session = Session {
            network: "KaZaA".to_owned(),
            encryption: Encryption::Straight,
            wish: None,
            round_trip: None,
        };
        self.tell(fasttrack::Input::Opened { link, session: Box::new(session) });
    }

    pub fn closed(&mut self, link: LinkId, ending: Ending) {
        self.tell(fasttrack::Input::Closed { link, ending });
    }

    pub fn says(&mut self, link: LinkId, message: &Message) {
        self.tell(fasttrack::Input::Frame { link, frame: message.to_frame() });
    }

    /// All that the node has for a session.
    pub fn sent(&mut self, link: LinkId) -> Vec<Frame> {
        let now = self.now;
        std::iter::from_fn(|| self.node.transmit_fasttrack(link, now)).collect()
    }

    /// All that the node has said, once.
    pub fn heard(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.out)
    }

    /// Of that, what concerns sessions.
    pub fn orders(&mut self) -> Vec<fasttrack::Output> {
        let order = |output| match output {
            Output::FastTrack(output) => Some(output),
            _ => None,
        };
        self.heard().into_iter().filter_map(order).collect()
    }

    /// Of that, whom the node calls.
    pub fn dials(&mut self) -> Vec<SocketAddrV4> {
        let dial = |output| match output {
            fasttrack::Output::Dial { address } => Some(address),
            _ => None,
        };
        self.orders().into_iter().filter_map(dial).collect()
    }

    /// Of that, what links it ends.
    pub fn closes(&mut self) -> Vec<(LinkId, &'static str)> {
        let close = |output| match output {
            fasttrack::Output::Close { link, why } => Some((link, why)),
            _ => None,
        };
        self.orders().into_iter().filter_map(close).collect()
    }

    /// Of that, what happened.
    pub fn events(&mut self) -> Vec<Event> {
        let event = |output| match output {
            Output::Event(event) => Some(event),
            _ => None,
        };
        self.heard().into_iter().filter_map(event).collect()
    }

    /// Of that, datagrams.
    pub fn datagrams(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        let datagram = |output| match output {
            Output::FastTrack(fasttrack::Output::Datagram { to, bytes }) => {
                Some((to.into(), bytes.to_vec()))
            }
            _ => None,
        };
        self.heard().into_iter().filter_map(datagram).collect()
    }
}

pub fn ip(address: SocketAddrV4) -> IpAddr {
    (*address.ip()).into()
}

/// What a node says of itself that takes calls at this port of its address.
pub fn node_info(address: SocketAddrV4) -> Message {
    Message::NodeInfo(NodeInfo {
        address,
        bandwidth: Bandwidth(0x60),
        user: Bytes::from_static(b"somebody"),
    })
}
