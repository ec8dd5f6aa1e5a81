//! Query hits as a case names them -> bytes.

use serde_json::Value;

use super::Unsendable;
use super::fields::{Fields, payload as bytes_of};
use super::ggep;
use super::gnutella::{Defaults, endpoint};
use crate::gnutella::wire::Guid;

/// One record, with `name`, `size`, `index` and `urn`; more of the same with `records`. `count` may lie. What follows the
/// records is `trailer`, or vendor, two bytes of open data, and a block of GGEP where `ggep.…` stands.
pub(super) fn payload(fields: &mut Fields, defaults: &Defaults) -> Result<Vec<u8>, Unsendable> {
    if let Some(payload) = fields.bytes("payload")? {
        return Ok(payload);
    }
    let (ip, port) = endpoint(fields, defaults)?;
    let speed: u32 = fields.number("speed")?.unwrap_or(350);
    let records: u32 = fields.number("records")?.unwrap_or(1);
    let count = u8::try_from(records).unwrap_or(u8::MAX);
    let count: u8 = fields.number("count")?.unwrap_or(count);
    let mut payload = vec![count];
    payload.extend(port.to_le_bytes());
    payload.extend(ip.octets());
    payload.extend(speed.to_le_bytes());
    let record = record(fields)?;
    for _ in 0..records {
        payload.extend(&record);
    }
    payload.extend(trailer(fields)?);
    let servent = fields.guid("servent")?.unwrap_or(Guid([0x5e; 16]));
    payload.extend(servent.0);
    Ok(payload)
}

fn record(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    let index: u32 = fields.number("index")?.unwrap_or(1);
    let size: u32 = fields.number("size")?.unwrap_or(1_000);
    let name = fields.text_bytes("name").unwrap_or_else(|| b"ninety nine.ogg".to_vec());
    let mut record = Vec::from(index.to_le_bytes());
    record.extend(size.to_le_bytes());
    record.extend(name);
    record.push(0);
    record.extend(fields.text_bytes("urn").unwrap_or_default());
    record.push(0);
    Ok(record)
}

/// `flags` are the two bytes of the open data: which are meant, and which are set.
fn trailer(fields: &mut Fields) -> Result<Vec<u8>, Unsendable> {
    if let Some(trailer) = fields.bytes("trailer")? {
        return Ok(trailer);
    }
    let vendor = fields.text_bytes("vendor").unwrap_or_else(|| b"FILB".to_vec());
    let block = ggep::block(fields);
    let flags: Option<Value> = fields.text("flags").map(Value::String);
    let flags = match flags {
        Some(flags) => data_encoding::HEXLOWER
            .decode(&bytes_of(&flags))
            .map_err(|_| Unsendable::new("flags are two bytes in hexadecimal"))?,
        None if block.is_empty() => vec![0x1c, 0x19],
        None => vec![0x3c, 0x39],
    };
    let mut trailer = vendor;
    trailer.push(u8::try_from(flags.len()).unwrap_or(0));
    trailer.extend(flags);
    trailer.push(0);
    trailer.extend(block);
    Ok(trailer)
}
