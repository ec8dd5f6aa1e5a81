//! Results of a search of FastTrack, as a case names them -> bytes.

use super::Unsendable;
use super::fasttrack::{address, dynint, named_address, of_file};
use super::fields::Fields;
use super::gnutella::Defaults;

/// In place of names: those of an earlier result.
const SAME: u8 = 0x02;

/// The result of a node, with `address`, `user`, `network` and the fields of a file; `same=true` says 0x02 in place of its
/// names, and `first_hash` puts another result of that node in front of it, which has them. `count` may lie.
pub(super) fn results(fields: &mut Fields, defaults: &Defaults) -> Result<Vec<u8>, Unsendable> {
    let own = [&defaults.address.octets()[..], &defaults.port.to_be_bytes()].concat();
    let supernode = named_address(fields, "supernode")?.unwrap_or(own);
    let id: u16 = fields.number("id")?.unwrap_or(1);
    let mut node = address(fields, defaults)?;
    node.push(fields.number("bandwidth")?.unwrap_or(0xd1));
    let user = fields.text_bytes("user").unwrap_or_else(|| b"probe".to_vec());
    let network = fields.text_bytes("network").unwrap_or_else(|| b"KaZaA".to_vec());
    let names = [user, vec![0x01], network, vec![0x00]].concat();
    let mut records = Vec::new();
    if let Some(hash) = fields.bytes("first_hash")? {
        // File number, size, and no tags.
        let file = [hash, dynint(9), dynint(1_000), dynint(0)].concat();
        records.push([node.clone(), names.clone(), file].concat());
    }
    let names = if fields.flag("same") { vec![SAME] } else { names };
    records.push([node, names, of_file(fields)?].concat());
    let count = u16::try_from(records.len()).unwrap_or(u16::MAX);
    let count: u16 = fields.number("count")?.unwrap_or(count);
    let head = [supernode, id.to_be_bytes().to_vec(), count.to_be_bytes().to_vec()].concat();
    Ok([head, records.concat()].concat())
}
