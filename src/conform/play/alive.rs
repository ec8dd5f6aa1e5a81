//! Whether a probe is there: what a servent answers that is asked so.

use std::net::SocketAddrV4;

use bytes::Bytes;
use serde_json::Value;

use crate::conform::message::{Defaults, Fields, frame};
use crate::conform::script::read_hex;
use crate::gnutella::wire::Guid;

/// The pong for a ping that goes no further than its receiver.
pub(super) fn answer(message: &Value, own: SocketAddrV4) -> Option<Bytes> {
    let number = |name| message.get(name).and_then(Value::as_u64);
    let is_for_us = message.get("type").and_then(Value::as_str) == Some("ping")
        && number("life") == Some(1)
        && number("ttl") == Some(1);
    let digits = message.get("guid").and_then(Value::as_str).filter(|_| is_for_us)?;
    let guid = Guid(read_hex(digits).ok()?.try_into().ok()?);
    let defaults = Defaults { guid, address: *own.ip(), port: own.port() };
    let mut fields = Fields::new(vec![("ttl".to_owned(), 1.into())]);
    frame("pong", &mut fields, &defaults).ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_who_asks_us_alone_is_answered() {
        let own = SocketAddrV4::new([192, 0, 2, 1].into(), 6346);
        let ping = |ttl: u8, life: u8| json!({ "type": "ping", "guid": "07".repeat(16), "ttl": ttl, "life": life });
        let pong = answer(&ping(1, 1), own).unwrap();
        assert_eq!((&pong[..16], pong[16], pong[17]), (&[7; 16][..], 1, 1));
        assert!(answer(&ping(2, 2), own).is_none() && answer(&ping(1, 2), own).is_none());
        assert!(answer(&json!({ "type": "pong" }), own).is_none());
    }
}
