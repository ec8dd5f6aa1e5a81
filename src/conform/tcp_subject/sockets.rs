//! The sockets of the probes of one case.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::doors::{Doors, Port};
use crate::conform::{Action, Event, ProbeId};

/// Bytes that are read at once.
const READ_LEN: usize = 16 * 1024;
/// Events of one case that wait to be looked at.
const EVENTS_MAX: usize = 1_024;

/// All sockets of one case; they are closed with it.
pub(super) struct Sockets<F> {
    subject: Option<SocketAddrV4>,
    place: F,
    /// Where the subject calls by itself.
    doors: Doors,
    /// Hosts at which the subject may call, and the ports of all that have some.
    ports: BTreeMap<ProbeId, Port>,
    numbers: BTreeMap<ProbeId, u16>,
    writers: BTreeMap<ProbeId, mpsc::UnboundedSender<Bytes>>,
    tasks: JoinSet<()>,
    sender: mpsc::Sender<Event>,
    events: mpsc::Receiver<Event>,
}

impl<F: Fn(u32) -> Option<IpAddr>> Sockets<F> {
    pub(super) fn new(subject: Option<SocketAddrV4>, place: F, doors: Doors) -> Self {
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        Self {
            subject,
            place,
            doors,
            ports: BTreeMap::new(),
            numbers: BTreeMap::new(),
            writers: BTreeMap::new(),
            tasks: JoinSet::new(),
            sender,
            events,
        }
    }

    /// The next thing that happens.
    pub(super) async fn next(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => event,
            // We have a sender ourselves.
            None => std::future::pending().await,
        }
    }

    /// Does what a case wants.
    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Connect { probe, host } => {
                let (subject, from) = (self.subject, (self.place)(host.0));
                let (bytes, task) = self.writer(probe);
                self.tasks.spawn(connect(task, subject, from, bytes));
            }
            Action::Await { probe } => {
                let doors = self.doors.clone();
                let (bytes, task) = self.writer(probe);
                self.tasks.spawn(be_called(task, doors, bytes));
            }
            Action::Listen { probe, host } => {
                let port = self.port(host);
                let (bytes, task) = self.writer(probe);
                self.tasks.spawn(listen(task, port, bytes));
            }
            Action::Bind { probe, host } => {
                let (socket, subject) = (self.socket(host), self.subject);
                let (bytes, task) = self.writer(probe);
                self.tasks.spawn(exchange(task, socket, subject, bytes));
            }
            Action::Send { probe, bytes } | Action::Datagram { probe, bytes } => {
                if let Some(writer) = self.writers.get(&probe) {
                    let _ = writer.send(bytes);
                }
            }
            Action::Close { probe } => {
                self.writers.remove(&probe);
            }
            // That is no matter of sockets.
            Action::Ask { .. } => {}
        }
    }

    /// The port of a host for calls: probes that share it are called one after the other.
    fn port(&mut self, host: ProbeId) -> io::Result<Port> {
        if let Some(port) = self.ports.get(&host) {
            return Ok(port.clone());
        }
        let at = self.own_address(host);
        let number = self.numbers.get(&host).copied().unwrap_or(0);
        let port = Port::open((at, number).into())?;
        self.numbers.insert(host, port.own.port());
        self.ports.insert(host, port.clone());
        Ok(port)
    }

    fn socket(&mut self, host: ProbeId) -> io::Result<UdpSocket> {
        let at = self.own_address(host);
        let number = self.numbers.get(&host).copied().unwrap_or(0);
        let socket = std::net::UdpSocket::bind((at, number))?;
        socket.set_nonblocking(true)?;
        self.numbers.entry(host).or_insert(socket.local_addr()?.port());
        UdpSocket::from_std(socket)
    }

    /// Where the subject can call a probe.
    fn own_address(&self, probe: ProbeId) -> IpAddr {
        let chosen = (self.place)(probe.0);
        let nearest = || towards(self.subject?).ok();
        chosen.or_else(nearest).unwrap_or(Ipv4Addr::UNSPECIFIED.into())
    }

    fn writer(&mut self, probe: ProbeId) -> (mpsc::UnboundedReceiver<Bytes>, Task) {
        let (writer, bytes) = mpsc::unbounded_channel();
        self.writers.insert(probe, writer);
        (bytes, Task { probe, events: self.sender.clone() })
    }
}

