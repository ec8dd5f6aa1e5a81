//! A process that fetches a file is killed at any moment, again and again, until the file is whole.
//!
//! `cargo test --test runtime downloads::killed` kills it a hundred times;
//! `cargo test --test runtime -- --ignored ten_thousand_kills` ten thousand times, which takes
//! half an hour.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use filbert::base::limits::COMMIT_LEN_MAX;
use filbert::base::ranges::{ByteRange, RangeSet};
use filbert::control::model::DownloadState;
use filbert::gnutella::http::thex::TreeRows;
use filbert::library::hash::Digests;
use filbert::runtime::downloads::{Downloads, Wanted};
use filbert::runtime::uploads::Unfinished;
use filbert::transfer::download::journal::{self, Intent};
use filbert::transfer::download::{Finding, KnownBy, Origin};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::scene::{file_of, places, plan};

/// Says to the process what it is: where the source is, where the folder is, what is wanted.
const CHILD: &str = "FILBERT_TEST_DOWNLOADER";

/// Some times as much as stands in the journal at once.
const LEN: usize = 48 << 20;

/// Bytes of a piece of it.
const PIECE_LEN: u64 = 64 << 10;

/// Bytes that the source has sent and the disk has not got: 64 pieces that wait for the disk, 64 that wait for the task
/// of the file, and what the system keeps for a connection at both of its ends.
fn under_way_max() -> u64 {
    let kept = |what: &str| {
        let text = fs::read_to_string(format!("/proc/sys/net/ipv4/tcp_{what}")).unwrap_or_default();
        text.split_whitespace().last().and_then(|most| most.parse().ok()).unwrap_or(8 << 20)
    };
    2 * 64 * PIECE_LEN + kept("rmem") + kept("wmem")
}

/// What the process is that is killed: it fetches, and ends when the file is whole.
#[test]
#[ignore = "the other tests run it as a process of its own"]
fn downloader() {
    let told = std::env::var(CHILD).expect("it is no test by itself");
    let told: Vec<&str> = told.split(' ').collect();
    let (address, folder): (SocketAddr, PathBuf) = (told[0].parse().unwrap(), told[1].into());
    let digits = |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
    let intent = Intent {
        name: "file".to_owned(),
        known_by: KnownBy::Sha1(digits(told[2]).try_into().unwrap()),
        size: None,
        root: Some(digits(told[3]).try_into().unwrap()),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (downloads, _) = Downloads::start(plan(&folder, Unfinished::new(true))).await;
        if downloads.all().is_empty() && folder.join("file").exists() {
            return;
        }
        let findings = vec![Finding::by_urn(address, Origin::User)];
        let id = downloads.add(Wanted { intent, findings }).unwrap().id;
        while downloads.one(id).unwrap().state != DownloadState::Finished {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
}

/// The file that is fetched each time.
struct Wares {
    file: Bytes,
    intent: Intent,
    tree: Bytes,
}

impl Wares {
    fn new() -> Self {
        let file = file_of(LEN, 1);
        let Digests { sha1, tree, .. } = Digests::of(&file);
        let (name, root) = ("file".to_owned(), Some(tree.root()));
        let tree = TreeRows::new(tree.size(), tree.breadth_first()).unwrap().encode();
        Self {
            file,
            intent: Intent { name, known_by: KnownBy::Sha1(sha1), size: None, root },
            tree,
        }
    }
}

/// What the source was asked for, and has sent.
#[derive(Default)]
struct Notes {
    asked: Vec<ByteRange>,
    sent: u64,
}

/// A source that gives what it is asked for, as fast as it is taken.
fn source(wares: &Wares, notes: Arc<Mutex<Notes>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (file, tree) = (wares.file.clone(), wares.tree.clone());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (file, tree, notes) = (file.clone(), tree.clone(), Arc::clone(&notes));
            // Whoever asked may be dead.
            thread::spawn(move || drop(serve(&stream, &file, &tree, &notes)));
        }
    });
    address
}

fn serve(
    mut stream: &TcpStream,
    file: &Bytes,
    tree: &Bytes,
    notes: &Mutex<Notes>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    loop {
        let head: Vec<String> =
            lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        let Some(first) = head.first() else { return Ok(()) };
        if first.contains("/uri-res/N2X?") {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", tree.len());
            stream.write_all(&[head.as_bytes(), tree].concat())?;
            continue;
        }
        let range = head.iter().find_map(|line| line.strip_prefix("Range: bytes=")).unwrap();
        let (start, last) = range.split_once('-').unwrap();
        let end = (last.parse::<u64>().unwrap() + 1).min(file.len() as u64);
        let range = ByteRange::new(start.parse().unwrap(), end);
        notes.lock().unwrap().asked.push(range);
        let content = format!("Content-Range: bytes {range}/{}", file.len());
        let len = format!("Content-Length: {}", range.len());
        write!(stream, "HTTP/1.1 206 OK\r\nX-Alt: \r\n{content}\r\n{len}\r\n\r\n")?;
        for piece in file[places(range)].chunks(64 * 1_024) {
            stream.write_all(piece)?;
            notes.lock().unwrap().sent += piece.len() as u64;
        }
    }
}

