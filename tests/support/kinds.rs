//! Decodes and encodes each kind of test vector with the library, and shows values as
//! `protocol-spec/README.md` writes them.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use filbert::base::error::{Fault, Faults};
use filbert::base::urn::Urn;
use filbert::gnutella::link::{Agreement, Head, Method, Opening, opening};
use filbert::gnutella::wire::ggep::{self, Items, Place};
use filbert::gnutella::wire::query_table::{Change, Receiver};
use filbert::gnutella::wire::{
    AreaWriter, Datagram, ExtensionArea, Frame, Function, GgepArea, Guid, Header, Message,
    QueryFlags, QueryTable, Reliable,
};
use serde_json::{Map, Value, json};

use super::{fasttrack_kinds, http_kinds, kazaa_kinds, session_kinds};

/// What decoding gave.
pub struct Decoded {
    pub value: Value,
    /// The requirements that were broken all the same.
    pub faults: BTreeSet<String>,
    /// The bytes that encoding gives; none for kinds that are for reading only.
    pub encoded: Option<Vec<u8>>,
}

/// The value, or the requirement because of which there is none.
pub type Outcome = Result<Decoded, String>;

/// Decodes bytes as a kind.
pub fn decode(kind: &str, place: Option<&str>, bytes: &[u8]) -> Outcome {
    match kind {
        "frame" => frame(bytes),
        "frame_stream" => frame_stream(bytes),
        "ping" => payload(Function::PING, bytes),
        "pong" => payload(Function::PONG, bytes),
        "bye" => payload(Function::BYE, bytes),
        "push" => payload(Function::PUSH, bytes),
        "query" => payload(Function::QUERY, bytes),
        "query_hit" => payload(Function::QUERY_HIT, bytes),
        "query_table" => payload(Function::QUERY_TABLE, bytes),
        "vendor" => payload(Function::VENDOR, bytes),
        "hsep" => payload(Function::HSEP, bytes),
        "query_flags" => query_flags(bytes),
        "extension_area" => extension_area(place, bytes),
        "ggep" => ggep_blocks(place, bytes),
        "urn" => urn(bytes),
        "cobs" => cobs(bytes),
        "handshake" => handshake(bytes),
        "capabilities" => capabilities(bytes),
        "opening" => Ok(opened(bytes)),
        "datagram" => datagram(bytes),
        "out_of_band_guid" => out_of_band_guid(bytes),
        "http_request" => http_kinds::request(bytes),
        "http_response" => http_kinds::response(bytes),
        "transfer_header" => http_kinds::header(bytes),
        "transfer_line" => http_kinds::transfer_line(bytes),
        "thex" => http_kinds::thex(bytes),
        "magnet" => http_kinds::magnet(bytes),
        "uuhash" => kazaa_kinds::uuhash(bytes),
        "sig2dat" => kazaa_kinds::sig2dat(bytes),
        "kazaa_header" => kazaa_kinds::header(bytes),
        "give_line" => kazaa_kinds::give(bytes),
        "dynint" => fasttrack_kinds::number(bytes),
        "tag_list" => fasttrack_kinds::tag_list(bytes),
        "message" => fasttrack_kinds::message(place, bytes),
        "hello" => session_kinds::hello(bytes),
        "hello_answer" => session_kinds::hello_answer(bytes),
        "message_stream" => session_kinds::message_stream(bytes),
        "keystream" => session_kinds::keystream(bytes),
        "cipher_state" => session_kinds::cipher_state(bytes),
        "cube" => session_kinds::cube_of(bytes),
        "fasttrack_datagram" => fasttrack_kinds::datagram(bytes),
        other => panic!("no test knows the kind {other}"),
    }
}

/// Follows query table messages: the slots that hold a word after them.
pub fn query_table_stream(payloads: &[Vec<u8>]) -> Outcome {
    let mut receiver = Receiver::new();
    let mut infinity = 0;
    let mut present = BTreeSet::new();
    for payload in payloads {
        let payload = Bytes::copy_from_slice(payload);
        let message = QueryTable::decode(&payload).map_err(|fault| rule(&fault.into()))?;
        if let QueryTable::Reset(reset) = &message {
            present.clear();
            infinity = reset.infinity;
        }
        let apply = |slot, change: Change| {
            let is_there = change.applied(present.contains(&slot));
            if is_there {
                present.insert(slot)
            } else {
                present.remove(&slot)
            };
        };
        receiver.receive(&message, apply).map_err(|fault| rule(&fault))?;
    }
    let value = json!({ "slots": receiver.slots(), "infinity": infinity, "present": present });
    Ok(Decoded { value, faults: BTreeSet::new(), encoded: None })
}

