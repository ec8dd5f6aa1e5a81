//! Messages of FastTrack as a case names them -> type and payload, and back.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::fields::Fields;
use super::gnutella::{Defaults, endpoint};
use super::seen::hex;
use super::{Unsendable, found};
use crate::base::error::Faults;
use crate::fasttrack::wire::{Datagram, Frame, Kind, Message, Side};

/// Tags that cases name.
const TAGS: [(&str, u32); 12] = [
    ("year", 0x01),
    ("name", 0x02),
    ("title", 0x04),
    ("length", 0x05),
    ("artist", 0x06),
    ("album", 0x08),
    ("language", 0x0a),
    ("keywords", 0x0c),
    ("category", 0x0e),
    ("kind", 0x12),
    ("bitrate", 0x15),
    ("comment", 0x1a),
];

/// Whether the value of a tag is a number.
const fn is_number(tag: u32) -> bool {
    matches!(tag, 0x01 | 0x05 | 0x15)
}

/// A message: its `function` and its `payload` can be given whatever it is.
pub(crate) fn session_frame(
    kind: &str,
    fields: &mut Fields,
    defaults: &Defaults,
) -> Result<Frame, Unsendable> {
    let (function, own) = body(kind, fields, defaults)?;
    let function = fields.number("function")?.unwrap_or(function);
    let mut payload = fields.bytes("payload")?.unwrap_or(own);
    payload.extend(fields.bytes("tail")?.unwrap_or_default());
    Ok(Frame { kind: Kind(function), payload: Bytes::from(payload) })
}

fn body(
    kind: &str,
    fields: &mut Fields,
    defaults: &Defaults,
) -> Result<(u16, Vec<u8>), Unsendable> {
    Ok(match kind {
        "node_info" => (0x02, node_info(fields, defaults)?),
        "share" => (0x22, share(fields)?),
        "unshare" => (0x05, of_file(fields)?),
        "search" => (0x06, search(fields)?),
        "results" => (0x07, found::results(fields, defaults)?),
        "search_end" => {
            let id: u16 = fields.number("id")?.unwrap_or(1);
            (0x08, id.to_be_bytes().to_vec())
        }
        "network_stats" => (0x09, Vec::new()),
        "push_request" => (0x0d, push_request(fields, defaults)?),
        "config_revision" => (0x1e, number(fields, "number")?),
        "greeting_number" => (0x23, number(fields, "number")?),
        "random_files_request" => {
            let id: u16 = fields.number("id")?.unwrap_or(1);
            (0x20, [&id.to_be_bytes()[..], &[0x32, 0x02, 0x00]].concat())
        }
        // With `function` and `payload`.
        "message" => (0xff, Vec::new()),
        other => return Err(Unsendable::new(format!("no message of FastTrack is called {other}"))),
    })
}

fn number(fields: &mut Fields, name: &str) -> Result<Vec<u8>, Unsendable> {
    Ok(fields.number::<u32>(name)?.unwrap_or(0).to_be_bytes().to_vec())
}

pub(super) fn address(fields: &mut Fields, defaults: &Defaults) -> Result<Vec<u8>, Unsendable> {
    let (ip, port) = endpoint(fields, defaults)?;
    Ok([&ip.octets()[..], &port.to_be_bytes()].concat())
}

pub(super) fn named_address(
    fields: &mut Fields,
    name: &str,
) -> Result<Option<Vec<u8>>, Unsendable> {
    let address = fields.address(name)?;
    Ok(address.map(|at| [&at.ip().octets()[..], &at.port().to_be_bytes()].concat()))
}

fn node_info(fields: &mut Fields, defaults: &Defaults) -> Result<Vec<u8>, Unsendable> {
    let mut payload = address(fields, defaults)?;
    payload.push(fields.number("bandwidth")?.unwrap_or(0xd1));
    payload.push(0);
    payload.extend(fields.text_bytes("user").unwrap_or_else(|| b"probe".to_vec()));
    Ok(payload)
}

