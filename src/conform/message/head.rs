//! Heads of handshakes and of HTTP.

use serde_json::{Map, Value};

use super::seen::{headers, hex, put_start};

/// Lines of a head, with their ends, and the empty line.
pub(crate) fn head(lines: &[String]) -> Vec<u8> {
    let mut bytes = lines.join("\r\n").into_bytes();
    bytes.extend(b"\r\n\r\n");
    bytes
}

/// The first line of a head, if its bytes are all there: up to the empty line. And the length of the head.
pub(crate) fn start_of(bytes: &[u8]) -> Option<(String, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(bytes.get(..end)?);
    let start = text.split("\r\n").next().unwrap_or("").to_owned();
    Some((start, end.saturating_add(4)))
}

/// A request or a response of HTTP with its body: `type`, `status`, `start`, `headers`, `body` (as text where it is
/// such), `body_hex` and `body_len`.
pub(crate) fn http_tree(head: &[u8], body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n").filter(|line| !line.is_empty());
    let start = lines.next().unwrap_or("").to_owned();
    let pairs = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    });
    let mut tree = Map::new();
    let kind = if start.starts_with("HTTP") { "response" } else { "request" };
    tree.insert("type".to_owned(), kind.into());
    put_start(&mut tree, &start);
    tree.insert("headers".to_owned(), headers(pairs));
    tree.insert("body_len".to_owned(), body.len().into());
    tree.insert("body_hex".to_owned(), hex(body));
    tree.insert("body".to_owned(), String::from_utf8_lossy(body).into_owned().into());
    Value::Object(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_cut_off_at_its_empty_line() {
        let bytes = head(&["HTTP/1.1 200 OK".to_owned(), "Content-Length: 2".to_owned()]);
        let (start, len) = start_of(&bytes).unwrap();
        assert_eq!((start.as_str(), len), ("HTTP/1.1 200 OK", bytes.len()));
        assert_eq!(start_of(b"HTTP/1.1 200 OK\r\n"), None);
        let tree = http_tree(&bytes, b"ab");
        assert_eq!((&tree["type"], &tree["status"]), (&"response".into(), &200.into()));
        assert_eq!(
            (&tree["headers"]["content-length"], &tree["body"]),
            (&"2".into(), &"ab".into())
        );
    }
}
