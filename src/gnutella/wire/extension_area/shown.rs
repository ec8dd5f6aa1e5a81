use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{ExtensionArea, Part};
use crate::base::show::Quoted;
use crate::gnutella::wire::ggep::{self, Items, Place, ShownItems};

impl Serialize for ExtensionArea {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.parts().map(|(_, part)| Shown { part, place: self.place }))
    }
}

struct Shown<'a> {
    part: Part<'a>,
    place: Place,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lossy = |bytes| String::from_utf8_lossy(bytes);
        let mut map = serializer.serialize_map(Some(1))?;
        match self.part {
            Part::Urn(urn) => map.serialize_entry("urn", &urn)?,
            Part::UrnRequest(text) => {
                map.serialize_entry("urn_request", &lossy(text).to_ascii_lowercase())?;
            }
            Part::Ggep(block) => {
                map.serialize_entry("ggep", &ShownItems { blocks: block, place: self.place })?;
            }
            Part::Xml(xml) => map.serialize_entry("xml", &lossy(xml))?,
            Part::Text(text) => map.serialize_entry("text", &lossy(text))?,
            Part::Padding(len) => map.serialize_entry("padding", &len)?,
            Part::Broken(bytes, _) => {
                map.serialize_entry("bytes", &data_encoding::HEXLOWER.encode(bytes))?;
            }
        }
        map.end()
    }
}

/// A short list of what is there: `urn:sha1:…, GGEP(SCP, QK)`.
impl fmt::Display for ExtensionArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        for (_, part) in self.parts().filter(|(_, part)| !matches!(part, Part::Padding(_))) {
            f.write_str(before)?;
            match part {
                Part::Urn(urn) => write!(f, "{urn}")?,
                Part::UrnRequest(text) => write!(f, "wants {}", text.escape_ascii())?,
                Part::Ggep(block) => {
                    ggep::summarise(Items::one_block(block, 0).map_while(Result::ok), f)?;
                }
                Part::Xml(xml) => write!(f, "XML of {} bytes", xml.len())?,
                Part::Text(text) => write!(f, "{}", Quoted(text))?,
                Part::Padding(_) => {}
                Part::Broken(bytes, _) => write!(f, "{} broken bytes", bytes.len())?,
            }
            before = ", ";
        }
        Ok(())
    }
}
