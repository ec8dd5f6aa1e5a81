//! Decodes the kinds of vectors that are heads, lines and bodies of transfers.

use std::collections::BTreeSet;

use bytes::BytesMut;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use filbert::base::file_name::SafeName;
use filbert::base::magnet::Magnet;
use filbert::gnutella::http::thex::TreeRows;
use filbert::gnutella::http::{
    AltHost, Alternates, AvailableLen, AvailableRanges, BodyEnd, ContentRange, ContentUrns, Form,
    Giv, HttpVersion, NodeAddress, NodeInfo, OwnHead, PushLocation, PushProxies, Queue,
    QueueCallback, QueueId, QueueVersion, Queued, RangeHeader, RequestReader, ResponseReader,
    RetryAfter, Status, Target, ThexUri,
};
use filbert::gnutella::link::{Head, HeadReader};
use serde_json::{Map, Value, json};

use super::kinds::{Decoded, Outcome};

/// A request, up to its empty line.
pub fn request(bytes: &[u8]) -> Outcome {
    let read = RequestReader::default().take_from(&mut BytesMut::from(bytes));
    let request = read.map_err(|bad| bad.fault.rule.id().to_owned())?.expect("it is whole");
    read_only(json!({
        "method": request.method.to_string(),
        "version": version(request.version),
        "target": target(&request.target),
        "keeps": request.keeps_connection(),
    }))
}

/// The head of a response.
pub fn response(bytes: &[u8]) -> Outcome {
    let read = ResponseReader::default().take_from(&mut BytesMut::from(bytes));
    let response = read.map_err(|fault| fault.rule.id().to_owned())?.expect("it is whole");
    let body = match response.body_end().map_err(|fault| fault.rule.id().to_owned())? {
        BodyEnd::After(len) => len.into(),
        BodyEnd::Chunked => "chunked".into(),
        BodyEnd::Close => Value::from("close"),
    };
    read_only(json!({
        "version": version(response.version),
        "status": response.status.0,
        "reason": response.reason,
        "body": body,
        "keeps": response.keeps_connection(),
    }))
}

/// A line with a header.
pub fn header(bytes: &[u8]) -> Outcome {
    let whole = [b"HTTP/1.1 200 OK\r\n", bytes, b"\r\n\r\n"].concat();
    let head = HeadReader::with_limits(1 << 16, 1 << 12).take_from(&mut BytesMut::from(&*whole));
    let head = head.expect("it is a head").expect("it is whole");
    let (name, _) = head.headers.first().expect("it has a header");
    let shown = match name.as_str() {
        "Range" => RangeHeader::of(&head).map(|range| (range_value(range), line(&range))),
        "Content-Range" => form(&head, |form: &ContentRange| {
            let range = form.range.map(|range| (range.start, range.end - 1));
            json!({ "first": range.map(|range| range.0), "last": range.map(|range| range.1), "size": form.size })
        }),
        "X-Available-Ranges" => form(
            &head,
            |form: &AvailableRanges| json!({ "ranges": form.0.iter().map(|range| [range.start, range.end - 1]).collect::<Vec<_>>() }),
        ),
        "X-Available" => form(&head, |form: &AvailableLen| json!({ "bytes": form.0 })),
        "X-Queue" => queue(&head),
        "X-Queued" => form(&head, |form: &Queued| {
            let Queued { id, position, length, eta_s, lifetime_s } = form;
            let id = id.as_ref().map(QueueId::as_str);
            json!({ "id": id, "position": position, "length": length, "eta": eta_s, "lifetime": lifetime_s })
        }),
        "Retry-After" => form(&head, |form: &RetryAfter| json!({ "seconds": form.0 })),
        "X-Thex-URI" => form(
            &head,
            |form: &ThexUri| json!({ "target": target(&form.target), "root": form.root.map(|root| BASE32_NOPAD.encode(&root)) }),
        ),
        "X-Gnutella-Content-URN" => form(&head, |form: &ContentUrns| json!({ "urns": form.0 })),
        "X-Node" => form(&head, |form: &NodeAddress| json!({ "address": form.0.to_string() })),
        "X-FW-Node-Info" => form(&head, |form: &NodeInfo| location(&form.0)),
        "X-Push-Proxy" => form(&head, |form: &PushProxies| hosts(&form.0)),
        name => alternates(&head, name),
    };
    let Some((value, written)) = shown else { return read_only(json!({})) };
    let encoded = Some(written.into_bytes());
    Ok(Decoded { value: without_nulls(value), faults: BTreeSet::new(), encoded })
}

fn form<F: Form>(head: &Head, show: impl Fn(&F) -> Value) -> Option<(Value, String)> {
    let form = F::of(head)?;
    Some((show(&form), line(&form)))
}

fn line<F: Form>(form: &F) -> String {
    format!("{}: {form}", F::NAME)
}

fn queue(head: &Head) -> Option<(Value, String)> {
    let Some(queue) = Queue::of(head) else {
        return form(head, |form: &QueueVersion| json!({ "version": form.0 }));
    };
    let Queue { position, length, limit, poll_min_s, poll_max_s } = queue;
    let value = json!({
        "position": position, "length": length, "limit": limit, "poll_min": poll_min_s, "poll_max": poll_max_s,
    });
    Some((value, line(&queue)))
}

