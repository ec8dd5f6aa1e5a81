//! Messages as people see them.

use filbert::fasttrack::wire::{Kind, Message, Side};

use super::parse;
use crate::support::vectors;

fn line(kind: Kind, side: Side, payload: &[u8]) -> String {
    parse(kind, side, payload).unwrap().to_string()
}

/// FTSAFE-13: nothing that a stranger writes steers a terminal.
#[test]
fn a_line_has_no_control_characters_of_strangers() {
    let info = b"\x05\x09\x0a\x02\x04\xbe\x60\x00a\x1b[31m\r\nb";
    let shown = line(Kind::NODE_INFO, Side::Up, info);
    assert_eq!(shown, r#""a\u{1b}[31m\r\nb" 5.9.10.2:1214, 6 kbit/s"#);
    let name = line(Kind::NETWORK_NAME, Side::Down, "\u{202e}caf\u{e9}".as_bytes());
    assert_eq!(name, r#""\u{202e}café""#);
}

#[test]
fn every_message_of_the_vectors_is_one_line() {
    let sides = [("up", Side::Up), ("down", Side::Down), ("across", Side::Across)];
    let mut lines = Vec::new();
    for vector in vectors::all().iter().filter(|vector| vector.entry.kind == "message") {
        let bytes = vector.bytes();
        let place = vector.entry.place.as_deref();
        let (_, side) = sides.into_iter().find(|(name, _)| Some(*name) == place).unwrap();
        let kind = Kind(u16::from_be_bytes([bytes[0], bytes[1]]));
        let Ok(message) = parse(kind, side, &bytes[2..]) else { continue };
        let line = message.to_string();
        assert!(!line.contains(char::is_control), "{}", vector.entry.id);
        let inside = match &message {
            Message::Unicast(unicast) => format!(": {}", unicast.message().unwrap()),
            _ => String::new(),
        };
        lines.push(format!("{}: {line}{inside}", vector.entry.id));
    }
    let some = ["share-gift-1", "search-kazaa-hash", "results-same-names", "unicast-search"];
    let shown =
        lines.iter().filter(|line| some.iter().any(|id| line.starts_with(&format!("{id}:"))));
    insta::assert_snapshot!(shown.cloned().collect::<Vec<_>>().join("\n"));
}