/// What the task of a socket has of its case.
struct Task {
    probe: ProbeId,
    events: mpsc::Sender<Event>,
}

impl Task {
    async fn tell(&self, event: Event) {
        let _ = self.events.send(event).await;
    }

    async fn is_ready(&self, own: io::Result<SocketAddr>) -> bool {
        let probe = self.probe;
        match own {
            Ok(SocketAddr::V4(own)) => self.tell(Event::Ready { probe, own }).await,
            _ => {
                self.tell(Event::Refused { probe }).await;
                return false;
            }
        }
        true
    }
}

/// The address of ours from which that one is reached.
fn towards(subject: SocketAddrV4) -> io::Result<IpAddr> {
    let socket = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(subject)?;
    Ok(socket.local_addr()?.ip())
}

async fn connect(
    task: Task,
    subject: Option<SocketAddrV4>,
    from: Option<IpAddr>,
    bytes: mpsc::UnboundedReceiver<Bytes>,
) {
    let stream = match subject {
        Some(subject) => connect_from(subject, from).await.ok(),
        None => None,
    };
    let Some(stream) = stream else {
        return task.tell(Event::Refused { probe: task.probe }).await;
    };
    if task.is_ready(stream.local_addr()).await {
        converse(task, stream, bytes).await;
    }
}

async fn connect_from(subject: SocketAddrV4, from: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(from) = from {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    let stream = socket.connect(subject.into()).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn listen(task: Task, port: io::Result<Port>, bytes: mpsc::UnboundedReceiver<Bytes>) {
    if !task
        .is_ready(port.as_ref().map(|port| port.own).map_err(|_| io::ErrorKind::Other.into()))
        .await
    {
        return;
    }
    let Ok(port) = port else { return };
    let Ok((stream, from)) = port.next_call().await else { return };
    task.tell(Event::Called { probe: task.probe, from }).await;
    converse(task, stream, bytes).await;
}

/// The subject calls by itself.
async fn be_called(task: Task, doors: Doors, bytes: mpsc::UnboundedReceiver<Bytes>) {
    let Ok(Some((stream, from))) = doors.next_words().await else {
        return task.tell(Event::Refused { probe: task.probe }).await;
    };
    if task.is_ready(stream.local_addr()).await {
        task.tell(Event::Called { probe: task.probe, from }).await;
        converse(task, stream, bytes).await;
    }
}

async fn converse(task: Task, stream: TcpStream, bytes: mpsc::UnboundedReceiver<Bytes>) {
    let (reader, writer) = stream.into_split();
    tokio::join!(read(&task, reader), write(writer, bytes));
}

async fn read(task: &Task, mut reader: OwnedReadHalf) {
    let probe = task.probe;
    let mut bytes = BytesMut::with_capacity(READ_LEN);
    loop {
        match reader.read_buf(&mut bytes).await {
            Ok(1..) => {
                let bytes = bytes.split().freeze();
                task.tell(Event::Received { probe, bytes }).await;
            }
            Ok(0) | Err(_) => return task.tell(Event::Ended { probe }).await,
        }
        bytes.reserve(READ_LEN);
    }
}

/// Writes until the case closes the connection.
async fn write(mut writer: OwnedWriteHalf, mut bytes: mpsc::UnboundedReceiver<Bytes>) {
    while let Some(bytes) = bytes.recv().await {
        if writer.write_all(&bytes).await.is_err() {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

async fn exchange(
    task: Task,
    socket: io::Result<UdpSocket>,
    subject: Option<SocketAddrV4>,
    mut bytes: mpsc::UnboundedReceiver<Bytes>,
) {
    let (Ok(socket), Some(subject)) = (socket, subject) else {
        return task.tell(Event::Refused { probe: task.probe }).await;
    };
    if !task.is_ready(socket.local_addr()).await {
        return;
    }
    let socket = Arc::new(socket);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        tokio::select! {
            sent = bytes.recv() => match sent {
                Some(datagram) => drop(socket.send_to(&datagram, subject).await),
                None => return,
            },
            received = socket.recv_from(&mut buffer) => {
                let Ok((len, from)) = received else { continue };
                let bytes = Bytes::copy_from_slice(buffer.get(..len).unwrap_or_default());
                task.tell(Event::Datagram { probe: task.probe, from, bytes }).await;
            }
        }
    }
}
