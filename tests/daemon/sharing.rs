//! Folders that are shared, and what others find in them.

use crate::home::{Home, wait_for};
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
    let sharer = Node::start(&home, &["--role", "leaf", "--share", &shared, "--connect", &to]);
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

    // Files that come later are offered after a reload; our table follows when its time has come.
    std::fs::write(folder.join("quick harbour song.ogg"), b"0").unwrap();
    let (code, _) = sharer.ask("POST", "/api/v1/config/reload", None);
    assert_eq!(code, 200);
    sharer.until_log("files=2");
}
