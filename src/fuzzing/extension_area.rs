use bytes::Bytes;

use super::ggep::{PLACES, check_item};
use super::invariants::{check_display, check_faults, check_json};
use super::splitter::Splitter;
use crate::base::error::Faults;
use crate::base::urn::Urn;
use crate::gnutella::wire::{ExtensionArea, Part};

/// What may stand between two parts.
const SEPARATOR: u8 = 0x1c;

/// The first byte chooses the place, the others are the area.
pub(super) fn extension_area(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let (place, bytes) = (splitter.choose(PLACES), splitter.rest());
    let area = ExtensionArea::new(Bytes::copy_from_slice(bytes), place);
    assert_eq!(area.as_bytes(), bytes);
    check_parts(&area);
    for item in area.items() {
        check_item(&item, place, bytes);
    }
    for urn in area.urns() {
        assert_eq!(Urn::parse(urn.to_string().as_bytes()), Some(urn), "{urn} is read otherwise");
    }
    let mut faults = Faults::new();
    area.inspect(0, &mut faults);
    check_faults(&faults, bytes.len());
    check_display(&area);
    check_json(&area, bytes.len());
}

/// Parts and separators cover the whole area, in order.
fn check_parts(area: &ExtensionArea) {
    let bytes = area.as_bytes();
    let mut end = 0;
    for (start, part) in area.parts() {
        assert!(bytes[end..start].iter().all(|&byte| byte == SEPARATOR), "a gap before {part:?}");
        let len = part_len(part, &bytes[start..]);
        assert!(len > 0, "an empty part");
        end = start + len;
    }
    assert!(bytes[end..].iter().all(|&byte| byte == SEPARATOR), "the end was not read");
}

/// How many bytes of `rest` a part takes up; those are its bytes.
fn part_len(part: Part<'_>, rest: &[u8]) -> usize {
    let bytes = match part {
        Part::Urn(urn) => {
            let (again, after) = Urn::parse_prefix(rest).expect("it was read before");
            assert_eq!(again, urn);
            return rest.len() - after.len();
        }
        Part::Padding(len) => {
            assert!(rest[..len].iter().all(|&byte| byte == 0));
            return len;
        }
        Part::UrnRequest(bytes) | Part::Xml(bytes) | Part::Text(bytes) => {
            assert!(
                !bytes.iter().any(|byte| matches!(byte, 0 | &SEPARATOR)),
                "an end was not seen"
            );
            bytes
        }
        Part::Ggep(bytes) | Part::Broken(bytes, _) => bytes,
    };
    assert!(rest.starts_with(bytes), "a part has other bytes");
    bytes.len()
}
