//! Nodes of FastTrack as they are, and as they should not be, over real connections.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use filbert::base::kazaa_hash::{KzHash, UuHash};
use filbert::control::model::{Download, DownloadState};
use filbert::library::hash::{Digests, Wanted as Digested};
use filbert::runtime::downloads::Wanted;
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{Finding, KazaaHost, KazaaName, KnownBy, Origin};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::fetching::{Fetcher, head, value};
use crate::running::{PATIENCE, loopback};

fn file(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at.wrapping_mul(at) >> 9).to_le_bytes()[0]).collect()
}

fn kzhash(file: &[u8]) -> KzHash {
    Digests::wanted_of(file, Digested { kzhash: true }).kzhash.unwrap()
}

/// How somebody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// As giFT-FastTrack 0.8.9: 400 to `0-0`, to an open end and to an end behind the file, without a length; 206 without a
    /// range; one answer for each connection.
    Gift,
    /// It says that it gives another part than the one that it was asked for.
    OtherRange,
    /// It says that its file has another hash.
    OtherHash,
    /// Its file has another size, as it says.
    OtherSize,
    /// Its head never ends.
    EndlessHead,
    /// It has no line to say, and says much.
    Noise,
}

async fn serve(
    manner: Manner,
    file: Vec<u8>,
    listener: TcpListener,
    told: mpsc::UnboundedSender<u16>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(manner, file.clone(), stream, told.clone()));
    }
}

/// A range as giFT reads it.
fn range_of(head: &str, len: usize) -> Option<RangeInclusive<usize>> {
    let Some(range) = value(head, "Range") else { return Some(0..=len - 1) };
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (last > 0 && first <= last && last < len).then_some(first..=last)
}

async fn answer(
    manner: Manner,
    file: Vec<u8>,
    mut stream: TcpStream,
    told: mpsc::UnboundedSender<u16>,
) {
    let Some(request) = head(&mut stream).await else { return };
    let Some(range) = range_of(&request, file.len()) else {
        let _ = told.send(400);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        return;
    };
    let _ = told.send(206);
    let (mut first, mut size) = (*range.start(), file.len());
    let mut hash = kzhash(&file).uuhash;
    match manner {
        Manner::Gift => {}
        Manner::OtherRange => first += 70_000,
        Manner::OtherSize => size += 1,
        Manner::OtherHash => hash = UuHash([7; 20]),
        Manner::EndlessHead => {
            let _ = stream.write_all(b"HTTP/1.1 206 Partial Content\r\n").await;
            while stream.write_all(b"X-KazaaTag: 5=aaaaaaaaaaaaaaaaaaaaaaaa\r\n").await.is_ok() {}
            return;
        }
        Manner::Noise => {
            while stream.write_all(&[0xff; 4_096]).await.is_ok() {}
            return;
        }
    }
    let last = first + range.clone().count() - 1;
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{last}/{size}\r\n\
         Content-Length: {}\r\nServer: giFT-FastTrack/0.8.9\r\nX-Kazaa-Network: KaZaA\r\n\
         X-Kazaa-Username: gift\r\nX-KazaaTag: 3={}\r\nConnection: close\r\n\r\n",
        range.clone().count(),
        hash.to_text(),
    );
    let _ = stream.write_all(head.as_bytes()).await;
    // Liars send what is wrong, too.
    let mut bytes = file[range].to_vec();
    if manner != Manner::Gift {
        bytes.iter_mut().for_each(|byte| *byte ^= 0x55);
    }
    let _ = stream.write_all(&bytes).await;
}

/// A download from those with these manners; what they have told each time, and what became of it.
async fn fetched(
    n: u16,
    file: &[u8],
    size: Option<u64>,
    manners: &[Manner],
) -> (Vec<u16>, Download) {
    let fetcher = Fetcher::start(n, 0).await;
    let (told, mut heard) = mpsc::unbounded_channel();
    let hash = kzhash(file).uuhash;
    let mut findings = Vec::new();
    for (place, manner) in (1..).zip(manners) {
        let listener = TcpListener::bind((loopback(n + place), 0)).await.unwrap();
        let SocketAddr::V4(address) = listener.local_addr().unwrap() else { panic!() };
        let host = KazaaHost::unknown(hash);
        findings.push(Finding::of_kazaa(address, host, Origin::Hit));
        tokio::spawn(serve(*manner, file.to_vec(), listener, told.clone()));
    }
    let known_by = KnownBy::Kazaa(KazaaName::parts(hash));
    let intent = Intent { name: "fetched".to_owned(), known_by, size, root: None };
    let id = fetcher.downloads.add(Wanted { intent, findings }).unwrap().id;
    let whole = async {
        loop {
            let now = fetcher.downloads.one(id).unwrap();
            if now.state == DownloadState::Finished {
                return now;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let ended = timeout(PATIENCE, whole).await.expect("it is finished in time");
    assert!(std::fs::read(ended.path.as_ref().unwrap()).unwrap() == file, "{manners:?}");
    let mut all = Vec::new();
    while let Ok(status) = heard.try_recv() {
        all.push(status);
    }
    (all, ended)
}

/// FTHTTP-05, FTHTTP-06, FTHTTP-13, FTHASH-04
#[tokio::test(flavor = "multi_thread")]
async fn files_of_any_size_come_from_gift_also_where_nobody_has_said_the_size() {
    for (n, len) in (0..).zip([1_usize, 2, 10_240, 65_536, 65_537, 307_200, 307_201, 400_000]) {
        for (more, size) in [(0, None), (20, Some(len as u64))] {
            let n = 860 + n + more;
            let (told, ended) = fetched(n, &file(len), size, &[Manner::Gift]).await;
            assert!(!told.contains(&400), "{len} {size:?}: {told:?}");
            assert_eq!(ended.unverified, len > 307_200, "the MD5 covers as much of it");
        }
    }
}

/// FTHTTP-06, FTHTTP-09, FTHTTP-16: whoever lies is asked no more, and one honest node is enough.
#[tokio::test(flavor = "multi_thread")]
async fn liars_keep_nobody_from_a_file_that_an_honest_node_has() {
    let file = file(700_000);
    let liars = [
        Manner::OtherRange,
        Manner::OtherHash,
        Manner::OtherSize,
        Manner::EndlessHead,
        Manner::Noise,
        Manner::Gift,
    ];
    let (told, _) = fetched(910, &file, Some(700_000), &liars).await;
    assert!(told.len() > liars.len(), "{told:?}");
}
