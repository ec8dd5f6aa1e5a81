//! What tshark should say of a frame.

use filbert::gnutella::wire::{
    Frame, Function, Guid, HEADER_LEN, Message, Pong, Push, Query, QueryHit, Record, Trailer,
};
use serde_json::{Map, Value, json};

use crate::support::frames::encoded;

/// A frame, and the values that it was made of.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) frame: Frame,
    pub(crate) message: Message,
}

impl Sent {
    pub(crate) fn new(function: Function, message: Message) -> Self {
        let guid = Guid(*b"\x10\x32\x54\x76\x98\xba\xdc\xfe\xff\x01\x23\x45\x67\x89\xab\x00");
        let payload = message.to_bytes();
        Self {
            frame: Frame { guid, function, ttl: 4, hops: 3, size_flags: None, payload },
            message,
        }
    }
}

/// What tshark should say of a frame, by what was put in, and not by what we read in it.
pub(crate) fn expected(Sent { frame, message }: &Sent) -> Value {
    let bytes = encoded(frame);
    let mut header = Tree::new("gnutella.header", &bytes[..HEADER_LEN]);
    header.put("id", frame.guid.0, &colons(&frame.guid.0));
    header.put("payload", [frame.function.0], &frame.function.0);
    header.put("ttl", [frame.ttl], &frame.ttl);
    header.put("hops", [frame.hops], &frame.hops);
    let payload_len = u32::try_from(frame.payload.len()).unwrap();
    header.put("size", payload_len.to_le_bytes(), &payload_len);
    if let Some((name, payload)) = payload(message, &frame.payload) {
        header.put_tree(name, payload);
    }
    json!({ "bytes": hex(&bytes), "gnutella.header": header.into_value() })
}

/// The tree of a payload that it knows, and its name.
fn payload(message: &Message, payload: &[u8]) -> Option<(&'static str, Tree)> {
    Some(match message {
        Message::Pong(pong) => ("gnutella.pong.payload", of_pong(pong, payload)),
        Message::Push(push) => ("gnutella.push.payload", of_push(push, payload)),
        Message::Query(query) => ("gnutella.query.payload", of_query(query, payload)),
        Message::QueryHit(hit) => ("gnutella.queryhit.payload", of_hit(hit, payload)),
        _ => return None,
    })
}

fn of_pong(pong: &Pong, payload: &[u8]) -> Tree {
    let mut tree = Tree::new("gnutella.pong", payload);
    tree.put("port", pong.port.to_le_bytes(), &pong.port);
    tree.put("ip", pong.address.octets(), &pong.address);
    tree.put("files", pong.files.to_le_bytes(), &pong.files);
    tree.put("kbytes", pong.kib.to_le_bytes(), &pong.kib);
    tree
}

fn of_push(push: &Push, payload: &[u8]) -> Tree {
    let mut tree = Tree::new("gnutella.push", payload);
    tree.put("servent_id", push.servent.0, &colons(&push.servent.0));
    tree.put("index", push.index.to_le_bytes(), &push.index);
    tree.put("ip", push.address.octets(), &push.address);
    tree.put("port", push.port.to_le_bytes(), &push.port);
    tree
}

fn of_query(query: &Query, payload: &[u8]) -> Tree {
    let mut tree = Tree::new("gnutella.query", payload);
    // Wrong: the flags are no speed, and their high byte comes first (QUERY-03).
    tree.put("min_speed", query.flags.0, &u16::from_le_bytes(query.flags.0));
    // Wrong: the extensions are no part of the text.
    let rest = [&query.text[..], b"\0", query.extensions.as_bytes()].concat();
    tree.put("search", rest, &ascii(&query.text));
    tree
}

fn of_hit(hit: &QueryHit, payload: &[u8]) -> Tree {
    let mut tree = Tree::new("gnutella.queryhit", payload);
    let count = u8::try_from(hit.records.len()).unwrap();
    tree.put("count", [count], &count);
    tree.put("port", hit.port.to_le_bytes(), &hit.port);
    tree.put("ip", hit.address.octets(), &hit.address);
    tree.put("speed", hit.speed.to_le_bytes(), &hit.speed);
    for record in &hit.records {
        tree.put_tree("gnutella.queryhit.hit", of_record(record));
    }
    if let Some(Trailer { vendor, open, private }) = &hit.trailer {
        let open_len = u8::try_from(open.len()).unwrap();
        let trailer = [&vendor.0[..], &[open_len], open, private].concat();
        tree.put("extra", &trailer, &colons(&trailer));
    }
    tree.put("servent_id", hit.servent.0, &colons(&hit.servent.0));
    tree
}

fn of_record(record: &Record) -> Tree {
    let (name, extensions) = (&record.name, record.extensions.as_bytes());
    let fixed = [record.index, record.size].map(u32::to_le_bytes).concat();
    let bytes = [&fixed[..], name, b"\0", extensions, b"\0"].concat();
    let mut tree = Tree::new("gnutella.queryhit.hit", &bytes);
    tree.put("index", record.index.to_le_bytes(), &record.index);
    tree.put("size", record.size.to_le_bytes(), &record.size);
    tree.put("name", name, &ascii(name));
    if !extensions.is_empty() {
        tree.put("extra", extensions, &colons(extensions));
    }
    tree
}

/// Fields with one parent, as `dissect` hands them out.
struct Tree {
    prefix: &'static str,
    fields: Map<String, Value>,
}

impl Tree {
    fn new(prefix: &'static str, bytes: &[u8]) -> Self {
        let fields = Map::from_iter([("bytes".to_owned(), hex(bytes).into())]);
        Self { prefix, fields }
    }

    fn put(&mut self, name: &str, bytes: impl AsRef<[u8]>, shown: &impl ToString) {
        let field = json!({ "bytes": hex(bytes.as_ref()), "shown": shown.to_string() });
        self.fields.insert(format!("{}.{name}", self.prefix), field);
    }

    /// Trees of one name become a list.
    fn put_tree(&mut self, name: &str, tree: Self) {
        let tree = tree.into_value();
        let both = match self.fields.remove(name) {
            None => tree,
            Some(Value::Array(mut trees)) => {
                trees.push(tree);
                Value::Array(trees)
            }
            Some(first) => json!([first, tree]),
        };
        self.fields.insert(name.to_owned(), both);
    }

    fn into_value(self) -> Value {
        Value::Object(self.fields)
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// Wrong: it takes text for ASCII, where it is UTF-8 (QUERY-16, HIT-13).
fn ascii(text: &[u8]) -> String {
    text.iter().map(|&byte| if byte.is_ascii() { byte.into() } else { '\u{fffd}' }).collect()
}
