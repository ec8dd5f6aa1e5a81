//! What `get` and `downloads` print, say and answer.

use filbert::control::model::{Download, DownloadState, SearchId, StartDownload};

use super::scene::{Ran, Running, Scene, wait_until};
use crate::support::fake_node::a_download;

const LINK: &str = "magnet:?xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&dn=a.ogg";

/// Has a file fetched, and waits until the node was told.
fn fetching(scene: &Scene, arguments: &[&str]) -> Running {
    let running = scene.start(&[&["get"], arguments].concat());
    wait_until("it fetches", || scene.node.change(|state| !state.wanted.is_empty()));
    running
}

fn become_so(scene: &Scene, change: impl FnOnce(&mut Download)) {
    scene.node.change(|state| change(&mut state.downloads[0]));
}

#[test]
fn two_numbers_are_a_hit_and_all_else_is_a_link() {
    for (what, search, hit, link) in
        [("3:12", Some(SearchId(3)), Some(12), None), (LINK, None, None, Some(LINK.to_owned()))]
    {
        let scene = Scene::new("get-what");
        assert_eq!(scene.printed(&["get", "--detach", what]), "download 1\n");
        let wanted = StartDownload { link, search, hit };
        assert_eq!(scene.node.change(|state| state.wanted.clone()), [wanted]);
    }
}

#[test]
fn it_says_that_somebody_is_looked_for_and_then_where_the_file_is() {
    let scene = Scene::new("get");
    let running = fetching(&scene, &[LINK]);
    become_so(&scene, |download| download.sources = 2);
    become_so(&scene, |download| {
        download.state = DownloadState::Finished;
        download.path = Some("/music/a\u{1b}[31m.ogg".to_owned());
    });
    let Ran { code, out, err } = running.end();
    assert_eq!((code, out.as_str()), (0, "/music/a\u{fffd}[31m.ogg\n"));
    // Whether it saw that nobody was known depends on who was faster.
    let searching = "filbert: nobody is known who has it; the node searches for somebody\n";
    assert!(err.is_empty() || err == searching, "{err}");
}

#[test]
fn what_cannot_go_on_is_said_in_one_sentence() {
    let scene = Scene::new("get-stuck");
    let why = "there is no room left in /music: make some, then resume the download";
    let running = fetching(&scene, &["3:12"]);
    become_so(&scene, |download| {
        (download.state, download.why) = (DownloadState::Stuck, Some(why.to_owned()));
    });
    let Ran { code, err, .. } = running.end();
    assert_eq!(code, 1);
    assert!(err.ends_with(&format!("filbert: {why}\n")), "{err}");

    let scene = Scene::new("get-cancelled");
    let running = fetching(&scene, &["3:12"]);
    become_so(&scene, |download| download.state = DownloadState::Cancelled);
    let Ran { code, err, .. } = running.end();
    assert_eq!(code, 1);
    assert!(
        err.ends_with("filbert: somebody has cancelled it; 'filbert get' begins again\n"),
        "{err}"
    );
}

#[test]
fn an_interrupt_leaves_it_to_the_node_and_says_how_to_see_it() {
    for signal in ["INT", "TERM"] {
        let scene = Scene::new(&format!("get-{signal}"));
        let running = fetching(&scene, &[LINK, "--json"]);
        wait_until("it looks", || scene.node.change(|state| state.requests > 1));
        running.signal(signal);
        let Ran { code, err, .. } = running.end();
        assert_eq!(code, 130);
        let said = "filbert: the node goes on with it: 'filbert downloads' shows how far it is, \
                    'filbert downloads cancel 1' ends it\n";
        assert_eq!(err, said);
        let state = scene.node.change(|state| state.downloads[0].state);
        assert_eq!(state, DownloadState::Fetching, "it goes on");
    }
}

#[test]
fn a_download_that_is_not_there_is_told_so() {
    let scene = Scene::new("downloads");
    assert_eq!(scene.printed(&["downloads"]), "no downloads\n");
    scene.node.change(|state| state.downloads.push(a_download(1)));
    assert!(scene.printed(&["downloads", "pause", "1"]).contains("paused"));
    assert!(scene.printed(&["downloads", "resume", "1"]).contains("fetching"));
    assert_eq!(scene.printed(&["downloads", "cancel", "1"]), "");
    for action in ["pause", "resume", "cancel"] {
        let complaint = scene.complaint(&["downloads", action, "1"], 1);
        assert_eq!(complaint, "no download has this number: list them");
    }
}

#[test]
fn where_no_node_runs_all_say_how_to_start_one() {
    let scene = Scene::new("get-nobody");
    scene.end_server();
    for arguments in [
        &["get", LINK][..],
        &["downloads"],
        &["downloads", "pause", "1"],
        &["uploads"],
        &["library"],
        &["library", "--follow"],
        &["library", "--magnet"],
        &["searches"],
        &["browse", "127.0.0.1:6346"],
    ] {
        let complaint = scene.complaint(arguments, 3);
        assert!(complaint.contains("filbert run"), "{arguments:?}: {complaint}");
    }
}
