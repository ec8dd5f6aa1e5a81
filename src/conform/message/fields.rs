use std::net::{SocketAddr, SocketAddrV4};

use serde_json::Value;

use super::Unsendable;
use crate::conform::script::as_hex;
use crate::gnutella::wire::Guid;

/// The fields of a message that is to be sent, with their values, until each was asked for.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, Value)>);

impl Fields {
    pub(crate) const fn new(fields: Vec<(String, Value)>) -> Self {
        Self(fields)
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(found, _)| found == name)?;
        Some(self.0.remove(place).1)
    }

    /// A number that fits into so many bits.
    pub(crate) fn number<T: TryFrom<u64>>(&mut self, name: &str) -> Result<Option<T>, Unsendable> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_u64().and_then(|number| T::try_from(number).ok());
        number.map(Some).ok_or_else(|| Unsendable::new(format!("{name}={value} does not fit")))
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.take(name).map(|value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    /// `true`, or it is not there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        self.take(name).is_some_and(|value| value == Value::Bool(true))
    }

    /// Bytes: text is taken for hexadecimal, for so it is where it was seen.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Unsendable> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let digits = as_hex(&value).or_else(|| value.as_str());
        digits
            .and_then(|digits| data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok())
            .map(Some)
            .ok_or_else(|| Unsendable::new(format!("{name}={value} is no hexadecimal")))
    }

    /// Text as its bytes, or bytes that stand as such.
    pub(crate) fn text_bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        self.take(name).map(|value| payload(&value))
    }

    pub(crate) fn guid(&mut self, name: &str) -> Result<Option<Guid>, Unsendable> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        let bytes = <[u8; 16]>::try_from(bytes)
            .map_err(|_| Unsendable::new(format!("{name} has 16 bytes")))?;
        Ok(Some(Guid(bytes)))
    }

    /// A GUID; or an address, with which `base` is marked as queries are whose hits go there by UDP (OOB-02).
    pub(crate) fn guid_or_address(
        &mut self,
        name: &str,
        base: Guid,
    ) -> Result<Option<Guid>, Unsendable> {
        let place = self.0.iter().find(|(found, _)| found == name);
        let address = place.and_then(|(_, value)| value.as_str()?.parse().ok());
        match address {
            Some(address) => {
                self.take(name);
                Ok(Some(base.with_out_of_band_address(address)))
            }
            None => self.guid(name),
        }
    }

    pub(crate) fn address(&mut self, name: &str) -> Result<Option<SocketAddrV4>, Unsendable> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse() {
            Ok(SocketAddr::V4(address)) => Ok(Some(address)),
            _ => Err(Unsendable::new(format!("{name}={text} is no address with a port"))),
        }
    }

    /// All fields of a family, without its name: `ggep.DU` is `DU`.
    pub(crate) fn family(&mut self, name: &str) -> Vec<(String, Value)> {
        let (taken, left) = std::mem::take(&mut self.0).into_iter().partition(|(found, _)| {
            found.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
        });
        self.0 = left;
        let taken: Vec<(String, Value)> = taken;
        let without =
            |found: String| found.get(name.len().saturating_add(1)..).unwrap_or("").to_owned();
        taken.into_iter().map(|(found, value)| (without(found), value)).collect()
    }

    /// Nothing was there that nobody asked for.
    pub(crate) fn end(self) -> Result<(), Unsendable> {
        match self.0.first() {
            Some((name, _)) => Err(Unsendable::new(format!("it has no field {name}"))),
            None => Ok(()),
        }
    }
}

/// What stands for a value that has no form of its own: text as it is, bytes, a number as GGEP has them.
pub(super) fn payload(value: &Value) -> Vec<u8> {
    if let Some(bytes) =
        as_hex(value).and_then(|digits| data_encoding::HEXLOWER.decode(digits.as_bytes()).ok())
    {
        return bytes;
    }
    match value {
        Value::Bool(true) | Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        Value::Number(number) => trimmed(number.as_u64().unwrap_or(0)),
        other => other.to_string().into_bytes(),
    }
}

/// The lowest byte first, without the zeros behind, and one byte at least.
fn trimmed(number: u64) -> Vec<u8> {
    let mut bytes = number.to_le_bytes().to_vec();
    while bytes.len() > 1 && bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> Fields {
        Fields::new(vec![
            ("ttl".to_owned(), json!(3)),
            ("ggep.DU".to_owned(), json!(300)),
            ("guid".to_owned(), json!("00112233445566778899aabbccddeeff")),
            ("raw".to_owned(), json!({ "hex": "0a" })),
        ])
    }

    #[test]
    fn each_field_is_taken_once() {
        let mut fields = fields();
        assert_eq!(fields.number::<u8>("ttl"), Ok(Some(3)));
        assert_eq!(fields.number::<u8>("ttl"), Ok(None));
        assert_eq!(fields.family("ggep"), [("DU".to_owned(), json!(300))]);
        assert!(fields.guid("guid").unwrap().is_some());
        assert_eq!(fields.bytes("raw"), Ok(Some(vec![10])));
        assert_eq!(fields.end(), Ok(()));
    }

    #[test]
    fn what_nobody_knows_or_what_does_not_fit_is_refused() {
        assert!(fields().end().is_err());
        let mut fields =
            Fields::new(vec![("ttl".to_owned(), json!(300)), ("guid".to_owned(), json!("00"))]);
        assert!(fields.number::<u8>("ttl").is_err() && fields.guid("guid").is_err());
    }

    #[test]
    fn numbers_are_as_short_as_in_ggep() {
        assert_eq!(payload(&json!(300)), [0x2c, 1]);
        assert_eq!(payload(&json!(0)), [0]);
        assert_eq!(payload(&json!("ab")), b"ab");
        assert_eq!(payload(&json!(true)), b"");
    }
}
