//! Files that are searched and fetched by people at a terminal, between real nodes.

use std::fs;
use std::path::PathBuf;
use std::thread;

use rustix::process::Signal;
use serde_json::json;

use crate::home::{Home, Ran, wait_for, wait_until};
use crate::node::Node;

const FIRST: &str = "slow river blues.ogg";
const SECOND: &str = "quick harbour song.ogg";

/// A node that shares two files, one that seeks, and one between them.
struct Lab {
    seeker_home: Home,
    seeker: Node,
    sharer: Node,
    _ultrapeer: Node,
    _homes: [Home; 2],
}

fn content(seed: u8) -> Vec<u8> {
    let byte = |at: u32| at.wrapping_mul(2_654_435_761).to_le_bytes()[2] ^ seed;
    (0..1_500_000).map(byte).collect()
}

impl Lab {
    fn new(name: &str) -> Self {
        let home = |part: &str| Home::new(&format!("{name}-{part}"));
        let (ultrapeer_home, sharer_home, seeker_home) =
            (home("up"), home("sharer"), home("seeker"));
        let folder = sharer_home.path().join("music");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(FIRST), content(1)).unwrap();
        fs::write(folder.join(SECOND), content(2)).unwrap();
        let ultrapeer = Node::start(&ultrapeer_home, &["--role", "ultrapeer"]);
        let to = ultrapeer.listen.to_string();
        // Its first run reads the files. The next one knows them all at once, and so does its first table of words.
        let place = folder.to_string_lossy().into_owned();
        let share = ["--role", "leaf", "--share", &place];
        let mut first = Node::start(&sharer_home, &share);
        let count = |node: &Node| node.show("library")["files"].as_array().unwrap().len();
        wait_until("the files are hashed", || count(&first) == 2);
        first.terminate(Signal::TERM);
        let sharer = Node::start(&sharer_home, &share);
        wait_until("they are known", || count(&sharer) == 2);
        let (code, _) = sharer.ask("POST", "/api/v1/peers", Some(&json!({ "address": to })));
        assert_eq!(code, 202);
        let downloads = seeker_home.path().join("fetched").to_string_lossy().into_owned();
        let seek = ["--role", "leaf", "--downloads", &downloads, "--connect", &to];
        let seeker = Node::start(&seeker_home, &seek);
        ultrapeer.until_status("both leaves", |status| status["links"]["leaves"] == 2);
        let homes = [ultrapeer_home, sharer_home];
        Self { seeker_home, seeker, sharer, _ultrapeer: ultrapeer, _homes: homes }
    }

    /// Searches until something is found: nobody is asked whose table has not come yet.
    fn found(&self, words: &[&str]) -> String {
        let search = [&["search", "--max", "1", "--wait", "2"], words].concat();
        wait_for("it is found", || {
            let Ran { code, out, .. } = self.seeker_home.run(&search);
            (code == 0).then_some(out)
        })
    }

    /// The link by which the sharer names a file.
    fn link_to(&self, name: &str) -> String {
        let library = self.sharer.show("library");
        let mut files = library["files"].as_array().unwrap().iter();
        files.find(|file| file["name"] == name).unwrap()["magnet"].as_str().unwrap().to_owned()
    }
}

/// MAGNET-07, MAGNET-08, MAGNET-09
#[test]
fn what_was_found_is_fetched_later_by_its_number_and_what_was_not_by_its_link() {
    let lab = Lab::new("fetching");
    let home = &lab.seeker_home;
    let found = lab.found(&["slow", "river"]);
    let hit = found.lines().nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let (search, _) = hit.split_once(':').unwrap();
    let search_id: u64 = search.parse().unwrap();

    // The search is over, and its hits are there.
    let searches = home.json(&["searches"]);
    let kept = searches.as_array().unwrap().iter().find(|kept| kept["id"] == search_id);
    assert_eq!(
        (&kept.unwrap()["state"], &kept.unwrap()["hits_kept"]),
        (&"ended".into(), &1.into())
    );
    let again = home.run(&["searches", search]);
    assert!(again.out.contains(&format!("\n{hit} ")) && again.out.contains(FIRST), "{}", again.out);

    // A name that is taken is left alone.
    let folder = home.path().join("fetched");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(FIRST), b"mine").unwrap();
    let Ran { code, out, err } = home.run(&["get", &hit]);
    assert_eq!(code, 0, "{err}");
    let path = PathBuf::from(out.trim_end());
    assert_eq!(path, folder.join("slow river blues (1).ogg"));
    assert!(fs::read(path).unwrap() == content(1));
    assert_eq!(fs::read(folder.join(FIRST)).unwrap(), b"mine");

    // Nothing but the link is known of the other file: the node looks for somebody who has it.
    let link = lab.link_to(SECOND);
    let by_link = lab.found(&[&link]);
    assert!(by_link.contains(SECOND), "{by_link}");
    let without_source = link.split("&xs=").next().unwrap();
    let Ran { code, out, err } = home.run(&["get", without_source]);
    assert_eq!(code, 0, "{err}");
    assert!(fs::read(out.trim_end()).unwrap() == content(2));
    let searching = "filbert: nobody is known who has it; the node searches for somebody\n";
    assert!(err.is_empty() || err == searching, "{err}");

    // A link that was printed leads there too, and says where.
    let printed = lab.found(&["--magnet", "slow", "river"]);
    assert!(printed.starts_with("magnet:?xt=urn:sha1:"), "{printed}");
    let at = format!("&xs=http://{}/uri-res/N2R?urn:sha1:", lab.sharer.listen);
    assert!(printed.contains(&at), "{printed}");

    let (code, _) = lab.seeker.ask("DELETE", &format!("/api/v1/searches/{search}"), None);
    assert_eq!(code, 204);
    let gone = home.run(&["get", &hit]).complaint(1);
    assert_eq!(gone, format!("search {search} is not kept any more; search again"));
}

