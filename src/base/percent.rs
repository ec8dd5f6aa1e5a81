//! Bytes that stand as `%41` in URLs, in paths and in magnet links.

use std::fmt::{self, Write};

/// Decodes `%41` to `A`, once. A percent sign that two digits do not follow stands for itself; a plus sign
/// is no blank (HTTP-10).
pub fn decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        if let (b'%', Some((value, after))) = (byte, digits(after)) {
            decoded.push(value);
            rest = after;
        } else {
            decoded.push(byte);
            rest = after;
        }
    }
    decoded
}

fn digits(text: &[u8]) -> Option<(u8, &[u8])> {
    let ([high, low], rest) = text.split_first_chunk::<2>()?;
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some((digit(*high)?.checked_mul(16)?.checked_add(digit(*low)?)?, rest))
}

/// Bytes as they stand in a path or in a query: all but letters, digits and `-._~` as `%41`.
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'a>(pub &'a [u8]);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            match byte {
                b'-' | b'.' | b'_' | b'~' => f.write_char(byte.into())?,
                _ if byte.is_ascii_alphanumeric() => f.write_char(byte.into())?,
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

/// A URL as the value of a parameter of another: what would end the value, or would be decoded in it, as
/// `%41`.
#[derive(Clone, Copy, Debug)]
pub struct EncodedUrl<'a>(pub &'a str);

impl fmt::Display for EncodedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'&' | b'#' | b'%' | b'+' | b'"' | b'\'' | b'<' | b'>' | b'`' => {
                    write!(f, "%{byte:02X}")?;
                }
                _ if byte.is_ascii_graphic() => f.write_char(byte.into())?,
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HTTP-10
    #[test]
    fn a_text_is_decoded_once() {
        for (text, decoded) in [
            ("a%20b", "a b"),
            ("a+b", "a+b"),
            ("%252e", "%2e"),
            ("%", "%"),
            ("%4", "%4"),
            ("%zz%4a", "%zzJ"),
            ("%+1", "%+1"),
        ] {
            assert_eq!(decode(text.as_bytes()), decoded.as_bytes(), "{text}");
        }
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        let all: Vec<u8> = (0..=255).collect();
        let encoded = Encoded(&all).to_string();
        assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()), "{encoded}");
        assert_eq!(decode(encoded.as_bytes()), all);
    }
}
