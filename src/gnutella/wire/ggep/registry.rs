//! Which ids are known, what form their payload has, and which requirement says so.

use super::form::Form;

/// Where a GGEP block stands. A dozen ids mean different things in different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Ping,
    Pong,
    Query,
    /// The tag area of a record in a query hit, which may hold no NUL.
    Record,
    /// The trailer of a query hit.
    Trailer,
    Push,
    HeadPing,
    HeadPong,
    /// Any other vendor message.
    Vendor,
}

/// One id that has a meaning.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub id: &'static str,
    pub(super) form: Form,
    pub(super) payload: Payload,
    /// The requirement that describes the payload.
    pub rule: &'static str,
}

/// Whether the payload may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    Needed,
    Optional,
}

use Form::{
    Address6List, AddressList, Bitmap, Byte, Dht, Guess, GuessAndPort, Hash, Ids, Ipv6, Lines,
    Mark, Messages, Nms1, Nodes, Number, Partial, PushLocations, Ranges, SeenAddress, Servent,
    Sha1, SignedByte, Text, TigerTree, Token, Ultrapeer, Vendor, VendorCode, Version, Wants,
};
use Payload::{Needed, Optional};

const fn known(id: &'static str, form: Form, payload: Payload, rule: &'static str) -> Known {
    Known { id, form, payload, rule }
}

/// Ids with one meaning, whatever the place; sorted, so that they can be searched.
#[rustfmt::skip]
const ANYWHERE: &[Known] = &[
    known("6",         Ipv6,                          Optional, "GGEP-30"),
    known("<",         Text,                          Needed,   "GGEP-90"),
    known("ALT",       AddressList,                   Needed,   "GGEP-33"),
    known("ALT6",      Address6List,                  Needed,   "GGEP-33"),
    known("ALT6_TLS",  Bitmap,                        Optional, "GGEP-34"),
    known("ALT_TLS",   Bitmap,                        Optional, "GGEP-34"),
    known("BH",        Mark,                          Optional, "GGEP-35"),
    known("CHAT",      Mark,                          Optional, "GGEP-43"),
    known("CT",        Number { len_max: 8 },         Optional, "GGEP-44"),
    known("DHT",       Dht,                           Needed,   "GGEP-45"),
    known("DHTIPP",    AddressList,                   Optional, "GGEP-46"),
    known("DHTIPP6",   Address6List,                  Optional, "GGEP-46"),
    known("DU",        Number { len_max: 4 },         Optional, "GGEP-47"),
    known("FW",        Byte,                          Optional, "GGEP-48"),
    known("GGEP",      Ids,                           Optional, "GGEP-86"),
    known("GTKGV",     Version,                       Optional, "GGEP-49"),
    known("GUE",       Guess,                         Optional, "GGEP-50"),
    known("H",         Hash,                          Needed,   "GGEP-51"),
    known("HNAME",     Text,                          Needed,   "GGEP-52"),
    known("I6",        Byte,                          Optional, "GGEP-53"),
    known("IP",        SeenAddress,                   Optional, "GGEP-54"),
    known("IPP",       AddressList,                   Optional, "GGEP-55"),
    known("IPP6",      Address6List,                  Optional, "GGEP-55"),
    known("IPP6_TLS",  Bitmap,                        Optional, "GGEP-56"),
    known("IPP_TLS",   Bitmap,                        Optional, "GGEP-56"),
    known("LF",        Number { len_max: 8 },         Optional, "GGEP-57"),
    known("LOC",       Text,                          Needed,   "GGEP-58"),
    known("M",         Number { len_max: 4 },         Optional, "GGEP-59"),
    known("MCAST",     Mark,                          Optional, "GGEP-91"),
    known("NM",        Nms1,                          Optional, "GGEP-61"),
    known("NP",        Mark,                          Optional, "GGEP-60"),
    known("PATH",      Text,                          Optional, "GGEP-62"),
    known("PHC",       Lines,                         Optional, "GGEP-63"),
    known("PR",        Mark,                          Optional, "GGEP-64"),
    known("PR0",       Mark,                          Optional, "GGEP-65"),
    known("PR1",       Nodes { len: 1 },              Optional, "GGEP-66"),
    known("PR2",       Nodes { len: 2 },              Optional, "GGEP-66"),
    known("PR3",       Nodes { len: 3 },              Optional, "GGEP-66"),
    known("PR4",       Nodes { len: 4 },              Optional, "GGEP-66"),
    known("PRU",       Partial,                       Optional, "GGEP-67"),
    known("PUSH",      AddressList,                   Needed,   "GGEP-68"),
    known("PUSH6",     Address6List,                  Needed,   "GGEP-68"),
    known("PUSH6_TLS", Bitmap,                        Optional, "GGEP-69"),
    known("PUSH_TLS",  Bitmap,                        Optional, "GGEP-69"),
    known("QK",        Token { len_min: 4, len_max: 16 },             Optional, "GGEP-71"),
    known("S1",        Sha1,                          Needed,   "GGEP-76"),
    known("SB",        Token { len_min: 1, len_max: usize::MAX },     Optional, "GGEP-73"),
    known("SCP",       Wants,                         Optional, "GGEP-75"),
    known("SIG",       Token { len_min: 1, len_max: usize::MAX },     Needed,   "GGEP-74"),
    known("SO",        Token { len_min: 1, len_max: 16 },             Optional, "GGEP-77"),
    known("SV",        Number { len_max: 4 },         Optional, "GGEP-78"),
    known("TLS",       Mark,                          Optional, "GGEP-79"),
    known("TT",        TigerTree,                     Needed,   "GGEP-80"),
    known("UA",        Text,                          Optional, "GGEP-81"),
    known("UDPHC",     Text,                          Optional, "GGEP-82"),
    known("UP",        Ultrapeer,                     Needed,   "GGEP-83"),
    known("VC",        Vendor,                        Optional, "GGEP-84"),
    known("VMSG",      Messages,                      Optional, "GGEP-85"),
    known("WH",        Number { len_max: 4 },         Optional, "GGEP-87"),
    known("XQ",        Text,                          Needed,   "GGEP-88"),
    known("Z",         Mark,                          Optional, "GGEP-89"),
    known("u",         Text,                          Needed,   "GGEP-92"),
];

