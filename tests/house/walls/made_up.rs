//! Made-up files held against the plan: one for each way of crossing a wall.

use super::crossings;
use super::rust_source::{self, Source};

/// What is said of one made-up file, without file and line.
fn said_of(path: &str, text: &str) -> Vec<String> {
    let said = crossings(&Source::new(path, text));
    said.iter().map(|line| line.split_once(": ").unwrap().1.to_owned()).collect()
}

#[track_caller]
fn refused(path: &str, text: &str, sentence: &str) {
    let said = said_of(path, text);
    assert!(said.iter().any(|line| line.contains(sentence)), "{path}: {text}\n{said:?}");
}

#[track_caller]
fn accepted(path: &str, text: &str) {
    assert_eq!(said_of(path, text), [""; 0], "{path}: {text}");
}

#[test]
fn an_import_names_file_line_and_reason() {
    let source = Source::new("gnutella/push_proxy.rs", "//! Why\n\nuse crate::node::Node;\n");
    let sentence = "gnutella (floor 3) imports node (floor 4); imports run downwards";
    assert_eq!(crossings(&source), [format!("src/gnutella/push_proxy.rs:3: {sentence}")]);
}

#[test]
fn imports_run_downwards_and_may_pass_floors_by() {
    accepted("cli/spec.rs", "use crate::{base::show, specification::Level};");
    accepted("node/bans.rs", "use crate::gnutella::wire::Frame; use crate::promotion::Score;");
    accepted("fuzzing.rs", "use crate::dissect::Stream; use crate::runtime::Log;");
    refused("base/time.rs", "use crate::index::Words;", "base (floor 1) imports index (floor 2)");
    refused("gnutella/router.rs", "use crate::cli::Exit;", "gnutella (floor 3) imports cli");
    refused("runtime/tcp.rs", "use crate::fuzzing::frame;", "runtime (floor 5) imports fuzzing");
    refused("cli/spec.rs", "use crate::fuzzing::frame;", "cli (floor 6) imports fuzzing");
}

#[test]
fn rooms_of_one_floor_do_not_know_each_other() {
    refused("gnutella/router.rs", "use crate::fasttrack::Peer;", "gnutella (floor 3) imports fast");
    refused("fasttrack/peer.rs", "use crate::gnutella::wire;", "fasttrack (floor 3) imports gnut");
    refused("simulate/clock.rs", "use crate::runtime::Log;", "simulate (floor 5) imports runtime");
    refused("dissect/tcp.rs", "use crate::node::Node;", "dissect (floor 4) imports node");
}

#[test]
fn inside_a_wing_wire_knows_nobody_and_the_face_knows_all() {
    accepted("gnutella/servent.rs", "use super::{link::Link, router::Router, wire::Frame};");
    accepted("gnutella/router.rs", "use super::word_hash::hash; use super::link::Link;");
    accepted("gnutella/link/mod.rs", "use crate::gnutella::wire::Frame; use self::head::Head;");
    accepted(
        "gnutella/wire/ping.rs",
        "use super::{Frame, ggep::Item}; use super::super::wire::Guid;",
    );
    refused("gnutella/wire/ping.rs", "use crate::gnutella::link::Link;", "Wire imports Link");
    refused("gnutella/wire/ping.rs", "use super::super::router::Router;", "Wire imports Rules");
    refused("gnutella/wire/mod.rs", "use super::*;", "Wire imports Face");
    refused("gnutella/wire/mod.rs", "use crate::gnutella::{self as wing};", "Wire imports Face");
    refused("gnutella/link/head.rs", "use crate::gnutella::word_hash;", "Link imports Rules");
    refused("gnutella/router.rs", "use super::servent::Servent;", "Rules imports Face");
    refused("fasttrack/supernode.rs", "use super::peer::Peer;", "Rules imports Face");
}

#[test]
fn every_way_of_writing_an_import_is_seen() {
    for text in [
        "use crate::cli::Exit;",
        "pub(crate) use crate::{base::{error, show as s}, cli::{self, spec}};",
        "use crate::{cli as c};",
        "use super::super::cli;",
        "use super::super::{base::error, cli::*};",
        "fn f() { crate::cli::run(); }",
        "fn f() -> super::super::cli::Exit { use crate::base; g::<crate::base::X>() }",
        "mod inner { use super::super::super::cli::Exit; }",
        "mod inner { mod more {} } const C: X = super::super::cli::C;",
        "macro_rules! m { () => { $crate::cli::run() } }",
        "#[derive(A)] #[serde(with = \"x\")] struct S { f: Vec<crate::cli::Exit> }",
        "fn f<'a>(s: &'a str) -> char { 'a'; '\\''; crate::cli::C }",
        "const R: &str = r#\"\"\"#; use crate::cli;",
    ] {
        refused("gnutella/router.rs", text, "gnutella (floor 3) imports cli (floor 6)");
    }
    refused("gnutella/router.rs", "use crate::*;", "gnutella imports the whole crate");
    refused("gnutella/router.rs", "use crate as filbert;", "gnutella imports the whole crate");
    refused("gnutella/router.rs", "use crate::cellar::Wine;", "crate::cellar, which is no room");
}

