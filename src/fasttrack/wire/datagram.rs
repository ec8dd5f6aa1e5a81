use std::net::SocketAddrV4;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::address;
use crate::base::error::Malformed;
use crate::base::legacy_text;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const NONE: Expect = Expect::new("FTUDP-01", "the datagram is empty");
const CUT: Expect = Expect::new("FTUDP-01", "the datagram is shorter than its form");
const LONG: Expect = Expect::new("FTUDP-01", "the datagram is longer than its form");
const NO_FORM: Expect = Expect::new("FTUDP-01", "the datagram has a flag that is none");

const PING: u8 = 0x27;
const PONG: u8 = 0x28;
const FULL: u8 = 0x29;
const FULL_ANSWER: u8 = 0x2a;

/// What stands behind the type of a ping.
const PING_MARK: u8 = 0x80;

/// What one UDP datagram of FastTrack holds (FTUDP-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "datagram", rename_all = "snake_case")]
pub enum Datagram {
    /// Asks whether a supernode is there (FTUDP-02).
    ///
    /// ```text
    /// 0  1  0x27
    /// 1  4  least encryption type
    /// 5  1  0x80
    /// 6  n  network, NUL
    /// ```
    Ping {
        least: u32,
        #[serde(serialize_with = "legacy_text::serialize")]
        network: Bytes,
    },
    /// A supernode with room (FTUDP-03).
    ///
    /// ```text
    ///  0  1  0x28
    ///  1  4  least encryption type
    ///  5  4  users on the network
    ///  9  1  load in per cent
    /// 10  1  unknown
    /// 11  n  network, NUL
    /// ```
    Pong {
        least: u32,
        users: u32,
        load: u8,
        unknown: u8,
        #[serde(serialize_with = "legacy_text::serialize")]
        network: Bytes,
    },
    /// A node that takes no children (FTUDP-04).
    ///
    /// ```text
    ///  0  1  0x29
    ///  1  4  least encryption type
    ///  5  1  kind, 1 or 2
    ///  6  1  flag: whether a supernode follows
    ///  7  2  0x00
    ///  9  4  id
    /// 13  8  with the flag only: its supernode
    /// ```
    Full {
        least: u32,
        kind: u8,
        id: u32,
        #[serde(flatten)]
        supernode: Option<FullBelow>,
    },
    /// Gives the id of a full one back (FTUDP-05).
    ///
    /// ```text
    /// 0  1  0x2a
    /// 1  4  id
    /// ```
    FullAnswer { id: u32 },
    /// A type that this room does not read, or nobody knows (FTUDP-06).
    Other {
        /// All of it, the type too.
        #[serde(serialize_with = "show::hex")]
        body: Bytes,
    },
}

/// The supernode of a node that takes no children.
///
/// ```text
/// 0  6  address
/// 6  2  unknown
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FullBelow {
    #[serde(serialize_with = "show::display")]
    pub supernode: SocketAddrV4,
    pub unknown: u16,
}

impl Datagram {
    /// Fails where a datagram of a known type is shorter or longer than its form.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let datagram = match reader.u8(NONE)? {
            PING => {
                let least = reader.u32_be(CUT)?;
                reader.u8(CUT)?;
                Self::Ping { least, network: take_network(bytes, &mut reader)? }
            }
            PONG => Self::Pong {
                least: reader.u32_be(CUT)?,
                users: reader.u32_be(CUT)?,
                load: reader.u8(CUT)?,
                unknown: reader.u8(CUT)?,
                network: take_network(bytes, &mut reader)?,
            },
            FULL => Self::decode_full(&mut reader)?,
            FULL_ANSWER => Self::FullAnswer { id: reader.u32_be(CUT)? },
            _ => return Ok(Self::Other { body: bytes.clone() }),
        };
        if reader.is_empty() { Ok(datagram) } else { Err(LONG.broken_at(reader.offset())) }
    }

    fn decode_full(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let least = reader.u32_be(CUT)?;
        let [kind, flag, _, _] = reader.array(CUT)?;
        let id = reader.u32_be(CUT)?;
        let supernode = match flag {
            0 => None,
            1 => {
                let supernode = address::take(reader, CUT)?;
                Some(FullBelow { supernode, unknown: reader.u16_be(CUT)? })
            }
            _ => return Err(NO_FORM.broken_at(6)),
        };
        Ok(Self::Full { least, kind, id, supernode })
    }

    /// Whether it has one of the forms of FastTrack, which a message of Gnutella on the same port has
    /// not (FTUDP-01).
    pub fn is_known(bytes: &Bytes) -> bool {
        Self::decode(bytes).is_ok_and(|datagram| !matches!(datagram, Self::Other { .. }))
    }

    /// The datagram as bytes.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::new();
        self.encode(&mut out);
        out.freeze()
    }

    /// Appends the datagram.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Ping { least, network } => {
                out.put_u8(PING);
                out.put_u32(*least);
                out.put_u8(PING_MARK);
                put_network(out, network);
            }
            Self::Pong { least, users, load, unknown, network } => {
                out.put_u8(PONG);
                out.put_u32(*least);
                out.put_u32(*users);
                out.put_slice(&[*load, *unknown]);
                put_network(out, network);
            }
            Self::Full { least, kind, id, supernode } => {
                out.put_u8(FULL);
                out.put_u32(*least);
                out.put_slice(&[*kind, supernode.is_some().into(), 0, 0]);
                out.put_u32(*id);
                if let Some(below) = supernode {
                    address::put(out, below.supernode);
                    out.put_u16(below.unknown);
                }
            }
            Self::FullAnswer { id } => {
                out.put_u8(FULL_ANSWER);
                out.put_u32(*id);
            }
            Self::Other { body } => out.put_slice(body),
        }
    }
}

fn take_network(datagram: &Bytes, reader: &mut Reader<'_>) -> Result<Bytes, Malformed> {
    Ok(datagram.slice_ref(reader.take_until(0, CUT)?))
}

/// A name ends at its first NUL.
fn put_network(out: &mut BytesMut, network: &[u8]) {
    out.put_slice(network.split(|&byte| byte == 0).next().unwrap_or_default());
    out.put_u8(0);
}
