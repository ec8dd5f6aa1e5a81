//! Files that FastTrack knows, over real connections.

use std::fs;
use std::net::{SocketAddr, SocketAddrV4};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use filbert::base::kazaa_hash::KzHash;
use filbert::control::desk::Desk;
use filbert::control::model::{Download, DownloadState};
use filbert::fasttrack::http::{Give, Sender};
use filbert::gnutella::holder::{Holder, Own};
use filbert::library::hash::{Digests, Wanted as Digested};
use filbert::runtime::downloads::{KazaaPush, Wanted};
use filbert::runtime::engine::Lines;
use filbert::runtime::sharing::{self, Sharing};
use filbert::runtime::uploads::{LibraryFiles, Outlets, Plan, Uploads};
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{Finding, KazaaHost, KazaaName, KnownBy, Origin};
use filbert::transfer::upload::{About, Terms};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::fetching::{Fetcher, head, value};
use crate::running::{PATIENCE, loopback};

const WANTED: Digested = Digested { kzhash: true };

fn file() -> Vec<u8> {
    (0..1_500_000_u32).map(|at| (at.wrapping_mul(at) >> 9).to_le_bytes()[0]).collect()
}

fn kzhash() -> KzHash {
    Digests::wanted_of(&file(), WANTED).kzhash.unwrap()
}

/// A node that shares one file and calls others, and is not called.
struct Sharer {
    place: PathBuf,
    sharing: Sharing,
    uploads: Uploads,
    _held: (mpsc::Sender<filbert::runtime::engine::Arrival>, Outlets),
}

impl Sharer {
    async fn start(n: u16) -> Self {
        let place = std::env::temp_dir().join(format!("filbert-kazaa-{n}-{}", std::process::id()));
        let share = place.join("share");
        fs::create_dir_all(&share).unwrap();
        fs::create_dir_all(place.join("home")).unwrap();
        fs::write(share.join("large.bin"), file()).unwrap();
        let plan = sharing::Plan {
            folders: vec![share],
            home: place.join("home"),
            threads: 1,
            digests: WANTED,
            ..sharing::Plan::default()
        };
        let sharing = Sharing::start(plan).unwrap();
        let (hash, mut inventory) = (kzhash().uuhash, sharing.inventory());
        let is_there = inventory.wait_for(|inventory| inventory.with_uuhash(&hash).is_some());
        timeout(PATIENCE, is_there).await.unwrap().unwrap();
        let plan = Plan {
            terms: Terms { slots: 1, slots_per_host: 1, queue_len: 1 },
            files: Arc::new(LibraryFiles::new(sharing.inventory(), None, sharing.doubts())),
            about: About {
                server: "Test/1".to_owned(),
                holder: Holder::ours(&Own::default(), &[]),
                node: None,
                behind: None,
                allow_private: true,
                kazaa: Some(Sender { user: Some("we".to_owned()), ..Sender::default() }),
            },
            seed: 1,
            lines: Lines::alone(),
            desk: Desk::new().0,
        };
        let (visitors, arriving) = mpsc::channel(1);
        let (uploads, outlets) = Uploads::start(plan, arriving);
        Self { place, sharing, uploads, _held: (visitors, outlets) }
    }

    async fn end(self) {
        self.uploads.end().await;
        assert!(self.sharing.end().await);
        fs::remove_dir_all(&self.place).unwrap();
    }
}

/// FTNODE-12, FTHTTP-01, FTHTTP-06, FTHTTP-14: a file of a shared folder goes to somebody whom we call because of a push.
#[tokio::test]
async fn whoever_is_called_with_give_gets_a_file_by_its_hash() {
    let sharer = Sharer::start(830).await;
    let listener = TcpListener::bind((loopback(830), 0)).await.unwrap();
    let to = listener.local_addr().unwrap();
    let outcome = sharer.uploads.door().call(to, Give { push: 42 }).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut line = [0; 9];
    stream.read_exact(&mut line).await.unwrap();
    assert_eq!(&line, b"GIVE 42\r\n");
    let request = format!(
        "GET /.hash={} HTTP/1.1\r\nUserAgent: giFT\r\nX-Kazaa-Network: KaZaA\r\n\
         Range: bytes=1000000-1499999\r\nConnection: close\r\n\r\n",
        kzhash().uuhash
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&answer[..end]);
    assert!(head.starts_with("HTTP/1.1 206 Partial Content\r\n"), "{head}");
    assert!(head.contains("\r\nContent-Range: bytes 1000000-1499999/1500000\r\n"), "{head}");
    assert!(head.contains("\r\nX-Kazaa-Username: we\r\n"), "{head}");
    assert!(answer[end..] == file()[1_000_000..]);
    assert_eq!(timeout(PATIENCE, outcome.has_asked()).await.unwrap(), Some(true));
    sharer.end().await;
}

fn finding(address: SocketAddr) -> Finding {
    let SocketAddr::V4(address) = address else { panic!("{address}") };
    let supernode = Some("198.51.100.1:1214".parse().unwrap());
    let (user, network) = ("bob".to_owned(), "KaZaA".to_owned());
    let host = KazaaHost { hash: kzhash().uuhash, user, network, supernode };
    Finding::of_kazaa(address, host, Origin::Hit)
}

fn intent(kazaa: KazaaName) -> Intent {
    let size = Some(file().len() as u64);
    Intent { name: "fetched".to_owned(), known_by: KnownBy::Kazaa(kazaa), size, root: None }
}

