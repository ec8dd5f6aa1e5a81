use std::fmt;

use crate::gnutella::link::Head;

/// What one header says. `Display` writes its value.
pub trait Form: fmt::Display + Sized {
    /// The name of the header.
    const NAME: &'static str;

    /// Reads a value; nothing where it says nothing that can be understood.
    fn parse(value: &str) -> Option<Self>;

    /// What a head says; of several headers the first counts.
    fn of(head: &Head) -> Option<Self> {
        head.value(Self::NAME).and_then(Self::parse)
    }
}

/// Decimal digits and nothing else, blanks around them aside.
pub(super) fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// `text` without `prefix`, whose case has no meaning.
pub(super) fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
