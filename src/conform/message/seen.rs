//! What a probe gets -> a tree of values, as the lines of a case name them.

use std::net::SocketAddr;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::base::error::Faults;
use crate::gnutella::link::Head;
use crate::gnutella::wire::{Datagram, Frame, Function, Message};

/// A frame: the fields of its header and of its message, `return_address` (what the GUID of a query says where its flags give
/// it that meaning), `len`, `payload`, and `faults`: the requirements that it breaks.
pub(crate) fn frame_tree(frame: &Frame) -> Value {
    let mut tree = Map::new();
    let mut faults = Faults::new();
    frame.inspect(&mut faults);
    match Message::decode(frame) {
        Ok(message) => {
            message.inspect(&mut faults);
            if let Ok(Value::Object(fields)) = serde_json::to_value(&message) {
                tree.extend(fields);
            }
        }
        Err(fault) => {
            tree.insert("unreadable".to_owned(), fault.rule.id().into());
        }
    }
    let header = frame.header();
    tree.insert("type".to_owned(), frame.function.name().into());
    tree.insert("function".to_owned(), frame.function.0.into());
    tree.insert("guid".to_owned(), hex(&frame.guid.0));
    if frame.function == Function::QUERY {
        let address = frame.guid.out_of_band_address().to_string();
        tree.insert("return_address".to_owned(), address.into());
    }
    tree.insert("ttl".to_owned(), frame.ttl.into());
    tree.insert("hops".to_owned(), frame.hops.into());
    tree.insert("life".to_owned(), u16::from(frame.ttl).saturating_add(frame.hops.into()).into());
    tree.insert("len".to_owned(), header.payload_len.into());
    tree.insert("payload".to_owned(), hex(&frame.payload));
    let faults = faults.as_slice().iter().map(|fault| Value::from(fault.rule.id()));
    let faults: Vec<_> = faults.collect();
    if !faults.is_empty() {
        tree.insert("faults".to_owned(), faults.into());
    }
    Value::Object(tree)
}

/// A head of a handshake: `status` where it is an answer, `start`, and `headers` by their names in lower case.
pub(crate) fn head_tree(head: &Head) -> Value {
    let mut tree = Map::new();
    let shown = serde_json::to_value(head).unwrap_or_default();
    let start = shown.get("start").and_then(Value::as_str).unwrap_or("").to_owned();
    let lines = shown.get("headers").and_then(Value::as_array).cloned().unwrap_or_default();
    let pairs = lines.iter().filter_map(|line| match line.as_array()?.as_slice() {
        [name, value] => Some((name.as_str()?.to_owned(), value.as_str()?.to_owned())),
        _ => None,
    });
    tree.insert("type".to_owned(), "head".into());
    put_start(&mut tree, &start);
    tree.insert("headers".to_owned(), headers(pairs));
    Value::Object(tree)
}

/// The start line, and the number that an answer has in it.
pub(super) fn put_start(tree: &mut Map<String, Value>, start: &str) {
    tree.insert("start".to_owned(), start.into());
    let mut words = start.split_whitespace();
    let is_answer = words
        .next()
        .is_some_and(|first| first.starts_with("GNUTELLA/") || first.starts_with("HTTP"));
    if is_answer && let Some(status) = words.next().and_then(|word| word.parse::<u16>().ok()) {
        tree.insert("status".to_owned(), status.into());
    }
}

/// Names in lower case; the values of lines with the same name stand in one, with commas between them.
pub(super) fn headers(pairs: impl Iterator<Item = (String, String)>) -> Value {
    let mut headers = Map::new();
    for (name, value) in pairs {
        let name = name.to_ascii_lowercase();
        let joined = match headers.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before}, {value}"),
            None => value,
        };
        headers.insert(name, joined.into());
    }
    Value::Object(headers)
}

/// A datagram: what a frame has, `from`, `deflated` and `can_inflate`; or `reliable`, or `foreign` with its bytes.
pub(crate) fn datagram_tree(bytes: &Bytes, from: SocketAddr) -> Value {
    let mut tree = match Datagram::decode(bytes) {
        Ok(Datagram::Frame { frame, deflated, can_inflate }) => {
            let mut tree = frame_tree(&frame);
            if let Value::Object(fields) = &mut tree {
                fields.insert("deflated".to_owned(), deflated.into());
                fields.insert("can_inflate".to_owned(), can_inflate.into());
            }
            tree
        }
        Ok(Datagram::Reliable(part)) => serde_json::json!({
            "type": "reliable",
            "sequence": part.sequence,
            "part": part.part,
            "count": part.count,
            "payload": hex(&part.payload),
        }),
        Err(_) => serde_json::json!({ "type": "foreign", "payload": hex(bytes) }),
    };
    if let Value::Object(fields) = &mut tree {
        fields.insert("from".to_owned(), from.to_string().into());
        fields.insert("datagram_len".to_owned(), bytes.len().into());
    }
    tree
}

pub(super) fn hex(bytes: &[u8]) -> Value {
    data_encoding::HEXLOWER.encode(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_looked_up_by_lower_case_names() {
        let bytes = b"GNUTELLA/0.6 503 Full\r\nX-Try: 1.2.3.4:5\r\nx-try: 6.7.8.9:1\r\n\r\n";
        let (head, _) = Head::decode(bytes).unwrap();
        let tree = head_tree(&head);
        assert_eq!((&tree["type"], &tree["status"]), (&"head".into(), &503.into()));
        assert_eq!(tree["headers"]["x-try"], "1.2.3.4:5, 6.7.8.9:1");
    }

    #[test]
    fn what_is_no_message_is_shown_all_the_same() {
        let mut frame = Vec::from([9; 16]);
        frame.extend([0x01, 1, 0, 2, 0, 0, 0, 5, 5]);
        let tree = frame_tree(&Frame::decode(&Bytes::from(frame)).unwrap());
        assert_eq!((&tree["type"], &tree["len"]), (&"pong".into(), &2.into()));
        assert!(tree["unreadable"].is_string());
        let tree = datagram_tree(&Bytes::from_static(b"hello"), ([192, 0, 2, 1], 5).into());
        assert_eq!((&tree["type"], &tree["from"]), (&"foreign".into(), &"192.0.2.1:5".into()));
    }
}