fn rule(fault: &Fault) -> String {
    fault.rule().id().to_owned()
}

pub fn ids(faults: &Faults) -> BTreeSet<String> {
    faults.as_slice().iter().map(|fault| fault.rule.id().to_owned()).collect()
}

pub fn to_json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("every value fits into JSON")
}

pub fn failed(fault: filbert::base::error::Malformed) -> String {
    fault.rule.id().to_owned()
}

pub fn encoded(encode: impl FnOnce(&mut BytesMut)) -> Option<Vec<u8>> {
    let mut out = BytesMut::new();
    encode(&mut out);
    Some(out.to_vec())
}

fn frame_value(frame: &Frame) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("guid".into(), to_json(frame.guid));
    map.insert("type".into(), frame.function.name().into());
    map.insert("function".into(), frame.function.0.into());
    map.insert("ttl".into(), frame.ttl.into());
    map.insert("hops".into(), frame.hops.into());
    map.insert("payload".into(), data_encoding::HEXLOWER.encode(&frame.payload).into());
    if let Some(flags) = frame.size_flags {
        map.insert("size_flags".into(), flags.into());
    }
    map
}

fn frame(bytes: &[u8]) -> Outcome {
    // As a link does it: what is too long is refused before its payload has come.
    Header::decode(bytes).and_then(|header| header.check_size()).map_err(failed)?;
    let frame = Frame::decode(&Bytes::copy_from_slice(bytes)).map_err(failed)?;
    let mut faults = Faults::new();
    frame.inspect(&mut faults);
    Ok(Decoded {
        value: Value::Object(frame_value(&frame)),
        faults: ids(&faults),
        encoded: encoded(|out| frame.encode(out)),
    })
}

fn frame_stream(bytes: &[u8]) -> Outcome {
    let mut stream = BytesMut::from(bytes);
    let mut frames = Vec::new();
    while let Some(frame) = Frame::take_from(&mut stream).map_err(failed)? {
        frames.push(frame);
    }
    let encoded = encoded(|out| {
        frames.iter().for_each(|frame| frame.encode(out));
        out.extend_from_slice(&stream);
    });
    let shown: Vec<_> = frames.iter().map(frame_value).collect();
    let mut value = json!({ "frames": shown });
    if !stream.is_empty() {
        value["rest"] = data_encoding::HEXLOWER.encode(&stream).into();
    }
    Ok(Decoded { value, faults: BTreeSet::new(), encoded })
}

fn payload(function: Function, bytes: &[u8]) -> Outcome {
    let frame = Frame {
        guid: Guid::ZERO,
        function,
        ttl: 1,
        hops: 0,
        size_flags: None,
        payload: Bytes::copy_from_slice(bytes),
    };
    let message = Message::decode(&frame).map_err(failed)?;
    let mut faults = Faults::new();
    message.inspect(&mut faults);
    Ok(Decoded {
        value: to_json(&message),
        faults: ids(&faults),
        encoded: encoded(|out| message.encode(out)),
    })
}

fn query_flags(bytes: &[u8]) -> Outcome {
    let flags = QueryFlags(bytes.try_into().expect("flags are two bytes"));
    Ok(Decoded { value: to_json(flags), faults: BTreeSet::new(), encoded: Some(flags.0.to_vec()) })
}

fn extension_area(place: Option<&str>, bytes: &[u8]) -> Outcome {
    let place = place.map_or(Place::Query, place_of);
    let area = ExtensionArea::new(Bytes::copy_from_slice(bytes), place);
    let mut faults = Faults::new();
    area.inspect(0, &mut faults);
    let mut writer = AreaWriter::new();
    for (_, part) in area.parts() {
        writer.put_part(&part);
    }
    Ok(Decoded {
        value: to_json(&area),
        faults: ids(&faults),
        encoded: Some(writer.finish(place).as_bytes().to_vec()),
    })
}

fn place_of(name: &str) -> Place {
    match name {
        "ping" => Place::Ping,
        "pong" => Place::Pong,
        "query" => Place::Query,
        "record" => Place::Record,
        "trailer" => Place::Trailer,
        "push" => Place::Push,
        "head_ping" => Place::HeadPing,
        "head_pong" => Place::HeadPong,
        "vendor" => Place::Vendor,
        other => panic!("no place is called {other}"),
    }
}

