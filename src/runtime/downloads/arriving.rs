//! Servents that call us because we have asked them to, or because it is our turn in their queues.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::time::timeout;

use super::connection::Pipe;
use crate::base::limits::{AWAITED_PUSHES_MAX, GIVE_AWAITED_MS};
use crate::base::time::Time;
use crate::fasttrack::http::Give;
use crate::gnutella::http::{Giv, QueueCallback, QueueId};
use crate::gnutella::link::Opening;
use crate::gnutella::wire::Guid;
use crate::runtime::engine::Arrival;
use crate::transfer::download::{PushWay, SourceId};

/// How long somebody may take to say which file it brings.
const LINE_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of that line. It names a file.
const LINE_LEN_MAX: usize = 1_024;

/// Whom we wait for: those whom we have asked to call us, and those in whose queues we are.
#[derive(Debug, Default)]
pub(super) struct Awaited {
    pushed: Vec<Pushed>,
    queues: Vec<Place>,
    gives: Vec<Given>,
    /// How many pushes of FastTrack were wanted.
    last_push: u64,
}

/// A push of FastTrack that was not answered.
#[derive(Debug)]
struct Given {
    request: u64,
    /// By which it is answered, once it was sent.
    push: Option<u32>,
    until: Time,
    download: u64,
    source: SourceId,
}

#[derive(Debug)]
struct Pushed {
    servent: Guid,
    index: u32,
    download: u64,
    source: SourceId,
}

/// Our place in somebody's queue.
#[derive(Debug)]
struct Place {
    ticket: QueueId,
    /// Whose queue it is.
    host: IpAddr,
    download: u64,
    source: SourceId,
}

impl Awaited {
    /// A servent was asked to call us. The oldest that never came goes for it where there are too many.
    pub(super) fn expect(&mut self, way: &PushWay, download: u64, source: SourceId) {
        self.pushed.retain(|wait| (wait.download, wait.source) != (download, source));
        make_room(&mut self.pushed);
        let PushWay { servent, index, .. } = *way;
        self.pushed.push(Pushed { servent, index, download, source });
    }

    /// Somebody has called: for whom? It may name another number for the file than its hit did.
    pub(super) fn take(&mut self, giv: &Giv) -> Option<(u64, SourceId)> {
        let of_servent = |wait: &Pushed| wait.servent == giv.servent;
        let exact = self.pushed.iter().position(|wait| of_servent(wait) && wait.index == giv.index);
        let place = exact.or_else(|| self.pushed.iter().position(of_servent))?;
        let Pushed { download, source, .. } = self.pushed.remove(place);
        Some((download, source))
    }

    /// A node of FastTrack is to be asked to call us: by what number [`give_has`](Self::give_has) will name that.
    pub(super) fn expect_give(&mut self, (download, source): (u64, SourceId), now: Time) -> u64 {
        self.gives.retain(|wait| (wait.download, wait.source) != (download, source));
        make_room(&mut self.gives);
        self.last_push = self.last_push.wrapping_add(1);
        let (request, until) = (self.last_push, now.after_ms(GIVE_AWAITED_MS));
        self.gives.push(Given { request, push: None, until, download, source });
        request
    }

    /// It was asked, and will name this number; or it was not.
    pub(super) fn give_has(&mut self, request: u64, push: Option<u32>) {
        match push {
            None => self.gives.retain(|wait| wait.request != request),
            Some(_) => {
                let of_it = self.gives.iter_mut().find(|wait| wait.request == request);
                of_it.into_iter().for_each(|wait| wait.push = push);
            }
        }
    }

    /// Somebody has called because of this push: for whom? It has to be one of ours, and none that was answered
    /// (FTNODE-14).
    pub(super) fn take_give(&mut self, give: Give, now: Time) -> Option<(u64, SourceId)> {
        self.gives.retain(|wait| now < wait.until);
        let place = self.gives.iter().position(|wait| wait.push == Some(give.push))?;
        let Given { download, source, .. } = self.gives.remove(place);
        Some((download, source))
    }

