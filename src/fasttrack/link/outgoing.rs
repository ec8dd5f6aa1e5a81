use std::mem;

use bytes::{Bytes, BytesMut};

use super::name::END;
use super::{Cipher, Framing, Item};
use crate::base::limits::PONGS_WAITING_MAX;
use crate::fasttrack::wire::Frame;

/// One direction of a session: what we say to bytes. They are enciphered as they leave.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// What has to be written, plain.
    out: BytesMut,
    /// Bytes at its front that stay plain: a hello.
    hello_len: usize,
    cipher: Option<Cipher>,
    framing: Framing,
    /// Pongs that go out with the next bytes.
    pongs: usize,
}

impl Outgoing {
    pub(super) fn say_hello(&mut self, hello: &[u8]) {
        self.out.extend_from_slice(hello);
        self.hello_len = self.out.len();
    }

    /// From here on everything is enciphered, the name of our network first.
    pub(super) fn say_name(&mut self, network: &str, cipher: Cipher) {
        self.cipher = Some(cipher);
        self.out.extend_from_slice(network.as_bytes());
        self.out.extend_from_slice(&[END]);
    }

    /// Nothing of a message that is too long, and false then.
    pub(super) fn write(&mut self, frame: &Frame) -> bool {
        self.framing.put_frame(frame, &mut self.out)
    }

    pub(super) fn write_plain(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn ping(&mut self) {
        self.framing.put(&Item::Ping, &mut self.out);
    }

    /// Owes one answer more, unless many wait already (FTLINK-21).
    pub(super) fn owe_pong(&mut self) {
        self.pongs = self.pongs.saturating_add(1).min(PONGS_WAITING_MAX);
    }

    /// Bytes that wait to be written.
    pub(super) fn len(&self) -> usize {
        self.out.len().saturating_add(self.pongs)
    }

    /// Everything that waits, as it goes over the wire.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        for _ in 0..mem::take(&mut self.pongs) {
            self.framing.put(&Item::Pong, &mut self.out);
        }
        let mut out = mem::take(&mut self.out);
        let hello_len = mem::take(&mut self.hello_len);
        if let (Some(cipher), Some(rest)) = (&mut self.cipher, out.get_mut(hello_len..)) {
            cipher.apply(rest);
        }
        (!out.is_empty()).then(|| out.freeze())
    }
}
