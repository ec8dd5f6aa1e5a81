use std::mem;

/// Bytes of a line of a stream, and of all data of one event.
pub const LINE_LEN_MAX: usize = 256 * 1024;

/// One event of a stream of server-sent events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// `message`, if the stream names none.
    pub kind: String,
    /// The last id that the stream has named, with this event or before.
    pub id: String,
    /// Lines of data, with line feeds between them.
    pub data: String,
}

/// A line, or the data of an event, has more than [`LINE_LEN_MAX`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {LINE_LEN_MAX} bytes")]
pub struct TooLong;

/// Reads a stream of server-sent events, in whatever pieces it comes.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    /// A line feed belongs to the carriage return before it.
    skips_line_feed: bool,
    has_begun: bool,
    kind: String,
    id: String,
    data: Option<String>,
    retry_ms: Option<u64>,
}

impl Parser {
    /// Takes the next bytes, and hands on each event that ends in them.
    pub fn push(&mut self, bytes: &[u8], take: &mut impl FnMut(Event)) -> Result<(), TooLong> {
        for &byte in bytes {
            let belongs_to_last = mem::take(&mut self.skips_line_feed) && byte == b'\n';
            match byte {
                _ if belongs_to_last => {}
                b'\r' | b'\n' => {
                    self.skips_line_feed = byte == b'\r';
                    self.end_line(take)?;
                }
                _ if self.line.len() >= LINE_LEN_MAX => return Err(TooLong),
                _ => self.line.push(byte),
            }
        }
        Ok(())
    }

    /// How long whoever has lost the stream is to wait before asking for it again.
    pub const fn retry_ms(&self) -> Option<u64> {
        self.retry_ms
    }

    fn end_line(&mut self, take: &mut impl FnMut(Event)) -> Result<(), TooLong> {
        let bytes = mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let line = match mem::replace(&mut self.has_begun, true) {
            false => line.strip_prefix('\u{feff}').unwrap_or(&line),
            true => &line,
        };
        if line.is_empty() {
            self.end_event(take);
            return Ok(());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.kind),
            "data" => self.add_data(value)?,
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry_ms = value.parse().ok().or(self.retry_ms);
            }
            // A comment, whose field is empty, or something of later times.
            _ => {}
        }
        Ok(())
    }

    fn add_data(&mut self, value: &str) -> Result<(), TooLong> {
        match &mut self.data {
            None => self.data = Some(value.to_owned()),
            Some(data) if data.len().saturating_add(value.len()) >= LINE_LEN_MAX => {
                return Err(TooLong);
            }
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
        }
        Ok(())
    }

    fn end_event(&mut self, take: &mut impl FnMut(Event)) {
        let kind = mem::take(&mut self.kind);
        let Some(data) = self.data.take() else { return };
        let kind = if kind.is_empty() { "message".to_owned() } else { kind };
        take(Event { kind, id: self.id.clone(), data });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Event>, TooLong> {
        let (mut parser, mut events) = (Parser::default(), Vec::new());
        for piece in pieces {
            parser.push(piece, &mut |event| events.push(event))?;
        }
        Ok(events)
    }

    fn parsed(text: &str) -> Vec<Event> {
        parse([text.as_bytes()]).unwrap()
    }

    fn event(kind: &str, id: &str, data: &str) -> Event {
        Event { kind: kind.to_owned(), id: id.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn an_event_has_a_kind_an_id_and_lines_of_data() {
        let stream = "event: hit\nid: 7\ndata: {\"a\":\ndata:1}\n\ndata:  x\n\n";
        assert_eq!(parsed(stream), [event("hit", "7", "{\"a\":\n1}"), event("message", "7", " x")]);
    }

    #[test]
    fn lines_end_in_three_ways() {
        let expected = [event("a", "", "1"), event("message", "", "2")];
        for end in ["\n", "\r\n", "\r"] {
            let stream = "event: a\ndata: 1\n\ndata: 2\n\n".replace('\n', end);
            assert_eq!(parsed(&stream), expected, "{end:?}");
        }
    }

    #[test]
    fn what_is_no_data_makes_no_event() {
        assert_eq!(parsed(": hello\n\nevent: a\n\nid: 3\nretry: 10\nnovelty: 1\n\n"), []);
        assert_eq!(parsed("data: unfinished\n"), []);
        assert_eq!(parsed("data\n\n"), [event("message", "", "")]);
        assert_eq!(parsed("event: a\n\ndata: 1\n\n"), [event("message", "", "1")]);
    }

    #[test]
    fn a_mark_at_the_very_beginning_is_none_of_the_first_field() {
        assert_eq!(parsed("\u{feff}data: 1\n\n"), [event("message", "", "1")]);
        assert_eq!(parsed("\n\u{feff}data: 1\n\n"), []);
    }

    #[test]
    fn bytes_that_are_no_text_and_ids_with_nothing_in_them_do_no_harm() {
        assert_eq!(
            parse([&b"data: \xff\nid: a\0b\n\n"[..]]).unwrap(),
            [event("message", "", "\u{fffd}")]
        );
    }

    #[test]
    fn whoever_lost_the_stream_is_told_how_long_to_wait() {
        let mut parser = Parser::default();
        for (text, retry_ms) in [("retry: 500\n", Some(500)), ("retry: soon\nretry:\n", Some(500))]
        {
            parser.push(text.as_bytes(), &mut |_| {}).unwrap();
            assert_eq!(parser.retry_ms(), retry_ms, "{text}");
        }
    }

    #[test]
    fn a_line_and_an_event_at_the_limit_and_one_past_it() {
        let line = |len: usize| format!("data:{}", "x".repeat(len - 5));
        assert_eq!(parsed(&format!("{}\n\n", line(LINE_LEN_MAX))).len(), 1);
        assert_eq!(parse([line(LINE_LEN_MAX + 1).as_bytes()]), Err(TooLong));

        let half = LINE_LEN_MAX / 2;
        let event = |second: usize| format!("{}\n{}\n\n", line(half + 5), line(second + 5));
        assert_eq!(parsed(&event(half - 1))[0].data.len(), LINE_LEN_MAX);
        assert_eq!(parse([event(half).as_bytes()]), Err(TooLong));
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_gives_the_same_events(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "data: a", "data:é", "event: hit", "id: 1", ": c", "data", "\r", "\n", "\r\n",
                    "\n\n", "\u{feff}", "x",
                ]),
                0..40,
            ),
            cuts in prop::collection::vec(0_usize..200, 0..20),
        ) {
            let stream = parts.concat().into_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
            cuts.sort_unstable();
            let starts = [0].into_iter().chain(cuts.iter().copied());
            let ends = cuts.iter().copied().chain([stream.len()]);
            let pieces = starts.zip(ends).map(|(start, end)| &stream[start..end]);
            prop_assert_eq!(parse(pieces), parse([&stream[..]]));
        }
    }
}
