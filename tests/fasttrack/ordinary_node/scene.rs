//! Hosts of the network in which an ordinary node is tried, and what they say.

use std::net::{Ipv4Addr, SocketAddrV4};

use filbert::fasttrack::ordinary_node::Settings;
use filbert::fasttrack::wire::{
    Bandwidth, Datagram, Media, Message, Node, NodeList, Share, Tag, TagWriter,
};

/// What a host of the network does.
#[derive(Clone, Debug)]
pub(super) struct Host {
    /// Milliseconds there and back.
    pub(super) rtt_ms: u64,
    pub(super) udp: Udp,
    pub(super) tcp: Tcp,
    /// What its list names.
    pub(super) names: Vec<SocketAddrV4>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Udp {
    /// Says that it has room.
    Room,
    /// The same, with such a load.
    Loaded(u8),
    /// Says that it has none.
    Full,
    Silent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tcp {
    /// Takes the session, and greets with all that belongs to it.
    Greets,
    /// Sends its list and closes.
    Declines,
    /// Takes the session, sends its list, and says nothing more.
    Mute,
    /// There is nobody on this port.
    Refuses,
    /// There is nobody at this address.
    Lost,
    /// Nobody tells what has become of the call.
    Unheard,
}

impl Host {
    pub(super) fn new(udp: Udp, tcp: Tcp, rtt_ms: u64) -> Self {
        Self { rtt_ms, udp, tcp, names: Vec::new() }
    }

    pub(super) fn good(rtt_ms: u64) -> Self {
        Self::new(Udp::Room, Tcp::Greets, rtt_ms)
    }

    pub(super) fn dead() -> Self {
        Self::new(Udp::Silent, Tcp::Lost, 0)
    }
}

pub(super) fn at(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

/// A supernode of its own network.
pub(super) fn supernode(number: u16) -> SocketAddrV4 {
    let [high, low] = number.to_be_bytes();
    SocketAddrV4::new(Ipv4Addr::new(5, high, low, 1), 1214)
}

/// By which the supernodes see the node.
pub(super) const SEEN_AS: Ipv4Addr = Ipv4Addr::new(7, 7, 7, 7);

pub(super) fn settings() -> Settings {
    Settings {
        allow_private: false,
        user: "ann".to_owned(),
        bandwidth: Bandwidth(0x68),
        address: at("192.168.0.7:1214"),
    }
}

pub(super) fn file(number: u8) -> Share {
    named_file(number, &format!("file {number}.mp3"))
}

pub(super) fn named_file(number: u8, name: &str) -> Share {
    let tags = TagWriter::new().text(Tag::FILE_NAME, name).number(Tag::BITRATE, 128).finish();
    let file_id = u32::from(number);
    Share { media: Media::AUDIO, hash: [number; 20], file_id, size: 1_000, tags }
}

/// What a supernode says in the order of FTSUPER-02, the list with these nodes.
pub(super) fn greeting(nodes: &[SocketAddrV4]) -> Vec<Message> {
    vec![
        list(nodes),
        Message::GreetingNumber { number: 1 },
        Message::Version { number: 0x1f },
        Message::NetworkName { text: "KaZaA".into() },
        Message::ExternalIp { address: SEEN_AS },
        Message::SendShares,
        Message::ConfigRevision { number: 0x7b },
    ]
}

pub(super) fn list(nodes: &[SocketAddrV4]) -> Message {
    let node = |&address| Node { address, minutes: 0, load: 50 };
    Message::NodeList(nodes.iter().map(node).collect::<NodeList>())
}

pub(super) fn answer(udp: Udp) -> Datagram {
    let least = 1;
    let room = |load| Datagram::Pong { least, users: 5, load, unknown: 0, network: "KaZaA".into() };
    match udp {
        Udp::Room => room(50),
        Udp::Loaded(load) => room(load),
        Udp::Full | Udp::Silent => Datagram::Full { least, kind: 1, id: 7, supernode: None },
    }
}
