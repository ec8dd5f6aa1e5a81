use std::time::{Duration, Instant};

use filbert::control::model::{Happening, Hit, Network, Search, SearchId, SearchState};
use serde_json::Value;

use super::scene::{Ran, Running, Scene, command, wait_until};
use crate::support::fake_node::{a_hit, a_search};

/// How long a search waits for hits after its end.
const LATE_HITS_WAIT: Duration = Duration::from_secs(5);

/// Starts a search, and waits until somebody listens to it.
fn searching(scene: &Scene, arguments: &[&str]) -> Running {
    let running = scene.start(&[&["search"], arguments].concat());
    wait_until("it searches", || scene.node.change(|state| !state.searches.is_empty()));
    wait_until("it watches", || scene.node.watchers() > 0);
    running
}

fn ended(why: &str) -> Happening {
    Happening::SearchEnded { search: SearchId(1), results: 0, why: why.to_owned() }
}

/// Nobody is asked any more, and what was found is kept.
fn has_stopped(scene: &Scene) -> bool {
    let has_ended = |search: &Search| search.state == SearchState::Ended;
    scene.node.change(|state| state.searches.len() == 1 && state.searches.iter().all(has_ended))
}

#[test]
fn hits_come_as_they_are_found_and_then_how_many_there_were() {
    let scene = Scene::new("search");
    let mut running = searching(&scene, &["free", "music"]);
    assert_eq!(scene.node.change(|state| state.searches[0].words.clone()), "free music");
    scene.node.tell(Happening::Hit(a_hit(1, 0)));
    let headings = "HIT         SIZE  ADDRESS                VENDOR  HOPS  STATE       NAME";
    assert_eq!(running.line(), headings);
    let first = "1:0      1.1 MiB  203.0.113.7:6346       GTKG       2  -           file 0.ogg";
    assert_eq!(running.line(), first);
    let second = Hit { firewalled: true, busy: true, vendor: None, ..a_hit(1, 1) };
    scene.node.tell(Happening::Hit(second));
    let second = "1:1      1.1 MiB  203.0.113.7:6346       -          2  push, busy  file 1.ogg";
    assert_eq!(running.line(), second);
    scene.node.tell(ended("everybody was asked"));
    let ran = running.end();
    assert_eq!(ran.code, 0);
    let said = "filbert: 2 files found; the search is over: everybody was asked; 'filbert get 1:0' \
                fetches the first\n";
    assert_eq!(ran.err, said);
    assert!(has_stopped(&scene));
}

