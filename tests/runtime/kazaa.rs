//! Files that FastTrack knows, over real connections.

use std::fs;
use std::sync::Arc;

use filbert::control::desk::Desk;
use filbert::fasttrack::http::{Give, Sender};
use filbert::gnutella::holder::{Holder, Own};
use filbert::library::hash::{Digests, Wanted};
use filbert::runtime::engine::Lines;
use filbert::runtime::sharing::{self, Sharing};
use filbert::runtime::uploads::{LibraryFiles, Plan, Uploads};
use filbert::transfer::upload::{About, Terms};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::running::{PATIENCE, loopback};

const WANTED: Wanted = Wanted { kzhash: true };

/// FTNODE-12, FTHTTP-01, FTHTTP-06, FTHTTP-14: a file of a shared folder goes to somebody whom we call because of a push.
#[tokio::test]
async fn whoever_is_called_with_give_gets_a_file_by_its_hash() {
    let place = std::env::temp_dir().join(format!("filbert-kazaa-{}", std::process::id()));
    let share = place.join("share");
    fs::create_dir_all(&share).unwrap();
    let bytes: Vec<u8> =
        (0..1_500_000_u32).map(|at| (at.wrapping_mul(at) >> 9).to_le_bytes()[0]).collect();
    fs::write(share.join("large.bin"), &bytes).unwrap();
    let plan = sharing::Plan {
        folders: vec![share],
        home: place.join("home"),
        threads: 1,
        digests: WANTED,
        ..sharing::Plan::default()
    };
    fs::create_dir_all(&plan.home).unwrap();
    let sharing = Sharing::start(plan).unwrap();
    let hash = Digests::wanted_of(&bytes, WANTED).kzhash.unwrap().uuhash;
    let mut inventory = sharing.inventory();
    let is_there = inventory.wait_for(|inventory| inventory.with_uuhash(&hash).is_some());
    timeout(PATIENCE, is_there).await.unwrap().unwrap();
    let own = Own::default();
    let kazaa = Sender { user: Some("we".to_owned()), ..Sender::default() };
    let (_visitors, arriving) = mpsc::channel(1);
    let plan = Plan {
        terms: Terms { slots: 1, slots_per_host: 1, queue_len: 1 },
        files: Arc::new(LibraryFiles::new(sharing.inventory(), None, sharing.doubts())),
        about: About {
            server: "Test/1".to_owned(),
            holder: Holder::ours(&own, &[]),
            node: None,
            behind: None,
            allow_private: true,
            kazaa: Some(kazaa),
        },
        seed: 1,
        lines: Lines::alone(),
        desk: Desk::new().0,
    };
    let (uploads, _outlets) = Uploads::start(plan, arriving);

    let listener = TcpListener::bind((loopback(830), 0)).await.unwrap();
    let to = listener.local_addr().unwrap();
    let outcome = uploads.door().call(to, Give { push: 42 }).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut line = [0; 9];
    stream.read_exact(&mut line).await.unwrap();
    assert_eq!(&line, b"GIVE 42\r\n");
    let request = format!(
        "GET /.hash={hash} HTTP/1.1\r\nUserAgent: giFT\r\nX-Kazaa-Network: KaZaA\r\n\
         Range: bytes=1000000-1499999\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&answer[..end]);
    assert!(head.starts_with("HTTP/1.1 206 Partial Content\r\n"), "{head}");
    assert!(head.contains("\r\nContent-Range: bytes 1000000-1499999/1500000\r\n"), "{head}");
    assert!(head.contains("\r\nX-Kazaa-Username: we\r\n"), "{head}");
    assert!(answer[end..] == bytes[1_000_000..]);
    assert_eq!(timeout(PATIENCE, outcome.has_asked()).await.unwrap(), Some(true));
    uploads.end().await;
    assert!(sharing.end().await);
    fs::remove_dir_all(&place).unwrap();
}
