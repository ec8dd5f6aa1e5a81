//! How a node ends that has neighbours.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use filbert::control::model::{Bandwidth, Peer};
use filbert::gnutella::wire::{Frame, Guid};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::crowd::{join, roomy, socket};
use crate::running::{PATIENCE, Running};
use crate::support::messages::{guid, hit, query};

/// How long an end may take.
const END: Duration = Duration::from_secs(5);

/// Neighbours that read, and such that do not.
const READERS: u16 = 50;
const OTHERS: u16 = 10;

/// Searches of each of these, and hits for each. Together they are more than the system keeps for a
/// connection, and so few for each search that they are passed on however full the line is.
const SEARCHES: u32 = 6;
const HITS: u32 = 8;

/// A hit that is nearly as long as may be passed on.
fn long_hit(guid: Guid) -> Frame {
    hit(guid, 1, &"x".repeat(16_000))
}

fn bytes_of(frames: impl Iterator<Item = Frame>) -> BytesMut {
    let mut bytes = BytesMut::new();
    frames.for_each(|frame| frame.encode(&mut bytes));
    bytes
}

/// Rounds in which lines are filled at most: the system keeps more for some connections than for others.
const ROUNDS: u32 = 8;

/// The searches of a neighbour in a round.
fn searches(neighbour: usize, round: u32) -> impl Iterator<Item = Guid> {
    let first = (u32::try_from(neighbour).unwrap() * ROUNDS + round) * SEARCHES;
    (first..first + SEARCHES).map(guid)
}

/// How many neighbours are so.
async fn count(node: &Running, is_so: impl Fn(&Peer) -> bool) -> usize {
    node.peers().await.iter().filter(|peer| is_so(peer)).count()
}

/// Neighbours search and do not read what `feeder` answers, until the node has more for each than it can write.
async fn fill(node: &Running, feeder: &mut TcpStream, neighbours: &mut [TcpStream]) {
    let since = Instant::now();
    for round in 0..ROUNDS {
        for (number, neighbour) in neighbours.iter_mut().enumerate() {
            let words = |guid: Guid| query(guid, 3, &format!("words {guid}"));
            neighbour.write_all(&bytes_of(searches(number, round).map(words))).await.unwrap();
        }
        let asked = u64::from((round + 1) * SEARCHES);
        while count(node, |peer| peer.received_messages >= asked).await < neighbours.len() {
            assert!(since.elapsed() < PATIENCE, "{:?}", node.status().await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for guid in (0..neighbours.len()).flat_map(|number| searches(number, round)) {
            let hits = (0..HITS).map(|_| long_hit(guid));
            feeder.write_all(&bytes_of(hits)).await.unwrap();
        }
        for _ in 0..200 {
            if count(node, |peer| peer.queue.bytes > 0).await >= neighbours.len() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    panic!("some lines took all: {:?}", node.status().await);
}

/// Reads on to the end; whether goodbye was among what was said.
async fn hears_goodbye(mut stream: TcpStream) -> bool {
    let (mut heard, goodbye) = (Vec::new(), b"Shutting down");
    stream.read_to_end(&mut heard).await.unwrap();
    heard.windows(goodbye.len()).any(|bytes| bytes == goodbye)
}

/// BYE-16: whoever does not read holds up neither the end nor the goodbyes to others.
#[tokio::test(flavor = "multi_thread")]
async fn neighbours_whose_lines_are_full_hold_up_nobody() {
    let node = Running::with(40, roomy(READERS + OTHERS + 1));
    let mut readers = Vec::new();
    for n in 0..READERS {
        readers.push(join(socket(3_000 + n), node.address).await);
    }
    let mut others = Vec::new();
    for n in 0..OTHERS {
        let socket = socket(3_100 + n);
        socket.set_recv_buffer_size(4_096).unwrap();
        others.push(join(socket, node.address).await);
    }
    let mut feeder = join(socket(3_200), node.address).await;
    fill(&node, &mut feeder, &mut others).await;
    let readers: Vec<_> =
        readers.into_iter().map(|reader| tokio::spawn(hears_goodbye(reader))).collect();
    let since = Instant::now();
    node.end().await;
    let took = since.elapsed();
    assert!(took < END, "{took:?}");
    for reader in readers {
        assert!(reader.await.unwrap());
    }
}

/// BYE-16: what the user allows to be sent is for what is not the last word.
#[tokio::test(flavor = "multi_thread")]
async fn goodbye_does_not_wait_for_a_narrow_line() {
    let node = Running::with(41, roomy(2));
    let mut asker = join(socket(3_210), node.address).await;
    let mut feeder = join(socket(3_211), node.address).await;
    asker.write_all(&bytes_of([query(guid(1), 3, "words")].into_iter())).await.unwrap();
    node.until("the search has come", |status| status.totals.received_messages > 0).await;
    let narrow = Bandwidth { upload_bytes_per_s: Some(100), download_bytes_per_s: None };
    node.engine.limit(narrow).await;
    feeder.write_all(&bytes_of((0..3).map(|_| long_hit(guid(1))))).await.unwrap();
    let since = Instant::now();
    while !node.peers().await.iter().any(|peer| peer.queue.bytes > 0) {
        assert!(since.elapsed() < PATIENCE, "{:?}", node.peers().await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let asker = tokio::spawn(hears_goodbye(asker));
    let feeder = tokio::spawn(hears_goodbye(feeder));
    let since = Instant::now();
    node.end().await;
    let took = since.elapsed();
    assert!(took < END, "{took:?}");
    assert!(asker.await.unwrap() && feeder.await.unwrap());
}

/// What comes bit by bit for somebody who does not read is bounded as what comes at once (FLOW-01): beyond that it
/// is dropped.
#[tokio::test(flavor = "multi_thread")]
async fn what_trickles_in_for_a_slow_neighbour_is_bounded() {
    const TOO_MANY: u32 = 40;
    let node = Running::with(43, roomy(2));
    let mut asker = join(socket(3_220), node.address).await;
    let mut feeder = join(socket(3_221), node.address).await;
    let words = (0..TOO_MANY).map(|number| query(guid(number), 3, "words"));
    asker.write_all(&bytes_of(words)).await.unwrap();
    node.until("the searches have come", |status| {
        status.totals.received_messages >= TOO_MANY.into()
    })
    .await;
    let narrow = Bandwidth { upload_bytes_per_s: Some(100), download_bytes_per_s: None };
    node.engine.limit(narrow).await;
    for number in 0..TOO_MANY {
        let before = node.status().await.totals.received_messages;
        let hit = long_hit(guid(number));
        feeder.write_all(&bytes_of([hit].into_iter())).await.unwrap();
        node.until("it has come", |status| status.totals.received_messages > before).await;
    }
    let shed = node.status().await.totals.shed_messages;
    let waiting: u64 = node.peers().await.iter().map(|peer| peer.queue.bytes).sum();
    assert!(shed > 0, "{waiting} bytes wait");
    assert!(waiting < 200_000, "{waiting} bytes wait");
}
