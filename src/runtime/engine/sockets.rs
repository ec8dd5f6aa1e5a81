use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};

/// Connections that the system accepts for us while we are busy.
const BACKLOG: i32 = 1024;

/// Bytes of datagrams that the system keeps for us while we are busy.
const DATAGRAMS_LEN: usize = 1024 * 1024;

/// Bytes that the system keeps for a link on their way out. There are many links and little on each.
const LINK_LEN: usize = 128 * 1024;

/// After so long a silence, the system asks whether the other side is still there.
const KEEP_ALIVE_AFTER: Duration = Duration::from_secs(120);
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(30);

/// Ports that are tried until one is free for connections and for datagrams.
const PORT_TRIES: u32 = 16;

/// Where connections and datagrams arrive.
pub(super) struct Sockets {
    pub(super) listener: TcpListener,
    pub(super) datagrams: UdpSocket,
    /// As the system says.
    pub(super) listen: SocketAddr,
}

impl Sockets {
    /// Listens on both protocols, on the same port. `[::]` stands for IPv4 too, and alone for it where
    /// the machine has no IPv6.
    pub(super) fn open(listen: SocketAddr) -> io::Result<Self> {
        match Self::open_both(listen) {
            Err(error)
                if listen.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && lacks_ipv6(&error) =>
            {
                Self::open_both(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), listen.port()))
            }
            outcome => outcome,
        }
    }

    fn open_both(listen: SocketAddr) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        let tries = if listen.port() == 0 { PORT_TRIES } else { 1 };
        for _ in 0..tries {
            let listener = listener(listen)?;
            let listen = listener.local_addr()?;
            match datagrams(listen) {
                Ok(datagrams) => return Ok(Self { listener, datagrams, listen }),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

fn lacks_ipv6(error: &io::Error) -> bool {
    // EAFNOSUPPORT and EADDRNOTAVAIL, the first of which has no name in the library.
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(97)
}

fn socket(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn listener(listen: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(listen, Type::STREAM, Protocol::TCP)?;
    socket.set_reuse_address(true)?;
    socket.bind(&listen.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn datagrams(listen: SocketAddr) -> io::Result<UdpSocket> {
    let socket = socket(listen, Type::DGRAM, Protocol::UDP)?;
    socket.set_recv_buffer_size(DATAGRAMS_LEN)?;
    socket.bind(&listen.into())?;
    UdpSocket::from_std(socket.into())
}

/// How connections behave: small messages go at once, and whoever vanished is noticed.
pub(super) fn tune(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_tcp_nodelay(true)?;
    let keep_alive =
        TcpKeepalive::new().with_time(KEEP_ALIVE_AFTER).with_interval(KEEP_ALIVE_EVERY);
    socket.set_tcp_keepalive(&keep_alive)
}

/// What is a link has little on its way. The system knows better how much is right for a file, as long as
/// nobody has told it.
pub(super) fn keep_little(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_send_buffer_size(LINK_LEN)
}

/// Connects, from this address of ours if there is one.
pub(super) async fn connect(to: SocketAddr, from: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(from) = from.filter(|from| from.is_ipv4() == to.is_ipv4()) {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    let stream = socket.connect(to).await?;
    tune(&stream)?;
    Ok(stream)
}

/// An IPv4 address that a socket for both shows as one of IPv6.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// The form in which a socket of this kind takes an address.
pub(super) fn for_socket(address: SocketAddr, socket_is_ipv6: bool) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if socket_is_ipv6 => {
            SocketAddr::new(ip.to_ipv6_mapped().into(), address.port())
        }
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_protocols_get_the_same_port() {
        let sockets = Sockets::open("127.0.0.1:0".parse().unwrap()).unwrap();
        assert_ne!(sockets.listen.port(), 0);
        assert_eq!(sockets.listener.local_addr().unwrap(), sockets.listen);
        assert_eq!(sockets.datagrams.local_addr().unwrap(), sockets.listen);
        let again = Sockets::open(sockets.listen).map(|_| ()).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn addresses_are_those_of_the_network_and_not_of_the_socket() {
        let mapped: SocketAddr = "[::ffff:203.0.113.7]:6346".parse().unwrap();
        let plain: SocketAddr = "203.0.113.7:6346".parse().unwrap();
        assert_eq!(canonical(mapped), plain);
        assert_eq!(for_socket(plain, true), mapped);
        assert_eq!(for_socket(plain, false), plain);
        let ipv6: SocketAddr = "[2001:db8::1]:6346".parse().unwrap();
        assert_eq!((canonical(ipv6), for_socket(ipv6, true)), (ipv6, ipv6));
    }
}
