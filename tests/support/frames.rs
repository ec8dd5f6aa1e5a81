//! Reads the frames of real programs in `tests/fixtures/frames`.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use filbert::gnutella::wire::{Datagram, Frame, Message};

/// One frame, and where it was seen.
#[derive(Clone, Debug)]
pub struct RealFrame {
    pub capture: String,
    pub transport: Transport,
    /// `address:port` on both sides.
    pub source: String,
    pub destination: String,
    /// Counted from 1 in each direction of a connection.
    pub number: usize,
    pub bytes: Bytes,
}

/// What carried a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    Tcp,
    TcpDeflate,
    Udp,
    /// A message that came in semi-reliable fragments, put together.
    UdpReliable,
    /// The body of an answer to a browse request.
    Browse,
}

impl Transport {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "tcp" => Self::Tcp,
            "tcp-deflate" => Self::TcpDeflate,
            "udp" => Self::Udp,
            "udp-reliable" => Self::UdpReliable,
            "browse" => Self::Browse,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::TcpDeflate => "tcp-deflate",
            Self::Udp => "udp",
            Self::UdpReliable => "udp-reliable",
            Self::Browse => "browse",
        }
    }
}

/// As in the fixtures, so that a failure can be looked up.
impl fmt::Display for RealFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { capture, source, destination, number, .. } = self;
        let transport = self.transport.name();
        write!(f, "{capture} {transport} {source}>{destination} #{number}")
    }
}

impl RealFrame {
    /// True where the TTL holds the two marks of UDP.
    pub fn is_datagram(&self) -> bool {
        matches!(self.transport, Transport::Udp | Transport::UdpReliable)
    }

    /// The frame, read as a receiver would read it.
    pub fn frame(&self) -> Frame {
        if !self.is_datagram() {
            return Frame::decode(&self.bytes).unwrap_or_else(|fault| panic!("{self}: {fault}"));
        }
        match self.datagram() {
            Datagram::Frame { frame, .. } => frame,
            Datagram::Reliable(_) => panic!("{self}: taken for a fragment"),
        }
    }

    /// What the frame says.
    pub fn message(&self) -> Message {
        Message::decode(&self.frame()).unwrap_or_else(|fault| panic!("{self}: {fault}"))
    }

    /// The datagram; for frames of UDP only.
    pub fn datagram(&self) -> Datagram {
        Datagram::decode(&self.bytes).unwrap_or_else(|fault| panic!("{self}: {fault}"))
    }
}

/// The frames of every capture, in the order in which they were seen.
pub fn all() -> Vec<RealFrame> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the folder of frames is there")
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "frames"))
        .collect();
    paths.sort();
    paths.iter().flat_map(|path| read(path)).collect()
}

/// The frames of one capture.
pub fn of(capture: &str) -> Vec<RealFrame> {
    read(&folder().join(capture).with_extension("frames"))
}

/// One frame, by the words before the tab on its line.
pub fn one(name: &str) -> RealFrame {
    let capture = name.split(' ').next().expect("a name begins with its capture");
    let found = of(capture).into_iter().find(|real| real.to_string() == name);
    found.unwrap_or_else(|| panic!("no frame is called {name}"))
}

/// A frame as bytes.
pub fn encoded(frame: &Frame) -> Bytes {
    let mut out = BytesMut::new();
    frame.encode(&mut out);
    out.freeze()
}

/// Prints how often each of several things was there, for whoever asks to see it.
pub fn print_counts(what: &str, counts: impl Iterator<Item = (impl fmt::Display, usize)>) {
    let mut total = 0;
    for (name, count) in counts {
        println!("{count:6} {name}");
        total += count;
    }
    println!("{total:6} {what}\n");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/frames")
}

fn read(path: &Path) -> Vec<RealFrame> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| parse(line).unwrap_or_else(|| panic!("{}: {line}", path.display()))).collect()
}

fn parse(line: &str) -> Option<RealFrame> {
    let (name, hex) = line.split_once('\t')?;
    let mut words = name.split(' ');
    let capture = words.next()?.to_owned();
    let transport = Transport::parse(words.next()?)?;
    let (source, destination) = words.next()?.split_once('>')?;
    let number = words.next()?.strip_prefix('#')?.parse().ok()?;
    let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?.into();
    Some(RealFrame {
        capture,
        transport,
        source: source.to_owned(),
        destination: destination.to_owned(),
        number,
        bytes,
    })
}