async fn finished(fetcher: &Fetcher, id: u64) -> Download {
    let whole = async {
        loop {
            let now = fetcher.downloads.one(id).unwrap();
            if now.state == DownloadState::Finished {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, whole).await.expect("it is finished in time")
}

/// A node of FastTrack as Kazaa 2.x is: a request for each connection. What it was asked is told.
async fn serve(listener: TcpListener, asked: mpsc::UnboundedSender<String>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, asked.clone()));
    }
}

async fn answer(mut stream: TcpStream, asked: mpsc::UnboundedSender<String>) {
    let Some(request) = head(&mut stream).await else { return };
    let range = value(&request, "Range").unwrap().strip_prefix("bytes=").unwrap();
    let (first, last) = range.split_once('-').unwrap();
    let [first, last] = [first, last].map(|at| at.parse::<usize>().unwrap());
    let bytes = file();
    let answer = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{last}/{}\r\n\
         Content-Length: {}\r\nServer: KazaaClient Nov  3 2002 20:29:03\r\nConnection: close\r\n\
         X-Kazaa-Username: bob\r\nX-KazaaTag: 3={}\r\n\r\n",
        bytes.len(),
        last + 1 - first,
        kzhash().uuhash.to_text(),
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.write_all(&bytes[first..=last]).await.unwrap();
    let _ = asked.send(request);
}

/// FTHASH-04, FTHTTP-01, FTHTTP-13, FTHTTP-16
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_fasttrack_comes_from_one_that_closes_each_connection() {
    for (n, kazaa) in [(832, KazaaName::parts(kzhash().uuhash)), (834, kzhash().into())] {
        let fetcher = Fetcher::start(n, 0).await;
        let listener = TcpListener::bind((loopback(n + 1), 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, mut heard) = mpsc::unbounded_channel();
        let serving = tokio::spawn(serve(listener, asked));
        let wanted = Wanted { intent: intent(kazaa), findings: vec![finding(address)] };
        let begun = fetcher.downloads.add(wanted.clone()).unwrap();
        assert_eq!((begun.sha1, begun.unverified), (None, kazaa.root.is_none()));
        assert_eq!(begun.uuhash, Some(kzhash().uuhash.to_string()));
        assert_eq!(fetcher.downloads.add(wanted).unwrap().id, begun.id, "it is on its way");
        let ended = finished(&fetcher, begun.id).await;
        let sha1 = data_encoding::BASE32_NOPAD.encode(&Digests::of(&file()).sha1);
        assert_eq!((ended.sha1, ended.unverified), (Some(sha1), kazaa.root.is_none()));
        assert!(fs::read(ended.path.unwrap()).unwrap() == file());
        let request = heard.recv().await.unwrap();
        let line = format!("GET /.hash={} HTTP/1.1\r\n", kzhash().uuhash);
        assert!(request.starts_with(&line), "{request}");
        assert_eq!(value(&request, "UserAgent"), Some("Test/1"));
        assert_eq!(value(&request, "Connection"), Some("close"));
        assert!(heard.try_recv().is_ok(), "it was asked more than once");
        serving.abort();
    }
}

/// FTNODE-12, FTNODE-14, FTHTTP-14: both ends of it are ours, and the supernode between them is the test.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_cannot_be_called_is_pushed_and_gives_the_file() {
    let (sharer, fetcher) = (Sharer::start(836).await, Fetcher::start(837, 0).await);
    let mut pushes = fetcher.downloads.kazaa_pushes().unwrap();
    assert!(fetcher.downloads.kazaa_pushes().is_none(), "one listens");
    let to = fetcher.address;
    let inside = SocketAddr::V4(SocketAddrV4::new([127, 0, 0, 9].into(), 9));
    let firewalled = Finding { is_firewalled: true, ..finding(inside) };
    let wanted = Wanted { intent: intent(kzhash().into()), findings: vec![firewalled] };
    let id = fetcher.downloads.add(wanted).unwrap().id;
    let asked = timeout(PATIENCE, pushes.recv()).await.unwrap().unwrap();
    let KazaaPush::Ask { request, address, host } = asked else { panic!("{asked:?}") };
    let number = 4_000_000_000;
    fetcher.downloads.kazaa_push_sent(request, Ok(number));
    assert_eq!((address, host.user.as_str()), (inside, "bob"));
    // Whoever names a push that is none of ours is hung up on.
    let mut stranger = TcpStream::connect(to).await.unwrap();
    stranger.write_all(Give { push: number + 7 }.to_string().as_bytes()).await.unwrap();
    let mut said = Vec::new();
    let ended = timeout(PATIENCE, stranger.read_to_end(&mut said)).await.expect("hung up on");
    assert!(said.is_empty(), "{ended:?} {said:?}");
    let door = sharer.uploads.door();
    door.call(to, Give { push: number }).await.unwrap();
    let over = timeout(PATIENCE, pushes.recv()).await.unwrap().unwrap();
    assert_eq!(over, KazaaPush::Over { number }, "the node need not wait for it any more");
    let ended = async {
        loop {
            tokio::select! {
                ended = finished(&fetcher, id) => return ended,
                Some(KazaaPush::Ask { request, .. }) = pushes.recv() => {
                    let number = 1_000 + u32::try_from(request).unwrap();
                    fetcher.downloads.kazaa_push_sent(request, Ok(number));
                    door.call(to, Give { push: number }).await.unwrap();
                }
            }
        }
    };
    let ended = timeout(PATIENCE, ended).await.unwrap();
    assert!(!ended.unverified && fs::read(ended.path.unwrap()).unwrap() == file());
    sharer.end().await;
}
