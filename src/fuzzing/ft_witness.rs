use super::ft_driver::{Driver, Side};
use super::ft_plain::{Keystream, Part, Stream, name};
use crate::fasttrack::link::{Answer, Encryption, Ending, Hello};

/// Looking back at a link that has come to its end.
impl Driver {
    /// Holds what it told against what it was told.
    pub(super) fn check_heard(&self, was_greeting: bool, was_open: bool) {
        let rule = match self.ending() {
            Some(Ending::Fault(fault)) => Some(fault.rule().id()),
            _ => None,
        };
        let meaning = self.meaning();
        let Some(meaning) = meaning else {
            assert!(self.session().is_none(), "it stands on nothing");
            assert_eq!(rule, None);
            return;
        };
        let (network, encryption, stream) = match meaning {
            Ok(meaning) => meaning,
            Err(expected) => return assert_eq!(rule, Some(expected)),
        };
        assert!(!was_greeting, "it should stand");
        let session = self.session().expect("it stands");
        assert_eq!((&session.network, session.encryption), (&network, encryption));
        let mut expected = stream.messages();
        for frame in self.messages() {
            assert_eq!(Some((frame.kind.0, &frame.payload[..])), expected.next());
        }
        if was_open && self.link.wants_bytes() && !self.was_held {
            assert_eq!(expected.next(), None, "a message is lost");
            assert!(!stream.is_out_of_step, "it is out of step");
        }
        assert!(rule != Some("FTLINK-26") || stream.is_out_of_step);
        assert!(rule != Some("FTLINK-30") || stream.has_begun);
    }

    /// What the bytes mean that it was handed: nothing yet, a session, or why there is none.
    fn meaning(&self) -> Option<Result<(String, Encryption, Stream), &'static str>> {
        let (seed, known, wire) = match self.side {
            Side::Accepting(answer, choice) => {
                let (hello, wire) = self
                    .received
                    .split_first_chunk()
                    .map(|(it, rest)| (Hello::decode(*it), rest))?;
                (hello.seed ^ answer.seed, Some(choice), wire)
            }
            Side::Connecting => {
                let (answer, wire) = self
                    .received
                    .split_first_chunk()
                    .map(|(it, rest)| (Answer::decode(*it), rest))?;
                let known = answer.choice().map(Encryption::of);
                if known == Some(None) {
                    return Some(Err("FTCIPHER-03"));
                }
                (answer.seed, known.flatten(), wire)
            }
        };
        let (network, encryption) = match name(wire, seed, known)? {
            Ok(named) => named,
            Err(rule) => return Some(Err(rule)),
        };
        let plain = Keystream::new(seed, encryption).apply(wire);
        let stream = Stream::read(&plain[network.len() + 1..]);
        Some(Ok((network, encryption, stream)))
    }

    /// Holds what it has written against what it was to say.
    pub(super) fn check_written(&self, was_open: bool) {
        let (hello, seed, encryption) = match self.side {
            Side::Connecting => {
                let hello = Hello::with_wish(0x29);
                let answer = self.received.first_chunk().copied().map(Answer::decode);
                let known = answer.and_then(Answer::choice).and_then(Encryption::of);
                let encryption = self.session().map(|session| session.encryption).or(known);
                (hello.encode().to_vec(), answer.map(|it| it.seed ^ hello.seed), encryption)
            }
            Side::Accepting(answer, choice) => {
                (answer.encode().to_vec(), Some(answer.seed), Some(choice))
            }
        };
        let Some(rest) = self.written.strip_prefix(&hello[..]) else {
            return assert!(self.written.is_empty() && !was_open, "that is no hello");
        };
        let (Some(seed), Some(encryption)) = (seed, encryption) else {
            return assert!(rest.is_empty(), "it speaks too early");
        };
        if rest.is_empty() {
            return assert!(!was_open, "it has no name");
        }
        let plain = Keystream::new(seed, encryption).apply(rest);
        let stream = Stream::read(plain.strip_prefix(b"KaZaA\0").expect("its name"));
        assert!(!stream.is_out_of_step && !stream.has_begun, "that is not how to speak");
        let mut sent = self.sent.iter().map(|frame| (frame.kind.0, &frame.payload[..]));
        for message in stream.messages() {
            assert_eq!(Some(message), sent.next());
        }
        assert!(!was_open || sent.next().is_none(), "a message was not written");
        let pings = match self.meaning() {
            Some(Ok((_, _, heard))) => heard.count(&Part::Ping),
            _ => 0,
        };
        assert!(stream.count(&Part::Pong) <= pings, "nobody asked for that");
    }
}
