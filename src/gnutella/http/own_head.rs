use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::{Form, HeaderText, Method, Status, Target};

/// A head that we write: a request or a response. Its names are ours, and its values are
/// [`HeaderText`], so that nothing from a stranger becomes a line of its own (HTTP-21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnHead {
    start: HeaderText,
    headers: Vec<(&'static str, HeaderText)>,
}

impl OwnHead {
    /// A request of HTTP/1.1 (HTTP-20).
    pub fn request(method: Method, target: &Target) -> Self {
        Self::starting(format_args!("{method} {target} HTTP/1.1"))
    }

    /// A response of HTTP/1.1 with the usual reason.
    pub fn response(status: Status) -> Self {
        Self::response_saying(status, status.reason())
    }

    /// A response with a reason of our own.
    pub fn response_saying(status: Status, reason: impl fmt::Display) -> Self {
        Self::starting(format_args!("HTTP/1.1 {status} {reason}"))
    }

    fn starting(line: impl fmt::Display) -> Self {
        Self { start: HeaderText::of(line), headers: Vec::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.push(name, value);
        self
    }

    /// Adds a header where there is a value for it.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a form under its own name.
    #[must_use]
    pub fn with_form<F: Form>(self, form: &F) -> Self {
        self.with(F::NAME, form)
    }

    /// Adds a header at the end.
    pub fn push(&mut self, name: &'static str, value: impl fmt::Display) {
        self.headers.push((name, HeaderText::of(value)));
    }

    /// Appends the head as it stands on the wire.
    pub fn encode(&self, out: &mut BytesMut) {
        put_line(out, &[self.start.as_str()]);
        for (name, value) in &self.headers {
            put_line(out, &[name, ": ", value.as_str()]);
        }
        put_line(out, &[]);
    }

    /// The head as it stands on the wire.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::new();
        self.encode(&mut out);
        out.freeze()
    }
}

fn put_line(out: &mut BytesMut, parts: &[&str]) {
    parts.iter().for_each(|part| out.put_slice(part.as_bytes()));
    out.put_slice(b"\r\n");
}
