use std::borrow::Cow;
use std::fmt;

use data_encoding::HEXLOWER;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Item, Items, Place, Value};

/// The extensions of blocks that parse, as a list for programs.
pub(in crate::gnutella::wire) struct ShownItems<'a> {
    pub(in crate::gnutella::wire) blocks: &'a [u8],
    pub(in crate::gnutella::wire) place: Place,
}

impl Serialize for ShownItems<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = Items::new(self.blocks, 0).map_while(Result::ok);
        serializer.collect_seq(items.map(|item| Shown { item, place: self.place }))
    }
}

struct Shown<'a> {
    item: Item<'a>,
    place: Place,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &String::from_utf8_lossy(self.item.id))?;
        match self.item.value(self.place) {
            Ok(Value::Open(bytes)) => map.serialize_entry("hex", &HEXLOWER.encode(&bytes))?,
            Ok(value) => map.serialize_entry("value", &value)?,
            // Where the encoding itself is broken, what was sent is all there is to show.
            Err(_) => {
                let payload = self.item.payload().unwrap_or(Cow::Borrowed(self.item.raw));
                map.serialize_entry("hex", &HEXLOWER.encode(&payload))?;
            }
        }
        if self.item.cobs {
            map.serialize_entry("cobs", &true)?;
        }
        if self.item.deflate {
            map.serialize_entry("deflate", &true)?;
        }
        map.end()
    }
}

/// Writes the ids: `GGEP(UP, VC)`.
pub(in crate::gnutella::wire) fn summarise<'a>(
    items: impl Iterator<Item = Item<'a>>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    f.write_str("GGEP(")?;
    for (index, item) in items.enumerate() {
        let before = if index == 0 { "" } else { ", " };
        write!(f, "{before}{}", item.id.escape_ascii())?;
    }
    f.write_str(")")
}