/// What anybody may type, and what they read then.
#[test]
fn whatever_cannot_be_fetched_is_told_in_one_sentence_that_says_what_to_do() {
    let home = Home::new("sentences");
    let node = Node::start(&home, &["--role", "leaf"]);
    for (arguments, code, sentence) in [
        (&["get", "99:0"][..], 1, "there is no search 99; see the list of searches"),
        (&["searches", "99"], 1, "there is no search 99; see the list of searches"),
        (
            &["get", "river"],
            1,
            "this is neither a magnet link nor a URN; search for words, and fetch one of the hits",
        ),
        (
            &["get", "magnet:?dn=river.ogg"],
            1,
            "a link needs a SHA-1 (xt=urn:sha1:… or urn:bitprint:…), by which what comes is checked; search for \
             its name, and fetch one of the hits",
        ),
        (
            &["get", "urn:tree:tiger/:LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ"],
            1,
            "a link needs a SHA-1 (xt=urn:sha1:… or urn:bitprint:…), by which what comes is checked; search for \
             its name, and fetch one of the hits",
        ),
        (&["downloads", "pause", "7"], 1, "there is no download 7; see the list of downloads"),
        (&["downloads", "cancel", "7"], 1, "there is no download 7; see the list of downloads"),
        (&["search", "..."], 1, "name words of letters or digits to look for"),
        (&["search", " "], 2, "name the words to look for"),
        (
            &["search", "magnet:?tr=http://a.example/"],
            1,
            "this magnet link names neither a content nor words; search for words of its name",
        ),
        (&["browse", "host.invalid"], 1, "no host of that name was found: give its address"),
        (
            &["browse", "127.0.0.1:1", "--wait", "9"],
            1,
            "nothing was found; it cannot be called (Connection refused (os error 111)): is it running, and is \
             its port right?",
        ),
    ] {
        let complaint = home.run(arguments).complaint(code);
        assert_eq!(complaint, sentence, "{arguments:?}");
    }
    let (code, search) = node.ask("POST", "/api/v1/searches", Some(&json!({ "words": "river" })));
    assert_eq!(code, 201);
    let what = format!("{}:7", search["id"]);
    let complaint = home.run(&["get", &what]).complaint(1);
    assert_eq!(
        complaint,
        format!("search {} has no hit 7; see the list of its hits", search["id"])
    );
    assert_eq!(home.printed(&["downloads"]), "no downloads\n", "nothing has come of all that");
}

/// As where a disk was not mounted, or a name is taken by something else.
#[test]
fn a_folder_that_cannot_be_used_is_named_and_can_be_mended() {
    let home = Home::new("no-folder");
    let folder = home.path().join("downloads");
    fs::write(&folder, b"not a folder").unwrap();
    let shared = home.path().join("gone").to_string_lossy().into_owned();
    let place = folder.to_string_lossy().into_owned();
    let node = Node::start(&home, &["--role", "leaf", "--downloads", &place, "--share", &shared]);
    node.until_log(&format!("share: there is no folder {shared}; nothing of it is shared"));
    let link = "magnet:?xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&dn=a.ogg&xl=5";
    let Ran { code, err, .. } = home.run(&["get", link]);
    assert_eq!(code, 1, "{err}");
    let last = err.lines().last().unwrap();
    assert!(last.starts_with("filbert: ") && last.contains(&place), "{err}");
    assert!(last.ends_with("; mend that, then resume the download"), "{err}");
    let listed = home.printed(&["downloads"]);
    assert!(listed.contains("stuck") && listed.contains("mend that"), "{listed}");
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    home.printed(&["downloads", "resume", "1"]);
    let state = || node.show("downloads")[0]["state"].clone();
    wait_until("it goes on", || state() == "fetching");
    home.printed(&["downloads", "cancel", "1"]);
}

/// The terminal is given back, and the node goes on.
#[test]
fn whoever_waits_for_a_file_may_stop_waiting() {
    let home = Home::new("stop-waiting");
    let node = Node::start(&home, &["--role", "leaf"]);
    let link = "magnet:?xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&dn=a.ogg&xl=5";
    let mut command = home.filbert(&["get", link]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    wait_until("it fetches", || node.show("downloads").as_array().unwrap().len() == 1);
    thread::yield_now();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{err}");
    let said = "filbert: the node goes on with it: 'filbert downloads' shows how far it is, \
                'filbert downloads cancel 1' ends it\n";
    assert!(err.ends_with(said), "{err}");
    assert_eq!(node.show("downloads")[0]["state"], "fetching");
}
