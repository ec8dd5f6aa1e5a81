//! Messages of any kind with any values that have a form.

use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::Bytes;
use filbert::fasttrack::wire::{
    Bandwidth, Broadcast, ForwardedSearch, Found, Kind, Logarithm, Media, MediaStats, Message,
    Names, NetworkConfig, NetworkStats, Node, NodeInfo, Operator, Push, PushRequest, RandomFiles,
    Realm, Results, Search, Share, Side, StatsSize, TableRecord, Tag, TagList, TagWriter, Term,
    UdpTest, Unicast, Unshare,
};
use proptest::prelude::*;
use proptest::strategy::Union;

/// A message, and which way it goes.
pub fn message() -> impl Strategy<Value = (Message, Side)> {
    let plain = prop_oneof![small(), lists(), searches()];
    prop_oneof![4 => plain, 1 => routed()]
}

fn address() -> impl Strategy<Value = SocketAddrV4> {
    any::<(u32, u16)>().prop_map(|(ip, port)| SocketAddrV4::new(Ipv4Addr::from_bits(ip), port))
}

fn bytes(len_max: usize) -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..=len_max).prop_map(Bytes::from)
}

/// Bytes among which these are not.
fn bytes_without(out: &'static [u8]) -> impl Strategy<Value = Bytes> {
    let byte = any::<u8>().prop_filter("it ends the text", move |byte| !out.contains(byte));
    prop::collection::vec(byte, 0..20).prop_map(Bytes::from)
}

fn tag() -> impl Strategy<Value = Tag> {
    prop_oneof![0_u32..0x40, Just(0x1_0003), any::<u32>()].prop_map(Tag)
}

fn tags() -> impl Strategy<Value = TagList> {
    prop::collection::vec((tag(), bytes(200)), 0..64).prop_map(|tags| {
        let writer = TagWriter::new();
        tags.iter().fold(writer, |writer, (tag, bytes)| writer.put(*tag, bytes)).finish()
    })
}

fn terms() -> impl Strategy<Value = Vec<Term>> {
    let operator = prop_oneof![0_u8..8, any::<u8>()].prop_map(Operator);
    let term = (operator, tag(), bytes(200));
    let term = term.prop_map(|(operator, tag, bytes)| Term { operator, tag, bytes });
    prop::collection::vec(term, 0..=16)
}

fn down(message: impl Strategy<Value = Message> + 'static) -> BoxedStrategy<(Message, Side)> {
    message.prop_map(|message| (message, Side::Down)).boxed()
}

fn up(message: impl Strategy<Value = Message> + 'static) -> BoxedStrategy<(Message, Side)> {
    message.prop_map(|message| (message, Side::Up)).boxed()
}

fn small() -> impl Strategy<Value = (Message, Side)> {
    let number = any::<u32>();
    let test = || (address(), any::<u32>()).prop_map(|(address, id)| UdpTest { address, id });
    let push = (number, address()).prop_map(|(id, requester)| Push { id, requester });
    let request = (number, address(), address(), address(), bytes(40));
    let request = request.prop_map(|(id, requester, target, supernode, user)| {
        Message::PushRequest(PushRequest { id, requester, target, supernode, user })
    });
    let info = (address(), any::<u8>(), bytes(40)).prop_map(|(address, bandwidth, user)| {
        Message::NodeInfo(NodeInfo { address, bandwidth: Bandwidth(bandwidth), user })
    });
    let config = (number, bytes(300))
        .prop_map(|(revision, body)| Message::NetworkConfig(NetworkConfig { revision, body }));
    let open = (prop_oneof![Just(0x04_u16), Just(0x0b), Just(0x2b), Just(0x4007)], bytes(40));
    let open = open.prop_map(|(kind, payload)| Message::Open { kind: Kind(kind), payload });
    Union::new(vec![
        down(Just(Message::SendShares)),
        down(any::<u16>().prop_map(|id| Message::SearchEnd { id })),
        down(push.prop_map(Message::Push)),
        up(request),
        up(info),
        up(address().prop_map(|address| Message::UdpTestRequest { address })),
        down(test().prop_map(Message::UdpTest)),
        up(test().prop_map(Message::UdpReached)),
        up(test().prop_map(Message::UdpMissed)),
        down(Just(Message::OwnUdpReached)),
        down(Just(Message::OwnUdpMissed)),
        down(bytes(40).prop_map(|text| Message::NetworkName { text })),
        down(number.prop_map(|number| Message::ConfigRevision { number })),
        down(config),
        up(any::<u16>().prop_map(|id| Message::RandomFilesRequest { id })),
        down(any::<(u16, u8)>().prop_map(|(id, unknown)| {
            Message::RandomFiles(RandomFiles { id, unknown, shelf: None })
        })),
        down(number.prop_map(|number| Message::GreetingNumber { number })),
        down(number.prop_map(|number| Message::Version { number })),
        down(number.prop_map(|ip| Message::ExternalIp { address: Ipv4Addr::from_bits(ip) })),
        down(open),
    ])
}

