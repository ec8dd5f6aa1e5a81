//! `filbert decode` as its users see it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/packets.rs"]
mod packets;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use packets::{CLIENT, Capture, Connection, Host, RAW_IP, SERVER, head, ping, udp};
use serde_json::Value;

/// What a run wrote, and how it ended.
#[derive(Debug)]
struct Run {
    stdout: String,
    stderr: String,
    code: i32,
}

fn decode(arguments: &[&str], stdin: &[u8]) -> Run {
    let mut command = Command::cargo_bin("filbert").unwrap();
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    let output = command.arg("decode").args(arguments).write_stdin(stdin).output().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

fn capture(name: &str) -> String {
    captures().join(name).with_extension("pcap").to_str().unwrap().to_owned()
}

/// The one sentence of a run that could not be.
#[track_caller]
fn complaint(arguments: &[&str], stdin: &[u8]) -> String {
    let run = decode(arguments, stdin);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    run.stderr
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let sentence = complaint(&["no-such.pcap"], b"");
    assert!(sentence.contains("there is no file 'no-such.pcap'"), "{sentence}");
}

#[test]
fn a_directory_is_no_capture() {
    let sentence = complaint(&[captures().to_str().unwrap()], b"");
    assert!(sentence.contains("is a directory"), "{sentence}");
}

#[test]
fn what_is_no_capture_is_refused_in_one_sentence() {
    for (input, reason) in [
        (&b"Dear Sir or Madam,"[..], "is neither a packet capture nor Gnutella"),
        (b"", "is empty"),
        (&[0x1f, 0x8b, 8], "is compressed with gzip: unpack it first"),
        (b"00 11 2", "line 1 has an odd number of digits"),
    ] {
        let sentence = complaint(&["--summary", "-"], input);
        assert!(sentence.contains(reason), "{sentence}");
        assert!(sentence.starts_with("filbert: standard input "), "{sentence}");
    }
}

#[test]
fn a_wrong_type_is_refused_with_the_right_ones() {
    let sentence = complaint(&["--only", "query,nonsense", "-"], b"");
    assert!(sentence.contains("'nonsense'") && sentence.contains("query_hit"), "{sentence}");
}

#[test]
fn a_wrong_flag_is_refused() {
    complaint(&["--nonsense", "-"], b"");
    complaint(&["--json", "--verbose", "-"], b"");
    complaint(&[], b"");
}

#[test]
fn a_damaged_capture_is_printed_up_to_the_damage() {
    let from = Host { port: 6346, ..CLIENT };
    let mut file = Capture::of(&[udp(from, SERVER, &ping(1)), udp(from, SERVER, &ping(2))]).file;
    let second = 24 + 16 + udp(from, SERVER, &ping(1)).len();
    file[second + 11] = 0x7f;
    let run = decode(&["-"], &file);
    assert_eq!(run.code, 2);
    assert_eq!(run.stdout.lines().count(), 2, "a date and a ping: {run:?}");
    assert!(run.stderr.contains(&format!("the capture is damaged at byte {second}")), "{run:?}");
}

#[test]
fn a_capture_that_is_cut_is_a_warning() {
    let file = Capture::of(&[udp(CLIENT, SERVER, &ping(1)), udp(CLIENT, SERVER, &ping(2))]).file;
    let run = decode(&["-"], &file[..file.len() - 1]);
    assert_eq!((run.code, run.stdout.lines().count()), (0, 2), "{run:?}");
    assert!(run.stderr.contains("ends within a packet"), "{run:?}");
}

#[test]
fn packets_that_cannot_be_read_are_a_warning() {
    let mut capture = Capture::new(105);
    capture.add(b"radio");
    let run = decode(&["-"], &capture.file);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert!(run.stderr.contains("link type 105"), "{run:?}");
}

/// SIZE-02, SIZE-03, QRP-03: probes that broke rules on purpose.
#[test]
fn the_exit_code_tells_whether_anything_is_malformed() {
    assert_eq!(decode(&[&capture("gtkg-plain")], b"").code, 0);
    let run = decode(&[&capture("gtkg-deflate")], b"");
    assert_eq!(run.code, 1);
    let marked: Vec<_> = run.stdout.lines().filter(|line| line.contains('✗')).collect();
    assert_eq!(marked.len(), 2, "{marked:?}");
    assert!(marked[0].contains("✗ QRP-03: the number of slots is not a power of two (byte 24)"));
    assert!(marked[1].contains("✗ SIZE-03, SIZE-02: "), "{}", marked[1]);
}

#[test]
fn what_is_not_shown_still_counts_as_malformed() {
    let run = decode(&["--only", "hsep", &capture("gtkg-deflate")], b"");
    assert_eq!(run.code, 1);
    assert!(run.stdout.lines().skip(1).all(|line| line.contains(" hsep ")), "{}", run.stdout);
}

#[test]
fn only_the_types_asked_for_are_printed() {
    let run = decode(&["--only", "query,query_hit", "--json", &capture("lw5up-gtkgup")], b"");
    let kinds: Vec<Value> = json_lines(&run).iter().map(|line| line["type"].clone()).collect();
    assert_eq!(kinds, ["query", "query_hit", "query"]);
}

fn json_lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn json_has_the_same_frame_for_every_type() {
    for name in ["gtkg-plain", "gtkg-deflate", "gbunleaf-gtkgup-tls-deflate"] {
        for line in json_lines(&decode(&["--json", &capture(name)], b"")) {
            for field in ["time", "transport", "from", "to", "type"] {
                assert!(line[field].is_string(), "{field} in {line}");
            }
            assert!(line["malformed"].is_array(), "{line}");
            assert_eq!(line["malformed"].as_array().unwrap().is_empty(), line["faults"].is_null());
        }
    }
}

#[test]
fn json_tells_what_was_decoded() {
    let run = decode(&["--json", &capture("gtkg-plain")], b"");
    let lines = json_lines(&run);
    let query = lines.iter().find(|line| line["type"] == "query").unwrap();
    assert_eq!(query["time"], "2026-11-20T16:03:10.272277Z");
    assert_eq!(
        (&query["from"], &query["to"]),
        (&"203.0.113.3:51513".into(), &"203.0.113.1:6346".into())
    );
    assert_eq!(
        (&query["text"], &query["function"], &query["ttl"]),
        (&"zebra quantum".into(), &128.into(), &4.into())
    );
    let answer = lines.iter().find(|line| line["start"] == "HTTP/1.1 200 OK").unwrap();
    assert_eq!(answer["body_len"], 300_000);
    assert_eq!(answer["headers"][0][0], "Server");
}

#[test]
fn json_tells_where_and_by_which_requirement_something_is_malformed() {
    let run = decode(&["--json", &capture("gtkg-deflate")], b"");
    let lines = json_lines(&run);
    let broken = lines.iter().find(|line| line["slots"] == 10_000).unwrap();
    assert_eq!(broken["malformed"], serde_json::json!(["QRP-03"]));
    let fault = &broken["faults"][0];
    assert_eq!((&fault["requirement"], &fault["offset"]), (&"QRP-03".into(), &24.into()));
    assert_eq!(fault["what"], "the number of slots is not a power of two");
}

/// What strangers send can neither steer a terminal nor break the line.
#[test]
fn strangers_do_not_reach_the_terminal() {
    let hostile = "X\u{1b}[31m\u{9b}1m\u{202e}\u{7}é: \u{1b}]0;title\u{7}\u{9d}";
    let connection = Connection::open()
        .send(CLIENT, head(&["GNUTELLA CONNECT/0.6", &format!("User-Agent: {hostile}")]));
    let file = Capture::of(&connection.packets).file;
    for flag in ["--verbose", "--json", "--summary"] {
        let run = decode(&[flag, "-"], &file);
        let shown = run.stdout.replace('\n', "");
        assert!(!shown.contains(|c: char| c.is_control() || c == '\u{202e}'), "{flag}: {shown:?}");
        assert!(shown.contains("[31m"), "{flag}: {shown:?}");
    }
    let lines = json_lines(&decode(&["--json", "-"], &file));
    assert_eq!(lines[0]["headers"][0][1], hostile, "nothing is lost for programs");
}

#[test]
fn colours_come_when_they_are_asked_for() {
    let input = ping(1);
    assert!(!decode(&["-"], &input).stdout.contains('\u{1b}'));
    assert!(!decode(&["--color", "never", "-"], &input).stdout.contains('\u{1b}'));
    let coloured = decode(&["--color", "always", "-"], &input).stdout;
    assert!(coloured.contains("\u{1b}[34mping"), "{coloured:?}");
    assert!(!decode(&["--color", "always", "--json", "-"], &input).stdout.contains('\u{1b}'));
}

#[test]
fn the_summary_counts_and_explains() {
    let run = decode(&["--summary", "--only", "tls", &capture("gtkg-deflate")], b"");
    let lines: Vec<_> = run.stderr.lines().map(str::trim).collect();
    assert!(lines.contains(&"90  handshake"), "{lines:?}");
    assert!(lines.contains(&"2  malformed"), "{lines:?}");
    assert!(lines.contains(&"1    QRP-03  The number of slots is a power of two"), "{lines:?}");
    assert!(decode(&["--only", "tls", &capture("gtkg-plain")], b"").stderr.is_empty());
}

/// A line for each record as soon as it is known: `head` closes the pipe, and that is no failure.
#[test]
fn a_closed_pipe_is_no_failure() {
    let binary = assert_cmd::cargo::cargo_bin("filbert");
    let mut child = std::process::Command::new(binary)
        .args(["decode", &capture("gtkg-deflate")])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn hexadecimal_has_neither_times_nor_addresses() {
    let run = decode(&["-"], b"0707070707070707070707070707070707 01 00 00000000");
    assert_eq!(run.stdout, "unknown      07070707  1/0   function 0x07, 0 bytes\n");
}

#[test]
fn verbose_prints_all_fields_below_the_line() {
    let capture = Capture::of(&[udp(CLIENT, SERVER, &ping(7))]);
    assert_eq!(RAW_IP, 101);
    insta::assert_snapshot!(decode(&["--verbose", "-"], &capture.file).stdout);
    insta::assert_snapshot!(
        decode(
            &["--verbose", "--only", "query,query_hit,pong,push", &self::capture("lw5up-gtkgup")],
            b""
        )
        .stdout
    );
}

/// The whole output on every capture; of the long ones, what is not alike.
#[test]
fn the_output_on_every_capture_is_as_it_was() {
    let mut names: Vec<_> =
        fs::read_dir(captures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "pcap"));
    names.sort();
    assert_eq!(names.len(), 9);
    for path in names {
        let run = decode(&["--summary", path.to_str().unwrap()], b"");
        let name = path.file_stem().unwrap().to_str().unwrap();
        insta::assert_snapshot!(name, format!("{}{}", run.stdout, run.stderr));
    }
}