#[test]
fn one_network_is_asked_where_it_is_named() {
    for (arguments, asked) in [
        (&["words"][..], Network::Gnutella),
        (&["words", "--network", "gnutella"], Network::Gnutella),
        (&["words", "--network", "fasttrack"], Network::FastTrack),
    ] {
        let scene = Scene::new("search-network");
        let mut running = searching(&scene, arguments);
        let networks = scene.node.change(|state| state.searches[0].networks.clone());
        assert_eq!(networks, [asked], "{arguments:?}");
        scene.node.tell(Happening::Hit(a_hit(1, 0)));
        running.line();
        drop(running);
    }
    let scene = Scene::new("search-no-network");
    let ran = scene.run(&["search", "words", "--network", "usenet"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("[possible values: gnutella, fasttrack]"), "{}", ran.err);
}

#[test]
fn a_hit_that_comes_after_the_end_of_the_search_counts() {
    let scene = Scene::new("search-late");
    let mut running = searching(&scene, &["--json", "words"]);
    scene.node.tell(ended("everybody was asked"));
    scene.node.tell(Happening::Hit(a_hit(1, 0)));
    assert!(running.line().starts_with("{\"name\":\"file 0.ogg\""));
    assert_eq!(running.end().code, 0);
}

#[test]
fn programs_get_these_fields_of_a_hit_first_and_in_this_order() {
    let scene = Scene::new("search-json");
    let mut running = searching(&scene, &["--json", "--max", "1", "words"]);
    let hit = Hit { name: "a\u{1b}[2J\u{202e}b.mp3".to_owned(), sha1: None, ..a_hit(1, 0) };
    scene.node.tell(Happening::Hit(hit.clone()));
    let line = running.line();
    assert!(line.contains(r"a\u001b[2J\u202eb.mp3"), "{line}");
    let said: Value = serde_json::from_str(&line).unwrap();
    let fields: Vec<_> = said.as_object().unwrap().keys().take(9).collect();
    let wanted =
        ["name", "size", "sha1", "address", "vendor", "servent_id", "firewalled", "busy", "hops"];
    assert_eq!(fields, wanted);
    assert_eq!((said["name"].as_str(), &said["sha1"]), (Some(&*hit.name), &Value::Null));
    // All that the API says of a hit.
    let told = serde_json::to_value(&hit).unwrap();
    for (field, value) in told.as_object().unwrap() {
        assert_eq!(&said[field], value, "{field}");
    }
    let ran = running.end();
    assert_eq!((ran.code, ran.err.as_str()), (0, "filbert: 1 file found; that is enough\n"));
}

#[test]
fn a_name_of_a_file_steers_no_terminal_and_breaks_no_line() {
    let scene = Scene::new("search-hostile");
    let mut running = searching(&scene, &["--max", "1", "words"]);
    let name = "a\r\n\u{1b}]0;x\u{7}\u{9b}\u{2067}\u{3164}b".to_owned();
    scene.node.tell(Happening::Hit(Hit {
        name,
        vendor: Some("\u{1b}c".to_owned()),
        ..a_hit(1, 0)
    }));
    let Ran { out, .. } = {
        running.line();
        running.end()
    };
    assert!(!out.contains(|c: char| c.is_control() && c != '\n'), "{out:?}");
    assert!(!out.contains(['\u{2067}', '\u{3164}']), "{out:?}");
    assert_eq!(out.lines().count(), 2, "{out:?}");
}

#[test]
fn no_more_than_are_wanted_are_printed() {
    let scene = Scene::new("search-max");
    let running = searching(&scene, &["--json", "--max", "2", "words"]);
    (0..5).for_each(|number| scene.node.tell(Happening::Hit(a_hit(1, number))));
    let ran = running.end();
    assert_eq!((ran.code, ran.out.lines().count()), (0, 2));
    assert!(has_stopped(&scene));
}

#[test]
fn nothing_that_was_found_is_a_no() {
    let scene = Scene::new("search-nothing");
    let ran = searching(&scene, &["--wait", "1", "words"]).end();
    assert_eq!(ran.complaint(1), "nothing was found; 1 s are over, --wait gives it more");
    assert!(has_stopped(&scene));
}

#[test]
fn an_interrupted_search_is_ended_at_the_node() {
    for (signal, count) in [("INT", 0), ("TERM", 1)] {
        let scene = Scene::new(&format!("search-{signal}"));
        let mut running = searching(&scene, &["--json", "words"]);
        for number in 0..count {
            scene.node.tell(Happening::Hit(a_hit(1, number)));
            running.line();
        }
        running.signal(signal);
        let ran = running.end();
        assert_eq!(ran.code, 130, "{}", ran.err);
        assert!(ran.err.ends_with("; interrupted\n"), "{}", ran.err);
        assert!(has_stopped(&scene), "{signal}");
    }
}

#[test]
fn a_closed_pipe_ends_the_search_well() {
    let scene = Scene::new("search-pipe");
    let mut running = searching(&scene, &["--json", "words"]);
    running.close_output();
    scene.node.tell(Happening::Hit(a_hit(1, 0)));
    let ran = running.end();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(has_stopped(&scene));
}

#[test]
fn lines_of_hits_fit_the_terminal() {
    let scene = Scene::new("search-narrow");
    let mut narrow = command(&["search", "--max", "1", "words"]);
    let running = Running::start(narrow.arg("--home").arg(&scene.home).env("COLUMNS", "70"));
    wait_until("it watches", || scene.node.watchers() > 0);
    scene.node.tell(Happening::Hit(Hit { name: "x".repeat(99), ..a_hit(1, 0) }));
    let Ran { out, .. } = running.end();
    assert_eq!(out.lines().nth(1).unwrap().chars().count(), 70);
    assert!(out.ends_with("x…\n"), "{out}");
}

#[test]
fn a_node_that_ends_ends_the_search() {
    let scene = Scene::new("search-node-ends");
    let running = searching(&scene, &["words"]);
    scene.end_server();
    assert_eq!(running.end().complaint(1), "nothing was found; the node has ended");
}

/// A hit that looks like spam is told of in a word; whoever wants to see it says so.
#[test]
fn what_looks_like_spam_is_counted_and_shown_to_those_who_want_it() {
    let doubted = |number| Hit { doubt: Some("content_for_all".to_owned()), ..a_hit(1, number) };
    let ran = |name: &str, arguments: &[&str]| {
        let scene = Scene::new(name);
        let running = searching(&scene, &[arguments, &["words"]].concat());
        [doubted(0), a_hit(1, 1), doubted(2)]
            .into_iter()
            .for_each(|hit| scene.node.tell(Happening::Hit(hit)));
        scene.node.tell(ended("everybody was asked"));
        running.end()
    };
    let Ran { out, err, .. } = ran("search-spam", &[]);
    assert_eq!(out.lines().count(), 2, "{out}");
    let said = "filbert: 1 file found, and 2 that look like spam (--all prints them); the search is over: \
                everybody was asked; 'filbert get 1:1' fetches the first\n";
    assert_eq!(err, said);
    let Ran { out, err, .. } = ran("search-spam-all", &["--all"]);
    let states: Vec<_> = out.lines().skip(1).map(|line| line.contains("  spam?  ")).collect();
    assert_eq!(states, [true, false, true], "{out}");
    assert!(err.starts_with("filbert: 3 files found; "), "{err}");
    let Ran { out, .. } = ran("search-spam-json", &["--json"]);
    let doubts =
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["doubt"].clone());
    let word = Value::from("content_for_all");
    assert_eq!(doubts.collect::<Vec<_>>(), [word.clone(), Value::Null, word], "programs see all");
}

