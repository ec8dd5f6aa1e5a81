//! Whether the subject is alive: a few words that any node answers.

use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout_at};

use super::LOOKS_AGAIN;
use crate::base::time::Time;
use crate::fasttrack::link::{Link, Profile};
use crate::node::Network;

/// What a look at the subject shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It answers.
    Answers,
    /// It takes connections and says nothing, or closes them without a word.
    IsSilent,
    /// It takes no connections.
    IsGone,
}

/// A request that no node takes for one of its network.
const BROWSER: &[u8] =
    b"GET /is-anybody-there HTTP/1.1\r\nHost: subject\r\nUser-Agent: FilbertJudge\r\nConnection: close\r\n\r\n";

/// A handshake of a leaf. Also a refusal is an answer.
const LEAF: &[u8] = b"GNUTELLA CONNECT/0.6\r\nUser-Agent: FilbertJudge\r\nX-Ultrapeer: False\r\n\
    X-Query-Routing: 0.2\r\n\r\n";

/// Speaks with the subject until it answers, or patience ends: in the words of its network, or as a browser does.
/// `from` is the address to speak from, where one is to be chosen.
pub async fn look(
    subject: SocketAddrV4,
    from: Option<IpAddr>,
    network: Network,
    patience: Duration,
) -> Life {
    let until = Instant::now() + patience;
    let mut found = Life::IsGone;
    loop {
        for words in [hello(network), BROWSER.to_vec()] {
            // Whoever does not answer one of them may answer the other.
            let half = Instant::now() + until.duration_since(Instant::now()) / 2;
            match speak(subject, from, &words, half).await {
                Life::Answers => return Life::Answers,
                Life::IsSilent => found = Life::IsSilent,
                Life::IsGone => {}
            }
        }
        if Instant::now() + LOOKS_AGAIN >= until {
            return found;
        }
        sleep(LOOKS_AGAIN).await;
    }
}

fn hello(network: Network) -> Vec<u8> {
    match network {
        Network::Gnutella => LEAF.to_vec(),
        Network::FastTrack => {
            let mut link = Link::connect(&Profile::default(), Time::ZERO);
            std::iter::from_fn(|| link.transmit(Time::ZERO)).collect::<Vec<_>>().concat()
        }
    }
}

async fn speak(subject: SocketAddrV4, from: Option<IpAddr>, words: &[u8], until: Instant) -> Life {
    let Ok(Ok(mut stream)) = timeout_at(until, connect(subject, from)).await else {
        return Life::IsGone;
    };
    let answer = async {
        stream.write_all(words).await?;
        stream.read(&mut [0; 64]).await
    };
    match timeout_at(until, answer).await {
        Ok(Ok(1..)) => Life::Answers,
        _ => Life::IsSilent,
    }
}

async fn connect(subject: SocketAddrV4, from: Option<IpAddr>) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(from) = from {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    socket.connect(subject.into()).await
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    const SOON: Duration = Duration::from_millis(300);

    /// Somebody who does so with each connection.
    async fn somebody(answers: bool, closes: bool) -> SocketAddrV4 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let SocketAddr::V4(own) = listener.local_addr().unwrap() else { panic!() };
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                if answers {
                    let _ = stream.write_all(b"GNUTELLA/0.6 503 Full\r\n\r\n").await;
                }
                if !closes {
                    kept.push(stream);
                }
            }
        });
        own
    }

    #[tokio::test]
    async fn who_refuses_lives() {
        for (network, closes) in [(Network::Gnutella, true), (Network::FastTrack, false)] {
            let subject = somebody(true, closes).await;
            assert_eq!(look(subject, None, network, SOON).await, Life::Answers);
        }
    }

    #[tokio::test]
    async fn who_says_nothing_is_silent_and_who_is_not_there_is_gone() {
        for closes in [true, false] {
            let subject = somebody(false, closes).await;
            assert_eq!(look(subject, None, Network::Gnutella, SOON).await, Life::IsSilent);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let SocketAddr::V4(gone) = listener.local_addr().unwrap() else { panic!() };
        drop(listener);
        assert_eq!(look(gone, None, Network::Gnutella, SOON).await, Life::IsGone);
    }

    #[tokio::test]
    async fn both_networks_are_greeted_in_their_words() {
        assert!(hello(Network::Gnutella).starts_with(b"GNUTELLA CONNECT/0.6\r\n"));
        assert_eq!(hello(Network::FastTrack).get(..4), Some(&[0xfa, 0x00, 0xb6, 0x2b][..]));
    }
}
