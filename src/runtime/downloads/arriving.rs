//! Servents that call us because we have asked them to.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::time::timeout;

use super::connection::Pipe;
use crate::base::limits::AWAITED_PUSHES_MAX;
use crate::gnutella::http::Giv;
use crate::gnutella::wire::Guid;
use crate::runtime::engine::Arrival;
use crate::transfer::download::{PushWay, SourceId};

/// How long somebody may take to say which file it brings.
const LINE_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of that line. It names a file.
const LINE_LEN_MAX: usize = 1_024;

/// Whom we wait for.
#[derive(Debug, Default)]
pub(super) struct Awaited(Vec<Wait>);

#[derive(Debug)]
struct Wait {
    servent: Guid,
    index: u32,
    download: u64,
    source: SourceId,
}

impl Awaited {
    /// A servent was asked to call us. The oldest that never came goes for it where there are too many.
    pub(super) fn expect(&mut self, way: &PushWay, download: u64, source: SourceId) {
        self.0.retain(|wait| (wait.download, wait.source) != (download, source));
        if self.0.len() >= AWAITED_PUSHES_MAX {
            self.0.remove(0);
        }
        let PushWay { servent, index, .. } = *way;
        self.0.push(Wait { servent, index, download, source });
    }

    /// Somebody has called: for whom? It may name another number for the file than its hit did.
    pub(super) fn take(&mut self, giv: &Giv) -> Option<(u64, SourceId)> {
        let of_servent = |wait: &Wait| wait.servent == giv.servent;
        let exact = self.0.iter().position(|wait| of_servent(wait) && wait.index == giv.index);
        let place = exact.or_else(|| self.0.iter().position(of_servent))?;
        let Wait { download, source, .. } = self.0.remove(place);
        Some((download, source))
    }
}

/// Reads the line with which it begins, and the empty one behind it.
pub(super) async fn listen(arrival: Arrival) -> io::Result<(Giv, Pipe, BytesMut)> {
    let Arrival { first, wire, .. } = arrival;
    let (mut pipe, mut read) = (Pipe::Came(Box::new(wire)), first);
    let line = timeout(LINE_TIMEOUT, line(&mut pipe, &mut read)).await;
    let line = line.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let giv = Giv::parse(&line).ok_or(io::ErrorKind::InvalidData)?;
    Ok((giv, pipe, read))
}

async fn line(pipe: &mut Pipe, read: &mut BytesMut) -> io::Result<String> {
    loop {
        if let Some((line_len, end)) = end_of(read) {
            let whole = read.split_to(end);
            let line = whole.get(..line_len).unwrap_or_default();
            return Ok(String::from_utf8_lossy(line).trim_end().to_owned());
        }
        if read.len() > LINE_LEN_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if pipe.read(read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Where the line ends, and where the empty line behind it does.
fn end_of(bytes: &[u8]) -> Option<(usize, usize)> {
    let line = bytes.iter().position(|byte| *byte == b'\n')?;
    let rest = bytes.get(line.checked_add(1)?..)?;
    let empty = match rest {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => return None,
    };
    Some((line, line.checked_add(1)?.checked_add(empty)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_ends_with_an_empty_one_of_either_kind() {
        assert_eq!(end_of(b"GIV 0:x/\n\nGET"), Some((8, 10)));
        assert_eq!(end_of(b"GIV 0:x/\r\n\r\n"), Some((9, 12)));
        assert_eq!(end_of(b"GIV 0:x/\n"), None);
    }

    #[test]
    fn whoever_calls_is_known_by_its_servent_and_its_file() {
        let mut awaited = Awaited::default();
        let way = |index| PushWay { servent: Guid([7; 16]), index, proxies: Vec::new() };
        awaited.expect(&way(1), 10, SourceId(100));
        awaited.expect(&way(2), 20, SourceId(200));
        let giv = |index, byte| Giv { index, servent: Guid([byte; 16]), name: Default::default() };
        assert_eq!(awaited.take(&giv(2, 8)), None);
        assert_eq!(awaited.take(&giv(2, 7)), Some((20, SourceId(200))));
        assert_eq!(awaited.take(&giv(2, 7)), Some((10, SourceId(100))));
        assert_eq!(awaited.take(&giv(1, 7)), None);
    }

    /// At the limit and one past it.
    #[test]
    fn no_more_are_awaited_than_there_is_room_for() {
        let mut awaited = Awaited::default();
        let way = PushWay { servent: Guid([7; 16]), index: 0, proxies: Vec::new() };
        for source in 0..=AWAITED_PUSHES_MAX as u64 {
            awaited.expect(&way, 1, SourceId(source));
        }
        assert_eq!(awaited.0.len(), AWAITED_PUSHES_MAX);
    }
}
