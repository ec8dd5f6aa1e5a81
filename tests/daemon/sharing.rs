//! Folders that are shared, and what others find in them.

use filbert::library::hash::Digests;
use rustix::process::Signal;

use crate::events::Events;
use crate::home::{Home, wait_for, wait_until};
use crate::node::Node;

#[test]
fn what_one_node_shares_another_one_finds() {
    let (home, other_home) = (Home::new("sharing"), Home::new("seeking"));
    let folder = home.path().join("music");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("slow river blues.ogg"), b"0123456789").unwrap();
    let ultrapeer_home = Home::new("between");
    let ultrapeer = Node::start(&ultrapeer_home, &["--role", "ultrapeer"]);
    let to = ultrapeer.listen.to_string();
    let shared = folder.to_string_lossy().into_owned();
    // It is connected when its file is hashed, so that its first table has the words of it.
    let sharer = Node::start(&home, &["--role", "leaf", "--share", &shared]);
    wait_until("the file is hashed", || names(&sharer) == ["slow river blues.ogg"]);
    let (code, _) =
        sharer.ask("POST", "/api/v1/peers", Some(&serde_json::json!({ "address": to })));
    assert_eq!(code, 202);
    let _seeker = Node::start(&other_home, &["--role", "leaf", "--connect", &to]);
    ultrapeer.until_status("both leaves", |status| status["links"]["leaves"] == 2);

    // Nobody is asked whose table has not come yet.
    let search = ["search", "river blues", "--max", "1", "--wait", "2", "--json"];
    let hit = wait_for("the file is found", || {
        let output = other_home.filbert(&search).output().unwrap();
        let line = String::from_utf8(output.stdout).unwrap();
        line.lines().next().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
    });
    assert_eq!(hit["name"], "slow river blues.ogg");
    assert_eq!((&hit["size"], &hit["address"]), (&10.into(), &sharer.listen.to_string().into()));
    for field in ["sha1", "vendor", "servent_id", "firewalled", "busy", "hops"] {
        assert!(hit.get(field).is_some(), "{field} is missing: {hit}");
    }

    assert_eq!(hit["sha1"], sha1(b"0123456789").as_str());

    // Files that come later are seen by themselves; our table follows when its time has come.
    std::fs::write(folder.join("quick harbour song.ogg"), b"0").unwrap();
    sharer.until_log("files=2");
}

fn sha1(bytes: &[u8]) -> String {
    data_encoding::BASE32_NOPAD.encode(&Digests::of(bytes).sha1)
}

/// The names of what a node shares.
fn names(node: &Node) -> Vec<String> {
    let library = node.show("library");
    let mut names: Vec<_> = library["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn the_library_follows_what_happens_in_its_folders_and_is_known_after_a_kill() {
    let home = Home::new("library");
    let folder = home.path().with_extension("shared");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("first.ogg"), b"first").unwrap();
    std::fs::write(folder.join(".hidden.ogg"), b"hidden").unwrap();
    let shared = folder.to_string_lossy().into_owned();
    let node = Node::start(&home, &["--share", &shared]);
    wait_until("the first file", || names(&node) == ["first.ogg"]);
    let library = node.show("library");
    assert_eq!(library["files"][0]["sha1"], sha1(b"first").as_str());
    assert_eq!(library["files"][0]["path"], folder.join("first.ogg").to_str().unwrap());
    assert_eq!(library["status"]["left_out"]["hidden"], 1);
    let events = Events::watch(&home, &node);

    std::fs::create_dir(folder.join("later")).unwrap();
    std::fs::write(folder.join("later/second.ogg"), b"second").unwrap();
    let told = events.until(|told| told["event"] == "library" && told["files"] == 2);
    assert_eq!(told["bytes"], 11);
    std::fs::remove_file(folder.join("first.ogg")).unwrap();
    wait_until("the second file alone", || names(&node) == ["second.ogg"]);
    let listed = home.filbert(&["library", "list", "--json"]).output().unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((&listed[0]["name"], listed.as_array().unwrap().len()), (&"second.ogg".into(), 1));
    assert!(node.show("library?words=second")["files"][0]["size"] == 6);

    std::fs::write(folder.join("later/third second.ogg"), b"third").unwrap();
    wait_until("two files", || names(&node).len() == 2);
    let page = node.show("library?words=second&limit=1");
    assert_eq!(page["files"][0]["name"], "second.ogg");
    let page = node.show(&format!("library?words=second&limit=1&from={}", page["next"]));
    assert_eq!(
        (&page["files"][0]["name"], &page["next"]),
        (&"third second.ogg".into(), &serde_json::Value::Null)
    );
    std::fs::remove_file(folder.join("later/third second.ogg")).unwrap();
    wait_until("the second file alone", || names(&node) == ["second.ogg"]);

    node.kill();
    let node = Node::start(&home, &["--share", &shared]);
    wait_until("the second file", || names(&node) == ["second.ogg"]);
    assert_eq!(node.show("library")["status"]["hashed_files"], 0, "its hash was kept");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn sighup_shares_other_folders() {
    let home = Home::new("library-sighup");
    let folder = home.path().with_extension("folders");
    let _ = std::fs::remove_dir_all(&folder);
    for name in ["one", "two"] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
        std::fs::write(folder.join(name).join(format!("{name}.ogg")), name).unwrap();
    }
    let share = |name: &str| {
        let path = folder.join(name);
        home.configure(&format!("share = ['{}']\n[library]\nwatch = false\n", path.display()));
    };
    share("one");
    let node = Node::start(&home, &[]);
    wait_until("the first folder", || names(&node) == ["one.ogg"]);
    share("two");
    node.signal(Signal::HUP);
    wait_until("the second folder", || names(&node) == ["two.ogg"]);
    std::fs::write(folder.join("two/three.ogg"), b"three").unwrap();
    let rescan = home.filbert(&["library", "rescan"]).output().unwrap();
    assert!(rescan.status.success());
    wait_until("another file", || names(&node) == ["three.ogg", "two.ogg"]);
    std::fs::remove_dir_all(&folder).unwrap();
}