/// Decodes blocks, and encodes them anew from the values: this is where values and payloads of
/// extensions are held against each other in both directions.
fn ggep_blocks(place: Option<&str>, bytes: &[u8]) -> Outcome {
    let place = place_of(place.expect("a GGEP vector has a place"));
    let mut items = Items::new(bytes, 0);
    let mut writer = ggep::Writer::new();
    for item in items.by_ref() {
        let item = item.map_err(failed)?;
        let payload = item.payload().unwrap_or_default().into_owned();
        let id = std::str::from_utf8(item.id).expect("ids are ASCII");
        let written = match item.value(place) {
            Ok(value) => value.to_payload(),
            Err(_) => payload,
        };
        let written = match (item.cobs, item.deflate) {
            (_, true) => writer.put_deflated(id, &written),
            (true, false) => writer.put_cobs(id, &written),
            (false, false) => writer.put(id, &written),
        };
        written.expect("what was read has room");
    }
    let area = GgepArea::new(Bytes::copy_from_slice(bytes), place);
    let mut faults = Faults::new();
    area.inspect_all(0, &mut faults);
    let value = to_json(&area)["extensions"].take();
    Ok(Decoded { value, faults: ids(&faults), encoded: Some(writer.finish().to_vec()) })
}

fn urn(bytes: &[u8]) -> Outcome {
    let urn = Urn::parse(bytes).ok_or_else(|| {
        let mut faults = Faults::new();
        ExtensionArea::new(Bytes::copy_from_slice(bytes), Place::Query).inspect(0, &mut faults);
        let broken = ids(&faults).pop_first();
        broken.unwrap_or_else(|| "HUGE-18".to_owned())
    })?;
    Ok(Decoded {
        value: json!({ "urn": urn }),
        faults: BTreeSet::new(),
        encoded: Some(urn.to_string().into_bytes()),
    })
}

fn cobs(bytes: &[u8]) -> Outcome {
    let decoded = ggep::cobs_decode(bytes).map_err(failed)?;
    Ok(Decoded {
        value: json!({ "hex": data_encoding::HEXLOWER.encode(&decoded) }),
        faults: BTreeSet::new(),
        encoded: Some(ggep::cobs_encode(&decoded)),
    })
}

fn handshake(bytes: &[u8]) -> Outcome {
    let (head, rest) = Head::decode(bytes).map_err(failed)?;
    let mut faults = Faults::new();
    head.inspect(&mut faults);
    let mut value = to_json(&head);
    if !rest.is_empty() {
        value["rest"] = data_encoding::HEXLOWER.encode(rest).into();
    }
    let encoded = encoded(|out| {
        head.encode(out);
        out.extend_from_slice(rest);
    });
    Ok(Decoded { value, faults: ids(&faults), encoded })
}

fn capabilities(bytes: &[u8]) -> Outcome {
    let (head, _) = Head::decode(bytes).map_err(failed)?;
    Ok(Decoded { value: to_json(head.capabilities()), faults: BTreeSet::new(), encoded: None })
}

fn opened(bytes: &[u8]) -> Decoded {
    let name = |opening| match opening {
        Opening::Gnutella => "gnutella",
        Opening::Http(_) => "http",
        Opening::Giv => "giv",
        Opening::Queue => "queue",
        Opening::Give => "give",
        Opening::Tls => "tls",
        Opening::FastTrack => "fasttrack",
        Opening::Foreign => "foreign",
    };
    let method = |method| match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Options => "OPTIONS",
    };
    let value = match opening(bytes) {
        None => json!({}),
        Some(Opening::Http(verb)) => json!({ "opening": "http", "method": method(verb) }),
        Some(opening) => json!({ "opening": name(opening) }),
    };
    Decoded { value, faults: BTreeSet::new(), encoded: None }
}

/// What the heads of a handshake add up to.
pub fn agreement(messages: &[Vec<u8>]) -> Outcome {
    let (mut heads, mut broken) = (Vec::new(), None);
    for bytes in messages {
        match Head::decode(bytes) {
            Ok((head, _)) => heads.push(head),
            Err(fault) => {
                broken = Some(failed(fault));
                break;
            }
        }
    }
    let (connecting, accepting) = Agreement::overheard(&heads).map_err(|fault| {
        let is_cut = fault.rule().id() == "HAND-01";
        broken.filter(|_| is_cut).unwrap_or_else(|| rule(&fault))
    })?;
    assert_mirrored(&connecting, &accepting);
    let mut value = json!({
        "connecting": party(&accepting),
        "accepting": party(&connecting),
        "deflate_up": connecting.sends_deflate,
        "deflate_down": connecting.receives_deflate,
        "tls": connecting.tls,
    });
    let versions = [
        ("query_routing", connecting.query_routing),
        ("ultrapeer_query_routing", connecting.ultrapeer_query_routing),
    ];
    for (name, version) in versions {
        if let Some(version) = version {
            value[name] = to_json(version);
        }
    }
    let faults = [connecting.fault, accepting.fault].into_iter().flatten();
    let faults = faults.map(|fault| fault.rule.id().to_owned()).collect();
    Ok(Decoded { value, faults, encoded: None })
}