    /// A download is over: whoever calls because of it calls for another one of the same file, if there is one.
    pub(super) fn forget(&mut self, download: u64) {
        self.pushed.retain(|wait| wait.download != download);
        self.queues.retain(|place| place.download != download);
        self.gives.retain(|wait| wait.download != download);
    }

    /// A source has given us a place in its queue, and may call when it is our turn.
    pub(super) fn wait_in_queue(
        &mut self,
        (ticket, host): (QueueId, IpAddr),
        download: u64,
        source: SourceId,
    ) {
        self.queues.retain(|place| (place.download, place.source) != (download, source));
        make_room(&mut self.queues);
        self.queues.push(Place { ticket, host, download, source });
    }

    /// Somebody says that it is our turn: for which file? Only the host that has given us this place can
    /// (QUEUE-05). The place stays ours until the source says otherwise.
    pub(super) fn turn(&self, ticket: &QueueId, host: IpAddr) -> Option<(u64, SourceId)> {
        let place =
            self.queues.iter().find(|place| place.ticket == *ticket && place.host == host)?;
        Some((place.download, place.source))
    }
}

fn make_room<T>(waiting: &mut Vec<T>) {
    if waiting.len() >= AWAITED_PUSHES_MAX {
        waiting.remove(0);
    }
}

/// What somebody calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// It was asked to (PUSH-11).
    Giv(Giv),
    /// It is our turn in its queue (PARQ-04).
    Queue(QueueId),
    /// It was asked to by its supernode (FTNODE-14).
    Give(Give),
}

/// Reads the line with which it begins; one of GIV has an empty one behind it.
pub(super) async fn listen(arrival: Arrival) -> io::Result<(Call, Pipe, BytesMut)> {
    let Arrival { opening, first, wire, .. } = arrival;
    let (mut pipe, mut read) = (Pipe(Box::new(wire)), first);
    if opening == Opening::Give {
        let give = timeout(LINE_TIMEOUT, give(&mut pipe, &mut read)).await;
        let give = give.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        return Ok((Call::Give(give), pipe, read));
    }
    let is_giv = opening == Opening::Giv;
    let line = timeout(LINE_TIMEOUT, line(&mut pipe, &mut read, is_giv)).await;
    let line = line.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let call = if is_giv {
        Giv::parse(&line).map(Call::Giv)
    } else {
        QueueCallback::parse(&line).map(|callback| Call::Queue(callback.id))
    };
    Ok((call.ok_or(io::ErrorKind::InvalidData)?, pipe, read))
}

