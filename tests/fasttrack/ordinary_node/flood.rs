//! A supernode that says things a million times.

use std::net::Ipv4Addr;

use allocation_counter::measure;
use filbert::fasttrack::sought::{SearchId, Sought};
use filbert::fasttrack::wire::{
    Bandwidth, Found, Message, Names, Push, Realm, Results, Tag, TagWriter,
};

use super::lab::{Lab, at, list, supernode};

/// Bytes that may have been added for good after a flood (FTSAFE-08).
const GROWTH_MAX: i64 = 1024 * 1024;

/// How often each message comes.
const TIMES: u32 = 150_000;

/// The numbered one of the messages that can be told apart.
fn message(kind: u32, number: u32) -> Message {
    let [first, second, third, fourth] = number.to_be_bytes();
    let node = at("6.6.6.6:1214");
    match kind {
        0 => Message::Version { number },
        1 => Message::NetworkName { text: number.to_string().into() },
        2 => Message::ConfigRevision { number },
        3 => Message::ExternalIp { address: Ipv4Addr::new(9, second, third, fourth) },
        4 => Message::SendShares,
        5 => list(&[supernode(u16::from_be_bytes([third, fourth]))]),
        6 => {
            let mut requester = node;
            requester.set_ip(Ipv4Addr::new(9, second, third, fourth));
            Message::Push(Push { id: number, requester })
        }
        _ => {
            let found = Found {
                address: node,
                bandwidth: Bandwidth(1),
                names: Names::full("eve", "KaZaA"),
                hash: std::array::from_fn(|place| [first, second, third, fourth][place % 4] | 1),
                file_id: 1,
                size: 1,
                tags: TagWriter::new().text(Tag::FILE_NAME, "tune").finish(),
            };
            Message::Results(Results { supernode: node, id: 0, results: vec![found] })
        }
    }
}

/// FTSAFE-08
#[test]
fn a_million_messages_leave_nothing_behind() {
    let (mut lab, slot) = Lab::child();
    let tune = Sought::words("tune", Realm::EVERYTHING);
    lab.node.search(SearchId(1), tune, lab.now);
    lab.drain();
    lab.outputs.clear();
    let growth = measure(|| {
        for number in 0..TIMES {
            for kind in 0..8 {
                lab.node.receive(slot, &message(kind, number), lab.now);
                while lab.node.poll().is_some() {}
            }
            // A day of it.
            lab.now = lab.now.after_ms(576);
            lab.node.timeout(lab.now);
        }
    });
    assert!(growth.bytes_current < GROWTH_MAX, "{} bytes", growth.bytes_current);
    assert_eq!(lab.node.supernode(), Some((slot, supernode(1))), "and it is still there");
}
