//! Datagrams, and that none of Gnutella is taken for one of FastTrack.

use bytes::Bytes;
use filbert::fasttrack::wire::Datagram;
use proptest::prelude::*;

use crate::support::properties::cases;
use crate::support::vectors;

fn name() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(1_u8.., 0..40).prop_map(Bytes::from)
}

fn datagram() -> impl Strategy<Value = Datagram> {
    use filbert::fasttrack::wire::FullBelow;
    let below = (any::<(u32, u16)>(), any::<u16>()).prop_map(|((ip, port), unknown)| FullBelow {
        supernode: std::net::SocketAddrV4::new(ip.into(), port),
        unknown,
    });
    let below = prop::option::of(below);
    prop_oneof![
        (any::<u32>(), name()).prop_map(|(least, network)| Datagram::Ping { least, network }),
        (any::<(u32, u32, u8, u8)>(), name()).prop_map(
            |((least, users, load, unknown), network)| {
                Datagram::Pong { least, users, load, unknown, network }
            }
        ),
        (any::<(u32, u8, u32)>(), below).prop_map(|((least, kind, id), supernode)| {
            Datagram::Full { least, kind, id, supernode }
        }),
        any::<u32>().prop_map(|id| Datagram::FullAnswer { id }),
        prop::collection::vec(0xc0_u8..0xc4, 1..50)
            .prop_map(|body| Datagram::Other { body: body.into() }),
    ]
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// FTUDP-02, FTUDP-03, FTUDP-04, FTUDP-05: a datagram is read as it was written, and neither
    /// longer nor shorter.
    #[test]
    fn a_datagram_is_read_as_it_was_written(datagram in datagram()) {
        let bytes = datagram.to_bytes();
        prop_assert_eq!(Datagram::decode(&bytes), Ok(datagram.clone()));
        if !matches!(datagram, Datagram::Other { .. }) {
            prop_assert!(Datagram::is_known(&bytes));
            for len in 0..bytes.len() {
                prop_assert!(!Datagram::is_known(&bytes.slice(..len)));
            }
            prop_assert!(!Datagram::is_known(&[&bytes[..], b"\0"].concat().into()));
        }
    }

    /// FTSAFE-16
    #[test]
    fn any_bytes_are_survived(first in 0x20_u8..0x30, rest in prop::collection::vec(any::<u8>(), 0..40)) {
        let bytes = Bytes::from([&[first][..], &rest].concat());
        if let Ok(datagram) = Datagram::decode(&bytes) {
            prop_assert_eq!(Datagram::decode(&datagram.to_bytes()), Ok(datagram));
        }
    }
}

/// FTUDP-01: whatever the first byte of a message of Gnutella is, which is part of its random id.
#[test]
fn a_datagram_of_gnutella_is_none_of_fasttrack() {
    let mut count = 0;
    for vector in vectors::all().iter().filter(|vector| vector.entry.kind == "datagram") {
        // Fragments begin with letters of their own.
        if vector.entry.error.is_some() || vector.bytes().starts_with(b"G") {
            continue;
        }
        for first in 0x27..=0x2a {
            let mut bytes = vector.bytes();
            bytes[0] = first;
            assert!(!Datagram::is_known(&bytes.into()), "{}", vector.entry.id);
            count += 1;
        }
    }
    assert!(count > 20, "only {count} were tried");
}
