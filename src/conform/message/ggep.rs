//! Extensions as a case names them: `ggep.DU=300 ggep.VC="FILB" ggep.LF=hex:00`.

use super::fields::{Fields, payload};

const MAGIC: u8 = 0xc3;
const LAST: u8 = 0x80;

/// A block of the extensions that are named; nothing where there are none.
pub(super) fn block(fields: &mut Fields) -> Vec<u8> {
    let items = fields.family("ggep");
    let count = items.len();
    let mut block = Vec::new();
    for (place, (id, value)) in items.iter().enumerate() {
        if place == 0 {
            block.push(MAGIC);
        }
        let last = if place.saturating_add(1) == count { LAST } else { 0 };
        block.push(last | u8::try_from(id.len()).unwrap_or(0) & 0x0f);
        block.extend(id.as_bytes());
        let payload = payload(value);
        block.extend(len_bytes(payload.len()));
        block.extend(payload);
    }
    block
}

/// Six bits a byte, the highest first; 0x80 where more follow, 0x40 on the last.
fn len_bytes(len: usize) -> Vec<u8> {
    let six = |shift: u32| u8::try_from(len.checked_shr(shift).unwrap_or(0) & 0x3f).unwrap_or(0);
    let mut bytes = Vec::new();
    for shift in [12, 6] {
        if len.checked_shr(shift).unwrap_or(0) > 0 {
            bytes.push(0x80 | six(shift));
        }
    }
    bytes.push(0x40 | six(0));
    bytes
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;
    use crate::gnutella::wire::GgepArea;
    use crate::gnutella::wire::ggep::Place;

    #[test]
    fn blocks_are_read_as_they_were_meant() {
        let long = "x".repeat(5_000);
        let mut fields = Fields::new(vec![
            ("ggep.DU".to_owned(), json!(300)),
            ("ggep.ZZ".to_owned(), json!(long)),
            ("ggep.LF".to_owned(), json!({ "hex": "00" })),
        ]);
        let area = GgepArea::new(Bytes::from(block(&mut fields)), Place::Pong);
        let payload = |id| area.find(id).unwrap().payload().unwrap().into_owned();
        assert_eq!(payload("DU"), [0x2c, 1]);
        assert_eq!(payload("ZZ"), long.as_bytes());
        assert_eq!(payload("LF"), [0]);
        assert!(block(&mut Fields::default()).is_empty());
    }
}
