//! FastTrack, as somebody has it who sits at a terminal.

use std::fs;

use serde_json::Value;

use crate::home::{Home, wait_for};
use crate::node::Node;

const NAME: &str = "slow river blues.ogg";

fn content() -> Vec<u8> {
    (0..700_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect()
}

/// A supernode, an ordinary node that shares a file, and one that seeks.
struct Lab {
    home: Home,
    seeker: Node,
    supernode: Node,
    _sharer: Node,
    _homes: [Home; 2],
}

impl Lab {
    fn new(name: &str) -> Self {
        let home = |part: &str| Home::new(&format!("{name}-{part}"));
        let (above, sharing, seeking) = (home("above"), home("sharer"), home("seeker"));
        let folder = sharing.path().join("music");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(NAME), content()).unwrap();
        let on = ["--role", "leaf", "--fasttrack", "on", "--fasttrack-role"];
        let supernode = Node::start(&above, &[&on[..], &["supernode"]].concat());
        let (to, folder) = (supernode.listen.to_string(), folder.to_string_lossy().into_owned());
        let share = ["ordinary", "--fasttrack-connect", &to, "--share", &folder];
        let sharer = Node::start(&sharing, &[&on[..], &share].concat());
        let downloads = seeking.path().join("fetched").to_string_lossy().into_owned();
        let seek = ["ordinary", "--downloads", &downloads];
        let seeker = Node::start(&seeking, &[&on[..], &seek].concat());
        supernode.until_status("a child", |status| status["fasttrack"]["children"] == 1);
        Self { home: seeking, seeker, supernode, _sharer: sharer, _homes: [above, sharing] }
    }

    /// Has the one that seeks call the supernode.
    fn connect(&self) {
        let to = self.supernode.listen.to_string();
        let said = self.home.printed(&["connect", "--network", "fasttrack", &to]);
        assert!(said.starts_with(&format!("connected with the supernode {to} as peer ")), "{said}");
        let is_child = |status: &Value| status["fasttrack"]["supernodes"] == 1;
        self.seeker.until_status("its supernode", is_child);
    }

    /// What a search in one network finds, as soon as that is something.
    fn search(&self) -> Value {
        wait_for("the file is found", || {
            let arguments = ["search", "river", "--network", "fasttrack", "--json", "--max", "1"];
            let ran = self.home.run(&[&arguments[..], &["--wait", "2"]].concat());
            (ran.code == 0).then(|| serde_json::from_str(&ran.out).unwrap())
        })
    }
}

/// FTNODE-07, FTSEARCH-01
#[test]
fn a_node_calls_its_supernode_and_finds_and_fetches_what_others_share() {
    let lab = Lab::new("fasttrack");
    lab.connect();
    let peers = lab.home.json(&["peers"]);
    assert_eq!(
        (&peers[0]["network"], &peers[0]["role"]),
        (&"fasttrack".into(), &"supernode".into())
    );
    let hosts = lab.home.json(&["hosts"]);
    let supernode = lab.supernode.listen.to_string();
    assert_eq!(
        (&hosts[0]["network"], &hosts[0]["address"]),
        (&"fasttrack".into(), &supernode.into())
    );
    let hit = lab.search();
    assert_eq!((&hit["name"], &hit["network"]), (&NAME.into(), &"fasttrack".into()));
    assert_eq!((&hit["size"], &hit["user"]), (&content().len().into(), &"filbert".into()));
    let number = format!("{}:{}", hit["search"], hit["number"]);
    let ran = lab.home.run(&["get", &number]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let downloads = lab.home.json(&["downloads"]);
    let download = &downloads[0];
    assert_eq!((&download["state"], &download["unverified"]), (&"finished".into(), &true.into()));
    assert_eq!(&download["uuhash"], &hit["kazaa_hash"]);
    assert!(fs::read(lab.home.path().join("fetched").join(NAME)).unwrap() == content());
    let elsewhere = ["search", "river", "--network", "gnutella", "--wait", "1"];
    assert_eq!(lab.home.run(&elsewhere).code, 1, "that network is another");
}

#[test]
fn a_node_without_part_in_fasttrack_says_what_to_do() {
    let home = Home::new("no-fasttrack");
    let _node = Node::start(&home, &["--role", "leaf"]);
    let wanted = "this node has no part in FastTrack; start it with '--fasttrack on'";
    for arguments in [
        ["search", "river", "--network", "fasttrack"],
        ["connect", "127.0.0.1:9", "--network", "fasttrack"],
    ] {
        assert_eq!(home.run(&arguments).complaint(1), wanted);
    }
}
