use bytes::{Bytes, BytesMut};

use crate::base::mutant::mutant;
use crate::gnutella::wire::ggep::{Items, Oversize, Place, Writer};
use crate::gnutella::wire::{AreaWriter, Part, Query};

/// What is between us and whoever asks: the key, and what is asked of us alone.
const PRIVATE: [&[u8]; 3] = [b"QK", b"SCP", b"Z"];

/// The payload of a query as leaves see it: without the key (GUESS-05).
pub fn shown_to_leaves(query: &Query) -> Bytes {
    let mut extensions = AreaWriter::new();
    for (_, part) in query.extensions.parts() {
        match part {
            Part::Ggep(block) => extensions.put_block(&without_private(block)),
            other => extensions.put_part(&other),
        };
    }
    let shown = Query { extensions: extensions.finish(Place::Query), ..query.clone() };
    let mut payload = BytesMut::new();
    shown.encode(&mut payload);
    payload.freeze()
}

fn without_private(block: &[u8]) -> Bytes {
    let mut writer = Writer::new();
    for item in Items::one_block(block, 0).map_while(Result::ok) {
        if let (Ok(id), Ok(payload)) = (std::str::from_utf8(item.id), item.payload())
            && (!PRIVATE.contains(&item.id) || mutant!(ShowsKeys))
        {
            // Where it does not fit again, it goes missing.
            let _: Result<&mut Writer, Oversize> = writer.put_without_nul(id, &payload);
        }
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GUESS-05
    #[test]
    fn leaves_do_not_see_the_key() {
        const SHA1: &str = "urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
        for (extensions, shown) in [
            (&b"\xc3\x82QK\x44abcd"[..], &b""[..]),
            (b"\xc3\x03SCP\x40\x02QK\x44abcd\x81M\x41\x04", b"\xc3\x81M\x41\x04"),
            (b"\xc3\x01M\x41\x04\x81Z\x40", b"\xc3\x81M\x41\x04"),
            (b"", b""),
        ] {
            let area = [SHA1.as_bytes(), b"\x1c", extensions].concat();
            let payload = [b"\x80\0winter\0", &area[..]].concat();
            let query = Query::decode(&payload.into()).unwrap();
            let shown_query = Query::decode(&shown_to_leaves(&query)).unwrap();
            assert_eq!((shown_query.flags, &shown_query.text), (query.flags, &query.text));
            assert_eq!(shown_query.extensions.urns().count(), 1);
            let separator: &[u8] = if shown.is_empty() { b"" } else { b"\x1c" };
            let expected = [SHA1.as_bytes(), separator, shown].concat();
            assert_eq!(shown_query.extensions.as_bytes()[..], expected[..]);
        }
    }
}
