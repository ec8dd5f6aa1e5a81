//! The heads of a probe that is a servent like others.

use std::net::SocketAddrV4;

use serde_json::Value;

use crate::conform::message::head;

/// A handshake that a probe begins and that is to end well.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    is_ultrapeer: bool,
    with: Vec<String>,
    without: Vec<String>,
    own: SocketAddrV4,
}

impl Handshake {
    pub(crate) fn new(
        is_ultrapeer: bool,
        (with, without): (&[String], &[String]),
        own: SocketAddrV4,
    ) -> Self {
        Self { is_ultrapeer, with: with.to_vec(), without: without.to_vec(), own }
    }

    /// The head that opens it: what the servents of today say, so that few would not have us.
    pub(crate) fn request(&self) -> Vec<u8> {
        self.head("GNUTELLA CONNECT/0.6", &[])
    }

    /// The head that takes whoever has called.
    pub(crate) fn acceptance(&self, deflates: bool) -> Vec<u8> {
        let encoding = deflates.then(|| "Content-Encoding: deflate".to_owned());
        self.head("GNUTELLA/0.6 200 OK", encoding.as_slice())
    }

    fn head(&self, start: &str, more: &[String]) -> Vec<u8> {
        let ultrapeer = if self.is_ultrapeer { "True" } else { "False" };
        let mut lines = vec![start.to_owned()];
        let own = [
            format!("Listen-IP: {}", self.own),
            format!("User-Agent: FilbertJudge/{}", env!("CARGO_PKG_VERSION")),
            format!("X-Ultrapeer: {ultrapeer}"),
            "X-Query-Routing: 0.2".to_owned(),
            "X-Ultrapeer-Query-Routing: 0.1".to_owned(),
            "X-Dynamic-Querying: 0.1".to_owned(),
            "X-Ext-Probes: 0.1".to_owned(),
            "X-Degree: 32".to_owned(),
            "X-Max-TTL: 4".to_owned(),
            "X-Requeries: False".to_owned(),
            "GGEP: 0.5".to_owned(),
            "Pong-Caching: 0.1".to_owned(),
            "Vendor-Message: 0.2".to_owned(),
            "Bye-Packet: 0.1".to_owned(),
            "Accept-Encoding: deflate".to_owned(),
        ];
        let replaced = |name: &str| {
            let names = self.with.iter().map(|line| name_of(line));
            names
                .chain(self.without.iter().map(String::as_str))
                .any(|other| other.eq_ignore_ascii_case(name))
        };
        lines.extend(own.into_iter().filter(|line| !replaced(name_of(line))));
        lines.extend(self.with.iter().chain(more).cloned());
        head(&lines)
    }

    /// The last head.
    pub(crate) fn confirmation(deflates: bool) -> Vec<u8> {
        let encoding = deflates.then(|| "Content-Encoding: deflate".to_owned());
        let lines: Vec<_> =
            ["GNUTELLA/0.6 200 OK".to_owned()].into_iter().chain(encoding).collect();
        head(&lines)
    }

    /// Whether an answer takes us, and whether what follows it is deflated.
    pub(crate) fn is_taken(answer: &Value) -> Result<bool, String> {
        let is_answer = answer.get("type").and_then(Value::as_str) == Some("head");
        let status = answer.get("status").and_then(Value::as_u64);
        if !is_answer || status != Some(200) {
            let start = answer.get("start").and_then(Value::as_str).unwrap_or("no head");
            return Err(format!("it answers the handshake with {start:?}"));
        }
        let encoding = answer.get("headers").and_then(|headers| headers.get("content-encoding"));
        let encoding = encoding.and_then(Value::as_str).unwrap_or("");
        Ok(encoding.to_ascii_lowercase().contains("deflate"))
    }
}

fn name_of(line: &str) -> &str {
    line.split(':').next().unwrap_or("").trim()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn headers_are_replaced_and_left_out() {
        let with = ["x-max-ttl: 9".to_owned(), "X-Odd: 1".to_owned()];
        let without = ["GGEP".to_owned()];
        let own = SocketAddrV4::new([192, 0, 2, 1].into(), 6346);
        let request = Handshake::new(false, (&with, &without), own).request();
        let text = String::from_utf8(request).unwrap();
        assert!(text.starts_with("GNUTELLA CONNECT/0.6\r\n") && text.ends_with("\r\n\r\n"));
        assert!(text.contains("\r\nx-max-ttl: 9\r\n") && !text.contains("X-Max-TTL: 4"));
        assert!(text.contains("\r\nX-Odd: 1\r\n") && !text.contains("GGEP"));
        assert!(text.contains("X-Ultrapeer: False") && text.contains("Listen-IP: 192.0.2.1:6346"));
    }

    #[test]
    fn only_a_head_with_200_takes_us() {
        let head = |status: u16, headers: Value| json!({ "type": "head", "status": status, "start": "x", "headers": headers });
        assert_eq!(Handshake::is_taken(&head(200, json!({}))), Ok(false));
        let deflated = json!({ "content-encoding": "Deflate" });
        assert_eq!(Handshake::is_taken(&head(200, deflated)), Ok(true));
        assert!(Handshake::is_taken(&head(503, json!({}))).is_err());
        assert!(Handshake::is_taken(&json!({ "type": "garbage" })).is_err());
    }
}
