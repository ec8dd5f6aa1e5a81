use std::fmt;

use crate::base::show::Quoted;
use crate::dissect::{Body, Decoded, HttpHead, Packing, Stretch, Unknown};
use crate::gnutella::link::Head;
use crate::gnutella::wire::{Function, Message};

/// Characters of a summary. A stranger may send more, and the fields below the line show it all.
const SUMMARY_LEN_MAX: usize = 200;

/// What a record says, on one line that is safe to print.
pub(super) fn summary(body: &Body) -> String {
    let summary = whole_summary(body);
    match summary.char_indices().nth(SUMMARY_LEN_MAX) {
        Some((end, _)) => format!("{}…", summary.get(..end).unwrap_or_default()),
        None => summary,
    }
}

fn whole_summary(body: &Body) -> String {
    match body {
        Body::Handshake(greeting) => handshake(&greeting.head),
        Body::Frame(decoded) => frame(decoded),
        Body::Http(http) => transfer(http),
        Body::Tls(stretch) => format!("{}, encrypted", bytes(stretch.bytes)),
        Body::Unknown(unknown) => self::unknown(unknown),
    }
}

/// A stranger's text without quotation marks around it, and without what could steer a terminal.
pub(super) fn plain(text: &str) -> String {
    let quoted = Quoted(text.as_bytes()).to_string();
    let inner = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"'));
    inner.unwrap_or(&quoted).replace("\\\"", "\"")
}

/// A number with commas, as in 1,234,567.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn bytes(count: u64) -> String {
    let unit = if count == 1 { "byte" } else { "bytes" };
    format!("{} {unit}", grouped(count))
}

/// The first line, who it is, and what it decides about the rest of the connection.
fn handshake(head: &Head) -> String {
    let capabilities = head.capabilities();
    let role = capabilities.ultrapeer.map(|is_one| if is_one { "ultrapeer" } else { "leaf" });
    let agent = capabilities.user_agent.as_deref().map(program);
    let marks = [
        (capabilities.accept_deflate, "takes deflate"),
        (capabilities.content_deflate, "deflates"),
        (capabilities.upgrade_tls || capabilities.connection_upgrade, "TLS"),
        (capabilities.crawler.is_some(), "crawler"),
    ];
    let marks = marks.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name.to_owned());
    let parts = role.map(str::to_owned).into_iter().chain(agent).chain(marks);
    joined(&plain(&head.start), parts)
}

/// The first line, which bytes of what kind are moved, and who says so.
fn transfer(http: &HttpHead) -> String {
    let head = &http.head;
    let shown = ["Range", "Content-Range", "Content-Type"].into_iter();
    let shown = shown.filter_map(|name| head.value(name)).map(plain);
    let agent = head.value("User-Agent").or_else(|| head.value("Server")).map(program);
    joined(&plain(&head.start), http.body_len.map(bytes).into_iter().chain(shown).chain(agent))
}

/// The name of a program without the remarks behind it.
fn program(agent: &str) -> String {
    plain(agent.split(" (").next().unwrap_or_default())
}

fn joined(start: &str, parts: impl Iterator<Item = String>) -> String {
    let parts = parts.collect::<Vec<_>>().join(", ");
    if parts.is_empty() { start.to_owned() } else { format!("{start}  ({parts})") }
}

fn frame(decoded: &Decoded) -> String {
    let text = match &decoded.message {
        Some(Message::Open { payload }) => {
            format!("{}, {}", Named(decoded.header.function), bytes(payload.len() as u64))
        }
        Some(message) => message.to_string(),
        None => format!("payload of {}", bytes(u64::from(decoded.header.payload_len))),
    };
    match decoded.packing {
        Packing::Plain => text,
        Packing::DeflatedDatagram => format!("{text}  (deflated)"),
        Packing::Fragments { count: 1, .. } => format!("{text}  (in 1 fragment)"),
        Packing::Fragments { count, .. } => format!("{text}  (in {count} fragments)"),
    }
}

/// A function that is shown without a payload of its own.
struct Named(Function);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Function::RUDP | Function::DHT => f.write_str(self.0.name()),
            Function(code) => write!(f, "function 0x{code:02x}"),
        }
    }
}

fn unknown(unknown: &Unknown) -> String {
    let name = unknown.name();
    match unknown {
        Unknown::Stream { stretch: Stretch { bytes: count, .. }, .. }
        | Unknown::Inflated { bytes: count }
        | Unknown::Unfinished { bytes: count }
        | Unknown::Gap { bytes: count }
        | Unknown::Piece { bytes: count, .. } => format!("{name}, {}", bytes(*count)),
        Unknown::Datagrams { stretch, count: 1 } => {
            format!("{name}, 1 datagram, {}", bytes(stretch.bytes))
        }
        Unknown::Datagrams { stretch, count } => {
            format!("{name}, {} datagrams, {}", grouped(*count), bytes(stretch.bytes))
        }
        Unknown::Acknowledgement(reliable) => {
            format!("{name}, sequence {}, part {}", reliable.sequence, reliable.part)
        }
        Unknown::Fragments { sequence, received, count, bytes: len } => {
            format!("{name}, sequence {sequence}, {received} of {count}, {}", bytes(*len))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let shown = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn strangers_do_not_reach_the_terminal() {
        assert_eq!(plain("a \"b\"\u{1b}[31m\u{202e}"), "a \"b\"\\u{1b}[31m\\u{202e}");
    }
}
