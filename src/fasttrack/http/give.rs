use std::fmt;

use bytes::BytesMut;

use crate::base::error::Malformed;
use crate::base::limits::GIVE_LINE_LEN_MAX;
use crate::base::reader::Expect;

const NO_LINE: Expect = Expect::new("FTNODE-14", "a call does not begin with the number of a push");

/// `GIVE 42`, with which somebody begins a connection who was pushed (FTNODE-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Give {
    /// The number of the push.
    pub push: u32,
}

impl Give {
    /// Takes the line off the front of `stream`, and nothing behind it (FTNODE-14); nothing while it is not complete.
    pub fn take_from(stream: &mut BytesMut) -> Result<Option<Self>, Malformed> {
        let Some(end) = stream.iter().position(|&byte| byte == b'\n') else {
            let is_long = stream.len() >= GIVE_LINE_LEN_MAX;
            return if is_long { Err(NO_LINE.broken_at(0)) } else { Ok(None) };
        };
        let line = stream.get(..end).filter(|_| end < GIVE_LINE_LEN_MAX);
        let give = line.and_then(read).ok_or(NO_LINE.broken_at(0))?;
        let _line = stream.split_to(end.saturating_add(1));
        Ok(Some(give))
    }
}

fn read(line: &[u8]) -> Option<Give> {
    let line = std::str::from_utf8(line).ok()?;
    let digits = line.strip_suffix('\r').unwrap_or(line).strip_prefix("GIVE ")?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let push = digits.parse().ok().filter(|_| is_number)?;
    Some(Give { push })
}

/// With its one end of a line: giFT takes a second one for the request (FTNODE-12).
impl fmt::Display for Give {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GIVE {}\r\n", self.push)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(bytes: &[u8]) -> (Result<Option<Give>, &'static str>, Vec<u8>) {
        let mut stream = BytesMut::from(bytes);
        let taken = Give::take_from(&mut stream).map_err(|fault| fault.rule.id());
        (taken, stream.to_vec())
    }

    /// FTNODE-12, FTNODE-14
    #[test]
    fn the_line_is_taken_when_it_is_whole_and_the_request_behind_it_stays() {
        let give = Some(Give { push: 42 });
        assert_eq!(take(b"GIVE 42\r"), (Ok(None), b"GIVE 42\r".to_vec()));
        assert_eq!(take(b"GIVE 42\r\nGET /"), (Ok(give), b"GET /".to_vec()));
        assert_eq!(take(b"GIVE 42\nGET /"), (Ok(give), b"GET /".to_vec()));
        assert_eq!(Give { push: 42 }.to_string(), "GIVE 42\r\n");
    }

    /// FTNODE-14
    #[test]
    fn what_is_no_number_of_a_push_is_refused_at_once_or_at_its_limit() {
        for line in ["GIVE \n", "GIVE +1\n", "GIVE 1 2\n", "give 1\n", "GIVE 4294967296\n", "\n"] {
            assert_eq!(take(line.as_bytes()).0, Err("FTNODE-14"), "{line}");
        }
        let long = |len: usize| format!("GIVE {}1", "0".repeat(len - 6));
        let line = |len: usize| take(format!("{}\n", long(len - 1)).as_bytes()).0;
        assert_eq!(line(GIVE_LINE_LEN_MAX), Ok(Some(Give { push: 1 })));
        assert_eq!(line(GIVE_LINE_LEN_MAX + 1), Err("FTNODE-14"));
        assert_eq!(take(long(GIVE_LINE_LEN_MAX - 1).as_bytes()).0, Ok(None));
        assert_eq!(take(long(GIVE_LINE_LEN_MAX).as_bytes()).0, Err("FTNODE-14"));
    }
}
