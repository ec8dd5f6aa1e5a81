//! The handshakes of real programs in `tests/fixtures/handshakes`, head by head, as bytes.

use std::fs;
use std::path::Path;

use crate::support::files;

/// The heads of one handshake: request, answer, last head. The later ones may be missing.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// The name of its file, without the extension.
    pub name: String,
    pub request: Vec<u8>,
    pub answer: Option<Vec<u8>>,
    pub last: Option<Vec<u8>>,
}

/// All that there are, by name.
pub fn all() -> Vec<Handshake> {
    let paths = files::with_extension("tests/fixtures/handshakes", "txt");
    let mut handshakes: Vec<_> = paths.iter().map(|path| read(path)).collect();
    handshakes.sort_by(|a, b| a.name.cmp(&b.name));
    handshakes
}

/// Bytes of the head at the front, up to and with its empty line.
pub fn head_len(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

fn read(path: &Path) -> Handshake {
    let bytes = fs::read(path).expect("the file is readable");
    let name = files::stem(path);
    let mut rest = &bytes[..];
    let mut next = || {
        let (head, after) = rest.split_at(head_len(rest)?);
        rest = after;
        Some(head.to_vec())
    };
    let request = next().expect("a handshake has a request");
    let (answer, last) = (next(), next());
    assert!(rest.is_empty(), "{name}: more than three heads");
    Handshake { name, request, answer, last }
}