/// Ids that have a meaning in the answer to a HEAD ping only (GGEP-29).
#[rustfmt::skip]
const IN_HEAD_PONG: &[Known] = &[
    known("A",         AddressList,                   Needed,   "GGEP-31"),
    known("A6",        Address6List,                  Needed,   "GGEP-31"),
    known("C",         Byte,                          Needed,   "GGEP-36"),
    known("F",         Byte,                          Optional, "GGEP-37"),
    known("P",         PushLocations,                 Optional, "GGEP-40"),
    known("Q",         SignedByte,                    Optional, "GGEP-38"),
    known("R",         Ranges { offset_len: 4 },      Optional, "GGEP-41"),
    known("R5",        Ranges { offset_len: 5 },      Optional, "GGEP-42"),
    known("T",         Bitmap,                        Optional, "GGEP-32"),
    known("T6",        Bitmap,                        Optional, "GGEP-32"),
    known("V",         VendorCode,                    Optional, "GGEP-39"),
];

/// Ids that have another meaning in a HEAD ping (GGEP-29).
const IN_HEAD_PING: &[Known] = &[known("PUSH", Servent, Needed, "GGEP-70")];

/// Ids that ask in a ping for what they tell elsewhere.
#[rustfmt::skip]
const IN_PING: &[Known] = &[
    known("DHTIPP",    Wants,                         Optional, "GGEP-46"),
    known("DHTIPP6",   Wants,                         Optional, "GGEP-46"),
    known("GUE",       GuessAndPort,                  Optional, "GGEP-50"),
];

/// What is known of an id in a place.
pub fn lookup(id: &[u8], place: Place) -> Option<&'static Known> {
    let here = match place {
        Place::Ping => IN_PING,
        Place::HeadPing => IN_HEAD_PING,
        Place::HeadPong => IN_HEAD_PONG,
        _ => &[],
    };
    let search = |table: &'static [Known]| {
        let found = table.binary_search_by(|known| known.id.as_bytes().cmp(id));
        found.ok().and_then(|index| table.get(index))
    };
    search(here).or_else(|| search(ANYWHERE))
}

/// Everything that is known, for those who print or test it.
pub fn all() -> impl Iterator<Item = (&'static Known, Option<Place>)> {
    let anywhere = ANYWHERE.iter().map(|known| (known, None));
    let in_head_pong = IN_HEAD_PONG.iter().map(|known| (known, Some(Place::HeadPong)));
    let in_head_ping = IN_HEAD_PING.iter().map(|known| (known, Some(Place::HeadPing)));
    let in_ping = IN_PING.iter().map(|known| (known, Some(Place::Ping)));
    anywhere.chain(in_ping).chain(in_head_pong).chain(in_head_ping)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_every_id_is_found() {
        for table in [ANYWHERE, IN_PING, IN_HEAD_PONG, IN_HEAD_PING] {
            assert!(table.is_sorted_by(|a, b| a.id < b.id));
        }
        for (known, place) in all() {
            let place = place.unwrap_or(Place::Pong);
            assert_eq!(lookup(known.id.as_bytes(), place).map(|k| k.rule), Some(known.rule));
        }
    }

    /// GGEP-29
    #[test]
    fn ids_of_the_head_pong_are_unknown_elsewhere() {
        assert!(lookup(b"C", Place::HeadPong).is_some() && lookup(b"C", Place::Pong).is_none());
        assert_eq!(lookup(b"PUSH", Place::HeadPing).map(|k| k.rule), Some("GGEP-70"));
        assert_eq!(lookup(b"PUSH", Place::Trailer).map(|k| k.rule), Some("GGEP-68"));
    }
}
