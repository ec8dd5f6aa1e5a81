//! Links that name a file of FastTrack (FTHASH-10).

use std::fmt;

use super::file_name::SafeName;
use super::kazaa_hash::UuHash;
use super::limits::SIG2DAT_LEN_MAX;

/// `sig2dat:///|File:a.mp3|Length:307200Bytes|UUHash:=ndOuamyODLTbQrlweIThEv9P+/8=`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sig2dat {
    pub hash: UuHash,
    /// What the file may be called.
    pub name: Option<SafeName>,
    /// How many bytes it has.
    pub size: Option<u64>,
}

const SCHEME: &str = "sig2dat:";

impl Sig2dat {
    /// Reads a link; nothing where it is none, or has no hash.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_at_checked(SCHEME.len())?;
        if !scheme.eq_ignore_ascii_case(SCHEME) || text.len() > SIG2DAT_LEN_MAX {
            return None;
        }
        let rest = rest.strip_prefix("//")?;
        let rest = rest.strip_prefix('/').unwrap_or(rest).strip_prefix('|')?;
        let (mut hash, mut name, mut size) = (None, None, None);
        for part in rest.split('|') {
            let Some((word, value)) = part.split_once(':') else { continue };
            let (word, value) = (word.trim(), value.trim());
            if word.eq_ignore_ascii_case("File") && !value.is_empty() {
                name = name.or_else(|| Some(SafeName::from_remote(value)));
            } else if word.eq_ignore_ascii_case("Length") {
                size = size.or_else(|| bytes(value));
            } else if word.eq_ignore_ascii_case("UUHash") {
                hash = hash.or_else(|| UuHash::from_text(value));
            }
        }
        Some(Self { hash: hash?, name, size })
    }
}

/// `307200Bytes`, and behind a comma what people shall read.
fn bytes(value: &str) -> Option<u64> {
    let end = value.find(|char: char| !char.is_ascii_digit()).unwrap_or(value.len());
    let (digits, unit) = value.split_at_checked(end)?;
    let unit = unit.split(',').next().unwrap_or_default().trim();
    digits.parse().ok().filter(|_| unit.eq_ignore_ascii_case("Bytes"))
}

impl fmt::Display for Sig2dat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sig2dat:///|")?;
        self.name.iter().try_for_each(|name| write!(f, "File:{}|", name.as_str()))?;
        self.size.iter().try_for_each(|size| write!(f, "Length:{size}Bytes|"))?;
        write!(f, "UUHash:{}", self.hash.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "UUHash:=ndOuamyODLTbQrlweIThEv9P+/8=";

    /// FTHASH-10
    #[test]
    fn a_name_of_a_link_is_no_path_and_a_strange_length_is_none() {
        let link = Sig2dat::parse(&format!("sig2dat:///|File:../a|Length:12|{HASH}|/")).unwrap();
        assert_eq!(link.name.as_ref().map(SafeName::as_str), Some("_a"));
        assert_eq!(link.size, None, "twelve of what");
        assert_eq!(Sig2dat::parse(&link.to_string()), Some(link));
        let large = format!("sig2dat://|Length: {} Bytes, much|{HASH}", u64::MAX);
        assert_eq!(Sig2dat::parse(&large).unwrap().size, Some(u64::MAX));
        let larger = format!("sig2dat://|Length:{}0Bytes|{HASH}", u64::MAX);
        assert_eq!(Sig2dat::parse(&larger).unwrap().size, None);
    }

    /// FTHASH-10
    #[test]
    fn a_link_is_read_up_to_its_limit() {
        let link = |len: usize| {
            let before = format!("sig2dat:///|{HASH}|File:");
            format!("{before}{}", "x".repeat(len - before.len()))
        };
        assert!(Sig2dat::parse(&link(SIG2DAT_LEN_MAX)).is_some());
        assert!(Sig2dat::parse(&link(SIG2DAT_LEN_MAX + 1)).is_none());
        assert!(Sig2dat::parse("sig2dat:/|").is_none() && Sig2dat::parse("").is_none());
    }
}