fn lists() -> impl Strategy<Value = (Message, Side)> {
    let node = (address(), any::<u8>(), any::<u8>()).prop_map(|(address, minutes, load)| Node {
        address,
        minutes,
        load,
    });
    let nodes = prop::collection::vec(node, 0..=200);
    let table = prop::collection::vec(record(), 0..=40);
    Union::new(vec![
        down(nodes.prop_map(|nodes| Message::NodeList(nodes.into_iter().collect()))),
        down(table.prop_map(|records| Message::Table(records.into_iter().collect()))),
        down(stats().prop_map(Message::NetworkStats)),
        down(stats().prop_map(Message::BroadcastStats)),
    ])
}

fn stats() -> impl Strategy<Value = Box<NetworkStats>> {
    let size =
        || any::<(u16, u16)>().prop_map(|(mantissa, exponent)| StatsSize { mantissa, exponent });
    let media = (any::<u32>(), size()).prop_map(|(files, size)| MediaStats { files, size });
    let media = [(); Media::COUNT].map(|()| media.clone());
    let networks = prop::collection::vec((bytes_without(b"\0"), any::<u32>()), 0..5);
    let stats = (any::<(u32, u32)>(), size(), media, networks);
    stats.prop_map(|((users, files), size, media, networks)| {
        let networks = networks.iter().map(|(name, users)| (&name[..], *users)).collect();
        Box::new(NetworkStats { users, files, size, media, networks })
    })
}

fn record() -> impl Strategy<Value = TableRecord> {
    let numbers = any::<[u8; 4]>();
    let media = any::<[[u8; 2]; Media::COUNT]>();
    (address(), 0_u16..TableRecord::SEQUENCES, numbers, any::<u16>(), media).prop_map(
        |(address, sequence, [children, load, bandwidth, distance], unknown, media)| TableRecord {
            address,
            sequence,
            children,
            load,
            bandwidth: Bandwidth(bandwidth),
            unknown,
            media: media.map(|of_media| of_media.map(Logarithm)),
            distance,
        },
    )
}

fn searches() -> impl Strategy<Value = (Message, Side)> {
    let file = || (any::<[u8; 20]>(), any::<(u32, u32)>(), tags());
    let share = (any::<u8>(), file()).prop_map(|(media, (hash, (file_id, size), tags))| {
        Message::Share(Share { media: Media(media), hash, file_id, size, tags })
    });
    let unshare = file().prop_map(|(hash, (file_id, size), tags)| {
        Message::Unshare(Unshare { hash, file_id, size, tags })
    });
    let names = prop_oneof![
        Just(Names::Same),
        // A user whose name begins with 0x02 has no form.
        (bytes_without(b"\x01\x02"), bytes_without(b"\0"))
            .prop_map(|(user, network)| Names::Full { user, network }),
    ];
    let found = (address(), any::<u8>(), names, file());
    let found = found.prop_map(|(address, bandwidth, names, (hash, (file_id, size), tags))| {
        Found { address, bandwidth: Bandwidth(bandwidth), names, hash, file_id, size, tags }
    });
    let results = (address(), any::<u16>(), prop::collection::vec(found, 0..=10));
    let results = results
        .prop_map(|(supernode, id, results)| Message::Results(Results { supernode, id, results }));
    let search = (any::<bool>(), any::<(u16, u16)>(), any::<u8>(), terms());
    let search = search.prop_map(|(by_hand, (max, id), realm, terms)| {
        Message::Search(Search { by_hand, max, id, realm: Realm(realm), terms })
    });
    let forwarded = any::<(u32, u16, u8)>();
    let forwarded = (forwarded, terms()).prop_map(|((id, max, realm), terms)| {
        Message::ForwardedSearch(ForwardedSearch { id, max, realm: Realm(realm), terms })
    });
    let forwarded = forwarded.prop_map(|message| (message, Side::Across)).boxed();
    Union::new(vec![up(share), up(unshare), down(results), up(search), forwarded])
}

fn routed() -> impl Strategy<Value = (Message, Side)> {
    let parts = || (address(), any::<u8>(), 0_u16..0x4000, bytes(100));
    let unicast = (parts(), address()).prop_map(|((sender, hops, kind, payload), receiver)| {
        Message::Unicast(Unicast { sender, receiver, hops, kind: Kind(kind), payload })
    });
    let broadcast = (parts(), any::<[u8; 2]>()).prop_map(|(parts, unknown)| {
        let (sender, hops, kind, payload) = parts;
        Message::Broadcast(Broadcast { sender, unknown, hops, kind: Kind(kind), payload })
    });
    prop_oneof![unicast, broadcast].prop_map(|message| (message, Side::Across))
}
