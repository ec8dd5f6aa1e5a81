//! Files that FastTrack alone knows, between real nodes: one supernode, and ordinary nodes at it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use filbert::library::hash::{Digests, Wanted};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::home::{Home, Ran, wait_for, wait_until};
use crate::node::Node;

const NAME: &str = "slow river blues.ogg";
const LEN: usize = 1_500_000;

fn content() -> Vec<u8> {
    let byte = |at: usize| u32::try_from(at).unwrap().wrapping_mul(2_654_435_761).to_le_bytes()[2];
    (0..LEN).map(byte).collect()
}

/// A supernode, and whoever shares a file there.
struct Lab {
    name: String,
    supernode: Node,
    homes: Vec<Home>,
    sharers: Vec<Node>,
}

impl Lab {
    fn new(name: &str) -> Self {
        let home = Home::new(&format!("{name}-sn"));
        let arguments = ["--fasttrack", "on", "--fasttrack-role", "supernode", "--role", "leaf"];
        let supernode = Node::start(&home, &arguments);
        Self { name: name.to_owned(), supernode, homes: vec![home], sharers: Vec::new() }
    }

    /// An ordinary node at the supernode.
    fn ordinary(&self, home: &Home, more: &[&str]) -> Node {
        let supernode = self.supernode.listen.to_string();
        let own = ["--fasttrack", "on", "--fasttrack-role", "ordinary", "--role", "leaf"];
        let named = ["--fasttrack-connect", &supernode];
        Node::start(home, &[&own[..], &named, more].concat())
    }

    /// One that shares the file.
    fn share(&mut self, more: &[&str]) {
        let home = Home::new(&format!("{}-sharer{}", self.name, self.sharers.len()));
        let folder = home.path().join("music");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(NAME), content()).unwrap();
        let place = folder.to_string_lossy().into_owned();
        let sharer = self.ordinary(&home, &[&["--share", &place], more].concat());
        self.homes.push(home);
        self.sharers.push(sharer);
        let count = self.sharers.len();
        let is_there = |status: &Value| status["fasttrack"]["children"] == count;
        self.supernode.until_status("it is a child", is_there);
    }

    /// One that fetches.
    fn seeker(&self) -> (Home, Node) {
        let home = Home::new(&format!("{}-seeker", self.name));
        let seeker = self.start_again(&home);
        (home, seeker)
    }

    fn start_again(&self, home: &Home) -> Node {
        let downloads = home.path().join("fetched").to_string_lossy().into_owned();
        let seeker = self.ordinary(home, &["--downloads", &downloads]);
        seeker.until_status("its supernode", |status| status["fasttrack"]["supernodes"] == 1);
        seeker
    }
}

/// The numbers of a search and of one of its hits.
fn found(home: &Home, count: usize) -> (Value, String) {
    let max = count.to_string();
    let hit = wait_for("it is found", || {
        let Ran { code, out, .. } =
            home.run(&["search", "--json", "--max", &max, "--wait", "2", "slow", "river"]);
        let hits: Vec<Value> =
            out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let is_all = code == 0 && hits.len() == count;
        hits.first().cloned().filter(|_| is_all)
    });
    let what = format!("{}:{}", hit["search"], hit["number"]);
    (hit, what)
}

const UNVERIFIED: &str =
    "filbert: nobody can tell whether all of it is right: its hash covers some parts of it only\n";

/// FTHASH-04, FTNODE-10, FTHTTP-01
#[test]
fn a_hit_of_fasttrack_is_fetched_and_said_to_be_unverified() {
    let mut lab = Lab::new("kazaa");
    lab.share(&[]);
    let (home, seeker) = lab.seeker();
    let (hit, what) = found(&home, 1);
    assert_eq!((&hit["sha1"], &hit["size"]), (&Value::Null, &LEN.into()));
    assert_eq!(hit["supernode"], lab.supernode.listen.to_string());
    let Ran { code, out, err } = home.run(&["get", &what]);
    assert_eq!((code, err.as_str()), (0, UNVERIFIED), "{}", seeker.log());
    assert!(fs::read(out.trim_end()).unwrap() == content());
    let downloads = home.json(&["downloads"]);
    assert_eq!(
        (&downloads[0]["unverified"], &downloads[0]["state"]),
        (&true.into(), &"finished".into())
    );
    assert_eq!(downloads[0]["uuhash"], hit["kazaa_hash"]);
}