fn share(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    let mut payload = vec![0, fields.number("media")?.unwrap_or(1), 0, 0];
    payload.extend(of_file(fields)?);
    Ok(payload)
}

/// Hash, number, size and tags.
pub(super) fn of_file(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    let mut payload = fields.bytes("hash")?.unwrap_or_else(|| vec![0x5e; 20]);
    payload.extend(dynint(fields.number("file_id")?.unwrap_or(7)));
    payload.extend(dynint(fields.number("size")?.unwrap_or(1_000_000)));
    let mut tags = Vec::new();
    for (name, tag) in TAGS {
        let value = match is_number(tag) {
            true => fields.number::<u32>(name)?.map(dynint),
            false => fields.text_bytes(name),
        };
        if let Some(value) = value {
            tags.push([dynint(tag), dynint(len_of(&value)), value].concat());
        }
    }
    let count = fields.number("tags")?.unwrap_or_else(|| u32::try_from(tags.len()).unwrap_or(0));
    payload.extend(dynint(count));
    payload.extend(tags.concat());
    Ok(payload)
}

/// `words` that any tag contains; or `tag`, `operator` and `value` of one term; `terms` may lie about how many there are.
fn search(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    let mut payload = vec![0, 1];
    payload.extend(fields.number::<u16>("max")?.unwrap_or(200).to_be_bytes());
    payload.extend(fields.number::<u16>("id")?.unwrap_or(1).to_be_bytes());
    payload.extend([1, fields.number("realm")?.unwrap_or(0xbf)]);
    let mut terms = Vec::new();
    if let Some(words) = fields.text_bytes("words") {
        terms.push(term(5, 0, &words));
    }
    if let Some(hash) = fields.bytes("hash")? {
        terms.push(term(0, 3, &hash));
    }
    if let Some(value) = fields.text_bytes("value") {
        let operator = fields.number("operator")?.unwrap_or(0);
        terms.push(term(operator, fields.number("tag")?.unwrap_or(0), &value));
    }
    let count: Option<u8> = fields.number("terms")?;
    payload.push(count.unwrap_or_else(|| u8::try_from(terms.len()).unwrap_or(u8::MAX)));
    payload.extend(terms.concat());
    Ok(payload)
}

fn term(operator: u8, tag: u32, value: &[u8]) -> Vec<u8> {
    [vec![operator], dynint(tag), dynint(len_of(value)), value.to_vec()].concat()
}

fn push_request(fields: &mut Fields, defaults: &Defaults) -> Result<Vec<u8>, Unsendable> {
    let mut payload = number(fields, "id")?;
    let own = address(fields, defaults)?;
    payload.extend(named_address(fields, "requester")?.unwrap_or(own));
    let nobody = || vec![0; 6];
    payload.extend(named_address(fields, "target")?.unwrap_or_else(nobody));
    payload.extend(named_address(fields, "supernode")?.unwrap_or_else(nobody));
    payload.extend(fields.text_bytes("user").unwrap_or_else(|| b"probe".to_vec()));
    Ok(payload)
}

/// Seven bits a byte, the highest first; 0x80 where more follow.
pub(super) fn dynint(number: u32) -> Vec<u8> {
    let seven = |shift: u32| u8::try_from(number.wrapping_shr(shift) & 0x7f).unwrap_or(0);
    let shifts = [28, 21, 14, 7, 0];
    let first = shifts.iter().position(|shift| number.wrapping_shr(*shift) > 0).unwrap_or(4);
    let needed = shifts.get(first..).unwrap_or(&[0]);
    needed.iter().map(|shift| seven(*shift) | if *shift == 0 { 0 } else { 0x80 }).collect()
}

