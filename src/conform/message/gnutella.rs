//! Messages of Gnutella as a case names them -> bytes.

use std::net::Ipv4Addr;

use super::fields::Fields;
use super::{Unsendable, ggep, hit, query_table, vendor};
use crate::gnutella::wire::Guid;

/// The mark of flags, and nothing with it.
const FLAGS_MARKED: u16 = 0x8000;

/// What stands in a message where its line says nothing of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    pub(crate) guid: Guid,
    /// Where the probe can be called.
    pub(crate) address: Ipv4Addr,
    pub(crate) port: u16,
}

/// A frame: header and payload. Every field of the header can be given: `guid`, `ttl`, `hops`, `function`, `len`
/// (which may lie) and `flags_of_len`, the upper half of the length word.
pub(crate) fn frame(
    kind: &str,
    fields: &mut Fields,
    defaults: &Defaults,
) -> Result<Vec<u8>, Unsendable> {
    let guid = fields.guid_or_address("guid", defaults.guid)?.unwrap_or(defaults.guid);
    let (function, ttl, payload) = body(kind, fields, defaults)?;
    let function = fields.number("function")?.unwrap_or(function);
    let ttl = fields.number("ttl")?.unwrap_or(ttl);
    let hops: u8 = fields.number("hops")?.unwrap_or(0);
    let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let len: u32 = fields.number("len")?.unwrap_or(len);
    let flags: u16 = fields.number("flags_of_len")?.unwrap_or(0);
    let mut bytes = Vec::from(guid.0);
    bytes.extend([function, ttl, hops]);
    bytes.extend((len | u32::from(flags).wrapping_shl(16)).to_le_bytes());
    bytes.extend(payload);
    Ok(bytes)
}

/// Function, usual TTL, and payload.
fn body(
    kind: &str,
    fields: &mut Fields,
    defaults: &Defaults,
) -> Result<(u8, u8, Vec<u8>), Unsendable> {
    let (function, ttl, own) = match kind {
        "ping" => (0x00, 1, Vec::new()),
        "pong" => (0x01, 1, pong(fields, defaults)?),
        "bye" => (0x02, 1, bye(fields)?),
        "query_table" => (0x30, 1, query_table::payload(fields)?),
        "vendor" => (0x31, 1, vendor::payload(fields)?),
        "push" => (0x40, 3, push(fields, defaults)?),
        "query" => (0x80, 3, query(fields)?),
        "query_hit" => return Ok((0x81, 3, hit::payload(fields, defaults)?)),
        "hsep" => (0xcd, 1, hsep(fields)?),
        // With `function` and `payload`.
        "frame" => (0xff, 1, Vec::new()),
        other => return Err(Unsendable::new(format!("no message is called {other}"))),
    };
    let payload = match fields.bytes("payload")? {
        Some(payload) => payload,
        None => {
            let mut payload = own;
            payload.extend(ggep::block(fields));
            payload
        }
    };
    let mut payload = payload;
    payload.extend(fields.bytes("tail")?.unwrap_or_default());
    Ok((function, ttl, payload))
}

fn pong(fields: &mut Fields, defaults: &Defaults) -> Result<Vec<u8>, Unsendable> {
    let (ip, port) = endpoint(fields, defaults)?;
    let files: u32 = fields.number("files")?.unwrap_or(0);
    let kib: u32 = fields.number("kib")?.unwrap_or(0);
    let mut payload = Vec::from(port.to_le_bytes());
    payload.extend(ip.octets());
    payload.extend(files.to_le_bytes());
    payload.extend(kib.to_le_bytes());
    Ok(payload)
}

fn bye(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    let code: u16 = fields.number("code")?.unwrap_or(200);
    let mut payload = Vec::from(code.to_le_bytes());
    payload.extend(fields.text_bytes("text").unwrap_or_else(|| b"so long".to_vec()));
    payload.push(0);
    Ok(payload)
}