/// FTHASH-10, FTHASH-11: its sources are searched for by the hash, and a kzhash vouches for all of it.
#[test]
fn a_link_of_fasttrack_is_enough() {
    let mut lab = Lab::new("kazaa-link");
    lab.share(&[]);
    let (home, seeker) = lab.seeker();
    // It is in the index by then.
    found(&home, 1);
    let kzhash = Digests::wanted_of(&content(), Wanted { kzhash: true }).kzhash.unwrap();
    let sig2dat = format!("sig2dat:///|File:a.ogg|UUHash:{}|/", kzhash.uuhash.to_text());
    let Ran { code, out, err } = home.run(&["get", &sig2dat]);
    assert_eq!(code, 0, "{err}\n{}", seeker.log());
    assert!(err.ends_with(UNVERIFIED), "{err}");
    assert!(fs::read(out.trim_end()).unwrap() == content());
    let magnet = format!("magnet:?dn=b.ogg&xt={}", filbert::base::urn::Urn::KzHash(kzhash));
    let Ran { code, out, err } = home.run(&["get", &magnet]);
    assert_eq!(code, 0, "{err}\n{}", seeker.log());
    assert!(!err.contains("nobody can tell"), "{err}");
    assert!(fs::read(out.trim_end()).unwrap() == content());
}

/// FTNODE-11, FTNODE-12, FTNODE-13, FTNODE-14: nobody listens where it says, and it calls because it was pushed.
#[test]
fn who_cannot_be_called_is_pushed_through_the_supernode() {
    let mut lab = Lab::new("kazaa-push");
    lab.share(&["--advertise", "127.0.0.1:9"]);
    let (home, seeker) = lab.seeker();
    let (hit, what) = found(&home, 1);
    assert_eq!(hit["address"], "127.0.0.1:9");
    let Ran { code, out, err } = home.run(&["get", &what]);
    assert_eq!(code, 0, "{err}\n{}\n{}", seeker.log(), lab.sharers[0].log());
    assert!(fs::read(out.trim_end()).unwrap() == content());
}

/// FTHTTP-16
#[test]
fn several_that_have_one_hash_are_used_and_a_download_goes_on_after_a_restart() {
    let mut lab = Lab::new("kazaa-again");
    lab.share(&[]);
    lab.share(&[]);
    let (home, mut seeker) = lab.seeker();
    let limit = |node: &Node, rate: Value| {
        let body = json!({ "download_bytes_per_s": rate, "upload_bytes_per_s": null });
        let (code, answer) = node.ask("PUT", "/api/v1/bandwidth", Some(&body));
        assert_eq!(code, 200, "{answer}");
    };
    limit(&seeker, 100_000.into());
    let (_, what) = found(&home, 2);
    home.printed(&["get", "--detach", &what]);
    let download = |node: &Node| node.show("downloads")[0].clone();
    wait_until("both give", || {
        let now = download(&seeker);
        now["sources"] == 2 && now["done_bytes"].as_u64() > Some(200_000)
    });
    seeker.terminate(Signal::TERM);
    let seeker = lab.start_again(&home);
    let first = download(&seeker);
    assert_ne!(first["done_bytes"], 0, "{first}");
    let ended = wait_for("it is whole", || {
        let now = download(&seeker);
        (now["state"] == "finished").then_some(now)
    });
    assert_eq!(ended["unverified"], true);
    assert!(fs::read(ended["path"].as_str().unwrap()).unwrap() == content());
}

/// FTHTTP-03, FTHTTP-08: also where it has no such file.
#[test]
fn an_answer_says_where_its_sender_is_and_which_supernode_it_has() {
    let mut lab = Lab::new("kazaa-signs");
    lab.share(&[]);
    let sharer = &lab.sharers[0];
    let answer = wait_for("it has told of its supernode", || {
        let mut stream = TcpStream::connect(sharer.listen).unwrap();
        let hash = "0".repeat(40);
        write!(stream, "GET /.hash={hash} HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.contains("X-Kazaa-SupernodeIP").then_some(answer)
    });
    for header in [
        "X-Kazaa-Network: KaZaA".to_owned(),
        "X-Kazaa-Username: filbert".to_owned(),
        format!("X-Kazaa-IP: {}", sharer.listen),
        format!("X-Kazaa-SupernodeIP: {}", lab.supernode.listen),
    ] {
        assert!(answer.contains(&format!("{header}\r\n")), "{answer}");
    }
}