/// HAND-01: both sides come to the same agreement, each from its own end.
fn assert_mirrored(connecting: &Agreement, accepting: &Agreement) {
    assert_eq!((connecting.role, connecting.peer_role), (accepting.peer_role, accepting.role));
    assert_eq!(connecting.sends_deflate, accepting.receives_deflate);
    assert_eq!(connecting.receives_deflate, accepting.sends_deflate);
    let shared = |agreement: &Agreement| {
        let Agreement { tls, query_routing, ultrapeer_query_routing, bye, ggep, .. } = agreement;
        (*tls, *query_routing, *ultrapeer_query_routing, *bye, *ggep)
    };
    assert_eq!(shared(connecting), shared(accepting));
}

/// What one side is and says, as the other one sees it.
fn party(seen: &Agreement) -> Value {
    const SAID: [&str; 15] = [
        "user_agent",
        "guid",
        "listen",
        "remote_ip",
        "requeries",
        "degree",
        "max_ttl",
        "dynamic_querying",
        "ext_probes",
        "guess",
        "vendor_message",
        "ggep",
        "pong_caching",
        "bye_packet",
        "features",
    ];
    let said = to_json(&seen.peer);
    let mut party = json!({ "role": to_json(seen.peer_role) });
    for name in SAID {
        if let Some(value) = said.get(name) {
            party[name] = value.clone();
        }
    }
    party
}

fn out_of_band_guid(bytes: &[u8]) -> Outcome {
    let guid = Guid(bytes.try_into().expect("a GUID is 16 bytes"));
    let address = guid.out_of_band_address();
    // The other bytes must survive when the address is written into a GUID that has another one.
    let elsewhere = guid.with_out_of_band_address("192.0.2.1:1".parse().expect("an address"));
    assert_ne!(elsewhere.out_of_band_address(), address);
    let encoded = elsewhere.with_out_of_band_address(address).0.to_vec();
    let value = json!({ "address": address });
    Ok(Decoded { value, faults: BTreeSet::new(), encoded: Some(encoded) })
}

fn datagram(bytes: &[u8]) -> Outcome {
    let datagram = Datagram::decode(&Bytes::copy_from_slice(bytes)).map_err(failed)?;
    let mut faults = Faults::new();
    datagram.inspect(&mut faults);
    let value = match &datagram {
        Datagram::Frame { frame, deflated, can_inflate } => {
            let mut map = frame_value(frame);
            set_flags(&mut map, &[("deflated", *deflated), ("can_inflate", *can_inflate)]);
            Value::Object(map)
        }
        Datagram::Reliable(reliable) => json!({
            "reliable": reliable_value(reliable),
            "payload": data_encoding::HEXLOWER.encode(&reliable.payload),
        }),
    };
    Ok(Decoded { value, faults: ids(&faults), encoded: encoded(|out| datagram.encode(out)) })
}

fn reliable_value(reliable: &Reliable) -> Value {
    let mut map = Map::new();
    set_flags(
        &mut map,
        &[
            ("deflated", reliable.deflated),
            ("ack_me", reliable.ack_me),
            ("cumulative", reliable.cumulative),
            ("extended", reliable.extended),
        ],
    );
    map.insert("sequence".into(), reliable.sequence.into());
    map.insert("part".into(), reliable.part.into());
    map.insert("count".into(), reliable.count.into());
    if let Some(reception) = &reliable.reception {
        map.insert("received".into(), reception.received.into());
        map.insert("missing".into(), reception.missing().collect::<Vec<_>>().into());
    }
    Value::Object(map)
}

fn set_flags(map: &mut Map<String, Value>, flags: &[(&str, bool)]) {
    for (name, _) in flags.iter().filter(|(_, is_set)| *is_set) {
        map.insert((*name).to_owned(), true.into());
    }
}