fn spawn(told: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "downloads::killed::downloader", "--ignored"]).env(CHILD, told);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// What the journal says is there, which has to be so; nothing before the journal has begun.
fn verified(folder: &Path, intent: &Intent, file: &[u8]) -> RangeSet {
    let name = data_encoding::BASE32_NOPAD.encode(&intent.known_by.sha1().unwrap());
    let unfinished = folder.join(".filbert").join(name);
    let Ok(bytes) = fs::read(unfinished.with_extension("journal")) else { return RangeSet::new() };
    let Ok(recovered) = journal::replay(&bytes) else { return RangeSet::new() };
    let Ok(part) = fs::read(unfinished.with_extension("part")) else { return RangeSet::new() };
    for range in recovered.verified.iter() {
        assert!(part.get(places(range)) == file.get(places(range)), "{range} is wrong");
    }
    // Of what is there and right, the journal lacks no more than goes into it at once, and the pieces at its ends.
    let mut unknown = RangeSet::new();
    for start in (0..LEN as u64).step_by(64 << 10) {
        let piece = ByteRange::new(start, start + PIECE_LEN);
        if !recovered.verified.contains(piece) && part.get(places(piece)) == file.get(places(piece))
        {
            unknown.insert(piece);
        }
    }
    let len = unknown.len();
    assert!(len <= COMMIT_LEN_MAX + 2 * PIECE_LEN, "{len} bytes are there, and in no journal");
    recovered.verified
}

/// One file, with a process that is killed until the file is there. Returned is how often.
fn suffer(wares: &Wares, seed: u64) -> u64 {
    let since = Instant::now();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let Wares { file, intent, .. } = wares;
    let folder = std::env::temp_dir().join(format!("filbert-kills-{}-{seed}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let notes = Arc::new(Mutex::new(Notes::default()));
    let address = source(wares, Arc::clone(&notes));
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let (sha1, root) = (hex(&intent.known_by.sha1().unwrap()), hex(&intent.root.unwrap()));
    let told = format!("{address} {} {sha1} {root}", folder.display());
    let (mut kills, mut known) = (0_u64, RangeSet::new());
    while !folder.join("file").exists() {
        let before = std::mem::take(&mut notes.lock().unwrap().asked).len();
        let mut child = spawn(&told);
        let moment = Instant::now() + Duration::from_millis(rng.random_range(0..160));
        let mut has_ended = false;
        while Instant::now() < moment && !has_ended {
            has_ended = child.try_wait().unwrap().is_some_and(|status| {
                assert!(status.success(), "seed {seed}: it has failed by itself");
                true
            });
            thread::sleep(Duration::from_millis(1));
        }
        if has_ended {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        // What was verified before this life was not asked for again in it.
        let asked = notes.lock().unwrap().asked.clone();
        let twice = asked.iter().flat_map(|range| known.within(*range)).next();
        assert_eq!(twice, None, "seed {seed}: after {kills} kills ({before} requests before)");
        if folder.join("file").exists() {
            break;
        }
        let now = verified(&folder, intent, file);
        let lost = known.iter().find(|range| !now.contains(*range));
        assert_eq!(lost, None, "seed {seed}: lost after {kills} kills");
        known = now;
    }
    // A kill may have left both names; the next run finds that.
    assert!(spawn(&told).wait().unwrap().success());
    assert!(fs::read(folder.join("file")).unwrap() == *file, "seed {seed}: another file");
    let left = fs::read_dir(folder.join(".filbert")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "seed {seed}: something is left");
    let sent = notes.lock().unwrap().sent;
    let most = LEN as u64 + kills * (COMMIT_LEN_MAX + under_way_max());
    assert!(sent <= most, "seed {seed}: {sent} bytes were sent, and {most} are allowed");
    println!("seed {seed}: {kills} kills, {} MiB sent, {:?}", sent >> 20, since.elapsed());
    fs::remove_dir_all(&folder).unwrap();
    kills
}

fn suffer_often(kills_min: u64) {
    let (wares, since) = (Wares::new(), Instant::now());
    let mut kills = 0;
    for seed in 0.. {
        kills += suffer(&wares, seed);
        if kills >= kills_min {
            println!("{kills} kills in {} downloads, {:?}", seed + 1, since.elapsed());
            return;
        }
    }
}

/// DOWN-01, DOWN-09, DOWN-10
#[test]
fn a_hundred_kills_lose_nothing_that_was_verified() {
    suffer_often(100);
}

/// DOWN-01, DOWN-09, DOWN-10
#[test]
#[ignore = "takes half an hour"]
fn ten_thousand_kills_lose_nothing_that_was_verified() {
    suffer_often(10_000);
}