#[test]
fn what_is_no_code_or_only_test_code_is_not_seen() {
    accepted("gnutella/router.rs", "// use crate::cli::A;\n/* /* */ use crate::cli::B; */");
    accepted(
        "gnutella/router.rs",
        "/// [`crate::cli::Exit`]\nconst A: &str = \"crate::cli::C \\\" \";",
    );
    accepted("gnutella/router.rs", "const A: &[u8] = br##\"\"# crate::cli::D\"##;");
    accepted(
        "gnutella/router.rs",
        "#[cfg(test)] mod tests { use crate::cli; fn f() { std::fs::x() } }",
    );
    accepted("gnutella/router.rs", "#[cfg(test)]\n#[allow(x)]\npub(crate) use crate::{cli, node};");
    accepted(
        "gnutella/router.rs",
        "#[cfg(all(test, unix))] fn f(a: [u8; 3]) -> T { crate::cli::f() }",
    );
    accepted("gnutella/router.rs", "#![cfg(test)] use crate::cli::Exit;");
    accepted("gnutella/router.rs", "fn f() -> impl I + use<'static> { self.tokio; pub(crate) x }");
    for after in
        ["#[cfg(test)] mod tests { }", "#[cfg(test)] use a::{b};", "#[cfg(test)] fn f() {}"]
    {
        let text = format!("{after} use crate::cli::Exit;");
        refused("gnutella/router.rs", &text, "imports cli");
    }
    refused("gnutella/router.rs", "#[cfg(not(test))] use crate::cli::Exit;", "imports cli");
    refused("gnutella/router.rs", "#[cfg(any(test, x))] use crate::cli::Exit;", "imports cli");
}

#[test]
fn a_test_module_may_have_a_file_of_its_own() {
    let mut sources = [
        Source::new("gnutella/router.rs", "#[cfg(test)] mod tests;"),
        Source::new("gnutella/router/tests.rs", "use crate::cli::Exit;"),
        Source::new("gnutella/tests.rs", "use crate::cli::Exit;"),
    ];
    rust_source::set_test_files_apart(&mut sources);
    let counts: Vec<_> = sources.iter().map(|source| crossings(source).len()).collect();
    assert_eq!(counts, [0, 0, 1]);
}

#[test]
fn sockets_files_clocks_and_tasks_have_their_rooms() {
    for text in [
        "use tokio::sync::mpsc;",
        "use tokio_util::codec::Decoder;",
        "extern crate socket2;",
        "#[tokio::main] async fn f() {}",
        "use std::net::{IpAddr, TcpStream};",
        "use std::net::*;",
        "fn f() { std::net::TcpListener::bind(a); }",
        "fn f(socket: &UdpSocket) {}",
        "use std::{fmt, fs};",
        "fn f() { ::std::fs::read(a); }",
        "use std::time::{Duration, Instant as Moment};",
        "fn f() { std::time::SystemTime::now(); }",
    ] {
        let elsewhere = "sockets, files, clocks and tasks live elsewhere";
        for path in
            ["base/time.rs", "gnutella/link/x.rs", "simulate/x.rs", "conform/x.rs", "fuzzing.rs"]
        {
            refused(path, text, elsewhere);
        }
        refused("library/store.rs", text, elsewhere);
        for path in ["runtime/x.rs", "control/x.rs", "cli/x.rs", "library/scan.rs", "main.rs"] {
            accepted(path, text);
        }
        accepted("conform/tcp_subject.rs", text);
    }
    accepted("base/addr.rs", "use std::net::{IpAddr, SocketAddr}; use std::time::Duration;");
}

#[test]
fn a_sans_io_room_denies_clocks_and_sockets_at_its_door() {
    let denial = "#![deny(clippy::disallowed_methods, clippy::disallowed_types)]";
    accepted("node/mod.rs", denial);
    accepted("node.rs", &format!("//! A node.\n\n{denial}\n\npub mod bans;"));
    accepted("node/bans.rs", "pub struct Bans;");
    accepted("runtime/mod.rs", "pub mod tcp;");
    refused("node/mod.rs", "", "begins with #![deny(clippy::disallowed_methods");
    refused("node/mod.rs", "#![deny(clippy::disallowed_methods)]", "begins with #![deny(");
    refused("node/mod.rs", &format!("// {denial}"), "begins with #![deny(");
    refused(
        "node/mod.rs",
        "#![warn(clippy::disallowed_methods, clippy::disallowed_types)]",
        "begins",
    );
}

#[test]
fn a_room_that_is_not_in_the_plan_and_files_from_elsewhere_are_refused() {
    refused("cellar/mod.rs", "", "cellar is no room of the plan");
    refused("cellar.rs", "", "cellar is no room of the plan");
    refused(
        "node/x.rs",
        "#[path = \"../cli/mod.rs\"] mod cli;",
        "a module stands where its name says",
    );
    refused("node/x.rs", "include!(\"../cli/mod.rs\");", "a module stands where its name says");
    accepted("node/x.rs", "const A: &str = include_str!(\"x.txt\");");
    accepted("lib.rs", "pub mod cli; use crate::cli::Exit; use std::fs;");
}
