//! The words of a line that opens a probe.

use super::NotUnderstood;
use super::step::{Open, OpenLink, OpenSession, What};
use super::words::Word;

/// Nothing where the line opens none.
pub(super) fn read(first: &str, rest: &[Word]) -> Result<Option<What>, NotUnderstood> {
    let is_ultrapeer = match first {
        "ultrapeer" => true,
        "leaf" => false,
        "connect" => return open(rest, only_nothing(Open::Bare)).map(Some),
        "udp" => return open(rest, only_nothing(Open::Udp)).map(Some),
        "listen" => return open(rest, only_nothing(Open::Listen)).map(Some),
        "session" => return open(rest, session).map(Some),
        _ => return Ok(None),
    };
    open(rest, |words| link(is_ultrapeer, words)).map(Some)
}

/// The name of the probe, how it begins, and `at` whose address.
fn open(
    rest: &[Word],
    how: impl FnOnce(&[Word]) -> Result<Open, NotUnderstood>,
) -> Result<What, NotUnderstood> {
    let [probe, rest @ ..] = rest else {
        return Err(NotUnderstood::new("the connection has no name"));
    };
    let (mut words, mut at) = (rest.to_vec(), None);
    if let Some(place) = words.iter().position(|word| word.is_plain("at")) {
        let host = words.get(place.saturating_add(1));
        let host = host.ok_or_else(|| NotUnderstood::new("at which probe's address?"))?;
        at = Some(host.text.clone());
        words.drain(place..=place.saturating_add(1));
    }
    Ok(What::Open { probe: probe.text.clone(), how: how(&words)?, at })
}

fn only_nothing(how: Open) -> impl FnOnce(&[Word]) -> Result<Open, NotUnderstood> {
    |words| match words {
        [] => Ok(how),
        [word, ..] => Err(NotUnderstood::new(format!("{} says nothing here", word.text))),
    }
}

fn link(is_ultrapeer: bool, mut words: &[Word]) -> Result<Open, NotUnderstood> {
    let mut link = OpenLink { is_ultrapeer, ..OpenLink::default() };
    while let [first, rest @ ..] = words {
        match first.text.as_str() {
            "called" if first.is_plain("called") => link.is_called = true,
            "deflating" if first.is_plain("deflating") => link.deflates = true,
            "answering" if first.is_plain("answering") => link.is_answering = true,
            _ => break,
        }
        words = rest;
    }
    for pair in words.chunks(2) {
        match pair {
            [how, header] if how.is_plain("with") => link.with.push(header.text.clone()),
            [how, header] if how.is_plain("without") => link.without.push(header.text.clone()),
            _ => {
                return Err(NotUnderstood::new(
                    "called, deflating, answering, at PROBE, with \"HEADER: VALUE\" or without \"HEADER\"",
                ));
            }
        }
    }
    Ok(Open::Link(link))
}

fn session(words: &[Word]) -> Result<Open, NotUnderstood> {
    let mut session = OpenSession::default();
    for word in words {
        match word.text.split_once('=') {
            None if word.is_plain("called") => session.is_called = true,
            Some(("network", name)) => session.network = Some(name.to_owned()),
            Some(("wish", number)) => {
                let number = number.strip_prefix("0x").map_or_else(
                    || number.parse().ok(),
                    |digits| u32::from_str_radix(digits, 16).ok(),
                );
                session.wish = Some(number.ok_or_else(|| NotUnderstood::new("wish is a number"))?);
            }
            _ => return Err(NotUnderstood::new("called, network=\"NAME\" or wish=NUMBER")),
        }
    }
    Ok(Open::Session(session))
}

#[cfg(test)]
mod tests {
    use super::super::words::split;
    use super::*;

    fn opened(line: &str) -> Result<Option<What>, NotUnderstood> {
        let words = split(line).unwrap();
        let (first, rest) = words.split_first().unwrap();
        read(&first.text, rest)
    }

    #[test]
    fn a_line_says_how_a_probe_begins() {
        let Ok(Some(What::Open { probe, how: Open::Link(link), at })) =
            opened("leaf a called deflating at l answering with \"X: 1\" without \"GGEP\"")
        else {
            panic!("it opens a link")
        };
        assert_eq!((probe.as_str(), at.as_deref()), ("a", Some("l")));
        assert!(link.is_called && link.deflates && link.is_answering && !link.is_ultrapeer);
        assert_eq!((link.with, link.without), (vec!["X: 1".to_owned()], vec!["GGEP".to_owned()]));
        let Ok(Some(What::Open { how: Open::Session(session), .. })) =
            opened("session s called network=\"Odd one\" wish=0x29")
        else {
            panic!("it opens a session")
        };
        assert!(session.is_called && session.wish == Some(0x29));
        assert_eq!(session.network.as_deref(), Some("Odd one"));
        assert_eq!(opened("pause 5s").unwrap(), None);
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for line in [
            "udp",
            "udp a b",
            "udp a at",
            "leaf",
            "leaf a with",
            "leaf a with \"X: 1\" called",
            "session s wish=x",
            "session s deflating",
            "listen l called",
        ] {
            assert!(opened(line).is_err(), "{line}");
        }
    }
}
