//! `filbert decode` as its users see it.

use assert_cmd::Command;
use filbert::base::limits::CONNECTIONS_MAX;
use filbert::gnutella::wire::Function;
use serde_json::Value;

use crate::made_packets::{
    CLIENT, Capture, Connection, Host, RAW_IP, SERVER, SYN, frame, head, ping, tcp, udp,
};
use crate::support::files;

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

fn capture(name: &str) -> String {
    files::path("tests/captures").join(name).with_extension("pcap").to_str().unwrap().to_owned()
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
    let sentence = complaint(&[files::path("tests/captures").to_str().unwrap()], b"");
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
    assert_eq!(run.code, 0);
    assert_eq!(run.stdout.lines().count(), 2, "a date and a ping: {run:?}");
    assert!(run.stderr.contains(&format!("the capture is damaged at byte {second}")), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
}

#[test]
fn a_capture_that_is_damaged_before_its_first_message_is_refused() {
    let mut file = Capture::of(&[udp(CLIENT, SERVER, &ping(1))]).file;
    file[24 + 11] = 0x7f;
    let sentence = complaint(&["--summary", "-"], &file);
    assert!(sentence.contains("the capture is damaged at byte 24"), "{sentence}");
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
    let run = decode(&["-"], &two_links());
    assert_eq!((run.code, run.stdout.lines().count()), (0, 2), "{run:?}");
    assert!(run.stderr.contains("link type 105"), "{run:?}");
}

/// A capture of pcapng with a ping, and with a packet of an unknown link type.
fn two_links() -> Vec<u8> {
    let block = |kind: u32, body: &[u8]| {
        let len = u32::try_from(12 + body.len()).unwrap().to_le_bytes();
        [&kind.to_le_bytes(), &len[..], body, &len].concat()
    };
    let section = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
    let mut file = block(0x0a0d_0d0a, &section);
    for (interface, link, mut packet) in
        [(0, 101, udp(CLIENT, SERVER, &ping(1))), (1, 105, b"radio".to_vec())]
    {
        file.extend(block(1, &u64::to_le_bytes(link)));
        let len = u32::try_from(packet.len()).unwrap();
        packet.resize(packet.len().next_multiple_of(4), 0);
        let front = [interface, 0, 0, len, len].map(u32::to_le_bytes).concat();
        file.extend(block(6, &[front, packet].concat()));
    }
    file
}

#[test]
fn a_capture_of_which_no_packet_can_be_read_is_refused() {
    let mut capture = Capture::new(105);
    capture.add(b"radio");
    let sentence = complaint(&["--summary", "-"], &capture.file);
    assert!(sentence.contains("packets of link type 105 only"), "{sentence}");
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

/// QRP-03: what is malformed comes with all its bytes.
#[test]
fn what_is_malformed_is_shown_with_its_payload() {
    let run = decode(&["--json", &capture("gtkg-deflate")], b"");
    let lines = json_lines(&run);
    let broken = lines.iter().find(|line| line["slots"] == 10_000).unwrap();
    assert_eq!(broken["payload"], "001027000007");
    let whole = lines.iter().filter(|line| line["malformed"].as_array().unwrap().is_empty());
    assert!(whole.clone().any(|line| line["type"] == "query"));
    assert!(whole.into_iter().all(|line| line["type"] != "query" || line["payload"].is_null()));
    let verbose = decode(&["--verbose", &capture("gtkg-deflate")], b"").stdout;
    assert!(verbose.contains("    payload: 001027000007\n"), "{verbose}");
}

/// FRAME-04: of a message that is cut, what there is.
#[test]
fn what_is_cut_is_shown_as_far_as_it_goes() {
    let lines = json_lines(&decode(&["--json", "-"], &frame(1, Function::PONG, &[7; 14])[..26]));
    assert_eq!(
        (&lines[0]["payload"], &lines[0]["malformed"][0]),
        (&"070707".into(), &"FRAME-04".into())
    );
}

/// HAND-13, HAND-14, HAND-15: lines that are no headers are shown as they came.
#[test]
fn lines_that_say_nothing_are_shown() {
    let lines = ["GNUTELLA CONNECT/0.6", " goes", " on", "X: y", "nonsense", " and more", "a b: c"];
    let run = decode(&["--json", "-"], head(&lines).as_bytes());
    let line = &json_lines(&run)[0];
    let expected = serde_json::json!([" goes", " on", "nonsense\r\n and more", "a b: c"]);
    assert_eq!(line["passed_over"], expected);
    let verbose = decode(&["--verbose", "-"], head(&lines).as_bytes()).stdout;
    assert!(
        verbose.contains("passed_over:  goes,  on, nonsense\\r\\n and more, a b: c\n"),
        "{verbose}"
    );
}

/// UDP-08.
#[test]
fn who_can_inflate_is_shown() {
    let mut invites = ping(1);
    invites[17] |= 0x08;
    let file = Capture::of(&[udp(CLIENT, SERVER, &invites), udp(CLIENT, SERVER, &ping(2))]).file;
    let lines = json_lines(&decode(&["--json", "-"], &file));
    assert_eq!((&lines[0]["can_inflate"], &lines[0]["ttl"]), (&true.into(), &1.into()));
    assert!(lines[1]["can_inflate"].is_null());
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

#[test]
fn the_summary_counts_what_was_left_out() {
    let run = decode(&["--summary", "-"], &two_links());
    assert!(run.stderr.contains("         1  other packet, neither TCP nor UDP\n"), "{run:?}");
    assert!(!run.stderr.contains("put aside"), "{run:?}");
}

#[test]
fn connections_that_were_put_aside_are_a_warning() {
    let mut capture = Capture::of(&[]);
    for number in 0..=CONNECTIONS_MAX {
        let [_, _, high, low] = u32::try_from(number).unwrap().to_be_bytes();
        let client = Host { address: [10, 0, high, low], ..CLIENT };
        capture.add(&tcp(client, SERVER, 0, 0, SYN, b""));
    }
    let run = decode(&["--summary", "-"], &capture.file);
    assert!(run.stderr.contains("  1  connection put aside before the end"), "{run:?}");
    let warning = run.stderr.lines().last().unwrap();
    assert!(warning.starts_with("filbert: standard input has 1 connection put aside"), "{run:?}");
}

/// Nobody reads standard error: what was found is found all the same.
#[test]
fn the_exit_code_does_not_depend_on_the_summary() {
    for (name, code) in [("gtkg-plain", 0), ("gtkg-deflate", 1)] {
        let binary = assert_cmd::cargo::cargo_bin("filbert");
        let mut child = std::process::Command::new(binary)
            .args(["decode", "--summary", &capture(name)])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
    }
}

/// A line for each record as soon as it is known: `head` closes the pipe, and that is no failure.
/// The reader is gone before anything is written, so that no buffer of the pipe hides it.
#[test]
fn a_closed_pipe_is_no_failure() {
    let binary = assert_cmd::cargo::cargo_bin("filbert");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = std::process::Command::new(binary)
        .args(["decode", &capture("gtkg-deflate")])
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
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
    let paths = files::with_extension("tests/captures", "pcap");
    assert_eq!(paths.len(), 9);
    for path in paths {
        let run = decode(&["--summary", path.to_str().unwrap()], b"");
        insta::assert_snapshot!(files::stem(&path), format!("{}{}", run.stdout, run.stderr));
    }
}
