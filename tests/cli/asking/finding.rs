use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use filbert::control::client::{ANSWER_TIMEOUT, SIGN_TIMEOUT};

use super::scene::{Running, Scene, command, gone_process, write_notice};
use crate::support::fake_node::new_home;

const COMMANDS: [&[&str]; 8] = [
    &["status"],
    &["peers"],
    &["connect", "203.0.113.7:6346"],
    &["disconnect", "7"],
    &["hosts"],
    &["search", "words"],
    &["events"],
    &["stop"],
];

#[test]
fn without_a_node_every_command_says_so_in_one_sentence() {
    let home = new_home("cli-nobody");
    for arguments in COMMANDS {
        let ran = Running::start(command(arguments).arg("--home").arg(&home)).end();
        let home = home.display();
        let expected = format!("no node runs on {home}; start one with 'filbert run'");
        assert_eq!(ran.complaint(3), expected, "{arguments:?}");
    }
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn what_a_node_has_left_behind_that_is_gone_counts_as_no_node() {
    let scene = Scene::new("left-behind");
    let api = format!("http://{}", scene.served.address.unwrap());
    write_notice(&scene.home, gone_process(), &api);
    assert!(scene.complaint(&["status"], 3).starts_with("no node runs on "));
    assert_eq!(scene.node.change(|state| state.requests), 0, "nobody was asked");

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    write_notice(&scene.home, std::process::id(), &format!("http://{free}"));
    assert!(scene.complaint(&["status"], 3).starts_with("no node runs on "));
}

#[test]
fn a_node_without_an_api_says_how_to_get_one() {
    let scene = Scene::new("off");
    write_notice(&scene.home, std::process::id(), "off");
    assert!(scene.complaint(&["status"], 3).contains("has its API off"));
}

#[test]
fn a_node_is_found_at_its_socket() {
    let scene = Scene::at_socket("socket");
    assert!(scene.printed(&["status"]).contains("filbert 0.1.0"));
    let place = format!("unix:{}", scene.home.join("api.sock").display());
    std::fs::remove_file(scene.home.join("node.json")).unwrap();
    assert!(scene.printed(&["status", "--api", &place]).contains("filbert 0.1.0"));
}

#[test]
fn a_home_and_a_place_and_a_token_come_from_the_environment_too() {
    let scene = Scene::new("environment");
    let api = scene.served.address.unwrap().to_string();
    let token = scene.served.token.as_str().to_owned();
    let by_home = Running::start(command(&["peers"]).env("FILBERT_HOME", &scene.home)).end();
    assert_eq!((by_home.code, by_home.out.as_str()), (0, "no peers\n"));

    let nowhere = scene.home.join("nowhere");
    let by_api = |token: &str| {
        let mut command = command(&["peers"]);
        command.env("FILBERT_HOME", &nowhere).env("FILBERT_API", &api).env("FILBERT_TOKEN", token);
        Running::start(&mut command).end()
    };
    assert_eq!(by_api(&token).code, 0);
    assert!(by_api("").complaint(1).contains("token"));
    assert!(by_api("secret").complaint(2).contains("FILBERT_TOKEN"));
    assert!(by_api(&token.replace(|c| c != 'A', "A")).complaint(1).contains("not the token"));
}

#[test]
fn a_token_that_is_missing_or_no_token_is_a_matter_of_configuration() {
    let scene = Scene::new("token");
    let token = scene.home.join("token");
    std::fs::write(&token, "x\n").unwrap();
    assert!(scene.complaint(&["status"], 2).contains("holds no token"));
    std::fs::remove_file(&token).unwrap();
    assert!(scene.complaint(&["status"], 2).contains("there is no token in "));
}

#[test]
fn a_place_that_is_none_is_a_matter_of_usage() {
    let scene = Scene::new("place");
    let complaint = scene.complaint(&["status", "--api", "\u{1b}[2J"], 2);
    assert!(complaint.contains("write it like 127.0.0.1:6381"), "{complaint}");
}

#[test]
fn what_answers_and_is_no_node_is_told_apart() {
    let scene = Scene::new("stranger");
    for answer in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{",
        "",
    ] {
        let place = answering(answer);
        let complaint = scene.complaint(&["status", "--api", &place], 3);
        assert!(complaint.contains(&format!("{place} is no node of Filbert")), "{complaint}");
        assert!(complaint.ends_with("; check --api and FILBERT_API"), "{complaint}");
    }
    let complaint = scene.complaint(&["events", "--api", &answering("HTTP/1.1 200 OK\r\n\r\n")], 3);
    assert!(complaint.contains("what came are no events"), "{complaint}");
}

#[test]
fn a_notice_that_leads_to_another_program_or_is_damaged_leads_to_no_node() {
    let scene = Scene::new("stale");
    write_notice(&scene.home, std::process::id(), &answering("SSH-2.0-OpenSSH_9.2\r\n"));
    let complaint = scene.complaint(&["status"], 3);
    assert!(complaint.contains("is no node of Filbert"), "{complaint}");
    assert!(complaint.ends_with("'filbert run', or name its API with --api"), "{complaint}");
    let notice = scene.home.join("node.json");
    for damaged in [&b"{"[..], b"", b"\xff\xfe", b"7", b"{\"pid\":\"x\"}", b"{\"api\":\" \"}"] {
        std::fs::write(&notice, damaged).unwrap();
        let complaint = scene.complaint(&["status"], 3);
        let expected = format!("{} is damaged; start a node with ", notice.display());
        assert!(complaint.starts_with(&expected), "{complaint}");
    }
}

#[test]
fn whoever_takes_the_call_and_says_nothing_is_no_node() {
    let scene = Scene::new("silent-port");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    write_notice(&scene.home, std::process::id(), &place);
    for (arguments, advice) in [
        (&["status"][..], "'filbert run'"),
        (&["events", "--api", &place], "check --api and FILBERT_API"),
    ] {
        let since = Instant::now();
        let complaint = scene.complaint(arguments, 3);
        let took = since.elapsed();
        assert!(complaint.contains(&format!("{place} gives no sign of life")), "{complaint}");
        assert!(complaint.contains(advice), "{complaint}");
        assert!(took >= SIGN_TIMEOUT && took < ANSWER_TIMEOUT / 2, "{took:?}");
    }
}

#[test]
fn a_node_that_is_too_busy_to_answer_is_one_all_the_same() {
    let scene = Scene::with("busy", |state| state.silent = true);
    let since = Instant::now();
    let complaint = scene.complaint(&["status"], 1);
    assert!(complaint.contains("the node is too busy to answer"), "{complaint}");
    assert!(since.elapsed() > SIGN_TIMEOUT, "it had more time than somebody who is silent");
}

#[test]
fn a_refusal_is_said_in_the_words_of_the_node() {
    let scene = Scene::new("refusal");
    let detail = r#"{"title":"Conflict","status":409,"detail":"do it \u001b[1m later"}"#;
    let head = "HTTP/1.1 409 Conflict\r\ncontent-type: application/problem+json\r\n";
    let place = answering(&format!("{head}content-length: {}\r\n\r\n{detail}", detail.len()));
    assert_eq!(scene.complaint(&["stop", "--api", &place], 1), "do it \u{fffd}[1m later");
}

#[test]
fn commands_that_make_no_sense_are_refused_before_anybody_is_asked() {
    let scene = Scene::new("usage");
    for arguments in [
        &["connect", "203.0.113.7:0"][..],
        &["disconnect", "nobody"],
        &["search"],
        &["search", " ", ""],
        &["search", "--max", "0", "words"],
        &["events", "--kinds", "hit,miss"],
        &["hosts", "--limit", "some"],
    ] {
        scene.complaint(arguments, 2);
    }
    assert_eq!(scene.node.change(|state| state.requests), 0);
}

/// Where somebody answers so whatever is asked, once.
fn answering(answer: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let answer = answer.to_owned();
    thread::spawn(move || {
        let (mut stream, _): (TcpStream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request);
        let _ = stream.write_all(answer.as_bytes());
    });
    place
}
