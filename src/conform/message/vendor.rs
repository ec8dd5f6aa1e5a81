//! Vendor messages as a case names them -> bytes.

use super::Unsendable;
use super::fields::Fields;

/// `id="BEAR/4v1"`, then `body`, `text`, `address`; or `hops`, `port`, `features` and the like, each a number of its size.
pub(super) fn payload(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    let id = fields.text("id").ok_or_else(|| Unsendable::new("a vendor message has an id"))?;
    let mut payload = id_bytes(&id)?;
    payload.extend(fields.bytes("body")?.unwrap_or_default());
    payload.extend(fields.text_bytes("text").unwrap_or_default());
    if let Some(address) = fields.address("address")? {
        payload.extend(address.ip().octets());
        payload.extend(address.port().to_le_bytes());
    }
    if let Some(port) = fields.number::<u16>("port")? {
        payload.extend(port.to_le_bytes());
    }
    if let Some(list) = fields.text("messages") {
        let ids: Vec<_> = list.split_whitespace().map(id_bytes).collect::<Result<_, _>>()?;
        let count = u16::try_from(ids.len()).unwrap_or(u16::MAX);
        payload.extend(count.to_le_bytes());
        payload.extend(ids.concat());
    }
    Ok(payload)
}

/// `BEAR/4v1`, or `null/0v0` for four NULs.
fn id_bytes(id: &str) -> Result<Vec<u8>, Unsendable> {
    let bad = || Unsendable::new(format!("{id} is no id of a vendor message: BEAR/4v1"));
    let (vendor, rest) = id.split_once('/').ok_or_else(bad)?;
    let (selector, version) = rest.split_once('v').ok_or_else(bad)?;
    let vendor: [u8; 4] = match vendor {
        "null" => [0; 4],
        other => other.as_bytes().try_into().map_err(|_| bad())?,
    };
    let number = |text: &str| text.parse::<u16>().map_err(|_| bad());
    let mut bytes = Vec::from(vendor);
    bytes.extend(number(selector)?.to_le_bytes());
    bytes.extend(number(version)?.to_le_bytes());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_eight_bytes() {
        assert_eq!(id_bytes("BEAR/4v1").unwrap(), b"BEAR\x04\0\x01\0");
        assert_eq!(id_bytes("null/10v0").unwrap(), b"\0\0\0\0\x0a\0\0\0");
        for wrong in ["BEAR", "BEAR/4", "BE/4v1", "BEAR/xv1"] {
            assert!(id_bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_of_messages_counts_itself() {
        let mut fields = Fields::new(vec![
            ("id".to_owned(), json!("null/0v0")),
            ("messages".to_owned(), json!("BEAR/4v1 LIME/21v2")),
        ]);
        let payload = payload(&mut fields).unwrap();
        assert_eq!((payload.len(), payload[8]), (8 + 2 + 16, 2));
    }
}
