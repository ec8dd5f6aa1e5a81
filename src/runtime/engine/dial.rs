use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::hall::Hall;
use super::inbox::News;
use super::link_task::{Connection, LinkTask};
use super::mailbox::{Mailbox, SessionMailbox};
use super::session_task::SessionTask;
use super::sockets::{connect, keep_little};
use super::stream::Stream;
use crate::node::Direction;

/// How long a call may take to be answered. LimeWire waits for 6 seconds, far hosts need two.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);

/// What tells a host that it can be reached (VMSG-10).
const REACHED: &[u8] = b"\n\n";

/// Calls somebody, and speaks Gnutella with whoever answers.
pub(super) async fn call(address: SocketAddr, from: Option<IpAddr>, hall: Arc<Hall>) {
    let linked = async {
        let stream = connect(address, from).await?;
        keep_little(&stream).map(|()| stream)
    };
    let stream = match in_time(linked).await {
        Ok(stream) => stream,
        Err(why) => return hall.inbox.put(News::DialFailed { address, why }),
    };
    let (id, mailbox) = (hall.next_link(), Arc::new(Mailbox::default()));
    hall.connection_begins();
    hall.inbox.put(News::Connected {
        link: id,
        address,
        direction: Direction::Outgoing,
        mailbox: Arc::clone(&mailbox),
    });
    let connection = Connection { id, hall, mailbox, stream: Stream::Plain(stream) };
    tokio::spawn(LinkTask::connect(connection, address.ip()));
}

/// The same for a session of FastTrack.
pub(super) async fn call_supernode(address: SocketAddrV4, from: Option<IpAddr>, hall: Arc<Hall>) {
    let linked = async {
        let stream = connect(address.into(), from).await?;
        keep_little(&stream)?;
        let link = hall.session_to().ok_or(io::ErrorKind::Unsupported)?;
        Ok((link, Stream::Plain(stream)))
    };
    let (link, stream) = match in_time(linked).await {
        Ok(both) => both,
        Err(why) => return hall.inbox.put(News::SessionFailed { address, why }),
    };
    let (id, mailbox) = (hall.next_link(), Arc::new(SessionMailbox::default()));
    hall.connection_begins();
    let news = News::SessionConnected { link: id, address, mailbox: Arc::clone(&mailbox) };
    hall.inbox.put(news);
    tokio::spawn(SessionTask::new(id, (hall, mailbox), (link, stream), &[]));
}

/// Connects to show that a host can be reached.
pub(super) async fn connect_back(to: SocketAddr, from: Option<IpAddr>) {
    let reach = async {
        let mut stream = connect(to, from).await?;
        stream.write_all(REACHED).await?;
        stream.shutdown().await
    };
    if let Err(error) = in_time(reach).await {
        tracing::debug!(%to, %error, "could not be called back");
    }
}

async fn in_time<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = || Err(io::ErrorKind::TimedOut.into());
    timeout(CALL_TIMEOUT, work).await.unwrap_or_else(|_| late())
}
