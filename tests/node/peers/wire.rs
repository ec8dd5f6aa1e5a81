//! One connection of the replayed node: its own link, and the program at the other end.

use std::collections::VecDeque;

use bytes::BytesMut;
use filbert::gnutella::link::{Deflater, Inflater, Link};
use filbert::gnutella::wire::Frame;
use filbert::node::LinkId;

/// A link, and whoever speaks at its other end.
pub struct Wire {
    pub link: Link,
    pub id: LinkId,
    /// Their heads that are still to be sent.
    heads: VecDeque<String>,
    /// Our heads that are still to come.
    heads_due: usize,
    theirs: Option<Deflater>,
    ours: Option<Inflater>,
    written: BytesMut,
    plain: BytesMut,
}

impl Wire {
    /// A connection on which the peer will say these heads, and so many of ours are due.
    pub fn new(link: Link, id: LinkId, heads: Vec<String>, heads_due: usize) -> Self {
        let (written, plain) = (BytesMut::new(), BytesMut::new());
        Self { link, id, heads: heads.into(), heads_due, theirs: None, ours: None, written, plain }
    }

    /// The next head of the peer.
    pub fn next_head(&mut self) -> Option<String> {
        let head = self.heads.pop_front()?;
        if self.heads.is_empty() {
            self.theirs = is_deflated(&head).then(Deflater::new);
        }
        Some(head)
    }

    /// A message of the peer, as bytes on the connection.
    pub fn pack(&mut self, frame: &Frame) -> BytesMut {
        let (mut plain, mut packed) = (BytesMut::new(), BytesMut::new());
        frame.encode(&mut plain);
        let Some(deflater) = &mut self.theirs else { return plain };
        deflater.write(&plain, &mut packed);
        deflater.flush(&mut packed);
        packed
    }

    /// The peer has read these bytes of ours.
    pub fn read(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
    }

    /// Reads a head of ours, if one is due and is there. Each comes by itself.
    pub fn take_head(&mut self) -> bool {
        let mut ends = self.written.windows(4);
        let Some(end) = ends.position(|window| window == b"\r\n\r\n") else { return false };
        if self.heads_due == 0 {
            return false;
        }
        let head = self.written.split_to(end + 4);
        self.heads_due -= 1;
        self.ours = is_deflated(std::str::from_utf8(&head).unwrap()).then(Inflater::new);
        true
    }

    /// Reads the messages of ours that are there.
    pub fn take_frames(&mut self) -> Vec<Frame> {
        if self.heads_due > 0 {
            return Vec::new();
        }
        match &mut self.ours {
            Some(inflater) => {
                while inflater.step(&mut self.written, &mut self.plain).expect("it inflates") {}
            }
            None => self.plain.unsplit(self.written.split()),
        }
        let mut frames = Vec::new();
        while let Some(frame) = Frame::take_from(&mut self.plain).expect("it is a frame") {
            frames.push(frame);
        }
        frames
    }
}

fn is_deflated(head: &str) -> bool {
    head.to_ascii_lowercase().contains("\r\ncontent-encoding: deflate\r\n")
}