fn len_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// A message that a supernode, or an ordinary node, has sent.
pub(crate) fn session_tree(frame: &Frame, side: Side) -> Value {
    let mut tree = Map::new();
    let mut faults = Faults::new();
    tree.insert("type".to_owned(), "unknown".into());
    match Message::parse(frame, side) {
        Ok(message) => {
            message.inspect(&mut faults);
            if let Ok(Value::Object(fields)) = serde_json::to_value(&message) {
                let kind = fields.get("message").cloned().unwrap_or_default();
                tree.extend(fields);
                tree.insert("type".to_owned(), kind);
            }
        }
        Err(fault) => {
            tree.insert("unreadable".to_owned(), fault.rule.id().into());
        }
    }
    tree.insert("function".to_owned(), frame.kind.0.into());
    tree.insert("len".to_owned(), frame.payload.len().into());
    tree.insert("payload".to_owned(), hex(&frame.payload));
    let faults: Vec<_> =
        faults.as_slice().iter().map(|fault| Value::from(fault.rule.id())).collect();
    if !faults.is_empty() {
        tree.insert("faults".to_owned(), faults.into());
    }
    Value::Object(tree)
}

/// A datagram: `datagram` as `protocol-spec` names it is its type.
pub(crate) fn session_datagram_tree(bytes: &Bytes, from: std::net::SocketAddr) -> Value {
    let mut tree = Map::new();
    tree.insert("type".to_owned(), "foreign".into());
    if let Ok(Ok(Value::Object(fields))) = Datagram::decode(bytes).map(serde_json::to_value) {
        let kind = fields.get("datagram").cloned().unwrap_or_default();
        tree.extend(fields);
        tree.insert("type".to_owned(), kind);
    }
    tree.insert("from".to_owned(), from.to_string().into());
    tree.insert("datagram_len".to_owned(), bytes.len().into());
    tree.insert("payload".to_owned(), hex(bytes));
    Value::Object(tree)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use serde_json::json;

    use super::*;
    use crate::gnutella::wire::Guid;

    const DEFAULTS: Defaults =
        Defaults { guid: Guid([7; 16]), address: Ipv4Addr::new(192, 0, 2, 1), port: 1214 };

    fn sent(kind: &str, given: Value) -> Value {
        sent_by(kind, given, Side::Up)
    }

    fn sent_by(kind: &str, given: Value, side: Side) -> Value {
        let Value::Object(given) = given else { panic!("fields are a table") };
        let mut fields = Fields::new(given.into_iter().collect());
        let frame = session_frame(kind, &mut fields, &DEFAULTS).unwrap();
        fields.end().unwrap();
        session_tree(&frame, side)
    }

    #[test]
    fn what_is_sent_is_what_others_read() {
        let info = sent("node_info", json!({ "user": "nut" }));
        assert_eq!((&info["address"], &info["user"]), (&json!("192.0.2.1:1214"), &json!("nut")));
        let share = sent("share", json!({ "name": "nine.ogg", "size": 70_000, "bitrate": 128 }));
        assert_eq!((&share["type"], &share["size"]), (&json!("share"), &json!(70_000)));
        assert_eq!(share["tags"][0]["text"], "nine.ogg");
        assert_eq!(share["tags"][1]["number"], 128);
        let search = sent("search", json!({ "words": "nine", "id": 5 }));
        assert_eq!((&search["id"], &search["terms"][0]["text"]), (&json!(5), &json!("nine")));
        let results = json!({ "id": 5, "first_hash": { "hex": "4a".repeat(20) }, "same": true, "name": "x.ogg" });
        let results = sent_by("results", results, Side::Down);
        assert_eq!((&results["type"], &results["id"]), (&json!("results"), &json!(5)));
        assert_eq!(results["results"][0]["user"], "probe");
        assert_eq!(results["results"][1]["same_names"], true);
        assert_eq!(results["results"][1]["tags"][0]["text"], "x.ogg");
        let push = sent("push_request", json!({ "id": 9, "target": "198.51.100.1:1" }));
        assert_eq!((&push["id"], &push["target"]), (&json!(9), &json!("198.51.100.1:1")));
    }

    #[test]
    fn numbers_are_as_long_as_they_have_to_be() {
        assert_eq!(dynint(0), [0]);
        assert_eq!(dynint(127), [127]);
        assert_eq!(dynint(128), [0x81, 0]);
        assert_eq!(dynint(u32::MAX), [0x8f, 0xff, 0xff, 0xff, 0x7f]);
    }
}
