//! A part of a file on its way into a connection.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use rustix::net::SendFlags;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::opening::Opened;
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::runtime::engine::{Line, Stream, Wire};

/// Bytes that are handed to the system at once: much for a fast line, and little enough that the limits of
/// the user and the end of the program are met in time.
const SLICE_LEN: u64 = 1024 * 1024;

/// Bytes that are read at once where they have to go through us.
const PIECE_LEN: u64 = 128 * 1024;

/// Bytes at the end of an answer before which it is said that it ends: no more than systems take at once.
const LAST_LEN: u64 = 16 * 1024;

/// How long it is waited for room before it is tried without being told of any.
const ROOM_TIMEOUT: Duration = Duration::from_millis(500);

/// Who is told how it goes.
pub(super) trait Tally: Send {
    /// So many bytes have gone.
    fn sent(&mut self, len: u64);

    /// What follows are the last bytes.
    fn ending(&mut self);

    /// Since then nothing was sent, for the user allows no more.
    fn held(&mut self, since: Time, now: Time);
}

/// Sends a head in front of a file: the first bytes of that go with it.
pub(super) async fn send_head(wire: &mut Wire, head: &[u8], has_more: bool) -> io::Result<()> {
    let mut rest = head;
    if let (Stream::Plain(stream), true) = (&wire.stream, has_more) {
        let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
        let sent =
            stream.try_io(Interest::WRITABLE, || Ok(rustix::net::send(stream, head, flags)?));
        let sent = sent.unwrap_or(0);
        wire.line.sent(0, sent);
        rest = head.get(sent..).unwrap_or_default();
    }
    wire.write_all(rest).await
}

/// Sends a part of a file.
pub(super) async fn send_file(
    wire: &mut Wire,
    opened: &Arc<Opened>,
    range: ByteRange,
    tally: &mut impl Tally,
) -> io::Result<()> {
    if let Wire { stream: Stream::Plain(stream), line } = &*wire {
        return by_the_system((stream, line), opened, range, tally).await;
    }
    by_hand(wire, opened, range, tally).await
}

/// The system carries it from the file to the connection.
async fn by_the_system(
    (stream, line): (&TcpStream, &Line),
    opened: &Arc<Opened>,
    range: ByteRange,
    tally: &mut impl Tally,
) -> io::Result<()> {
    // What reads from a disk does so elsewhere, on a handle of its own.
    let mut elsewhere: Option<Arc<OwnedFd>> = None;
    let mut at = range.start;
    while at < range.end {
        // It says so when there is room; where that was lost, it is tried without.
        let has_room = timeout(ROOM_TIMEOUT, stream.writable()).await.is_ok();
        let wanted = next_len(ByteRange::new(at, range.end), SLICE_LEN, tally);
        let wanted = reserve(line, wanted, tally).await;
        opened.check(ByteRange::new(at, at.saturating_add(wanted)))?;
        let sent = if opened.is_cached(at, wanted) {
            until_full(stream, has_room, wanted, || carry(stream, opened, at, wanted))
        } else {
            let socket = match &elsewhere {
                Some(socket) => Arc::clone(socket),
                None => {
                    Arc::clone(elsewhere.insert(Arc::new(stream.as_fd().try_clone_to_owned()?)))
                }
            };
            let outcome = carry_elsewhere(socket, opened, at, wanted).await;
            until_full(stream, has_room, wanted, || outcome)
        };
        line.sent(as_len(wanted), as_len(*sent.as_ref().unwrap_or(&0)));
        let sent = sent?;
        tally.sent(sent);
        at = at.saturating_add(sent);
    }
    Ok(())
}

/// How much is handed over next of what is left: the last bytes by themselves.
fn next_len(left: ByteRange, len_max: u64, tally: &mut impl Tally) -> u64 {
    if left.len() <= LAST_LEN {
        tally.ending();
        return left.len();
    }
    left.len().saturating_sub(LAST_LEN).min(len_max)
}

/// Hands over as much as there is room for. Where that was not all, it is waited until there is plenty: whoever
/// comes again for each freed packet takes more time for it than for the packet.
fn until_full(
    stream: &TcpStream,
    has_room: bool,
    wanted: u64,
    carry: impl FnOnce() -> io::Result<u64>,
) -> io::Result<u64> {
    let mut sent = 0;
    let work = || {
        sent = carry()?;
        match sent {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ if sent < wanted => Err(io::ErrorKind::WouldBlock.into()),
            _ => Ok(()),
        }
    };
    let outcome = if has_room { stream.try_io(Interest::WRITABLE, work) } else { work() };
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
        _ => Ok(sent),
    }
}

/// Waits for what the user allows. Only the time in which that was nothing counts as held.
async fn reserve(line: &Line, wanted: u64, tally: &mut impl Tally) -> u64 {
    let asked = line.now();
    let reserved = line.reserve_behind_links(as_len(wanted)).await as u64;
    tally.held(asked, line.now());
    reserved
}

fn carry(to: impl AsFd, opened: &Opened, at: u64, len: u64) -> io::Result<u64> {
    let mut offset = at;
    let sent = rustix::fs::sendfile(to, opened.file(), Some(&mut offset), as_len(len))?;
    Ok(sent as u64)
}

/// The same where the disk may have to be waited for. The connection does not wait, as ever.
async fn carry_elsewhere(
    socket: Arc<OwnedFd>,
    opened: &Arc<Opened>,
    at: u64,
    len: u64,
) -> io::Result<u64> {
    let opened = Arc::clone(opened);
    let carried = spawn_blocking(move || carry(&*socket, &opened, at, len)).await;
    carried.map_err(io::Error::other)?
}

/// Every byte goes through us: TLS has to see them.
async fn by_hand(
    wire: &mut Wire,
    opened: &Arc<Opened>,
    range: ByteRange,
    tally: &mut impl Tally,
) -> io::Result<()> {
    let mut at = range.start;
    let mut buffer = Vec::new();
    while at < range.end {
        let len = next_len(ByteRange::new(at, range.end), PIECE_LEN, tally);
        let opened = Arc::clone(opened);
        let read = spawn_blocking(move || {
            opened.check(ByteRange::new(at, at.saturating_add(len)))?;
            buffer.resize(as_len(len), 0);
            opened.file().read_exact_at(&mut buffer, at)?;
            Ok::<_, io::Error>(buffer)
        });
        buffer = read.await.map_err(io::Error::other)??;
        write(wire, &buffer, tally).await?;
        at = at.saturating_add(len);
    }
    wire.flush().await
}

async fn write(wire: &mut Wire, mut bytes: &[u8], tally: &mut impl Tally) -> io::Result<()> {
    while !bytes.is_empty() {
        let reserved = as_len(reserve(&wire.line, bytes.len() as u64, tally).await);
        let outcome = wire.write(bytes.get(..reserved).unwrap_or(bytes)).await;
        let written = *outcome.as_ref().unwrap_or(&0);
        wire.line.sent(reserved, written);
        outcome?;
        tally.sent(written as u64);
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

fn as_len(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