fn push(fields: &mut Fields, defaults: &Defaults) -> Result<Vec<u8>, Unsendable> {
    let servent = fields.guid("servent")?.unwrap_or(Guid([0; 16]));
    let index: u32 = fields.number("index")?.unwrap_or(0);
    let (ip, port) = endpoint(fields, defaults)?;
    let mut payload = Vec::from(servent.0);
    payload.extend(index.to_le_bytes());
    payload.extend(ip.octets());
    payload.extend(port.to_le_bytes());
    Ok(payload)
}

/// `text` with a NUL, then what `extensions` says, or URNs and GGEP one after the other, with the byte 0x1c between them.
fn query(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    let flags: u16 = fields.number("flags")?.unwrap_or(FLAGS_MARKED);
    let mut payload = Vec::from(flags.to_be_bytes());
    payload.extend(fields.text_bytes("text").unwrap_or_default());
    if !fields.flag("unended") {
        payload.push(0);
    }
    let extensions = fields.text_bytes("extensions");
    let parts = [extensions, fields.text_bytes("urn"), Some(ggep::block(fields))];
    let parts: Vec<_> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    payload.extend(parts.join(&0x1c));
    Ok(payload)
}

fn hsep(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    let mut payload = Vec::new();
    for name in ["nodes", "files", "kib"] {
        let number: u64 = fields.number(name)?.unwrap_or(1);
        payload.extend(number.to_le_bytes());
    }
    Ok(payload)
}

/// `address=1.2.3.4:5`, or the probe's own.
pub(super) fn endpoint(
    fields: &mut Fields,
    defaults: &Defaults,
) -> Result<(Ipv4Addr, u16), Unsendable> {
    let given = fields.address("address")?;
    Ok(given.map_or((defaults.address, defaults.port), |given| (*given.ip(), given.port())))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::{Value, json};

    use super::super::seen::frame_tree;
    use super::*;
    use crate::gnutella::wire::Frame;

    const DEFAULTS: Defaults =
        Defaults { guid: Guid([7; 16]), address: Ipv4Addr::new(192, 0, 2, 1), port: 6346 };

    fn sent(kind: &str, given: Value) -> Value {
        let Value::Object(given) = given else { panic!("fields are a table") };
        let mut fields = Fields::new(given.into_iter().collect());
        let bytes = frame(kind, &mut fields, &DEFAULTS).unwrap();
        fields.end().unwrap();
        frame_tree(&Frame::decode(&Bytes::from(bytes)).unwrap())
    }

    #[test]
    fn what_is_sent_is_what_others_read() {
        let ping = sent("ping", json!({ "ttl": 7, "hops": 1, "ggep.SCP": { "hex": "01" } }));
        assert_eq!((&ping["ttl"], &ping["hops"]), (&json!(7), &json!(1)));
        assert_eq!(ping["extensions"][0]["id"], "SCP");
        let pong = sent("pong", json!({ "files": 3, "address": "198.51.100.1:1" }));
        assert_eq!((&pong["files"], &pong["address"]), (&json!(3), &json!("198.51.100.1")));
        let query = sent("query", json!({ "text": "ninety nine", "urn": "urn:sha1:" }));
        assert_eq!((&query["type"], &query["text"]), (&json!("query"), &json!("ninety nine")));
        assert_eq!(query["extensions"][0]["urn_request"], "urn:sha1:");
        let push =
            sent("push", json!({ "servent": "00112233445566778899aabbccddeeff", "index": 9 }));
        assert_eq!((&push["index"], &push["port"]), (&json!(9), &json!(6346)));
        let bye = sent("bye", json!({ "code": 503 }));
        assert_eq!((&bye["code"], &bye["reason"]), (&json!(503), &json!("so long")));
    }

    #[test]
    fn a_header_may_lie() {
        let mut fields = Fields::new(vec![("len".to_owned(), json!(70_000))]);
        let bytes = frame("ping", &mut fields, &DEFAULTS).unwrap();
        assert_eq!(bytes.len(), 23);
        assert_eq!(bytes[19..], 70_000_u32.to_le_bytes());
        assert!(frame("pang", &mut Fields::default(), &DEFAULTS).is_err());
    }
}