fn range_value(range: RangeHeader) -> Value {
    match range {
        RangeHeader::Bounded(range) => json!({ "first": range.start, "last": range.end - 1 }),
        RangeHeader::From(first) => json!({ "first": first }),
        RangeHeader::Last(count) => json!({ "count": count }),
    }
}

fn alternates(head: &Head, name: &str) -> Option<(Value, String)> {
    let found = Alternates::of(head, &[7; 20]);
    let mut own = OwnHead::response(Status::OK);
    found.write_to(&mut own);
    let written = String::from_utf8(own.to_bytes().to_vec()).expect("it is UTF-8");
    let written = written.lines().nth(1)?.to_owned();
    let value = match name {
        "X-NAlt" => hosts(&found.gone),
        "X-Falt" => json!({ "servents": found.pushed.iter().map(location).collect::<Vec<_>>() }),
        "X-NFalt" => {
            json!({ "servents": found.pushed_gone.iter().map(location).collect::<Vec<_>>() })
        }
        _ => hosts(&found.hosts),
    };
    Some((value, written))
}

fn hosts(hosts: &[AltHost]) -> Value {
    let tls = hosts.iter().filter(|host| host.tls).map(|host| host.address.to_string());
    let all: Vec<String> = hosts.iter().map(|host| host.address.to_string()).collect();
    without_nulls(json!({ "hosts": all, "tls": tls.collect::<Vec<_>>() }))
}

fn location(location: &PushLocation) -> Value {
    let PushLocation { servent, firewall_transfer, address, proxies } = location;
    without_nulls(json!({
        "servent": servent,
        "firewall_transfer": firewall_transfer,
        "address": address.map(|address| address.to_string()),
        "proxies": hosts(proxies),
    }))
}

fn target(target: &Target) -> Value {
    match target {
        Target::ByUrn(urn) => json!({ "urn": urn }),
        Target::TreeOf(urn) => json!({ "tree": urn }),
        Target::ByIndex { index, name } => json!({ "index": index, "name": name }),
        Target::ByUuHash(hash) => json!({ "uuhash": hash }),
        Target::Browse => json!({ "browse": true }),
        Target::PushProxy(push) => without_nulls(json!({
            "servent": push.servent, "file": push.file, "tls": push.tls,
        })),
        Target::Other(text) => json!({ "other": text }),
    }
}

/// A line with which a connection begins.
pub fn transfer_line(bytes: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(bytes);
    let (value, written) = match (Giv::parse(&text), QueueCallback::parse(&text)) {
        (Some(giv), _) => {
            let Giv { index, servent, name } = &giv;
            (json!({ "index": index, "servent": servent, "name": name.as_str() }), giv.to_string())
        }
        (None, Some(call)) => {
            let address = call.address.map(|address| address.to_string());
            (json!({ "id": call.id.as_str(), "address": address }), call.to_string())
        }
        (None, None) => return read_only(json!({})),
    };
    let encoded = Some(written.into_bytes());
    Ok(Decoded { value: without_nulls(value), faults: BTreeSet::new(), encoded })
}

/// The body of a response with a Tiger tree.
pub fn thex(bytes: &[u8]) -> Outcome {
    let tree = TreeRows::decode(bytes).map_err(|fault| fault.rule.id().to_owned())?;
    let digests = tree.digests().iter().map(|digest| HEXLOWER.encode(digest));
    let value = json!({
        "size": tree.size(), "depth": tree.depth(), "digests": digests.collect::<Vec<_>>(),
    });
    Ok(Decoded { value, faults: BTreeSet::new(), encoded: Some(tree.encode().to_vec()) })
}

/// A magnet link.
pub fn magnet(bytes: &[u8]) -> Outcome {
    let Some(files) = Magnet::parse(&String::from_utf8_lossy(bytes)) else {
        return read_only(json!({}));
    };
    let value = json!({ "files": files.iter().map(magnet_file).collect::<Vec<_>>() });
    let encoded = Some(Magnet::link_to(&files).into_bytes());
    Ok(Decoded { value, faults: BTreeSet::new(), encoded })
}

fn magnet_file(file: &Magnet) -> Value {
    let sources: Vec<String> = file.sources.iter().map(ToString::to_string).collect();
    without_nulls(json!({
        "urns": file.urns,
        "name": file.name.as_ref().map(SafeName::as_str),
        "size": file.size,
        "keywords": file.keywords,
        "sources": sources,
        "trackers": file.trackers,
    }))
}

fn version(version: HttpVersion) -> &'static str {
    match version {
        HttpVersion::Http10 => "1.0",
        HttpVersion::Http11 => "1.1",
    }
}

fn read_only(value: Value) -> Outcome {
    Ok(Decoded { value, faults: BTreeSet::new(), encoded: None })
}

/// A field that says nothing is absent, and so is an empty list.
pub fn without_nulls(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let is_there = |value: &Value| match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    };
    let kept: Map<String, Value> = map.into_iter().filter(|(_, value)| is_there(value)).collect();
    Value::Object(kept)
}