#[test]
fn links_are_printed_for_hits_that_have_one() {
    let scene = Scene::new("search-magnet");
    let running = searching(&scene, &["--magnet", "words"]);
    let without = Hit { sha1: None, magnet: None, ..a_hit(1, 1) };
    [a_hit(1, 0), without].into_iter().for_each(|hit| scene.node.tell(Happening::Hit(hit)));
    scene.node.tell(ended("everybody was asked"));
    let Ran { code, out, err } = running.end();
    assert_eq!((code, out), (0, format!("{}\n", a_hit(1, 0).magnet.unwrap())));
    let said = "filbert: 1 file found, and 1 without a SHA-1, to which no link leads; the search is over: \
                everybody was asked\n";
    assert_eq!(err, said);
}

#[test]
fn searches_that_are_kept_are_listed_with_their_hits() {
    let scene = Scene::new("searches");
    assert_eq!(scene.printed(&["searches"]), "no searches\n");
    scene.node.change(|state| {
        let words = "slow\u{1b}[31m river".to_owned();
        let ended =
            Search { state: SearchState::Ended, hits_kept: 1, age_s: 90, ..a_search(7, "") };
        state.searches = vec![Search { words, ..ended }, a_search(8, "music")];
        state.hits = vec![a_hit(7, 0)];
    });
    let expected = "\
SEARCH  WORDS            HITS    AGE  STATE
     7  slow\u{fffd}[31m river     1  1 min  ended
     8  music               0    0 s  running
";
    assert_eq!(scene.printed(&["searches"]), expected);
    let ran = scene.run(&["searches", "7"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, "filbert: 1 file found\n"));
    assert!(ran.out.contains("\n7:0  ") && ran.out.ends_with("file 0.ogg\n"), "{}", ran.out);
    assert_eq!(scene.complaint(&["searches", "8"], 1), "nothing was found");
    let missing = scene.complaint(&["searches", "9"], 1);
    assert_eq!(missing, "no search has this number: list them");
    let listed: Vec<Search> =
        serde_json::from_str(&scene.printed(&["searches", "--json"])).unwrap();
    assert_eq!(listed.len(), 2);
}

/// Whoever has named all its files has no more to say.
#[test]
fn a_host_that_was_asked_is_not_waited_for_after_its_end() {
    let scene = Scene::new("browse");
    let running = scene.start(&["browse", "192.0.2.9:6346"]);
    wait_until("it watches", || scene.node.watchers() > 0);
    scene.node.tell(Happening::Hit(a_hit(1, 0)));
    let since = Instant::now();
    scene.node.tell(ended("that is all it shares"));
    let ran = running.end();
    assert!(since.elapsed() < LATE_HITS_WAIT, "{:?}", since.elapsed());
    let said =
        "filbert: 1 file found; that is all it shares; 'filbert get 1:0' fetches the first\n";
    assert_eq!((ran.code, ran.err.as_str()), (0, said));
    assert!(has_stopped(&scene));
}