async fn give(pipe: &mut Pipe, read: &mut BytesMut) -> io::Result<Give> {
    loop {
        let taken = Give::take_from(read).map_err(|_| io::ErrorKind::InvalidData)?;
        if let Some(give) = taken {
            return Ok(give);
        }
        if pipe.read(read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

async fn line(pipe: &mut Pipe, read: &mut BytesMut, is_giv: bool) -> io::Result<String> {
    loop {
        if let Some((line_len, end)) = end_of(read, is_giv) {
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

/// Where the line ends, and where what belongs to it does: the empty line behind it, where one has to be
/// there.
fn end_of(bytes: &[u8], is_followed: bool) -> Option<(usize, usize)> {
    let line = bytes.iter().position(|byte| *byte == b'\n')?;
    let behind = line.checked_add(1)?;
    if !is_followed {
        return Some((line, behind));
    }
    let empty = match bytes.get(behind..)? {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => return None,
    };
    Some((line, behind.checked_add(empty)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_ends_with_an_empty_one_of_either_kind() {
        assert_eq!(end_of(b"GIV 0:x/\n\nGET", true), Some((8, 10)));
        assert_eq!(end_of(b"GIV 0:x/\r\n\r\n", true), Some((9, 12)));
        assert_eq!(end_of(b"GIV 0:x/\n", true), None);
        assert_eq!(end_of(b"QUEUE 12\r\nx", false), Some((9, 10)));
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

    #[test]
    fn what_is_over_takes_no_call_from_what_goes_on() {
        let mut awaited = Awaited::default();
        let way = PushWay { servent: Guid([7; 16]), index: 1, proxies: Vec::new() };
        let ticket = QueueId::new("t1").unwrap();
        let host = IpAddr::from([203, 0, 113, 1]);
        for download in [10, 20] {
            awaited.expect(&way, download, SourceId(1));
            awaited.wait_in_queue((ticket.clone(), host), download, SourceId(1));
        }
        awaited.forget(10);
        let giv = Giv { index: 1, servent: Guid([7; 16]), name: Default::default() };
        assert_eq!(awaited.take(&giv), Some((20, SourceId(1))));
        assert_eq!(awaited.turn(&ticket, host), Some((20, SourceId(1))));
    }

    /// At the limit and one past it.
    #[test]
    fn no_more_are_awaited_than_there_is_room_for() {
        let mut awaited = Awaited::default();
        let way = PushWay { servent: Guid([7; 16]), index: 0, proxies: Vec::new() };
        for source in 0..=AWAITED_PUSHES_MAX as u64 {
            awaited.expect(&way, 1, SourceId(source));
        }
        assert_eq!(awaited.pushed.len(), AWAITED_PUSHES_MAX);
        let ticket = QueueId::new("t1").unwrap();
        for source in 0..=AWAITED_PUSHES_MAX as u64 {
            let place = (ticket.clone(), IpAddr::from([203, 0, 113, 1]));
            awaited.wait_in_queue(place, 1, SourceId(source));
        }
        assert_eq!(awaited.queues.len(), AWAITED_PUSHES_MAX);
    }

    /// FTNODE-14
    #[test]
    fn a_push_of_fasttrack_is_answered_once_and_for_two_minutes() {
        let mut awaited = Awaited::default();
        let [first, second] = [11, 5].map(|push| {
            let request = awaited.expect_give((10, SourceId(push.into())), Time::ZERO);
            assert_eq!(awaited.take_give(Give { push }, Time::ZERO), None, "it was not sent");
            awaited.give_has(request, Some(push));
            push
        });
        let mut take = |push, ms| awaited.take_give(Give { push }, Time::from_millis(ms));
        assert_eq!(take(second + 1, 1), None);
        assert_eq!(take(first, GIVE_AWAITED_MS - 1), Some((10, SourceId(11))));
        assert_eq!(take(first, GIVE_AWAITED_MS - 1), None);
        assert_eq!(take(second, GIVE_AWAITED_MS), None);
        let again = awaited.expect_give((10, SourceId(1)), Time::ZERO);
        awaited.give_has(again, Some(7));
        awaited.forget(10);
        assert_eq!(awaited.take_give(Give { push: 7 }, Time::ZERO), None);
        let unsent = awaited.expect_give((10, SourceId(1)), Time::ZERO);
        awaited.give_has(unsent, None);
        assert!(awaited.gives.is_empty());
    }

    /// QUEUE-05
    #[test]
    fn only_the_host_in_whose_queue_we_are_says_that_it_is_our_turn() {
        let mut awaited = Awaited::default();
        let [ours, other] = ["ab12", "ab13"].map(|id| QueueId::new(id).unwrap());
        let [host, stranger] = [[203, 0, 113, 1], [203, 0, 113, 2]].map(IpAddr::from);
        awaited.wait_in_queue((ours.clone(), host), 3, SourceId(5));
        assert_eq!(awaited.turn(&ours, stranger), None);
        assert_eq!(awaited.turn(&other, host), None);
        assert_eq!(awaited.turn(&ours, host), Some((3, SourceId(5))));
        // It gives us another place: the one before is worth nothing any more.
        awaited.wait_in_queue((other.clone(), host), 3, SourceId(5));
        assert_eq!(awaited.turn(&ours, host), None);
        assert_eq!(awaited.turn(&other, host), Some((3, SourceId(5))));
    }
}
